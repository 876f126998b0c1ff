"""The canonical instances of AuroraGlobal: its primary's stack, with the other Regions' stacks in the same app."""

from typing import Any, Final

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    AuroraCluster,
    AuroraGlobal,
    AuroraInstance,
    EnvironmentType,
    MasterPassword,
    ReaderScaling,
    SecondaryRegion,
    ServerlessCapacity,
)
from support.instance import Instance
from support.instances_aurora_cluster import any_vpc, shared_key, shared_topic
from support.synthesis import ENV

POSTGRESQL: Final = rds.AuroraPostgresEngineVersion.VER_17_7


def elsewhere(stack: Stack, region: str) -> Stack:
    """A stack of another Region in the same app."""
    root = stack.node.root
    assert isinstance(root, App)
    return Stack(root, f"Other-{region}", env=Environment(account=ENV.account, region=region))


def vpc_in(stack: Stack, region: str) -> ec2.IVpc:
    """A VPC of another Region."""
    return any_vpc(elsewhere(stack, region), (f"{region}a", f"{region}b"))


def primary_of(stack: Stack, **arguments: Any) -> AuroraCluster:
    """A cluster that can become the primary."""
    return AuroraCluster(
        stack,
        "Database",
        **{
            "vpc": any_vpc(stack),
            "engine": rds.DatabaseClusterEngine.aurora_postgres(version=POSTGRESQL),
            "master_password": MasterPassword.SECRET,
            "auto_minor_version_upgrade": False,
            **arguments,
        },
    )


def _default(stack: Stack) -> None:
    database = primary_of(stack, alarm_topic=shared_topic(stack))
    other = elsewhere(stack, "eu-central-1")
    vpc = any_vpc(other, ("eu-central-1a", "eu-central-1b"))
    topic: sns.ITopic = shared_topic(other)
    AuroraGlobal(stack, "Global", primary=database, secondaries=[SecondaryRegion(vpc=vpc, alarm_topic=topic)])


def _headless(stack: Stack) -> None:
    AuroraGlobal(
        stack,
        "Global",
        primary=primary_of(stack),
        secondaries=[SecondaryRegion.headless(vpc=vpc_in(stack, "eu-central-1"))],
    )


def _fullest(stack: Stack) -> None:
    frankfurt = elsewhere(stack, "eu-central-1")
    AuroraGlobal(
        stack,
        "Global",
        primary=primary_of(stack, alarm_topic=shared_topic(stack)),
        secondaries=[
            SecondaryRegion(
                vpc=any_vpc(frankfurt, ("eu-central-1a", "eu-central-1b")),
                instances=[AuroraInstance.serverless()] * 2,
                serverless_capacity=ServerlessCapacity(minimum=2, maximum=16),
                reader_scaling=ReaderScaling.on_cpu(maximum=4),
                write_forwarding=True,
                encryption_key=shared_key(frankfurt),
                alarm_topic=shared_topic(frankfurt),
            ),
            SecondaryRegion.headless(vpc=vpc_in(stack, "eu-north-1")),
        ],
        deletion_protection=True,
    )


INSTANCES: Final = {
    "aurora_global-default": Instance(build=_default),
    "aurora_global-headless": Instance(build=_headless, environment_type=EnvironmentType.SHARED),
    "aurora_global-fullest": Instance(build=_fullest),
}
