"""Where the roles of a boundary lie: their paths and names."""

from collections.abc import Callable, Collection
from typing import Final, TypeGuard

import jsii
from aws_cdk import CfnResource, IAspect, Names, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct

_ROLE: Final = "AWS::IAM::Role"
_LONGEST_ROLE_NAME: Final = 64
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


@jsii.implements(IAspect)
class RolePlacement:
    """Gives roles the path and the name that their boundary lets roles be passed and changed by.

    CDK asks it about every construct of the scope, which costs a call each: it is there only for boundaries with a path
    or a prefix.

    Args:
        path: The path, or None to leave paths alone.
        prefix: What names begin with, or None to leave names alone.
        exempt: Says the paths of the constructs that are left alone.
    """

    def __init__(self, path: str | None, prefix: str | None, exempt: Callable[[], Collection[str]]) -> None:
        self._path = path
        self._prefix = prefix
        self._exempt = exempt

    def visit(self, node: IConstruct) -> None:
        """Give a role the path and the name that it does not have of its own."""
        if not is_role(node) or self._is_exempt(node.node.path):
            return
        stack = Stack.of(node)
        # An L2 role gives a name to its L1 in any case: a token, of nothing where it has none.
        path = stack.resolve(node.path) if isinstance(node, iam.CfnRole) else None
        name = stack.resolve(node.role_name) if isinstance(node, iam.CfnRole) else None
        if self._path is not None and path is None:
            node.add_property_override("Path", self._path)
        if self._prefix is not None and name is None and not stack.stack_name.startswith(self._prefix):
            room = _LONGEST_ROLE_NAME - len(self._prefix)
            node.add_property_override("RoleName", self._prefix + Names.unique_resource_name(node, max_length=room))

    def _is_exempt(self, path: str) -> bool:
        return any(path == exempt or path.startswith(f"{exempt}/") for exempt in self._exempt())


def is_role(node: IConstruct) -> TypeGuard[CfnResource]:
    """Whether a construct is a role of the template: the L1, or the bare resource that custom resources have."""
    return isinstance(node, iam.CfnRole) or (type(node) is CfnResource and node.cfn_resource_type == _ROLE)


def roles_of(scope: IConstruct) -> list[CfnResource]:
    """The roles of a construct."""
    return [node for node in scope.node.find_all() if is_role(node)]
