"""The analysis against an independent packet walk: single packets, one after the other, straight from the template.

The walk below shares no code with the analysis. It knows addresses and ports one by one and tries them all; the random
networks only use blocks and ports that the tried ones tell apart.
"""

# ruff: noqa: PLR0917 -- a packet is described by its ends, in order

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws_architect_constructs.testing.reachability import Network, Verdict
from support.network_templates import acl, group, instance, nat, ref, resource, subnet, template, vpc

SUBNETS = {"A": "10.0.0.0/24", "B": "10.0.1.0/24", "C": "10.0.2.0/24"}
HOSTS = {name: (block.replace("0/24", "10"), block.replace("0/24", "200")) for name, block in SUBNETS.items()}
INTERNET = ("198.51.100.5", "203.0.113.9")
SOURCE_PORTS = (2000, 5432, 6000, 40000)
BLOCKS = ("0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.128/25", "10.0.0.0/25", "198.51.100.0/24")
PORTS = ("443", "5432", "1024-65535", "0-65535", "32768-65535")

Template = dict[str, Any]
Packet = tuple[str, str, int]


# ---- the packet walk -------------------------------------------------------------------------------------------------


class PacketWalk:
    """Sends single packets through a template of literal values."""

    def __init__(self, document: Template) -> None:
        self.all = document["Resources"]

    def of(self, type_: str, **wanted: object) -> Iterator[tuple[str, dict[str, Any]]]:
        """Resources of a type with the properties."""
        for name, found in self.all.items():
            properties = found["Properties"]
            if found["Type"] == f"AWS::EC2::{type_}" and all(
                properties.get(key) == value for key, value in wanted.items()
            ):
                yield name, properties

    def acl_passes(self, where: str, packet: Packet, *, egress: bool) -> bool:
        """Whether one packet passes the ACL of a subnet."""
        source, destination, port = packet
        association = next(self.of("SubnetNetworkAclAssociation", SubnetId=ref(where)), None)
        if association is None:
            return True
        entries = self.of("NetworkAclEntry", NetworkAclId=association[1]["NetworkAclId"], Egress=egress)
        for _, entry in sorted(entries, key=lambda pair: pair[1]["RuleNumber"]):
            remote = ipaddress.ip_address(destination if egress else source)
            ports = entry.get("PortRange", {"From": 0, "To": 65535})
            if (
                remote in ipaddress.ip_network(entry["CidrBlock"])
                and entry["Protocol"] in (-1, 6)
                and ports["From"] <= port <= ports["To"]
            ):
                return bool(entry["RuleAction"] == "allow")
        return False

    def groups_pass(self, who: str | None, remote: str, other: str | None, port: int, *, egress: bool) -> bool:
        """Whether the groups of an instance admit a connection; a bare host has none and admits all."""
        if who is None:
            return True
        mine, theirs = self.groups_of(who), self.groups_of(other)
        way, side = ("Egress", "Destination") if egress else ("Ingress", "Source")
        for name in mine:
            own = self.of(f"SecurityGroup{way}", GroupId={"Fn::GetAtt": [name, "GroupId"]})
            rules = [*self.all[name]["Properties"].get(f"SecurityGroup{way}", []), *(rule for _, rule in own)]
            if egress and not rules:
                return True
            for rule in rules:
                in_ports = rule["IpProtocol"] == "-1" or rule["FromPort"] <= port <= rule["ToPort"]
                if "CidrIp" in rule:
                    right_peer = ipaddress.ip_address(remote) in ipaddress.ip_network(rule["CidrIp"])
                else:
                    right_peer = rule[f"{side}SecurityGroupId"]["Fn::GetAtt"][0] in theirs
                if in_ports and rule["IpProtocol"] in ("-1", "tcp") and right_peer:
                    return True
        return False

    def groups_of(self, who: str | None) -> list[str]:
        """The groups of an instance."""
        if who is None:
            return []
        interface = self.all[who]["Properties"]["NetworkInterfaces"][0]
        return [one["Fn::GetAtt"][0] for one in interface["GroupSet"]]

    def route(self, where: str, remote: str) -> tuple[str, str] | None:
        """The kind and name of the target that the longest matching route of a subnet has."""
        best: tuple[int, tuple[str, str]] | None = None
        for _, properties in self.of("Route", RouteTableId=ref(f"{where}Table")):
            block = ipaddress.ip_network(properties["DestinationCidrBlock"])
            if ipaddress.ip_address(remote) in block and (best is None or block.prefixlen > best[0]):
                key = "GatewayId" if "GatewayId" in properties else "NatGatewayId"
                best = block.prefixlen, (key, properties[key]["Ref"])
        return best[1] if best else None

    def inside(self, one: str, where: str, source: str, other: str, there: str, destination: str, sport: int) -> bool:
        """A TCP connection to 443 between two subnets of the VPC."""
        who, whom = one or None, other or None
        passes = self.groups_pass(who, destination, whom, 443, egress=True)
        passes &= self.groups_pass(whom, source, who, 443, egress=False)
        if where != there:
            request, answer = (source, destination, 443), (destination, source, sport)
            passes &= self.acl_passes(where, request, egress=True) and self.acl_passes(there, request, egress=False)
            passes &= self.acl_passes(there, answer, egress=True) and self.acl_passes(where, answer, egress=False)
        return passes

    def outward(self, one: str, where: str, source: str, destination: str, sport: int, nat_port: int) -> bool:
        """A TCP connection to 443 on the internet."""
        request, answer = (source, destination, 443), (destination, source, sport)
        target = self.route(where, destination)
        if target is None or not self.groups_pass(one or None, destination, None, 443, egress=True):
            return False
        if not (self.acl_passes(where, request, egress=True) and self.acl_passes(where, answer, egress=False)):
            return False
        if target[0] == "GatewayId":
            return not one or bool(self.all[one]["Properties"]["NetworkInterfaces"][0]["AssociatePublicIpAddress"])
        there = self.all[target[1]]["Properties"]["SubnetId"]["Ref"]
        if there != where and not (
            self.acl_passes(there, request, egress=False) and self.acl_passes(there, answer, egress=True)
        ):
            return False
        onward = self.route(there, destination)
        gateway = HOSTS[there][0]
        return (
            onward is not None
            and onward[0] == "GatewayId"
            and self.acl_passes(there, (gateway, destination, 443), egress=True)
            and self.acl_passes(there, (destination, gateway, nat_port), egress=False)
        )

    def inward(self, one: str, where: str, source: str, destination: str, sport: int) -> bool:
        """A TCP connection to 443 from the internet."""
        target = self.route(where, source)
        public = not one or self.all[one]["Properties"]["NetworkInterfaces"][0]["AssociatePublicIpAddress"]
        return (
            target is not None
            and target[0] == "GatewayId"
            and bool(public)
            and self.acl_passes(where, (source, destination, 443), egress=False)
            and self.groups_pass(one or None, source, None, 443, egress=False)
            and self.acl_passes(where, (destination, source, sport), egress=True)
        )


