"""What people may do in which accounts: permission sets of IAM Identity Center, and whom they are assigned to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_iam as iam

from aws_architect_constructs._validations import listed
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID

# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
_NAME: Final = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
_LONGEST_DESCRIPTION: Final = 700
_RELAY_STATE: Final = re.compile(r"https://\S{1,232}", re.ASCII)
# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html
_GROUP_ID: Final = re.compile(r"(?:[0-9a-f]{10}-)?[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}")
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
_POLICY_NAME: Final = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_POLICY_PATH: Final = re.compile(r"/(?:[\w+=,.@-]+/)*", re.ASCII)
_MANAGED_NAME: Final = re.compile(r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,128}", re.ASCII)
_HOUR: Final = 3600
_LONGEST_SESSION_HOURS: Final = 12
# https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
MOST_MANAGED_POLICIES: Final = 20
_MFA_KEYS: Final = ("aws:multifactorauthpresent", "aws:multifactorauthage")

ADMINISTRATOR: Final = "AdministratorAccess"


@dataclass(frozen=True, kw_only=True)
class CustomerManagedPolicy:
    """A managed policy by name: Identity Center looks for it in each account that the permission set is assigned in.

    Attributes:
        name: The policy's name.
        path: Its path.

    Raises:
        ValueError: If one of them is malformed.
    """

    name: str
    path: str = "/"

    def __post_init__(self) -> None:
        """Check both parts."""
        for label, value, pattern, allowed in (
            ("name", self.name, _POLICY_NAME, "1 to 128 letters, digits and _+=,.@-"),
            ("path", self.path, _POLICY_PATH, "'/', or a path that begins and ends with a slash"),
        ):
            if not pattern.fullmatch(value):
                raise ValueError(f"CustomerManagedPolicy: {label} is malformed, got {value!r}; allowed: {allowed}")


@dataclass(frozen=True, kw_only=True)
class AccountAssignment:
    """A group of Identity Center that has a permission set in some accounts. Single users cannot be assigned.

    Attributes:
        group_id: The group's id, such as `94482488-3041-7086-0b1c-d5a6e0a1b2c3`.
        accounts: The accounts, 12 digits each.

    Raises:
        ValueError: If the id is none, there is no account, or one is malformed or named twice.
    """

    group_id: str
    accounts: Sequence[str]

    def __post_init__(self) -> None:
        """Check both parts."""
        if not _GROUP_ID.fullmatch(self.group_id):
            raise ValueError(
                f"AccountAssignment: no group id, got {self.group_id!r}; allowed: the id of a group, such as "
                "'94482488-3041-7086-0b1c-d5a6e0a1b2c3'"
            )
        accounts = listed("AccountAssignment: accounts", self.accounts)
        for account in accounts:
            if not isinstance(account, str) or not ACCOUNT_ID.fullmatch(account):
                raise ValueError(f"AccountAssignment: no account id, got {account!r}; allowed: 12 digits, as text")
        if not accounts or len(set(accounts)) < len(accounts):
            raise ValueError(
                f"AccountAssignment: no account, or one twice, got {list(accounts)!r}; allowed: different accounts"
            )


@dataclass(frozen=True, kw_only=True)
class PermissionSet:
    """What a group of people may do, and for how long.

    Attributes:
        name: The name, which people choose it by: 1 to 32 letters, digits and `_+=,.@-`.
        description: What it is for, at most 700 characters. Default None: the name.
        session_duration: How long a session lasts, 1 to 12 hours. Default None: 1 hour.
        aws_managed_policies: Names of AWS managed policies, such as `job-function/ViewOnlyAccess`.
        customer_managed_policies: Policies that stand in every account that it is assigned in.
        inline_policy: Statements of its own. A condition on MFA is refused: the sessions lack the key, and MFA is set
            in Identity Center.
        permissions_boundary: What caps it: the name of an AWS managed policy, or a policy of every account. Default
            None: nothing.
        relay_state: Where the console opens, an https address. Default None: its home page.
        assignments: Who has it, and where. Default nobody.

    Raises:
        ValueError: If a part is malformed, there is no policy at all, or more managed policies than 20.
    """

    name: str
    description: str | None = None
    session_duration: Duration | None = None
    aws_managed_policies: Sequence[str] = ()
    customer_managed_policies: Sequence[CustomerManagedPolicy] = ()
    inline_policy: Sequence[iam.PolicyStatement] = ()
    permissions_boundary: CustomerManagedPolicy | str | None = None
    relay_state: str | None = None
    assignments: Sequence[AccountAssignment] = ()

    def __post_init__(self) -> None:
        """Check every part."""
        if not _NAME.fullmatch(self.name):
            raise self._error("the name is malformed", self.name, "1 to 32 letters, digits and _+=,.@-")
        if self.description is not None and not 0 < len(self.description) <= _LONGEST_DESCRIPTION:
            raise self._error("the description is empty or too long", self.description, "1 to 700 characters")
        if self.relay_state is not None and not _RELAY_STATE.fullmatch(self.relay_state):
            raise self._error("relay_state is no address", self.relay_state, "https://..., at most 240 characters")
        self._check_duration()
        self._check_policies()
        pairs = [(each.group_id, account) for each in self.assignments for account in each.accounts]
        twice = sorted({pair for pair in pairs if pairs.count(pair) > 1})
        if twice:
            raise self._error("a group has it twice in an account", twice, "each group once in each account")

    @property
    def seconds(self) -> int:
        """How long a session lasts."""
        return _HOUR if self.session_duration is None else int(self.session_duration.to_seconds())

    @property
    def managed_policies(self) -> int:
        """How many managed policies it has."""
        return len(self.aws_managed_policies) + len(self.customer_managed_policies)

    def _check_duration(self) -> None:
        if self.session_duration is None:
            return
        if self.session_duration.is_unresolved() or not _HOUR <= self.seconds <= _LONGEST_SESSION_HOURS * _HOUR:
            raise self._error(
                "session_duration is none that Identity Center takes",
                self.session_duration.to_string(),
                f"1 to {_LONGEST_SESSION_HOURS} hours, known now",
            )

    def _check_policies(self) -> None:
        boundary = [self.permissions_boundary] if isinstance(self.permissions_boundary, str) else []
        for name in (*listed("aws_managed_policies", self.aws_managed_policies), *boundary):
            if not isinstance(name, str) or not _MANAGED_NAME.fullmatch(name):
                raise self._error(
                    "no name of an AWS managed policy", name, "names such as 'job-function/ViewOnlyAccess'; no ARN"
                )
        if not self.managed_policies and not self.inline_policy:
            raise self._error("it allows nothing", [], "managed policies, an inline policy, or both")
        if self.managed_policies > MOST_MANAGED_POLICIES:
            raise self._error("too many managed policies", self.managed_policies, f"{MOST_MANAGED_POLICIES}")
        for statement in self.inline_policy:
            self._check_statement(statement.to_statement_json())

    def _check_statement(self, statement: Mapping[str, Any]) -> None:
        if "Principal" in statement or "NotPrincipal" in statement:
            raise self._error("a statement has a principal", dict(statement), "statements about the group's people")
        for operator, tests in statement.get("Condition", {}).items():
            for key in tests:
                if key.lower() in _MFA_KEYS:
                    raise self._error(
                        f"sessions of Identity Center do not have {key}, so an Allow would never hold and a Deny "
                        "might always",
                        operator,
                        "no such condition: require MFA in Identity Center's settings",
                    )

    def _error(self, problem: str, got: object, allowed: str) -> ValueError:
        return ValueError(f"PermissionSet {self.name!r}: {problem}, got {got!r}; allowed: {allowed}")
