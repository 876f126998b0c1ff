"""What the analysis does not know, what it refuses, how fast it is, and how it reads the ways to write resources."""

import time
from typing import Any

import pytest

from aws_architect_constructs.testing.intrinsics import Reference
from aws_architect_constructs.testing.reachability import Network, Verdict
from aws_architect_constructs.testing.reachability.addresses import Addresses
from support.network_templates import acl, group, instance, nat, ref, resource, subnet, template, vpc

R, B, U = Verdict.REACHABLE, Verdict.BLOCKED, Verdict.UNDECIDED
Template = dict[str, Any]
IGW = ref("VpcIgw")
TOKEN = {"Fn::ImportValue": "elsewhere"}


def network(*parts: Template, sections: Template | None = None, **more: Any) -> Network:
    """The network of one template."""
    return Network.from_templates({"S": template(*parts, **(sections or {}))}, **more)


def host(*parts: Template, public: bool = True, **routes: Any) -> Network:
    """A subnet with a public instance that admits HTTPS from everywhere."""
    open_to_all = group("Open", "tcp 443 0.0.0.0/0")
    return network(
        vpc(),
        subnet("Only", "10.0.0.0/24", **routes),
        open_to_all,
        instance("Host", "Only", "Open", public=public),
        *parts,
    )


# ---- undecided -------------------------------------------------------------------------------------------------------


def undecided(found: Network, source: str, destination: str, reason: str, **more: Any) -> None:
    """The answer is UNDECIDED for the reason."""
    answer = found.reach(source, destination, **more)
    assert answer.verdict is U, str(answer)
    assert reason in answer.explanation
    assert answer.blocked_by is None


def entry(**more: Any) -> Template:
    """An ACL of one rule out and all in, on the subnet, with more properties for the rule."""
    rule = {"NetworkAclId": ref("Guard"), "RuleNumber": 100, "RuleAction": "allow", "Protocol": 6, "Egress": True}
    return {
        **acl("Guard", "in 100 allow all - 0.0.0.0/0"),
        "Rule": resource("NetworkAclEntry", **rule, **more),
        "GuardOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId=ref("Guard")),
    }


