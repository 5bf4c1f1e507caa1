"""The places a page can speak of: the province and its prefectures, named in the language of the request."""

from __future__ import annotations

from django.utils.translation import get_language

from qingyuan.places.divisions import Division, children, division

PROVINCE = "220000"
CITIES = [each.code for each in children(PROVINCE)]
_KNOWN: dict[str, Division] = {code: division(code) for code in (PROVINCE, *CITIES)}
_PEOPLES = "朝鲜族自治"
"""Left out of 延边朝鲜族自治州 where people say 延边州."""


def known(code: str) -> bool:
    """Whether a division code is the province or one of its prefectures."""
    return code in _KNOWN


def name(code: str, short: bool = False) -> str:
    """Name of a division in the language of the request; the code itself when it is not known."""
    place = _KNOWN.get(code)
    if place is None:
        return code
    if (get_language() or "").startswith("en"):
        return place.name_en
    full = place.name_zh.replace(_PEOPLES, "")
    return full[:-1] if short else full
