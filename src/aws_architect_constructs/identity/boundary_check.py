"""The check that runs while an app is synthesized: what a boundary caps, and whom it does not reach."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    Stage,
)
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

from aws_architect_constructs._policies.physical_names import NAMING

from .boundary_findings import ANY_ACCOUNT, ANY_REGION, Bounds, Finding, Rule, findings
from .boundary_size import LARGEST_POLICY, largest_statements, policy_size

PLUGIN_NAME: Final = "WorkloadBoundary"
_TEMPLATE_ENDING: Final = ".template.json"
_NESTED_STACK: Final = "AWS::CloudFormation::Stack"
_SHOWN_STATEMENTS: Final = 3
# What CDK writes for an account that only the deployment knows.
_UNKNOWN_ACCOUNT: Final = "unknown-account"

FIXES: Final[Mapping[Rule, str]] = {
    Rule.CAPPED_GRANT: "Allow it in the boundary, or leave it out of the role's policy; what is capped in part and "
    "works as it should can be acknowledged on the role.",
    Rule.UNREAD_GRANT: "Write the permissions out in the app, or acknowledge on the role that they were compared.",
    Rule.ROLE_WITHOUT_BOUNDARY: "Set permissions_boundary= on the role, or exempt it by boundary.exempt(role, ...); "
    "what CDK makes for references across Regions can be acknowledged on its stack alone.",
    Rule.ROLE_OUTSIDE_PATH: "Leave the role's path and name to the boundary, or name it under them.",
    Rule.BOUNDARY_OF_ANOTHER_ACCOUNT: "Make a boundary in each account, and apply it to the stacks of that account.",
    Rule.ROLE_BEFORE_BOUNDARY: "Make the role's stack depend on the boundary's: stack.add_stack_dependency(...).",
    Rule.EXEMPT_ROLE_IN_PATH: "Give the exempt role another path or name.",
}


@jsii.implements(IPolicyValidationPlugin)
class BoundaryPlugin:
    """Reads the finished templates of a Stage for one boundary.

    Args:
        bounds: Says where the boundary stands and whom it is for, once everything is there.
        of: The path of the boundary's stack, or of the one that it is nested in.
        account: The boundary's account, or None if only the deployment knows it.
        region: Its Region likewise.
        partition: Its partition likewise.
    """

    def __init__(
        self,
        bounds: Callable[["Assembly"], Bounds],
        *,
        of: str,
        account: str | None,
        region: str | None,
        partition: str | None,
    ) -> None:
        self._bounds = bounds
        self._of = of
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
        assembly = Assembly(stacks, of=self._of)
        bounds = self._bounds(assembly)
        try:
            found = findings(assembly.templates, bounds, **self._environment)
        except ValueError as error:
            # A template that cannot be read, such as one with macros, is no reason to stop a synthesis.
            stack, logical_id = bounds.policy
            problem = f"What the boundary caps cannot be told: {error}"
            found = [
                Finding(rule=Rule.UNREAD_GRANT, stack=stack, logical_id=logical_id, description=problem, breaks=False)
            ]
        return PolicyValidationPluginReport(
            success=not any(each.breaks for each in found),
            violations=[_violation(each, assembly) for each in found],
        )


class Assembly:
    """The templates of a Stage by the names that their stacks are deployed by, nested ones by their files'.

    Args:
        stacks: Construct path and template of each stack, those of other Stages too.
        of: The path of a stack of the Stage.

    Attributes:
        templates: Each template.
        files: Each template's file.
    """

    def __init__(self, stacks: Iterable[tuple[str, Path]], *, of: str) -> None:
        self.templates: dict[str, Any] = {}
        self.files: dict[str, Path] = {}
        self._paths: dict[str, str] = {}
        self._of = of
        listed = list(stacks)
        (directory,) = [file.parent for path, file in listed if path == of]
        self._assets = _asset_files(directory)
        deployed = _deployed_stacks(directory)
        self._deployed = {path: deployed[file.name] for path, file in listed if file.name in deployed}
        for path, file in listed:
            if file.parent == directory:
                self._add(deployed[file.name].name if file.name in deployed else _stem(file), file, path)

    def _add(self, name: str, file: Path, path: str) -> None:
        template = json.loads(file.read_text(encoding="utf-8"))
        if "Resources" not in template:
            return  # an empty stack, which is not deployed
        own = name if name not in self.templates else _stem(file)
        template["Resources"] = {name: _relevant(resource) for name, resource in template["Resources"].items()}
        self.templates[own] = template
        self.files[own] = file
        self._paths[own] = path
        for resource in template["Resources"].values():
            if resource["Type"] == _NESTED_STACK:
                self._add_nested(resource, path)

    def _add_nested(self, resource: dict[str, Any], path: str) -> None:
        """Add the template of a nested stack, which is an asset, and note in the resource which it is."""
        address = json.dumps(resource.get("Properties", {}).get("TemplateURL"))
        for asset, file in self._assets.items():
            if asset in address and file.exists():
                resource.setdefault("Metadata", {})["aws:asset:path"] = file.name
                self._add(_stem(file), file, path)

    def under(self, path: str) -> list[str]:
        """The stacks at or below a construct, with those nested in them."""
        return [name for name, own in self._paths.items() if not path or own == path or own.startswith(f"{path}/")]

    def elsewhere(self, account: str) -> list[str]:
        """The stacks that are deployed to another account, as far as it is known."""
        others = {path for path, each in self._deployed.items() if each.account not in (account, _UNKNOWN_ACCOUNT)}
        return [name for name, path in self._paths.items() if path in others]

    def waiting(self) -> list[str]:
        """The stacks that are deployed with the Stage's stack that was named, or after it."""
        first = self._deployed[self._of].artifact
        known = {each.artifact: each.after for each in self._deployed.values()}

        def waits(artifact: str) -> bool:
            return artifact == first or any(waits(each) for each in known[artifact] if each in known)

        later = {path for path, each in self._deployed.items() if waits(each.artifact)}
        return [name for name, path in self._paths.items() if path in later]

    def named(self, template_file: str) -> str:
        """The stack of a template's file."""
        (name,) = [name for name, file in self.files.items() if file.name == Path(template_file).name]
        return name

    def place_of(self, resource: CfnResource) -> tuple[str, str]:
        """A resource's stack and logical id, as the templates have them."""
        stack = Stack.of(resource)
        return self.named(stack.template_file), str(stack.resolve(resource.logical_id))


