"""The policies of synthesized templates, in the form that the evaluator takes: plain text, by what they apply to."""

import json
from collections.abc import Mapping
from typing import Any

from aws_architect_constructs._policies.collect import CollectedPolicy, PolicyKind, collect_policies
from aws_architect_constructs._policies.errors import PolicyError
from aws_architect_constructs._policies.physical_names import NAMING, Naming
from aws_architect_constructs._templates.intrinsics import Concatenation, Reference, TemplateSet, Unknown

__all__ = ["MADE_UP", "TemplatePolicies"]

MADE_UP = "\ue000"
"""Stands for text that only a deployment knows; no policy has this character."""
_ID = "0123456789abcdef"
"""What the ids of load balancers and of what belongs to them read as."""

_IDENTITY_KINDS = (PolicyKind.INLINE, PolicyKind.MANAGED)
_RESOURCE_KINDS = (PolicyKind.RESOURCE, PolicyKind.BUCKET, PolicyKind.KEY, PolicyKind.QUEUE, PolicyKind.TOPIC,
                   PolicyKind.SECRET, PolicyKind.FUNCTION, PolicyKind.TRUST, PolicyKind.VPC_ENDPOINT)  # fmt: skip
_URL_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


class TemplatePolicies:
    """Every policy of one or several templates.

    Args:
        templates: Each stack's template by the stack's name.
        account: The account that the stacks are thought to be deployed to.
        region: The Region likewise.
        partition: The partition likewise.
        names: What references read as, by ``LogicalId`` (Ref) or ``LogicalId.Attribute``, with ``Stack/`` before it
            where needed. Without an entry, well-known types get the name they have in the template (else their logical
            id) and the ARN that follows from it.
        managed_policies: Documents of managed policies that are no part of the templates, by ARN.
        parameters: Values of template parameters.
        made_up_names: Whether names that CloudFormation makes up read as it makes them: the stack's name, the logical
            id and something random, which is `MADE_UP` here. What nothing tells is `MADE_UP` then, and no error.

    Attributes:
        policies: Every policy document, resolved.
    """

    def __init__(
        self,
        templates: Mapping[str, Mapping[str, Any]],
        *,
        account: str = "111111111111",
        region: str = "eu-west-1",
        partition: str = "aws",
        names: Mapping[str, str] | None = None,
        managed_policies: Mapping[str, Mapping[str, object]] | None = None,
        parameters: Mapping[str, object] | None = None,
        made_up_names: bool = False,
    ) -> None:
        if partition not in _URL_SUFFIXES:
            raise PolicyError(f"partition: got {partition!r}; allowed are {', '.join(_URL_SUFFIXES)}")
        self.account = account
        self._where = {"account": account, "region": region, "partition": partition}
        self._names = dict(names or {})
        self._managed = dict(managed_policies or {})
        self._made_up_names = made_up_names
        pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": partition,
            "AWS::URLSuffix": _URL_SUFFIXES[partition],
        }
        self._templates = TemplateSet(templates, parameters=parameters, pseudo=pseudo)
        self.policies: tuple[CollectedPolicy, ...] = collect_policies(self._templates)

    @property
    def templates(self) -> TemplateSet:
        """The templates, as they are resolved."""
        return self._templates

    def text_of(self, value: object, place: str) -> str:
        """Return a resolved value as text, as documents are rendered."""
        return str(self._render(value, place))

    def identity_of(self, logical_id: str) -> list[dict[str, object]]:
        """Return the identity-based policies of a role, user or group: inline, attached and managed.

        Args:
            logical_id: The logical id, with ``Stack/`` before it when several stacks have it.

        Raises:
            PolicyError: When a managed policy's document is neither in the templates nor given.
        """
        stack = self._stack_of(logical_id)
        plain = logical_id.rpartition("/")[2]
        documents = [
            self.render(p) for p in self.policies if p.kind in _IDENTITY_KINDS and self._is_on(p, stack, plain)
        ]
        attached = self._templates.properties(stack, plain).get("ManagedPolicyArns", [])
        for index, arn in enumerate(attached if isinstance(attached, list) else []):
            document = self._managed_policy(arn, f"{stack}/{plain}.ManagedPolicyArns[{index}]")
            if document not in documents:
                documents.append(document)
        return documents

    def boundary_of(self, logical_id: str) -> dict[str, object] | None:
        """Return the permissions boundary of a role or user, or None when it has none."""
        stack = self._stack_of(logical_id)
        plain = logical_id.rpartition("/")[2]
        boundary = self._templates.properties(stack, plain).get("PermissionsBoundary")
        return None if boundary is None else self._managed_policy(boundary, f"{stack}/{plain}.PermissionsBoundary")

    def resource_of(self, logical_id: str) -> dict[str, object] | None:
        """Return the policy of a resource: bucket, key, queue, topic, secret, function, endpoint, or a role's trust.

        What several documents say of one resource (Lambda permissions) is one policy to AWS, so it is one here.
        """
        stack = self._stack_of(logical_id)
        plain = logical_id.rpartition("/")[2]
        documents = [
            self.render(p) for p in self.policies if p.kind in _RESOURCE_KINDS and self._is_on(p, stack, plain)
        ]
        if not documents:
            return None
        statements: list[object] = []
        for document in documents:
            listed = document["Statement"]
            statements.extend(listed if isinstance(listed, list) else [listed])
        return {**documents[0], "Statement": statements}

    def arn_of(self, logical_id: str, attribute: str | None = "Arn") -> str:
        """Return the ARN (or another attribute; None means Ref) that documents are rendered with."""
        stack = self._stack_of(logical_id)
        plain = logical_id.rpartition("/")[2]
        return self._text_of(Reference(stack, plain, attribute), f"{stack}/{plain}")

    def render(self, policy: CollectedPolicy) -> dict[str, object]:
        """Return a document as plain text, ready to be evaluated.

        Raises:
            PolicyError: When a part is known to a deployment only; the message names the place.
        """
        rendered = self._render(policy.document, policy.place)
        if isinstance(rendered, str):
            try:
                rendered = json.loads(rendered)
            except json.JSONDecodeError as error:
                raise PolicyError(f"{policy.place}: no JSON, {error}; allowed is a policy document") from None
        if not isinstance(rendered, dict):
            raise PolicyError(f"{policy.place}: got {rendered!r}; allowed is a policy document")
        return rendered

    def _render(self, value: object, place: str) -> object:
        match value:
            case Mapping():
                return {str(key): self._render(item, f"{place}.{key}") for key, item in value.items()}
            case list():
                return [self._render(item, f"{place}[{index}]") for index, item in enumerate(value)]
            case Reference():
                return self._text_of(value, place)
            case Concatenation():
                return "".join(
                    part if isinstance(part, str) else str(self._render(part, place)) for part in value.parts
                )
            case Unknown() if self._made_up_names:
                return MADE_UP
            case Unknown():
                raise PolicyError(f"{place}: {value}; allowed is what the templates, parameters or names tell")
            case _:
                return value

    def _text_of(self, reference: Reference, place: str) -> str:
        plain = reference.logical_id + (f".{reference.attribute}" if reference.attribute else "")
        for given in (f"{reference.stack}/{plain}", plain):
            if given in self._names:
                return self._names[given]
        naming = NAMING.get(self._templates.resource(reference)["Type"])
        form = None
        if naming is not None:
            form = naming.ref if reference.attribute is None else naming.attributes.get(reference.attribute)
        if (naming is None or form is None) and self._made_up_names:
            return MADE_UP
        if naming is None or form is None:
            raise PolicyError(f"{place}: nothing says what {reference} reads as; allowed is names={{{plain!r}: ...}}")
        properties = self._templates.properties(*reference.resource)
        named = properties.get(naming.name_property) if naming.name_property else None
        if isinstance(named, Reference):
            named = self._text_of(named, place)
        # An OIDC provider is named by its issuer's URL, and its ARN leaves the scheme out.
        name = named.removeprefix("https://") if isinstance(named, str) else self._made_up_name(reference, naming)
        first = next(iter(naming.kinds.values()), "")
        return form.format(
            name=name.lower() if naming.lower else name,
            path=properties.get("Path", "/"),
            kind=naming.kinds.get(str(properties.get("Type")), first),
            qualifier=properties.get(naming.qualifier_property or "", "1"),
            id=MADE_UP if self._made_up_names else _ID,
            **self._where,
        )

    def _made_up_name(self, reference: Reference, naming: Naming) -> str:
        """What a resource is called that has no name in its template."""
        if not self._made_up_names:
            return reference.logical_id
        return MADE_UP if naming.short else f"{reference.stack}-{reference.logical_id}-{MADE_UP}"

    def _managed_policy(self, arn: object, place: str) -> dict[str, object]:
        if isinstance(arn, Reference):
            for policy in self.policies:
                if (policy.stack, policy.logical_id) == arn.resource and policy.kind is PolicyKind.MANAGED:
                    return self.render(policy)
        text = str(self._render(arn, place))
        if text not in self._managed:
            raise PolicyError(
                f"{place}: the document of managed policy {text!r} is in no template; allowed is "
                f"managed_policies={{{text!r}: document}}"
            )
        return dict(self._managed[text])

    def _stack_of(self, logical_id: str) -> str:
        stack, slash, plain = logical_id.rpartition("/")
        stacks = [name for name, found, _ in self._templates.resources() if found == plain]
        if slash:
            stacks = [name for name in stacks if name == stack]
        if len(stacks) != 1:
            raise PolicyError(
                f"{logical_id!r} stands in {len(stacks)} stacks; allowed is one logical id, or 'Stack/LogicalId'"
            )
        return stacks[0]

    @staticmethod
    def _is_on(policy: CollectedPolicy, stack: str, logical_id: str) -> bool:
        same_stack = policy.stack == stack and logical_id in policy.attached_to
        return same_stack or f"{stack}/{logical_id}" in policy.attached_to
