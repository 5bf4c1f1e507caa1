"""What is observed at an outlet: pollutants of gas and of water, and the state of the stream beside them."""

from __future__ import annotations

GAS = ("so2", "nox", "pm", "co", "hcl", "hf", "hg", "nh3", "h2s", "nmhc", "fluoride_gas")
"""Pollutants of waste gas, in mg/m3."""

PARTS = ("no", "no2")
"""What NOx is made of where it is not reported itself."""

WATER = (
    "cod", "ammonia_n", "total_p", "total_n", "ph", "bod5", "suspended_solids", "colour", "petroleum",
    "animal_vegetable_oil", "anionic_surfactant", "volatile_phenol", "cyanide", "sulfide", "fluoride", "mercury",
    "cadmium", "chromium", "chromium_vi", "arsenic", "lead", "nickel", "copper", "zinc", "manganese", "fecal_coliform",
)  # fmt: skip
"""Pollutants of waste water, in mg/L; pH, colour and coliforms in their own units."""

UNWEIGHED = ("ph", "colour", "fecal_coliform")
"""Items of water that have no amount."""

STREAM = (
    "o2", "flow", "gas_temperature", "temperature", "gas_pressure", "pressure", "gas_humidity", "humidity",
    "water_temperature",
)  # fmt: skip
"""The state of the stream: oxygen in %, flow in m3/h, degrees, kPa (pressure of the air in hPa), % of moisture."""

SIGNED = ("gas_temperature", "temperature", "gas_pressure", "water_temperature")
"""Items whose values may be negative."""

ITEMS = (*GAS, *PARTS, *WATER, *STREAM)
"""Everything the assessments of sources read."""

MINUTES = {"1min": 1, "5min": 5, "10min": 10, "15min": 15, "30min": 30}
"""Averagings shorter than an hour, in minutes."""
HOURS = ("1h", "2h")
AVERAGINGS = (*MINUTES, *HOURS, "24h")
