"""One form for every policy document that means the same.

A statement without a Sid allows, or denies, every combination of its principals, actions and resources. Two documents
are equal if they allow and deny the same combinations, however these are shared out among statements. So the canonical
form takes the statements apart into combinations and puts them together again in one fixed way, which makes no
difference between a document that was minimised and one that was not.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final

_DOCUMENT_KEYS: Final = frozenset({"Version", "Id", "Statement"})

# A statement is taken apart along these three; everything else of it stays together.
_PRINCIPAL, _ACTION, _RESOURCE = _DIMENSIONS = ("Principal", "Action", "Resource")

_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS: Final = ("Principal", "NotPrincipal")

_MERGEABLE_KEYS: Final = frozenset({"Effect", "Condition", *_LISTS, *_PRINCIPALS})

# Stands for a dimension that a statement does not have: a role's trust policy names no resource.
_ABSENT: Final = ""


def is_policy_document(value: object) -> bool:
    """Whether a value has the shape of a policy document: Version, Id, statements with an Effect and nothing else."""
    if not isinstance(value, Mapping) or not set(value) <= _DOCUMENT_KEYS:
        return False
    statements = _as_list(value.get("Statement", []))
    return any(isinstance(statement, Mapping) and "Effect" in statement for statement in statements)


def canonical_policy(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a policy document.

    >>> canonical_policy({"Statement": {"Effect": "Allow", "Action": ["s3:Put*", "s3:Get*"], "Resource": ["*"]}})
    {'Statement': [{'Effect': 'Allow', 'Action': ['s3:Get*', 's3:Put*'], 'Resource': '*'}]}
    """
    kept: list[Any] = []
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for statement in _as_list(document["Statement"]):
        if _is_mergeable(statement):
            rest = {key: value for key, value in _tidy(statement).items() if key not in _DIMENSIONS}
            present = [dimension for dimension in _DIMENSIONS if dimension in statement]
            groups[_text([rest, present])].append(statement)
        else:
            kept.append(_tidy(statement) if isinstance(statement, Mapping) else statement)
    merged = [statement for group in groups.values() for statement in _merge(group)]
    return {**document, "Statement": sorted(kept + merged, key=_text)}


def _is_mergeable(statement: object) -> bool:
    """Whether a statement is the combinations of its parts: it has no Sid, no empty list, and is no intrinsic."""
    return (
        isinstance(statement, Mapping)
        and "Effect" in statement
        and set(statement) <= _MERGEABLE_KEYS
        and all(_atoms(statement, dimension) for dimension in _DIMENSIONS)
    )


def _merge(statements: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The statements for all combinations of statements that differ in nothing but their three dimensions."""
    combinations: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for statement in statements:
        for principal, action, resource in product(*(_atoms(statement, dimension) for dimension in _DIMENSIONS)):
            combinations[principal][action].add(resource)
    # Principals that may do the same go together, and of what they may do, the actions on the same resources.
    alike: defaultdict[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for principal, resources_by_action in combinations.items():
        actions_by_resources: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for action, resources in resources_by_action.items():
            actions_by_resources[tuple(sorted(resources))].append(action)
        alike[
            tuple(sorted((tuple(sorted(actions)), resources) for resources, actions in actions_by_resources.items()))
        ].append(principal)
    rest = {key: value for key, value in _tidy(statements[0]).items() if key not in _DIMENSIONS}
    return [
        rest | principal | _element(_ACTION, actions) | _element(_RESOURCE, resources)
        for grants, principals in alike.items()
        for principal in _principal_elements(principals)
        for actions, resources in grants
    ]


def _atoms(statement: Mapping[str, Any], dimension: str) -> list[str]:
    """What a statement names in a dimension, each as JSON text; principals with their kind."""
    if dimension not in statement:
        return [_ABSENT]
    value = statement[dimension]
    if dimension == _PRINCIPAL and _is_principal_map(value):
        return [_text({kind: item}) for kind, items in value.items() for item in _as_list(items)]
    return [_text(item) for item in _as_list(value)]


def _element(dimension: str, atoms: Iterable[str]) -> dict[str, Any]:
    """A statement's element for these atoms; none if the statement has no such dimension."""
    values = [json.loads(atom) for atom in atoms if atom != _ABSENT]
    return {dimension: _folded(values)} if values else {}


def _principal_elements(atoms: list[str]) -> list[dict[str, Any]]:
    """Principals by kind fit into one element; `"*"` and an intrinsic each need a statement of their own."""
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    alone: list[dict[str, Any]] = []
    for atom in atoms:
        value = json.loads(atom) if atom != _ABSENT else None
        if isinstance(value, dict) and _is_principal_map(value):
            ((kind, item),) = value.items()
            by_kind[kind].append(item)
        else:
            alone.append({} if atom == _ABSENT else {_PRINCIPAL: value})
    together = {kind: _folded(items) for kind, items in by_kind.items()}
    return alone + ([{_PRINCIPAL: together}] if together else [])


def _tidy(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement with its lists sorted, without doubles, and a list of one folded."""
    result = dict(statement)
    for key in _LISTS:
        if isinstance(result.get(key), list):
            result[key] = _folded(result[key])
    for key in _PRINCIPALS:
        if _is_principal_map(result.get(key)):
            result[key] = {kind: _folded(_as_list(items)) for kind, items in result[key].items()}
    return result


def _is_principal_map(value: object) -> bool:
    """Whether a principal is given by kind (AWS, Service, Federated, CanonicalUser); `"*"` and intrinsics are not."""
    return isinstance(value, Mapping) and set(value) <= {"AWS", "Service", "Federated", "CanonicalUser"}


def _folded(values: list[Any]) -> Any:  # noqa: ANN401 - one value or a list of them
    unique = {_text(value): value for value in values}
    ordered = [unique[text] for text in sorted(unique)]
    return ordered[0] if len(ordered) == 1 else ordered


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - one value or a list of them
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
