"""The permissions boundary of a workload: what its roles can do at most, and what they can never do."""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from aws_cdk import AspectPriority, Aspects, CfnResource, Names, Stack, Stage, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from aws_architect_constructs._validations import acknowledge, argument_error, choice, is_concrete, listed, texts
from aws_architect_constructs.foundation.finding_ids import flat_value

from .boundary_check import Assembly, BoundaryPlugin, BoundaryValidation
from .boundary_document import own_statements
from .boundary_findings import Bounds
from .boundary_placement import RolePlacement, roles_of
from .boundary_statements import (
    PATH,
    POLICY_NAME,
    PREFIX,
    allowed_actions,
    check_denials,
    check_reachable,
    compute_arns,
    role_arns,
)
from .platform_baseline import PlatformPart

_LONGEST_POLICY_NAME: Final = 128
# Room for the Region after the name: IAM is global, and a stack may stand in several Regions.
_ROOM_FOR_REGION: Final = 28
_SHORTEST_REASON: Final = 20
_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
_CEILING: Final = (
    "A permissions boundary grants nothing: what it allows is the most that a role's own policies can grant, and those "
    "name their actions and resources."
)
_FULL_SERVICE: Final = re.compile(r"[a-z0-9-]+:\*")
_FULL_ACCESS_RULES: Final = (
    "HIPAA.Security::HIPAA.Security-IAMPolicyNoStatementsWithFullAccess",
    "NIST.800.53.R5::NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
    "PCI.DSS.321::PCI.DSS.321-IAMPolicyNoStatementsWithFullAccess",
)


