"""Route 53 Resolver DNS Firewall: which names the VPC may resolve."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import aws_route53resolver as route53resolver
from constructs import Construct

_FIRST_LIST_PRIORITY: Final = 100
_FIRST_ADVANCED_PRIORITY: Final = 1000
_ASSOCIATION_PRIORITY: Final = 500  # between 100 and 9000: Firewall Manager keeps the ends to itself
_ADVANCED_THREATS: Final = ("DGA", "DICTIONARY_DGA", "DNS_TUNNELING")


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


class VpcDnsFirewall(Construct):
    """A rule group of its own, associated with the VPC.

    Attributes:
        rule_group: The rules.
        association: What ties them to the VPC.
    """

    def __init__(self, scope: Construct, id: str, *, vpc_id: str, dns_firewall: DnsFirewall) -> None:
        super().__init__(scope, id)
        rule = route53resolver.CfnFirewallRuleGroup.FirewallRuleProperty
        action = dns_firewall.action.value
        block_response = "NODATA" if dns_firewall.action is DnsFirewallAction.BLOCK else None
        rules = [
            rule(
                priority=_FIRST_LIST_PRIORITY + place,
                action=action,
                block_response=block_response,
                firewall_domain_list_id=list_id,
            )
            for place, list_id in enumerate(dns_firewall.domain_list_ids)
        ]
        if dns_firewall.advanced_protection:
            rules += [
                rule(
                    priority=_FIRST_ADVANCED_PRIORITY + place,
                    action=action,
                    block_response=block_response,
                    dns_threat_protection=threat,
                    confidence_threshold=dns_firewall.confidence_threshold.value,
                )
                for place, threat in enumerate(_ADVANCED_THREATS)
            ]
        self.rule_group: Final = route53resolver.CfnFirewallRuleGroup(self, "RuleGroup", firewall_rules=rules)
        self.association: Final = route53resolver.CfnFirewallRuleGroupAssociation(
            self,
            "Association",
            firewall_rule_group_id=self.rule_group.attr_id,
            vpc_id=vpc_id,
            priority=_ASSOCIATION_PRIORITY,
            mutation_protection="ENABLED" if dns_firewall.mutation_protection else "DISABLED",
        )