@jsii.implements(IValidation)
class BoundaryValidation:
    """Refuses a boundary that is longer than IAM takes, or that was applied to a scope with Stages in it.

    Args:
        policy: The boundary's managed policy.
        document: Its document.
        scopes: The scopes that it was applied to, now and later.
    """

    def __init__(self, policy: iam.ManagedPolicy, document: iam.PolicyDocument, scopes: Sequence[Construct]) -> None:
        self._policy = policy
        self._document = document
        self._scopes = scopes

    def validate(self) -> list[str]:
        """Say what is wrong."""
        return [*self._too_long(), *self._out_of_reach()]

    def _out_of_reach(self) -> list[str]:
        """The Stages within the scopes, which have syntheses of their own."""
        return [
            f"a boundary does not reach a Stage in its scope, got {child.node.path!r}; allowed: scopes without Stages: "
            "make one in each Stage"
            for scope in self._scopes
            if Stage.is_stage(scope)
            for child in scope.node.children
            if Stage.is_stage(child)
        ]

    def _too_long(self) -> list[str]:
        """What is too long, and what makes it so."""
        resolved = Stack.of(self._policy).resolve(self._document)
        size = policy_size(resolved)
        if size <= LARGEST_POLICY:
            return []
        largest = ", ".join(f"{name} ({length})" for name, length in largest_statements(resolved, _SHOWN_STATEMENTS))
        problem = f"the boundary is too long for a managed policy, got {size} characters without white space"
        remedy = "use wildcards in actions, or leave parts out of the baseline"
        return [f"{problem}; allowed: {LARGEST_POLICY}; the longest statements are {largest}: {remedy}"]


def _relevant(resource: dict[str, Any]) -> dict[str, Any]:
    """What roles, policies and nested stacks say, and of everything else what it is called."""
    resource_type = resource["Type"]
    if resource_type.startswith("AWS::IAM::") or resource_type == _NESTED_STACK:
        return resource
    naming = NAMING.get(resource_type)
    kept = [] if naming is None else naming.properties
    properties = resource.get("Properties") or {}
    return {
        **{key: resource[key] for key in ("Type", "Condition") if key in resource},
        "Properties": {name: properties[name] for name in kept if name in properties},
    }


def _stem(file: Path) -> str:
    """A file's name as nested stacks are known by."""
    return file.name.removesuffix(_TEMPLATE_ENDING).removesuffix(".nested")


@dataclass(frozen=True, kw_only=True)
class _Deployed:
    """What a cloud assembly says of a stack: its id there, its name, its account, and what is deployed before it."""

    artifact: str
    name: str
    account: str
    after: tuple[str, ...]


def _deployed_stacks(directory: Path) -> dict[str, _Deployed]:
    """The stacks of a cloud assembly by their templates' files."""
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    return {
        str(artifact["properties"]["templateFile"]): _Deployed(
            artifact=artifact_id,
            name=str(artifact["properties"].get("stackName", artifact_id)),
            account=str(artifact["environment"]).removeprefix("aws://").partition("/")[0],
            after=tuple(artifact.get("dependencies", ())),
        )
        for artifact_id, artifact in manifest["artifacts"].items()
        if "templateFile" in artifact.get("properties", {})
    }


def _asset_files(directory: Path) -> dict[str, Path]:
    """The files that are assets of a Stage's stacks, by their hashes."""
    return {
        asset: directory / described["source"]["path"]
        for manifest in directory.glob("*.assets.json")
        for asset, described in json.loads(manifest.read_text(encoding="utf-8")).get("files", {}).items()
        if "path" in described["source"]
    }


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
