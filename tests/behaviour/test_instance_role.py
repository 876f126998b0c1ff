"""What an instance that Session Manager reaches can do, and who gets its role."""

from functools import cache
from typing import Any, Final

import pytest

from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from support.instances_instance_role import INSTANCES
from support.synthesis import Template, resources, synthesize

ACCOUNT: Final = "111111111111"
HERE: Final = f"eu-west-1:{ACCOUNT}"
GROUP: Final = f"arn:aws:logs:{HERE}:log-group:/sessions"
KEY: Final = f"arn:aws:kms:{HERE}:key/12345678-1234-1234-1234-123456789012"
BUCKET: Final = "arn:aws:s3:::acme-session-logs"
EVERYTHING: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
KEY_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


@cache
def _template(name: str) -> Template:
    return synthesize(INSTANCES[f"instance_role-{name}"].build)


def _may(name: str, action: str, resource: str = "*", context: dict[str, Any] | None = None) -> bool:
    template = _template(name)
    policies = TemplatePolicies(
        {"Stack": template}, managed_policies={f"arn:aws:iam::{ACCOUNT}:policy/boundary": EVERYTHING}
    )
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=resource,
        context=context or {},
        resource_account=ACCOUNT if resource != "*" else None,
    )
    return evaluate(
        request,
        identity=policies.identity_of(role),
        boundary=policies.boundary_of(role),
        resource=KEY_POLICY if action.startswith("kms:") else None,
    ).allowed


@pytest.mark.parametrize("name", ["default", "fullest"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ssm:UpdateInstanceInformation", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"),
        ("ssmmessages:CreateControlChannel", "*"),
        ("ssmmessages:CreateDataChannel", "*"),
        ("ssmmessages:OpenControlChannel", "*"),
        ("ssmmessages:OpenDataChannel", "*"),
    ],
)
def test_a_session_works(name: str, action: str, resource: str) -> None:
    """The agent registers the instance and opens its channels."""
    assert _may(name, action, resource)


@pytest.mark.parametrize("name", ["default", "fullest"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/database/password"),
        ("ssm:GetDocument", f"arn:aws:ssm:{HERE}:document/Anything"),
        ("ssm:PutInventory", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"),
        ("ssm:SendCommand", f"arn:aws:ec2:{HERE}:instance/i-0fedcba9876543210"),
        ("ssm:StartSession", f"arn:aws:ec2:{HERE}:instance/i-0fedcba9876543210"),
        ("ec2messages:GetMessages", "*"),
        ("s3:GetObject", f"{BUCKET}/sessions/one.log"),
        ("s3:PutObject", f"{BUCKET}/elsewhere/one.log"),
        ("s3:PutObject", "arn:aws:s3:::other/sessions/one.log"),
        ("s3:DeleteObject", f"{BUCKET}/sessions/one.log"),
        ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/other:log-stream:one"),
        ("logs:GetLogEvents", f"{GROUP}:log-stream:one"),
        ("logs:DeleteLogGroup", f"{GROUP}:*".removesuffix("*")),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
    ],
)
def test_nothing_else_does(name: str, action: str, resource: str) -> None:
    """Parameters, documents, commands, what sessions were logged, other logs and roles stay out of reach."""
    assert not _may(name, action, resource)


LOGGING: Final = [
    ("logs:DescribeLogGroups", "*", {}),
    ("logs:DescribeLogStreams", f"{GROUP}:", {}),
    ("logs:CreateLogStream", f"{GROUP}:log-stream:one", {}),
    ("logs:PutLogEvents", f"{GROUP}:log-stream:one", {}),
    ("s3:GetEncryptionConfiguration", BUCKET, {}),
    ("s3:PutObject", f"{BUCKET}/sessions/one.log", {}),
    ("kms:GenerateDataKey", KEY, {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    ("kms:Decrypt", KEY, {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), LOGGING)
def test_sessions_are_logged_and_encrypted_where_asked(action: str, resource: str, context: dict[str, str]) -> None:
    """With log group, bucket and key the agent does what it needs for them; without, it cannot."""
    assert (_may("fullest", action, resource, context), _may("default", action, resource, context)) == (True, False)


@pytest.mark.parametrize("via", [None, "ec2.eu-west-1.amazonaws.com"])
def test_data_keys_are_made_through_s3_alone(via: str | None) -> None:
    """The bucket's key is no key for anything else."""
    assert not _may("fullest", "kms:GenerateDataKey", KEY, {"kms:ViaService": via})


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        (ServicePrincipal("ec2.amazonaws.com"), True),
        (ServicePrincipal("lambda.amazonaws.com"), False),
        (IamRole(f"arn:aws:iam::{ACCOUNT}:role/Admin"), False),
        (IamRole("arn:aws:iam::222222222222:role/Admin"), False),
        (AnonymousPrincipal(), False),
    ],
)
def test_instances_alone_get_the_role(principal: Principal, allowed: bool) -> None:
    """EC2 hands the role to instances, and nobody assumes it."""
    policies = TemplatePolicies({"Stack": _template("default")})
    (role,) = resources(_template("default"), "AWS::IAM::Role")
    request = Request(principal=principal, action="sts:AssumeRole", resource=policies.arn_of(role))
    identity = [EVERYTHING] if isinstance(principal, IamRole) else []
    assert evaluate(request, identity=identity, resource=policies.resource_of(role)).allowed is allowed


def test_one_star_stands_for_what_has_no_resource() -> None:
    """The five actions of the agent are on every resource; no other action, and no principal, is wide."""
    found = [
        grant
        for grant in wide_grants(TemplatePolicies({"Stack": _template("fullest")}).policies, account=ACCOUNT)
        if grant.policy.resource_type != "AWS::KMS::Key"
    ]
    assert [grant.kind for grant in found] == [WideGrantKind.EVERY_RESOURCE]
