"""The parts of a function that stand for themselves: its queue, what its role begins with, its alias."""

from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete, warn
from aws_architect_constructs.foundation.finding_ids import flat_value

from .cold_start import ColdStart, ColdStartStrategy
from .event_sources import key_statement
from .function_arguments import LONG_TIMEOUT
from .powertools_layer import PowertoolsSource, parameter_name

_ALIAS: Final = "live"
_INSIGHTS_VERSION: Final = "1.0.498.0"
# What AWSLambdaVPCAccessExecutionRole has for network interfaces. Lambda checks for them on every resource.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
_NETWORK_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
# USD a GB and second on arm64 in us-east-1: https://aws.amazon.com/lambda/pricing/
_PROVISIONED_PRICE: Final = 0.0000033334
_MONTH: Final = 730 * 3600


def own_dead_letter_queue(scope: Construct, key: kms.IKey) -> sqs.Queue:
    """The queue for events that could not be handled: encrypted, over TLS alone, and no other queue's dead letters."""
    queue = sqs.Queue(
        scope,
        "DeadLetterQueue",
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        enforce_ssl=True,
        retention_period=Duration.days(14),
        redrive_allow_policy=sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL),
    )
    acknowledge(
        queue,
        "Serverless::Serverless-SQSRedrivePolicy",
        "It is the dead-letter queue: what lands here waits for a person, not for a consumer.",
    )
    return queue


def allow_execution(
    scope: Construct,
    policy: iam.ManagedPolicy,
    *,
    log_group: logs.ILogGroup,
    dead_letter_queue: sqs.IQueue,
    environment_key: kms.IKey | None,
    in_vpc: bool,
    insights: bool,
) -> None:
    """Add what the function cannot do without, beside X-Ray and the queue, which CDK's function adds itself."""
    stack = Stack.of(scope)
    functions = f"arn:{stack.partition}:lambda:{stack.region}:{stack.account}:function:*"
    policy.add_statements(
        iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn])
    )
    if dead_letter_queue.encryption_master_key is not None:
        policy.add_statements(
            key_statement(scope, dead_letter_queue.encryption_master_key, "sqs", "kms:Decrypt", "kms:GenerateDataKey")
        )
    if environment_key is not None:
        # Lambda decrypts the variables as the role: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
        policy.add_statements(
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[environment_key.key_arn],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": functions}},
            )
        )
    reason = "X-Ray's two actions to send segments have no resource to name."
    if in_vpc:
        reason += (
            " Lambda manages the function's network interfaces as the role, and checks for these permissions on every "
            "resource; a statement beside them denies all of them to the function's own code."
        )
        policy.add_statements(
            iam.PolicyStatement(actions=list(_NETWORK_ACTIONS), resources=["*"]),
            # Only calls of the function's own code carry this key.
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=list(_NETWORK_ACTIONS),
                resources=["*"],
                conditions={"ArnLike": {"lambda:SourceFunctionArn": functions}},
            ),
        )
    if insights:
        # What CloudWatchLambdaInsightsExecutionRolePolicy has, for this account and Region alone.
        group = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:/aws/lambda-insights:*"
        policy.add_statements(
            iam.PolicyStatement(
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources=[group]
            )
        )
        acknowledge_star(policy, group, "The streams of one log group, which the extension makes and names itself.")
    acknowledge(policy, "AwsSolutions::AwsSolutions-IAM5[Resource::*]", reason)


def powertools_layers(
    scope: Construct,
    source: PowertoolsSource,
    arn: str | None,
    python: str,
    architecture: lambda_.Architecture,
) -> list[lambda_.ILayerVersion]:
    """The layer that Powertools comes from, if it comes from one."""
    if source is PowertoolsSource.BUNDLED:
        return []
    if arn is None:
        from aws_cdk import aws_ssm as ssm  # noqa: PLC0415 -- only who wants the newest loads it

        arn = ssm.StringParameter.value_for_string_parameter(
            scope, parameter_name(python=python, architecture=architecture.name)
        )
    return [lambda_.LayerVersion.from_layer_version_arn(scope, "PowertoolsLayer", arn)]


def check_insights(region: str, architecture: lambda_.Architecture) -> None:
    """Refuse a Region that there is no Lambda Insights extension in.

    Raises:
        ValueError: If there is none.
    """
    from aws_cdk import region_info  # noqa: PLC0415 -- only who measures with it loads it

    if is_concrete(region) and not region_info.RegionInfo.get(region).cloudwatch_lambda_insights_arn(
        _INSIGHTS_VERSION, architecture.name
    ):
        raise ValueError(
            f"lambda_insights: no extension for {architecture.name} in this Region, got {region!r}; allowed: False"
        )


