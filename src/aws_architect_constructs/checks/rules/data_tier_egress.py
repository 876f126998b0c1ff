"""A database has no business on the internet."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.networks import open_egress, rules_by_group
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import Reference

_DATA: Final = {
    "AWS::DAX::Cluster": "SecurityGroupIds",
    "AWS::DocDB::DBCluster": "VpcSecurityGroupIds",
    "AWS::EFS::MountTarget": "SecurityGroups",
    "AWS::ElastiCache::CacheCluster": "VpcSecurityGroupIds",
    "AWS::ElastiCache::ReplicationGroup": "SecurityGroupIds",
    "AWS::ElastiCache::ServerlessCache": "SecurityGroupIds",
    "AWS::MemoryDB::Cluster": "SecurityGroupIds",
    "AWS::Neptune::DBCluster": "VpcSecurityGroupIds",
    "AWS::OpenSearchService::Domain": "VPCOptions.SecurityGroupIds",
    "AWS::RDS::DBCluster": "VpcSecurityGroupIds",
    "AWS::RDS::DBInstance": "VPCSecurityGroups",
    "AWS::Redshift::Cluster": "VpcSecurityGroupIds",
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at the security groups of databases, caches and file systems."""
    seen = set()
    egress = rules_by_group(template, "Egress")
    for kind, name in _DATA.items():
        for resource in template.of_type(kind):
            for item in resource.items(*name.split(".")):
                group = template.resources.get(item.logical_id) if isinstance(item, Reference) else None
                if group is None or group.type != "AWS::EC2::SecurityGroup" or group.logical_id in seen:
                    continue
                seen.add(group.logical_id)
                if open_egress(group, egress):
                    detail = f"it lets {resource.logical_id} out to the internet"
                    yield Finding(group.logical_id, detail, "Properties.SecurityGroupEgress")


RULE: Final = Rule(
    id="DataTierEgress",
    title="Security groups of databases have no way out",
    pillar=Pillar.SECURITY,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="A database answers. One that can call out can be made to carry data out, by a query alone.",
    fix="`allow_all_outbound=False` on the group; a database that calls a service gets a rule for that service.",
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    limits="Groups of other templates are not seen.",
    check=check,
)
