"""What is kept of plans in the database."""

from __future__ import annotations

from qingyuan.plans.models.book import Item, Plan, Responsible, Version
from qingyuan.plans.models.evaluations import Evaluation, SheetStep, Standing
from qingyuan.plans.models.reviewed import Reviewed

__all__ = ["Evaluation", "Item", "Plan", "Responsible", "Reviewed", "SheetStep", "Standing", "Version"]
