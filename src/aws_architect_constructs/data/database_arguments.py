"""Arguments that all databases read alike, before the tree is touched."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs._validations import integer, is_concrete
from aws_architect_constructs.foundation.environment import EnvironmentDefaults
from aws_architect_constructs.foundation.tiers import Tier, tier_subnets
from aws_architect_constructs.foundation.workload_key import WorkloadKey

from .engine_facts import DatabaseFamily, has_insights

_FEWEST_ZONES: Final = 2
_DATABASE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,62}")
_RESERVED_MASTERS: Final = ("admin", "rdsadmin", "postgres", "root")
_PORTS: Final = (1150, 65535)
_BACKUP_DAYS: Final = (1, 35)


class MasterPassword(StrEnum):
    """Who keeps the master user's password. It is in no template either way.

    Either way it is a secret in Secrets Manager, for 0.40 USD a month in us-east-1.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html.
    """

    MANAGED = "MANAGED"
    """RDS makes it, keeps it in Secrets Manager and rotates it every seven days. Not for global databases or
    blue/green deployments, which RDS refuses."""
    SECRET = "SECRET"  # noqa: S105 -- the name of a choice, no password
    """A secret of our own, rotated every 30 days by the function that AWS publishes for it."""


@contextmanager
def argument_errors_named(scope: Construct, construct_id: str) -> Iterator[None]:
    """Begin the message of every `ValueError` with the path that the construct would have had."""
    path = f"{scope.node.path}/{construct_id}".lstrip("/")
    try:
        yield
    except ValueError as error:
        message = str(error)
        raise ValueError(message if message.startswith(f"{path}: ") else f"{path}: {message}") from None


def database_subnets(vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    """The subnets of the isolated tier, or the caller's.

    Raises:
        ValueError: If there are none, if any is public, or if all are in one AZ: RDS takes no subnet group of one AZ.
    """
    selection = tier_subnets(vpc, Tier.ISOLATED, vpc_subnets)
    try:
        selected = vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnets=selection.subnets,
            subnet_type=selection.subnet_type,
        )
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"vpc: no subnets for a database, got {reason!r}; allowed: a VPC with an isolated tier, or vpc_subnets="
        ) from None
    if selected.has_public:
        raise ValueError(
            f"vpc_subnets: public subnets, got {selected.subnet_ids!r}; "
            "allowed: subnets without a way in from the internet"
        )
    zones = {subnet.availability_zone for subnet in selected.subnets}
    if len(zones) < _FEWEST_ZONES:
        raise ValueError(
            f"vpc_subnets: too few AZs, got {len(zones)} in {len(selected.subnets)} subnets; "
            f"allowed: subnets in {_FEWEST_ZONES} AZs or more"
        )
    return selected


def check_rotation(vpc: ec2.IVpc) -> None:
    """Check that there is a private tier, which the function that rotates a secret of our own runs in.

    Raises:
        ValueError: If there is none.
    """
    selection = tier_subnets(vpc, Tier.PRIVATE)
    try:
        vpc.select_subnets(subnet_group_name=selection.subnet_group_name, subnet_type=selection.subnet_type)
    except RuntimeError as error:
        raise ValueError(
            f"vpc: no private subnets for the function that rotates the secret, got {str(error).splitlines()[0]!r}; "
            "allowed: a VPC with a private tier, or master_password=MasterPassword.MANAGED"
        ) from None


def checked_port(port: int | None, default: int) -> int:
    """The caller's port, else the library's for the engine."""
    return default if port is None else integer("port", port, *_PORTS)


def checked_database_name(database_name: str) -> str:
    """A name that both engines take without quoting."""
    if not isinstance(database_name, str) or not _DATABASE_NAME.fullmatch(database_name):
        raise ValueError(
            f"database_name: no name, got {database_name!r}; allowed: a letter, then letters, digits and '_', 63 at "
            "most"
        )
    return database_name


def checked_master_username(master_username: str) -> str:
    """A name that RDS does not keep for itself."""
    checked_user(master_username, "master_username")
    if master_username.lower() in _RESERVED_MASTERS:
        raise ValueError(
            f"master_username: reserved, or the first that is guessed, got {master_username!r}; allowed: another name"
        )
    return master_username


def checked_user(user: object, argument: str = "user") -> str:
    """A database user, by name: no star, which would be every user, the master among them."""
    if not isinstance(user, str) or (is_concrete(user) and not _USER.fullmatch(user)):
        raise ValueError(f"{argument}: no database user, got {user!r}; allowed: a name without stars, such as 'app'")
    return user


def backup_days(backup_retention: Duration | None, defaults: EnvironmentDefaults) -> int:
    """How many days back a point in time can be restored."""
    if backup_retention is None:
        return defaults.database_backup_days
    days = backup_retention.to_days(integral=False)
    if days not in range(_BACKUP_DAYS[0], _BACKUP_DAYS[1] + 1):
        raise ValueError(
            f"backup_retention: not within bounds, got {days:g} days; allowed: {_BACKUP_DAYS[0]} to {_BACKUP_DAYS[1]}"
        )
    return int(days)


def checked_key(encryption_key: kms.IKey | None) -> kms.IKey | None:
    """The caller's key, unless it is the stack's shared one.

    A database's key can never change in place, and its snapshots are only as readable as its key: so it shares neither
    fate nor policy with whatever else the stack keeps.
    """
    if encryption_key is not None and isinstance(encryption_key.node.scope, WorkloadKey):
        raise ValueError(
            f"encryption_key: the stack's shared key, got {encryption_key.node.path!r}; allowed: None for a key of the "
            "database's own, or a key made for it"
        )
    return encryption_key


def removal_policy_of(removal_policy: RemovalPolicy | None, defaults: EnvironmentDefaults) -> RemovalPolicy:
    """What happens to a database that leaves its stack: a last snapshot, but in DEV."""
    if removal_policy is not None:
        return removal_policy
    return RemovalPolicy.SNAPSHOT if defaults.snapshot_databases else RemovalPolicy.DESTROY


def insights_mode(
    mode: rds.DatabaseInsightsMode | None, engine: "Engine", instance_classes: Iterable[str]
) -> rds.DatabaseInsightsMode | None:
    """The caller's mode, else the free one, or None where an instance class has no Database Insights.

    Raises:
        ValueError: If it is asked for where there is none.
    """
    without = [name for name in instance_classes if not has_insights(engine.type, name)]
    if without and mode is not None:
        raise ValueError(
            f"database_insights: {without[0]} has none with {engine.type}, got {mode}; allowed: None, or a larger class"
        )
    return None if without else mode or rds.DatabaseInsightsMode.STANDARD


def insights_retention_days(mode: rds.DatabaseInsightsMode) -> int:
    """How long Database Insights keeps its counters: what each mode comes with.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.html
    """
    return 465 if mode is rds.DatabaseInsightsMode.ADVANCED else 7


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine, read once from CDK's description of it."""

    family: DatabaseFamily
    type: str
    version: str
    parameter_group_family: str


_FAMILIES: Final[Mapping[str, DatabaseFamily]] = {
    "aurora-postgresql": DatabaseFamily.POSTGRESQL,
    "aurora-mysql": DatabaseFamily.MYSQL,
    "postgres": DatabaseFamily.POSTGRESQL,
    "mysql": DatabaseFamily.MYSQL,
    "mariadb": DatabaseFamily.MYSQL,
}


def read_engine(engine: rds.IEngine, allowed: tuple[str, ...]) -> Engine:
    """Read an engine of one of the allowed types.

    Raises:
        ValueError: If it is another, or has no version, which RDS would choose and CloudFormation never know.
    """
    kind, version, group = engine.engine_type, engine.engine_version, engine.parameter_group_family
    if kind not in allowed:
        raise ValueError(f"engine: not supported, got {kind!r}; allowed: {', '.join(allowed)}")
    if version is None or version.full_version is None or group is None:
        raise ValueError(f"engine: no version, got {kind!r} alone; allowed: such as {allowed[0]} with version=")
    return Engine(family=_FAMILIES[kind], type=kind, version=version.full_version, parameter_group_family=group)
