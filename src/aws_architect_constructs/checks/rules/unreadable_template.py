"""A template can be read, and CloudFormation would take it."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import MOST_BYTES, MOST_RESOURCES, Template


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Report what the reader could not read, and what is over CloudFormation's quotas."""
    for problem in template.problems:
        yield Finding(None, problem.sentence, problem.place)
    if len(template.resources) > MOST_RESOURCES:
        detail = f"it has {len(template.resources)} resources, CloudFormation takes {MOST_RESOURCES}"
        yield Finding(None, detail, "Resources")
    if template.size > MOST_BYTES:
        yield Finding(None, f"it has {template.size:,} bytes, CloudFormation takes {MOST_BYTES:,}")


RULE: Final = Rule(
    id="UnreadableTemplate",
    title="The template can be read, and is within CloudFormation's quotas",
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale="What cannot be read cannot be reviewed, and CloudFormation refuses it minutes into a deployment.",
    fix="Mend the place that is named. Too large a stack is split: into nested stacks, or along what changes together.",
    reference="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
    check=check,
)
