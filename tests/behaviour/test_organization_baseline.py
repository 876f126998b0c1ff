"""The organization that the construct makes: what it denies to whom, and that this library's own roles work in it."""

from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import Stack

from aws_architect_constructs import CrossAccountRole, GitHubActionsRole, GitHubRepository
from aws_architect_constructs.testing.organization import Organization
from aws_architect_constructs.testing.policies import (
    IamRole,
    Request,
    RootUser,
    SamlIdentity,
    TemplatePolicies,
    WebIdentity,
    evaluate,
)
from support.instances import template_of_instance
from support.synthesis import properties, resources, synthesize

AUDIT, SHOP, SANDBOX = "555555555555", "111111111111", "666666666666"
MANAGEMENT, STRANGER, VENDOR = "777777777777", "999999999999", "222222222222"
EVERYTHING: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@cache
def _organization() -> Organization:
    return Organization(
        {"Stack": template_of_instance("organization_baseline-fullest")},
        accounts={AUDIT: "Audit", SHOP: "Shop", SANDBOX: "Sandbox"},
        management_account=MANAGEMENT,
        names={"OrganizationC88A79E9.Id": "o-abcdefghij"} | _ids(),
    )


def _ids() -> dict[str, str]:
    """What the organization's id reads as: it is only known to a deployment."""
    found = resources(template_of_instance("organization_baseline-fullest"), "AWS::Organizations::Organization")
    return {f"{logical_id}.Id": "o-abcdefghij" for logical_id in found}


def _role(account: str, name: str = "app") -> IamRole:
    return IamRole(f"arn:aws:iam::{account}:role/{name}")


@pytest.mark.parametrize("account", [AUDIT, SHOP, SANDBOX])
def test_no_iam_user_in_any_member_account(account: str) -> None:
    """`iam:CreateUser` is denied to everybody in every member account, by the guardrail of that name."""
    request = Request(
        principal=_role(account),
        action="iam:CreateUser",
        resource=f"arn:aws:iam::{account}:user/somebody",
        context={"aws:TagKeys": None},
    )
    decision = _organization().evaluate(request, identity=[EVERYTHING])
    assert decision.explicit_deny
    assert decision.statement is not None
    assert "IamUsersDenied" in str(decision.statement.sid)


def test_the_management_account_is_not_bound() -> None:
    """SCPs do not bind it, which is why nothing runs there."""
    request = Request(
        principal=_role(MANAGEMENT), action="iam:CreateUser", resource=f"arn:aws:iam::{MANAGEMENT}:user/somebody"
    )
    assert _organization().evaluate(request, identity=[EVERYTHING]).allowed


@pytest.mark.parametrize(
    ("account", "name", "allowed"),
    [(SHOP, "app", False), (SHOP, "stacksets-exec-0123", True), (SHOP, "break-glass/operator", True)],
)
def test_who_may_stop_the_trail(account: str, name: str, allowed: bool) -> None:
    """The exempt alone."""
    trail = f"arn:aws:cloudtrail:eu-west-1:{account}:trail/own"
    request = Request(principal=_role(account, name), action="cloudtrail:StopLogging", resource=trail)
    assert _organization().evaluate(request, identity=[EVERYTHING]).allowed is allowed


def test_guardrails_of_one_unit() -> None:
    """Expensive instances are denied in the sandbox and allowed in production."""
    decisions = [
        _organization()
        .evaluate(
            Request(
                principal=_role(account),
                action="ec2:RunInstances",
                resource=f"arn:aws:ec2:eu-west-1:{account}:instance/i-1",
                context={"ec2:InstanceType": "p5.48xlarge", "ec2:MetadataHttpTokens": "required"},
            ),
            identity=[EVERYTHING],
        )
        .allowed
        for account in (SANDBOX, SHOP)
    ]
    assert decisions == [False, True]


def test_no_root_user() -> None:
    """The root user of a member account does nothing, except in a session of the management account."""
    request = Request(
        principal=RootUser(SHOP), action="s3:DeleteBucketPolicy", resource="arn:aws:s3:::b", resource_account=SHOP,
        context={"aws:RequestedRegion": "eu-west-1"},
    )  # fmt: skip
    assert _organization().evaluate(request).explicit_deny
    central = Request(
        principal=RootUser(SHOP), action="s3:DeleteBucketPolicy", resource="arn:aws:s3:::b", resource_account=SHOP,
        context={"aws:RequestedRegion": "eu-west-1", "aws:AssumedRoot": True},
    )  # fmt: skip
    assert _organization().evaluate(central).allowed


