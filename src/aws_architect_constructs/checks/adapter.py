"""Between the CDK and the checks: its context in, its report out."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from aws_cdk import PolicyViolatingResource, PolicyViolation

from aws_architect_constructs.checks.assembly import read_stack
from aws_architect_constructs.checks.review import ENVIRONMENT_KEY
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import literals

if TYPE_CHECKING:
    from aws_cdk import IPolicyValidationContext
    from constructs import IConstruct


def package_version() -> str:
    """This package's version, for the report."""
    try:
        return version("aws-architect-constructs")
    except PackageNotFoundError:  # a copy that nobody installed
        return "0.0.0"


def templates_of(context: "IPolicyValidationContext") -> list[Template]:
    """Every template of the app, nested ones included: CDK names only those of its stacks."""
    return [
        template
        for stack in context.stack_templates
        for template in read_stack(
            stack.template_path, name=stack.stack_construct_path, account=stack.account_id, region=stack.region
        )
    ]


def declared_environment(root: "IConstruct", path: str) -> object:
    """What the construct tree declares for a stack: `EnvironmentType.apply_to`, or cdk.json."""
    construct = root
    for name in path.split("/"):
        child = construct.node.try_find_child(name)
        if child is None:
            break
        construct = child
    found: object = construct.node.try_get_context(ENVIRONMENT_KEY)
    return found


def default_vpc_ids(root: "IConstruct") -> frozenset[str]:
    """The default VPCs that the app looked up (`Vpc.from_lookup(is_default=True)`), with their subnets."""
    context = root.node.get_all_context()
    return frozenset(
        text
        for key, value in (context.items() if isinstance(context, Mapping) else ())
        if str(key).startswith("vpc-provider:") and "filter.isDefault=true" in str(key)
        for _, text in literals(value)
        if text.startswith(("vpc-", "subnet-"))
    )


def violation(
    *,
    rule: str,
    description: str,
    fix: str,
    severity: str,
    template: Template | None,
    logical_id: str | None,
    location: str = "",
    metadata: Mapping[str, str] | None = None,
) -> PolicyViolation:
    """One violation with one resource, so that it can be acknowledged where it stands.

    CDK drops a violation without resources: one about a whole stack names the stack's construct, one about a nested
    stack the resource that makes it, one about the app the root.
    """
    locations = [location] if location else []
    if template is None:
        resource = PolicyViolatingResource(construct_path="", locations=locations)
    elif logical_id is not None:
        resource = PolicyViolatingResource(
            resource_logical_id=logical_id, template_path=template.path, locations=locations
        )
    elif template.parent is not None and template.nested_as is not None:
        resource = PolicyViolatingResource(
            resource_logical_id=template.nested_as, template_path=template.parent.path, locations=locations
        )
    else:
        resource = PolicyViolatingResource(construct_path=template.name, locations=locations)
    return PolicyViolation(
        rule_name=rule,
        description=description,
        fix=fix,
        severity=severity,
        violating_resources=[resource],
        rule_metadata=dict(metadata or {}),
    )
