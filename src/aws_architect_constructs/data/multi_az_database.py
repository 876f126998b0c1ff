"""PostgreSQL, MySQL or MariaDB of RDS in several AZs, for what Aurora is not the answer to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from aws_cdk import CfnResource, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aws_architect_constructs._validations import warn
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state

from .database import Database
from .database_alarms import DatabaseAlarms
from .database_arguments import MasterPassword, argument_errors_named, insights_retention_days
from .database_backups import BackupPlan, Backups
from .database_identifiers import database_identifier
from .database_parts import (
    CERTIFICATE_AUTHORITY,
    MONITORING_SECONDS,
    MonitoringRole,
    log_groups,
    own_key,
    retain_with,
    security_group,
    subscribe,
    wait_for,
    warn_of_exposure,
)
from .database_secret import master_secret, told_secret
from .engine_facts import FAMILY_FACTS, requires_tls
from .instance_memory import most_rds_connections
from .maintenance_windows import DEFAULT_BACKUP_WINDOW, DEFAULT_MAINTENANCE_WINDOW
from .multi_az_findings import acknowledge_what_stays
from .multi_az_settings import MultiAzDeployment, decide_multi_az
from .restore import RestoreSource

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns

_LONGEST_NAME: Final = 52
"""Of a Multi-AZ DB cluster: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"""
_CLUSTER_EVENTS: Final = ("failover", "failure", "maintenance", "notification")
_INSTANCE_EVENTS: Final = (
    "availability",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "recovery",
)


class MultiAzDatabase(Database):
    """A database of RDS with a standby, for engines and budgets that Aurora is not the answer to.

    `MultiAzDatabase(self, "Database", vpc=network.vpc)`: the opinions are those of `AuroraCluster` (a key of its own,
    TLS, IAM authentication, a password that RDS keeps, logs that expire, backups, alarms), and so is what clients do:
    `connections`, `grant_connect`, `connection_environment`. A database in one AZ is refused in PROD and SHARED.

    `deployment`, `database_name`, `master_username`, the key and the VPC are chosen once: between an instance and a
    cluster CloudFormation makes another database. The port of a cluster cannot change either.

    Fixed cost (us-east-1, docs/checks/prices.md): 270.81 USD a month, of which PostgreSQL on db.m7g.large with a
    standby at 0.337 USD an hour is 246.01 USD, 100 GB of gp3 in two AZs at 0.23 USD a GB are 23 USD, the key is 1 USD,
    the master password's secret 0.40 USD, and four alarms are 0.40 USD. 60.35 USD in DEV, on one db.t4g.medium. I/O is
    included. A cluster has storage at 0.345 USD a GB, and three instances, whose price the book lacks.
    (https://aws.amazon.com/rds/postgresql/pricing/)

    Well-Architected: reliability (REL09 backups, REL10 multiple AZs), security (SEC03, SEC08, SEC09), cost (COST06).

    Args:
        scope: The scope.
        id: The id.
        vpc: Where it is. Any VPC with isolated subnets in two AZs, of a cluster in three.
        vpc_subnets: Which subnets. Default None: the isolated tier.
        engine: CDK's `rds.DatabaseInstanceEngine.postgres(version=...)`, `.mysql(...)` or `.maria_db(...)`. Default
            None: PostgreSQL 17.9, and what automatic upgrades make of it; name the version that you run before you
            change it.
        deployment: How many AZs. Default None: SINGLE_AZ in DEV, else INSTANCE.
        instance_type: Its class. Default None: t4g.medium in one AZ, m7g.large with a standby, r6gd.large in a cluster,
            whose classes have disks of their own.
        allocated_storage: How much storage it begins with, 20 (of a cluster 100) to 65,536 GiB of gp3. It never
            shrinks. Default 100.
        max_allocated_storage: How far storage grows by itself, in GiB. Default None: ten times `allocated_storage`; a
            cluster's does not grow.
        iops: I/O operations a second, up to 64,000: 12,000 or more from 400 GiB on, and below that 3,000 or more of a
            cluster, none of an instance. Default None: what gp3 comes with, 3,000 or 12,000.
        database_name: The first database. It can never change in place. Default "app".
        port: Where it listens, 1150 to 65535. Default None: 5433 for PostgreSQL and 3307 for MySQL and MariaDB, not the
            engine's own, which is scanned first (Security Hub's RDS.23).
        master_username: The master user, who makes the others. It can never change in place. Default "dbadmin".
        master_password: Who keeps the master password. Default None: `MANAGED`, by RDS. For blue/green deployments
            `SECRET`, whose rotation needs a private tier with a way to Secrets Manager.
        parameters: Parameters, over the library's: TLS of 1.2 or newer is required; schema changes and connections
            (PostgreSQL) and queries that take a second are logged. Default None: these.
        restore: What it begins with: a snapshot, or another database's point in time. `database_name` and
            `master_username` then name what is in there. Default None: empty.
        database_insights: `rds.DatabaseInsightsMode.ADVANCED` keeps 15 months of performance data, for a price. Default
            None: `STANDARD`, 7 days, free; none on micro and small classes of MySQL and MariaDB, which lack it.
        auto_minor_version_upgrade: Whether RDS installs minor versions in the maintenance window. Default True.
        backup_retention: How far back any second can be restored, 1 to 35 days. Default None: 1 day in DEV, 7 in
            STAGING, 35 in PROD and SHARED.
        backup_window: When snapshots are made, in UTC. Default "02:00-03:00".
        maintenance_window: When RDS may restart an instance, in UTC. Default "sun:04:00-sun:05:00".
        backup_plan: Backups in a vault of AWS Backup, copied to another Region if asked for. Default None: none.
        deletion_protection: Whether nobody can delete it until this is switched off. Default None: in PROD and SHARED.
        encryption_key: A key made for this database; the stack's shared key is refused. An instance that is restored
            keeps the storage key of its source. Default None: a key of its own.
        alarm_topic: Whom CPU, memory, connections, storage, lag and events such as a failover are told to. Default
            None: nobody, and in PROD a warning.
        log_retention: How long logs are kept. Default None: the environment's.
        removal_policy: What happens to it when it leaves the stack. Default None: a last snapshot, in DEV none.
        environment_type: Which environment's defaults. Default None: what the scope declares, else PROD.

    Attributes:
        instance: The instance, or None of a cluster.
        cluster: The cluster, or None of an instance.
        database_identifier: Its name, which log groups and metrics bear.
        encryption_key: What it is encrypted with: storage, insights, log groups and secret.
        secret: The master user's name and password.
        security_group: Who is let in.
        subnet_group: Where it may be.
        parameter_group: Its parameters.
        log_groups: Its log groups, by what is logged.
        monitoring: What enhanced monitoring writes with.
        backups: The vault and plan of AWS Backup, or None.
        port: The port that clients connect to.

    Raises:
        ValueError: If one AZ is asked for in PROD or SHARED, the VPC has too few AZs, the engine has no such
            deployment, storage would shrink or grow where it cannot, or any argument is out of bounds.

    See https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_BestPractices.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        engine: rds.IEngine | None = None,
        deployment: MultiAzDeployment | None = None,
        instance_type: ec2.InstanceType | None = None,
        allocated_storage: int = 100,
        max_allocated_storage: int | None = None,
        iops: int | None = None,
        database_name: str = "app",
        port: int | None = None,
        master_username: str = "dbadmin",
        master_password: MasterPassword | None = None,
        parameters: Mapping[str, str] | None = None,
        restore: RestoreSource | None = None,
        database_insights: rds.DatabaseInsightsMode | None = None,
        auto_minor_version_upgrade: bool = True,
        backup_retention: Duration | None = None,
        backup_window: str = DEFAULT_BACKUP_WINDOW,
        maintenance_window: str = DEFAULT_MAINTENANCE_WINDOW,
        backup_plan: BackupPlan | None = None,
        deletion_protection: bool | None = None,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        with argument_errors_named(scope, id):
            self._settings = decide_multi_az(
                scope,
                vpc=vpc,
                vpc_subnets=vpc_subnets,
                engine=engine,
                deployment=deployment,
                instance_type=instance_type,
                allocated_storage=allocated_storage,
                max_allocated_storage=max_allocated_storage,
                iops=iops,
                database_name=database_name,
                port=port,
                master_username=master_username,
                master_password=master_password,
                parameters=parameters,
                restore=restore,
                database_insights=database_insights,
                auto_minor_version_upgrade=auto_minor_version_upgrade,
                backup_retention=backup_retention,
                backup_window=backup_window,
                maintenance_window=maintenance_window,
                backup_plan=backup_plan,
                deletion_protection=deletion_protection,
                encryption_key=encryption_key,
                alarm_topic=alarm_topic,
                log_retention=log_retention,
                removal_policy=removal_policy,
                environment_type=environment_type,
            )
        super().__init__(scope, id)
        settings = self._settings
        self._database_name = settings.database_name
        self._master_username = settings.master_username
        # An instance and a cluster are two things: the one is made beside the other.
        self.database_identifier: Final = database_identifier(
            self,
            _LONGEST_NAME,
            settings.restore.key if settings.restore else "",
            "cluster" if settings.is_cluster else "",
        )
        self.encryption_key = settings.encryption_key or own_key(
            self, "Key", "Encrypts one database of RDS and its snapshots."
        )
        self.security_group = security_group(self, "SecurityGroup", vpc, "Clients of a database.")
        self.subnet_group: Final = rds.CfnDBSubnetGroup(
            self,
            "SubnetGroup",
            db_subnet_group_description="Where a database and its standbys may be.",
            subnet_ids=settings.subnets.subnet_ids,
        )
        self.parameter_group: Final = self._make_parameter_group()
        kind = "cluster" if settings.is_cluster else "instance"
        self.log_groups: Final = log_groups(
            self,
            {
                log: f"/aws/rds/{kind}/{self.database_identifier}/{log}"
                for log in FAMILY_FACTS[settings.engine.family].rds_logs
            },
            key=self.encryption_key,
            retention=settings.log_retention,
            removal_policy=settings.removal_policy,
        )
        self._own_secret: Final = (
            None
            if settings.is_managed
            else master_secret(
                self,
                "Secret",
                username=settings.master_username,
                key=self.encryption_key,
                removal_policy=settings.removal_policy,
            )
        )
        self.monitoring: Final = MonitoringRole(self, "Monitoring")
        self.cluster: Final = self._make_cluster() if settings.is_cluster else None
        self.instance: Final = None if settings.is_cluster else self._make_instance()
        self._prepare()
        self.secret = self._tell_secret()
        self.port = settings.port
        self._connections = ec2.Connections(
            security_groups=[self.security_group], default_port=ec2.Port.tcp(settings.port)
        )
        self.backups: Final = self._make_backups()
        self._watch()
        self._say_what_is_unwise()
        protect_state(self, environment_type)

    @property
    def endpoint(self) -> str:
        """The host name that always leads to the writer."""
        if self.cluster is not None:
            return self.cluster.attr_endpoint_address
        return self._only_instance.attr_endpoint_address

    @property
    def reader_endpoint(self) -> str | None:
        """The host name that leads to a standby that can be read from, which a cluster alone has."""
        return None if self.cluster is None else self.cluster.attr_read_endpoint_address

    @property
    def resource(self) -> rds.CfnDBCluster | rds.CfnDBInstance:
        """The database itself: whatever is not an argument is a property of it."""
        return self._only_instance if self.cluster is None else self.cluster

    @property
    def _only_instance(self) -> rds.CfnDBInstance:
        assert self.instance is not None  # noqa: S101 -- there is one where there is no cluster
        return self.instance

    def _admit(self, user: str) -> str:  # noqa: ARG002 -- without a proxy nobody needs to be told
        if self.cluster is not None:
            return self.cluster.attr_db_cluster_resource_id
        return self._only_instance.attr_dbi_resource_id

    def _make_parameter_group(self) -> rds.CfnDBClusterParameterGroup | rds.CfnDBParameterGroup:
        settings = self._settings
        description, family = "TLS, audit and slow queries.", settings.engine.parameter_group_family
        parameters = dict(settings.parameters)
        if settings.is_cluster:
            return rds.CfnDBClusterParameterGroup(
                self, "ParameterGroup", description=description, family=family, parameters=parameters
            )
        return rds.CfnDBParameterGroup(
            self, "InstanceParameterGroup", description=description, family=family, parameters=parameters
        )

    @property
    def _password(self) -> str | None:
        if self._own_secret is None:
            return None
        return self._own_secret.secret_value_from_json("password").unsafe_unwrap()

    def _make_cluster(self) -> rds.CfnDBCluster:
        settings = self._settings
        insights, begins_empty = settings.insights, settings.restore is None
        return rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=self.database_identifier,
            engine=settings.engine.type,
            engine_version=settings.engine.version,
            db_cluster_instance_class=settings.instance_class,
            allocated_storage=settings.allocated_storage,
            storage_type="gp3",
            iops=settings.iops,
            database_name=settings.database_name if begins_empty else None,
            master_username=settings.master_username if begins_empty else None,
            master_user_password=self._password,
            manage_master_user_password=settings.is_managed,
            master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=self.encryption_key.key_arn)
            if settings.is_managed
            else None,
            snapshot_identifier=settings.snapshot,
            source_db_cluster_identifier=settings.source,
            restore_to_time=settings.restore_time,
            use_latest_restorable_time=settings.restores_latest,
            port=settings.port,
            db_subnet_group_name=self.subnet_group.ref,
            vpc_security_group_ids=[self.security_group.security_group_id],
            db_cluster_parameter_group_name=self.parameter_group.ref,
            publicly_accessible=False,
            storage_encrypted=None if settings.source else True,
            kms_key_id=self.encryption_key.key_arn,
            enable_iam_database_authentication=True,
            enable_cloudwatch_logs_exports=list(self.log_groups),
            auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
            monitoring_interval=MONITORING_SECONDS,
            monitoring_role_arn=self.monitoring.role.role_arn,
            database_insights_mode=insights.value.lower() if insights else None,
            performance_insights_enabled=insights is not None,
            performance_insights_kms_key_id=self.encryption_key.key_arn if insights else None,
            performance_insights_retention_period=insights_retention_days(insights) if insights else None,
            backup_retention_period=settings.backup_days,
            preferred_backup_window=settings.backup_window,
            preferred_maintenance_window=settings.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=settings.removal_policy is RemovalPolicy.DESTROY,
            deletion_protection=settings.deletion_protection,
        )

    def _make_instance(self) -> rds.CfnDBInstance:
        settings = self._settings
        insights, begins_empty = settings.insights, settings.restore is None
        return rds.CfnDBInstance(
            self,
            "Instance",
            db_instance_identifier=self.database_identifier,
            engine=settings.engine.type,
            engine_version=settings.engine.version,
            db_instance_class=settings.instance_class,
            multi_az=settings.deployment is MultiAzDeployment.INSTANCE,
            allocated_storage=str(settings.allocated_storage),
            max_allocated_storage=settings.max_allocated_storage,
            storage_type="gp3",
            iops=settings.iops,
            db_name=settings.database_name if begins_empty else None,
            master_username=settings.master_username if begins_empty else None,
            master_user_password=self._password,
            manage_master_user_password=settings.is_managed,
            master_user_secret=rds.CfnDBInstance.MasterUserSecretProperty(kms_key_id=self.encryption_key.key_arn)
            if settings.is_managed
            else None,
            db_snapshot_identifier=settings.snapshot,
            source_db_instance_identifier=settings.source,
            restore_time=settings.restore_time,
            use_latest_restorable_time=settings.restores_latest,
            port=str(settings.port),
            db_subnet_group_name=self.subnet_group.ref,
            vpc_security_groups=[self.security_group.security_group_id],
            network_type="IPV4",
            db_parameter_group_name=self.parameter_group.ref,
            publicly_accessible=False,
            # RDS restores an instance with its source's encryption and key, and takes no others.
            storage_encrypted=True if begins_empty else None,
            kms_key_id=self.encryption_key.key_arn if begins_empty else None,
            enable_iam_database_authentication=True,
            enable_cloudwatch_logs_exports=list(self.log_groups),
            ca_certificate_identifier=CERTIFICATE_AUTHORITY,
            auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
            monitoring_interval=MONITORING_SECONDS,
            monitoring_role_arn=self.monitoring.role.role_arn,
            database_insights_mode=insights.value.lower() if insights else None,
            enable_performance_insights=insights is not None,
            performance_insights_kms_key_id=self.encryption_key.key_arn if insights else None,
            performance_insights_retention_period=insights_retention_days(insights) if insights else None,
            backup_retention_period=settings.backup_days,
            preferred_backup_window=settings.backup_window,
            preferred_maintenance_window=settings.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=settings.removal_policy is RemovalPolicy.DESTROY,
            deletion_protection=settings.deletion_protection,
        )

    def _prepare(self) -> None:
        """Say what the database waits for, and what becomes of it."""
        policy = self._settings.removal_policy
        wait_for(self.resource, [*self.log_groups.values(), self.monitoring.policy])
        self.resource.apply_removal_policy(policy)
        group: CfnResource = self.parameter_group
        retain_with(policy, self.subnet_group, group)

    def _tell_secret(self) -> secretsmanager.ISecret:
        """The master user's secret, told what it is for."""
        settings = self._settings
        return told_secret(
            self,
            self._own_secret,
            resource=self.resource,
            key=self.encryption_key,
            engine=settings.engine,
            vpc=settings.vpc,
            database=self.security_group,
            port=settings.port,
            after=[self.resource],
        )

    def _make_backups(self) -> Backups | None:
        settings = self._settings
        if settings.backup_plan is None:
            return None
        arn = self._only_instance.attr_db_instance_arn if self.cluster is None else self.cluster.attr_db_cluster_arn
        return Backups(
            self,
            "Backups",
            plan=settings.backup_plan,
            database_arn=arn,
            key=self.encryption_key,
            removal_policy=settings.removal_policy,
        )

    def _watch(self) -> None:
        """Make the alarms, and subscribe to events."""
        settings = self._settings
        alarms = Alarms(self, alarm_topic=settings.alarm_topic, environment_type=settings.environment_type)
        if settings.alarm_topic is None:
            return
        subscribe(
            self,
            "Events",
            settings.alarm_topic,
            source_type="db-cluster" if settings.is_cluster else "db-instance",
            source_id=self.resource.ref,
            categories=_CLUSTER_EVENTS if settings.is_cluster else _INSTANCE_EVENTS,
        )
        dimension = "DBClusterIdentifier" if settings.is_cluster else "DBInstanceIdentifier"
        made = DatabaseAlarms(alarms, {dimension: self.resource.ref})
        made.common(gib=settings.gib, connections=most_rds_connections(settings.engine.family, settings.gib))
        made.storage(gib=settings.allocated_storage)
        if settings.is_cluster:
            made.standby_lag()

    def _say_what_is_unwise(self) -> None:
        """Say what is legal, and will be regretted; and why what the packs flag is right to stay."""
        settings = self._settings
        production = settings.environment_type is EnvironmentType.PROD
        warn_of_exposure(
            self,
            tls=requires_tls(settings.engine.family, settings.parameters),
            protected=settings.deletion_protection or not production,
        )
        if settings.restore is not None and not settings.is_cluster:
            warn(
                self,
                "InheritedEncryption",
                "RDS restores an instance with the encryption and key of its snapshot or source, and takes no others: "
                "see that it is encrypted, with a key that stays.",
            )
        acknowledge_what_stays(self.resource, settings)
