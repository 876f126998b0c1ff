"""Stacks in us-east-1, and parts of other stacks: what depends on what."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Fn, NestedStack, Stack, Stage
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    Behavior,
    EdgeEvent,
    EdgeLambda,
    EnvironmentType,
    Firewall,
    ManagedRules,
    Origin,
    SecureDistribution,
)
from support.instances_secure_distribution import EDGE_CODE, US_EAST_1, function_url, load_balancer
from support.synthesis import (
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    template_of,
)

CERTIFICATE_ARN = "arn:aws:acm:us-east-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"


def config(template: Template) -> dict[str, Any]:
    """The distribution's configuration."""
    (found,) = properties(template, "AWS::CloudFront::Distribution")
    configuration: dict[str, Any] = found["DistributionConfig"]
    return configuration


def certificate(stack: Stack) -> acm.ICertificate:
    """A certificate of us-east-1 that is there already."""
    return acm.Certificate.from_certificate_arn(stack, "Certificate", CERTIFICATE_ARN)


def zone(stack: Stack) -> route53.IHostedZone:
    """A zone that is there already."""
    return route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )


def test_a_stage_of_another_region() -> None:
    """Before, the stack and after: in us-east-1, the Region, us-east-1, in this order, without custom resources."""
    app = new_app()
    stage = Stage(app, "Prod", env=ENV)
    EnvironmentType.PROD.apply_to(stage)
    web = Stack(stage, "Web")
    zone_stack = Stack(stage, "Dns")
    public = route53.PublicHostedZone(zone_stack, "Zone", zone_name="example.com")
    topics = Stack(stage, "Topics", env=US_EAST_1)
    SecureDistribution(
        web,
        "Site",
        domain_names=["www.example.com"],
        hosted_zone=public,
        alarm_topic=sns.Topic(topics, "Alarms"),
    )
    app.synth()
    before, after = (stage.node.find_child(f"WebEdge{name}-eu-west-1") for name in ("Prerequisites", "Monitoring"))
    assert isinstance(before, Stack)
    assert isinstance(after, Stack)
    assert (before.region, web.region, after.region) == ("us-east-1", "eu-west-1", "us-east-1")
    assert before in web.dependencies
    assert web in after.dependencies
    assert web not in before.dependencies
    for stack in (before, web, after, zone_stack):
        template = json.loads((Path(stage.synth().directory) / stack.template_file).read_text(encoding="utf-8"))
        assert [name for name, one in template["Resources"].items() if "Custom::" in one["Type"]] == []
        assert "Fn::ImportValue" not in str(template) or stack is after
    assert EnvironmentType.of(before) is EnvironmentType.PROD


def test_imported_names_in_another_region() -> None:
    """A zone and a certificate that are there already are named as they are, from any Region and stack."""
    app = new_app()
    stack, other = new_stack(app=app, name="Web"), new_stack(app=app, name="Dns")
    SecureDistribution(stack, "One", domain_names=["www.example.com"], hosted_zone=zone(other))
    SecureDistribution(stack, "Two", domain_names=["a.example.com"], certificate=certificate(other))
    app.synth()
    assert "Z0123456789ABCDEFGHIJ" in str(template_of(stack))


def test_an_environment_that_nobody_declared() -> None:
    """The support stacks declare none either, and take PROD's defaults as their stack does."""
    stack = new_stack(None)
    SecureDistribution(stack, "Site")
    before = stack.node.root.node.find_child("StackEdgePrerequisites-eu-west-1")
    assert isinstance(before, Stack)
    assert EnvironmentType.declared_for(before) is None


def test_a_zone_that_is_not_known_yet() -> None:
    """A zone whose name is a token is taken as it is."""
    stack = new_stack(env=US_EAST_1)
    unknown = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id=Fn.import_value("ZoneId"), zone_name=Fn.import_value("ZoneName")
    )
    SecureDistribution(stack, "Site", domain_names=["a.example"], hosted_zone=unknown)
    assert len(resources(template_of(stack), "AWS::Route53::RecordSet")) == 2


