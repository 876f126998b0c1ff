"""Reading a CloudFormation template: from a stack's assertions, a mapping, a file or text, JSON or YAML.

Whatever the source, the result is one plain dict with the intrinsic functions in their long form, or a `TemplateError`
that says where the source is wrong.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from aws_architect_constructs._templates.references import circular_references, missing_references

SECTIONS: Final = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
"""What may stand at the top of a template
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html)."""

_SECTIONS_THAT_ARE_NO_MAPPINGS: Final = frozenset({"AWSTemplateFormatVersion", "Description", "Transform"})

# A stack of the CDK without resources still has a parameter and a rule.
_SECTIONS_OF_SUBSTANCE: Final = frozenset({"Outputs", "Parameters", "Resources", "Rules"})


@runtime_checkable
class HasJson(Protocol):
    """What gives a template as a mapping, as `aws_cdk.assertions.Template` does."""

    def to_json(self) -> Mapping[str, Any]:
        """The template."""
        ...


TemplateSource: TypeAlias = Mapping[str, Any] | HasJson | os.PathLike[str] | str
"""What `load_template` reads."""


class TemplateError(ValueError):
    """A source is no CloudFormation template, or one that CloudFormation would refuse to read."""


def load_template(source: TemplateSource, *, references: bool = True) -> dict[str, Any]:
    """A template as a plain dict, with intrinsic functions in their long form.

    >>> template = load_template("Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}}",
    ...     references=False)
    >>> template["Resources"]["Topic"]["Properties"]
    {'TopicName': {'Ref': 'Name'}}

    Args:
        source: A mapping; anything with `to_json()`, such as `aws_cdk.assertions.Template.from_stack(stack)`; a file's
            path; or text. A `str` is text if it begins with `{`, or holds a line break or a colon with a space behind
            it; else it names a file.
        references: Whether to refuse missing and circular references too (`check_references`).

    Returns:
        A dict of its own: changing it changes no source. Key order is kept.

    Raises:
        TemplateError: If the source is no template, is malformed, or refers to what it does not have.
        FileNotFoundError: If there is no such file.
        ImportError: If the source is YAML and PyYAML is not installed.
    """
    name, content = _content(source)
    template = _plain(content, name, frozenset())
    _check_shape(template, name)
    if references:
        check_references(template, name=name)
    return dict(template)


def check_references(template: Mapping[str, Any], *, name: str = "template") -> None:
    """Refuse references to nothing, and resources or conditions that refer to one another in a circle.

    Nothing is said about missing names where CloudFormation makes names of its own: under a Transform other than
    AWS::LanguageExtensions, and with Fn::ForEach.

    Args:
        template: A template as `load_template` gives it.
        name: What to call it in the error.

    Raises:
        TemplateError: If there is one; the message names the place of every missing reference, or the circle.
    """
    if missing := missing_references(template):
        raise TemplateError("\n".join(f"{name}: {sentence}" for sentence in missing))
    if circle := circular_references(template):
        raise TemplateError(f"{name}: circular reference: {' -> '.join(circle)}")


def _content(source: TemplateSource) -> tuple[str, Any]:
    """A name for the source, and what it holds."""
    if isinstance(source, Mapping):
        return "template", source
    if isinstance(source, HasJson):
        return "template", source.to_json()
    if isinstance(source, str) and _is_text(source):
        return "template", _parse(source, "template")
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return path.name, _parse(path.read_text(encoding="utf-8-sig"), path.name)
    raise TemplateError(
        f"template: cannot be read from {type(source).__name__}; "
        "allowed: a mapping, an object with to_json(), a path or text"
    )


def _is_text(source: str) -> bool:
    return not source.strip() or source.lstrip().startswith("{") or "\n" in source or ": " in source


def _parse(text: str, name: str) -> Any:  # noqa: ANN401 - JSON and YAML hold anything
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        return _yaml(text, name)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise TemplateError(f"{name}: malformed JSON at {place}: {error.msg}") from error
    except ValueError as error:
        raise TemplateError(f"{name}: {error}") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; json would keep the last of two equal keys and say nothing."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(
            f"malformed JSON: key {twice!r} stands twice in one object, whose keys are {', '.join(result)}"
        )
    return result


def _no_constant(constant: str) -> None:
    raise ValueError(f"malformed JSON: {constant} is no JSON value")


def _yaml(text: str, name: str) -> Any:  # noqa: ANN401 - the same
    try:
        # Only a source in YAML needs PyYAML, which is an optional dependency.
        from aws_architect_constructs.testing._template_yaml import parse  # noqa: PLC0415 - see above
    except ImportError as error:
        raise ImportError(
            f"{name}: reading a template in YAML needs PyYAML; it comes with aws-architect-constructs[testing]"
        ) from error
    return parse(text)


def _plain(value: object, place: str, above: frozenset[int]) -> Any:  # noqa: ANN401 - a template holds anything
    """A copy made of dict, list, str, int, float, bool and None only."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if id(value) in above:
        raise TemplateError(f"{place}: the value contains itself")
    above |= {id(value)}
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TemplateError(f"{place}: a key must be text, got {key!r}")
        return {key: _plain(item, f"{place}.{key}", above) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{index}]", above) for index, item in enumerate(value)]
    raise TemplateError(
        f"{place}: {type(value).__name__} is no template value, got {value!r}; "
        "allowed: mappings, lists, text, numbers, booleans and null"
    )


def _check_shape(template: object, name: str) -> None:
    """Refuse what CloudFormation would not take for a template."""
    if not isinstance(template, dict):
        raise TemplateError(f"{name}: no template: got {type(template).__name__}; a template is a mapping of sections")
    if unknown := sorted(set(template) - SECTIONS):
        raise TemplateError(
            f"{name}: no template: unknown section {unknown[0]!r}; allowed: {', '.join(sorted(SECTIONS))}"
        )
    if not set(template) & _SECTIONS_OF_SUBSTANCE:
        raise TemplateError(f"{name}: no template: it has no Resources, got {sorted(template)}")
    for section in sorted(set(template) - _SECTIONS_THAT_ARE_NO_MAPPINGS):
        _check_mapping(template[section], f"{name}: {section}")
    for section in ("Resources", "Outputs"):
        for logical_id, element in template.get(section, {}).items():
            # Fn::ForEach and Fn::Transform stand where resources do and have a shape of their own.
            if not logical_id.startswith("Fn::"):
                place = f"{name}: {section}.{logical_id}"
                _check_mapping(element, place)
                if section == "Resources":
                    _check_resource(element, place)


def _check_resource(resource: dict[str, Any], place: str) -> None:
    if not isinstance(resource.get("Type"), str):
        raise TemplateError(f"{place}: a resource must have a Type, got {resource.get('Type')!r}")
    for attribute in ("Properties", "Metadata"):
        _check_mapping(resource.get(attribute, {}), f"{place}.{attribute}")
    depends_on = resource.get("DependsOn", [])
    names = depends_on if isinstance(depends_on, list) else [depends_on]
    if not all(isinstance(name, str) for name in names):
        raise TemplateError(f"{place}.DependsOn must be a logical id or a list of them, got {depends_on!r}")


def _check_mapping(value: object, place: str) -> None:
    if not isinstance(value, dict):
        raise TemplateError(f"{place}: must be a mapping, got {value!r}")
