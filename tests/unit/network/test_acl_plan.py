"""From a VPC's layout and its user's settings to the rules of each tier."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import AdditionalTier, AdditionalTierType, AddressPlan, EnvironmentType, IpamAllocation
from aws_architect_constructs.network.acl_plan import AclSettings, BlockTexts, tier_rules
from aws_architect_constructs.network.layout import Layout, plan_layout
from aws_architect_constructs.network.network_acls import AclRule, Family, Purpose


def acl(**arguments: object) -> AclSettings:
    """The default settings, with others where they are given."""
    defaults: dict[str, Any] = {
        "public_ports": (80, 443),
        "trusted_cidrs": (),
        "blocked_cidrs": (),
        "rule_quota": 20,
    }
    defaults.update(arguments)
    return AclSettings(**defaults)


def layout(**arguments: object) -> Layout:
    """The layout of a VPC in PROD."""
    defaults: dict[str, Any] = {
        "environment_type": EnvironmentType.PROD,
        "cidr": None,
        "network_index": 0,
        "address_plan": AddressPlan.STANDARD,
        "availability_zones": None,
        "region": None,
        "additional_tiers": (),
        "secondary_cidrs": (),
        "connected": (),
    }
    defaults.update(arguments)
    return plan_layout("Network", **defaults)


def texts(planned: Layout, vpc: str | None = None) -> BlockTexts:
    """The IPv4 blocks of a layout; `vpc` is what stands for a block that is not known."""
    own = vpc if planned.block is None else str(planned.block)
    return BlockTexts(
        vpc=(str(own), *map(str, planned.secondary)),
        tiers={
            tier.name: tuple(
                f"{tier.name} {place}"
                if (block := tier.secondary_cidr or planned.block) is None
                else str(slot.within(block))
                for place, slot in enumerate(tier.blocks)
            )
            for tier in planned.tiers
        },
    )


def ipv6_texts(planned: Layout) -> BlockTexts:
    """Stand-ins for the IPv6 blocks of a layout."""
    return BlockTexts(
        vpc=("ipv6 vpc",),
        tiers={
            tier.name: tuple(f"ipv6 {tier.name} {place}" for place, _ in enumerate(tier.ipv6_blocks))
            for tier in planned.tiers
        },
    )


def rules_of(
    planned: Layout,
    given_settings: AclSettings | None = None,
    *,
    internet: bool = True,
    dual_stack: bool = False,
    vpc: str | None = None,
) -> dict[str, list[AclRule]]:
    """The rules of each tier."""
    return tier_rules(
        planned,
        given_settings or acl(),
        internet=internet,
        ipv4=texts(planned, vpc),
        ipv6=ipv6_texts(planned) if dual_stack else None,
    )


def in_range(
    rules: list[AclRule], purpose: Purpose, *, egress: bool = False, family: Family = Family.IPV4
) -> list[str]:
    """The blocks of the rules in a purpose's range, in the order of their numbers."""
    ranges = sorted(Purpose)
    following = ranges.index(purpose) + 1
    end = ranges[following] if following < len(ranges) else 32767
    chosen = [r for r in rules if purpose <= r.number < end and r.egress is egress and r.family is family]
    return [rule.block for rule in sorted(chosen, key=lambda rule: rule.number)]


PODS = AdditionalTier(name="Pods", tier_type=AdditionalTierType.PRIVATE, cidr="100.64.0.0/16")
CACHE = AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED)