def test_a_certificate_of_another_stack() -> None:
    """One that an own stack of us-east-1 makes is read weakly: no custom resource, no lock."""
    app = new_app()
    names, stack = new_stack(app=app, name="Names", env=US_EAST_1), new_stack(app=app, name="Web")
    made = acm.Certificate(names, "Certificate", domain_name="a.example.com")
    SecureDistribution(stack, "Site", domain_names=["a.example.com"], certificate=made)
    assert "Fn::GetStackOutput" in str(config(template_of(stack))["ViewerCertificate"])


def test_two_sites_share_the_support_stacks() -> None:
    """One pair for a stack, however many sites it has."""
    stack = new_stack()
    for name in ("One", "Two"):
        SecureDistribution(stack, name)
    app = stack.node.root
    assert [child.node.id for child in app.node.children if isinstance(child, Stack)] == [
        "Stack",
        "StackEdgePrerequisites-eu-west-1",
        "StackEdgeMonitoring-eu-west-1",
    ]


def test_the_support_stacks_ids_are_kept() -> None:
    """Another stack by the name is not taken for one."""
    app = new_app()
    Stack(app, "StackEdgePrerequisites-eu-west-1")
    with pytest.raises(
        ValueError, match=r"the id 'StackEdgePrerequisites-eu-west-1' is kept for the stack in us-east-1"
    ):
        SecureDistribution(new_stack(app=app), "Site")


def test_without_a_firewall_nothing_comes_before() -> None:
    """A stack that has nothing in it is not made."""
    stack = new_stack()
    SecureDistribution(stack, "Site", firewall=Firewall.none())
    assert stack.node.root.node.try_find_child("StackEdgePrerequisites-eu-west-1") is None


def test_lambda_at_edge_is_made_in_us_east_1() -> None:
    """From any Region; the distribution names its version."""
    stack = new_stack()
    edge = EdgeLambda(
        event=EdgeEvent.ORIGIN_RESPONSE, code=lambda_.Code.from_inline(EDGE_CODE), handler="index.handler"
    )
    bucket = s3.Bucket(stack, "Files")
    behavior = Behavior(origin=Origin.bucket(bucket), edge_lambdas=[edge])
    (made,) = SecureDistribution(stack, "Site", default_origin=behavior, firewall=Firewall.none()).edge_lambdas
    assert Stack.of(made).region == "us-east-1"
    (found,) = config(template_of(stack))["DefaultCacheBehavior"]["LambdaFunctionAssociations"]
    assert "Fn::GetStackOutput" in str(found["LambdaFunctionARN"])


@pytest.mark.parametrize("order", [0, 1])
def test_a_kms_bucket_of_another_stack(order: int) -> None:
    """Bucket and key in one stack, the distribution in another: no circle, and data does not depend on web."""
    app = new_app()
    data, web = new_stack(app=app, name="Data"), new_stack(app=app, name="Web")
    bucket = s3.Bucket(data, "Files", encryption=s3.BucketEncryption.KMS, encryption_key=kms.Key(data, "Key"))
    if order:
        SecureDistribution(web, "Site", origins={"/files/*": Origin.bucket(bucket)})
    else:
        SecureDistribution(web, "Site", default_origin=Origin.bucket(bucket))
    template = template_of(data)
    assert web not in data.dependencies
    (policy,) = properties(template, "AWS::S3::BucketPolicy")
    assert "distribution/*" in str(policy)
    (key,) = properties(template, "AWS::KMS::Key")
    assert "cloudfront.amazonaws.com" in str(key["KeyPolicy"])


