"""What calls a function: each source as it should be, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import EnvironmentType, PowertoolsFunction
from support.instances_powertools_function import ORDERS
from support.synthesis import (
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    synthesize,
    template_of,
    warnings_of,
)

MAPPING = "AWS::Lambda::EventSourceMapping"


def make(scope: Stack, **arguments: Any) -> PowertoolsFunction:
    """A function of the sources that tests have."""
    return PowertoolsFunction(
        scope, "Orders", **({"entry": ORDERS, "handler": "app.handler", "service": "orders"} | arguments)
    )


def queue_of(stack: Stack, seconds: int | None = 180, **options: Any) -> sqs.Queue:
    """A queue with dead letters and a visibility timeout."""
    failed = sqs.DeadLetterQueue(queue=sqs.Queue(stack, "Failed"), max_receive_count=5)
    timeout = None if seconds is None else Duration.seconds(seconds)
    return sqs.Queue(stack, "Queue", **({"visibility_timeout": timeout, "dead_letter_queue": failed} | options))


def stream_of(stack: Stack, **options: Any) -> dynamodb.Table:
    """A table with a stream."""
    return dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        **({"stream": dynamodb.StreamViewType.NEW_IMAGE} | options),
    )


def with_queue(**arguments: Any) -> Template:
    """A function that handles a queue."""

    def build(stack: Stack) -> None:
        make(stack).add_queue(queue_of(stack), **arguments)

    return synthesize(build)


def with_stream(**arguments: Any) -> Template:
    """A function that handles a table's stream."""

    def build(stack: Stack) -> None:
        make(stack).add_table_stream(stream_of(stack), **arguments)

    return synthesize(build)


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({}, "FunctionResponseTypes", ["ReportBatchItemFailures"]),
        ({}, "BatchSize", 10),
        ({}, "MaximumBatchingWindowInSeconds", 0),
        ({}, "ScalingConfig", None),
        ({}, "FilterCriteria", None),
        ({"batch_size": 1}, "BatchSize", 1),
        ({"batch_size": 10_000, "max_batching_window": Duration.seconds(5)}, "BatchSize", 10_000),
        ({"max_batching_window": Duration.minutes(5)}, "MaximumBatchingWindowInSeconds", 300),
        ({"max_concurrency": 2}, "ScalingConfig", {"MaximumConcurrency": 2}),
        ({"filters": [{"body": {"a": [1]}}]}, "FilterCriteria", {"Filters": [{"Pattern": '{"body":{"a":[1]}}'}]}),
    ],
)
def test_a_queue_is_handled_as_asked(arguments: dict[str, Any], name: str, value: Any) -> None:
    """Each argument, and each default, reaches the mapping."""
    (mapping,) = properties(with_queue(**arguments), MAPPING)
    assert mapping.get(name) == value


def test_the_alias_handles_the_queue() -> None:
    """Not the newest code, but what was released; and the mapping waits for the permission to read."""
    (mapping,) = resources(with_queue(), MAPPING).values()
    assert mapping["Properties"]["FunctionName"] == {"Ref": "OrdersLiveB822C13A"}
    assert mapping["Properties"]["EventSourceArn"] == {"Fn::GetAtt": ["Queue4A7E3555", "Arn"]}
    assert mapping["DependsOn"] == ["OrdersPolicy95F4027F"]


@pytest.mark.parametrize(("seconds", "allowed"), [(29, False), (30, True), (None, True), (0, False)])
def test_a_queue_that_hands_out_too_early_is_refused(seconds: int | None, allowed: bool) -> None:
    """A visibility timeout below the function's is an error; the queue's default of 30 seconds is 30 seconds."""
    stack = new_stack()
    orders, queue = make(stack), queue_of(stack, seconds)
    if allowed:
        orders.add_queue(queue)
    else:
        with pytest.raises(
            ValueError, match=rf"Stack/Queue: the queue hands .*got a visibility timeout of {seconds} s"
        ):
            orders.add_queue(queue)


@pytest.mark.parametrize(
    ("seconds", "window", "warned"), [(179, 0, True), (180, 0, False), (180, 5, True), (185, 5, False)]
)
def test_less_than_six_timeouts_is_a_warning(seconds: int, window: int, warned: bool) -> None:
    """AWS recommends six times the function's timeout, and the batching window."""
    stack = new_stack(EnvironmentType.DEV)
    make(stack).add_queue(queue_of(stack, seconds), max_batching_window=Duration.seconds(window))
    assert ("ShortVisibilityTimeout" in str(warnings_of(stack))) is warned


