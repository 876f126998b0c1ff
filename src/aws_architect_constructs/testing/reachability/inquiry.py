"""Asking a model: every pair of places, every range of ports that rules tell apart, and load balancers on the way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import IPV4, IPV6, icmp_number
from aws_architect_constructs.testing.reachability.answer import Answer, Verdict
from aws_architect_constructs.testing.reachability.flow import Outcome, Place
from aws_architect_constructs.testing.reachability.matching import TCP, UDP, Packet
from aws_architect_constructs.testing.reachability.model import Acl, Forward, Listener, Match, Model, Workload
from aws_architect_constructs.testing.reachability.parties import Parties, Party
from aws_architect_constructs.testing.reachability.walk import NAT_PORTS, Walker

Protocol = Literal["tcp", "udp", "icmp"]
NUMBERS: Final = {"tcp": TCP, "udp": UDP}
_PROTOCOLS: Final[tuple[Protocol, ...]] = ("tcp", "udp", "icmp")
_PORTS: Final = (0, 65535)
_PING: Final = {IPV4: ((8, 0), (0, 0)), IPV6: ((128, 0), (129, 0))}
"""Type and code of an echo request and its reply, by IP version."""
_ORDER: Final = (Verdict.BLOCKED, Verdict.UNDECIDED, Verdict.REACHABLE)


def packet_of(protocol: str, port: int, version: int) -> Packet:
    """The request that a question is about.

    Raises:
        ValueError: If there is no such protocol, port or IP version.
    """
    if version not in (IPV4, IPV6):
        raise ValueError(f"no such IP version, got {version!r}; allowed: 4 or 6")
    if protocol == "icmp":
        return Packet(version=version, protocol=icmp_number(version), icmp=_PING[version][0])
    if protocol not in NUMBERS:
        raise ValueError(f"no such protocol, got {protocol!r}; allowed: tcp, udp and icmp")
    check_ports("port", port, port)
    return Packet(version=version, protocol=NUMBERS[protocol], port=port)


def check_ports(name: str, low: int, high: int) -> None:
    """Check a range of ports.

    Raises:
        ValueError: If it is none.
    """
    if not _PORTS[0] <= low <= high <= _PORTS[1]:
        raise ValueError(f"{name}: no such ports, got {low!r} to {high!r}; allowed: 0 to 65535 in ascending order")


class Inquiry:
    """Asks one kind of packet.

    Args:
        model: The network.
        packet: The request.
        source_ports: The ports that clients open connections from.
    """

    def __init__(self, model: Model, packet: Packet, source_ports: tuple[int, int] = NAT_PORTS) -> None:
        self._model = model
        self._packet = packet
        self._source_ports = source_ports
        self._walkers = self._one_for_each_reply()

    def direct(self, start: Party, end: Party, question: str) -> Answer:
        """Whether packets get from any place of the one to any place of the other."""
        refused = self._refusal(end.workload) if end.workload is not None else None
        if refused is not None:
            return self.decided(_answer(question, refused))
        answers = []
        for origin in start.spots:
            for goal in end.spots:
                outcome = self._between(origin.places, goal.places[0])
                answers.append(_answer(f"{origin.name} -> {goal.name}", outcome))
        return self.decided(_together(question, answers))

    def decided(self, answer: Answer) -> Answer:
        """The answer, unless a resource may be there or not."""
        if answer.verdict is not Verdict.UNDECIDED and self._model.doubts:
            return Answer(
                verdict=Verdict.UNDECIDED, question=answer.question, path=answer.path, explanation=self._model.doubts[0]
            )
        return answer

    def behind_load_balancers(self, start: Party, end: Workload, question: str) -> Iterator[Answer]:
        """Whether load balancers bring packets from a party to a resource behind them."""
        for listener in self._model.listeners:
            asked = listener.port == self._packet.port and NUMBERS[listener.protocol] == self._packet.protocol
            if asked and listener.load_balancer in self._model.workloads:
                for forward in listener.forwards:
                    if forward.workload == end.name:
                        yield self._forwarded(start, listener, forward, question)

    def _forwarded(self, start: Party, listener: Listener, forward: Forward, question: str) -> Answer:
        balancer = listener.load_balancer
        front = Parties(self._model, self._packet.version).resource(balancer)
        before = self.direct(start, front, question)
        if before.verdict is Verdict.BLOCKED:
            return before
        hop = f"listener {listener.name} of {balancer} forwards to {forward.workload} on port {forward.port}"
        path = (*before.path, hop)
        if isinstance(forward.port, Unknown):
            return Answer(verdict=Verdict.UNDECIDED, question=question, path=path, explanation=str(forward.port))
        if forward.keeps_client_address:
            why = f"{balancer} passes the client's address on to {forward.workload}, which is not analysed"
            return Answer(verdict=Verdict.UNDECIDED, question=question, path=path, explanation=why)
        # A load balancer opens connections of its own to its targets, over IPv4 unless told otherwise.
        parties = Parties(self._model, IPV4)
        packet = packet_of(listener.protocol, forward.port, IPV4)
        back = Inquiry(self._model, packet)
        after = back.direct(parties.resource(balancer), parties.resource(forward.workload), question)
        worst = min(after, before, key=lambda answer: _ORDER.index(answer.verdict))
        return replace(worst, path=(*path, *after.path), exceptions=())

    def _between(self, origins: Sequence[Place | Outcome], goal: Place | Outcome) -> Outcome:
        """The best that any of the possible senders gets."""
        if isinstance(goal, Outcome):
            return goal
        # Who has no group that filters it passes whatever others pass, unless the goal's rules name groups.
        senders = origins if goal.groups is not None else origins[:1]
        outcomes: list[Outcome] = []
        for origin in senders:
            outcomes.append(origin if isinstance(origin, Outcome) else self._with_every_port(origin, goal))
            if outcomes[-1].verdict is Verdict.REACHABLE:
                break
        return _best(outcomes)

    def _with_every_port(self, origin: Place, goal: Place) -> Outcome:
        """Walk once for each range of source ports: all must get answers."""
        results = [(ports, _best(walker.walk(origin, goal))) for ports, walker in self._walkers]
        by_verdict = {outcome.verdict: outcome for _, outcome in results}
        if len(by_verdict) == 1:
            return _best([outcome for _, outcome in results])
        if Verdict.UNDECIDED in by_verdict:
            return by_verdict[Verdict.UNDECIDED]
        answered = ", ".join(ports for ports, outcome in results if outcome.verdict is Verdict.REACHABLE)
        failed = by_verdict[Verdict.BLOCKED]
        why = f"answers come back to source ports {answered} only; else {failed.explanation}"
        return Outcome(verdict=Verdict.UNDECIDED, path=failed.path, explanation=why)

    def _one_for_each_reply(self) -> list[tuple[str, Walker]]:
        """A walker for each range of source ports that the network ACLs tell apart."""
        packet = self._packet
        if packet.is_icmp:
            reply = replace(packet, icmp=_PING[packet.version][1])
            return [("", Walker(self._model, packet, reply, [reply]))]
        acls = {subnet.acl.name: subnet.acl for subnet in self._model.subnets.values() if isinstance(subnet.acl, Acl)}
        matches = [rule.match for acl in acls.values() for rule in acl.rules]
        nat = [replace(packet, port=low, last=high) for low, high in _ranges(NAT_PORTS, matches, packet.protocol)]
        replies = [
            replace(packet, port=low, last=high) for low, high in _ranges(self._source_ports, matches, packet.protocol)
        ]
        return [(reply.ports, Walker(self._model, packet, reply, nat)) for reply in replies]

    def _refusal(self, workload: Workload) -> Outcome | None:
        """Why a resource takes no such connection, whoever asks."""
        if not workload.accepts:
            why = f"the interfaces of {workload.name} ({workload.type}) take no connections"
            return Outcome(verdict=Verdict.BLOCKED, explanation=why, blocked_by=workload.name)
        if not workload.is_load_balancer or (self._packet.is_icmp and workload.groups is not None):
            return None
        mine = [one for one in self._model.listeners if one.load_balancer == workload.name]
        protocol = "udp" if self._packet.protocol == UDP else "tcp"
        if any(one.port == self._packet.port and one.protocol == protocol for one in mine):
            return None
        for one in mine:
            if isinstance(one.port, Unknown):
                why = f"the port of {one.name} of {workload.name}: {one.port.reason}"
                return Outcome(verdict=Verdict.UNDECIDED, explanation=why)
        why = f"{workload.name} has no listener on {self._packet}"
        return Outcome(verdict=Verdict.BLOCKED, explanation=why, blocked_by=workload.name)


def candidates(model: Model, workload: Workload, version: int) -> Iterator[tuple[Protocol, list[tuple[int, int]]]]:
    """The ports of a resource that could be open, in ranges within which no rule tells ports apart."""
    known = [model.groups.get(name) if isinstance(name, str) else None for name in workload.groups or (None,)]
    admitted = [rule.match for group in known if group is not None for rule in group.rules if not rule.egress]
    if None in known:
        admitted.append(Match())
    subnets = [model.subnets[name] for name in workload.subnets if isinstance(name, str) and name in model.subnets]
    filters = [rule.match for subnet in subnets if isinstance(subnet.acl, Acl) for rule in subnet.acl.rules]
    for protocol in _PROTOCOLS:
        number = NUMBERS.get(protocol, icmp_number(version))
        about = [match for match in admitted if match.protocol in (-1, number) or isinstance(match.protocol, Unknown)]
        if protocol == "icmp":
            yield protocol, [_PORTS] if about and workload.groups is not None else []
        elif workload.is_load_balancer:
            mine = [one for one in model.listeners if (one.load_balancer, one.protocol) == (workload.name, protocol)]
            yield protocol, sorted({(one.port, one.port) for one in mine if isinstance(one.port, int)})
        else:
            parts = _ranges(_PORTS, [*about, *filters], number)
            yield protocol, [part for part in parts if any(_covers(match, part[0]) for match in about)]


def best_of(answers: Iterable[Answer]) -> Answer:
    """The answer that decides among alternatives; the first of equals."""
    return max(answers, key=lambda answer: _ORDER.index(answer.verdict))


def _together(question: str, answers: Sequence[Answer]) -> Answer:
    """One answer of many: reachable if any is, and the others are its exceptions."""
    best = max(answers, key=lambda answer: (_ORDER.index(answer.verdict), len(answer.path)))
    if best.verdict is not Verdict.REACHABLE:
        where = f"{best.question}: " if len(answers) > 1 else ""
        return replace(best, question=question, explanation=f"{where}{best.explanation}")
    exceptions = tuple(one for one in answers if one.verdict is not Verdict.REACHABLE)
    explanation = f"{best.question}: every step lets the packet and its answer pass"
    return replace(best, question=question, explanation=explanation, exceptions=exceptions)


def _answer(question: str, outcome: Outcome) -> Answer:
    return Answer(
        verdict=outcome.verdict,
        question=question,
        path=outcome.path,
        explanation=outcome.explanation,
        blocked_by=outcome.blocked_by,
    )


def _best(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome that decides among alternatives: the one that gets furthest."""
    return max(outcomes, key=lambda outcome: (_ORDER.index(outcome.verdict), len(outcome.path)))


def _ranges(whole: tuple[int, int], matches: Iterable[Match], protocol: int) -> list[tuple[int, int]]:
    """The parts of a range of ports within which no rule tells ports apart."""
    cuts = {whole[0], whole[1] + 1}
    for match in matches:
        if match.protocol in (protocol, -1) and isinstance(match.ports, tuple):
            cuts |= {cut for cut in (match.ports[0], match.ports[1] + 1) if whole[0] < cut <= whole[1]}
    return [(low, after - 1) for low, after in pairwise(sorted(cuts))]


def _covers(match: Match, port: int) -> bool:
    return not isinstance(match.ports, tuple) or match.ports[0] <= port <= match.ports[1]
