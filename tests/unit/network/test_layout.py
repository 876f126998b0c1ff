"""A VPC's layout: what its arguments come to, and what they must not be."""

import re
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aws_architect_constructs import AdditionalTier, AdditionalTierType, AddressPlan, EnvironmentType, IpamAllocation
from aws_architect_constructs.foundation.tiers import Tier
from aws_architect_constructs.network.address_plan import AVAILABILITY_ZONE_SLOTS, WHOLE_BLOCK
from aws_architect_constructs.network.address_rules import NamedBlock
from aws_architect_constructs.network.layout import Layout, TierLayout, Zone, plan_layout

ALL_AZS = tuple(f"us-east-1{letter}" for letter in "abcdef")
SECONDARY = "100.64.0.0/16"
HUNDREDS = settings(max_examples=300)  # of each of seven properties: thousands of VPCs in all


def layout(**arguments: object) -> Layout:
    """The layout of a VPC in PROD, in two AZs of us-east-1, with other arguments where they are given."""
    defaults: dict[str, Any] = {
        "environment_type": EnvironmentType.PROD,
        "cidr": None,
        "network_index": 0,
        "address_plan": AddressPlan.STANDARD,
        "availability_zones": ALL_AZS[:2],
        "region": "us-east-1",
        "additional_tiers": (),
        "secondary_cidrs": (),
        "connected": (),
    }
    defaults.update(arguments)
    return plan_layout("Prod/Network", **defaults)


def tier(
    name: str, *, tier_type: AdditionalTierType = AdditionalTierType.ISOLATED, cidr: str | None = None
) -> AdditionalTier:
    """A further tier."""
    return AdditionalTier(name=name, tier_type=tier_type, cidr=cidr)


def block_of(planned: Layout, part: TierLayout) -> IPv4Network:
    """The block that a tier lies in."""
    block = part.secondary_cidr or planned.block
    assert block is not None
    return block


def subnets(planned: Layout) -> dict[tuple[str, str | None], IPv4Network]:
    """Each subnet's addresses by its tier's and AZ's names."""
    return {
        (part.name, zone.name): slot.within(block_of(planned, part))
        for part in planned.tiers
        for zone, slot in zip(planned.zones, part.slots, strict=True)
    }


def connected(*blocks: str) -> list[NamedBlock]:
    """Networks that the VPC must stay clear of."""
    return [NamedBlock(name="the office", block=IPv4Network(block)) for block in blocks]


