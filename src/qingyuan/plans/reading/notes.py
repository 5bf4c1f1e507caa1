"""Responsibility notes: （省生态环境厅牵头，省水利厅等配合）, 【责任单位：…】, 牵头部门：…"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qingyuan.plans.reading.lines import LABEL
from qingyuan.plans.reading.mapped import Mapped, join
from qingyuan.plans.reading.vocabulary import any_of, vocabulary

PAIRS = {"（": "）", "【": "】", "［": "］", "〔": "〕"}
_SEPARATORS = re.compile(r"[、，,；;。/|]+|(?<=[一-龥）]) (?=[一-龥])")
_CONJUNCTIONS = re.compile(r"以及|及其|[和与及]")
_LEADING = re.compile(
    r"^((以上|上述|以下)(各?项)?(重点)?(任务|工作|措施|内容|事项)?(均|都)?(由|需)|由|请|及|以及|和|与|其中|各由|并|各单位)(?=[一-龥])"
)
_REMARK = re.compile(r"[，。；]?(?:以下(?:各|均|都|需|任务|工作|措施|内容|不再)|下同$)")
"""What a first note says of all later ones: 以下均需各县人民政府落实，不再列出."""
_DUE = re.compile(r"(?:时限|时间|期限|年限|节点)(?:要求)?：(?P<due>[^；。）】］〕]+)")
_MARKED = re.compile(r"[（(〔［\[](总?牵头|主办|主责|牵头单位|牵头部门)[）)〕］\]]$")
_GLOSS = re.compile("[省市县区乡镇]级")
"""A bracket that says of which level something is: （市级部门）."""
_BY_WHOM = re.compile(
    r"(?:[本该此]|上述|以上)(?:各?项)?(?:重点)?(?:任务|工作|措施|行动|内容)由(?P<who>[^。]*(?:牵头|负责|落实|实施)[^。]*)。?"
)
_DUE_LAST = re.compile(
    r"[，；](?P<due>20\d\d年[^，；。）】］〕]*?|(?:长期|持续|常年|常态)[^，；。）】］〕]*)(?:完成)?[。）】］〕]*$"
)
"""A time that ends a note without saying that it is one: …；2029年底前完成."""
_NO_NOTE = re.compile(r"^(以下简称|简称|不含|含|包括|见|如|即|例如|下同|试行|修订)")


@dataclass(frozen=True)
class Names:
    """Departments as printed, with the part they play: lead, main, shared, joint or with."""

    role: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A responsibility note within a paragraph, at characters start..end of it."""

    start: int
    end: int
    groups: tuple[Names, ...]

    @property
    def departments(self) -> tuple[str, ...]:
        """All of them once, in the order of print."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group.names))

    def lead(self, first_leads: bool = False) -> str | tuple[str, ...] | None:
        """Who stands before 牵头; a sole department; the responsible beside mere supporters; else nobody."""
        leads = self._of("lead") or self._beside_support()
        if not leads and (len(self.departments) == 1 or first_leads):
            leads = self.departments[:1]
        return (leads[0] if len(leads) == 1 else leads) or None

    def _of(self, *roles: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for group in self.groups if group.role in roles for name in group.names))

    def _beside_support(self) -> tuple[str, ...]:
        return self._of("main") if self._of("joint") else ()


@dataclass(frozen=True)
class _Grammar:
    labels: re.Pattern[str]
    framed: re.Pattern[str]
    roles: re.Pattern[str]
    role_of: dict[str, str]
    ending: re.Pattern[str]
    sure: re.Pattern[str]
    listed: re.Pattern[str]
    others: re.Pattern[str]
    foreign: re.Pattern[str]
    half: re.Pattern[str]
    first_leads: re.Pattern[str]


@lru_cache(maxsize=1)
def _grammar() -> _Grammar:
    bodies, duties = vocabulary()["departments"], vocabulary()["duties"]
    labels = {word: role for role, words in duties["labels"].items() for word in words}
    roles = {word: role for role, words in duties["roles"].items() for word in words}
    return _Grammar(
        labels=re.compile(rf"({any_of(labels)})(?:及分工)?(?:：|:|为(?=[一-龥]{{2,}}))"),
        framed=re.compile(rf"[【［〔]({any_of(labels)})[】］〕]"),
        roles=re.compile(rf"(?:予以|分别|共同|具体|积极)*({any_of(roles)})"),
        role_of={**roles, **labels},
        ending=re.compile(rf"(?:{any_of(bodies['endings'])})(?:[（〔［][^）〕］]*[）〕］])?$"),
        sure=re.compile(rf"(?:{any_of(bodies['sure'])})(?:[（〔［][^）〕］]*[）〕］])?$"),
        listed=re.compile(rf"(?:{any_of(bodies['sure'] + bodies['listed'])})(?:[（〔［][^）〕］]*[）〕］])?$"),
        others=re.compile(duties["others"]),
        foreign=re.compile(any_of(bodies["foreign"])),
        half=re.compile(bodies["halves"]),
        first_leads=re.compile(duties["first_leads"]),
    )


def first_named_leads(text: str) -> bool:
    """The plan says once, for all notes, that the body named first leads."""
    return bool(_grammar().first_leads.search(text))


def notes(text: Mapped, raw: str) -> list[Note]:
    """All notes of a paragraph, in order; neighbours that make one note (牵头…）（配合…) are one."""
    text = Mapped(_grammar().framed.sub(r" \1：", text.text), text.at)
    found = [note for note in _bracketed(text, raw) if note]
    open_from = found[-1].end if found else 0
    tail = _labelled_tail(text, raw, open_from)
    return _merged(text, [*found, *tail])


def goes_on(first: Note, second: Note) -> bool:
    """The second note only adds those who support the lead or the responsible of the first."""
    roles = {group.role for group in first.groups}
    added = {group.role for group in second.groups}
    return bool(roles & {"lead", "main"}) and added <= {"joint", "main"} and not added & roles


def _merged(text: Mapped, found: list[Note]) -> list[Note]:
    merged: list[Note] = []
    for note in found:
        between = text.text[merged[-1].end : note.start].strip("。；， ") if merged else "x"
        if not between and goes_on(merged[-1], note):
            merged[-1] = Note(merged[-1].start, note.end, merged[-1].groups + note.groups)
        else:
            merged.append(note)
    return merged


def _bracketed(text: Mapped, raw: str) -> Iterator[Note | None]:
    for start, end in brackets(text.text):
        inner = text[start + 1 : end - 1]
        if _NO_NOTE.match(inner.text):
            continue
        groups = parse(inner, raw, closing=_closes(text.text, end))
        yield Note(start, end, groups) if groups else None


def _closes(text: str, end: int) -> bool:
    """The bracket ends a sentence or the paragraph."""
    return (
        end == len(text)
        or text[end] in "。；（【［"
        or text[end - 2 : end - 1] == "。"
        or not 0 <= text.find("。") < end
    )


def brackets(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of the outermost brackets; one that is never closed ends with its text when it stands last."""
    depth: list[str] = []
    start = 0
    for place, character in enumerate(text):
        if character in PAIRS:
            start = place if not depth else start
            depth.append(PAIRS[character])
        elif depth and character in PAIRS.values():
            depth = _closed(depth, character)
            if not depth:
                yield start, place + 1


