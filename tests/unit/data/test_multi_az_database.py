"""The database of RDS: what its template holds, and what it refuses."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aws_cdk import App, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    BackupPlan,
    EnvironmentType,
    MasterPassword,
    MultiAzDatabase,
    MultiAzDeployment,
    RestoreSource,
    ThreeTierVpc,
    WorkloadKey,
)
from aws_architect_constructs.testing.reachability import Network, Verdict
from aws_architect_constructs.testing.replacement import STATEFUL_TYPES, ReplacementKind, assert_no_replacement
from support.instances_aurora_cluster import any_vpc, shared_topic
from support.synthesis import (
    AZS,
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

PROD = EnvironmentType.PROD
DEV = EnvironmentType.DEV
CLUSTER = MultiAzDeployment.CLUSTER
INSTANCE_TYPE = "AWS::RDS::DBInstance"
CLUSTER_TYPE = "AWS::RDS::DBCluster"
MYSQL = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_7)
MARIADB = rds.DatabaseInstanceEngine.maria_db(version=rds.MariaDbEngineVersion.of("11.4.8", "11.4"))


def database_of(environment_type: EnvironmentType | None = PROD, **arguments: Any) -> Template:
    """The template of a database in a VPC of somebody else's."""
    return synthesize(
        lambda stack: MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), **arguments),
        environment_type=environment_type,
    )


def the_database(environment_type: EnvironmentType | None = PROD, **arguments: Any) -> dict[str, Any]:
    """The properties of the instance, or of the cluster."""
    template = database_of(environment_type, **arguments)
    (found,) = properties(template, INSTANCE_TYPE) + properties(template, CLUSTER_TYPE)
    return found


def with_topic(**arguments: Any) -> Template:
    """The template of a database whose alarms are heard."""
    return synthesize(
        lambda stack: MultiAzDatabase(
            stack, "Database", vpc=any_vpc(stack), alarm_topic=shared_topic(stack), **arguments
        )
    )


@pytest.mark.parametrize(
    ("environment", "standby", "instance_class", "days", "protected"),
    [
        (EnvironmentType.DEV, False, "db.t4g.medium", 1, False),
        (EnvironmentType.STAGING, True, "db.m7g.large", 7, False),
        (EnvironmentType.PROD, True, "db.m7g.large", 35, True),
        (EnvironmentType.SHARED, True, "db.m7g.large", 35, True),
    ],
)
def test_the_environment_decides(
    environment: EnvironmentType, standby: bool, instance_class: str, days: int, protected: bool
) -> None:
    """DEV has one AZ, all others a standby; backups and protection are those of AuroraCluster."""
    found = the_database(environment)
    assert found["MultiAZ"] is standby
    assert found["DBInstanceClass"] == instance_class
    assert (found["BackupRetentionPeriod"], found["DeletionProtection"]) == (days, protected)


