"""From guardrails by node to policies by node: counted where they hang."""

from typing import Any

import pytest

from aws_architect_constructs.organization.default_guardrails import default_guardrails
from aws_architect_constructs.organization.guardrails import Exemptions, Guardrail
from aws_architect_constructs.organization.management_policies import (
    ALL_MANAGEMENT_POLICIES,
    InternetGatewayBlock,
    ai_services_opt_out,
    backup_plan,
    ec2_defaults,
    required_tags,
)
from aws_architect_constructs.organization.policy_packing import QUOTAS, PolicyQuota, PolicyType, minified
from aws_architect_constructs.organization.policy_plan import plan_policies, roll_out_report
from aws_architect_constructs.organization.resource_controls import (
    confused_deputy_protected,
    github_owners_only,
    oidc_providers_only,
    organization_only,
    saml_issuers_only,
)
from aws_architect_constructs.organization.runbook import (
    account_steps,
    audit_account_steps,
    cost_steps,
    guardduty_auto_enable_step,
)
from aws_architect_constructs.organization.service_controls import (
    cloudtrail_protected,
    default_vpc_denied,
    encryption_required,
    expensive_instances_denied,
    iam_users_denied,
    internet_gateways_denied,
    protected_roles,
    protected_stacks,
    regions_allowed,
)
from aws_architect_constructs.organization.tree import (
    OrganizationAccount,
    OrganizationTree,
    RollOut,
    standard_units,
)

TREE = OrganizationTree.of(
    standard_units(sandbox=True, suspended=True),
    [
        OrganizationAccount(name="Audit", unit="Security", account_id="222222222222"),
        OrganizationAccount(name="Play", unit="Sandbox", account_id="333333333333"),
    ],
    account_quota=10,
)
SERVICE = PolicyType.SERVICE_CONTROL


def plan(guardrails: Any, **arguments: Any) -> Any:
    """The plan of these guardrails."""
    return plan_policies(guardrails, tree=TREE, exemptions=Exemptions(), **arguments)


def wordy(number: int, length: int = 8000) -> Guardrail:
    """A guardrail that fills most of a policy and merges with no other."""
    statement = {"Effect": "Deny", "Action": f"s3:A{number}", "Resource": f"arn:*:s3:::{number}{'x' * length}"}
    texts: Any = dict.fromkeys(("rationale", "threat", "reference", "blast_radius"), "Text.")
    return Guardrail(name=f"Wordy{number}", statements=(statement,), **texts)


def test_one_policy_for_the_defaults_of_a_node() -> None:
    """The root's service control statements fit one policy, its resource control statements another."""
    defaults = default_guardrails(TREE, organization_id="o-abcdefghij", exemptions=Exemptions())
    labels = [policy.label for policy in plan(defaults) if policy.node == "Root"]
    assert labels == ["ServiceControl1", "ResourceControl1", "Ec2Defaults", "S3PublicAccessBlocked", "AiServicesOptOut"]


def test_the_defaults_of_each_node() -> None:
    """Where each default guardrail hangs."""
    defaults = default_guardrails(TREE, organization_id="o-abcdefghij", exemptions=Exemptions(tag_key="exempt"))
    names = {node: [one.name for one in listed] for node, listed in defaults.items()}
    assert "ExemptionTagProtected" in names["Root"]
    assert names["Security"] == ["InternetGatewaysDenied"]
    assert names["SDLC"] == ["ExpensiveInstancesDenied"]
    assert names["Sandbox"] == ["GuardDutyProtected", "SecurityHubProtected", "ExpensiveInstancesDenied"]
    assert names["Suspended"] == ["EverythingDenied"]
    assert names["Workloads"] == names["Infrastructure"] == ["GuardDutyProtected", "SecurityHubProtected"]


def test_arguments_of_the_defaults() -> None:
    """Regions, GitHub's owners, third parties and further roles reach their statements."""
    defaults = default_guardrails(
        TREE,
        organization_id="o-abcdefghij",
        exemptions=Exemptions(),
        allowed_regions=["eu-west-1"],
        github_owners=["octo-org"],
        third_party_accounts=["444444444444"],
        protected_roles=["Further"],
    )
    text = str(defaults["Root"])
    for part in ("'aws:RequestedRegion': ['eu-west-1']", "repo:octo-org/*", "444444444444", "role/Further"):
        assert part in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"guardrails": {"Nowhere": ()}}, "guardrails: no such node, got Nowhere"),
        ({"attached_elsewhere": {"Nowhere": {}}}, "attached_elsewhere: no such node, got Nowhere"),
        ({"guardrails": {"SDLC": (iam_users_denied(), iam_users_denied())}}, "SDLC: a guardrail twice, got IamUsers"),
        (
            {"guardrails": {"SDLC": (wordy(1, 11_000),)}},
            r"SDLC: SERVICE_CONTROL_POLICY: the statement Wordy1 alone is \d+ characters too long",
        ),
        (
            {
                "guardrails": {"SDLC": (ai_services_opt_out(),)},
                "quotas": {PolicyType.AI_SERVICES_OPT_OUT: PolicyQuota(attached=1, characters=100)},
            },
            r"SDLC: AiServicesOptOut is \d+ characters too long",
        ),
        (
            {
                "guardrails": {"SDLC": (ec2_defaults(),)},
                "attached_elsewhere": {"SDLC": {PolicyType.DECLARATIVE_EC2: 10}},
            },
            "SDLC: 1 policies too many of the type DECLARATIVE_POLICY_EC2, got 1, 0 of AWS's own and 10 attached",
        ),
        (
            {"guardrails": {}, "roll_out": RollOut(order=(("Nowhere",), ("Root",)), step=1)},
            "roll_out: no such node",
        ),
    ],
)
def test_a_plan_that_is_refused(arguments: dict[str, Any], message: str) -> None:
    """Unknown nodes, doubled guardrails, and what does not fit."""
    with pytest.raises(ValueError, match=message):
        plan(**{"guardrails": {}, **arguments})


