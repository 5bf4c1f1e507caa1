"""What the digits tell: values that stand still, stop at a ceiling, wobble in a narrow band, or are too fine."""

from __future__ import annotations

from math import comb

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Spell, Values, runs

_ADDED = 30
"""Runs of the usual kind that are added to those of a series before it is asked how they go on."""

_DIGITS = 10
"""More decimals than any instrument sends."""


def constant(values: Values, at_least: int, years: float, chance: float) -> list[Spell]:
    """Runs of equal values that this series would not show by chance in so many years.

    at_least: shortest run told; chance: runs a year of such a length that are put up with. How readily the
    series repeats itself, and this value above all, is taken from its other runs, so that coarse series and values
    at the floor of an instrument need longer ones.
    """
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return []
    begins = np.flatnonzero(np.r_[True, np.diff(values[there]) != 0])
    lengths = np.diff(np.r_[begins, len(there)])
    repeated, usual = lengths[lengths > 1], _tie(lengths)
    spells = []
    for at in np.flatnonzero(lengths >= at_least).tolist():
        own = np.delete(lengths[values[there[begins]] == values[there[begins[at]]]], 0)
        expected = max(_chance(repeated, int(lengths[at]), years, usual), _staying(own, int(lengths[at]), years))
        if expected <= chance:
            first, last = int(there[begins[at]]), int(there[begins[at] + lengths[at] - 1]) + 1
            told = {"value": float(values[first]), "by_chance": expected}
            spells.append(Spell(first, last, float(lengths[at]), at_least, told))
    return spells


def clipped(values: Values, at_least: int, reach: int, plateau: int, years: float, chance: float) -> list[Spell]:
    """Stretches whose largest value comes again and again: cut off at a ceiling.

    at_least: values at the ceiling; reach: slots between two visits to it; plateau: length from which a single
    visit is enough when the values before and after are lower. chance: such ceilings a year put up with; the more
    readily the series repeats a value, the more values a ceiling needs.
    """
    there = np.flatnonzero(~np.isnan(values))
    if len(there) < 3:
        return []
    first = np.r_[True, np.diff(values[there]) != 0]
    begins = there[first]
    lengths = np.diff(np.r_[np.flatnonzero(first), len(there)])
    again = min(2 * _tie(lengths), 0.95)
    spells = []
    for chain in _chains(values[begins], begins, reach):
        members = int(lengths[chain].sum())
        if members < at_least or not _ceiling(chain, values[begins], lengths, plateau):
            continue
        by_chance = len(there) / years * again ** (members - 1)
        if by_chance <= chance:
            begin, end = int(begins[chain[0]]), int(begins[chain[-1]] + lengths[chain[-1]])
            told = {"ceiling": float(values[begin]), "visits": len(chain), "by_chance": float(by_chance)}
            spells.append(Spell(begin, min(end, len(values)), members, at_least, told))
    return spells


def fluctuation(values: Values, window: int, share: float, relative: float) -> list[Spell]:
    """Windows in which the values keep within a narrow band without standing still.

    Bands are measured in shares of the value. One is narrow below `share` of what a twentieth of this series'
    windows keep within, and below `relative` in any case. Windows are of so many values: gaps are stepped over.
    """
    there = np.flatnonzero(~np.isnan(values))
    if len(there) < 20 * window:
        return []
    views = np.lib.stride_tricks.sliding_window_view(values[there], window)
    level = np.abs(np.median(views, axis=1))
    changing = (level > 0) & ((np.diff(views, axis=1) != 0).mean(axis=1) > 0.3)
    if not changing.any():
        return []
    spans = views.max(axis=1) - views.min(axis=1)
    bands = np.where(changing, spans / np.where(level > 0, level, 1.0), np.inf)
    natural = bands[changing & (bands > 0.15 * np.median(bands[changing]))]
    bound = min(share * float(np.quantile(natural, 0.05)), relative)
    return [
        Spell(int(there[begin]), int(there[end + window - 2]) + 1, narrowest, bound, {"band_of_level": narrowest})
        for begin, end in runs(bands < bound)
        for narrowest in [float(np.min(bands[begin:end]))]
    ]


def finer_digits(values: Values, at_least: int, years: float, chance: float) -> list[Spell]:
    """Stretches with more digits than the instrument ever sends: computed, not measured.

    The instrument's digits are those (decimals or significant ones, whichever it keeps) that 85 % of its values
    keep to. One that sends finer values here and there, outside such stretches, is not judged.
    """
    there = np.flatnonzero(~np.isnan(values))
    if len(there) < 20 * at_least:
        return []
    digits = _kept_digits(values[there])
    usual = int(np.quantile(digits, 0.85, method="higher"))
    fine = digits > usual
    if usual >= _DIGITS - 1 or not fine.any() or fine.mean() > 0.15:
        return []
    spells = []
    for begin, end in _gathered(fine):
        count = int(fine[begin:end].sum())
        rate = (fine.sum() - count + 0.5) / len(there)
        by_chance = len(there) / years * comb(end - begin, count) * rate**count
        if count >= at_least and count >= 0.6 * (end - begin) and by_chance <= chance:
            told = {"digits": int(digits[begin:end].max()), "usual_digits": usual}
            spells.append(Spell(int(there[begin]), int(there[end - 1]) + 1, count, at_least, told))
    scattered = fine.sum() - sum(spell.statistic for spell in spells)
    return spells if scattered <= 0.005 * len(there) else []


