"""The canonical instances of `GitHubActionsRole`."""

from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm

from aws_architect_constructs.identity.github_actions_role import GitHubActionsRole
from aws_architect_constructs.identity.github_deployment import CdkDeployment
from aws_architect_constructs.identity.github_subjects import GitHubRepository
from support.instance import Instance


def _default(stack: Stack) -> None:
    GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"], owner_id=9919, repository_id=1296269)


def _classic(stack: Stack) -> None:
    GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"])


def _fullest(stack: Stack) -> None:
    deploy = GitHubActionsRole(
        stack,
        "Deploy",
        repository=[
            GitHubRepository(name="acme/shop", owner_id=9919, repository_id=1296269),
            GitHubRepository(name="acme/cart", owner_id=9919, repository_id=1296270),
        ],
        branches=["main"],
        tags=["v1.0.0"],
        environments=["production: eu"],
        environment_branches=["main"],
        workflow="acme/platform/.github/workflows/deploy.yml@refs/heads/main",
        enterprise_issuer="octo-enterprise",
        max_session_duration=Duration.hours(2),
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "workload-boundary"),
        deploy=CdkDeployment(
            qualifier="acme", accounts=["111111111111", "222222222222"], regions=["eu-west-1", "us-east-1"]
        ),
    )
    check = GitHubActionsRole(
        stack,
        "Check",
        repository="acme/shop",
        owner_id=9919,
        repository_id=1296269,
        pull_requests=True,
        provider=deploy.provider,
        enterprise_issuer="octo-enterprise",
    )
    ssm.StringParameter.from_string_parameter_name(stack, "Version", "/shop/version").grant_read(check)


INSTANCES: Final = {
    "github_actions_role-default": Instance(build=_default),
    "github_actions_role-classic": Instance(build=_classic),
    "github_actions_role-fullest": Instance(build=_fullest),
}
