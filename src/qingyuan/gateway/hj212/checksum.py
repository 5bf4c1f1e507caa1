"""The checksum of HJ 212 (appendix A), and the CRC-16/MODBUS that some devices send in its place.

The standard's register takes a byte as ``(register >> 8) ^ byte`` and then eight rounds of shift with 0xA001,
so it is 8 bits wide between bytes. A round of eight bits on it is linear and of order 8: the byte k places
before the end counts as g applied k times, and g applied eight times is nothing. So all bytes a multiple of 8
apart have one weight: the segment is folded by XOR into 8 bytes, and those are looked up.
"""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0xA001


def _rounds(register: int) -> int:
    for _ in range(8):
        register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
    return register


_SUMS = tuple(_rounds(byte) for byte in range(256))
"""The sum after the last byte, by the register's 8 bits."""

TEXTS = tuple(b"%04X" % value for value in _SUMS)
"""The sum as printed, by the register."""


def _weights(distance: int) -> bytes:
    """What a byte so far from the end adds to the last register, for each of its values."""
    values = range(256)
    for _ in range(distance):
        values = [_SUMS[value] >> 8 for value in values]  # type: ignore[assignment]
    return bytes(values)


def _pairs(distance: int) -> bytes:
    """Weights of two neighbouring bytes (the later one at `distance`), by their 16 bits."""
    late, early = _weights(distance), _weights(distance + 1)
    return bytes(late[low] ^ early[high] for high in range(256) for low in range(256))


WEIGHTS = tuple(_weights(distance) for distance in range(8))
"""By a byte's distance from the end (modulo 8), what each of its values adds to the last register."""

_0, _2, _4, _6 = (_pairs(distance) for distance in (0, 2, 4, 6))

_START = tuple(0xFF << 8 * ((length - 1) % 8) for length in range(8))
"""The register's start, 0xFF, is the first byte turned over; by length modulo 8."""

_64, _128, _256, _512, _1024, _2048, _4096 = ((1 << bits) - 1 for bits in (64, 128, 256, 512, 1024, 2048, 4096))


def register(segment: bytes) -> int:
    """The last 8-bit register of a segment of at least one byte, from which the sum follows."""
    length = len(segment)
    folded = int.from_bytes(segment, "big")
    if length > 1024:
        folded = _shortened(folded, length)
    if length > 512:
        folded = folded >> 4096 ^ folded & _4096
    if length > 256:
        folded = folded >> 2048 ^ folded & _2048
    if length > 128:
        folded = folded >> 1024 ^ folded & _1024
    if length > 32:
        folded = folded >> 512 ^ folded & _512
        folded = folded >> 256 ^ folded & _256
    folded = folded >> 128 ^ folded & _128
    folded = folded >> 64 ^ folded & _64 ^ _START[length & 7]
    return _0[folded & 0xFFFF] ^ _2[folded >> 16 & 0xFFFF] ^ _4[folded >> 32 & 0xFFFF] ^ _6[folded >> 48]


def _shortened(folded: int, length: int) -> int:
    """A number of so many bytes folded to 1024 bytes."""
    bits = 4096 << (length >> 9).bit_length()
    while bits > 8192 - 1:
        folded, bits = folded >> bits ^ folded & ((1 << bits) - 1), bits >> 1
    return folded


def moved(length: int) -> bytes:
    """What becomes of each register when so many zero bytes follow: the weight of a part before others."""
    return WEIGHTS[length % 8]


def checksum(segment: bytes) -> int:
    """The standard's sum of a data segment (16 bits); 0xFFFF for an empty one."""
    return _SUMS[register(segment)] if segment else 0xFFFF


def text(segment: bytes) -> bytes:
    """The sum as a frame carries it: four hexadecimal digits, upper case, high byte first."""
    return TEXTS[register(segment)] if segment else b"FFFF"


@cache
def _modbus_pairs() -> tuple[int, ...]:
    """CRC-16/MODBUS of two bytes at once, by their 16 bits (first byte low)."""
    return tuple(_rounds(_rounds(pair)) for pair in range(65536))


def modbus(segment: bytes) -> int:
    """CRC-16/MODBUS of a data segment: another sum, which deviant devices send."""
    pairs, value = _modbus_pairs(), 0xFFFF
    even = len(segment) & ~1
    for pair in memoryview(segment[:even]).cast("H"):
        value = pairs[value ^ pair]
    return value >> 8 ^ _SUMS[(value ^ segment[-1]) & 0xFF] if len(segment) > even else value


def modbus_text(segment: bytes) -> bytes:
    """CRC-16/MODBUS as those devices print it: low byte first, upper case."""
    value = modbus(segment)
    return b"%02X%02X" % (value & 0xFF, value >> 8)
