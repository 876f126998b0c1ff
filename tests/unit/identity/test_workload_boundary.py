"""The boundary of a workload: what it refuses, which roles it reaches, and what synthesis says of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Acknowledgment, App, CfnResource, Environment, NestedStack, RemovalPolicy, Stack, Stage, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import custom_resources as cr
from constructs import Construct

from aws_architect_constructs.identity.boundary_check import FIXES, BoundaryPlugin
from aws_architect_constructs.identity.boundary_findings import Bounds
from aws_architect_constructs.identity.boundary_size import policy_size
from aws_architect_constructs.identity.conditions import requested_regions
from aws_architect_constructs.identity.platform_baseline import PlatformPart
from aws_architect_constructs.identity.statement_conditions import deny_unless
from aws_architect_constructs.identity.workload_boundary import WorkloadBoundary
from aws_architect_constructs.testing.policies import IamRole, Request, TemplatePolicies, evaluate
from support.synthesis import (
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    recommended_flags,
    resources,
    synthesize,
    template_of,
)

ROLE: Final = "AWS::IAM::Role"
POLICY: Final = "AWS::IAM::ManagedPolicy"
EC2: Final = iam.ServicePrincipal("ec2.amazonaws.com")


def reading() -> iam.PolicyStatement:
    """What a small workload is allowed."""
    return iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::shop-*/*"])


def boundary_in(scope: Construct, **arguments: Any) -> WorkloadBoundary:
    """A boundary with as little as possible."""
    return WorkloadBoundary(scope, "Boundary", **{"allow": [reading()], **arguments})


def statements_of(template: Template) -> dict[str, dict[str, Any]]:
    """The boundary's statements by Sid."""
    (policy,) = properties(template, POLICY)
    return {str(each.get("Sid", index)): each for index, each in enumerate(policy["PolicyDocument"]["Statement"])}


def statement(**arguments: Any) -> iam.PolicyStatement:
    """A statement of any kind."""
    return iam.PolicyStatement(**{"actions": ["s3:GetObject"], "resources": ["*"], **arguments})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"allow": []}, r"allow: nothing is let through, got \[\]"),
        ({"allow": None}, "allow: not a list"),
        ({"allow": "s3:GetObject"}, "allow: not a list"),
        ({"allow": ["s3:GetObject"]}, "allow: no statements"),
        ({"allow": [statement(effect=iam.Effect.DENY)]}, "a statement of a boundary allows"),
        ({"allow": [statement(principals=[EC2])]}, "a statement of a boundary allows"),
        ({"allow": [statement(actions=["*"])]}, "names the services"),
        ({"allow": [statement(actions=None, not_actions=["iam:*"])]}, "names the services"),
        ({"allow": [statement(resources=None)]}, "names the services"),
        (
            {"allow": [statement(actions=["iam:CreateUser"])]},
            "always denies this.*'iam:CreateUser'; allowed: role",
        ),
        ({"allow": [statement(actions=["iam:PassRole"])]}, "always denies this.*role_name_prefix="),
        ({"allow": [statement(actions=["sts:AssumeRole"])]}, "always denies this.*assumable_roles="),
        ({"allow": [statement(actions=["lambda:UpdateFunctionCode"])]}, "always denies this.*controlled_compute="),
        ({"allow": [statement(actions=["sso:CreateAccountAssignment"])]}, "always denies this"),
        (
            {"allow": [statement(actions=["iam:DeleteRolePermissionsBoundary"])], "role_path": "/shop/"},
            "always denies this",
        ),
        ({"deny": [statement()]}, "deny: a further denial denies"),
        ({"deny": [statement(effect=iam.Effect.DENY, principals=[EC2])]}, "deny: a further denial denies"),
        ({"deny": ["s3:*"]}, "deny: no statements"),
        ({"assumable_roles": ["*"]}, "assumable_roles: no role is named"),
        ({"assumable_roles": ["arn:aws:iam::*:role/reader"]}, "assumable_roles: no role is named"),
        ({"assumable_roles": ["arn:aws:iam::222222222222:role/*"]}, "assumable_roles: no role is named"),
        ({"assumable_roles": "arn:aws:iam::222222222222:role/reader"}, "assumable_roles: not a list"),
        ({"controlled_compute": ["*"]}, "controlled_compute: no compute is named"),
        ({"controlled_compute": ["arn:aws:*:eu-west-1:111111111111:x"]}, "controlled_compute: no compute is named"),
        (
            {"controlled_compute": ["arn:aws:lambda:eu-west-1:111111111111:*"]},
            "controlled_compute: no compute is named",
        ),
        ({"role_path": "shop"}, "role_path is malformed"),
        ({"role_path": "/"}, "role_path is malformed"),
        ({"role_path": "/shop*/"}, "role_path is malformed"),
        ({"role_name_prefix": "*"}, "role_name_prefix is malformed"),
        ({"role_name_prefix": ""}, "role_name_prefix is malformed"),
        ({"without_baseline": ["Weather"]}, "without_baseline: no such PlatformPart"),
        ({"policy_name": "a/b"}, "policy_name is malformed"),
    ],
)
def test_a_wrong_argument_is_refused_before_the_tree_is_touched(arguments: dict[str, Any], problem: str) -> None:
    """The error names the construct, the argument, what was given and what is allowed; the id stays free."""
    stack = new_stack()
    with pytest.raises(ValueError, match=rf"^Stack/Boundary: (?=.*got .*; allowed: ).*{problem}"):
        boundary_in(stack, **arguments)
    boundary_in(stack)


