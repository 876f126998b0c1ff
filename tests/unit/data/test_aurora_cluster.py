"""The Aurora cluster: what its template holds, and what it refuses."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_cdk import Aws, Duration, Environment, NestedStack, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    AuroraCluster,
    AuroraInstance,
    BackupPlan,
    DatabaseProxy,
    EnvironmentType,
    MasterPassword,
    ReaderScaling,
    RestoreSource,
    ServerlessCapacity,
    ThreeTierVpc,
    WorkloadKey,
)
from support.instances_aurora_cluster import INSTANCES, any_vpc, shared_topic
from support.synthesis import Template, new_app, new_stack, properties, resources, synthesize, template_of, warnings_of

MYSQL = rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_10_0)
OLD = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.of("13.4", "13"))
PROD = EnvironmentType.PROD
DEV = EnvironmentType.DEV


def cluster_of(environment_type: EnvironmentType | None = PROD, **arguments: Any) -> Template:
    """The template of a cluster in a VPC of somebody else's."""
    return synthesize(
        lambda stack: AuroraCluster(stack, "Database", vpc=any_vpc(stack), **arguments),
        environment_type=environment_type,
    )


def the_cluster(environment_type: EnvironmentType | None = PROD, **arguments: Any) -> dict[str, Any]:
    """The cluster's properties."""
    (found,) = properties(cluster_of(environment_type, **arguments), "AWS::RDS::DBCluster")
    return found


def with_topic(**arguments: Any) -> Template:
    """The template of a cluster whose alarms are heard."""
    return synthesize(
        lambda stack: AuroraCluster(stack, "Database", vpc=any_vpc(stack), alarm_topic=shared_topic(stack), **arguments)
    )


def alarms_of(template: Template) -> dict[str, dict[str, Any]]:
    """The alarms by the metric that they watch."""
    return {alarm["MetricName"]: alarm for alarm in properties(template, "AWS::CloudWatch::Alarm")}


def refused(message: str, environment_type: EnvironmentType = PROD, **arguments: Any) -> None:
    """Check that the arguments are refused with the path, before the tree is touched."""
    stack = new_stack(environment_type)
    vpc = any_vpc(stack)
    before = len(stack.node.find_all())
    with pytest.raises(ValueError, match=f"^Stack/Database: {message}.*; allowed: "):
        AuroraCluster(stack, "Database", **{"vpc": vpc, **arguments})
    assert len(stack.node.find_all()) == before
    AuroraCluster(stack, "Database", vpc=vpc)


# What one statement gives


def test_a_writer_and_a_reader_are_in_different_zones() -> None:
    """Production has two instances, in two AZs, and the reader is promoted next."""
    instances = properties(cluster_of(), "AWS::RDS::DBInstance")
    assert [(one["AvailabilityZone"], one["PromotionTier"]) for one in instances] == [
        ("eu-west-1a", 0),
        ("eu-west-1b", 1),
    ]
    assert {one["DBInstanceClass"] for one in instances} == {"db.r8g.large"}


def test_the_reader_is_made_after_the_writer() -> None:
    """The first instance of a cluster is its writer, so the others wait for it."""
    first, second = resources(cluster_of(), "AWS::RDS::DBInstance").items()
    assert first[0] in second[1]["DependsOn"]
    assert second[0] not in first[1].get("DependsOn", [])


def test_zones_are_sorted_so_that_a_third_moves_nothing() -> None:
    """Whatever order the VPC has its AZs in, the writer is in the first."""
    template = synthesize(
        lambda stack: AuroraCluster(stack, "Database", vpc=any_vpc(stack, ("eu-west-1c", "eu-west-1a")))
    )
    zones = [one["AvailabilityZone"] for one in properties(template, "AWS::RDS::DBInstance")]
    assert zones == ["eu-west-1a", "eu-west-1c"]


