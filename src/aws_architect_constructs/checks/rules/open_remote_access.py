"""Nobody logs in from everywhere."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.networks import group_rules
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_none

_PORTS: Final = {22: ("SSH", ("tcp",)), 3389: ("RDP", ("tcp", "udp"))}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at every ingress rule of every security group."""
    for rule in group_rules(template, "Ingress"):
        block = rule.anywhere
        names = [name for port, (name, protocols) in _PORTS.items() if rule.opens(port, *protocols)]
        if block and names:
            yield Finding(rule.resource.logical_id, f"{' and '.join(names)} from {block}", rule.place)
    for nodes in template.of_type("AWS::EKS::Nodegroup"):
        # With a key and no groups EKS opens port 22 to the internet.
        key = nodes.may(lambda value: value is not None, "RemoteAccess", "Ec2SshKey")
        if key and nodes.must(is_none, "RemoteAccess", "SourceSecurityGroups"):
            detail = "SSH from 0.0.0.0/0, because RemoteAccess names no SourceSecurityGroups"
            yield Finding(nodes.logical_id, detail, "Properties.RemoteAccess")


RULE: Final = Rule(
    id="OpenRemoteAccess",
    title="SSH and RDP are not open to the world",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale="Ports 22 and 3389 that answer to 0.0.0.0/0 or ::/0 are tried with stolen passwords within minutes.",
    fix=(
        "Reach instances by Session Manager, which needs no open port, or by EC2 Instance Connect Endpoint. Where a "
        "port must be open, name the source: a security group, or the office's block."
    ),
    reference="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    limits="A prefix list of another stack is not looked into.",
    check=check,
)
