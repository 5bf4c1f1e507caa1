"""Findings on the screen: their words, their picture, their workbook."""
