"""What caches, brokers, document stores, search domains, graphs and warehouses are charged for."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, largest
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_one_of, is_true, number

_SERVERLESS: Final = "db.serverless"
_CACHES: Final = ("memcached", "redis", "valkey")
# The least that a serverless cache is charged for, in GB.
_LEAST_CACHED: Final = {"redis": 1.0, "valkey": 0.1}

_SECONDS_PER_MONTH: Final = 730 * 3600
# OpenSearch gives every gp3 volume that much.
_FREE_IOPS: Final = 3000
_FREE_THROUGHPUT: Final = 125


def cache_cluster(resource: Resource) -> Iterator[Charge]:
    """The nodes of a cluster of Memcached, or the one of Redis."""
    yield from _cache_nodes(resource, largest(resource, "NumCacheNodes", default=1))


def replication_group(resource: Resource) -> Iterator[Charge]:
    """The nodes of a replication group: all that are named as one number, or its shards with their replicas."""
    nodes = largest(resource, "NumCacheClusters", default=0)
    if nodes == 0:
        nodes = _sharded(resource)
    yield from _cache_nodes(resource, nodes)


def _sharded(resource: Resource) -> float | None:
    """The nodes of shards: each shard may say for itself how many replicas it has."""
    replicas = largest(resource, "ReplicasPerNodeGroup", default=0)
    groups = list(resource.items("NodeGroupConfiguration"))
    if replicas is None or not groups:
        shards = largest(resource, "NumNodeGroups", default=1)
        return None if shards is None or replicas is None else shards * (1 + replicas)
    each = [number(group.get("ReplicaCount", replicas)) if isinstance(group, Mapping) else None for group in groups]
    return None if None in each else sum(1 + found for found in each if found is not None)


def _cache_nodes(resource: Resource, nodes: float | None) -> Iterator[Charge]:
    engine, name = (resource.text("Engine") or "redis").lower(), resource.text("CacheNodeType")
    if nodes is None or name is None or engine not in _CACHES:
        yield NotKnown(reason="the cache's engine, node type or number of nodes is not known")
    else:
        yield Fixed(item=f"elasticache/{engine}/{name}", quantity=nodes, note=f"{nodes:g} nodes")


def serverless_cache(resource: Resource) -> Iterator[Charge]:
    """A cache by what it holds, of which a least amount is always charged for."""
    engine = (resource.text("Engine") or "").lower()
    if engine not in _LEAST_CACHED:
        yield NotKnown(reason=f"a serverless cache of {engine or 'an engine that is not known'}")
        return
    held = largest(resource, "CacheUsageLimits", "DataStorage", "Minimum", default=_LEAST_CACHED[engine])
    if held is None:
        yield NotKnown(reason="the least that the serverless cache holds is not known")
    else:
        yield Fixed(item=f"elasticache-serverless-{engine}-gb-hour", quantity=held, note=f"{held:g} GB at least")
    processed = largest(resource, "CacheUsageLimits", "ECPUPerSecond", "Minimum", default=0)
    if processed is None:
        yield NotKnown(reason="the least that the serverless cache processes is not known")
    elif processed:
        month = processed * _SECONDS_PER_MONTH
        note = f"{processed:g} ECPUs a second at least"
        yield Fixed(item=f"elasticache-serverless-{engine}-ecpu", quantity=month, note=note)
    yield PerUse(item=f"elasticache-serverless-{engine}-ecpu")


def memory_cluster(resource: Resource) -> Iterator[Charge]:
    """The nodes of a cluster of MemoryDB: its shards with their replicas."""
    engine, name = (resource.text("Engine") or "redis").lower(), resource.text("NodeType")
    shards = largest(resource, "NumShards", default=1)
    replicas = largest(resource, "NumReplicasPerShard", default=1)
    if name is None or shards is None or replicas is None or engine not in _LEAST_CACHED:
        yield NotKnown(reason="the cluster's engine, node type or number of nodes is not known")
        return
    nodes = shards * (1 + replicas)
    yield Fixed(item=f"memorydb/{engine}/{name}", quantity=nodes, note=f"{nodes:g} nodes")


def broker_cluster(resource: Resource) -> Iterator[Charge]:
    """The brokers of a cluster of Kafka and their storage."""
    brokers, name = largest(resource, "NumberOfBrokerNodes"), resource.text("BrokerNodeGroupInfo", "InstanceType")
    if brokers is None or name is None or not name.startswith("kafka."):
        yield NotKnown(reason="the brokers, or how many there are, are not known, or they are Express brokers")
        return
    yield Fixed(item=f"msk/{name}", quantity=brokers, note=f"{brokers:g} brokers")
    size = largest(resource, "BrokerNodeGroupInfo", "StorageInfo", "EBSStorageInfo", "VolumeSize")
    if size is None:
        yield NotKnown(reason="the brokers' storage is not known")
    else:
        yield Fixed(item="msk-gb-month", quantity=brokers * size, note=f"{brokers:g} brokers with {size:g} GB")
    throughput = ("BrokerNodeGroupInfo", "StorageInfo", "EBSStorageInfo", "ProvisionedThroughput", "Enabled")
    if resource.may(is_true, *throughput):
        yield NotKnown(reason="the provisioned throughput of the brokers' storage: no price that can be cited")


def serverless_broker_cluster(_resource: Resource) -> Iterator[Charge]:
    """A serverless cluster of Kafka by the hour, its partitions and its data by use."""
    yield Fixed(item="msk-serverless-hour")
    yield PerUse(item="msk-serverless-partition-hour")


def warehouse(resource: Resource) -> Iterator[Charge]:
    """The nodes of a cluster of Redshift; what those of RA3 store is by use."""
    name = resource.text("NodeType")
    single = resource.must(lambda value: is_one_of(value, "single-node"), "ClusterType")
    nodes = 1 if single else largest(resource, "NumberOfNodes", default=1)
    if name is None or nodes is None:
        yield NotKnown(reason="the cluster's nodes are not known")
        return
    yield Fixed(item=f"redshift/{name}", quantity=nodes, note=f"{nodes:g} nodes")
    if name.startswith("ra3."):
        yield PerUse(item="redshift-gb-month")


def serverless_warehouse(_resource: Resource) -> Iterator[Charge]:
    """A workgroup is charged for while it works, and for what it stores."""
    yield PerUse(item="redshift-serverless-rpu-hour")
    yield PerUse(item="redshift-gb-month")


def document_instance(resource: Resource) -> Iterator[Charge]:
    """An instance of DocumentDB."""
    name = resource.text("DBInstanceClass")
    if _is_optimized(resource):
        yield NotKnown(reason="an I/O-Optimized DocumentDB instance, which costs more: no price that can be cited")
    elif name is None or name == _SERVERLESS:
        yield NotKnown(reason="a DocumentDB instance whose class is not known, or serverless")
    else:
        yield Fixed(item=f"docdb/{name}")


def _is_optimized(instance: Resource) -> bool:
    """Whether the cluster of an instance may have the storage for which the instance costs more, and I/O nothing."""
    cluster = instance.template.find(instance.properties.get("DBClusterIdentifier"), "AWS::DocDB::DBCluster")
    return cluster is not None and cluster.may(lambda value: value == "iopt1", "StorageType")


def document_cluster(_resource: Resource) -> Iterator[Charge]:
    """A cluster of DocumentDB stores by use."""
    yield NotKnown(reason="what the document store holds, reads and writes, by use: no price that can be cited")


def graph_instance(resource: Resource) -> Iterator[Charge]:
    """An instance of Neptune, or the least capacity of a serverless one."""
    name = resource.text("DBInstanceClass")
    if name is None:
        yield NotKnown(reason="a Neptune instance whose class is not known")
    elif name != _SERVERLESS:
        yield Fixed(item=f"neptune/{name}")
    else:
        cluster = resource.template.find(resource.properties.get("DBClusterIdentifier"), "AWS::Neptune::DBCluster")
        least = largest(cluster, "ServerlessScalingConfiguration", "MinCapacity") if cluster is not None else None
        if least is None:
            yield NotKnown(reason="a serverless Neptune instance whose least capacity is not known")
        else:
            yield Fixed(item="neptune-ncu-hour", quantity=least, note=f"{least:g} NCUs at least")


def search_domain(resource: Resource) -> Iterator[Charge]:
    """The nodes of a domain and their volumes; its masters, if it has some of their own."""
    nodes = largest(resource, "ClusterConfig", "InstanceCount", default=1)
    yield from _search_nodes(resource.text("ClusterConfig", "InstanceType"), nodes, "nodes")
    if resource.may(is_true, "ClusterConfig", "DedicatedMasterEnabled"):
        masters = largest(resource, "ClusterConfig", "DedicatedMasterCount")
        yield from _search_nodes(resource.text("ClusterConfig", "DedicatedMasterType"), masters, "masters")
    if resource.may(is_true, "ClusterConfig", "WarmEnabled"):
        yield NotKnown(reason="the domain's warm nodes: no price that can be cited")
    if resource.may(is_true, "EBSOptions", "EBSEnabled"):
        size, kind = largest(resource, "EBSOptions", "VolumeSize"), resource.text("EBSOptions", "VolumeType") or "gp2"
        if size is None or nodes is None:
            yield NotKnown(reason="the domain's storage is not known")
        else:
            note = f"{nodes:g} nodes with {size:g} GB"
            yield Fixed(item=f"opensearch-{kind}-gb-month", quantity=nodes * size, note=note)
        more = (("Iops", _FREE_IOPS), ("Throughput", _FREE_THROUGHPUT))
        if any(
            (found := largest(resource, "EBSOptions", name, default=0)) is None or found > free for name, free in more
        ):
            yield NotKnown(
                reason="IOPS or throughput over the baseline of the domain's volumes: no price that can be cited"
            )


def _search_nodes(name: str | None, nodes: float | None, what: str) -> Iterator[Charge]:
    if name is None or nodes is None:
        yield NotKnown(reason=f"the domain's {what} are not known")
    else:
        yield Fixed(item=f"opensearch/{name}", quantity=nodes, note=f"{nodes:g} {what}")


def search_collection(_resource: Resource) -> Iterator[Charge]:
    """A collection by its OCUs, of which an account's collections share the least number."""
    yield PerUse(item="opensearch-serverless-ocu-hour")
    yield NotKnown(reason="the least OCUs of a serverless collection, which it may share with others")
