"""Everything about a VPC that is decided, refused or advised against before it touches the tree."""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network
from typing import Any

import pytest
from aws_cdk import Token

from aws_architect_constructs import (
    AdditionalTier,
    AdditionalTierType,
    AddressPlan,
    EndpointProfile,
    EnvironmentType,
    IpamAllocation,
    NatStrategy,
    TransitGatewayAttachment,
    VpcPeering,
)
from aws_architect_constructs.network.acl_plan import BlockTexts, tier_rules
from aws_architect_constructs.network.address_rules import NamedBlock
from aws_architect_constructs.network.attachments import NetworkAttachment
from aws_architect_constructs.network.plan import NetworkPlan, plan_network

AZS = tuple(f"us-east-1{letter}" for letter in "abcdef")
IPAM = IpamAllocation(pool_id="ipam-pool-0123456789abcdef0")


def plan(**arguments: object) -> NetworkPlan:
    """The plan of a VPC in a declared PROD, in three AZs of us-east-1, with nothing to advise against."""
    defaults: dict[str, Any] = {
        "environment_type": EnvironmentType.PROD,
        "environment_declared": True,
        "region": "us-east-1",
        "cidr": None,
        "network_index": 0,
        "address_plan": AddressPlan.STANDARD,
        "availability_zones": AZS[:3],
        "additional_tiers": (),
        "secondary_cidrs": (),
        "dual_stack": False,
        "connected": (),
        "attachments": (),
        "nat": None,
        "elastic_ip_allocation_ids": (),
        "endpoints": EndpointProfile.NONE,
        "additional_endpoints": (),
        "endpoint_availability_zones": None,
        "organization_id": None,
        "public_ports": (80, 443),
        "trusted_cidrs": (),
        "blocked_cidrs": (),
        "network_acl_rule_quota": 20,
        "flow_logs": True,
    }
    defaults.update(arguments)
    return plan_network("Prod/Network", **defaults)


def advice(**arguments: object) -> list[str]:
    """The names of the plan's advice."""
    return [item.name for item in plan(**arguments).advice]


def refused(message: str, **arguments: object) -> None:
    """State that the plan is refused with exactly this message."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plan(**arguments)


def transit_gateway(*destinations: str) -> TransitGatewayAttachment:
    """A transit gateway with networks behind it."""
    return TransitGatewayAttachment(transit_gateway_id="tgw-0123456789abcdef0", destination_cidrs=destinations)


def peering(*destinations: str) -> VpcPeering:
    """A peering connection to a VPC with these blocks."""
    return VpcPeering(peering_connection_id="pcx-0123456789abcdef0", destination_cidrs=destinations)


class TestTokens:
    """What must be known while the app is synthesized."""

    @pytest.mark.parametrize(
        ("argument", "value"),
        [
            ("cidr", Token.as_string({"Fn::ImportValue": "Cidr"})),
            ("network_index", Token.as_number({"Fn::ImportValue": "Index"})),
        ],
        ids=["cidr", "network_index"],  # a token's own text differs between workers
    )
    def test_are_refused(self, argument: str, value: object) -> None:
        """A token in place of the block or its index is an error that names the argument and IPAM as the way."""
        refused(
            f"{argument} must be known while the app is synthesized, got a token; allowed: a literal value, or "
            "cidr=IpamAllocation(...) for a block that is allocated while CloudFormation deploys",
            **{argument: value},
        )

    def test_pool_may_be_one(self) -> None:
        """IPAM's pool may come from another stack."""
        allocation = IpamAllocation(pool_id=Token.as_string({"Fn::ImportValue": "Pool"}))
        assert plan(cidr=allocation).layout.ipam is allocation

    def test_organization_may_be_one(self) -> None:
        """The organization's id may come from a parameter, and is then not checked."""
        assert plan(organization_id=Token.as_string({"Ref": "OrganizationId"})).advice == ()


