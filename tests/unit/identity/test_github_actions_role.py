"""What a `GitHubActionsRole` defines, what it refuses, and what it warns of."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs.identity.github_actions_role import GitHubActionsRole
from aws_architect_constructs.identity.github_deployment import CdkDeployment
from aws_architect_constructs.identity.github_oidc_provider import GitHubOidcProvider
from aws_architect_constructs.identity.github_subjects import GitHubRepository
from aws_architect_constructs.identity.github_trust import GITHUB_ISSUER
from support.synthesis import ENV, new_app, new_stack, properties, resources, synthesize, template_of, warnings_of

IDS: dict[str, Any] = {"owner_id": 9919, "repository_id": 1296269}
DEPLOYMENT = CdkDeployment(qualifier="shop", accounts=["111111111111"], regions=["eu-west-1"])


def _role(stack: Construct, id: str = "Deploy", **arguments: Any) -> GitHubActionsRole:
    return GitHubActionsRole(stack, id, **{"repository": "acme/shop", "branches": ["main"], **IDS, **arguments})


def test_the_provider_is_cloudformations_own() -> None:
    """The provider is GitHub's issuer with one audience, without thumbprints and without a Lambda function."""
    template = synthesize(_role)
    assert properties(template, "AWS::IAM::OIDCProvider") == [
        {"Url": f"https://{GITHUB_ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}
    ]
    assert sorted({resource["Type"] for resource in template["Resources"].values()}) == [
        "AWS::IAM::OIDCProvider",
        "AWS::IAM::Role",
    ]


def test_the_provider_outlives_its_stack() -> None:
    """Roles of other stacks trust the provider, so it stays; a first deployment that fails leaves none behind."""
    (provider,) = resources(synthesize(_role), "AWS::IAM::OIDCProvider").values()
    assert provider["DeletionPolicy"] == "RetainExceptOnCreate"


def test_a_stack_has_one_provider() -> None:
    """Roles of a stack share its provider."""
    stack = new_stack()
    assert _role(stack, "One").provider is _role(stack, "Two").provider


def test_each_issuer_has_its_own_provider() -> None:
    """An enterprise's issuer is another provider than GitHub's."""
    stack = new_stack()
    _role(stack, "One")
    _role(stack, "Two", enterprise_issuer="octo")
    urls = [provider["Url"] for provider in properties(template_of(stack), "AWS::IAM::OIDCProvider")]
    assert urls == [f"https://{GITHUB_ISSUER}", f"https://{GITHUB_ISSUER}/octo"]


def test_a_nested_stack_shares_its_parents_provider() -> None:
    """A nested stack is in the same account: a second provider would fail to deploy."""
    stack = new_stack()
    assert _role(NestedStack(stack, "Nested")).provider is _role(stack).provider


def test_a_foreign_child_of_the_name_is_refused() -> None:
    """A construct of the user's under the provider's id is an error that names it, and no half-made role is left."""
    stack = new_stack()
    Construct(stack, "GitHubOidcProvider")
    with pytest.raises(ValueError, match=r"Stack/GitHubOidcProvider: .*got a Construct; allowed: .*provider="):
        _role(stack)
    assert stack.node.try_find_child("Deploy") is None


def test_a_second_stack_of_the_account_must_not_make_another() -> None:
    """IAM refuses a second provider of the issuer: the error names the stack that makes the first, and the way out."""
    app = new_app()
    _role(new_stack(app=app, name="One"))
    with pytest.raises(ValueError, match=r"Two: an account has one GitHub provider.*stack One makes it; .*provider="):
        _role(new_stack(app=app, name="Two"))


def test_a_second_stack_in_a_stage_is_found_too() -> None:
    """Stages of one account share the account's provider."""
    app = new_app()
    Construct(app, "Neither")
    _role(new_stack(app=app, name="One"))
    with pytest.raises(ValueError, match=r"an account has one GitHub provider"):
        _role(Stack(Stage(app, "Prod"), "Two", env=ENV))


def test_a_provider_in_a_stage_is_found_from_outside() -> None:
    """A stack looks into the app's stages too."""
    app = new_app()
    _role(Stack(Stage(app, "First", env=ENV), "One"))
    with pytest.raises(ValueError, match=r"where the stack First/One makes it"):
        _role(new_stack(app=app, name="Two"))


@pytest.mark.parametrize("env", [Environment(account="222222222222", region="eu-west-1"), None])
def test_another_account_has_its_own(env: Environment | None) -> None:
    """A stack of another account, or of one that only the deployment knows, makes its own provider."""
    app = new_app()
    first = _role(new_stack(app=app, name="One"))
    assert _role(new_stack(app=app, name="Two", env=env)).provider is not first.provider


def test_another_stack_takes_the_first_roles_provider() -> None:
    """With `provider=` no other is made."""
    app = new_app()
    first = _role(new_stack(app=app, name="One"))
    two = new_stack(app=app, name="Two")
    _role(two, provider=first.provider)
    assert resources(template_of(two), "AWS::IAM::OIDCProvider") == {}


@pytest.mark.parametrize(("slug", "ending"), [(None, GITHUB_ISSUER), ("octo", f"{GITHUB_ISSUER}/octo")])
def test_the_accounts_provider_is_imported_by_arn(slug: str | None, ending: str) -> None:
    """An imported provider stands in the trust policy by its ARN, and none is made."""

    def build(stack: Stack) -> None:
        provider = GitHubOidcProvider.from_account(stack, "GitHub", enterprise_issuer=slug)
        _role(stack, provider=provider, enterprise_issuer=slug)

    template = synthesize(build)
    (role,) = properties(template, "AWS::IAM::Role")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert "".join(map(str, statement["Principal"]["Federated"].get("Fn::Join", [""])[1])).endswith(
        f":iam::111111111111:oidc-provider/{ending}"
    )
    assert resources(template, "AWS::IAM::OIDCProvider") == {}


def test_an_imported_provider_of_another_issuer_is_refused() -> None:
    """A provider whose ARN is another issuer's would trust tokens that the conditions do not speak of."""
    stack = new_stack()
    arn = "arn:aws:iam::111111111111:oidc-provider/token.example.com"
    provider = iam.OidcProviderNative.from_oidc_provider_arn(stack, "Other", arn)
    with pytest.raises(ValueError, match=rf"the provider is another issuer's, got '{arn}'; allowed: .*{GITHUB_ISSUER}"):
        _role(stack, provider=provider)


def test_another_roles_provider_of_another_issuer_is_refused() -> None:
    """A provider that this library made for an enterprise is not GitHub's own."""
    stack = new_stack()
    provider = _role(stack, "One", enterprise_issuer="octo").provider
    with pytest.raises(ValueError, match=rf"another issuer's, got '{GITHUB_ISSUER}/octo'; allowed: '?{GITHUB_ISSUER}"):
        _role(stack, "Two", provider=provider)


@pytest.mark.parametrize(("duration", "seconds"), [(None, 3600), (Duration.hours(12), 43200)])
def test_a_session_lasts_an_hour_unless_told(duration: Duration | None, seconds: int) -> None:
    """Sessions last at most an hour by default."""
    (role,) = properties(synthesize(lambda stack: _role(stack, max_session_duration=duration)), "AWS::IAM::Role")
    assert role["MaxSessionDuration"] == seconds


@pytest.mark.parametrize("duration", [Duration.minutes(59), Duration.hours(13)])
def test_a_session_is_1_to_12_hours(duration: Duration) -> None:
    """A session that IAM does not take is refused."""
    with pytest.raises(
        ValueError, match=r"max_session_duration is none that IAM takes, got .*; allowed: 1 to 12 hours"
    ):
        _role(new_stack(), max_session_duration=duration)


def test_a_later_duration_is_refused() -> None:
    """A duration that only the deployment knows is an error that says so, not a crash."""
    stack = new_stack()
    seconds = CfnParameter(stack, "Seconds", type="Number", default=3600)
    with pytest.raises(ValueError, match=r"Stack/Deploy: max_session_duration .*got .*; allowed: .*known now"):
        _role(stack, max_session_duration=Duration.seconds(seconds.value_as_number))


def test_a_boundary_caps_the_role() -> None:
    """The permissions boundary is the role's."""

    def build(stack: Stack) -> None:
        arn = "arn:aws:iam::111111111111:policy/boundary"
        _role(stack, permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", arn))

    (role,) = properties(synthesize(build), "AWS::IAM::Role")
    assert role["PermissionsBoundary"] == "arn:aws:iam::111111111111:policy/boundary"


def test_pull_requests_never_deploy() -> None:
    """Whoever can open a pull request would deploy: refused, and nothing is left in the tree."""
    stack = new_stack()
    with pytest.raises(
        ValueError, match=r"Stack/Deploy: a pull request must not deploy.*allowed: deploy= with branches"
    ):
        _role(stack, pull_requests=True, deploy=DEPLOYMENT)
    assert stack.node.children == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"repository": "acme"}, "the repository is not named by its owner"),
        ({"repository": "acme/*"}, "the repository is not named by its owner"),
        ({"repository": []}, "the repositories are none"),
        ({"repository": ["acme/shop", "acme/shop"]}, "one of them twice"),
        ({"branches": ["*"]}, "branches holds no name"),
        ({"branches": []}, "no job is named"),
        ({"branches": None}, "no job is named"),
        ({"tags": ["v*"]}, "tags holds no name"),
        ({"environments": ["*"]}, "environments holds no name"),
        ({"enterprise_issuer": "*"}, "the enterprise issuer is no slug"),
        ({"workflow": "*"}, "the workflow is no workflow file"),
        ({"owner_id": 1}, "is missing"),
        ({"repository": ["acme/shop", "acme/cart"], **IDS}, "are those of one repository"),
        ({"repository": GitHubRepository(name="acme/shop"), **IDS}, "are those of one repository"),
        ({"branches": [f"branch-{number}" for number in range(90)]}, "the trust policy would be too long"),
    ],
)
def test_a_wrong_argument_is_refused_before_the_tree_changes(arguments: dict[str, Any], problem: str) -> None:
    """A wrong argument is a ValueError that names the place, and leaves neither role nor provider behind."""
    stack = new_stack()
    with pytest.raises(ValueError, match=rf"^Stack/Deploy: .*{problem}.*got .*; allowed: "):
        GitHubActionsRole(stack, "Deploy", **{"repository": "acme/shop", "branches": ["main"], **arguments})
    assert stack.node.children == []


