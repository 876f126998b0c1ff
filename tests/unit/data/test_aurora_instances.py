"""Instances, their tiers and their capacity, decided before anything is made."""

from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import AuroraInstance, EnvironmentType, ReaderScaling, ServerlessCapacity
from aws_architect_constructs.data.aurora_instances import InstancePlan, plan_instances
from aws_architect_constructs.data.database_arguments import Engine
from aws_architect_constructs.data.engine_facts import DatabaseFamily

LARGE = ec2.InstanceType("r8g.large")


def engine(version: str = "17", family: DatabaseFamily = DatabaseFamily.POSTGRESQL) -> Engine:
    """An Aurora engine."""
    return Engine(
        family=family, type="aurora-postgresql", version=version, parameter_group_family="aurora-postgresql17"
    )


def plan(
    instances: Any = None,
    capacity: ServerlessCapacity | None = None,
    *,
    environment: EnvironmentType = EnvironmentType.PROD,
    version: str = "17",
    awake: str | None = None,
) -> InstancePlan:
    """A plan by the environment's defaults."""
    return plan_instances(
        instances, capacity, engine=engine(version), defaults=environment.defaults, kept_awake_by=awake
    )


@pytest.mark.parametrize(
    ("environment", "classes", "tiers", "capacity"),
    [
        (EnvironmentType.DEV, ["db.serverless"], (0,), (0, 4)),
        (EnvironmentType.STAGING, ["db.serverless"] * 2, (0, 2), (0, 8)),
        (EnvironmentType.PROD, ["db.r8g.large"] * 2, (0, 1), None),
        (EnvironmentType.SHARED, ["db.r8g.large"] * 2, (0, 1), None),
    ],
)
def test_the_environment_decides(
    environment: EnvironmentType, classes: list[str], tiers: tuple[int, ...], capacity: tuple[float, float] | None
) -> None:
    """DEV has one that pauses, STAGING two that pause on their own, production two of a fixed size."""
    found = plan(environment=environment)
    assert [instance.instance_class for instance in found.instances] == classes
    assert found.tiers == tiers
    assert (found.capacity and (found.capacity.minimum, found.capacity.maximum)) == capacity


@pytest.mark.parametrize("environment", [EnvironmentType.DEV, EnvironmentType.STAGING])
@pytest.mark.parametrize(("version", "awake"), [("17", "proxy="), ("16.2", None)])
def test_what_cannot_pause_does_not_by_default(environment: EnvironmentType, version: str, awake: str | None) -> None:
    """With a proxy, or an older engine, the default capacity keeps an instance running."""
    found = plan(environment=environment, version=version, awake=awake)
    assert found.capacity is not None
    assert found.capacity.minimum == 0.5
    assert found.capacity.seconds_until_auto_pause is None


def test_asking_for_a_pause_that_never_comes_is_an_error() -> None:
    """What keeps an instance awake is named."""
    with pytest.raises(ValueError, match=r"^serverless_capacity: would never pause, got minimum=0 with proxy="):
        plan(capacity=ServerlessCapacity(minimum=0, maximum=2), awake="proxy=")
    with pytest.raises(ValueError, match=r"cannot pause, got '16\.2'; allowed: 16\.3 and newer"):
        plan(capacity=ServerlessCapacity(minimum=0, maximum=2), version="16.2")


def test_a_capacity_makes_the_default_instances_serverless() -> None:
    """Naming the capacity is enough."""
    found = plan(capacity=ServerlessCapacity(minimum=1, maximum=8))
    assert [instance.instance_class for instance in found.instances] == ["db.serverless"] * 2
    assert found.tiers == (0, 1)


def test_a_capacity_of_nobody_is_an_error() -> None:
    """It would be ignored."""
    with pytest.raises(ValueError, match=r"^serverless_capacity: no instance is serverless"):
        plan([AuroraInstance.provisioned(LARGE)], ServerlessCapacity(maximum=8))


@pytest.mark.parametrize("instances", [[], [AuroraInstance.serverless()] * 17, ["r8g.large"]])
def test_a_cluster_has_one_to_sixteen_instances(instances: Any) -> None:
    """More, none, or anything else is an error."""
    with pytest.raises(ValueError, match=r"^instances: got"):
        plan(instances)


def test_a_mixed_cluster_has_the_environments_capacity() -> None:
    """A serverless reader beside a writer of a fixed size scales within the default."""
    found = plan([AuroraInstance.provisioned(LARGE), AuroraInstance.serverless()])
    assert found.capacity == ServerlessCapacity(minimum=0.5, maximum=16)
    assert found.has_provisioned
    assert found.readers == 1


