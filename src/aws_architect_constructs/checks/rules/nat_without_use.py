"""A NAT gateway carries traffic that an endpoint could not."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.networks import open_egress, rules_by_group
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template

_WORKLOADS: Final = (
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::Batch::ComputeEnvironment",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::ECS::Service",
    "AWS::ECS::TaskSet",
    "AWS::EKS::Cluster",
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
)


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look at NAT gateways of an app in which no workload's security group lets it out to the internet."""
    gateways = list(template.of_type("AWS::EC2::NatGateway"))
    if not gateways:
        return
    opened = [
        open_egress(group, egress)
        for other in context.templates or (template,)
        for egress in [rules_by_group(other, "Egress")]
        for group in other.of_type("AWS::EC2::SecurityGroup")
        if _is_a_workloads(other, group)
    ]
    if opened and not any(opened):
        detail = "no workload of the app may reach the internet: its security groups let it go to endpoints only"
        yield Finding(gateways[0].logical_id, detail, "Type")


def _is_a_workloads(template: Template, group: Resource) -> bool:
    users = template.users.get(group.logical_id, ())
    return any(user.type in _WORKLOADS for user in users) or group.logical_id in template.shared


RULE: Final = Rule(
    id="NatWithoutUse",
    title="No NAT gateway where endpoints do",
    pillar=Pillar.COST_OPTIMIZATION,
    severity=Severity.ADVICE,
    elsewhere=Severity.ADVICE,
    rationale=(
        "A NAT gateway costs 32.85 USD a month in us-east-1, and 0.045 USD for each GB, also for traffic to AWS's own "
        "services. Where nothing may go to the internet it is a way out that nobody needs."
    ),
    fix="Remove it and keep the endpoints: `ThreeTierVpc(nat=NatStrategy.NONE, endpoints=...)`.",
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html",
    limits="It speaks only where every workload's security group has its egress written out, and none reaches out.",
    check=check,
)
