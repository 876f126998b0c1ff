"""What `cdk deploy` needs of the role that runs it: to assume the roles of the CDK bootstrap stack, and nothing else.

https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID

from .github_subjects import GitHubArgumentError

BOOTSTRAP_ROLES: Final = ("deploy", "file-publishing", "image-publishing", "lookup")
"""The bootstrap roles that the CDK CLI assumes. The execution role is CloudFormation's alone."""

LARGEST_POLICY: Final = 6144
"""Characters of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
MOST_POLICIES: Final = 9
"""Managed policies that deployments may take: a role has ten by default, and one is kept for grants."""

_QUALIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,10}")
_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,2}-[1-9]")
_LONGEST_PARTITION: Final = "aws-us-gov"
# {"Version":"2012-10-17","Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Resource":[...]}]} and a margin
_ENVELOPE: Final = 144


@dataclass(frozen=True, kw_only=True)
class CdkDeployment:
    """The environments that CDK may deploy to, through the roles of one bootstrap stack in each.

    Attributes:
        qualifier: The bootstrap stack's qualifier: `hnb659fds` unless `cdk bootstrap --qualifier` named another.
        accounts: The accounts, 12 digits each.
        regions: The Regions, in each of the accounts.

    Raises:
        ValueError: If the qualifier, an account or a Region is malformed, a list is empty, or there are more
            environments than one role's policies can name.
    """

    qualifier: str
    accounts: Sequence[str]
    regions: Sequence[str]

    def __post_init__(self) -> None:
        """Check every part."""
        if not _QUALIFIER.fullmatch(self.qualifier):
            raise GitHubArgumentError(
                "CdkDeployment: the qualifier names no bootstrap stack",
                got=self.qualifier,
                allowed="1 to 10 letters, digits, hyphens and underscores, such as 'hnb659fds'; no wildcard",
            )
        for label, values, pattern, example in (
            ("accounts", self.accounts, ACCOUNT_ID, "12 digits, such as '111111111111'"),
            ("regions", self.regions, _REGION, "names of Regions, such as 'eu-west-1'"),
        ):
            if isinstance(values, str) or not values:
                raise GitHubArgumentError(
                    f"CdkDeployment: {label} must be named", got=values, allowed=f"a list of {example}"
                )
            for value in values:
                if not pattern.fullmatch(value):
                    raise GitHubArgumentError(
                        f"CdkDeployment: one of the {label} is malformed", got=value, allowed=f"{example}; no wildcard"
                    )
        needed = len(self.batches(_LONGEST_PARTITION))
        if needed > MOST_POLICIES:
            raise GitHubArgumentError(
                "CdkDeployment: one role cannot name so many environments",
                got=f"{len(self.accounts)} accounts in {len(self.regions)} Regions ({needed} policies)",
                allowed=f"what fits into {MOST_POLICIES} managed policies; use a role for each group of accounts",
            )

    def role_arns(self, partition: str) -> list[str]:
        """The ARN of every bootstrap role, account by account and Region by Region.

        Args:
            partition: The partition, such as `aws`, or a token.
        """
        return [
            f"arn:{partition}:iam::{account}:role/cdk-{self.qualifier}-{role}-role-{account}-{region}"
            for account in dict.fromkeys(self.accounts)
            for region in dict.fromkeys(self.regions)
            for role in BOOTSTRAP_ROLES
        ]

    def batches(self, partition: str) -> list[list[str]]:
        """The ARNs by policy: as many as a managed policy holds in the partition with the longest name."""
        found: list[list[str]] = [[]]
        room = LARGEST_POLICY - _ENVELOPE
        for arn, measured in zip(self.role_arns(partition), self.role_arns(_LONGEST_PARTITION), strict=True):
            need = len(measured) + len('"",')
            if need > room:
                found.append([])
                room = LARGEST_POLICY - _ENVELOPE
            found[-1].append(arn)
            room -= need
        return found
