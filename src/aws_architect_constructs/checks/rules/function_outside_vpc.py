"""A function that uses a private database stands in the database's VPC."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs._templates.references import references
from aws_architect_constructs.checks.functions import functions
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_none, is_true

# What is reached by its address alone; the Data API of Aurora needs no VPC, but no address either.
_ADDRESSES: Final = ("Endpoint", "ConfigurationEndpoint", "PrimaryEndPoint", "ReadEndpoint", "ReaderEndPoint", "Redis")
_PRIVATE: Final = ("AWS::RDS::", "AWS::ElastiCache::", "AWS::MemoryDB::", "AWS::DocDB::", "AWS::Neptune::")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at functions whose environment names the address of a database, but that have no VPC."""
    for function in functions(template):
        if not function.must(is_none, "VpcConfig"):
            continue
        for reference in references(function.properties.get("Environment")):
            target = template.resources.get(reference.target)
            address = (reference.attribute or "").startswith(_ADDRESSES)
            if target is not None and address and target.type.startswith(_PRIVATE):
                if not target.may(is_true, "PubliclyAccessible"):
                    detail = f"it is given the address of {target.logical_id}, which only its VPC reaches"
                    yield Finding(function.logical_id, detail, "Properties.VpcConfig")
                break


RULE: Final = Rule(
    id="FunctionOutsideVpc",
    title="A function that talks to a private database has a VPC",
    pillar=Pillar.RELIABILITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale=(
        "A function without a VPC runs in AWS's own network and cannot reach a private address: every connection "
        "times out, or somebody makes the database public to get it to work."
    ),
    fix="Give the function `VpcConfig` with private subnets and a security group that the database accepts.",
    reference="https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    limits="It sees addresses in environment variables; one that is read at run time from elsewhere it does not.",
    check=check,
)
