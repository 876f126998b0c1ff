"""VPCs that could never be connected."""

from ipaddress import IPv4Network

import pytest
from aws_cdk import App, Stack

from aws_architect_constructs import EnvironmentType, IpamAllocation, ThreeTierVpc
from aws_architect_constructs.network.address_rules import NamedBlock
from aws_architect_constructs.network.overlaps import connected_blocks, note_blocks
from support.synthesis import AZS, ENV


def named(name: str, block: str) -> NamedBlock:
    """A VPC's block."""
    return NamedBlock(name=name, block=IPv4Network(block))


class TestNoteBlocks:
    """What an app's VPCs know of one another."""

    def test_first_vpc_overlaps_nothing(self) -> None:
        """The first VPC of an app has nothing to overlap."""
        assert note_blocks(App(), [named("One", "10.2.0.0/16")], EnvironmentType.PROD) == []

    def test_own_blocks_are_not_compared_with_each_other(self) -> None:
        """A VPC's blocks are checked elsewhere; here they are no overlap."""
        own = [named("One", "10.2.0.0/16"), named("One", "10.2.0.0/16")]
        assert note_blocks(App(), own, EnvironmentType.PROD) == []

    def test_overlap_is_named(self) -> None:
        """A VPC with the addresses of an earlier one is named by OverlappingVpcs, with both and a free index."""
        app = App()
        note_blocks(app, [named("One", "10.2.0.0/16")], EnvironmentType.PROD)
        (advice,) = note_blocks(app, [named("Two", "10.2.0.0/16")], EnvironmentType.PROD)
        message = (
            "Two (10.2.0.0/16) overlaps One (10.2.0.0/16): the two can never be connected; "
            "network_index=1 gives 10.12.0.0/16."
        )
        assert (advice.name, advice.message) == ("OverlappingVpcs", message)

    def test_disjoint_vpcs_are_fine(self) -> None:
        """VPCs beside each other are no overlap."""
        app = App()
        note_blocks(app, [named("One", "10.2.0.0/16")], EnvironmentType.PROD)
        assert note_blocks(app, [named("Two", "10.12.0.0/16")], EnvironmentType.PROD) == []

    def test_every_block_is_compared(self) -> None:
        """Each block of a VPC that overlaps has its own advice."""
        app = App()
        blocks = ["10.2.0.0/16", "100.64.0.0/16"]
        note_blocks(app, [named("One", block) for block in blocks], EnvironmentType.PROD)
        advice = note_blocks(app, [named("Two", block) for block in blocks], EnvironmentType.PROD)
        assert [item.message.split(" overlaps ")[0] for item in advice] == [f"Two ({block})" for block in blocks]

    def test_suggestion_keeps_clear_of_every_vpc(self) -> None:
        """The index that is suggested is free of every VPC of the app."""
        app = App()
        note_blocks(app, [named("One", "10.2.0.0/16")], EnvironmentType.PROD)
        note_blocks(app, [named("Two", "10.12.0.0/16")], EnvironmentType.PROD)
        (advice,) = note_blocks(app, [named("Three", "10.2.0.0/16")], EnvironmentType.PROD)
        assert advice.message.endswith("network_index=2 gives 10.22.0.0/16.")

    def test_overlap_of_a_secondary_block_suggests_no_index(self) -> None:
        """An index moves the VPC's own block, so it cannot mend the overlap of a further one."""
        app = App()
        note_blocks(app, [named("One", "10.2.0.0/16"), named("One", "100.64.0.0/16")], EnvironmentType.PROD)
        own = [named("Two", "10.12.0.0/16"), named("Two", "100.64.0.0/16")]
        (advice,) = note_blocks(app, own, EnvironmentType.PROD)
        assert advice.message.endswith("can never be connected; a cidr of its own.")

    def test_apps_know_nothing_of_each_other(self) -> None:
        """VPCs of two apps are not compared."""
        note_blocks(App(), [named("One", "10.2.0.0/16")], EnvironmentType.PROD)
        assert note_blocks(App(), [named("Two", "10.2.0.0/16")], EnvironmentType.PROD) == []

    def test_the_root_is_found_from_any_construct(self) -> None:
        """Constructs of two stacks have the same app as root, so that their VPCs meet."""
        app = App()
        one, two = Stack(app, "One"), Stack(app, "Two")
        note_blocks(one.node.root, [named("One", "10.2.0.0/16")], EnvironmentType.PROD)
        assert len(note_blocks(two.node.root, [named("Two", "10.2.0.0/16")], EnvironmentType.PROD)) == 1


class TestConnectedBlocks:
    """The blocks behind `connected_to`."""

    def test_of_a_text(self) -> None:
        """A CIDR is the block of the connected network."""
        assert connected_blocks(["192.168.0.0/16"]) == [named("the connected network", "192.168.0.0/16")]

    def test_of_ipv6_are_left_out(self) -> None:
        """AWS chooses IPv6 blocks, which overlap nothing."""
        assert connected_blocks(["2001:db8::/32"]) == []

    def test_of_a_vpc(self) -> None:
        """A VPC's blocks are its own and its secondary ones, under its path."""
        vpc = ThreeTierVpc(
            Stack(App(), "Data", env=ENV),
            "Network",
            cidr="10.7.0.0/16",
            secondary_cidrs=["100.64.0.0/16"],
            availability_zones=AZS,
        )
        assert connected_blocks([vpc, "10.8.0.0/16"]) == [
            named("Data/Network", "10.7.0.0/16"),
            named("Data/Network", "100.64.0.0/16"),
            named("the connected network", "10.8.0.0/16"),
        ]

    def test_of_a_vpc_that_ipam_allocates_are_unknown(self) -> None:
        """A block that IPAM allocates later cannot be compared."""
        vpc = ThreeTierVpc(
            Stack(App(), "Data", env=ENV),
            "Network",
            cidr=IpamAllocation(pool_id="ipam-pool-0123456789abcdef0"),
            availability_zones=AZS,
        )
        assert connected_blocks([vpc]) == []

    def test_malformed_text_is_refused(self) -> None:
        """A text that is no CIDR is an error that names connected_to and the value."""
        with pytest.raises(ValueError, match=r"^connected_to is no CIDR, got 'office'; allowed: a network address"):
            connected_blocks(["office"])
