"""A CDK bootstrap whose execution role is no administrator: its policy and its command, in plain Python.

`cdk bootstrap` makes the role that CloudFormation deploys with an administrator, and who may deploy through it is one
too. The policy here is made before there is a bootstrap stack, so it is a document for `aws iam create-policy` rather
than a construct.

https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
https://docs.aws.amazon.com/cdk/v2/guide/customize-permissions-boundaries.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .github_deployment import CdkDeployment
from .github_subjects import GitHubArgumentError

_POLICY_NAME: Final = re.compile(r"[A-Za-z0-9+=,.@_-]{1,128}")
_PREFIX: Final = re.compile(r"[A-Za-z0-9+=,.@_-]{1,32}")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*]+")
_PARTITION: Final = re.compile(r"aws(?:-[a-z]+)*")

# Each of these knows the condition key iam:PermissionsBoundary:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
_BOUND: Final = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
]
_ROLES: Final = [
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
]
_POLICIES: Final = [
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
]


@dataclass(frozen=True, kw_only=True)
class CdkBootstrap:
    """One least-privilege bootstrap stack: what CloudFormation may do for the deployments that go through it.

    Attributes:
        qualifier: The bootstrap stack's qualifier, of its own: not the default `hnb659fds`, which others share.
        account: The account.
        region: The Region.
        boundary: Name of a managed policy of the account (a `WorkloadBoundary`'s): the permissions boundary of the
            execution role and of every role that it makes.
        role_prefix: What the names of the deployed roles and policies begin with: the stacks' names do (`Shop-`).
        allow: What else the stacks need: statements in JSON form, with `Action` and `Resource`. IAM actions are
            refused: the policy has those that roles need.
        pass_to: Services that deployed roles may be passed to, such as `lambda.amazonaws.com`. Default none.
        partition: The partition. Default `aws`.

    Raises:
        ValueError: If a name is malformed, `allow` is empty, holds IAM or every action, or the boundary's name begins
            with `role_prefix`, so that deployments could rewrite it.
    """

    qualifier: str
    account: str
    region: str
    boundary: str
    role_prefix: str
    allow: Sequence[Mapping[str, Any]]
    pass_to: Sequence[str] = ()
    partition: str = "aws"

    def __post_init__(self) -> None:
        """Check every part."""
        CdkDeployment(qualifier=self.qualifier, accounts=[self.account], regions=[self.region])
        for label, value, pattern in (
            ("boundary", self.boundary, _POLICY_NAME),
            ("role_prefix", self.role_prefix, _PREFIX),
            ("partition", self.partition, _PARTITION),
            *(("pass_to", service, _SERVICE) for service in self.pass_to),
        ):
            if not pattern.fullmatch(value):
                raise GitHubArgumentError(
                    f"CdkBootstrap: {label} is malformed", got=value, allowed="a whole name, without path or wildcard"
                )
        if self.boundary.startswith(self.role_prefix) or "cdk-".startswith(self.role_prefix[:4]):
            raise GitHubArgumentError(
                "CdkBootstrap: deployments could change what limits them",
                got={"role_prefix": self.role_prefix, "boundary": self.boundary},
                allowed="a role_prefix that neither the boundary's name nor 'cdk-' begins with",
            )
        actions = [action for statement in self.allow for action in _actions(statement)]
        wrong = [action for action in actions if not _ACTION.fullmatch(action) or action.startswith("iam:")]
        if not actions or wrong:
            raise GitHubArgumentError(
                "CdkBootstrap: allow must name what the stacks need",
                got=wrong,
                allowed="Allow statements with actions such as 's3:CreateBucket', of services other than IAM",
            )

    @property
    def policy_name(self) -> str:
        """The name to create the execution policy by."""
        return f"cdk-{self.qualifier}-execution-{self.region}"

    def execution_policy(self) -> dict[str, Any]:
        """The policy of the execution role, as a document."""
        account = f"arn:{self.partition}:iam::{self.account}"
        boundary = f"{account}:policy/{self.boundary}"
        roles, policies = f"{account}:role/{self.role_prefix}*", f"{account}:policy/{self.role_prefix}*"
        pinned = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
        assets = f"arn:{self.partition}:s3:::cdk-{self.qualifier}-assets-{self.account}-{self.region}/*"
        version = (
            f"arn:{self.partition}:ssm:{self.region}:{self.account}:parameter/cdk-bootstrap/{self.qualifier}/version"
        )
        statements = [
            *(dict(statement) for statement in self.allow),
            _statement("ReadAssets", ["s3:GetObject"], [assets]),
            _statement("ReadBootstrapVersion", ["ssm:GetParameters"], [version]),
            {**_statement("RolesUnderTheBoundary", _BOUND, [roles]), "Condition": pinned},
            _statement("Roles", _ROLES, [roles]),
            _statement("Policies", _POLICIES, [policies]),
        ]
        if self.pass_to:
            passed = {"StringEquals": {"iam:PassedToService": sorted(set(self.pass_to))}}
            statements.append({**_statement("PassRoles", ["iam:PassRole"], [roles]), "Condition": passed})
        return {"Version": "2012-10-17", "Statement": statements}

    @property
    def command(self) -> str:
        """What an administrator runs, once, after the policy and the boundary are there."""
        policy = f"arn:{self.partition}:iam::{self.account}:policy/{self.policy_name}"
        return (
            f"cdk bootstrap aws://{self.account}/{self.region} --qualifier {self.qualifier} "
            f"--toolkit-stack-name CDKToolkit-{self.qualifier} --cloudformation-execution-policies {policy} "
            f"--custom-permissions-boundary {self.boundary}"
        )


def _statement(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _actions(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement that allows; none of one that does something else."""
    if statement.get("Effect") != "Allow" or "Resource" not in statement:
        return ["*"]
    actions = statement.get("Action", ["*"])
    return [actions] if isinstance(actions, str) else list(actions)