def _names(build: Callable[[Stack], object]) -> list[str]:
    stack = new_stack()
    build(stack)
    known = ("ClassicGitHubSubject", "UnpinnedGitHubEnvironment", "LongTrustPolicy")
    return [name for name in known for text in warnings_of(stack) if name in text]


def test_without_ids_the_classic_subject_is_warned_of() -> None:
    """Without ids the warning names the repository that has none."""
    stack = new_stack()
    repositories: list[str | GitHubRepository] = [GitHubRepository(name="acme/shop", **IDS), "acme/cart"]
    GitHubActionsRole(stack, "Deploy", repository=repositories, branches=["main"])
    (warning,) = warnings_of(stack)
    assert "ClassicGitHubSubject" in warning
    assert "acme/cart" in warning
    assert "acme/shop" not in warning


def test_with_ids_nothing_is_warned_of() -> None:
    """The good use is silent: with ids, a branch, and a deployment."""
    assert _names(lambda stack: _role(stack, deploy=DEPLOYMENT)) == []


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ({"deploy": DEPLOYMENT}, ["UnpinnedGitHubEnvironment"]),
        ({"deploy": DEPLOYMENT, "environment_branches": ["main"]}, []),
        ({}, []),
    ],
)
def test_an_environment_that_deploys_is_pinned_or_warned_of(arguments: dict[str, Any], warned: list[str]) -> None:
    """A pull request's job may name an environment: one that deploys, bound to no branch, is warned of."""
    assert _names(lambda stack: _role(stack, branches=None, environments=["production"], **arguments)) == warned


