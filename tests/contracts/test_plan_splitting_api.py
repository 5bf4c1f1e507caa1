"""Targets split through the API: what a split does to the whole, drafts, one part by hand, issuing; who may not."""

import json

import pytest
import seats
from django.test import Client

from qingyuan.people.audit import AuditEntry
from qingyuan.places.divisions import children
from qingyuan.plans.models import Decomposition

pytestmark = pytest.mark.django_db
API, DAY = "/api/v1/plan", "2025-12-31"
CITIES = [each.code for each in children("220000")]
COUNTIES = [each.code for each in children("220100")]


def caller(name, duty="planning", division="220000", level="province"):
    made = Client(SERVER_NAME="localhost")
    made.force_login(seats.seated(name, duty, division=division, level=level))
    return made


@pytest.fixture
def planner(db):
    return caller("guihua")


@pytest.fixture
def city(db):
    return caller("shi", division="220100", level="city")


def air(base="31.0", places=CITIES, division="220000", **more):
    return {"indicator": 1, "division": division, "day": DAY, "weights": "2020",
            "parts": [{"division": each, "base": base} for each in places], **more}  # fmt: skip


def send(who, address, given=None, how="post"):
    return getattr(who, how)(f"{API}/{address}", json.dumps(given or {}), content_type="application/json")


def issued(who, given):
    kept = send(who, "targets", given)
    assert kept.status_code == 201, kept.content
    done = send(who, f"targets/{kept.json()['decomposition']}/issue")
    assert done.status_code == 200, done.content
    return done.json()


def test_what_a_split_would_do_is_told_and_nothing_kept(planner):
    told = send(planner, "target-effect", air()).json()
    assert told["whole"] == {"published": "29.5", "difference": "0.0", "met": True}
    assert (told["asked"], told["before"], told["alone"], told["decomposition"]) == ("29.5", None, None, None)
    assert {each["value"] for each in told["parts"]} == {"29.5"} and told["affected"] == CITIES
    assert not Decomposition.objects.exists()


def test_a_part_set_by_hand_tells_the_whole_alone_the_rest_and_who_makes_up(planner):
    first = send(planner, "targets", air()).json()
    told = send(planner, f"targets/{first['decomposition']}/parts/220100", {"value": "27.5"}, "put").json()
    assert told["before"]["published"] == "29.5" and told["whole"]["difference"] == "0.0"
    assert told["alone"]["published"] == "29.3" and told["rest"] == "0.2"
    assert told["affected"] and "220100" not in told["affected"]
    own = next(each for each in told["parts"] if each["division"] == "220100")
    assert own == {"division": "220100", "before": "29.5", "value": "27.5", "by_hand": True}
    assert told["version"] == 1 and Decomposition.objects.get().pk == told["decomposition"]
    free = send(planner, f"targets/{told['decomposition']}/parts/220100", {"value": None}, "put").json()
    assert {each["value"] for each in free["parts"]} == {"29.5"}


def test_another_way_to_split_takes_the_parts_that_are_kept(planner):
    send(planner, "targets", air())
    again = {"indicator": 1, "division": "220000", "day": DAY, "method": "base"}
    told = send(planner, "targets", again).json()
    assert told["whole"]["difference"] == "0.0" and Decomposition.objects.get().method == "base"
    assert send(planner, "targets", {**again, "indicator": 2}).status_code == 422