def test_it_is_encrypted_with_a_key_of_its_own() -> None:
    """Storage, insights, log groups and the master secret have one key, rotated and always retained."""
    template = cluster_of(DEV)
    ((key, resource),) = resources(template, "AWS::KMS::Key").items()
    arn = {"Fn::GetAtt": [key, "Arn"]}
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["StorageEncrypted"] is True
    assert cluster["KmsKeyId"] == cluster["PerformanceInsightsKmsKeyId"] == arn
    assert cluster["MasterUserSecret"] == {"KmsKeyId": arn}
    assert {str(group["KmsKeyId"]) for group in properties(template, "AWS::Logs::LogGroup")} == {str(arn)}
    assert resource["Properties"]["EnableKeyRotation"] is True
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_no_password_is_in_the_template() -> None:
    """RDS makes the master password, keeps it and rotates it."""
    cluster = the_cluster()
    assert cluster["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in cluster
    assert cluster["MasterUsername"] == "dbadmin"


def test_it_is_in_the_isolated_tier_and_not_public() -> None:
    """Instances are in isolated subnets, without public addresses."""
    template = cluster_of()
    (group,) = properties(template, "AWS::RDS::DBSubnetGroup")
    assert group["SubnetIds"] == [f"subnet-0123456789abcde2{letter}" for letter in "abc"]
    assert {one["PubliclyAccessible"] for one in properties(template, "AWS::RDS::DBInstance")} == {False}


def test_nobody_is_let_in_until_somebody_connects() -> None:
    """The security group has no rule that lets in, and lets nothing out."""
    template = cluster_of()
    (group,) = properties(template, "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group
    assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]
    assert resources(template, "AWS::EC2::SecurityGroupIngress") == {}


def test_tls_is_required_and_iam_may_sign_in() -> None:
    """The cluster's own parameter group refuses clear text; IAM authentication is on."""
    template = cluster_of()
    ((name, group),) = resources(template, "AWS::RDS::DBClusterParameterGroup").items()
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert group["Properties"]["Parameters"]["rds.force_ssl"] == "1"
    assert group["Properties"]["Family"] == "aurora-postgresql17"
    assert cluster["DBClusterParameterGroupName"] == {"Ref": name}
    assert cluster["EnableIAMDatabaseAuthentication"] is True


def test_log_groups_are_made_before_the_cluster() -> None:
    """RDS would make one that never expires: the cluster waits for ours, whose name is the one that RDS uses."""
    template = cluster_of()
    ((name, group),) = resources(template, "AWS::Logs::LogGroup").items()
    ((_, cluster),) = resources(template, "AWS::RDS::DBCluster").items()
    identifier = cluster["Properties"]["DBClusterIdentifier"]
    assert group["Properties"]["LogGroupName"] == f"/aws/rds/cluster/{identifier}/postgresql"
    assert group["Properties"]["RetentionInDays"] == 365
    assert name in cluster["DependsOn"]
    assert cluster["Properties"]["EnableCloudwatchLogsExports"] == ["postgresql"]


def test_monitoring_and_insights_are_on() -> None:
    """Enhanced monitoring by the minute, and the free week of Database Insights."""
    template = cluster_of()
    cluster = the_cluster()
    ((role, _),) = resources(template, "AWS::IAM::Role").items()
    for one in properties(template, "AWS::RDS::DBInstance"):
        assert one["MonitoringInterval"] == 60
        assert one["MonitoringRoleArn"] == {"Fn::GetAtt": [role, "Arn"]}
    assert (cluster["DatabaseInsightsMode"], cluster["PerformanceInsightsRetentionPeriod"]) == ("standard", 7)
    assert cluster["PerformanceInsightsEnabled"] is True


def test_the_monitoring_policy_is_there_before_an_instance() -> None:
    """An instance waits for what its monitoring role may do, not just for the role."""
    template = cluster_of()
    ((policy, _),) = resources(template, "AWS::IAM::ManagedPolicy").items()
    assert all(policy in one["DependsOn"] for one in resources(template, "AWS::RDS::DBInstance").values())


def test_certificates_are_of_the_current_authority() -> None:
    """The authority that is valid until 2061."""
    found = {one["CACertificateIdentifier"] for one in properties(cluster_of(), "AWS::RDS::DBInstance")}
    assert found == {"rds-ca-rsa2048-g1"}


def test_tags_are_copied_and_backups_outlive_the_cluster() -> None:
    """Snapshots carry the cluster's tags; automated backups are kept when it is deleted, but in DEV."""
    assert the_cluster()["CopyTagsToSnapshot"] is True
    assert (the_cluster()["DeleteAutomatedBackups"], the_cluster(DEV)["DeleteAutomatedBackups"]) == (False, True)


@pytest.mark.parametrize(
    ("environment", "days", "protected", "policy"),
    [
        (EnvironmentType.DEV, 1, False, "Delete"),
        (EnvironmentType.STAGING, 7, False, "Snapshot"),
        (EnvironmentType.PROD, 35, True, "Snapshot"),
        (EnvironmentType.SHARED, 35, True, "Snapshot"),
    ],
)
def test_the_environment_decides_what_is_kept(
    environment: EnvironmentType, days: int, protected: bool, policy: str
) -> None:
    """Backups, deletion protection and the last snapshot differ by environment."""
    ((_, cluster),) = resources(cluster_of(environment), "AWS::RDS::DBCluster").items()
    assert cluster["Properties"]["BackupRetentionPeriod"] == days
    assert cluster["Properties"]["DeletionProtection"] is protected
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == (policy, policy)


def test_undeclared_is_production() -> None:
    """Where nobody declares an environment, data is kept as in production."""
    assert the_cluster(None)["BackupRetentionPeriod"] == 35


def test_dev_pauses() -> None:
    """One serverless instance, from nothing to 4 ACUs, asleep after a quarter of an hour."""
    template = cluster_of(DEV)
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "SecondsUntilAutoPause": 900,
    }
    assert [one["DBInstanceClass"] for one in properties(template, "AWS::RDS::DBInstance")] == ["db.serverless"]


def test_the_stack_is_protected_where_production_is_declared() -> None:
    """State in a production stack protects it from deletion, whoever declares it."""
    for declared, argument, protected in (
        (PROD, None, True),
        (DEV, None, False),
        (None, PROD, True),
        (None, None, False),
    ):
        stack = new_stack(declared)
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), environment_type=argument)
        assert stack.termination_protection is protected


# Arguments, each of which does something


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"database_name": "orders"}, "DatabaseName", "orders"),
        ({"port": 6000}, "Port", 6000),
        ({}, "Port", 5433),
        ({"engine": MYSQL}, "Port", 3307),
        ({"engine": MYSQL}, "EngineVersion", "8.0.mysql_aurora.3.10.0"),
        ({}, "EngineVersion", "17"),
        ({"io_optimized": True}, "StorageType", "aurora-iopt1"),
        ({}, "StorageType", "aurora"),
        ({"data_api": True}, "EnableHttpEndpoint", True),
        ({"master_username": "owner"}, "MasterUsername", "owner"),
        ({"backup_retention": Duration.days(3)}, "BackupRetentionPeriod", 3),
        ({"backup_window": "05:30-06:30"}, "PreferredBackupWindow", "05:30-06:30"),
        ({"maintenance_window": "mon:06:00-mon:07:00"}, "PreferredMaintenanceWindow", "mon:06:00-mon:07:00"),
        ({"deletion_protection": False}, "DeletionProtection", False),
        ({"environment_type": DEV}, "BackupRetentionPeriod", 1),
        ({"engine": MYSQL}, "EnableCloudwatchLogsExports", ["audit", "error", "slowquery"]),
    ],
)
def test_an_argument_reaches_the_cluster(arguments: dict[str, Any], name: str, value: object) -> None:
    """What is asked for is what CloudFormation is told."""
    assert the_cluster(**arguments)[name] == value