ORDER = [Verdict.BLOCKED, Verdict.UNDECIDED, Verdict.REACHABLE]


def over_ports(verdict_of: Callable[[int], Verdict]) -> Verdict:
    """All source ports must agree."""
    verdicts = {verdict_of(port) for port in SOURCE_PORTS}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNDECIDED


def judged(pairs: set[tuple[str, str]], ends: tuple[Iterable[str], Iterable[str]], vague: tuple[bool, bool]) -> Verdict:
    """An interface has one address that nobody knows, so all must pass; of a tier or the internet any may."""
    if not pairs:
        return Verdict.BLOCKED
    for side in (0, 1):
        if vague[side] and {pair[side] for pair in pairs} != set(ends[side]):
            return Verdict.UNDECIDED
    return Verdict.REACHABLE


def expected_inside(walk: PacketWalk, one: str, where: str, other: str, there: str) -> Verdict:
    """What the packets say about two places inside; the name of a bare host is empty."""

    def at(sport: int) -> Verdict:
        ends = HOSTS[where], HOSTS[there]
        pairs = {pair for pair in product(*ends) if walk.inside(one, where, pair[0], other, there, pair[1], sport)}
        return judged(pairs, ends, (bool(one), bool(other)))

    return over_ports(at)


def expected_outward(walk: PacketWalk, one: str, where: str) -> Verdict:
    """What the packets say about a place and the internet; NAT picks its own ports, so all of those must pass."""

    def by(target: object, sport: int) -> Verdict:
        there = [address for address in INTERNET if walk.route(where, address) == target]
        passing = [
            {pair for pair in product(HOSTS[where], there) if walk.outward(one, where, *pair, sport, nat_port)}
            for nat_port in SOURCE_PORTS
        ]
        sure = judged(set.intersection(*passing), (HOSTS[where], there), (bool(one), False))
        if sure is Verdict.REACHABLE:
            return sure
        return Verdict.UNDECIDED if set.union(*passing) else Verdict.BLOCKED

    def at(sport: int) -> Verdict:
        targets = {walk.route(where, address) for address in INTERNET}
        return max((by(target, sport) for target in targets), key=ORDER.index)

    return over_ports(at)


