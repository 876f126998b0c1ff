"""Sets of IP addresses as intervals: exact under union, intersection and difference, whatever a rule covers partly."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

IPV4: Final = 4
IPV6: Final = 6
_BITS: Final = {IPV4: 32, IPV6: 128}
_ICMP_NUMBER: Final = {IPV4: 1, IPV6: 58}
_SHOWN: Final = 3

# https://www.iana.org/assignments/iana-ipv4-special-registry and RFC 1918, RFC 6598, RFC 5771
_NOT_PUBLIC_IPV4: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
_GLOBAL_UNICAST_IPV6: Final = "2000::/3"


@dataclass(frozen=True)
class Addresses:
    """A set of addresses of one IP version.

    Attributes:
        version: 4 or 6.
        intervals: Disjoint first and last addresses in ascending order.
    """

    version: int
    intervals: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, *blocks: str, version: int) -> "Addresses":
        """The addresses of the blocks that are of this version."""
        networks = [ipaddress.ip_network(block, strict=False) for block in blocks]
        return cls(
            version,
            _merged(
                (int(net.network_address), int(net.broadcast_address)) for net in networks if net.version == version
            ),
        )

    @classmethod
    def everything(cls, version: int) -> "Addresses":
        """All addresses."""
        return cls(version, ((0, 2 ** _BITS[version] - 1),))

    @classmethod
    def public(cls, version: int) -> "Addresses":
        """The addresses that the internet routes."""
        if version == IPV6:
            return cls.of(_GLOBAL_UNICAST_IPV6, version=version)
        return cls.everything(version) - cls.of(*_NOT_PUBLIC_IPV4, version=version)

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __and__(self, other: "Addresses") -> "Addresses":
        if self.intervals == other.intervals:
            return self
        found: list[tuple[int, int]] = []
        mine, theirs = iter(self.intervals), iter(other.intervals)
        left, right = next(mine, None), next(theirs, None)
        while left is not None and right is not None:
            low, high = max(left[0], right[0]), min(left[1], right[1])
            if low <= high:
                found.append((low, high))
            if left[1] < right[1]:
                left = next(mine, None)
            else:
                right = next(theirs, None)
        return Addresses(self.version, tuple(found))

    def __or__(self, other: "Addresses") -> "Addresses":
        return Addresses(self.version, _merged((*self.intervals, *other.intervals)))

    def __sub__(self, other: "Addresses") -> "Addresses":
        gaps: list[tuple[int, int]] = []
        start = 0
        for low, high in other.intervals:
            if start < low:
                gaps.append((start, low - 1))
            start = high + 1
        last = 2 ** _BITS[self.version] - 1
        if start <= last:
            gaps.append((start, last))
        return self & Addresses(self.version, tuple(gaps))

    def __le__(self, other: "Addresses") -> bool:
        return not self - other

    def __str__(self) -> str:
        if self == Addresses.public(self.version):
            return "the internet"
        kind = ipaddress.IPv4Address if self.version == IPV4 else ipaddress.IPv6Address
        blocks = [
            str(block)
            for low, high in self.intervals
            for block in ipaddress.summarize_address_range(kind(low), kind(high))
        ]
        more = "" if len(blocks) <= _SHOWN else f" and {len(blocks) - _SHOWN} more blocks"
        return (", ".join(blocks[:_SHOWN]) or "no address") + more


def icmp_number(version: int) -> int:
    """The protocol number of ICMP in an IP version."""
    return _ICMP_NUMBER[version]


def _merged(intervals: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return tuple(merged)
