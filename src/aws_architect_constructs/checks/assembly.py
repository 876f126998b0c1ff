"""The templates of a cloud assembly: stacks with their tags, and the nested stacks that belong to them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from aws_architect_constructs.checks.templates import Template, read_template
from aws_architect_constructs.checks.values import literals

_NESTED: Final = "AWS::CloudFormation::Stack"
_MOST_DEPTH: Final = 10
_ENDING: Final = ".template.json"


def read_stack(path: str | Path, *, name: str, account: str | None = None, region: str | None = None) -> list[Template]:
    """A stack's template, and those of the stacks that are nested in it.

    Args:
        path: The template's file, beside which CDK put the assembly's manifest and the stack's assets.
        name: The stack's construct path.
        account: The stack's account, if known.
        region: The stack's Region, if known.
    """
    file = Path(path)
    artifact = _artifact(file)
    known: dict[str, Any] = {"account": account, "region": region, "paths": _paths(file, artifact)}
    stack = read_template(file, name=name, tags=_tags(artifact), **known)
    assets = _json(file.with_name(file.name.removesuffix(_ENDING) + ".assets.json")).get("files")
    files = assets if isinstance(assets, Mapping) else {}
    return [stack, *_nested(stack, file.parent, files, 0)]


def _nested(stack: Template, directory: Path, files: Mapping[str, Any], depth: int) -> Iterator[Template]:
    for resource in stack.of_type(_NESTED) if depth < _MOST_DEPTH else ():
        file = _template_of(resource.properties.get("TemplateURL"), resource.body.get("Metadata"), files)
        if file is not None:
            child = read_template(
                directory / file,
                name=_name(stack, resource.logical_id),
                account=stack.account,
                region=stack.region,
                paths=stack.paths,
                tags={**stack.tags, **_own_tags(resource.properties.get("Tags"))},
                parent=stack,
                nested_as=resource.logical_id,
            )
            yield child
            yield from _nested(child, directory, files, depth + 1)


def _name(stack: Template, logical_id: str) -> str:
    """What to call a nested stack: its construct's path, which CDK puts `.NestedStack` behind."""
    path = stack.path_of(logical_id)
    return path.rsplit(".NestedStack/", 1)[0] if path and ".NestedStack/" in path else f"{stack.name}/{logical_id}"


def _template_of(url: object, metadata: object, files: Mapping[str, Any]) -> str | None:
    """The file of a nested stack: CDK names it in the metadata, or the URL ends in the asset's hash."""
    path = metadata.get("aws:asset:path") if isinstance(metadata, Mapping) else None
    if isinstance(path, str):
        return path
    for _, text in literals(url):
        for key, entry in files.items():
            source = entry.get("source") if isinstance(entry, Mapping) else None
            named = source.get("path") if isinstance(source, Mapping) else None
            if key in text and isinstance(named, str):
                return named
    return None


def _artifact(file: Path) -> Mapping[str, Any]:
    """What the assembly's manifest says of a stack, known by its template's file."""
    artifacts = _json(file.with_name("manifest.json")).get("artifacts")
    for artifact in artifacts.values() if isinstance(artifacts, Mapping) else ():
        known: Mapping[str, Any] = artifact if isinstance(artifact, Mapping) else {}
        properties = known.get("properties")
        if isinstance(properties, Mapping) and properties.get("templateFile") == file.name:
            return known
    return {}


def _tags(artifact: Mapping[str, Any]) -> dict[str, str]:
    """The stack's tags."""
    properties = artifact.get("properties")
    tags = properties.get("tags") if isinstance(properties, Mapping) else None
    return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, Mapping) else {}


def _paths(file: Path, artifact: Mapping[str, Any]) -> dict[str, list[str]]:
    """Construct paths by logical id; a stack and those nested in it may have an id in common."""
    named = artifact.get("additionalMetadataFile")
    metadata = _json(file.with_name(named)) if isinstance(named, str) else artifact.get("metadata")
    found: dict[str, list[str]] = {}
    for path, entries in metadata.items() if isinstance(metadata, Mapping) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get("type") == "aws:cdk:logicalId":
                found.setdefault(str(entry.get("data")), []).append(str(path).lstrip("/"))
    return found


def _own_tags(tags: object) -> dict[str, str]:
    return (
        {str(tag["Key"]): str(tag.get("Value")) for tag in tags if isinstance(tag, Mapping) and "Key" in tag}
        if isinstance(tags, list)
        else {}
    )


def _json(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, Mapping) else {}
