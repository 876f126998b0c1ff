"""What accounts are given, evaluated: the audit role, the archive, budget actions, and delivery under guardrails."""

import json
from typing import Any, Final

import pytest

from aws_architect_constructs import Exemptions
from aws_architect_constructs.organization.policy_packing import QUOTAS, PolicyType, pack
from aws_architect_constructs.organization.resource_controls import ALL_RESOURCE_CONTROLS
from aws_architect_constructs.organization.service_controls import ALL_SERVICE_CONTROLS
from aws_architect_constructs.testing.policies import (
    IamRole,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from support.instances import template_of_instance
from support.synthesis import properties, resources

ACCOUNT, AUDIT, MANAGEMENT, STRANGER = "111111111111", "222222222222", "222222222222", "999999999999"
REGION: Final = "eu-west-1"
EVERYTHING: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
GUARDRAILS: Final = [
    policy.document
    for policy in pack(
        [
            statement
            for guardrail in ALL_SERVICE_CONTROLS
            for statement in guardrail.render(Exemptions(tag_key="guardrail-exempt"))
        ],
        QUOTAS[PolicyType.SERVICE_CONTROL],
    )
]
PERIMETER: Final = [
    policy.document
    for policy in pack(
        [statement for guardrail in ALL_RESOURCE_CONTROLS for statement in guardrail.render(Exemptions())],
        QUOTAS[PolicyType.RESOURCE_CONTROL],
    )
]

# What CloudFormation calls to make, change and delete each resource of the baseline, with the StackSets role.
ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "AWS::IAM::Role": ("iam:CreateRole", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"),
    "AWS::IAM::ServiceLinkedRole": ("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole"),
    "AWS::AccessAnalyzer::Analyzer": ("access-analyzer:CreateAnalyzer", "access-analyzer:DeleteAnalyzer"),
    "AWS::EC2::SnapshotBlockPublicAccess": (
        "ec2:EnableSnapshotBlockPublicAccess",
        "ec2:DisableSnapshotBlockPublicAccess",
    ),
    "AWS::Config::ConfigurationRecorder": (
        "config:PutConfigurationRecorder",
        "config:StartConfigurationRecorder",
        "config:StopConfigurationRecorder",
        "config:DeleteConfigurationRecorder",
        "iam:PassRole",
    ),
    "AWS::Config::DeliveryChannel": ("config:PutDeliveryChannel", "config:DeleteDeliveryChannel"),
}


def _delivered() -> set[str]:
    """The types of the resources that the stack sets deliver."""
    template = template_of_instance("account_baseline-fullest")
    bodies = [json.loads(one["TemplateBody"]) for one in properties(template, "AWS::CloudFormation::StackSet")]
    return {resource["Type"] for body in bodies for resource in body["Resources"].values()}


def test_actions_are_known_for_everything_that_is_delivered() -> None:
    """No type of the baseline is missing below, and none is there for nothing."""
    assert _delivered() == set(ACTIONS)


@pytest.mark.parametrize("resource_type", ACTIONS)
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2"])
def test_the_baseline_is_delivered_under_every_guardrail(resource_type: str, region: str) -> None:
    """With every service control policy of the catalogue attached, StackSets does all that it has to, in any Region."""
    stack_sets = IamRole(f"arn:aws:iam::{ACCOUNT}:role/stacksets-exec-0123456789abcdef")
    stack = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/StackSet-Baseline-1/1"
    requests = [
        *((action, f"arn:aws:iam::{ACCOUNT}:role/BaselineAudit") for action in ACTIONS[resource_type]),
        ("cloudformation:UpdateStack", stack),
        ("cloudformation:DeleteStack", stack),
    ]
    for action, resource in requests:
        request = Request(
            principal=stack_sets,
            action=action,
            resource=resource,
            context={"aws:RequestedRegion": region, "aws:TagKeys": None},
        )
        assert evaluate(request, identity=[EVERYTHING], service_control=[[EVERYTHING, *GUARDRAILS]]).allowed, action


@pytest.mark.parametrize(
    ("caller", "organization", "allowed"),
    [
        (IamRole(f"arn:aws:iam::{AUDIT}:role/Auditor"), "o-abcdefghij", True),
        (IamRole(f"arn:aws:iam::{AUDIT}:role/Auditor"), "o-zzzzzzzzzz", False),
        (IamRole(f"arn:aws:iam::{STRANGER}:role/Auditor"), "o-abcdefghij", False),
        (ServicePrincipal("ec2.amazonaws.com"), None, False),
    ],
)
def test_who_assumes_the_audit_role(caller: Principal, organization: str | None, allowed: bool) -> None:
    """The audit account's principals, as long as the account is of the organization; under the data perimeter too."""
    template = template_of_instance("account_baseline-fullest")
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT)
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=caller,
        action="sts:AssumeRole",
        resource=policies.arn_of(role),
        context={"aws:PrincipalOrgID": organization, "aws:RequestedRegion": REGION},
    )
    identity = [EVERYTHING] if isinstance(caller, IamRole) else []
    decision = evaluate(request, identity=identity, resource=policies.resource_of(role), resource_control=[PERIMETER])
    assert decision.allowed is allowed