def _roles(stack: Stack) -> None:
    GitHubActionsRole(
        stack,
        "Deploy",
        repository=GitHubRepository(name="octo-org/shop", owner_id=123456, repository_id=7),
        branches=["main"],
    )
    CrossAccountRole(stack, "Vendor", trusted_accounts=[VENDOR], external_id="0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")
    CrossAccountRole(stack, "Auditor", trusted_accounts=[AUDIT], organization_id="o-abcdefghij")


@cache
def _trust(part: str) -> tuple[str, dict[str, Any]]:
    """The ARN and trust policy of a role as this library synthesizes it, in the shop's account."""
    template = synthesize(_roles)
    policies = TemplatePolicies({"Stack": template}, account=SHOP)
    (logical_id,) = (key for key in resources(template, "AWS::IAM::Role") if key.startswith(part))
    trust = policies.resource_of(logical_id)
    assert trust is not None
    return policies.arn_of(logical_id), trust


GITHUB: Final = WebIdentity(f"arn:aws:iam::{SHOP}:oidc-provider/token.actions.githubusercontent.com")


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [
        ("repo:octo-org@123456/shop@7:ref:refs/heads/main", True),
        ("repo:octo-org@123456/other@8:ref:refs/heads/main", False),
        ("repo:intruder@1/shop@7:ref:refs/heads/main", False),
    ],
)
def test_github_actions_role_works(subject: str, allowed: bool) -> None:
    """The trust that GitHubActionsRole synthesizes admits its own repository under all resource control policies."""
    arn, trust = _trust("Deploy")
    (provider,) = {statement["Principal"]["Federated"] for statement in trust["Statement"]}
    request = Request(
        principal=WebIdentity(provider),
        action="sts:AssumeRoleWithWebIdentity",
        resource=arn,
        context={
            "token.actions.githubusercontent.com:repository_id": "7",
            "token.actions.githubusercontent.com:sub": subject,
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        },
    )
    assert _organization().evaluate(request, resource=trust).allowed is allowed


def test_a_github_role_that_trusts_everybody_does_not() -> None:
    """Where a trust policy forgets the repository, the guardrail does not: only our owner's workflows get in."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": GITHUB.provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
            }
        ],
    }
    request = Request(
        principal=GITHUB,
        action="sts:AssumeRoleWithWebIdentity",
        resource=f"arn:aws:iam::{SHOP}:role/open",
        context={
            "token.actions.githubusercontent.com:sub": "repo:intruder/x:ref:refs/heads/main",
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        },
    )
    assert evaluate(request, resource=trust).allowed
    assert _organization().evaluate(request, resource=trust).explicit_deny


@pytest.mark.parametrize(
    ("part", "caller", "external_id", "allowed"),
    [
        ("Vendor", VENDOR, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", True),
        ("Vendor", VENDOR, "guess", False),
        ("Vendor", STRANGER, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", False),
        ("Auditor", AUDIT, None, True),
        ("Auditor", SANDBOX, None, False),
    ],
)
def test_cross_account_role_works(part: str, caller: str, external_id: str | None, allowed: bool) -> None:
    """The trusts that CrossAccountRole synthesizes admit the approved vendor and the organization's own."""
    arn, trust = _trust(part)
    request = Request(
        principal=_role(caller),
        action="sts:AssumeRole",
        resource=arn,
        context={"sts:ExternalId": external_id, "aws:RequestedRegion": "eu-west-1"},
    )
    assert _organization().evaluate(request, identity=[EVERYTHING], resource=trust).allowed is allowed


def _permission_sets() -> list[str]:
    """The names of the permission sets that this library's PermissionSets synthesizes."""
    template = template_of_instance("permission_sets-fullest")
    return [one["Name"] for one in properties(template, "AWS::SSO::PermissionSet")]


@pytest.mark.parametrize("name", _permission_sets())
@pytest.mark.parametrize("action", ["sts:AssumeRoleWithSAML", "sts:TagSession"])
def test_identity_center_works(name: str, action: str) -> None:
    """People sign in by SAML to the roles that Identity Center makes of PermissionSets in each account."""
    provider = f"arn:aws:iam::{SHOP}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            }
        ],
    }
    role = f"role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{name}_0123456789abcdef"
    request = Request(
        principal=SamlIdentity(provider),
        action=action,
        resource=f"arn:aws:iam::{SHOP}:{role}",
        context={"saml:aud": "https://signin.aws.amazon.com/saml"},
    )
    assert _organization().evaluate(request, resource=trust).allowed
