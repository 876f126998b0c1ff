"""What AWS and the internet allow of an address block."""

import re
from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import EnvironmentType
from aws_architect_constructs.network.address_rules import (
    NamedBlock,
    block_advice,
    check_association,
    environment_block,
    first_overlap,
    free_index,
    overlap_message,
    parse_cidr,
    parse_vpc_block,
)

EVERY_INDEX = [(kind, index) for kind in EnvironmentType for index in range(kind.defaults.network_indexes)]


def named(*blocks: str) -> list[NamedBlock]:
    """Blocks with a name each."""
    return [NamedBlock(name=f"network {place}", block=IPv4Network(block)) for place, block in enumerate(blocks)]


class TestEnvironmentBlock:
    """Every environment has a range of its own."""

    @pytest.mark.parametrize(
        ("kind", "index", "block"),
        [
            (EnvironmentType.DEV, 0, "10.0.0.0/16"),
            (EnvironmentType.STAGING, 0, "10.1.0.0/16"),
            (EnvironmentType.PROD, 0, "10.2.0.0/16"),
            (EnvironmentType.PROD, 1, "10.12.0.0/16"),
            (EnvironmentType.PROD, 2, "10.22.0.0/16"),
            (EnvironmentType.PROD, 9, "10.92.0.0/16"),
            (EnvironmentType.SHARED, 0, "10.100.0.0/16"),
            (EnvironmentType.SHARED, 15, "10.250.0.0/16"),
        ],
    )
    def test_is_the_environment_s_octet_plus_ten_an_index(self, kind: EnvironmentType, index: int, block: str) -> None:
        """The second octet is the environment's own, and ten more for each index."""
        assert str(environment_block(kind, index)) == block

    def test_no_two_environments_or_indexes_share_addresses(self) -> None:
        """Any two blocks of the whole scheme can be connected."""
        blocks = [environment_block(kind, index) for kind, index in EVERY_INDEX]
        assert len(set(blocks)) == len(blocks)

    @pytest.mark.parametrize(("kind", "index"), EVERY_INDEX)
    def test_every_block_may_be_a_vpc_s(self, kind: EnvironmentType, index: int) -> None:
        """Every block of the scheme is one that AWS accepts, with nothing to warn of."""
        assert block_advice(parse_vpc_block("cidr", str(environment_block(kind, index)))) == []

    @pytest.mark.parametrize(
        ("kind", "index", "highest"),
        [
            (EnvironmentType.DEV, -1, 9),
            (EnvironmentType.PROD, 10, 9),
            (EnvironmentType.SHARED, 16, 15),
        ],
    )
    def test_refuses_an_index_outside_the_range(self, kind: EnvironmentType, index: int, highest: int) -> None:
        """An index that the environment does not have is an error that names both and the range."""
        message = f"network_index is outside the range of {kind}, got {index}; allowed: 0 to {highest}"
        with pytest.raises(ValueError, match=re.escape(message)):
            environment_block(kind, index)


class TestParseCidr:
    """Reading any CIDR."""

    def test_reads_ipv4(self) -> None:
        """An IPv4 CIDR becomes an IPv4 network."""
        assert parse_cidr("trusted_cidrs", "192.0.2.0/24") == IPv4Network("192.0.2.0/24")

    def test_reads_ipv6(self) -> None:
        """An IPv6 CIDR becomes an IPv6 network."""
        assert parse_cidr("trusted_cidrs", "2001:db8::/32") == IPv6Network("2001:db8::/32")

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "10.2.0.0",
            "10.2.0.0/33",
            "10.2.0/16",
            "10.2.0.0/-1",
            "10.2.0.256/24",
            "10.2.0.0/16/16",
            "all/0",
            " 10.2.0.0/16",
            "2001:db8::/129",
            None,
            16,
            IPv4Network("10.2.0.0/16"),
            "${Token[TOKEN.17]}",
        ],
    )
    def test_refuses_what_is_no_cidr(self, value: object) -> None:
        """What is no CIDR is an error that names the argument, the value and the form."""
        pattern = (
            r"trusted_cidrs is no CIDR.*, got " + re.escape(repr(value)) + "; allowed: a network address and its prefix"
        )
        with pytest.raises(ValueError, match=pattern):
            parse_cidr("trusted_cidrs", value)

    def test_refuses_bits_behind_the_prefix(self) -> None:
        """An address inside a network is no network."""
        with pytest.raises(ValueError, match=r"cidr is no CIDR \(10.2.1.0/16 has host bits set\), got '10.2.1.0/16'"):
            parse_cidr("cidr", "10.2.1.0/16")

    @pytest.mark.parametrize("value", ["10.2.0.0/255.255.0.0", "10.2.0.0/0.0.255.255"])
    def test_refuses_masks_in_place_of_a_prefix_length(self, value: str) -> None:
        """A netmask or host mask is no prefix length: CloudFormation takes neither."""
        with pytest.raises(ValueError, match=re.escape(f"cidr is no CIDR, got {value!r}; allowed:")):
            parse_cidr("cidr", value)


