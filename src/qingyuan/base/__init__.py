"""Time, units, rounding, errors and settings: what every room above may use."""
