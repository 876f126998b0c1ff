"""What ties a VPC to other networks: a transit gateway or a peering connection, with its routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class TransitGatewayAttachment:
    """Attach the VPC to a transit gateway, in the private tier's subnet of each AZ.

    Its destinations are routed from the private tiers, trusted by their network ACL, and checked for overlap. The
    isolated tier gets no route. Cost in us-east-1: 36.50 USD a month and 0.02 USD a GB.
    https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html

    Attributes:
        transit_gateway_id: The transit gateway, of this account or shared with it.
        destination_cidrs: Networks behind it.
        appliance_mode: Whether both directions of a flow take the same AZ, for inspection appliances behind the
            gateway. Default False.
    """

    transit_gateway_id: str
    destination_cidrs: Sequence[str]
    appliance_mode: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """What no other attachment of the VPC may name."""
        return (self.transit_gateway_id,)


@dataclass(frozen=True, kw_only=True)
class VpcPeering:
    """Route to a peered VPC, over a connection that exists or one that is requested here.

    Its destinations are routed from the private tiers, trusted by their network ACL, and checked for overlap. The
    isolated tier gets no route. Cost: the transfer between AZs and Regions alone.
    https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html

    Attributes:
        destination_cidrs: The peer's blocks.
        peering_connection_id: An existing connection. Give this or `peer_vpc_id`.
        peer_vpc_id: The VPC to request a connection to.
        peer_account: Its account. Default: this account.
        peer_region: Its Region. Default: this Region.
        peer_role_arn: The role in the peer's account that accepts the request; needed for another account.
    """

    destination_cidrs: Sequence[str]
    peering_connection_id: str | None = None
    peer_vpc_id: str | None = None
    peer_account: str | None = None
    peer_region: str | None = None
    peer_role_arn: str | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What no other attachment of the VPC may name."""
        return (str(self.peering_connection_id or self.peer_vpc_id),)

    def __post_init__(self) -> None:
        """Refuse a peer that is named twice, or not at all."""
        if (self.peering_connection_id is None) == (self.peer_vpc_id is None):
            raise ValueError(
                "a peering connection is either an existing one or a request, got "
                f"peering_connection_id={self.peering_connection_id!r} and peer_vpc_id={self.peer_vpc_id!r}; "
                "allowed: exactly one of the two"
            )
        if self.peer_account is not None and self.peer_role_arn is None:
            raise ValueError(
                f"a peer in another account needs a role that accepts, got peer_account={self.peer_account!r} alone; "
                "allowed: peer_role_arn= beside it"
            )


NetworkAttachment = TransitGatewayAttachment | VpcPeering


class VpcAttachment(Construct):
    """One attachment of a VPC, with a route to each destination in each of the private tiers' route tables.

    Attributes:
        transit_gateway_attachment: The transit gateway's attachment, or None.
        peering_connection: The peering connection that is requested here, or None.
        routes: The routes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        attachment: NetworkAttachment,
        vpc_id: str,
        subnet_ids: Sequence[str],
        route_tables: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        self.transit_gateway_attachment: ec2.CfnTransitGatewayAttachment | None = None
        self.peering_connection: ec2.CfnVPCPeeringConnection | None = None
        self.routes: Final[list[ec2.CfnRoute]] = []
        if isinstance(attachment, TransitGatewayAttachment):
            self.transit_gateway_attachment = ec2.CfnTransitGatewayAttachment(
                self,
                "Resource",
                vpc_id=vpc_id,
                transit_gateway_id=attachment.transit_gateway_id,
                subnet_ids=list(subnet_ids),
                options={"ApplianceModeSupport": "enable" if attachment.appliance_mode else "disable"},
            )
            self._route(attachment, route_tables, transit_gateway_id=attachment.transit_gateway_id)
            for route in self.routes:
                # A route names the gateway, not the attachment, so CloudFormation sees no order by itself.
                route.add_resource_dependency(self.transit_gateway_attachment)
            return
        peering_connection_id = attachment.peering_connection_id
        if peering_connection_id is None:
            self.peering_connection = ec2.CfnVPCPeeringConnection(
                self,
                "Resource",
                vpc_id=vpc_id,
                peer_vpc_id=str(attachment.peer_vpc_id),
                peer_owner_id=attachment.peer_account,
                peer_region=attachment.peer_region,
                peer_role_arn=attachment.peer_role_arn,
            )
            peering_connection_id = self.peering_connection.ref
        self._route(attachment, route_tables, vpc_peering_connection_id=peering_connection_id)

    def _route(
        self,
        attachment: NetworkAttachment,
        route_tables: Mapping[str, str],
        *,
        transit_gateway_id: str | None = None,
        vpc_peering_connection_id: str | None = None,
    ) -> None:
        for destination in attachment.destination_cidrs:
            ipv6 = ":" in destination
            for name, route_table_id in route_tables.items():
                self.routes.append(
                    ec2.CfnRoute(
                        self,
                        f"{name}{destination.replace('/', '-')}",
                        route_table_id=route_table_id,
                        destination_cidr_block=None if ipv6 else destination,
                        destination_ipv6_cidr_block=destination if ipv6 else None,
                        transit_gateway_id=transit_gateway_id,
                        vpc_peering_connection_id=vpc_peering_connection_id,
                    )
                )
