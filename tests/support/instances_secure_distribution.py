"""The canonical instances of SecureDistribution."""

from pathlib import Path
from typing import Final

from aws_cdk import Duration, Environment, Fn, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    Behavior,
    Caching,
    ClientCertificates,
    ContentSecurityPolicy,
    EdgeEvent,
    EdgeFunctions,
    EdgeLambda,
    EnvironmentType,
    Firewall,
    ManagedRules,
    Origin,
    PathHeaders,
    RuleMode,
    SecureDistribution,
    SecurityHeaders,
    StrictTransportSecurity,
)
from support.instance import Instance

US_EAST_1: Final = Environment(account="111111111111", region="us-east-1")
SITE: Final = Path(__file__).parent / "site"
EDGE_CODE: Final = "def handler(event, context):\n    return event['Records'][0]['cf']['request']\n"


def load_balancer(stack: Stack) -> elbv2.IApplicationLoadBalancer:
    """An internal load balancer that is there already."""
    return elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
        stack,
        "LoadBalancer",
        load_balancer_arn=Fn.import_value("LoadBalancer"),
        load_balancer_dns_name="internal-api-1234567890.elb.amazonaws.com",
        security_group_id="sg-0123456789abcdef0",
    )


def function_url(stack: Stack) -> lambda_.FunctionUrl:
    """The URL of a function that is there already."""
    function = lambda_.Function.from_function_attributes(
        stack,
        "Orders",
        function_arn=Fn.import_value("Orders"),
        same_environment=True,
    )
    return function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)


def _default(stack: Stack) -> None:
    SecureDistribution(stack, "Site")


def _content(stack: Stack) -> None:
    SecureDistribution(stack, "Site").add_content(str(SITE))


def _classic(stack: Stack) -> None:
    """A bucket and a key that are there already, with the set of six headers."""
    bucket = s3.Bucket.from_bucket_attributes(
        stack,
        "Files",
        bucket_name="acme-site",
        region="eu-west-1",
        encryption_key=kms.Key.from_key_arn(
            stack, "Key", "arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012"
        ),
    )
    SecureDistribution(
        stack,
        "Site",
        default_origin=Origin.bucket(bucket, origin_path="/site", shield_region="eu-west-1"),
        security_headers=SecurityHeaders.CLASSIC,
        headers_function=False,
        firewall=Firewall.none(),
        geo_restriction=cloudfront.GeoRestriction.allowlist("DE", "FR"),
        price_class=cloudfront.PriceClass.PRICE_CLASS_100,
    )


def _fullest(stack: Stack) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    alb = load_balancer(stack)
    reports = "https://reports.example.com/csp"
    SecureDistribution(
        stack,
        "Site",
        origins={
            "/api/*": Origin.load_balancer(alb, domain_name="api.example.com", read_timeout=Duration.seconds(60)),
            "/orders/*": Origin.function_url(function_url(stack)),
            "/media/*": Behavior(
                origin=Origin.group(
                    Origin.bucket(s3.Bucket.from_bucket_name(stack, "Media", "acme-media")),
                    Origin.bucket(s3.Bucket.from_bucket_name(stack, "Copy", "acme-media-copy")),
                ),
                edge_lambdas=[
                    EdgeLambda(
                        event=EdgeEvent.ORIGIN_REQUEST,
                        code=lambda_.Code.from_inline(EDGE_CODE),
                        handler="index.handler",
                        memory_size=256,
                        timeout=Duration.seconds(20),
                        include_body=True,
                    )
                ],
            ),
            "/shop/*": Behavior(origin=Origin.load_balancer(alb), caching=Caching.DYNAMIC),
        },
        security_headers=SecurityHeaders(
            strict_transport_security=StrictTransportSecurity(preload=True),
            content_security_policy=ContentSecurityPolicy.strict().reporting_to(reports),
            trial_policy=ContentSecurityPolicy.strict().replace("img-src", "'none'").as_report_only(reports),
            additional={"x-robots-tag": "noindex"},
            paths=[
                PathHeaders(path="/logout", headers={"clear-site-data": '"cookies"'}),
                PathHeaders(path="/embed/*", removed=["x-frame-options"]),
                PathHeaders(path="/docs/*", headers={"link": '<https://{host}{uri}>; rel="canonical"'}),
            ],
        ),
        edge_functions=EdgeFunctions(
            canonical_host="www.example.com",
            basic_auth_realm="Preview",
            redirects={"/old": "/new", "/blog/*": "https://blog.example.com/*"},
            dropped_parameters=EdgeFunctions.TRACKING_PARAMETERS,
            single_page_app=True,
        ),
        domain_names=["www.example.com", "example.com"],
        hosted_zone=zone,
        minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025,
        client_certificates=ClientCertificates(
            bucket=s3.Bucket.from_bucket_attributes(stack, "Trust", bucket_name="acme-trust", region="us-east-1"),
            key="authorities.pem",
        ),
        geo_restriction=cloudfront.GeoRestriction.denylist("KP"),
        firewall=Firewall(
            bot_control=RuleMode.BLOCK,
            counted_rules={ManagedRules.COMMON: ["SizeRestrictions_BODY"]},
            allowed_cidrs=["198.51.100.0/24"],
            denied_cidrs=["192.0.2.0/24", "2001:db8::/32"],
            redact_query_string=True,
        ),
        alarm_topic=sns.Topic.from_topic_arn(stack, "Alarms", "arn:aws:sns:us-east-1:111111111111:alarms"),
    )


INSTANCES: Final = {
    "secure_distribution-default": Instance(build=_default, env=US_EAST_1),
    "secure_distribution-region": Instance(build=_default),
    "secure_distribution-dev": Instance(build=_default, environment_type=EnvironmentType.DEV, env=US_EAST_1),
    "secure_distribution-agnostic": Instance(build=_default, env=None),
    "secure_distribution-content": Instance(build=_content, env=US_EAST_1),
    "secure_distribution-classic": Instance(build=_classic),
    "secure_distribution-fullest": Instance(build=_fullest, env=US_EAST_1),
}
