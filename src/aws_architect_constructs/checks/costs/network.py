"""What networks are charged for."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, count
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_one_of

# https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html; the price of an address is the VPC's.
_TUNNELS: Final = 2


def nat_gateway(resource: Resource) -> Iterator[Charge]:
    """A zonal gateway by the hour; a regional one for each AZ that it is active in, with addresses of its own."""
    yield PerUse(item="nat-gateway-gb")
    if not resource.may(lambda value: value == "regional", "AvailabilityMode"):
        yield Fixed(item="nat-gateway-hour")
        return
    zones = count(resource, "AvailabilityZoneAddresses") or _zones_of_vpc(resource)
    if zones == 0:
        yield NotKnown(reason="a regional NAT gateway in a VPC whose AZs are not known")
        return
    yield Fixed(item="regional-nat-gateway-hour", quantity=zones, note=f"{zones} AZs, once each has a workload")
    if not count(resource, "AvailabilityZoneAddresses"):
        yield Fixed(item="public-ipv4-hour", quantity=zones, note="one address in each AZ")


def _zones_of_vpc(gateway: Resource) -> int:
    """How many AZs the subnets of a gateway's VPC stand in."""
    vpcs = gateway.references("VpcId")
    zones = {
        str(subnet.properties.get("AvailabilityZone"))
        for subnet in gateway.template.of_type("AWS::EC2::Subnet")
        if subnet.references("VpcId") & vpcs
    }
    return len(zones)


def address(_resource: Resource) -> Iterator[Charge]:
    """An address, used or not."""
    yield Fixed(item="public-ipv4-hour")


def endpoint(resource: Resource) -> Iterator[Charge]:
    """An interface endpoint for each AZ; gateway endpoints are free."""
    kinds = {str(kind) if kind is not None else "Gateway" for kind in resource.outcomes("VpcEndpointType")}
    if kinds in ({"Interface"}, {"GatewayLoadBalancer"}):
        subnets = count(resource, "SubnetIds")
        if not subnets:
            yield NotKnown(reason="the endpoint's subnets are not known")
        elif kinds == {"Interface"}:
            yield Fixed(item="interface-endpoint-hour", quantity=subnets, note=f"{subnets} AZs")
            yield PerUse(item="interface-endpoint-gb")
        else:
            yield Fixed(item="gwlb-endpoint-hour", quantity=subnets, note=f"{subnets} AZs")
            yield PerUse(item="gwlb-endpoint-gb")
    elif kinds != {"Gateway"}:
        yield NotKnown(reason=f"an endpoint of type {', '.join(sorted(kinds))}")


def load_balancer(resource: Resource) -> Iterator[Charge]:
    """A load balancer by the hour, its capacity units by use, and the addresses of one that faces the internet."""
    kind = resource.text("Type") or "application"
    if kind == "gateway":
        yield Fixed(item="gwlb-hour")
        return
    if kind not in {"application", "network"}:
        yield NotKnown(reason=f"a load balancer of type {kind}")
        return
    short = "alb" if kind == "application" else "nlb"
    yield Fixed(item=f"{short}-hour")
    yield PerUse(item=f"{short}-lcu-hour")
    private = resource.must(lambda value: value == "dualstack-without-public-ipv4", "IpAddressType")
    if not private and resource.may(lambda value: is_one_of(value, "internet-facing", None), "Scheme"):
        mapped = [item for item in resource.items("SubnetMappings") if isinstance(item, Mapping)]
        own = [item for item in mapped if "AllocationId" not in item]
        subnets = len(own) if mapped else count(resource, "Subnets")
        if subnets is None:
            yield NotKnown(reason="the subnets, and so the public addresses, are not known")
        elif subnets:
            yield Fixed(item="public-ipv4-hour", quantity=subnets, note="one address in each AZ, at least")


def classic_load_balancer(resource: Resource) -> Iterator[Charge]:
    """A classic load balancer, and the addresses of one that faces the internet."""
    yield Fixed(item="clb-hour")
    yield PerUse(item="clb-gb")
    if resource.may(lambda value: is_one_of(value, "internet-facing", None), "Scheme"):
        subnets = count(resource, "Subnets") or count(resource, "AvailabilityZones")
        if subnets:
            yield Fixed(item="public-ipv4-hour", quantity=subnets, note="one address in each AZ, at least")
        else:
            yield NotKnown(reason="the subnets, and so the public addresses, are not known")


def transit_gateway_attachment(_resource: Resource) -> Iterator[Charge]:
    """An attachment of a VPC."""
    yield Fixed(item="transit-gateway-attachment-hour")
    yield PerUse(item="transit-gateway-gb")


def vpn_connection(resource: Resource) -> Iterator[Charge]:
    """A connection of a site by the hour, the addresses of its tunnels, and its attachment to a transit gateway."""
    yield Fixed(item="site-to-site-vpn-hour")
    if not resource.must(lambda value: value == "PrivateIpv4", "OutsideIpAddressType"):
        yield Fixed(item="public-ipv4-hour", quantity=_TUNNELS, note="an address for each tunnel")
    if resource.may(lambda value: value is not None, "TransitGatewayId"):
        yield Fixed(item="transit-gateway-attachment-hour")
        yield PerUse(item="transit-gateway-gb")


def client_vpn_association(_resource: Resource) -> Iterator[Charge]:
    """An association of a Client VPN endpoint with a subnet."""
    yield Fixed(item="client-vpn-association-hour")


def client_vpn_endpoint(_resource: Resource) -> Iterator[Charge]:
    """An endpoint is free by itself, those who are connected to it are not."""
    yield PerUse(item="client-vpn-connection-hour")


def lattice_service(_resource: Resource) -> Iterator[Charge]:
    """A service of VPC Lattice."""
    yield Fixed(item="vpc-lattice-service-hour")
    yield PerUse(item="vpc-lattice-gb")


def network_firewall(resource: Resource) -> Iterator[Charge]:
    """A firewall has an endpoint in each subnet."""
    subnets = count(resource, "SubnetMappings")
    if not subnets:
        yield NotKnown(reason="the firewall's subnets are not known")
        return
    yield Fixed(item="network-firewall-endpoint-hour", quantity=subnets, note=f"{subnets} AZs")
    yield PerUse(item="network-firewall-gb")


def resolver_endpoint(resource: Resource) -> Iterator[Charge]:
    """A resolver endpoint by its addresses."""
    addresses = count(resource, "IpAddresses")
    if not addresses:
        yield NotKnown(reason="the endpoint's addresses are not known")
        return
    yield Fixed(item="resolver-endpoint-hour", quantity=addresses, note=f"{addresses} addresses")


def hosted_zone(_resource: Resource) -> Iterator[Charge]:
    """A hosted zone, public or private."""
    yield Fixed(item="hosted-zone-month", note="one of the first 25 of the account")


def accelerator(_resource: Resource) -> Iterator[Charge]:
    """An accelerator and its two addresses."""
    yield Fixed(item="global-accelerator-hour")
    yield Fixed(item="public-ipv4-hour", quantity=2, note="two addresses")
