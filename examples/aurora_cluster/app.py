"""A function that signs in to an Aurora cluster of another stack with a token of IAM instead of a password.

Scenario: network, data and application are stacks of their own; the application comes and goes.
Expect: a writer and a reader in two AZs of the isolated tier, which the function alone reaches, on its port, as
the user `app`; alarms with a topic; no password in any template, and no dependency of the data on the application.
"""

from aws_cdk import App, Environment, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from aws_architect_constructs import AuroraCluster, EnvironmentType, ThreeTierVpc

app = App()
stage = Stage(app, "Prod", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stage)
net, data, web = (Stack(stage, name) for name in ("Network", "Data", "Web"))

network = ThreeTierVpc(net, "Network", availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"])
topic = sns.Topic(net, "Alarms")
database = AuroraCluster(data, "Database", vpc=network.vpc, alarm_topic=topic)
function = lambda_.Function(
    web,
    "Orders",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): ..."),
    vpc=network.vpc,
    vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
    allow_all_outbound=False,
    environment=database.connection_environment,
)
function.connections.allow_to_default_port(database)
database.grant_connect(function, "app")

app.synth()
