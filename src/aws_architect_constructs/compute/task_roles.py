"""The roles of a task: what the application may do, and what Fargate needs to start it.

Both are roles whose grants land in a customer managed policy, whoever grants: CDK's own write an inline one.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.finding_ids import flat_value

EXECUTION_ACTIONS: Final = frozenset(
    {
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "kms:Decrypt",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameters",
    }
)
"""All that Fargate does on a task's behalf, pull-through caches of ECR and files of variables in S3 included, where
somebody grants it; CDK grants more, such as the description of secrets.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

ON_EVERY_RESOURCE: Final = {
    "ecr:GetAuthorizationToken": "A registry's token is the account's: the action has no resource to name.",
    "elasticloadbalancing:DescribeListeners": "ELB's describing actions have no resource to name.",
    "elasticloadbalancing:DescribeRules": "ELB's describing actions have no resource to name.",
    "elasticloadbalancing:DescribeTargetGroups": "ELB's describing actions have no resource to name.",
    "elasticloadbalancing:DescribeTargetHealth": "ELB's describing actions have no resource to name.",
    "logs:DescribeLogGroups": "The names of log groups are listed before the one is written to: no single one to name.",
    "ssmmessages:CreateControlChannel": "The channels of ECS Exec have no resource to name.",
    "ssmmessages:CreateDataChannel": "The channels of ECS Exec have no resource to name.",
    "ssmmessages:OpenControlChannel": "The channels of ECS Exec have no resource to name.",
    "ssmmessages:OpenDataChannel": "The channels of ECS Exec have no resource to name.",
    "xray:GetSamplingRules": "X-Ray's sampling and traces have no resource to name.",
    "xray:GetSamplingStatisticSummaries": "X-Ray's sampling and traces have no resource to name.",
    "xray:GetSamplingTargets": "X-Ray's sampling and traces have no resource to name.",
    "xray:PutTelemetryRecords": "X-Ray's sampling and traces have no resource to name.",
    "xray:PutTraceSegments": "X-Ray's sampling and traces have no resource to name.",
}
"""Every action that this construct allows on `*`, and why, after the Service Authorization Reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

ECS_TASKS: Final = "ecs-tasks.amazonaws.com"
_TOO_MUCH: Final = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "SystemAdministrator")


class PolicyRole(iam.Role):
    """A role whose grants land in a customer managed policy, made when the first grant needs it.

    What the library itself allows stands in a policy of its own, so that an acknowledgement there never covers what
    somebody else grants.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: str,
        description: str,
        permissions_boundary: iam.IManagedPolicy | None,
        only: frozenset[str] | None = None,
    ) -> None:
        """Make the role.

        Args:
            scope: The scope.
            id: The id.
            service: The service that assumes it; `ECS_TASKS` for this account's tasks alone.
            description: Whose it is.
            permissions_boundary: What caps it.
            only: The actions that are kept of any grant, all of which have their reason if they are on `*`; None keeps
                whatever is granted.
        """
        super().__init__(
            scope,
            id,
            assumed_by=iam.ServicePrincipal(service, conditions=_own_tasks(scope) if service == ECS_TASKS else None),
            description=description,
            permissions_boundary=permissions_boundary,
        )
        self._only = only
        self._policies: dict[str, iam.ManagedPolicy] = {}
        self._explained: set[str] = set()

    @property
    def managed_policies(self) -> list[iam.ManagedPolicy]:
        """The policies that there are so far."""
        return list(self._policies.values())

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add a statement to the policy of grants: what every `grant_*` of CDK calls."""
        if self._only is not None:
            actions = [action for action in statement.actions if action in self._only]
            if not actions:
                return iam.AddToPrincipalPolicyResult(statement_added=True)
            if len(actions) < len(statement.actions):
                statement = statement.copy(actions=actions)
        policy = self._add("Policy", statement, explain=self._only is not None)
        return iam.AddToPrincipalPolicyResult(statement_added=True, policy_dependable=policy)

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """Attach a managed policy.

        Raises:
            ValueError: If it is one of AWS's that make their bearer an administrator.
        """
        name = policy.managed_policy_arn.rsplit("/", 1)[-1]
        if name in _TOO_MUCH:
            raise ValueError(
                f"{self.node.path}: no task is an administrator, got {name}; allowed: grant_* of what the task uses"
            )
        super().add_managed_policy(policy)

    def allow(self, actions: Sequence[str], resources: Sequence[str], **conditions: dict[str, Any]) -> None:
        """Allow what the construct itself needs, under conditions by operator."""
        statement = iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions or None)
        self._add("OwnPolicy", statement, explain=True)

    def allow_key(self, conditions: dict[str, dict[str, Any]]) -> None:
        """Let any key of the account and Region be decrypted with, under conditions that leave one use."""
        keys = Stack.of(self).format_arn(service="kms", resource="key", resource_name="*")
        statement = iam.PolicyStatement(actions=["kms:Decrypt"], resources=[keys], conditions=conditions)
        policy = self._add("OwnPolicy", statement, explain=False)
        acknowledge(
            policy,
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{flat_value(Stack.of(self).resolve(keys))}]",
            "Which key a secret is encrypted with, its reference does not tell; the conditions allow the decryption of "
            "this one secret by Secrets Manager and nothing else.",
        )

    def _add(self, policy_id: str, statement: iam.PolicyStatement, *, explain: bool) -> iam.ManagedPolicy:
        if policy_id not in self._policies:
            self._policies[policy_id] = iam.ManagedPolicy(
                self, policy_id, document=iam.PolicyDocument(minimize=True), roles=[self]
            )
        policy = self._policies[policy_id]
        policy.add_statements(statement)
        explain = explain and all(action in ON_EVERY_RESOURCE for action in statement.actions)
        if explain and policy_id not in self._explained and "*" in statement.resources:
            self._explained.add(policy_id)
            acknowledge(
                policy,
                "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
                "Only actions that can be granted on no resource of their own are on every resource: "
                f"{', '.join(statement.actions)} and their like.",
            )
        return policy


@jsii.implements(iam.IPrincipal)
class _Reader:
    """Whom the execution role's grants are for: the role's policy, and in other policies the account.

    CDK lets whoever reads an encrypted secret use its key by naming the reader in the key's policy, so that the stack
    of the secret would depend on the service's, which refers to the secret: a circle. Here the key's policy names the
    account, which leaves it to the account's policies, and the role's own policy allows what is needed. As the key is
    not known at this point, it is any of the account's in the Region, through Secrets Manager and for one secret alone.
    """

    def __init__(self, role: PolicyRole) -> None:
        self._role = role
        self._account = iam.AccountRootPrincipal()
        self._secrets: list[str] = []

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Itself."""
        return cast("iam.IPrincipal", self)

    @property
    def assume_role_action(self) -> str:
        """As every principal has it."""
        return "sts:AssumeRole"

    @property
    def principal_account(self) -> str:
        """The role's account."""
        return Stack.of(self._role).account

    @property
    def policy_fragment(self) -> iam.PrincipalPolicyFragment:
        """Who stands in a policy of somebody else's; only the key of the secret that was granted last asks."""
        stack = Stack.of(self._role)
        if self._secrets:
            self._role.allow_key(
                {
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"},
                    "StringLike": {"kms:EncryptionContext:SecretARN": self._secrets},
                }
            )
            self._secrets = []
        return self._account.policy_fragment

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add to the role's policy, and remember the secrets."""
        if "secretsmanager:GetSecretValue" in statement.actions:
            self._secrets = statement.resources
        return self._role.add_to_principal_policy(statement)


class ExecutionRole(PolicyRole):
    """What Fargate starts a task with: of any grant it keeps what Fargate does, and no key's policy names it."""

    def __init__(self, scope: Construct, id: str, *, permissions_boundary: iam.IManagedPolicy | None) -> None:
        """Make the role; arguments as in `PolicyRole`."""
        super().__init__(
            scope,
            id,
            service=ECS_TASKS,
            description="What Fargate needs to start the task: its image, its logs, its secrets.",
            permissions_boundary=permissions_boundary,
            only=EXECUTION_ACTIONS,
        )
        self._reader = _Reader(self)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for."""
        return cast("iam.IPrincipal", self._reader)


def _own_tasks(scope: Construct) -> dict[str, dict[str, str]]:
    """No other account's tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html."""
    stack = Stack.of(scope)
    return {
        "StringEquals": {"aws:SourceAccount": stack.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
    }
