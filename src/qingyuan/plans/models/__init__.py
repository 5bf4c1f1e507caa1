"""What is kept of plans in the database."""

from __future__ import annotations

from qingyuan.plans.models.book import Item, Plan, Responsible, Version

__all__ = ["Item", "Plan", "Responsible", "Version"]
