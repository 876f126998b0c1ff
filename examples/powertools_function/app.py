"""A Python function behind a queue.

Expect: orders/ packed without Docker, with Powertools' layer; a queue whose failed messages come back alone; a table
for idempotency; a canary release that goes back on errors; alarms that tell a topic.
"""

from pathlib import Path

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import EnvironmentType, PowertoolsFunction

app = App()
stack = Stack(app, "Orders", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

failed = sqs.Queue(stack, "Failed", enforce_ssl=True)
queue = sqs.Queue(
    stack,
    "Queue",
    enforce_ssl=True,
    visibility_timeout=Duration.minutes(3),
    dead_letter_queue=sqs.DeadLetterQueue(queue=failed, max_receive_count=5),
)
orders = PowertoolsFunction(
    stack,
    "Orders",
    entry=str(Path(__file__).parent / "orders"),
    handler="app.handler",
    service="orders",
    idempotency=True,
    deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    alarm_topic=sns.Topic(stack, "Alarms"),
)
orders.add_queue(queue)

app.synth()
