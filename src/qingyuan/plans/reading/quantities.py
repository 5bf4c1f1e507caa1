"""Figures of sentences: what they are about, how much, by when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from qingyuan.plans.reading import dates, units
from qingyuan.plans.reading.dates import Moment
from qingyuan.plans.reading.draft import Quantity
from qingyuan.plans.reading.mapped import Mapped, Span
from qingyuan.plans.reading.notes import brackets
from qingyuan.plans.reading.numerals import WORDS, decimal, whole
from qingyuan.plans.reading.vocabulary import any_of, vocabulary

_SENTENCE = re.compile(r"[^。！？]+[。！？]?")
_CLAUSE = re.compile(r"[^，；：]+[，；：]?")
_CN = rf"[{WORDS}]+(?:点[{WORDS}]+)?"
_TENTHS = "[一二三四五六七八九]成半?(?![立为效果本功员长熟品都绩分套就群林型年])"
_SHARE = rf"(?:(?!百分)[{WORDS}]+分之[{WORDS}]+|[1-9]/[2-9](?![\d/])|{_TENTHS})"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_NEXT = re.compile("[、和与及]([^、和与及]*)$")
"""The next of several amounts that one verb asks for: 50个园区、12处填埋场."""
_EDGES = "，。；：、 其中并且力争确保到"
_TAIL = re.compile(r"^(?:的)?([^，。；：、（）和与及]*)")
_FROM = re.compile(r"(?:由|从)(?:20\d\d年)?[^，]{0,8}$")


@dataclass(frozen=True)
class _Words:
    figure: re.Pattern[str]
    operators: dict[str, str]
    changes: dict[str, str]
    after: dict[str, str]
    works: re.Pattern[str]
    empty: re.Pattern[str]
    scopes: re.Pattern[str]
    acting: re.Pattern[str]
    reaching: re.Pattern[str]
    forbids: re.Pattern[str]
    whole: re.Pattern[str]
    gone: re.Pattern[str]
    done: re.Pattern[str]
    reviews: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    held = vocabulary()["quantities"]
    operators = {word: sign for sign, words in held["before"].items() for word in words}
    changes = {word: way for way, words in held["changes"].items() for word in words}
    after = {word: sign for sign, words in held["after"].items() for word in words}
    every = any_of([*operators, *changes])
    figure = (
        rf"(?P<words>(?:{every}|了|到|在|至)*)(?P<about>约|近)?"
        rf"(?:(?P<hundred>百分之)(?P<percent>{_CN}|{_NUMBER})|(?P<share>{_SHARE})"
        rf"|(?P<number>{_NUMBER}|{_CN}(?:亿[{WORDS}]+(?=万))?))"
        rf"(?P<first>{units.pattern()})?(?:(?:—{{1,2}}|~|-|至|到)(?P<upper>{_NUMBER}|{_CN})(?P<unit>{units.pattern()})?)?"
        rf"(?P<more>多|余)?(?P<after>{any_of(after)})?"
    )
    return _Words(
        figure=re.compile(figure),
        operators=operators,
        changes=changes,
        after=after,
        works=re.compile(any_of(held["works"])),
        empty=re.compile(rf"^(?:{held['leading']})+|(?:{held['trailing']})+$"),
        scopes=re.compile(held["scopes"]),
        acting=re.compile(rf"(?:{any_of(held['acting'])})$"),
        reaching=re.compile(any_of(held["reaching"])),
        forbids=re.compile(any_of(held["forbids"])),
        whole=re.compile(any_of(held["whole"])),
        gone=re.compile(any_of(held["gone"])),
        done=re.compile(any_of(held["done"])),
        reviews=re.compile(any_of(held["reviews"])),
    )


@dataclass
class _Context:
    """What holds on within a sentence: the time set last, the subject named last, whether an aim was said yet.

    several: the times last set together (2025年和2030年…分别); announced: what a colon stood behind (达标率：100%).
    """

    moment: Moment | None = None
    several: tuple[Moment, ...] = ()
    subject: str = ""
    announced: str = ""
    aimed: bool = False


def quantities(text: Mapped) -> list[Quantity]:
    """All figures of a paragraph, and aims in words that have a date."""
    return [each for sentence in _SENTENCE.finditer(text.text) for each in _of_sentence(text[slice(*sentence.span())])]


def _of_sentence(sentence: Mapped) -> Iterator[Quantity]:
    context = _Context()
    reviewed = list(_reviews(sentence))
    yield from reviewed
    for found in _clauses(sentence.text):
        clause = sentence[slice(*found)]
        yield from _of_clause(clause, sentence, context, reviewed=bool(reviewed))


def _clauses(text: str) -> Iterator[Span]:
    """Clauses; marks within brackets part nothing."""
    hidden = list(text)
    for start, end in brackets(text):
        hidden[start + 1 : end - 1] = "x" * (end - start - 2)
    for found in _CLAUSE.finditer("".join(hidden)):
        yield found.span()


def _of_clause(clause: Mapped, sentence: Mapped, context: _Context, reviewed: bool) -> Iterator[Quantity]:
    times = dates.moments(clause.text)
    set_here = [each for each in times if not each.compared]
    outer, context.moment = context.moment, _moment_of(set_here, context)
    yearly = any(each.by == dates.EACH_YEAR for each in set_here)
    compared = next((str(each.year) for each in times if each.compared and each.year), None)
    found = list(_figures(clause, times))
    shared = _shared_subjects(clause.text, found)
    own = _times_apart(clause.text, found, context) if shared is None else None
    at = max((each.end for each in set_here if each.year and (not found or each.end <= found[0].start())), default=0)
    words = ""
    for number, figure in enumerate(found):
        words = figure["words"] or (words if shared else "")
        made = _made(clause, figure, at, context, words)
        if made is None:
            continue
        subject = shared[number] if shared else made.subject or _before_date(clause.text, set_here) or context.subject
        if _words().scopes.fullmatch(subject) and context.subject:
            subject += context.subject
        context.subject = subject or context.subject
        context.aimed = context.aimed or made.kind == "aim"
        at = figure.end()
        context.moment = own[number] if own else context.moment
        yield _dated(replace(made, subject=subject, compared_with=compared), sentence, clause, context, yearly)
    if not found and not reviewed:
        yield from _in_words(clause, sentence, context, yearly)
    context.announced = _bare(clause.text) if clause.text.endswith("：") and not found else ""
    if outer is not None and set_here and clause.text[: set_here[0].start].strip(_EDGES):
        context.moment = outer


def _moment_of(set_here: list[Moment], context: _Context) -> Moment | None:
    """The time of a clause: the last it sets, else that of the sentence."""
    dated = [each for each in set_here if each.by != dates.EACH_YEAR]
    context.several = tuple(dated) or context.several
    return dated[-1] if dated else context.moment or (set_here[-1] if set_here else None)


def _figures(clause: Mapped, times: list[Moment]) -> Iterator[re.Match[str]]:
    """Numbers with a unit, or with a word before them that sets a value; no dates, names or numbers of documents."""
    for found in _words().figure.finditer(clause.text):
        place = _place(found)
        if any(each.start <= place < each.end for each in times) or not _is_figure(clause.text, found, place):
            continue
        yield found


def _place(found: re.Match[str]) -> int:
    """Where the number itself begins."""
    return next(found.start(part) for part in ("percent", "share", "number") if found[part])


def _is_figure(text: str, found: re.Match[str], place: int) -> bool:
    before, after = text[:place][-1:], text[found.end() : found.end() + 1]
    if (before and before.isascii() and (before.isalnum() or before in ".-+")) or after in ("号", "+", "℃"):
        return False
    if before in ("第", "〔", "“") or re.search(r"[国第][一二三四五六]$", text[:place] + (found["number"] or "")[:1]):
        return False
    if _FROM.search(text[:place]) and re.match(r"[^，]{0,4}(?:到|至)", text[found.end() :]):
        return False
    if found["hundred"] or found["share"]:
        return True
    unit = found["unit"] or found["first"]
    if not (found["number"] or "")[0].isdecimal():
        return _is_chinese_figure(found, unit)
    return bool(unit) or (bool(found["words"]) and found.end() == len(text.rstrip("，。；")))


def _is_chinese_figure(found: re.Match[str], unit: str | None) -> bool:
    """三千万亩, 至少一套; but not 一批, 五化, 两山."""
    number = found["number"] or ""
    myriad = (unit or "")[:1] in ("万", "亿") or len(number) > 1
    last = found.end() == len(found.string.rstrip("，。；")) and unit not in ("批", "类", "项", "次")
    myriad = myriad or (last and _last_work(found.string[: found.start()]) is not None)
    asked = (
        bool(re.search("达|不|于|到|至|每", found["words"] or "")) or _least(found.string[: found.start()]) is not None
    )
    return bool(unit) and (asked or myriad) and number not in ("千", "百", "十", "千百", "百千")


def _least(head: str) -> re.Match[str] | None:
    """至少 …: said before the verb, it is of the number after it."""
    return re.search(r"(?:至少|不少于|最少)(?=[一-龥]{1,6}$)", head)


def _shared_subjects(text: str, found: list[re.Match[str]]) -> list[str] | None:
    """甲和乙分别达到90%、95%: one subject each."""
    at = text.find("分别")
    if at < 0 or len(found) < 2:
        return None
    head = text[:at].split("年")[-1] if dates.DATE.match(text) else text[:at]
    names = [each for each in re.split(r"[、和与及]", _bare(head)) if each]
    return names if len(names) == len(found) else None


def _times_apart(text: str, found: list[re.Match[str]], context: _Context) -> tuple[Moment, ...] | None:
    """到2025年和2030年，甲分别达到40%、60%: one time each."""
    apart = "分别" in text and 1 < len(found) == len(context.several)
    return context.several if apart else None


def _made(clause: Mapped, found: re.Match[str], at: int, context: _Context, words: str) -> Quantity | None:
    """The figure with operator, change and subject; undated yet. words: what was said before it."""
    head = clause.text[at : found.start()]
    number = found["percent"] or found["share"] or found["number"] or ""
    value, unit = _value(number, "%" if found["hundred"] else found["unit"] or found["first"])
    upper = _value(found["upper"], unit)[0] if found["upper"] else None
    change = next((way for word, way in _words().changes.items() if word in words), None)
    change = None if re.search(r"(到|至)$", words) else change
    subject, kind = _subject(_around(clause, found, head, context), words, context)
    if value is None or subject is None:
        return None
    span = (_place(found), found.end())
    return Quantity(
        subject=subject,
        value=value,
        upper=upper,
        words=found["share"],
        operator=_operator(found, words, change, upper),
        unit=unit,
        change=change,
        compared_with=None,
        by=None,
        by_plan=False,
        per=None,
        kind=kind,
        text=clause.text[slice(*span)],
        text_span=clause[slice(*span)].span,
    )


def _value(printed: str, unit: str | None) -> tuple[Decimal | None, str | None]:
    """The number in the unit as printed: 三千万亩: 3000 万亩, 三亿二千万元: 3.2 亿元; 九成 and 三分之一 in %."""
    below, parts, above = printed.partition("分之")
    if "/" in printed:
        above, parts, below = printed.partition("/")
    if parts or printed.rstrip("半").endswith("成"):
        return _share(below, above) if parts else decimal(printed[0] + "十" + ("五" if "半" in printed else "")), "%"
    if "亿" in printed[:-1] and (unit or "").startswith("万"):
        return Decimal(whole(printed + "万") or 0) / 10**8, "亿" + (unit or "")[1:]
    for myriad in ("亿", "万"):
        if printed.endswith(myriad):
            return decimal(printed[:-1]), myriad + (unit or "")
    return decimal(printed), unit


def _share(below: str, above: str) -> Decimal | None:
    """三, 一 → 33.3."""
    part, of = whole(above), whole(below)
    return round(Decimal(100 * part) / of, 1) if part and of else None


def _operator(found: re.Match[str], words: str, change: str | None, upper: Decimal | None) -> str:
    if upper is not None:
        return "range"
    after = _words().after.get(found["after"] or "")
    if after:
        return after
    if not words and _least(found.string[: found.start()]):
        return ">="
    said = [sign for word, sign in _words().operators.items() if word in words and sign != "="]
    longest = max((word for word in _words().operators if words.endswith(word)), key=len, default="")
    if found["about"] or found["more"]:
        return "~" if found["about"] else ">"
    sign = _words().operators.get(longest)
    return sign if sign and sign != "=" else next(iter(said), "=") if not change else "="


@dataclass(frozen=True)
class _Around:
    """What stands around a figure: the text before it and what of it names a thing, the noun and the rest behind it."""

    head: str
    named: str
    noun: str
    rest: str
    unit: str | None
    after: str | None


def _around(clause: Mapped, found: re.Match[str], head: str, context: _Context) -> _Around:
    rest = re.sub(r"^的(?=目标|要求|任务|水平)", "，", clause.text[found.end() :])
    tail = _TAIL.match(rest)
    named = _bare(head) or ("" if head.strip("，") else context.announced)
    unit = "%" if found["hundred"] or found["share"] else found["unit"] or found["first"]
    return _Around(head, named, tail[1] if tail else "", rest, unit, found["after"])


def _subject(around: _Around, words: str, context: _Context) -> tuple[str | None, str]:
    """The subject and the kind; None when the figure only describes a thing: 20万千瓦以下燃煤机组."""
    named, noun = around.named, around.noun
    if words and around.rest.startswith("的"):
        asked = _last_work(around.head) == named
        return (named + noun, "aim") if asked else (named or noun, "condition")
    if words and not noun:
        return named, "aim"
    if around.unit == "%" and around.rest.startswith("的") and _words().reaching.search(around.rest):
        return named + around.rest[1:].strip("，。；"), "aim"
    bounded = _words().after.get(around.after or "") == "<=" and noun and not words
    if bounded or _words().forbids.search(around.head):
        return None, "aim"
    return _worked(around) or (named + noun if words else _unsaid(around, context)), "aim"


def _worked(around: _Around) -> str | None:
    """The subject of an amount of work: 新建管网30公里, 建成12座泵站."""
    work = _last_work(around.head)
    beside = work is not None and around.head.endswith(work)
    if work is None or not (beside or (around.named != work and not (around.noun and around.after))):
        return None
    return re.sub(r"至少|不少于|最少", "", around.named) + around.noun


def _unsaid(around: _Around, context: _Context) -> str | None:
    """The subject where no verb says that it is an aim; None when nothing else says so either."""
    named, noun, unit = around.named, around.noun, around.unit
    due = context.moment or context.aimed or _is_rate(named)
    if named and not noun and (around.after or (unit and due)):
        return named
    if units.counts(unit) and (_words().acting.search(around.head) or _words().whole.search(around.rest)):
        return noun
    if named and unit == "%" and _words().reaching.match(noun):
        return named + noun
    listed = _NEXT.search(around.head) if unit and context.aimed else None
    return _bare(listed[1]) + noun if listed else None


def _is_rate(named: str) -> bool:
    """A rate that is said without a verb: 无害化处理率100%; not one of today."""
    return bool(re.search(r"(?:率|比例|比重|占比)$", named)) and not re.search("目前|现状|已|当前", named)


def _before_date(text: str, times: list[Moment]) -> str:
    """清扫率2028年底前达到90%: the subject stands before the time."""
    return _bare(text[: times[0].start]) if times else ""


def _last_work(head: str) -> str | None:
    found = list(_words().works.finditer(head))
    return found[-1][0] if found else None


def _bare(head: str) -> str:
    """A subject without the words around it that say nothing of what it is."""
    head = re.sub(
        rf"(?:比|较|与)[^，]{{0,3}}{dates.DATE.pattern.replace('?P<', '?P<x_')}(?:相比)?|与?(?:上年|去年|同期)相比",
        "",
        head,
    )
    while True:
        marks = "，。；：、 " if "“" in head or "（" in head else "，。；：、 ”）"
        shorter = _words().empty.sub("", _FROM.sub("", head).strip(marks))
        if shorter == head:
            head = head[1:] if head[:1] == "（" and "）" not in head else head
            return "" if head in ("和", "与", "及", "以及") else re.sub(r"^(?:\d{1,2}[.、]|[①-⑳])", "", head)
        head = shorter


def _dated(made: Quantity, sentence: Mapped, clause: Mapped, context: _Context, yearly: bool) -> Quantity:
    moment = context.moment
    yearly_rate = yearly and made.unit in ("%", "‰")
    by = dates.EACH_YEAR if yearly_rate else moment.by if moment and moment.by != dates.EACH_YEAR else None
    per = (
        "年"
        if (yearly and not yearly_rate) or re.search("每年|年均(?=新增|增|下降|减|降低|完成|治理|建|改造)", clause.text)
        else None
    )
    return replace(made, by=by, per=per)


def _in_words(clause: Mapped, sentence: Mapped, context: _Context, yearly: bool) -> Iterator[Quantity]:
    """基本消除黑臭水体, 全面实现自动监测, 完成评估: aims without a figure, where a time is set; 每三年."""
    every = re.search(r"每(?:隔)?([一二两三四五六七八九十]|\d{1,2})(年|个月|季度)", clause.text)
    if every:
        rest = _bare(clause.text[every.end() :])
        yield _worded(clause, every.span(), rest, decimal(every[1]), every[2], "every", every[0], None)
        return
    if context.moment is None or context.moment.compared:
        return
    for pattern, value, unit in (
        (_words().whole, Decimal(100), "%"),
        (_words().gone, None, None),
        (_words().done, Decimal(100), "%"),
    ):
        found = pattern.search(clause.text)
        if found is None:
            continue
        times = [each for each in dates.moments(clause.text) if each.end <= found.start()]
        head = _bare(clause.text[times[-1].end if times else 0 : found.start()]) or _before_date(clause.text, times)
        rest = clause.text[found.end() :].strip("，。；")
        kept = found[0] if pattern is _words().done else ""
        subject = f"{head}{kept}{rest}" or context.subject
        yield _worded(clause, found.span(), subject, value, unit, "=", found[0], context.moment)
        return


def _worded(
    clause: Mapped,
    place: Span,
    subject: str,
    value: Decimal | None,
    unit: str | None,
    operator: str,
    words: str,
    moment: Moment | None,
) -> Quantity:
    return Quantity(
        subject=subject,
        value=value,
        upper=None,
        words=words,
        operator=operator,
        unit=unit,
        change=None,
        compared_with=None,
        by=moment.by if moment else None,
        by_plan=False,
        per=None,
        kind="aim" if moment else "interval",
        text=clause.text.strip("，。；："),
        text_span=clause[slice(*place)].span,
    )


def _reviews(sentence: Mapped) -> Iterator[Quantity]:
    """在2023年、2025年底分别进行中期评估和总结评估: one a review, with its own time."""
    found = list(_words().reviews.finditer(sentence.text))
    times = [each for each in dates.moments(sentence.text) if each.year and not each.compared]
    if not found or not times:
        return
    for place, each in enumerate(found):
        before = [moment for moment in times if moment.start < each.start()]
        moment = times[place] if len(times) == len(found) else before[-1] if before else None
        if moment is None:
            continue
        yield _worded(sentence[slice(*each.span())], (0, len(each[0])), each[0], Decimal(1), "次", "=", each[0], moment)
