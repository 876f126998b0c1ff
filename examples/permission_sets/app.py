"""Who of the organization's people may do what in which account.

Scenario: developers look at production and work in development; groups come from the identity provider.
Expect: two permission sets, three assignments to one group, no IAM user, sessions of one and of eight hours.
"""

from aws_cdk import App, Duration, Environment, Stack

from aws_architect_constructs import AccountAssignment, EnvironmentType, PermissionSet, PermissionSets

PROD, DEV = "222222222222", "333333333333"
DEVELOPERS = "94482488-3041-7086-0b1c-d5a6e0a1b2c3"

app = App()
stack = Stack(app, "People", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.SHARED.apply_to(stack)

PermissionSets(
    stack,
    "Access",
    instance_arn="arn:aws:sso:::instance/ssoins-1234567890abcdef",
    permission_sets=[
        PermissionSet(
            name="ViewOnly",
            aws_managed_policies=["job-function/ViewOnlyAccess"],
            assignments=[AccountAssignment(group_id=DEVELOPERS, accounts=[PROD, DEV])],
        ),
        PermissionSet(
            name="Developer",
            session_duration=Duration.hours(8),
            aws_managed_policies=["PowerUserAccess"],
            assignments=[AccountAssignment(group_id=DEVELOPERS, accounts=[DEV])],
        ),
    ],
)

app.synth()
