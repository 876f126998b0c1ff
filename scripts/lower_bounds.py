"""Print a constraints file that pins every direct dependency to the lower bound it states.

A lower bound that nobody ever installs is a guess. `pip install -c <(python scripts/lower_bounds.py) -e . --group
dev` installs exactly what pyproject.toml claims to work with, so that the tests can hold the claim. Only direct
dependencies (runtime, extras and dependency groups) are pinned; what they need in turn is pip's to choose.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"

_REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<specifier>[^;]*)")
_LOWER = re.compile(r"(?:>=|==|~=)\s*(?P<version>[0-9][0-9A-Za-z.+!-]*)")


def normalise(name: str) -> str:
    """Return the name as package indexes compare it: lower case, runs of `-`, `_` and `.` folded to one `-`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lower_bound(requirement: str) -> tuple[str, str]:
    """Return name and lower bound of one requirement.

    Raises:
        ValueError: The requirement states no lower bound, so nothing could be tested against it.
    """
    match = _REQUIREMENT.match(requirement)
    bound = _LOWER.search(match["specifier"]) if match else None
    if match is None or bound is None:
        raise ValueError(
            f"pyproject.toml: a requirement without a lower bound, got {requirement!r}; allowed 'name>=version'"
        )
    return normalise(match["name"]), bound["version"]


def direct_requirements(pyproject: Mapping[str, Any]) -> Iterator[str]:
    """Yield every requirement that pyproject.toml states itself: runtime, extras, dependency groups."""
    project = pyproject["project"]
    yield from project.get("dependencies", [])
    for extra in project.get("optional-dependencies", {}).values():
        yield from extra
    for group in pyproject.get("dependency-groups", {}).values():
        # An `include-group` table repeats what its own group states.
        yield from (entry for entry in group if isinstance(entry, str))


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def lower_bounds(requirements: Iterable[str]) -> dict[str, str]:
    """Return the bound of each name; where a name is stated twice, the higher bound is the one that holds."""
    bounds: dict[str, str] = {}
    for name, version in map(lower_bound, requirements):
        if name not in bounds or _order(version) > _order(bounds[name]):
            bounds[name] = version
    return dict(sorted(bounds.items()))


def main() -> None:
    """Print the constraints of this project."""
    pyproject = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    lines = ["# Every direct dependency at its stated lower bound: python scripts/lower_bounds.py"]
    lines += [f"{name}=={version}" for name, version in lower_bounds(direct_requirements(pyproject)).items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