def test_a_cluster_has_two_standbys() -> None:
    """A Multi-AZ DB cluster is one resource, which makes its three instances."""
    template = database_of(deployment=CLUSTER)
    assert resources(template, INSTANCE_TYPE) == {}
    (found,) = properties(template, CLUSTER_TYPE)
    assert found["DBClusterInstanceClass"] == "db.r6gd.large"
    assert (found["AllocatedStorage"], found["StorageType"], found["Iops"]) == (100, "gp3", 3000)
    assert found["AutoMinorVersionUpgrade"] is True
    assert len(found["DBClusterIdentifier"]) <= 52


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_the_opinions_are_those_of_aurora(deployment: MultiAzDeployment) -> None:
    """Encrypted with its own key, TLS, IAM, a managed password, monitored, not public, tagged, in the isolated tier."""
    template = database_of(deployment=deployment)
    (found,) = properties(template, INSTANCE_TYPE) + properties(template, CLUSTER_TYPE)
    ((key, resource),) = resources(template, "AWS::KMS::Key").items()
    arn = {"Fn::GetAtt": [key, "Arn"]}
    assert found["StorageEncrypted"] is True
    assert found["KmsKeyId"] == arn
    assert found["MasterUserSecret"] == {"KmsKeyId": arn}
    assert resource["DeletionPolicy"] == "Retain"
    assert found["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in found
    assert found["EnableIAMDatabaseAuthentication"] is True
    assert found["PubliclyAccessible"] is False
    assert found["MonitoringInterval"] == 60
    assert (found["DatabaseInsightsMode"], found["PerformanceInsightsRetentionPeriod"]) == ("standard", 7)
    assert found["CopyTagsToSnapshot"] is True
    assert found["DeleteAutomatedBackups"] is False
    kind = "DBClusterParameterGroup" if deployment is CLUSTER else "DBParameterGroup"
    (parameters,) = properties(template, f"AWS::RDS::{kind}")
    assert parameters["Parameters"]["rds.force_ssl"] == "1"
    assert parameters["Family"] == "postgres17"
    (subnets,) = properties(template, "AWS::RDS::DBSubnetGroup")
    assert [subnet[-2:] for subnet in subnets["SubnetIds"]] == ["2a", "2b", "2c"]


@pytest.mark.parametrize(
    ("deployment", "kind", "name"),
    [(MultiAzDeployment.INSTANCE, "instance", "DBInstanceIdentifier"), (CLUSTER, "cluster", "DBClusterIdentifier")],
)
def test_log_groups_are_made_before_it(deployment: MultiAzDeployment, kind: str, name: str) -> None:
    """By the names that RDS uses, with retention; the database waits for them and for its monitoring policy."""
    template = database_of(deployment=deployment)
    ((_, found),) = {**resources(template, INSTANCE_TYPE), **resources(template, CLUSTER_TYPE)}.items()
    groups = resources(template, "AWS::Logs::LogGroup")
    identifier = found["Properties"][name]
    assert {group["Properties"]["LogGroupName"] for group in groups.values()} == {
        f"/aws/rds/{kind}/{identifier}/{log}" for log in ("postgresql", "upgrade")
    }
    assert found["Properties"]["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert set(groups) | set(resources(template, "AWS::IAM::ManagedPolicy")) <= set(found["DependsOn"])


@pytest.mark.parametrize(
    ("engine", "kind", "version", "port", "exported"),
    [
        (None, "postgres", "17.9", "5433", ["postgresql", "upgrade"]),
        (MYSQL, "mysql", "8.4.7", "3307", ["error", "slowquery"]),
        (MARIADB, "mariadb", "11.4.8", "3307", ["error", "slowquery"]),
    ],
)
def test_an_engine_brings_its_facts(
    engine: rds.IEngine | None, kind: str, version: str, port: str, exported: list[str]
) -> None:
    """Version, port and logs are the engine's; TLS is required of each."""
    found = the_database(engine=engine)
    assert (found["Engine"], found["EngineVersion"], found["Port"]) == (kind, version, port)
    assert found["EnableCloudwatchLogsExports"] == exported
    (parameters,) = properties(database_of(engine=engine), "AWS::RDS::DBParameterGroup")
    tls = "rds.force_ssl" if engine is None else "require_secure_transport"
    assert parameters["Parameters"][tls] == "1"


@pytest.mark.parametrize(
    ("engine", "function"),
    [(None, "PostgreSQLSingleUser"), (MYSQL, "MySQLSingleUser"), (MARIADB, "MariaDBSingleUser")],
)
def test_each_engine_has_its_rotation(engine: rds.IEngine | None, function: str) -> None:
    """AWS's function for MySQL refuses a secret of MariaDB; and none runs before there is a database."""
    template = database_of(engine=engine, master_password=MasterPassword.SECRET)
    ((_, schedule),) = resources(template, "AWS::SecretsManager::RotationSchedule").items()
    assert schedule["Properties"]["HostedRotationLambda"]["RotationType"] == function
    assert set(resources(template, INSTANCE_TYPE)) < set(schedule["DependsOn"])


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_a_secret_of_our_own_survives_a_restore_to_a_point_in_time(deployment: MultiAzDeployment) -> None:
    """CloudFormation sets the password after the restore, as from a snapshot."""
    template = database_of(
        deployment=deployment, master_password=MasterPassword.SECRET, restore=RestoreSource.from_database("lost")
    )
    ((secret, _),) = resources(template, "AWS::SecretsManager::Secret").items()
    (found,) = properties(template, INSTANCE_TYPE) + properties(template, CLUSTER_TYPE)
    assert secret in str(found["MasterUserPassword"])


def test_a_small_class_has_no_insights() -> None:
    """MySQL has no Database Insights on db.t4g.micro: it is left out, and refused where it is asked for."""
    small: dict[str, Any] = {"engine": MYSQL, "instance_type": ec2.InstanceType("t4g.micro")}
    found = the_database(DEV, **small)
    assert found["EnablePerformanceInsights"] is False
    assert (
        not {"DatabaseInsightsMode", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod"} & found.keys()
    )
    with pytest.raises(ValueError, match=r"^Stack/Database: database_insights: db.t4g.micro has none with mysql"):
        the_database(DEV, **small, database_insights=rds.DatabaseInsightsMode.STANDARD)


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"instance_type": ec2.InstanceType("r7g.xlarge")}, "DBInstanceClass", "db.r7g.xlarge"),
        ({"allocated_storage": 50}, "AllocatedStorage", "50"),
        ({"allocated_storage": 50}, "MaxAllocatedStorage", 500),
        ({"allocated_storage": 10_000}, "MaxAllocatedStorage", 65_536),
        ({"max_allocated_storage": 110}, "MaxAllocatedStorage", 110),
        ({"allocated_storage": 400, "iops": 16_000}, "Iops", 16_000),
        ({"deployment": CLUSTER, "iops": 5000}, "Iops", 5000),
        ({"deployment": CLUSTER}, "Iops", 3000),
        ({"deployment": CLUSTER, "allocated_storage": 400}, "Iops", 12_000),
        ({"deployment": CLUSTER, "allocated_storage": 200}, "AllocatedStorage", 200),
        ({"database_name": "orders"}, "DBName", "orders"),
        ({"database_name": "orders", "deployment": CLUSTER}, "DatabaseName", "orders"),
        ({"port": 6000}, "Port", "6000"),
        ({"port": 6000, "deployment": CLUSTER}, "Port", 6000),
        ({"master_username": "owner"}, "MasterUsername", "owner"),
        ({"auto_minor_version_upgrade": False}, "AutoMinorVersionUpgrade", False),
        ({"backup_retention": Duration.days(3)}, "BackupRetentionPeriod", 3),
        ({"backup_window": "05:30-06:30"}, "PreferredBackupWindow", "05:30-06:30"),
        ({"maintenance_window": "mon:06:00-mon:07:00"}, "PreferredMaintenanceWindow", "mon:06:00-mon:07:00"),
        ({"deletion_protection": False}, "DeletionProtection", False),
        ({"database_insights": rds.DatabaseInsightsMode.ADVANCED}, "DatabaseInsightsMode", "advanced"),
        ({"database_insights": rds.DatabaseInsightsMode.ADVANCED}, "PerformanceInsightsRetentionPeriod", 465),
        ({"environment_type": DEV}, "MultiAZ", False),
        ({"deployment": "INSTANCE"}, "MultiAZ", True),
    ],
)
def test_an_argument_reaches_the_database(arguments: dict[str, Any], name: str, value: object) -> None:
    """What is asked for is what CloudFormation is told."""
    assert the_database(**arguments)[name] == value


