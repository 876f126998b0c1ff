"""Synthesizing for tests: one app a case, its template as a plain dict."""

import json
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import EnvironmentType

Template = dict[str, Any]

ENV: Final = Environment(account="111111111111", region="eu-west-1")
AZS: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


@cache
def recommended_flags() -> dict[str, Any]:
    """The feature flags that `cdk init` gives a new app, as the installed aws-cdk-lib ships them."""
    (archive,) = (Path(str(entry)) for entry in files("aws_cdk._jsii").iterdir() if entry.name.endswith(".jsii.tgz"))
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        flags: dict[str, Any] = json.load(member)
    return flags


def new_app(context: Mapping[str, Any] | None = None) -> App:
    """An app whose assembly is thrown away."""
    return App(outdir=tempfile.mkdtemp(prefix="assembly-"), context=dict(context or {}))


def new_stack(
    environment_type: EnvironmentType | None = EnvironmentType.PROD,
    *,
    app: App | None = None,
    name: str = "Stack",
    env: Environment | None = ENV,
    context: Mapping[str, Any] | None = None,
) -> Stack:
    """A stack in an app of its own, with its environment declared."""
    stack = Stack(app or new_app(context), name, env=env)
    if environment_type is not None:
        environment_type.apply_to(stack)
    return stack


def template_of(stack: Stack) -> Template:
    """Synthesize the stack's app and read the stack's template."""
    root = stack.node.root
    assert isinstance(root, App)
    assembly = Path(root.synth().directory)
    template: Template = json.loads((assembly / stack.template_file).read_text(encoding="utf-8"))
    return template


def synthesize(build: Callable[[Stack], object], **options: Any) -> Template:
    """The template of a stack that `build` filled; options are those of `new_stack`."""
    stack = new_stack(**options)
    build(stack)
    return template_of(stack)


def resources(template: Template, resource_type: str) -> dict[str, dict[str, Any]]:
    """The resources of a type by logical id."""
    return {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }


def properties(template: Template, resource_type: str) -> list[dict[str, Any]]:
    """The properties of each resource of a type, in the template's order."""
    return [resource.get("Properties", {}) for resource in resources(template, resource_type).values()]


def warnings_of(stack: Stack) -> list[str]:
    """The ids and texts of the warnings that the stack's constructs gave."""
    return [
        str(entry.data)
        for construct in stack.node.find_all()
        for entry in construct.node.metadata
        if entry.type == "aws:cdk:warning"
    ]
