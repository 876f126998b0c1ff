"""A VPC of our own resources, as CDK's constructs take it.

`ec2.Vpc` looks the account's AZs up as soon as account and Region are known, even where every AZ is given, so that
synthesis needs credentials (CDK 2.275: its constructor always reads `stack.availability_zones`). An imported VPC does
not, and it keeps the private tier private where there is no NAT.
"""

from collections.abc import Sequence
from typing import cast

from aws_cdk import aws_ec2 as ec2
from constructs import Construct, DependencyGroup, IDependable

from aws_architect_constructs.foundation.tiers import Tier

from .subnet_tier import SubnetTier


def import_vpc(
    scope: Construct,
    id: str,
    *,
    vpc_id: str,
    cidr: str,
    zone_names: Sequence[str],
    tiers: Sequence[SubnetTier],
    internet: IDependable,
) -> ec2.IVpc:
    """Present the resources as a VPC whose subnet groups are the tiers.

    Args:
        scope: Where the import stands.
        id: Its id.
        vpc_id: The VPC.
        cidr: Its own block.
        zone_names: Its AZs.
        tiers: Its tiers.
        internet: What establishes the VPC's connection to the internet.

    Returns:
        The VPC. What waits for a subnet's routes (load balancers, instances) waits for our routes.
    """
    public, private, isolated = ([group for group in tiers if group.tier is tier] for tier in Tier)
    vpc = ec2.Vpc.from_vpc_attributes(
        scope,
        id,
        vpc_id=vpc_id,
        vpc_cidr_block=cidr,
        availability_zones=list(zone_names),
        public_subnet_ids=_ids(public),
        public_subnet_names=_names(public),
        public_subnet_route_table_ids=_route_tables(public),
        private_subnet_ids=_ids(private),
        private_subnet_names=_names(private),
        private_subnet_route_table_ids=_route_tables(private),
        isolated_subnet_ids=_ids(isolated),
        isolated_subnet_names=_names(isolated),
        isolated_subnet_route_table_ids=_route_tables(isolated),
    )
    imported = [*vpc.public_subnets, *vpc.private_subnets, *vpc.isolated_subnets]
    own = [subnet for group in (*public, *private, *isolated) for subnet in group.subnets]
    for subnet, source in zip(imported, own, strict=True):
        _follow(subnet.internet_connectivity_established, source.internet_connectivity_established)
    _follow(vpc.internet_connectivity_established, internet)
    return vpc


def _ids(groups: Sequence[SubnetTier]) -> list[str]:
    return [subnet_id for group in groups for subnet_id in group.subnet_ids]


def _names(groups: Sequence[SubnetTier]) -> list[str]:
    return [group.name for group in groups]


def _route_tables(groups: Sequence[SubnetTier]) -> list[str]:
    return [table_id for group in groups for table_id in group.route_table_ids]


def _follow(group: IDependable, *established: IDependable) -> None:
    """Make an imported construct's empty dependency group stand for what it was imported from."""
    cast("DependencyGroup", group).add(*established)
