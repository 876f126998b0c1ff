"""A function does not work longer than its caller waits."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs._templates.references import references
from aws_architect_constructs.checks.functions import FUNCTIONS, function_of, functions
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import number

_VISIBILITY: Final = 30
_DEFAULT_TIMEOUT: Final = 3

# Seconds that a caller waits, each by its own documentation.
_REST_API: Final = 29
_HTTP_API: Final = 30
_APPSYNC: Final = 30
_ASYNCHRONOUS: Final = "X-Amz-Invocation-Type"
_COGNITO: Final = 5
_FIREHOSE: Final = 300
# An API that is written as an OpenAPI document names its functions in there.
_BODIES: Final = (
    ("AWS::ApiGateway::RestApi", "Body", _REST_API),
    ("AWS::ApiGatewayV2::Api", "Body", _HTTP_API),
    ("AWS::Serverless::Api", "DefinitionBody", _REST_API),
    ("AWS::Serverless::HttpApi", "DefinitionBody", _HTTP_API),
)
_CLOUDFRONT: Final[Mapping[str, int]] = {
    "viewer-request": 5,
    "viewer-response": 5,
    "origin-request": 30,
    "origin-response": 30,
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at what calls each function: a queue, an API, AppSync, Cognito or CloudFront."""
    seen = set()
    for function, seconds, caller in [*_queues(template), *_callers(template)]:
        timeout = _timeout(function)
        if timeout is not None and timeout > seconds and (function.logical_id, caller) not in seen:
            seen.add((function.logical_id, caller))
            detail = f"the timeout is {timeout:g} seconds, but {caller} waits {seconds:g}"
            yield Finding(function.logical_id, detail, "Properties.Timeout")


def _timeout(function: Resource) -> float | None:
    """The smallest timeout that the function may have, so that no branch of a condition is blamed for another."""
    known = [_DEFAULT_TIMEOUT if value is None else number(value) for value in function.outcomes("Timeout")]
    return None if None in known else min(value for value in known if value is not None)


def _queues(template: Template) -> Iterator[tuple[Resource, float, str]]:
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
        queue = template.find(mapping.properties.get("EventSourceArn"), "AWS::SQS::Queue")
        function = function_of(template, mapping.properties.get("FunctionName"))
        if queue is not None and function is not None:
            yield function, _visibility(queue), f"the queue {queue.logical_id}"
    for function in functions(template):
        for event in _events(function):
            queue = template.find(event.get("Queue"), "AWS::SQS::Queue")
            if queue is not None:
                yield function, _visibility(queue), f"the queue {queue.logical_id}"


def _visibility(queue: Resource) -> float:
    known = [_VISIBILITY if value is None else number(value) for value in queue.outcomes("VisibilityTimeout")]
    return float("inf") if None in known else max(value for value in known if value is not None)


def _callers(template: Template) -> Iterator[tuple[Resource, float, str]]:
    yield from _apis(template)
    yield from _documents(template)
    yield from _streams(template)
    for source in template.of_type("AWS::AppSync::DataSource"):
        config = source.properties.get("LambdaConfig")
        if isinstance(config, Mapping):
            function = function_of(template, config.get("LambdaFunctionArn"))
            if function is not None:
                yield function, _APPSYNC, "AppSync"
    for pool in template.of_type("AWS::Cognito::UserPool"):
        config = pool.properties.get("LambdaConfig")
        for value in config.values() if isinstance(config, Mapping) else ():
            arn = value.get("LambdaArn", value) if isinstance(value, Mapping) else value
            function = function_of(template, arn)
            if function is not None:
                yield function, _COGNITO, "Cognito"
    yield from _distributions(template)


