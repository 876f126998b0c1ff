"""The canonical instances of WebAcl."""

from typing import Final

from aws_cdk import Environment, Fn, RemovalPolicy, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from aws_architect_constructs import EnvironmentType, Firewall, ManagedRules, RuleMode, WebAcl, WebAclScope
from support.instance import Instance


def _default(stack: Stack) -> None:
    WebAcl(stack, "Firewall")


def _fullest(stack: Stack) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Alarms", "arn:aws:sns:eu-west-1:111111111111:alarms")
    load_balancer = elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
        stack,
        "LoadBalancer",
        load_balancer_arn=Fn.import_value("LoadBalancer"),
        security_group_id="sg-0123456789abcdef0",
    )
    WebAcl(
        stack,
        "Firewall",
        firewall=Firewall(
            rate_limit=500,
            count_only=True,
            bot_control=RuleMode.BLOCK,
            counted_rules={ManagedRules.COMMON: ["SizeRestrictions_BODY"]},
            allowed_cidrs=["198.51.100.0/24"],
            denied_cidrs=["192.0.2.0/24", "2001:db8::/32"],
            redacted_headers=["x-api-key"],
            redact_query_string=True,
            log_everything=True,
        ),
        encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
        alarm_topic=topic,
        log_retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    ).associate(load_balancer)


def _for_distributions(stack: Stack) -> None:
    WebAcl(stack, "Firewall", web_acl_scope=WebAclScope.CLOUDFRONT)


INSTANCES: Final = {
    "web_acl-default": Instance(build=_default),
    "web_acl-dev": Instance(build=_default, environment_type=EnvironmentType.DEV, env=None),
    "web_acl-cloudfront": Instance(
        build=_for_distributions, env=Environment(account="111111111111", region="us-east-1")
    ),
    "web_acl-fullest": Instance(build=_fullest),
}
