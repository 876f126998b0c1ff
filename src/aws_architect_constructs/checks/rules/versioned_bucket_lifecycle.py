"""A bucket that keeps every version forgets some of them."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template

_EXPIRIES: Final = ("NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays", "NoncurrentVersionTransitions")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at versioned buckets without a rule for noncurrent versions."""
    for bucket in template.of_type("AWS::S3::Bucket"):
        if bucket.may(lambda value: value == "Enabled", "VersioningConfiguration", "Status") and not _expires(bucket):
            yield Finding(bucket.logical_id, "old versions are kept for ever", "Properties.LifecycleConfiguration")


def _expires(bucket: Resource) -> bool:
    if any(
        outcome is not None and not isinstance(outcome, Mapping)
        for outcome in bucket.outcomes("LifecycleConfiguration")
    ):
        return True
    for rule in bucket.items("LifecycleConfiguration", "Rules"):
        if not isinstance(rule, Mapping):
            return True
        if any(name in rule for name in _EXPIRIES) and rule.get("Status") != "Disabled":
            return True
    return False


RULE: Final = Rule(
    id="VersionedBucketLifecycle",
    title="A versioned bucket has a rule for old versions",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="Every overwritten or deleted object stays and is paid for as long as the bucket exists.",
    fix="Add a rule with `NoncurrentVersionExpiration`, and one that aborts incomplete multipart uploads.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html",
    check=check,
)
