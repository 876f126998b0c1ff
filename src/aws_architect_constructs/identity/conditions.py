"""Condition blocks by name: what a request must bring, as an Allow asks for it and as a Deny refuses what lacks it.

The two are no mirror images. A positive operator fails where the key is absent, a negated one holds there, and
`IfExists` holds there whatever it asks; so each requirement writes out both forms, and says what becomes of a request
without the key. Two requirements together are one Allow with both conditions, but two Denies with one each: a Deny with
both would let pass whoever meets either.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from aws_architect_constructs.foundation import global_services
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID, ORGANIZATION_ID

ConditionJson = dict[str, dict[str, str | list[str]]]

GLOBAL_SERVICE_ACTIONS: Final = global_services.GLOBAL_SERVICE_ACTIONS
"""What one endpoint serves for all Regions; organization guardrails share it."""

_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d")
_ENDPOINT: Final = re.compile(r"vpce-[0-9a-f]{8,17}")
# The account is written out: a pattern that leaves it open trusts whoever chooses a name that fits. A role's session
# has the ARN of its role, so a pattern for `assumed-role` would never hold.
_PRINCIPAL_ARN: Final = re.compile(
    r"arn:(aws[a-z-]*|\*):(iam::\d{12}:(root|(role|user)/.+)|sts::\d{12}:federated-user/.+)"
)
_TOKEN: Final = "${Token["  # noqa: S105 -- how CDK writes a value that is known when it deploys; no secret

# A call that an AWS service makes as itself. Anonymous requests lack the key, so only IfExists refuses them too.
_NO_AWS_SERVICE: Final = {"aws:PrincipalIsAWSService": "false"}
_DIRECT: Final = {"aws:ViaAWSService": "false"}


class PrincipalKind(StrEnum):
    """Who makes the request, where it decides whether a key exists."""

    IAM_USER = "IamUser"
    """An IAM user: with MFA by a session of `GetSessionToken`, or while calling `AssumeRole`."""
    ROLE_SESSION = "RoleSession"
    """A session of an assumed role."""
    IDENTITY_CENTER = "IdentityCenter"
    """A person signed in by IAM Identity Center."""
    SAML = "Saml"
    """A session of `AssumeRoleWithSAML`."""
    OIDC = "Oidc"
    """A session of `AssumeRoleWithWebIdentity`."""
    SERVICE = "Service"
    """An AWS service."""


_NO_MFA_KEY: Final[Mapping[PrincipalKind, str]] = {
    PrincipalKind.ROLE_SESSION: "the session that AssumeRole returns does not say whether MFA was used: require it in "
    "the role's trust policy",
    PrincipalKind.IDENTITY_CENTER: "its sessions do not have the key: require MFA in Identity Center's settings",
    PrincipalKind.SAML: "its sessions do not have the key: require MFA at the identity provider",
    PrincipalKind.OIDC: "its sessions do not have the key: require it at the identity provider",
    PrincipalKind.SERVICE: "a service has no second factor: bind it by source account instead",
}


def _listed(values: object) -> tuple[str, ...]:
    """The values of a comparison as IAM reads them: `True` and 1 are the texts `true` and `1`."""
    items = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    if not items or not all(isinstance(item, str | bool | int | float) and item != "" for item in items):
        raise ValueError(f"condition: no values to compare with, got {values!r}; allowed: texts, at least one")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def _positive(operator: str) -> str:
    """The operator that this one negates, or itself."""
    return operator.replace("Not", "", 1).removesuffix("IfExists")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition block, which does not change. Make one with `of`; combine two with `&`: then both must hold.

    Attributes:
        entries: Operator, key and values of each comparison, in sorted order.
    """

    entries: tuple[tuple[str, str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, block: Mapping[str, Mapping[str, str | Sequence[str]]]) -> Self:
        """Read a block as a policy has it: operator, key, and one value or several.

        Raises:
            ValueError: If a comparison has no values.
        """
        return cls(
            entries=tuple(
                sorted(
                    (operator, key, _listed(values))
                    for operator, comparisons in block.items()
                    for key, values in comparisons.items()
                )
            )
        )

    def to_json(self) -> ConditionJson:
        """The block as it stands in a policy."""
        block: ConditionJson = {}
        for operator, key, values in self.entries:
            block.setdefault(operator, {})[key] = values[0] if len(values) == 1 else list(values)
        return block

    def __and__(self, other: "Condition") -> "Condition":
        """Both conditions in one block.

        Raises:
            ValueError: If both compare the same key by the same operator with different values, of which a block has
                room for one; or if what one demands the other forbids, so that nothing could ever meet both.
        """
        merged = {(operator, key.casefold()): (operator, key, values) for operator, key, values in self.entries}
        for operator, key, values in other.entries:
            place = (operator, key.casefold())
            if place in merged and set(merged[place][2]) != set(values):
                raise ValueError(
                    f"condition: {operator} compares {key} twice, got {list(merged[place][2])} and {list(values)}; "
                    "allowed: the same values, or one of the two conditions"
                )
            merged.setdefault(place, (operator, key, values))
        entries = tuple(sorted(merged.values()))
        for demanded, key, wanted in entries:
            for forbidden, other_key, unwanted in entries:
                if (
                    demanded == _positive(demanded)  # with IfExists a request without the key meets both
                    and ":" not in demanded  # one value of several may meet the one, another the other
                    and "Not" in forbidden
                    and _positive(forbidden) == demanded
                    and other_key.casefold() == key.casefold()
                    and set(wanted) <= set(unwanted)
                ):
                    raise ValueError(
                        f"condition: no request can meet both, got {demanded} {key} {list(wanted)} and {forbidden} "
                        f"{list(unwanted)}; allowed: conditions that leave a value"
                    )
        return Condition(entries=entries)


@dataclass(frozen=True, kw_only=True)
class Denial:
    """One Deny of a requirement.

    Attributes:
        name: What it enforces, in letters: fit for a statement id.
        condition: When it denies.
        not_actions: What it never denies: the `NotAction` of its statement. Empty for everything denied.
    """

    name: str
    condition: Condition
    not_actions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What a request must bring, in the form for Allow and in the form for Deny. Combine two with `&`.

    Attributes:
        allow: The condition of an Allow: it holds where the requirement is met.
        denials: The Denies, each a statement of its own: one holds where the requirement is not met.
    """

    allow: Condition
    denials: tuple[Denial, ...]

    def __and__(self, other: "Requirement") -> "Requirement":
        """Both requirements: one Allow with both, and the Denies of each.

        Raises:
            ValueError: If they cannot stand together: see `Condition`.
        """
        seen = {denial.name: denial for denial in self.denials}
        for denial in other.denials:
            if seen.setdefault(denial.name, denial) != denial:
                raise ValueError(
                    f"condition: {denial.name} is required in two ways, got {seen[denial.name].condition.to_json()} "
                    f"and {denial.condition.to_json()}; allowed: one of them"
                )
        return Requirement(allow=self.allow & other.allow, denials=tuple(seen.values()))


def _checked(argument: str, values: Sequence[str], pattern: re.Pattern[str], allowed: str) -> list[str]:
    """The values in sorted order, each as its pattern wants it; a value that CloudFormation resolves later passes."""
    if isinstance(values, str) or not values:
        raise ValueError(f"{argument}: no list of values, got {values!r}; allowed: a list of {allowed}")
    for value in values:
        if not isinstance(value, str) or not (_TOKEN in value or pattern.fullmatch(value)):
            raise ValueError(f"{argument}: malformed, got {value!r}; allowed: {allowed}")
    return sorted(set(values))


def _requirement(
    name: str,
    allow: Mapping[str, Mapping[str, str | Sequence[str]]],
    deny: Mapping[str, Mapping[str, str | Sequence[str]]],
    not_actions: Sequence[str] = (),
) -> Requirement:
    denial = Denial(name=name, condition=Condition.of(deny), not_actions=tuple(not_actions))
    return Requirement(allow=Condition.of(allow), denials=(denial,))


def requested_regions(regions: Sequence[str], *, except_actions: Sequence[str] = GLOBAL_SERVICE_ACTIONS) -> Requirement:
    """Requests to the endpoints of these Regions alone.

    The key is always there. An Allow with this condition leaves the global services to a statement of their own; the
    Deny excepts them by `NotAction`.

    Args:
        regions: The Regions, such as `eu-west-1`.
        except_actions: What the Deny leaves alone. Default: the services that have one endpoint for all Regions.

    Raises:
        ValueError: If there is no Region, or one is malformed.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html.
    """
    names = _checked("regions", regions, _REGION, "Regions such as 'eu-west-1'")
    return _requirement(
        "RequestedRegions",
        {"StringEquals": {"aws:RequestedRegion": names}},
        {"StringNotEquals": {"aws:RequestedRegion": names}},
        except_actions,
    )


def tls_only() -> Requirement:
    """Requests over TLS alone.

    The key is always there; a call without it (which AWS makes inside) is not denied.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html.
    """
    return _requirement(
        "TlsOnly", {"Bool": {"aws:SecureTransport": "true"}}, {"Bool": {"aws:SecureTransport": "false"}}
    )


def mfa_present(*, principals: PrincipalKind | Sequence[PrincipalKind]) -> Requirement:
    """Requests of IAM users that signed in with a second factor.

    The Deny refuses access keys too, whose requests lack the key, and leaves alone what AWS services do further for a
    caller: those calls lack the key as well.

    Args:
        principals: Whose requests the policy meets. The key exists for IAM users alone; for everybody else an Allow
            would never hold and a Deny always would, so they are refused with the reason.

    Raises:
        ValueError: If the key does not exist for one of `principals`, or there are none.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html.
    """
    kinds = (principals,) if isinstance(principals, str) else tuple(principals)
    if not kinds:
        raise ValueError(f"principals: nobody is named, got {principals!r}; allowed: {PrincipalKind.IAM_USER!r}")
    for kind in kinds:
        if kind in _NO_MFA_KEY:
            raise ValueError(
                f"principals: aws:MultiFactorAuthPresent says nothing of {PrincipalKind(kind).name}, as "
                f"{_NO_MFA_KEY[PrincipalKind(kind)]}, got {kind!r}; allowed: {PrincipalKind.IAM_USER!r}"
            )
        if kind != PrincipalKind.IAM_USER:
            raise ValueError(f"principals: no such kind, got {kind!r}; allowed: {PrincipalKind.IAM_USER!r}")
    return _requirement(
        "MfaPresent",
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false", **_DIRECT}},
    )


def principal_arns(patterns: Sequence[str]) -> Requirement:
    """Requests of principals whose ARN fits one of these patterns; for a role's session it is the role's ARN.

    The Deny refuses anonymous requests too, and leaves alone what AWS services do as themselves.

    Args:
        patterns: ARNs such as `arn:aws:iam::111111111111:role/deploy-*`, with the account written out.

    Raises:
        ValueError: If there is none, or one leaves the account open.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn.
    """
    allowed = "ARN patterns with their account, such as 'arn:aws:iam::111111111111:role/deploy-*'"
    arns = _checked("patterns", patterns, _PRINCIPAL_ARN, allowed)
    return _requirement(
        "PrincipalArns",
        {"ArnLike": {"aws:PrincipalArn": arns}},
        {"ArnNotLikeIfExists": {"aws:PrincipalArn": arns}, "BoolIfExists": _NO_AWS_SERVICE},
    )


def organization(organization_id: str) -> Requirement:
    """Requests of the organization's principals.

    The Deny refuses principals outside any organization and anonymous requests too, whose key is absent, and leaves
    alone what AWS services do as themselves.

    Args:
        organization_id: The organization, such as `o-abcdefghij`.

    Raises:
        ValueError: If it is malformed.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid.
    """
    ids = _checked("organization_id", [organization_id], ORGANIZATION_ID, "an organization id such as 'o-abcdefghij'")
    return _requirement(
        "Organization",
        {"StringEquals": {"aws:PrincipalOrgID": ids}},
        {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ids}, "BoolIfExists": _NO_AWS_SERVICE},
    )


def source_accounts(accounts: Sequence[str]) -> Requirement:
    """Calls of AWS services on behalf of these accounts: what keeps others from using a service as their deputy.

    The Deny concerns calls of services alone, and of those the ones that name an account: not every service does.

    Args:
        accounts: The accounts, 12 digits each.

    Raises:
        ValueError: If there is none, or one is malformed.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
    """
    ids = _checked("accounts", accounts, ACCOUNT_ID, "account ids of 12 digits")
    return _requirement(
        "SourceAccounts",
        {"StringEquals": {"aws:SourceAccount": ids}},
        {
            "Bool": {"aws:PrincipalIsAWSService": "true"},
            "Null": {"aws:SourceAccount": "false"},
            "StringNotEquals": {"aws:SourceAccount": ids},
        },
    )


def source_vpc_endpoints(endpoint_ids: Sequence[str]) -> Requirement:
    """Requests through these VPC endpoints.

    The Deny refuses requests through none, whose key is absent, and leaves alone what AWS services do as themselves or
    further for a caller: those calls come through no endpoint.

    Args:
        endpoint_ids: The endpoints, such as `vpce-0123456789abcdef0`.

    Raises:
        ValueError: If there is none, or one is malformed.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpce.
    """
    ids = _checked("endpoint_ids", endpoint_ids, _ENDPOINT, "VPC endpoint ids such as 'vpce-0123456789abcdef0'")
    return _requirement(
        "SourceVpcEndpoints",
        {"StringEquals": {"aws:SourceVpce": ids}},
        {"BoolIfExists": {**_NO_AWS_SERVICE, **_DIRECT}, "StringNotEqualsIfExists": {"aws:SourceVpce": ids}},
    )
