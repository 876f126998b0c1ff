"""The check that runs while an app is synthesized: what a boundary caps, and whom it does not reach."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jsii
from aws_cdk import (
    CfnResource,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Stack,
)
from aws_cdk import aws_iam as iam
from constructs import IValidation

from .boundary_findings import ANY_ACCOUNT, ANY_REGION, Bounds, Finding, Rule, findings
from .boundary_size import LARGEST_POLICY, largest_statements, policy_size

PLUGIN_NAME: Final = "WorkloadBoundary"
_TEMPLATE_ENDING: Final = ".template.json"
_SHOWN_STATEMENTS: Final = 3

FIXES: Final[Mapping[Rule, str]] = {
    Rule.CAPPED_GRANT: "Allow it in the boundary, or leave it out of the role's policy; what is capped in part and "
    "works as it should can be acknowledged on the role.",
    Rule.UNREAD_GRANT: "Write the permissions out in the app, or acknowledge on the role that they were compared.",
    Rule.ROLE_WITHOUT_BOUNDARY: "Set permissions_boundary= on the role, or exempt it by boundary.exempt(role, ...).",
    Rule.ROLE_OUTSIDE_PATH: "Leave the role's path and name to the boundary, or name it under them.",
    Rule.EXEMPT_ROLE_IN_PATH: "Give the exempt role another path or name.",
}


@jsii.implements(IPolicyValidationPlugin)
class BoundaryPlugin:
    """Reads the finished templates of a Stage for one boundary.

    Args:
        bounds: Says where the boundary stands and whom it is for, once everything is there.
        account: The boundary's account, or None if only the deployment knows it.
        region: Its Region likewise.
        partition: Its partition likewise.
    """

    def __init__(
        self,
        bounds: Callable[["Assembly"], Bounds],
        *,
        account: str | None,
        region: str | None,
        partition: str | None,
    ) -> None:
        self._bounds = bounds
        self._environment = {
            "account": account or ANY_ACCOUNT,
            "region": region or ANY_REGION,
            "partition": partition or "aws",
        }

    @property
    def name(self) -> str:
        """What acknowledgements begin with."""
        return PLUGIN_NAME

    @property
    def version(self) -> str:
        """The version of the rules."""
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """Every rule."""
        return list(Rule)

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Report what the templates say."""
        stacks = [(each.stack_construct_path, Path(each.template_path)) for each in context.stack_templates]
        assembly = Assembly(stacks)
        found = findings(assembly.templates, self._bounds(assembly), **self._environment)
        return PolicyValidationPluginReport(
            success=not any(each.breaks for each in found),
            violations=[_violation(each, assembly) for each in found],
        )


class Assembly:
    """The templates of a Stage by the names that their stacks are deployed by, nested ones by their files'.

    Attributes:
        templates: Each template.
        files: Each template's file.
    """

    def __init__(self, stacks: Iterable[tuple[str, Path]]) -> None:
        self.templates: dict[str, Any] = {}
        self.files: dict[str, Path] = {}
        self._paths: dict[str, str] = {}
        for path, file in stacks:
            self._add(_deployed_name(file), file, path)

    def _add(self, name: str, file: Path, path: str) -> None:
        template = json.loads(file.read_text(encoding="utf-8"))
        self.templates[name] = template
        self.files[name] = file
        self._paths[name] = path
        for nested in _nested_files(template, file.parent):
            self._add(nested.name.removesuffix(_TEMPLATE_ENDING).removesuffix(".nested"), nested, path)

    def under(self, path: str) -> list[str]:
        """The stacks at or below a construct, with those nested in them."""
        return [name for name, own in self._paths.items() if not path or own == path or own.startswith(f"{path}/")]

    def named(self, template_file: str) -> str:
        """The stack of a template's file."""
        (name,) = [name for name, file in self.files.items() if file.name == Path(template_file).name]
        return name

    def place_of(self, resource: CfnResource) -> tuple[str, str]:
        """A resource's stack and logical id, as the templates have them."""
        stack = Stack.of(resource)
        return self.named(stack.template_file), str(stack.resolve(resource.logical_id))


@jsii.implements(IValidation)
class SizeCheck:
    """Refuses a boundary that is longer than IAM takes.

    Args:
        policy: The boundary's managed policy.
        document: Its document.
    """

    def __init__(self, policy: iam.ManagedPolicy, document: iam.PolicyDocument) -> None:
        self._policy = policy
        self._document = document

    def validate(self) -> list[str]:
        """Say what is too long, and what makes it so."""
        resolved = Stack.of(self._policy).resolve(self._document)
        size = policy_size(resolved)
        if size <= LARGEST_POLICY:
            return []
        largest = ", ".join(f"{name} ({length})" for name, length in largest_statements(resolved, _SHOWN_STATEMENTS))
        problem = f"the boundary is too long for a managed policy, got {size} characters without white space"
        remedy = "use wildcards in actions, or leave parts out of the baseline"
        return [f"{problem}; allowed: {LARGEST_POLICY}; the longest statements are {largest}: {remedy}"]


def _deployed_name(file: Path) -> str:
    """The name that a stack is deployed by, from the manifest beside its template."""
    manifest = json.loads((file.parent / "manifest.json").read_text(encoding="utf-8"))
    for artifact_id, artifact in manifest["artifacts"].items():
        properties = artifact.get("properties", {})
        if properties.get("templateFile") == file.name:
            return str(properties.get("stackName", artifact_id))
    return file.name.removesuffix(_TEMPLATE_ENDING)


def _nested_files(template: Mapping[str, Any], directory: Path) -> Iterator[Path]:
    for resource in template.get("Resources", {}).values():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            file = (resource.get("Metadata") or {}).get("aws:asset:path")
            if isinstance(file, str) and (directory / file).exists():
                yield directory / file


def _violation(found: Finding, assembly: Assembly) -> PolicyViolation:
    return PolicyViolation(
        rule_name=found.rule,
        description=found.description,
        fix=FIXES[found.rule],
        severity="error" if found.breaks else "warning",
        violating_resources=[
            PolicyViolatingResource(
                resource_logical_id=found.logical_id,
                template_path=str(assembly.files[found.stack]),
                locations=[f"Resources/{found.logical_id}"],
            )
        ],
    )
