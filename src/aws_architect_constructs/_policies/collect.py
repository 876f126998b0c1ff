"""Every policy document of synthesized templates: where it stands, what kind it is, and what it is attached to."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aws_architect_constructs._policies.errors import PolicyError
from aws_architect_constructs._policies.lambda_permissions import permission_document
from aws_architect_constructs._templates.intrinsics import Concatenation, Reference, TemplateSet, Unknown

__all__ = ["CollectedPolicy", "PolicyKind", "collect_policies"]


class PolicyKind(StrEnum):
    """What a policy document is, in AWS's words."""

    TRUST = "role trust policy"
    INLINE = "inline policy"
    MANAGED = "customer managed policy"
    PERMISSION_SET = "permission set"
    RESOURCE = "resource-based policy"
    BUCKET = "bucket policy"
    KEY = "key policy"
    QUEUE = "queue policy"
    TOPIC = "topic policy"
    SECRET = "secret's resource policy"  # noqa: S105 - the kind of a policy, no secret
    FUNCTION = "function policy"
    VPC_ENDPOINT = "VPC endpoint policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    OTHER = "policy document"


@dataclass(frozen=True)
class CollectedPolicy:
    """A policy document of a template.

    Attributes:
        stack: The stack.
        logical_id: The resource that the document stands in.
        resource_type: That resource's type.
        kind: What it is.
        path: The property, such as ``Policies[0].PolicyDocument``.
        document: The document, resolved: texts, and references where only a deployment knows the text.
        attached_to: What it applies to: logical ids (with the stack before them when it is another one), or the text
            that names something outside the templates.
    """

    stack: str
    logical_id: str
    resource_type: str
    kind: PolicyKind
    path: str
    document: object
    attached_to: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the document stands, for messages."""
        return f"{self.stack}/{self.logical_id}.{self.path}"


@dataclass(frozen=True)
class _Spot:
    """A property that holds a document, and the properties that name what it is attached to (none: the resource)."""

    path: tuple[str, ...]
    kind: PolicyKind
    attached_by: tuple[str, ...] = ()


_ATTACHMENTS = ("Roles", "Users", "Groups")
_INLINE = _Spot(("Policies", "[]", "PolicyDocument"), PolicyKind.INLINE)
_SPOTS: dict[str, tuple[_Spot, ...]] = {
    "AWS::IAM::Role": (_Spot(("AssumeRolePolicyDocument",), PolicyKind.TRUST), _INLINE),
    "AWS::IAM::User": (_INLINE,),
    "AWS::IAM::Group": (_INLINE,),
    "AWS::IAM::Policy": (_Spot(("PolicyDocument",), PolicyKind.INLINE, _ATTACHMENTS),),
    "AWS::IAM::RolePolicy": (_Spot(("PolicyDocument",), PolicyKind.INLINE, ("RoleName",)),),
    "AWS::IAM::UserPolicy": (_Spot(("PolicyDocument",), PolicyKind.INLINE, ("UserName",)),),
    "AWS::IAM::GroupPolicy": (_Spot(("PolicyDocument",), PolicyKind.INLINE, ("GroupName",)),),
    "AWS::IAM::ManagedPolicy": (_Spot(("PolicyDocument",), PolicyKind.MANAGED, _ATTACHMENTS),),
    "AWS::SSO::PermissionSet": (_Spot(("InlinePolicy",), PolicyKind.PERMISSION_SET),),
    "AWS::S3::BucketPolicy": (_Spot(("PolicyDocument",), PolicyKind.BUCKET, ("Bucket",)),),
    "AWS::S3Express::BucketPolicy": (_Spot(("PolicyDocument",), PolicyKind.BUCKET, ("Bucket",)),),
    "AWS::S3::AccessPoint": (_Spot(("Policy",), PolicyKind.RESOURCE),),
    "AWS::KMS::Key": (_Spot(("KeyPolicy",), PolicyKind.KEY),),
    "AWS::KMS::ReplicaKey": (_Spot(("KeyPolicy",), PolicyKind.KEY),),
    "AWS::SQS::QueuePolicy": (_Spot(("PolicyDocument",), PolicyKind.QUEUE, ("Queues",)),),
    "AWS::SQS::QueueInlinePolicy": (_Spot(("PolicyDocument",), PolicyKind.QUEUE, ("Queue",)),),
    "AWS::SNS::TopicPolicy": (_Spot(("PolicyDocument",), PolicyKind.TOPIC, ("Topics",)),),
    "AWS::SNS::TopicInlinePolicy": (_Spot(("PolicyDocument",), PolicyKind.TOPIC, ("TopicArn",)),),
    "AWS::SecretsManager::ResourcePolicy": (_Spot(("ResourcePolicy",), PolicyKind.SECRET, ("SecretId",)),),
    "AWS::EC2::VPCEndpoint": (_Spot(("PolicyDocument",), PolicyKind.VPC_ENDPOINT),),
    "AWS::ECR::Repository": (_Spot(("RepositoryPolicyText",), PolicyKind.RESOURCE),),
    "AWS::EFS::FileSystem": (_Spot(("FileSystemPolicy",), PolicyKind.RESOURCE),),
    "AWS::Logs::ResourcePolicy": (_Spot(("PolicyDocument",), PolicyKind.RESOURCE),),
    "AWS::DynamoDB::Table": (_Spot(("ResourcePolicy", "PolicyDocument"), PolicyKind.RESOURCE),),
    "AWS::Kinesis::ResourcePolicy": (_Spot(("ResourcePolicy",), PolicyKind.RESOURCE, ("ResourceArn",)),),
    "AWS::Events::EventBus": (_Spot(("Policy",), PolicyKind.RESOURCE),),
    "AWS::Backup::BackupVault": (_Spot(("AccessPolicy",), PolicyKind.RESOURCE),),
    "AWS::OpenSearchService::Domain": (_Spot(("AccessPolicies",), PolicyKind.RESOURCE),),
    "AWS::ApiGateway::RestApi": (_Spot(("Policy",), PolicyKind.RESOURCE),),
}
_ORGANIZATION_KINDS = {
    "SERVICE_CONTROL_POLICY": PolicyKind.SERVICE_CONTROL,
    "RESOURCE_CONTROL_POLICY": PolicyKind.RESOURCE_CONTROL,
}


def collect_policies(templates: TemplateSet) -> tuple[CollectedPolicy, ...]:
    """Return every policy document of the templates, in template order.

    Documents in properties that this module does not know by type are found by their looks, as "policy document".

    Args:
        templates: The templates, with pseudo parameters where documents use them.
    """
    found: list[CollectedPolicy] = []
    for stack, logical_id, resource in templates.resources():
        found.extend(_of_resource(templates, stack, logical_id, resource))
    return tuple(found)


def _of_resource(
    templates: TemplateSet, stack: str, logical_id: str, resource: Mapping[str, Any]
) -> Iterator[CollectedPolicy]:
    resource_type = resource["Type"]
    properties = templates.properties(stack, logical_id)

    def collected(kind: PolicyKind, path: str, document: object, attached: tuple[str, ...]) -> CollectedPolicy:
        return CollectedPolicy(stack, logical_id, resource_type, kind, path, document, attached or (logical_id,))

    if resource_type == "AWS::Lambda::Permission":
        attached = _names(properties.get("FunctionName"), stack)
        permission = permission_document(properties, templates, f"{stack}/{logical_id}")
        yield collected(PolicyKind.FUNCTION, "Properties", permission, attached)
        return
    if resource_type == "AWS::Events::EventBusPolicy" and "Statement" in properties:
        # One statement without a document around it.
        statement = {"Version": "2012-10-17", "Statement": [properties["Statement"]]}
        yield collected(PolicyKind.RESOURCE, "Statement", statement, _names(properties.get("EventBusName"), stack))
        return
    if resource_type == "AWS::Organizations::Policy":
        kind = _ORGANIZATION_KINDS.get(str(properties.get("Type")))
        if kind is not None:
            # Without targets it is attached to nobody yet; the policy itself is what can be named.
            yield collected(kind, "Content", properties.get("Content"), _names(properties.get("TargetIds"), stack))
        return
    seen: set[str] = set()
    for spot in _SPOTS.get(resource_type, ()):
        attached = tuple(name for by in spot.attached_by for name in _names(properties.get(by), stack))
        for path, document in _at(properties, spot.path):
            seen.add(path)
            yield collected(spot.kind, path, document, attached)
    for path, document in _by_looks(properties, ""):
        if path not in seen:
            yield collected(PolicyKind.OTHER, path, document, ())


def _names(value: object, stack: str) -> tuple[str, ...]:
    """Return what a property names: logical ids for references, otherwise the text."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(_name(item, stack) for item in listed)


