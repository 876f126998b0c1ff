"""The bootstrap roles that a deployment needs, and the policies that they fit into."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.github_deployment import LARGEST_POLICY, MOST_POLICIES, CdkDeployment

GOOD: dict[str, Any] = {"qualifier": "hnb659fds", "accounts": ["111111111111"], "regions": ["eu-west-1"]}


def test_the_four_roles_of_an_environment() -> None:
    """An environment has four roles that the CDK CLI assumes; the execution role is none of them."""
    assert CdkDeployment(**GOOD).role_arns("aws-cn") == [
        f"arn:aws-cn:iam::111111111111:role/cdk-hnb659fds-{role}-role-111111111111-eu-west-1"
        for role in ("deploy", "file-publishing", "image-publishing", "lookup")
    ]


def test_an_environment_twice_is_one() -> None:
    """Accounts and Regions that are named twice are named once in the policy."""
    twice = CdkDeployment(qualifier="q", accounts=["111111111111"] * 2, regions=["eu-west-1"] * 2)
    assert len(twice.role_arns("aws")) == 4


@pytest.mark.parametrize("qualifier", ["", "*", "a*", "a" * 11, "a b", "a/b", "${a}", "a\n"])
def test_a_qualifier_names_one_bootstrap_stack(qualifier: str) -> None:
    """A qualifier is what `cdk bootstrap` takes as one."""
    with pytest.raises(ValueError, match=r"the qualifier names no bootstrap stack, got .*no wildcard"):
        CdkDeployment(**{**GOOD, "qualifier": qualifier})


@pytest.mark.parametrize("account", ["", "*", "11111111111", "1111111111111", "11111111111a", "111111111111\n"])
def test_an_account_has_12_digits(account: str) -> None:
    """Anything but an account id is refused."""
    with pytest.raises(ValueError, match=r"one of the accounts is malformed, got .*; allowed: 12 digits"):
        CdkDeployment(**{**GOOD, "accounts": [account]})


@pytest.mark.parametrize("region", ["", "*", "eu-*", "eu-west", "EU-WEST-1", "eu-west-1a", "global", "eu-west-1\n"])
def test_a_region_is_named(region: str) -> None:
    """Anything but the name of a Region is refused."""
    with pytest.raises(ValueError, match=r"one of the regions is malformed, got .*; allowed: names of Regions"):
        CdkDeployment(**{**GOOD, "regions": [region]})


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "ap-southeast-7", "eusc-de-east-1", "us-iso-east-1"])
def test_regions_of_every_partition_are_named(region: str) -> None:
    """Regions outside the commercial partition are Regions too."""
    assert CdkDeployment(**{**GOOD, "regions": [region]}).regions == [region]


@pytest.mark.parametrize("label", ["accounts", "regions"])
@pytest.mark.parametrize("value", [[], "111111111111"])
def test_accounts_and_regions_are_lists(label: str, value: Any) -> None:
    """An empty list would allow nothing, and a text is read letter by letter."""
    with pytest.raises(ValueError, match=rf"CdkDeployment: {label} must be named"):
        CdkDeployment(**{**GOOD, label: value})


def test_more_environments_than_a_role_can_name() -> None:
    """More environments than nine policies hold are refused at once."""
    accounts = [f"{number:012d}" for number in range(200)]
    with pytest.raises(ValueError, match=r"one role cannot name so many environments, got '200 accounts in 1 Regions"):
        CdkDeployment(qualifier="hnb659fds", accounts=accounts, regions=["eu-west-1"])


@given(
    accounts=st.integers(min_value=1, max_value=20),
    regions=st.lists(
        st.sampled_from(["eu-west-1", "us-east-1", "ap-southeast-2", "us-gov-west-1", "eu-central-1"]),
        min_size=1,
        unique=True,
    ),
    qualifier=st.from_regex(r"[a-z0-9_-]{1,10}", fullmatch=True),
)
def test_every_policy_fits(accounts: int, regions: list[str], qualifier: str) -> None:
    """Each batch is within IAM's size of a managed policy, and together they name every role once."""
    deployment = CdkDeployment(
        qualifier=qualifier, accounts=[f"{number:012d}" for number in range(accounts)], regions=regions
    )
    batches = deployment.batches("aws-us-gov")
    assert [arn for batch in batches for arn in batch] == deployment.role_arns("aws-us-gov")
    assert len(batches) <= MOST_POLICIES
    for batch in batches:
        statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Resource": batch}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
        assert len(text) <= LARGEST_POLICY
