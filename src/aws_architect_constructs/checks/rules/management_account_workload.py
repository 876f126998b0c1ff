"""The management account runs nothing."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template

# What belongs there: the organization itself, its sign-in, its bills and its trail.
_AT_HOME: Final = (
    "AWS::AccessAnalyzer::",
    "AWS::BCMDataExports::",
    "AWS::Billing",
    "AWS::Budgets::",
    "AWS::CE::",
    "AWS::CUR::",
    "AWS::CDK::",
    "AWS::CloudFormation::",
    "AWS::CloudTrail::",
    "AWS::CloudWatch::",
    "AWS::Config::",
    "AWS::ControlTower::",
    "AWS::Events::",
    "AWS::GuardDuty::",
    "AWS::IAM::",
    "AWS::IdentityStore::",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::Macie::",
    "AWS::Organizations::",
    "AWS::RAM::",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SSM::",
    "AWS::SSO::",
    "AWS::SecurityHub::",
    "Custom::",
)


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look at stacks of the management account, if the account is said and known."""
    if context.management_account is None or template.account != context.management_account:
        return
    for resource in template.resources.values():
        if not resource.type.startswith(_AT_HOME):
            yield Finding(resource.logical_id, f"{resource.type} is a workload in the management account", "Type")


RULE: Final = Rule(
    id="ManagementAccountWorkload",
    title="The management account runs no workload",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "Service control policies do not bind the management account: what gets hold of a workload there can do "
        "anything to every account of the organization."
    ),
    fix="Deploy it to a member account; leave the organization, its sign-in, its trail and its bills where they are.",
    reference="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html",
    limits="It is asked only where `management_account=` says which account, and the stack's account is concrete.",
    check=check,
)
