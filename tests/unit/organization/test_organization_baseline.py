"""OrganizationBaseline: what it makes, in which order, and what it refuses."""

from typing import Any

import pytest
from aws_cdk import Stack

from aws_architect_constructs import (
    EnvironmentType,
    Exemptions,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationBaseline,
    PolicyQuota,
    PolicyType,
    RollOut,
    standard_units,
)
from aws_architect_constructs.organization.management_policies import ai_services_opt_out, backup_plan
from aws_architect_constructs.organization.service_controls import cloudtrail_protected, iam_users_denied
from support.synthesis import Template, new_stack, properties, resources, synthesize

UNIT = "AWS::Organizations::OrganizationalUnit"
ACCOUNT = "AWS::Organizations::Account"
POLICY = "AWS::Organizations::Policy"
IDS: dict[str, Any] = {"root_id": "r-ab12", "organization_id": "o-abcdefghij"}


def baseline(stack: Stack, **arguments: Any) -> OrganizationBaseline:
    """The baseline of a known organization."""
    return OrganizationBaseline(stack, "Organization", **{**IDS, **arguments})


def template(**arguments: Any) -> Template:
    """Its template."""
    return synthesize(lambda stack: baseline(stack, **arguments))


def chain(found: Template) -> list[str]:
    """The logical ids in the order that references and dependencies force; fails where two could be made at once."""
    ours = {
        logical_id: resource
        for logical_id, resource in found["Resources"].items()
        if resource["Type"].startswith("AWS::Organizations::")
    }
    waits = {
        logical_id: {*resource.get("DependsOn", ()), *(other for other in ours if f"'{other}'" in str(resource))}
        for logical_id, resource in ours.items()
    }
    (first,) = (logical_id for logical_id, before in waits.items() if not before)
    order = [first]
    while len(order) < len(waits):
        (following,) = (
            logical_id
            for logical_id, before in waits.items()
            if logical_id not in order and order[-1] in before and before <= set(order)
        )
        order.append(following)
    return order


def test_the_tree_of_the_default() -> None:
    """Five OUs, two of them below Workloads, and no account."""
    found = template()
    parents = {unit["Name"]: unit["ParentId"] for unit in properties(found, UNIT)}
    assert {name for name, parent in parents.items() if parent == "r-ab12"} == {
        "Security",
        "Infrastructure",
        "Workloads",
    }
    (workloads,) = (key for key, one in resources(found, UNIT).items() if one["Properties"]["Name"] == "Workloads")
    assert parents["Production"] == parents["SDLC"] == {"Fn::GetAtt": [workloads, "Id"]}
    assert resources(found, ACCOUNT) == {}


def test_everything_is_retained() -> None:
    """Nothing of an organization goes because it left a template."""
    found = template(accounts=[OrganizationAccount(name="Shop", unit="Production", email="shop@example.com")])
    for resource in found["Resources"].values():
        assert resource["UpdateReplacePolicy"] == "Retain"
        assert resource["DeletionPolicy"].startswith("Retain")


def test_a_failed_deployment_can_be_repeated() -> None:
    """Names stand once in an organization: what was made is taken back; an account would be closed, and stays."""
    account = OrganizationAccount(name="Shop", unit="Production", email="shop@example.com")
    found = template(root_id=None, organization_id=None, create_organization=True, accounts=[account])
    policies = {resource["Type"]: resource["DeletionPolicy"] for resource in found["Resources"].values()}
    assert policies.pop(ACCOUNT) == "Retain"
    assert len(policies) == 3
    assert set(policies.values()) == {"RetainExceptOnCreate"}


def test_one_change_at_a_time() -> None:
    """OUs, then accounts, then policies, each after the one before it."""
    accounts = [OrganizationAccount(name=f"A{n}", unit="SDLC", email=f"a{n}@example.com") for n in range(3)]
    found = template(accounts=accounts)
    kinds = [found["Resources"][logical_id]["Type"] for logical_id in chain(found)]
    assert kinds == sorted(kinds, key=[UNIT, ACCOUNT, POLICY].index)
    assert kinds.count(ACCOUNT) == 3


@pytest.mark.parametrize("position", [0, 1, 2])
def test_adding_one_does_not_reorder_the_others(position: int) -> None:
    """Wherever an account is added in the list, the others are made in the order that they were made in."""
    accounts = [OrganizationAccount(name=f"A{n}", unit="SDLC", email=f"a{n}@example.com") for n in range(2)]
    before = chain(template(accounts=accounts))
    accounts.insert(position, OrganizationAccount(name="New", unit="SDLC", email="new@example.com"))
    after = chain(template(accounts=accounts))
    assert [logical_id for logical_id in after if logical_id in before] == before
    assert len(after) == len(before) + 1


