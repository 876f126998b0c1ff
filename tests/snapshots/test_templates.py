"""The template of every canonical instance: what it is, and that nothing but the code changes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from aws_architect_constructs.testing.normalisation import normalise
from support.instances import INSTANCES, by_instance, template_of_instance, template_under
from support.synthesis import recommended_flags

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

GOLDEN_IDS: Final[dict[str, dict[str, dict[str, str]]]] = by_instance(Path(__file__).parents[1] / "golden_logical_ids")


@pytest.mark.parametrize("name", INSTANCES)
def test_template(name: str, template_snapshot: "SnapshotAssertion") -> None:
    """The template is the one that was reviewed."""
    assert template_snapshot(name=name) == template_of_instance(name)


@pytest.mark.parametrize("name", INSTANCES)
def test_feature_flags_change_nothing(name: str) -> None:
    """The template means the same under no feature flags and under all recommended ones."""
    without = normalise(template_under(name, {}))
    recommended = normalise(template_under(name, recommended_flags()))
    if without != recommended:
        pytest.fail(f"{name} depends on {', '.join(_guilty_flags(name, without)) or 'a combination of feature flags'}")


def _guilty_flags(name: str, without: dict[str, Any]) -> list[str]:
    """The flags that alone make a difference: slow, and only on failure."""
    return [
        flag for flag, value in recommended_flags().items() if normalise(template_under(name, {flag: value})) != without
    ]


@pytest.mark.parametrize("name", GOLDEN_IDS)
def test_golden_logical_ids(name: str) -> None:
    """What holds state keeps its logical id through every upgrade: CloudFormation would replace it otherwise."""
    golden = GOLDEN_IDS[name]
    template = template_of_instance(name)
    found = {
        resource_type: {
            logical_id: _identity(resource)
            for logical_id, resource in template["Resources"].items()
            if resource["Type"] == resource_type
        }
        for resource_type in golden
    }
    assert found == golden


def _identity(resource: dict[str, Any]) -> str:
    """What the id must go on standing for: a subnet's block, a VPC's; nothing for the others."""
    return str(resource.get("Properties", {}).get("CidrBlock", ""))
