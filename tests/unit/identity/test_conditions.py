"""Condition blocks: how they are written, combined and refused, and how they come onto a statement."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.conditions import (
    GLOBAL_SERVICE_ACTIONS,
    Condition,
    PrincipalKind,
    Requirement,
    mfa_present,
    organization,
    principal_arns,
    requested_regions,
    source_accounts,
    source_vpc_endpoints,
    tls_only,
)
from aws_architect_constructs.identity.statement_conditions import add_condition, allow_when, deny_unless

OWN = "111111111111"
ORGANIZATION = "o-abcdefghij"
ROLES = f"arn:aws:iam::{OWN}:role/deploy-*"
ENDPOINT = "vpce-0123456789abcdef0"
REQUIREMENTS: list[Requirement] = [
    requested_regions(["eu-west-1"]),
    tls_only(),
    mfa_present(principals=PrincipalKind.IAM_USER),
    principal_arns([ROLES]),
    organization(ORGANIZATION),
    source_accounts([OWN]),
    source_vpc_endpoints([ENDPOINT]),
]


# --- a block ------------------------------------------------------------------------------------------------------


def test_a_block_is_written_as_policies_have_it() -> None:
    """Operator, key and values: one value stands alone, several in a list."""
    block: dict[str, dict[str, str | list[str]]] = {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:SourceAccount": [OWN, "222222222222"]},
    }
    assert Condition.of(block).to_json() == block


def test_truth_values_and_numbers_are_texts() -> None:
    """A statement's own condition may hold Python's values: IAM compares texts."""
    block: Any = {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"aws:MultiFactorAuthAge": [3600]}}
    assert Condition.of(block).to_json() == {
        "Bool": {"aws:SecureTransport": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    }


def test_both_blocks_must_hold() -> None:
    """Two blocks become one with the comparisons of each."""
    both = Condition.of({"Bool": {"aws:SecureTransport": "true"}}) & Condition.of(
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    )
    assert both.to_json() == {"Bool": {"aws:MultiFactorAuthPresent": "true", "aws:SecureTransport": "true"}}


def test_one_key_has_one_comparison_by_an_operator() -> None:
    """A block has no room for two answers to one question; key names are not case-sensitive."""
    one = Condition.of({"StringEquals": {"aws:SourceAccount": OWN}})
    other = Condition.of({"StringEquals": {"AWS:sourceaccount": "222222222222"}})
    with pytest.raises(ValueError, match="StringEquals compares AWS:sourceaccount twice"):
        one & other


@pytest.mark.parametrize("negated", ["StringNotEquals", "StringNotEqualsIfExists"])
def test_a_contradiction_is_refused(negated: str) -> None:
    """What one demands and the other forbids, no request can bring."""
    demanded = Condition.of({"StringEquals": {"aws:SourceAccount": OWN}})
    with pytest.raises(ValueError, match="no request can meet both"):
        Condition.of({negated: {"aws:SourceAccount": [OWN, "222222222222"]}}) & demanded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"StringEquals": {"aws:SourceAccount": [OWN, "2"]}}, {"StringNotEquals": {"aws:SourceAccount": OWN}}),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}, {"StringNotEquals": {"aws:SourceAccount": OWN}}),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, {"StringNotEquals": {"aws:PrincipalAccount": OWN}}),
        ({"StringLike": {"aws:PrincipalArn": "a*"}}, {"ArnNotLike": {"aws:PrincipalArn": "a*"}}),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "a"}}, {"ForAnyValue:StringNotEquals": {"aws:CalledVia": "a"}}),
    ],
)
def test_what_can_be_met_may_stand_together(one: dict[str, Any], other: dict[str, Any]) -> None:
    """A value that is left, an absent key, another key, or a second value of a list meets both."""
    assert (Condition.of(one) & Condition.of(other)).to_json() == {**one, **other}


_BLOCKS = st.lists(st.sampled_from([requirement.allow for requirement in REQUIREMENTS]), min_size=1, max_size=5)


@given(_BLOCKS, st.randoms())
def test_the_order_of_combining_does_not_matter(blocks: list[Condition], random: Any) -> None:
    """Blocks combine in any order, and once is as good as twice."""

    def combine(listed: list[Condition]) -> Condition:
        result = listed[0]
        for block in listed[1:]:
            result &= block
        return result

    shuffled = [*blocks, *blocks[:2]]
    random.shuffle(shuffled)
    assert combine(shuffled) == combine(blocks)


@pytest.mark.parametrize("values", ["", [], [""], None, [None]])
def test_a_comparison_with_nothing_is_refused(values: Any) -> None:
    """A comparison with no values never holds, or always: neither is meant."""
    with pytest.raises(ValueError, match="no values to compare with"):
        Condition.of({"StringEquals": {"aws:SourceAccount": values}})


# --- requirements -------------------------------------------------------------------------------------------------


def test_two_requirements_are_one_allow_and_two_denies() -> None:
    """A Deny with both conditions would spare whoever meets either."""
    both = tls_only() & organization(ORGANIZATION)
    assert set(both.allow.to_json()) == {"Bool", "StringEquals"}
    assert [denial.name for denial in both.denials] == ["TlsOnly", "Organization"]


def test_a_requirement_twice_is_the_requirement() -> None:
    """Nothing is denied twice."""
    assert tls_only() & tls_only() == tls_only()


def test_one_requirement_in_two_ways_is_refused() -> None:
    """Two organizations, or two lists of exceptions, contradict each other."""
    with pytest.raises(ValueError, match="RequestedRegions is required in two ways"):
        requested_regions(["eu-west-1"]) & requested_regions(["eu-west-1"], except_actions=["iam:*"])


def test_values_stand_in_sorted_order_once() -> None:
    """The order in which values are given does not show in the template."""
    assert source_accounts(["222222222222", OWN, OWN]) == source_accounts([OWN, "222222222222"])


@pytest.mark.parametrize("kind", [kind for kind in PrincipalKind if kind is not PrincipalKind.IAM_USER])
def test_mfa_is_refused_where_the_key_does_not_exist(kind: PrincipalKind) -> None:
    """The error says why, and where MFA is required instead."""
    with pytest.raises(ValueError, match=rf"aws:MultiFactorAuthPresent says nothing of {kind.name}, as .*; allowed"):
        mfa_present(principals=[PrincipalKind.IAM_USER, kind])


@pytest.mark.parametrize("principals", [[], "Root", ["Root"]])
def test_mfa_is_for_known_principals(principals: Any) -> None:
    """Nobody, or an unknown kind, is refused."""
    with pytest.raises(ValueError, match=r"principals: .*allowed"):
        mfa_present(principals=principals)


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (requested_regions, ["eu-west-1", "Ireland"]),
        (requested_regions, ["*"]),
        (requested_regions, []),
        (requested_regions, "eu-west-1"),
        (principal_arns, ["*"]),
        (principal_arns, ["arn:aws:iam::*:role/deploy"]),
        (principal_arns, ["arn:aws:sts::111111111111:assumed-role/deploy/session"]),
        (principal_arns, ["arn:aws:iam::111111111111:*"]),
        (organization, "*"),
        (organization, "o-short"),
        (source_accounts, ["1111"]),
        (source_accounts, [111111111111]),
        (source_accounts, ["*"]),
        (source_vpc_endpoints, ["vpc-0123456789abcdef0"]),
    ],
)
def test_malformed_values_are_refused(make: Callable[[Any], Requirement], values: Any) -> None:
    """A wildcard, a malformed value or none at all is an error that says what is allowed."""
    with pytest.raises(ValueError, match=r"got .*; allowed: "):
        make(values)


def test_what_is_known_when_deploying_passes() -> None:
    """The stack's own account and Region may be tokens."""
    assert source_accounts([Aws.ACCOUNT_ID]).allow.to_json() == {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}


