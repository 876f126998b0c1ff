"""The canonical instances of InstanceRole."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import KeyService, WorkloadKey
from aws_architect_constructs.foundation.workload_key import encryption_key_for
from aws_architect_constructs.identity.instance_role import InstanceRole
from support.instance import Instance


def _default(stack: Stack) -> None:
    InstanceRole(stack, "Bastion")


def _in_stack(stack: Stack) -> None:
    logs_of_sessions = WorkloadKey.of(stack).key
    InstanceRole(
        stack,
        "Bastion",
        session_log_group=logs.LogGroup(
            stack, "Sessions", encryption_key=encryption_key_for(stack, None, KeyService.LOGS)
        ),
        session_key=logs_of_sessions,
    )


def _fullest(stack: Stack) -> None:
    key_arn = "arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012"
    key = kms.Key.from_key_arn(stack, "SessionKey", key_arn)
    InstanceRole(
        stack,
        "Bastion",
        session_log_group=logs.LogGroup.from_log_group_name(stack, "Sessions", "/sessions"),
        session_log_bucket=s3.Bucket.from_bucket_attributes(
            stack, "SessionLogs", bucket_name="acme-session-logs", encryption_key=key
        ),
        session_log_prefix="sessions",
        session_key=key,
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(stack, "Cap", "boundary"),
    )


INSTANCES: Final = {
    "instance_role-default": Instance(build=_default),
    "instance_role-logged": Instance(build=_in_stack),
    "instance_role-fullest": Instance(build=_fullest),
}
