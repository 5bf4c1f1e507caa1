"""The columns a file may have, under the names of both languages."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping

from qingyuan.base.errors import WrongUsage

ALIASES: dict[str, list[str]] = {
    "point": [
        "point",
        "station_code",
        "code",
        "site_id",
        "site_code",
        "site",
        "station",
        "point_id",
        "站点编码",
        "站点编号",
        "站点代码",
        "监测点编码",
        "监测点编号",
        "监测点代码",
        "点位编码",
        "点位编号",
        "点位代码",
        "站号",
        "站点",
        "监测站点",
        "监测点",
        "监测点位",
        "点位",
        "点位名称",
        "站点名称",
        "监测点名称",
        "station_name",
    ],
    "property": [
        "property",
        "parameter",
        "pollutant",
        "item",
        "factor",
        "observed_property",
        "监测项目",
        "污染物",
        "监测因子",
        "项目",
        "因子",
        "指标",
        "参数",
        "污染物名称",
        "监测项目名称",
    ],
    "averaging": ["averaging", "averaging_period", "平均时间", "均值类型", "平均", "平均方式", "数据类型"],
    "phenomenon_time": [
        "phenomenon_time",
        "time",
        "datetime",
        "date_time",
        "timestamp",
        "监测时间",
        "数据时间",
        "观测时间",
        "采样时间",
        "时间",
        "date",
        "day",
        "监测日期",
        "日期",
    ],
    "hour": ["hour", "小时", "时", "时段"],
    "value": ["value", "concentration", "浓度", "监测值", "浓度值", "监测浓度", "数值", "测值", "值", "result"],
    "unit": ["unit", "units", "单位", "浓度单位", "计量单位"],
    "flag": ["flag", "标记", "数据标记", "数据标识", "标识", "qc_flag"],
    "city": ["city", "城市", "城市名称", "所属城市", "地市", "city_name"],
    "type": ["type", "类型"],
}
"""Our column -> what a header may call it, the most telling first."""

TAG = ["tag", "mark", "operating_tag", "工况标记", "工况", "标记类型", "数据标签"]
"""What the second column of marks of an outlet's file may be called: operating tags beside the flag."""


def plain(word: str) -> str:
    """A header word without case, width, blanks and punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", word).casefold() if sign.isalnum())


def assign(header: Iterable[str], mapping: Mapping[str, str] | None = None, *, outlets: bool = False) -> dict[str, int]:
    """Our column -> its place in the header, by --map first, else by alias. Raises WrongUsage for a wrong --map.

    outlets: also the column ``tag``.
    """
    names = list(header)
    chosen = {ours: _place(ours, theirs, names) for ours, theirs in (mapping or {}).items()}
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    for ours, aliases in {**ALIASES, **({"tag": TAG} if outlets else {})}.items():
        found = [places[plain(alias)] for alias in aliases if plain(alias) in places]
        if ours not in chosen and found:
            chosen[ours] = found[0]
    return chosen


def _place(ours: str, theirs: str, header: list[str]) -> int:
    if ours not in ALIASES:
        raise WrongUsage(f"--map {ours}={theirs}: there is no column {ours!r} of ours", f"Use {', '.join(ALIASES)}")
    for place, name in enumerate(header):
        if theirs in (name, name.strip()):
            return place
    near = difflib.get_close_matches(theirs, header, 3) or header[:12]
    raise WrongUsage(f"--map {ours}={theirs}: the file has no column {theirs!r}", f"It has {', '.join(near)}")
