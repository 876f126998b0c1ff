"""Packaging for real: wheels from the package registry, by uv and by pip, for a machine that this one is not."""

import importlib.util
import struct
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from aws_architect_constructs.compute import python_installer
from aws_architect_constructs.compute.python_archive import CACHE_VARIABLE, package
from aws_architect_constructs.compute.python_installer import Installer, PythonTarget

ARM: Final = PythonTarget(version="3.14", machine="aarch64")
INTEL: Final = PythonTarget(version="3.14", machine="x86_64")
# What an ELF file says of its machine: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html.
ELF_MACHINES: Final = {183: "aarch64", 62: "x86_64"}
NATIVE: Final = "orjson==3.11.5\n"
PIP: Final = Installer(name="pip", command=(sys.executable, "-m", "pip"))


@cache
def problem_of_the_registry() -> str:
    """Why the registry does not answer, or nothing."""
    command = [*PIP.command, "index", "versions", "idna", "--disable-pip-version-check"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 -- pip, with our own arguments
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode(errors="replace"))[-500:]
    except subprocess.TimeoutExpired:
        return "no answer within a minute"
    return ""


@pytest.fixture(autouse=True)
def _registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry has to be there, and the cache is the test's own."""
    if problem_of_the_registry():
        pytest.skip(f"the package registry cannot be reached: {problem_of_the_registry()}")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


def only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have one installer alone."""
    if name == "pip":
        monkeypatch.setattr(python_installer, "find_installer", lambda **_: PIP)
    elif python_installer.find_installer().name != "uv":
        assert importlib.util.find_spec("uv"), "uv is a development dependency"


def entry_of(directory: Path, requirements: str) -> Path:
    """An entry with a handler and requirements."""
    directory.mkdir(parents=True)
    (directory / "app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    (directory / "requirements.txt").write_text(requirements, encoding="utf-8")
    return directory


def machines(path: Path) -> set[str]:
    """The machines that the native code of an archive is for."""
    with zipfile.ZipFile(path) as archive:
        headers = [archive.read(name)[:20] for name in archive.namelist() if name.endswith(".so")]
    return {ELF_MACHINES[struct.unpack_from("<H", header, 18)[0]] for header in headers}


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("target", [ARM, INTEL], ids=str)
def test_native_code_is_the_targets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str, target: PythonTarget
) -> None:
    """Whatever this machine is, native code is for the function's: its ELF header says so."""
    only(monkeypatch, installer)
    found = package(entry_of(tmp_path / "orders", NATIVE), target)
    assert machines(found.path) == {target.machine}
    with zipfile.ZipFile(found.path) as archive:
        assert f"orjson/orjson.cpython-314-{target.machine}-linux-gnu.so" in archive.namelist()


def test_uv_and_pip_make_the_same_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice, in different directories, caches and times, by different installers: the same bytes."""
    found = []
    for installer in ("uv", "pip"):
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / installer / "cache"))
        with monkeypatch.context() as patched:
            only(patched, installer)
            found.append(package(entry_of(tmp_path / installer / "orders", f"{NATIVE}idna==3.10\n"), ARM))
    first, second = found
    assert first.digest == second.digest
    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_package_without_a_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str) -> None:
    """A package that exists as sources alone is refused by name; nothing is built."""
    only(monkeypatch, installer)
    with pytest.raises(ValueError, match=r"no wheel for Python 3.14 on aarch64, got docopt==0.6.2;"):
        package(entry_of(tmp_path / "orders", "idna==3.10\ndocopt==0.6.2\n"), ARM)


def test_a_lock_of_uv_is_installed_as_it_is(tmp_path: Path) -> None:
    """A lock names versions and hashes: the older version that it holds is what is packed, and no development group."""
    entry = tmp_path / "orders"
    entry.mkdir()
    project = (
        '[project]\nname = "orders"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["idna"]\n'
        '[dependency-groups]\ndev = ["iniconfig"]\n[tool.uv]\nconstraint-dependencies = ["idna==3.9"]\n'
    )
    (entry / "pyproject.toml").write_text(project, encoding="utf-8")
    command = python_installer.find_installer(uv=True).command
    lock = [*command, "lock", "--python", sys.executable, "--no-python-downloads"]
    subprocess.run(lock, cwd=entry, check=True, capture_output=True)  # noqa: S603 -- uv, with our own arguments
    found = package(entry, ARM)
    with zipfile.ZipFile(found.path) as archive:
        names = archive.namelist()
    assert found.dependencies.origin == "uv.lock"
    assert "idna-3.9.dist-info/METADATA" in names
    assert not any(name.startswith("iniconfig") for name in names)


def test_hashes_are_checked(tmp_path: Path) -> None:
    """A file that is not what the requirements say is refused."""
    requirements = f"idna==3.10 --hash=sha256:{'0' * 64}\n"
    with pytest.raises(ValueError, match="cannot install the dependencies"):
        package(entry_of(tmp_path / "orders", requirements), ARM)


def test_what_is_packed_can_be_imported(tmp_path: Path) -> None:
    """Python imports a pure package from the archive."""
    found = package(entry_of(tmp_path / "orders", "idna==3.10\n"), ARM)
    code = "import sys; sys.path[:] = [sys.argv[1], *sys.path]; import idna; print(idna.__file__, idna.encode('x'))"
    command = [sys.executable, "-S", "-c", code, str(found.path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- this Python, our own code
    assert str(found.path) in result.stdout
