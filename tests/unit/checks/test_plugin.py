"""The plugin in real apps: what fails a synthesis, what does not, and how findings are acknowledged."""

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import (
    Acknowledgment,
    App,
    CfnParameter,
    CfnResource,
    Environment,
    NestedStack,
    Stack,
    Stage,
    Tags,
    Validations,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import EnvironmentType, RequiredTags, WellArchitectedChecks
from aws_architect_constructs.checks.adapter import declared_environment
from aws_architect_constructs.checks.rules import RULES
from support.synthesis import ENV, new_app

REASON: Final = "The site is meant for everybody, and holds nothing else."


def public(scope: Any) -> s3.Bucket:
    """A bucket that breaks PublicBucket, which is an error everywhere."""
    return s3.Bucket(scope, "Site", access_control=s3.BucketAccessControl.PUBLIC_READ)


def run(app: App, **arguments: Any) -> tuple[bool, dict[str, Any]]:
    """Whether the synthesis passes with the plugin, and the plugin's part of the report."""
    Validations.of(app).add_plugins(WellArchitectedChecks(**arguments))
    try:
        app.synth()
        passed = True
    except RuntimeError:  # what CDK raises on an error that nobody acknowledged; the report tells which
        passed = False
    file = Path(app.outdir) / "validation-report.json"
    reports = json.loads(file.read_text(encoding="utf-8"))["pluginReports"] if file.exists() else []
    found: dict[str, Any] = next((r for r in reports if r["pluginName"] == "WellArchitectedChecks"), {})
    return passed, found


def violations(report: dict[str, Any], kind: str = "violations") -> list[tuple[str, str, str]]:
    """Rule, severity and construct of each violation."""
    return [
        (item["ruleName"], item["severity"], construct["constructPath"])
        for item in report.get(kind, [])
        for construct in item["violatingConstructs"]
    ]


def test_the_default_vpc_of_a_look_up_is_found(tmp_path: Path) -> None:
    """`Vpc.from_lookup(is_default=True)`, answered by the app's context, is the default VPC all the same."""
    key = "vpc-provider:account=111111111111:filter.isDefault=true:region=eu-west-1:returnAsymmetricSubnets=true"
    subnet = {"subnetId": "subnet-0abc", "cidr": "172.31.0.0/20", "availabilityZone": "a", "routeTableId": "rtb-0abc"}
    answer = {
        "vpcId": "vpc-0abc",
        "vpcCidrBlock": "172.31.0.0/16",
        "ownerAccountId": "111111111111",
        "availabilityZones": [],
        "subnetGroups": [{"name": "Public", "type": "Public", "subnets": [subnet]}],
    }
    app = App(outdir=str(tmp_path), context={key: answer})
    stack = Stack(app, "Web", env=Environment(account="111111111111", region="eu-west-1"))
    ec2.SecurityGroup(stack, "Group", vpc=ec2.Vpc.from_lookup(stack, "Vpc", is_default=True))
    passed, report = run(app, rules=["DefaultVpc"])
    assert not passed
    assert violations(report) == [("DefaultVpc", "error", "Web/Group/Resource")]


def test_an_error_fails_the_synthesis() -> None:
    """An error is reported at the construct, with what is wrong, how to fix it and why it matters."""
    app = new_app()
    public(Stack(app, "Web"))
    passed, report = run(app)
    assert not passed
    assert ("PublicBucket", "error", "Web/Site/Resource") in violations(report)
    (item,) = (item for item in report["violations"] if item["ruleName"] == "PublicBucket")
    assert item["description"].endswith("the ACL opens the bucket to the public.")
    assert "https://docs.aws.amazon.com/" in item["suggestedFix"]
    assert item["ruleMetadata"]["pillar"] == "Security"
    assert item["ruleMetadata"]["environment"] == "PROD"


def test_advice_does_not_fail_the_synthesis() -> None:
    """Advice is reported, and the synthesis passes."""
    app = new_app()
    CfnResource(Stack(app, "Web"), "Logs", type="AWS::Logs::LogGroup")
    passed, report = run(app)
    assert passed
    assert report["conclusion"] == "success"
    assert violations(report) == [("LogGroupRetention", "info", "Web/Logs")]


def test_an_app_without_findings_has_no_report() -> None:
    """What is right is passed in silence."""
    app = new_app()
    sqs.Queue(Stack(app, "Web"), "Queue")
    assert run(app) == (True, {})


def test_an_acknowledged_error_passes_and_leaves_its_reason() -> None:
    """An acknowledgement where the finding stands lets the synthesis pass; the report keeps finding and reason."""
    app = new_app()
    bucket = public(Stack(app, "Web"))
    CfnResource(bucket.stack, "Logs", type="AWS::Logs::LogGroup")
    Validations.of(bucket).acknowledge(Acknowledgment(id="WellArchitectedChecks::PublicBucket", reason=REASON))
    passed, report = run(app)
    assert passed  # although advice is left over
    assert violations(report) == [("LogGroupRetention", "info", "Web/Logs")]
    (item,) = report["suppressedViolations"]
    assert (item["acknowledgedId"], item["reason"]) == ("WellArchitectedChecks::PublicBucket", REASON)
    assert item["acknowledgedAt"] == "Web/Site"


def test_an_acknowledgement_excuses_its_own_scope_alone() -> None:
    """Another construct with the same finding still fails."""
    app = new_app()
    stack = Stack(app, "Web")
    Validations.of(public(stack)).acknowledge(Acknowledgment(id="WellArchitectedChecks::PublicBucket", reason=REASON))
    s3.Bucket(stack, "Other", access_control=s3.BucketAccessControl.PUBLIC_READ)
    passed, report = run(app)
    assert not passed
    assert violations(report) == [("PublicBucket", "error", "Web/Other/Resource")]


def test_advice_is_acknowledged_by_the_same_name() -> None:
    """One name acknowledges a rule, whatever it does in an environment."""
    app = new_app()
    logs = CfnResource(Stack(app, "Web"), "Logs", type="AWS::Logs::LogGroup")
    Validations.of(logs).acknowledge(Acknowledgment(id="WellArchitectedChecks::LogGroupRetention", reason=REASON))
    passed, report = run(app)
    assert passed
    assert violations(report) == []
    assert violations(report, "suppressedViolations") == [("LogGroupRetention", "info", "Web/Logs")]


@pytest.mark.parametrize("where", ["nested", "stage", "nested in a stage"])
def test_stacks_are_found_wherever_they_stand(where: str) -> None:
    """Nested stacks, which CDK does not name to plugins, and stacks of stages are reviewed too."""
    app = new_app()
    scope = Stage(app, "Prod") if "stage" in where else app
    stack = Stack(scope, "Web")
    public(NestedStack(stack, "Part") if "nested" in where else stack)
    passed, report = run(app)
    assert not passed
    path = f"{'Prod/' if 'stage' in where else ''}Web/{'Part/' if 'nested' in where else ''}Site/Resource"
    assert ("PublicBucket", "error", path) in violations(report)


def test_a_nested_finding_can_be_acknowledged() -> None:
    """An acknowledgement on the parent covers what is nested in it."""
    app = new_app()
    stack = Stack(app, "Web")
    public(NestedStack(NestedStack(stack, "Part"), "Inner"))
    Validations.of(stack).acknowledge(Acknowledgment(id="WellArchitectedChecks::PublicBucket", reason=REASON))
    passed, report = run(app)
    assert passed
    assert violations(report, "suppressedViolations") == [("PublicBucket", "error", "Web/Part/Inner/Site/Resource")]


def test_a_finding_about_a_stack_stands_at_the_stack() -> None:
    """A finding without a resource names the stack, so that it is not lost and can be acknowledged."""
    app = new_app()
    stack = Stack(app, "Web")
    stack.template_options.description = "x"
    CfnParameter(stack, "DbPassword", default="swordfish")
    sqs.Queue(stack, "Queue")
    _, report = run(app)
    assert ("HardcodedCredential", "error", "Web") in violations(report)


def test_a_finding_about_a_nested_stack_stands_at_the_resource_that_makes_it() -> None:
    """A nested stack has no place of its own in the report."""
    app = new_app()
    part = NestedStack(Stack(app, "Web"), "Part")
    CfnParameter(part, "DbPassword", default="swordfish")
    sqs.Queue(part, "Queue")
    _, report = run(app)
    assert violations(report) == [("HardcodedCredential", "error", "Web/Part.NestedStack/Part.NestedStackResource")]


def test_an_installation_without_metadata_has_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the sources that nobody installed still runs."""

    def missing(_name: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr("aws_architect_constructs.checks.adapter.version", missing)
    assert WellArchitectedChecks().version == "0.0.0"


def test_a_stack_that_is_not_in_the_tree_takes_what_the_app_declares() -> None:
    """The nearest construct that there is says what it knows."""
    app = App(context={"aws-architect-constructs:environment-type": "DEV"})
    assert declared_environment(app, "No/Such") == "DEV"


def declare_by_argument(_stack: Stack) -> dict[str, Any]:
    """For the whole app."""
    return {"environment_type": EnvironmentType.DEV}


def declare_by_pattern(_stack: Stack) -> dict[str, Any]:
    """By the stack's name."""
    return {"environments": {"Prod*": "PROD", "W*": "dev"}}


def declare_by_metadata(stack: Stack) -> dict[str, Any]:
    """In the template."""
    stack.add_metadata("aws-architect-constructs:environment-type", "DEV")
    return {}


def declare_by_scope(stack: Stack) -> dict[str, Any]:
    """As the library does."""
    EnvironmentType.DEV.apply_to(stack)
    return {}


def declare_nothing(_stack: Stack) -> dict[str, Any]:
    """Nothing at all."""
    return {}


@pytest.mark.parametrize(
    ("declare", "asked"),
    [
        (declare_by_argument, False),
        (declare_by_pattern, False),
        (declare_by_metadata, False),
        (declare_by_scope, False),
        (declare_nothing, True),
    ],
)
def test_severity_follows_the_environment(declare: Callable[[Stack], dict[str, Any]], asked: bool) -> None:
    """A rule for production is asked in PROD, which is what counts when nothing is declared."""
    app = new_app()
    stack = Stack(app, "Web")
    arguments = declare(stack)
    CfnResource(stack, "Table", type="AWS::DynamoDB::Table")
    passed, report = run(app, **arguments)
    assert passed is not asked
    assert bool(violations(report)) is asked


def test_an_error_of_production_is_advice_elsewhere() -> None:
    """AlarmWithoutAction fails PROD and is advice in DEV."""
    severities = {}
    for environment in ("PROD", "DEV"):
        app = new_app()
        CfnResource(Stack(app, "Web"), "Alarm", type="AWS::CloudWatch::Alarm")
        passed, report = run(app, environment_type=environment)
        severities[environment] = (passed, violations(report)[0][1])
    assert severities == {"PROD": (False, "error"), "DEV": (True, "info")}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, {"PublicBucket", "LogGroupRetention"}),
        ({"pillars": ["Security"]}, {"PublicBucket"}),
        ({"rules": ["LogGroupRetention"]}, {"LogGroupRetention"}),
        ({"excluded_rules": ["PublicBucket"]}, {"LogGroupRetention"}),
        ({"pillars": ["Security"], "rules": ["LogGroupRetention"]}, set()),
    ],
)
def test_rules_are_selectable(arguments: dict[str, Any], found: set[str]) -> None:
    """By pillar, by id, and by leaving some out."""
    app = new_app()
    stack = Stack(app, "Web")
    public(stack)
    CfnResource(stack, "Logs", type="AWS::Logs::LogGroup")
    _, report = run(app, **arguments)
    assert {rule for rule, _, _ in violations(report)} == found


