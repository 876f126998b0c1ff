"""What databases are charged for."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, count, largest
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_true, number

_RDS: Final = {"mariadb": "mariadb", "mysql": "mysql", "postgres": "postgres"}
_AURORA: Final = {"aurora-mysql": "mysql", "aurora-postgresql": "postgres"}
_SERVERLESS: Final = "db.serverless"
_FREE_INSIGHTS: Final = 7
# gp3 has this baseline from 400 GB on, and can have no more than its smaller one below that.
_BASELINE_IOPS: Final = 12_000
_BASELINE_THROUGHPUT: Final = 500
_LEAST_PROXY_VCPUS: Final = 2
_CLUSTER_INSTANCES: Final = 3
_SMALL: Final = frozenset({"micro", "small", "medium", "large"})
_XLARGE_VCPUS: Final = 4


def rds_instance(resource: Resource) -> Iterator[Charge]:
    """An instance of its own with its storage, or a member of a cluster."""
    engine, name = resource.text("Engine") or "", resource.text("DBInstanceClass")
    if engine in _AURORA or resource.may(lambda value: value is not None, "DBClusterIdentifier"):
        yield from _member(resource, engine, name)
    elif name is None or engine not in _RDS:
        yield NotKnown(reason=f"a database of engine {engine or 'unknown'} and class {name or 'unknown'}")
    else:
        deployment = "multi" if resource.may(is_true, "MultiAZ") else "single"
        yield Fixed(item=f"rds/{_RDS[engine]}/{deployment}/{name}")
        yield from _storage(resource, deployment)
        yield from _insights(resource, name)
    yield from _master_password(resource)
    yield from _public_addresses(resource, 1)


def _master_password(resource: Resource) -> Iterator[Charge]:
    if resource.may(is_true, "ManageMasterUserPassword"):
        yield Fixed(item="secret-month", note="the master password that RDS keeps")


def _public_addresses(resource: Resource, quantity: int) -> Iterator[Charge]:
    if resource.may(is_true, "PubliclyAccessible"):
        yield Fixed(item="public-ipv4-hour", quantity=quantity, note="the database is publicly accessible")


def vcpus(name: str) -> int | None:
    """How many vCPUs a class of databases has, which its size says; None if it does not.

    >>> [vcpus(f"db.{rest}") for rest in ("t4g.micro", "m6gd.medium", "r7g.xlarge", "r7g.16xlarge", "x.metal", "large")]
    [2, 1, 4, 64, None, None]
    """
    family, _, size = name.removeprefix("db.").partition(".")
    if size in _SMALL:
        return 1 if size == "medium" and not family.startswith("t") else 2
    match = re.fullmatch(r"(\d*)xlarge", size)
    return None if match is None else _XLARGE_VCPUS * int(match[1] or 1)


def _insights(
    resource: Resource, name: str, least_acus: float | None = None, *, instances: int = 1
) -> Iterator[Charge]:
    """What Database Insights costs beyond its free mode, for each vCPU or ACU."""
    if resource.may(lambda value: value == "advanced", "DatabaseInsightsMode"):
        if name == _SERVERLESS:
            if least_acus is not None:
                yield Fixed(
                    item="database-insights-acu-hour", quantity=least_acus, note=f"{least_acus:g} ACUs at least"
                )
        elif (number_of := vcpus(name)) is None:
            yield NotKnown(reason=f"advanced Database Insights of a database whose vCPUs {name} does not tell")
        else:
            quantity = number_of * instances
            yield Fixed(item="database-insights-vcpu-hour", quantity=quantity, note=f"{quantity} vCPUs")
        return
    days = largest(resource, "PerformanceInsightsRetentionPeriod", default=0)
    if days is None or days > _FREE_INSIGHTS:
        yield NotKnown(reason="insights kept longer than seven days: no price that can be cited")


def _member(resource: Resource, engine: str, name: str | None) -> Iterator[Charge]:
    cluster = resource.template.find(resource.properties.get("DBClusterIdentifier"), "AWS::RDS::DBCluster")
    optimized = cluster is not None and cluster.may(lambda value: value == "aurora-iopt1", "StorageType")
    engine = engine if engine in _AURORA else (cluster.text("Engine") or "" if cluster is not None else "")
    if engine not in _AURORA or name is None:
        yield NotKnown(reason="a member of a cluster whose engine or class is not known")
        return
    least = None
    if name != _SERVERLESS:
        storage = "io-optimized" if optimized else "standard"
        yield Fixed(item=f"aurora/{_AURORA[engine]}/{storage}/{name}")
    else:
        least = largest(cluster, "ServerlessV2ScalingConfiguration", "MinCapacity") if cluster is not None else None
        if least is None:
            yield NotKnown(reason="a serverless instance whose least capacity is not known")
        else:
            item = "aurora-io-optimized-acu-hour" if optimized else "aurora-acu-hour"
            note = f"{least:g} ACUs at least" if least else "pauses when idle"
            yield Fixed(item=item, quantity=least, note=note)
    # Aurora has the mode on the cluster; a member may repeat it.
    is_on_cluster = cluster is not None and any(
        cluster.may(lambda value: value is not None, said)
        for said in ("DatabaseInsightsMode", "PerformanceInsightsRetentionPeriod")
    )
    yield from _insights(cluster if cluster is not None and is_on_cluster else resource, name, least)


def _storage(resource: Resource, deployment: str) -> Iterator[Charge]:
    yield PerUse(item="rds-backup-gb-month")
    size, kind = largest(resource, "AllocatedStorage"), resource.text("StorageType") or "gp3"
    if size is None:
        yield NotKnown(reason="the database's storage is not known")
        return
    iops = largest(resource, "Iops", default=0)
    # With IOPS and no type it is io1.
    kind = "io1" if resource.text("StorageType") is None and iops else kind
    yield Fixed(item=f"rds-{kind}-{deployment}-gb-month", quantity=size, note=f"{size:g} GB")
    if iops is None:
        yield NotKnown(reason="the storage's IOPS are not known")
    elif kind in {"io1", "io2"} and iops:
        yield Fixed(item=f"rds-{kind}-{deployment}-iops-month", quantity=iops, note=f"{iops:g} IOPS")
    elif kind == "gp3" and iops > _BASELINE_IOPS:
        more = iops - _BASELINE_IOPS
        yield Fixed(item=f"rds-gp3-{deployment}-iops-month", quantity=more, note=f"{more:g} IOPS over the baseline")
    throughput = largest(resource, "StorageThroughput", default=0)
    if throughput is None:
        yield NotKnown(reason="the storage's throughput is not known")
    elif kind == "gp3" and throughput > _BASELINE_THROUGHPUT:
        more = throughput - _BASELINE_THROUGHPUT
        note = f"{more:g} MiB/s over the baseline"
        yield Fixed(item=f"rds-gp3-{deployment}-mibps-month", quantity=more, note=note)
    if resource.may(is_true, "DedicatedLogVolume"):
        yield NotKnown(reason="the dedicated log volume: no price that can be cited")


def rds_cluster(resource: Resource) -> Iterator[Charge]:
    """A cluster's storage by use; the instances of a Multi-AZ cluster are its own, with one price for the three."""
    name, engine = resource.text("DBClusterInstanceClass"), resource.text("Engine") or ""
    if engine in _AURORA:
        optimized = resource.may(lambda value: value == "aurora-iopt1", "StorageType")
        yield PerUse(item="aurora-io-optimized-gb-month" if optimized else "aurora-gb-month")
        if not optimized:
            yield PerUse(item="aurora-io")
        yield PerUse(item="aurora-backup-gb-month")
    elif name is not None and engine in _RDS:
        yield Fixed(item=f"rds/{_RDS[engine]}/cluster/{name}", note=f"{_CLUSTER_INSTANCES} instances")
        yield from _storage(resource, "cluster")
        yield from _insights(resource, name, instances=_CLUSTER_INSTANCES)
    elif resource.may(lambda value: value is not None, "DBClusterInstanceClass"):
        yield NotKnown(reason="a Multi-AZ DB cluster of an engine or class that is not known")
    yield from _master_password(resource)
    if engine not in _AURORA:
        yield from _public_addresses(resource, _CLUSTER_INSTANCES)


