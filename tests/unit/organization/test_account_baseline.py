"""AccountBaseline: its stack sets, their templates, and the plan for many accounts."""

import json
from typing import Any

import pytest
from aws_cdk import Stack

from aws_architect_constructs import AccountBaseline, AuditAccount, ConfigRecording, OrganizationBaseline
from aws_architect_constructs.organization.stack_set_plan import StackSetShape, plan_stack_sets
from support.synthesis import Template, new_app, new_stack, properties, resources, synthesize

UNIT = "ou-ab12-c3d4e5f6"
STACK_SET = "AWS::CloudFormation::StackSet"


def baseline(stack: Stack, **arguments: Any) -> AccountBaseline:
    """A baseline for one OU in one Region."""
    return AccountBaseline(stack, "Baseline", **{"target_units": [UNIT], "regions": ["eu-west-1"], **arguments})


def template(*, env: Any = None, **arguments: Any) -> Template:
    """Its template."""
    options = {} if env is None else {"env": None}
    return synthesize(lambda stack: baseline(stack, **arguments), **options)


def bodies(found: Template) -> dict[str, Template]:
    """The templates of the stack sets by the end of their names."""
    return {
        one["StackSetName"].rpartition("-")[2]: json.loads(one["TemplateBody"]) for one in properties(found, STACK_SET)
    }


def types(body: Template) -> set[str]:
    """The types of a template's resources."""
    return {resource["Type"] for resource in body["Resources"].values()}


FULL: dict[str, Any] = {
    "audit_account": "222222222222",
    "organization_id": "o-abcdefghij",
    "config_bucket_name": "logs",
    "snapshot_public_access_block": True,
}


def test_the_default_is_an_analyzer_everywhere() -> None:
    """Without more, one stack set with Access Analyzer, and the same in the management account."""
    found = template()
    assert {name: types(body) for name, body in bodies(found).items()} == {
        "Regional": {"AWS::AccessAnalyzer::Analyzer"}
    }
    assert types(found) == {STACK_SET, "AWS::AccessAnalyzer::Analyzer"}


def test_what_is_global_goes_to_the_first_region() -> None:
    """Roles exist once in an account; the rest in every Region, in order, after the roles."""
    found = template(**FULL, regions=["eu-west-1", "us-east-1"])
    regions = {
        one["StackSetName"]: (one["StackInstancesGroup"][0]["Regions"], one["OperationPreferences"]["RegionOrder"])
        for one in properties(found, STACK_SET)
    }
    assert regions == {
        "Baseline-Global": (["eu-west-1"], ["eu-west-1"]),
        "Baseline-Regional": (["eu-west-1", "us-east-1"], ["eu-west-1", "us-east-1"]),
    }
    first, second = resources(found, STACK_SET)
    before = found["Resources"][second]["Properties"]["AutoDeployment"]["DependsOn"]
    stack_set_id = {"Fn::GetAtt": [first, "StackSetId"]}
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":cloudformation:eu-west-1:111111111111:stackset/", stack_set_id]
    assert before == [{"Fn::Join": ["", parts]}]
    assert "DependsOn" not in found["Resources"][first]["Properties"]["AutoDeployment"]


def test_the_order_of_a_delegated_administrators_stack_sets() -> None:
    """Its stack sets are the management account's, so their ARNs are unknown: they wait in the deployment alone."""
    found = template(**FULL, delegated_administrator=True)
    first, second = resources(found, STACK_SET)
    assert found["Resources"][second]["DependsOn"] == [first]
    assert "DependsOn" not in found["Resources"][second]["Properties"]["AutoDeployment"]


def test_everything_that_can_be_asked_for() -> None:
    """Audit role, AWS Config's role, analyzer, snapshot block, recorder and channel."""
    found = bodies(template(**FULL))
    assert types(found["Global"]) == {"AWS::IAM::Role", "AWS::IAM::ServiceLinkedRole"}
    assert types(found["Regional"]) == {
        "AWS::AccessAnalyzer::Analyzer",
        "AWS::EC2::SnapshotBlockPublicAccess",
        "AWS::Config::ConfigurationRecorder",
        "AWS::Config::DeliveryChannel",
    }


def test_templates_for_stack_sets_stand_alone() -> None:
    """No assets, no transforms, no rules, no parameter but ours, no partition by name, and short enough."""
    for body in bodies(template(**FULL, config_key_arn="arn:aws:kms:eu-west-1:333333333333:key/1")).values():
        assert set(body) <= {"Resources", "Parameters", "Conditions"}
        assert set(body.get("Parameters", {})) <= {"AuditAccount", "OrganizationId", "ConfigBucket", "ConfigKey"}
        text = json.dumps(body)
        assert "arn:aws:" not in text
        assert "cdk-" not in text
        assert len(text) < 51_200


