"""Why what cdk-nag flags of a database of RDS is right to stay."""

from typing import Final

from aws_cdk import aws_rds as rds

from aws_architect_constructs._validations import acknowledge

from .engine_facts import DatabaseFamily
from .multi_az_settings import MultiAzDeployment, MultiAzSettings


def _of_packs(rule: str, *packs: str) -> tuple[str, ...]:
    return tuple(f"{pack}::{pack}-{rule}" for pack in packs)


_NIST_AND_HIPAA: Final = ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security")
_ALL: Final = (*_NIST_AND_HIPAA, "PCI.DSS.321")
_UNPROTECTED: Final = (
    "AwsSolutions::AwsSolutions-RDS10",
    *_of_packs("RDSInstanceDeletionProtectionEnabled", *_NIST_AND_HIPAA),
)
_UNPLANNED: Final = _of_packs("RDSInBackupPlan", *_NIST_AND_HIPAA)
_SINGLE: Final = ("AwsSolutions::AwsSolutions-RDS3", *_of_packs("RDSMultiAZSupport", *_NIST_AND_HIPAA))
_LOGS: Final = tuple(
    f"{rule}[LogExport::{log}]" for rule in _of_packs("RDSLoggingEnabled", *_ALL) for log in ("audit", "general")
)
_INHERITED: Final = ("AwsSolutions::AwsSolutions-RDS2", *_of_packs("RDSStorageEncrypted", *_ALL))


def acknowledge_what_stays(database: rds.CfnDBCluster | rds.CfnDBInstance, settings: MultiAzSettings) -> None:
    """Acknowledge on the database what its settings make the packs flag."""

    def stays(rules: tuple[str, ...], reason: str) -> None:
        for rule in rules:
            acknowledge(database, rule, reason)

    if not settings.deletion_protection:
        stays(
            _UNPROTECTED,
            "Deletion protection is off outside production, where a stack must be possible to delete; in production "
            "the library warns of it.",
        )
    if settings.is_cluster and settings.source:
        stays(
            _INHERITED,
            "CloudFormation refuses StorageEncrypted beside a source cluster; the key that is given beside it "
            "encrypts the restored one.",
        )
    if settings.is_cluster:
        return
    if settings.restore is not None:
        stays(
            _INHERITED,
            "RDS restores an instance with its source's encryption and key, and CloudFormation takes neither beside "
            "it; the library warns of it.",
        )
    if settings.backup_plan is None:
        stays(
            _UNPLANNED,
            "RDS backs it up continuously, to any second of the retention; backup_plan= adds a vault of AWS Backup.",
        )
    if settings.deployment is MultiAzDeployment.SINGLE_AZ:
        stays(_SINGLE, "One AZ is for development and staging alone: it is refused in production.")
    if settings.engine.family is DatabaseFamily.MYSQL:
        stays(
            _LOGS,
            "The general log holds every statement with its values, passwords and personal data among them, and the "
            "audit log of RDS needs a plugin in an option group: neither is a default.",
        )
