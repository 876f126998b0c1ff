"""An app of plain CDK constructs that is reviewed and priced while it is synthesized.

What it shows: both checks, the tags that every resource must have, a limit for the cost, and an acknowledgement.
"""

from aws_cdk import Acknowledgment, App, Environment, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import EnvironmentType, FixedCostCheck, RequiredTags, WellArchitectedChecks

app = App()
EnvironmentType.STAGING.apply_to(app)
Validations.of(app).add_plugins(
    WellArchitectedChecks(required_tags=RequiredTags.KEYS, management_account="999999999999"),
    FixedCostCheck(limit_usd_per_month=100),
)
RequiredTags.of(app).apply(
    owner="payments@example.com",
    cost_center="4711",
    application="checkout",
    data_classification="CONFIDENTIAL",
)

stack = Stack(app, "Checkout", env=Environment(account="111111111111", region="us-east-1"))
vpc = ec2.Vpc(stack, "Network", availability_zones=["us-east-1a", "us-east-1b"], nat_gateways=1)
vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
key = kms.Key(stack, "Key", enable_key_rotation=True)
sqs.Queue(stack, "Orders", encryption_master_key=key)
Validations.of(vpc).acknowledge(
    Acknowledgment(
        id="WellArchitectedChecks::PublicIpv4",
        reason="The public subnets hold the NAT gateway alone; nothing is launched there.",
    )
)

app.synth()
