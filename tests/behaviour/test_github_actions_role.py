"""Who gets in through the GitHub trust, and what the deployment policy reaches."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aws_architect_constructs.identity.github_actions_role import GitHubActionsRole
from aws_architect_constructs.identity.github_deployment import BOOTSTRAP_ROLES, CdkDeployment
from aws_architect_constructs.identity.github_subjects import GitHubRepository
from aws_architect_constructs.identity.github_trust import GITHUB_ISSUER
from aws_architect_constructs.testing.policies import IamRole, Request, TemplatePolicies, WebIdentity, evaluate
from support.synthesis import Template, new_stack, resources, synthesize, template_of

ACCOUNT: Final = "111111111111"
PROVIDER: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB_ISSUER}"
CLASSIC: Final = "repo:acme/shop"
IMMUTABLE: Final = "repo:acme@9919/shop@1296269"
IDS: Final[dict[str, Any]] = {"owner_id": 9919, "repository_id": 1296269}


def _read(template: Template) -> TemplatePolicies:
    """The template's policies, with a reference to a provider read as IAM answers it: its ARN, which its URL makes."""
    names = {
        logical_id: f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider['Properties']['Url'].removeprefix('https://')}"
        for logical_id, provider in resources(template, "AWS::IAM::OIDCProvider").items()
    }
    return TemplatePolicies({"Stack": template}, names=names)


@cache
def _policies(arguments: tuple[tuple[str, Any], ...]) -> tuple[TemplatePolicies, str]:
    """The policies of one role with these arguments (lists as tuples), and the role's logical id."""
    prepared: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in arguments}
    template = synthesize(lambda stack: GitHubActionsRole(stack, "Deploy", **prepared))
    (role,) = resources(template, "AWS::IAM::Role")
    return _read(template), role


def _trusted(claims: Mapping[str, str | None], *, provider: str = PROVIDER, **arguments: Any) -> bool:
    """Whether a job with these claims gets the role; the claims of the official action are the default."""
    policies, role = _policies(tuple(sorted(arguments.items())))
    issuer = provider.partition(":oidc-provider/")[2]
    context = {f"{issuer}:{name}": value for name, value in {"aud": "sts.amazonaws.com", **claims}.items()}
    request = Request(
        principal=WebIdentity(provider),
        action="sts:AssumeRoleWithWebIdentity",
        resource=policies.arn_of(role),
        context=context,
    )
    return evaluate(request, resource=policies.resource_of(role)).allowed


EVERY_KIND: Final[dict[str, Any]] = {
    "branches": ("main", "release/1.x"),
    "tags": ("v1.0.0",),
    "environments": ("production", "eu:west"),
    "pull_requests": True,
}
NAMED: Final = (
    "ref:refs/heads/main",
    "ref:refs/heads/release/1.x",
    "ref:refs/tags/v1.0.0",
    "environment:production",
    "environment:eu%3Awest",
    "pull_request",
)
OTHERS: Final = (
    "ref:refs/heads/feature",
    "ref:refs/heads/main2",
    "ref:refs/heads/Main",
    "ref:refs/heads/main/sub",
    "ref:refs/tags/main",
    "ref:refs/tags/v1.0.1",
    "ref:refs/heads/v1.0.0",
    "ref:refs/pull/1/merge",
    "environment:staging",
    "environment:eu:west",
    "environment:main",
    "pull_request_target",
    "*",
    "",
)
STRANGERS: Final = (
    "repo:acme/shop2",
    "repo:acme/other",
    "repo:evil/shop",
    "repo:evil/acme/shop",
    "repo:acme",
    "repo:ACME/shop",
    "repo:acme@9919/shop",
    "repo:acme/shop@1296269",
    "repo:acme@1/shop@1296269",
    "repo:acme@9919/shop@1",
    "repo:evil@9919/shop@1296269",
)


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("prefix", [CLASSIC, IMMUTABLE])
def test_every_named_subject_is_admitted_in_both_forms(prefix: str, kind: str) -> None:
    """With the ids, the classic and the immutable form of every named subject get the role."""
    claims = {"sub": f"{prefix}:{kind}", "repository_id": "1296269"}
    assert _trusted(claims, repository="acme/shop", **IDS, **EVERY_KIND)


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("prefix", [CLASSIC, IMMUTABLE])
def test_no_other_subject_is_admitted(prefix: str, kind: str) -> None:
    """Other branches, tags, environments and events of the repository itself are refused."""
    claims = {"sub": f"{prefix}:{kind}", "repository_id": "1296269"}
    assert not _trusted(claims, repository="acme/shop", **IDS, **EVERY_KIND)


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("prefix", STRANGERS)
def test_no_other_repository_is_admitted(prefix: str, kind: str) -> None:
    """Other owners, repositories and forks are refused, whatever mixture of names and ids they send."""
    claims = {"sub": f"{prefix}:{kind}", "repository_id": "1296269"}
    assert not _trusted(claims, repository="acme/shop", **IDS, **EVERY_KIND)


