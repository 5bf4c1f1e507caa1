"""Intake of foreign files: what is read, what is rejected and why, and that nothing is lost on the way."""

from datetime import datetime

import pytest
from intake_accounts import account, rejects, rows

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.observations.intake import read_files

HEAD = "point,property,averaging,phenomenon_time,value,unit"


def good_line(value="35", time="2025-01-01T00:00:00+08:00", point="A", item="pm25", unit="ug/m3", averaging="1h"):
    return f"{point},{item},{averaging},{time},{value},{unit}"


@pytest.fixture
def read(tmp_path):
    """Reads lines (or bytes) as a file and checks that every row is accounted for."""

    def read_them(*contents, head=HEAD, name="in.csv", **options):
        files = []
        for number, content in enumerate(contents):
            file = tmp_path / f"{number}-{name}"
            text = content if isinstance(content, bytes) else "\n".join([head, *content, ""]).encode()
            file.write_bytes(text)
            files.append(file)
        return account(read_files(files, workdir=tmp_path / "work", **options))

    return read_them


def test_canonical_line(read):
    (row,) = rows(read([good_line("35.1", item="PM2.5", unit="μg/m³")]))
    assert (row["point"], row["property"], row["averaging"], row["value"]) == ("A", "pm25", "1h", 35.1)
    assert (row["phenomenon_time"], row["unit"], row["line"]) == (datetime(2025, 1, 1), "ug/m3", 2)
    assert row["flag"] is None
    assert row["city"] is None


def test_extra_columns_flag_and_city(read):
    intake = read(
        ["x,A,PM2.5,1h,2025-01-01T00:00:00+08:00,3,ug/m3,calibration,长春"], head="remark," + HEAD + ",flag,city"
    )
    (row,) = rows(intake)
    assert (row["flag"], row["city"]) == ("calibration", "长春")


def test_headers_in_chinese_and_semicolons(read):
    intake = read(["1119A;细颗粒物;2025/1/1 5:00;35;微克/立方米"], head="站点编码;监测项目;监测时间;浓度;单位")
    (row,) = rows(intake)
    assert (row["point"], row["property"], row["phenomenon_time"].hour) == ("1119A", "pm25", 5)


def test_mapping_names_columns(read):
    intake = read(["A,PM2.5,2025-01-01 05:00,3,ug/m3"], head="who,what,when,much,unit", averaging="1h", mapping={
        "point": "who", "property": "what", "phenomenon_time": "when", "value": "much"})  # fmt: skip
    assert rows(intake)[0]["point"] == "A"


def test_wrong_mapping_is_told(read):
    with pytest.raises(WrongUsage, match="no column 'nobody'"):
        read([good_line()], mapping={"point": "nobody"})
    with pytest.raises(WrongUsage, match="of ours"):
        read([good_line()], mapping={"spot": "point"})


CONVERTED = [
    ("0.0123", "pm25", "mg/m3", "2025-01-01", 12.3),
    ("35", "pm25", "ug/m3", "2025-01-01", 35),
    ("2200", "co", "ug/m3", "2025-01-01", 2.2),
    ("0.1", "so2", "mg/m3", "2025-01-01", 100),
    ("100", "no2", "ppb", "2025-01-01", 46.006 / 24.465403697038126 * 100),
    ("100", "no2", "ppb", "2017-01-01", 46.006 / 22.413969545014137 * 100),
]


@pytest.mark.parametrize(("value", "item", "unit", "day", "expected"), CONVERTED)
def test_units_are_obeyed_exactly(read, value, item, unit, day, expected):
    (row,) = rows(read([good_line(value, f"{day}T00:00:00+08:00", item=item, unit=unit)]))
    assert row["value"] == pytest.approx(expected, rel=1e-14)
    if "ppb" not in unit:
        assert row["value"] == expected


