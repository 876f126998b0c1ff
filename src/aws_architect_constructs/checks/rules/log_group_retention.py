"""Logs expire."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_none


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at log groups without a retention, and at those that hold what they never lose."""
    for group in template.of_type("AWS::Logs::LogGroup"):
        if group.must(is_none, "RetentionInDays"):
            yield Finding(group.logical_id, "its events are kept for ever", "Properties.RetentionInDays")


RULE: Final = Rule(
    id="LogGroupRetention",
    title="Every log group has a retention",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "CloudWatch keeps events for ever unless told otherwise: storage is paid for every month, and personal data "
        "stays longer than anybody promised."
    ),
    fix="Set `RetentionInDays`; what has to be kept for years belongs into S3.",
    reference="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    limits="A log group that a service makes by itself is not in the template.",
    check=check,
)
