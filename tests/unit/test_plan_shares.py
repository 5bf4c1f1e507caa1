"""The rules by which the plan's indicators are split: one each, and refused where they are not whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingyuan.plans.decomposing.rules import read_rules, rules
from qingyuan.plans.facts import LIBRARY, plan
from qingyuan.standards.schema import FaultyLibrary


def test_every_indicator_with_a_number_has_a_rule_that_splits_it() -> None:
    for indicator in plan().indicators:
        rule = rules()[indicator.no]
        assert rule.numeric == (indicator.direction in ("up", "down"))
        assert rule.counted or not rule.numeric or rule.decimals >= indicator.decimals


def test_a_city_s_share_of_sections_is_a_number_its_counties_make() -> None:
    below = rules()[4].below()
    assert below.by == "count" and below.counted and rules()[1].below() == rules()[1]


@pytest.mark.parametrize(("was", "becomes"), [("{by: mean,", "{by: guess,"), ("  19: {by: none}\n", "")])
def test_a_rule_that_is_not_known_or_missing_is_refused(tmp_path: Path, was: str, becomes: str) -> None:
    text = (LIBRARY / "jilin_14th_shares.yaml").read_text("utf-8")
    assert was in text
    file = tmp_path / "shares.yaml"
    file.write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(FaultyLibrary):
        read_rules(file, plan())