class TestLayoutAndConnections:
    """The layout is part of the plan."""

    def test_layout_is_the_arguments(self) -> None:
        """Every argument about addresses reaches the layout."""
        layout = plan(
            cidr="10.9.0.0/17",
            address_plan=AddressPlan.SPACIOUS,
            availability_zones=AZS[2:4],
            secondary_cidrs=["100.64.0.0/16"],
            additional_tiers=[AdditionalTier(name="Cache", tier_type=AdditionalTierType.ISOLATED)],
        ).layout
        assert (
            layout.block,
            [zone.name for zone in layout.zones],
            layout.secondary,
            [tier.name for tier in layout.tiers],
            layout.tiers[1].slots[0].within(IPv4Network("10.9.0.0/17")),
        ) == (
            IPv4Network("10.9.0.0/17"),
            ["us-east-1c", "us-east-1d"],
            (IPv4Network("100.64.0.0/16"),),
            ["Public", "Private", "Isolated", "Cache"],
            IPv4Network("10.9.64.0/20"),
        )

    def test_environment_and_index_choose_the_block(self) -> None:
        """Without cidr the environment's range and the index give the block."""
        assert plan(environment_type=EnvironmentType.STAGING, network_index=4).layout.block == IPv4Network(
            "10.41.0.0/16"
        )

    def test_region_is_checked(self) -> None:
        """AZs of another Region are refused."""
        refused(
            "availability_zones: not in the stack's Region, got 'us-east-1a'; allowed: those of eu-west-1",
            region="eu-west-1",
        )

    def test_connected_networks_must_not_overlap(self) -> None:
        """An overlap with a connected network is an error that names both and suggests the index."""
        refused(
            "Prod/Network (10.2.0.0/16) overlaps the office (10.2.0.0/20): the two can never be connected; "
            "network_index=1 gives 10.12.0.0/16",
            connected=[NamedBlock(name="the office", block=IPv4Network("10.2.0.0/20"))],
        )


class TestAttachments:
    """Networks that the VPC is attached to."""

    @pytest.mark.parametrize("attach", [transit_gateway, peering])
    def test_destinations_are_trusted(self, attach: Callable[..., NetworkAttachment]) -> None:
        """What is behind an attachment is trusted after what the user trusts, each network once."""
        settings = plan(
            trusted_cidrs=["10.200.0.0/16"],
            attachments=[attach("10.201.0.0/16", "10.200.0.0/16", "fd00::/16")],
            dual_stack=True,
        ).acl
        assert settings.trusted_cidrs == ("10.200.0.0/16", "10.201.0.0/16", "fd00::/16")

    @pytest.mark.parametrize("attach", [transit_gateway, peering])
    @pytest.mark.parametrize("destination", ["10.2.0.0/16", "10.2.64.0/18"])
    def test_destination_inside_the_vpc_is_refused(
        self, attach: Callable[..., NetworkAttachment], destination: str
    ) -> None:
        """A destination that is the VPC's block or a part of it is an error that names both."""
        refused(
            f"destination_cidrs: Prod/Network (10.2.0.0/16) overlaps the destination, got {destination!r}; "
            "allowed: networks outside the VPC, or a summary route over a transit gateway",
            attachments=[attach(destination)],
        )

    def test_destination_inside_a_secondary_block_is_refused(self) -> None:
        """Secondary blocks count too."""
        with pytest.raises(ValueError, match=r"^destination_cidrs: Prod/Network \(100\.64\.0\.0/16\) overlaps"):
            plan(secondary_cidrs=["100.64.0.0/16"], attachments=[peering("100.64.9.0/24")])

    def test_summary_over_a_transit_gateway_passes(self) -> None:
        """A transit gateway may summarise networks that hold the VPC: the local route is more specific."""
        assert plan(attachments=[transit_gateway("10.0.0.0/8")]).acl.trusted_cidrs == ("10.0.0.0/8",)

    def test_summary_over_a_peering_is_refused(self) -> None:
        """A peer's block cannot hold the VPC's: AWS peers no VPCs that overlap."""
        refused(
            "destination_cidrs: Prod/Network (10.2.0.0/16) overlaps the destination, got '10.0.0.0/8'; "
            "allowed: networks outside the VPC, or a summary route over a transit gateway",
            attachments=[peering("10.0.0.0/8")],
        )

    @pytest.mark.parametrize("attach", [transit_gateway, peering])
    def test_malformed_destination_is_refused(self, attach: Callable[..., NetworkAttachment]) -> None:
        """A destination that is no CIDR is an error that names it."""
        with pytest.raises(
            ValueError, match=r"^destination_cidrs is no CIDR, got 'office'; allowed: a network address"
        ):
            plan(attachments=[attach("office")])

    @pytest.mark.parametrize("destination", ["0.0.0.0/0", "::/0"])
    @pytest.mark.parametrize("nat", [NatStrategy.SINGLE, NatStrategy.PER_AZ, NatStrategy.REGIONAL])
    def test_default_route_beside_nat_is_refused(self, nat: NatStrategy, destination: str) -> None:
        """A route table has one default route; the error names the destination, the NAT and the way out."""
        refused(
            f"destination_cidrs: the private tier's default route leads to NAT, got {destination!r} with {nat}; "
            "allowed: narrower networks, or nat=NatStrategy.NONE for a way out behind the transit gateway",
            nat=nat,
            attachments=[transit_gateway(destination)],
            dual_stack=True,
        )

    def test_default_route_without_nat_passes(self) -> None:
        """Without NAT everything may leave by a transit gateway."""
        settings = plan(nat=NatStrategy.NONE, attachments=[transit_gateway("0.0.0.0/0")]).acl
        assert settings.trusted_cidrs == ("0.0.0.0/0",)

    def test_block_that_ipam_allocates_cannot_be_compared(self) -> None:
        """A destination is compared with blocks that are known."""
        assert plan(cidr=IPAM, attachments=[peering("10.2.0.0/16")]).acl.trusted_cidrs == ("10.2.0.0/16",)


