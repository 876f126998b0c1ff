"""Replication of a bucket into others: of another Region, of another account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import is_concrete
from aws_architect_constructs.foundation.findings import acknowledge_wildcard
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID
from aws_architect_constructs.foundation.lifecycle import StorageClass


@dataclass(frozen=True, kw_only=True)
class Replication:
    """Where a bucket's new objects are copied to. Make one with `to`.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html.
    """

    bucket: s3.IBucket
    encryption_key: kms.IKey | None = None
    account: str | None = None
    prefix: str | None = None
    storage_class: StorageClass | None = None
    delete_markers: bool = False
    time_control: bool = False

    @classmethod
    def to(
        cls,
        bucket: s3.IBucket,
        *,
        encryption_key: kms.IKey | None = None,
        account: str | None = None,
        prefix: str | None = None,
        storage_class: StorageClass | None = None,
        delete_markers: bool = False,
        time_control: bool = False,
    ) -> Self:
        """Copy to a bucket, which must have versioning on, as every `LifecycleBucket` has.

        Args:
            bucket: The bucket, of any Region and account.
            encryption_key: The key of the copies, in the bucket's Region. Default None: the bucket's own, which an
                imported bucket does not tell.
            account: The bucket's account if it is another: the copies belong to it, and its bucket has to admit the
                role (`LifecycleBucket.allow_replication_from`). Default None: this one.
            prefix: Which keys. Default None: all.
            storage_class: What class the copies are of. Default None: that of the original.
            delete_markers: Whether deletions are copied too. Default False: what is deleted here, by mistake or malice,
                is there still.
            time_control: Whether 99.99 % are copied within 15 minutes (Replication Time Control), at 0.015 USD a GB.
                Default False: most are, none is promised.

        Raises:
            ValueError: If the account is malformed.
        """
        if account is not None and is_concrete(account) and not ACCOUNT_ID.fullmatch(account):
            raise ValueError(f"account: no account id, got {account!r}; allowed: 12 digits")
        return cls(
            bucket=bucket,
            encryption_key=encryption_key if encryption_key is not None else bucket.encryption_key,
            account=account,
            prefix=prefix,
            storage_class=storage_class,
            delete_markers=delete_markers,
            time_control=time_control,
        )


def check_replication(replications: Sequence[Replication], *, encrypted: bool) -> None:
    """Check destinations together.

    Raises:
        ValueError: If a key is missing.
    """
    for replication in replications:
        if encrypted and replication.encryption_key is None:
            raise ValueError(
                "replication: objects under a customer-managed key are copied under one of the destination's Region, "
                "got none; allowed: encryption_key= beside the bucket"
            )


class BucketReplication(Construct):
    """The role that replicates a bucket, and nothing else.

    Attributes:
        role: The role.
        policy: Its customer managed policy.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: s3.Bucket,
        key: kms.IKey | None,
        replications: Sequence[Replication],
        object_lock: bool,
    ) -> None:
        super().__init__(scope, id)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("s3.amazonaws.com"),
            description="Replicates a bucket.",
        )
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            document=iam.PolicyDocument(
                minimize=True, statements=_statements(self, bucket, key, replications, object_lock=object_lock)
            ),
            roles=[self.role],
        )
        for replicated in [bucket, *(replication.bucket for replication in replications)]:
            acknowledge_wildcard(
                self.policy,
                replicated.arn_for_objects("*"),
                "Replication is of all objects under the rule's prefix, whatever their keys will be, of one named "
                "bucket.",
            )
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 -- what every s3.Bucket is made of
        resource.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=self.role.role_arn,
            rules=[
                _rule(replication, priority, encrypted=key is not None)
                for priority, replication in enumerate(replications, start=1)
            ],
        )


def _statements(
    scope: Construct,
    bucket: s3.Bucket,
    key: kms.IKey | None,
    replications: Sequence[Replication],
    *,
    object_lock: bool,
) -> list[iam.PolicyStatement]:
    """What S3 does as the role.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    """
    stack = Stack.of(scope)
    read = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    locked = ["s3:GetObjectLegalHold", "s3:GetObjectRetention"] if object_lock else []
    statements = [
        iam.PolicyStatement(actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[bucket.bucket_arn]),
        iam.PolicyStatement(actions=[*read, *locked], resources=[bucket.arn_for_objects("*")]),
    ]
    if key is not None:
        statements.append(
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
            )
        )
    for replication in replications:
        owner = ["s3:ObjectOwnerOverrideToBucketOwner"] if replication.account is not None else []
        statements.append(
            iam.PolicyStatement(
                actions=["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags", *owner],
                resources=[replication.bucket.arn_for_objects("*")],
            )
        )
        if replication.encryption_key is not None:
            statements.append(
                iam.PolicyStatement(
                    actions=["kms:Encrypt", "kms:GenerateDataKey"],
                    resources=[replication.encryption_key.key_arn],
                    # an imported bucket does not tell its Region
                    conditions={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
                )
            )
    return statements


def _rule(replication: Replication, priority: int, *, encrypted: bool) -> s3.CfnBucket.ReplicationRuleProperty:
    minutes = s3.CfnBucket.ReplicationTimeValueProperty(minutes=15)
    timed = replication.time_control
    return s3.CfnBucket.ReplicationRuleProperty(
        id=f"Replication{priority}",
        priority=priority,
        status="Enabled",
        filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=replication.prefix or ""),
        delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(
            status="Enabled" if replication.delete_markers else "Disabled"
        ),
        source_selection_criteria=s3.CfnBucket.SourceSelectionCriteriaProperty(
            sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status="Enabled")
        )
        if encrypted
        else None,
        destination=s3.CfnBucket.ReplicationDestinationProperty(
            bucket=replication.bucket.bucket_arn,
            account=replication.account,
            access_control_translation=s3.CfnBucket.AccessControlTranslationProperty(owner="Destination")
            if replication.account is not None
            else None,
            encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(
                replica_kms_key_id=replication.encryption_key.key_arn
            )
            if replication.encryption_key is not None
            else None,
            storage_class=replication.storage_class.value if replication.storage_class is not None else None,
            replication_time=s3.CfnBucket.ReplicationTimeProperty(status="Enabled", time=minutes) if timed else None,
            metrics=s3.CfnBucket.MetricsProperty(status="Enabled", event_threshold=minutes) if timed else None,
        ),
    )
