"""Writing frames of HJ 212: every command and edition, long data split, the inside of CP enciphered.

Long data are cut between factors; every part is a frame of its own, with its own QN, the same parameters
(DataTime) and PNUM/PNO, so that each can be read alone (HJ 212-2017 C.49; 2025 p.77).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.hj212 import checksum, head, sm4
from qingyuan.gateway.hj212.decode import SEGMENT_LIMIT, Value, first, flag_number, read_head, read_items

Factors = Mapping[str, Mapping[str, Value]]

LONGEST_CP = {"2005": 960, "2017": 950, "2025": 950}
"""Bytes inside CP, by edition."""

MOST_PARTS = {"2005": 9999, "2017": 9999, "2025": 9}
"""Parts one message may have: PNUM has 4 digits, in edition 2025 one."""

_ENCIPHERED_BOTH_WAYS = ("1014", "3020")
_QN = "%Y%m%d%H%M%S"


class Unencodable(QingyuanError):
    """What cannot be written as a frame so that it is read again as it was."""


def encode(
    header: Mapping[str, Value],
    params: Mapping[str, Value],
    factors: Factors,
    *,
    key: bytes | None = None,
    as_text: bool = False,
) -> bytes:
    """One frame with this head, in this order. key: enciphers what edition 2025 wants enciphered.

    Unencodable when reading would give something else (a value with a separator, a name with ``=``).
    """
    edition = head.edition(flag_number(first(header.get("Flag", ""))))
    front = _front(header)
    inside = _inside(params, factors, edition)
    if read_head(front)[0] != dict(header):
        raise Unencodable(f"The head {front!r} would be read otherwise", "No separators or blanks in keys and values")
    if read_items(inside)[:2] != (dict(params), {code: dict(fields) for code, fields in factors.items()}):
        raise Unencodable(
            f"The items {inside!r} would be read otherwise", "No separators or blanks in names and values"
        )
    sealed = key if edition == "2025" and is_enciphered(first(header.get("CN", ""))) else None
    return frame(f"{front}CP=&&{inside}&&".encode(), sealed, as_text=as_text)


def frame(segment: bytes, key: bytes | None = None, *, as_text: bool = False) -> bytes:
    """A plain data segment as a frame, enciphered where a key is given; the sum is that of the plain segment."""
    printed = checksum.text(segment)
    if key is not None:
        segment = sm4.seal(segment, key, as_text=as_text)
    if len(segment) > 9999:
        raise Unencodable(f"A data segment of {len(segment)} bytes has no length field of 4 digits", "Split the data")
    return b"##%04d%b%b\r\n" % (len(segment), segment, printed)


def is_enciphered(cn: str) -> bool:
    """Whether edition 2025 wants a field's frame enciphered: data (2000-2999), keys (1014), information (3020)."""
    return cn in _ENCIPHERED_BOTH_WAYS or (len(cn) == 4 and cn.startswith("2"))


