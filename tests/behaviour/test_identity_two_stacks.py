"""Roles in one stack, and what they are for in others: what holds state never waits for who uses it."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from aws_cdk import RemovalPolicy, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

import aws_architect_constructs as aac
from aws_architect_constructs.testing.policies import IamRole, Request, TemplatePolicies, evaluate
from support.instances_cross_account_role import EXTERNAL_ID
from support.synthesis import AZS, ENV, new_app, recommended_flags

ACCOUNT: Final = "111111111111"


class Stacks:
    """A stage with state, roles and users of them in stacks of their own."""

    def __init__(self, flags: dict[str, Any] | None = None) -> None:
        self.stage = Stage(new_app(flags), "Prod", env=ENV)
        self.data, self.identity, self.web = (Stack(self.stage, name) for name in ("Data", "Identity", "Web"))

    def policies(self) -> TemplatePolicies:
        """What the stacks' policies are, once synthesized."""
        assembly = self.stage.synth()
        templates = {artifact.stack_name: artifact.template for artifact in assembly.stacks}
        return TemplatePolicies({name: each for name, each in templates.items() if "Resources" in each})


def cross_account(stack: Stack) -> aac.CrossAccountRole:
    """A role for an auditor."""
    return aac.CrossAccountRole(stack, "Role", trusted_accounts=["222222222222"], external_id=EXTERNAL_ID)


def github(stack: Stack) -> aac.GitHubActionsRole:
    """A role for a workflow."""
    return aac.GitHubActionsRole(
        stack, "Role", repository="acme/shop", branches=["main"], owner_id=9919, repository_id=1296269
    )


def instance(stack: Stack) -> aac.InstanceRole:
    """A role for an instance."""
    return aac.InstanceRole(stack, "Role")


ROLES: Final[dict[str, Callable[[Stack], Any]]] = {
    "CrossAccountRole": cross_account,
    "GitHubActionsRole": github,
    "InstanceRole": instance,
}


@pytest.mark.parametrize("flags", [{}, recommended_flags()], ids=["no flags", "recommended flags"])
@pytest.mark.parametrize("kind", ROLES)
def test_a_bucket_does_not_wait_for_the_role_that_reads_it(kind: str, flags: dict[str, Any]) -> None:
    """A grant of an encrypted bucket stays in the role's stack, which waits for the bucket's; the role can read."""
    stacks = Stacks(flags)
    key = kms.Key(stacks.data, "Key", enable_key_rotation=True)
    bucket = s3.Bucket(stacks.data, "Documents", encryption_key=key, removal_policy=RemovalPolicy.RETAIN)
    role = ROLES[kind](stacks.identity)
    bucket.grant_read(role)
    policies = stacks.policies()
    assert stacks.data.dependencies == []
    assert stacks.identity.dependencies == [stacks.data]
    (name,) = _ids(policies, "AWS::IAM::Role")
    (bucket_id,) = _ids(policies, "AWS::S3::Bucket")
    (key_id,) = _ids(policies, "AWS::KMS::Key")
    read = Request(
        principal=IamRole(policies.arn_of(name)),
        action="s3:GetObject",
        resource=f"{policies.arn_of(bucket_id)}/1",
        resource_account=ACCOUNT,
    )
    decrypt = Request(principal=IamRole(policies.arn_of(name)), action="kms:Decrypt", resource=policies.arn_of(key_id))
    identity = policies.identity_of(name)
    assert evaluate(read, identity=identity)
    assert evaluate(decrypt, identity=identity, resource=policies.resource_of(key_id))


def _ids(policies: TemplatePolicies, resource_type: str) -> list[str]:
    return [logical_id for _, logical_id, _ in policies.templates.resources(resource_type)]


def test_an_instance_takes_its_profile_from_another_stack() -> None:
    """The instance's stack waits for the role's; log group and bucket wait for neither."""
    stacks = Stacks()
    bucket = s3.Bucket(stacks.data, "Sessions")
    group = logs.LogGroup(stacks.data, "Group")
    role = aac.InstanceRole(stacks.identity, "Role", session_log_group=group, session_log_bucket=bucket)
    network = aac.ThreeTierVpc(stacks.web, "Network", availability_zones=AZS)
    ec2.Instance(
        stacks.web,
        "Host",
        vpc=network.vpc,
        instance_type=ec2.InstanceType("t4g.nano"),
        machine_image=ec2.MachineImage.generic_linux({"eu-west-1": "ami-0123456789abcdef0"}),
        instance_profile=role.instance_profile,
    )
    stacks.stage.synth()
    assert stacks.web.dependencies == [stacks.identity]
    assert stacks.identity.dependencies == [stacks.data]
    assert stacks.data.dependencies == []


def test_two_stacks_share_one_provider() -> None:
    """A second stack's role trusts the first one's provider, and waits for it."""
    stacks = Stacks()
    first = github(stacks.identity)
    aac.GitHubActionsRole(
        stacks.web,
        "Role",
        repository="acme/cart",
        branches=["main"],
        owner_id=9919,
        repository_id=1296270,
        provider=first.provider,
    )
    assembly = stacks.stage.synth()
    assert stacks.web.dependencies == [stacks.identity]
    made = [
        resource["Type"] for artifact in assembly.stacks for resource in artifact.template.get("Resources", {}).values()
    ]
    assert made.count("AWS::IAM::OIDCProvider") == 1


def test_a_boundary_of_a_security_stack_holds_roles_of_the_others() -> None:
    """Every stack waits for the boundary's, the boundary's for none, and the boundary decides what a role can do."""
    stacks = Stacks()
    reading = iam.PolicyStatement(actions=["s3:GetObject*", "s3:GetBucket*", "s3:List*"], resources=["*"])
    boundary = aac.WorkloadBoundary(stacks.identity, "Boundary", allow=[reading])
    boundary.apply_to(stacks.stage)
    bucket = s3.Bucket(stacks.data, "Documents")
    role = iam.Role(stacks.web, "Api", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    bucket.grant_read(role)
    policies = stacks.policies()
    assert set(stacks.web.dependencies) == {stacks.identity, stacks.data}
    assert stacks.identity.dependencies == []
    assert stacks.data.dependencies == []
    (name,) = _ids(policies, "AWS::IAM::Role")
    (bucket_id,) = _ids(policies, "AWS::S3::Bucket")
    found = [
        evaluate(
            Request(
                principal=IamRole(policies.arn_of(name)),
                action=action,
                resource=f"{policies.arn_of(bucket_id)}/1",
                resource_account=ACCOUNT,
            ),
            identity=policies.identity_of(name),
            boundary=policies.boundary_of(name),
        ).allowed
        for action in ("s3:GetObject", "s3:PutObject")
    ]
    assert found == [True, False]


def test_people_are_capped_by_a_boundary_of_another_stack_by_its_name() -> None:
    """A permission set names the boundary, which has to stand in each account: no stack waits for another."""
    stacks = Stacks()
    aac.WorkloadBoundary(
        stacks.identity,
        "Boundary",
        allow=[iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])],
        policy_name="people-boundary",
    )
    aac.PermissionSets(
        stacks.web,
        "Access",
        instance_arn="arn:aws:sso:::instance/ssoins-1234567890abcdef",
        permission_sets=[
            aac.PermissionSet(
                name="Developer",
                aws_managed_policies=["PowerUserAccess"],
                permissions_boundary=aac.CustomerManagedPolicy(name="people-boundary"),
            )
        ],
    )
    stacks.stage.synth()
    assert stacks.web.dependencies == []
