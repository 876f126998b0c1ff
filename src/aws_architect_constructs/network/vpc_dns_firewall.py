"""The resources of a VPC's DNS firewall; loaded only where there is one."""

from typing import Final

from aws_cdk import aws_route53resolver as route53resolver
from constructs import Construct

from .dns_firewall import DnsFirewall, DnsFirewallAction

_FIRST_LIST_PRIORITY: Final = 100
_FIRST_ADVANCED_PRIORITY: Final = 1000
_ASSOCIATION_PRIORITY: Final = 500  # AWS takes 101 to 9900: room on both sides for Firewall Manager's own
_ADVANCED_THREATS: Final = ("DGA", "DICTIONARY_DGA", "DNS_TUNNELING")


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
