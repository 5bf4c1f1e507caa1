"""What stands so now: devices, records of the registers, and stretches that the quality tests have found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from qingyuan.base.working_days import working_days_between
from qingyuan.gateway.models import Device, DeviceState
from qingyuan.observations import ledgers
from qingyuan.observations.quality import kept
from qingyuan.registers.models import Account, RegisterRecord
from qingyuan.rules.declared import Rule
from qingyuan.rules.lines import Line, Lines
from qingyuan.rules.placing import PROVINCE, Place
from qingyuan.rules.spells import Judged, Row, Stretch, judge, stretch

HOUR = timedelta(hours=1)
FOREGLANCE = timedelta(days=60)
"""Deadlines further away than this are not looked at."""


class Standing(NamedTuple):
    """Something that stands: of which line, where, in which domain, since when, with which columns."""

    line: Line
    place: Place
    domain: str
    row: Row
    simulated: bool = False


def devices(dataset: str, at: datetime) -> Iterator[Standing]:
    """Active devices of a dataset, heard before: how long they have been silent. columns: silent_hours, online."""
    states = {each.mn: each for each in DeviceState.objects.exclude(last_frame=None)}
    for device in Device.objects.filter(dataset=dataset, active=True):
        state = states.get(device.mn)
        if state is None or state.last_frame is None:
            continue
        silent = (at - state.last_frame) / HOUR
        row = {"at": state.last_frame, "value": silent, "unit": "h", "silent_hours": silent, "online": state.online}
        place = Place(device.place, name_zh=device.name_zh, name_en=device.name_en)
        yield Standing(Line(device.place, "", device.mn[-12:]), place, "", row)


def records(kinds: tuple[str, ...], at: datetime) -> Iterator[Standing]:
    """Open records with a deadline. columns: days_left, working_days_left (below 0: passed), kind, step."""
    found = RegisterRecord.objects.filter(closed_at=None, due__lt=at + FOREGLANCE)
    for each in (found if "deadline" in kinds else found.filter(kind__in=kinds)).iterator():
        left = (each.due - at) / timedelta(days=1)
        row = {
            "at": each.entered_at, "value": left, "unit": "d", "days_left": left, "kind": each.kind,
            "working_days_left": working_days_between(at.date(), each.due.date()) if left >= 0 else 0,
            "step": each.step, "due": each.due,
        }  # fmt: skip
        place = Place(each.number[:64], each.division, each.title[:120], each.title[:120])
        yield Standing(Line(each.number[:64], each.kind[:64]), place, each.domain, row, each.simulated)


def balances(at: datetime) -> Iterator[Standing]:
    """Accounts of the registers' balances below zero. columns: amount, kind, balance."""
    for each in Account.objects.filter(amount__startswith="-"):
        amount = Decimal(each.amount)
        row = {"at": at, "value": amount, "amount": amount, "kind": each.kind, "balance": each.balance}
        place = Place(each.account[:64], PROVINCE, each.account[:120], each.account[:120])
        yield Standing(Line(each.account[:64], f"{each.kind}.{each.balance}"[:64]), place, "", row, each.simulated)


def standing(rule: Rule, found: Iterator[Standing], at: datetime) -> Iterator[tuple[Standing, Stretch]]:
    """Those for which a rule holds, as stretches since they stand so."""
    for each in found:
        if judge(rule, each.row) is Judged.ON:
            yield each, stretch(rule, [each.row], at, None)


def suspicions(dataset: Path, rule: Rule) -> tuple[Lines, dict[Line, list[Stretch]]]:
    """The stretches of the codes a rule names, from the last run of the quality tests, with the row that tells them."""
    rows: Lines = defaultdict(list)
    found: dict[Line, list[Stretch]] = defaultdict(list)
    for each in sorted(kept.findings(dataset), key=lambda row: row["begin"]):
        if each["code"] not in rule.when.items:
            continue
        line = Line(each["point"], each["property"] or "", each["averaging"])
        hours = (each["end"] - each["begin"]) / HOUR
        row: dict[str, Any] = {**each, "at": each["begin"], "hours": hours, "value": each["statistic"]}
        row["limit"] = each["threshold"]
        rows[line].append(row)
        found[line].append(stretch(rule, [row], each["end"], None))
    return rows, {line: _apart(several) for line, several in found.items()}


def _apart(several: list[Stretch]) -> list[Stretch]:
    """Of stretches that begin together the longest."""
    by_begin: dict[datetime, Stretch] = {}
    for each in several:
        known = by_begin.get(each.begin)
        if known is None or each.end > known.end:
            by_begin[each.begin] = each
    return list(by_begin.values())


def days(dataset: Path, rule: Rule, first: datetime, last: datetime) -> Lines:
    """A row a day of the ledger by point and property, of a rule's averaging; days with nothing due left out."""
    found: Lines = defaultdict(list)
    for row in ledgers.kept(dataset, first.date(), last.date()):
        if row["averaging"] == rule.when.averaging and row["expected"]:
            at = datetime.combine(row["day"], datetime.min.time())
            told = {**row, "at": at, "value": row.get(rule.value_column)}
            found[Line(row["point"], row["property"] or "", row["averaging"])].append(told)
    return dict(found)
