"""The web ACL: its rules in their order, its log, its alarm, and what it refuses."""

from typing import Any

import pytest
from aws_cdk import Environment, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from aws_architect_constructs import EnvironmentType, Firewall, ManagedRules, RuleMode, WebAcl, WebAclScope
from support.instances_secure_distribution import load_balancer
from support.synthesis import Template, new_app, new_stack, properties, resources, synthesize, template_of, warnings_of

US_EAST_1 = Environment(account="111111111111", region="us-east-1")


def acl(**options: Any) -> Template:
    """The template of a web ACL."""
    return synthesize(lambda stack: WebAcl(stack, "Firewall", **options))


def rules(**options: Any) -> dict[str, dict[str, Any]]:
    """Its rules by name, in the order of their priority."""
    (found,) = properties(acl(**options), "AWS::WAFv2::WebACL")
    ordered = sorted(found["Rules"], key=lambda rule: rule["Priority"])
    assert ordered == found["Rules"]
    return {rule["Name"]: rule for rule in ordered}


def test_the_rules_of_the_default() -> None:
    """A rate limit, then AWS's groups; what no rule finds passes."""
    (found,) = properties(acl(), "AWS::WAFv2::WebACL")
    assert [rule["Name"] for rule in found["Rules"]] == [
        "RateLimit",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesAnonymousIpList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    assert (found["Scope"], found["DefaultAction"]) == ("REGIONAL", {"Allow": {}})


def test_anonymous_addresses_are_counted() -> None:
    """Visitors behind a VPN get in, and show up in the metrics; the other groups block."""
    found = rules()
    assert found["AWSManagedRulesAnonymousIpList"]["OverrideAction"] == {"Count": {}}
    assert found["AWSManagedRulesCommonRuleSet"]["OverrideAction"] == {"None": {}}


def test_every_rule_is_metered() -> None:
    """Each rule has a metric of its own, and samples."""
    names = [rule["VisibilityConfig"]["MetricName"] for rule in rules().values()]
    assert len(set(names)) == len(names)
    assert all(rule["VisibilityConfig"]["CloudWatchMetricsEnabled"] for rule in rules().values())


def test_the_rate_is_of_an_address() -> None:
    """So many requests in five minutes, then the address is blocked."""
    limit = rules(firewall=Firewall(rate_limit=500))["RateLimit"]
    assert limit["Action"] == {"Block": {}}
    assert limit["Statement"]["RateBasedStatement"] == {
        "AggregateKeyType": "IP",
        "EvaluationWindowSec": 300,
        "Limit": 500,
    }
    assert "RateLimit" not in rules(firewall=Firewall(rate_limit=None))


def test_a_roll_out_counts() -> None:
    """With `count_only` neither the rate nor a group blocks."""
    found = rules(firewall=Firewall(count_only=True))
    assert found["RateLimit"]["Action"] == {"Count": {}}
    assert {str(rule["OverrideAction"]) for rule in found.values() if "OverrideAction" in rule} == {"{'Count': {}}"}


def test_a_rule_that_hits_what_is_right_counts() -> None:
    """One rule of a group counts, in that group alone."""
    found = rules(firewall=Firewall(counted_rules={ManagedRules.COMMON: ["SizeRestrictions_BODY"]}))
    common = found["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert common["RuleActionOverrides"] == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    bad = found["AWSManagedRulesKnownBadInputsRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert "RuleActionOverrides" not in bad


def test_bot_control_is_on_request() -> None:
    """Bots are looked at at the common level, last."""
    found = rules(firewall=Firewall(bot_control=RuleMode.BLOCK))
    assert list(found)[-1] == "AWSManagedRulesBotControlRuleSet"
    group = found["AWSManagedRulesBotControlRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert group["ManagedRuleGroupConfigs"] == [{"AWSManagedRulesBotControlRuleSet": {"InspectionLevel": "COMMON"}}]


def test_denied_addresses_come_first() -> None:
    """Denied before allowed, both before everything else, each with its set."""
    found = rules(firewall=Firewall(denied_cidrs=["192.0.2.0/24", "2001:db8::/32"], allowed_cidrs=["198.51.100.0/24"]))
    assert [(name, str(rule.get("Action"))) for name, rule in found.items()][:3] == [
        ("DeniedIPV4", "{'Block': {}}"),
        ("DeniedIPV6", "{'Block': {}}"),
        ("AllowedIPV4", "{'Allow': {}}"),
    ]


def test_the_log_is_encrypted_and_named_as_waf_wants() -> None:
    """AWS WAF writes to a group whose name begins with `aws-waf-logs-`, and CloudWatch Logs encrypts it."""
    template = acl()
    (group,) = properties(template, "AWS::Logs::LogGroup")
    assert group["LogGroupName"].startswith("aws-waf-logs-")
    assert "WorkloadKey" in str(group["KmsKeyId"])
    (logging,) = properties(template, "AWS::WAFv2::LoggingConfiguration")
    assert not str(logging["LogDestinationConfigs"]).endswith("*'}]")
    assert "log-group:" in str(logging["LogDestinationConfigs"])


def test_the_log_keeps_finds_without_secrets() -> None:
    """Requests that nothing found are dropped; authorization and cookies are redacted."""
    (logging,) = properties(acl(), "AWS::WAFv2::LoggingConfiguration")
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    assert logging["RedactedFields"] == [
        {"SingleHeader": {"Name": "authorization"}},
        {"SingleHeader": {"Name": "cookie"}},
    ]


def test_what_is_logged_is_the_callers_choice() -> None:
    """Everything, other headers, the query string."""
    firewall = Firewall(log_everything=True, redacted_headers=["x-api-key"], redact_query_string=True)
    (logging,) = properties(acl(firewall=firewall), "AWS::WAFv2::LoggingConfiguration")
    assert "LoggingFilter" not in logging
    assert logging["RedactedFields"] == [{"SingleHeader": {"Name": "x-api-key"}}, {"QueryString": {}}]
    (bare,) = properties(acl(firewall=Firewall(redacted_headers=[])), "AWS::WAFv2::LoggingConfiguration")
    assert "RedactedFields" not in bare


def test_the_log_stays_as_long_as_the_environment_says() -> None:
    """A year in PROD, and the group stays; two weeks in DEV, and it goes; or as the caller says."""
    (prod,) = resources(acl(), "AWS::Logs::LogGroup").values()
    (dev,) = resources(acl(environment_type=EnvironmentType.DEV), "AWS::Logs::LogGroup").values()
    (own,) = resources(
        acl(log_retention=logs.RetentionDays.ONE_WEEK, removal_policy=RemovalPolicy.DESTROY), "AWS::Logs::LogGroup"
    ).values()
    assert [(group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) for group in (prod, dev, own)] == [
        (365, "Retain"),
        (14, "Delete"),
        (7, "Delete"),
    ]


def test_the_key_is_the_callers() -> None:
    """A key that is given encrypts the log, and the stack has no other."""

    def build(stack: Stack) -> None:
        WebAcl(stack, "Firewall", encryption_key=kms.Key(stack, "Own"))

    template = synthesize(build)
    (group,) = properties(template, "AWS::Logs::LogGroup")
    assert group["KmsKeyId"] == {"Fn::GetAtt": [next(iter(resources(template, "AWS::KMS::Key"))), "Arn"]}
    assert len(resources(template, "AWS::KMS::Key")) == 1


def test_somebody_hears_of_a_surge() -> None:
    """With a topic there is an alarm on what is blocked, by the Region's metric; in PROD its lack is a warning."""

    def build(stack: Stack) -> None:
        WebAcl(stack, "Firewall", alarm_topic=sns.Topic(stack, "Topic"))

    (alarm,) = properties(synthesize(build), "AWS::CloudWatch::Alarm")
    assert {entry["Name"] for entry in alarm["Dimensions"]} == {"WebACL", "Rule", "Region"}
    assert (alarm["MetricName"], alarm["Threshold"], len(alarm["AlarmActions"])) == ("BlockedRequests", 1000, 1)
    stack = new_stack()
    assert WebAcl(stack, "Firewall").blocked_alarm is None
    assert "NoAlarmTopic" in str(warnings_of(stack))


def test_it_stands_before_a_load_balancer_of_another_stack() -> None:
    """The association is the web ACL's: the load balancer's stack does not depend on it."""
    app = new_app()
    net, web = new_stack(app=app, name="Net"), new_stack(app=app, name="Web")
    association = WebAcl(web, "Firewall").associate(load_balancer(net))
    template = template_of(web)
    assert len(resources(template, "AWS::WAFv2::WebACLAssociation")) == 1
    assert association.stack == web
    assert web not in net.dependencies


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"firewall": Firewall.none()}, r"^Stack/Firewall: a web ACL that filters nothing, got 'Firewall.none\(\)'"),
        (
            {"web_acl_scope": WebAclScope.CLOUDFRONT},
            r"^Stack/Firewall: distributions' web ACLs are of one Region alone, got 'eu-west-1'; allowed: us-east-1",
        ),
        ({"web_acl_scope": "GLOBAL"}, r"^Stack/Firewall: web_acl_scope: no such WebAclScope"),
        ({"log_retention": 7}, r"^Stack/Firewall: log_retention: not CDK's name"),
        ({"removal_policy": RemovalPolicy.SNAPSHOT}, r"^Stack/Firewall: removal_policy: no log group has snapshots"),
    ],
)
def test_wrong_arguments_leave_the_tree_alone(options: dict[str, Any], problem: str) -> None:
    """A refused web ACL can be made again under its id."""
    stack = new_stack()
    with pytest.raises(ValueError, match=problem):
        WebAcl(stack, "Firewall", **options)
    WebAcl(stack, "Firewall")


def test_one_for_distributions_stands_before_no_load_balancer() -> None:
    """Its scope is CLOUDFRONT, in us-east-1, and its metric has no Region."""
    stack = new_stack(env=US_EAST_1)
    made = WebAcl(stack, "Firewall", web_acl_scope=WebAclScope.CLOUDFRONT)
    with pytest.raises(
        ValueError, match=r"^Stack/Firewall: a web ACL for distributions stands before no load balancer"
    ):
        made.associate(load_balancer(stack))
    assert set(made.metric_blocked_requests().dimensions or {}) == {"WebACL", "Rule"}
    (found,) = properties(template_of(stack), "AWS::WAFv2::WebACL")
    assert found["Scope"] == "CLOUDFRONT"
