"""Whether the parameters, mappings and conditions that values are made from differ between two templates."""

from collections.abc import Mapping
from typing import Any

from aws_architect_constructs._templates.references import Reference, ReferenceKind, condition_references

_Template = Mapping[str, Any]


def changed_input(before: _Template, after: _Template, reference: Reference) -> str | None:
    """Why what a reference names gives another value, if so; of parameters, mappings and conditions only."""
    name = reference.target
    if reference.kind is ReferenceKind.CONDITION:
        return changed_condition(before, after, name)
    if reference.kind is ReferenceKind.FIND_IN_MAP:
        return (
            f"mapping {name} changed" if _entry(before, "Mappings", name) != _entry(after, "Mappings", name) else None
        )
    # What a parameter allows and how it is described changes no value.
    was, will = (
        parameter and (parameter.get("Type"), parameter.get("Default"))
        for parameter in (_entry(before, "Parameters", name), _entry(after, "Parameters", name))
    )
    return f"parameter {name} changed" if was != will else None


def changed_condition(
    before: _Template, after: _Template, name: str, *, above: frozenset[str] = frozenset()
) -> str | None:
    """Why a condition may hold where it did not, or not where it did, if so: it changed, or what it names did."""
    body = _entry(after, "Conditions", name)
    if _entry(before, "Conditions", name) != body:
        return f"condition {name} changed"
    above |= {name}
    reasons = (
        changed_condition(before, after, reference.target, above=above)
        if reference.kind is ReferenceKind.CONDITION
        else changed_input(before, after, reference)
        for reference in condition_references(body)
        # Conditions in a circle are no template, but no reason never to come back either.
        if reference.kind is not ReferenceKind.CONDITION or reference.target not in above
    )
    return next((reason for reason in reasons if reason), None)


def _entry(template: _Template, section: str, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    return template.get(section, {}).get(name)
