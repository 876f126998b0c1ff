"""An interface endpoint stands in the AZs that its callers stand in."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import UNKNOWN, Reference

_WORKLOADS: Final = {
    "AWS::AutoScaling::AutoScalingGroup": ("VPCZoneIdentifier",),
    "AWS::EC2::Instance": ("SubnetId",),
    "AWS::ECS::Service": ("NetworkConfiguration", "AwsvpcConfiguration", "Subnets"),
    "AWS::Lambda::Function": ("VpcConfig", "SubnetIds"),
    "AWS::Serverless::Function": ("VpcConfig", "SubnetIds"),
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Compare the AZs of endpoints with those of the workloads of the same template."""
    used: set[str] = set()
    for kind, path in _WORKLOADS.items():
        for workload in template.of_type(kind):
            zones = _zones(workload, *path)
            if zones is None:
                return
            used |= zones
    for endpoint in template.of_type("AWS::EC2::VPCEndpoint") if used else ():
        if endpoint.may(lambda value: value == "Interface", "VpcEndpointType"):
            idle = (_zones(endpoint, "SubnetIds") or set()) - used
            if idle:
                detail = f"it stands in {', '.join(sorted(idle))}, where no workload does"
                yield Finding(endpoint.logical_id, detail, "Properties.SubnetIds")


def _zones(resource: Resource, *path: str) -> set[str] | None:
    """The AZs of a resource's subnets; None if one is not known."""
    found = set()
    for item in resource.items(*path):
        subnet = resource.template.resources.get(item.logical_id) if isinstance(item, Reference) else None
        if subnet is None or subnet.type != "AWS::EC2::Subnet":
            return None
        for zone in subnet.outcomes("AvailabilityZone"):
            if zone is UNKNOWN:
                found.add(str(subnet.properties.get("AvailabilityZone")))
            elif isinstance(zone, str):
                found.add(zone)
            else:
                return None
    return found


RULE: Final = Rule(
    id="EndpointZones",
    title="Interface endpoints stand where workloads do",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="Each interface endpoint costs 7.30 USD a month for each AZ in us-east-1, whether or not it is called.",
    fix="Put endpoints into the subnets' AZs that run something, or run the workload in all of them.",
    reference="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    limits="It compares within one template; workloads whose subnets come from another one are not known.",
    check=check,
)
