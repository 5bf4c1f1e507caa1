"""The stories of the year that the public tells: reports sent, taken up, answered, rewarded, sent back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from qingyuan.cases.models import Case
from qingyuan.interfaces import reported
from qingyuan.interfaces.jobs.year import matters, pictures
from qingyuan.interfaces.jobs.year.running import Story, Year, some_day, texts, working
from qingyuan.interfaces.jobs.year.staff import Member
from qingyuan.interfaces.jobs.year.working import handled
from qingyuan.people import audit
from qingyuan.places.divisions import division
from qingyuan.reports import handling, rewards, taking
from qingyuan.reports.models import Report, State, Verb

DAY = timedelta(days=1)
PURSE = Decimal("60000.00")
AMOUNTS = [Decimal(each) for each in (200, 300, 500, 1000, 2000)]
CHANNELS = ["web", "web", "web", "web", "telephone", "message", "visit"]


def purses(year: Year) -> Story:
    """At the beginning every city gets its money for rewards."""
    at = year.begins + timedelta(hours=10)
    yield at
    cashier = year.staff.named("caiwu")
    for city in matters.cities():
        rewards.fund(city, PURSE, cashier.actor, at, f"模拟预算〔{at.year}〕{city}")


def sent(year: Year, number: int) -> Story:
    """Somebody reports something; an officer takes it up, or not."""
    chance = year.chance("report", number)
    at = some_day(year, chance, lately=0.25)
    yield at
    report, _code = taking.receive(year.data, _told(chance, at), at)
    officer = year.staff.able("reports.handle", report.division, report.domain)
    assert officer is not None
    at = working(at + DAY * chance.uniform(0.1, 5.5), chance)
    yield at
    yield from _decided(year, report, officer, chance, at)


def _told(chance: Random, at: datetime) -> taking.Told:
    category = chance.choice(["smoke", "smoke", "dust", "straw", "water", "water", "noise", "noise", "waste",
                              "vehicles", "ecology", "data", "other"])  # fmt: skip
    county = chance.choice(matters.counties())
    place = matters.near(county, chance)
    spot = f"{division(county).name_zh}{chance.choice(texts()['spots'])}"
    known = {"name": "模拟举报人", "telephone": f"000{chance.randrange(10**7, 10**8)}"} if chance.random() < 0.3 else {}
    seen = at - timedelta(minutes=chance.randrange(10, 900))
    photos = [pictures.drawn(category, chance, seen, place)] if chance.random() < 0.1 else []
    found = taking.Told(
        category=category, text=chance.choice(texts()["reports"][category]), place=spot, division=county,
        seen_at=seen, identity=known, pictures=photos, channel=chance.choice(CHANNELS), simulated=True,
    )  # fmt: skip
    if chance.random() < 0.7:
        found.longitude, found.latitude = place
        if not taking.division_of(found):
            found.longitude = found.latitude = None
    return found


def _decided(year: Year, report: Report, officer: Member, chance: Random, at: datetime) -> Story:
    by, said = officer.actor, texts()
    if chance.random() < 0.12:
        handling.act(report, Verb.DECLINED, by, at, chance.choice(said["declined"]))
        at += DAY * 31
        yield at
        report.refresh_from_db()
        handling.act(report, Verb.ENDED, by, at)
        return
    if chance.random() < 0.12:
        handling.act(report, Verb.ASKED, by, at, chance.choice(said["asked"]))
        at = working(at + DAY * chance.uniform(0.2, 3), chance)
        yield at
        handling.act(report, Verb.ADDED, taking.REPORTER, at, chance.choice(said["added"]))
    report = handling.act(report, Verb.ACCEPTED, by, at)
    reported.take_up(report, at)
    report.refresh_from_db()
    case = Case.objects.get(number=report.case)
    yield from handled(year, case.pk, afterwards, at)


def afterwards(year: Year, report: Report, at: datetime) -> Story:
    """After the answer: content, not content, or silent; some are rewarded."""
    chance = year.chance("after", report.number, at)
    at = working(at + DAY * chance.uniform(0.5, 12), chance)
    yield at
    report.refresh_from_db()
    if report.state != State.ANSWERED:
        return
    if chance.random() < 0.07:
        yield from _not_content(year, report, chance, at)
        return
    verb, by = (Verb.SATISFIED, taking.REPORTER) if chance.random() < 0.55 else (Verb.ENDED, _officer(year, report))
    report = handling.act(report, verb, by, at)
    if chance.random() < 0.35:
        yield from _rewarded(year, report, chance, at)


def _officer(year: Year, report: Report) -> audit.Actor:
    officer = year.staff.able("reports.handle", report.division, report.domain)
    assert officer is not None
    return officer.actor


def _not_content(year: Year, report: Report, chance: Random, at: datetime) -> Story:
    report = handling.act(report, Verb.REOPENED, taking.REPORTER, at, chance.choice(texts()["not_content"]))
    reported.take_up(report, at)
    yield from handled(year, Case.objects.get(number=report.case).pk, afterwards, at)


def _rewarded(year: Year, report: Report, chance: Random, at: datetime) -> Story:
    at = working(at + DAY, chance)
    yield at
    purse = report.division[:4] + "00"
    giver = year.staff.able("rewards.offer", report.division, report.domain)
    assert giver is not None
    reward = rewards.offer(year.data, report, chance.choice(AMOUNTS), giver.actor, at, purse)
    if chance.random() < 0.25:
        at = datetime.combine(reward.claim_until + DAY, at.time())
        yield at
        rewards.lapse(at, audit.SYSTEM)
        return
    at = working(at + DAY * chance.uniform(2, 30), chance)
    yield at
    claim = rewards.draw_claim(reward, at)
    rewards.pay(reward.number, claim, year.staff.named("caiwu").actor, at, f"模拟付款{reward.number}")
