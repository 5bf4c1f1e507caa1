"""Reports of a plan as Word and PDF: chapters, indicators with charts, score sheets; every number with its trace."""