def test_the_subnets_are_the_callers() -> None:
    """A selection of one's own comes before the isolated tier."""
    template = cluster_of(vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"))
    (group,) = properties(template, "AWS::RDS::DBSubnetGroup")
    assert group["SubnetIds"][0].endswith("1a")


def test_instances_are_the_callers() -> None:
    """Sizes, kinds and tiers as asked for."""
    template = cluster_of(
        instances=[
            AuroraInstance.provisioned(ec2.InstanceType("r7g.xlarge"), promotion_tier=3),
            AuroraInstance.serverless(),
        ],
        serverless_capacity=ServerlessCapacity(minimum=1.5, maximum=8),
    )
    found = [(one["DBInstanceClass"], one["PromotionTier"]) for one in properties(template, "AWS::RDS::DBInstance")]
    assert found == [("db.r7g.xlarge", 3), ("db.serverless", 1)]
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 1.5, "MaxCapacity": 8}


@pytest.mark.parametrize("upgrade", [True, False])
def test_minor_versions_are_installed_or_not(upgrade: bool) -> None:
    """All instances say the same: one that does not would hold the others back."""
    template = cluster_of(auto_minor_version_upgrade=upgrade)
    found = [one["AutoMinorVersionUpgrade"] for one in properties(template, "AWS::RDS::DBInstance")]
    assert found == [upgrade, upgrade]


def test_instances_are_maintained_in_the_clusters_window() -> None:
    """An instance of its own would have a window that nobody knows."""
    template = cluster_of(maintenance_window="mon:06:00-mon:07:00")
    found = {one["PreferredMaintenanceWindow"] for one in properties(template, "AWS::RDS::DBInstance")}
    assert found == {"mon:06:00-mon:07:00"}


def test_advanced_insights_keep_fifteen_months() -> None:
    """The mode comes with its required retention."""
    cluster = the_cluster(database_insights=rds.DatabaseInsightsMode.ADVANCED)
    assert (cluster["DatabaseInsightsMode"], cluster["PerformanceInsightsRetentionPeriod"]) == ("advanced", 465)


def test_parameters_come_over_the_librarys() -> None:
    """One's own parameters are added, or take a default's place."""
    template = cluster_of(parameters={"log_min_duration_statement": "250", "work_mem": "65536"})
    (group,) = properties(template, "AWS::RDS::DBClusterParameterGroup")
    assert group["Parameters"]["log_min_duration_statement"] == "250"
    assert group["Parameters"]["work_mem"] == "65536"
    assert group["Parameters"]["rds.force_ssl"] == "1"


def test_a_key_of_ones_own_encrypts_everything() -> None:
    """With a key given there is none beside it, and CloudWatch Logs may use it."""

    def build(stack: Stack) -> None:
        key = kms.Key(stack, "Mine")
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), encryption_key=key)

    template = synthesize(build)
    ((key, resource),) = resources(template, "AWS::KMS::Key").items()
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert "ServiceLogs" in str(resource["Properties"]["KeyPolicy"])


def test_logs_are_kept_as_long_as_asked() -> None:
    """The caller's retention comes before the environment's."""
    template = cluster_of(log_retention=logs.RetentionDays.THREE_MONTHS)
    assert {group["RetentionInDays"] for group in properties(template, "AWS::Logs::LogGroup")} == {90}


def test_vaults_of_long_paths_have_names_of_their_own() -> None:
    """A name that is too long for a vault is not cut to another vault's."""

    def two(stack: Stack) -> None:
        vpc = any_vpc(stack)
        for suffix in ("A", "B"):
            AuroraCluster(stack, f"{'Database' * 8}{suffix}", vpc=vpc, backup_plan=BackupPlan())

    names = [one["BackupVaultName"] for one in properties(synthesize(two), "AWS::Backup::BackupVault")]
    assert len(set(names)) == 2
    assert all(len(name) <= 50 for name in names)


def test_a_restored_cluster_keeps_its_vault() -> None:
    """A vault with backups in it is not made anew because the cluster is."""

    def vault(**arguments: Any) -> dict[str, Any]:
        return resources(cluster_of(backup_plan=BackupPlan(), **arguments), "AWS::Backup::BackupVault")

    assert vault() == vault(restore=RestoreSource.from_snapshot("before-the-mistake"))


def test_a_class_without_insights_has_none() -> None:
    """Aurora MySQL has no Database Insights on db.t3: it is left out, and refused where it is asked for."""
    small = [AuroraInstance.provisioned(ec2.InstanceType("t3.medium"))] * 2
    found = the_cluster(engine=MYSQL, instances=small)
    assert found["PerformanceInsightsEnabled"] is False
    assert (
        not {"DatabaseInsightsMode", "PerformanceInsightsKmsKeyId", "PerformanceInsightsRetentionPeriod"} & found.keys()
    )
    refused(
        "database_insights: db.t3.medium has none with aurora-mysql",
        engine=MYSQL,
        instances=small,
        database_insights=rds.DatabaseInsightsMode.ADVANCED,
    )


@pytest.mark.parametrize("days", [Duration.days(0), Duration.hours(36)])
def test_a_backup_is_kept_for_whole_days(days: Duration) -> None:
    """AWS Backup counts in days, from one on."""
    with pytest.raises(ValueError, match=r"^retention: no whole days, got .*; allowed: "):
        BackupPlan(retention=days)
    with pytest.raises(ValueError, match=r"^copy_retention: no whole days, got .*; allowed: "):
        BackupPlan(copy_to_vault_arn="arn", copy_retention=days)


