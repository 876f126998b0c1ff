"""The decision: allowed or denied, by which layer and which statement.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aws_architect_constructs._policies.context_keys import ContextKeyTable
from aws_architect_constructs._policies.decision import Decision, Layer, MatchedStatement
from aws_architect_constructs._policies.documents import DocumentKind, Effect, PolicyDocument, Statement
from aws_architect_constructs._policies.errors import PolicyError, UndecidedError
from aws_architect_constructs._policies.matching import Grip, applies
from aws_architect_constructs._policies.principals import (
    AccountPrincipal,
    FederatedUserSession,
    IamRole,
    IamUser,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    WebIdentity,
)
from aws_architect_constructs._policies.request import Request, RequestContextValues

__all__ = ["RCP_SERVICES", "Document", "evaluate"]

Document = Mapping[str, object] | str

# Services whose resources RCPs restrict, as announced until 2026-01: S3, STS, KMS, SQS and Secrets Manager (2024-11),
# ECR and OpenSearch Serverless (2025-06), Cognito and CloudWatch Logs (2026-01). The list grows:
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
RCP_SERVICES = frozenset(
    {"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "cognito-identity", "cognito-idp", "logs"}
)

# Actions on a role that its trust policy must allow, and those of them that carry no AWS credentials.
_TRUST_ACTIONS = frozenset(
    {"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml", "sts:tagsession",
     "sts:setsourceidentity"}
)  # fmt: skip
_FEDERATED_ACTIONS = {
    WebIdentity: frozenset({"sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity"}),
    SamlIdentity: frozenset({"sts:assumerolewithsaml", "sts:tagsession", "sts:setsourceidentity"}),
}


class _NotAllowedError(Exception):
    """Ends the evaluation with a denial."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.explanation)
        self.decision = decision


def evaluate(
    request: Request,
    *,
    identity: Document | Sequence[Document] = (),
    resource: Document | None = None,
    boundary: Document | None = None,
    session: Document | Sequence[Document] | None = None,
    service_control: Sequence[Sequence[Document]] = (),
    resource_control: Sequence[Sequence[Document]] = (),
    vpc_endpoint: Document | None = None,
    management_account: str | None = None,
    known_keys: Iterable[str] = (),
    resource_control_services: frozenset[str] = RCP_SERVICES,
) -> Decision:
    """Decide a request as AWS would.

    Args:
        request: Who wants to do what, to what, in which context.
        identity: The identity-based policies of the requester (its own and those of its groups).
        resource: The policy of the resource: bucket policy, key policy, queue policy, role trust policy. In the same
            account it may stay None, except for roles that are assumed and for KMS keys: these always have one.
        boundary: The requester's permissions boundary.
        session: The session policies passed when the session began. None means none was passed.
        service_control: The SCPs along the path of the requester's account: one list a level, from the root through
            the OUs to the account. Every level must allow, so an empty list denies everything. Nothing at all means
            that the account is in no organization with SCPs.
        resource_control: The RCPs along the path of the resource's account, in the same form. RCPFullAWSAccess is part
            of every level (it cannot be detached), so only Deny statements make a difference.
        vpc_endpoint: The policy of the VPC endpoint that the request goes through, if any.
        management_account: The organization's management account: SCPs do not bind its principals, RCPs not its
            resources.
        known_keys: Context keys beyond those that AWS publishes; ``*`` stands for a part that the user chooses.
        resource_control_services: The services whose resources RCPs restrict. AWS adds to them.

    Returns:
        The decision, naming the layer and the statement.

    Raises:
        PolicyError: When a document or the request is malformed; a subclass when a condition operator or a context key
            is unknown, or when the answer hangs on something that the request does not say.
    """
    keys = ContextKeyTable.of(known_keys)

    def parse(value: Document, kind: DocumentKind, name: str) -> PolicyDocument:
        return PolicyDocument.parse(value, kind=kind, name=name, keys=keys)

    def parse_list(value: Document | Sequence[Document], name: str) -> tuple[PolicyDocument, ...]:
        listed = [value] if isinstance(value, Mapping | str) else value
        return tuple(parse(item, DocumentKind.IDENTITY, f"{name}[{i}]") for i, item in enumerate(listed))

    def parse_levels(
        levels: Sequence[Sequence[Document]], kind: DocumentKind, name: str
    ) -> tuple[tuple[PolicyDocument, ...], ...]:
        for i, level in enumerate(levels):
            if isinstance(level, Mapping | str):
                raise PolicyError(f"{name}[{i}]: got one policy; allowed is a list of policies for each level")
        return tuple(
            tuple(parse(item, kind, f"{name}[{i}][{j}]") for j, item in enumerate(level))
            for i, level in enumerate(levels)
        )

    evaluation = _Evaluation(
        request=request,
        context=RequestContextValues(request, keys),
        identity=parse_list(identity, "identity"),
        resource=(parse(resource, DocumentKind.RESOURCE, "resource"),) if resource is not None else (),
        boundary=(parse(boundary, DocumentKind.IDENTITY, "boundary"),) if boundary is not None else None,
        session=parse_list(session, "session") if session is not None else None,
        service_control=parse_levels(service_control, DocumentKind.SERVICE_CONTROL, "service_control"),
        resource_control=parse_levels(resource_control, DocumentKind.RESOURCE_CONTROL, "resource_control"),
        vpc_endpoint=(parse(vpc_endpoint, DocumentKind.VPC_ENDPOINT, "vpc_endpoint"),)
        if vpc_endpoint is not None
        else None,
        management_account=management_account,
        resource_control_services=resource_control_services,
    )
    try:
        return evaluation.decide()
    except _NotAllowedError as denied:
        return denied.decision


