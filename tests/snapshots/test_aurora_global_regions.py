"""The stacks of the Regions that follow: snapshots and golden ids know an instance's own stack alone."""

from typing import TYPE_CHECKING, Final

import pytest
from aws_cdk import App, Stack

from aws_architect_constructs import AuroraGlobal
from support.instances_aurora_global import INSTANCES
from support.synthesis import Template, new_stack, resources

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

_KEY: Final = "DatabaseKey5E5D9547"
_GOLDEN: Final = {
    "AWS::RDS::DBCluster": ["DatabaseClusterC6094C50"],
    "AWS::RDS::DBInstance": ["DatabaseInstance1844F58FD", "DatabaseInstance2AA380DEE"],
    "AWS::RDS::DBSubnetGroup": ["DatabaseSubnetGroup7D60F180"],
    "AWS::KMS::Key": [_KEY],
    "AWS::Logs::LogGroup": ["DatabasePostgresqlLogs0EEFD61B"],
}


def _template(name: str, region: str) -> Template:
    instance = INSTANCES[name]
    stack = new_stack(instance.environment_type)
    instance.build(stack)
    (follower,) = [
        found
        for one in stack.node.find_all()
        if isinstance(one, AuroraGlobal)
        for found in one.node.children
        if isinstance(found, Stack) and found.region == region
    ]
    root = stack.node.root
    assert isinstance(root, App)
    template: Template = root.synth().get_stack_artifact(follower.artifact_id).template
    return template


REGIONS: Final = [
    ("aurora_global-default", "eu-central-1"),
    ("aurora_global-headless", "eu-central-1"),
    ("aurora_global-fullest", "eu-central-1"),
]


@pytest.mark.parametrize(("name", "region"), REGIONS)
def test_region(name: str, region: str, template_snapshot: "SnapshotAssertion") -> None:
    """The template of the Region that follows is the one that was reviewed."""
    assert template_snapshot(name=f"{name}-{region}") == _template(name, region)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("aurora_global-default", set()),
        ("aurora_global-headless", {"AWS::RDS::DBInstance"}),
        ("aurora_global-fullest", {"AWS::KMS::Key"}),  # it is the caller's
    ],
)
def test_golden_logical_ids(name: str, missing: set[str]) -> None:
    """What holds state in a Region that follows keeps its logical id through every upgrade."""
    template = _template(name, "eu-central-1")
    found = {kind: sorted(resources(template, kind)) for kind in _GOLDEN}
    assert found == {kind: [] if kind in missing else ids for kind, ids in _GOLDEN.items()}
