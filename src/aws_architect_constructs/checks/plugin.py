"""The validation plugin that reviews every template of an app at synthesis."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import jsii
from aws_cdk import IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport

from aws_architect_constructs.checks.adapter import (
    declared_environment,
    default_vpc_ids,
    package_version,
    templates_of,
    violation,
)
from aws_architect_constructs.checks.review import environment_named, environment_of, review, selected
from aws_architect_constructs.checks.rule import Context, Environment, Severity
from aws_architect_constructs.checks.templates import Template

NAME: Final = "WellArchitectedChecks"


@jsii.implements(IPolicyValidationPlugin)
class WellArchitectedChecks:
    """Reviews every template of an app, of this library or not, and says what is wrong, why, how to fix it and where.

    One statement registers it::

        Validations.of(app).add_plugins(WellArchitectedChecks())

    Errors fail the synthesis, advice is printed. A finding that is right to stay is acknowledged where it stands, with
    a reason, and the report keeps both: `validation-report.json` in the assembly has open findings under `violations`
    and acknowledged ones under `suppressedViolations`::

        Validations.of(bucket).acknowledge(
            Acknowledgment(id="WellArchitectedChecks::PublicBucket", reason="The site is meant for everybody.")
        )

    The rules are listed in docs/checks/index.md; they complement cdk-nag and do not repeat it. Nothing of it is
    deployed, and it needs no credentials.

    Args:
        environment_type: The environment of every stack of the app: DEV, STAGING, PROD or SHARED, as text or as
            `EnvironmentType`. By default each stack has its own: the first of `environments` that matches; what its
            template's `Metadata` says under `aws-architect-constructs:environment-type`; what
            `EnvironmentType.apply_to` or cdk.json declares; else PROD. Some rules are only asked in production, and
            some are advice elsewhere.
        environments: Environments by pattern of the stack's construct path, such as `{"*-dev": "DEV"}`; the first
            that matches counts.
        pillars: Only rules that serve one of these pillars of the Well-Architected Framework; all by default.
        rules: Only these rules, by id; all by default.
        excluded_rules: Not these rules, by id.
        required_tags: The tags that every resource which takes tags must have; none by default, and then the rule
            MissingTags is silent. `RequiredTags.KEYS` are those that `RequiredTags` applies.
        management_account: The organization's management account; without it ManagementAccountWorkload is silent.

    Raises:
        ValueError: If there is no such environment, pillar or rule.
    """

    def __init__(
        self,
        *,
        environment_type: str | None = None,
        environments: Mapping[str, str] | None = None,
        pillars: Iterable[str] | None = None,
        rules: Iterable[str] | None = None,
        excluded_rules: Iterable[str] = (),
        required_tags: Iterable[str] = (),
        management_account: str | None = None,
    ) -> None:
        if isinstance(required_tags, str):
            raise ValueError(f"required_tags: not a list, got {required_tags!r}; allowed: a list or tuple")
        self._environment_type = (
            None if environment_type is None else environment_named(environment_type, "environment_type")
        )
        self._environments = {
            pattern: environment_named(name, f"environments[{pattern!r}]")
            for pattern, name in (environments or {}).items()
        }
        self._rules = selected(pillars=pillars, rules=rules, excluded_rules=excluded_rules)
        self._context = Context(required_tags=tuple(required_tags), management_account=management_account)

    @property
    def name(self) -> str:
        """What acknowledgements begin with."""
        return NAME

    @property
    def version(self) -> str:
        """This package's version."""
        return package_version()

    @property
    def rule_ids(self) -> list[str]:
        """The rules that are asked."""
        return [rule.id for rule in self._rules]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Review the finished templates; called by the CDK."""
        root = context.app_construct

        @cache
        def environment(template: Template) -> Environment:
            return environment_of(
                template,
                environment_type=self._environment_type,
                environments=self._environments,
                declared=lambda stack: declared_environment(root, stack.name),
            )

        told = replace(self._context, default_vpc_ids=default_vpc_ids(root))
        found = list(review(templates_of(context), rules=self._rules, environment=environment, context=told))
        return PolicyValidationPluginReport(
            # CDK asks the severities again once something is acknowledged; a report of advice alone must succeed.
            success=all(item.severity is not Severity.ERROR for item in found),
            violations=[
                violation(
                    rule=item.rule.id,
                    description=f"{item.rule.title}: {item.finding.detail}.",
                    fix=f"{item.rule.fix} See {item.rule.reference}",
                    severity=item.severity,
                    template=item.template,
                    logical_id=item.finding.logical_id,
                    location=item.finding.location,
                    metadata={
                        "pillar": item.rule.pillar,
                        "rationale": item.rule.rationale,
                        "reference": item.rule.reference,
                        "environment": item.environment,
                    },
                )
                for item in found
            ],
        )
