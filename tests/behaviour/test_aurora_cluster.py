"""What the Aurora cluster does: who reaches it, who may sign in, and what a change replaces."""

from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    AuroraCluster,
    AuroraInstance,
    BackupPlan,
    DatabaseProxy,
    EnvironmentType,
    ReaderScaling,
    RestoreSource,
    ServerlessCapacity,
    ThreeTierVpc,
)
from aws_architect_constructs.testing.policies import (
    IamRole,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from aws_architect_constructs.testing.reachability import Network, Verdict
from aws_architect_constructs.testing.replacement import (
    STATEFUL_TYPES,
    ReplacementKind,
    assert_no_replacement,
    replacements,
)
from support.instances_aurora_cluster import INSTANCES, any_vpc
from support.synthesis import AZS, ENV, Template, new_app, new_stack, resources, synthesize, template_of

ACCOUNT: Final = "111111111111"
HERE: Final = f"eu-west-1:{ACCOUNT}"
ALLOW_ALL: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


CLUSTER_ID: Final = "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROXY_ID: Final = "prx-0123456789abcdef0"
NAMES: Final = {
    "DatabaseClusterC6094C50.DBClusterResourceId": CLUSTER_ID,
    "DatabaseClusterC6094C50.DBClusterArn": f"arn:aws:rds:{HERE}:cluster:database",
    "DatabaseClusterC6094C50.MasterUserSecret.SecretArn": f"arn:aws:secretsmanager:{HERE}:secret:rds!cluster-1",
}


class Application:
    """A network, a database and its client, each in a stack of its own."""

    def __init__(self, **arguments: Any) -> None:
        self.app: App = new_app()
        self.net, self.data, self.web, self.keys = (
            Stack(self.app, name, env=ENV) for name in ("Network", "Data", "Web", "Keys")
        )
        network = ThreeTierVpc(self.net, "Network", availability_zones=AZS)
        self.database = AuroraCluster(
            self.data,
            "Database",
            vpc=network.vpc,
            encryption_key=kms.Key(self.keys, "Key", enable_key_rotation=True),
            alarm_topic=sns.Topic(self.net, "Alarms"),
            environment_type=EnvironmentType.PROD,
            **arguments,
        )
        self.client = self._function("Client", network.vpc)
        self.stranger = self._function("Stranger", network.vpc)
        self.client.connections.allow_to_default_port(self.database)
        self.database.grant_connect(self.client, "app")
        for name, value in self.database.connection_environment.items():
            self.client.add_environment(name, value)

    def _function(self, name: str, vpc: ec2.IVpc) -> lambda_.Function:
        group = ec2.SecurityGroup(self.web, f"{name}Group", vpc=vpc, allow_all_outbound=name == "Stranger")
        return lambda_.Function(
            self.web,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return None"),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
            security_groups=[group],
        )

    def templates(self) -> dict[str, Template]:
        """The templates by stack."""
        return {stack.node.id: template_of(stack) for stack in (self.net, self.data, self.web, self.keys)}


@cache
def application(*, proxy: bool) -> tuple[Application, dict[str, Template]]:
    """The application with its templates, made once."""
    made = Application(proxy=DatabaseProxy()) if proxy else Application()
    return made, made.templates()


def only(template: Template, kind: str, beginning: str = "") -> str:
    """The one logical id of a type that begins so."""
    (found,) = (name for name in resources(template, kind) if name.startswith(beginning))
    return found


# Stacks


@pytest.mark.parametrize("proxy", [False, True])
def test_the_data_stack_does_not_know_its_clients(proxy: bool) -> None:
    """Rules and permissions of a client are in the client's stack, in whichever order they are made."""
    made, templates = application(proxy=proxy)
    assert made.web not in made.data.dependencies
    assert made.data in made.web.dependencies
    assert resources(templates["Web"], "AWS::EC2::SecurityGroupIngress")


# Network


@pytest.mark.parametrize("proxy", [False, True])
def test_the_declared_client_alone_reaches_the_port(proxy: bool) -> None:
    """The client reaches it from every AZ; another function of the same tier does not."""
    _, templates = application(proxy=proxy)
    network = Network.from_templates(templates)
    if proxy:
        target, port = only(templates["Data"], "AWS::RDS::DBProxy"), 5432
    else:
        target, port = only(templates["Data"], "AWS::RDS::DBCluster"), 5433
    client = only(templates["Web"], "AWS::Lambda::Function", "Client")
    stranger = only(templates["Web"], "AWS::Lambda::Function", "Stranger")
    answer = network.reach(client, target, port=port)
    assert answer.verdict is Verdict.REACHABLE, answer
    assert answer.everywhere
    for source, wrong in ((stranger, port), (client, port + 1), ("internet", port), ("Public", port)):
        answer = network.reach(source, target, port=wrong)
        assert answer.verdict is Verdict.BLOCKED, answer


def test_the_proxy_stands_between() -> None:
    """The proxy reaches the cluster's port, and the client does not."""
    _, templates = application(proxy=True)
    network = Network.from_templates(templates)
    cluster = only(templates["Data"], "AWS::RDS::DBCluster")
    proxy = only(templates["Data"], "AWS::RDS::DBProxy")
    client = only(templates["Web"], "AWS::Lambda::Function", "Client")
    assert network.reach(proxy, cluster, port=5433).verdict is Verdict.REACHABLE
    assert network.reach(client, cluster, port=5433).verdict is Verdict.BLOCKED


def test_there_is_no_way_between_the_database_and_the_internet() -> None:
    """No route of its subnets leads out, nothing is published, and its security group lets nothing out."""
    _, templates = application(proxy=True)
    network = Network.from_templates(templates)
    assert network.paths_out("Isolated") == ()
    assert network.published() == frozenset()
    for kind in ("AWS::RDS::DBCluster", "AWS::RDS::DBProxy"):
        answer = network.reach(only(templates["Data"], kind), "internet", port=443)
        assert answer.verdict is Verdict.BLOCKED, answer


def test_the_rotation_function_reaches_the_database() -> None:
    """Its security group lets it out to the port, and the database's lets it in."""
    template = synthesize(
        lambda stack: AuroraCluster(
            stack,
            "Database",
            vpc=ThreeTierVpc(stack, "Network", availability_zones=AZS).vpc,
            blue_green=True,
        )
    )
    ingress = next(iter(resources(template, "AWS::EC2::SecurityGroupIngress").values()))["Properties"]
    group = {"Fn::GetAtt": [only(template, "AWS::EC2::SecurityGroup", "DatabaseRotation"), "GroupId"]}
    assert (ingress["SourceSecurityGroupId"], ingress["FromPort"]) == (group, 5433)
    egress = next(iter(resources(template, "AWS::EC2::SecurityGroupEgress").values()))["Properties"]
    assert (egress["GroupId"], egress["FromPort"]) == (group, 5433)


# Permissions


PROXY_ARN: Final = f"arn:aws:rds:{HERE}:db-proxy:{PROXY_ID}"


def _told(value: Any) -> Any:
    """The template with the parts of the proxy's ARN, which the evaluator cannot split before it exists."""
    match value:
        case {"Fn::Select": [int(index), {"Fn::Split": [str(separator), _]}]}:
            return PROXY_ARN.split(separator)[index]
        case dict():
            return {key: _told(item) for key, item in value.items()}
        case list():
            return [_told(item) for item in value]
    return value


def _policies(templates: dict[str, Template]) -> TemplatePolicies:
    return TemplatePolicies(
        _told(templates),
        names=NAMES,
        managed_policies={
            f"arn:aws:iam::aws:policy/service-role/{name}": {"Version": "2012-10-17", "Statement": []}
            for name in ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole")
        },
    )


def _statements(policies: TemplatePolicies, role: str) -> list[dict[str, Any]]:
    """The statements of a role's policies."""
    documents: list[Any] = list(policies.identity_of(role))
    return [statement for document in documents for statement in document["Statement"]]


def _connects_to(policies: TemplatePolicies, templates: dict[str, Template]) -> list[str]:
    """The resources that the client may connect to, as its policy names them."""
    role = only(templates["Web"], "AWS::IAM::Role", "Client")
    return [
        resource
        for statement in _statements(policies, role)
        if "rds-db:connect" in statement["Action"]
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    ]


@pytest.mark.parametrize("proxy", [False, True])
def test_the_client_signs_in_as_its_user_alone(proxy: bool) -> None:
    """Exactly this database and this user: no other user, no other database, and no administration of it."""
    _, templates = application(proxy=proxy)
    policies = _policies(templates)
    (granted,) = _connects_to(policies, templates)
    role = only(templates["Web"], "AWS::IAM::Role", "Client")

    def may(action: str, resource: str) -> bool:
        request = Request(
            principal=IamRole(policies.arn_of(role)), action=action, resource=resource, resource_account=ACCOUNT
        )
        return evaluate(request, identity=policies.identity_of(role)).allowed

    assert granted == f"arn:aws:rds-db:{HERE}:dbuser:{PROXY_ID if proxy else CLUSTER_ID}/app"
    assert may("rds-db:connect", granted)
    assert not may("rds-db:connect", granted.replace("/app", "/dbadmin"))
    assert not may("rds-db:connect", granted.replace("/app", "/application"))
    assert not may("rds-db:connect", f"arn:aws:rds-db:{HERE}:dbuser:cluster-OTHER/app")
    assert not may("rds:DeleteDBCluster", f"arn:aws:rds:{HERE}:cluster:database")
    assert not may("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:rds!cluster-1")


def test_the_proxy_signs_in_as_its_clients_do() -> None:
    """The proxy's role may connect to the cluster as the granted user, and nothing else."""
    _, templates = application(proxy=True)
    policies = _policies(templates)
    role = only(templates["Data"], "AWS::IAM::Role", "DatabaseProxy")
    (statement,) = _statements(policies, role)
    assert statement["Action"] == "rds-db:connect"
    assert statement["Resource"] == f"arn:aws:rds-db:{HERE}:dbuser:{CLUSTER_ID}/app"


@pytest.mark.parametrize(
    ("kind", "service", "names_its_source"),
    [
        ("DatabaseMonitoring", "monitoring.rds.amazonaws.com", True),
        ("DatabaseProxy", "rds.amazonaws.com", False),
        ("DatabaseBackups", "backup.amazonaws.com", True),
    ],
)
def test_a_role_is_for_its_service_and_this_account(kind: str, service: str, names_its_source: bool) -> None:
    """Nobody else takes it, and a service that names its source does not on another account's behalf."""
    template = synthesize(INSTANCES["aurora_cluster-fullest"].build)
    policies = TemplatePolicies(
        {"Stack": template}, account=ACCOUNT, region="eu-west-1", managed_policies=_BACKUP_POLICY, names=NAMES
    )
    role = only(template, "AWS::IAM::Role", kind)

    def may(principal: Principal, account: str | None) -> bool:
        request = Request(
            principal=principal,
            action="sts:AssumeRole",
            resource=policies.arn_of(role),
            context={} if account is None else {"aws:SourceAccount": account},
        )
        identity = [ALLOW_ALL] if isinstance(principal, IamRole) else []
        return evaluate(request, identity=identity, resource=policies.resource_of(role)).allowed

    assert may(ServicePrincipal(service), ACCOUNT)
    assert may(ServicePrincipal(service), "222222222222") is not names_its_source
    assert may(ServicePrincipal(service), None) is not names_its_source
    assert not may(ServicePrincipal("ec2.amazonaws.com"), ACCOUNT)
    assert not may(IamRole(f"arn:aws:iam::{ACCOUNT}:role/Admin"), ACCOUNT)


_BACKUP_POLICY: Final[dict[str, Any]] = {
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup": {
        "Version": "2012-10-17",
        "Statement": [],
    }
}