def test_issuing_seals_it_and_is_done_once(planner):
    done = issued(planner, air())
    assert done["state"] == "issued" and len(done["digest"]) == 64 and len(done["shares"]) == 9
    again = send(planner, f"targets/{done['id']}/issue")
    assert again.status_code == 409 and "Make a new draft" in again.json()["detail"]
    lines = AuditEntry.objects.filter(kind="decomposition").values_list("action", "name")
    assert [action for action, _name in lines] == ["plan.decompose.save", "plan.decompose.issue"]
    part = send(planner, f"targets/{done['id']}/parts/220100", {"value": "28.0"}, "put").json()
    assert Decomposition.objects.get(pk=done["id"]).state == "issued", "a change is a new draft beside it"
    assert Decomposition.objects.get(pk=part["decomposition"]).state == "draft"


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"base": "27.0"}, "parts", "nearest"),
        ({"places": ["220100", "220104"]}, "parts.220104", "directly below"),
        ({"places": ["220100", "220100"]}, "parts", "twice"),
        ({"base": "-1"}, "parts.220100", "not between"),
        ({"places": []}, "parts", "Give the places"),
        ({"indicator": 77}, "split", "no indicator 77"),
        ({"day": "2024-12-31"}, "split", "no target for"),
    ],
)
def test_what_cannot_be_split_is_told_with_its_field(planner, given, field, words):
    named = {name: given.pop(name) for name in ("base", "places") if name in given}
    for address in ("target-effect", "targets"):
        answer = send(planner, address, air(**named) | given)
        assert answer.status_code == 422, answer.content
        assert words in answer.json()["reasons"][field]
    assert not Decomposition.objects.exists()


def test_what_no_parts_can_make_is_told_with_the_nearest(planner):
    assert send(planner, "target-effect", air("27.0")).json()["nearest"] == "27.0"


def test_worse_than_the_base_wants_its_reason(planner):
    given = air()
    given["parts"][0]["hand"] = "32.0"
    assert "Give the reason" in send(planner, "targets", given).json()["reasons"]["parts.220100"]
    given["parts"][0]["reason"] = "风沙"
    assert send(planner, "targets", given).status_code == 201


def test_a_wording_is_handed_down_as_it_stands(planner):
    given = air(indicator=9)
    told = send(planner, "targets", given).json()
    assert told["whole"] is None and told["affected"] == CITIES
    done = send(planner, f"targets/{told['decomposition']}/issue").json()
    assert {each["wording"] for each in done["shares"]} == {"有效保障"}


def test_a_city_splits_its_own_share_and_touches_nothing_above_or_beside(planner, city):
    below = air(places=COUNTIES, division="220100")
    answer = send(city, "targets", below)
    assert answer.status_code == 422 and "Issue the decomposition above first" in answer.json()["detail"]
    top = issued(planner, air())
    done = issued(city, below)
    assert done["whole"] == "29.5" and {each["value"] for each in done["shares"]} == {"29.5"}
    for address in ("target-effect", "targets"):
        assert send(city, address, air()).status_code == 404
        assert send(city, address, air(places=[], division="220200")).status_code == 404
    assert send(city, f"targets/{top['id']}/parts/220100", {"value": "31"}, "put").status_code == 404
    assert send(city, f"targets/{top['id']}/issue").status_code == 404
    county = caller("xian", division="220104", level="county")
    assert send(county, f"targets/{done['id']}/issue").status_code == 404
    assert send(county, "targets", air(places=[], division="220104")).status_code == 422
    assert Decomposition.objects.count() == 2


def test_a_draft_below_is_not_issued_once_the_share_above_has_changed(planner, city):
    issued(planner, air())
    draft = send(city, "targets", air(places=COUNTIES, division="220100")).json()["decomposition"]
    changed = air()
    changed["parts"][0]["hand"] = "28.0"
    issued(planner, changed)
    answer = send(city, f"targets/{draft}/issue")
    assert answer.status_code == 409 and "has changed" in answer.json()["detail"]


@pytest.mark.parametrize("duty", ["lead", "environment", "task", "dispatch"])
def test_others_than_planning_do_not_split(planner, duty):
    done = issued(planner, air())
    other = caller(duty, duty)
    for address in ("target-effect", "targets", f"targets/{done['id']}/issue"):
        assert send(other, address, air()).status_code == 403
    assert send(other, f"targets/{done['id']}/parts/220100", {"value": "1"}, "put").status_code == 403
