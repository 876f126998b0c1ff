"""A role that jobs of GitHub Actions take on, without a long-lived key anywhere."""

from collections.abc import Sequence
from typing import Final

import jsii
from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import argument_error, is_concrete, warn

from .github_deployment import CdkDeployment
from .github_oidc_provider import GitHubOidcProvider
from .github_subjects import GitHubArgumentError, GitHubJobs, GitHubRepository
from .github_trust import (
    DEFAULT_TRUST_POLICY_QUOTA,
    LARGEST_TRUST_POLICY,
    Conditions,
    issuer_of,
    trust_conditions,
    trust_policy_size,
)

_HOUR: Final = 3600
_LONGEST_SESSION_HOURS: Final = 12


@jsii.implements(iam.IGrantable)
class GitHubActionsRole(Construct):
    """A role for the named jobs of the named GitHub repositories, by OpenID Connect.

    GitHub signs a token for each job, and STS gives the job credentials for an hour. The trust policy compares
    audience and subject with `StringEquals`: other branches, repositories, forks, environments and pull requests are
    refused, and no pattern can be written. With `owner_id=` and `repository_id=` it trusts exactly the classic and the
    immutable subject and pins the `repository_id` claim, so nobody who comes to own the name inherits the trust.
    Without them it trusts the classic subject alone, which repositories made, renamed or transferred since 2026-07-15
    do not send: the warning `ClassicGitHubSubject` says so.

    `branches`, `tags`, `environments` and `pull_requests` are alternatives: a job that is one of them is admitted.
    GitHub sends one subject a job: for a job with an environment its environment's, whatever it runs on. So an
    environment is trusted as far as GitHub protects it, or `environment_branches=` says which branches its jobs must
    run on; where neither is known and the role deploys, the warning `UnpinnedGitHubEnvironment` says so.

    The role may do nothing until it is granted something: `bucket.grant_read(role)` writes to its managed policy, and
    `deploy=` lets CDK assume the bootstrap roles. **That is administrator by the back door while the bootstrap stack's
    execution role is an administrator, which is what `cdk bootstrap` makes it**: bootstrap with
    `--cloudformation-execution-policies` and `--custom-permissions-boundary`, as this construct's page shows.

    Cost: none.

    Well-Architected: security (SEC02, temporary credentials; SEC03, least privilege), operational excellence (OPS05).

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html (trust),
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html (IAM refuses a
    GitHub trust that leaves the subject out) and https://docs.github.com/en/actions/reference/security/oidc (claims).

    Args:
        scope: Where the role is made.
        id: Its id there.
        repository: `OWNER/REPO`, a `GitHubRepository`, or a list of them. The letter case counts.
        branches: Branches whose jobs are trusted, such as `main`. Default none.
        tags: Tags whose jobs are trusted, whole names. Default none.
        environments: Environments whose jobs are trusted; a colon in a name is escaped as GitHub does. Default none.
        environment_branches: Branches that jobs with an environment must run on, by the `ref` claim. Default None: any.
        pull_requests: Whether jobs of pull requests are trusted: whoever can push a branch decides what they run.
            Default False; refused together with `deploy`.
        owner_id: Number of the repository's owner. Default None; needs `repository_id`.
        repository_id: Number of the repository. Default None; needs `owner_id`. Several repositories carry theirs in
            `GitHubRepository(name=..., owner_id=..., repository_id=...)`.
        workflow: The workflow that the job must come from, by the `job_workflow_ref` claim: a file of the repository
            itself (`.github/workflows/deploy.yml`), at the references named, or a workflow at a reference
            (`acme/platform/.github/workflows/deploy.yml@refs/heads/main`). Default None: any.
        provider: The account's OIDC provider: another role's `provider`, or an imported one. Default None: made in
            this stack, once (`GitHubOidcProvider.of`).
        enterprise_issuer: Slug of an enterprise with an issuer of its own
            (`https://token.actions.githubusercontent.com/SLUG`). Default None: GitHub's.
        max_session_duration: How long a session may last, 1 to 12 hours. Default 1 hour; a job can ask for less.
        permissions_boundary: What the role may do at most. Default None.
        deploy: Environments that CDK may deploy to with this role. Default None.

    Attributes:
        role: The role. Its `role_arn` is the `role-to-assume` of `aws-actions/configure-aws-credentials`.
        provider: The provider, for the next role.
        deploy_policies: The managed policies that let CDK assume the bootstrap roles: none without `deploy`.

    Raises:
        ValueError: If a repository is not `OWNER/REPO`, a name is a wildcard or malformed, no job is named, one id
            lacks the other, the provider is another issuer's, the session is too short or long, `deploy` is asked for
            with pull requests, or the trust policy is longer than IAM takes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        repository: str | GitHubRepository | Sequence[str | GitHubRepository],
        branches: Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        environments: Sequence[str] | None = None,
        environment_branches: Sequence[str] | None = None,
        pull_requests: bool = False,
        owner_id: int | str | None = None,
        repository_id: int | str | None = None,
        workflow: str | None = None,
        provider: iam.IOidcProvider | None = None,
        enterprise_issuer: str | None = None,
        max_session_duration: Duration | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        deploy: CdkDeployment | None = None,
    ) -> None:
        try:
            repositories = _repositories(repository, owner_id, repository_id)
            jobs = GitHubJobs(
                branches=branches or (),
                tags=tags or (),
                environments=environments or (),
                environment_branches=environment_branches or (),
                pull_requests=pull_requests,
                workflow=workflow,
            )
            issuer = issuer_of(enterprise_issuer)
            conditions = trust_conditions(issuer, repositories, jobs)
            size = trust_policy_size(issuer, conditions)
            _check(jobs, deploy=deploy, duration=max_session_duration, size=size)
            _check_provider(provider, issuer)
        except GitHubArgumentError as error:
            raise argument_error(scope, id, error.problem, got=error.got, allowed=error.allowed) from None
        # Before the construct is in the tree: what `of` refuses must not leave it there.
        trusted = provider if provider is not None else GitHubOidcProvider.of(scope, issuer).provider
        super().__init__(scope, id)
        self.provider: Final[iam.IOidcProvider] = trusted
        self.role: Final = iam.Role(
            self,
            "Role",
            description=f"GitHub Actions of {', '.join(each.name for each in repositories)}"[:1000],
            assumed_by=_principal(trusted, conditions),
            max_session_duration=max_session_duration or Duration.hours(1),
            permissions_boundary=permissions_boundary,
        )
        self.deploy_policies: Final[list[iam.ManagedPolicy]] = self._deploy_policies(deploy)
        self._policy: iam.ManagedPolicy | None = None
        self._warn(repositories, jobs, size=size, deploys=deploy is not None)

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the role's managed policy, made when the first grant needs it."""
        if self._policy is None:
            self._policy = iam.ManagedPolicy(
                self, "Policy", document=iam.PolicyDocument(minimize=True), roles=[self.role]
            )
        return self._policy.grant_principal

    def _deploy_policies(self, deploy: CdkDeployment | None) -> list[iam.ManagedPolicy]:
        if deploy is None:
            return []
        return [
            iam.ManagedPolicy(
                self,
                f"Deploy{index or ''}",
                document=iam.PolicyDocument(
                    minimize=True, statements=[iam.PolicyStatement(actions=["sts:AssumeRole"], resources=arns)]
                ),
                roles=[self.role],
            )
            for index, arns in enumerate(deploy.batches(Stack.of(self).partition))
        ]

    def _warn(self, repositories: list[GitHubRepository], jobs: GitHubJobs, *, size: int, deploys: bool) -> None:
        classic = [each.name for each in repositories if not each.immutable]
        if classic:
            warn(
                self,
                "ClassicGitHubSubject",
                f"Only the classic subject of {', '.join(classic)} is trusted. A repository that was made, renamed or "
                "transferred since 2026-07-15 sends the immutable one and is refused, and whoever comes to own the "
                "name is trusted: name owner_id= and repository_id=.",
            )
        if deploys and jobs.environments and not jobs.environment_branches:
            warn(
                self,
                "UnpinnedGitHubEnvironment",
                f"Jobs of any branch, and of pull requests, that name {', '.join(jobs.environments)} can deploy, "
                "unless GitHub's deployment rules keep them out: name environment_branches=, or acknowledge this "
                "once the rules are set.",
            )
        if size > DEFAULT_TRUST_POLICY_QUOTA:
            warn(
                self,
                "LongTrustPolicy",
                f"The trust policy has {size} characters: IAM takes {DEFAULT_TRUST_POLICY_QUOTA} unless the account's "
                "quota for the role trust policy length is raised. Name fewer jobs, or make two roles.",
            )


