"""The network ACLs' rules, as packets meet them.

A small packet filter of this test's own sends packets through the rules of one whole VPC: at each subnet's edge, in
each direction, the lowest number that matches decides, and nothing remembers the packet before.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import AdditionalTier, AdditionalTierType, AddressPlan, EnvironmentType
from aws_architect_constructs.network.acl_plan import AclSettings, BlockTexts, tier_rules
from aws_architect_constructs.network.address_plan import Slot
from aws_architect_constructs.network.layout import Layout, TierLayout, plan_layout
from aws_architect_constructs.network.network_acls import (
    AclRule,
    Family,
    Protocol,
    Purpose,
    TierBlocks,
    check_quota,
    isolated_rules,
    private_rules,
    public_rules,
)

IPV4, IPV6 = Family.IPV4, Family.IPV6
TCP, UDP = Protocol.TCP, Protocol.UDP
FAMILIES: Final = (IPV4, IPV6)
IPV6_BLOCK: Final = IPv6Network("2600:1f18:abcd:ff00::/56")
PUBLIC_RANGE: Final = "44.8.0.0/16"

HOSTS: Final[Mapping[Family, Mapping[str, str]]] = {
    IPV4: {
        "Public a": "10.2.1.10",
        "Public b": "10.2.2.10",
        "Private a": "10.2.11.10",
        "Private b": "10.2.12.10",
        "Isolated a": "10.2.21.10",
        "Isolated b": "10.2.22.10",
        "Cache a": "10.2.31.10",
        "Cache b": "10.2.32.10",
        "Pods a": "100.64.0.10",
        "Pods b": "100.64.32.10",
        "the internet": "203.0.113.9",
        "Amazon S3": "52.218.10.10",
        "the office": "10.200.7.7",
        "the partner": "198.51.100.7",
        "the stranger": "10.99.0.9",
        "the culprit": "192.0.2.66",
        "the inner culprit": "10.66.0.9",
    },
    IPV6: {
        "Public a": "2600:1f18:abcd:ff01::10",
        "Public b": "2600:1f18:abcd:ff02::10",
        "Private a": "2600:1f18:abcd:ff0b::10",
        "Private b": "2600:1f18:abcd:ff0c::10",
        "Isolated a": "2600:1f18:abcd:ff15::10",
        "Isolated b": "2600:1f18:abcd:ff16::10",
        "Cache a": "2600:1f18:abcd:ff1f::10",
        "Cache b": "2600:1f18:abcd:ff20::10",
        "Pods a": "2600:1f18:abcd:ff29::10",
        "Pods b": "2600:1f18:abcd:ff2a::10",
        "the internet": "2a00:1450::9",
        "Amazon S3": "2600:1fa0::10",
        "the office": "fd00:200::7",
        "the partner": "2001:db8:77::7",
        "the stranger": "fd00:99::9",
        "the culprit": "2001:db8:66::9",
        "the inner culprit": "fd00:66::9",
    },
}
"""Hosts by name: two in each tier, Cache like the isolated one, Pods like the private one in a block of its own; the
office and the partner are trusted networks, of private and of public addresses; the culprits are blocked."""

TRUSTED: Final = ("10.200.0.0/16", "198.51.100.0/24", "fd00:200::/32", "2001:db8:77::/48")
BLOCKED: Final = ("192.0.2.0/24", "10.66.0.0/16", "2001:db8:66::/48", "fd00:66::/32")
TIERS: Final = ("Public", "Private", "Isolated", "Cache", "Pods")
PRIVATE_TIERS: Final = ("Private", "Pods")
ISOLATED_TIERS: Final = ("Isolated", "Cache")
ANY_PORTS: Final = (22, 443, 1023, 1024, 5432, 65535)


@dataclass(frozen=True, kw_only=True)
class Packet:
    """A packet: its addresses, and its destination port or its ICMP type and code."""

    source: str
    destination: str
    protocol: Protocol
    port: int | None = None
    icmp: tuple[int, int] | None = None


def matches(rule: AclRule, other: str, packet: Packet) -> bool:
    """Whether a rule is about a packet whose far side is `other`."""
    network, address = ip_network(rule.block), ip_address(other)
    if network.version != address.version or address not in network:
        return False
    if rule.protocol is not Protocol.ALL and rule.protocol is not packet.protocol:
        return False
    if rule.ports is not None and (packet.port is None or not rule.ports[0] <= packet.port <= rule.ports[1]):
        return False
    return rule.icmp is None or (
        packet.icmp is not None and all(want in (-1, got) for want, got in zip(rule.icmp, packet.icmp, strict=True))
    )


def allowed(rules: Sequence[AclRule], packet: Packet, *, egress: bool) -> bool:
    """What an ACL says: the lowest number that matches decides, and the closing denial where none does."""
    other = packet.destination if egress else packet.source
    decisive = sorted(
        (rule for rule in rules if rule.egress is egress and matches(rule, other, packet)), key=lambda r: r.number
    )
    return bool(decisive) and decisive[0].allow


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """A VPC: the rules of its tiers, and the addresses of its subnets."""

    rules: Mapping[str, Sequence[AclRule]]
    subnets: Mapping[IPv4Network | IPv6Network, str]

    def subnet(self, address: str) -> IPv4Network | IPv6Network | None:
        """The subnet that an address is in, or None outside the VPC."""
        return next((network for network in self.subnets if ip_address(address) in network), None)

    def crosses(self, packet: Packet) -> bool:
        """Whether a packet gets out of its subnet and into the other."""
        source, destination = self.subnet(packet.source), self.subnet(packet.destination)
        if source is not None and source == destination:
            return True  # never reaches a subnet's edge
        leaves = source is None or allowed(self.rules[self.subnets[source]], packet, egress=True)
        enters = destination is None or allowed(self.rules[self.subnets[destination]], packet, egress=False)
        return leaves and enters


def part(block: IPv4Network | IPv6Network, slot: Slot) -> IPv4Network | IPv6Network:
    """A slot's addresses, in either family."""
    subnets: list[IPv4Network | IPv6Network] = [*block.subnets(prefixlen_diff=slot.bits)]
    return subnets[slot.index]