def test_the_name_has_path_and_region() -> None:
    """IAM is global: the default name tells Regions apart, and the boundary's own statements know it."""
    stack = new_stack(env=Environment(account="111111111111", region="eu-central-1"), name="Shop")
    boundary = boundary_in(stack)
    template = template_of(stack)
    (policy,) = properties(template, POLICY)
    name = policy["ManagedPolicyName"]
    assert name.startswith("Shop-Boundary-")
    assert name.endswith("-eu-central-1")
    assert stack.resolve(boundary.policy_arn)["Fn::Join"][1][-1] == f":iam::111111111111:policy/{name}"
    assert statements_of(template)["DenyBoundaryTampering"]["Resource"] == stack.resolve(boundary.policy_arn)


def test_a_name_of_ones_own() -> None:
    """policy_name names the policy, in its own statements too."""
    template = synthesize(lambda stack: boundary_in(stack, policy_name="shop-boundary"))
    assert properties(template, POLICY)[0]["ManagedPolicyName"] == "shop-boundary"
    condition = statements_of(template)["DenyRolesWithoutBoundary"]["Condition"]["StringNotEquals"]
    assert str(condition).endswith(":iam::111111111111:policy/shop-boundary']]}}")


def test_the_denials_are_always_there() -> None:
    """Whatever is left out of the baseline, seven denials stay."""
    template = synthesize(lambda stack: boundary_in(stack, without_baseline=list(PlatformPart)))
    assert [sid for sid, each in statements_of(template).items() if each["Effect"] == "Deny"] == [
        "DenyIdentityChanges",
        "DenyRolesWithoutBoundary",
        "DenyBoundaryRemoval",
        "DenyBoundaryTampering",
        "DenyAssumingOtherRoles",
        "DenyComputeTakeover",
        "DenyIdentityCenter",
    ]
    assert "PlatformBaseline" not in statements_of(template)
    assert "PlatformDecryption" not in statements_of(template)


def test_all_resources_but_some_can_be_allowed() -> None:
    """A statement may name what it is not about, as long as it names its actions."""
    all_but = statement(resources=None, not_resources=["arn:aws:s3:::secrets/*"])
    found = statements_of(synthesize(lambda stack: boundary_in(stack, allow=[all_but])))["0"]
    assert found == {"Action": "s3:GetObject", "Effect": "Allow", "NotResource": "arn:aws:s3:::secrets/*"}


