"""The address plan: fixed slots, and the arithmetic that finds them."""

import re
from ipaddress import IPv4Network
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs.network.address_plan import (
    AVAILABILITY_ZONE_SLOTS,
    WHOLE_BLOCK,
    AddressPlan,
    Slot,
    availability_zone_slot,
    ipv6_slot,
    ipv6_tier_blocks,
    secondary_slot,
)

PLANS = tuple(AddressPlan)
EVERY_TIER = [(plan, tier) for plan in PLANS for tier in range(plan.tiers)]
THOUSANDS = settings(max_examples=1500)


def blocks_for(plan: AddressPlan) -> st.SearchStrategy[IPv4Network]:
    """Any block of a size that the plan takes."""
    prefixes = st.integers(plan.shortest_prefix, plan.longest_prefix)
    return st.builds(
        lambda prefix, place: IPv4Network(((place % 2**prefix) << (32 - prefix), prefix)),
        prefixes,
        st.integers(0, 2**32 - 1),
    )


def slots() -> st.SearchStrategy[Slot]:
    """Any slot of up to a sixteenth bit."""
    return st.integers(0, 16).flatmap(
        lambda bits: st.builds(Slot, bits=st.just(bits), index=st.integers(0, 2**bits - 1))
    )


PLANNED = st.sampled_from(PLANS).flatmap(
    lambda plan: st.tuples(
        st.just(plan),
        blocks_for(plan),
        st.integers(1, plan.tiers),
        st.sets(st.integers(0, AVAILABILITY_ZONE_SLOTS - 1), min_size=1),
    )
)
"""A plan, a block that it takes, how many tiers there are, and the AZs."""


class TestSlot:
    """A slot is a part of any block."""

    def test_lies_at_its_index_in_the_block(self) -> None:
        """The slot of index 17 and eight more bits is the block's eighteenth part of 256."""
        assert Slot(bits=8, index=17).within(IPv4Network("10.2.0.0/16")) == IPv4Network("10.2.17.0/24")

    def test_whole_block_is_the_block(self) -> None:
        """The slot without further bits is the block itself."""
        assert WHOLE_BLOCK.within(IPv4Network("172.20.32.0/19")) == IPv4Network("172.20.32.0/19")

    @given(slots(), slots())
    def test_covers_what_lies_inside_its_addresses(self, one: Slot, other: Slot) -> None:
        """One slot covers another exactly if its addresses hold the other's, in any block."""
        block = IPv4Network("10.2.0.0/16")
        assert one.covers(other) is other.within(block).subnet_of(one.within(block))

    @given(slots().filter(lambda slot: slot.bits < 16))
    def test_halves_are_the_network_s_two_subnets(self, slot: Slot) -> None:
        """The halves of a slot are the two subnets that its network splits into."""
        block = IPv4Network("10.2.0.0/16")
        assert [half.within(block) for half in slot.halves()] == list(slot.within(block).subnets())


class TestStandard:
    """The standard plan's figures, as its docstring states them."""

    @pytest.mark.parametrize(
        ("tier", "zone", "network"),
        [
            (0, 0, "10.2.1.0/24"),
            (0, 1, "10.2.2.0/24"),
            (0, 5, "10.2.6.0/24"),
            (1, 0, "10.2.11.0/24"),
            (1, 1, "10.2.12.0/24"),
            (2, 0, "10.2.21.0/24"),
            (2, 2, "10.2.23.0/24"),
            (3, 0, "10.2.31.0/24"),
            (4, 0, "10.2.41.0/24"),
            (24, 5, "10.2.246.0/24"),
        ],
    )
    def test_slot(self, tier: int, zone: int, network: str) -> None:
        """In 10.2.0.0/16 the third octet is ten times the tier, plus the AZ counted from one."""
        assert str(AddressPlan.STANDARD.slot(tier, zone).within(IPv4Network("10.2.0.0/16"))) == network

    def test_smallest_subnets_suit_a_load_balancer(self) -> None:
        """In the smallest block that the plan takes, a subnet is the /27 that a load balancer needs."""
        plan = AddressPlan.STANDARD
        block = IPv4Network((int(IPv4Network("10.2.0.0/16").network_address), plan.longest_prefix))
        assert plan.slot(1, 0).within(block).prefixlen == 27

    def test_takes_a_block_from_16_to_19(self) -> None:
        """The standard plan takes blocks of /16 to /19."""
        assert (AddressPlan.STANDARD.shortest_prefix, AddressPlan.STANDARD.longest_prefix) == (16, 19)

    def test_has_room_for_25_tiers(self) -> None:
        """The standard plan has slots for the three tiers and 22 more."""
        assert AddressPlan.STANDARD.tiers == 25


