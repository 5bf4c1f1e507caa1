"""Signing in: the steps after the password, what an account has to do first, the provider of the organisation."""
