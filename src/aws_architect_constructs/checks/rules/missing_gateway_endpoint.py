"""A VPC with private subnets has the gateway endpoints, which cost nothing."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import literals

_SERVICES: Final = ("s3", "dynamodb")


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look at VPCs with a NAT gateway: through it S3 and DynamoDB are paid for by the GB."""
    for vpc in template.of_type("AWS::EC2::VPC"):
        has_nat = any(_is_in(template, gateway, vpc) for gateway in template.of_type("AWS::EC2::NatGateway"))
        there = {
            service
            for other in context.templates or (template,)
            for endpoint in other.of_type("AWS::EC2::VPCEndpoint")
            if not endpoint.must(lambda value: value == "Interface", "VpcEndpointType")
            if other is not template or vpc.logical_id in endpoint.references("VpcId")
            for _, text in literals(endpoint.properties.get("ServiceName"))
            for service in _SERVICES
            if text.endswith(f".{service}")
        }
        if has_nat and (missing := [service for service in _SERVICES if service not in there]):
            yield Finding(vpc.logical_id, f"no gateway endpoint for {' and '.join(missing)}", "Type")


def _is_in(template: Template, gateway: Resource, vpc: Resource) -> bool:
    """Whether a gateway is in a VPC: regional ones name it, zonal ones name a subnet of it."""
    if vpc.logical_id in gateway.references("VpcId"):
        return True
    subnet = template.find(gateway.properties.get("SubnetId"), "AWS::EC2::Subnet")
    return subnet is not None and vpc.logical_id in subnet.references("VpcId")


RULE: Final = Rule(
    id="MissingGatewayEndpoint",
    title="A VPC with NAT has gateway endpoints for S3 and DynamoDB",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "Traffic to S3 and DynamoDB through NAT costs 0.045 USD for each GB, images of ECR among it. The gateway "
        "endpoints are free, faster, and can have a policy."
    ),
    fix="Add both: `vpc.add_gateway_endpoint(...)`; `ThreeTierVpc` has them.",
    reference="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    check=check,
)
