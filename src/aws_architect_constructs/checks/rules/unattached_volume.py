"""Volumes and addresses that are paid for are attached to something."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at volumes that nothing refers to."""
    for volume in template.of_type("AWS::EC2::Volume"):
        if not template.users.get(volume.logical_id) and volume.logical_id not in template.shared:
            yield Finding(volume.logical_id, "nothing is attached to the volume", "Type")


RULE: Final = Rule(
    id="UnattachedVolume",
    title="Every volume is attached",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="A volume is paid for by its size, attached or not.",
    fix="Attach it with `AWS::EC2::VolumeAttachment`, or keep a snapshot and delete it.",
    reference="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html",
    limits="A volume that an output names counts as attached by another stack.",
    check=check,
)
