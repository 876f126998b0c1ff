"""A boundary for everything that the shop's stacks deploy.

Scenario: teams write their own roles, and none of these may become more than the shop needs.
Expect: one managed policy in a stack of its own; the role of the function in the other stack has it as its permissions
boundary, and its grants lie within, or synthesis would say which statement does not.
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from aws_architect_constructs import EnvironmentType, WorkloadBoundary

app = App()
EnvironmentType.PROD.apply_to(app)
env = Environment(account="111111111111", region="eu-west-1")
security, shop = Stack(app, "Security", env=env), Stack(app, "Shop", env=env)

boundary = WorkloadBoundary(
    security,
    "Boundary",
    allow=[iam.PolicyStatement(actions=["dynamodb:GetItem", "dynamodb:Query"], resources=["*"])],
)
boundary.apply_to(app)

orders = lambda_.Function(
    shop,
    "Orders",
    runtime=lambda_.Runtime.PYTHON_3_14,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): return 'ok'"),
)
table = shop.format_arn(service="dynamodb", resource="table", resource_name="orders")
orders.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:Query"], resources=[table]))

app.synth()
