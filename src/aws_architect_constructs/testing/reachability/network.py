"""The questions: can A reach B, what does the internet reach, and which routes lead out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from aws_architect_constructs._templates.intrinsics import Reference, TemplateSet, Unknown
from aws_architect_constructs.testing.reachability.addresses import IPV4, IPV6
from aws_architect_constructs.testing.reachability.answer import Answer, Verdict
from aws_architect_constructs.testing.reachability.extraction import extract
from aws_architect_constructs.testing.reachability.inquiry import (
    Inquiry,
    Protocol,
    best_of,
    candidates,
    check_ports,
    packet_of,
)
from aws_architect_constructs.testing.reachability.model import Model, Target, Workload
from aws_architect_constructs.testing.reachability.parties import INTERNET, SERVICE_PREFIX, Parties, Party
from aws_architect_constructs.testing.reachability.walk import NAT_PORTS
from aws_architect_constructs.testing.templates import TemplateSource, load_template

IpVersion = Literal[4, 6]


class Published(NamedTuple):
    """Something that the internet reaches.

    Attributes:
        resource: Its logical id.
        port: A TCP port; ranges and other protocols as text, such as `tcp/1024-65535`, `udp/53` or `icmp`.
    """

    resource: str
    port: int | str


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A route that leads out of a VPC.

    Attributes:
        subnet: The subnet whose route it is.
        route: The route's logical id.
        destination: The addresses it is for.
        kind: What it leads to, such as `NAT gateway`.
        target: The logical id of that.
    """

    subnet: str
    route: str
    destination: str
    kind: str
    target: str


