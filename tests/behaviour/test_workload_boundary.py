"""What a role under a boundary can do, whatever its own policies say: it has them all here, as an administrator."""

from functools import cache
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.boundary_document import own_statements
from aws_architect_constructs.identity.boundary_statements import allowed_actions, check_reachable
from aws_architect_constructs.identity.platform_baseline import PlatformPart
from aws_architect_constructs.testing.policies import IamRole, Request, TemplatePolicies, evaluate
from support.instances_workload_boundary import INSTANCES
from support.synthesis import resources, synthesize

ACCOUNT: Final = "111111111111"
HERE: Final = f"eu-west-1:{ACCOUNT}"
IAM: Final = f"arn:aws:iam::{ACCOUNT}"
ADMINISTRATOR: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
KEY_POLICY: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "kms:*", "Resource": "*"},
    ],
}
TRUSTING: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"}],
}
DELEGATED: Final = f"{IAM}:role/workloads/Orders-Worker"
FUNCTION: Final = f"arn:aws:lambda:{HERE}:function:payments"
NO_BOUNDARY: Final = {"iam:PermissionsBoundary": None}
OTHER_BOUNDARY: Final = {"iam:PermissionsBoundary": f"{IAM}:policy/other"}


class Step(NamedTuple):
    """One request of a way up."""

    action: str
    resource: str
    context: dict[str, Any]


def step(action: str, resource: str, context: dict[str, Any] | None = None) -> Step:
    """One request; an absent context says nothing of boundaries or services."""
    return Step(action, resource, context or {})


def passing(service: str) -> Step:
    """Pass an administrator's role to a service."""
    return step("iam:PassRole", f"{IAM}:role/Admin", {"iam:PassedToService": service})


ADMIN_POLICY: Final = f"{IAM}:policy/Everything"
USER: Final = f"{IAM}:user/eve"
GROUP: Final = f"{IAM}:group/admins"
ROLE: Final = f"{IAM}:role/Admin"