def test_a_roll_out_counts_where_policies_hang_meanwhile() -> None:
    """What fits root and sandbox apart does not fit while the root's policies hang at the sandbox too."""
    guardrails = {
        "Root": tuple(wordy(number) for number in range(5)),
        "Sandbox": tuple(wordy(number) for number in range(5, 10)),
    }
    order = (("Sandbox",), ("Root",))
    assert len(plan(guardrails)) == 10
    with pytest.raises(ValueError, match="Sandbox: 1 policies too many of the type SERVICE_CONTROL_POLICY, got 10, 1"):
        plan(guardrails, roll_out=RollOut(order=order, step=1))
    assert len(plan(guardrails, roll_out=RollOut(order=order, step=2))) == 10


def test_a_policy_stays_the_same_through_a_roll_out() -> None:
    """Each step changes targets, never documents: what was tried is what comes to hang at the root."""
    guardrails = {"Root": (iam_users_denied(),)}
    steps = [plan(guardrails, roll_out=RollOut(order=(("Sandbox",), ("Root",)), step=step))[0] for step in (1, 2)]
    assert steps[0].content == steps[1].content
    assert [step.targets for step in steps] == [("Sandbox",), ("Root",)]


def test_other_quotas() -> None:
    """An organization whose quotas differ gives them."""
    tight = {SERVICE: PolicyQuota(attached=5, characters=5_120, built_in=1)}
    with pytest.raises(ValueError, match="alone is"):
        plan({"SDLC": (wordy(1),)}, quotas=tight)


def test_descriptions_are_short_enough() -> None:
    """AWS takes 512 characters."""
    many = tuple(wordy(number, 1) for number in range(100))
    for policy in plan({"Root": many}):
        assert policy.description.startswith("Guardrails for Root: Wordy")
        assert len(policy.description) <= 512


def test_the_report_says_what_each_step_denies() -> None:
    """For each step: what begins to bind whom, the actions, and what stops working."""
    guardrails = {"Root": (iam_users_denied(), ai_services_opt_out()), "Sandbox": (expensive_instances_denied(),)}
    roll_out = RollOut(order=(("Sandbox",), ("SDLC",), ("Root",)), step=1)
    report = roll_out_report(guardrails, tree=TREE, roll_out=roll_out)
    first, second, third = report.split("Step ")[1:]
    assert "IamUsersDenied at Sandbox (accounts: Play)" in first
    assert "denies iam:CreateAccessKey, iam:CreateLoginProfile, iam:CreateUser\n" in first
    assert "ExpensiveInstancesDenied at Sandbox" in first
    assert 'where {"StringLike":{"ec2:InstanceType":' in first
    assert "AiServicesOptOut at Sandbox" in first
    assert "IamUsersDenied at SDLC (accounts: none described)" in second
    assert "ExpensiveInstancesDenied" not in second
    assert "IamUsersDenied at Root (accounts: Audit, Play)" in third


def test_the_report_of_a_step_with_nothing_new() -> None:
    """A step that binds nobody else says so; NotAction reads as what it leaves alone; an account is itself."""
    roll_out = RollOut(order=(("Play",), ("Security",), ("Root",)), step=1)
    guardrails = {"Sandbox": (regions_allowed(["eu-west-1"], except_actions=["iam:*"]),)}
    report = roll_out_report(guardrails, tree=TREE, roll_out=roll_out)
    assert "RegionsAllowed at Play (accounts: Play)" in report
    assert "denies all but iam:* where" in report
    assert "Step 2: Security\n  nothing new\n" in report


@pytest.mark.parametrize("policy", ALL_MANAGEMENT_POLICIES, ids=lambda one: one.name)
def test_management_policies_fit(policy: Any) -> None:
    """Each is within its quota and says why."""
    assert len(minified(policy.content)) <= QUOTAS[policy.policy_type].characters
    assert policy.reference.startswith("https://docs.aws.amazon.com/organizations/")
    assert policy.rationale.endswith(".")
    assert policy.blast_radius.endswith((".", ":"))


