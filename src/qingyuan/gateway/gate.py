"""Who may come in: registered devices by MN, password and address; others only where unknown ones are accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

UNKNOWN, NO_MN, INACTIVE, PASSWORD, ADDRESS, SUM = "unknown", "no_mn", "inactive", "password", "address", "sum"
"""Why a frame is set aside at the door."""

LONGEST_MN = 64


@dataclass(frozen=True)
class Registered:
    """A device of the register, as far as the door needs it. keys: SM4 keys that hold now, newest first;
    hardware: items by which its logger is known before it has its MN."""

    mn: str
    password: bytes
    active: bool = True
    networks: tuple[Network, ...] = ()
    keys: tuple[bytes, ...] = ()
    hardware: frozenset[bytes] = frozenset()


@dataclass
class Gate:
    """The devices by MN as sent."""

    devices: Mapping[bytes, Registered]
    accept_unknown: bool = False
    awaited: tuple[Registered, ...] = ()
    """Those whose logger is known by its hardware."""

    def know(self, devices: Mapping[bytes, Registered]) -> None:
        """The register has changed."""
        self.devices = devices
        self.awaited = tuple(each for each in devices.values() if each.hardware and each.active)

    def awaits(self, segment: bytes, host: str) -> Registered | None:
        """The device whose logger this is, that names its hardware (1001 of 2025) and has not its MN yet.

        Names of the items are not confirmed: they are compared as they stand.
        """
        if not self.awaited:
            return None
        sent = items(segment.partition(b"CP=&&")[2].removesuffix(b"&&"))
        return next((each for each in self.awaited if each.hardware <= sent and _allowed(host, each.networks)), None)

    def refusal(self, mn: bytes | None, password: bytes | None, host: str) -> str:
        """Why frames under this name are set aside; empty when they are taken."""
        if not mn or len(mn) > LONGEST_MN or b"\n" in mn:
            return NO_MN
        device = self.devices.get(mn)
        if device is None:
            return "" if self.accept_unknown else UNKNOWN
        if not device.active:
            return INACTIVE
        if password != device.password:
            return PASSWORD
        return "" if _allowed(host, device.networks) else ADDRESS


def _allowed(host: str, networks: tuple[Network, ...]) -> bool:
    if not networks:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def items(text: bytes) -> frozenset[bytes]:
    """The items of CP, whichever way they are parted."""
    return frozenset(part.strip() for part in re.split(rb"[;,]", text) if part.strip())


def name_of(mn: bytes | None) -> str:
    """An MN as text, whatever bytes it has."""
    return mn.decode("ascii", "backslashreplace").replace("\n", " ")[:LONGEST_MN] if mn else ""