def test_monitoring_writes_to_its_one_group() -> None:
    """Enhanced monitoring writes metrics, and to no other log group."""
    template = synthesize(INSTANCES["aurora_cluster-default"].build)
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT, region="eu-west-1", names=NAMES)
    role = only(template, "AWS::IAM::Role", "DatabaseMonitoring")

    def may(action: str, resource: str) -> bool:
        request = Request(
            principal=IamRole(policies.arn_of(role)), action=action, resource=resource, resource_account=ACCOUNT
        )
        return evaluate(request, identity=policies.identity_of(role)).allowed

    group = f"arn:aws:logs:{HERE}:log-group"
    assert may("logs:CreateLogGroup", f"{group}:RDSOSMetrics:")
    assert may("logs:PutRetentionPolicy", f"{group}:RDSOSMetrics:")
    assert may("logs:PutLogEvents", f"{group}:RDSOSMetrics:log-stream:db-1")
    assert not may("logs:PutLogEvents", f"{group}:/aws/rds/cluster/other/postgresql:log-stream:db-1")
    assert not may("logs:DeleteLogGroup", f"{group}:RDSOSMetrics:")


def test_the_data_api_is_for_whom_it_was_granted() -> None:
    """Statements, the one secret, and its key through Secrets Manager."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack), data_api=True)
    role = iam.Role(stack, "Client", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    database.grant_data_api(role)
    template = template_of(stack)
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT, region="eu-west-1", names=NAMES)
    client = only(template, "AWS::IAM::Role", "Client")
    key = policies.arn_of(only(template, "AWS::KMS::Key"))
    statements = _statements(policies, client)
    assert sorted(action for one in statements for action in _listed(one["Action"])) == [
        "kms:Decrypt",
        "rds-data:BatchExecuteStatement",
        "rds-data:BeginTransaction",
        "rds-data:CommitTransaction",
        "rds-data:ExecuteStatement",
        "rds-data:RollbackTransaction",
        "secretsmanager:GetSecretValue",
    ]
    for via, allowed in (("secretsmanager.eu-west-1.amazonaws.com", True), ("rds.eu-west-1.amazonaws.com", False)):
        request = Request(
            principal=IamRole(policies.arn_of(client)),
            action="kms:Decrypt",
            resource=key,
            resource_account=ACCOUNT,
            context={"kms:ViaService": via},
        )
        identity = policies.identity_of(client)
        key_policy = policies.resource_of(only(template, "AWS::KMS::Key"))
        assert evaluate(request, identity=identity, resource=key_policy).allowed is allowed


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


EXPLAINED: Final = {
    WideGrantKind.EVERY_RESOURCE: "In a key policy the star is the key itself.",
    WideGrantKind.EVERY_ACTION_OF_SERVICE: "The key's account statement, without which nobody could manage it.",
}
STREAMS: Final = "RDSOSMetrics:log-stream:*"  # RDS names a stream after an instance that does not exist yet
GROUP: Final = "RDSOSMetrics:*"  # the group itself, as CloudWatch Logs writes it in an action on the whole group


@pytest.mark.parametrize("name", ["default", "fullest"])
def test_every_star_has_its_reason(name: str) -> None:
    """What is granted widely is the key's own policy; a role's stars are the streams that RDS names."""
    template = synthesize(INSTANCES[f"aurora_cluster-{name}"].build)
    policies = TemplatePolicies(
        {"Stack": template}, account=ACCOUNT, region="eu-west-1", managed_policies=_BACKUP_POLICY, names=NAMES
    )
    wide = wide_grants(policies.policies, account=ACCOUNT)
    assert {grant.kind for grant in wide} <= set(EXPLAINED)
    assert {grant.policy.resource_type for grant in wide} <= {"AWS::KMS::Key"}
    stars = [
        resource
        for role in resources(template, "AWS::IAM::Role")
        for statement in _statements(policies, role)
        for resource in _listed(statement["Resource"])
        if "*" in resource
    ]
    assert sorted(stars) == [f"arn:aws:logs:{HERE}:log-group:{end}" for end in (GROUP, STREAMS)]


# Replacement


def _template(
    zones: tuple[str, ...] = AZS, environment: EnvironmentType = EnvironmentType.PROD, **arguments: Any
) -> Template:
    return synthesize(
        lambda stack: AuroraCluster(stack, "Database", vpc=any_vpc(stack, zones), **arguments),
        environment_type=environment,
    )


SERVERLESS: Final = AuroraInstance.serverless()
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "size": {"instances": [AuroraInstance.provisioned(ec2.InstanceType("r8g.4xlarge"))] * 2},
    "kind": {"instances": [SERVERLESS] * 2, "serverless_capacity": ServerlessCapacity(minimum=1, maximum=64)},
    "readers": {"instances": [AuroraInstance.provisioned(ec2.InstanceType("r8g.large"))] * 5},
    "scaling": {"reader_scaling": ReaderScaling.on_cpu(maximum=9)},
    "minor version": {
        "engine": rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9)
    },
    "I/O-Optimized": {"io_optimized": True},
    "proxy": {"proxy": DatabaseProxy()},
    "Data API": {"data_api": True},
    "blue/green": {"blue_green": True},
    "port": {"port": 6000},
    "parameters": {"parameters": {"work_mem": "65536"}},
    "insights": {"database_insights": rds.DatabaseInsightsMode.ADVANCED},
    "backups": {"backup_retention": Duration.days(1), "backup_window": "12:00-13:00", "backup_plan": BackupPlan()},
    "protection": {"deletion_protection": False},
    "logs": {"log_retention": logs.RetentionDays.ONE_WEEK},
    "environment": {"environment_type": EnvironmentType.SHARED},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_replaces_nothing(change: str) -> None:
    """Sizes, minor versions, readers and all the rest change in place, by CloudFormation's own schemas."""
    assert_no_replacement(
        _template(), _template(**CHANGES[change]), types=STATEFUL_TYPES, kinds=CERTAIN, region="eu-west-1"
    )