def test_a_cluster_with_a_secret_of_our_own_is_restored_to_a_point_in_time() -> None:
    """CloudFormation sets the password after the restore, as from a snapshot: blue/green and global ones need this."""
    template = cluster_of(blue_green=True, restore=RestoreSource.from_database("lost"))
    ((secret, _),) = resources(template, "AWS::SecretsManager::Secret").items()
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["SourceDBClusterIdentifier"] == "lost"
    assert secret in str(cluster["MasterUserPassword"])
    assert "MasterUsername" not in cluster


def test_what_is_retained_keeps_what_it_needs() -> None:
    """A retained cluster's instances, subnet group, parameters and logs are retained with it."""
    template = cluster_of(removal_policy=RemovalPolicy.RETAIN)
    kinds = ("DBCluster", "DBInstance", "DBSubnetGroup", "DBClusterParameterGroup")
    found = [one["DeletionPolicy"] for kind in kinds for one in resources(template, f"AWS::RDS::{kind}").values()]
    assert set(found) == {"Retain"}
    kept = {one["DeletionPolicy"] for one in resources(template, "AWS::Logs::LogGroup").values()}
    assert kept == {"RetainExceptOnCreate"}  # or a first deployment that failed would leave the names taken


def test_what_leaves_with_a_snapshot_leaves_no_instances() -> None:
    """Of a cluster whose last snapshot is taken the rest goes."""
    template = cluster_of()
    assert {one["DeletionPolicy"] for one in resources(template, "AWS::RDS::DBInstance").values()} == {"Delete"}
    assert {one["DeletionPolicy"] for one in resources(cluster_of(DEV), "AWS::Logs::LogGroup").values()} == {"Delete"}


# The master password


def test_blue_green_has_a_secret_of_our_own() -> None:
    """Logical replication is on, and the secret is ours, rotated every month, in the private tier."""
    template = cluster_of(blue_green=True)
    ((secret, _),) = resources(template, "AWS::SecretsManager::Secret").items()
    (cluster,) = properties(template, "AWS::RDS::DBCluster")
    assert cluster["ManageMasterUserPassword"] is False
    assert f"{{'Ref': '{secret}'}}, ':SecretString:password::}}}}'" in str(cluster["MasterUserPassword"])
    (parameters,) = properties(template, "AWS::RDS::DBClusterParameterGroup")
    assert parameters["Parameters"]["rds.logical_replication"] == "1"
    (schedule,) = properties(template, "AWS::SecretsManager::RotationSchedule")
    assert schedule["RotationRules"] == {"ScheduleExpression": "rate(30 days)"}
    assert schedule["HostedRotationLambda"]["RotationType"] == "PostgreSQLSingleUser"
    assert "abcde1a" in schedule["HostedRotationLambda"]["VpcSubnetIds"]
    # It rotates as soon as it is made, so the writer must answer by then.
    ((_, whole),) = resources(template, "AWS::SecretsManager::RotationSchedule").items()
    assert set(resources(template, "AWS::RDS::DBInstance")) < set(whole["DependsOn"])
    assert set(resources(template, "AWS::EC2::SecurityGroupIngress")) < set(whole["DependsOn"])
    ((attachment, _),) = resources(template, "AWS::SecretsManager::SecretTargetAttachment").items()
    assert schedule["SecretId"] == {"Ref": attachment}


def test_mysql_replicates_by_its_binary_log() -> None:
    """Blue/green readiness is another parameter there, and another rotation function."""
    template = cluster_of(blue_green=True, engine=MYSQL)
    (parameters,) = properties(template, "AWS::RDS::DBClusterParameterGroup")
    assert parameters["Parameters"]["binlog_format"] == "ROW"
    (schedule,) = properties(template, "AWS::SecretsManager::RotationSchedule")
    assert schedule["HostedRotationLambda"]["RotationType"] == "MySQLSingleUser"


def test_a_secret_of_our_own_can_be_asked_for() -> None:
    """Without blue/green too; it is retained as the data is, and goes with it in DEV."""
    kept = resources(cluster_of(master_password=MasterPassword.SECRET), "AWS::SecretsManager::Secret")
    gone = resources(cluster_of(DEV, master_password="SECRET"), "AWS::SecretsManager::Secret")  # noqa: S106
    assert {one["DeletionPolicy"] for one in kept.values()} == {"Retain"}
    assert {one["DeletionPolicy"] for one in gone.values()} == {"Delete"}


def test_the_secret_can_be_read_by_whoever_is_let() -> None:
    """The attribute is the secret that RDS made, with the key that it takes."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    database.grant_read_secret(iam.ManagedPolicy(stack, "Operator"))
    template = template_of(stack)
    assert "MasterUserSecret.SecretArn" in str(resources(template, "AWS::IAM::ManagedPolicy"))


# Restoring


def test_a_restored_cluster_keeps_its_logical_id() -> None:
    """What refers to the database goes on doing so; its physical name is another, so that it is made beside the old."""
    before = resources(cluster_of(), "AWS::RDS::DBCluster")
    after = resources(cluster_of(restore=RestoreSource.from_snapshot("saved")), "AWS::RDS::DBCluster")
    assert list(before) == list(after)
    (old,), (new,) = (list(one.values()) for one in (before, after))
    assert new["Properties"]["SnapshotIdentifier"] == "saved"
    assert new["Properties"]["DBClusterIdentifier"] != old["Properties"]["DBClusterIdentifier"]
    assert not {"MasterUsername", "DatabaseName"} & new["Properties"].keys()


def test_a_point_in_time_is_restored() -> None:
    """To the second that is named, or the latest one; the key is the cluster's own."""
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    cluster = the_cluster(restore=RestoreSource.from_database("lost", at=at))
    assert (cluster["SourceDBClusterIdentifier"], cluster["RestoreToTime"]) == ("lost", "2026-11-24T12:00:00Z")
    assert "UseLatestRestorableTime" not in cluster
    assert "StorageEncrypted" not in cluster
    assert "KmsKeyId" in cluster
    assert the_cluster(restore=RestoreSource.from_database("lost"))["UseLatestRestorableTime"] is True


