"""What every account begins with, as resources: in a stack of their own, or in a template for StackSets."""

import json
from enum import StrEnum
from tempfile import TemporaryDirectory
from typing import Any, Final

from aws_cdk import App, CfnCondition, CfnParameter, DefaultStackSynthesizer, Fn, Stack
from aws_cdk import aws_accessanalyzer as accessanalyzer
from aws_cdk import aws_config as config
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete
from aws_architect_constructs.foundation.finding_ids import flat_value

_HOUR: Final = 3600


class BaselinePart(StrEnum):
    """Resources of an account that exist once, and those of each Region."""

    GLOBAL = "Global"
    REGIONAL = "Regional"


class ConfigRecording(StrEnum):
    """How often AWS Config records what has changed."""

    CONTINUOUS = "CONTINUOUS"
    """Every change: 0.003 USD each (us-east-1, https://aws.amazon.com/config/pricing/, 2026-11)."""
    DAILY = "DAILY"
    """What is different from the day before: 0.012 USD each; cheaper where one thing changes often."""


class AccountResources(Construct):
    """The audit role once in an account; an analyzer, the snapshot block and AWS Config in each Region."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        parts: tuple[BaselinePart, ...],
        audit_account: str | None,
        organization_id: str | None,
        audit_role_name: str,
        snapshot_public_access_block: bool,
        config_recording: ConfigRecording | None,
        config_bucket_name: str | None,
        config_key_arn: str | None,
        home_region: str,
        config_role: bool,
    ) -> None:
        super().__init__(scope, id)
        service_role: iam.CfnServiceLinkedRole | None = None
        if BaselinePart.GLOBAL in parts:
            if audit_account is not None:
                self._audit_role(audit_account, organization_id, audit_role_name)
            if config_recording is not None and config_role:
                service_role = iam.CfnServiceLinkedRole(
                    self,
                    "ConfigRole",
                    aws_service_name="config.amazonaws.com",
                    description="AWS Config records with it.",
                )
        if BaselinePart.REGIONAL in parts:
            accessanalyzer.CfnAnalyzer(self, "Analyzer", type="ACCOUNT", analyzer_name="account-baseline")
            if snapshot_public_access_block:
                ec2.CfnSnapshotBlockPublicAccess(self, "SnapshotBlock", state="block-all-sharing")
            if config_recording is not None and config_bucket_name is not None:
                recorder = self._config(config_recording, config_bucket_name, config_key_arn, home_region)
                if service_role is not None:
                    recorder.add_resource_dependency(service_role)

    def _audit_role(self, audit_account: str, organization_id: str | None, audit_role_name: str) -> None:
        stack = Stack.of(self)
        statement: dict[str, object] = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{stack.partition}:iam::{audit_account}:root"},
            "Action": "sts:AssumeRole",
        }
        if organization_id is not None:
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        security_audit = f"arn:{stack.partition}:iam::aws:policy/SecurityAudit"
        role = iam.CfnRole(
            self,
            "AuditRole",
            role_name=audit_role_name,
            description="Read by the audit account: configuration, never data.",
            max_session_duration=_HOUR,
            assume_role_policy_document={"Version": "2012-10-17", "Statement": [statement]},
            managed_policy_arns=[security_audit],
        )
        acknowledge(
            role,
            # The partition is a literal under one of CDK's flags and a reference without it.
            f"AwsSolutions::AwsSolutions-IAM4[Policy::{flat_value(stack.resolve(security_audit))}]",
            "AWS's own policy for auditors reads configuration and no data, and learns of new services by itself.",
        )

    def _config(
        self, recording: ConfigRecording, bucket_name: str, key_arn: str | None, home_region: str
    ) -> config.CfnConfigurationRecorder:
        stack = Stack.of(self)
        # What is global is the same in every Region: recorded, and paid for, once.
        at_home: Any = stack.region == home_region
        if not is_concrete(stack.region):
            condition = CfnCondition(self, "AtHome", expression=Fn.condition_equals(stack.region, home_region))
            at_home = Fn.condition_if(condition.logical_id, True, False)
        # Recorder and channel wait for one another by themselves: a dependency between them would never end.
        recorder = config.CfnConfigurationRecorder(
            self,
            "Recorder",
            role_arn=f"arn:{stack.partition}:iam::{stack.account}:role/aws-service-role/config.amazonaws.com/"
            "AWSServiceRoleForConfig",
            recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty(
                all_supported=True,
                include_global_resource_types=at_home,
            ),
            recording_mode=config.CfnConfigurationRecorder.RecordingModeProperty(recording_frequency=recording.value),
        )
        config.CfnDeliveryChannel(
            self,
            "DeliveryChannel",
            s3_bucket_name=bucket_name,
            s3_kms_key_arn=key_arn,
            config_snapshot_delivery_properties=config.CfnDeliveryChannel.ConfigSnapshotDeliveryPropertiesProperty(
                delivery_frequency="TwentyFour_Hours"
            ),
        )
        return recorder


def baseline_template(
    part: BaselinePart,
    *,
    parameters: tuple[str, ...],
    audit_role_name: str,
    snapshot_public_access_block: bool,
    config_recording: ConfigRecording | None,
    home_region: str,
    config_role: bool,
) -> dict[str, Any]:
    """The template of a stack set: no assets, no transforms, no bootstrap version to ask for.

    Args:
        part: Which resources.
        parameters: What the stack set tells it, because a deployment alone may know it: of `AuditAccount`,
            `OrganizationId`, `ConfigBucket` and `ConfigKey` those that there are.
        audit_role_name: As in `AccountBaseline`.
        snapshot_public_access_block: Likewise.
        config_recording: Likewise.
        home_region: The Region that records what is global.
        config_role: As in `AccountBaseline`.
    """
    with TemporaryDirectory() as directory:
        app = App(
            outdir=directory,
            analytics_reporting=False,
            auto_synth=False,
            tree_metadata=False,
            builtin_cloud_formation_validation=False,
        )
        stack = Stack(app, "Baseline", synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
        values = {name: CfnParameter(stack, name).value_as_string for name in parameters}
        AccountResources(
            stack,
            "Baseline",
            parts=(part,),
            audit_account=values.get("AuditAccount"),
            organization_id=values.get("OrganizationId"),
            audit_role_name=audit_role_name,
            snapshot_public_access_block=snapshot_public_access_block,
            config_recording=config_recording,
            config_bucket_name=values.get("ConfigBucket"),
            config_key_arn=values.get("ConfigKey"),
            home_region=home_region,
            config_role=config_role,
        )
        # By way of text: what comes from JavaScript is no plain dict.
        template: dict[str, Any] = json.loads(json.dumps(app.synth().get_stack_by_name("Baseline").template))
    return template