def _closed(depth: list[str], character: str) -> list[str]:
    """Without the innermost bracket; a sign of another kind closes it too, unless its own is still open further out."""
    if depth[-1] == character or character not in depth:
        return depth[:-1]
    return depth[: len(depth) - 1 - depth[::-1].index(character)]


def _labelled_tail(text: Mapped, raw: str, start: int) -> list[Note]:
    """Labels outside brackets: from the first one, at the paragraph's start or after a sentence, to its end."""
    outside = _hidden(text.text)
    for found in _grammar().labels.finditer(outside, start):
        before = outside[: found.start()]
        if (not before or before[-1] in "。；） —") and _is_label(found[0]):
            groups = parse(text[found.start() :], raw)
            return [Note(len(before.rstrip(" —")), len(text), groups)] if groups else []
    return _sentence_tail(text, raw, start)


def _sentence_tail(text: Mapped, raw: str, start: int) -> list[Note]:
    """The last sentence, when it says no more than who does the task: 本任务由县水利局牵头，县住建局配合。"""
    at = max(text.text.rfind("。", 0, len(text) - 1) + 1, start)
    found = _BY_WHOM.fullmatch(text.text, at)
    groups = parse(text[found.start("who") : found.end("who")], raw) if found else ()
    bodies = all(_grammar().ending.search(name) for group in groups for name in group.names)
    return [Note(at, len(text), groups)] if groups and bodies else []


