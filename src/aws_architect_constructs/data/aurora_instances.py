"""What an Aurora cluster is made of: instances, the capacity of serverless ones, and readers that come and go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2

from aws_architect_constructs._validations import integer
from aws_architect_constructs.foundation.environment import EnvironmentDefaults

from .database_arguments import Engine
from .engine_facts import EngineFeature, first_missing_version
from .instance_memory import GIB_PER_ACU, memory_gib, most_connections

MOST_INSTANCES: Final = 16
"""One writer and 15 readers: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html"""
DEFAULT_INSTANCE_TYPE: Final = "r8g.large"
_HIGHEST_TIER: Final = 15
_FIRST_TIER_OF_ITS_OWN: Final = 2
_HIGHEST_ACU: Final = 256
_LOWEST_RUNNING_ACU: Final = 0.5
_LOWEST_MAXIMUM_ACU: Final = 1
_PAUSE_SECONDS: Final = (300, 86_400)
_DEFAULT_PAUSE: Final = 900


@dataclass(frozen=True, kw_only=True)
class AuroraInstance:
    """One instance of a cluster. Make one with `provisioned` or `serverless`."""

    instance_type: ec2.InstanceType | None = None
    promotion_tier: int | None = None

    def __post_init__(self) -> None:
        """Check the tier."""
        if self.promotion_tier is not None:
            integer("promotion_tier", self.promotion_tier, 0, _HIGHEST_TIER)

    @classmethod
    def provisioned(cls, instance_type: ec2.InstanceType, *, promotion_tier: int | None = None) -> Self:
        """An instance of a fixed size.

        Args:
            instance_type: Its class, such as `ec2.InstanceType("r8g.large")`. Graviton costs less for the same work.
            promotion_tier: 0 to 15: readers of the lowest tier are promoted first when the writer fails. Default None:
                as the cluster decides.
        """
        memory_gib(instance_type.to_string())
        return cls(instance_type=instance_type, promotion_tier=promotion_tier)

    @classmethod
    def serverless(cls, *, promotion_tier: int | None = None) -> Self:
        """An instance that scales between the bounds of the cluster's `serverless_capacity`.

        Args:
            promotion_tier: 0 to 15. In tiers 0 and 1 a reader is as large as the writer, and pauses only with it.
                Default None: as the cluster decides.
        """
        return cls(promotion_tier=promotion_tier)

    @property
    def instance_class(self) -> str:
        """As RDS writes it."""
        return "db.serverless" if self.instance_type is None else f"db.{self.instance_type.to_string()}"


@dataclass(frozen=True, kw_only=True)
class ServerlessCapacity:
    """Between what bounds the serverless instances of a cluster scale, in Aurora capacity units of about 2 GiB.

    Args:
        maximum: 1 to 256 ACUs, in halves: what an instance costs at most.
        minimum: 0, or 0.5 to `maximum`, in halves: what it costs at least. Default 0.5.
        auto_pause: With a minimum of 0, after how long without a connection an instance pauses and costs nothing but
            its storage: 5 minutes to 24 hours. The connection that wakes it waits for about 15 seconds, or for 30 and
            more after a day. Default None: 15 minutes with a minimum of 0, else never.
    """

    maximum: float
    minimum: float = _LOWEST_RUNNING_ACU
    auto_pause: Duration | None = None

    def __post_init__(self) -> None:
        """Check the range.

        Raises:
            ValueError: If it is inverted or out of bounds, or pauses with a minimum above zero.
        """
        for name, value in (("minimum", self.minimum), ("maximum", self.maximum)):
            if isinstance(value, bool) or not isinstance(value, int | float) or value * 2 != int(value * 2):
                raise ValueError(f"{name}: not in halves of an ACU, got {value!r}; allowed: such as 0.5 or 16")
        if not _LOWEST_MAXIMUM_ACU <= self.maximum <= _HIGHEST_ACU:
            raise ValueError(
                f"maximum: not within bounds, got {self.maximum!r}; allowed: {_LOWEST_MAXIMUM_ACU} to {_HIGHEST_ACU}"
            )
        if not 0 <= self.minimum <= self.maximum:
            raise ValueError(
                f"minimum: the range is inverted, got {self.minimum!r} to {self.maximum!r}; allowed: 0 to the maximum"
            )
        if self.auto_pause is not None and self.minimum > 0:
            raise ValueError(
                f"auto_pause: an instance pauses at zero alone, got a minimum of {self.minimum!r}; allowed: minimum=0"
            )
        low, high = _PAUSE_SECONDS
        if self.auto_pause is not None and not low <= self.auto_pause.to_seconds() <= high:
            raise ValueError(
                f"auto_pause: not within bounds, got {self.auto_pause.to_seconds():g} seconds; allowed: {low} to {high}"
            )

    @property
    def pauses(self) -> bool:
        """Whether instances pause."""
        return self.minimum == 0

    @property
    def seconds_until_auto_pause(self) -> int | None:
        """After how many seconds."""
        if not self.pauses:
            return None
        return _DEFAULT_PAUSE if self.auto_pause is None else int(self.auto_pause.to_seconds())


@dataclass(frozen=True, kw_only=True)
class ReaderScaling:
    """Readers that are added while the others are busy. Make one with `on_cpu` or `on_connections`.

    Those that it adds are like the writer, and it removes no others. They are not part of the stack: a cluster that is
    to be deleted must first be scaled in.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html.
    """

    metric: str
    target: float
    maximum: int
    minimum: int | None = None

    def __post_init__(self) -> None:
        """Check the bounds.

        Raises:
            ValueError: If they are inverted, or more readers than a cluster has.
        """
        integer("maximum", self.maximum, 1, MOST_INSTANCES - 1)
        if self.minimum is not None:
            integer("minimum", self.minimum, 0, self.maximum)
        if self.target <= 0:
            raise ValueError(f"target: nothing to aim at, got {self.target!r}; allowed: above zero")

    @classmethod
    def on_cpu(cls, *, maximum: int, percent: float = 60, minimum: int | None = None) -> Self:
        """By the readers' average CPU.

        Args:
            maximum: The most readers, 1 to 15.
            percent: What is aimed at. Default 60: an AZ may fail, and its readers' work is taken on by the others.
            minimum: The fewest readers. Default None: those that the cluster declares.
        """
        if percent > 100:  # noqa: PLR2004 -- per cent
            raise ValueError(f"percent: more than there is, got {percent!r}; allowed: up to 100")
        return cls(metric="RDSReaderAverageCPUUtilization", target=percent, maximum=maximum, minimum=minimum)

    @classmethod
    def on_connections(cls, *, maximum: int, connections: float, minimum: int | None = None) -> Self:
        """By the readers' average number of connections.

        Args:
            maximum: The most readers, 1 to 15.
            connections: What is aimed at, for each reader.
            minimum: The fewest readers. Default None: those that the cluster declares.
        """
        return cls(metric="RDSReaderAverageDatabaseConnections", target=connections, maximum=maximum, minimum=minimum)


@dataclass(frozen=True, kw_only=True)
class InstancePlan:
    """All instances of a cluster, decided.

    Attributes:
        instances: The writer first.
        tiers: Their promotion tiers.
        capacity: The bounds of serverless ones, or None without any.
    """

    instances: tuple[AuroraInstance, ...]
    tiers: tuple[int, ...]
    capacity: ServerlessCapacity | None

    @property
    def readers(self) -> int:
        """How many are readers while all is well."""
        return max(len(self.instances) - 1, 0)

    @property
    def smallest_gib(self) -> float:
        """The memory of the smallest instance: an alarm about any must fit that."""
        return min(
            memory_gib(instance.instance_type.to_string())
            if instance.instance_type is not None
            else (self.capacity.maximum if self.capacity else 0) * GIB_PER_ACU
            for instance in self.instances
        )

    @property
    def has_provisioned(self) -> bool:
        """Whether any instance is of a fixed size."""
        return any(instance.instance_type is not None for instance in self.instances)

    def fewest_connections(self, engine: Engine) -> int:
        """How many connections the smallest instance takes."""
        return min(
            most_connections(engine.family, memory_gib(instance.instance_type.to_string()))
            if instance.instance_type is not None
            else most_connections(
                engine.family,
                (self.capacity.maximum if self.capacity else 0) * GIB_PER_ACU,
                minimum_acu=self.capacity.minimum if self.capacity else None,
            )
            for instance in self.instances
        )


def plan_instances(
    instances: Sequence[AuroraInstance] | None,
    serverless_capacity: ServerlessCapacity | None,
    *,
    engine: Engine,
    defaults: EnvironmentDefaults,
    kept_awake_by: str | None,
) -> InstancePlan:
    """Decide the instances, their tiers and the capacity.

    Args:
        instances: The caller's, or None for the environment's.
        serverless_capacity: The caller's, or None for the environment's.
        engine: What pauses, and what does not.
        defaults: The environment's.
        kept_awake_by: The argument that keeps an instance from pausing, or None.

    Raises:
        ValueError: If there are none or too many, if the capacity is nobody's, or if it is to pause and never would.
    """
    if instances is None:
        wanted = serverless_capacity is not None or defaults.database_serverless
        one = (
            AuroraInstance.serverless()
            if wanted
            else AuroraInstance.provisioned(ec2.InstanceType(DEFAULT_INSTANCE_TYPE))
        )
        instances = (one,) * defaults.database_instances
    chosen = tuple(instances)
    if not 1 <= len(chosen) <= MOST_INSTANCES or not all(isinstance(one, AuroraInstance) for one in chosen):
        raise ValueError(f"instances: got {len(chosen)}; allowed: 1 to {MOST_INSTANCES} AuroraInstance")
    if all(instance.instance_type is not None for instance in chosen):
        if serverless_capacity is not None:
            raise ValueError(
                f"serverless_capacity: no instance is serverless, got {serverless_capacity!r}; "
                "allowed: AuroraInstance.serverless() among the instances"
            )
        capacity = None
    elif serverless_capacity is not None:
        capacity = serverless_capacity
    else:
        can_pause = defaults.database_serverless and kept_awake_by is None and _missing_pause(engine) is None
        capacity = ServerlessCapacity(
            maximum=defaults.database_maximum_capacity, minimum=0 if can_pause else _LOWEST_RUNNING_ACU
        )
    if capacity is not None and capacity.pauses:
        missing = _missing_pause(engine)
        if missing is not None:
            raise ValueError(
                f"serverless_capacity: this engine version cannot pause, got {engine.version!r}; "
                f"allowed: {missing} and newer, or a minimum of 0.5"
            )
        if kept_awake_by is not None:
            raise ValueError(
                f"serverless_capacity: would never pause, got minimum=0 with {kept_awake_by}; "
                "allowed: a minimum of 0.5 or more, or one of the two alone"
            )
    return InstancePlan(
        instances=chosen, tiers=_tiers(chosen, pauses=capacity is not None and capacity.pauses), capacity=capacity
    )


def _missing_pause(engine: Engine) -> str | None:
    return first_missing_version(EngineFeature.AUTO_PAUSE, engine.family, engine.version)


def _tiers(instances: Sequence[AuroraInstance], *, pauses: bool) -> tuple[int, ...]:
    """The writer and the first reader in tier 0 and 1, the others after them.

    Readers of tiers 0 and 1 are kept as large as the writer, ready to take its place, and pause only with it. Where
    instances pause, readers have tiers of their own, so that each pauses when nobody reads from it.
    """
    first = _FIRST_TIER_OF_ITS_OWN if pauses else 1
    return tuple(
        instance.promotion_tier
        if instance.promotion_tier is not None
        else 0
        if place == 0
        else min(first + place - 1, _HIGHEST_TIER)
        for place, instance in enumerate(instances)
    )
