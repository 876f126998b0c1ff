"""AWS Backup for a database: copies that stand apart from it, and, if asked for, in another Region."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.finding_ids import flat_value

from .database_identifiers import database_identifier
from .database_parts import kept_by_name

_DAILY: Final = "cron(0 5 * * ? *)"
_START_MINUTES: Final = 60
_COMPLETION_MINUTES: Final = 480
_LONGEST_NAME: Final = 50
"""Of a backup vault: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html"""


@dataclass(frozen=True, kw_only=True)
class BackupPlan:
    """A plan of AWS Backup beside the database's own backups, which are deleted at the latest after 35 days.

    Cost: 0.021 USD a GB and month for Aurora snapshots in us-east-1, once more in the other Region, and the transfer
    (https://aws.amazon.com/backup/pricing/).

    See https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html.

    Args:
        retention: How long a backup is kept. Default None: 35 days.
        schedule: When backups are made, as a schedule expression in UTC. Default: every day at 5:00.
        copy_to_vault_arn: The backup vault that each backup is copied to, such as one of another Region or account.
            That vault's key must be one that AWS Backup may use there. Default None: no copy.
        copy_retention: How long a copy is kept. Default None: as long as the backup.
    """

    retention: Duration | None = None
    schedule: str = _DAILY
    copy_to_vault_arn: str | None = None
    copy_retention: Duration | None = None

    def __post_init__(self) -> None:
        """Check that nothing is asked for that would be ignored.

        Raises:
            ValueError: If a copy is to be kept that is not made, a retention is not of whole days, or the
                schedule is none.
        """
        if self.copy_retention is not None and self.copy_to_vault_arn is None:
            raise ValueError(
                f"copy_retention: no copy is made, got {self.copy_retention.to_days(integral=False):g} days; "
                "allowed: copy_to_vault_arn= beside it"
            )
        for name, kept in (("retention", self.retention), ("copy_retention", self.copy_retention)):
            days = 1 if kept is None else kept.to_days(integral=False)
            if days < 1 or days != int(days):
                raise ValueError(f"{name}: no whole days, got {days:g}; allowed: a day or more, in whole days")
        if not self.schedule.startswith(("cron(", "rate(")):
            raise ValueError(f"schedule: no expression, got {self.schedule!r}; allowed: such as 'cron(0 5 * * ? *)'")

    @property
    def retention_days(self) -> int:
        """How many days a backup is kept."""
        return 35 if self.retention is None else int(self.retention.to_days())

    @property
    def copy_retention_days(self) -> int:
        """How many days a copy is kept."""
        return self.retention_days if self.copy_retention is None else int(self.copy_retention.to_days())


class Backups(Construct):
    """The vault, the plan and its selection of one database; made by the database.

    Attributes:
        vault: Where backups are kept, with the database's key.
        plan: When they are made, and copied.
        role: What AWS Backup works with.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        plan: BackupPlan,
        database_arn: str,
        key: kms.IKey,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        # Whatever the database begins with: a vault with backups in it is not made anew for a restored one.
        name = database_identifier(self, _LONGEST_NAME)
        self.vault: Final = backup.CfnBackupVault(self, "Vault", backup_vault_name=name, encryption_key_arn=key.key_arn)
        self.vault.apply_removal_policy(kept_by_name(removal_policy))
        copies = (
            [
                backup.CfnBackupPlan.CopyActionResourceTypeProperty(
                    destination_backup_vault_arn=plan.copy_to_vault_arn,
                    lifecycle=backup.CfnBackupPlan.LifecycleResourceTypeProperty(
                        delete_after_days=plan.copy_retention_days
                    ),
                )
            ]
            if plan.copy_to_vault_arn is not None
            else None
        )
        self.plan: Final = backup.CfnBackupPlan(
            self,
            "Plan",
            backup_plan=backup.CfnBackupPlan.BackupPlanResourceTypeProperty(
                backup_plan_name=name,
                backup_plan_rule=[
                    backup.CfnBackupPlan.BackupRuleResourceTypeProperty(
                        rule_name="Scheduled",
                        target_backup_vault=self.vault.attr_backup_vault_name,
                        schedule_expression=plan.schedule,
                        start_window_minutes=_START_MINUTES,
                        completion_window_minutes=_COMPLETION_MINUTES,
                        lifecycle=backup.CfnBackupPlan.LifecycleResourceTypeProperty(
                            delete_after_days=plan.retention_days
                        ),
                        copy_actions=copies,
                    )
                ],
            ),
        )
        managed = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSBackupServiceRolePolicyForBackup")
        self.role: Final = iam.Role(
            self,
            "Role",
            description="AWS Backup of a database.",
            assumed_by=iam.ServicePrincipal(
                "backup.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            managed_policies=[managed],
        )
        acknowledge(
            self.role,
            f"AwsSolutions::AwsSolutions-IAM4[Policy::{flat_value(stack.resolve(managed.managed_policy_arn))}]",
            "AWS Backup's own policy for its service role: AWS extends it with what backups of a database need, which "
            "a copy of ours would lack on the day that it does. Only the service can take the role, for this account.",
        )
        backup.CfnBackupSelection(
            self,
            "Selection",
            backup_plan_id=self.plan.ref,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                selection_name="Database", iam_role_arn=self.role.role_arn, resources=[database_arn]
            ),
        )
