"""The role for other accounts: what it refuses, and what its template holds."""

from typing import Any

import pytest
from aws_cdk import App, Aws, CfnParameter, Duration, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.cross_account_role import CrossAccountRole, _check_external_id
from support.instances_cross_account_role import EXTERNAL_ID
from support.synthesis import Template, new_stack, properties, resources, synthesize, warnings_of

AUDITOR = "222222222222"
TRUSTED: dict[str, Any] = {"trusted_accounts": [AUDITOR], "external_id": EXTERNAL_ID}


def build(**arguments: Any) -> Template:
    """The template of a role alone in its stack."""
    return synthesize(lambda stack: CrossAccountRole(stack, "Audit", **{**TRUSTED, **arguments}))


def role_of(**arguments: Any) -> dict[str, Any]:
    """The role's properties."""
    (role,) = properties(build(**arguments), "AWS::IAM::Role")
    return role


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"trusted_accounts": []}, "trusted_accounts: no list of accounts"),
        ({"trusted_accounts": AUDITOR}, "trusted_accounts: no list of accounts"),
        ({"trusted_accounts": ["*"]}, "trusted_accounts: no account id"),
        ({"trusted_accounts": ["22222222222"]}, "trusted_accounts: no account id"),
        ({"trusted_accounts": [222222222222]}, "trusted_accounts: no account id"),
        ({"external_id": None}, "an account alone is trusted"),
        ({"external_id": "x"}, "external_id: too short or too long"),
        ({"external_id": "x" * 1225}, "external_id: too short or too long"),
        ({"external_id": "shop & sons *"}, "external_id: characters that STS refuses"),
        ({"external_id": "gr\u00fc\u00dfe-aus-der-ferne"}, "external_id: characters that STS refuses"),
        ({"organization_id": "*"}, "organization_id: malformed"),
        ({"trusted_principals": ["*"]}, "trusted_principals: patterns: malformed"),
        ({"trusted_principals": ["arn:aws:iam::333333333333:role/x"]}, "an account that is not trusted"),
        (
            {"trusted_principals": [f"arn:aws:iam::{AUDITOR}:role/x"], "require_mfa": True},
            "require_mfa: a role's session does not say",
        ),
        ({"max_session_duration": Duration.minutes(59)}, "max_session_duration"),
        ({"max_session_duration": Duration.hours(13)}, "max_session_duration"),
        ({"max_session_duration": Duration.seconds(Token.as_number({"Ref": "Seconds"}))}, "max_session_duration"),
    ],
)
def test_a_wrong_argument_is_refused_before_the_tree_is_touched(arguments: dict[str, Any], problem: str) -> None:
    """The error names the construct, the argument, what was given and what is allowed; the id stays free."""
    stack = new_stack()
    with pytest.raises(ValueError, match=rf"^Stack/Audit: .*{problem}.*got .*; allowed: "):
        CrossAccountRole(stack, "Audit", **{**TRUSTED, **arguments})
    assert stack.node.try_find_child("Audit") is None


@pytest.mark.parametrize("external_id", ["x", "secret-looking & odd"])
def test_an_error_does_not_repeat_the_external_id(external_id: str) -> None:
    """Messages end up in build logs."""
    with pytest.raises(ValueError, match="external_id") as error:
        CrossAccountRole(new_stack(), "Audit", trusted_accounts=[AUDITOR], external_id=external_id)
    assert repr(external_id) not in str(error.value)


@given(st.text(st.sampled_from("abcXYZ019_+=,.@:/-"), min_size=2, max_size=1224))
def test_every_external_id_that_sts_takes_is_taken(external_id: str) -> None:
    """Length and characters are those of AssumeRole."""
    _check_external_id(external_id)


@pytest.mark.parametrize(
    ("external_id", "warned"), [("12345", True), ("1" * 32, True), ("acme", True), (EXTERNAL_ID, False)]
)
def test_a_guessable_external_id_warns(external_id: str, warned: bool) -> None:
    """The warning does not repeat the id either."""
    stack = new_stack()
    CrossAccountRole(stack, "Audit", trusted_accounts=[AUDITOR], external_id=external_id)
    texts = [text for text in warnings_of(stack) if "GuessableExternalId" in text]
    assert bool(texts) is warned
    assert not any(external_id in text for text in texts)


def test_nothing_is_put_out() -> None:
    """The template has no outputs, so the external id stands in the trust policy alone."""
    template = build()
    assert "Outputs" not in template
    assert str(template).count(EXTERNAL_ID) == 1


def test_a_session_lasts_an_hour() -> None:
    """The default is the shortest that a role can have."""
    assert role_of()["MaxSessionDuration"] == 3600


def test_a_session_lasts_as_long_as_it_is_told() -> None:
    """Up to 12 hours."""
    assert role_of(max_session_duration=Duration.hours(12))["MaxSessionDuration"] == 43200


def test_the_name_is_the_callers() -> None:
    """For third parties that insist on it; CloudFormation's choice otherwise."""
    assert (role_of(role_name="Auditor")["RoleName"], "RoleName" in role_of()) == ("Auditor", False)


def test_the_boundary_is_the_callers() -> None:
    """A boundary caps the role."""
    arn = "arn:aws:iam::111111111111:policy/boundary"
    template = synthesize(
        lambda stack: CrossAccountRole(
            stack,
            "Audit",
            **TRUSTED,
            permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(stack, "Cap", arn),
        )
    )
    (role,) = properties(template, "AWS::IAM::Role")
    assert role["PermissionsBoundary"] == arn


def test_without_grants_there_is_no_policy() -> None:
    """The role can do nothing until it is granted something."""
    assert not [kind for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy") if resources(build(), kind)]


def test_grants_land_in_one_managed_policy() -> None:
    """CDK's own grants write a customer managed policy of the role, and no inline one."""

    def build_with_grants(stack: Stack) -> None:
        audit = CrossAccountRole(stack, "Audit", **TRUSTED)
        sqs.Queue(stack, "Queue").grant_purge(audit)
        kms.Key(stack, "Key").grant_decrypt(audit)

    template = synthesize(build_with_grants)
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    granted = {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }
    (role,) = resources(template, "AWS::IAM::Role")
    assert {"sqs:PurgeQueue", "kms:Decrypt"} <= granted
    assert (policy["Roles"], resources(template, "AWS::IAM::Policy")) == ([{"Ref": role}], {})


def test_what_is_known_when_deploying_passes() -> None:
    """Account, external id and principals may be parameters."""

    def with_parameters(stack: Stack) -> None:
        external_id = CfnParameter(stack, "ExternalId", no_echo=True).value_as_string
        CrossAccountRole(
            stack,
            "Audit",
            trusted_accounts=[Aws.ACCOUNT_ID],
            external_id=external_id,
            trusted_principals=[f"arn:aws:iam::{AUDITOR}:role/audit", CfnParameter(stack, "Caller").value_as_string],
        )

    (role,) = properties(synthesize(with_parameters), "AWS::IAM::Role")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"]["sts:ExternalId"] == {"Ref": "ExternalId"}


def test_the_order_of_accounts_does_not_show() -> None:
    """Accounts are trusted in sorted order, once each."""
    assert build(trusted_accounts=["333333333333", AUDITOR, AUDITOR]) == build(
        trusted_accounts=[AUDITOR, "333333333333"]
    )


def test_an_error_at_the_apps_own_level_has_a_plain_path() -> None:
    """Without an enclosing scope the path is the id."""
    with pytest.raises(ValueError, match=r"^Audit: trusted_accounts"):
        CrossAccountRole(App(), "Audit", trusted_accounts=[])
