"""A source directory as a function's code: packed without Docker, and the same code wherever it is packed."""

from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from aws_architect_constructs._validations import warn

from .python_archive import LARGEST, PythonPackage, digest_of, package
from .python_dependencies import read_dependencies
from .python_installer import PythonTarget
from .python_sources import source_files

_MACHINES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
_PREFIX: Final = "python"
_LARGE: Final = 0.8
_MEGABYTE: Final = 1024**2


def python_target(runtime: lambda_.Runtime, architecture: lambda_.Architecture) -> PythonTarget:
    """What a function of a runtime and an architecture runs on.

    Raises:
        ValueError: If the runtime is none of Python's.
    """
    if not runtime.name.startswith(_PREFIX):
        raise ValueError(f"runtime: none of Python's, got {runtime.name!r}; allowed: Runtime.PYTHON_3_14, ...")
    return PythonTarget(version=runtime.name.removeprefix(_PREFIX), machine=_MACHINES[architecture.name])


def python_package(scope: Construct, entry: Path, target: PythonTarget) -> PythonPackage:
    """Pack an entry, unless the CDK CLI said that this stack's code is not needed now, as `cdk list` and destroy do.

    Raises:
        ValueError: If it cannot be packed.
    """
    if Stack.of(scope).bundling_required:
        return package(entry, target)
    # Another name, so that a whole archive is never taken for this empty one.
    dependencies = read_dependencies(entry)
    digest = digest_of(source_files(entry), dependencies, target)
    return PythonPackage(path=entry, digest=f"{digest[:-8]}unpacked", size=0, dependencies=dependencies)


def python_code(found: PythonPackage) -> lambda_.Code:
    """A package as the code of a function, under its own digest."""
    return lambda_.Code.from_asset(str(found.path), asset_hash=found.digest, asset_hash_type=AssetHashType.CUSTOM)


def warn_of_package(scope: Construct, found: PythonPackage) -> None:
    """Say what is legal but unwise about a package."""
    unpinned = found.dependencies.unpinned
    if unpinned:
        warn(
            scope,
            "UnpinnedDependencies",
            f"{found.dependencies.origin} does not pin {', '.join(unpinned)}: what is deployed depends on the day that "
            "it is packed on, and a new release does not change the code's digest. Pin everything, as uv lock, "
            "`uv pip compile --generate-hashes` or pip-compile do.",
        )
    if found.size > _LARGE * LARGEST:
        warn(
            scope,
            "LargePackage",
            f"The package has {found.size / _MEGABYTE:.0f} MB unpacked: with its layers a function may have "
            f"{LARGEST // _MEGABYTE} MB, and a large one starts slowly.",
        )
