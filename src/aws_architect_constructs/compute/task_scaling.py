"""How the number of tasks follows the load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ecs as ecs

from aws_architect_constructs._validations import integer, listed

if TYPE_CHECKING:  # a service without a queue or a load balancer need not load these
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_sqs as sqs

MOST_TASKS: Final = 5000
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""
_DEFAULT_CPU: Final = 60
_DEFAULT_MEMORY: Final = 75
_DEFAULT_MOST: Final = 10
_PERCENT: Final = 100


@dataclass(frozen=True, kw_only=True)
class QueueScaling:
    """As many tasks as a queue's backlog asks for.

    Attributes:
        queue: The queue.
        messages_per_task: How many waiting messages a task can be left with: the latency that is acceptable, divided by
            the time that one message takes.
    """

    queue: "sqs.IQueue"
    messages_per_task: int


@dataclass(frozen=True, kw_only=True)
class ScheduledCapacity:
    """Other bounds from a certain time on.

    Attributes:
        schedule: When, such as `autoscaling.Schedule.cron(hour="7", minute="0")`.
        min_capacity: The fewest tasks from then on. None leaves it.
        max_capacity: The most tasks from then on. None leaves it.
    """

    schedule: autoscaling.Schedule
    min_capacity: int | None = None
    max_capacity: int | None = None


@dataclass(frozen=True, kw_only=True)
class TaskScaling:
    """How the number of tasks follows the load, by target tracking.

    Attributes:
        min_capacity: The fewest tasks. Default None: 2 in PROD and SHARED, else 1.
        max_capacity: The most tasks. Default None: 10, or `min_capacity` if that is more. Equal bounds scale nothing.
        cpu_percent: The CPU utilization to keep. Default 60; None: not followed.
        memory_percent: The memory utilization to keep. Default 75; None: not followed.
        requests_per_target: The requests a minute and task to keep. Default None: not followed. Only with ROLLING: the
            metric belongs to one target group.
        queue: A queue whose backlog to follow. Default None.
        schedules: Other bounds at certain times. Default: none.
    """

    min_capacity: int | None = None
    max_capacity: int | None = None
    cpu_percent: int | None = _DEFAULT_CPU
    memory_percent: int | None = _DEFAULT_MEMORY
    requests_per_target: int | None = None
    queue: QueueScaling | None = None
    schedules: Sequence[ScheduledCapacity] = ()

    def bounds(self, minimum_tasks: int) -> tuple[int, int]:
        """The fewest and the most tasks, where the environment's fewest are `minimum_tasks`.

        Raises:
            ValueError: If a number is out of bounds or the bounds cross.
        """
        least = integer(
            "min_capacity", minimum_tasks if self.min_capacity is None else self.min_capacity, 0, MOST_TASKS
        )
        most = integer(
            "max_capacity", max(_DEFAULT_MOST, least) if self.max_capacity is None else self.max_capacity, 1, MOST_TASKS
        )
        if least > most:
            raise ValueError(
                f"min_capacity: more than max_capacity, got {least} and {most}; allowed: at most max_capacity"
            )
        for name, value, highest in (
            ("cpu_percent", self.cpu_percent, _PERCENT),
            ("memory_percent", self.memory_percent, _PERCENT),
            ("requests_per_target", self.requests_per_target, 1_000_000),
            ("messages_per_task", None if self.queue is None else self.queue.messages_per_task, 1_000_000),
        ):
            if value is not None:
                integer(name, value, 1, highest)
        for entry in listed("schedules", self.schedules):
            self._check_schedule(entry)
        return least, most

    @staticmethod
    def _check_schedule(entry: object) -> None:
        if not isinstance(entry, ScheduledCapacity):
            raise ValueError(f"schedules: no ScheduledCapacity, got {entry!r}; allowed: ScheduledCapacity(...)")
        if entry.min_capacity is None and entry.max_capacity is None:
            raise ValueError("schedules: an entry changes nothing, got no bound; allowed: min_capacity, max_capacity")
        for name in ("min_capacity", "max_capacity"):
            value = getattr(entry, name)
            if value is not None:
                integer(f"schedules: {name}", value, 0, MOST_TASKS)
        if (
            entry.min_capacity is not None
            and entry.max_capacity is not None
            and entry.min_capacity > entry.max_capacity
        ):
            raise ValueError(
                f"schedules: min_capacity is more than max_capacity, got {entry.min_capacity} and "
                f"{entry.max_capacity}; allowed: at most max_capacity"
            )


def scale(
    service: ecs.FargateService,
    scaling: TaskScaling,
    *,
    bounds: tuple[int, int],
    target_group: "elbv2.ApplicationTargetGroup | None",
) -> ecs.ScalableTaskCount | None:
    """Let the service's number of tasks follow the load, unless the bounds are one."""
    least, most = bounds
    if least == most and not scaling.schedules:
        return None
    target = service.auto_scale_task_count(min_capacity=least, max_capacity=most)
    if scaling.cpu_percent is not None:
        target.scale_on_cpu_utilization("Cpu", target_utilization_percent=scaling.cpu_percent)
    if scaling.memory_percent is not None:
        target.scale_on_memory_utilization("Memory", target_utilization_percent=scaling.memory_percent)
    if scaling.requests_per_target is not None and target_group is not None:
        target.scale_on_request_count(
            "Requests", requests_per_target=scaling.requests_per_target, target_group=target_group
        )
    if scaling.queue is not None:
        _follow_queue(service, target, scaling.queue)
    for index, entry in enumerate(scaling.schedules):
        target.scale_on_schedule(
            f"Schedule{index}",
            schedule=entry.schedule,
            min_capacity=entry.min_capacity,
            max_capacity=entry.max_capacity,
        )
    return target