class WorkloadBoundary(Construct):
    """A permissions boundary: the most that the roles of a workload can do, and the ways up that stay shut to them.

    `WorkloadBoundary(self, "Boundary", allow=[iam.PolicyStatement(...)])` makes the managed policy, and
    `boundary.apply_to(scope)` puts it on every role of the scope: L2s, L1s, the roles of CDK's custom resources, those
    of nested stacks, and what is added later.

    Whatever is allowed, it denies: changes of users, groups, keys, roles and policies, and the passing of roles,
    outside `role_path` and `role_name_prefix` (without these: everywhere); roles without this same boundary; taking a
    boundary off; changing this boundary; assuming roles other than `assumable_roles`; replacing the code of, or opening
    a shell on, compute other than `controlled_compute`; and changes in IAM Identity Center.

    A boundary caps the platform too, so it lets through a baseline: log delivery, image pull, tracing, network
    interfaces of functions, Session Manager's channels, enhanced monitoring of databases, and KMS keys through the
    services that `allow` names.

    While the app is synthesized, every role that has the boundary is judged: a grant of which it leaves nothing fails
    synthesis with the statement, a grant that it caps in part is reported; so is a role in the scope without it. The
    ids `WorkloadBoundary::CappedGrant`, `::UnreadGrant` and `::RoleWithoutBoundary` are acknowledged as CDK does it. A
    stack of another Region names the boundary by ARN, so it has to depend on the boundary's stack; a stack of another
    account needs a boundary of its own. Both are reported.

    A resource policy that names a role's *session* is not capped by what a boundary leaves out, only by what it denies.

    Cost: none.

    Well-Architected: security (SEC03, permission guardrails; least privilege).

    Args:
        scope: The scope. A stack that workloads cannot change is best: then no deployment of theirs reaches it.
        id: The id.
        allow: What workloads may use at most: Allow statements that name services, actions and resources; `s3:*` is a
            name, `*` is none. Name resources of the same stack by pattern: a reference would make a circle where a role
            belongs to the resource.
        deny: Further Denies, such as `deny_unless(requested_regions(["eu-west-1"]))` gives. Default none.
        assumable_roles: ARN patterns of the roles that workloads may assume; this allows it too. Default none.
        controlled_compute: ARN patterns of functions, instances, builds, stacks and the like that workloads may replace
            the code of or open a shell on, where `allow` has the action. Default none.
        role_path: Where roles under the boundary lie, such as `/shop/`: there alone roles may be passed and changed, as
            far as `allow` goes and with this boundary. `apply_to` moves roles without a path there (which replaces
            those that exist). Default None: no role may be passed or changed, unless there is `role_name_prefix`.
        role_name_prefix: What the names of roles under the boundary begin with: as `role_path`, and both together mean
            both. Names that CloudFormation makes up begin with the stack's name; where that does not fit, `apply_to`
            names the role. Default None.
        without_baseline: Parts of the platform baseline to leave out. Default none.
        policy_name: Name of the managed policy, which the boundary's own statements have to know. Default None: from
            the construct's path and the Region.

    Attributes:
        policy: The managed policy: `permissions_boundary=boundary.policy` of any role.
        policy_arn: Its ARN by name, which no stack has to export.

    Raises:
        ValueError: If there is nothing to allow, a statement names no service, or one allows what is always denied; if
            a further denial allows; if a path, prefix, name, role or piece of compute is malformed or left open.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html and
    https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_permissions_define_guardrails.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        allow: Sequence[iam.PolicyStatement],
        deny: Sequence[iam.PolicyStatement] | None = None,
        assumable_roles: Sequence[str] | None = None,
        controlled_compute: Sequence[str] | None = None,
        role_path: str | None = None,
        role_name_prefix: str | None = None,
        without_baseline: Sequence[PlatformPart] | None = None,
        policy_name: str | None = None,
    ) -> None:
        for argument, value, pattern, example in (
            ("role_path", role_path, PATH, "a path that begins and ends with a slash, such as '/shop/'"),
            ("role_name_prefix", role_name_prefix, PREFIX, "1 to 32 letters, digits and +=,.@_-, such as 'Shop-'"),
            ("policy_name", policy_name, POLICY_NAME, "1 to 128 letters, digits and +=,.@_-"),
        ):
            if value is not None and not pattern.fullmatch(value):
                raise argument_error(scope, id, f"{argument} is malformed", got=value, allowed=example)
        delegates = role_path is not None or role_name_prefix is not None
        try:
            actions = allowed_actions(_json(_statements("allow", allow)))
            further = _statements("deny", () if deny is None else deny)
            check_denials(_json(further))
            assumable = role_arns("assumable_roles", texts("assumable_roles", assumable_roles or ()))
            compute = compute_arns("controlled_compute", texts("controlled_compute", controlled_compute or ()))
            parts = [choice("without_baseline", PlatformPart, part) for part in without_baseline or ()]
            check_reachable(
                actions,
                delegated=["delegated"] if delegates else [],
                assumable_roles=assumable,
                controlled_compute=compute,
            )
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        stack = Stack.of(self)
        name = policy_name or self._default_name(stack)
        self.policy_arn: Final = stack.format_arn(service="iam", region="", resource="policy", resource_name=name)
        own = own_statements(
            boundary=self.policy_arn,
            allowed_actions=actions,
            delegated=_delegated(stack, role_path, role_name_prefix) if delegates else [],
            assumable_roles=assumable,
            controlled_compute=compute,
            without_baseline=parts,
            partition=stack.partition,
        )
        self._document: Final = iam.PolicyDocument(
            minimize=True,
            statements=[*allow, *further, *(iam.PolicyStatement.from_json(statement) for statement in own)],
        )
        self.policy: Final = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=name,
            description="The most that the roles of a workload can do.",
            document=self._document,
        )
        self._role_path: Final = role_path
        self._role_name_prefix: Final = role_name_prefix
        self._scopes: Final[list[Construct]] = []
        self._exempt: Final[list[IConstruct]] = []
        self._explain_wildcards()
        self.node.add_validation(BoundaryValidation(self.policy, self._document, self._scopes))

    def apply_to(self, scope: Construct) -> None:
        """Put the boundary on every role of a scope, now and later, and have them judged at synthesis.

        Where a role names another boundary, this one takes its place; a boundary that is applied further in wins.

        Args:
            scope: An App or Stage without Stages in it, a Stack, or any construct, of the boundary's own Stage.

        Raises:
            ValueError: If the scope is of another Stage, which CDK's aspects and references do not reach.
        """
        stage = Stage.of(self)
        if (scope if Stage.is_stage(scope) else Stage.of(scope)) is not stage:
            raise ValueError(
                f"{self.node.path}: a boundary cannot reach another Stage, got {scope.node.path or 'App'!r}; allowed: "
                f"a scope in {stage.node.path or 'the App' if stage else 'the same tree'!r}; make one in each Stage"
            )
        if not self._scopes:
            Validations.of(self).add_plugins(self._plugin())
        self._scopes.append(scope)
        iam.PermissionsBoundary.of(scope).apply(self.policy)
        if self._role_path is not None or self._role_name_prefix is not None:
            placement = RolePlacement(self._role_path, self._role_name_prefix, self._exempt_paths)
            Aspects.of(scope).add(placement, priority=AspectPriority.MUTATING)

    def exempt(self, scope: IConstruct, *, reason: str) -> None:
        """Leave the roles of a construct without the boundary, although it lies in a scope that has it.

        Args:
            scope: A role, or a construct that has some.
            reason: Why they may do more, in a sentence of at least 20 characters; it stands in the tree's metadata.

        Raises:
            ValueError: If the reason says next to nothing.
        """
        if len(reason.strip()) < _SHORTEST_REASON:
            raise ValueError(
                f"{scope.node.path}: the reason to exempt it would convince no auditor, got {reason!r}; "
                f"allowed: a sentence of at least {_SHORTEST_REASON} characters"
            )
        self._exempt.append(scope)
        scope.node.add_metadata("aws-architect-constructs:boundary-exemption", reason)
        iam.PermissionsBoundary.of(scope).clear()

    def _default_name(self, stack: Stack) -> str:
        name = Names.unique_resource_name(self, max_length=_LONGEST_POLICY_NAME - _ROOM_FOR_REGION, separator="-")
        return f"{name}-{stack.region}"

    def _exempt_paths(self) -> list[str]:
        return [scope.node.path for scope in self._exempt]

    def _plugin(self) -> BoundaryPlugin:
        stack = Stack.of(self)
        account, region, partition = (
            value if is_concrete(value) else None for value in (stack.account, stack.region, stack.partition)
        )
        if partition is None and region is not None:
            # Without a feature flag CDK leaves the partition open, although the Region tells it.
            partition = next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), None)
        outermost = stack
        while outermost.nested_stack_parent is not None:
            outermost = outermost.nested_stack_parent
        return BoundaryPlugin(self._bounds, of=outermost.node.path, account=account, region=region, partition=partition)

    def _bounds(self, assembly: Assembly) -> Bounds:
        """Where everything stands, once the templates are written."""
        account = Stack.of(self).account
        return Bounds(
            policy=assembly.place_of(_own_resource(self.policy)),
            scope=[
                name
                for scope in self._scopes
                if Stage.is_stage(scope) or Stack.is_stack(scope)
                for name in assembly.under(scope.node.path)
            ],
            exempt=[assembly.place_of(role) for scope in self._exempt for role in roles_of(scope)],
            elsewhere=assembly.elsewhere(account) if is_concrete(account) else [],
            waiting=assembly.waiting(),
            role_path=self._role_path,
            role_name_prefix=self._role_name_prefix,
        )

    def _explain_wildcards(self) -> None:
        """Acknowledge the wildcards of the boundary, which are those of a ceiling."""
        resolved = Stack.of(self).resolve(self._document)
        allows = [statement for statement in resolved["Statement"] if statement["Effect"] == "Allow"]
        actions = {action for each in allows for action in _as_list(each["Action"])}
        resources = {flat_value(value) for each in allows for value in _as_list(each.get("Resource"))}
        for kind, values in (("Action", actions), ("Resource", resources)):
            for value in sorted(values):
                if "*" in value:
                    acknowledge(self.policy, f"AwsSolutions::AwsSolutions-IAM5[{kind}::{value}]", _CEILING)
        if any(_FULL_SERVICE.fullmatch(action) for action in actions):
            for rule in _FULL_ACCESS_RULES:
                acknowledge(self.policy, rule, _CEILING)


def _statements(argument: str, value: object) -> list[iam.PolicyStatement]:
    given = listed(argument, value)
    statements = [each for each in given if isinstance(each, iam.PolicyStatement)]
    if len(statements) < len(given):
        raise ValueError(f"{argument}: no statements, got {value!r}; allowed: a list of iam.PolicyStatement")
    return statements


def _json(statements: Sequence[iam.PolicyStatement]) -> list[dict[str, object]]:
    return [statement.to_statement_json() for statement in statements]


def _delegated(stack: Stack, path: str | None, prefix: str | None) -> list[str]:
    """What may be passed and changed: roles, and the policies and instance profiles that go with them."""
    place = f"{path or '/'}{prefix or ''}*"
    return [
        stack.format_arn(service="iam", region="", resource=kind, resource_name=place.removeprefix("/"))
        for kind in ("instance-profile", "policy", "role")
    ]


def _own_resource(policy: iam.ManagedPolicy) -> CfnResource:
    return cast("CfnResource", policy.node.default_child)


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 -- texts and intrinsic functions of a resolved document
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