def proxy(resource: Resource) -> Iterator[Charge]:
    """A proxy by the vCPUs of the databases behind it; by their ACUs where they are serverless."""
    groups = [
        group
        for group in resource.template.of_type("AWS::RDS::DBProxyTargetGroup")
        if resource.logical_id in group.references("DBProxyName")
    ]
    behind = [database for group in groups for database in _behind(group)]
    names = [database.text("DBInstanceClass") for database in behind]
    each = [None if name is None or name == _SERVERLESS else vcpus(name) for name in names]
    if not each or None in each:
        yield NotKnown(reason="a proxy in front of databases that are serverless, or whose vCPUs are not known")
        return
    quantity = sum(max(_LEAST_PROXY_VCPUS, found) for found in each if found is not None)
    yield Fixed(item="rds-proxy-vcpu-hour", quantity=quantity, note=f"{quantity} vCPUs behind it")


def proxy_endpoint(resource: Resource) -> Iterator[Charge]:
    """An endpoint beside a proxy's own is an interface endpoint in each of its subnets."""
    subnets = count(resource, "VpcSubnetIds")
    if subnets:
        yield Fixed(item="interface-endpoint-hour", quantity=subnets, note=f"{subnets} AZs")
        yield PerUse(item="interface-endpoint-gb")
    else:
        yield NotKnown(reason="the endpoint's subnets are not known")


