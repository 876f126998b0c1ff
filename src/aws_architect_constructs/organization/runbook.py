"""What CloudFormation has no type for: each one-time step as a command, why, and how to check that it is done.

Pure Python: nothing here knows CDK.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .policy_packing import PolicyType


@dataclass(frozen=True, kw_only=True)
class OneTimeStep:
    """One step that is done once, in the management account.

    Attributes:
        purpose: What for.
        command: The exact command.
        check: A command that shows whether it is done.
        expected: What the check answers then.
    """

    purpose: str
    command: str
    check: str
    expected: str

    def __str__(self) -> str:
        return f"# {self.purpose}\n{self.command}\n# check: {self.check}\n# expect: {self.expected}"


_TRUSTED: Final = (
    ("access-analyzer.amazonaws.com", "IAM Access Analyzer"),
    ("config.amazonaws.com", "AWS Config's aggregator"),
    ("guardduty.amazonaws.com", "GuardDuty"),
    ("securityhub.amazonaws.com", "Security Hub"),
)


def policy_type_steps(root_id: str, policy_types: Iterable[PolicyType]) -> tuple[OneTimeStep, ...]:
    """Enable each type of policy on the root: a policy of a type that is not enabled cannot be made.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_enable-disable.html
    """
    return tuple(
        OneTimeStep(
            purpose=f"Enable policies of the type {policy_type}.",
            command=f"aws organizations enable-policy-type --root-id {root_id} --policy-type {policy_type}",
            check=f"aws organizations list-roots --query \"Roots[0].PolicyTypes[?Type=='{policy_type}'].Status\"",
            expected='["ENABLED"]',
        )
        for policy_type in sorted(set(policy_types))
    )


def trusted_access_steps() -> tuple[OneTimeStep, ...]:
    """Let StackSets deploy to the organization's accounts, and CloudTrail and IAM work in them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html
    """
    return (
        OneTimeStep(
            purpose="Let CloudFormation StackSets deploy to member accounts.",
            command="aws cloudformation activate-organizations-access",
            check="aws cloudformation describe-organizations-access --query Status",
            expected='"ENABLED"',
        ),
        OneTimeStep(
            purpose="Let CloudTrail make the organization's trail.",
            command="aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com",
            check="aws organizations list-aws-service-access-for-organization --query "
            "\"EnabledServicePrincipals[?ServicePrincipal=='cloudtrail.amazonaws.com'].ServicePrincipal\"",
            expected='["cloudtrail.amazonaws.com"]',
        ),
        OneTimeStep(
            purpose="Manage the root users of member accounts centrally, by sts:AssumeRoot.",
            command="aws organizations enable-aws-service-access --service-principal iam.amazonaws.com && "
            "aws iam enable-organizations-root-credentials-management && aws iam enable-organizations-root-sessions",
            check="aws iam list-organizations-features --query EnabledFeatures",
            expected='["RootCredentialsManagement", "RootSessions"]',
        ),
    )


def audit_account_steps(audit_account: str) -> tuple[OneTimeStep, ...]:
    """Hand the security services to the audit account.

    GuardDuty and Security Hub are each enabled in the audit account by that, if they are not yet, and CloudFormation
    cannot make what is there: so `AuditAccount(designated=False)` is deployed first.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegated_admin.html
    https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html
    """
    steps = [
        OneTimeStep(
            purpose=f"Let {name} work in member accounts.",
            command=f"aws organizations enable-aws-service-access --service-principal {principal}",
            check="aws organizations list-aws-service-access-for-organization --query "
            f"\"EnabledServicePrincipals[?ServicePrincipal=='{principal}'].ServicePrincipal\"",
            expected=f'["{principal}"]',
        )
        for principal, name in _TRUSTED
    ]
    steps += [
        OneTimeStep(
            purpose=f"Make the audit account the administrator of {name}.",
            command=f"aws organizations register-delegated-administrator --account-id {audit_account} "
            f"--service-principal {principal}",
            check=f"aws organizations list-delegated-administrators --service-principal {principal} "
            '--query "DelegatedAdministrators[].Id"',
            expected=f'["{audit_account}"]',
        )
        for principal, name in _TRUSTED[:2]
    ]
    steps += [
        OneTimeStep(
            purpose=f"Make the audit account {name}'s administrator (once for each Region), after "
            "AuditAccount(designated=False) is deployed there.",
            command=f"aws {service} enable-organization-admin-account --admin-account-id {audit_account}",
            check=f'aws {service} list-organization-admin-accounts --query "AdminAccounts[].{field}"',
            expected=f'["{audit_account}"]',
        )
        for service, name, field in (
            ("guardduty", "GuardDuty", "AdminAccountId"),
            ("securityhub", "Security Hub", "AccountId"),
        )
    ]
    return tuple(steps)


def guardduty_auto_enable_step() -> OneTimeStep:
    """Enable GuardDuty in every account, those to come among them: run in the audit account, once for each Region.

    AWS::GuardDuty has no type for an organization's configuration.
    https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html
    """
    detector = "$(aws guardduty list-detectors --query 'DetectorIds[0]' --output text)"
    return OneTimeStep(
        purpose="Enable GuardDuty for all accounts, in the audit account, once for each Region.",
        command=f"aws guardduty update-organization-configuration --detector-id {detector} "
        "--auto-enable-organization-members ALL",
        check=f"aws guardduty describe-organization-configuration --detector-id {detector} "
        "--query AutoEnableOrganizationMembers",
        expected='"ALL"',
    )


def account_steps() -> tuple[OneTimeStep, ...]:
    """What has no CloudFormation type and no policy: opt in, account by account and Region by Region.

    https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
    """
    return (
        OneTimeStep(
            purpose="Encrypt new EBS volumes by default (in each account and Region).",
            command="aws ec2 enable-ebs-encryption-by-default",
            check="aws ec2 get-ebs-encryption-by-default --query EbsEncryptionByDefault",
            expected="true",
        ),
        OneTimeStep(
            purpose="A password policy, where IAM users are left (in each account).",
            command="aws iam update-account-password-policy --minimum-password-length 14 --require-symbols "
            "--require-numbers --require-uppercase-characters --require-lowercase-characters "
            "--password-reuse-prevention 24 --max-password-age 90",
            check="aws iam get-account-password-policy --query PasswordPolicy.MinimumPasswordLength",
            expected="14",
        ),
    )


def cost_steps() -> tuple[OneTimeStep, ...]:
    """What cost management needs once, in the management account.

    https://docs.aws.amazon.com/compute-optimizer/latest/ug/getting-started.html
    """
    return (
        OneTimeStep(
            purpose="Enrol every account in Compute Optimizer.",
            command="aws compute-optimizer update-enrollment-status --status Active --include-member-accounts",
            check="aws compute-optimizer get-enrollment-status --query '[status, memberAccountsEnrolled]'",
            expected='["Active", true]',
        ),
    )