# Names


def test_the_identifier_is_one_that_rds_takes() -> None:
    """Letters, digits and single hyphens, 63 at most, from a long path too, and from a nested stack."""
    stack = new_stack(name="A" * 90)
    nested = NestedStack(stack, "9" * 60)
    for scope in (stack, nested):
        database = AuroraCluster(scope, "Database" * 12, vpc=any_vpc(scope))
        assert re.fullmatch(r"[a-z](-?[a-z0-9])*", database.cluster_identifier)
        assert len(database.cluster_identifier) <= 63


def test_two_clusters_have_two_identifiers() -> None:
    """In a stack, and in two stacks of the same code."""
    stack, other = new_stack(), new_stack(name="Other")
    vpc = any_vpc(stack)
    databases = [AuroraCluster(stack, name, vpc=vpc) for name in ("One", "Two")]
    databases.append(AuroraCluster(other, "One", vpc=any_vpc(other)))
    assert len({database.cluster_identifier for database in databases}) == 3


# Clients


def test_clients_know_where_to_connect_and_no_secret() -> None:
    """Host, port and name, as texts."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    environment = stack.resolve(database.connection_environment)
    assert environment == {
        "DATABASE_HOST": {"Fn::GetAtt": ["DatabaseClusterC6094C50", "Endpoint.Address"]},
        "DATABASE_PORT": "5433",
        "DATABASE_NAME": "app",
    }
    assert stack.resolve(database.reader_endpoint) == {
        "Fn::GetAtt": ["DatabaseClusterC6094C50", "ReadEndpoint.Address"]
    }


def test_the_cluster_is_one_that_cdk_takes() -> None:
    """As rds.IDatabaseCluster it has the endpoint and the port."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    assert stack.resolve(database.cluster.cluster_endpoint.socket_address) == {
        "Fn::Join": ["", [{"Fn::GetAtt": ["DatabaseClusterC6094C50", "Endpoint.Address"]}, ":5433"]]
    }


@pytest.mark.parametrize("user", ["*", "app*", "", "a/b", None, "dbadmin"])
def test_a_connection_is_granted_for_one_user(user: Any) -> None:
    """A star would be every user, and the master user may do anything."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    with pytest.raises(ValueError, match=r"^Stack/Database/grant_connect: user: .*; allowed: "):
        database.grant_connect(iam.ManagedPolicy(stack, "Client"), user)


def test_the_data_api_is_granted_where_it_is() -> None:
    """Without the Data API a grant of it would do nothing, and is refused."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    with pytest.raises(ValueError, match=r"^Stack/Database: no Data API, got data_api=False; allowed: data_api=True"):
        database.grant_data_api(iam.ManagedPolicy(stack, "Client"))


# The proxy


def test_clients_connect_to_the_proxy() -> None:
    """Endpoint and port are the proxy's, TLS is required, and no secret is involved."""
    stack = new_stack()
    options = DatabaseProxy(
        max_connections_percent=70, max_idle_connections_percent=20, idle_client_timeout=Duration.minutes(5)
    )
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack), proxy=options)
    environment = stack.resolve(database.connection_environment)
    template = template_of(stack)
    ((name, proxy),) = resources(template, "AWS::RDS::DBProxy").items()
    assert environment["DATABASE_HOST"] == {"Fn::GetAtt": [name, "Endpoint"]}
    assert environment["DATABASE_PORT"] == "5432"
    assert (proxy["Properties"]["RequireTLS"], proxy["Properties"]["DefaultAuthScheme"]) == (True, "IAM_AUTH")
    assert proxy["Properties"]["IdleClientTimeout"] == 300
    assert "Auth" not in proxy["Properties"]
    (group,) = properties(template, "AWS::RDS::DBProxyTargetGroup")
    assert group["ConnectionPoolConfigurationInfo"] == {"MaxConnectionsPercent": 70, "MaxIdleConnectionsPercent": 20}


def test_the_proxys_log_group_is_made_before_it() -> None:
    """With retention and key, as the cluster's."""
    template = cluster_of(proxy=DatabaseProxy())
    ((_, proxy),) = resources(template, "AWS::RDS::DBProxy").items()
    found = {
        name: one["Properties"]["LogGroupName"] for name, one in resources(template, "AWS::Logs::LogGroup").items()
    }
    (name,) = (key for key, value in found.items() if value == f"/aws/rds/proxy/{proxy['Properties']['DBProxyName']}")
    assert name in proxy["DependsOn"]


def test_a_proxy_of_other_subnets_has_another_name() -> None:
    """Its subnets can never change: the next proxy is made beside it."""
    names = set()
    for zones in (("eu-west-1a", "eu-west-1b"), ("eu-west-1a", "eu-west-1b", "eu-west-1c")):
        stack = new_stack()
        AuroraCluster(stack, "Database", vpc=any_vpc(stack, zones), proxy=DatabaseProxy())
        (proxy,) = properties(template_of(stack), "AWS::RDS::DBProxy")
        names.add(proxy["DBProxyName"])
    assert len(names) == 2


