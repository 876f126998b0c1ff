"""AWS CDK constructs whose defaults follow the Well-Architected Framework.

Each public name is loaded when it is first used (PEP 562), so that importing the package costs nothing and an app loads
only the AWS modules that its constructs need. The testing kit is `aws_architect_constructs.testing`.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .checks.fixed_cost import FixedCostCheck as FixedCostCheck
    from .checks.plugin import WellArchitectedChecks as WellArchitectedChecks
    from .compute.cold_start import ColdStart as ColdStart
    from .compute.powertools_function import PowertoolsFunction as PowertoolsFunction
    from .compute.powertools_layer import PowertoolsSource as PowertoolsSource
    from .data.bucket_guards import ServerSideEncryption as ServerSideEncryption
    from .data.bucket_options import IntelligentTieringArchive as IntelligentTieringArchive
    from .data.bucket_options import InventoryFrequency as InventoryFrequency
    from .data.data_perimeter import DataPerimeter as DataPerimeter
    from .data.lifecycle_bucket import LifecycleBucket as LifecycleBucket
    from .data.replication import Replication as Replication
    from .edge.behaviors import Behavior as Behavior
    from .edge.behaviors import Caching as Caching
    from .edge.content_security_policy import ContentSecurityPolicy as ContentSecurityPolicy
    from .edge.content_security_policy import CspDirective as CspDirective
    from .edge.content_security_policy import CspSource as CspSource
    from .edge.content_security_policy import csp_hash as csp_hash
    from .edge.edge_lambda import EdgeEvent as EdgeEvent
    from .edge.edge_lambda import EdgeLambda as EdgeLambda
    from .edge.firewall import Firewall as Firewall
    from .edge.firewall import ManagedRules as ManagedRules
    from .edge.firewall import RuleMode as RuleMode
    from .edge.firewall import WebAclScope as WebAclScope
    from .edge.functions import EdgeFunctions as EdgeFunctions
    from .edge.functions import preview_credential as preview_credential
    from .edge.origins import Origin as Origin
    from .edge.secure_distribution import SecureDistribution as SecureDistribution
    from .edge.security_headers import CrossOriginOpenerPolicy as CrossOriginOpenerPolicy
    from .edge.security_headers import CrossOriginResourcePolicy as CrossOriginResourcePolicy
    from .edge.security_headers import FrameOptions as FrameOptions
    from .edge.security_headers import PathHeaders as PathHeaders
    from .edge.security_headers import ReferrerPolicy as ReferrerPolicy
    from .edge.security_headers import SecurityHeaders as SecurityHeaders
    from .edge.security_headers import StrictTransportSecurity as StrictTransportSecurity
    from .edge.security_headers import XssProtection as XssProtection
    from .edge.site_plan import ClientCertificates as ClientCertificates
    from .edge.web_acl import WebAcl as WebAcl
    from .foundation.environment import EnvironmentType as EnvironmentType
    from .foundation.lifecycle import LifecycleRule as LifecycleRule
    from .foundation.lifecycle import StorageClass as StorageClass
    from .foundation.lifecycle_profiles import LifecycleProfile as LifecycleProfile
    from .foundation.log_bucket import LogBucket as LogBucket
    from .foundation.log_bucket_purpose import LogBucketPurpose as LogBucketPurpose
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
    from .identity.permission_set import AccountAssignment as AccountAssignment
    from .identity.permission_set import CustomerManagedPolicy as CustomerManagedPolicy
    from .identity.permission_set import PermissionSet as PermissionSet
    from .identity.permission_sets import PermissionSets as PermissionSets
    from .identity.platform_baseline import PlatformPart as PlatformPart
    from .identity.workload_boundary import WorkloadBoundary as WorkloadBoundary
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
    "AccountAssignment": "identity.permission_set",
    "AdditionalTier": "network.layout",
    "AdditionalTierType": "network.layout",
    "AddressPlan": "network.address_plan",
    "Behavior": "edge.behaviors",
    "Caching": "edge.behaviors",
    "CdkBootstrap": "identity.github_bootstrap",
    "CdkDeployment": "identity.github_deployment",
    "ClientCertificates": "edge.site_plan",
    "ColdStart": "compute.cold_start",
    "ConfidenceThreshold": "network.dns_firewall",
    "ContentSecurityPolicy": "edge.content_security_policy",
    "CrossAccountRole": "identity.cross_account_role",
    "CrossOriginOpenerPolicy": "edge.security_headers",
    "CrossOriginResourcePolicy": "edge.security_headers",
    "CspDirective": "edge.content_security_policy",
    "CspSource": "edge.content_security_policy",
    "CustomerManagedPolicy": "identity.permission_set",
    "DataClassification": "foundation.tags",
    "DataPerimeter": "data.data_perimeter",
    "DnsFirewall": "network.dns_firewall",
    "DnsFirewallAction": "network.dns_firewall",
    "EdgeEvent": "edge.edge_lambda",
    "EdgeFunctions": "edge.functions",
    "EdgeLambda": "edge.edge_lambda",
    "EndpointProfile": "network.endpoint_profiles",
    "EnvironmentType": "foundation.environment",
    "Firewall": "edge.firewall",
    "FixedCostCheck": "checks.fixed_cost",
    "FlowLogTraffic": "network.flow_logs",
    "FlowLogs": "network.flow_logs",
    "FrameOptions": "edge.security_headers",
    "GitHubActionsRole": "identity.github_actions_role",
    "GitHubOidcProvider": "identity.github_oidc_provider",
    "GitHubRepository": "identity.github_subjects",
    "InstanceRole": "identity.instance_role",
    "IntelligentTieringArchive": "data.bucket_options",
    "InventoryFrequency": "data.bucket_options",
    "IpamAllocation": "network.layout",
    "KeyService": "foundation.workload_key",
    "LifecycleBucket": "data.lifecycle_bucket",
    "LifecycleProfile": "foundation.lifecycle_profiles",
    "LifecycleRule": "foundation.lifecycle",
    "LogBucket": "foundation.log_bucket",
    "LogBucketPurpose": "foundation.log_bucket_purpose",
    "LogSource": "foundation.log_sources",
    "ManagedRules": "edge.firewall",
    "NatStrategy": "network.nat",
    "ObjectLock": "foundation.object_lock",
    "Origin": "edge.origins",
    "PathHeaders": "edge.security_headers",
    "PermissionSet": "identity.permission_set",
    "PermissionSets": "identity.permission_sets",
    "PlatformPart": "identity.platform_baseline",
    "ReferrerPolicy": "edge.security_headers",
    "Replication": "data.replication",
    "RequiredTags": "foundation.tags",
    "RuleMode": "edge.firewall",
    "SecureDistribution": "edge.secure_distribution",
    "SecurityHeaders": "edge.security_headers",
    "ServerSideEncryption": "data.bucket_guards",
    "StorageClass": "foundation.lifecycle",
    "StrictTransportSecurity": "edge.security_headers",
    "PowertoolsFunction": "compute.powertools_function",
    "PowertoolsSource": "compute.powertools_layer",
    "SubnetTier": "network.subnet_tier",
    "ThreeTierVpc": "network.three_tier_vpc",
    "Tier": "foundation.tiers",
    "TransitGatewayAttachment": "network.attachments",
    "VpcPeering": "network.attachments",
    "WebAcl": "edge.web_acl",
    "WebAclScope": "edge.firewall",
    "WellArchitectedChecks": "checks.plugin",
    "WorkloadBoundary": "identity.workload_boundary",
    "WorkloadKey": "foundation.workload_key",
    "XssProtection": "edge.security_headers",
    "csp_hash": "edge.content_security_policy",
    "preview_credential": "edge.functions",
    "tier_subnets": "foundation.tiers",
}

__all__ = [
    "AccountAssignment",
    "AdditionalTier",
    "AdditionalTierType",
    "AddressPlan",
    "Behavior",
    "Caching",
    "CdkBootstrap",
    "CdkDeployment",
    "ClientCertificates",
    "ColdStart",
    "ConfidenceThreshold",
    "ContentSecurityPolicy",
    "CrossAccountRole",
    "CrossOriginOpenerPolicy",
    "CrossOriginResourcePolicy",
    "CspDirective",
    "CspSource",
    "CustomerManagedPolicy",
    "DataClassification",
    "DataPerimeter",
    "DnsFirewall",
    "DnsFirewallAction",
    "EdgeEvent",
    "EdgeFunctions",
    "EdgeLambda",
    "EndpointProfile",
    "EnvironmentType",
    "Firewall",
    "FixedCostCheck",
    "FlowLogTraffic",
    "FlowLogs",
    "FrameOptions",
    "GitHubActionsRole",
    "GitHubOidcProvider",
    "GitHubRepository",
    "InstanceRole",
    "IntelligentTieringArchive",
    "InventoryFrequency",
    "IpamAllocation",
    "KeyService",
    "LifecycleBucket",
    "LifecycleProfile",
    "LifecycleRule",
    "LogBucket",
    "LogBucketPurpose",
    "LogSource",
    "ManagedRules",
    "NatStrategy",
    "ObjectLock",
    "Origin",
    "PathHeaders",
    "PermissionSet",
    "PermissionSets",
    "PlatformPart",
    "PowertoolsFunction",
    "PowertoolsSource",
    "ReferrerPolicy",
    "Replication",
    "RequiredTags",
    "RuleMode",
    "SecureDistribution",
    "SecurityHeaders",
    "ServerSideEncryption",
    "StorageClass",
    "StrictTransportSecurity",
    "SubnetTier",
    "ThreeTierVpc",
    "Tier",
    "TransitGatewayAttachment",
    "VpcPeering",
    "WebAcl",
    "WebAclScope",
    "WellArchitectedChecks",
    "WorkloadBoundary",
    "WorkloadKey",
    "XssProtection",
    "csp_hash",
    "preview_credential",
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
