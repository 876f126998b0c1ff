"""The stacks in us-east-1 beside a distribution's: what they are, and that flags change nothing in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from aws_architect_constructs import Behavior, EdgeEvent, EdgeLambda, Origin, SecureDistribution
from aws_architect_constructs.testing.normalisation import normalise
from aws_architect_constructs.testing.validity import lint_template, validate_template
from support.instances_secure_distribution import EDGE_CODE
from support.synthesis import new_app, new_stack, recommended_flags

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

STACKS = ("StackEdgePrerequisites-eu-west-1", "StackEdgeMonitoring-eu-west-1")
ROLE_TWICE = "W3005"  # CDK's functions name their role twice, once as a dependency: harmless


def templates(context: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The templates of both stacks."""
    app = new_app(context)
    stack = new_stack(app=app)
    topic = sns.Topic.from_topic_arn(stack, "Alarms", "arn:aws:sns:us-east-1:111111111111:alarms")
    edge = EdgeLambda(event=EdgeEvent.ORIGIN_REQUEST, code=lambda_.Code.from_inline(EDGE_CODE), handler="index.handler")
    behavior = Behavior(origin=Origin.bucket(s3.Bucket(stack, "Files")), edge_lambdas=[edge])
    SecureDistribution(stack, "Site", default_origin=behavior, alarm_topic=topic)
    root = stack.node.root
    assert isinstance(root, App)
    assembly = Path(root.synth().directory)
    found = {}
    for name in STACKS:
        support = root.node.find_child(name)
        assert isinstance(support, Stack)
        found[name] = json.loads((assembly / support.template_file).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", STACKS)
def test_template(name: str, template_snapshot: "SnapshotAssertion") -> None:
    """The template is the one that was reviewed."""
    assert template_snapshot(name=name) == templates()[name]


@pytest.mark.parametrize("name", STACKS)
def test_feature_flags_change_nothing(name: str) -> None:
    """The template means the same under no feature flags and under all recommended ones."""
    assert normalise(templates()[name]) == normalise(templates(recommended_flags())[name])


@pytest.mark.parametrize("name", STACKS)
def test_the_template_is_valid(name: str) -> None:
    """CloudFormation's validator and cfn-lint have nothing to say."""
    template = templates()[name]
    found = [*validate_template(template, region="us-east-1"), *lint_template(template, regions=["us-east-1"])]
    assert [str(one) for one in found if one.rule != ROLE_TWICE] == []
