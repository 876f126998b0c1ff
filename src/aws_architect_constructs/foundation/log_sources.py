"""Which AWS services write logs to buckets, and the statements that each needs: its own, and no other.

Every statement is bound by account and ARN pattern, never by a reference to a resource: a bucket that named what logs
to it would make its stack depend on theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from aws_architect_constructs._validations import is_concrete

from .identifiers import ACCOUNT_ID, ORGANIZATION_ID
from .workload_key import KeyService

S3_ACCESS_LOGS_PREFIX: Final = "s3-access-logs/"
"""Where buckets log under; S3 adds account, Region, bucket and date, so one prefix serves them all."""

INVENTORY_PREFIX: Final = "s3-inventory/"
"""Where inventories go; S3 adds the bucket and the inventory's id."""


class LogSource(StrEnum):
    """An AWS service that writes logs to a bucket."""

    S3 = "S3"
    """Server access logs of buckets of the same account and Region."""
    APPLICATION_LOAD_BALANCER = "ApplicationLoadBalancer"
    """Access, connection and health check logs of Application Load Balancers of the same Region."""
    NETWORK_LOAD_BALANCER = "NetworkLoadBalancer"
    """Access logs of Network Load Balancers of the same Region."""
    CLOUDFRONT = "CloudFront"
    """Standard logs (v2) of distributions, which are delivered from us-east-1."""
    CLOUDTRAIL = "CloudTrail"
    """Trails."""
    CONFIG = "Config"
    """Configuration history and snapshots of AWS Config."""
    INVENTORY = "Inventory"
    """Inventories of buckets of the same account and Region: lists of what they hold."""
    FLOW_LOGS = "FlowLogs"
    """Flow logs of VPCs, subnets, network interfaces and transit gateways."""
    WAF = "Waf"
    """Logs of web ACLs."""


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    """How a service writes: `{p}`, `{r}` and `{a}` are partition, Region and account of what is logged.

    Attributes:
        principal: The service principal.
        objects: What it writes, below the prefix; `{owner}` is the account, or the organization where it is for one.
        source_arn: What it writes for, or None where the service sends none.
        source_account: Whether the service says for which account it writes.
        acl: Whether it sends the canned ACL that gives the bucket's owner the object.
        bucket_actions: What it asks of the bucket first.
        key_service: How it uses the bucket's key, or None if it cannot write to a bucket with one.
    """

    principal: str
    objects: tuple[str, ...]
    source_arn: str | None
    source_account: bool = True
    acl: bool = True
    bucket_actions: tuple[str, ...] = ("s3:GetBucketAcl",)
    key_service: KeyService | None


def _vended(source_arn: str, *, objects: str = "AWSLogs/{owner}/*") -> _Delivery:
    """Vended log delivery.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    return _Delivery(
        principal="delivery.logs.amazonaws.com",
        objects=(objects,),
        source_arn=source_arn,
        bucket_actions=("s3:GetBucketAcl", "s3:ListBucket"),
        key_service=KeyService.DELIVERY,
    )


_DELIVERIES: Final[Mapping[LogSource, _Delivery]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    LogSource.S3: _Delivery(
        principal="logging.s3.amazonaws.com",
        objects=("*",),
        source_arn="arn:{p}:s3:::*",
        acl=False,
        bucket_actions=(),
        key_service=None,
    ),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    # The principal holds in every Region; the account ids of the older ones are legacy. AWS's policy has no condition,
    # and one on aws:SourceArn refuses the delivery: the account in the key, which the service writes, binds it.
    LogSource.APPLICATION_LOAD_BALANCER: _Delivery(
        principal="logdelivery.elasticloadbalancing.amazonaws.com",
        objects=("AWSLogs/{owner}/*",),
        source_arn=None,
        source_account=False,
        acl=False,
        bucket_actions=(),
        key_service=None,
    ),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
    LogSource.NETWORK_LOAD_BALANCER: _vended("arn:{p}:logs:{r}:{a}:*"),
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    LogSource.CLOUDFRONT: _vended("arn:{p}:logs:us-east-1:{a}:delivery-source:*"),
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    LogSource.CLOUDTRAIL: _Delivery(
        principal="cloudtrail.amazonaws.com",
        objects=("AWSLogs/{owner}/*",),
        source_arn="arn:{p}:cloudtrail:*:{a}:trail/*",
        source_account=False,
        key_service=KeyService.CLOUDTRAIL,
    ),
    # https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
    LogSource.CONFIG: _Delivery(
        principal="config.amazonaws.com",
        objects=("AWSLogs/{owner}/Config/*",),
        source_arn=None,
        bucket_actions=("s3:GetBucketAcl", "s3:ListBucket"),
        key_service=KeyService.CONFIG,
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html
    LogSource.INVENTORY: _Delivery(
        principal="s3.amazonaws.com",
        objects=(f"{INVENTORY_PREFIX}*",),
        source_arn="arn:{p}:s3:::*",
        bucket_actions=(),
        key_service=None,
    ),
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    # Hive-compatible partitions put a name before the account.
    LogSource.FLOW_LOGS: _Delivery(
        principal="delivery.logs.amazonaws.com",
        objects=("AWSLogs/{owner}/*", "AWSLogs/aws-account-id={owner}/*"),
        source_arn="arn:{p}:logs:{r}:{a}:*",
        key_service=KeyService.DELIVERY,
    ),
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
    LogSource.WAF: _vended("arn:{p}:logs:{r}:{a}:*"),
}

FOR_AN_ORGANIZATION: Final = (LogSource.CLOUDTRAIL, LogSource.CONFIG)
"""Who writes for all accounts of an organization to one bucket."""


def key_service_of(source: LogSource) -> KeyService | None:
    """How the service uses the bucket's key, or None if it cannot."""
    return _DELIVERIES[source].key_service


