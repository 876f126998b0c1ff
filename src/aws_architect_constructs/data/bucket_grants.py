"""What a bucket's `grant_*` give: CDK's names, with actions written out where CDK has wildcards."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from aws_architect_constructs.foundation.findings import acknowledge_granted_wildcard

READ_OBJECTS: Final = ("s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersion")
READ_BUCKET: Final = ("s3:GetBucketLocation", "s3:ListBucket")
PUT_OBJECTS: Final = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging")
LOCK_OBJECTS: Final = ("s3:PutObjectLegalHold", "s3:PutObjectRetention")
DELETE_OBJECTS: Final = ("s3:DeleteObject",)
"""A delete marker: what is below can be restored. CDK's `s3:DeleteObject*` deletes versions for good too."""

_READ_KEY: Final = ("kms:Decrypt",)
_WRITE_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""An upload in parts reads them too: https://repost.aws/knowledge-center/s3-large-file-encryption-kms-key"""


def grant(
    bucket: s3.Bucket,
    key: kms.IKey | None,
    identity: iam.IGrantable,
    *,
    pattern: str,
    object_actions: Sequence[str],
    bucket_actions: Sequence[str] = (),
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> iam.Grant:
    """Let an identity do something with a bucket's objects, and with its key through S3 alone.

    Args:
        bucket: The bucket.
        key: Its key, or None for S3's own.
        identity: Who: of another account, the bucket's and the key's policies admit it as well.
        pattern: Which keys.
        object_actions: What with the objects.
        bucket_actions: What with the bucket.
        conditions: Under which conditions. Default None: always.
    """
    objects = bucket.arn_for_objects(pattern)
    granted = _grant(bucket, identity, object_actions, [objects], conditions)
    acknowledge_keys(granted, identity, objects, pattern)
    if bucket_actions:
        granted = granted.combine(_grant(bucket, identity, bucket_actions, [bucket.bucket_arn], conditions))
    if key is not None:
        granted = granted.combine(_grant_key(bucket, key, identity, writes="s3:PutObject" in object_actions))
    return granted


def acknowledge_keys(granted: iam.Grant, identity: iam.IGrantable, objects: str, pattern: str) -> None:
    """Acknowledge the star in the keys that an identity was granted, beside the grant."""
    if "*" in pattern:
        acknowledge_granted_wildcard(
            granted,
            identity,
            objects,
            f"The star is in the keys of one named bucket's objects, which are granted by the pattern {pattern}: no "
            "key is known before its object is written.",
        )


def _grant(
    bucket: s3.Bucket,
    identity: iam.IGrantable,
    actions: Sequence[str],
    arns: Sequence[str],
    conditions: Mapping[str, Mapping[str, Any]] | None,
) -> iam.Grant:
    return iam.Grant.add_to_principal_or_resource(
        grantee=identity,
        actions=sorted(actions),
        resource_arns=list(arns),
        resource=cast("iam.IResourceWithPolicyV2", bucket),
        conditions=conditions,
    )


def _grant_key(bucket: s3.Bucket, key: kms.IKey, identity: iam.IGrantable, *, writes: bool) -> iam.Grant:
    """CDK's `key.grant` would write the role into the key's policy under some feature flags: a circle of stacks."""
    stack = Stack.of(bucket)
    return iam.Grant.add_to_principal_or_resource(
        grantee=identity,
        actions=list(_WRITE_KEY if writes else _READ_KEY),
        resource_arns=[key.key_arn],
        resource=cast("iam.IResourceWithPolicyV2", key),
        resource_self_arns=["*"],
        conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
    )