def test_several_users_are_admitted_once_each() -> None:
    """The proxy signs in as those users that were granted, and no others."""
    stack = new_stack()
    database = AuroraCluster(stack, "Database", vpc=any_vpc(stack), proxy=DatabaseProxy())
    for name, user in (("One", "app"), ("Two", "reports"), ("Three", "app")):
        database.grant_connect(iam.ManagedPolicy(stack, name), user)
    template = template_of(stack)
    (policy,) = (
        one
        for name, one in resources(template, "AWS::IAM::ManagedPolicy").items()
        if name.startswith("DatabaseProxyPolicy")
    )
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert len(statement["Resource"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_connections_percent": 0}, "max_connections_percent: "),
        ({"max_connections_percent": 50, "max_idle_connections_percent": 60}, "max_idle_connections_percent: "),
        ({"idle_client_timeout": Duration.seconds(30)}, "idle_client_timeout: "),
        ({"idle_client_timeout": Duration.hours(9)}, "idle_client_timeout: "),
    ],
)
def test_a_bad_proxy_is_refused(arguments: dict[str, Any], message: str) -> None:
    """Figures out of bounds are errors."""
    with pytest.raises(ValueError, match=f"^{message}"):
        DatabaseProxy(**arguments)


# Readers that come and go


@pytest.mark.parametrize(
    ("scaling", "metric", "target", "bounds"),
    [
        (ReaderScaling.on_cpu(maximum=4), "RDSReaderAverageCPUUtilization", 60, (1, 4)),
        (ReaderScaling.on_cpu(maximum=4, percent=40, minimum=2), "RDSReaderAverageCPUUtilization", 40, (2, 4)),
        (
            ReaderScaling.on_connections(maximum=3, connections=500),
            "RDSReaderAverageDatabaseConnections",
            500,
            (1, 3),
        ),
    ],
)
def test_readers_are_added(scaling: ReaderScaling, metric: str, target: float, bounds: tuple[int, int]) -> None:
    """Application Auto Scaling aims at the metric, between the bounds."""
    template = cluster_of(reader_scaling=scaling)
    (found,) = properties(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert (found["MinCapacity"], found["MaxCapacity"]) == bounds
    assert found["ScalableDimension"] == "rds:cluster:ReadReplicaCount"
    (policy,) = properties(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
    configuration = policy["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["PredefinedMetricSpecification"] == {"PredefinedMetricType": metric}
    assert configuration["TargetValue"] == target


# Backups in a vault


def test_a_backup_plan_copies_elsewhere() -> None:
    """The cluster is in a vault of its own, by the schedule, and each backup is copied and kept as asked."""
    arn = f"arn:{Aws.PARTITION}:backup:eu-central-1:{Aws.ACCOUNT_ID}:backup-vault:elsewhere"
    template = cluster_of(
        backup_plan=BackupPlan(
            retention=Duration.days(10),
            schedule="cron(0 1 ? * 7 *)",
            copy_to_vault_arn=arn,
            copy_retention=Duration.days(20),
        )
    )
    (plan,) = properties(template, "AWS::Backup::BackupPlan")
    (rule,) = plan["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 1 ? * 7 *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 10}
    (copy,) = rule["CopyActions"]
    assert copy["Lifecycle"] == {"DeleteAfterDays": 20}
    assert "eu-central-1" in str(copy["DestinationBackupVaultArn"])
    (selection,) = properties(template, "AWS::Backup::BackupSelection")
    ((cluster, _),) = resources(template, "AWS::RDS::DBCluster").items()
    assert selection["BackupSelection"]["Resources"] == [{"Fn::GetAtt": [cluster, "DBClusterArn"]}]
    ((_, vault),) = resources(template, "AWS::Backup::BackupVault").items()
    assert vault["DeletionPolicy"] == "RetainExceptOnCreate"


def test_a_backup_plan_by_itself() -> None:
    """Daily, for 35 days, without a copy; in DEV the vault goes with its cluster."""
    template = cluster_of(DEV, backup_plan=BackupPlan())
    (plan,) = properties(template, "AWS::Backup::BackupPlan")
    (rule,) = plan["BackupPlan"]["BackupPlanRule"]
    assert (rule["ScheduleExpression"], rule["Lifecycle"]) == ("cron(0 5 * * ? *)", {"DeleteAfterDays": 35})
    assert "CopyActions" not in rule
    ((_, vault),) = resources(template, "AWS::Backup::BackupVault").items()
    assert vault["DeletionPolicy"] == "Delete"
    assert BackupPlan(copy_to_vault_arn="arn").copy_retention_days == 35


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"copy_retention": Duration.days(5)}, "^copy_retention: no copy is made, got 5 days"),
        ({"schedule": "daily"}, "^schedule: no expression, got 'daily'"),
    ],
)
def test_a_bad_backup_plan_is_refused(arguments: dict[str, Any], message: str) -> None:
    """What would be ignored, or refused by AWS Backup, is an error."""
    with pytest.raises(ValueError, match=message):
        BackupPlan(**arguments)


# Alarms


def test_alarms_have_actions_and_figures() -> None:
    """Each alarm tells the topic, about a figure that follows from the smallest instance."""
    template = with_topic()
    found = alarms_of(template)
    assert {name: alarm["Threshold"] for name, alarm in found.items()} == {
        "CPUUtilization": 90,
        "FreeableMemory": int(16 * 1024**3 * 0.1),
        "DatabaseConnections": 1441,
        "Deadlocks": 0,
        "FreeLocalStorage": int(32 * 1024**3 * 0.1),
        "AuroraReplicaLagMaximum": 2000,
    }
    ((cluster, _),) = resources(template, "AWS::RDS::DBCluster").items()
    for alarm in found.values():
        assert alarm["Dimensions"] == [{"Name": "DBClusterIdentifier", "Value": {"Ref": cluster}}]
        assert len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1


