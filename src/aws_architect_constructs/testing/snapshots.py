"""Snapshots of CloudFormation templates: one readable JSON file a case, changed only when the template is.

In a project of your own, one line in `conftest.py` at its top and two in a test:

```python
pytest_plugins = ["aws_architect_constructs.testing.snapshots"]
```

```python
def test_network(template_snapshot):
    assert template_snapshot == Template.from_stack(NetworkStack(App(), "Network"))
```

`pytest --snapshot-update` writes `__snapshots__/<test module>/<case>.json` beside the test; from then on the test fails
when the template changes. Hashes of assets and whatever else differs from run to run are normalised first
(`normalise`), so that a changed line in a Lambda function's code changes no snapshot
(https://github.com/aws/aws-cdk/issues/13468).

To keep the files of all tests in one directory, write the fixture yourself instead of naming the plugin:

```python
@pytest.fixture
def template_snapshot(snapshot):
    return snapshot.use_extension(in_directory(Path(__file__).parent / "snapshots"))
```

Needs `aws-architect-constructs[testing]`.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from aws_architect_constructs.testing.normalisation import normalise

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import PropertyFilter, PropertyMatcher, SerializableData, SerializedData


class TemplateSnapshotExtension(JSONSnapshotExtension):
    """A syrupy extension for CloudFormation templates: JSON with sorted keys, normalised.

    It takes whatever `load_template` reads: an `aws_cdk.assertions.Template`, a mapping, the path of a template in a
    cloud assembly, or text. With syrupy's own fixture: `snapshot.use_extension(TemplateSnapshotExtension)`. syrupy's
    `exclude`, `include` and `matcher` apply to the normalised template.

    Snapshots lie in `__snapshots__` beside the test; `in_directory` gives an extension that keeps them elsewhere.
    """

    def serialize(
        self,
        data: "SerializableData",
        *,
        exclude: "PropertyFilter | None" = None,
        include: "PropertyFilter | None" = None,
        matcher: "PropertyMatcher | None" = None,
    ) -> "SerializedData":
        """A template as the text that is kept.

        Raises:
            TemplateError: If the data is no template.
        """
        return super().serialize(normalise(data), exclude=exclude, include=include, matcher=matcher)

    @classmethod
    def dirname(cls, *, test_location: "PyTestLocation") -> str:
        """Where the snapshots of a test module lie; syrupy's own answer knows no other `snapshot_dirname`."""
        return str(Path(test_location.filepath).parent / cls.snapshot_dirname / test_location.basename)


@cache
def in_directory(directory: Path) -> type[TemplateSnapshotExtension]:
    """An extension that keeps snapshots in `<directory>/<test module>/<case>.json`.

    Args:
        directory: Where, absolute or relative to the directory of each test. Test modules that share a directory need
            names of their own.
    """
    return type("TemplateSnapshotExtensionInDirectory", (TemplateSnapshotExtension,), {"snapshot_dirname": directory})


@pytest.fixture
def template_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Equal to a template exactly when the template is the one that was kept for this case.

    A test with several templates names them: `template_snapshot(name="network") == template`.
    """
    return snapshot.use_extension(TemplateSnapshotExtension)
