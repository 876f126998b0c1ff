"""The policy statements of a template, each with the resource that carries it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aws_architect_constructs.checks.networks import is_anywhere
from aws_architect_constructs.checks.templates import Resource, Template

_LETS_EVERYBODY_IN: Final = re.compile(r"Not|IfExists$|^ForAllValues:|^Null$")

# `*`, `arn:aws:iam::*:role/*`: no account is named.
_ANYBODY: Final = re.compile(r"\*+|arn:[^:]*:(?:iam|sts|\*):[^:]*:\*(?::[*/a-z-]*)?")

RESOURCE_POLICIES: Final[Mapping[str, str]] = {
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::CodeArtifact::Domain": "PermissionsPolicyDocument",
    "AWS::CodeArtifact::Repository": "PermissionsPolicyDocument",
    "AWS::DynamoDB::Table": "ResourcePolicy.PolicyDocument",
    "AWS::ECR::RegistryPolicy": "PolicyText",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Elasticsearch::Domain": "AccessPolicies",
    "AWS::Events::EventBus": "Policy",
    "AWS::Events::EventBusPolicy": "Statement",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::KMS::ReplicaKey": "KeyPolicy",
    "AWS::Kinesis::ResourcePolicy": "ResourcePolicy",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "AWS::MSK::ClusterPolicy": "Policy",
    "AWS::OpenSearchService::Domain": "AccessPolicies",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::S3Tables::TableBucketPolicy": "ResourcePolicy",
    "AWS::SNS::TopicInlinePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueueInlinePolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}
"""Where each type keeps the policy that says who may use it."""


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement.

    Attributes:
        resource: The resource whose policy it is in.
        place: Where it stands.
        body: The statement as it is written.
    """

    resource: Resource
    place: str
    body: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it may be an Allow."""
        return any(effect != "Deny" for effect in self._outcomes("Effect"))

    @property
    def conditions(self) -> bool:
        """Whether it has a condition in every outcome."""
        return all(isinstance(outcome, Mapping) and bool(outcome) for outcome in self._outcomes("Condition"))

    @property
    def narrowing_keys(self) -> frozenset[str]:
        """The condition keys that keep somebody out, in lower case.

        "All but one" is nearly everybody, an absent key passes `...IfExists`, `ForAllValues` and `Null`, and a
        wildcard alone is met by all.
        """
        values = self.resource.template.values
        found = set()
        for outcome in self._outcomes("Condition"):
            for operator, operands in outcome.items() if isinstance(outcome, Mapping) else ():
                if isinstance(operands, Mapping) and not _LETS_EVERYBODY_IN.search(str(operator)):
                    for key, value in operands.items():
                        texts = [
                            text
                            for one in values.outcomes(value)
                            for item in (one if isinstance(one, list) else [one])
                            for text in values.outcomes(item)
                        ]
                        if not any(_is_everybody(text) for text in texts):
                            found.add(str(key).lower())
        return frozenset(found)

    def texts(self, name: str) -> Iterator[str]:
        """The texts that an element may hold: actions, or resources."""
        for value in self.values(name):
            if isinstance(value, str):
                yield value

    def values(self, name: str) -> Iterator[object]:
        """Everything that an element may hold."""
        for outcome in self._outcomes(name):
            for item in outcome if isinstance(outcome, list) else [outcome]:
                yield from (value for value in self.resource.template.values.outcomes(item) if value is not None)

    def principals(self) -> Iterator[tuple[str, object]]:
        """Each principal with its kind; `("*", "*")` for anyone."""
        for outcome in self._outcomes("Principal"):
            if outcome == "*":
                yield "*", "*"
            elif isinstance(outcome, Mapping):
                for kind, value in outcome.items():
                    for one in self.resource.template.values.outcomes(value):
                        for item in one if isinstance(one, list) else [one]:
                            for principal in self.resource.template.values.outcomes(item):
                                yield str(kind), principal

    @property
    def for_anyone(self) -> bool:
        """Whether every principal of the world is meant; all but some are as many."""
        if self.body.get("NotPrincipal") is not None:
            return True
        return any(value == "*" and kind in {"*", "AWS"} for kind, value in self.principals())

    def _outcomes(self, name: str) -> tuple[object, ...]:
        return self.resource.template.values.outcomes(self.body.get(name))


def _is_everybody(text: object) -> bool:
    """Whether an operand is met by all: a wildcard, an ARN of any account, or everybody's addresses."""
    return isinstance(text, str) and (bool(_ANYBODY.fullmatch(text)) or is_anywhere(text))


def statements_of(resource: Resource, *path: str) -> Iterator[Statement]:
    """The statements of a policy document that a resource keeps in a property."""
    place = ".".join(("Properties", *path))
    for written in resource.outcomes(*path):
        document = _parsed(written)
        if isinstance(document, Mapping) and "Statement" in document:
            held, where = document["Statement"], f"{place}.Statement"
        else:
            held, where = document, place
        for outcome in resource.template.values.outcomes(held):
            for item in outcome if isinstance(outcome, list) else [outcome]:
                for body in resource.template.values.outcomes(item):
                    if isinstance(body, Mapping) and ("Effect" in body or "Action" in body):
                        yield Statement(resource, where, body)


def _parsed(document: object) -> object:
    """A policy document, which may be written as the text of JSON."""
    if isinstance(document, str) and document.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            return json.loads(document)
    return document


def resource_policy_statements(template: Template) -> Iterator[Statement]:
    """The statements that say who may use a resource."""
    for kind, path in RESOURCE_POLICIES.items():
        for resource in template.of_type(kind):
            yield from statements_of(resource, *path.split("."))


def identity_statements(resource: Resource) -> Iterator[Statement]:
    """The statements that a role, user, group or policy resource grants by itself."""
    if resource.type in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"}:
        yield from statements_of(resource, "PolicyDocument")
    for index, policy in enumerate(resource.items("Policies")):
        if isinstance(policy, Mapping):
            part = Resource(resource.template, resource.logical_id, resource.type, policy, resource.body)
            path = ("PolicyDocument",) if "PolicyDocument" in policy else ()
            for statement in statements_of(part, *path) if path else _inline(part):
                yield Statement(resource, f"Properties.Policies.{index}.PolicyDocument", statement.body)


def _inline(part: Resource) -> Iterator[Statement]:
    """The statements of a policy that is written without a name around it, as SAM allows."""
    if "Statement" in part.properties:
        yield from statements_of(part, "Statement")
