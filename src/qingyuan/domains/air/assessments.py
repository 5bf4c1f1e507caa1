"""The declared assessments of ambient air: name, law, inputs, method, what each row carries."""

from __future__ import annotations

from qingyuan.assessments.declaration import Assessment
from qingyuan.domains.air.evaluation import evaluation, ranking
from qingyuan.domains.air.indices import daily_aqi, hourly_aqi
from qingyuan.domains.air.judged import daily, mda8
from qingyuan.domains.air.law import ITEMS

DAILY_INPUT = ("1h", "24h", "mda8")

INDEX_COLUMNS = (
    "point", "phenomenon_time", "aqi", "level", "primary",
    "iaqi_so2", "iaqi_no2", "iaqi_pm10", "iaqi_co", "iaqi_o3", "iaqi_pm25", "valid", "edition",
    "clause", "completeness", *ITEMS, "library_version",
)  # fmt: skip
DAY_COLUMNS = (
    "point", "property", "phenomenon_time", "value", "valid",
    "unit", "rounded", "limit", "class", "completeness", "edition", "clause", "library_version",
)  # fmt: skip

HOURLY_AQI = Assessment(
    "air.hourly_aqi",
    title_zh="小时空气质量指数",
    title_en="Hourly air quality index",
    law=("HJ 633",),
    inputs=ITEMS,
    averagings=("1h",),
    per="hour",
    gives=INDEX_COLUMNS,
    compute=hourly_aqi,
    partition="month",
)
MDA8 = Assessment(
    "air.mda8",
    title_zh="臭氧日最大 8 小时平均",
    title_en="Daily maximum 8-hour mean of ozone",
    law=("GB 3095", "HJ 663"),
    inputs=("o3",),
    averagings=DAILY_INPUT,
    per="day",
    gives=DAY_COLUMNS,
    compute=mda8,
)
DAILY = Assessment(
    "air.daily",
    title_zh="24 小时平均浓度",
    title_en="24-hour means",
    law=("GB 3095",),
    inputs=ITEMS,
    averagings=DAILY_INPUT,
    per="day",
    gives=DAY_COLUMNS,
    compute=daily,
    sorted_by=("point", "property", "phenomenon_time"),
)
DAILY_AQI = Assessment(
    "air.daily_aqi",
    title_zh="日空气质量指数",
    title_en="Daily air quality index",
    law=("HJ 633", "GB 3095", "HJ 663"),
    inputs=ITEMS,
    averagings=DAILY_INPUT,
    per="day",
    gives=INDEX_COLUMNS,
    compute=daily_aqi,
    stored=(*[f"{item}_mean" for item in ITEMS], *[f"{item}_hours" for item in ITEMS], "stations"),
    partition="year",
)
EVALUATION = Assessment(
    "air.evaluation",
    title_zh="时段评价",
    title_en="Evaluation of a period",
    law=("GB 3095", "HJ 663"),
    inputs=ITEMS,
    averagings=DAILY_INPUT,
    per="period",
    gives=(
        "point",
        "property",
        "statistic",
        "value",
        "valid",
        "limit",
        "attains",
        "exceed_multiple",
        "days_valid",
        "days_good",
        "days_heavy",
        "days_aqi",
        "rounded",
        "edition",
        "clause",
        "library_version",
    ),
    compute=evaluation,
    sorted_by=("point", "property", "statistic"),
)
RANKING = Assessment(
    "air.ranking",
    title_zh="城市空气质量排名",
    title_en="Ranking of cities",
    law=("城市空气质量排名技术规定", "HJ 663"),
    inputs=ITEMS,
    averagings=DAILY_INPUT,
    per="period",
    gives=("point", "index", "rank", "main", *[f"index_{item}" for item in ITEMS], "valid", "edition", "rule"),
    compute=ranking,
    sorted_by=("rank", "point"),
)

ASSESSMENTS = (HOURLY_AQI, MDA8, DAILY, DAILY_AQI, EVALUATION, RANKING)
