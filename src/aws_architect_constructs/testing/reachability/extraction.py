"""From templates to a model: VPCs, subnets, routes, network ACLs and security groups."""

from collections import defaultdict
from typing import TypeVar

from aws_architect_constructs._templates.intrinsics import Reference, TemplateSet, Unknown
from aws_architect_constructs.testing.reachability._reading import (
    Properties,
    Reader,
    block,
    is_true,
    match,
    number,
    protocol_number,
    tags,
    unknown,
)
from aws_architect_constructs.testing.reachability.addresses import IPV4, IPV6
from aws_architect_constructs.testing.reachability.gateways import Gateways
from aws_architect_constructs.testing.reachability.model import (
    Acl,
    AclRule,
    Block,
    GroupRule,
    Match,
    Model,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from aws_architect_constructs.testing.reachability.workloads import listeners, workloads

_TIER_TAG = "aws-cdk:subnet-name"
_ALL_IPV4, _ALL_IPV6 = Block(IPV4, "0.0.0.0/0"), Block(IPV6, "::/0")
_PREFIX_LIST = "AWS::EC2::PrefixList"

PrefixLists = dict[str, str | list[str]]


def extract(templates: TemplateSet, prefix_lists: PrefixLists) -> Model:
    """Read the network of templates.

    Args:
        templates: The templates.
        prefix_lists: The blocks of prefix lists that AWS or others manage, or `aws:s3` for a gateway endpoint's list.
    """
    reader = Reader(templates)
    gateways = Gateways(reader)
    tables = _tables(reader, gateways)
    acls = _acls(reader)
    vpcs = _vpcs(reader)
    found = workloads(reader)
    return Model(
        vpcs=vpcs,
        subnets=_subnets(reader, tables, acls),
        groups=_groups(reader, prefix_lists, vpcs),
        nats=gateways.nats,
        workloads=found,
        listeners=listeners(reader, found),
        endpoints=gateways.endpoints,
        connections=gateways.connections,
        doubts=tuple(dict.fromkeys(reader.doubts)),
    )


def _vpcs(reader: Reader) -> dict[str, Vpc]:
    blocks: dict[str, list[Block]] = {}
    for name, _, properties in reader.all("AWS::EC2::VPC"):
        blocks[name] = [block(properties, "CidrBlock", "-") or Block(IPV4, unknown(None))]
    for name, _, properties in reader.all("AWS::EC2::VPCCidrBlock"):
        vpc = reader.target(properties.get("VpcId"))
        if isinstance(vpc, str) and vpc in blocks:
            amazon = reader.attribute(properties.get("VpcId"), "Ipv6CidrBlocks")
            chosen = amazon if isinstance(amazon, list) else [Unknown(f"{name}: a block that AWS chooses")]
            given = block(properties, "CidrBlock", "Ipv6CidrBlock")
            blocks[vpc] += [given] if given is not None else [Block(IPV6, one) for one in chosen]
    return {name: Vpc(name=name, blocks=tuple(found)) for name, found in blocks.items()}


def _subnets(reader: Reader, tables: dict[str, RouteTable], acls: dict[str, Acl]) -> dict[str, Subnet]:
    table_of = _associations(reader, "AWS::EC2::SubnetRouteTableAssociation", "RouteTableId")
    acl_of = _associations(reader, "AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId")
    subnets: dict[str, Subnet] = {}
    for name, _, properties in reader.all("AWS::EC2::Subnet"):
        vpc = reader.target(properties.get("VpcId"))
        table = table_of.get(name)
        acl = acl_of.get(name)
        tier = tags(properties).get(_TIER_TAG)
        blocks = [block(properties, "CidrBlock", "-"), block(properties, "-", "Ipv6CidrBlock")]
        subnets[name] = Subnet(
            name=name,
            vpc=vpc if isinstance(vpc, str) else f"the VPC of {name}",
            tier=tier if isinstance(tier, str) else None,
            blocks=tuple(found for found in blocks if found is not None),
            # Without an association the main table of the VPC counts, which has its local routes only.
            table=_found(table, tables, RouteTable(name=f"{vpc}'s main route table")),
            acl=_found(acl, acls, acls.get(f"{vpc}.DefaultNetworkAcl", _default_acl(f"{vpc}.DefaultNetworkAcl", []))),
            maps_public_ip=is_true(properties.get("MapPublicIpOnLaunch")),
            zone=properties.get("AvailabilityZone"),
        )
    return subnets


_Found = TypeVar("_Found", RouteTable, Acl)


def _found(which: str | Unknown | None, known: dict[str, _Found], default: _Found) -> _Found | Unknown:
    if which is None:
        return default
    if isinstance(which, Unknown):
        return which
    return known.get(which, Unknown(f"{which} is not in the templates"))


def _associations(reader: Reader, type_: str, key: str) -> dict[str, str | Unknown]:
    found: dict[str, str | Unknown] = {}
    for name, _, properties in reader.all(type_):
        subnet = reader.target(properties.get("SubnetId"))
        if isinstance(subnet, str):
            if subnet in found:
                raise ValueError(f"{name}: a subnet has one association, got another for {subnet!r}; allowed: one")
            found[subnet] = reader.target(properties.get(key))
    return found


def _tables(reader: Reader, gateways: Gateways) -> dict[str, RouteTable]:
    routes = defaultdict(list)
    for name, _, properties in reader.all("AWS::EC2::Route"):
        table = reader.target(properties.get("RouteTableId"))
        if isinstance(table, str):
            routes[table].append((name, properties))
    tables: dict[str, RouteTable] = {}
    for name, _, properties in reader.all("AWS::EC2::RouteTable"):
        vpc = reader.target(properties.get("VpcId"))
        found = tuple(gateways.route(route, given, vpc) for route, given in routes.get(name, ()))
        tables[name] = RouteTable(name=name, routes=found)
    return tables


def _acls(reader: Reader) -> dict[str, Acl]:
    entries: dict[str, list[AclRule]] = defaultdict(list)
    taken: dict[tuple[str, bool, int], str] = {}
    for name, _, properties in reader.all("AWS::EC2::NetworkAclEntry"):
        acl = reader.target(properties.get("NetworkAclId"))
        place = number(properties.get("RuleNumber"), 0)
        egress = is_true(properties.get("Egress"))
        action = properties.get("RuleAction")
        if isinstance(place, Unknown) or action not in ("allow", "deny"):
            raise ValueError(
                f"{name}: a rule has a number and an action, got {properties.get('RuleNumber')!r} and {action!r}; "
                "allowed: a literal number, and allow or deny"
            )
        if isinstance(acl, str):
            other = taken.setdefault((acl, egress, place), name)
            if other != name:
                raise ValueError(
                    f"{name}: rule number {place} of {acl} is taken by {other}, got it again; allowed: one rule"
                )
            entries[acl].append(
                AclRule(
                    name=name,
                    number=place,
                    egress=egress,
                    allow=action == "allow",
                    block=block(properties, "CidrBlock", "Ipv6CidrBlock") or Block(None, unknown(None)),
                    match=_acl_match(properties),
                )
            )
    named = {name: _acl(name, entries[name]) for name, _, _ in reader.all("AWS::EC2::NetworkAcl")}
    defaults = [name for name in entries if name.endswith(".DefaultNetworkAcl")]
    return named | {name: _default_acl(name, entries[name]) for name in defaults}


def _acl(name: str, rules: list[AclRule]) -> Acl:
    return Acl(name=name, rules=tuple(sorted(rules, key=lambda rule: rule.number)))


def _default_acl(name: str, rules: list[AclRule]) -> Acl:
    """The VPC's default ACL: it lets everything pass by rules 100 (IPv4) and 101 (IPv6)."""
    given = [
        AclRule(name=name, number=place, egress=egress, allow=True, block=everything, match=Match())
        for egress in (False, True)
        for place, everything in ((100, _ALL_IPV4), (101, _ALL_IPV6))
    ]
    return _acl(name, [*given, *rules])


def _acl_match(properties: Properties) -> Match:
    protocol = protocol_number(properties.get("Protocol"))
    ports, icmp = properties.get("PortRange"), properties.get("Icmp")
    if isinstance(icmp, dict) and protocol in (1, 58):
        kind, code = number(icmp.get("Type"), -1), number(icmp.get("Code"), -1)
        return Match(
            protocol=protocol, icmp=(kind if isinstance(kind, int) else -1, code if isinstance(code, int) else -1)
        )
    if not isinstance(ports, dict) or protocol not in (6, 17):
        return Match(protocol=protocol)
    return match(protocol, ports.get("From"), ports.get("To"))


def _groups(reader: Reader, prefix_lists: PrefixLists, vpcs: dict[str, Vpc]) -> dict[str, SecurityGroup]:
    rules: dict[str, list[GroupRule]] = {f"{vpc}.DefaultSecurityGroup": [] for vpc in vpcs}
    for name, _, properties in reader.all("AWS::EC2::SecurityGroup"):
        inline = [(False, given) for given in properties.get("SecurityGroupIngress") or []]
        inline += [(True, given) for given in properties.get("SecurityGroupEgress") or []]
        rules[name] = [_group_rule(reader, name, given, prefix_lists, egress=egress) for egress, given in inline]
    for name, type_, properties in reader.all("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        group = reader.target(properties.get("GroupId"))
        if isinstance(group, str):
            egress = type_.endswith("Egress")
            rules.setdefault(group, []).append(_group_rule(reader, name, properties, prefix_lists, egress=egress))
    restricted = _restricted_defaults(reader)
    for name, found in rules.items():
        is_default = name.endswith(".DefaultSecurityGroup")
        if is_default and name not in restricted:
            found.append(GroupRule(name=name, egress=False, match=Match(), peer=name))
        # A group that is given no outbound rule gets one that lets everything out; any own rule replaces it.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
        if name not in restricted and (is_default or not any(rule.egress for rule in found)):
            found.append(GroupRule(name=name, egress=True, match=Match(), blocks=(_ALL_IPV4, _ALL_IPV6)))
    return {name: SecurityGroup(name=name, rules=tuple(found)) for name, found in rules.items()}


def _restricted_defaults(reader: Reader) -> set[str]:
    """Default groups that CDK's custom resource strips of their rules."""
    given = (
        properties.get("DefaultSecurityGroupId") for _, _, properties in reader.all("Custom::VpcRestrictDefaultSG")
    )
    return {name for name in (reader.target(value) for value in given) if isinstance(name, str)}


def _group_rule(
    reader: Reader, name: str, properties: Properties, prefix_lists: PrefixLists, *, egress: bool
) -> GroupRule:
    about = match(properties.get("IpProtocol"), properties.get("FromPort"), properties.get("ToPort"))
    side = "Destination" if egress else "Source"
    peer = properties.get(f"{side}SecurityGroupId")
    listed = properties.get(f"{side}PrefixListId")
    if peer is not None:
        return GroupRule(name=name, egress=egress, match=about, peer=reader.target(peer))
    if listed is not None:
        return _prefix_list_rule(reader, name, about, listed, prefix_lists, egress=egress)
    given = block(properties, "CidrIp", "CidrIpv6")
    if given is None:
        raise ValueError(
            f"{name}: a rule names its other side, got {dict(properties)!r}; allowed: a CIDR, a group or a prefix list"
        )
    return GroupRule(name=name, egress=egress, match=about, blocks=(given,))


def _prefix_list_rule(
    reader: Reader, name: str, about: Match, listed: object, prefix_lists: PrefixLists, *, egress: bool
) -> GroupRule:
    blocks: tuple[Block, ...]
    given = prefix_lists.get(str(reader.target(listed)))
    if isinstance(given, str):
        return GroupRule(name=name, egress=egress, match=about, service=given.removeprefix("aws:"))
    if given is None and isinstance(listed, Reference) and reader.type_of(listed) == _PREFIX_LIST:
        entries = reader.properties(listed).get("Entries") or []
        given = [entry.get("Cidr") for entry in entries]
    if given is None:
        blocks = (Block(None, Unknown(f"prefix list {reader.target(listed)}: give its blocks in prefix_lists")),)
    else:
        blocks = tuple(Block(IPV6 if ":" in cidr else IPV4, cidr) for cidr in given)
    return GroupRule(name=name, egress=egress, match=about, blocks=blocks)