def _name(value: object, stack: str) -> str:
    if isinstance(value, Reference):
        return value.logical_id if value.stack == stack else f"{value.stack}/{value.logical_id}"
    return str(value)


def _at(value: object, path: tuple[str, ...], before: str = "") -> Iterator[tuple[str, object]]:
    if not path:
        yield before, value
    elif path[0] == "[]":
        for index, item in enumerate(value if isinstance(value, list) else []):
            yield from _at(item, path[1:], f"{before}[{index}]")
    elif isinstance(value, Mapping) and value.get(path[0]) is not None:
        yield from _at(value[path[0]], path[1:], f"{before}.{path[0]}".lstrip("."))


def _by_looks(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Find what looks like a policy document: a map, or JSON text, of statements with an effect."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _by_looks(item, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        if _is_document(value):
            yield path, value
        else:
            for key, item in value.items():
                yield from _by_looks(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, str | Concatenation) and '"Statement"' in str(value) and '"Effect"' in str(value):
        yield path, value


def _is_document(value: Mapping[str, object]) -> bool:
    statements = value.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return any(isinstance(statement, Mapping) and "Effect" in statement for statement in listed)


def statements_of(policy: CollectedPolicy) -> list[Mapping[str, object]]:
    """Return the statements of a collected document, JSON text included; unknown parts stay in angle brackets.

    Raises:
        PolicyError: When the document as a whole is unknown, or no policy document.
    """
    document = policy.document
    if isinstance(document, str | Concatenation):
        try:
            document = json.loads(str(document))
        except json.JSONDecodeError as error:
            raise PolicyError(f"{policy.place}: no JSON, {error}; allowed is a policy document") from None
    if isinstance(document, Reference | Unknown) or not isinstance(document, Mapping):
        raise PolicyError(f"{policy.place}: got {document}; allowed is a policy document that the template spells out")
    statements = document.get("Statement")
    found: list[Mapping[str, object]] = []
    for index, statement in enumerate(statements if isinstance(statements, list) else [statements]):
        if not isinstance(statement, Mapping):
            raise PolicyError(f"{policy.place}, statement {index}: got {statement}; allowed is a map")
        found.append(statement)
    return found
