"""A role for another account asks for an ExternalId or an organization."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs._templates.references import references
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.statements import Statement, statements_of
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import literals

_ENOUGH: Final = frozenset(
    {"sts:externalid", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceaccount"}
)
_ACCOUNT: Final = re.compile(r"(?<!\d)(\d{12})(?!\d)")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at trust policies that name an account which is not the stack's own."""
    for role in template.of_type("AWS::IAM::Role"):
        for statement in statements_of(role, "AssumeRolePolicyDocument"):
            accounts = sorted(set(_accounts(statement)) - {template.account})
            if statement.allows and accounts and not statement.narrowing_keys & _ENOUGH:
                yield Finding(role.logical_id, f"it trusts {', '.join(accounts)} without more", statement.place)


def _accounts(statement: Statement) -> Iterator[str]:
    """The accounts among AWS principals that are written out, or are a parameter's default."""
    principal = statement.body.get("Principal")
    held = principal.get("AWS") if isinstance(principal, dict) else None
    for _, text in literals(held):
        yield from _ACCOUNT.findall(text)
    values = statement.resource.template.values
    told = [principal for kind, principal in statement.principals() if kind == "AWS"]
    # A parameter's default, wherever it stands in the ARN.
    told += [outcome for one in references(held) for outcome in values.outcomes({"Ref": one.target})]
    for value in told:
        if isinstance(value, str | int):
            yield from _ACCOUNT.findall(str(value))


RULE: Final = Rule(
    id="CrossAccountTrust",
    title="Trust of another account has an ExternalId or an organization",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale=(
        "A third party that acts for many customers can be talked into acting on the wrong one (the confused deputy); "
        "an account outside the organization may change hands."
    ),
    fix="Add `sts:ExternalId`, or `aws:PrincipalOrgID` within an organization: `CrossAccountRole` does.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    limits=(
        "An account by a parameter without default is not known. Where the stack's own is not known, every account is "
        "another."
    ),
    check=check,
)
