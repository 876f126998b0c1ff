"""A finished template as the rules read it: tolerant of everything, because a review must not end in a traceback.

What CloudFormation would refuse is kept in `problems`, which the rule `UnreadableTemplate` reports.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from aws_architect_constructs._templates.references import references
from aws_architect_constructs.checks.values import UNKNOWN, Reference, Values

MOST_RESOURCES: Final = 500
MOST_BYTES: Final = 1_048_576
"""CloudFormation's quotas for one template
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""

_FOR_EACH: Final = "Fn::ForEach::"
_FOR_EACH_BODY: Final = 2
_SERVERLESS: Final = "AWS::Serverless::"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a template as such.

    Attributes:
        place: Where, such as `Resources.Web`.
        sentence: What is wrong there.
    """

    place: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource.

    Attributes:
        template: The template that it is in.
        logical_id: Its name there.
        type: Its CloudFormation type.
        properties: What stands under `Properties`, with SAM's `Globals` merged in.
        body: The whole element.
    """

    template: "Template"
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    body: Mapping[str, Any]

    def outcomes(self, *path: str) -> tuple[object, ...]:
        """Everything that a property may be, by the names that lead to it; None where it is not set."""
        nodes: list[object] = [self.properties]
        for name in path:
            following: list[object] = []
            for node in nodes:
                if isinstance(node, dict):
                    following += self.template.values.outcomes(node.get(name))
                else:
                    following.append(UNKNOWN if node is UNKNOWN else None)
            nodes = following
        return tuple(nodes)

    def may(self, predicate: Callable[[object], bool], *path: str) -> bool:
        """Whether some outcome of a property is so."""
        return any(predicate(outcome) for outcome in self.outcomes(*path))

    def must(self, predicate: Callable[[object], bool], *path: str) -> bool:
        """Whether every outcome of a property is so; one that is unknown is not."""
        return all(outcome is not UNKNOWN and predicate(outcome) for outcome in self.outcomes(*path))

    def text(self, *path: str) -> str | None:
        """A property's first outcome that is a text, or the one of the template's `choice`."""
        texts = [outcome for outcome in self.outcomes(*path) if isinstance(outcome, str)]
        if len(texts) > 1:
            self.template.left_open.append(len(texts))
        return texts[min(self.template.choice, len(texts) - 1)] if texts else None

    def items(self, *path: str) -> Iterator[object]:
        """Every item that a list may have, each with all its outcomes; a single value counts as a list of one."""
        for outcome in self.outcomes(*path):
            for item in outcome if isinstance(outcome, list) else [outcome]:
                for value in self.template.values.outcomes(item):
                    if isinstance(value, list):
                        yield from value
                    elif value is not None:
                        yield value

    def references(self, *path: str) -> frozenset[str]:
        """The logical ids of resources that a property refers to, however deep."""
        value: object = self.properties
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return frozenset(reference.target for reference in references(value))

    @property
    def construct_path(self) -> str | None:
        """The construct's path, where CDK wrote it into the template or beside it."""
        metadata = self.body.get("Metadata")
        path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        return path if isinstance(path, str) else self.template.path_of(self.logical_id)


