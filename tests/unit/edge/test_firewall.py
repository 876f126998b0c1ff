"""The firewall as a value: what it refuses, and what it says of groups and addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import Firewall, ManagedRules, RuleMode


def test_groups_of_the_default() -> None:
    """Anonymous addresses are counted alone, and bots cost extra."""
    assert Firewall().managed_groups() == [
        (ManagedRules.IP_REPUTATION, RuleMode.BLOCK),
        (ManagedRules.ANONYMOUS_IP, RuleMode.COUNT),
        (ManagedRules.KNOWN_BAD_INPUTS, RuleMode.BLOCK),
        (ManagedRules.COMMON, RuleMode.BLOCK),
    ]


@pytest.mark.parametrize(
    ("argument", "group"),
    [
        ("ip_reputation", ManagedRules.IP_REPUTATION),
        ("anonymous_ip", ManagedRules.ANONYMOUS_IP),
        ("known_bad_inputs", ManagedRules.KNOWN_BAD_INPUTS),
        ("common_rules", ManagedRules.COMMON),
        ("bot_control", ManagedRules.BOT_CONTROL),
    ],
)
@pytest.mark.parametrize("mode", RuleMode)
def test_each_group_does_what_it_is_told(argument: str, group: ManagedRules, mode: RuleMode) -> None:
    """Block, count or off, and the other groups as they were."""
    options: dict[str, Any] = {argument: mode}
    found = dict(Firewall(**options).managed_groups())
    assert found.get(group, RuleMode.OFF) is mode


def test_counting_alone_blocks_nothing() -> None:
    """For the roll-out every group counts."""
    firewall = Firewall(count_only=True, bot_control=RuleMode.BLOCK)
    assert {mode for _, mode in firewall.managed_groups()} == {RuleMode.COUNT}


def test_addresses_are_grouped_by_version() -> None:
    """One set for each version, sorted, without doubles."""
    firewall = Firewall(denied_cidrs=["2001:db8::/32", "198.51.100.7/32", "192.0.2.0/24", "192.0.2.0/24"])
    assert firewall.addresses("denied_cidrs") == {
        "IPV4": ["192.0.2.0/24", "198.51.100.7/32"],
        "IPV6": ["2001:db8::/32"],
    }


@given(st.lists(st.ip_addresses(v=4).map(lambda address: f"{address}/32"), max_size=8))
def test_the_order_of_addresses_does_not_matter(cidrs: list[str]) -> None:
    """The same addresses are the same set."""
    one, other = Firewall(allowed_cidrs=cidrs), Firewall(allowed_cidrs=cidrs[::-1] + cidrs)
    assert one.addresses("allowed_cidrs") == other.addresses("allowed_cidrs")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rate_limit": 9}, r"rate_limit: got 9; allowed: 10 to 2,000,000,000, or None"),
        ({"rate_limit": "100"}, r"rate_limit: got '100'"),
        ({"redacted_headers": ["Cookie"]}, r"redacted_headers: no header, got 'Cookie'"),
        ({"counted_rules": {"Common": ["A"]}}, r"counted_rules: no group with rules, got 'Common'"),
        ({"counted_rules": {ManagedRules.COMMON: "A"}}, r"counted_rules: no group with rules"),
        ({"counted_rules": {ManagedRules.COMMON: ["A b"]}}, r"counted_rules: no rule, got 'A b'"),
        ({"counted_rules": {ManagedRules.BOT_CONTROL: ["A"]}}, r"counted_rules: a group that is off"),
        ({"common_rules": "count"}, r"AWSManagedRulesCommonRuleSet: no mode, got 'count'; allowed: BLOCK, COUNT, OFF"),
        ({"allowed_cidrs": "192.0.2.0/24"}, r"allowed_cidrs: not a list"),
        ({"allowed_cidrs": ["192.0.2.1/24"]}, r"allowed_cidrs: no block of addresses, got '192.0.2.1/24'"),
        ({"denied_cidrs": ["0.0.0.0/0"]}, r"denied_cidrs: every address there is"),
        ({"allowed_cidrs": ["192.0.2.0/24"], "denied_cidrs": ["192.0.2.0/24"]}, r"denied_cidrs: allowed at once"),
    ],
)
def test_what_waf_would_refuse(options: dict[str, Any], problem: str) -> None:
    """Malformed and contradictory settings raise."""
    with pytest.raises(ValueError, match=problem):
        Firewall(**options)


def test_no_firewall() -> None:
    """There is one by default, and none on request."""
    assert (Firewall().enabled, Firewall.none().enabled) == (True, False)
