"""Words and figures of air: symbols, units, decimals, statistics."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import wording


def symbol(item: str) -> str:
    """Symbol of a pollutant as the tables head it: PM2.5, NO₂, O₃."""
    raised = {"so2": "SO₂", "no2": "NO₂", "o3": "O₃"}
    return raised.get(item, wording.SYMBOLS[item])


def mean_text(value: float | None, item: str, more: int = 0) -> str:
    """A concentration with the law's decimals (`more` of them further); the word for missing when null."""
    return wording.number(value, wording.decimals(item) + more)


def statistic(name: str) -> str:
    """A statistic in words: the mean, or the 95th percentile."""
    return _("mean") if name == "mean" else _("%sth percentile") % f"{name[1:]}"


def primary(slugs: str | None) -> str:
    """Primary pollutants with their symbols; a dash when there are none."""
    return _(", ").join(symbol(slug) for slug in slugs.split(";")) if slugs else "—"


def flag(code: str) -> str:
    """A flag with its meaning (data flags of HJ 212); a code without one stands alone."""
    words = {
        "B": _("communication error"),
        "C": _("calibration"),
        "D": _("instrument fault"),
        "F": _("stopped"),
        "M": _("maintenance"),
        "S": _("entered by hand"),
        "T": _("over the range"),
    }
    return f"{words[code]} {code}" if code in words else code
