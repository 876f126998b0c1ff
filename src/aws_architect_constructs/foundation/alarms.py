"""What all alarms of this library have in common: an action in both directions, or none at all.

An alarm that nobody hears is theatre, so without a topic there is none, but for those that guard a deployment: rolling
back is their action.
"""

from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import warn

from .environment import EnvironmentType
from .workload_key import KeyService, encryption_key_for

if TYPE_CHECKING:  # whoever has a topic has loaded these
    from aws_cdk import aws_sns as sns


class Alarms:
    """The alarms of one construct.

    Alarms stand in the construct's own scope by the ids that it gives them.

    Cost: 0.10 USD a month for each alarm on a metric of standard resolution, and as much again for each further metric
    in its expression (us-east-1, https://aws.amazon.com/cloudwatch/pricing/).

    Well-Architected: operational excellence (OPS08, understand operational health), reliability (REL06, notify).

    See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html.

    Args:
        scope: The construct.
        alarm_topic: Where alarms and their ends are told. Without one only guards are made, and in PROD the warning
            `NoAlarmTopic` says so.
        environment_type: What the construct's own argument declares, or None for what its scope declares.
    """

    def __init__(
        self, scope: Construct, *, alarm_topic: "sns.ITopic | None", environment_type: EnvironmentType | None
    ) -> None:
        self._scope: Final = scope
        self._action: actions.SnsAction | None = None
        if alarm_topic is not None:
            _admit_alarms(scope, alarm_topic)
            self._action = actions.SnsAction(alarm_topic)
        elif (environment_type or EnvironmentType.of(scope)) is EnvironmentType.PROD:
            warn(
                scope,
                "NoAlarmTopic",
                "Nobody hears of failures here: without alarm_topic= no alarms are made. Give a topic that somebody is "
                "subscribed to.",
            )

    @property
    def heard(self) -> bool:
        """Whether there is a topic, and so any alarm beside guards."""
        return self._action is not None

    def add(
        self,
        alarm_id: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        evaluation_periods: int,
        description: str,
        datapoints_to_alarm: int | None = None,
        comparison_operator: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm | None:
        """Make an alarm that tells the topic when it begins and when it ends.

        Args:
            alarm_id: Its id in the construct.
            metric: What is watched, with its period.
            threshold: In the metric's own unit.
            evaluation_periods: How many periods are looked at.
            description: What it means and what to do first: whoever is woken reads this.
            datapoints_to_alarm: How many of the periods have to breach. Default None: all of them.
            comparison_operator: Default: above the threshold.
            treat_missing_data: What no data means. Default: all is well.

        Returns:
            The alarm, or None if there is no topic.
        """
        if self._action is None:
            return None
        return self.guard(
            alarm_id,
            metric,
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            description=description,
            datapoints_to_alarm=datapoints_to_alarm,
            comparison_operator=comparison_operator,
            treat_missing_data=treat_missing_data,
        )

    def guard(
        self,
        alarm_id: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: float,
        evaluation_periods: int,
        description: str,
        datapoints_to_alarm: int | None = None,
        comparison_operator: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        """Make an alarm that a deployment rolls back on, which therefore always exists; arguments as in `add`."""
        alarm = cloudwatch.Alarm(
            self._scope,
            alarm_id,
            metric=metric,
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=datapoints_to_alarm,
            comparison_operator=comparison_operator,
            treat_missing_data=treat_missing_data,
            alarm_description=description,
        )
        if self._action is not None:
            alarm.add_alarm_action(self._action)
            alarm.add_ok_action(self._action)
        return alarm


def _admit_alarms(scope: Construct, topic: "sns.ITopic") -> None:
    """Let CloudWatch tell the topic of this account's alarms: a topic with a policy of its own would refuse it.

    An imported topic's policy cannot be changed from here; the one that every topic begins with admits its own account.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    stack = Stack.of(scope)
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="CloudWatchAlarms",
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {
                    "aws:SourceArn": f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:*"
                },
            },
        )
    )
    if topic.master_key is not None:
        encryption_key_for(scope, topic.master_key, KeyService.CLOUDWATCH)
