"""Registers as tests drive them: the shipped kinds, and somebody whose duties are given."""

from datetime import datetime
from pathlib import Path

import qingyuan.domains
from qingyuan.people.rights import Grant, Rights
from qingyuan.registers import acting, catalogue, scope
from qingyuan.registers.flow import store
from qingyuan.registers.flow.acts import Given, Met
from qingyuan.registers.flow.declared import Words
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.models import RegisterStep

DOMAINS = Path(qingyuan.domains.__file__).parent
CATALOGUE = catalogue.load((file.parent.name, file) for file in sorted(DOMAINS.glob("*/registers.yaml")))
START = datetime(2026, 3, 2, 9)
YES = Met(True, Words("是", "yes"))


def somebody(*duties, division="220000", sites=None):
    """Rights of somebody: ``county.water`` ... over a division."""
    grants = []
    for each in duties:
        level, code = each.split(".")
        own = frozenset(sites) if sites else None
        grants.append(Grant(code, "county" if level == "facility" else level, division, "*", 1, own))
    return Rights(grants)


class Ledger:
    """One record of a kind, driven by acts of people with duties."""

    def __init__(self, kind, division="220104", site="", name="张磊"):
        self.kind, self.division, self.site = CATALOGUE.kind(kind), division, site
        self.record, self.at, self.name = None, START, name

    def given(self, verb, rights, version=None, **given):
        place = (self.division, self.kind.domain, self.site)
        holds = scope.holds_at(rights, *place)
        seen = version if version is not None else self.record.version if self.record else 0
        return Given(verb, Actor(7, self.name, 1), self.at, seen, holds, **given)

    def open(self, rights, **given):
        place = acting.Place(self.division, self.site)
        self.record = acting.open_record(self.kind, place, self.given("open", rights, **given)).record
        return self.record

    def do(self, verb, rights, **given):
        self.record = acting.act(self.kind, self.record.pk, self.given(verb, rights, **given)).record
        return self.record

    @property
    def wrong(self):
        self.record.refresh_from_db()
        return store.differs(self.kind, self.record, store.entries_of(RegisterStep, self.record.pk))
