"""Which installer is called, how, and what is made of what it says."""

import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from aws_architect_constructs.compute import python_installer
from aws_architect_constructs.compute.python_dependencies import Dependencies, read_dependencies
from aws_architect_constructs.compute.python_installer import Installer, PythonTarget, find_installer, install, run

TARGET = PythonTarget(version="3.14", machine="aarch64")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """What there is on this machine: change it to change that."""
    present = {"uv command": True, "uv": True, "pip": True}
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if present[f"{name} command"] else None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: present[name] or None)
    return present


def test_uv_on_path_comes_first(found: dict[str, bool]) -> None:
    """The quickest is taken."""
    assert found["pip"]
    assert find_installer() == Installer(name="uv", command=("/bin/uv",))


def test_uv_as_a_module_comes_second(found: dict[str, bool]) -> None:
    """A module beside this Python is found without PATH."""
    found["uv command"] = False
    assert find_installer() == Installer(name="uv", command=(sys.executable, "-m", "uv"))


def test_pip_comes_last(found: dict[str, bool]) -> None:
    """Without uv pip does."""
    found |= {"uv command": False, "uv": False}
    assert find_installer() == Installer(name="pip", command=(sys.executable, "-m", "pip"))


def test_a_lock_of_uv_needs_uv(found: dict[str, bool]) -> None:
    """Without uv its lock is refused, and the message says how to do without."""
    found |= {"uv command": False, "uv": False}
    with pytest.raises(ValueError, match=r"only uv reads uv.lock.*pip install uv"):
        find_installer(uv=True)


def test_without_an_installer_nothing_is_installed(found: dict[str, bool]) -> None:
    """Neither uv nor pip is an error that says so."""
    found |= {"uv command": False, "uv": False, "pip": False}
    with pytest.raises(ValueError, match="got neither uv nor pip"):
        find_installer()


@pytest.mark.parametrize(
    ("version", "uv", "newest", "oldest"),
    [
        ("3.14", "aarch64-manylinux_2_34", "manylinux_2_34_aarch64", "manylinux2014_aarch64"),
        ("3.12", "aarch64-manylinux_2_34", "manylinux_2_34_aarch64", "manylinux2014_aarch64"),
        ("3.11", "aarch64-manylinux_2_17", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
    ],
)
def test_wheels_fit_the_runtimes_linux(version: str, uv: str, newest: str, oldest: str) -> None:
    """Python 3.12 and newer have glibc 2.34, older ones are given what runs on 2.17."""
    target = PythonTarget(version=version, machine="aarch64")
    assert (target.uv_platform, target.pip_platforms[0], target.pip_platforms[-1]) == (uv, newest, oldest)


def test_old_tags_are_of_old_machines() -> None:
    """Tags older than manylinux2014 exist for x86_64 alone."""
    assert "manylinux1_x86_64" in PythonTarget(version="3.14", machine="x86_64").pip_platforms
    assert not any("manylinux1" in tag for tag in TARGET.pip_platforms)


class Calls(list[list[str]]):
    """What was called, instead of an installer; it leaves files, and says something."""

    code = 0
    output = ""
    leaves: tuple[str, ...] = ()

    def __call__(self, what: str, command: Any, directory: Path) -> tuple[int, str]:
        """Note a call."""
        assert what
        assert directory.is_dir()
        self.append(list(command))
        if "--target" in command:
            for name in self.leaves:
                path = Path(command[command.index("--target") + 1]) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        elif "--output-file" in command:
            Path(command[command.index("--output-file") + 1]).touch()
        return self.code, self.output


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Calls of installers, none of which is made."""
    made = Calls()
    monkeypatch.setattr(python_installer, "run", made)
    return made


def use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have one installer alone."""
    monkeypatch.setattr(
        python_installer, "find_installer", lambda uv: Installer(name="uv" if uv else name, command=(name,))
    )


def declared(entry: Path, text: str = "a==1\n") -> Dependencies:
    """An entry's dependencies."""
    (entry / "requirements.txt").write_text(text, encoding="utf-8")
    return read_dependencies(entry)


def test_a_relative_entry_is_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """Installers are run in the entry: the path that they are given does not begin there a second time."""
    use(monkeypatch, "pip")
    monkeypatch.chdir(tmp_path)
    entry = Path("orders")
    entry.mkdir()
    install(entry, declared(entry), TARGET, tmp_path / "out")
    assert calls[0][-1] == str(tmp_path / "orders" / "requirements.txt")


@pytest.mark.parametrize("name", ["uv", "pip"])
def test_only_wheels_of_the_target_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls, name: str
) -> None:
    """Either installer is told the target's Python and platform, and to build nothing."""
    use(monkeypatch, name)
    install(tmp_path, declared(tmp_path), TARGET, tmp_path / "out")
    (command,) = calls
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert command[command.index("--python-version") + 1] == "3.14"
    assert command[-1] == str(tmp_path / "requirements.txt")
    platform = {"uv": "--python-platform aarch64-manylinux_2_34", "pip": "--platform manylinux_2_34_aarch64"}[name]
    assert platform in " ".join(command)


def test_a_lock_is_exported_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """uv.lock becomes a list with hashes, without development groups and without the project itself."""
    use(monkeypatch, "pip")
    install(tmp_path, Dependencies(origin="uv.lock", requirements=("a",)), TARGET, tmp_path / "out")
    export, installation = calls
    assert {"export", "--frozen", "--no-default-groups", "--no-emit-project"} <= set(export)
    assert export[export.index("--output-file") + 1] == installation[-1]