class Network:
    """The network of synthesized templates, for questions about what reaches what.

    Build it with `from_templates`. Places are named by

    - `"internet"`: any public address;
    - a CIDR or address, such as `"192.168.0.0/16"` for a network behind a VPN or `"203.0.113.7"` for one client;
    - a tier: the name in CDK's `aws-cdk:subnet-name` tag, a subnet's logical id, or a list of those. It stands for
      whatever could be placed there, so only routes and network ACLs filter it, and a public address is taken for
      granted; where a rule names security groups, the resources that are there count too;
    - the logical id of a resource with network interfaces: load balancer, ECS service, function, database, instance,
      file system, interface endpoint. Where two stacks use the same id: `stack/id`;
    - `"aws:s3"`, `"aws:secretsmanager"`: an AWS service by its VPC endpoint. Its public address is `"internet"`.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def from_templates(
        cls,
        templates: Mapping[str, TemplateSource],
        *,
        parameters: Mapping[str, object] | None = None,
        pseudo: Mapping[str, str] | None = None,
        attributes: Mapping[Reference, object] | None = None,
        prefix_lists: Mapping[str, str | Sequence[str]] | None = None,
    ) -> "Network":
        """Read templates that make up one network.

        Args:
            templates: Each stack's template by the stack's name: what `Template.to_json` returns, or a file.
            parameters: Values of stack parameters.
            pseudo: Values of pseudo parameters, such as `{"AWS::Region": "eu-west-1"}`.
            attributes: What only a deployment knows, such as the VPC's IPv6 block: any block is as good as another, so
                `{Reference("Network", "Vpc", "Ipv6CidrBlocks"): ["2001:db8::/56"]}` makes IPv6 decidable.
            prefix_lists: Blocks of prefix lists by id, or `"aws:s3"` for the list of a gateway endpoint.

        Raises:
            ValueError: If something is no template, refers to what is not there, or contradicts itself.
        """
        found = TemplateSet(
            {stack: load_template(source) for stack, source in templates.items()},
            parameters=parameters,
            pseudo=pseudo,
            attributes=attributes,
        )
        lists = {name: given if isinstance(given, str) else list(given) for name, given in (prefix_lists or {}).items()}
        return cls(extract(found, lists))

    def reach(
        self,
        source: str | Sequence[str],
        destination: str | Sequence[str],
        *,
        port: int = 443,
        protocol: Protocol = "tcp",
        ip_version: IpVersion = 4,
        source_ports: tuple[int, int] = NAT_PORTS,
        through_load_balancers: bool = True,
    ) -> Answer:
        """Whether connections from the source to the destination are possible, and why.

        Args:
            source: Where connections are opened.
            destination: Where they end.
            port: The port that the source connects to; ICMP has none.
            protocol: TCP, UDP, or ICMP for ping.
            ip_version: 4 or 6.
            source_ports: Ports that clients open connections from: answers come back to them. If only some of them get
                answers, it is undecided.
            through_load_balancers: Whether a resource counts as reached where a load balancer's listener on this port
                forwards to it.

        Raises:
            ValueError: If a name or number means nothing here.
        """
        packet = packet_of(protocol, port, ip_version)
        check_ports("source_ports", *source_ports)
        parties = Parties(self._model, ip_version)
        start, end = parties.find(source), parties.find(destination)
        if start.name.startswith(SERVICE_PREFIX):
            raise ValueError(f"an AWS service opens no connections here, got {source!r}; allowed: another source")
        inquiry = Inquiry(self._model, packet, source_ports)
        question = f"{start.name} -> {end.name} on {packet} over IPv{ip_version}"
        answers = [inquiry.direct(start, end, question)]
        if through_load_balancers and end.workload is not None:
            answers += inquiry.behind_load_balancers(start, end.workload, question)
        return best_of(answers)

    def published(self, *, ip_version: IpVersion | None = None) -> frozenset[Published]:
        """Everything that the internet reaches directly, by port.

        Args:
            ip_version: 4 or 6; None means both.

        Raises:
            ValueError: If something cannot be decided: it is never left out silently.
        """
        found: set[Published] = set()
        for version in (IPV4, IPV6) if ip_version is None else (ip_version,):
            parties = Parties(self._model, version)
            outside = parties.find(INTERNET)
            for workload in self._model.workloads.values():
                # Only a public IPv4 address is reached from outside, but every IPv6 address may be.
                if workload.accepts and (workload.public is not False or version == IPV6):
                    found |= self._published(outside, parties.resource(workload.name), workload, version)
        return frozenset(found)

    def paths_out(self, tier: str | Sequence[str]) -> tuple[WayOut, ...]:
        """Every route of a tier that leads out of its VPC; none for an isolated tier.

        Gateway endpoints do not count: they lead to one AWS service, under their own policy.

        Args:
            tier: A tier's name, a subnet's logical id, or a list of those ids.
        """
        ways = []
        for subnet in Parties(self._model, IPV4).tier(tier):
            if isinstance(subnet.table, Unknown):
                why = f"unknown ({subnet.table.reason})"
                ways.append(WayOut(subnet=subnet.name, route=why, destination=why, kind=Target.UNKNOWN, target=why))
                continue
            ways += [
                WayOut(
                    subnet=subnet.name,
                    route=route.name,
                    destination=str(route.destination.cidr),
                    kind=route.kind,
                    target=route.target,
                )
                for route in subnet.table.routes
                if route.kind is not Target.LOCAL
            ]
        return tuple(ways)

    def _published(self, outside: Party, end: Party, workload: Workload, version: int) -> set[Published]:
        found: set[Published] = set()
        for protocol, ranges in candidates(self._model, workload, version):
            reached: list[tuple[int, int]] = []
            for low, high in ranges:
                packet = packet_of(protocol, low, version)
                answer = Inquiry(self._model, packet).direct(outside, end, f"{outside.name} -> {end.name} on {packet}")
                if answer.verdict is Verdict.UNDECIDED:
                    raise ValueError(
                        f"{end.name}: what the internet reaches is undecided, got {answer}; allowed: known values"
                    )
                if answer.verdict is Verdict.REACHABLE:
                    # Ranges that only some rule tells apart are shown as one.
                    joins = bool(reached) and reached[-1][1] + 1 == low
                    reached.append((reached.pop()[0] if joins else low, high))
            found |= {Published(end.name, _port_text(protocol, low, high)) for low, high in reached}
        return found


def _port_text(protocol: Protocol, low: int, high: int) -> int | str:
    if protocol == "icmp":
        return protocol
    if low == high:
        return low if protocol == "tcp" else f"{protocol}/{low}"
    return f"{protocol}/{low}-{high}"
