"""Log buckets: who may deliver, and nobody else; and that no log bucket's stack depends on what logs to it."""

from functools import cache
from typing import Any

import pytest
from aws_cdk import Environment, NestedStack, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import (
    EnvironmentType,
    FlowLogs,
    LogBucket,
    LogBucketPurpose,
    LogSource,
    ObjectLock,
    ThreeTierVpc,
)
from aws_architect_constructs.foundation.log_bucket import (
    access_log_bucket_for,
    check_access_log_bucket,
    log_bucket_access,
    log_load_balancer,
)
from aws_architect_constructs.testing.nag import NagPack, nag_report
from aws_architect_constructs.testing.policies import IamRole, Request, ServicePrincipal, TemplatePolicies, evaluate
from support.synthesis import AZS, ENV, new_app, new_stack, properties, resources, synthesize, template_of, warnings_of

ACCOUNT = "111111111111"
OTHER = "222222222222"
OWN_ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}
PURPOSES = dict.fromkeys(LogSource, LogBucketPurpose.ACCESS) | {
    LogSource.CLOUDTRAIL: LogBucketPurpose.AUDIT,
    LogSource.CONFIG: LogBucketPurpose.AUDIT,
    LogSource.FLOW_LOGS: LogBucketPurpose.AUDIT,
    LogSource.WAF: LogBucketPurpose.WAF,
}
DELIVERIES: dict[LogSource, tuple[str, str, dict[str, str]]] = {
    LogSource.S3: (
        "logging.s3.amazonaws.com",
        f"s3-access-logs/{ACCOUNT}/eu-west-1/documents/2026/11/24/log",
        {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": "arn:aws:s3:::documents"},
    ),
    LogSource.APPLICATION_LOAD_BALANCER: (
        "logdelivery.elasticloadbalancing.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/elasticloadbalancing/eu-west-1/2026/11/24/log.gz",
        {},
    ),
    LogSource.NETWORK_LOAD_BALANCER: (
        "delivery.logs.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/elasticloadbalancing/eu-west-1/2026/11/24/log.gz",
        {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:source", **OWN_ACL},
    ),
    LogSource.CLOUDFRONT: (
        "delivery.logs.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/CloudFront/log.gz",
        {
            "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:site",
            **OWN_ACL,
        },
    ),
    LogSource.INVENTORY: (
        "s3.amazonaws.com",
        "s3-inventory/documents/Inventory/data/list.parquet",
        {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": "arn:aws:s3:::documents", **OWN_ACL},
    ),
    LogSource.CLOUDTRAIL: (
        "cloudtrail.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/log.gz",
        {"aws:SourceArn": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main", **OWN_ACL},
    ),
    LogSource.CONFIG: (
        "config.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/Config/eu-west-1/history.gz",
        {"aws:SourceAccount": ACCOUNT, **OWN_ACL},
    ),
    LogSource.FLOW_LOGS: (
        "delivery.logs.amazonaws.com",
        f"AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/log.parquet",
        {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:source", **OWN_ACL},
    ),
    LogSource.WAF: (
        "delivery.logs.amazonaws.com",
        f"AWSLogs/{ACCOUNT}/WAFLogs/eu-west-1/acl/log.gz",
        {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:logs:eu-west-1:{ACCOUNT}:source", **OWN_ACL},
    ),
}


def put(stack: Stack, principal: str, key: str, context: dict[str, str]) -> bool:
    """Whether a service may put an object in the stack's log bucket."""
    policies = TemplatePolicies({"Stack": template_of(stack)})
    (bucket, *_) = resources(template_of(stack), "AWS::S3::Bucket")
    request = Request(
        principal=ServicePrincipal(principal),
        action="s3:PutObject",
        resource=f"{policies.arn_of(bucket)}/{key}",
        context={"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", **context},
    )
    return evaluate(request, resource=policies.resource_of(bucket)).allowed


def log_bucket(*sources: LogSource, purpose: LogBucketPurpose | None = None, **options: Any) -> Stack:
    """A stack with a log bucket that admits the sources."""
    stack = new_stack()
    bucket = LogBucket(stack, "Logs", purpose=purpose or PURPOSES[sources[0]])
    for source in sources:
        bucket.allow(source, **options)
    return stack


@pytest.mark.parametrize("source", DELIVERIES)
def test_a_service_delivers_the_accounts_own_logs(source: LogSource) -> None:
    """A service that was allowed puts this account's logs."""
    assert put(log_bucket(source), *DELIVERIES[source])


@pytest.mark.parametrize("source", DELIVERIES)
def test_a_service_delivers_nobody_elses_logs(source: LogSource) -> None:
    """A service that was allowed puts no other account's logs."""
    principal, key, context = DELIVERIES[source]
    foreign = {name: value.replace(ACCOUNT, OTHER) for name, value in context.items()}
    assert not put(log_bucket(source), principal, key.replace(ACCOUNT, OTHER), foreign)


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (source, key)
        for source, (_, _, context) in DELIVERIES.items()
        for key in context
        if not (
            source in {LogSource.S3, LogSource.INVENTORY} and key == "aws:SourceArn"
        )  # a bucket's ARN bears no account: the other binds it
    ],
)
def test_each_condition_counts(source: LogSource, key: str) -> None:
    """A delivery that lacks one of its conditions is denied."""
    principal, object_key, context = DELIVERIES[source]
    changed = {**context, key: context[key].replace(ACCOUNT, OTHER).replace("bucket-owner-full-control", "private")}
    assert not put(log_bucket(source), principal, object_key, changed)


@pytest.mark.parametrize("source", DELIVERIES)
def test_a_service_that_nobody_allowed_is_denied(source: LogSource) -> None:
    """A new log bucket admits nobody."""
    stack = new_stack()
    LogBucket(stack, "Logs", purpose=PURPOSES[source])
    assert not put(stack, *DELIVERIES[source])


@pytest.mark.parametrize("source", DELIVERIES)
def test_plain_http_is_denied(source: LogSource) -> None:
    """Nobody delivers without TLS 1.2."""
    principal, key, context = DELIVERIES[source]
    stack = log_bucket(source)
    assert not put(stack, principal, key, {**context, "aws:SecureTransport": "false"})
    assert not put(stack, principal, key, {**context, "s3:TlsVersion": "1.1"})


def test_nothing_is_written_outside_the_prefix() -> None:
    """A prefix binds the delivery."""
    principal, key, context = DELIVERIES[LogSource.NETWORK_LOAD_BALANCER]
    stack = log_bucket(LogSource.NETWORK_LOAD_BALANCER, prefix="network")
    assert (put(stack, principal, f"network/{key}", context), put(stack, principal, key, context)) == (True, False)


def test_a_trail_of_an_organization() -> None:
    """An organization's trail writes below the organization's id, on behalf of its management account's trail."""
    stack = log_bucket(LogSource.CLOUDTRAIL, source_account=OTHER, organization_id="o-abcdefghij")
    principal, _, context = DELIVERIES[LogSource.CLOUDTRAIL]
    key = f"AWSLogs/o-abcdefghij/{ACCOUNT}/CloudTrail/eu-west-1/log.gz"
    of_organization = {name: value.replace(ACCOUNT, OTHER) for name, value in context.items()}
    assert (put(stack, principal, key, of_organization), put(stack, principal, key, context)) == (True, False)


def test_config_of_an_organization() -> None:
    """AWS Config of any account of the organization delivers, and of no account outside."""
    stack = log_bucket(LogSource.CONFIG, organization_id="o-abcdefghij")
    principal, key, _ = DELIVERIES[LogSource.CONFIG]
    key = key.replace(ACCOUNT, OTHER)
    assert put(stack, principal, key, {"aws:SourceOrgID": "o-abcdefghij", **OWN_ACL})
    assert not put(stack, principal, key, {"aws:SourceOrgID": "o-zzzzzzzzzz", **OWN_ACL})


def test_a_role_of_another_account_reads_nothing() -> None:
    """The bucket's policy opens it to nobody but the services."""
    stack = log_bucket(LogSource.S3)
    policies = TemplatePolicies({"Stack": template_of(stack)})
    (bucket,) = resources(template_of(stack), "AWS::S3::Bucket")
    request = Request(
        principal=IamRole(f"arn:aws:iam::{OTHER}:role/App"),
        action="s3:GetObject",
        resource=f"{policies.arn_of(bucket)}/s3-access-logs/x",
        resource_account=ACCOUNT,
        context={"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"},
    )
    assert not evaluate(request, resource=policies.resource_of(bucket)).allowed


@pytest.mark.parametrize(
    ("source", "service"),
    [
        (LogSource.CLOUDTRAIL, "ServiceCloudTrail"),
        (LogSource.CONFIG, "ServiceConfig"),
        (LogSource.FLOW_LOGS, "ServiceDelivery"),
        (LogSource.WAF, "ServiceDelivery"),
    ],
)
def test_the_key_is_opened_to_the_service(source: LogSource, service: str) -> None:
    """Who delivers to an encrypted bucket may use its key."""
    (key,) = properties(template_of(log_bucket(source)), "AWS::KMS::Key")
    assert service in [statement["Sid"] for statement in key["KeyPolicy"]["Statement"]]


@pytest.mark.parametrize(
    ("options", "source_arn", "allowed"),
    [
        ({}, f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main", True),
        ({}, f"arn:aws:cloudtrail:eu-west-1:{OTHER}:trail/main", False),
        ({"source_account": OTHER}, f"arn:aws:cloudtrail:eu-west-1:{OTHER}:trail/main", True),
        ({"source_account": OTHER}, "arn:aws:cloudtrail:eu-west-1:333333333333:trail/main", False),
    ],
)
def test_the_key_is_opened_for_the_trail_of_another_account(
    options: dict[str, Any], source_arn: str, allowed: bool
) -> None:
    """A trail of the account that was admitted may use the key, and no other's."""
    template = template_of(log_bucket(LogSource.CLOUDTRAIL, **options))
    policies = TemplatePolicies({"Stack": template})
    (key,) = resources(template, "AWS::KMS::Key")
    request = Request(
        principal=ServicePrincipal("cloudtrail.amazonaws.com"),
        action="kms:GenerateDataKey",
        resource=policies.arn_of(key),
        context={"aws:SourceArn": source_arn},
    )
    assert evaluate(request, resource=policies.resource_of(key)).allowed is allowed


@pytest.mark.parametrize(("organization", "allowed"), [("o-abcdefghij", True), ("o-zzzzzzzzzz", False)])
def test_the_key_is_opened_for_an_organizations_config(organization: str, allowed: bool) -> None:
    """AWS Config of the organization's accounts may use the key."""
    template = template_of(log_bucket(LogSource.CONFIG, organization_id="o-abcdefghij"))
    policies = TemplatePolicies({"Stack": template})
    (key,) = resources(template, "AWS::KMS::Key")
    request = Request(
        principal=ServicePrincipal("config.amazonaws.com"),
        action="kms:GenerateDataKey",
        resource=policies.arn_of(key),
        context={"aws:SourceOrgID": organization, "aws:SourceAccount": OTHER},
    )
    assert evaluate(request, resource=policies.resource_of(key)).allowed is allowed


def test_a_service_is_admitted_once() -> None:
    """Asking again changes nothing."""
    once = template_of(log_bucket(LogSource.S3))
    assert template_of(log_bucket(LogSource.S3, LogSource.S3)) == once


@pytest.mark.parametrize(
    ("source", "purpose"),
    [(source, purpose) for source in LogSource for purpose in LogBucketPurpose if PURPOSES[source] is not purpose],
)
def test_other_logs_are_refused(source: LogSource, purpose: LogBucketPurpose) -> None:
    """A bucket takes the logs that its purpose is for, and the error names them."""
    with pytest.raises(ValueError, match=rf"Stack/Logs: source: no bucket for {purpose} takes these logs"):
        log_bucket(source, purpose=purpose)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"prefix": "/a"}, "prefix: malformed"),
        ({"prefix": ""}, "prefix: malformed"),
        ({"prefix": "a/AWSLogs"}, "prefix: malformed"),
        ({"source_account": "1"}, "source_account: no account id"),
        ({"organization_id": "o-abcdefghij"}, "organization_id: FlowLogs writes for one account"),
    ],
)
def test_malformed_admissions_are_refused(options: dict[str, Any], problem: str) -> None:
    """What is to be admitted is checked."""
    with pytest.raises(ValueError, match=problem):
        log_bucket(LogSource.FLOW_LOGS, **options)


def test_a_malformed_organization_is_refused() -> None:
    """An organization's id is checked."""
    with pytest.raises(ValueError, match="organization_id: no organization id"):
        log_bucket(LogSource.CONFIG, organization_id="acme")


def test_config_refuses_a_lock() -> None:
    """AWS Config delivers to no bucket with default retention."""
    bucket = LogBucket(new_stack(), "Logs", purpose=LogBucketPurpose.AUDIT, object_lock=ObjectLock.governance(1))
    with pytest.raises(ValueError, match="AWS Config delivers to no bucket with Object Lock"):
        bucket.allow(LogSource.CONFIG)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"purpose": "LOGS"}, "no such LogBucketPurpose"),
        ({"retention_days": 0}, "retention_days: no number of days"),
        ({"retention_days": True}, "retention_days: no number of days"),
        ({"object_lock": ObjectLock.governance(1)}, "object_lock: for audit logs alone"),
        ({"purpose": LogBucketPurpose.AUDIT, "object_lock": ObjectLock.governance(366)}, "longer than logs are kept"),
        ({"removal_policy": RemovalPolicy.SNAPSHOT}, "no bucket has snapshots"),
    ],
)
def test_bad_arguments_leave_no_trace(options: dict[str, Any], problem: str) -> None:
    """A refused argument names the path, and the id is free again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=f"Stack/Logs: .*{problem}"):
        LogBucket(stack, "Logs", **options)
    LogBucket(stack, "Logs")


@pytest.mark.parametrize("argument", ["encryption_key", "access_log_bucket"])
def test_an_access_bucket_has_neither_key_nor_logs(argument: str) -> None:
    """A bucket for access logs takes no key and is not logged itself."""
    stack = new_stack()
    value = kms.Key(stack, "Key") if argument == "encryption_key" else s3.Bucket(stack, "Other")
    options: dict[str, Any] = {argument: value}
    with pytest.raises(ValueError, match=f"Stack/Logs: {argument}: none on a bucket for access logs"):
        LogBucket(stack, "Logs", **options)


def test_one_access_bucket_a_stack() -> None:
    """Every construct of a stack gets the same bucket, a nested stack one of its own."""
    stack = new_stack()
    one = LogBucket.of(Construct(stack, "One"))
    assert one is LogBucket.of(Construct(stack, "Two"))
    assert one is not LogBucket.of(NestedStack(stack, "Nested"))


@pytest.mark.parametrize("foreign", [True, False])
def test_a_foreign_child_of_the_name_is_refused(foreign: bool) -> None:
    """A construct of the user's under the bucket's id is an error that names it."""
    stack = new_stack()
    if foreign:
        Construct(stack, "AccessLogBucket")
    else:
        LogBucket(
            stack,
            "AccessLogBucket",
            purpose=LogBucketPurpose.AUDIT,
            access_log_bucket=LogBucket(stack, "Other").bucket,
        )
    with pytest.raises(ValueError, match=r"Stack/AccessLogBucket: the id .* is kept"):
        LogBucket.of(stack)


@pytest.mark.parametrize(
    ("environment_type", "purpose", "days"),
    [
        (EnvironmentType.DEV, LogBucketPurpose.ACCESS, 14),
        (EnvironmentType.STAGING, LogBucketPurpose.ACCESS, 30),
        (EnvironmentType.PROD, LogBucketPurpose.ACCESS, 365),
        (EnvironmentType.DEV, LogBucketPurpose.AUDIT, 365),
    ],
)
def test_how_long_logs_stay(environment_type: EnvironmentType, purpose: LogBucketPurpose, days: int) -> None:
    """Logs go with the environment's retention, audit logs never before a year; the own argument counts."""

    def build(stack: Stack) -> None:
        LogBucket(stack, "Logs", purpose=purpose, environment_type=environment_type)

    bucket = properties(synthesize(build), "AWS::S3::Bucket")[0]
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == days


