"""An organization's tree and its policies as templates describe them, to ask what they deny to whom.

    organization = Organization({"Management": template}, root_id="r-ab12", accounts={"111111111111": "Production"})
    request = Request(principal=IamRole("arn:aws:iam::111111111111:role/app"), action="iam:CreateUser",
                      resource="arn:aws:iam::111111111111:user/someone")
    decision = organization.evaluate(request, identity=[policy])
    assert decision.explicit_deny and "IamUsersDenied" in decision.statement.sid

The request goes through the whole chain: service control policies from the root to the caller's account, resource
control policies from the root to the resource's, then boundary, session, identity and resource policies. It is the
evaluator of `policies`, with its rules and its limits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_architect_constructs.testing.intrinsics import Reference, TemplateSet
from aws_architect_constructs.testing.policies import (
    ContextValue,
    Decision,
    IamRole,
    IamUser,
    PolicyError,
    PolicyKind,
    Request,
    TemplatePolicies,
    evaluate,
)

__all__ = ["Organization"]

_FULL_ACCESS: dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "FullAWSAccess", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_ROOT = "Root"
_UNIT = "AWS::Organizations::OrganizationalUnit"
_ACCOUNT = "AWS::Organizations::Account"
_POLICY = "AWS::Organizations::Policy"

Document = Mapping[str, object] | str


class Organization:
    """An organization: its root, OUs and accounts, and what is attached to each.

    FullAWSAccess counts as attached to every node, as AWS attaches it.

    Args:
        templates: Each stack's template by the stack's name.
        accounts: Where each account is, by its id: the name of an OU or account in the templates, an OU's id, or
            `Root`. An account that is not listed is outside the organization.
        units: OUs that exist outside the templates, by id: the id or name of the one above, or `Root`.
        root_id: The root's id, as the templates name it. Default `r-root`.
        organization_id: The organization's id, which requests from within carry. Default `o-abcdefghij`.
        management_account: The management account, which SCPs and RCPs do not bind. Default None: none is asked about.
        parameters: Values of template parameters, such as `RootId` and `OrganizationId`.
        names: What references read as, as for `TemplatePolicies`.

    Raises:
        PolicyError: If an OU's name stands twice, or a parent or an account's place is unknown.
    """

    def __init__(
        self,
        templates: Mapping[str, Mapping[str, Any]],
        *,
        accounts: Mapping[str, str],
        units: Mapping[str, str] | None = None,
        root_id: str = "r-root",
        organization_id: str = "o-abcdefghij",
        management_account: str | None = None,
        parameters: Mapping[str, object] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.organization_id = organization_id
        self.management_account = management_account
        self._root = root_id
        given = {"RootId": root_id, "OrganizationId": organization_id, **(parameters or {})}
        # A parameter that the templates do not have would be an error of the caller's.
        declared = {name for template in templates.values() for name in template.get("Parameters", {})}
        known = {name: value for name, value in given.items() if name in declared or name in (parameters or {})}
        self._templates = TemplateSet(templates, parameters=known)
        self._collected = TemplatePolicies(templates, parameters=known, names=names)
        self._parents: dict[str, str] = {}
        self._names: dict[str, str] = {_ROOT: root_id}
        self._read_nodes()
        for unit, parent in (units or {}).items():
            self._parents[unit] = self._key(parent)
        self._accounts = {account: self._key(place) for account, place in accounts.items()}
        self._attached: dict[tuple[str, PolicyKind], list[Document]] = {}
        self._read_policies()

    def path(self, account: str) -> tuple[str, ...]:
        """The nodes from the root down to the OU (or account) that an account id stands at.

        Raises:
            PolicyError: If the account is not listed, or a node above it is unknown.
        """
        if account not in self._accounts:
            raise PolicyError(f"account {account!r} is not listed; allowed: {', '.join(self._accounts) or 'none'}")
        found = [self._accounts[account]]
        while found[-1] != self._root:
            parent = self._parents.get(found[-1])
            if parent is None:
                raise PolicyError(f"what is above {found[-1]!r} is unknown; allowed is units={{{found[-1]!r}: ...}}")
            found.append(parent)
        return tuple(reversed(found))

    def service_control(self, account: str) -> list[list[Document]]:
        """The service control policies that bind an account, level by level from the root."""
        return [
            [_FULL_ACCESS, *self._attached.get((node, PolicyKind.SERVICE_CONTROL), ())] for node in self.path(account)
        ]

    def resource_control(self, account: str) -> list[list[Document]]:
        """The resource control policies that bind an account's resources, level by level from the root."""
        return [list(self._attached.get((node, PolicyKind.RESOURCE_CONTROL), ())) for node in self.path(account)]

    def evaluate(
        self,
        request: Request,
        *,
        identity: Document | Sequence[Document] = (),
        resource: Document | None = None,
        boundary: Document | None = None,
        session: Document | Sequence[Document] | None = None,
        known_keys: Sequence[str] = (),
    ) -> Decision:
        """Decide a request as AWS would, within this organization.

        Whose principal and resource are the organization's, and where they stand in its tree, is added to the
        request's context unless it says otherwise.

        Args:
            request: The request.
            identity: The caller's identity-based policies.
            resource: The resource's policy.
            boundary: The caller's permissions boundary.
            session: The session policies.
            known_keys: Context keys beyond those that AWS publishes.

        Returns:
            The decision, with layer and statement. The Sid of a statement that was merged names all of its parts.
        """
        caller, owner = request.principal.account, request.owner or request.principal.account
        return evaluate(
            replace(request, context={**self._derived(request, caller, owner), **request.context}),
            identity=identity,
            resource=resource,
            boundary=boundary,
            session=session,
            service_control=self.service_control(caller) if caller in self._accounts and caller else (),
            resource_control=self.resource_control(owner) if owner in self._accounts and owner else (),
            management_account=self.management_account,
            known_keys=known_keys,
        )

    def denied(self, requests: Iterable[Request], *, known_keys: Sequence[str] = ()) -> list[tuple[Request, Decision]]:
        """Which of these requests the organization's policies deny, whatever else would allow them.

        Give it what your accounts really do, such as CloudTrail recorded, and the template of a roll-out's next step.

        Args:
            requests: The requests.
            known_keys: Context keys beyond those that AWS publishes.

        Returns:
            The denied ones with their decisions, in order.
        """
        found = []
        for request in requests:
            caller = isinstance(request.principal, IamRole | IamUser)
            decision = self.evaluate(request, identity=[_FULL_ACCESS] if caller else (), known_keys=known_keys)
            if decision.explicit_deny:
                found.append((request, decision))
        return found

    def _derived(self, request: Request, caller: str | None, owner: str | None) -> dict[str, ContextValue]:
        derived: dict[str, ContextValue] = {}
        if self._is_ours(caller):
            derived["aws:PrincipalOrgID"] = self.organization_id
            derived["aws:PrincipalOrgPaths"] = self._org_path(caller)
        if self._is_ours(owner):
            derived["aws:ResourceOrgID"] = self.organization_id
            derived["aws:ResourceOrgPaths"] = self._org_path(owner)
        source = request.context.get("aws:SourceAccount")
        if isinstance(source, str) and self._is_ours(source):
            derived["aws:SourceOrgID"] = self.organization_id
            derived["aws:SourceOrgPaths"] = self._org_path(source)
        return derived

    def _is_ours(self, account: str | None) -> bool:
        return account is not None and (account in self._accounts or account == self.management_account)

    def _org_path(self, account: str | None) -> list[str]:
        nodes = self.path(account) if account in self._accounts and account else (self._root,)
        return ["/".join((self.organization_id, *nodes, ""))]

    def _read_nodes(self) -> None:
        for kind, name_of, parent_of in ((_UNIT, "Name", "ParentId"), (_ACCOUNT, "AccountName", "ParentIds")):
            for stack, logical_id, _ in self._templates.resources(kind):
                properties = self._templates.properties(stack, logical_id)
                name, key = str(properties.get(name_of)), f"{stack}/{logical_id}"
                if name in self._names:
                    raise PolicyError(f"{key}: the name {name!r} stands twice; allowed is once in an organization")
                self._names[name] = key
                parent = properties.get(parent_of)
                self._parents[key] = self._node(parent[0] if isinstance(parent, list) and parent else parent)

    def _read_policies(self) -> None:
        for policy in self._collected.policies:
            if policy.resource_type == _POLICY:
                targets = self._templates.properties(policy.stack, policy.logical_id).get("TargetIds")
                document = self._collected.render(policy)
                for target in targets if isinstance(targets, list) else []:
                    self._attached.setdefault((self._node(target), policy.kind), []).append(document)

    def _node(self, value: object) -> str:
        """The key of the node that a property names: a place in the templates for references, otherwise the id."""
        if isinstance(value, Reference):
            organization = self._templates.resource(value)["Type"] == "AWS::Organizations::Organization"
            return self._root if organization else f"{value.stack}/{value.logical_id}"
        return str(value)

    def _key(self, place: str) -> str:
        key = self._names.get(place, place)
        if key not in self._parents and key != self._root and not key.startswith(("ou-", "r-")):
            raise PolicyError(f"no such node, got {place!r}; allowed: {', '.join(self._names)}, or an OU's id")
        return key
