"""Everything about a database of RDS that is decided before the tree is touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs._validations import choice, integer
from aws_architect_constructs.foundation.environment import EnvironmentDefaults, EnvironmentType
from aws_architect_constructs.foundation.retention import log_retention_for

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
from .engine_facts import FAMILY_FACTS, required_parameters
from .instance_memory import memory_gib
from .maintenance_windows import check_windows
from .restore import RestoreSource

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns

_ENGINES: Final = ("postgres", "mysql", "mariadb")
_CLUSTER_ENGINES: Final = ("postgres", "mysql")
_CLUSTER_ZONES: Final = 3
_STORAGE_GIB: Final = (20, 65_536)
_CLUSTER_STORAGE_GIB: Final = 100
_STRIPED_GIB: Final = 400
_BASELINE_IOPS: Final = 3000
_STRIPED_IOPS: Final = 12_000
_MOST_IOPS: Final = 64_000
"""gp3: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage"""
_GROWTH: Final = 10


class MultiAzDeployment(StrEnum):
    """How many AZs a database of RDS is in.

    See https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html.
    """

    INSTANCE = "INSTANCE"
    """One standby in another AZ, which cannot be read from; a failover takes one to two minutes."""
    CLUSTER = "CLUSTER"
    """Two standbys in two further AZs, which can be read from; a failover takes less than 35 seconds as a rule.
    PostgreSQL and MySQL alone, and storage does not grow by itself."""
    SINGLE_AZ = "SINGLE_AZ"
    """None: for development and staging."""


_DEFAULT_TYPES: Final[Mapping[MultiAzDeployment, str]] = {
    MultiAzDeployment.SINGLE_AZ: "t4g.medium",
    MultiAzDeployment.INSTANCE: "m7g.large",
    MultiAzDeployment.CLUSTER: "r6gd.large",
}


@dataclass(frozen=True, kw_only=True)
class MultiAzSettings:
    """The database, decided before the tree is touched."""

    vpc: ec2.IVpc
    subnets: ec2.SelectedSubnets
    engine: Engine
    deployment: MultiAzDeployment
    instance_class: str
    gib: int
    allocated_storage: int
    max_allocated_storage: int | None
    iops: int | None
    database_name: str
    port: int
    parameters: Mapping[str, str]
    master_username: str
    master_password: MasterPassword
    restore: RestoreSource | None
    insights: rds.DatabaseInsightsMode | None
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

    @property
    def is_cluster(self) -> bool:
        """Whether it is a Multi-AZ DB cluster."""
        return self.deployment is MultiAzDeployment.CLUSTER

    @property
    def is_managed(self) -> bool:
        """Whether RDS keeps the master password."""
        return self.master_password is MasterPassword.MANAGED

    @property
    def snapshot(self) -> str | None:
        """The snapshot that it begins with."""
        return self.restore.snapshot_identifier if self.restore else None

    @property
    def source(self) -> str | None:
        """The database whose data it begins with."""
        return self.restore.source_identifier if self.restore else None

    @property
    def restore_time(self) -> str | None:
        """The point in time of that database."""
        return self.restore.restore_to_time if self.restore else None

    @property
    def restores_latest(self) -> bool | None:
        """Whether it is the latest point in time; None where there is no such database, or a time is given."""
        return True if self.source and not self.restore_time else None


def decide_multi_az(
    scope: Construct,
    *,
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    engine: rds.IEngine | None,
    deployment: MultiAzDeployment | None,
    instance_type: ec2.InstanceType | None,
    allocated_storage: int,
    max_allocated_storage: int | None,
    iops: int | None,
    database_name: str,
    port: int | None,
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
) -> MultiAzSettings:
    """Read and check all arguments of a database; they are explained there.

    Raises:
        ValueError: If any is wrong, or two do not go together. The message begins with the argument's name.
    """
    environment = environment_type or EnvironmentType.of(scope)
    defaults = environment.defaults
    known = read_engine(engine or _default_engine(), _ENGINES)
    chosen = _deployment(deployment, known, environment, defaults)
    instance_class = _DEFAULT_TYPES[chosen] if instance_type is None else instance_type.to_string()
    check_windows(backup_window, maintenance_window)
    password = (
        MasterPassword.MANAGED
        if master_password is None
        else choice("master_password", MasterPassword, master_password)
    )
    if password is MasterPassword.SECRET:
        check_rotation(vpc)
    return MultiAzSettings(
        vpc=vpc,
        subnets=_subnets(vpc, vpc_subnets, chosen),
        engine=known,
        deployment=chosen,
        instance_class=f"db.{instance_class}",
        gib=memory_gib(instance_class),
        allocated_storage=_storage(allocated_storage, chosen),
        iops=_iops(iops, allocated_storage, chosen),
        max_allocated_storage=_most_storage(max_allocated_storage, allocated_storage, chosen),
        database_name=checked_database_name(database_name),
        port=checked_port(port, FAMILY_FACTS[known.family].port),
        parameters=_parameters(known, parameters),
        master_username=checked_master_username(master_username),
        master_password=password,
        restore=restore,
        insights=insights_mode(database_insights, known, [f"db.{instance_class}"]),
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
    )


def _default_engine() -> rds.IEngine:
    return rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9)


def _deployment(
    deployment: MultiAzDeployment | None, engine: Engine, environment: EnvironmentType, defaults: EnvironmentDefaults
) -> MultiAzDeployment:
    if deployment is None:
        return MultiAzDeployment.INSTANCE if defaults.database_standby else MultiAzDeployment.SINGLE_AZ
    chosen = choice("deployment", MultiAzDeployment, deployment)
    if chosen is MultiAzDeployment.SINGLE_AZ and environment in {EnvironmentType.PROD, EnvironmentType.SHARED}:
        raise ValueError(f"deployment: one AZ in {environment}, got {chosen}; allowed: INSTANCE or CLUSTER")
    if chosen is MultiAzDeployment.CLUSTER and engine.type not in _CLUSTER_ENGINES:
        raise ValueError(
            f"deployment: no Multi-AZ DB cluster of this engine, got {engine.type!r}; allowed: "
            f"{' or '.join(_CLUSTER_ENGINES)}, or INSTANCE"
        )
    return chosen


def _subnets(
    vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None, deployment: MultiAzDeployment
) -> ec2.SelectedSubnets:
    selected = database_subnets(vpc, vpc_subnets)
    zones = {subnet.availability_zone for subnet in selected.subnets}
    if deployment is MultiAzDeployment.CLUSTER and len(zones) < _CLUSTER_ZONES:
        raise ValueError(
            f"vpc_subnets: a Multi-AZ DB cluster is in {_CLUSTER_ZONES} AZs, got {len(zones)}; "
            f"allowed: subnets in {_CLUSTER_ZONES} AZs, or INSTANCE"
        )
    return selected


def _storage(allocated: int, deployment: MultiAzDeployment) -> int:
    lowest, highest = _STORAGE_GIB
    is_cluster = deployment is MultiAzDeployment.CLUSTER
    return integer("allocated_storage", allocated, _CLUSTER_STORAGE_GIB if is_cluster else lowest, highest)


def _iops(iops: int | None, allocated: int, deployment: MultiAzDeployment) -> int | None:
    """The IOPS: RDS wants them of a cluster, no fewer than gp3 has, and takes none for a small instance of gp3."""
    if deployment is MultiAzDeployment.CLUSTER:
        fewest = _BASELINE_IOPS if allocated < _STRIPED_GIB else _STRIPED_IOPS
        return fewest if iops is None else integer("iops", iops, fewest, _MOST_IOPS)
    if iops is not None and allocated < _STRIPED_GIB:
        raise ValueError(
            f"iops: gp3 has {_BASELINE_IOPS} below {_STRIPED_GIB} GiB and takes no others, got {iops!r}; "
            f"allowed: None, or allocated_storage={_STRIPED_GIB} or more"
        )
    return None if iops is None else integer("iops", iops, _STRIPED_IOPS, _MOST_IOPS)


def _most_storage(most: int | None, allocated: int, deployment: MultiAzDeployment) -> int | None:
    highest = _STORAGE_GIB[1]
    if deployment is MultiAzDeployment.CLUSTER:
        if most is not None:
            raise ValueError(
                f"max_allocated_storage: a cluster's storage does not grow by itself, got {most!r}; allowed: None"
            )
        return None
    if most is None:
        return min(allocated * _GROWTH, highest)
    # RDS wants a tenth more than there is: less could not grow once.
    return integer("max_allocated_storage", most, min(-(-allocated * 11 // 10), highest), highest)


def _parameters(engine: Engine, parameters: Mapping[str, str] | None) -> dict[str, str]:
    found = {**required_parameters(engine.family, aurora=False), **(parameters or {})}
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ValueError(f"parameters: not all texts, got {name!r}: {value!r}; allowed: a text for each name")
    return dict(sorted(found.items()))
