"""What is done about cold starts, and what it costs.

Pure Python.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ColdStartStrategy(StrEnum):
    """The kinds of `ColdStart`."""

    NONE = "NONE"
    SNAP_START = "SNAP_START"
    PROVISIONED = "PROVISIONED"


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """A strategy for cold starts. Make one with `none`, `snap_start` or `provisioned`.

    A cold start is what the first call on a new execution environment waits for: Lambda fetches the code and starts a
    microVM (some 100 ms), starts Python (as much again), and runs the module that the handler is in, which is the part
    that its author decides: imports, clients, configuration. A call that comes within the next minutes finds the
    environment warm; one that comes while all of them are busy starts another cold. The init phase has ten seconds and
    is billed.

    Less is the first remedy, and free: import what is used, make clients once outside the handler, keep the package
    small, give more memory (the CPU grows with it).

    See https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html.

    Attributes:
        strategy: Which one.
        capacity: Environments that are kept ready; 0 unless provisioned.
        max_capacity: Environments that scaling may keep ready; None means that nothing scales.
        target_utilization: The share of them that scaling aims to have in use.
    """

    strategy: ColdStartStrategy
    capacity: int = 0
    max_capacity: int | None = None
    target_utilization: float = 0.7

    @classmethod
    def none(cls) -> Self:
        """Cold starts as they are: a function that nobody waits for, or that is light. Costs nothing."""
        return cls(strategy=ColdStartStrategy.NONE)

    @classmethod
    def snap_start(cls) -> Self:
        """Environments begin from a snapshot that was taken after init, when the version was published.

        What init takes becomes a restore of some 100 to 300 ms. Worth it where imports take a second or more.

        What init made is in every environment that is restored: a random seed, a UUID, a connection, credentials, a
        secret. Make what must be unique or fresh in the handler or in an after-restore hook
        (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html). A deployment takes some
        minutes longer.

        Cost, of Python: 0.0000015046 USD a GB and second for each published version while it exists (0.99 USD a
        month at 256 MB), and 0.0001397998 USD a GB restored (us-east-1, https://aws.amazon.com/lambda/pricing/).

        Not with provisioned concurrency, EFS, container images, more than 512 MB of ephemeral storage, or Python
        before 3.12 (https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html).
        """
        return cls(strategy=ColdStartStrategy.SNAP_START)

    @classmethod
    def provisioned(cls, capacity: int, *, max_capacity: int | None = None, target_utilization: float = 0.7) -> Self:
        """Environments that are kept ready, initialized, whether anybody calls or not.

        The only remedy that leaves no cold start, up to `capacity` calls at a time; and the one that costs money when
        idle: 2.19 USD a month for each at 256 MB on arm64 (us-east-1, https://aws.amazon.com/lambda/pricing/).

        Args:
            capacity: How many are always ready.
            max_capacity: How many application auto scaling may keep ready. Default None: it does not scale.
            target_utilization: The share of them that scaling aims to have in use, 0.1 to 0.9. Default 0.7.

        Raises:
            ValueError: If a number is out of bounds.
        """
        if type(capacity) is not int or capacity < 1:
            raise ValueError(f"capacity: no environment is kept ready, got {capacity!r}; allowed: 1 or more")
        if max_capacity is not None and (type(max_capacity) is not int or max_capacity <= capacity):
            raise ValueError(
                f"max_capacity: nothing to scale to, got {max_capacity!r}; allowed: more than capacity={capacity}"
            )
        if not 0.1 <= target_utilization <= 0.9:  # noqa: PLR2004 -- Application Auto Scaling's own bounds
            raise ValueError(f"target_utilization: out of bounds, got {target_utilization!r}; allowed: 0.1 to 0.9")
        return cls(
            strategy=ColdStartStrategy.PROVISIONED,
            capacity=capacity,
            max_capacity=max_capacity,
            target_utilization=target_utilization,
        )