def test_a_load_balancer_of_another_stack() -> None:
    """The load balancer's stack does not depend on the distribution's."""
    app = new_app()
    api, web = new_stack(app=app, name="Api"), new_stack(app=app, name="Web")
    SecureDistribution(web, "Site", origins={"/api/*": Origin.load_balancer(load_balancer(api))})
    app.synth()
    assert web not in api.dependencies


def test_a_function_url_of_another_stack() -> None:
    """The function's stack does not depend on the distribution's: permissions stand in the latter."""
    app = new_app()
    api, web = new_stack(app=app, name="Api"), new_stack(app=app, name="Web")
    SecureDistribution(web, "Site", origins={"/api/*": Origin.function_url(function_url(api))})
    assert resources(template_of(api), "AWS::Lambda::Permission") == {}
    assert web not in api.dependencies


def test_a_nested_stack() -> None:
    """The support stacks stand beside the outermost one."""
    from aws_cdk import NestedStack  # noqa: PLC0415 -- this test alone

    stack = new_stack()
    SecureDistribution(NestedStack(stack, "Inner"), "Site")
    stack.node.root.synth()  # type: ignore[attr-defined]  # the root is an App
    assert stack.node.root.node.try_find_child("StackEdgeMonitoring-eu-west-1") is not None


def test_two_nested_stacks_have_sites_of_one_id() -> None:
    """What is in us-east-1 stands apart by the nested stack too."""
    web = new_stack()
    for name in ("One", "Two"):
        SecureDistribution(NestedStack(web, name), "Site")
    before = web.node.root.node.find_child("StackEdgePrerequisites-eu-west-1")
    assert isinstance(before, Stack)
    assert len(resources(template_of(before), "AWS::WAFv2::WebACL")) == 2


def test_an_app_that_is_deployed_twice_shares_nothing() -> None:
    """A stack's own name is that of the stacks beside it, and part of all names that are not CloudFormation's."""
    found = []
    for name in ("web-main", "web-branch"):
        web = Stack(new_app(), "Web", env=ENV, stack_name=name)
        SecureDistribution(web, "Site")
        stacks = [one for one in web.node.root.node.children if isinstance(one, Stack)]
        assert {one.stack_name for one in stacks} == {
            name,
            f"{name}EdgePrerequisites-eu-west-1",
            f"{name}EdgeMonitoring-eu-west-1",
        }
        text = json.dumps([template_of(one) for one in stacks])
        found.append(set(re.findall(r'"(?:Name|LogGroupName)": "([^"]+)"', text)) - _RULES)
    assert found[0]
    assert not found[0] & found[1]


_RULES = {group.value for group in ManagedRules} | {"RateLimit", "authorization", "cookie"}


def test_a_long_name_leaves_room() -> None:
    """CloudFormation takes 128 characters."""
    web = Stack(new_app(), "Web", env=ENV, stack_name="w" * 128)
    SecureDistribution(web, "Site")
    names = [one.stack_name for one in web.node.root.node.children if isinstance(one, Stack)]
    assert len(set(names)) == 3
    assert max(map(len, names)) == 128


def test_a_zone_of_the_sites_own_stack_is_refused() -> None:
    """Its certificate comes before the stack and needs the zone; in us-east-1, or by its id, it is welcome."""
    web = new_stack()
    own = route53.PublicHostedZone(web, "Zone", zone_name="example.com")
    with pytest.raises(ValueError, match=r"Stack/Site: hosted_zone: the certificate is made in us-east-1 before"):
        SecureDistribution(web, "Site", domain_names=["www.example.com"], hosted_zone=own)
    assert web.node.try_find_child("Site") is None
    known = route53.HostedZone.from_hosted_zone_attributes(
        web, "Known", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    SecureDistribution(web, "Site", domain_names=["www.example.com"], hosted_zone=known)
    here = new_stack(env=US_EAST_1)
    own = route53.PublicHostedZone(here, "Zone", zone_name="example.com")
    SecureDistribution(here, "Site", domain_names=["www.example.com"], hosted_zone=own)