def refused(message: str, **arguments: object) -> None:
    """State that the layout is refused with exactly this message."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layout(**arguments)


class TestBlock:
    """Which block the VPC has."""

    def test_comes_from_the_environment(self) -> None:
        """Without cidr the block is the environment's."""
        assert layout(environment_type=EnvironmentType.DEV).block == IPv4Network("10.0.0.0/16")

    def test_network_index_shifts_it(self) -> None:
        """The index moves the block within the environment's range."""
        assert layout(network_index=3).block == IPv4Network("10.32.0.0/16")

    def test_cidr_is_taken_as_it_is(self) -> None:
        """A literal cidr is the block."""
        assert layout(cidr="192.168.64.0/18").block == IPv4Network("192.168.64.0/18")

    def test_ipam_has_no_literal_block(self) -> None:
        """A block that IPAM allocates is not known, its prefix length is."""
        allocation = IpamAllocation(pool_id="ipam-pool-0123456789abcdef0", netmask_length=18)
        planned = layout(cidr=allocation)
        assert (planned.block, planned.ipam, planned.prefix, planned.literal_blocks) == (None, allocation, 18, ())

    def test_ipam_allocates_a_16_by_default(self) -> None:
        """Without a netmask length IPAM is asked for a /16."""
        assert layout(cidr=IpamAllocation(pool_id="ipam-pool-0123456789abcdef0")).prefix == 16

    def test_literal_blocks_are_the_vpc_s_own_and_the_secondary_ones(self) -> None:
        """Every block that is known now is listed, the VPC's own first."""
        assert layout(secondary_cidrs=[SECONDARY]).literal_blocks == (
            IPv4Network("10.2.0.0/16"),
            IPv4Network(SECONDARY),
        )

    def test_literal_blocks_beside_ipam_are_the_secondary_ones(self) -> None:
        """Where IPAM allocates the VPC's own block, the secondary ones are known all the same."""
        planned = layout(cidr=IpamAllocation(pool_id="ipam-pool-0"), secondary_cidrs=[SECONDARY])
        assert planned.literal_blocks == (IPv4Network(SECONDARY),)

    def test_index_beside_cidr_is_refused(self) -> None:
        """An index and a cidr contradict each other."""
        refused(
            "network_index has no meaning beside cidr, got network_index=1 and cidr='10.9.0.0/16'; "
            "allowed: one of the two",
            cidr="10.9.0.0/16",
            network_index=1,
        )

    def test_malformed_cidr_is_refused(self) -> None:
        """A cidr that is none is an error that names the argument and the value."""
        refused(
            "cidr is no CIDR, got '10.9.0.0'; allowed: a network address and its prefix length, as '10.2.0.0/16'",
            cidr="10.9.0.0",
        )

    def test_ipam_without_pool_is_refused(self) -> None:
        """An allocation without a pool is an error."""
        refused(
            "cidr: an IPAM allocation needs a pool, got IpamAllocation(pool_id='', netmask_length=16); "
            "allowed: 'ipam-pool-...'",
            cidr=IpamAllocation(pool_id=""),
        )

    @pytest.mark.parametrize(
        ("plan", "prefix", "allowed"),
        [(AddressPlan.STANDARD, 20, "/16 to /19"), (AddressPlan.SPACIOUS, 18, "/16 to /17")],
    )
    def test_block_too_small_for_the_plan_is_refused(self, plan: AddressPlan, prefix: int, allowed: str) -> None:
        """A block that is too small is an error that names the plan, the prefix and what the plan takes."""
        refused(
            f"cidr: the block does not suit the plan {plan}, got a /{prefix}; allowed: {allowed}",
            cidr=f"10.9.0.0/{prefix}",
            address_plan=plan,
        )

    @pytest.mark.parametrize("netmask_length", [15, 20, 28])
    def test_netmask_length_outside_the_plan_is_refused(self, netmask_length: int) -> None:
        """What IPAM is asked for must suit the plan too."""
        refused(
            f"cidr: the block does not suit the plan STANDARD, got a /{netmask_length}; allowed: /16 to /19",
            cidr=IpamAllocation(pool_id="ipam-pool-0", netmask_length=netmask_length),
        )

    @pytest.mark.parametrize(("plan", "prefix"), [(AddressPlan.STANDARD, 19), (AddressPlan.SPACIOUS, 17)])
    def test_smallest_block_of_the_plan_is_taken(self, plan: AddressPlan, prefix: int) -> None:
        """The smallest block that the plan promises to take passes."""
        assert layout(cidr=f"10.128.0.0/{prefix}", address_plan=plan).prefix == prefix


class TestConnected:
    """Overlap with networks that the VPC is connected to."""

    def test_disjoint_networks_pass(self) -> None:
        """Networks beside the VPC's block are no reason to refuse it."""
        assert layout(connected=connected("10.1.0.0/16", "192.168.0.0/16")).block == IPv4Network("10.2.0.0/16")

    def test_overlap_names_both_and_suggests_the_index(self) -> None:
        """An overlap is an error that names both networks and the first index that mends it."""
        refused(
            "Prod/Network (10.2.0.0/16) overlaps the office (10.2.128.0/17): the two can never be connected; "
            "network_index=2 gives 10.22.0.0/16",
            connected=connected("10.2.128.0/17", "10.12.0.0/16"),
        )

    def test_overlap_without_free_index_suggests_a_cidr(self) -> None:
        """Where the environment's whole range is taken, the error suggests a cidr."""
        refused(
            "Prod/Network (10.2.0.0/16) overlaps the office (10.0.0.0/8): the two can never be connected; "
            "a cidr of its own",
            connected=connected("10.0.0.0/8"),
        )

    def test_overlap_of_a_secondary_block_is_refused(self) -> None:
        """A secondary block must stay clear of connected networks too."""
        with pytest.raises(
            ValueError, match=r"^Prod/Network \(100\.64\.0\.0/16\) overlaps the office \(100\.64\.9\.0/24\)"
        ):
            layout(secondary_cidrs=[SECONDARY], connected=connected("100.64.9.0/24"))

    def test_overlap_of_a_secondary_block_suggests_no_index(self) -> None:
        """An index moves the VPC's own block, so it cannot mend the overlap of a secondary one."""
        with pytest.raises(ValueError, match="can never be connected") as refusal:
            layout(secondary_cidrs=[SECONDARY], connected=connected("100.64.9.0/24"))
        assert "network_index" not in str(refusal.value)


