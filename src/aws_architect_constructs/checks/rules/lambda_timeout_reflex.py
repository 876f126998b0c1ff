"""A function's timeout is chosen, not set to the most that there is."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.functions import functions, is_provider
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import number

_MOST: Final = 900


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at functions whose timeout is the maximum."""
    for function in functions(template):
        if function.must(lambda value: (number(value) or 0) >= _MOST, "Timeout") and not is_provider(function):
            yield Finding(function.logical_id, "the timeout is the maximum of 15 minutes", "Properties.Timeout")


RULE: Final = Rule(
    id="LambdaTimeoutReflex",
    title="A function's timeout is not 15 minutes by reflex",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "With the maximum a call that hangs is paid for and holds concurrency for 15 minutes, and the alarm comes as "
        "late. A function that needs all of it has no time left to say that it failed."
    ),
    fix=(
        "Measure the 99th percentile and set a small multiple of it. Work that takes minutes belongs into Step "
        "Functions, AWS Batch or a Fargate task."
    ),
    reference="https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    limits="Functions that make custom resources are left alone: a deployment may have to wait as long.",
    check=check,
)
