"""Which CPU and memory go together on Fargate: the table, and what is said of a pair that does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.compute.fargate_sizes import MEMORY_BY_CPU, check_size

PAIRS = [(cpu, memory) for cpu, memories in MEMORY_BY_CPU.items() for memory in memories]


@pytest.mark.parametrize(
    ("cpu", "least", "most", "how_many"),
    [
        (256, 512, 2048, 3),
        (512, 1024, 4096, 4),
        (1024, 2048, 8192, 7),
        (2048, 4096, 16384, 13),
        (4096, 8192, 30720, 23),
        (8192, 16384, 61440, 12),
        (16384, 32768, 122880, 12),
    ],
)
def test_the_table_is_that_of_aws(cpu: int, least: int, most: int, how_many: int) -> None:
    """Each CPU size has the memory sizes that the documentation lists."""
    sizes = MEMORY_BY_CPU[cpu]
    assert (sizes[0], sizes[-1], len(sizes)) == (least, most, how_many)


@given(st.sampled_from(PAIRS))
def test_a_pair_of_the_table_passes(pair: tuple[int, int]) -> None:
    """What Fargate has is not refused."""
    check_size(*pair)


@given(st.integers(-1, 20_000), st.integers(-1, 130_000))
def test_any_other_pair_is_refused(cpu: int, memory: int) -> None:
    """What Fargate does not have is refused, whatever it is."""
    if (cpu, memory) in PAIRS:
        check_size(cpu, memory)
        return
    with pytest.raises(ValueError, match=r"^(cpu|memory_mib): .*, got .*; allowed: "):
        check_size(cpu, memory)


def test_an_unknown_cpu_names_those_there_are() -> None:
    """The message has every CPU size."""
    with pytest.raises(ValueError, match=r"got 300; allowed: 256, 512, 1024, 2048, 4096, 8192, 16384"):
        check_size(300, 512)


def test_a_wrong_memory_names_the_range_and_the_cpus_that_have_it() -> None:
    """The message shows both ways out."""
    expected = "got 16384; allowed: 2048 to 8192 in steps of 1024; or cpu=2048 or 4096 or 8192"
    with pytest.raises(ValueError, match=re.escape(expected)):
        check_size(1024, 16384)


def test_the_smallest_cpu_lists_its_three_sizes() -> None:
    """Sizes that are no range stand one by one, and a memory that no CPU has gets no further hint."""
    with pytest.raises(ValueError, match=r"got 700; allowed: 512, 1024, 2048$"):
        check_size(256, 700)
