"""Properties that hold for every set of policies: a deny is final, and layers only ever narrow."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.policies import Decision, IamRole, Request, evaluate

Json = dict[str, Any]
OWN, OTHER = "111122223333", "444455556666"
ROLE = IamRole(f"arn:aws:iam::{OWN}:role/app", session_name="session")
LAYERS = ("identity", "resource", "boundary", "session", "service_control", "resource_control", "vpc_endpoint")

ACTIONS = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "kms:*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/key", "arn:aws:s3:::other/*"])
CONDITIONS = st.sampled_from(
    [
        {},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:PrincipalAccount": OWN}},
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
    ]
)
PRINCIPALS = st.sampled_from(
    ["*", {"AWS": OWN}, {"AWS": ROLE.arn}, {"AWS": ROLE.session_arn}, {"AWS": OTHER}, {"Service": "s3.amazonaws.com"}]
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Allow", "Deny"]), "Action": ACTIONS, "Resource": RESOURCES,
     "Condition": CONDITIONS},
)  # fmt: skip
WITH_PRINCIPAL = st.builds(lambda statement, principal: {**statement, "Principal": principal}, STATEMENTS, PRINCIPALS)
FOR_EVERYBODY = STATEMENTS.map(lambda statement: {**statement, "Principal": "*"})


def documents(statements: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return documents of a few statements."""
    listed = st.lists(statements, min_size=1, max_size=3)
    return listed.map(lambda found: {"Version": "2012-10-17", "Statement": found})


def levels(statements: st.SearchStrategy[Json]) -> st.SearchStrategy[list[list[Json]]]:
    """Return policies along a path of an organization."""
    return st.lists(st.lists(documents(statements), max_size=2), max_size=3)


WORLDS = st.fixed_dictionaries(
    {
        "identity": st.lists(documents(STATEMENTS), max_size=2),
        "resource": st.none() | documents(WITH_PRINCIPAL),
        "boundary": st.none() | documents(STATEMENTS),
        "session": st.none() | st.lists(documents(STATEMENTS), max_size=2),
        "service_control": levels(STATEMENTS),
        "resource_control": levels(FOR_EVERYBODY),
        "vpc_endpoint": st.none() | documents(FOR_EVERYBODY),
    }
)
OWNERS = st.sampled_from([OWN, OTHER])


def decide(world: Json, owner: str) -> Decision:
    """Decide one request in a world of policies."""
    request = Request(principal=ROLE, action="s3:GetObject", resource="arn:aws:s3:::b/key", resource_account=owner)
    return evaluate(request, **world)


def with_statement(world: Json, layer: str, statement: Json) -> Json:
    """Return the world with one more statement, in a document of its own or in the layer's only document."""
    added = {"Version": "2012-10-17", "Statement": [statement]}
    before = world[layer]
    if layer in ("service_control", "resource_control"):
        after: object = [[*before[0], added], *before[1:]] if before else [[added]]
    elif layer in ("identity", "session"):
        after = [*(before or []), added]
    else:
        after = {**added, "Statement": [*(before["Statement"] if before else []), statement]}
    return {**world, layer: after}


def statement(effect: str, layer: str) -> Json:
    """Return a statement about everything, as the layer's grammar wants it."""
    principal = {"Principal": "*"} if layer in ("resource", "resource_control", "vpc_endpoint") else {}
    return {"Effect": effect, "Action": "*", "Resource": "*", **principal}


@given(WORLDS, OWNERS, st.sampled_from(LAYERS))
def test_a_deny_overrides_everything(world: Json, owner: str, layer: str) -> None:
    """With a Deny that applies in any layer, the request is explicitly denied whatever else there is."""
    assert decide(with_statement(world, layer, statement("Deny", layer)), owner).explicit_deny


@given(WORLDS, OWNERS, st.sampled_from(LAYERS), STATEMENTS)
def test_adding_a_deny_never_allows(world: Json, owner: str, layer: str, more: Json) -> None:
    """A further Deny, whether it applies or not, never turns a denial into an allowance."""
    added = {**more, "Effect": "Deny"} | ({"Principal": "*"} if "Principal" in statement("Deny", layer) else {})
    if not decide(world, owner).allowed:
        assert not decide(with_statement(world, layer, added), owner).allowed


@given(WORLDS, OWNERS, st.sampled_from(LAYERS))
def test_adding_an_allow_never_lifts_an_explicit_deny(world: Json, owner: str, layer: str) -> None:
    """An explicit deny stays one, whatever any layer allows in addition."""
    if decide(world, owner).explicit_deny:
        assert decide(with_statement(world, layer, statement("Allow", layer)), owner).explicit_deny


@given(WORLDS, OWNERS, st.sampled_from(["identity", "resource"]))
def test_adding_an_allow_never_denies(world: Json, owner: str, layer: str) -> None:
    """A further Allow where permissions are granted never takes one away."""
    if decide(world, owner).allowed:
        assert decide(with_statement(world, layer, statement("Allow", layer)), owner).allowed


@given(WORLDS, OWNERS, st.sampled_from(["boundary", "session", "service_control", "resource_control", "vpc_endpoint"]))
def test_limits_grant_nothing(world: Json, owner: str, layer: str) -> None:
    """What is denied without a limiting layer is denied with it."""
    nothing: object = [] if layer in ("service_control", "resource_control") else None
    if not decide({**world, layer: nothing}, owner).allowed:
        assert not decide(world, owner).allowed


@given(WORLDS, OWNERS)
def test_an_allowance_names_an_allow(world: Json, owner: str) -> None:
    """Whoever is allowed is allowed by an Allow statement that the decision names."""
    decision = decide(world, owner)
    if decision.allowed:
        assert decision.statement is not None
        assert decision.statement.effect == "Allow"
    else:
        assert decision.statement is None or decision.statement.effect == "Deny"
