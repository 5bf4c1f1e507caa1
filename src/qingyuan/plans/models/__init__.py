"""What is kept of plans in the database."""

from __future__ import annotations

from qingyuan.plans.models.book import Item, Plan, Responsible, Version
from qingyuan.plans.models.shares import Decomposition, Share

__all__ = ["Decomposition", "Item", "Plan", "Responsible", "Share", "Version"]
