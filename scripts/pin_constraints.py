"""Write constraints.txt anew from what is installed: what `make constraints` does after it has upgraded everything.

Every transitive development dependency, and what builds the package, at one exact version: `name==version` and
nothing else. No registry address, no path of the machine it was made on, no direct reference. A pin is only a
constraint: what another Python version does not need is not installed there.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent

HEADER = """\
# Every development dependency, direct and transitive, at one exact version: what `make` installs and CI tests with.
# The bounds that users get stand in pyproject.toml. Written by `make constraints`; do not edit.
"""

_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.!_-]*$")


def constraints(pins: Iterable[str]) -> str:
    """Return the text of constraints.txt for lines of `name==version`; the first line of a name is the one that holds.

    Raises:
        ValueError: A package was installed from a path or an address: it would not install elsewhere.
    """
    by_name: dict[str, str] = {}
    for line in (raw.strip() for raw in pins):
        if not line or line.startswith("#"):
            continue
        if _PIN.match(line) is None:
            raise ValueError(f"constraints.txt: not a version from an index, got {line!r}; allowed 'name==version'")
        by_name.setdefault(re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower(), line)
    return HEADER + "".join(f"{by_name[name]}\n" for name in sorted(by_name))


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - this venv's pip


def installed() -> list[str]:
    """Return what is installed here, without this project and pip; `freeze` alone leaves setuptools out too."""
    return _pip("freeze", "--all", "--exclude", "pip", "--exclude-editable").splitlines()


def build_requirements() -> list[str]:
    """Return what pip would install to build this project; an isolated build leaves none of it in the venv."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*pyproject["build-system"]["requires"], "editables"]  # what hatchling adds for an editable install
    report = json.loads(_pip("install", "-q", "--dry-run", "--ignore-installed", "--report", "-", *wanted))
    return [f"{item['metadata']['name']}=={item['metadata']['version']}" for item in report["install"]]


def main() -> None:
    """Freeze the interpreter that runs this script."""
    text = constraints([*installed(), *build_requirements()])
    (ROOT / "constraints.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"constraints.txt: {text.count('==')} packages pinned\n")


if __name__ == "__main__":
    main()
