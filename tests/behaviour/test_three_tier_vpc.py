"""What the network does: who reaches whom, what a change replaces, and what its policies let through."""

from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import (
    AdditionalTier,
    AdditionalTierType,
    AddressPlan,
    EndpointProfile,
    EnvironmentType,
    FlowLogs,
    NatStrategy,
    ThreeTierVpc,
    TransitGatewayAttachment,
    VpcPeering,
)
from aws_architect_constructs.testing.intrinsics import Reference
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    PolicyKind,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from aws_architect_constructs.testing.reachability import Answer, Network, Verdict
from aws_architect_constructs.testing.replacement import STATEFUL_TYPES, ReplacementKind, assert_no_replacement
from support.instances import INSTANCES, template_of_instance
from support.synthesis import AZS, Template, new_stack, resources, synthesize, template_of

ACCOUNT: Final = "111111111111"
ORGANIZATION: Final = "o-abcdefghij"
# NAT is changed on purpose in some of the cases below: its addresses are not the network's state.
STATE: Final = STATEFUL_TYPES - {"AWS::EC2::NatGateway", "AWS::EC2::EIP"}
# Whether an IPv6 block that a subnet did not have replaces it, the schema leaves open; EC2 associates it in place.
CERTAIN: Final = frozenset(ReplacementKind) - {ReplacementKind.MAY_BE_REPLACED}


@cache
def workloads(nat: NatStrategy, *, dual_stack: bool = False) -> Network:
    """A network with a published load balancer, an application host and a database host."""
    stack = new_stack()
    network = ThreeTierVpc(
        stack,
        "Network",
        availability_zones=AZS,
        nat=nat,
        dual_stack=dual_stack,
        endpoints=EndpointProfile.CONTAINERS,
        attachments=[
            TransitGatewayAttachment(transit_gateway_id="tgw-0123456789abcdef0", destination_cidrs=["10.200.0.0/16"]),
            VpcPeering(peering_connection_id="pcx-0123456789abcdef0", destination_cidrs=["10.201.0.0/16"]),
        ],
    )
    groups = {
        name: ec2.SecurityGroup(stack, f"{name}Group", vpc=network.vpc, allow_all_outbound=name == "App")
        for name in ("Web", "App", "Db")
    }
    groups["Web"].add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
    groups["App"].connections.allow_from(groups["Web"], ec2.Port.tcp(8080))
    groups["Db"].connections.allow_from(groups["App"], ec2.Port.tcp(5432))
    for name, tier in (("App", network.private), ("Db", network.isolated)):
        ec2.CfnInstance(
            stack,
            name,
            image_id="ami-0123456789abcdef0",
            subnet_id=tier.subnet_ids[0],
            security_group_ids=[groups[name].security_group_id],
        )
    balancer = elbv2.CfnLoadBalancer(
        stack,
        "Web",
        scheme="internet-facing",
        type="application",
        subnets=network.public.subnet_ids,
        security_groups=[groups["Web"].security_group_id],
    )
    elbv2.CfnListener(
        stack,
        "Listener",
        load_balancer_arn=balancer.ref,
        port=443,
        protocol="HTTPS",
        default_actions=[{"type": "fixed-response", "fixedResponseConfig": {"statusCode": "404"}}],
    )
    template = template_of(stack)
    (vpc,) = resources(template, "AWS::EC2::VPC")
    return Network.from_templates(
        {"Stack": template}, attributes={Reference("Stack", vpc, "Ipv6CidrBlocks"): ["2001:db8::/56"]}
    )


def everywhere(answer: Answer) -> bool:
    """Whether each pair of subnets can talk, not just one."""
    assert answer.verdict is not Verdict.UNDECIDED, answer
    return answer.verdict is Verdict.REACHABLE and answer.everywhere


def blocked(answer: Answer) -> bool:
    """Whether nothing gets through."""
    assert answer.verdict is not Verdict.UNDECIDED, answer
    return answer.verdict is Verdict.BLOCKED


NATS: Final = list(NatStrategy)


@pytest.mark.parametrize("nat", NATS)
def test_the_isolated_tier_has_no_way_out(nat: NatStrategy) -> None:
    """No route of the isolated tier leaves the VPC, whatever NAT there is."""
    assert workloads(nat).paths_out("Isolated") == ()


