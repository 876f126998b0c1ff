"""The ways from one place to another: inside a VPC, between VPCs, out, in, and to an AWS service's gateway endpoint."""

from collections.abc import Callable, Iterator

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import IPV4, IPV6, Addresses
from aws_architect_constructs.testing.reachability.answer import Verdict
from aws_architect_constructs.testing.reachability.flow import Flow, Outcome, Place, StoppedError
from aws_architect_constructs.testing.reachability.matching import Packet
from aws_architect_constructs.testing.reachability.model import Model, Route, Subnet, Target

NAT_PORTS = (1024, 65535)
"""https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports"""

_OUTWARD_ONLY = (Target.NAT, Target.REGIONAL_NAT, Target.PRIVATE_NAT, Target.EGRESS_ONLY)
_TO_OTHER_NETWORKS = (Target.PEERING, Target.TRANSIT_GATEWAY, Target.VPN_GATEWAY)


class Walker:
    """Walks a model.

    Args:
        model: The network.
        packet: The request.
        reply: The answer.
        nat_replies: Answers to a NAT gateway, one for each range of ports that ACLs tell apart.
    """

    def __init__(self, model: Model, packet: Packet, reply: Packet, nat_replies: list[Packet]) -> None:
        self._model = model
        self._packet = packet
        self._reply = reply
        self._nat_replies = nat_replies

    def walk(self, source: Place, destination: Place) -> list[Outcome]:
        """Every way from the source to the destination, with what comes of it."""
        if source.subnet is not None and destination.subnet is not None:
            if source.subnet.vpc == destination.subnet.vpc:
                return [self._try(source, destination, self._inside)]
            return self._ways(source.subnet, source, destination, self._across)
        if source.subnet is not None:
            if destination.service is not None:
                return [self._try(source, destination, self._to_service)]
            return self._ways(source.subnet, source, destination, self._out)
        if destination.subnet is None:
            raise ValueError(f"both ends are outside, got {source.name} and {destination.name}; allowed: one at most")
        return self._ways(destination.subnet, source, destination, self._in)

    def _try(self, source: Place, destination: Place, steps: Callable[[Flow], None]) -> Outcome:
        flow = Flow(
            packet=self._packet,
            reply=self._reply,
            group_of=self._model.groups.get,
            source=source,
            destination=destination,
        )
        try:
            steps(flow)
        except StoppedError as stop:
            return Outcome(verdict=Verdict.BLOCKED, path=tuple(flow.path), explanation=stop.why, blocked_by=stop.by)
        return flow.outcome()

    def _ways(
        self, subnet: Subnet, source: Place, destination: Place, steps: Callable[[Flow, Route, Addresses], None]
    ) -> list[Outcome]:
        """One way for each route that takes part of the traffic between a subnet and the other end."""
        remote = destination if subnet is source.subnet else source
        outcomes = []
        if isinstance(subnet.table, Unknown):
            return [
                Outcome(verdict=Verdict.UNDECIDED, explanation=f"route table of {subnet.name}: {subnet.table.reason}")
            ]
        uncertain = [route for route in subnet.table.routes if _is_unknown(route, self._packet.version)]
        for route, part in self.routes(subnet, remote.addresses):

            def take(flow: Flow, route: Route = route, part: Addresses = part) -> None:
                for other in uncertain:
                    flow.doubt(f"route {other.name} to {other.target} may take it: {other.destination.cidr}")
                steps(flow, route, part)

            outcomes.append(self._try(source, destination, take))
        outcomes += [
            Outcome(
                verdict=Verdict.UNDECIDED, explanation=f"route {route.name} to {route.target}: {route.destination.cidr}"
            )
            for route in uncertain
        ]
        if outcomes:
            return outcomes
        table = subnet.table.name
        why = f"{table} has no route from {subnet.name} to {remote.name}"
        return [Outcome(verdict=Verdict.BLOCKED, explanation=why, blocked_by=table)]

    def routes(self, subnet: Subnet, remote: Addresses) -> Iterator[tuple[Route, Addresses]]:
        """The known routes of a subnet's traffic, each with its part of the other side: the longest prefix wins."""
        if isinstance(subnet.table, Unknown):
            return
        known: list[tuple[int, Route, Addresses]] = []
        for route in subnet.table.routes:
            covered = route.destination.addresses(remote.version)
            if isinstance(covered, Addresses) and covered:
                known.append((covered.intervals[0][1] - covered.intervals[0][0], route, covered))
        vpc = self._model.vpcs.get(subnet.vpc)
        rest = remote
        for block in vpc.blocks if vpc else ():
            covered = block.addresses(remote.version)
            if isinstance(covered, Addresses) and covered:
                local = Route(name="local", destination=block, kind=Target.LOCAL, target=subnet.vpc)
                known.append((covered.intervals[0][1] - covered.intervals[0][0], local, covered))
        for _, route, covered in sorted(known, key=lambda item: item[0]):
            part = rest & covered
            if part:
                yield route, part
                rest -= part

    def _inside(self, flow: Flow) -> None:
        source, destination = flow.source, flow.destination
        edge = source.subnet is not destination.subnet
        for subnet, remote in ((source.subnet, destination), (destination.subnet, source)):
            # A route more specific than the VPC's block sends traffic inside the VPC through something else.
            for route, _ in self.routes(subnet, remote.addresses) if subnet and edge and not remote.vague else ():
                inside = route.destination.addresses(flow.packet.version)
                vpc = self._blocks(subnet.vpc, flow.packet.version) if subnet else None
                if route.kind is not Target.LOCAL and vpc and isinstance(inside, Addresses) and inside <= vpc:
                    flow.doubt(f"route {route.name} sends traffic inside the VPC through {route.target}")
        where = source.subnet.name if source.subnet else source.name
        flow.hop(f"the local route leads from {where} to {destination.name}" if edge else f"both ends are in {where}")
        self._there_and_back(flow, edge=edge, members=True)

    def _there_and_back(self, flow: Flow, *, edge: bool, members: bool) -> None:
        flow.leave(members=flow.destination.members if members else (), crosses_edge=edge)
        flow.arrive(members=flow.source.members if members else (), crosses_edge=edge)
        if edge:
            flow.answer_leaves()
            flow.answer_arrives()

    def _blocks(self, vpc: str, version: int) -> Addresses:
        known = Addresses(version)
        for block in self._model.vpcs[vpc].blocks if vpc in self._model.vpcs else ():
            covered = block.addresses(version)
            known |= covered if isinstance(covered, Addresses) else Addresses(version)
        return known

    def _across(self, flow: Flow, route: Route, part: Addresses) -> None:
        """From one VPC to another, by a connection that both ends have routes to."""
        source, destination = flow.source.subnet, flow.destination.subnet
        if source is None or destination is None:
            raise ValueError(f"{flow.source.name}: both ends are in VPCs here")
        flow.bound_for(part)
        self._follow(flow, route)
        if route.kind not in (Target.PEERING, Target.TRANSIT_GATEWAY):
            raise StoppedError(
                route.name, f"route {route.name} leads to {route.target or route.kind}, not to {destination.vpc}"
            )
        for vpc in (source.vpc, destination.vpc):
            if not self._connects(route.target, vpc):
                raise StoppedError(route.target, f"{route.target} does not connect {vpc}")
        back = Addresses(flow.packet.version)
        for answer, covered in self.routes(destination, flow.sources.possible):
            if answer.target == route.target:
                back |= covered
        if not back:
            table = destination.table.name if not isinstance(destination.table, Unknown) else destination.name
            raise StoppedError(table, f"{table} has no route back to {flow.source.name} by {route.target}")
        flow.coming_from(back)
        if route.kind is Target.TRANSIT_GATEWAY:
            self._attachment_acls(flow, route, (source.vpc, destination.vpc))
        self._there_and_back(flow, edge=True, members=route.kind is Target.PEERING)

    def _connects(self, gateway: str, vpc: str) -> bool:
        return any(link.gateway == gateway and vpc in link.vpcs for link in self._model.connections)

    def _attachment_acls(self, flow: Flow, route: Route, vpcs: tuple[str, ...]) -> None:
        """Ask the ACLs of a transit gateway's own subnets, where they are others than the ends'."""
        ends = {place.subnet.name for place in (flow.source, flow.destination) if place.subnet is not None}
        names = {
            subnet
            for link in self._model.connections
            if link.gateway == route.target and set(link.vpcs) & set(vpcs)
            for subnet in link.subnets
            if isinstance(subnet, str)
        }
        for name in sorted(names - ends):
            acl = self._model.subnets[name].acl if name in self._model.subnets else None
            if acl is not None and (isinstance(acl, Unknown) or not acl.name.endswith(".DefaultNetworkAcl")):
                shown = acl.reason if isinstance(acl, Unknown) else acl.name
                flow.doubt(f"the network ACL of {route.target}'s own subnet {name} may filter it: {shown}")

    def _follow(self, flow: Flow, route: Route) -> None:
        """Record a route, or stop where it leads nowhere."""
        if route.kind is Target.NOWHERE:
            raise StoppedError(route.name, f"route {route.name} leads nowhere: {route.why}")
        if route.kind in (Target.UNKNOWN, Target.APPLIANCE) or (route.why and route.kind not in _TO_OTHER_NETWORKS):
            why = route.why or "what it does is not in the templates"
            flow.doubt(f"route {route.name} leads to {route.target}, {route.kind}: {why}")
        flow.hop(f"route {route.name} leads to {route.target} ({route.kind})")

    def _to_service(self, flow: Flow) -> None:
        subnet, service = flow.source.subnet, flow.destination.service
        if subnet is None or isinstance(subnet.table, Unknown):
            flow.doubt(f"route table of {subnet and subnet.name}: {subnet and subnet.table}")
            return
        table = subnet.table.name
        gateways = [
            found
            for found in self._model.endpoints
            if found.gateway and found.service == service and found.vpc == subnet.vpc
        ]
        endpoint = next((found for found in gateways if table in found.tables), None)
        if endpoint is None:
            unsure = [one for found in gateways for one in found.tables if isinstance(one, Unknown)]
            if not unsure:
                raise StoppedError(table, f"{table} of {subnet.name} has no route to a gateway endpoint for {service}")
            flow.doubt(f"the route tables of {gateways[0].name}: {unsure[0].reason}")
        else:
            flow.hop(f"gateway endpoint {endpoint.name} takes {subnet.name}'s traffic to {service}")
        flow.leave()
        flow.answer_arrives()

    def _out(self, flow: Flow, route: Route, part: Addresses) -> None:
        """From a subnet to addresses outside, by one of its routes."""
        source, version = flow.source, flow.packet.version
        flow.bound_for(part)
        if route.kind is Target.LOCAL:
            raise StoppedError(route.target, f"{part} is inside {route.target}, where no subnet has it")
        self._follow(flow, route)
        if route.kind in (*_OUTWARD_ONLY, Target.INTERNET_GATEWAY):
            public = part & Addresses.public(version)
            if not public:
                raise StoppedError(
                    route.name, f"route {route.name} leads to {route.target}, and the internet does not know {part}"
                )
            flow.bound_for(public)
        if route.kind is Target.EGRESS_ONLY and version == IPV4:
            raise StoppedError(route.target, f"{route.target} carries IPv6 only")
        flow.leave()
        if route.kind is Target.INTERNET_GATEWAY:
            self._needs_public_address(flow, source, route)
        if route.kind in (Target.NAT, Target.REGIONAL_NAT, Target.PRIVATE_NAT):
            self._translate(flow, route)
        if route.kind in _TO_OTHER_NETWORKS:
            self._edge(flow, route, part)
        flow.answer_arrives()

    def _needs_public_address(self, flow: Flow, place: Place, route: Route) -> None:
        if flow.packet.version == IPV6:
            return
        if isinstance(place.public, Unknown):
            flow.doubt(f"whether {place.name} has a public address: {place.public.reason}")
        elif not place.public:
            raise StoppedError(place.name, f"{place.name} has no public address, which {route.target} asks for")
        else:
            flow.hop(f"{place.name} has a public address")

    def _translate(self, flow: Flow, route: Route) -> None:
        """Through NAT: what enters its subnet still bears the source's address and the destination's port."""
        if flow.packet.version == IPV6:
            raise StoppedError(route.target, f"{route.target} translates IPv6 for 64:ff9b::/96 only")
        if route.kind is Target.PRIVATE_NAT:
            raise StoppedError(route.target, f"{route.target} is private: the internet gateway drops what it sends")
        nat = self._model.nats.get(route.target)
        if nat is None:
            flow.doubt(f"NAT gateway {route.target} is not in the templates")
            return
        if nat.kind is Target.REGIONAL_NAT:
            flow.hop(
                f"{nat.name} translates to a public address; it is in no subnet, so no network ACL is in front of it"
            )
            return
        subnet = self._model.subnets.get(nat.subnet or "")
        if subnet is None:
            flow.doubt(f"the subnet of NAT gateway {nat.name} is not in the templates")
            return
        if subnet is not flow.source.subnet:
            flow.acl(subnet, flow.packet, flow.sources, egress=False)
            flow.acl(subnet, flow.reply, flow.sources, egress=True)
        reached = Addresses(flow.packet.version)
        for onward, part in self.routes(subnet, flow.destinations.possible):
            if onward.kind is Target.INTERNET_GATEWAY:
                reached |= part
        if not reached:
            table = subnet.table.name if not isinstance(subnet.table, Unknown) else subnet.name
            raise StoppedError(
                table, f"{table} of {nat.name}'s subnet {subnet.name} has no route to an internet gateway"
            )
        flow.bound_for(reached)
        flow.hop(f"{nat.name} translates to its public address, in {subnet.name}")
        flow.acl(subnet, flow.packet, flow.destinations, egress=True)
        flow.pass_any(subnet, self._nat_replies, flow.destinations, egress=False)

    def _edge(self, flow: Flow, route: Route, part: Addresses) -> None:
        """Out of the VPC to, or into it from, a network that is not in the templates."""
        subnet = flow.source.subnet or flow.destination.subnet
        links = [link for link in self._model.connections if link.gateway == route.target]
        if route.kind is Target.PEERING:
            for link in links:
                for vpc in link.vpcs:
                    if isinstance(vpc, str) and vpc in self._model.vpcs and subnet and vpc != subnet.vpc:
                        raise StoppedError(
                            route.target, f"{route.target} leads to {vpc} only, which does not have {part}"
                        )
        if part & Addresses.public(flow.packet.version):
            flow.doubt(f"whether {route.target} ({route.kind}) leads to the internet is not in the templates")
        if route.kind is Target.TRANSIT_GATEWAY and subnet:
            if not any(subnet.vpc in link.vpcs for link in links):
                flow.doubt(f"no attachment of {subnet.vpc} to {route.target} is in the templates")
            self._attachment_acls(flow, route, (subnet.vpc,))
        flow.hop(f"{route.target} ({route.kind}) is the edge of the templates")

    def _in(self, flow: Flow, route: Route, part: Addresses) -> None:
        """From addresses outside to a subnet; the route is the one that the answer takes."""
        destination = flow.destination
        flow.coming_from(part)
        if route.kind is Target.LOCAL:
            raise StoppedError(route.target, f"{part} is inside {route.target}, where no subnet has it")
        if route.kind in _OUTWARD_ONLY:
            why = f"{route.target} ({route.kind}) lets no connection in, and the way back to {part} is through it"
            raise StoppedError(route.target, why)
        self._follow(flow, route)
        if route.kind is Target.INTERNET_GATEWAY:
            public = part & Addresses.public(flow.packet.version)
            if not public:
                raise StoppedError(route.name, f"{part} cannot come by {route.target}: the internet does not know it")
            flow.coming_from(public)
            self._needs_public_address(flow, destination, route)
        elif route.kind in _TO_OTHER_NETWORKS:
            self._edge(flow, route, part)
        flow.arrive()
        flow.answer_leaves()


def _is_unknown(route: Route, version: int) -> bool:
    return isinstance(route.destination.addresses(version), Unknown)