TIMES = [
    "2025-01-01T05:00:00+08:00", "2024-12-31T21:00:00Z", "2025-01-01 05:00", "2025/1/1 5:00", "2025010105",
    "20250101 5", "2025年1月1日5时", "2025-01-01T06:00:00+0900", "2025-01-01T05:00:00.000",
]  # fmt: skip


@pytest.mark.parametrize("time", TIMES)
def test_times_in_any_usual_form(read, time):
    assert rows(read([good_line(time=time)]))[0]["phenomenon_time"] == datetime(2025, 1, 1, 5)


def test_times_without_zone_are_counted(read):
    intake = read([good_line(time="2025-01-01 05:00"), good_line(time="2025-01-01T06:00:00+08:00")])
    assert any("1 times without zone read as +08:00" in note for note in intake.notes)


BAD = {
    "a column too many": (good_line() + ",x", "7 columns instead of 6: too many"),
    "a line cut off": ("A,pm25,1h", "3 columns instead of 6: too few"),
    "no point": (good_line(point=""), "no point"),
    "no property": (good_line(item=""), "no property"),
    "unknown property": (good_line(item="unobtainium"), "property 'unobtainium' is unknown"),
    "unknown averaging": (good_line(averaging="fortnight"), "averaging 'fortnight' is unknown"),
    "two averagings": (good_line(item="PM2.5_24h"), "says 24h"),
    "unknown unit": (good_line(unit="bushel"), "unit 'bushel' is unknown"),
    "impossible unit": (good_line(unit="ppb"), "unit 'ppb' is impossible for pm25"),
    "no unit": (good_line(unit=""), "no unit"),
    "negative": (good_line("-3"), "value -3.0 ug/m3 is negative"),
    "impossible": (good_line("99999"), "value 99999.0 ug/m3 is impossible: above"),
    "impossible after conversion": (good_line("99", unit="mg/m3"), "impossible: above"),
    "not a number": (good_line("NaN"), "not finite"),
    "infinite": (good_line("inf"), "not finite"),
    "text": (good_line("--"), "value '--' is no number"),
    "decimal comma": (good_line('"3,5"'), "value '3,5' is no number"),
    "hour 24": (good_line(time="2025-01-01T24:00:00+08:00"), "has hour 24: write 00:00 of the next day"),
    "30 February": (good_line(time="2025-02-30T00:00:00+08:00"), "is no time"),
    "hour 25": (good_line(time="2025-01-01 25:00"), "is no time"),
    "no time": (good_line(time=""), "no time"),
    "half past": (good_line(time="2025-01-01T05:30:00+08:00"), "05:30:00 is not on the full hour"),
    "a day at noon": (good_line(time="2025-01-01T12:00:00+08:00", averaging="24h"), "12:00:00 is not 00:00"),
    "open quotation mark": ('"A,pm25,1h,2025-01-01T00:00:00+08:00,3,ug/m3', "quotation mark is not closed"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD)
def test_bad_line_is_told_and_nothing_else_lost(read, line, reason):
    intake = read([good_line(point="B"), line, good_line(point="C")])
    (told,) = rejects(intake)
    assert reason in told["reason"]
    assert (told["line"], told["row"]) == (3, line)
    assert [row["point"] for row in rows(intake)] == ["B", "C"]
    assert [row["line"] for row in rows(intake)] == [2, 4]


def test_blank_value_is_not_observed(read):
    intake = read([good_line(""), good_line(" ", point="B"), good_line(point="C")])
    assert (intake.rows_blank, intake.rows_good, intake.rows_rejected) == (2, 1, 0)
    assert any("2 rows without a value" in note for note in intake.notes)


def test_last_line_cut_in_the_unit(read):
    text = "\n".join([HEAD, good_line(), good_line(point="B")])[:-2]
    (told,) = rejects(read(text.encode()))
    assert "unit 'ug/'" in told["reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(read, encoding):
    text = "\n".join(["站点,污染物,平均时间,时间,浓度,单位", good_line(point="食品厂"), good_line(point="客车厂")])
    intake = read(text.encode(encoding))
    assert {row["point"] for row in rows(intake)} == {"食品厂", "客车厂"}


@pytest.mark.parametrize(("encoding", "broken"), [("utf-8", b"\xb3\xa4\xff"), ("gbk", b"\xff\xff")])
def test_broken_bytes_cost_their_line_only(read, encoding, broken):
    lines = [good_line(point=f"站{number}").encode(encoding) for number in range(5)]
    lines[2] = lines[2].replace(b"pm25", broken)
    intake = read(b"\n".join([HEAD.encode(), *lines]))
    (told,) = rejects(intake)
    assert told["line"] == 4
    assert "decoded" in told["reason"]
    assert "\\xff" in told["row"]
    assert [row["point"] for row in rows(intake)] == ["站0", "站1", "站3", "站4"]


def test_quoted_line_breaks_keep_the_count_of_lines(read):
    body = [f'"two\nlines",{good_line()}', f"plain,{good_line(point='B')}", "", f"x,{good_line('-1', point='C')}"]
    intake = read(body, head="remark," + HEAD)
    assert [(row["point"], row["line"]) for row in rows(intake)] == [("A", 2), ("B", 4)]
    assert rejects(intake)[0]["line"] == 6


def test_windows_line_ends_and_blank_lines(read):
    text = "\r\n".join(["", HEAD, "", good_line(), "", good_line(point="B"), ""])
    assert [row["line"] for row in rows(read(text.encode()))] == [4, 6]


def test_lines_are_right_over_many_blocks(read, monkeypatch):
    monkeypatch.setattr("qingyuan.observations.intake.text.BLOCK", 1000)
    lines = [good_line(point=f"站{number}") for number in range(200)]
    lines[150] = '"站\n150",pm25,1h,2025-01-01T00:00:00+08:00,3,ug/m3'
    lines[170] += ",x"
    intake = read("\n".join([HEAD, *lines]).encode("gbk"))
    found = {row["point"]: row["line"] for row in rows(intake)}
    assert len(found) == 199
    assert (found["站149"], found["站\n150"], found["站151"], found["站199"]) == (151, 152, 154, 202)
    assert [told["line"] for told in rejects(intake)] == [173]


def test_same_row_twice_counts_once(read):
    intake = read([good_line(), good_line(), good_line("35.0")])
    assert (intake.rows_good, intake.rows_repeated, rows(intake)[0]["line"]) == (1, 2, 2)


def test_key_with_two_values_is_not_used(read):
    intake = read([good_line("35"), good_line("36"), good_line("35", point="B")])
    assert [row["point"] for row in rows(intake)] == ["B"]
    first, second = rejects(intake)
    assert "different values" in first["reason"]
    assert "line 3 (36.0)" in first["reason"]
    assert "line 2 (35.0)" in second["reason"]
    assert first["row"] == good_line("35")


def test_keys_are_compared_across_files_and_units(read):
    intake = read(
        [good_line("35"), good_line("4", point="B")], [good_line("0.036", unit="mg/m3"), good_line("4", point="B")]
    )
    assert (intake.rows_good, intake.rows_repeated, intake.rows_rejected) == (1, 1, 2)
    assert {told["line"] for told in rejects(intake)} == {2}


def test_duplicates_of_odd_intervals(read):
    minute = [good_line(time=f"2025-01-01T00:{number:02d}:00+08:00", averaging="1min") for number in range(30)]
    intake = read([*minute, minute[7]])
    assert (intake.rows_good, intake.rows_repeated) == (30, 1)


def test_needed_passes_over_the_rest(read):
    intake = read([good_line(), good_line("3", item="TEMP", unit="degC")], needed={"pm25"})
    assert (intake.rows_good, intake.rows_passed_over) == (1, 1)
    assert any("temperature: not needed" in note for note in intake.notes)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2025-01-01 00:00", "2025-01-02 00:00"], "24h"),
        (["2025-01-01 00:00", "2025-01-01 01:00"], "1h"),
        (["2025-01-01"], "1h"),
    ],
)
def test_averaging_is_found_out_and_noted(read, times, expected):
    head = "point,property,time,value,unit"
    intake = read([f"A,PM2.5,{time},3,ug/m3" for time in times], head=head)
    assert {row["averaging"] for row in rows(intake)} == {expected}
    assert any(f"taken as {expected}" in note for note in intake.notes)


