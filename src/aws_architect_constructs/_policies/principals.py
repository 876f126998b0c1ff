"""Who makes a request, and what the request's context says about them without being told.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (table "Principal key values")
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_architect_constructs._policies.errors import PolicyError

__all__ = [
    "AccountPrincipal",
    "AnonymousPrincipal",
    "FederatedUserSession",
    "IamRole",
    "IamUser",
    "Principal",
    "RootUser",
    "SamlIdentity",
    "ServicePrincipal",
    "WebIdentity",
]

_ACCOUNT = re.compile(r"^\d{12}$")
_ROLE = re.compile(
    r"^arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/(?P<path>(?:[^/*?]+/)*)(?P<name>[^/*?]+)$"
)
_USER = re.compile(
    r"^arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):user/(?P<path>(?:[^/*?]+/)*)(?P<name>[^/*?]+)$"
)
_SERVICE = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$")
_PROVIDER = re.compile(r"^arn:aws[a-z-]*:iam::\d{12}:(?P<kind>oidc-provider|saml-provider)/.+$")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
_BUILT_IN_PROVIDERS = ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com")


def _part(pattern: re.Pattern[str], text: str, group: str, what: str) -> str:
    found = pattern.match(text)
    if found is None:
        raise PolicyError(f"{what}: got {text!r}; allowed is an ARN such as {_EXAMPLES[what]!r}")
    return found[group]


_EXAMPLES = {
    "IamRole": "arn:aws:iam::111122223333:role/path/name",
    "IamUser": "arn:aws:iam::111122223333:user/path/name",
}


def _check_account(account: str, what: str) -> None:
    if not _ACCOUNT.match(account):
        raise PolicyError(f"{what}: account, got {account!r}; allowed are 12 digits")


@dataclass(frozen=True)
class Principal:
    """Whoever makes a request. The subclasses are the kinds that AWS knows."""

    @property
    def account(self) -> str | None:
        """The account that the principal belongs to, or None for services, federated and anonymous callers."""
        return None

    @property
    def chain(self) -> tuple[str, ...]:
        """The principal's ARNs (or names), from the widest to the most specific: account, role or user, session."""
        return ()

    @property
    def is_service_linked_role(self) -> bool:
        """Whether it is a role that only an AWS service can use; SCPs and RCPs do not restrict these."""
        return False

    def derived_context(self) -> dict[str, str | None]:
        """Return the context keys that follow from the principal; None means known to be absent."""
        return {}

    def unsaid_keys(self) -> frozenset[str]:
        """Return the keys that a real request of this principal has, but whose value does not follow from it."""
        return frozenset()


def _tags(tags: Mapping[str, str]) -> dict[str, str | None]:
    return {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}


@dataclass(frozen=True)
class IamRole(Principal):
    """A session of an IAM role: what a role makes its requests as.

    Attributes:
        arn: The role's ARN, path included.
        session_name: The session's name. None means unknown: then no statement that names a session fits it.
        tags: The tags of the role and of the session.
    """

    arn: str
    session_name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check the ARN."""
        _part(_ROLE, self.arn, "account", "IamRole")

    @property
    def account(self) -> str:
        """The role's account."""
        return _part(_ROLE, self.arn, "account", "IamRole")

    @property
    def session_arn(self) -> str | None:
        """The session's ARN (it has the role's name, but not its path), or None when its name is unknown."""
        if self.session_name is None:
            return None
        partition, name = (_part(_ROLE, self.arn, group, "IamRole") for group in ("partition", "name"))
        return f"arn:{partition}:sts::{self.account}:assumed-role/{name}/{self.session_name}"

    @property
    def chain(self) -> tuple[str, ...]:
        """Account, role, and the session when its name is known."""
        partition = _part(_ROLE, self.arn, "partition", "IamRole")
        session = (self.session_arn,) if self.session_arn else ()
        return (f"arn:{partition}:iam::{self.account}:root", self.arn, *session)

    @property
    def is_service_linked_role(self) -> bool:
        """Service-linked roles live under a path that nobody else may use."""
        return _part(_ROLE, self.arn, "path", "IamRole").startswith("aws-service-role/")

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of a role session."""
        return {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            "aws:username": None,
            **_tags(self.tags),
        }

    def unsaid_keys(self) -> frozenset[str]:
        """Return the keys whose value only a live session has."""
        return frozenset({"aws:userid", "aws:tokenissuetime"})


@dataclass(frozen=True)
class IamUser(Principal):
    """An IAM user with long-term credentials."""

    arn: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check the ARN."""
        _part(_USER, self.arn, "account", "IamUser")

    @property
    def account(self) -> str:
        """The user's account."""
        return _part(_USER, self.arn, "account", "IamUser")

    @property
    def chain(self) -> tuple[str, ...]:
        """Account and user."""
        return (f"arn:{_part(_USER, self.arn, 'partition', 'IamUser')}:iam::{self.account}:root", self.arn)

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of a user."""
        return {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": "User",
            "aws:PrincipalIsAWSService": "false",
            "aws:username": _part(_USER, self.arn, "name", "IamUser"),
            **_tags(self.tags),
        }

    def unsaid_keys(self) -> frozenset[str]:
        """Return the keys whose value does not follow from the ARN."""
        return frozenset({"aws:userid"})


@dataclass(frozen=True)
class FederatedUserSession(Principal):
    """A session that an IAM user began with sts:GetFederationToken.

    Attributes:
        user: The user who federated.
        name: The session's name.
    """

    user: IamUser
    name: str

    @property
    def account(self) -> str:
        """The user's account."""
        return self.user.account

    @property
    def session_arn(self) -> str:
        """The session's ARN."""
        return (
            f"arn:{_part(_USER, self.user.arn, 'partition', 'IamUser')}:sts::{self.account}:federated-user/{self.name}"
        )

    @property
    def chain(self) -> tuple[str, ...]:
        """Account, user and session."""
        return (*self.user.chain, self.session_arn)

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of a federated user session."""
        return {
            **self.user.derived_context(),
            "aws:PrincipalArn": self.session_arn,
            "aws:PrincipalType": "FederatedUser",
            "aws:username": None,
        }

    def unsaid_keys(self) -> frozenset[str]:
        """Return the keys whose value only a live session has."""
        return frozenset({"aws:tokenissuetime", "aws:userid"})


@dataclass(frozen=True)
class RootUser(Principal):
    """The root user of an account."""

    root_account: str
    partition: str = "aws"

    def __post_init__(self) -> None:
        """Check the account."""
        _check_account(self.root_account, "RootUser")

    @property
    def account(self) -> str:
        """The account."""
        return self.root_account

    @property
    def chain(self) -> tuple[str, ...]:
        """The account: root and account have one ARN."""
        return (f"arn:{self.partition}:iam::{self.root_account}:root",)

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of a root user."""
        return {
            "aws:PrincipalArn": self.chain[0],
            "aws:PrincipalAccount": self.root_account,
            "aws:PrincipalType": "Account",
            "aws:PrincipalIsAWSService": "false",
            "aws:username": None,
            "aws:userid": self.root_account,
        }


