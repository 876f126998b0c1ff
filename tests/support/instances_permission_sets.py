"""The canonical instances of PermissionSets."""

from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs.identity.permission_set import AccountAssignment, CustomerManagedPolicy, PermissionSet
from aws_architect_constructs.identity.permission_sets import PermissionSets
from support.instance import Instance

INSTANCE_ARN: Final = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
DEVELOPERS: Final = "94482488-3041-7086-0b1c-d5a6e0a1b2c3"
AUDITORS: Final = "1234567890-94482488-3041-7086-0b1c-d5a6e0a1b2c4"


def _default(stack: Stack) -> None:
    PermissionSets(
        stack,
        "Access",
        instance_arn=INSTANCE_ARN,
        permission_sets=[
            PermissionSet(
                name="ReadOnly",
                aws_managed_policies=["job-function/ViewOnlyAccess"],
                assignments=[AccountAssignment(group_id=DEVELOPERS, accounts=["111111111111", "222222222222"])],
            )
        ],
    )


def _fullest(stack: Stack) -> None:
    PermissionSets(
        stack,
        "Access",
        instance_arn=INSTANCE_ARN,
        permission_sets=[
            PermissionSet(
                name="Developer",
                description="Builds and watches the shop.",
                session_duration=Duration.minutes(510),
                aws_managed_policies=["job-function/ViewOnlyAccess", "AWSXrayReadOnlyAccess"],
                customer_managed_policies=[CustomerManagedPolicy(name="shop-developer", path="/people/")],
                inline_policy=[
                    iam.PolicyStatement(
                        actions=["logs:StartQuery", "logs:GetLogEvents"],
                        resources=["arn:aws:logs:*:*:log-group:shop-*"],
                    )
                ],
                permissions_boundary=CustomerManagedPolicy(name="people-boundary"),
                relay_state="https://eu-west-1.console.aws.amazon.com/cloudwatch/home",
                assignments=[
                    AccountAssignment(group_id=DEVELOPERS, accounts=["222222222222"]),
                    AccountAssignment(group_id=AUDITORS, accounts=["222222222222", "333333333333"]),
                ],
            ),
            PermissionSet(
                name="Audit",
                aws_managed_policies=["SecurityAudit"],
                permissions_boundary="ReadOnlyAccess",
                assignments=[AccountAssignment(group_id=AUDITORS, accounts=["111111111111"])],
            ),
        ],
    )


INSTANCES: Final = {
    "permission_sets-default": Instance(build=_default),
    "permission_sets-agnostic": Instance(build=_default, env=None),
    "permission_sets-fullest": Instance(build=_fullest),
}
