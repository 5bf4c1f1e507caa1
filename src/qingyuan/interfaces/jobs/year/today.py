"""What waits today in the demo: the tasks of the grid member's account, and a leave with a deputy."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User

from qingyuan.cases import acting, attaching, opening
from qingyuan.cases.models import Case
from qingyuan.interfaces.jobs.year import pictures
from qingyuan.interfaces.jobs.year.running import Year
from qingyuan.interfaces.jobs.year.staff import Member
from qingyuan.people import audit
from qingyuan.people.models import Delegation, Organisation, Person

GRID = "220122101001"
PLACE = (125.08, 44.47)
SPOTS = [("哈拉海镇五队地头火点", 95), ("哈拉海镇村东头疑似焚烧", 50), ("哈拉海镇河堤旁火点", 20)]
"""Matters in the member's grid and how many minutes ago they were seen."""
EARLIER = ("哈拉海镇粮库西侧火点", 260)


def fill(year: Year) -> None:
    """Tasks for the grid member, one of them done; a leave."""
    member = year.staff.named("wangge")
    for number, (about, minutes) in enumerate(SPOTS):
        _spot(year, member, about, minutes, number)
    _done(year, member, _spot(year, member, *EARLIER, len(SPOTS)))
    _leave(year)


def _spot(year: Year, member: Member, about: str, minutes: int, number: int) -> Case:
    at = year.ends - timedelta(minutes=minutes)
    place = (PLACE[0] + number * 0.006, PLACE[1] + number * 0.004)
    signal = opening.Signal(
        "hot_spot", about, GRID, "straw", at, "simulated", f"today-{number}", origin="satellite", place=place,
        evidence="VIIRS 过境热异常，置信度高（模拟）", simulated=True,
    )  # fmt: skip
    case = opening.open_case(signal, at)
    county = year.staff.named("xian")
    handed = {
        "organisation": member.actor.organisation, "level": "grid", "handler": None, "handler_name": "",
        "organisation_name": Organisation.objects.get(people__user=member.actor.account).name_zh,
    }  # fmt: skip
    doing = acting.Doing("hand_over", county.actor, case.version, note="就近核实，派给网格", handed=handed)
    acting.act(case.pk, doing, county.holds(GRID, "straw"), at + timedelta(minutes=3))
    case.refresh_from_db()
    given = {
        "leader": county.actor.name,
        "limit": (at + timedelta(days=1)).date().isoformat(),
        "orders": "到场核实，发现明火立即扑灭",
    }
    doing = acting.Doing("sign", county.actor, case.version, given)
    acting.act(case.pk, doing, county.holds(GRID, "straw"), at + timedelta(minutes=4))
    case.refresh_from_db()
    return case


def _done(year: Year, member: Member, case: Case) -> None:
    at = case.occurred_at + timedelta(minutes=70)
    taken = at - timedelta(minutes=6)
    photo = pictures.drawn("hot_spot", year.chance("today"), taken, (case.lon or PLACE[0], case.lat or PLACE[1]))
    attaching.attach(year.data, case, attaching.Sent(f"{taken:%Y%m%d-%H%M}.jpg", photo), member.actor, at)
    given = {"seen": "burnt", "area": "2.5", "facts": "到场时已烧完，余火已浇灭", "holds": "yes"}
    doing = acting.Doing("sign", member.actor, case.version, given)
    acting.act(case.pk, doing, member.holds(GRID, "straw"), at)


def _leave(year: Year) -> None:
    """The county's officer is away for some days; a colleague of the inspectors signs for her."""
    giver, taker = (Person.objects.get(user=User.objects.get(username=each)) for each in ("xian", "dadui"))
    since, until = year.ends - timedelta(days=1), year.ends + timedelta(days=6)
    made = Delegation.objects.create(giver=giver, taker=taker, since=since, until=until, reason="外出培训（模拟）")
    made.posts.set(giver.posts.all())
    who = year.staff.named("xian").actor
    audit.append(
        who, "accounts.delegate", "delegation", str(made.pk), division=giver.organisation.division, domain="people",
        change={"taker": [None, taker.name], "until": [None, f"{until}"]}, at=since,
    )  # fmt: skip
