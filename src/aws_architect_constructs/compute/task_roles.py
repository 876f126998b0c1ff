"""The roles of a task: what the application may do, and what Fargate needs to start it.

Both are roles whose grants land in a customer managed policy, whoever grants: CDK's own write an inline one.
"""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge

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

    def _add(self, policy_id: str, statement: iam.PolicyStatement, *, explain: bool) -> iam.ManagedPolicy:
        if policy_id not in self._policies:
            self._policies[policy_id] = iam.ManagedPolicy(
                self, policy_id, document=iam.PolicyDocument(minimize=True), roles=[self]
            )
        policy = self._policies[policy_id]
        policy.add_statements(statement)
        if explain and policy_id not in self._explained and "*" in statement.resources:
            self._explained.add(policy_id)
            acknowledge(
                policy,
                "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
                "Only actions that can be granted on no resource of their own are on every resource: "
                f"{', '.join(statement.actions)} and their like.",
            )
        return policy


def _own_tasks(scope: Construct) -> dict[str, dict[str, str]]:
    """No other account's tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html."""
    stack = Stack.of(scope)
    return {
        "StringEquals": {"aws:SourceAccount": stack.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:*"},
    }
