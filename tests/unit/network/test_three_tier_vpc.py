"""ThreeTierVpc: each argument changes what it says, and bad input never touches the tree."""

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, RemovalPolicy, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

from aws_architect_constructs import (
    AdditionalTier,
    AdditionalTierType,
    AddressPlan,
    EndpointProfile,
    EnvironmentType,
    FlowLogs,
    IpamAllocation,
    NatStrategy,
    ThreeTierVpc,
    Tier,
    TransitGatewayAttachment,
)
from support.synthesis import (
    AZS,
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    synthesize,
    template_of,
    warnings_of,
)


def build(
    environment_type: EnvironmentType | None = EnvironmentType.PROD,
    *,
    env: Environment | None = ENV,
    azs: tuple[str, ...] | None = AZS,
    **arguments: Any,
) -> Template:
    """The template of a network alone in its stack."""
    return synthesize(
        lambda stack: ThreeTierVpc(stack, "Network", availability_zones=azs, **arguments),
        environment_type=environment_type,
        env=env,
    )


def network_in(stack: Stack, **arguments: Any) -> ThreeTierVpc:
    """A network in three AZs."""
    return ThreeTierVpc(stack, "Network", availability_zones=AZS, **arguments)


def cidrs(template: Template) -> dict[str, str]:
    """The block of each subnet, by tier and number."""
    return {
        logical_id.removeprefix("Network").split("Subnet")[0] + logical_id.split("Subnet")[1]: subnet["Properties"][
            "CidrBlock"
        ]
        for logical_id, subnet in resources(template, "AWS::EC2::Subnet").items()
    }


@pytest.mark.parametrize(
    ("environment_type", "block"),
    [
        (EnvironmentType.DEV, "10.0.0.0/16"),
        (EnvironmentType.STAGING, "10.1.0.0/16"),
        (EnvironmentType.PROD, "10.2.0.0/16"),
        (EnvironmentType.SHARED, "10.100.0.0/16"),
    ],
)
def test_the_environment_picks_the_block(environment_type: EnvironmentType, block: str) -> None:
    """Each environment has a block of its own."""
    (vpc,) = properties(build(environment_type), "AWS::EC2::VPC")
    assert vpc["CidrBlock"] == block


def test_the_index_shifts_the_block() -> None:
    """A network_index picks another block of the environment's range."""
    (vpc,) = properties(build(network_index=2), "AWS::EC2::VPC")
    assert vpc["CidrBlock"] == "10.22.0.0/16"


def test_the_argument_comes_before_the_declared_environment() -> None:
    """environment_type= is nearer than what the stack declares."""
    template = build(EnvironmentType.PROD)
    own = synthesize(
        lambda stack: network_in(stack, environment_type=EnvironmentType.DEV), environment_type=EnvironmentType.PROD
    )
    assert properties(own, "AWS::EC2::VPC")[0]["CidrBlock"] != properties(template, "AWS::EC2::VPC")[0]["CidrBlock"]


def test_a_cidr_overrides_the_environment() -> None:
    """Any other block is one argument."""
    (vpc,) = properties(build(cidr="172.20.0.0/16"), "AWS::EC2::VPC")
    assert vpc["CidrBlock"] == "172.20.0.0/16"


def test_the_standard_plan() -> None:
    """Public, private and isolated subnets lie at .1, .11 and .21 and up."""
    assert cidrs(build()) == {
        "PublicTier1": "10.2.1.0/24",
        "PublicTier2": "10.2.2.0/24",
        "PublicTier3": "10.2.3.0/24",
        "PrivateTier1": "10.2.11.0/24",
        "PrivateTier2": "10.2.12.0/24",
        "PrivateTier3": "10.2.13.0/24",
        "IsolatedTier1": "10.2.21.0/24",
        "IsolatedTier2": "10.2.22.0/24",
        "IsolatedTier3": "10.2.23.0/24",
    }