def test_logs_move_only_where_it_pays() -> None:
    """No transition comes so late that its class's minimum duration outlives the log."""

    def build(stack: Stack) -> None:
        LogBucket(stack, "Logs", retention_days=100)

    (bucket,) = properties(synthesize(build), "AWS::S3::Bucket")
    (rule, _) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Transitions"] == [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}]


def test_logs_are_retained_unless_asked() -> None:
    """Bucket and policy stay when the stack goes, in development too; DESTROY is the caller's word."""
    retained = synthesize(lambda stack: LogBucket(stack, "Logs"), environment_type=EnvironmentType.DEV)
    destroyed = synthesize(lambda stack: LogBucket(stack, "Logs", removal_policy=RemovalPolicy.DESTROY))
    assert {entry["DeletionPolicy"] for entry in retained["Resources"].values()} == {"Retain"}
    assert {entry["DeletionPolicy"] for entry in destroyed["Resources"].values()} == {"Delete"}


def test_a_lock_is_made_with_the_bucket() -> None:
    """Object Lock comes with its mode and days."""

    def build(stack: Stack) -> None:
        LogBucket(stack, "Logs", purpose=LogBucketPurpose.AUDIT, object_lock=ObjectLock.compliance(30))

    bucket = properties(synthesize(build), "AWS::S3::Bucket")[0]
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 30, "Mode": "COMPLIANCE"}