def check_source(
    source: LogSource, *, prefix: str | None, source_account: str | None, organization_id: str | None
) -> None:
    """Check what a log bucket is to admit.

    Raises:
        ValueError: If it is malformed.
    """
    if prefix is not None and (not prefix or prefix != prefix.strip("/*") or "AWSLogs" in prefix.split("/")):
        raise ValueError(
            f"prefix: malformed or AWS's own, got {prefix!r}; allowed: a key prefix without slashes at its ends, "
            "other than AWSLogs"
        )
    if source_account is not None and is_concrete(source_account) and not ACCOUNT_ID.fullmatch(source_account):
        raise ValueError(f"source_account: no account id, got {source_account!r}; allowed: 12 digits")
    if organization_id is None:
        return
    if source not in FOR_AN_ORGANIZATION:
        raise ValueError(
            f"organization_id: {source} writes for one account at a time, got {organization_id!r}; allowed: None, or "
            f"one of {', '.join(FOR_AN_ORGANIZATION)}"
        )
    if is_concrete(organization_id) and not ORGANIZATION_ID.fullmatch(organization_id):
        raise ValueError(f"organization_id: no organization id, got {organization_id!r}; allowed: o-... ")


def delivery_statements(
    scope: IConstruct,
    bucket: s3.IBucket,
    source: LogSource,
    *,
    prefix: str | None = None,
    source_account: str | None = None,
    organization_id: str | None = None,
) -> list[iam.PolicyStatement]:
    """The statements that let a service write the logs of the account and Region of `scope` to a bucket.

    Args:
        scope: Whose account and Region are logged.
        bucket: The bucket.
        source: The service.
        prefix: Where in the bucket, without slashes at its ends. Default None: at its root; S3 under its own prefix.
        source_account: The account that is logged, if another than the scope's.
        organization_id: The organization whose accounts are all logged.
    """
    stack = Stack.of(scope)
    delivery = _DELIVERIES[source]
    account = source_account or stack.account
    names = {"p": stack.partition, "r": stack.region, "a": account}
    equals: dict[str, str] = {}
    if delivery.source_account and organization_id is None:
        equals["aws:SourceAccount"] = account
    if delivery.source_account and organization_id is not None:
        equals["aws:SourceOrgID"] = organization_id
    conditions: dict[str, Mapping[str, str]] = {"StringEquals": equals} if equals else {}
    if delivery.source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": delivery.source_arn.format(**names)}
    where = f"{prefix}/" if prefix else S3_ACCESS_LOGS_PREFIX if source is LogSource.S3 else ""
    suffix = _suffix(prefix, source_account, organization_id)
    writes = dict(conditions)
    if delivery.acl:
        writes["StringEquals"] = {**equals, "s3:x-amz-acl": "bucket-owner-full-control"}
    statements = [
        iam.PolicyStatement(
            sid=f"{source.value}Write{suffix}",
            actions=["s3:PutObject"],
            resources=[
                bucket.arn_for_objects(where + objects.format(owner=owner))
                for objects in delivery.objects
                for owner in _owners(source, account, organization_id)
            ],
            principals=[iam.ServicePrincipal(delivery.principal)],
            conditions=writes,
        )
    ]
    if delivery.bucket_actions:
        statements.append(
            iam.PolicyStatement(
                sid=f"{source.value}Check{suffix}",
                actions=list(delivery.bucket_actions),
                resources=[bucket.bucket_arn],
                principals=[iam.ServicePrincipal(delivery.principal)],
                conditions=conditions,
            )
        )
    return statements


def _owners(source: LogSource, account: str, organization_id: str | None) -> list[str]:
    """Whose directory under AWSLogs: a trail writes an organization's below its id, and its own account's beside."""
    if organization_id is None:
        return [account]
    return [account, organization_id] if source is LogSource.CLOUDTRAIL else ["*"]


def _suffix(*parts: str | None) -> str:
    """What tells statements of one source apart; nothing for the usual one."""
    if not any(parts):
        return ""
    return sha256("|".join(part if part and is_concrete(part) else "" for part in parts).encode()).hexdigest()[:8]
