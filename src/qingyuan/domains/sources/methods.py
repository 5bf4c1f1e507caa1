"""Formulas of source monitoring, named after their clauses: columns in, columns out.

Concentrations come in micro (millionths of mg/m3 or mg/L), oxygen and moisture in micro of a percent, flows in micro
of m3/h, temperatures in micro of a degree, pressures in micro of a kPa. Every result is rounded once to a whole
number of its unit (GB/T 8170), so that no engine can differ. ``//`` is exact here: what it divides stays below 2**53.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from qingyuan.assessments.exact import MICRO, half_even

HUNDRED = 100 * MICRO
ZERO = 273
"""0 degrees Celsius in K, as the formulas of HJ 75 write it."""
STANDARD_KPA = 101_325
"""Standard pressure in thousandths of a kPa."""


def nox(no: ir.IntegerValue, no2: ir.IntegerValue) -> ir.IntegerValue:
    """Nitrogen oxides as NO2: NO x 46/30 + NO2 (HJ 75)."""
    return half_even(no * 46, 30) + no2


def to_standard(micro: ir.IntegerValue, temperature: ir.IntegerValue, pressure: ir.IntegerValue) -> ir.IntegerValue:
    """A concentration at 0 degrees and 101.325 kPa: C x 101325/(Ba+Ps) x (273+ts)/273 (HJ 75).

    temperature ts in micro of a degree; pressure Ba+Ps, absolute, in micro of a kPa.
    """
    at_pressure = half_even(micro * STANDARD_KPA, pressure // 1000)
    kelvin = (temperature + ZERO * MICRO) // 1000
    return half_even(at_pressure * kelvin, ZERO * 1000)


def to_dry(micro: ir.IntegerValue, moisture: ir.IntegerValue) -> ir.IntegerValue:
    """A concentration in dry gas: C/(1 - Xsw/100) (HJ 75); null where all of it is moisture."""
    return half_even(micro * 10_000, ((HUNDRED - moisture) // 10_000).nullif(0))


def flow_to_standard(flow: ir.IntegerValue, temperature: ir.IntegerValue, pressure: ir.IntegerValue) -> ir.IntegerValue:
    """A flow at 0 degrees and 101.325 kPa: Q x 273/(273+ts) x (Ba+Ps)/101325 (HJ 75)."""
    kelvin = (temperature + ZERO * MICRO) // 1000
    cooled = half_even(flow * (ZERO * 10), kelvin // 100)
    return half_even((cooled // 1000) * (pressure // 1000), STANDARD_KPA) * 1000


def flow_to_dry(flow: ir.IntegerValue, moisture: ir.IntegerValue) -> ir.IntegerValue:
    """A flow of dry gas: Q x (1 - Xsw/100) (HJ 75)."""
    return half_even(flow * ((HUNDRED - moisture) // 10_000), 10_000)


def at_reference_oxygen(
    micro: ir.IntegerValue, oxygen: ir.IntegerValue, reference: ir.IntegerValue, air: int
) -> ir.IntegerValue:
    """A concentration at the reference oxygen: C x (21 - O2ref)/(21 - O2) (GB 13271, GB 13223, GB 4915).

    air: oxygen of air in the formula, in micro of a percent. Null where the measured oxygen is not below it.
    """
    below = oxygen < air
    return below.ifelse(half_even(micro * (air - reference), (air - oxygen).nullif(0)), ibis.null("int64"))


def gas_amount(micro: ir.IntegerValue, flow: ir.IntegerValue) -> ir.IntegerValue:
    """Emission of an hour in ug: measured concentration, not corrected, x flow (HJ 75: G = C x Q x 1e-6 kg)."""
    whole, part = flow // MICRO, flow % MICRO
    return half_even(micro * whole + half_even(micro * part, MICRO), 1000)


def water_amount(micro: ir.IntegerValue, volume: ir.IntegerValue) -> ir.IntegerValue:
    """Discharge in ug: concentration (mg/L) x volume (micro of m3)."""
    whole, part = volume // MICRO, volume % MICRO
    return micro * whole + half_even(micro * part, MICRO)


def flow_weighted(load: ir.IntegerValue, weight: ir.IntegerValue) -> ir.IntegerValue:
    """Mean weighted by flow: sum(C x Q)/sum(Q) (HJ 356); null without flow: no flow, no mean."""
    return half_even(load, weight.nullif(0))


def over_limit(micro: ir.IntegerValue, limit: ir.IntegerValue) -> ir.FloatingValue:
    """Over-limit multiple C/limit - 1 to two decimals; null where the limit holds."""
    hundredths = half_even((micro - limit) * 100, limit.nullif(0))
    return (micro > limit).ifelse(hundredths / 100.0, ibis.null("float64"))
