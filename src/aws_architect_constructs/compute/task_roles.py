"""The roles of a task: what the application may do, and what Fargate needs to start it.

Both are roles whose grants land in a customer managed policy, whoever grants: CDK's constructs write an inline one.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete

EXECUTION_ACTIONS: Final = frozenset(
    {
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "kms:Decrypt",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameters",
    }
)
"""All that Fargate does on a task's behalf; CDK grants more, such as the description of secrets.

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
    """A role whose grants land in one customer managed policy, made when the first grant needs it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        service: str,
        description: str,
        permissions_boundary: iam.IManagedPolicy | None,
        only: frozenset[str] | None = None,
        on_policy: Callable[[iam.ManagedPolicy], None] | None = None,
    ) -> None:
        """Make the role.

        Args:
            scope: The scope.
            id: The id.
            service: The service that assumes it; `ECS_TASKS` for this account's tasks alone.
            description: Whose it is.
            permissions_boundary: What caps it.
            only: The actions that are kept of any grant; None keeps all.
            on_policy: What is to be done with the policy once it is made.
        """
        super().__init__(
            scope,
            id,
            assumed_by=iam.ServicePrincipal(service, conditions=_own_tasks(scope) if service == ECS_TASKS else None),
            description=description,
            permissions_boundary=permissions_boundary,
        )
        self._only = only
        self._on_policy = on_policy
        self._managed: iam.ManagedPolicy | None = None
        self._explained = False

    @property
    def managed_policy(self) -> iam.ManagedPolicy | None:
        """The policy, or None before the first grant."""
        return self._managed

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add a statement to the managed policy: what every `grant_*` of CDK calls."""
        if self._only is not None:
            actions = [action for action in statement.actions if action in self._only]
            if not actions:
                return iam.AddToPrincipalPolicyResult(statement_added=True)
            if len(actions) < len(statement.actions):
                statement = statement.copy(actions=actions)
        policy = self._policy()
        policy.add_statements(statement)
        if not self._explained and self._is_star(statement):
            self._explained = True
            acknowledge(
                policy,
                "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
                "Only actions that can be granted on no resource of their own are on every resource: "
                f"{', '.join(statement.actions)} and their like.",
            )
        return iam.AddToPrincipalPolicyResult(statement_added=True, policy_dependable=policy)

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """Attach a managed policy.

        Raises:
            ValueError: If it is one of AWS's that make their bearer an administrator.
        """
        name = _name_of(policy.managed_policy_arn)
        if name in _TOO_MUCH:
            raise ValueError(
                f"{self.node.path}: no task is an administrator, got {name}; allowed: grant_* of what the task uses"
            )
        super().add_managed_policy(policy)

    def allow(self, actions: Sequence[str], resources: Sequence[str], **conditions: dict[str, Any]) -> None:
        """Allow actions on resources, under conditions by operator."""
        self.add_to_principal_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions or None)
        )

    def _policy(self) -> iam.ManagedPolicy:
        if self._managed is None:
            self._managed = iam.ManagedPolicy(self, "Policy", document=iam.PolicyDocument(minimize=True), roles=[self])
            if self._on_policy is not None:
                self._on_policy(self._managed)
        return self._managed

    @staticmethod
    def _is_star(statement: iam.PolicyStatement) -> bool:
        return "*" in statement.resources and set(statement.actions) <= set(ON_EVERY_RESOURCE)


def _own_tasks(scope: Construct) -> dict[str, dict[str, str]]:
    """No other account's tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html."""
    stack = Stack.of(scope)
    return {
        "StringEquals": {"aws:SourceAccount": stack.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
    }


def _name_of(arn: str) -> str:
    """The name of a managed policy, which stands at the end of its ARN whether its partition is known or not."""
    return arn.rsplit("/", 1)[-1] if is_concrete(arn) or "/" in arn else ""
