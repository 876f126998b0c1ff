"""What wakes somebody about a database, and from which figure on.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from aws_architect_constructs.foundation.alarms import Alarms

from .instance_memory import GIB

CPU_PERCENT: Final = 90
MEMORY_SHARE: Final = 0.1
CONNECTIONS_SHARE: Final = 0.8
REPLICA_LAG_MILLISECONDS: Final = 2000
GLOBAL_LAG_MILLISECONDS: Final = 5000
STANDBY_LAG_SECONDS: Final = 30
CAPACITY_PERCENT: Final = 95
_MINUTES: Final = 10
_BELOW: Final = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class DatabaseAlarms:
    """Alarms on the metrics of one cluster or instance; each is about whichever instance is worst off.

    Args:
        alarms: What makes them, if anybody hears.
        dimensions: The database, as its metrics know it.
    """

    def __init__(self, alarms: Alarms, dimensions: Mapping[str, str]) -> None:
        self._alarms = alarms
        self._dimensions = dict(dimensions)

    def common(self, *, gib: float, connections: int) -> None:
        """What any database may run short of.

        Args:
            gib: The memory of its smallest instance.
            connections: The connections that that one takes.
        """
        self._alarms.add(
            "CpuAlarm",
            self._metric("CPUUtilization", "Maximum"),
            threshold=CPU_PERCENT,
            evaluation_periods=_MINUTES,
            description="An instance has been busy for ten minutes: look for its top queries in Database Insights, "
            "then scale it.",
        )
        self._alarms.add(
            "FreeableMemoryAlarm",
            self._metric("FreeableMemory", "Minimum"),
            threshold=int(gib * GIB * MEMORY_SHARE),
            evaluation_periods=_MINUTES,
            comparison_operator=_BELOW,
            description="An instance has less than a tenth of its memory left: fewer connections or a larger instance, "
            "before it restarts.",
        )
        self._alarms.add(
            "ConnectionsAlarm",
            self._metric("DatabaseConnections", "Maximum"),
            threshold=int(connections * CONNECTIONS_SHARE),
            evaluation_periods=5,
            description="Four fifths of the connections that an instance takes are in use: look for clients that leak "
            "them, or put a proxy in front.",
        )

    def local_storage(self, *, gib: float) -> None:
        """Sorts and temporary tables that fill an instance's own disk, which Aurora does not extend."""
        self._alarms.add(
            "FreeLocalStorageAlarm",
            self._metric("FreeLocalStorage", "Minimum"),
            threshold=int(2 * gib * GIB * MEMORY_SHARE),
            evaluation_periods=5,
            comparison_operator=_BELOW,
            description="An instance's local disk, where sorts and temporary tables go, is nearly full: find the "
            "query, or take a larger instance.",
        )

    def standby_lag(self) -> None:
        """Readable standbys of a Multi-AZ DB cluster that show an old state."""
        self._alarms.add(
            "ReplicaLagAlarm",
            self._metric("ReplicaLag", "Maximum"),
            threshold=STANDBY_LAG_SECONDS,
            evaluation_periods=5,
            description="A standby is half a minute behind the writer, and a failover would take so much longer.",
        )

    def replica_lag(self) -> None:
        """Readers that show an old state."""
        self._alarms.add(
            "ReplicaLagAlarm",
            self._metric("AuroraReplicaLagMaximum", "Maximum"),
            threshold=REPLICA_LAG_MILLISECONDS,
            evaluation_periods=5,
            description="A reader is two seconds behind the writer: it is too small, or its queries run too long; far "
            "behind, it restarts.",
        )

    def global_lag(self) -> None:
        """A Region that shows, and after a failover would have, an old state."""
        self._alarms.add(
            "GlobalLagAlarm",
            self._metric("AuroraGlobalDBReplicationLag", "Maximum"),
            threshold=GLOBAL_LAG_MILLISECONDS,
            evaluation_periods=5,
            description="This Region is five seconds behind the primary one: so much would be lost if it took over "
            "now.",
        )

    def deadlocks(self) -> None:
        """Transactions that the engine had to kill."""
        self._alarms.add(
            "DeadlocksAlarm",
            self._metric("Deadlocks", "Maximum"),
            threshold=0,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            description="Transactions block each other, and the engine ends one: the log says which.",
        )

    def capacity(self) -> None:
        """A serverless instance that would like to be larger."""
        self._alarms.add(
            "CapacityAlarm",
            self._metric("ACUUtilization", "Maximum"),
            threshold=CAPACITY_PERCENT,
            evaluation_periods=_MINUTES,
            description="A serverless instance has been at its largest for ten minutes: raise serverless_capacity, or "
            "find out what is so much work.",
        )

    def storage(self, *, gib: float) -> None:
        """A disk that fills."""
        self._alarms.add(
            "FreeStorageAlarm",
            self._metric("FreeStorageSpace", "Minimum"),
            threshold=int(gib * GIB * MEMORY_SHARE),
            evaluation_periods=5,
            comparison_operator=_BELOW,
            description="Less than a tenth of the allocated storage is left: it grows no further, or not in time.",
        )

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/RDS",
            metric_name=name,
            dimensions_map=self._dimensions,
            statistic=statistic,
            period=Duration.minutes(1),
        )
