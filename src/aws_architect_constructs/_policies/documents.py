"""Policy documents: read, checked, and in normal form.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aws_architect_constructs._policies.conditions import Condition, parse_conditions
from aws_architect_constructs._policies.context_keys import ContextKeyTable
from aws_architect_constructs._policies.errors import PolicyError
from aws_architect_constructs._policies.variables import variables_in

__all__ = ["DocumentKind", "Effect", "PolicyDocument", "PrincipalElement", "Statement", "load_document"]

_CURRENT_VERSION = "2012-10-17"
_VERSIONS = (_CURRENT_VERSION, "2008-10-17")
_DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
                       "Condition")  # fmt: skip
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
_COLONS_BEFORE_RESOURCE = 5


class Effect(StrEnum):
    """What a statement does when it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


class DocumentKind(StrEnum):
    """The kinds of documents as far as their grammar differs."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    VPC_ENDPOINT = "VPC endpoint policy"

    @property
    def names_principals(self) -> bool:
        """Whether its statements have a Principal; the others apply to whom they are attached to."""
        return self in (DocumentKind.RESOURCE, DocumentKind.RESOURCE_CONTROL, DocumentKind.VPC_ENDPOINT)


@dataclass(frozen=True)
class PrincipalElement:
    """The Principal or NotPrincipal element.

    Attributes:
        entries: Pairs of type and value; ``"Principal": "*"`` is the pair ``("*", "*")``.
        negated: Whether it is NotPrincipal.
    """

    entries: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True)
class Statement:
    """One statement, checked.

    Attributes:
        place: Policy, index and Sid, for messages.
        index: Its position in the document, from 0.
        sid: Its Sid, or None.
        effect: Allow or Deny.
        principal: Who it is about, or None in documents that are attached to principals.
        actions: Its action patterns.
        not_actions: Whether they stand in NotAction.
        resources: Its resource patterns, or None where the element is left out (role trust policies).
        not_resources: Whether they stand in NotResource.
        conditions: What must hold besides.
        policy_variables: Whether ``${...}`` means a policy variable: from Version 2012-10-17 on.
    """

    place: str
    index: int
    sid: str | None
    effect: Effect
    principal: PrincipalElement | None
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...] | None
    not_resources: bool
    conditions: tuple[Condition, ...]
    policy_variables: bool


@dataclass(frozen=True)
class PolicyDocument:
    """A policy document, checked.

    Attributes:
        name: What messages call it.
        kind: Which grammar it follows.
        version: Its Version element; left out means 2008-10-17, which knows no policy variables.
        statements: Its statements in order.
    """

    name: str
    kind: DocumentKind
    version: str
    statements: tuple[Statement, ...]

    @classmethod
    def parse(
        cls,
        document: object,
        *,
        kind: DocumentKind = DocumentKind.IDENTITY,
        name: str = "policy",
        keys: ContextKeyTable | None = None,
    ) -> "PolicyDocument":
        """Read a document.

        Args:
            document: The document as a map or as JSON text.
            kind: Which grammar it follows.
            name: What messages call it.
            keys: The context keys that exist. None means AWS's published ones.

        Raises:
            PolicyError: When AWS would refuse the document; the message names the statement.
        """
        loaded = load_document(document, name)
        _no_others(loaded, _DOCUMENT_ELEMENTS, name)
        version = loaded.get("Version", "2008-10-17")
        if version not in _VERSIONS:
            raise PolicyError(f"{name}: Version, got {version!r}; allowed are {', '.join(_VERSIONS)}")
        listed = loaded.get("Statement")
        statements = listed if isinstance(listed, list | tuple) else [listed]
        reader = _Reader(kind, keys or ContextKeyTable(), version == _CURRENT_VERSION)
        return cls(name, kind, version, tuple(reader.statement(raw, i, name) for i, raw in enumerate(statements)))


def load_document(document: object, name: str) -> Mapping[str, object]:
    """Return a document as a map, from JSON text if need be."""
    if isinstance(document, str):
        try:
            document = json.loads(document, object_pairs_hook=lambda pairs: _unique(pairs, name))
        except json.JSONDecodeError as error:
            raise PolicyError(f"{name}: no JSON, {error}; allowed is a policy document") from None
    if not isinstance(document, Mapping):
        raise PolicyError(f"{name}: got {document!r}; allowed is a policy document as a map or as JSON text")
    return document


def _unique(pairs: list[tuple[str, object]], name: str) -> dict[str, object]:
    """Refuse a key that stands twice: JSON would silently keep the last one."""
    loaded: dict[str, object] = {}
    for key, value in pairs:
        if key in loaded:
            raise PolicyError(f"{name}: the key {key!r} stands twice in one block; allowed is once")
        loaded[key] = value
    return loaded


def _no_others(block: Mapping[str, object], allowed: tuple[str, ...], place: str) -> None:
    for key in block:
        if key not in allowed:
            raise PolicyError(f"{place}: unknown element {key!r}; allowed are {', '.join(allowed)}")


def _strings(value: object, place: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    for item in listed:
        if not isinstance(item, str) or not item:
            raise PolicyError(f"{place}: got {item!r}; allowed are strings (render intrinsic functions first)")
    if not listed:
        raise PolicyError(f"{place}: an empty list; allowed is at least one string")
    return tuple(listed)


@dataclass(frozen=True)
class _Reader:
    """Reads the statements of one document."""

    kind: DocumentKind
    keys: ContextKeyTable
    policy_variables: bool

    def statement(self, raw: object, index: int, name: str) -> Statement:
        place = f"{name}, statement {index}"
        if not isinstance(raw, Mapping):
            raise PolicyError(f"{place}: got {raw!r}; allowed is a map")
        sid = raw.get("Sid")
        if sid is not None and not isinstance(sid, str):
            raise PolicyError(f"{place}: Sid, got {sid!r}; allowed is a string")
        place = f"{place} ({sid})" if sid else place
        _no_others(raw, STATEMENT_ELEMENTS, place)
        effect = raw.get("Effect")
        if effect not in tuple(Effect):
            raise PolicyError(f"{place}: Effect, got {effect!r}; allowed are {', '.join(Effect)}")
        principal = self._principal(raw, place)
        actions, not_actions = self._actions(raw, place)
        resources, not_resources = self._resources(raw, actions, place)
        if principal is not None and principal.negated and (effect == Effect.ALLOW or resources is None):
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
            raise PolicyError(
                f"{place}: NotPrincipal with Allow or in a role trust policy; allowed is Principal, "
                "or Deny with aws:PrincipalArn in a condition"
            )
        conditions = parse_conditions(
            raw.get("Condition"), place=place, keys=self.keys, policy_variables=self.policy_variables
        )
        return Statement(
            place=place,
            index=index,
            sid=sid,
            effect=Effect(effect),
            principal=principal,
            actions=actions,
            not_actions=not_actions,
            resources=resources,
            not_resources=not_resources,
            conditions=conditions,
            policy_variables=self.policy_variables,
        )

    def _one_of(self, raw: Mapping[str, object], element: str, place: str) -> tuple[object, bool]:
        negated = f"Not{element}"
        if element in raw and negated in raw:
            raise PolicyError(f"{place}: {element} and {negated} together; allowed is one of them")
        return (raw[negated], True) if negated in raw else (raw.get(element), False)

    def _principal(self, raw: Mapping[str, object], place: str) -> PrincipalElement | None:
        value, negated = self._one_of(raw, "Principal", place)
        if not self.kind.names_principals:
            if value is not None:
                article = "an" if self.kind is DocumentKind.IDENTITY else "a"
                raise PolicyError(f"{place}: Principal, got {value!r}; allowed is none in {article} {self.kind}")
            return None
        if self.kind is DocumentKind.RESOURCE_CONTROL and (value != "*" or negated):
            # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
            raise PolicyError(f"{place}: Principal of a {self.kind}, got {value!r}; allowed is '*' only")
        if value == "*":
            return PrincipalElement((("*", "*"),), negated)
        if not isinstance(value, Mapping) or not value:
            raise PolicyError(
                f"{place}: Principal, got {value!r}; allowed are '*' and a map of {', '.join(_PRINCIPAL_TYPES)}"
            )
        _no_others(value, _PRINCIPAL_TYPES, f"{place}, Principal")
        entries = [(t, v) for t in value for v in _strings(value[t], f"{place}, Principal {t}")]
        for principal_type, named in entries:
            if named != "*" and ("*" in named or "?" in named):
                raise PolicyError(
                    f"{place}, Principal {principal_type}: a wildcard in part of a principal, got {named!r}; "
                    "allowed are whole principals and '*' (compare aws:PrincipalArn in a condition)"
                )
        return PrincipalElement(tuple(entries), negated)

    def _actions(self, raw: Mapping[str, object], place: str) -> tuple[tuple[str, ...], bool]:
        value, negated = self._one_of(raw, "Action", place)
        if self.kind is DocumentKind.RESOURCE_CONTROL and negated:
            raise PolicyError(f"{place}: NotAction in a {self.kind}; allowed is Action")
        actions = _strings(value, f"{place}, {'NotAction' if negated else 'Action'}")
        for action in actions:
            service, colon, operation = action.partition(":")
            if action != "*" and not (colon and service and operation and "*" not in service):
                raise PolicyError(f"{place}, Action: got {action!r}; allowed are '*' and 'service:Operation'")
        return actions, negated

    def _resources(
        self, raw: Mapping[str, object], actions: tuple[str, ...], place: str
    ) -> tuple[tuple[str, ...] | None, bool]:
        value, negated = self._one_of(raw, "Resource", place)
        if value is None and self.kind is DocumentKind.RESOURCE and all(a.lower().startswith("sts:") for a in actions):
            return None, False  # a role trust policy is about the role that it is attached to
        here = f"{place}, {'NotResource' if negated else 'Resource'}"
        resources = _strings(value, here)
        for resource in resources:
            if resource != "*" and resource.count(":") < _COLONS_BEFORE_RESOURCE and "*" not in resource:
                raise PolicyError(f"{here}: got {resource!r}; allowed are '*' and ARNs")
            if self.policy_variables:
                self._check_variables(resource, here)
        return resources, negated

    def _check_variables(self, resource: str, place: str) -> None:
        for variable in variables_in(resource, place):
            if resource[: variable.start].count(":") < _COLONS_BEFORE_RESOURCE:
                raise PolicyError(
                    f"{place}: a policy variable before the fifth colon, got {resource!r}; "
                    "allowed is the resource portion of the ARN only"
                )
            if not variable.is_escape:
                self.keys.check(variable.key, place)