# --- on statements ------------------------------------------------------------------------------------------------


def _read() -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["s3:GetObject"], resources=["*"], conditions={"StringEquals": {"aws:SourceAccount": OWN}}
    )


def test_an_allow_gets_the_condition_beside_its_own() -> None:
    """What the statement had stays."""
    statement = allow_when(_read(), tls_only() & organization(ORGANIZATION))
    assert statement.to_statement_json()["Condition"] == {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:SourceAccount": OWN, "aws:PrincipalOrgID": ORGANIZATION},
    }


def test_a_clash_on_a_statement_is_refused() -> None:
    """The statement's condition is not replaced in silence, as CDK's own method would."""
    with pytest.raises(ValueError, match="compares aws:SourceAccount twice"):
        add_condition(_read(), source_accounts(["222222222222"]).allow)


def test_a_deny_does_not_take_the_condition_of_an_allow() -> None:
    """A Deny for those that meet the requirement is the opposite of what is meant."""
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["s3:GetObject"], resources=["*"])
    with pytest.raises(ValueError, match=r"spares whoever does not meet it.*deny_unless"):
        allow_when(deny, tls_only())


def test_denies_are_named_and_complete() -> None:
    """Each part has a statement of its own, for everything, that says what it enforces."""
    statements = [statement.to_statement_json() for statement in deny_unless(tls_only() & organization(ORGANIZATION))]
    assert [(one["Sid"], one["Effect"], one["Action"], one["Resource"]) for one in statements] == [
        ("DenyTlsOnly", "Deny", "*", "*"),
        ("DenyOrganization", "Deny", "*", "*"),
    ]


def test_the_deny_of_regions_excepts_the_global_services() -> None:
    """A NotAction, which only a statement has."""
    (statement,) = [one.to_statement_json() for one in deny_unless(requested_regions(["eu-west-1"]))]
    assert statement["NotAction"] == list(GLOBAL_SERVICE_ACTIONS)
    assert "Action" not in statement


@pytest.mark.parametrize("actions", [["iam:CreateRole"], ["*"], ["ec2:RunInstances", "IAM:*"], ["s3:List*"]])
def test_named_actions_may_not_be_excepted_ones(actions: list[str]) -> None:
    """Beside named actions there is no NotAction: what it excepts would be denied after all."""
    with pytest.raises(ValueError, match="RequestedRegions excepts"):
        deny_unless(requested_regions(["eu-west-1"]), actions=actions)


def test_named_actions_and_resources_are_the_callers() -> None:
    """A Deny may be about one bucket, for everybody."""
    (statement,) = deny_unless(
        tls_only(), actions=["s3:*"], resources=["arn:aws:s3:::b", "arn:aws:s3:::b/*"], principals=[iam.StarPrincipal()]
    )
    written = Stack().resolve(statement.to_statement_json())
    assert (written["Action"], written["Resource"], written["Principal"]) == (
        "s3:*",
        ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "*",
    )


def test_named_actions_of_a_regional_service_are_denied() -> None:
    """Naming actions outside the global services works for Regions too."""
    (statement,) = deny_unless(requested_regions(["eu-west-1"]), actions=["ec2:RunInstances"])
    assert statement.to_statement_json()["Action"] == "ec2:RunInstances"
