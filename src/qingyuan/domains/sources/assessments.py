"""The declared assessments of pollution sources: name, law, inputs, method, what each row carries."""

from __future__ import annotations

from qingyuan.assessments.declaration import Assessment
from qingyuan.domains.sources.furnaces import furnace
from qingyuan.domains.sources.items import AVERAGINGS, ITEMS
from qingyuan.domains.sources.judged import daily, exceedance, hourly
from qingyuan.domains.sources.months import monthly
from qingyuan.domains.sources.tags import tags

LIMIT_COLUMNS = (
    "limit", "lowest", "over", "over_limit", "reason", "programme_limit", "beyond_programme",
)  # fmt: skip
CITED = ("completeness", "clause", "edition", "confidence", "library_version")
ORDER = ("point", "property", "phenomenon_time")
LAW = ("HJ 75", "HJ 356", "HJ 355", "GB 13223", "GB 13271", "GB 18485", "GB 18484", "GB 4915", "GB 18918", "GB 8978")

HOURLY = Assessment(
    "sources.hourly",
    title_zh="污染源小时均值",
    title_en="Hourly means of outlets, corrected and judged",
    law=LAW,
    inputs=ITEMS,
    averagings=AVERAGINGS,
    per="hour",
    gives=(
        "point", "property", "phenomenon_time", "value", "unit", "valid", "measured", "correction", "oxygen",
        "reference_oxygen", "flow", "amount_kg", "tag", "mark", *LIMIT_COLUMNS, *CITED,
    ),
    compute=hourly,
    partition="month",
    sorted_by=ORDER,
    subject="outlet",
)  # fmt: skip
DAILY = Assessment(
    "sources.daily",
    title_zh="污染源日均值和排放量",
    title_en="Daily means and amounts of outlets",
    law=LAW,
    inputs=ITEMS,
    averagings=AVERAGINGS,
    per="day",
    gives=(
        "point", "property", "phenomenon_time", "value", "unit", "valid", "measured", "flow_m3", "amount_kg",
        "substituted_kg", "substituted_hours", "tagged_hours", "due", *LIMIT_COLUMNS, *CITED,
    ),
    compute=daily,
    partition="year",
    sorted_by=ORDER,
    subject="outlet",
)  # fmt: skip
EXCEEDANCE = Assessment(
    "sources.exceedance",
    title_zh="污染源超标判定",
    title_en="Whether outlets exceed their limits, by the mean the law judges",
    law=LAW,
    inputs=ITEMS,
    averagings=AVERAGINGS,
    per="interval",
    gives=(
        "point", "property", "averaging", "phenomenon_time", "value", "unit", "valid", "tag", *LIMIT_COLUMNS, *CITED,
    ),
    compute=exceedance,
    partition="month",
    sorted_by=(*ORDER, "averaging"),
    subject="outlet",
)  # fmt: skip

MONTHLY = Assessment(
    "sources.monthly",
    title_zh="污染源月均值和累计排放量",
    title_en="Monthly means of outlets, amounts of month and year against the permit",
    law=("HJ 75", "HJ 356"),
    inputs=ITEMS,
    averagings=AVERAGINGS,
    per="month",
    gives=(
        "point", "property", "phenomenon_time", "value", "unit", "valid", "due", "amount_kg", "substituted_kg",
        "year_kg", "permitted_kg", "permitted_share", "over", *CITED,
    ),
    compute=monthly,
    sorted_by=ORDER,
    subject="outlet",
)  # fmt: skip
TAGS = Assessment(
    "sources.tags",
    title_zh="标记与超标的关联",
    title_en="How operating tags of outlets coincide with exceedances",
    law=("生态环境部公告 2022年第21号",),
    inputs=ITEMS,
    averagings=AVERAGINGS,
    per="series",
    gives=(
        "point", "property", "hours", "tagged_hours", "over_hours", "over_tagged_hours", "share", "expected", "lift",
        "suspect", "library_version",
    ),
    compute=tags,
    sorted_by=("point", "property"),
    subject="outlet",
)  # fmt: skip

FURNACE = Assessment(
    "sources.furnace",
    title_zh="焚烧炉炉温",
    title_en="Furnace temperature of waste incinerators",
    law=("GB 18485",),
    inputs=("furnace_temperature",),
    averagings=("5min",),
    per="day",
    gives=("point", "phenomenon_time", "low_means", "limit", "over", "lowest_c", "tagged_means", *CITED),
    compute=furnace,
    subject="outlet",
)

ASSESSMENTS = (HOURLY, DAILY, EXCEEDANCE, MONTHLY, TAGS, FURNACE)