def test_further_denials_stand_beside_the_others() -> None:
    """Conditions by name are denials of a boundary too: here, of other Regions."""
    elsewhere = deny_unless(requested_regions(["eu-west-1"]))
    policies = TemplatePolicies({"Stack": synthesize(lambda stack: boundary_in(stack, deny=elsewhere))})
    (boundary,) = [policies.render(each) for each in policies.policies]
    found = [
        evaluate(
            Request(
                principal=IamRole("arn:aws:iam::111111111111:role/x"),
                action="s3:GetObject",
                resource="arn:aws:s3:::shop-a/1",
                resource_account="111111111111",
                context={"aws:RequestedRegion": region},
            ),
            identity={"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
            boundary=boundary,
        ).allowed
        for region in ("eu-west-1", "us-west-2")
    ]
    assert found == [True, False]


_APART = (PlatformPart.DATABASE_MONITORING, PlatformPart.DECRYPTION)


@pytest.mark.parametrize("part", [part for part in PlatformPart if part not in _APART])
def test_each_part_of_the_baseline_can_be_left_out(part: PlatformPart) -> None:
    """Leaving a part out takes its actions away, and no others."""

    def actions(without: list[PlatformPart]) -> set[str]:
        template = synthesize(lambda stack: boundary_in(stack, without_baseline=without))
        return set(statements_of(template)["PlatformBaseline"]["Action"])

    prefix = {
        PlatformPart.LOG_DELIVERY: "logs:",
        PlatformPart.IMAGE_PULL: "ecr:",
        PlatformPart.TRACING: "xray:",
        PlatformPart.NETWORK_INTERFACES: "ec2:",
        PlatformPart.SESSION_MANAGER: "ssm",
    }[part]
    everything = actions([])
    assert {action for action in everything if action.startswith(prefix)}
    assert everything - actions([part]) == {action for action in everything if action.startswith(prefix)}


@pytest.mark.parametrize("without", [[], [PlatformPart.DATABASE_MONITORING]])
def test_monitoring_of_databases_can_be_left_out(without: list[PlatformPart]) -> None:
    """What enhanced monitoring does beyond writing logs is let through for the log groups of RDS alone."""
    found = statements_of(synthesize(lambda stack: boundary_in(stack, without_baseline=without)))
    assert ("PlatformDatabaseMonitoring" in found) is (not without)
    if not without:
        assert str(found["PlatformDatabaseMonitoring"]["Resource"]).endswith(":logs:*:*:log-group:RDS*']]}")


def test_keys_are_used_through_allowed_services_alone() -> None:
    """Decryption is bound to the services that are allowed; without one of those there is none."""
    used = synthesize(lambda stack: boundary_in(stack, allow=[statement(actions=["sqs:SendMessage", "s3:GetObject"])]))
    via = statements_of(used)["PlatformDecryption"]["Condition"]["StringLike"]["kms:ViaService"]
    # The suffix is the same in every partition.
    assert via == ["s3.*.amazonaws.com", "sqs.*.amazonaws.com"]
    unused = synthesize(lambda stack: boundary_in(stack, allow=[statement(actions=["ec2:DescribeInstances"])]))
    assert "PlatformDecryption" in statements_of(unused)  # EC2 volumes
    none = synthesize(lambda stack: boundary_in(stack, allow=[statement(actions=["cloudwatch:PutMetricData"])]))
    assert "PlatformDecryption" not in statements_of(none)


def _l2(stack: Stack) -> None:
    iam.Role(stack, "Role", assumed_by=EC2)


def _l1(stack: Stack) -> None:
    iam.CfnRole(stack, "Role", assume_role_policy_document={"Version": "2012-10-17", "Statement": []})


def _bare(stack: Stack) -> None:
    CfnResource(stack, "Role", type=ROLE, properties={"AssumeRolePolicyDocument": {}})


def _provider(stack: Stack) -> None:
    s3.Bucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY, auto_delete_objects=True)


def _custom_resource(stack: Stack) -> None:
    call = cr.AwsSdkCall(service="s3", action="GetObject", physical_resource_id=cr.PhysicalResourceId.of("x"))
    policy = cr.AwsCustomResourcePolicy.from_sdk_calls(resources=["arn:aws:s3:::shop-a/b"])
    cr.AwsCustomResource(stack, "Call", on_update=call, policy=policy, install_latest_aws_sdk=False)


def _function(stack: Stack) -> None:
    lambda_.Function(
        stack,
        "Function",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
    )


def _notified(stack: Stack) -> None:
    s3.Bucket(stack, "Events", event_bridge_enabled=True)


def _with_own(stack: Stack) -> None:
    other = iam.ManagedPolicy.from_managed_policy_name(stack, "Other", "other")
    iam.Role(stack, "Role", assumed_by=EC2, permissions_boundary=other)


KINDS: Final = {
    "an L2": _l2,
    "an L1": _l1,
    "a bare resource": _bare,
    "a custom resource provider": _provider,
    "an AwsCustomResource": _custom_resource,
    "a function": _function,
    "a role with another boundary": _with_own,
}


