"""The canonical instances of OrganizationBaseline."""

from typing import Final

from aws_cdk import Stack

from aws_architect_constructs import (
    EnvironmentType,
    Exemptions,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationBaseline,
    PolicyType,
    RollOut,
    standard_units,
)
from support.instance import Instance

ROOT_ID: Final = "r-ab12"
ORGANIZATION_ID: Final = "o-abcdefghij"
ACCOUNTS: Final = (
    OrganizationAccount(name="Audit", unit="Security", email="aws-audit@example.com"),
    OrganizationAccount(name="Log archive", unit="Security", account_id="333333333333"),
    OrganizationAccount(name="Shop", unit="Production", email="aws-shop@example.com"),
)


def _fullest(stack: Stack) -> OrganizationBaseline:
    return OrganizationBaseline(
        stack,
        "Organization",
        create_organization=True,
        units=standard_units(sandbox=True, suspended=True),
        accounts=ACCOUNTS,
        account_quota=20,
        exemptions=Exemptions(roles=("break-glass/*",), tag_key="guardrail-exempt"),
        allowed_regions=["eu-central-1", "eu-west-1"],
        github_owners=["octo-org@123456"],
        third_party_accounts=["222222222222"],
        attached_elsewhere={"Security": {PolicyType.SERVICE_CONTROL: 2}},
        audit_account="444444444444",
    )


def _first_step(stack: Stack) -> OrganizationBaseline:
    return OrganizationBaseline(
        stack,
        "Organization",
        root_id=ROOT_ID,
        organization_id=ORGANIZATION_ID,
        units=[
            *standard_units(),
            OrganizationalUnit(name="Sandbox", unit_id="ou-ab12-c3d4e5f6"),
        ],
        roll_out=RollOut(order=(("Sandbox",), ("SDLC",), ("Root",)), step=1),
    )


INSTANCES: Final = {
    "organization_baseline-default": Instance(
        build=lambda stack: OrganizationBaseline(
            stack, "Organization", root_id=ROOT_ID, organization_id=ORGANIZATION_ID
        )
    ),
    "organization_baseline-agnostic": Instance(
        build=lambda stack: OrganizationBaseline(stack, "Organization"), env=None
    ),
    "organization_baseline-dev": Instance(
        build=lambda stack: OrganizationBaseline(
            stack, "Organization", root_id=ROOT_ID, organization_id=ORGANIZATION_ID
        ),
        environment_type=EnvironmentType.DEV,
    ),
    "organization_baseline-fullest": Instance(build=_fullest),
    "organization_baseline-first-step": Instance(build=_first_step),
}
