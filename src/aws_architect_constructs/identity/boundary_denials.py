"""What a workload boundary always denies, whatever it allows: the ways from some permissions to more of them.

Pure Python. A boundary that leaves one of these ways open is none: whoever may put a policy on a role, hand a stronger
role to a function, or rewrite the boundary, has what that reaches. The ways are those that
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/ lists, and what came after it, as
https://pathfinding.cloud collects it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

IDENTITY_CHANGES: Final = (
    "iam:Accept*",
    "iam:Add*",
    "iam:Associate*",
    "iam:Attach*",
    "iam:Change*",
    "iam:Create*",
    "iam:Deactivate*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Disable*",
    "iam:Enable*",
    "iam:PassRole",
    "iam:Put*",
    "iam:Reject*",
    "iam:Remove*",
    "iam:Reset*",
    "iam:Resync*",
    "iam:Send*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
    "iam:Upload*",
)
"""Every change of users, groups, keys, roles, policies and providers, and the passing of roles, by its verb.

By verb, so that an action that AWS adds tomorrow is denied too. A test compares it with the Service Authorization
Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

UNDER_THE_BOUNDARY: Final = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
"""What may be done to roles that have this boundary, and to no other: each knows the key iam:PermissionsBoundary."""

BOUNDARY_REMOVAL: Final = (
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
)

TAMPERING: Final = (
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)

COMPUTE_TAKEOVER: Final = (
    "apprunner:UpdateService",
    "batch:SubmitJob",
    "bedrock-agentcore:InvokeAgentRuntimeCommand",
    "bedrock-agentcore:InvokeCodeInterpreter",
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack*",
    "codebuild:StartBuild*",
    "codebuild:UpdateProject",
    "datapipeline:PutPipelineDefinition",
    "ec2-instance-connect:Send*",
    "ec2:CreateLaunchTemplateVersion",
    "ec2:ModifyInstanceAttribute",
    "ecs:ExecuteCommand",
    "elasticmapreduce:AddJobFlowSteps",
    "glue:RunStatement",
    "glue:UpdateDevEndpoint",
    "glue:UpdateJob",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "sagemaker:CreatePresigned*",
    "sagemaker:UpdateNotebookInstance",
    "ssm:CreateAssociation",
    "ssm:SendCommand",
    "ssm:StartSession",
    "ssm:UpdateAssociation",
    "states:UpdateStateMachine",
)
"""What makes existing compute run the caller's code under the role that it already has: no role is passed."""

IDENTITY_CENTER: Final = ("identitystore:Create*", "identitystore:Update*", "sso-directory:*", "sso:*")
"""Who gives out permission sets, or joins a group that has them, is whoever they are for."""

ASSUMPTION: Final = ("sts:AssumeRole", "sts:AssumeRoot")

Statement = dict[str, object]


def denials(
    *, boundary: str, delegated: Sequence[str], assumable_roles: Sequence[str], controlled_compute: Sequence[str]
) -> list[Statement]:
    """The Denies of a boundary, in JSON form.

    Args:
        boundary: The boundary's own ARN.
        delegated: ARN patterns of the roles, policies and instance profiles that may be managed and passed. Empty for
            none.
        assumable_roles: ARN patterns of the roles that may be assumed. Empty for none.
        controlled_compute: ARN patterns of the compute whose code may be changed. Empty for none.
    """
    return [
        _deny("DenyIdentityChanges", IDENTITY_CHANGES, except_for=delegated),
        _deny(
            "DenyRolesWithoutBoundary",
            UNDER_THE_BOUNDARY,
            condition={"StringNotEquals": {"iam:PermissionsBoundary": boundary}},
        ),
        _deny("DenyBoundaryRemoval", BOUNDARY_REMOVAL),
        {**_deny("DenyBoundaryTampering", TAMPERING), "Resource": boundary},
        _deny("DenyAssumingOtherRoles", ASSUMPTION, except_for=assumable_roles),
        _deny("DenyComputeTakeover", COMPUTE_TAKEOVER, except_for=controlled_compute),
        _deny("DenyIdentityCenter", IDENTITY_CENTER),
    ]


def _deny(
    sid: str,
    actions: Sequence[str],
    *,
    except_for: Sequence[str] = (),
    condition: Mapping[str, Mapping[str, str]] | None = None,
) -> Statement:
    """A Deny on everything, or on everything but what is named."""
    where: Statement = {"NotResource": sorted(set(except_for))} if except_for else {"Resource": "*"}
    statement: Statement = {"Sid": sid, "Effect": "Deny", "Action": list(actions), **where}
    return statement if condition is None else {**statement, "Condition": condition}
