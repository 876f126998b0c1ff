"""Security group rules and subnets of a template, whatever form they are written in."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import UNKNOWN, Reference, number

HIGHEST_PORT: Final = 65535
_EVERY_PROTOCOL: Final = -1
_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "-1", "all": "-1"}
_WIDEST_HALF: Final = 1


@dataclass(frozen=True, eq=False)
class GroupRule:
    """One rule of a security group.

    Attributes:
        resource: The resource that it is written in.
        place: Where it stands.
        group: The security group's logical id; None if it is of another template.
        body: The rule as it is written.
    """

    resource: Resource
    place: str
    group: str | None
    body: Mapping[str, object]

    def outcomes(self, name: str) -> tuple[object, ...]:
        """Everything that an element may be."""
        return self.resource.template.values.outcomes(self.body.get(name))

    @property
    def anywhere(self) -> str | None:
        """The block that means everybody, if the rule has one; a prefix list of this template counts."""
        for name in ("CidrIp", "CidrIpv6"):
            for block in self.outcomes(name):
                if is_anywhere(block):
                    return str(block)
        for name in ("SourcePrefixListId", "DestinationPrefixListId"):
            for outcome in self.outcomes(name):
                if isinstance(outcome, Reference):
                    for block in _prefix_list(self.resource.template, outcome.logical_id):
                        if is_anywhere(block):
                            return str(block)
        return None

    def opens(self, port: int, *protocols: str) -> bool:
        """Whether the rule may let a port through."""
        return any(self._opens(protocol, port, protocols) for protocol in self.outcomes("IpProtocol"))

    def _opens(self, protocol: object, port: int, protocols: tuple[str, ...]) -> bool:
        name = _PROTOCOLS.get(str(protocol).lower(), str(protocol).lower())
        if name == str(_EVERY_PROTOCOL):
            return True
        if name not in protocols:
            return False
        lows = [number(low) for low in self.outcomes("FromPort")]
        highs = [number(high) for high in self.outcomes("ToPort")]
        return any(
            low is not None and high is not None and (low == _EVERY_PROTOCOL or low <= port <= high)
            for low in lows
            for high in highs
        )


def is_anywhere(block: object) -> bool:
    """Whether a block is everybody's, or half of everybody, however it is written.

    >>> is_anywhere("0.0.0.0/0"), is_anywhere("::/0"), is_anywhere("0:0::/0"), is_anywhere("128.0.0.0/1")
    (True, True, True, True)
    >>> is_anywhere("10.0.0.0/8")
    False
    """
    if not isinstance(block, str):
        return False
    try:
        return ipaddress.ip_network(block.strip(), strict=False).prefixlen <= _WIDEST_HALF
    except ValueError:
        return False


def is_internet(block: object) -> bool:
    """Whether a block has public addresses in it."""
    if not isinstance(block, str):
        return False
    try:
        network = ipaddress.ip_network(block.strip(), strict=False)
    except ValueError:
        return False
    return network.prefixlen <= _WIDEST_HALF or network.is_global


def group_rules(template: Template, direction: str) -> Iterator[GroupRule]:
    """Every rule in a direction (`Ingress` or `Egress`), inline or as a resource of its own."""
    for resource in template.of_type("AWS::EC2::SecurityGroup"):
        name = f"SecurityGroup{direction}"
        for index, body in enumerate(resource.items(name)):
            if isinstance(body, Mapping):
                yield GroupRule(resource, f"Properties.{name}.{index}", resource.logical_id, body)
    for resource in template.of_type(f"AWS::EC2::SecurityGroup{direction}"):
        group = template.find(resource.properties.get("GroupId"), "AWS::EC2::SecurityGroup")
        yield GroupRule(resource, "Properties", group.logical_id if group else None, resource.properties)


def rules_by_group(template: Template, direction: str) -> Mapping[str | None, list[GroupRule]]:
    """The rules in a direction, by the logical id of their security group."""
    found: dict[str | None, list[GroupRule]] = {}
    for rule in group_rules(template, direction):
        found.setdefault(rule.group, []).append(rule)
    return found


def open_egress(group: Resource, egress: Mapping[str | None, list[GroupRule]]) -> bool:
    """Whether a security group lets traffic out to the internet; CloudFormation's default does.

    Args:
        group: The security group.
        egress: The egress rules of its template, as `rules_by_group` gives them.
    """
    own = egress.get(group.logical_id, [])
    written = group.outcomes("SecurityGroupEgress")
    if not own and any(outcome is None for outcome in written):
        return True
    return any(_reaches_internet(rule) for rule in own)


def _reaches_internet(rule: GroupRule) -> bool:
    """Whether a rule may let traffic out to public addresses; a block that only a deployment knows may be public."""
    blocks = [outcome for name in ("CidrIp", "CidrIpv6") for outcome in rule.outcomes(name)]
    if any(is_internet(block) for block in blocks):
        # CDK writes 255.255.255.255/32 for a group without egress.
        return any(is_internet(block) and block != "255.255.255.255/32" for block in blocks)
    return any(block is UNKNOWN for block in blocks)


def _prefix_list(template: Template, logical_id: str) -> Iterator[object]:
    resource = template.resources.get(logical_id)
    if resource is not None and resource.type == "AWS::EC2::PrefixList":
        for entry in resource.items("Entries"):
            if isinstance(entry, Mapping):
                yield from template.values.outcomes(entry.get("Cidr"))


def internet_routes(template: Template) -> Iterator[Resource]:
    """The routes to an internet gateway."""
    for route in template.of_type("AWS::EC2::Route"):
        for name in ("GatewayId", "EgressOnlyInternetGatewayId"):
            for outcome in route.outcomes(name):
                if _is_gateway(template, outcome):
                    yield route


def _is_gateway(template: Template, value: object) -> bool:
    if isinstance(value, Reference):
        resource = template.resources[value.logical_id]
        return resource.type in {"AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway"}
    return isinstance(value, str) and value.startswith(("igw-", "eigw-"))


def route_tables(template: Template) -> Mapping[str, str]:
    """By subnet, the route table that is associated with it, both by logical id."""
    found = {}
    for association in template.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        subnet = template.find(association.properties.get("SubnetId"), "AWS::EC2::Subnet")
        table = template.find(association.properties.get("RouteTableId"), "AWS::EC2::RouteTable")
        if subnet is not None and table is not None:
            found[subnet.logical_id] = table.logical_id
    return found