class TestNat:
    """How the private tiers reach the internet."""

    @pytest.mark.parametrize("nat", NatStrategy)
    def test_is_the_caller_s(self, nat: NatStrategy) -> None:
        """The caller's strategy is taken."""
        assert plan(nat=nat).nat is nat

    @pytest.mark.parametrize(
        ("kind", "nat"),
        [
            (EnvironmentType.DEV, NatStrategy.SINGLE),
            (EnvironmentType.STAGING, NatStrategy.SINGLE),
            (EnvironmentType.PROD, NatStrategy.REGIONAL),
            (EnvironmentType.SHARED, NatStrategy.REGIONAL),
        ],
    )
    def test_is_the_environment_s_by_default(self, kind: EnvironmentType, nat: NatStrategy) -> None:
        """Without one the environment decides."""
        assert plan(environment_type=kind).nat is nat

    def test_default_heeds_the_region(self) -> None:
        """Where the Region lacks regional NAT the default is one gateway in each AZ."""
        zones = ["us-gov-west-1a", "us-gov-west-1b"]
        assert plan(region="us-gov-west-1", availability_zones=zones).nat is NatStrategy.PER_AZ

    @pytest.mark.parametrize(("nat", "internet"), [(NatStrategy.NONE, False), (NatStrategy.SINGLE, True)])
    def test_decides_on_the_internet(self, nat: NatStrategy, internet: bool) -> None:
        """There is a way to the internet exactly if there is NAT."""
        assert plan(nat=nat).internet is internet

    def test_allocation_ids_must_fit(self) -> None:
        """Addresses are counted against the VPC's AZs."""
        refused(
            "elastic_ip_allocation_ids: not one for each NAT gateway's AZ, got 2 with PER_AZ; allowed: 3",
            nat=NatStrategy.PER_AZ,
            elastic_ip_allocation_ids=["eipalloc-1", "eipalloc-2"],
        )


