"""Which addresses a network ACL or a set of security groups lets pass, surely and possibly.

Rules may hold values that only a deployment knows. So every filter answers twice: with the addresses that pass whatever
those values are, and with those that pass for some of them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import Addresses, icmp_number
from aws_architect_constructs.testing.reachability.model import Acl, GroupRule, Match, SecurityGroup

TCP = 6
UDP = 17


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What rules look at, except addresses.

    Attributes:
        version: IP version.
        protocol: IANA's number.
        port: The destination port; None for ICMP.
        icmp: The ICMP type and code.
        last: The last of a range of ports that starts at `port` and that no rule tells apart; None for one port.
    """

    version: int
    protocol: int
    port: int | None = None
    icmp: tuple[int, int] | None = None
    last: int | None = None

    @property
    def ports(self) -> str:
        """Its port or ports."""
        return str(self.port) if self.last in (None, self.port) else f"{self.port}-{self.last}"

    @property
    def is_icmp(self) -> bool:
        """Whether it has type and code instead of ports."""
        return self.protocol == icmp_number(self.version)

    def __str__(self) -> str:
        if self.is_icmp:
            return "ping" if self.icmp is None or self.icmp[0] in (8, 128) else "ping's answer"
        return f"{'tcp' if self.protocol == TCP else 'udp'}/{self.ports}"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What a filter lets pass of a set of addresses.

    Attributes:
        sure: What passes whatever the unknown values are.
        possible: What passes for some of them.
        blocker: What stops the last addresses that do not pass, or None where all do.
        unknown: The first unknown value that mattered.
    """

    sure: Addresses
    possible: Addresses
    blocker: str | None = None
    unknown: str = ""


def matches(match: Match, packet: Packet) -> bool | Unknown:
    """Whether a rule is about this packet, its addresses aside."""
    if isinstance(match.protocol, Unknown):
        return match.protocol
    if match.protocol == -1:
        return True
    if match.protocol != packet.protocol:
        return False
    if packet.is_icmp:
        asked = packet.icmp or (-1, -1)
        return all(rule in (-1, value) for rule, value in zip(match.icmp, asked, strict=True))
    if match.ports is None or isinstance(match.ports, Unknown):
        return True if match.ports is None else match.ports
    return packet.port is not None and match.ports[0] <= packet.port <= match.ports[1]


def through_acl(acl: Acl | Unknown, packet: Packet, remote: Addresses, *, egress: bool) -> Passage:
    """What an ACL lets pass, by the addresses of the side outside the subnet."""
    if isinstance(acl, Unknown):
        return Passage(sure=Addresses(remote.version), possible=remote, unknown=acl.reason)
    # What no rule has decided yet, if unknown rules never let pass, and if they always do.
    open_sure = open_possible = remote
    sure = possible = Addresses(remote.version)
    blocker, unknown = None, ""
    for rule in acl.rules:
        about = matches(rule.match, packet) if rule.egress is egress else False
        if about is False or not open_possible:
            continue
        block = rule.block.addresses(remote.version)
        vague = about if isinstance(about, Unknown) else block if isinstance(block, Unknown) else None
        reach = Addresses.everything(remote.version) if isinstance(block, Unknown) else block
        if vague is not None and reach & open_possible:
            unknown = unknown or f"{rule.name}: {vague.reason}"
        if rule.allow:
            possible |= open_possible & reach
            open_possible -= reach
            if vague is None:
                sure |= open_sure & reach
                open_sure -= reach
        else:
            open_sure -= reach
            if vague is None:
                if reach & open_possible:
                    blocker = rule.name
                open_possible -= reach
    return Passage(
        sure=sure, possible=possible, blocker=blocker or (acl.name if not remote <= possible else None), unknown=unknown
    )


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The other side of a connection, as a security group sees it.

    Attributes:
        addresses: Where it is.
        groups: Its own security groups, as far as they count here.
        service: The AWS service behind a gateway endpoint, if it is one.
    """

    addresses: Addresses
    groups: Collection[str | Unknown] = ()
    service: str | None = None


def through_groups(
    groups: Iterable[str | Unknown],
    known: Callable[[str], SecurityGroup | None],
    packet: Packet,
    peer: Peer,
    *,
    egress: bool,
) -> Passage:
    """What any of the security groups lets pass, by the other side."""
    sure = possible = Addresses(peer.addresses.version)
    unknown, names = "", []
    for name in groups:
        group = known(name) if isinstance(name, str) else None
        if group is None:
            possible = peer.addresses
            unknown = unknown or (name.reason if isinstance(name, Unknown) else f"{name} is not in the templates")
            continue
        names.append(group.name)
        for rule in group.rules:
            about = matches(rule.match, packet) if rule.egress is egress else False
            if about is False:
                continue
            reach, vague = _reach(rule, peer)
            possible |= reach
            if isinstance(about, Unknown) or vague:
                unknown = unknown or f"{rule.name}: {about.reason if isinstance(about, Unknown) else vague}"
            if not isinstance(about, Unknown):
                sure |= _reach(rule, peer, surely=True)[0]
    return Passage(sure=sure, possible=possible, blocker=", ".join(names) or None, unknown=unknown)


def _reach(rule: GroupRule, peer: Peer, *, surely: bool = False) -> tuple[Addresses, str]:
    """The peer's addresses that a rule admits, and what is unknown about it."""
    version = peer.addresses.version
    nothing = Addresses(version)
    if rule.service is not None:
        return (peer.addresses if rule.service == peer.service else nothing), ""
    if rule.peer is not None:
        unknown_member = next((group for group in peer.groups if isinstance(group, Unknown)), None)
        if isinstance(rule.peer, str) and rule.peer in peer.groups:
            return peer.addresses, ""
        # An unknown group of the rule may be any of the peer's; an unknown group of the peer may be the rule's.
        vague = rule.peer if isinstance(rule.peer, Unknown) and peer.groups else unknown_member
        return (nothing if surely or vague is None else peer.addresses), "" if vague is None else vague.reason
    reach, reason = nothing, ""
    for block in rule.blocks:
        covered = block.addresses(version)
        if isinstance(covered, Unknown):
            reason = reason or covered.reason
            reach = reach if surely else peer.addresses
        else:
            reach |= peer.addresses & covered
    return reach, reason
