"""The rules of each tier's network ACL: stateless, complete in both directions, and never in the way.

A network ACL filters what crosses a subnet's edge, also between two subnets of one tier, and remembers nothing: each
answer needs a rule of its own. What a security group decides per resource is repeated here only as far as a tier as a
whole can promise it. AWS's DNS, time and metadata services cannot be filtered and get no rule.

Every purpose has a range of rule numbers, so that adding a rule to one never renumbers another; numbers below 100 and
between the ranges are left for the user's own denials.

Pure Python: blocks are text, literal or CloudFormation's, and nothing here knows CDK.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

DEFAULT_RULE_QUOTA: Final = 20
HIGHEST_RULE_QUOTA: Final = 40
"""Rules a direction and IP family, the closing denial that every ACL has included.

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

EPHEMERAL_PORTS: Final = (1024, 65535)
"""Ports that answers come back to: NAT gateways, Lambda and load balancers use the whole range.

https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
"""

_HTTPS: Final = (443, 443)
_STEP: Final = 10
_IPV6_OFFSET: Final = 5
_ICMP_UNREACHABLE: Final = (3, -1)  # carries "fragmentation needed", without which path MTU discovery fails
_ANY_ICMP: Final = (-1, -1)


class Protocol(IntEnum):
    """IANA protocol numbers, as a network ACL spells them."""

    ALL = -1
    ICMP = 1
    TCP = 6
    UDP = 17
    ICMPV6 = 58


class Purpose(IntEnum):
    """What a rule is for; the value is the first number of its range."""

    BLOCKED = 100
    VPC = 1000
    PRIVATE = 2000
    ISOLATED = 3000
    TRUSTED = 4000
    FENCE = 5000
    PUBLISHED = 6000
    AWS_SERVICES = 7000
    RETURN_TRAFFIC = 8000
    PATH_MTU = 9000
    INTERNET = 10000


class Family(StrEnum):
    """An IP family; the value is its way to write `everywhere`."""

    IPV4 = "0.0.0.0/0"
    IPV6 = "::/0"


@dataclass(frozen=True, kw_only=True)
class AclRule:
    """One entry of a network ACL.

    Attributes:
        egress: Whether it is about traffic that leaves the subnet.
        number: Its place: the lowest number that matches decides.
        allow: Whether it allows or denies.
        family: The IP family of `block`.
        block: The other side's addresses.
        protocol: The protocol it is about.
        ports: First and last destination port; None for all, and where the protocol has none.
        icmp: Type and code of an ICMP rule; -1 stands for all.
    """

    egress: bool
    number: int
    allow: bool
    family: Family
    block: str
    protocol: Protocol = Protocol.ALL
    ports: tuple[int, int] | None = None
    icmp: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class TierBlocks:
    """The blocks of a VPC in one IP family, and the networks it is told about.

    Attributes:
        family: The IP family.
        vpc: All blocks of the VPC.
        private: The blocks of its private tiers.
        isolated: The blocks of its isolated tiers.
        fence: Addresses that are never AWS's public endpoints: private ranges and the VPC's own.
        trusted: Connected networks that private tiers exchange traffic with.
        blocked: Ranges denied ahead of every allow.
    """

    family: Family
    vpc: Sequence[str]
    private: Sequence[str]
    isolated: Sequence[str]
    fence: Sequence[str]
    trusted: Sequence[str] = ()
    blocked: Sequence[str] = ()


