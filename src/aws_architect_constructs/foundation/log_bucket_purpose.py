"""What log buckets are for, and what follows from it: who may write, what is refused, what cdk-nag says of it."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from .environment import EnvironmentType
from .log_sources import LogSource
from .object_lock import ObjectLock

_YEAR: Final = 365
_PACKS: Final = ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
"""The rule packs that speak of buckets, beside AwsSolutions."""


class LogBucketPurpose(StrEnum):
    """What a log bucket is for."""

    ACCESS = "ACCESS"
    """Who asked for what: SSE-S3 and no Object Lock, as server access logs and load balancers require."""
    AUDIT = "AUDIT"
    """What was done and changed: a customer-managed key, and Object Lock if asked for."""
    WAF = "WAF"
    """Logs of web ACLs: a customer-managed key, and the name that AWS WAF requires."""


_SOURCES: Final[Mapping[LogBucketPurpose, tuple[LogSource, ...]]] = {
    LogBucketPurpose.ACCESS: (
        LogSource.S3,
        LogSource.APPLICATION_LOAD_BALANCER,
        LogSource.NETWORK_LOAD_BALANCER,
        LogSource.CLOUDFRONT,
        LogSource.INVENTORY,
    ),
    LogBucketPurpose.AUDIT: (LogSource.CLOUDTRAIL, LogSource.CONFIG, LogSource.FLOW_LOGS),
    LogBucketPurpose.WAF: (LogSource.WAF,),
}


def check_purpose(purpose: LogBucketPurpose, source: LogSource, object_lock: ObjectLock | None) -> None:
    """Check that a bucket is for the logs of a service.

    Raises:
        ValueError: If its purpose or its lock rules them out.
    """
    allowed = _SOURCES[purpose]
    if source not in allowed:
        raise ValueError(
            f"source: no bucket for {purpose} takes these logs, got {source}; allowed: {', '.join(allowed)}, or a "
            "LogBucket of another purpose"
        )
    if source is LogSource.CONFIG and object_lock is not None:
        raise ValueError(
            "source: AWS Config delivers to no bucket with Object Lock, got Config; allowed: a LogBucket without "
            "object_lock"
        )


def check_access_purpose(encryption_key: kms.IKey | None, access_log_bucket: s3.IBucket | None) -> None:
    """Check that a bucket for access logs has neither.

    Raises:
        ValueError: If it has one.
    """
    for name, value in (("encryption_key", encryption_key), ("access_log_bucket", access_log_bucket)):
        if value is not None:
            raise ValueError(
                f"{name}: none on a bucket for access logs, got a {type(value).__name__}; allowed: None, or another "
                "purpose"
            )


def check_lock(object_lock: ObjectLock, purpose: LogBucketPurpose, days: int) -> None:
    """Check that logs may be locked, and are kept as long.

    Raises:
        ValueError: If not.
    """
    if purpose is not LogBucketPurpose.AUDIT:
        raise ValueError(
            "object_lock: for audit logs alone; access logs are delivered to no bucket with default retention, got "
            f"{object_lock}; allowed: None, or purpose=LogBucketPurpose.AUDIT"
        )
    if object_lock.days > days:
        raise ValueError(
            f"object_lock: longer than logs are kept, got {object_lock.days}; allowed: up to {days} days, or a longer "
            "retention_days"
        )


def retention_days_for(retention_days: int | None, purpose: LogBucketPurpose, environment: EnvironmentType) -> int:
    """How long logs are kept: the caller's days, else the environment's, and audit logs a year at least.

    Raises:
        ValueError: If the caller's are none.
    """
    if retention_days is None:
        days = environment.defaults.log_retention_days
        return max(days, _YEAR) if purpose is LogBucketPurpose.AUDIT else days
    if type(retention_days) is not int or retention_days < 1:
        raise ValueError(f"retention_days: no number of days, got {retention_days!r}; allowed: 1 or more")
    return retention_days


def findings_that_stay(purpose: LogBucketPurpose, *, locked: bool) -> Iterator[tuple[str, str]]:
    """The rules that a log bucket breaks for a reason, as acknowledgements name them, with the reason."""
    replication = (
        "S3 keeps logs in three AZs, with versions; a second copy in another Region is the log archive's part."
    )
    yield from _in_packs(_PACKS, "S3BucketReplicationEnabled", replication)
    if not locked:
        no_lock = (
            "S3's access logs and AWS Config's history are delivered to no bucket with Object Lock; for trails "
            "it is the caller's choice, because a lock can never be taken back."
        )
        yield from _in_packs(_PACKS[:1], "S3BucketDefaultLockEnabled", no_lock)
    if purpose is LogBucketPurpose.ACCESS:
        no_key = (
            "Server access logs and load balancers deliver to no bucket whose default encryption is a customer's "
            "key; S3 encrypts the logs with keys of its own."
        )
        yield from _in_packs(_PACKS[1:], "S3DefaultEncryptionKMS", no_key)


def findings_without_own_logs() -> Iterator[tuple[str, str]]:
    """The rules that a bucket for access logs breaks, unless a bucket of its stack logs to it."""
    own_logs = "AWS advises against access logs of the bucket that access logs go to: they would log themselves."
    yield from _in_packs(["AwsSolutions"], "S1", own_logs)
    yield from _in_packs(_PACKS, "S3BucketLoggingEnabled", own_logs)


def _in_packs(packs: Iterable[str], rule: str, reason: str) -> Iterator[tuple[str, str]]:
    for pack in packs:
        yield f"{pack}::{pack}-{rule}", reason
