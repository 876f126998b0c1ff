"""Acknowledging the star in a policy's resource, where a name with a star is what the permission is about."""

from typing import Any

from aws_cdk import Stack
from constructs import IConstruct

from aws_architect_constructs._validations import acknowledge


def acknowledge_wildcard(scope: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge cdk-nag's finding about a resource with a star in its ARN.

    The star stays where the resource is this stack's or imported. That of another stack's resource is named after an
    export that does not exist yet: its finding is left to the app.

    Args:
        scope: The policy.
        resource: The resource, as the statement has it.
        reason: Why the star is right.
    """
    found = _as_cdk_nag_writes(Stack.of(scope).resolve(resource))
    if "*" in found:
        acknowledge(scope, f"AwsSolutions::AwsSolutions-IAM5[Resource::{found}]", reason)


def _as_cdk_nag_writes(value: Any) -> str:  # noqa: ANN401 -- whatever a token resolves to
    """An ARN as it stands in a finding's id: a reference as the name between angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(_as_cdk_nag_writes(part) for part in parts)
    return f"<{argument}>" if function == "Ref" else f"<{'.'.join(argument)}>"