class TestSpacious:
    """The spacious plan's figures, as its docstring states them."""

    @pytest.mark.parametrize(
        ("zone", "network"),
        [(0, "10.2.64.0/19"), (1, "10.2.96.0/19"), (2, "10.2.128.0/19"), (5, "10.2.224.0/19")],
    )
    def test_private_slot(self, zone: int, network: str) -> None:
        """The private tier's subnets are eighths of the block, from the third on."""
        assert str(AddressPlan.SPACIOUS.slot(1, zone).within(IPv4Network("10.2.0.0/16"))) == network

    def test_private_subnets_have_8187_addresses(self) -> None:
        """Of a private subnet's addresses AWS keeps five, which leaves 8,187."""
        assert AddressPlan.SPACIOUS.slot(1, 0).within(IPv4Network("10.2.0.0/16")).num_addresses - 5 == 8187

    @pytest.mark.parametrize("tier", [0, 2, 3, 4, 5])
    def test_other_tiers_lie_as_in_the_standard_plan(self, tier: int) -> None:
        """Every tier but the private one has the standard plan's slots."""
        zones = range(AVAILABILITY_ZONE_SLOTS)
        assert [AddressPlan.SPACIOUS.slot(tier, z) for z in zones] == [
            AddressPlan.STANDARD.slot(tier, z) for z in zones
        ]

    def test_smallest_private_subnets_are_20(self) -> None:
        """In the smallest block that the plan takes, a private subnet is a /20."""
        plan = AddressPlan.SPACIOUS
        block = IPv4Network((int(IPv4Network("10.2.0.0/16").network_address), plan.longest_prefix))
        assert plan.slot(1, 5).within(block).prefixlen == 20

    def test_takes_a_block_of_16_or_17(self) -> None:
        """The spacious plan takes blocks of /16 and /17."""
        assert (AddressPlan.SPACIOUS.shortest_prefix, AddressPlan.SPACIOUS.longest_prefix) == (16, 17)

    def test_has_room_for_three_further_tiers(self) -> None:
        """The spacious plan has slots for six tiers."""
        assert AddressPlan.SPACIOUS.tiers == 6


