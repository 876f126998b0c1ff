"""What the AWS managed policies allow that CDK attaches to roles of its own accord. Pure Python.

As AWS publishes them: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html. AWS may add to
them; a policy that is not here is reported as one that could not be judged.
"""

from collections.abc import Sequence
from typing import Any, Final

from .platform_baseline import PlatformPart, actions_of


def _policy(actions: Sequence[str], *resources: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources or ["*"])}
    return {"Version": "2012-10-17", "Statement": [statement]}


_LOGS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")

_DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "AWSXRayDaemonWriteAccess": _policy(actions_of(PlatformPart.TRACING)),
    "AdministratorAccess": _policy(["*"]),
    "AmazonSSMManagedInstanceCore": _policy(
        [
            *actions_of(PlatformPart.SESSION_MANAGER),
            "ec2messages:AcknowledgeMessage",
            "ec2messages:DeleteMessage",
            "ec2messages:FailMessage",
            "ec2messages:GetEndpoint",
            "ec2messages:GetMessages",
            "ec2messages:SendReply",
            "ssm:DescribeAssociation",
            "ssm:DescribeDocument",
            "ssm:GetDeployablePatchSnapshotForInstance",
            "ssm:GetDocument",
            "ssm:GetManifest",
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:ListAssociations",
            "ssm:ListInstanceAssociations",
            "ssm:PutComplianceItems",
            "ssm:PutConfigurePackageResult",
            "ssm:PutInventory",
            "ssm:UpdateAssociationStatus",
            "ssm:UpdateInstanceAssociationStatus",
        ]
    ),
    "CloudWatchLambdaInsightsExecutionRolePolicy": _policy(
        _LOGS, "arn:{partition}:logs:*:*:log-group:/aws/lambda-insights:*"
    ),
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
    "service-role/AmazonRDSEnhancedMonitoringRole": _policy(
        [
            *_LOGS,
            "logs:DescribeLogStreams",
            *actions_of(PlatformPart.DATABASE_MONITORING),
        ],
        "arn:{partition}:logs:*:*:log-group:RDS*",
    ),
    "service-role/AmazonECSTaskExecutionRolePolicy": _policy(
        [*actions_of(PlatformPart.IMAGE_PULL), "logs:CreateLogStream", "logs:PutLogEvents"]
    ),
}


def aws_managed_policy(arn: str) -> dict[str, object] | None:
    """The document of an AWS managed policy by its ARN, as it is in the ARN's partition; None if it is not here."""
    prefix, _, name = arn.partition(":iam::aws:policy/")
    document = _DOCUMENTS.get(name)
    if document is None:
        return None
    (statement,) = document["Statement"]
    resources = [each.format(partition=prefix.removeprefix("arn:")) for each in statement["Resource"]]
    return {**document, "Statement": [{**statement, "Resource": resources}]}