UNDECIDED: list[tuple[str, tuple[Template, ...], dict[str, Any], str]] = [
    (
        "block of an ACL rule",
        (entry(CidrBlock=TOKEN, PortRange={"From": 443, "To": 443}),),
        {},
        "Rule: export elsewhere",
    ),
    ("ports of an ACL rule", (entry(CidrBlock="0.0.0.0/0", PortRange={"From": TOKEN, "To": 443}),), {}, "Rule: export"),
    (
        "imported ACL",
        ({"AclOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId="acl-1")},),
        {},
        "acl-1 is not in the templates",
    ),
    (
        "unknown ACL",
        ({"AclOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId=TOKEN)},),
        {},
        "export elsewhere",
    ),
    ("unknown gateway", (), {"GatewayId": TOKEN}, "export elsewhere"),
    ("appliance", (), {"InstanceId": ref("Host")}, "appliance"),
    ("NAT elsewhere", (), {"NatGatewayId": "nat-1"}, "NAT gateway nat-1 is not in the templates"),
    ("unknown NAT", (), {"NatGatewayId": TOKEN}, "export elsewhere"),
    (
        "NAT in a subnet elsewhere",
        (nat("Nat", "Only") | {"Nat": resource("NatGateway", SubnetId="subnet-1")},),
        {"NatGatewayId": ref("Nat")},
        "subnet of NAT gateway Nat",
    ),
]


@pytest.mark.parametrize(("parts", "routes", "reason"), [pytest.param(*row[1:], id=row[0]) for row in UNDECIDED])
def test_what_the_template_does_not_tell_is_undecided(
    parts: tuple[Template, ...], routes: dict[str, Any], reason: str
) -> None:
    """A token or import on the way is neither a path nor a block."""
    undecided(host(*parts, **(routes or {"GatewayId": IGW})), "Host", "internet", reason)


def test_unknown_value_that_does_not_matter_is_no_doubt() -> None:
    """An unknown rule after the one that decides changes nothing."""
    rule = {
        "Late": resource(
            "NetworkAclEntry",
            NetworkAclId=ref("Guard"),
            RuleNumber=200,
            RuleAction="deny",
            Protocol=-1,
            Egress=True,
            CidrBlock=TOKEN,
        )
    }
    found = host(entry(CidrBlock="0.0.0.0/0", PortRange={"From": 443, "To": 443}), rule, GatewayId=IGW)
    assert found.reach("Host", "internet").verdict is R


def test_unknown_denial_before_the_rule_that_allows_is_a_doubt() -> None:
    """An unknown denial may take everything that a later rule allows."""
    rule = {
        "Early": resource(
            "NetworkAclEntry",
            NetworkAclId=ref("Guard"),
            RuleNumber=50,
            RuleAction="deny",
            Protocol=-1,
            Egress=True,
            CidrBlock=TOKEN,
        )
    }
    found = host(entry(CidrBlock="0.0.0.0/0", PortRange={"From": 443, "To": 443}), rule, GatewayId=IGW)
    undecided(found, "Host", "internet", "Early: export elsewhere")


def test_unknown_protocol_is_a_doubt() -> None:
    """A rule whose protocol is unknown may be about the packet."""
    rule = {"GroupDescription": "x", "SecurityGroupIngress": [{"IpProtocol": TOKEN, "CidrIp": "0.0.0.0/0"}]}
    found = host({"Odd": resource("SecurityGroup", **rule)}, instance("Inner", "Only", "Odd"))
    undecided(found, "Host", "Inner", "Odd: export elsewhere")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"CidrIp": TOKEN}, "Rule: export elsewhere"),
        ({"SourceSecurityGroupId": TOKEN}, "Rule: export elsewhere"),
        ({"SourcePrefixListId": TOKEN}, "give its blocks in prefix_lists"),
        ({"CidrIp": "0.0.0.0/0", "FromPort": TOKEN}, "Rule: export elsewhere"),
        ({"CidrIp": "0.0.0.0/0", "ToPort": TOKEN}, "Rule: export elsewhere"),
    ],
)
def test_unknown_group_rule_is_a_doubt(rule: Template, reason: str) -> None:
    """A rule whose other side or port is unknown may admit the packet."""
    own = {"GroupId": ref("Inner"), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **rule}
    found = host(group("Inner"), {"Rule": resource("SecurityGroupIngress", **own)}, instance("Target", "Only", "Inner"))
    undecided(found, "Host", "Target", reason)


def test_unknown_group_of_a_resource_is_a_doubt() -> None:
    """A resource in an imported group may admit anything, and may be a member of any group that a rule imports."""
    imported = resource("Instance", SubnetId=ref("Only"), SecurityGroupIds=[TOKEN])
    found = host({"Guest": imported}, group("Inner", "tcp 443 Open"), instance("Target", "Only", "Inner"))
    undecided(found, "Host", "Guest", "export elsewhere")
    undecided(found, "Guest", "Target", "export elsewhere")
    named = resource("Instance", SubnetId=ref("Only"), SecurityGroupIds=["sg-1"])
    undecided(host({"Guest": named}), "Host", "Guest", "sg-1 is not in the templates")


def test_unknown_place_of_a_resource_is_a_doubt() -> None:
    """Where a resource is must be known."""
    for where, reason in ((TOKEN, "export elsewhere"), ("subnet-1", "subnet subnet-1 is not in the templates")):
        lost = resource("Instance", SubnetId=where, SecurityGroupIds=[ref("Open")])
        undecided(host({"Lost": lost}), "Host", "Lost", reason)
    undecided(host({"Lost": resource("Instance")}), "Lost", "Host", "it is in the default VPC")


def test_unknown_route_table_is_a_doubt() -> None:
    """A subnet of an imported route table may have any route."""
    own = {"Bare": resource("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.9.0/24")}
    table = {"TableOf": resource("SubnetRouteTableAssociation", SubnetId=ref("Bare"), RouteTableId=TOKEN)}
    found = host(own, table)
    undecided(found, "Bare", "internet", "route table of Bare")
    undecided(found, "internet", "Bare", "route table of Bare")
    assert [way.kind for way in found.paths_out("Bare")] == ["unknown target"]


