"""People: organisations, accounts, duties over a scope, and the audit chain of what they did."""
