"""Memory and connections of instance classes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.data.engine_facts import DatabaseFamily
from aws_architect_constructs.data.instance_memory import memory_gib, most_connections


@pytest.mark.parametrize(
    ("instance_class", "gib"),
    [
        ("r8g.large", 16),
        ("db.r7i.2xlarge", 64),
        ("r6gd.16xlarge", 512),
        ("m7g.xlarge", 16),
        ("c6gd.medium", 2),
        ("t4g.medium", 4),
        ("t4g.large", 8),
        ("x2g.4xlarge", 256),
    ],
)
def test_memory_follows_from_the_class(instance_class: str, gib: int) -> None:
    """Figures as AWS lists them for the class."""
    assert memory_gib(instance_class) == gib


@pytest.mark.parametrize("instance_class", ["serverless", "z1d.large", "r8g.metal", "t4g.nano", "large", ""])
def test_an_unknown_class_is_refused(instance_class: str) -> None:
    """A class whose memory is not known cannot be measured, and is an error."""
    with pytest.raises(ValueError, match=r"^instance_type: unknown class, got .*; allowed: "):
        memory_gib(instance_class)


@pytest.mark.parametrize(
    ("family", "gib", "minimum", "connections"),
    [
        (DatabaseFamily.POSTGRESQL, 16, None, 1802),
        (DatabaseFamily.POSTGRESQL, 512, None, 5000),
        (DatabaseFamily.POSTGRESQL, 512, 0.5, 2000),
        (DatabaseFamily.POSTGRESQL, 512, 0, 2000),
        (DatabaseFamily.POSTGRESQL, 512, 1, 5000),
        (DatabaseFamily.POSTGRESQL, 8, 0, 901),
        (DatabaseFamily.MYSQL, 16, None, 1069),
        (DatabaseFamily.MYSQL, 4, None, 108),
        (DatabaseFamily.MYSQL, 2, 0.5, 63),
    ],
)
def test_connections_follow_from_memory(
    family: DatabaseFamily, gib: int, minimum: float | None, connections: int
) -> None:
    """The default of max_connections as AWS publishes its formula."""
    assert most_connections(family, gib, minimum_acu=minimum) == connections


@given(st.sampled_from(DatabaseFamily), st.integers(1, 1024), st.integers(1, 1024))
def test_more_memory_never_takes_fewer_connections(family: DatabaseFamily, one: int, other: int) -> None:
    """Connections grow with memory, and there is always one."""
    few, many = (most_connections(family, gib) for gib in sorted((one, other)))
    assert 1 <= few <= many
