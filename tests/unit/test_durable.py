"""What is on disk: whole files, contents kept once, secrets made by whoever comes first."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from qingyuan.base.durable import content_path, keep_content, kept_secret, write_whole


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for content in ("eins\n", b"\x00zwei"):
        write_whole(tmp_path / "deep" / "a", content)
    assert [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()] == [b"\x00zwei"]


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    names = {keep_content(tmp_path, content) for content in (b"a", b"b", b"a")}
    assert {content_path(tmp_path, name).read_bytes() for name in names} == {b"a", b"b"}
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 2


def test_of_many_who_make_a_secret_all_read_the_same(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "one"
    with ProcessPoolExecutor(8) as pool:
        told = set(pool.map(kept_secret, [file] * 64))
    assert told == {file.read_text()}
    assert len(file.read_text()) == 64
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in file.parent.iterdir()] == ["one"]
