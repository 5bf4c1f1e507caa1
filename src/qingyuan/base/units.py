"""Units of measurement: tolerant spelling, exact factors.

A gas given as a mole fraction (ppb, ppm) becomes a mass concentration through its molar mass and the molar
volume of the law's reference state. The molar volume follows from the gas constant, which is exact in the SI
of 2019: V = R T / p with p = 101325 Pa, so at

* 298.15 K: 24.465... L/mol, for data from 2018-09-01 (amendment of GB 3095-2012, kept by GB 3095-2026);
* 273.15 K: 22.414... L/mol, for data before that day, and for concentrations per Nm3 on any day.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

GAS_CONSTANT = Fraction("8.31446261815324")
"""R in J/(mol K): exact, the product of the Avogadro and Boltzmann constants."""

PRESSURE = Fraction(101325)
"""Pressure of both reference states, in Pa."""

NORMAL_TEMPERATURE = Fraction("273.15")
"""Temperature in K of a normal cubic metre, and of the law's gas volumes before the amendment."""

AMENDED_TEMPERATURE = Fraction("298.15")
"""Temperature in K of the law's gas volumes since the amendment."""

AMENDED_FROM = date(2018, 9, 1)
"""First day of data at the amended reference state."""


SOURCE_MOLAR_VOLUME = Fraction("0.0224")
"""Molar volume in m3/mol by which emissions are converted: rounded, as HJ 75 writes it."""


@dataclass(frozen=True)
class Unit:
    """One unit: so many (`scale`) of the base unit of its `dimension`."""

    name: str
    dimension: str
    scale: Fraction


def factor(source: str, target: str, *, molar_mass: Fraction | None = None, on: date | None = None) -> Fraction | None:
    """What a value in `source` is multiplied by to be in `target`, exactly; None when that cannot be done.

    molar_mass (g/mol) and on (day of the data, it decides the reference state) are needed between a mole
    fraction or a normal cubic metre and the law's mass concentration, and only there. Scales of another zero
    (degC and K) have no factor.
    """
    first, second = _find(source), _find(target)
    if first is None or second is None:
        return None
    if first.dimension == second.dimension:
        return first.scale / second.scale
    if not {first.dimension, second.dimension} <= set(_GAS) or molar_mass is None or on is None:
        return None
    return _moles(first, molar_mass, on) / _moles(second, molar_mass, on)


def source_factor(source: str, target: str, *, molar_mass: Fraction | None = None) -> Fraction | None:
    """As `factor`, for emissions: gas volumes are normal on any day, and a mole has 22.4 L (HJ 75).

    molar_mass: the rounded one of the emission rules (SO2 64, NO2 46 ...).
    """
    first, second = _find(source), _find(target)
    if first is None or second is None:
        return None
    if not {first.dimension, second.dimension} <= set(_GAS) or first.dimension == second.dimension:
        return factor(source, target)
    shares = [_normal(each, molar_mass) for each in (first, second)]
    return None if shares[0] is None or shares[1] is None else shares[0] / shares[1]


def _normal(unit: Unit, molar_mass: Fraction | None) -> Fraction | None:
    """One `unit` of a gas in g per normal cubic metre; None for a mole fraction without molar mass."""
    if unit.dimension != _MOLE_FRACTION:
        return unit.scale
    return None if molar_mass is None else unit.scale * molar_mass / SOURCE_MOLAR_VOLUME


def canonical(unit: str) -> str | None:
    """The unit as this library writes it (``µg/m³`` -> ``ug/m3``); None for an unknown unit."""
    found = _find(unit)
    return found.name if found else None


def reference_temperature(on: date) -> Fraction:
    """Temperature (K) of a gas volume in the law of that day of the data (GB 3095-2012 and its amendment)."""
    return AMENDED_TEMPERATURE if on >= AMENDED_FROM else NORMAL_TEMPERATURE


def molar_volume(temperature: Fraction) -> Fraction:
    """Volume of a mole of ideal gas in m3/mol at a temperature (K) and 101325 Pa."""
    return GAS_CONSTANT * temperature / PRESSURE


def _moles(unit: Unit, molar_mass: Fraction, on: date) -> Fraction:
    """One `unit` of a gas as a mole fraction (mol/mol)."""
    if unit.dimension == _MOLE_FRACTION:
        return unit.scale
    temperature = NORMAL_TEMPERATURE if unit.dimension == _NORMAL_MASS else reference_temperature(on)
    return unit.scale / molar_mass * molar_volume(temperature)


def _find(spelling: str) -> Unit | None:
    text = _plain(spelling)
    if text in _SPELLINGS:
        return _SPELLINGS[text]
    # a capital M may mean mega: only a word all in capitals is read without regard to case then
    if text.startswith("M") and not text.isupper():
        return None
    return _FOLDED.get(text.casefold())