def test_route_to_a_prefix_list_is_a_doubt() -> None:
    """A route for a prefix list may take any destination, and beats a shorter prefix."""
    route = {
        "Listed": resource(
            "Route", RouteTableId=ref("OnlyTable"), DestinationPrefixListId="pl-1", TransitGatewayId="tgw-1"
        )
    }
    undecided(host(route, GatewayId=IGW), "Host", "internet", "prefix list pl-1")
    undecided(host(route), "Host", "internet", "prefix list pl-1")


def test_route_inside_the_vpc_through_an_appliance_is_a_doubt() -> None:
    """A route more specific than the VPC's block takes traffic between its subnets."""
    found = host(subnet("Else", "10.0.1.0/24"), NetworkInterfaceId=("10.0.1.0/24", "eni-1"))
    undecided(found, "Only", "Else", "sends traffic inside the VPC through eni-1")


def test_condition_that_is_not_known_leaves_everything_undecided() -> None:
    """A rule that may be there or not changes what can be said; with the parameter it is decided."""
    route = resource("Route", RouteTableId=ref("OnlyTable"), DestinationCidrBlock="0.0.0.0/0", GatewayId=IGW)
    sections = {
        "Parameters": {"Online": {"Type": "String"}},
        "Conditions": {"IsOnline": {"Fn::Equals": [ref("Online"), "yes"]}},
    }
    parts = (vpc(), subnet("Only", "10.0.0.0/24"), {"Way": {**route, "Condition": "IsOnline"}})
    undecided(network(*parts, sections=sections), "Only", "internet", "Way may not exist: parameter Online")
    assert network(*parts, sections=sections, parameters={"Online": "yes"}).reach("Only", "internet").verdict is R
    assert network(*parts, sections=sections, parameters={"Online": "no"}).reach("Only", "internet").verdict is B


def dual_stack(**more: Any) -> Network:
    """Two tiers with IPv6 out of a block that AWS chooses, and ACLs that name it."""
    block = {"Fn::Select": [0, {"Fn::GetAtt": ["Vpc", "Ipv6CidrBlocks"]}]}
    slots = {"Fn::Cidr": [block, 256, "64"]}
    rules = {
        f"Rule{way}{number}": resource(
            "NetworkAclEntry",
            NetworkAclId=ref("Guard"),
            RuleNumber=number,
            RuleAction="allow",
            Protocol=-1,
            Egress=way,
            Ipv6CidrBlock=given,
        )
        for way, number, given in ((True, 100, block), (False, 100, block))
    }
    return network(
        vpc(),
        {"Six": resource("VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True)},
        subnet("One", "10.0.0.0/24", ipv6={"Fn::Select": [0, slots]}, acl="Guard", GatewayId=("::/0", IGW)),
        subnet("Two", "10.0.1.0/24", ipv6={"Fn::Select": [1, slots]}, GatewayId=("::/0", IGW)),
        acl("Guard"),
        rules,
        **more,
    )


def test_ipv6_block_that_aws_chooses() -> None:
    """What hangs on an unknown block is undecided, what holds for all is decided; a stand-in decides the rest."""
    undecided(dual_stack(), "One", "Two", "Vpc.Ipv6CidrBlocks", ip_version=6)
    assert dual_stack().reach("Two", "internet", ip_version=6).verdict is R
    told = dual_stack(attributes={Reference("S", "Vpc", "Ipv6CidrBlocks"): ["2600:1f18::/56"]})
    assert told.reach("One", "Two", ip_version=6).verdict is R
    assert told.reach("Two", "One", ip_version=6).everywhere
    assert told.reach("One", "internet", ip_version=6).blocked_by == "Guard"


def test_published_refuses_to_be_undecided() -> None:
    """What may be published is an error rather than left out."""
    group_of_token = {
        "Rule": resource(
            "SecurityGroupIngress", GroupId=ref("Open"), IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=TOKEN
        )
    }
    with pytest.raises(ValueError, match="Host: what the internet reaches is undecided"):
        host(group_of_token, GatewayId=IGW).published()


# ---- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"destination": "Hots"}, "nothing in the templates is called so, got 'Hots'; allowed: Host"),
        ({"destination": "zzzzz"}, r"allowed: Host, Only, internet, a CIDR or aws:<service>"),
        ({"destination": ["Onyl"]}, "got 'Onyl'; allowed: Only"),
        ({"port": 70000}, "port: no such ports, got 70000"),
        ({"source_ports": (5, 1)}, "source_ports: no such ports, got 5 to 1"),
        ({"protocol": "sctp"}, "no such protocol, got 'sctp'; allowed: tcp, udp and icmp"),
        ({"ip_version": 5}, "no such IP version, got 5; allowed: 4 or 6"),
        ({"source": "aws:s3"}, "an AWS service opens no connections here"),
        (
            {"source": "10.0.0.0/8", "ip_version": 6},
            "this CIDR is of another IP version, got '10.0.0.0/8'; allowed: IPv6",
        ),
        ({"source": "203.0.113.0/24", "destination": "198.51.100.0/24"}, "both ends are outside"),
    ],
)
def test_question_without_meaning_is_an_error(asked: dict[str, Any], message: str) -> None:
    """An unknown name or an impossible number is refused with what is near."""
    with pytest.raises(ValueError, match=message):
        host().reach(**{"source": "Host", "destination": "internet", **asked})


