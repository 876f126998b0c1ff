"""The stack's shared key: one, rotated, retained, and open to exactly the services that use it."""

import pytest
from aws_cdk import NestedStack, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from aws_architect_constructs import EnvironmentType, KeyService, WorkloadKey
from aws_architect_constructs.foundation.workload_key import encryption_key_for
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    evaluate,
)
from support.synthesis import new_stack, properties, resources, synthesize, template_of, warnings_of

ACCOUNT = "111111111111"
LOG_GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:app"
SOURCES = {
    KeyService.CLOUDFRONT: (
        "cloudfront.amazonaws.com",
        "kms:Decrypt",
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
    ),
    KeyService.CLOUDTRAIL: (
        "cloudtrail.amazonaws.com",
        "kms:GenerateDataKey",
        f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main",
    ),
    KeyService.CLOUDWATCH: (
        "cloudwatch.amazonaws.com",
        "kms:GenerateDataKey",
        f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:errors",
    ),
    KeyService.CONFIG: ("config.amazonaws.com", "kms:GenerateDataKey", f"arn:aws:config:eu-west-1:{ACCOUNT}:recorder"),
    KeyService.DELIVERY: (
        "delivery.logs.amazonaws.com",
        "kms:GenerateDataKey",
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:delivery-source:flow",
    ),
    KeyService.EVENTS: ("events.amazonaws.com", "kms:Decrypt", f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly"),
    KeyService.S3: ("s3.amazonaws.com", "kms:GenerateDataKey", "arn:aws:s3:::documents"),
    KeyService.SNS: ("sns.amazonaws.com", "kms:Decrypt", f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"),
}


def _decide(*services: KeyService, principal: ServicePrincipal | IamRole | AnonymousPrincipal, **context: str) -> bool:
    stack = new_stack()
    key = WorkloadKey.of(stack)
    for service in services:
        key.allow(service)
    policies = TemplatePolicies({"Stack": template_of(stack)})
    (key_id,) = resources(template_of(stack), "AWS::KMS::Key")
    action = context.pop("action")
    request = Request(
        principal=principal,
        action=action,
        resource=policies.arn_of(key_id),
        context={name.replace("__", ":"): value for name, value in context.items()},
    )
    return evaluate(request, resource=policies.resource_of(key_id)).allowed


@pytest.mark.parametrize("service", SOURCES)
def test_a_service_may_use_the_key_for_the_accounts_own_resources(service: KeyService) -> None:
    """A service that was allowed uses the key for a resource of this account."""
    principal, action, source = SOURCES[service]
    assert _decide(
        service,
        principal=ServicePrincipal(principal),
        action=action,
        aws__SourceAccount=ACCOUNT,
        aws__SourceArn=source,
    )


@pytest.mark.parametrize("service", SOURCES)
def test_a_service_may_not_use_the_key_for_others(service: KeyService) -> None:
    """A service that was allowed does not use the key on behalf of another account."""
    principal, action, source = SOURCES[service]
    assert not _decide(
        service,
        principal=ServicePrincipal(principal),
        action=action,
        aws__SourceAccount="222222222222",
        aws__SourceArn=source.replace(ACCOUNT, "222222222222"),
    )


@pytest.mark.parametrize(
    ("log_group", "allowed"), [(LOG_GROUP, True), (LOG_GROUP.replace(ACCOUNT, "222222222222"), False)]
)
def test_log_groups_are_told_by_their_encryption_context(log_group: str, allowed: bool) -> None:
    """CloudWatch Logs uses the key for log groups of this account alone."""
    decision = _decide(
        KeyService.LOGS,
        principal=ServicePrincipal("logs.eu-west-1.amazonaws.com"),
        action="kms:GenerateDataKey",
        kms__EncryptionContext__aws__logs__arn=log_group,
    )
    assert decision is allowed


def test_a_service_that_nobody_allowed_is_denied() -> None:
    """A key opens to the services that use it, and to no other."""
    principal, action, source = SOURCES[KeyService.SNS]
    assert not _decide(
        KeyService.LOGS,
        principal=ServicePrincipal(principal),
        action=action,
        aws__SourceAccount=ACCOUNT,
        aws__SourceArn=source,
    )


def test_the_key_leaves_roles_to_the_accounts_policies() -> None:
    """The key policy alone gives a role of the account nothing; an identity policy beside it does."""
    stack = new_stack()
    WorkloadKey.of(stack)
    template = template_of(stack)
    policies = TemplatePolicies({"Stack": template})
    (key_id,) = resources(template, "AWS::KMS::Key")
    request = Request(
        principal=IamRole(f"arn:aws:iam::{ACCOUNT}:role/App"),
        action="kms:Decrypt",
        resource=policies.arn_of(key_id),
    )
    grant = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}],
    }
    key_policy = policies.resource_of(key_id)
    assert (
        evaluate(request, resource=key_policy).allowed,
        evaluate(request, identity=[grant], resource=key_policy).allowed,
    ) == (False, True)


