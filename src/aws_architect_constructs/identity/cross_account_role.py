"""A role that named accounts assume, and nobody else."""

import re
from collections.abc import Sequence
from typing import Final

import jsii
from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import argument_error, is_concrete, warn
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID

from .conditions import Condition, PrincipalKind, mfa_present, organization, principal_arns

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_EXTERNAL_ID: Final = re.compile(r"[\w+=,.@:/-]*", re.ASCII)
_SHORTEST_EXTERNAL_ID: Final = 2
_LONGEST_EXTERNAL_ID: Final = 1224
# A random UUID has 32 random digits; what is shorter or repeats itself, somebody chose.
_SHORTEST_RANDOM: Final = 16
_FEWEST_CHARACTERS: Final = 6
_HOUR: Final = 3600
_LONGEST_SESSION_HOURS: Final = 12


@jsii.implements(iam.IGrantable)
class CrossAccountRole(Construct):
    """A role that principals of named accounts assume: with an external id, from an organization, or both.

    `CrossAccountRole(self, "Audit", trusted_accounts=["222222222222"], external_id="...")` is all it takes. It can do
    nothing yet: `bucket.grant_read(audit)`, as every `grant_*` of CDK, writes a customer managed policy.

    The account's number alone is no protection against the confused deputy: whoever gets a third party to assume our
    role on their behalf has our permissions. So an external id, which the third party sends for its customer, or the
    organization is required beside it. A principal `*` cannot be expressed.

    Cost: none.

    Well-Architected: security (SEC03, permissions for third parties and across accounts).

    Args:
        scope: The scope.
        id: The id.
        trusted_accounts: The accounts whose principals may assume the role, 12 digits each, at least one. Their own
            policies must allow it too.
        external_id: What the caller has to send: 2 to 1,224 letters, digits and `_+=,.@:/-`. AWS does not treat it as
            a secret; it should be random, and one for each customer, as the third party generates it. One that looks
            chosen gets the warning `GuessableExternalId`. Default None, with `organization_id`.
        organization_id: The organization that the caller has to belong to, such as `o-abcdefghij`. Default None, with
            `external_id`.
        trusted_principals: ARN patterns, such as `arn:aws:iam::222222222222:role/audit-*`, of which the caller has to
            fit one. Default None: every principal of the accounts that its account lets.
        require_mfa: Whether the caller must have signed in with a second factor. Then only IAM users can assume the
            role: the sessions of roles, and so of services and of IAM Identity Center, do not say. Default False.
        max_session_duration: How long a session may last, 1 to 12 hours, known now. Default one hour.
        permissions_boundary: What caps the role's permissions. Default None: none, or that of an enclosing scope.
        role_name: The role's name, for third parties that insist on it. Default None: CloudFormation's choice.

    Attributes:
        role: The role. Its own `add_to_policy` and `grant_*` to it would make an inline policy: grant to the construct.

    Raises:
        ValueError: If an account is malformed or there is none; if there is neither external id nor organization; if
            the external id, the organization or a pattern is malformed, or a pattern is of another account; if MFA is
            required of roles; or if the session's duration is out of bounds.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        trusted_accounts: Sequence[str],
        external_id: str | None = None,
        organization_id: str | None = None,
        trusted_principals: Sequence[str] | None = None,
        require_mfa: bool = False,
        max_session_duration: Duration | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        role_name: str | None = None,
    ) -> None:
        duration = Duration.hours(1) if max_session_duration is None else max_session_duration
        try:
            accounts = _accounts(trusted_accounts)
            condition = _condition(
                accounts=accounts,
                external_id=external_id,
                organization_id=organization_id,
                trusted_principals=trusted_principals,
                require_mfa=require_mfa,
            )
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        # CDK compares the number at once, so it cannot be a parameter's.
        if duration.is_unresolved() or not _HOUR <= duration.to_seconds() <= _LONGEST_SESSION_HOURS * _HOUR:
            raise argument_error(
                scope,
                id,
                "max_session_duration is none that IAM takes",
                got="a token" if duration.is_unresolved() else f"{duration.to_seconds():.0f} seconds",
                allowed=f"1 to {_LONGEST_SESSION_HOURS} hours",
            )
        super().__init__(scope, id)
        self._policy: iam.ManagedPolicy | None = None
        self.role: Final = iam.Role(
            self,
            "Role",
            assumed_by=iam.CompositePrincipal(
                *(iam.AccountPrincipal(account).with_conditions(condition.to_json()) for account in accounts)
            ),
            description="Assumed from other accounts.",
            max_session_duration=duration,
            permissions_boundary=permissions_boundary,
            role_name=role_name,
        )
        if external_id is not None and is_concrete(external_id) and _looks_chosen(external_id):
            warn(
                self,
                "GuessableExternalId",
                f"The external id looks chosen ({len(external_id)} characters, {len(set(external_id))} different "
                "ones): whoever guesses it can have the third party assume the role for them. Ask the third party for "
                "a random one, such as a UUID, and one for each customer.",
            )

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the role's managed policy, made when the first grant needs it."""
        if self._policy is None:
            self._policy = iam.ManagedPolicy(
                self, "Policy", document=iam.PolicyDocument(minimize=True), roles=[self.role]
            )
        return self._policy.grant_principal


