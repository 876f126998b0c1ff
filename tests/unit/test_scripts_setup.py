"""What set-up rests on: the pins agree with each other, and nothing records where packages came from."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make")


def read(name: str) -> Any:
    """A JSON file of the project's root."""
    return json.loads((ROOT / name).read_text())


def recommended_flags() -> dict[str, Any]:
    """The feature flags that the installed aws-cdk-lib recommends, from the bundle it ships."""
    (bundle,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(bundle) as archive:
        member = archive.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        flags: dict[str, Any] = json.load(member)
    return flags


def test_cdk_json_has_the_recommended_flags() -> None:
    """The root app synthesizes under exactly the flags that the installed version recommends."""
    flags = {key: value for key, value in read("cdk.json")["context"].items() if key.startswith("@")}
    assert flags == recommended_flags()


def test_template_validation_findings_are_errors() -> None:
    """The built-in validator's errors fail synthesis instead of being printed as warnings."""
    assert read("cdk.json")["context"]["@aws-cdk/core:validateAgainstDefaultRules"] is True


def test_cdk_json_calls_nobody() -> None:
    """No notices, no telemetry, no version metadata in templates."""
    settings = read("cdk.json")
    assert (settings["notices"], settings["versionReporting"], settings["context"]["cli-telemetry"]) == (False,) * 3


def test_cdk_json_runs_the_main_example_under_the_packs() -> None:
    """The app is run by relative paths (a blank in the project's own path does no harm) through the cdk-nag runner."""
    assert read("cdk.json")["app"] == ".venv/bin/python scripts/nag.py examples/reference_architecture/app.py"


def test_cdk_cli_is_pinned_exactly() -> None:
    """One exact CLI version, the same in package.json and in the lock file; the npm tag `latest` is an older CLI."""
    locked = read("package-lock.json")["packages"]
    wanted = read("package.json")["devDependencies"]
    assert wanted == {"aws-cdk": "2.1148.1"}
    assert locked["node_modules/aws-cdk"]["version"] == wanted["aws-cdk"]


def test_lock_file_names_no_registry() -> None:
    """The lock file has hashes and no addresses."""
    text = (ROOT / "package-lock.json").read_text()
    assert "integrity" in text
    assert re.search(r'"resolved"|https?:', text) is None


def test_npm_is_told_to_keep_addresses_out() -> None:
    """The next `npm install` keeps it that way, and npm gives up soon without a network."""
    settings = dict(
        line.split("=") for line in (ROOT / ".npmrc").read_text().splitlines() if line and not line.startswith(";")
    )
    assert settings["omit-lockfile-registry-resolved"] == "true"
    assert int(settings["fetch-timeout"]) <= 30_000
    assert "registry" not in settings


def make(*arguments: str, directory: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make as a user's shell does, without what an enclosing make hands down."""
    assert MAKE is not None
    environment = {
        key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CI"}
    }
    return subprocess.run(  # noqa: S603 - make of this machine on this project's Makefile
        [MAKE, *arguments],
        cwd=directory,
        check=False,
        capture_output=True,
        text=True,
        env={**environment, **variables},
    )


needs_make = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with a blank in its name that holds a copy of the Makefile alone."""
    copy = tmp_path / "a project"
    copy.mkdir()
    shutil.copy(ROOT / "Makefile", copy)
    return copy


def old_python(directory: Path, version: str) -> Path:
    """A `python` that says it is another version and fails every check."""
    python = directory / "old python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo "Python {version}" && exit 0\nexit 1\n')
    python.chmod(0o755)
    return python


@needs_make
def test_old_python_is_refused_with_the_way_out(directory: Path) -> None:
    """Python 3.10 is refused before anything is made, and the message says what to type."""
    result = make("synth", f"PYTHON={old_python(directory, '3.10.4')}", directory=directory)
    assert result.returncode != 0
    assert "Python 3.11 or newer is needed" in result.stderr
    assert "is Python 3.10.4" in result.stderr
    assert "make PYTHON=python3.13 synth" in result.stderr
    assert not (directory / ".venv").exists()


@needs_make
def test_finished_set_up_is_not_repeated(directory: Path) -> None:
    """With all stamps newer than what they stand for, there is nothing to do, also in a path with a blank."""
    for name in ("constraints.txt", "pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        (directory / name).touch()
    for name, text in (
        (".venv/.stamp-python", f"{directory}\n"),
        (".venv/.stamp-packages", ""),
        ("node_modules/.stamp-cdk", ""),
    ):
        stamp = directory / name
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(text)
    assert make("-n", "setup", directory=directory).stdout.strip() in {"", "make: Nothing to be done for 'setup'."}


@needs_make
def test_moved_project_is_set_up_again(directory: Path) -> None:
    """A virtual environment does not survive a move: a stamp made elsewhere counts for nothing."""
    for name in ("constraints.txt", "pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        (directory / name).touch()
    (directory / ".venv").mkdir()
    (directory / ".venv" / ".stamp-python").write_text("elsewhere\n")
    (directory / ".venv" / ".stamp-packages").touch()
    assert "-m venv" in make("-n", "setup", directory=directory).stdout


@needs_make
@pytest.mark.parametrize(("ci", "packs"), [("", "AwsSolutions"), ("true", "all")])
def test_ci_runs_all_packs(ci: str, packs: str) -> None:
    """One pack on a developer's machine, all of them in CI."""
    assert f'NAG_PACKS="{packs}"' in make("-n", "synth", CI=ci).stdout


@needs_make
def test_synth_looks_into_stages() -> None:
    """Without the pattern the CLI skips the stacks of stages, and with them their findings."""
    assert "cdk synth --quiet --no-lookups '**'" in make("-n", "synth").stdout


def test_ci_ends_with_the_tests() -> None:
    """The tests are the last step of `make check`, so that pytest has the last word."""
    recipe = re.search(r"^check: setup\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    assert re.findall(r"\$\(MAKE\) (\w+)", recipe[1]) == ["lint", "types", "synth", "test"]


def test_ci_script_is_executable_and_runs_check() -> None:
    """`.ci/run` is one call of `make check` with CI set."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("export CI=true\nexec make check")
