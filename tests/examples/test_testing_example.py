"""The example of a project's own tests runs in a fresh project, and notices a change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "testing"
PASSED, TESTS_FAILED = 0, 1  # https://docs.pytest.org/en/stable/reference/exit-codes.html


class Runs(NamedTuple):
    """What pytest said, run after run."""

    project: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    third: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Write the snapshot, compare with it, and compare again after an edit of the network."""
    project = tmp_path_factory.mktemp("project")
    suite = project / "tests"
    shutil.copytree(EXAMPLE, suite, ignore=shutil.ignore_patterns("__pycache__", "__snapshots__"))
    first = _pytest(project, "--snapshot-update")
    second = _pytest(project)
    module = suite / "test_network.py"
    text = module.read_text(encoding="utf-8")
    edited = text.replace('"DatabaseGroup", vpc', '"DatabaseGroup", description="Other", vpc')
    assert edited != text
    module.write_text(edited, encoding="utf-8")
    return Runs(project, first, second, _pytest(project))


def _pytest(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a user would, without a word of this project's own run."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_")) and name != "CI"
    }
    return subprocess.run(  # noqa: S603 -- our own interpreter, our own example
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env=environment | {"CDK_VALIDATION": "false", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_run_writes_the_snapshot(runs: Runs) -> None:
    """`pytest --snapshot-update` passes and leaves one readable file for the one case."""
    assert runs.first.returncode == PASSED, runs.first.stdout
    written = [path.relative_to(runs.project).as_posix() for path in runs.project.rglob("*.json")]
    assert written == ["tests/__snapshots__/test_network/test_the_template_is_the_one_that_was_reviewed.json"]


def test_the_second_run_passes(runs: Runs) -> None:
    """Nothing in the template differs from one synthesis to the next, and every other test of the example holds."""
    assert runs.second.returncode == PASSED, runs.second.stdout


def test_the_run_after_an_edit_fails(runs: Runs) -> None:
    """A changed description of a security group fails the run."""
    assert runs.third.returncode == TESTS_FAILED, runs.third.stdout


def test_only_the_snapshot_notices_a_description(runs: Runs) -> None:
    """The snapshot's test fails, and no other: a description changes no way, policy or stateful resource."""
    failed = [line.split(" - ")[0] for line in runs.third.stdout.splitlines() if line.startswith("FAILED ")]
    assert failed == ["FAILED tests/test_network.py::test_the_template_is_the_one_that_was_reviewed"]


def test_the_failure_shows_what_changed(runs: Runs) -> None:
    """The report has the line of the template as it was and as it is."""
    changed = [line for line in runs.third.stdout.splitlines() if '"GroupDescription"' in line]
    assert [line.split()[1:] for line in changed] == [
        ["-", '"GroupDescription":', '"Network/DatabaseGroup",'],
        ["+", '"GroupDescription":', '"Other",'],
    ]