@pytest.mark.parametrize(
    ("metric", "statistic", "operator"),
    [
        ("CPUUtilization", "Maximum", "GreaterThanThreshold"),
        ("FreeableMemory", "Minimum", "LessThanThreshold"),
        ("FreeLocalStorage", "Minimum", "LessThanThreshold"),
        ("DatabaseConnections", "Maximum", "GreaterThanThreshold"),
        ("AuroraReplicaLagMaximum", "Maximum", "GreaterThanThreshold"),
        ("Deadlocks", "Maximum", "GreaterThanThreshold"),
    ],
)
def test_an_alarm_is_about_whichever_instance_is_worst_off(metric: str, statistic: str, operator: str) -> None:
    """An average would hide one instance behind the others."""
    alarm = alarms_of(with_topic())[metric]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == (statistic, operator)


def test_serverless_instances_have_a_ceiling_and_no_disk_of_their_own() -> None:
    """The capacity at its maximum is an alarm; local storage is one of provisioned instances alone."""
    found = alarms_of(with_topic(serverless_capacity=ServerlessCapacity(minimum=1, maximum=4)))
    assert found["ACUUtilization"]["Threshold"] == 95
    assert "FreeLocalStorage" not in found
    assert found["FreeableMemory"]["Threshold"] == int(8 * 1024**3 * 0.1)


def test_a_single_instance_has_no_lag() -> None:
    """Without a reader there is none, but for those that scaling adds."""
    single = [AuroraInstance.serverless()]
    assert "AuroraReplicaLagMaximum" not in alarms_of(with_topic(instances=single))


def test_failover_is_told() -> None:
    """The topic hears of failovers and failures, and RDS may publish to it."""

    def build(stack: Stack) -> None:
        topic = sns.Topic(stack, "Alarms", master_key=kms.Key(stack, "TopicKey"))
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), alarm_topic=topic)

    template = synthesize(build)
    ((_, subscription),) = resources(template, "AWS::RDS::EventSubscription").items()
    assert {"failover", "failure"} <= set(subscription["Properties"]["EventCategories"])
    assert subscription["Properties"]["SourceType"] == "db-cluster"
    ((policy, found),) = resources(template, "AWS::SNS::TopicPolicy").items()
    assert policy in subscription["DependsOn"]
    assert "events.rds.amazonaws.com" in str(found)
    assert "events.rds.amazonaws.com" in str(resources(template, "AWS::KMS::Key"))


def test_without_a_topic_nothing_is_watched() -> None:
    """An alarm that nobody hears is theatre: production is warned instead."""
    stack = new_stack()
    AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    assert any("NoAlarmTopic" in warning for warning in warnings_of(stack))
    template = template_of(stack)
    assert resources(template, "AWS::CloudWatch::Alarm") == resources(template, "AWS::RDS::EventSubscription") == {}


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": rds.DatabaseClusterEngine.AURORA_POSTGRESQL}, "engine: no version, got 'aurora-postgresql' alone"),
        ({"engine": OLD, "data_api": True}, r"data_api: this engine version does not have the Data API, got '13\.4'"),
        ({"database_name": "my-db"}, "database_name: no name, got 'my-db'"),
        ({"database_name": 5}, "database_name: no name, got 5"),
        ({"port": 80}, "port: not a whole number within bounds, got 80"),
        ({"port": "5432"}, "port: not a whole number within bounds"),
        ({"master_username": "postgres"}, "master_username: reserved"),
        ({"master_username": "a b"}, "master_username: no database user"),
        ({"master_password": "MINE"}, "master_password: no such MasterPassword, got 'MINE'"),
        ({"master_password": MasterPassword.MANAGED, "blue_green": True}, "master_password: RDS makes no blue/green"),
        ({"blue_green": True, "parameters": {"rds.logical_replication": "0"}}, "parameters: blue_green needs"),
        ({"parameters": {"work_mem": 4}}, "parameters: not all texts, got 'work_mem': 4"),
        ({"backup_retention": Duration.days(36)}, "backup_retention: not within bounds, got 36 days"),
        ({"backup_retention": Duration.hours(36)}, r"backup_retention: not within bounds, got 1\.5 days"),
        ({"backup_window": "now"}, "backup_window: no window"),
        ({"maintenance_window": "sun:02:00-sun:03:00"}, "maintenance_window: overlaps"),
        ({"log_retention": 30}, "log_retention: not CDK's name, got 30"),
        ({"instances": []}, "instances: got 0"),
        (
            {"instances": [AuroraInstance.serverless()], "reader_scaling": ReaderScaling.on_cpu(maximum=2)},
            "reader_scaling: there is no reader to measure",
        ),
        (
            {"instances": [AuroraInstance.serverless()] * 4, "reader_scaling": ReaderScaling.on_cpu(maximum=2)},
            "reader_scaling: fewer than the cluster's own readers",
        ),
        (
            {"serverless_capacity": ServerlessCapacity(minimum=0, maximum=4), "proxy": DatabaseProxy()},
            "serverless_capacity: would never pause, got minimum=0 with proxy=",
        ),
        (
            {"serverless_capacity": ServerlessCapacity(minimum=0, maximum=4), "blue_green": True},
            "serverless_capacity: would never pause, got minimum=0 with blue_green=True",
        ),
        (
            {
                "serverless_capacity": ServerlessCapacity(minimum=0, maximum=4),
                "parameters": {"rds.logical_replication": "1"},
            },
            "serverless_capacity: would never pause, got minimum=0 with logical replication in parameters=",
        ),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    """The message has the path, what is wrong and what is allowed; the id can be used again."""
    refused(message, **arguments)


def test_an_engine_of_another_kind_is_refused() -> None:
    """RDS's own PostgreSQL is MultiAzDatabase's."""
    engine: Any = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_7)
    refused("engine: not supported, got 'postgres'", engine=engine)


