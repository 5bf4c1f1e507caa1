"""Rolls taken from outlets and registers: risk counted, scope kept, looked at before they are fixed, recomputed after."""

import json
import re
from datetime import timedelta

import case_stage
import pytest
from django.test import Client
from registering import Ledger, somebody

from qingyuan.base.time import now
from qingyuan.cases import opening
from qingyuan.cases.models import Case, Lottery
from qingyuan.interfaces.cli import main
from qingyuan.observations.datasets import create_dataset
from qingyuan.rules.models import Finding

pytestmark = pytest.mark.django_db
OUTLETS = "outlets:plants"
ADDRESS = "/lotteries/roll/"


@pytest.fixture
def offices(tmp_path, monkeypatch):
    """Outlets of three counties; DA1 of the city with an open case, a closed one, and three findings."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    made = case_stage.organisations()
    dataset = create_dataset(tmp_path, "plants", "试污染源", "Trial plants", False).path
    lying = {"DA1": "220204", "DA2": "220204", "DA3": "220204", "DA4": "220202", "DA9": "220104"}
    lines = [
        f"  - {{point: {point}, division: '{at}', medium: gas, source_type: boiler}}" for point, at in lying.items()
    ]
    (dataset / "outlets.yaml").write_text("\n".join(["outlets:", *lines]), "utf-8")
    for kind, key in (("exceedance", "1"), ("inspection", "2")):
        opening.open_case(opening.Signal(kind, "甲", "220204", "sources", now(), "finding", key, site="DA1"), now())
    for days, state in ((3, "open"), (4, "open"), (9, "ended"), (400, "ended"), (5, "suppressed")):
        _finding("DA1", now() - timedelta(days=days), state)
    return made


def _finding(site, at, state):
    Finding.objects.create(
        rule="r", severity="high", urgency=2, dataset="plants", division="220204", domain="sources", site=site,
        point=site, opened_at=at, changed_at=at, window_from=at, window_to=at, state=state,
    )  # fmt: skip


def browser(user):
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "zh"})
    client.force_login(user)
    return client


@pytest.fixture
def city(offices):
    """An inspector of the city of Jilin; two colleagues of the county below."""
    for name in ("wu", "zheng"):
        case_stage.account(name, offices["220204", "inspection"])
    return browser(case_stage.account("jilin", offices["220200", "inspection"]))


def text(answer, status=200):
    assert answer.status_code == status, answer.content[:400]
    return answer.content.decode()


def seen(page):
    """The hidden digest of what was looked at, and who is ticked."""
    return {
        "seen": re.search('name="seen" value="([0-9a-f]+)"', page)[1],
        "inspector": re.findall('name="inspector" value="(P[0-9]+)" checked', page),
        "asked": "1",
    }


def form(**more):
    quota = {"targeted": "1", "random": "2", "floor": "0.1", "team": "2"}
    return {"source": OUTLETS, "place": "220200", "title": "3月抽查", **quota, **more}


def looked(client, **more):
    """The form as it is sent to fix what was looked at."""
    first = text(client.post(ADDRESS, form(do="look", **more)))
    return form(do="fix", **more) | seen(first)


def rows(page):
    return re.findall(r'<td>[^<]*<span class="m">([^<]+)</span></td>.*?<b>(\d+)</b>', page)


def test_outlets_are_on_the_roll_by_their_risk(city):
    page = text(city.get(f"{ADDRESS}?source={OUTLETS}"))
    assert rows(page) == [("DA1", "7"), ("DA2", "1"), ("DA3", "1"), ("DA4", "1")], "1 + 3 × one case + three findings"
    assert "风险 = 1 + 3 × 在办案件 + 1 × 近 365 天线索" in page and not Lottery.objects.exists()
    assert rows(text(city.get(f"{ADDRESS}?source={OUTLETS}&place=220202"))) == [("DA4", "1")]
    assert {*re.findall(" 测试(wu|zheng|jilin) ", page)} == {"wu", "zheng", "jilin"}
    assert "changchun" not in page


def test_what_was_looked_at_is_fixed_drawn_and_verified(city, tmp_path, capsys):
    kept = _fixed(city, looked(city))
    assert kept.domain == "sources" and kept.committed["roll"]["source"].startswith("排放口：试污染源")
    assert [each["risk"] for each in kept.committed["roll"]["entries"]] == [7, 1, 1, 1]
    city.post(f"/lotteries/{kept.pk}/draw/")
    for part, name in (("?part=commitment", "before"), ("", "after")):
        (tmp_path / name).write_bytes(city.get(f"/lotteries/{kept.pk}/file.json{part}").content)
    assert main(["lottery", "verify", str(tmp_path / "after"), "--commitment", str(tmp_path / "before")]) == 0
    drawn = json.loads((tmp_path / "after").read_text("utf-8"))["draw"]
    assert drawn["targeted"] == ["DA1"] and len(drawn["random"]) == 2
    found = Case.objects.filter(kind="inspection", event=f"lottery-{kept.pk}")
    assert sorted(found.values_list("site", flat=True)) == sorted(drawn["teams"])
    assert "名册来源" in text(city.get(f"/lotteries/{kept.pk}/"))


def _fixed(client, sent):
    answer = client.post(ADDRESS, sent)
    assert answer.status_code == 302, re.findall('role="alert">([^<]+)', answer.content.decode())
    return Lottery.objects.latest("pk")


def test_a_registry_that_changed_meanwhile_is_looked_at_again(city):
    sent = looked(city)
    _finding("DA2", now(), "open")
    told = text(city.post(ADDRESS, sent), 400)
    assert "名册和您看到的不是同一份" in told and rows(told)[1] == ("DA2", "2") and not Lottery.objects.exists()
    assert "名册和您看到的不是同一份" in text(city.post(ADDRESS, form(do="fix")), 400), "never looked at"
    _fixed(city, sent | seen(told))


def test_conflicts_keep_inspectors_away_and_are_remembered(city):
    barred, other, _third = seen(text(city.get(f"{ADDRESS}?source={OUTLETS}")))["inspector"]
    told = {"random": "3", "who": [barred, other], "subject": ["220204", "DA4"], "reason": ["亲属任职", "曾任职"]}
    kept = _fixed(city, looked(city, **told))
    assert (
        kept.committed["roll"]["conflicts"]
        == [
            {"inspector": barred, "subject": "220204", "reason": "亲属任职"},
        ]
        or "不在名册里"
    )
    city.post(f"/lotteries/{kept.pk}/draw/")
    kept.refresh_from_db()
    teams = kept.file["draw"]["teams"]
    assert len(teams) == 4 and other not in teams["DA4"]
    assert not any(barred in teams[each] for each in ("DA1", "DA2", "DA3"))
    again = text(city.get(f"{ADDRESS}?source={OUTLETS}"))
    assert 'value="亲属任职"' in again, "known facts are not asked again"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"who": ["P0"], "subject": ["DA1"], "reason": [""]}, "不在勾选之列"),
        ({"targeted": "9"}, "名册里只有 4 家"),
        ({"targeted": "x"}, "不是整数"),
        ({"floor": "0.9"}, "人人最低概率"),
        ({"floor": "x"}, "no number"),
        ({"team": "4"}, "要派 4 人"),
        ({"source": "outlets:nothing"}, "没有“outlets:nothing”"),
        ({"source": "register:nothing"}, "没有“register:nothing”"),
        ({"place": "220100"}, "职责不含"),
        ({"place": "220000"}, "职责不含"),
    ],
)
def test_what_cannot_be_drawn_from_is_told(city, more, words):
    assert words in text(city.post(ADDRESS, form(do="fix", **more)), 400)
    assert not Lottery.objects.exists()


def test_a_conflict_that_would_bar_nobody_is_refused(city):
    someone = seen(text(city.get(f"{ADDRESS}?source={OUTLETS}")))["inspector"][0]
    told = {"who": [someone], "subject": ["DA77"], "reason": ["x"]}
    assert "不在名册里" in text(city.post(ADDRESS, form(do="look", **told)), 400)
    nobody = {"who": [someone], "subject": ["220204"], "reason": ["x"], "team": "3"}
    assert "无需回避的只有 2 人" in text(city.post(ADDRESS, form(do="look", **nobody)), 400)


def test_another_city_draws_from_its_own_sites_only(offices):
    other = browser(case_stage.account("changchun", offices["220100", "inspection"]))
    page = text(other.get(f"{ADDRESS}?source={OUTLETS}"))
    assert rows(page) == [("DA9", "1")] and "DA1<" not in page
    assert other.get(ADDRESS).status_code == 200
    grid = browser(case_stage.account("huan", offices["220204", "environment"]))
    assert grid.get(ADDRESS).status_code == 403, "no duty to draw lots"


def test_a_register_gives_one_entry_a_site_and_step(city):
    doers = somebody("county.water", "county.monitoring")
    named = {"location": "126.5, 43.8", "category": "industrial"}
    for number, site in enumerate(("E1", "E1", "", "E2")):
        ledger = Ledger("outfall", division="220204", site=site)
        ledger.open(doers, values=named | {"name": f"口{number}"})
        if site == "E2":
            ledger.do("sign", doers, values={"flowing": "true"})
    Ledger("outfall", division="220104").open(doers, values=named | {"name": "别处"})
    page = text(city.get(f"{ADDRESS}?source=register:outfall"))
    assert [each[0] for each in rows(page)] == ["220204-PK0003", "E1", "E2"] and "工业排污口" in page
    assert [each[0] for each in rows(text(city.get(f"{ADDRESS}?source=register:outfall&step=measure")))] == ["E2"]
    made = city.post(ADDRESS, form(source="register:outfall", do="file"))
    told = json.loads(made.content)
    assert told["domain"] == "water" and len(told["entries"]) == 3 and "attachment" in made["Content-Disposition"]
    _fixed(city, looked(city, source="register:outfall"))


def test_the_questions_do_not_grow_with_the_sites(city, tmp_path, django_assert_max_num_queries):
    lines = [f"  - {{point: D{n}, division: '220204'}}" for n in range(400)]
    (tmp_path / "datasets" / "plants" / "outlets.yaml").write_text("\n".join(["outlets:", *lines]), "utf-8")
    city.get(ADDRESS)
    with django_assert_max_num_queries(20):
        page = text(city.get(f"{ADDRESS}?source={OUTLETS}"))
    assert "名册里有 400 家" in page and "只列前 300 家" in page


def test_the_api_takes_a_roll_fixes_it_draws_once_and_its_file_is_verified(city, tmp_path, capsys):
    api = "/api/v1/lotteries"
    assert OUTLETS in [each["code"] for each in city.get(f"{api}/registries").json()]
    found = city.get(f"{api}/candidates?registry={OUTLETS}&place=220200").json()
    assert found["entries"][0]["id"] == "DA1" and len(found["entries"]) == 4
    assert city.get(f"{api}/candidates?registry={OUTLETS}&place=220100").status_code == 400
    keys = ("id", "name", "division", "sector", "size", "risk")
    roll = {
        "title": "抽查", "division": "220200", "domain": found["domain"], "inspectors": found["inspectors"],
        "entries": [{key: each[key] for key in keys} for each in found["entries"]],
        "quota": {"targeted": 1, "random": 2, "floor": "0.1", "team": 2},
    }  # fmt: skip
    sent = {"content_type": "application/json"}
    outside = {**roll, "entries": [*roll["entries"], {**roll["entries"][0], "id": "X", "division": "220104"}]}
    assert city.post(api, {"roll": outside}, **sent).status_code == 400
    made = city.post(api, {"roll": roll}, **sent)
    assert made.status_code == 201, made.content
    one = f"{api}/{made.json()['id']}"
    before = city.get(f"{one}/file").json()
    assert "draw" not in before and city.get(f"{one}/fairness").json() == []
    drawn = city.post(f"{one}/draw", {}, **sent).json()
    assert len(drawn["drawn"]) == 3 and all(each["case"] for each in drawn["drawn"])
    assert all(each["good"] for each in drawn["checks"]) and city.get(f"{one}/fairness").json()
    assert city.post(f"{one}/draw", {}, **sent).status_code == 400
    for name, part in (("file", "lottery"), ("commitment", "commitment")):
        (tmp_path / name).write_text(json.dumps(city.get(f"{one}/file?part={part}").json()), "utf-8")
    assert main(["lottery", "verify", str(tmp_path / "file"), "--commitment", str(tmp_path / "commitment")]) == 0
    assert city.get(f"/lotteries/{made.json()['id']}/file.json").json() == json.loads((tmp_path / "file").read_text())
