"""The runner that turns cdk-nag on for an app that knows nothing of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from scripts.nag import main, packs_on_synth

from aws_architect_constructs.testing.nag import NagPack

ROOT = Path(__file__).resolve().parents[2]

APP = """
import os, sys
import helper
import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

assert __name__ == "__main__"
app = cdk.App(outdir=os.environ["OUT"])
sqs.Queue(cdk.Stack(app, "Stack"), helper.ID, enforce_ssl=True)
app.synth()
"""


def plugins(directory: Path) -> list[str]:
    """The names of the plugins in the report."""
    path = directory / "validation-report.json"
    if not path.exists():
        return []
    return [plugin["pluginName"] for plugin in json.loads(path.read_text())["pluginReports"]]


@pytest.fixture
def app_file(tmp_path: Path) -> Path:
    """An app in a directory with a blank in its name, importing a module beside it."""
    directory = tmp_path / "an app"
    directory.mkdir()
    (directory / "helper.py").write_text('ID = "Queue"\n')
    (directory / "app.py").write_text(APP)
    return directory / "app.py"


def run(app_file: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the app under the runner, as cdk.json does."""
    environment = {**os.environ, "CDK_VALIDATION": "false", "OUT": str(app_file.parent / "out"), **variables}
    # Told that it runs under pytest, CDK would put the report into the exception.
    environment.pop("PYTEST_VERSION", None)
    environment.pop("PYTEST_CURRENT_TEST", None)
    command = [sys.executable, str(ROOT / "scripts" / "nag.py"), str(app_file)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)  # noqa: S603 - our own script


def test_app_fails_on_a_finding_by_default(app_file: Path) -> None:
    """Without NAG_PACKS the AwsSolutions pack runs, and a finding ends the app."""
    result = run(app_file)
    assert result.returncode != 0
    assert plugins(app_file.parent / "out") == ["AwsSolutions"]


def test_the_environment_chooses_the_packs(app_file: Path) -> None:
    """NAG_PACKS names other packs."""
    run(app_file, NAG_PACKS="Serverless")
    assert plugins(app_file.parent / "out") == ["Serverless"]


def test_no_pack_lets_the_app_pass(app_file: Path) -> None:
    """With NAG_PACKS=none the app runs as it would by itself."""
    result = run(app_file, NAG_PACKS="none")
    assert (result.returncode, plugins(app_file.parent / "out")) == (0, [])


def test_packs_are_registered_once(tmp_path: Path) -> None:
    """An app synthesized twice is not checked twice, and none is checked after the context."""
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    sqs.Queue(cdk.Stack(app, "Stack"), "Queue", enforce_ssl=True)
    original = cdk.App.synth
    with packs_on_synth([NagPack.AWS_SOLUTIONS]):
        for _ in range(2):
            with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
                app.synth()
    assert plugins(tmp_path) == ["AwsSolutions"]
    assert cdk.App.synth is original


def test_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Anything but one app file is a usage error."""
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: nag.py APP_FILE\n"