class TestEndpoints:
    """Interface endpoints and where they stand."""

    def test_are_the_profile_s_and_further_ones(self) -> None:
        """The profile's services come first, then further ones."""
        services = plan(endpoints=EndpointProfile.SESSION_MANAGER, additional_endpoints=["kms"]).services
        assert services == ("ssm", "ssmmessages", "kms")

    def test_malformed_service_is_refused(self) -> None:
        """A further endpoint is checked."""
        with pytest.raises(ValueError, match=r"^additional_endpoints: not the short name of a service, got 'KMS'"):
            plan(additional_endpoints=["KMS"])

    @pytest.mark.parametrize(
        ("kind", "zones"),
        [
            (EnvironmentType.DEV, 1),
            (EnvironmentType.STAGING, 2),
            (EnvironmentType.PROD, 3),
            (EnvironmentType.SHARED, 3),
        ],
    )
    def test_stand_in_the_environment_s_number_of_azs(self, kind: EnvironmentType, zones: int) -> None:
        """Of three AZs they stand in one for DEV, two for STAGING, and all for PROD and SHARED."""
        assert plan(environment_type=kind).endpoint_zones == zones

    def test_stand_in_no_more_azs_than_there_are(self) -> None:
        """STAGING's two AZs are those of a VPC with two."""
        assert plan(environment_type=EnvironmentType.STAGING, availability_zones=AZS[:2]).endpoint_zones == 2

    @pytest.mark.parametrize("wanted", [1, 3])
    def test_stand_in_as_many_azs_as_the_caller_says(self, wanted: int) -> None:
        """One to all of the VPC's AZs pass."""
        assert plan(endpoint_availability_zones=wanted).endpoint_zones == wanted

    @pytest.mark.parametrize("wanted", [-1, 0, 4])
    def test_in_another_number_of_azs_are_refused(self, wanted: int) -> None:
        """None, or more than the VPC's AZs, is an error that names the number and the most."""
        refused(
            f"endpoint_availability_zones: not a whole number within bounds, got {wanted}; allowed: 1 to 3",
            endpoint_availability_zones=wanted,
        )

    @pytest.mark.parametrize("organization", ["o-abcdefghij", "o-" + "a1" * 16])
    def test_organization_passes(self, organization: str) -> None:
        """An id of ten to 32 letters and digits passes."""
        assert plan(organization_id=organization).advice == ()

    @pytest.mark.parametrize(
        "organization",
        ["", "abcdefghij", "o-abcdefghi", "o-" + "a" * 33, "o-ABCDEFGHIJ", "r-abcdefghij", "o-abcdefghij\n"],
    )
    def test_malformed_organization_is_refused(self, organization: str) -> None:
        """A malformed id is an error that names it and the form."""
        refused(
            f"organization_id: malformed, got {organization!r}; allowed: 'o-' and 10 to 32 letters and digits",
            organization_id=organization,
        )


def counts(planned: NetworkPlan) -> dict[str, int]:
    """How many IPv4 rules each tier's busier direction has with the VPC's real blocks."""
    layout = planned.layout
    assert layout.block is not None
    rules = tier_rules(
        layout,
        planned.acl,
        internet=planned.internet,
        ipv4=BlockTexts(
            vpc=tuple(map(str, layout.literal_blocks)),
            tiers={
                tier.name: tuple(str(slot.within(tier.secondary_cidr or layout.block)) for slot in tier.blocks)
                for tier in layout.tiers
            },
        ),
        ipv6=None,
    )
    return {
        tier: max(sum(rule.egress is egress for rule in listed) for egress in (False, True))
        for tier, listed in rules.items()
    }


def blocked(count: int) -> list[str]:
    """That many networks to block."""
    return [f"192.0.2.{number}/32" for number in range(count)]


def caches(count: int) -> list[AdditionalTier]:
    """That many further isolated tiers."""
    return [AdditionalTier(name=f"Cache{number}", tier_type=AdditionalTierType.ISOLATED) for number in range(count)]


