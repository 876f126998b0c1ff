"""The master user's password as a secret of our own, for what RDS does not manage one for."""

from collections.abc import Sequence

from aws_cdk import CfnResource, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from aws_architect_constructs.foundation.tiers import Tier, tier_subnets

from .database_arguments import Engine
from .database_parts import security_group

_ROTATION_DAYS = 30
_UNSAFE_CHARACTERS = " %+~`#$&*()|[]{}:;<>?!'/@\"\\,="
"""What a connection string or a shell would misread."""


def master_secret(
    scope: Construct,
    id: str,
    *,
    username: str,
    key: kms.IKey,
    removal_policy: RemovalPolicy,
    regions: Sequence[str] = (),
) -> secretsmanager.Secret:
    """A generated password, which no template shows."""
    return secretsmanager.Secret(
        scope,
        id,
        description="The master user of a database.",
        encryption_key=key,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=f'{{"username":"{username}"}}',
            generate_string_key="password",
            password_length=32,
            exclude_characters=_UNSAFE_CHARACTERS,
        ),
        replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in regions] or None,
        removal_policy=RemovalPolicy.DESTROY if removal_policy is RemovalPolicy.DESTROY else RemovalPolicy.RETAIN,
    )


def told_secret(
    scope: Construct,
    own_secret: secretsmanager.Secret | None,
    *,
    resource: rds.CfnDBCluster | rds.CfnDBInstance,
    key: kms.IKey,
    engine: Engine,
    vpc: ec2.IVpc,
    database: ec2.SecurityGroup,
    port: int,
    after: Sequence[CfnResource],
) -> secretsmanager.ISecret:
    """Our own secret, told which database it is for and rotated; or, without one, the secret that RDS made.

    Args:
        scope: The database.
        own_secret: Our own secret, or None where RDS manages one.
        resource: The database's resource.
        key: What the secret is encrypted with.
        engine: The database's engine.
        vpc: Where rotation runs.
        database: The database's security group.
        port: The database's port.
        after: What must run before it is rotated.
    """
    if own_secret is None:
        return secretsmanager.Secret.from_secret_attributes(
            scope,
            "ManagedSecret",
            secret_complete_arn=resource.attr_master_user_secret_secret_arn,
            encryption_key=key,
        )
    attachment = secretsmanager.CfnSecretTargetAttachment(
        scope,
        "SecretAttachment",
        secret_id=own_secret.secret_arn,
        target_id=resource.ref,
        target_type=resource.cfn_resource_type,
    )
    attached = secretsmanager.Secret.from_secret_attributes(
        scope, "AttachedSecret", secret_complete_arn=attachment.ref, encryption_key=key
    )
    rotate(scope, attached, engine=engine, vpc=vpc, database=database, port=port, after=after)
    return attached


def rotate(
    scope: Construct,
    secret: secretsmanager.ISecret,
    *,
    engine: Engine,
    vpc: ec2.IVpc,
    database: ec2.SecurityGroup,
    port: int,
    after: Sequence[CfnResource],
) -> ec2.SecurityGroup:
    """Rotate the secret every 30 days, by the function that AWS publishes and CloudFormation makes in a nested stack.

    The function runs in the private tier: it needs a way to Secrets Manager, by NAT or by the interface endpoint.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_turn-on-cfn.html

    Args:
        scope: The database.
        secret: The secret, after it was told which database it is for.
        engine: Which function: each refuses a secret whose engine is not its own.
        vpc: Where it runs.
        database: The database's security group.
        port: The database's port.
        after: What must run before, as a secret is rotated as soon as the schedule is made: the instances.

    Returns:
        The function's security group.
    """
    group = security_group(scope, "RotationSecurityGroup", vpc, "Rotates the master password of a database.")
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Secrets Manager")
    group.connections.allow_to(database, ec2.Port.tcp(port), "the database")
    hosted = secretsmanager.HostedRotation
    functions = {
        "aurora-mysql": hosted.mysql_single_user,
        "aurora-postgresql": hosted.postgre_sql_single_user,
        "mariadb": hosted.maria_db_single_user,
        "mysql": hosted.mysql_single_user,
        "postgres": hosted.postgre_sql_single_user,
    }
    rotation = functions[engine.type](
        vpc=vpc,
        vpc_subnets=tier_subnets(vpc, Tier.PRIVATE),
        security_groups=[group],
        exclude_characters=_UNSAFE_CHARACTERS,
    )
    schedule = secret.add_rotation_schedule(
        "Rotation", hosted_rotation=rotation, automatically_after=Duration.days(_ROTATION_DAYS)
    )
    # The rules, and not the groups: further rules will be of clients, which may themselves wait for the database.
    rules = [
        child
        for owner in (database, group)
        for child in owner.node.children
        if isinstance(child, ec2.CfnSecurityGroupIngress | ec2.CfnSecurityGroupEgress)
    ]
    schedule.node.add_dependency(*rules, *after)
    return group