@pytest.mark.parametrize("nat", NATS)
def test_the_isolated_tier_cannot_reach_the_internet(nat: NatStrategy) -> None:
    """Not on HTTPS either, which its network ACL lets out for gateway endpoints."""
    assert blocked(workloads(nat).reach("Isolated", "internet", port=443))


@pytest.mark.parametrize("nat", [NatStrategy.SINGLE, NatStrategy.PER_AZ, NatStrategy.REGIONAL])
@pytest.mark.parametrize(("protocol", "port"), [("tcp", 443), ("tcp", 587), ("udp", 123)])
def test_the_private_tier_reaches_the_internet_through_nat(nat: NatStrategy, protocol: Any, port: int) -> None:
    """NAT works from every private subnet, on any port, both ways through each network ACL."""
    assert everywhere(workloads(nat).reach("Private", "internet", protocol=protocol, port=port))


def test_without_nat_the_private_tier_stays_inside() -> None:
    """NatStrategy.NONE leaves no way to the internet."""
    assert blocked(workloads(NatStrategy.NONE).reach("Private", "internet", port=443))


@pytest.mark.parametrize("nat", NATS)
@pytest.mark.parametrize("tier", ["Private", "Isolated"])
@pytest.mark.parametrize("port", [22, 443, 5432])
def test_the_internet_reaches_no_inner_tier(nat: NatStrategy, tier: str, port: int) -> None:
    """Nobody outside opens a connection to a private or isolated subnet."""
    assert blocked(workloads(nat).reach("internet", tier, port=port))


@pytest.mark.parametrize("nat", NATS)
def test_the_internet_reaches_what_was_published(nat: NatStrategy) -> None:
    """One load balancer on one port is all that the internet sees."""
    assert {(found.resource, found.port) for found in workloads(nat).published(ip_version=4)} == {("Web", 443)}


@pytest.mark.parametrize("port", [22, 3389])
def test_the_internet_cannot_log_in(port: int) -> None:
    """A published host does not answer SSH; RDP is stopped by its security group, as its port is one of answers."""
    assert blocked(workloads(NatStrategy.PER_AZ).reach("internet", "Web", port=port))


@pytest.mark.parametrize("nat", NATS)
@pytest.mark.parametrize(("source", "destination", "port"), [("Web", "App", 8080), ("App", "Db", 5432)])
def test_tiers_reach_the_next_one(nat: NatStrategy, source: str, destination: str, port: int) -> None:
    """The load balancer reaches the application, and the application its database, from each AZ."""
    assert everywhere(workloads(nat).reach(source, destination, port=port))


def test_without_nat_the_application_reaches_its_database_and_endpoints_only() -> None:
    """An application whose security group lets everything out gets to the database port and AWS, and nowhere else."""
    network = workloads(NatStrategy.NONE)
    assert everywhere(network.reach("App", "Db", port=5432))
    assert everywhere(network.reach("App", "aws:s3", port=443))
    assert blocked(network.reach("App", "Db", port=22))
    assert blocked(network.reach("App", "internet", port=443))


@pytest.mark.parametrize("nat", NATS)
@pytest.mark.parametrize("port", [22, 443, 5432])
def test_the_public_tier_does_not_reach_the_isolated_one(nat: NatStrategy, port: int) -> None:
    """A host in a public subnet reaches no database, on ports above 1023 either."""
    assert blocked(workloads(nat).reach("Public", "Isolated", port=port))


@pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
@pytest.mark.parametrize(("protocol", "port"), [("tcp", 22), ("tcp", 5432), ("udp", 7946), ("icmp", 0)])
def test_a_tier_reaches_itself_across_zones(tier: str, protocol: Any, port: int) -> None:
    """Replication, clusters and proxies work between AZs: network ACLs filter there, and let it pass."""
    stack = new_stack()
    network = ThreeTierVpc(stack, "Network", availability_zones=AZS)
    subnets = {"Public": network.public, "Private": network.private, "Isolated": network.isolated}[tier]
    group = ec2.SecurityGroup(stack, "Group", vpc=network.vpc, allow_all_outbound=True)
    group.connections.allow_internally(ec2.Port.all_traffic())
    for place, subnet_id in enumerate(subnets.subnet_ids):
        ec2.CfnInstance(
            stack,
            f"Host{place}",
            image_id="ami-0123456789abcdef0",
            subnet_id=subnet_id,
            security_group_ids=[group.security_group_id],
        )
    found = Network.from_templates({"Stack": template_of(stack)})
    assert everywhere(found.reach("Host0", "Host2", protocol=protocol, port=port))