@pytest.mark.parametrize("days", [0, 36_501, True])
def test_a_lock_has_bounds(days: int) -> None:
    """A lock is at least a day and at most a hundred years."""
    with pytest.raises(ValueError, match="days: not a whole number within bounds"):
        ObjectLock.governance(days)


def test_waf_gets_the_name_that_it_requires() -> None:
    """A bucket for AWS WAF is named as AWS WAF requires, in the account's own namespace, by its path."""
    template = synthesize(lambda stack: [LogBucket(stack, name, purpose=LogBucketPurpose.WAF) for name in ("A", "B")])
    named = [bucket for bucket in properties(template, "AWS::S3::Bucket") if "BucketNamePrefix" in bucket]
    assert {bucket["BucketNamespace"] for bucket in named} == {"account-regional"}
    assert len({bucket["BucketNamePrefix"] for bucket in named}) == 2
    assert all(bucket["BucketNamePrefix"].startswith("aws-waf-logs-") for bucket in named)


def test_an_audit_bucket_is_logged_to_the_stacks_bucket() -> None:
    """An audit bucket's own requests are logged, by date."""
    template = synthesize(lambda stack: LogBucket(stack, "Audit", purpose=LogBucketPurpose.AUDIT))
    (audit,) = (bucket for bucket in properties(template, "AWS::S3::Bucket") if "LoggingConfiguration" in bucket)
    assert audit["LoggingConfiguration"]["LogFilePrefix"] == "s3-access-logs/"
    assert audit["LoggingConfiguration"]["TargetObjectKeyFormat"] == {
        "PartitionedPrefix": {"PartitionDateSource": "EventTime"}
    }


