"""What an intake gave, checked to lose no row."""

import duckdb

from qingyuan.observations.intake import GOOD, REJECT


def account(intake):
    parts = (intake.rows_good, intake.rows_rejected, intake.rows_blank, intake.rows_repeated, intake.rows_passed_over)
    assert intake.rows_read == sum(parts)
    assert len(rows(intake)) == intake.rows_good
    assert len(rejects(intake)) == intake.rows_rejected
    return intake


def rows(intake):
    found = duckdb.sql(f"FROM ({intake.query}) ORDER BY ALL").to_arrow_table()
    assert found.schema.names == GOOD.names
    return found.to_pylist()


def rejects(intake):
    if intake.rejects is None:
        return []
    found = duckdb.sql(f"FROM '{intake.rejects}' ORDER BY line, file, row").to_arrow_table()
    assert found.schema.names == REJECT.names
    return found.to_pylist()
