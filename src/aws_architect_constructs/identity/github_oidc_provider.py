"""The account's one OIDC provider for GitHub Actions."""

from collections.abc import Iterator
from typing import Final

from aws_cdk import RemovalPolicy, Stack, Stage
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from aws_architect_constructs._validations import is_concrete

from .github_trust import AUDIENCE, issuer_of

_ID: Final = "GitHubOidcProvider"


class GitHubOidcProvider(Construct):
    """GitHub Actions as an identity provider of the account, without a Lambda function and without thumbprints.

    An account has one provider for an issuer, whatever the Region. The first role of a stack makes it, its other roles
    share it, and roles of other stacks take `first.provider` or import it::

        provider = GitHubOidcProvider.from_account(stack, "GitHub")

    The provider stays when its stack goes: roles of other stacks trust it. Cost: none.

    Well-Architected: security (SEC02, temporary credentials).

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html.

    Args:
        scope: The stack, or a construct in it.
        id: The construct's id.
        issuer: The issuer's URL without its scheme.

    Attributes:
        provider: The provider.
        issuer: The issuer's URL without its scheme.
    """

    def __init__(self, scope: Construct, id: str, *, issuer: str) -> None:
        super().__init__(scope, id)
        self.issuer: Final = issuer
        self.provider: Final = iam.OidcProviderNative(
            self,
            "Resource",
            url=f"https://{issuer}",
            client_ids=[AUDIENCE],
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,  # a failed first deployment leaves none behind
        )

    @classmethod
    def of(cls, scope: Construct, issuer: str) -> "GitHubOidcProvider":
        """The provider of the stack that `scope` is in, made if there is none yet; nested stacks share their parent's.

        Args:
            scope: Any construct of the stack.
            issuer: The issuer's URL without its scheme.

        Raises:
            ValueError: If another stack of the app makes the account's provider already, or the stack has a child of
                another kind by the provider's name.
        """
        stack = Stack.of(scope)
        while stack.nested_stack_parent is not None:
            stack = stack.nested_stack_parent
        child_id = _ID + issuer.partition("/")[2]
        child = stack.node.try_find_child(child_id)
        if child is None:
            _refuse_second(stack, child_id)
            return cls(stack, child_id, issuer=issuer)
        if not isinstance(child, cls):
            raise ValueError(
                f"{child.node.path}: the id {child_id!r} is kept for the stack's GitHub provider, got a "
                f"{type(child).__name__}; allowed: another id for it, or provider="
            )
        return child

    @staticmethod
    def from_account(scope: Construct, id: str, *, enterprise_issuer: str | None = None) -> iam.IOidcProvider:
        """Import the provider that the account of `scope` has already.

        Args:
            scope: Where the import stands.
            id: Its id there.
            enterprise_issuer: Slug of an enterprise with an issuer of its own. Default None: GitHub's.

        Raises:
            ValueError: If the enterprise issuer is no slug.
        """
        stack = Stack.of(scope)
        arn = f"arn:{stack.partition}:iam::{stack.account}:oidc-provider/{issuer_of(enterprise_issuer)}"
        return iam.OidcProviderNative.from_oidc_provider_arn(scope, id, arn)


def _stacks(scope: IConstruct) -> Iterator[Stack]:
    """The stacks of the app, without a walk through all that is in them."""
    for child in scope.node.children:
        if isinstance(child, Stack):
            yield child
        elif isinstance(child, Stage):
            yield from _stacks(child)


def _refuse_second(stack: Stack, child_id: str) -> None:
    """IAM refuses a second provider of an issuer: say so now, and not while the second stack is deployed."""
    for other in _stacks(stack.node.root):
        same = is_concrete(stack.account) and other.account == stack.account
        if same and isinstance(other.node.try_find_child(child_id), GitHubOidcProvider):
            raise ValueError(
                f"{stack.node.path}: an account has one GitHub provider, got a second for account {stack.account}, "
                f"where the stack {other.node.path} makes it; allowed: provider=, with the first role's provider or "
                "GitHubOidcProvider.from_account"
            )