def test_a_queue_of_elsewhere_says_its_visibility() -> None:
    """Of an imported queue nothing is known unless it is said; then it is checked as any other's."""
    stack = new_stack(EnvironmentType.DEV)
    orders = make(stack)
    one, other = (
        sqs.Queue.from_queue_arn(stack, name, f"arn:aws:sqs:eu-west-1:111111111111:{name}") for name in ("One", "Other")
    )
    with pytest.raises(ValueError, match="got a visibility timeout of 20 s"):
        orders.add_queue(one, visibility_timeout=Duration.seconds(20))
    orders.add_queue(one, visibility_timeout=Duration.seconds(180))
    assert warnings_of(stack) == []
    orders.add_queue(other)
    (warning,) = warnings_of(stack)
    assert "see that its visibility timeout is 180 s or more" in warning


def test_a_first_in_first_out_queue_has_no_window() -> None:
    """Lambda refuses the property for such a queue: it is left out, and asking for it is an error."""

    def build(stack: Stack) -> None:
        queue = queue_of(stack, fifo=True, dead_letter_queue=None)
        orders = make(stack)
        with pytest.raises(ValueError, match=r"max_batching_window: a first-in-first-out queue has none, got 5 s"):
            orders.add_queue(queue, max_batching_window=Duration.seconds(5))
        orders.add_queue(queue)

    (mapping,) = properties(synthesize(build), MAPPING)
    assert "MaximumBatchingWindowInSeconds" not in mapping


def test_a_queue_without_dead_letters_is_a_warning() -> None:
    """A message that never succeeds has to go somewhere."""
    stack = new_stack(EnvironmentType.DEV)
    make(stack).add_queue(queue_of(stack, dead_letter_queue=None))
    (warning,) = warnings_of(stack)
    assert "QueueWithoutDeadLetters" in warning


def test_the_key_of_a_queue_is_granted_through_sqs() -> None:
    """An encrypted queue is read with its key, by way of SQS alone."""

    def build(stack: Stack) -> None:
        make(stack).add_queue(queue_of(stack, encryption_master_key=kms.Key(stack, "Key")))

    (policy,) = [
        policy
        for name, policy in resources(synthesize(build), "AWS::IAM::ManagedPolicy").items()
        if "OrdersPolicy" in name
    ]
    (statement,) = [
        statement
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "kms:Decrypt"
    ]
    assert statement["Resource"] == {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    assert "kms:ViaService" in str(statement["Condition"])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"batch_size": 0}, "batch_size: .* got 0; allowed: 1 to 10$"),
        ({"batch_size": 11}, "batch_size: .* got 11; allowed: 1 to 10$"),
        ({"batch_size": 10_001, "max_batching_window": Duration.seconds(1)}, "batch_size: .* allowed: 1 to 10000"),
        ({"max_batching_window": Duration.seconds(301)}, "max_batching_window: out of bounds"),
        ({"max_concurrency": 1}, "max_concurrency: .* allowed: 2 to 50$"),
        ({"max_concurrency": 51}, "max_concurrency: .* allowed: 2 to 50$"),
        ({"visibility_timeout": Duration.days(2)}, "visibility_timeout: out of bounds"),
    ],
)
def test_wrong_numbers_of_a_queue_are_refused(arguments: dict[str, Any], problem: str) -> None:
    """Lambda's bounds; and no more at a time than are reserved for the function."""
    stack = new_stack()
    orders = make(stack, reserved_concurrent_executions=50)
    with pytest.raises(ValueError, match=f"^Stack/Orders: {problem}"):
        orders.add_queue(queue_of(stack), **arguments)


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({}, "BisectBatchOnFunctionError", True),
        ({}, "MaximumRecordAgeInSeconds", 3_600),
        ({}, "MaximumRetryAttempts", 10),
        ({}, "FunctionResponseTypes", ["ReportBatchItemFailures"]),
        ({}, "StartingPosition", "TRIM_HORIZON"),
        ({}, "ParallelizationFactor", 1),
        (
            {},
            "DestinationConfig",
            {"OnFailure": {"Destination": {"Fn::GetAtt": ["OrdersDeadLetterQueueA73944CE", "Arn"]}}},
        ),
        ({"batch_size": 7}, "BatchSize", 7),
        ({"max_batching_window": Duration.seconds(9)}, "MaximumBatchingWindowInSeconds", 9),
        ({"max_record_age": Duration.minutes(5)}, "MaximumRecordAgeInSeconds", 300),
        ({"retry_attempts": 0}, "MaximumRetryAttempts", 0),
        ({"parallelization_factor": 10}, "ParallelizationFactor", 10),
        (
            {"filters": [{"eventName": ["INSERT"]}]},
            "FilterCriteria",
            {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]},
        ),
    ],
)
def test_a_stream_is_handled_as_asked(arguments: dict[str, Any], name: str, value: Any) -> None:
    """Each argument, and each default, reaches the mapping: a bad record blocks nothing, and is a dead letter."""
    (mapping,) = properties(with_stream(**arguments), MAPPING)
    assert mapping.get(name) == value


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"retry_attempts": -1}, "retry_attempts"),
        ({"parallelization_factor": 11}, "parallelization_factor"),
        ({"max_record_age": Duration.seconds(59)}, "max_record_age: out of bounds, got 59 seconds"),
        ({"max_record_age": Duration.days(2)}, "max_record_age"),
    ],
)
def test_wrong_numbers_of_a_stream_are_refused(arguments: dict[str, Any], problem: str) -> None:
    """Lambda's bounds."""
    with pytest.raises(ValueError, match=f"^Stack/Orders: {problem}"):
        with_stream(**arguments)


