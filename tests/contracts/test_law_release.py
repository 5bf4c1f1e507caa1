"""Old law is never edited: what a release said of a day must be said by every later one.

``law_release.json`` holds every value in force of the last release by its key (standard, edition, kind,
item, averaging, name, first day). New keys may be added; a value, its unit or its key may not change or
vanish. Clause, confidence and `checked` may become better. A value that was entered wrongly is put right by
naming its key with the reason under ``corrections``; ``python tests/contracts/test_law_release.py`` adds the
new keys.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from qingyuan.standards import law
from qingyuan.standards.catalogue import LIBRARY
from qingyuan.standards.listing import allowed, plain, said
from qingyuan.standards.reading import read_standard
from qingyuan.standards.records import IN_FORCE, Standard

RELEASE = Path(__file__).parent / "law_release.json"


def flat(standards: list[Standard]) -> dict[str, str]:
    """Every value in force, as ``key -> value unit``."""
    return dict(pair for each in standards for pair in _values(each))


def _values(each: Standard) -> Iterator[tuple[str, str]]:
    for edition in each.editions:
        yield f"{each.code} | {edition.name} | edition", str(edition.effective)
    for limit in each.limits:
        place = f"limit | {limit.item} | {limit.averaging} | grade {limit.grade}"
        yield _key(limit, place), f"{plain(limit.value)} {limit.unit}"
    for row in each.emissions:
        place = f"limit | {row.item} | {row.averaging} | {row.name}"
        yield _key(row, place), f"{allowed(row)} {row.unit}"
    for row in each.breakpoints:
        place = f"breakpoints | {row.item} | {row.averaging}"
        pairs = [f"{index}:{plain(value)}" for index, value in zip(row.index, row.values, strict=True)]
        yield _key(row, place), f"{' '.join(pairs)} above:{row.above} step:{row.step} {row.unit}"
    for level in each.levels:
        place = f"level | {level.level}"
        yield _key(level, place), f"{level.low}-{level.high} {level.key} {level.name_zh} {level.rgb}"
    for rule in each.rules:
        if rule.status == IN_FORCE:
            place = f"rule | {rule.name}"
            yield _key(rule, place), f"{said(rule.value)} {rule.unit}".strip()


def _key(row: law.Limit | law.EmissionLimit | law.Breakpoints | law.Level | law.Rule, place: str) -> str:
    return f"{row.standard} | {row.edition} | {place} | {row.effective}"


def edited(released: dict[str, str], now: dict[str, str], corrections: dict[str, str]) -> list[str]:
    """What of a release is said otherwise now, one readable sentence each."""
    told = []
    for key, value in released.items():
        if key not in corrections and now.get(key) != value:
            told.append(f"{key}: was {value!r}, is now {now.get(key, 'gone')!r}")
    return told


def _release() -> dict[str, dict[str, str]]:
    return json.loads(RELEASE.read_text("utf-8"))  # type: ignore[no-any-return]


def test_no_released_value_was_edited() -> None:
    release = _release()
    found = edited(release["values"], flat(law.standards()), release["corrections"])
    hint = "Old law is never edited: add a dated value, or name the key under corrections with a reason."
    assert not found, "\n".join([hint, *found])


def test_every_value_is_in_the_release() -> None:
    missing = sorted(set(flat(law.standards())) - set(_release()["values"]))
    assert not missing, f"Run python {Path(__file__).name} to add the new values: {missing}"


def test_every_correction_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in _release()["corrections"].values())


def test_an_edited_file_would_be_found(tmp_path: Path) -> None:
    text = (LIBRARY / "gb_3095.yaml").read_text("utf-8")
    planted = text.replace("grade1: 35, grade2: 75,", "grade1: 35, grade2: 74,")
    assert planted != text
    path = tmp_path / "gb_3095.yaml"
    path.write_text(planted, "utf-8")
    found = edited(flat([law.standard("GB 3095")]), flat([read_standard(path)]), {})
    key = "GB 3095 | 2012 | limit | pm25 | 24h | grade 2 | 2016-01-01"
    assert found == [f"{key}: was '75 ug/m3', is now '74 ug/m3'"]


def test_a_removed_value_would_be_found_and_an_added_one_not() -> None:
    now = flat(law.standards())
    gone = next(key for key in now if " | rule | " in key)
    less = {key: value for key, value in now.items() if key != gone}
    assert edited(now, less, {}) == [f"{gone}: was {now[gone]!r}, is now 'gone'"]
    assert edited(now, less, {gone: "entered for the wrong standard"}) == []
    assert edited(less, now, {}) == []


def test_a_later_day_of_an_old_value_would_be_found() -> None:
    now = flat(law.standards())
    moved = {key.replace("| 2016-01-01", "| 2016-01-02"): value for key, value in now.items()}
    assert len(edited(now, moved, {})) > 50


def _add_new_values() -> None:
    release = _release() if RELEASE.exists() else {"values": {}, "corrections": {}}
    release["values"] = {**flat(law.standards()), **release["values"]}
    for key in release["corrections"]:
        release["values"][key] = flat(law.standards()).get(key, release["values"].get(key, ""))
    RELEASE.write_text(json.dumps(release, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    _add_new_values()
