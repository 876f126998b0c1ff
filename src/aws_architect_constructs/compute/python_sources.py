"""Which files of a source directory a function needs, and one digest that stands for them.

Pure Python.
"""

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

_DIRECTORIES: Final = frozenset({"__pycache__", "cdk.out", "node_modules", "test", "tests", "venv"})
_FILES: Final = ("*.pyc", "*.pyo", "*_test.py", "conftest.py", "test_*.py")
_MANIFESTS: Final = (
    "Pipfile",
    "Pipfile.lock",
    "constraints*.txt",
    "poetry.lock",
    "pyproject.toml",
    "requirements*.txt",
    "setup.cfg",
    "uv.lock",
)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file that is packed.

    Attributes:
        name: Its path below the entry, with slashes.
        path: Where it is.
        executable: Whether its owner may execute it.
    """

    name: str
    path: Path
    executable: bool

    def digest(self) -> str:
        """A digest of what it holds."""
        found = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
        return found.hexdigest()


def source_files(entry: Path) -> tuple[SourceFile, ...]:
    """The files of a source directory that a function needs, in the order of their names.

    Left out: whatever begins with a dot, byte code, virtual environments, tests (`tests/`, `test/`, `test_*.py`,
    `*_test.py`, `conftest.py`), and the files at the top that say what is to be installed.

    Raises:
        ValueError: If there is no such directory; if a directory in it is a symbolic link: what it points at may be
            another thing on another machine; or if something in it is no file.
    """
    if not entry.is_dir():
        raise ValueError(f"entry: no directory, got {str(entry)!r}; allowed: the directory of the function's sources")
    return tuple(sorted(_walk(entry), key=lambda file: file.name))


def _walk(entry: Path) -> Iterator[SourceFile]:
    for directory, subdirectories, names in os.walk(entry):
        here = Path(directory)
        subdirectories[:] = [
            name
            for name in subdirectories
            if name not in _DIRECTORIES and name[0] != "." and not (here / name / "pyvenv.cfg").is_file()
        ]
        for name in subdirectories:
            if (here / name).is_symlink():
                raise ValueError(
                    f"entry: a directory that is a symbolic link, got {str(here / name)!r}; allowed: directories and "
                    "files, and links to files"
                )
        for name in names:
            if name[0] != "." and not _left_out(name, top=here == entry):
                path = here / name
                if not path.is_file():
                    raise ValueError(
                        f"entry: neither a file nor a link to one, got {str(path)!r}; allowed: directories, files "
                        "and links to files"
                    )
                yield SourceFile(
                    name=path.relative_to(entry).as_posix(), path=path, executable=bool(path.stat().st_mode & 0o100)
                )


def _left_out(name: str, *, top: bool) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in (*_FILES, *(_MANIFESTS if top else ())))


def check_handler(entry: Path, handler: str) -> None:
    """Check that the handler is in the sources: a function that cannot begin is found now, not in its first call.

    Raises:
        ValueError: If its module is not there, or does not say its name.
    """
    module, dot, name = handler.rpartition(".")
    if not dot or not module or not name.isidentifier():
        raise ValueError(f"handler: not a module and a function, got {handler!r}; allowed: such as 'app.handler'")
    relative = module.replace(".", "/")
    path = next((path for path in (entry / f"{relative}.py", entry / relative / "__init__.py") if path.is_file()), None)
    if path is None:
        raise ValueError(f"handler: no module of the entry, got {handler!r}; allowed: one such as {relative}.py")
    if not _names(path, name):
        raise ValueError(f"handler: {path.name} has no {name!r}, got {handler!r}; allowed: a function of the module")


def _names(path: Path, name: str) -> bool:
    """Whether a module binds a name. A module that this Python cannot read, or that imports `*`, may."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            bound = node.asname or node.name.partition(".")[0]
            if bound in {name, "*"}:
                return True
        elif isinstance(node, ast.Name):
            if node.id == name and isinstance(node.ctx, ast.Store):
                return True
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return True
    return False
