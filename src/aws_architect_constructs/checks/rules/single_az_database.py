"""A production database survives the loss of an Availability Zone."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import is_none, is_one_of, is_true, number

# The members of a cluster, and the property by which they name it.
_CLUSTERS: Final[Mapping[str, str]] = {
    "AWS::RDS::DBCluster": "AWS::RDS::DBInstance",
    "AWS::DocDB::DBCluster": "AWS::DocDB::DBInstance",
    "AWS::Neptune::DBCluster": "AWS::Neptune::DBInstance",
}
_ENOUGH: Final = 2
# How many nodes are too few, by the property that says how many there are.
_REPLICAS: Final = (("AWS::DAX::Cluster", "ReplicationFactor", 1), ("AWS::MemoryDB::Cluster", "NumReplicasPerShard", 0))


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at RDS, Aurora, DocumentDB, Neptune, ElastiCache, MemoryDB, DAX and OpenSearch."""
    for instance in template.of_type("AWS::RDS::DBInstance"):
        alone = all(
            instance.must(is_none, name)
            for name in ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
        )
        if alone and instance.must(lambda value: not is_true(value), "MultiAZ"):
            yield Finding(instance.logical_id, "the instance has no standby in a second AZ", "Properties.MultiAZ")
    for kind, member in _CLUSTERS.items():
        for cluster in template.of_type(kind):
            yield from _cluster(template, cluster, member)
    yield from _caches(template)
    for domain in template.of_type("AWS::OpenSearchService::Domain"):
        if domain.must(lambda value: not is_true(value), "ClusterConfig", "ZoneAwarenessEnabled"):
            yield Finding(domain.logical_id, "the domain stands in one AZ", "Properties.ClusterConfig")


def _caches(template: Template) -> Iterator[Finding]:
    for group in template.of_type("AWS::ElastiCache::ReplicationGroup"):
        if group.must(lambda value: not is_true(value), "MultiAZEnabled"):
            yield Finding(group.logical_id, "the cache stands in one AZ", "Properties.MultiAZEnabled")
    for cache in template.of_type("AWS::ElastiCache::CacheCluster"):
        if cache.must(lambda value: is_one_of(value, "redis", "valkey"), "Engine"):
            yield Finding(cache.logical_id, "the cache has one node, and so stands in one AZ", "Properties.Engine")
    for kind, name, most in _REPLICAS:
        for cluster in template.of_type(kind):
            if all(value is not None and value <= most for value in map(number, cluster.outcomes(name))):
                yield Finding(cluster.logical_id, "it has one node, and so stands in one AZ", f"Properties.{name}")


def _cluster(template: Template, cluster: Resource, member: str) -> Iterator[Finding]:
    members = [
        resource
        for resource in template.users.get(cluster.logical_id, ())
        if resource.type == member and cluster.logical_id in resource.references("DBClusterIdentifier")
    ]
    name = cluster.text("DBClusterIdentifier")
    members += [one for one in template.of_type(member) if name and one.text("DBClusterIdentifier") == name]
    multi_az = cluster.properties.get("DBClusterInstanceClass") is not None
    # Without a member of its own the cluster's instances are another template's, or it is a headless secondary.
    if not multi_az and 0 < len(members) < _ENOUGH:
        yield Finding(cluster.logical_id, "the cluster has one instance, so no AZ to fail over to", "Properties")
    zones = {member.text("AvailabilityZone") for member in members}
    if len(members) >= _ENOUGH and len(zones) == 1 and None not in zones:
        yield Finding(cluster.logical_id, f"all instances are pinned to {zones.pop()}", "Properties")


RULE: Final = Rule(
    id="SingleAzDatabase",
    title="A production database stands in two Availability Zones",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ERROR,
    elsewhere=None,
    rationale=(
        "An AZ fails as a whole, and so does maintenance of a single instance: without a standby the database is away "
        "for as long as a restore takes, and what was written since the last backup may be lost."
    ),
    fix=(
        "RDS: `MultiAZ: true`. Aurora, DocumentDB, Neptune: a second instance, left to the service to place in another "
        "AZ. ElastiCache: `MultiAZEnabled` with automatic failover. OpenSearch: zone awareness."
    ),
    reference="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html",
    limits="A cluster whose instances are in another template is not judged.",
    check=check,
)
