"""The API against its own description: whatever is asked, no fault of ours, and every answer as it is described."""

import pytest
import schemathesis
import seats
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings
from matrix import world
from schemathesis import checks
from schemathesis.specs.openapi import checks as answers

from qingyuan.interfaces.api.describing import described
from qingyuan.interfaces.api.urls import ROOT, api

pytestmark = pytest.mark.django_db
ROLES = ("environment", "owner", "accounts")
EXAMPLES = 5
ROWS = {
    "registers": "record_number", "findings": "finding", "cases": "case", "channels": "channel",
    "organisations": "office", "accounts": "member", "evaluations": "evaluation", "lotteries": "lottery",
    "reports": "report", "suppressions": "suppression", "duty": "duty", "post": "post", "file": "file",
    "sha256": "photo",
}  # fmt: skip
NAMED = {
    "me": {"number": "1"},
    "rewards": {"purse": "220100"},
    "plan": {"code": "matrix"},
    "plans": {"code": "secret-plan", "number": "1"},
    "targets": {"number": "1", "division": "220104"},
}
"""Rows of the world that are named by words, or by a number of the plan."""
CHECKS = [
    checks.not_a_server_error,
    answers.status_code_conformance,
    answers.content_type_conformance,
    answers.response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(described(api.get_openapi_schema(path_prefix=ROOT)))
schema.app, schema.location = WSGIHandler(), f"http://localhost{ROOT}openapi.json"


@pytest.fixture(scope="module")
def everything(staged, tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        made = world.World(staged, tmp_path_factory.mktemp("schema") / "data")
        yield made
        made.clear()


@pytest.fixture(params=ROLES)
def token(request, everything, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(everything.data))
    return everything.token(everything.somebody(request.param, "own place"))


def signed(token):
    return {"Authorization": f"Bearer {token}", "Host": "localhost", "Accept-Encoding": "identity"}


def existing(case, world):
    """The parts of the path of a row that exists, for the operation of a case."""
    parts = case.path.removeprefix(ROOT).removeprefix("public/").split("/")
    part = parts[1] if parts[0] == "plan" and "{" not in parts[1] else parts[0]
    number = str(getattr(world, ROWS.get(part, ""), ""))
    parts = {name: str(getattr(world, of)) for name, of in ROWS.items() if f"{{{name}}}" in case.path}
    return {"kind": "outfall", "mn": world.mn, "number": number} | parts | NAMED.get(part, {})


@pytest.fixture
def planner(everything, monkeypatch):
    """A token of a city's planning, who may split and dispatch: the other roles are turned away from it."""
    monkeypatch.setenv("QINGYUAN_DATA", str(everything.data))
    return everything.token(seats.seated("city-planning", "planning", division="220100", level="city"))


@schema.include(path_regex="/plan").parametrize()
@settings(
    max_examples=2 * EXAMPLES, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_to_a_planner_is_as_described(case, planner, everything):
    case.call_and_validate(headers=signed(planner), checks=CHECKS)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_answer_is_as_described(case, token, everything):
    case.call_and_validate(headers=signed(token), checks=CHECKS)
    if case.path_parameters:
        names = existing(case, everything)
        assert all(names[name] for name in case.path_parameters), "name the row of this operation in ROWS"
        case.path_parameters = {name: names[name] for name in case.path_parameters}
        case.call_and_validate(headers=signed(token), checks=CHECKS)
