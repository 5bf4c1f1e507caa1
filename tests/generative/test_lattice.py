"""Last digits of products: what is told of them are odds that add up, and no product is taken for impossible."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.observations.quality.simulated import as_sent
from qingyuan.observations.quality.tampering.lattice import digit_gains, lattice
from qingyuan.observations.quality.tampering.levels import ROUND_FACTORS

factors = st.sampled_from(ROUND_FACTORS)
seeds = st.integers(0, 2**32 - 1)
instruments = st.sampled_from([(1000.0, 0), (60.0, 2), (3.0, 3), (0.9, 4)])
"""Usual level and decimals."""


def measured(seed: int, level: float, places: int, slots: int = 4000) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return np.round(level * np.exp(0.3 * chance.standard_normal(slots)), places)


@given(seeds, factors, instruments)
def test_no_product_is_impossible(seed: int, factor: float, instrument: tuple[float, int]) -> None:
    clean = measured(seed, *instrument)
    series = lattice(np.r_[clean, as_sent(clean[:500] * factor, clean)])
    assert series is not None
    gains = digit_gains(series, factor)[-500:]
    assert gains.min() > np.log(0.2)
    assert gains.mean() > -0.06


@given(seeds, factors, instruments)
def test_odds_of_clean_digits_add_up_to_one(seed: int, factor: float, instrument: tuple[float, int]) -> None:
    series = lattice(measured(seed, *instrument))
    assert series is not None
    gains = digit_gains(series, factor)[series.telling]
    assert abs(np.exp(gains).mean() - 1) < 0.12
    assert gains.mean() < 0.01
