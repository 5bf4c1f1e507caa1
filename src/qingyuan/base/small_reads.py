"""One DuckDB a process for small reads: opening one takes longer than most of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb


@contextmanager
def small_read() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, for this thread only, to the process's engine; runs on the caller's thread."""
    connection = _engine(os.getpid()).cursor()
    try:
        yield connection
    finally:
        connection.close()


@cache
def _engine(_process: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
