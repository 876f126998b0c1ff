"""An organization: its OUs and accounts, and the guardrails that hang on them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import CfnParameter, CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from aws_architect_constructs._validations import is_concrete
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID, ORGANIZATION_ID

from .default_guardrails import GuardrailMap, default_guardrails
from .guardrails import ORGANIZATION_ID_STAND_IN, PARTITION_STAND_IN, Exemptions
from .lock_out import check_lock_out
from .policy_packing import PolicyQuota, PolicyType
from .policy_plan import PlannedPolicy, plan_policies, roll_out_report
from .runbook import OneTimeStep, audit_account_steps, policy_type_steps, trusted_access_steps
from .tree import (
    ROOT,
    ROOT_ID,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationTree,
    RollOut,
    standard_units,
)


class OrganizationBaseline(Construct):
    """The OUs, accounts and guardrails of an organization, in CloudFormation's own types.

    `OrganizationBaseline(self, "Organization", root_id="r-ab12", organization_id="o-abcdefghij")` is all it takes, in a
    stack of the management account: the OUs Security, Infrastructure and Workloads (Production, SDLC), and the
    guardrails of `default_guardrails` on them. Without ids, which almost every organization has already, the template
    asks for them as the parameters `RootId` and `OrganizationId`.

    Organizations takes one change at a time, so every resource waits for the one before it, in the order of the
    description; adding one at the end of its list leaves the others' order alone. OUs, accounts and policies stay when
    they leave the template, or the stack goes: an account is closed, and a guardrail taken off, by somebody who means
    it. What a failed deployment made is taken back, so that the next can make it, but accounts, whose addresses cannot
    be used twice: refer to these by `account_id`. A policy that left the template stays attached and goes on counting
    until it is detached by hand.

    Statements are packed into as few policies as fit (`policy_packing`); what does not fit is an error that says by how
    much. What CloudFormation has no type for is in `one_time_steps`, with the exact commands: without them the
    deployment fails.

    Service and resource control policies do not bind the management account: run nothing there.

    Cost: none.

    Well-Architected: security (SEC01, separate accounts and control objectives; SEC03, permission guardrails),
    cost optimization (COST02, governance).

    Args:
        scope: The scope, in a stack of the management account.
        id: The id; policies are named after it.
        root_id: The root's id, such as `r-ab12`. Default None: that of the organization that is created, else the
            template's parameter `RootId`.
        organization_id: The organization's id, such as `o-abcdefghij`, for the data perimeter. Default None: likewise,
            with the parameter `OrganizationId`.
        create_organization: Whether the organization is made, with all features. An account that is in one already
            cannot make another. `one_time_steps` need the organization, and policies need them: so it is first deployed
            with `guardrails={}`. Default False.
        units: The OUs. Default None: `standard_units()`.
        accounts: The member accounts that are made or referred to. Default: none.
        account_quota: How many accounts the organization may have. Default 10, as AWS's.
        guardrails: The guardrails and management policies of each node, by the name of the OU or account, or `Root`.
            Default None: `default_guardrails`.
        exemptions: Who is exempt from service control policies. Default None: `Exemptions()`.
        allowed_regions: The Regions that may be used, with the default guardrails. Default None: all.
        github_owners: The GitHub owners whose workflows get roles, likewise. Default None: whoever a role trusts.
        third_party_accounts: Accounts outside the organization that our CrossAccountRoles trust, likewise. Default:
            none.
        roll_out: Which step of a roll-out is deployed. Default None: everything is attached.
        quotas: Quotas of policy types that differ from `QUOTAS`. Default None: none does.
        attached_elsewhere: How many policies of a type others, such as Control Tower, have attached to a node.
            Default None: none.
        audit_account: The account that administers the security services, for `one_time_steps`. Default None: no
            steps for it.
        environment_type: The environment. Declared PROD protects the stack from deletion. Default None: that of the
            scope, else PROD.

    Attributes:
        root_id: The root's id.
        organization_id: The organization's id.
        tree: The description, checked.
        policies: The policies as they are planned: document, node, targets.
        units: The OUs that are made, by name.
        accounts: The accounts that are made, by name.

    Raises:
        ValueError: If an id or the audit account is malformed, or an id contradicts `create_organization`; if the
            description is no tree, has a name, id or address twice or more accounts than the quota; if a guardrail is
            for an unknown node; if policies do not fit their quota, or would lock out the exempt roles; or if
            `guardrails` makes an argument of the default ones meaningless.

    See https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html
    and https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        root_id: str | None = None,
        organization_id: str | None = None,
        create_organization: bool = False,
        units: Sequence[OrganizationalUnit] | None = None,
        accounts: Sequence[OrganizationAccount] = (),
        account_quota: int = 10,
        guardrails: GuardrailMap | None = None,
        exemptions: Exemptions | None = None,
        allowed_regions: Sequence[str] | None = None,
        github_owners: Sequence[str] | None = None,
        third_party_accounts: Sequence[str] = (),
        roll_out: RollOut | None = None,
        quotas: Mapping[PolicyType, PolicyQuota] | None = None,
        attached_elsewhere: Mapping[str, Mapping[PolicyType, int]] | None = None,
        audit_account: str | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        own_exemptions = Exemptions() if exemptions is None else exemptions
        known_id = organization_id if organization_id is not None and is_concrete(organization_id) else None
        try:
            _check_given(root_id, organization_id, create_organization=create_organization)
            if audit_account is not None and is_concrete(audit_account) and not ACCOUNT_ID.fullmatch(audit_account):
                raise ValueError(f"audit_account: malformed, got {audit_account!r}; allowed: 12 digits")  # noqa: TRY301 -- one place that adds the path
            tree = OrganizationTree.of(
                standard_units() if units is None else units, accounts, account_quota=account_quota
            )
            if guardrails is None:
                guardrails = default_guardrails(
                    tree,
                    organization_id=known_id or ORGANIZATION_ID_STAND_IN,
                    exemptions=own_exemptions,
                    allowed_regions=allowed_regions,
                    github_owners=github_owners,
                    third_party_accounts=third_party_accounts,
                )
            else:
                _check_replaced(allowed_regions, github_owners, third_party_accounts)
            planned = plan_policies(
                guardrails,
                tree=tree,
                exemptions=own_exemptions,
                quotas=quotas,
                attached_elsewhere=attached_elsewhere,
                roll_out=roll_out,
            )
            check_lock_out(planned, own_exemptions, known_id or ORGANIZATION_ID_STAND_IN)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self.tree: Final = tree
        self.policies: Final = planned
        self.units: Final[dict[str, organizations.CfnOrganizationalUnit]] = {}
        self.accounts: Final[dict[str, organizations.CfnAccount]] = {}
        self._guardrails: Final = guardrails
        self._audit_account: Final = audit_account
        self._last: CfnResource | None = None

        organization = (
            organizations.CfnOrganization(self, "Resource", feature_set="ALL") if create_organization else None
        )
        self._organization: Final = organization
        if organization is not None:
            self._keep(organization, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.root_id: Final[str] = root_id or (
            self._parameter("RootId", "The organization's root: aws organizations list-roots", ROOT_ID)
            if organization is None
            else organization.attr_root_id
        )
        self._organization_id = organization_id or (None if organization is None else organization.attr_id)
        for unit in tree.units_in_order():
            if unit.unit_id is None:
                self._add_unit(unit)
        for account in tree.accounts:
            if account.account_id is None:
                self._add_account(account)
        for policy in planned:
            self._add_policy(policy)
        protect_state(self, environment_type)

    @property
    def organization_id(self) -> str:
        """The organization's id; a parameter of the template where nobody gave it."""
        if self._organization_id is None:
            self._organization_id = self._parameter(
                "OrganizationId", "The organization: aws organizations describe-organization", ORGANIZATION_ID
            )
        return self._organization_id

    def node_id(self, name: str) -> str:
        """The id of a node by its name: of the root, an OU, or an account.

        Raises:
            ValueError: If there is no such node.
        """
        if name == ROOT:
            return self.root_id
        for unit in self.tree.units:
            if unit.name == name:
                return unit.unit_id or self.units[name].attr_id
        for account in self.tree.accounts:
            if account.name == name:
                return account.account_id or self.accounts[name].attr_account_id
        raise ValueError(f"{self.node.path}: no such node, got {name!r}; allowed: {', '.join(self.tree.nodes)}")

    @property
    def one_time_steps(self) -> tuple[OneTimeStep, ...]:
        """What is done by hand, once, before the first deployment: commands with their checks."""
        root_id = self.root_id if is_concrete(self.root_id) else "$ROOT_ID"
        steps = (*policy_type_steps(root_id, (policy.policy_type for policy in self.policies)), *trusted_access_steps())
        return (*steps, *audit_account_steps(self._audit_account)) if self._audit_account else steps

    def report(self, roll_out: RollOut) -> str:
        """What each step of a roll-out would deny, to which accounts, as text.

        Raises:
            ValueError: If the roll-out does not fit the tree.
        """
        roll_out.check(self.tree)
        return roll_out_report(self._guardrails, tree=self.tree, roll_out=roll_out)

    def _keep(self, resource: CfnResource, policy: RemovalPolicy, *nodes: str) -> None:
        """Retain a resource, and let it wait for the one before it: Organizations takes one change at a time.

        Args:
            resource: The resource.
            policy: How it is retained. Names stand once in an organization, so what a failed deployment left would be
                in the way of the next; but an account's deletion closes it.
            nodes: The nodes that it refers to, and so waits for by itself.
        """
        resource.apply_removal_policy(policy)
        made = {ROOT: self._organization, **self.units, **self.accounts}
        if self._last is not None and self._last not in [made.get(node) for node in nodes]:
            resource.add_resource_dependency(self._last)
        self._last = resource

    def _parameter(self, name: str, description: str, pattern: re.Pattern[str]) -> str:
        parameter = CfnParameter(Stack.of(self), name, description=description, allowed_pattern=pattern.pattern)
        return parameter.value_as_string

    def _add_unit(self, unit: OrganizationalUnit) -> None:
        created = organizations.CfnOrganizationalUnit(
            self, _id(unit.name), name=unit.name, parent_id=self.node_id(unit.parent)
        )
        self._keep(created, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, unit.parent)
        self.units[unit.name] = created

    def _add_account(self, account: OrganizationAccount) -> None:
        created = organizations.CfnAccount(
            self,
            _id(account.name),
            account_name=account.name,
            email=str(account.email),
            parent_ids=[self.node_id(account.unit)],
        )
        self._keep(created, RemovalPolicy.RETAIN, account.unit)
        self.accounts[account.name] = created

    def _add_policy(self, policy: PlannedPolicy) -> None:
        created = organizations.CfnPolicy(
            self,
            f"{_id(policy.node)}{policy.label}",
            name=f"{self.node.id}-{_id(policy.node)}-{policy.label}",
            type=policy.policy_type.value,
            content=self._filled_in(policy.content),
            description=policy.description,
            target_ids=[self.node_id(target) for target in policy.targets],
        )
        self._keep(created, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, *policy.targets)

    def _filled_in(self, content: Any) -> Any:  # noqa: ANN401 -- a policy document: any JSON
        """The document with what is known to CloudFormation alone in the place of its stand-ins."""
        if isinstance(content, str):
            if content == ORGANIZATION_ID_STAND_IN:
                return self.organization_id
            known = PARTITION_STAND_IN not in content
            return content if known else content.replace(PARTITION_STAND_IN, Stack.of(self).partition)
        if isinstance(content, Mapping):
            return {key: self._filled_in(value) for key, value in content.items()}
        return [self._filled_in(value) for value in content] if isinstance(content, list | tuple) else content


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name)


def _check_given(root_id: str | None, organization_id: str | None, *, create_organization: bool) -> None:
    for argument, value, pattern in (
        ("root_id", root_id, ROOT_ID),
        ("organization_id", organization_id, ORGANIZATION_ID),
    ):
        if value is not None and create_organization:
            raise ValueError(f"{argument}: the organization is made, so it has no id yet, got {value!r}; allowed: None")
        if value is not None and is_concrete(value) and not pattern.fullmatch(value):
            raise ValueError(f"{argument}: malformed, got {value!r}; allowed: {pattern.pattern}")


def _check_replaced(
    allowed_regions: Sequence[str] | None, github_owners: Sequence[str] | None, third_party_accounts: Sequence[str]
) -> None:
    if allowed_regions is not None or github_owners is not None or third_party_accounts:
        raise ValueError(
            "guardrails: the default ones are replaced, so what they take says nothing, got allowed_regions, "
            "github_owners or third_party_accounts; allowed: give them to default_guardrails() yourself"
        )