class TestEveryPlan:
    """What holds for thousands of plans."""

    @THOUSANDS
    @given(PLANNED)
    def test_no_two_subnets_overlap(self, planned: tuple[AddressPlan, IPv4Network, int, set[int]]) -> None:
        """No two subnets of a VPC share an address."""
        plan, block, tiers, zones = planned
        subnets = sorted(plan.slot(tier, zone).within(block) for tier in range(tiers) for zone in zones)
        assert all(left.broadcast_address < right.network_address for left, right in pairwise(subnets))

    @THOUSANDS
    @given(PLANNED)
    def test_every_subnet_lies_inside_the_block(self, planned: tuple[AddressPlan, IPv4Network, int, set[int]]) -> None:
        """Every subnet is part of the VPC's block."""
        plan, block, tiers, zones = planned
        assert all(plan.slot(tier, zone).within(block).subnet_of(block) for tier in range(tiers) for zone in zones)

    @THOUSANDS
    @given(PLANNED)
    def test_no_subnet_is_smaller_than_a_load_balancer_needs(
        self, planned: tuple[AddressPlan, IPv4Network, int, set[int]]
    ) -> None:
        """Every subnet of every allowed block is a /27 or larger."""
        plan, block, tiers, zones = planned
        assert all(plan.slot(tier, zone).within(block).prefixlen <= 27 for tier in range(tiers) for zone in zones)

    @pytest.mark.parametrize("plan", PLANS)
    @pytest.mark.parametrize("tier", [-1, 25])
    def test_a_tier_without_slot_is_refused(self, plan: AddressPlan, tier: int) -> None:
        """A tier that the plan has no slot for is an error that names the plan, the tier and the range."""
        message = f"{plan} has no slot for tier {tier}; allowed: 0 to {plan.tiers - 1}"
        with pytest.raises(ValueError, match=re.escape(message)):
            plan.slot(tier, 0)

    @pytest.mark.parametrize("plan", PLANS)
    @pytest.mark.parametrize("zone", [-1, 6])
    def test_an_az_without_slot_is_refused(self, plan: AddressPlan, zone: int) -> None:
        """An AZ that the plan has no slot for is an error that names the plan, the AZ and the range."""
        with pytest.raises(ValueError, match=re.escape(f"{plan} has no slot for AZ {zone}; allowed: 0 to 5")):
            plan.slot(0, zone)

    @pytest.mark.parametrize("plan", PLANS)
    def test_last_tier_and_az_have_a_slot(self, plan: AddressPlan) -> None:
        """The last tier has a slot in the last AZ."""
        assert WHOLE_BLOCK.covers(plan.slot(plan.tiers - 1, AVAILABILITY_ZONE_SLOTS - 1))


class TestTierBlocks:
    """The blocks that stand for a tier in rules."""

    @pytest.mark.parametrize(("plan", "tier"), EVERY_TIER)
    def test_hold_every_slot_of_the_tier(self, plan: AddressPlan, tier: int) -> None:
        """Each slot of the tier, in AZs to come too, lies in exactly one of its blocks."""
        blocks = plan.tier_blocks(tier)
        holders = [
            sum(block.covers(plan.slot(tier, zone)) for block in blocks) for zone in range(AVAILABILITY_ZONE_SLOTS)
        ]
        assert holders == [1] * AVAILABILITY_ZONE_SLOTS

    @pytest.mark.parametrize(("plan", "tier"), EVERY_TIER)
    def test_hold_no_slot_of_another_tier(self, plan: AddressPlan, tier: int) -> None:
        """No slot of another tier shares an address with a block of the tier."""
        block = IPv4Network("10.2.0.0/16")
        own = [part.within(block) for part in plan.tier_blocks(tier)]
        others = [
            plan.slot(other, zone).within(block)
            for other in range(plan.tiers)
            for zone in range(AVAILABILITY_ZONE_SLOTS)
            if other != tier
        ]
        assert not [(part, slot) for part in own for slot in others if part.overlaps(slot)]

    @pytest.mark.parametrize(("plan", "tier"), EVERY_TIER)
    def test_are_the_fewest(self, plan: AddressPlan, tier: int) -> None:
        """No block can be doubled without taking in another tier, and each holds a slot: so there cannot be fewer."""
        others = [plan.slot(o, z) for o in range(plan.tiers) for z in range(AVAILABILITY_ZONE_SLOTS) if o != tier]
        own = [plan.slot(tier, zone) for zone in range(AVAILABILITY_ZONE_SLOTS)]
        for block in plan.tier_blocks(tier):
            doubled = Slot(bits=block.bits - 1, index=block.index >> 1)
            assert any(doubled.covers(slot) for slot in others)
            assert any(block.covers(slot) for slot in own)

    @pytest.mark.parametrize("plan", PLANS)
    def test_of_two_tiers_never_overlap(self, plan: AddressPlan) -> None:
        """A rule about one tier is never about another."""
        blocks = [(tier, part) for tier in range(plan.tiers) for part in plan.tier_blocks(tier)]
        assert not [
            (one, other)
            for (one, left), (other, right) in combinations(blocks, 2)
            if left.covers(right) or right.covers(left)
        ]

    def test_of_the_standard_isolated_tier(self) -> None:
        """In 10.2.0.0/16 the isolated tier is 10.2.20.0/22 and 10.2.24.0/22: two rules in place of six."""
        blocks = [part.within(IPv4Network("10.2.0.0/16")) for part in AddressPlan.STANDARD.tier_blocks(2)]
        assert blocks == [IPv4Network("10.2.20.0/22"), IPv4Network("10.2.24.0/22")]