@pytest.mark.parametrize("nat", NATS)
@pytest.mark.parametrize("tier", ["Private", "Isolated"])
def test_gateway_endpoints_are_reached(nat: NatStrategy, tier: str) -> None:
    """S3 is reached over its gateway endpoint, from the isolated tier too."""
    assert everywhere(workloads(nat).reach(tier, "aws:s3", port=443))


def test_interface_endpoints_answer_the_private_tier_alone() -> None:
    """The endpoints' security group admits the private tier and not the isolated one."""
    network = workloads(NatStrategy.NONE)
    (endpoint,) = [
        name
        for name, resource in template_of_instance("three_tier_vpc-without-nat")["Resources"].items()
        if resource["Type"] == "AWS::EC2::VPCEndpoint" and "EcrApi" in name
    ]
    assert everywhere(network.reach("Private", endpoint, port=443))
    assert blocked(network.reach("Isolated", endpoint, port=443))
    assert blocked(network.reach("Public", endpoint, port=443))


@pytest.mark.parametrize("nat", NATS)
def test_a_peer_and_the_private_tier_reach_each_other(nat: NatStrategy) -> None:
    """A peered network is reached from every private subnet and reaches it, with NAT and without."""
    network = workloads(nat)
    assert everywhere(network.reach("Private", "10.201.1.0/24", port=8443))
    assert everywhere(network.reach("10.201.1.0/24", "Private", port=443))


@pytest.mark.parametrize("peer", ["10.200.1.0/24", "10.201.1.0/24"])
def test_the_isolated_tier_has_no_peers(peer: str) -> None:
    """Neither a transit gateway nor a peering connection reaches the isolated tier, or is reached from it."""
    network = workloads(NatStrategy.REGIONAL)
    assert blocked(network.reach("Isolated", peer, port=8443))
    assert blocked(network.reach(peer, "Isolated", port=5432))


def test_the_private_tier_reaches_out_over_ipv6_but_not_in() -> None:
    """The egress-only gateway lets connections out, and none in."""
    network = workloads(NatStrategy.PER_AZ, dual_stack=True)
    assert everywhere(network.reach("Private", "internet", port=443, ip_version=6))
    assert blocked(network.reach("internet", "Private", port=443, ip_version=6))
    assert blocked(network.reach("Isolated", "internet", port=443, ip_version=6))


# --- what a change replaces ---------------------------------------------------------------------------------------


def network(environment_type: EnvironmentType | None = EnvironmentType.PROD, **arguments: Any) -> Template:
    """The template of a network alone in its stack."""
    return synthesize(
        lambda stack: ThreeTierVpc(stack, "Network", **{"availability_zones": AZS[:2], **arguments}),
        environment_type=environment_type,
    )


FOUR: Final = (*AZS, "eu-west-1d")
CACHE: Final = AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED)
JOBS: Final = AdditionalTier(name="Jobs", tier_type=AdditionalTierType.PRIVATE)


@pytest.mark.parametrize("plan", AddressPlan)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"availability_zones": AZS}),
        ({"availability_zones": AZS}, {"availability_zones": FOUR}),
        ({"availability_zones": ("eu-west-1b", "eu-west-1c")}, {"availability_zones": FOUR}),
        ({"availability_zones": AZS}, {"availability_zones": AZS[::-1]}),
        ({}, {"additional_tiers": [CACHE]}),
        ({"additional_tiers": [CACHE]}, {"additional_tiers": [CACHE, JOBS], "availability_zones": FOUR}),
        ({}, {"nat": NatStrategy.PER_AZ}),
        ({}, {"nat": NatStrategy.NONE, "endpoints": EndpointProfile.FULL}),
        ({}, {"secondary_cidrs": ["100.64.0.0/16"], "trusted_cidrs": ["10.9.0.0/16"], "public_ports": [443]}),
        ({}, {"organization_id": ORGANIZATION, "encryption_control": True}),
        ({}, {"attachments": [VpcPeering(destination_cidrs=["10.9.0.0/16"], peering_connection_id="pcx-1")]}),
    ],
    ids=str,
)
def test_no_documented_change_replaces_state(plan: AddressPlan, before: dict[str, Any], after: dict[str, Any]) -> None:
    """AZs, tiers, NAT, endpoints and the rest may change under a running network: no subnet, VPC or key is replaced."""
    assert_no_replacement(
        network(address_plan=plan, **before),
        network(address_plan=plan, **after),
        types=STATE,
        region="eu-west-1",
    )


