"""What every database of this room is to its clients: a port, a host, users, and a secret for few."""

from typing import TYPE_CHECKING

import jsii
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .database_arguments import argument_errors_named, checked_user
from .database_proxy import connect_arn


@jsii.implements(ec2.IConnectable)
class Database(Construct):
    """A database as its clients know it; `AuroraCluster` and `MultiAzDatabase` are such.

    Attributes:
        encryption_key: What it is encrypted with.
        secret: The master user's name and password, or None where another Region has it.
        security_group: Who is let in to the instances.
        port: The port that clients connect to.
    """

    encryption_key: kms.IKey
    secret: secretsmanager.ISecret | None
    security_group: ec2.SecurityGroup
    port: int
    _connections: ec2.Connections
    _database_name: str
    _master_username: str

    @property
    def connections(self) -> ec2.Connections:
        """Who may connect.

        Let the client do it, `client.connections.allow_to_default_port(database)`: so the rules are in its stack.
        """
        return self._connections

    if TYPE_CHECKING:  # each kind of database has its own

        @property
        def endpoint(self) -> str:
            """The host name that leads to the writer."""

        def _admit(self, user: str) -> str:
            """The id that `rds-db:connect` knows the database by, after it has been told of the user."""

    @property
    def connection_environment(self) -> dict[str, str]:
        """`DATABASE_HOST`, `DATABASE_PORT` and `DATABASE_NAME` for a container or function; never a secret."""
        return {
            "DATABASE_HOST": self.endpoint,
            "DATABASE_PORT": str(self.port),
            "DATABASE_NAME": self._database_name,
        }

    def grant_connect(self, grantee: iam.IGrantable, user: str) -> iam.Grant:
        """Let a client sign in to this database, or its proxy, as one user, with a token of IAM instead of a password.

        It does nothing until the user exists and may sign in so: `CREATE USER app; GRANT rds_iam TO app;` in
        PostgreSQL, `CREATE USER app IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS';` in MySQL. What the user may do
        there is up to further grants.

        Args:
            grantee: The client's role, or what has one.
            user: The database user.

        Raises:
            ValueError: If the user is no name, or the master user, who may do anything.
        """
        with argument_errors_named(self, "grant_connect"):
            checked_user(user)
            if user == self._master_username:
                raise ValueError(f"user: the master user, got {user!r}; allowed: a user made for the client")
        resource = connect_arn(self, self._admit(user), user)
        return iam.Grant.add_to_principal(grantee=grantee, actions=["rds-db:connect"], resource_arns=[resource])

    def grant_read_secret(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let an operator's or a migration's role read the master user's password.

        Unlike `secret.grant_read`, whose statement in the key's policy would make this stack depend on the grantee's,
        it grants both, the secret and its key through Secrets Manager, in the grantee's own policy.

        Raises:
            ValueError: If the cluster is a secondary one, which has no password of its own.
        """
        if self.secret is None:
            raise ValueError(
                f"{self.node.path}: no password of its own, got a secondary cluster; allowed: the primary cluster's"
            )
        stack = Stack.of(self)
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["kms:Decrypt"],
            resource_arns=[self.encryption_key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"}},
        )
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[self.secret.secret_arn]
        )
