"""What every test shares: one way to synthesize, quick settings, and where snapshots lie."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

# CDK's own template validation costs seconds an app; the suites whose subject it is switch it on again.
os.environ.setdefault("CDK_VALIDATION", "false")
# A developer's own choice of packs is no part of what the tests prove.
os.environ.pop("NAG_PACKS", None)

import pytest
from hypothesis import settings

from aws_architect_constructs.testing.snapshots import in_directory

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

# The same examples on every run: a red build is about the change, never about luck.
settings.register_profile("project", derandomize=True, deadline=None)
settings.load_profile("project")


@pytest.fixture
def template_snapshot(snapshot: "SnapshotAssertion") -> "SnapshotAssertion":
    """Equal to a template exactly when it is the one that tests/snapshots keeps for this case."""
    return snapshot.use_extension(in_directory(Path(__file__).parent / "snapshots"))
