"""Installing wheels for Lambda's Linux on another machine, by uv or pip, without Docker.

Pure Python.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .python_dependencies import Dependencies, check_exported

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: Python 3.12 and newer run on Amazon Linux 2023,
# whose glibc is 2.34. What runs on Amazon Linux 2 (2.26) takes manylinux2014, the newest tag below that is in wide use.
_FIRST_ON_AMAZON_LINUX_2023: Final = (3, 12)
_GLIBC: Final = {True: 34, False: 17}
_OLDEST_GLIBC: Final = 17
_OLDER_TAGS: Final = {"x86_64": ("manylinux2010", "manylinux_2_12", "manylinux1", "manylinux_2_5"), "aarch64": ()}

_SECONDS_UNTIL_A_WORD: Final = 2.0
_SECONDS_BETWEEN_WORDS: Final = 10.0
_LINES_OF_OUTPUT: Final = 15

_WITHOUT_WHEEL: Final = (
    re.compile(r"Because (?:only )?(\S+) (?:is available and \S+ )?has no (?:usable )?wheels"),
    re.compile(r"no wheels with a matching [^`]*`([^`]+)`"),
    re.compile(r"Wheels are (?:required|available) for `([^`]+)`"),
    re.compile(r"No matching distribution found for ([^\s(]+)"),
)
_DROPPED_OF_METADATA: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
_DROPPED_DIRECTORIES: Final = frozenset({"__pycache__", "tests"})


@dataclass(frozen=True, kw_only=True)
class PythonTarget:
    """What a package is to run on.

    Attributes:
        version: Python's version, such as `3.14`.
        machine: `aarch64` or `x86_64`.
    """

    version: str
    machine: str

    @property
    def glibc(self) -> int:
        """The minor version of the newest glibc that wheels may need."""
        return _GLIBC[tuple(map(int, self.version.split("."))) >= _FIRST_ON_AMAZON_LINUX_2023]

    @property
    def uv_platform(self) -> str:
        """What uv calls it."""
        return f"{self.machine}-manylinux_2_{self.glibc}"

    @property
    def pip_platforms(self) -> tuple[str, ...]:
        """Every tag of a wheel that runs there, the newest first."""
        tags = [f"manylinux_2_{minor}" for minor in range(self.glibc, _OLDEST_GLIBC - 1, -1)]
        return tuple(f"{tag}_{self.machine}" for tag in (*tags, "manylinux2014", *_OLDER_TAGS[self.machine]))

    def __str__(self) -> str:
        return f"Python {self.version} on {self.machine}"


@dataclass(frozen=True, kw_only=True)
class Installer:
    """uv or pip, and how it is called."""

    name: str
    command: tuple[str, ...]


def find_installer(*, uv: bool = False) -> Installer:
    """Find uv, as a command or as a module of this Python; else pip.

    Args:
        uv: Whether nothing but uv will do.

    Raises:
        ValueError: If there is none.
    """
    found = shutil.which("uv")
    if found:
        return Installer(name="uv", command=(found,))
    if importlib.util.find_spec("uv"):
        return Installer(name="uv", command=(sys.executable, "-m", "uv"))
    if uv:
        raise ValueError(
            "entry: only uv reads uv.lock, got no uv on PATH or beside this Python; allowed: `pip install uv`, or a "
            "requirements.txt as `uv export` writes it"
        )
    if importlib.util.find_spec("pip"):
        return Installer(name="pip", command=(sys.executable, "-m", "pip"))
    raise ValueError(
        "entry: dependencies to install, got neither uv nor pip; allowed: either, on PATH or beside this Python"
    )


def install(entry: Path, dependencies: Dependencies, target: PythonTarget, directory: Path) -> None:
    """Install what an entry declares into a directory, and strip it of what a function does not need.

    Only wheels are installed: nothing is built here, so the result does not depend on this machine's compilers. With
    pip, environment markers (`; python_version < "3.13"`) are evaluated for the Python that runs this, as pip has no
    option for it; uv evaluates them for the target.

    Raises:
        ValueError: If a package has no wheel for the target, by name; or if the installer fails otherwise, with the
            end of what it said.
    """
    installer = find_installer(uv=dependencies.origin == "uv.lock")
    with tempfile.TemporaryDirectory() as temporary:
        requirements = _requirements_file(entry, dependencies, installer, Path(temporary))
        arguments = _uv_arguments(target) if installer.name == "uv" else _pip_arguments(target)
        wheels = ("--only-binary", ":all:", "--target", str(directory), "-r", str(requirements))
        what = f"the dependencies of {entry.name} ({dependencies.origin}) for {target} with {installer.name}"
        code, output = run(f"Installing {what}", [*installer.command, *arguments, *wheels], entry)
    if code:
        raise _failure(output, target, installer)
    # uv's own settings (`no-binary-package`) may overrule the option, and what uv built it marks.
    built = sorted(path.parent.name.removesuffix(".dist-info") for path in directory.glob("*.dist-info/uv_build.json"))
    if built:
        raise ValueError(
            f"entry: built on this machine, got {', '.join(built)}; allowed: wheels alone, whatever uv's settings say"
        )
    _strip(directory)


def _uv_arguments(target: PythonTarget) -> tuple[str, ...]:
    return (
        *("pip", "install", "--python", sys.executable, "--no-python-downloads", "--link-mode", "copy"),
        *("--python-platform", target.uv_platform, "--python-version", target.version),
    )


def _pip_arguments(target: PythonTarget) -> tuple[str, ...]:
    platforms = (argument for tag in target.pip_platforms for argument in ("--platform", tag))
    return (
        *("install", "--implementation", "cp", "--python-version", target.version, *platforms, "--no-compile"),
        *("--disable-pip-version-check", "--no-input", "--no-warn-conflicts"),
    )


def _requirements_file(entry: Path, dependencies: Dependencies, installer: Installer, temporary: Path) -> Path:
    """The file that the installer reads: the entry's own, else one written for this once."""
    if dependencies.origin == "requirements.txt":
        return (entry / "requirements.txt").absolute()  # the installer is run in the entry
    path = temporary / "requirements.txt"
    if dependencies.origin == "uv.lock":
        command = (
            *(*installer.command, "export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-header"),
            *("--no-annotate", "--no-python-downloads", "--quiet", "--output-file", str(path)),
        )
        code, output = run(f"Reading uv.lock of {entry.name}", command, entry)
        if code:
            raise ValueError(f"entry: uv cannot read uv.lock, got: {_end(output)}; allowed: one that `uv lock` writes")
        check_exported(path, entry)
    else:
        path.write_text("\n".join(dependencies.requirements) + "\n", encoding="utf-8")
    return path


