"""The parts that a ThreeTierVpc is put together from: flow logs, attachments, DNS firewall, default security group."""

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import custom_resources as cr

from aws_architect_constructs import (
    ConfidenceThreshold,
    DnsFirewall,
    DnsFirewallAction,
    FlowLogs,
    FlowLogTraffic,
    NatStrategy,
    ThreeTierVpc,
    TransitGatewayAttachment,
    VpcPeering,
)
from aws_architect_constructs.testing.policies import Request, ServicePrincipal, TemplatePolicies, evaluate
from support.synthesis import AZS, Template, new_stack, properties, resources, synthesize, template_of, warnings_of

TRANSIT = "tgw-0123456789abcdef0"


def build(**arguments: Any) -> Template:
    """The template of a network alone in its stack."""
    return synthesize(lambda stack: ThreeTierVpc(stack, "Network", availability_zones=AZS, **arguments))


# --- flow logs ----------------------------------------------------------------------------------------------------


def test_flow_logs_record_everything_in_an_encrypted_group() -> None:
    """By default all traffic is recorded every ten minutes, under the stack's key."""
    template = build()
    (log,) = properties(template, "AWS::EC2::FlowLog")
    (group,) = properties(template, "AWS::Logs::LogGroup")
    assert (log["TrafficType"], log["MaxAggregationInterval"], log["LogDestinationType"]) == (
        "ALL",
        600,
        "cloud-watch-logs",
    )
    assert group["KmsKeyId"]["Fn::GetAtt"][0] in resources(template, "AWS::KMS::Key")


def test_flow_logs_record_what_they_are_told() -> None:
    """Traffic and interval are the caller's."""
    (log,) = properties(
        build(flow_logs=FlowLogs.to_cloud_watch(traffic=FlowLogTraffic.REJECT, per_minute=True)), "AWS::EC2::FlowLog"
    )
    assert (log["TrafficType"], log["MaxAggregationInterval"]) == ("REJECT", 60)


def test_the_delivery_role_writes_to_its_group_alone() -> None:
    """The role has no inline policy, and its policy names the log group."""
    template = build()
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": [*resources(template, "AWS::Logs::LogGroup"), "Arn"]}
    assert not resources(template, "AWS::IAM::Policy")


def test_flow_logs_wait_for_their_permission() -> None:
    """The flow log is made after the policy, or its first records would be lost."""
    template = build()
    (log,) = resources(template, "AWS::EC2::FlowLog").values()
    assert set(resources(template, "AWS::IAM::ManagedPolicy")) <= set(log["DependsOn"])


def bucket_network(stack: Stack, **options: Any) -> None:
    """A network whose flow logs go to a bucket of the stack."""
    bucket = s3.Bucket(stack, "Logs")
    ThreeTierVpc(stack, "Network", availability_zones=AZS, flow_logs=FlowLogs.to_bucket(bucket, **options))


def test_flow_logs_in_a_bucket_are_hourly_parquet() -> None:
    """Files in a bucket are made for queries, under the prefix."""
    template = synthesize(lambda stack: bucket_network(stack, prefix="network"))
    (log,) = properties(template, "AWS::EC2::FlowLog")
    assert log["DestinationOptions"] == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": True,
    }
    assert log["LogDestination"]["Fn::Join"][1][-1] == "/network"
    assert not resources(template, "AWS::Logs::LogGroup")


@pytest.mark.parametrize(
    ("options", "objects"),
    [
        ({}, "/AWSLogs/aws-account-id=111111111111/*"),
        ({"prefix": "network"}, "/network/AWSLogs/aws-account-id=111111111111/*"),
    ],
)
def test_the_bucket_admits_this_accounts_delivery(options: dict[str, str], objects: str) -> None:
    """The bucket policy names the account's own prefix and binds the source account."""
    template = synthesize(lambda stack: bucket_network(stack, **options))
    (policy,) = properties(template, "AWS::S3::BucketPolicy")
    put, _ = policy["PolicyDocument"]["Statement"]
    assert put["Resource"]["Fn::Join"][1][-1] == objects
    assert put["Condition"]["StringEquals"] == {"aws:SourceAccount": "111111111111"}


@pytest.mark.parametrize("prefix", ["", "/network", "network/", "AWSLogs/network"])
def test_a_malformed_prefix_is_refused(prefix: str) -> None:
    """A prefix that would make other keys than the policy admits is an error."""
    with pytest.raises(ValueError, match=r"prefix: malformed or AWS's own, got .*; allowed"):
        FlowLogs.to_bucket(s3.Bucket.from_bucket_name(new_stack(), "Logs", "log-archive"), prefix=prefix)