def _archive(part: str) -> tuple[TemplatePolicies, str]:
    template = template_of_instance("trail-archive")
    policies = TemplatePolicies({"Stack": template}, account="111111111111")
    (found,) = (
        key for key in template["Resources"] if key.startswith(part) and "Policy" not in key and "Alias" not in key
    )
    return policies, found


CLOUDTRAIL: Final = ServicePrincipal("cloudtrail.amazonaws.com")
CONFIG: Final = ServicePrincipal("config.amazonaws.com")
OWNER_ACL: Final = {"s3:x-amz-acl": "bucket-owner-full-control", "s3:TlsVersion": "1.3"}


def _trail(account: str) -> dict[str, Any]:
    return {"aws:SourceArn": f"arn:aws:cloudtrail:eu-west-1:{account}:trail/organization"}


@pytest.mark.parametrize(
    ("part", "principal", "key", "context", "allowed"),
    [
        ("LogArchiveTrailBucket", CLOUDTRAIL, "AWSLogs/o-abcdefghij/1/x", _trail(MANAGEMENT), True),
        ("LogArchiveTrailBucket", CLOUDTRAIL, f"AWSLogs/{MANAGEMENT}/x", _trail(MANAGEMENT), True),
        ("LogArchiveTrailBucket", CLOUDTRAIL, "AWSLogs/o-abcdefghij/1/x", _trail(STRANGER), False),
        ("LogArchiveTrailBucket", CLOUDTRAIL, "elsewhere/x", _trail(MANAGEMENT), False),
        ("LogArchiveTrailBucket", CONFIG, "AWSLogs/1/Config/x", {"aws:SourceOrgID": "o-abcdefghij"}, False),
        ("LogArchiveConfigBucket", CONFIG, "AWSLogs/1/Config/x", {"aws:SourceOrgID": "o-abcdefghij"}, True),
        ("LogArchiveConfigBucket", CONFIG, "AWSLogs/1/Config/x", {"aws:SourceOrgID": "o-zzzzzzzzzz"}, False),
    ],
)
def test_who_writes_to_the_archive(
    part: str, principal: Principal, key: str, context: dict[str, Any], allowed: bool
) -> None:
    """The organization's trail and its accounts' recorders, each to its own bucket; nobody else's."""
    policies, bucket = _archive(part)
    request = Request(
        principal=principal,
        action="s3:PutObject",
        resource=f"{policies.arn_of(bucket)}/{key}",
        resource_account="111111111111",
        context={**OWNER_ACL, **context},
    )
    assert evaluate(request, resource=policies.resource_of(bucket), resource_control=[PERIMETER]).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "context", "allowed"),
    [
        (CLOUDTRAIL, _trail(MANAGEMENT), True),
        (CLOUDTRAIL, _trail(STRANGER), False),
        (CONFIG, {"aws:SourceOrgID": "o-abcdefghij"}, True),
        (CONFIG, {"aws:SourceOrgID": "o-zzzzzzzzzz"}, False),
        (ServicePrincipal("logs.amazonaws.com"), {"aws:SourceOrgID": "o-abcdefghij"}, False),
    ],
)
def test_who_uses_the_archives_key(principal: Principal, context: dict[str, Any], allowed: bool) -> None:
    """The organization's trail, and its recorders."""
    policies, key = _archive("LogArchiveKey")
    request = Request(principal=principal, action="kms:GenerateDataKey", resource=policies.arn_of(key), context=context)
    assert evaluate(request, resource=policies.resource_of(key)).allowed is allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("organizations:AttachPolicy", "policy/o-abcdefghij/service_control_policy/p-12345678", True),
        ("organizations:AttachPolicy", "account/o-abcdefghij/222222222222", True),
        ("organizations:DetachPolicy", "ou/o-abcdefghij/ou-ab12-c3d4e5f6", True),
        ("organizations:AttachPolicy", "account/o-abcdefghij/333333333333", False),
        ("organizations:DetachPolicy", "policy/o-abcdefghij/service_control_policy/p-87654321", False),
        ("organizations:DeletePolicy", "policy/o-abcdefghij/service_control_policy/p-12345678", False),
    ],
)
def test_what_a_budget_action_can_do(action: str, resource: str, allowed: bool) -> None:
    """Attach and detach the one policy at its targets."""
    template = template_of_instance("cost_controls-fullest")
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT)
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=f"arn:aws:organizations::{ACCOUNT}:{resource}",
    )
    assert evaluate(request, identity=policies.identity_of(role)).allowed is allowed