def test_one_zone_is_refused() -> None:
    """RDS takes no subnet group of one AZ."""
    stack = new_stack()
    with pytest.raises(ValueError, match=r"^Stack/Database: vpc_subnets: too few AZs, got 1 in 1 subnets; allowed: "):
        AuroraCluster(stack, "Database", vpc=any_vpc(stack, ("eu-west-1a",)))


def test_a_vpc_without_isolated_subnets_is_refused() -> None:
    """A database is not put where there is a way to the internet unless one says so."""
    stack = new_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
    )
    with pytest.raises(
        ValueError, match=r"^Stack/Database: vpc: no subnets for a database, got .*; allowed: a VPC with"
    ):
        AuroraCluster(stack, "Database", vpc=vpc)


def test_a_secret_needs_a_private_tier() -> None:
    """Its rotation runs there: without one it is refused before anything is made."""
    stack = new_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=["subnet-1", "subnet-2"],
    )
    with pytest.raises(ValueError, match=r"^Stack/Database: vpc: no private subnets for the function .*; allowed: "):
        AuroraCluster(stack, "Database", vpc=vpc, blue_green=True)
    AuroraCluster(stack, "Database", vpc=vpc)


def test_zones_may_be_the_accounts_own() -> None:
    """In a stack without an environment the AZs are picked while it is deployed, a different one for each instance."""
    app = new_app()
    net, data = Stack(app, "Network"), Stack(app, "Data")
    AuroraCluster(data, "Database", vpc=ThreeTierVpc(net, "Network").vpc)
    template = template_of(data)
    zones = [one["AvailabilityZone"] for one in properties(template, "AWS::RDS::DBInstance")]
    assert zones == [{"Fn::Select": [place, {"Fn::GetAZs": ""}]} for place in (0, 1)]
    assert "arn:aws:" not in str(template)


def test_databases_share_a_topic() -> None:
    """Two that tell the same topic leave one statement for each service in its policy."""

    def build(stack: Stack) -> None:
        topic, vpc = sns.Topic(stack, "Alarms"), any_vpc(stack)
        for name in ("One", "Two"):
            AuroraCluster(stack, name, vpc=vpc, alarm_topic=topic)

    (policy,) = properties(synthesize(build), "AWS::SNS::TopicPolicy")
    sids = [statement["Sid"] for statement in policy["PolicyDocument"]["Statement"]]
    assert sorted(sids) == ["CloudWatchAlarms", "RdsEvents"]


def test_public_subnets_are_refused() -> None:
    """A database is where nobody comes in from the internet, whatever its security group says."""
    stack = new_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        public_subnet_ids=["subnet-1", "subnet-2"],
    )
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    with pytest.raises(
        ValueError, match=r"^Stack/Database: vpc_subnets: public subnets, got \['subnet-1', .*; allowed: "
    ):
        AuroraCluster(stack, "Database", vpc=vpc, vpc_subnets=subnets)


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_other_partitions_are_not_the_commercial_one(region: str) -> None:
    """In China and GovCloud no ARN names the commercial partition."""

    def build(stack: Stack) -> None:
        database = AuroraCluster(
            stack,
            "Database",
            vpc=any_vpc(stack, (f"{region}a", f"{region}b")),
            proxy=DatabaseProxy(),
            data_api=True,
            blue_green=True,
            backup_plan=BackupPlan(),
            alarm_topic=sns.Topic(stack, "Alarms"),
        )
        database.grant_connect(iam.ManagedPolicy(stack, "Client"), "app")

    template = synthesize(build, env=Environment(account="111111111111", region=region))
    assert "arn:aws:" not in str(template)


def test_the_stacks_shared_key_is_refused() -> None:
    """A cluster's key can never change, so it is no key that others share."""
    stack = new_stack()
    shared = WorkloadKey.of(stack).key
    with pytest.raises(ValueError, match=r"^Stack/Database: encryption_key: the stack's shared key, got 'Stack/Work"):
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), encryption_key=shared)


# What is warned of


@pytest.mark.parametrize(
    ("warning", "arguments"),
    [
        ("TlsNotRequired", {"parameters": {"rds.force_ssl": "0"}}),
        ("DeletionProtectionDisabled", {"deletion_protection": False}),
        ("SingleInstance", {"instances": [AuroraInstance.serverless()]}),
        ("AutoPauseInProduction", {"serverless_capacity": ServerlessCapacity(minimum=0, maximum=4)}),
    ],
)
def test_what_is_unwise_is_said(warning: str, arguments: dict[str, Any]) -> None:
    """A warning with a public name, in production alone but for clear text, and none by default."""
    found = {}
    for name, environment, chosen in (
        ("unwise", PROD, arguments),
        ("default", PROD, {}),
        ("dev", DEV, arguments),
    ):
        stack = new_stack(environment)
        AuroraCluster(stack, "Database", vpc=any_vpc(stack), alarm_topic=shared_topic(stack), **chosen)
        found[name] = any(f"aws-architect-constructs::{warning}" in text for text in warnings_of(stack))
    assert found == {"unwise": True, "default": False, "dev": warning == "TlsNotRequired"}


@pytest.mark.parametrize("name", INSTANCES)
def test_parts_are_within_reach(name: str) -> None:
    """Every part of a canonical instance is an attribute."""
    instance = INSTANCES[name]
    stack = new_stack(instance.environment_type, env=instance.env)
    instance.build(stack)
    database = stack.node.find_child("Database")
    assert isinstance(database, AuroraCluster)
    assert database.cfn_cluster.node.id == "Cluster"
    assert database.monitoring is not None
    assert database.encryption_key.key_arn
    assert (database.proxy is not None) is (name == "aurora_cluster-fullest")
    assert (database.backups is not None) is (name == "aurora_cluster-fullest")