def test_unknown_tier_is_an_error() -> None:
    """A tier that is not there is no empty tier."""
    with pytest.raises(ValueError, match="got 'Olny'; allowed: Only"):
        host().paths_out("Olny")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"Rule": resource("NetworkAclEntry", NetworkAclId="acl-1", RuleNumber=1, RuleAction="permit")},
            "Rule: a rule has a number and an action, got 1 and 'permit'",
        ),
        (
            {"Rule": resource("NetworkAclEntry", NetworkAclId="acl-1", RuleNumber=TOKEN, RuleAction="deny")},
            "Rule: a rule has a number",
        ),
        (
            acl("A", "in 100 allow all - 10.0.0.0/8")
            | {
                "Twin": resource(
                    "NetworkAclEntry", NetworkAclId=ref("A"), RuleNumber=100, RuleAction="deny", CidrBlock="10.0.0.0/8"
                )
            },
            "Twin: rule number 100 of A is taken by AIn100",
        ),
        (
            {"Rule": resource("SecurityGroupIngress", GroupId=ref("Open"), IpProtocol="tcp")},
            "Rule: a rule names its other side",
        ),
        (
            {"Again": resource("SubnetRouteTableAssociation", SubnetId=ref("Only"), RouteTableId=ref("OnlyTable"))},
            "a subnet has one association",
        ),
        ({"Bad": resource("Route", RouteTableId=ref("Tabel"))}, "Tabel"),
    ],
)
def test_contradictory_template_is_an_error(parts: Template, message: str) -> None:
    """What CloudFormation or EC2 would refuse is named with its logical id."""
    with pytest.raises(ValueError, match=message):
        host(parts)


# ---- reading resources -----------------------------------------------------------------------------------------------

INTO = {"SubnetIds": [ref("Only")], "SecurityGroupIds": [ref("Open")]}
WORKLOADS: list[tuple[str, Template]] = [
    ("interface", {"W": resource("NetworkInterface", SubnetId=ref("Only"), GroupSet=[ref("Open")])}),
    (
        "instance on an interface",
        {
            "N": resource("NetworkInterface", SubnetId=ref("Only"), GroupSet=[ref("Open")]),
            "W": resource("Instance", NetworkInterfaces=[{"NetworkInterfaceId": ref("N")}]),
        },
    ),
    (
        "fleet of a template",
        {
            "T": resource("LaunchTemplate", LaunchTemplateData={"SecurityGroupIds": [ref("Open")]}),
            "W": resource(
                "AutoScaling::AutoScalingGroup",
                VPCZoneIdentifier=[ref("Only")],
                LaunchTemplate={"LaunchTemplateId": ref("T"), "Version": "1"},
            ),
        },
    ),
    (
        "fleet of mixed instances",
        {
            "T": resource(
                "LaunchTemplate",
                LaunchTemplateData={
                    "NetworkInterfaces": [{"Groups": [ref("Open")], "AssociatePublicIpAddress": False}]
                },
            ),
            "W": resource(
                "AutoScaling::AutoScalingGroup",
                VPCZoneIdentifier=[ref("Only")],
                MixedInstancesPolicy={
                    "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": ref("T"), "Version": "1"}}
                },
            ),
        },
    ),
    (
        "fleet of a configuration",
        {
            "T": resource("AutoScaling::LaunchConfiguration", SecurityGroups=[ref("Open")]),
            "W": resource(
                "AutoScaling::AutoScalingGroup", VPCZoneIdentifier=[ref("Only")], LaunchConfigurationName=ref("T")
            ),
        },
    ),
    (
        "file system",
        {
            "W": resource("EFS::FileSystem"),
            "M": resource(
                "EFS::MountTarget", FileSystemId=ref("W"), SubnetId=ref("Only"), SecurityGroups=[ref("Open")]
            ),
        },
    ),
    (
        "database",
        {
            "G": resource("RDS::DBSubnetGroup", SubnetIds=[ref("Only")]),
            "W": resource("RDS::DBInstance", DBSubnetGroupName=ref("G"), VPCSecurityGroups=[ref("Open")]),
        },
    ),
    ("proxy", {"W": resource("RDS::DBProxy", VpcSubnetIds=[ref("Only")], VpcSecurityGroupIds=[ref("Open")])}),
    (
        "cache",
        {
            "G": resource("ElastiCache::SubnetGroup", SubnetIds=[ref("Only")]),
            "W": resource(
                "ElastiCache::ReplicationGroup", CacheSubnetGroupName=ref("G"), SecurityGroupIds=[ref("Open")]
            ),
        },
    ),
    ("serverless cache", {"W": resource("ElastiCache::ServerlessCache", **INTO)}),
    ("EKS", {"W": resource("EKS::Cluster", ResourcesVpcConfig=INTO)}),
]