def test_a_table_without_a_stream_is_refused() -> None:
    """There is nothing to handle."""
    stack = new_stack()
    orders = make(stack)
    with pytest.raises(ValueError, match=r"Stack/Table: no stream of the table"):
        orders.add_table_stream(stream_of(stack, stream=None))


def test_the_age_of_records_is_watched_once() -> None:
    """One alarm for a function, however many streams it handles, at half of the age that records are given up at."""

    def build(stack: Stack) -> None:
        topic = sns.Topic(stack, "Topic")
        orders = make(stack, alarm_topic=topic)
        orders.add_table_stream(stream_of(stack), max_record_age=Duration.minutes(10))
        arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/other"
        other = dynamodb.Table.from_table_attributes(stack, "Other", table_arn=arn, table_stream_arn=f"{arn}/stream/x")
        orders.add_table_stream(other)

    template = synthesize(build)
    found = [
        alarm["Properties"]
        for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items()
        if "Iterator" in name
    ]
    assert [alarm["Threshold"] for alarm in found] == [300_000]
    assert len(resources(template, MAPPING)) == 2


def test_the_key_of_a_table_is_granted_through_dynamodb() -> None:
    """An encrypted table's stream is read with its key."""

    def build(stack: Stack) -> None:
        key = kms.Key(stack, "Key")
        make(stack).add_table_stream(
            stream_of(stack, encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED, encryption_key=key)
        )

    policies = properties(synthesize(build), "AWS::IAM::ManagedPolicy")
    assert any("'Key961B73FD'" in str(policy) and "dynamodb.eu-west-1" in str(policy) for policy in policies)


def test_a_schedule_calls_the_alias() -> None:
    """What cannot be delivered is a dead letter, which the rule may send and the key lets it."""

    def build(stack: Stack) -> None:
        make(stack).add_rule("Nightly", schedule=events.Schedule.cron(hour="3", minute="0"))

    template = synthesize(build)
    (rule,) = properties(template, "AWS::Events::Rule")
    (target,) = rule["Targets"]
    assert rule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert target["Arn"] == {"Ref": "OrdersLiveB822C13A"}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["OrdersDeadLetterQueueA73944CE", "Arn"]}}
    assert "events.amazonaws.com" in str(properties(template, "AWS::KMS::Key"))
    assert "events.amazonaws.com" in str(properties(template, "AWS::SQS::QueuePolicy"))


def test_a_pattern_selects_events_of_a_bus() -> None:
    """The pattern and the bus are the caller's."""

    def build(stack: Stack) -> None:
        bus = events.EventBus.from_event_bus_name(stack, "Bus", "acme")
        make(stack).add_rule("Placed", event_pattern=events.EventPattern(source=["acme"]), event_bus=bus)

    (rule,) = properties(synthesize(build), "AWS::Events::Rule")
    assert (rule["EventBusName"], rule["EventPattern"]) == ("acme", {"source": ["acme"]})


@pytest.mark.parametrize("key", [True, False])
def test_the_callers_dead_letter_queue_lets_events_in(key: bool) -> None:
    """A queue of the caller's, with a key of its own: both let EventBridge send."""

    def build(stack: Stack) -> None:
        options: dict[str, Any] = {"encryption_master_key": kms.Key(stack, "Key")} if key else {}
        orders = make(stack, dead_letter_queue=sqs.Queue(stack, "Dead", **options))
        orders.add_rule("Nightly", schedule=events.Schedule.rate(Duration.days(1)))

    template = synthesize(build)
    assert "events.amazonaws.com" in str(properties(template, "AWS::SQS::QueuePolicy"))
    assert ("events.amazonaws.com" in str(properties(template, "AWS::KMS::Key"))) is key


def test_a_dead_letter_queue_of_elsewhere_has_to_let_events_in() -> None:
    """Its policy cannot be changed from here, which a warning says once."""
    stack = new_stack(EnvironmentType.DEV)
    queue = sqs.Queue.from_queue_arn(stack, "Dead", "arn:aws:sqs:eu-west-1:111111111111:dead")
    orders = make(stack, dead_letter_queue=queue)
    for name in ("One", "Other"):
        orders.add_rule(name, schedule=events.Schedule.rate(Duration.days(1)))
    (warning,) = warnings_of(stack)
    assert "QueuePolicyNotUpdated" in warning