class TestParseVpcBlock:
    """Reading a block that a VPC may have."""

    @pytest.mark.parametrize("value", ["10.2.0.0/16", "10.2.0.0/28", "192.168.0.0/16", "100.64.0.0/16", "44.8.0.0/20"])
    def test_reads_what_aws_accepts(self, value: str) -> None:
        """Blocks from /16 to /28 pass, private or public."""
        assert str(parse_vpc_block("cidr", value)) == value

    @pytest.mark.parametrize("value", ["10.0.0.0/8", "10.2.0.0/15", "10.2.0.0/29", "10.2.0.0/32"])
    def test_refuses_sizes_that_aws_refuses(self, value: str) -> None:
        """A block larger than /16 or smaller than /28 is an error that names it and the sizes."""
        message = f"cidr has a size that AWS refuses, got {value!r}; allowed: /16 to /28"
        with pytest.raises(ValueError, match=re.escape(message)):
            parse_vpc_block("cidr", value)

    def test_refuses_ipv6(self) -> None:
        """An IPv6 block is an error that names the argument which gives IPv6."""
        message = "cidr must be IPv4, got '2001:db8::/56'; allowed: IPv4 here, dual_stack=True for IPv6"
        with pytest.raises(ValueError, match=re.escape(message)):
            parse_vpc_block("cidr", "2001:db8::/56")

    @pytest.mark.parametrize(
        ("value", "reserved"),
        [
            ("0.1.0.0/16", "0.0.0.0/8 (this network)"),
            ("127.0.0.0/16", "127.0.0.0/8 (loopback)"),
            ("169.254.0.0/16", "169.254.0.0/16 (link-local, where AWS keeps metadata, DNS and time)"),
            ("169.254.169.0/24", "169.254.0.0/16 (link-local, where AWS keeps metadata, DNS and time)"),
            ("224.0.0.0/16", "224.0.0.0/4 (multicast)"),
            ("255.255.0.0/16", "240.0.0.0/4 (reserved)"),
        ],
    )
    def test_refuses_ranges_that_are_nobody_s(self, value: str, reserved: str) -> None:
        """A block in a reserved range is an error that names range and block, and the ranges that are free."""
        message = (
            f"cidr lies in {reserved}, got {value!r}; allowed: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "
            "100.64.0.0/10, or a public range that you own"
        )
        with pytest.raises(ValueError, match=re.escape(message)):
            parse_vpc_block("cidr", value)

    def test_names_the_argument(self) -> None:
        """The error names the argument that the block was given by."""
        with pytest.raises(ValueError, match=r"^secondary_cidrs is no CIDR"):
            parse_vpc_block("secondary_cidrs", "here")


