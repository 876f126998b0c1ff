"""AWS CDK constructs whose defaults follow the Well-Architected Framework.

Each public name is loaded when it is first used (PEP 562), so that importing the package costs nothing and an app loads
only the AWS modules that its constructs need. The testing kit is `aws_architect_constructs.testing`.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .checks.fixed_cost import FixedCostCheck as FixedCostCheck
    from .checks.plugin import WellArchitectedChecks as WellArchitectedChecks
    from .foundation.environment import EnvironmentType as EnvironmentType
    from .foundation.log_bucket import LogBucket as LogBucket
    from .foundation.log_bucket import LogBucketPurpose as LogBucketPurpose
    from .foundation.log_sources import LogSource as LogSource
    from .foundation.object_lock import ObjectLock as ObjectLock
    from .foundation.tags import DataClassification as DataClassification
    from .foundation.tags import RequiredTags as RequiredTags
    from .foundation.tiers import Tier as Tier
    from .foundation.tiers import tier_subnets as tier_subnets
    from .foundation.workload_key import KeyService as KeyService
    from .foundation.workload_key import WorkloadKey as WorkloadKey
    from .identity.cross_account_role import CrossAccountRole as CrossAccountRole
    from .identity.github_actions_role import GitHubActionsRole as GitHubActionsRole
    from .identity.github_bootstrap import CdkBootstrap as CdkBootstrap
    from .identity.github_deployment import CdkDeployment as CdkDeployment
    from .identity.github_oidc_provider import GitHubOidcProvider as GitHubOidcProvider
    from .identity.github_subjects import GitHubRepository as GitHubRepository
    from .identity.instance_role import InstanceRole as InstanceRole
    from .network.address_plan import AddressPlan as AddressPlan
    from .network.attachments import TransitGatewayAttachment as TransitGatewayAttachment
    from .network.attachments import VpcPeering as VpcPeering
    from .network.dns_firewall import ConfidenceThreshold as ConfidenceThreshold
    from .network.dns_firewall import DnsFirewall as DnsFirewall
    from .network.dns_firewall import DnsFirewallAction as DnsFirewallAction
    from .network.endpoint_profiles import EndpointProfile as EndpointProfile
    from .network.flow_logs import FlowLogs as FlowLogs
    from .network.flow_logs import FlowLogTraffic as FlowLogTraffic
    from .network.layout import AdditionalTier as AdditionalTier
    from .network.layout import AdditionalTierType as AdditionalTierType
    from .network.layout import IpamAllocation as IpamAllocation
    from .network.nat import NatStrategy as NatStrategy
    from .network.subnet_tier import SubnetTier as SubnetTier
    from .network.three_tier_vpc import ThreeTierVpc as ThreeTierVpc

_HOMES: Final = {
    "AdditionalTier": "network.layout",
    "AdditionalTierType": "network.layout",
    "AddressPlan": "network.address_plan",
    "CdkBootstrap": "identity.github_bootstrap",
    "CdkDeployment": "identity.github_deployment",
    "ConfidenceThreshold": "network.dns_firewall",
    "CrossAccountRole": "identity.cross_account_role",
    "DataClassification": "foundation.tags",
    "DnsFirewall": "network.dns_firewall",
    "DnsFirewallAction": "network.dns_firewall",
    "EndpointProfile": "network.endpoint_profiles",
    "EnvironmentType": "foundation.environment",
    "FixedCostCheck": "checks.fixed_cost",
    "FlowLogTraffic": "network.flow_logs",
    "FlowLogs": "network.flow_logs",
    "GitHubActionsRole": "identity.github_actions_role",
    "GitHubOidcProvider": "identity.github_oidc_provider",
    "GitHubRepository": "identity.github_subjects",
    "InstanceRole": "identity.instance_role",
    "IpamAllocation": "network.layout",
    "KeyService": "foundation.workload_key",
    "LogBucket": "foundation.log_bucket",
    "LogBucketPurpose": "foundation.log_bucket",
    "LogSource": "foundation.log_sources",
    "NatStrategy": "network.nat",
    "ObjectLock": "foundation.object_lock",
    "RequiredTags": "foundation.tags",
    "SubnetTier": "network.subnet_tier",
    "ThreeTierVpc": "network.three_tier_vpc",
    "Tier": "foundation.tiers",
    "TransitGatewayAttachment": "network.attachments",
    "VpcPeering": "network.attachments",
    "WellArchitectedChecks": "checks.plugin",
    "WorkloadKey": "foundation.workload_key",
    "tier_subnets": "foundation.tiers",
}

__all__ = [
    "AdditionalTier",
    "AdditionalTierType",
    "AddressPlan",
    "CdkBootstrap",
    "CdkDeployment",
    "ConfidenceThreshold",
    "CrossAccountRole",
    "DataClassification",
    "DnsFirewall",
    "DnsFirewallAction",
    "EndpointProfile",
    "EnvironmentType",
    "FixedCostCheck",
    "FlowLogTraffic",
    "FlowLogs",
    "GitHubActionsRole",
    "GitHubOidcProvider",
    "GitHubRepository",
    "InstanceRole",
    "IpamAllocation",
    "KeyService",
    "LogBucket",
    "LogBucketPurpose",
    "LogSource",
    "NatStrategy",
    "ObjectLock",
    "RequiredTags",
    "SubnetTier",
    "ThreeTierVpc",
    "Tier",
    "TransitGatewayAttachment",
    "VpcPeering",
    "WellArchitectedChecks",
    "WorkloadKey",
    "tier_subnets",
]

if not TYPE_CHECKING:  # or any misspelt name would pass type checking

    def __getattr__(name: str) -> object:
        """Load a public name from the module that it lives in."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 -- paid for by the first name, not by the import

        value = getattr(import_module(f".{home}", __name__), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted({*globals(), *__all__})
