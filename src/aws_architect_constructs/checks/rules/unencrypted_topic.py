"""Topics are encrypted with a key."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_one_of


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at topics without a key."""
    for topic in template.of_type("AWS::SNS::Topic"):
        if topic.must(lambda value: is_one_of(value, None, ""), "KmsMasterKeyId"):
            yield Finding(topic.logical_id, "the topic has no key", "Properties.KmsMasterKeyId")


RULE: Final = Rule(
    id="UnencryptedTopic",
    title="Every topic has a key",
    pillar=Pillar.SECURITY,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "SNS encrypts its disks by itself; only with a key does a key policy say, and a log tell, who sends to it "
        "and who reads what is kept for a retry."
    ),
    fix="Name a customer-managed key that CloudWatch and EventBridge may use: `alias/aws/sns` shuts them out.",
    reference="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
    check=check,
)
