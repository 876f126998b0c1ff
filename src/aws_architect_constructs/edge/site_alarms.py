"""A distribution's alarms, in us-east-1, where CloudFront's metrics are."""

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType

if TYPE_CHECKING:  # whoever has one has loaded it
    from aws_cdk import aws_sns as sns

    from .web_acl import WebAclParts


def site_alarms(
    scope: Construct,
    *,
    distribution: cloudfront.Distribution,
    web_acl: "WebAclParts | None",
    alarm_topic: "sns.ITopic",
    environment: EnvironmentType,
) -> list[cloudwatch.Alarm]:
    """Errors, slow origins and many blocked requests, each told to the topic."""
    alarms = Alarms(scope, alarm_topic=alarm_topic, environment_type=environment)
    dimensions = {"DistributionId": distribution.distribution_id, "Region": "Global"}
    errors = cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name="5xxErrorRate",
        dimensions_map=dimensions,
        statistic="Average",
        period=Duration.minutes(1),
    )
    latency = cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name="OriginLatency",
        dimensions_map=dimensions,
        statistic="p90",
        period=Duration.minutes(1),
    )
    found = [
        alarms.add(
            "ServerErrors",
            errors,
            threshold=5,
            evaluation_periods=5,
            description="More than 5 percent of the site's answers are errors of the server. Look at the origin "
            "first: 502 and 504 are CloudFront's own words for one that does not answer.",
        ),
        alarms.add(
            "OriginLatency",
            latency,
            threshold=3000,
            evaluation_periods=5,
            description="One answer in ten takes the origin more than 3 seconds (milliseconds in the metric). Look "
            "at the origin's load, then at the share of cache hits.",
        ),
    ]
    if web_acl is not None:
        from .web_acl import add_blocked_alarm  # noqa: PLC0415 -- only a site with a firewall of its own

        found.append(add_blocked_alarm(alarms, web_acl))
    return [alarm for alarm in found if alarm is not None]
