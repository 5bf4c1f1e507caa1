"""Environmental inspection 督察: what has to be put right, until when, by whom."""

from qingyuan.assessments.declaration import Domain

DOMAIN = Domain("inspection", title_zh="督察", title_en="Inspection", properties=())

__all__ = ["DOMAIN"]