def test_a_production_stack_with_logs_is_protected() -> None:
    """Logs are state."""
    stack = new_stack(EnvironmentType.PROD)
    LogBucket.of(stack)
    assert stack.termination_protection is True


def two_stacks() -> tuple[Stack, Stack]:
    """A stack for logs and one that logs, of one app."""
    app = new_app()
    return new_stack(app=app, name="Logs"), new_stack(app=app, name="Web")


def test_buckets_log_across_stacks() -> None:
    """A bucket logs to another stack's log bucket, whose stack depends on nothing."""
    logs, web = two_stacks()
    central = LogBucket.of(logs)
    log_bucket_access(s3.Bucket(web, "Bucket"), central.bucket)
    template_of(web)
    assert (web in logs.dependencies, logs in web.dependencies) == (False, True)
    (policy,) = properties(template_of(logs), "AWS::S3::BucketPolicy")
    assert "S3Write" in [statement.get("Sid") for statement in policy["PolicyDocument"]["Statement"]]


def test_flow_logs_go_to_an_audit_bucket_of_another_stack() -> None:
    """A network's flow logs are delivered to another stack's audit bucket, whose stack depends on nothing."""
    logs, net = two_stacks()
    audit = LogBucket(logs, "Audit", purpose=LogBucketPurpose.AUDIT)
    audit.allow(LogSource.FLOW_LOGS)
    ThreeTierVpc(net, "Network", availability_zones=AZS, flow_logs=FlowLogs.to_bucket(audit.bucket))
    template_of(net)
    assert (net in logs.dependencies, logs in net.dependencies) == (False, True)


