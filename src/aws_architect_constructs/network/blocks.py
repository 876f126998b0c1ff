"""A layout's slots as text for templates: literal where the block is known, else CloudFormation's own arithmetic."""

from typing import Final

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2

from .acl_plan import BlockTexts
from .address_plan import Slot
from .layout import Layout, TierLayout

_IPV4_BITS: Final = 32
_IPV6_BITS: Final = 128
_IPV6_PREFIX: Final = 56  # of the blocks that Amazon provides


class Blocks:
    """The blocks of one VPC.

    Attributes:
        cidr: The VPC's own IPv4 block.
        ipv6_cidr: Its IPv6 block, or None.
    """

    def __init__(self, cfn_vpc: ec2.CfnVPC, layout: Layout, *, dual_stack: bool) -> None:
        self._layout = layout
        self.cidr: Final[str] = cfn_vpc.attr_cidr_block if layout.block is None else str(layout.block)
        self.ipv6_cidr: Final = Fn.select(0, cfn_vpc.attr_ipv6_cidr_blocks) if dual_stack else None

    def ipv4(self, tier: TierLayout, slot: Slot) -> str:
        """The addresses of a slot of the tier's block."""
        block = tier.secondary_cidr or self._layout.block
        if block is not None:
            return str(slot.within(block))
        return _part(self.cidr, slot, _IPV4_BITS - self._layout.prefix)

    def ipv6(self, slot: Slot) -> str:
        """The addresses of a slot of the IPv6 block."""
        return _part(str(self.ipv6_cidr), slot, _IPV6_BITS - _IPV6_PREFIX)

    def subnets(self, tier: TierLayout) -> list[tuple[str, str | None]]:
        """The IPv4 and IPv6 addresses of each of the tier's subnets."""
        return [
            (self.ipv4(tier, slot), None if self.ipv6_cidr is None else self.ipv6(ipv6_slot))
            for slot, ipv6_slot in zip(tier.slots, tier.ipv6_slots, strict=True)
        ]

    def ipv4_texts(self) -> BlockTexts:
        """Every IPv4 block, for the network ACLs."""
        return BlockTexts(
            vpc=(self.cidr, *map(str, self._layout.secondary)),
            tiers={tier.name: tuple(self.ipv4(tier, slot) for slot in tier.blocks) for tier in self._layout.tiers},
        )

    def ipv6_texts(self) -> BlockTexts | None:
        """Every IPv6 block, for the network ACLs, or None."""
        if self.ipv6_cidr is None:
            return None
        return BlockTexts(
            vpc=(self.ipv6_cidr,),
            tiers={tier.name: tuple(self.ipv6(slot) for slot in tier.ipv6_blocks) for tier in self._layout.tiers},
        )


def _part(block: str, slot: Slot, block_bits: int) -> str:
    """A slot of a block that CloudFormation knows first; `block_bits` are the block's own host bits."""
    if slot.bits == 0:
        return block
    return Fn.select(slot.index, Fn.cidr(block, 2**slot.bits, str(block_bits - slot.bits)))