def four(layout: Layout, tier: TierLayout, slots: Sequence[Slot]) -> list[IPv4Network | IPv6Network]:
    """IPv4 addresses of a tier's slots."""
    block = tier.secondary_cidr or layout.block
    assert block is not None
    return [part(block, slot) for slot in slots]


@cache
def vpc(
    *,
    internet: bool = True,
    cidr: str | None = None,
    public_ports: tuple[int, ...] = (80, 443),
    trusted: tuple[str, ...] = TRUSTED,
    blocked: tuple[str, ...] = BLOCKED,
) -> Vpc:
    """A VPC of five tiers in three AZs, in both families."""
    layout = plan_layout(
        "Prod/Network",
        environment_type=EnvironmentType.PROD,
        cidr=cidr,
        network_index=0,
        address_plan=AddressPlan.STANDARD,
        availability_zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
        region="eu-west-1",
        additional_tiers=(
            AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED),
            AdditionalTier(name="Pods", tier_type=AdditionalTierType.PRIVATE, cidr="100.64.0.0/16"),
        ),
        secondary_cidrs=("100.64.0.0/16",),
        connected=(),
    )
    rules = tier_rules(
        layout,
        AclSettings(public_ports=public_ports, trusted_cidrs=trusted, blocked_cidrs=blocked, rule_quota=40),
        internet=internet,
        ipv4=BlockTexts(
            vpc=tuple(map(str, layout.literal_blocks)),
            tiers={tier.name: tuple(map(str, four(layout, tier, tier.blocks))) for tier in layout.tiers},
        ),
        ipv6=BlockTexts(
            vpc=(str(IPV6_BLOCK),),
            tiers={tier.name: tuple(str(part(IPV6_BLOCK, slot)) for slot in tier.ipv6_blocks) for tier in layout.tiers},
        ),
    )
    subnets = {
        network: tier.name
        for tier in layout.tiers
        for network in [*four(layout, tier, tier.slots), *(part(IPV6_BLOCK, slot) for slot in tier.ipv6_slots)]
    }
    return Vpc(rules=rules, subnets=subnets)


def sends(
    source: str,
    destination: str,
    protocol: Protocol,
    port: int | None = None,
    *,
    family: Family = IPV4,
    icmp: tuple[int, int] | None = None,
    through: Vpc | None = None,
) -> bool:
    """Whether one packet between two hosts, by name, gets through."""
    hosts = HOSTS[family]
    packet = Packet(source=hosts[source], destination=hosts[destination], protocol=protocol, port=port, icmp=icmp)
    return (through or vpc()).crosses(packet)