class TestSecondaryBlocks:
    """Further blocks of the VPC."""

    def test_are_kept_in_order(self) -> None:
        """Secondary blocks keep the caller's order."""
        planned = layout(secondary_cidrs=["100.65.0.0/16", SECONDARY])
        assert planned.secondary == (IPv4Network("100.65.0.0/16"), IPv4Network(SECONDARY))

    def test_four_are_allowed(self) -> None:
        """Four secondary blocks fit the quota of five blocks."""
        assert len(layout(secondary_cidrs=[f"100.{n}.0.0/16" for n in range(64, 68)]).secondary) == 4

    def test_five_are_refused(self) -> None:
        """A fifth secondary block exceeds the quota."""
        refused(
            "secondary_cidrs: more than the quota, got 5; allowed: 4",
            secondary_cidrs=[f"100.{n}.0.0/16" for n in range(64, 69)],
        )

    def test_malformed_one_is_refused_by_its_argument(self) -> None:
        """A malformed secondary block is an error that names secondary_cidrs."""
        with pytest.raises(ValueError, match=r"^secondary_cidrs is no CIDR.*got 'pods'"):
            layout(secondary_cidrs=["pods"])

    def test_overlap_with_the_vpc_s_own_block_is_refused(self) -> None:
        """A secondary block inside the VPC's own is an error that names both."""
        refused(
            "secondary_cidrs: 10.2.64.0/18 overlaps 10.2.0.0/16 of this VPC; allowed: disjoint blocks",
            secondary_cidrs=["10.2.64.0/18"],
        )

    def test_overlap_with_an_earlier_one_is_refused(self) -> None:
        """Two secondary blocks that overlap are an error that names both."""
        refused(
            "secondary_cidrs: 100.64.64.0/18 overlaps 100.64.0.0/16 of this VPC; allowed: disjoint blocks",
            secondary_cidrs=[SECONDARY, "100.64.64.0/18"],
        )

    def test_restricted_pair_is_refused_beside_the_vpc_s_own_block(self) -> None:
        """AWS's rules are checked against the VPC's own block."""
        with pytest.raises(ValueError, match=r"^secondary_cidrs: AWS refuses 172\.16\.0\.0/16 in a VPC that has 10\.2"):
            layout(secondary_cidrs=["172.16.0.0/16"])


class TestZones:
    """The AZs, and their slots."""

    def test_unnamed_are_two(self) -> None:
        """Without names the VPC has the first two slots, in AZs that CloudFormation chooses."""
        assert layout(availability_zones=None).zones == (Zone(slot=0, name=None), Zone(slot=1, name=None))

    def test_are_ordered_by_their_slots(self) -> None:
        """The caller's order does not matter."""
        names = [zone.name for zone in layout(availability_zones=["us-east-1d", "us-east-1a", "us-east-1c"]).zones]
        assert names == ["us-east-1a", "us-east-1c", "us-east-1d"]

    def test_of_an_unknown_region_pass(self) -> None:
        """Where the stack's Region is not known, any Region's AZs pass."""
        assert len(layout(availability_zones=["eu-west-1a", "eu-west-1b"], region=None).zones) == 2

    def test_as_many_as_slots_pass(self) -> None:
        """Six AZs have six slots."""
        assert [zone.slot for zone in layout(availability_zones=ALL_AZS).zones] == [0, 1, 2, 3, 4, 5]

    @pytest.mark.parametrize("names", [[], ["us-east-1a"], [*ALL_AZS, "us-east-1g"]])
    def test_too_few_or_too_many_are_refused(self, names: list[str]) -> None:
        """One AZ is too few and seven are too many; the error lists them and the numbers."""
        refused(
            f"availability_zones: too few or more than the plan has slots for, got {names!r}; allowed: 2 to 6",
            availability_zones=names,
        )

    def test_of_another_region_are_refused(self) -> None:
        """An AZ outside the stack's Region is an error that names both."""
        refused(
            "availability_zones: not in the stack's Region, got 'eu-west-1b'; allowed: those of us-east-1",
            availability_zones=["us-east-1a", "eu-west-1b"],
        )

    def test_named_twice_are_refused(self) -> None:
        """The same AZ twice is an error that names it."""
        refused(
            "availability_zones: named twice, got 'us-east-1a'; allowed: each AZ once",
            availability_zones=["us-east-1a", "us-east-1a"],
        )

    def test_malformed_are_refused(self) -> None:
        """A name that is no AZ's is an error."""
        with pytest.raises(ValueError, match="not an Availability Zone's name, got 'first'"):
            layout(availability_zones=["first", "second"])


