"""Statements become as few policies as fit, and decide what they decided."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs.organization.policy_packing import (
    QUOTAS,
    PackedPolicy,
    PolicyQuota,
    PolicyType,
    merge,
    minified,
    pack,
)
from aws_architect_constructs.testing.policies import IamRole, Request, evaluate

ROLES = [
    IamRole("arn:aws:iam::111111111111:role/app", tags={} if team is None else {"team": team})
    for team in ("red", "blue", None)
]
FULL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
QUOTA = PolicyQuota(attached=4, characters=600, built_in=1)
ACTIONS = ("s3:GetObject", "s3:Get*", "s3:PutObject", "iam:*", "sqs:SendMessage", "*")
RESOURCES = ("*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/key", "arn:aws:sqs:*:*:queue")
CONDITIONS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"StringNotEquals": {"aws:PrincipalTag/team": "blue"}},
    {"StringEquals": {"aws:PrincipalTag/team": ["red", "green"]}},
    {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}, "Null": {"aws:PrincipalTag/team": "false"}},
)


def statement(sid: str, **elements: Any) -> dict[str, Any]:
    """A Deny of everything, with other elements where they are given."""
    return {"Sid": sid, "Effect": "Deny", "Action": "*", "Resource": "*", **elements}


@st.composite
def statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Some Deny statements, with all four ways to name actions and resources."""
    found = []
    for index in range(draw(st.integers(min_value=0, max_value=6))):
        one: dict[str, Any] = {"Sid": f"S{index}", "Effect": "Deny"}
        one[draw(st.sampled_from(["Action", "NotAction"]))] = draw(
            st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3)
        )
        one[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(
            st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)
        )
        condition = draw(st.sampled_from(CONDITIONS))
        if condition is not None:
            one["Condition"] = condition
        found.append(one)
    return found


REQUESTS = [
    Request(principal=role, action=action, resource=resource, context={"aws:RequestedRegion": region})
    for role in ROLES
    for region in ("eu-west-1", "us-east-1")
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::bucket/key"),
        ("s3:PutObject", "arn:aws:s3:::bucket/other"),
        ("s3:GetObject", "arn:aws:s3:::another/key"),
        ("iam:CreateUser", "arn:aws:iam::111111111111:user/x"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:queue"),
        ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:111111111111:instance/i-1"),
    )
]


@settings(max_examples=60, deadline=None)
@given(statements())
def test_packing_decides_nothing_otherwise(given_statements: list[dict[str, Any]]) -> None:
    """Whatever is packed, every request is decided as by the statements one by one."""
    packed = pack(given_statements, PolicyQuota(attached=20, characters=900))
    before = [FULL, *({"Version": "2012-10-17", "Statement": [one]} for one in given_statements)]
    after = [FULL, *(policy.document for policy in packed)]
    for request in REQUESTS:
        decisions = [
            evaluate(request, identity=[FULL], service_control=[documents]).allowed for documents in (before, after)
        ]
        assert decisions[0] == decisions[1], request


@settings(max_examples=150, deadline=None)
@given(statements(), st.integers(min_value=900, max_value=1400))
def test_packed_policies_fit(given_statements: list[dict[str, Any]], characters: int) -> None:
    """Every policy is as long as it says, and within its quota; every statement is in exactly one."""
    packed = pack(given_statements, PolicyQuota(attached=20, characters=characters))
    for policy in packed:
        assert policy.characters == len(minified(policy.document)) <= characters
    sources = [source for policy in packed for of_one in policy.sources for source in of_one]
    assert sorted(sources) == sorted(one["Sid"] for one in given_statements)


@settings(max_examples=100, deadline=None)
@given(statements())
def test_packing_is_deterministic(given_statements: list[dict[str, Any]]) -> None:
    """The same statements are packed the same way, whatever the order of an action list."""
    quota = PolicyQuota(attached=20, characters=900)
    turned = [{**one, **{k: v[::-1] for k, v in one.items() if isinstance(v, list)}} for one in given_statements]
    assert pack(given_statements, quota) == pack(turned, quota)


@given(st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=12), st.integers(1, 400))
def test_a_statement_at_the_end_moves_no_other(lengths: list[int], added: int) -> None:
    """What merges with nothing is placed beside the others, which stay where they are."""
    quota = PolicyQuota(attached=40, characters=600)
    old = [
        statement(f"S{index}", Resource=f"arn:aws:s3:::{index}-{'x' * length}", Action=f"s3:A{index}")
        for index, length in enumerate(lengths)
    ]
    new = [*old, statement("New", Resource=f"arn:aws:s3:::new-{'x' * added}", Action="s3:New")]
    places = [
        {source: number for number, policy in enumerate(pack(listed, quota)) for (source,) in policy.sources}
        for listed in (old, new)
    ]
    assert {source: place for source, place in places[1].items() if source != "New"} == places[0]


