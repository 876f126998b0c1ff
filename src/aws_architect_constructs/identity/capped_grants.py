"""Which grants of a role its boundary caps: what a policy allows and the boundary does not.

Pure Python on the policy engine. A grant is a pattern, and so is what the boundary allows; whether one lies within the
other is asked of patterns rather than of one request. A condition of the boundary on what the grant leaves open counts
as met, as it narrows and does not cap: `kms:ViaService` on keys that are used through S3.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from aws_architect_constructs._policies.conditions import Condition
from aws_architect_constructs._policies.documents import Effect, PolicyDocument, Statement
from aws_architect_constructs._policies.glob import overlap
from aws_architect_constructs._policies.operators import Family
from aws_architect_constructs._policies.template_policies import MADE_UP

# What a wildcard of a grant is tried with: nothing, something, and more. No name has these letters.
_TRIES: Final = ("", "\ue001", "\ue001\ue001\ue001")
_COMPARING: Final = (Family.STRING, Family.ARN, Family.BOOLEAN)


@dataclass(frozen=True, kw_only=True)
class CappedGrant:
    """What the boundary caps of one statement: wholly, or in part.

    Attributes:
        statement: Policy, index and Sid of the statement that grants.
        wholly: Whether nothing is left of the actions, on any of the statement's resources.
        actions: The actions, as granted.
        resources: The resources that they are capped on, as granted.
        by: What caps them.
    """

    statement: str
    wholly: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    by: tuple[str, ...]

    def __str__(self) -> str:
        what = f"{', '.join(self.actions)} on {', '.join(self.resources)}".replace(MADE_UP, "...")
        return f"{self.statement}{'' if self.wholly else ', in part'}: {what} ({'; '.join(self.by)})"


def capped_grants(documents: Mapping[str, object], boundary: object) -> list[CappedGrant]:
    """The grants of a role's policies that its boundary caps, in order.

    Args:
        documents: The role's identity policies by the place where each stands.
        boundary: The boundary's document.

    Raises:
        PolicyError: If AWS would refuse a document.
    """
    ceiling = PolicyDocument.parse(boundary, name="boundary").statements
    return [
        capped
        for place, document in documents.items()
        for statement in PolicyDocument.parse(document, name=place).statements
        if statement.effect is Effect.ALLOW
        for capped in _of_statement(statement, ceiling)
    ]


def _of_statement(statement: Statement, ceiling: Sequence[Statement]) -> Iterator[CappedGrant]:
    known = _known(statement.conditions)
    # Everything but something is everything, as far as a ceiling goes.
    actions = ("*",) if statement.not_actions else statement.actions
    resources = ("*",) if statement.not_resources else statement.resources or ("*",)
    found: dict[bool, list[tuple[str, str, str]]] = {True: [], False: []}
    for action in actions:
        caps = [
            (resource, _cap(action.casefold(), _without_variables(resource), ceiling, known)) for resource in resources
        ]
        capped = [(action, resource, cap[1]) for resource, cap in caps if cap is not None]
        found[all(cap is not None and cap[0] for _, cap in caps)] += capped
    for wholly, each in found.items():
        if each:
            names, places, reasons = (tuple(dict.fromkeys(column)) for column in zip(*each, strict=True))
            yield CappedGrant(statement=statement.place, wholly=wholly, actions=names, resources=places, by=reasons)


def _cap(
    action: str, resource: str, ceiling: Sequence[Statement], known: Mapping[str, tuple[str, ...]]
) -> tuple[bool, str] | None:
    """Whether a grant is capped wholly, and by what; None if it is not."""
    requests = list(product(_tried(action, least=":"), _tried(resource)))
    denials = [each for each in ceiling if each.effect is Effect.DENY and _surely(each.conditions, known)]
    denied = _first(each for each in denials if _takes_all(action, resource, requests, each))
    if denied is not None:
        return True, f"denied by {_named(denied)}"
    allows = [each for each in ceiling if each.effect is Effect.ALLOW and _possibly(each.conditions, known)]
    if not any(_touches(action, resource, each) for each in allows):
        return True, "no statement of the boundary allows it"
    beyond = [request for request in requests if not any(_within(*request, each) for each in allows)]
    if beyond:
        return False, "the boundary allows less"
    found = _first(each for each in denials if _touches(action, resource, each))
    return None if found is None else (False, f"denied by {_named(found)}")


def _first(statements: Iterator[Statement]) -> Statement | None:
    return next(statements, None)


def _named(statement: Statement) -> str:
    return statement.sid or statement.place


def _tried(pattern: str, *, least: str = "") -> list[str]:
    """Concrete texts that a pattern stands for; where `*` alone is all, texts that are more than nothing."""
    if "*" not in pattern and "?" not in pattern:
        return [pattern]
    found = [pattern.replace("*", fill).replace("?", _TRIES[1]) for fill in _TRIES]
    return [text for text in dict.fromkeys(found) if text and not text.endswith(least or "\0")]


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern of the boundary covers a text, which may have parts that only a deployment knows."""
    return overlap(text.replace(MADE_UP, "*"), pattern.replace(MADE_UP, "*"))


