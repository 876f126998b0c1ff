"""People and programs have roles, not users with keys."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look for users and their keys."""
    for user in template.of_type("AWS::IAM::User"):
        login = user.may(lambda value: value is not None, "LoginProfile")
        detail = "an IAM user with a password" if login else "an IAM user"
        yield Finding(user.logical_id, detail, "Properties.LoginProfile" if login else "Type")
    for key in template.of_type("AWS::IAM::AccessKey"):
        yield Finding(key.logical_id, "an access key that never expires", "Type")


RULE: Final = Rule(
    id="IamUser",
    title="No IAM users, no long-lived access keys",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "A key of a user works from everywhere until somebody deletes it; leaked keys are the commonest way into "
        "accounts. A template with the key's secret in an output shows it to everybody who may describe the stack."
    ),
    fix=(
        "People sign in through IAM Identity Center; pipelines take a role by OIDC (`GitHubActionsRole`); programs "
        "outside AWS use IAM Roles Anywhere; programs inside have their service's role."
    ),
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    limits="Amazon SES over SMTP has no other way than a user: acknowledge that one.",
    check=check,
)
