"""One connection on one path: which of its addresses pass each filter, and what stops the last of them.

A filter looks at one side of a connection at a time, so the addresses that pass are always all pairs of some sources
and some destinations. Both are narrowed exactly, surely and possibly.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import Addresses
from aws_architect_constructs.testing.reachability.answer import Verdict
from aws_architect_constructs.testing.reachability.matching import Packet, Passage, Peer, through_acl, through_groups
from aws_architect_constructs.testing.reachability.model import SecurityGroup, Subnet


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a connection starts or ends: an interface in a subnet, or addresses outside.

    Attributes:
        name: What answers call it.
        addresses: Its addresses, or those among which they are.
        vague: Whether `addresses` only bounds them, because the templates do not tell them.
        subnet: Its subnet; None outside.
        groups: The security groups that filter it; None means no filter.
        public: Whether it has a public IPv4 address.
        service: The AWS service, if it is reached by a gateway endpoint.
    """

    name: str
    addresses: Addresses
    vague: bool = False
    subnet: Subnet | None = None
    groups: tuple[str | Unknown, ...] | None = None
    public: bool | Unknown = True
    service: str | None = None

    @property
    def members(self) -> tuple[str | Unknown, ...]:
        """The groups that it is a member of."""
        return self.groups or ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one connection on one path."""

    verdict: Verdict
    path: tuple[str, ...] = ()
    explanation: str = ""
    blocked_by: str | None = None


class StoppedError(Exception):
    """No address passes; raised and caught within a walk."""

    def __init__(self, by: str, why: str) -> None:
        super().__init__(why)
        self.by = by
        self.why = why


@dataclass
class _Side:
    """The addresses of one end that are still under way."""

    sure: Addresses
    possible: Addresses
    vague: bool

    def narrow(self, passage: Passage) -> None:
        # Of vague addresses only one is real: it passes surely only if all do.
        lost = self.vague and not self.sure <= passage.sure
        self.sure = Addresses(self.sure.version) if lost else self.sure & passage.sure
        self.possible &= passage.possible


@dataclass(kw_only=True)
class Flow:
    """A connection under way: call the steps in the order in which packets meet them.

    Attributes:
        packet: The packet of the request.
        reply: The packet of the answer.
        group_of: Finds a security group by name.
    """

    packet: Packet
    reply: Packet
    group_of: Callable[[str], SecurityGroup | None]
    source: Place
    destination: Place
    path: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = _Side(self.source.addresses, self.source.addresses, self.source.vague)
        self.destinations = _Side(self.destination.addresses, self.destination.addresses, self.destination.vague)

    def bound_for(self, part: Addresses) -> None:
        """Go on with those destinations only."""
        self.destinations.narrow(Passage(sure=part, possible=part))

    def coming_from(self, part: Addresses) -> None:
        """Go on with those sources only."""
        self.sources.narrow(Passage(sure=part, possible=part))

    def hop(self, text: str) -> None:
        """Record something that lets the connection pass."""
        self.path.append(text)

    def doubt(self, reason: str) -> None:
        """Record something that cannot be decided."""
        self.doubts.append(reason)

    def leave(self, *, members: Iterable[str | Unknown] = (), crosses_edge: bool = True) -> None:
        """The request leaves the source, whose groups see the destination."""
        peer = Peer(addresses=self.destinations.possible, groups=tuple(members), service=self.destination.service)
        self._groups(self.source, peer, self.destinations, egress=True)
        if crosses_edge and self.source.subnet is not None:
            self.acl(self.source.subnet, self.packet, self.destinations, egress=True)

    def arrive(self, *, members: Iterable[str | Unknown] = (), crosses_edge: bool = True) -> None:
        """The request arrives at the destination, whose groups see the source."""
        if crosses_edge and self.destination.subnet is not None:
            self.acl(self.destination.subnet, self.packet, self.sources, egress=False)
        peer = Peer(addresses=self.sources.possible, groups=tuple(members))
        self._groups(self.destination, peer, self.sources, egress=False)

    def answer_leaves(self) -> None:
        """The answer leaves the destination's subnet; security groups remember the connection."""
        if self.destination.subnet is not None:
            self.acl(self.destination.subnet, self.reply, self.sources, egress=True)

    def answer_arrives(self) -> None:
        """The answer enters the source's subnet."""
        if self.source.subnet is not None:
            self.acl(self.source.subnet, self.reply, self.destinations, egress=False)

    def acl(self, subnet: Subnet, packet: Packet, side: _Side, *, egress: bool) -> None:
        """Pass the network ACL of a subnet."""
        self.pass_any(subnet, [packet], side, egress=egress)

    def pass_any(self, subnet: Subnet, packets: list[Packet], side: _Side, *, egress: bool) -> None:
        """Pass the network ACL with one of several packets, which one being unknown."""
        before = side.possible
        passages = [through_acl(subnet.acl, packet, before, egress=egress) for packet in packets]
        together = passages[0]
        for passage in passages[1:]:
            together = Passage(
                sure=together.sure & passage.sure,
                possible=together.possible | passage.possible,
                blocker=together.blocker or passage.blocker,
                unknown=together.unknown
                or passage.unknown
                or f"it depends on the port: {packets[0]} and {packets[-1]} differ",
            )
        name = "its network ACL" if isinstance(subnet.acl, Unknown) else subnet.acl.name
        what = f"{'the answer ' if packets[0] != self.packet else ''}{packets[0]}"
        way = f"out of {subnet.name} to" if egress else f"into {subnet.name} from"
        blocker = together.blocker or name
        rule = "no rule" if blocker == name else f"rule {blocker}"
        verb = "lets" if blocker == name else "does not let"
        self._narrow(side, together, blocker, f"{rule} of {name} {verb} {what} {way} {before}", name)
        self.hop(f"network ACL {name} lets {what} {way} {side.possible}")

    def _groups(self, place: Place, peer: Peer, side: _Side, *, egress: bool) -> None:
        if place.groups is None:
            return
        passage = through_groups(place.groups, self.group_of, self.packet, peer, egress=egress)
        names = ", ".join(group if isinstance(group, str) else "an unknown group" for group in place.groups)
        way = f"to {peer.addresses}" if egress else f"from {peer.addresses}"
        what = f"no {'egress' if egress else 'ingress'} rule of {names} admits {self.packet} {way}"
        if not egress and peer.groups:
            what += f" or a member of {', '.join(str(group) for group in peer.groups)}"
        self._narrow(side, passage, passage.blocker or names, what, names)
        self.hop(f"security group {names} admits {self.packet} {'to' if egress else 'from'} {side.possible}")

    def _narrow(self, side: _Side, passage: Passage, by: str, why: str, name: str) -> None:
        was_sure = bool(side.sure)
        side.narrow(passage)
        if not side.possible:
            raise StoppedError(by, why)
        if was_sure and not side.sure:
            self.doubt(passage.unknown or f"{name} lets only {side.possible} pass, and the templates tell no address")

    def outcome(self) -> Outcome:
        """What came of it, once all steps are passed."""
        if self.doubts:
            return Outcome(verdict=Verdict.UNDECIDED, path=tuple(self.path), explanation="; ".join(self.doubts))
        return Outcome(verdict=Verdict.REACHABLE, path=tuple(self.path))
