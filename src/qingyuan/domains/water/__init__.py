"""Surface water 水: so far its ledgers."""

from qingyuan.assessments.declaration import Domain

DOMAIN = Domain("water", title_zh="水", title_en="Water", properties=())

__all__ = ["DOMAIN"]
