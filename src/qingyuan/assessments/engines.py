"""The engines that run assessment expressions: DuckDB on one machine, Spark when it is outgrown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import ibis
import pyarrow as pa

from qingyuan.base.errors import WrongUsage

Engine = Literal["duckdb", "spark"]


@contextmanager
def connect(
    engine: Engine = "duckdb", *, threads: int | None = None, memory: str = "1GB", spill: Path | None = None
) -> Iterator[Any]:
    """An Ibis backend, closed at the end.

    threads: cores to use, all when None. memory: what DuckDB may hold before it spills to the folder `spill`.
    """
    backend = _duckdb(threads, memory, spill) if engine == "duckdb" else _spark(threads, spill)
    try:
        yield backend
    finally:
        backend.disconnect()


def _duckdb(threads: int | None, memory: str, spill: Path | None) -> Any:
    settings: dict[str, Any] = {"memory_limit": memory, "preserve_insertion_order": False}
    if threads:
        settings["threads"] = threads
    if spill:
        settings["temp_directory"] = str(spill)
    return ibis.duckdb.connect(**settings)


def _spark(threads: int | None, spill: Path | None) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise WrongUsage("Spark is not installed", "Install it with: pip install 'qingyuan[spark]'") from missing
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    folder = str(spill or Path.cwd())
    session = (
        SparkSession.builder.master(f"local[{threads or '*'}]")
        .appName("qingyuan")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "Etc/GMT-8")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", folder)
        .config("spark.log.level", "OFF")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder} -Duser.timezone=GMT+8")
        .getOrCreate()
    )
    return ibis.pyspark.connect(session)


def shared(rows: ibis.Table, name: str) -> ibis.Table:
    """Rows that several parts of a result use, so that they are computed once.

    DuckDB does so for whatever has a name in a query; Spark would compute them anew each time and is told to keep them.
    """
    backend = ibis.get_backend(rows)
    if backend.name != "pyspark":
        return rows.alias(name)
    backend._run_pre_execute_hooks(rows)
    frame = backend._session.sql(backend.compile(rows)).localCheckpoint()
    kept = f"{name}_{abs(hash(rows))}"
    frame.createOrReplaceTempView(kept)
    return backend.table(kept)


def small_table(rows: list[dict[str, Any]], schema: pa.Schema) -> ibis.Table:
    """Rows made in Python as a table of any engine.

    Whole numbers travel as text, none as empty: on their way through pandas Spark loses those that stand beside nulls.
    """
    whole = [field.name for field in schema if pa.types.is_integer(field.type)]
    told = pa.schema([pa.field(f.name, pa.string()) if f.name in whole else f for f in schema])
    words = [{k: ("" if v is None else str(v)) if k in whole else v for k, v in row.items()} for row in rows]
    table = ibis.memtable(pa.Table.from_pylist(words, told))
    return table.mutate(**{name: table[name].nullif("").cast("int64") for name in whole}) if whole else table


def read_parquet(backend: Any, files: list[Path]) -> ibis.Table:
    """The rows of Parquet files of one schema as an Ibis table of this backend."""
    paths = [str(file) for file in files]
    if backend.name == "duckdb":
        return backend.read_parquet(paths)
    frame = backend._session.read.parquet(*paths)
    name = f"observations_{abs(hash(tuple(paths)))}"
    frame.createOrReplaceTempView(name)
    return backend.table(name)
