"""What a simulated device says: its frames of HJ 212, in its edition and with its own way to break the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan.gateway.hj212 import checksum
from qingyuan.gateway.hj212.encode import Sender, qn
from qingyuan.gateway.simulated.fleet import Device, Measured
from qingyuan.gateway.simulated.readings import Mean, Reading, means, readings, silent

LENGTHS = {"2061": timedelta(hours=1), "2031": timedelta(days=1)}
"""Intervals of the means, besides minute data (2051), whose interval is the device's."""

UNNUMBERED = "0" * 24
"""In place of the MN while a logger has none (what stands there then is not confirmed)."""
HEARTBEAT = timedelta(minutes=1)
"""Between two heartbeats; invented, as none is confirmed."""

_TIME = "%Y%m%d%H%M%S"
_FLOWS = ("a00000", "w00000")
_SECONDS_OF_AN_HOUR = 3600


@dataclass
class Speaker:
    """A device with what the host may set at it. seconds, minutes: intervals of real-time and minute data;
    patience, resends: until an answer is missed, and how often it is asked for again."""

    device: Device
    mn: str = ""
    password: str = ""
    key: bytes | None = None
    seconds: int = 60
    minutes: int = 0
    patience: float = 5.0
    resends: int = 3
    ahead: timedelta = field(default_factory=timedelta)
    real_time: bool = True
    states: bool = True
    _last: datetime | None = None

    def __post_init__(self) -> None:
        self.mn = self.mn or (UNNUMBERED if self.device.hardware else self.device.mn)
        self.password = self.password or self.device.password
        self.key = self.key or self.device.key
        self.minutes = self.minutes or self.device.kind.minutes

    def real_time_data(self, moment: datetime) -> list[bytes]:
        """2011: the readings of a moment."""
        fields = self._factors([_as_sent(one, each) for one, each in self._with(readings(self.device, moment))])
        return self.say("2011", moment, {"DataTime": self._time(moment)}, fields)

    def running_state(self, moment: datetime) -> list[bytes]:
        """2021: the instrument runs, is calibrated or maintained."""
        mark = readings(self.device, moment)[0].mark
        state = {"C": "2", "M": "3", "D": "4"}.get(mark, "1")
        return self.say("2021", moment, {"DataTime": self._time(moment)}, {self.device.kind.running: {"RS": state}})

    def started(self, moment: datetime) -> list[bytes]:
        """2081: since when the logger runs; nothing in edition 2005, which has no such command."""
        if self.device.edition == "2005":
            return []
        times = {"DataTime": self._time(moment), "RestartTime": moment.strftime(_TIME)}
        return self.say("2081", moment, times, {})

    def heartbeat(self, moment: datetime) -> list[bytes]:
        """9015 of 2025: the line stands."""
        return self.say("9015", moment, {}, {}) if self.device.edition == "2025" else []

    def hardware(self, moment: datetime) -> list[bytes]:
        """1001 of 2025: a logger without a number names itself."""
        return self.say("1001", moment, dict(item.split("=") for item in self.device.hardware.split(";")), {})

    def mean_data(self, cn: str, begin: datetime, moment: datetime, *, resent: bool = False) -> list[bytes]:
        """2051, 2061, 2031: means of the interval that begins at `begin`; none where the device was silent."""
        length = LENGTHS.get(cn, timedelta(minutes=self.minutes))
        if silent(self.device, begin + length / 2) and cn != "2031":
            return []
        return self.say(cn, moment, {"DataTime": self._time(begin)}, self.mean_factors(begin, length), resent=resent)

    def mean_factors(self, begin: datetime, length: timedelta) -> dict[str, Mapping[str, str]]:
        """The factors of mean data."""
        found = zip(self.device.kind.factors, means(self.device, begin, length), strict=True)
        return self._factors([_means_as_sent(one, each, length) for one, each in found])

    def say(
        self,
        cn: str,
        moment: datetime,
        params: Mapping[str, str],
        factors: Mapping[str, Mapping[str, str]],
        *,
        resent: bool = False,
        number: str = "",
        reply: bool = True,
    ) -> list[bytes]:
        """Frames of a message said at a moment; number: QN of the request that is answered."""
        device = self.device
        sender = Sender(device.edition, device.kind.st, self.password, self.mn, self.key, room=device.room)
        frames = sender.frames(cn, number or self._number(moment), params, factors, reply=reply, resent=resent)
        return [deviant(each, device.deviation) for each in frames]

    def _number(self, moment: datetime) -> str:
        """A QN that no earlier message had."""
        after = self._last + timedelta(milliseconds=20) if self._last else moment
        self._last = max(moment + self.ahead, after)
        return qn(self._last)

    def _time(self, moment: datetime) -> str:
        return moment.strftime(_TIME) + ("000" if self.device.deviation == "time_form" else "")

    def _with(self, found: list[Reading]) -> list[tuple[Measured, Reading]]:
        return list(zip(self.device.kind.factors, found, strict=True))

    def _factors(self, fields: list[Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
        codes = [one.coded(self.device.edition) for one in self.device.kind.factors]
        return dict(zip(codes, fields, strict=True))


def deviant(frame: bytes, deviation: str) -> bytes:
    """A frame as a device with this deviation would send it."""
    segment = frame[6:-6]
    if deviation == "sum_modbus":
        return frame[:-6] + checksum.modbus_text(segment) + b"\r\n"
    if deviation == "sum_lower_case":
        return frame[:-6] + frame[-6:].lower()
    if deviation == "length_wrong":
        return b"##%04d" % (len(segment) + 2) + frame[6:]
    return frame


def _as_sent(factor: Measured, reading: Reading) -> Mapping[str, str]:
    return {**_number_fields(factor, {"Rtd": reading.value, "ZsRtd": reading.converted}), "Flag": reading.mark}


def _means_as_sent(factor: Measured, found: Mean, length: timedelta) -> Mapping[str, str]:
    fields = {"Min": found.low, "Avg": found.mean, "Max": found.high, "ZsAvg": found.converted}
    if factor.code in _FLOWS:
        fields["Cou"] = found.mean * length.total_seconds() * (0.001 if factor.unit == "L/s" else 1.0)
    return {**_number_fields(factor, fields), "Flag": found.mark}


def _number_fields(factor: Measured, fields: Mapping[str, float | None]) -> dict[str, str]:
    return {name: f"{value:.{factor.digits}f}" for name, value in fields.items() if value is not None}
