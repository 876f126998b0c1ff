"""The canonical instances of FargateService, in a VPC that is imported: the four modes, the ways in, and everything."""

from typing import Final

from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

from aws_architect_constructs import (
    DeploymentHook,
    DeploymentMode,
    EfsMount,
    Egress,
    EnvironmentType,
    FargateCapacity,
    FargateService,
    Ingress,
    LogRouting,
    QueueScaling,
    ScheduledCapacity,
    ServiceConnect,
    TaskScaling,
    TraceCollector,
    TrafficShift,
    WritablePath,
)
from support.instance import Instance

REGION: Final = "eu-west-1"
HERE: Final = f"{REGION}:111111111111"
TOPIC: Final = f"arn:aws:sns:{HERE}:alarms"
SECRET: Final = f"arn:aws:secretsmanager:{HERE}:secret:database-a1B2c3"


SECRET_KEY: Final = f"arn:aws:kms:{HERE}:key/12345678-1234-1234-1234-123456789012"


def vpc_of(stack: Stack) -> ec2.IVpc:
    """A VPC of two tiers that is there already."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.2.0.0/16",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        public_subnet_ids=["subnet-0000000000000000a", "subnet-0000000000000000b"],
        public_subnet_names=["Public"],
        public_subnet_route_table_ids=["rtb-0000000000000000a", "rtb-0000000000000000b"],
        private_subnet_ids=["subnet-1111111111111111a", "subnet-1111111111111111b"],
        private_subnet_names=["Private"],
        private_subnet_route_table_ids=["rtb-1111111111111111a", "rtb-1111111111111111b"],
        private_subnet_ipv4_cidr_blocks=["10.2.11.0/24", "10.2.12.0/24"],
    )


def image_of(stack: Stack) -> ecs.ContainerImage:
    """An image in ECR."""
    repository = ecr.Repository.from_repository_name(stack, "Repository", "shop/api")
    return ecs.ContainerImage.from_ecr_repository(repository, "1.4.2")


def certificate_of(stack: Stack) -> acm.ICertificate:
    """A certificate of this Region."""
    return acm.Certificate.from_certificate_arn(stack, "Certificate", f"arn:aws:acm:{HERE}:certificate/1")


def topic_of(stack: Stack) -> sns.ITopic:
    """A topic that somebody is subscribed to."""
    return sns.Topic.from_topic_arn(stack, "Alarms", TOPIC)


def _default(stack: Stack) -> FargateService:
    return FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        certificate=certificate_of(stack),
        alarm_topic=topic_of(stack),
    )


def _agnostic(stack: Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        ingress=Ingress.public(domain_name="api.example.com", hosted_zone=zone),
        deployment_mode=DeploymentMode.CANARY,
        alarm_topic=sns.Topic.from_topic_arn(stack, "Alarms", stack.format_arn(service="sns", resource="alarms")),
    )


def _moving(stack: Stack, mode: DeploymentMode) -> None:
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        certificate=certificate_of(stack),
        alarm_topic=topic_of(stack),
        deployment_mode=mode,
    )


def _internal(stack: Stack) -> None:
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        certificate=certificate_of(stack),
        ingress=Ingress.internal(allowed_cidrs=["10.2.0.0/16"]),
        egress=[
            Egress.vpc_endpoints(
                [ec2.SecurityGroup.from_security_group_id(stack, "Endpoints", "sg-0123456789abcdef0")]
            ),
            Egress.prefix_list("pl-6da54004"),
        ],
        alarm_topic=topic_of(stack),
    )


def _vpc_origin(stack: Stack) -> None:
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        certificate=certificate_of(stack),
        ingress=Ingress.vpc_origin(web_acl_arn=Fn.import_value("WebAcl")),
        alarm_topic=topic_of(stack),
    )


def _listener(stack: Stack) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")
    listener = elbv2.ApplicationListener.from_application_listener_attributes(
        stack,
        "Listener",
        listener_arn=Fn.import_value("SharedListener"),
        security_group=group,
    )
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        ingress=Ingress.listener(
            listener, priority=10, conditions=[elbv2.ListenerCondition.path_patterns(["/orders/*"])]
        ),
        alarm_topic=topic_of(stack),
    )


def _worker(stack: Stack) -> None:
    queue = sqs.Queue.from_queue_arn(stack, "Orders", f"arn:aws:sqs:{HERE}:orders")
    FargateService(
        stack,
        "Worker",
        vpc=vpc_of(stack),
        image=image_of(stack),
        capacity=FargateCapacity.mixed(),
        task_scaling=TaskScaling(queue=QueueScaling(queue=queue, messages_per_task=100)),
        alarm_topic=topic_of(stack),
    )


def _fullest(stack: Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    files = efs.FileSystem.from_file_system_attributes(
        stack,
        "Files",
        file_system_id="fs-0123456789abcdef0",
        security_group=ec2.SecurityGroup.from_security_group_id(stack, "FilesGroup", "sg-0fedcba9876543210"),
    )
    key = kms.Key.from_key_arn(stack, "SecretKey", SECRET_KEY)
    secret = secretsmanager.Secret.from_secret_attributes(
        stack, "Secret", secret_complete_arn=SECRET, encryption_key=key
    )
    parameter = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, "Parameter", parameter_name="/shop/api-key"
    )
    hook = lambda_.Function.from_function_arn(stack, "Hook", f"arn:aws:lambda:{HERE}:function:check")
    FargateService(
        stack,
        "Api",
        vpc=vpc_of(stack),
        image=image_of(stack),
        container_port=8080,
        ingress=Ingress.public(domain_name="api.example.com", hosted_zone=zone, web_acl_arn=Fn.import_value("WebAcl")),
        egress=[Egress.https(ipv6=True)],
        cpu=1024,
        memory_mib=4096,
        cpu_architecture=ecs.CpuArchitecture.X86_64,
        ephemeral_storage_gib=40,
        environment={"STAGE": "prod"},
        secrets={
            "DATABASE_PASSWORD": ecs.Secret.from_secrets_manager(secret, "password"),
            "API_KEY": ecs.Secret.from_ssm_parameter(parameter),
        },
        command=["serve"],
        entry_point=["/app"],
        user="10001:10001",
        writable_paths=[WritablePath.memory("/tmp"), WritablePath.disk("/var/cache/app")],  # noqa: S108 -- the container's
        efs_mounts=[
            EfsMount(
                file_system=files,
                access_point=efs.AccessPoint.from_access_point_id(stack, "Point", "fsap-0123456789abcdef0"),
                path="/data",
            )
        ],
        health_check=ecs.HealthCheck(command=["CMD", "/app", "health"]),
        health_check_path="/health",
        health_check_grace_period=Duration.minutes(2),
        stop_timeout=Duration.seconds(90),
        enable_execute_command=True,
        log_routing=LogRouting(options={"Name": "firehose", "region": REGION, "delivery_stream": "logs"}),
        trace_collector=TraceCollector(),
        service_connect=ServiceConnect(namespace="shop", discovery_name="api"),
        capacity=FargateCapacity.mixed(),
        desired_count=4,
        task_scaling=TaskScaling(
            min_capacity=3,
            max_capacity=30,
            schedules=[
                ScheduledCapacity(schedule=autoscaling.Schedule.cron(hour="7", minute="0"), min_capacity=6),
            ],
        ),
        deployment_mode=DeploymentMode.LINEAR,
        traffic_shift=TrafficShift(
            bake_time=Duration.minutes(30),
            step_percent=25,
            step_bake_time=Duration.minutes(3),
            hooks=[DeploymentHook(function=hook, stages=[ecs.DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT])],
        ),
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "workload-boundary"),
        alarm_topic=topic_of(stack),
        log_retention=logs.RetentionDays.THREE_MONTHS,
    )


INSTANCES: Final = {
    "fargate_service-default": Instance(build=_default),
    "fargate_service-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "fargate_service-agnostic": Instance(build=_agnostic, env=None),
    "fargate_service-blue-green": Instance(build=lambda stack: _moving(stack, DeploymentMode.BLUE_GREEN)),
    "fargate_service-canary": Instance(build=lambda stack: _moving(stack, DeploymentMode.CANARY)),
    "fargate_service-linear": Instance(build=lambda stack: _moving(stack, DeploymentMode.LINEAR)),
    "fargate_service-internal": Instance(build=_internal),
    "fargate_service-vpc-origin": Instance(build=_vpc_origin),
    "fargate_service-listener": Instance(build=_listener),
    "fargate_service-worker": Instance(build=_worker),
    "fargate_service-fullest": Instance(build=_fullest),
}