@pytest.mark.parametrize("number", ["1", "12962690", None])
@pytest.mark.parametrize("prefix", [CLASSIC, IMMUTABLE])
def test_another_repository_of_the_same_name_is_refused(prefix: str, number: str | None) -> None:
    """Whoever comes to own the name has another repository_id, and is refused; so is a token without one."""
    claims = {"sub": f"{prefix}:ref:refs/heads/main", "repository_id": number}
    assert not _trusted(claims, repository="acme/shop", branches=("main",), **IDS)


@pytest.mark.parametrize(
    ("audience", "admitted"),
    [("sts.amazonaws.com", True), ("https://github.com/acme", False), ("sts.amazonaws.com.evil.example", False)],
)
def test_the_audience_is_pinned(audience: str, admitted: bool) -> None:
    """A token that GitHub signed for somebody else's service is refused."""
    claims = {"aud": audience, "sub": f"{CLASSIC}:ref:refs/heads/main"}
    assert _trusted(claims, repository="acme/shop", branches=("main",)) is admitted


def test_a_token_without_subject_or_audience_is_refused() -> None:
    """A claim that is absent satisfies nothing."""
    role: dict[str, Any] = {"repository": "acme/shop", "branches": ("main",)}
    subject = f"{CLASSIC}:ref:refs/heads/main"
    assert (_trusted({"sub": None}, **role), _trusted({"sub": subject, "aud": None}, **role)) == (False, False)


@pytest.mark.parametrize("prefix", [CLASSIC, IMMUTABLE])
def test_without_ids_the_classic_form_alone_is_admitted(prefix: str) -> None:
    """Without the ids the immutable form is refused: nobody said whose it is."""
    claims = {"sub": f"{prefix}:ref:refs/heads/main", "repository_id": "1296269"}
    assert _trusted(claims, repository="acme/shop", branches=("main",)) is (prefix == CLASSIC)


