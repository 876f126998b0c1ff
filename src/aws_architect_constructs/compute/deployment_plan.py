"""How a new revision takes over from the old one: which modes go with what, and how long each takes.

Pure Python. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-strategy-blue-green.html
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DeploymentMode(StrEnum):
    """How a new revision takes over from the old one."""

    ROLLING = "ROLLING"
    """Task by task, never fewer than before; a circuit breaker and alarms roll it back."""
    BLUE_GREEN = "BLUE_GREEN"
    """All tasks of the new revision first, then all traffic at once; the old revision waits for the bake time."""
    CANARY = "CANARY"
    """A small share of the traffic first, after a while the rest."""
    LINEAR = "LINEAR"
    """The traffic in equal steps."""

    @property
    def shifts_in_steps(self) -> bool:
        """Whether the traffic moves in more than one step, and so has to be divisible."""
        return self in {DeploymentMode.CANARY, DeploymentMode.LINEAR}


class LiveTargetGroup(StrEnum):
    """One of the two target groups between which ECS moves the traffic."""

    BLUE = "BLUE"
    GREEN = "GREEN"


@dataclass(frozen=True, kw_only=True)
class ShiftPlan:
    """A deployment's times in whole minutes, and the share of each step in percent.

    Attributes:
        bake_minutes: How long the old revision waits after all traffic has moved.
        step_percent: The share of a step, or None where there is one step.
        step_minutes: How long each step is watched, or None.
    """

    bake_minutes: int
    step_percent: float | None
    step_minutes: int | None


DEFAULT_BAKE_MINUTES: Final = 10
_DEFAULT_STEPS: Final = {DeploymentMode.CANARY: (10.0, 10), DeploymentMode.LINEAR: (20.0, 5)}
_LEAST_PERCENT: Final = {DeploymentMode.CANARY: 0.1, DeploymentMode.LINEAR: 3.0}
_MOST_STEP_MINUTES: Final = 1440
_MOST_HOURS: Final = 33
"""CloudFormation refuses what takes longer: its own operations end after 36 hours.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html
"""
_PERCENT: Final = 100


def shift_plan(
    mode: DeploymentMode, *, bake_minutes: int | None, step_percent: float | None, step_minutes: int | None
) -> ShiftPlan:
    """The times and shares of a deployment that moves traffic.

    Raises:
        ValueError: If a step is asked of a mode that has none, or a number is out of CloudFormation's bounds.
    """
    bake = DEFAULT_BAKE_MINUTES if bake_minutes is None else bake_minutes
    if not 0 <= bake <= _MOST_STEP_MINUTES:
        raise ValueError(f"bake_time: out of bounds, got {bake} minutes; allowed: 0 to {_MOST_STEP_MINUTES} minutes")
    if not mode.shifts_in_steps:
        if step_percent is not None or step_minutes is not None:
            raise ValueError(
                f"step_percent and step_bake_time: {mode} moves all traffic at once, got {step_percent} and "
                f"{step_minutes}; allowed: none, or deployment_mode CANARY or LINEAR"
            )
        return ShiftPlan(bake_minutes=bake, step_percent=None, step_minutes=None)
    default_percent, default_minutes = _DEFAULT_STEPS[mode]
    percent = default_percent if step_percent is None else float(step_percent)
    minutes = default_minutes if step_minutes is None else step_minutes
    if not (_LEAST_PERCENT[mode] <= percent < _PERCENT and _is_tenth(percent)):
        raise ValueError(
            f"step_percent: no share that {mode} takes, got {percent}; allowed: {_LEAST_PERCENT[mode]} to 99.9, "
            "in tenths"
        )
    if not 0 <= minutes <= _MOST_STEP_MINUTES:
        raise ValueError(f"step_bake_time: out of bounds, got {minutes} minutes; allowed: 0 to {_MOST_STEP_MINUTES}")
    total = bake + minutes * waits(mode, percent)
    if total > _MOST_HOURS * 60:
        raise ValueError(
            f"step_bake_time and bake_time: the deployment takes longer than CloudFormation waits, got {total} "
            f"minutes; allowed: {_MOST_HOURS * 60}"
        )
    return ShiftPlan(bake_minutes=bake, step_percent=percent, step_minutes=minutes)


def waits(mode: DeploymentMode, step_percent: float) -> int:
    """After how many steps the deployment waits: after each but the last, which moves what is left."""
    if mode is DeploymentMode.CANARY:
        return 1
    tenths = round(step_percent * 10)
    return math.ceil(_PERCENT * 10 / tenths) - 1


def _is_tenth(percent: float) -> bool:
    return math.isclose(percent * 10, round(percent * 10), abs_tol=1e-6)