def test_further_arguments_reach_their_resources() -> None:
    """Subnets, parameters, retention, key and removal policy."""

    def build(stack: Stack) -> None:
        MultiAzDatabase(
            stack,
            "Database",
            vpc=any_vpc(stack),
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
            parameters={"work_mem": "65536"},
            encryption_key=kms.Key(stack, "Mine"),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.RETAIN,
        )

    template = synthesize(build)
    (subnets,) = properties(template, "AWS::RDS::DBSubnetGroup")
    assert subnets["SubnetIds"][0].endswith("1a")
    (parameters,) = properties(template, "AWS::RDS::DBParameterGroup")
    assert parameters["Parameters"]["work_mem"] == "65536"
    assert {group["RetentionInDays"] for group in properties(template, "AWS::Logs::LogGroup")} == {7}
    ((key, _),) = resources(template, "AWS::KMS::Key").items()
    assert properties(template, INSTANCE_TYPE)[0]["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    kinds = (INSTANCE_TYPE, "AWS::RDS::DBSubnetGroup", "AWS::RDS::DBParameterGroup")
    assert {one["DeletionPolicy"] for kind in kinds for one in resources(template, kind).values()} == {"Retain"}


@pytest.mark.parametrize(("environment", "policy"), [(DEV, "Delete"), (PROD, "Snapshot")])
def test_a_last_snapshot_is_left(environment: EnvironmentType, policy: str) -> None:
    """But in DEV."""
    ((_, found),) = resources(database_of(environment), INSTANCE_TYPE).items()
    assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == (policy, policy)


@pytest.mark.parametrize(("deployment", "target"), [("INSTANCE", INSTANCE_TYPE), ("CLUSTER", CLUSTER_TYPE)])
def test_a_secret_of_our_own_is_rotated(deployment: str, target: str) -> None:
    """For blue/green deployments: it knows its database, and is rotated every month."""
    template = database_of(deployment=deployment, master_password=MasterPassword.SECRET)
    (attachment,) = properties(template, "AWS::SecretsManager::SecretTargetAttachment")
    assert attachment["TargetType"] == target
    assert resources(template, "AWS::SecretsManager::RotationSchedule")
    (found,) = properties(template, target)
    assert found["ManageMasterUserPassword"] is False
    assert "resolve:secretsmanager" in str(found["MasterUserPassword"])


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_it_begins_with_what_is_restored(deployment: MultiAzDeployment) -> None:
    """The logical id stays and the name does not; names and users are those of the source."""
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    kind = CLUSTER_TYPE if deployment is CLUSTER else INSTANCE_TYPE
    empty = database_of(deployment=deployment)
    snapshot = database_of(deployment=deployment, restore=RestoreSource.from_snapshot("saved"))
    source = database_of(deployment=deployment, restore=RestoreSource.from_database("lost", at=at))
    latest = database_of(deployment=deployment, restore=RestoreSource.from_database("lost"))
    assert list(resources(empty, kind)) == list(resources(snapshot, kind))
    (new,), (past,), (now,), (old,) = (properties(one, kind) for one in (snapshot, source, latest, empty))
    assert "saved" in (new.get("SnapshotIdentifier"), new.get("DBSnapshotIdentifier"))
    assert "lost" in (past.get("SourceDBClusterIdentifier"), past.get("SourceDBInstanceIdentifier"))
    assert "2026-11-24T12:00:00Z" in (past.get("RestoreToTime"), past.get("RestoreTime"))
    assert now["UseLatestRestorableTime"] is True
    name = "DBClusterIdentifier" if deployment is CLUSTER else "DBInstanceIdentifier"
    assert len({one[name] for one in (new, past, now, old)}) == 4
    for one in (new, past, now):
        assert not {"MasterUsername", "DatabaseName", "DBName"} & one.keys()
    assert ("KmsKeyId" in new) is (deployment is CLUSTER)


def test_a_restored_instance_inherits_its_encryption_and_says_so() -> None:
    """RDS takes no key for it; of a cluster it does."""
    for deployment, warned in ((MultiAzDeployment.INSTANCE, True), (CLUSTER, False)):
        stack = new_stack()
        MultiAzDatabase(
            stack,
            "Database",
            vpc=any_vpc(stack),
            deployment=deployment,
            restore=RestoreSource.from_snapshot("saved"),
        )
        assert any("InheritedEncryption" in text for text in warnings_of(stack)) is warned


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_a_backup_plan_selects_it(deployment: MultiAzDeployment) -> None:
    """AWS Backup takes the instance or the cluster, by its ARN."""
    template = database_of(deployment=deployment, backup_plan=BackupPlan())
    (selection,) = properties(template, "AWS::Backup::BackupSelection")
    attribute = "DBClusterArn" if deployment is CLUSTER else "DBInstanceArn"
    assert attribute in str(selection["BackupSelection"]["Resources"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {},
            {
                "CPUUtilization": 90,
                "FreeableMemory": int(8 * 1024**3 * 0.1),
                "DatabaseConnections": int(901 * 0.8),
                "FreeStorageSpace": int(100 * 1024**3 * 0.1),
            },
        ),
        (
            {"deployment": CLUSTER, "engine": MYSQL},
            {
                "CPUUtilization": 90,
                "FreeableMemory": int(16 * 1024**3 * 0.1),
                "DatabaseConnections": int(1365 * 0.8),
                "FreeStorageSpace": int(100 * 1024**3 * 0.1),
                "ReplicaLag": 30,
            },
        ),
    ],
)
def test_alarms_have_actions_and_figures(arguments: dict[str, Any], expected: dict[str, int]) -> None:
    """Of the instance, or of whichever of a cluster's is worst off."""
    found = properties(with_topic(**arguments), "AWS::CloudWatch::Alarm")
    assert {alarm["MetricName"]: alarm["Threshold"] for alarm in found} == expected
    dimension = "DBClusterIdentifier" if "deployment" in arguments else "DBInstanceIdentifier"
    assert {alarm["Dimensions"][0]["Name"] for alarm in found} == {dimension}
    assert all(len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1 for alarm in found)


