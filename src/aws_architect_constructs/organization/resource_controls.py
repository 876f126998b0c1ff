"""The catalogue of resource control policies: a data perimeter around what the organization keeps.

Services that act in their own name, people who sign in by SAML or a web identity, and approved third parties each have
a statement of their own: one rule for all of them would either let everybody in or stop our own GitHubActionsRole, IAM
Identity Center and CrossAccountRole. No role is exempt by its name here, because a role of any name exists in other
organizations too.

Pure Python: nothing here knows CDK.
"""

import re
from collections.abc import Sequence
from typing import Final

from .guardrails import Guardrail
from .policy_packing import PolicyType, Statement

DATA_ACTIONS: Final = ("kms:*", "s3:*", "secretsmanager:*", "sqs:*")
"""What keeps data and knows resource control policies, and whose callers always say who they are."""

_PERIMETER: Final = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_OWNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(@[0-9]+)?")


def _deny(actions: Sequence[str], condition: dict[str, dict[str, object]], **resource: object) -> Statement:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        **(resource or {"Resource": "*"}),
        "Condition": condition,
    }


def _accounts(argument: str, accounts: Sequence[str]) -> list[str]:
    if isinstance(accounts, str) or not all(_ACCOUNT.fullmatch(account) for account in accounts):
        raise ValueError(f"{argument}: no accounts, got {accounts!r}; allowed: a list of account ids of 12 digits")
    return sorted(set(accounts))


def organization_only(organization_id: str, *, trusted_accounts: Sequence[str] = ()) -> Guardrail:
    """Data is the organization's: nobody else reads or writes it, whatever a bucket or key policy says.

    Args:
        organization_id: The organization's id.
        trusted_accounts: Accounts outside it that may use data directly, not through one of our roles.

    Raises:
        ValueError: If an account is malformed.
    """
    keys: dict[str, object] = {"aws:PrincipalOrgID": organization_id}
    if trusted_accounts:
        keys["aws:PrincipalAccount"] = _accounts("trusted_accounts", trusted_accounts)
    return Guardrail(
        name="OrganizationOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                DATA_ACTIONS,
                {"StringNotEqualsIfExists": keys, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
            ),
        ),
        rationale="One wrong principal in one bucket policy must not be enough.",
        threat="Data shared with other organizations or the public, by mistake or by an intruder.",
        reference=_PERIMETER,
        blast_radius="Presigned requests stay possible; public buckets, sharing with partners' accounts, CloudFront's "
        "origin access identities and load balancers' logs by AWS's account ids instead of its services end.",
        must_not_hit="Accounts that publish data.",
    )


def organization_roles_only(organization_id: str, *, third_party_accounts: Sequence[str] = ()) -> Guardrail:
    """Roles are assumed from within the organization, and from approved third parties' accounts.

    `sts:AssumeRole` alone: signing in by SAML or a web identity comes from no account and has statements of its own.

    Args:
        organization_id: The organization's id.
        third_party_accounts: The accounts that our CrossAccountRoles trust outside the organization.

    Raises:
        ValueError: If an account is malformed.
    """
    keys: dict[str, object] = {"aws:PrincipalOrgID": organization_id}
    if third_party_accounts:
        keys["aws:PrincipalAccount"] = _accounts("third_party_accounts", third_party_accounts)
    return Guardrail(
        name="OrganizationRolesOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                ("sts:AssumeRole",),
                {"StringNotEqualsIfExists": keys, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
            ),
        ),
        rationale="A trust policy is one line; who it trusts is the organization's decision.",
        threat="A role that trusts an intruder's account, left behind to come back by.",
        reference=_PERIMETER,
        blast_radius="Vendors whose account is not listed.",
    )


def confused_deputy_protected(organization_id: str, *, source_accounts: Sequence[str] = ()) -> Guardrail:
    """An AWS service that acts for an account acts for one of ours.

    Only where the service says for whom: some calls carry no source, and these are left to the resource's policy.

    Args:
        organization_id: The organization's id.
        source_accounts: Accounts outside it on whose behalf services may use our resources.

    Raises:
        ValueError: If an account is malformed.
    """
    keys: dict[str, object] = {"aws:SourceOrgID": organization_id}
    if source_accounts:
        keys["aws:SourceAccount"] = _accounts("source_accounts", source_accounts)
    return Guardrail(
        name="ConfusedDeputyProtected",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                (*DATA_ACTIONS, "sts:AssumeRole"),
                {
                    "StringNotEqualsIfExists": keys,
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                },
            ),
        ),
        rationale="A service must not be the way round the perimeter.",
        threat="The confused deputy: somebody else's trail or topic that is pointed at our bucket or key.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        blast_radius="Services that deliver for accounts outside the organization.",
    )


