"""Observations 观测值: the lake, the reading of foreign files, datasets."""
