"""Policies that configure services in every account at once, the management account among them.

Pure Python: nothing here knows CDK.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from .guardrails import PARTITION_STAND_IN, ManagementPolicy
from .policy_packing import PolicyType

_ORGANIZATIONS: Final = "https://docs.aws.amazon.com/organizations/latest/userguide"


class InternetGatewayBlock(StrEnum):
    """What VPC block public access lets through an internet gateway."""

    INGRESS = "block_ingress"
    """Nothing comes in; NAT and egress-only gateways work."""
    BIDIRECTIONAL = "block_bidirectional"
    """Nothing passes."""


def _assign(value: object) -> dict[str, object]:
    return {"@@assign": value}


def ec2_defaults(
    *,
    internet_gateway_block: InternetGatewayBlock | None = None,
    snapshot_sharing_blocked: bool = True,
    hop_limit: int = 2,
) -> ManagementPolicy:
    """IMDSv2 by default, no public snapshots and images, no serial console; on request no way in from the internet.

    Args:
        internet_gateway_block: VPC block public access. Default None: not set, because public tiers would end.
        snapshot_sharing_blocked: Whether EBS snapshots can be shared publicly by nobody. Where this is set an account
            cannot set it itself, so leave it out of `AccountBaseline` then. Default True.
        hop_limit: How far an IMDS answer travels: 2 lets containers ask, 1 does not. Default 2.

    Raises:
        ValueError: If the hop limit is out of bounds.
    """
    if not 1 <= hop_limit <= 64:  # noqa: PLR2004 -- the API's own bounds
        raise ValueError(f"hop_limit: out of bounds, got {hop_limit!r}; allowed: 1 to 64")
    attributes: dict[str, object] = {
        "image_block_public_access": {"state": _assign("block_new_sharing")},
        "instance_metadata_defaults": {
            "http_tokens": _assign("required"),
            "http_put_response_hop_limit": _assign(str(hop_limit)),
            "http_endpoint": _assign("no_preference"),
            "instance_metadata_tags": _assign("no_preference"),
        },
        "serial_console_access": {"status": _assign("disabled")},
    }
    if snapshot_sharing_blocked:
        attributes["snapshot_block_public_access"] = {"state": _assign("block_all_sharing")}
    if internet_gateway_block is not None:
        attributes["vpc_block_public_access"] = {
            "internet_gateway_block": {
                "mode": _assign(InternetGatewayBlock(internet_gateway_block).value),
                "exclusions_allowed": _assign("enabled"),
            }
        }
    return ManagementPolicy(
        name="Ec2Defaults",
        policy_type=PolicyType.DECLARATIVE_EC2,
        content={"ec2_attributes": dict(sorted(attributes.items()))},
        rationale="A default that an account can neither forget nor change, in Regions to come too.",
        reference=f"{_ORGANIZATIONS}/orgs_manage_policies_declarative_syntax.html",
        blast_radius="Public images and snapshots, the serial console, and launches that rely on IMDSv1 by default.",
    )


def s3_public_access_blocked() -> ManagementPolicy:
    """All four settings of S3's block public access, for every bucket of every account."""
    return ManagementPolicy(
        name="S3PublicAccessBlocked",
        policy_type=PolicyType.S3,
        content={"s3_attributes": {"public_access_block_configuration": _assign("all")}},
        rationale="There is no CloudFormation type for the account's own block; this is stronger than that.",
        reference=f"{_ORGANIZATIONS}/orgs_manage_policies_s3_syntax.html",
        blast_radius="Public buckets.",
    )


def ai_services_opt_out() -> ManagementPolicy:
    """AWS's AI services neither keep nor learn from what they are sent, and no account decides otherwise."""
    none: dict[str, object] = {"@@operators_allowed_for_child_policies": ["@@none"]}
    return ManagementPolicy(
        name="AiServicesOptOut",
        policy_type=PolicyType.AI_SERVICES_OPT_OUT,
        content={"services": {**none, "default": {**none, "opt_out_policy": {**none, **_assign("optOut")}}}},
        rationale="What is sent to a service is the customers'.",
        reference=f"{_ORGANIZATIONS}/orgs_manage_policies_ai-opt-out.html",
        blast_radius="None: the services work as before, and delete what they had kept.",
    )


