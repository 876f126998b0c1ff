"""Which guardrails hang where, unless somebody says otherwise.

Pure Python: nothing here knows CDK.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from aws_architect_constructs.foundation.global_services import GLOBAL_SERVICE_ACTIONS

from . import management_policies, resource_controls, service_controls
from .guardrails import Exemptions, Guardrail, ManagementPolicy
from .tree import ROOT, OrganizationTree

GuardrailMap = Mapping[str, Sequence[Guardrail | ManagementPolicy]]
"""Guardrails by the name of the node that they are attached to."""

_US_EAST_1_FOR_GLOBAL: Final = ("acm:*", "wafv2:*")
"""What CloudFront makes use of in us-east-1."""

_ONE_ENDPOINT: Final = (
    "artifact:*",
    "chatbot:*",
    "cloudtrail:LookupEvents",
    "ec2:DescribeRegions",
    "ecr-public:*",
    "notifications-contacts:*",
    "notifications:*",
    "savingsplans:*",
    "supportplans:*",
    "sustainability:*",
)
"""What else is asked in one Region for all: events of IAM, the list of Regions, public images, commitments.

After https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html, without what
keeps data.
"""


def default_guardrails(
    tree: OrganizationTree,
    *,
    organization_id: str,
    exemptions: Exemptions,
    allowed_regions: Sequence[str] | None = None,
    github_owners: Sequence[str] | None = None,
    third_party_accounts: Sequence[str] = (),
    protected_roles: Sequence[str] = ("BaselineAudit",),
) -> dict[str, tuple[Guardrail | ManagementPolicy, ...]]:
    """The guardrails of every node: take them, add to them, leave some out, and give the result to the baseline.

    At the root what holds for every account. GuardDuty and Security Hub are protected everywhere but in Security, where
    their administrator works. Security keeps logs, so it has no way to the internet; SDLC and Sandbox have no expensive
    instances; Suspended can do nothing.

    Args:
        tree: The tree.
        organization_id: The organization's id, for the data perimeter.
        exemptions: Who is exempt.
        allowed_regions: The Regions that may be used, us-east-1 among them where stacks for CloudFront are. Default
            None: all.
        github_owners: The GitHub organizations whose workflows get roles. Default None: whoever a role trusts.
        third_party_accounts: Accounts outside the organization that our CrossAccountRoles trust.
        protected_roles: Further roles that the exempt alone may change. Default: the audit role of `AccountBaseline`.
    """
    at_root: list[Guardrail | ManagementPolicy] = [
        service_controls.cloudtrail_protected(),
        service_controls.config_protected(),
        service_controls.access_analyzer_protected(),
        service_controls.leaving_denied(),
        service_controls.root_user_denied(),
        service_controls.iam_users_denied(),
        service_controls.public_s3_denied(),
        service_controls.encryption_required(),
        service_controls.imdsv2_required(),
        service_controls.default_vpc_denied(),
        service_controls.protected_roles(exemptions, further=protected_roles),
        service_controls.protected_stacks(),
    ]
    if exemptions.tag_key is not None:
        at_root.append(service_controls.exemption_tag_protected(exemptions.tag_key))
    if allowed_regions is not None:
        excepted = (*GLOBAL_SERVICE_ACTIONS, *_US_EAST_1_FOR_GLOBAL, *_ONE_ENDPOINT)
        at_root.append(service_controls.regions_allowed(allowed_regions, except_actions=excepted))
    at_root += [
        resource_controls.organization_only(organization_id),
        resource_controls.organization_roles_only(organization_id, third_party_accounts=third_party_accounts),
        resource_controls.confused_deputy_protected(organization_id),
        resource_controls.tls_only(),
        resource_controls.saml_issuers_only(),
    ]
    if github_owners is not None:
        at_root.append(resource_controls.github_owners_only(github_owners))
    if exemptions.tag_key is not None:
        at_root.append(resource_controls.exemption_session_tag_denied(exemptions.tag_key))
    at_root += [
        management_policies.ec2_defaults(),
        management_policies.s3_public_access_blocked(),
        management_policies.ai_services_opt_out(),
    ]
    found: dict[str, list[Guardrail | ManagementPolicy]] = {ROOT: at_root}
    for unit in tree.units:
        if unit.parent == ROOT and unit.name not in ("Security", "Suspended"):
            found[unit.name] = [service_controls.guardduty_protected(), service_controls.security_hub_protected()]
    names: Collection[str] = {unit.name for unit in tree.units}
    for name, guardrail in (
        ("Security", service_controls.internet_gateways_denied()),
        ("SDLC", service_controls.expensive_instances_denied()),
        ("Sandbox", service_controls.expensive_instances_denied()),
        ("Suspended", service_controls.everything_denied()),
    ):
        if name in names:
            found.setdefault(name, []).append(guardrail)
    return {node: tuple(guardrails) for node, guardrails in found.items()}