def _plain(spelling: str) -> str:
    """Width, superscripts, both micro signs, blanks and the ways to write `per` made one."""
    text = unicodedata.normalize("NFKC", spelling).replace("\u03bc", "u").replace("\u2212", "-")
    text = re.sub(r"[\s\u00b7.*^()]", "", text)
    return re.sub(r"(?<=g)/?(N?)m-?3$", r"/\1m3", text)


_MASS, _NORMAL_MASS, _MOLE_FRACTION = "mass concentration", "normal mass concentration", "mole fraction"
_GAS = (_MASS, _NORMAL_MASS, _MOLE_FRACTION)

_SCALES: dict[str, dict[str, str]] = {
    _MASS: {"ng/m3": "1e-9", "ug/m3": "1e-6", "mg/m3": "1e-3", "g/m3": "1", "ug/L": "1e-3", "mg/L": "1"},
    _NORMAL_MASS: {"ng/Nm3": "1e-9", "ug/Nm3": "1e-6", "mg/Nm3": "1e-3", "g/Nm3": "1"},
    _MOLE_FRACTION: {"ppt": "1e-12", "ppb": "1e-9", "ppm": "1e-6"},
    "ratio": {"1": "1", "%": "1e-2"},
    "temperature in degC": {"degC": "1"},
    "temperature in K": {"K": "1"},
    "pressure": {"Pa": "1", "hPa": "100", "kPa": "1000", "mmHg": "101325/760", "atm": "101325"},
    "speed": {"m/s": "1", "km/h": "1000/3600", "kn": "1852/3600"},
    "length": {"mm": "1e-3", "cm": "1e-2", "m": "1", "km": "1000"},
    "angle": {"deg": "1"},
    "sound level": {"dB": "1"},
    "flow": {"m3/s": "3600", "m3/min": "60", "m3/h": "1", "m3/d": "1/24", "L/s": "3.6", "L/min": "0.06", "L/h": "1e-3"},
    "mass": {"mg": "1e-6", "g": "1e-3", "kg": "1", "t": "1000"},
    "count concentration": {"count/L": "1"},
    "dilution": {"times": "1"},
    "toxic equivalents": {"ng TEQ/m3": "1"},
}
"""Per dimension the units and what one of them is in the base unit (g/m3, mol/mol, 1, Pa, m/s, m, m3/h ...)."""

_ALSO: dict[str, tuple[str, ...]] = {
    "ng/m3": ("纳克/立方米", "纳克/米3"),
    "ug/m3": ("微克/立方米", "微克/米3", "mcg/m3", "ug/cum"),
    "mg/m3": ("毫克/立方米", "毫克/米3", "mg/cum"),
    "g/m3": ("克/立方米",),
    "ug/L": ("微克/升",),
    "mg/L": ("毫克/升",),
    "ug/Nm3": ("ug/m3N", "微克/标立方米"),
    "mg/Nm3": ("mg/m3N", "毫克/标立方米"),
    "ppt": ("pptv", "pmol/mol"),
    "ppb": ("ppbv", "nmol/mol"),
    "ppm": ("ppmv", "umol/mol"),
    "1": ("", "-", "--", "无量纲", "dimensionless"),
    "%": ("percent", "pct", "%RH", "RH%", "百分比"),
    "degC": ("°C", "C", "oC", "celsius", "摄氏度"),
    "K": ("kelvin", "开尔文"),
    "Pa": ("帕",),
    "hPa": ("百帕", "mbar", "毫巴"),
    "kPa": ("千帕",),
    "mmHg": ("毫米汞柱",),
    "m/s": ("mps", "ms-1", "米/秒"),
    "km/h": ("kmh", "kmh-1", "kph", "公里/小时", "千米/小时"),
    "kn": ("knot", "knots", "kt", "节"),
    "mm": ("毫米",),
    "cm": ("厘米",),
    "m": ("米",),
    "km": ("千米", "公里"),
    "deg": ("°", "度", "角度", "[角]度", "degree", "degrees"),
    "m3/s": ("Nm3/s", "立方米/秒", "标立方米/秒"),
    "m3/h": ("Nm3/h", "m3/hr", "立方米/小时", "立方米/时", "标立方米/小时"),
    "m3/d": ("立方米/日", "立方米/天"),
    "L/s": ("升/秒",),
    "L/min": ("升/分",),
    "L/h": ("升/小时",),
    "kg": ("千克", "公斤"),
    "t": ("吨",),
    "count/L": ("个/升", "个/L"),
    "times": ("倍",),
    "dB": ("dBA", "分贝", "分贝A"),
}
"""Other spellings met in files, besides those `_plain` makes one."""

_UNITS = {
    name: Unit(name, dimension, Fraction(scale))
    for dimension, scales in _SCALES.items()
    for name, scale in scales.items()
}

_SPELLINGS = {_plain(spelling): unit for name, unit in _UNITS.items() for spelling in (name, *_ALSO.get(name, ()))}

_FOLDED = {spelling.casefold(): unit for spelling, unit in _SPELLINGS.items()}
