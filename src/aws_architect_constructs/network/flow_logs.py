"""Flow logs: what the network did, kept where it can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from aws_architect_constructs._validations import warn
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

if TYPE_CHECKING:  # an app without a bucket need not load aws_s3
    from aws_cdk import aws_s3 as s3


class FlowLogTraffic(StrEnum):
    """Which traffic is recorded."""

    ALL = "ALL"
    ACCEPT = "ACCEPT"
    REJECT = "REJECT"


@dataclass(frozen=True, kw_only=True)
class FlowLogs:
    """Where a VPC's flow logs go. Make one with `to_cloud_watch`, `to_bucket` or `none`.

    See https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html.
    """

    traffic: FlowLogTraffic = FlowLogTraffic.ALL
    per_minute: bool = False
    bucket: "s3.IBucket | None" = None
    prefix: str | None = None
    enabled: bool = True

    @classmethod
    def to_cloud_watch(cls, *, traffic: FlowLogTraffic = FlowLogTraffic.ALL, per_minute: bool = False) -> Self:
        """Keep them in an encrypted log group: searchable at once.

        Cost in us-east-1 (docs/checks/prices.md): 0.50 USD a GB taken in, 0.03 USD a GB and month.

        Args:
            traffic: Which traffic is recorded. Default ALL: what was refused shows attacks, what was accepted shows
                what they achieved.
            per_minute: Whether records cover one minute instead of ten: sooner, and more of them. Default False.
        """
        return cls(traffic=traffic, per_minute=per_minute)

    @classmethod
    def to_bucket(
        cls,
        bucket: "s3.IBucket",
        *,
        prefix: str | None = None,
        traffic: FlowLogTraffic = FlowLogTraffic.ALL,
        per_minute: bool = False,
    ) -> Self:
        """Keep them in a bucket as hourly Parquet files, which Athena reads.

        Cost in us-east-1 (https://aws.amazon.com/cloudwatch/pricing/, vended logs): 0.25 USD a GB taken in, about 0.04
        USD a GB for Parquet, and the storage.

        Args:
            bucket: A bucket of this app, whose policy and key are made to admit the delivery; an imported one's must
                admit it already, as a warning says.
            prefix: Key prefix, without slashes at its ends, other than AWSLogs. Default none.
            traffic: Which traffic is recorded. Default ALL.
            per_minute: Whether records cover one minute instead of ten. Default False.
        """
        if prefix is not None and (not prefix or prefix != prefix.strip("/") or prefix.split("/")[0] == "AWSLogs"):
            raise ValueError(
                f"prefix: malformed or AWS's own, got {prefix!r}; allowed: a key prefix without slashes at its ends, "
                "other than AWSLogs"
            )
        return cls(traffic=traffic, per_minute=per_minute, bucket=bucket, prefix=prefix)

    @classmethod
    def none(cls) -> Self:
        """Keep none: where another account's or the organization's flow logs cover the VPC already.

        cdk-nag (AwsSolutions-VPC7, and VPCFlowLogsEnabled in the others) asks for them: who leaves them out
        acknowledges that with the reason.
        """
        return cls(enabled=False)


class VpcFlowLogs(Construct):
    """The flow log of a VPC, with its log group and role where it goes to CloudWatch Logs.

    Attributes:
        flow_log: The flow log.
        log_group: The log group, or None where the destination is a bucket.
        role: The role that delivers to it, or None.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc_id: str,
        flow_logs: FlowLogs,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.flow_log: ec2.CfnFlowLog
        self.log_group: logs.LogGroup | None = None
        self.role: iam.Role | None = None
        bucket = flow_logs.bucket
        if bucket is not None:
            permissions = _admit_delivery(self, bucket, flow_logs.prefix)
            self.flow_log = self._flow_log(
                vpc_id,
                flow_logs,
                log_destination_type="s3",
                log_destination=bucket.arn_for_objects(flow_logs.prefix) if flow_logs.prefix else bucket.bucket_arn,
                destination_options={
                    "FileFormat": "parquet",
                    "HiveCompatiblePartitions": True,
                    "PerHourPartition": True,
                },
            )
            if permissions:  # or EC2 writes a bucket policy of its own, and ours finds the place taken
                self.flow_log.node.add_dependency(*permissions)
            return
        self.log_group = logs.LogGroup(
            self,
            "LogGroup",
            encryption_key=encryption_key_for(self, encryption_key, KeyService.LOGS),
            retention=log_retention,
            removal_policy=removal_policy,
        )
        self.role, policy = self._delivery_role(self.log_group)
        self.flow_log = self._flow_log(
            vpc_id,
            flow_logs,
            log_destination_type="cloud-watch-logs",
            log_group_name=self.log_group.log_group_name,
            deliver_logs_permission_arn=self.role.role_arn,
        )
        self.flow_log.node.add_dependency(policy)  # or the first records are lost

    def _flow_log(
        self,
        vpc_id: str,
        flow_logs: FlowLogs,
        *,
        log_destination_type: str,
        log_destination: str | None = None,
        log_group_name: str | None = None,
        deliver_logs_permission_arn: str | None = None,
        destination_options: Mapping[str, object] | None = None,
    ) -> ec2.CfnFlowLog:
        return ec2.CfnFlowLog(
            self,
            "Resource",
            resource_id=vpc_id,
            resource_type="VPC",
            traffic_type=flow_logs.traffic.value,
            max_aggregation_interval=60 if flow_logs.per_minute else 600,
            log_destination_type=log_destination_type,
            log_destination=log_destination,
            log_group_name=log_group_name,
            deliver_logs_permission_arn=deliver_logs_permission_arn,
            destination_options=destination_options,
        )

    def _delivery_role(self, log_group: logs.LogGroup) -> tuple[iam.Role, iam.ManagedPolicy]:
        """A role that may write to this log group and nothing else.

        https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        """
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "vpc-flow-logs.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {
                        "aws:SourceArn": f"arn:{stack.partition}:ec2:{stack.region}:{stack.account}:vpc-flow-log/*"
                    },
                },
            ),
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                        resources=[log_group.log_group_arn],
                    )
                ],
            ),
            roles=[role],
        )
        return role, policy


def _admit_delivery(scope: Construct, bucket: "s3.IBucket", prefix: str | None) -> list[IDependable]:
    """Let log delivery write the account's own logs, and use the bucket's key if it has one.

    Returns:
        What the flow log has to wait for. An imported bucket's policy cannot be changed from here, which the warning
        `BucketPolicyNotUpdated` says.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    stack = Stack.of(scope)
    source = {
        "StringEquals": {"aws:SourceAccount": stack.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:*"},
    }
    delivery = iam.ServicePrincipal("delivery.logs.amazonaws.com")
    objects = f"AWSLogs/aws-account-id={stack.account}/*"  # as Hive-compatible partitions are named
    results = [
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"{prefix}/{objects}" if prefix else objects)],
                principals=[delivery],
                conditions=source,
            )
        ),
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketAcl"], resources=[bucket.bucket_arn], principals=[delivery], conditions=source
            )
        ),
    ]
    if bucket.encryption_key is not None:
        encryption_key_for(scope, bucket.encryption_key, KeyService.DELIVERY)
    if not all(result.statement_added for result in results):
        warn(
            scope,
            "BucketPolicyNotUpdated",
            "The imported bucket's policy cannot be changed from here: see that it lets delivery.logs.amazonaws.com "
            f"put objects under {objects} and read the bucket's ACL, for this account alone.",
        )
    return [result.policy_dependable for result in results if result.policy_dependable is not None]
