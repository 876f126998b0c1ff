"""What calls a function: queues, events, buckets and the streams of tables, each as it should be from the beginning."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Names, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs._validations import is_concrete

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct, IConstruct

_DEFAULT_VISIBILITY: Final = 30
_SAFE_VISIBILITY: Final = 6
QUEUE_ACTIONS: Final = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
STREAM_ACTIONS: Final = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
"""https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""


def visibility_of(queue: sqs.IQueue) -> int | None:
    """The seconds that a message is hidden for once it is received; None where this app does not say."""
    resource = queue.node.default_child
    if not isinstance(resource, sqs.CfnQueue):
        return None
    found = resource.visibility_timeout
    if found is None:
        return _DEFAULT_VISIBILITY
    return int(found) if is_concrete(found) else None


def check_visibility(queue: sqs.IQueue, visibility: int | None, timeout: int) -> None:
    """Refuse a queue that hands a message out again while the function still works on it.

    Raises:
        ValueError: If its visibility timeout is below the function's.
    """
    if visibility is not None and visibility < timeout:
        raise ValueError(
            f"{queue.node.path}: the queue hands a message out again before the function may be done with it, got a "
            f"visibility timeout of {visibility} s; allowed: {timeout} s or more, better {_SAFE_VISIBILITY * timeout} s"
        )


def visibility_warning(visibility: int | None, timeout: int, window: int) -> str | None:
    """What is unwise about a visibility timeout that is legal."""
    wise = _SAFE_VISIBILITY * timeout + window
    if visibility is None:
        return (
            "It is not known here how long the queue hides a message that was received: see that its visibility "
            f"timeout is {wise} s or more."
        )
    if visibility < wise:
        return (
            f"The queue hides a message for {visibility} s. When the function is throttled, Lambda tries a batch again "
            f"within that time: AWS recommends six times the function's timeout and the batching window, {wise} s."
        )
    return None


def has_dead_letters(queue: sqs.IQueue) -> bool:
    """Whether messages that are never handled go somewhere; of a queue that this app does not make, nothing is said."""
    resource = queue.node.default_child
    return not isinstance(resource, sqs.CfnQueue) or resource.redrive_policy is not None


def key_statement(scope: "Construct", key: "kms.IKey", service: str, *actions: str) -> iam.PolicyStatement:
    """The use of a key through one service."""
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        actions=list(actions),
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.{stack.region}.amazonaws.com"}},
    )


def source_id(kind: str, source: "IConstruct") -> str:
    """The id of what ties a source to the function: one for each source, wherever that is."""
    return f"{kind}{Names.node_unique_id(source.node)}"


def queue_mapping(
    scope: "Construct",
    alias: lambda_.Alias,
    queue: sqs.IQueue,
    *,
    batch_size: int,
    window: int,
    max_concurrency: int | None,
    filters: Sequence[dict[str, Any]],
) -> lambda_.CfnEventSourceMapping:
    """The mapping of a queue: a message that fails comes back alone, not with its whole batch."""
    return lambda_.CfnEventSourceMapping(
        scope,
        source_id("Queue", queue),
        function_name=alias.function_arn,
        event_source_arn=queue.queue_arn,
        batch_size=batch_size,
        # A first-in-first-out queue has no such property, not even 0.
        maximum_batching_window_in_seconds=None if queue.fifo else window,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config=None
        if max_concurrency is None
        else lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=max_concurrency),
        filter_criteria=_criteria(filters),
    )


def stream_of(table: dynamodb.ITable) -> str:
    """The ARN of a table's stream.

    Raises:
        ValueError: If it has none.
    """
    found = table.table_stream_arn
    if found is None:
        raise ValueError(f"{table.node.path}: no stream of the table, got None; allowed: a table with stream=")
    return found


def stream_mapping(
    scope: "Construct",
    alias: lambda_.Alias,
    table: dynamodb.ITable,
    stream: str,
    dead_letter_queue: sqs.IQueue,
    *,
    batch_size: int,
    window: int,
    max_age: int,
    retry_attempts: int,
    parallelization_factor: int,
    filters: Sequence[dict[str, Any]],
) -> lambda_.CfnEventSourceMapping:
    """The mapping of a stream: one bad record neither blocks its shard nor takes its batch with it."""
    return lambda_.CfnEventSourceMapping(
        scope,
        source_id("Stream", table),
        function_name=alias.function_arn,
        event_source_arn=stream,
        starting_position="TRIM_HORIZON",
        batch_size=batch_size,
        maximum_batching_window_in_seconds=window,
        function_response_types=["ReportBatchItemFailures"],
        bisect_batch_on_function_error=True,
        maximum_record_age_in_seconds=max_age,
        maximum_retry_attempts=retry_attempts,
        parallelization_factor=parallelization_factor,
        destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
            on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=dead_letter_queue.queue_arn)
        ),
        filter_criteria=_criteria(filters),
    )


def _criteria(filters: Sequence[dict[str, Any]]) -> lambda_.CfnEventSourceMapping.FilterCriteriaProperty | None:
    if not filters:
        return None
    return lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
        filters=[
            lambda_.CfnEventSourceMapping.FilterProperty(pattern=str(lambda_.FilterCriteria.filter(pattern)["pattern"]))
            for pattern in filters
        ]
    )


def admit_rules(scope: "Construct", queue: sqs.IQueue) -> bool:
    """Let EventBridge send what it cannot deliver to a queue.

    For every rule of the account and Region, by pattern: a queue that names a rule would depend on its stack.

    Returns:
        Whether that was possible: an imported queue cannot be changed from here.
    """
    stack = Stack.of(scope)
    rules = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:rule/*"
    return queue.add_to_resource_policy(
        iam.PolicyStatement(
            sid="DeadLettersOfRules",
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": rules}},
        )
    ).statement_added


def tell_event_bridge(bucket: s3.IBucket) -> bool:
    """Have a bucket of this app tell EventBridge of its objects, by CloudFormation's own property.

    Returns:
        Whether that was possible: an imported bucket cannot be changed from here.
    """
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        return False
    if bucket.node.try_find_child("Notifications") is not None:
        # Its notifications are put by a custom resource of CDK, which would take the property away again.
        bucket.enable_event_bridge_notification()
    resource.add_property_override("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True)
    return True


def object_pattern(
    bucket: s3.IBucket, *, prefix: str | None, suffix: str | None, detail_types: Sequence[str]
) -> events.EventPattern:
    """The events of a bucket's objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    detail: dict[str, Any] = {"bucket": {"name": [bucket.bucket_name]}}
    if prefix and suffix:
        detail["object"] = {"key": [{"wildcard": f"{prefix}*{suffix}"}]}
    elif prefix:
        detail["object"] = {"key": [{"prefix": prefix}]}
    elif suffix:
        detail["object"] = {"key": [{"suffix": suffix}]}
    return events.EventPattern(source=["aws.s3"], detail_type=list(detail_types), detail=detail)
