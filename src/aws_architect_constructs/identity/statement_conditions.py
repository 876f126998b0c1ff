"""Named conditions on CDK's policy statements: identity policies, resource policies, boundaries and trust alike."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import cast

from aws_cdk import aws_iam as iam

from .conditions import Condition, Denial, Requirement


def add_condition(statement: iam.PolicyStatement, condition: Condition) -> iam.PolicyStatement:
    """Add a condition block to a statement, beside the conditions that it has.

    CDK's own `add_condition` would replace what the statement compares the same key with; here that is an error.

    Raises:
        ValueError: If the statement has a condition that clashes with it.
    """
    present = cast("Mapping[str, Mapping[str, str | Sequence[str]]]", statement.conditions or {})
    (Condition.of(present) & condition).to_json()
    statement.add_conditions(condition.to_json())
    return statement


def allow_when(statement: iam.PolicyStatement, requirement: Requirement) -> iam.PolicyStatement:
    """Let an Allow hold only where the requirement is met.

    Raises:
        ValueError: If the statement is a Deny, which would then spare everybody else; or if it has a condition that
            clashes.
    """
    if statement.effect is not iam.Effect.ALLOW:
        raise ValueError(
            f"statement {statement.sid}: a Deny with the condition of an Allow spares whoever does not meet it, got "
            f"{statement.effect.value}; allowed: an Allow, or deny_unless(...)"
        )
    return add_condition(statement, requirement.allow)


def deny_unless(
    requirement: Requirement,
    *,
    actions: Sequence[str] | None = None,
    resources: Sequence[str] = ("*",),
    principals: Sequence[iam.IPrincipal] | None = None,
) -> list[iam.PolicyStatement]:
    """The Denies for where the requirement is not met: one statement for each part of it, named after it.

    Args:
        requirement: What a request must bring.
        actions: What is denied. Default everything, save what the requirement excepts (the global services for
            `requested_regions`).
        resources: On what. Default `*`: a Deny should leave no gap.
        principals: Whom, in a resource policy: usually `[iam.StarPrincipal()]`, as CDK's `AnyPrincipal` is not
            documented to mean AWS services too. Default none, for policies that are attached to whom they concern.

    Raises:
        ValueError: If `actions` names what the requirement excepts.
    """
    return [
        iam.PolicyStatement(
            sid=f"Deny{denial.name}",
            effect=iam.Effect.DENY,
            actions=_actions(denial, actions),
            not_actions=list(denial.not_actions) if actions is None and denial.not_actions else None,
            resources=list(resources),
            principals=None if principals is None else list(principals),
            conditions=denial.condition.to_json(),
        )
        for denial in requirement.denials
    ]


def _actions(denial: Denial, actions: Sequence[str] | None) -> list[str] | None:
    if actions is None:
        return None if denial.not_actions else ["*"]
    for action in actions:
        for excepted in denial.not_actions:
            one, other = action.casefold(), excepted.casefold()
            if fnmatchcase(one, other) or fnmatchcase(other, one):
                raise ValueError(
                    f"deny_unless: {denial.name} excepts {excepted}, which a Deny cannot do beside named actions, got "
                    f"{action!r}; allowed: actions of other services, or actions=None for everything else"
                )
    return list(actions)
