"""What is granted more widely than by name: wildcards told apart, and principals beyond the account."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aws_architect_constructs._policies.collect import CollectedPolicy, statements_of
from aws_architect_constructs._templates.intrinsics import Reference, Unknown

__all__ = ["WideGrant", "WideGrantKind", "wide_grants"]

_ARN_ACCOUNT = re.compile(r"^(?:arn:[^:]*:[^:]*:[^:]*:)?(?P<account>\d{12})(?::|$)")


class WideGrantKind(StrEnum):
    """How a grant is wide."""

    EVERY_RESOURCE = "every resource"
    """``"Resource": "*"``."""
    EVERY_ACTION = "every action"
    """``"Action": "*"``."""
    EVERY_ACTION_OF_SERVICE = "every action of a service"
    """``"Action": "s3:*"``."""
    PARTIAL_ACTION = "partial action wildcard"
    """``"Action": "s3:Get*"``."""
    ALL_BUT_ACTIONS = "all actions but some"
    """``NotAction``."""
    ALL_BUT_RESOURCES = "all resources but some"
    """``NotResource``."""
    PUBLIC_PRINCIPAL = "public principal"
    """``"Principal": "*"`` in any spelling."""
    ALL_BUT_PRINCIPALS = "all principals but some"
    """``NotPrincipal``."""
    CROSS_ACCOUNT_PRINCIPAL = "cross-account principal"
    """An account, role or user of another account."""
    UNKNOWN_PRINCIPAL = "principal that the template does not tell"
    """An import or a parameter: its account cannot be told."""


@dataclass(frozen=True)
class WideGrant:
    """One wide grant.

    Attributes:
        kind: How it is wide.
        policy: The document.
        statement: The statement's index in it.
        sid: The statement's Sid, or None.
        value: What is wide, as written.
        has_conditions: Whether the statement has conditions, which may narrow it.
    """

    kind: WideGrantKind
    policy: CollectedPolicy
    statement: int
    sid: str | None
    value: str
    has_conditions: bool

    def __str__(self) -> str:
        sid = f" ({self.sid})" if self.sid else ""
        return f"{self.policy.place}, statement {self.statement}{sid}: {self.kind}, {self.value}"


def wide_grants(policies: Iterable[CollectedPolicy], *, account: str) -> tuple[WideGrant, ...]:
    """List what Allow statements grant by wildcard, to everybody or to other accounts.

    Args:
        policies: Collected documents.
        account: The account that the templates are for; principals of others are cross-account.
    """
    return tuple(
        WideGrant(kind, policy, index, _sid(statement), value, bool(statement.get("Condition")))
        for policy in policies
        for index, statement in enumerate(statements_of(policy))
        if statement.get("Effect") == "Allow"
        for kind, value in _wide(statement, account)
    )


def _sid(statement: Mapping[str, object]) -> str | None:
    sid = statement.get("Sid")
    return None if sid is None else str(sid)


def _wide(statement: Mapping[str, object], account: str) -> Iterator[tuple[WideGrantKind, str]]:
    for resource in _listed(statement.get("Resource")):
        if resource == "*":
            yield WideGrantKind.EVERY_RESOURCE, "*"
    for action in _listed(statement.get("Action")):
        kind = _action_kind(str(action))
        if kind is not None:
            yield kind, str(action)
    for element, kind in (
        ("NotAction", WideGrantKind.ALL_BUT_ACTIONS),
        ("NotResource", WideGrantKind.ALL_BUT_RESOURCES),
        ("NotPrincipal", WideGrantKind.ALL_BUT_PRINCIPALS),
    ):
        if element in statement:
            yield kind, ", ".join(str(item) for item in _flat(statement[element]))
    for principal in _flat(statement.get("Principal")):
        principal_kind = _principal_kind(principal, account)
        if principal_kind is not None:
            yield principal_kind, str(principal)


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _flat(value: object) -> list[object]:
    values = value.values() if isinstance(value, Mapping) else [value]
    return [item for one in values for item in _listed(one)]


def _action_kind(action: str) -> WideGrantKind | None:
    if action == "*":
        return WideGrantKind.EVERY_ACTION
    operation = action.partition(":")[2]
    if operation == "*":
        return WideGrantKind.EVERY_ACTION_OF_SERVICE
    return WideGrantKind.PARTIAL_ACTION if "*" in operation or "?" in operation else None


def _principal_kind(principal: object, account: str) -> WideGrantKind | None:
    if principal == "*":
        return WideGrantKind.PUBLIC_PRINCIPAL
    if isinstance(principal, Unknown):
        return WideGrantKind.UNKNOWN_PRINCIPAL
    if isinstance(principal, Reference):
        return None  # a resource of these templates
    found = _ARN_ACCOUNT.match(str(principal))
    if found is not None:
        return None if found["account"] == account else WideGrantKind.CROSS_ACCOUNT_PRINCIPAL
    # Services and identity providers have no account; an ARN whose account is not spelled out cannot be told.
    return WideGrantKind.UNKNOWN_PRINCIPAL if str(principal).startswith("arn:") else None