@pytest.mark.parametrize("flags", [{}, recommended_flags()], ids=["no flags", "recommended flags"])
@pytest.mark.parametrize("later", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_role_is_reached(kind: str, later: bool, flags: dict[str, Any]) -> None:
    """L2, L1 and bare resources have the boundary, whether they were made before it was applied or after."""
    stack = new_stack(context=flags)
    boundary = boundary_in(stack)
    if not later:
        KINDS[kind](stack)
    boundary.apply_to(stack)
    if later:
        KINDS[kind](stack)
    template = template_of(stack)
    (policy,) = resources(template, POLICY)
    found = [each.get("PermissionsBoundary") for each in properties(template, ROLE)]
    assert found
    assert found == [{"Ref": policy}] * len(found)


def test_nested_stacks_are_reached() -> None:
    """A role of a nested stack takes the boundary as a parameter."""
    stack = new_stack()
    boundary_in(stack).apply_to(stack)
    nested = NestedStack(stack, "Nested")
    iam.Role(nested, "Role", assumed_by=EC2)
    template_of(stack)
    assembly = Path(str(_app(stack).outdir))
    template = json.loads((assembly / nested.template_file).read_text(encoding="utf-8"))
    (role,) = properties(template, ROLE)
    assert role["PermissionsBoundary"]["Ref"] in template["Parameters"]


def _app(stack: Stack) -> App:
    root = stack.node.root
    assert isinstance(root, App)
    return root


def test_other_stacks_depend_on_the_boundary_and_not_it_on_them() -> None:
    """In two stacks of a Stage: the workload's roles import the boundary, whose stack waits for none."""
    stage = Stage(new_app(), "Prod", env=ENV)
    security, workload = Stack(stage, "Security"), Stack(stage, "Workload")
    boundary = boundary_in(security)
    boundary.apply_to(stage)
    role = iam.Role(workload, "Role", assumed_by=EC2)
    assembly = stage.synth()
    template = assembly.get_stack_by_name("Prod-Workload").template
    (found,) = properties(template, ROLE)
    assert "Fn::ImportValue" in found["PermissionsBoundary"]
    assert workload.dependencies == [security]
    assert security.dependencies == []
    assert role.node.path == "Prod/Workload/Role"


def test_a_part_of_a_stack() -> None:
    """A scope within a stack has the boundary; what lies beside it does not, and nobody complains."""
    stack = new_stack()
    inside = Construct(stack, "Inside")
    boundary_in(stack).apply_to(inside)
    iam.Role(inside, "Role", assumed_by=EC2)
    iam.Role(stack, "Role", assumed_by=EC2)
    found = {name: "PermissionsBoundary" in role["Properties"] for name, role in _roles(stack).items()}
    assert found == {"Stack/Inside/Role": True, "Stack/Role": False}


def _roles(stack: Stack) -> dict[str, dict[str, Any]]:
    """The roles of a stack by the paths of their L2s."""
    template = template_of(stack)
    return {
        node.node.path: template["Resources"][stack.resolve(node.node.default_child.logical_id)]
        for node in stack.node.find_all()
        if isinstance(node, iam.Role) and isinstance(node.node.default_child, iam.CfnRole)
    }


def test_the_nearest_boundary_wins() -> None:
    """A boundary that is applied further in takes the place of the outer one, for both's checks."""
    stack = new_stack()
    outer = boundary_in(stack)
    inside = Construct(stack, "Inside")
    inner = WorkloadBoundary(inside, "Boundary", allow=[reading()])
    inner.apply_to(inside)
    outer.apply_to(stack)
    iam.Role(inside, "Role", assumed_by=EC2)
    (role,) = properties(template_of(stack), ROLE)
    assert role["PermissionsBoundary"] == stack.resolve(inner.policy.managed_policy_arn)


def test_another_stage_is_refused() -> None:
    """Neither an App with the boundary's Stage in it nor a Stage beside it is reached: the error says what to do."""
    app = new_app()
    stage, other = Stage(app, "Prod", env=ENV), Stage(app, "Dev", env=ENV)
    boundary = boundary_in(Stack(stage, "Security"))
    for scope in (app, other, Stack(other, "Workload")):
        with pytest.raises(
            ValueError, match=r"cannot reach another Stage, got '.*'; allowed: .*make one in each Stage"
        ):
            boundary.apply_to(scope)


def test_stages_in_the_scope_are_reported() -> None:
    """An App that has the boundary and Stages besides: synthesis says that the Stages are not reached."""
    app = new_app()
    boundary_in(Stack(app, "Security", env=ENV)).apply_to(app)
    Stack(Stage(app, "Prod", env=ENV), "Workload")
    with pytest.raises(RuntimeError, match=r"Prod.*make one in each Stage"):
        app.synth()


REASON: Final = "Opens the account when everything else is locked."


@pytest.mark.parametrize("first", [False, True], ids=["applied first", "exempted first"])
@pytest.mark.parametrize("flags", [{}, recommended_flags()], ids=["no flags", "recommended flags"])
def test_an_exempt_role_has_no_boundary_and_says_why(flags: dict[str, Any], first: bool) -> None:
    """Opting out is explicit, with a reason in the tree, and holds in whatever order it was said."""
    stack = new_stack(context=flags)
    boundary = boundary_in(stack)
    role = iam.Role(stack, "BreakGlass", assumed_by=EC2)
    if first:
        boundary.exempt(role, reason=REASON)
    boundary.apply_to(stack)
    if not first:
        boundary.exempt(role, reason=REASON)
    (found,) = properties(template_of(stack), ROLE)
    assert "PermissionsBoundary" not in found
    assert ("aws-architect-constructs:boundary-exemption", REASON) in [(e.type, e.data) for e in role.node.metadata]


def test_an_exemption_needs_a_reason() -> None:
    """A word is no reason."""
    stack = new_stack()
    role = iam.Role(stack, "BreakGlass", assumed_by=EC2)
    with pytest.raises(ValueError, match="would convince no auditor, got 'because'; allowed: a sentence"):
        boundary_in(stack).exempt(role, reason="because")


def report_of(build: Callable[[Stack, WorkloadBoundary], object], **arguments: Any) -> tuple[bool, list[str]]:
    """Whether synthesis passes, and what the boundary's check reports: rule, construct and severity."""
    stack = new_stack()
    boundary = boundary_in(stack, **arguments)
    boundary.apply_to(stack)
    build(stack, boundary)
    passed = True
    try:
        template_of(stack)
    except RuntimeError:
        passed = False
    return passed, _findings_of(stack)


def _findings_of(stack: Stack) -> list[str]:
    path = Path(str(_app(stack).outdir)) / "validation-report.json"
    reports = json.loads(path.read_text(encoding="utf-8"))["pluginReports"] if path.exists() else []
    return [
        f"{found['severity']} {found['ruleName']} {place['constructPath']}: {found['description']}"
        for report in reports
        if report["pluginName"] == "WorkloadBoundary"
        for found in report["violations"]
        for place in found["violatingConstructs"]
    ]


def _granting(*actions: str, resource: str = "arn:aws:s3:::shop-a/*") -> Callable[[Stack, WorkloadBoundary], None]:
    def build(stack: Stack, _: WorkloadBoundary) -> None:
        role = iam.Role(stack, "Role", assumed_by=EC2)
        role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[resource]))

    return build


