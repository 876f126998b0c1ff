"""The canonical instances of LifecycleBucket."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import (
    DataPerimeter,
    EnvironmentType,
    IntelligentTieringArchive,
    InventoryFrequency,
    LifecycleBucket,
    LifecycleProfile,
    LifecycleRule,
    LogBucket,
    ObjectLock,
    Replication,
    ServerSideEncryption,
    StorageClass,
)
from support.instance import Instance


def _default(stack: Stack) -> None:
    LifecycleBucket(stack, "Documents")


def _archive(stack: Stack) -> None:
    LifecycleBucket(stack, "Documents", lifecycle=LifecycleProfile.ARCHIVE)


def _own_rules(stack: Stack) -> None:
    LifecycleBucket(
        stack,
        "Documents",
        lifecycle=[
            LifecycleRule(
                name="Thumbnails",
                prefix="thumbnails/",
                tags={"derived": "true"},
                object_size_less_than=1 << 20,
                transitions={StorageClass.STANDARD_IA: 30},
                expiration_days=180,
                noncurrent_expiration_days=1,
            ),
            LifecycleRule(
                name="Versions",
                noncurrent_transitions={StorageClass.GLACIER: 30},
                noncurrent_expiration_days=365,
                noncurrent_versions_to_retain=3,
            ),
        ],
        encryption=ServerSideEncryption.S3,
    )


def _fullest(stack: Stack) -> None:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    there = s3.Bucket.from_bucket_name(stack, "Copies", "copies-of-documents")
    their_key = kms.Key.from_key_arn(
        stack, "CopiesKey", "arn:aws:kms:eu-central-1:222222222222:key/12345678-1234-1234-1234-123456789012"
    )
    bucket = LifecycleBucket(
        stack,
        "Documents",
        lifecycle=LifecycleProfile.UNKNOWN_ACCESS,
        intelligent_tiering_archive=IntelligentTieringArchive(archive_days=90, deep_archive_days=180),
        object_lock=ObjectLock.governance(30),
        replication=[
            Replication.to(
                there,
                encryption_key=their_key,
                account="222222222222",
                prefix="contracts/",
                storage_class=StorageClass.GLACIER_IR,
                delete_markers=True,
                time_control=True,
            )
        ],
        data_perimeter=DataPerimeter(
            organization_id="o-abcdefghij",
            vpc_endpoint_ids=["vpce-0123456789abcdef0"],
            administrator_role_arns=[
                "arn:aws:iam::111111111111:role/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1",
            ],
            exempt_role_arns=["arn:aws:iam::333333333333:role/replicator"],
        ),
        presigned_url_max_age=Duration.minutes(15),
        event_bridge=True,
        inventory=InventoryFrequency.WEEKLY,
        request_metrics=True,
        account_regional_name_prefix="acme-documents",
        encryption_key=key,
        removal_policy=RemovalPolicy.DESTROY,
        access_log_bucket=LogBucket(stack, "Logs").bucket,
    )
    bucket.add_access_point("Reports")
    bucket.allow_replication_from("arn:aws:iam::333333333333:role/replicator")


INSTANCES: Final = {
    "lifecycle_bucket-default": Instance(build=_default, env=None),
    "lifecycle_bucket-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "lifecycle_bucket-archive": Instance(build=_archive),
    "lifecycle_bucket-own-rules": Instance(build=_own_rules),
    "lifecycle_bucket-fullest": Instance(build=_fullest),
}
