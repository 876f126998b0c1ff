"""An Aurora cluster whose defaults survive the loss of an AZ and a mistake."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs.foundation.environment import EnvironmentType

from .aurora_database import AuroraDatabase
from .aurora_instances import AuroraInstance, ReaderScaling, ServerlessCapacity
from .aurora_settings import DEFAULT_DATABASE_NAME, DEFAULT_MASTER_USERNAME, decide
from .database_arguments import MasterPassword, argument_errors_named
from .database_backups import BackupPlan
from .database_proxy import DatabaseProxy
from .maintenance_windows import DEFAULT_BACKUP_WINDOW, DEFAULT_MAINTENANCE_WINDOW
from .restore import RestoreSource

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns


class AuroraCluster(AuroraDatabase):
    """An Aurora PostgreSQL or MySQL cluster that survives the loss of an AZ, and a mistake.

    `AuroraCluster(self, "Database", vpc=network.vpc)` is all it takes. In production: a writer and a reader in two AZs
    of the isolated tier, storage encrypted with the cluster's own key, TLS required, IAM authentication, a master
    password that RDS keeps and rotates, deletion protection, 35 days of backups, logs in groups that expire. A client
    connects by `client.connections.allow_to_default_port(database)` and `database.grant_connect(client, "app")`, and
    knows where from `database.connection_environment`.

    In DEV and STAGING instances are serverless and pause when nobody is connected; the next connection waits for about
    15 seconds.

    What can never change in place is chosen once: `database_name`, `master_username`, `encryption_key`, the subnets'
    VPC and the construct's id. Everything else changes without a replacement, `restore` excepted, whose purpose it is.
    A third instance is in the third AZ; where a VPC grows from two AZs to three, it moves there, as a new reader.

    Fixed cost (us-east-1, docs/checks/prices.md): 404.96 USD a month, of which two db.r8g.large at 0.276 USD an hour
    are 402.96 USD, the key is 1 USD, the master password's secret 0.40 USD, and six alarms are 0.60 USD. Paused, it is
    1.40 USD in DEV: key and secret. Storage is 0.10 USD a GB and month, a million I/O requests 0.20 USD. `io_optimized`
    makes instances 30% dearer, storage 0.225 USD and I/O free: for the default of production with 100 GB it pays from
    667 million I/O requests a month on (254 a second), which is when I/O is about a quarter of the bill.
    (https://aws.amazon.com/rds/aurora/pricing/)

    Well-Architected: reliability (REL09 backups, REL10 multiple AZs, REL13 disaster recovery), security (SEC03, SEC08,
    SEC09, SEC04 logs), performance (PERF03), cost (COST06, COST09), operational excellence (OPS08).

    Args:
        scope: The scope.
        id: The id.
        vpc: Where it is. Any VPC with isolated subnets in two AZs.
        vpc_subnets: Which subnets. Default None: the isolated tier.
        engine: CDK's `rds.DatabaseClusterEngine.aurora_postgres(version=...)` or `.aurora_mysql(version=...)`. Default
            None: Aurora PostgreSQL 17, whose minor version RDS chooses and upgrades: a minor version in the template
            would one day be older than what automatic upgrades have brought, and CloudFormation would try to go back.
        database_name: The first database. It can never change in place. Default "app".
        port: Where instances listen, 1150 to 65535. Default None: 5433 for PostgreSQL and 3307 for MySQL, not the
            engine's own, which is scanned first (Security Hub's RDS.23); clients know it by `connection_environment`.
        instances: The instances, the writer first; add and remove at the end. Default None: by environment one
            serverless (DEV), two serverless (STAGING), two db.r8g.large (PROD, SHARED). Mixed ones are fine.
        serverless_capacity: Between what bounds serverless instances scale. Default None: 0 to 4 ACUs in DEV and to 8
            in STAGING, pausing after 15 minutes; 0.5 to 16 in PROD and SHARED. With `proxy` or `blue_green` nothing
            pauses: then at least 0.5, and asking for 0 is an error.
        reader_scaling: Readers that are added while the others are busy. Default None: none.
        io_optimized: Whether I/O is included in the price. It can be switched on every 30 days, and off at any time.
            Default False: see cost above.
        proxy: A proxy in front of the writer, for many clients that come and go. Then clients connect to it: endpoint,
            port, `connections` and `grant_connect` are the proxy's. Default None: none.
        data_api: Whether statements can be run over HTTPS: `grant_data_api`. Default False.
        blue_green: Whether the cluster is ready for blue/green deployments: logical replication, and a master password
            that RDS does not manage, which it refuses to copy. Default False.
        master_username: The master user, who makes the others. It can never change in place. Default "dbadmin".
        master_password: Who keeps the master password, in a secret that is paid for either way. Default None:
            `MANAGED`, by RDS; with `blue_green` `SECRET`, whose rotation needs a private tier with a way to Secrets
            Manager.
        parameters: Cluster parameters, over the library's: TLS of 1.2 or newer is required; schema changes, roles and
            connections are logged (audit), and queries that take a second, and waits for locks. Whoever sets
            `shared_preload_libraries` names pgaudit among them. Default None: these.
        restore: What it begins with: a snapshot, or another cluster's point in time. `database_name` and
            `master_username` then name what is in there. Default None: empty.
        database_insights: `rds.DatabaseInsightsMode.ADVANCED` keeps 15 months of performance data, for 0.0125 USD a
            vCPU and hour (https://aws.amazon.com/cloudwatch/pricing/). Default None: `STANDARD`, 7 days, free; none on
            db.t3 of MySQL, which lacks it.
        auto_minor_version_upgrade: Whether RDS installs minor versions in the maintenance window. Default True.
        backup_retention: How far back any second can be restored, 1 to 35 days. Default None: 1 day in DEV, 7 in
            STAGING, 35 in PROD and SHARED; beyond the size of the data, backups cost 0.021 USD a GB and month.
        backup_window: When snapshots are made, in UTC. Default "02:00-03:00".
        maintenance_window: When RDS may restart an instance, in UTC; it must not overlap the other. Default
            "sun:04:00-sun:05:00".
        backup_plan: Backups in a vault of AWS Backup, copied to another Region if asked for. Default None: none.
        deletion_protection: Whether nobody can delete it until this is switched off. Default None: in PROD and SHARED.
        encryption_key: A key made for this database. The stack's shared key is refused: a cluster's key can never
            change, and its snapshots are only as readable as its key. Default None: a key of its own, rotated and
            always retained.
        alarm_topic: Whom CPU, memory, local storage, connections, replica lag, deadlocks, serverless capacity and
            events such as a failover are told to. Default None: nobody, and in PROD a warning.
        log_retention: How long logs are kept. Default None: the environment's.
        removal_policy: What happens to it when it leaves the stack. Default None: a last snapshot, in DEV none.
        environment_type: Which environment's defaults. Default None: what the scope declares, else PROD.

    Attributes:
        cluster: The cluster as CDK's constructs take it.
        cfn_cluster: Its resource: whatever is not an argument is a property of it.
        cluster_identifier: Its name, which log groups and metrics bear.
        instances: Its instances, the writer first.
        encryption_key: What it is encrypted with: storage, insights, log groups and secret.
        secret: The master user's name and password.
        security_group: Who is let in to the instances.
        subnet_group: Where instances may be.
        parameter_group: Its parameters.
        log_groups: Its log groups, by what is logged.
        monitoring: What enhanced monitoring writes with.
        proxy: The proxy and its parts, or None.
        backups: The vault and plan of AWS Backup, or None.
        port: The port that clients connect to: the proxy's, if there is one.

    Raises:
        ValueError: If the VPC has no isolated subnets in two AZs, the engine or its version lacks what is asked for, a
            range is inverted, windows overlap, something would never pause or be ignored, or arguments contradict.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.BestPractices.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html,
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        engine: rds.IEngine | None = None,
        database_name: str = DEFAULT_DATABASE_NAME,
        port: int | None = None,
        instances: Sequence[AuroraInstance] | None = None,
        serverless_capacity: ServerlessCapacity | None = None,
        reader_scaling: ReaderScaling | None = None,
        io_optimized: bool = False,
        proxy: DatabaseProxy | None = None,
        data_api: bool = False,
        blue_green: bool = False,
        master_username: str = DEFAULT_MASTER_USERNAME,
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
            settings = decide(
                scope,
                vpc=vpc,
                vpc_subnets=vpc_subnets,
                engine=engine,
                database_name=database_name,
                port=port,
                instances=instances,
                serverless_capacity=serverless_capacity,
                reader_scaling=reader_scaling,
                io_optimized=io_optimized,
                proxy=proxy,
                data_api=data_api,
                blue_green=blue_green,
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
        super().__init__(scope, id, settings=settings)