def test_adding_ipv6_replaces_no_state_for_certain() -> None:
    """A network becomes dual-stack in place."""
    assert_no_replacement(network(), network(dual_stack=True), types=STATE, kinds=CERTAIN, region="eu-west-1")


def test_declaring_production_later_changes_nothing() -> None:
    """A network that was made before anybody declared PROD stays where it is."""
    assert_no_replacement(network(None), network(EnvironmentType.PROD), types=STATE, region="eu-west-1")


def test_pinning_the_block_lets_the_environment_change() -> None:
    """With cidr= pinned, as the warning asks, another environment replaces nothing."""
    pinned: dict[str, Any] = {"cidr": "10.2.0.0/16"}
    assert_no_replacement(
        network(None, **pinned), network(EnvironmentType.STAGING, **pinned), types=STATE, region="eu-west-1"
    )


def test_another_key_replaces_no_network() -> None:
    """An own key for the logs leaves VPC, subnets and the log group in place."""

    def build(*, own: bool) -> Template:
        stack = new_stack()
        shared = kms.Key(stack, "Shared")
        kept = FlowLogs.to_cloud_watch()
        ThreeTierVpc(stack, "Network", availability_zones=AZS, flow_logs=kept, encryption_key=shared if own else None)
        return template_of(stack)

    types = [kind for kind in STATE if kind != "AWS::KMS::Key"]
    assert_no_replacement(build(own=False), build(own=True), types=types, region="eu-west-1")


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=5, unique=True),
    st.sampled_from("abcdef"),
    st.integers(0, 3),
)
def test_growing_never_replaces_a_subnet(zones: list[str], another: str, tiers: int) -> None:
    """From any choice of AZs and tiers, one AZ and one tier more replace no subnet."""
    extra = [
        AdditionalTier(name=f"Extra{number}", tier_type=AdditionalTierType.ISOLATED) for number in range(tiers + 1)
    ]
    names = [f"eu-west-1{zone}" for zone in zones]
    grown = list(dict.fromkeys([*names, f"eu-west-1{another}"]))
    quota: dict[str, Any] = {"network_acl_rule_quota": 40}
    assert_no_replacement(
        network(availability_zones=names, additional_tiers=extra[:tiers], **quota),
        network(availability_zones=grown, additional_tiers=extra, **quota),
        types=["AWS::EC2::Subnet", "AWS::EC2::VPC"],
        region="eu-west-1",
    )


# --- what its policies let through --------------------------------------------------------------------------------

OWN: Final = IamRole(f"arn:aws:iam::{ACCOUNT}:role/App")
FOREIGN: Final = IamRole("arn:aws:iam::222222222222:role/Stranger")
EVERYTHING: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
PUBLIC: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@cache
def endpoint_policy(service: str) -> dict[str, object]:
    """The policy of an endpoint of the fullest instance."""
    policies = TemplatePolicies({"Stack": template_of_instance("three_tier_vpc-fullest")})
    (found,) = [
        policy
        for policy in policies.policies
        if policy.kind is PolicyKind.VPC_ENDPOINT and policy.logical_id.startswith(f"NetworkEndpoints{service}")
    ]
    return policies.render(found)


