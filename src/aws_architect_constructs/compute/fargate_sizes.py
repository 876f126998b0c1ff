"""Which CPU and memory go together on Fargate.

Pure Python. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
"""

from collections.abc import Mapping, Sequence
from typing import Final

_GIB: Final = 1024

MEMORY_BY_CPU: Final[Mapping[int, Sequence[int]]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""The memory sizes, in MiB, of each CPU size, in units of which 1024 are a vCPU."""

LEAST_EPHEMERAL_GIB: Final = 21
MOST_EPHEMERAL_GIB: Final = 200
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html (20 GiB are there anyway)."""


def check_size(cpu: int, memory_mib: int) -> None:
    """Check that Fargate has a task of this size.

    Raises:
        ValueError: If it has none; the message names what goes with the CPU, or which CPUs there are.
    """
    if cpu not in MEMORY_BY_CPU:
        raise ValueError(
            f"cpu: no size of Fargate, got {cpu!r}; allowed: {', '.join(map(str, MEMORY_BY_CPU))} (1024 are a vCPU)"
        )
    sizes = MEMORY_BY_CPU[cpu]
    if memory_mib not in sizes:
        fitting = [other for other, memories in MEMORY_BY_CPU.items() if memory_mib in memories]
        hint = f"; or cpu={' or '.join(map(str, fitting))}" if fitting else ""
        raise ValueError(
            f"memory_mib: Fargate has no task of {cpu} CPU units with it, got {memory_mib!r}; allowed: {_shown(sizes)}"
            f"{hint}"
        )


def _shown(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return ", ".join(map(str, sizes))
