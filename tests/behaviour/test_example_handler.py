"""What the example's handler does, in this process, with real Powertools and the variables that its template sets."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from aws_cdk import Stack
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it has no types

from aws_architect_constructs import PowertoolsFunction
from support.synthesis import properties, synthesize

SOURCES: Final = Path(__file__).parents[2] / "examples" / "powertools_function" / "orders"


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its call."""

    function_name: str = "orders"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:111111111111:function:orders:live"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Half a minute."""
        return 30_000


class Table:
    """The idempotency table, as far as Powertools uses it: a conditional put, an update, a delete."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def put_item(self, *, Item: dict[str, Any], **_: Any) -> None:  # noqa: N803 -- the API's own name
        """Put an item, unless there is one."""
        key = Item["id"]["S"]
        if key in self.items:
            raise ClientError(
                {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": self.items[key]},
                "PutItem",
            )
        self.items[key] = Item

    def update_item(self, *, Key: dict[str, Any], **arguments: Any) -> None:  # noqa: N803 -- the API's own name
        """Set what the expression names."""
        names, values = arguments["ExpressionAttributeNames"], arguments["ExpressionAttributeValues"]
        for name, value in zip(sorted(names), sorted(values), strict=True):
            self.items[Key["id"]["S"]][names[name]] = values[value]

    def delete_item(self, *, Key: dict[str, Any], **_: Any) -> None:  # noqa: N803 -- the API's own name
        """Forget an item."""
        self.items.pop(Key["id"]["S"], None)


@cache
def variables() -> dict[str, str]:
    """The variables that PowertoolsFunction gives a function of this kind."""

    def build(stack: Stack) -> None:
        PowertoolsFunction(
            stack, "Orders", entry=str(SOURCES), handler="app.handler", service="orders", idempotency=True
        )

    (function,) = properties(synthesize(build), "AWS::Lambda::Function")
    return {
        name: value if isinstance(value, str) else "table"
        for name, value in function["Environment"]["Variables"].items()
    }


def load(monkeypatch: pytest.MonkeyPatch, **more: str) -> ModuleType:
    """The example's module as a new environment loads it."""
    lambdas = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "POWERTOOLS_TRACE_DISABLED": "true",  # there is no daemon here
    }
    for name, value in (variables() | lambdas | more).items():
        monkeypatch.setenv(name, value)
    spec = spec_from_file_location("orders_example", SOURCES / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.store.client = Table()
    return module


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Powertools keeps loggers and metrics for the life of a process, and this one goes on."""
    yield
    from aws_lambda_powertools.metrics.provider import cold_start  # noqa: PLC0415 -- after the module's own import

    cold_start.reset_cold_start_flag()  # type: ignore[no-untyped-call]  # it has no types
    logging.Logger.manager.loggerDict.pop("orders", None)
    sys.modules.pop("orders_example", None)


def batch(*orders: dict[str, Any]) -> dict[str, Any]:
    """A batch of messages as Lambda hands it over."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": json.dumps(order),
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:111111111111:orders",
                "awsRegion": "eu-west-1",
            }
            for number, order in enumerate(orders)
        ]
    }


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written, each line of it JSON."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def metrics_in(written: list[dict[str, Any]]) -> dict[str, Any]:
    """The metrics of embedded metric format that were written, by name."""
    found: dict[str, Any] = {}
    for line in written:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert directive["Namespace"] == "orders"
            assert line["service"] == "orders"
            found |= {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}
    return found


GOOD: Final = {"id": "1", "quantity": 2, "customer": "Ada Lovelace"}
BAD: Final = {"id": "2", "quantity": 0, "customer": "Charles Babbage"}


def test_logs_are_structured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the log says the service, the call and what happened, as JSON."""
    load(monkeypatch).handler(batch(GOOD), Context())
    (line,) = [line for line in lines(capsys) if line.get("message") == "Order placed"]
    assert (line["level"], line["service"], line["order_id"]) == ("INFO", "orders", "1")
    assert line["function_request_id"] == Context().aws_request_id
    assert line["cold_start"] is True


def test_metrics_are_emitted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What was placed and refused is counted in the embedded metric format, and so is the cold start."""
    load(monkeypatch).handler(batch(GOOD, BAD, GOOD | {"id": "3"}), Context())
    assert metrics_in(lines(capsys)) == {"OrdersPlaced": [1.0, 1.0], "OrdersRefused": [1.0], "ColdStart": [1.0]}


def test_a_failure_comes_back_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad message of a batch is the only one that the queue gets back."""
    response = load(monkeypatch).handler(batch(GOOD, BAD), Context())
    assert response == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}


def test_an_order_is_placed_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The same order in two messages, in two batches, is placed once, and neither message comes back."""
    module = load(monkeypatch)
    assert module.handler(batch(GOOD, GOOD), Context()) == {"batchItemFailures": []}
    assert module.handler(batch(GOOD, GOOD | {"id": "3"}), Context()) == {"batchItemFailures": []}
    assert [line["order_id"] for line in lines(capsys) if line.get("message") == "Order placed"] == ["1", "3"]


def test_a_refused_order_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is not remembered as done: the mended order is placed."""
    module = load(monkeypatch)
    module.handler(batch(GOOD, BAD), Context())
    assert len(module.store.client.items) == 1
    assert module.handler(batch(BAD | {"quantity": 1}), Context()) == {"batchItemFailures": []}
    assert len(module.store.client.items) == 2


def test_no_customer_is_in_the_logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a good nor a bad order leaves its customer's name in logs or metrics."""
    load(monkeypatch).handler(batch(GOOD, BAD), Context())
    written = capsys.readouterr()
    assert "Order placed" in written.out
    assert not any(name in written.out + written.err for name in ("Ada", "Babbage"))


@pytest.mark.parametrize(("rate", "level"), [("0", logging.INFO), ("1", logging.DEBUG)])
def test_a_sampled_call_logs_at_debug(monkeypatch: pytest.MonkeyPatch, rate: str, level: int) -> None:
    """Sampling lowers the logger's level to DEBUG, whatever Lambda's own filter, which would drop such lines, says."""
    module = load(monkeypatch, POWERTOOLS_LOGGER_SAMPLE_RATE=rate)
    module.handler(batch(GOOD), Context())
    assert module.logger.log_level == level
