"""Whether one pattern of a policy lies within another: what a boundary leaves of a grant."""

from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs._policies.glob import compile_glob, overlap
from aws_architect_constructs.identity.capped_grants import capped_grants
from aws_architect_constructs.testing.policies import IamRole, Request, evaluate

S3: Final = "arn:aws:s3:::shop"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of statements, each an Allow on everything unless it says otherwise."""
    full = [{"Effect": "Allow", **each} for each in statements]
    for each in full:
        if "NotResource" not in each:
            each.setdefault("Resource", "*")
    return {"Version": "2012-10-17", "Statement": full}


def caps(grant: dict[str, Any], *ceiling: dict[str, Any]) -> list[tuple[bool, tuple[str, ...], str]]:
    """What is capped of a grant: wholly or not, which actions, and by what."""
    found = capped_grants({"grant": document(grant)}, document(*ceiling))
    return [(each.wholly, each.actions, "; ".join(each.by)) for each in found]


def no_more(*actions: str) -> list[tuple[bool, tuple[str, ...], str]]:
    """Nothing is left of the actions."""
    return [(True, actions, "no statement of the boundary allows it")]


def less(*actions: str) -> list[tuple[bool, tuple[str, ...], str]]:
    """Something is left of the actions."""
    return [(False, actions, "the boundary allows less")]


def denied(*actions: str, wholly: bool = True) -> list[tuple[bool, tuple[str, ...], str]]:
    """A denial takes the actions away."""
    return [(wholly, actions, "denied by No")]


DENY: Final = {"Effect": "Deny", "Sid": "No"}


@pytest.mark.parametrize(
    ("grant", "ceiling", "expected"),
    [
        ({"Action": "s3:GetObject"}, [{"Action": "s3:GetObject"}], []),
        ({"Action": "S3:getobject"}, [{"Action": "s3:Get*"}], []),
        ({"Action": "s3:GetObject"}, [{"Action": "s3:*"}], []),
        ({"Action": "s3:Get*"}, [{"Action": "s3:G*"}], []),
        ({"Action": "s3:Get*"}, [{"Action": "s3:Get*"}], []),
        ({"Action": "s3:Get?bject"}, [{"Action": "s3:GetObject"}], less("s3:Get?bject")),
        ({"Action": "s3:Get*"}, [{"Action": "s3:GetObject"}], less("s3:Get*")),
        ({"Action": "s3:Get*"}, [{"Action": "s3:Put*"}], no_more("s3:Get*")),
        ({"Action": "s3:GetObject"}, [{"Action": "sqs:*"}], no_more("s3:GetObject")),
        ({"Action": ["s3:GetObject", "sqs:SendMessage"]}, [{"Action": "sqs:*"}], no_more("s3:GetObject")),
        ({"Action": "*"}, [{"Action": "sqs:*"}], less("*")),
        ({"Action": "sqs:*", "Resource": f"{S3}/a"}, [{"Action": "sqs:*", "Resource": f"{S3}/*"}], []),
        ({"Action": "sqs:*", "Resource": f"{S3}/*"}, [{"Action": "sqs:*", "Resource": f"{S3}*"}], []),
        (
            {"Action": "sqs:*", "Resource": f"{S3}/*"},
            [{"Action": "sqs:*", "Resource": f"{S3}/a*"}],
            less("sqs:*"),
        ),
        (
            {"Action": "s3:GetObject", "Resource": f"{S3}/a"},
            [{"Action": "s3:GetObject", "Resource": f"{S3}/b"}],
            no_more("s3:GetObject"),
        ),
        (
            {"Action": "s3:GetObject"},
            [{"Action": "s3:GetObject", "Resource": f"{S3}/*"}],
            less("s3:GetObject"),
        ),
        # Case matters in resources, and the statements of a boundary do not mix.
        (
            {"Action": "s3:GetObject", "Resource": f"{S3}/a"},
            [{"Action": "s3:GetObject", "Resource": f"{S3}/A"}],
            no_more("s3:GetObject"),
        ),
        (
            {"Action": "s3:GetObject", "Resource": f"{S3}/a"},
            [{"Action": "s3:GetObject", "Resource": f"{S3}/b"}, {"Action": "s3:PutObject", "Resource": f"{S3}/a"}],
            no_more("s3:GetObject"),
        ),
        # One resource of two is let through: something of the action is left.
        (
            {"Action": "s3:GetObject", "Resource": [f"{S3}/a", f"{S3}/b"]},
            [{"Action": "s3:GetObject", "Resource": f"{S3}/b"}],
            [(False, ("s3:GetObject",), "no statement of the boundary allows it")],
        ),
        ({"Action": "s3:GetObject"}, [{"Action": "s3:*"}, {**DENY, "Action": "s3:Get*"}], denied("s3:GetObject")),
        ({"Action": "s3:*"}, [{"Action": "s3:*"}, {**DENY, "Action": "s3:Get*"}], denied("s3:*", wholly=False)),
        (
            {"Action": "s3:Get*"},
            [{"Action": "s3:*"}, {**DENY, "Action": "s3:*", "Resource": f"{S3}/*"}],
            denied("s3:Get*", wholly=False),
        ),
        ({"Action": "s3:Get*"}, [{"Action": "s3:*"}, {**DENY, "Action": "s3:Put*"}], []),
        (
            {"Action": "lambda:*"},
            [{"Action": "lambda:*"}, {**DENY, "Action": "lambda:Update*", "NotResource": f"{S3}/*"}],
            denied("lambda:*", wholly=False),
        ),
        ({"Action": "s3:*"}, [{"Action": "s3:*"}, {**DENY, "NotAction": "s3:*"}], []),
        ({"Action": "*"}, [{"NotAction": "iam:*"}, {**DENY, "NotAction": "s3:*"}], denied("*", wholly=False)),
        (
            {"Action": "iam:PassRole"},
            [{"Action": "iam:*"}, {**DENY, "Action": "iam:*", "NotResource": f"{S3}/b*"}],
            denied("iam:PassRole", wholly=False),
        ),
        (
            {"Action": "iam:PassRole", "Resource": f"{S3}/a"},
            [{"Action": "iam:*"}, {"Effect": "Deny", "Sid": "No", "Action": "iam:*", "NotResource": f"{S3}/b*"}],
            denied("iam:PassRole"),
        ),
        (
            {"Action": "iam:PassRole", "Resource": f"{S3}/b1"},
            [{"Action": "iam:*"}, {"Effect": "Deny", "Sid": "No", "Action": "iam:*", "NotResource": f"{S3}/b*"}],
            [],
        ),
        # Everything but something is everything.
        ({"NotAction": "iam:*"}, [{"Action": "s3:*"}], less("*")),
        ({"Action": "s3:GetObject", "NotResource": f"{S3}/a"}, [{"Action": "s3:GetObject"}], []),
        ({"Action": "s3:GetObject"}, [{"NotAction": "iam:*"}], []),
        ({"Action": "iam:GetRole"}, [{"NotAction": "iam:*"}], no_more("iam:GetRole")),
        # A Deny of the role's own is no grant.
        ({"Effect": "Deny", "Action": "iam:*"}, [{"Action": "s3:*"}], []),
        # Variables are some text.
        (
            {"Action": "s3:GetObject", "Resource": f"{S3}/${{aws:username}}/a"},
            [{"Action": "s3:*", "Resource": f"{S3}/*"}],
            [],
        ),
    ],
)
def test_what_a_boundary_leaves_of_a_grant(
    grant: dict[str, Any], ceiling: list[dict[str, Any]], expected: list[tuple[bool, tuple[str, ...], str]]
) -> None:
    """A grant within the boundary is no cap; of one beside it nothing is left; of a wider one, something."""
    assert caps(grant, *ceiling) == expected


VIA: Final = {"Action": "kms:*", "Condition": {"StringLike": {"kms:ViaService": ["s3.*.amazonaws.com"]}}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, []),
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, []),
        ({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}, []),
        ({"StringEquals": {"kms:ViaService": ["sqs.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"]}}, []),
        ({"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}, no_more("kms:Decrypt")),
        ({"StringNotEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}, []),
    ],
)
def test_conditions_on_what_a_grant_leaves_open_count_as_met(
    condition: dict[str, Any] | None, expected: list[tuple[bool, tuple[str, ...], str]]
) -> None:
    """A boundary's condition caps a grant whose own condition rules it out, and no other."""
    grant = {"Action": "kms:Decrypt"} if condition is None else {"Action": "kms:Decrypt", "Condition": condition}
    assert caps(grant, VIA) == expected