def run(what: str, command: Sequence[str], directory: Path) -> tuple[int, str]:
    """Run a command, and say on stderr what takes so long when it does.

    Returns:
        Its exit code, and what it said.
    """
    start = time.monotonic()
    word = _SECONDS_UNTIL_A_WORD
    # A file, not a pipe: a pipe that nobody reads fills up, and stops whoever writes.
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(  # noqa: S603 -- an installer found here, with arguments of our own
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process:
            while True:
                try:
                    process.wait(timeout=word)
                    break
                except subprocess.TimeoutExpired:
                    _say(f"{what}: {time.monotonic() - start:.0f} s ...")
                    word = _SECONDS_BETWEEN_WORDS
                except BaseException:
                    process.kill()
                    raise
        if word == _SECONDS_BETWEEN_WORDS:
            _say(f"{what}: done after {time.monotonic() - start:.0f} s.")
        output.seek(0)
        return process.returncode, output.read().decode(errors="replace")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _failure(output: str, target: PythonTarget, installer: Installer) -> ValueError:
    flat = " ".join(output.split())
    found = {name.rstrip(".,`'\"") for pattern in _WITHOUT_WHEEL for name in pattern.findall(flat)}
    # The same package with its version says more.
    without = sorted(name for name in found if not any(other.startswith(f"{name}==") for other in found))
    if without:
        return ValueError(
            f"entry: no wheel for {target}, got {', '.join(without)}; allowed: packages and versions with a manylinux "
            f"or pure-Python wheel ({installer.name} said: {_end(output)})"
        )
    return ValueError(
        f"entry: {installer.name} cannot install the dependencies, got: {_end(output)}; allowed: what it can"
    )


def _end(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-_LINES_OF_OUTPUT:])


def _strip(directory: Path) -> None:
    """Drop what no function needs, and what differs between installers and between days."""
    for place, subdirectories, names in os.walk(directory, topdown=True):
        here = Path(place)
        for name in list(subdirectories):
            scripts = here == directory and name == "bin"
            if scripts or name in _DROPPED_DIRECTORIES:
                shutil.rmtree(here / name)
                subdirectories.remove(name)
        metadata = here.name.endswith(".dist-info")
        for name in names:
            if name.endswith((".pyc", ".pyo")) or (metadata and name in _DROPPED_OF_METADATA) or name == ".lock":
                (here / name).unlink()
