"""Emergencies 应急: what lies in which store."""

from qingyuan.assessments.declaration import Domain

DOMAIN = Domain("emergency", title_zh="应急", title_en="Emergency", properties=())

__all__ = ["DOMAIN"]
