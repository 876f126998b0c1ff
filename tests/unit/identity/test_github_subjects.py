"""Subjects, claims and trust conditions of GitHub Actions jobs, in plain Python."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.github_subjects import (
    GitHubArgumentError,
    GitHubJobs,
    GitHubRepository,
    escaped_environment,
    subjects,
)
from aws_architect_constructs.identity.github_trust import (
    GITHUB_ISSUER,
    issuer_of,
    trust_conditions,
    trust_policy_size,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP = GitHubRepository(name="acme/shop")
SHOP_WITH_IDS = GitHubRepository(name="acme/shop", owner_id=9919, repository_id="1296269")
FILE = ".github/workflows/deploy.yml"


@pytest.mark.parametrize(
    ("jobs", "subject"),
    [
        ({"branches": ["main"]}, "repo:acme/shop:ref:refs/heads/main"),
        ({"branches": ["release/1.x"]}, "repo:acme/shop:ref:refs/heads/release/1.x"),
        ({"tags": ["v1.0.0"]}, "repo:acme/shop:ref:refs/tags/v1.0.0"),
        ({"environments": ["production"]}, "repo:acme/shop:environment:production"),
        ({"environments": ["eu:west:1"]}, "repo:acme/shop:environment:eu%3Awest%3A1"),
        ({"pull_requests": True}, "repo:acme/shop:pull_request"),
    ],
)
def test_a_kind_of_job_has_its_subject(jobs: dict[str, Any], subject: str) -> None:
    """Each kind of job has the subject that GitHub documents."""
    assert subjects(SHOP, GitHubJobs(**jobs)) == [subject]


def test_with_ids_both_forms_are_named() -> None:
    """With the ids exactly the classic and the immutable subject are named."""
    assert subjects(SHOP_WITH_IDS, GitHubJobs(branches=["main"])) == [
        "repo:acme/shop:ref:refs/heads/main",
        "repo:acme@9919/shop@1296269:ref:refs/heads/main",
    ]


def test_a_name_twice_is_one_subject() -> None:
    """A name that is given twice is trusted once."""
    jobs = GitHubJobs(branches=["main", "main"], environments=["prod", "prod"])
    assert subjects(SHOP, jobs) == ["repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:environment:prod"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "acme",
        "acme/",
        "/shop",
        "*",
        "acme/*",
        "*/shop",
        "acme/shop?",
        "acme/shop:*",
        "repo:acme/shop",
        "acme/shop/x",
        "-acme/shop",
        "acme/..",
        "acme/.",
        "acme shop/x",
        "acme@1/shop@2",
        "a" * 40 + "/shop",
        "acme/" + "s" * 101,
        "https://github.com/acme/shop",
        "acme/shop\n",
        "${Token[TOKEN.1]}/shop",
    ],
)
def test_a_repository_is_an_owner_and_a_name(name: str) -> None:
    """A bare organization, a wildcard or a URL is no repository; the error shows what is."""
    with pytest.raises(ValueError, match=r"got .*; allowed: 'OWNER/REPO', such as 'acme/shop'"):
        GitHubRepository(name=name)


@pytest.mark.parametrize("ids", [{"owner_id": 1}, {"repository_id": 1}])
def test_one_id_needs_the_other(ids: dict[str, int]) -> None:
    """An immutable subject has both ids."""
    with pytest.raises(ValueError, match=r"acme/shop is missing, got .*; allowed: owner_id and repository_id together"):
        GitHubRepository(name="acme/shop", **ids)


@pytest.mark.parametrize("number", [0, -1, "", "*", "12a", "01", True, "1\n"])
def test_an_id_is_a_number(number: Any) -> None:
    """An id that is no whole number above zero is refused."""
    with pytest.raises(ValueError, match=r"is no GitHub id, got .*; allowed: a whole number above zero"):
        GitHubRepository(name="acme/shop", owner_id=1, repository_id=number)


@pytest.mark.parametrize("label", ["branches", "tags"])
@pytest.mark.parametrize(
    "name",
    [
        "",
        "*",
        "release/*",
        "v?",
        "main:x",
        "a b",
        "a..b",
        "a.lock",
        ".a",
        "a/.b",
        "a//b",
        "/a",
        "a/",
        "a.",
        "@",
        "a@{1",
        "refs/heads/main",
        "refs/tags/v1",
        "a~1",
        "a^",
        "a[b",
        "a\\b",
        "-a",
        "a\n",
        "${a}",
        "b" * 256,
    ],
)
def test_a_reference_is_a_whole_name(label: str, name: str) -> None:
    """A pattern, a full reference or what git itself refuses is no branch and no tag."""
    with pytest.raises(ValueError, match=rf"{label} holds no name of a git reference, got .*no wildcard"):
        GitHubJobs(**{label: [name]})  # type: ignore[arg-type] # the label is one of the lists


@pytest.mark.parametrize("name", ["", "*", "prod*", "prod?", "a\n", " a", "a ", "${a}", "e" * 256])
def test_an_environment_is_a_whole_name(name: str) -> None:
    """A pattern is no environment."""
    with pytest.raises(ValueError, match=r"environments holds no name of a GitHub environment, got .*no wildcard"):
        GitHubJobs(environments=[name])


@pytest.mark.parametrize("label", ["branches", "tags", "environments", "environment_branches"])
def test_a_text_is_no_list(label: str) -> None:
    """`branches="main"` would be the branches m, a, i and n."""
    with pytest.raises(ValueError, match=rf"{label} is one text, got 'main'; allowed: a list, such as \['main'\]"):
        GitHubJobs(**{label: "main"})  # type: ignore[arg-type] # the mistake that is refused


def test_a_job_must_be_named() -> None:
    """A repository without a branch, tag, environment or pull request would be every job of it."""
    with pytest.raises(ValueError, match=r"no job is named.*allowed: at least one of branches, tags"):
        GitHubJobs()


def test_environment_branches_need_environments() -> None:
    """Branches of environments that nobody named would silently pin nothing."""
    with pytest.raises(ValueError, match=r"environment_branches without environments pins nothing"):
        GitHubJobs(branches=["main"], environment_branches=["main"])


@pytest.mark.parametrize(
    "jobs",
    [{"pull_requests": True}, {"environments": ["prod"]}, {"branches": ["main"], "environments": ["prod"]}],
)
def test_a_workflow_file_needs_references(jobs: dict[str, Any]) -> None:
    """A workflow file is pinned at named references alone: GitHub's claim ends in one."""
    with pytest.raises(ValueError, match=r"a workflow file alone cannot be pinned"):
        GitHubJobs(workflow=FILE, **jobs)


