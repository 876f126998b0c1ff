"""Which resources a change of template would replace or delete, by CloudFormation's own create-only properties.

>>> vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
>>> moved = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}
>>> for replacement in replacements({"Resources": {"Vpc": vpc}}, {"Resources": {"Vpc": moved}}):
...     print(replacement)
Vpc (AWS::EC2::VPC) is replaced
    CidrBlock: "10.0.0.0/16" -> "10.1.0.0/16"

What a template alone does not tell is said, not guessed: see `ReplacementKind`. Needs
`aws-architect-constructs[testing]`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from aws_architect_constructs._templates.references import (
    Reference,
    ReferenceKind,
    references,
)
from aws_architect_constructs.testing._changed_inputs import changed_condition, changed_input
from aws_architect_constructs.testing._create_only import Place, create_only, place
from aws_architect_constructs.testing.stateful_types import STATEFUL_TYPES
from aws_architect_constructs.testing.templates import TemplateSource, load_template

__all__ = [
    "STATEFUL_TYPES",
    "PropertyChange",
    "Replacement",
    "ReplacementKind",
    "assert_no_replacement",
    "replacements",
]


class ReplacementKind(StrEnum):
    """What happens to a resource."""

    TYPE_CHANGED = "has another type"
    """The logical id names a resource of another type, which CloudFormation refuses in an update."""
    DELETED = "is deleted"
    """The logical id is gone; what becomes of the resource is its DeletionPolicy."""
    REPLACED = "is replaced"
    """A create-only property has another value; what becomes of the old resource is its UpdateReplacePolicy."""
    MAY_BE_REPLACED = "may be replaced"
    """A property has another value that replaces the resource in some cases, or the value is one that only
    CloudFormation knows: an intrinsic function or a list on the way to the property, a parameter's new default, a
    condition or mapping that changed, an attribute of something that may itself be replaced."""
    UNDECIDED = "is undecided"
    """The resource changed, and nobody knows what that does: its type has no schema, its handler decides (a custom
    resource), or it stands under another condition."""


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """Why a resource is replaced: a property.

    Attributes:
        path: The property, such as `Encryption.KmsKeyId`; empty for the resource as a whole.
        before: Its value before, scalars as text; None if it was not there.
        after: Its value after.
        because: Why its value is another one although it is written alike: such as `Vpc is replaced`.
    """

    path: str
    before: Any
    after: Any
    because: str | None = None

    def __str__(self) -> str:
        """The property with its values."""
        if self.because is not None:
            return f"{self.path}: {_shown(self.after)}, and {self.because}" if self.path else self.because
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A resource that a change replaces or deletes.

    Attributes:
        logical_id: Its logical id.
        type: Its type before.
        kind: What happens to it.
        changes: Why, by property.
        policy: Its DeletionPolicy if it is deleted, its UpdateReplacePolicy if it is or may be replaced; None if it has
            none, which leaves it to CloudFormation's default (Delete, for most types).
    """

    logical_id: str
    type: str
    kind: ReplacementKind
    changes: tuple[PropertyChange, ...] = ()
    policy: str | None = None

    @property
    def is_stateful(self) -> bool:
        """Whether the resource is of one of `STATEFUL_TYPES`."""
        return self.type in STATEFUL_TYPES

    def __str__(self) -> str:
        """A line for the resource and one for each change."""
        attribute = "DeletionPolicy" if self.kind is ReplacementKind.DELETED else "UpdateReplacePolicy"
        policy = f" ({attribute}: {self.policy})" if self.policy else ""
        return "\n    ".join([f"{self.logical_id} ({self.type}) {self.kind}{policy}", *map(str, self.changes)])


def assert_no_replacement(
    before: TemplateSource,
    after: TemplateSource,
    *,
    types: Collection[str] | None = None,
    kinds: Collection[ReplacementKind] = tuple(ReplacementKind),
    region: str = "us-east-1",
) -> None:
    """Fail if a change of template would replace or delete a resource.

    Args:
        before: The template that is deployed; anything that `load_template` reads.
        after: The template that would be.
        types: The resource types to look at, such as `STATEFUL_TYPES`; None means all.
        kinds: What to fail on; everything by default, what may happen and what is undecided included.
        region: The Region whose resource schemas count.

    Raises:
        AssertionError: If there is such a resource; the message shows each with the properties that change.
        TemplateError: If one of the two is no template.
        ImportError: If cfn-lint is not installed.
    """
    found = [
        replacement
        for replacement in replacements(before, after, region=region)
        if (types is None or replacement.type in types) and replacement.kind in kinds
    ]
    if found:
        lines = "\n".join(f"  {line}" for replacement in found for line in str(replacement).splitlines())
        raise AssertionError(f"the change replaces or deletes what it must not, {len(found)} in all:\n{lines}")


