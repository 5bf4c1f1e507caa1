"""Radiation 辐射: radioactive sources from licence to recall."""

from qingyuan.assessments.declaration import Domain

DOMAIN = Domain("radiation", title_zh="辐射", title_en="Radiation", properties=())

__all__ = ["DOMAIN"]