def expected_inward(walk: PacketWalk, one: str, where: str) -> Verdict:
    """What the packets say about the internet and a place."""

    def by(target: object, sport: int) -> Verdict:
        there = [address for address in INTERNET if walk.route(where, address) == target]
        pairs = {pair for pair in product(there, HOSTS[where]) if walk.inward(one, where, *pair, sport)}
        return judged(pairs, (there, HOSTS[where]), (False, bool(one)))

    def at(sport: int) -> Verdict:
        targets = {walk.route(where, address) for address in INTERNET}
        return max((by(target, sport) for target in targets), key=ORDER.index)

    return over_ports(at)


# ---- random networks -------------------------------------------------------------------------------------------------

acl_rules = st.lists(
    st.builds(
        " ".join,
        st.tuples(
            st.sampled_from(["allow", "allow", "deny"]),
            st.sampled_from(["all", "tcp", "tcp", "tcp", "udp"]),
            st.sampled_from(PORTS),
            st.sampled_from(BLOCKS),
        ),
    ),
    min_size=1,
    max_size=4,
)
group_rules = st.lists(
    st.builds(
        " ".join,
        st.tuples(
            st.sampled_from(["tcp", "tcp", "udp", "all"]),
            st.sampled_from((*PORTS, "443")),
            st.sampled_from((*BLOCKS, "0.0.0.0/0", "G", "H")),
        ),
    ),
    max_size=3,
)


@st.composite
def networks(draw: st.DrawFn, *, through_nat: bool = False) -> Template:
    """A VPC of three subnets, two ACLs, two groups, NAT in A, and an instance in each subnet.

    With `through_nat`, A is public behind an ACL of its own and the others go out by its NAT gateway.
    """
    parts = [vpc(), nat("Nat", "A")]
    for name in ("X", "Y"):
        rules = [f"in {100 + place} {rule}" for place, rule in enumerate(draw(acl_rules))]
        rules += [f"out {100 + place} {rule}" for place, rule in enumerate(draw(acl_rules))]
        if draw(
            st.sampled_from([True, True, True, False])
        ):  # most ACLs let the rest pass, or hardly anything would ever get through
            rules += ["in 900 allow all - 0.0.0.0/0", "out 900 allow all - 0.0.0.0/0"]
        parts.append(acl(name, *rules))
    for name, block in SUBNETS.items():
        routes: dict[str, Any] = {}
        everywhere = draw(st.sampled_from(["GatewayId", "NatGatewayId", None]))
        if through_nat:
            everywhere = "GatewayId" if name == "A" else "NatGatewayId"
        if everywhere:
            routes[everywhere] = ref("VpcIgw" if everywhere == "GatewayId" else "Nat")
        special = None if through_nat else draw(st.sampled_from(["GatewayId", "NatGatewayId", None, None]))
        if special:
            routes[f"{special}__special"] = "198.51.100.0/24", ref("VpcIgw" if special == "GatewayId" else "Nat")
        guard = draw(st.sampled_from(["X", "Y", None]))
        if through_nat:
            guard = "X" if name == "A" else draw(st.sampled_from([None, "Y"]))
        parts.append(subnet(name, block, acl=guard, **routes))
    for name in ("G", "H"):
        egress = draw(st.one_of(st.none(), group_rules.filter(bool)))
        usual = draw(st.sampled_from([["tcp 443 0.0.0.0/0"], ["tcp 0-65535 0.0.0.0/0"], []]))
        parts.append(group(name, *usual, *draw(group_rules), egress=egress))
    for name in SUBNETS:
        groups = draw(st.sampled_from([("G",), ("H",), ("G", "H")]))
        parts.append(instance(f"Host{name}", name, *groups, public=draw(st.sampled_from([True, True, False]))))
    parts.append({"Unrelated": resource("S3::Bucket")})
    return template(*parts)


QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
where = st.sampled_from(sorted(SUBNETS))


@QUICK
@given(document=networks(), start=where, end=where)
def test_instances_reach_each_other_as_their_packets_do(document: Template, start: str, end: str) -> None:
    """From instance to instance the verdict is what every single packet says."""
    answer = Network.from_templates({"S": document}).reach(f"Host{start}", f"Host{end}")
    assert answer.verdict is expected_inside(PacketWalk(document), f"Host{start}", start, f"Host{end}", end), answer


@QUICK
@given(document=networks(), start=where, end=where)
def test_tiers_reach_each_other_as_their_packets_do(document: Template, start: str, end: str) -> None:
    """From subnet to subnet the verdict is what packets of hosts without security groups say."""
    answer = Network.from_templates({"S": document}).reach([start], [end])
    assert answer.verdict is expected_inside(PacketWalk(document), "", start, "", end), answer


@QUICK
@given(document=networks(), start=where, bare=st.booleans())
def test_the_internet_is_reached_as_packets_do(document: Template, start: str, bare: bool) -> None:
    """Out through the internet gateway or NAT, the verdict is what every single packet says."""
    answer = Network.from_templates({"S": document}).reach(start if bare else f"Host{start}", "internet")
    assert answer.verdict is expected_outward(PacketWalk(document), "" if bare else f"Host{start}", start), answer


@QUICK
@given(document=networks(through_nat=True), start=where)
def test_nat_passes_what_its_packets_pass(document: Template, start: str) -> None:
    """Through NAT the ACL of its subnet sees four different packets, and the verdict is what all of them say."""
    answer = Network.from_templates({"S": document}).reach(start, "internet")
    assert answer.verdict is expected_outward(PacketWalk(document), "", start), answer


@QUICK
@given(document=networks(), end=where, bare=st.booleans())
def test_the_internet_reaches_what_its_packets_do(document: Template, end: str, bare: bool) -> None:
    """From the internet, the verdict is what every single packet says."""
    answer = Network.from_templates({"S": document}).reach("internet", end if bare else f"Host{end}")
    assert answer.verdict is expected_inward(PacketWalk(document), "" if bare else f"Host{end}", end), answer


@QUICK
@given(document=networks())
def test_published_is_what_the_internet_reaches(document: Template) -> None:
    """Port 443 of an instance is published if and only if the internet reaches it there; undecided is an error."""
    network = Network.from_templates({"S": document})
    answers = {name: network.reach("internet", f"Host{name}") for name in SUBNETS}
    try:
        published = network.published()
    except ValueError as error:
        assert "undecided" in str(error)  # noqa: PT017 -- either outcome is right, and each has its own fact
        return
    for name, answer in answers.items():
        on_https = [
            entry
            for entry in published
            if entry.resource == f"Host{name}" and (entry.port == 443 or _has_https(str(entry.port)))
        ]
        assert bool(on_https) is (answer.verdict is Verdict.REACHABLE), (published, str(answer))


def _has_https(text: str) -> bool:
    protocol, _, ports = text.partition("/")
    first, _, last = ports.partition("-")
    return protocol == "tcp" and bool(last) and int(first) <= 443 <= int(last)


@QUICK
@given(document=networks(), start=where, end=where)
def test_a_block_names_what_stops_it(document: Template, start: str, end: str) -> None:
    """Whatever blocks is named by something of the template, and every answer has an explanation."""
    answer = Network.from_templates({"S": document}).reach(f"Host{start}", f"Host{end}")
    assert answer.explanation
    named = {name.strip() for name in (answer.blocked_by or "").split(",")} - {""}
    assert bool(named) is (answer.verdict is Verdict.BLOCKED)
    assert named <= {*document["Resources"], "Vpc.DefaultNetworkAcl"}
