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
    """How many items a list has; None if that is unknown."""
    items = list(resource.items(*path))
    return None if any(item is UNKNOWN for item in items) and len(items) == 1 else len(items)
