"""Finding a tier's subnets in anybody's VPC."""

import pytest
from aws_cdk import aws_ec2 as ec2

from aws_architect_constructs import Tier, tier_subnets
from support.synthesis import AZS, new_stack


def test_the_group_of_the_tiers_name_comes_first() -> None:
    """Where the VPC has a group named like the tier, the tier is that group."""
    vpc = ec2.Vpc(
        new_stack(env=None),
        "Vpc",
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )
    assert tier_subnets(vpc, Tier.PRIVATE).subnet_group_name == "Private"
    assert len(vpc.select_subnets(subnet_group_name="Private").subnet_ids) == 2


@pytest.mark.parametrize(
    ("tier", "subnet_type"),
    [
        (Tier.PUBLIC, ec2.SubnetType.PUBLIC),
        (Tier.PRIVATE, ec2.SubnetType.PRIVATE_WITH_EGRESS),
        (Tier.ISOLATED, ec2.SubnetType.PRIVATE_ISOLATED),
    ],
)
def test_without_such_a_group_the_type_decides(tier: Tier, subnet_type: ec2.SubnetType) -> None:
    """In a VPC with groups of other names, a tier is the type of subnet that it stands for."""
    vpc = ec2.Vpc.from_vpc_attributes(
        new_stack(),
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=list(AZS),
        public_subnet_ids=["subnet-1", "subnet-2", "subnet-3"],
        public_subnet_names=["Edge"],
    )
    selection = tier_subnets(vpc, tier)
    assert (selection.subnet_group_name, selection.subnet_type) == (None, subnet_type)


def test_the_callers_own_selection_stands() -> None:
    """A selection that the caller made is not touched."""
    own = ec2.SubnetSelection(availability_zones=["eu-west-1a"])
    vpc = ec2.Vpc(new_stack(env=None), "Vpc")
    assert tier_subnets(vpc, Tier.PRIVATE, own) is own
