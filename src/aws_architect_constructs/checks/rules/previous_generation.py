"""Instance types are of a current generation."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.instance_types import instance_types
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template

# The first current generation of each family
# (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html#previous-gen-instances).
_CURRENT: Final = {"a": 2, "c": 5, "d": 3, "g": 4, "i": 3, "m": 5, "p": 4, "r": 5, "t": 3, "x": 2, "z": 1}
_TYPE: Final = re.compile(r"(?:(?:cache|dax|db|dms|kafka|mq)\.)?([a-z])(\d+)[a-z0-9-]*\.[a-z0-9-]+(?:\.search)?")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at the types of instances, database instances, cache nodes and search nodes."""
    for resource, place, name in instance_types(template):
        if is_previous(name):
            yield Finding(resource.logical_id, f"{name} is of a previous generation", place)


def is_previous(name: str) -> bool:
    """Whether AWS calls an instance type one of a previous generation.

    >>> is_previous("t2.micro"), is_previous("db.r4.large"), is_previous("m7g.large"), is_previous("u-6tb1.metal")
    (True, True, False, False)
    """
    match = _TYPE.fullmatch(name)
    return match is not None and int(match[2]) < _CURRENT.get(match[1], 0)


RULE: Final = Rule(
    id="PreviousGeneration",
    title="No previous-generation instance types",
    pillar=Pillar.PERFORMANCE_EFFICIENCY,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="A newer generation does more for the same price or less, and AWS runs short of the old one.",
    fix="Take the same family's current generation; on Graviton if the software runs on it.",
    reference="https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html#previous-gen-instances",
    check=check,
)
