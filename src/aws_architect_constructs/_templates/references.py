"""What a CloudFormation template refers to: every Ref, GetAtt, Sub, DependsOn, condition and mapping, with its place.

The one reading of references that the rest of the kit shares: the check of a template, and what a replaced resource
takes with it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

PSEUDO_PARAMETERS: Final = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)
"""Names that every template may refer to
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html)."""

# `${Name}`, `${Name.Attribute}`; a literal `${!Name}` is no variable.
_SUB_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")

_CONDITION_FUNCTIONS: Final = frozenset({"Fn::And", "Fn::Or", "Fn::Not"})


class ReferenceKind(StrEnum):
    """By what a template refers to something."""

    REF = "Ref"
    GET_ATT = "Fn::GetAtt"
    SUB = "Fn::Sub"
    DEPENDS_ON = "DependsOn"
    CONDITION = "Condition"
    FIND_IN_MAP = "Fn::FindInMap"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One reference.

    Attributes:
        place: Where it stands, such as `Resources.Web.Properties.SubnetId`.
        kind: By what it refers.
        target: The logical id, condition or mapping that it names.
        attribute: The attribute asked for, with GetAtt and `${Name.Attribute}`; else None.
    """

    place: str
    kind: ReferenceKind
    target: str
    attribute: str | None = None


def sub_variables(text: str) -> Iterator[tuple[str, str | None]]:
    """The names in a Fn::Sub text, each with the attribute it asks for.

    >>> list(sub_variables("${Bucket.Arn}/${!literal}/${AWS::Region}"))
    [('Bucket', 'Arn'), ('AWS::Region', None)]
    """
    for variable in _SUB_VARIABLE.findall(text):
        name, _, attribute = variable.strip().partition(".")
        yield name, attribute or None


def get_att_parts(argument: object) -> tuple[str, str] | None:
    """Logical id and attribute of a Fn::GetAtt argument, list or dotted text; None if its logical id is computed."""
    if isinstance(argument, str):
        name, _, attribute = argument.partition(".")
        return name, attribute
    if isinstance(argument, list) and argument and isinstance(argument[0], str):
        return argument[0], ".".join(part if isinstance(part, str) else "*" for part in argument[1:])
    return None


def references(value: object, *, place: str = "") -> Iterator[Reference]:
    """Every reference inside a value, in the value's order.

    Conditions are those that Fn::If names. What an element of a template adds (a resource's DependsOn and Condition)
    is found by `template_references`.
    """
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((name, argument),) = value.items()
            yield from _intrinsic(name, argument, place)
        for key, item in value.items():
            yield from references(item, place=f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, place=f"{place}[{index}]")


def _intrinsic(name: str, argument: object, place: str) -> Iterator[Reference]:
    """The references that one intrinsic function makes by itself, without those inside its arguments."""
    if name == "Ref" and isinstance(argument, str):
        yield Reference(place=place, kind=ReferenceKind.REF, target=argument)
    elif name == "Fn::GetAtt" and (parts := get_att_parts(argument)):
        yield Reference(place=place, kind=ReferenceKind.GET_ATT, target=parts[0], attribute=parts[1])
    elif name == "Fn::Sub":
        yield from _sub(argument, place)
    elif name in {"Fn::If", "Fn::FindInMap"} and isinstance(argument, list) and argument:
        kind = ReferenceKind.CONDITION if name == "Fn::If" else ReferenceKind.FIND_IN_MAP
        if isinstance(argument[0], str):
            yield Reference(place=place, kind=kind, target=argument[0])


def _sub(argument: object, place: str) -> Iterator[Reference]:
    text, own = argument, frozenset[str]()
    if isinstance(argument, list) and argument:
        text = argument[0]
        own = frozenset(argument[1]) if len(argument) > 1 and isinstance(argument[1], Mapping) else own
    if isinstance(text, str):
        for name, attribute in sub_variables(text):
            # A variable of the function's own map may hold a dot, so the whole is looked up.
            if name not in own and f"{name}.{attribute}" not in own:
                yield Reference(place=place, kind=ReferenceKind.SUB, target=name, attribute=attribute)


def _element(element: Mapping[str, Any], place: str) -> Iterator[Reference]:
    """The references of a resource or an output."""
    depends_on = element.get("DependsOn", [])
    for name in [depends_on] if isinstance(depends_on, str) else depends_on:
        yield Reference(place=f"{place}.DependsOn", kind=ReferenceKind.DEPENDS_ON, target=name)
    if isinstance(condition := element.get("Condition"), str):
        yield Reference(place=f"{place}.Condition", kind=ReferenceKind.CONDITION, target=condition)
    yield from references(element, place=place)


