"""What an administrator deploys once, so that a pipeline's deployments are no administrator's.

Scenario: GitHub deploys the shop's stacks by CDK, whose usual bootstrap makes every deployment an administrator.
Expect: a stack with the boundary of what is deployed and the execution policy of the shop's own bootstrap stack, which
makes roles named `Shop-` under that boundary alone; an output has the `cdk bootstrap` command that uses both.
"""

from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs import CdkBootstrap, EnvironmentType, WorkloadBoundary

app = App()
stack = Stack(app, "BootstrapPolicies", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.SHARED.apply_to(stack)

bootstrap = CdkBootstrap(
    qualifier="shop",
    account="111111111111",
    region="eu-west-1",
    boundary="workload-boundary",
    role_prefix="Shop-",
    allow=[{"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:DeleteQueue"], "Resource": "arn:aws:sqs:*:*:Shop-*"}],
    pass_to=["lambda.amazonaws.com"],
)
execution = bootstrap.execution_policy()
iam.CfnManagedPolicy(stack, "Execution", managed_policy_name=bootstrap.policy_name, policy_document=execution)
# Deployments are under the boundary themselves, so it lets them through, and what the deployed roles use.
deployments = [iam.PolicyStatement.from_json(statement) for statement in execution["Statement"]]
workloads = iam.PolicyStatement(actions=["sqs:*"], resources=["arn:aws:sqs:*:*:Shop-*"])
WorkloadBoundary(
    stack,
    "Boundary",
    policy_name=bootstrap.boundary,
    role_name_prefix=bootstrap.role_prefix,
    allow=[*deployments, workloads],
)
CfnOutput(stack, "Command", value=bootstrap.command)
app.synth()
