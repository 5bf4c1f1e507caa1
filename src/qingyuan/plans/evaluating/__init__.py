"""Evaluation of a plan: dated scoring rules, and the score sheet of an organisation from what is known of it."""
