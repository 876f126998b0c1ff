"""Small networks with answers derived by hand: each row is one fact about how AWS moves packets."""

from typing import Any

import pytest

from aws_architect_constructs.testing.reachability import Answer, Network, Published, Verdict
from support.network_templates import acl, group, instance, nat, ref, resource, subnet, template, vpc

R, B, U = Verdict.REACHABLE, Verdict.BLOCKED, Verdict.UNDECIDED
Template = dict[str, Any]


def network(*parts: Template, **more: Any) -> Network:
    """The network of one template."""
    return Network.from_templates({"S": template(*parts)}, **more)


def check(answer: Answer, verdict: Verdict, blocked_by: str | None = None) -> None:
    """Compare an answer with the expected one."""
    assert (answer.verdict, answer.blocked_by) == (verdict, blocked_by), str(answer)


IGW = ref("VpcIgw")


def three_tiers(*parts: Template, app_acl: str | None = None, public_acl: str | None = None) -> Network:
    """Public, app and isolated subnets, a database, an application and an internet-facing load balancer."""
    return network(
        vpc(),
        subnet("PublicA", "10.0.0.0/24", tier="Public", GatewayId=IGW, acl=public_acl),
        subnet("PublicB", "10.0.1.0/24", tier="Public", GatewayId=IGW, acl=public_acl),
        nat("Nat", "PublicA"),
        subnet("AppA", "10.0.10.0/24", tier="App", NatGatewayId=ref("Nat"), acl=app_acl),
        subnet("AppB", "10.0.11.0/24", tier="App", NatGatewayId=ref("Nat"), acl=app_acl),
        subnet("DataA", "10.0.20.0/24", tier="Data"),
        group("BalancerGroup", "tcp 443 0.0.0.0/0"),
        group("AppGroup", "tcp 8080 BalancerGroup", egress=["tcp 5432 DataGroup", "tcp 443 0.0.0.0/0"]),
        group("DataGroup", "tcp 5432 AppGroup", egress=["tcp 65535 127.0.0.1/32"]),
        {
            "Balancer": resource(
                "ElasticLoadBalancingV2::LoadBalancer",
                Subnets=[ref("PublicA"), ref("PublicB")],
                SecurityGroups=[ref("BalancerGroup")],
                Scheme="internet-facing",
            ),
            "Listener": resource(
                "ElasticLoadBalancingV2::Listener",
                LoadBalancerArn=ref("Balancer"),
                Port=443,
                Protocol="HTTPS",
                DefaultActions=[{"Type": "forward", "TargetGroupArn": ref("Targets")}],
            ),
            "Targets": resource("ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", TargetType="ip"),
            "Service": resource(
                "ECS::Service",
                NetworkConfiguration={
                    "AwsvpcConfiguration": {
                        "Subnets": [ref("AppA"), ref("AppB")],
                        "SecurityGroups": [{"Fn::GetAtt": ["AppGroup", "GroupId"]}],
                        "AssignPublicIp": "DISABLED",
                    }
                },
                LoadBalancers=[{"TargetGroupArn": ref("Targets"), "ContainerPort": 8080}],
            ),
            "DataSubnets": resource("RDS::DBSubnetGroup", SubnetIds=[ref("DataA")]),
            "Database": resource(
                "RDS::DBCluster", DBSubnetGroupName=ref("DataSubnets"), VpcSecurityGroupIds=[ref("DataGroup")]
            ),
            "Writer": resource("RDS::DBInstance", DBClusterIdentifier=ref("Database")),
            "Worker": resource(
                "Lambda::Function", VpcConfig={"SubnetIds": [ref("AppA")], "SecurityGroupIds": [ref("AppGroup")]}
            ),
        },
        *parts,
    )


