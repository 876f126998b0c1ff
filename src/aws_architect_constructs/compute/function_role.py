"""A role whose permissions are all its own: customer managed policies, whoever adds to them."""

from typing import Final

from aws_cdk import aws_iam as iam
from constructs import Construct


class FunctionRole(iam.Role):
    """A role that no AWS managed policy and no inline policy is attached to by CDK's own constructs.

    Until `complete` is called, what CDK's constructs add goes to `execution_policy`, which the function can depend on,
    and the AWS managed policies that they attach are left out: their permissions are written out instead. From then on
    statements go to a second policy, made when it is first needed. Nothing waits for that one but event sources: a
    grant may name what depends on the function, and would close a circle.

    Args:
        scope: The scope.
        id: The id.
        assumed_by: The service.
        description: What it is for.

    Attributes:
        execution_policy: What the function cannot do without.
    """

    def __init__(self, scope: Construct, id: str, *, assumed_by: iam.IPrincipal, description: str) -> None:
        self._complete = False
        self._scope = scope
        self._granted: iam.ManagedPolicy | None = None
        super().__init__(scope, id, assumed_by=assumed_by, description=description)
        self.execution_policy: Final = iam.ManagedPolicy(
            scope, "ExecutionPolicy", document=iam.PolicyDocument(minimize=True), roles=[self]
        )

    def complete(self) -> None:
        """Say that all that the function cannot do without has been added."""
        self._complete = True

    @property
    def granted_policy(self) -> iam.ManagedPolicy:
        """The policy that grants land in."""
        if self._granted is None:
            self._granted = iam.ManagedPolicy(
                self._scope, "Policy", document=iam.PolicyDocument(minimize=True), roles=[self]
            )
        return self._granted

    def add_to_principal_policy(self, statement: iam.PolicyStatement) -> iam.AddToPrincipalPolicyResult:
        """Add a statement to a policy of the role's own; CDK calls this for every grant."""
        policy = self.granted_policy if self._complete else self.execution_policy
        policy.add_statements(statement)
        return iam.AddToPrincipalPolicyResult(statement_added=True, policy_dependable=policy)

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """Attach a policy, but for those that CDK's constructs attach by themselves."""
        if self._complete:
            super().add_managed_policy(policy)
