"""Which limit holds for an outlet on a day: precedence, grade, region, years, and what is not said."""

from datetime import date
from decimal import Decimal

import pytest

from qingyuan.assessments.declaration import Extent
from qingyuan.domains.sources import law as rules
from qingyuan.places.outlets import outlets_of

EXTENT = Extent(date(2025, 3, 1), date(2025, 3, 31))


def outlet(**told):
    return outlets_of([{"point": "A", **told}], "test")[0]


def limit(item, averaging, *, extent=EXTENT, **told):
    rows = rules.limit_rows(outlet(**told), extent)
    return [row for row in rows if (row.property, row.averaging) == (item, averaging)]


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"grade": "special"}, 50),
        ({"region": "special"}, 50),
        ({"existing_or_new": "existing"}, 200),
        ({"existing_or_new": "new"}, 100),
        ({"existing_or_new": "new", "region": "special"}, 50),
    ],
)
def test_grade_by_region_and_age(told, value):
    (row,) = limit("so2", "1h", standard="GB 13223", source_type="coal boiler", **told)
    assert row.strict == row.lax == value * 1_000_000 and row.judging


def test_what_is_not_said_keeps_the_strict_and_the_lax():
    (row,) = limit("so2", "1h", standard="GB 13223", source_type="coal boiler")
    assert (row.strict, row.lax) == (50_000_000, 200_000_000)
    assert "no grade said" in row.why


def test_a_limit_of_every_grade_holds_beside_the_named_one():
    (row,) = limit("hg", "1h", standard="GB 13223", source_type="coal boiler", grade="special")
    assert row.strict == row.lax == 30_000


def test_of_two_standards_the_sector_comes_before_the_comprehensive():
    told = {"source_type": "municipal sewage plant;other dischargers built from 1998"}
    (row,) = limit("bod5", "24h", standard="GB 8978;GB 18918", grade="1A", **told)
    assert row.clause.startswith("GB 18918") and row.strict == 10_000_000


@pytest.mark.parametrize(
    ("built", "strict", "lax"),
    [("2004", 1_000_000, 1_000_000), ("2010-05-01", 500_000, 500_000), ("", 500_000, 1_000_000)],
)
def test_phosphorus_by_the_year_of_building(built, strict, lax):
    (row,) = limit("total_p", "24h", standard="GB 18918", grade="1A", built=built)
    assert (row.strict, row.lax) == (strict, lax)


def test_incineration_is_judged_by_the_day_since_order_10():
    extent = Extent(date(2019, 12, 1), date(2020, 1, 31))
    judging = {(row.first, row.averaging): row.judging for row in rules.limit_rows(outlet(standard="GB 18485"), extent)}
    assert judging[date(2019, 12, 1), "1h"] and not judging[date(2019, 12, 1), "24h"]
    assert judging[date(2020, 1, 1), "24h"] and not judging[date(2020, 1, 1), "1h"]


def test_no_standard_judges_data_older_than_itself():
    extent = Extent(date(2011, 12, 1), date(2012, 1, 31))
    rows = limit("so2", "1h", extent=extent, standard="GB 13223", source_type="coal boiler", grade="new")
    assert [row.first for row in rows] == [date(2012, 1, 1)]


def test_a_boiler_in_use_has_its_limit_from_its_day_on():
    extent = Extent(date(2015, 9, 1), date(2015, 10, 31))
    rows = limit("so2", "1h", extent=extent, standard="GB 13271", source_type="coal boiler", grade="in_use")
    assert [(row.first, row.strict) for row in rows if row.strict] == [(date(2015, 10, 1), 400_000_000)]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"standard": "GB 13223", "source_type": "燃煤锅炉"}, ("value", Decimal(6))),
        ({"standard": "GB 13223", "source_type": "gas turbine (natural gas)"}, ("value", Decimal(15))),
        ({"standard": "GB 18485"}, ("value", Decimal(11))),
        ({"standard": "GB 4915", "source_type": "crusher, mill, packer"}, ("no", None)),
        ({"standard": "GB 4915", "source_type": "dryer, coal mill, cooler"}, ("unknown", None)),
        (
            {"standard": "GB 4915", "source_type": "dryer, coal mill, cooler", "reference_oxygen": 8},
            ("value", Decimal(8)),
        ),
        ({"standard": "GB 13223", "source_type": "rocket"}, ("unknown", None)),
        ({"medium": "gas", "limits": {"so2": 35}}, ("no", None)),
    ],
)
def test_reference_oxygen(told, found):
    assert rules.reference_oxygen(outlet(**told)) == found


def test_troubles_name_what_is_known():
    assert "it has coal boiler" in rules.troubles(outlet(standard="GB 13223", source_type="rocket"))
    assert rules.troubles(outlet(standard="GB 99999")) == "the law library has no standard GB 99999"
    assert rules.troubles(outlet(standard="GB 18485")) == ""
