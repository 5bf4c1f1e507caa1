"""Traces: from a number down to its assessment, observations, file and line, and the law."""
