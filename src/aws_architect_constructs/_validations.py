"""The one door to CDK's `Validations`, and the checks that arguments pass before a construct touches the tree.

A refused argument is a `ValueError` raised before `super().__init__()`: a constructor that raises later leaves its
node in the tree and blocks the id. A legal but unwise choice is a warning with a public name. An acknowledgement says
why a finding stays, in a sentence that an auditor can weigh.
"""

import re
from typing import Final

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


def is_concrete(value: object) -> bool:
    """Whether `value` is known now, rather than a token that CloudFormation resolves while it deploys."""
    return not Token.is_unresolved(value)
