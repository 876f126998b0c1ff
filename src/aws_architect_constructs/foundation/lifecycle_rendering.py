"""Lifecycle rules as CDK's, with what every bucket has beside them."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from .lifecycle import EXPIRY_SUFFIX, REMAINS, LifecycleRule, StorageClass, by_day, smallest_that_moves

_CLASSES: Final = {
    StorageClass.INTELLIGENT_TIERING: s3.StorageClass.INTELLIGENT_TIERING,
    StorageClass.STANDARD_IA: s3.StorageClass.INFREQUENT_ACCESS,
    StorageClass.ONEZONE_IA: s3.StorageClass.ONE_ZONE_INFREQUENT_ACCESS,
    StorageClass.GLACIER_IR: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
    StorageClass.GLACIER: s3.StorageClass.GLACIER,
    StorageClass.DEEP_ARCHIVE: s3.StorageClass.DEEP_ARCHIVE,
}
_ABORT_DAYS: Final = 7


def cdk_rules(rules: Sequence[LifecycleRule]) -> list[s3.LifecycleRule]:
    """The rules, and the one that removes what nobody sees: incomplete uploads and orphaned delete markers.

    S3 allows neither of these with a filter by tag or size, so they are a rule of their own.
    """
    rendered = [part for rule in rules for part in _cdk_rules(rule)]
    remains = s3.LifecycleRule(
        id=REMAINS,
        enabled=True,
        abort_incomplete_multipart_upload_after=Duration.days(_ABORT_DAYS),
        expired_object_delete_marker=True,
    )
    return [*rendered, remains]


def write_sizes_as_texts(resource: s3.CfnBucket, rules: Sequence[s3.LifecycleRule]) -> None:
    """Write the sizes as CloudFormation's schema has them, which is as texts; CDK writes numbers."""
    for index, rule in enumerate(rules):
        for name, size in (
            ("ObjectSizeGreaterThan", rule.object_size_greater_than),
            ("ObjectSizeLessThan", rule.object_size_less_than),
        ):
            if size is not None:
                resource.add_property_override(f"LifecycleConfiguration.Rules.{index}.{name}", f"{size:d}")


def _cdk_rules(rule: LifecycleRule) -> list[s3.LifecycleRule]:
    """One rule, or two where its own sizes would let small objects move: S3's own minimum gives way to any size."""
    moves = bool(rule.transitions or rule.noncurrent_transitions)
    split = moves and rule.object_size_greater_than is None and rule.object_size_less_than is not None
    if not split or smallest_that_moves(rule) == 0:
        return [_cdk_rule(rule, rule.name, rule.object_size_greater_than, transitions=True, expiry=True)]
    parts = [_cdk_rule(rule, rule.name, smallest_that_moves(rule) - 1, transitions=True, expiry=False)]
    if rule.expiration_days is not None or rule.noncurrent_expiration_days is not None:
        parts.append(_cdk_rule(rule, rule.name + EXPIRY_SUFFIX, None, transitions=False, expiry=True))
    return parts


def _cdk_rule(
    rule: LifecycleRule, name: str, greater_than: int | None, *, transitions: bool, expiry: bool
) -> s3.LifecycleRule:
    moves = by_day(rule.transitions) if transitions else []
    noncurrent_moves = by_day(rule.noncurrent_transitions) if transitions else []
    return s3.LifecycleRule(
        id=name,
        enabled=True,
        prefix=rule.prefix,
        tag_filters=dict(rule.tags) or None,
        object_size_greater_than=greater_than,
        object_size_less_than=rule.object_size_less_than,
        transitions=[
            s3.Transition(storage_class=_CLASSES[to], transition_after=Duration.days(days)) for days, to in moves
        ]
        or None,
        noncurrent_version_transitions=[
            s3.NoncurrentVersionTransition(storage_class=_CLASSES[to], transition_after=Duration.days(days))
            for days, to in noncurrent_moves
        ]
        or None,
        expiration=_days(rule.expiration_days if expiry else None),
        noncurrent_version_expiration=_days(rule.noncurrent_expiration_days if expiry else None),
        noncurrent_versions_to_retain=rule.noncurrent_versions_to_retain if expiry else None,
    )


def _days(days: int | None) -> Duration | None:
    return None if days is None else Duration.days(days)
