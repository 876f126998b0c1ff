"""Why what cdk-nag flags of an Aurora cluster is right to stay."""

from typing import Final

from aws_cdk import aws_rds as rds

from aws_architect_constructs._validations import acknowledge

from .aurora_settings import AuroraSettings
from .engine_facts import DatabaseFamily

_UNPROTECTED: Final = (
    "AwsSolutions::AwsSolutions-RDS10",
    "NIST.800.53.R4::NIST.800.53.R4-RDSInstanceDeletionProtectionEnabled",
    "NIST.800.53.R5::NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled",
    "HIPAA.Security::HIPAA.Security-RDSInstanceDeletionProtectionEnabled",
)
_MYSQL_GENERAL_LOG: Final = tuple(
    f"{pack}::{pack}-RDSLoggingEnabled[LogExport::general]"
    for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
)
_ENCRYPTION_INHERITED: Final = (
    "AwsSolutions::AwsSolutions-RDS2",
    *(
        f"{pack}::{pack}-RDSStorageEncrypted"
        for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
    ),
)


def acknowledge_what_stays(cluster: rds.CfnDBCluster, settings: AuroraSettings) -> None:
    """Acknowledge on the cluster what its settings make the packs flag."""
    if not settings.deletion_protection:
        for rule in _UNPROTECTED:
            acknowledge(
                cluster,
                rule,
                "Deletion protection is off outside production, where a stack must be possible to delete; in "
                "production the library warns of it.",
            )
    if settings.restore is not None and settings.restore.source_identifier is not None:
        for rule in _ENCRYPTION_INHERITED:
            acknowledge(
                cluster,
                rule,
                "CloudFormation refuses StorageEncrypted beside a source cluster; the key that is given beside it "
                "encrypts the restored one.",
            )
    if settings.engine.family is DatabaseFamily.MYSQL:
        for rule in _MYSQL_GENERAL_LOG:
            acknowledge(
                cluster,
                rule,
                "The general log holds every statement with its values, passwords and personal data among them; "
                "who connected and what changed the schema or a grant is in the audit log, which is exported.",
            )
        acknowledge(
            cluster,
            "AwsSolutions::AwsSolutions-RDS14",
            "Backtrack takes the whole cluster back and all clients' work since with it; continuous backups "
            "restore any second beside the running cluster instead.",
        )
