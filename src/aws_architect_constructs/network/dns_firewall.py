"""Route 53 Resolver DNS Firewall: which names a VPC may resolve."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class DnsFirewallAction(StrEnum):
    """What happens to a query that matches."""

    ALERT = "ALERT"
    """Answered, and logged where query logging is on: for finding out what BLOCK would hit."""
    BLOCK = "BLOCK"
    """Answered with `no data`."""


class ConfidenceThreshold(StrEnum):
    """How sure the advanced protection must be: HIGH has the fewest false alarms."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@dataclass(frozen=True, kw_only=True)
class DnsFirewall:
    """Which names are refused. Needs at least one domain list, or the advanced protection.

    Security groups and network ACLs cannot filter DNS to the VPC's resolver, so data can leave by it even from an
    isolated subnet; this can. See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html.

    Cost in us-east-1 (https://aws.amazon.com/route53/pricing/): 0.60 USD for a million queries; the advanced
    protection 116.80 USD a month for each VPC.

    Attributes:
        domain_list_ids: Domain lists, your own or AWS's managed threat lists (`AWSManagedDomainsAggregateThreatList`
            contains the others). A managed list's id differs by Region and CloudFormation has no way to look it up:
            `aws route53resolver list-firewall-domain-lists` prints it.
        advanced_protection: Whether names that algorithms generate and DNS tunnelling are refused. Default False, for
            its price.
        confidence_threshold: How sure the advanced protection must be. Default HIGH.
        action: What happens to a query that matches. Default BLOCK.
        mutation_protection: Whether the association refuses to be changed or removed until this is taken off again.
            Default False.
    """

    domain_list_ids: Sequence[str] = ()
    advanced_protection: bool = False
    confidence_threshold: ConfidenceThreshold = ConfidenceThreshold.HIGH
    action: DnsFirewallAction = DnsFirewallAction.BLOCK
    mutation_protection: bool = False

    def __post_init__(self) -> None:
        """Refuse a firewall that filters nothing."""
        if not self.domain_list_ids and not self.advanced_protection:
            raise ValueError(
                "a DNS firewall without a rule filters nothing, got no domain_list_ids and advanced_protection=False; "
                "allowed: at least one list, or advanced_protection=True"
            )
        for list_id in self.domain_list_ids:
            if not list_id.startswith(("rslvr-fdl-", "${Token[")):
                raise ValueError(
                    f"domain_list_ids: not the id of a domain list, got {list_id!r}; allowed: 'rslvr-fdl-...'"
                )