class TestTiers:
    """The tiers, and their slots."""

    def test_are_public_private_isolated(self) -> None:
        """Every VPC has the three tiers, in this order."""
        assert [(part.name, part.tier) for part in layout().tiers] == [
            ("Public", Tier.PUBLIC),
            ("Private", Tier.PRIVATE),
            ("Isolated", Tier.ISOLATED),
        ]

    def test_subnets_of_the_default(self) -> None:
        """In PROD the subnets of two AZs are 10.2.1, .2, .11, .12, .21 and .22."""
        assert [str(network) for network in subnets(layout()).values()] == [
            "10.2.1.0/24",
            "10.2.2.0/24",
            "10.2.11.0/24",
            "10.2.12.0/24",
            "10.2.21.0/24",
            "10.2.22.0/24",
        ]

    @pytest.mark.parametrize(
        ("tier_type", "like"),
        [(AdditionalTierType.PRIVATE, Tier.PRIVATE), (AdditionalTierType.ISOLATED, Tier.ISOLATED)],
    )
    def test_further_tier_is_like_its_type(self, tier_type: AdditionalTierType, like: Tier) -> None:
        """A further tier is like the private or the isolated one, as it says."""
        assert layout(additional_tiers=[tier("Cache", tier_type=tier_type)]).tiers[3].tier is like

    def test_further_tiers_take_the_next_slots(self) -> None:
        """The first further tier lies in .31, the second in .41."""
        planned = subnets(layout(additional_tiers=[tier("Cache"), tier("Search")]))
        assert [str(planned[name, "us-east-1a"]) for name in ("Cache", "Search")] == ["10.2.31.0/24", "10.2.41.0/24"]

    def test_tier_in_a_secondary_block_has_an_eighth_in_each_az(self) -> None:
        """A tier with a block of its own has an eighth of it in each AZ."""
        planned = subnets(layout(secondary_cidrs=[SECONDARY], additional_tiers=[tier("Pods", cidr=SECONDARY)]))
        assert [str(planned["Pods", az]) for az in ALL_AZS[:2]] == ["100.64.0.0/19", "100.64.32.0/19"]

    def test_tier_in_a_secondary_block_is_the_whole_block_to_rules(self) -> None:
        """A rule about a tier with a block of its own is about the whole block."""
        planned = layout(secondary_cidrs=[SECONDARY], additional_tiers=[tier("Pods", cidr=SECONDARY)])
        assert (planned.tiers[3].blocks, planned.tiers[3].secondary_cidr) == (
            (WHOLE_BLOCK,),
            IPv4Network(SECONDARY),
        )

    def test_smallest_block_of_a_tier_is_24(self) -> None:
        """A /24 gives each AZ the /27 that a load balancer needs."""
        planned = layout(secondary_cidrs=["100.64.0.0/24"], additional_tiers=[tier("Pods", cidr="100.64.0.0/24")])
        assert subnets(planned)["Pods", "us-east-1a"].prefixlen == 27

    @pytest.mark.parametrize("name", ["", "cache", "4Cache", "Cache-A", "Cache A", "C" * 33, "Caché"])
    def test_malformed_name_is_refused(self, name: str) -> None:
        """A name that could be no subnet group's is an error."""
        refused(
            f"additional_tiers: malformed name, got {name!r}; allowed: a capital letter, then up to 31 letters and "
            "digits",
            additional_tiers=[tier(name)],
        )

    def test_longest_name_passes(self) -> None:
        """A name of 32 letters and digits passes."""
        assert layout(additional_tiers=[tier("C" * 31 + "9")]).tiers[3].name == "C" * 31 + "9"

    @pytest.mark.parametrize("names", [["Public"], ["Isolated"], ["Cache", "Cache"]])
    def test_name_that_is_taken_is_refused(self, names: list[str]) -> None:
        """A name of the three or of an earlier tier is an error."""
        refused(
            f"additional_tiers: the name is taken, got {names[-1]!r}; allowed: each name once",
            additional_tiers=[tier(name) for name in names],
        )

    def test_block_that_is_not_the_vpc_s_is_refused(self) -> None:
        """A tier's block must be among the secondary ones; the error lists them."""
        refused(
            "additional_tiers: the block of Pods is none of the VPC's, got '100.65.0.0/16'; "
            "allowed: one of secondary_cidrs (100.64.0.0/16)",
            secondary_cidrs=[SECONDARY],
            additional_tiers=[tier("Pods", cidr="100.65.0.0/16")],
        )

    def test_block_without_any_secondary_one_is_refused(self) -> None:
        """Where there is no secondary block at all, the error says so."""
        refused(
            "additional_tiers: the block of Pods is none of the VPC's, got '100.64.0.0/16'; "
            "allowed: one of secondary_cidrs (none given)",
            additional_tiers=[tier("Pods", cidr=SECONDARY)],
        )

    def test_malformed_block_is_refused(self) -> None:
        """A tier's malformed block is an error that names additional_tiers."""
        with pytest.raises(ValueError, match=r"^additional_tiers is no CIDR.*got 'pods'"):
            layout(additional_tiers=[tier("Pods", cidr="pods")])

    def test_block_that_another_tier_has_is_refused(self) -> None:
        """A secondary block belongs to one tier."""
        refused(
            "additional_tiers: another tier has the block, got '100.64.0.0/16'; allowed: each secondary block once",
            secondary_cidrs=[SECONDARY],
            additional_tiers=[tier("Pods", cidr=SECONDARY), tier("Jobs", cidr=SECONDARY)],
        )

    def test_block_too_small_for_a_tier_is_refused(self) -> None:
        """A secondary block smaller than /24 is too small for a tier."""
        refused(
            "additional_tiers: too small for a tier, got '100.64.0.0/25'; allowed: /24 or larger",
            secondary_cidrs=["100.64.0.0/25"],
            additional_tiers=[tier("Pods", cidr="100.64.0.0/25")],
        )

    @pytest.mark.parametrize(("plan", "most"), [(AddressPlan.STANDARD, 22), (AddressPlan.SPACIOUS, 3)])
    def test_as_many_as_the_plan_has_slots_for_pass(self, plan: AddressPlan, most: int) -> None:
        """The plan's last tier passes."""
        tiers = [tier(f"T{number}") for number in range(most)]
        assert len(layout(address_plan=plan, additional_tiers=tiers).tiers) == plan.tiers

    @pytest.mark.parametrize(("plan", "most"), [(AddressPlan.STANDARD, 22), (AddressPlan.SPACIOUS, 3)])
    def test_more_than_the_plan_has_slots_for_are_refused(self, plan: AddressPlan, most: int) -> None:
        """One tier too many is an error that names the plan, the number and the most."""
        refused(
            f"additional_tiers: more than the plan {plan} has slots for, got {most + 1}; allowed: {most}",
            address_plan=plan,
            additional_tiers=[tier(f"T{number}") for number in range(most + 1)],
        )