@pytest.mark.parametrize(
    ("deployment", "source"), [(MultiAzDeployment.INSTANCE, "db-instance"), (CLUSTER, "db-cluster")]
)
def test_failover_is_told(deployment: MultiAzDeployment, source: str) -> None:
    """The topic hears of it."""
    (found,) = properties(with_topic(deployment=deployment), "AWS::RDS::EventSubscription")
    assert found["SourceType"] == source
    assert {"failover", "failure"} <= set(found["EventCategories"])


def test_without_a_topic_production_is_warned() -> None:
    """No alarm, no subscription, and a warning that says so."""
    stack = new_stack()
    MultiAzDatabase(stack, "Database", vpc=any_vpc(stack))
    assert any("NoAlarmTopic" in text for text in warnings_of(stack))
    assert resources(template_of(stack), "AWS::CloudWatch::Alarm") == {}


@pytest.mark.parametrize(
    ("warning", "arguments"),
    [
        ("TlsNotRequired", {"parameters": {"rds.force_ssl": "0"}}),
        ("DeletionProtectionDisabled", {"deletion_protection": False}),
    ],
)
def test_what_is_unwise_is_said(warning: str, arguments: dict[str, Any]) -> None:
    """A warning with a public name, and none by default."""
    for chosen, expected in ((arguments, True), ({}, False)):
        stack = new_stack()
        MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), **chosen)
        assert any(f"aws-architect-constructs::{warning}" in text for text in warnings_of(stack)) is expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"deployment": "SINGLE_AZ"}, "deployment: one AZ in PROD, got SINGLE_AZ"),
        ({"deployment": "TWO"}, "deployment: no such MultiAzDeployment, got 'TWO'"),
        (
            {"deployment": CLUSTER, "engine": MARIADB},
            "deployment: no Multi-AZ DB cluster of this engine, got 'mariadb'",
        ),
        ({"engine": rds.DatabaseInstanceEngine.POSTGRES}, "engine: no version"),
        (
            {"engine": rds.DatabaseInstanceEngine.sql_server_ex(version=rds.SqlServerEngineVersion.VER_16)},
            "engine: not supported, got 'sqlserver-ex'",
        ),
        ({"instance_type": ec2.InstanceType("z1d.large")}, "instance_type: unknown class"),
        ({"allocated_storage": 19}, "allocated_storage: not a whole number within bounds, got 19"),
        (
            {"deployment": CLUSTER, "allocated_storage": 99},
            "allocated_storage: not a whole number within bounds, got 99",
        ),
        ({"allocated_storage": "100"}, "allocated_storage: not a whole number"),
        ({"max_allocated_storage": 105}, "max_allocated_storage: not a whole number within bounds, got 105"),
        ({"deployment": CLUSTER, "max_allocated_storage": 500}, "max_allocated_storage: a cluster's storage does not"),
        ({"iops": 16_000}, "iops: gp3 has 3000 below 400 GiB"),
        ({"iops": 3000, "allocated_storage": 400}, "iops: not a whole number within bounds, got 3000"),
        ({"iops": 3000, "allocated_storage": 400, "deployment": CLUSTER}, "iops: not a whole number within bounds"),
        ({"iops": 100, "deployment": CLUSTER}, "iops: not a whole number within bounds, got 100"),
        ({"database_name": "my-db"}, "database_name: no name"),
        ({"port": 80}, "port: not a whole number within bounds"),
        ({"master_username": "admin"}, "master_username: reserved"),
        ({"master_password": "MINE"}, "master_password: no such MasterPassword"),
        ({"parameters": {"work_mem": 4}}, "parameters: not all texts"),
        ({"backup_retention": Duration.days(36)}, "backup_retention: not within bounds"),
        ({"maintenance_window": "sun:02:00-sun:03:00"}, "maintenance_window: overlaps"),
        ({"log_retention": 30}, "log_retention: not CDK's name"),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    """The message has the path, what is wrong and what is allowed; the id can be used again."""
    stack = new_stack()
    vpc = any_vpc(stack)
    before = len(stack.node.find_all())
    with pytest.raises(ValueError, match=f"^Stack/Database: {message}.*; allowed: "):
        MultiAzDatabase(stack, "Database", vpc=vpc, **arguments)
    assert len(stack.node.find_all()) == before
    MultiAzDatabase(stack, "Database", vpc=vpc)


