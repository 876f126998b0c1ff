"""Keeps a copy of each order in the archive of documents."""

import json
import os
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]  # it has no types of its own
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Made once an environment, not once an event.
logger, metrics, tracer = Logger(), Metrics(), Tracer()
documents = boto3.client("s3")


# Whole events are not logged: they carry the customer's data.
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: "LambdaContext") -> None:  # noqa: ARG001 -- Lambda's own signature
    """Store an order under its number."""
    order = event["detail"]
    documents.put_object(Bucket=os.environ["DOCUMENTS"], Key=f"orders/{order['id']}.json", Body=json.dumps(order))
    metrics.add_metric(name="OrdersStored", unit=MetricUnit.Count, value=1)