@pytest.mark.parametrize("line", ["-e ../common", "../common"])
def test_a_package_of_a_workspace_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """What uv would install as a link into this machine, or would have to build, is in no archive."""
    use(monkeypatch, "uv")

    def export(_what: str, command: Any, _directory: Path) -> tuple[int, str]:
        assert "export" in command, "nothing is installed"
        Path(command[command.index("--output-file") + 1]).write_text(f"{line}\n", encoding="utf-8")
        return 0, ""

    monkeypatch.setattr(python_installer, "run", export)
    with pytest.raises(ValueError, match=f"only wheels are installed, got '{line}'"):
        install(tmp_path, Dependencies(origin="uv.lock", requirements=("common",)), TARGET, tmp_path / "out")


def test_what_uv_built_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of uv may have it build although it was told not to: what runs here would not run there."""
    use(monkeypatch, "uv")

    def build(_what: str, _command: Any, _directory: Path) -> tuple[int, str]:
        mark = tmp_path / "out" / "docopt-0.6.2.dist-info" / "uv_build.json"
        mark.parent.mkdir(parents=True)
        mark.touch()
        return 0, ""

    monkeypatch.setattr(python_installer, "run", build)
    with pytest.raises(ValueError, match=r"built on this machine, got docopt-0\.6\.2; allowed: wheels alone"):
        install(tmp_path, declared(tmp_path), TARGET, tmp_path / "out")


def test_what_a_project_declares_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """Without a lock the project's dependencies become a file that the installer reads, line by line."""
    use(monkeypatch, "pip")
    read: list[str] = []

    def look(what: str, command: Any, directory: Path) -> tuple[int, str]:
        read.append(Path(command[-1]).read_text(encoding="utf-8"))
        return calls(what, command, directory)

    monkeypatch.setattr(python_installer, "run", look)
    install(tmp_path, Dependencies(origin="pyproject.toml", requirements=("a==1", "b>2")), TARGET, tmp_path / "out")
    assert read == ["a==1\nb>2\n"]


def test_a_lock_that_uv_cannot_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """What uv says of the lock is told."""
    use(monkeypatch, "uv")
    calls.code, calls.output = 2, "error: the lock is odd"
    with pytest.raises(ValueError, match=r"uv cannot read uv.lock, got: error: the lock is odd"):
        install(tmp_path, Dependencies(origin="uv.lock", requirements=("a",)), TARGET, tmp_path / "out")


@pytest.mark.parametrize(
    ("output", "named"),
    [
        ("ERROR: No matching distribution found for docopt==0.6.2", "docopt==0.6.2"),
        ("Because docopt==0.6.2 has no usable\n wheels and you require docopt==0.6.2, we", "docopt==0.6.2"),
        ("Because only a==1 is available and a==1 has no wheels with a matching platform", "a==1"),
        ("hint: Wheels are required for `docopt` because", "docopt"),
    ],
)
def test_a_package_without_a_wheel_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls, output: str, named: str
) -> None:
    """However an installer says it, the error names the package and the target."""
    use(monkeypatch, "uv")
    calls.code, calls.output = 1, output
    with pytest.raises(ValueError, match=f"no wheel for Python 3.14 on aarch64, got {named};"):
        install(tmp_path, declared(tmp_path), TARGET, tmp_path / "out")


def test_any_other_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """The end of what the installer said is part of the error."""
    use(monkeypatch, "pip")
    calls.code, calls.output = 1, "\n".join(f"line {number}" for number in range(40))
    with pytest.raises(ValueError, match=r"pip cannot install the dependencies, got: line 25\n(.*\n)*line 39;"):
        install(tmp_path, declared(tmp_path), TARGET, tmp_path / "out")


def test_what_is_installed_is_stripped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    """Scripts, byte code, tests and what an installer notes for itself go; licences and metadata stay."""
    use(monkeypatch, "uv")
    kept = {"a/__init__.py", "a/bin/tool", "a/testing/x.py", "a-1.dist-info/METADATA", "a-1.dist-info/licenses/LICENSE"}
    dropped = {
        *("bin/a", "a/__pycache__/x.pyc", "a/y.pyc", "a/tests/test_x.py", "tests/__init__.py", ".lock"),
        *(f"a-1.dist-info/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")),
    }
    calls.leaves = (*kept, *dropped)
    install(tmp_path, declared(tmp_path), TARGET, tmp_path / "out")
    left = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == kept


def test_a_quick_command_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is done at once says nothing, and its own words are returned."""
    assert run("Working", [sys.executable, "-c", "print('done')"], tmp_path) == (0, "done\n")
    assert capfd.readouterr() == ("", "")


def test_a_slow_command_is_spoken_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command that takes long is named on stderr while it runs, and when it is done."""
    monkeypatch.setattr(python_installer, "_SECONDS_UNTIL_A_WORD", 0.05)
    monkeypatch.setattr(python_installer, "_SECONDS_BETWEEN_WORDS", 0.1)
    code, output = run("Working", [sys.executable, "-c", "import time; time.sleep(0.3); exit(3)"], tmp_path)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert (code, output) == (3, "")
    assert first.startswith("Working: 0 s ...")
    assert last.startswith("Working: done after ")


def test_a_command_that_is_broken_off_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the installer too."""

    def interrupted(process: Any, timeout: float | None = None) -> int:
        if timeout is None:  # how the process is left, once it is ended
            return int(wait(process))
        raise KeyboardInterrupt

    wait = subprocess.Popen.wait
    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run("Working", [sys.executable, "-c", "import time; time.sleep(30)"], tmp_path)
    assert time.monotonic() - start < 10
