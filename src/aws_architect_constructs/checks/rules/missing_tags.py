"""Every resource that takes tags has the tags that the organization asks for."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import UNKNOWN


@cache
def tag_properties() -> Mapping[str, str]:
    """By type, the property that tags stand in; types that take none are missing."""
    table = files("aws_architect_constructs.checks").joinpath("taggable_types.json").read_text(encoding="utf-8")
    return {kind: name for name, kinds in json.loads(table).items() for kind in kinds}


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look for required tags on the stack and on each resource that takes tags."""
    wanted = [name for name in context.required_tags if name not in template.tags]
    if not wanted:
        return
    for resource in template.resources.values():
        name = tag_properties().get(resource.type)
        if name is None and resource.type.startswith("AWS::Serverless::"):
            name = "Tags"
        known = _tags(resource, name) if name is not None else None
        if known is not None and (missing := [tag for tag in wanted if tag not in known]):
            yield Finding(resource.logical_id, f"without {', '.join(missing)}", f"Properties.{name}")


def _tags(resource: Resource, name: str) -> set[str] | None:
    """The names of a resource's tags; None where only a deployment knows them."""
    found = set()
    for outcome in resource.outcomes(name):
        if outcome is UNKNOWN:
            return None
        if isinstance(outcome, Mapping):
            if any(str(key).startswith("Fn::") for key in outcome):
                return None
            found |= {str(key) for key in outcome}
    for item in resource.items(name):
        if item is UNKNOWN:
            return None
        if isinstance(item, Mapping):
            for key in ("Key", "TagKey"):
                found |= {str(value) for value in resource.template.values.outcomes(item.get(key)) if value}
    return found


RULE: Final = Rule(
    id="MissingTags",
    title="Every resource that takes tags has the required ones",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "Without an owner and a cost center nobody is asked when a resource is expensive, broken or public. Policies "
        "that act on tags do not reach what has none."
    ),
    fix=(
        "`RequiredTags.of(app).apply(owner=..., cost_center=..., ...)` tags everything below once; tags of the stack "
        "count, because CloudFormation hands them on."
    ),
    reference="https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
    limits="It is asked only where `required_tags=` says which; the values are not judged.",
    check=check,
)
