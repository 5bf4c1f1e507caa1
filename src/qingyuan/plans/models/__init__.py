"""What is kept of plans in the database."""

from __future__ import annotations

from qingyuan.plans.models.book import Item, Plan, Responsible, Version
from qingyuan.plans.models.evaluations import Evaluation, SheetFile, SheetStep, Standing
from qingyuan.plans.models.reported import Every, Remark, Reported
from qingyuan.plans.models.reviewed import Reviewed
from qingyuan.plans.models.shares import Decomposition, Share

__all__ = [
    "Decomposition",
    "Evaluation",
    "Every",
    "Item",
    "Plan",
    "Remark",
    "Reported",
    "Responsible",
    "Reviewed",
    "Share",
    "SheetFile",
    "SheetStep",
    "Standing",
    "Version",
]