class TestSettings:
    """What the user says is checked when it is said."""

    @pytest.mark.parametrize(("port", "name"), [(22, "SSH"), (3389, "RDP")])
    def test_remote_access_is_refused(self, port: int, name: str) -> None:
        """SSH and RDP are never published; the error names Session Manager."""
        message = (
            f"public_ports: {name} is never published, got {port}; allowed: Session Manager, which needs no open port "
            "(endpoints=EndpointProfile.SESSION_MANAGER without NAT)"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            acl(public_ports=(443, port))

    @pytest.mark.parametrize("port", [-1, 0, 65536])
    def test_what_is_no_port_is_refused(self, port: int) -> None:
        """A number outside 1 to 65535 is an error that names it."""
        message = f"public_ports: not a whole number within bounds, got {port}; allowed: 1 to 65535"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            acl(public_ports=(port,))

    @pytest.mark.parametrize("port", [1, 21, 23, 3388, 65535])
    def test_other_ports_pass(self, port: int) -> None:
        """Every other port from 1 to 65535 passes."""
        assert acl(public_ports=(port,)).public_ports == (port,)

    @pytest.mark.parametrize("quota", [0, 19, 41])
    def test_quota_that_aws_does_not_grant_is_refused(self, quota: int) -> None:
        """A quota outside 20 to 40 is an error that names it."""
        message = f"network_acl_rule_quota: not a whole number within bounds, got {quota}; allowed: 20 to 40"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            acl(rule_quota=quota)

    @pytest.mark.parametrize("quota", [20, 40])
    def test_quotas_from_20_to_40_pass(self, quota: int) -> None:
        """AWS's default and its highest quota pass."""
        assert acl(rule_quota=quota).rule_quota == quota

    @pytest.mark.parametrize("argument", ["trusted_cidrs", "blocked_cidrs"])
    def test_malformed_network_is_refused(self, argument: str) -> None:
        """A network that is none is an error that names the argument and the value."""
        with pytest.raises(ValueError, match=rf"^{argument} is no CIDR, got 'office'; allowed: a network address"):
            acl(**{argument: ["office"]})

    @pytest.mark.parametrize("argument", ["trusted_cidrs", "blocked_cidrs"])
    def test_networks_are_read_by_argument(self, argument: str) -> None:
        """Each argument's networks are its own, of both families."""
        parsed = acl(**{argument: ["192.0.2.0/24", "2001:db8::/32"]}).networks(argument)
        assert [str(network) for network in parsed] == ["192.0.2.0/24", "2001:db8::/32"]


class TestBlockedNetworks:
    """A denial must not cut the VPC off from itself."""

    @pytest.mark.parametrize("blocked", ["10.2.64.0/18", "10.0.0.0/8"])
    def test_overlap_with_the_vpc_is_refused(self, blocked: str) -> None:
        """A blocked network that overlaps the VPC's block is an error that names both."""
        message = (
            f"blocked_cidrs: would cut the VPC (10.2.0.0/16) off from itself, got '{blocked}'; "
            "allowed: networks outside the VPC"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            acl(blocked_cidrs=[blocked]).check_blocks(layout())

    def test_overlap_with_a_secondary_block_is_refused(self) -> None:
        """Secondary blocks count too."""
        with pytest.raises(ValueError, match=r"^blocked_cidrs: would cut the VPC \(100\.64\.0\.0/16\) off from itself"):
            acl(blocked_cidrs=["100.64.1.0/24"]).check_blocks(layout(secondary_cidrs=["100.64.0.0/16"]))

    def test_networks_outside_the_vpc_pass(self) -> None:
        """Networks of either family outside the VPC pass."""
        acl(blocked_cidrs=["10.3.0.0/16", "192.0.2.0/24", "2001:db8::/32"]).check_blocks(layout())

    @pytest.mark.parametrize("everywhere", ["0.0.0.0/0", "::/0"])
    @pytest.mark.parametrize("cidr", [None, IpamAllocation(pool_id="ipam-pool-0")], ids=["literal", "ipam"])
    def test_everywhere_is_refused(self, cidr: IpamAllocation | None, everywhere: str) -> None:
        """Denying everywhere cuts any VPC off, whatever block IPAM or Amazon gives it."""
        pattern = rf"^blocked_cidrs: would cut the VPC .*, got '{everywhere}'; allowed: networks outside the VPC$"
        with pytest.raises(ValueError, match=pattern):
            acl(blocked_cidrs=[everywhere]).check_blocks(layout(cidr=cidr))


class TestTierRules:
    """Each tier's rules are those of its kind."""

    def test_every_tier_has_its_own(self) -> None:
        """Each tier has rules, further ones included."""
        planned = layout(secondary_cidrs=["100.64.0.0/16"], additional_tiers=[CACHE, PODS])
        assert list(rules_of(planned)) == ["Public", "Private", "Isolated", "Cache", "Pods"]

    @pytest.mark.parametrize(("tier", "published"), [("Public", 2), ("Private", 0), ("Isolated", 0)])
    def test_only_public_publishes(self, tier: str, published: int) -> None:
        """Ports are published in the public tier alone."""
        assert len(in_range(rules_of(layout())[tier], Purpose.PUBLISHED)) == published

    @pytest.mark.parametrize("further", [CACHE, PODS])
    def test_further_tier_has_the_rules_of_its_kind(self, further: AdditionalTier) -> None:
        """A further tier has the same rules as the private or isolated one."""
        rules = rules_of(layout(secondary_cidrs=["100.64.0.0/16"], additional_tiers=[further]))
        like = "Private" if further.tier_type is AdditionalTierType.PRIVATE else "Isolated"
        assert rules[further.name] == rules[like]

    def test_isolated_names_every_private_and_isolated_tier(self) -> None:
        """The isolated tier's rules name the blocks of all private and isolated tiers, by their kind."""
        planned = layout(secondary_cidrs=["100.64.0.0/16"], additional_tiers=[CACHE, PODS])
        rules, blocks = rules_of(planned)["Isolated"], texts(planned).tiers
        assert (in_range(rules, Purpose.PRIVATE), in_range(rules, Purpose.ISOLATED)) == (
            [*blocks["Private"], *blocks["Pods"]],
            [*blocks["Isolated"], *blocks["Cache"]],
        )

    def test_vpc_is_every_block(self) -> None:
        """What is said of the VPC is said of its secondary blocks too."""
        rules = rules_of(layout(secondary_cidrs=["100.64.0.0/16"]))["Private"]
        assert in_range(rules, Purpose.VPC) == ["10.2.0.0/16", "100.64.0.0/16"]

    @pytest.mark.parametrize(("internet", "everywhere"), [(True, ["0.0.0.0/0"]), (False, [])])
    def test_internet_is_passed_on(self, internet: bool, everywhere: list[str]) -> None:
        """Private tiers send everywhere only where there is a way to the internet."""
        rules = rules_of(layout(), internet=internet)["Private"]
        assert in_range(rules, Purpose.INTERNET, egress=True) == everywhere

    def test_without_ipv6_there_is_no_rule_of_it(self) -> None:
        """A VPC without IPv6 has no IPv6 rule."""
        assert {rule.family for rules in rules_of(layout()).values() for rule in rules} == {Family.IPV4}

    @pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
    def test_with_ipv6_every_tier_has_rules_of_both(self, tier: str) -> None:
        """In a dual-stack VPC each tier has rules of both families."""
        assert {rule.family for rule in rules_of(layout(), dual_stack=True)[tier]} == set(Family)

    @pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
    def test_ipv6_changes_no_ipv4_rule(self, tier: str) -> None:
        """Turning dual stack on leaves every IPv4 rule as it is."""
        assert set(rules_of(layout())[tier]) <= set(rules_of(layout(), dual_stack=True)[tier])

    @pytest.mark.parametrize(
        ("argument", "purpose"), [("trusted_cidrs", Purpose.TRUSTED), ("blocked_cidrs", Purpose.BLOCKED)]
    )
    def test_networks_stand_in_their_own_family(self, argument: str, purpose: Purpose) -> None:
        """IPv4 networks are in IPv4 rules, IPv6 networks in IPv6 rules."""
        rules = rules_of(layout(), acl(**{argument: ["192.0.2.0/24", "2001:db8::/32"]}), dual_stack=True)["Private"]
        assert (in_range(rules, purpose), in_range(rules, purpose, family=Family.IPV6)) == (
            ["192.0.2.0/24"],
            ["2001:db8::/32"],
        )

    def test_too_many_rules_name_the_tier(self) -> None:
        """Rules beyond the quota are an error that names the tier first."""
        blocked = [f"192.0.2.{number}/32" for number in range(19)]
        with pytest.raises(
            ValueError, match=r"^network ACL of the tier Public: \d\d inbound IPV4 rules exceed a quota"
        ):
            rules_of(layout(), acl(blocked_cidrs=blocked))

    def test_a_raised_quota_takes_more(self) -> None:
        """A quota of 40 takes what 20 does not."""
        blocked = [f"192.0.2.{number}/32" for number in range(19)]
        assert (
            len(in_range(rules_of(layout(), acl(blocked_cidrs=blocked, rule_quota=40))["Public"], Purpose.BLOCKED))
            == 19
        )

    @pytest.mark.parametrize("internet", [True, False])
    def test_defaults_leave_room_in_the_quota(self, internet: bool) -> None:
        """With a VPC's defaults half of the quota is free in every tier, direction and family."""
        rules = rules_of(layout(), internet=internet, dual_stack=True)
        counts = [
            sum(rule.egress is egress and rule.family is family for rule in tier)
            for tier in rules.values()
            for egress in (False, True)
            for family in Family
        ]
        assert max(counts) <= 10


PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]


class TestFence:
    """The fence stands around every address that is not public."""

    def test_of_a_private_vpc_is_the_private_ranges(self) -> None:
        """Private ranges hold a private VPC's blocks already."""
        rules = rules_of(layout(secondary_cidrs=["100.64.0.0/16"]))["Isolated"]
        assert in_range(rules, Purpose.FENCE) == PRIVATE_RANGES

    def test_of_a_public_vpc_has_its_block(self) -> None:
        """A publicly routable block of the VPC's is fenced by itself."""
        assert in_range(rules_of(layout(cidr="44.8.0.0/16"))["Isolated"], Purpose.FENCE) == [
            *PRIVATE_RANGES,
            "44.8.0.0/16",
        ]

    def test_of_a_public_secondary_block_has_it(self) -> None:
        """So is a publicly routable secondary block."""
        assert in_range(rules_of(layout(secondary_cidrs=["44.8.0.0/16"]))["Isolated"], Purpose.FENCE) == [
            *PRIVATE_RANGES,
            "44.8.0.0/16",
        ]

    def test_of_a_vpc_that_ipam_allocates_has_its_block(self) -> None:
        """A block that is not known yet may be public, so it is fenced by itself."""
        planned = layout(cidr=IpamAllocation(pool_id="ipam-pool-0"), secondary_cidrs=["100.64.0.0/16"])
        assert in_range(rules_of(planned, vpc="${Vpc.CidrBlock}")["Isolated"], Purpose.FENCE) == [
            *PRIVATE_RANGES,
            "${Vpc.CidrBlock}",
        ]

    def test_over_ipv6_is_unique_local_and_the_vpc(self) -> None:
        """Over IPv6 it stands around unique local addresses and the VPC's own block."""
        rules = rules_of(layout(), dual_stack=True)["Isolated"]
        assert in_range(rules, Purpose.FENCE, family=Family.IPV6) == ["fc00::/7", "ipv6 vpc"]

    def test_has_the_trusted_networks_that_look_public(self) -> None:
        """A trusted network of public addresses could be taken for AWS's endpoints, so it is fenced by itself."""
        trusted = ["10.200.0.0/16", "198.51.100.0/24", "fd00:200::/32", "2001:db8::/32"]
        rules = rules_of(layout(), acl(trusted_cidrs=trusted), dual_stack=True)["Isolated"]
        assert [in_range(rules, Purpose.FENCE, family=family) for family in Family] == [
            [*PRIVATE_RANGES, "198.51.100.0/24"],
            ["fc00::/7", "ipv6 vpc", "2001:db8::/32"],
        ]

    def test_leaves_everywhere_open(self) -> None:
        """A default route to a trusted network is no fence: AWS's endpoints lie behind it too."""
        rules = rules_of(layout(), acl(trusted_cidrs=["0.0.0.0/0", "::/0"]), dual_stack=True)["Isolated"]
        assert [in_range(rules, Purpose.FENCE, family=family) for family in Family] == [
            PRIVATE_RANGES,
            ["fc00::/7", "ipv6 vpc"],
        ]

    def test_denies_both_ways(self) -> None:
        """It denies in both directions alike."""
        rules = rules_of(layout(cidr="44.8.0.0/16"))["Isolated"]
        assert in_range(rules, Purpose.FENCE, egress=True) == in_range(rules, Purpose.FENCE)


def networks(first_octet: int) -> st.SearchStrategy[list[str]]:
    """A few networks with a first octet of their own."""
    return st.lists(st.integers(0, 255), max_size=4, unique=True).map(
        lambda octets: [f"{first_octet}.{octet}.0.0/16" for octet in octets]
    )


@st.composite
def growths(draw: st.DrawFn) -> tuple[dict[str, list[AclRule]], dict[str, list[AclRule]]]:
    """The rules of a VPC before and after ports, networks, secondary blocks and tiers were appended."""
    ports = draw(st.lists(st.integers(1000, 2000), max_size=4, unique=True))
    trusted, blocked = draw(networks(11)), draw(networks(12))
    secondary = [f"100.{number}.0.0/16" for number in range(64, 64 + draw(st.integers(0, 3)))]
    further = [
        AdditionalTier(name=f"T{number}", tier_type=draw(st.sampled_from(AdditionalTierType)))
        for number in range(draw(st.integers(0, 3)))
    ]
    internet, dual_stack = draw(st.booleans()), draw(st.booleans())
    cidr = draw(st.sampled_from([None, "44.8.0.0/16", IpamAllocation(pool_id="ipam-pool-0")]))

    def rules(share: float) -> dict[str, list[AclRule]]:
        def some(items: list[Any]) -> list[Any]:
            return items[: round(len(items) * share)]

        return rules_of(
            layout(cidr=cidr, secondary_cidrs=some(secondary), additional_tiers=some(further)),
            acl(public_ports=some(ports), trusted_cidrs=some(trusted), blocked_cidrs=some(blocked), rule_quota=40),
            internet=internet,
            dual_stack=dual_stack,
            vpc="${Vpc.CidrBlock}",
        )

    return rules(draw(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))), rules(1.0)


class TestGrowth:
    """What holds for many VPCs."""

    @settings(max_examples=300)
    @given(growths())
    def test_appending_renumbers_nothing(
        self, growth: tuple[dict[str, list[AclRule]], dict[str, list[AclRule]]]
    ) -> None:
        """What is appended to a VPC's arguments leaves every rule that was there, number included."""
        before, after = growth
        assert all(set(rules) <= set(after[tier]) for tier, rules in before.items())

    @settings(max_examples=300)
    @given(growths())
    def test_no_number_is_used_twice(self, growth: tuple[dict[str, list[AclRule]], dict[str, list[AclRule]]]) -> None:
        """In a tier's ACL no two rules of a direction have one number, whatever their families."""
        for rules in growth[1].values():
            places = [(rule.egress, rule.number) for rule in rules]
            assert len(set(places)) == len(places)
