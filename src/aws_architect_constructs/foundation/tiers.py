"""The three tiers of a network, and how a construct finds its own in anybody's VPC."""

from enum import StrEnum

from aws_cdk import aws_ec2 as ec2


class Tier(StrEnum):
    """A tier of subnets; the value is the name of its subnet group."""

    PUBLIC = "Public"
    """Routes to and from the internet: load balancers and NAT gateways, never workloads."""
    PRIVATE = "Private"
    """No way in from the internet; out through NAT where the VPC has it: containers, functions, instances."""
    ISOLATED = "Isolated"
    """No route to the internet in either direction: databases and caches."""


def tier_subnets(vpc: ec2.IVpc, tier: Tier, vpc_subnets: ec2.SubnetSelection | None = None) -> ec2.SubnetSelection:
    """Select the subnets of a tier.

    A selection by type alone would mix the tiers of a VPC without NAT, where CDK counts the private tier as isolated
    too, so the subnet group of the tier's name comes first.

    Args:
        vpc: Any VPC, made by this library or not.
        tier: The tier that the construct belongs in.
        vpc_subnets: The caller's own selection, which is returned as it is.

    Returns:
        The caller's selection, else the group named like the tier, else the type that the tier stands for.
    """
    if vpc_subnets is not None:
        return vpc_subnets
    try:
        vpc.select_subnets(subnet_group_name=tier.value)
    except RuntimeError:  # how jsii reports that the VPC has no group of this name
        return ec2.SubnetSelection(subnet_type=_subnet_type(tier))
    return ec2.SubnetSelection(subnet_group_name=tier.value)


def _subnet_type(tier: Tier) -> ec2.SubnetType:
    return {
        Tier.PUBLIC: ec2.SubnetType.PUBLIC,
        Tier.PRIVATE: ec2.SubnetType.PRIVATE_WITH_EGRESS,
        Tier.ISOLATED: ec2.SubnetType.PRIVATE_ISOLATED,
    }[tier]
