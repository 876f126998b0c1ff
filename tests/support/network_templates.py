"""Small CloudFormation networks, written by hand: one function for each kind of resource."""

from typing import Any

Resources = dict[str, Any]


def ref(name: str) -> dict[str, str]:
    """A Ref."""
    return {"Ref": name}


def resource(type_: str, **properties: Any) -> Resources:
    """A resource of EC2 or, with `::`, of any service."""
    return {"Type": f"AWS::{type_ if '::' in type_ else f'EC2::{type_}'}", "Properties": properties}


def template(*parts: Resources, **sections: Any) -> dict[str, Any]:
    """A template of the resources."""
    return {"Resources": {name: found for part in parts for name, found in part.items()}, **sections}


def vpc(name: str = "Vpc", cidr: str = "10.0.0.0/16", *, internet: bool = True) -> Resources:
    """A VPC, with an internet gateway attached."""
    found = {name: resource("VPC", CidrBlock=cidr)}
    if internet:
        found[f"{name}Igw"] = resource("InternetGateway")
        found[f"{name}Attachment"] = resource(
            "VPCGatewayAttachment", VpcId=ref(name), InternetGatewayId=ref(f"{name}Igw")
        )
    return found


def subnet(
    name: str,
    cidr: str,
    *,
    tier: str | None = None,
    acl: str | None = None,
    ipv6: object = None,
    of: str = "Vpc",
    **routes: Any,
) -> Resources:
    """A subnet with a route table; a route is `target_property=value` to everywhere, or a pair of block and value."""
    properties: dict[str, Any] = {"VpcId": ref(of), "CidrBlock": cidr}
    if tier is not None:
        properties["Tags"] = [{"Key": "aws-cdk:subnet-name", "Value": tier}]
    if ipv6 is not None:
        properties["Ipv6CidrBlock"] = ipv6
    found = {
        name: resource("Subnet", **properties),
        f"{name}Table": resource("RouteTable", VpcId=ref(of)),
        f"{name}TableOf": resource("SubnetRouteTableAssociation", SubnetId=ref(name), RouteTableId=ref(f"{name}Table")),
    }
    for key, value in routes.items():
        block, target = value if isinstance(value, tuple) else ("0.0.0.0/0", value)
        side = "DestinationIpv6CidrBlock" if ":" in block else "DestinationCidrBlock"
        target_property = key.split("__", maxsplit=1)[0]
        found[f"{name}{key}"] = resource(
            "Route", RouteTableId=ref(f"{name}Table"), **{side: block, target_property: target}
        )
    if acl is not None:
        found[f"{name}AclOf"] = resource("SubnetNetworkAclAssociation", SubnetId=ref(name), NetworkAclId=ref(acl))
    return found


def nat(name: str, where: str, **more: Any) -> Resources:
    """A NAT gateway in a subnet."""
    return {name: resource("NatGateway", SubnetId=ref(where), AllocationId="eipalloc-1", **more)}


def acl(name: str, *rules: str, of: str = "Vpc") -> Resources:
    """A network ACL of rules such as `in 100 allow tcp 443 0.0.0.0/0`; the entry is called `<name>In100`."""
    found = {name: resource("NetworkAcl", VpcId=ref(of))}
    for rule in rules:
        way, number, action, protocol, ports, block = rule.split()
        numbers = {"all": -1, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
        properties: dict[str, Any] = {
            "NetworkAclId": ref(name),
            "RuleNumber": int(number),
            "RuleAction": action,
            "Protocol": numbers[protocol],
            "Egress": way == "out",
            ("Ipv6CidrBlock" if ":" in block else "CidrBlock"): block,
        }
        first, _, last = ports.partition("-")
        if protocol in ("tcp", "udp"):
            properties["PortRange"] = {"From": int(first), "To": int(last or first)}
        elif protocol != "all":
            properties["Icmp"] = {"Type": int(first.replace("any", "-1")), "Code": -1}
        found[f"{name}{way.title()}{number}"] = resource("NetworkAclEntry", **properties)
    return found


def group_rule(rule: str) -> dict[str, Any]:
    """A rule such as `tcp 443 0.0.0.0/0`, `all - ::/0` or `tcp 5432 App`; lists are `pl-...` and `list:<name>`."""
    protocol, ports, peer, *way = rule.split()
    found: dict[str, Any] = {"IpProtocol": "-1" if protocol == "all" else protocol}
    if protocol != "all":
        first, _, last = ports.partition("-")
        found |= {"FromPort": int(first or -1), "ToPort": int(last or first or -1)}
    side = "Destination" if way else "Source"
    if peer.startswith("pl-"):
        return found | {f"{side}PrefixListId": peer}
    if peer.startswith("list:"):
        return found | {f"{side}PrefixListId": {"Fn::GetAtt": [peer.removeprefix("list:"), "PrefixListId"]}}
    if "/" in peer:
        return found | {("CidrIpv6" if ":" in peer else "CidrIp"): peer}
    return found | {f"{side}SecurityGroupId": {"Fn::GetAtt": [peer, "GroupId"]}}


def group(name: str, *ingress: str, egress: list[str] | None = None, of: str = "Vpc") -> Resources:
    """A security group; without `egress` CloudFormation lets everything out.

    Rules that name a group are resources of their own, `<name>In0` and so on: inline they could be circular.
    """
    properties: dict[str, Any] = {"GroupDescription": name, "VpcId": ref(of)}
    found = {name: resource("SecurityGroup", **properties)}
    for way, rules in (("Ingress", ingress), ("Egress", egress or ())):
        read = [group_rule(f"{rule} out" if way == "Egress" else rule) for rule in rules]
        inline = [rule for rule in read if not any(key.endswith("SecurityGroupId") for key in rule)]
        if inline:
            found[name]["Properties"][f"SecurityGroup{way}"] = inline
        for place, rule in enumerate(rule for rule in read if rule not in inline):
            own = {"GroupId": {"Fn::GetAtt": [name, "GroupId"]}, **rule}
            found[f"{name}{way.removesuffix('gress')}{place}"] = resource(f"SecurityGroup{way}", **own)
    return found


def instance(name: str, where: str, *groups: str, public: bool = False) -> Resources:
    """An instance in a subnet."""
    interface = {
        "DeviceIndex": "0",
        "SubnetId": ref(where),
        "GroupSet": [{"Fn::GetAtt": [one, "GroupId"]} for one in groups],
        "AssociatePublicIpAddress": public,
    }
    return {name: resource("Instance", NetworkInterfaces=[interface])}
