"""Acknowledging the star in a policy's resource, where a name with a star is what the permission is about."""

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
    scope.node.add_validation(_Acknowledgement(scope, resource, reason))


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


@jsii.implements(IValidation)
class _Acknowledgement:
    """What CDK asks whether a construct is valid, and what always is."""

    def __init__(self, scope: IConstruct, resource: str, reason: str) -> None:
        self._scope = scope
        self._resource = resource
        self._reason = reason

    def validate(self) -> list[str]:
        """Acknowledge, and find nothing wrong."""
        found = flat_value(Stack.of(self._scope).resolve(self._resource))
        if "*" in found:
            acknowledge(self._scope, f"AwsSolutions::AwsSolutions-IAM5[Resource::{found}]", self._reason)
        return []