def test_flow_logs_wait_for_the_buckets_policy() -> None:
    """Made before the policy, the flow log would have EC2 write a policy of its own, and ours would fail."""
    template = synthesize(bucket_network)
    (log,) = resources(template, "AWS::EC2::FlowLog").values()
    assert log["DependsOn"] == list(resources(template, "AWS::S3::BucketPolicy"))


@pytest.mark.parametrize(("account", "delivered"), [("111111111111", True), ("222222222222", False)])
def test_delivery_puts_what_it_writes(account: str, delivered: bool) -> None:
    """The key that log delivery uses for Hive-compatible partitions is admitted, for this account's logs alone."""
    template = synthesize(lambda stack: bucket_network(stack, prefix="network"))
    policies = TemplatePolicies({"Stack": template})
    (bucket,) = resources(template, "AWS::S3::Bucket")
    key = f"network/AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region=eu-west-1/log.parquet"
    request = Request(
        principal=ServicePrincipal("delivery.logs.amazonaws.com"),
        action="s3:PutObject",
        resource=f"{policies.arn_of(bucket)}/{key}",
        resource_account="111111111111",
        context={"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:logs:eu-west-1:{account}:delivery-source:x"},
    )
    assert evaluate(request, resource=policies.resource_of(bucket)).allowed is delivered


def test_two_networks_share_a_bucket() -> None:
    """Two flow logs to one bucket make one policy without a statement id twice."""

    def build_two(stack: Stack) -> None:
        bucket = s3.Bucket(stack, "Logs")
        for number, name in enumerate(("one", "two")):
            ThreeTierVpc(
                stack,
                name.capitalize(),
                network_index=number,
                availability_zones=AZS,
                flow_logs=FlowLogs.to_bucket(bucket, prefix=name),
            )

    (policy,) = properties(synthesize(build_two), "AWS::S3::BucketPolicy")
    assert not [s for s in policy["PolicyDocument"]["Statement"] if "Sid" in s]


def test_the_buckets_key_is_opened_to_the_delivery() -> None:
    """A bucket under a customer key takes logs: its key lets the delivery use it."""

    def build_encrypted(stack: Stack) -> None:
        bucket = s3.Bucket(stack, "Logs", encryption=s3.BucketEncryption.KMS)
        ThreeTierVpc(stack, "Network", availability_zones=AZS, flow_logs=FlowLogs.to_bucket(bucket))

    (key,) = properties(synthesize(build_encrypted), "AWS::KMS::Key")
    assert "ServiceDelivery" in [s.get("Sid") for s in key["KeyPolicy"]["Statement"]]


def test_an_imported_bucket_warns() -> None:
    """The policy of an imported bucket cannot be changed: the warning says what it must hold."""
    stack = new_stack()
    bucket = s3.Bucket.from_bucket_name(stack, "Logs", "log-archive")
    ThreeTierVpc(stack, "Network", availability_zones=AZS, flow_logs=FlowLogs.to_bucket(bucket))
    assert [text for text in warnings_of(stack) if "BucketPolicyNotUpdated" in text]


# --- attachments --------------------------------------------------------------------------------------------------


def test_a_transit_gateway_is_attached_in_the_private_tier() -> None:
    """The attachment stands in each private subnet, and each route waits for it."""
    template = build(
        attachments=[TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["10.200.0.0/16"])]
    )
    ((attachment_id, attachment),) = resources(template, "AWS::EC2::TransitGatewayAttachment").items()
    routes = [r for r in resources(template, "AWS::EC2::Route").values() if "TransitGatewayId" in r["Properties"]]
    assert all(subnet["Ref"].startswith("NetworkPrivateTier") for subnet in attachment["Properties"]["SubnetIds"])
    assert [route["DependsOn"] for route in routes] == [[attachment_id]] * 3


def test_a_transit_gateway_may_be_the_way_out() -> None:
    """Without NAT a default route to a transit gateway is a way to AWS, and no warning says otherwise."""
    stack = new_stack()
    ThreeTierVpc(
        stack,
        "Network",
        availability_zones=AZS,
        nat=NatStrategy.NONE,
        attachments=[TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["0.0.0.0/0"])],
    )
    assert warnings_of(stack) == []


@pytest.mark.parametrize(
    "attachments",
    [
        [TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["10.200.0.0/16"] * 2)],
        [TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["10.200.0.0/16"])] * 2,
        [
            TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["10.200.0.0/16"]),
            TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["10.201.0.0/16"]),
        ],
        [VpcPeering(peering_connection_id=f"pcx-{n}", destination_cidrs=["10.201.0.0/16"]) for n in (1, 2)],
    ],
)
def test_nothing_is_attached_twice(attachments: list[Any]) -> None:
    """A destination, a gateway or a peer that is named twice would fail at deployment: it is an error."""
    with pytest.raises(ValueError, match=r"attachments: named twice, got .*; allowed"):
        build(attachments=attachments)


