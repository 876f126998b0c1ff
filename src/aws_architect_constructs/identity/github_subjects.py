"""Which GitHub Actions jobs an AWS role trusts: repositories, jobs and their subjects, in plain Python.

GitHub signs a token for each job. Its subject (`sub`) says whose job it is and what it runs for; STS compares it with
the role's trust policy. Every value here is compared by `StringEquals`, so nothing is trusted that is not named:

- `repo:OWNER/REPO:...` is the classic subject. Whoever comes to own the name gets the trust with it.
- `repo:OWNER@OWNER_ID/REPO@REPO_ID:...` is the immutable subject, which repositories send that were made, renamed or
  transferred since 2026-07-15, and those that opted in.

https://docs.github.com/en/actions/reference/security/oidc
https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_OWNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,19}")
_WORKFLOW_PATH: Final = re.compile(r"\.github/workflows/[A-Za-z0-9._-]+\.ya?ml")
_LONGEST_NAME: Final = 255

# What no git reference holds (https://git-scm.com/docs/git-check-ref-format), and `${`, which IAM and CDK substitute.
_NO_REF: Final = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|\$\{|//|^/|/$|\.$|\.lock(?:/|$)|(?:^|/)\.|^-|^@$|^refs/", re.ASCII
)
_NO_ENVIRONMENT: Final = re.compile(r"[\x00-\x1f\x7f*?]|\$\{|^\s|\s$")


class GitHubArgumentError(ValueError):
    """An argument that names no repository, reference, environment or workflow, or too many of them.

    Attributes:
        problem: What is wrong.
        got: The value.
        allowed: What is allowed.
    """

    def __init__(self, problem: str, *, got: object, allowed: str) -> None:
        super().__init__(f"{problem}, got {got!r}; allowed: {allowed}")
        self.problem = problem
        self.got = got
        self.allowed = allowed


@dataclass(frozen=True, kw_only=True)
class GitHubRepository:
    """One repository, with the numbers that GitHub never gives to another.

    Attributes:
        name: `OWNER/REPO`, in the letter case that GitHub shows: STS compares subjects case by case.
        owner_id: Number of the owner: `gh api users/OWNER --jq .id`. Default None: the classic subject alone.
        repository_id: Number of the repository: `gh api repos/OWNER/REPO --jq .id`. Default None likewise.

    Raises:
        ValueError: If the name is not `OWNER/REPO`, an id is no number, or one id comes without the other.
    """

    name: str
    owner_id: int | str | None = None
    repository_id: int | str | None = None

    def __post_init__(self) -> None:
        """Check the name and the ids."""
        owner, slash, name = str(self.name).partition("/")
        if not slash or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in {".", ".."}:
            raise GitHubArgumentError(
                "the repository is not named by its owner and its own name",
                got=self.name,
                allowed="'OWNER/REPO', such as 'acme/shop'; no wildcard, and no organization alone",
            )
        if (self.owner_id is None) != (self.repository_id is None):
            raise GitHubArgumentError(
                f"one of the ids of {self.name} is missing",
                got={"owner_id": self.owner_id, "repository_id": self.repository_id},
                allowed="owner_id and repository_id together, or neither",
            )
        for label, number in (("owner_id", self.owner_id), ("repository_id", self.repository_id)):
            if number is not None and not _NUMBER.fullmatch(str(number)):
                raise GitHubArgumentError(
                    f"the {label} of {self.name} is no GitHub id", got=number, allowed="a whole number above zero"
                )

    @property
    def immutable(self) -> bool:
        """Whether the ids are known."""
        return self.repository_id is not None

    @property
    def prefixes(self) -> list[str]:
        """What the repository's subjects begin with: the classic form, and the immutable one with the ids."""
        classic = f"repo:{self.name}"
        if not self.immutable:
            return [classic]
        owner, _, name = self.name.partition("/")
        return [classic, f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}"]


