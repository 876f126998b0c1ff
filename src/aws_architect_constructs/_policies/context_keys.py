"""Which context keys exist: AWS's global keys, the services' own keys, identity providers' claims, and declared ones.

A key that no policy could ever see makes a condition that is silently never (or always) true. So a key that is not in
the table is an error; a service newer than the table, or a product of the caller's own, is declared by ``known_keys``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from aws_architect_constructs._policies.errors import UnknownContextKeyError
from aws_architect_constructs._policies.glob import compile_glob

__all__ = ["ContextKeyTable"]

_GLOBAL_KEYS = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html ([] = multivalued)
    *("PrincipalArn", "PrincipalAccount", "PrincipalOrgPaths[]", "PrincipalOrgID", "PrincipalTag/*"),
    *("PrincipalIsAWSService", "PrincipalServiceName", "PrincipalServiceNamesList[]", "PrincipalType"),
    *("userid", "username"),
    *("AssumedRoot", "FederatedProvider", "TokenIssueTime", "MultiFactorAuthAge", "MultiFactorAuthPresent"),
    *("ChatbotSourceArn", "Ec2InstanceSourceVpc", "Ec2InstanceSourcePrivateIPv4", "SourceIdentity"),
    *("SignInSessionArn", "SourceIp", "SourceVpc", "SourceVpcArn", "SourceVpce", "VpceAccount", "VpceOrgID"),
    *("VpceOrgPaths[]", "VpcSourceIp", "ResourceAccount", "ResourceOrgID", "ResourceOrgPaths[]", "ResourceTag/*"),
    *("CalledVia[]", "CalledViaFirst", "CalledViaLast", "ViaAWSService", "CalledViaAWSMCP", "ViaAWSMCPService"),
    *("CurrentTime", "EpochTime", "referer", "RequestedRegion", "RequestTag/*", "TagKeys[]", "SecureTransport"),
    *("SourceAccount", "SourceArn", "SourceOrgID", "SourceOrgPaths[]", "UserAgent"),
    # https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html: still sent by Amazon SNS
    "SourceOwner",
)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html: the keys of an identity
# provider are named by its URL without the scheme, a colon, and one of these claims.
_PROVIDER_CLAIMS = ("aud", "sub", "amr[]", "oaud", "id", "app_id", "user_id", "email")

# Claims that STS evaluates for GitHub beside the standard ones:
# https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
_GITHUB_ISSUER = "token.actions.githubusercontent.com"
_GITHUB_CLAIMS = ("actor", "actor_id", "job_workflow_ref", "repository", "repository_id", "workflow", "ref",
                  "environment", "enterprise_id")  # fmt: skip

_MULTIVALUED_MARK = "[]"


@cache
def _published() -> tuple[dict[str, bool], tuple[tuple[str, bool], ...]]:
    """Return the exact keys and the patterned keys of the data file, case-folded, each with "is multivalued"."""
    text = resources.files("aws_architect_constructs._policies").joinpath("condition_keys.json").read_text()
    data: dict[str, list[str]] = json.loads(text)
    by_prefix = {prefix: names for prefix, names in data.items() if not prefix.startswith("_")}
    by_prefix["aws"] = list(_GLOBAL_KEYS)
    exact: dict[str, bool] = {}
    patterned: list[tuple[str, bool]] = []
    for prefix, names in by_prefix.items():
        for name in names:
            key = f"{prefix}:{name.removesuffix(_MULTIVALUED_MARK)}".casefold()
            multivalued = name.endswith(_MULTIVALUED_MARK)
            if "*" in key:
                patterned.append((key, multivalued))
            else:
                exact[key] = multivalued
    return exact, tuple(patterned)


def _claim_of_provider(key: str) -> bool | None:
    """Return whether a provider's claim is multivalued, or None when the key is no identity provider's claim."""
    issuer, _, claim = key.rpartition(":")
    if "." not in issuer.split("/")[0]:
        return None
    claims: tuple[str, ...] = (*_PROVIDER_CLAIMS, *(_GITHUB_CLAIMS if issuer.split("/")[0] == _GITHUB_ISSUER else ()))
    for known in claims:
        if claim == known.removesuffix(_MULTIVALUED_MARK):
            return known.endswith(_MULTIVALUED_MARK)
    return None


@dataclass(frozen=True)
class ContextKeyTable:
    """The keys that may stand in a condition, a policy variable or a request's context.

    Attributes:
        declared: Further keys that the caller vouches for; ``*`` stands for the part that the user chooses.
    """

    declared: tuple[str, ...] = ()

    @classmethod
    def of(cls, declared: Iterable[str] = ()) -> "ContextKeyTable":
        """Return the published table together with what the caller declares."""
        keys = tuple(declared)
        for key in keys:
            if ":" not in key:
                raise UnknownContextKeyError(f"known_keys: {key!r} is no context key; write it as 'service:Name'")
        return cls(tuple(key.casefold() for key in keys))

    def multivalued(self, key: str) -> bool | None:
        """Return whether the key holds several values, or None when nobody published or declared it."""
        folded = key.casefold()
        exact, patterned = _published()
        if folded in exact:
            return exact[folded]
        for pattern, many in patterned:
            if compile_glob(pattern).matches(folded):
                return many
        if any(compile_glob(pattern).matches(folded) for pattern in self.declared):
            return False
        return _claim_of_provider(folded)

    def check(self, key: str, place: str) -> None:
        """Raise UnknownContextKeyError when the key is in no table."""
        if self.multivalued(key) is None:
            raise UnknownContextKeyError(
                f"{place}: context key {key!r} is not published by AWS as far as this table goes; "
                "correct its spelling, or declare it: known_keys=[...]"
            )