def tls_only() -> Guardrail:
    """Data moves over TLS, 1.2 or later for S3."""
    return Guardrail(
        name="TlsOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(DATA_ACTIONS, {"Bool": {"aws:SecureTransport": "false"}}),
            _deny(("s3:*",), {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        ),
        rationale="No bucket policy has to say it again.",
        threat="Traffic read or changed on its way.",
        reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        blast_radius="Clients with TLS older than 1.2.",
    )


def github_owners_only(owners: Sequence[str]) -> Guardrail:
    """GitHub's workflows get roles if their repository is ours, whatever a role trusts.

    Both forms of the subject are admitted, `repo:OWNER/` and, with GitHub's ids, `repo:OWNER@ID/`. Other OIDC providers
    send another subject's key and are left alone; `oidc_providers_only` is about them.

    Args:
        owners: Organizations and users of GitHub, `octo-org` or, better, with the id: `octo-org@123456`.

    Raises:
        ValueError: If there is none, or one is malformed.
    """
    if isinstance(owners, str) or not owners or not all(_OWNER.fullmatch(owner) for owner in owners):
        raise ValueError(
            f"github_owners: no owners, got {owners!r}; allowed: a list of 'octo-org' or 'octo-org@123456'"
        )
    subjects = sorted({subject for owner in owners for subject in _subjects(owner)})
    key = "token.actions.githubusercontent.com:sub"
    return Guardrail(
        name="GitHubOwnersOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                ("sts:AssumeRoleWithWebIdentity",),
                {"StringNotLike": {key: subjects}, "Null": {key: "false"}},
            ),
        ),
        rationale="GitHub signs for everybody's repositories.",
        threat="A role that trusts every repository of GitHub, or one whose owner has changed.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        blast_radius="Workflows of other owners.",
    )


def _subjects(owner: str) -> tuple[str, str]:
    name, _, number = owner.partition("@")
    return f"repo:{name}/*", f"repo:{name}@{number or '*'}/*"


def oidc_providers_only(providers: Sequence[str]) -> Guardrail:
    """Web identities come from the named providers alone.

    Args:
        providers: Issuers without `https://`, such as `token.actions.githubusercontent.com` and, for each EKS cluster
            with roles for service accounts, `oidc.eks.eu-west-1.amazonaws.com/id/...`: no wildcard stands for them.

    Raises:
        ValueError: If there is none.
    """
    if isinstance(providers, str) or not providers:
        raise ValueError(
            f"oidc_providers: no providers, got {providers!r}; allowed: a list of issuers without https://"
        )
    # One Null block asks all of its keys: a token of a named provider has one of them, so it is not denied.
    return Guardrail(
        name="OidcProvidersOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                ("sts:AssumeRoleWithWebIdentity",),
                {"Null": {f"{provider}:aud": "true" for provider in sorted(set(providers))}},
            ),
        ),
        rationale="A provider in IAM is a way in, and anybody with iam:CreateOpenIDConnectProvider adds one.",
        threat="An intruder's own OIDC provider, left behind to come back by.",
        reference=_PERIMETER,
        blast_radius="Providers that are not listed, EKS clusters' among them.",
    )


def saml_issuers_only(issuers: Sequence[str] = ()) -> Guardrail:
    """People sign in by Identity Center; other SAML providers have to be named.

    Args:
        issuers: SAML issuers beside Identity Center. Default: none.

    Raises:
        ValueError: If it is no list.
    """
    if isinstance(issuers, str):
        raise ValueError(f"saml_issuers: no list, got {issuers!r}; allowed: a list of issuers' URIs")
    # Without issuers the audience stands for "whatever it is": every SAML sign-in has one.
    condition: dict[str, dict[str, object]] = (
        {"StringNotEqualsIfExists": {"saml:iss": sorted(set(issuers))}} if issuers else {"Null": {"saml:aud": "false"}}
    )
    return Guardrail(
        name="SamlIssuersOnly",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(
            _deny(
                ("sts:AssumeRoleWithSAML",), condition, NotResource="arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*"
            ),
        ),
        rationale="One door for people, where they are looked after.",
        threat="An intruder's own SAML provider, left behind to come back by.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html",
        blast_radius="Direct SAML federation with accounts.",
    )


def exemption_session_tag_denied(tag_key: str) -> Guardrail:
    """Nobody gets the tag that exempts for a session: only the tag of a role itself exempts.

    A service control policy does not bind who signs in by SAML, a web identity, or from another organization, and any
    of them may bring tags along where a trust policy lets it: an account's own OIDC provider could sign for everything.

    Args:
        tag_key: The tag's key, in any spelling.
    """
    return Guardrail(
        name="ExemptionSessionTagDenied",
        policy_type=PolicyType.RESOURCE_CONTROL,
        statements=(_deny(("sts:TagSession",), {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": [tag_key]}}),),
        rationale="An exemption is worth what it costs to get it.",
        threat="Privileges gained by a tag that an identity provider sends.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html",
        blast_radius="Identity providers that send the tag as a session tag: the sign-in is refused.",
    )


ALL_RESOURCE_CONTROLS: Final[tuple[Guardrail, ...]] = (
    organization_only("o-abcdefghij"),
    organization_roles_only("o-abcdefghij", third_party_accounts=["222222222222"]),
    confused_deputy_protected("o-abcdefghij"),
    tls_only(),
    github_owners_only(["octo-org@123456"]),
    oidc_providers_only(["token.actions.githubusercontent.com"]),
    saml_issuers_only(),
    exemption_session_tag_denied("guardrail-exempt"),
)
"""Every guardrail of this catalogue, with examples of what has no default."""
