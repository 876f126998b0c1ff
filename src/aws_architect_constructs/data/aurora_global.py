"""An Aurora cluster that other Regions follow, ready to take over from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

from aws_cdk import Environment, RemovalPolicy, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete
from aws_architect_constructs.foundation.environment import protect_state

from .aurora_cluster import AuroraCluster
from .aurora_database import AuroraDatabase
from .aurora_instances import (
    MOST_INSTANCES,
    AuroraInstance,
    InstancePlan,
    ReaderScaling,
    ServerlessCapacity,
    plan_instances,
)
from .aurora_settings import AuroraSettings, check_scaling, need
from .database_arguments import Engine, argument_errors_named, checked_key, database_subnets
from .database_identifiers import database_identifier
from .engine_facts import EngineFeature, engine_version

if TYPE_CHECKING:  # whoever has a topic has loaded it
    from aws_cdk import aws_sns as sns

MOST_SECONDARIES: Final = 10
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html"""
_WHY_NOT_UPGRADED: Final = (
    "The Regions of a global database are upgraded by hand and in order, the secondary ones first: an instance that "
    "upgraded itself would leave the versions unequal, and the secondary Region unable to take over."
)


@dataclass(frozen=True, kw_only=True)
class SecondaryRegion:
    """A Region that follows the primary one. `SecondaryRegion.headless(vpc=...)` has storage alone.

    Args:
        vpc: Where it is: a VPC in that Region, with isolated subnets in two AZs.
        region: The Region. Default None: that of the VPC's stack.
        vpc_subnets: Which subnets. Default None: the isolated tier.
        instances: Its instances. Default None: as many and such as the primary has. None at all, `()`, is a headless
            Region: its storage follows, nobody can read from it, and instances are added when it takes over.
        serverless_capacity: Between what bounds serverless instances scale. Default None: as in the primary.
        reader_scaling: Readers that are added while the others are busy. Default None: none.
        write_forwarding: Whether statements that write may be sent here, and are forwarded. Default False: it makes
            consistency a choice of each session (`aurora_replica_read_consistency`,
            `apg_write_forward.consistency_mode`).
        encryption_key: A key of that Region, made for this database. Default None: one of its own.
        alarm_topic: A topic of that Region. Default None: nobody hears, and in PROD a warning says so.
    """

    vpc: ec2.IVpc
    region: str | None = None
    vpc_subnets: ec2.SubnetSelection | None = None
    instances: Sequence[AuroraInstance] | None = None
    serverless_capacity: ServerlessCapacity | None = None
    reader_scaling: ReaderScaling | None = None
    write_forwarding: bool = False
    encryption_key: kms.IKey | None = None
    alarm_topic: "sns.ITopic | None" = None

    @classmethod
    def headless(
        cls,
        *,
        vpc: ec2.IVpc,
        region: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
    ) -> Self:
        """A Region with storage alone: the data survives the primary Region, for the price of storage and replication.

        Args:
            vpc: Where its instances will be.
            region: The Region. Default None: that of the VPC's stack.
            vpc_subnets: Which subnets. Default None: the isolated tier.
            encryption_key: A key of that Region, made for this database. Default None: one of its own.
            alarm_topic: A topic of that Region. Default None: nobody hears.
        """
        return cls(
            vpc=vpc,
            region=region,
            vpc_subnets=vpc_subnets,
            instances=(),
            encryption_key=encryption_key,
            alarm_topic=alarm_topic,
        )


