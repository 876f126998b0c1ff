"""List prices of what a network costs while idle: USD in us-east-1, those of the price book (docs/checks/prices.md).

AWS's pages: https://aws.amazon.com/vpc/pricing/ and https://aws.amazon.com/privatelink/pricing/. Other Regions differ.
"""

from typing import Final

HOURS_PER_MONTH: Final = 730

NAT_GATEWAY_PER_HOUR: Final = 0.045
"""For each NAT gateway, and for each AZ that a regional one is active in; 0.045 USD more for each GB."""
PUBLIC_IPV4_PER_HOUR: Final = 0.005
INTERFACE_ENDPOINT_PER_AZ_HOUR: Final = 0.01
"""For each interface endpoint in each AZ; 0.01 USD more for each GB. Gateway endpoints cost nothing."""


def monthly(usd_per_hour: float, count: int = 1) -> float:
    """What `count` things at an hourly price cost in a month of 730 hours."""
    return round(usd_per_hour * HOURS_PER_MONTH * count, 2)
