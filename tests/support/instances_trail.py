"""The canonical instances of LogArchive and OrganizationTrail."""

from typing import Final

from aws_cdk import Aws, Stack
from aws_cdk import aws_logs as logs

from aws_architect_constructs import (
    DataEvents,
    EnvironmentType,
    KeyService,
    LogArchive,
    ObjectLock,
    OrganizationTrail,
    WorkloadKey,
)
from support.instance import Instance

BUCKET: Final = "organization-trail-333333333333-eu-west-1"
KEY: Final = f"arn:{Aws.PARTITION}:kms:eu-west-1:333333333333:alias/organization-logs"


def _archive(stack: Stack) -> None:
    LogArchive(stack, "LogArchive", management_account="222222222222", organization_id="o-abcdefghij")


def _locked(stack: Stack) -> None:
    LogArchive(
        stack,
        "LogArchive",
        management_account="222222222222",
        organization_id="o-abcdefghij",
        config_bucket=False,
        retention_days=2555,
        object_lock=ObjectLock.compliance(730),
    )


def _logged(stack: Stack) -> None:
    workload_key = WorkloadKey.of(stack)
    workload_key.allow(KeyService.LOGS)
    group = logs.LogGroup(stack, "Events", encryption_key=workload_key.key, retention=logs.RetentionDays.THREE_MONTHS)
    OrganizationTrail(stack, "Trail", bucket_name=BUCKET, key_arn=KEY, log_group=group)


INSTANCES: Final = {
    "trail-default": Instance(build=lambda stack: OrganizationTrail(stack, "Trail", bucket_name=BUCKET, key_arn=KEY)),
    "trail-fullest": Instance(
        build=lambda stack: OrganizationTrail(
            stack, "Trail", bucket_name=BUCKET, key_arn=KEY, trail_name="everything", data_events=list(DataEvents)
        )
    ),
    "trail-logged": Instance(build=_logged),
    "trail-archive": Instance(build=_archive),
    "trail-archive-dev": Instance(build=_archive, environment_type=EnvironmentType.DEV),
    "trail-archive-locked": Instance(build=_locked),
}