def load_balancer(stack: Stack) -> elbv2.ApplicationLoadBalancer:
    """A load balancer of the stack."""
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a", "eu-west-1b"], restrict_default_security_group=False)
    return elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=vpc)


@pytest.mark.parametrize("env", [None, ENV])
def test_load_balancers_log_anywhere(env: Environment | None) -> None:
    """A load balancer logs to the stack's bucket after its policy, with and without a known Region."""
    stack = new_stack(env=env)
    log_load_balancer(load_balancer(stack), None, prefix="web")
    template = template_of(stack)
    ((_, alb),) = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").items()
    attributes = {entry["Key"]: entry["Value"] for entry in alb["Properties"]["LoadBalancerAttributes"]}
    (policy,) = resources(template, "AWS::S3::BucketPolicy")
    assert (attributes["access_logs.s3.enabled"], attributes["access_logs.s3.prefix"]) == ("true", "web")
    assert policy in alb["DependsOn"]


def test_load_balancers_log_across_stacks() -> None:
    """A load balancer logs to another stack's log bucket, whose stack depends on nothing."""
    logs, web = two_stacks()
    log_load_balancer(load_balancer(web), LogBucket.of(logs).bucket)
    template_of(web)
    assert (web in logs.dependencies, logs in web.dependencies) == (False, True)


