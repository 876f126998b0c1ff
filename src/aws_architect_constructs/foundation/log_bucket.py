"""Buckets that logs are delivered to: of three kinds, because AWS allows no single one.

Server access logs and Application Load Balancers refuse a bucket with a customer-managed key, audit logs deserve one,
and AWS WAF writes to no bucket whose name does not begin with `aws-waf-logs-`.
"""

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, choice, is_concrete, warn

from .environment import EnvironmentType, protect_state
from .findings import acknowledge_later
from .lifecycle_profiles import log_rules
from .lifecycle_rendering import cdk_rules
from .log_bucket_purpose import (
    LogBucketPurpose,
    check_access_purpose,
    check_lock,
    check_purpose,
    findings_that_stay,
    findings_without_own_logs,
    retention_days_for,
)
from .log_sources import (
    S3_ACCESS_LOGS_PREFIX,
    LogSource,
    check_source,
    delivery_statements,
    key_service_of,
)
from .object_lock import ObjectLock
from .workload_key import WorkloadKey, encryption_key_for, service_statement

if TYPE_CHECKING:  # whoever has a load balancer has loaded these
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2

_ID: Final = "AccessLogBucket"


class LogBucket(Construct):
    """A private bucket that AWS services deliver logs to: those that were admitted, for this account, and no others.

    `LogBucket.of(self)` is the stack's shared bucket for access logs, made when a construct first needs it, and
    `LogBucket(self, "Audit", purpose=LogBucketPurpose.AUDIT)` one of one's own. `allow` admits a service. Every
    statement is bound by account and ARN pattern, and names no resource, so the bucket's stack depends on none of those
    that log to it.

    A construct that has access logs takes `access_log_bucket: s3.IBucket | None`, checks it with
    `check_access_log_bucket` before it touches the tree, and then calls one of these, which make or find the bucket and
    admit the service:

    - an Application Load Balancer: `log_load_balancer(load_balancer, access_log_bucket)`; a Network Load Balancer with
      `source=LogSource.NETWORK_LOAD_BALANCER`
    - a bucket: `log_bucket_access(bucket, access_log_bucket)`
    - anything else, such as the delivery of a distribution's logs:
      `access_log_bucket_for(self, access_log_bucket, LogSource.CLOUDFRONT)`, and `depend_on_policy(delivery, bucket)`

    Logs older than 30 days move to Standard-IA and at 90 days to Glacier Instant Retrieval, where they cost a sixth;
    objects below 128 KB stay where they are, because moving them costs more than it saves.

    Cost: none fixed, but for the key of AUDIT and WAF: 1 USD a month, which the stack shares. Storage is 0.023 USD a GB
    and month, 0.0125 after 30 days and 0.004 after 90 (us-east-1, https://aws.amazon.com/s3/pricing/, by quotations
    of 2025-10 to 2026-10).

    Well-Architected: security (SEC04, service logs; SEC08, data at rest), cost optimization (COST08, storage tiers).

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html, and for each service
    the page beside its entry in `log_sources`.

    Args:
        scope: The scope.
        id: The id.
        purpose: What it is for. Default ACCESS.
        retention_days: When logs are deleted. Default None: with the environment's log retention (14 days in DEV, 30 in
            STAGING, else 365), but never before a year if it is for AUDIT.
        object_lock: For AUDIT, how long nobody can delete a log. Default None: no lock. Whether there is one can never
            change in place.
        encryption_key: The key of an AUDIT or WAF bucket. Default None: the stack's `WorkloadKey`.
        removal_policy: What becomes of the bucket when it leaves its stack. Default None: retained, in every
            environment: CloudFormation deletes no bucket that holds objects.
        access_log_bucket: Where an AUDIT or WAF bucket's own server access logs go. Default None: to the stack's
            `LogBucket.of`. An ACCESS bucket has none: logging on it to itself would never end.
        environment_type: Default None: what the scope declares, else PROD.

    Limits: `CLOUDFRONT` is delivered from us-east-1, so of the commercial partition; the deliveries of Application Load
    Balancers name no source, so the account in the key is all that binds them; whether the key of an AUDIT bucket may
    be used by a trail of another account is decided here, and by the trail's own `kms_key_id` there; the name of a WAF
    bucket is in the account's own namespace, so its Region has to have those (37 did in March 2026).

    Attributes:
        bucket: The bucket.
        purpose: What it is for.

    Raises:
        ValueError: If an argument does not fit the purpose, or logs would go before their lock opens.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        purpose: LogBucketPurpose = LogBucketPurpose.ACCESS,
        retention_days: int | None = None,
        object_lock: ObjectLock | None = None,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        try:
            purpose = choice("purpose", LogBucketPurpose, purpose)
            days = retention_days_for(retention_days, purpose, environment_type or EnvironmentType.of(scope))
            if purpose is LogBucketPurpose.ACCESS:
                check_access_purpose(encryption_key, access_log_bucket)
            if access_log_bucket is not None:
                check_access_log_bucket(access_log_bucket, scope, of_bucket=True)
            if object_lock is not None:
                check_lock(object_lock, purpose, days)
            check_bucket_removal_policy(removal_policy)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self.purpose: Final = purpose
        self._admitted: set[tuple[LogSource, str | None, str | None, str | None]] = set()
        self._object_lock: Final = object_lock
        self._encryption_key: Final = encryption_key
        removal_policy = RemovalPolicy.RETAIN if removal_policy is None else removal_policy
        key = None if purpose is LogBucketPurpose.ACCESS else encryption_key or WorkloadKey.of(self).key
        self.bucket: Final = s3.Bucket(
            self,
            "Bucket",
            bucket_name_prefix=_waf_prefix(self) if purpose is LogBucketPurpose.WAF else None,
            bucket_namespace=s3.BucketNamespace.ACCOUNT_REGIONAL if purpose is LogBucketPurpose.WAF else None,
            encryption=s3.BucketEncryption.S3_MANAGED if key is None else s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=None if key is None else True,
            blocked_encryption_types=[s3.BlockedEncryptionType.SSE_C],
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            object_lock_enabled=None if object_lock is None else True,
            object_lock_default_retention=None if object_lock is None else object_lock.retention,
            transition_default_minimum_object_size=s3.TransitionDefaultMinimumObjectSize.ALL_STORAGE_CLASSES_128_K,
            lifecycle_rules=cdk_rules(log_rules(days)),
            removal_policy=removal_policy,
        )
        policy_of(self.bucket).apply_removal_policy(removal_policy)  # a bucket that stays keeps its guard
        if purpose is not LogBucketPurpose.ACCESS:
            log_bucket_access(self.bucket, access_log_bucket)
        for rule, reason in findings_that_stay(purpose, locked=object_lock is not None):
            acknowledge(self.bucket, rule, reason)
        self._logs_of_buckets_here: Final[list[s3.IBucket]] = []
        if purpose is LogBucketPurpose.ACCESS:
            # cdk-nag finds nothing wrong with a bucket that another one of its stack logs to.
            acknowledge_later(self.bucket, lambda: () if self._logs_of_buckets_here else findings_without_own_logs())
        protect_state(self, environment_type)

    @classmethod
    def of(cls, scope: Construct) -> "LogBucket":
        """The bucket for access logs of the stack that `scope` is in, made if there is none yet.

        A nested stack has one of its own.

        Raises:
            ValueError: If the stack has a child of another kind by the bucket's name.
        """
        stack = Stack.of(scope)
        child = stack.node.try_find_child(_ID)
        if child is None:
            return cls(stack, _ID)
        if not isinstance(child, cls) or child.purpose is not LogBucketPurpose.ACCESS:
            raise ValueError(
                f"{child.node.path}: the id {_ID!r} is kept for the stack's shared bucket of access logs, got a "
                f"{type(child).__name__}; allowed: another id for it, or access_log_bucket="
            )
        return child

    def allow(
        self,
        source: LogSource,
        *,
        prefix: str | None = None,
        source_account: str | None = None,
        organization_id: str | None = None,
    ) -> None:
        """Let a service deliver the logs of this account, and use the bucket's key if there is one.

        Args:
            source: The service.
            prefix: Where it writes, without slashes at its ends. Default None: at the bucket's root.
            source_account: The account whose logs it delivers. Default None: the bucket's own. With `organization_id`,
                the management account of a trail.
            organization_id: With CLOUDTRAIL and CONFIG, the organization whose accounts' logs it delivers.

        Raises:
            ValueError: If the bucket's purpose or Object Lock rules the service out, or an argument is malformed.
        """
        try:
            source = choice("source", LogSource, source)
            check_purpose(self.purpose, source, self._object_lock)
            check_source(source, prefix=prefix, source_account=source_account, organization_id=organization_id)
        except ValueError as error:
            raise ValueError(f"{self.node.path}: {error}") from None
        admitted = (source, prefix, source_account, organization_id)
        if admitted in self._admitted:
            return
        self._admitted.add(admitted)
        for statement in delivery_statements(
            self,
            self.bucket,
            source,
            prefix=prefix,
            source_account=source_account,
            organization_id=organization_id,
        ):
            self.bucket.add_to_resource_policy(statement)
        service, key = key_service_of(source), self.bucket.encryption_key
        if service is None or key is None:
            return
        encryption_key_for(self, self._encryption_key, service)
        if source_account is not None or organization_id is not None:
            key.add_to_resource_policy(
                service_statement(self, service, source_account=source_account, organization_id=organization_id)
            )


def access_log_bucket_for(
    scope: Construct, access_log_bucket: s3.IBucket | None, source: LogSource, *, prefix: str | None = None
) -> s3.IBucket:
    """The bucket that a construct's access logs go to, after `source` has been allowed to write there.

    Args:
        scope: The construct.
        access_log_bucket: The caller's bucket (check it before with `check_access_log_bucket`), or None for the stack's
            `LogBucket.of`.
        source: The service that writes on the construct's behalf.
        prefix: Where it writes, without slashes at its ends. Default None: at the bucket's root.

    Returns:
        The bucket. What logs to it has to wait for its policy: `depend_on_policy`. An imported bucket's policy cannot
        be changed from here, which the warning `BucketPolicyNotUpdated` says.

    Raises:
        ValueError: If the bucket is a `LogBucket` for other logs.
    """
    if access_log_bucket is None:
        log_bucket = LogBucket.of(scope)
        log_bucket.allow(source, prefix=prefix)
        return log_bucket.bucket
    owner = access_log_bucket.node.scope
    if isinstance(owner, LogBucket):
        account = Stack.of(scope).account
        own = _same_account(account, Stack.of(owner).account)
        owner.allow(source, prefix=prefix, source_account=None if own else account)
        return access_log_bucket
    check_source(source, prefix=prefix, source_account=None, organization_id=None)
    statements = delivery_statements(scope, access_log_bucket, source, prefix=prefix)
    if not all(access_log_bucket.add_to_resource_policy(statement).statement_added for statement in statements):
        warn(
            scope,
            "BucketPolicyNotUpdated",
            f"The imported bucket's policy cannot be changed from here: see that it lets {source.value} deliver logs.",
        )
    return access_log_bucket


def check_access_log_bucket(
    access_log_bucket: s3.IBucket, scope: Construct | None = None, *, of_bucket: bool = False
) -> None:
    """Check a bucket that somebody names for access logs.

    Args:
        access_log_bucket: The bucket.
        scope: Where what is logged is. Default None: not known.
        of_bucket: Whether a bucket logs to it, which S3 delivers within an account alone.

    Raises:
        ValueError: If it has a customer-managed key or Object Lock, or is in another Region than `scope` (or account,
            for a bucket): neither S3 nor load balancers deliver there.
    """
    if access_log_bucket.encryption_key is not None:
        raise ValueError(
            "access_log_bucket: S3 and load balancers deliver to no bucket with a customer-managed key, got one; "
            "allowed: a bucket with SSE-S3, such as a LogBucket's"
        )
    resource = access_log_bucket.node.default_child
    if isinstance(resource, s3.CfnBucket) and resource.object_lock_enabled:
        raise ValueError(
            "access_log_bucket: access logs are delivered to no bucket with Object Lock, got one; allowed: a bucket "
            "without, such as a LogBucket's"
        )
    if scope is None:
        return
    account, owner = Stack.of(scope).account, access_log_bucket.env.account
    if of_bucket and not _same_account(account, owner):
        raise ValueError(
            f"access_log_bucket: S3 delivers access logs within their own account, got {owner}; allowed: a bucket of "
            f"{account}"
        )
    here, there = Stack.of(scope).region, access_log_bucket.env.region
    if is_concrete(here) and is_concrete(there) and here != there:
        raise ValueError(
            f"access_log_bucket: S3 and load balancers deliver within their own Region, got {there}; allowed: a bucket "
            f"in {here}"
        )


def depend_on_policy(resource: CfnResource, bucket: s3.IBucket) -> None:
    """Let a resource that logs to a bucket wait for the bucket's policy, without which its creation fails."""
    policy = bucket.policy
    if policy is not None and isinstance(policy.node.default_child, CfnResource):
        resource.add_resource_dependency(policy.node.default_child)


