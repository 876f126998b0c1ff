"""A VPC with public, private and isolated tiers."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnTag, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws_architect_constructs._validations import is_concrete, warn
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.retention import log_retention_for
from aws_architect_constructs.foundation.tiers import Tier

from .acl_plan import BlockTexts, tier_rules
from .address_plan import AddressPlan, Slot
from .address_rules import NamedBlock
from .attachments import NetworkAttachment, VpcAttachment
from .default_security_group import EmptyDefaultSecurityGroup, acknowledge_default_security_group
from .dns_firewall import DnsFirewall, VpcDnsFirewall
from .endpoint_profiles import EndpointProfile, endpoint_services
from .flow_logs import FlowLogs, VpcFlowLogs
from .imported_vpc import import_vpc
from .internet import InternetGateways
from .layout import AdditionalTier, IpamAllocation, TierLayout
from .nat import NatStrategy
from .network_acls import DEFAULT_RULE_QUOTA
from .overlaps import connected_blocks, note_blocks
from .plan import plan_network
from .subnet_tier import SubnetTier
from .vpc_endpoints import VpcEndpoints

_IPV6_PREFIX: Final = 56


class ThreeTierVpc(Construct):
    """TODO"""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cidr: str | IpamAllocation | None = None,
        network_index: int = 0,
        address_plan: AddressPlan = AddressPlan.STANDARD,
        availability_zones: Sequence[str] | None = None,
        additional_tiers: Sequence[AdditionalTier] = (),
        secondary_cidrs: Sequence[str] = (),
        dual_stack: bool = False,
        connected_to: "Sequence[str | ThreeTierVpc]" = (),
        attachments: Sequence[NetworkAttachment] = (),
        nat: NatStrategy | None = None,
        elastic_ip_allocation_ids: Sequence[str] = (),
        endpoints: EndpointProfile = EndpointProfile.NONE,
        additional_endpoints: Sequence[str] = (),
        endpoint_availability_zones: int | None = None,
        organization_id: str | None = None,
        public_ports: Sequence[int] = (80, 443),
        trusted_cidrs: Sequence[str] = (),
        blocked_cidrs: Sequence[str] = (),
        network_acl_rule_quota: int = DEFAULT_RULE_QUOTA,
        flow_logs: FlowLogs | None = None,
        dns_firewall: DnsFirewall | None = None,
        encryption_control: bool = False,
        restrict_default_security_group: bool = False,
        encryption_key: kms.IKey | None = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        path = f"{scope.node.path}/{id}".lstrip("/")
        region = Stack.of(scope).region
        declared = environment_type or EnvironmentType.declared_for(scope)
        environment = declared or EnvironmentType.PROD
        flow_logs = flow_logs or FlowLogs.to_cloud_watch()
        try:
            plan = plan_network(
                path,
                environment_type=environment,
                environment_declared=declared is not None,
                region=region if is_concrete(region) else None,
                cidr=cidr,
                network_index=network_index,
                address_plan=address_plan,
                availability_zones=availability_zones,
                additional_tiers=additional_tiers,
                secondary_cidrs=secondary_cidrs,
                dual_stack=dual_stack,
                connected=connected_blocks(connected_to),
                attachments=attachments,
                nat=nat,
                elastic_ip_allocation_ids=elastic_ip_allocation_ids,
                endpoints=endpoints,
                additional_endpoints=additional_endpoints,
                endpoint_availability_zones=endpoint_availability_zones,
                organization_id=organization_id,
                public_ports=public_ports,
                trusted_cidrs=trusted_cidrs,
                blocked_cidrs=blocked_cidrs,
                network_acl_rule_quota=network_acl_rule_quota,
                flow_logs=flow_logs.enabled,
            )
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        super().__init__(scope, id)
        self._plan = plan
        self.nat_strategy: Final = plan.nat
        self.cfn_vpc: Final = self._make_vpc()
        self._dependencies: Final = self._associate_blocks(dual_stack=dual_stack)
        zone_names = [zone.name or Fn.select(zone.slot, Fn.get_azs()) for zone in plan.layout.zones]
        self.availability_zones: Final = tuple(zone_names)
        self.tiers: Final = self._make_tiers(zone_names, dual_stack=dual_stack)
        self.internet: Final = InternetGateways(
            self,
            "Internet",
            vpc_id=self.cfn_vpc.ref,
            zones=plan.layout.zones,
            zone_names=zone_names,
            public_subnets=self.public.subnets,
            private_tiers=[tier.subnets for tier in self._private_tiers()],
            nat=plan.nat,
            elastic_ip_allocation_ids=elastic_ip_allocation_ids,
            dual_stack=dual_stack,
        )
        self.vpc: Final = import_vpc(
            self,
            "Vpc",
            vpc_id=self.cfn_vpc.ref,
            cidr=self._vpc_cidr(),
            zone_names=zone_names,
            tiers=list(self.tiers.values()),
            internet=self.internet.attachment,
        )
        self.endpoints: Final = VpcEndpoints(
            self,
            "Endpoints",
            vpc=self.vpc,
            subnets=self.private.subnets[: plan.endpoint_zones],
            client_blocks=[block for tier in self._private_tiers() for block in tier.blocks],
            organization_id=organization_id,
        )
        for service in plan.services:
            self.endpoints.add(service)
        retention = log_retention_for(log_retention, environment.defaults)
        removal = removal_policy or environment.defaults.removal_policy
        self.flow_logs: Final = self._make_flow_logs(
            flow_logs,
            encryption_key=encryption_key,
            log_retention=retention,
            removal_policy=removal,
        )
        self.attachments: Final = self._attach(attachments)
        self.dns_firewall: Final = (
            None
            if dns_firewall is None
            else VpcDnsFirewall(self, "DnsFirewall", vpc_id=self.cfn_vpc.ref, dns_firewall=dns_firewall)
        )
        self.encryption_control: Final = (
            ec2.CfnVPCEncryptionControl(self, "EncryptionControl", vpc_id=self.cfn_vpc.ref, mode="monitor")
            if encryption_control
            else None
        )
        acknowledge_default_security_group(self.cfn_vpc, emptied=restrict_default_security_group)
        self.default_security_group: Final = (
            EmptyDefaultSecurityGroup(
                self,
                "DefaultSecurityGroup",
                group_id=self.cfn_vpc.attr_default_security_group,
                dual_stack=dual_stack,
                encryption_key=encryption_key,
                log_retention=retention,
                removal_policy=removal,
            )
            if restrict_default_security_group
            else None
        )
        for advice in (*plan.advice, *note_blocks(self.node.root, self.address_blocks, environment)):
            warn(self, advice.name, advice.message)
        protect_state(self, environment_type)

    @property
    def public(self) -> SubnetTier:
        """The public tier."""
        return self.tiers[Tier.PUBLIC.value]

    @property
    def private(self) -> SubnetTier:
        """The private tier."""
        return self.tiers[Tier.PRIVATE.value]

    @property
    def isolated(self) -> SubnetTier:
        """The isolated tier."""
        return self.tiers[Tier.ISOLATED.value]

    @property
    def address_blocks(self) -> list[NamedBlock]:
        """The VPC's literal blocks, for another's `connected_to`; a block that IPAM allocates is not known here."""
        return [NamedBlock(name=self.node.path, block=block) for block in self._plan.layout.literal_blocks]

    def add_interface_endpoint(self, service: str) -> ec2.InterfaceVpcEndpoint:
        """Add an interface endpoint behind the shared security group, or return the one that is there.

        Args:
            service: What follows `com.amazonaws.<region>.` in its name, such as `kms` or `ecr.api`.

        Raises:
            ValueError: If the name is malformed, or the service has a gateway endpoint already.
        """
        try:
            endpoint_services(EndpointProfile.NONE, [service])
        except ValueError as error:
            raise ValueError(f"{self.node.path}: {error}") from None
        return self.endpoints.add(service)

    def _make_vpc(self) -> ec2.CfnVPC:
        ipam = self._plan.layout.ipam
        return ec2.CfnVPC(
            self,
            "Resource",
            cidr_block=None if self._plan.layout.block is None else str(self._plan.layout.block),
            ipv4_ipam_pool_id=None if ipam is None else ipam.pool_id,
            ipv4_netmask_length=None if ipam is None else ipam.netmask_length,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            instance_tenancy="default",
            tags=[CfnTag(key="Name", value=self.node.path)],
        )

    def _associate_blocks(self, *, dual_stack: bool) -> list[ec2.CfnVPCCidrBlock]:
        """Associate the further blocks, one after the other as AWS's rules about them depend on their order."""
        blocks: list[ec2.CfnVPCCidrBlock] = []
        for block in self._plan.layout.secondary:
            association = ec2.CfnVPCCidrBlock(
                self, f"Cidr{str(block).replace('/', '-')}", vpc_id=self.cfn_vpc.ref, cidr_block=str(block)
            )
            if blocks:
                association.add_resource_dependency(blocks[-1])
            blocks.append(association)
        if dual_stack:
            blocks.append(
                ec2.CfnVPCCidrBlock(self, "Ipv6Cidr", vpc_id=self.cfn_vpc.ref, amazon_provided_ipv6_cidr_block=True)
            )
        return blocks

    def _make_tiers(self, zone_names: Sequence[str], *, dual_stack: bool) -> dict[str, SubnetTier]:
        layout = self._plan.layout
        ipv6_block = Fn.select(0, self.cfn_vpc.attr_ipv6_cidr_blocks) if dual_stack else None
        ipv4 = BlockTexts(
            vpc=(self._vpc_cidr(), *map(str, layout.secondary)),
            tiers={tier.name: tuple(self._ipv4(tier, slot) for slot in tier.blocks) for tier in layout.tiers},
        )
        ipv6 = (
            None
            if ipv6_block is None
            else BlockTexts(
                vpc=(ipv6_block,),
                tiers={tier.name: tuple(_ipv6(ipv6_block, slot) for slot in tier.ipv6_blocks) for tier in layout.tiers},
            )
        )
        rules = tier_rules(layout, self._plan.acl, internet=self._plan.internet, ipv4=ipv4, ipv6=ipv6)
        return {
            tier.name: SubnetTier(
                self,
                f"{tier.name}Tier",
                layout=tier,
                zones=layout.zones,
                vpc_id=self.cfn_vpc.ref,
                zone_names=zone_names,
                cidrs=[self._ipv4(tier, slot) for slot in tier.slots],
                ipv6_cidrs=None if ipv6_block is None else [_ipv6(ipv6_block, slot) for slot in tier.ipv6_slots],
                blocks=ipv4.tiers[tier.name],
                acl_rules=rules[tier.name],
                dependencies=self._dependencies,
            )
            for tier in layout.tiers
        }

    def _vpc_cidr(self) -> str:
        block = self._plan.layout.block
        return self.cfn_vpc.attr_cidr_block if block is None else str(block)

    def _ipv4(self, tier: TierLayout, slot: Slot) -> str:
        """A slot of the tier's block: literal where the block is, else CloudFormation's own arithmetic."""
        block = tier.secondary_cidr or self._plan.layout.block
        if block is not None:
            return str(slot.within(block))
        return _part_of(self.cfn_vpc.attr_cidr_block, slot, host_bits=32 - self._plan.layout.prefix - slot.bits)

    def _private_tiers(self) -> list[SubnetTier]:
        return [tier for tier in self.tiers.values() if tier.tier is Tier.PRIVATE]

    def _make_flow_logs(
        self,
        flow_logs: FlowLogs,
        *,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> VpcFlowLogs | None:
        if not flow_logs.enabled:
            return None
        return VpcFlowLogs(
            self,
            "FlowLogs",
            vpc_id=self.cfn_vpc.ref,
            flow_logs=flow_logs,
            encryption_key=encryption_key,
            log_retention=log_retention,
            removal_policy=removal_policy,
        )

    def _attach(self, attachments: Sequence[NetworkAttachment]) -> list[VpcAttachment]:
        route_tables = {
            f"{tier.name}{zone.slot + 1}": table_id
            for tier in self._private_tiers()
            for zone, table_id in zip(self._plan.layout.zones, tier.route_table_ids, strict=True)
        }
        return [
            VpcAttachment(
                self,
                f"Attachment{number}",
                attachment=attachment,
                vpc_id=self.cfn_vpc.ref,
                subnet_ids=self.private.subnet_ids,
                route_tables=route_tables,
            )
            for number, attachment in enumerate(attachments, start=1)
        ]


def _part_of(block: str, slot: Slot, *, host_bits: int) -> str:
    """A slot of a block that CloudFormation knows first."""
    return block if slot.bits == 0 else Fn.select(slot.index, Fn.cidr(block, 2**slot.bits, str(host_bits)))


def _ipv6(block: str, slot: Slot) -> str:
    return _part_of(block, slot, host_bits=128 - _IPV6_PREFIX - slot.bits)
