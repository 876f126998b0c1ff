"""The stack's one customer-managed key, and what each AWS service may do with it.

Every statement is bound to the account's own resources by source account and ARN pattern, or by encryption context, and
never by a reference to a resource: a key that names what it encrypts, which in turn names its key, ends in a loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

from aws_cdk import IResolveContext, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from aws_architect_constructs._validations import warn

from .environment import protect_state

_ID: Final = "WorkloadKey"

_ENVELOPE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""Publishing to an encrypted queue or topic: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""

_STORAGE: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""Keeping data: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""


class KeyService(StrEnum):
    """An AWS service that works with the key on the account's behalf."""

    CLOUDFRONT = "CloudFront"
    """Distributions that read encrypted content buckets by origin access control."""
    CLOUDTRAIL = "CloudTrail"
    """Trails that write to encrypted buckets."""
    CLOUDWATCH = "CloudWatch"
    """Alarms that publish to encrypted topics."""
    CONFIG = "Config"
    """AWS Config, which delivers to encrypted buckets."""
    DELIVERY = "Delivery"
    """Vended log delivery to encrypted buckets: VPC flow logs, load balancer and WAF logs."""
    EVENTS = "Events"
    """EventBridge rules that publish to encrypted topics and queues."""
    LOGS = "Logs"
    """CloudWatch Logs, for encrypted log groups."""
    RDS_EVENTS = "RdsEvents"
    """RDS event subscriptions that publish to encrypted topics."""
    S3 = "S3"
    """Bucket notifications to encrypted topics and queues."""
    SNS = "Sns"
    """Topics that deliver to encrypted queues."""


@dataclass(frozen=True, kw_only=True)
class _Use:
    """How a service uses the key: `{p}`, `{r}`, `{a}` and `{s}` are partition, Region, account and URL suffix."""

    principal: str
    actions: tuple[str, ...]
    source_arn: str | None = None
    source_account: bool = True
    encryption_context: Mapping[str, str] = field(default_factory=dict)


_USES: Final[Mapping[KeyService, _Use]] = {
    KeyService.CLOUDFRONT: _Use(
        principal="cloudfront.amazonaws.com",
        actions=("kms:Decrypt",),
        source_arn="arn:{p}:cloudfront::{a}:distribution/*",
    ),
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    KeyService.CLOUDTRAIL: _Use(
        principal="cloudtrail.amazonaws.com",
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
        source_arn="arn:{p}:cloudtrail:*:{a}:trail/*",
        source_account=False,
    ),
    KeyService.CLOUDWATCH: _Use(
        principal="cloudwatch.amazonaws.com", actions=_ENVELOPE, source_arn="arn:{p}:cloudwatch:{r}:{a}:alarm:*"
    ),
    # https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
    KeyService.CONFIG: _Use(principal="config.amazonaws.com", actions=_ENVELOPE),
    KeyService.DELIVERY: _Use(
        principal="delivery.logs.amazonaws.com", actions=_STORAGE, source_arn="arn:{p}:logs:{r}:{a}:*"
    ),
    KeyService.EVENTS: _Use(
        principal="events.amazonaws.com", actions=_ENVELOPE, source_arn="arn:{p}:events:{r}:{a}:rule/*"
    ),
    KeyService.LOGS: _Use(
        principal="logs.{r}.{s}",
        actions=_STORAGE,
        source_account=False,
        encryption_context={"aws:logs:arn": "arn:{p}:logs:{r}:{a}:log-group:*"},
    ),
    KeyService.RDS_EVENTS: _Use(
        principal="events.rds.amazonaws.com", actions=_ENVELOPE, source_arn="arn:{p}:rds:{r}:{a}:es:*"
    ),
    KeyService.S3: _Use(principal="s3.amazonaws.com", actions=_ENVELOPE, source_arn="arn:{p}:s3:::*"),
    KeyService.SNS: _Use(principal="sns.amazonaws.com", actions=_ENVELOPE, source_arn="arn:{p}:sns:{r}:{a}:*"),
}


def account_statement() -> iam.PolicyStatement:
    """The statement that lets the account's own policies decide: a policy that is given to a key replaces CDK's."""
    return iam.PolicyStatement(
        sid="AccountPolicies",
        actions=["kms:*"],
        resources=["*"],  # in a key policy: this key
        principals=[iam.AccountRootPrincipal()],
    )


