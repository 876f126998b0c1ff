"""Lambda functions of a template, and what a version, an alias or a permission leads to."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs._templates.references import references
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import literals

FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")

_STEPS: Final = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
_MOST_STEPS: Final = 4


def functions(template: Template) -> Iterator[Resource]:
    """Every function, plain or serverless."""
    return template.of_type(*FUNCTIONS)


def function_of(template: Template, value: object) -> Resource | None:
    """The function that a value means: by itself, by a version or by an alias of it."""
    for _ in range(_MOST_STEPS):
        resource = template.find(value, *FUNCTIONS, *_STEPS)
        if resource is None:  # within a text, such as `${Function}:live`
            named = [template.resources.get(reference.target) for reference in references(value)]
            resource = next((one for one in named if one is not None and one.type in (*FUNCTIONS, *_STEPS)), None)
        if resource is None or resource.type in FUNCTIONS:
            return resource
        value = resource.properties.get("FunctionName")
    return None


def is_provider(function: Resource) -> bool:
    """Whether a function makes custom resources: it runs in deployments alone, and is often CDK's own."""
    return any(
        user.type.startswith(_CUSTOM) and function.logical_id in user.references("ServiceToken")
        for user in function.template.users.get(function.logical_id, ())
    )


def is_at_the_edge(function: Resource) -> bool:
    """Whether CloudFront may run a function at its edge: its role has to trust that service."""
    role = function.template.find(function.properties.get("Role"), "AWS::IAM::Role")
    return role is not None and any(
        text.startswith("edgelambda.") for _, text in literals(role.properties.get("AssumeRolePolicyDocument"))
    )
