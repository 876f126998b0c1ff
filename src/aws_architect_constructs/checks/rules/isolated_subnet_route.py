"""An isolated subnet has no route to the internet."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.networks import internet_routes, route_tables
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import Reference

_GROUPS: Final = {
    "AWS::DocDB::DBSubnetGroup": "SubnetIds",
    "AWS::ElastiCache::SubnetGroup": "SubnetIds",
    "AWS::MemoryDB::SubnetGroup": "SubnetIds",
    "AWS::Neptune::DBSubnetGroup": "SubnetIds",
    "AWS::RDS::DBSubnetGroup": "SubnetIds",
    "AWS::Redshift::ClusterSubnetGroup": "SubnetIds",
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at subnets that are called isolated, and at those of databases, and where their routes go."""
    ways_out = {
        table.logical_id: "an internet gateway"
        for route in internet_routes(template)
        if (table := template.find(route.properties.get("RouteTableId"), "AWS::EC2::RouteTable")) is not None
    }
    nat = {
        table.logical_id: "a NAT gateway"
        for route in template.of_type("AWS::EC2::Route")
        if route.may(lambda value: value is not None, "NatGatewayId")
        and (table := template.find(route.properties.get("RouteTableId"), "AWS::EC2::RouteTable")) is not None
    }
    tables = route_tables(template)
    data = set(_of_databases(template))
    for subnet in template.of_type("AWS::EC2::Subnet"):
        table_id = tables.get(subnet.logical_id, "")
        isolated = _is_isolated(subnet)
        way = ways_out.get(table_id) or (nat.get(table_id) if isolated else None)
        if way and (isolated or subnet.logical_id in data):
            kind = "the isolated subnet" if isolated else "the subnet of a database"
            yield Finding(subnet.logical_id, f"{kind} has a route to {way}", "Type")


def _is_isolated(subnet: Resource) -> bool:
    for item in subnet.items("Tags"):
        if isinstance(item, Mapping) and item.get("Key") == "aws-cdk:subnet-type":
            return item.get("Value") == "Isolated"
    return False


def _of_databases(template: Template) -> Iterator[str]:
    for kind, name in _GROUPS.items():
        for group in template.of_type(kind):
            for item in group.items(name):
                if isinstance(item, Reference):
                    yield item.logical_id


RULE: Final = Rule(
    id="IsolatedSubnetRoute",
    title="Isolated subnets and those of databases have no way to the internet",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale="One route turns the tier that nobody reaches into a public one; the name stays and misleads.",
    fix="Put databases into subnets without a default route; AWS's services are reached by endpoints.",
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
    limits="Subnets are known by CDK's tag, or by a subnet group; routes over a transit gateway are not judged.",
    check=check,
)
