"""The canonical instances of ThreeTierVpc."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import (
    AdditionalTier,
    AdditionalTierType,
    AddressPlan,
    DnsFirewall,
    EndpointProfile,
    EnvironmentType,
    FlowLogs,
    IpamAllocation,
    NatStrategy,
    ThreeTierVpc,
    TransitGatewayAttachment,
    VpcPeering,
)
from support.instance import Instance
from support.synthesis import AZS


def _default(stack: Stack) -> None:
    ThreeTierVpc(stack, "Network", availability_zones=AZS)


def _containers(stack: Stack) -> None:
    ThreeTierVpc(stack, "Network", availability_zones=AZS, endpoints=EndpointProfile.CONTAINERS)


def _agnostic(stack: Stack) -> None:
    ThreeTierVpc(stack, "Network", organization_id="o-abcdefghij")


def _without_nat(stack: Stack) -> None:
    ThreeTierVpc(stack, "Network", availability_zones=AZS, nat=NatStrategy.NONE, endpoints=EndpointProfile.CONTAINERS)


def _ipam(stack: Stack) -> None:
    ThreeTierVpc(
        stack,
        "Network",
        availability_zones=AZS,
        cidr=IpamAllocation(pool_id="ipam-pool-0123456789abcdef0"),
        endpoints=EndpointProfile.SESSION_MANAGER,
    )


def _flow_logs_in_a_bucket(stack: Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "LogArchive", "log-archive")
    ThreeTierVpc(stack, "Network", availability_zones=AZS, flow_logs=FlowLogs.to_bucket(bucket, prefix="network"))


def _fullest(stack: Stack) -> None:
    ThreeTierVpc(
        stack,
        "Network",
        availability_zones=AZS,
        address_plan=AddressPlan.SPACIOUS,
        secondary_cidrs=["100.64.0.0/16"],
        additional_tiers=[
            AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED),
            AdditionalTier(name="Pods", tier_type=AdditionalTierType.PRIVATE, cidr="100.64.0.0/16"),
        ],
        dual_stack=True,
        attachments=[
            TransitGatewayAttachment(
                transit_gateway_id="tgw-0123456789abcdef0", destination_cidrs=["10.200.0.0/16", "2001:db8::/32"]
            ),
            VpcPeering(peer_vpc_id="vpc-0123456789abcdef0", destination_cidrs=["10.201.0.0/16"]),
        ],
        nat=NatStrategy.PER_AZ,
        endpoints=EndpointProfile.FULL,
        additional_endpoints=["execute-api"],
        organization_id="o-abcdefghij",
        trusted_cidrs=["10.202.0.0/16"],
        blocked_cidrs=["198.51.100.0/24"],
        dns_firewall=DnsFirewall(domain_list_ids=["rslvr-fdl-0123456789abcdef"], advanced_protection=True),
        encryption_control=True,
        restrict_default_security_group=True,
    )


INSTANCES: Final = {
    "three_tier_vpc-default": Instance(build=_default),
    "three_tier_vpc-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "three_tier_vpc-containers": Instance(build=_containers),
    "three_tier_vpc-agnostic": Instance(build=_agnostic, env=None),
    "three_tier_vpc-without-nat": Instance(build=_without_nat),
    "three_tier_vpc-ipam": Instance(build=_ipam),
    "three_tier_vpc-bucket": Instance(build=_flow_logs_in_a_bucket),
    "three_tier_vpc-fullest": Instance(build=_fullest),
}
