"""What a guardrail is: statements with their reasons, and who is exempt from them, in one way everywhere.

The catalogue is `service_controls`, `resource_controls` and `management_policies`. A service control policy caps what
the principals of an account can do, a resource control policy what can be done to its resources, and a management
policy sets what a service is configured with. Neither of the first two binds the management account: its principals
and resources are as free as its own IAM makes them, which is why nothing else belongs into it. Service-linked roles are
bound by none of them.

Pure Python: nothing here knows CDK.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from .policy_packing import PolicyType, Statement

ORGANIZATION_ID_STAND_IN: Final = "o-organizationidstandin0000000000"
"""Stands for an organization's id that is not known yet, and is as long as the longest: sizes are safe."""
PARTITION_STAND_IN: Final = "arn-partition"
"""Stands for the partition in the one place where no wildcard can."""

AUTOMATION_ROLES: Final = (
    "stacksets-exec-*",
    "AWSControlTowerExecution",
    "OrganizationAccountAccessRole",
)
"""The roles that AWS itself works in a member account with: StackSets', Control Tower's, and the account's first."""

IDENTITY_CENTER_ROLES: Final = ("aws-reserved/sso.amazonaws.com/*",)
"""The roles of IAM Identity Center's permission sets: every person who signs in."""

CDK_BOOTSTRAP_ROLES: Final = ("cdk-*-role-*",)
"""The roles that `cdk bootstrap` makes: every CDK deployment."""

_ROLE_NAME: Final = re.compile(r"[\w+=,.@*?-]+(?:/[\w+=,.@*?-]+)*", re.ASCII)
_TAG_KEY: Final = re.compile(r"[\w .:/=+@-]{1,128}", re.ASCII)
_SID: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Exemptions:
    """Who is exempt from service control policies, the same in every statement.

    Exempt from the start is what AWS's own machinery works with: a guardrail that stops StackSets or Control Tower
    cannot be repaired by them. People and pipelines are bound: they sign in by Identity Center and deploy by CDK's
    roles, so a guardrail without them would bind nobody. `people=True` and `pipelines=True` exempt them all the same,
    and the tests of this library evaluate that no statement locks them out of their work.

    Whoever can make or change an exempt role, or give somebody the tag, is exempt: `protected_roles`,
    `exemption_tag_protected` and `exemption_session_tag_denied` see that only the exempt can.

    Attributes:
        roles: Roles by name with their path, with wildcards, such as `break-glass/*`; none may begin with `*`. Default:
            none beside AWS's.
        tag_key: A principal tag that exempts where its value is `true`. Default None: no tag does.
        automation: Whether AWS's own automation roles are exempt. Default True.
        people: Whether the roles of Identity Center are. Default False.
        pipelines: Whether CDK's bootstrap roles are. Default False.
    """

    roles: Sequence[str] = ()
    tag_key: str | None = None
    automation: bool = True
    people: bool = False
    pipelines: bool = False

    def __post_init__(self) -> None:
        """Check the patterns.

        Raises:
            ValueError: If a pattern is no role's name or fits every role, or the tag is none, or nobody is exempt.
        """
        if isinstance(self.roles, str):
            raise ValueError(f"exemptions: roles is no list, got {self.roles!r}; allowed: a tuple of names of roles")
        for role in self.roles:
            if not _ROLE_NAME.fullmatch(role) or role.startswith("*"):
                raise ValueError(
                    f"exemptions: no role by name, got {role!r}; allowed: a name with its path, such as "
                    "'break-glass/*', that does not begin with a wildcard"
                )
        if self.tag_key is not None and not _TAG_KEY.fullmatch(self.tag_key):
            raise ValueError(f"exemptions: no tag key, got {self.tag_key!r}; allowed: 1 to 128 letters and ' .:/=+@_-'")
        if not self.patterns:
            raise ValueError(
                "exemptions: nobody would be exempt, so a guardrail that locks everybody out could be repaired from "
                "the management account alone, got no roles; allowed: automation=True, or roles=('break-glass/*',)"
            )

    @property
    def role_names(self) -> tuple[str, ...]:
        """The patterns of role names, each once."""
        groups = (
            AUTOMATION_ROLES if self.automation else (),
            IDENTITY_CENTER_ROLES if self.people else (),
            CDK_BOOTSTRAP_ROLES if self.pipelines else (),
            self.roles,
        )
        return tuple(dict.fromkeys(role for group in groups for role in group))

    @property
    def patterns(self) -> tuple[str, ...]:
        """The ARN patterns of the roles, in any partition and account of the organization."""
        return tuple(f"arn:*:iam::*:role/{role}" for role in self.role_names)

    @property
    def condition(self) -> dict[str, dict[str, object]]:
        """What a Deny asks so that it leaves the exempt alone: by name and by tag, either is enough."""
        condition: dict[str, dict[str, object]] = {"ArnNotLike": {"aws:PrincipalArn": list(self.patterns)}}
        if self.tag_key is not None:
            condition["StringNotEquals"] = {f"aws:PrincipalTag/{self.tag_key}": "true"}
        return condition