class TestAdvice:
    """Legal but unwise blocks."""

    def test_private_blocks_need_none(self) -> None:
        """A VPC in private ranges has nothing to warn of."""
        assert layout(secondary_cidrs=[SECONDARY]).advice == ()

    def test_every_block_is_looked_at(self) -> None:
        """The VPC's own block and the secondary ones are each looked at."""
        advice = layout(cidr="172.17.0.0/16", secondary_cidrs=["44.8.0.0/20"]).advice
        assert [item.name for item in advice] == ["AddressRangeUsedByAws", "PublicAddressRange"]


@st.composite
def growths(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of a VPC, and of the same VPC after more AZs, tiers and secondary blocks were added."""
    plan = draw(st.sampled_from(AddressPlan))
    prefix = draw(st.integers(plan.shortest_prefix, plan.longest_prefix))
    block = IPv4Network((int(IPv4Network("10.128.0.0/9").network_address) + (draw(st.integers(0, 127)) << 16), prefix))
    zones = draw(st.permutations(ALL_AZS))
    secondary = [f"100.{number}.0.0/{draw(st.integers(16, 24))}" for number in range(64, 64 + draw(st.integers(0, 4)))]
    homes = draw(st.permutations([*secondary, *[None] * draw(st.integers(0, min(plan.tiers - 3, 6)))]))
    assume(len(homes) <= plan.tiers - 3)
    tiers = [
        tier(f"T{number}", tier_type=draw(st.sampled_from(AdditionalTierType)), cidr=home)
        for number, home in enumerate(homes)
    ]
    few_tiers = draw(st.integers(0, len(tiers)))
    many_zones = draw(st.integers(2, AVAILABILITY_ZONE_SLOTS))
    few_zones = draw(st.integers(2, many_zones))
    needed = [part.cidr for part in tiers[:few_tiers]]
    common = {"cidr": str(block), "address_plan": plan}
    small = common | {
        "availability_zones": draw(st.permutations(zones[:few_zones])),
        "additional_tiers": tiers[:few_tiers],
        "secondary_cidrs": [text for text in secondary if text in needed],
    }
    large = common | {
        "availability_zones": zones[:many_zones],
        "additional_tiers": tiers,
        "secondary_cidrs": secondary,
    }
    return small, large


class TestGrowth:
    """What holds for thousands of VPCs."""

    @HUNDREDS
    @given(growths())
    def test_never_moves_a_subnet(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Adding AZs, tiers and secondary blocks, or reordering AZs, moves no subnet that was there."""
        small, large = (subnets(layout(**arguments)) for arguments in growth)
        assert small.items() <= large.items()

    @HUNDREDS
    @given(growths())
    def test_never_moves_an_ipv6_subnet(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Nor does it move a /64."""
        small, large = (
            {
                (part.name, zone.name): slot
                for part in planned.tiers
                for zone, slot in zip(planned.zones, part.ipv6_slots, strict=True)
            }
            for planned in (layout(**arguments) for arguments in growth)
        )
        assert small.items() <= large.items()

    @HUNDREDS
    @given(growths())
    def test_never_changes_a_tier_s_blocks(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """A tier's rules stay as they are when AZs or tiers are added."""
        small, large = (
            {part.name: (part.blocks, part.ipv6_blocks, part.secondary_cidr) for part in planned.tiers}
            for planned in (layout(**arguments) for arguments in growth)
        )
        assert small.items() <= large.items()

    @HUNDREDS
    @given(growths())
    def test_never_lets_subnets_overlap(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """No two subnets of a VPC share an address, secondary blocks included."""
        networks = sorted(subnets(layout(**growth[1])).values())
        assert all(left.broadcast_address < right.network_address for left, right in pairwise(networks))

    @HUNDREDS
    @given(growths())
    def test_keeps_subnets_inside_their_block(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Every subnet lies in the VPC's block, or in its tier's own."""
        planned = layout(**growth[1])
        networks = subnets(planned)
        assert all(
            networks[part.name, zone.name].subnet_of(block_of(planned, part))
            for part in planned.tiers
            for zone in planned.zones
        )

    @HUNDREDS
    @given(growths())
    def test_keeps_ipv6_subnets_apart(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """No two subnets share a /64."""
        slots = [slot for part in layout(**growth[1]).tiers for slot in part.ipv6_slots]
        assert len(set(slots)) == len(slots)

    @HUNDREDS
    @given(growths())
    def test_keeps_every_subnet_in_its_tier_s_blocks_alone(self, growth: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Each subnet lies in its tier's blocks, and in no other tier's."""
        planned = layout(**growth[1])
        blocks = {part.name: [slot.within(block_of(planned, part)) for slot in part.blocks] for part in planned.tiers}
        for (name, _), network in subnets(planned).items():
            assert [owner for owner, parts in blocks.items() if any(network.overlaps(part) for part in parts)] == [name]
            assert any(network.subnet_of(part) for part in blocks[name])
