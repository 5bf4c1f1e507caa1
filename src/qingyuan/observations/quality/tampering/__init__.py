"""Patterns that people leave in a series when they make it look better. Each is a suspicion, never a verdict.

Every test takes its measure from the series itself (how often do values repeat, how far do they usually stray
from what the other series of the point let expect), so that a coarse instrument is not mistaken for a forger.
"""
