"""What a function's arguments may be, checked before anything is added to the tree."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs._validations import integer, is_concrete

from .cold_start import ColdStart, ColdStartStrategy
from .powertools_layer import PowertoolsSource
from .python_dependencies import Dependencies

if TYPE_CHECKING:
    from collections.abc import Iterable

POWERTOOLS: Final = "aws-lambda-powertools"
"""The name of Powertools as a package."""
IDEMPOTENCY_VARIABLE: Final = "IDEMPOTENCY_TABLE"
"""The environment variable that names the idempotency table."""

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_LAMBDAS_VARIABLES: Final = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")

OWN_VARIABLES: Final = frozenset(
    {
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_LOG_LEVEL",
        "POWERTOOLS_LOGGER_SAMPLE_RATE",
        IDEMPOTENCY_VARIABLE,
    }
)
"""Environment variables that arguments speak for."""

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LONGEST_TIMEOUT: Final = 900
# Longer is legal, and seldom meant.
LONG_TIMEOUT: Final = 300
_MEMORY: Final = (128, 10_240)
_EPHEMERAL: Final = (512, 10_240)
MOST_LAYERS: Final = 5

SNAP_START_EPHEMERAL: Final = 512
_SNAP_START_PYTHON: Final = (3, 12)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
_NAMESPACE: Final = re.compile(r"[0-9A-Za-z._/#:-]{1,255}")

_POWERTOOLS_LEVELS: Final[Mapping[lambda_.ApplicationLogLevel, str]] = {
    lambda_.ApplicationLogLevel.TRACE: "DEBUG",
    lambda_.ApplicationLogLevel.DEBUG: "DEBUG",
    lambda_.ApplicationLogLevel.INFO: "INFO",
    lambda_.ApplicationLogLevel.WARN: "WARNING",
    lambda_.ApplicationLogLevel.ERROR: "ERROR",
    lambda_.ApplicationLogLevel.FATAL: "CRITICAL",
}


def seconds(argument: str, duration: Duration, lowest: int, highest: int) -> int:
    """A duration in whole seconds within bounds.

    Raises:
        ValueError: If it is a token, or out of bounds.
    """
    if duration.is_unresolved():
        raise ValueError(f"{argument}: not known now, got a token; allowed: {lowest} to {highest} seconds")
    found = float(duration.to_seconds(integral=False))
    if not lowest <= found <= highest or found != int(found):
        raise ValueError(f"{argument}: out of bounds, got {found:g} seconds; allowed: {lowest} to {highest} seconds")
    return int(found)


def check_api(timeout: int, limit: Duration | None) -> None:
    """Refuse a timeout that the API in front does not wait for."""
    if limit is None:
        return
    longest = seconds("api_timeout_limit", limit, 1, LONGEST_TIMEOUT)
    if timeout > longest:
        raise ValueError(
            f"timeout: longer than the API in front waits, got {timeout} s; allowed: api_timeout_limit={longest} s"
        )


def check_powertools(source: PowertoolsSource, version: int | None) -> None:
    """Refuse the version of a layer that nobody pins."""
    if version is None:
        return
    integer("powertools_layer_version", version, 1, 1_000_000)
    if source is not PowertoolsSource.PINNED_LAYER:
        raise ValueError(
            f"powertools_layer_version: a version of no pinned layer, got powertools={source}; allowed: PINNED_LAYER"
        )


def check_bundled(source: PowertoolsSource, dependencies: Dependencies) -> None:
    """Refuse a bundle without Powertools in it."""
    if source is PowertoolsSource.BUNDLED and POWERTOOLS not in dependencies.names:
        raise ValueError(
            f"powertools: BUNDLED without Powertools among the dependencies, got {sorted(dependencies.names)}; "
            f"allowed: {POWERTOOLS} in requirements.txt or pyproject.toml"
        )


def check_texts(service: str, metrics_namespace: str | None) -> None:
    """Check the names that logs, traces and metrics stand under."""
    if not service or not isinstance(service, str):
        raise ValueError(f"service: no name, got {service!r}; allowed: what logs, traces and metrics are found by")
    namespace = service if metrics_namespace is None else metrics_namespace
    if is_concrete(namespace) and (not _NAMESPACE.fullmatch(namespace) or namespace.startswith("AWS/")):
        name = "service, which metrics_namespace is by default" if metrics_namespace is None else "metrics_namespace"
        raise ValueError(
            f"{name}: no namespace of CloudWatch, got {namespace!r}; allowed: 1 to 255 letters, digits and . _ / # : "
            "-, and no AWS/ before them"
        )


def check_sizes(
    memory_size: int, ephemeral_storage_size: Size | None, reserved: int | None, log_sampling_rate: float
) -> None:
    """Check numbers against Lambda's limits."""
    integer("memory_size", memory_size, *_MEMORY)
    if ephemeral_storage_size is not None:
        integer("ephemeral_storage_size (MiB)", int(ephemeral_storage_size.to_mebibytes()), *_EPHEMERAL)
    if reserved is not None:
        integer("reserved_concurrent_executions", reserved, 0, 1_000_000)
    if not 0 <= log_sampling_rate <= 1:
        raise ValueError(f"log_sampling_rate: no share, got {log_sampling_rate!r}; allowed: 0 to 1")


