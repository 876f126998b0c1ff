"""A container service on Fargate behind HTTPS, deployed safely, that can do exactly what it was granted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import warn
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.retention import log_removal_policy_for, log_retention_for
from aws_architect_constructs.foundation.tiers import Tier, tier_subnets
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

from .deployment import TrafficShift, make_infrastructure_role
from .deployment_plan import DeploymentMode
from .ecs_service import make_ecs_service
from .egress import Egress, close
from .fargate_capacity import FargateCapacity
from .fargate_task import FargateTask, TaskSettings
from .ingress import Ingress, IngressKind
from .service_alarms import guard_deployments, watch_service
from .service_arguments import read_arguments
from .service_cluster import ServiceConnect, exec_log_group, make_cluster, switch_exec_on
from .sidecars import LogRouting, TraceCollector
from .storage import EfsMount, WritablePath
from .task_scaling import TaskScaling, scale

if TYPE_CHECKING:  # a worker needs none of these
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_sns as sns

    from .service_ingress import ServiceIngress

_NFS: Final = 2049
_DRAIN_SECONDS: Final = 30
_FEWEST_IN_PRODUCTION: Final = 2


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class FargateService(Construct):
    """A container service on Fargate: HTTPS in front, the permissions it was granted, deployments that roll back.

    `FargateService(self, "Api", vpc=network.vpc, image=ecs.ContainerImage.from_ecr_repository(repository, "1.4.2"),
    container_port=8080, certificate=certificate)` is a public load balancer with TLS 1.3 in the public tier, and two to
    ten tasks in the private one. Without a port it is a worker, which nobody reaches.

    A task can do nothing yet: `documents.grant_read(api)`, as every `grant_*` of CDK, goes into one customer managed
    policy of the task role. It reaches nothing but HTTPS: `api.connections.allow_to_default_port(database)` adds what
    else it needs, in the service's own stack. No security group filters the VPC's resolver or the task's metadata.

    The container's root file system is read-only, it has no Linux capability, and an init process reaps its children.
    Its user is the image's own: CDK cannot see whether that is root.

    Deployments never have fewer healthy tasks than before. ROLLING has ECS's circuit breaker. The other modes have
    none, and CloudFormation would wait 36 hours for them: their bound is the alarm on failing tasks, which exists in
    every mode and fails the deployment once tasks have failed in three of 30 minutes.

    Fixed cost (us-east-1, docs/checks/prices.md): 54.76 USD a month in two AZs with two tasks of the default size on
    arm64, 40.34 USD in DEV with one. The load balancer is 16.43 USD, and 3.65 USD for its public address in each AZ;
    a task 14.42 USD; the stack's key 1 USD; nine alarms 1.20 USD, the three that are always there 0.40 USD. On top, as
    long as tasks run, enhanced Container Insights: 0.07 USD a month for each metric, of the cluster, the service and
    each task and container (https://aws.amazon.com/cloudwatch/pricing/). Logs by use.

    Well-Architected: security (SEC03, least privilege; SEC05, networks; SEC06, compute), reliability (REL06, REL10,
    REL11, multiple AZs and scaling; REL08, deployments that roll back), operational excellence (OPS06, OPS08), cost
    (COST09, supply follows demand), sustainability (SUS05, arm64).

    Args:
        scope: The scope.
        id: The id.
        vpc: Where it runs.
        image: The application's image: from ECR, a registry, or a local directory. One named `latest`, or by no tag,
            gets the warning `MutableImageTag`. It has to be of `cpu_architecture`.
        container_port: The port that the application listens on, in plain HTTP. Default None: a worker. Choose one
            above 1023: without capabilities a process may be refused a lower one.
        certificate: The load balancer's certificate, of this Region. Default None: one that the ingress makes from its
            zone, or none where nothing listens.
        ingress: How requests come in. Default None: `Ingress.public()`, or `Ingress.none()` without a port.
        egress: Where tasks may connect, beside what `connections` adds. Default None: `[Egress.https()]`. An empty list
            is nowhere.
        cluster: The cluster. Default None: one of the service's own, with enhanced Container Insights. A given one
            needs Container Insights for the alarm on missing tasks and for `QueueScaling`, and Fargate's capacity
            providers if `capacity` has Spot.
        vpc_subnets: The tasks' subnets. Default None: the VPC's private tier.
        cpu: CPU units, 1024 a vCPU. Default 512.
        memory_mib: Memory in MiB, as it goes with `cpu`. Default 1024.
        cpu_architecture: Default None: ARM64, which costs 20% less.
        ephemeral_storage_gib: The task's disk, 21 to 200 GiB. Default None: the 20 GiB that are included.
        environment: Variables. One that looks like a credential gets the warning `PlaintextCredential`.
        secrets: Variables from Secrets Manager or Parameter Store, by reference. Default None: none.
        command: What runs, instead of the image's own. Default None.
        entry_point: The same of the entry point. Default None.
        user: The user, by number or name, with or without group. Default None: the image's own. Root gets the warning
            `RootUser`.
        read_only_root: Whether the root file system is read-only. Default True.
        writable_paths: What stays writable under it: `WritablePath.memory("/tmp")`. Default None: nothing.
        efs_mounts: EFS file systems, over TLS and with IAM. Default None: none.
        health_check: A check within the container, beside the load balancer's. Default None: none.
        health_check_path: Where the load balancer looks, and wants 200 to 299. Default `/`.
        health_check_grace_period: How long a task may take to become healthy. Default None: 60 seconds.
        stop_timeout: How long it has between SIGTERM and SIGKILL, at most 120 seconds. Default None: 30 seconds; 120
            with Spot, which gives as much notice.
        enable_execute_command: Whether operators may open a shell in a task (ECS Exec). Default False. What is typed is
            kept in an encrypted log group of the service's own cluster; a given cluster has to see to that, or the
            warning `ExecNotAudited` says so. Under a read-only root the warning `ExecReadOnlyRoot` says that AWS does
            not support it.
        log_routing: A FireLens sidecar that takes the application's output. Default None: straight to the log group.
        trace_collector: A sidecar that sends traces to X-Ray. Default None: none.
        service_connect: The namespace in which services find one another. Default None: none.
        capacity: On demand or Spot. Default None: on demand. Spot alone gets the warning `SpotOnly` in PROD.
        desired_count: How many tasks there are after each deployment. Default None: as many as there were, which is
            what scaling found; with equal bounds, that many.
        task_scaling: How their number follows the load. Default None: 60% CPU, 75% memory, up to 10, from 2 in PROD and
            SHARED, else from 1. Less than 2 gets the warning `SingleTask` in PROD.
        deployment_mode: How a revision takes over. Default ROLLING.
        traffic_shift: How the other modes move the traffic. Default None: their own times and shares.
        permissions_boundary: What caps the roles. Default None: none, or that of an enclosing scope.
        encryption_key: The key of the logs. Default None: the stack's `WorkloadKey`.
        alarm_topic: Where alarms are told. Without one only those that guard deployments exist.
        log_retention: Default None: 14 days in DEV, 30 in STAGING, else 365.
        removal_policy: What becomes of the logs. Default None: retained in PROD and SHARED, else destroyed.
        access_log_bucket: Where the load balancer's access logs go. Default None: the stack's `LogBucket.of`.
        environment_type: Default None: what the scope declares, else PROD.

    Attributes:
        service: The service.
        task_definition: The task definition.
        container: The application's container.
        task_role: What the application may do. It refuses AdministratorAccess and its like.
        execution_role: What Fargate may do to start a task: pull this image, write this log, read these secrets.
        cluster: The cluster.
        security_group: The tasks' security group.
        log_group: The log group.
        exec_log_group: Where what is typed in a task is kept, or None.
        ingress: The load balancer's parts, the target groups and the rules, or None.
        deployment_alarms: The alarms that roll a deployment back.
        scaling: What scales it, or None.

    Raises:
        ValueError: If Fargate has no task of this size; if a load balancer lacks a port or a certificate, or that is of
            another Region; if `desired_count` is out of the bounds, or these cross; if CANARY or LINEAR have no traffic
            to move; if a mode is given what it does not have; or if any argument is malformed.

    See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html,
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html and
    https://docs.aws.amazon.com/prescriptive-guidance/latest/patterns/deploy-workloads-to-amazon-ecs-fargate.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        image: ecs.ContainerImage,
        container_port: int | None = None,
        certificate: "acm.ICertificate | None" = None,
        ingress: Ingress | None = None,
        egress: Sequence[Egress] | None = None,
        cluster: ecs.ICluster | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        cpu: int = 512,
        memory_mib: int = 1024,
        cpu_architecture: ecs.CpuArchitecture | None = None,
        ephemeral_storage_gib: int | None = None,
        environment: Mapping[str, str] | None = None,
        secrets: Mapping[str, ecs.Secret] | None = None,
        command: Sequence[str] | None = None,
        entry_point: Sequence[str] | None = None,
        user: str | None = None,
        read_only_root: bool = True,
        writable_paths: Sequence[WritablePath] | None = None,
        efs_mounts: Sequence[EfsMount] | None = None,
        health_check: ecs.HealthCheck | None = None,
        health_check_path: str = "/",
        health_check_grace_period: Duration | None = None,
        stop_timeout: Duration | None = None,
        enable_execute_command: bool = False,
        log_routing: LogRouting | None = None,
        trace_collector: TraceCollector | None = None,
        service_connect: ServiceConnect | None = None,
        capacity: FargateCapacity | None = None,
        desired_count: int | None = None,
        task_scaling: TaskScaling | None = None,
        deployment_mode: DeploymentMode = DeploymentMode.ROLLING,
        traffic_shift: TrafficShift | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        kind = environment_type or EnvironmentType.of(scope)
        try:
            arguments = read_arguments(
                scope,
                container_port=container_port,
                certificate=certificate,
                ingress=ingress,
                egress=egress,
                cpu=cpu,
                memory_mib=memory_mib,
                ephemeral_storage_gib=ephemeral_storage_gib,
                environment=environment,
                secrets=secrets,
                writable_paths=writable_paths,
                efs_mounts=efs_mounts,
                health_check_path=health_check_path,
                health_check_grace_period=health_check_grace_period,
                stop_timeout=stop_timeout,
                service_connect=service_connect,
                capacity=capacity,
                desired_count=desired_count,
                task_scaling=task_scaling,
                deployment_mode=deployment_mode,
                traffic_shift=traffic_shift,
                access_log_bucket=access_log_bucket,
                minimum_tasks=kind.defaults.minimum_tasks,
            )
            retention = log_retention_for(log_retention, kind.defaults)
            removal = log_removal_policy_for(removal_policy, kind.defaults)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._arguments = arguments
        key = encryption_key_for(self, encryption_key, KeyService.LOGS)
        self.log_group: Final = logs.LogGroup(
            self, "LogGroup", encryption_key=key, retention=retention, removal_policy=removal
        )
        self._task: Final = FargateTask(
            self,
            "Task",
            settings=TaskSettings(
                image=image,
                container_port=container_port,
                cpu=cpu,
                memory_mib=memory_mib,
                cpu_architecture=cpu_architecture,
                ephemeral_storage_gib=ephemeral_storage_gib,
                environment=arguments.environment,
                secrets=arguments.secrets,
                command=command,
                entry_point=entry_point,
                user=user,
                read_only_root=read_only_root,
                writable_paths=arguments.writable_paths,
                efs_mounts=arguments.efs_mounts,
                health_check=health_check,
                stop_timeout=arguments.stop_timeout,
                enable_execute_command=enable_execute_command,
                log_routing=log_routing,
                trace_collector=trace_collector,
                app_protocol=None if service_connect is None else service_connect.app_protocol,
                permissions_boundary=permissions_boundary,
            ),
            log_group=self.log_group,
        )
        self.task_definition: Final = self._task.task_definition
        self.container: Final = self._task.container
        self.task_role: Final = self._task.task_role
        self.execution_role: Final = self._task.execution_role
        self.exec_log_group: Final = (
            exec_log_group(self, encryption_key=key, retention=retention, removal_policy=removal)
            if enable_execute_command and cluster is None
            else None
        )
        self.cluster: Final[ecs.ICluster] = cluster or make_cluster(
            self, vpc=vpc, service_connect=service_connect, exec_log_group=self.exec_log_group, encryption_key=key
        )
        self.security_group: Final = self._make_security_group(vpc)
        self._connections = ec2.Connections(
            security_groups=[self.security_group],
            default_port=None if container_port is None else ec2.Port.tcp(container_port),
        )
        self.ingress: Final = self._make_ingress(
            vpc,
            certificate,
            health_check_path,
            access_log_bucket,
            deletion_protection=kind.defaults.protect_load_balancers,
        )
        self._infrastructure_role: Final = (
            None
            if self.ingress is None or self.ingress.green is None
            else make_infrastructure_role(self, self.ingress, permissions_boundary)
        )
        alarms = Alarms(self, alarm_topic=alarm_topic, environment_type=environment_type)
        self.deployment_alarms: Final[Sequence[cloudwatch.Alarm]] = guard_deployments(
            alarms,
            self,
            cluster=self.cluster,
            family=self.task_definition.family,
            target_groups=self.target_groups,
            grace_seconds=arguments.grace.to_seconds(),
        )
        for mount in arguments.efs_mounts:
            self._connections.allow_to(mount.file_system, ec2.Port.tcp(_NFS), "NFS over TLS")
        self.service: Final = make_ecs_service(
            self,
            arguments=arguments,
            task=self._task,
            cluster=self.cluster,
            own_cluster=cluster is None,
            security_group=self.security_group,
            vpc_subnets=tier_subnets(vpc, Tier.PRIVATE, vpc_subnets),
            ingress=self.ingress,
            infrastructure_role=self._infrastructure_role,
            deployment_alarms=self.deployment_alarms,
            service_connect=service_connect,
            permissions_boundary=permissions_boundary,
        )
        if enable_execute_command:
            switch_exec_on(self, self.service, self.task_role)
        self.scaling: Final = scale(
            self.service,
            arguments.scaling,
            bounds=arguments.bounds,
            target_group=None if self.ingress is None else self.ingress.blue,
        )
        watch_service(
            alarms,
            self,
            service=self.service,
            target_groups=self.target_groups,
            load_balancer=None if self.ingress is None else self.ingress.load_balancer,
        )
        self._warn(kind)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the task role, whose grants land in its customer managed policy."""
        return self.task_role.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """The network connections of the tasks; their default port is the container's."""
        return self._connections

    @property
    def load_balancer(self) -> "elbv2.ApplicationLoadBalancer":
        """The load balancer.

        Raises:
            ValueError: If the service has none of its own.
        """
        found = None if self.ingress is None else self.ingress.load_balancer
        if found is None:
            raise ValueError(
                f"{self.node.path}: the service has no load balancer of its own, got "
                f"Ingress.{self._arguments.ingress.kind.value.lower()}; allowed: Ingress.public(), .internal() or "
                ".vpc_origin()"
            )
        return found

    @property
    def infrastructure_role(self) -> iam.Role:
        """What ECS moves the traffic between the target groups with.

        Raises:
            ValueError: If no deployment does.
        """
        if self._infrastructure_role is None:
            raise ValueError(
                f"{self.node.path}: no deployment moves traffic between target groups, got {self._arguments.mode} and "
                f"Ingress.{self._arguments.ingress.kind.value.lower()}; allowed: BLUE_GREEN, CANARY or LINEAR with a "
                "load balancer"
            )
        return self._infrastructure_role

    @property
    def target_groups(self) -> "list[elbv2.ApplicationTargetGroup]":
        """The target groups: one with ROLLING, two in the other modes, none without ingress."""
        return [] if self.ingress is None else self.ingress.target_groups

    def _make_security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="Tasks: in from the load balancer, out to declared destinations.",
            allow_all_outbound=False,
        )
        if not any(destination.is_inline for destination in self._arguments.egress):
            close(group)
        for destination in self._arguments.egress:
            destination.apply_to(group)
        return group

    def _make_ingress(
        self,
        vpc: ec2.IVpc,
        certificate: "acm.ICertificate | None",
        health_check_path: str,
        access_log_bucket: s3.IBucket | None,
        *,
        deletion_protection: bool,
    ) -> "ServiceIngress | None":
        arguments = self._arguments
        if arguments.ingress.kind is IngressKind.NONE or arguments.container_port is None:
            return None
        from .service_ingress import ServiceIngress  # noqa: PLC0415 -- a worker needs no load balancer's module

        return ServiceIngress(
            self,
            "Ingress",
            vpc=vpc,
            ingress=arguments.ingress,
            certificate=certificate,
            health_check_path=health_check_path,
            deregistration_delay=Duration.seconds(_DRAIN_SECONDS),
            mode=arguments.mode,
            live=arguments.shift.live,
            deletion_protection=deletion_protection,
            access_log_bucket=access_log_bucket,
        )

    def _warn(self, kind: EnvironmentType) -> None:
        arguments = self._arguments
        if arguments.ingress.from_subnets:
            warn(
                self,
                "CloudFrontFromSubnets",
                "The load balancer lets its own subnets in, and not CloudFront's addresses: whoever tried this with a "
                "VPC origin reports 504 for each request. Leave from_subnets out, or give prefix_list_id=.",
            )
        if kind is not EnvironmentType.PROD:
            return
        if arguments.ingress.is_open and arguments.ingress.web_acl_arn is None:
            warn(
                self,
                "NoWebAcl",
                "The load balancer is open to the internet in PROD, and no web ACL looks at its requests first: give "
                "web_acl_arn=, such as that of a WebAcl, or put CloudFront in front with Ingress.vpc_origin(). Where "
                "Firewall Manager associates one, acknowledge this.",
            )
        if arguments.capacity.spot_only:
            warn(
                self,
                "SpotOnly",
                "All tasks run on Fargate Spot in PROD: AWS may take them back within two minutes, all at once. Keep "
                "some on demand: FargateCapacity.mixed().",
            )
        if arguments.bounds[0] < _FEWEST_IN_PRODUCTION:
            warn(
                self,
                "SingleTask",
                f"At least {arguments.bounds[0]} tasks run in PROD: an AZ that fails takes the service with it. Keep "
                f"two: TaskScaling(min_capacity={_FEWEST_IN_PRODUCTION}).",
            )