@dataclass(frozen=True, kw_only=True)
class Guardrail:
    """One guardrail: Deny statements of one type of policy, and why they are there.

    Attributes:
        name: A name that is also the statements' Sid: letters and digits.
        policy_type: Service control or resource control.
        statements: The statements without Sid and, where `exemptible`, without the exemptions, which are added.
        rationale: Why.
        threat: What it stops.
        reference: The AWS page behind it.
        blast_radius: What stops working where it is attached, and for whom.
        must_not_hit: The accounts that it must not be attached to.
        exemptible: Whether the exempt roles are left alone. False where a statement is about somebody else from the
            start (the root user), or where nobody ever needs the action.
    """

    name: str
    policy_type: PolicyType = PolicyType.SERVICE_CONTROL
    statements: tuple[Statement, ...]
    rationale: str
    threat: str
    reference: str
    blast_radius: str
    must_not_hit: str = "None."
    exemptible: bool = True

    def __post_init__(self) -> None:
        """Check the statements.

        Raises:
            ValueError: If the name is no Sid; if a statement is no Deny, or has a Sid or misses an element; or if it
                would lock out the roles that repair it.
        """
        if not _SID.fullmatch(self.name):
            raise ValueError(f"guardrail: no name, got {self.name!r}; allowed: letters and digits, as in a Sid")
        if self.policy_type not in (PolicyType.SERVICE_CONTROL, PolicyType.RESOURCE_CONTROL):
            raise ValueError(
                f"{self.name}: no policy type with statements, got {self.policy_type!r}; allowed: "
                f"{PolicyType.SERVICE_CONTROL!r} and {PolicyType.RESOURCE_CONTROL!r}"
            )
        if not self.statements:
            raise ValueError(f"{self.name}: no statements, got {self.statements!r}; allowed: one or more")
        for statement in self.statements:
            _check(self, statement)

    def render(self, exemptions: Exemptions) -> tuple[Statement, ...]:
        """The statements as they are attached, the exempt left alone."""
        return tuple(
            _rendered(statement, self._sid(index), exemptions if self._exempts else None)
            for index, statement in enumerate(self.statements)
        )

    def _sid(self, index: int) -> str:
        return self.name if len(self.statements) == 1 else f"{self.name}{index + 1}"

    @property
    def sids(self) -> tuple[str, ...]:
        """The Sids that its statements have."""
        return tuple(self._sid(index) for index in range(len(self.statements)))

    @property
    def _exempts(self) -> bool:
        # A resource control policy meets principals of other organizations too, whose roles may bear any name.
        return self.exemptible and self.policy_type is PolicyType.SERVICE_CONTROL


@dataclass(frozen=True, kw_only=True)
class ManagementPolicy:
    """A policy that configures a service: declarative, tag, backup or opt-out.

    Attributes:
        name: Its name: letters and digits.
        policy_type: Which.
        content: Its document.
        rationale: Why.
        reference: The AWS page behind it.
        blast_radius: What changes where it is attached.
    """

    name: str
    policy_type: PolicyType
    content: Mapping[str, object]
    rationale: str
    reference: str
    blast_radius: str

    def __post_init__(self) -> None:
        """Check name and type.

        Raises:
            ValueError: If the name is none, or the type has statements.
        """
        if not _SID.fullmatch(self.name):
            raise ValueError(f"policy: no name, got {self.name!r}; allowed: letters and digits")
        if self.policy_type in (PolicyType.SERVICE_CONTROL, PolicyType.RESOURCE_CONTROL):
            raise ValueError(f"{self.name}: a Guardrail is for this, got {self.policy_type!r}; allowed: the others")


