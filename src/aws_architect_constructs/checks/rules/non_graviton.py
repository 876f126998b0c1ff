"""What could run on Graviton does."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.functions import functions, is_at_the_edge, is_provider
from aws_architect_constructs.checks.instance_types import instance_types
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_one_of

# Families that exist with a Graviton processor; the others have no such choice.
_INTEL_OR_AMD: Final = re.compile(
    r"((?:(?:cache|db|kafka)\.)?(?:[cmrt]\d+))((?:i|a|n|d|b|ad|id|in|idn|dn|zn|en)*)\.([a-z0-9-]+)"
)
_WINDOWS: Final = ("sqlserver", "oracle", "custom-", "db2")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at instance types, functions and Fargate tasks on x86."""
    for resource, place, name in instance_types(template):
        engine = resource.text("Engine") or ""
        match = _INTEL_OR_AMD.fullmatch(name.removesuffix(".search"))
        if match is not None and "g" not in match[2] and not engine.startswith(_WINDOWS):
            yield Finding(resource.logical_id, f"{name} has no Graviton processor", place)
    for function in functions(template):
        intel = function.must(lambda value: value is None or value == ["x86_64"], "Architectures")
        if intel and not is_provider(function) and not is_at_the_edge(function):
            yield Finding(function.logical_id, "the function runs on x86_64", "Properties.Architectures")
    for task in template.of_type("AWS::ECS::TaskDefinition"):
        fargate = "FARGATE" in list(task.items("RequiresCompatibilities"))
        linux = not task.may(lambda value: "WINDOWS" in str(value), "RuntimePlatform", "OperatingSystemFamily")
        if (
            fargate
            and linux
            and task.must(lambda value: is_one_of(value, None, "X86_64"), "RuntimePlatform", "CpuArchitecture")
        ):
            yield Finding(task.logical_id, "the task runs on X86_64", "Properties.RuntimePlatform")


RULE: Final = Rule(
    id="NonGraviton",
    title="Compute and databases run on Graviton",
    pillar=Pillar.SUSTAINABILITY,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "Graviton costs a fifth less for each hour of Fargate and Lambda in us-east-1 (0.03238 against 0.04048 USD for "
        "a vCPU of Fargate), and needs less energy for the same work. Managed databases need no change at all."
    ),
    fix="Take the `g` family; for functions and tasks `arm64`, with images built for it.",
    reference="https://docs.aws.amazon.com/whitepapers/latest/aws-graviton-performance-testing/aws-graviton-performance-testing.html",
    limits=(
        "Whether the software runs on arm64 is not in a template. Functions that make custom resources are left alone: "
        "they run for seconds, and are often CDK's own; so are those of Lambda@Edge, which has x86_64 alone."
    ),
    check=check,
)