class AuroraGlobal(Construct):
    """A global database: an `AuroraCluster`, and clusters of other Regions that follow it within a second.

    `AuroraGlobal(self, "Global", primary=database, secondaries=[SecondaryRegion(vpc=frankfurt.vpc)])`, in the primary's
    stack. Each secondary Region is a stack of its own, below this construct, with its own key, log groups, alarms and
    security group, and otherwise like the primary; it depends on the primary's stack and is deployed after it.

    The primary has a secret of our own (`master_password=MasterPassword.SECRET`), since RDS manages no password of a
    global database. Its secret is replicated to each Region, where it is encrypted with Secrets Manager's own key; the
    cluster of a secondary Region sets no password, because it has the primary's.

    An existing cluster becomes the primary in two deployments: first with `MasterPassword.SECRET`, a pinned minor
    version and `auto_minor_version_upgrade=False`, then with this construct beside it. It is not replaced.

    Versions are equal because the secondaries take the primary's. To upgrade a minor version, see the runbook in
    docs/constructs/aurora_global.md, as for switchover and failover: which Region writes is RDS's state, not the
    template's.

    Fixed cost (us-east-1, docs/checks/prices.md): the primary's 404.96 USD a month, and in each secondary Region, at
    that Region's prices, its instances, 1 USD for its key, 0.40 USD for the replicated secret and its alarms. A
    headless Region has no instances. By use: storage in each Region, 0.20 USD a million replicated writes
    (https://aws.amazon.com/rds/aurora/pricing/), and the transfer between Regions.

    Well-Architected: reliability (REL13, disaster recovery), performance (reads in the reader's Region), security
    (SEC08).

    Args:
        scope: The scope, in the primary's stack.
        id: The id.
        primary: The cluster that writes. Its stack names its Region.
        secondaries: The Regions that follow, 1 to 10.
        deletion_protection: Whether nobody can delete the global database until this is switched off. Default None: as
            the primary.

    Attributes:
        primary: The cluster that writes.
        global_cluster: The global cluster.
        global_cluster_identifier: Its name.
        secondaries: The clusters of the other Regions, by Region.

    Raises:
        ValueError: If the primary has a managed password, no pinned minor version, automatic upgrades or instances that
            pause or burst; if a Region is unknown, named twice or the primary's; or if a secondary's VPC, capacity or
            engine version does not do.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        primary: AuroraCluster,
        secondaries: Sequence[SecondaryRegion],
        deletion_protection: bool | None = None,
    ) -> None:
        with argument_errors_named(scope, id):
            self._secret: Final = _check_primary(scope, primary)
            regions = _regions(primary, secondaries)
            plans = [_settings(primary.settings, one) for one in secondaries]
            _check_readers(primary.settings.plan, secondaries)
        super().__init__(scope, id)
        self.primary: Final = primary
        # With another source it is another global database, made beside this one.
        self.global_cluster_identifier: Final = database_identifier(self, 63, primary.cluster_identifier)
        protected = primary.settings.deletion_protection if deletion_protection is None else deletion_protection
        self.global_cluster: Final = rds.CfnGlobalCluster(
            self,
            "GlobalCluster",
            global_cluster_identifier=self.global_cluster_identifier,
            source_db_cluster_identifier=primary.cfn_cluster.attr_db_cluster_arn,
            deletion_protection=protected,
        )
        # It holds no data: what it is made of does, and goes by its own policy.
        self.global_cluster.apply_removal_policy(
            RemovalPolicy.RETAIN if primary.settings.removal_policy is RemovalPolicy.RETAIN else RemovalPolicy.DESTROY
        )
        for instance in primary.instances:
            self.global_cluster.add_resource_dependency(instance)
            _explain_upgrades(instance)
        self.secondaries: Final = {
            region: self._follow(region, settings) for region, settings in zip(regions, plans, strict=True)
        }
        protect_state(self, primary.settings.declared)

    @property
    def writer_endpoint(self) -> str:
        """The host name that leads to whichever Region writes, after a switchover or failover too."""
        return Token.as_string(self.global_cluster.get_att("GlobalEndpoint.Address"))

    def _follow(self, region: str, settings: AuroraSettings) -> AuroraDatabase:
        """Make a Region's stack, and in it a cluster that follows."""
        home = Stack.of(self)
        stack = Stack(
            self,
            region,
            env=Environment(account=home.account if is_concrete(home.account) else None, region=region),
            stack_name=f"{home.stack_name}-{self.node.id}-{region}" if is_concrete(home.stack_name) else None,
            description=f"Follows {self.global_cluster_identifier} in {region}.",
        )
        stack.add_stack_dependency(home, "a secondary Region follows the global cluster")
        self._secret.add_replica_region(region)
        database = AuroraDatabase(
            stack, "Database", settings=replace(settings, global_cluster_identifier=self.global_cluster_identifier)
        )
        for instance in database.instances:
            _explain_upgrades(instance)
        return database


def _explain_upgrades(instance: rds.CfnDBInstance) -> None:
    for pack in ("HIPAA.Security", "PCI.DSS.321"):
        acknowledge(instance, f"{pack}::{pack}-RDSAutomaticMinorVersionUpgradeEnabled", _WHY_NOT_UPGRADED)


def _check_primary(scope: Construct, primary: AuroraCluster) -> secretsmanager.Secret:
    """Check that the cluster can be one that others follow, and find its secret."""
    settings = primary.settings
    if Stack.of(scope).node.addr != Stack.of(primary).node.addr:
        raise ValueError(
            f"primary: in another stack, got {primary.node.path!r}; allowed: a cluster of the scope's own stack"
        )
    if primary.own_secret is None:
        raise ValueError(
            "primary: RDS manages no password of a global database, got master_password=MANAGED; "
            "allowed: master_password=MasterPassword.SECRET, deployed before the cluster becomes global"
        )
    if _is_major_alone(settings.engine):
        raise ValueError(
            f"primary: Regions may choose other minor versions, got engine version {settings.engine.version!r}; "
            "allowed: a minor version, such as '17.7'"
        )
    if settings.auto_minor_version_upgrade:
        raise ValueError(
            "primary: Regions would be upgraded apart from each other, got auto_minor_version_upgrade=True; "
            "allowed: auto_minor_version_upgrade=False"
        )
    _check_plan(settings.plan, "primary")
    return primary.own_secret


