"""The canonical instances of WorkloadBoundary."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs import EnvironmentType
from aws_architect_constructs.identity.conditions import requested_regions
from aws_architect_constructs.identity.instance_role import InstanceRole
from aws_architect_constructs.identity.platform_baseline import PlatformPart
from aws_architect_constructs.identity.statement_conditions import deny_unless
from aws_architect_constructs.identity.workload_boundary import WorkloadBoundary
from support.instance import Instance


def _orders(stack: Stack) -> list[iam.PolicyStatement]:
    """What a small workload uses."""
    return [
        iam.PolicyStatement(
            actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            resources=[stack.format_arn(service="dynamodb", resource="table", resource_name="orders-*")],
        ),
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:{stack.partition}:s3:::orders-*/*"]),
    ]


def _default(stack: Stack) -> None:
    boundary = WorkloadBoundary(stack, "Boundary", allow=_orders(stack))
    boundary.apply_to(stack)
    InstanceRole(stack, "Bastion")


def _fullest(stack: Stack) -> None:
    boundary = WorkloadBoundary(
        stack,
        "Boundary",
        allow=[
            *_orders(stack),
            iam.PolicyStatement(actions=["sqs:*"], resources=[stack.format_arn(service="sqs", resource="orders-*")]),
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction", "lambda:UpdateFunctionCode"],
                resources=[stack.format_arn(service="lambda", resource="function:orders-*")],
            ),
            iam.PolicyStatement(
                actions=["iam:CreateRole", "iam:DeleteRole", "iam:GetRole", "iam:PassRole"],
                resources=[
                    stack.format_arn(service="iam", region="", resource="role", resource_name="workloads/Orders-*")
                ],
            ),
        ],
        deny=deny_unless(requested_regions(["eu-west-1"])),
        assumable_roles=["arn:aws:iam::222222222222:role/ledger-reader"],
        controlled_compute=[stack.format_arn(service="lambda", resource="function:orders-*")],
        role_path="/workloads/",
        role_name_prefix="Orders-",
        without_baseline=[PlatformPart.NETWORK_INTERFACES, PlatformPart.TRACING],
        policy_name="orders-boundary",
    )
    boundary.apply_to(stack)
    InstanceRole(stack, "Bastion")
    breakglass = iam.Role(stack, "BreakGlass", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    boundary.exempt(breakglass, reason="Opens the account when everything else is locked.")


INSTANCES: Final = {
    "workload_boundary-default": Instance(build=_default),
    "workload_boundary-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "workload_boundary-agnostic": Instance(build=_default, env=None),
    "workload_boundary-fullest": Instance(build=_fullest),
}
