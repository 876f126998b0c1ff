"""Acknowledging what is known only once the tree is complete, such as the star in a policy's resource."""

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct, IValidation, Node

from aws_architect_constructs._validations import acknowledge

from .finding_ids import flat_value


def acknowledge_wildcard(scope: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge cdk-nag's finding about a resource with a star in its ARN.

    The finding is named after the resource as the template has it, which of another stack's is known only once CDK has
    linked the stacks: so it is acknowledged while CDK validates the tree, after that and before cdk-nag reads it.

    Args:
        scope: The policy, or what it is below.
        resource: The resource, as the statement has it.
        reason: Why the star is right.
    """

    def findings() -> Iterator[tuple[str, str]]:
        found = flat_value(Stack.of(scope).resolve(resource))
        if "*" in found:
            yield f"AwsSolutions::AwsSolutions-IAM5[Resource::{found}]", reason

    acknowledge_later(scope, findings)


def acknowledge_granted_wildcard(grant: iam.Grant, identity: iam.IGrantable, resource: str, reason: str) -> None:
    """Acknowledge cdk-nag's finding about a resource with a star that an identity was granted.

    Args:
        grant: The grant. If it wrote nothing into the identity's policies, there is no finding.
        identity: Who was granted it.
        resource: The resource, as the statement has it.
        reason: Why the star is right.
    """
    if not grant.principal_statements:
        return
    constructs = [
        cast("IConstruct", each)
        for each in (identity, identity.grant_principal)
        if isinstance(getattr(each, "node", None), Node)
    ]
    if not constructs:
        return
    # Who has a role of its own has the role's policies too; another's role has them below itself.
    owner, principal = constructs[0], constructs[-1]
    owns = f"{principal.node.path}/".startswith(f"{owner.node.path}/")
    acknowledge_wildcard(owner if owns else principal, resource, reason)


def acknowledge_later(scope: IConstruct, findings: Callable[[], Iterable[tuple[str, str]]]) -> None:
    """Acknowledge what is known to be found only once the tree is complete.

    Args:
        scope: The narrowest construct that the findings are about.
        findings: The ids of the findings and the reasons, asked for while CDK validates the tree, before cdk-nag reads
            it.
    """
    scope.node.add_validation(_Acknowledgement(scope, findings))


@jsii.implements(IValidation)
class _Acknowledgement:
    """What CDK asks whether a construct is valid, and what always is."""

    def __init__(self, scope: IConstruct, findings: Callable[[], Iterable[tuple[str, str]]]) -> None:
        self._scope = scope
        self._findings = findings

    def validate(self) -> list[str]:
        """Acknowledge, and find nothing wrong."""
        for rule, reason in self._findings():
            acknowledge(self._scope, rule, reason)
        return []