def test_no_function_and_no_role() -> None:
    """Everything is CloudFormation's own type: no custom resource."""
    assert {resource["Type"] for resource in template()["Resources"].values()} == {UNIT, POLICY}


def test_existing_units_and_accounts_are_left_alone() -> None:
    """What has an id is referred to, not made."""
    found = template(
        units=[
            OrganizationalUnit(name="Old", unit_id="ou-ab12-c3d4e5f6"),
            OrganizationalUnit(name="New", parent="Old"),
        ],
        accounts=[OrganizationAccount(name="Audit", unit="Old", account_id="222222222222")],
        guardrails={"Old": [cloudtrail_protected()], "Audit": [iam_users_denied()]},
    )
    assert [unit["ParentId"] for unit in properties(found, UNIT)] == ["ou-ab12-c3d4e5f6"]
    assert [policy["TargetIds"] for policy in properties(found, POLICY)] == [["ou-ab12-c3d4e5f6"], ["222222222222"]]


def test_an_organization_only_when_told_to() -> None:
    """Made first, with all features; root and id are its own."""
    found = template(root_id=None, organization_id=None, create_organization=True)
    ((logical_id, organization),) = resources(found, "AWS::Organizations::Organization").items()
    assert organization["Properties"] == {"FeatureSet": "ALL"}
    assert chain(found)[0] == logical_id
    assert {"Fn::GetAtt": [logical_id, "RootId"]} in [unit["ParentId"] for unit in properties(found, UNIT)]
    assert f"'Fn::GetAtt': ['{logical_id}', 'Id']" in str(properties(found, POLICY))
    assert resources(template(), "AWS::Organizations::Organization") == {}


def test_without_ids_the_template_asks() -> None:
    """Two parameters, whose patterns refuse anything else."""
    found = template(root_id=None, organization_id=None)
    parameters = {name: one["AllowedPattern"] for name, one in found["Parameters"].items() if name.endswith("Id")}
    assert parameters == {"RootId": "r-[0-9a-z]{4,32}", "OrganizationId": "o-[a-z0-9]{10,32}"}
    assert "'aws:PrincipalOrgID': {'Ref': 'OrganizationId'}" in str(found)
    assert "standin" not in str(found)


def test_a_parameter_only_where_it_is_needed() -> None:
    """Without a statement about the organization its id is not asked for."""
    found = template(root_id=None, organization_id=None, guardrails={"Root": [cloudtrail_protected()]})
    assert "RootId" in found["Parameters"]
    assert "OrganizationId" not in found["Parameters"]


def test_the_partition_is_filled_in() -> None:
    """A document that has to name the partition names the stack's."""
    found = synthesize(
        lambda stack: baseline(stack, guardrails={"Root": [backup_plan(regions=["eu-west-1"])]}), env=None
    )
    (policy,) = properties(found, POLICY)
    selection = policy["Content"]["plans"]["Daily"]["selections"]["tags"]["Tagged"]
    assert {"Ref": "AWS::Partition"} in selection["iam_role_arn"]["@@assign"]["Fn::Join"][1]


def test_exemptions_are_in_the_statements() -> None:
    """Break-glass roles by name and tag."""
    found = template(exemptions=Exemptions(roles=("break-glass/*",), tag_key="exempt"))
    assert "role/break-glass/*" in str(found)
    assert "aws:PrincipalTag/exempt" in str(found)
    assert "break-glass" not in str(template())


@pytest.mark.parametrize(
    ("argument", "value", "text"),
    [
        ("allowed_regions", ["eu-west-1"], "aws:RequestedRegion"),
        ("github_owners", ["octo-org"], "repo:octo-org/*"),
        ("third_party_accounts", ["555555555555"], "555555555555"),
    ],
)
def test_arguments_of_the_default_guardrails(argument: str, value: Any, text: str) -> None:
    """Each is in a statement when it is given, and not otherwise."""
    assert text in str(template(**{argument: value}))
    assert text not in str(template())


def test_a_step_of_a_roll_out() -> None:
    """At the first step the root's policies hang at the sandbox, and those of others nowhere."""
    found = template(units=standard_units(sandbox=True), roll_out=RollOut(order=(("Sandbox",), ("Root",)), step=1))
    targets = {policy["Name"]: policy["TargetIds"] for policy in properties(found, POLICY)}
    (sandbox,) = targets["Organization-Root-ServiceControl1"]
    assert sandbox["Fn::GetAtt"][0].startswith("OrganizationSandbox")
    assert targets["Organization-Security-ServiceControl1"] == []


