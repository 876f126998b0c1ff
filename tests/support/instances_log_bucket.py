"""The canonical instances of LogBucket."""

from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms

from aws_architect_constructs import EnvironmentType, LogBucket, LogBucketPurpose, LogSource, ObjectLock
from support.instance import Instance


def _default(stack: Stack) -> None:
    log_bucket = LogBucket.of(stack)
    for source in (LogSource.S3, LogSource.APPLICATION_LOAD_BALANCER, LogSource.CLOUDFRONT):
        log_bucket.allow(source)


def _audit(stack: Stack) -> None:
    audit = LogBucket(stack, "Audit", purpose=LogBucketPurpose.AUDIT)
    for source in (LogSource.CLOUDTRAIL, LogSource.CONFIG, LogSource.FLOW_LOGS):
        audit.allow(source)


def _waf(stack: Stack) -> None:
    LogBucket(stack, "Waf", purpose=LogBucketPurpose.WAF).allow(LogSource.WAF)


def _fullest(stack: Stack) -> None:
    access = LogBucket(stack, "Access", removal_policy=RemovalPolicy.DESTROY)
    access.allow(LogSource.NETWORK_LOAD_BALANCER, prefix="network")
    audit = LogBucket(
        stack,
        "Audit",
        purpose=LogBucketPurpose.AUDIT,
        retention_days=2555,
        object_lock=ObjectLock.governance(365),
        encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
        access_log_bucket=access.bucket,
    )
    audit.allow(LogSource.CLOUDTRAIL, source_account="222222222222", organization_id="o-abcdefghij")


INSTANCES: Final = {
    "log_bucket-default": Instance(build=_default, env=None),
    "log_bucket-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "log_bucket-audit": Instance(build=_audit),
    "log_bucket-waf": Instance(build=_waf),
    "log_bucket-fullest": Instance(build=_fullest),
}
