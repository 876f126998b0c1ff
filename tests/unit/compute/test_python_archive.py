"""The archive of a function: the same bytes from the same files, and made once."""

import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.compute import python_archive
from aws_architect_constructs.compute.python_archive import CACHE_VARIABLE, cache_directory, digest_of, package
from aws_architect_constructs.compute.python_dependencies import Dependencies
from aws_architect_constructs.compute.python_installer import PythonTarget
from aws_architect_constructs.compute.python_sources import SourceFile

ARM = PythonTarget(version="3.14", machine="aarch64")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that nobody else has."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The entries whose dependencies were installed, by an installer that only leaves a file."""
    made: list[str] = []

    def install(entry: Path, dependencies: Dependencies, target: PythonTarget, directory: Path) -> None:
        made.append(entry.name)
        (directory / "lib").mkdir()
        text = f"{dependencies.requirements} {target}"
        (directory / "lib" / "__init__.py").write_text(text, encoding="utf-8")

    monkeypatch.setattr(python_archive, "install", install)
    return made


def make(entry: Path, **files: str) -> Path:
    """An entry with modules; `requirements` is requirements.txt."""
    entry.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (entry / ("requirements.txt" if name == "requirements" else f"{name}.py")).write_text(text, encoding="utf-8")
    return entry


def test_two_machines_and_two_days_make_the_same_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: list[str]
) -> None:
    """Another directory, another time, another cache, another umask, another order: the same digest and bytes."""
    first = package(make(tmp_path / "here" / "orders", app="x = 1\n", other="y\n", requirements="a==1\n"), ARM)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "another cache"))
    entry = make(tmp_path / "there", requirements="# pinned\na==1\n", other="y\n", app="x = 1\n")
    for name in ("app.py", "other.py"):
        os.utime(entry / name, (1, 1))
        (entry / name).chmod(0o600)
    (entry / "__pycache__").mkdir()
    second = package(entry, ARM)
    assert first.digest == second.digest
    assert first.path != second.path
    assert first.path.read_bytes() == second.path.read_bytes()
    assert installed == ["orders", "there"]


@pytest.mark.parametrize("change", ["source", "name", "mode", "requirement", "version", "machine"])
def test_every_change_that_counts_changes_the_digest(tmp_path: Path, installed: list[str], change: str) -> None:
    """A byte, a name, a mode, a requirement, Python's version and the machine each make another archive."""
    entry = make(tmp_path / "orders", app="x = 1\n", requirements="a==1\n")
    before = package(entry, ARM)
    target = ARM
    if change == "source":
        make(entry, app="x = 2\n")
    elif change == "name":
        (entry / "app.py").rename(entry / "web.py")
    elif change == "mode":
        (entry / "app.py").chmod(0o755)
    elif change == "requirement":
        make(entry, requirements="a==2\n")
    elif change == "version":
        target = PythonTarget(version="3.13", machine="aarch64")
    else:
        target = PythonTarget(version="3.14", machine="x86_64")
    assert package(entry, target).digest != before.digest
    assert installed


def test_what_was_made_is_not_made_again(tmp_path: Path, installed: list[str]) -> None:
    """The same entry is neither installed nor packed twice."""
    entry = make(tmp_path / "orders", app="x = 1\n", requirements="a==1\n")
    first = package(entry, ARM)
    made = first.path.stat().st_mtime_ns
    assert package(entry, ARM) == first
    assert first.path.stat().st_mtime_ns == made
    assert installed == ["orders"]


def test_functions_that_share_a_declaration_share_the_installation(tmp_path: Path, installed: list[str]) -> None:
    """Two entries with the same requirements, and one whose sources changed, install once."""
    for name, text in (("orders", "1"), ("orders", "2"), ("invoices", "3")):
        found = package(make(tmp_path / name, app=f"x = {text}\n", requirements="a==1\n"), ARM)
        with zipfile.ZipFile(found.path) as archive:
            assert archive.namelist() == ["lib/__init__.py", "app.py"]
    assert installed == ["orders"]