def decimals(values: Values) -> npt.NDArray[np.int64]:
    """Decimals of the shortest decimal number that a value is, at most ten."""
    found = np.full(len(values), _DIGITS)
    for digits in range(_DIGITS - 1, -1, -1):
        scaled = values * 10.0**digits
        found[np.abs(scaled - np.rint(scaled)) <= 1e-7 + 1e-15 * np.abs(scaled)] = digits
    return found


def sent_digits(sent: Values) -> tuple[bool, int]:
    """Whether an instrument keeps to significant digits (else to decimals), and to how many: nine in ten values do.

    sent: without NaN or zeros.
    """
    places = decimals(sent)
    sizes = _size(sent)
    fixed, significant = (int(np.quantile(digits, 0.9, method="higher")) for digits in (places, places + sizes))
    if np.mean(places == fixed) >= np.mean(places + sizes == significant):
        return False, fixed
    return True, significant


def instrument_units(values: Values, digits: tuple[bool, int]) -> Values:
    """The unit that each value is a multiple of, by the digits the instrument sends (see sent_digits)."""
    relative, kept = digits
    return np.asarray(10.0 ** (_size(values) - kept) if relative else np.full(len(values), 10.0**-kept))


def _size(values: Values) -> npt.NDArray[np.int64]:
    """Digits before the decimal point."""
    return np.floor(np.log10(np.maximum(np.abs(np.nan_to_num(values)), 1e-12))).astype(np.int64) + 1


def _gathered(mask: Mask) -> list[tuple[int, int]]:
    """Runs of true slots, joined over gaps of up to two."""
    joined: list[tuple[int, int]] = []
    for begin, end in runs(mask):
        if joined and begin - joined[-1][1] <= 2:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def _kept_digits(values: Values) -> npt.NDArray[np.int64]:
    places = decimals(values)
    significant = np.where(values == 0, 0, np.minimum(places + _size(values), _DIGITS))
    keeps = [np.mean(digits == np.quantile(digits, 0.85, method="higher")) for digits in (places, significant)]
    return places if keeps[0] >= keeps[1] else significant


def _chance(lengths: npt.NDArray[np.int64], length: int, years: float, usual: float) -> float:
    """Runs of at least this length a year, expected from how the other runs of the series (each ≥ 2) go on.

    Only their second and third repetition are looked at, and thirty runs that went on as `usual` (share of values
    that repeat the one before) are added, so that a few long runs cannot vouch for one another.
    """
    others = np.delete(lengths, int(np.flatnonzero(lengths == length)[0]))
    went_on = np.minimum(others - 2, 2).sum() + _ADDED * usual
    could = np.minimum(others - 1, 2).sum() + _ADDED
    return float((len(others) + 0.5) / years * (went_on / could) ** (length - 2))


def _staying(own: npt.NDArray[np.int64], length: int, years: float) -> float:
    """Runs of at least this length a year, expected from the other runs of the same value."""
    if len(own) < 3:
        return 0.0
    staying = float((own - 1).sum() / own.sum())
    return float(len(own) / years * staying ** (length - 1))


def _tie(lengths: npt.NDArray[np.int64]) -> float:
    """Share of values that only repeat the one before, long runs counted as short ones."""
    short = np.minimum(lengths, 3)
    return float(((short - 1).sum() + 0.5) / (short.sum() + 1))


def _ceiling(chain: list[int], tops: Values, lengths: npt.NDArray[np.int64], plateau: int) -> bool:
    """Whether a chain of visits is a ceiling: two visits, or one long one with lower values at both sides."""
    if len(chain) > 1:
        return True
    only = chain[0]
    inside = 0 < only < len(tops) - 1
    return bool(lengths[only] >= plateau and inside and tops[only] > max(tops[only - 1], tops[only + 1]))


def _chains(tops: Values, at: npt.NDArray[np.int64], reach: int) -> list[list[int]]:
    """Visits to equal maxima with nothing higher between, each chain a list of positions in `tops`."""
    stack: list[int] = []
    chain_of: dict[int, list[int]] = {}
    for here, value in enumerate(tops.tolist()):
        while stack and tops[stack[-1]] < value:
            stack.pop()
        if stack and tops[stack[-1]] == value:
            before = stack.pop()
            chain = chain_of[before] if at[here] - at[before] <= reach else []
        else:
            chain = []
        chain.append(here)
        chain_of[here] = chain
        stack.append(here)
    unique = {id(chain): chain for chain in chain_of.values()}
    return list(unique.values())
