"""The stacks of a template set: what counts as a template, and which stack is nested in which."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_NESTED_STACK: Final = "AWS::CloudFormation::Stack"
_ENDINGS: Final = (".json", ".yaml", ".yml", ".template", ".nested")


def check_template(stack: str, template: object) -> None:
    """Check that something is a template.

    Raises:
        ValueError: If it has no resources, or one of them has no type.
    """
    resources = template.get("Resources") if isinstance(template, Mapping) else None
    if not isinstance(resources, Mapping):
        raise ValueError(
            f"{stack}: this is no CloudFormation template, got {template!r:.80}; allowed: one with Resources"
        )
    for logical_id, resource in resources.items():
        if not isinstance(resource, Mapping) or not isinstance(resource.get("Type"), str):
            raise ValueError(
                f"{stack}/{logical_id}: this is no resource, got {resource!r:.80}; allowed: one with a Type"
            )


def nested_stacks(templates: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    """Each nested stack's place, as its parent stack and logical id, and its own name.

    A nested template is known by its logical id in the parent, or by the file name in CDK's asset metadata.
    """
    by_file = {_file_stem(name): name for name in templates}
    for stack, template in templates.items():
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == _NESTED_STACK:
                path = (resource.get("Metadata") or {}).get("aws:asset:path")
                child = by_file.get(_file_stem(path)) if isinstance(path, str) else None
                if child is None and logical_id in templates:
                    child = logical_id
                if child is not None and child != stack:
                    yield (stack, logical_id), child


def _file_stem(path: str) -> str:
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
