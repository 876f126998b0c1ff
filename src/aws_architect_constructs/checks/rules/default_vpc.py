"""Nothing is put into the default VPC, by name or by saying nothing."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import is_none, literals

# By type: the properties of which one says where the resource goes, and those that make it another's affair.
_PLACED: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "AWS::EC2::Instance": (("SubnetId", "NetworkInterfaces"), ("LaunchTemplate",)),
    "AWS::EC2::SecurityGroup": (("VpcId",), ()),
    "AWS::RDS::DBInstance": (
        ("DBSubnetGroupName",),
        ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier", "DBSnapshotIdentifier"),
    ),
    "AWS::RDS::DBCluster": (("DBSubnetGroupName",), ()),
    "AWS::DocDB::DBCluster": (("DBSubnetGroupName",), ()),
    "AWS::Neptune::DBCluster": (("DBSubnetGroupName",), ()),
    "AWS::ElastiCache::CacheCluster": (("CacheSubnetGroupName",), ("CacheSecurityGroupNames",)),
    "AWS::ElastiCache::ReplicationGroup": (("CacheSubnetGroupName",), ("GlobalReplicationGroupId",)),
    "AWS::ElastiCache::ServerlessCache": (("SubnetIds",), ()),
    "AWS::MemoryDB::Cluster": (("SubnetGroupName",), ()),
    "AWS::DAX::Cluster": (("SubnetGroupName",), ()),
    "AWS::Redshift::Cluster": (("ClusterSubnetGroupName",), ()),
    "AWS::AutoScaling::AutoScalingGroup": (("VPCZoneIdentifier",), ("LaunchTemplate", "MixedInstancesPolicy")),
    "AWS::DMS::ReplicationInstance": (("ReplicationSubnetGroupIdentifier",), ()),
    "AWS::ElasticLoadBalancing::LoadBalancer": (("Subnets",), ()),
}


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look at what AWS puts into the default VPC when nobody says where it goes, and at what names one."""
    for resource in template.resources.values() if context.default_vpc_ids else ():
        for place, text in literals(resource.properties, "Properties"):
            if text in context.default_vpc_ids:
                yield Finding(resource.logical_id, f"{text} is the default VPC, or a subnet of it", place)
                break
    for kind, (places, others) in _PLACED.items():
        for resource in template.of_type(kind):
            if _is_silent(resource, places) and _is_silent(resource, others):
                detail = f"without {' or '.join(places)} it stands in the default VPC"
                yield Finding(resource.logical_id, detail, "Properties")


def _is_silent(resource: Resource, names: tuple[str, ...]) -> bool:
    return all(resource.must(is_none, name) for name in names)


RULE: Final = Rule(
    id="DefaultVpc",
    title="Nothing stands in the default VPC",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale=(
        "Every subnet of the default VPC is public and gives its instances public addresses; all default VPCs have the "
        "same block, so two can never be connected; and its security group trusts everything in it."
    ),
    fix="Name the subnets, the subnet group or the VPC: `ThreeTierVpc` makes one whose databases have no way out.",
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html",
    limits=(
        "An id that is written out does not say whether it is the default VPC's; one that the app looked up as such, "
        "and keeps in its context, does. Launch templates are not followed."
    ),
    check=check,
)
