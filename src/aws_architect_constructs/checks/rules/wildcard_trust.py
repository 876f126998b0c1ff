"""A role is not for everybody."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.statements import statements_of
from aws_architect_constructs.checks.templates import Template

_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
    }
)

_ONE_AUDIENCE: Final = re.compile(r"githubusercontent|gitlab|oidc\.eks")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at trust policies for anyone, and at web identities without a subject."""
    for role in template.of_type("AWS::IAM::Role"):
        for statement in statements_of(role, "AssumeRolePolicyDocument"):
            if not statement.allows:
                continue
            keys = statement.narrowing_keys
            if statement.for_anyone and not statement.narrowing_keys & _NARROWING:
                yield Finding(role.logical_id, "anyone may take the role", statement.place)
            federated = any(kind == "Federated" for kind, _ in statement.principals())
            web = any(action == "sts:AssumeRoleWithWebIdentity" for action in statement.texts("Action"))
            if federated and web and not any(map(_names_an_identity, keys)):
                yield Finding(role.logical_id, "every identity of the provider may take the role", statement.place)


def _names_an_identity(key: str) -> bool:
    """Whether a condition key tells identities apart; at GitHub, GitLab and EKS the audience is the same for all."""
    return key.endswith((":sub", ":oaud", ":amr")) or (key.endswith(":aud") and not _ONE_AUDIENCE.search(key))


RULE: Final = Rule(
    id="WildcardTrust",
    title="No role trusts everybody",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "A role that `*` may take belongs to whoever finds its name; one for all of an OIDC provider belongs to every "
        "repository on GitHub."
    ),
    fix="Name the account, service or organization; for OIDC the subject: `GitHubActionsRole` does.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    limits="Patterns in a subject are not judged.",
    check=check,
)
