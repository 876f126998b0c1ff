"""Production data can be brought back."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import UNKNOWN, is_false, is_true, number

_ENOUGH_DAYS: Final = 7
_RETENTION: Final = {
    "AWS::DocDB::DBCluster": "BackupRetentionPeriod",
    "AWS::ElastiCache::ReplicationGroup": "SnapshotRetentionLimit",
    "AWS::Neptune::DBCluster": "BackupRetentionPeriod",
    "AWS::RDS::DBCluster": "BackupRetentionPeriod",
    "AWS::RDS::DBInstance": "BackupRetentionPeriod",
}
# Without the property the service keeps backups for this many days.
_DEFAULT_DAYS: Final = {"AWS::ElastiCache::ReplicationGroup": 0}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at retention periods, and at point-in-time recovery of tables."""
    if any(True for _ in template.of_type("AWS::Backup::BackupSelection")):
        return
    for kind, name in _RETENTION.items():
        for resource in template.of_type(kind):
            if kind == "AWS::RDS::DBInstance" and any(
                resource.may(lambda value: value is not None, other)
                for other in ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
            ):
                continue
            days = [_DEFAULT_DAYS.get(kind, 1) if value is None else number(value) for value in resource.outcomes(name)]
            if all(value is not None and value < _ENOUGH_DAYS for value in days):
                most = max(value for value in days if value is not None)
                yield Finding(resource.logical_id, f"backups reach back {most:g} days", f"Properties.{name}")
    yield from _tables(template)


def _tables(template: Template) -> Iterator[Finding]:
    path = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    for table in template.of_type("AWS::DynamoDB::Table"):
        if table.must(lambda value: not is_true(value), *path):
            yield Finding(table.logical_id, "the table has no point-in-time recovery", f"Properties.{path[0]}")
    for table in template.of_type("AWS::DynamoDB::GlobalTable"):
        for replica in table.items("Replicas"):
            recovery = replica.get(path[0]) if isinstance(replica, dict) else UNKNOWN
            switch = recovery.get(path[1]) if isinstance(recovery, dict) and path[1] in recovery else recovery
            if all(outcome is None or is_false(outcome) for outcome in template.values.outcomes(switch)):
                yield Finding(table.logical_id, "a replica has no point-in-time recovery", "Properties.Replicas")
                break


RULE: Final = Rule(
    id="MissingBackups",
    title="Production data has a week of backups",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ERROR,
    elsewhere=None,
    rationale=(
        "A fault in the application is often found days later; a backup of one day, which is RDS's default, holds the "
        "fault already."
    ),
    fix="`BackupRetentionPeriod: 7` or more; point-in-time recovery for tables; or a plan of AWS Backup.",
    reference="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html",
    limits="A template with a selection of AWS Backup is trusted; selections by tag in another stack are not known.",
    check=check,
)