def test_the_check_tells_its_rules() -> None:
    """CDK is told every rule that the check has."""
    plugin = BoundaryPlugin(lambda _: Bounds(policy=("", "")), of="", account=None, region=None, partition=None)
    assert plugin.rule_ids == list(FIXES)


def test_a_grant_within_the_boundary_is_not_worth_a_word() -> None:
    """Nothing is reported of a role whose grants the boundary lets through."""
    assert report_of(_granting("s3:GetObject")) == (True, [])


def test_a_grant_of_which_nothing_is_left_fails_synthesis_with_its_statement() -> None:
    """The report names policy, statement, action and resource."""
    passed, (found,) = report_of(_granting("s3:GetObject", "s3:PutObject"))
    assert not passed
    assert found == (
        "error CappedGrant Stack/Role/Resource: The boundary caps Stack/RoleDefaultPolicy5FFB7DAB.PolicyDocument, "
        "statement 0: s3:PutObject on arn:aws:s3:::shop-a/* (no statement of the boundary allows it)"
    )


def test_a_grant_that_is_capped_in_part_is_reported_only() -> None:
    """A wildcard of which the boundary leaves something is a warning."""
    passed, (found,) = report_of(_granting("s3:Get*"))
    assert passed
    assert found.startswith("warning CappedGrant Stack/Role/Resource: ")
    assert found.endswith("statement 0, in part: s3:Get* on arn:aws:s3:::shop-a/* (the boundary allows less)")


def test_what_is_always_denied_is_named() -> None:
    """A grant that a denial takes away names the denial."""
    passed, (found,) = report_of(_granting("iam:PassRole", resource="arn:aws:iam::111111111111:role/Admin"))
    assert not passed
    assert found.endswith("(denied by DenyIdentityChanges)")


def test_an_acknowledged_cap_passes() -> None:
    """Acknowledging the rule on the role lets synthesis pass."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        _granting("s3:PutObject")(stack, _)
        role = stack.node.find_child("Role")
        acknowledged = Acknowledgment(id="WorkloadBoundary::CappedGrant", reason="The role is to lose it.")
        Validations.of(role).acknowledge(acknowledged)

    assert report_of(build) == (True, [])


def test_managed_policies_are_judged_too() -> None:
    """Customer managed policies of the app, and AWS managed ones that CDK attaches, are read."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        policy = iam.ManagedPolicy(stack, "Writes", statements=[statement(actions=["s3:PutObject"])])
        aws = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaKinesisExecutionRole")
        iam.Role(stack, "Role", assumed_by=EC2, managed_policies=[policy, aws])

    passed, found = report_of(build)
    assert not passed
    assert ["Writes" in each or "Kinesis" in each for each in found] == [True, True]
    assert "kinesis:GetRecords" in found[1]
    assert "logs:PutLogEvents" not in found[1]