def _apis(template: Template) -> Iterator[tuple[Resource, float, str]]:
    for kind, path, default in (
        ("AWS::ApiGateway::Method", ("Integration", "Uri"), _REST_API),
        ("AWS::ApiGatewayV2::Integration", ("IntegrationUri",), _HTTP_API),
    ):
        for resource in template.of_type(kind):
            if _ASYNCHRONOUS in str(resource.properties.get("Integration")):
                continue  # the API answers before the function does
            (waits, *_) = resource.outcomes(*path[:-1], "TimeoutInMillis")
            for target in resource.references(*path):
                function = function_of(template, {"Ref": target})
                if function is not None:
                    yield function, (number(waits) or default * 1000) / 1000, "API Gateway"
    for function in functions(template):
        for kind, default in (("Api", _REST_API), ("HttpApi", _HTTP_API)):
            for event in _events(function, kind):
                yield function, (number(event.get("TimeoutInMillis")) or default * 1000) / 1000, "API Gateway"


def _streams(template: Template) -> Iterator[tuple[Resource, float, str]]:
    """Functions that transform the records of a Firehose stream."""
    for stream in template.of_type("AWS::KinesisFirehose::DeliveryStream"):
        for config in stream.properties.values():
            processing = config.get("ProcessingConfiguration") if isinstance(config, Mapping) else None
            for reference in references(processing):
                function = function_of(template, {"Ref": reference.target})
                if function is not None:
                    yield function, _FIREHOSE, "Firehose"


def _documents(template: Template) -> Iterator[tuple[Resource, float, str]]:
    for kind, name, default in _BODIES:
        for resource in template.of_type(kind):
            body = str(resource.properties.get(name))
            # Where one integration of the document has a time of its own, or does not wait, none is judged.
            if "timeoutInMillis" not in body and _ASYNCHRONOUS not in body:
                for target in resource.references(name):
                    function = template.resources.get(target)
                    if function is not None and function.type in FUNCTIONS:
                        yield function, default, "API Gateway"


def _distributions(template: Template) -> Iterator[tuple[Resource, float, str]]:
    for distribution in template.of_type("AWS::CloudFront::Distribution"):
        for config in distribution.items("DistributionConfig"):
            if isinstance(config, Mapping):
                others = config.get("CacheBehaviors")
                behaviors = [config.get("DefaultCacheBehavior"), *(others if isinstance(others, list) else [])]
                for behavior in behaviors:
                    yield from _associations(template, behavior)


def _associations(template: Template, behavior: object) -> Iterator[tuple[Resource, float, str]]:
    associations = behavior.get("LambdaFunctionAssociations") if isinstance(behavior, Mapping) else None
    for association in associations if isinstance(associations, list) else []:
        if isinstance(association, Mapping):
            function = function_of(template, association.get("LambdaFunctionARN"))
            event = str(association.get("EventType"))
            if function is not None and event in _CLOUDFRONT:
                yield function, _CLOUDFRONT[event], f"CloudFront ({event})"


def _events(function: Resource, kind: str = "SQS") -> Iterator[Mapping[str, object]]:
    """The properties of a serverless function's events of a kind."""
    events = function.properties.get("Events") if function.type == "AWS::Serverless::Function" else None
    for event in events.values() if isinstance(events, Mapping) else ():
        if isinstance(event, Mapping) and event.get("Type") == kind:
            properties = event.get("Properties")
            yield properties if isinstance(properties, Mapping) else {}


RULE: Final = Rule(
    id="LambdaTimeoutBeyondTrigger",
    title="A function's timeout is no longer than its caller waits",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale=(
        "The caller gives up first: the user sees an error while the function works on and is paid for, and tries "
        "again. With a queue the message becomes visible and is worked on twice; CloudFormation refuses a visibility "
        "timeout that is shorter than the function's."
    ),
    fix=(
        "API Gateway: 29 seconds, or a raised integration timeout. A queue: a visibility timeout of six times the "
        "function's. Cognito: 5 seconds. CloudFront: 5 seconds for the viewer, 30 for the origin. Longer work is "
        "accepted, queued and reported later."
    ),
    reference="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    limits="Callers of other templates, of imported APIs and of load balancers are not seen.",
    check=check,
)