def test_a_peer_is_no_way_to_everywhere() -> None:
    """A peering connection carries no default route."""
    peering = VpcPeering(peering_connection_id="pcx-1", destination_cidrs=["0.0.0.0/0"])
    with pytest.raises(ValueError, match=r"destination_cidrs: a peer is no way to everywhere, got '0\.0\.0\.0/0'"):
        build(attachments=[peering], nat=NatStrategy.NONE)


def test_two_ways_out_are_refused() -> None:
    """A route table has one default route: to NAT, or to a transit gateway."""
    attachment = TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["0.0.0.0/0"])
    with pytest.raises(ValueError, match=r"destination_cidrs: .*got '0\.0\.0\.0/0' with REGIONAL; allowed: .*NONE"):
        build(attachments=[attachment])


@pytest.mark.parametrize(("appliance_mode", "support"), [(True, "enable"), (False, "disable")])
def test_appliance_mode_is_a_choice(appliance_mode: bool, support: str) -> None:
    """Both directions of a flow take one AZ where an appliance needs that."""
    attachment = TransitGatewayAttachment(
        transit_gateway_id=TRANSIT, destination_cidrs=["10.200.0.0/16"], appliance_mode=appliance_mode
    )
    (found,) = properties(build(attachments=[attachment]), "AWS::EC2::TransitGatewayAttachment")
    assert found["Options"] == {"ApplianceModeSupport": support}


def test_an_ipv6_destination_is_an_ipv6_route() -> None:
    """A destination's family decides the property."""
    template = build(
        attachments=[TransitGatewayAttachment(transit_gateway_id=TRANSIT, destination_cidrs=["2001:db8::/32"])],
        dual_stack=True,
    )
    routes = [r for r in properties(template, "AWS::EC2::Route") if "TransitGatewayId" in r]
    assert {r["DestinationIpv6CidrBlock"] for r in routes} == {"2001:db8::/32"}


def test_a_peering_connection_is_requested() -> None:
    """A peer by its VPC is a request, with everything that says whose it is."""
    peering = VpcPeering(
        destination_cidrs=["10.201.0.0/16"],
        peer_vpc_id="vpc-1",
        peer_account="222222222222",
        peer_region="us-east-1",
        peer_role_arn="arn:aws:iam::222222222222:role/Accept",
    )
    (found,) = properties(build(attachments=[peering]), "AWS::EC2::VPCPeeringConnection")
    assert (found["PeerVpcId"], found["PeerOwnerId"], found["PeerRegion"], found["PeerRoleArn"]) == (
        "vpc-1",
        "222222222222",
        "us-east-1",
        "arn:aws:iam::222222222222:role/Accept",
    )


def test_an_existing_peering_connection_is_routed_to() -> None:
    """A connection that exists is only routed to, from private subnets alone."""
    template = build(attachments=[VpcPeering(destination_cidrs=["10.201.0.0/16"], peering_connection_id="pcx-1")])
    routes = [
        n for n, r in resources(template, "AWS::EC2::Route").items() if "VpcPeeringConnectionId" in r["Properties"]
    ]
    assert not resources(template, "AWS::EC2::VPCPeeringConnection")
    assert len(routes) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "exactly one of the two"),
        ({"peering_connection_id": "pcx-1", "peer_vpc_id": "vpc-1"}, "exactly one of the two"),
        ({"peer_vpc_id": "vpc-1", "peer_account": "222222222222"}, "peer_role_arn= beside it"),
    ],
)
def test_a_peer_is_named_once(arguments: dict[str, str], message: str) -> None:
    """A peering connection that is named twice, not at all, or without a role that accepts, is an error."""
    with pytest.raises(ValueError, match=f"got .*; allowed: {message}"):
        VpcPeering(destination_cidrs=["10.201.0.0/16"], **arguments)


# --- DNS firewall -------------------------------------------------------------------------------------------------


def rules(firewall: DnsFirewall) -> list[dict[str, Any]]:
    """The rules of a firewall's group."""
    (group,) = properties(build(dns_firewall=firewall), "AWS::Route53Resolver::FirewallRuleGroup")
    found: list[dict[str, Any]] = group["FirewallRules"]
    return found


def test_domain_lists_are_blocked_in_their_order() -> None:
    """Each list is a rule that answers with no data."""
    assert rules(DnsFirewall(domain_list_ids=["rslvr-fdl-1", "rslvr-fdl-2"])) == [
        {"Priority": place, "Action": "BLOCK", "BlockResponse": "NODATA", "FirewallDomainListId": f"rslvr-fdl-{number}"}
        for number, place in ((1, 100), (2, 101))
    ]


