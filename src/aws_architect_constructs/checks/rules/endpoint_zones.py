"""An interface endpoint stands in the AZs that its callers stand in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import UNKNOWN, Reference

_WORKLOADS: Final = {
    "AWS::AutoScaling::AutoScalingGroup": ("VPCZoneIdentifier",),
    "AWS::AppRunner::VpcConnector": ("Subnets",),
    "AWS::Batch::ComputeEnvironment": ("ComputeResources", "Subnets"),
    "AWS::CodeBuild::Project": ("VpcConfig", "Subnets"),
    "AWS::EC2::Instance": ("SubnetId",),
    "AWS::ECS::Service": ("NetworkConfiguration", "AwsvpcConfiguration", "Subnets"),
    "AWS::ECS::TaskSet": ("NetworkConfiguration", "AwsVpcConfiguration", "Subnets"),
    "AWS::EKS::Cluster": ("ResourcesVpcConfig", "SubnetIds"),
    "AWS::EKS::FargateProfile": ("Subnets",),
    "AWS::EKS::Nodegroup": ("Subnets",),
    "AWS::Lambda::Function": ("VpcConfig", "SubnetIds"),
    "AWS::SageMaker::NotebookInstance": ("SubnetId",),
    "AWS::Serverless::Function": ("VpcConfig", "SubnetIds"),
    "AWS::Synthetics::Canary": ("VPCConfig", "SubnetIds"),
}


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Compare the AZs of endpoints with those of the workloads of the app in the same VPC."""
    endpoints = [
        endpoint
        for endpoint in template.of_type("AWS::EC2::VPCEndpoint")
        if endpoint.may(lambda value: value == "Interface", "VpcEndpointType")
    ]
    if not endpoints:
        return
    templates = context.templates or (template,)
    used: dict[tuple[str, str], set[str]] = {}
    for one in templates:
        for kind, path in _WORKLOADS.items():
            for workload in one.of_type(kind):
                zones = _zones(workload, templates, *path)
                if zones is None:
                    return
                for vpc, zone in zones:
                    used.setdefault(vpc, set()).add(zone)
    for endpoint in endpoints:
        stands = _zones(endpoint, templates, "SubnetIds") or set()
        idle = {zone for vpc, zone in stands if vpc in used and zone not in used[vpc]}
        if idle:
            detail = f"it stands in {', '.join(sorted(idle))}, where no workload does"
            yield Finding(endpoint.logical_id, detail, "Properties.SubnetIds")


def _zones(resource: Resource, templates: Sequence[Template], *path: str) -> set[tuple[tuple[str, str], str]] | None:
    """The VPCs and AZs of a resource's subnets; None if one is not known."""
    found = set()
    for subnet in _subnets(resource, templates, *path):
        if subnet is None:
            return None
        # A VPC of another stack, or by its id, is the same one by whatever template it is written in.
        written = subnet.properties.get("VpcId")
        vpc = (subnet.template.name if subnet.references("VpcId") else "", str(written))
        for zone in subnet.outcomes("AvailabilityZone"):
            if zone is UNKNOWN:
                found.add((vpc, str(subnet.properties.get("AvailabilityZone"))))
            elif isinstance(zone, str):
                found.add((vpc, zone))
            else:
                return None
    return found


def _subnets(resource: Resource, templates: Sequence[Template], *path: str) -> Iterator[Resource | None]:
    """The subnets that a property names, also by another stack's export; None for one that is not known."""
    for holder in resource.outcomes(*path):
        for written in holder if isinstance(holder, list) else [holder]:
            if isinstance(written, Mapping) and "Fn::ImportValue" in written:
                yield _exported(templates, written["Fn::ImportValue"])
            else:
                for item in resource.template.values.outcomes(written):
                    if item is not None:
                        known = item.logical_id if isinstance(item, Reference) else ""
                        yield _subnet(resource.template, known)


def _exported(templates: Sequence[Template], name: object) -> Resource | None:
    """The subnet that a stack of the app exports under a name."""
    for template in templates:
        for output in template.section("Outputs").values():
            if isinstance(output, Mapping) and output.get("Export") == {"Name": name}:
                (outcome, *_) = template.values.outcomes(output.get("Value"))
                return _subnet(template, outcome.logical_id if isinstance(outcome, Reference) else "")
    return None


def _subnet(template: Template, logical_id: str) -> Resource | None:
    resource = template.resources.get(logical_id)
    return resource if resource is not None and resource.type == "AWS::EC2::Subnet" else None


RULE: Final = Rule(
    id="EndpointZones",
    title="Interface endpoints stand where workloads do",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale="Each interface endpoint costs 7.30 USD a month for each AZ in us-east-1, whether or not it is called.",
    fix="Put endpoints into the subnets' AZs that run something, or run the workload in all of them.",
    reference="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    limits="It is silent where a workload's subnets are not known: subnets of another app, or by parameter.",
    check=check,
)
