"""A province with authorities, people and cases at every step, for tests of pages."""

from datetime import date, timedelta

from django.contrib.auth.models import User

from qingyuan.base.time import now
from qingyuan.cases import acting, opening, watching
from qingyuan.cases.models import Case
from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.registers.flow.fold import Actor

NAMES = {"220000": "省", "220100": "长春市", "220200": "吉林市", "220204": "船营区", "220104": "朝阳区"}
TITLES = {"environment": "生态环境局", "inspection": "执法支队"}
LEVELS = {"220000": "province", "220100": "city", "220200": "city", "220204": "county", "220104": "county"}


def organisations() -> dict[tuple[str, str], Organisation]:
    """The environment authority and the inspectors of five divisions."""
    made = {}
    for division, name in NAMES.items():
        for duty, title in TITLES.items():
            one = Organisation.objects.create(level=LEVELS[division], division=division, name_zh=f"{name}{title}")
            Duty.objects.create(organisation=one, code=duty, division=division)
            made[division, duty] = one
    return made


def account(name: str, organisation: Organisation, *more: Organisation) -> User:
    """Somebody who holds every duty of their organisation (and, for tests, of others)."""
    user = User.objects.create(username=name)
    person = Person.objects.create(user=user, organisation=organisation, name=f"测试{name}")
    for each in {organisation, *more}:
        for duty in each.duties.all():
            Post.objects.create(person=person, duty=duty, since=now() - timedelta(days=999))
    return user


def values(step: str, rectified: date) -> dict:
    """What signing a step takes."""
    return {
        "assign": {"leader": "韩冰", "limit": (rectified + timedelta(days=10)).isoformat(), "orders": "查清原因"},
        "investigate": {"facts": "喷氨阀卡涩，手工比测 139 mg/m³", "holds": "yes", "cause": "facility"},
        "rectify": {"measures": "更换催化剂两层", "rectified_on": rectified.isoformat()},
        "verify": {"opinion": "现场正常"},
        "close": {"acceptance": "同意", "published": "true"},
    }[step]


def bring(case: Case, until: str, at, rectified: date) -> Case:
    """Sign a case up to a step, as the organisation that has it."""
    while case.step != until:
        who = Actor(None if case.organisation is None else 1, "赵启明", case.organisation)
        doing = acting.Doing("sign", who, case.version, values(case.step, rectified))
        acting.act(case.pk, doing, lambda _signer: True, at)
        case.refresh_from_db()
    return case


MATTERS = [
    ("exceedance", "松江热力2号炉氮氧化物小时均值超标", "220204", "sources", "monitor", "verify", 11),
    ("device", "鑫旺建材脱硫数据恒值31 h", "220200", "sources", "quality", "investigate", 9),
    ("hot_spot", "三盛玉镇4处许可时段外火点", "220104", "straw", "satellite", "assign", 0),
    ("air_event", "PM2.5小时值连续6 h高于150", "220100", "air", "station", "assign", 0),
    ("public_report", "工地夜间施工噪声", "220104", "noise", "report", "rectify", 5),
    ("water_event", "靠山大桥断面溶解氧低于限值", "220100", "water", "station", "rectify", 6),
    ("rectification", "截污干管渗漏整改", "220100", "inspection", "inspection", "close", 20),
    ("exceedance", "宏源化工二氧化硫超标", "220204", "sources", "monitor", "closed", 30),
]


def fill() -> list[Case]:
    """Cases at every step, one of them with nine days of proof."""
    at, made = now(), []
    for number, (kind, about, division, domain, origin, until, days) in enumerate(MATTERS):
        begun = at - timedelta(days=days, hours=2)
        signal = opening.Signal(
            kind=kind, about=about, division=division, domain=domain, occurred_at=begun - timedelta(minutes=5),
            source="test", key=str(number), origin=origin, site_name="松江热力有限公司", site=f"S{number}",
            point="DA001" if until == "verify" else "", item="nox", place=(126.55, 43.84), clause="GB 13223—2011 表1",
            evidence="10-08 18:00起连续11个有效小时高于限值", rule="sources.hour_over", simulated=True,
        )  # fmt: skip
        case = opening.open_case(signal, begun)
        made.append(bring(case, until, begun + timedelta(hours=1), (at - timedelta(days=10)).date()))
    good = {(at - timedelta(days=n)).date(): (None if n == 4 else True) for n in range(1, 40)}
    watching.prove(at, lambda _case, _first, _last: good)
    watching.escalate(at)
    return made
