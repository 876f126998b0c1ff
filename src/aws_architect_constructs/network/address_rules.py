"""What AWS and the internet allow of an address block, and which blocks collide.

Pure Python: each function answers with data or raises a `ValueError` whose message the construct completes with its
path.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from aws_architect_constructs.foundation.environment import EnvironmentType

SHORTEST_VPC_PREFIX: Final = 16
LONGEST_VPC_PREFIX: Final = 28
MAX_SECONDARY_CIDRS: Final = 4
"""Secondary blocks by default: the quota is five IPv4 blocks a VPC, the primary one included.

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

PRIVATE_RANGES: Final = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""Ranges that never come from the public internet: RFC 1918, and RFC 6598's shared address space."""

_RFC1918: Final = PRIVATE_RANGES[:3]
_NEVER_A_VPC: Final[Mapping[IPv4Network, str]] = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("169.254.0.0/16"): "link-local, where AWS keeps metadata, DNS and time",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
_BENCHMARKING: Final = IPv4Network("198.19.0.0/16")
_LOW_TEN: Final = IPv4Network("10.0.0.0/15")
_LOWEST_TEN: Final = IPv4Network("10.0.0.0/16")
_DOCKER_BRIDGE: Final = IPv4Network("172.17.0.0/16")
_DEFAULT_VPC: Final = IPv4Network("172.31.0.0/16")


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A legal but unwise choice: the public name of its warning, and what to say."""

    name: str
    message: str


@dataclass(frozen=True, kw_only=True)
class NamedBlock:
    """An address block and what has it: a VPC's path, or the words that declare a connected network."""

    name: str
    block: IPv4Network


def environment_block(environment_type: EnvironmentType, network_index: int = 0) -> IPv4Network:
    """The /16 block of an environment's VPC number `network_index`.

    Every environment has a range of its own, so that any two of them can be connected later: DEV 10.0, 10.10, ...,
    STAGING 10.1, 10.11, ..., PROD 10.2, 10.12, ..., SHARED 10.100, 10.110, ...

    Raises:
        ValueError: If the environment's range has no such index.
    """
    defaults = environment_type.defaults
    if type(network_index) is not int or not 0 <= network_index < defaults.network_indexes:
        raise ValueError(
            f"network_index is outside the range of {environment_type}, got {network_index!r}; "
            f"allowed: 0 to {defaults.network_indexes - 1}"
        )
    return IPv4Network(f"10.{defaults.network_octet + 10 * network_index}.0.0/16")


def parse_cidr(argument: str, value: object) -> IPv4Network | IPv6Network:
    """Read any address block.

    Raises:
        ValueError: If `value` is no CIDR, or has bits set behind its prefix.
    """
    allowed = "a network address and its prefix length, as '10.2.0.0/16'"
    if not isinstance(value, str) or not value.rpartition("/")[2].isdigit() or "/" not in value:
        raise ValueError(f"{argument} is no CIDR, got {value!r}; allowed: {allowed}")
    try:
        return ip_network(value)
    except ValueError as error:
        raise ValueError(f"{argument} is no CIDR ({error}), got {value!r}; allowed: {allowed}") from None


def parse_vpc_block(argument: str, value: object) -> IPv4Network:
    """Read an IPv4 block that a VPC may have.

    Raises:
        ValueError: If it is malformed, of a size that AWS refuses, or in a range that is nobody's to use.
    """
    block = parse_cidr(argument, value)
    if not isinstance(block, IPv4Network):
        raise ValueError(f"{argument} must be IPv4, got {value!r}; allowed: IPv4 here, dual_stack=True for IPv6")
    if not SHORTEST_VPC_PREFIX <= block.prefixlen <= LONGEST_VPC_PREFIX:
        raise ValueError(
            f"{argument} has a size that AWS refuses, got {value!r}; "
            f"allowed: /{SHORTEST_VPC_PREFIX} to /{LONGEST_VPC_PREFIX}"
        )
    for reserved, meaning in _NEVER_A_VPC.items():
        if block.overlaps(reserved):
            raise ValueError(
                f"{argument} lies in {reserved} ({meaning}), got {value!r}; "
                f"allowed: {', '.join(map(str, PRIVATE_RANGES))}, or a public range that you own"
            )
    return block