THREE_TIERS = [
    # source, destination, port, verdict, what blocks
    ("internet", "Balancer", 443, R, None),
    ("internet", "Balancer", 80, B, "Balancer"),  # no listener
    ("internet", "Service", 443, R, None),  # by the listener
    ("internet", "Service", 8080, B, "Nat"),  # not directly: nobody comes in through NAT
    ("internet", "Database", 5432, B, "DataATable"),
    ("internet", "App", 443, B, "Nat"),
    ("internet", "Data", 443, B, "DataATable"),
    ("internet", "Public", 22, R, None),  # a host with a public address and no group
    ("Balancer", "Service", 8080, R, None),
    ("Balancer", "Service", 8081, B, "AppGroup"),
    ("Balancer", "Database", 5432, B, "DataGroup"),
    ("Service", "Database", 5432, R, None),
    ("Service", "Writer", 5432, R, None),  # placed by its cluster
    ("Service", "Database", 3306, B, "AppGroup"),
    ("Worker", "Database", 5432, R, None),
    ("Service", "Worker", 443, B, "Worker"),  # a function takes no connections
    ("App", "Database", 5432, R, None),  # its service is a member of the group
    ("Public", "Database", 5432, B, "DataGroup"),
    ("App", "internet", 443, R, None),
    ("Service", "internet", 443, R, None),
    ("Service", "internet", 80, B, "AppGroup"),
    ("Database", "internet", 443, B, "DataATable"),
    ("Data", "internet", 443, B, "DataATable"),
    ("Data", "App", 443, R, None),  # nothing but groups is between tiers by default
    ("Service", "203.0.113.7", 443, R, None),
    ("Service", "192.168.0.0/16", 443, B, "AppANatGatewayId"),
    ("192.168.0.0/16", "Service", 8080, B, "Nat"),
    ("10.0.10.0/24", "Data", 5432, R, None),  # addresses of hosts in a subnet
    ("10.0.99.0/24", "Data", 5432, B, "Vpc"),  # inside the VPC, where no subnet is
    ("Service", "aws:s3", 443, B, None),
    (["AppA"], ["DataA"], 443, R, None),
    ("AppA", "internet", 443, R, None),
]


@pytest.mark.parametrize(("source", "destination", "port", "verdict", "blocked_by"), THREE_TIERS)
def test_three_tiers(
    source: str | list[str], destination: str | list[str], port: int, verdict: Verdict, blocked_by: str | None
) -> None:
    """A common three-tier application is connected as its routes and groups say."""
    check(three_tiers().reach(source, destination, port=port), verdict, blocked_by)


def test_published_is_the_load_balancer() -> None:
    """Of a three-tier application the internet reaches the load balancer's listener and nothing else."""
    assert three_tiers().published() == {("Balancer", 443)}


def test_paths_out_of_tiers() -> None:
    """The app tier has its NAT routes, the public tier its gateway's, and the isolated tier none."""
    found = three_tiers()
    assert found.paths_out("Data") == ()
    assert [(way.subnet, way.route, way.kind, way.target) for way in found.paths_out("App")] == [
        ("AppA", "AppANatGatewayId", "NAT gateway", "Nat"),
        ("AppB", "AppBNatGatewayId", "NAT gateway", "Nat"),
    ]
    assert {way.kind for way in found.paths_out("Public")} == {"internet gateway"}
    assert {way.destination for way in found.paths_out(["PublicA"])} == {"0.0.0.0/0"}


def test_direct_reach_leaves_load_balancers_out() -> None:
    """A resource behind a load balancer is not reached directly."""
    check(three_tiers().reach("internet", "Service", through_load_balancers=False), B, "Nat")


def test_path_through_a_load_balancer_is_told() -> None:
    """The path names the listener and the groups on both sides of the load balancer."""
    path = "\n".join(three_tiers().reach("internet", "Service").path)
    assert "listener Listener of Balancer forwards to Service on port 8080" in path
    assert path.index("BalancerGroup admits tcp/443") < path.index("Listener") < path.index("AppGroup admits tcp/8080")


# ---- network ACLs ----------------------------------------------------------------------------------------------------

OPEN = ("in 900 allow all - 0.0.0.0/0", "out 900 allow all - 0.0.0.0/0")
ACLS = [
    # rules of the app tier's ACL, verdict of App -> internet:443, what blocks
    (OPEN, R, None),
    ((), B, "Guard"),
    (("out 100 allow tcp 443 0.0.0.0/0", "in 100 allow tcp 1024-65535 0.0.0.0/0"), R, None),
    (("out 100 allow tcp 443 0.0.0.0/0",), B, "Guard"),  # answers have no way in
    (("out 100 allow tcp 443 0.0.0.0/0", "in 100 allow udp 1024-65535 0.0.0.0/0"), B, "Guard"),
    (("out 100 allow tcp 443 0.0.0.0/0", "in 100 allow tcp 32768-65535 0.0.0.0/0"), U, None),  # some ports only
    (("out 90 deny tcp 443 0.0.0.0/0", *OPEN), B, "GuardOut90"),
    (("out 950 deny tcp 443 0.0.0.0/0", *OPEN), R, None),  # the lower number decides
    (("out 90 deny tcp 443 10.0.0.0/8", *OPEN), R, None),  # NAT's address is not what the rule sees
    (("out 90 deny udp 443 0.0.0.0/0", *OPEN), R, None),
    (("in 90 deny tcp 1024-65535 0.0.0.0/0", *OPEN), B, "GuardIn90"),
    (("out 90 deny all - 198.51.100.0/24", *OPEN), R, None),  # the rest of the internet is there
    (("out 100 allow tcp 443 203.0.113.0/24", "in 100 allow all - 0.0.0.0/0"), R, None),
    (("out 100 allow tcp 443 203.0.113.0/24", "in 100 allow all - 198.51.100.0/24"), B, "Guard"),
]


