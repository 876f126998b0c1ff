"""The canonical instances of every construct: snapshot, nag, flags, golden ids and validity are all proven on these.

Each stands alone in the stack `Stack`, in PROD unless it says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from aws_cdk import Environment, Stack
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
from support.instances_cross_account_role import INSTANCES_CROSS_ACCOUNT_ROLE
from support.instances_github_actions_role import INSTANCES_GITHUB_ACTIONS_ROLE
from support.instances_instance_role import INSTANCES_INSTANCE_ROLE
from support.synthesis import AZS, ENV, Template, synthesize


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One canonical instance: how to build it, and in what environment."""

    build: Callable[[Stack], object]
    environment_type: EnvironmentType = EnvironmentType.PROD
    env: Environment | None = field(default_factory=lambda: ENV)


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


INSTANCES: Final[Mapping[str, Instance]] = {
    **{
        name: Instance(build=build)
        for name, build in {
            **INSTANCES_CROSS_ACCOUNT_ROLE,
            **INSTANCES_GITHUB_ACTIONS_ROLE,
            **INSTANCES_INSTANCE_ROLE,
        }.items()
    },
    "three_tier_vpc-default": Instance(build=_default),
    "three_tier_vpc-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "three_tier_vpc-containers": Instance(build=_containers),
    "three_tier_vpc-agnostic": Instance(build=_agnostic, env=None),
    "three_tier_vpc-without-nat": Instance(build=_without_nat),
    "three_tier_vpc-ipam": Instance(build=_ipam),
    "three_tier_vpc-bucket": Instance(build=_flow_logs_in_a_bucket),
    "three_tier_vpc-fullest": Instance(build=_fullest),
}


@cache
def template_of_instance(name: str) -> Template:
    """The template of a canonical instance, synthesized once a process. Do not change it."""
    instance = INSTANCES[name]
    return synthesize(instance.build, environment_type=instance.environment_type, env=instance.env)


def template_under(name: str, context: Mapping[str, Any]) -> Template:
    """The template of a canonical instance under feature flags."""
    instance = INSTANCES[name]
    return synthesize(instance.build, environment_type=instance.environment_type, env=instance.env, context=context)
