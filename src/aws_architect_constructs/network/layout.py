"""From a VPC's arguments to its layout: every check, every block and slot, before anything touches the tree.

Knows no CDK; the construct turns the layout into resources.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Final

from aws_architect_constructs._validations import choice, integer
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.tiers import Tier

from .address_plan import (
    AVAILABILITY_ZONE_SLOTS,
    WHOLE_BLOCK,
    AddressPlan,
    Slot,
    availability_zone_slot,
    ipv6_slot,
    ipv6_tier_blocks,
    secondary_slot,
)
from .address_rules import (
    MAX_SECONDARY_CIDRS,
    Advice,
    NamedBlock,
    block_advice,
    check_association,
    environment_block,
    first_overlap,
    free_index,
    overlap_message,
    parse_vpc_block,
)

_TIER_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{0,31}")
_IPV4_BITS: Final = 32
_LONGEST_SECONDARY_TIER_PREFIX: Final = 24  # an eighth of it is a /27, which a load balancer needs


class AdditionalTierType(StrEnum):
    """What a further tier is like."""

    PRIVATE = "PRIVATE"
    """As the private tier: out through NAT, reached from the VPC and trusted networks."""
    ISOLATED = "ISOLATED"
    """As the isolated tier: no route to the internet."""


@dataclass(frozen=True, kw_only=True)
class AdditionalTier:
    """A tier beyond the three, such as caches apart from databases, or pods with a block of their own.

    Tiers are only ever appended: the order of `additional_tiers` decides the slots.

    Attributes:
        name: Name of its subnet group: a capital letter, then letters and digits.
        tier_type: Whether it is like the private or the isolated tier.
        cidr: One of the VPC's `secondary_cidrs`, which the tier then has to itself, an eighth of it in each AZ. None
            means the next slots of the VPC's own block.
    """

    name: str
    tier_type: AdditionalTierType
    cidr: str | None = None


@dataclass(frozen=True, kw_only=True)
class IpamAllocation:
    """A block that an IPAM pool allocates while CloudFormation deploys, in place of a literal one.

    The plan's fixed slots hold inside it as inside any block.

    Attributes:
        pool_id: The pool, `ipam-pool-` and its id.
        netmask_length: Prefix length of the block. Default 16.
    """

    pool_id: str
    netmask_length: int = 16


@dataclass(frozen=True, kw_only=True)
class Zone:
    """An AZ of the VPC: its slot, and its name or None where CloudFormation chooses."""

    slot: int
    name: str | None


@dataclass(frozen=True, kw_only=True)
class TierLayout:
    """One tier.

    Attributes:
        name: Name of its subnet group.
        tier: What it is, or is like.
        secondary_cidr: The secondary block that it lies in; None means the VPC's own.
        slots: A slot for each AZ.
        blocks: The fewest slots that hold all of the tier, AZs to come included.
        ipv6_slots: A /64 for each AZ.
        ipv6_blocks: The fewest slots of the VPC's /56 that hold all of the tier.
    """

    name: str
    tier: Tier
    secondary_cidr: IPv4Network | None
    slots: tuple[Slot, ...]
    blocks: tuple[Slot, ...]
    ipv6_slots: tuple[Slot, ...]
    ipv6_blocks: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A VPC's whole layout.

    Attributes:
        block: Its literal block, or None where IPAM allocates one.
        ipam: IPAM's part, or None.
        prefix: Prefix length of either.
        secondary: Its secondary blocks.
        zones: Its AZs in the order of their slots.
        tiers: Its tiers; the first three are public, private and isolated.
        advice: What is legal but unwise about it.
    """

    block: IPv4Network | None
    ipam: IpamAllocation | None
    prefix: int
    secondary: tuple[IPv4Network, ...]
    zones: tuple[Zone, ...]
    tiers: tuple[TierLayout, ...]
    advice: tuple[Advice, ...]

    @property
    def literal_blocks(self) -> tuple[IPv4Network, ...]:
        """Every block of the VPC that is known now."""
        return (() if self.block is None else (self.block,)) + self.secondary


def plan_layout(
    name: str,
    *,
    environment_type: EnvironmentType,
    cidr: str | IpamAllocation | None,
    network_index: int,
    address_plan: AddressPlan,
    availability_zones: Sequence[str] | None,
    region: str | None,
    additional_tiers: Sequence[AdditionalTier],
    secondary_cidrs: Sequence[str],
    connected: Sequence[NamedBlock],
) -> Layout:
    """Check a VPC's arguments and lay it out.

    Args:
        name: The VPC's path, for messages.
        environment_type: Whose range the block comes from where `cidr` is None.
        cidr: The caller's block.
        network_index: The caller's index in the environment's range.
        address_plan: How the block is shared out.
        availability_zones: Names of AZs, or None for the two that CloudFormation finds.
        region: The stack's Region, or None where it is not known yet.
        additional_tiers: Tiers beyond the three.
        secondary_cidrs: Further blocks.
        connected: Blocks that must not overlap the VPC's.

    Raises:
        ValueError: If anything is wrong with the arguments.
    """
    if cidr is not None and network_index:
        raise ValueError(
            f"network_index has no meaning beside cidr, got network_index={network_index!r} and cidr={cidr!r}; "
            "allowed: one of the two"
        )
    ipam: IpamAllocation | None = None
    block: IPv4Network | None = None
    if isinstance(cidr, IpamAllocation):
        ipam = cidr
        prefix = _netmask_length(cidr)
    else:
        block = environment_block(environment_type, network_index) if cidr is None else parse_vpc_block("cidr", cidr)
        prefix = block.prefixlen
    _check_prefix(prefix, address_plan)
    blocks = [] if block is None else [block]
    secondary = _secondary_blocks(secondary_cidrs, blocks)
    blocks += secondary
    for own in blocks:
        other = first_overlap(own, connected)
        if other is not None:
            # An index moves the VPC's own block and no other.
            suggestion = free_index(environment_type, connected) if own is block else None
            raise ValueError(overlap_message(NamedBlock(name=name, block=own), other, suggestion, environment_type))
    zones = _zones(availability_zones, region)
    return Layout(
        block=block,
        ipam=ipam,
        prefix=prefix,
        secondary=tuple(secondary),
        zones=zones,
        tiers=_tiers(additional_tiers, secondary, address_plan, zones),
        advice=tuple(advice for own in blocks for advice in block_advice(own)),
    )