def test_the_spacious_plan() -> None:
    """A fleet's private subnets have a /19 each."""
    found = cidrs(build(address_plan=AddressPlan.SPACIOUS))
    assert [found[f"PrivateTier{n}"] for n in (1, 2, 3)] == ["10.2.64.0/19", "10.2.96.0/19", "10.2.128.0/19"]


def test_an_ipam_pool_allocates_the_block() -> None:
    """With IPAM the VPC names a pool, and its subnets are fixed slots of what it allocates."""
    template = build(cidr=IpamAllocation(pool_id="ipam-pool-0123456789abcdef0", netmask_length=17))
    (vpc,) = properties(template, "AWS::EC2::VPC")
    subnet = resources(template, "AWS::EC2::Subnet")["NetworkPrivateTierSubnet1SubnetFC3E0DB9"]
    assert (vpc["Ipv4IpamPoolId"], vpc["Ipv4NetmaskLength"], "CidrBlock" in vpc) == (
        "ipam-pool-0123456789abcdef0",
        17,
        False,
    )
    assert subnet["Properties"]["CidrBlock"] == {
        "Fn::Select": [11, {"Fn::Cidr": [{"Fn::GetAtt": ["Network1C6012B5", "CidrBlock"]}, 256, "7"]}]
    }


def test_zones_take_the_slot_of_their_letter() -> None:
    """Leaving out an AZ moves no subnet of another."""
    found = cidrs(build(azs=("eu-west-1c", "eu-west-1a")))
    assert (found["PublicTier1"], found["PublicTier3"], "PublicTier2" in found) == ("10.2.1.0/24", "10.2.3.0/24", False)


def test_an_agnostic_stack_gets_two_zones() -> None:
    """Without an account and a Region, CloudFormation finds two AZs."""
    subnets = properties(build(env=None, azs=None), "AWS::EC2::Subnet")
    zones = {str(subnet["AvailabilityZone"]) for subnet in subnets}
    assert zones == {str({"Fn::Select": [n, {"Fn::GetAZs": ""}]}) for n in (0, 1)}


