"""A VPC with public, private and isolated tiers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import CfnTag, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, choice, is_concrete, warn
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.retention import log_removal_policy_for, log_retention_for
from aws_architect_constructs.foundation.tiers import Tier

from .acl_plan import tier_rules
from .address_plan import AddressPlan
from .address_rules import NamedBlock
from .attachments import NetworkAttachment, VpcAttachment
from .blocks import Blocks
from .dns_firewall import DnsFirewall
from .endpoint_profiles import EndpointProfile, endpoint_services
from .flow_logs import FlowLogs, VpcFlowLogs
from .imported_vpc import import_vpc
from .internet import InternetGateways
from .layout import AdditionalTier, IpamAllocation
from .nat import NatStrategy
from .network_acls import DEFAULT_RULE_QUOTA
from .overlaps import connected_blocks, note_blocks
from .plan import plan_network
from .subnet_tier import SubnetTier
from .vpc_endpoints import VpcEndpoints

if TYPE_CHECKING:
    from .default_security_group import EmptyDefaultSecurityGroup
    from .vpc_dns_firewall import VpcDnsFirewall


class ThreeTierVpc(Construct):
    """A VPC with public, private and isolated tiers in two or more AZs, from one statement.

    What it defines: a VPC with DNS names on; a subnet and a route table for each tier and AZ at fixed places of an
    address plan that only ever grows; an internet gateway, and NAT as `nat` says; a network ACL for each tier; the free
    gateway endpoints of S3 and DynamoDB, and interface endpoints by profile behind one security group; flow logs in an
    encrypted log group.

    **Addresses.** Every environment has a range of /16 blocks of its own (DEV 10.0, 10.10, ..., STAGING 10.1, PROD
    10.2, SHARED 10.100), of which `network_index` picks one. A VPC's block and a subnet's CIDR, AZ and tier can never
    change in place: pin `cidr=` before a stack's environment is ever changed. AZs take the slot of their letter, so
    adding, leaving out or reordering them moves no subnet. Without `availability_zones` the VPC gets the two AZs that
    CloudFormation finds first; it never looks anything up while it is synthesized.

    **Network ACLs** repeat for a tier what security groups decide for a resource. The public tier admits
    `public_ports`, the VPC and answers; the private tier the VPC, trusted networks and answers; the isolated tier the
    private and isolated tiers and what gateway endpoints answer, and it has no route to the internet. Answers come to
    ports from 1024: a network load balancer that keeps client addresses therefore needs target ports from 1024 too.
    AWS's DNS, time and metadata services cannot be filtered by any ACL.

    **What it refuses.** SSH and RDP in `public_ports`: Session Manager needs no open port. Overlaps with what it is
    connected to, blocks that AWS or the plan has no room for, more rules than an ACL holds.

    **The default security group** is used by nothing here. CloudFormation has no property for its rules, so it is
    emptied only on request.

    Fixed cost (us-east-1, docs/checks/prices.md): 110.50 USD a month in three AZs, 37.50 USD in DEV. PROD and SHARED
    have 36.50 USD for each AZ that the regional NAT gateway is active in, DEV and STAGING 36.50 USD; the stack's key,
    which everything else in the stack shares, is 1 USD. Each interface endpoint is 7.30 USD in each AZ; DNS Firewall's
    advanced protection 116.80 USD. VPC, subnets, gateway endpoints and network ACLs are free.

    Well-Architected: security (SEC05, network protection), reliability (REL02, network topology), cost optimization
    (COST08, data transfer).

    See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-example-private-subnets-nat.html,
    https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html and
    https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/protecting-networks.html.

    Args:
        scope: The stack, or a construct in it.
        id: The construct's id, which every logical id in the VPC begins with.
        cidr: The VPC's block, /16 to /19 for the standard plan, or an `IpamAllocation`. None means the environment's,
            at `network_index`.
        network_index: Which block of the environment's range: another for each Region, account or further VPC. 0 to 9,
            for SHARED 0 to 15. Default 0.
        address_plan: How the block is shared out. Default STANDARD: a /24 of a /16 for each tier and AZ.
        availability_zones: Names of two to six AZs, such as `["eu-west-1a", "eu-west-1b", "eu-west-1c"]`. None means
            the two that CloudFormation finds first.
        additional_tiers: Tiers beyond the three; only ever append. The quota of network ACL rules leaves room for
            five, raised to 40 for sixteen. Default none.
        secondary_cidrs: Up to four further blocks, for tiers that name one. Default none.
        dual_stack: Whether the VPC has an IPv6 block of Amazon's too: /64 subnets in fixed slots, and an egress-only
            gateway for the private tier unless `nat` is NONE. Nothing gets an IPv6 address on launch; EC2 instances
            ask for one. Default False.
        connected_to: CIDRs and `ThreeTierVpc`s that this VPC is or will be connected to, and must not overlap:
            corporate networks, VPNs, peers. What IPAM allocates, here or there, cannot be checked. Default none.
        attachments: Transit gateways and peers to attach, with their routes. Default none.
        nat: How the private tier reaches the internet. None means REGIONAL for PROD and SHARED (PER_AZ where the Region
            is known to lack it), which survives an AZ, and SINGLE for DEV and STAGING, which costs least.
        elastic_ip_allocation_ids: Elastic IP addresses of yours for NAT, one for each AZ that has a gateway, in the
            order of the AZs' letters: an AZ that is added before others shifts them. Default: new ones, or AWS's own
            where NAT is regional.
        endpoints: A profile of interface endpoints. Default NONE: they cost money.
        additional_endpoints: Further interface endpoints by short name, such as `kms`. Default none.
        endpoint_availability_zones: In how many AZs interface endpoints stand; traffic from the others crosses AZs at
            0.01 USD a GB. None means 1 for DEV, 2 for STAGING, and all for PROD and SHARED.
        organization_id: The organization whose principals alone pass the endpoints, and whose data alone they reach in
            S3 and DynamoDB; buckets that AWS owns (image layers, packages, patches, CloudFormation's answers) stay
            within reach. None means AWS's own policy, which lets everything pass.
        public_ports: TCP ports that the public tier publishes. Default 80 and 443.
        trusted_cidrs: Networks that private tiers exchange any traffic with; those behind `attachments` are added.
            Default none.
        blocked_cidrs: Networks that every tier denies ahead of all else. Default none.
        network_acl_rule_quota: Your quota of rules a direction and IP family. Default 20, AWS's own; at most 40.
        flow_logs: Where flow logs go. None means `FlowLogs.to_cloud_watch()`.
        dns_firewall: Which names the VPC may resolve. None means all.
        encryption_control: Whether AWS monitors that traffic in the VPC is encrypted; AWS charges for it since
            2026-03 by the hour for a VPC that is not empty (about 110 USD a month in us-east-1:
            https://aws.amazon.com/vpc/pricing/) and does not offer it in every Region. Default False.
        restrict_default_security_group: Whether CDK's custom resource empties the default security group. Default
            False: it is a Lambda function and a role to keep, though it costs nothing while idle.
        encryption_key: Key of the log groups. None means the stack's `WorkloadKey`.
        log_retention: How long log groups keep events. None means 365 days for PROD and SHARED, 30 for STAGING, 14 for
            DEV.
        removal_policy: What happens to log groups when they leave the stack. None means RETAIN for PROD and SHARED,
            DESTROY for DEV and STAGING.
        environment_type: The environment. None means what the nearest enclosing scope declares, else PROD.

    Raises:
        ValueError: If an argument is wrong; nothing was added to the tree.

    Warnings: UndeclaredAddressRange, UnpinnedAvailabilityZones, SingleNatGateway, ElasticIpQuota, NoWayToAws,
    FlowLogsDisabled, OverlappingVpcs, ConnectedRangeNotChecked, PublicAddressRange, AddressRangeUsedByAws,
    KeyPolicyNotUpdated, BucketPolicyNotUpdated.

    Attributes:
        vpc: The VPC as CDK's constructs take it; its subnet groups are named like the tiers.
        cfn_vpc: The VPC's own resource.
        availability_zones: Its AZs' names, in the order of the slots.
        tiers: Every tier by name, with its subnets, route tables and network ACL.
        nat_strategy: How the private tier reaches the internet.
        internet: The internet gateway, NAT gateways and egress-only gateway.
        endpoints: The gateway and interface endpoints and their security group.
        flow_logs: The flow log with its log group and role, or None.
        attachments: The attachments in the order of the argument.
        dns_firewall: The DNS firewall, or None.
        encryption_control: The encryption control, or None.
        default_security_group: What empties the default security group, or None.
    """

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
        flow_logs = flow_logs or FlowLogs.to_cloud_watch()
        try:
            if environment_type is not None:
                environment_type = choice("environment_type", EnvironmentType, environment_type)
            declared = environment_type or EnvironmentType.declared_for(scope)
            environment = declared or EnvironmentType.PROD
            removal = log_removal_policy_for(removal_policy, environment.defaults)
            retention = log_retention_for(log_retention, environment.defaults)
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
        self._blocks = Blocks(self.cfn_vpc, plan.layout, dual_stack=dual_stack)
        self._associations = self._associate_blocks(dual_stack=dual_stack)
        zone_names = [zone.name or Fn.select(zone.slot, Fn.get_azs()) for zone in plan.layout.zones]
        self.availability_zones: Final = tuple(zone_names)
        self.tiers: Final = self._make_tiers(zone_names)
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
            cidr=self._blocks.cidr,
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
        self.flow_logs: Final = (
            VpcFlowLogs(
                self,
                "FlowLogs",
                vpc_id=self.cfn_vpc.ref,
                flow_logs=flow_logs,
                encryption_key=encryption_key,
                log_retention=retention,
                removal_policy=removal,
            )
            if flow_logs.enabled
            else None
        )
        self.attachments: Final = self._attach(attachments)
        self.dns_firewall: Final = None if dns_firewall is None else self._filter_dns(dns_firewall)
        self.encryption_control: Final = (
            ec2.CfnVPCEncryptionControl(self, "EncryptionControl", vpc_id=self.cfn_vpc.ref, mode="monitor")
            if encryption_control
            else None
        )
        self.default_security_group: Final = (
            self._empty_default_security_group(
                dual_stack=dual_stack, encryption_key=encryption_key, log_retention=retention, removal_policy=removal
            )
            if restrict_default_security_group
            else None
        )
        self._explain_default_security_group()
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
            message = str(error).replace("additional_endpoints", "service")
            raise ValueError(f"{self.node.path}: {message}") from None
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

    def _make_tiers(self, zone_names: Sequence[str]) -> dict[str, SubnetTier]:
        layout = self._plan.layout
        ipv4 = self._blocks.ipv4_texts()
        rules = tier_rules(
            layout, self._plan.acl, internet=self._plan.internet, ipv4=ipv4, ipv6=self._blocks.ipv6_texts()
        )
        return {
            tier.name: SubnetTier(
                self,
                f"{tier.name}Tier",
                layout=tier,
                zones=layout.zones,
                vpc_id=self.cfn_vpc.ref,
                zone_names=zone_names,
                cidrs=self._blocks.subnets(tier),
                blocks=ipv4.tiers[tier.name],
                acl_rules=rules[tier.name],
                dependencies=self._associations,
            )
            for tier in layout.tiers
        }

    def _private_tiers(self) -> list[SubnetTier]:
        return [tier for tier in self.tiers.values() if tier.tier is Tier.PRIVATE]

    def _attach(self, attachments: Sequence[NetworkAttachment]) -> list[VpcAttachment]:
        route_tables = {
            f"{tier.name}{zone.slot + 1}": table_id
            for tier in self._private_tiers()
            for zone, table_id in zip(self._plan.layout.zones, tier.route_table_ids, strict=True)
        }
        return [
            VpcAttachment(
                self,
                f"Attachment{attachment.identity[0] if is_concrete(attachment.identity[0]) else number}",
                attachment=attachment,
                vpc_id=self.cfn_vpc.ref,
                subnet_ids=self.private.subnet_ids,
                route_tables=route_tables,
            )
            for number, attachment in enumerate(attachments, start=1)
        ]

    def _filter_dns(self, dns_firewall: DnsFirewall) -> "VpcDnsFirewall":
        from .vpc_dns_firewall import VpcDnsFirewall  # noqa: PLC0415 -- its AWS module is loaded only where it is used

        return VpcDnsFirewall(self, "DnsFirewall", vpc_id=self.cfn_vpc.ref, dns_firewall=dns_firewall)

    def _empty_default_security_group(
        self,
        *,
        dual_stack: bool,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> "EmptyDefaultSecurityGroup":
        from .default_security_group import EmptyDefaultSecurityGroup  # noqa: PLC0415 -- as above

        return EmptyDefaultSecurityGroup(
            self,
            "DefaultSecurityGroup",
            group_id=self.cfn_vpc.attr_default_security_group,
            dual_stack=dual_stack,
            encryption_key=encryption_key,
            log_retention=log_retention,
            removal_policy=removal_policy,
        )

    def _explain_default_security_group(self) -> None:
        """Say why the packs' finding stays: no template can show what they look for."""
        reason = (
            "CloudFormation has no property for the default security group's rules. No construct of this VPC uses it, "
            "and restrict_default_security_group=True empties it by a custom resource where a control demands that."
            if self.default_security_group is None
            else "The custom resource DefaultSecurityGroup of this VPC removes every rule of the default security "
            "group; CloudFormation has no property that could show it."
        )
        for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"):
            acknowledge(self.cfn_vpc, f"{pack}::{pack}-VPCDefaultSecurityGroupClosed", reason)
