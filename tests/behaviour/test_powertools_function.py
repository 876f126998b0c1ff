"""What a function's role can do, who gets it, and who may send to its queue: evaluated, not read."""

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
from support.instances import template_of_instance
from support.synthesis import resources

ACCOUNT: Final = "111111111111"
HERE: Final = f"eu-west-1:{ACCOUNT}"
FUNCTION: Final = "OrdersFunction520DBA95"
FUNCTION_ARN: Final = f"arn:aws:lambda:{HERE}:function:{FUNCTION}"
GROUP: Final = f"arn:aws:logs:{HERE}:log-group:OrdersLogs63C9E25A"
QUEUE: Final = f"arn:aws:sqs:{HERE}:OrdersDeadLetterQueueA73944CE"
TABLE: Final = f"arn:aws:dynamodb:{HERE}:table/OrdersIdempotencyTable05C20B6A"
KEY: Final = f"arn:aws:kms:{HERE}:key/12345678-1234-1234-1234-123456789012"
ALARM: Final = f"arn:aws:cloudwatch:{HERE}:alarm:deployment"
SOURCE: Final = f"arn:aws:sqs:{HERE}:orders"
STREAM: Final = f"arn:aws:dynamodb:{HERE}:table/orders/stream/2026-01-01T00:00:00.000"
RULE: Final = f"arn:aws:events:{HERE}:rule/OrdersPlaced"
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
def policies_of(name: str) -> TemplatePolicies:
    """The policies of a canonical instance."""
    return TemplatePolicies(
        {"Stack": template_of_instance(f"powertools_function-{name}")},
        names={
            "OrdersDeploymentAlarm85418D9C.Arn": ALARM,
            "OrdersLiveB822C13A": f"{FUNCTION_ARN}:live",
            "WorkloadKeyAF0E7967.Arn": KEY,
        }
        if name != "fullest"
        else {"OrdersDeploymentAlarm85418D9C.Arn": ALARM, "OrdersLiveB822C13A": f"{FUNCTION_ARN}:live"},
        parameters={"KeyArn": KEY, "QueueArn": SOURCE, "StreamArn": STREAM},
    )


def may(
    name: str, action: str, resource: str = "*", context: dict[str, Any] | None = None, role: str = "OrdersRoleF1878990"
) -> bool:
    """Whether the role of an instance may."""
    policies = policies_of(name)
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=resource,
        context={"lambda:SourceFunctionArn": None} | (context or {}),
        resource_account=ACCOUNT if resource != "*" else None,
    )
    resource_policy = KEY_POLICY if action.startswith("kms:") else None
    return evaluate(request, identity=policies.identity_of(role), resource=resource_policy).allowed


def via(service: str) -> dict[str, Any]:
    """A call of KMS that another service makes."""
    return {
        "kms:ViaService": f"{service}.eu-west-1.amazonaws.com",
        "kms:EncryptionContext:aws:lambda:FunctionArn": None,
    }


ALWAYS: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("logs:CreateLogStream", f"{GROUP}:log-stream:one", {}),
    ("logs:PutLogEvents", f"{GROUP}:log-stream:one", {}),
    ("xray:PutTraceSegments", "*", {}),
    ("xray:PutTelemetryRecords", "*", {}),
    ("sqs:SendMessage", QUEUE, {}),
    ("kms:GenerateDataKey", KEY, via("sqs")),
    ("kms:Decrypt", KEY, via("sqs")),
]


@pytest.mark.parametrize("name", ["default", "events", "fullest", "snap_start"])
@pytest.mark.parametrize(("action", "resource", "context"), ALWAYS, ids=[action for action, *_ in ALWAYS])
def test_what_every_function_needs_works(name: str, action: str, resource: str, context: dict[str, Any]) -> None:
    """It logs, traces, and sends what fails to its queue."""
    assert may(name, action, resource, context)