class _Rules:
    """Collects rules and gives each the next number of its purpose."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.rules: list[AclRule] = []
        self._used: dict[tuple[bool, Purpose], int] = {}

    def add(
        self,
        purpose: Purpose,
        blocks: Iterable[str],
        *,
        egress: bool,
        allow: bool = True,
        protocol: Protocol = Protocol.ALL,
        ports: tuple[int, int] | None = None,
        icmp: tuple[int, int] | None = None,
    ) -> None:
        for block in blocks:
            place = self._used.get((egress, purpose), 0)
            self._used[egress, purpose] = place + 1
            offset = _IPV6_OFFSET if self.family is Family.IPV6 else 0
            number = purpose + place * _STEP + offset
            self.rules.append(
                AclRule(
                    egress=egress,
                    number=number,
                    allow=allow,
                    family=self.family,
                    block=block,
                    protocol=protocol,
                    ports=ports,
                    icmp=icmp,
                )
            )

    def both_ways(self, purpose: Purpose, blocks: Iterable[str], *, allow: bool = True) -> None:
        """Everything from and to `blocks`."""
        texts = tuple(blocks)
        self.add(purpose, texts, egress=False, allow=allow)
        self.add(purpose, texts, egress=True, allow=allow)

    def answers_from_anywhere(self, *protocols: Protocol) -> None:
        """Let in what was asked for, and the news that a packet was too big."""
        for protocol in protocols:
            self.add(Purpose.RETURN_TRAFFIC, [self.family], egress=False, protocol=protocol, ports=EPHEMERAL_PORTS)
        ipv6 = self.family is Family.IPV6
        self.add(
            Purpose.PATH_MTU,
            [self.family],
            egress=False,
            protocol=Protocol.ICMPV6 if ipv6 else Protocol.ICMP,
            icmp=_ANY_ICMP if ipv6 else _ICMP_UNREACHABLE,
        )

    def aws_services(self) -> None:
        """HTTPS to gateway endpoints, whose addresses are public although the route is private."""
        self.add(Purpose.AWS_SERVICES, [self.family], egress=True, protocol=Protocol.TCP, ports=_HTTPS)


def public_rules(blocks: TierBlocks, *, public_ports: Sequence[int]) -> list[AclRule]:
    """The public tier admits its published ports from everywhere, the VPC, and answers to NAT and load balancers.

    NAT makes the private tier's traffic enter this tier with the port it is bound for, so the VPC may send anything.
    """
    rules = _Rules(blocks.family)
    rules.both_ways(Purpose.BLOCKED, blocks.blocked, allow=False)
    rules.add(Purpose.VPC, blocks.vpc, egress=False)
    for port in public_ports:
        rules.add(Purpose.PUBLISHED, [blocks.family], egress=False, protocol=Protocol.TCP, ports=(port, port))
    rules.answers_from_anywhere(Protocol.TCP, Protocol.UDP)
    rules.add(Purpose.INTERNET, [blocks.family], egress=True)
    return rules.rules


def private_rules(blocks: TierBlocks, *, internet: bool) -> list[AclRule]:
    """A private tier admits the VPC, the trusted networks, and answers from the internet if it has a way out."""
    rules = _Rules(blocks.family)
    rules.both_ways(Purpose.BLOCKED, blocks.blocked, allow=False)
    rules.add(Purpose.VPC, blocks.vpc, egress=False)
    rules.add(Purpose.TRUSTED, blocks.trusted, egress=False)
    if internet:
        rules.answers_from_anywhere(Protocol.TCP, Protocol.UDP)
        rules.add(Purpose.INTERNET, [blocks.family], egress=True)
    else:
        rules.answers_from_anywhere(Protocol.TCP)
        rules.add(Purpose.VPC, blocks.vpc, egress=True)
        rules.add(Purpose.TRUSTED, blocks.trusted, egress=True)
        rules.aws_services()
    return rules.rules


def isolated_rules(blocks: TierBlocks) -> list[AclRule]:
    """An isolated tier talks to private and isolated tiers, and to gateway endpoints.

    A gateway endpoint answers from public addresses, so answers must be let in from everywhere. The fence before that
    denies every address that is not public, or a public subnet could reach a database port above 1023.
    """
    rules = _Rules(blocks.family)
    rules.both_ways(Purpose.BLOCKED, blocks.blocked, allow=False)
    rules.both_ways(Purpose.PRIVATE, blocks.private)
    rules.both_ways(Purpose.ISOLATED, blocks.isolated)
    rules.both_ways(Purpose.FENCE, blocks.fence, allow=False)
    rules.answers_from_anywhere(Protocol.TCP)
    rules.aws_services()
    return rules.rules


def check_quota(rules: Sequence[AclRule], quota: int) -> None:
    """Check that rules fit an ACL.

    Raises:
        ValueError: If a direction and IP family has more rules than the quota leaves beside the closing denial.
    """
    for egress in (False, True):
        for family in Family:
            count = sum(rule.egress is egress and rule.family is family for rule in rules)
            if count > quota - 1:
                direction = "outbound" if egress else "inbound"
                raise ValueError(
                    f"{count} {direction} {family.name} rules exceed a quota of {quota}, the closing denial included, "
                    f"got {count!r}; allowed: {quota - 1} (fewer public_ports, trusted_cidrs, blocked_cidrs or "
                    f"further tiers, or network_acl_rule_quota up to {HIGHEST_RULE_QUOTA} once AWS has raised yours)"
                )
