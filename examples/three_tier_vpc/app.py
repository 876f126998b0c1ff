"""Three tiers in three AZs, with the endpoints that containers need.

Scenario: a production network for container workloads.
Expect: nine subnets at 10.2.1.0/24 and up, one regional NAT gateway, four interface endpoints in each AZ, gateway
endpoints for S3 and DynamoDB, network ACLs for each tier, encrypted flow logs kept for a year.
"""

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import EndpointProfile, EnvironmentType, ThreeTierVpc

app = App()
stack = Stack(app, "Network", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

ThreeTierVpc(
    stack,
    "Network",
    availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    endpoints=EndpointProfile.CONTAINERS,
)

app.synth()
