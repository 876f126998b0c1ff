"""Releases by CodeDeploy: the new version takes a part of the calls first, and none any more if it fails."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from .function_parts import acknowledge_star
from .function_role import FunctionRole

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_

# What of AWSCodeDeployRoleForLambdaLimited a deployment without hooks in S3 and without triggers needs:
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
_ALIAS_ACTIONS: Final = ("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias")


def deployment_group(
    scope: Construct,
    function: "lambda_.Function",
    alias: "lambda_.Alias",
    guard: "cloudwatch.Alarm",
    deployment_config: "codedeploy.ILambdaDeploymentConfig",
) -> codedeploy.LambdaDeploymentGroup:
    """A deployment group that shifts the alias's traffic, with a role that can do that and nothing else."""
    scope = Construct(scope, "Release")
    role = FunctionRole(
        scope, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"), description="Shifts traffic."
    )
    stack = Stack.of(scope)
    arn = f"arn:{stack.partition}:lambda:{stack.region}:{stack.account}:function:{function.function_name}"
    # On one alarm's ARN it may be denied, as it lists: AWS's own policies for deployments name every alarm too.
    alarms = f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:*"
    role.execution_policy.add_statements(
        iam.PolicyStatement(actions=list(_ALIAS_ACTIONS), resources=[arn, f"{arn}:{alias.alias_name}"]),
        iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=[alarms]),
    )
    acknowledge_star(
        role.execution_policy,
        alarms,
        "CloudWatch checks a description of alarms, which changes nothing, on all alarms of the account and Region; a "
        "deployment whose alarm cannot be read is stopped.",
    )
    group = codedeploy.LambdaDeploymentGroup(
        scope,
        "DeploymentGroup",
        application=codedeploy.LambdaApplication(scope, "Application"),
        alias=alias,
        role=role,
        deployment_config=deployment_config,
        alarms=[guard],
        auto_rollback=codedeploy.AutoRollbackConfig(
            failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
        ),
    )
    group.node.add_dependency(role.execution_policy)
    role.complete()
    return group