def test_one_zone_is_for_development() -> None:
    """Refused in SHARED as in PROD, fine in DEV and STAGING."""
    for environment, allowed in ((EnvironmentType.STAGING, True), (DEV, True), (EnvironmentType.SHARED, False)):
        if allowed:
            assert the_database(environment, deployment=MultiAzDeployment.SINGLE_AZ)["MultiAZ"] is False
        else:
            with pytest.raises(ValueError, match=r"deployment: one AZ in SHARED"):
                database_of(environment, deployment=MultiAzDeployment.SINGLE_AZ)


def test_a_cluster_is_in_three_zones() -> None:
    """With two it is refused; an instance is not."""
    stack = new_stack()
    vpc = any_vpc(stack, ("eu-west-1a", "eu-west-1b"))
    with pytest.raises(
        ValueError, match=r"^Stack/Database: vpc_subnets: a Multi-AZ DB cluster is in 3 AZs, got 2; all"
    ):
        MultiAzDatabase(stack, "Database", vpc=vpc, deployment=CLUSTER)
    MultiAzDatabase(stack, "Database", vpc=vpc)


def test_the_stacks_shared_key_is_refused() -> None:
    """As by AuroraCluster."""
    stack = new_stack()
    with pytest.raises(ValueError, match=r"^Stack/Database: encryption_key: the stack's shared key"):
        MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), encryption_key=WorkloadKey.of(stack).key)


