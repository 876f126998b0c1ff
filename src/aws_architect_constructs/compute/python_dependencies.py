"""What a source directory declares to be installed beside it.

`requirements.txt` comes first, because every installer reads it; then `uv.lock`, which uv alone reads; then
`[project] dependencies` of pyproject.toml, which pins nothing.

Pure Python.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

_COMMENT: Final = re.compile(r"(^|\s+)#.*$")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PINNED: Final = re.compile(r"[^;]*(?:={2,3}\s*[^*;\s,]+\s*(?:;|\\|--|$)|\s@\s)")
_FILE_OPTION: Final = re.compile(r"(?P<option>-r|-c|--requirement|--constraint)(?:\s*=\s*|\s*)(?P<file>\S.*)")
_EDITABLE: Final = re.compile(r"(-e|--editable)\b")
_BUILT: Final = re.compile(r"--no-binary\b|--only-binary[\s=]+:none:")
_LINKS: Final = re.compile(r"(?:-f|--find-links)(?:\s*=\s*|\s*)(?P<path>\S.*)")
# A path rather than a name or a URL, on its own or after `name @`.
_LOCAL: Final = re.compile(
    r"(?:[^\s@]+\s*@\s*)?"
    r"(?P<path>(?:file:|[.~/\\]|[A-Za-z]:[\\/])[^\s;]*|[^\s;@:]*(?:[/\\][^\s;]*|\.(?:whl|zip|tar\.gz)))(?:\s|;|$)"
)
_WHEEL: Final = re.compile(r"(?:[^\s;@]*[/\\:])?(?P<name>[A-Za-z0-9_.]+)-[^\s;@/\\]+\.whl\b")


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
    >>> requirement_name("./wheels/orders_model-1.0-py3-none-any.whl")
    'orders-model'

    See https://packaging.python.org/en/latest/specifications/name-normalization/.
    """
    wheel = _WHEEL.match(requirement)
    found = _NAME.match(wheel["name"] if wheel else requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _is_pinned(requirement: str) -> bool:
    """Whether a requirement is the same file on another day."""
    return bool(_PINNED.match(requirement) or _WHEEL.match(requirement))


def read_dependencies(entry: Path) -> Dependencies:
    """Read what a source directory declares.

    Raises:
        ValueError: If something declares dependencies in a way that is not read here, or names an editable one or a
            directory, which would have to be built.
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
    if not lock.is_file():
        names = {requirement_name(line) for line in declared}
        elsewhere = sorted(
            names & set(map(requirement_name, document.get("tool", {}).get("uv", {}).get("sources", {})))
        )
        if elsewhere:
            # A registry may have another package of that name, of somebody else.
            raise ValueError(
                f"entry: sources that only uv.lock holds, got [tool.uv.sources] of {', '.join(elsewhere)} without a "
                f"uv.lock beside {pyproject.name}; allowed: a uv.lock there, or requirements.txt"
            )
    else:
        locked = tomllib.loads(lock.read_text(encoding="utf-8"))
        return Dependencies(origin="uv.lock", requirements=declared, digest=_digest([declared, locked]))
    return Dependencies(
        origin="pyproject.toml",
        requirements=declared,
        digest=_digest([*declared, *_contents(declared, pyproject.parent)]),
        unpinned=tuple(requirement_name(line) for line in declared if not _is_pinned(line)),
    )


def _from_requirements(path: Path) -> Dependencies:
    lines = tuple(_lines(path, frozenset(), constrains=False))
    contents = _contents((line for line, _ in lines), path.parent)
    required = tuple(line for line, constrains in lines if not constrains)
    pinned = {requirement_name(line) for line, constrains in lines if constrains and _is_pinned(line)}
    names = ((requirement_name(line), line) for line in required)
    if not any(requirement_name(line) for line in required):
        return Dependencies()
    return Dependencies(
        origin="requirements.txt",
        requirements=required,
        digest=_digest([*lines, *contents]),
        unpinned=tuple(name for name, line in names if name and name not in pinned and not _is_pinned(line)),
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
        if _BUILT.match(line):
            raise ValueError(
                f"entry: only wheels are installed, got {line!r}; allowed: none of it, for what is built here runs here"
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


def check_exported(path: Path, entry: Path) -> None:
    """Check what uv exported from a lock: the packages of a workspace are directories, of which a wheel is not there.

    Raises:
        ValueError: If something would have to be built, or would be a link into this machine.
    """
    _contents((line for line, _ in _lines(path, frozenset(), constrains=False)), entry)


def _contents(lines: Iterable[str], entry: Path) -> list[str]:
    """Digests of the files of this machine that are installed from: their names do not stand for what they hold.

    Raises:
        ValueError: If one is no wheel.
    """
    found: list[str] = []
    for line in lines:
        links = _LINKS.fullmatch(line)
        local = None if line.startswith("-") else _LOCAL.match(line)
        if links and not _is_url(links["path"]):
            place = _path(links["path"], entry)
            if not place.is_dir():
                raise ValueError(f"entry: no directory of wheels, got {line!r}; allowed: one, relative to the entry")
            found += [_digest_of_file(file) for file in sorted(place.glob("*.whl"))]
        elif local:
            place = _path(re.sub(r"\[[^\]]*\]$", "", local["path"]), entry)
            if place.suffix != ".whl" or not place.is_file():
                raise ValueError(
                    f"entry: only wheels are installed, got {line!r}; allowed: a released version, a wheel relative to "
                    "the entry, or the sources themselves in the entry"
                )
            found.append(_digest_of_file(place))
    return found


def _is_url(path: str) -> bool:
    return "://" in path and not path.startswith("file:")


def _path(path: str, entry: Path) -> Path:
    """A path as installers read it, which are run in the entry."""
    plain = url2pathname(urlsplit(path).path) if path.startswith("file:") else path
    return entry / Path(plain).expanduser()


def _digest_of_file(path: Path) -> str:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(value: Any) -> str:  # noqa: ANN401 -- whatever JSON can hold
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
