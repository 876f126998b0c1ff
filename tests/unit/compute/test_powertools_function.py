"""PowertoolsFunction: what each argument does, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App, CfnParameter, Duration, Environment, RemovalPolicy, Size, Stack, Token
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import ColdStart, EnvironmentType, PowertoolsFunction, PowertoolsSource
from aws_architect_constructs.compute import powertools_function as module
from aws_architect_constructs.compute.python_archive import LARGEST, PythonPackage
from aws_architect_constructs.compute.python_dependencies import read_dependencies
from support.instances_powertools_function import ORDERS
from support.synthesis import (
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    synthesize,
    template_of,
    warnings_of,
)

FUNCTION: Final = "AWS::Lambda::Function"
ALARM: Final = "AWS::CloudWatch::Alarm"


def make(scope: Stack, id: str = "Orders", **arguments: Any) -> PowertoolsFunction:
    """A function of the sources that tests have."""
    return PowertoolsFunction(
        scope, id, **({"entry": ORDERS, "handler": "app.handler", "service": "orders"} | arguments)
    )


def template(options: dict[str, Any] | None = None, **arguments: Any) -> Template:
    """The template of a function alone."""
    return synthesize(lambda stack: make(stack, **arguments), **(options or {}))


def function(**arguments: Any) -> dict[str, Any]:
    """The properties of a function."""
    (found,) = properties(template(**arguments), FUNCTION)
    return found


def topic(stack: Stack) -> sns.ITopic:
    """Somebody who hears alarms."""
    return sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111111111111:alarms")


def network(stack: Stack, **more: Any) -> ec2.IVpc:
    """An imported VPC with private subnets."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
        isolated_subnet_ids=["subnet-3", "subnet-4"],
        **more,
    )


def policy_text(found: Template) -> str:
    """All managed policies of a template, as text."""
    return str(properties(found, "AWS::IAM::ManagedPolicy"))


PASSED: Final[list[tuple[dict[str, Any], str, Any]]] = [
    ({}, "Runtime", "python3.14"),
    ({}, "Architectures", ["arm64"]),
    ({}, "MemorySize", 256),
    ({}, "Timeout", 30),
    ({}, "RecursiveLoop", "Terminate"),
    ({}, "TracingConfig", {"Mode": "Active"}),
    ({"handler": "app.handler"}, "Handler", "app.handler"),
    ({"runtime": lambda_.Runtime.PYTHON_3_12}, "Runtime", "python3.12"),
    ({"architecture": lambda_.Architecture.X86_64}, "Architectures", ["x86_64"]),
    ({"description": "Takes orders."}, "Description", "Takes orders."),
    ({"memory_size": 512}, "MemorySize", 512),
    ({"timeout": Duration.minutes(1)}, "Timeout", 60),
    ({"ephemeral_storage_size": Size.gibibytes(1)}, "EphemeralStorage", {"Size": 1024}),
    ({"reserved_concurrent_executions": 7}, "ReservedConcurrentExecutions", 7),
    ({"reserved_concurrent_executions": 0}, "ReservedConcurrentExecutions", 0),
    ({"cold_start": ColdStart.snap_start()}, "SnapStart", {"ApplyOn": "PublishedVersions"}),
]


@pytest.mark.parametrize(("arguments", "name", "value"), PASSED, ids=[name for _, name, _ in PASSED])
def test_a_function_is_what_was_asked_for(arguments: dict[str, Any], name: str, value: Any) -> None:
    """Each argument, and each default, reaches the function."""
    assert function(**arguments)[name] == value


@pytest.mark.parametrize(
    "name",
    ["SnapStart", "EphemeralStorage", "ReservedConcurrentExecutions", "VpcConfig", "KmsKeyArn", "FunctionName"],
)
def test_what_nobody_asked_for_is_not_there(name: str) -> None:
    """Reservations, a VPC, a name that would hinder replacement: only when asked for."""
    assert name not in function()


def variables(**arguments: Any) -> dict[str, str]:
    """The variables of a function."""
    found: dict[str, str] = function(**arguments)["Environment"]["Variables"]
    return found


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"service": "shop"}, "POWERTOOLS_SERVICE_NAME", "shop"),
        ({"service": "shop"}, "POWERTOOLS_METRICS_NAMESPACE", "shop"),
        ({"metrics_namespace": "Acme"}, "POWERTOOLS_METRICS_NAMESPACE", "Acme"),
        ({}, "POWERTOOLS_LOG_LEVEL", "INFO"),
        ({"log_level": lambda_.ApplicationLogLevel.WARN}, "POWERTOOLS_LOG_LEVEL", "WARNING"),
        ({"log_level": lambda_.ApplicationLogLevel.TRACE}, "POWERTOOLS_LOG_LEVEL", "DEBUG"),
        ({"log_level": lambda_.ApplicationLogLevel.FATAL}, "POWERTOOLS_LOG_LEVEL", "CRITICAL"),
        ({}, "POWERTOOLS_LOGGER_SAMPLE_RATE", "0"),
        ({"log_sampling_rate": 0.05}, "POWERTOOLS_LOGGER_SAMPLE_RATE", "0.05"),
        ({}, "POWERTOOLS_LOGGER_LOG_EVENT", "false"),
        ({}, "POWERTOOLS_TRACER_CAPTURE_RESPONSE", "false"),
        ({"environment": {"STAGE": "prod"}}, "STAGE", "prod"),
    ],
)
def test_powertools_is_configured(arguments: dict[str, Any], name: str, value: str) -> None:
    """Powertools reads what the arguments say, and neither logs events nor traces responses."""
    assert variables(**arguments)[name] == value


