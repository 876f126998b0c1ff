"""Names that CloudFront keeps apart by account, whatever stack and Region they are made in."""

from hashlib import sha256
from typing import Final

from aws_cdk import Names, Stack
from constructs import Construct

_LONGEST_NAME: Final = 48
"""CloudFront's names are the account's, over all Regions: the Region's follows within 64 characters."""
_LONGEST_ID: Final = 24


def top_level(stack: Stack) -> Stack:
    """The stack that a nested one belongs to, or the stack itself."""
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack


def global_name(scope: Construct, id: str) -> str:
    """A name that no other construct's part has, in any stack and Region of the account."""
    part = id if len(id) <= _LONGEST_ID else f"{id[: _LONGEST_ID - 6]}{sha256(id.encode()).hexdigest()[:6]}"
    name = Names.unique_resource_name(scope, max_length=_LONGEST_NAME - len(part) - 1, separator="-")
    return f"{name}-{part}-{Stack.of(scope).region}"