def test_a_long_trust_policy_is_warned_of() -> None:
    """A trust policy beyond IAM's default quota is named before the deployment fails on it."""
    branches = [f"branch-{number}" for number in range(25)]
    assert _names(lambda stack: _role(stack, branches=branches)) == ["LongTrustPolicy"]


def test_no_policy_is_made_until_something_is_granted() -> None:
    """A role that nobody granted anything has no policy, and one that was has one."""
    stack = new_stack()
    role = _role(stack)
    assert role.node.try_find_child("Policy") is None
    iam.Grant.add_to_principal(grantee=role, actions=["s3:ListAllMyBuckets"], resource_arns=["*"])
    iam.Grant.add_to_principal(grantee=role, actions=["ec2:DescribeRegions"], resource_arns=["*"])
    (policy,) = properties(template_of(stack), "AWS::IAM::ManagedPolicy")
    assert policy["PolicyDocument"]["Statement"][0]["Action"] == ["ec2:DescribeRegions", "s3:ListAllMyBuckets"]


def test_the_partition_is_the_stacks() -> None:
    """In China the bootstrap roles are those of aws-cn."""
    env = Environment(account="111111111111", region="cn-north-1")
    deploy = CdkDeployment(qualifier="shop", accounts=["111111111111"], regions=["cn-north-1"])
    template = synthesize(lambda stack: _role(stack, deploy=deploy), env=env)
    assert "arn:aws:" not in str(template)
    agnostic = synthesize(lambda stack: _role(stack, deploy=deploy), env=None)
    assert "arn:aws:" not in str(agnostic["Resources"])
