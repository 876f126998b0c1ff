"""RDS Proxy: few connections to the database for many clients that come and go, such as functions."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from aws_cdk import ArnFormat, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from aws_architect_constructs._validations import integer

from .database_arguments import Engine
from .database_identifiers import database_identifier
from .database_parts import log_groups, security_group, wait_for
from .engine_facts import FAMILY_FACTS

_IDLE_SECONDS: Final = (60, 28_800)


@dataclass(frozen=True, kw_only=True)
class DatabaseProxy:
    """A proxy in front of the writer: IAM authentication from the client and to the database, TLS required.

    It keeps no password: it signs in as the user that signed in to it.

    Cost: 0.015 USD an hour for each vCPU of provisioned instances or each ACU, at least two vCPUs or eight ACUs
    (us-east-1, https://aws.amazon.com/rds/proxy/pricing/): 43.80 USD a month for the default of production.

    See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html.

    Args:
        max_connections_percent: How much of the database's `max_connections` it may take. Default 90.
        max_idle_connections_percent: How much it keeps open for the next client. Default 45.
        idle_client_timeout: After how long an idle client is disconnected: a minute to eight hours. Default None: 30
            minutes.
    """

    max_connections_percent: int = 90
    max_idle_connections_percent: int = 45
    idle_client_timeout: Duration | None = None

    def __post_init__(self) -> None:
        """Check the bounds.

        Raises:
            ValueError: If a figure is out of them.
        """
        integer("max_connections_percent", self.max_connections_percent, 1, 100)
        integer("max_idle_connections_percent", self.max_idle_connections_percent, 0, self.max_connections_percent)
        if self.idle_client_timeout is not None:
            integer("idle_client_timeout", int(self.idle_client_timeout.to_seconds()), *_IDLE_SECONDS)


class ProxyParts(Construct):
    """The proxy of one database; made by the database.

    Attributes:
        proxy: The proxy.
        target_group: What it connects to.
        security_group: Who is let in to it.
        role: What it signs in to the database with.
        port: Where it listens, which is always the engine's own port.
        log_group: What it logs.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        options: DatabaseProxy,
        engine: Engine,
        vpc: ec2.IVpc,
        subnets: ec2.SelectedSubnets,
        database: rds.CfnDBCluster,
        instances: tuple[rds.CfnDBInstance, ...],
        key: kms.IKey,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        # The subnets of a proxy can never change in place: with others it is another proxy, by another name.
        placed = json.dumps(stack.resolve(subnets.subnet_ids), sort_keys=True)
        name = database_identifier(self, 60, hashlib.sha256(placed.encode()).hexdigest())
        self.port: Final = FAMILY_FACTS[engine.family].proxy_port
        self.security_group: Final = security_group(self, "SecurityGroup", vpc, "Clients of a database proxy.")
        self.role: Final = iam.Role(
            self,
            "Role",
            description="A database proxy, which signs in as its clients do.",
            # No condition on the source: AWS documents the role of a proxy without one, and where RDS named no source
            # the proxy could not sign in. Whoever gives a proxy this role needs iam:PassRole in this account.
            assumed_by=iam.ServicePrincipal("rds.amazonaws.com"),
        )
        self.log_group: Final = log_groups(
            self,
            {"proxy": f"/aws/rds/proxy/{name}"},
            key=key,
            retention=log_retention,
            removal_policy=removal_policy,
        )["proxy"]
        self.proxy: Final = rds.CfnDBProxy(
            self,
            "Proxy",
            db_proxy_name=name,
            engine_family=engine.family.value,
            default_auth_scheme="IAM_AUTH",
            require_tls=True,
            debug_logging=False,
            role_arn=self.role.role_arn,
            idle_client_timeout=None
            if options.idle_client_timeout is None
            else int(options.idle_client_timeout.to_seconds()),
            vpc_subnet_ids=subnets.subnet_ids,
            vpc_security_group_ids=[self.security_group.security_group_id],
        )
        wait_for(self.proxy, [self.log_group])
        self.target_group: Final = rds.CfnDBProxyTargetGroup(
            self,
            "TargetGroup",
            target_group_name="default",
            db_proxy_name=self.proxy.ref,
            db_cluster_identifiers=[database.ref],
            connection_pool_configuration_info=rds.CfnDBProxyTargetGroup.ConnectionPoolConfigurationInfoFormatProperty(
                max_connections_percent=options.max_connections_percent,
                max_idle_connections_percent=options.max_idle_connections_percent,
            ),
        )
        for instance in instances:
            self.target_group.add_resource_dependency(instance)
        self._database = database
        self._policy: iam.ManagedPolicy | None = None
        self._users: set[str] = set()

    @property
    def resource_id(self) -> str:
        """The id that `rds-db:connect` knows the proxy by: it is not its name, but the end of its ARN."""
        return Fn.select(6, Fn.split(":", self.proxy.attr_db_proxy_arn))

    def admit(self, user: str) -> None:
        """Let the proxy sign in to the database as a user."""
        if user in self._users:
            return
        self._users.add(user)
        statement = iam.PolicyStatement(
            actions=["rds-db:connect"],
            resources=[connect_arn(self, self._database.attr_db_cluster_resource_id, user)],
        )
        if self._policy is None:
            self._policy = iam.ManagedPolicy(
                self,
                "Policy",
                roles=[self.role],
                document=iam.PolicyDocument(minimize=True, statements=[statement]),
            )
        else:
            self._policy.add_statements(statement)


def connect_arn(scope: Construct, resource_id: str, user: str) -> str:
    """What `rds-db:connect` is granted on: one user of one database.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    """
    return Stack.of(scope).format_arn(
        service="rds-db",
        resource="dbuser",
        resource_name=f"{resource_id}/{user}",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
