"""The role of an EC2 instance that Session Manager reaches: no key pair, no open port, no bastion's public address."""

from typing import TYPE_CHECKING, Final

import jsii
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, argument_error, is_concrete
from aws_architect_constructs.foundation.findings import acknowledge_wildcard

if TYPE_CHECKING:  # an app whose sessions are not logged need not load these
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_s3 as s3

SESSION_MANAGER_ACTIONS: Final = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
"""What the SSM Agent needs for sessions.

https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
"""


@jsii.implements(iam.IGrantable)
class InstanceRole(Construct):
    """The role and instance profile of an EC2 instance that is reached by Session Manager.

    `InstanceRole(self, "Bastion")` is all it takes: `ec2.Instance(..., instance_profile=bastion.instance_profile)`.

    The permissions are the five that a session needs, written out. AWS's managed policy AmazonSSMManagedInstanceCore
    has many more: with it every instance reads every parameter of the account that is not encrypted with a
    customer-managed key (`ssm:GetParameter` on all), and runs whatever State Manager and Run Command send. Grant what
    is needed: `parameter.grant_read(bastion)`, as every `grant_*` of CDK, goes into the role's customer managed policy.

    An instance without a way to the internet needs the interface endpoints `ssm` and `ssmmessages`.

    Cost: none.

    Well-Architected: security (SEC03, least privilege; SEC06, no open ports for operators).

    Args:
        scope: The scope.
        id: The id.
        session_log_group: The log group that the account's Session Manager preferences name, which the agent writes to.
            Default None: sessions are not logged there.
        session_log_bucket: The bucket that the preferences name. With a customer-managed key, the agent may use it
            through S3. Default None: sessions are not logged there.
        session_log_prefix: The key prefix in the bucket that the preferences name, without slashes at its ends.
            Default None: none.
        session_key: The key that the preferences name to encrypt sessions with, beyond TLS. Default None: none.
        permissions_boundary: What caps the role's permissions. Default None: none, or that of an enclosing scope.

    Attributes:
        role: The role. Its own `add_to_policy` and `grant_*` to it would make an inline policy: grant to the construct.
        instance_profile: The instance profile that holds it.
        policy: Its customer managed policy, which grants land in.

    Raises:
        ValueError: If there is a prefix without a bucket, or one with slashes at its ends.

    See https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html and
    https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        session_log_group: "logs.ILogGroup | None" = None,
        session_log_bucket: "s3.IBucket | None" = None,
        session_log_prefix: str | None = None,
        session_key: "kms.IKey | None" = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
    ) -> None:
        if session_log_prefix is not None and session_log_bucket is None:
            raise argument_error(
                scope,
                id,
                "session_log_prefix is a prefix in no bucket",
                got=session_log_prefix,
                allowed="session_log_bucket= beside it",
            )
        if (
            session_log_prefix is not None
            and is_concrete(session_log_prefix)
            and (not session_log_prefix or session_log_prefix.strip("/*") != session_log_prefix)
        ):
            raise argument_error(
                scope,
                id,
                "session_log_prefix is no prefix",
                got=session_log_prefix,
                allowed="text without slashes or stars at its ends, such as 'sessions'",
            )
        super().__init__(scope, id)
        self.role: Final = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="Instances that Session Manager reaches.",
            permissions_boundary=permissions_boundary,
        )
        self.policy: Final = iam.ManagedPolicy(
            self,
            "Policy",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[iam.PolicyStatement(actions=list(SESSION_MANAGER_ACTIONS), resources=["*"])],
            ),
            roles=[self.role],
        )
        acknowledge(
            self.policy,
            "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            "The SSM Agent's channels and the listing of log groups have no resource to name (the Service "
            "Authorization Reference lists none), and the heartbeat concerns an instance whose id is not known before "
            "it is launched.",
        )
        self.instance_profile: Final = iam.InstanceProfile(self, "InstanceProfile", role=self.role)
        if session_log_group is not None:
            self._log_to_group(session_log_group)
        if session_log_bucket is not None:
            self._log_to_bucket(session_log_bucket, session_log_prefix)
        if session_key is not None:
            session_key.grant(self, "kms:Decrypt")

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the role's managed policy."""
        return self.policy.grant_principal

    def _log_to_group(self, log_group: "logs.ILogGroup") -> None:
        """Let the agent find the group and write streams of its own."""
        acknowledge_wildcard(
            self.policy,
            log_group.log_group_arn,
            "The streams of one named log group: the agent names a new one a session.",
        )
        self.policy.add_statements(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            # The agent looks the group up by listing: the names of groups, not what they hold. It has no resource.
            iam.PolicyStatement(actions=["logs:DescribeLogGroups"], resources=["*"]),
        )

    def _log_to_bucket(self, bucket: "s3.IBucket", prefix: str | None) -> None:
        """Let the agent put objects under the prefix, after it has asked whether the bucket is encrypted."""
        objects = bucket.arn_for_objects(f"{prefix}/*" if prefix else "*")
        acknowledge_wildcard(
            self.policy, objects, "The agent names a new object for each session, under the prefix that is for them."
        )
        self.policy.add_statements(
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[objects]),
            iam.PolicyStatement(actions=["s3:GetEncryptionConfiguration"], resources=[bucket.bucket_arn]),
        )
        if bucket.encryption_key is not None:
            stack = Stack.of(self)
            self.policy.add_statements(
                iam.PolicyStatement(
                    actions=["kms:GenerateDataKey"],
                    resources=[bucket.encryption_key.key_arn],
                    # This suffix in every partition:
                    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#viaService_table
                    conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
                )
            )
