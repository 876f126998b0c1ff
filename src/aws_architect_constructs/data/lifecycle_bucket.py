"""A bucket that is private, provable and cheap as it ages."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, choice, is_concrete, warn
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.lifecycle import (
    LifecycleRule,
    early_deletions,
    small_objects,
)
from aws_architect_constructs.foundation.lifecycle_profiles import LifecycleProfile
from aws_architect_constructs.foundation.lifecycle_rendering import cdk_rules, write_sizes_as_texts
from aws_architect_constructs.foundation.log_bucket import (
    access_log_bucket_for,
    check_access_log_bucket,
    check_bucket_removal_policy,
    log_bucket_access,
    policy_of,
)
from aws_architect_constructs.foundation.log_sources import LogSource
from aws_architect_constructs.foundation.object_lock import ObjectLock
from aws_architect_constructs.foundation.workload_key import WorkloadKey

from .bucket_access_point import BucketAccessPoint
from .bucket_grants import DELETE_OBJECTS, LOCK_OBJECTS, PUT_OBJECTS, READ_BUCKET, READ_OBJECTS, grant
from .bucket_guards import (
    ServerSideEncryption,
    check_presigned_url_max_age,
    encryption_statements,
    presigned_statement,
)
from .bucket_options import (
    IntelligentTieringArchive,
    InventoryFrequency,
    archive_configurations,
    check_name_prefix,
    inventory_configuration,
    lifecycle_rules,
    refusal,
    replications_of,
)
from .data_perimeter import DataPerimeter, check_administrators, perimeter_statements
from .replication import BucketReplication, Replication

if TYPE_CHECKING:  # whoever names a VPC has loaded it
    from aws_cdk import aws_ec2 as ec2

_ROLE: Final = re.compile(r"arn:[^:]+:iam::[0-9]{12}:role/[^*?]+")


class LifecycleBucket(Construct):
    """A private, encrypted, versioned bucket, whose objects move to cheaper classes as they age.

    `LifecycleBucket(self, "Documents")` is all it takes. It is Intelligent-Tiering by default, and never deletes a
    current object unless a profile or rule that does so is asked for by name.

    What it refuses, whatever else allows it: plain HTTP and TLS below 1.2, ACLs, keys that customers send (SSE-C),
    another encryption or key than its own, and public access. A public bucket cannot be expressed: put a
    SecureDistribution before a private one.

    Every version is kept until a rule ends it, so a deletion or an overwrite can be undone: a delete marker is all that
    `grant_delete` gives. Incomplete uploads go after 7 days, and delete markers once nothing is below them. Objects
    under 128 KB are not moved, because that costs more than it saves.

    Fixed cost (us-east-1, docs/checks/prices.md): 1 USD a month for the stack's key, which everything in it shares.
    Storage by the profile, each of which says what a TB costs as it ages (https://aws.amazon.com/s3/pricing/, by
    quotations of 2025-10 to 2026-10); moving 1,000 objects costs 0.01 to 0.05 USD.

    Well-Architected: security (SEC08, data at rest; SEC09, data in transit; SEC03, data perimeter), reliability (REL09,
    back up data), cost optimization (COST08, storage classes).

    Limits: an upload that names the bucket's key has to name it by its ARN. A grant to a role of another account, made
    in this app, makes this stack depend on the role's.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html.

    Args:
        scope: The scope.
        id: The id.
        lifecycle: A profile, or rules of one's own. Default UNKNOWN_ACCESS: Intelligent-Tiering, and noncurrent
            versions for 90 days.
        intelligent_tiering_archive: When Intelligent-Tiering archives what nobody reads. Default None: never, because
            what is archived answers a GET with an error.
        encryption: Whose key encrypts. Default KMS: a customer-managed key, with a bucket key.
        object_lock: How long nobody can delete a version. Default None: no lock. Whether there is one is decided when
            the bucket is made.
        replication: Where new objects are copied to. Default none.
        data_perimeter: Who may reach the bucket at all. Default None: whoever is allowed to.
        presigned_url_max_age: How old a presigned URL may be, up to 7 days. Default None: as its signer chose.
        event_bridge: Whether EventBridge hears of every object. Default False.
        inventory: How often S3 lists the objects, as Parquet beside the access logs. Default None: never.
        request_metrics: Whether CloudWatch has metrics of requests, about 5 USD a month. Default False.
        account_regional_name_prefix: What the bucket's name begins with, in the namespace that is the account's own
            (`<prefix>-<account>-<Region>-an`): nobody else can take the name, not even once it is free. Up to 32
            characters. Default None: a name that CloudFormation makes up. Changing it replaces the bucket.
        encryption_key: The key. Default None: the stack's `WorkloadKey`.
        removal_policy: What becomes of the bucket when it leaves its stack. Default None: retained, in every
            environment. CloudFormation deletes no bucket that holds objects.
        access_log_bucket: Where server access logs go, a bucket without a customer-managed key in the same account
            and Region.
            Default None: the stack's `LogBucket.of`.
        environment_type: Default None: what the scope declares, else PROD.

    Attributes:
        bucket: The bucket.
        encryption_key: Its key, or None with keys of S3's own.
        replication: The replication's role and policy, or None.

    Raises:
        ValueError: If an argument is malformed or S3 would refuse it: a rule, for one, names the constraint that it
            breaks.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        lifecycle: LifecycleProfile | Sequence[LifecycleRule] = LifecycleProfile.UNKNOWN_ACCESS,
        intelligent_tiering_archive: IntelligentTieringArchive | None = None,
        encryption: ServerSideEncryption = ServerSideEncryption.KMS,
        object_lock: ObjectLock | None = None,
        replication: Sequence[Replication] = (),
        data_perimeter: DataPerimeter | None = None,
        presigned_url_max_age: Duration | None = None,
        event_bridge: bool = False,
        inventory: InventoryFrequency | None = None,
        request_metrics: bool = False,
        account_regional_name_prefix: str | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        try:
            rules = lifecycle_rules(lifecycle)
            encryption = choice("encryption", ServerSideEncryption, encryption)
            encrypted = encryption is ServerSideEncryption.KMS
            if encryption_key is not None and not encrypted:
                raise refusal("encryption_key: S3 encrypts with keys of its own", "a key", "None, or encryption=KMS")
            replications = replications_of(replication, encrypted=encrypted, object_lock=object_lock is not None)
            if data_perimeter is not None:
                check_administrators(scope, data_perimeter)
            check_presigned_url_max_age(presigned_url_max_age)
            inventory = None if inventory is None else choice("inventory", InventoryFrequency, inventory)
            check_name_prefix(account_regional_name_prefix)
            check_bucket_removal_policy(removal_policy)
            if access_log_bucket is not None:
                check_access_log_bucket(access_log_bucket, scope, of_bucket=True)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self.encryption_key: Final[kms.IKey | None] = (
            (encryption_key if encryption_key is not None else WorkloadKey.of(self).key) if encrypted else None
        )
        self._object_lock: Final = object_lock
        removal_policy = RemovalPolicy.RETAIN if removal_policy is None else removal_policy
        written = cdk_rules(rules)
        namespaced = account_regional_name_prefix is not None
        self.bucket: Final = s3.Bucket(
            self,
            "Bucket",
            bucket_name_prefix=account_regional_name_prefix,
            bucket_namespace=s3.BucketNamespace.ACCOUNT_REGIONAL if namespaced else None,
            encryption=s3.BucketEncryption.KMS if encrypted else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.encryption_key,
            bucket_key_enabled=True if encrypted else None,
            blocked_encryption_types=[s3.BlockedEncryptionType.SSE_C],
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_lock_enabled=None if object_lock is None else True,
            object_lock_default_retention=None if object_lock is None else object_lock.retention,
            lifecycle_rules=written,
            transition_default_minimum_object_size=s3.TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
            intelligent_tiering_configurations=archive_configurations(intelligent_tiering_archive),
            metrics=[s3.BucketMetrics(id="EntireBucket")] if request_metrics else None,
            removal_policy=removal_policy,
        )
        self.replication: Final = (
            BucketReplication(
                self,
                "Replication",
                bucket=self.bucket,
                key=self.encryption_key,
                replications=replications,
                object_lock=object_lock is not None,
            )
            if replications
            else None
        )
        self._guard(data_perimeter, presigned_url_max_age)
        policy_of(self.bucket).apply_removal_policy(removal_policy)  # a bucket that stays keeps its guard
        logs = log_bucket_access(self.bucket, access_log_bucket)
        resource = self.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 -- what every s3.Bucket is made of
        write_sizes_as_texts(resource, written)
        if inventory is not None:
            access_log_bucket_for(self, logs, LogSource.INVENTORY)
            resource.inventory_configurations = [inventory_configuration(logs, inventory)]
        if event_bridge:  # CDK's own option is a custom resource with a function
            resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
            )
        self._warn_of_losses(rules, profile=isinstance(lifecycle, str))
        self._acknowledge_findings()
        protect_state(self, environment_type)

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return self.bucket.bucket_arn

    @property
    def bucket_name(self) -> str:
        """The bucket's name."""
        return self.bucket.bucket_name

    def arn_for_objects(self, key_pattern: str) -> str:
        """The ARN of objects by a pattern of their keys."""
        return self.bucket.arn_for_objects(key_pattern)

    def grant_read(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity list the bucket and read objects, their versions by id, and their tags."""
        return self._grant(identity, objects_key_pattern, READ_OBJECTS, READ_BUCKET)

    def grant_put(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity write objects and their tags; with Object Lock, lock them longer."""
        return self._grant(identity, objects_key_pattern, self._put_objects)

    def grant_delete(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity delete objects, though no version for good."""
        return grant(
            self.bucket, None, identity, pattern=objects_key_pattern, object_actions=DELETE_OBJECTS, bucket_actions=()
        )

    def grant_write(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity write and delete objects."""
        return self._grant(identity, objects_key_pattern, (*self._put_objects, *DELETE_OBJECTS))

    def grant_read_write(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity list the bucket, and read, write and delete objects."""
        actions = (*READ_OBJECTS, *self._put_objects, *DELETE_OBJECTS)
        return self._grant(identity, objects_key_pattern, actions, READ_BUCKET)

    def add_access_point(self, id: str, *, vpc: "ec2.IVpc | None" = None) -> BucketAccessPoint:
        """Add an access point, by which an identity is granted what it does not have at the bucket itself.

        Args:
            id: The id.
            vpc: The VPC that all requests must come from. Default None: any network.
        """
        return BucketAccessPoint(self, id, bucket=self.bucket, key=self.encryption_key, vpc=vpc)

    def allow_replication_from(self, role_arn: str) -> None:
        """Let a role of another account replicate into this bucket: that account's `LifecycleBucket.replication.role`.

        The key has to admit the role too, which that of another account's stack does by its ARN alone.

        Args:
            role_arn: The role's ARN. Behind a data perimeter it has to be exempt as well.

        Raises:
            ValueError: If it is no role's ARN.
        """
        if is_concrete(role_arn) and not _ROLE.fullmatch(role_arn):
            raise ValueError(f"{self.node.path}: role_arn: no role, got {role_arn!r}; allowed: the ARN of a role")
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=[
                    "s3:ObjectOwnerOverrideToBucketOwner",
                    "s3:ReplicateDelete",
                    "s3:ReplicateObject",
                    "s3:ReplicateTags",
                ],
                resources=[self.bucket.arn_for_objects("*")],
                principals=[iam.ArnPrincipal(role_arn)],
            )
        )
        if self.encryption_key is not None:
            stack = Stack.of(self)
            self.encryption_key.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["kms:Encrypt", "kms:GenerateDataKey"],
                    resources=["*"],  # in a key policy: this key
                    principals=[iam.ArnPrincipal(role_arn)],
                    conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
                )
            )

    @property
    def _put_objects(self) -> tuple[str, ...]:
        return PUT_OBJECTS if self._object_lock is None else (*PUT_OBJECTS, *LOCK_OBJECTS)

    def _grant(
        self,
        identity: iam.IGrantable,
        pattern: str,
        object_actions: tuple[str, ...],
        bucket_actions: tuple[str, ...] = (),
    ) -> iam.Grant:
        return grant(
            self.bucket,
            self.encryption_key,
            identity,
            pattern=pattern,
            object_actions=object_actions,
            bucket_actions=bucket_actions,
        )

    def _guard(self, data_perimeter: DataPerimeter | None, presigned_url_max_age: Duration | None) -> None:
        statements = encryption_statements(self.bucket, self.encryption_key)
        if presigned_url_max_age is not None:
            statements.append(presigned_statement(self.bucket, presigned_url_max_age))
        if data_perimeter is not None:
            own = [] if self.replication is None else [self.replication.role.role_arn]
            statements += perimeter_statements(self, self.bucket, data_perimeter, own_role_arns=own)
        policy_of(self.bucket).document.add_statements(*statements)

    def _warn_of_losses(self, rules: Sequence[LifecycleRule], *, profile: bool) -> None:
        early = [str(loss) for loss in early_deletions(rules)]
        if early:
            warn(self, "EarlyDeletion", f"Lifecycle rules cost more than they need to: {'; '.join(early)}.")
        small = [str(loss) for loss in small_objects(rules)]
        if small:
            warn(self, "SmallObjectTransition", f"Lifecycle rules cost more than they save: {'; '.join(small)}.")
        if not profile and all(rule.noncurrent_expiration_days is None for rule in rules):
            warn(
                self,
                "NoncurrentVersionsKept",
                "No lifecycle rule ends noncurrent versions: what is overwritten or deleted is billed for ever. Give "
                "one noncurrent_expiration_days.",
            )

    def _acknowledge_findings(self) -> None:
        if self.replication is None:
            for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"):
                acknowledge(
                    self.bucket,
                    f"{pack}::{pack}-S3BucketReplicationEnabled",
                    "S3 keeps every object in three AZs, with versions; a second Region is the owner's decision, by "
                    "replication=.",
                )
        if self._object_lock is None:
            acknowledge(
                self.bucket,
                "NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled",
                "A lock can never be taken back and keeps what has to be deleted: it is the owner's decision, by "
                "object_lock=. Versions guard against mistakes.",
            )
        if self.encryption_key is None:
            for pack in ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"):
                acknowledge(
                    self.bucket,
                    f"{pack}::{pack}-S3DefaultEncryptionKMS",
                    "Encrypted with keys of S3's own, by the owner's choice; uploads with any other are denied.",
                )
