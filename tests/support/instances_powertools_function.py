"""The canonical instances of PowertoolsFunction."""

from pathlib import Path
from typing import Final

from aws_cdk import CfnParameter, Duration, Size, Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import ColdStart, EnvironmentType, PowertoolsFunction, PowertoolsSource
from support.instance import Instance

ORDERS: Final = str(Path(__file__).parents[1] / "functions" / "orders")


def topic_of(stack: Stack) -> sns.ITopic:
    """The alarm topic of another stack."""
    return sns.Topic.from_topic_arn(stack, "Topic", stack.format_arn(service="sns", resource="alarms"))


def _default(stack: Stack) -> None:
    PowertoolsFunction(
        stack, "Orders", entry=ORDERS, handler="app.handler", service="orders", alarm_topic=topic_of(stack)
    )


def _dev(stack: Stack) -> None:
    PowertoolsFunction(
        stack,
        "Orders",
        entry=ORDERS,
        handler="app.handler",
        service="orders",
        powertools=PowertoolsSource.LATEST_LAYER,
        idempotency=True,
    )


def _snap_start(stack: Stack) -> None:
    function = PowertoolsFunction(
        stack,
        "Orders",
        entry=ORDERS,
        handler="app.handler",
        service="orders",
        cold_start=ColdStart.snap_start(),
        alarm_topic=topic_of(stack),
    )
    function.add_function_url()


def _events(stack: Stack) -> None:
    function = PowertoolsFunction(
        stack,
        "Orders",
        entry=ORDERS,
        handler="app.handler",
        service="orders",
        idempotency=True,
        alarm_topic=topic_of(stack),
    )
    queue = sqs.Queue.from_queue_attributes(
        stack,
        "Queue",
        queue_arn=CfnParameter(stack, "QueueArn").value_as_string,
        key_arn=CfnParameter(stack, "KeyArn").value_as_string,
    )
    function.add_queue(
        queue,
        visibility_timeout=Duration.seconds(180),
        max_concurrency=10,
        filters=[{"body": {"kind": ["order"]}}],
    )
    function.add_rule("Nightly", schedule=events.Schedule.rate(Duration.days(1)))
    function.add_rule("Placed", event_pattern=events.EventPattern(source=["acme.orders"]))
    function.add_bucket(s3.Bucket.from_bucket_name(stack, "Bucket", "acme-orders"), prefix="in/", suffix=".json")
    table = stack.format_arn(service="dynamodb", resource="table", resource_name="orders")
    function.add_table_stream(
        dynamodb.Table.from_table_attributes(
            stack,
            "Table",
            table_arn=table,
            table_stream_arn=CfnParameter(stack, "StreamArn").value_as_string,
        )
    )


def _fullest(stack: Stack) -> None:
    PowertoolsFunction(
        stack,
        "Orders",
        entry=ORDERS,
        handler="app.handler",
        service="orders",
        metrics_namespace="Acme/Orders",
        description="Takes orders.",
        architecture=lambda_.Architecture.X86_64,
        memory_size=1024,
        timeout=Duration.seconds(20),
        api_timeout_limit=Duration.seconds(29),
        environment={"STAGE": "prod"},
        powertools_layer_version=36,
        log_level=lambda_.ApplicationLogLevel.WARN,
        lambda_insights=True,
        ephemeral_storage_size=Size.mebibytes(1024),
        reserved_concurrent_executions=50,
        cold_start=ColdStart.provisioned(5, max_capacity=20),
        deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
        idempotency=True,
        vpc=ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        ),
        encryption_key=kms.Key.from_key_arn(stack, "Key", CfnParameter(stack, "KeyArn").value_as_string),
        alarm_topic=topic_of(stack),
    )


INSTANCES: Final = {
    "powertools_function-default": Instance(build=_default),
    "powertools_function-dev": Instance(build=_dev, environment_type=EnvironmentType.DEV, env=None),
    "powertools_function-events": Instance(build=_events, env=None),
    "powertools_function-fullest": Instance(build=_fullest),
    "powertools_function-snap_start": Instance(build=_snap_start),
}
