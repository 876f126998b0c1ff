"""The canonical instances of MultiAzDatabase."""

from typing import Final

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    BackupPlan,
    EnvironmentType,
    MasterPassword,
    MultiAzDatabase,
    MultiAzDeployment,
    RestoreSource,
)
from support.instance import Instance
from support.instances_aurora_cluster import any_vpc, shared_key, shared_topic


def _default(stack: Stack) -> None:
    MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), alarm_topic=shared_topic(stack))


def _dev(stack: Stack) -> None:
    MultiAzDatabase(stack, "Database", vpc=any_vpc(stack))


def _agnostic(stack: Stack) -> None:
    topic = sns.Topic(stack, "Alarms", master_key=kms.Key(stack, "TopicKey", enable_key_rotation=True))
    database = MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), alarm_topic=topic)
    database.grant_connect(iam.ManagedPolicy(stack, "Client"), "app")


def _cluster(stack: Stack) -> None:
    MultiAzDatabase(
        stack,
        "Database",
        vpc=any_vpc(stack),
        deployment=MultiAzDeployment.CLUSTER,
        alarm_topic=shared_topic(stack),
    )


def _restored_cluster(stack: Stack) -> None:
    MultiAzDatabase(
        stack,
        "Database",
        vpc=any_vpc(stack),
        engine=rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_7),
        deployment=MultiAzDeployment.CLUSTER,
        restore=RestoreSource.from_database("lost"),
        alarm_topic=shared_topic(stack),
    )


def _fullest(stack: Stack) -> None:
    MultiAzDatabase(
        stack,
        "Database",
        vpc=any_vpc(stack),
        vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
        engine=rds.DatabaseInstanceEngine.maria_db(version=rds.MariaDbEngineVersion.of("11.4.8", "11.4")),
        deployment=MultiAzDeployment.INSTANCE,
        instance_type=ec2.InstanceType("r7g.xlarge"),
        allocated_storage=500,
        max_allocated_storage=2000,
        iops=16_000,
        database_name="orders",
        port=6543,
        master_username="owner",
        master_password=MasterPassword.SECRET,
        parameters={"long_query_time": "2"},
        restore=RestoreSource.from_snapshot("before-the-mistake"),
        database_insights=rds.DatabaseInsightsMode.ADVANCED,
        backup_retention=Duration.days(14),
        backup_window="23:00-00:30",
        maintenance_window="tue:02:00-tue:03:00",
        backup_plan=BackupPlan(
            copy_to_vault_arn=f"arn:{Aws.PARTITION}:backup:eu-central-1:{Aws.ACCOUNT_ID}:backup-vault:elsewhere"
        ),
        deletion_protection=True,
        encryption_key=shared_key(stack),
        alarm_topic=shared_topic(stack),
        log_retention=logs.RetentionDays.SIX_MONTHS,
        removal_policy=RemovalPolicy.RETAIN,
    )


INSTANCES: Final = {
    "multi_az_database-default": Instance(build=_default),
    "multi_az_database-dev": Instance(build=_dev, environment_type=EnvironmentType.DEV),
    "multi_az_database-agnostic": Instance(build=_agnostic, env=None),
    "multi_az_database-cluster": Instance(build=_cluster),
    "multi_az_database-restored-cluster": Instance(build=_restored_cluster),
    "multi_az_database-fullest": Instance(build=_fullest),
}
