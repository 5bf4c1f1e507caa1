"""Which days of an air quality index are counted: good ones and heavily polluted ones, from the law library."""

from __future__ import annotations

from qingyuan.standards import law

GOOD_UP_TO = int(law.number("HJ 663", "good_day.max_aqi", edition="2013"))
"""AQI up to which a day counts as good 优良天; the same in every edition so far."""

HEAVY_ABOVE = next(level.low for level in law.levels("HJ 633", edition="2012") if level.key == "heavy") - 1
"""AQI above which a day counts as heavily polluted 重污染天 (levels 5 and 6); the same in every edition so far."""