def merged_condition(
    condition: Mapping[str, Mapping[str, object]], added: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, object]]:
    """Two conditions as one that asks for both.

    Raises:
        ValueError: If both ask the same key with the same operator: one would overwrite the other.
    """
    found: dict[str, dict[str, object]] = {operator: dict(keys) for operator, keys in condition.items()}
    for operator, keys in added.items():
        block = found.setdefault(operator, {})
        for key, value in keys.items():
            if key in block:
                raise ValueError(f"{operator} {key} stands in the statement and in the exemptions; allowed: in one")
            block[key] = value
    return found


def _rendered(statement: Statement, sid: str, exemptions: Exemptions | None) -> Statement:
    rendered: dict[str, object] = {"Sid": sid, **statement}
    if exemptions is not None:
        condition = _mapping(statement.get("Condition", {}))
        rendered["Condition"] = merged_condition(condition, exemptions.condition)
    return rendered


def _mapping(value: object) -> Mapping[str, Mapping[str, object]]:
    return value if isinstance(value, Mapping) else {}


# What the exempt roles cannot do their work without; a Deny that reaches these for everybody locks them out.
_NEEDED: Final = (
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "iam:CreateRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "organizations:DescribeOrganization",
    "s3:GetObject",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
)


def locks_out(statement: Statement) -> tuple[str, ...]:
    """What of the exempt roles' work a Deny without the exemptions would stop, whatever its caller.

    A condition may narrow a statement to somebody else, which only its author knows: it counts as narrow where it
    looks at the caller.
    """
    caller_keys = ("aws:Principal", "aws:userid", "aws:username", "aws:AssumedRoot", "aws:Source", "aws:Via")
    keys = [key for block in _mapping(statement.get("Condition", {})).values() for key in block]
    if any(key.lower().startswith(tuple(prefix.lower() for prefix in caller_keys)) for key in keys):
        return ()
    named = "Action" if "Action" in statement else "NotAction"
    patterns = _texts(statement.get(named, ()))
    return tuple(
        action
        for action in _NEEDED
        if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns) == (named == "Action")
    )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, Sequence) else ()


def _check_resource_control(name: str, statement: Statement) -> None:
    """What AWS refuses in a resource control policy alone.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
    """
    if statement.get("Principal") != "*" or "NotPrincipal" in statement:
        raise ValueError(f"{name}: a resource control policy names every principal, got no '*'; allowed: Principal '*'")
    if "NotAction" in statement:
        raise ValueError(f"{name}: NotAction in a resource control policy, got one; allowed: Action")
    for action in _texts(statement["Action"]):
        if ":" not in action or "*" in action.partition(":")[0]:
            raise ValueError(
                f"{name}: a resource control policy names the service, got {action!r}; allowed: such as 's3:*'"
            )


def _check(guardrail: Guardrail, statement: Statement) -> None:
    name = guardrail.name
    if statement.get("Effect") != "Deny":
        raise ValueError(
            f"{name}: a guardrail that allows, got Effect {statement.get('Effect')!r}; allowed: Deny (FullAWSAccess "
            "stays attached, or the node could do nothing)"
        )
    if "Sid" in statement:
        raise ValueError(f"{name}: the Sid is the guardrail's name, got {statement['Sid']!r}; allowed: none")
    for one_of in (("Action", "NotAction"), ("Resource", "NotResource")):
        if sum(key in statement for key in one_of) != 1:
            raise ValueError(
                f"{name}: an incomplete statement, got {sorted(statement)}; allowed: one of {' and '.join(one_of)}"
            )
    resource_control = guardrail.policy_type is PolicyType.RESOURCE_CONTROL
    if resource_control:
        _check_resource_control(name, statement)
    elif {"Principal", "NotPrincipal"} & set(statement):
        raise ValueError(f"{name}: a service control policy names no principal, got one; allowed: a condition")
    if not resource_control and not guardrail.exemptible and (stopped := locks_out(statement)):
        raise ValueError(
            f"{name}: the exempt roles would be locked out, got a Deny of {', '.join(stopped)} for everybody; "
            "allowed: exemptible=True, or a condition on the caller"
        )
    if not resource_control and guardrail.exemptible:
        condition = _mapping(statement.get("Condition", {}))
        if "aws:PrincipalArn" in condition.get("ArnNotLike", {}):
            raise ValueError(
                f"{name}: exemptions of its own, got ArnNotLike aws:PrincipalArn; allowed: those of the organization "
                "(Exemptions), which are added"
            )
