"""Everything about an Aurora cluster that is decided before the tree is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs._validations import choice
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.retention import log_retention_for

from .aurora_instances import AuroraInstance, InstancePlan, ReaderScaling, ServerlessCapacity, plan_instances
from .database_arguments import (
    Engine,
    MasterPassword,
    backup_days,
    check_rotation,
    checked_database_name,
    checked_key,
    checked_master_username,
    checked_port,
    database_subnets,
    insights_mode,
    read_engine,
    removal_policy_of,
)
from .database_backups import BackupPlan
from .database_proxy import DatabaseProxy
from .engine_facts import (
    FAMILY_FACTS,
    EngineFeature,
    first_missing_version,
    replicates_logically,
    required_parameters,
)
from .maintenance_windows import check_windows
from .restore import RestoreSource

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns

AURORA_ENGINES: Final = ("aurora-postgresql", "aurora-mysql")
DEFAULT_DATABASE_NAME: Final = "app"
DEFAULT_MASTER_USERNAME: Final = "dbadmin"


def default_engine() -> rds.IEngine:
    """Aurora PostgreSQL 17, in whatever minor version RDS has chosen and upgraded to."""
    version = rds.AuroraPostgresEngineVersion.of("17", "17")
    return rds.DatabaseClusterEngine.aurora_postgres(version=version)


@dataclass(frozen=True, kw_only=True)
class AuroraSettings:
    """The cluster, decided. Of a global database's secondary `master_password` is None."""

    vpc: ec2.IVpc
    subnets: ec2.SelectedSubnets
    engine: Engine
    plan: InstancePlan | None
    database_name: str
    port: int
    parameters: Mapping[str, str]
    master_password: MasterPassword | None
    master_username: str
    secret_regions: tuple[str, ...]
    restore: RestoreSource | None
    reader_scaling: ReaderScaling | None
    io_optimized: bool
    proxy: DatabaseProxy | None
    data_api: bool
    database_insights: rds.DatabaseInsightsMode | None
    auto_minor_version_upgrade: bool
    backup_days: int
    backup_window: str
    maintenance_window: str
    backup_plan: BackupPlan | None
    deletion_protection: bool
    encryption_key: kms.IKey | None
    alarm_topic: "sns.ITopic | None"
    log_retention: logs.RetentionDays
    removal_policy: RemovalPolicy
    environment_type: EnvironmentType
    declared: EnvironmentType | None
    global_cluster_identifier: str | None = None
    write_forwarding: bool = False

    @property
    def zones(self) -> list[str]:
        """The subnets' AZs, in an order that a further AZ does not change."""
        zones = list(dict.fromkeys(subnet.availability_zone for subnet in self.subnets.subnets))
        return zones if any("{" in zone for zone in zones) else sorted(zones)