def _repositories(
    repository: str | GitHubRepository | Sequence[str | GitHubRepository],
    owner_id: int | str | None,
    repository_id: int | str | None,
) -> list[GitHubRepository]:
    """The repositories, each with its ids."""
    named = [repository] if isinstance(repository, str | GitHubRepository) else list(repository)
    if owner_id is not None or repository_id is not None:
        if len(named) != 1 or isinstance(named[0], GitHubRepository):
            raise GitHubArgumentError(
                "owner_id and repository_id are those of one repository",
                got=repository,
                allowed="one 'OWNER/REPO' beside them; several repositories as "
                "GitHubRepository(name=..., owner_id=..., repository_id=...)",
            )
        return [GitHubRepository(name=named[0], owner_id=owner_id, repository_id=repository_id)]
    found = [each if isinstance(each, GitHubRepository) else GitHubRepository(name=each) for each in named]
    if not found or len({each.name for each in found}) < len(found):
        raise GitHubArgumentError(
            "the repositories are none, or one of them twice", got=named, allowed="one or more different repositories"
        )
    return found


def _check(jobs: GitHubJobs, *, deploy: CdkDeployment | None, duration: Duration | None, size: int) -> None:
    """Check what only the arguments together say."""
    if deploy is not None and jobs.pull_requests:
        raise GitHubArgumentError(
            "a pull request must not deploy: whoever can open one would",
            got="pull_requests=True with deploy=",
            allowed="deploy= with branches, tags or environments, and a role of its own for pull requests",
        )
    # A duration that only the deployment knows is refused too: the L2 role reads its number.
    if duration is not None and (
        duration.is_unresolved() or not _HOUR <= duration.to_seconds() <= _LONGEST_SESSION_HOURS * _HOUR
    ):
        raise GitHubArgumentError(
            "max_session_duration is none that IAM takes",
            got=duration.to_string(),
            allowed=f"1 to {_LONGEST_SESSION_HOURS} hours, known now",
        )
    if size > LARGEST_TRUST_POLICY:
        raise GitHubArgumentError(
            "the trust policy would be too long",
            got=f"{size} characters",
            allowed=f"{LARGEST_TRUST_POLICY} characters; name fewer jobs, or make two roles",
        )


def _check_provider(provider: iam.IOidcProvider | None, issuer: str) -> None:
    """A provider of another issuer would trust tokens that the conditions do not speak of."""
    if provider is None:
        return
    arn = provider.oidc_provider_arn
    owner = provider.node.scope
    if isinstance(owner, GitHubOidcProvider) and owner.issuer != issuer:
        raise GitHubArgumentError("the provider is another issuer's", got=owner.issuer, allowed=issuer)
    if is_concrete(arn) and not arn.endswith(f":oidc-provider/{issuer}"):
        raise GitHubArgumentError(
            "the provider is another issuer's", got=arn, allowed=f"an ARN that ends in :oidc-provider/{issuer}"
        )


def _principal(provider: iam.IOidcProvider, conditions: Sequence[Conditions]) -> iam.IPrincipal:
    """One statement of the trust policy for each condition."""
    arn = provider.oidc_provider_arn
    principals = [iam.WebIdentityPrincipal(arn, condition) for condition in conditions]
    return principals[0] if len(principals) == 1 else iam.CompositePrincipal(*principals)
