"""What a caller may allow by a boundary, and the patterns that it excepts from the denials: read and checked.

Pure Python: statements are in JSON form.
"""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from .boundary_denials import ASSUMPTION, BOUNDARY_REMOVAL, COMPUTE_TAKEOVER, IDENTITY_CENTER, IDENTITY_CHANGES

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+")
_ROLE_ARN: Final = re.compile(r"arn:[^:*?]+:iam::[^:*?]+:role/[\w+=,.@/-]+[\w+=,.@/*?-]*", re.ASCII)
_ARN_PARTS: Final = 6
_TOKEN: Final = "${Token["  # noqa: S105 -- how CDK writes a value that is known when it deploys; no secret
PATH: Final = re.compile(r"/(?:[\w+=,.@-]+/)+", re.ASCII)
PREFIX: Final = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
POLICY_NAME: Final = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)

Statement = Mapping[str, object]


def allowed_actions(statements: Sequence[Statement]) -> list[str]:
    """The actions that statements allow.

    Raises:
        ValueError: If there is no statement, or one is no Allow of named services.
    """
    found: list[str] = []
    for statement in statements:
        if statement.get("Effect") != "Allow" or "Principal" in statement or "NotPrincipal" in statement:
            raise ValueError(
                f"allow: a statement of a boundary allows, and is about whom it is put on, got {dict(statement)!r}; "
                "allowed: iam.PolicyStatement with actions and resources"
            )
        actions = texts_of(statement.get("Action"))
        wrong = [action for action in actions if not _ACTION.fullmatch(action)]
        if not actions or wrong or not ("Resource" in statement or "NotResource" in statement):
            raise ValueError(
                f"allow: a boundary names the services that it lets through, got {wrong or dict(statement)!r}; "
                "allowed: actions such as 's3:GetObject' or 's3:*', with resources; no '*' and no NotAction"
            )
        found += actions
    if not found:
        raise ValueError("allow: nothing is let through, got []; allowed: at least one statement")
    return found


def check_denials(statements: Sequence[Statement]) -> None:
    """Check further denials.

    Raises:
        ValueError: If one is no Deny, or is about somebody in particular.
    """
    for statement in statements:
        if statement.get("Effect") != "Deny" or "Principal" in statement or "NotPrincipal" in statement:
            raise ValueError(
                f"deny: a further denial denies, and is about whom the boundary is put on, got {dict(statement)!r}; "
                "allowed: iam.PolicyStatement with effect=DENY, such as deny_unless(...) gives"
            )


def check_reachable(
    actions: Sequence[str],
    *,
    delegated: Sequence[str],
    assumable_roles: Sequence[str],
    controlled_compute: Sequence[str],
) -> None:
    """Check that no action is allowed by name that the boundary denies whatever is allowed.

    Raises:
        ValueError: If one is.
    """
    for denied, excepted, instead in (
        (IDENTITY_CHANGES, delegated, "role_path= or role_name_prefix= beside it"),
        (ASSUMPTION, assumable_roles, "assumable_roles= alone, which allows it too"),
        (COMPUTE_TAKEOVER, controlled_compute, "controlled_compute= beside it"),
        (BOUNDARY_REMOVAL, (), "nothing: no workload takes a boundary off"),
        (IDENTITY_CENTER, (), "nothing: no workload gives out permission sets"),
    ):
        for action in actions:
            if not excepted and any(fnmatchcase(action.lower(), pattern.lower()) for pattern in denied):
                raise ValueError(
                    f"allow: a boundary always denies this, so allowing it would do nothing, got {action!r}; "
                    f"allowed: {instead}"
                )


def role_arns(argument: str, patterns: Sequence[str]) -> list[str]:
    """Roles by ARN, whose names may have wildcards after a beginning.

    Raises:
        ValueError: If one leaves the account open, or names no role.
    """
    for pattern in patterns:
        if _TOKEN not in pattern and not _ROLE_ARN.fullmatch(pattern):
            raise ValueError(
                f"{argument}: no role is named, got {pattern!r}; allowed: ARNs such as "
                "'arn:aws:iam::111111111111:role/reader' or '...:role/reader-*', with the account"
            )
    return sorted(set(patterns))


def compute_arns(argument: str, patterns: Sequence[str]) -> list[str]:
    """Functions, instances, builds and other compute by ARN pattern.

    Raises:
        ValueError: If one leaves service or resource open.
    """
    for pattern in patterns:
        parts = pattern.split(":", _ARN_PARTS - 1)
        named = len(parts) == _ARN_PARTS and parts[0] == "arn" and "*" not in parts[2] and parts[5].strip("*?/")
        if _TOKEN not in pattern and not named:
            raise ValueError(
                f"{argument}: no compute is named, got {pattern!r}; allowed: ARNs such as "
                "'arn:aws:lambda:eu-west-1:111111111111:function:shop-*'"
            )
    return sorted(set(patterns))


def texts_of(value: object) -> list[str]:
    """One text or several, as a list."""
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