# https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/ and what came after it. A way is shut
# when one of its requests is refused.
ROUTES: Final[dict[str, list[Step]]] = {
    "a new version of a policy": [step("iam:CreatePolicyVersion", ADMIN_POLICY)],
    "an older version of a policy": [step("iam:SetDefaultPolicyVersion", ADMIN_POLICY)],
    "an instance with a role": [passing("ec2.amazonaws.com"), step("ec2:RunInstances", "*")],
    "an access key": [step("iam:CreateAccessKey", USER)],
    "a password": [step("iam:CreateLoginProfile", USER)],
    "another password": [step("iam:UpdateLoginProfile", USER)],
    "a policy on a user": [step("iam:AttachUserPolicy", USER, {"iam:PolicyARN": ADMIN_POLICY, **NO_BOUNDARY})],
    "a policy on a group": [step("iam:AttachGroupPolicy", GROUP, {"iam:PolicyARN": ADMIN_POLICY})],
    "a policy on a role": [step("iam:AttachRolePolicy", ROLE, {"iam:PolicyARN": ADMIN_POLICY, **NO_BOUNDARY})],
    "an inline policy on a user": [step("iam:PutUserPolicy", USER, NO_BOUNDARY)],
    "an inline policy on a group": [step("iam:PutGroupPolicy", GROUP)],
    "an inline policy on a role": [step("iam:PutRolePolicy", ROLE, NO_BOUNDARY)],
    "membership in a group": [step("iam:AddUserToGroup", GROUP)],
    "another trust policy": [step("iam:UpdateAssumeRolePolicy", ROLE, NO_BOUNDARY)],
    "a function with a role": [passing("lambda.amazonaws.com"), step("lambda:CreateFunction", FUNCTION)],
    "a boundary taken off": [step("iam:DeleteRolePermissionsBoundary", DELEGATED)],
    "a role assumed": [step("sts:AssumeRole", ROLE)],
    "a role without boundary": [step("iam:CreateRole", f"{IAM}:role/Mine", NO_BOUNDARY)],
    "a role with a weaker boundary": [step("iam:CreateRole", f"{IAM}:role/Mine", OTHER_BOUNDARY)],
    "another boundary": [step("iam:PutRolePermissionsBoundary", DELEGATED, OTHER_BOUNDARY)],
    "another boundary of a user": [step("iam:PutUserPermissionsBoundary", USER, OTHER_BOUNDARY)],
    "a user": [step("iam:CreateUser", USER, NO_BOUNDARY)],
    "another function's code": [step("lambda:UpdateFunctionCode", FUNCTION)],
    "another function's layers": [step("lambda:UpdateFunctionConfiguration", FUNCTION)],
    "an endpoint of Glue with a role": [passing("glue.amazonaws.com"), step("glue:CreateDevEndpoint", "*")],
    "another key on an endpoint of Glue": [step("glue:UpdateDevEndpoint", f"arn:aws:glue:{HERE}:devEndpoint/etl")],
    "a stack with a role": [passing("cloudformation.amazonaws.com"), step("cloudformation:CreateStack", "*")],
    "another template for a stack": [
        step("cloudformation:UpdateStack", f"arn:aws:cloudformation:{HERE}:stack/platform/1")
    ],
    "a pipeline with a role": [passing("datapipeline.amazonaws.com"), step("datapipeline:CreatePipeline", "*")],
    "a build with other commands": [step("codebuild:StartBuild", f"arn:aws:codebuild:{HERE}:project/release")],
    "a notebook": [
        step("sagemaker:CreatePresignedNotebookInstanceUrl", f"arn:aws:sagemaker:{HERE}:notebook-instance/x")
    ],
    "a task with a role": [passing("ecs-tasks.amazonaws.com"), step("ecs:RegisterTaskDefinition", "*")],
    "a shell in a container": [step("ecs:ExecuteCommand", f"arn:aws:ecs:{HERE}:task/shop/1")],
    "a shell on an instance": [step("ssm:StartSession", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0")],
    "a command on an instance": [step("ssm:SendCommand", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0")],
    "a key on an instance": [
        step("ec2-instance-connect:SendSSHPublicKey", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0")
    ],
    "user data of an instance": [
        step("ec2:ModifyInstanceAttribute", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0")
    ],
    "an association of an instance": [
        step("ssm:CreateAssociation", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0")
    ],
    "another document of an association": [
        step("ssm:UpdateAssociation", f"arn:aws:ssm:{HERE}:association/1f5c1f5c-0000-4000-8000-000000000000")
    ],
    "another version of a launch template": [
        step("ec2:CreateLaunchTemplateVersion", f"arn:aws:ec2:{HERE}:launch-template/lt-0123456789abcdef0"),
        step("ec2:ModifyLaunchTemplate", f"arn:aws:ec2:{HERE}:launch-template/lt-0123456789abcdef0"),
    ],
    "a step on a cluster of EMR": [
        step("elasticmapreduce:AddJobFlowSteps", f"arn:aws:elasticmapreduce:{HERE}:cluster/j-1")
    ],
    "another template for a stack set": [
        step("cloudformation:UpdateStackSet", f"arn:aws:cloudformation:{HERE}:stackset/platform:1")
    ],
    "code in an interpreter of AgentCore": [
        step("bedrock-agentcore:InvokeCodeInterpreter", f"arn:aws:bedrock-agentcore:{HERE}:code-interpreter/x")
    ],
    "a command in a runtime of AgentCore": [
        step("bedrock-agentcore:InvokeAgentRuntimeCommand", f"arn:aws:bedrock-agentcore:{HERE}:runtime/x")
    ],
    "another lifecycle script of a notebook": [
        step("sagemaker:UpdateNotebookInstance", f"arn:aws:sagemaker:{HERE}:notebook-instance/x")
    ],
    "a job with other commands": [step("batch:SubmitJob", f"arn:aws:batch:{HERE}:job-definition/nightly:1")],
    "code in a session of Glue": [step("glue:RunStatement", f"arn:aws:glue:{HERE}:session/notebook")],
    "a credential for a service": [step("iam:CreateServiceSpecificCredential", USER)],
    "a second factor taken off": [step("iam:DeactivateMFADevice", USER)],
    "an identity provider": [step("iam:CreateSAMLProvider", f"{IAM}:saml-provider/mine")],
    "another document of an identity provider": [step("iam:UpdateSAMLProvider", f"{IAM}:saml-provider/corp")],
    "an assignment of a permission set": [
        step("sso:CreateAccountAssignment", "arn:aws:sso:::instance/ssoins-1234567890abcdef")
    ],
    "membership in a group of Identity Center": [step("identitystore:CreateGroupMembership", "*")],
    "the root user of a member account": [step("sts:AssumeRoot", f"{IAM}:root")],
}


@cache
def policies_of(name: str) -> TemplatePolicies:
    """The policies of a canonical instance."""
    return TemplatePolicies({"Stack": synthesize(INSTANCES[f"workload_boundary-{name}"].build)})


@cache
def boundary_of(name: str) -> tuple[str, dict[str, object]]:
    """The ARN and the document of a canonical instance's boundary."""
    policies = policies_of(name)
    (found,) = [each for each in policies.policies if each.logical_id.startswith("BoundaryPolicy")]
    return policies.arn_of(found.logical_id, None), policies.render(found)


def allows(document: dict[str, object], request: Step) -> bool:
    """Whether an administrator under a boundary may."""
    trusted = request.action.startswith("sts:Assume")
    return evaluate(
        Request(
            principal=IamRole(f"{IAM}:role/workloads/Orders-Api"),
            action=request.action,
            resource=request.resource,
            context={"aws:RequestedRegion": "eu-west-1", **request.context},
            resource_account=request.resource.split(":")[4] or ACCOUNT if request.resource != "*" else None,
        ),
        identity=ADMINISTRATOR,
        boundary=document,
        resource=TRUSTING if trusted else KEY_POLICY if request.action.startswith("kms:") else None,
    ).allowed


@pytest.mark.parametrize("name", ["default", "fullest"])
@pytest.mark.parametrize("route", ROUTES)
def test_no_way_up_is_open(name: str, route: str) -> None:
    """Every known way to more permissions has a request that the boundary refuses, with and without delegation."""
    assert not all(allows(boundary_of(name)[1], request) for request in ROUTES[route])


def test_a_boundary_that_only_denies_the_obvious_is_none() -> None:
    """Nearly all routes go through where CreateRole, two policy actions and AssumeRole alone are denied."""
    obvious: dict[str, object] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "sts:AssumeRole"],
                "Resource": "*",
            },
        ],
    }
    stopped = {route for route, steps in ROUTES.items() if not all(allows(obvious, each) for each in steps)}
    assert stopped == {
        "a policy on a role",
        "an inline policy on a role",
        "a role assumed",
        "a role without boundary",
        "a role with a weaker boundary",
    }


@pytest.mark.parametrize(
    "request_of",
    [
        step("iam:CreateRole", DELEGATED, NO_BOUNDARY),
        step("iam:CreateRole", DELEGATED, OTHER_BOUNDARY),
        step("iam:AttachRolePolicy", DELEGATED, NO_BOUNDARY),
        step("iam:PutRolePolicy", DELEGATED, OTHER_BOUNDARY),
        step("iam:UpdateAssumeRolePolicy", DELEGATED, NO_BOUNDARY),
        step("iam:PassRole", f"{IAM}:role/Orders-Worker"),
        step("iam:PassRole", f"{IAM}:role/workloads/Payments"),
        step("iam:DeleteRole", f"{IAM}:role/workloads/Payments"),
        step("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        step("sts:AssumeRole", "arn:aws:iam::222222222222:role/other"),
        step("lambda:UpdateFunctionCode", FUNCTION),
    ],
    ids=lambda request: f"{request.action} {request.resource}",
)
def test_delegation_ends_at_path_prefix_and_boundary(request_of: Step) -> None:
    """Roles under the path with another boundary, and roles beside the path, stay out of reach."""
    assert not allows(boundary_of("fullest")[1], request_of)


@pytest.mark.parametrize(
    "action", ["CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "TagPolicy"]
)
@pytest.mark.parametrize("name", ["default", "fullest"])
def test_the_boundary_itself_cannot_be_changed(name: str, action: str) -> None:
    """A role under the boundary cannot rewrite it."""
    arn, document = boundary_of(name)
    assert not allows(document, step(f"iam:{action}", arn))


def test_a_boundary_that_lies_in_the_delegated_path_is_denied_by_name() -> None:
    """Where policies may be managed, the boundary's own policy is excepted by its ARN."""
    own = own_statements(
        boundary=f"{IAM}:policy/Orders-boundary",
        allowed_actions=[],
        delegated=[f"{IAM}:policy/Orders-*"],
        assumable_roles=[],
        controlled_compute=[],
        without_baseline=[],
        partition="aws",
    )
    everything = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    document: dict[str, object] = {"Version": "2012-10-17", "Statement": [everything, *own]}
    version = "iam:CreatePolicyVersion"
    found = [allows(document, step(version, f"{IAM}:policy/{name}")) for name in ("Orders-boundary", "Orders-other")]
    assert found == [False, True]


WORKLOAD: Final = [
    step("dynamodb:Query", f"arn:aws:dynamodb:{HERE}:table/orders-1"),
    step("s3:GetObject", "arn:aws:s3:::orders-documents/1"),
    step("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/orders:log-stream:1"),
    step("ecr:GetAuthorizationToken", "*"),
    step("ecr:BatchGetImage", f"arn:aws:ecr:{HERE}:repository/orders"),
    step("ssmmessages:OpenDataChannel", "*"),
    step("kms:Decrypt", f"arn:aws:kms:{HERE}:key/1", {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
    step("kms:GenerateDataKey", f"arn:aws:kms:{HERE}:key/1", {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}),
]


@pytest.mark.parametrize("name", ["default", "fullest"])
@pytest.mark.parametrize("request_of", WORKLOAD, ids=lambda request: request.action)
def test_the_workload_and_its_platform_work(name: str, request_of: Step) -> None:
    """What was allowed, and what AWS does under the role, is let through."""
    assert allows(boundary_of(name)[1], request_of)


REMOVED: Final = [
    step("xray:PutTraceSegments", "*"),
    step("ec2:CreateNetworkInterface", f"arn:aws:ec2:{HERE}:subnet/subnet-1"),
]


@pytest.mark.parametrize("request_of", REMOVED, ids=lambda request: request.action)
def test_parts_of_the_baseline_can_be_left_out(request_of: Step) -> None:
    """Tracing and network interfaces are let through by default, and not where they were left out."""
    assert [allows(boundary_of(name)[1], request_of) for name in ("default", "fullest")] == [True, False]


ASKED_FOR: Final = [
    step("sqs:SendMessage", f"arn:aws:sqs:{HERE}:orders-1"),
    step("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:orders-1"),
    step("sts:AssumeRole", "arn:aws:iam::222222222222:role/ledger-reader"),
    step("iam:PassRole", DELEGATED, {"iam:PassedToService": "lambda.amazonaws.com"}),
    step("iam:DeleteRole", DELEGATED),
    step("iam:CreateRole", DELEGATED, {"iam:PermissionsBoundary": f"{IAM}:policy/orders-boundary"}),
]


@pytest.mark.parametrize("request_of", ASKED_FOR, ids=lambda request: request.action)
def test_what_is_asked_for_is_let_through(request_of: Step) -> None:
    """Named roles, compute, and roles under path and boundary are within reach where they were asked for alone."""
    assert [allows(boundary_of(name)[1], request_of) for name in ("fullest", "default")] == [True, False]


@pytest.mark.parametrize(("region", "allowed"), [("eu-west-1", True), ("us-west-2", False)])
def test_a_further_denial_holds(region: str, allowed: bool) -> None:
    """The fullest boundary denies other Regions."""
    request = step("sqs:SendMessage", f"arn:aws:sqs:{HERE}:orders-1", {"aws:RequestedRegion": region})
    assert allows(boundary_of("fullest")[1], request) is allowed


@pytest.mark.parametrize(
    "request_of",
    [
        step("kms:Decrypt", f"arn:aws:kms:{HERE}:key/1", {"kms:ViaService": None}),
        step("kms:Decrypt", f"arn:aws:kms:{HERE}:key/1", {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}),
        step("kms:ScheduleKeyDeletion", f"arn:aws:kms:{HERE}:key/1"),
        step("s3:PutObject", "arn:aws:s3:::orders-documents/1"),
        step("s3:GetObject", "arn:aws:s3:::payments/1"),
        step("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:orders-AbCdEf"),
        step("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/orders"),
        step("ec2:TerminateInstances", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"),
    ],
    ids=lambda request: f"{request.action} {request.context}",
)
def test_what_nobody_named_is_capped(request_of: Step) -> None:
    """Other actions, other resources, and keys beside the services used are beyond the boundary."""
    assert not allows(boundary_of("default")[1], request_of)


def test_every_star_of_a_resource_has_its_reason() -> None:
    """Two Allows are on every resource: the platform's, and keys through services; the rest is Denies."""
    document = boundary_of("default")[1]
    statements = document["Statement"]
    assert isinstance(statements, list)
    starred = {(each["Effect"], each["Sid"]) for each in statements if each.get("Resource") == "*"}
    assert {sid for effect, sid in starred if effect == "Allow"} == {"PlatformBaseline", "PlatformDecryption"}


def test_the_role_of_an_instance_works_under_the_boundary() -> None:
    """InstanceRole's own policy and the boundary together let a session through, and nothing else of the boundary."""
    policies = policies_of("default")
    (role,) = resources(synthesize(INSTANCES["workload_boundary-default"].build), "AWS::IAM::Role")
    found = [
        evaluate(
            Request(principal=IamRole(policies.arn_of(role)), action=action),
            identity=policies.identity_of(role),
            boundary=policies.boundary_of(role),
        ).allowed
        for action in ("ssmmessages:OpenDataChannel", "ecr:GetAuthorizationToken")
    ]
    assert found == [True, False]


SERVICES: Final = (
    "iam:*",
    "iam:Create*",
    "iam:Get*",
    "sts:*",
    "lambda:*",
    "ec2:*",
    "ssm:*",
    "ecs:*",
    "glue:*",
    "cloudformation:*",
    "codebuild:*",
    "sagemaker:*",
    "datapipeline:*",
    "ec2-instance-connect:*",
    "sso:List*",
    "sso:*",
    "identitystore:*",
    "states:*",
    "apprunner:*",
    "s3:*",
    "kms:*",
    "logs:PutLogEvents",
)
RESOURCES: Final = ("*", f"{IAM}:*", f"{IAM}:role/*", f"arn:aws:lambda:{HERE}:function:*", "arn:aws:s3:::shop/*")
STATEMENTS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.just("Allow"),
            "Action": st.lists(st.sampled_from(SERVICES), min_size=1, max_size=8, unique=True),
            "Resource": st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3, unique=True),
        }
    ),
    min_size=1,
    max_size=4,
)


@given(
    allow=STATEMENTS,
    delegated=st.sampled_from([[], [f"{IAM}:{kind}/workloads/Orders-*" for kind in ("role", "policy")]]),
    assumable=st.sampled_from([[], ["arn:aws:iam::222222222222:role/ledger-reader"], [f"{IAM}:role/workloads/*"]]),
    compute=st.sampled_from([[], [f"arn:aws:lambda:{HERE}:function:orders-*"]]),
    without=st.sets(st.sampled_from(list(PlatformPart))),
)
def test_no_list_of_what_is_allowed_opens_a_way_up(
    allow: list[dict[str, Any]],
    delegated: list[str],
    assumable: list[str],
    compute: list[str],
    without: set[PlatformPart],
) -> None:
    """Whatever is allowed and excepted, no way up goes through."""
    actions = allowed_actions(allow)
    kinds = {"delegated": delegated, "assumable_roles": assumable, "controlled_compute": compute}
    check_reachable([action for action in actions if "*" not in action], **kinds)
    own = own_statements(
        boundary=f"{IAM}:policy/boundary",
        allowed_actions=actions,
        without_baseline=without,
        partition="aws",
        **kinds,
    )
    document: dict[str, object] = {"Version": "2012-10-17", "Statement": [*allow, *own]}
    open_routes = [route for route, steps in ROUTES.items() if all(allows(document, each) for each in steps)]
    assert open_routes == []