def service_statement(
    scope: Construct, service: KeyService, *, source_account: str | None = None, organization_id: str | None = None
) -> iam.PolicyStatement:
    """The statement that lets `service` use a key for resources of the account and Region of `scope`.

    Args:
        scope: Whose account and Region.
        service: The service.
        source_account: The account that it works for, if another.
        organization_id: The organization, if it works for all accounts of one.
    """
    stack = Stack.of(scope)
    account = stack.account if source_account is None else source_account
    names = {"p": stack.partition, "r": stack.region, "a": account, "s": stack.url_suffix}
    use = _USES[service]
    arn_like = {
        f"kms:EncryptionContext:{key}": pattern.format(**names) for key, pattern in use.encryption_context.items()
    }
    conditions: dict[str, Mapping[str, str]] = {}
    if use.source_arn is not None:
        arn_like["aws:SourceArn"] = use.source_arn.format(**names)
    if use.source_account:
        conditions["StringEquals"] = (
            {"aws:SourceAccount": account} if organization_id is None else {"aws:SourceOrgID": organization_id}
        )
    if arn_like:
        conditions["ArnLike"] = arn_like
    return iam.PolicyStatement(
        sid=f"Service{service.value}" if source_account is organization_id is None else None,
        actions=list(use.actions),
        resources=["*"],  # in a key policy: this key
        principals=[iam.ServicePrincipal(use.principal.format(**names))],
        conditions=conditions,
    )


class _SortedPolicyDocument(iam.PolicyDocument):
    """A policy whose statements stand in the order of their ids, in whatever order constructs asked for them."""

    def resolve(self, context: IResolveContext) -> Any:  # noqa: ANN401 -- the type that CDK declares
        document = cast("dict[str, Any]", super().resolve(context))
        document["Statement"].sort(key=lambda statement: statement.get("Sid", ""))
        return document


class WorkloadKey(Construct):
    """The customer-managed key that everything in a stack shares, unless it is given another.

    Made when a construct of the stack first needs it, rotated every year, and retained in every environment: what it
    encrypted outlives the stack. A key policy statement lets the account's own IAM policies decide; one further
    statement for each service that uses the key is bound to the account's resources.

    Fixed cost: 1 USD a month, and 1 USD a month more after each of the first two rotations
    (https://aws.amazon.com/kms/pricing/).

    Well-Architected: security (SEC08, data at rest).

    See https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html.

    Attributes:
        key: The key.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.key: Final = kms.Key(
            self,
            "Resource",
            description=f"Encrypts what the stack {stack.stack_name} keeps.",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
            policy=_SortedPolicyDocument(statements=[account_statement()]),
        )
        self._services: set[KeyService] = set()
        protect_state(self, None)

    @classmethod
    def of(cls, scope: Construct) -> "WorkloadKey":
        """The key of the stack that `scope` is in, made if there is none yet. A nested stack has one of its own.

        Raises:
            ValueError: If the stack has a child of another kind by the key's name.
        """
        stack = Stack.of(scope)
        child = stack.node.try_find_child(_ID)
        if child is None:
            return cls(stack, _ID)
        if not isinstance(child, cls):
            raise ValueError(
                f"{child.node.path}: the id {_ID!r} is kept for the stack's shared key, got a "
                f"{type(child).__name__}; allowed: another id for it, or encryption_key="
            )
        return child

    def allow(self, service: KeyService) -> None:
        """Let a service use the key for resources of this account and Region."""
        if service not in self._services:
            self._services.add(service)
            self.key.add_to_resource_policy(service_statement(self, service))


def encryption_key_for(scope: Construct, encryption_key: kms.IKey | None, service: KeyService) -> kms.IKey:
    """The key that a construct encrypts with, after `service` has been allowed to use it.

    Args:
        scope: The construct.
        encryption_key: The caller's key, or None for the stack's `WorkloadKey`.
        service: The service that encrypts on the construct's behalf.

    Returns:
        The key. An imported key's policy cannot be changed from here, which the warning `KeyPolicyNotUpdated` says.
    """
    if encryption_key is None:
        workload_key = WorkloadKey.of(scope)
        workload_key.allow(service)
        return workload_key.key
    statement = service_statement(scope, service)
    if not encryption_key.add_to_resource_policy(statement).statement_added:
        warn(
            scope,
            "KeyPolicyNotUpdated",
            f"The imported encryption_key's policy cannot be changed from here: see that it has a statement that lets "
            f"{_USES[service].principal.split('.')[0]} use it ({', '.join(_USES[service].actions)}).",
        )
    return encryption_key
