"""One archive of a function's sources and dependencies: the same bytes from the same files, and built once.

Pure Python.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .python_dependencies import Dependencies, read_dependencies
from .python_installer import PythonTarget, install
from .python_sources import SourceFile, source_files

CACHE_VARIABLE: Final = "AWS_ARCHITECT_CONSTRUCTS_CACHE"
"""The environment variable that names another directory for archives."""

LARGEST: Final = 250 * 1024 * 1024
"""Bytes that a function and its layers may have, unpacked.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

# Part of every digest: archives of another form are other archives.
_FORM: Final = "1"
# The oldest time that an archive can hold.
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_PLAIN: Final = 0o100644
_EXECUTABLE: Final = 0o100755
_LEVEL: Final = 6


@dataclass(frozen=True, kw_only=True)
class PythonPackage:
    """A function's archive.

    Attributes:
        path: Where it is.
        digest: Stands for the sources, what is to be installed, and the target; and for nothing else.
        size: Bytes when unpacked.
        dependencies: What was declared.
    """

    path: Path
    digest: str
    size: int
    dependencies: Dependencies


def package(entry: Path, target: PythonTarget) -> PythonPackage:
    """Pack a source directory with what it declares, unless that has been done before.

    Raises:
        ValueError: If the entry is none, its dependencies cannot be installed, a source file would hide one of a
            dependency, or all of it is larger than Lambda takes.
    """
    files = source_files(entry)
    dependencies = read_dependencies(entry)
    digest = digest_of(files, dependencies, target)
    path = cache_directory() / f"{digest}.zip"
    if not zipfile.is_zipfile(path):
        with _written(path) as unfinished:
            if dependencies.origin:
                shutil.copyfile(_dependency_archive(entry, dependencies, target), unfinished)
            _append(unfinished, files)
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST:
        raise ValueError(
            f"entry: larger than Lambda takes, got {size / 1024**2:.0f} MB unpacked; allowed: "
            f"{LARGEST // 1024**2} MB, layers included"
        )
    return PythonPackage(path=path, digest=digest, size=size, dependencies=dependencies)


def digest_of(files: Iterable[SourceFile], dependencies: Dependencies, target: PythonTarget) -> str:
    """What stands for an archive: no time, no path of this machine, no version of an installer is in it."""
    sources = [[file.name, file.executable, file.digest()] for file in files]
    return _digest([_FORM, target.version, target.machine, sources, dependencies.digest])


@cache
def _temporary_cache() -> Path:
    """A directory for this process alone, where the user's own cannot be written."""
    return Path(tempfile.mkdtemp(prefix="aws-architect-constructs-"))


def cache_directory() -> Path:
    """Where archives are kept: what the variable names, else the user's cache, else one for this process."""
    named = os.environ.get(CACHE_VARIABLE)
    try:
        base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        found = base / "aws-architect-constructs" / "python"
        found.mkdir(parents=True, exist_ok=True)
        writable = os.access(found, os.W_OK)
    except (OSError, RuntimeError):  # RuntimeError: nobody's home
        writable = False
    return found if writable else _temporary_cache()


def _dependency_archive(entry: Path, dependencies: Dependencies, target: PythonTarget) -> Path:
    """The archive of what is installed alone, which every entry with the same declaration shares."""
    digest = _digest([_FORM, target.version, target.machine, dependencies.digest])
    path = cache_directory() / f"dependencies-{digest}.zip"
    if not zipfile.is_zipfile(path):  # nor is a file that a crash cut off: appending to it would lose what it held
        with tempfile.TemporaryDirectory() as temporary, _written(path) as unfinished:
            directory = Path(temporary) / "installed"
            directory.mkdir()
            install(entry, dependencies, target, directory)
            installed = (
                SourceFile(
                    name=file.relative_to(directory).as_posix(),
                    path=file,
                    executable=bool(file.stat().st_mode & 0o100),
                )
                for file in directory.rglob("*")
                if file.is_file()
            )
            _append(unfinished, sorted(installed, key=lambda file: file.name))
    return path


def _append(path: Path, files: Iterable[SourceFile]) -> None:
    """Add files to an archive, or begin one: in their order, at one time, with two modes."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        taken = set(archive.namelist())
        for file in files:
            if file.name in taken:
                raise ValueError(
                    f"entry: a file that a dependency has too, got {file.name!r}; allowed: another name for it"
                )
            member = zipfile.ZipInfo(file.name, _LONG_AGO)
            member.create_system = _UNIX
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (_EXECUTABLE if file.executable else _PLAIN) << 16
            archive.writestr(member, file.path.read_bytes(), compresslevel=_LEVEL)


class _written:  # noqa: N801 -- reads as a verb: with _written(path) as unfinished
    """A file that appears under its name when it is whole, whatever another process does at the same time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._directory = tempfile.TemporaryDirectory(dir=path.parent)

    def __enter__(self) -> Path:
        return Path(self._directory.__enter__()) / "unfinished.zip"

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            (Path(self._directory.name) / "unfinished.zip").replace(self._path)
        self._directory.cleanup()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
