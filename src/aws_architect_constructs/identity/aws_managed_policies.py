"""What the AWS managed policies allow that CDK attaches to roles of its own accord. Pure Python.

As AWS publishes them: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html. AWS may add to
them; a policy that is not here is reported as one that could not be judged.
"""

from collections.abc import Sequence
from typing import Final

from .platform_baseline import PlatformPart, actions_of


def _policy(actions: Sequence[str]) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


_LOGS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")

AWS_MANAGED_POLICIES: Final[dict[str, dict[str, object]]] = {
    "AWSXRayDaemonWriteAccess": _policy(actions_of(PlatformPart.TRACING)),
    "AdministratorAccess": _policy(["*"]),
    "service-role/AWSLambdaBasicExecutionRole": _policy(_LOGS),
    "service-role/AWSLambdaDynamoDBExecutionRole": _policy(
        [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            *_LOGS,
        ]
    ),
    "service-role/AWSLambdaKinesisExecutionRole": _policy(
        [
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            *_LOGS,
        ]
    ),
    "service-role/AWSLambdaSQSQueueExecutionRole": _policy(
        ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", *_LOGS]
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": _policy(
        [
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
            *_LOGS,
        ]
    ),
    "service-role/AmazonECSTaskExecutionRolePolicy": _policy(
        [*actions_of(PlatformPart.IMAGE_PULL), "logs:CreateLogStream", "logs:PutLogEvents"]
    ),
}
"""Documents by the policy's name, with its path."""