def block_advice(block: IPv4Network) -> list[Advice]:
    """What is unwise about a block that AWS accepts."""
    advice = []
    if not any(block.subnet_of(private) for private in PRIVATE_RANGES):
        advice.append(
            Advice(
                name="PublicAddressRange",
                message=f"{block} is publicly routable: unless you own it, its owners' hosts become unreachable from "
                f"this VPC. Private ranges are {', '.join(map(str, PRIVATE_RANGES))}.",
            )
        )
    if block.overlaps(_DOCKER_BRIDGE):
        advice.append(
            Advice(
                name="AddressRangeUsedByAws",
                message=f"{block} overlaps {_DOCKER_BRIDGE}, which services such as Cloud9 and SageMaker AI use inside "
                "their hosts (Docker's bridge): they cannot reach addresses in it. Choose another block.",
            )
        )
    return advice


def check_association(blocks: Sequence[IPv4Network], secondary: IPv4Network) -> None:
    """Check that AWS lets a VPC that has `blocks` associate a further one.

    The rules: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions

    Raises:
        ValueError: If it overlaps a block of the VPC, or AWS restricts the pair of ranges.
    """
    for block in blocks:
        if block.overlaps(secondary):
            raise ValueError(f"secondary_cidrs: {secondary} overlaps {block} of this VPC; allowed: disjoint blocks")
        reason = _restriction(block, secondary)
        if reason is not None:
            raise ValueError(
                f"secondary_cidrs: AWS refuses {secondary} in a VPC that has {block}: {reason}; allowed: "
                "another block of the same RFC 1918 range (named first), 100.64.0.0/10, or a public range that you own"
            )


def _restriction(block: IPv4Network, secondary: IPv4Network) -> str | None:
    """Why AWS refuses `secondary` beside `block`, or None."""
    own_range = next((private for private in _RFC1918 if block.subnet_of(private)), None)
    new_range = next((private for private in _RFC1918 if secondary.subnet_of(private)), None)
    if new_range is not None and new_range != own_range:
        return f"{new_range} cannot be added to a VPC outside it"
    if block.subnet_of(_LOW_TEN) and secondary.subnet_of(_LOWEST_TEN):
        return f"with a block from {_LOW_TEN}, nothing from {_LOWEST_TEN} can be added"
    if own_range == _RFC1918[1] and secondary.subnet_of(_DEFAULT_VPC):
        return f"{_DEFAULT_VPC} cannot be added to a VPC in {own_range}"
    if secondary.overlaps(_BENCHMARKING):
        return f"{_BENCHMARKING} cannot be added"
    return None


def first_overlap(block: IPv4Network, others: Iterable[NamedBlock]) -> NamedBlock | None:
    """The first of `others` that shares an address with `block`."""
    return next((other for other in others if other.block.overlaps(block)), None)


def free_index(environment_type: EnvironmentType, taken: Sequence[NamedBlock]) -> int | None:
    """The first `network_index` whose block collides with nothing that is taken, or None."""
    return next(
        (
            index
            for index in range(environment_type.defaults.network_indexes)
            if first_overlap(environment_block(environment_type, index), taken) is None
        ),
        None,
    )


def overlap_message(own: NamedBlock, other: NamedBlock, suggestion: int | None, environment: EnvironmentType) -> str:
    """Name both sides of an overlap and the way out of it: another index, where one is free."""
    mend = (
        f"network_index={suggestion} gives {environment_block(environment, suggestion)}"
        if suggestion is not None
        else "a cidr of its own"
    )
    return f"{own.name} ({own.block}) overlaps {other.name} ({other.block}): the two can never be connected; {mend}"
