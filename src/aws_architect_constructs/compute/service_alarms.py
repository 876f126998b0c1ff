"""The alarms of a service: those that roll a deployment back, and those that call somebody."""

import math
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from constructs import Construct

from aws_architect_constructs.foundation.alarms import Alarms

if TYPE_CHECKING:  # a worker has no load balancer
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2

_MINUTE: Final = Duration.minutes(1)
_FEW_REQUESTS: Final = 20
"""Below so many requests a minute, one failure is a large share and says nothing."""
_ERROR_PERCENT: Final = 5
_LATENCY_SECONDS: Final = 2
_HIGH_PERCENT: Final = 85
_FAILURE_MINUTES: Final = 30
"""In how long three failures are too many. Fargate retries a pull for minutes before the task fails, and all tasks of
one attempt fail together, so that three attempts take longer than a quarter of an hour."""
_FAILURE_MARGIN: Final = 10
"""The same beside twice the time that a task is given to become healthy, which passes between failures of its check."""
_UNHEALTHY_MINUTES: Final = 4
"""How long a task may be unhealthy beside the time that it is given to become healthy."""
_MINUTES_A_DAY: Final = 1440
"""Further back no alarm looks: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html."""


def guard_deployments(
    alarms: Alarms,
    scope: Construct,
    *,
    cluster: ecs.ICluster,
    family: str,
    target_groups: "list[elbv2.ApplicationTargetGroup]",
    grace_seconds: float,
) -> list[cloudwatch.Alarm]:
    """Make the alarms that a deployment is rolled back on.

    None of them names the service, which names them.

    Args:
        alarms: The service's alarms.
        scope: Where the rule stands that counts failing tasks.
        cluster: The cluster.
        family: The family of the task definition.
        target_groups: The target groups, or none.
        grace_seconds: How long a task may take to become healthy: the load balancer calls it unhealthy all the while,
            and a deployment must not end for that, but for three tasks that never were.

    Returns:
        The alarms: tasks that fail, and, behind a load balancer, failing answers and unhealthy tasks.
    """
    grace = math.ceil(grace_seconds / 60)
    window = min(max(_FAILURE_MINUTES, 2 * grace + _FAILURE_MARGIN), _MINUTES_A_DAY)
    found = [
        alarms.guard(
            "TaskFailuresAlarm",
            _triggered(_failed_tasks_rule(scope, cluster, family)),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=window,
            datapoints_to_alarm=3,
            description="Tasks cannot start, exit, or fail their health checks: in three of the last "
            f"{window} minutes at least one did. A deployment in progress fails and rolls back. Look at "
            "the reasons of stopped tasks, and at the log group.",
        )
    ]
    if target_groups:
        minutes = min(_UNHEALTHY_MINUTES + grace, _MINUTES_A_DAY)
        found.append(
            alarms.guard(
                "ErrorsAlarm",
                _error_percent(target_groups),
                threshold=_ERROR_PERCENT,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                description=f"More than {_ERROR_PERCENT}% of the requests are answered with 5xx by the tasks (from "
                f"{_FEW_REQUESTS} requests a minute on). A deployment in progress rolls back. Look at the logs.",
            )
        )
        found.append(
            alarms.guard(
                "UnhealthyTasksAlarm",
                _math(
                    "unhealthy tasks", "+".join(_filled(target_groups)), "UnHealthyHostCount", "Maximum", target_groups
                ),
                threshold=0,
                evaluation_periods=minutes,
                description=f"A task fails the load balancer's health check for {minutes} minutes. A deployment in "
                "progress rolls back. Look at the health check's path and at the logs.",
            )
        )
    return found