@pytest.mark.parametrize(
    "workflow",
    [
        "deploy.yml",
        "*",
        f"acme/shop/{FILE}",
        f"acme/shop/{FILE}@",
        f"acme/shop/{FILE}@main",
        f"acme/*/{FILE}@refs/heads/m",
        f"acme/shop/{FILE}@refs/heads/*",
        f"acme/shop/{FILE}@refs/heads/",
        "acme/shop/deploy.yml@refs/heads/main",
        f"*/shop/{FILE}@refs/heads/main",
        ".github/workflows/*.yml",
        f"{FILE}@refs/heads/main",
        "",
    ],
)
def test_a_workflow_is_a_file_or_a_file_at_a_reference(workflow: str) -> None:
    """Anything else as a workflow is refused, wildcards too."""
    with pytest.raises(ValueError, match=r"the workflow is no workflow file, got .*no wildcard"):
        GitHubJobs(branches=["main"], workflow=workflow)


@pytest.mark.parametrize(
    "reference", ["refs/heads/main", "refs/tags/v1.0.0", "0123456789abcdef0123456789abcdef01234567"]
)
def test_a_workflow_at_a_reference_is_pinned_as_given(reference: str) -> None:
    """A reusable workflow is pinned at a branch, a tag or a commit."""
    workflow = f"acme/platform/{FILE}@{reference}"
    (condition,) = trust_conditions(GITHUB_ISSUER, [SHOP], GitHubJobs(pull_requests=True, workflow=workflow))
    assert condition["StringEquals"][f"{GITHUB_ISSUER}:job_workflow_ref"] == workflow