def test_the_advanced_protection_knows_three_threats() -> None:
    """Generated names and tunnels are caught at the confidence asked for."""
    found = rules(DnsFirewall(advanced_protection=True, confidence_threshold=ConfidenceThreshold.MEDIUM))
    assert {(r["DnsThreatProtection"], r["ConfidenceThreshold"]) for r in found} == {
        ("DGA", "MEDIUM"),
        ("DICTIONARY_DGA", "MEDIUM"),
        ("DNS_TUNNELING", "MEDIUM"),
    }


def test_alert_answers() -> None:
    """ALERT blocks nothing."""
    found = rules(DnsFirewall(domain_list_ids=["rslvr-fdl-1"], action=DnsFirewallAction.ALERT))
    assert [(r["Action"], "BlockResponse" in r) for r in found] == [("ALERT", False)]


@pytest.mark.parametrize(("protection", "value"), [(True, "ENABLED"), (False, "DISABLED")])
def test_mutation_protection_is_a_choice(protection: bool, value: str) -> None:
    """The association can be made hard to remove."""
    template = build(dns_firewall=DnsFirewall(domain_list_ids=["rslvr-fdl-1"], mutation_protection=protection))
    (association,) = properties(template, "AWS::Route53Resolver::FirewallRuleGroupAssociation")
    assert association["MutationProtection"] == value


def test_a_firewall_without_a_rule_is_refused() -> None:
    """A firewall that filters nothing is an error, not a false comfort."""
    with pytest.raises(ValueError, match=r"filters nothing.*allowed"):
        DnsFirewall()


def test_a_domain_list_is_told_by_its_id() -> None:
    """A managed list's name is not its id."""
    with pytest.raises(ValueError, match="got 'AWSManagedDomainsAggregateThreatList'; allowed: 'rslvr-fdl-"):
        DnsFirewall(domain_list_ids=["AWSManagedDomainsAggregateThreatList"])


# --- default security group ---------------------------------------------------------------------------------------


def test_emptying_the_default_security_group_is_a_choice() -> None:
    """No function is made unless it is asked for."""
    assert not resources(build(), "AWS::Lambda::Function")


def test_the_default_security_group_loses_its_rules() -> None:
    """Ingress from itself and egress to everywhere are revoked, over IPv6 too where there is IPv6."""
    calls = [
        str(entry["Create"])
        for entry in properties(
            build(restrict_default_security_group=True, dual_stack=True), "Custom::EmptyDefaultSecurityGroup"
        )
    ]
    assert [("RevokeSecurityGroupIngress" in c, "0.0.0.0/0" in c, "::/0" in c) for c in calls] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_without_ipv6_there_is_no_ipv6_rule_to_revoke() -> None:
    """A VPC without IPv6 has two rules to lose."""
    template = build(restrict_default_security_group=True)
    assert len(resources(template, "Custom::EmptyDefaultSecurityGroup")) == 2


def test_its_function_may_change_this_group_alone() -> None:
    """The function's policy names one security group and one log group, and no AWS managed policy."""
    template = build(restrict_default_security_group=True)
    policy = next(
        p for p in properties(template, "AWS::IAM::ManagedPolicy") if "ec2:Revoke" in str(p["PolicyDocument"])
    )
    revoke, _ = policy["PolicyDocument"]["Statement"]
    assert "DefaultSecurityGroup" in str(revoke["Resource"])
    assert not any("ManagedPolicyArns" in role for role in properties(template, "AWS::IAM::Role"))


def test_a_function_that_others_made_is_permitted_too() -> None:
    """CDK keeps one such function a stack: where another construct's was first, its role gets the permission."""
    stack = new_stack()
    cr.AwsCustomResource(
        stack,
        "Other",
        on_create=cr.AwsSdkCall(
            service="sts", action="GetCallerIdentity", physical_resource_id=cr.PhysicalResourceId.of("1")
        ),
        policy=cr.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
        install_latest_aws_sdk=False,
    )
    ThreeTierVpc(stack, "Network", availability_zones=AZS, restrict_default_security_group=True)
    template = template_of(stack)
    policy = next(
        p for p in properties(template, "AWS::IAM::ManagedPolicy") if "ec2:Revoke" in str(p["PolicyDocument"])
    )
    (function,) = [f for f in properties(template, "AWS::Lambda::Function") if "AWS679" in str(f["Role"])]
    assert policy["Roles"] == [{"Ref": function["Role"]["Fn::GetAtt"][0]}]
    assert not [name for name in resources(template, "AWS::Logs::LogGroup") if "DefaultSecurityGroup" in name]
