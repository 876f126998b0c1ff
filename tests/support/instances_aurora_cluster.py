"""The canonical instances of AuroraCluster."""

from typing import Final

from aws_cdk import Aws, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    AuroraCluster,
    AuroraInstance,
    BackupPlan,
    DatabaseProxy,
    EnvironmentType,
    ReaderScaling,
    RestoreSource,
    ServerlessCapacity,
)
from support.instance import Instance
from support.synthesis import AZS


def shared_key(stack: Stack) -> kms.IKey:
    """A key of another stack."""
    return kms.Key.from_key_arn(stack, "Key", Fn.import_value("DatabaseKey"))


def shared_topic(stack: Stack) -> sns.ITopic:
    """A topic of another stack."""
    return sns.Topic.from_topic_arn(stack, "Alarms", Fn.import_value("AlarmTopic"))


def any_vpc(stack: Stack, zones: tuple[str, ...] = AZS) -> ec2.IVpc:
    """A VPC of somebody else's, in the AZs."""
    letters = [zone[-1] for zone in zones]
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.2.0.0/16",
        availability_zones=list(zones),
        private_subnet_ids=[f"subnet-0123456789abcde1{letter}" for letter in letters],
        private_subnet_names=["Private"],
        isolated_subnet_ids=[f"subnet-0123456789abcde2{letter}" for letter in letters],
        isolated_subnet_names=["Isolated"],
    )


def _default(stack: Stack) -> None:
    AuroraCluster(stack, "Database", vpc=any_vpc(stack), alarm_topic=shared_topic(stack))


def _dev(stack: Stack) -> None:
    AuroraCluster(stack, "Database", vpc=any_vpc(stack))


def _agnostic(stack: Stack) -> None:
    vpc = any_vpc(stack, ("eu-west-1a", "eu-west-1b"))
    topic = sns.Topic(stack, "Alarms", master_key=kms.Key(stack, "TopicKey", enable_key_rotation=True))
    database = AuroraCluster(stack, "Database", vpc=vpc, data_api=True, alarm_topic=topic)
    policy = iam.ManagedPolicy(stack, "Client")
    database.grant_connect(policy, "app")
    database.grant_data_api(policy)


def _mysql(stack: Stack) -> None:
    AuroraCluster(
        stack,
        "Database",
        vpc=any_vpc(stack),
        engine=rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_10_0),
        blue_green=True,
        alarm_topic=shared_topic(stack),
    )


def _restored(stack: Stack) -> None:
    AuroraCluster(
        stack,
        "Database",
        vpc=any_vpc(stack),
        restore=RestoreSource.from_database("lost-cluster"),
        alarm_topic=shared_topic(stack),
    )


def _fullest(stack: Stack) -> None:
    vpc = any_vpc(stack)
    client = iam.ManagedPolicy(stack, "Client")
    database = AuroraCluster(
        stack,
        "Database",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
        engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_7),
        database_name="orders",
        port=6543,
        instances=[
            AuroraInstance.provisioned(ec2.InstanceType("r8g.xlarge")),
            AuroraInstance.serverless(),
            AuroraInstance.serverless(promotion_tier=9),
        ],
        serverless_capacity=ServerlessCapacity(minimum=2, maximum=32),
        reader_scaling=ReaderScaling.on_cpu(maximum=5),
        io_optimized=True,
        proxy=DatabaseProxy(max_connections_percent=80, idle_client_timeout=Duration.minutes(10)),
        data_api=True,
        master_username="owner",
        parameters={"log_min_duration_statement": "500"},
        restore=RestoreSource.from_snapshot("before-the-mistake"),
        database_insights=rds.DatabaseInsightsMode.ADVANCED,
        auto_minor_version_upgrade=True,
        backup_retention=Duration.days(14),
        backup_window="23:00-00:30",
        maintenance_window="tue:02:00-tue:03:00",
        backup_plan=BackupPlan(
            copy_to_vault_arn=f"arn:{Aws.PARTITION}:backup:eu-central-1:{Aws.ACCOUNT_ID}:backup-vault:elsewhere",
            copy_retention=Duration.days(90),
        ),
        deletion_protection=True,
        encryption_key=shared_key(stack),
        alarm_topic=shared_topic(stack),
        log_retention=logs.RetentionDays.SIX_MONTHS,
        removal_policy=RemovalPolicy.RETAIN,
    )
    database.grant_connect(client, "app")


INSTANCES: Final = {
    "aurora_cluster-default": Instance(build=_default),
    "aurora_cluster-dev": Instance(build=_dev, environment_type=EnvironmentType.DEV),
    "aurora_cluster-staging": Instance(build=_dev, environment_type=EnvironmentType.STAGING),
    "aurora_cluster-agnostic": Instance(build=_agnostic, env=None),
    "aurora_cluster-mysql": Instance(build=_mysql),
    "aurora_cluster-restored": Instance(build=_restored),
    "aurora_cluster-fullest": Instance(build=_fullest),
}
