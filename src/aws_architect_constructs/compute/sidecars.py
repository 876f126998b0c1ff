"""Containers beside the application's: a log router, a collector of traces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import aws_ecs as ecs

FLUENT_BIT: Final = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.15"
COLLECTOR: Final = "public.ecr.aws/aws-observability/aws-otel-collector:v0.48.0"


@dataclass(frozen=True, kw_only=True)
class LogRouting:
    """The application's output goes through a Fluent Bit sidecar (FireLens) instead of straight to the log group.

    The router's own output goes to the log group. What the destination asks for, grant to the service.

    See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html.

    Attributes:
        options: The output's options, such as `{"Name": "kinesis_firehose", "delivery_stream": "logs", "region": ...}`.
        secret_options: Options whose values are secrets, by reference.
        image: The router's image. Default None: AWS's own of a pinned version, from ECR Public.
    """

    options: Mapping[str, str]
    secret_options: Mapping[str, ecs.Secret] = field(default_factory=dict)
    image: ecs.ContainerImage | None = None


@dataclass(frozen=True, kw_only=True)
class TraceCollector:
    """A sidecar with AWS's distribution of the OpenTelemetry collector, which sends traces to X-Ray.

    The application sends OTLP to localhost:4317 (gRPC) or 4318 (HTTP). X-Ray: 5 USD a million traces recorded
    (https://aws.amazon.com/xray/pricing/).

    See https://aws-otel.github.io/docs/setup/ecs.

    Attributes:
        image: The collector's image. Default None: AWS's own of a pinned version, from ECR Public.
        config: The configuration's path in the image. Default: the image's own for ECS and X-Ray.
    """

    image: ecs.ContainerImage | None = None
    config: str = "/etc/ecs/ecs-xray.yaml"


XRAY_ACTIONS: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html"""