def watch_service(
    alarms: Alarms,
    scope: Construct,
    *,
    service: ecs.FargateService,
    target_groups: "list[elbv2.ApplicationTargetGroup]",
    load_balancer: "elbv2.ApplicationLoadBalancer | None",
) -> None:
    """Make the alarms that somebody hears, if somebody does."""
    if not alarms.heard:
        return
    if target_groups:
        alarms.add(
            "LatencyAlarm",
            _math("p99", f"MAX([{','.join(_ids(target_groups))}])", "TargetResponseTime", "p99", target_groups),
            threshold=_LATENCY_SECONDS,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            description=f"One request in a hundred takes longer than {_LATENCY_SECONDS} seconds. Look at what the "
            "tasks wait for, and at their CPU.",
        )
    if load_balancer is not None:
        alarms.add(
            "LoadBalancerErrorsAlarm",
            _unanswered_percent(load_balancer),
            threshold=_ERROR_PERCENT,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            description=f"More than {_ERROR_PERCENT}% of the requests are answered with 5xx by the load balancer, "
            f"because no task did (from {_FEW_REQUESTS} requests a minute on): 502 where a task breaks off, 503 where "
            "none is healthy, 504 where one takes too long. Look at the access logs and at stopped tasks.",
        )
    for alarm_id, metric, what in (
        ("CpuAlarm", service.metric_cpu_utilization(period=_MINUTE), "CPU"),
        ("MemoryAlarm", service.metric_memory_utilization(period=_MINUTE), "memory"),
    ):
        alarms.add(
            alarm_id,
            metric,
            threshold=_HIGH_PERCENT,
            evaluation_periods=15,
            description=f"The tasks have used more than {_HIGH_PERCENT}% of their {what} for 15 minutes although they "
            "may have scaled: raise max_capacity or the task's size.",
        )
    dimensions = {"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name}
    alarms.add(
        "MissingTasksAlarm",
        cloudwatch.MathExpression(
            expression="desired - FILL(running, 0)",
            label="missing tasks",
            period=_MINUTE,
            using_metrics={
                name: cloudwatch.Metric(
                    namespace="ECS/ContainerInsights",
                    metric_name=f"{name.capitalize()}TaskCount",
                    dimensions_map=dimensions,
                    statistic="Average",
                    period=_MINUTE,
                )
                for name in ("desired", "running")
            },
        ),
        threshold=0,
        evaluation_periods=15,
        description="Fewer tasks run than should for 15 minutes. Look at the service's events: images, secrets, "
        "addresses in the subnets, or Spot capacity may lack.",
    )
    rule = _counting_rule(
        scope,
        "DeploymentFailures",
        description="Deployments of the service that failed; its alarm counts them.",
        detail_type="ECS Deployment State Change",
        resources=[service.service_arn],
        detail={"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
    )
    alarms.add(
        "DeploymentFailureAlarm",
        _triggered(rule),
        threshold=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=1,
        description="A deployment failed, and the last one that worked is back. Look at the service's deployments.",
    )


def _failed_tasks_rule(scope: Construct, cluster: ecs.ICluster, family: str) -> events.CfnRule:
    """Events of tasks of this family that stopped by themselves, or because they were not healthy.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    """
    prefix = Stack.of(scope).format_arn(service="ecs", resource="task-definition", resource_name=f"{family}:")
    return _counting_rule(
        scope,
        "TaskFailures",
        description="Tasks that failed; the alarm that deployments roll back on counts them.",
        detail_type="ECS Task State Change",
        resources=None,
        detail={
            "clusterArn": [cluster.cluster_arn],
            "taskDefinitionArn": [{"prefix": prefix}],
            "lastStatus": ["STOPPED"],
            "$or": [
                {"stopCode": ["EssentialContainerExited", "TaskFailedToStart"]},
                {"stoppedReason": [{"prefix": "Task failed"}]},
            ],
        },
    )


def _counting_rule(
    scope: Construct,
    id: str,
    *,
    description: str,
    detail_type: str,
    resources: list[str] | None,
    detail: dict[str, Any],
) -> events.CfnRule:
    """A rule that sends its events nowhere: EventBridge counts the matches, and that is what is wanted."""
    pattern: dict[str, Any] = {"source": ["aws.ecs"], "detail-type": [detail_type], "detail": detail}
    if resources is not None:
        pattern["resources"] = resources
    rule = events.CfnRule(scope, id, description=description, state="ENABLED", event_pattern=pattern, targets=[])
    rule.add_property_deletion_override("Targets")  # which cdk-nag reads, and CloudFormation does without
    return rule


def _triggered(rule: events.CfnRule) -> cloudwatch.Metric:
    """How often a rule matched, whether it has a target or not.

    https://repost.aws/knowledge-center/eventbridge-rules-troubleshoot
    """
    return cloudwatch.Metric(
        namespace="AWS/Events",
        metric_name="TriggeredRules",
        dimensions_map={"RuleName": rule.ref},
        statistic="Sum",
        period=_MINUTE,
    )


def _ids(target_groups: "list[elbv2.ApplicationTargetGroup]") -> list[str]:
    return [f"m{index}" for index in range(len(target_groups))]


def _filled(target_groups: "list[elbv2.ApplicationTargetGroup]", prefix: str = "m") -> list[str]:
    return [f"FILL({prefix}{index},0)" for index in range(len(target_groups))]


def _metric(group: "elbv2.ApplicationTargetGroup", name: str, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/ApplicationELB",
        metric_name=name,
        dimensions_map={
            "LoadBalancer": group.first_load_balancer_full_name,
            "TargetGroup": group.target_group_full_name,
        },
        statistic=statistic,
        period=_MINUTE,
    )


def _math(
    label: str, expression: str, name: str, statistic: str, target_groups: "list[elbv2.ApplicationTargetGroup]"
) -> cloudwatch.IMetric:
    """A metric over one or both target groups: whichever has the traffic."""
    metrics = {f"m{index}": _metric(group, name, statistic) for index, group in enumerate(target_groups)}
    if len(metrics) == 1:
        return metrics["m0"]
    return cloudwatch.MathExpression(expression=expression, label=label, period=_MINUTE, using_metrics=metrics)


def _error_percent(target_groups: "list[elbv2.ApplicationTargetGroup]") -> cloudwatch.MathExpression:
    metrics: dict[str, cloudwatch.IMetric] = {}
    for index, group in enumerate(target_groups):
        metrics[f"e{index}"] = _metric(group, "HTTPCode_Target_5XX_Count", "Sum")
        metrics[f"r{index}"] = _metric(group, "RequestCount", "Sum")
    errors = "+".join(_filled(target_groups, "e"))
    requests = "+".join(_filled(target_groups, "r"))
    return cloudwatch.MathExpression(
        expression=f"IF(({requests})>={_FEW_REQUESTS},100*({errors})/({requests}),0)",
        label="5xx %",
        period=_MINUTE,
        using_metrics=metrics,
    )


def _unanswered_percent(load_balancer: "elbv2.ApplicationLoadBalancer") -> cloudwatch.MathExpression:
    """The share of requests that no task answered. A request for which there was no task is in no count of requests."""
    metrics: dict[str, cloudwatch.IMetric] = {
        name: cloudwatch.Metric(
            namespace="AWS/ApplicationELB",
            metric_name=metric_name,
            dimensions_map={"LoadBalancer": load_balancer.load_balancer_full_name},
            statistic="Sum",
            period=_MINUTE,
        )
        for name, metric_name in (("e", "HTTPCode_ELB_5XX_Count"), ("r", "RequestCount"))
    }
    every = "(FILL(e,0)+FILL(r,0))"
    return cloudwatch.MathExpression(
        expression=f"IF({every}>={_FEW_REQUESTS},100*FILL(e,0)/{every},0)",
        label="unanswered %",
        period=_MINUTE,
        using_metrics=metrics,
    )