def test_a_workflow_file_is_pinned_at_each_reference() -> None:
    """A file of the repository is pinned at each branch and tag that is named."""
    jobs = GitHubJobs(branches=["main"], tags=["v1"], workflow=FILE)
    (condition,) = trust_conditions(GITHUB_ISSUER, [SHOP], jobs)
    assert condition["StringEquals"][f"{GITHUB_ISSUER}:job_workflow_ref"] == [
        f"acme/shop/{FILE}@refs/heads/main",
        f"acme/shop/{FILE}@refs/tags/v1",
    ]


def test_environment_branches_pin_environment_jobs_alone() -> None:
    """Jobs with an environment get a statement of their own, where the reference and the workflow file are pinned."""
    jobs = GitHubJobs(environments=["prod"], environment_branches=["main"], workflow=FILE)
    assert trust_conditions(GITHUB_ISSUER, [SHOP], jobs) == [
        {
            "StringEquals": {
                f"{GITHUB_ISSUER}:aud": "sts.amazonaws.com",
                f"{GITHUB_ISSUER}:sub": "repo:acme/shop:environment:prod",
                f"{GITHUB_ISSUER}:job_workflow_ref": f"acme/shop/{FILE}@refs/heads/main",
                f"{GITHUB_ISSUER}:ref": "refs/heads/main",
            }
        }
    ]


def test_every_condition_is_an_exact_comparison() -> None:
    """Nothing is compared by pattern: the one operator is StringEquals."""
    jobs = GitHubJobs(branches=["main"], environments=["prod"], environment_branches=["main"])
    found = trust_conditions(GITHUB_ISSUER, [SHOP, SHOP_WITH_IDS], jobs)
    assert [list(condition) for condition in found] == [["StringEquals"]] * 4


@pytest.mark.parametrize(
    ("slug", "issuer"), [(None, GITHUB_ISSUER), ("octo-enterprise", f"{GITHUB_ISSUER}/octo-enterprise")]
)
def test_an_enterprise_has_an_issuer_of_its_own(slug: str | None, issuer: str) -> None:
    """The enterprise's slug is the last part of its issuer's URL."""
    assert issuer_of(slug) == issuer


@pytest.mark.parametrize(
    "slug", ["", "*", "https://token.actions.githubusercontent.com/octo", "a/b", "-a", "a:b", "a\n"]
)
def test_an_enterprise_issuer_is_a_slug(slug: str) -> None:
    """A URL or a wildcard is no slug."""
    with pytest.raises(ValueError, match=r"the enterprise issuer is no slug of an enterprise, got "):
        issuer_of(slug)


def test_the_size_is_that_of_the_document() -> None:
    """The trust policy is measured as IAM stores it, provider included."""
    conditions = trust_conditions(GITHUB_ISSUER, [SHOP], GitHubJobs(branches=["main"]))
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws-us-gov:iam::123456789012:oidc-provider/{GITHUB_ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions[0],
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}).replace(" ", "")
    assert trust_policy_size(GITHUB_ISSUER, conditions) == len(text)


@given(st.text())
def test_an_escaped_environment_never_ends_its_subject(name: str) -> None:
    """Whatever the name, no colon is left in it, and the name can be read back where it held no escape."""
    escaped = escaped_environment(name)
    assert ":" not in escaped
    assert "%3A" in name or escaped.replace("%3A", ":") == name


@given(st.text(max_size=30))
def test_no_accepted_name_holds_a_wildcard(name: str) -> None:
    """Whatever is accepted as a branch, an environment or a repository holds no wildcard and no variable."""
    builders: list[Callable[[], list[str]]] = [
        lambda: subjects(SHOP, GitHubJobs(branches=[name])),
        lambda: subjects(SHOP, GitHubJobs(environments=[name])),
        lambda: subjects(GitHubRepository(name=name), GitHubJobs(branches=["main"])),
    ]
    for build in builders:
        try:
            (subject,) = build()
        except GitHubArgumentError:
            continue
        assert not {"*", "?", "\n"} & set(subject)
        assert "${" not in subject