class TestSecondaryAndIpv6:
    """Slots outside the VPC's first block."""

    @given(st.integers(16, 24))
    def test_secondary_slots_are_disjoint_eighths(self, prefix: int) -> None:
        """A secondary block gives each AZ an eighth of its own."""
        block = IPv4Network((int(IPv4Network("100.64.0.0/16").network_address), prefix))
        subnets = [secondary_slot(zone).within(block) for zone in range(AVAILABILITY_ZONE_SLOTS)]
        assert subnets == list(block.subnets(prefixlen_diff=3))[:AVAILABILITY_ZONE_SLOTS]

    def test_ipv6_slots_are_64s_of_a_56(self) -> None:
        """Every IPv6 slot has eight bits more than the VPC's /56: a subnet's /64."""
        assert {ipv6_slot(t, z).bits for t in range(25) for z in range(AVAILABILITY_ZONE_SLOTS)} == {8}

    def test_ipv6_slots_are_all_different(self) -> None:
        """No two subnets share a /64."""
        slots = [ipv6_slot(tier, zone) for tier in range(25) for zone in range(AVAILABILITY_ZONE_SLOTS)]
        assert len(set(slots)) == len(slots)

    def test_ipv6_slot_reads_like_the_standard_ipv4_one(self) -> None:
        """The private tier's second AZ has unit 12 in both families."""
        assert ipv6_slot(1, 1).index == 12

    @pytest.mark.parametrize("tier", range(25))
    def test_ipv6_tier_blocks_hold_the_tier_s_slots_alone(self, tier: int) -> None:
        """A tier's IPv6 blocks hold its /64s and no other tier's."""
        blocks = ipv6_tier_blocks(tier)
        held = [
            other
            for other in range(25)
            for zone in range(AVAILABILITY_ZONE_SLOTS)
            if any(block.covers(ipv6_slot(other, zone)) for block in blocks)
        ]
        assert held == [tier] * AVAILABILITY_ZONE_SLOTS


class TestAvailabilityZoneSlot:
    """An AZ's letter decides its slot."""

    @pytest.mark.parametrize(
        ("name", "slot"),
        [("eu-west-1a", 0), ("eu-west-1c", 2), ("us-east-1f", 5), ("us-gov-west-1b", 1), ("ap-southeast-3a", 0)],
    )
    def test_is_the_place_of_the_letter(self, name: str, slot: int) -> None:
        """The AZ's letter, counted from a, is its slot."""
        assert availability_zone_slot(name) == slot

    @pytest.mark.parametrize("name", ["us-east-1g", "eu-west-1z", "eu-west-1A"])
    def test_refuses_a_letter_without_slot(self, name: str) -> None:
        """A letter beyond f is an error that names the AZ and the letters."""
        message = f"no slot for this Availability Zone, got {name!r}; allowed letters: a, b, c, d, e, f"
        with pytest.raises(ValueError, match=re.escape(message)):
            availability_zone_slot(name)

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "a",
            "eu-west-1",
            "eu-west",
            "euw1-az1",
            "us-east-1-bos-1a",  # a Local Zone
            "us-east-1-wl1-bos-wlz-1",  # a Wavelength Zone
            "${Token[AWS.Region.4]}a",
        ],
    )
    def test_refuses_what_is_no_az_of_a_region(self, name: str) -> None:
        """What is not a Region and a letter is an error that names it and an example."""
        message = f"not an Availability Zone's name, got {name!r}; allowed: a Region and a letter, as eu-west-1a"
        with pytest.raises(ValueError, match=re.escape(message)):
            availability_zone_slot(name)
