"""Run the rules over the templates of an app."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from aws_architect_constructs.checks.rule import Context, Environment, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.rules import RULES
from aws_architect_constructs.checks.rules.unreadable_template import RULE as UNREADABLE
from aws_architect_constructs.checks.templates import Template

ENVIRONMENT_KEY: Final = "aws-architect-constructs:environment-type"
"""What declares a stack's environment, as a context key or in the template's `Metadata`."""


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """A finding with the rule and the template that it is of.

    Attributes:
        rule: The rule.
        severity: What it does in the stack's environment.
        environment: The stack's environment.
        template: The template.
        finding: What was found.
    """

    rule: Rule
    severity: Severity
    environment: Environment
    template: Template
    finding: Finding


def selected(
    *,
    pillars: Iterable[str] | None = None,
    rules: Iterable[str] | None = None,
    excluded_rules: Iterable[str] = (),
) -> tuple[Rule, ...]:
    """The rules that are asked for.

    Args:
        pillars: Only those that serve one of these pillars.
        rules: Only these.
        excluded_rules: Not these.

    Raises:
        ValueError: If there is no such pillar or rule.
    """
    ids = tuple(rule.id for rule in RULES)
    chosen = _known("pillars", pillars, tuple(Pillar))
    named, left_out = _known("rules", rules, ids), _known("excluded_rules", excluded_rules, ids)
    return tuple(
        rule
        for rule in RULES
        if (chosen is None or rule.pillar in chosen)
        and (named is None or rule.id in named)
        and rule.id not in (left_out or ())
    )


def _known(argument: str, values: Iterable[str] | None, allowed: tuple[str, ...]) -> tuple[str, ...] | None:
    if values is None:
        return None
    if isinstance(values, str):
        raise ValueError(f"{argument}: not a list, got {values!r}; allowed: a list or tuple")
    found = tuple(str(value) for value in values)
    for value in found:
        if value not in allowed:
            raise ValueError(f"{argument}: no such name, got {value!r}; allowed: {', '.join(allowed)}")
    return found


def environment_named(value: object, argument: str) -> Environment:
    """Read the name of an environment.

    Raises:
        ValueError: If there is no such environment.
    """
    try:
        return Environment(str(value).upper())
    except ValueError:
        raise ValueError(f"{argument}: no such environment, got {value!r}; allowed: {', '.join(Environment)}") from None


def environment_of(
    template: Template,
    *,
    environment_type: Environment | None = None,
    environments: Mapping[str, Environment] | None = None,
    declared: Callable[[Template], object] = lambda _: None,
) -> Environment:
    """The environment that a stack is part of.

    In this order: what is said for all of the app; the first pattern that the stack's name matches; the template's
    own `Metadata`; what `declared` knows; PROD. A nested stack is part of its parent's.

    Args:
        template: The template.
        environment_type: What is said for all of the app.
        environments: Environments by pattern of the stack's construct path, such as `{"Dev/*": Environment.DEV}`.
        declared: What else declares it, such as the construct tree.
    """
    root = template
    while root.parent is not None:
        root = root.parent
    if environment_type is not None:
        return environment_type
    for pattern, environment in (environments or {}).items():
        if fnmatchcase(root.name, pattern):
            return environment
    for value in (root.section("Metadata").get(ENVIRONMENT_KEY), declared(root)):
        if value is not None:
            try:
                return environment_named(value, ENVIRONMENT_KEY)
            except ValueError:
                return Environment.PROD
    return Environment.PROD


def review(
    templates: Iterable[Template],
    *,
    rules: Iterable[Rule] = RULES,
    environment: Callable[[Template], Environment] = environment_of,
    context: Context | None = None,
) -> Iterator[Reviewed]:
    """Run rules over templates.

    A rule that stumbles over a template is reported as a template that cannot be read: the review goes on.

    Args:
        templates: All templates of the app.
        rules: The rules to run.
        environment: What gives a template's environment.
        context: What else the rules are told; its environment and templates are filled in.
    """
    everything = tuple(templates)
    for template in everything:
        where = environment(template)
        told = replace(context or Context(), environment=where, templates=everything)
        for rule in rules:
            severity = rule.severity_in(where)
            if severity is not None:
                for asked, finding in _findings(rule, template, told):
                    yield Reviewed(
                        rule=asked,
                        severity=UNREADABLE.severity if asked is UNREADABLE else severity,
                        environment=where,
                        template=template,
                        finding=finding,
                    )


def _findings(rule: Rule, template: Template, context: Context) -> list[tuple[Rule, Finding]]:
    try:
        return [(rule, finding) for finding in rule.check(template, context)]
    except Exception as error:  # noqa: BLE001 - whatever a template holds, a review must not end in a traceback
        detail = f"the rule {rule.id} cannot read it ({type(error).__name__}: {error})"
        return [(UNREADABLE, Finding(None, detail))]
