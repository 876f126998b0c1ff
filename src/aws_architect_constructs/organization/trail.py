"""The organization's trail, and the archive that it is kept in."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, choice, is_concrete, listed
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID, ORGANIZATION_ID
from aws_architect_constructs.foundation.log_bucket import LogBucket
from aws_architect_constructs.foundation.log_bucket_purpose import LogBucketPurpose
from aws_architect_constructs.foundation.log_sources import LogSource
from aws_architect_constructs.foundation.object_lock import ObjectLock
from aws_architect_constructs.foundation.workload_key import account_statement

if TYPE_CHECKING:  # whoever has a log group has loaded these
    from aws_cdk import aws_logs as logs

_YEAR: Final = 365
_ALIAS: Final = "alias/organization-logs"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]")


class LogArchive(Construct):
    """The log archive: a locked bucket for the organization's trail, another for AWS Config, and the key of both.

    `LogArchive(self, "LogArchive", management_account="111111111111", organization_id="o-abcdefghij")` in a stack of
    the log-archive account, in the trail's Region. What has been written can be deleted by nobody for a year, unless by
    who may bypass the lock; AWS Config delivers to no locked bucket, so it has one of its own.

    Its names are known before it is deployed, because the trail and the accounts' recorders are in other accounts: the
    buckets are named after account and Region, and the key has an alias.

    Fixed cost (us-east-1, docs/checks/prices.md): 1 USD a month for the key. The storage is that of `LogBucket`.

    Well-Architected: security (SEC04, logs; SEC08, data at rest).

    Args:
        scope: The scope, in a stack with a known account and Region.
        id: The id.
        management_account: The account that the organization's trail is in.
        organization_id: The organization whose accounts' logs are taken.
        config_bucket: Whether there is a bucket for AWS Config. Default True.
        retention_days: When logs are deleted. Default None: as `LogBucket`, never before a year.
        object_lock: How long nobody can delete a trail's log. Default None: governance mode for a year, which somebody
            with `s3:BypassGovernanceRetention` can bypass; compliance mode cannot be taken back.
        environment_type: Default None: what the scope declares, else PROD.

    Attributes:
        trail_bucket: The bucket of the trail.
        config_bucket: The bucket of AWS Config, or None.
        encryption_key: The key.
        trail_bucket_name: The name of the trail's bucket, as text.
        config_bucket_name: The name of AWS Config's bucket, as text, or None.
        key_alias_arn: The ARN of the key's alias, as text.

    Raises:
        ValueError: If an account or the organization is malformed, the stack's account or Region is unknown,
            or `LogBucket` refuses the retention or the lock.

    See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        management_account: str,
        organization_id: str,
        config_bucket: bool = True,
        retention_days: int | None = None,
        object_lock: ObjectLock | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        stack = Stack.of(scope)
        path = f"{scope.node.path}/{id}".lstrip("/")
        if not is_concrete(stack.account) or not is_concrete(stack.region):
            raise ValueError(
                f"{path}: the archive's names have to be known in other accounts, got a stack without account or "
                "Region; allowed: Stack(..., env=Environment(account=..., region=...))"
            )
        if is_concrete(management_account) and not ACCOUNT_ID.fullmatch(management_account):
            raise ValueError(f"{path}: management_account: malformed, got {management_account!r}; allowed: 12 digits")
        if is_concrete(organization_id) and not ORGANIZATION_ID.fullmatch(organization_id):
            raise ValueError(f"{path}: organization_id: malformed, got {organization_id!r}; allowed: o-...")
        lock = ObjectLock.governance(_YEAR) if object_lock is None else object_lock
        if retention_days is not None and lock.days > retention_days:
            raise ValueError(
                f"{path}: retention_days: logs would go before their lock opens, got {retention_days}; allowed: "
                f"{lock.days} or more, or a shorter object_lock="
            )
        super().__init__(scope, id)
        self.encryption_key: Final = self._key()
        suffix = f"{stack.account}-{stack.region}"
        self.trail_bucket_name: Final = f"organization-trail-{suffix}"
        self.config_bucket_name: Final = f"organization-config-{suffix}" if config_bucket else None
        self.key_alias_arn: Final = f"arn:{stack.partition}:kms:{stack.region}:{stack.account}:{_ALIAS}"
        trail = LogBucket(
            self,
            "Trail",
            purpose=LogBucketPurpose.AUDIT,
            retention_days=retention_days,
            object_lock=lock,
            encryption_key=self.encryption_key,
            environment_type=environment_type,
        )
        trail.allow(LogSource.CLOUDTRAIL, source_account=management_account, organization_id=organization_id)
        _name(trail.bucket, self.trail_bucket_name)
        self.trail_bucket: Final[s3.IBucket] = trail.bucket
        self.config_bucket: Final = (
            self._config(retention_days, organization_id, environment_type, self.config_bucket_name)
            if self.config_bucket_name is not None
            else None
        )

    def _config(
        self, retention_days: int | None, organization_id: str, environment_type: EnvironmentType | None, name: str
    ) -> s3.IBucket:
        archive = LogBucket(
            self,
            "Config",
            purpose=LogBucketPurpose.AUDIT,
            retention_days=retention_days,
            encryption_key=self.encryption_key,
            environment_type=environment_type,
        )
        archive.allow(LogSource.CONFIG, organization_id=organization_id)
        _name(archive.bucket, name)
        return archive.bucket

    def _key(self) -> kms.Key:
        """The key: the account's own policies decide, and the buckets admit CloudTrail and AWS Config to it."""
        return kms.Key(
            self,
            "Key",
            description="Encrypts the organization's trail and AWS Config's history.",
            alias=_ALIAS,
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
            policy=iam.PolicyDocument(statements=[account_statement()]),
        )