def test_ec2_defaults() -> None:
    """IMDSv2, no public images and snapshots, no serial console; the internet is blocked on request."""
    attributes: Any = ec2_defaults().content["ec2_attributes"]
    assert attributes["instance_metadata_defaults"]["http_tokens"] == {"@@assign": "required"}
    assert attributes["snapshot_block_public_access"] == {"state": {"@@assign": "block_all_sharing"}}
    assert "vpc_block_public_access" not in attributes
    other: Any = ec2_defaults(
        internet_gateway_block=InternetGatewayBlock.BIDIRECTIONAL, snapshot_sharing_blocked=False, hop_limit=1
    ).content["ec2_attributes"]
    block = other["vpc_block_public_access"]["internet_gateway_block"]
    assert block["mode"] == {"@@assign": "block_bidirectional"}
    assert "snapshot_block_public_access" not in other
    assert other["instance_metadata_defaults"]["http_put_response_hop_limit"] == {"@@assign": "1"}


def test_required_tags() -> None:
    """Spelling, values, and for what they are enforced."""
    content: Any = required_tags({"CostCenter": ["42"], "Team": None}, enforced_for=["ec2:instance"]).content
    assert content["tags"]["costcenter"] == {
        "tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["42"]},
        "enforced_for": {"@@assign": ["ec2:instance"]},
    }
    assert "tag_value" not in content["tags"]["team"]


def test_backup_plan() -> None:
    """Vault, days and tag are as asked."""
    text = minified(
        backup_plan(
            regions=["eu-west-1"], vault_name="Central", delete_after_days=90, tag_key="Keep", tag_value="yes"
        ).content
    )
    for part in ('"Central"', '"90"', '"Keep"', '["yes"]', '["eu-west-1"]'):
        assert part in text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ec2_defaults(hop_limit=0), "hop_limit: out of bounds, got 0"),
        (lambda: required_tags({}), "tags: none, or one twice"),
        (lambda: required_tags({"A": None, "a": None}), "tags: none, or one twice"),
        (lambda: backup_plan(regions=[]), "regions: none"),
        (lambda: backup_plan(regions=["eu-west-1"], delete_after_days=0), "delete_after_days: too few"),
        (lambda: regions_allowed([], except_actions=[]), "allowed_regions: no Regions"),
        (lambda: regions_allowed("eu-west-1", except_actions=[]), "allowed_regions: no Regions"),
        (lambda: regions_allowed(["Ireland"], except_actions=[]), "allowed_regions: no Regions"),
        (lambda: organization_only("o-a", trusted_accounts=["1"]), "trusted_accounts: no accounts"),
        (lambda: github_owners_only([]), "github_owners: no owners"),
        (lambda: github_owners_only(["octo/org"]), "github_owners: no owners"),
        (lambda: oidc_providers_only([]), "oidc_providers: no providers"),
        (lambda: saml_issuers_only("https://idp"), "saml_issuers: no list"),
    ],
)
def test_arguments_that_are_refused(make: Any, message: str) -> None:
    """What no policy can say is refused with the argument's name."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1", "us-isob-east-1", "eusc-de-east-1"])
def test_regions_of_every_partition(region: str) -> None:
    """AWS's Regions of all partitions are taken."""
    assert region in str(regions_allowed([region], except_actions=[]).statements)


def test_arguments_of_guardrails() -> None:
    """What a guardrail takes reaches its statements."""
    assert "subnet/*" in str(default_vpc_denied(subnet_tag="Tier").statements)
    assert "aws:ResourceTag/Tier" in str(default_vpc_denied(subnet_tag="Tier").statements)
    assert "stack/Base-*/*" in str(protected_stacks(stacks=["Base-*"]).statements)
    assert "'AES256'" not in str(encryption_required(sse_s3_allowed=True).statements)
    assert "'AES256'" in str(encryption_required().statements)
    assert "'m7i.*'" in str(expensive_instances_denied(instance_types=["m7i.*"]).statements)
    assert "role/Further" in str(protected_roles(Exemptions(), further=["Further"]).statements)
    trusted = organization_only("o-abcdefghij", trusted_accounts=["444444444444"])
    assert "444444444444" in str(trusted.statements)
    deputy = confused_deputy_protected("o-abcdefghij", source_accounts=["444444444444"])
    assert "'aws:SourceAccount': ['444444444444']" in str(deputy.statements)


def test_every_one_time_step_has_a_check() -> None:
    """Each is a command, a command that checks it, and what that answers."""
    for step in (*audit_account_steps("222222222222"), guardduty_auto_enable_step(), *account_steps(), *cost_steps()):
        assert step.command.startswith("aws ")
        assert step.check.startswith("aws ")
        assert step.expected
        assert str(step).splitlines()[1] == step.command


def test_a_policy_meant_for_nobody_yet_hangs_nowhere() -> None:
    """Before its step a policy exists, attached to nothing."""
    roll_out = RollOut(order=(("Sandbox",), ("Root",)), step=1)
    (policy,) = plan({"Security": (internet_gateways_denied(),)}, roll_out=roll_out)
    assert policy.targets == ()
    assert cloudtrail_protected().sids == ("CloudTrailProtected",)
