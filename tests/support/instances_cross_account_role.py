"""The canonical instances of CrossAccountRole."""

from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs.identity.cross_account_role import CrossAccountRole
from support.instance import Instance

EXTERNAL_ID: Final = "94d44a42-eb49-4944-8a09-47fd68e2dbd5"


def _default(stack: Stack) -> None:
    CrossAccountRole(stack, "Audit", trusted_accounts=["222222222222"], external_id=EXTERNAL_ID)


def _fullest(stack: Stack) -> None:
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Cap", "boundary")
    audit = CrossAccountRole(
        stack,
        "Audit",
        trusted_accounts=["333333333333", "222222222222"],
        external_id=EXTERNAL_ID,
        organization_id="o-abcdefghij",
        trusted_principals=["arn:aws:iam::222222222222:user/audit-*", "arn:aws:iam::333333333333:user/audit-*"],
        require_mfa=True,
        max_session_duration=Duration.hours(4),
        permissions_boundary=boundary,
    )
    iam.Grant.add_to_principal(
        grantee=audit,
        actions=["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"],
        resource_arns=[stack.format_arn(service="cloudtrail", resource="trail", resource_name="organization")],
    )


INSTANCES: Final = {
    "cross_account_role-default": Instance(build=_default),
    "cross_account_role-fullest": Instance(build=_fullest),
}