@dataclass(frozen=True, kw_only=True)
class GitHubJobs:
    """Which jobs of a repository are meant. Make sure to name at least one kind.

    Attributes:
        branches: Names of branches, without `refs/heads/`.
        tags: Names of tags, without `refs/tags/`.
        environments: Names of environments, as GitHub shows them.
        environment_branches: Branches that a job with an environment must run on; empty means any reference.
        pull_requests: Whether jobs of pull requests are meant.
        workflow: A workflow file (`.github/workflows/deploy.yml`), or a workflow at a reference, in this or another
            repository (`acme/platform/.github/workflows/deploy.yml@refs/heads/main`).

    Raises:
        ValueError: If nothing is named, a name is a pattern or malformed, or a workflow file cannot be pinned.
    """

    branches: Sequence[str] = ()
    tags: Sequence[str] = ()
    environments: Sequence[str] = ()
    environment_branches: Sequence[str] = ()
    pull_requests: bool = False
    workflow: str | None = None

    def __post_init__(self) -> None:
        """Check every name."""
        for label in ("branches", "tags", "environments", "environment_branches"):
            names = getattr(self, label)
            if isinstance(names, str):
                raise GitHubArgumentError(f"{label} is one text", got=names, allowed=f"a list, such as [{names!r}]")
            for name in names:
                (_check_environment if label == "environments" else _check_reference)(label, name)
        if not (self.branches or self.tags or self.environments or self.pull_requests):
            raise GitHubArgumentError(
                "no job is named, and a whole repository cannot be",
                got=[],
                allowed="at least one of branches, tags, environments and pull_requests",
            )
        if self.environment_branches and not self.environments:
            raise GitHubArgumentError(
                "environment_branches without environments pins nothing",
                got=list(self.environment_branches),
                allowed="environments=[...] beside it, or branches=[...] instead",
            )
        self._check_workflow()

    def _check_workflow(self) -> None:
        if self.workflow is None:
            return
        if _WORKFLOW_PATH.fullmatch(self.workflow):
            if self.pull_requests or (self.environments and not self.environment_branches):
                raise GitHubArgumentError(
                    "a workflow file alone cannot be pinned for jobs whose reference is not named",
                    got=self.workflow,
                    allowed="branches and tags, environments with environment_branches, or the workflow at a "
                    "reference: 'OWNER/REPO/.github/workflows/FILE.yml@refs/heads/BRANCH'",
                )
            return
        path, at, reference = self.workflow.partition("@")
        owner, _, rest = path.partition("/")
        name, _, file = rest.partition("/")
        kind, named = re.fullmatch(r"(refs/(?:heads|tags)/)?(.*)", reference, re.DOTALL).groups()  # type: ignore[union-attr] # the pattern matches every text
        well_formed = (
            bool(at)
            and bool(_OWNER.fullmatch(owner))
            and bool(_NAME.fullmatch(name))
            and bool(_WORKFLOW_PATH.fullmatch(file))
            and (
                bool(re.fullmatch(r"[0-9a-f]{40}", named))
                if kind is None
                else bool(named and not _NO_REF.search(named))
            )
        )
        if not well_formed:
            raise GitHubArgumentError(
                "the workflow is no workflow file",
                got=self.workflow,
                allowed="'.github/workflows/FILE.yml', or 'OWNER/REPO/.github/workflows/FILE.yml@' and a full "
                "reference (refs/heads/..., refs/tags/...) or a commit; no wildcard",
            )

    @property
    def references(self) -> list[str]:
        """The full git references of the branches and tags."""
        return _unique(
            [*(f"refs/heads/{name}" for name in self.branches), *(f"refs/tags/{name}" for name in self.tags)]
        )

    @property
    def environment_references(self) -> list[str]:
        """The full git references that jobs with an environment must run on."""
        return _unique([f"refs/heads/{name}" for name in self.environment_branches])


def _unique(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _check_reference(label: str, name: str) -> None:
    if not name or len(name) > _LONGEST_NAME or _NO_REF.search(name):
        raise GitHubArgumentError(
            f"{label} holds no name of a git reference",
            got=name,
            allowed="whole names without refs/heads/ or refs/tags/, such as 'main' or 'v1.2.0'; no wildcard",
        )


def _check_environment(label: str, name: str) -> None:
    if not name or len(name) > _LONGEST_NAME or _NO_ENVIRONMENT.search(name):
        raise GitHubArgumentError(
            f"{label} holds no name of a GitHub environment",
            got=name,
            allowed=f"whole names of 1 to {_LONGEST_NAME} characters, such as 'production'; no wildcard",
        )


def escaped_environment(name: str) -> str:
    """The environment's name as it stands in a subject, where a colon would end it: `%3A` stands for a colon."""
    return name.replace(":", "%3A")


def subjects(repository: GitHubRepository, jobs: GitHubJobs) -> list[str]:
    """Every subject that the jobs of the repository may send: those of references first, then of environments."""
    return [*reference_subjects(repository, jobs), *environment_subjects(repository, jobs)]


def reference_subjects(repository: GitHubRepository, jobs: GitHubJobs) -> list[str]:
    """The subjects of jobs without an environment: branches, tags, pull requests."""
    kinds = [f"ref:{reference}" for reference in jobs.references]
    if jobs.pull_requests:
        kinds.append("pull_request")
    return [f"{prefix}:{kind}" for kind in kinds for prefix in repository.prefixes]


def environment_subjects(repository: GitHubRepository, jobs: GitHubJobs) -> list[str]:
    """The subjects of jobs with an environment."""
    names = _unique([escaped_environment(name) for name in jobs.environments])
    return [f"{prefix}:environment:{name}" for name in names for prefix in repository.prefixes]
