"""What findings are called in the language of the request."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import get_language

from qingyuan.domains import declared
from qingyuan.interfaces import found
from qingyuan.places import divisions
from qingyuan.rules.catalogue import Catalogue, catalogue
from qingyuan.rules.explaining import CHANGES, SEVERITIES, STATES
from qingyuan.rules.models import Finding
from qingyuan.standards import properties

KINDS = {"urgent": "bad", "high": "bad", "normal": "tight", "low": "none"}
STATE_KINDS = {"open": "bad", "relapsed": "bad", "suppressed": "off", "ended": "good", "retracted": "none"}


def english() -> bool:
    """Whether the request is read in English."""
    return (get_language() or "").startswith("en")


def rules() -> Catalogue:
    """The rules of all domains."""
    return catalogue(declared("rules.yaml"))


def rule(code: str) -> str:
    """Title of a rule; its code when it is not declared any more."""
    found = rules().rules.get(code)
    return code if found is None else found.title.en if english() else found.title.zh


def severity(word: str) -> tuple[str, str]:
    """State and word of a severity."""
    return KINDS[word], SEVERITIES[word][english()]


def state(word: str) -> tuple[str, str]:
    """State and word of where a finding stands."""
    return STATE_KINDS[word], STATES[word][english()]


def change(word: str) -> str:
    """What happened to a finding."""
    return CHANGES[word][english()]


def name(finding: Finding) -> str:
    """Name of the point; its code when it has none."""
    return (finding.name_en if english() else finding.name_zh) or finding.name_zh or finding.point


def item(slug: str) -> str:
    """Name of a property; the slug when the library does not know it."""
    found: Any = properties.find(slug) if slug else None
    return slug if found is None else found.name_en if english() else found.name_zh


def place(code: str) -> str:
    """Name of a division; the code of one that is not in the list, a township's say."""
    try:
        found = divisions.division(code)
    except divisions.UnknownDivision:
        return code
    return found.name_en if english() else found.name_zh


def spoken(text: str) -> Q:
    """Findings whose point, name, item or rule holds the words."""
    codes = [code for code in rules().rules if text in rule(code)]
    return Q(rule__in=codes) | found.named(text)
