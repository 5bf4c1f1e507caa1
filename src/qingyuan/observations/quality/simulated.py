"""An open simulator of tampering 模拟: what people do to a clean series, for benchmarks and demonstrations.

Every function takes a clean series and the slots begin ≤ t < end and gives a tampered copy. Values are written
with the digits the instrument sends, so that no pattern betrays itself by its rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from qingyuan.observations.quality.spells import Values
from qingyuan.observations.quality.tampering.digits import sent_digits

Tampering = Callable[[Values, int, int, np.random.Generator], Values]
"""clean series, begin, end, source of chance → tampered series."""


def scaled_by(factor: float) -> Tampering:
    """Multiply by a constant factor."""

    def tampered(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
        return _put(values, begin, as_sent(values[begin:end] * factor, values))

    return tampered


def multiplied_by(factor: float) -> Tampering:
    """Multiply by a constant factor and leave the digits as they come out."""

    def tampered(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
        return _put(values, begin, values[begin:end] * factor)

    return tampered


def clipped(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
    """Cut at a ceiling that 30 % of the stretch would exceed."""
    ceiling = as_sent(np.nanquantile(values[begin:end], [0.7]), values)[0]
    return _put(values, begin, np.minimum(values[begin:end], ceiling))


def constant(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
    """Hold the value the stretch begins with."""
    first = values[begin:end][~np.isnan(values[begin:end])][0]
    return _put(values, begin, np.where(np.isnan(values[begin:end]), np.nan, first))


def fluctuation(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
    """Wobble within ±1 % of the stretch's median."""
    level = np.nanmedian(values[begin:end])
    wobble = level * (1 + chance.uniform(-0.01, 0.01, end - begin))
    return _put(values, begin, as_sent(np.where(np.isnan(values[begin:end]), np.nan, wobble), values))


def replayed(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
    """Put an earlier stretch of the same length in its place."""
    source = int(chance.integers(0, begin - (end - begin))) if begin > 2 * (end - begin) else 0
    return _put(values, begin, values[source : source + end - begin])


def replayed_with_noise(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
    """Put an earlier stretch in its place, dressed with 0.3 % of noise."""
    copied = replayed(values, begin, end, chance)[begin:end]
    return _put(values, begin, as_sent(copied * (1 + 0.003 * chance.standard_normal(end - begin)), values))


def moved_by(slots: int) -> Tampering:
    """Move the stretch in time; the slots it leaves behind hold the value before them."""

    def tampered(values: Values, begin: int, end: int, chance: np.random.Generator) -> Values:
        return _put(values, begin, values[max(begin - slots, 0) : end - slots])

    return tampered


def dilution(oxygen: Values, values: Values, begin: int, end: int, factor: float) -> tuple[Values, Values]:
    """Draw in so much air that concentrations fall by a factor below 1; oxygen (%) rises to fit."""
    thinner = 21 - (21 - oxygen[begin:end]) * factor
    return _put(oxygen, begin, np.round(thinner, 2)), _put(values, begin, as_sent(values[begin:end] * factor, values))


PATTERNS: Mapping[str, Tampering] = {
    "constant": constant,
    "scaled +20 %": scaled_by(1.2),
    "scaled -20 %": scaled_by(0.8),
    "scaled +20 %, not rounded": multiplied_by(1.2),
    "clipped": clipped,
    "replayed": replayed,
    "replayed with noise": replayed_with_noise,
    "fluctuation": fluctuation,
    "clock-shifted 3 slots": moved_by(3),
}
"""The patterns of one series by itself."""


def as_sent(values: Values, like: Values) -> Values:
    """Values rounded to the digits of the instrument that sent `like` (decimals, or significant digits)."""
    relative, digits = sent_digits(like[~np.isnan(like) & (like != 0)])
    if not relative:
        return np.asarray(np.round(values, digits))
    size = np.floor(np.log10(np.maximum(np.abs(values), 1e-12))) + 1
    unit = 10.0 ** (digits - np.nan_to_num(size))
    # multiplied and divided by powers of ten only, so that the shortest decimal comes out
    return np.asarray([float(f"{value:.{digits}g}") for value in np.rint(values * unit) / unit])


def _put(values: Values, begin: int, part: Values) -> Values:
    tampered = values.copy()
    tampered[begin : begin + len(part)] = part
    return tampered