@pytest.mark.parametrize("declared", [None, PROD])
def test_the_stack_is_protected_where_production_is_declared(declared: EnvironmentType | None) -> None:
    """State in a production stack protects it from deletion."""
    stack = new_stack(declared)
    MultiAzDatabase(stack, "Database", vpc=any_vpc(stack))
    assert stack.termination_protection is (declared is PROD)


CHANGES: dict[str, dict[str, Any]] = {
    "size": {"instance_type": ec2.InstanceType("m7g.4xlarge")},
    "minor version": {"engine": rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_7)},
    "storage": {"allocated_storage": 500, "max_allocated_storage": 3000, "iops": 16_000},
    "port": {"port": 6000},
    "parameters": {"parameters": {"work_mem": "65536"}},
    "insights": {"database_insights": rds.DatabaseInsightsMode.ADVANCED},
    "backups": {"backup_retention": Duration.days(1), "backup_window": "12:00-13:00", "backup_plan": BackupPlan()},
    "protection": {"deletion_protection": False},
    "logs": {"log_retention": logs.RetentionDays.ONE_WEEK},
    "password": {"master_password": MasterPassword.SECRET},
    "environment": {"environment_type": EnvironmentType.STAGING},
}
CERTAIN = frozenset(ReplacementKind) - {ReplacementKind.MAY_BE_REPLACED}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_replaces_nothing(change: str) -> None:
    """Sizes, minor versions and all the rest change in place, by CloudFormation's own schemas."""
    after = database_of(**CHANGES[change])
    assert_no_replacement(database_of(), after, types=STATEFUL_TYPES, kinds=CERTAIN, region="eu-west-1")