class TestBlockAdvice:
    """Legal but unwise blocks."""

    @pytest.mark.parametrize(
        "block", ["10.2.0.0/16", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.127.0.0/16"]
    )
    def test_private_ranges_need_none(self, block: str) -> None:
        """A private block has nothing to warn of."""
        assert block_advice(IPv4Network(block)) == []

    @pytest.mark.parametrize(
        "block", ["11.0.0.0/16", "172.32.0.0/16", "192.169.0.0/16", "100.128.0.0/16", "44.8.0.0/20"]
    )
    def test_public_ranges_are_named(self, block: str) -> None:
        """A publicly routable block is named by the warning PublicAddressRange."""
        (advice,) = block_advice(IPv4Network(block))
        assert (advice.name, advice.message.split(" is ")[0]) == ("PublicAddressRange", block)

    @pytest.mark.parametrize("block", ["172.17.0.0/16", "172.17.128.0/20"])
    def test_docker_s_bridge_is_named(self, block: str) -> None:
        """A block in 172.17.0.0/16 is named by the warning AddressRangeUsedByAws."""
        (advice,) = block_advice(IPv4Network(block))
        assert (advice.name, advice.message.split(",")[0]) == (
            "AddressRangeUsedByAws",
            f"{block} overlaps 172.17.0.0/16",
        )

    def test_a_block_around_docker_s_bridge_is_named(self) -> None:
        """A block is named too when it only overlaps 172.17.0.0/16."""
        assert [advice.name for advice in block_advice(IPv4Network("172.16.0.0/15"))] == ["AddressRangeUsedByAws"]


class TestCheckAssociation:
    """AWS's rules on secondary blocks."""

    @pytest.mark.parametrize(
        ("blocks", "secondary"),
        [
            (["10.2.0.0/16"], "10.3.0.0/16"),
            (["10.2.0.0/16"], "10.0.0.0/16"),
            (["10.2.0.0/16"], "100.64.0.0/16"),
            (["10.2.0.0/16"], "44.8.0.0/20"),
            (["10.0.0.0/16"], "10.1.0.0/16"),
            (["172.16.0.0/16"], "172.18.0.0/16"),
            (["172.16.0.0/16"], "100.64.0.0/16"),
            (["192.168.0.0/17"], "192.168.128.0/17"),
            (["100.64.0.0/16"], "100.65.0.0/16"),
            (["10.2.0.0/16", "100.64.0.0/16"], "100.65.0.0/16"),
            ([], "10.0.0.0/16"),
        ],
    )
    def test_allows_what_aws_permits(self, blocks: list[str], secondary: str) -> None:
        """Another block of the same RFC 1918 range, 100.64.0.0/10 and public ranges pass."""
        check_association([IPv4Network(block) for block in blocks], IPv4Network(secondary))

    @pytest.mark.parametrize(
        ("block", "secondary"),
        [
            ("10.2.0.0/16", "10.2.0.0/16"),
            ("10.2.0.0/16", "10.2.8.0/24"),
            ("100.64.0.0/20", "100.64.0.0/16"),
        ],
    )
    def test_refuses_an_overlap(self, block: str, secondary: str) -> None:
        """A secondary block that overlaps the VPC's is an error that names both."""
        message = f"secondary_cidrs: {secondary} overlaps {block} of this VPC; allowed: disjoint blocks"
        with pytest.raises(ValueError, match=re.escape(message)):
            check_association([IPv4Network(block)], IPv4Network(secondary))

    @pytest.mark.parametrize(
        ("block", "secondary", "reason"),
        [
            ("10.2.0.0/16", "172.16.0.0/16", "172.16.0.0/12 cannot be added to a VPC outside it"),
            ("10.2.0.0/16", "192.168.0.0/16", "192.168.0.0/16 cannot be added to a VPC outside it"),
            ("172.16.0.0/16", "10.2.0.0/16", "10.0.0.0/8 cannot be added to a VPC outside it"),
            ("192.168.0.0/16", "10.2.0.0/16", "10.0.0.0/8 cannot be added to a VPC outside it"),
            ("192.168.0.0/16", "172.16.0.0/16", "172.16.0.0/12 cannot be added to a VPC outside it"),
            ("100.64.0.0/16", "10.2.0.0/16", "10.0.0.0/8 cannot be added to a VPC outside it"),
            ("44.8.0.0/20", "10.2.0.0/16", "10.0.0.0/8 cannot be added to a VPC outside it"),
            ("198.19.0.0/16", "10.2.0.0/16", "10.0.0.0/8 cannot be added to a VPC outside it"),
            ("10.1.0.0/16", "10.0.0.0/16", "with a block from 10.0.0.0/15, nothing from 10.0.0.0/16 can be added"),
            ("10.0.0.0/20", "10.0.16.0/20", "with a block from 10.0.0.0/15, nothing from 10.0.0.0/16 can be added"),
            ("172.16.0.0/16", "172.31.0.0/16", "172.31.0.0/16 cannot be added to a VPC in 172.16.0.0/12"),
            ("172.16.0.0/16", "172.31.64.0/20", "172.31.0.0/16 cannot be added to a VPC in 172.16.0.0/12"),
            ("10.2.0.0/16", "198.19.0.0/16", "198.19.0.0/16 cannot be added"),
            ("100.64.0.0/16", "198.19.4.0/24", "198.19.0.0/16 cannot be added"),
        ],
    )
    def test_refuses_what_aws_restricts(self, block: str, secondary: str, reason: str) -> None:
        """A restricted pair is an error that names both blocks, the rule, and what is permitted."""
        message = (
            f"secondary_cidrs: AWS refuses {secondary} in a VPC that has {block}: {reason}; allowed: another block of "
            "the same RFC 1918 range (named first), 100.64.0.0/10, or a public range that you own"
        )
        with pytest.raises(ValueError, match=re.escape(message)):
            check_association([IPv4Network(block)], IPv4Network(secondary))

    def test_looks_at_every_block(self) -> None:
        """A secondary block is checked against earlier secondary ones too."""
        with pytest.raises(ValueError, match=r"100\.64\.8\.0/24 overlaps 100\.64\.0\.0/16 of this VPC"):
            check_association([IPv4Network("10.2.0.0/16"), IPv4Network("100.64.0.0/16")], IPv4Network("100.64.8.0/24"))


class TestOverlaps:
    """Which blocks collide, and the way out."""

    def test_first_overlap_is_the_first(self) -> None:
        """Of several blocks that collide the first is named."""
        others = named("10.3.0.0/16", "10.2.128.0/17", "10.0.0.0/8")
        assert first_overlap(IPv4Network("10.2.0.0/16"), others) == others[1]

    def test_disjoint_blocks_have_no_overlap(self) -> None:
        """Neighbours do not collide."""
        assert first_overlap(IPv4Network("10.2.0.0/16"), named("10.1.0.0/16", "10.3.0.0/16")) is None

    def test_free_index_skips_what_is_taken(self) -> None:
        """The first index whose block touches nothing that is taken is free."""
        taken = named("10.2.0.0/16", "10.12.64.0/20")
        assert free_index(EnvironmentType.PROD, taken) == 2

    def test_free_index_is_none_where_all_is_taken(self) -> None:
        """An environment whose whole range is taken has no free index."""
        assert free_index(EnvironmentType.STAGING, named("10.0.0.0/8")) is None

    @settings(max_examples=300)
    @given(st.sampled_from(EnvironmentType), st.sets(st.sampled_from(EVERY_INDEX), max_size=30))
    def test_free_index_is_the_lowest_that_collides_with_nothing(
        self, kind: EnvironmentType, taken: set[tuple[EnvironmentType, int]]
    ) -> None:
        """The suggestion is the lowest index of the environment that is not taken."""
        blocks = [NamedBlock(name="x", block=environment_block(*place)) for place in taken]
        free = [index for index in range(kind.defaults.network_indexes) if (kind, index) not in taken]
        assert free_index(kind, blocks) == (free[0] if free else None)

    def test_message_names_both_and_suggests_the_index(self) -> None:
        """The message names both sides and the index that mends it, with its block."""
        own, other = named("10.2.0.0/16", "10.2.64.0/18")
        assert overlap_message(own, other, 1, EnvironmentType.PROD) == (
            "network 0 (10.2.0.0/16) overlaps network 1 (10.2.64.0/18): the two can never be connected; "
            "network_index=1 gives 10.12.0.0/16"
        )

    def test_message_without_index_suggests_a_cidr(self) -> None:
        """Where no index is free the message suggests a cidr."""
        own, other = named("10.2.0.0/16", "10.0.0.0/8")
        assert overlap_message(own, other, None, EnvironmentType.PROD).endswith("connected; a cidr of its own")