class TestNetworkAcls:
    """The ACLs' settings are checked and their rules counted before the VPC exists."""

    def test_ports_are_checked(self) -> None:
        """A port that is never published is refused."""
        with pytest.raises(ValueError, match=r"^public_ports: SSH is never published, got 22"):
            plan(public_ports=[22])

    def test_settings_are_the_arguments(self) -> None:
        """Ports, blocked networks and the quota reach the settings."""
        settings = plan(public_ports=[8443], blocked_cidrs=["192.0.2.0/24"], network_acl_rule_quota=30).acl
        assert (settings.public_ports, settings.blocked_cidrs, settings.rule_quota) == ([8443], ("192.0.2.0/24",), 30)

    def test_blocked_network_inside_the_vpc_is_refused(self) -> None:
        """A denial of the VPC's own addresses is refused."""
        refused(
            "blocked_cidrs: would cut the VPC (10.2.0.0/16) off from itself, got '10.2.9.0/24'; "
            "allowed: networks outside the VPC",
            blocked_cidrs=["10.2.9.0/24"],
        )

    @pytest.mark.parametrize(
        ("tier", "arguments"),
        [
            ("Public", {"public_ports": range(8001, 8010)}),
            ("Isolated", {"additional_tiers": caches(3)}),
            ("Isolated", {"additional_tiers": caches(2), "secondary_cidrs": ["100.64.0.0/16"]}),
        ],
    )
    def test_rules_may_fill_the_quota(self, tier: str, arguments: dict[str, Any]) -> None:
        """A VPC whose fullest ACL has 19 rules beside the closing denial is within a quota of 20."""
        room = 19 - counts(plan(**arguments))[tier]
        assert max(counts(plan(**arguments, blocked_cidrs=blocked(room))).values()) == 19

    @pytest.mark.parametrize(
        ("tier", "arguments"),
        [
            ("Public", {"public_ports": range(8001, 8010)}),
            ("Isolated", {"additional_tiers": caches(3)}),
        ],
    )
    def test_rules_beyond_the_quota_are_refused(self, tier: str, arguments: dict[str, Any]) -> None:
        """One rule more is an error that names the tier."""
        room = 19 - counts(plan(**arguments))[tier]
        with pytest.raises(ValueError, match=rf"^network ACL of the tier {tier}: 20 inbound IPV4 rules exceed a quota"):
            plan(**arguments, blocked_cidrs=blocked(room + 1))

    @pytest.mark.parametrize(("dual_stack", "fits"), [(False, True), (True, False)])
    def test_ipv6_rules_are_counted_in_a_dual_stack_vpc(self, dual_stack: bool, fits: bool) -> None:
        """Networks of IPv6 take rules only where the VPC has IPv6."""
        networks = [f"2001:db8:{number}::/48" for number in range(19)]
        if fits:
            assert plan(dual_stack=dual_stack, blocked_cidrs=networks).advice == ()
        else:
            with pytest.raises(ValueError, match=r"^network ACL of the tier Public: \d\d inbound IPV6 rules exceed"):
                plan(dual_stack=dual_stack, blocked_cidrs=networks)

    def test_rules_of_a_block_that_ipam_allocates_are_counted(self) -> None:
        """The count needs no literal block."""
        with pytest.raises(ValueError, match=r"^network ACL of the tier Public: \d\d inbound IPV4 rules exceed"):
            plan(cidr=IPAM, blocked_cidrs=blocked(19))


