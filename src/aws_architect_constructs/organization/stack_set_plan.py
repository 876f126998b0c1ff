"""What a roll-out of stack sets to an organization comes to: instances, operations, waves and quotas, on paper.

Pure Python: nothing here knows CDK.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

QUOTAS_AS_OF: Final = "2026-11"
"""When the quotas below were looked up."""

INSTANCES_PER_STACK_SET: Final = 100_000
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
STACK_SETS_PER_ACCOUNT: Final = 1_000
"""The same page."""
CONCURRENT_OPERATIONS: Final = 10_000
"""Stack instance operations at once, in one Region, of one administrator account: the same page."""
TEMPLATE_BYTES: Final = 51_200
"""A template that is given in a request, as that of a stack set here is: the same page."""
UNITS_PER_OPERATION: Final = 50
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html"""
_PERCENT: Final = 100


@dataclass(frozen=True, kw_only=True)
class StackSetShape:
    """One stack set, as far as its roll-out is concerned.

    Attributes:
        name: Its name.
        template_bytes: How long its template is.
        regions: The Regions that it is deployed to, in order.
    """

    name: str
    template_bytes: int
    regions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StackSetPlan:
    """What the roll-out of one stack set comes to.

    Attributes:
        name: The stack set.
        instances: Stack instances in the end.
        at_once: Stack instances that are worked on at the same time in a Region, as CloudFormation computes it.
        waves: How many times that, one after another, in all Regions together.
        failures_tolerated: How many accounts may fail in a Region before the operation stops there.
    """

    name: str
    instances: int
    at_once: int
    waves: int
    failures_tolerated: int

    def hours(self, minutes_per_wave: float) -> float:
        """How long it takes, if each wave takes so many minutes."""
        return self.waves * minutes_per_wave / 60


def plan_stack_sets(
    stack_sets: Sequence[StackSetShape],
    *,
    accounts: int,
    units: int,
    failure_tolerance_percentage: int,
    max_concurrent_percentage: int,
) -> tuple[StackSetPlan, ...]:
    """Plan the roll-out to every account, Region after Region.

    CloudFormation rounds both percentages down; no more accounts are worked on at once than may fail, and one
    (strict failure tolerance, its default).

    Args:
        stack_sets: The stack sets.
        accounts: The accounts below the targets.
        units: The OUs that are targets.
        failure_tolerance_percentage: How many accounts of a hundred may fail in a Region.
        max_concurrent_percentage: How many of a hundred are worked on at once at most.

    Raises:
        ValueError: If a quota does not allow it.

    See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html#stackset-ops-options.
    """
    if len(stack_sets) > STACK_SETS_PER_ACCOUNT:
        raise ValueError(f"stack sets: too many, got {len(stack_sets)}; allowed: {STACK_SETS_PER_ACCOUNT}")
    if units > UNITS_PER_OPERATION:
        raise ValueError(
            f"target_units: too many for one operation, got {units}; allowed: {UNITS_PER_OPERATION} (name the OU above)"
        )
    return tuple(
        _plan(
            shape,
            accounts=accounts,
            tolerated=accounts * failure_tolerance_percentage // _PERCENT,
            wanted=max(1, accounts * max_concurrent_percentage // _PERCENT),
        )
        for shape in stack_sets
    )


def _plan(shape: StackSetShape, *, accounts: int, tolerated: int, wanted: int) -> StackSetPlan:
    instances = accounts * len(shape.regions)
    if shape.template_bytes > TEMPLATE_BYTES:
        raise ValueError(
            f"{shape.name}: its template is too long, got {shape.template_bytes}; allowed: {TEMPLATE_BYTES}"
        )
    if instances > INSTANCES_PER_STACK_SET:
        raise ValueError(f"{shape.name}: too many stack instances, got {instances}; allowed: {INSTANCES_PER_STACK_SET}")
    at_once = min(wanted, tolerated + 1, CONCURRENT_OPERATIONS)
    return StackSetPlan(
        name=shape.name,
        instances=instances,
        at_once=at_once,
        waves=ceil(accounts / at_once) * len(shape.regions),
        failures_tolerated=tolerated,
    )