@pytest.mark.parametrize(("partition", "region"), [("aws", "eu-west-1"), ("aws-cn", "cn-north-1")])
def test_a_database_is_monitored_under_the_baseline(partition: str, region: str) -> None:
    """AWS's own policy for enhanced monitoring lies within the baseline, in every partition."""
    stack = new_stack(env=Environment(account=ENV.account, region=region))
    boundary_in(stack, allow=[reading()]).apply_to(stack)
    aws = iam.ManagedPolicy.from_managed_policy_arn(
        stack, "Aws", f"arn:{partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    )
    iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("monitoring.rds.amazonaws.com"), managed_policies=[aws])
    template_of(stack)
    assert not _findings_of(stack)


def _abroad(env: Environment, grant: str, *, waits: bool) -> tuple[bool, list[str]]:
    """A boundary, and a role in a stack of another environment."""
    stack = new_stack()
    boundary_in(stack).apply_to(_app(stack))
    other = Stack(_app(stack), "Other", env=env)
    if waits:
        other.add_stack_dependency(stack)
    role = iam.Role(other, "Role", assumed_by=EC2)
    role.add_to_policy(statement(actions=[grant], resources=["arn:aws:s3:::shop-a/*"]))
    passed = True
    try:
        template_of(other)
    except RuntimeError:
        passed = False
    return passed, _findings_of(stack)


def test_a_role_in_another_region_is_judged_too() -> None:
    """CDK names the boundary by ARN there, which is the same boundary."""
    elsewhere = Environment(account=ENV.account, region="us-east-1")
    assert _abroad(elsewhere, "s3:GetObject", waits=True) == (True, [])
    passed, (found,) = _abroad(elsewhere, "s3:PutObject", waits=True)
    assert not passed
    assert found.startswith("error CappedGrant Other/Role/Resource")


def test_a_role_in_another_region_has_to_wait_for_the_boundary() -> None:
    """An ARN makes no dependency, so a stack that does not wait is reported."""
    passed, (found,) = _abroad(Environment(account=ENV.account, region="us-east-1"), "s3:GetObject", waits=False)
    assert passed
    assert found.startswith("warning RoleBeforeBoundary Other/Role/Resource")


def test_a_role_in_another_account_fails_synthesis() -> None:
    """IAM takes a boundary from the role's own account only."""
    passed, (found,) = _abroad(Environment(account="222222222222", region=ENV.region), "s3:GetObject", waits=True)
    assert not passed
    assert found.startswith("error BoundaryOfAnotherAccount Other/Role/Resource")


@pytest.mark.parametrize(("allowed", "passes"), [("targetgroup/*", True), ("loadbalancer/*", False)])
def test_a_grant_on_a_target_group_is_judged(allowed: str, passes: bool) -> None:
    """What CloudFormation makes up of its ARN has the form of a target group's, whatever the name."""
    arn = f"arn:aws:elasticloadbalancing:eu-west-1:111111111111:{allowed}"
    allow = [statement(actions=["elasticloadbalancing:RegisterTargets"], resources=[arn])]

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        group = CfnResource(stack, "Group", type="AWS::ElasticLoadBalancingV2::TargetGroup")
        role = iam.Role(stack, "Role", assumed_by=EC2)
        role.add_to_policy(statement(actions=["elasticloadbalancing:RegisterTargets"], resources=[group.ref]))

    passed, found = report_of(build, allow=allow)
    assert passed is passes
    assert [each.split(" ", 2)[1] for each in found] == ([] if passes else ["CappedGrant"])


