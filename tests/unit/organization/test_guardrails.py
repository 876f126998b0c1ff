"""What a guardrail may be, and how the exempt are left alone."""

from typing import Any

import pytest

from aws_architect_constructs.organization.guardrails import (
    AUTOMATION_ROLES,
    Exemptions,
    Guardrail,
    ManagementPolicy,
    locks_out,
    merged_condition,
)
from aws_architect_constructs.organization.policy_packing import PolicyType

DENY = {"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*"}
RCP = PolicyType.RESOURCE_CONTROL
RCP_DENY = {"Effect": "Deny", "Principal": "*", "Resource": "*"}


def guardrail(*statements: Any, **arguments: Any) -> Guardrail:
    """A guardrail of these statements."""
    texts = dict.fromkeys(("rationale", "threat", "reference", "blast_radius"), "Text.")
    return Guardrail(**{"name": "Mine", "statements": statements, **texts, **arguments})


def test_exempt_from_the_start_is_the_machinery_of_aws() -> None:
    """StackSets, Control Tower and the account's first role are exempt; people and pipelines are bound."""
    assert Exemptions().role_names == AUTOMATION_ROLES


@pytest.mark.parametrize(
    ("arguments", "role"),
    [
        ({"people": True}, "aws-reserved/sso.amazonaws.com/*"),
        ({"pipelines": True}, "cdk-*-role-*"),
        ({"roles": ("break-glass/*",)}, "break-glass/*"),
        ({"automation": False, "roles": ("break-glass/*",)}, "break-glass/*"),
    ],
)
def test_others_are_exempt_by_one_word(arguments: dict[str, Any], role: str) -> None:
    """Each further group is one argument."""
    assert f"arn:*:iam::*:role/{role}" in Exemptions(**arguments).patterns


def test_the_exemption_is_in_every_statement() -> None:
    """A rendered statement has its own condition and the exemptions': name or tag, either is enough."""
    condition = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    (rendered,) = guardrail({**DENY, "Condition": condition}).render(Exemptions(tag_key="exempt"))
    assert rendered["Condition"] == {
        "StringNotEquals": {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/exempt": "true"},
        "ArnNotLike": {"aws:PrincipalArn": [f"arn:*:iam::*:role/{role}" for role in AUTOMATION_ROLES]},
    }


def test_the_sid_is_the_name() -> None:
    """One statement has the guardrail's name as its Sid, several are numbered."""
    assert guardrail(DENY).sids == ("Mine",)
    assert [one["Sid"] for one in guardrail(DENY, DENY).render(Exemptions())] == ["Mine1", "Mine2"]


def test_no_name_exempts_from_a_resource_control_policy() -> None:
    """Roles of any name exist in other organizations, so a resource control policy has no exemptions by name."""
    (rendered,) = guardrail({**DENY, "Principal": "*"}, policy_type=RCP).render(Exemptions())
    assert "Condition" not in rendered


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"roles": "break-glass"}, "roles is no list"),
        ({"roles": ("*",)}, "no role by name, got '\\*'"),
        ({"roles": ("*-admin",)}, "does not begin with a wildcard"),
        ({"roles": ("a b",)}, "no role by name"),
        ({"tag_key": ""}, "no tag key"),
        ({"automation": False}, "nobody would be exempt"),
    ],
)
def test_exemptions_that_make_no_sense(arguments: dict[str, Any], message: str) -> None:
    """Everybody exempt, or nobody, is refused."""
    with pytest.raises(ValueError, match=message):
        Exemptions(**arguments)


@pytest.mark.parametrize(
    ("statement", "arguments", "message"),
    [
        ({**DENY, "Effect": "Allow"}, {}, "a guardrail that allows"),
        ({**DENY, "Sid": "Own"}, {}, "the Sid is the guardrail's name"),
        ({"Effect": "Deny", "Action": "s3:*"}, {}, "one of Resource and NotResource"),
        ({**DENY, "NotAction": "s3:*"}, {}, "one of Action and NotAction"),
        (DENY, {"policy_type": RCP}, "names every principal"),
        ({**RCP_DENY, "Action": "*"}, {"policy_type": RCP}, "names the service, got '\\*'"),
        ({**RCP_DENY, "Action": ["s3:*", "k*:*"]}, {"policy_type": RCP}, "names the service, got 'k\\*:\\*'"),
        (
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"},
            {"policy_type": RCP},
            "NotAction in a resource control policy",
        ),
        ({**DENY, "NotPrincipal": "*"}, {}, "names no principal"),
        ({**RCP_DENY, "Action": "s3:*", "NotPrincipal": "*"}, {"policy_type": RCP}, "names every principal"),
        ({**DENY, "Principal": "*"}, {}, "names no principal"),
        (DENY, {"name": "not a sid"}, "no name"),
        (DENY, {"policy_type": PolicyType.TAG}, "no policy type with statements"),
        (
            {**DENY, "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/x"}}},
            {},
            "exemptions of its own",
        ),
        ({**DENY, "Action": "iam:*"}, {"exemptible": False}, "locked out, got a Deny of iam:CreateRole, iam:PassRole"),
        (
            {"Effect": "Deny", "NotAction": "ec2:*", "Resource": "*"},
            {"exemptible": False},
            "locked out, got a Deny of cloudformation:CreateStack",
        ),
    ],
)
def test_a_statement_that_is_refused(statement: Any, arguments: dict[str, Any], message: str) -> None:
    """What is no guardrail, or would lock out those who repair it, is refused with the reason."""
    with pytest.raises(ValueError, match=message):
        guardrail(statement, **arguments)


def test_no_statements_are_no_guardrail() -> None:
    """An empty guardrail is refused."""
    with pytest.raises(ValueError, match="no statements"):
        guardrail()


def test_a_condition_on_the_caller_is_narrow() -> None:
    """A Deny that looks at who calls locks nobody else out."""
    root = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert "sts:AssumeRole" in locks_out(root)
    assert locks_out({**root, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"}}}) == ()
    assert "sts:AssumeRole" in locks_out({**root, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}})


def test_one_condition_does_not_overwrite_another() -> None:
    """The same key under the same operator twice is refused."""
    with pytest.raises(ValueError, match="StringEquals aws:x stands in the statement and in the exemptions"):
        merged_condition({"StringEquals": {"aws:x": "1"}}, {"StringEquals": {"aws:x": "2"}})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"name": "a b"}, "no name"), ({"policy_type": PolicyType.SERVICE_CONTROL}, "a Guardrail is for this")],
)
def test_a_management_policy_that_is_refused(arguments: dict[str, Any], message: str) -> None:
    """A name that is none, or a type that has statements."""
    texts = dict.fromkeys(("rationale", "reference", "blast_radius"), "Text.")
    with pytest.raises(ValueError, match=message):
        ManagementPolicy(**{"name": "Mine", "policy_type": PolicyType.TAG, "content": {}, **texts, **arguments})
