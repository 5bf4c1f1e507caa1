"""What an operation of the API declares, and the answers for what may not be asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Manager, Model, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Schema

from qingyuan.interfaces import access

Operation = Callable[..., Any]
Row = TypeVar("Row", bound=Model)


class Refusal(Schema):
    """Why a request was not answered."""

    detail: str


class Listed(Schema):
    """How many rows there are in all; the rows of a page stand beside it."""

    count: int


LARGEST = 2**62
"""Numbers beyond are in no column."""


def one_of(found: QuerySet[Row] | Manager[Row], number: int) -> Row:
    """The row of a number, of those one may reach; every other is answered like one that does not exist."""
    row: Row = get_object_or_404(found, pk=min(max(number, 0), LARGEST))
    return row


def file_of(media: str) -> dict[str, Any]:
    """What the description says of an operation that answers with a file. media: its type, ``*/*`` for several."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"responses": {200: {"description": "The file", "content": {media: schema}}}}


def needs(action: str, domain: str = "") -> Callable[[Operation], Operation]:
    """As `access.needs`, for an operation. Raises UnknownAction."""

    def declare(operation: Operation) -> Operation:
        answer = access.needs(action, domain)(operation)
        # the wrapper's own module does not know the names in the annotations
        setattr(answer, "__signature__", inspect.signature(operation, eval_str=True))  # noqa: B010
        return answer

    return declare


signed_in, public = access.signed_in, access.public