NATIONAL = [
    "20250101,0,AQI,50,60", "20250101,0,PM2.5,35,", "20250101,0,PM2.5_24h,40,41", "20250101,0,CO,0.5,-1",
    "20250101,24,SO2,5,6", "20250101,1,O3_8h_24h,80,81", "20250101,1,O3,80,x",
]  # fmt: skip


def test_national_wide_file(read):
    intake = read(NATIONAL, head="date,hour,type,1119A,1120A", needed={"pm25", "co", "so2", "o3"})
    found = [(row["point"], row["property"], row["value"], row["phenomenon_time"].hour) for row in rows(intake)]
    assert found == [("1119A", "co", 0.5, 0), ("1119A", "o3", 80, 1), ("1119A", "pm25", 35, 0)]
    told = {(each["line"], each["row"]) for each in rejects(intake)}
    assert told == {
        (5, "20250101,0,CO,1120A=-1"), (6, "20250101,24,SO2,1119A=5"), (6, "20250101,24,SO2,1120A=6"), (8, "20250101,1,O3,1120A=x")
    }  # fmt: skip
    assert (intake.rows_blank, intake.rows_passed_over) == (1, 6)
    assert any("running mean" in note for note in intake.notes)


def test_national_wide_file_of_cities(read):
    (row,) = rows(read(["20250101,5,PM2.5,35"], head="date,hour,type,长春"))
    assert (row["point"], row["city"]) == ("长春", "长春")


