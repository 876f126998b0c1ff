"""Whether a statement applies to a request: principal, action, resource, condition.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from enum import IntEnum
from functools import lru_cache

from aws_architect_constructs._policies.conditions import conditions_hold
from aws_architect_constructs._policies.documents import Effect, PrincipalElement, Statement
from aws_architect_constructs._policies.errors import UndecidedError
from aws_architect_constructs._policies.glob import Glob, compile_glob
from aws_architect_constructs._policies.principals import (
    AnonymousPrincipal,
    Principal,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    WebIdentity,
)
from aws_architect_constructs._policies.request import Request, RequestContextValues
from aws_architect_constructs._policies.variables import expand

__all__ = ["Grip", "action_matches", "applies", "resource_matches"]


class Grip(IntEnum):
    """How closely a Principal element names the requester: it decides what an Allow of the same account is worth."""

    NONE = 0
    ACCOUNT = 1
    """The account: its administrators decide by identity policies."""
    ENTITY = 2
    """The role behind a session, or the user behind a federated session: boundary and session policy still limit."""
    DIRECT = 3
    """Whoever makes the request (or everybody): no implicit deny elsewhere limits."""


@lru_cache(maxsize=8192)
def _action_glob(pattern: str) -> Glob:
    return compile_glob(pattern).casefolded()


def action_matches(pattern: str, action: str) -> bool:
    """Return whether an action pattern covers an action; neither service nor name is case-sensitive."""
    return _action_glob(pattern).matches(action.casefold())


def resource_matches(pattern: str, resource: str) -> bool:
    """Return whether a resource pattern without policy variables covers an ARN; case matters."""
    return compile_glob(pattern).matches(resource)


def applies(statement: Statement, request: Request, context: RequestContextValues, *, has_boundary: bool) -> Grip:
    """Return whether, and by which grip, a statement applies to a request.

    Args:
        statement: The statement.
        request: The request.
        context: The request's context.
        has_boundary: Whether the requester has a permissions boundary (NotPrincipal with Deny asks that).

    Raises:
        UndecidedError: When the answer hangs on a policy variable without a value.
    """
    grip = Grip.DIRECT
    if statement.principal is not None:
        grip = _principal_grip(statement, statement.principal, request.principal, has_boundary=has_boundary)
    if grip is Grip.NONE:
        return Grip.NONE
    named = any(action_matches(pattern, request.action) for pattern in statement.actions)
    if named is statement.not_actions:
        return Grip.NONE
    unresolved: list[str] = []
    if not _resource_applies(statement, request, context, unresolved):
        return Grip.NONE
    if not conditions_hold(statement.conditions, context, unresolved):
        return Grip.NONE
    if unresolved:
        # AWS documents that such a variable can make the statement invalid, and not when. So it may apply or not; where
        # it does not apply in either reading, the lines above have already answered.
        raise UndecidedError(
            f"{statement.place}: policy variable ${{{unresolved[0]}}} has no value in this request; AWS documents only "
            "that the statement might be invalid; allowed are a default (${key, 'default'}), or the key in the context"
        )
    return grip


def _resource_applies(
    statement: Statement, request: Request, context: RequestContextValues, unresolved: list[str]
) -> bool:
    if statement.resources is None:
        return True
    matched = False
    for pattern in statement.resources:
        glob: Glob | None = compile_glob(pattern)
        if statement.policy_variables and "${" in pattern:
            glob, missing = expand(pattern, context.variable, statement.place)
            unresolved.extend(missing)
        matched = matched or (glob is not None and glob.matches(request.resource))
    return matched is not statement.not_resources


def _principal_grip(statement: Statement, element: PrincipalElement, who: Principal, *, has_boundary: bool) -> Grip:
    if not element.negated:
        return max((_entry_grip(statement, kind, name, who) for kind, name in element.entries), default=Grip.NONE)
    if has_boundary:
        # Whoever has a permissions boundary is denied, whatever the element names:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        return Grip.DIRECT
    # Account, role and session must all be excepted: a service may check each of them in turn.
    named = {_canonical(name, who) for _, name in element.entries}
    excepted = bool(who.chain) and named.issuperset(who.chain)
    return Grip.NONE if excepted or ("*", "*") in element.entries else Grip.DIRECT


def _canonical(name: str, who: Principal) -> str:
    """Return an account's ARN for the short form: the number alone means the same."""
    return who.chain[0] if who.chain and name == who.account else name


def _entry_grip(statement: Statement, kind: str, name: str, who: Principal) -> Grip:
    if kind == "CanonicalUser":
        raise UndecidedError(
            f"{statement.place}: a CanonicalUser cannot be told from the request, got {name!r}; allowed is its ARN"
        )
    if name == "*":
        return Grip.DIRECT if kind == "*" or _everybody_includes(statement, kind, who) else Grip.NONE
    if kind == "Service":
        return Grip.DIRECT if isinstance(who, ServicePrincipal) and who.name == name else Grip.NONE
    if kind == "Federated":
        return Grip.DIRECT if isinstance(who, WebIdentity | SamlIdentity) and who.provider == name else Grip.NONE
    if who.account is None or _canonical(name, who) not in who.chain:
        return Grip.NONE
    position = who.chain.index(_canonical(name, who))
    if position == 0 and not isinstance(who, RootUser):
        return Grip.ACCOUNT
    # A role is never a requester itself: its session is, even when the session's name is unknown here.
    is_requester = position == len(who.chain) - 1 and ":role/" not in who.chain[position]
    return Grip.DIRECT if is_requester else Grip.ENTITY


def _everybody_includes(statement: Statement, kind: str, who: Principal) -> bool:
    if kind == "AWS":
        # AWS documents {"AWS": "*"} as equal to "*" for anonymous users only. For services and federated callers the
        # reading that grants less is taken: a Deny includes them, an Allow does not.
        is_aws = who.account is not None or isinstance(who, AnonymousPrincipal)
        return is_aws or statement.effect is Effect.DENY
    if kind == "Service":
        return isinstance(who, ServicePrincipal)
    return isinstance(who, WebIdentity | SamlIdentity)
