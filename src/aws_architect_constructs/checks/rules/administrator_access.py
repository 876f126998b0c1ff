"""What runs has the permissions that it uses, not all of them."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.functions import functions
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.statements import Statement, identity_statements, statements_of
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import literals

_WORKLOADS: Final = (
    "apprunner.amazonaws.com",
    "batch.amazonaws.com",
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "edgelambda.amazonaws.com",
    "glue.amazonaws.com",
    "lambda.amazonaws.com",
    "pods.eks.amazonaws.com",
    "sagemaker.amazonaws.com",
    "states.amazonaws.com",
    "tasks.apprunner.amazonaws.com",
)
_ALL: Final = re.compile(r"\*+|arn:[^:]*:\*:\*:\*:\*")
_MANAGED: Final = ("AdministratorAccess", "PowerUserAccess")
_POLICIES: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at the roles of tasks, functions and instances, and at every policy that is attached to one."""
    for role in template.of_type("AWS::IAM::Role"):
        if _is_a_workloads(role):
            yield from _role(template, role)
    for function in functions(template):
        if function.type == "AWS::Serverless::Function":
            yield from _grants(function, "Policies", function.logical_id)


def _is_a_workloads(role: Resource) -> bool:
    """Whether a service that runs somebody's code may take the role."""
    return any(
        _service(text) in _WORKLOADS
        for statement in statements_of(role, "AssumeRolePolicyDocument")
        if statement.allows
        for _, text in literals(statement.body.get("Principal"))
    )


def _service(text: str) -> str:
    """A service's name, also where the partition's suffix is put behind it: `ec2.`, `ec2.${AWS::URLSuffix}`."""
    return text.split("${", 1)[0].removesuffix(".cn").removesuffix("amazonaws.com").rstrip(".") + ".amazonaws.com"


def _role(template: Template, role: Resource) -> Iterator[Finding]:
    yield from _grants(role, "ManagedPolicyArns", role.logical_id)
    for statement in identity_statements(role):
        if _is_everything(statement):
            yield Finding(role.logical_id, "a statement allows every action on everything", statement.place)
    attached = {resource.logical_id for resource in template.users.get(role.logical_id, ())}
    attached |= role.references("ManagedPolicyArns")
    named = role.text("RoleName")
    if named is not None:  # by its name, if that is written out
        attached |= {
            policy.logical_id
            for policy in template.of_type(*_POLICIES)
            if named in [*policy.items("Roles"), *policy.items("RoleName")]
        }
    for policy in template.of_type(*_POLICIES):
        if policy.logical_id in attached:
            for statement in identity_statements(policy):
                if _is_everything(statement):
                    detail = f"it gives {role.logical_id} every action on everything"
                    yield Finding(policy.logical_id, detail, statement.place)


def _grants(resource: Resource, name: str, logical_id: str) -> Iterator[Finding]:
    """AWS's own broad policies, by the last part of their ARN, and statements of everything."""
    place = f"Properties.{name}"
    texts = [*literals(resource.properties.get(name), place)]
    texts += [(place, item) for item in resource.items(name) if isinstance(item, str)]
    for held in dict.fromkeys(text.rsplit("/", 1)[-1] for _, text in texts):
        if held in _MANAGED:
            where = next(place for place, text in texts if text.rsplit("/", 1)[-1] == held)
            yield Finding(logical_id, f"it has {held}", where)
    if name == "Policies":
        for statement in identity_statements(resource):
            if _is_everything(statement):
                yield Finding(logical_id, "a statement allows every action on everything", statement.place)


def _is_everything(statement: Statement) -> bool:
    """Whether a statement allows all there is; "all but some" is what PowerUserAccess says."""
    actions = "NotAction" in statement.body or any(action in {"*", "**", "*:*"} for action in statement.texts("Action"))
    resources = "NotResource" in statement.body or any(map(_ALL.fullmatch, statement.texts("Resource")))
    return statement.allows and actions and resources


RULE: Final = Rule(
    id="AdministratorAccess",
    title="No task, function or instance is an administrator",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "Whoever gets code to run in the workload, by a library or a forged request, has what its role has: with "
        "AdministratorAccess, PowerUserAccess or `*` on `*` that is the account."
    ),
    fix=(
        "Grant what is used: `bucket.grant_read(task_role)`. IAM Access Analyzer writes a policy from what a role did."
    ),
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    limits="Roles of people and pipelines are not judged, nor policies that only another template attaches.",
    check=check,
)
