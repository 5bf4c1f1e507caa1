"""What registers say of indicators: the figures of accepted records, added up over each place they lie in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import in_year
from qingyuan.places.divisions import division
from qingyuan.plans.division import exact
from qingyuan.plans.facts import Source, Words
from qingyuan.plans.models import Plan
from qingyuan.plans.told import Came, Key, Piece, Told
from qingyuan.registers.flow.declared import CLOSED
from qingyuan.registers.models import RegisterRecord


def values(plan: Plan, wanted: Iterable[tuple[int, Source]], simulated: bool, by: datetime) -> dict[Key, Told]:
    """By place and indicator the sum over the records that were closed by a moment; no record, no value."""
    sources = [(no, source) for no, source in wanted if source.by == "register"]
    kinds = {source.name for _no, source in sources}
    rows = list(_records(plan, kinds, simulated, by)) if kinds else []
    found: dict[Key, list[RegisterRecord]] = {}
    for no, source in sources:
        for row in rows:
            if row.kind == source.name and _serves(row, no) and _figure(row, source) is not None:
                for place in _places(row.division):
                    found.setdefault((place, no), []).append(row)
    fields = dict(sources)
    return {key: _told(each, fields[key[1]], by.date()) for key, each in found.items()}


def _records(plan: Plan, kinds: Iterable[str], simulated: bool, by: datetime) -> Iterable[RegisterRecord]:
    found = RegisterRecord.objects.filter(kind__in=kinds, step=CLOSED, closed_at__lte=by, values__plan=plan.code)
    return (found if simulated else found.filter(simulated=False)).order_by("number")


def _serves(row: RegisterRecord, no: int) -> bool:
    return str(row.values.get("indicator", "")).split(".")[0] == str(no)


def _figure(row: RegisterRecord, source: Source) -> Decimal | None:
    given = row.values.get(source.measure)
    return None if given in (None, "") else Decimal(str(given))


def _places(code: str) -> list[str]:
    """The county, city and province a record lies in, as `division.exact` has them."""
    at: str | None = code[:6]
    found = []
    try:
        while at:
            found.append(exact(at))
            at = division(at).parent
    except QingyuanError:  # a division that is not known any more counts where it is said to lie
        pass
    return found


def _told(rows: list[RegisterRecord], source: Source, on: date) -> Told:
    def total(until: date) -> Fraction | None:
        figures = [_figure(row, source) for row in rows if row.closed_at is not None and row.closed_at.date() <= until]
        known = [Fraction(each) for each in figures if each is not None]
        return sum(known, Fraction(0)) if known else None

    last = max(row.closed_at.date() for row in rows if row.closed_at is not None)
    words = Words(f"台账已验收的 {len(rows)} 项", f"{len(rows)} accepted records of the register")
    pieces = tuple(
        Piece(
            f"{row.number} {row.title}",
            f"{_figure(row, source)}",
            row.closed_at and row.closed_at.date(),
            (row.kind, str(row.pk)),
        )
        for row in rows
    )
    years = ((year, total(date(year, 12, 31))) for year in range(on.year - 5, on.year))
    return Told(
        total(on) or Fraction(0), Came("register", words, source.name, last, pieces), total(in_year(on, on.year - 1)),
        tuple((year, each) for year, each in years if each is not None),
    )  # fmt: skip
