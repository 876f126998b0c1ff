"""Places orders from a queue: each once, whatever is delivered twice, and each failure alone.

What is heavy stands outside the handler: it is made once for an environment, not once for a call.
"""

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()  # service and level come from the environment, which PowertoolsFunction sets
tracer = Tracer()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS)
store = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
# The order's own id, not the message's: a sender that tries again sends another message.
config = IdempotencyConfig(event_key_jmespath="id", raise_on_no_idempotency_key=True)


@tracer.capture_method
@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools gives it no type
    data_keyword_argument="order", persistence_store=store, config=config
)
def place(*, order: dict[str, Any]) -> dict[str, Any]:
    """Place an order. A second call with the same order returns what the first one did."""
    if order["quantity"] < 1:
        raise ValueError("an order of nothing")
    metrics.add_metric(name="OrdersPlaced", unit=MetricUnit.Count, value=1)
    logger.info("Order placed", extra={"order_id": order["id"]})
    return {"id": order["id"], "placed": True}


def handle_record(record: SQSRecord) -> dict[str, Any]:
    """Handle a message; what is raised here makes this message alone come back."""
    order: dict[str, Any] = record.json_body
    try:
        placed: dict[str, Any] = place(order=order)
    except ValueError:
        # The id and no more: an order says who its customer is, and logs are read by many.
        logger.exception("Order refused", extra={"order_id": order["id"]})
        metrics.add_metric(name="OrdersRefused", unit=MetricUnit.Count, value=1)
        raise
    return placed


# log_event stays off: the event is what customers wrote, and would be in the logs for as long as they are kept.
@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of messages, and say which of them failed."""
    config.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=handle_record, processor=processor, context=context)