def _netmask_length(ipam: IpamAllocation) -> int:
    if not ipam.pool_id:
        raise ValueError(f"cidr: an IPAM allocation needs a pool, got {ipam!r}; allowed: 'ipam-pool-...'")
    return integer("cidr: netmask_length", ipam.netmask_length, 0, _IPV4_BITS)


def _check_prefix(prefix: int, plan: AddressPlan) -> None:
    if not plan.shortest_prefix <= prefix <= plan.longest_prefix:
        raise ValueError(
            f"cidr: the block does not suit the plan {plan}, got a /{prefix}; "
            f"allowed: /{plan.shortest_prefix} to /{plan.longest_prefix}"
        )


def _secondary_blocks(secondary_cidrs: Sequence[str], primary: Sequence[IPv4Network]) -> list[IPv4Network]:
    if len(secondary_cidrs) > MAX_SECONDARY_CIDRS:
        raise ValueError(
            f"secondary_cidrs: more than the quota, got {len(secondary_cidrs)}; allowed: {MAX_SECONDARY_CIDRS}"
        )
    blocks: list[IPv4Network] = []
    for text in secondary_cidrs:
        block = parse_vpc_block("secondary_cidrs", text)
        check_association([*primary, *blocks], block)
        blocks.append(block)
    return blocks


def _zones(availability_zones: Sequence[str] | None, region: str | None) -> tuple[Zone, ...]:
    if availability_zones is None:
        return (Zone(slot=0, name=None), Zone(slot=1, name=None))
    if not 2 <= len(availability_zones) <= AVAILABILITY_ZONE_SLOTS:  # noqa: PLR2004 -- one AZ is one fire
        raise ValueError(
            f"availability_zones: too few or more than the plan has slots for, got {list(availability_zones)!r}; "
            f"allowed: 2 to {AVAILABILITY_ZONE_SLOTS}"
        )
    zones = {}
    for name in availability_zones:
        slot = availability_zone_slot(name)
        region = region or name[:-1]
        if name[:-1] != region:
            raise ValueError(f"availability_zones: not in the stack's Region, got {name!r}; allowed: those of {region}")
        if slot in zones:
            raise ValueError(f"availability_zones: named twice, got {name!r}; allowed: each AZ once")
        zones[slot] = Zone(slot=slot, name=name)
    return tuple(zones[slot] for slot in sorted(zones))


def _tiers(
    additional: Sequence[AdditionalTier],
    secondary: Sequence[IPv4Network],
    plan: AddressPlan,
    zones: Sequence[Zone],
) -> tuple[TierLayout, ...]:
    specs: list[tuple[str, Tier, IPv4Network | None]] = [(tier.value, tier, None) for tier in Tier]
    for extra in additional:
        kind = choice("additional_tiers", AdditionalTierType, extra.tier_type)
        tier = Tier.PRIVATE if kind is AdditionalTierType.PRIVATE else Tier.ISOLATED
        if not _TIER_NAME.fullmatch(extra.name):
            raise ValueError(
                f"additional_tiers: malformed name, got {extra.name!r}; "
                "allowed: a capital letter, then up to 31 letters and digits"
            )
        if extra.name in {name for name, _, _ in specs}:
            raise ValueError(f"additional_tiers: the name is taken, got {extra.name!r}; allowed: each name once")
        block = None if extra.cidr is None else _tier_block(extra, secondary)
        if block is not None and block in {taken for _, _, taken in specs}:
            raise ValueError(
                f"additional_tiers: another tier has the block, got {extra.cidr!r}; allowed: each secondary block once"
            )
        specs.append((extra.name, tier, block))
    if len(specs) > plan.tiers:
        raise ValueError(
            f"additional_tiers: more than the plan {plan} has slots for, got {len(additional)}; "
            f"allowed: {plan.tiers - len(Tier)}"
        )
    return tuple(
        TierLayout(
            name=name,
            tier=tier,
            secondary_cidr=block,
            slots=tuple(plan.slot(index, z.slot) if block is None else secondary_slot(z.slot) for z in zones),
            blocks=plan.tier_blocks(index) if block is None else (WHOLE_BLOCK,),
            ipv6_slots=tuple(ipv6_slot(index, z.slot) for z in zones),
            ipv6_blocks=ipv6_tier_blocks(index),
        )
        for index, (name, tier, block) in enumerate(specs)
    )


def _tier_block(extra: AdditionalTier, secondary: Sequence[IPv4Network]) -> IPv4Network:
    block = parse_vpc_block("additional_tiers", extra.cidr)
    if block not in secondary:
        raise ValueError(
            f"additional_tiers: the block of {extra.name} is none of the VPC's, got {extra.cidr!r}; "
            f"allowed: one of secondary_cidrs ({', '.join(map(str, secondary)) or 'none given'})"
        )
    if block.prefixlen > _LONGEST_SECONDARY_TIER_PREFIX:
        raise ValueError(
            f"additional_tiers: too small for a tier, got {extra.cidr!r}; "
            f"allowed: /{_LONGEST_SECONDARY_TIER_PREFIX} or larger"
        )
    return block
