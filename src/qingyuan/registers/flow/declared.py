"""What a kind declares: fields, steps, who signs, what is required and sealed, deadlines, effects, balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from qingyuan.registers.flow.expressions import Expression

CLOSED, VOID = "closed", "void"
"""Where a record stands that has gone through its steps, or was cancelled."""

LEVELS = ("province", "city", "county", "township", "grid", "facility", "any")
WHOSE = ("", "own", "above")
"""Of whom a signer is: see `Signer`."""
TYPES = (
    "text",
    "number",
    "money",
    "date",
    "choice",
    "yes_no",
    "reference",
    "point",
    "polygon",
    "file",
    "table",
)
REFERENCES = ("division", "person", "organisation", "facility", "monitor", "water_body", "register")
"""What a reference may point at; a register is written ``register.outfall``."""


class Words(NamedTuple):
    """A wording in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """In Chinese (``zh...``), else in English."""
        return self.zh if language.startswith("zh") else self.en


NO_WORDS = Words("", "")


class Signer(NamedTuple):
    """Who may act: a duty at a level. ``facility.owner``: an enterprise's account of the record's own site.

    of: ``own``: only of the very place the record is of, or of the organisation its field ``organisation`` names;
    ``above``: only of what stands right above that; empty: of any place the record lies in.
    """

    level: str
    duty: str
    of: str = ""

    def __str__(self) -> str:
        return ".".join(filter(None, self))


@dataclass(frozen=True)
class Field:
    """One field. unit: of numbers; codes: of a choice; to: target of a reference; columns: of a table.

    known_from: where its value is taken from instead of asking (`registers.known`); personal: sealed from
    those without the right to read personal data; hint: how to mend a wrong value.
    """

    name: str
    title: Words
    type: str
    unit: str = ""
    codes: Mapping[str, Words] = field(default_factory=dict)
    to: str = ""
    columns: tuple[Field, ...] = ()
    files: bool = False
    personal: bool = False
    longest: int = 0
    decimals: int | None = None
    at_least: Expression | None = None
    at_most: Expression | None = None
    known_from: str = ""
    hint: Words = NO_WORDS


@dataclass(frozen=True)
class Deadline:
    """Days from entering a step. by: the field that holds the date instead."""

    amount: int = 0
    unit: Literal["hours", "days", "working_days"] = "days"
    by: str = ""


@dataclass(frozen=True)
class Branch:
    """A way on from a step: to a step or `CLOSED`, where `when` holds (None: always)."""

    to: str
    when: Expression | None = None


@dataclass(frozen=True)
class Need:
    """Something only the world can answer before a step is signed: ``measured_within_limits(days=15)``."""

    name: str
    arguments: Mapping[str, str | Decimal]
    text: str


@dataclass(frozen=True)
class Effect:
    """What a signature brings about. does: ``set`` (field, value), ``open_case`` (what) or ``notify`` (what)."""

    does: Literal["set", "open_case", "notify"]
    what: str
    value: Expression | None = None
    when: Expression | None = None


@dataclass(frozen=True)
class Step:
    """One step. signs, fills: alternatives of signers; asks: fields of its form; next: the ways on."""

    name: str
    title: Words
    signs: tuple[Signer, ...]
    fills: tuple[Signer, ...] = ()
    asks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    seals: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    checks: tuple[Check, ...] = ()
    deadline: Deadline | None = None
    next: tuple[Branch, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Check:
    """A condition that has to hold when a step is signed, with what to tell when it does not."""

    holds: Expression
    told: Words


@dataclass(frozen=True)
class Balance:
    """A sum over records of a kind that keeps to bounds: stock never negative, activity within the licence.

    amount: what a counted record adds; per: fields whose values name the account; counts: steps (or `CLOSED`) at
    which a record counts; at_least, at_most: bounds of each account's sum, which may read the record that changes it.
    """

    name: str
    title: Words
    amount: Expression
    per: tuple[str, ...]
    counts: tuple[str, ...]
    unit: str = ""
    at_least: Expression | None = None
    at_most: Expression | None = None


@dataclass(frozen=True)
class Symbol:
    """How a record stands on the one map. colour_by: ``step`` or a choice field."""

    shape: str
    colour_by: str = "step"


@dataclass(frozen=True)
class Kind:
    """One kind of record. filters, columns: fields of its list; number: pattern of its numbering; name: its slug.

    opens, voids, reopens: who may; hands: who may hand it over at any step, beside its signers;
    public: fields (and ``step``, ``number``) anyone may read; about: field that
    titles a record; place: its point field; lookups: tables of thresholds for `grade`.
    """

    name: str
    domain: str
    title: Words
    number: str
    about: str
    fields: Mapping[str, Field]
    steps: Mapping[str, Step]
    opens: tuple[Signer, ...] = ()
    voids: tuple[Signer, ...] = ()
    reopens: tuple[Signer, ...] = ()
    hands: tuple[Signer, ...] = ()
    place: str = ""
    columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    symbol: Symbol | None = None
    balances: tuple[Balance, ...] = ()
    lookups: Mapping[str, Mapping[str, tuple[Decimal, ...]]] = field(default_factory=dict)
    basis: tuple[str, ...] = ()
    confidence: str = "memory"

    @property
    def first(self) -> Step:
        """The step every record begins with."""
        return next(iter(self.steps.values()))

    @property
    def last(self) -> Step:
        """The last declared step."""
        return list(self.steps.values())[-1]

    def title_of(self, step: str) -> Words:
        """Title of a step, or of the ends; the bare name where an older declaration had a step this one has not."""
        return self.steps[step].title if step in self.steps else ENDS.get(step, Words(step, step))

    def asked_first_at(self, field_name: str) -> str:
        """The step whose form shows a field; empty when none does."""
        return next((step.name for step in self.steps.values() if field_name in step.asks), "")


ENDS = {CLOSED: Words("办结", "Closed"), VOID: Words("作废", "Void"), "": Words("未开", "Not opened")}
