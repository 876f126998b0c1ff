"""Lambda@Edge: what CloudFront takes and what it does not."""

from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_

from aws_architect_constructs import Behavior, EdgeEvent, EdgeFunctions, EdgeLambda, Origin
from aws_architect_constructs.edge.edge_lambda import EdgeLambdaFunction
from support.instances_secure_distribution import EDGE_CODE, US_EAST_1, load_balancer
from support.synthesis import Template, new_stack, properties, resources, synthesize

CODE = lambda_.Code.from_inline(EDGE_CODE)


def edge_lambda(event: EdgeEvent = EdgeEvent.ORIGIN_REQUEST, **options: Any) -> EdgeLambda:
    """A function that passes requests through."""
    return EdgeLambda(event=event, **{"code": CODE, "handler": "index.handler", **options})


def template(**options: Any) -> Template:
    """The template of one."""

    def build(stack: Stack) -> None:
        EdgeLambdaFunction(stack, "Edge", edge_lambda=edge_lambda(**options))

    return synthesize(build, env=US_EAST_1)


def test_it_is_what_lambda_at_edge_takes() -> None:
    """x86, no variables, no VPC, no layers; a role that both services assume; a version that stays."""
    found = template()
    (function,) = properties(found, "AWS::Lambda::Function")
    assert not {"Environment", "VpcConfig", "Layers", "DeadLetterConfig", "TracingConfig", "LoggingConfig"} & set(
        function
    )
    assert (function["Architectures"], function["MemorySize"], function["Timeout"]) == (["x86_64"], 128, 5)
    (role,) = properties(found, "AWS::IAM::Role")
    principals = [statement["Principal"]["Service"] for statement in role["AssumeRolePolicyDocument"]["Statement"]]
    assert sorted(principals) == ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]
    assert {resource["DeletionPolicy"] for resource in resources(found, "AWS::Lambda::Version").values()} == {"Retain"}
    assert {resource["DeletionPolicy"] for resource in resources(found, "AWS::Lambda::Function").values()} == {"Retain"}


def test_settings_are_the_callers() -> None:
    """Memory, time and runtime at an origin event."""
    options = {"memory_size": 512, "timeout": Duration.seconds(20), "runtime": lambda_.Runtime.NODEJS_22_X}
    (function,) = properties(template(**options), "AWS::Lambda::Function")
    assert (function["MemorySize"], function["Timeout"], function["Runtime"]) == (512, 20, "nodejs22.x")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"handler": "handler"}, r"handler: got 'handler'"),
        ({"runtime": lambda_.Runtime.JAVA_21}, r"runtime: Lambda@Edge has none, got java21"),
        ({"memory_size": 64}, r"memory_size: got 64 at origin-request; allowed: 128 to 10240"),
        ({"event": EdgeEvent.VIEWER_REQUEST, "memory_size": 256}, r"memory_size: got 256 at viewer-request"),
        ({"event": EdgeEvent.VIEWER_REQUEST, "timeout": Duration.seconds(6)}, r"timeout: got .* allowed: 1 to 5"),
        ({"timeout": Duration.seconds(31)}, r"timeout: got .* at origin-request; allowed: 1 to 30"),
        ({"event": EdgeEvent.ORIGIN_RESPONSE, "include_body": True}, r"include_body: a response's body"),
    ],
)
def test_what_lambda_at_edge_would_refuse(options: dict[str, Any], problem: str) -> None:
    """Limits that differ by event are checked at once."""
    with pytest.raises(ValueError, match=problem):
        edge_lambda(**options)


@pytest.mark.parametrize("event", EdgeEvent)
def test_events_at_the_origin(event: EdgeEvent) -> None:
    """Two run behind the cache."""
    assert event.at_origin is (event in {EdgeEvent.ORIGIN_REQUEST, EdgeEvent.ORIGIN_RESPONSE})


def test_one_function_an_event() -> None:
    """A behaviour takes one for each event."""
    origin = Origin.load_balancer(load_balancer(new_stack()))
    with pytest.raises(ValueError, match=r"^edge_lambdas: two for one event"):
        Behavior(origin=origin, edge_lambdas=[edge_lambda(EdgeEvent.VIEWER_REQUEST)] * 2)


def test_vpc_origins_take_no_origin_events() -> None:
    """CloudFront does not combine the two."""
    origin = Origin.load_balancer(load_balancer(new_stack()))
    with pytest.raises(ValueError, match=r"^edge_lambdas: VPC origins take no origin events, got origin-request"):
        Behavior(origin=origin, edge_lambdas=[edge_lambda()])
    allowed = Behavior(
        origin=origin, edge_lambdas=[edge_lambda(EdgeEvent.VIEWER_REQUEST)], edge_functions=EdgeFunctions.none()
    )
    assert allowed.has_viewer_lambda is True