@pytest.mark.parametrize(("rules", "verdict", "blocked_by"), ACLS)
def test_network_acl_of_the_source(rules: tuple[str, ...], verdict: Verdict, blocked_by: str | None) -> None:
    """An ACL lets the request out and the answer in, rule by rule in the order of numbers."""
    check(three_tiers(acl("Guard", *rules), app_acl="Guard").reach("App", "internet"), verdict, blocked_by)


NAT_ACLS = [
    # rules of the public tier's ACL, verdict of App -> internet:443, what blocks
    (
        (
            "in 100 allow tcp 443 10.0.0.0/16",
            "in 110 allow tcp 1024-65535 0.0.0.0/0",
            "out 100 allow tcp 443 0.0.0.0/0",
            "out 110 allow tcp 1024-65535 10.0.0.0/16",
        ),
        R,
        None,
    ),
    # what enters the NAT gateway's subnet still has the destination's port
    (("in 110 allow tcp 1024-65535 0.0.0.0/0", "out 100 allow all - 0.0.0.0/0"), B, "Guard"),
    # answers from the internet to the NAT gateway's own ports
    (("in 100 allow tcp 443 10.0.0.0/16", "out 100 allow all - 0.0.0.0/0"), B, "Guard"),
    # answers from the NAT gateway to the private subnet
    (("in 100 allow all - 0.0.0.0/0", "out 100 allow tcp 443 0.0.0.0/0"), B, "Guard"),
    # out of the NAT gateway's subnet
    (("in 100 allow all - 0.0.0.0/0", "out 100 allow tcp 1024-65535 0.0.0.0/0"), B, "Guard"),
    (("in 90 deny all - 10.0.10.0/23", *OPEN), B, "GuardIn90"),
    (("in 90 deny tcp 1024-2047 0.0.0.0/0", *OPEN), U, None),  # some of NAT's ports
]


@pytest.mark.parametrize(("rules", "verdict", "blocked_by"), NAT_ACLS)
def test_network_acl_of_the_nat_gateway(rules: tuple[str, ...], verdict: Verdict, blocked_by: str | None) -> None:
    """Traffic through a zonal NAT gateway passes the ACL of its subnet four times."""
    check(three_tiers(acl("Guard", *rules), public_acl="Guard").reach("AppB", "internet"), verdict, blocked_by)


def test_acl_is_not_asked_inside_a_subnet() -> None:
    """Two hosts of one subnet talk past a closed ACL; two subnets of one tier do not."""
    found = three_tiers(acl("Closed"), app_acl="Closed")
    check(found.reach(["AppA"], ["AppA"]), R)
    check(found.reach(["AppA"], ["AppB"]), B, "Closed")


def test_what_only_some_subnets_can_do_is_an_exception() -> None:
    """A tier reaches something if any of its subnets does, and the answer lists those that do not."""
    answer = three_tiers(acl("Closed"), app_acl="Closed").reach("App", "App")
    check(answer, R)
    assert not answer.everywhere
    assert {one.question for one in answer.exceptions} == {"AppA -> AppB", "AppB -> AppA"}
    assert {one.blocked_by for one in answer.exceptions} == {"Closed"}
    assert "except AppA -> AppB: no rule of Closed lets tcp/443 out of AppA" in str(answer)


def test_source_ports_can_be_narrowed() -> None:
    """Answers to some source ports only are enough for clients that use those."""
    rules = ("out 100 allow tcp 443 0.0.0.0/0", "in 100 allow tcp 32768-65535 0.0.0.0/0")
    found = three_tiers(acl("Guard", *rules), app_acl="Guard")
    answer = found.reach("App", "internet")
    assert "source ports 32768-65535 only" in answer.explanation
    check(found.reach("App", "internet", source_ports=(32768, 60999)), R)


def test_default_acl_can_be_changed() -> None:
    """An entry for the VPC's default ACL goes before the rule that lets everything pass."""
    entry = resource(
        "NetworkAclEntry",
        NetworkAclId={"Fn::GetAtt": ["Vpc", "DefaultNetworkAcl"]},
        RuleNumber=50,
        RuleAction="deny",
        Protocol=-1,
        Egress=True,
        CidrBlock="0.0.0.0/0",
    )
    check(three_tiers({"Denial": entry}).reach("App", "internet"), B, "Denial")


ICMP = [
    (("out 100 allow icmp 8 0.0.0.0/0", "in 100 allow icmp 0 0.0.0.0/0"), R, None),
    (("out 100 allow icmp any 0.0.0.0/0", "in 100 allow icmp any 0.0.0.0/0"), R, None),
    (("out 100 allow icmp 8 0.0.0.0/0", "in 100 allow icmp 3 0.0.0.0/0"), B, "Guard"),
    (("out 100 allow tcp 0-65535 0.0.0.0/0", "in 100 allow all - 0.0.0.0/0"), B, "Guard"),
]


