"""The VPC's ways to the internet: gateways, NAT, and the routes of public and private tiers."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import CfnTag
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from aws_architect_constructs._validations import acknowledge

from .layout import Zone
from .nat import NatStrategy

_ROUTE_PACKS: Final = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")


class InternetGateways(Construct):
    """An internet gateway for the public tier, and NAT and an egress-only gateway for the private tiers.

    Attributes:
        internet_gateway: The internet gateway.
        attachment: What ties it to the VPC.
        nat_gateways: The NAT gateways, in the order of their AZs; the one gateway where NAT is regional.
        egress_only_gateway: The way out over IPv6, or None.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc_id: str,
        zones: Sequence[Zone],
        zone_names: Sequence[str],
        public_subnets: Sequence[ec2.Subnet],
        private_tiers: Sequence[Sequence[ec2.Subnet]],
        nat: NatStrategy,
        elastic_ip_allocation_ids: Sequence[str],
        dual_stack: bool,
    ) -> None:
        super().__init__(scope, id)
        self._vpc_id = vpc_id
        self._zones = zones
        self._zone_names = zone_names
        self._allocation_ids = elastic_ip_allocation_ids
        self.internet_gateway: Final = ec2.CfnInternetGateway(self, "InternetGateway", tags=self._name())
        self.attachment: Final = ec2.CfnVPCGatewayAttachment(
            self, "Attachment", vpc_id=vpc_id, internet_gateway_id=self.internet_gateway.ref
        )
        for subnet in public_subnets:
            subnet.add_default_internet_route(self.internet_gateway.ref, self.attachment)
            if dual_stack:
                subnet.add_ipv6_default_internet_route(self.internet_gateway.ref)
            for pack in _ROUTE_PACKS:
                acknowledge(
                    subnet,
                    f"{pack}::{pack}-VPCNoUnrestrictedRouteToIGW",
                    "A public subnet is one with a default route to the internet gateway: load balancers and NAT "
                    "gateways need it. No workload stands there, and no address is public on launch.",
                )
        self.nat_gateways: Final = self._nat_gateways(nat, public_subnets)
        self.egress_only_gateway: ec2.CfnEgressOnlyInternetGateway | None = None
        if nat is NatStrategy.NONE:
            return
        if dual_stack:
            self.egress_only_gateway = ec2.CfnEgressOnlyInternetGateway(
                self, "EgressOnlyInternetGateway", vpc_id=vpc_id
            )
        gateway_ids = [gateway.attr_nat_gateway_id for gateway in self.nat_gateways]
        for subnets in private_tiers:
            for place, subnet in enumerate(subnets):
                gateway_id = gateway_ids[place] if nat is NatStrategy.PER_AZ else gateway_ids[0]
                subnet.add_default_nat_route(gateway_id)
                if self.egress_only_gateway is not None:
                    subnet.add_ipv6_default_egress_only_internet_route(self.egress_only_gateway.ref)

    def _nat_gateways(self, nat: NatStrategy, public_subnets: Sequence[ec2.Subnet]) -> list[ec2.CfnNatGateway]:
        if nat is NatStrategy.REGIONAL:
            return [self._regional_gateway()]
        zonal = public_subnets[: nat.zones(len(public_subnets))]
        return [self._zonal_gateway(place, subnet) for place, subnet in enumerate(zonal)]

    def _zonal_gateway(self, place: int, subnet: ec2.Subnet) -> ec2.CfnNatGateway:
        number = self._zones[place].slot + 1
        allocation_id = (
            self._allocation_ids[place]
            if self._allocation_ids
            else ec2.CfnEIP(self, f"ElasticIp{number}", domain="vpc", tags=self._name(number)).attr_allocation_id
        )
        gateway = ec2.CfnNatGateway(
            self,
            f"NatGateway{number}",
            subnet_id=subnet.subnet_id,
            allocation_id=allocation_id,
            tags=self._name(number),
        )
        gateway.node.add_dependency(subnet.internet_connectivity_established)
        return gateway

    def _regional_gateway(self) -> ec2.CfnNatGateway:
        addresses = [
            {"availabilityZone": name, "allocationIds": [allocation_id]}
            for name, allocation_id in zip(self._zone_names, self._allocation_ids, strict=False)
        ]
        gateway = ec2.CfnNatGateway(
            self,
            "RegionalNatGateway",
            vpc_id=self._vpc_id,
            availability_mode="regional",
            connectivity_type="public",
            availability_zone_addresses=addresses or None,
            tags=self._name(),
        )
        gateway.add_resource_dependency(self.attachment)
        return gateway

    def _name(self, number: int | None = None) -> list[CfnTag]:
        path = self.node.path
        return [CfnTag(key="Name", value=path if number is None else f"{path}/{number}")]