def test_logs_are_json_with_levels() -> None:
    """Application and system have a level each; the system's leaves the reports of duration in."""
    assert function(log_level=lambda_.ApplicationLogLevel.ERROR)["LoggingConfig"] == {
        "ApplicationLogLevel": "ERROR",
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "OrdersLogs63C9E25A"},
        "SystemLogLevel": "INFO",
    }


def test_sampled_lines_are_not_filtered() -> None:
    """With sampling the format is text: the JSON format's filter would drop what is sampled."""
    assert function(log_sampling_rate=0.1)["LoggingConfig"] == {
        "LogFormat": "Text",
        "LogGroup": {"Ref": "OrdersLogs63C9E25A"},
    }


@pytest.mark.parametrize(
    ("environment_type", "days", "policy"),
    [
        (EnvironmentType.DEV, 14, "Delete"),
        (EnvironmentType.STAGING, 30, "Delete"),
        (EnvironmentType.PROD, 365, "Retain"),
    ],
)
def test_logs_stay_as_long_as_the_environment_says(environment_type: EnvironmentType, days: int, policy: str) -> None:
    """The table of environments decides, by argument as by scope, and the key encrypts."""
    for found in (
        template({"environment_type": environment_type}),
        template({"environment_type": None}, environment_type=environment_type),
    ):
        (group,) = resources(found, "AWS::Logs::LogGroup").values()
        assert group["Properties"]["RetentionInDays"] == days
        assert group["DeletionPolicy"] == policy
        assert "KmsKeyId" in group["Properties"]


def test_logs_stay_as_long_as_the_caller_says() -> None:
    """Retention and removal are the caller's to choose."""
    found = template(log_retention=logs.RetentionDays.ONE_WEEK, removal_policy=RemovalPolicy.DESTROY)
    (group,) = resources(found, "AWS::Logs::LogGroup").values()
    assert (group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) == (7, "Delete")


def test_powertools_is_a_layer_at_a_pinned_version() -> None:
    """By default it is AWS's public layer for the runtime and the architecture, at a number."""
    (layer,) = function(runtime=lambda_.Runtime.PYTHON_3_13, architecture=lambda_.Architecture.X86_64)["Layers"]
    assert "layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:37" in str(layer)


def test_another_layer_version_may_be_pinned() -> None:
    """The pin is the caller's to change."""
    assert "python314-arm64:41'" in str(function(powertools_layer_version=41)["Layers"])


def test_the_newest_layer_is_a_parameter() -> None:
    """With LATEST_LAYER the public parameter names the layer when the stack is deployed."""
    found = template(powertools=PowertoolsSource.LATEST_LAYER)
    (parameter,) = [name for name in found["Parameters"] if name != "BootstrapVersion"]
    assert found["Parameters"][parameter]["Default"] == "/aws/service/powertools/python/arm64/python3.14/latest"
    assert properties(found, FUNCTION)[0]["Layers"] == [{"Ref": parameter}]


