"""Two stacks in us-east-1 for what CloudFront takes from there alone, beside a stack of any other Region.

What must be there before the distribution (certificate, web ACL, Lambda@Edge) and what needs the distribution (log
delivery, alarms) are two stacks, because one could be deployed neither before nor after it. References between them
are weak: no custom resource, no export that locks its stack.
"""

from hashlib import sha256
from typing import Final

from aws_cdk import CfnResource, CrossStackReferences, Environment, ReferenceStrength, Stack
from constructs import Construct, IConstruct

from aws_architect_constructs._validations import is_concrete
from aws_architect_constructs.foundation.environment import EnvironmentType

from .names import top_level

US_EAST_1: Final = "us-east-1"
_BEFORE: Final = "EdgePrerequisites"
_AFTER: Final = "EdgeMonitoring"
_LONGEST_NAME: Final = 128
"""Of a stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""


def before_distribution(scope: Construct) -> Construct:
    """Where to make what the distribution at `scope` refers to: there, or in the stack that is deployed before it."""
    return _place(scope, _BEFORE)


def after_distribution(scope: Construct) -> Construct:
    """Where to make what refers to the distribution at `scope`: there, or in the stack that is deployed after it."""
    return _place(scope, _AFTER)


def refer_weakly(resource: IConstruct) -> None:
    """Let other stacks and Regions read the resource's values without locking them; what is imported has its own."""
    if not isinstance(resource, CfnResource) and not isinstance(resource.node.default_child, CfnResource):
        return
    CrossStackReferences.of(resource).produce(ReferenceStrength.WEAK)


def _place(scope: Construct, kind: str) -> Construct:
    stack = Stack.of(scope)
    if not is_concrete(stack.region) or stack.region == US_EAST_1:
        child = scope.node.try_find_child(kind)
        return child if isinstance(child, _Place) else _Place(scope, kind)
    # Two nested stacks of one stack may have sites of the same id.
    name = scope.node.path.removeprefix(f"{top_level(stack).node.path}/").replace("/", "-")
    support = _support_stack(stack, kind)
    child = support.node.try_find_child(name)
    return child if isinstance(child, _Place) else _Place(support, name)


def _named_after(name: str, suffix: str) -> str:
    if len(name) + len(suffix) <= _LONGEST_NAME:
        return f"{name}{suffix}"
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - len(suffix) - len(digest)]}{digest}{suffix}"


class _Place(Construct):
    """A distribution's parts in us-east-1."""


class _SupportStack(Stack):
    """A stack in us-east-1 beside another."""


def _support_stack(stack: Stack, kind: str) -> Stack:
    stack = top_level(stack)
    parent = stack.node.scope
    assert isinstance(parent, Construct)  # noqa: S101 -- a stack without a scope is given an App by CDK
    # Another Region's stack of the same name, of another app, has its own beside it in us-east-1.
    name = f"{stack.node.id}{kind}-{stack.region}"
    child = parent.node.try_find_child(name)
    if isinstance(child, _SupportStack):
        return child
    if child is not None:
        raise ValueError(
            f"{child.node.path}: the id {name!r} is kept for the stack in {US_EAST_1} beside {stack.node.id!r}, got a "
            f"{type(child).__name__}; allowed: another id for it"
        )
    account = stack.account if is_concrete(stack.account) else None
    support = _SupportStack(
        parent,
        name,
        # With a name of its own, the stack may be deployed once more under another.
        stack_name=_named_after(stack.stack_name, f"{kind}-{stack.region}"),
        env=Environment(account=account, region=US_EAST_1),
        description=f"What CloudFront takes from {US_EAST_1} alone, for the stack {stack.node.id}.",
    )
    declared = EnvironmentType.declared_for(stack)
    if declared is not None:
        declared.apply_to(support)
    return support