def check_cold_start(
    cold_start: ColdStart, python: str, ephemeral_storage_size: Size | None, reserved: int | None
) -> None:
    """Check what cannot go together with a strategy for cold starts."""
    if cold_start.strategy is ColdStartStrategy.SNAP_START:
        if tuple(map(int, python.split("."))) < _SNAP_START_PYTHON:
            raise ValueError(f"cold_start: SnapStart has no such runtime, got Python {python}; allowed: 3.12 or newer")
        if ephemeral_storage_size is not None and ephemeral_storage_size.to_mebibytes() > SNAP_START_EPHEMERAL:
            raise ValueError(
                "cold_start: SnapStart with more ephemeral storage than it takes, got "
                f"{ephemeral_storage_size.to_mebibytes():.0f} MiB; allowed: 512 MiB"
            )
    most = cold_start.max_capacity or cold_start.capacity
    if reserved is not None and most > reserved:
        raise ValueError(
            f"cold_start: more provisioned than reserved, got {most}; allowed: up to "
            f"reserved_concurrent_executions={reserved}"
        )


def check_environment(environment: Mapping[str, str] | None) -> dict[str, str]:
    """The caller's own variables, none of which an argument speaks for, or Lambda sets."""
    found = dict(environment or {})
    taken = sorted(OWN_VARIABLES & found.keys())
    if taken:
        raise ValueError(
            f"environment: variables that arguments speak for, got {', '.join(taken)}; allowed: service=, "
            "metrics_namespace=, log_level=, log_sampling_rate= and idempotency="
        )
    lambdas = sorted(_LAMBDAS_VARIABLES & found.keys())
    if lambdas:
        raise ValueError(
            f"environment: variables that Lambda sets itself, got {', '.join(lambdas)}; allowed: other names"
        )
    for name in found:
        if not _VARIABLE.fullmatch(name):
            raise ValueError(
                f"environment: no name of a variable, got {name!r}; allowed: a letter, then letters, digits and _, two "
                "or more in all"
            )
    return found


def powertools_variables(
    *, service: str, metrics_namespace: str | None, log_level: lambda_.ApplicationLogLevel, log_sampling_rate: float
) -> dict[str, str]:
    """The variables that Powertools reads.

    Neither the event nor the response is written to logs or traces: both hold what users entrusted to the service.

    https://docs.aws.amazon.com/powertools/python/latest/environment-variables/
    """
    return {
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": service if metrics_namespace is None else metrics_namespace,
        "POWERTOOLS_LOG_LEVEL": _POWERTOOLS_LEVELS[log_level],
        "POWERTOOLS_LOGGER_SAMPLE_RATE": f"{log_sampling_rate:g}",
        "POWERTOOLS_LOGGER_LOG_EVENT": "false",
        "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
    }


def check_vpc(vpc: ec2.IVpc | None, vpc_subnets: ec2.SubnetSelection | None) -> None:
    """Refuse subnets of no VPC."""
    if vpc is None and vpc_subnets is not None:
        raise ValueError("vpc_subnets: subnets of no VPC, got vpc=None; allowed: vpc= beside it")


def check_dead_letter_queue(queue: sqs.IQueue | None) -> None:
    """Refuse a queue that neither Lambda nor EventBridge sends to.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    if queue is not None and queue.fifo:
        raise ValueError(
            f"dead_letter_queue: a first-in-first-out queue, got {queue.node.path}; allowed: a standard queue"
        )


def check_layers(layers: "Iterable[lambda_.ILayerVersion] | None", own: int) -> list[lambda_.ILayerVersion]:
    """The caller's own layers, as many as there is room for."""
    found = list(layers or ())
    if len(found) + own > MOST_LAYERS:
        raise ValueError(
            f"layers: more than a function may have, got {len(found)} beside {own} of Powertools and Lambda Insights; "
            f"allowed: {MOST_LAYERS - own}"
        )
    return found