def test_a_policy_that_nobody_can_read_is_said_to_be_unread() -> None:
    """What an imported or unknown AWS managed policy grants is not guessed."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        aws = iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")
        own = iam.ManagedPolicy.from_managed_policy_name(stack, "Own", "own")
        iam.Role(stack, "Role", assumed_by=EC2, managed_policies=[aws, own])

    passed, found = report_of(build)
    assert passed
    assert [each.split(":", 1)[0] for each in found] == ["warning UnreadGrant Stack/Role/Resource"] * 2
    assert "ReadOnlyAccess" in found[0]


@pytest.mark.parametrize(
    ("action", "begins"), [("s3:GetObject", "warning UnreadGrant"), ("s3:PutObject", "error Capped")]
)
def test_where_only_the_resource_is_unknown_the_action_is_judged(action: str, begins: str) -> None:
    """An action that the boundary allows nowhere is capped, wherever it is granted; another cannot be told."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        thing = CfnResource(stack, "Thing", type="AWS::Acme::Thing")
        iam.Role(stack, "Role", assumed_by=EC2).add_to_policy(statement(actions=[action], resources=[thing.ref]))

    passed, (found,) = report_of(build)
    assert passed is begins.startswith("warning")
    assert found.startswith(begins)


def test_a_policy_that_nobody_understands_is_said_to_be_unread() -> None:
    """A condition on a key that AWS does not have is no reason to stop, nor to stay silent."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        role = iam.Role(stack, "Role", assumed_by=EC2)
        role.add_to_policy(statement(conditions={"StringEquals": {"acme:Team": "shop"}}))

    passed, (found,) = report_of(build)
    assert passed
    assert found.startswith("warning UnreadGrant Stack/Role/Resource: ")
    assert "acme:Team" in found


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"ManagedPolicyArns": {"Fn::Acme": "x"}}, "Role: What the boundary caps of ..."),
        ({"Path": {"Ref": "Nowhere"}}, "Boundary/Policy/Resource: What the boundary caps cannot be told: "),
    ],
)
def test_what_cannot_be_read_is_said_and_stops_nothing(written: dict[str, Any], place: str) -> None:
    """A role that only a macro understands, and a template that cannot be read at all, are warnings."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        CfnResource(stack, "Role", type=ROLE, properties=written)

    passed, (found,) = report_of(build)
    assert passed
    assert found.startswith(f"warning UnreadGrant Stack/{place}")


def test_other_resources_are_not_read_beyond_their_names() -> None:
    """A resource that nobody can read does not matter, and a bucket's own name counts."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        CfnResource(stack, "Odd", type="AWS::Acme::Thing", properties={"Name": {"Fn::Acme": "x"}})
        bucket = s3.Bucket(stack, "Documents", bucket_name="shop-documents")
        role = iam.Role(stack, "Role", assumed_by=EC2)
        role.add_to_policy(statement(resources=[bucket.arn_for_objects("*")]))

    assert report_of(build) == (True, [])


def test_an_empty_stack_beside_is_no_trouble() -> None:
    """A stack without resources is not deployed, and not read; two scopes are one check."""
    app = new_app()
    stack = Stack(app, "Shop", env=ENV)
    Stack(app, "Empty", env=ENV)
    boundary = boundary_in(stack)
    boundary.apply_to(stack)
    boundary.apply_to(app)
    _granting("s3:PutObject")(stack, boundary)
    with pytest.raises(RuntimeError, match="s3:PutObject"):
        app.synth()
    report = json.loads((Path(str(app.outdir)) / "validation-report.json").read_text(encoding="utf-8"))
    assert [each["pluginName"] for each in report["pluginReports"]] == ["WorkloadBoundary"]


def test_a_boundary_in_a_nested_stack() -> None:
    """A boundary may stand in a nested stack and be for the whole one."""
    stack = new_stack()
    boundary = boundary_in(NestedStack(stack, "Security"))
    boundary.apply_to(stack)
    role = iam.Role(stack, "Role", assumed_by=EC2)
    role.add_to_policy(statement(actions=["s3:PutObject"]))
    with pytest.raises(RuntimeError, match=r"The boundary caps Stack/RoleDefaultPolicy.*s3:PutObject"):
        _app(stack).synth()


def test_stacks_of_one_name_in_two_stages() -> None:
    """Each Stage is judged by its own boundary, though stacks are called the same."""
    app = new_app()
    for name, action in (("Dev", "s3:PutObject"), ("Prod", "s3:GetObject")):
        stage = Stage(app, name, env=ENV)
        stack = Stack(stage, "Shop", stack_name="Shop")
        boundary = boundary_in(stack)
        boundary.apply_to(stage)
        _granting(action)(stack, boundary)
    with pytest.raises(RuntimeError, match="s3:PutObject"):
        app.synth()


def test_a_role_of_a_nested_stack_is_judged() -> None:
    """The report finds the construct of a role in a nested stack."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        nested = NestedStack(stack, "Nested")
        role = iam.Role(nested, "Role", assumed_by=EC2)
        role.add_to_policy(statement(actions=["s3:PutObject"]))

    passed, (found,) = report_of(build)
    assert not passed
    assert found.startswith("error CappedGrant Stack/Nested/Role/Resource: ")