@pytest.mark.parametrize("how", ["resources", "stack", "helper"])
def test_required_tags_are_asked_for(how: str) -> None:
    """Tags on resources and tags of the stack count; without them the resource is named."""
    app = new_app()
    stack = Stack(app, "Web", tags=dict.fromkeys(RequiredTags.KEYS, "x") if how == "stack" else None)
    if how == "helper":
        RequiredTags.of(app).apply(owner="a", cost_center="b", application="c", data_classification="PUBLIC")
    elif how == "resources":
        for key in RequiredTags.KEYS:
            Tags.of(stack).add(key, "x")
    sqs.Queue(stack, "Queue")
    assert run(app, required_tags=RequiredTags.KEYS) == (True, {})


def test_missing_tags_fail() -> None:
    """A resource without them is an error, as soon as somebody asks."""
    app = new_app()
    stack = Stack(app, "Web")
    sqs.Queue(stack, "Queue")
    Tags.of(stack).add("owner", "x")
    passed, report = run(app, required_tags=["owner", "cost-center"])
    assert not passed
    assert violations(report) == [("MissingTags", "error", "Web/Queue/Resource")]
    assert "without cost-center" in report["violations"][0]["description"]


@pytest.mark.parametrize(("account", "found"), [("111111111111", True), ("222222222222", False), (None, False)])
def test_the_management_account_is_the_one_declared(account: str | None, found: bool) -> None:
    """A workload in the declared management account is an error."""
    app = new_app()
    CfnResource(Stack(app, "Web", env=ENV), "Vpc", type="AWS::EC2::VPC")
    _, report = run(app, management_account=account, rules=["ManagementAccountWorkload"])
    assert bool(violations(report)) is found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"environment_type": "PRODUCTION"}, "environment_type: no such environment, got 'PRODUCTION'"),
        ({"environments": {"*": "x"}}, r"environments\['\*'\]: no such environment, got 'x'"),
        ({"pillars": ["Safety"]}, "pillars: no such name, got 'Safety'"),
        ({"pillars": "Security"}, "pillars: not a list, got 'Security'"),
        ({"rules": ["Public"]}, "rules: no such name, got 'Public'"),
        ({"excluded_rules": ["Public"]}, "excluded_rules: no such name, got 'Public'"),
        ({"required_tags": "owner"}, "required_tags: not a list, got 'owner'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A name that does not exist is a mistake, not an empty selection."""
    with pytest.raises(ValueError, match=message):
        WellArchitectedChecks(**arguments)


def test_an_unknown_declaration_counts_as_production() -> None:
    """A template that declares what is no environment is treated as PROD, the stricter one."""
    app = new_app()
    stack = Stack(app, "Web")
    stack.add_metadata("aws-architect-constructs:environment-type", "holiday")
    CfnResource(stack, "Table", type="AWS::DynamoDB::Table")
    assert not run(app)[0]


def test_the_plugin_names_its_rules() -> None:
    """CDK is told the name, a version and the rules."""
    plugin = WellArchitectedChecks()
    assert plugin.name == "WellArchitectedChecks"
    assert plugin.version.count(".") >= 2
    assert plugin.rule_ids == [rule.id for rule in RULES]
