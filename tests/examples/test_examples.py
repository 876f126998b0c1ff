"""Every example is short, runs as its reader would run it, and is valid under CloudFormation's own rules."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = sorted(path.parent.name for path in (ROOT / "examples").glob("*/app.py"))
MOST_LINES = 40
GROWING = {"reference_architecture", "landing_zone"}  # these compose every construct


@pytest.mark.parametrize("example", [app for app in APPS if app not in GROWING])
def test_an_example_fits_a_screen(example: str) -> None:
    """An example is at most 40 lines."""
    lines = (ROOT / "examples" / example / "app.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("example", APPS)
def test_an_example_synthesizes_with_nothing_to_say(example: str, tmp_path: Path) -> None:
    """With CloudFormation's rules as errors, no credentials and cdk.json's flags, an example has no warning."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "CDK_VALIDATION"
    }
    environment |= {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(context), "PYTHONWARNINGS": "error"}
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own example
        [sys.executable, str(ROOT / "examples" / example / "app.py")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.rglob("manifest.json")]
    assert [manifest["missing"] for manifest in manifests if "missing" in manifest] == []
    messages = [
        str(entry["data"])
        for manifest in manifests
        for artifact in manifest["artifacts"].values()
        for entries in _metadata(artifact, tmp_path)
        for entry in entries
        if entry["type"] in {"aws:cdk:warning", "aws:cdk:error"}
    ]
    assert messages == []


def _metadata(artifact: dict[str, object], assembly: Path) -> list[list[dict[str, object]]]:
    """The metadata entries of an artifact, in the manifest or in the file that it names."""
    inline = artifact.get("metadata")
    found = list(inline.values()) if isinstance(inline, dict) else []
    name = artifact.get("additionalMetadataFile")
    if isinstance(name, str):
        for path in assembly.rglob(Path(name).name):
            found += list(json.loads(path.read_text(encoding="utf-8")).values())
    return found
