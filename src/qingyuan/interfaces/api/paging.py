"""Lists in pages: how many rows there are, and those of one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from ninja import Field, Schema

LARGEST = 200
Row = TypeVar("Row")


class Paging(Schema):
    """Which page: its number from 1, and how many rows it has."""

    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(50, ge=1, le=LARGEST)


class Paged(Schema, Generic[Row]):
    """One page of a list."""

    count: int
    page: int
    pages: int
    rows: list[Row]


def paged(found: QuerySet[Any], asked: Paging, row: Callable[[Any], Any] = lambda each: each) -> dict[str, Any]:
    """One page of what was found, each row as `row` makes it; beyond the last page there are no rows."""
    pages = Paginator(found, asked.size)
    start = (asked.page - 1) * asked.size
    rows = [row(each) for each in found[start : start + asked.size]] if start < pages.count else []
    return {"count": pages.count, "page": asked.page, "pages": pages.num_pages, "rows": rows}
