"""Pollution sources 污染源: valid hours and days of outlets, corrected concentrations, amounts, exceedances."""

from qingyuan.assessments.declaration import Domain
from qingyuan.domains.sources.assessments import ASSESSMENTS
from qingyuan.domains.sources.items import ITEMS

DOMAIN = Domain(
    "sources",
    title_zh="污染源",
    title_en="Pollution sources",
    properties=(*ITEMS, "furnace_temperature"),
    assessments=ASSESSMENTS,
)

__all__ = ["DOMAIN"]
