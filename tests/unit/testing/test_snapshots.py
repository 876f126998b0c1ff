"""Template snapshots, as a fresh project of a user's own sees them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from aws_architect_constructs.testing.snapshots import (
    TemplateSnapshotExtension,
    in_directory,
    template_snapshot,  # noqa: F401 - a fixture
)
from aws_architect_constructs.testing.templates import TemplateError

FUNCTION: dict[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"MemorySize": 128, "Code": {"S3Bucket": "b", "S3Key": f"{'0a' * 32}.zip"}},
}
TEMPLATE: dict[str, Any] = {"Resources": {"Function": FUNCTION}}

CONFTEST = 'pytest_plugins = ["aws_architect_constructs.testing.snapshots"]\n'
TEST = "def test_stack(template_snapshot):\n    assert template_snapshot == 'stack.template.json'\n"


class Project:
    """A project with a template and a test in three lines."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("conftest.py", CONFTEST)
        self.write("test_app.py", TEST)
        self.template(TEMPLATE)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def template(self, template: dict[str, Any]) -> None:
        """Synthesize, so to speak."""
        self.write("stack.template.json", json.dumps(template))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest in the project, with its own plugins only."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
        return subprocess.run(  # noqa: S603 - our own interpreter on files that this test wrote
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def snapshots(self) -> list[str]:
        """Every snapshot file, from the project's root."""
        found = (path.relative_to(self.root).as_posix() for path in self.root.rglob("test_*.json"))
        return sorted(found)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh project whose snapshot is written."""
    made = Project(tmp_path)
    written = made.run("--snapshot-update")
    assert written.returncode == 0, written.stdout
    return made


def changed(**properties: object) -> dict[str, Any]:
    """The template with other properties of its function."""
    return {"Resources": {"Function": FUNCTION | {"Properties": FUNCTION["Properties"] | properties}}}


def test_a_snapshot_is_one_readable_file_a_case(project: Project) -> None:
    """The file lies beside the test, under its module's and its own name, indented and with keys in order."""
    assert project.snapshots == ["__snapshots__/test_app/test_stack.json"]
    text = (project.root / project.snapshots[0]).read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert json.loads(text)["Resources"]["Function"]["Properties"]["MemorySize"] == 128


def test_a_changed_template_fails(project: Project) -> None:
    """A changed property fails the test, and the report shows both values."""
    project.template(changed(MemorySize=256))
    result = project.run()
    assert result.returncode == 1
    assert '"MemorySize": 128' in result.stdout
    assert '"MemorySize": 256' in result.stdout


def test_an_assets_hash_and_the_order_of_keys_fail_nothing(project: Project) -> None:
    """New code for a function, and keys in another order, are the same template."""
    template = changed(Code={"S3Key": f"{'f1' * 32}.zip", "S3Bucket": "b"})
    project.template({"Resources": {"Function": dict(reversed(template["Resources"]["Function"].items()))}})
    result = project.run()
    assert result.returncode == 0, result.stdout
    assert "1 snapshot passed" in result.stdout


def test_a_template_without_a_snapshot_fails(project: Project) -> None:
    """A case whose snapshot was never written does not pass."""
    (project.root / project.snapshots[0]).unlink()
    assert project.run().returncode == 1


def test_the_directory_can_be_chosen(tmp_path: Path) -> None:
    """Tests in several directories keep their snapshots in one, and a run of some leaves those of the others."""
    project = Project(tmp_path)
    (tmp_path / "test_app.py").unlink()
    project.write(
        "conftest.py",
        "import pathlib, pytest\n"
        "from aws_architect_constructs.testing.snapshots import in_directory\n"
        "@pytest.fixture\n"
        "def template_snapshot(snapshot):\n"
        "    return snapshot.use_extension(in_directory(pathlib.Path(__file__).parent / 'kept'))\n",
    )
    for room in ("network", "data"):
        project.write(f"{room}/test_{room}.py", TEST)
    expected = ["kept/test_data/test_stack.json", "kept/test_network/test_stack.json"]
    assert project.run("--snapshot-update").returncode == 0
    assert project.snapshots == expected
    assert project.run("--snapshot-update", "data").returncode == 0
    assert project.snapshots == expected


def test_several_templates_of_one_test_are_named(tmp_path: Path) -> None:
    """Each name has a file of its own."""
    project = Project(tmp_path)
    template = "{'Resources': {}}"
    project.write(
        "test_app.py",
        "def test_stacks(template_snapshot):\n"
        f"    assert template_snapshot(name='data') == {template}\n"
        f"    assert template_snapshot(name='web') == {template}\n",
    )
    assert project.run("--snapshot-update").returncode == 0
    assert project.snapshots == [
        "__snapshots__/test_app/test_stacks[data].json",
        "__snapshots__/test_app/test_stacks[web].json",
    ]


class Assertions:
    """Stands for aws_cdk.assertions.Template."""

    def to_json(self) -> dict[str, Any]:
        """The template."""
        return TEMPLATE


def test_every_kind_of_source_gives_the_same_text(tmp_path: Path) -> None:
    """A mapping, a Template, a path and text are serialized alike."""
    file = tmp_path / "stack.template.json"
    file.write_text(json.dumps(TEMPLATE), encoding="utf-8")
    extension = TemplateSnapshotExtension()
    sources: list[Any] = [TEMPLATE, Assertions(), file, str(file), json.dumps(TEMPLATE)]
    assert len({extension.serialize(source) for source in sources}) == 1


def test_syrupys_filters_apply() -> None:
    """`exclude` leaves a property out of the snapshot."""
    text = TemplateSnapshotExtension().serialize(TEMPLATE, exclude=props("Code"))
    assert json.loads(text)["Resources"]["Function"]["Properties"] == {"MemorySize": 128}


def test_what_is_no_template_is_refused() -> None:
    """A snapshot is never taken of something else."""
    with pytest.raises(TemplateError, match="no template"):
        TemplateSnapshotExtension().serialize({"a": 1})


def test_the_fixture_is_a_snapshot_of_this_extension(
    template_snapshot: SnapshotAssertion,  # noqa: F811 - pytest finds the imported fixture by the argument's name
) -> None:
    """`template_snapshot` keeps templates by TemplateSnapshotExtension."""
    assert type(template_snapshot.extension) is TemplateSnapshotExtension


def test_a_directory_has_one_extension() -> None:
    """The same directory gives the same class, by which syrupy knows what belongs together."""
    assert in_directory(Path("kept")) is in_directory(Path("kept"))
    assert in_directory(Path("kept")).snapshot_dirname == Path("kept")