NEVER: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("logs:CreateLogGroup", GROUP, {}),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/other:log-stream:one", {}),
    ("logs:GetLogEvents", f"{GROUP}:log-stream:one", {}),
    ("logs:DeleteLogGroup", GROUP, {}),
    ("xray:GetTraceSummaries", "*", {}),
    ("sqs:ReceiveMessage", QUEUE, {}),
    ("sqs:PurgeQueue", QUEUE, {}),
    ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:other", {}),
    ("kms:Decrypt", KEY, via("s3")),
    ("kms:Decrypt", KEY, {"kms:ViaService": None, "kms:EncryptionContext:aws:lambda:FunctionArn": None}),
    ("kms:ScheduleKeyDeletion", KEY, via("sqs")),
    ("dynamodb:Scan", TABLE, {}),
    ("dynamodb:Query", TABLE, {}),
    ("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/other", {}),
    ("dynamodb:DeleteTable", TABLE, {}),
    ("lambda:InvokeFunction", FUNCTION_ARN, {}),
    ("lambda:UpdateFunctionCode", FUNCTION_ARN, {}),
    ("s3:GetObject", "arn:aws:s3:::acme/key", {}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin", {}),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Admin", {}),
]


@pytest.mark.parametrize("name", ["default", "events", "fullest"])
@pytest.mark.parametrize(("action", "resource", "context"), NEVER, ids=[f"{n}-{a}" for n, (a, *_) in enumerate(NEVER)])
def test_nothing_else_does(name: str, action: str, resource: str, context: dict[str, Any]) -> None:
    """Reading logs, draining the queue, listing records, other resources and other roles stay out of reach."""
    assert not may(name, action, resource, context)


ON_REQUEST: Final[list[tuple[str, str, dict[str, Any]]]] = [
    *((f"dynamodb:{action}Item", TABLE, {}) for action in ("Get", "Put", "Update", "Delete")),
    ("kms:Decrypt", KEY, via("dynamodb")),
    ("ec2:CreateNetworkInterface", "*", {}),
    ("ec2:DescribeNetworkInterfaces", "*", {}),
    ("ec2:DeleteNetworkInterface", "*", {}),
    ("logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:/aws/lambda-insights:", {}),
    ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda-insights:log-stream:one", {}),
    (
        "kms:Decrypt",
        KEY,
        {"kms:ViaService": None, "kms:EncryptionContext:aws:lambda:FunctionArn": f"{FUNCTION_ARN}:1"},
    ),
]


@pytest.mark.parametrize(
    ("action", "resource", "context"), ON_REQUEST, ids=[f"{n}-{a}" for n, (a, *_) in enumerate(ON_REQUEST)]
)
def test_what_was_asked_for_works(action: str, resource: str, context: dict[str, Any]) -> None:
    """With table, VPC, Lambda Insights and a key it may; without it may not."""
    assert (may("fullest", action, resource, context), may("default", action, resource, context)) == (True, False)


def test_the_functions_own_code_manages_no_network_interfaces() -> None:
    """Lambda may as the role; the code, whose calls carry the function's ARN, is denied."""
    for action in ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"):
        assert may("fullest", action)
        assert not may("fullest", action, "*", {"lambda:SourceFunctionArn": FUNCTION_ARN})


SOURCES: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("sqs:ReceiveMessage", SOURCE, {}),
    ("sqs:DeleteMessage", SOURCE, {}),
    ("sqs:GetQueueAttributes", SOURCE, {}),
    ("dynamodb:GetRecords", STREAM, {}),
    ("dynamodb:GetShardIterator", STREAM, {}),
    ("dynamodb:DescribeStream", STREAM, {}),
    ("dynamodb:ListStreams", STREAM, {}),
]


@pytest.mark.parametrize(("action", "resource", "context"), SOURCES, ids=[action for action, *_ in SOURCES])
def test_sources_can_be_read(action: str, resource: str, context: dict[str, Any]) -> None:
    """A function that handles a queue and a stream reads both; one that does not, neither."""
    assert (may("events", action, resource, context), may("default", action, resource, context)) == (True, False)


@pytest.mark.parametrize("action", ["sqs:SendMessage", "dynamodb:GetItem", "dynamodb:PutItem"])
def test_sources_are_only_read(action: str) -> None:
    """Handling messages and records is no permission to write them."""
    resource = SOURCE if action.startswith("sqs:") else f"arn:aws:dynamodb:{HERE}:table/orders"
    assert not may("events", action, resource)


