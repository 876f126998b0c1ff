"""Where the resources of a template name the machines that they run on."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.templates import Resource, Template

_PROPERTIES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "AWS::AmazonMQ::Broker": (("HostInstanceType",),),
    "AWS::AutoScaling::LaunchConfiguration": (("InstanceType",),),
    "AWS::DAX::Cluster": (("NodeType",),),
    "AWS::DMS::ReplicationInstance": (("ReplicationInstanceClass",),),
    "AWS::DocDB::DBInstance": (("DBInstanceClass",),),
    "AWS::Batch::ComputeEnvironment": (("ComputeResources", "InstanceTypes"),),
    "AWS::EC2::Instance": (("InstanceType",),),
    "AWS::EC2::LaunchTemplate": (("LaunchTemplateData", "InstanceType"),),
    "AWS::EKS::Nodegroup": (("InstanceTypes",),),
    "AWS::ElastiCache::CacheCluster": (("CacheNodeType",),),
    "AWS::ElastiCache::ReplicationGroup": (("CacheNodeType",),),
    "AWS::MSK::Cluster": (("BrokerNodeGroupInfo", "InstanceType"),),
    "AWS::MemoryDB::Cluster": (("NodeType",),),
    "AWS::Neptune::DBInstance": (("DBInstanceClass",),),
    "AWS::OpenSearchService::Domain": (("ClusterConfig", "InstanceType"), ("ClusterConfig", "DedicatedMasterType")),
    "AWS::RDS::DBCluster": (("DBClusterInstanceClass",),),
    "AWS::RDS::DBInstance": (("DBInstanceClass",),),
}


def instance_types(template: Template) -> Iterator[tuple[Resource, str, str]]:
    """Each instance type that is named, with the resource and the property."""
    for kind, paths in _PROPERTIES.items():
        for resource in template.of_type(kind):
            for path in paths:
                for item in resource.items(*path):
                    if isinstance(item, str):
                        yield resource, ".".join(("Properties", *path)), item