def _behind(group: Resource) -> Iterator[Resource]:
    """The databases that a proxy's target group names, or that its clusters have."""
    template = group.template
    for item in group.items("DBInstanceIdentifiers"):
        if instance := template.find(item, "AWS::RDS::DBInstance"):
            yield instance
    for item in group.items("DBClusterIdentifiers"):
        if cluster := template.find(item, "AWS::RDS::DBCluster"):
            for member in template.of_type("AWS::RDS::DBInstance"):
                if cluster.logical_id in member.references("DBClusterIdentifier"):
                    yield member


def dynamodb_table(resource: Resource) -> Iterator[Charge]:
    """A table by its provisioned capacity, or by use."""
    if resource.may(lambda value: value == "STANDARD_INFREQUENT_ACCESS", "TableClass"):
        yield NotKnown(reason="a table for infrequent access, whose capacity costs more: no price that can be cited")
        return
    on_demand = [value == "PAY_PER_REQUEST" for value in resource.outcomes("BillingMode")]
    yield PerUse(item="dynamodb-gb-month")
    if any(on_demand):
        yield PerUse(item="dynamodb-read")
        yield PerUse(item="dynamodb-write")
    if all(on_demand):
        return
    # A condition that decides on the mode leaves the capacity out where it is by use.
    least = 0.0 if any(on_demand) else None
    for name, item in (("ReadCapacityUnits", "dynamodb-rcu-hour"), ("WriteCapacityUnits", "dynamodb-wcu-hour")):
        units = largest(resource, "ProvisionedThroughput", name, default=least)
        for index in resource.items("GlobalSecondaryIndexes"):
            held = index.get("ProvisionedThroughput") if isinstance(index, Mapping) else None
            more = number(held.get(name)) if isinstance(held, Mapping) else None
            units = None if units is None or more is None else units + more
        if units is None:
            yield NotKnown(reason=f"the table's {name} are not known")
        else:
            yield Fixed(item=item, quantity=units, note=f"{units:g} units, before the free tier")


def dynamodb_global_table(resource: Resource) -> Iterator[Charge]:
    """A global table by use; what a replica in another Region is written costs as much there again."""
    yield PerUse(item="dynamodb-gb-month")
    if resource.may(lambda value: value == "PAY_PER_REQUEST", "BillingMode"):
        yield PerUse(item="dynamodb-read")
        yield PerUse(item="dynamodb-write")
    else:
        yield NotKnown(reason="the provisioned capacity of a global table scales by itself")
    if count(resource, "Replicas") != 1:
        yield NotKnown(reason="replicas of the table in other Regions")
