"""The least-privilege bootstrap: what its execution role may do, and what it may not."""

from typing import Any

import pytest

from aws_architect_constructs.identity.github_bootstrap import CdkBootstrap
from aws_architect_constructs.testing.policies import IamRole, Request, evaluate

ACCOUNT = "111111111111"
BUCKETS = {"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::shop-*"}
GOOD: dict[str, Any] = {
    "qualifier": "shop",
    "account": ACCOUNT,
    "region": "eu-west-1",
    "boundary": "workload-boundary",
    "role_prefix": "Shop-",
    "allow": [BUCKETS],
    "pass_to": ["lambda.amazonaws.com"],
}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/workload-boundary"
IAM = f"arn:aws:iam::{ACCOUNT}"


def _may(action: str, resource: str, **context: str) -> bool:
    request = Request(
        principal=IamRole(f"{IAM}:role/cdk-shop-cfn-exec-role-{ACCOUNT}-eu-west-1"),
        action=action,
        resource=resource,
        context={name.replace("__", ":"): value for name, value in context.items()},
        resource_account=ACCOUNT,
    )
    return evaluate(request, identity=[CdkBootstrap(**GOOD).execution_policy()]).allowed


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("s3:CreateBucket", "arn:aws:s3:::shop-documents", {}),
        ("s3:GetObject", f"arn:aws:s3:::cdk-shop-assets-{ACCOUNT}-eu-west-1/code.zip", {}),
        ("ssm:GetParameters", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/cdk-bootstrap/shop/version", {}),
        ("iam:CreateRole", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": BOUNDARY}),
        ("iam:AttachRolePolicy", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": BOUNDARY}),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": BOUNDARY}),
        ("iam:CreatePolicy", f"{IAM}:policy/Shop-ApiPolicy", {}),
        ("iam:PassRole", f"{IAM}:role/Shop-Api", {"iam__PassedToService": "lambda.amazonaws.com"}),
    ],
)
def test_what_stacks_need_is_allowed(action: str, resource: str, context: dict[str, str]) -> None:
    """What was named, the assets, and roles under the boundary can be deployed."""
    assert _may(action, resource, **context)


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("iam:CreateRole", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": f"{IAM}:policy/other"}),
        ("iam:CreateRole", f"{IAM}:role/Shop-Api", {}),
        ("iam:CreateRole", f"{IAM}:role/Other", {"iam__PermissionsBoundary": BOUNDARY}),
        ("iam:AttachRolePolicy", f"{IAM}:role/Shop-Api", {}),
        ("iam:PutRolePermissionsBoundary", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": f"{IAM}:policy/other"}),
        ("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/Shop-Api", {"iam__PermissionsBoundary": BOUNDARY}),
        (
            "iam:AttachRolePolicy",
            f"{IAM}:role/cdk-shop-cfn-exec-role-{ACCOUNT}-eu-west-1",
            {"iam__PermissionsBoundary": BOUNDARY},
        ),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/admin", {"iam__PermissionsBoundary": BOUNDARY}),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/Shop-Api", {}),
        ("iam:CreatePolicyVersion", BOUNDARY, {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/cdk-shop-execution-eu-west-1", {}),
        ("iam:SetDefaultPolicyVersion", BOUNDARY, {}),
        ("iam:PassRole", f"{IAM}:role/Shop-Api", {"iam__PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", f"{IAM}:role/admin", {"iam__PassedToService": "lambda.amazonaws.com"}),
        ("iam:CreateUser", f"{IAM}:user/eve", {}),
        ("iam:CreateAccessKey", f"{IAM}:user/eve", {}),
        ("sts:AssumeRole", f"{IAM}:role/admin", {}),
        ("s3:CreateBucket", "arn:aws:s3:::other", {}),
        ("s3:GetObject", f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-eu-west-1/code.zip", {}),
        ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0", {}),
    ],
)
def test_no_way_out(action: str, resource: str, context: dict[str, str]) -> None:
    """Roles without the boundary, the boundary itself, the bootstrap's own roles and foreign ones are out of reach."""
    assert not _may(action, resource, **context)


def test_without_services_no_role_is_passed() -> None:
    """`pass_to` is empty by default, and then no statement passes roles."""
    document = CdkBootstrap(**{**GOOD, "pass_to": []}).execution_policy()
    assert "iam:PassRole" not in str(document)


def test_the_command_names_policy_and_boundary() -> None:
    """The command bootstraps with the execution policy and the boundary, under a qualifier of its own."""
    assert CdkBootstrap(**GOOD).command == (
        "cdk bootstrap aws://111111111111/eu-west-1 --qualifier shop --toolkit-stack-name CDKToolkit-shop "
        "--cloudformation-execution-policies arn:aws:iam::111111111111:policy/cdk-shop-execution-eu-west-1 "
        "--custom-permissions-boundary workload-boundary"
    )


@pytest.mark.parametrize(
    ("argument", "value", "problem"),
    [
        ("qualifier", "*", "the qualifier names no bootstrap stack"),
        ("account", "1", "one of the accounts is malformed"),
        ("region", "*", "one of the regions is malformed"),
        ("boundary", "path/boundary", "boundary is malformed"),
        ("boundary", "Shop-Boundary", "could change what limits them"),
        ("role_prefix", "", "role_prefix is malformed"),
        ("role_prefix", "*", "role_prefix is malformed"),
        ("role_prefix", "cdk-shop-", "could change what limits them"),
        ("role_prefix", "c", "could change what limits them"),
        ("pass_to", ["*"], "pass_to is malformed"),
        ("partition", "*", "partition is malformed"),
        ("allow", [], "allow must name what the stacks need"),
        ("allow", [{**BUCKETS, "Action": "*"}], "allow must name what the stacks need"),
        ("allow", [{**BUCKETS, "Action": ["s3:CreateBucket", "iam:CreateRole"]}], "allow must name what"),
        ("allow", [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "allow must name what"),
        ("allow", [{"Effect": "Allow", "Action": "s3:CreateBucket"}], "allow must name what"),
    ],
)
def test_a_bootstrap_that_would_not_limit_is_refused(argument: str, value: Any, problem: str) -> None:
    """Whatever would leave a way to administrator is an error."""
    with pytest.raises(ValueError, match=rf"(?:CdkBootstrap|CdkDeployment): .*{problem}.*got .*; allowed: "):
        CdkBootstrap(**{**GOOD, argument: value})
