"""The parts that every database of the library has, made alike: key, log groups, security group, monitoring, events."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import ArnFormat, CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, warn
from aws_architect_constructs.foundation.workload_key import KeyService, account_statement, encryption_key_for

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns

MONITORING_SECONDS: Final = 60
CERTIFICATE_AUTHORITY: Final = "rds-ca-rsa2048-g1"
"""Valid until 2061, and known to every client; certificates of the server are renewed without a restart.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
"""


def own_key(scope: Construct, id: str, description: str) -> kms.Key:
    """A key for one database: rotated, and retained in every environment, as its snapshots need it."""
    return kms.Key(
        scope,
        id,
        description=description,
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
        policy=iam.PolicyDocument(statements=[account_statement()]),
    )


def log_groups(
    scope: Construct,
    names: Mapping[str, str],
    *,
    key: kms.IKey,
    retention: logs.RetentionDays,
    removal_policy: RemovalPolicy,
) -> dict[str, logs.LogGroup]:
    """The log groups by what they log; made before the database, or RDS makes some that never expire."""
    encryption_key = encryption_key_for(scope, key, KeyService.LOGS)
    return {
        kind: logs.LogGroup(
            scope,
            f"{kind.title().replace('-', '')}Logs",
            log_group_name=name,
            encryption_key=encryption_key,
            retention=retention,
            removal_policy=kept_by_name(removal_policy),
        )
        for kind, name in names.items()
    }


def kept_by_name(removal_policy: RemovalPolicy) -> RemovalPolicy:
    """What becomes of a part with a name of its own when its database goes.

    Kept but where the database is not; and not after a first deployment that failed, or the name would be taken in the
    next one.
    """
    if removal_policy is RemovalPolicy.DESTROY:
        return RemovalPolicy.DESTROY
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


def wait_for(resource: CfnResource, constructs: Iterable[Construct]) -> None:
    """Make a resource wait for L2 constructs that it does not refer to."""
    for construct in constructs:
        resource.add_resource_dependency(cast("CfnResource", construct.node.default_child))


class MonitoringRole(Construct):
    """The role that enhanced monitoring writes with: to the one group that it writes to, in a policy of our own.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html.

    Attributes:
        role: The role.
        policy: What it may.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.role: Final = iam.Role(
            self,
            "Role",
            description="Enhanced monitoring of a database.",
            assumed_by=iam.ServicePrincipal(
                "monitoring.rds.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
        )
        group = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="RDSOSMetrics",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.policy: Final = iam.ManagedPolicy(
            self,
            "Policy",
            roles=[self.role],
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources=[group, f"{group}:*"]
                    ),
                    iam.PolicyStatement(
                        actions=[
                            "logs:CreateLogStream",
                            "logs:DescribeLogStreams",
                            "logs:GetLogEvents",
                            "logs:PutLogEvents",
                        ],
                        resources=[f"{group}:log-stream:*"],
                    ),
                ],
            ),
        )
        shown = ":".join(_shown(stack, part) for part in (stack.partition, "logs", stack.region, stack.account))
        for star in ("*", "log-stream:*"):
            acknowledge(
                self.policy,
                f"AwsSolutions::AwsSolutions-IAM5[Resource::arn:{shown}:log-group:RDSOSMetrics:{star}]",
                "Enhanced monitoring writes to the one log group RDSOSMetrics, to a stream for each instance that RDS "
                "names by a resource id which does not exist yet.",
            )


def _shown(stack: Stack, value: str) -> str:
    """A part of an ARN as cdk-nag writes it."""
    resolved = stack.resolve(value)
    return f"<{resolved['Ref']}>" if isinstance(resolved, dict) else str(resolved)


def security_group(scope: Construct, id: str, vpc: ec2.IVpc, description: str) -> ec2.SecurityGroup:
    """A group that nobody is let in by and nothing is let out of, until somebody connects."""
    return ec2.SecurityGroup(
        scope, id, vpc=vpc, description=description, allow_all_outbound=False, allow_all_ipv6_outbound=False
    )


def retain_with(removal_policy: RemovalPolicy, *resources: CfnResource) -> None:
    """Retain what a retained database cannot be without."""
    for resource in resources:
        resource.apply_removal_policy(
            RemovalPolicy.RETAIN if removal_policy is RemovalPolicy.RETAIN else RemovalPolicy.DESTROY
        )


def subscribe(
    scope: Construct, id: str, topic: "sns.ITopic", *, source_type: str, source_id: str, categories: Iterable[str]
) -> rds.CfnEventSubscription:
    """Tell a topic of a database's events, after RDS has been let in.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.GrantingPermissions.html
    """
    stack = Stack.of(scope)
    admitted = topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="RdsEvents",
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            principals=[iam.ServicePrincipal("events.rds.amazonaws.com")],
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:rds:{stack.region}:{stack.account}:es:*"},
            },
        )
    )
    if topic.master_key is not None:
        encryption_key_for(scope, topic.master_key, KeyService.RDS_EVENTS)
    subscription = rds.CfnEventSubscription(
        scope,
        id,
        sns_topic_arn=topic.topic_arn,
        source_type=source_type,
        source_ids=[source_id],
        event_categories=list(categories),
        enabled=True,
    )
    if admitted.policy_dependable is not None:
        subscription.node.add_dependency(admitted.policy_dependable)
    return subscription


def warn_of_exposure(scope: Construct, *, tls: bool, protected: bool) -> None:
    """Warn of a database that clients reach in clear text, or of one in production that can be lost to a slip.

    Args:
        scope: The database.
        tls: Whether its parameters require TLS.
        protected: Whether it is protected from deletion, or need not be.
    """
    if not tls:
        warn(scope, "TlsNotRequired", "parameters= lets clients connect without TLS: passwords and data in clear text.")
    if not protected:
        warn(scope, "DeletionProtectionDisabled", "A production database that one call deletes.")
