"""Places 地点: administrative divisions and the points of a dataset."""
