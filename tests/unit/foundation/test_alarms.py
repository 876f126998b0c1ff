"""Alarms: heard in both directions, or not made."""

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from aws_architect_constructs import EnvironmentType
from aws_architect_constructs.foundation.alarms import Alarms
from support.synthesis import ENV, new_app, new_stack, properties, synthesize, template_of, warnings_of

METRIC = cloudwatch.Metric(namespace="Acme", metric_name="Failures")


def add(alarms: Alarms, **options: Any) -> cloudwatch.Alarm | None:
    """An alarm on any failure."""
    return alarms.add("Failures", METRIC, threshold=0, evaluation_periods=3, description="Look.", **options)


def alarmed(stack: Stack, topic: sns.ITopic | None) -> Alarms:
    """The alarms of the stack itself."""
    return Alarms(stack, alarm_topic=topic, environment_type=None)


def test_an_alarm_tells_of_its_beginning_and_its_end() -> None:
    """With a topic an alarm has it as alarm action and as OK action."""
    template = synthesize(lambda stack: add(alarmed(stack, sns.Topic(stack, "Topic"))))
    (alarm,) = properties(template, "AWS::CloudWatch::Alarm")
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "TopicBFC7AF6E"}]


def test_an_alarm_is_what_was_asked_for() -> None:
    """Every argument reaches the template."""

    def build(stack: Stack) -> None:
        alarmed(stack, sns.Topic(stack, "Topic")).add(
            "Failures",
            METRIC,
            threshold=2.5,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            description="Look at the queue first.",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )

    (alarm,) = properties(synthesize(build), "AWS::CloudWatch::Alarm")
    assert {name: value for name, value in alarm.items() if not name.endswith("Actions")} == {
        "AlarmDescription": "Look at the queue first.",
        "ComparisonOperator": "LessThanThreshold",
        "DatapointsToAlarm": 3,
        "EvaluationPeriods": 5,
        "MetricName": "Failures",
        "Namespace": "Acme",
        "Period": 300,
        "Statistic": "Average",
        "Threshold": 2.5,
        "TreatMissingData": "breaching",
    }


def test_nobody_to_tell_is_no_alarm() -> None:
    """Without a topic there is no alarm, but for one that a deployment rolls back on."""

    def build(stack: Stack) -> None:
        alarms = alarmed(stack, None)
        assert add(alarms) is None
        assert not alarms.heard
        alarms.guard("Guard", METRIC, threshold=0, evaluation_periods=1, description="Rolls back.")

    (alarm,) = properties(synthesize(build), "AWS::CloudWatch::Alarm")
    assert "AlarmActions" not in alarm
    assert alarm["AlarmDescription"] == "Rolls back."


@pytest.mark.parametrize(
    ("environment_type", "warned"), [(EnvironmentType.PROD, True), (EnvironmentType.DEV, False), (None, True)]
)
def test_production_without_a_topic_warns(environment_type: EnvironmentType | None, warned: bool) -> None:
    """The warning is for PROD, declared or assumed."""
    stack = new_stack(environment_type)
    alarmed(stack, None)
    assert any("NoAlarmTopic" in warning for warning in warnings_of(stack)) is warned


def test_the_own_argument_comes_before_the_scope() -> None:
    """A construct that is declared DEV is not warned about in a PROD stack."""
    stack = new_stack(EnvironmentType.PROD)
    Alarms(stack, alarm_topic=None, environment_type=EnvironmentType.DEV)
    assert warnings_of(stack) == []


def test_a_topic_admits_the_alarms_of_its_account_once() -> None:
    """The topic's policy has one statement for CloudWatch, however many constructs use it."""

    def build(stack: Stack) -> None:
        topic = sns.Topic(stack, "Topic", enforce_ssl=True)
        alarmed(stack, topic)
        alarmed(stack, topic)

    (policy,) = properties(synthesize(build), "AWS::SNS::TopicPolicy")
    admitted = [
        statement
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert [statement["Condition"]["StringEquals"] for statement in admitted] == [
        {"aws:SourceAccount": "111111111111"},
    ]


def test_an_encrypted_topic_s_key_admits_them_too() -> None:
    """CloudWatch may use the key of the topic."""

    def build(stack: Stack) -> None:
        alarmed(stack, sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key")))

    (key,) = properties(synthesize(build), "AWS::KMS::Key")
    services = [statement["Principal"].get("Service") for statement in key["KeyPolicy"]["Statement"]]
    assert "cloudwatch.amazonaws.com" in services


def test_a_topic_of_another_stack_does_not_depend_on_its_users() -> None:
    """The topic's policy names no resource of the alarm's stack."""
    app = new_app()
    operations, web = (new_stack(app=app, name=name, env=ENV) for name in ("Operations", "Web"))
    add(alarmed(web, sns.Topic(operations, "Topic", master_key=kms.Key(operations, "Key"))))
    template_of(web)
    assert web not in operations.dependencies