RELEASE: Final = "OrdersReleaseRoleD2D599D7"


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("lambda:UpdateAlias", FUNCTION_ARN, True),
        ("lambda:UpdateAlias", f"{FUNCTION_ARN}:live", True),
        ("lambda:GetAlias", f"{FUNCTION_ARN}:live", True),
        ("lambda:GetProvisionedConcurrencyConfig", f"{FUNCTION_ARN}:live", True),
        ("cloudwatch:DescribeAlarms", ALARM, True),
        ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:other", True),
        ("cloudwatch:PutMetricAlarm", ALARM, False),
        ("lambda:UpdateAlias", f"arn:aws:lambda:{HERE}:function:other", False),
        ("lambda:UpdateFunctionCode", FUNCTION_ARN, False),
        ("lambda:InvokeFunction", FUNCTION_ARN, False),
        ("sns:Publish", f"arn:aws:sns:{HERE}:alarms", False),
        ("s3:GetObject", "arn:aws:s3:::acme/key", False),
    ],
)
def test_a_release_shifts_this_alias_and_nothing_else(action: str, resource: str, allowed: bool) -> None:
    """CodeDeploy's role moves one alias and reads alarms."""
    assert may("fullest", action, resource, role=RELEASE) is allowed


@pytest.mark.parametrize(
    ("role", "principal", "allowed"),
    [
        ("OrdersRoleF1878990", ServicePrincipal("lambda.amazonaws.com"), True),
        ("OrdersRoleF1878990", ServicePrincipal("codedeploy.amazonaws.com"), False),
        ("OrdersRoleF1878990", IamRole(f"arn:aws:iam::{ACCOUNT}:role/Admin"), False),
        ("OrdersRoleF1878990", AnonymousPrincipal(), False),
        (RELEASE, ServicePrincipal("codedeploy.amazonaws.com"), True),
        (RELEASE, ServicePrincipal("lambda.amazonaws.com"), False),
        (RELEASE, IamRole("arn:aws:iam::222222222222:role/Admin"), False),
    ],
)
def test_services_alone_get_the_roles(role: str, principal: Principal, allowed: bool) -> None:
    """Lambda has one role, CodeDeploy the other, and nobody assumes either."""
    policies = policies_of("fullest")
    request = Request(principal=principal, action="sts:AssumeRole", resource=policies.arn_of(role))
    identity = [EVERYTHING] if isinstance(principal, IamRole) else []
    assert evaluate(request, identity=identity, resource=policies.resource_of(role)).allowed is allowed


@pytest.mark.parametrize(
    ("account", "source", "secure", "allowed"),
    [
        (ACCOUNT, RULE, True, True),
        (ACCOUNT, RULE, False, False),
        (ACCOUNT, f"arn:aws:events:us-east-1:{ACCOUNT}:rule/x", True, False),
        ("222222222222", "arn:aws:events:eu-west-1:222222222222:rule/x", True, False),
    ],
)
def test_rules_of_this_account_send_their_dead_letters(account: str, source: str, secure: bool, allowed: bool) -> None:
    """EventBridge sends for rules of this account and Region, over TLS."""
    policies = policies_of("events")
    request = Request(
        principal=ServicePrincipal("events.amazonaws.com"),
        action="sqs:SendMessage",
        resource=QUEUE,
        context={"aws:SourceAccount": account, "aws:SourceArn": source, "aws:SecureTransport": secure},
        resource_account=ACCOUNT,
    )
    (queue,) = resources(template_of_instance("powertools_function-events"), "AWS::SQS::Queue")
    assert evaluate(request, resource=policies.resource_of(queue)).allowed is allowed


REASONS: Final = {
    ("AWS::IAM::ManagedPolicy", WideGrantKind.EVERY_RESOURCE): "X-Ray, and network interfaces in a VPC: acknowledged.",
    ("AWS::KMS::Key", WideGrantKind.EVERY_RESOURCE): "In a key policy every resource is the key.",
    ("AWS::KMS::Key", WideGrantKind.EVERY_ACTION_OF_SERVICE): "The account's policies decide on the key.",
}


@pytest.mark.parametrize("name", ["default", "dev", "events", "fullest", "snap_start"])
def test_every_star_has_a_reason(name: str) -> None:
    """What is granted widely is in the table, with why."""
    found = wide_grants(policies_of(name).policies, account=ACCOUNT)
    unexplained = [str(grant) for grant in found if (grant.policy.resource_type, grant.kind) not in REASONS]
    assert unexplained == []
