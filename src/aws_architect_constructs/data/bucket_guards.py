"""What a bucket's policy denies to everybody: other encryption than the bucket's, and old presigned URLs."""

from enum import StrEnum
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

_ALGORITHM = "s3:x-amz-server-side-encryption"
_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_CUSTOMER_ALGORITHM = "s3:x-amz-server-side-encryption-customer-algorithm"
_LONGEST_PRESIGNED = 7 * 24 * 3600


class ServerSideEncryption(StrEnum):
    """Whose key a bucket's objects are encrypted with."""

    KMS = "aws:kms"
    """A customer-managed key, with a bucket key that saves most of the requests to KMS."""
    S3 = "AES256"
    """Keys of S3's own: no key to pay for, no key policy that guards the data beside the bucket's."""


def encryption_statements(bucket: s3.Bucket, key: kms.IKey | None) -> list[iam.PolicyStatement]:
    """Deny every upload that asks for another encryption than the bucket's; one that asks for none gets the bucket's.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html

    Args:
        bucket: The bucket.
        key: Its key, or None for S3's own.
    """
    own = ServerSideEncryption.S3 if key is None else ServerSideEncryption.KMS
    denied: dict[str, dict[str, Any]] = {
        "DenyCustomerKeys": {"Null": {_CUSTOMER_ALGORITHM: "false"}},
        "DenyOtherEncryption": {"StringNotEquals": {_ALGORITHM: own.value}, "Null": {_ALGORITHM: "false"}},
    }
    if key is not None:
        denied["DenyOtherKeys"] = {"ArnNotEquals": {_KEY: key.key_arn}, "Null": {_KEY: "false"}}
        # `aws:kms` without a key means the key that AWS manages, and not the bucket's.
        denied["DenyUnnamedKeys"] = {"StringEquals": {_ALGORITHM: own.value}, "Null": {_KEY: "true"}}
    everybody, objects = iam.AnyPrincipal(), bucket.arn_for_objects("*")
    return [
        iam.PolicyStatement(
            sid=sid,
            effect=iam.Effect.DENY,
            actions=["s3:PutObject"],
            resources=[objects],
            principals=[everybody],
            conditions=conditions,
        )
        for sid, conditions in denied.items()
    ]


def check_presigned_url_max_age(max_age: Duration | None) -> None:
    """Check how old a presigned URL may be.

    Raises:
        ValueError: If S3 signs none of that age, or it is a token, which no unit can be converted of.
    """
    if max_age is None:
        return
    if max_age.is_unresolved():
        raise ValueError("presigned_url_max_age: not known yet, got a token; allowed: a Duration of a number")
    seconds = max_age.to_seconds(integral=False)
    if not 1 <= seconds <= _LONGEST_PRESIGNED:
        raise ValueError(
            f"presigned_url_max_age: out of bounds, got {seconds:g} seconds; allowed: 1 second to 7 days, which is the "
            "most that can be signed for"
        )


def presigned_statement(bucket: s3.Bucket, max_age: Duration) -> iam.PolicyStatement:
    """Deny requests by a presigned URL that was signed longer ago, whatever the URL itself allows.

    https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
    """
    return iam.PolicyStatement(
        sid="DenyOldPresignedUrls",
        effect=iam.Effect.DENY,
        actions=["s3:*"],
        resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
        principals=[iam.AnyPrincipal()],
        conditions={
            "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
            "NumericGreaterThan": {"s3:signatureAge": max_age.to_milliseconds()},
        },
    )
