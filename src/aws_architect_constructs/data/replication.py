"""Replication of a bucket into others: of another Region, of another account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import ReferenceStrength, Stack
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

        That of another Region may be of another stack of the app, which is deployed before; one of another account is
        imported.

        From a bucket with Object Lock S3 copies to another with Object Lock alone.

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
            time_control: Whether 99.99 % are copied within 15 minutes (Replication Time Control), at 0.015 USD a GB
                (us-east-1, https://aws.amazon.com/s3/pricing/).
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


def check_replication(replications: Sequence[Replication], *, encrypted: bool, object_lock: bool) -> None:
    """Check destinations together.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html

    Raises:
        ValueError: If a key is missing, or a bucket of this app could take no copy.
    """
    for replication in replications:
        there = replication.bucket.node.default_child
        if isinstance(there, s3.CfnBucket) and there.versioning_configuration is None:
            raise ValueError(
                f"replication: the destination keeps no versions, got {replication.bucket.node.path}; allowed: one "
                "with versioned=True"
            )
        if object_lock and isinstance(there, s3.CfnBucket) and not there.object_lock_enabled:
            raise ValueError(
                "replication: from a bucket with Object Lock S3 copies to another with one alone, got "
                f"{replication.bucket.node.path}; allowed: a destination with object_lock="
            )
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
        copies = [_Copies.of(self, replication) for replication in replications]
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
                minimize=True, statements=_statements(self, bucket, key, copies, object_lock=object_lock)
            ),
            roles=[self.role],
        )
        for arn in [bucket.bucket_arn, *(each.bucket_arn for each in copies)]:
            acknowledge_wildcard(
                self.policy,
                f"{arn}/*",
                "Replication is of all objects under the rule's prefix, whatever their keys will be, of one named "
                "bucket.",
            )
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 -- what every s3.Bucket is made of
        resource.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=self.role.role_arn,
            rules=[_rule(each, priority) for priority, each in enumerate(copies, start=1)],
        )


@dataclass(frozen=True, kw_only=True)
class _Copies:
    """A destination, with its ARNs as this stack has them.

    CDK wants fixed names for those of another Region's stack, or a custom resource with a function: they are read from
    that stack's outputs instead.
    """

    replication: Replication
    bucket_arn: str
    key_arn: str | None

    @classmethod
    def of(cls, scope: Construct, replication: Replication) -> Self:
        bucket, key = replication.bucket, replication.encryption_key
        return cls(
            replication=replication,
            bucket_arn=_read_weakly(scope, bucket) or bucket.bucket_arn,
            key_arn=None if key is None else _read_weakly(scope, key) or key.key_arn,
        )


def _read_weakly(scope: Construct, there: s3.IBucket | kms.IKey) -> str | None:
    """The ARN of what another Region's stack of this app makes, else None."""
    resource = there.node.default_child
    if isinstance(resource, s3.CfnBucket | kms.CfnKey) and _in_another_region(scope, there):
        return Stack.consume_reference(resource.attr_arn, ReferenceStrength.WEAK)
    return None


def _in_another_region(scope: Construct, there: s3.IBucket | kms.IKey) -> bool:
    stack, env = Stack.of(scope), there.env
    known = is_concrete(env.region) and is_concrete(stack.region)
    return known and env.account == stack.account and env.region != stack.region


def _statements(
    scope: Construct,
    bucket: s3.Bucket,
    key: kms.IKey | None,
    copies: Sequence[_Copies],
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
    for each in copies:
        owner = ["s3:ObjectOwnerOverrideToBucketOwner"] if each.replication.account is not None else []
        statements.append(
            iam.PolicyStatement(
                actions=["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags", *owner],
                resources=[f"{each.bucket_arn}/*"],
            )
        )
        if each.key_arn is not None:
            statements.append(
                iam.PolicyStatement(
                    actions=["kms:Encrypt", "kms:GenerateDataKey"],
                    resources=[each.key_arn],
                    # an imported bucket does not tell its Region
                    conditions={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
                )
            )
    return statements


def _rule(copies: _Copies, priority: int) -> s3.CfnBucket.ReplicationRuleProperty:
    replication, key_arn = copies.replication, copies.key_arn
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
        if key_arn is not None  # S3 takes neither this nor the copies' key without the other
        else None,
        destination=s3.CfnBucket.ReplicationDestinationProperty(
            bucket=copies.bucket_arn,
            account=replication.account,
            access_control_translation=s3.CfnBucket.AccessControlTranslationProperty(owner="Destination")
            if replication.account is not None
            else None,
            encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(replica_kms_key_id=key_arn)
            if key_arn is not None
            else None,
            storage_class=replication.storage_class.value if replication.storage_class is not None else None,
            replication_time=s3.CfnBucket.ReplicationTimeProperty(status="Enabled", time=minutes) if timed else None,
            metrics=s3.CfnBucket.MetricsProperty(status="Enabled", event_threshold=minutes) if timed else None,
        ),
    )
