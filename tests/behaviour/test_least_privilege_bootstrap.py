"""The bootstrap of the example: what a deployment can do under its execution policy and the boundary together."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from aws_architect_constructs.testing.policies import IamRole, Request, TemplatePolicies, evaluate

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "least_privilege_bootstrap" / "app.py"
ACCOUNT: Final = "111111111111"
IAM: Final = f"arn:aws:iam::{ACCOUNT}"
EXECUTION: Final = IamRole(f"{IAM}:role/cdk-shop-cfn-exec-role-{ACCOUNT}-eu-west-1")
BOUNDARY: Final = f"{IAM}:policy/workload-boundary"


@cache
def documents(directory: Path) -> tuple[dict[str, object], dict[str, object]]:
    """The execution policy and the boundary, as the example synthesizes them."""
    environment = {**os.environ, "CDK_OUTDIR": str(directory)}
    subprocess.run([sys.executable, str(EXAMPLE)], env=environment, check=True)  # noqa: S603 -- our own example
    template = json.loads((directory / "BootstrapPolicies.template.json").read_text(encoding="utf-8"))
    policies = TemplatePolicies({"Stack": template})
    found = {each.logical_id: policies.render(each) for each in policies.policies}
    (boundary,) = [document for name, document in found.items() if name.startswith("Boundary")]
    return found["Execution"], boundary


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], dict[str, object]]:
    """The example, synthesized once."""
    return documents(tmp_path_factory.mktemp("assembly"))


def may(both: tuple[dict[str, object], dict[str, object]], action: str, resource: str, context: dict[str, Any]) -> bool:
    """Whether a deployment may."""
    execution, boundary = both
    request = Request(principal=EXECUTION, action=action, resource=resource, context=context, resource_account=ACCOUNT)
    return evaluate(request, identity=execution, boundary=boundary).allowed


ROLE: Final = f"{IAM}:role/Shop-Api"
BOUND: Final = {"iam:PermissionsBoundary": BOUNDARY}


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("sqs:CreateQueue", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:Shop-Orders", {}),
        ("s3:GetObject", f"arn:aws:s3:::cdk-shop-assets-{ACCOUNT}-eu-west-1/code.zip", {}),
        ("ssm:GetParameters", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/cdk-bootstrap/shop/version", {}),
        ("iam:CreateRole", ROLE, BOUND),
        ("iam:PutRolePolicy", ROLE, BOUND),
        ("iam:DeleteRole", ROLE, {}),
        ("iam:UpdateAssumeRolePolicy", ROLE, BOUND),
        ("iam:CreatePolicy", f"{IAM}:policy/Shop-Api", {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/Shop-Api", {}),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
    ],
)
def test_deployments_work(
    both: tuple[dict[str, object], dict[str, object]], action: str, resource: str, context: dict[str, Any]
) -> None:
    """The boundary lets through what the execution policy grants."""
    assert may(both, action, resource, context)


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("iam:CreateRole", ROLE, {"iam:PermissionsBoundary": None}),
        ("iam:CreateRole", f"{IAM}:role/Admin", BOUND),
        ("iam:AttachRolePolicy", f"{IAM}:role/cdk-shop-cfn-exec-role-{ACCOUNT}-eu-west-1", BOUND),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}:role/Admin", BOUND),
        ("iam:UpdateAssumeRolePolicy", ROLE, {"iam:PermissionsBoundary": None}),
        ("iam:DeleteRolePermissionsBoundary", ROLE, BOUND),
        ("iam:PutRolePermissionsBoundary", ROLE, {"iam:PermissionsBoundary": f"{IAM}:policy/other"}),
        ("iam:CreatePolicyVersion", BOUNDARY, {}),
        ("iam:CreatePolicyVersion", f"{IAM}:policy/cdk-shop-execution-eu-west-1", {}),
        ("iam:PassRole", f"{IAM}:role/Admin", {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:CreateUser", f"{IAM}:user/eve", {"iam:PermissionsBoundary": BOUNDARY}),
        ("iam:CreateAccessKey", f"{IAM}:user/eve", {}),
        ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:Shop-Orders", {}),
        ("s3:CreateBucket", "arn:aws:s3:::shop", {}),
    ],
)
def test_no_deployment_makes_itself_an_administrator(
    both: tuple[dict[str, object], dict[str, object]], action: str, resource: str, context: dict[str, Any]
) -> None:
    """Roles beside the prefix or the boundary, users, the boundary and the execution policy stay out of reach."""
    assert not may(both, action, resource, context)


def test_a_deployed_role_uses_what_the_boundary_allows_it(
    both: tuple[dict[str, object], dict[str, object]],
) -> None:
    """The ceiling is for the deployed roles too: the shop's queues, and no asset bucket of another qualifier."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    found = [
        evaluate(
            Request(principal=IamRole(ROLE), action=action, resource=resource, resource_account=ACCOUNT),
            identity=everything,
            boundary=both[1],
        ).allowed
        for action, resource in (
            ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:Shop-Orders"),
            ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:Payments"),
            ("s3:GetObject", f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-eu-west-1/code.zip"),
        )
    ]
    assert found == [True, False, False]
