"""The cluster that a service runs in, where it is given none, and what Service Connect and ECS Exec add to it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws_architect_constructs._validations import choice, warn

from .task_roles import PolicyRole


class ServiceConnectProtocol(StrEnum):
    """What the service speaks, which Service Connect's proxy measures and retries by."""

    HTTP = "HTTP"
    HTTP2 = "HTTP2"
    GRPC = "GRPC"


@dataclass(frozen=True, kw_only=True)
class ServiceConnect:
    """How services of a namespace find and reach one another by short names, through a proxy beside each task.

    A service with a port is found by `discovery_name` on that port; one without only finds others. Whoever connects
    still needs a rule: `client.connections.allow_to(api, ec2.Port.tcp(8080))`.

    See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html.

    Attributes:
        namespace: The namespace's name, or ARN. With a cluster of its own the service makes the namespace, by this
            name; with a given cluster it is there already.
        discovery_name: The name that others use. Default None: `app`.
        protocol: What the service speaks. Default HTTP.
    """

    namespace: str
    discovery_name: str | None = None
    protocol: ServiceConnectProtocol = ServiceConnectProtocol.HTTP

    def check(self) -> None:
        """Check the names.

        Raises:
            ValueError: If the namespace has no name, or there is no such protocol.
        """
        if not isinstance(self.namespace, str) or not self.namespace:
            raise ValueError(
                f"namespace: no name, got {self.namespace!r}; allowed: a Cloud Map namespace's name or ARN"
            )
        choice("protocol", ServiceConnectProtocol, self.protocol)

    @property
    def app_protocol(self) -> ecs.AppProtocol:
        """As ECS has it."""
        found: Any = {
            ServiceConnectProtocol.HTTP: ecs.AppProtocol.http,
            ServiceConnectProtocol.HTTP2: ecs.AppProtocol.http2,
            ServiceConnectProtocol.GRPC: ecs.AppProtocol.grpc,
        }[ServiceConnectProtocol(self.protocol)]
        return cast("ecs.AppProtocol", found)


def make_cluster(
    scope: Construct,
    *,
    vpc: ec2.IVpc,
    service_connect: ServiceConnect | None,
    exec_log_group: logs.LogGroup | None,
    encryption_key: kms.IKey,
) -> ecs.Cluster:
    """A cluster for one service: enhanced Container Insights, and both of Fargate's capacity providers.

    The providers stand in the cluster itself: CDK's separate association may come later than the service needs it.
    """
    audited = (
        None
        if exec_log_group is None
        else ecs.ExecuteCommandConfiguration(
            kms_key=encryption_key,
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
            log_configuration=ecs.ExecuteCommandLogConfiguration(
                cloud_watch_log_group=exec_log_group, cloud_watch_encryption_enabled=True
            ),
        )
    )
    cluster = ecs.Cluster(
        scope,
        "Cluster",
        vpc=vpc,
        container_insights_v2=ecs.ContainerInsights.ENHANCED,
        execute_command_configuration=audited,
    )
    resource = cluster.node.default_child
    assert isinstance(resource, ecs.CfnCluster)  # noqa: S101 -- what the L2 is made of
    resource.capacity_providers = ["FARGATE", "FARGATE_SPOT"]
    if service_connect is not None:
        from aws_cdk import aws_servicediscovery as servicediscovery  # noqa: PLC0415 -- for those who have a namespace

        cluster.add_default_cloud_map_namespace(
            name=service_connect.namespace,
            type=servicediscovery.NamespaceType.HTTP,
            use_for_service_connect=True,
        )
    return cluster


def exec_log_group(
    scope: Construct, *, encryption_key: kms.IKey, retention: logs.RetentionDays, removal_policy: RemovalPolicy
) -> logs.LogGroup:
    """Where what is typed in a container is kept."""
    return logs.LogGroup(
        scope, "ExecLogGroup", encryption_key=encryption_key, retention=retention, removal_policy=removal_policy
    )


def switch_exec_on(scope: Construct, service: ecs.FargateService, task_role: PolicyRole) -> None:
    """Switch ECS Exec on, and let the agent in the task write what was typed to where the cluster says.

    CDK's own switch would write inline policies whose shape a feature flag changes. Where the cluster says nothing, the
    warning `ExecNotAudited` says so.
    """
    resource = service.node.default_child
    assert isinstance(resource, ecs.CfnService)  # noqa: S101 -- what the L2 is made of
    resource.enable_execute_command = True
    configuration = service.cluster.execute_command_configuration
    log = None if configuration is None else configuration.log_configuration
    group = None if log is None else log.cloud_watch_log_group
    if configuration is not None and configuration.kms_key is not None:
        task_role.allow(["kms:Decrypt"], [configuration.kms_key.key_arn])
    if group is None:
        warn(
            scope,
            "ExecNotAudited",
            "ECS Exec is on, and the given cluster does not say which CloudWatch log group keeps what is typed: give "
            "it an ExecuteCommandConfiguration, or let the service make its cluster.",
        )
        return
    task_role.allow(
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [group.log_group_ref.log_group_arn]
    )