def test_wide_by_property(read):
    head = "站点,时间,PM2.5(μg/m³),CO(mg/m3),O3,AQI"
    intake = read(["A,2025-01-01 05:00,35,0.5,80,50", "B,2025-01-01 05:00,,0.6,81,51"], head=head)
    assert (intake.rows_good, intake.rows_blank) == (7, 1)
    assert {row["unit"] for row in rows(intake)} == {"ug/m3", "mg/m3", "1"}
    assert any("no unit in the header of O3, AQI" in note for note in intake.notes)


def test_wide_unit_in_the_header_is_obeyed(read):
    (row,) = rows(read(["A,2025-01-01 05:00,0.035"], head="point,time,PM2.5(mg/m3)"))
    assert row["value"] == 35


UNREADABLE = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "no table": (b"hello world\nthis is prose\n", "is no table"),
    "binary": (bytes(range(256)) * 4, "no text and no Parquet"),
    "workbook": (b"PK\x03\x04 and more", "workbook"),
    "truncated Parquet": (b"PAR1 and nothing else", "no whole Parquet file"),
    "columns missing": (b"a,b,c\n1,2,3\n", "no column for point, property, phenomenon_time, value, unit"),
    "no unit column": (b"point,property,time,value\nA,so2,2025-01-01,3\n", "no column for unit"),
    "column twice": (b"date,hour,type,1119A,1119A\n20250101,0,CO,1,1\n", "stand twice"),
}


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_file(read, content, reason):
    with pytest.raises(UnreadableInput, match=reason) as told:
        read(content)
    assert told.value.todo


def test_missing_file_and_folder(tmp_path):
    for place in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(UnreadableInput):
            read_files([place], workdir=tmp_path / "work")


def test_header_only_gives_no_rows(read):
    intake = read([])
    assert (intake.rows_read, intake.good and rows(intake)) == (0, [])
