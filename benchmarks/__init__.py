"""Figures of speed, as ratios of one run: ``make bench``."""
