"""How deployments move traffic: which mode takes what, and how long it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.compute.deployment_plan import DeploymentMode, ShiftPlan, shift_plan, waits


def plan(
    mode: DeploymentMode, bake: int | None = None, percent: float | None = None, step: int | None = None
) -> ShiftPlan:
    """A plan of a mode."""
    return shift_plan(mode, bake_minutes=bake, step_percent=percent, step_minutes=step)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (DeploymentMode.BLUE_GREEN, (10, None, None)),
        (DeploymentMode.CANARY, (10, 10.0, 10)),
        (DeploymentMode.LINEAR, (10, 20.0, 5)),
    ],
)
def test_the_defaults(mode: DeploymentMode, expected: tuple[int, float | None, int | None]) -> None:
    """Each mode has its own times and shares, and none takes longer than 40 minutes."""
    found = plan(mode)
    assert (found.bake_minutes, found.step_percent, found.step_minutes) == expected


def test_what_is_given_is_taken() -> None:
    """Every number of the caller's stands in the plan."""
    assert plan(DeploymentMode.CANARY, 5, 2.5, 30) == ShiftPlan(bake_minutes=5, step_percent=2.5, step_minutes=30)


@pytest.mark.parametrize(("percent", "step"), [(10.0, None), (None, 5)])
def test_blue_green_has_no_steps(percent: float | None, step: int | None) -> None:
    """All traffic moves at once: a step would be ignored, so it is refused."""
    with pytest.raises(
        ValueError, match=r"^step_percent and step_bake_time: BLUE_GREEN moves all traffic at once, got"
    ):
        plan(DeploymentMode.BLUE_GREEN, percent=percent, step=step)


@pytest.mark.parametrize(
    ("mode", "percent"),
    [
        (DeploymentMode.CANARY, 0.0),
        (DeploymentMode.CANARY, 100.0),
        (DeploymentMode.CANARY, 0.15),
        (DeploymentMode.LINEAR, 2.9),
        (DeploymentMode.LINEAR, 100.0),
    ],
)
def test_shares_are_tenths_within_bounds(mode: DeploymentMode, percent: float) -> None:
    """CloudFormation's bounds are checked at synthesis; 100 is what BLUE_GREEN does."""
    with pytest.raises(ValueError, match=r"^step_percent: no share that \w+ takes, got .*; allowed: "):
        plan(mode, percent=percent)


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_times_are_at_most_a_day(minutes: int) -> None:
    """Neither the bake time nor a step is longer, or negative."""
    with pytest.raises(ValueError, match=r"^bake_time: out of bounds, got"):
        plan(DeploymentMode.CANARY, bake=minutes)
    with pytest.raises(ValueError, match=r"^step_bake_time: out of bounds, got"):
        plan(DeploymentMode.CANARY, step=minutes)


def test_a_deployment_that_cloudformation_would_not_wait_for_is_refused() -> None:
    """33 hours are the limit, over all steps."""
    with pytest.raises(ValueError, match=r"longer than CloudFormation waits, got 12970 minutes; allowed: 1980"):
        plan(DeploymentMode.LINEAR, bake=10, percent=10.0, step=1440)


@pytest.mark.parametrize(("percent", "expected"), [(10.0, 9), (50.0, 1), (11.0, 9), (3.0, 33), (33.3, 3), (99.9, 1)])
def test_linear_waits_after_each_step_but_the_last(percent: float, expected: int) -> None:
    """As CloudFormation counts: 100/p - 1, or the whole number of 100/p where it does not divide."""
    assert waits(DeploymentMode.LINEAR, percent) == expected


@given(st.integers(30, 999))
def test_after_the_waits_all_traffic_has_moved(tenths: int) -> None:
    """One step more than there are waits is enough, and one fewer is not."""
    count = waits(DeploymentMode.LINEAR, tenths / 10)
    assert count * tenths < 1000 <= (count + 1) * tenths


@given(
    st.sampled_from([DeploymentMode.CANARY, DeploymentMode.LINEAR]),
    st.integers(0, 1440),
    st.integers(1, 999),
    st.integers(0, 1440),
)
def test_no_accepted_plan_takes_longer_than_33_hours(mode: DeploymentMode, bake: int, tenths: int, step: int) -> None:
    """What fits CloudFormation's limit is accepted as it is, and what does not is refused."""
    steps = waits(mode, tenths / 10)
    if bake + step * steps > 33 * 60 or (mode is DeploymentMode.LINEAR and tenths < 30):
        with pytest.raises(ValueError, match="allowed: "):
            plan(mode, bake, tenths / 10, step)
        return
    found = plan(mode, bake, tenths / 10, step)
    assert found == ShiftPlan(bake_minutes=bake, step_percent=tenths / 10, step_minutes=step)
