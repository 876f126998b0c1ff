"""What kind of environment a stack is part of, declared once, and the one table of every default that differs by it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aws_cdk import RemovalPolicy, Stack
from constructs import Construct

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTEXT_KEY: Final = "aws-architect-constructs:environment-type"


@dataclass(frozen=True, kw_only=True)
class EnvironmentDefaults:
    """Every default that differs between environments; one row for each environment type.

    Attributes:
        network_octet: Second octet of the first VPC's 10.x.0.0/16 block.
        network_indexes: How many `network_index` values the environment's range has; each adds ten to the octet.
        nat_strategy: Value of the `NatStrategy` that private subnets reach the internet by.
        endpoint_availability_zones: AZs that interface endpoints stand in; None means all of the VPC's.
        log_retention_days: How long log groups keep events.
        retain_data: Whether log groups and other data stay when their stack is deleted.
        minimum_tasks: The fewest tasks of a container service.
        protect_load_balancers: Whether load balancers refuse to be deleted.
        database_instances: How many instances an Aurora cluster has.
        database_serverless: Whether these are serverless and pause when nobody is connected.
        database_maximum_capacity: The most that a serverless instance scales to, in ACUs.
        database_backup_days: How many days back a database can be restored to a point in time.
        database_standby: Whether a database without Aurora has a standby in another AZ.
        snapshot_databases: Whether a database that leaves its stack leaves a last snapshot.
    """

    network_octet: int
    network_indexes: int
    nat_strategy: str
    endpoint_availability_zones: int | None
    log_retention_days: int
    retain_data: bool
    minimum_tasks: int
    protect_load_balancers: bool
    database_instances: int
    database_serverless: bool
    database_maximum_capacity: float
    database_backup_days: int
    database_standby: bool
    snapshot_databases: bool

    @property
    def removal_policy(self) -> RemovalPolicy:
        """What happens to data when it leaves its stack."""
        return RemovalPolicy.RETAIN if self.retain_data else RemovalPolicy.DESTROY


class EnvironmentType(StrEnum):
    """The kind of environment that a scope belongs to.

    Declare it once, on an App or Stage before its stacks or first in a Stack, and every construct below takes its
    defaults from it::

        stage = Stage(app, "Prod")
        EnvironmentType.PROD.apply_to(stage)

    The context key `aws-architect-constructs:environment-type` in cdk.json does the same for a whole app. Where
    nothing is declared, constructs take PROD's defaults: forgetting costs money, never safety.
    """

    DEV = "DEV"
    STAGING = "STAGING"
    PROD = "PROD"
    SHARED = "SHARED"

    def apply_to(self, scope: Construct) -> None:
        """Declare this environment for `scope` and everything below it.

        Raises:
            ValueError: If `scope` has a child already, which may have read another environment.
        """
        children = scope.node.children
        if children:
            raise ValueError(
                f"{scope.node.path or 'App'}: the environment must be declared before the scope's first child, "
                f"got {self.name} after {children[0].node.id!r}; allowed: an App or Stage before its stacks, "
                "or a Stack before its constructs"
            )
        scope.node.set_context(CONTEXT_KEY, self.value)

    @property
    def defaults(self) -> EnvironmentDefaults:
        """This environment's row of the table of defaults."""
        return _DEFAULTS[self]

    @classmethod
    def declared_for(cls, scope: Construct) -> "EnvironmentType | None":
        """The environment that the nearest enclosing scope (or cdk.json) declares, or None.

        Raises:
            ValueError: If the context key holds anything but the name of an environment type.
        """
        value: object = scope.node.try_get_context(CONTEXT_KEY)
        if value is None:
            return None
        try:
            return cls(str(value).upper())
        except ValueError:
            raise ValueError(
                f"{scope.node.path}: unknown environment type in the context key {CONTEXT_KEY!r}, got {value!r}; "
                f"allowed: {', '.join(cls)}"
            ) from None

    @classmethod
    def of(cls, scope: Construct) -> "EnvironmentType":
        """The environment that `scope` belongs to: the declared one, else PROD."""
        return cls.declared_for(scope) or cls.PROD


_DEFAULTS: Final["Mapping[EnvironmentType, EnvironmentDefaults]"] = {
    EnvironmentType.DEV: EnvironmentDefaults(
        network_octet=0,
        network_indexes=10,
        nat_strategy="SINGLE",
        endpoint_availability_zones=1,
        log_retention_days=14,
        retain_data=False,
        minimum_tasks=1,
        protect_load_balancers=False,
        database_instances=1,
        database_serverless=True,
        database_maximum_capacity=4,
        database_backup_days=1,
        database_standby=False,
        snapshot_databases=False,
    ),
    EnvironmentType.STAGING: EnvironmentDefaults(
        network_octet=1,
        network_indexes=10,
        nat_strategy="SINGLE",
        endpoint_availability_zones=2,
        log_retention_days=30,
        retain_data=False,
        minimum_tasks=1,
        protect_load_balancers=False,
        database_instances=2,
        database_serverless=True,
        database_maximum_capacity=8,
        database_backup_days=7,
        database_standby=True,
        snapshot_databases=True,
    ),
    EnvironmentType.PROD: EnvironmentDefaults(
        network_octet=2,
        network_indexes=10,
        nat_strategy="REGIONAL",
        endpoint_availability_zones=None,
        log_retention_days=365,
        retain_data=True,
        minimum_tasks=2,
        protect_load_balancers=True,
        database_instances=2,
        database_serverless=False,
        database_maximum_capacity=16,
        database_backup_days=35,
        database_standby=True,
        snapshot_databases=True,
    ),
    EnvironmentType.SHARED: EnvironmentDefaults(
        network_octet=100,
        network_indexes=16,
        nat_strategy="REGIONAL",
        endpoint_availability_zones=None,
        log_retention_days=365,
        retain_data=True,
        minimum_tasks=2,
        protect_load_balancers=True,
        database_instances=2,
        database_serverless=False,
        database_maximum_capacity=16,
        database_backup_days=35,
        database_standby=True,
        snapshot_databases=True,
    ),
}


def protect_state(scope: Construct, environment_type: EnvironmentType | None) -> None:
    """Protect the stack of `scope` from deletion, where it now holds state and PROD is declared.

    A nested stack cannot be protected by itself, so the outermost stack is. A stack whose environment nobody declared
    is left alone: production defaults are safe to assume, a lock that somebody has to take off again is not.

    Args:
        scope: The construct that keeps the state.
        environment_type: What its own argument declares, or None for what the scope declares.
    """
    if (environment_type or EnvironmentType.declared_for(scope)) is not EnvironmentType.PROD:
        return
    stack = Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    stack.termination_protection = True
