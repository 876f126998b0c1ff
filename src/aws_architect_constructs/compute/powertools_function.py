"""A production Python function from one statement: packed without Docker, observed, released by alias."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsii
from aws_cdk import Annotations, Duration, RemovalPolicy, Size, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from aws_architect_constructs._validations import choice, integer, warn
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.retention import log_removal_policy_for, log_retention_for
from aws_architect_constructs.foundation.tiers import Tier, tier_subnets
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

from . import event_sources, function_arguments, function_parts
from .cold_start import ColdStart, ColdStartStrategy
from .function_alarms import deployment_guard, function_alarms, iterator_age_alarm
from .function_role import FunctionRole
from .idempotency_table import idempotency_statements, idempotency_table
from .powertools_layer import PowertoolsSource, layer_arn
from .python_asset import python_code, python_package, python_target, warn_of_package
from .python_sources import check_handler
from .snap_start_validation import SnapStartValidation

if TYPE_CHECKING:  # whoever gives one has loaded these
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_codedeploy as codedeploy
    from aws_cdk import aws_sns as sns

_DAY: Final = 86_400


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class PowertoolsFunction(Construct):
    """A Python function that is observable, least-privilege and quick to start.

    `PowertoolsFunction(self, "Orders", entry="orders/", handler="app.handler", service="orders", alarm_topic=topic)` is
    all it takes. That is:

    - its sources with what they declare, installed for Lambda's Linux without Docker by uv or pip, and packed under a
      digest that depends on nothing but sources, declaration and target (`requirements.txt`, else `uv.lock`, else
      `[project] dependencies`); tests and byte code stay behind, and nothing is installed twice;
    - Powertools for AWS Lambda, configured: service, metrics namespace, log level; neither events nor responses are
      logged or traced, because they hold what users entrusted to the service;
    - JSON logs in a log group of its own, X-Ray, alarms;
    - a version and the alias `live` for each release, which every caller is given;
    - an encrypted dead-letter queue for what asynchronous callers sent and nobody could handle;
    - a role of its own with nothing in it but this log group, X-Ray, the queue, and what is granted. `grant_*` of CDK
      to the construct, or to its function, land in a customer managed policy. The function does not wait for that
      policy, so that a grant may name what depends on the function; only event sources do.

    Refused: a queue that hands messages out again while the function still works on them, what SnapStart cannot do, and
    a function URL without IAM.

    Memory is also CPU: 1,769 MB are one whole processor. Measure, then choose.

    Fixed cost (us-east-1, docs/checks/prices.md): 1.60 USD a month, 1 USD for the stack's key, which everything in it
    shares, and 0.60 USD for five alarms on six metrics; 1 USD in DEV without a topic. An idempotency table costs what
    it is used. Cold-start strategies: see `ColdStart`. (https://aws.amazon.com/lambda/pricing/)

    Well-Architected: security (SEC03, least privilege; SEC08, data at rest), reliability (REL05, REL06, REL08),
    performance efficiency (PERF02, arm64), operational excellence (OPS04, OPS06), cost optimization (COST06).

    Args:
        scope: The scope.
        id: The id.
        entry: The directory of the sources. A relative one is relative to the working directory, as with CDK's own
            assets: the directory of cdk.json, when the CDK CLI runs the app.
        handler: The module and the function in it, such as `app.handler`. Both have to be in the entry.
        service: What logs, traces and metrics are found by.
        metrics_namespace: The namespace of its metrics. Default None: the service.
        description: What the function is for. Default None: nothing.
        runtime: A Python. Default None: 3.14, the newest.
        architecture: Default None: arm64, which costs a fifth less for the same time.
        memory_size: MB, 128 to 10,240. Default 256.
        timeout: How long a call may take, in whole seconds up to 15 minutes. Default None: 30 seconds. More than 5
            minutes gets the warning `LongTimeout`.
        api_timeout_limit: How long the API in front waits, if there is one: API Gateway 29 seconds, unless the quota is
            raised. A longer timeout is refused: the caller would be gone. Default None: no API in front.
        environment: Variables. Those of Powertools that arguments speak for, and those that
            Lambda sets, are refused. Default None: none.
        layers: Further layers, up to five with Powertools and Lambda Insights; all of them in the order of their paths.
            Default None: none.
        powertools: Where Powertools comes from. Default: AWS's public layer at the version that this library pins.
            With `LATEST_LAYER`, the alias takes a newer layer with the function's own next change.
        powertools_layer_version: Another version of the layer to pin. Default None: this library's.
        log_level: What the application logs. Default: INFO.
        log_sampling_rate: The share of calls that log at DEBUG whatever the level is, 0 to 1. Above 0 the log format
            is text, in which Powertools' own lines are JSON still: Lambda's filter by level, which comes with its JSON
            format, would drop every sampled line. Default 0.
        lambda_insights: Whether the Lambda Insights extension measures CPU, memory and network: some 2.40 USD a month
            in metrics, eight at 0.30 USD. Default False.
        ephemeral_storage_size: /tmp, 512 to 10,240 MiB. Default None: 512 MiB, which are free.
        reserved_concurrent_executions: What it has for itself of the account's concurrency, and no more than that.
            Default None: it shares; what is reserved here, all other functions lose.
        cold_start: What is done about cold starts. Default None: nothing.
        deployment_config: How CodeDeploy shifts calls to a new version, such as
            `LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES`. It goes back if more than 5 % of the new version's
            calls fail within a minute, and more than one: while both versions take calls, so `ALL_AT_ONCE` is seen by
            nobody. Default None: all at once, by CloudFormation.
        dead_letter_queue: Where events go that could not be handled; a standard queue. Default None: an encrypted
            queue of its own, which keeps them for 14 days.
        idempotency: Whether to make a table for Powertools' idempotency, named by the variable `IDEMPOTENCY_TABLE`.
            Default False.
        vpc: The VPC that it reaches into. It gets a security group without any way out: say where to, by
            `connections.allow_to(...)`. Without a NAT gateway or endpoints it reaches no AWS service; its logs, traces
            and dead letters do not need them. Default None: no VPC; the internet, and no private network.
        vpc_subnets: Its subnets. Default None: the private tier's.
        encryption_key: Encrypts logs, dead letters, the table, and the environment variables too. Default None: the
            stack's `WorkloadKey`, and Lambda's own key for the variables.
        alarm_topic: Where alarms are told: rate of errors, throttles, duration near the timeout, dead letters,
            concurrency, and the age of a stream's records. Default None: no alarms, and in PROD the warning
            `NoAlarmTopic`; the alarm that a deployment rolls back on is always there.
        log_retention: How long logs stay. Default None: 14 days in DEV, 30 in STAGING, else 365.
        removal_policy: What happens to the log group when the stack goes. Default None: retained in PROD and SHARED.
        environment_type: The environment. Default None: what the scope declares, else PROD.

    Attributes:
        function: The function.
        alias: The alias `live`, which callers call.
        role: Its role.
        log_group: Its log group.
        dead_letter_queue: Where events go that could not be handled.
        idempotency_table: The table, if there is one.
        deployment_group: CodeDeploy's, if there is one.
        alarms: Its alarms.

    Raises:
        ValueError: If the entry, the handler, the runtime or a number is none that Lambda takes; if dependencies have
            no wheel for the target; if the package is too large; or if arguments contradict each other.

    See https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html,
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html and
    https://docs.aws.amazon.com/powertools/python/latest/.
    """

    def __init__(  # noqa: PLR0915 -- one part after another, each a statement
        self,
        scope: Construct,
        id: str,
        *,
        entry: str,
        handler: str,
        service: str,
        metrics_namespace: str | None = None,
        description: str | None = None,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_size: int = 256,
        timeout: Duration | None = None,
        api_timeout_limit: Duration | None = None,
        environment: Mapping[str, str] | None = None,
        layers: Sequence[lambda_.ILayerVersion] | None = None,
        powertools: PowertoolsSource = PowertoolsSource.PINNED_LAYER,
        powertools_layer_version: int | None = None,
        log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO,
        log_sampling_rate: float = 0,
        lambda_insights: bool = False,
        ephemeral_storage_size: Size | None = None,
        reserved_concurrent_executions: int | None = None,
        cold_start: ColdStart | None = None,
        deployment_config: "codedeploy.ILambdaDeploymentConfig | None" = None,
        dead_letter_queue: sqs.IQueue | None = None,
        idempotency: bool = False,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        directory = Path(entry)
        python = lambda_.Runtime.PYTHON_3_14 if runtime is None else runtime
        machine = lambda_.Architecture.ARM_64 if architecture is None else architecture
        strategy = ColdStart.none() if cold_start is None else cold_start
        defaults = (environment_type or EnvironmentType.of(scope)).defaults
        try:
            seconds = function_arguments.seconds(
                "timeout", timeout or Duration.seconds(30), 1, function_arguments.LONGEST_TIMEOUT
            )
            function_arguments.check_api(seconds, api_timeout_limit)
            function_arguments.check_texts(service, metrics_namespace)
            function_arguments.check_sizes(
                memory_size, ephemeral_storage_size, reserved_concurrent_executions, log_sampling_rate
            )
            variables = function_arguments.check_environment(environment)
            target = python_target(python, machine)
            function_arguments.check_cold_start(
                strategy, target.version, ephemeral_storage_size, reserved_concurrent_executions
            )
            source = choice("powertools", PowertoolsSource, powertools)
            function_arguments.check_powertools(source, powertools_layer_version)
            stack = Stack.of(scope)
            arn = (
                layer_arn(
                    partition=stack.partition,
                    region=stack.region,
                    python=target.version,
                    architecture=machine.name,
                    version=powertools_layer_version,
                )
                if source is PowertoolsSource.PINNED_LAYER
                else None
            )
            more_layers = function_arguments.check_layers(
                layers, int(source is not PowertoolsSource.BUNDLED) + int(lambda_insights)
            )
            if lambda_insights:
                function_parts.check_insights(stack.region, machine)
            function_arguments.check_dead_letter_queue(dead_letter_queue)
            function_arguments.check_vpc(vpc, vpc_subnets)
            retention = log_retention_for(log_retention, defaults)
            log_removal = log_removal_policy_for(removal_policy, defaults)
            found = python_package(scope, directory, target)
            check_handler(directory, handler)
            function_arguments.check_bundled(source, found.dependencies)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._timeout: Final = seconds
        self._reserved: Final = reserved_concurrent_executions
        self._encryption_key: Final = encryption_key
        self._streams = 0
        self._rules_admitted = False
        key = encryption_key_for(self, encryption_key, KeyService.LOGS)
        self.log_group: Final = logs.LogGroup(
            self, "Logs", encryption_key=key, retention=retention, removal_policy=log_removal
        )
        self.role: Final = FunctionRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What the function of the service {service} may do.",
        )
        self._owns_queue: Final = dead_letter_queue is None
        self.dead_letter_queue: Final[sqs.IQueue] = (
            function_parts.own_dead_letter_queue(self, key) if dead_letter_queue is None else dead_letter_queue
        )
        self.idempotency_table: Final = idempotency_table(self, key, defaults) if idempotency else None
        if self.idempotency_table is not None:
            self.role.execution_policy.add_statements(*idempotency_statements(self, self.idempotency_table, key))
            variables[function_arguments.IDEMPOTENCY_VARIABLE] = self.idempotency_table.table_name
            protect_state(self, environment_type)
        function_parts.allow_execution(
            self,
            self.role.execution_policy,
            log_group=self.log_group,
            dead_letter_queue=self.dead_letter_queue,
            environment_key=encryption_key,
            in_vpc=vpc is not None,
            insights=lambda_insights,
        )
        self._security_group: Final = (
            None
            if vpc is None
            else ec2.SecurityGroup(
                self, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description=f"The function {service}."
            )
        )
        self.function: Final = lambda_.Function(
            self,
            "Function",
            code=python_code(found),
            handler=handler,
            description=description,
            runtime=python,
            architecture=machine,
            memory_size=memory_size,
            timeout=Duration.seconds(seconds),
            environment=variables
            | function_arguments.powertools_variables(
                service=service,
                metrics_namespace=metrics_namespace,
                log_level=log_level,
                log_sampling_rate=log_sampling_rate,
            ),
            environment_encryption=encryption_key,
            # As CDK orders them by its flag recognizeLayerVersion.
            layers=sorted(
                [
                    *function_parts.powertools_layers(self, source, arn, target.version, machine),
                    *(function_parts.insights_layers(self, machine) if lambda_insights else ()),
                    *more_layers,
                ],
                key=lambda layer: layer.node.path,
            ),
            role=self.role,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log_group,
            **function_parts.logging_arguments(log_level, log_sampling_rate),
            ephemeral_storage_size=ephemeral_storage_size,
            reserved_concurrent_executions=reserved_concurrent_executions,
            dead_letter_queue=self.dead_letter_queue,
            recursive_loop=lambda_.RecursiveLoop.TERMINATE,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
            if strategy.strategy is ColdStartStrategy.SNAP_START
            else None,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.DESTROY),
            vpc=vpc,
            vpc_subnets=None if vpc is None else tier_subnets(vpc, Tier.PRIVATE, vpc_subnets),
            security_groups=None if self._security_group is None else [self._security_group],
        )
        self.function.node.add_dependency(self.role.execution_policy)
        self.role.complete()
        self.alias: Final = function_parts.live_alias(self, self.function, strategy)
        self._alarms: Final = Alarms(self, alarm_topic=alarm_topic, environment_type=environment_type)
        self.alarms: Final[list[cloudwatch.Alarm]] = function_alarms(
            self._alarms,
            self.function,
            self.dead_letter_queue,
            timeout_seconds=seconds,
            reserved=reserved_concurrent_executions,
        )
        self.deployment_group: Final = self._release(deployment_config)
        warn_of_package(self, found)
        function_parts.warn_of_choices(
            self,
            timeout=seconds,
            cold_start=strategy,
            memory_size=memory_size,
            bundled_too=source is not PowertoolsSource.BUNDLED and "aws-lambda-powertools" in found.dependencies.names,
        )
        if strategy.strategy is ColdStartStrategy.SNAP_START:
            self.node.add_validation(SnapStartValidation(self.function))
            # The alias has published one.
            Annotations.of(self.function).acknowledge_warning("@aws-cdk/aws-lambda:snapStartRequirePublish")
        function_parts.acknowledge_findings(self.function, in_vpc=vpc is not None, reserved=self._reserved)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the function's role, whose statements are in customer managed policies."""
        return self.role.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """Whom the function may reach in its VPC.

        Raises:
            ValueError: If it is in none.
        """
        if self._security_group is None:
            raise ValueError(f"{self.node.path}: connections of a function without a VPC; allowed: with vpc=")
        return self._security_group.connections

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody call the alias."""
        return self.alias.grant_invoke(grantee)

    def add_function_url(
        self, *, cors: lambda_.FunctionUrlCorsOptions | None = None, invoke_mode: lambda_.InvokeMode | None = None
    ) -> lambda_.FunctionUrl:
        """Give the alias a URL that IAM guards: without a signature of somebody who may, nobody gets in.

        Args:
            cors: What other origins may do. Default None: nothing.
            invoke_mode: Whether the response is streamed. Default None: it is not.

        Returns:
            The URL; let callers in by `url.grant_invoke_url(...)`.
        """
        return self.alias.add_function_url(
            auth_type=lambda_.FunctionUrlAuthType.AWS_IAM, cors=cors, invoke_mode=invoke_mode
        )

    def add_queue(
        self,
        queue: sqs.IQueue,
        *,
        batch_size: int = 10,
        max_batching_window: Duration | None = None,
        max_concurrency: int | None = None,
        filters: Sequence[dict[str, Any]] = (),
        visibility_timeout: Duration | None = None,
    ) -> lambda_.CfnEventSourceMapping:
        """Handle the messages of a queue; those that fail come back alone (partial batch response).

        The handler has to say which failed: Powertools' `process_partial_response` does. A first-in-first-out queue is
        handled with `SqsFifoPartialProcessor`.

        Args:
            queue: The queue, of any stack. One without a dead-letter queue gets the warning `QueueWithoutDeadLetters`.
            batch_size: Messages a call, 1 to 10,000; above 10 with a batching window. Default 10.
            max_batching_window: How long to wait for a batch, up to 300 seconds; a first-in-first-out queue has none.
                Default None: not at all.
            max_concurrency: How many calls at a time, 2 to 1,000, and no more than are reserved. Default None: as many
                as there are.
            filters: Patterns, of which a message has to fit one; the others are deleted unseen. Default: none.
            visibility_timeout: That of a queue that this app does not make. Default None: the queue's own.

        Returns:
            The mapping.

        Raises:
            ValueError: If the queue hands messages out again within the function's timeout, or a number is out of
                bounds.

        See https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html.
        """
        try:
            window = _window(max_batching_window)
            if queue.fifo and window:
                raise ValueError(  # noqa: TRY301 -- joins the path as the others do
                    f"max_batching_window: a first-in-first-out queue has none, got {window} s; allowed: None"
                )
            integer("batch_size", batch_size, 1, 10_000 if window else 10)
            if max_concurrency is not None:
                integer("max_concurrency", max_concurrency, 2, max(2, min(1_000, self._reserved or 1_000)))
            visibility = (
                event_sources.visibility_of(queue)
                if visibility_timeout is None
                else function_arguments.seconds("visibility_timeout", visibility_timeout, 0, _DAY)
            )
            event_sources.check_visibility(queue, visibility, self._timeout)
        except ValueError as error:
            raise ValueError(f"{self.node.path}: {error}") from None
        mapping = event_sources.queue_mapping(
            self,
            self.alias,
            queue,
            batch_size=batch_size,
            window=window,
            max_concurrency=max_concurrency,
            filters=filters,
        )
        function_parts.acknowledge_queue(mapping)
        problem = event_sources.visibility_warning(visibility, self._timeout, window)
        if problem is not None:
            warn(mapping, "ShortVisibilityTimeout", problem)
        if not event_sources.has_dead_letters(queue):
            warn(
                mapping,
                "QueueWithoutDeadLetters",
                "A message that never succeeds is tried until the queue forgets it: give the queue a dead-letter queue "
                "with a maximum receive count of 5 or more.",
            )
        self._let_read(
            mapping,
            iam.PolicyStatement(actions=list(event_sources.QUEUE_ACTIONS), resources=[queue.queue_arn]),
            queue.encryption_master_key,
            "sqs",
        )
        return mapping

    def add_table_stream(
        self,
        table: dynamodb.ITable,
        *,
        batch_size: int = 100,
        max_batching_window: Duration | None = None,
        max_record_age: Duration | None = None,
        retry_attempts: int = 10,
        parallelization_factor: int = 1,
        filters: Sequence[dict[str, Any]] = (),
    ) -> lambda_.CfnEventSourceMapping:
        """Handle the stream of a table, from its oldest record on.

        A batch that fails is halved until the bad record stands alone; what is too old or was tried too often goes to
        the dead-letter queue (its place in the stream, which keeps it for a day), and the shard goes on.

        Args:
            table: The table, with a stream, of any stack.
            batch_size: Records a call, 1 to 10,000. Default 100.
            max_batching_window: How long to wait for a batch, up to 300 seconds. Default None: not at all.
            max_record_age: When a record is given up, 1 minute to 1 day. Default None: an hour.
            retry_attempts: How often a batch is tried again, 0 to 10,000. Default 10.
            parallelization_factor: Calls at a time for each shard, 1 to 10. Default 1.
            filters: Patterns, of which a record has to fit one. Default: none.

        Returns:
            The mapping.

        Raises:
            ValueError: If the table has no stream, or a number is out of bounds.

        See https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html.
        """
        try:
            stream = event_sources.stream_of(table)
            integer("batch_size", batch_size, 1, 10_000)
            integer("retry_attempts", retry_attempts, 0, 10_000)
            integer("parallelization_factor", parallelization_factor, 1, 10)
            window = _window(max_batching_window)
            age = function_arguments.seconds("max_record_age", max_record_age or Duration.hours(1), 60, _DAY)
        except ValueError as error:
            raise ValueError(f"{self.node.path}: {error}") from None
        mapping = event_sources.stream_mapping(
            self,
            self.alias,
            table,
            stream,
            self.dead_letter_queue,
            batch_size=batch_size,
            window=window,
            max_age=age,
            retry_attempts=retry_attempts,
            parallelization_factor=parallelization_factor,
            filters=filters,
        )
        self._let_read(
            mapping,
            iam.PolicyStatement(actions=list(event_sources.STREAM_ACTIONS), resources=[stream]),
            table.encryption_key,
            "dynamodb",
        )
        self.role.add_to_principal_policy(
            # It lists the streams of a table, and has no resource but the table's streams.
            iam.PolicyStatement(actions=["dynamodb:ListStreams"], resources=[f"{table.table_arn}/stream/*"])
        )
        function_parts.acknowledge_streams(self.role.granted_policy, table.table_arn)
        if not self._streams:
            alarm = iterator_age_alarm(self._alarms, self.function, age)
            self.alarms.extend([] if alarm is None else [alarm])
        self._streams += 1
        return mapping

    def add_rule(
        self,
        id: str,
        *,
        event_pattern: events.EventPattern | None = None,
        schedule: events.Schedule | None = None,
        event_bus: events.IEventBus | None = None,
    ) -> events.Rule:
        """Handle the events that an EventBridge rule selects, or a schedule; what cannot be delivered is a dead letter.

        Args:
            id: The rule's id.
            event_pattern: Which events. Default None, with `schedule`.
            schedule: When. Default None, with `event_pattern`.
            event_bus: The bus. Default None: the account's default bus.

        Returns:
            The rule.

        Raises:
            ValueError: If there is neither a pattern nor a schedule, or both; or a schedule on another bus.
        """
        if (event_pattern is None) is (schedule is None) or (schedule is not None and event_bus is not None):
            raise ValueError(
                f"{self.node.path}/{id}: a rule selects events or follows a schedule, got event_pattern="
                f"{event_pattern!r}, schedule={schedule!r}; allowed: one of them, a schedule on the default bus alone"
            )
        from .rule_target import AliasTarget  # noqa: PLC0415 -- only who has rules loads CDK's targets

        self._admit_rules()
        return events.Rule(
            self,
            id,
            event_pattern=event_pattern,
            schedule=schedule,
            event_bus=event_bus,
            targets=[AliasTarget(self.alias, self.dead_letter_queue)],
        )

    def add_bucket(
        self,
        bucket: s3.IBucket,
        *,
        prefix: str | None = None,
        suffix: str | None = None,
        detail_types: Sequence[str] = ("Object Created",),
    ) -> events.Rule:
        """Handle what happens to the objects of a bucket, by EventBridge.

        Not by the bucket's own notifications: those would make the bucket depend on the function. To read the objects
        is another thing: `bucket.grant_read(function)`. A function that writes to the bucket that it handles calls
        itself: name a prefix that it does not write to.

        Args:
            bucket: The bucket, of any stack. One of this app is told to send events to EventBridge; notifications of
                its own, which CDK puts by a custom resource, have to be added before. An imported one has to do so
                already, which the warning `BucketEventsNotChecked` says.
            prefix: What keys begin with. Default None: anything.
            suffix: What keys end with. Default None: anything.
            detail_types: What happens. Default: `Object Created`.

        Returns:
            The rule.

        See https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html.
        """
        rule = self.add_rule(
            event_sources.source_id("Bucket", bucket),
            event_pattern=event_sources.object_pattern(bucket, prefix=prefix, suffix=suffix, detail_types=detail_types),
        )
        if not event_sources.tell_event_bridge(bucket):
            warn(
                rule,
                "BucketEventsNotChecked",
                "An imported bucket cannot be changed from here: see that it sends its events to EventBridge.",
            )
        return rule

    def _let_read(
        self,
        mapping: lambda_.CfnEventSourceMapping,
        statement: iam.PolicyStatement,
        key: kms.IKey | None,
        service: str,
    ) -> None:
        """Let the role read a source; the mapping waits for it, because Lambda tries at once."""
        self.role.add_to_principal_policy(statement)
        if key is not None:
            self.role.add_to_principal_policy(event_sources.key_statement(self, key, service, "kms:Decrypt"))
        mapping.node.add_dependency(self.role.granted_policy)

    def _admit_rules(self) -> None:
        """Let EventBridge send what it cannot deliver, once."""
        if self._rules_admitted:
            return
        self._rules_admitted = True
        queue_key = self._encryption_key if self._owns_queue else self.dead_letter_queue.encryption_master_key
        if self._owns_queue or queue_key is not None:
            encryption_key_for(self, queue_key, KeyService.EVENTS)
        if not event_sources.admit_rules(self, self.dead_letter_queue):
            warn(
                self,
                "QueuePolicyNotUpdated",
                "The imported dead_letter_queue's policy cannot be changed from here: see that it lets "
                "events.amazonaws.com send messages for the rules of this account.",
            )

    def _release(
        self, deployment_config: "codedeploy.ILambdaDeploymentConfig | None"
    ) -> "codedeploy.LambdaDeploymentGroup | None":
        if deployment_config is None:
            return None
        from .function_release import deployment_group  # noqa: PLC0415 -- only who shifts traffic loads CodeDeploy

        guard = deployment_guard(self._alarms, self.function, self.alias)
        self.alarms.append(guard)
        return deployment_group(self, self.function, self.alias, guard, deployment_config)


def _window(max_batching_window: Duration | None) -> int:
    if max_batching_window is None:
        return 0
    return function_arguments.seconds("max_batching_window", max_batching_window, 0, 300)