def _is_label(printed: str) -> bool:
    return printed[-1] in "：:" and bool(LABEL.match(printed))


def _hidden(text: str) -> str:
    """What stands in brackets replaced by as many dots, so that marks within do not count."""
    characters = list(text)
    for start, end in brackets(text):
        characters[start + 1 : end - 1] = "\x01" * (end - start - 2)
    return "".join(characters)


def parse(inner: Mapped, raw: str, closing: bool = True) -> tuple[Names, ...]:
    """The groups of a note's inside; empty when it is no note.

    closing: it ends a sentence, so that a bare list of departments counts.
    """
    for remark in (_grammar().first_leads, _REMARK):
        said = remark.search(inner.text)
        inner = inner[: said.start()] if said else inner
    outside = _hidden(inner.text)
    if _grammar().labels.search(outside):
        return _by_label(inner, outside, raw)
    groups = _by_role(inner, outside, raw)
    return _marked_leads(groups) if groups else _bare(inner, outside, raw) if closing else ()


def _marked_leads(groups: tuple[Names, ...]) -> tuple[Names, ...]:
    """Names with （牵头） behind them lead."""
    leads = tuple(_unmarked(name) for group in groups for name in group.names if _MARKED.search(name))
    bare = tuple(Names(group.role, tuple(_unmarked(name) for name in group.names)) for group in groups)
    return (*bare, Names("lead", leads)) if leads else bare


def role_of(label: str) -> str | None:
    """The part that a label or the head of a column stands for; None when it is none."""
    bare = re.sub(r"[（(][^）)]*[）)]", "", label)
    return _grammar().role_of.get(bare) if re.search("单位|部门|主体|主办|牵头", bare) else None


def listed_under(label: str, cell: Mapped, raw: str) -> Names | None:
    """The departments of a cell under such a head (牵头单位, 责任部门 ...); None when there are none."""
    role = role_of(label)
    names = _names(cell, _hidden(cell.text), raw) if role else ()
    return Names(role, names) if role and names else None


def _by_label(inner: Mapped, outside: str, raw: str) -> tuple[Names, ...]:
    found = list(_grammar().labels.finditer(outside))
    ends = [each.start() for each in found[1:]] + [len(inner)]
    groups = []
    for label, end in zip(found, ends, strict=True):
        role = _grammar().role_of[label[1]]
        names = _names(inner[label.end() : end], outside[label.end() : end], raw) if role != "other" else ()
        groups.append(Names(role, names))
    return _marked_leads(tuple(group for group in groups if group.names))


def _by_role(inner: Mapped, outside: str, raw: str) -> tuple[Names, ...]:
    groups, at = [], 0
    for role in _grammar().roles.finditer(outside):
        if not _ends_clause(outside, role):
            continue
        names = _names(inner[at : role.start()], outside[at : role.start()], raw)
        if names:
            groups.append(Names(_grammar().role_of[role[1]], names))
        at = role.end()
    rest = _names(inner[at:], outside[at:], raw) if groups else ()
    return (*_with(groups), *([Names("shared", rest)] if rest else []))


def _ends_clause(outside: str, role: re.Match[str]) -> bool:
    """Names end before it: 牵头 and 会同 may stand before further names, the others end their clause."""
    rest = outside[role.end() :]
    return not rest or rest[0] in "，,；;。、 （各" or _grammar().role_of[role[1]] in ("with", "lead")


def _with(groups: list[Names]) -> list[Names]:
    """甲会同乙负责: the first leads, the others join; 甲会同乙指导: both only join."""
    settled = list(groups)
    for place, group in enumerate(groups):
        if group.role == "with":
            following = groups[place + 1] if place + 1 < len(groups) else Names("main", ())
            settled[place] = Names("joint" if following.role == "joint" else "lead", group.names)
            settled[place + 1 : place + 2] = [Names("joint", following.names)] if following.names else []
    return settled


def _bare(inner: Mapped, outside: str, raw: str) -> tuple[Names, ...]:
    """A list of nothing but departments, perhaps with （牵头） behind some."""
    names = _names(inner, outside, raw)
    pieces = _listed(inner, outside, raw)
    endings = _grammar().listed if len(pieces) > 1 else _grammar().sure
    sure = names and all(endings.search(_unmarked(piece.text)) and not _GLOSS.match(piece.text) for piece in pieces)
    if not sure or len(names) < len(pieces) or (len(names) == 1 and len(names[0]) < 4):
        return ()
    return _marked_leads((Names("shared", names),))


