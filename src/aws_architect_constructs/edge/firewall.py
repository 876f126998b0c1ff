"""What a web ACL lets pass, as a value.

Pure Python. https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from typing import Final

_HEADER: Final = re.compile(r"[a-z0-9-]+", re.ASCII)
_RULE: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_LOWEST_RATE: Final = 10
_HIGHEST_RATE: Final = 2_000_000_000
"""https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""


class RuleMode(StrEnum):
    """What a group of rules does to requests that it finds."""

    BLOCK = "BLOCK"
    COUNT = "COUNT"
    OFF = "OFF"


class ManagedRules(StrEnum):
    """AWS's groups of rules that take part, in their order."""

    IP_REPUTATION = "AWSManagedRulesAmazonIpReputationList"
    ANONYMOUS_IP = "AWSManagedRulesAnonymousIpList"
    KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
    COMMON = "AWSManagedRulesCommonRuleSet"
    BOT_CONTROL = "AWSManagedRulesBotControlRuleSet"


class WebAclScope(StrEnum):
    """What a web ACL can stand before."""

    CLOUDFRONT = "CLOUDFRONT"
    """Distributions; the web ACL is made in us-east-1."""
    REGIONAL = "REGIONAL"
    """Load balancers and APIs of the web ACL's own Region."""


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """Which requests a web ACL blocks or counts.

    The order: denied addresses, allowed addresses (which pass everything after), the rate limit, bad reputation,
    anonymous addresses, known bad inputs, common attacks, bots.

    **Rolling it out.** Begin with `count_only=True` before a site that lives already, look at what the log says would
    have been blocked, name the rules that hit what is right in `counted_rules`, then drop `count_only`. A body over
    8 KB, a file for an upload say, is blocked by the common rules' `SizeRestrictions_BODY`.

    Cost in us-east-1 (https://aws.amazon.com/waf/pricing/): 5 USD a month for the web ACL, 1 USD for each rule or
    group in it (five by default), 0.60 USD for a million requests. Bot control adds 10 USD a month beside its
    rule's, and 1 USD for a million requests beyond the first ten.

    Attributes:
        rate_limit: Requests of one address in five minutes beyond which it is blocked for as long as it goes on,
            10 to 2,000,000,000. Default 2000. None means no limit.
        ip_reputation: Addresses that Amazon has seen attack. Default BLOCK.
        anonymous_ip: VPNs, proxies, Tor and hosting providers. Default COUNT: many visitors use a VPN.
        known_bad_inputs: Requests that only an exploit sends, Log4j's among them. Default BLOCK.
        common_rules: The OWASP top ten's patterns. Default BLOCK.
        bot_control: Scrapers, scanners and other bots that say so. Default OFF, for its price.
        count_only: Whether nothing is blocked but denied addresses, only counted and logged. Default False.
        counted_rules: Rules that count instead of block, by group: `{ManagedRules.COMMON: ["SizeRestrictions_BODY"]}`.
            Default none.
        allowed_cidrs: Addresses that pass whatever they send. Default none.
        denied_cidrs: Addresses that never pass. Default none.
        redacted_headers: Headers whose values the log does not keep. Default authorization and cookie.
        redact_query_string: Whether the log leaves query strings out. Default False.
        log_everything: Whether requests that nothing found are logged too. Default False: the log then costs what
            attacks cost.
    """

    rate_limit: int | None = 2000
    ip_reputation: RuleMode = RuleMode.BLOCK
    anonymous_ip: RuleMode = RuleMode.COUNT
    known_bad_inputs: RuleMode = RuleMode.BLOCK
    common_rules: RuleMode = RuleMode.BLOCK
    bot_control: RuleMode = RuleMode.OFF
    count_only: bool = False
    counted_rules: Mapping[ManagedRules, Sequence[str]] = field(default_factory=dict)
    allowed_cidrs: Sequence[str] = ()
    denied_cidrs: Sequence[str] = ()
    redacted_headers: Sequence[str] = ("authorization", "cookie")
    redact_query_string: bool = False
    log_everything: bool = False
    _enabled: bool = field(default=True, repr=False)

    def __post_init__(self) -> None:
        """Refuse what AWS WAF would refuse."""
        rate = self.rate_limit
        if rate is not None and not (type(rate) is int and _LOWEST_RATE <= rate <= _HIGHEST_RATE):
            raise ValueError(f"rate_limit: got {rate!r}; allowed: {_LOWEST_RATE} to {_HIGHEST_RATE:,}, or None")
        for header in self.redacted_headers:
            if not _HEADER.fullmatch(header):
                raise ValueError(f"redacted_headers: no header, got {header!r}; allowed: names in lower case")
        self._check_groups()
        both = set(_networks("allowed_cidrs", self.allowed_cidrs)) & set(_networks("denied_cidrs", self.denied_cidrs))
        if both:
            raise ValueError(f"denied_cidrs: allowed at once, got {sorted(both)}; allowed: one of the two")

    def _check_groups(self) -> None:
        modes = self._modes()
        for name, mode in modes.items():
            if mode not in set(RuleMode):
                raise ValueError(f"{name}: no mode, got {mode!r}; allowed: {', '.join(RuleMode)}")
        for group, rules in self.counted_rules.items():
            if group not in set(ManagedRules) or isinstance(rules, str):
                known = ", ".join(ManagedRules)
                raise ValueError(f"counted_rules: no group with rules, got {group!r}: {rules!r}; allowed: {known}")
            if modes[ManagedRules(group)] == RuleMode.OFF:
                raise ValueError(f"counted_rules: a group that is off, got {group}; allowed: groups that take part")
            for rule in rules:
                if not _RULE.fullmatch(rule):
                    raise ValueError(f"counted_rules: no rule, got {rule!r}; allowed: 'SizeRestrictions_BODY', ...")

    @classmethod
    def none(cls) -> "Firewall":
        """No web ACL: nothing is filtered and nothing paid."""
        return cls(_enabled=False)

    @property
    def enabled(self) -> bool:
        """Whether there is a web ACL."""
        return self._enabled

    def managed_groups(self) -> list[tuple[ManagedRules, RuleMode]]:
        """AWS's groups that take part, with what each does, in their order."""
        return [
            (group, RuleMode.COUNT if self.count_only else RuleMode(mode))
            for group, mode in self._modes().items()
            if RuleMode(mode) is not RuleMode.OFF
        ]

    def _modes(self) -> dict[ManagedRules, RuleMode]:
        return {
            ManagedRules.IP_REPUTATION: self.ip_reputation,
            ManagedRules.ANONYMOUS_IP: self.anonymous_ip,
            ManagedRules.KNOWN_BAD_INPUTS: self.known_bad_inputs,
            ManagedRules.COMMON: self.common_rules,
            ManagedRules.BOT_CONTROL: self.bot_control,
        }

    def addresses(self, argument: str) -> dict[str, list[str]]:
        """The addresses of `allowed_cidrs` or `denied_cidrs` by IP version, for one IP set each."""
        networks = [ip_network(cidr) for cidr in _networks(argument, getattr(self, argument))]
        found = {
            f"IPV{version}": [str(network) for network in networks if network.version == version] for version in (4, 6)
        }
        return {version: cidrs for version, cidrs in found.items() if cidrs}


def _networks(argument: str, cidrs: Sequence[str]) -> list[str]:
    """The blocks, each written the one way, without doubles, in order.

    Raises:
        ValueError: If one is malformed, or is every address, which AWS WAF takes in no set.
    """
    if isinstance(cidrs, str):
        raise ValueError(f"{argument}: not a list, got {cidrs!r}; allowed: a list of CIDRs")
    found = set()
    for cidr in cidrs:
        try:
            network = ip_network(cidr)
        except ValueError:
            raise ValueError(f"{argument}: no block of addresses, got {cidr!r}; allowed: '192.0.2.0/24', ...") from None
        if network.prefixlen == 0:
            raise ValueError(f"{argument}: every address there is, got {cidr!r}; allowed: from /1 on")
        found.add(network)
    return [str(network) for network in sorted(found, key=lambda one: (one.version, one))]
