"""What is made public, in a real browser without an account: on a desk and on a phone, in both languages."""

import os
from datetime import timedelta
from pathlib import Path

import case_stage
import pytest
from accessible import axe
from registering import START, Ledger, somebody

from qingyuan.cases import acting, opening
from qingyuan.plans.models import Evaluation, Plan
from qingyuan.registers.flow.fold import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")
LANGUAGES = {"zh-hans": "信息公开", "en": "Made public"}


@pytest.fixture
def case(live_server, tmp_path, monkeypatch):
    """A published case, three signed records and a published evaluation of a plan."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    case_stage.organisations()
    signal = opening.Signal(
        "device", "松江热力氮氧化物超标", "220104", "sources", START, "finding", "1", origin="monitor"
    )
    made = case_stage.bring(opening.open_case(signal, START), "close", START + timedelta(hours=1), START.date())
    given = {"acceptance": "同意", "published": "true"}
    doing = acting.Doing("sign", Actor(1, "何敏", made.organisation), made.version, given)
    acting.act(made.pk, doing, lambda _signer: True, START + timedelta(hours=2))
    for name in ("雨水总口", "污水处理厂出水口", "沿江村生活污水口"):
        ledger = Ledger("outfall")
        values = {"name": name, "location": "125.28, 43.84", "category": "other", "flowing": "1"}
        ledger.open(somebody("county.water"), values=values)
        record = ledger.do("sign", somebody("county.water"))
    plan = Plan.objects.create(
        code="p", title="某省生态环境保护规划", division="220000", first_day="2021-01-01", last_day="2025-12-31"
    )
    Evaluation.objects.create(
        plan=plan, kind="midterm", division="22", as_of=START, results=1, rules={}, state="published",
        started_at=START, published_at=START, simulated=True,
    )  # fmt: skip
    return made.pk, record.pk


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_anybody_reads_it(browser, live_server, case, width, language):
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page = context.new_page()
    problems = []
    page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(live_server.url) else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/public/")
    assert page.locator("h1").inner_text() == LANGUAGES[language]
    assert page.locator("a[href*='/public/plan/evaluations/']").count() == 1
    for part in ("public", "public/cases", f"public/cases/{case[0]}", "public/registers/outfall",
                 f"public/registers/outfall/{case[1]}"):  # fmt: skip
        page.goto(f"{live_server.url}/{part}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, part
        axe(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{part.replace('/', '-')}-{width}-{language}.png", full_page=True)
    context.close()
    assert not [each for each in problems if not each.startswith("data:")]