def _is_major_alone(engine: Engine) -> bool:
    numbers = engine_version(engine.version)
    return "mysql_aurora" not in engine.version if engine.type == "aurora-mysql" else len(numbers) == 1


def _check_plan(plan: InstancePlan | None, argument: str) -> None:
    """Check that no instance pauses or bursts, which those of a global database do not."""
    if plan is None:
        return
    if plan.capacity is not None and plan.capacity.pauses:
        raise ValueError(
            f"{argument}: a global database keeps its instances awake, got a minimum of 0 ACUs; allowed: 0.5 or more"
        )
    burstable = [one.instance_class for one in plan.instances if one.instance_class.startswith("db.t")]
    if burstable:
        raise ValueError(
            f"{argument}: burstable classes are in no global database, got {burstable[0]!r}; allowed: such as r8g.large"
        )


def _regions(primary: AuroraCluster, secondaries: Sequence[SecondaryRegion]) -> list[str]:
    """The Regions that follow, known now, each once, and none the primary's."""
    home = Stack.of(primary).region
    if not is_concrete(home):
        raise ValueError("primary: its Region is not known, got a stack without env; allowed: env with a region")
    if not 1 <= len(secondaries) <= MOST_SECONDARIES:
        raise ValueError(f"secondaries: got {len(secondaries)}; allowed: 1 to {MOST_SECONDARIES}")
    found: list[str] = []
    for one in secondaries:
        region = one.region if one.region is not None else one.vpc.env.region
        if not is_concrete(region):
            raise ValueError("secondaries: a Region that is not known, got a VPC without env; allowed: region=")
        if region == home:
            raise ValueError(f"secondaries: the primary's own Region, got {region!r}; allowed: another Region")
        if region in found:
            raise ValueError(f"secondaries: a Region twice, got {region!r}; allowed: each Region once")
        found.append(region)
    return found


def _check_readers(plan: InstancePlan | None, secondaries: Sequence[SecondaryRegion]) -> None:
    """Check that the primary has no more instances than RDS allows: one fewer for each Region that follows.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html
    """
    most = MOST_INSTANCES - len(secondaries)
    if plan is not None and len(plan.instances) > most:
        raise ValueError(
            f"primary: too many instances beside {len(secondaries)} secondaries, got {len(plan.instances)}; "
            f"allowed: {most}"
        )


def _settings(primary: AuroraSettings, one: SecondaryRegion) -> AuroraSettings:
    """The settings of a secondary Region's cluster: the primary's, but for what is of the Region."""
    plan = _plan(primary, one)
    _check_plan(plan, "secondaries")
    if plan is None and (one.reader_scaling is not None or one.write_forwarding):
        raise ValueError(
            f"secondaries: a headless Region has no readers, got {one.reader_scaling or 'write_forwarding=True'!r}; "
            "allowed: neither reader_scaling nor write_forwarding"
        )
    if one.write_forwarding:
        need(EngineFeature.WRITE_FORWARDING, primary.engine, "secondaries: write_forwarding")
    if plan is not None:
        check_scaling(one.reader_scaling, plan)
    return replace(
        primary,
        vpc=one.vpc,
        subnets=database_subnets(one.vpc, one.vpc_subnets),
        plan=plan,
        master_password=None,
        restore=None,
        reader_scaling=one.reader_scaling,
        proxy=None,
        data_api=False,
        backup_plan=None,
        encryption_key=checked_key(one.encryption_key),
        alarm_topic=one.alarm_topic,
        write_forwarding=one.write_forwarding,
    )


def _plan(primary: AuroraSettings, one: SecondaryRegion) -> InstancePlan | None:
    if one.instances is not None and not one.instances:
        if one.serverless_capacity is not None:
            raise ValueError(
                f"secondaries: a headless Region has no capacity, got {one.serverless_capacity!r}; allowed: instances="
            )
        return None
    own = primary.plan
    instances = one.instances if one.instances is not None else own.instances if own else None
    serverless = any(instance.instance_type is None for instance in instances or ())
    capacity = one.serverless_capacity or (own.capacity if own and serverless else None)
    return plan_instances(
        instances,
        capacity,
        engine=primary.engine,
        defaults=primary.environment_type.defaults,
        kept_awake_by="a global database",
    )
