"""The one door to CDK's `Validations`, and the checks that arguments pass before a construct touches the tree.

A refused argument is a `ValueError` raised before `super().__init__()`: a constructor that raises later leaves its
node in the tree and blocks the id. A legal but unwise choice is a warning with a public name. An acknowledgement says
why a finding stays, in a sentence that an auditor can weigh.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, TypeVar

from aws_cdk import Acknowledgment, Token, Validations
from constructs import Construct, IConstruct

WARNING_PREFIX: Final = "aws-architect-constructs"

# `Pack::RuleId`: without its pack an acknowledgement hides the finding and the report then shows no reason for it.
_RULE_ID: Final = re.compile(r"[^:\s]+(?: [^:\s]+)*::\S.*")
_SHORTEST_REASON: Final = 20


def acknowledge(scope: IConstruct, rule_id: str, reason: str) -> None:
    """Acknowledge one finding on `scope` and everything below it.

    Args:
        scope: The narrowest construct that the finding is about.
        rule_id: The id with its pack, such as `AwsSolutions::AwsSolutions-VPC3`.
        reason: Why the finding is right to stay, in a sentence of at least 20 characters.

    Raises:
        ValueError: If the id lacks its pack or the reason says next to nothing.
    """
    if not _RULE_ID.fullmatch(rule_id):
        raise ValueError(
            f"{scope.node.path}: an acknowledgement needs the rule's pack, got {rule_id!r}; "
            "allowed: 'Pack::RuleId', such as 'AwsSolutions::AwsSolutions-VPC3'"
        )
    if len(reason.strip()) < _SHORTEST_REASON:
        raise ValueError(
            f"{scope.node.path}: the reason to acknowledge {rule_id} would convince no auditor, got {reason!r}; "
            f"allowed: a sentence of at least {_SHORTEST_REASON} characters"
        )
    Validations.of(scope).acknowledge(Acknowledgment(id=rule_id, reason=reason))


def warn(scope: IConstruct, name: str, message: str) -> None:
    """Add the warning `aws-architect-constructs::<name>` to `scope`.

    The name is public: a user acknowledges the warning by it, and the docs list it.
    """
    Validations.of(scope).add_warning(f"{WARNING_PREFIX}::{name}", message)


def argument_error(scope: Construct, construct_id: str, problem: str, *, got: object, allowed: str) -> ValueError:
    """Build the error for a wrong argument of the construct that `scope/construct_id` would have become."""
    path = f"{scope.node.path}/{construct_id}".lstrip("/")
    return ValueError(f"{path}: {problem}, got {got!r}; allowed: {allowed}")


_Choice = TypeVar("_Choice", bound=StrEnum)


def choice(argument: str, kind: type[_Choice], value: object) -> _Choice:
    """Read one of our own choices, which may be given by its text too.

    Raises:
        ValueError: If there is no such choice.
    """
    try:
        return kind(str(value))
    except ValueError:
        raise ValueError(f"{argument}: no such {kind.__name__}, got {value!r}; allowed: {', '.join(kind)}") from None


def integer(argument: str, value: object, lowest: int, highest: int) -> int:
    """Read a whole number within bounds.

    Raises:
        ValueError: If it is none: a text, a fraction, a truth value, or out of bounds.
    """
    if type(value) is not int or not lowest <= value <= highest:
        shown = repr(value) if is_concrete(value) else "a token"
        raise ValueError(f"{argument}: not a whole number within bounds, got {shown}; allowed: {lowest} to {highest}")
    return value


def listed(argument: str, value: object) -> tuple[object, ...]:
    """Read a list, where a single text is the likely mistake: Python would take it letter by letter.

    Raises:
        ValueError: If it is a text, or no list.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(f"{argument}: not a list, got {value!r}; allowed: a list or tuple")
    return tuple(value)


def texts(argument: str, value: object) -> tuple[str, ...]:
    """Read a list of texts.

    Raises:
        ValueError: If it is no list, or holds anything but texts.
    """
    items = listed(argument, value)
    found = tuple(item for item in items if isinstance(item, str))
    if len(found) < len(items):
        raise ValueError(f"{argument}: not all texts, got {list(items)!r}; allowed: a list of str")
    return found


def is_concrete(value: object) -> bool:
    """Whether `value` is known now, rather than a token that CloudFormation resolves while it deploys."""
    return not Token.is_unresolved(value)