def test_network_load_balancers_log_by_vended_delivery() -> None:
    """A Network Load Balancer's logs come from another service."""
    stack = new_stack(env=None)
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, restrict_default_security_group=False)
    nlb = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    log_load_balancer(nlb, None, source=LogSource.NETWORK_LOAD_BALANCER)
    (policy,) = properties(template_of(stack), "AWS::S3::BucketPolicy")
    assert "NetworkLoadBalancerWrite" in [statement.get("Sid") for statement in policy["PolicyDocument"]["Statement"]]


def test_the_callers_bucket_is_opened_to_the_service() -> None:
    """A bucket of the caller's gets the statement, and no log bucket is made beside it."""
    stack = new_stack()
    assert access_log_bucket_for(stack, own := s3.Bucket(stack, "Own"), LogSource.S3) is own
    (policy,) = properties(template_of(stack), "AWS::S3::BucketPolicy")
    assert [statement["Sid"] for statement in policy["PolicyDocument"]["Statement"]] == ["S3Write"]


def test_an_imported_bucket_warns() -> None:
    """The policy of an imported bucket cannot be changed: the warning says so."""
    stack = new_stack()
    access_log_bucket_for(stack, s3.Bucket.from_bucket_name(stack, "Imported", "logs"), LogSource.CLOUDFRONT)
    assert [text for text in warnings_of(stack) if "BucketPolicyNotUpdated" in text and "CloudFront" in text]


def test_an_imported_buckets_policy_is_waited_for_by_nobody() -> None:
    """What logs to an imported bucket depends on nothing of this app."""
    stack = new_stack()
    log_bucket_access(s3.Bucket(stack, "Bucket"), s3.Bucket.from_bucket_name(stack, "Imported", "logs"))
    (bucket,) = resources(template_of(stack), "AWS::S3::Bucket").values()
    assert bucket["Properties"]["LoggingConfiguration"]["DestinationBucketName"] == "logs"
    assert "DependsOn" not in bucket


def test_a_log_bucket_for_other_logs_is_refused() -> None:
    """An audit bucket of ours takes no access logs."""
    stack = new_stack()
    audit = LogBucket(stack, "Audit", purpose=LogBucketPurpose.AUDIT)
    with pytest.raises(ValueError, match="Stack/Audit: source: no bucket for AUDIT"):
        access_log_bucket_for(stack, audit.bucket, LogSource.S3)


def test_another_accounts_logs_are_told_apart() -> None:
    """A stack of another account logs on its own account's behalf."""
    app = new_app()
    logs = new_stack(app=app, name="Logs")
    web = new_stack(app=app, name="Web", env=Environment(account=OTHER, region="eu-west-1"))
    central = LogBucket(logs, "Central").bucket
    statements = access_log_bucket_for(web, central, LogSource.APPLICATION_LOAD_BALANCER)
    assert statements is central
    (policy,) = properties(template_of(logs), "AWS::S3::BucketPolicy")
    assert f"/AWSLogs/{OTHER}/*" in str(policy)


