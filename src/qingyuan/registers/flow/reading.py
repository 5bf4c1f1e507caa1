"""Kinds from YAML: strict, every fault told with file and key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast

from qingyuan.registers.flow import declared
from qingyuan.registers.flow.declared import (
    CLOSED,
    Balance,
    Branch,
    Check,
    Deadline,
    Effect,
    Field,
    Kind,
    Need,
    Signer,
    Step,
    Symbol,
    Words,
)
from qingyuan.registers.flow.expressions import Expression, NotUnderstood, dotted, parse
from qingyuan.registers.flow.soundness import check
from qingyuan.standards.schema import Entry, read

SHAPES = ("circle", "triangle_down", "triangle_up", "square", "diamond", "flag", "cross")


def kinds(path: Path, domain: str) -> dict[str, Kind]:
    """The kinds a file declares under ``kinds``, by name. Raises FaultyLibrary naming file, key and what is wrong."""
    file = read(path)
    found = {str(name): kind(str(name), entry, domain) for name, entry in file.entries("kinds")}
    file.done()
    return found


def kind(name: str, entry: Entry, domain: str) -> Kind:
    """One kind; whoever declares further keys takes them from `entry` before. Raises FaultyLibrary."""
    fields = {str(key): _field(str(key), inner) for key, inner in entry.entries("fields")}
    steps = _steps(entry)
    first, last = next(iter(steps.values())), list(steps.values())[-1]
    shape = entry.inner("map", optional=True)
    found = Kind(
        name=_slug(name, entry),
        domain=domain,
        title=_words(entry, "title"),
        number=entry.take("number", str, "{division}-{seq:4}"),
        about=entry.take("about", str, "name" if "name" in fields else next(iter(fields), "")),
        fields=fields,
        steps=steps,
        opens=_signers(entry, "opens") or first.signs,
        voids=_signers(entry, "voids") or first.signs,
        reopens=_signers(entry, "reopens") or last.signs,
        hands=_signers(entry, "hands"),
        place=entry.take("place", str, next((each.name for each in fields.values() if each.type == "point"), "")),
        columns=entry.names("columns"),
        filters=entry.names("filters"),
        public=entry.names("public"),
        symbol=_symbol(shape) if shape.content else None,
        balances=tuple(_balance(str(key), inner) for key, inner in entry.entries("balances", optional=True)),
        lookups={str(key): _lookup(inner) for key, inner in entry.entries("lookups", optional=True)},
        basis=entry.names("basis"),
        confidence=entry.take("confidence", str, "memory"),
    )
    if found.confidence not in ("primary", "two_sources", "one_source", "memory"):
        entry.wrong("confidence", "is none of primary, two_sources, one_source, memory")
    entry.done()
    for place, what in check(found):
        entry.wrong(place, what)
    return found


def signer(text: str) -> Signer:
    """``county.water`` or ``county.water.own`` as a signer. Raises ValueError."""
    level, _dot, rest = text.partition(".")
    duty, _dot, of = rest.partition(".")
    if not duty or level not in declared.LEVELS or of not in declared.WHOSE or text.endswith("."):
        raise ValueError(f"{text!r} is no signer: write level.duty, level one of {', '.join(declared.LEVELS)}")
    return Signer(level, duty, of)


def need(text: str) -> Need:
    """``measured_within_limits(days=15)`` as a need. Raises NotUnderstood."""
    import ast

    try:
        node: ast.expr = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise NotUnderstood(f"{text!r} is no need", "Write it like measured_within_limits(days=15)") from None
    call = node if isinstance(node, ast.Call) else None
    name = dotted(call.func if call else node)
    values = [each.value for each in call.keywords] if call else []
    if not name or (call and call.args) or not all(isinstance(each, ast.Constant) for each in values):
        raise NotUnderstood(f"{text!r} is no need", "Write it like measured_within_limits(days=15)")
    arguments = (
        {str(each.arg): _argument(cast(ast.Constant, each.value).value) for each in call.keywords} if call else {}
    )
    return Need(name, arguments, text.strip())


def _argument(value: object) -> str | Decimal:
    return Decimal(str(value)) if isinstance(value, int | float) else str(value)


def _slug(name: str, entry: Entry) -> str:
    if not name.isidentifier() or not name.isascii() or name != name.lower():
        entry.wrong("", f"{name!r} is no slug: use lower-case letters, digits and _")
    return name


def _words(entry: Entry, key: str, *default: str) -> Words:
    return Words(*entry.words(key, *default))


def _expression(entry: Entry, key: str) -> Expression | None:
    text = entry.take(key, (str, int, Decimal), None)
    return None if text is None else _parsed(entry, key, text)


def _parsed(entry: Entry, key: str, text: object) -> Expression:
    try:
        return parse(str(text))
    except NotUnderstood as fault:
        entry.wrong(key, str(fault))


def _signers(entry: Entry, key: str) -> tuple[Signer, ...]:
    return tuple(_each(entry, key, signer, entry.names(key)))


def _each(entry: Entry, key: str, make: Callable[[str], Any], texts: Iterable[str]) -> list[Any]:
    try:
        return [make(text) for text in texts]
    except (ValueError, NotUnderstood) as fault:
        entry.wrong(key, str(fault))


def _field(name: str, entry: Entry) -> Field:
    kind_of = entry.take("type", str)
    base, _, target = kind_of.partition(":")
    if base not in declared.TYPES:
        entry.wrong("type", f"{kind_of!r} is none of {', '.join(declared.TYPES)}")
    if base == "reference" and target.partition(".")[0] not in declared.REFERENCES:
        entry.wrong("type", f"{target!r} is none of {', '.join(declared.REFERENCES)}; write reference:facility")
    codes = {str(key): _code(inner, key) for key, inner in _codes(entry)}
    if (base == "choice") != bool(codes):
        entry.wrong("codes", "a choice, and only a choice, needs codes")
    columns = tuple(_field(str(key), inner) for key, inner in entry.entries("columns", optional=True))
    if (base == "table") != bool(columns) or any(each.type == "table" for each in columns):
        entry.wrong("columns", "a table, and only a table, needs columns, and none of them a table")
    found = Field(
        name=_slug(name, entry),
        title=_words(entry, "title"),
        type=base,
        unit=entry.take("unit", str, "元" if base == "money" else ""),
        codes=codes,
        to=target,
        columns=columns,
        files=entry.yes("files"),
        personal=entry.yes("personal"),
        longest=entry.take("longest", int, 0),
        decimals=entry.take("decimals", int, 2 if base == "money" else None) if base in ("number", "money") else None,
        at_least=_expression(entry, "at_least"),
        at_most=_expression(entry, "at_most"),
        known_from=entry.take("known_from", str, ""),
        hint=_words(entry, "hint", ""),
    )
    entry.done()
    return found


def _codes(entry: Entry) -> Iterable[tuple[str, Entry]]:
    """Codes with their words, or the words themselves as a list."""
    content = entry.take("codes", dict, {})
    return (
        (str(key), Entry({"title": words}, entry.file, f"{entry.place}.codes.{key}")) for key, words in content.items()
    )


def _code(entry: Entry, _key: str) -> Words:
    return _words(entry, "title")


def _steps(entry: Entry) -> dict[str, Step]:
    listed = [(str(key), inner) for key, inner in entry.entries("steps")]
    if not listed:
        entry.wrong("steps", "a kind needs at least one step")
    after = {name: following for (name, _), (following, _) in zip(listed, listed[1:], strict=False)}
    return {name: _step(name, inner, after.get(name, CLOSED)) for name, inner in listed}


def _step(name: str, entry: Entry, following: str) -> Step:
    requires, seals = entry.names("requires"), entry.names("seals")
    signs = _signers(entry, "signs")
    if not signs:
        entry.wrong("signs", "somebody has to sign a step")
    found = Step(
        name=_slug(name, entry),
        title=_words(entry, "title"),
        signs=signs,
        fills=_signers(entry, "fills"),
        asks=tuple(dict.fromkeys((*requires, *entry.names("asks")))),
        requires=requires,
        seals=seals,
        needs=tuple(_each(entry, "needs", need, entry.names("needs"))),
        checks=tuple(_check(entry, each) for each in entry.take("checks", list, [])),
        deadline=_deadline(entry),
        next=_branches(entry, following),
        effects=tuple(_effect(entry, each) for each in entry.take("effects", list, [])),
    )
    entry.done()
    return found


def _check(entry: Entry, content: object) -> Check:
    inner = Entry(content, entry.file, f"{entry.place}.checks")
    holds = _expression(inner, "holds")
    if holds is None:
        inner.wrong("holds", "missing")
    found = Check(holds, _words(inner, "told"))
    inner.done()
    return found


def _deadline(entry: Entry) -> Deadline | None:
    given = [unit for unit in ("hours", "days", "working_days", "by") if unit in entry.content]
    if len(given) > 1:
        entry.wrong(given[1], "a step has one deadline")
    if not given:
        return None
    if given == ["by"]:
        return Deadline(by=entry.take("by", str))
    amount = entry.take(given[0], int)
    if amount < 1:
        entry.wrong(given[0], "a deadline is at least 1")
    return Deadline(amount, cast(Literal["hours", "days", "working_days"], given[0]))


def _branches(entry: Entry, following: str) -> tuple[Branch, ...]:
    """``next: step``, ``next: [a, b]`` or ``next: {a: condition, b: otherwise}``; missing: the step below."""
    content = entry.take("next", (str, list, dict), following)
    if isinstance(content, str):
        content = [content]
    if isinstance(content, list):
        return tuple(Branch(str(each)) for each in content)
    when: Mapping[Any, Any] = content
    branches = [(str(to), str(text)) for to, text in when.items()]
    if any(text == "otherwise" for _, text in branches[:-1]):
        entry.wrong("next", "otherwise stands last")
    others = " or ".join(f"({text})" for _, text in branches if text != "otherwise")
    if branches and branches[-1][1] == "otherwise" and not others:
        entry.wrong("next", "otherwise needs a condition before it")
    return tuple(Branch(to, _condition(entry, text, others)) for to, text in branches)


def _condition(entry: Entry, text: str, others: str) -> Expression:
    """The condition of a branch; ``otherwise``: none of the others holds."""
    if text != "otherwise":
        return _parsed(entry, "next", text)
    return Expression(text, _parsed(entry, "next", f"not ({others})").tree)


def _effect(entry: Entry, content: object) -> Effect:
    """``{set: field, value: expression}``, ``{open_case: kind}`` or ``{notify: level.duty}``, each with ``when``."""
    inner = Entry(content, entry.file, f"{entry.place}.effects")
    does = [each for each in ("set", "open_case", "notify") if each in inner.content]
    if len(does) != 1:
        inner.wrong("", "an effect is one of set, open_case, notify")
    what = inner.take(does[0], str)
    if does[0] == "notify":
        _each(inner, "notify", signer, [what])
    value = _expression(inner, "value")
    if (does[0] == "set") != (value is not None):
        inner.wrong("value", "set, and only set, needs a value")
    found = Effect(cast(Literal["set", "open_case", "notify"], does[0]), what, value, _expression(inner, "when"))
    inner.done()
    return found


def _balance(name: str, entry: Entry) -> Balance:
    amount = _expression(entry, "amount")
    if amount is None:
        entry.wrong("amount", "missing")
    found = Balance(
        name,
        _words(entry, "title"),
        amount,
        entry.names("per"),
        entry.names("counts"),
        entry.take("unit", str, ""),
        _expression(entry, "at_least"),
        _expression(entry, "at_most"),
    )
    entry.done()
    return found


def _lookup(entry: Entry) -> dict[str, tuple[Decimal, ...]]:
    return {str(key): tuple(Decimal(str(each)) for each in entry.take(key, list)) for key in list(entry.content)}


def _symbol(entry: Entry) -> Symbol:
    shape = entry.take("shape", str)
    if shape not in SHAPES:
        entry.wrong("shape", f"{shape!r} is none of {', '.join(SHAPES)}")
    found = Symbol(shape, entry.take("colour_by", str, "step"))
    entry.done()
    return found
