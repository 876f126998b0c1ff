"""Public IPv4 addresses are had on purpose."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_true

_INTERFACES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("AWS::EC2::Instance", ("NetworkInterfaces",), "the instance"),
    ("AWS::EC2::LaunchTemplate", ("LaunchTemplateData", "NetworkInterfaces"), "each instance"),
)

_SWITCHES: Final = (
    ("AWS::AutoScaling::LaunchConfiguration", "AssociatePublicIpAddress", "each instance"),
    ("AWS::DMS::ReplicationInstance", "PubliclyAccessible", "the instance"),
    ("AWS::RDS::DBInstance", "PubliclyAccessible", "the database"),
    ("AWS::Redshift::Cluster", "PubliclyAccessible", "the warehouse"),
)


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at subnets, instances and tasks that are given public addresses."""
    for subnet in template.of_type("AWS::EC2::Subnet"):
        if subnet.may(is_true, "MapPublicIpOnLaunch"):
            detail = "whatever is launched here gets a public address"
            yield Finding(subnet.logical_id, detail, "Properties.MapPublicIpOnLaunch")
    yield from _interfaces(template)
    for kind, name, whose in _SWITCHES:
        for resource in template.of_type(kind):
            if resource.may(is_true, name):
                yield Finding(resource.logical_id, f"{whose} has a public address", f"Properties.{name}")
    for service in template.of_type("AWS::ECS::Service"):
        switch = ("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")
        if service.may(lambda value: value == "ENABLED", *switch):
            yield Finding(service.logical_id, "every task has a public address", ".".join(("Properties", *switch)))


def _interfaces(template: Template) -> Iterator[Finding]:
    for kind, path, whose in _INTERFACES:
        for resource in template.of_type(kind):
            for interface in resource.items(*path):
                public = interface.get("AssociatePublicIpAddress") if isinstance(interface, dict) else None
                if any(is_true(outcome) for outcome in template.values.outcomes(public)):
                    detail = f"{whose} has a public address"
                    yield Finding(resource.logical_id, detail, ".".join(("Properties", *path)))


RULE: Final = Rule(
    id="PublicIpv4",
    title="Workloads have no public IPv4 addresses",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="Each public IPv4 address costs 3.65 USD a month, and is an address that the internet can knock at.",
    fix=(
        "Private subnets behind a load balancer; IPv6, or one address of a NAT gateway, on the way out; "
        "`map_public_ip_on_launch=False`."
    ),
    reference="https://aws.amazon.com/blogs/aws/new-aws-public-ipv4-address-charge-public-ip-insights/",
    limits="Addresses of load balancers and NAT gateways are in the cost report, not here.",
    check=check,
)
