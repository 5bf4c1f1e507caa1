"""Who reaches what: every address and API operation, asked by every role over its own and a foreign place and domain.

The world (`matrix.world`) holds the same rows four times: in the asker's division and domain, and beside it. Words
of a foreign row carry a secret, which must stand in no answer; a foreign row answers exactly as one that does not exist.
`matrix/lines.py` says of every endpoint how it is asked; one without a line there fails.
"""

import json
from types import SimpleNamespace

import pytest
import seats
from django.test import Client
from matrix import lines, world
from matrix.addresses import address, patterns

from qingyuan.cases.models import Case
from qingyuan.interfaces import access
from qingyuan.interfaces.api.urls import operations
from qingyuan.people.declared import duties

pytestmark = pytest.mark.django_db
ROLES = list(duties())


def undeclared(found, known=None):
    """Names of endpoints the matrix has no line for."""
    return sorted({each.name for each in found} - set(lines.LINES if known is None else known))


def test_every_endpoint_has_a_line():
    assert undeclared(patterns()) == []


def test_every_operation_has_a_line():
    told = {f"{method} {path}" for method, path, _ in operations()}
    assert told - set(lines.OPERATIONS) == set()


def test_a_planted_endpoint_without_a_line_is_named():
    planted = [*patterns(), type("Planted", (), {"name": "planted"})()]
    assert undeclared(planted) == ["planted"]


def test_no_line_is_of_an_endpoint_that_is_gone():
    assert set(lines.LINES) - {each.name for each in patterns()} == set()


@pytest.fixture(scope="module")
def everything(staged, tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        made = world.World(staged, tmp_path_factory.mktemp("matrix") / "data")
        yield made
        made.clear()


@pytest.fixture
def data(everything, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(everything.data))


def browser(user):
    made = Client(SERVER_NAME="localhost", raise_request_exception=False)
    made.force_login(user)
    return made


def endpoints():
    for each in patterns():
        for line in lines.LINES.get(each.name, ()):
            yield each, line


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", ["own place", "another place", "another domain"])
def test_no_secret_of_a_foreign_row_is_told(everything, data, role, place):
    """Every address, asked by a role that works elsewhere or on something else, tells nothing of the rows."""
    user = everything.somebody(role, place)
    asked = browser(user)
    leaks, before = [], everything.standing()
    for each, line in endpoints():
        if line.posts and place == "own place":
            continue  # they may change their own rows
        for at in line.addresses(each, everything):
            answer = asked.post(at, line.form(everything)) if line.posts else asked.get(at)
            found = everything.foreign(user, answer, at, line.form(everything))
            asked = browser(user) if each.name == "logout" else asked  # it ends the session
            if answer.status_code >= 500 or found:
                leaks.append((at, answer.status_code, found))
    assert leaks == []
    assert everything.standing() == before


@pytest.mark.parametrize("role", ROLES)
def test_a_role_without_the_action_is_turned_away(everything, data, role):
    user = everything.somebody(role, "own place")
    asked = browser(user)
    for each in patterns():
        what = access.declared(each.callback)
        if each.name.startswith("api:") or what.action in (access.PUBLIC, access.SIGNED_IN):
            continue
        if {what.action, *what.others} & duties()[role].actions:
            continue
        assert asked.get(address(each)).status_code in (403, 405), each.name


@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_row_answers_as_one_that_does_not_exist(everything, data, role):
    user = everything.somebody(role, "another place")
    asked = browser(user)
    for each, line in endpoints():
        for foreign, nobody in line.pairs(each, everything):
            ask = asked.post if line.posts else asked.get
            answers = [ask(at) for at in (foreign, nobody)]
            assert answers[0].status_code == answers[1].status_code, (foreign, nobody)
            assert answers[0].status_code in (403, 404, 405), foreign
            told = [world.plain(answer, at) for answer, at in zip(answers, (foreign, nobody), strict=True)]
            assert told[0] == told[1], foreign


@pytest.mark.parametrize("role", ["monitoring", "inspection", "owner"])
def test_ones_own_rows_are_told(everything, data, role):
    """The matrix would be worth nothing if the rows were nowhere: their own people see them."""
    asked = browser(everything.somebody(role, "own place"))
    assert asked.get(f"/devices/{everything.mn}/").status_code == 200
    assert world.SECRET in asked.get("/devices/").content.decode()
    assert everything.mn in asked.get("/api/v1/devices").content.decode()
    assert world.SECRET in asked.get("/api/v1/devices").content.decode(), "else no secret would be found there either"


@pytest.mark.parametrize("role", ROLES)
def test_a_case_of_a_plan_is_told_only_to_who_sees_plans_there(everything, data, role):
    """Whatever domains a duty covers: another office's report is read by who may see plans, too."""
    user = seats.seated(f"{role}-any", role, division=world.PLACE, level="county", domain="*")
    asked, allowed = browser(user), {"cases.see", "plan.see"} <= duties()[role].actions
    for at in (f"/cases/{everything.dispatched}/", f"/api/v1/cases/{everything.dispatched}"):
        assert (asked.get(at).status_code == 200) is allowed, at
    listed = (
        "/cases/?view=all&q=秘密规划",
        "/cases/?view=all&export=xlsx",
        "/api/v1/cases?view=all&limit=500",
        "/search/?q=调〔",
    )
    number = Case.objects.get(pk=everything.dispatched).number
    for at in listed:
        told = world.plain(asked.get(at), at)
        assert allowed or number not in told, at
    if allowed:
        assert number in asked.get("/api/v1/cases?view=all&limit=500").content.decode(), "else it would be nowhere"


@pytest.mark.parametrize("role", ROLES)
def test_operations_by_token_tell_no_secret(everything, data, role):
    before = everything.standing()
    for place in ("another place", "another domain"):
        token = everything.token(everything.somebody(role, place))
        for operation, path in lines.OPERATIONS.items():
            at = "/api/v1" + lines.filled(path, everything)
            answer = operated(token, operation, at)
            assert answer.status_code < 500, at
            assert world.SECRET not in world.plain(answer, at), (at, role, place)
    assert everything.standing() == before


@pytest.mark.parametrize("role", ROLES)
def test_an_operation_on_a_foreign_row_answers_as_on_none(everything, data, role):
    token, nobody = everything.token(everything.somebody(role, "another place")), SimpleNamespace(**lines.NOBODY)
    for operation, path in lines.OPERATIONS.items():
        if "{" not in path or "?" in path:
            continue
        asked = ["/api/v1" + lines.filled(path, each) for each in (everything, nobody)]
        told = [operated(token, operation, at) for at in asked]
        assert told[0].status_code == told[1].status_code, (operation, role)
        assert world.plain(told[0], asked[0]) == world.plain(told[1], asked[1]), (operation, role)


def operated(token, operation, at):
    """The answer to an operation with its body."""
    body = json.dumps(lines.BODIES[operation]) if operation in lines.BODIES else ""
    sent = {"headers": {"Authorization": f"Bearer {token}"}, "content_type": "application/json"}
    return Client(SERVER_NAME="localhost").generic(operation.split(" ")[0], at, body, **sent)


def test_a_token_that_is_revoked_or_over_opens_nothing(everything, data):
    user = everything.somebody("monitoring", "own place")
    token = everything.token(user)
    ask = {"headers": {"Authorization": f"Bearer {token}"}}
    assert Client().get("/api/v1/me", **ask).status_code == 200
    user.api_tokens.update(revoked_at=world.AT)
    assert Client().get("/api/v1/me", **ask).status_code == 401