def test_the_smallest_instance_is_what_alarms_are_for() -> None:
    """Memory and connections are those of the smallest, whichever kind that is."""
    found = plan(
        [AuroraInstance.provisioned(ec2.InstanceType("r8g.4xlarge")), AuroraInstance.serverless()],
        ServerlessCapacity(minimum=1, maximum=4),
    )
    assert found.smallest_gib == 8
    assert found.fewest_connections(engine()) == 901
    assert plan([AuroraInstance.provisioned(LARGE)] * 2).fewest_connections(engine()) == 1802


def test_a_declared_tier_stays() -> None:
    """The caller's promotion tier comes before the computed one, which never goes beyond the last."""
    found = plan([AuroraInstance.provisioned(LARGE, promotion_tier=5), *[AuroraInstance.provisioned(LARGE)] * 15])
    assert found.tiers == (5, *range(1, 16))
    paused = plan([AuroraInstance.serverless()] * 16, ServerlessCapacity(minimum=0, maximum=4))
    assert paused.tiers == (0, *range(2, 16), 15)


@given(st.integers(1, 16), st.booleans())
def test_readers_of_a_pausing_cluster_can_pause(count: int, pauses: bool) -> None:
    """In tiers 0 and 1 is nobody but the writer where instances pause, and one reader where they do not."""
    found = plan([AuroraInstance.serverless()] * count, ServerlessCapacity(minimum=0 if pauses else 1, maximum=4))
    assert found.tiers[0] == 0
    assert all((tier > 1) if pauses else (tier >= 1) for tier in found.tiers[1:])
    assert list(found.tiers) == sorted(found.tiers)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"minimum": 4, "maximum": 2}, r"^minimum: the range is inverted, got 4 to 2"),
        ({"minimum": -1, "maximum": 2}, "^minimum: the range is inverted"),
        ({"minimum": 0.7, "maximum": 2}, r"^minimum: not in halves of an ACU, got 0\.7"),
        ({"maximum": True}, "^maximum: not in halves"),
        ({"maximum": "4"}, "^maximum: not in halves"),
        ({"maximum": 0.5}, "^maximum: not within bounds"),
        ({"maximum": 256.5}, "^maximum: not within bounds"),
        ({"minimum": 0.5, "maximum": 2, "auto_pause": Duration.minutes(10)}, "^auto_pause: .* at zero alone"),
        ({"minimum": 0, "maximum": 2, "auto_pause": Duration.minutes(4)}, "^auto_pause: not within bounds, got 240 "),
        ({"minimum": 0, "maximum": 2, "auto_pause": Duration.hours(25)}, "^auto_pause: not within bounds"),
    ],
)
def test_a_bad_capacity_is_refused(arguments: dict[str, Any], message: str) -> None:
    """Ranges are in order, in halves and within what Aurora has; a pause needs a minimum of zero."""
    with pytest.raises(ValueError, match=message):
        ServerlessCapacity(**arguments)


def test_a_pause_has_a_time() -> None:
    """A quarter of an hour, or the caller's; none where nothing pauses."""
    assert ServerlessCapacity(minimum=0, maximum=2).seconds_until_auto_pause == 900
    longer = ServerlessCapacity(minimum=0, maximum=2, auto_pause=Duration.hours(1))
    assert longer.seconds_until_auto_pause == 3600
    assert ServerlessCapacity(maximum=2).seconds_until_auto_pause is None


@pytest.mark.parametrize("tier", [-1, 16, "1"])
def test_a_bad_tier_is_refused(tier: Any) -> None:
    """Tiers are 0 to 15."""
    with pytest.raises(ValueError, match=r"^promotion_tier: "):
        AuroraInstance.serverless(promotion_tier=tier)


def test_an_instance_of_unknown_memory_is_refused() -> None:
    """Its alarms could not be measured."""
    with pytest.raises(ValueError, match=r"^instance_type: unknown class, got 'z1d\.large'"):
        AuroraInstance.provisioned(ec2.InstanceType("z1d.large"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReaderScaling.on_cpu(maximum=0), "^maximum: "),
        (lambda: ReaderScaling.on_cpu(maximum=16), "^maximum: "),
        (lambda: ReaderScaling.on_cpu(maximum=2, minimum=3), "^minimum: "),
        (lambda: ReaderScaling.on_cpu(maximum=2, percent=101), "^percent: "),
        (lambda: ReaderScaling.on_cpu(maximum=2, percent=0), "^target: "),
        (lambda: ReaderScaling.on_connections(maximum=2, connections=-5), "^target: "),
    ],
)
def test_a_bad_scaling_is_refused(make: Any, message: str) -> None:
    """Bounds are in order and within what a cluster has."""
    with pytest.raises(ValueError, match=message):
        make()
