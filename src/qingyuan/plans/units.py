"""Units of indicators as they are printed."""

from __future__ import annotations

from qingyuan.plans.facts import Words

PRINTED = {"ug/m3": Words("µg/m³", "µg/m³"), "10^4 t": Words("万吨", "10⁴ t"), "km2": Words("平方千米", "km²")}


def printed(unit: str) -> Words:
    """A unit in both languages; one without a wording of its own stays as it is written."""
    return PRINTED.get(unit, Words(unit, unit))