def test_custom_resources_of_the_app_are_judged() -> None:
    """A provider role of CDK that needs more than is allowed is found."""
    passed, found = report_of(lambda stack, _: _notified(stack))
    assert not passed
    assert "s3:PutBucketNotification" in found[0]


def test_a_role_without_the_boundary_is_found() -> None:
    """A role that an aspect took the boundary off again does not go unnoticed."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        role = iam.Role(stack, "Role", assumed_by=EC2)
        iam.PermissionsBoundary.of(role).clear()

    passed, (found,) = report_of(build)
    assert not passed
    assert found.startswith("error RoleWithoutBoundary Stack/Role/Resource: ")


def test_a_role_that_cdk_makes_too_late_is_found() -> None:
    """The roles of strong references across Regions are made after aspects ran: they are reported, not forgotten."""
    app = new_app()
    first = Stack(app, "First", env=ENV, cross_region_references=True)
    second = Stack(
        app,
        "Second",
        env=Environment(account="111111111111", region="us-east-1"),
        cross_region_references=True,
    )
    boundary_in(first).apply_to(first)
    bucket = s3.Bucket(first, "Bucket")
    CfnResource(second, "Reader", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": bucket.bucket_arn})
    with pytest.raises(RuntimeError, match="made after CDK's aspects ran"):
        app.synth()


@pytest.mark.parametrize("flags", [{}, recommended_flags()], ids=["no flags", "recommended flags"])
def test_roles_lie_under_path_and_prefix(flags: dict[str, Any]) -> None:
    """Roles without a path or name of their own, bare ones too, are placed where they may be passed."""
    stack = new_stack(context=flags)
    boundary = boundary_in(stack, role_path="/shop/", role_name_prefix="Shop-")
    boundary.apply_to(stack)
    _l2(stack)
    _provider(stack)
    exempt = iam.Role(stack, "BreakGlass", assumed_by=EC2)
    boundary.exempt(exempt, reason=REASON)
    placed = [
        (role.get("Path"), str(role.get("RoleName"))[:5], len(str(role.get("RoleName"))) <= 64)
        for role in properties(template_of(stack), ROLE)
    ]
    assert sorted(placed, key=str) == sorted([("/shop/", "Shop-", True)] * 2 + [(None, "None", True)], key=str)


def test_names_that_fit_are_left_to_cloudformation() -> None:
    """Where the stack's name begins with the prefix, no role is named."""
    stack = new_stack(name="Shop-Api")
    boundary_in(stack, role_name_prefix="Shop-").apply_to(stack)
    _l2(stack)
    (role,) = properties(template_of(stack), ROLE)
    assert "RoleName" not in role


def test_a_role_that_lies_elsewhere_is_found() -> None:
    """A path or name of its own that lies beside the boundary's is an error, which names both."""

    def build(stack: Stack, _: WorkloadBoundary) -> None:
        iam.Role(stack, "Role", assumed_by=EC2, path="/other/", role_name="Other")

    passed, (found,) = report_of(build, role_path="/shop/", role_name_prefix="Shop-")
    assert not passed
    assert found.startswith("error RoleOutsidePath Stack/Role/Resource: The role is /other/Other, which does not lie")


def test_an_exempt_role_must_not_be_passable() -> None:
    """An unbound role where roles may be passed would be a way up."""

    def build(stack: Stack, boundary: WorkloadBoundary) -> None:
        role = iam.Role(stack, "Role", assumed_by=EC2, path="/shop/")
        boundary.exempt(role, reason=REASON)

    passed, (found,) = report_of(build, role_path="/shop/")
    assert not passed
    assert found.startswith("error ExemptRoleInPath Stack/Role/Resource: ")


def test_a_boundary_that_is_too_long_is_refused_at_synthesis() -> None:
    """6,144 characters without white space are the most; the error names the length and what makes it."""
    stack = new_stack()
    many = [f"arn:aws:s3:::shop-bucket-number-{number:04}/*" for number in range(100)]
    boundary_in(stack, allow=[statement(resources=many)])
    with pytest.raises(RuntimeError, match=r"too long for a managed policy, got \d{4} char.*allowed: 6144.*longest"):
        _app(stack).synth()


def test_the_default_leaves_room() -> None:
    """What the boundary adds of its own is well below the limit."""
    boundary = boundary_in(new_stack())
    assert policy_size(Stack.of(boundary).resolve(boundary.policy.document)) < 3700
