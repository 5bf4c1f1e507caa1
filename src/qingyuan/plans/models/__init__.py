"""What is kept of plans in the database."""

from __future__ import annotations

from qingyuan.plans.models.book import Item, Plan, Responsible, Version
from qingyuan.plans.models.reported import Every, Remark, Reported

__all__ = ["Every", "Item", "Plan", "Remark", "Reported", "Responsible", "Version"]