def bundle(entry: Path, requirement: str) -> str:
    """An entry whose project has dependencies."""
    (entry / "app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    text = f'[project]\nname = "x"\nversion = "1"\ndependencies = ["{requirement}"]\n'
    (entry / "pyproject.toml").write_text(text, encoding="utf-8")
    return str(entry)


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Nothing is installed: the package is said to be of a size."""

    def say(size: int = 0) -> None:
        def fake(_: Stack, entry: Path, target: Any) -> PythonPackage:
            assert target.version == "3.14"
            (tmp_path / "code.zip").write_bytes(b"PK\x05\x06" + bytes(18))
            return PythonPackage(
                path=tmp_path / "code.zip", digest="0" * 64, size=size, dependencies=read_dependencies(entry)
            )

        monkeypatch.setattr(module, "python_package", fake)

    return say


def test_a_bundle_has_no_layer(tmp_path: Path, packed: Callable[..., None]) -> None:
    """With BUNDLED Powertools comes with the function's own dependencies."""
    packed()
    entry = bundle(tmp_path, "aws-lambda-powertools[tracer]==3.37.0")
    assert "Layers" not in function(entry=entry, powertools=PowertoolsSource.BUNDLED)


def test_powertools_twice_is_a_warning(tmp_path: Path, packed: Callable[..., None]) -> None:
    """A layer beside one's own Powertools is hidden by it."""
    packed()
    stack = new_stack()
    make(stack, entry=bundle(tmp_path, "aws-lambda-powertools==3.37.0"), alarm_topic=topic(stack))
    assert "PowertoolsTwice" in str(warnings_of(stack))


def test_unpinned_dependencies_are_a_warning(tmp_path: Path, packed: Callable[..., None]) -> None:
    """What another day may bring another version of is named."""
    packed()
    stack = new_stack()
    make(stack, entry=bundle(tmp_path, "idna>=3"), alarm_topic=topic(stack))
    (found,) = warnings_of(stack)
    assert "UnpinnedDependencies" in found
    assert "does not pin idna" in found


@pytest.mark.parametrize(("size", "warned"), [(int(0.8 * LARGEST), False), (int(0.8 * LARGEST) + 1, True)])
def test_a_large_package_is_a_warning(tmp_path: Path, packed: Callable[..., None], size: int, warned: bool) -> None:
    """From four fifths of Lambda's limit on, because layers count too."""
    packed(size)
    stack = new_stack()
    make(stack, entry=bundle(tmp_path, "idna==3.10"), alarm_topic=topic(stack))
    assert ("LargePackage" in str(warnings_of(stack))) is warned


def test_layers_of_the_callers_come_too() -> None:
    """In the order of their paths, which is CDK's under its recommended flag."""

    def build(stack: Stack) -> None:
        layers = [
            lambda_.LayerVersion.from_layer_version_arn(
                stack, name, f"arn:aws:lambda:eu-west-1:111111111111:layer:{name}:1"
            )
            for name in ("Zebra", "Common")
        ]
        make(stack, layers=layers, lambda_insights=True)

    (found,) = properties(synthesize(build), FUNCTION)
    order = ("layer:Common", "LambdaInsightsExtension", "Powertools", "layer:Zebra")
    assert [name in str(layer) for name, layer in zip(order, found["Layers"], strict=True)] == [True] * 4


def test_insights_may_log() -> None:
    """With Lambda Insights the extension writes its one log group, by permissions written out."""
    assert "log-group:/aws/lambda-insights:*" in policy_text(template(lambda_insights=True))
    assert "lambda-insights" not in policy_text(template())


def test_there_is_always_a_live_alias() -> None:
    """Callers have an alias on a version of this deployment, and old versions go."""
    found = template()
    (alias,) = properties(found, "AWS::Lambda::Alias")
    (version_id, version), *_ = resources(found, "AWS::Lambda::Version").items()
    assert (alias["Name"], alias["FunctionVersion"]) == ("live", {"Fn::GetAtt": [version_id, "Version"]})
    assert version["DeletionPolicy"] == "Delete"
    assert "ProvisionedConcurrencyConfig" not in alias


def test_provisioned_concurrency_is_the_aliass() -> None:
    """Environments are kept ready for the alias, and nothing scales unless asked."""
    found = template(cold_start=ColdStart.provisioned(3))
    (alias,) = properties(found, "AWS::Lambda::Alias")
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 3}
    assert resources(found, "AWS::ApplicationAutoScaling::ScalableTarget") == {}


