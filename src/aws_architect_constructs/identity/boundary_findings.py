"""What synthesized templates say of a boundary: roles without it, grants that it caps, roles where they may not be.

Pure Python: it reads finished templates, so that no role costs a call.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aws_architect_constructs._policies.collect import CollectedPolicy, PolicyKind
from aws_architect_constructs._policies.errors import PolicyError
from aws_architect_constructs._policies.template_policies import MADE_UP, TemplatePolicies
from aws_architect_constructs._templates.intrinsics import Reference

from .aws_managed_policies import aws_managed_policy
from .capped_grants import capped_grants

_IDENTITY: Final = (PolicyKind.INLINE, PolicyKind.MANAGED)
_ROLE: Final = "AWS::IAM::Role"
_SOMEWHERE: Final = ":".join(["arn", *[MADE_UP] * 5])
# What the templates do not say of an account or Region, the boundary's policies do not hang on.
ANY_ACCOUNT: Final = "111122223333"
ANY_REGION: Final = "eu-west-1"

Place = tuple[str, str]
"""A stack and a logical id."""


class Rule(StrEnum):
    """What can be found."""

    CAPPED_GRANT = "CappedGrant"
    """A role's policy grants what the boundary does not let through."""
    UNREAD_GRANT = "UnreadGrant"
    """A role has a policy whose document is not in the app."""
    ROLE_WITHOUT_BOUNDARY = "RoleWithoutBoundary"
    """A role in the scope has no boundary and was not exempted."""
    ROLE_OUTSIDE_PATH = "RoleOutsidePath"
    """A role under the boundary lies outside the role path or name prefix."""
    BOUNDARY_OF_ANOTHER_ACCOUNT = "BoundaryOfAnotherAccount"
    """A role names a boundary that its own account does not have."""
    ROLE_BEFORE_BOUNDARY = "RoleBeforeBoundary"
    """A role names the boundary by ARN, and its stack does not wait for the boundary's."""
    EXEMPT_ROLE_IN_PATH = "ExemptRoleInPath"
    """A role without the boundary lies where roles under the boundary may be passed and changed."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Attributes:
        rule: What was found.
        stack: The stack of the role.
        logical_id: The role.
        description: What it is, for people.
        breaks: Whether something would not work, or not be safe: synthesis fails on it.
    """

    rule: Rule
    stack: str
    logical_id: str
    description: str
    breaks: bool


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The boundary that templates are read for.

    Attributes:
        policy: Where its managed policy stands.
        scope: The stacks that it was applied to as a whole.
        exempt: The roles that were exempted.
        elsewhere: The stacks that are deployed to another account.
        waiting: The stacks that are deployed after the boundary's, or with it.
        role_path: The path that its roles lie under.
        role_name_prefix: What the names of its roles begin with.
    """

    policy: Place
    scope: Collection[str] = ()
    exempt: Collection[Place] = ()
    elsewhere: Collection[str] = ()
    waiting: Collection[str] = ()
    role_path: str | None = None
    role_name_prefix: str | None = None


def findings(
    templates: Mapping[str, Mapping[str, Any]],
    bounds: Bounds,
    *,
    account: str = ANY_ACCOUNT,
    region: str = ANY_REGION,
    partition: str = "aws",
) -> list[Finding]:
    """Judge every role of the templates that has the boundary, or should have it.

    Args:
        templates: Each stack's template by the stack's name, nested stacks included.
        bounds: The boundary.
        account: The account that the stacks are deployed to.
        region: The Region likewise.
        partition: The partition likewise.
    """
    policies = TemplatePolicies(templates, account=account, region=region, partition=partition, made_up_names=True)
    return list(_Reading(policies, bounds).findings())


class _Reading:
    """One reading of the templates."""

    def __init__(self, policies: TemplatePolicies, bounds: Bounds) -> None:
        self._policies = policies
        self._bounds = bounds
        (document,) = [each for each in policies.policies if (each.stack, each.logical_id) == bounds.policy]
        self._ceiling = policies.render(document)
        self._arn = policies.text_of(Reference(*bounds.policy), document.place)

    def findings(self) -> Iterator[Finding]:
        for stack, logical_id, _ in self._policies.templates.resources(_ROLE):
            properties = self._policies.templates.properties(stack, logical_id)
            boundary = properties.get("PermissionsBoundary")
            if boundary is not None and self._is_own(boundary):
                yield from self._apart(stack, logical_id, boundary)
                yield from self._outside(stack, logical_id, properties)
                yield from self._capped(stack, logical_id, properties)
            elif boundary is None:
                yield from self._without(stack, logical_id, properties)

    def _is_own(self, boundary: object) -> bool:
        """Whether this is the boundary: by reference, or by ARN, as CDK names it from another Region."""
        if isinstance(boundary, Reference):
            return boundary.resource == self._bounds.policy
        return self._policies.text_of(boundary, "PermissionsBoundary") == self._arn

    def _apart(self, stack: str, logical_id: str, boundary: object) -> Iterator[Finding]:
        """What a role's stack has against a boundary that stands in another one."""
        if stack in self._bounds.elsewhere:
            yield Finding(
                rule=Rule.BOUNDARY_OF_ANOTHER_ACCOUNT,
                stack=stack,
                logical_id=logical_id,
                description="The role is deployed to another account than the boundary, and IAM knows no boundaries of "
                "other accounts.",
                breaks=True,
            )
        elif not isinstance(boundary, Reference) and stack not in self._bounds.waiting:
            yield Finding(
                rule=Rule.ROLE_BEFORE_BOUNDARY,
                stack=stack,
                logical_id=logical_id,
                description=f"The role names the boundary by ARN, and its stack does not wait for "
                f"{self._bounds.policy[0]}: deployed first, it fails.",
                breaks=False,
            )

    def _without(self, stack: str, logical_id: str, properties: Mapping[str, object]) -> Iterator[Finding]:
        if (stack, logical_id) in self._bounds.exempt:
            if self._placed(stack, properties):
                yield Finding(
                    rule=Rule.EXEMPT_ROLE_IN_PATH,
                    stack=stack,
                    logical_id=logical_id,
                    description="The role is exempt from the boundary, and lies where roles under the boundary may be "
                    "passed to services: whoever may pass it has its permissions.",
                    breaks=True,
                )
        elif stack in self._bounds.scope:
            yield Finding(
                rule=Rule.ROLE_WITHOUT_BOUNDARY,
                stack=stack,
                logical_id=logical_id,
                description="The role lies in the boundary's scope and has none: it was made after CDK's aspects ran, "
                "or an aspect took the boundary off again.",
                breaks=True,
            )

    def _outside(self, stack: str, logical_id: str, properties: Mapping[str, object]) -> Iterator[Finding]:
        named = self._bounds.role_path is not None or self._bounds.role_name_prefix is not None
        if named and not self._placed(stack, properties):
            path, prefix = self._bounds.role_path or "/", self._bounds.role_name_prefix or ""
            yield Finding(
                rule=Rule.ROLE_OUTSIDE_PATH,
                stack=stack,
                logical_id=logical_id,
                description=f"The role is {self._full_name(stack, properties).replace(MADE_UP, '...')}, which does "
                f"not lie under {path}{prefix}: no role of the boundary may pass or change it.",
                breaks=True,
            )

    def _placed(self, stack: str, properties: Mapping[str, object]) -> bool:
        """Whether a role lies where the boundary lets roles be passed and changed."""
        path, prefix = self._bounds.role_path, self._bounds.role_name_prefix
        if path is None and prefix is None:
            return False
        return self._full_name(stack, properties).startswith(f"{path or '/'}{prefix or ''}")

    def _full_name(self, stack: str, properties: Mapping[str, object]) -> str:
        """A role's path and name; CloudFormation makes names up that begin with the stack's."""
        place = f"{stack}, the name of a role"
        path = self._policies.text_of(properties.get("Path") or "/", place)
        return path + self._policies.text_of(properties.get("RoleName") or f"{stack}-{MADE_UP}", place)

    def _capped(self, stack: str, logical_id: str, properties: Mapping[str, object]) -> Iterator[Finding]:
        documents: dict[str, object] = {}
        for policy in self._policies.policies:
            if policy.kind in _IDENTITY and _is_on(policy, stack, logical_id):
                documents[policy.place] = self._policies.render(policy)
        for arn in _listed(properties.get("ManagedPolicyArns")):
            place, document = self._managed(arn)
            if document is not None:
                documents[place] = document
            else:
                yield Finding(
                    rule=Rule.UNREAD_GRANT,
                    stack=stack,
                    logical_id=logical_id,
                    description=f"What the boundary caps of {place.replace(MADE_UP, '...')} cannot be told: its "
                    "document is not in the app.",
                    breaks=False,
                )
        for place, written in documents.items():
            document, unknown = _placed_somewhere(written)
            try:
                capped = capped_grants({place: document}, self._ceiling)
            except PolicyError as error:
                yield Finding(
                    rule=Rule.UNREAD_GRANT,
                    stack=stack,
                    logical_id=logical_id,
                    description=f"What the boundary caps of {place} cannot be told: {error}",
                    breaks=False,
                )
                continue
            for grant in capped:
                yield Finding(
                    rule=Rule.CAPPED_GRANT,
                    stack=stack,
                    logical_id=logical_id,
                    description=f"The boundary caps {grant}",
                    breaks=grant.wholly,
                )
            if unknown and not any(grant.wholly for grant in capped):
                yield Finding(
                    rule=Rule.UNREAD_GRANT,
                    stack=stack,
                    logical_id=logical_id,
                    description=f"What the boundary caps of {place} cannot be told wholly: only the deployment knows "
                    "some of its resources.",
                    breaks=False,
                )

    def _managed(self, arn: object) -> tuple[str, object | None]:
        """A managed policy that a role names: what to call it, and its document, if the app has it."""
        if isinstance(arn, Reference):
            for policy in self._policies.policies:
                if (policy.stack, policy.logical_id) == arn.resource and policy.kind is PolicyKind.MANAGED:
                    return policy.place, self._policies.render(policy)
        text = self._policies.text_of(arn, "ManagedPolicyArns")
        return text, aws_managed_policy(text)


def _is_on(policy: CollectedPolicy, stack: str, logical_id: str) -> bool:
    """Whether a policy is attached to a role."""
    if policy.stack == stack:
        return logical_id in policy.attached_to
    return f"{stack}/{logical_id}" in policy.attached_to


def _placed_somewhere(document: object) -> tuple[object, bool]:
    """A document whose resources that only a deployment knows are some ARN, and whether there are such.

    So their actions are judged at least: what the boundary allows nowhere, it does not allow there.
    """
    if not isinstance(document, Mapping):
        return document, False
    unknown = False
    statements: list[object] = []
    for statement in _listed(document.get("Statement")):
        if isinstance(statement, Mapping) and MADE_UP in _listed(statement.get("Resource")):
            unknown = True
            resources = [_SOMEWHERE if each == MADE_UP else each for each in _listed(statement["Resource"])]
            statements.append({**statement, "Resource": resources})
        else:
            statements.append(statement)
    return {**document, "Statement": statements}, unknown


def _listed(value: object) -> list[object]:
    """What a property lists; where only a macro knows, the one thing that is unknown."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
