"""Acknowledging a star in a resource, by the id that cdk-nag gives the finding."""

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

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


@pytest.mark.parametrize("kind", ["own", "imported", "literal"])
def test_the_finding_is_excused(kind: str) -> None:
    """A star after a reference to this stack's bucket, an imported one, or in a text is found by its id."""
    app = new_app()
    stack = new_stack(app=app)
    if kind == "literal":
        resource = "arn:aws:s3:::acme/*"
    else:
        own = kind == "own"
        bucket = s3.Bucket(stack, "Bucket") if own else s3.Bucket.from_bucket_name(stack, "Bucket", "acme")
        resource = bucket.arn_for_objects("*")
    policy_on(stack, resource)
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [finding for finding in report.findings if "IAM5" in finding.rule] == []
    assert report.stale == ()


def test_without_a_star_there_is_nothing_to_excuse() -> None:
    """A resource that is named whole is acknowledged by nothing."""
    app = new_app()
    policy_on(new_stack(app=app), "arn:aws:s3:::acme/report.csv")
    assert nag_report(app, [NagPack.AWS_SOLUTIONS]).recorded == ()
