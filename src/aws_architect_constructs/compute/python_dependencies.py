"""What a source directory declares to be installed beside it.

`requirements.txt` comes first, because every installer reads it; then `uv.lock`, which uv alone reads; then
`[project] dependencies` of pyproject.toml, which pins nothing.

Pure Python.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_COMMENT: Final = re.compile(r"(^|\s+)#.*$")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PINNED: Final = re.compile(r"[^;]*(?:={2,3}\s*[^*;\s,]+\s*(?:;|\\|--|$)|\s@\s)")
_FILE_OPTION: Final = re.compile(r"(?P<option>-r|-c|--requirement|--constraint)(?:\s*=\s*|\s*)(?P<file>\S.*)")
_EDITABLE: Final = re.compile(r"(-e|--editable)\b")


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """What is to be installed.

    Attributes:
        origin: The file that says so: `requirements.txt`, `uv.lock`, `pyproject.toml`, or nothing.
        requirements: The requirements as they are written, without comments.
        digest: Stands for all that the files say, in whatever directory.
        unpinned: The names of requirements that another day may bring another version of.
    """

    origin: str = ""
    requirements: tuple[str, ...] = ()
    digest: str = ""
    unpinned: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names of what is required, in their normal form."""
        return frozenset(name for name in map(requirement_name, self.requirements) if name)


def requirement_name(requirement: str) -> str:
    """The name of the package that is required, in its normal form; nothing for an option.

    >>> requirement_name("Aws_Lambda.Powertools[all]==3.37.0")
    'aws-lambda-powertools'

    See https://packaging.python.org/en/latest/specifications/name-normalization/.
    """
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def read_dependencies(entry: Path) -> Dependencies:
    """Read what a source directory declares.

    Raises:
        ValueError: If something declares dependencies in a way that is not read here, or names an editable one.
    """
    requirements = entry / "requirements.txt"
    if requirements.is_file():
        return _from_requirements(requirements)
    pyproject = entry / "pyproject.toml"
    if not pyproject.is_file():
        for name in ("Pipfile.lock", "Pipfile", "poetry.lock", "uv.lock", "pylock.toml"):
            if (entry / name).exists():
                raise ValueError(f"entry: dependencies that are not read, got {name}; allowed: requirements.txt")
        return Dependencies()
    return _from_project(pyproject)


def _from_project(pyproject: Path) -> Dependencies:
    document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = document.get("project", {})
    if "dependencies" in project.get("dynamic", ()):
        raise ValueError(
            f"entry: dependencies that are computed while building, got {pyproject.name}; allowed: requirements.txt, "
            "or [project] dependencies"
        )
    if "dependencies" not in project and "dependencies" in document.get("tool", {}).get("poetry", {}):
        raise ValueError(
            f"entry: Poetry's own dependencies, got {pyproject.name}; allowed: [project] dependencies, or "
            "requirements.txt as `poetry export` writes it"
        )
    declared = tuple(str(requirement) for requirement in project.get("dependencies", ()))
    if not declared:
        return Dependencies()
    lock = pyproject.parent / "uv.lock"
    if lock.is_file():
        locked = tomllib.loads(lock.read_text(encoding="utf-8"))
        return Dependencies(origin="uv.lock", requirements=declared, digest=_digest([declared, locked]))
    return Dependencies(
        origin="pyproject.toml",
        requirements=declared,
        digest=_digest(declared),
        unpinned=tuple(requirement_name(line) for line in declared if not _PINNED.match(line)),
    )


def _from_requirements(path: Path) -> Dependencies:
    lines = tuple(_lines(path, frozenset(), constrains=False))
    required = tuple(line for line, constrains in lines if not constrains)
    pinned = {requirement_name(line) for line, constrains in lines if constrains and _PINNED.match(line)}
    names = ((requirement_name(line), line) for line in required)
    if not any(requirement_name(line) for line in required):
        return Dependencies()
    return Dependencies(
        origin="requirements.txt",
        requirements=required,
        digest=_digest(lines),
        unpinned=tuple(name for name, line in names if name and name not in pinned and not _PINNED.match(line)),
    )


def _lines(path: Path, within: frozenset[Path], *, constrains: bool) -> Iterator[tuple[str, bool]]:
    """The logical lines of a requirements file and of those that it includes, and whether they only constrain."""
    if path in within:
        raise ValueError(f"entry: a requirements file that includes itself, got {path.name}; allowed: a list that ends")
    if not path.is_file():
        raise ValueError(f"entry: a requirements file that is not there, got {str(path)!r}; allowed: one that is")
    text = path.read_text(encoding="utf-8")
    for raw in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = " ".join(_COMMENT.sub("", raw).split())
        if not line:
            continue
        if _EDITABLE.match(line):
            raise ValueError(
                f"entry: only wheels are installed, got {line!r}; allowed: a released version, or the sources "
                "themselves in the entry"
            )
        included = _FILE_OPTION.fullmatch(line)
        if included is None:
            yield line, constrains
        else:
            yield from _lines(
                path.parent / included["file"],
                within | {path},
                constrains=constrains or included["option"] in {"-c", "--constraint"},
            )


def _digest(value: Any) -> str:  # noqa: ANN401 -- whatever JSON can hold
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
