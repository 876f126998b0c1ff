"""From a VPC's layout to the network ACL rules of each of its tiers.

Pure Python: blocks are text, so that the same rules can be counted before the VPC exists and written once it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from aws_architect_constructs._validations import integer
from aws_architect_constructs.foundation.tiers import Tier

from .address_rules import PRIVATE_RANGES, parse_cidr
from .layout import Layout, TierLayout
from .network_acls import (
    DEFAULT_RULE_QUOTA,
    HIGHEST_RULE_QUOTA,
    AclRule,
    Family,
    TierBlocks,
    check_quota,
    isolated_rules,
    private_rules,
    public_rules,
)

_REMOTE_ACCESS: Final[Mapping[int, str]] = {22: "SSH", 3389: "RDP"}
HIGHEST_PORT: Final = 65535
_UNIQUE_LOCAL: Final = IPv6Network("fc00::/7")


@dataclass(frozen=True, kw_only=True)
class AclSettings:
    """What a VPC's user says about its network ACLs. Checked when made.

    Attributes:
        public_ports: TCP ports that the public tier publishes.
        trusted_cidrs: Networks that private tiers exchange traffic with.
        blocked_cidrs: Networks denied ahead of every allow.
        rule_quota: Rules a direction and IP family, the closing denial included.
    """

    public_ports: Sequence[int]
    trusted_cidrs: Sequence[str]
    blocked_cidrs: Sequence[str]
    rule_quota: int

    def __post_init__(self) -> None:
        """Refuse ports and networks that no ACL should have."""
        for port in self.public_ports:
            if port in _REMOTE_ACCESS:
                raise ValueError(
                    f"public_ports: {_REMOTE_ACCESS[port]} is never published, got {port!r}; allowed: Session Manager, "
                    "which needs no open port (endpoints=EndpointProfile.SESSION_MANAGER without NAT)"
                )
            integer("public_ports", port, 1, HIGHEST_PORT)
        integer("network_acl_rule_quota", self.rule_quota, DEFAULT_RULE_QUOTA, HIGHEST_RULE_QUOTA)
        self.networks("trusted_cidrs")
        self.networks("blocked_cidrs")

    def networks(self, argument: str) -> list[IPv4Network | IPv6Network]:
        """The networks of `trusted_cidrs` or `blocked_cidrs`, parsed."""
        texts = self.trusted_cidrs if argument == "trusted_cidrs" else self.blocked_cidrs
        return [parse_cidr(argument, text) for text in texts]

    def check_blocks(self, layout: Layout) -> None:
        """Refuse a denial that would cut the VPC off from itself.

        Raises:
            ValueError: If a blocked network overlaps a block of the VPC.
        """
        for blocked in self.networks("blocked_cidrs"):
            for block in layout.literal_blocks:
                if isinstance(blocked, IPv4Network) and blocked.overlaps(block):
                    raise ValueError(
                        f"blocked_cidrs: would cut the VPC ({block}) off from itself, got '{blocked}'; "
                        "allowed: networks outside the VPC"
                    )
            if blocked.prefixlen == 0:
                raise ValueError(
                    f"blocked_cidrs: would cut the VPC off from everything, got '{blocked}'; "
                    "allowed: networks outside the VPC"
                )


@dataclass(frozen=True, kw_only=True)
class BlockTexts:
    """A VPC's blocks in one IP family, as text: its own, and each tier's by name."""

    vpc: tuple[str, ...]
    tiers: Mapping[str, tuple[str, ...]]


def tier_rules(
    layout: Layout, settings: AclSettings, *, internet: bool, ipv4: BlockTexts, ipv6: BlockTexts | None
) -> dict[str, list[AclRule]]:
    """The rules of each tier's network ACL, by the tier's name.

    Args:
        layout: The VPC's layout.
        settings: What its user says about its ACLs.
        internet: Whether the private tiers have a way to the internet.
        ipv4: Its IPv4 blocks.
        ipv6: Its IPv6 blocks, or None where it has none.

    Raises:
        ValueError: If the rules of a tier exceed the quota.
    """
    families = [_tier_blocks(layout, settings, Family.IPV4, ipv4)]
    if ipv6 is not None:
        families.append(_tier_blocks(layout, settings, Family.IPV6, ipv6))
    rules = {}
    for tier in layout.tiers:
        rules[tier.name] = [rule for blocks in families for rule in _rules(tier, blocks, settings, internet=internet)]
        try:
            check_quota(rules[tier.name], settings.rule_quota)
        except ValueError as error:
            raise ValueError(f"network ACL of the tier {tier.name}: {error}") from None
    return rules


def _rules(tier: TierLayout, blocks: TierBlocks, settings: AclSettings, *, internet: bool) -> list[AclRule]:
    if tier.tier is Tier.PUBLIC:
        return public_rules(blocks, public_ports=tuple(dict.fromkeys(settings.public_ports)))
    if tier.tier is Tier.PRIVATE:
        return private_rules(blocks, internet=internet)
    return isolated_rules(blocks)


def _tier_blocks(layout: Layout, settings: AclSettings, family: Family, texts: BlockTexts) -> TierBlocks:
    version = 4 if family is Family.IPV4 else 6

    def of(tier: Tier) -> list[str]:
        return [text for layer in layout.tiers if layer.tier is tier for text in texts.tiers[layer.name]]

    def networks(argument: str) -> list[str]:
        return [str(network) for network in settings.networks(argument) if network.version == version]

    return TierBlocks(
        family=family,
        vpc=texts.vpc,
        private=of(Tier.PRIVATE),
        isolated=of(Tier.ISOLATED),
        fence=_fence(family, [*texts.vpc, *networks("trusted_cidrs")]),
        trusted=networks("trusted_cidrs"),
        blocked=networks("blocked_cidrs"),
    )


def _fence(family: Family, others: Sequence[str]) -> list[str]:
    """Private ranges, and the VPC's and the trusted networks' blocks where they are not private or not known.

    A default route to a trusted network is no fence: AWS's public endpoints lie behind it too.
    """
    private = PRIVATE_RANGES if family is Family.IPV4 else (_UNIQUE_LOCAL,)
    return [*map(str, private), *(text for text in others if text != family and not _lies_in(text, private))]


def _lies_in(text: str, ranges: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether a block lies in one of the ranges, as far as it is known."""
    try:
        network = ip_network(text)
    except ValueError:
        return False  # a token: CloudFormation's to know
    return any(
        int(outer.network_address) <= int(network.network_address)
        and int(network.broadcast_address) <= int(outer.broadcast_address)
        for outer in ranges
    )