class TestAdvice:
    """Each warning with what brings it about, and what does not."""

    def test_a_declared_vpc_needs_none(self) -> None:
        """A VPC in a declared environment with pinned AZs has nothing to warn of."""
        assert plan().advice == ()

    @pytest.mark.parametrize("index", [0, 1])
    def test_undeclared_address_range(self, index: int) -> None:
        """A block of an environment that is only assumed is named, whichever of its indexes it has."""
        assert advice(environment_declared=False, network_index=index) == ["UndeclaredAddressRange"]

    def test_undeclared_address_range_names_the_block(self) -> None:
        """The warning names the block that the VPC takes."""
        assert "PROD's 10.2.0.0/16" in plan(environment_declared=False).advice[0].message

    @pytest.mark.parametrize("cidr", ["10.2.0.0/16", IPAM])
    def test_pinned_address_range(self, cidr: str | IpamAllocation) -> None:
        """With a cidr the environment does not matter to the block."""
        assert advice(environment_declared=False, cidr=cidr) == []

    def test_unpinned_availability_zones(self) -> None:
        """In a known Region AZs without names are named, with those to pin."""
        (item,) = plan(availability_zones=None).advice
        assert (item.name, item.message[item.message.index("pin them") :]) == (
            "UnpinnedAvailabilityZones",
            "pin them, as availability_zones=['us-east-1a', 'us-east-1b', 'us-east-1c'].",
        )

    def test_availability_zones_of_an_unknown_region(self) -> None:
        """Where the Region is not known, nobody could pin AZs."""
        assert advice(availability_zones=None, region=None) == []

    def test_single_nat_gateway(self) -> None:
        """A single NAT gateway in PROD is named."""
        assert advice(nat=NatStrategy.SINGLE) == ["SingleNatGateway"]

    @pytest.mark.parametrize("kind", [EnvironmentType.DEV, EnvironmentType.STAGING, EnvironmentType.SHARED])
    def test_single_nat_gateway_elsewhere(self, kind: EnvironmentType) -> None:
        """Outside PROD it is a choice."""
        assert advice(environment_type=kind, nat=NatStrategy.SINGLE) == []

    def test_elastic_ip_quota(self) -> None:
        """More NAT gateways than a Region has addresses by default are named, with their number."""
        (item,) = plan(nat=NatStrategy.PER_AZ, availability_zones=AZS).advice
        assert (item.name, item.message.split(" need")[0]) == ("ElasticIpQuota", "6 NAT gateways")

    @pytest.mark.parametrize(
        ("nat", "zones", "addresses"),
        [
            (NatStrategy.PER_AZ, 5, 0),
            (NatStrategy.PER_AZ, 6, 6),
            (NatStrategy.REGIONAL, 6, 0),
        ],
    )
    def test_elastic_ip_quota_that_is_kept(self, nat: NatStrategy, zones: int, addresses: int) -> None:
        """Five gateways, addresses that the caller has, and a regional gateway are within the quota."""
        ids = [f"eipalloc-{number}" for number in range(addresses)]
        assert advice(nat=nat, availability_zones=AZS[:zones], elastic_ip_allocation_ids=ids) == []

    def test_no_way_to_aws(self) -> None:
        """A private tier without NAT and interface endpoints is named."""
        assert advice(nat=NatStrategy.NONE) == ["NoWayToAws"]

    def test_narrower_attachments_are_no_way_to_aws(self) -> None:
        """A transit gateway to other networks alone is no way to AWS."""
        arguments = {"nat": NatStrategy.NONE, "attachments": [transit_gateway("10.200.0.0/16")]}
        assert advice(**arguments) == ["NoWayToAws"]

    @pytest.mark.parametrize(
        "arguments",
        [
            {"endpoints": EndpointProfile.SESSION_MANAGER},
            {"additional_endpoints": ["kms"]},
            {"attachments": [transit_gateway("0.0.0.0/0")]},
        ],
    )
    def test_a_way_to_aws(self, arguments: dict[str, Any]) -> None:
        """One interface endpoint, or a default route to a transit gateway, is a way."""
        assert advice(nat=NatStrategy.NONE, **arguments) == []

    @pytest.mark.parametrize("kind", [EnvironmentType.STAGING, EnvironmentType.PROD, EnvironmentType.SHARED])
    def test_flow_logs_disabled(self, kind: EnvironmentType) -> None:
        """A VPC without flow logs is named."""
        assert advice(environment_type=kind, flow_logs=False) == ["FlowLogsDisabled"]

    def test_flow_logs_disabled_in_dev(self) -> None:
        """In DEV they are a choice."""
        assert advice(environment_type=EnvironmentType.DEV, flow_logs=False) == []

    def test_that_of_the_layout_comes_first(self) -> None:
        """What is unwise about blocks is passed on, ahead of the rest."""
        assert advice(cidr="172.17.0.0/16", nat=NatStrategy.SINGLE) == ["AddressRangeUsedByAws", "SingleNatGateway"]


def test_order_of_the_advice() -> None:
    """Everything unwise at once is named in one fixed order."""
    names: Sequence[str] = advice(
        environment_declared=False, availability_zones=None, nat=NatStrategy.NONE, flow_logs=False
    )
    assert names == ["UndeclaredAddressRange", "UnpinnedAvailabilityZones", "NoWayToAws", "FlowLogsDisabled"]