@pytest.mark.parametrize(
    ("principal", "action", "resource", "organizations", "passes"),
    [
        (OWN, "s3:GetObject", "arn:aws:s3:::own/a", (ORGANIZATION, ORGANIZATION), True),
        (OWN, "s3:PutObject", "arn:aws:s3:::foreign/a", (ORGANIZATION, "o-strangers1"), False),
        (FOREIGN, "s3:GetObject", "arn:aws:s3:::own/a", ("o-strangers1", ORGANIZATION), False),
        (FOREIGN, "s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/l", (None, None), True),
        (AnonymousPrincipal(), "s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/p", (None, None), True),
        (AnonymousPrincipal(), "s3:GetObject", "arn:aws:s3:::patch-baseline-snapshot-eu-west-1/s", (None, None), True),
        (AnonymousPrincipal(), "s3:PutObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/p", (None, None), False),
        (
            ServicePrincipal("cloudformation.amazonaws.com"),
            "s3:PutObject",
            "arn:aws:s3:::cloudformation-custom-resource-response-euwest1/r",
            (None, None),
            True,
        ),
    ],
)
def test_the_s3_endpoint_serves_the_organization_and_aws_own_buckets(
    principal: Principal, action: str, resource: str, organizations: tuple[str | None, str | None], passes: bool
) -> None:
    """Pulls, packages, patches and CloudFormation's answers pass; data to and from strangers does not."""
    request = Request(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=ACCOUNT if "own" in resource else "333333333333",
        context={"aws:PrincipalOrgID": organizations[0], "aws:ResourceOrgID": organizations[1]},
    )
    identity = [EVERYTHING] if isinstance(principal, IamRole) else []
    decision = evaluate(request, identity=identity, resource=PUBLIC, vpc_endpoint=endpoint_policy("S3"))
    assert decision.allowed is passes, decision


def test_flow_logs_are_delivered_by_this_account_alone() -> None:
    """The delivery role trusts the flow-log service for this account's flow logs, and nobody else's."""
    policies = TemplatePolicies({"Stack": template_of_instance("three_tier_vpc-default")})
    (role,) = resources(template_of_instance("three_tier_vpc-default"), "AWS::IAM::Role")

    def trusted(account: str) -> bool:
        request = Request(
            principal=ServicePrincipal("vpc-flow-logs.amazonaws.com"),
            action="sts:AssumeRole",
            resource=policies.arn_of(role),
            context={
                "aws:SourceAccount": account,
                "aws:SourceArn": f"arn:aws:ec2:eu-west-1:{account}:vpc-flow-log/fl-1",
            },
        )
        return evaluate(request, resource=policies.resource_of(role)).allowed

    assert (trusted(ACCOUNT), trusted("222222222222")) == (True, False)


KEY: Final = "AWS::KMS::Key"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
OWN_KEY: Final = "In a key policy the star is the key itself."
BOUNDED: Final = "An endpoint policy grants nothing; the organization's keys bound it."
BY_NAME: Final = (
    "AWS's own buckets by name, for one action: read anonymously, or written at an address that AWS signed."
)
REASONS: Final[dict[tuple[str, str, WideGrantKind, str, bool], str]] = {
    (KEY, "AccountPolicies", WideGrantKind.EVERY_RESOURCE, "*", False): OWN_KEY,
    (KEY, "AccountPolicies", WideGrantKind.EVERY_ACTION_OF_SERVICE, "kms:*", False): (
        "The account's own policies decide, or nobody could manage the key."
    ),
    (KEY, "ServiceLogs", WideGrantKind.EVERY_RESOURCE, "*", True): OWN_KEY,
    **{
        (ENDPOINT, sid, kind, "*", True): BOUNDED
        for sid in ("OrganizationData", "OrganizationPrincipals")
        for kind in (WideGrantKind.EVERY_RESOURCE, WideGrantKind.EVERY_ACTION, WideGrantKind.PUBLIC_PRINCIPAL)
    },
    (ENDPOINT, "AwsOwnedBuckets", WideGrantKind.PUBLIC_PRINCIPAL, "*", False): BY_NAME,
    (ENDPOINT, "CloudFormationAnswers", WideGrantKind.PUBLIC_PRINCIPAL, "*", False): BY_NAME,
}
"""Why a wide grant stays: by where it stands, what it is, and whether conditions bound it."""


def test_every_wide_grant_has_its_reason() -> None:
    """Stars and public principals stand in key and endpoint policies alone, and no reason is idle."""
    found = {
        (grant.policy.resource_type, str(grant.sid), grant.kind, grant.value, grant.has_conditions)
        for name in INSTANCES
        if name.startswith("three_tier_vpc")
        for grant in wide_grants(TemplatePolicies({"Stack": template_of_instance(name)}).policies, account=ACCOUNT)
    }
    assert found == set(REASONS)
