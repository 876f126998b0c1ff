"""The stacks and the construct metadata of a cloud assembly directory, nested assemblies included; no CDK."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_LEVELS = {"aws:cdk:warning": "warning", "aws:cdk:error": "error", "aws:cdk:info": "info"}
_ANNOTATION_ID = re.compile(r"\s*\[ack: (?P<id>[^\]]+)\]\s*$")


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """A rule acknowledged at one place of the construct tree.

    Attributes:
        id: The id with its prefix: `AwsSolutions::AwsSolutions-S1`.
        reason: Why.
        construct_path: Where; it covers everything below.
    """

    id: str
    reason: str
    construct_path: str

    @property
    def namespace(self) -> str:
        """What stands before `::`; the plugin's name with `-` for each blank."""
        return self.id.partition("::")[0]

    @property
    def rule(self) -> str:
        """What stands after `::`."""
        return self.id.partition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A warning, error or info that a construct adds.

    Attributes:
        level: `warning`, `error` or `info`.
        message: The text, without its id.
        construct_path: The construct.
        id: What acknowledges the annotation; None for one without.
    """

    level: str
    message: str
    construct_path: str
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class StackSummary:
    """A stack of the assembly, nested CloudFormation stacks aside.

    Attributes:
        name: The stack's display name: its construct path, and its name where that differs.
        template: Its template file.
        resources: How many resources the template defines.
        template_bytes: The template's size; CloudFormation allows 1,000,000 bytes.
    """

    name: str
    template: Path
    resources: int
    template_bytes: int


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What constructs left in the metadata of their stacks."""

    acknowledgements: tuple[Acknowledgement, ...]
    annotations: tuple[Annotation, ...]


def _load(path: Path) -> Any:  # noqa: ANN401 - JSON of several shapes
    return json.loads(path.read_text(encoding="utf-8"))


def _stack_artifacts(directory: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each stack artifact with the directory of the assembly it belongs to, nested assemblies in their place."""
    for artifact in _load(directory / "manifest.json").get("artifacts", {}).values():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _stack_artifacts(directory / artifact["properties"]["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            yield directory, artifact


def stacks(assembly: Path) -> tuple[StackSummary, ...]:
    """Return the stacks of the assembly and of those nested in it, in the order of the manifest."""
    summaries = []
    for directory, artifact in _stack_artifacts(assembly):
        template = directory / artifact["properties"]["templateFile"]
        summaries.append(
            StackSummary(
                name=artifact.get("displayName") or template.name.removesuffix(".template.json"),
                template=template,
                resources=len(_load(template).get("Resources", {})),
                template_bytes=template.stat().st_size,
            )
        )
    return tuple(summaries)


def collect_metadata(assembly: Path) -> Metadata:
    """Return what the constructs of all stacks recorded; CDK keeps it beside the manifest, or (older) within it."""
    acknowledgements: list[Acknowledgement] = []
    annotations: list[Annotation] = []
    for directory, artifact in _stack_artifacts(assembly):
        metadata: dict[str, list[dict[str, Any]]] = dict(artifact.get("metadata", {}))
        if "additionalMetadataFile" in artifact:
            metadata.update(_load(directory / artifact["additionalMetadataFile"]))
        for path, entries in metadata.items():
            construct_path = path.removeprefix("/")
            for entry in entries:
                if entry["type"] == _ACKNOWLEDGED:
                    acknowledgements += [
                        Acknowledgement(id=rule, reason=reason, construct_path=construct_path)
                        for rule, reason in entry["data"].items()
                    ]
                elif entry["type"] in _LEVELS:
                    annotations.append(_annotation(_LEVELS[entry["type"]], str(entry["data"]), construct_path))
    return Metadata(acknowledgements=tuple(acknowledgements), annotations=tuple(annotations))


def _annotation(level: str, text: str, construct_path: str) -> Annotation:
    match = _ANNOTATION_ID.search(text)
    if match is None:
        return Annotation(level=level, message=text, construct_path=construct_path)
    return Annotation(level=level, message=text[: match.start()], construct_path=construct_path, id=match["id"])
