"""Everything about a `ThreeTierVpc` that can be decided, or refused, before it touches the tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from aws_architect_constructs._validations import choice, integer, is_concrete, listed, texts
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.identifiers import ORGANIZATION_ID

from .acl_plan import HIGHEST_PORT, AclSettings, BlockTexts, tier_rules
from .address_plan import AddressPlan
from .address_rules import Advice, NamedBlock, parse_cidr
from .attachments import NetworkAttachment, TransitGatewayAttachment
from .endpoint_profiles import EndpointProfile, endpoint_services
from .layout import AdditionalTier, IpamAllocation, Layout, plan_layout
from .nat import ELASTIC_IP_QUOTA, NatStrategy, check_allocation_ids, default_nat_strategy


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """A VPC that passed every check.

    Attributes:
        layout: Its blocks, AZs and tiers.
        nat: How its private tiers reach the internet.
        services: Its interface endpoints.
        endpoint_zones: In how many AZs they stand.
        acl: What its user says about its network ACLs, attached networks trusted.
        advice: What is legal but unwise about it.
    """

    layout: Layout
    nat: NatStrategy
    services: tuple[str, ...]
    endpoint_zones: int
    acl: AclSettings
    advice: tuple[Advice, ...]

    @property
    def internet(self) -> bool:
        """Whether the private tiers have a way to the internet."""
        return self.nat is not NatStrategy.NONE


def plan_network(
    path: str,
    *,
    environment_type: EnvironmentType,
    environment_declared: bool,
    region: str | None,
    cidr: str | IpamAllocation | None,
    network_index: int,
    address_plan: AddressPlan,
    availability_zones: Sequence[str] | None,
    additional_tiers: Sequence[AdditionalTier],
    secondary_cidrs: Sequence[str],
    dual_stack: bool,
    connected: Sequence[NamedBlock],
    attachments: Sequence[NetworkAttachment],
    nat: NatStrategy | None,
    elastic_ip_allocation_ids: Sequence[str],
    endpoints: EndpointProfile,
    additional_endpoints: Sequence[str],
    endpoint_availability_zones: int | None,
    organization_id: str | None,
    public_ports: Sequence[int],
    trusted_cidrs: Sequence[str],
    blocked_cidrs: Sequence[str],
    network_acl_rule_quota: int,
    flow_logs: bool,
) -> NetworkPlan:
    """Check a VPC's arguments, and settle what they leave open.

    They are those of `ThreeTierVpc`, and beside them: `path`, for messages; `environment_declared`, whether anybody
    declared the environment or PROD is only assumed; `region`, the stack's, or None where it is not known yet;
    `connected`, the blocks of `connected_to`; `flow_logs`, whether there are any.

    Raises:
        ValueError: If anything is wrong with them; the message names the argument, its value and what is allowed.
    """
    for argument, value in (("cidr", cidr), ("network_index", network_index)):
        if isinstance(value, str | int | float) and not is_concrete(value):
            raise ValueError(
                f"{argument} must be known while the app is synthesized, got a token; allowed: a literal value, or "
                "cidr=IpamAllocation(...) for a block that is allocated while CloudFormation deploys"
            )
    address_plan = choice("address_plan", AddressPlan, address_plan)
    for network in texts("trusted_cidrs", trusted_cidrs):
        if parse_cidr("trusted_cidrs", network).prefixlen == 0:
            raise ValueError(
                f"trusted_cidrs: everywhere is no network of yours, got {network!r}; allowed: narrower ones"
            )
    layout = plan_layout(
        path,
        environment_type=environment_type,
        cidr=cidr,
        network_index=network_index,
        address_plan=address_plan,
        availability_zones=None if availability_zones is None else texts("availability_zones", availability_zones),
        region=region,
        additional_tiers=additional_tiers,
        secondary_cidrs=texts("secondary_cidrs", secondary_cidrs),
        connected=connected,
    )
    strategy = (
        default_nat_strategy(environment_type.defaults.nat_strategy, region)
        if nat is None
        else choice("nat", NatStrategy, nat)
    )
    _check_destinations(path, layout, attachments, strategy, dual_stack=dual_stack)
    check_allocation_ids(strategy, texts("elastic_ip_allocation_ids", elastic_ip_allocation_ids), len(layout.zones))
    services = endpoint_services(
        choice("endpoints", EndpointProfile, endpoints), texts("additional_endpoints", additional_endpoints)
    )
    if organization_id is not None and is_concrete(organization_id) and not ORGANIZATION_ID.fullmatch(organization_id):
        raise ValueError(
            f"organization_id: malformed, got {organization_id!r}; allowed: 'o-' and 10 to 32 letters and digits"
        )
    destinations = [text for attachment in attachments for text in attachment.destination_cidrs]
    acl = AclSettings(
        public_ports=[integer("public_ports", port, 1, HIGHEST_PORT) for port in listed("public_ports", public_ports)],
        trusted_cidrs=tuple(dict.fromkeys([*trusted_cidrs, *destinations])),
        blocked_cidrs=texts("blocked_cidrs", blocked_cidrs),
        rule_quota=network_acl_rule_quota,
    )
    acl.check_blocks(layout)
    plan = NetworkPlan(
        layout=layout,
        nat=strategy,
        services=services,
        endpoint_zones=_endpoint_zones(endpoint_availability_zones, environment_type, layout),
        acl=acl,
        advice=layout.advice,
    )
    _count_rules(plan, dual_stack=dual_stack)
    advice = [
        _undeclared_range(layout) if cidr is None and not environment_declared else None,
        _unpinned_zones(region) if availability_zones is None and region is not None else None,
        _single_nat(environment_type) if strategy is NatStrategy.SINGLE else None,
        _address_quota(layout) if strategy is NatStrategy.PER_AZ and not elastic_ip_allocation_ids else None,
        _no_way_to_aws()
        if strategy is NatStrategy.NONE and not services and not _default_route(destinations)
        else None,
        None if flow_logs else _no_flow_logs(environment_type),
        _unchecked_connection() if layout.block is None and connected else None,
    ]
    return replace(plan, advice=(*layout.advice, *(item for item in advice if item is not None)))


def _check_destinations(
    path: str, layout: Layout, attachments: Sequence[NetworkAttachment], nat: NatStrategy, *, dual_stack: bool
) -> None:
    """Refuse attachments and routes that CloudFormation, or the network, would."""
    seen: set[str] = set()
    for attachment in attachments:
        destinations = texts("destination_cidrs", attachment.destination_cidrs)
        if not destinations:
            raise ValueError("destination_cidrs: an attachment without a route is idle, got none; allowed: one or more")
        for text in (*destinations, *attachment.identity):
            if text in seen:
                raise ValueError(
                    f"attachments: named twice, got {text!r}; allowed: each destination and attachment once"
                )
            seen.add(text)
        for text in destinations:
            transit = isinstance(attachment, TransitGatewayAttachment)
            _check_destination(path, layout, text, nat, transit=transit, dual_stack=dual_stack)


def _check_destination(
    path: str, layout: Layout, text: str, nat: NatStrategy, *, transit: bool, dual_stack: bool
) -> None:
    """Refuse a route that cannot be.

    A transit gateway's route may be a summary that holds the VPC's block too: the local route is longer. Its default
    route may stand where there is no NAT.
    """
    destination = parse_cidr("destination_cidrs", text)
    if not isinstance(destination, IPv4Network) and not dual_stack:
        raise ValueError(f"destination_cidrs: the VPC has no IPv6, got {text!r}; allowed: with dual_stack=True")
    if destination.prefixlen == 0 and not transit:
        raise ValueError(
            f"destination_cidrs: a peer is no way to everywhere, got {text!r}; allowed: the peer's own blocks"
        )
    if destination.prefixlen == 0 and nat is not NatStrategy.NONE:
        raise ValueError(
            f"destination_cidrs: the private tier's default route leads to NAT, got {text!r} with {nat}; "
            "allowed: narrower networks, or nat=NatStrategy.NONE for a way out behind the transit gateway"
        )
    for block in layout.literal_blocks:
        if not isinstance(destination, IPv4Network) or not destination.overlaps(block):
            continue
        if not (transit and destination.prefixlen < block.prefixlen):
            raise ValueError(
                f"destination_cidrs: {path} ({block}) overlaps the destination, got {text!r}; "
                "allowed: networks outside the VPC, or a summary route over a transit gateway"
            )


def _default_route(destinations: Sequence[str]) -> bool:
    """Whether everything leaves by an attachment."""
    return any(parse_cidr("destination_cidrs", text).prefixlen == 0 for text in destinations)


def _endpoint_zones(wanted: int | None, environment_type: EnvironmentType, layout: Layout) -> int:
    available = len(layout.zones)
    if wanted is None:
        default = environment_type.defaults.endpoint_availability_zones
        return available if default is None else min(default, available)
    return integer("endpoint_availability_zones", wanted, 1, available)


def _count_rules(plan: NetworkPlan, *, dual_stack: bool) -> None:
    """Count the network ACLs' rules with stand-ins for blocks that are not known yet."""
    ipv4 = BlockTexts(
        vpc=("vpc" if plan.layout.block is None else str(plan.layout.block), *map(str, plan.layout.secondary)),
        tiers={tier.name: tuple("block" for _ in tier.blocks) for tier in plan.layout.tiers},
    )
    ipv6 = BlockTexts(
        vpc=("vpc",), tiers={tier.name: tuple("block" for _ in tier.ipv6_blocks) for tier in plan.layout.tiers}
    )
    tier_rules(plan.layout, plan.acl, internet=plan.internet, ipv4=ipv4, ipv6=ipv6 if dual_stack else None)