def replacements(before: TemplateSource, after: TemplateSource, *, region: str = "us-east-1") -> list[Replacement]:
    """The resources that a change of template would replace or delete, stateful types first, then by kind and name.

    A create-only property that is added or removed has changed. What is written alike has changed too if it refers to
    a resource that is itself replaced. Values are compared as they are written, scalars as text and AWS::NoValue as
    nothing: an intrinsic function that gives way to the value it would have had counts as a change.

    Not seen: a replacement within a nested stack (compare its own templates), and values that only a deployment
    knows, such as a parameter's given value.

    Args:
        before: The template that is deployed; anything that `load_template` reads.
        after: The template that would be.
        region: The Region whose resource schemas count.

    Raises:
        TemplateError: If one of the two is no template.
        ImportError: If cfn-lint is not installed.
    """
    comparison = _Comparison(
        load_template(before, references=False), load_template(after, references=False), region=region
    )
    order = list(ReplacementKind)
    return sorted(
        comparison.found(), key=lambda found: (not found.is_stateful, order.index(found.kind), found.logical_id)
    )


class _Comparison:
    """Two templates, and what is known of each resource so far."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any], *, region: str) -> None:
        self.before, self.after, self.region = before, after, region
        self.known: dict[str, Replacement] = {}
        self.values: dict[str, list[_Value]] = {}

    def found(self) -> list[Replacement]:
        """Every resource that is replaced or deleted."""
        for logical_id in self.before.get("Resources", {}):
            if verdict := self._own(logical_id):
                self.known[logical_id] = verdict
        dependents: defaultdict[str, list[str]] = defaultdict(list)
        for logical_id, resource in self.after.get("Resources", {}).items():
            if logical_id in self.before.get("Resources", {}):
                self.values[logical_id] = self._create_only_values(resource)
                for value in self.values[logical_id]:
                    for reference in value.references:
                        dependents[reference.target].append(logical_id)
        # A replaced resource may take others with it, and these may take others: until nothing is new.
        waiting = dict.fromkeys(self.values)
        while waiting:
            logical_id, _ = waiting.popitem()
            if self._take_along(logical_id):
                waiting |= dict.fromkeys(dependents[logical_id])
        return list(self.known.values())

    def _own(self, logical_id: str) -> Replacement | None:
        """What happens to a resource by its own change."""
        old, new = self.before["Resources"][logical_id], self.after.get("Resources", {}).get(logical_id)
        verdict = Replacement(logical_id=logical_id, type=old["Type"], kind=ReplacementKind.DELETED)
        if new is None:
            return replace(verdict, policy=old.get("DeletionPolicy"))
        if new["Type"] != old["Type"]:
            change = PropertyChange(path="Type", before=old["Type"], after=new["Type"])
            return replace(verdict, kind=ReplacementKind.TYPE_CHANGED, changes=(change,))
        reasons = _Reasons()
        for path, replaces in self._create_only(old["Type"]):
            was, will = place(old.get("Properties", {}), path), place(new.get("Properties", {}), path)
            if was.value != will.value:
                change = PropertyChange(path=max(was.path, will.path, key=len), before=was.value, after=will.value)
                reasons.add(change, is_sure=replaces and was.exact and will.exact)
        if reasons:
            return self._replaced(verdict, reasons)
        if undecided := self._undecided(old, new):
            return replace(verdict, kind=ReplacementKind.UNDECIDED, changes=(_whole(undecided),))
        return None

    def _take_along(self, logical_id: str) -> bool:
        """Replace a resource whose create-only properties refer to what changes; whether that is news."""
        known = self.known.get(logical_id)
        if known and known.kind not in {ReplacementKind.MAY_BE_REPLACED, ReplacementKind.UNDECIDED}:
            return False
        reasons = _Reasons()
        for value in self.values[logical_id]:
            here = value.place
            for because, is_sure in self._moved(value.references):
                change = PropertyChange(path=here.path, before=here.value, after=here.value, because=because)
                reasons.add(change, is_sure=value.replaces and is_sure and here.exact)
        if not reasons or (known and known.kind is ReplacementKind.MAY_BE_REPLACED and not reasons.sure):
            return False
        resource_type = self.after["Resources"][logical_id]["Type"]
        verdict = known or Replacement(logical_id=logical_id, type=resource_type, kind=ReplacementKind.REPLACED)
        reasons.unsure = [change for change in verdict.changes if change.because is None] + reasons.unsure
        self.known[logical_id] = self._replaced(verdict, reasons)
        return True

    def _replaced(self, verdict: Replacement, reasons: "_Reasons") -> Replacement:
        return replace(
            verdict,
            kind=ReplacementKind.REPLACED if reasons.sure else ReplacementKind.MAY_BE_REPLACED,
            # Several paths of a schema may end at one place.
            changes=tuple({str(change): change for change in (*reasons.sure, *reasons.unsure)}.values()),
            # CloudFormation follows the policy of the template that it is updating to.
            policy=self.after["Resources"][verdict.logical_id].get("UpdateReplacePolicy"),
        )

    def _create_only(self, resource_type: str) -> list[tuple[tuple[str, ...], bool]]:
        """A type's create-only properties, each with whether its change is sure to replace."""
        paths = create_only(resource_type, self.region)
        if paths is None:
            return []
        return [(path, True) for path in paths.always] + [(path, False) for path in paths.sometimes]

    def _undecided(self, old: dict[str, Any], new: dict[str, Any]) -> str | None:
        """Why nobody knows what a resource's change does, if so."""
        was, will = old.get("Condition"), new.get("Condition")
        if was != will:
            return f"its Condition changed from {_shown(was)} to {_shown(will)}"
        if will and (reason := changed_condition(self.before, self.after, will)):
            return reason
        if old.get("Properties", {}) != new.get("Properties", {}):
            if create_only(old["Type"], self.region) is None:
                return f"no schema is known for {old['Type']} in {self.region}"
            if old["Type"].startswith("Custom::") or old["Type"] == "AWS::CloudFormation::CustomResource":
                return "its handler decides"
        return None

    def _create_only_values(self, resource: dict[str, Any]) -> "list[_Value]":
        """The values of a resource's create-only properties that refer to something."""
        values = []
        for path, replaces in self._create_only(resource["Type"]):
            will = place(resource.get("Properties", {}), path)
            if found := list(references(will.value)):
                values.append(_Value(place=will, replaces=replaces, references=found))
        return values

    def _moved(self, value_references: Iterable[Reference]) -> list[tuple[str, bool]]:
        """Why a value is another one although it is written alike, each with whether that is sure."""
        reasons: list[tuple[str, bool]] = []
        for reference in value_references:
            known = self.known.get(reference.target) if reference.kind in _OF_A_RESOURCE else None
            if known:
                reasons.append((f"{reference.target} {known.kind}", known.kind in _SURE))
            elif reason := changed_input(self.before, self.after, reference):
                reasons.append((reason, False))
        return reasons


_OF_A_RESOURCE: Final = frozenset({ReferenceKind.REF, ReferenceKind.GET_ATT, ReferenceKind.SUB})

# What certainly has another Ref and other attributes afterwards. What is deleted nobody can refer to.
_SURE: Final = frozenset({ReplacementKind.REPLACED, ReplacementKind.TYPE_CHANGED})


@dataclass(frozen=True, kw_only=True)
class _Value:
    """What a create-only property has after the change, and whether its change is sure to replace."""

    place: Place
    replaces: bool
    references: list[Reference]


@dataclass
class _Reasons:
    """Why a resource is replaced, and why it may be."""

    sure: list[PropertyChange] = field(default_factory=list)
    unsure: list[PropertyChange] = field(default_factory=list)

    def add(self, change: PropertyChange, *, is_sure: bool) -> None:
        (self.sure if is_sure else self.unsure).append(change)

    def __bool__(self) -> bool:
        return bool(self.sure or self.unsure)


def _whole(because: str) -> PropertyChange:
    return PropertyChange(path="", before=None, after=None, because=because)


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value)
