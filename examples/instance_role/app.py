"""A role for an instance that operators reach by Session Manager, with its sessions logged.

Scenario: a bastion without a key pair, an open port or a public address.
Expect: a role and an instance profile with the five permissions of a session; an encrypted log group that the agent
writes to, once the account's Session Manager preferences name it.
"""

from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_logs as logs

from aws_architect_constructs import EnvironmentType, InstanceRole, KeyService, WorkloadKey

app = App()
stack = Stack(app, "Access", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

workload_key = WorkloadKey.of(stack)
workload_key.allow(KeyService.LOGS)
sessions = logs.LogGroup(stack, "Sessions", encryption_key=workload_key.key, retention=logs.RetentionDays.ONE_YEAR)
bastion = InstanceRole(stack, "Bastion", session_log_group=sessions)
CfnOutput(stack, "InstanceProfile", value=bastion.instance_profile.instance_profile_name)

app.synth()