@pytest.mark.parametrize(
    ("boundary", "denied"), [("arn:aws:iam::1:policy/mine", False), ("arn:aws:iam::1:policy/other", True)]
)
def test_a_deny_with_a_condition_caps_where_it_surely_holds(boundary: str, denied: bool) -> None:
    """A role with this boundary may be made; with another it may not; with one left open, that is for the request."""
    ceiling: list[dict[str, Any]] = [
        {"Action": "iam:*"},
        {
            **DENY,
            "Action": "iam:CreateRole",
            "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::1:policy/mine"}},
        },
    ]
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert bool(caps({"Action": "iam:CreateRole", "Condition": condition}, *ceiling)) is denied
    assert caps({"Action": "iam:CreateRole"}, *ceiling) == []


def test_a_variable_in_the_boundary_stays_open() -> None:
    """What a policy variable reads as is not guessed: the condition counts as not met by a known value."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "shop"}}
    ceiling = {"Action": "s3:*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/owner}"}}}
    assert caps({"Action": "s3:GetObject", "Condition": condition}, ceiling) == no_more("s3:GetObject")
    assert caps({"Action": "s3:GetObject"}, ceiling) == []


ACTIONS: Final = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage")
PLACES: Final = ("arn:aws:s3:::shop/a", "arn:aws:s3:::shop/b", "arn:aws:s3:::other/a")
PATTERNS: Final = st.sampled_from(
    ["s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "s3:?etObject", "sqs:SendMessage"]
)
WHERE: Final = st.sampled_from(
    ["*", "arn:aws:s3:::shop/*", "arn:aws:s3:::shop/a", "arn:aws:s3:::*/a", "arn:aws:s3:::o*"]
)
STATEMENT: Final = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.lists(PATTERNS, min_size=1, max_size=2),
        "Resource": st.lists(WHERE, min_size=1, max_size=2),
    }
)


@given(action=PATTERNS, resource=WHERE, ceiling=st.lists(STATEMENT, min_size=1, max_size=3))
def test_it_agrees_with_the_evaluator(action: str, resource: str, ceiling: list[dict[str, Any]]) -> None:
    """Nothing reported: every request of the grant goes through. Wholly capped: none does."""
    grant, boundary = document({"Action": action, "Resource": resource}), document(*ceiling)
    found = capped_grants({"grant": grant}, boundary)
    capped = []
    for each in ACTIONS:
        for place in PLACES:
            request = Request(
                principal=IamRole("arn:aws:iam::111111111111:role/x"),
                action=each,
                resource=place,
                resource_account="111111111111",
            )
            if evaluate(request, identity=grant).allowed:
                capped.append(evaluate(request, identity=grant, boundary=boundary))
    wholly = any(each.wholly for each in found)
    if wholly:
        assert not any(decision.allowed for decision in capped)
    if not found:
        assert all(decision.allowed for decision in capped)


GLOB: Final = st.text(alphabet="ab*?", max_size=5)
TEXTS: Final = ["".join(letters) for length in range(10) for letters in product("ab", repeat=length)]


@given(one=GLOB, other=GLOB)
def test_two_patterns_overlap_when_a_text_matches_both(one: str, other: str) -> None:
    """The answer is that of trying every text: what patterns of five characters both match, nine letters show."""
    first, second = compile_glob(one), compile_glob(other)
    assert overlap(one, other) is any(first.matches(text) and second.matches(text) for text in TEXTS)