@pytest.mark.parametrize("azs", [AZS, None])
def test_nothing_is_looked_up(azs: tuple[str, ...] | None) -> None:
    """An account and a Region that are known make no context lookup, so synthesis needs no credentials."""
    stack = new_stack()
    ThreeTierVpc(stack, "Network", availability_zones=azs)
    root = stack.node.root
    assert isinstance(root, App)
    manifest = json.loads((Path(root.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.get("missing", []) == []


def test_a_further_tier_gets_the_next_slots() -> None:
    """An additional tier lies behind the three, and is a subnet group of its name."""
    stack = new_stack()
    network = network_in(stack, additional_tiers=[AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED)])
    assert cidrs(template_of(stack))["CacheTier1"] == "10.2.31.0/24"
    assert len(network.vpc.select_subnets(subnet_group_name="Cache").subnet_ids) == 3


def test_a_tier_in_a_secondary_block_waits_for_it() -> None:
    """A tier of a secondary block has an eighth of it in each AZ, made after the block is associated."""
    template = build(
        secondary_cidrs=["100.64.0.0/16", "10.50.0.0/16"][::-1],
        additional_tiers=[AdditionalTier(name="Pods", tier_type=AdditionalTierType.PRIVATE, cidr="100.64.0.0/16")],
    )
    subnet = resources(template, "AWS::EC2::Subnet")["NetworkPodsTierSubnet2SubnetA493057C"]
    blocks = resources(template, "AWS::EC2::VPCCidrBlock")
    assert subnet["Properties"]["CidrBlock"] == "100.64.32.0/19"
    assert set(blocks) <= set(subnet["DependsOn"])
    assert [block.get("DependsOn") for block in blocks.values()] == [None, [next(iter(blocks))]]


def test_dual_stack_adds_fixed_ipv6_slots() -> None:
    """With dual_stack a subnet has the /64 of its slot, public ones a route in and private ones a way out."""
    template = build(dual_stack=True)
    subnet = resources(template, "AWS::EC2::Subnet")["NetworkIsolatedTierSubnet1Subnet3F9727CC"]["Properties"]
    routes = [r for r in properties(template, "AWS::EC2::Route") if r.get("DestinationIpv6CidrBlock") == "::/0"]
    assert subnet["Ipv6CidrBlock"]["Fn::Select"][0] == 21
    assert subnet["AssignIpv6AddressOnCreation"] is False
    assert [("GatewayId" in r, "EgressOnlyInternetGatewayId" in r) for r in routes] == [(True, False)] * 3 + [
        (False, True)
    ] * 3


def test_without_dual_stack_there_is_no_ipv6() -> None:
    """IPv6 is a choice."""
    template = build()
    assert not resources(template, "AWS::EC2::EgressOnlyInternetGateway")
    assert not any("Ipv6CidrBlock" in entry for entry in properties(template, "AWS::EC2::NetworkAclEntry"))


def test_without_nat_there_is_no_way_out_over_ipv6_either() -> None:
    """NatStrategy.NONE closes the private tier in both IP families."""
    template = build(dual_stack=True, nat=NatStrategy.NONE)
    assert not resources(template, "AWS::EC2::EgressOnlyInternetGateway")


@pytest.mark.parametrize(
    ("environment_type", "gateways", "addresses"),
    [
        (EnvironmentType.DEV, ["zonal"], 1),
        (EnvironmentType.STAGING, ["zonal"], 1),
        (EnvironmentType.PROD, ["regional"], 0),
        (EnvironmentType.SHARED, ["regional"], 0),
    ],
)
def test_the_environment_picks_nat(environment_type: EnvironmentType, gateways: list[str], addresses: int) -> None:
    """NAT survives an AZ in production, and costs least elsewhere."""
    template = build(environment_type)
    found = [gateway.get("AvailabilityMode", "zonal") for gateway in properties(template, "AWS::EC2::NatGateway")]
    assert (found, len(resources(template, "AWS::EC2::EIP"))) == (gateways, addresses)


def test_nat_in_each_zone() -> None:
    """PER_AZ sends each AZ's private subnet through its own gateway."""
    template = build(nat=NatStrategy.PER_AZ)
    gateways = resources(template, "AWS::EC2::NatGateway")
    targets = [
        route["NatGatewayId"]["Fn::GetAtt"][0]
        for route in properties(template, "AWS::EC2::Route")
        if "NatGatewayId" in route
    ]
    assert targets == list(gateways)
    assert len(gateways) == 3


def test_regional_nat_waits_for_the_internet() -> None:
    """EC2 refuses a public NAT gateway while no internet gateway is attached."""
    template = build()
    (gateway,) = resources(template, "AWS::EC2::NatGateway").values()
    assert gateway["DependsOn"] == list(resources(template, "AWS::EC2::VPCGatewayAttachment"))


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_where_regional_nat_is_missing_each_zone_has_its_own(region: str) -> None:
    """Production is as available where AWS does not offer regional NAT."""
    template = build(
        env=Environment(account="111111111111", region=region), azs=tuple(f"{region}{letter}" for letter in "abc")
    )
    assert len(resources(template, "AWS::EC2::NatGateway")) == 3


def test_own_addresses_for_nat_per_zone() -> None:
    """elastic_ip_allocation_ids keeps the addresses that partners have listed."""
    template = build(nat=NatStrategy.PER_AZ, elastic_ip_allocation_ids=["eipalloc-1", "eipalloc-2", "eipalloc-3"])
    assert [gateway["AllocationId"] for gateway in properties(template, "AWS::EC2::NatGateway")] == [
        "eipalloc-1",
        "eipalloc-2",
        "eipalloc-3",
    ]
    assert not resources(template, "AWS::EC2::EIP")


def test_own_addresses_for_regional_nat() -> None:
    """A regional gateway takes an address of the caller's in each AZ."""
    template = build(elastic_ip_allocation_ids=["eipalloc-1", "eipalloc-2", "eipalloc-3"])
    (gateway,) = properties(template, "AWS::EC2::NatGateway")
    assert gateway["AvailabilityZoneAddresses"] == [
        {"AvailabilityZone": zone, "AllocationIds": [f"eipalloc-{number}"]} for number, zone in enumerate(AZS, start=1)
    ]


def test_gateway_endpoints_serve_every_tier() -> None:
    """The free endpoints of S3 and DynamoDB are always there, in every route table."""
    template = build()
    endpoints = [e for e in properties(template, "AWS::EC2::VPCEndpoint") if e["VpcEndpointType"] == "Gateway"]
    assert [len(endpoint["RouteTableIds"]) for endpoint in endpoints] == [9, 9]


def test_interface_endpoints_by_profile_and_one_by_one() -> None:
    """A profile and single services together make each endpoint once."""
    template = build(endpoints=EndpointProfile.SESSION_MANAGER, additional_endpoints=["kms", "ssm"])
    names = [
        e["ServiceName"] for e in properties(template, "AWS::EC2::VPCEndpoint") if e["VpcEndpointType"] == "Interface"
    ]
    assert names == [f"com.amazonaws.eu-west-1.{service}" for service in ("ssm", "ssmmessages", "kms")]


def test_interface_endpoints_share_one_security_group_for_the_private_tier() -> None:
    """443 is open to the private tier's blocks, never to the whole VPC, and nothing goes out."""
    template = build(endpoints=EndpointProfile.CONTAINERS)
    (group,) = properties(template, "AWS::EC2::SecurityGroup")
    assert [(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupIngress"]] == [
        ("10.2.8.0/21", 443, 443),
        ("10.2.16.0/22", 443, 443),
    ]
    assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]


@pytest.mark.parametrize(
    ("environment_type", "arguments", "zones"),
    [
        (EnvironmentType.DEV, {}, 1),
        (EnvironmentType.STAGING, {}, 2),
        (EnvironmentType.PROD, {}, 3),
        (EnvironmentType.PROD, {"endpoint_availability_zones": 2}, 2),
    ],
)
def test_the_number_of_endpoint_zones(environment_type: EnvironmentType, arguments: dict[str, Any], zones: int) -> None:
    """Interface endpoints stand in as many AZs as the environment, or the caller, pays for."""
    template = build(environment_type, endpoints=EndpointProfile.SESSION_MANAGER, **arguments)
    counts = {
        len(e["SubnetIds"])
        for e in properties(template, "AWS::EC2::VPCEndpoint")
        if e["VpcEndpointType"] == "Interface"
    }
    assert counts == {zones}


def test_an_endpoint_added_later_is_behind_the_same_group() -> None:
    """add_interface_endpoint returns what is there, and makes what is not."""
    network = network_in(new_stack(), endpoints=EndpointProfile.SESSION_MANAGER)
    kms_endpoint = network.add_interface_endpoint("kms")
    assert network.add_interface_endpoint("kms") is kms_endpoint
    assert sorted(network.endpoints.interface) == ["kms", "ssm", "ssmmessages"]


def test_an_endpoint_added_later_is_checked() -> None:
    """A service with a free gateway endpoint gets no interface endpoint by mistake."""
    with pytest.raises(ValueError, match=r"^Stack/Network: service: .*'s3'"):
        network_in(new_stack()).add_interface_endpoint("s3")


def test_an_organization_caps_every_endpoint() -> None:
    """With organization_id every endpoint has a policy; without, none has."""
    capped = build(organization_id="o-abcdefghij", endpoints=EndpointProfile.SESSION_MANAGER)
    open_ = build(endpoints=EndpointProfile.SESSION_MANAGER)
    assert all("o-abcdefghij" in str(e["PolicyDocument"]) for e in properties(capped, "AWS::EC2::VPCEndpoint"))
    assert not any("PolicyDocument" in e for e in properties(open_, "AWS::EC2::VPCEndpoint"))


def test_published_ports_are_the_public_tiers() -> None:
    """public_ports are open to everybody in the public tier's network ACL alone."""
    template = build(public_ports=[8443])
    (entry,) = [
        entry
        for entry in properties(template, "AWS::EC2::NetworkAclEntry")
        if entry.get("PortRange") == {"From": 8443, "To": 8443}
    ]
    assert entry["NetworkAclId"]["Fn::GetAtt"][0].startswith("NetworkPublicTier")


def test_trusted_networks_reach_the_private_tier() -> None:
    """trusted_cidrs are admitted by the private tier's network ACL."""
    template = build(trusted_cidrs=["10.202.0.0/16"])
    (entry,) = [e for e in properties(template, "AWS::EC2::NetworkAclEntry") if e.get("CidrBlock") == "10.202.0.0/16"]
    assert (entry["RuleAction"], entry["Egress"]) == ("allow", False)


def test_blocked_networks_are_denied_first_in_every_tier() -> None:
    """blocked_cidrs are denied in both directions by every network ACL, at the lowest numbers."""
    template = build(blocked_cidrs=["198.51.100.0/24"])
    entries = [e for e in properties(template, "AWS::EC2::NetworkAclEntry") if e.get("CidrBlock") == "198.51.100.0/24"]
    assert {(e["RuleAction"], e["RuleNumber"]) for e in entries} == {("deny", 100)}
    assert len(entries) == 6


def test_every_subnet_is_in_its_tiers_network_acl() -> None:
    """No subnet is left to the default ACL, which allows everything."""
    template = build()
    associated = [a["SubnetId"]["Ref"] for a in properties(template, "AWS::EC2::SubnetNetworkAclAssociation")]
    assert sorted(associated) == sorted(resources(template, "AWS::EC2::Subnet"))


def test_nothing_gets_a_public_address_on_launch() -> None:
    """No subnet gives public IPv4 addresses away."""
    assert {subnet["MapPublicIpOnLaunch"] for subnet in properties(build(), "AWS::EC2::Subnet")} == {False}


def test_dns_names_are_on() -> None:
    """Interface endpoints need both DNS settings."""
    (vpc,) = properties(build(), "AWS::EC2::VPC")
    assert (vpc["EnableDnsHostnames"], vpc["EnableDnsSupport"]) == (True, True)


@pytest.mark.parametrize(
    ("environment_type", "days", "policy"),
    [
        (EnvironmentType.DEV, 14, "Delete"),
        (EnvironmentType.STAGING, 30, "Delete"),
        (EnvironmentType.PROD, 365, "Retain"),
    ],
)
def test_the_environment_keeps_flow_logs(environment_type: EnvironmentType, days: int, policy: str) -> None:
    """Flow logs are kept as long as the environment says, and stay in production when the stack goes."""
    (group,) = resources(build(environment_type), "AWS::Logs::LogGroup").values()
    assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (days, policy)


def test_log_settings_are_the_callers() -> None:
    """Retention, removal policy and key of the log group are arguments."""

    def network(stack: Stack) -> None:
        network_in(
            stack,
            encryption_key=kms.Key(stack, "Own"),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
        )

    template = synthesize(network)
    (group,) = resources(template, "AWS::Logs::LogGroup").values()
    assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (7, "Delete")
    assert group["Properties"]["KmsKeyId"] == {"Fn::GetAtt": [*resources(template, "AWS::KMS::Key"), "Arn"]}


def test_flow_logs_can_be_left_to_others() -> None:
    """FlowLogs.none() makes neither log group nor key."""
    template = build(flow_logs=FlowLogs.none())
    assert not resources(template, "AWS::EC2::FlowLog")
    assert not resources(template, "AWS::KMS::Key")


def test_encryption_control_is_a_choice() -> None:
    """AWS monitors encryption only where it is asked to."""
    assert [c["Mode"] for c in properties(build(encryption_control=True), "AWS::EC2::VPCEncryptionControl")] == [
        "monitor"
    ]
    assert not resources(build(), "AWS::EC2::VPCEncryptionControl")


def test_a_production_network_is_protected() -> None:
    """The stack of a production network cannot be deleted by accident."""
    stack = new_stack(EnvironmentType.PROD)
    network_in(stack)
    assert stack.termination_protection is True


def test_the_vpc_has_the_tiers_as_subnet_groups() -> None:
    """CDK's constructs select a tier by its name."""
    network = network_in(new_stack())
    groups = [network.vpc.select_subnets(subnet_group_name=tier.value).subnet_ids for tier in Tier]
    assert groups == [network.public.subnet_ids, network.private.subnet_ids, network.isolated.subnet_ids]


def test_the_private_tier_is_private_without_nat_too() -> None:
    """What selects private subnets by type finds the private tier also where there is no NAT."""
    network = network_in(new_stack(), nat=NatStrategy.NONE)
    selected = network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    assert selected.subnet_ids == network.private.subnet_ids


def test_subnets_bear_the_tags_that_lookups_read() -> None:
    """`Vpc.from_lookup` in another app finds the tiers."""
    tags = [
        {tag["Key"]: tag["Value"] for tag in subnet["Tags"]}
        for subnet in properties(build(nat=NatStrategy.NONE), "AWS::EC2::Subnet")
    ]
    assert {(tag["aws-cdk:subnet-name"], tag["aws-cdk:subnet-type"]) for tag in tags} == {
        (tier.value, tier.value) for tier in Tier
    }


def test_a_load_balancer_waits_for_the_route_to_the_internet() -> None:
    """What needs the internet is made after the public routes, although CDK sees an imported VPC."""
    stack = new_stack()
    network = network_in(stack)
    elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=network.vpc, internet_facing=True)
    template = template_of(stack)
    (balancer,) = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    public_routes = [
        logical_id for logical_id in resources(template, "AWS::EC2::Route") if logical_id.startswith("NetworkPublic")
    ]
    assert set(public_routes) <= set(balancer["DependsOn"])


def test_another_stack_uses_the_vpc() -> None:
    """A consumer in another stack gets the VPC and its subnets across the stack boundary."""
    app = new_app()
    network = network_in(new_stack(app=app, name="Net"))
    web = Stack(app, "Web", env=ENV)
    elbv2.ApplicationLoadBalancer(web, "Alb", vpc=network.vpc, internet_facing=True)
    (balancer,) = properties(template_of(web), "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert len(balancer["Subnets"]) == 3
    assert [stack.stack_name for stack in web.dependencies] == ["Net"]


# --- what it warns of ---------------------------------------------------------------------------------------------


def warned(stack: Stack) -> set[str]:
    """The names of the warnings of this library in a stack."""
    prefix = "aws-architect-constructs::"
    return {text.split(prefix)[1].split("]")[0].split(" ")[0] for text in warnings_of(stack) if prefix in text}


def test_a_declared_network_warns_of_nothing() -> None:
    """The statement that the docs show has no warning."""
    stack = new_stack()
    network_in(stack)
    assert warned(stack) == set()


@pytest.mark.parametrize(
    ("environment_type", "arguments", "name"),
    [
        (None, {}, "UndeclaredAddressRange"),
        (EnvironmentType.PROD, {"availability_zones": None}, "UnpinnedAvailabilityZones"),
        (EnvironmentType.PROD, {"nat": NatStrategy.SINGLE}, "SingleNatGateway"),
        (
            EnvironmentType.PROD,
            {"nat": NatStrategy.PER_AZ, "availability_zones": [f"eu-west-1{letter}" for letter in "abcdef"]},
            "ElasticIpQuota",
        ),
        (EnvironmentType.PROD, {"nat": NatStrategy.NONE}, "NoWayToAws"),
        (EnvironmentType.PROD, {"flow_logs": FlowLogs.none()}, "FlowLogsDisabled"),
        (EnvironmentType.PROD, {"cidr": "172.17.0.0/16"}, "AddressRangeUsedByAws"),
        (EnvironmentType.PROD, {"cidr": "52.94.0.0/16"}, "PublicAddressRange"),
        (
            EnvironmentType.PROD,
            {"cidr": IpamAllocation(pool_id="ipam-pool-0"), "connected_to": ["10.0.0.0/8"]},
            "ConnectedRangeNotChecked",
        ),
    ],
)
def test_unwise_choices_warn_by_name(
    environment_type: EnvironmentType | None, arguments: dict[str, Any], name: str
) -> None:
    """A legal but unwise choice is a warning with a public name."""
    stack = new_stack(environment_type)
    ThreeTierVpc(stack, "Network", **{"availability_zones": AZS, **arguments})
    assert warned(stack) == {name}


def test_overlapping_networks_of_one_app_warn() -> None:
    """Two VPCs of one app with the same addresses could never be connected: the second says so, and what is free."""
    app = new_app()
    network_in(new_stack(app=app, name="One"))
    other = new_stack(app=app, name="Two")
    network_in(other)
    (text,) = [text for text in warnings_of(other) if "OverlappingVpcs" in text]
    assert "Two/Network (10.2.0.0/16) overlaps One/Network (10.2.0.0/16)" in text
    assert "network_index=1 gives 10.12.0.0/16" in text


def test_networks_of_different_apps_are_strangers() -> None:
    """What one app holds is nothing to another."""
    network_in(new_stack())
    gc.collect()
    stack = new_stack()
    network_in(stack)
    assert warned(stack) == set()


# --- what it refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cidr": "10.2.0.0"}, r"cidr is no CIDR, got '10\.2\.0\.0'; allowed"),
        ({"cidr": "10.2.0.0/20"}, r"cidr: .*STANDARD, got a /20; allowed: /16 to /19"),
        ({"network_index": 10}, r"network_index .*got 10; allowed: 0 to 9"),
        ({"availability_zones": ["us-east-1a", "us-east-1b"]}, r"availability_zones: .*'us-east-1a'.*eu-west-1"),
        ({"public_ports": [22]}, r"public_ports: SSH .*got 22; allowed: Session Manager"),
        ({"blocked_cidrs": ["10.2.0.0/17"]}, r"blocked_cidrs: .*10\.2\.0\.0/16.*got '10\.2\.0\.0/17'"),
        ({"organization_id": "abc"}, r"organization_id: malformed, got 'abc'; allowed"),
        ({"endpoint_availability_zones": 4}, r"endpoint_availability_zones: .*got 4; allowed: 1 to 3"),
        ({"connected_to": ["10.2.128.0/17"]}, r"Network \(10\.2\.0\.0/16\) overlaps .*network_index=1"),
        ({"connected_to": "10.9.0.0/16"}, r"connected_to: not a list, got '10\.9\.0\.0/16'; allowed"),
        ({"connected_to": [None]}, r"connected_to: neither .*got None; allowed"),
        ({"environment_type": "PRODUCTION"}, r"environment_type: no such EnvironmentType, got 'PRODUCTION'; allowed"),
        ({"nat": "MANY"}, r"nat: no such NatStrategy, got 'MANY'; allowed: NONE, SINGLE"),
        ({"endpoints": "ALL"}, r"endpoints: no such EndpointProfile, got 'ALL'; allowed"),
        ({"address_plan": "WIDE"}, r"address_plan: no such AddressPlan, got 'WIDE'; allowed"),
        ({"network_index": "1"}, r"network_index .*got '1'; allowed: 0 to 9"),
        ({"public_ports": 80}, r"public_ports: not a list, got 80; allowed"),
        ({"public_ports": ["80"]}, r"public_ports: not a whole number .*got '80'; allowed"),
        ({"public_ports": [True]}, r"public_ports: not a whole number .*got True; allowed"),
        ({"availability_zones": "eu-west-1a"}, r"availability_zones: not a list, got 'eu-west-1a'; allowed"),
        ({"availability_zones": [1, 2]}, r"availability_zones: not all texts, got \[1, 2\]; allowed"),
        ({"additional_endpoints": "kms"}, r"additional_endpoints: not a list, got 'kms'; allowed"),
        (
            {"additional_endpoints": ["ecr.api", "ecr-api"]},
            r"additional_endpoints: .*'ecr\.api'.*got 'ecr-api'; allowed",
        ),
        ({"availability_zones": ["eu-west-1a", "us-east-1b"]}, r"availability_zones: .*got 'us-east-1b'; allowed"),
        ({"log_retention": 30}, r"log_retention: .*got 30; allowed: RetentionDays"),
        ({"additional_endpoints": ["s3express"]}, r"additional_endpoints: has a gateway endpoint.*got 's3express'"),
        (
            {"attachments": [TransitGatewayAttachment(transit_gateway_id="tgw-1", destination_cidrs=[])]},
            r"destination_cidrs: .*got none; allowed: one or more",
        ),
        (
            {
                "attachments": [
                    TransitGatewayAttachment(transit_gateway_id="tgw-1", destination_cidrs=["2001:db8::/32"])
                ]
            },
            r"destination_cidrs: the VPC has no IPv6, got '2001:db8::/32'; allowed",
        ),
        ({"trusted_cidrs": ["0.0.0.0/0"]}, r"trusted_cidrs: everywhere .*got '0\.0\.0\.0/0'; allowed"),
        ({"removal_policy": RemovalPolicy.SNAPSHOT}, r"removal_policy: .*got SNAPSHOT; allowed: RETAIN or DESTROY"),
        (
            {"additional_tiers": [AdditionalTier(name="X", tier_type="PUBLIC")]},  # type: ignore[arg-type]
            r"additional_tiers: no such AdditionalTierType, got 'PUBLIC'; allowed: PRIVATE, ISOLATED",
        ),
    ],
)
def test_bad_input_is_refused_before_the_tree_is_touched(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is a ValueError with path, value and what is allowed, and the id stays free."""
    stack = new_stack()
    with pytest.raises(ValueError, match=f"^Stack/Network: .*{message}"):
        ThreeTierVpc(stack, "Network", **{"availability_zones": AZS, **arguments})
    assert stack.node.try_find_child("Network") is None


def test_choices_may_be_texts() -> None:
    """A choice by its text, as it comes from a configuration file, is the choice."""
    by_text = build(environment_type=None, nat="SINGLE", endpoints="SESSION_MANAGER", address_plan="SPACIOUS")
    by_name = build(
        environment_type=None,
        nat=NatStrategy.SINGLE,
        endpoints=EndpointProfile.SESSION_MANAGER,
        address_plan=AddressPlan.SPACIOUS,
    )
    assert by_text == by_name


def test_a_tier_type_may_be_a_text() -> None:
    """A further tier's type by its text is not mistaken for the other one."""
    tier = AdditionalTier(name="Jobs", tier_type="PRIVATE")  # type: ignore[arg-type]
    template = build(additional_tiers=[tier])
    routes = [name for name in resources(template, "AWS::EC2::Route") if name.startswith("NetworkJobsTier")]
    assert len(routes) == 3


def test_a_token_is_shown_as_one() -> None:
    """A number that is not known yet is refused as a token, not as a number nobody wrote."""
    with pytest.raises(ValueError, match=r"public_ports: .*got a token; allowed: 1 to 65535"):
        build(public_ports=[Token.as_number({"Ref": "Port"})])


def test_zones_of_two_regions_are_refused_where_the_region_is_not_known() -> None:
    """AZs are of one Region also where the stack names none."""
    with pytest.raises(ValueError, match=r"availability_zones: .*got 'us-east-1b'; allowed: those of eu-west-1"):
        build(env=None, azs=("eu-west-1a", "us-east-1b"))


def test_a_token_is_refused_where_the_plan_needs_a_block() -> None:
    """A block that is known only while CloudFormation deploys is an IpamAllocation, or an error."""
    stack = new_stack(env=None)
    with pytest.raises(ValueError, match="cidr must be known while the app is synthesized, got a token; allowed"):
        network_in(stack, cidr=stack.region)


def test_connected_networks_must_not_overlap() -> None:
    """Another ThreeTierVpc in connected_to is an error that names both, where it would be a warning unconnected."""
    app = new_app()
    one = network_in(new_stack(app=app, name="One"))
    with pytest.raises(ValueError, match=r"Two/Network \(10\.2\.0\.0/16\) overlaps One/Network .*network_index=1"):
        network_in(new_stack(app=app, name="Two"), connected_to=[one])
