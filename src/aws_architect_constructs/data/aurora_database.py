"""An Aurora cluster with all its parts, and what it is to its clients; the constructs of this room are made of it."""

from typing import TYPE_CHECKING, Final

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, warn
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state

from .aurora_findings import acknowledge_what_stays
from .aurora_settings import AuroraSettings
from .database import Database
from .database_alarms import DatabaseAlarms
from .database_arguments import MasterPassword, insights_retention_days
from .database_backups import Backups
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
from .database_proxy import ProxyParts
from .database_secret import master_secret, told_secret
from .engine_facts import FAMILY_FACTS, requires_tls

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENTS: Final = ("failover", "failure", "maintenance", "notification")
_DATA_API_ACTIONS: Final = (
    "rds-data:BatchExecuteStatement",
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
)


class AuroraDatabase(Database):
    """An Aurora cluster; made by `AuroraCluster` and `AuroraGlobal`, not by itself.

    Attributes:
        cluster: The cluster as CDK's constructs take it.
        cfn_cluster: Its resource: whatever is not an argument is a property of it.
        cluster_identifier: Its name, which log groups and metrics bear.
        instances: Its instances, the writer first; empty in a secondary Region that has storage alone.
        encryption_key: What it is encrypted with: storage, insights, log groups and secret.
        secret: The master user's name and password, or None in a secondary Region.
        own_secret: The same, where it is a secret of our own and not one that RDS made.
        security_group: Who is let in to the instances.
        subnet_group: Where instances may be.
        parameter_group: Its parameters.
        log_groups: Its log groups, by what is logged.
        monitoring: What enhanced monitoring writes with, or None without instances.
        proxy: The proxy and its parts, or None.
        backups: The vault and plan of AWS Backup, or None.
        port: The port that clients connect to: the proxy's, if there is one.
        settings: What was decided before anything was made.
    """

    def __init__(self, scope: Construct, id: str, *, settings: AuroraSettings) -> None:
        super().__init__(scope, id)
        self.settings: Final = settings
        self._database_name = settings.database_name
        self._master_username = settings.master_username
        # A restored cluster is another one, and so is one that follows another global database: none can be moved.
        self.cluster_identifier: Final = database_identifier(
            self, 63, settings.restore.key if settings.restore else "", settings.global_cluster_identifier or ""
        )
        self.encryption_key = settings.encryption_key or own_key(
            self, "Key", "Encrypts one Aurora cluster and its snapshots."
        )
        self.security_group = security_group(self, "SecurityGroup", settings.vpc, "Clients of an Aurora cluster.")
        self.subnet_group: Final = rds.CfnDBSubnetGroup(
            self,
            "SubnetGroup",
            db_subnet_group_description="Where the instances of an Aurora cluster may be.",
            subnet_ids=settings.subnets.subnet_ids,
        )
        self.parameter_group: Final = rds.CfnDBClusterParameterGroup(
            self,
            "ParameterGroup",
            description="TLS, audit and slow queries.",
            family=settings.engine.parameter_group_family,
            parameters=dict(settings.parameters),
        )
        self.log_groups: Final[Mapping[str, logs.LogGroup]] = log_groups(
            self,
            {
                kind: f"/aws/rds/cluster/{self.cluster_identifier}/{kind}"
                for kind in FAMILY_FACTS[settings.engine.family].aurora_logs
            },
            key=self.encryption_key,
            retention=settings.log_retention,
            removal_policy=settings.removal_policy,
        )
        self.own_secret: Final = self._own_secret()
        self.cfn_cluster: Final = self._make_cluster(self.own_secret)
        wait_for(self.cfn_cluster, self.log_groups.values())
        self.monitoring: Final = MonitoringRole(self, "Monitoring") if settings.plan else None
        self.instances: Final = self._make_instances()
        retain_with(settings.removal_policy, self.subnet_group, self.parameter_group, *self.instances)
        self.secret = self._tell_secret(self.own_secret)
        self.proxy: Final = self._make_proxy()
        self.port = settings.port if self.proxy is None else self.proxy.port
        self._connections = ec2.Connections(
            security_groups=[self.security_group if self.proxy is None else self.proxy.security_group],
            default_port=ec2.Port.tcp(self.port),
        )
        self.cluster: Final = rds.DatabaseCluster.from_database_cluster_attributes(
            self,
            "Imported",
            cluster_identifier=self.cfn_cluster.ref,
            cluster_resource_identifier=self.cfn_cluster.attr_db_cluster_resource_id,
            cluster_endpoint_address=self.cfn_cluster.attr_endpoint_address,
            reader_endpoint_address=self.cfn_cluster.attr_read_endpoint_address,
            instance_identifiers=[instance.ref for instance in self.instances],
            instance_endpoint_addresses=[instance.attr_endpoint_address for instance in self.instances],
            port=settings.port,
            security_groups=[self.security_group],
            secret=self.secret,
        )
        self.backups: Final = self._make_backups()
        self._scale_readers()
        self._watch()
        self._say_what_is_unwise()
        protect_state(self, settings.declared)

    @property
    def is_secondary(self) -> bool:
        """Whether it follows the cluster of another Region, and has no master password of its own."""
        return self.settings.master_password is None

    @property
    def endpoint(self) -> str:
        """The host name that always leads to the writer: the proxy's, if there is one.

        In a secondary Region, where the writer is elsewhere, it leads to a reader.
        """
        if self.proxy is not None:
            return self.proxy.proxy.attr_endpoint
        return self.reader_endpoint if self.is_secondary else self.cfn_cluster.attr_endpoint_address

    @property
    def reader_endpoint(self) -> str:
        """The host name that leads to one of the readers, or to the writer where there is none."""
        return self.cfn_cluster.attr_read_endpoint_address

    def _admit(self, user: str) -> str:
        if self.proxy is None:
            return self.cfn_cluster.attr_db_cluster_resource_id
        self.proxy.admit(user)
        return self.proxy.resource_id

    def grant_data_api(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a client run statements over HTTPS as the master user, with the secret that this takes.

        Raises:
            ValueError: If the cluster has no Data API.
        """
        if not self.settings.data_api or self.secret is None:
            raise ValueError(f"{self.node.path}: no Data API, got data_api=False; allowed: data_api=True")
        self.grant_read_secret(grantee)
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(_DATA_API_ACTIONS), resource_arns=[self.cfn_cluster.attr_db_cluster_arn]
        )

    def _own_secret(self) -> secretsmanager.Secret | None:
        settings = self.settings
        if settings.master_password is not MasterPassword.SECRET:
            return None
        return master_secret(
            self,
            "Secret",
            username=settings.master_username,
            key=self.encryption_key,
            removal_policy=settings.removal_policy,
            regions=settings.secret_regions,
        )

    def _make_cluster(self, own_secret: secretsmanager.Secret | None) -> rds.CfnDBCluster:
        settings = self.settings
        restore = settings.restore
        begins_empty = restore is None and not self.is_secondary
        managed = settings.master_password is MasterPassword.MANAGED
        source = restore.source_identifier if restore else None
        insights = settings.database_insights
        cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=self.cluster_identifier,
            engine=settings.engine.type,
            engine_version=settings.engine.version,
            global_cluster_identifier=settings.global_cluster_identifier,
            enable_global_write_forwarding=settings.write_forwarding or None,
            database_name=settings.database_name if begins_empty else None,
            master_username=settings.master_username if begins_empty else None,
            master_user_password=None
            if own_secret is None
            else own_secret.secret_value_from_json("password").unsafe_unwrap(),
            # False and not absent: RDS takes no password from us before it has been told to give up its own.
            manage_master_user_password=None if self.is_secondary else managed,
            master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=self.encryption_key.key_arn)
            if managed
            else None,
            snapshot_identifier=restore.snapshot_identifier if restore else None,
            source_db_cluster_identifier=source,
            restore_to_time=restore.restore_to_time if restore else None,
            use_latest_restorable_time=True if restore and source and not restore.restore_to_time else None,
            port=settings.port,
            db_subnet_group_name=self.subnet_group.ref,
            vpc_security_group_ids=[self.security_group.security_group_id],
            network_type="IPV4",
            db_cluster_parameter_group_name=self.parameter_group.ref,
            storage_encrypted=None if source else True,
            kms_key_id=self.encryption_key.key_arn,
            storage_type="aurora-iopt1" if settings.io_optimized else "aurora",
            serverless_v2_scaling_configuration=self._scaling_configuration(),
            enable_iam_database_authentication=True,
            enable_http_endpoint=settings.data_api,
            enable_cloudwatch_logs_exports=list(self.log_groups),
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
        cluster.apply_removal_policy(settings.removal_policy)
        return cluster

    def _scaling_configuration(self) -> rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty | None:
        capacity = self.settings.plan.capacity if self.settings.plan else None
        if capacity is None:
            return None
        return rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
            min_capacity=capacity.minimum,
            max_capacity=capacity.maximum,
            seconds_until_auto_pause=capacity.seconds_until_auto_pause,
        )

    def _make_instances(self) -> tuple[rds.CfnDBInstance, ...]:
        """Make the writer, and after it each reader in the next AZ."""
        settings = self.settings
        if settings.plan is None or self.monitoring is None:
            return ()
        zones = settings.zones
        made: list[rds.CfnDBInstance] = []
        for place, (instance, tier) in enumerate(zip(settings.plan.instances, settings.plan.tiers, strict=True)):
            one = rds.CfnDBInstance(
                self,
                f"Instance{place + 1}",
                db_cluster_identifier=self.cfn_cluster.ref,
                db_instance_class=instance.instance_class,
                engine=settings.engine.type,
                availability_zone=zones[place % len(zones)],
                promotion_tier=tier,
                publicly_accessible=False,
                ca_certificate_identifier=CERTIFICATE_AUTHORITY,
                auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
                preferred_maintenance_window=settings.maintenance_window,
                monitoring_interval=MONITORING_SECONDS,
                monitoring_role_arn=self.monitoring.role.role_arn,
            )
            wait_for(one, [self.monitoring.policy])
            if made:
                one.add_resource_dependency(made[0])  # the first of a cluster's instances becomes its writer
            made.append(one)
            acknowledge(
                one,
                "CloudFormation-Validate::W3010",
                "The AZ of an instance is pinned: only so are writer and readers surely in different ones.",
            )
            for pack in ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security"):
                acknowledge(
                    one,
                    f"{pack}::{pack}-RDSInBackupPlan",
                    "An Aurora instance holds no data to back up: its cluster does, which has continuous backups, and "
                    "a plan of AWS Backup where backup_plan= asks for one. AWS Backup takes clusters, not their "
                    "instances.",
                )
        return tuple(made)

    def _tell_secret(self, own_secret: secretsmanager.Secret | None) -> secretsmanager.ISecret | None:
        """The master user's secret, told what it is for; a secondary has none."""
        settings = self.settings
        if self.is_secondary:
            return None
        return told_secret(
            self,
            own_secret,
            resource=self.cfn_cluster,
            key=self.encryption_key,
            engine=settings.engine,
            vpc=settings.vpc,
            database=self.security_group,
            port=settings.port,
            after=self.instances,
        )

    def _make_proxy(self) -> ProxyParts | None:
        settings = self.settings
        if settings.proxy is None:
            return None
        parts = ProxyParts(
            self,
            "Proxy",
            options=settings.proxy,
            engine=settings.engine,
            vpc=settings.vpc,
            subnets=settings.subnets,
            database=self.cfn_cluster,
            instances=self.instances,
            key=self.encryption_key,
            log_retention=settings.log_retention,
            removal_policy=settings.removal_policy,
        )
        parts.security_group.connections.allow_to(self.security_group, ec2.Port.tcp(settings.port), "the database")
        return parts

    def _make_backups(self) -> Backups | None:
        settings = self.settings
        if settings.backup_plan is None:
            return None
        return Backups(
            self,
            "Backups",
            plan=settings.backup_plan,
            database_arn=self.cfn_cluster.attr_db_cluster_arn,
            key=self.encryption_key,
            removal_policy=settings.removal_policy,
        )

    def _scale_readers(self) -> None:
        scaling, plan = self.settings.reader_scaling, self.settings.plan
        if scaling is None or plan is None:
            return
        from aws_cdk import aws_applicationautoscaling as autoscaling  # noqa: PLC0415 -- most clusters do without

        target = autoscaling.CfnScalableTarget(
            self,
            "ReaderTarget",
            service_namespace="rds",
            scalable_dimension="rds:cluster:ReadReplicaCount",
            resource_id=f"cluster:{self.cfn_cluster.ref}",
            min_capacity=plan.readers if scaling.minimum is None else scaling.minimum,
            max_capacity=scaling.maximum,
        )
        for instance in self.instances:
            target.add_resource_dependency(instance)
        autoscaling.CfnScalingPolicy(
            self,
            "ReaderScaling",
            policy_name=f"{self.cluster_identifier}-readers",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=scaling.target,
                predefined_metric_specification=autoscaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type=scaling.metric
                ),
                scale_in_cooldown=600,
                scale_out_cooldown=300,
            ),
        )

    def _watch(self) -> None:
        """Make the alarms, and subscribe to events."""
        settings = self.settings
        alarms = Alarms(self, alarm_topic=settings.alarm_topic, environment_type=settings.environment_type)
        if settings.alarm_topic is None:
            return
        subscribe(
            self,
            "Events",
            settings.alarm_topic,
            source_type="db-cluster",
            source_id=self.cfn_cluster.ref,
            categories=_EVENTS,
        )
        made = DatabaseAlarms(alarms, {"DBClusterIdentifier": self.cfn_cluster.ref})
        if self.is_secondary:
            made.global_lag()
        plan = settings.plan
        if plan is None:
            return
        made.common(gib=plan.smallest_gib, connections=plan.fewest_connections(settings.engine))
        made.deadlocks()
        if plan.has_provisioned:
            made.local_storage(gib=plan.smallest_gib)
        if plan.readers or settings.reader_scaling is not None:
            made.replica_lag()
        if plan.capacity is not None:
            made.capacity()

    def _say_what_is_unwise(self) -> None:
        """Say what is legal, and will be regretted."""
        settings = self.settings
        production = settings.environment_type is EnvironmentType.PROD
        warn_of_exposure(
            self,
            tls=requires_tls(settings.engine.family, settings.parameters),
            protected=settings.deletion_protection or not production,
        )
        if production and not self.is_secondary and settings.plan is not None and len(settings.plan.instances) == 1:
            warn(
                self,
                "SingleInstance",
                "One instance in PROD: when it fails, the database is away until another is made, ten minutes or more.",
            )
        if production and settings.plan is not None and settings.plan.capacity and settings.plan.capacity.pauses:
            warn(self, "AutoPauseInProduction", "Whoever connects to a paused database waits for about 15 seconds.")
        acknowledge_what_stays(self.cfn_cluster, settings)
