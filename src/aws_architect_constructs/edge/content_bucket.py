"""The private bucket of a site's files."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.log_bucket import log_bucket_access
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

_PACKS: Final = ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")


def content_bucket(
    scope: Construct,
    id: str,
    *,
    encryption_key: kms.IKey | None,
    removal_policy: RemovalPolicy,
    access_log_bucket: s3.IBucket | None,
) -> s3.Bucket:
    """A bucket that CloudFront reads and nobody else: encrypted, versioned, its requests logged."""
    bucket = s3.Bucket(
        scope,
        id,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=encryption_key_for(scope, encryption_key, KeyService.CLOUDFRONT),
        bucket_key_enabled=True,
        blocked_encryption_types=[s3.BlockedEncryptionType.SSE_C],
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="ReplacedFiles",
                enabled=True,
                noncurrent_version_expiration=Duration.days(90),
                abort_incomplete_multipart_upload_after=Duration.days(7),
                expired_object_delete_marker=True,
            )
        ],
        removal_policy=removal_policy,
    )
    assert bucket.policy is not None  # noqa: S101 -- what enforce_ssl makes
    bucket.policy.apply_removal_policy(removal_policy)  # a bucket that stays keeps its guard
    log_bucket_access(bucket, access_log_bucket)
    _acknowledge(bucket)
    return bucket


def _acknowledge(bucket: s3.Bucket) -> None:
    replicated = "The site's files are made from its source, and deployed again anywhere: a second copy saves nothing."
    for pack in _PACKS:
        acknowledge(bucket, f"{pack}::{pack}-S3BucketReplicationEnabled", replicated)
    acknowledge(
        bucket,
        "NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled",
        "A site's files are replaced with every deployment; versions keep what was there for 90 days.",
    )