@dataclass(frozen=True)
class _Found:
    """The best match in a layer."""

    grip: Grip
    document: PolicyDocument
    statement: Statement

    @property
    def matched(self) -> MatchedStatement:
        return MatchedStatement(self.document.name, self.statement.index, self.statement.sid, self.statement.effect)


_Documents = tuple[PolicyDocument, ...]


@dataclass(frozen=True)
class _Evaluation:
    """One request with every policy that might apply to it, parsed."""

    request: Request
    context: RequestContextValues
    identity: _Documents
    resource: _Documents
    boundary: _Documents | None
    session: _Documents | None
    service_control: tuple[_Documents, ...]
    resource_control: tuple[_Documents, ...]
    vpc_endpoint: _Documents | None
    management_account: str | None
    resource_control_services: frozenset[str]

    def decide(self) -> Decision:
        """Return the decision, in AWS's order: explicit denies, guardrails, then who grants."""
        self._check()
        self._refuse_explicit_denies()
        for level, documents in enumerate(self._service_control()):
            self._require(Layer.SERVICE_CONTROL, documents, f"no SCP of level {level} (0 is the root) allows it")
        if self.vpc_endpoint is not None:
            self._require(Layer.VPC_ENDPOINT, self.vpc_endpoint, "the VPC endpoint's policy does not allow it")
        if self.request.principal.account is None:
            granted = self._require(Layer.RESOURCE, self.resource, f"{self._no_resource_policy()}")
            return self._allowed(Layer.RESOURCE, granted)
        return self._decide_for_account(self.request.principal.account)

    def _decide_for_account(self, account: str) -> Decision:
        same_account = self._owner(account) == account
        by_resource = self._find(self.resource, Effect.ALLOW)
        grip = by_resource.grip if by_resource else Grip.NONE
        if by_resource is None and (not same_account or self._resource_policy_decides()):
            raise self._denied(Layer.RESOURCE, self._no_resource_policy())
        if isinstance(self.request.principal, RootUser):
            explanation = "the root user of an account has full access to it"
            return Decision(allowed=True, layer=Layer.ROOT_USER, statement=None, explanation=explanation)
        if by_resource and same_account and grip is Grip.DIRECT:
            # Named directly, the requester is limited by no implicit deny of the other layers.
            return self._allowed(Layer.RESOURCE, by_resource)
        granted, layer = by_resource, Layer.RESOURCE
        if granted is None or not same_account or grip is not Grip.ENTITY:
            granted, layer = (
                self._require(Layer.IDENTITY, self.identity, "no identity-based policy allows it"),
                Layer.IDENTITY,
            )
        if self.boundary is not None:
            self._require(Layer.BOUNDARY, self.boundary, "the permissions boundary does not allow it")
        if self.session is not None:
            self._require(Layer.SESSION, self.session, "no session policy allows it")
        elif isinstance(self.request.principal, FederatedUserSession):
            raise self._denied(Layer.SESSION, "a federated user session has no permissions without a session policy")
        return self._allowed(layer, granted)

    def _check(self) -> None:
        """Refuse combinations that AWS does not have, before they give an answer that means nothing."""
        who = self.request.principal
        has_policies = isinstance(who, IamRole | IamUser | FederatedUserSession | AccountPrincipal)
        if not has_policies and (self.identity or self.boundary is not None or self.session is not None):
            raise PolicyError(
                f"evaluate: identity, boundary or session with {type(who).__name__}, which can have none; "
                "allowed are roles, users, federated user sessions and accounts"
            )
        if isinstance(who, IamUser) and self.session is not None:
            raise PolicyError("evaluate: session with an IamUser; allowed are IamRole and FederatedUserSession")
        action = self.request.action.lower()
        allowed = _FEDERATED_ACTIONS.get(type(who))
        if allowed is not None and action not in allowed:
            raise PolicyError(
                f"Request: action of a {type(who).__name__}, got {self.request.action!r}; "
                f"allowed are {', '.join(sorted(allowed))} (afterwards it is an IamRole)"
            )
        if isinstance(who, RootUser) and action == "sts:assumerole":
            # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
            raise PolicyError("Request: sts:AssumeRole by a RootUser; allowed are roles and users")

    def _owner(self, account: str) -> str:
        owner = self.request.owner
        if owner is None and self.resource:
            raise PolicyError(
                f"Request: resource_account is missing, the ARN {self.request.resource!r} names no account; "
                "allowed are 12 digits (with a resource-based policy, same and cross account differ)"
            )
        return owner or account

    def _resource_policy_decides(self) -> bool:
        """Whether the resource's own policy must allow: roles that are assumed, and KMS keys."""
        if self.request.action.lower() in _TRUST_ACTIONS:
            return self.request.resource != "*"
        return self.request.service == "kms" and ":key/" in self.request.resource

    def _no_resource_policy(self) -> str:
        return "the resource's policy does not allow it" if self.resource else "no resource-based policy was given"

    def _service_control(self) -> tuple[_Documents, ...]:
        who = self.request.principal
        bound = who.account is not None and who.account != self.management_account and not who.is_service_linked_role
        return self.service_control if bound else ()

    def _resource_control(self) -> _Documents:
        """Return the RCPs that restrict the request; nothing outside its documented reach."""
        request = self.request
        reached = (
            request.service in self.resource_control_services
            and (request.owner is None or request.owner != self.management_account)
            and not request.principal.is_service_linked_role
            # https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
            and request.action.lower() != "kms:retiregrant"
            # AWS services can always assume service-linked roles.
            and not (isinstance(request.principal, ServicePrincipal) and ":role/aws-service-role/" in request.resource)
        )
        return tuple(document for level in self.resource_control for document in level) if reached else ()

    def _layers(self) -> Iterator[tuple[Layer, _Documents]]:
        yield Layer.SERVICE_CONTROL, tuple(document for level in self._service_control() for document in level)
        yield Layer.RESOURCE_CONTROL, self._resource_control()
        yield Layer.VPC_ENDPOINT, self.vpc_endpoint or ()
        yield Layer.RESOURCE, self.resource
        yield Layer.IDENTITY, self.identity
        yield Layer.BOUNDARY, self.boundary or ()
        yield Layer.SESSION, self.session or ()

    def _refuse_explicit_denies(self) -> None:
        undecided: UndecidedError | None = None
        for layer, documents in self._layers():
            try:
                found = self._find(documents, Effect.DENY)
            except UndecidedError as error:
                undecided = undecided or error
                continue
            if found is not None:
                raise _NotAllowedError(
                    Decision(
                        allowed=False,
                        layer=layer,
                        statement=found.matched,
                        explanation=f"explicitly denied by the {layer}: {found.statement.place}",
                    )
                )
        if undecided is not None:
            raise undecided

    def _find(self, documents: _Documents, effect: Effect) -> _Found | None:
        """Return the statement of this effect with the closest grip; the first of equals.

        Raises:
            UndecidedError: When one more statement might apply and would make a difference.
        """
        best: _Found | None = None
        undecided: UndecidedError | None = None
        for document in documents:
            for statement in document.statements:
                if statement.effect is not effect:
                    continue
                try:
                    grip = applies(statement, self.request, self.context, has_boundary=self.boundary is not None)
                except UndecidedError as error:
                    undecided = undecided or error
                    continue
                if grip > (best.grip if best else Grip.NONE):
                    best = _Found(grip, document, statement)
        enough = best is not None and (effect is Effect.DENY or best.grip is Grip.DIRECT)
        if undecided is not None and not enough:
            raise undecided
        return best

    def _require(self, layer: Layer, documents: _Documents, otherwise: str) -> _Found:
        found = self._find(documents, Effect.ALLOW)
        if found is None:
            raise self._denied(layer, otherwise)
        return found

    def _denied(self, layer: Layer, reason: str) -> _NotAllowedError:
        explanation = f"implicitly denied by the {layer}: {reason}"
        return _NotAllowedError(Decision(allowed=False, layer=layer, statement=None, explanation=explanation))

    def _allowed(self, layer: Layer, found: _Found) -> Decision:
        explanation = f"allowed by the {layer}: {found.statement.place}"
        return Decision(allowed=True, layer=layer, statement=found.matched, explanation=explanation)
