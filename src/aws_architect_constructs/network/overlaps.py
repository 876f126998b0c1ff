"""VPCs that could never be connected, because they share addresses."""

from collections.abc import Sequence
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from constructs import IConstruct

from aws_architect_constructs.foundation.environment import EnvironmentType

from .address_rules import Advice, NamedBlock, first_overlap, free_index, overlap_message, parse_cidr

_blocks_by_app: Final[WeakKeyDictionary[IConstruct, list[NamedBlock]]] = WeakKeyDictionary()
"""The literal blocks of every VPC of an app."""


class AddressSpace(Protocol):
    """What has address blocks: a `ThreeTierVpc`."""

    @property
    def address_blocks(self) -> list[NamedBlock]:
        """The blocks, named after what has them."""
        ...


def note_blocks(root: IConstruct, own: Sequence[NamedBlock], environment_type: EnvironmentType) -> list[Advice]:
    """Remember a VPC's blocks, and say which other VPC of the app has the same addresses.

    Args:
        root: The app.
        own: The VPC's blocks.
        environment_type: Whose range a free index is looked for in.
    """
    known = _blocks_by_app.setdefault(root, [])
    advice = []
    for place, block in enumerate(own):
        other = first_overlap(block.block, known)
        if other is not None:
            suggestion = free_index(environment_type, known) if place == 0 else None
            message = overlap_message(block, other, suggestion, environment_type)
            advice.append(Advice(name="OverlappingVpcs", message=f"{message}."))
    known.extend(own)
    return advice


def connected_blocks(connected_to: Sequence[str | AddressSpace]) -> list[NamedBlock]:
    """The IPv4 blocks that a VPC must stay clear of.

    Raises:
        ValueError: If a text is no CIDR.
    """
    if isinstance(connected_to, str):
        raise ValueError(f"connected_to: not a list, got {connected_to!r}; allowed: a list of CIDRs and ThreeTierVpcs")
    blocks = []
    for connected in connected_to:
        if isinstance(connected, str):
            network = parse_cidr("connected_to", connected)
            if network.version == 4:  # noqa: PLR2004 -- AWS chooses IPv6 blocks, which never overlap
                blocks.append(NamedBlock(name="the connected network", block=network))
        elif hasattr(connected, "address_blocks"):
            blocks.extend(connected.address_blocks)
        else:
            raise ValueError(
                f"connected_to: neither a CIDR nor a ThreeTierVpc, got {connected!r}; allowed: texts and ThreeTierVpcs"
            )
    return blocks
