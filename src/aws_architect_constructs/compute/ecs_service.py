"""The ECS service itself: its deployments, and how it is registered behind a load balancer."""

from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from .deployment import deployment_arguments, hook_targets
from .fargate_task import CONTAINER, FargateTask
from .service_arguments import ServiceArguments
from .service_cluster import ServiceConnect
from .task_roles import PolicyRole

if TYPE_CHECKING:  # whoever makes a service has loaded the alarms; a worker has no load balancer
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from .service_ingress import ServiceIngress


def make_ecs_service(
    scope: Construct,
    *,
    arguments: ServiceArguments,
    task: FargateTask,
    cluster: ecs.ICluster,
    own_cluster: bool,
    security_group: ec2.ISecurityGroup,
    vpc_subnets: ec2.SubnetSelection,
    ingress: "ServiceIngress | None",
    infrastructure_role: PolicyRole | None,
    deployment_alarms: "Sequence[cloudwatch.Alarm]",
    service_connect: ServiceConnect | None,
    permissions_boundary: iam.IManagedPolicy | None,
) -> ecs.FargateService:
    """Make the service, with every property set that a feature flag could change."""
    deployment = deployment_arguments(arguments.mode, arguments.plan)
    hooks, hook_role = hook_targets(scope, arguments.shift.hooks, permissions_boundary)
    service = ecs.FargateService(
        scope,
        "Service",
        cluster=cluster,
        task_definition=task.task_definition,
        desired_count=arguments.desired_count,
        assign_public_ip=False,
        security_groups=[security_group],
        vpc_subnets=vpc_subnets,
        platform_version=ecs.FargatePlatformVersion.VERSION1_4,
        # A launch type can never change in place, but a given cluster may have no capacity providers.
        capacity_provider_strategies=arguments.capacity.strategies()
        if own_cluster or arguments.capacity.uses_spot
        else None,
        min_healthy_percent=100,
        max_healthy_percent=200,
        availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
        health_check_grace_period=None if ingress is None else arguments.grace,
        propagate_tags=ecs.PropagatedTagSource.SERVICE,
        enable_ecs_managed_tags=True,
        deployment_controller=ecs.DeploymentController(type=ecs.DeploymentControllerType.ECS),
        deployment_strategy=deployment.strategy,
        circuit_breaker=deployment.circuit_breaker,
        bake_time=deployment.bake_time,
        canary_configuration=deployment.canary,
        linear_configuration=deployment.linear,
        lifecycle_hooks=list(hooks) or None,
        deployment_alarms=ecs.DeploymentAlarmConfig(
            alarm_names=[alarm.alarm_name for alarm in deployment_alarms],
            behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM,
        ),
        service_connect_configuration=_connected(service_connect, arguments, task, own_cluster=own_cluster),
    )
    resource = service.node.default_child
    assert isinstance(resource, ecs.CfnService)  # noqa: S101 -- what the L2 is made of
    if arguments.plan is not None:  # the breaker knows rolling deployments alone
        resource.add_property_deletion_override("DeploymentConfiguration.DeploymentCircuitBreaker")
    for role in (task.execution_role, hook_role, infrastructure_role):
        _wait_for_policies(service, role)
    if ingress is not None:
        _attach(service, ingress, arguments, infrastructure_role)
    else:  # what CDK writes of none depends on a feature flag
        resource.add_property_deletion_override("LoadBalancers")
    return service


def _attach(
    service: ecs.FargateService,
    ingress: "ServiceIngress",
    arguments: ServiceArguments,
    infrastructure_role: PolicyRole | None,
) -> None:
    """Register the tasks in the target groups, and let ECS move the traffic between these."""
    alternate = None
    if ingress.green is not None and infrastructure_role is not None:
        alternate = ecs.AlternateTarget(
            "Green",
            alternate_target_group=ingress.green,
            production_listener=ecs.ListenerRuleConfiguration.application_listener_rule(ingress.rule),
            test_listener=None
            if ingress.test_rule is None
            else ecs.ListenerRuleConfiguration.application_listener_rule(ingress.test_rule),
            role=infrastructure_role.without_policy_updates(),
        )
    target = service.load_balancer_target(
        container_name=CONTAINER,
        container_port=arguments.container_port,
        protocol=ecs.Protocol.TCP,
        alternate_target=alternate,
    )
    target.attach_to_application_target_group(ingress.blue)


def _connected(
    service_connect: ServiceConnect | None, arguments: ServiceArguments, task: FargateTask, *, own_cluster: bool
) -> ecs.ServiceConnectProps | None:
    """What Service Connect is told: the cluster's own namespace, or the one that is there."""
    if service_connect is None:
        return None
    port = arguments.container_port
    return ecs.ServiceConnectProps(
        namespace=None if own_cluster else service_connect.namespace,
        services=None
        if port is None
        else [
            ecs.ServiceConnectService(
                port_mapping_name=CONTAINER,
                discovery_name=service_connect.discovery_name,
                dns_name=service_connect.discovery_name,
                port=port,
            )
        ],
        log_driver=task.log_driver("service-connect"),
    )


def _wait_for_policies(service: ecs.FargateService, role: PolicyRole | None) -> None:
    """Begin no task, and move no traffic, before the role may do what that takes."""
    for policy in [] if role is None else role.managed_policies:
        service.node.add_dependency(policy)
