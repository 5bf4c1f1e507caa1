"""What a host can ask of a field device, checked against the table of commands before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway.hj212 import commands
from qingyuan.gateway.hj212.commands import Command

_TIME = "%Y%m%d%H%M%S"
_MINUTES = frozenset((1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30))
_HISTORY = {"minute": "2051", "hour": "2061", "day": "2031", "running": "2041"}
SHORTEST_REAL_TIME = 30
"""Seconds between real-time data that may be asked for at least."""
_BOUNDS = {"RtdInterval": (SHORTEST_REAL_TIME, 3600), "OverTime": (1, 99), "ReCount": (1, 99)}
_BOUNDS_2005 = {"OverTime": (1, 86400)}


@dataclass(frozen=True)
class Request:
    """One command to a device. params and factors: what goes into CP; edition: decides what the number means."""

    cn: str
    edition: str
    params: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(self, self.command)

    @property
    def command(self) -> Command:
        """The meaning of the number; WrongUsage when the edition has no such command of the host."""
        found = commands.command(self.cn, self.edition)
        if found is None or self.edition not in found.editions or found.down not in ("request", "notice"):
            raise WrongUsage(
                f"Edition {self.edition} of HJ 212 has no command {self.cn} of the host", "See commands.yaml"
            )
        return found


def set_time(edition: str, moment: datetime, instrument: str = "") -> Request:
    """Set the clock (1012) of the logger, or of the instrument of a factor (not in 2005)."""
    return Request("1012", edition, {**_of(instrument), "SystemTime": moment.strftime(_TIME)})


def get_time(edition: str, instrument: str = "") -> Request:
    """Ask for the clock (1011)."""
    return Request("1011", edition, _of(instrument))


def set_timeout(edition: str, seconds: int, resends: int) -> Request:
    """Set how long the device waits for an answer and how often it sends again (1000)."""
    return Request("1000", edition, {"OverTime": str(seconds), "ReCount": str(resends)})


def set_real_time_interval(edition: str, seconds: int) -> Request:
    """Set the interval of real-time data (1062), 30 to 3600 s."""
    return Request("1062", edition, {"RtdInterval": str(seconds)})


def set_minute_interval(edition: str, minutes: int) -> Request:
    """Set the interval of minute data (1064), one of 1 2 3 4 5 6 10 12 15 20 30 min."""
    return Request("1064", edition, {"MinInterval": str(minutes)})


def history(edition: str, kind: str, begin: datetime, end: datetime) -> Request:
    """Fetch stored data of a span: `minute`, `hour`, `day`, or `running` (hours of the devices a day)."""
    if kind not in _HISTORY or end < begin:
        raise WrongUsage(
            f"No history {kind!r} from {begin} to {end}", f"Kinds: {', '.join(_HISTORY)}; begin before end"
        )
    return Request(_HISTORY[kind], edition, {"BeginTime": begin.strftime(_TIME), "EndTime": end.strftime(_TIME)})


def on_instrument(edition: str, cn: str, instrument: str) -> Request:
    """A command on the instrument of a factor: calibrate 3011, sample 3012, clean or blow back 3013 ..."""
    return Request(cn, edition, _of(instrument))


def set_password(edition: str, password: str) -> Request:
    """Set the access password (1072), 6 characters."""
    if len(password) != 6 or not password.isascii() or not password.isalnum():
        raise WrongUsage("An access password has 6 letters or digits", "Choose another")
    return Request("1072", edition, {"PW" if edition == "2005" else "NewPW": password})


def set_key(created: datetime, key: bytes) -> Request:
    """Set a new SM4 key (1014 of 2025). The key's form in NewSK is read from one source: 32 hexadecimal digits."""
    return Request("1014", "2025", {"SKCreateTime": created.strftime(_TIME), "NewSK": key.hex().upper()})


def first_contact(
    edition: str,
    moment: datetime,
    *,
    timeout: tuple[int, int] = (10, 3),
    real_time: int | None = None,
    minutes: int | None = None,
) -> list[Request]:
    """What a host sets when a device first speaks (2017, 6.7): clock, timeout and resends, intervals where given."""
    wanted = [set_time(edition, moment), set_timeout(edition, *timeout)]
    wanted += [set_real_time_interval(edition, real_time)] if real_time else []
    return wanted + ([set_minute_interval(edition, minutes)] if minutes and edition != "2005" else [])


def _of(instrument: str) -> dict[str, str]:
    return {"PolId": instrument} if instrument else {}


def _check(request: Request, command: Command) -> None:
    """Whether the names and numbers are those of the command; WrongUsage says which is not."""
    missing = [name for name in command.asks if name not in command.optional and name not in request.params]
    allowed = (*command.asks, "PolId") if command.cn[0] == "3" else command.asks
    unknown = [name for name in request.params if name not in allowed]
    settable = () if command.brings_data else command.factor
    unknown += [f"{code}-{name}" for code, fields in request.factors.items() for name in fields if name not in settable]
    missing += [] if request.factors or not settable else [f"values of a factor ({', '.join(settable)})"]
    if missing or unknown:
        told = [f"{', '.join(missing)} missing"] if missing else []
        told += [f"{', '.join(unknown)} not of this command"] if unknown else []
        raise WrongUsage(f"Command {request.cn} of edition {request.edition}: {'; '.join(told)}", "See commands.yaml")
    for name, text in request.params.items():
        if not _within(name, text, request.edition):
            raise WrongUsage(
                f"{name}={text} of command {request.cn} is out of its bounds", "See HJ 212, table of fields"
            )


def _within(name: str, text: str, edition: str) -> bool:
    if name == "MinInterval":
        return text.isdecimal() and int(text) in _MINUTES
    bounds = {**_BOUNDS, **(_BOUNDS_2005 if edition == "2005" else {})}.get(name)
    return bounds is None or (text.isdecimal() and bounds[0] <= int(text) <= bounds[1])
