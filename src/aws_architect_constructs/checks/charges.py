"""What a resource is charged for, before it has a price."""

from dataclasses import dataclass
from typing import TypeAlias

from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import UNKNOWN, number


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """A charge that runs while nothing happens.

    Attributes:
        item: The price's id.
        quantity: How many of it, all month.
        note: What the quantity is made of, or what was assumed.
    """

    item: str
    quantity: float = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PerUse:
    """A charge that depends on use: named with its unit price, never guessed.

    Attributes:
        item: The price's id.
    """

    item: str


@dataclass(frozen=True, kw_only=True)
class NotKnown:
    """A charge that the template does not tell, or that the check does not know.

    Attributes:
        reason: Why not.
    """

    reason: str


Charge: TypeAlias = Fixed | PerUse | NotKnown


def largest(resource: Resource, *path: str, default: float | None = None) -> float | None:
    """The largest number that a property may be; None if one outcome is unknown, so that no sum is too small."""
    found = [default if value is None else number(value) for value in resource.outcomes(*path)]
    return None if None in found else max(value for value in found if value is not None)


def count(resource: Resource, *path: str) -> int | None:
    """How many items a list has, where a condition decides the most; None if that is unknown."""
    sizes = [_size(resource, value) for value in resource.outcomes(*path)]
    return None if None in sizes else max(size for size in sizes if size is not None)


def _size(resource: Resource, value: object) -> int | None:
    """How many items one outcome of a property has; a single value counts as a list of one."""
    if value is None:
        return 0
    items = [resource.template.values.outcomes(item) for item in (value if isinstance(value, list) else [value])]
    if items == [(UNKNOWN,)]:
        return None
    return sum(max(_length(outcome) for outcome in outcomes) for outcomes in items)


def _length(outcome: object) -> int:
    return 0 if outcome is None else len(outcome) if isinstance(outcome, list) else 1
