"""The role of instances that Session Manager reaches: what its template holds, and what it refuses."""

from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm

from aws_architect_constructs.identity.instance_role import SESSION_MANAGER_ACTIONS, InstanceRole
from aws_architect_constructs.testing.nag import NagPack, nag_report
from aws_architect_constructs.testing.reports import stale_in_all
from support.instances_instance_role import INSTANCES
from support.synthesis import ENV, Template, new_app, new_stack, properties, resources, synthesize, template_of


def instance(name: str) -> Template:
    """The template of a canonical instance."""
    return synthesize(INSTANCES[f"instance_role-{name}"].build)


def test_the_permissions_are_the_five_of_a_session() -> None:
    """Nothing else is granted, and AWS's broad managed policy is not attached."""
    template = instance("default")
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    (role,) = properties(template, "AWS::IAM::Role")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement == {"Effect": "Allow", "Action": list(SESSION_MANAGER_ACTIONS), "Resource": "*"}
    assert "ManagedPolicyArns" not in role


def test_the_instance_profile_holds_the_role() -> None:
    """The profile is there, with the role in it."""
    template = instance("default")
    (role,) = resources(template, "AWS::IAM::Role")
    (profile,) = properties(template, "AWS::IAM::InstanceProfile")
    assert profile["Roles"] == [{"Ref": role}]


def test_there_is_no_inline_policy() -> None:
    """Permissions stand in the customer managed policy, grants to the construct included."""

    def build(stack: Stack) -> None:
        bastion = InstanceRole(stack, "Bastion")
        ssm.StringParameter(stack, "Parameter", string_value="on").grant_read(bastion)

    template = synthesize(build)
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    assert "ssm:GetParameter" in str(policy["PolicyDocument"])
    assert resources(template, "AWS::IAM::Policy") == {}


def test_the_boundary_is_the_callers() -> None:
    """A boundary caps the role."""
    (role,) = properties(instance("fullest"), "AWS::IAM::Role")
    assert "policy/boundary" in str(role["PermissionsBoundary"])


@pytest.mark.parametrize("prefix", ["", "/sessions", "sessions/", "sessions/*"])
def test_a_prefix_has_no_slashes_at_its_ends(prefix: str) -> None:
    """A slash would be doubled, and a star would leave the prefix open: both refused, before the tree is touched."""
    stack = new_stack()
    bucket = s3.Bucket.from_bucket_name(stack, "Logs", "logs")
    with pytest.raises(ValueError, match=r"^Stack/Bastion: session_log_prefix is no prefix, got .*; allowed: "):
        InstanceRole(stack, "Bastion", session_log_bucket=bucket, session_log_prefix=prefix)
    assert stack.node.try_find_child("Bastion") is None


def test_a_prefix_needs_its_bucket() -> None:
    """A prefix alone would be ignored, so it is refused."""
    with pytest.raises(ValueError, match=r"^Stack/Bastion: session_log_prefix is a prefix in no bucket, got 'a'"):
        InstanceRole(new_stack(), "Bastion", session_log_prefix="a")


def _findings(build: Any, env: Environment | None = ENV) -> list[str]:
    app = new_app()
    build(new_stack(app=app, env=env))
    return [found.rule for found in nag_report(app, (NagPack.AWS_SOLUTIONS,)).findings if "IAM5" in found.rule]


@pytest.mark.parametrize("own_bucket", [True, False])
def test_the_stars_that_stay_have_their_reasons(own_bucket: bool) -> None:
    """Objects and streams get new names: the acknowledgement fits a bucket of the stack and an imported one."""

    def build(stack: Stack) -> None:
        bucket = s3.Bucket(stack, "Logs") if own_bucket else s3.Bucket.from_bucket_name(stack, "Logs", "logs")
        InstanceRole(stack, "Bastion", session_log_bucket=bucket)

    assert _findings(build) == []


@pytest.mark.parametrize("env", [None, Environment(account="111111111111", region="cn-north-1")])
def test_any_partition_will_do(env: Environment | None) -> None:
    """Without an environment, and in China, no ARN names a partition, and the reasons still fit the findings."""

    def build(stack: Stack) -> None:
        InstanceRole(
            stack,
            "Bastion",
            session_log_group=logs.LogGroup.from_log_group_name(stack, "Sessions", "/sessions"),
            session_log_bucket=s3.Bucket.from_bucket_name(stack, "Logs", "logs"),
        )

    assert _findings(build, env) == []
    assert "arn:aws:" not in str(synthesize(build, env=env))


def test_no_star_is_explained_that_is_not_there() -> None:
    """A log group of the stack is a reference without a star: its instance has no finding, open or acknowledged."""
    app = new_app()
    INSTANCES["instance_role-logged"].build(new_stack(app=app))
    report = nag_report(app, (NagPack.AWS_SOLUTIONS,))
    assert [found.rule for found in report.findings] == []
    assert [entry.id for entry in stale_in_all([report])] == []


def test_without_its_prefix_the_whole_bucket_is_written_to() -> None:
    """No prefix means every object of the bucket, and no key without one."""
    stack = new_stack()
    InstanceRole(stack, "Bastion", session_log_bucket=s3.Bucket.from_bucket_name(stack, "Logs", "logs"))
    (policy,) = properties(template_of(stack), "AWS::IAM::ManagedPolicy")
    text = str(policy["PolicyDocument"])
    assert (":s3:::logs/*" in text, "kms:" in text) == (True, False)


def test_the_session_key_is_decrypted_by_the_roles_policy() -> None:
    """A key that leaves it to the account's policies, as keys do by default, is granted in the role's policy."""

    def build(stack: Stack) -> None:
        InstanceRole(stack, "Bastion", session_key=kms.Key(stack, "Key"))

    template = synthesize(build)
    (key,) = resources(template, "AWS::KMS::Key")
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    assert {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": {"Fn::GetAtt": [key, "Arn"]},
    } in policy["PolicyDocument"]["Statement"]


def test_the_policy_can_be_attached_further() -> None:
    """The parts are L2s within reach: a role, a profile, a policy."""
    bastion = InstanceRole(new_stack(), "Bastion")
    kinds = tuple(type(part) for part in (bastion.role, bastion.instance_profile, bastion.policy))
    assert kinds == (iam.Role, iam.InstanceProfile, iam.ManagedPolicy)