def test_stack_sets_tell_what_a_deployment_knows() -> None:
    """Account, organization, bucket and key are parameters, so they may be of resources of this app."""
    found = template(**FULL, config_key_arn="arn:aws:kms:eu-west-1:333333333333:key/1")
    told = {
        one["ParameterKey"]: one["ParameterValue"]
        for stack_set in properties(found, STACK_SET)
        for one in stack_set["Parameters"]
    }
    assert told == {
        "AuditAccount": "222222222222",
        "OrganizationId": "o-abcdefghij",
        "ConfigBucket": "logs",
        "ConfigKey": "arn:aws:kms:eu-west-1:333333333333:key/1",
    }


def test_service_managed_with_automatic_deployment() -> None:
    """Accounts that join get it, those that leave lose it, and operations queue."""
    (found,) = properties(template(), STACK_SET)
    assert found["PermissionModel"] == "SERVICE_MANAGED"
    assert found["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert found["ManagedExecution"] == {"Active": True}
    assert found["StackInstancesGroup"][0]["DeploymentTargets"] == {"OrganizationalUnitIds": [UNIT]}
    assert "Capabilities" not in found


def test_operation_preferences() -> None:
    """Failure tolerance and concurrency are as asked; Regions go one after another."""
    (default,) = properties(template(), STACK_SET)
    assert default["OperationPreferences"] == {
        "FailureTolerancePercentage": 5,
        "MaxConcurrentPercentage": 25,
        "RegionConcurrencyType": "SEQUENTIAL",
        "RegionOrder": ["eu-west-1"],
    }
    (other,) = properties(template(failure_tolerance_percentage=0, max_concurrent_percentage=1), STACK_SET)
    assert other["OperationPreferences"]["FailureTolerancePercentage"] == 0
    assert other["OperationPreferences"]["MaxConcurrentPercentage"] == 1


def test_the_audit_role() -> None:
    """Named, read-only, for one account of the organization, an hour at a time."""
    (role,) = properties(template(**FULL, audit_role_name="Auditor"), "AWS::IAM::Role")
    assert role["RoleName"] == "Auditor"
    assert role["MaxSessionDuration"] == 3600
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    (without,) = properties(template(audit_account="222222222222"), "AWS::IAM::Role")
    assert "Condition" not in without["AssumeRolePolicyDocument"]["Statement"][0]


@pytest.mark.parametrize(("region", "expected"), [("eu-west-1", True), ("us-east-1", False)])
def test_global_resources_are_recorded_once(region: str, expected: bool) -> None:
    """The home Region records what is global, the others do not pay for it again."""
    found = template(config_bucket_name="logs", regions=[region])
    (own,) = properties(found, "AWS::Config::ConfigurationRecorder")
    assert own["RecordingGroup"]["IncludeGlobalResourceTypes"] is expected
    body = bodies(found)["Regional"]
    (delivered,) = properties(body, "AWS::Config::ConfigurationRecorder")
    ((condition, value),) = body["Conditions"].items()
    assert delivered["RecordingGroup"]["IncludeGlobalResourceTypes"] == {"Fn::If": [condition, True, False]}
    assert value == {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}


@pytest.mark.parametrize("recording", list(ConfigRecording))
def test_config_recording(recording: ConfigRecording) -> None:
    """Every change, or once a day."""
    (recorder,) = properties(
        template(config_bucket_name="logs", config_recording=recording), "AWS::Config::ConfigurationRecorder"
    )
    assert recorder["RecordingMode"] == {"RecordingFrequency": recording.value}


def test_the_recorder_waits_for_its_role() -> None:
    """In the management account's own stack the service-linked role comes first; it can be left out."""
    found = template(config_bucket_name="logs")
    (role,) = resources(found, "AWS::IAM::ServiceLinkedRole")
    (recorder,) = resources(found, "AWS::Config::ConfigurationRecorder").values()
    assert recorder["DependsOn"] == [role]
    without = template(config_bucket_name="logs", config_role=False)
    assert resources(without, "AWS::IAM::ServiceLinkedRole") == {}
    assert "Global" not in bodies(without)


@pytest.mark.parametrize(
    ("arguments", "call_as", "own"),
    [
        ({}, "SELF", True),
        ({"include_management_account": False}, "SELF", False),
        ({"delegated_administrator": True}, "DELEGATED_ADMIN", False),
        ({"delegated_administrator": True, "include_management_account": False}, "DELEGATED_ADMIN", False),
    ],
)
def test_whose_stack_it_is(arguments: dict[str, Any], call_as: str, own: bool) -> None:
    """A delegated administrator calls as what it is, and its stack has no resources of the management account."""
    found = template(**FULL, **arguments)
    assert {one["CallAs"] for one in properties(found, STACK_SET)} == {call_as}
    assert (types(found) != {STACK_SET}) is own


def test_target_units_of_another_stack() -> None:
    """OUs that an OrganizationBaseline makes are targets; the organization's stack waits for nobody."""
    app = new_app()
    one, other = (new_stack(app=app, name=name) for name in ("Organization", "Baseline"))
    organization = OrganizationBaseline(one, "Organization", root_id="r-ab12", organization_id="o-abcdefghij")
    baseline(other, target_units=[organization.node_id("Production"), organization.node_id("SDLC")])
    app.synth()
    assert one.dependencies == []
    assert other.dependencies == [one]


def test_under_control_tower() -> None:
    """Control Tower records already: the rest is delivered, and AWS Config is refused."""
    found = template(control_tower=True, audit_account="222222222222")
    assert types(bodies(found)["Regional"]) == {"AWS::AccessAnalyzer::Analyzer"}
    with pytest.raises(ValueError, match="Control Tower has a recorder of its own"):
        template(control_tower=True, config_bucket_name="logs")


def test_one_time_steps() -> None:
    """StackSets' trusted access, EBS encryption by default and the password policy."""
    commands = [step.command.split(" --")[0] for step in baseline(new_stack()).one_time_steps]
    assert commands == [
        "aws cloudformation activate-organizations-access",
        "aws ec2 enable-ebs-encryption-by-default",
        "aws iam update-account-password-policy",
    ]


def test_a_plan_for_a_thousand_accounts() -> None:
    """1,000 accounts in four Regions: figures by hand, within all quotas, and five hours at three minutes a wave."""
    regions = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"]
    plans = baseline(new_stack(), **FULL, regions=regions).plan(1000)
    assert [(plan.name, plan.instances, plan.failures_tolerated, plan.at_once, plan.waves) for plan in plans] == [
        ("Baseline-Global", 1000, 50, 51, 20),
        ("Baseline-Regional", 4000, 50, 51, 80),
    ]
    assert sum(plan.hours(3) for plan in plans) == 5.0


@pytest.mark.parametrize(
    ("shape", "accounts", "units", "message"),
    [
        (("S", 51_201, ("eu-west-1",)), 1, 1, "S: its template is too long, got 51201; allowed: 51200"),
        (("S", 1, ("eu-west-1", "us-east-1")), 50_001, 1, "S: too many stack instances, got 100002; allowed: 100000"),
        (("S", 1, ("eu-west-1",)), 1, 51, "target_units: too many for one operation, got 51; allowed: 50"),
    ],
)
def test_a_plan_that_no_quota_allows(shape: Any, accounts: int, units: int, message: str) -> None:
    """Templates, stack instances and targets have bounds."""
    name, template_bytes, regions = shape
    with pytest.raises(ValueError, match=message):
        plan_stack_sets(
            [StackSetShape(name=name, template_bytes=template_bytes, regions=regions)],
            accounts=accounts,
            units=units,
            failure_tolerance_percentage=5,
            max_concurrent_percentage=25,
        )


def test_too_many_stack_sets() -> None:
    """An account has a thousand."""
    shapes = [StackSetShape(name=f"S{n}", template_bytes=1, regions=("eu-west-1",)) for n in range(1001)]
    with pytest.raises(ValueError, match="stack sets: too many, got 1001"):
        plan_stack_sets(shapes, accounts=1, units=1, failure_tolerance_percentage=0, max_concurrent_percentage=100)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target_units": []}, "target_units: none"),
        ({"target_units": UNIT}, "target_units: none"),
        ({"target_units": ["Production"]}, "target_units: malformed, got 'Production'"),
        ({"target_units": [UNIT, UNIT]}, "target_units: one twice"),
        ({"target_units": [f"ou-ab12-{n:08d}" for n in range(51)]}, "target_units: too many for one operation, got 51"),
        ({"regions": []}, "regions: none"),
        ({"regions": ["Ireland"]}, "regions: malformed"),
        ({"regions": ["eu-west-1", "eu-west-1"]}, "regions: one twice"),
        ({"audit_account": "2"}, "audit_account: malformed"),
        ({"organization_id": "2"}, "organization_id: malformed"),
        ({"audit_role_name": "a b"}, "audit_role_name: malformed"),
        ({"config_recording": "HOURLY"}, "config_recording: no such ConfigRecording"),
        ({"config_key_arn": "arn"}, "config_key_arn: a key and no bucket"),
        (
            {"delegated_administrator": True, "include_management_account": True},
            "include_management_account: a delegated administrator's stack is in another account",
        ),
        ({"failure_tolerance_percentage": 101}, "failure_tolerance_percentage: not a whole number within bounds"),
        ({"max_concurrent_percentage": 0}, "max_concurrent_percentage: not a whole number within bounds"),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A ValueError with the construct's path, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=message) as error:
        baseline(stack, **arguments)
    assert str(error.value).startswith("Stack/Baseline: ")
    baseline(stack)


def test_the_audit_account() -> None:
    """Analyzer of the organization, detector, hub with all Regions and members, aggregator."""
    found = synthesize(lambda stack: AuditAccount(stack, "Audit"))
    (analyzer,) = properties(found, "AWS::AccessAnalyzer::Analyzer")
    assert analyzer["Type"] == "ORGANIZATION"
    (detector,) = properties(found, "AWS::GuardDuty::Detector")
    assert detector == {"Enable": True, "FindingPublishingFrequency": "FIFTEEN_MINUTES"}
    (members,) = properties(found, "AWS::SecurityHub::OrganizationConfiguration")
    assert members == {"AutoEnable": True, "AutoEnableStandards": "DEFAULT", "ConfigurationType": "LOCAL"}
    (findings,) = properties(found, "AWS::SecurityHub::FindingAggregator")
    assert findings == {"RegionLinkingMode": "ALL_REGIONS"}
    (aggregator,) = properties(found, "AWS::Config::ConfigurationAggregator")
    assert aggregator["OrganizationAggregationSource"]["AllAwsRegions"] is True


def test_security_hub_is_there_before_its_settings() -> None:
    """Hub, then the aggregator, then the organization's configuration."""
    found = synthesize(lambda stack: AuditAccount(stack, "Audit"))
    (hub,) = resources(found, "AWS::SecurityHub::Hub")
    ((aggregator, one),) = resources(found, "AWS::SecurityHub::FindingAggregator").items()
    (other,) = resources(found, "AWS::SecurityHub::OrganizationConfiguration").values()
    assert (one["DependsOn"], other["DependsOn"]) == ([hub], [aggregator])


@pytest.mark.parametrize(
    ("argument", "resource_type", "attribute"),
    [
        ("guardduty", "AWS::GuardDuty::Detector", "detector"),
        ("security_hub", "AWS::SecurityHub::Hub", "hub"),
        ("config_aggregator", "AWS::Config::ConfigurationAggregator", "aggregator"),
    ],
)
def test_parts_of_the_audit_account(argument: str, resource_type: str, attribute: str) -> None:
    """Each service is there unless it is left out."""
    arguments: dict[str, Any] = {argument: False}
    assert resource_type in types(synthesize(lambda stack: AuditAccount(stack, "Audit")))
    assert resource_type not in types(synthesize(lambda stack: AuditAccount(stack, "Audit", **arguments)))
    assert getattr(AuditAccount(new_stack(), "Audit", **arguments), attribute) is None


def test_guardduty_is_enabled_by_hand() -> None:
    """CloudFormation has no type for it; without GuardDuty there is nothing to do."""
    (step,) = AuditAccount(new_stack(), "Audit").one_time_steps
    assert "--auto-enable-organization-members ALL" in step.command
    assert AuditAccount(new_stack(), "Audit", guardduty=False).one_time_steps == ()


def test_before_the_audit_account_is_designated() -> None:
    """Detector and hub, which designation would enable otherwise; what an administrator alone may have comes after."""
    found = synthesize(lambda stack: AuditAccount(stack, "Audit", designated=False))
    assert sorted(types(found)) == ["AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub"]
    before = AuditAccount(new_stack(), "Audit", designated=False)
    assert (before.analyzer, before.aggregator) == (None, None)


def test_the_aggregators_role_trusts_as_documented() -> None:
    """AWS Config may assume it, without a condition on a source that it does not promise to name."""
    found = synthesize(lambda stack: AuditAccount(stack, "Audit"))
    (role,) = properties(found, "AWS::IAM::Role")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"Service": "config.amazonaws.com"},
    }


def test_designation_replaces_nothing() -> None:
    """The second deployment adds to the first."""
    first = synthesize(lambda stack: AuditAccount(stack, "Audit", designated=False))["Resources"]
    second = synthesize(lambda stack: AuditAccount(stack, "Audit"))["Resources"]
    assert first == {logical_id: second[logical_id] for logical_id in first}


@pytest.mark.parametrize("id", ["My_Baseline", "My Baseline", "1Baseline", "B" * 120])
def test_an_id_that_names_no_stack_set(id: str) -> None:
    """Stack sets are named after the construct: letters, digits and hyphens, at most 128."""
    with pytest.raises(ValueError, match="id: malformed"):
        AccountBaseline(new_stack(), id, target_units=[UNIT], regions=["eu-west-1"])