def test_accounts_that_log_to_one_bucket_have_statements_of_their_own() -> None:
    """The bucket's own account and another's load balancers are let in by statements of different ids."""
    app = new_app()
    logs = new_stack(app=app, name="Logs")
    web = new_stack(app=app, name="Web", env=Environment(account=OTHER, region="eu-west-1"))
    central = LogBucket(logs, "Central").bucket
    for scope in (logs, web):
        access_log_bucket_for(scope, central, LogSource.APPLICATION_LOAD_BALANCER)
    (policy,) = properties(template_of(logs), "AWS::S3::BucketPolicy")
    sids = [found["Sid"] for found in policy["PolicyDocument"]["Statement"] if "Sid" in found]
    assert len([sid for sid in sids if sid.startswith("ApplicationLoadBalancerWrite")]) == 2
    assert len(set(sids)) == len(sids)


def test_access_logs_need_a_bucket_without_a_key() -> None:
    """A bucket with a customer-managed key is refused before anything is made."""
    stack = new_stack()
    encrypted = s3.Bucket(stack, "Encrypted", encryption=s3.BucketEncryption.KMS)
    with pytest.raises(ValueError, match=r"access_log_bucket: .*customer-managed key"):
        check_access_log_bucket(encrypted)


def test_access_logs_stay_in_their_region() -> None:
    """A bucket of another Region is refused; where a Region is unknown it is let pass."""
    app = new_app()
    there = new_stack(app=app, name="There", env=Environment(account=ACCOUNT, region="us-east-1"))
    bucket = LogBucket.of(there).bucket
    with pytest.raises(ValueError, match="within their own Region, got us-east-1"):
        check_access_log_bucket(bucket, new_stack(app=app))
    check_access_log_bucket(bucket, there)
    check_access_log_bucket(bucket)
    check_access_log_bucket(bucket, new_stack(app=app, name="Agnostic", env=None))


@given(
    source=st.sampled_from(sorted(set(DELIVERIES) - {LogSource.S3, LogSource.INVENTORY})),
    prefix=st.sampled_from([None, "web", "web/blue", "x"]),
    written=st.sampled_from(["", "web/", "web/blue/", "x/", "webx/"]),
    account=st.sampled_from([ACCOUNT, OTHER]),
    caller=st.sampled_from([ACCOUNT, OTHER]),
)
def test_deliveries_are_bound_by_prefix_and_account(
    source: LogSource, prefix: str | None, written: str, account: str, caller: str
) -> None:
    """A delivery is let in exactly when it is below the prefix, in this account's place and on its behalf."""
    principal, key, context = DELIVERIES[source]
    stack = _with_prefix(source, prefix)
    own = {name: value.replace(ACCOUNT, caller) for name, value in context.items()}
    on_behalf = caller == ACCOUNT or source is LogSource.APPLICATION_LOAD_BALANCER  # which says nothing of its caller
    expected = written == (f"{prefix}/" if prefix else "") and account == ACCOUNT and on_behalf
    assert put(stack, principal, f"{written}{key.replace(ACCOUNT, account)}", own) is expected


@cache
def _with_prefix(source: LogSource, prefix: str | None) -> Stack:
    return log_bucket(source, prefix=prefix)


@pytest.mark.parametrize("where", ["here", "elsewhere", "nowhere"])
def test_a_bucket_for_access_logs_has_none_of_its_own(where: str) -> None:
    """That is acknowledged where cdk-nag finds it: not if a bucket of the same stack logs to it, and only then."""
    app = new_app()
    stack = new_stack(app=app)
    log_bucket = LogBucket.of(stack)
    if where != "nowhere":
        owner = stack if where == "here" else new_stack(app=app, name="Other")
        log_bucket_access(s3.Bucket(owner, "Logged"), log_bucket.bucket)
    report = nag_report(app, list(NagPack))
    path, rules = log_bucket.bucket.node.path, ("-S1", "S3BucketLoggingEnabled")
    assert [
        each for each in report.findings if each.construct_path.startswith(path) and each.rule.endswith(rules)
    ] == []
    assert [each for each in report.stale if each.construct_path == path and each.id.endswith(rules)] == []
    excused = [each for each in report.recorded if each.construct_path == path and each.id.endswith(rules)]
    assert bool(excused) == (where != "here")
