"""What a canonical instance is."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aws_cdk import Environment, Stack

from aws_architect_constructs import EnvironmentType
from support.synthesis import ENV


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One canonical instance: how to build it, and in what environment."""

    build: Callable[[Stack], object]
    environment_type: EnvironmentType = EnvironmentType.PROD
    env: Environment | None = field(default_factory=lambda: ENV)