def insights_layers(scope: Construct, architecture: lambda_.Architecture) -> list[lambda_.ILayerVersion]:
    """The Lambda Insights extension: by a mapping of Regions, where the Region is not known."""
    from aws_cdk import region_info  # noqa: PLC0415 -- only who measures with it loads it

    fact = region_info.FactName.cloudwatch_lambda_insights_version(_INSIGHTS_VERSION, architecture.name)
    arn = Stack.of(scope).regional_fact(fact)
    return [lambda_.LayerVersion.from_layer_version_arn(scope, "LambdaInsightsLayer", arn)]


def logging_arguments(log_level: lambda_.ApplicationLogLevel, log_sampling_rate: float) -> dict[str, Any]:
    """JSON with levels; or text, where Lambda's filter by level would drop what is sampled."""
    if log_sampling_rate:
        return {"logging_format": lambda_.LoggingFormat.TEXT}
    return {
        "logging_format": lambda_.LoggingFormat.JSON,
        "application_log_level_v2": log_level,
        # One level higher, and the reports of duration and memory would be gone.
        "system_log_level_v2": lambda_.SystemLogLevel.INFO,
    }


def live_alias(scope: Construct, function: lambda_.Function, cold_start: ColdStart) -> lambda_.Alias:
    """The alias that callers call, on the version of this deployment."""
    provisioned = cold_start.strategy is ColdStartStrategy.PROVISIONED
    alias = lambda_.Alias(
        scope,
        "Live",
        alias_name=_ALIAS,
        version=function.current_version,
        provisioned_concurrent_executions=cold_start.capacity if provisioned else None,
    )
    if cold_start.max_capacity is not None:
        scaling = alias.add_auto_scaling(min_capacity=cold_start.capacity, max_capacity=cold_start.max_capacity)
        scaling.scale_on_utilization(utilization_target=cold_start.target_utilization)
    return alias


def warn_of_choices(
    scope: Construct, *, timeout: int, cold_start: ColdStart, memory_size: int, bundled_too: bool
) -> None:
    """Say what is legal but unwise, or has a price."""
    if timeout > LONG_TIMEOUT:
        warn(
            scope,
            "LongTimeout",
            f"A call may take {timeout} s: one that hangs is paid for as long, and its event waits. Choose what the "
            "slowest good call takes, and twice that; or Step Functions, for work in steps.",
        )
    if cold_start.strategy is ColdStartStrategy.SNAP_START:
        warn(
            scope,
            "SnapStartState",
            "Every environment begins from the same snapshot: secrets, credentials, connections, random seeds and ids "
            "that the module made at init are shared, and grow old. Make them in the handler or after the restore.",
        )
    if cold_start.strategy is ColdStartStrategy.PROVISIONED:
        cost = cold_start.capacity * memory_size / 1024 * _PROVISIONED_PRICE * _MONTH
        warn(
            scope,
            "ProvisionedConcurrencyCost",
            f"{cold_start.capacity} environments are kept ready whether anybody calls or not: from {cost:.2f} USD a "
            "month on.",
        )
    if bundled_too:
        warn(
            scope,
            "PowertoolsTwice",
            "Powertools is among the dependencies and comes as a layer too: the function's own hides the layer's. "
            "Leave it to a development group, or choose powertools=PowertoolsSource.BUNDLED.",
        )


def acknowledge_findings(function: lambda_.Function, *, in_vpc: bool, reserved: int | None) -> None:
    """Say why findings about the function are right to stay."""
    if reserved is None:
        for pack in ("NIST.800.53.R5", "HIPAA.Security"):
            acknowledge(
                function,
                f"{pack}::{pack}-LambdaConcurrency",
                "What one function has reserved all others lose: it is an explicit choice, and an alarm tells of the "
                "use of concurrency before calls are refused.",
            )
    if not in_vpc:
        for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"):
            acknowledge(
                function,
                f"{pack}::{pack}-LambdaInsideVPC",
                "The function uses AWS's own APIs, over TLS and by IAM, and nothing in a private network; it accepts "
                "no connections. In a VPC it would need a NAT gateway or endpoints for the same.",
            )


def acknowledge_streams(policy: iam.ManagedPolicy, table_arn: str) -> None:
    """Say why the streams of a table are not named one by one."""
    acknowledge_star(
        policy,
        f"{table_arn}/stream/*",
        "dynamodb:ListStreams lists the streams of one table, whose names are the times they were made at.",
    )


def acknowledge_queue(mapping: lambda_.CfnEventSourceMapping) -> None:
    """Say why a queue's mapping has no destination for what fails."""
    acknowledge(
        mapping,
        "Serverless::Serverless-LambdaEventSourceMappingDestination",
        "The mapping of a queue can have none: a message that fails goes back to its queue, whose own redrive policy "
        "takes it to a dead-letter queue.",
    )


def acknowledge_star(scope: Construct, resource: str, reason: str) -> None:
    """Acknowledge the star in a resource, whose finding is named after it."""
    acknowledge(
        scope, f"AwsSolutions::AwsSolutions-IAM5[Resource::{flat_value(Stack.of(scope).resolve(resource))}]", reason
    )
