"""What somebody is woken for when a function does not do well."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs.foundation.alarms import Alarms

_PERIOD: Final = Duration.minutes(5)
_QUICK: Final = Duration.minutes(1)
_ERROR_PERCENT: Final = 5
_NEAR: Final = 0.8
# A Region's quota for a new account: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
_CONCURRENCY_QUOTA: Final = 1_000
# A share of calls that fail: one failure of one call is all of them, so a single one is not enough.
_ERROR_RATE: Final = "IF(errors > 1 AND invocations > 0, 100 * errors / invocations, 0)"


def function_alarms(
    alarms: Alarms,
    function: lambda_.Function,
    dead_letter_queue: sqs.IQueue,
    *,
    timeout_seconds: int,
    reserved: int | None,
) -> list[cloudwatch.Alarm]:
    """The alarms of a function, if anybody hears them."""
    concurrent = _CONCURRENCY_QUOTA if reserved is None else reserved
    found = [
        alarms.add(
            "ErrorRateAlarm",
            _error_rate({"FunctionName": function.function_name}, _PERIOD),
            threshold=_ERROR_PERCENT,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            description=f"More than {_ERROR_PERCENT} % of calls fail, and more than one. Look for level ERROR in its "
            "log group.",
        ),
        alarms.add(
            "ThrottlesAlarm",
            function.metric_throttles(period=_PERIOD),
            threshold=0,
            evaluation_periods=1,
            description="Calls are refused for want of concurrency. Compare ConcurrentExecutions with the reserved "
            "concurrency and the account's quota.",
        ),
        alarms.add(
            "DurationAlarm",
            function.metric_duration(period=_PERIOD, statistic="Maximum"),
            threshold=_NEAR * timeout_seconds * 1000,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            description=f"Calls take more than {_NEAR:.0%} of the timeout of {timeout_seconds} s and will soon be cut "
            "off. Look at the slow segments of their traces.",
        ),
        alarms.add(
            "DeadLettersAlarm",
            dead_letter_queue.metric_approximate_number_of_messages_visible(period=_QUICK, statistic="Maximum"),
            threshold=0,
            evaluation_periods=1,
            description="Events could not be handled and wait in the dead-letter queue. Read one, mend the cause, send "
            "them again.",
        ),
        # A function that is reserved nothing is switched off: what it would do is throttled.
        concurrent > 0
        and alarms.add(
            "ConcurrencyAlarm",
            function.metric("ConcurrentExecutions", period=_QUICK, statistic="Maximum"),
            threshold=_NEAR * concurrent,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            description=f"More than {_NEAR:.0%} of {concurrent} concurrent executions are in use; above them calls are "
            "refused. Raise the reserved concurrency or the account's quota.",
        ),
    ]
    return [alarm for alarm in found if alarm]


def iterator_age_alarm(alarms: Alarms, function: lambda_.Function, max_age_seconds: int) -> cloudwatch.Alarm | None:
    """The alarm that a stream is handled more slowly than it grows."""
    return alarms.add(
        "IteratorAgeAlarm",
        function.metric("IteratorAge", period=_PERIOD, statistic="Maximum"),
        threshold=max_age_seconds * 1000 / 2,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        description=f"Records of a stream wait for more than half of the {max_age_seconds} s after which they are "
        "given up. Look for errors, then at the parallelization factor.",
    )


def deployment_guard(alarms: Alarms, function: lambda_.Function, alias: lambda_.Alias) -> cloudwatch.Alarm:
    """The alarm that a deployment rolls back on: calls of the new version alone fail, while both take calls.

    The new version's own calls are counted: with a tenth of the traffic, its failures would drown in the old one's
    successes. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    return alarms.guard(
        "DeploymentAlarm",
        _error_rate(
            {
                "FunctionName": function.function_name,
                "Resource": f"{function.function_name}:{alias.alias_name}",
                "ExecutedVersion": alias.version.version,
            },
            _QUICK,
        ),
        threshold=_ERROR_PERCENT,
        evaluation_periods=1,
        description=f"More than {_ERROR_PERCENT} % of the new version's calls, and more than one, fail while it is "
        "rolled out: the deployment goes back to the old one.",
    )


def _error_rate(dimensions: dict[str, str], period: Duration) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression=_ERROR_RATE,
        label="Error rate (%)",
        period=period,
        using_metrics={
            label: cloudwatch.Metric(
                namespace="AWS/Lambda", metric_name=name, dimensions_map=dimensions, statistic="Sum", period=period
            )
            for label, name in (("errors", "Errors"), ("invocations", "Invocations"))
        },
    )
