"""How long logs stay: days on the table of environments, an enum in CDK."""

from typing import Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from .environment import EnvironmentDefaults

_RETENTION: Final = {
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_retention_for(log_retention: logs.RetentionDays | None, defaults: EnvironmentDefaults) -> logs.RetentionDays:
    """The caller's retention, else the environment's.

    Raises:
        ValueError: If the caller's is a number of days and not CDK's name for it.
    """
    if log_retention is not None and not isinstance(log_retention, logs.RetentionDays):
        raise ValueError(f"log_retention: not CDK's name, got {log_retention!r}; allowed: RetentionDays.ONE_MONTH, ...")
    return log_retention if log_retention is not None else _RETENTION[defaults.log_retention_days]


def log_removal_policy_for(removal_policy: RemovalPolicy | None, defaults: EnvironmentDefaults) -> RemovalPolicy:
    """The caller's removal policy, else the environment's.

    Raises:
        ValueError: If a snapshot is asked for, which no log group has.
    """
    if removal_policy is RemovalPolicy.SNAPSHOT:
        raise ValueError("removal_policy: no log group has snapshots, got SNAPSHOT; allowed: RETAIN or DESTROY")
    return defaults.removal_policy if removal_policy is None else removal_policy
