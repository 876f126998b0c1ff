"""How private subnets reach the internet, and what that costs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from .prices import NAT_GATEWAY_PER_HOUR, PUBLIC_IPV4_PER_HOUR, monthly

ELASTIC_IP_QUOTA: Final = 5
"""Elastic IP addresses a Region by default: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"""

_NO_REGIONAL_NAT: Final = ("cn-", "us-gov-", "us-iso", "eu-isoe-")


class NatStrategy(StrEnum):
    """How the private tier reaches the internet over IPv4.

    Prices are us-east-1's a month, before 0.045 USD for each GB. Security groups decide who may go where; NAT only
    decides whether there is a way. See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html.
    """

    NONE = "NONE"
    """No way to the internet: the private tier reaches AWS through endpoints alone. 0 USD."""
    SINGLE = "SINGLE"
    """One NAT gateway in the first AZ by letter, which therefore has to stay if the address is to: when that AZ fails,
    every private subnet loses the internet, and the other AZs pay cross-AZ transfer (0.01 USD a GB each way).
    36.50 USD."""
    PER_AZ = "PER_AZ"
    """One NAT gateway and one Elastic IP address in each AZ: outbound addresses are known and fixed. Takes one of the
    five Elastic IP addresses that a Region has by default for each AZ. 36.50 USD for each AZ."""
    REGIONAL = "REGIONAL"
    """One NAT gateway for the whole VPC that AWS extends to each AZ with workloads (within an hour), with addresses
    that AWS manages: as available as PER_AZ, nothing to add when an AZ is added, no Elastic IP address of yours
    taken. Outbound addresses may grow in number: partners who list them want PER_AZ, or elastic_ip_allocation_ids.
    Not offered in the China, GovCloud and isolated Regions. 36.50 USD for each AZ in use.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"""

    def monthly_price_usd(self, availability_zones: int) -> float:
        """What the strategy costs a month in us-east-1 while idle, public IPv4 addresses included."""
        each = monthly(NAT_GATEWAY_PER_HOUR + PUBLIC_IPV4_PER_HOUR)
        return each * self.zones(availability_zones)

    def zones(self, availability_zones: int) -> int:
        """In how many of the VPC's AZs it keeps an address."""
        return {NatStrategy.NONE: 0, NatStrategy.SINGLE: 1}.get(self, availability_zones)


def default_nat_strategy(name: str, region: str | None) -> NatStrategy:
    """The environment's strategy; PER_AZ in place of REGIONAL where the Region is known to lack it.

    Args:
        name: The strategy that the environment's defaults name.
        region: The stack's Region, or None where it is not known yet.
    """
    strategy = NatStrategy(name)
    if strategy is NatStrategy.REGIONAL and region is not None and region.startswith(_NO_REGIONAL_NAT):
        return NatStrategy.PER_AZ
    return strategy


def check_allocation_ids(nat: NatStrategy, allocation_ids: Sequence[str], availability_zones: int) -> None:
    """Check that the caller's Elastic IP addresses fit the gateways.

    Raises:
        ValueError: If there is not exactly one address for each AZ that has a gateway.
    """
    wanted = nat.zones(availability_zones)
    if allocation_ids and len(allocation_ids) != wanted:
        raise ValueError(
            f"elastic_ip_allocation_ids: not one for each NAT gateway's AZ, got {len(allocation_ids)} with {nat}; "
            f"allowed: {wanted or 'none'}"
        )