def test_one_key_a_stack() -> None:
    """Every construct of a stack gets the same key."""
    stack = new_stack()
    assert WorkloadKey.of(Construct(stack, "One")) is WorkloadKey.of(Construct(stack, "Two"))


def test_a_nested_stack_has_its_own() -> None:
    """A nested stack's key is its own, so that neither template refers to the other."""
    stack = new_stack()
    assert WorkloadKey.of(NestedStack(stack, "Nested")) is not WorkloadKey.of(stack)


def test_a_foreign_child_of_the_name_is_refused() -> None:
    """A construct of the user's under the key's id is an error that names it, not a crash."""
    stack = new_stack()
    Construct(stack, "WorkloadKey")
    with pytest.raises(ValueError, match=r"Stack/WorkloadKey: .*got a Construct; allowed"):
        WorkloadKey.of(stack)


def test_the_key_is_rotated_and_retained() -> None:
    """The key rotates, and stays when its stack goes: in development too."""
    template = synthesize(WorkloadKey.of, environment_type=EnvironmentType.DEV)
    (key,) = resources(template, "AWS::KMS::Key").values()
    assert (key["Properties"]["EnableKeyRotation"], key["DeletionPolicy"]) == (True, "Retain")


def test_statements_stand_in_sorted_order() -> None:
    """The order in which constructs ask does not show in the template."""

    def build(stack: Stack, services: list[KeyService]) -> None:
        for service in services:
            WorkloadKey.of(stack).allow(service)

    one = synthesize(lambda stack: build(stack, [KeyService.SNS, KeyService.LOGS, KeyService.SNS]))
    other = synthesize(lambda stack: build(stack, [KeyService.LOGS, KeyService.SNS]))
    (key,) = properties(one, "AWS::KMS::Key")
    assert one == other
    assert [statement["Sid"] for statement in key["KeyPolicy"]["Statement"]] == [
        "AccountPolicies",
        "ServiceLogs",
        "ServiceSns",
    ]


def test_a_production_stack_with_a_key_is_protected() -> None:
    """A key is state."""
    stack = new_stack(EnvironmentType.PROD)
    WorkloadKey.of(stack)
    assert stack.termination_protection is True


def test_the_callers_key_is_opened_to_the_service() -> None:
    """A key of the caller's gets the statement that the service needs, and no key is made beside it."""

    def build(stack: Stack) -> None:
        encryption_key_for(stack, kms.Key(stack, "Own"), KeyService.LOGS)

    (key,) = properties(synthesize(build), "AWS::KMS::Key")
    assert "ServiceLogs" in [statement.get("Sid") for statement in key["KeyPolicy"]["Statement"]]


def test_an_imported_key_warns() -> None:
    """The policy of an imported key cannot be changed: the warning says what it must hold."""
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Imported", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1")
    encryption_key_for(stack, key, KeyService.LOGS)
    assert [text for text in warnings_of(stack) if "KeyPolicyNotUpdated" in text and "logs" in text]
