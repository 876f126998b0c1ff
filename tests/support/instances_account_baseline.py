"""The canonical instances of AccountBaseline and AuditAccount."""

from typing import Final

from aws_cdk import CfnParameter, Stack

from aws_architect_constructs import AccountBaseline, AuditAccount, ConfigRecording, EnvironmentType
from support.instance import Instance

UNIT: Final = "ou-ab12-c3d4e5f6"


def _default(stack: Stack) -> None:
    AccountBaseline(stack, "Baseline", target_units=[UNIT], regions=["eu-west-1"])


def _fullest(stack: Stack) -> None:
    AccountBaseline(
        stack,
        "Baseline",
        target_units=[UNIT, "r-ab12"],
        regions=["eu-west-1", "us-east-1"],
        audit_account="222222222222",
        organization_id="o-abcdefghij",
        audit_role_name="Auditor",
        snapshot_public_access_block=True,
        config_bucket_name="organization-config-333333333333-eu-west-1",
        config_key_arn=CfnParameter(stack, "ConfigKey").value_as_string,
        config_recording=ConfigRecording.DAILY,
        failure_tolerance_percentage=10,
        max_concurrent_percentage=50,
    )


def _control_tower(stack: Stack) -> None:
    AccountBaseline(
        stack,
        "Baseline",
        target_units=[UNIT],
        regions=["eu-west-1"],
        audit_account="222222222222",
        control_tower=True,
        include_management_account=False,
    )


INSTANCES: Final = {
    "account_baseline-default": Instance(build=_default),
    "account_baseline-dev": Instance(build=_default, environment_type=EnvironmentType.DEV),
    "account_baseline-agnostic": Instance(build=_default, env=None),
    "account_baseline-control-tower": Instance(build=_control_tower),
    "account_baseline-fullest": Instance(build=_fullest),
    "account_baseline-audit": Instance(build=lambda stack: AuditAccount(stack, "Audit")),
}
