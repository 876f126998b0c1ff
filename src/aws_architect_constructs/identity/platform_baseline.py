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
    DATABASE_MONITORING = "DatabaseMonitoring"
    """The log groups of RDS, whose retention and events its enhanced monitoring sets and reads."""


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
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    PlatformPart.DATABASE_MONITORING: ("logs:GetLogEvents", "logs:PutRetentionPolicy"),
}
# Parts with statements of their own, which name more than actions.
_APART: Final = (PlatformPart.DATABASE_MONITORING, PlatformPart.DECRYPTION)

# Services that use keys for their callers, by the prefix of their actions, which is that of kms:ViaService too. What
# follows it is amazonaws.com in every partition, says the same page:
# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
_VIA_SERVICES: Final = frozenset(
    {
        "airflow",
        "appflow",
        "apprunner",
        "athena",
        "auditmanager",
        "backup",
        "cassandra",
        "codeartifact",
        "comprehend",
        "connect",
        "dax",
        "dms",
        "dynamodb",
        "ec2",
        "ecr",
        "eks",
        "elasticache",
        "elasticfilesystem",
        "es",
        "firehose",
        "forecast",
        "fsx",
        "geo",
        "glue",
        "healthlake",
        "iotsitewise",
        "kafka",
        "kendra",
        "kinesis",
        "kinesisvideo",
        "lambda",
        "lex",
        "memorydb",
        "mq",
        "omics",
        "rds",
        "redshift",
        "redshift-serverless",
        "rekognition",
        "s3",
        "sagemaker",
        "secretsmanager",
        "ses",
        "sns",
        "sqs",
        "ssm",
        "storagegateway",
        "timestream",
        "translate",
        "workmail",
        "xray",
    }
)


def baseline(*, without: Collection[PlatformPart], allowed_actions: Iterable[str], partition: str) -> list[Statement]:
    """The statements of the baseline, in JSON form.

    Args:
        without: Parts to leave out.
        allowed_actions: The actions that the boundary's own statements allow: which services' keys may be used.
        partition: The partition, or a token of it.
    """
    kept = [part for part in PlatformPart if part not in without]
    plain = sorted(action for part in kept if part not in _APART for action in _ACTIONS[part])
    statements: list[Statement] = []
    if plain:
        # Channels, tokens and network interfaces have no resource to name, and what the others are about, a role's own
        # policies name.
        statements.append({"Sid": "PlatformBaseline", "Effect": "Allow", "Action": plain, "Resource": "*"})
    if PlatformPart.DATABASE_MONITORING in kept:
        statements.append(
            {
                "Sid": "PlatformDatabaseMonitoring",
                "Effect": "Allow",
                "Action": list(_ACTIONS[PlatformPart.DATABASE_MONITORING]),
                "Resource": f"arn:{partition}:logs:*:*:log-group:RDS*",
            }
        )
    services = sorted(_VIA_SERVICES & {action.partition(":")[0].lower() for action in allowed_actions})
    if PlatformPart.DECRYPTION in kept and services:
        statements.append(
            {
                "Sid": "PlatformDecryption",
                "Effect": "Allow",
                "Action": list(_ACTIONS[PlatformPart.DECRYPTION]),
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": [f"{service}.*.amazonaws.com" for service in services]}},
            }
        )
    return statements


def actions_of(part: PlatformPart) -> tuple[str, ...]:
    """The actions of a part."""
    return _ACTIONS[part]