def test_without_dependencies_nothing_is_installed(tmp_path: Path, installed: list[str]) -> None:
    """Sources alone need no installer."""
    package(make(tmp_path / "orders", app="x = 1\n"), ARM)
    assert installed == []


def test_members_have_one_time_and_two_modes(tmp_path: Path) -> None:
    """Everybody may read a file, its owner alone may write it, and an executable is one."""
    entry = make(tmp_path / "orders", app="x = 1\n", run="#!/bin/sh\n")
    (entry / "run.py").chmod(0o700)
    with zipfile.ZipFile(package(entry, ARM).path) as archive:
        found = {
            member.filename: (member.date_time, stat.S_IMODE(member.external_attr >> 16))
            for member in archive.infolist()
        }
    long_ago = (1980, 1, 1, 0, 0, 0)
    assert found == {"app.py": (long_ago, 0o644), "run.py": (long_ago, 0o755)}


def test_a_source_never_hides_a_dependency(tmp_path: Path, installed: list[str]) -> None:
    """A file that is in both is an error, not a surprise."""
    entry = make(tmp_path / "orders", requirements="a==1\n")
    make(entry / "lib", __init__="mine\n")
    with pytest.raises(ValueError, match=r"a file that a dependency has too, got 'lib/__init__.py'"):
        package(entry, ARM)
    assert installed


def test_what_a_crash_cut_off_is_made_again(tmp_path: Path, installed: list[str]) -> None:
    """An empty file under the name of an archive is none, and no function goes without its dependencies."""
    entry = make(tmp_path / "orders", app="x = 1\n", requirements="a==1\n")
    first = package(entry, ARM)
    whole = first.path.read_bytes()
    for path in cache_directory().iterdir():
        path.write_bytes(b"")
    assert package(entry, ARM).path.read_bytes() == whole
    assert installed == ["orders", "orders"]


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that fails is tried again the next time, and leaves no half of an archive."""

    def fail(*_: object) -> None:
        raise ValueError("no wheel")

    monkeypatch.setattr(python_archive, "install", fail)
    with pytest.raises(ValueError, match="no wheel"):
        package(make(tmp_path / "orders", app="x = 1\n", requirements="a==1\n"), ARM)
    assert list(cache_directory().iterdir()) == []


def test_what_lambda_would_refuse_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than fits is an error with its size; exactly what fits is not."""
    entry = make(tmp_path / "orders", app="x" * 1000)
    monkeypatch.setattr(python_archive, "LARGEST", 1000)
    assert package(entry, ARM).size == 1000
    monkeypatch.setattr(python_archive, "LARGEST", 999)
    with pytest.raises(ValueError, match=r"larger than Lambda takes, got 0 MB unpacked"):
        package(entry, ARM)


def test_the_limit_is_lambdas() -> None:
    """250 MB, in the sense of 1,024 times 1,024."""
    assert python_archive.LARGEST == 262_144_000


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, else XDG's, else the home's .cache."""
    tail = ("aws-architect-constructs", "python")
    assert cache_directory() == tmp_path.joinpath("cache", *tail)
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path.joinpath("xdg", *tail)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_directory() == tmp_path.joinpath("home", ".cache", *tail)


def test_a_cache_that_cannot_be_written_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no place, a directory of this process's own does: packing still works."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    assert package(make(tmp_path / "orders", app="x = 1\n"), ARM).path.is_file()
    assert not cache_directory().is_relative_to(tmp_path)


@given(st.permutations(["a.py", "b.py", "c/d.py"]))
def test_names_and_contents_go_together(order: list[str]) -> None:
    """The digest is of which file holds what: two files that swap their contents make another one."""
    here, there = Path(__file__), Path(python_archive.__file__)

    def digest(holding: dict[str, Path]) -> str:
        files = [SourceFile(name=name, path=holding[name], executable=False) for name in sorted(holding)]
        return digest_of(files, Dependencies(), ARM)

    first, second, third = order
    one = digest({first: here, second: there, third: here})
    assert one == digest({third: here, second: there, first: here})
    assert one != digest({first: there, second: here, third: here})
