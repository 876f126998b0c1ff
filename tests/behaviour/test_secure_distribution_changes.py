"""What a site may change in place: nothing that holds state, nor its address, is replaced."""

from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    EdgeFunctions,
    EnvironmentType,
    Firewall,
    Origin,
    SecureDistribution,
    SecurityHeaders,
)
from aws_architect_constructs.testing.replacement import assert_no_replacement
from aws_architect_constructs.testing.stateful_types import STATEFUL_TYPES
from support.instances_secure_distribution import US_EAST_1, load_balancer
from support.synthesis import Template, new_stack, template_of

KEPT: Final = STATEFUL_TYPES | {
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::KeyValueStore",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::WAFv2::WebACL",
}


def site(stack: Stack | None = None, **options: Any) -> Template:
    """The template of a site."""
    stack = stack or new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site", **options)
    return template_of(stack)


@pytest.mark.parametrize("before", EnvironmentType)
@pytest.mark.parametrize("after", EnvironmentType)
def test_another_environment(before: EnvironmentType, after: EnvironmentType) -> None:
    """Declaring or changing the environment replaces nothing."""
    assert_no_replacement(
        site(new_stack(before, env=US_EAST_1)), site(new_stack(after, env=US_EAST_1)), types=KEPT, region="us-east-1"
    )


def _changes(stack: Stack) -> dict[str, dict[str, Any]]:
    arn = "arn:aws:acm:us-east-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"
    return {
        "key": {"encryption_key": kms.Key(stack, "Own")},
        "topic": {"alarm_topic": sns.Topic(stack, "Topic")},
        "name": {
            "domain_names": ["www.example.com"],
            "certificate": acm.Certificate.from_certificate_arn(stack, "Certificate", arn),
        },
        "origin": {"origins": {"/api/*": Origin.load_balancer(load_balancer(stack))}},
        "headers": {"security_headers": SecurityHeaders.CLASSIC},
        "functions": {"edge_functions": EdgeFunctions(single_page_app=True, redirects={"/a": "/b"})},
        "firewall": {"firewall": Firewall(count_only=True, denied_cidrs=["192.0.2.0/24"])},
        "pages": {"error_pages": {403: "/404.html"}},
    }


@pytest.mark.parametrize("name", _changes(new_stack(env=US_EAST_1)))
def test_a_further_argument(name: str) -> None:
    """A site that gains a name, a topic, a key, an origin, other headers, functions or rules stays what it is."""
    stack = new_stack(env=US_EAST_1)
    changed = site(stack, **_changes(stack)[name])
    # The stack's own key goes out of use when another is given; it is retained, as WorkloadKey says.
    kept = KEPT - {"AWS::KMS::Key"} if name == "key" else KEPT
    assert_no_replacement(site(), changed, types=kept, region="us-east-1")