def _undeclared_range(layout: Layout) -> Advice:
    return Advice(
        name="UndeclaredAddressRange",
        message=f"Neither cidr nor an environment is declared, so the VPC takes PROD's {layout.block}, and a VPC's "
        "block can never change: declaring DEV, STAGING or SHARED later would replace the whole network. Declare the "
        "environment (EnvironmentType.PROD.apply_to(stage)) or pin cidr= now.",
    )


def _unpinned_zones(region: str) -> Advice:
    return Advice(
        name="UnpinnedAvailabilityZones",
        message=f"CloudFormation will choose the first two AZs of {region} that it finds, and a subnet's AZ can never "
        f"change: pin them, as availability_zones=['{region}a', '{region}b', '{region}c'].",
    )


def _single_nat(environment_type: EnvironmentType) -> Advice | None:
    if environment_type is not EnvironmentType.PROD:
        return None
    return Advice(
        name="SingleNatGateway",
        message="One NAT gateway serves every AZ: when its AZ fails, all private subnets lose the internet. "
        "NatStrategy.REGIONAL or PER_AZ survives that.",
    )


def _address_quota(layout: Layout) -> Advice | None:
    if len(layout.zones) <= ELASTIC_IP_QUOTA:
        return None
    return Advice(
        name="ElasticIpQuota",
        message=f"{len(layout.zones)} NAT gateways need as many Elastic IP addresses, and a Region has "
        f"{ELASTIC_IP_QUOTA} by default: have the quota L-0263D0A3 raised, or choose NatStrategy.REGIONAL.",
    )


def _no_way_to_aws() -> Advice:
    return Advice(
        name="NoWayToAws",
        message="Without NAT and interface endpoints the private tier reaches S3 and DynamoDB and no other AWS "
        "service: choose an endpoint profile, such as EndpointProfile.CONTAINERS.",
    )


def _unchecked_connection() -> Advice:
    return Advice(
        name="ConnectedRangeNotChecked",
        message="IPAM allocates this VPC's block while CloudFormation deploys, so nobody can check here that it is "
        "clear of connected_to: see that the pool is.",
    )


def _no_flow_logs(environment_type: EnvironmentType) -> Advice | None:
    if environment_type is EnvironmentType.DEV:
        return None
    return Advice(
        name="FlowLogsDisabled",
        message="Without flow logs nobody can tell what the network did: keep them, unless the organization's own "
        "cover this VPC.",
    )