def _follow_queue(service: ecs.FargateService, target: ecs.ScalableTaskCount, queue: QueueScaling) -> None:
    """Track the backlog of each running task, which CDK's own target tracking has no word for.

    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
    """
    scalable = target.node.find_child("Target").node.default_child
    assert isinstance(scalable, autoscaling.CfnScalableTarget)  # noqa: S101 -- what the L2 is made of
    policy = autoscaling.CfnScalingPolicy
    autoscaling.CfnScalingPolicy(
        target,
        "Queue",
        policy_name=f"{scalable.node.path.replace('/', '')}Queue"[-255:],
        policy_type="TargetTrackingScaling",
        scaling_target_id=scalable.ref,
        target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=queue.messages_per_task,
            customized_metric_specification=policy.CustomizedMetricSpecificationProperty(
                metrics=[
                    _metric(
                        "waiting", "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=queue.queue.queue_name
                    ),
                    _metric(
                        "running",
                        "ECS/ContainerInsights",
                        "RunningTaskCount",
                        ClusterName=service.cluster.cluster_name,
                        ServiceName=service.service_name,
                    ),
                    policy.TargetTrackingMetricDataQueryProperty(
                        id="backlog",
                        expression="waiting / IF(FILL(running, 0) > 0, FILL(running, 0), 1)",
                        label="Waiting messages for each task",
                        return_data=True,
                    ),
                ]
            ),
        ),
    )


def _metric(id: str, namespace: str, name: str, **dimensions: str) -> Any:  # noqa: ANN401 -- an L1 struct
    policy = autoscaling.CfnScalingPolicy
    return policy.TargetTrackingMetricDataQueryProperty(
        id=id,
        return_data=False,
        metric_stat=policy.TargetTrackingMetricStatProperty(
            stat="Average",
            metric=policy.TargetTrackingMetricProperty(
                namespace=namespace,
                metric_name=name,
                dimensions=[
                    policy.TargetTrackingMetricDimensionProperty(name=key, value=value)
                    for key, value in dimensions.items()
                ],
            ),
        ),
    )


def check_desired(desired_count: int | None, bounds: tuple[int, int]) -> None:
    """Check the number of tasks to begin with.

    Raises:
        ValueError: If it is out of the bounds.
    """
    if desired_count is None:
        return
    least, most = bounds
    integer("desired_count", desired_count, least, most)
