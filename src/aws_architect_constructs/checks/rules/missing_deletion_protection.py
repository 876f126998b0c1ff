"""Production data is not deleted by a slip."""

from collections.abc import Callable, Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import UNKNOWN, is_true

_PROTECTED: Final = {
    "AWS::Cognito::UserPool": ("DeletionProtection", "ACTIVE"),
    "AWS::DocDB::DBCluster": ("DeletionProtection", True),
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled", True),
    "AWS::Neptune::DBCluster": ("DeletionProtection", True),
    "AWS::RDS::DBCluster": ("DeletionProtection", True),
    "AWS::RDS::DBInstance": ("DeletionProtection", True),
    "AWS::RDS::GlobalCluster": ("DeletionProtection", True),
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at databases, tables and user pools that anybody may delete."""
    for kind, (name, wanted) in _PROTECTED.items():
        for resource in template.of_type(kind):
            if not _is_a_copy(resource) and resource.must(_is_not(wanted), name):
                yield Finding(resource.logical_id, "it can be deleted by one call", f"Properties.{name}")
    for table in template.of_type("AWS::DynamoDB::GlobalTable"):
        for replica in table.items("Replicas"):
            value = replica.get("DeletionProtectionEnabled") if isinstance(replica, dict) else None
            if isinstance(replica, dict) and not any(
                is_true(outcome) or outcome is UNKNOWN for outcome in template.values.outcomes(value)
            ):
                yield Finding(table.logical_id, "a replica can be deleted by one call", "Properties.Replicas")
                break


def _is_not(wanted: object) -> Callable[[object], bool]:
    return lambda value: not (is_true(value) if wanted is True else value == wanted)


def _is_a_copy(resource: Resource) -> bool:
    """Whether the resource holds nothing of its own: a member of a cluster, or a read replica."""
    return any(
        resource.may(lambda value: value is not None, name)
        for name in ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
        if resource.type == "AWS::RDS::DBInstance"
    )


RULE: Final = Rule(
    id="MissingDeletionProtection",
    title="Production databases cannot be deleted by one call",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ERROR,
    elsewhere=None,
    rationale="A replacement in a change set, a wrong stack or a tired engineer deletes a database in one call.",
    fix="Switch deletion protection on, and keep `DeletionPolicy: Retain` or `Snapshot`.",
    reference="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    check=check,
)