def _within(action: str, resource: str, statement: Statement) -> bool:
    """Whether a statement is about a request."""
    if _covered(action, statement.actions, fold=True) is statement.not_actions:
        return False
    return _covered(resource, statement.resources or ("*",)) is not statement.not_resources


def _takes_all(action: str, resource: str, requests: Sequence[tuple[str, str]], statement: Statement) -> bool:
    """Whether a statement is about everything of a grant, and excepts nothing of it."""
    if statement.not_actions and any(overlap(action, pattern.casefold()) for pattern in statement.actions):
        return False
    if statement.not_resources and _meets(resource, statement.resources or ("*",)):
        return False
    return all(_within(*request, statement) for request in requests)


def _meets(resource: str, patterns: Sequence[str]) -> bool:
    """Whether a resource of a grant and one of a statement's have anything in common."""
    placed = resource.replace(MADE_UP, "*")
    return any(overlap(placed, _without_variables(each).replace(MADE_UP, "*")) for each in patterns)


def _touches(action: str, resource: str, statement: Statement) -> bool:
    """Whether a statement is about anything of a grant."""
    actions, resources = statement.actions, statement.resources or ("*",)
    if statement.not_actions:
        named = any(not _covered(each, actions, fold=True) for each in _tried(action, least=":"))
    else:
        named = any(overlap(action, pattern.casefold()) for pattern in actions)
    if statement.not_resources:
        return named and any(not _covered(each, resources) for each in _tried(resource))
    return named and _meets(resource, resources)


def _covered(text: str, patterns: Sequence[str], *, fold: bool = False) -> bool:
    """Whether one of a statement's patterns covers a text."""
    return any(_matches(pattern.casefold() if fold else _without_variables(pattern), text) for pattern in patterns)


def _without_variables(text: str) -> str:
    """A pattern with every policy variable as something that only a request tells."""
    while "${" in text:
        before, _, rest = text.partition("${")
        text = before + MADE_UP + rest.partition("}")[2]
    return text


class _Known:
    """What the conditions of a grant say of every request that it allows."""

    def __init__(self, key: str, value: str) -> None:
        self._key, self._value = key, value

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the one value."""
        return (self._value,) if key.casefold() == self._key else None

    def variable(self, key: str) -> str | None:  # noqa: ARG002 -- the protocol's name
        """Return nothing: variables stay open."""
        return None


def _known(conditions: Sequence[Condition]) -> dict[str, tuple[str, ...]]:
    """The values that a grant's conditions leave for each key; keys of other comparisons are open."""
    return {
        condition.key.casefold(): tuple(value.replace("*", _TRIES[1]) for value in condition.wanted)
        for condition in conditions
        if condition.operator.family in _COMPARING
        and not condition.operator.negated
        and not any("${" in value for value in condition.wanted)
    }


def _outcomes(condition: Condition, known: Mapping[str, tuple[str, ...]]) -> list[bool]:
    """Whether a condition holds, for each value that the grant leaves; none where it leaves them open."""
    key = condition.key.casefold()
    return [condition.holds(_Known(key, value), []) for value in known.get(key, ())]


def _possibly(conditions: Sequence[Condition], known: Mapping[str, tuple[str, ...]]) -> bool:
    return all(any(found) for found in (_outcomes(each, known) for each in conditions) if found)


def _surely(conditions: Sequence[Condition], known: Mapping[str, tuple[str, ...]]) -> bool:
    return all(found and all(found) for found in (_outcomes(each, known) for each in conditions))
