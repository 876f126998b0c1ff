"""The resources of one tier: a subnet with its route table in each AZ, and the network ACL around them."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Tags
from aws_cdk import aws_ec2 as ec2
from constructs import Construct, IDependable

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.tiers import Tier

from .layout import TierLayout, Zone
from .network_acls import AclRule, Family

# CDK's own tags: `Vpc.from_lookup` in other apps finds the tiers by them.
_NAME_TAG: Final = "aws-cdk:subnet-name"
_TYPE_TAG: Final = "aws-cdk:subnet-type"


class SubnetTier(Construct):
    """A tier of a `ThreeTierVpc`.

    Attributes:
        tier: What it is, or is like.
        name: Name of its subnet group.
        blocks: Its blocks, literal or CloudFormation's, AZs to come included.
        subnets: A subnet for each AZ, in the order of the AZs.
        network_acl: The network ACL around them.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        layout: TierLayout,
        zones: Sequence[Zone],
        vpc_id: str,
        zone_names: Sequence[str],
        cidrs: Sequence[tuple[str, str | None]],
        blocks: Sequence[str],
        acl_rules: Sequence[AclRule],
        dependencies: Sequence[IDependable],
    ) -> None:
        super().__init__(scope, id)
        self.tier: Final = layout.tier
        self.name: Final = layout.name
        self.blocks: Final = tuple(blocks)
        subnet_class = ec2.PublicSubnet if layout.tier is Tier.PUBLIC else ec2.PrivateSubnet
        self.subnets: Final[list[ec2.Subnet]] = []
        for zone, zone_name, (cidr, ipv6_cidr) in zip(zones, zone_names, cidrs, strict=True):
            subnet = subnet_class(
                self,
                f"Subnet{zone.slot + 1}",
                vpc_id=vpc_id,
                availability_zone=zone_name,
                cidr_block=cidr,
                ipv6_cidr_block=ipv6_cidr,
                # An address that the internet can reach is given on purpose, never on launch.
                map_public_ip_on_launch=False,
                assign_ipv6_address_on_creation=None if ipv6_cidr is None else False,
            )
            if dependencies:
                subnet.node.add_dependency(*dependencies)
            self.subnets.append(subnet)
        if all(zone.name is not None for zone in zones):
            acknowledge(
                self,
                "CloudFormation-Validate::W3010",
                "The AZs are pinned on purpose: a subnet's AZ can never change in place, but Fn::GetAZs' answer can.",
            )
        tags = Tags.of(self)
        tags.add(_NAME_TAG, layout.name, include_resource_types=["AWS::EC2::Subnet"])
        tags.add(_TYPE_TAG, layout.tier.value, include_resource_types=["AWS::EC2::Subnet"])
        self.network_acl: Final = self._network_acl(vpc_id, zones, acl_rules)

    @property
    def route_table_ids(self) -> list[str]:
        """The route table of each subnet."""
        return [subnet.route_table.route_table_id for subnet in self.subnets]

    @property
    def subnet_ids(self) -> list[str]:
        """The id of each subnet."""
        return [subnet.subnet_id for subnet in self.subnets]

    def _network_acl(self, vpc_id: str, zones: Sequence[Zone], rules: Sequence[AclRule]) -> ec2.CfnNetworkAcl:
        """The ACL, its rules named by direction and number, and its hold on each subnet.

        A rule's direction and number can never change in place, so they are its identity here too.
        """
        acl = ec2.CfnNetworkAcl(self, "NetworkAcl", vpc_id=vpc_id)
        acknowledge(
            acl,
            "AwsSolutions::AwsSolutions-VPC3",
            "The network ACL repeats per tier what security groups decide per resource, so that one wrong group does "
            "not open a tier. Its rules are generated from the address plan and proven by packet-level tests.",
        )
        for rule in rules:
            ec2.CfnNetworkAclEntry(
                acl,
                f"{'Egress' if rule.egress else 'Ingress'}{rule.number}",
                network_acl_id=acl.attr_id,
                egress=rule.egress,
                rule_number=rule.number,
                rule_action="allow" if rule.allow else "deny",
                protocol=int(rule.protocol),
                cidr_block=rule.block if rule.family is Family.IPV4 else None,
                ipv6_cidr_block=rule.block if rule.family is Family.IPV6 else None,
                port_range=None if rule.ports is None else {"from": rule.ports[0], "to": rule.ports[1]},
                icmp=None if rule.icmp is None else {"type": rule.icmp[0], "code": rule.icmp[1]},
            )
        for zone, subnet_id in zip(zones, self.subnet_ids, strict=True):
            ec2.CfnSubnetNetworkAclAssociation(
                acl, f"Subnet{zone.slot + 1}", network_acl_id=acl.attr_id, subnet_id=subnet_id
            )
        return acl
