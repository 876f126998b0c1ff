"""Where every subnet of a VPC lies: a fixed slot for each tier and AZ, so that a plan only ever grows.

A subnet's CIDR can never change in place, and neither can the tier or AZ that it was given to. So the plan reserves a
slot for every AZ that a Region may have and for every tier to come, before the first subnet is made: adding an AZ or a
tier takes slots that were always theirs. Slots are relative to the VPC's block, which therefore may be a literal or an
address range that IPAM allocates while CloudFormation deploys.

Pure Python: nothing here knows CDK.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Final

AVAILABILITY_ZONE_SLOTS: Final = 6
"""AZs that a plan has room for: as many as the largest Region, us-east-1, has."""

_PUBLIC: Final = 0
_PRIVATE: Final = 1

# The standard grid cuts the block into 256 units: ten for each tier, of which the first stays free and six are slots.
_GRID_BITS: Final = 8
_UNITS_PER_TIER: Final = 10


@dataclass(frozen=True, kw_only=True, order=True)
class Slot:
    """A part of an address block, wherever that block lies.

    Attributes:
        bits: How many bits longer than the block's its prefix is; the block has `2 ** bits` slots of this size.
        index: Which of them it is, from 0.
    """

    bits: int
    index: int

    def within(self, block: IPv4Network) -> IPv4Network:
        """The addresses that this slot has in `block`."""
        prefix = block.prefixlen + self.bits
        return IPv4Network((int(block.network_address) + (self.index << (block.max_prefixlen - prefix)), prefix))

    def covers(self, other: "Slot") -> bool:
        """Whether `other` lies inside this slot, or is this slot."""
        return self.bits <= other.bits and other.index >> (other.bits - self.bits) == self.index

    def halves(self) -> tuple["Slot", "Slot"]:
        """The two slots that this one consists of."""
        return (
            Slot(bits=self.bits + 1, index=self.index * 2),
            Slot(bits=self.bits + 1, index=self.index * 2 + 1),
        )


WHOLE_BLOCK: Final = Slot(bits=0, index=0)


class AddressPlan(StrEnum):
    """How a VPC's block is shared out among its tiers and AZs.

    Tiers are counted from 0: public, private, isolated, then further tiers in the order that they were added in. AZs
    are counted from 0 too. A plan never moves a slot, whatever is added.
    """

    STANDARD = "STANDARD"
    """Equal subnets, easy to read: in 10.2.0.0/16 public is 10.2.1.0/24, .2, ..., private .11, .12, ..., isolated .21,
    .22, ..., and a further tier .31, .41, ...: 251 addresses in each subnet. Takes a block from /16 to /19."""
    SPACIOUS = "SPACIOUS"
    """A roomy private tier for fleets of containers and functions: in 10.2.0.0/16 private is 10.2.64.0/19,
    10.2.96.0/19, ...: 8,187 addresses in each; the other tiers lie as in STANDARD. Takes a block of /16 or /17 and
    three further tiers."""

    @property
    def shortest_prefix(self) -> int:
        """Prefix length of the largest block that the plan takes: AWS's own limit for a VPC."""
        return 16

    @property
    def longest_prefix(self) -> int:
        """Prefix length of the smallest block that the plan takes.

        STANDARD ends where its subnets would be smaller than the /27 that an Application Load Balancer needs, SPACIOUS
        where its private subnets would be smaller than /20.
        """
        return 19 if self is AddressPlan.STANDARD else 17

    @property
    def tiers(self) -> int:
        """How many tiers the plan has slots for, the first three included."""
        return 25 if self is AddressPlan.STANDARD else 6

    def slot(self, tier: int, availability_zone: int) -> Slot:
        """The slot of a tier in an AZ.

        Raises:
            ValueError: If the plan has no slot for the tier or the AZ.
        """
        if not 0 <= tier < self.tiers:
            raise ValueError(f"{self} has no slot for tier {tier}; allowed: 0 to {self.tiers - 1}")
        if not 0 <= availability_zone < AVAILABILITY_ZONE_SLOTS:
            raise ValueError(
                f"{self} has no slot for AZ {availability_zone}; allowed: 0 to {AVAILABILITY_ZONE_SLOTS - 1}"
            )
        if self is AddressPlan.SPACIOUS and tier == _PRIVATE:
            # Eighths of the block: two hold the small tiers' grid, the other six are the private tier's.
            return Slot(bits=3, index=2 + availability_zone)
        return Slot(bits=_GRID_BITS, index=tier * _UNITS_PER_TIER + availability_zone + 1)

    def tier_blocks(self, tier: int) -> tuple[Slot, ...]:
        """The fewest blocks that hold every slot of a tier and no slot of another.

        They hold the slots of AZs that are not used yet too, so that a rule about a tier (of a network ACL, say) need
        not change when the tier grows.
        """
        own = tuple(self.slot(tier, zone) for zone in range(AVAILABILITY_ZONE_SLOTS))
        others = tuple(
            self.slot(other, zone)
            for other in range(self.tiers)
            for zone in range(AVAILABILITY_ZONE_SLOTS)
            if other != tier
        )
        return _cover(WHOLE_BLOCK, own, others)


def _cover(block: Slot, own: tuple[Slot, ...], others: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Split `block` until each part holds own slots alone, and keep those parts."""
    if not any(block.covers(slot) for slot in own):
        return ()
    if not any(block.covers(slot) for slot in others):
        return (block,)
    return tuple(part for half in block.halves() for part in _cover(half, own, others))


def secondary_slot(availability_zone: int) -> Slot:
    """The slot of an AZ in a secondary block, which one tier has to itself: an eighth of it."""
    return Slot(bits=3, index=availability_zone)


def ipv6_slot(tier: int, availability_zone: int) -> Slot:
    """The /64 of a tier and AZ in the VPC's /56: the same unit that the standard grid gives it in IPv4."""
    return AddressPlan.STANDARD.slot(tier, availability_zone)


def ipv6_tier_blocks(tier: int) -> tuple[Slot, ...]:
    """The fewest IPv6 blocks that hold every slot of a tier and no slot of another."""
    return AddressPlan.STANDARD.tier_blocks(tier)


def availability_zone_slot(name: str) -> int:
    """The AZ slot that an AZ's letter stands for: `a` is 0, `f` is 5.

    The letter, and not the position in a list, so that leaving out, adding or reordering AZs moves no subnet.

    Raises:
        ValueError: If `name` is not that of an AZ of a Region (Local Zones and Wavelength Zones are not).
    """
    region, letter = name[:-1], name[-1:]
    parts = region.split("-")
    letters = "abcdef"[:AVAILABILITY_ZONE_SLOTS]
    if len(parts) < 3 or not parts[-1].isdigit() or not all(part.isalpha() for part in parts[:-1]):  # noqa: PLR2004 -- us-east-1: three parts
        raise ValueError(
            f"not an Availability Zone's name, got {name!r}; allowed: a Region and a letter, as eu-west-1a"
        )
    if letter not in letters:
        raise ValueError(f"no slot for this Availability Zone, got {name!r}; allowed letters: {', '.join(letters)}")
    return letters.index(letter)
