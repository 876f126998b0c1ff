"""Buckets are not open to the public, neither directly nor by policy."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.statements import statements_of
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_one_of, is_true

_PUBLIC_ACLS: Final = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})
_POLICIES: Final = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "bucket"),
    "AWS::S3::AccessPoint": ("Policy", "access point's"),
    "AWS::S3::MultiRegionAccessPointPolicy": ("Policy", "access point's"),
}
_SWITCHES: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

# A statement for anyone with one of these is for somebody after all
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at ACLs, the four switches of Block Public Access, and bucket policies."""
    for bucket in template.of_type("AWS::S3::Bucket"):
        if bucket.may(lambda value: is_one_of(value, *_PUBLIC_ACLS), "AccessControl"):
            yield Finding(bucket.logical_id, "the ACL opens the bucket to the public", "Properties.AccessControl")
        off = [name for name in _SWITCHES if _is_off(bucket.outcomes("PublicAccessBlockConfiguration", name))]
        if bucket.may(lambda value: isinstance(value, dict), "PublicAccessBlockConfiguration") and off:
            detail = f"Block Public Access is off for {', '.join(off)} (what is not written is off)"
            yield Finding(bucket.logical_id, detail, "Properties.PublicAccessBlockConfiguration")
    for kind, (name, what) in _POLICIES.items():
        for policy in template.of_type(kind):
            for statement in statements_of(policy, name):
                if statement.allows and statement.for_anyone and not statement.narrowing_keys & _NARROWING:
                    yield Finding(policy.logical_id, f"a statement of the {what} policy allows anyone", statement.place)


def _is_off(outcomes: tuple[object, ...]) -> bool:
    return any(outcome is None or (isinstance(outcome, bool | str) and not is_true(outcome)) for outcome in outcomes)


RULE: Final = Rule(
    id="PublicBucket",
    title="No bucket is open to the public",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "A public bucket is read by scanners within hours. Since April 2023 new buckets block public access by "
        "themselves, so one that is open was opened on purpose."
    ),
    fix=(
        "Leave Block Public Access on, all four switches, and serve files through CloudFront with an origin access "
        "control. A policy for anyone needs a condition on the VPC endpoint, the organization or the account."
    ),
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    limits="Object ACLs and the account's own Block Public Access are not in a template.",
    check=check,
)
