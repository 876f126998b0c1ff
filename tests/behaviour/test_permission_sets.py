"""What people can do by a permission set: a session of Identity Center, which carries no second factor."""

from typing import Any, Final

import pytest

from aws_architect_constructs.identity.conditions import PrincipalKind, mfa_present
from aws_architect_constructs.testing.policies import (
    IamRole,
    PolicyKind,
    Request,
    TemplatePolicies,
    evaluate,
    wide_grants,
)
from support.instances import template_of_instance

ACCOUNT: Final = "222222222222"
GROUP: Final = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:shop-api"
ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com"
PERSON: Final = IamRole(f"{ROLES}/AWSReservedSSO_Developer_0123456789abcdef")


def inline_policy() -> dict[str, object]:
    """The inline policy of the fullest instance's developers."""
    policies = TemplatePolicies({"Stack": template_of_instance("permission_sets-fullest")})
    (found,) = [each for each in policies.policies if each.kind is PolicyKind.PERMISSION_SET]
    return policies.render(found)


def may(action: str, resource: str, boundary: dict[str, Any] | None = None) -> bool:
    """Whether a developer may, by the inline policy."""
    return evaluate(
        Request(principal=PERSON, action=action, resource=resource), identity=inline_policy(), boundary=boundary
    ).allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("logs:StartQuery", f"{GROUP}:*".removesuffix("*"), True),
        ("logs:GetLogEvents", f"{GROUP}:log-stream:1", True),
        ("logs:GetLogEvents", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:payments:log-stream:1", False),
        ("logs:DeleteLogGroup", f"{GROUP}:*".removesuffix("*"), False),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/eve", False),
    ],
)
def test_the_inline_policy_is_what_was_written(action: str, resource: str, allowed: bool) -> None:
    """What was allowed is, on the resources named, and nothing else."""
    assert may(action, resource) is allowed


def test_a_boundary_caps_people_too() -> None:
    """What the boundary of a permission set leaves out, its policies cannot give."""
    cap = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    assert not may("logs:GetLogEvents", f"{GROUP}:log-stream:1", cap)


def test_a_condition_on_mfa_would_never_hold() -> None:
    """Why one is refused: a session without the key is not allowed by it, whatever the person signed in with."""
    condition = mfa_present(principals=PrincipalKind.IAM_USER).allow.to_json()
    policy: dict[str, object] = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition},
    }
    request = Request(
        principal=PERSON,
        action="s3:GetObject",
        resource="arn:aws:s3:::shop/1",
        resource_account=ACCOUNT,
        context={"aws:MultiFactorAuthPresent": None},
    )
    assert not evaluate(request, identity=policy)


def test_nothing_is_granted_widely() -> None:
    """No statement is on every resource, and no action has a wildcard."""
    policies = TemplatePolicies({"Stack": template_of_instance("permission_sets-fullest")}).policies
    assert [str(each) for each in wide_grants(policies, account=ACCOUNT)] == []