def talks(
    client: str,
    server: str,
    protocol: Protocol,
    port: int,
    *,
    family: Family = IPV4,
    client_port: int = 40000,
    through: Vpc | None = None,
) -> bool:
    """Whether a client gets an answer from a server: a packet there, and one back."""
    there = sends(client, server, protocol, port, family=family, through=through)
    return there and sends(server, client, protocol, client_port, family=family, through=through)


both_families = pytest.mark.parametrize("family", FAMILIES, ids=["ipv4", "ipv6"])
both_transports = pytest.mark.parametrize("protocol", [TCP, UDP], ids=["tcp", "udp"])
with_and_without_internet = pytest.mark.parametrize("internet", [True, False], ids=["internet", "no-internet"])
any_port = pytest.mark.parametrize("port", ANY_PORTS)
any_tier = pytest.mark.parametrize("tier", TIERS)
any_private_tier = pytest.mark.parametrize("private", PRIVATE_TIERS)
any_isolated_tier = pytest.mark.parametrize("isolated", ISOLATED_TIERS)


@both_families
@with_and_without_internet
class TestInsideTheVpc:
    """What the tiers say to each other, with and without a way to the internet."""

    @any_port
    @both_transports
    @any_tier
    def test_a_tier_talks_to_itself_across_azs(
        self, tier: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Within a tier any traffic crosses from AZ to AZ: replication, clusters, proxies."""
        assert talks(f"{tier} a", f"{tier} b", protocol, port, family=family, through=vpc(internet=internet))

    @any_tier
    def test_a_tier_pings_itself_across_azs(self, tier: str, internet: bool, family: Family) -> None:
        """Within a tier ICMP crosses from AZ to AZ too."""
        echo = (Protocol.ICMP, (8, 0)) if family is IPV4 else (Protocol.ICMPV6, (128, 0))
        assert sends(f"{tier} a", f"{tier} b", echo[0], icmp=echo[1], family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_private_tier
    @any_isolated_tier
    def test_private_asks_isolated(
        self, *, private: str, isolated: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Private tiers reach isolated ones on any port."""
        assert talks(f"{private} a", f"{isolated} b", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_private_tier
    @any_isolated_tier
    def test_isolated_asks_private(
        self, *, private: str, isolated: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Isolated tiers reach private ones on any port: interface endpoints, a database that calls a function."""
        assert talks(f"{isolated} a", f"{private} b", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    def test_one_isolated_tier_talks_to_another(
        self, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Isolated tiers reach each other on any port."""
        assert talks("Isolated a", "Cache a", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @any_private_tier
    def test_load_balancers_reach_private_targets(
        self, private: str, port: int, internet: bool, family: Family
    ) -> None:
        """A load balancer's requests and health checks reach any port of the private tiers."""
        assert talks("Public a", f"{private} b", TCP, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_private_tier
    def test_private_asks_public(
        self, private: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Private tiers reach the public one on any port."""
        assert talks(f"{private} a", "Public b", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_isolated_tier
    def test_no_packet_crosses_from_public_to_isolated(
        self, isolated: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Not one packet gets from the public tier to an isolated one, on ports above 1023 either."""
        assert not sends("Public a", f"{isolated} a", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_isolated_tier
    def test_no_packet_crosses_from_isolated_to_public(
        self, isolated: str, protocol: Protocol, port: int, internet: bool, family: Family
    ) -> None:
        """Not one packet gets from an isolated tier to the public one."""
        assert not sends(f"{isolated} a", "Public a", protocol, port, family=family, through=vpc(internet=internet))


@settings(max_examples=500)
@given(
    family=st.sampled_from(FAMILIES),
    isolated=st.sampled_from(ISOLATED_TIERS),
    outwards=st.booleans(),
    internet=st.booleans(),
    protocol=st.sampled_from([TCP, UDP, Protocol.ICMP, Protocol.ICMPV6]),
    port=st.integers(0, 65535),
    icmp=st.tuples(st.integers(0, 255), st.integers(0, 15)),
)
def test_public_and_isolated_never_exchange_a_packet(
    *,
    family: Family,
    isolated: str,
    outwards: bool,
    internet: bool,
    protocol: Protocol,
    port: int,
    icmp: tuple[int, int],
) -> None:
    """Whatever the protocol, port or direction, no packet crosses between the public and an isolated tier."""
    ends = (f"{isolated} b", "Public b") if outwards else ("Public b", f"{isolated} b")
    assert not sends(*ends, protocol, port, icmp=icmp, family=family, through=vpc(internet=internet))


@both_families
class TestFromTheInternet:
    """What the internet reaches."""

    @pytest.mark.parametrize("port", [80, 443])
    def test_published_ports_answer(self, port: int, family: Family) -> None:
        """The internet reaches the public tier's published ports and gets its answer."""
        assert talks("the internet", "Public a", TCP, port, family=family)

    @pytest.mark.parametrize("port", [1, 22, 25, 445, 1023])
    def test_other_ports_do_not(self, port: int, family: Family) -> None:
        """A port below 1024 that is not published takes no packet from the internet."""
        assert not sends("the internet", "Public a", TCP, port, family=family)

    @pytest.mark.parametrize("port", [80, 443])
    def test_published_ports_are_tcp(self, port: int, family: Family) -> None:
        """A published port takes no UDP."""
        assert not sends("the internet", "Public a", UDP, port, family=family)

    @pytest.mark.parametrize(("port", "answers"), [(443, False), (8443, True)])
    def test_publishing_is_by_choice(self, port: int, answers: bool, family: Family) -> None:
        """Only the ports that are given are published."""
        assert talks("the internet", "Public a", TCP, port, family=family, through=vpc(public_ports=(8443,))) is answers

    def test_nothing_is_published_without_ports(self, family: Family) -> None:
        """Without ports the public tier publishes none."""
        assert not sends("the internet", "Public a", TCP, 443, family=family, through=vpc(public_ports=()))

    @with_and_without_internet
    @both_transports
    @pytest.mark.parametrize("port", [22, 80, 443, 1023])
    @any_private_tier
    def test_private_tier_takes_nothing(
        self, private: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """No packet from the internet to a well-known port enters a private tier."""
        through = vpc(internet=internet)
        assert not sends("the internet", f"{private} a", protocol, port, family=family, through=through)

    @with_and_without_internet
    @both_transports
    @any_port
    @any_isolated_tier
    def test_isolated_tier_never_answers(
        self, isolated: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """Nobody on the internet gets an answer from an isolated tier."""
        assert not talks("the internet", f"{isolated} a", protocol, port, family=family, through=vpc(internet=internet))

    @any_port
    @any_isolated_tier
    def test_isolated_tier_takes_no_udp(self, isolated: str, port: int, family: Family) -> None:
        """No UDP packet from the internet enters an isolated tier."""
        assert not sends("the internet", f"{isolated} a", UDP, port, family=family)


class TestNat:
    """A private host's way to the internet and back: by the NAT gateway's subnet, with the host's ports."""

    @both_transports
    @any_port
    @any_private_tier
    def test_request_reaches_the_gateway_s_subnet(self, private: str, port: int, protocol: Protocol) -> None:
        """A packet for any port of the internet leaves the private tier and enters the gateway's subnet."""
        packet = Packet(
            source=HOSTS[IPV4][f"{private} a"], destination=HOSTS[IPV4]["the internet"], protocol=protocol, port=port
        )
        assert allowed(vpc().rules[private], packet, egress=True)
        assert allowed(vpc().rules["Public"], packet, egress=False)

    @both_transports
    @any_port
    def test_gateway_sends_the_request_on(self, port: int, protocol: Protocol) -> None:
        """The gateway's packet for any port leaves the public tier."""
        assert sends("Public a", "the internet", protocol, port)

    @both_transports
    @pytest.mark.parametrize("port", [1024, 32768, 65535])
    def test_answer_reaches_the_gateway(self, port: int, protocol: Protocol) -> None:
        """An answer to any of the gateway's ports enters the public tier."""
        assert sends("the internet", "Public a", protocol, port)

    @both_transports
    @pytest.mark.parametrize("port", [1024, 32768, 65535])
    @any_private_tier
    def test_answer_reaches_the_host(self, private: str, port: int, protocol: Protocol) -> None:
        """The answer, with the internet's address, leaves the gateway's subnet and enters the private tier."""
        packet = Packet(
            source=HOSTS[IPV4]["the internet"], destination=HOSTS[IPV4][f"{private} a"], protocol=protocol, port=port
        )
        assert allowed(vpc().rules["Public"], packet, egress=True)
        assert allowed(vpc().rules[private], packet, egress=False)

    @both_transports
    @any_port
    @any_private_tier
    def test_ipv6_needs_no_gateway_s_subnet(self, private: str, port: int, protocol: Protocol) -> None:
        """Over IPv6 a private host talks to the internet directly, by the egress-only gateway."""
        assert talks(f"{private} a", "the internet", protocol, port, family=IPV6)

    @pytest.mark.parametrize("tier", ["Public", "Private", "Pods"])
    def test_path_mtu_is_discovered_over_ipv4(self, tier: str) -> None:
        """The news that fragmentation is needed (ICMP type 3, code 4) enters public and private tiers."""
        assert sends("the internet", f"{tier} a", Protocol.ICMP, icmp=(3, 4))

    @pytest.mark.parametrize("tier", ["Public", "Private", "Pods"])
    def test_path_mtu_is_discovered_over_ipv6(self, tier: str) -> None:
        """The news that a packet is too big (ICMPv6 type 2) enters public and private tiers."""
        assert sends("the internet", f"{tier} a", Protocol.ICMPV6, icmp=(2, 0), family=IPV6)

    @any_tier
    def test_pings_do_not_enter(self, tier: str) -> None:
        """Nobody on the internet pings a tier over IPv4."""
        assert not sends("the internet", f"{tier} a", Protocol.ICMP, icmp=(8, 0))


@both_families
class TestIsolatedToAws:
    """The isolated tier's way to gateway endpoints, which answer from public addresses."""

    @any_isolated_tier
    def test_https_is_answered(self, isolated: str, family: Family) -> None:
        """An isolated host talks HTTPS to a gateway endpoint."""
        assert talks(f"{isolated} a", "Amazon S3", TCP, 443, family=family)

    @any_isolated_tier
    def test_https_is_answered_beside_a_default_route(self, isolated: str, family: Family) -> None:
        """So it does where a transit gateway has everywhere behind it."""
        through = vpc(trusted=("0.0.0.0/0", "::/0"))
        assert talks(f"{isolated} a", "Amazon S3", TCP, 443, family=family, through=through)

    @pytest.mark.parametrize("port", [22, 80, 8443])
    @any_isolated_tier
    def test_nothing_else_leaves(self, isolated: str, port: int, family: Family) -> None:
        """No other TCP port of a public address is reached."""
        assert not sends(f"{isolated} a", "Amazon S3", TCP, port, family=family)

    @any_port
    @any_isolated_tier
    def test_no_udp_leaves(self, isolated: str, port: int, family: Family) -> None:
        """No UDP packet leaves for a public address."""
        assert not sends(f"{isolated} a", "Amazon S3", UDP, port, family=family)


@both_families
class TestTrustedNetworks:
    """Connected networks exchange any traffic with private tiers, and with no other."""

    @with_and_without_internet
    @both_transports
    @any_port
    @any_private_tier
    @pytest.mark.parametrize("network", ["the office", "the partner"])
    def test_reach_private_tiers(
        self, *, network: str, private: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """A trusted network reaches any port of a private tier."""
        assert talks(network, f"{private} a", protocol, port, family=family, through=vpc(internet=internet))

    @with_and_without_internet
    @both_transports
    @any_port
    @any_private_tier
    @pytest.mark.parametrize("network", ["the office", "the partner"])
    def test_are_reached_from_private_tiers(
        self, *, network: str, private: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """A private tier reaches any port of a trusted network."""
        assert talks(f"{private} a", network, protocol, port, family=family, through=vpc(internet=internet))

    @both_transports
    @any_port
    @any_isolated_tier
    @pytest.mark.parametrize("network", ["the office", "the partner"])
    def test_reach_no_isolated_tier(
        self, *, network: str, isolated: str, port: int, protocol: Protocol, family: Family
    ) -> None:
        """No packet of a trusted network enters an isolated tier, whether its addresses are private or public."""
        assert not sends(network, f"{isolated} a", protocol, port, family=family)

    @both_transports
    @any_port
    @any_isolated_tier
    @pytest.mark.parametrize("network", ["the office", "the partner"])
    def test_are_reached_from_no_isolated_tier(
        self, *, network: str, isolated: str, port: int, protocol: Protocol, family: Family
    ) -> None:
        """No packet of an isolated tier leaves for a trusted network."""
        assert not sends(f"{isolated} a", network, protocol, port, family=family)

    @both_transports
    @any_port
    @pytest.mark.parametrize("network", ["the office", "the partner"])
    def test_are_to_the_public_tier_as_the_internet_is(
        self, network: str, port: int, protocol: Protocol, family: Family
    ) -> None:
        """The public tier admits from a trusted network what it admits from the internet, and no more."""
        from_network = sends(network, "Public a", protocol, port, family=family)
        assert from_network is sends("the internet", "Public a", protocol, port, family=family)

    @with_and_without_internet
    @pytest.mark.parametrize("port", [22, 80, 443, 1023])
    @any_private_tier
    def test_undeclared_networks_are_no_trusted_ones(
        self, private: str, port: int, internet: bool, family: Family
    ) -> None:
        """A private network that nobody declared does not reach a private tier."""
        assert not sends("the stranger", f"{private} a", TCP, port, family=family, through=vpc(internet=internet))

    @any_port
    @both_transports
    @any_isolated_tier
    def test_undeclared_networks_reach_no_isolated_tier(
        self, isolated: str, protocol: Protocol, port: int, family: Family
    ) -> None:
        """Nor does it send a single packet into an isolated one."""
        assert not sends("the stranger", f"{isolated} a", protocol, port, family=family)


@both_families
@with_and_without_internet
@both_transports
@pytest.mark.parametrize("port", [22, 80, 443, 40000])
@any_tier
@pytest.mark.parametrize("culprit", ["the culprit", "the inner culprit"])
class TestBlockedNetworks:
    """Blocked networks are denied ahead of every allow."""

    def test_send_nothing(
        self, *, culprit: str, tier: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """No packet of a blocked network enters any tier, on published ports or as an answer either."""
        assert not sends(culprit, f"{tier} a", protocol, port, family=family, through=vpc(internet=internet))

    def test_get_nothing(
        self, *, culprit: str, tier: str, port: int, protocol: Protocol, internet: bool, family: Family
    ) -> None:
        """No packet of any tier leaves for a blocked network."""
        assert not sends(f"{tier} a", culprit, protocol, port, family=family, through=vpc(internet=internet))


@both_families
class TestBlockedInsideTrusted:
    """A blocked part of a trusted network."""

    @pytest.mark.parametrize(("source", "destination"), [("the office", "Private a"), ("Private a", "the office")])
    def test_blocked_wins(self, source: str, destination: str, family: Family) -> None:
        """What is both trusted and blocked is blocked, in both directions."""
        through = vpc(blocked=("10.200.7.0/24", "fd00:200::/48"))
        assert not sends(source, destination, TCP, 443, family=family, through=through)


@both_families
@any_private_tier
class TestWithoutInternet:
    """Private tiers of a VPC without NAT."""

    @any_port
    def test_take_no_udp_from_outside(self, private: str, port: int, family: Family) -> None:
        """No UDP packet from outside enters, not as an answer either."""
        assert not sends("the internet", f"{private} a", UDP, port, family=family, through=vpc(internet=False))

    def test_talk_https_to_gateway_endpoints(self, private: str, family: Family) -> None:
        """HTTPS to a gateway endpoint is answered."""
        assert talks(f"{private} a", "Amazon S3", TCP, 443, family=family, through=vpc(internet=False))

    @pytest.mark.parametrize("port", [22, 25, 80, 8443, 40000])
    def test_send_nothing_else_outside(self, private: str, port: int, family: Family) -> None:
        """No other port outside is reached."""
        assert not sends(f"{private} a", "the internet", TCP, port, family=family, through=vpc(internet=False))

    @any_port
    def test_send_no_udp_outside(self, private: str, port: int, family: Family) -> None:
        """No UDP packet leaves for outside."""
        assert not sends(f"{private} a", "the internet", UDP, port, family=family, through=vpc(internet=False))


class TestPublicRange:
    """A VPC with a publicly routable block, whose own addresses look like AWS's."""

    @pytest.mark.parametrize("port", [443, 1024, 5432, 65535])
    @pytest.mark.parametrize(("source", "destination"), [("44.8.1.10", "44.8.21.10"), ("44.8.21.10", "44.8.1.10")])
    def test_public_and_isolated_stay_apart(self, source: str, destination: str, port: int) -> None:
        """The fence stands around the VPC's own block too, so that no packet crosses in either direction."""
        packet = Packet(source=source, destination=destination, protocol=TCP, port=port)
        assert not vpc(cidr=PUBLIC_RANGE).crosses(packet)

    def test_private_and_isolated_talk(self) -> None:
        """The fence does not stand between private and isolated tiers."""
        there = Packet(source="44.8.11.10", destination="44.8.21.10", protocol=TCP, port=5432)
        back = Packet(source="44.8.21.10", destination="44.8.11.10", protocol=TCP, port=40000)
        assert vpc(cidr=PUBLIC_RANGE).crosses(there)
        assert vpc(cidr=PUBLIC_RANGE).crosses(back)


def blocks(family: Family = IPV4, /, **more: Sequence[str]) -> TierBlocks:
    """The blocks of a small VPC."""
    lists: dict[str, Sequence[str]] = {
        "vpc": ["10.2.0.0/16"],
        "private": ["10.2.8.0/21"],
        "isolated": ["10.2.20.0/22", "10.2.24.0/22"],
        "fence": ["10.0.0.0/8"],
        **more,
    }
    return TierBlocks(family=family, **lists)


def all_tiers(given_blocks: TierBlocks, ports: Sequence[int] = (80, 443)) -> dict[str, list[AclRule]]:
    """The rules of every kind of tier."""
    return {
        "public": public_rules(given_blocks, public_ports=ports),
        "private": private_rules(given_blocks, internet=True),
        "private without internet": private_rules(given_blocks, internet=False),
        "isolated": isolated_rules(given_blocks),
    }


KINDS: Final = tuple(all_tiers(blocks()))


@pytest.mark.parametrize("kind", KINDS)
class TestNumbers:
    """Each purpose has a range of numbers."""

    @pytest.mark.parametrize(
        ("argument", "changed", "purposes"),
        [
            ("vpc", ["100.64.0.0/16", "10.2.0.0/16"], {Purpose.VPC}),
            ("private", ["100.64.0.0/16", "10.2.8.0/21"], {Purpose.PRIVATE}),
            ("isolated", ["10.2.28.0/22", "10.2.20.0/22", "10.2.24.0/22"], {Purpose.ISOLATED}),
            ("fence", ["192.168.0.0/16", "10.0.0.0/8"], {Purpose.FENCE}),
            ("trusted", ["10.200.0.0/16"], {Purpose.TRUSTED}),
            ("blocked", ["192.0.2.0/24"], {Purpose.BLOCKED}),
        ],
    )
    def test_a_further_block_renumbers_no_other_purpose(
        self, argument: str, changed: list[str], purposes: set[Purpose], kind: str
    ) -> None:
        """A block more, even ahead of the others, leaves the rules of every other purpose as they are."""

        def others(rules: list[AclRule]) -> list[AclRule]:
            return [rule for rule in rules if purpose_of(rule) not in purposes]

        assert others(all_tiers(blocks(**{argument: changed}))[kind]) == others(all_tiers(blocks())[kind])

    def test_a_further_port_renumbers_no_other_purpose(self, kind: str) -> None:
        """A port more, even ahead of the others, leaves the rules of every other purpose as they are."""

        def others(rules: list[AclRule]) -> list[AclRule]:
            return [rule for rule in rules if purpose_of(rule) is not Purpose.PUBLISHED]

        assert others(all_tiers(blocks(), (8443, 80, 443))[kind]) == others(all_tiers(blocks())[kind])

    @pytest.mark.parametrize("argument", ["vpc", "private", "isolated", "fence", "trusted", "blocked"])
    def test_what_is_appended_changes_no_rule(self, argument: str, kind: str) -> None:
        """A block that is appended leaves every rule that was there as it is."""
        before = blocks(**{argument: ["10.2.0.0/16"]})
        after = blocks(**{argument: ["10.2.0.0/16", "100.64.0.0/16"]})
        assert set(all_tiers(before)[kind]) <= set(all_tiers(after)[kind])

    def test_a_port_that_is_appended_changes_no_rule(self, kind: str) -> None:
        """A port that is appended leaves every rule that was there as it is."""
        assert set(all_tiers(blocks())[kind]) <= set(all_tiers(blocks(), (80, 443, 8443))[kind])

    @settings(max_examples=100)
    @given(st.lists(st.integers(0, 36), min_size=7, max_size=7))
    def test_no_number_is_used_twice(self, kind: str, counts: list[int]) -> None:
        """In a direction no two rules have a number, whatever their families, up to the largest quota."""
        rules = [rule for family in FAMILIES for rule in many(family, counts)[kind]]
        places = [(rule.egress, rule.number) for rule in rules]
        assert len(set(places)) == len(places)

    @settings(max_examples=100)
    @given(st.lists(st.integers(0, 36), min_size=7, max_size=7))
    def test_numbers_are_aws_s_and_leave_room(self, kind: str, counts: list[int]) -> None:
        """Numbers lie below 32767, AWS's highest, and leave those below 100 to the user."""
        rules = [rule for family in FAMILIES for rule in many(family, counts)[kind]]
        assert all(100 <= rule.number < 32767 for rule in rules)

    @settings(max_examples=100)
    @given(st.lists(st.integers(0, 36), min_size=7, max_size=7))
    def test_denials_of_blocked_networks_come_first(self, kind: str, counts: list[int]) -> None:
        """Every allow has a higher number than every denial of a blocked network."""
        rules = [rule for family in FAMILIES for rule in many(family, counts)[kind]]
        blocked = [rule.number for rule in rules if purpose_of(rule) is Purpose.BLOCKED]
        assert max(blocked, default=0) < min(rule.number for rule in rules if rule.allow)

    def test_family_is_the_block_s(self, kind: str) -> None:
        """A rule about everywhere spells it in its own family's way."""
        for family in FAMILIES:
            text = "10.0.0.0/8" if family is IPV4 else "fd00::/8"
            given_blocks = blocks(family, vpc=[text], private=[text], isolated=[text], fence=[text])
            rules = all_tiers(given_blocks)[kind]
            assert {rule.block for rule in rules} <= {text, "0.0.0.0/0" if family is IPV4 else "::/0"}
            assert {rule.family for rule in rules} == {family}


def purpose_of(rule: AclRule) -> Purpose:
    """The purpose in whose range a rule's number is."""
    return max(purpose for purpose in Purpose if purpose <= rule.number)


def many(family: Family, counts: Sequence[int]) -> dict[str, list[AclRule]]:
    """The rules of a VPC with that many blocks of each sort, and that many ports."""
    names = ("vpc", "private", "isolated", "fence", "trusted", "blocked")
    lists = {
        name: [f"10.{place}.{number}.0/24" for number in range(count)]
        for place, (name, count) in enumerate(zip(names, counts[:6], strict=True))
    }
    return all_tiers(blocks(family, **lists), range(1, counts[6] + 1))


class TestQuota:
    """AWS counts rules by direction and IP family, and the closing denial with them."""

    @staticmethod
    def rules(count: int, *, egress: bool = False, family: Family = IPV4) -> list[AclRule]:
        """That many rules in a direction and family."""
        return [
            AclRule(egress=egress, number=number, allow=True, family=family, block=family.value)
            for number in range(1, count + 1)
        ]

    @pytest.mark.parametrize("quota", [20, 40])
    def test_is_filled_by_one_less_than_it(self, quota: int) -> None:
        """A quota of 20 takes 19 rules beside the closing denial."""
        check_quota(self.rules(quota - 1), quota)

    @pytest.mark.parametrize(
        ("egress", "family", "text"),
        [
            (False, IPV4, "20 inbound IPV4 rules"),
            (True, IPV4, "20 outbound IPV4 rules"),
            (False, IPV6, "20 inbound IPV6 rules"),
            (True, IPV6, "20 outbound IPV6 rules"),
        ],
    )
    def test_is_exceeded_by_as_many(self, egress: bool, family: Family, text: str) -> None:
        """Twenty rules exceed it; the error names number, direction, family, quota, and what to do."""
        message = (
            f"{text} exceed a quota of 20, the closing denial included, got 20; allowed: 19 (fewer public_ports, "
            "trusted_cidrs, blocked_cidrs or further tiers, or network_acl_rule_quota up to 40 once AWS has raised "
            "yours)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            check_quota(self.rules(20, egress=egress, family=family), 20)

    def test_is_counted_apart_by_direction_and_family(self) -> None:
        """Nineteen rules in each direction and family are within a quota of 20."""
        check_quota(
            [
                rule
                for egress in (False, True)
                for family in FAMILIES
                for rule in self.rules(19, egress=egress, family=family)
            ],
            20,
        )
