"""Endpoint policies that keep a VPC's endpoints for one organization, without cutting off what AWS itself keeps.

An endpoint policy grants nothing; it caps what passes. "Only my organization" alone would break every container: image
layers, operating-system packages, patches and CloudFormation's answers lie in buckets that AWS owns, and are asked for
anonymously or by addresses that AWS signed, so `aws:PrincipalOrgID` is absent or another's. They are let through by
name, for the one action that they need.

Sources of the names: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway,
https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-operations-s3-buckets.html,
https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html.

Pure Python: partition and Region are text, literal or CloudFormation's.
"""

from collections.abc import Mapping
from typing import Any, Final

AWS_OWNED_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "ECR image layers": ("prod-{region}-starport-layer-bucket",),
    "Systems Manager agent, Distributor and Patch Manager": (
        "amazon-ssm-{region}",
        "amazon-ssm-packages-{region}",
        "aws-patch-manager-{region}-*",
        "aws-patchmanager-macos-{region}-*",
        "aws-ssm-{region}",
        "aws-ssm-distributor-file-{region}",
        "aws-ssm-document-attachments-{region}",
        "aws-windows-downloads-{region}",
        "patch-baseline-snapshot-{region}{snapshot_suffix}",
        "{region}-birdwatcher-prod",
    ),
    "Amazon Linux 2 packages": (
        "amazonlinux-2-repos-{region}",
        "amazonlinux.{region}.amazonaws.com",
        "packages.{region}.amazonaws.com",
        "repo.{region}.amazonaws.com",
    ),
    "Amazon Linux 2023 packages": ("al2023-repos-{region}-de612dc2",),
    "CloudWatch agent": ("amazoncloudwatch-agent-{region}",),
}
"""Buckets of AWS that workloads read from, by use; the requests are anonymous or signed by AWS."""

AWS_OWNED_WRITE: Final[Mapping[str, tuple[str, ...]]] = {
    "CloudFormation custom-resource answers": ("cloudformation-custom-resource-response-{dashless}",),
    "CloudFormation wait conditions": ("cloudformation-waitcondition-{region}",),
}
"""Buckets of AWS that workloads answer to, at an address that CloudFormation signed."""

# Regions whose snapshot bucket bears a suffix: the page on Patch Manager's buckets, named above.
_PATCH_SNAPSHOT_SUFFIXES: Final[Mapping[str, str]] = {
    "af-south-1": "-tbxdb5b9",
    "ap-south-2": "-50209442",
    "ap-southeast-3": "-be0a3174",
    "ap-southeast-4": "-dc6f76ce",
    "eu-south-2": "-df2c9d70",
    "me-south-1": "-uduvl7q8",
}

Statement = dict[str, Any]


def service_statements(organization_id: str) -> list[Statement]:
    """Let the organization's principals, and nobody else, call the service through the endpoint.

    Resources are left open: public parameters, documents and images that AWS keeps are in no organization.
    """
    return [_organization("OrganizationPrincipals", {"aws:PrincipalOrgID": organization_id})]


def dynamodb_statements(organization_id: str) -> list[Statement]:
    """Let the organization's principals use the organization's tables."""
    return [
        _organization("OrganizationData", {"aws:PrincipalOrgID": organization_id, "aws:ResourceOrgID": organization_id})
    ]


def s3_statements(organization_id: str, *, partition: str, region: str, dashless_region: str) -> list[Statement]:
    """Let the organization's principals use the organization's buckets, and everybody what AWS's own are for.

    Args:
        organization_id: The organization, `o-` and ten or more characters.
        partition: The partition of the stack.
        region: The stack's Region. Six Regions' patch snapshots lie in a bucket with a suffix, which is known only
            where the Region is.
        dashless_region: The same without its dashes, as CloudFormation spells it in one bucket's name.
    """
    names = {
        "region": region,
        "dashless": dashless_region,
        "snapshot_suffix": _PATCH_SNAPSHOT_SUFFIXES.get(region, ""),
    }

    def objects(buckets: Mapping[str, tuple[str, ...]]) -> list[str]:
        return [f"arn:{partition}:s3:::{name.format(**names)}/*" for group in buckets.values() for name in group]

    return [
        *dynamodb_statements(organization_id),
        _anybody("AwsOwnedBuckets", "s3:GetObject", objects(AWS_OWNED_READ)),
        _anybody("CloudFormationAnswers", "s3:PutObject", objects(AWS_OWNED_WRITE)),
    ]


def _organization(sid: str, keys: Mapping[str, str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": dict(keys)},
    }


def _anybody(sid: str, action: str, resources: list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": action, "Resource": resources}
