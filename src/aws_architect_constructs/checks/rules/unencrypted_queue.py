"""Queues are encrypted."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_false, is_one_of


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at queues whose encryption, which is on by default, was switched off."""
    for queue in template.of_type("AWS::SQS::Queue"):
        keyless = queue.must(lambda value: is_one_of(value, None, ""), "KmsMasterKeyId")
        if keyless and queue.may(is_false, "SqsManagedSseEnabled"):
            yield Finding(queue.logical_id, "encryption is switched off", "Properties.SqsManagedSseEnabled")


RULE: Final = Rule(
    id="UnencryptedQueue",
    title="Every queue is encrypted",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale="SQS encrypts at no cost and by default: a queue without it had it taken away.",
    fix="Leave `SqsManagedSseEnabled` out, or name a key in `KmsMasterKeyId`.",
    reference="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
    check=check,
)
