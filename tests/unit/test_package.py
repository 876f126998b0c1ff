"""The public surface: complete, lazy, and no wider than it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import aws_architect_constructs
from aws_architect_constructs import _HOMES

SOURCE = Path(aws_architect_constructs.__file__)

# What a plain network may load of aws_cdk: its own services, and what their signatures name.
USED_BY_A_NETWORK = {"aws_ec2", "aws_iam", "aws_kms", "aws_logs", "aws_s3_assets"}


def loaded_modules(code: str) -> set[str]:
    """The aws_cdk modules that a fresh interpreter has loaded after running `code`."""
    report = "import json, sys; print(json.dumps([m for m in sys.modules if m.split('.')[0] == 'aws_cdk']))"
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_all_is_the_public_surface() -> None:
    """`__all__` lists exactly the names that have a home, and is sorted."""
    assert sorted(aws_architect_constructs.__all__) == sorted(_HOMES)


@pytest.mark.parametrize("name", aws_architect_constructs.__all__)
def test_every_public_name_loads(name: str) -> None:
    """Each name is what its module defines under the same name."""
    assert getattr(aws_architect_constructs, name).__name__ == name


@pytest.mark.parametrize("name", aws_architect_constructs.__all__)
def test_every_public_name_is_typed(name: str) -> None:
    """Type checkers see each name at the place that it is loaded from."""
    assert f"from .{_HOMES[name]} import {name} as {name}\n" in SOURCE.read_text(encoding="utf-8")


def test_every_public_name_is_documented() -> None:
    """Each public name has a docstring of its own."""
    undocumented = [
        name for name in aws_architect_constructs.__all__ if not getattr(aws_architect_constructs, name).__doc__
    ]
    assert undocumented == []


def test_dir_lists_the_public_names() -> None:
    """`dir()` shows what can be used, loaded or not."""
    assert set(aws_architect_constructs.__all__) <= set(dir(aws_architect_constructs))


def test_a_misspelt_name_is_an_attribute_error() -> None:
    """Laziness hides no mistake."""
    with pytest.raises(AttributeError, match="has no attribute 'ThreeTireVpc'"):
        # The negative typing test: if mypy let a misspelt name pass, this ignore would be unused, which is an error.
        _ = aws_architect_constructs.ThreeTireVpc  # type: ignore[attr-defined]


def test_importing_loads_no_aws_cdk() -> None:
    """Importing the package, and the testing kit's pure parts, costs nothing of CDK."""
    assert loaded_modules("import aws_architect_constructs") == set()
    assert loaded_modules("import aws_architect_constructs.testing.reachability") == set()
    assert loaded_modules("import aws_architect_constructs.testing.policies") == set()


def test_a_network_loads_what_it_needs() -> None:
    """Using ThreeTierVpc loads its own AWS modules and those that their signatures name, and no other construct's."""
    base = loaded_modules("import aws_cdk; aws_cdk.Stack(aws_cdk.App(), 'Stack')")
    used = loaded_modules(
        "from aws_cdk import App, Stack; from aws_architect_constructs import ThreeTierVpc\n"
        "ThreeTierVpc(Stack(App(), 'Stack'), 'Network')"
    )
    services = {name.split(".")[1] for name in used - base if name.startswith(("aws_cdk.aws_", "aws_cdk.custom"))}
    assert services <= USED_BY_A_NETWORK
