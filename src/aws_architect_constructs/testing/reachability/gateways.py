"""What routes lead to: gateways, NAT, peerings and transit gateways, and AWS's endpoints."""

from collections import defaultdict

from aws_architect_constructs._templates.intrinsics import Concatenation, Reference, Unknown
from aws_architect_constructs.testing.reachability._reading import Properties, Reader, block
from aws_architect_constructs.testing.reachability.model import (
    Block,
    Connection,
    Nat,
    Route,
    ServiceEndpoint,
    Target,
)

_TARGETS = {
    "NatGatewayId": Target.NAT,
    "EgressOnlyInternetGatewayId": Target.EGRESS_ONLY,
    "VpcPeeringConnectionId": Target.PEERING,
    "TransitGatewayId": Target.TRANSIT_GATEWAY,
    "CoreNetworkArn": Target.UNKNOWN,
    "CarrierGatewayId": Target.UNKNOWN,
    "LocalGatewayId": Target.UNKNOWN,
    "NetworkInterfaceId": Target.APPLIANCE,
    "InstanceId": Target.APPLIANCE,
    "VpcEndpointId": Target.APPLIANCE,
    "OdbNetworkArn": Target.UNKNOWN,
}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-route.html"""

_GATEWAY_TYPES = {
    "AWS::EC2::InternetGateway": Target.INTERNET_GATEWAY,
    "AWS::EC2::VPNGateway": Target.VPN_GATEWAY,
}
_GATEWAY_PREFIXES = {"igw-": Target.INTERNET_GATEWAY, "vgw-": Target.VPN_GATEWAY, "local": Target.LOCAL}
_ATTACHMENTS = ("AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment")


class Gateways:
    """The gateways of a set of templates, and the classification of the routes that lead to them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._attached = self._attachments()
        self.nats = {name: self._nat(name, given) for name, _, given in reader.all("AWS::EC2::NatGateway")}
        self.connections = self._connections()
        self.endpoints = tuple(
            found for name, _, given in reader.all("AWS::EC2::VPCEndpoint") if (found := self._endpoint(name, given))
        )

    def route(self, name: str, properties: Properties, vpc: str | Unknown) -> Route:
        """Read a route of a table that belongs to a VPC."""
        destination = block(properties, "DestinationCidrBlock", "DestinationIpv6CidrBlock")
        if destination is None:
            listed = self._reader.target(properties.get("DestinationPrefixListId"))
            destination = Block(None, Unknown(f"{name}: the addresses of prefix list {listed}"))
        kind, target, why = self._target(properties, vpc)
        return Route(name=name, destination=destination, kind=kind, target=target, why=why)

    def _target(self, properties: Properties, vpc: str | Unknown) -> tuple[Target, str, str]:
        gateway = properties.get("GatewayId")
        if gateway is not None:
            return self._gateway(gateway, vpc)
        for key, kind in _TARGETS.items():
            if key in properties:
                target = self._reader.target(properties[key])
                if isinstance(target, Unknown):
                    # The property tells the kind, and that decides for everything but a NAT gateway of our own.
                    return kind, key, target.reason
                nat = self.nats.get(target)
                return (nat.kind if nat else kind), target, ""
        return Target.NOWHERE, "", "the route names no target"

    def _gateway(self, gateway: object, vpc: str | Unknown) -> tuple[Target, str, str]:
        target = self._reader.target(gateway)
        if isinstance(target, Unknown):
            return Target.UNKNOWN, "GatewayId", target.reason
        if isinstance(gateway, Reference):
            kind = _GATEWAY_TYPES.get(self._reader.type_of(gateway), Target.UNKNOWN)
            if kind is not Target.UNKNOWN and isinstance(vpc, str) and vpc not in self._attached[target]:
                elsewhere = " or ".join(str(other) for other in self._attached[target]) or "no VPC"
                return Target.NOWHERE, target, f"{target} is attached to {elsewhere}, not to {vpc}"
            return kind, target, "" if kind is not Target.UNKNOWN else "no kind of gateway that is known"
        kind = next((kind for prefix, kind in _GATEWAY_PREFIXES.items() if target.startswith(prefix)), Target.UNKNOWN)
        return kind, target, "" if kind is not Target.UNKNOWN else "no kind of gateway that is known"

    def _attachments(self) -> dict[str, list[str | Unknown]]:
        found: dict[str, list[str | Unknown]] = defaultdict(list)
        for _, _, properties in self._reader.all("AWS::EC2::VPCGatewayAttachment"):
            vpc = self._reader.target(properties.get("VpcId"))
            for key in ("InternetGatewayId", "VpnGatewayId"):
                if key in properties:
                    found[str(self._reader.target(properties[key]))].append(vpc)
        return found

    def _nat(self, name: str, properties: Properties) -> Nat:
        regional = properties.get("AvailabilityMode") == "regional"
        private = properties.get("ConnectivityType") == "private"
        subnet = self._reader.target(properties.get("SubnetId"))
        vpc = self._reader.target(properties.get("VpcId"))
        return Nat(
            name=name,
            kind=Target.REGIONAL_NAT if regional else Target.PRIVATE_NAT if private else Target.NAT,
            vpc=vpc if isinstance(vpc, str) else None,
            subnet=subnet if isinstance(subnet, str) and not regional else None,
        )

    def _connections(self) -> tuple[Connection, ...]:
        target = self._reader.target
        peerings = (
            Connection(name=name, gateway=name, vpcs=(target(given.get("VpcId")), target(given.get("PeerVpcId"))))
            for name, _, given in self._reader.all("AWS::EC2::VPCPeeringConnection")
        )
        attachments = (
            Connection(
                name=name,
                gateway=str(target(given.get("TransitGatewayId"))),
                vpcs=(target(given.get("VpcId")),),
                subnets=self._reader.targets(given.get("SubnetIds")),
            )
            for name, _, given in self._reader.all(*_ATTACHMENTS)
        )
        return (*peerings, *attachments)

    def _endpoint(self, name: str, properties: Properties) -> ServiceEndpoint | None:
        service = service_name(properties.get("ServiceName"))
        vpc = self._reader.target(properties.get("VpcId"))
        kind = properties.get("VpcEndpointType", "Gateway")
        if service is None or not isinstance(vpc, str) or kind not in ("Gateway", "Interface"):
            return None
        gateway = kind == "Gateway"
        tables = self._reader.targets(properties.get("RouteTableIds"))
        return ServiceEndpoint(name=name, service=service, vpc=vpc, gateway=gateway, tables=tables)


def service_name(value: object) -> str | None:
    """The part of an endpoint's service name that follows the Region: `s3` of `com.amazonaws.eu-west-1.s3`."""
    if isinstance(value, Concatenation):
        last = value.parts[-1]
        return last.removeprefix(".") if isinstance(last, str) and last.startswith(".") else None
    if not isinstance(value, str):
        return None
    parts = value.removeprefix("cn.").split(".", 3)
    return parts[3] if parts[:2] == ["com", "amazonaws"] and len(parts) > len(("com", "amazonaws", "region")) else value