@dataclass(frozen=True)
class AccountPrincipal(Principal):
    """Somebody in an account, nobody in particular: what its administrators could delegate to anybody there."""

    account_id: str
    partition: str = "aws"

    def __post_init__(self) -> None:
        """Check the account."""
        _check_account(self.account_id, "AccountPrincipal")

    @property
    def account(self) -> str:
        """The account."""
        return self.account_id

    @property
    def chain(self) -> tuple[str, ...]:
        """The account."""
        return (f"arn:{self.partition}:iam::{self.account_id}:root",)

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys that are the same for everybody in the account."""
        return {"aws:PrincipalAccount": self.account_id, "aws:PrincipalIsAWSService": "false"}

    def unsaid_keys(self) -> frozenset[str]:
        """Return what depends on who it is."""
        return frozenset({"aws:principalarn", "aws:principaltype", "aws:username", "aws:userid", "aws:principaltag/*"})


@dataclass(frozen=True)
class ServicePrincipal(Principal):
    """An AWS service that calls in its own name, such as ``cloudtrail.amazonaws.com``."""

    name: str

    def __post_init__(self) -> None:
        """Check the name."""
        if not _SERVICE.match(self.name):
            raise PolicyError(f"ServicePrincipal: got {self.name!r}; allowed are names such as 'sns.amazonaws.com'")

    @property
    def chain(self) -> tuple[str, ...]:
        """The service's name."""
        return (self.name,)

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of a call by a service principal."""
        return {
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": self.name,
            "aws:PrincipalServiceNamesList": self.name,
        }

    def unsaid_keys(self) -> frozenset[str]:
        """Return what AWS does not document for service principals."""
        return frozenset({"aws:principaltype"})


@dataclass(frozen=True)
class WebIdentity(Principal):
    """A caller of sts:AssumeRoleWithWebIdentity, signed in by an OIDC provider.

    Attributes:
        provider: The provider's ARN, or one of the names that AWS knows by itself (``accounts.google.com``).
    """

    provider: str

    def __post_init__(self) -> None:
        """Check the provider."""
        found = _PROVIDER.match(self.provider)
        if self.provider not in _BUILT_IN_PROVIDERS and (found is None or found["kind"] != "oidc-provider"):
            raise PolicyError(
                f"WebIdentity: got {self.provider!r}; allowed are the ARN of an oidc-provider and "
                f"{', '.join(_BUILT_IN_PROVIDERS)}"
            )


@dataclass(frozen=True)
class SamlIdentity(Principal):
    """A caller of sts:AssumeRoleWithSAML.

    Attributes:
        provider: The ARN of the SAML provider.
    """

    provider: str

    def __post_init__(self) -> None:
        """Check the provider."""
        found = _PROVIDER.match(self.provider)
        if found is None or found["kind"] != "saml-provider":
            raise PolicyError(f"SamlIdentity: got {self.provider!r}; allowed is the ARN of a saml-provider")


@dataclass(frozen=True)
class AnonymousPrincipal(Principal):
    """A caller without credentials."""

    def derived_context(self) -> dict[str, str | None]:
        """Return the keys of an unsigned request."""
        return {"aws:PrincipalType": "Anonymous", "aws:username": None, "aws:userid": None}