@dataclass(frozen=True)
class Sender:
    """One side of a link, who writes frames. st: of the system; key: SM4, None for clear text.

    host: the host asks for data in clear, only what the field answers is enciphered; room: bytes inside CP of a side
    that cannot send as many as the standard allows.
    """

    edition: str
    st: str
    pw: str
    mn: str
    key: bytes | None = None
    as_text: bool = False
    host: bool = False
    room: int | None = None

    def frames(
        self,
        cn: str,
        qn: str,
        params: Mapping[str, Value] | None = None,
        factors: Factors | None = None,
        *,
        reply: bool = True,
        resent: bool = False,
    ) -> list[bytes]:
        """The frames of one message. reply: ask for an answer; resent: ``RF=1`` of edition 2025.

        qn: of the first part, those of the others follow by a millisecond. Unencodable when there are too many parts.
        """
        params = params or {}
        parts = list(self._parts(params, factors or {}, self._room(cn, qn, resent)))
        if len(parts) > MOST_PARTS[self.edition]:
            most = f"edition {self.edition} has at most {MOST_PARTS[self.edition]}"
            raise Unencodable(f"{len(parts)} parts: {most}", "Send fewer factors")
        headers = [
            self._header(cn, _later(qn, place), (len(parts), place + 1), reply, resent) for place in range(len(parts))
        ]
        key = None if self.host and cn not in _ENCIPHERED_BOTH_WAYS else self.key
        return [
            encode(header, params, part, key=key, as_text=self.as_text)
            for header, part in zip(headers, parts, strict=True)
        ]

    def _room(self, cn: str, qn: str, resent: bool) -> int:
        """Bytes inside CP beside the longest head: the segment has its own limit."""
        longest = _front(self._header(cn, qn, (2, 1), True, resent))
        return min(self.room or LONGEST_CP[self.edition], SEGMENT_LIMIT - len(f"{longest}CP=&&&&".encode()))

    def _parts(
        self, params: Mapping[str, Value], factors: Factors, room: int
    ) -> Iterator[dict[str, Mapping[str, Value]]]:
        """The factors so grouped that none is cut and each CP has room; Unencodable when one alone has none."""
        part: dict[str, Mapping[str, Value]] = {}
        for code, fields in factors.items():
            if part and self._length(params, {**part, code: fields}) > room:
                yield part
                part = {}
            part[code] = fields
            if self._length(params, part) > room:
                raise Unencodable(f"Factor {code} alone is longer than the {room} bytes of a CP", "Shorten its values")
        yield part

    def _length(self, params: Mapping[str, Value], factors: Factors) -> int:
        return len(_inside(params, factors, self.edition).encode())

    def _header(self, cn: str, qn: str, part: tuple[int, int], reply: bool, resent: bool) -> dict[str, Value]:
        """The head in the order of the edition (2005 numbers the parts before ST)."""
        split, digits = part[0] > 1, 1 if self.edition == "2025" else 4
        numbers = {"PNUM": f"{part[0]:0{digits}}", "PNO": f"{part[1]:0{digits}}"} if split else {}
        flag = head.EDITIONS.index(self.edition) << 2 | split << 1 | reply
        names = {"ST": self.st, "CN": cn, "PW": self.pw, "MN": self.mn, "Flag": str(flag)}
        whole = {**numbers, **names} if self.edition == "2005" else {**names, **numbers}
        return {"QN": qn, **whole, **({"RF": "1"} if resent and self.edition == "2025" else {})}


def qn(moment: datetime) -> str:
    """The number of an exchange that begins at a moment: 17 digits, to the millisecond."""
    return f"{moment.strftime(_QN)}{moment.microsecond // 1000:03}"


def _later(number: str, milliseconds: int) -> str:
    """A QN so many milliseconds later."""
    if not milliseconds:
        return number
    try:
        begun = datetime.strptime(number[:14], _QN) + timedelta(milliseconds=int(number[14:]) + milliseconds)
    except ValueError as problem:
        raise Unencodable(f"QN {number!r} is no time of 17 digits", "Give the moment the exchange begins") from problem
    return qn(begun)


def _front(header: Mapping[str, Value]) -> str:
    return "".join(f"{name}={value};" for name, values in header.items() for value in _all(values))


def _inside(params: Mapping[str, Value], factors: Factors, edition: str) -> str:
    """The items of CP: parameters, then factors, the fields of one factor parted by commas."""
    items = [f"{name}={value}" for name, values in params.items() for value in _all(values)]
    if edition == "2005" and {"BeginTime", "EndTime"} <= params.keys():
        items = [",".join(items)]
    for code, fields in factors.items():
        items.append(",".join(f"{code}-{name}={value}" for name, values in fields.items() for value in _all(values)))
    return ";".join(items)


def _all(values: Value) -> Sequence[str]:
    return [values] if isinstance(values, str) else values
