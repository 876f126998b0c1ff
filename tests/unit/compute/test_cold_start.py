"""Strategies for cold starts as values, and where Powertools' layer is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import ColdStart
from aws_architect_constructs.compute.cold_start import ColdStartStrategy
from aws_architect_constructs.compute.powertools_layer import PYTHON_VERSIONS, layer_arn, parameter_name


def test_strategies_are_what_they_are_called() -> None:
    """Each way to make one makes that one; nothing is kept ready unless it is provisioned."""
    made = [ColdStart.none(), ColdStart.snap_start(), ColdStart.provisioned(2)]
    assert [one.strategy for one in made] == list(ColdStartStrategy)
    assert [one.capacity for one in made] == [0, 0, 2]
    assert [one.max_capacity for one in made] == [None, None, None]


@given(
    st.integers(1, 1_000),
    st.one_of(st.none(), st.integers(1, 2_000)),
    st.floats(0.1, 0.9, allow_nan=False),
)
def test_scaling_has_somewhere_to_go(capacity: int, most: int | None, share: float) -> None:
    """A maximum is above the minimum, or refused; what is made is what was asked for."""
    if most is not None and most <= capacity:
        with pytest.raises(ValueError, match="nothing to scale to"):
            ColdStart.provisioned(capacity, max_capacity=most, target_utilization=share)
    else:
        made = ColdStart.provisioned(capacity, max_capacity=most, target_utilization=share)
        assert (made.capacity, made.max_capacity, made.target_utilization) == (capacity, most, share)


@pytest.mark.parametrize("capacity", [0, -1, 1.5, True, "2"])
def test_a_capacity_is_a_whole_number(capacity: Any) -> None:
    """None kept ready is no provisioned concurrency."""
    with pytest.raises(ValueError, match="capacity: no environment is kept ready"):
        ColdStart.provisioned(capacity)


@pytest.mark.parametrize("share", [0.09, 0.91, 70])
def test_a_share_is_within_bounds(share: float) -> None:
    """Application Auto Scaling takes 0.1 to 0.9."""
    with pytest.raises(ValueError, match="target_utilization: out of bounds"):
        ColdStart.provisioned(1, max_capacity=2, target_utilization=share)


@pytest.mark.parametrize("python", PYTHON_VERSIONS)
@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_layer_is_named_after_python_and_architecture(python: str, architecture: str) -> None:
    """As https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/ has them."""
    arn = layer_arn(partition="aws", region="eu-west-1", python=python, architecture=architecture)
    name = f"AWSLambdaPowertoolsPythonV3-python{python.replace('.', '')}-{architecture}"
    assert arn == f"arn:aws:lambda:eu-west-1:017000801446:layer:{name}:37"
    assert parameter_name(python=python, architecture=architecture) == (
        f"/aws/service/powertools/python/{architecture}/python{python}/latest"
    )