def _accounts(trusted_accounts: Sequence[str]) -> list[str]:
    if isinstance(trusted_accounts, str) or not trusted_accounts:
        raise ValueError(
            f"trusted_accounts: no list of accounts, got {trusted_accounts!r}; allowed: account ids of 12 digits"
        )
    for account in trusted_accounts:
        if not isinstance(account, str) or (is_concrete(account) and not ACCOUNT_ID.fullmatch(account)):
            raise ValueError(f"trusted_accounts: no account id, got {account!r}; allowed: 12 digits, as text")
    return sorted(set(trusted_accounts))


def _condition(
    *,
    accounts: Sequence[str],
    external_id: str | None,
    organization_id: str | None,
    trusted_principals: Sequence[str] | None,
    require_mfa: bool,
) -> Condition:
    """What the trust asks of whoever comes from a trusted account."""
    if external_id is None and organization_id is None:
        raise ValueError(
            "an account alone is trusted, which any customer of a third party could make use of, got "
            "external_id=None and organization_id=None; allowed: one of them, or both"
        )
    blocks = []
    if external_id is not None:
        _check_external_id(external_id)
        blocks.append(Condition.of({"StringEquals": {"sts:ExternalId": external_id}}))
    if organization_id is not None:
        blocks.append(organization(organization_id).allow)
    if trusted_principals is not None:
        try:
            blocks.append(principal_arns(trusted_principals).allow)
        except ValueError as error:
            raise ValueError(f"trusted_principals: {error}") from None
        _check_principals(trusted_principals, accounts, require_mfa=require_mfa)
    if require_mfa:
        blocks.append(mfa_present(principals=PrincipalKind.IAM_USER).allow)
    condition = blocks[0]
    for block in blocks[1:]:
        condition &= block
    return condition


def _check_external_id(external_id: str) -> None:
    """Check what STS would refuse. The message does not repeat the id, as messages end up in build logs."""
    if not is_concrete(external_id):
        return
    if not _SHORTEST_EXTERNAL_ID <= len(external_id) <= _LONGEST_EXTERNAL_ID:
        raise ValueError(
            f"external_id: too short or too long, got {len(external_id)} characters; allowed: "
            f"{_SHORTEST_EXTERNAL_ID} to {_LONGEST_EXTERNAL_ID}"
        )
    if not _EXTERNAL_ID.fullmatch(external_id):
        foreign = "".join(sorted({character for character in external_id if not _EXTERNAL_ID.fullmatch(character)}))
        raise ValueError(f"external_id: characters that STS refuses, got {foreign!r}; allowed: A-Z a-z 0-9 _+=,.@:/-")


def _check_principals(patterns: Sequence[str], accounts: Sequence[str], *, require_mfa: bool) -> None:
    for pattern in filter(is_concrete, patterns):
        account, resource = pattern.split(":", 5)[4:]
        if account not in accounts and all(is_concrete(trusted) for trusted in accounts):
            raise ValueError(
                f"trusted_principals: a principal of an account that is not trusted, got {pattern!r}; allowed: "
                f"principals of {', '.join(accounts)}"
            )
        if require_mfa and resource.startswith("role/"):
            raise ValueError(
                f"require_mfa: a role's session does not say whether MFA was used, so the trust would never hold, got "
                f"{pattern!r}; allowed: IAM users, or require_mfa=False"
            )


def _looks_chosen(external_id: str) -> bool:
    return len(external_id) < _SHORTEST_RANDOM or len(set(external_id)) < _FEWEST_CHARACTERS