@pytest.mark.parametrize(("rules", "verdict", "blocked_by"), ICMP)
def test_ping_needs_both_types(rules: tuple[str, ...], verdict: Verdict, blocked_by: str | None) -> None:
    """A ping is an echo request out and an echo reply in."""
    found = three_tiers(acl("Guard", *rules), app_acl="Guard")
    check(found.reach("App", "internet", protocol="icmp"), verdict, blocked_by)


# ---- gateways --------------------------------------------------------------------------------------------------------


def one_subnet(*parts: Template, public: bool = False, **routes: Any) -> Network:
    """A subnet with an instance that admits HTTPS from everywhere."""
    return network(
        vpc(),
        subnet("Only", "10.0.0.0/24", tier="Only", **routes),
        group("Open", "tcp 443 0.0.0.0/0"),
        instance("Host", "Only", "Open", public=public),
        *parts,
    )


def test_internet_gateway_needs_a_public_address() -> None:
    """Without a public address neither out nor in works by the internet gateway; with one both do."""
    private, public = one_subnet(GatewayId=IGW), one_subnet(GatewayId=IGW, public=True)
    check(private.reach("Host", "internet"), B, "Host")
    check(private.reach("internet", "Host"), B, "Host")
    check(public.reach("Host", "internet"), R)
    check(public.reach("internet", "Host"), R)
    assert public.published() == {Published("Host", 443)}


def test_elastic_address_is_public() -> None:
    """An Elastic IP address that is associated with an instance makes it public."""
    address = {"Address": resource("EIP", InstanceId=ref("Host"))}
    check(one_subnet(address, GatewayId=IGW).reach("internet", "Host"), R)


def test_unattached_gateway_leads_nowhere() -> None:
    """A route to an internet gateway that no attachment joins to the VPC is a black hole."""
    found = one_subnet({"Other": resource("InternetGateway")}, public=True, GatewayId=ref("Other"))
    answer = found.reach("Host", "internet")
    check(answer, B, "OnlyGatewayId")
    assert "Other is attached to no VPC" in answer.explanation


def test_regional_nat_has_no_acl_and_no_way_in() -> None:
    """A regional NAT gateway is in no subnet, lets connections out and none in."""
    regional = {"Regional": resource("NatGateway", VpcId=ref("Vpc"), AvailabilityMode="regional")}
    found = one_subnet(regional, NatGatewayId={"Fn::GetAtt": ["Regional", "NatGatewayId"]})
    answer = found.reach("Host", "internet")
    check(answer, R)
    assert any("in no subnet" in hop for hop in answer.path)
    check(found.reach("internet", "Host"), B, "Regional")


def test_private_nat_does_not_lead_to_the_internet() -> None:
    """The internet gateway drops what a private NAT gateway sends."""
    found = one_subnet(nat("Private", "Only", ConnectivityType="private"), NatGatewayId=ref("Private"))
    check(found.reach("Host", "internet"), B, "Private")


def test_nat_in_a_subnet_without_internet_route() -> None:
    """A NAT gateway whose own subnet has no route to an internet gateway leads nowhere."""
    found = one_subnet(subnet("Lost", "10.0.1.0/24"), nat("Nat", "Lost"), NatGatewayId=ref("Nat"))
    check(found.reach("Host", "internet"), B, "LostTable")


def test_longest_prefix_wins() -> None:
    """A more specific route takes its addresses away from the route to everywhere."""
    found = one_subnet(
        {"Link": resource("VPCPeeringConnection", VpcId=ref("Vpc"), PeerVpcId="vpc-1")},
        public=True,
        GatewayId=IGW,
        VpcPeeringConnectionId=("192.168.0.0/16", ref("Link")),
    )
    check(found.reach("Host", "internet"), R)
    check(found.reach("Host", "192.168.0.0/16"), R)
    check(found.reach("Host", "172.16.0.0/12"), B, "OnlyGatewayId")


IPV6 = "2001:db8:0:1::/64"
SIX = ("tcp 443 ::/0",)