@dataclass(frozen=True, eq=False)
class Template:
    """One template.

    Attributes:
        name: What findings call it: the stack's construct path, or the file's name.
        path: The file.
        content: The parsed file; empty if it could not be parsed.
        region: The Region that it is deployed to, if known.
        account: The account that it is deployed to, if known.
        tags: The stack's tags, which CloudFormation puts on every resource that takes tags.
        parent: The stack that it is nested in.
        nested_as: Its logical id there.
        paths: Construct paths by logical id, as the assembly's metadata has them: of this stack and its nested ones.
        size: Its length in bytes.
        failure: Why it could not be parsed.
        choice: Which text counts, where a condition or a mapping leaves several: by default the first one.
    """

    name: str
    path: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    account: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parent: "Template | None" = None
    nested_as: str | None = None
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    size: int = 0
    failure: str | None = None
    choice: int = 0

    def path_of(self, logical_id: str) -> str | None:
        """The construct path of a logical id, which stacks nested in this one may use too: theirs lie deeper."""
        below = [path for path in self.paths.get(logical_id, ()) if path.startswith(f"{self.name}/")]
        return min(below, key=lambda path: path.count("/"), default=None)

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the template; empty if it is missing or no mapping."""
        section = self.content.get(name)
        return section if isinstance(section, Mapping) else {}

    @cached_property
    def values(self) -> Values:
        """The values of this template."""
        pseudo = {"AWS::Region": self.region, "AWS::AccountId": self.account}
        return Values(
            self.section("Parameters"),
            self.section("Mappings"),
            frozenset(self.resources),
            {name: value for name, value in pseudo.items() if value},
        )

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """Every resource by its logical id, in the template's order."""
        found = {}
        for logical_id, body in self._elements():
            if isinstance(body, Mapping) and isinstance(kind := body.get("Type"), str):
                properties = body.get("Properties")
                known = properties if isinstance(properties, Mapping) else {}
                found[logical_id] = Resource(self, logical_id, kind, self._with_globals(kind, known), body)
        return found

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.type, []).append(resource)
        return {kind: tuple(resources) for kind, resources in found.items()}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of some types."""
        for kind in types:
            yield from self._by_type.get(kind, ())

    def find(self, value: object, *types: str) -> Resource | None:
        """The resource that a value refers to, if it is one of some types."""
        for outcome in self.values.outcomes(value):
            if isinstance(outcome, Reference):
                resource = self.resources.get(outcome.logical_id)
                if resource is not None and (not types or resource.type in types):
                    return resource
        return None

    @cached_property
    def left_open(self) -> list[int]:
        """Of each text asked for so far that a condition or a mapping leaves open, how many it may be."""
        return []

    @cached_property
    def users(self) -> Mapping[str, tuple[Resource, ...]]:
        """By logical id, the resources that refer to it."""
        found: dict[str, dict[str, Resource]] = {}
        for resource in self.resources.values():
            for reference in references(resource.properties):
                found.setdefault(reference.target, {})[resource.logical_id] = resource
        return {target: tuple(users.values()) for target, users in found.items()}

    @cached_property
    def shared(self) -> frozenset[str]:
        """The logical ids that outputs name: other stacks, or people, may use those resources."""
        return frozenset(reference.target for reference in references(self.section("Outputs")))

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with the template as such."""
        if self.failure is not None:
            return (Problem("", self.failure),)
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not isinstance(self.content.get("Resources"), Mapping) or not self.content["Resources"]:
            yield Problem("Resources", "the template has no Resources")
        for logical_id, body in self._elements():
            place = f"Resources.{logical_id}"
            if not isinstance(body, Mapping):
                yield Problem(place, f"a resource must be a mapping, got {_shown(body)}")
            elif not isinstance(body.get("Type"), str):
                yield Problem(place, f"a resource must have a Type, got {_shown(body.get('Type'))}")
            elif not isinstance(body.get("Properties", {}), Mapping):
                yield Problem(place, f"Properties must be a mapping, got {_shown(body['Properties'])}")

    def _elements(self) -> Iterator[tuple[str, Any]]:
        """Name and body of each resource; those of a Fn::ForEach under the name with its variable in it."""
        for logical_id, body in self.section("Resources").items():
            if not logical_id.startswith("Fn::"):
                yield logical_id, body
            elif logical_id.startswith(_FOR_EACH):
                yield from _loop(body, 0)

    def _with_globals(self, kind: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """A serverless resource's properties over those that the template's Globals give to all of its kind."""
        if not kind.startswith(_SERVERLESS):
            return properties
        common = self.section("Globals").get(kind.removeprefix(_SERVERLESS))
        if not isinstance(common, Mapping):
            return properties
        return _merged(common, properties)


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What SAM makes of Globals and a resource's own properties: mappings are merged, the rest is overruled."""
    result = dict(common)
    for name, value in own.items():
        below = result.get(name)
        result[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _loop(body: object, depth: int) -> Iterator[tuple[str, Any]]:
    """The resources of a Fn::ForEach, which may hold another one."""
    match body:
        case [_, _, Mapping() as elements] if depth < _FOR_EACH_BODY * 4:
            for logical_id, element in elements.items():
                if str(logical_id).startswith(_FOR_EACH):
                    yield from _loop(element, depth + 1)
                else:
                    yield str(logical_id), element
        case _:
            return


def read_template(path: str | Path, **about: Any) -> Template:  # noqa: ANN401 - what Template takes
    """A template from a JSON file; a file that is none gives a template that says so.

    Args:
        path: The file.
        about: `name` and what else of `Template` is known.
    """
    file = Path(path)
    name = about.pop("name", None) or file.name
    try:
        text = file.read_bytes()
    except OSError as error:
        return Template(name, str(path), failure=f"cannot be read: {error.strerror}", **about)
    return parse_template(text, name=name, path=str(path), **about)


def parse_template(text: bytes | str, *, name: str, **about: Any) -> Template:  # noqa: ANN401 - what Template takes
    """A template from the text of a JSON file; a text that is none gives a template that says so."""
    raw = text.encode() if isinstance(text, str) else text
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Template(name, size=len(raw), failure="is no text in UTF-8", **about)
    except json.JSONDecodeError as error:
        problem = f"is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        return Template(name, size=len(raw), failure=problem, **about)
    except RecursionError:
        return Template(name, size=len(raw), failure="is nested too deeply to be read", **about)
    except ValueError as error:
        return Template(name, size=len(raw), failure=f"is no JSON: {error}", **about)
    if not isinstance(content, dict):
        return Template(name, size=len(raw), failure=f"is no template but {_shown(content)}", **about)
    return Template(name, content=content, size=len(raw), **about)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what a line holds