# What the schemas leave open ("conditionally") is looked at below: it must not concern what holds data.
CERTAIN: Final = frozenset(ReplacementKind) - {ReplacementKind.MAY_BE_REPLACED}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_may_not_even_perhaps_replace_what_holds_data(change: str) -> None:
    """The cluster, its key, its log groups and its secret: not even where the schema says conditionally."""
    data = {"AWS::RDS::DBCluster", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup"}
    assert_no_replacement(_template(), _template(**CHANGES[change]), types=data, region="eu-west-1")


def test_alarms_replace_nothing() -> None:
    """A topic adds alarms and a subscription, and touches no data."""

    def build(stack: Stack) -> None:
        topic = sns.Topic.from_topic_arn(stack, "Alarms", f"arn:aws:sns:{HERE}:alarms")
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), alarm_topic=topic)

    assert_no_replacement(_template(), synthesize(build), types=STATEFUL_TYPES, region="eu-west-1")


def test_a_third_zone_replaces_nothing() -> None:
    """The default's two instances stay where they are; the subnet group grows."""
    assert_no_replacement(_template(AZS[:2]), _template(AZS), types=STATEFUL_TYPES, region="eu-west-1")


@pytest.mark.parametrize("environment", [EnvironmentType.STAGING, EnvironmentType.SHARED])
def test_declaring_the_environment_later_replaces_nothing(environment: EnvironmentType) -> None:
    """What an environment decides, changes in place."""
    before = _template(environment=environment)
    assert_no_replacement(before, _template(), types=STATEFUL_TYPES, kinds=CERTAIN, region="eu-west-1")


def test_restoring_replaces_the_cluster_and_says_so() -> None:
    """That is what it is for; the key stays, or nobody could read the old snapshots."""
    found = {
        one.type: one.kind
        for one in replacements(_template(), _template(restore=RestoreSource.from_snapshot("saved")))
        if one.type in {"AWS::RDS::DBCluster", "AWS::KMS::Key"}
    }
    assert found == {"AWS::RDS::DBCluster": ReplacementKind.REPLACED}