def test_provisioned_concurrency_may_scale() -> None:
    """Between its bounds, towards the share that was asked for."""
    found = template(cold_start=ColdStart.provisioned(3, max_capacity=9, target_utilization=0.6))
    (target,) = properties(found, "AWS::ApplicationAutoScaling::ScalableTarget")
    (policy,) = properties(found, "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 9)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.6


@pytest.mark.parametrize(
    ("cold_start", "warning"),
    [
        (ColdStart.none(), None),
        (ColdStart.snap_start(), "SnapStartState"),
        (ColdStart.provisioned(10), "ProvisionedConcurrencyCost"),
    ],
    ids=["none", "snap_start", "provisioned"],
)
def test_strategies_say_what_they_ask_for(cold_start: ColdStart, warning: str | None) -> None:
    """SnapStart shares state, provisioned concurrency costs money when idle: the price is in the warning."""
    stack = new_stack()
    make(stack, cold_start=cold_start, alarm_topic=topic(stack))
    found = warnings_of(stack)
    assert len(found) == (warning is not None)
    assert warning is None or warning in found[0]
    if warning == "ProvisionedConcurrencyCost":
        assert "21.90 USD" in found[0]  # 10 x 0.25 GB x 2,628,000 s x 0.0000033334 USD


@pytest.mark.parametrize(("seconds", "warned"), [(300, False), (301, True), (900, True)])
def test_a_long_timeout_is_a_warning(seconds: int, warned: bool) -> None:
    """A quarter of an hour as a reflex is spoken of."""
    stack = new_stack()
    make(stack, timeout=Duration.seconds(seconds), alarm_topic=topic(stack))
    assert ("LongTimeout" in str(warnings_of(stack))) is warned


def test_the_deployment_is_all_at_once_unless_asked() -> None:
    """Without a configuration there is no CodeDeploy, and no alarm that nobody hears."""
    found = template()
    assert resources(found, "AWS::CodeDeploy::DeploymentGroup") == {}
    assert resources(found, ALARM) == {}


def test_a_canary_goes_back_by_its_own_alarm() -> None:
    """With a configuration CodeDeploy shifts the alias, guarded by the new version's own error rate, heard or not."""
    found = template(deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES)
    (group,) = properties(found, "AWS::CodeDeploy::DeploymentGroup")
    (alarm_id, alarm), *others = resources(found, ALARM).items()
    (alias,) = resources(found, "AWS::Lambda::Alias").values()
    assert others == []
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert group["AlarmConfiguration"] == {"Alarms": [{"Name": {"Ref": alarm_id}}], "Enabled": True}
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert "CodeDeployLambdaAliasUpdate" in alias["UpdatePolicy"]
    dimensions = alarm["Properties"]["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"]
    assert {entry["Name"] for entry in dimensions} == {"FunctionName", "Resource", "ExecutedVersion"}
    assert "AlarmActions" not in alarm["Properties"]


def test_hooks_of_a_deployment_are_granted() -> None:
    """A hook that is added later is one that CodeDeploy's role may call."""

    def build(stack: Stack) -> None:
        hook = make(stack, "Hook", service="hook")
        orders = make(stack, deployment_config=codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE)
        assert orders.deployment_group is not None
        orders.deployment_group.add_pre_hook(hook.function)

    found = synthesize(build)
    granted = [
        policy for name, policy in resources(found, "AWS::IAM::ManagedPolicy").items() if "ReleasePolicy" in name
    ]
    assert "lambda:InvokeFunction" in str(granted)


def test_events_that_fail_go_to_a_queue_of_its_own() -> None:
    """The queue is encrypted, reached over TLS alone, keeps for 14 days, and takes no other queue's dead letters."""
    found = template()
    (queue_id, queue), *_ = resources(found, "AWS::SQS::Queue").items()
    (policy,) = properties(found, "AWS::SQS::QueuePolicy")
    assert properties(found, FUNCTION)[0]["DeadLetterConfig"] == {"TargetArn": {"Fn::GetAtt": [queue_id, "Arn"]}}
    assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 86_400
    assert queue["Properties"]["RedriveAllowPolicy"] == {"redrivePermission": "denyAll"}
    assert "KmsMasterKeyId" in queue["Properties"]
    assert "aws:SecureTransport" in str(policy)


def test_events_that_fail_may_go_elsewhere() -> None:
    """The caller's queue is used, with its key through SQS, and there is no other one."""
    arn, key = "arn:aws:sqs:eu-west-1:111111111111:dead", "arn:aws:kms:eu-west-1:111111111111:key/dead"
    found = synthesize(
        lambda stack: make(
            stack, dead_letter_queue=sqs.Queue.from_queue_attributes(stack, "Dead", queue_arn=arn, key_arn=key)
        )
    )
    assert properties(found, FUNCTION)[0]["DeadLetterConfig"] == {"TargetArn": arn}
    assert resources(found, "AWS::SQS::Queue") == {}
    assert key in policy_text(found)


def test_a_queue_without_a_key_needs_none() -> None:
    """Nothing of KMS is granted for a queue that SQS encrypts itself."""
    arn = "arn:aws:sqs:eu-west-1:111111111111:dead"
    found = synthesize(lambda stack: make(stack, dead_letter_queue=sqs.Queue.from_queue_arn(stack, "Dead", arn)))
    assert "kms:" not in policy_text(found)


def test_a_table_for_idempotency_is_made_on_request() -> None:
    """The table has Powertools' names, is encrypted and recoverable, and the function knows it."""
    found = template(idempotency=True)
    ((table_id, table),) = resources(found, "AWS::DynamoDB::Table").items()
    assert table["Properties"]["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["DeletionPolicy"] == "Retain"
    assert properties(found, FUNCTION)[0]["Environment"]["Variables"]["IDEMPOTENCY_TABLE"] == {"Ref": table_id}
    assert resources(template(), "AWS::DynamoDB::Table") == {}


def test_a_table_protects_its_stack_in_production() -> None:
    """The table is state: its stack is protected where PROD is declared, and no other is."""
    found = []
    for idempotency in (True, False):
        stack = new_stack(EnvironmentType.DEV)
        make(stack, idempotency=idempotency, environment_type=EnvironmentType.PROD)
        found.append(stack.termination_protection)
    assert found[0] is True


def test_in_a_vpc_it_has_the_private_subnets_and_no_way_out() -> None:
    """The private tier, a security group without egress, and network interfaces by permissions written out."""
    found = synthesize(lambda stack: make(stack, vpc=network(stack)))
    (security_group,) = properties(found, "AWS::EC2::SecurityGroup")
    (lambda_function,) = properties(found, FUNCTION)
    assert lambda_function["VpcConfig"]["SubnetIds"] == ["subnet-1", "subnet-2"]
    assert [rule["CidrIp"] for rule in security_group["SecurityGroupEgress"]] == ["255.255.255.255/32"]
    assert "ec2:CreateNetworkInterface" in policy_text(found)
    assert "ec2:" not in policy_text(template())


def test_other_subnets_may_be_chosen() -> None:
    """The caller's selection counts."""
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    found = synthesize(lambda stack: make(stack, vpc=network(stack), vpc_subnets=isolated))
    assert properties(found, FUNCTION)[0]["VpcConfig"]["SubnetIds"] == ["subnet-3", "subnet-4"]


def test_what_it_may_reach_is_said_by_connections() -> None:
    """A rule out of the security group is what `connections` adds."""

    def build(stack: Stack) -> None:
        orders = make(stack, vpc=network(stack))
        orders.connections.allow_to(ec2.Peer.ipv4("10.2.0.0/16"), ec2.Port.HTTPS)

    (security_group,) = properties(synthesize(build), "AWS::EC2::SecurityGroup")
    assert [rule["CidrIp"] for rule in security_group["SecurityGroupEgress"]] == ["10.2.0.0/16"]


def test_without_a_vpc_there_are_no_connections() -> None:
    """To ask for them is an error that says what is missing."""
    orders = make(new_stack())
    with pytest.raises(ValueError, match=r"Stack/Orders: connections of a function without a VPC"):
        _ = orders.connections


def test_a_key_that_is_given_encrypts_everything() -> None:
    """Logs, dead letters, the table and the variables; without one the variables have Lambda's own key."""
    found = synthesize(lambda stack: make(stack, encryption_key=kms.Key(stack, "Key"), idempotency=True))
    key = {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    assert properties(found, "AWS::Logs::LogGroup")[0]["KmsKeyId"] == key
    assert properties(found, "AWS::SQS::Queue")[0]["KmsMasterKeyId"] == key
    assert properties(found, "AWS::DynamoDB::Table")[0]["SSESpecification"]["KMSMasterKeyId"] == key
    assert properties(found, FUNCTION)[0]["KmsKeyArn"] == key
    assert len(resources(found, "AWS::KMS::Key")) == 1


def alarms(**arguments: Any) -> dict[str, dict[str, Any]]:
    """The alarms of a function that somebody hears, by what they are about."""
    found = synthesize(lambda stack: make(stack, alarm_topic=topic(stack), **arguments))
    return {
        name.removeprefix("Orders").partition("Alarm")[0]: alarm["Properties"]
        for name, alarm in resources(found, ALARM).items()
    }


def test_every_alarm_has_an_action() -> None:
    """Five alarms, each told at its beginning and its end."""
    found = alarms()
    assert set(found) == {"ErrorRate", "Throttles", "Duration", "DeadLetters", "Concurrency"}
    assert {str(alarm["AlarmActions"] == alarm["OKActions"] != []) for alarm in found.values()} == {"True"}


def test_all_alarms_are_listed() -> None:
    """The attribute holds what was made: the guard of a deployment, and a stream's age from when there is a stream."""
    stack = new_stack()
    canary = codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES
    orders = make(stack, deployment_config=canary, alarm_topic=sns.Topic(stack, "Topic"))
    table = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
    orders.add_table_stream(
        dynamodb.Table.from_table_attributes(stack, "T", table_arn=table, table_stream_arn=f"{table}/stream/x")
    )
    assert [alarm.node.id for alarm in orders.alarms] == [
        "ErrorRateAlarm",
        "ThrottlesAlarm",
        "DurationAlarm",
        "DeadLettersAlarm",
        "ConcurrencyAlarm",
        "DeploymentAlarm",
        "IteratorAgeAlarm",
    ]


def test_errors_are_a_rate() -> None:
    """The share of calls that fail, not their number; and a single one is not enough."""
    expression = alarms()["ErrorRate"]["Metrics"][0]
    assert expression["Expression"] == "IF(errors > 1 AND invocations > 0, 100 * errors / invocations, 0)"


@pytest.mark.parametrize(
    ("arguments", "threshold"), [({}, 24_000), ({"timeout": Duration.seconds(100)}, 80_000)], ids=["default", "100 s"]
)
def test_duration_is_measured_by_the_timeout(arguments: dict[str, Any], threshold: int) -> None:
    """Four fifths of the timeout, in milliseconds, of the slowest call."""
    found = alarms(**arguments)["Duration"]
    assert (found["Threshold"], found["Statistic"]) == (threshold, "Maximum")


@pytest.mark.parametrize(("arguments", "threshold"), [({}, 800), ({"reserved_concurrent_executions": 10}, 8)])
def test_concurrency_is_measured_by_what_there_is(arguments: dict[str, Any], threshold: int) -> None:
    """Four fifths of the reserved concurrency, else of the account's default quota."""
    assert alarms(**arguments)["Concurrency"]["Threshold"] == threshold


def test_a_function_that_is_switched_off_has_no_concurrency_to_watch() -> None:
    """With nothing reserved there is no fifth of it."""
    assert "Concurrency" not in alarms(reserved_concurrent_executions=0)


def test_without_a_topic_production_says_so() -> None:
    """No alarms, and a warning."""
    stack = new_stack()
    make(stack)
    (found,) = warnings_of(stack)
    assert "NoAlarmTopic" in found


def test_no_policy_is_inline_or_awss() -> None:
    """Whoever grants, by the construct or by its function: statements land in customer managed policies."""

    def build(stack: Stack) -> None:
        orders = make(stack, vpc=network(stack), lambda_insights=True, idempotency=True)
        s3.Bucket(stack, "A").grant_read(orders)
        s3.Bucket(stack, "B").grant_write(orders.function)
        orders.function.add_to_role_policy(iam.PolicyStatement(actions=["ses:SendEmail"], resources=["arn:aws:ses:x"]))

    found = synthesize(build)
    assert resources(found, "AWS::IAM::Policy") == {}
    assert "ManagedPolicyArns" not in properties(found, "AWS::IAM::Role")[0]
    (grants,) = [
        policy for name, policy in resources(found, "AWS::IAM::ManagedPolicy").items() if "OrdersPolicy" in name
    ]
    for part in ("AF", "B08E7C7AF", "ses:SendEmail"):
        assert part in str(grants)


def test_a_policy_of_the_callers_may_be_attached() -> None:
    """What CDK attaches by itself is left out; what the caller attaches is not."""

    def build(stack: Stack) -> None:
        make(stack).role.add_managed_policy(iam.ManagedPolicy.from_managed_policy_name(stack, "Mine", "mine"))

    (role,) = properties(synthesize(build), "AWS::IAM::Role")
    assert "policy/mine" in str(role["ManagedPolicyArns"])


def test_the_function_waits_for_its_first_permissions_alone() -> None:
    """A grant may name what depends on the function: the function does not wait for grants."""

    def build(stack: Stack) -> None:
        orders = make(stack)
        s3.Bucket(stack, "Bucket").grant_read(orders)

    (found,) = resources(synthesize(build), FUNCTION).values()
    assert found["DependsOn"] == ["OrdersExecutionPolicyF509BF84", "OrdersRoleF1878990"]


def test_somebody_may_be_let_call_the_alias() -> None:
    """`grant_invoke` names the alias, not the function."""

    def build(stack: Stack) -> None:
        make(stack).grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")))

    (policy,) = properties(synthesize(build), "AWS::IAM::Policy")
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == {"Ref": "OrdersLiveB822C13A"}


def test_callers_of_a_url_get_both_permissions() -> None:
    """Lambda asks for the function's permission beside the URL's: the grant gives both, the former by URL alone."""

    def build(stack: Stack) -> None:
        caller = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
        make(stack).add_function_url().grant_invoke_url(caller)

    (policy,) = properties(synthesize(build), "AWS::IAM::Policy")
    statements = {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}
    assert statements["lambda:InvokeFunctionUrl"]["Resource"] == {"Ref": "OrdersLiveB822C13A"}
    assert statements["lambda:InvokeFunction"]["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": True}}


def test_a_url_is_guarded_by_iam() -> None:
    """The alias's URL wants a signature; origins and streaming are the caller's."""

    def build(stack: Stack) -> None:
        make(stack).add_function_url(
            cors=lambda_.FunctionUrlCorsOptions(allowed_origins=["https://example.com"]),
            invoke_mode=lambda_.InvokeMode.RESPONSE_STREAM,
        )

    (url,) = properties(synthesize(build), "AWS::Lambda::Url")
    assert (url["AuthType"], url["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    assert url["Cors"]["AllowOrigins"] == ["https://example.com"]
    assert url["Qualifier"] == "live"


REFUSED: Final[list[tuple[dict[str, Any], str]]] = [
    ({"entry": "/nowhere"}, "entry: no directory"),
    ({"handler": "app"}, "handler: not a module and a function"),
    ({"handler": "app.other"}, "handler: app.py has no 'other'"),
    ({"service": ""}, "service: no name"),
    ({"service": "orders und mehr"}, "service, which metrics_namespace is by default: no namespace"),
    ({"metrics_namespace": "AWS/Lambda"}, "metrics_namespace: no namespace of CloudWatch, got 'AWS/Lambda'"),
    ({"runtime": lambda_.Runtime.NODEJS_22_X}, "runtime: none of Python's"),
    ({"runtime": lambda_.Runtime.PYTHON_3_9}, "runtime: no Powertools layer for it, got Python 3.9"),
    ({"memory_size": 127}, "memory_size: not a whole number within bounds, got 127; allowed: 128 to 10240"),
    ({"memory_size": 10_241}, "memory_size: not a whole number"),
    ({"timeout": Duration.seconds(901)}, "timeout: out of bounds, got 901 seconds; allowed: 1 to 900"),
    ({"timeout": Duration.millis(1500)}, "timeout: out of bounds, got 1.5 seconds"),
    ({"timeout": Duration.seconds(Token.as_number({"Ref": "Seconds"}))}, "timeout: not known now, got a token"),
    ({"api_timeout_limit": Duration.seconds(29)}, "longer than the API in front waits, got 30 s"),
    (
        {"environment": {"POWERTOOLS_LOG_LEVEL": "DEBUG"}},
        "variables that arguments speak for, got POWERTOOLS_LOG_LEVEL",
    ),
    ({"environment": {"AWS_REGION": "eu-west-1"}}, "variables that Lambda sets itself, got AWS_REGION"),
    ({"environment": {"1ST": "x"}}, "environment: no name of a variable, got '1ST'"),
    ({"environment": {"IDEMPOTENCY_TABLE": "x"}}, "variables that arguments speak for"),
    ({"powertools": "NEWEST"}, "powertools: no such PowertoolsSource"),
    ({"powertools": PowertoolsSource.BUNDLED}, "BUNDLED without Powertools among the dependencies"),
    ({"powertools_layer_version": 0}, "powertools_layer_version: not a whole number"),
    (
        {"powertools": PowertoolsSource.LATEST_LAYER, "powertools_layer_version": 37},
        "powertools_layer_version: a version of no pinned layer",
    ),
    ({"log_sampling_rate": 1.1}, "log_sampling_rate: no share"),
    ({"log_sampling_rate": -0.1}, "log_sampling_rate: no share"),
    ({"ephemeral_storage_size": Size.mebibytes(511)}, "ephemeral_storage_size .MiB.: not a whole number"),
    ({"reserved_concurrent_executions": -1}, "reserved_concurrent_executions: not a whole number"),
    (
        {"cold_start": ColdStart.snap_start(), "runtime": lambda_.Runtime.PYTHON_3_11},
        "SnapStart has no such runtime, got Python 3.11; allowed: 3.12 or newer",
    ),
    (
        {"cold_start": ColdStart.snap_start(), "ephemeral_storage_size": Size.mebibytes(513)},
        "SnapStart with more ephemeral storage than it takes, got 513 MiB; allowed: 512",
    ),
    (
        {"cold_start": ColdStart.provisioned(5), "reserved_concurrent_executions": 4},
        "more provisioned than reserved, got 5",
    ),
    (
        {"cold_start": ColdStart.provisioned(5, max_capacity=11), "reserved_concurrent_executions": 10},
        "more provisioned than reserved, got 11",
    ),
    (
        {"dead_letter_queue": sqs.Queue(Stack(), "Dead", fifo=True)},
        "dead_letter_queue: a first-in-first-out queue, got Default/Dead; allowed: a standard queue",
    ),
    ({"vpc_subnets": ec2.SubnetSelection(subnet_group_name="x")}, "vpc_subnets: subnets of no VPC"),
    ({"log_retention": 30}, "log_retention: not CDK's name"),
    ({"removal_policy": RemovalPolicy.SNAPSHOT}, "no log group has snapshots"),
]


@pytest.mark.parametrize(("arguments", "problem"), REFUSED, ids=[problem for _, problem in REFUSED])
def test_wrong_arguments_are_refused_before_the_tree_is_touched(arguments: dict[str, Any], problem: str) -> None:
    """Each is an error that names the path and the problem, and the id is free again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=f"^Stack/Orders: .*{problem}"):
        make(stack, **arguments)
    make(stack)


ACCEPTED: Final[list[dict[str, Any]]] = [
    {"cold_start": ColdStart.snap_start(), "runtime": lambda_.Runtime.PYTHON_3_12},
    {"cold_start": ColdStart.snap_start(), "ephemeral_storage_size": Size.mebibytes(512)},
    {"cold_start": ColdStart.snap_start(), "architecture": lambda_.Architecture.X86_64, "idempotency": True},
    {"cold_start": ColdStart.provisioned(5), "runtime": lambda_.Runtime.PYTHON_3_11},
    {"cold_start": ColdStart.provisioned(5), "ephemeral_storage_size": Size.mebibytes(1024)},
    {"cold_start": ColdStart.provisioned(5, max_capacity=10), "reserved_concurrent_executions": 10},
    {"timeout": Duration.seconds(29), "api_timeout_limit": Duration.seconds(29)},
    {"environment": {"POWERTOOLS_LOGGER_LOG_EVENT": "true", "AWS_RETRY_MODE": "adaptive", "TZ": "UTC"}},
]


@pytest.mark.parametrize("arguments", ACCEPTED, ids=["-".join(arguments) for arguments in ACCEPTED])
def test_nothing_else_is_refused(arguments: dict[str, Any]) -> None:
    """SnapStart's exclusions are refused and no others; what stands on a bound is within it."""
    make(new_stack(), **arguments)


def test_layers_have_a_limit() -> None:
    """Five, with Powertools and Lambda Insights among them."""
    stack = new_stack()
    layers = [
        lambda_.LayerVersion.from_layer_version_arn(
            stack, f"L{n}", f"arn:aws:lambda:eu-west-1:111111111111:layer:l:{n}"
        )
        for n in range(4)
    ]
    with pytest.raises(ValueError, match=r"layers: more than a function may have, got 4 beside 2"):
        make(stack, layers=layers, lambda_insights=True)
    make(stack, layers=layers)


@pytest.mark.parametrize(
    ("region", "arguments", "problem"),
    [
        ("cn-northwest-1", {}, "publishes no layer in this Region, got 'cn-northwest-1'"),
        ("us-iso-east-1", {"powertools": "LATEST_LAYER", "lambda_insights": True}, "no extension for arm64"),
    ],
)
def test_regions_without_a_layer_are_refused(region: str, arguments: dict[str, Any], problem: str) -> None:
    """Where AWS publishes no layer, the message says so now, not the deployment."""
    stack = new_stack(env=Environment(account="111111111111", region=region))
    with pytest.raises(ValueError, match=problem):
        make(stack, **arguments)


@pytest.mark.parametrize(
    ("region", "layer"),
    [
        ("cn-north-1", "cn-north-1:498634801083:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:37"),
        ("us-gov-west-1", "us-gov-west-1:165093116878:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:27"),
    ],
)
def test_other_partitions_have_layers_of_their_own(region: str, layer: str) -> None:
    """China and GovCloud have other accounts, and no ARN of the commercial partition is in their templates."""
    found = template({"env": Environment(account="111111111111", region=region)})
    assert layer in str(properties(found, FUNCTION)[0]["Layers"])
    assert "arn:aws:" not in str(found)


def hatch(name: str, value: Any) -> Callable[[lambda_.CfnFunction], None]:
    """A change to a function behind the construct's back."""
    return lambda resource: setattr(resource, name, value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            hatch(
                "file_system_configs",
                [
                    lambda_.CfnFunction.FileSystemConfigProperty(
                        arn="arn:aws:elasticfilesystem:eu-west-1:111111111111:access-point/fsap-1",
                        local_mount_path="/mnt/x",
                    )
                ],
            ),
            "does not work with a file system",
        ),
        (hatch("package_type", "Image"), "does not work with a container image"),
        (
            hatch("ephemeral_storage", lambda_.CfnFunction.EphemeralStorageProperty(size=1024)),
            "takes no more ephemeral storage, got 1024 MB",
        ),
    ],
    ids=["efs", "image", "storage"],
)
def test_snap_starts_exclusions_hold_behind_the_escape_hatch(
    change: Callable[[lambda_.CfnFunction], None], problem: str
) -> None:
    """What no argument can ask for is seen at synthesis; without SnapStart it is nobody's business."""
    for cold_start in (ColdStart.none(), ColdStart.snap_start()):
        stack = new_stack()
        resource = make(stack, cold_start=cold_start).function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        change(resource)
        if cold_start == ColdStart.none():
            template_of(stack)
        else:
            with pytest.raises(RuntimeError, match=problem):
                template_of(stack)


def test_snap_start_within_its_bounds_is_synthesized() -> None:
    """Exactly 512 MB of ephemeral storage passes the look at synthesis too."""
    found = template(cold_start=ColdStart.snap_start(), ephemeral_storage_size=Size.mebibytes(512))
    assert properties(found, FUNCTION)[0]["EphemeralStorage"] == {"Size": 512}


def test_code_that_is_not_needed_is_not_packed() -> None:
    """`cdk list` and `cdk destroy` install nothing; the unpacked stand-in has another digest than the archive."""
    keys = []
    for stacks in ([], ["**"]):
        app = App(outdir=new_app().outdir, context={"aws:cdk:bundling-stacks": stacks})
        stack = Stack(app, "Stack", env=ENV)
        make(stack)
        keys.append(properties(template_of(stack), FUNCTION)[0]["Code"]["S3Key"])
    assert keys[1] == function()["Code"]["S3Key"]
    assert keys[0] != keys[1]


def test_two_functions_of_one_entry_share_an_asset() -> None:
    """The same sources for the same target are uploaded once."""

    def build(stack: Stack) -> None:
        make(stack)
        make(stack, "Others", service="others")

    one, other = properties(synthesize(build), FUNCTION)
    assert one["Code"] == other["Code"]


def test_a_relative_entry_is_relative_to_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with CDK's own assets; the code is the same as by the absolute path."""
    absolute = function()
    monkeypatch.chdir(Path(ORDERS).parent)
    assert function(entry="orders/")["Code"] == absolute["Code"]


def test_a_parameter_may_name_the_service() -> None:
    """What is not known now passes the checks of texts."""

    def build(stack: Stack) -> None:
        make(stack, service=CfnParameter(stack, "Name").value_as_string)

    (found,) = properties(synthesize(build), FUNCTION)
    assert found["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == {"Ref": "Name"}