def decide(
    scope: Construct,
    *,
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    engine: rds.IEngine | None,
    database_name: str,
    port: int | None,
    instances: Sequence[AuroraInstance] | None,
    serverless_capacity: ServerlessCapacity | None,
    reader_scaling: ReaderScaling | None,
    io_optimized: bool,
    proxy: DatabaseProxy | None,
    data_api: bool,
    blue_green: bool,
    master_username: str,
    master_password: MasterPassword | None,
    parameters: Mapping[str, str] | None,
    restore: RestoreSource | None,
    database_insights: rds.DatabaseInsightsMode | None,
    auto_minor_version_upgrade: bool,
    backup_retention: Duration | None,
    backup_window: str,
    maintenance_window: str,
    backup_plan: BackupPlan | None,
    deletion_protection: bool | None,
    encryption_key: kms.IKey | None,
    alarm_topic: "sns.ITopic | None",
    log_retention: logs.RetentionDays | None,
    removal_policy: RemovalPolicy | None,
    environment_type: EnvironmentType | None,
) -> AuroraSettings:
    """Read and check all arguments of a cluster; they are explained there.

    Raises:
        ValueError: If any is wrong, or two do not go together. The message begins with the argument's name.
    """
    environment = environment_type or EnvironmentType.of(scope)
    defaults = environment.defaults
    known = read_engine(engine or default_engine(), AURORA_ENGINES)
    all_parameters = _parameters(known, parameters, blue_green=blue_green)
    check_windows(backup_window, maintenance_window)
    if data_api:
        need(EngineFeature.DATA_API, known, "data_api")
    plan = plan_instances(
        instances,
        serverless_capacity,
        engine=known,
        defaults=defaults,
        kept_awake_by=_kept_awake_by(known, all_parameters, proxy, blue_green=blue_green),
    )
    check_scaling(reader_scaling, plan)
    password = _master_password(master_password, blue_green=blue_green)
    if password is MasterPassword.SECRET:
        check_rotation(vpc)
    return AuroraSettings(
        vpc=vpc,
        subnets=database_subnets(vpc, vpc_subnets),
        engine=known,
        plan=plan,
        database_name=checked_database_name(database_name),
        port=checked_port(port, FAMILY_FACTS[known.family].port),
        parameters=all_parameters,
        master_password=password,
        master_username=checked_master_username(master_username),
        secret_regions=(),
        restore=restore,
        reader_scaling=reader_scaling,
        io_optimized=io_optimized,
        proxy=proxy,
        data_api=data_api,
        database_insights=insights_mode(
            database_insights, known, (instance.instance_class for instance in plan.instances)
        ),
        auto_minor_version_upgrade=auto_minor_version_upgrade,
        backup_days=backup_days(backup_retention, defaults),
        backup_window=backup_window,
        maintenance_window=maintenance_window,
        backup_plan=backup_plan,
        deletion_protection=defaults.retain_data if deletion_protection is None else deletion_protection,
        encryption_key=checked_key(encryption_key),
        alarm_topic=alarm_topic,
        log_retention=log_retention_for(log_retention, defaults),
        removal_policy=removal_policy_of(removal_policy, defaults),
        environment_type=environment,
        declared=environment_type,
    )


def need(feature: EngineFeature, engine: Engine, argument: str) -> None:
    """Check that an engine version has a feature.

    Raises:
        ValueError: If it lacks it.
    """
    missing = first_missing_version(feature, engine.family, engine.version)
    if missing is not None:
        raise ValueError(
            f"{argument}: this engine version does not have {feature.value}, got {engine.version!r}; "
            f"allowed: {missing} and newer"
        )


def _parameters(engine: Engine, parameters: Mapping[str, str] | None, *, blue_green: bool) -> dict[str, str]:
    required = required_parameters(engine.family, aurora=True, logical_replication=blue_green)
    found = {**required, **(parameters or {})}
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ValueError(f"parameters: not all texts, got {name!r}: {value!r}; allowed: a text for each name")
    if blue_green and not replicates_logically(engine.family, found):
        raise ValueError(
            f"parameters: blue_green needs logical replication, got {dict(parameters or {})!r}; allowed: to leave it on"
        )
    return dict(sorted(found.items()))


def _kept_awake_by(
    engine: Engine, parameters: Mapping[str, str], proxy: DatabaseProxy | None, *, blue_green: bool
) -> str | None:
    """What keeps an instance from pausing.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
    """
    if proxy is not None:
        return "proxy="
    if blue_green:
        return "blue_green=True, which is logical replication"
    return "logical replication in parameters=" if replicates_logically(engine.family, parameters) else None


def _master_password(master_password: MasterPassword | None, *, blue_green: bool) -> MasterPassword:
    if master_password is None:
        wanted = MasterPassword.SECRET if blue_green else MasterPassword.MANAGED
    else:
        wanted = choice("master_password", MasterPassword, master_password)
    if blue_green and wanted is MasterPassword.MANAGED:
        raise ValueError(
            f"master_password: RDS makes no blue/green deployment of a cluster whose password it manages, got "
            f"{wanted}; allowed: SECRET, or blue_green=False"
        )
    return wanted


def check_scaling(reader_scaling: ReaderScaling | None, plan: InstancePlan) -> None:
    """Check that readers that come and go are measured by some, and are no fewer than the cluster's own.

    Raises:
        ValueError: If there is no reader, or the most are fewer than there are.
    """
    if reader_scaling is None:
        return
    if plan.readers == 0:
        raise ValueError(
            f"reader_scaling: there is no reader to measure, got {len(plan.instances)} instance; "
            "allowed: two instances or more"
        )
    if reader_scaling.maximum < max(plan.readers, reader_scaling.minimum or 0):
        raise ValueError(
            f"reader_scaling: fewer than the cluster's own readers, got maximum={reader_scaling.maximum}; "
            f"allowed: {plan.readers} or more"
        )
