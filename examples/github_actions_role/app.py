"""A role that deploys with CDK from GitHub Actions, without a long-lived key.

Scenario: the repository acme/shop deploys to production from its main branch, in one account and Region.
Expect: the account's OIDC provider, a role that jobs of main alone take on, and a policy that reaches the bootstrap
roles of the qualifier `shop` in eu-west-1 and nothing else.
"""

from aws_cdk import App, CfnOutput, Environment, Stack

from aws_architect_constructs import CdkDeployment, EnvironmentType, GitHubActionsRole

app = App()
stack = Stack(app, "Delivery", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

deploy = GitHubActionsRole(
    stack,
    "Deploy",
    repository="acme/shop",
    owner_id=9919,  # gh api users/acme --jq .id
    repository_id=1296269,  # gh api repos/acme/shop --jq .id
    branches=["main"],
    deploy=CdkDeployment(qualifier="shop", accounts=["111111111111"], regions=["eu-west-1"]),
)
CfnOutput(stack, "RoleToAssume", value=deploy.role.role_arn)

app.synth()
