"""Acknowledging a star in a resource, by the id that cdk-nag gives the finding."""

import pytest
from aws_cdk import CrossStackReferences, NestedStack, ReferenceStrength, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from aws_architect_constructs.foundation.finding_ids import flat_value
from aws_architect_constructs.foundation.findings import acknowledge_wildcard
from aws_architect_constructs.testing.nag import NagPack, nag_report
from support.synthesis import new_app, new_stack

REASON = "The keys of a bucket are named by whoever writes to it."


def policy_on(stack: Stack, resource: str) -> iam.ManagedPolicy:
    """A policy about a resource, acknowledged."""
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=[resource])
    policy = iam.ManagedPolicy(stack, "Policy", document=iam.PolicyDocument(statements=[statement]))
    acknowledge_wildcard(policy, resource, REASON)
    return policy


@pytest.mark.parametrize("kind", ["own", "imported", "literal", "across", "weak", "nested"])
def test_the_finding_is_excused(kind: str) -> None:
    """A star after a reference to a bucket, wherever it is, or in a text is found by the finding's id."""
    app = new_app()
    stack = new_stack(app=app)
    if kind == "literal":
        resource = "arn:aws:s3:::acme/*"
    elif kind == "imported":
        resource = s3.Bucket.from_bucket_name(stack, "Bucket", "acme").arn_for_objects("*")
    else:
        owner = stack if kind in {"own", "nested"} else new_stack(app=app, name="Owner")
        bucket = s3.Bucket(owner, "Bucket")
        resource = bucket.arn_for_objects("*")
        if kind == "weak":
            CrossStackReferences.of(bucket).produce(ReferenceStrength.WEAK)
        if kind == "nested":
            stack = NestedStack(stack, "Nested")
    policy_on(stack, resource)
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [finding for finding in report.findings if "IAM5" in finding.rule] == []
    assert report.stale == ()


def test_without_a_star_there_is_nothing_to_excuse() -> None:
    """A resource that is named whole is acknowledged by nothing."""
    app = new_app()
    policy_on(new_stack(app=app), "arn:aws:s3:::acme/report.csv")
    assert nag_report(app, [NagPack.AWS_SOLUTIONS]).recorded == ()


@pytest.mark.parametrize(
    ("value", "flat"),
    [
        ("arn:aws:s3:::${Bucket}/*", "arn:aws:s3:::<Bucket>/*"),
        ({"Ref": "Bucket"}, "<Bucket>"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "<Bucket.Arn>"),
        ({"Fn::Sub": "${Bucket}/*"}, "<Bucket>/*"),
        ({"Fn::Join": ["", [{"Fn::ImportValue": "Data:Arn"}, "/*"]]}, "Data:Arn/*"),
        ({"Fn::Select": [0, ["a", "b"]]}, '{"Fn::Select":[0,["a","b"]]}'),
    ],
)
def test_a_value_is_written_as_in_a_findings_id(value: object, flat: str) -> None:
    """References stand between angle brackets, an import is the export's name, and the rest is JSON."""
    assert flat_value(value) == flat