@pytest.mark.parametrize("parts", [pytest.param(row[1], id=row[0]) for row in WORKLOADS])
def test_resource_is_where_its_properties_say(parts: Template) -> None:
    """A resource of any kind is in its subnet behind its group: HTTPS is admitted and SSH is not."""
    found = host(parts)
    assert found.reach("Host", "W").verdict is R
    assert found.reach("Host", "W", port=22).blocked_by == "Open"


def test_function_without_vpc_is_no_place() -> None:
    """A function outside of the VPC has no interface."""
    with pytest.raises(ValueError, match="got 'Free'"):
        host({"Free": resource("Lambda::Function")}).reach("Free", "Host")


def test_fleet_without_its_template_is_undecided() -> None:
    """The groups of a fleet stand in its launch template."""
    fleet = resource("AutoScaling::AutoScalingGroup", VPCZoneIdentifier=[ref("Only")])
    undecided(host({"Fleet": fleet}), "Host", "Fleet", "its launch template is not in the templates")


def test_database_in_a_named_subnet_group_is_undecided() -> None:
    """A subnet group by name is not in the templates."""
    undecided(
        host({"Db": resource("RDS::DBInstance", DBSubnetGroupName="theirs")}), "Host", "Db", "the subnets of theirs"
    )


def balancer(
    *, load_balancer: Template | None = None, target_group: Template | None = None, listener: Template | None = None
) -> Network:
    """A load balancer in a public subnet with one instance behind it."""
    return network(
        vpc(),
        subnet("Front", "10.0.0.0/24", GatewayId=IGW),
        subnet("Back", "10.0.1.0/24"),
        group("Inner", "tcp 8080 0.0.0.0/0", "udp 53 0.0.0.0/0"),
        instance("Server", "Back", "Inner"),
        {
            "Lb": resource(
                "ElasticLoadBalancingV2::LoadBalancer",
                **{"Type": "network", "SubnetMappings": [{"SubnetId": ref("Front")}], **(load_balancer or {})},
            ),
            "Port": resource(
                "ElasticLoadBalancingV2::Listener",
                **{
                    "LoadBalancerArn": ref("Lb"),
                    "Port": 443,
                    "Protocol": "TLS",
                    "DefaultActions": [
                        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": ref("To")}]}}
                    ],
                    **(listener or {}),
                },
            ),
            "To": resource(
                "ElasticLoadBalancingV2::TargetGroup",
                **{
                    "Protocol": "TCP",
                    "Port": 8080,
                    "TargetType": "ip",
                    "Targets": [{"Id": ref("Server")}],
                    **(target_group or {}),
                },
            ),
        },
    )


def test_network_load_balancer_without_groups_filters_nothing() -> None:
    """A Network Load Balancer without groups publishes its listeners' ports only."""
    found = balancer()
    assert found.reach("internet", "Server").verdict is R
    assert found.reach("internet", "Lb", port=80).blocked_by == "Lb"
    assert found.published() == {("Lb", 443)}


