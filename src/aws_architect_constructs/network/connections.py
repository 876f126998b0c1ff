"""What ties a VPC to other networks: a transit gateway or a peering connection, with its routes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class TransitGatewayConnection:
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


@dataclass(frozen=True, kw_only=True)
class PeeringConnection:
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


NetworkConnection = TransitGatewayConnection | PeeringConnection


@dataclass(frozen=True, kw_only=True)
class _Target:
    """What routes over a connection point at, and what they wait for."""

    transit_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    resource: Construct | None = field(default=None)


class VpcConnection(Construct):
    """One connection of a VPC, with a route to each destination in each of the private tiers' route tables.

    Attributes:
        attachment: The transit gateway's attachment, or None.
        peering_connection: The peering connection that is requested here, or None.
        routes: The routes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc_id: str,
        connection: NetworkConnection,
        attachment_subnet_ids: Sequence[str],
        route_tables: dict[str, str],
    ) -> None:
        super().__init__(scope, id)
        self.attachment: ec2.CfnTransitGatewayAttachment | None = None
        self.peering_connection: ec2.CfnVPCPeeringConnection | None = None
        target = (
            self._attach(vpc_id, connection, attachment_subnet_ids)
            if isinstance(connection, TransitGatewayConnection)
            else self._peer(vpc_id, connection)
        )
        self.routes: Final[list[ec2.CfnRoute]] = []
        for destination in connection.destination_cidrs:
            ipv6 = ":" in destination
            for name, route_table_id in route_tables.items():
                route = ec2.CfnRoute(
                    self,
                    f"{name}{destination.replace('/', '-')}",
                    route_table_id=route_table_id,
                    destination_cidr_block=None if ipv6 else destination,
                    destination_ipv6_cidr_block=destination if ipv6 else None,
                    transit_gateway_id=target.transit_gateway_id,
                    vpc_peering_connection_id=target.vpc_peering_connection_id,
                )
                if target.resource is not None:
                    route.node.add_dependency(target.resource)
                self.routes.append(route)

    def _attach(self, vpc_id: str, connection: TransitGatewayConnection, subnet_ids: Sequence[str]) -> _Target:
        self.attachment = ec2.CfnTransitGatewayAttachment(
            self,
            "Attachment",
            vpc_id=vpc_id,
            transit_gateway_id=connection.transit_gateway_id,
            subnet_ids=list(subnet_ids),
            options={"ApplianceModeSupport": "enable" if connection.appliance_mode else "disable"},
        )
        # The route names the gateway, not the attachment, so CloudFormation sees no order between them by itself.
        return _Target(transit_gateway_id=connection.transit_gateway_id, resource=self.attachment)

    def _peer(self, vpc_id: str, connection: PeeringConnection) -> _Target:
        if connection.peering_connection_id is not None:
            return _Target(vpc_peering_connection_id=connection.peering_connection_id)
        assert connection.peer_vpc_id is not None  # noqa: S101 -- PeeringConnection saw to it
        self.peering_connection = ec2.CfnVPCPeeringConnection(
            self,
            "PeeringConnection",
            vpc_id=vpc_id,
            peer_vpc_id=connection.peer_vpc_id,
            peer_owner_id=connection.peer_account,
            peer_region=connection.peer_region,
            peer_role_arn=connection.peer_role_arn,
        )
        return _Target(vpc_peering_connection_id=self.peering_connection.ref)
