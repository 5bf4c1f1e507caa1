"""Expressions of a declaration: a closed vocabulary, read into a tree and walked; nothing is ever executed.

``3 * permit.flow``, ``quantity if direction == 'in' else -quantity``, ``sum(lines.mass)``. Numbers are exact decimals,
dates may be subtracted (days) or moved by days; a value that is missing makes the whole unknown (None), which is
neither true nor false.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation
from functools import cached_property
from typing import Any

from qingyuan.base.errors import QingyuanError

Values = Mapping[str, Any]
Lookups = Mapping[str, Mapping[str, Sequence[Decimal]]]

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda each, group: each in group,
    ast.NotIn: lambda each, group: each not in group,
}
FUNCTIONS = ("sum", "count", "grade", "known")


class NotUnderstood(QingyuanError):
    """An expression outside the vocabulary."""


@dataclass(frozen=True)
class Expression:
    """An expression as written, and its tree."""

    text: str
    tree: ast.expr

    @cached_property
    def names(self) -> frozenset[str]:
        """The dotted names it reads: fields, columns of tables, what is known of a reference."""
        return frozenset(_names(self.tree))

    @cached_property
    def tables(self) -> frozenset[str]:
        """The lookups `grade` reads."""
        return frozenset(
            call.args[0].id
            for call in ast.walk(self.tree)
            if isinstance(call, ast.Call) and _called(call) == "grade" and isinstance(call.args[0], ast.Name)
        )

    def value(self, values: Values, lookups: Lookups | None = None) -> Any:
        """What it comes to; None when something it needs is missing. Raises NotUnderstood for values of other kinds."""
        try:
            return _walk(self.tree, values, lookups or {})
        except _Missing:
            return None
        except (TypeError, DivisionByZero, InvalidOperation, OverflowError) as problem:
            raise NotUnderstood(
                f"{self.text!r} cannot be worked out: {problem}", "Check the types of its fields"
            ) from None


class _Missing(Exception):
    """A value is not there."""


def parse(text: str) -> Expression:
    """Read an expression. Raises NotUnderstood naming what is outside the vocabulary."""
    try:
        tree = ast.parse(str(text).strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise NotUnderstood(f"{text!r} is no expression", "Write it like 3 * permit.flow") from None
    for node in ast.walk(tree):
        _allow(node, text)
    return Expression(str(text).strip(), tree)


_ALLOWED = (
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Name,
    ast.Attribute,
    ast.List,
    ast.Tuple,
    ast.Load,
    ast.And,
    ast.Or,
    *_OPERATORS,
)


def _allow(node: ast.AST, text: str) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
        return
    if isinstance(node, ast.Call) and _called(node) in FUNCTIONS and not node.keywords:
        wanted = 3 if _called(node) == "grade" else 1
        if len(node.args) == wanted and not (wanted == 3 and not isinstance(node.args[0], ast.Name)):
            return
    if isinstance(node, _ALLOWED):
        return
    told = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
    raise NotUnderstood(
        f"{told!r} in {text!r} is outside the vocabulary",
        f"Use numbers, fields, + - * /, comparisons, and, or, not, if, and {', '.join(FUNCTIONS)}",
    )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """``permit.flow`` of an attribute or name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := dotted(node.value)):
        return f"{inner}.{node.attr}"
    return ""


def _names(node: ast.expr | ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield dotted(node)
        return
    inner = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call):
        inner = iter(node.args[1:] if _called(node) == "grade" else node.args)
    for each in inner:
        yield from _names(each)


def _walk(node: ast.expr, values: Values, lookups: Lookups) -> Any:
    return _WALKS[type(node)](node, values, lookups)


def _constant(node: ast.Constant, _values: Values, _lookups: Lookups) -> Any:
    plain = isinstance(node.value, bool | str)
    return node.value if plain else Decimal(str(node.value))


def _named(node: ast.expr, values: Values, _lookups: Lookups) -> Any:
    name = dotted(node)
    found = values.get(name)
    if found is None and "." in name:
        table, _, column = name.rpartition(".")
        rows = values.get(table)
        found = [row.get(column) for row in rows] if isinstance(rows, list) else None
    if found is None or found == "":
        raise _Missing
    return found


def _listed(node: ast.List | ast.Tuple, values: Values, lookups: Lookups) -> list[Any]:
    return [_walk(each, values, lookups) for each in node.elts]


def _binary(node: ast.BinOp, values: Values, lookups: Lookups) -> Any:
    left, right = _walk(node.left, values, lookups), _walk(node.right, values, lookups)
    if isinstance(left, date):
        if isinstance(right, date):
            return Decimal((left - right).days)
        right = timedelta(days=int(right))
    return _OPERATORS[type(node.op)](left, right)


def _unary(node: ast.UnaryOp, values: Values, lookups: Lookups) -> Any:
    return _OPERATORS[type(node.op)](_walk(node.operand, values, lookups))


def _boolean(node: ast.BoolOp, values: Values, lookups: Lookups) -> bool:
    """And, or; what is already decided needs no further value."""
    decisive = isinstance(node.op, ast.Or)
    missing = False
    for each in node.values:
        try:
            if bool(_walk(each, values, lookups)) is decisive:
                return decisive
        except _Missing:
            missing = True
    if missing:
        raise _Missing
    return not decisive


def _compare(node: ast.Compare, values: Values, lookups: Lookups) -> bool:
    left = _walk(node.left, values, lookups)
    for sign, each in zip(node.ops, node.comparators, strict=True):
        right = _walk(each, values, lookups)
        if not _OPERATORS[type(sign)](left, right):
            return False
        left = right
    return True


def _choose(node: ast.IfExp, values: Values, lookups: Lookups) -> Any:
    return _walk(node.body if _walk(node.test, values, lookups) else node.orelse, values, lookups)


def _call(node: ast.Call, values: Values, lookups: Lookups) -> Any:
    name = _called(node)
    if name == "known":
        try:
            return _walk(node.args[0], values, lookups) is not None
        except _Missing:
            return False
    if name == "grade":
        return _grade(node, values, lookups)
    inner = _walk(node.args[0], values, lookups)
    if name == "count":
        return Decimal(len(inner))
    if any(each is None for each in inner):
        raise _Missing
    return sum(inner, Decimal(0))


def _grade(node: ast.Call, values: Values, lookups: Lookups) -> Decimal:
    """Place of a value in a row of falling thresholds: 1 when it reaches the first, 2 the second, ..."""
    thresholds = lookups.get(dotted(node.args[0]), {}).get(str(_walk(node.args[1], values, lookups)))
    if thresholds is None:
        raise _Missing
    value = _walk(node.args[2], values, lookups)
    return Decimal(next((place for place, low in enumerate(thresholds, 1) if value >= low), len(thresholds) + 1))


_WALKS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Constant: _constant,
    ast.Name: _named,
    ast.Attribute: _named,
    ast.List: _listed,
    ast.Tuple: _listed,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choose,
    ast.Call: _call,
}