def _unmarked(name: str) -> str:
    """Without （牵头） or （按职责分工负责） behind it."""
    found = re.search(r"[（(〔［\[]([^（(〔［\[]{2,12})[）)〕］\]]$", name)
    return name[: found.start()] if found and found[1] in _grammar().role_of else name


def due(printed: str) -> str | None:
    """Until when a note says that it is to be done: 完成时限：2027年底 → 2027年底."""
    found = _DUE.search(printed) or _DUE_LAST.search(printed)
    return found["due"].strip("，、 ") if found else None


def _names(inner: Mapped, outside: str, raw: str) -> tuple[str, ...]:
    """The departments of a list, as printed but without space."""
    return tuple(_printed(piece, raw) for piece in _listed(inner, outside, raw) if _is_name(piece.text))


def _listed(inner: Mapped, outside: str, raw: str) -> list[Mapped]:
    pieces = [piece for piece in _pieces(inner, outside) if piece]
    return [piece for piece in _joined_halves([_clean(piece) for piece in _spaced(pieces, raw)]) if piece]


def _pieces(inner: Mapped, outside: str) -> Iterator[Mapped]:
    at = 0
    for found in _SEPARATORS.finditer(outside):
        yield from _at_conjunctions(inner[at : found.start()], outside[at : found.start()])
        at = found.end()
    yield from _at_conjunctions(inner[at:], outside[at:])


def _at_conjunctions(piece: Mapped, outside: str) -> Iterator[Mapped]:
    """Parts at 和, 与, 及 where both sides are names of their own."""
    at, tail = 0, _grammar().others.search(outside)
    for found in _CONJUNCTIONS.finditer(outside, 0, tail.start() if tail else len(outside)):
        left, right = outside[at : found.start()], outside[found.end() :]
        if (not left and at == 0) or (_grammar().ending.search(left) and _grammar().ending.search(_others(right))):
            yield piece[at : found.start()]
            at = found.end()
    yield piece[at:]


def _others(text: str) -> str:
    return _grammar().others.sub("", text)


def _spaced(pieces: Sequence[Mapped], raw: str) -> Iterator[Mapped]:
    """Names that only space parts: 省生态环境厅 省水利厅."""
    for piece in pieces:
        at = 0
        for place in range(2, len(piece) - 2):
            gap = raw[piece.at[place - 1] + 1 : piece.at[place]]
            if gap and _grammar().sure.search(piece.text[at:place]) and piece.text[place] in "省市县州区各国":
                yield piece[at:place]
                at = place
        yield piece[at:]


def _clean(piece: Mapped) -> Mapped:
    piece = piece.strip(" ：:。，；、")
    while found := _LEADING.match(piece.text):
        piece = piece[found.end() :]
    found = _grammar().others.search(piece.text)
    return piece[: found.start()] if found and found.start() > 0 else piece


def _joined_halves(pieces: Sequence[Mapped]) -> Iterator[Mapped]:
    """各市（州）、县（市、区）人民政府 is one name."""
    waiting: list[Mapped] = []
    for piece in pieces:
        if _grammar().half.match(piece.text):
            waiting.append(piece)
            continue
        whole = re.search(r"(政府|管委会|部门|党委)(（[^）]*）)?$", piece.text)
        if waiting and whole and re.match(r"各?[县区市乡镇]", piece.text):
            yield _bridge([*waiting, piece])
        else:
            yield from waiting
            yield piece
        waiting = []
    yield from waiting


def _bridge(pieces: Sequence[Mapped]) -> Mapped:
    """Pieces with the 、 that stood between them."""
    parts = [pieces[0]]
    for piece in pieces[1:]:
        parts += [Mapped("、", (parts[-1].at[-1] + 1,)), piece]
    return join(parts)


def _is_name(text: str) -> bool:
    return (
        2 <= len(text) <= 40 and not _grammar().foreign.search(_unbracketed(text)) and bool(re.search("[一-龥]", text))
    )


def _unbracketed(text: str) -> str:
    return re.sub(r"[（〔［][^）〕］]*[）〕］]", "", text)


def _printed(piece: Mapped, raw: str) -> str:
    start, end = piece.span
    if piece.at == tuple(range(start, end)):
        return raw[start:end]
    return "".join(raw[place] for place in dict.fromkeys(piece.at)).strip()
