"""Intake of foreign files: many layouts and spellings in, one judged long form out, with every reject told."""

from __future__ import annotations

from qingyuan.observations.intake.reading import Intake, read_files, rows_as_they_were
from qingyuan.observations.intake.spool import GOOD, REJECT

__all__ = ["GOOD", "REJECT", "Intake", "read_files", "rows_as_they_were"]
