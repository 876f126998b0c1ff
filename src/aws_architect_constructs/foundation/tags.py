"""The tags that an organization asks every resource for, put on everything below a scope at once."""

import re
from enum import StrEnum
from typing import ClassVar, Final

from aws_cdk import Tags
from constructs import Construct

from aws_architect_constructs._validations import choice, is_concrete
from aws_architect_constructs.foundation.environment import EnvironmentType

# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_LONGEST_VALUE: Final = 256
_VALUE: Final = re.compile(r"[\w\s.:/=+\-@]+")


class DataClassification(StrEnum):
    """How much it hurts if data gets out."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    CONFIDENTIAL = "CONFIDENTIAL"
    RESTRICTED = "RESTRICTED"


class RequiredTags:
    """Puts the tags that everything must have on a scope and all below it.

    Apply it once, on the app or a stage::

        RequiredTags.of(app).apply(
            owner="payments@example.com",
            cost_center="4711",
            application="checkout",
            data_classification="CONFIDENTIAL",
        )

    The keys are `owner`, `cost-center`, `application`, `data-classification` and `environment`; AWS's guide recommends
    lower case with hyphens, because keys differ by case
    (https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html). A stack or a
    construct below may overrule one by applying its own. Stacks are tagged too, under every feature flag, so that
    CloudFormation tags what CDK does not. `WellArchitectedChecks(required_tags=RequiredTags.KEYS)`
    holds every resource that takes tags to them. Tags show in bills once they are activated as cost allocation tags
    in the management account. Fixed monthly cost: none. Pillars: Cost Optimization, Operational Excellence.

    Args:
        scope: Where to begin.
    """

    KEYS: ClassVar[tuple[str, ...]] = ("owner", "cost-center", "application", "data-classification", "environment")
    """The keys that `apply` sets."""

    def __init__(self, scope: Construct) -> None:
        self._scope = scope

    @classmethod
    def of(cls, scope: Construct) -> "RequiredTags":
        """The tags of a scope and everything below it."""
        return cls(scope)

    def apply(
        self,
        *,
        owner: str,
        cost_center: str,
        application: str,
        data_classification: DataClassification | str,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        """Tag the scope and everything below it that takes tags.

        Args:
            owner: Who answers for it: a team's address rather than a person's.
            cost_center: Who pays for it.
            application: What it is a part of.
            data_classification: What the most delicate of its data is.
            environment_type: The environment; None means what the scope declares, else PROD.

        Raises:
            ValueError: If a value is none that a tag may have, or there is no such classification.
        """
        place = self._scope.node.path or "App"
        try:
            classification = choice("data_classification", DataClassification, data_classification)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        environment = environment_type or EnvironmentType.of(self._scope)
        values = (owner, cost_center, application, classification.value, environment.value)
        for key, value in zip(self.KEYS, values, strict=True):
            _check(place, key, value)
        for key, value in zip(self.KEYS, values, strict=True):
            Tags.of(self._scope).add(key, value)
            # CloudFormation hands a stack's tags on to what CDK itself does not tag: its providers' functions, or
            # whatever a macro makes. Under the flag explicitStackTags a stack is tagged only if it is named so.
            Tags.of(self._scope).add(key, value, include_resource_types=["aws:cdk:stack"])


def _check(place: str, key: str, value: object) -> None:
    """Refuse what no service would take for a tag's value.

    Raises:
        ValueError: If it is no text, empty, too long, or has characters that tags cannot have.
    """
    if not isinstance(value, str):
        raise ValueError(f"{place}: the tag {key} must be text, got {value!r}; allowed: 1 to 256 characters")
    if is_concrete(value) and (len(value) > _LONGEST_VALUE or not value.strip() or not _VALUE.fullmatch(value)):
        raise ValueError(
            f"{place}: the tag {key} cannot have this value, got {value!r}; "
            "allowed: 1 to 256 letters, digits, spaces and . : / = + - @ _"
        )