def required_tags(tags: Mapping[str, Sequence[str] | None], *, enforced_for: Sequence[str] = ()) -> ManagementPolicy:
    """How tags are spelt and what values they have.

    A tag policy reports what is missing and refuses what is spelt or valued otherwise; it does not refuse a resource
    without the tag. `WellArchitectedChecks(required_tags=...)` does that while an app is synthesized.

    Args:
        tags: Each key with its allowed values (`*` at an end is a wildcard), or None for any.
        enforced_for: Resource types whose tagging is refused where it does not comply, such as `ec2:instance`.
            Default: none, it is reported.

    Raises:
        ValueError: If there are no tags, or two keys differ in nothing but their case.
    """
    if not tags or len({key.lower() for key in tags}) < len(tags):
        raise ValueError(f"tags: none, or one twice, got {sorted(tags)}; allowed: keys that differ in more than case")
    content: dict[str, object] = {}
    for key, values in sorted(tags.items()):
        rule: dict[str, object] = {"tag_key": _assign(key)}
        if values is not None:
            rule["tag_value"] = _assign(sorted(values))
        if enforced_for:
            rule["enforced_for"] = _assign(sorted(enforced_for))
        content[key.lower()] = rule
    return ManagementPolicy(
        name="RequiredTags",
        policy_type=PolicyType.TAG,
        content={"tags": content},
        rationale="Costs are allocated by tags, and by one spelling of them.",
        reference=f"{_ORGANIZATIONS}/orgs_manage_policies_example-tag-policies.html",
        blast_radius="With enforced_for, calls that tag otherwise.",
    )


def backup_plan(
    *,
    regions: Sequence[str],
    vault_name: str = "Default",
    delete_after_days: int = 35,
    tag_key: str = "Backup",
    tag_value: str = "daily",
) -> ManagementPolicy:
    """Whatever bears a tag is backed up every day, in every account.

    The vault has to exist in each account and Region, and AWS Backup's default role in each account.

    Args:
        regions: The Regions.
        vault_name: The vault. Default `Default`, which AWS Backup makes.
        delete_after_days: How long backups stay. Default 35.
        tag_key: The tag that selects.
        tag_value: Its value.

    Raises:
        ValueError: If there is no Region, or the days are none.
    """
    if isinstance(regions, str) or not regions:
        raise ValueError(f"regions: none, got {regions!r}; allowed: a list such as ['eu-west-1']")
    if delete_after_days < 1:
        raise ValueError(f"delete_after_days: too few, got {delete_after_days!r}; allowed: 1 or more")
    rule = {
        "schedule_expression": _assign("cron(0 3 ? * * *)"),
        "start_backup_window_minutes": _assign("60"),
        "target_backup_vault_name": _assign(vault_name),
        "lifecycle": {"delete_after_days": _assign(str(delete_after_days))},
    }
    selection = {
        "iam_role_arn": _assign(
            f"arn:{PARTITION_STAND_IN}:iam::$account:role/service-role/AWSBackupDefaultServiceRole"
        ),
        "tag_key": _assign(tag_key),
        "tag_value": _assign([tag_value]),
    }
    plan = {
        "regions": _assign(sorted(set(regions))),
        "rules": {"Daily": rule},
        "selections": {"tags": {"Tagged": selection}},
    }
    return ManagementPolicy(
        name="BackupPlan",
        policy_type=PolicyType.BACKUP,
        content={"plans": {"Daily": plan}},
        rationale="A backup that somebody has to think of is missing when it is needed.",
        reference=f"{_ORGANIZATIONS}/orgs_manage_policies_backup_syntax.html",
        blast_radius="Costs of the backups of whatever bears the tag.",
    )


ALL_MANAGEMENT_POLICIES: Final[tuple[ManagementPolicy, ...]] = (
    ec2_defaults(internet_gateway_block=InternetGatewayBlock.INGRESS),
    s3_public_access_blocked(),
    ai_services_opt_out(),
    required_tags({"CostCenter": None}),
    backup_plan(regions=["eu-west-1"]),
)
"""Every policy of this catalogue, with examples of what has no default."""