@pytest.mark.parametrize(
    ("principal", "trail", "allowed"),
    [
        (CLOUDTRAIL, "organization", True),
        (CLOUDTRAIL, "another", False),
        (CONFIG, "organization", False),
    ],
)
def test_who_gets_the_role_of_the_log_group(principal: Principal, trail: str, allowed: bool) -> None:
    """CloudTrail for this trail alone."""
    template = template_of_instance("trail-logged")
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT)
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=principal,
        action="sts:AssumeRole",
        resource=policies.arn_of(role),
        context={"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{trail}"},
    )
    assert evaluate(request, resource=policies.resource_of(role)).allowed is allowed


@pytest.mark.parametrize(
    ("action", "own", "allowed"),
    [
        ("logs:PutLogEvents", True, True),
        ("logs:CreateLogStream", True, True),
        ("logs:DeleteLogStream", True, False),
        ("logs:PutLogEvents", False, False),
    ],
)
def test_what_the_role_of_the_log_group_can_do(action: str, own: bool, allowed: bool) -> None:
    """Write streams of the one group."""
    template = template_of_instance("trail-logged")
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT)
    (role,) = resources(template, "AWS::IAM::Role")
    (group,) = resources(template, "AWS::Logs::LogGroup")
    arn = policies.arn_of(group).removesuffix(":*") if own else f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:other"
    request = Request(
        principal=IamRole(policies.arn_of(role)), action=action, resource=f"{arn}:log-stream:organization_1"
    )
    assert evaluate(request, identity=policies.identity_of(role)).allowed is allowed


WIDE: Final = {
    "account_baseline-audit": {WideGrantKind.EVERY_RESOURCE: 1},  # the four lists of accounts, which name nothing
    "cost_controls-fullest": {},
    "trail-archive": {},
}


@pytest.mark.parametrize("name", WIDE)
def test_stars_have_a_reason(name: str) -> None:
    """Outside key policies, where `*` is the key, every wide grant is one of those above."""
    found: dict[WideGrantKind, int] = {}
    for grant in wide_grants(TemplatePolicies({"Stack": template_of_instance(name)}).policies, account=ACCOUNT):
        if grant.policy.resource_type != "AWS::KMS::Key" and grant.kind is WideGrantKind.EVERY_RESOURCE:
            found[grant.kind] = found.get(grant.kind, 0) + 1
    assert found == WIDE[name]
