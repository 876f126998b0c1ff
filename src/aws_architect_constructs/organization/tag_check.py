"""Cost-allocation tags that resources lack, found while synthesizing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

RULE: Final = "RequiredTags"

TAGGED_TYPES: Final[Mapping[str, str]] = {
    "AWS::ApiGateway::RestApi": "Tags",
    "AWS::CloudFront::Distribution": "Tags",
    "AWS::DynamoDB::Table": "Tags",
    "AWS::EC2::Instance": "Tags",
    "AWS::EC2::NatGateway": "Tags",
    "AWS::EC2::VPC": "Tags",
    "AWS::EC2::VPCEndpoint": "Tags",
    "AWS::EC2::Volume": "Tags",
    "AWS::ECS::Service": "Tags",
    "AWS::EFS::FileSystem": "FileSystemTags",
    "AWS::EKS::Cluster": "Tags",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Tags",
    "AWS::KMS::Key": "Tags",
    "AWS::Kinesis::Stream": "Tags",
    "AWS::Lambda::Function": "Tags",
    "AWS::Logs::LogGroup": "Tags",
    "AWS::RDS::DBCluster": "Tags",
    "AWS::RDS::DBInstance": "Tags",
    "AWS::S3::Bucket": "Tags",
    "AWS::SNS::Topic": "Tags",
    "AWS::SQS::Queue": "Tags",
    "AWS::SecretsManager::Secret": "Tags",
}
"""The types that costs are allocated by, and the property that their tags are in."""


def missing_tags(template: Mapping[str, Any], keys: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The resources of a template that lack tags, with the keys that they lack.

    Args:
        template: The template.
        keys: The keys, in one spelling.
    """
    for logical_id, resource in template.get("Resources", {}).items():
        place = TAGGED_TYPES.get(resource.get("Type"))
        if place is None:
            continue
        tags = resource.get("Properties", {}).get(place, [])
        found = {tag.get("Key") for tag in tags if isinstance(tag, Mapping)} if isinstance(tags, list) else set(tags)
        lacking = tuple(key for key in keys if key not in found)
        if lacking:
            yield logical_id, lacking


@jsii.implements(IPolicyValidationPlugin)
class RequiredTags:
    """A check of the finished templates: what costs money bears the tags that costs are allocated by.

    `Validations.of(app).add_plugins(RequiredTags(["CostCenter"]))`, and `Tags.of(app).add("CostCenter", "42")` is all
    that passes it. A resource that cannot bear one is acknowledged by `RequiredTags::RequiredTags`.

    Args:
        keys: The tags' keys.

    Raises:
        ValueError: If there are none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if isinstance(keys, str) or not keys:
            raise ValueError(f"RequiredTags: no keys, got {keys!r}; allowed: a list such as ['CostCenter']")
        self._keys: Final = tuple(keys)

    @property
    def name(self) -> str:
        """The plugin's name in reports and acknowledgements."""
        return RULE

    @property
    def version(self) -> str:
        """The version of the rule."""
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """The one rule."""
        return [RULE]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Look at every template."""
        violations = []
        for path in context.template_paths:
            template = json.loads(Path(path).read_text(encoding="utf-8"))
            by_keys: dict[tuple[str, ...], list[PolicyViolatingResource]] = {}
            for logical_id, lacking in missing_tags(template, self._keys):
                resource = PolicyViolatingResource(
                    resource_logical_id=logical_id,
                    template_path=path,
                    locations=[f"Resources/{logical_id}/Properties"],
                )
                by_keys.setdefault(lacking, []).append(resource)
            violations += [
                PolicyViolation(
                    rule_name=RULE,
                    description=f"Costs cannot be allocated: no tag {', '.join(lacking)}.",
                    fix=f"Tags.of(app).add({lacking[0]!r}, ...), before the first construct or after.",
                    severity="medium",
                    violating_resources=resources,
                )
                for lacking, resources in by_keys.items()
            ]
        return PolicyValidationPluginReport(success=not violations, violations=violations)
