"""What a property may be once it is deployed, as far as a template tells without being deployed.

A value with `Fn::If` has one outcome a branch, because who deploys chooses the branch. What only a deployment knows is
`UNKNOWN`. Nothing here raises on a malformed template: it is unknown what that would be.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_OUTCOMES: Final = 64
"""More branches than these are not followed: no property of a real template has them."""

_MOST_DEPTH: Final = 40
# `Fn::Sub: ${Queue.Arn}` says what `Fn::GetAtt` and `Ref` say.
_ALONE: Final = re.compile(r"\$\{[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?\}")
_PAIR: Final = 2
_TRIPLE: Final = 3


class _Unknown:
    """The one unknown value."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Reference:
    """A resource of the same template, or one of its attributes.

    Attributes:
        logical_id: The resource.
        attribute: What `Fn::GetAtt` asks for; None for `Ref`.
    """

    logical_id: str
    attribute: str | None = None


class Values:
    """The values of one template: its parameters, mappings and resource names.

    Args:
        parameters: The `Parameters` section.
        mappings: The `Mappings` section.
        resources: The logical ids that a reference may lead to.
        pseudo: What is known of pseudo parameters, such as `AWS::Region`.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        mappings: Mapping[str, Any],
        resources: frozenset[str],
        pseudo: Mapping[str, str],
    ) -> None:
        self._parameters = parameters
        self._mappings = mappings
        self._resources = resources
        self._pseudo = pseudo

    def outcomes(self, value: object) -> tuple[object, ...]:
        """Everything that a value may be; None is "no value", as `AWS::NoValue` is.

        Lists and mappings come back as they stand: what is inside them is asked for by itself.
        """
        if not isinstance(value, dict):
            return (UNKNOWN,) if isinstance(value, str) and "{{resolve:" in value else (value,)
        if len(value) != 1:
            return (value,)
        found: list[object] = []
        for outcome in self._outcomes(value, 0):
            if not any(outcome is known or (type(outcome) is type(known) and outcome == known) for known in found):
                found.append(outcome)
            if len(found) >= MOST_OUTCOMES:
                break
        return tuple(found)

    def _outcomes(self, value: object, depth: int) -> Iterator[object]:
        if depth > _MOST_DEPTH:
            yield UNKNOWN
        elif isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                yield self._ref(argument)
            elif isinstance(name, str) and name.startswith("Fn::"):
                yield from self._function(name, argument, depth + 1)
            else:
                yield value
        elif isinstance(value, str) and "{{resolve:" in value:
            yield UNKNOWN
        else:
            yield value

    def _ref(self, name: object) -> object:
        if not isinstance(name, str):
            return UNKNOWN
        if name == "AWS::NoValue":
            return None
        if name in self._resources:
            return Reference(name)
        return self._pseudo.get(name) or self._parameter(self._parameters.get(name))

    @staticmethod
    def _parameter(parameter: object) -> object:
        """A parameter's default, which CloudFormation splits if the parameter is a list."""
        if not isinstance(parameter, dict) or "Default" not in parameter:
            return UNKNOWN
        kind, default = str(parameter.get("Type", "String")), parameter["Default"]
        if kind.startswith("AWS::SSM::"):
            return UNKNOWN
        if isinstance(default, str) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
            return [item.strip() for item in default.split(",")]
        return default

    def _function(self, name: str, argument: object, depth: int) -> Iterator[object]:
        match name, argument:
            case "Fn::If", [_, first, second]:
                yield from self._outcomes(first, depth)
                yield from self._outcomes(second, depth)
            case "Fn::GetAtt", str() if "." in str(argument):
                logical_id, _, attribute = str(argument).partition(".")
                yield Reference(logical_id, attribute) if logical_id in self._resources else UNKNOWN
            case "Fn::GetAtt", [str() as logical_id, str() as attribute]:
                yield Reference(logical_id, attribute) if logical_id in self._resources else UNKNOWN
            case "Fn::Base64", _:
                yield from self._outcomes(argument, depth)
            case "Fn::FindInMap", list():
                yield from self._mapped(argument, depth)
            case _:
                yield from self._composed(name, argument, depth)

    def _composed(self, name: str, argument: object, depth: int) -> Iterator[object]:
        """What the functions on texts and lists give."""
        match name, argument:
            case "Fn::Join", [str() as delimiter, list() as items]:
                yield self._joined(delimiter, items, depth)
            case "Fn::Sub", str() if _ALONE.fullmatch(argument):
                name = argument[2:-1]
                yield from self._outcomes({"Fn::GetAtt" if "." in name else "Ref": name}, depth)
            case "Fn::Sub", str():
                yield argument if "${" not in argument else self._substituted(argument, {}, depth)
            case "Fn::Sub", [str() as text, dict() as variables]:
                yield self._substituted(text, variables, depth)
            case "Fn::Select", [index, held]:
                yield from self._selected(index, held, depth)
            case "Fn::Split", [str() as delimiter, text] if delimiter:
                for outcome in self._outcomes(text, depth):
                    yield outcome.split(delimiter) if isinstance(outcome, str) else UNKNOWN
            case _:
                yield UNKNOWN

    def _mapped(self, argument: list[Any], depth: int) -> Iterator[object]:
        """What a mapping may give: the keys that are known narrow it, the others leave it open."""
        if len(argument) < _TRIPLE:
            yield UNKNOWN
            return
        nodes: list[object] = [self._mappings]
        for key in argument[:_TRIPLE]:
            (outcome, *others) = tuple(self._outcomes(key, depth)) or (UNKNOWN,)
            known = outcome if isinstance(outcome, str) and not others else None
            nodes = [
                item
                for node in nodes
                if isinstance(node, dict)
                for name, item in node.items()
                if known is None or name == known
            ][:MOST_OUTCOMES]
        yield from nodes or [UNKNOWN]

    def _joined(self, delimiter: str, items: list[Any], depth: int) -> object:
        texts: list[str] = []
        for item in items:
            (outcome, *others) = tuple(self._outcomes(item, depth)) or (UNKNOWN,)
            if others or not isinstance(outcome, str):
                return UNKNOWN
            texts.append(outcome)
        return delimiter.join(texts)

    def _selected(self, index: object, held: object, depth: int) -> Iterator[object]:
        place = number(index)
        for outcome in self._outcomes(held, depth):
            if isinstance(outcome, list) and place is not None and 0 <= place < len(outcome):
                yield from self._outcomes(outcome[int(place)], depth)
            else:
                yield UNKNOWN

    def _substituted(self, text: str, variables: Mapping[str, object], depth: int) -> object:
        """A text whose placeholders are all known."""
        pieces = text.split("${")
        result = pieces[0]
        for piece in pieces[1:]:
            name, closed, rest = piece.partition("}")
            value = self._ref(name) if closed and not name.startswith("!") else UNKNOWN
            if closed and name in variables:
                (value, *others) = tuple(self._outcomes(variables[name], depth)) or (UNKNOWN,)
                value = UNKNOWN if others else value
            if not isinstance(value, str):
                return UNKNOWN
            result += value + rest
        return result


def is_true(value: object) -> bool:
    """Whether CloudFormation would read a value as true: it takes the text too."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_false(value: object) -> bool:
    """Whether CloudFormation would read a value as false."""
    return value is False or (isinstance(value, str) and value.lower() == "false")


def is_one_of(value: object, *allowed: str | None) -> bool:
    """Whether a value, which may be anything at all, is one of some texts, or None."""
    return (value is None or isinstance(value, str)) and value in allowed


def is_none(value: object) -> bool:
    """Whether a property is not set."""
    return value is None


def number(value: object) -> float | None:
    """A number, which a template may write as text; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if found == found and abs(found) != float("inf") else None  # noqa: PLR0124 - only NaN differs from itself


def literals(value: object, place: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text inside a value with the place it stands at, whatever function it is an argument of."""
    if isinstance(value, str):
        yield place, value
    elif depth > _MOST_DEPTH:
        return
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from literals(item, f"{place}.{key}" if place else str(key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from literals(item, f"{place}.{index}", depth + 1)