def test_internal_load_balancer_is_not_public() -> None:
    """Nobody comes in from the internet to an internal load balancer."""
    found = balancer(load_balancer={"Scheme": "internal"})
    assert found.reach("internet", "Lb").blocked_by == "Lb"
    assert found.reach("internet", "Server").verdict is B
    assert found.published() == frozenset()


def test_unknown_scheme_is_undecided() -> None:
    """Whether a load balancer is public must be known."""
    undecided(balancer(load_balancer={"Scheme": TOKEN}), "internet", "Lb", "whether Lb has a public address")


def test_client_addresses_that_are_kept_are_undecided() -> None:
    """Targets that see the client's own address are not analysed."""
    undecided(balancer(target_group={"TargetType": "instance"}), "internet", "Server", "passes the client's address on")
    kept = {
        "TargetGroupAttributes": [{"Key": "preserve_client_ip.enabled", "Value": "false"}],
        "TargetType": "instance",
    }
    assert balancer(target_group=kept).reach("internet", "Server").verdict is R


def test_unknown_listener_or_target_port_is_undecided() -> None:
    """Ports behind and before a load balancer must be known."""
    undecided(balancer(listener={"Port": TOKEN}), "internet", "Lb", "the port of Port of Lb: export elsewhere")
    undecided(balancer(target_group={"Port": TOKEN}), "internet", "Server", "export elsewhere")


def test_load_balancer_that_cannot_reach_its_target() -> None:
    """What is closed behind the load balancer blocks, and the path goes that far."""
    answer = balancer(target_group={"Port": 9090}).reach("internet", "Server")
    assert answer.verdict is B


