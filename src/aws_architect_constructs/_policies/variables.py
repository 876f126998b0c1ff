"""Policy variables: ``${aws:username}``, with defaults, and the three escapes ``${*}``, ``${?}``, ``${$}``.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aws_architect_constructs._policies.errors import PolicyError
from aws_architect_constructs._policies.glob import Glob, Wildcard, tokens_of

__all__ = ["Variable", "expand", "variables_in"]

_ESCAPES = frozenset("*?$")
_DEFAULT = re.compile(r"^(?P<key>[^,]+?)\s*,\s*'(?P<default>[^']*)'$")


@dataclass(frozen=True)
class Variable:
    """One ``${...}`` of a string.

    Attributes:
        key: The context key, or the escaped character.
        default: What stands in its place when the request has no such key.
        start: Where it begins in the string.
        end: Where the string goes on.
        is_escape: Whether it is ``${*}``, ``${?}`` or ``${$}``.
    """

    key: str
    default: str | None
    start: int
    end: int
    is_escape: bool


def variables_in(text: str, place: str) -> Iterator[Variable]:
    """Yield the variables of a string in order.

    Raises:
        PolicyError: When a variable is not closed or has no name.
    """
    position = text.find("${")
    while position >= 0:
        close = text.find("}", position)
        content = text[position + 2 : close].strip() if close >= 0 else ""
        if not content:
            raise PolicyError(
                f"{place}: policy variable is not closed or has no name, got {text!r}; "
                "allowed are ${key}, ${key, 'default'}, ${*}, ${?} and ${$}"
            )
        found = _DEFAULT.match(content)
        if found is None and ("'" in content or "," in content):
            raise PolicyError(f"{place}: default of a policy variable, got {content!r}; allowed is ${{key, 'default'}}")
        key, default = (found["key"], found["default"]) if found else (content, None)
        yield Variable(key, default, position, close + 1, content in _ESCAPES)
        position = text.find("${", close)


def expand(text: str, value_of: Callable[[str], str | None], place: str) -> tuple[Glob | None, tuple[str, ...]]:
    """Return the pattern with every variable replaced, and the keys of those that the request does not have.

    What comes out of a variable is literal: an asterisk in a user's tag is an asterisk, no wildcard.

    Args:
        text: The string of the policy.
        value_of: The request's value of a context key, or None when the key is absent.
        place: Where the string stands, for errors.

    Returns:
        The pattern (None when a variable has no value and no default) and the keys without a value.
    """
    tokens: list[str | Wildcard] = []
    missing: list[str] = []
    position = 0
    for variable in variables_in(text, place):
        tokens.extend(tokens_of(text[position : variable.start]))
        value = variable.key if variable.is_escape else value_of(variable.key)
        value = variable.default if value is None else value
        if value is None:
            missing.append(variable.key)
        else:
            tokens.extend(value)
        position = variable.end
    tokens.extend(tokens_of(text[position:]))
    return (None if missing else Glob(tuple(tokens))), tuple(missing)