def _name(bucket: s3.Bucket, name: str) -> None:
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 -- what every s3.Bucket is made of
    resource.bucket_name = name


class DataEvents(StrEnum):
    """What a trail records of the use of data: 0.10 USD for 100,000 events (2026-11).

    https://aws.amazon.com/cloudtrail/pricing/
    """

    S3 = "AWS::S3::Object"
    """Every object that is read or written."""
    LAMBDA = "AWS::Lambda::Function"
    """Every invocation."""
    DYNAMODB = "AWS::DynamoDB::Table"
    """Every item that is read or written."""


class OrganizationTrail(Construct):
    """One trail for every account and Region of the organization: encrypted, validated, kept in another account.

    `OrganizationTrail(self, "Trail", bucket_name=archive.trail_bucket_name, key_arn=archive.key_alias_arn)` in a stack
    of the management account, in the archive's Region, after the archive and after CloudTrail's trusted access
    (`OrganizationBaseline.one_time_steps`). No account can change it, and nobody in the management account can delete
    what it wrote.

    Cost: none for the first copy of management events, which this is if no account has a trail of its own; data events
    0.10 USD for 100,000.

    Well-Architected: security (SEC04, service and application logging), operational excellence (OPS04).

    Args:
        scope: The scope, in a stack of the management account.
        id: The id.
        bucket_name: The archive's bucket.
        key_arn: The archive's key, by the ARN of key or alias.
        trail_name: The trail's name, the same in every account. Default `organization`.
        data_events: What is recorded of the use of data. Default: none, for what it costs.
        log_group: A log group of the trail's stack that gets a second copy at once, for metric filters and alarms of
            your own: 0.50 USD a GB (us-east-1), for every account. Default None: no second copy.

    Attributes:
        trail: The trail.

    Raises:
        ValueError: If the trail's name is none, the key is no ARN, or there are no such data events.

    See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket_name: str,
        key_arn: str,
        trail_name: str = "organization",
        data_events: Sequence[DataEvents] = (),
        log_group: "logs.ILogGroup | None" = None,
    ) -> None:
        try:
            if not _NAME.fullmatch(trail_name):
                raise ValueError(f"trail_name: none, got {trail_name!r}; allowed: 3 to 128 letters, digits and '._-'")  # noqa: TRY301 -- one place that adds the path
            if is_concrete(key_arn) and not re.fullmatch(r"arn:[^:]+:kms:[^:]+:[^:]+:(key|alias)/.+", key_arn):
                raise ValueError(f"key_arn: no key, got {key_arn!r}; allowed: the ARN of a key or alias")  # noqa: TRY301 -- the same
            sources = sorted({choice("data_events", DataEvents, one) for one in listed("data_events", data_events)})
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self.trail: Final = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=trail_name,
            s3_bucket_name=bucket_name,
            kms_key_id=key_arn,
            is_logging=True,
            is_organization_trail=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            advanced_event_selectors=[
                _selector("Management events", eventCategory="Management"),
                *(
                    _selector(f"Data events of {source}", eventCategory="Data", **{"resources.type": source.value})
                    for source in sources
                ),
            ],
        )
        self.trail.apply_removal_policy(RemovalPolicy.RETAIN)
        if log_group is not None:
            self._copy_to(log_group, trail_name)
            return
        reason = (
            "An organization's events would be paid for by the gigabyte a second time; the locked archive keeps them, "
            "and alarms on them belong to the audit account (GuardDuty and Security Hub look at the same events)."
        )
        for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"):
            acknowledge(self.trail, f"{pack}::{pack}-CloudTrailCloudWatchLogsEnabled", reason)

    def _copy_to(self, log_group: "logs.ILogGroup", trail_name: str) -> None:
        """Let this trail make streams in the group and write to them.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
        """
        stack = Stack.of(self)
        trail_arn = f"arn:{stack.partition}:cloudtrail:{stack.region}:{stack.account}:trail/{trail_name}"
        role = iam.Role(
            self,
            "LogRole",
            assumed_by=iam.ServicePrincipal(
                "cloudtrail.amazonaws.com", conditions={"ArnEquals": {"aws:SourceArn": trail_arn}}
            ),
            description="The organization's trail writes to its log group.",
        )
        policy = iam.ManagedPolicy(
            self,
            "LogPolicy",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
                    )
                ],
            ),
            roles=[role],
        )
        self.trail.cloud_watch_logs_log_group_arn = log_group.log_group_arn
        self.trail.cloud_watch_logs_role_arn = role.role_arn
        self.trail.node.add_dependency(policy)


def _selector(name: str, **fields: str) -> cloudtrail.CfnTrail.AdvancedEventSelectorProperty:
    return cloudtrail.CfnTrail.AdvancedEventSelectorProperty(
        name=name,
        field_selectors=[
            cloudtrail.CfnTrail.AdvancedFieldSelectorProperty(field=field, equal_to=[value])
            for field, value in fields.items()
        ],
    )
