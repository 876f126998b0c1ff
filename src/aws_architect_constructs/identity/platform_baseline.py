"""What AWS's own machinery does under a workload's role, by part: a boundary that forgets it breaks the workload.

Pure Python. A boundary caps and never grants: that an action stands here gives it to no role.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

Statement = dict[str, object]


class PlatformPart(StrEnum):
    """One part of the platform baseline of a `WorkloadBoundary`."""

    LOG_DELIVERY = "LogDelivery"
    """Log streams and events of functions, containers and custom resources in CloudWatch Logs."""
    IMAGE_PULL = "ImagePull"
    """Container images from Amazon ECR."""
    TRACING = "Tracing"
    """Segments and sampling rules of AWS X-Ray."""
    NETWORK_INTERFACES = "NetworkInterfaces"
    """Network interfaces of functions in a VPC."""
    DECRYPTION = "Decryption"
    """KMS keys, through those services alone that the boundary's statements allow."""
    SESSION_MANAGER = "SessionManager"
    """Channels of the SSM Agent: `InstanceRole` and ECS Exec."""


_ACTIONS: Final[dict[PlatformPart, tuple[str, ...]]] = {
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    PlatformPart.LOG_DELIVERY: (
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    PlatformPart.IMAGE_PULL: (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ),
    # https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html
    PlatformPart.TRACING: (
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    PlatformPart.NETWORK_INTERFACES: (
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:UnassignPrivateIpAddresses",
    ),
    PlatformPart.DECRYPTION: (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
    PlatformPart.SESSION_MANAGER: (
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ),
}

# Services that use keys for their callers, by the prefix of their actions, which is that of kms:ViaService too:
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
_VIA_SERVICES: Final = frozenset(
    {
        "backup",
        "cassandra",
        "codeartifact",
        "connect",
        "dax",
        "dynamodb",
        "ec2",
        "ecr",
        "elasticache",
        "elasticfilesystem",
        "es",
        "firehose",
        "fsx",
        "glue",
        "kafka",
        "kinesis",
        "kinesisvideo",
        "lambda",
        "lex",
        "mq",
        "rds",
        "redshift",
        "s3",
        "sagemaker",
        "secretsmanager",
        "ses",
        "sns",
        "sqs",
        "ssm",
        "timestream",
        "workmail",
        "xray",
    }
)


def baseline(*, without: Collection[PlatformPart], allowed_actions: Iterable[str], url_suffix: str) -> list[Statement]:
    """The statements of the baseline, in JSON form.

    Args:
        without: Parts to leave out.
        allowed_actions: The actions that the boundary's own statements allow: which services' keys may be used.
        url_suffix: What the names of services end with, or a token of it.
    """
    kept = [part for part in PlatformPart if part not in without]
    plain = sorted(action for part in kept if part is not PlatformPart.DECRYPTION for action in _ACTIONS[part])
    statements: list[Statement] = []
    if plain:
        # Channels, tokens and network interfaces have no resource to name, and what the others are about, a role's own
        # policies name.
        statements.append({"Sid": "PlatformBaseline", "Effect": "Allow", "Action": plain, "Resource": "*"})
    services = sorted(_VIA_SERVICES & {action.partition(":")[0].lower() for action in allowed_actions})
    if PlatformPart.DECRYPTION in kept and services:
        statements.append(
            {
                "Sid": "PlatformDecryption",
                "Effect": "Allow",
                "Action": list(_ACTIONS[PlatformPart.DECRYPTION]),
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": [f"{service}.*.{url_suffix}" for service in services]}},
            }
        )
    return statements


def actions_of(part: PlatformPart) -> tuple[str, ...]:
    """The actions of a part."""
    return _ACTIONS[part]