def log_bucket_access(bucket: s3.Bucket, access_log_bucket: s3.IBucket | None) -> s3.IBucket:
    """Log the requests that a bucket gets, by date under `s3-access-logs/`.

    CDK's `server_access_logs_bucket` would name the source in the log bucket's policy, so that the log bucket's stack
    depends on it, or, without a feature flag, switch ACLs on.

    Returns:
        The bucket that the logs go to.
    """
    target = access_log_bucket_for(bucket, access_log_bucket, LogSource.S3)
    owner = target.node.scope
    if isinstance(owner, LogBucket) and Stack.of(owner).node.path == Stack.of(bucket).node.path:
        owner._logs_of_buckets_here.append(bucket)  # noqa: SLF001 - this module is the class's own
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 -- what every s3.Bucket is made of
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=target.bucket_name,
        log_file_prefix=S3_ACCESS_LOGS_PREFIX,
        target_object_key_format=s3.CfnBucket.TargetObjectKeyFormatProperty(
            partitioned_prefix=s3.CfnBucket.PartitionedPrefixProperty(partition_date_source="EventTime")
        ),
    )
    depend_on_policy(resource, target)
    return target


def log_load_balancer(
    load_balancer: "elbv2.ApplicationLoadBalancer | elbv2.NetworkLoadBalancer",
    access_log_bucket: s3.IBucket | None,
    *,
    source: LogSource = LogSource.APPLICATION_LOAD_BALANCER,
    prefix: str | None = None,
) -> s3.IBucket:
    """Log the requests that a load balancer gets: in the load balancer's constructor, `log_load_balancer(alb, None)`.

    CDK's `log_access_logs` needs a Region, and admits a principal that a Region-bound account id stands for.

    Args:
        load_balancer: The load balancer.
        access_log_bucket: The caller's bucket, or None for the stack's `LogBucket.of`.
        source: NETWORK_LOAD_BALANCER for one of that kind.
        prefix: Where it writes, without slashes at its ends. Default None: under AWSLogs, account, Region and date.

    Returns:
        The bucket that the logs go to.
    """
    target = access_log_bucket_for(load_balancer, access_log_bucket, source, prefix=prefix)
    load_balancer.set_attribute("access_logs.s3.enabled", "true")
    load_balancer.set_attribute("access_logs.s3.bucket", target.bucket_name)
    load_balancer.set_attribute("access_logs.s3.prefix", prefix or "")
    resource = load_balancer.node.default_child
    assert isinstance(resource, CfnResource)  # noqa: S101 -- what every load balancer is made of
    depend_on_policy(resource, target)
    return target


def policy_of(bucket: s3.Bucket) -> s3.BucketPolicy:
    """The policy of a bucket that denies plain HTTP."""
    policy = bucket.policy
    assert policy is not None  # noqa: S101 -- what denies plain HTTP has made it
    return policy


def check_bucket_removal_policy(removal_policy: RemovalPolicy | None) -> None:
    """Check what is to become of a bucket.

    Raises:
        ValueError: If it is a snapshot, which no bucket has.
    """
    if removal_policy is RemovalPolicy.SNAPSHOT:
        raise ValueError("removal_policy: no bucket has snapshots, got SNAPSHOT; allowed: RETAIN or DESTROY")


def _same_account(one: str, other: str) -> bool:
    """Whether two accounts are one, as far as anybody knows before they are deployed to."""
    return one == other or not (is_concrete(one) and is_concrete(other))


def _waf_prefix(scope: Construct) -> str:
    """A name that AWS WAF accepts, unique in the account's namespace by path."""
    return f"aws-waf-logs-{sha256(scope.node.path.encode()).hexdigest()[:8]}"