def test_listener_rules_forward_too() -> None:
    """Targets of a listener's rules count like those of its default action."""
    rules = {
        "DefaultActions": [{"Type": "fixed-response"}],
    }
    found = balancer(listener=rules)
    assert found.reach("internet", "Server").verdict is B
    rule = resource(
        "ElasticLoadBalancingV2::ListenerRule",
        ListenerArn=ref("Port"),
        Actions=[{"Type": "forward", "TargetGroupArn": ref("To")}],
    )
    parts = template(
        vpc(),
        subnet("Front", "10.0.0.0/24", GatewayId=IGW),
        group("Inner", "tcp 8080 0.0.0.0/0"),
        instance("Server", "Front", "Inner"),
    )
    parts["Resources"] |= {
        "Lb": resource("ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("Front")], SecurityGroups=[ref("Edge")]),
        **group("Edge", "tcp 443 0.0.0.0/0"),
        "Port": resource(
            "ElasticLoadBalancingV2::Listener",
            LoadBalancerArn=ref("Lb"),
            Port=443,
            Protocol="HTTPS",
            DefaultActions=[{"Type": "fixed-response"}],
        ),
        "Rule": rule,
        "To": resource(
            "ElasticLoadBalancingV2::TargetGroup",
            Protocol="HTTP",
            Port=8080,
            Targets=[{"Id": ref("Server"), "Port": 8080}],
        ),
    }
    assert Network.from_templates({"S": parts}).reach("internet", "Server").verdict is R


def test_udp_listener() -> None:
    """A UDP listener is reached by UDP only."""
    found = balancer(listener={"Port": 53, "Protocol": "UDP"})
    assert found.reach("internet", "Lb", port=53, protocol="udp").verdict is R
    assert found.reach("internet", "Lb", port=53).blocked_by == "Lb"
    assert found.published() == {("Lb", "udp/53")}


def test_ranges_of_ports_are_published_as_text() -> None:
    """Everything that a group opens is published as ranges, by protocol, and what an ACL takes out is missing."""
    found = network(
        vpc(),
        subnet("Only", "10.0.0.0/24", GatewayId=IGW, acl="Guard"),
        acl(
            "Guard",
            "in 100 deny tcp 3000-3999 0.0.0.0/0",
            "in 900 allow all - 0.0.0.0/0",
            "out 900 allow all - 0.0.0.0/0",
        ),
        group("Wide", "tcp 1024-65535 0.0.0.0/0", "udp 53 0.0.0.0/0", "icmp 8-0 0.0.0.0/0"),
        instance("Host", "Only", "Wide", public=True),
    )
    assert found.published(ip_version=4) == {
        ("Host", "tcp/1024-2999"),
        ("Host", "tcp/4000-65535"),
        ("Host", "udp/53"),
        ("Host", "icmp"),
    }


def test_two_stacks_are_one_network() -> None:
    """Resources of one stack are placed in the network of another, by export or by output."""
    outputs = {"Subnet": {"Value": ref("Only"), "Export": {"Name": "subnet"}}, "Vpc": {"Value": ref("Vpc")}}
    base = template(vpc(), subnet("Only", "10.0.0.0/24"), group("Same", "tcp 443 10.0.0.0/24"), Outputs=outputs)
    weak = {"Fn::GetStackOutput": {"StackName": "Base", "OutputName": "Vpc"}}
    other = {
        "Same": resource(
            "SecurityGroup", VpcId=weak, SecurityGroupIngress=[{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}]
        ),
        "Host": resource("Instance", SubnetId={"Fn::ImportValue": "subnet"}, SecurityGroupIds=[ref("Same")]),
    }
    found = Network.from_templates({"Base": base, "App": template(other)})
    answer = found.reach("Only", "Host", port=1)
    assert answer.verdict is R
    assert "security group App/Same admits" in "\n".join(answer.path)


def test_answer_prints_question_path_and_reason() -> None:
    """An answer reads from top to bottom: verdict, steps, reason."""
    lines = str(host(GatewayId=IGW).reach("internet", "Host", port=22)).splitlines()
    assert lines[0] == "BLOCKED: the internet -> Host on tcp/22 over IPv4"
    assert lines[1] == "  1. route OnlyGatewayId leads to VpcIgw (internet gateway)"
    assert lines[-1] == "  => no ingress rule of Open admits tcp/22 from the internet"


def test_many_blocks_are_shortened() -> None:
    """A set of many blocks is printed as the first few and a count; no block as words."""
    some = Addresses.of("10.0.0.0/24", "10.0.2.0/24", "10.0.4.0/24", "10.0.6.0/24", version=4)
    assert str(some) == "10.0.0.0/24, 10.0.2.0/24, 10.0.4.0/24 and 1 more blocks"
    assert str(Addresses(6)) == "no address"
    assert str(Addresses.of("2001:db8::/64", version=6)) == "2001:db8::/64"


# ---- speed -----------------------------------------------------------------------------------------------------------


def large() -> Template:
    """A template of 500 resources: three tiers in three zones, ACLs, endpoints, and services with their groups."""
    parts = [vpc()]
    rules = [
        f"{way} {number} allow tcp {port} 0.0.0.0/0"
        for way in ("in", "out")
        for number, port in ((100, "443"), (110, "5432"), (120, "1024-65535"))
    ]
    for tier in ("Public", "App", "Data"):
        parts.append(acl(f"{tier}Acl", *rules))
        for zone in range(3):
            routes: Template = (
                {"GatewayId": IGW} if tier == "Public" else {"NatGatewayId": ref(f"Nat{zone}")} if tier == "App" else {}
            )
            block = f"10.0.{['Public', 'App', 'Data'].index(tier) * 10 + zone}.0/24"
            parts.append(subnet(f"{tier}{zone}", block, tier=tier, acl=f"{tier}Acl", **routes))
    parts += [nat(f"Nat{zone}", f"Public{zone}") for zone in range(3)]
    number = 0
    while sum(len(part) for part in parts) < 498:
        parts.append(group(f"Group{number}", "tcp 443 0.0.0.0/0", f"tcp 5432 Group{max(number - 1, 0)}"))
        parts.append(
            instance(
                f"Host{number}",
                ("Public", "App", "Data")[number % 3] + str(number % 3),
                f"Group{number}",
                public=number % 3 == 0,
            )
        )
        number += 1
    return template(*parts)


def test_500_resources_take_well_under_a_second() -> None:
    """Reading 500 resources and asking everything of them is fast."""
    document = large()
    assert 498 <= len(document["Resources"]) <= 505
    start = time.process_time()
    found = Network.from_templates({"S": document})
    found.published()
    for source in ("internet", "Public", "App", "Data"):
        for destination in ("Public", "App", "Data", "Host10"):
            found.reach(source, destination)
        if source != "internet":
            found.reach(source, "internet")
            found.paths_out(source)
    assert time.process_time() - start < 3
