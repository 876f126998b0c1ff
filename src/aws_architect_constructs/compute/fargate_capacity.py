"""What tasks run on: Fargate, or a mix with Fargate Spot."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_ecs as ecs

from aws_architect_constructs._validations import integer

_MOST: int = 1000


@dataclass(frozen=True, kw_only=True)
class FargateCapacity:
    """How many tasks run on demand and how many on Spot. Make one with `on_demand`, `mixed` or `spot`.

    Fargate Spot costs up to 70% less and is taken back with two minutes' notice, all at once if it must be.

    See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html.

    Attributes:
        on_demand_base: The first so many tasks run on demand.
        on_demand_weight: The share of on demand among the further ones.
        spot_weight: The share of Spot among them.
    """

    on_demand_base: int
    on_demand_weight: int
    spot_weight: int

    @classmethod
    def on_demand(cls) -> Self:
        """All tasks on demand."""
        return cls(on_demand_base=0, on_demand_weight=1, spot_weight=0)

    @classmethod
    def mixed(cls, *, on_demand_base: int = 2, on_demand_weight: int = 1, spot_weight: int = 3) -> Self:
        """Some tasks always on demand, the further ones mostly on Spot.

        Args:
            on_demand_base: How many tasks are on demand before any is on Spot, at least 1. Default 2.
            on_demand_weight: Of the further ones, so many are on demand, at least 1: ECS places no task with a
                provider of weight 0. Default 1 ...
            spot_weight: ... for each so many on Spot, at least 1. Default 3.

        Raises:
            ValueError: If a number is out of bounds.
        """
        return cls(
            on_demand_base=integer("on_demand_base", on_demand_base, 1, _MOST),
            on_demand_weight=integer("on_demand_weight", on_demand_weight, 1, _MOST),
            spot_weight=integer("spot_weight", spot_weight, 1, _MOST),
        )

    @classmethod
    def spot(cls) -> Self:
        """All tasks on Spot: for work that can wait. In PROD the warning `SpotOnly` says what that means."""
        return cls(on_demand_base=0, on_demand_weight=0, spot_weight=1)

    @property
    def uses_spot(self) -> bool:
        """Whether any task may run on Spot."""
        return self.spot_weight > 0

    @property
    def spot_only(self) -> bool:
        """Whether no task is sure to run on demand."""
        return self.on_demand_base == 0 and self.on_demand_weight == 0

    def strategies(self) -> list[ecs.CapacityProviderStrategy]:
        """As ECS takes it."""
        found = []
        if not self.spot_only:
            found.append(
                ecs.CapacityProviderStrategy(
                    capacity_provider="FARGATE",
                    base=self.on_demand_base or None,
                    weight=self.on_demand_weight,
                )
            )
        if self.uses_spot:
            found.append(ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=self.spot_weight))
        return found
