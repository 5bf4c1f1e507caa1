"""Organisations, people and what they may do, in the words and forms of the screens."""
