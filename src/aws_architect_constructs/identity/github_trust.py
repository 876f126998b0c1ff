"""The trust policy of a role for GitHub Actions: issuer, conditions and size, in plain Python.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from .github_subjects import (
    GitHubArgumentError,
    GitHubJobs,
    GitHubRepository,
    environment_subjects,
    reference_subjects,
)

GITHUB_ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
"""What the official action `aws-actions/configure-aws-credentials` asks GitHub to sign the token for."""

DEFAULT_TRUST_POLICY_QUOTA: Final = 2048
LARGEST_TRUST_POLICY: Final = 4096
"""Characters of a trust policy, by default and at most: https://docs.aws.amazon.com/general/latest/gr/iam-service.html"""

_SLUG: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,58}[A-Za-z0-9])?")


def issuer_of(enterprise_issuer: str | None) -> str:
    """The issuer's URL without its scheme: GitHub's own, or the one that an enterprise asked for.

    https://docs.github.com/en/enterprise-cloud@latest/rest/actions/oidc
    """
    if enterprise_issuer is None:
        return GITHUB_ISSUER
    if not _SLUG.fullmatch(enterprise_issuer):
        raise GitHubArgumentError(
            "the enterprise issuer is no slug of an enterprise",
            got=enterprise_issuer,
            allowed=f"the last part of the issuer's URL: 'octo-enterprise' for https://{GITHUB_ISSUER}/octo-enterprise",
        )
    return f"{GITHUB_ISSUER}/{enterprise_issuer}"


Conditions = dict[str, dict[str, str | list[str]]]
"""One statement's `Condition`."""


def trust_conditions(issuer: str, repositories: Sequence[GitHubRepository], jobs: GitHubJobs) -> list[Conditions]:
    """The condition of each statement of the trust policy.

    Each repository has a statement of its own: the id of one never vouches for the subject of another. Jobs with an
    environment have one beside it where more is asked of them than of the others.
    """
    found: list[Conditions] = []
    for repository in repositories:
        by_reference = reference_subjects(repository, jobs)
        by_environment = environment_subjects(repository, jobs)
        if not jobs.environment_branches:
            found.append(_conditions(issuer, repository, jobs, [*by_reference, *by_environment], jobs.references))
            continue
        if by_reference:
            found.append(_conditions(issuer, repository, jobs, by_reference, jobs.references))
        pinned = _conditions(issuer, repository, jobs, by_environment, jobs.environment_references)
        pinned["StringEquals"][f"{issuer}:ref"] = _one_or_many(jobs.environment_references)
        found.append(pinned)
    return found


def _conditions(
    issuer: str, repository: GitHubRepository, jobs: GitHubJobs, subs: list[str], references: list[str]
) -> Conditions:
    """Audience and subject, and the claims that STS evaluates for GitHub since 2026.

    https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
    """
    equals: dict[str, str | list[str]] = {f"{issuer}:aud": AUDIENCE, f"{issuer}:sub": _one_or_many(subs)}
    if repository.immutable:
        equals[f"{issuer}:repository_id"] = str(repository.repository_id)
    if jobs.workflow is not None:
        pins = [jobs.workflow]
        if "@" not in jobs.workflow:
            pins = [f"{repository.name}/{jobs.workflow}@{reference}" for reference in references]
        equals[f"{issuer}:job_workflow_ref"] = _one_or_many(pins)
    return {"StringEquals": equals}


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def trust_policy_size(issuer: str, conditions: Sequence[Mapping[str, object]]) -> int:
    """How many characters the trust policy has that holds these conditions, in the partition with the longest name."""
    provider = f"arn:aws-us-gov:iam::123456789012:oidc-provider/{issuer}"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": condition,
                "Effect": "Allow",
                "Principal": {"Federated": provider},
            }
            for condition in conditions
        ],
    }
    return len(json.dumps(document, separators=(",", ":")))
