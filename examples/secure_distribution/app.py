"""A site with a name, from a stack in Ireland: files, security headers, a firewall, and somebody who hears of trouble.

Scenario: static files under www.example.com, deployed with the stack; requests by example.com are redirected there.
Expect: a private bucket that CloudFront alone reads; the strict security headers on every answer, error pages too;
certificate, web ACL, log delivery and alarms in two stacks of us-east-1, before and after this one.
"""

from pathlib import Path

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from aws_architect_constructs import EdgeFunctions, EnvironmentType, SecureDistribution

app = App(context={"aws-architect-constructs:environment-type": EnvironmentType.PROD.value})
alarms = Stack(app, "Alarms", env=Environment(account="111111111111", region="us-east-1"))
web = Stack(app, "Web", env=Environment(account="111111111111", region="eu-west-1"))

site = SecureDistribution(
    web,
    "Site",
    domain_names=["www.example.com", "example.com"],
    hosted_zone=route53.HostedZone.from_hosted_zone_attributes(
        web, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    ),
    edge_functions=EdgeFunctions(canonical_host="www.example.com"),
    alarm_topic=sns.Topic(alarms, "Topic"),
)
site.add_content(str(Path(__file__).parent / "site"))

app.synth()