def test_a_roll_out_changes_targets_alone() -> None:
    """From one step to the next no document, name or logical id changes."""
    steps = [
        template(units=standard_units(sandbox=True), roll_out=RollOut(order=(("Sandbox",), ("Root",)), step=step))
        for step in (1, 2)
    ]
    for found in steps:
        for policy in properties(found, POLICY):
            policy.pop("TargetIds")
    assert steps[0] == steps[1]


def test_a_report_of_a_roll_out() -> None:
    """The construct says what each step would deny."""
    organization = baseline(new_stack(), units=standard_units(sandbox=True))
    report = organization.report(RollOut(order=(("Sandbox",), ("Root",)), step=1))
    assert report.startswith("Step 1: Sandbox\n  CloudTrailProtected at Sandbox")
    with pytest.raises(ValueError, match="no such node"):
        organization.report(RollOut(order=(("Nowhere",), ("Root",)), step=1))


def test_one_time_steps() -> None:
    """The exact commands: a policy type each, StackSets, and the audit account's where there is one."""
    steps = "\n".join(str(step) for step in baseline(new_stack(), audit_account="222222222222").one_time_steps)
    assert "enable-policy-type --root-id r-ab12 --policy-type RESOURCE_CONTROL_POLICY" in steps
    assert "aws cloudformation activate-organizations-access" in steps
    assert "register-delegated-administrator --account-id 222222222222" in steps
    for service in ("guardduty", "securityhub"):
        assert f"aws {service} enable-organization-admin-account --admin-account-id 222222222222" in steps
    without = baseline(new_stack(), root_id=None, guardrails={"Root": [ai_services_opt_out()]}).one_time_steps
    assert "--root-id $ROOT_ID --policy-type AISERVICES_OPT_OUT_POLICY" in str(without[0])
    assert not any("delegated" in step.command for step in without)


def test_ids_of_nodes() -> None:
    """Root, OUs and accounts by name; an unknown name is refused."""
    organization = baseline(
        new_stack(), accounts=[OrganizationAccount(name="Audit", unit="Security", account_id="222222222222")]
    )
    assert organization.node_id("Root") == "r-ab12"
    assert organization.node_id("Audit") == "222222222222"
    assert organization.node_id("Security").startswith("${Token[")
    with pytest.raises(ValueError, match=r"Stack/Organization: no such node, got 'Nowhere'; allowed: Root, Security"):
        organization.node_id("Nowhere")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"root_id": "root"}, "root_id: malformed, got 'root'"),
        ({"organization_id": "o-1"}, "organization_id: malformed, got 'o-1'"),
        ({"audit_account": "2"}, "audit_account: malformed, got '2'"),
        ({"create_organization": True}, "root_id: the organization is made, so it has no id yet"),
        ({"units": [OrganizationalUnit(name="A", parent="B")]}, "A: no such OU above it"),
        ({"account_quota": 0}, "accounts: too many, got 0 and the management account; allowed: 0"),
        ({"guardrails": {"Nowhere": []}}, "guardrails: no such node"),
        ({"guardrails": {}, "allowed_regions": ["eu-west-1"]}, "the default ones are replaced"),
        ({"guardrails": {}, "github_owners": ["octo-org"]}, "the default ones are replaced"),
        ({"guardrails": {}, "third_party_accounts": ["222222222222"]}, "the default ones are replaced"),
        ({"third_party_accounts": ["2"]}, "third_party_accounts: no accounts"),
        ({"roll_out": RollOut(order=(("Root",),), step=2)}, "roll_out: no such step"),
        (
            {"quotas": {PolicyType.SERVICE_CONTROL: PolicyQuota(attached=2, characters=5120, built_in=1)}},
            "Root: SERVICE_CONTROL_POLICY: 2 policies are needed where 1 fit",
        ),
        (
            {"attached_elsewhere": {"Root": {PolicyType.SERVICE_CONTROL: 9}}},
            "Root: SERVICE_CONTROL_POLICY: 1 policies are needed where 0 fit",
        ),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A ValueError with the construct's path, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=message) as error:
        baseline(stack, **arguments)
    assert str(error.value).startswith("Stack/Organization: ")
    baseline(stack)


def test_the_stack_is_protected_where_prod_is_declared() -> None:
    """An organization is state."""
    protected, free = new_stack(None), new_stack(None)
    baseline(protected, environment_type=EnvironmentType.PROD)
    baseline(free)
    assert protected.termination_protection
    assert not free.termination_protection