@pytest.mark.parametrize("provider", [f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com", "accounts.google.com"])
def test_another_identity_provider_is_refused(provider: str) -> None:
    """The same claims from another issuer get nothing."""
    policies, role = _policies((("branches", ("main",)), ("repository", "acme/shop")))
    request = Request(
        principal=WebIdentity(provider),
        action="sts:AssumeRoleWithWebIdentity",
        resource=policies.arn_of(role),
        context={f"{GITHUB_ISSUER}:aud": "sts.amazonaws.com", f"{GITHUB_ISSUER}:sub": f"{CLASSIC}:ref:refs/heads/main"},
    )
    assert not evaluate(request, resource=policies.resource_of(role)).allowed


def test_no_role_of_the_account_may_take_the_role_on() -> None:
    """The trust is GitHub's alone: an administrator's role does not get in by sts:AssumeRole."""
    policies, role = _policies((("branches", ("main",)), ("repository", "acme/shop")))
    request = Request(
        principal=IamRole(f"arn:aws:iam::{ACCOUNT}:role/admin"), action="sts:AssumeRole", resource=policies.arn_of(role)
    )
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    assert not evaluate(request, identity=[anything], resource=policies.resource_of(role)).allowed


TWO: Final = (
    GitHubRepository(name="acme/shop", owner_id=9919, repository_id=1296269),
    GitHubRepository(name="acme/cart", owner_id=9919, repository_id=1296270),
)


@pytest.mark.parametrize(
    ("subject", "number", "admitted"),
    [
        ("repo:acme/shop", "1296269", True),
        ("repo:acme@9919/cart@1296270", "1296270", True),
        ("repo:acme/shop", "1296270", False),
        ("repo:acme@9919/cart@1296270", "1296269", False),
    ],
)
def test_the_id_of_one_repository_never_vouches_for_another(subject: str, number: str, admitted: bool) -> None:
    """Of several repositories each is admitted with its own id alone."""
    claims = {"sub": f"{subject}:ref:refs/heads/main", "repository_id": number}
    assert _trusted(claims, repository=TWO, branches=("main",)) is admitted


FILE: Final = ".github/workflows/deploy.yml"
SHARED: Final = f"acme/platform/{FILE}@refs/heads/main"


@pytest.mark.parametrize(
    ("workflow", "claim", "admitted"),
    [
        (SHARED, SHARED, True),
        (SHARED, f"acme/platform/{FILE}@refs/heads/feature", False),
        (SHARED, f"acme/shop/{FILE}@refs/heads/main", False),
        (FILE, f"acme/shop/{FILE}@refs/heads/main", True),
        (FILE, f"acme/shop/{FILE}@refs/heads/feature", False),
        (FILE, "acme/shop/.github/workflows/test.yml@refs/heads/main", False),
        (FILE, SHARED, False),
        (FILE, None, False),
    ],
)
def test_a_pinned_workflow_is_the_only_one(workflow: str, claim: str | None, admitted: bool) -> None:
    """With `workflow=` a job of another workflow, or of the same at another reference, is refused."""
    claims = {"sub": f"{CLASSIC}:ref:refs/heads/main", "job_workflow_ref": claim}
    assert _trusted(claims, repository="acme/shop", branches=("main",), workflow=workflow) is admitted


@pytest.mark.parametrize(
    ("kind", "reference", "admitted"),
    [
        ("environment:production", "refs/heads/main", True),
        ("environment:production", "refs/heads/feature", False),
        ("environment:production", "refs/pull/7/merge", False),
        ("environment:production", None, False),
        ("ref:refs/heads/hotfix", "refs/heads/hotfix", True),
        ("ref:refs/heads/main", "refs/heads/main", False),
    ],
)
def test_an_environment_can_be_bound_to_branches(kind: str, reference: str | None, admitted: bool) -> None:
    """With `environment_branches=` a pull request cannot name the environment and get in; other subjects stay."""
    claims = {"sub": f"{CLASSIC}:{kind}", "ref": reference}
    arguments: dict[str, Any] = {
        "branches": ("hotfix",),
        "environments": ("production",),
        "environment_branches": ("main",),
    }
    assert _trusted(claims, repository="acme/shop", **arguments) is admitted


@pytest.mark.parametrize(("slug", "admitted"), [("octo", True), ("other", False)])
def test_an_enterprise_issuer_is_the_only_one(slug: str, admitted: bool) -> None:
    """With an enterprise's issuer another enterprise's tokens, and GitHub's common ones, are refused."""
    claims = {"sub": f"{CLASSIC}:ref:refs/heads/main"}
    role: dict[str, Any] = {"repository": "acme/shop", "branches": ("main",), "enterprise_issuer": "octo"}
    assert _trusted(claims, provider=f"{PROVIDER}/{slug}", **role) is admitted
    assert not _trusted(claims, **role)


names = st.text(st.sampled_from("abz09-_./@:*?"), min_size=1, max_size=12)


@settings(deadline=None)
@example(owner="acme", name="shop", kind="pull_request", number="1296269")
@example(owner="acme@9919", name="shop@1296269", kind="pull_request", number="1296269")
@example(owner="acme@9919", name="shop@1296269", kind="pull_request", number=None)
@given(owner=names, name=names, kind=st.sampled_from(NAMED), number=st.sampled_from(["1296269", "1", None]))
def test_whatever_a_subject_says_only_the_named_one_gets_in(
    owner: str, name: str, kind: str, number: str | None
) -> None:
    """No arrangement of owner and name that is not the repository's is admitted."""
    prefix = f"repo:{owner}/{name}"
    admitted = _trusted(
        {"sub": f"{prefix}:{kind}", "repository_id": number}, repository="acme/shop", **IDS, **EVERY_KIND
    )
    assert admitted is (prefix in {CLASSIC, IMMUTABLE} and number == "1296269")


DEPLOYMENT: Final = CdkDeployment(qualifier="shop", accounts=[ACCOUNT, "222222222222"], regions=["eu-west-1"])


@cache
def _may_assume(role_arn: str) -> bool:
    template = synthesize(
        lambda stack: GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"], deploy=DEPLOYMENT)
    )
    policies = _read(template)
    (role,) = resources(template, "AWS::IAM::Role")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    request = Request(principal=IamRole(policies.arn_of(role)), action="sts:AssumeRole", resource=role_arn)
    return evaluate(request, identity=policies.identity_of(role), resource=trust).allowed


@pytest.mark.parametrize("account", [ACCOUNT, "222222222222"])
@pytest.mark.parametrize("kind", BOOTSTRAP_ROLES)
def test_the_named_bootstrap_roles_are_reached(account: str, kind: str) -> None:
    """CDK may assume each bootstrap role of the named qualifier, account and Region."""
    assert _may_assume(f"arn:aws:iam::{account}:role/cdk-shop-{kind}-role-{account}-eu-west-1")


@pytest.mark.parametrize(
    "role",
    [
        f"{ACCOUNT}:role/cdk-shop-cfn-exec-role-{ACCOUNT}-eu-west-1",
        f"{ACCOUNT}:role/cdk-hnb659fds-deploy-role-{ACCOUNT}-eu-west-1",
        f"{ACCOUNT}:role/cdk-shop-deploy-role-{ACCOUNT}-us-east-1",
        f"{ACCOUNT}:role/cdk-shop-deploy-role-{ACCOUNT}-eu-west-12",
        "333333333333:role/cdk-shop-deploy-role-333333333333-eu-west-1",
        f"{ACCOUNT}:role/path/cdk-shop-deploy-role-{ACCOUNT}-eu-west-1",
        f"{ACCOUNT}:role/admin",
    ],
)
def test_no_other_role_is_reached(role: str) -> None:
    """The execution role, other qualifiers, Regions, accounts and roles are out of reach, though they trust us."""
    assert not _may_assume(f"arn:aws:iam::{role}")


@pytest.mark.parametrize("action", ["cloudformation:CreateStack", "iam:PassRole", "s3:GetObject", "sts:TagSession"])
def test_the_role_itself_may_do_nothing_else(action: str) -> None:
    """Whatever is deployed is the bootstrap roles' work."""
    template = synthesize(
        lambda stack: GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"], deploy=DEPLOYMENT)
    )
    policies = _read(template)
    (logical_id,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=IamRole(policies.arn_of(logical_id)),
        action=action,
        resource=f"arn:aws:iam::{ACCOUNT}:role/cdk-shop-deploy-role-{ACCOUNT}-eu-west-1",
    )
    assert not evaluate(request, identity=policies.identity_of(logical_id)).allowed


def test_grants_land_in_a_managed_policy() -> None:
    """What is granted to the construct the role may do, and no inline policy is made."""

    def build(stack: Stack) -> None:
        role = GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"])
        key = kms.Key(stack, "Key")
        s3.Bucket(stack, "Reports", bucket_name="acme-reports", encryption_key=key).grant_put(role)
        key.grant_encrypt(role)

    template = synthesize(build)
    policies = _read(template)
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action="s3:PutObject",
        resource="arn:aws:s3:::acme-reports/coverage.xml",
        resource_account=ACCOUNT,
    )
    assert evaluate(request, identity=policies.identity_of(role)).allowed
    assert (len(resources(template, "AWS::IAM::Policy")), len(resources(template, "AWS::IAM::ManagedPolicy"))) == (0, 1)


def test_many_environments_are_all_reached() -> None:
    """Environments that no single managed policy could name are spread over several, and none is lost."""
    accounts = [f"{number:012d}" for number in range(1, 31)]
    deployment = CdkDeployment(qualifier="shop", accounts=accounts, regions=["eu-west-1", "us-east-1"])
    stack = new_stack()
    role = GitHubActionsRole(stack, "Deploy", repository="acme/shop", branches=["main"], deploy=deployment)
    template = template_of(stack)
    policies = _read(template)
    (logical_id,) = resources(template, "AWS::IAM::Role")
    documents = policies.identity_of(logical_id)
    reached = [
        arn for document in documents for statement in _statements(document) for arn in _as_list(statement["Resource"])
    ]
    assert len(documents) == len(role.deploy_policies) > 1
    assert sorted(reached) == sorted(deployment.role_arns("aws"))


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(document["Statement"])


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
