"""The table that Powertools' idempotency keeps its records in."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.environment import EnvironmentDefaults

ACTIONS: Final = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
"""What Powertools does with the table.

https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
"""
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_KEY_ACTIONS: Final = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def idempotency_table(scope: Construct, key: kms.IKey, defaults: EnvironmentDefaults) -> dynamodb.Table:
    """A table of the names that Powertools expects: the key `id`, and `expiration`, by which records go."""
    table = dynamodb.Table(
        scope,
        "IdempotencyTable",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        time_to_live_attribute="expiration",
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
        encryption_key=key,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=defaults.retain_data,
        removal_policy=defaults.removal_policy,
    )
    for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security"):
        acknowledge(
            table,
            f"{pack}::{pack}-DynamoDBInBackupPlan",
            "Its records live for hours and say only what was done already: point-in-time recovery covers an accident, "
            "and a backup plan would keep what is worth nothing the next day.",
        )
    return table


def idempotency_statements(scope: Construct, table: dynamodb.Table, key: kms.IKey) -> list[iam.PolicyStatement]:
    """What a function may do with the table, and with its key through DynamoDB alone."""
    stack = Stack.of(scope)
    return [
        iam.PolicyStatement(actions=list(ACTIONS), resources=[table.table_arn]),
        iam.PolicyStatement(
            actions=list(_KEY_ACTIONS),
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{stack.region}.amazonaws.com"}},
        ),
    ]
