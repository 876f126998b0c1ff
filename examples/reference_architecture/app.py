"""The whole library at work: one production stage, a stack for each rate of change.

Scenario: what a team deploys with this library, growing with each construct.
Expect: a role through which the main branch deploys; a network that outlives everything else, in a stack of its own
that cannot be deleted by accident.
"""

from aws_cdk import App, Environment, Stack, Stage

from aws_architect_constructs import (
    CdkDeployment,
    EndpointProfile,
    EnvironmentType,
    GitHubActionsRole,
    ThreeTierVpc,
)

app = App()
stage = Stage(app, "Prod", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stage)

GitHubActionsRole(
    Stack(stage, "Identity"),
    "Deploy",
    repository="acme/shop",
    owner_id=9919,
    repository_id=1296269,
    branches=["main"],
    deploy=CdkDeployment(qualifier="hnb659fds", accounts=["111111111111"], regions=["eu-west-1"]),
)

network = ThreeTierVpc(
    Stack(stage, "Network"),
    "Network",
    availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    endpoints=EndpointProfile.CONTAINERS,
)

app.synth()
