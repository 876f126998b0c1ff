"""A network as plain data: what the analysis knows of the templates, and what it knows that it does not know.

Resources are named by their logical id, with the stack before it where two stacks use the same one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from aws_architect_constructs._templates.intrinsics import Unknown
from aws_architect_constructs.testing.reachability.addresses import Addresses


@dataclass(frozen=True)
class Block:
    """A CIDR.

    Attributes:
        version: Its IP version; None for a prefix list, which may have both.
        cidr: Its text, or why it is not known.
    """

    version: int | None
    cidr: str | Unknown

    def addresses(self, version: int) -> Addresses | Unknown:
        """Its addresses of a version, which may be none."""
        if self.version not in (None, version):
            return Addresses(version)
        return self.cidr if isinstance(self.cidr, Unknown) else _addresses(self.cidr, version)


@cache
def _addresses(cidr: str, version: int) -> Addresses:
    return Addresses.of(cidr, version=version)


@dataclass(frozen=True, kw_only=True)
class Match:
    """Which packets a rule is about, except for the other side's address.

    Attributes:
        protocol: IANA's number; -1 for all; Unknown if the template does not tell.
        ports: First and last destination port; None for all.
        icmp: Type and code; -1 stands for all.
    """

    protocol: int | Unknown = -1
    ports: tuple[int, int] | Unknown | None = None
    icmp: tuple[int, int] = (-1, -1)


@dataclass(frozen=True, kw_only=True)
class AclRule:
    """An entry of a network ACL."""

    name: str
    number: int
    egress: bool
    allow: bool
    block: Block
    match: Match


@dataclass(frozen=True, kw_only=True)
class Acl:
    """A network ACL with its entries in the order in which they are tried."""

    name: str
    rules: tuple[AclRule, ...]


@dataclass(frozen=True, kw_only=True)
class GroupRule:
    """A rule of a security group: one of blocks, a peer group or a prefix list.

    Attributes:
        name: The rule's own resource, or the group it stands in.
        egress: Whether it is about outgoing connections.
        match: What it lets pass.
        blocks: Addresses of the other side.
        peer: A security group of the other side.
        service: An AWS service whose gateway endpoint's prefix list it names.
    """

    name: str
    egress: bool
    match: Match
    blocks: tuple[Block, ...] = ()
    peer: str | Unknown | None = None
    service: str | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityGroup:
    """A security group; connections that no rule admits are refused."""

    name: str
    rules: tuple[GroupRule, ...]


class Target(StrEnum):
    """What a route leads to."""

    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY = "egress-only internet gateway"
    NAT = "NAT gateway"
    REGIONAL_NAT = "regional NAT gateway"
    PRIVATE_NAT = "private NAT gateway"
    PEERING = "VPC peering connection"
    TRANSIT_GATEWAY = "transit gateway"
    VPN_GATEWAY = "virtual private gateway"
    LOCAL = "the VPC itself"
    APPLIANCE = "appliance"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown target"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route of a route table.

    Attributes:
        name: Its logical id.
        destination: The addresses it is for.
        kind: What it leads to.
        target: The name of that.
        why: What is wrong with the target or unknown about it.
    """

    name: str
    destination: Block
    kind: Target
    target: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class RouteTable:
    """A route table without its local routes."""

    name: str
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """A subnet with what decides about packets that cross its edge."""

    name: str
    vpc: str
    tier: str | None
    blocks: tuple[Block, ...]
    table: RouteTable | Unknown
    acl: Acl | Unknown
    maps_public_ip: bool
    zone: object = None


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """A VPC's address blocks."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Nat:
    """A NAT gateway; a regional one is in no subnet."""

    name: str
    kind: Target
    vpc: str | None
    subnet: str | None


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A resource with network interfaces.

    Attributes:
        name: Its logical id.
        type: Its CloudFormation type.
        subnets: Where its interfaces are; Unknown for one that cannot be told.
        groups: Its security groups; None if it has no filter at all, as a load balancer without groups.
        public: Whether it has a public IPv4 address; None means what the subnet assigns.
        versions: The IP versions it speaks, as far as its subnets do.
        accepts: Whether it takes connections at all.
    """

    name: str
    type: str
    subnets: tuple[str | Unknown, ...]
    groups: tuple[str | Unknown, ...] | None
    public: bool | Unknown | None = False
    versions: tuple[int, ...] = (4, 6)
    accepts: bool = True

    @property
    def is_load_balancer(self) -> bool:
        """Whether it takes connections on the ports of its listeners only."""
        return self.type.endswith("::LoadBalancer")


@dataclass(frozen=True, kw_only=True)
class Forward:
    """A target behind a load balancer's listener."""

    workload: str
    port: int | Unknown
    keeps_client_address: bool = False


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of a load balancer."""

    name: str
    load_balancer: str
    port: int | Unknown
    protocol: str
    forwards: tuple[Forward, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceEndpoint:
    """A VPC endpoint of an AWS service; a gateway is a route, an interface is a `Workload` of the same name."""

    name: str
    service: str
    vpc: str
    gateway: bool
    tables: tuple[str | Unknown, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A peering of two VPCs, or the attachment of one to a transit gateway.

    Attributes:
        name: The logical id of the peering or attachment.
        gateway: What routes name: the peering or the transit gateway.
        vpcs: The VPCs at its ends; Unknown for one outside the templates.
        subnets: The subnets of an attachment.
    """

    name: str
    gateway: str
    vpcs: tuple[str | Unknown, ...]
    subnets: tuple[str | Unknown, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Model:
    """Everything together, by name."""

    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    nats: Mapping[str, Nat] = field(default_factory=dict)
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    endpoints: tuple[ServiceEndpoint, ...] = ()
    connections: tuple[Connection, ...] = ()
    doubts: tuple[str, ...] = ()
    """Resources that a condition may leave out."""
