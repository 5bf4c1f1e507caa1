"""Qingyuan 清源: from signals to lawful results, closed cases and the live figures of a plan."""

__version__ = "0.1.0"