def condition_references(value: object, place: str = "") -> Iterator[Reference]:
    """The references of a condition's body; `{"Condition": name}` is a reference in conditions only."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Condition" and isinstance(argument, str):
            yield Reference(place=place, kind=ReferenceKind.CONDITION, target=argument)
        elif name in _CONDITION_FUNCTIONS and isinstance(argument, list):
            for index, item in enumerate(argument):
                yield from condition_references(item, f"{place}.{name}[{index}]")
        else:
            yield from references(value, place=place)


def template_references(template: Mapping[str, Any]) -> Iterator[Reference]:
    """Every reference of a template's conditions, resources and outputs, in the template's order."""
    for name, condition in template.get("Conditions", {}).items():
        yield from condition_references(condition, f"Conditions.{name}")
    for section in ("Resources", "Outputs"):
        for name, element in template.get(section, {}).items():
            yield from _element(element, f"{section}.{name}")


def missing_references(template: Mapping[str, Any]) -> list[str]:
    """One sentence for every reference to something that the template does not have.

    A template whose Transform makes resources of its own (anything but AWS::LanguageExtensions), or that uses
    Fn::ForEach, has names that only CloudFormation knows: nothing is reported for it.
    """
    if not _has_all_its_names(template):
        return []
    resources, parameters = set(template.get("Resources", {})), set(template.get("Parameters", {}))
    values = resources | parameters | PSEUDO_PARAMETERS
    known: dict[ReferenceKind, tuple[set[str], str]] = {
        ReferenceKind.REF: (values, "resource or parameter"),
        ReferenceKind.SUB: (values, "resource or parameter"),
        ReferenceKind.GET_ATT: (resources, "resource"),
        ReferenceKind.DEPENDS_ON: (resources, "resource"),
        ReferenceKind.CONDITION: (set(template.get("Conditions", {})), "condition"),
        ReferenceKind.FIND_IN_MAP: (set(template.get("Mappings", {})), "mapping"),
    }
    missing = []
    for reference in template_references(template):
        names, what = known[reference.kind]
        if reference.kind is ReferenceKind.SUB and reference.attribute is not None:
            names, what = resources, "resource"
        if reference.target not in names:
            close = get_close_matches(reference.target, sorted(names), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            missing.append(
                f"{reference.place}: {reference.kind} names {reference.target!r}, and no {what} has that name{hint}"
            )
    return missing


def _has_all_its_names(template: Mapping[str, Any]) -> bool:
    transform = template.get("Transform", [])
    names = [transform] if isinstance(transform, str | Mapping) else transform
    sections = (template.get(section, {}) for section in ("Conditions", "Resources", "Outputs"))
    return all(name == "AWS::LanguageExtensions" for name in names) and not any(
        name.startswith("Fn::") for section in sections for name in section
    )


def circular_references(template: Mapping[str, Any]) -> Sequence[str]:
    """The first circle of resources, or of conditions, that refer to one another; its first name stands last too.

    >>> bucket = {"Type": "AWS::S3::Bucket", "DependsOn": "B"}
    >>> circular_references({"Resources": {"A": bucket, "B": {"Type": "AWS::SQS::Queue", "DependsOn": "A"}}})
    ['A', 'B', 'A']
    """
    resources = template.get("Resources", {})
    conditions = template.get("Conditions", {})
    return _circle(
        {
            name: [reference.target for reference in _element(element, "") if _is_dependency(reference)]
            for name, element in resources.items()
        }
    ) or _circle(
        {name: [reference.target for reference in condition_references(body)] for name, body in conditions.items()}
    )


def _is_dependency(reference: Reference) -> bool:
    return reference.kind not in {ReferenceKind.CONDITION, ReferenceKind.FIND_IN_MAP}


def _circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """The first circle of a graph, by a depth-first walk that needs no recursion."""
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(graph[start]))] if start not in done else []
        while stack:
            name, targets = stack[-1]
            if name not in on_path:
                path.append(name)
                on_path.add(name)
            target = next(targets, None)
            if target is None:
                stack.pop()
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif target in on_path:
                return [*path[path.index(target) :], target]
            elif target in graph and target not in done:
                stack.append((target, iter(graph[target])))
    return []
