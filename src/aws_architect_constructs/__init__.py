"""AWS CDK constructs whose defaults follow the Well-Architected Framework.

Each public name is loaded when it is first used (PEP 562), so that importing the package costs nothing and an app loads
only the AWS modules that its constructs need. The testing kit is `aws_architect_constructs.testing`.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .checks.fixed_cost import FixedCostCheck as FixedCostCheck
    from .checks.plugin import WellArchitectedChecks as WellArchitectedChecks
    from .compute.cold_start import ColdStart as ColdStart
    from .compute.deployment import DeploymentHook as DeploymentHook
    from .compute.deployment import TrafficShift as TrafficShift
    from .compute.deployment_plan import DeploymentMode as DeploymentMode
    from .compute.deployment_plan import LiveTargetGroup as LiveTargetGroup
    from .compute.egress import Egress as Egress
    from .compute.fargate_capacity import FargateCapacity as FargateCapacity
    from .compute.fargate_service import FargateService as FargateService
    from .compute.ingress import Ingress as Ingress
    from .compute.powertools_function import PowertoolsFunction as PowertoolsFunction
    from .compute.powertools_layer import PowertoolsSource as PowertoolsSource
    from .compute.service_cluster import ServiceConnect as ServiceConnect
    from .compute.service_cluster import ServiceConnectProtocol as ServiceConnectProtocol
    from .compute.sidecars import LogRouting as LogRouting
    from .compute.sidecars import TraceCollector as TraceCollector
    from .compute.storage import EfsMount as EfsMount
    from .compute.storage import WritablePath as WritablePath
    from .compute.task_scaling import QueueScaling as QueueScaling
    from .compute.task_scaling import ScheduledCapacity as ScheduledCapacity
    from .compute.task_scaling import TaskScaling as TaskScaling
    from .data.aurora_cluster import AuroraCluster as AuroraCluster
    from .data.aurora_global import AuroraGlobal as AuroraGlobal
    from .data.aurora_global import SecondaryRegion as SecondaryRegion
    from .data.aurora_instances import AuroraInstance as AuroraInstance
    from .data.aurora_instances import ReaderScaling as ReaderScaling
    from .data.aurora_instances import ServerlessCapacity as ServerlessCapacity
    from .data.bucket_guards import ServerSideEncryption as ServerSideEncryption
    from .data.bucket_options import IntelligentTieringArchive as IntelligentTieringArchive
    from .data.bucket_options import InventoryFrequency as InventoryFrequency
    from .data.data_perimeter import DataPerimeter as DataPerimeter
    from .data.database_arguments import MasterPassword as MasterPassword
    from .data.database_backups import BackupPlan as BackupPlan
    from .data.database_proxy import DatabaseProxy as DatabaseProxy
    from .data.lifecycle_bucket import LifecycleBucket as LifecycleBucket
    from .data.multi_az_database import MultiAzDatabase as MultiAzDatabase
    from .data.multi_az_settings import MultiAzDeployment as MultiAzDeployment
    from .data.replication import Replication as Replication
    from .data.restore import RestoreSource as RestoreSource
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
    from .organization.account_baseline import AccountBaseline as AccountBaseline
    from .organization.account_resources import ConfigRecording as ConfigRecording
    from .organization.audit_account import AuditAccount as AuditAccount
    from .organization.baseline import OrganizationBaseline as OrganizationBaseline
    from .organization.budgets import BudgetAction as BudgetAction
    from .organization.budgets import CommitmentTargets as CommitmentTargets
    from .organization.budgets import CostBudget as CostBudget
    from .organization.cost_controls import CostControls as CostControls
    from .organization.default_guardrails import default_guardrails as default_guardrails
    from .organization.guardrails import Exemptions as Exemptions
    from .organization.guardrails import Guardrail as Guardrail
    from .organization.guardrails import ManagementPolicy as ManagementPolicy
    from .organization.policy_packing import PolicyQuota as PolicyQuota
    from .organization.policy_packing import PolicyType as PolicyType
    from .organization.trail import DataEvents as DataEvents
    from .organization.trail import LogArchive as LogArchive
    from .organization.trail import OrganizationTrail as OrganizationTrail
    from .organization.tree import OrganizationAccount as OrganizationAccount
    from .organization.tree import OrganizationalUnit as OrganizationalUnit
    from .organization.tree import OrganizationTree as OrganizationTree
    from .organization.tree import RollOut as RollOut
    from .organization.tree import standard_units as standard_units

_HOMES: Final = {
    "AccountAssignment": "identity.permission_set",
    "AccountBaseline": "organization.account_baseline",
    "AdditionalTier": "network.layout",
    "AdditionalTierType": "network.layout",
    "AddressPlan": "network.address_plan",
    "AuditAccount": "organization.audit_account",
    "AuroraCluster": "data.aurora_cluster",
    "AuroraGlobal": "data.aurora_global",
    "AuroraInstance": "data.aurora_instances",
    "BackupPlan": "data.database_backups",
    "Behavior": "edge.behaviors",
    "BudgetAction": "organization.budgets",
    "Caching": "edge.behaviors",
    "CdkBootstrap": "identity.github_bootstrap",
    "CdkDeployment": "identity.github_deployment",
    "ClientCertificates": "edge.site_plan",
    "ColdStart": "compute.cold_start",
    "CommitmentTargets": "organization.budgets",
    "ConfidenceThreshold": "network.dns_firewall",
    "ConfigRecording": "organization.account_resources",
    "ContentSecurityPolicy": "edge.content_security_policy",
    "CostBudget": "organization.budgets",
    "CostControls": "organization.cost_controls",
    "CrossAccountRole": "identity.cross_account_role",
    "CrossOriginOpenerPolicy": "edge.security_headers",
    "CrossOriginResourcePolicy": "edge.security_headers",
    "CspDirective": "edge.content_security_policy",
    "CspSource": "edge.content_security_policy",
    "CustomerManagedPolicy": "identity.permission_set",
    "DataClassification": "foundation.tags",
    "DataEvents": "organization.trail",
    "DataPerimeter": "data.data_perimeter",
    "DatabaseProxy": "data.database_proxy",
    "DeploymentHook": "compute.deployment",
    "DeploymentMode": "compute.deployment_plan",
    "DnsFirewall": "network.dns_firewall",
    "DnsFirewallAction": "network.dns_firewall",
    "EdgeEvent": "edge.edge_lambda",
    "EdgeFunctions": "edge.functions",
    "EdgeLambda": "edge.edge_lambda",
    "EfsMount": "compute.storage",
    "Egress": "compute.egress",
    "EndpointProfile": "network.endpoint_profiles",
    "EnvironmentType": "foundation.environment",
    "Exemptions": "organization.guardrails",
    "FargateCapacity": "compute.fargate_capacity",
    "FargateService": "compute.fargate_service",
    "Firewall": "edge.firewall",
    "FixedCostCheck": "checks.fixed_cost",
    "FlowLogTraffic": "network.flow_logs",
    "FlowLogs": "network.flow_logs",
    "FrameOptions": "edge.security_headers",
    "GitHubActionsRole": "identity.github_actions_role",
    "GitHubOidcProvider": "identity.github_oidc_provider",
    "GitHubRepository": "identity.github_subjects",
    "Guardrail": "organization.guardrails",
    "Ingress": "compute.ingress",
    "InstanceRole": "identity.instance_role",
    "IntelligentTieringArchive": "data.bucket_options",
    "InventoryFrequency": "data.bucket_options",
    "IpamAllocation": "network.layout",
    "KeyService": "foundation.workload_key",
    "LifecycleBucket": "data.lifecycle_bucket",
    "LifecycleProfile": "foundation.lifecycle_profiles",
    "LifecycleRule": "foundation.lifecycle",
    "LiveTargetGroup": "compute.deployment_plan",
    "LogArchive": "organization.trail",
    "LogBucket": "foundation.log_bucket",
    "LogBucketPurpose": "foundation.log_bucket_purpose",
    "LogRouting": "compute.sidecars",
    "LogSource": "foundation.log_sources",
    "ManagedRules": "edge.firewall",
    "ManagementPolicy": "organization.guardrails",
    "MasterPassword": "data.database_arguments",
    "MultiAzDatabase": "data.multi_az_database",
    "MultiAzDeployment": "data.multi_az_settings",
    "NatStrategy": "network.nat",
    "ObjectLock": "foundation.object_lock",
    "OrganizationAccount": "organization.tree",
    "OrganizationBaseline": "organization.baseline",
    "OrganizationTrail": "organization.trail",
    "OrganizationTree": "organization.tree",
    "OrganizationalUnit": "organization.tree",
    "Origin": "edge.origins",
    "PathHeaders": "edge.security_headers",
    "PermissionSet": "identity.permission_set",
    "PermissionSets": "identity.permission_sets",
    "PlatformPart": "identity.platform_baseline",
    "PolicyQuota": "organization.policy_packing",
    "PolicyType": "organization.policy_packing",
    "PowertoolsFunction": "compute.powertools_function",
    "PowertoolsSource": "compute.powertools_layer",
    "QueueScaling": "compute.task_scaling",
    "ReaderScaling": "data.aurora_instances",
    "ReferrerPolicy": "edge.security_headers",
    "Replication": "data.replication",
    "RequiredTags": "foundation.tags",
    "RestoreSource": "data.restore",
    "RollOut": "organization.tree",
    "RuleMode": "edge.firewall",
    "ScheduledCapacity": "compute.task_scaling",
    "SecondaryRegion": "data.aurora_global",
    "SecureDistribution": "edge.secure_distribution",
    "SecurityHeaders": "edge.security_headers",
    "ServerSideEncryption": "data.bucket_guards",
    "ServerlessCapacity": "data.aurora_instances",
    "ServiceConnect": "compute.service_cluster",
    "ServiceConnectProtocol": "compute.service_cluster",
    "StorageClass": "foundation.lifecycle",
    "StrictTransportSecurity": "edge.security_headers",
    "SubnetTier": "network.subnet_tier",
    "TaskScaling": "compute.task_scaling",
    "ThreeTierVpc": "network.three_tier_vpc",
    "Tier": "foundation.tiers",
    "TraceCollector": "compute.sidecars",
    "TrafficShift": "compute.deployment",
    "TransitGatewayAttachment": "network.attachments",
    "VpcPeering": "network.attachments",
    "WebAcl": "edge.web_acl",
    "WebAclScope": "edge.firewall",
    "WellArchitectedChecks": "checks.plugin",
    "WorkloadBoundary": "identity.workload_boundary",
    "WorkloadKey": "foundation.workload_key",
    "WritablePath": "compute.storage",
    "XssProtection": "edge.security_headers",
    "csp_hash": "edge.content_security_policy",
    "default_guardrails": "organization.default_guardrails",
    "preview_credential": "edge.functions",
    "standard_units": "organization.tree",
    "tier_subnets": "foundation.tiers",
}

__all__ = [
    "AccountAssignment",
    "AccountBaseline",
    "AdditionalTier",
    "AdditionalTierType",
    "AddressPlan",
    "AuditAccount",
    "AuroraCluster",
    "AuroraGlobal",
    "AuroraInstance",
    "BackupPlan",
    "Behavior",
    "BudgetAction",
    "Caching",
    "CdkBootstrap",
    "CdkDeployment",
    "ClientCertificates",
    "ColdStart",
    "CommitmentTargets",
    "ConfidenceThreshold",
    "ConfigRecording",
    "ContentSecurityPolicy",
    "CostBudget",
    "CostControls",
    "CrossAccountRole",
    "CrossOriginOpenerPolicy",
    "CrossOriginResourcePolicy",
    "CspDirective",
    "CspSource",
    "CustomerManagedPolicy",
    "DataClassification",
    "DataEvents",
    "DataPerimeter",
    "DatabaseProxy",
    "DeploymentHook",
    "DeploymentMode",
    "DnsFirewall",
    "DnsFirewallAction",
    "EdgeEvent",
    "EdgeFunctions",
    "EdgeLambda",
    "EfsMount",
    "Egress",
    "EndpointProfile",
    "EnvironmentType",
    "Exemptions",
    "FargateCapacity",
    "FargateService",
    "Firewall",
    "FixedCostCheck",
    "FlowLogTraffic",
    "FlowLogs",
    "FrameOptions",
    "GitHubActionsRole",
    "GitHubOidcProvider",
    "GitHubRepository",
    "Guardrail",
    "Ingress",
    "InstanceRole",
    "IntelligentTieringArchive",
    "InventoryFrequency",
    "IpamAllocation",
    "KeyService",
    "LifecycleBucket",
    "LifecycleProfile",
    "LifecycleRule",
    "LiveTargetGroup",
    "LogArchive",
    "LogBucket",
    "LogBucketPurpose",
    "LogRouting",
    "LogSource",
    "ManagedRules",
    "ManagementPolicy",
    "MasterPassword",
    "MultiAzDatabase",
    "MultiAzDeployment",
    "NatStrategy",
    "ObjectLock",
    "OrganizationAccount",
    "OrganizationBaseline",
    "OrganizationTrail",
    "OrganizationTree",
    "OrganizationalUnit",
    "Origin",
    "PathHeaders",
    "PermissionSet",
    "PermissionSets",
    "PlatformPart",
    "PolicyQuota",
    "PolicyType",
    "PowertoolsFunction",
    "PowertoolsSource",
    "QueueScaling",
    "ReaderScaling",
    "ReferrerPolicy",
    "Replication",
    "RequiredTags",
    "RestoreSource",
    "RollOut",
    "RuleMode",
    "ScheduledCapacity",
    "SecondaryRegion",
    "SecureDistribution",
    "SecurityHeaders",
    "ServerSideEncryption",
    "ServerlessCapacity",
    "ServiceConnect",
    "ServiceConnectProtocol",
    "StorageClass",
    "StrictTransportSecurity",
    "SubnetTier",
    "TaskScaling",
    "ThreeTierVpc",
    "Tier",
    "TraceCollector",
    "TrafficShift",
    "TransitGatewayAttachment",
    "VpcPeering",
    "WebAcl",
    "WebAclScope",
    "WellArchitectedChecks",
    "WorkloadBoundary",
    "WorkloadKey",
    "WritablePath",
    "XssProtection",
    "csp_hash",
    "default_guardrails",
    "preview_credential",
    "standard_units",
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
