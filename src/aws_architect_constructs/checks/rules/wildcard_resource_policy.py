"""A resource policy names who may use the resource."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.statements import resource_policy_statements
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_none

# TLS alone narrows nothing: everybody has it, and any account may come through a service.
_EMPTY: Final = frozenset({"aws:securetransport", "s3:tlsversion", "kms:encryptioncontextkeys", "kms:viaservice"})


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at policies of keys, queues, topics, secrets, repositories and the like, and at function permissions."""
    for statement in resource_policy_statements(template):
        if statement.resource.type == "AWS::S3::BucketPolicy":  # PublicBucket looks at those
            continue
        if statement.allows and statement.for_anyone and not statement.narrowing_keys - _EMPTY:
            yield Finding(statement.resource.logical_id, "a statement allows anyone", statement.place)
    for permission in template.of_type("AWS::Lambda::Permission"):
        url = permission.may(lambda value: value == "NONE", "FunctionUrlAuthType")
        if permission.may(lambda value: value == "*", "Principal") and not url and _is_open(permission.properties):
            yield Finding(permission.logical_id, "anyone may invoke the function", "Properties.Principal")
    for kind, name in (
        ("AWS::Lambda::LayerVersionPermission", "OrganizationId"),
        ("AWS::Events::EventBusPolicy", "Condition"),
    ):
        for grant in template.of_type(kind):
            if grant.may(lambda value: value == "*", "Principal") and grant.must(is_none, name):
                yield Finding(grant.logical_id, f"without {name} it is for anyone", "Properties.Principal")


def _is_open(properties: object) -> bool:
    names = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")
    return isinstance(properties, dict) and not any(name in properties for name in names)


RULE: Final = Rule(
    id="WildcardResourcePolicy",
    title="No resource policy allows anyone",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale="`Principal: *` without a condition is every account of the world: read the secret, send to the queue.",
    fix="Name accounts or services, or add `aws:PrincipalOrgID`, `aws:SourceArn` or `aws:SourceAccount`.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    limits="Whether a condition is narrow enough is not judged; a function URL without IAM is public by its own word.",
    check=check,
)
