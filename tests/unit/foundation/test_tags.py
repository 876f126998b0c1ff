"""RequiredTags: what is put where, and which values are refused."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App, CfnResource, Fn, Stack
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import DataClassification, EnvironmentType, RequiredTags
from support.synthesis import new_app, new_stack, properties, template_of

VALUES: Final[dict[str, Any]] = {
    "owner": "payments@example.com",
    "cost_center": "4711",
    "application": "checkout",
    "data_classification": DataClassification.CONFIDENTIAL,
}


def new_assembly(stack: Stack) -> str:
    """Where the stack's app was synthesized to."""
    root = stack.node.root
    assert isinstance(root, App)
    return root.synth().directory


def tags_of(stack: Stack) -> dict[str, Any]:
    """The tags of the stack's queue."""
    (queue,) = properties(template_of(stack), "AWS::SQS::Queue")
    return {tag["Key"]: tag["Value"] for tag in queue.get("Tags", [])}


def test_every_key_is_set() -> None:
    """All five tags are on what stands below, under the keys that the check asks for."""
    stack = new_stack(EnvironmentType.STAGING)
    sqs.Queue(stack, "Queue")
    RequiredTags.of(stack).apply(**VALUES)
    assert tags_of(stack) == {
        "owner": "payments@example.com",
        "cost-center": "4711",
        "application": "checkout",
        "data-classification": "CONFIDENTIAL",
        "environment": "STAGING",
    }
    assert set(tags_of(stack)) == set(RequiredTags.KEYS)


@pytest.mark.parametrize("explicit", [True, False])
def test_the_stack_is_tagged_under_every_flag(explicit: bool) -> None:
    """CloudFormation hands the tags of a stack on to resources that CDK does not tag."""
    stack = new_stack(context={"@aws-cdk/core:explicitStackTags": explicit})
    CfnResource(stack, "Role", type="AWS::IAM::Role")
    RequiredTags.of(stack).apply(**VALUES)
    manifest = json.loads((Path(new_assembly(stack)) / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["artifacts"]["Stack"]["properties"]["tags"]) == set(RequiredTags.KEYS)


@pytest.mark.parametrize(
    ("declared", "argument", "expected"),
    [
        (None, None, "PROD"),
        (EnvironmentType.DEV, None, "DEV"),
        (EnvironmentType.DEV, EnvironmentType.SHARED, "SHARED"),
    ],
)
def test_the_environment_is_the_declared_one(
    declared: EnvironmentType | None, argument: EnvironmentType | None, expected: str
) -> None:
    """The argument, else what the scope declares, else PROD."""
    stack = new_stack(declared)
    sqs.Queue(stack, "Queue")
    RequiredTags.of(stack).apply(**VALUES, environment_type=argument)
    assert tags_of(stack)["environment"] == expected


def test_a_stack_overrules_its_app() -> None:
    """What is nearer counts."""
    app = new_app()
    stack = Stack(app, "Stack")
    sqs.Queue(stack, "Queue")
    RequiredTags.of(app).apply(**VALUES)
    RequiredTags.of(stack).apply(**{**VALUES, "owner": "other"})
    assert tags_of(stack)["owner"] == "other"
    assert tags_of(stack)["application"] == "checkout"


def test_a_classification_may_be_given_by_its_text() -> None:
    """As all of our own choices."""
    stack = new_stack()
    sqs.Queue(stack, "Queue")
    RequiredTags.of(stack).apply(**{**VALUES, "data_classification": "RESTRICTED"})
    assert tags_of(stack)["data-classification"] == "RESTRICTED"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"owner": ""}, "Stack: the tag owner cannot have this value, got ''"),
        ({"owner": "  "}, "the tag owner cannot have this value"),
        ({"cost_center": "x" * 257}, "the tag cost-center cannot have this value"),
        ({"application": "a;b"}, "the tag application cannot have this value, got 'a;b'"),
        ({"application": 7}, "the tag application must be text, got 7"),
        ({"data_classification": "SECRET"}, "Stack: data_classification: no such DataClassification, got 'SECRET'"),
    ],
)
def test_what_no_tag_may_have_is_refused(wrong: dict[str, Any], message: str) -> None:
    """A value that AWS would refuse is refused here, before any tag is set."""
    stack = new_stack()
    sqs.Queue(stack, "Queue")
    with pytest.raises(ValueError, match=message):
        RequiredTags.of(stack).apply(**{**VALUES, **wrong})
    assert tags_of(stack) == {}


def test_a_token_is_taken_as_it_is() -> None:
    """A value that only a deployment knows cannot be checked."""
    stack = new_stack()
    sqs.Queue(stack, "Queue")
    RequiredTags.of(stack).apply(**{**VALUES, "owner": Fn.ref("AWS::AccountId")})
    assert tags_of(stack)["owner"] == {"Ref": "AWS::AccountId"}