@pytest.mark.parametrize("given", ["nothing", "both", "schedule on a bus"])
def test_a_rule_has_a_pattern_or_a_schedule(given: str) -> None:
    """Neither, both, and a schedule on another bus are refused."""
    stack = new_stack()
    arguments: dict[str, Any] = {}
    if given != "nothing":
        arguments["schedule"] = events.Schedule.rate(Duration.days(1))
    if given == "both":
        arguments["event_pattern"] = events.EventPattern(source=["acme"])
    if given == "schedule on a bus":
        arguments["event_bus"] = events.EventBus.from_event_bus_name(stack, "Bus", "acme")
    with pytest.raises(ValueError, match=r"Stack/Orders/Rule: a rule selects events or follows a schedule"):
        make(stack).add_rule("Rule", **arguments)


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ({}, None),
        ({"prefix": "in/"}, [{"prefix": "in/"}]),
        ({"suffix": ".json"}, [{"suffix": ".json"}]),
        ({"prefix": "in/", "suffix": ".json"}, [{"wildcard": "in/*.json"}]),
    ],
)
def test_objects_of_a_bucket_are_selected_by_their_keys(arguments: dict[str, str], detail: Any) -> None:
    """Prefix, suffix, both or neither; of this bucket alone."""

    def build(stack: Stack) -> None:
        make(stack).add_bucket(s3.Bucket(stack, "Bucket"), **arguments)

    (rule,) = properties(synthesize(build), "AWS::Events::Rule")
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["bucket"] == {"name": [{"Ref": "Bucket83908E77"}]}
    assert pattern["detail"].get("object", {}).get("key") == detail


def test_other_events_of_a_bucket_may_be_chosen() -> None:
    """What happens to objects is the caller's to choose."""

    def build(stack: Stack) -> None:
        make(stack).add_bucket(s3.Bucket(stack, "Bucket"), detail_types=["Object Deleted"])

    (rule,) = properties(synthesize(build), "AWS::Events::Rule")
    assert rule["EventPattern"]["detail-type"] == ["Object Deleted"]


def test_a_bucket_of_the_app_tells_event_bridge() -> None:
    """By CloudFormation's own property, without a custom resource."""

    def build(stack: Stack) -> None:
        make(stack).add_bucket(s3.Bucket(stack, "Bucket"))

    template = synthesize(build)
    (bucket,) = properties(template, "AWS::S3::Bucket")
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert len(resources(template, "AWS::Lambda::Function")) == 1


def test_a_bucket_with_notifications_of_its_own_tells_event_bridge() -> None:
    """CDK's custom resource puts all of a bucket's notifications: EventBridge has to be among them."""

    def build(stack: Stack) -> None:
        bucket = s3.Bucket(stack, "Bucket")
        bucket.add_event_notification(
            s3.EventType.OBJECT_REMOVED, notifications.SqsDestination(sqs.Queue(stack, "Removed"))
        )
        make(stack).add_bucket(bucket)

    (found,) = properties(synthesize(build), "Custom::S3BucketNotifications")
    assert found["NotificationConfiguration"]["EventBridgeConfiguration"] == {}
    assert found["NotificationConfiguration"]["QueueConfigurations"]


def test_a_bucket_of_elsewhere_has_to_tell_already() -> None:
    """It cannot be changed from here, which a warning says."""
    stack = new_stack(EnvironmentType.DEV)
    make(stack).add_bucket(s3.Bucket.from_bucket_name(stack, "Bucket", "acme"))
    (warning,) = warnings_of(stack)
    assert "BucketEventsNotChecked" in warning


def test_stateful_stacks_do_not_depend_on_the_function() -> None:
    """Queue, table, bucket, key and topic in one stack, the function in another: the first knows nothing of it."""
    app: App = new_app()
    data = new_stack(EnvironmentType.PROD, app=app, name="Data")
    web = Stack(app, "Web", env=ENV)
    key = kms.Key(data, "Key")
    topic = sns.Topic(data, "Topic", master_key=key)
    bucket = s3.Bucket(data, "Bucket", encryption_key=key)
    orders = make(
        web, alarm_topic=topic, encryption_key=key, dead_letter_queue=sqs.Queue(data, "Dead", enforce_ssl=True)
    )
    orders.add_queue(queue_of(data, encryption_master_key=key))
    orders.add_table_stream(stream_of(data))
    orders.add_bucket(bucket)
    bucket.grant_read(orders)
    template = template_of(web)
    assert data in web.dependencies
    assert web not in data.dependencies
    assert "Web" not in json.dumps(template_of(data))
    assert len(resources(template, MAPPING)) == 2