def test_statements_merge_where_conditions_match() -> None:
    """Two statements that differ in their actions alone become one with both, and its Sid names both."""
    (merged,) = merge([statement("A", Action="s3:*"), statement("B", Action=["iam:*", "ec2:*"])])
    assert merged.statement == statement("AB", Action=["ec2:*", "iam:*", "s3:*"])
    assert merged.sources == ("A", "B")


def test_statements_merge_by_resource_too() -> None:
    """Two statements that differ in their resources alone become one with both."""
    (merged,) = merge([statement("A", Resource="arn:b"), statement("B", Resource="arn:a")])
    assert merged.statement["Resource"] == ["arn:a", "arn:b"]


@pytest.mark.parametrize(
    "other",
    [
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Action": "s3:*"},
        {"Effect": "Allow", "Action": "s3:*"},
        {"Action": "s3:*", "Resource": "arn:aws:s3:::x"},
    ],
)
def test_statements_that_differ_in_more_stay_apart(other: dict[str, Any]) -> None:
    """Another condition, effect, or both actions and resources: no merging."""
    assert len(merge([statement("A", Action="iam:*"), statement("B", **other)])) == 2


def test_not_actions_never_merge() -> None:
    """A longer NotAction would deny less, so two of them stay two."""
    first = {"Sid": "A", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    assert len(merge([first, {**first, "Sid": "B", "NotAction": "iam:*"}])) == 2


def test_a_star_takes_in_all_others() -> None:
    """Where one of the merged denies every action, the others need no mention."""
    (merged,) = merge([statement("A"), statement("B", Action="iam:*")])
    assert merged.statement["Action"] == "*"


def test_nothing_packs_into_nothing() -> None:
    """No statements, no policy: an empty one would be refused."""
    assert pack([], QUOTA) == ()


def test_one_statement_that_is_too_long() -> None:
    """It is refused with its name and by how much it is too long."""
    with pytest.raises(ValueError, match=r"the statement Long alone is \d+ characters too long.*allowed: 600"):
        pack([statement("Long", Resource=f"arn:{'x' * 700}")], QUOTA)


def big(number: int, length: int = 400) -> dict[str, Any]:
    """A statement that merges with no other and fills most of a policy."""
    return statement(f"Big{number}", Action=f"s3:A{number}", Resource=f"arn:{number}{'x' * length}")


def test_too_much_says_what_to_drop() -> None:
    """Four policies where three fit: the message says by how much, and the shortest statement to drop."""
    with pytest.raises(ValueError, match=r"4 policies are needed where 3 fit, \d+ characters too many.*drop Big2, or"):
        pack([big(1), big(2, 300), big(3), big(4)], QUOTA)


def test_much_too_much_says_to_drop_several() -> None:
    """Where no single statement is the reason, the message does not name one."""
    with pytest.raises(ValueError, match="allowed: drop several, or attach some to another node"):
        pack([big(number) for number in range(6)], QUOTA)


def test_what_others_attached_counts() -> None:
    """Control Tower's policies at the node take room."""
    three = [big(1), big(2), big(3)]
    assert len(pack(three, QUOTA)) == 3
    with pytest.raises(ValueError, match=r"where 2 fit.*1 of AWS's own and 1 attached otherwise"):
        pack(three, QUOTA, taken=1)


def test_the_largest_go_first_where_the_order_does_not_fit() -> None:
    """In order three policies would be needed; by size two are enough, and that is all there is room for."""
    listed = [big(number, size) for number, size in enumerate((150, 150, 330, 330))]
    assert len(pack(listed, PolicyQuota(attached=5, characters=750))) == 3
    assert len(pack(listed, PolicyQuota(attached=2, characters=750))) == 2


def test_the_quotas_are_those_of_2026() -> None:
    """SCPs: 10 a node and 10,240 characters; RCPs: 5 and 5,120, of which AWS's own is one."""
    assert QUOTAS[PolicyType.SERVICE_CONTROL] == PolicyQuota(attached=10, characters=10_240, built_in=1)
    assert QUOTAS[PolicyType.RESOURCE_CONTROL] == PolicyQuota(attached=5, characters=5_120, built_in=1)
    assert set(QUOTAS) == set(PolicyType)


def test_statements_without_a_sid_merge_too() -> None:
    """What has no Sid gets none."""
    plain = {key: value for key, value in statement("A", Action="s3:*").items() if key != "Sid"}
    (merged,) = merge([plain, {**plain, "Action": "iam:*"}])
    assert "Sid" not in merged.statement


def test_a_document_is_minified() -> None:
    """No white space between the elements: it would count when the policy is made by an API."""
    policy = PackedPolicy(statements=(statement("A"),))
    assert minified(policy.document).startswith('{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny",')