def six(*parts: Template, **routes: Any) -> Network:
    """A subnet with IPv6 and an instance without a public IPv4 address."""
    return network(
        vpc(),
        {
            "Block": resource("VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True),
            "Eigw": resource("EgressOnlyInternetGateway", VpcId=ref("Vpc")),
        },
        subnet("Only", "10.0.0.0/24", tier="Only", ipv6=IPV6, **routes),
        group("Open", *SIX),
        instance("Host", "Only", "Open"),
        *parts,
    )


def test_ipv6_by_the_internet_gateway_needs_no_public_address() -> None:
    """Every IPv6 address is public where the route leads to an internet gateway."""
    found = six(GatewayId=("::/0", IGW))
    check(found.reach("Host", "internet", ip_version=6), R)
    check(found.reach("internet", "Host", ip_version=6), R)
    assert found.published() == {("Host", 443)}
    check(found.reach("internet", "Host"), B, "OnlyTable")  # no IPv4 route


def test_egress_only_gateway_lets_nobody_in() -> None:
    """By an egress-only internet gateway IPv6 goes out and nobody comes in."""
    found = six(EgressOnlyInternetGatewayId=("::/0", ref("Eigw")))
    check(found.reach("Host", "internet", ip_version=6), R)
    check(found.reach("internet", "Host", ip_version=6), B, "Eigw")
    assert found.published() == frozenset()


def test_ipv4_acl_rules_do_not_apply_to_ipv6() -> None:
    """An ACL that lets all IPv4 pass stops IPv6."""
    parts = (
        acl("Guard", *OPEN),
        {"AclOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId=ref("Guard"))},
    )
    check(six(*parts, GatewayId=("::/0", IGW)).reach("Host", "internet", ip_version=6), B, "Guard")


def test_subnet_without_ipv6_has_none() -> None:
    """Without an IPv6 block there is no IPv6."""
    check(one_subnet(GatewayId=("::/0", IGW)).reach("Host", "internet", ip_version=6), B, "Only")


def test_ipv6_ping_has_its_own_types() -> None:
    """Over IPv6 a ping is types 128 and 129 of ICMPv6."""
    rules = "out 100 allow icmpv6 128 ::/0", "in 100 allow icmpv6 129 ::/0"
    parts = (
        acl("Guard", *rules),
        {"AclOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId=ref("Guard"))},
    )
    found = six(*parts, GatewayId=("::/0", IGW))
    check(found.reach("Only", "internet", protocol="icmp", ip_version=6), R)
    check(found.reach("Only", "internet", ip_version=6), B, "Guard")


# ---- endpoints -------------------------------------------------------------------------------------------------------


def endpoint(kind: str, service: str, **more: Any) -> Template:
    """A VPC endpoint named by its kind."""
    name = {"Fn::Join": ["", ["com.amazonaws.", ref("AWS::Region"), f".{service}"]]}
    return {
        f"{kind}Endpoint": resource("VPCEndpoint", VpcEndpointType=kind, ServiceName=name, VpcId=ref("Vpc"), **more)
    }


def test_gateway_endpoint_is_a_route() -> None:
    """A gateway endpoint serves the subnets whose route table it is in, and is no path out."""
    found = one_subnet(endpoint("Gateway", "s3", RouteTableIds=[ref("OnlyTable")]), subnet("Else", "10.0.1.0/24"))
    check(found.reach("Host", "aws:s3"), R)
    check(found.reach("Else", "aws:s3"), B, "ElseTable")
    assert found.paths_out("Only") == ()


GATEWAY_ACLS = [
    (("out 100 allow tcp 443 0.0.0.0/0", "in 100 allow tcp 1024-65535 0.0.0.0/0"), R, None),
    (("out 100 allow tcp 443 10.0.0.0/8", "in 100 allow tcp 1024-65535 0.0.0.0/0"), B, "Guard"),
    # S3's addresses are public, but the templates do not tell which
    (("out 100 allow tcp 443 52.0.0.0/8", "in 100 allow tcp 1024-65535 0.0.0.0/0"), U, None),
]


@pytest.mark.parametrize(("rules", "verdict", "blocked_by"), GATEWAY_ACLS)
def test_gateway_endpoint_passes_the_acl(rules: tuple[str, ...], verdict: Verdict, blocked_by: str | None) -> None:
    """Traffic to a gateway endpoint goes to public addresses, and the ACL sees them."""
    found = one_subnet(
        endpoint("Gateway", "s3", RouteTableIds=[ref("OnlyTable")]),
        acl("Guard", *rules),
        {"AclOf": resource("SubnetNetworkAclAssociation", SubnetId=ref("Only"), NetworkAclId=ref("Guard"))},
    )
    check(found.reach("Host", "aws:s3"), verdict, blocked_by)


def test_prefix_list_of_a_service() -> None:
    """A group's rule for an AWS prefix list is undecided until its meaning is told."""
    parts = (
        endpoint("Gateway", "s3", RouteTableIds=[ref("OnlyTable")]),
        group("ToS3", egress=["tcp 443 pl-6da54004"]),
        instance("Reader", "Only", "ToS3"),
    )
    answer = one_subnet(*parts).reach("Reader", "aws:s3")
    check(answer, U)
    assert "prefix list pl-6da54004" in answer.explanation
    told = network(vpc(), subnet("Only", "10.0.0.0/24"), *parts, prefix_lists={"pl-6da54004": "aws:s3"})
    check(told.reach("Reader", "aws:s3"), R)
    check(told.reach("Reader", "Reader"), B, "ToS3")


def test_prefix_list_of_the_template() -> None:
    """A group's rule for a customer-managed prefix list is about its entries."""
    entries = [{"Cidr": "10.0.0.0/25"}, {"Cidr": "10.0.0.128/25"}, {"Cidr": "2001:db8::/32"}]
    found = one_subnet(
        {"Ours": resource("PrefixList", Entries=entries)},
        group("Listed", "tcp 443 list:Ours"),
        instance("Inner", "Only", "Listed"),
        public=True,
        GatewayId=IGW,
    )
    check(found.reach("Host", "Inner"), R)
    check(found.reach("203.0.113.7", "Inner"), B, "Inner")


def test_interface_endpoint_has_subnets_and_groups() -> None:
    """An interface endpoint is reached like a host, by its own group's rules."""
    parts = endpoint("Interface", "secretsmanager", SubnetIds=[ref("Only")], SecurityGroupIds=[ref("Door")])
    found = one_subnet(parts, group("Door", "tcp 443 Open"))
    check(found.reach("Host", "aws:secretsmanager"), R)
    check(found.reach("Host", "aws:secretsmanager", port=80), B, "Door")
    check(found.reach("Host", "InterfaceEndpoint"), R)


# ---- groups ----------------------------------------------------------------------------------------------------------


def pair(*parts: Template) -> Network:
    """Two subnets for two instances."""
    return network(vpc(), subnet("One", "10.0.0.0/24"), subnet("Two", "10.0.1.0/24"), *parts)


def test_self_rule_admits_members_only() -> None:
    """A group that names itself admits its members, wherever they are, and nobody else."""
    found = pair(
        group("Us", "all - Us"),
        group("They"),
        instance("A", "One", "Us"),
        instance("B", "Two", "Us"),
        instance("C", "Two", "They"),
    )
    check(found.reach("A", "B"), R)
    check(found.reach("C", "B"), B, "Us")


def test_any_of_several_groups_admits() -> None:
    """The rules of all groups of an interface count together."""
    found = pair(
        group("Web", "tcp 443 0.0.0.0/0"),
        group("Shell", "tcp 22 0.0.0.0/0"),
        instance("A", "One", "Web"),
        instance("B", "Two", "Web", "Shell"),
    )
    check(found.reach("A", "B", port=22), R)
    check(found.reach("B", "A", port=22), B, "Web")


def test_egress_is_open_only_without_egress_rules() -> None:
    """CloudFormation adds the rule that lets everything out only where no egress rule is given, here or elsewhere."""
    separate = resource(
        "SecurityGroupEgress", GroupId=ref("Shut"), IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    found = pair(
        group("Open", "tcp 443 0.0.0.0/0"),
        group("Shut"),
        {"Rule": separate},
        instance("A", "One", "Open"),
        instance("B", "Two", "Shut"),
    )
    check(found.reach("B", "A"), B, "Shut")
    check(pair(group("Open", "tcp 443 0.0.0.0/0"), instance("A", "One", "Open")).reach("A", "A"), R)


def test_group_covering_half_a_subnet_is_undecided() -> None:
    """An interface's address is somewhere in its subnet: a rule for half of it does not tell."""
    found = pair(group("Half", "tcp 443 10.0.0.0/25"), instance("A", "One", "Half"), instance("B", "Two", "Half"))
    check(found.reach("A", "B"), U)
    check(found.reach("One", "B"), R)  # some host in the subnet


def test_default_group_of_the_vpc() -> None:
    """Without groups a resource is in the VPC's default group, which admits its own members, unless CDK empties it."""
    hosts = {name: resource("Instance", SubnetId=ref(where)) for name, where in (("A", "One"), ("B", "Two"))}
    check(pair(hosts).reach("A", "B"), R)
    check(pair(hosts).reach("One", "B"), R)
    assert (
        pair(hosts, group("Other"), instance("C", "One", "Other")).reach("C", "B").blocked_by
        == "Vpc.DefaultSecurityGroup"
    )
    emptied = {
        "Type": "Custom::VpcRestrictDefaultSG",
        "Properties": {"DefaultSecurityGroupId": {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}},
    }
    check(pair(hosts, {"Restrict": emptied}).reach("A", "B"), B, "Vpc.DefaultSecurityGroup")


# ---- several VPCs ----------------------------------------------------------------------------------------------------


def two_vpcs(link: Template, route: str, target: str, *, back: bool = True) -> Network:
    """Two VPCs with a subnet each and routes between them."""

    def routed(block: str) -> Template:
        return {route: (block, ref(target))}

    return network(
        vpc("Left", "10.0.0.0/16"),
        vpc("Right", "10.1.0.0/16"),
        subnet("L", "10.0.0.0/24", of="Left", **routed("10.0.0.0/8")),
        subnet("R", "10.1.0.0/24", of="Right", **(routed("10.0.0.0/16") if back else {})),
        link,
    )


PEERING = {"Link": resource("VPCPeeringConnection", VpcId=ref("Left"), PeerVpcId=ref("Right"))}
TRANSIT = {
    "Hub": resource("TransitGateway"),
    "AtLeft": resource(
        "TransitGatewayAttachment", VpcId=ref("Left"), TransitGatewayId=ref("Hub"), SubnetIds=[ref("L")]
    ),
    "AtRight": resource(
        "TransitGatewayAttachment", VpcId=ref("Right"), TransitGatewayId=ref("Hub"), SubnetIds=[ref("R")]
    ),
}


@pytest.mark.parametrize(
    ("link", "route", "target"), [(PEERING, "VpcPeeringConnectionId", "Link"), (TRANSIT, "TransitGatewayId", "Hub")]
)
def test_two_vpcs_need_routes_both_ways(link: Template, route: str, target: str) -> None:
    """A peering or a transit gateway connects two VPCs if both have routes."""
    check(two_vpcs(link, route, target).reach("L", "R"), R)
    check(two_vpcs(link, route, target).reach("R", "L"), R)
    check(two_vpcs(link, route, target, back=False).reach("L", "R"), B, "RTable")
    check(two_vpcs(link, route, target, back=False).reach("R", "L"), B, "RTable")


def test_unattached_vpc_is_not_connected() -> None:
    """A transit gateway that only one VPC is attached to does not connect them."""
    half = {name: found for name, found in TRANSIT.items() if name != "AtRight"}
    check(two_vpcs(half, "TransitGatewayId", "Hub").reach("L", "R"), B, "Hub")


def test_peering_is_not_transitive() -> None:
    """What is behind the peer VPC is not reached through it."""
    check(two_vpcs(PEERING, "VpcPeeringConnectionId", "Link").reach("L", "10.9.0.0/16"), B, "Link")


def test_group_reference_works_across_a_peering() -> None:
    """A rule may name a group of the peer VPC; through a transit gateway it does not count."""

    def with_hosts(link: Template, route: str, target: str) -> Network:
        def routed(block: str) -> Template:
            return {route: (block, ref(target))}

        return network(
            vpc("Left", "10.0.0.0/16"),
            vpc("Right", "10.1.0.0/16"),
            subnet("L", "10.0.0.0/24", of="Left", **routed("10.1.0.0/16")),
            subnet("R", "10.1.0.0/24", of="Right", **routed("10.0.0.0/16")),
            link,
            group("Ours", of="Left"),
            group("Theirs", "tcp 443 Ours", of="Right"),
            instance("Here", "L", "Ours"),
            instance("There", "R", "Theirs"),
        )

    check(with_hosts(PEERING, "VpcPeeringConnectionId", "Link").reach("Here", "There"), R)
    check(with_hosts(TRANSIT, "TransitGatewayId", "Hub").reach("Here", "There"), B, "Theirs")


def test_corporate_network_behind_a_gateway() -> None:
    """A network behind a virtual private gateway comes in and is reached where a route leads there."""
    parts = (
        {
            "Vgw": resource("VPNGateway", Type="ipsec.1"),
            "VgwAttachment": resource("VPCGatewayAttachment", VpcId=ref("Vpc"), VpnGatewayId=ref("Vgw")),
        },
        group("Office", "tcp 443 192.168.0.0/16"),
        instance("Inner", "Only", "Office"),
    )
    found = one_subnet(*parts, GatewayId=("192.168.0.0/16", ref("Vgw")))
    check(found.reach("192.168.0.0/16", "Inner"), R)
    check(found.reach("Inner", "192.168.1.1"), R)
    check(found.reach("172.16.0.0/12", "Inner"), B, "OnlyTable")
    assert [(way.kind, way.destination) for way in found.paths_out("Only")] == [
        ("virtual private gateway", "192.168.0.0/16")
    ]


def test_internet_by_a_transit_gateway_is_undecided() -> None:
    """Whether a transit gateway's network leads to the internet is not in the template."""
    found = one_subnet({k: v for k, v in TRANSIT.items() if k == "Hub"}, TransitGatewayId=ref("Hub"))
    answer = found.reach("Host", "internet")
    check(answer, U)
    assert "whether Hub (transit gateway) leads to the internet" in answer.explanation


def test_core_network_and_other_targets_are_undecided() -> None:
    """What a route to an AWS network of another kind does is not in the template."""
    check(one_subnet(CoreNetworkArn="arn:aws:networkmanager::1:core-network/x").reach("Host", "internet"), U)
    check(one_subnet(GatewayId="lgw-1").reach("Host", "internet"), U)
    check(one_subnet(GatewayId=ref("Host")).reach("Host", "internet"), U)


def test_gateways_by_their_ids() -> None:
    """A gateway that is named by its id is known by the id's prefix, and an attachment is taken for granted."""
    check(one_subnet(GatewayId="igw-1", public=True).reach("Host", "internet"), R)
    check(one_subnet(GatewayId=("192.168.0.0/16", "vgw-1")).reach("Host", "192.168.0.0/16"), R)


def test_route_without_target_leads_nowhere() -> None:
    """A route that names no target drops what it takes."""
    route = resource("Route", RouteTableId=ref("OnlyTable"), DestinationCidrBlock="0.0.0.0/0")
    check(one_subnet({"Hole": route}).reach("Host", "internet"), B, "Hole")


def test_nat_and_egress_only_gateways_keep_to_their_ip_version() -> None:
    """A NAT gateway does not translate IPv6 as it is, and an egress-only gateway carries no IPv4."""
    check(six(nat("Nat", "Only"), NatGatewayId=("::/0", ref("Nat"))).reach("Host", "internet", ip_version=6), B, "Nat")
    check(one_subnet(EgressOnlyInternetGatewayId=("0.0.0.0/0", "eigw-1")).reach("Host", "internet"), B, "eigw-1")


def test_private_addresses_do_not_come_by_the_internet_gateway() -> None:
    """The internet carries no private address to a public host."""
    check(one_subnet(GatewayId=IGW, public=True).reach("192.168.0.0/16", "Host"), B, "OnlyGatewayId")


def test_addresses_of_the_vpc_without_a_subnet_do_not_come_in() -> None:
    """An address inside the VPC that no subnet has sends nothing."""
    check(one_subnet(GatewayId=IGW, public=True).reach("10.0.77.0/24", "Host"), B, "Vpc")


def test_another_vpc_is_not_reached_by_the_internet_gateway() -> None:
    """Private addresses of another VPC are not behind an internet gateway."""
    found = network(
        vpc("Left", "10.0.0.0/16"),
        vpc("Right", "10.1.0.0/16"),
        subnet("L", "10.0.0.0/24", of="Left", GatewayId=ref("LeftIgw")),
        subnet("R", "10.1.0.0/24", of="Right", GatewayId=ref("RightIgw")),
    )
    check(found.reach("L", "R"), B, "LGatewayId")


def test_closed_acl_of_a_transit_gateways_subnet_is_a_doubt() -> None:
    """The attachment's own subnet may filter what passes; with the default ACL it does not."""
    hub = {
        "Hub": resource("TransitGateway"),
        "At": resource(
            "TransitGatewayVpcAttachment", VpcId=ref("Vpc"), TransitGatewayId=ref("Hub"), SubnetIds=[ref("Link")]
        ),
    }
    office = "192.168.0.0/16", ref("Hub")
    plain = one_subnet(hub, subnet("Link", "10.0.9.0/28"), TransitGatewayId=office)
    guarded = one_subnet(hub, acl("Guard"), subnet("Link", "10.0.9.0/28", acl="Guard"), TransitGatewayId=office)
    check(plain.reach("Host", "192.168.0.0/16"), R)
    check(guarded.reach("Host", "192.168.0.0/16"), U)
    unattached = one_subnet({"Hub": hub["Hub"]}, TransitGatewayId=office)
    check(unattached.reach("Host", "192.168.0.0/16"), U)


def test_gateway_endpoint_of_unknown_tables_is_a_doubt() -> None:
    """A gateway endpoint may be in any route table that is not told."""
    unknown = endpoint("Gateway", "s3", RouteTableIds=[{"Fn::ImportValue": "table"}])
    check(one_subnet(unknown).reach("Host", "aws:s3"), U)


def test_endpoint_of_a_partner_is_known_by_its_whole_name() -> None:
    """A service of another account has a name of its own; one with an unknown name is a host like any other."""
    name = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"
    places = {"VpcId": ref("Vpc"), "SubnetIds": [ref("Only")], "SecurityGroupIds": [ref("Open")]}
    parts = {
        "Theirs": resource("VPCEndpoint", VpcEndpointType="Interface", ServiceName=name, **places),
        "Odd": resource("VPCEndpoint", VpcEndpointType="Interface", ServiceName={"Fn::ImportValue": "x"}, **places),
    }
    found = one_subnet(parts)
    check(found.reach("Host", "Theirs"), R)
    check(found.reach("Host", "aws:eu-west-1.vpce-svc-1"), R)
    check(found.reach("Host", "Odd"), R)