@pytest.mark.parametrize("change", ["size", "parameters", "backups", "logs"])
def test_nor_does_a_change_of_a_cluster(change: str) -> None:
    """The same holds for a Multi-AZ DB cluster."""
    before = database_of(deployment=CLUSTER)
    after = database_of(deployment=CLUSTER, **CHANGES[change])
    assert_no_replacement(before, after, types=STATEFUL_TYPES, kinds=CERTAIN, region="eu-west-1")


class Application:
    """A network, a database and its client, each in a stack of its own."""

    def __init__(self, deployment: MultiAzDeployment) -> None:
        self.app: App = new_app()
        self.net, self.data, self.web = (Stack(self.app, name, env=ENV) for name in ("Network", "Data", "Web"))
        vpc = ThreeTierVpc(self.net, "Network", availability_zones=AZS).vpc
        topic = sns.Topic(self.net, "Alarms")
        self.database = MultiAzDatabase(self.data, "Database", vpc=vpc, deployment=deployment, alarm_topic=topic)
        self.role = iam.Role(self.web, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        for name in ("Client", "Stranger"):
            group = ec2.SecurityGroup(self.web, f"{name}Group", vpc=vpc, allow_all_outbound=name == "Stranger")
            ec2.CfnInstance(
                self.web,
                name,
                image_id="ami-0123456789abcdef0",
                subnet_id=vpc.select_subnets(subnet_group_name="Private").subnet_ids[0],
                security_group_ids=[group.security_group_id],
            )
            if name == "Client":
                group.connections.allow_to_default_port(self.database)
        self.database.grant_connect(self.role, "app")
        self.database.grant_read_secret(self.role)


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_the_declared_client_alone_reaches_it(deployment: MultiAzDeployment) -> None:
    """From another stack, on the port; nobody else does, and there is no way to the internet."""
    made = Application(deployment)
    templates = {stack.node.id: template_of(stack) for stack in (made.net, made.data, made.web)}
    assert made.web not in made.data.dependencies
    network = Network.from_templates(templates)
    answer = network.reach("Client", _id_of(templates["Data"]), port=5433)
    assert answer.verdict is Verdict.REACHABLE, answer
    for source, port in (("Stranger", 5433), ("Client", 5432), ("internet", 5433)):
        answer = network.reach(source, _id_of(templates["Data"]), port=port)
        assert answer.verdict is Verdict.BLOCKED, answer
    assert network.reach(_id_of(templates["Data"]), "internet", port=443).verdict is Verdict.BLOCKED


def _id_of(template: Template) -> str:
    ((name, _),) = {**resources(template, INSTANCE_TYPE), **resources(template, CLUSTER_TYPE)}.items()
    return name


@pytest.mark.parametrize(
    ("deployment", "attribute"), [(MultiAzDeployment.INSTANCE, "DbiResourceId"), (CLUSTER, "DBClusterResourceId")]
)
def test_the_client_signs_in_as_its_user_alone(deployment: MultiAzDeployment, attribute: str) -> None:
    """The grant is in the client's stack, on this database and this user."""
    made = Application(deployment)
    template = template_of(made.web)
    (policy,) = properties(template, "AWS::IAM::Policy")
    (statement,) = (one for one in policy["PolicyDocument"]["Statement"] if "rds-db:connect" in str(one["Action"]))
    assert str(statement["Resource"]).endswith("'/app']]}")
    assert "*" not in str(statement["Resource"])
    assert attribute in str(template_of(made.data)["Outputs"])


@pytest.mark.parametrize("deployment", [MultiAzDeployment.INSTANCE, CLUSTER])
def test_clients_know_where_to_connect(deployment: MultiAzDeployment) -> None:
    """Host, port and name; a cluster alone has readers."""
    stack = new_stack()
    database = MultiAzDatabase(stack, "Database", vpc=any_vpc(stack), deployment=deployment)
    environment = stack.resolve(database.connection_environment)
    assert environment["DATABASE_HOST"]["Fn::GetAtt"][1] == "Endpoint.Address"
    assert (environment["DATABASE_PORT"], environment["DATABASE_NAME"]) == ("5433", "app")
    assert (database.reader_endpoint is not None) is (deployment is CLUSTER)
    with pytest.raises(ValueError, match=r"^Stack/Database/grant_connect: user: "):
        database.grant_connect(iam.ManagedPolicy(stack, "Client"), "*")
