"""A firewall before a load balancer, to be rolled out by counting first.

Scenario: an API lives already, and nobody knows yet what AWS's rules would block of it.
Expect: a web ACL that counts and logs what its rules find, and blocks denied addresses alone; an encrypted log without
authorization headers and cookies; an alarm.
"""

from aws_cdk import App, Environment, Fn, Stack
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_sns as sns

from aws_architect_constructs import EnvironmentType, Firewall, WebAcl

app = App()
stack = Stack(app, "Firewall", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

load_balancer = elbv2.ApplicationLoadBalancer.from_application_load_balancer_attributes(
    stack, "LoadBalancer", load_balancer_arn=Fn.import_value("Api"), security_group_id="sg-0123456789abcdef0"
)
firewall = WebAcl(
    stack,
    "Firewall",
    firewall=Firewall(count_only=True, denied_cidrs=["192.0.2.0/24"]),
    alarm_topic=sns.Topic(stack, "Alarms"),
)
firewall.associate(load_balancer)

app.synth()
