"""Ambient air 大气: hourly and daily indices, evaluation of periods, ranking of cities."""

from qingyuan.assessments.declaration import Domain
from qingyuan.domains.air.assessments import ASSESSMENTS
from qingyuan.domains.air.law import ITEMS
from qingyuan.domains.air.stored import evaluate_days, evaluate_periods

DOMAIN = Domain("air", title_zh="大气", title_en="Ambient air", properties=ITEMS, assessments=ASSESSMENTS)

__all__ = ["DOMAIN", "evaluate_days", "evaluate_periods"]
