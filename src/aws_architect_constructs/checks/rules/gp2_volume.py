"""General purpose storage is gp3."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import Values, is_none

_PROPERTIES: Final = {
    "AWS::AutoScaling::LaunchConfiguration": ("BlockDeviceMappings",),
    "AWS::EC2::Instance": ("BlockDeviceMappings",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
    "AWS::EC2::Volume": ("VolumeType",),
    "AWS::OpenSearchService::Domain": ("EBSOptions",),
    "AWS::RDS::DBInstance": ("StorageType",),
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at volumes that say gp2, and at those of EC2 that get it by saying nothing."""
    for kind, names in _PROPERTIES.items():
        for resource in template.of_type(kind):
            for name in names:
                for place, text in _texts(template.values, resource.properties.get(name), f"Properties.{name}"):
                    if text == "gp2":
                        yield Finding(resource.logical_id, "the volume is of type gp2", place)
            if kind == "AWS::EC2::Volume" and resource.must(is_none, "VolumeType"):
                detail = "without a type the volume is of type gp2"
                yield Finding(resource.logical_id, detail, "Properties.VolumeType")


def _texts(values: Values, value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text below a value; a reference to a parameter or a mapping is the text that it gives."""
    if isinstance(value, Mapping) and len(value) == 1 and str(next(iter(value))).startswith(("Ref", "Fn::")):
        for outcome in values.outcomes(value):
            yield from _texts(values, outcome, place) if outcome != value else ()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(values, item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(values, item, f"{place}.{index}")
    elif isinstance(value, str):
        yield place, value


RULE: Final = Rule(
    id="Gp2Volume",
    title="Volumes are of type gp3",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "gp3 costs a fifth less for each GB on EBS (0.08 against 0.10 USD in us-east-1), and has 3,000 IOPS whatever "
        "its size; gp2's speed is bought with size."
    ),
    fix="`VolumeType: gp3`; for RDS `StorageType: gp3`. A volume is changed in place.",
    reference="https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",
    check=check,
)
