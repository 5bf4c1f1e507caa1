"""Organisations and people as an Excel workbook: written, filled in, shown row by row before anything is saved."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.people import managing
from qingyuan.people.managing import Manager, Refused
from qingyuan.people.models import Organisation, Person

ORGANISATIONS = ("name_zh", "name_en", "kind", "level", "division", "parent", "sites", "active", "duties")
PEOPLE = ("account", "name", "organisation", "mobile", "mail", "active", "duties")
SHEETS = {"organisations": ORGANISATIONS, "people": PEOPLE}
MOST = 2000
"""Rows of one workbook."""


@dataclass(frozen=True)
class Row:
    """One filled row. number: in its sheet; fault: why it cannot be taken; new: made by it; password: given once."""

    sheet: str
    number: int
    given: dict[str, str]
    new: bool = False
    fault: Refused | None = None
    password: str = ""


def write(organisations: Iterable[Organisation], people: Iterable[Person]) -> bytes:
    """A workbook of what there is; what comes back unchanged changes nothing."""
    book = Workbook()
    book.remove(book.worksheets[0])
    rows = {"organisations": map(_organisation, organisations), "people": map(_person, people)}
    for name, columns in SHEETS.items():
        page = book.create_sheet(name)
        page.append(list(columns))
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "B2"
        for line in rows[name]:
            page.append([_safe(text) for text in line])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _organisation(each: Organisation) -> Sequence[str]:
    duties = " ".join(f"{duty.code}:{duty.division}:{duty.domain}" for duty in each.duties.all())
    above = each.parent.name_zh if each.parent else ""
    active = "yes" if each.active else "no"
    return [each.name_zh, each.name_en, each.kind, each.level, each.division, above, each.sites, active, duties]


def _person(each: Person) -> Sequence[str]:
    held = [post.duty for post in each.posts.all() if post.until is None]
    duties = " ".join(f"{duty.code}:{duty.division}:{duty.domain}" for duty in held)
    active = "yes" if each.user.is_active else "no"
    return [each.user.get_username(), each.name, each.organisation.name_zh, each.mobile, each.mail, active, duties]


def preview(content: bytes, by: Manager) -> list[Row]:
    """What saving would do, row by row; nothing is kept. UnreadableInput for what is no such workbook."""
    with transaction.atomic():
        rows = _taken(content, by, passwords=False)
        transaction.set_rollback(True)
    return rows


def save(content: bytes, by: Manager) -> list[Row]:
    """Save all rows, or none while any is faulty; new accounts have their password in their row."""
    with transaction.atomic():
        rows = _taken(content, by, passwords=True)
        if any(each.fault for each in rows):
            transaction.set_rollback(True)
    return rows


def _taken(content: bytes, by: Manager, *, passwords: bool) -> list[Row]:
    return [_take(row, by, passwords) for row in _read(content)]


def _take(row: Row, by: Manager, passwords: bool) -> Row:
    try:
        with transaction.atomic():
            new, password = (_put_organisation if row.sheet == "organisations" else _put_person)(
                row.given, by, passwords
            )
            return Row(row.sheet, row.number, row.given, new, None, password)
    except Refused as why:
        return Row(row.sheet, row.number, row.given, fault=why)


def _put_organisation(given: dict[str, str], by: Manager, _passwords: bool) -> tuple[bool, str]:
    known = managing.organisations(by.rights).filter(name_zh=given["name_zh"], division=given["division"]).first()
    parent = _organisation_named("parent", given["parent"]) if given["parent"] else None
    values: dict[str, Any] = {name: given[name] for name in managing.FIELDS if name != "active"}
    made = managing.save_organisation(by, values | {"active": _yes(given["active"])}, parent, known)
    for code, place, domain in _scopes(given["duties"]):
        if not made.duties.filter(code=code, division=place, domain=domain).exists():
            managing.give_duty(by, made, code, place, domain)
    return known is None, ""


def _put_person(given: dict[str, str], by: Manager, passwords: bool) -> tuple[bool, str]:
    office = _organisation_named("organisation", given["organisation"])
    known = managing.people(by.rights).filter(user__username=given["account"]).first()
    values = {name: given[name] for name in ("account", *managing.PERSON_FIELDS)}
    person = managing.save_person(by, values | {"active": _yes(given["active"])}, office, known)
    for code, place, domain in _scopes(given["duties"]):
        duty = office.duties.filter(code=code, division=place, domain=domain).first()
        if duty is None:
            raise Refused(
                "duties", f"{office} has no duty {code}:{place}:{domain}", "Give the organisation the duty first"
            )
        if not person.posts.filter(duty=duty, until=None).exists():
            managing.give_post(by, person, duty)
    return known is None, managing.new_password(by, person) if passwords and known is None else ""


def _organisation_named(field: str, name: str) -> Organisation:
    found = Organisation.objects.filter(name_zh=name)[:2]
    if len(found) != 1:
        what = "There is no" if not found else "There is more than one"
        raise Refused(field, f"{what} organisation {name!r}", "Write its Chinese name as in the list")
    return found[0]


def _yes(text: str) -> bool:
    if text.lower() not in ("", "yes", "no", "是", "否"):
        raise Refused("active", f"active {text!r} is none", "Write yes or no")
    return text.lower() in ("", "yes", "是")


def _scopes(text: str) -> Iterator[tuple[str, str, str]]:
    for each in text.split():
        parts = each.split(":")
        if len(parts) != 3:
            raise Refused("duties", f"duty {each!r} cannot be read", "Write it as water:220104:water")
        yield parts[0], parts[1], parts[2]


def _read(content: bytes) -> list[Row]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as wrong:
        raise UnreadableInput("This is no workbook", "Choose an .xlsx made from the export") from wrong
    rows = [row for name in SHEETS if name in book.sheetnames for row in _rows(name, book[name])]
    if not rows or len(rows) > MOST:
        raise WrongUsage(f"The workbook has {len(rows)} rows", f"Fill in 1 to {MOST}, in sheets {', '.join(SHEETS)}")
    return rows


def _rows(sheet: str, page: Any) -> Iterator[Row]:
    lines = page.iter_rows(values_only=True)
    head = [str(cell or "") for cell in next(lines, ())]
    if not set(SHEETS[sheet]) <= set(head):
        raise UnreadableInput(f"Sheet {sheet} lacks columns", f"It needs {', '.join(SHEETS[sheet])}")
    for number, cells in enumerate(lines, 2):
        given = {name: _text(cell) for name, cell in zip(head, cells, strict=False) if name in SHEETS[sheet]}
        if any(given.values()):
            yield Row(sheet, number, {name: given.get(name, "") for name in SHEETS[sheet]})


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip().removeprefix("'")
