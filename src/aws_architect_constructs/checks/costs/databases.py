"""What databases are charged for."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, count, largest
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_true, number

_RDS: Final = {"mariadb": "mariadb", "mysql": "mysql", "postgres": "postgres"}
_AURORA: Final = {"aurora-mysql": "mysql", "aurora-postgresql": "postgres"}
_SERVERLESS: Final = "db.serverless"
_FREE_IOPS: Final = 3000
_FREE_INSIGHTS: Final = 7


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
    yield from _extras(resource)


def _extras(resource: Resource) -> Iterator[Charge]:
    """What an instance and a cluster may both have beside what they are."""
    if resource.may(is_true, "ManageMasterUserPassword"):
        yield Fixed(item="secret-month", note="the master password that RDS keeps")
    days = largest(resource, "PerformanceInsightsRetentionPeriod", default=0)
    if days is None or days > _FREE_INSIGHTS or resource.may(lambda value: value == "advanced", "DatabaseInsightsMode"):
        yield NotKnown(reason="insights kept longer than seven days, for each vCPU or ACU: no price that can be cited")


def _member(resource: Resource, engine: str, name: str | None) -> Iterator[Charge]:
    cluster = resource.template.find(resource.properties.get("DBClusterIdentifier"), "AWS::RDS::DBCluster")
    optimized = cluster is not None and cluster.may(lambda value: value == "aurora-iopt1", "StorageType")
    engine = engine if engine in _AURORA else (cluster.text("Engine") or "" if cluster is not None else "")
    if engine not in _AURORA or name is None:
        yield NotKnown(reason="a member of a cluster whose engine or class is not known")
    elif name != _SERVERLESS:
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


def _storage(resource: Resource, deployment: str) -> Iterator[Charge]:
    size, kind = largest(resource, "AllocatedStorage"), resource.text("StorageType") or "gp3"
    if size is None:
        yield NotKnown(reason="the database's storage is not known")
        return
    # With IOPS and no type it is io1; the list price of io2 is the same.
    untyped = resource.text("StorageType") is None
    kind = "io1" if kind == "io2" or (untyped and largest(resource, "Iops", default=0)) else kind
    yield Fixed(item=f"rds-{kind}-{deployment}-gb-month", quantity=size, note=f"{size:g} GB")
    iops = largest(resource, "Iops", default=0)
    if kind == "io1" and iops:
        yield Fixed(item=f"rds-io1-{deployment}-iops-month", quantity=iops, note=f"{iops:g} IOPS")
    elif kind == "gp3" and iops and iops > _FREE_IOPS:
        yield NotKnown(reason=f"{iops:g} IOPS of gp3: what is over the baseline depends on engine and size")


def rds_cluster(resource: Resource) -> Iterator[Charge]:
    """A cluster's storage by use; a Multi-AZ cluster's instances are the cluster's own."""
    if resource.may(lambda value: value is not None, "DBClusterInstanceClass"):
        yield NotKnown(reason="a Multi-AZ DB cluster: no price that can be cited")
    elif (resource.text("Engine") or "") in _AURORA:
        optimized = resource.may(lambda value: value == "aurora-iopt1", "StorageType")
        yield PerUse(item="aurora-io-optimized-gb-month" if optimized else "aurora-gb-month")
        if not optimized:
            yield PerUse(item="aurora-io")
    yield from _extras(resource)


def neptune_instance(resource: Resource) -> Iterator[Charge]:
    """An instance of Neptune."""
    name = resource.text("DBInstanceClass")
    if name is None or name == _SERVERLESS:
        yield NotKnown(reason="a Neptune instance whose class is not known, or serverless")
    else:
        yield Fixed(item=f"neptune/{name}")


def search_domain(resource: Resource) -> Iterator[Charge]:
    """The nodes of a domain and their volumes."""
    name, nodes = (
        resource.text("ClusterConfig", "InstanceType"),
        largest(resource, "ClusterConfig", "InstanceCount", default=1),
    )
    if name is None or nodes is None:
        yield NotKnown(reason="the domain's nodes are not known")
        return
    yield Fixed(item=f"opensearch/{name}", quantity=nodes, note=f"{nodes:g} nodes")
    yield NotKnown(reason="the domain's storage and dedicated masters: no price that can be cited")


def dynamodb_table(resource: Resource) -> Iterator[Charge]:
    """A table by its provisioned capacity, or by use."""
    yield PerUse(item="dynamodb-gb-month")
    if resource.may(lambda value: value == "PAY_PER_REQUEST", "BillingMode"):
        yield PerUse(item="dynamodb-read")
        yield PerUse(item="dynamodb-write")
        return
    for name, item in (("ReadCapacityUnits", "dynamodb-rcu-hour"), ("WriteCapacityUnits", "dynamodb-wcu-hour")):
        units = largest(resource, "ProvisionedThroughput", name)
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
