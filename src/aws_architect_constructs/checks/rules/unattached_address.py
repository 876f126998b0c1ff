"""Elastic IP addresses are in use."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_none


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at addresses that have no instance and that nothing refers to."""
    for address in template.of_type("AWS::EC2::EIP"):
        alone = address.must(is_none, "InstanceId")
        if alone and not template.users.get(address.logical_id) and address.logical_id not in template.shared:
            yield Finding(address.logical_id, "nothing uses the address", "Type")


RULE: Final = Rule(
    id="UnattachedAddress",
    title="Every Elastic IP address is used",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="An idle address costs 3.65 USD a month, as much as one in use.",
    fix="Associate it, or release it.",
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html",
    limits="An address that an output names counts as used by another stack.",
    check=check,
)
