"""What a rule is: its metadata, and the pure function that looks at one template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from aws_architect_constructs.checks.templates import Template


class Pillar(StrEnum):
    """A pillar of the Well-Architected Framework."""

    OPERATIONAL_EXCELLENCE = "Operational Excellence"
    SECURITY = "Security"
    RELIABILITY = "Reliability"
    PERFORMANCE_EFFICIENCY = "Performance Efficiency"
    COST_OPTIMIZATION = "Cost Optimization"
    SUSTAINABILITY = "Sustainability"


class Severity(StrEnum):
    """What a finding does: an error fails the synthesis until it is fixed or acknowledged, advice is printed."""

    ERROR = "error"
    ADVICE = "info"


class Environment(StrEnum):
    """The kind of environment that a stack is part of: the texts of `EnvironmentType`, which is accepted too."""

    DEV = "DEV"
    STAGING = "STAGING"
    PROD = "PROD"
    SHARED = "SHARED"

    @property
    def is_production(self) -> bool:
        """Whether people depend on it: PROD, and SHARED, which serves PROD too."""
        return self in {Environment.PROD, Environment.SHARED}


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a rule knows beside the template.

    Attributes:
        environment: The stack's environment.
        required_tags: The tags that every resource which takes tags must have.
        management_account: The organization's management account.
        default_vpc_ids: Default VPCs that the app looked up, and their subnets.
        templates: Every template of the app, the one under review included.
    """

    environment: Environment = Environment.PROD
    required_tags: tuple[str, ...] = ()
    management_account: str | None = None
    default_vpc_ids: frozenset[str] = frozenset()
    templates: tuple[Template, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found.

    Attributes:
        logical_id: The resource; None if it is about the whole stack.
        detail: What is wrong there, as a sentence without its full stop.
        location: The property, such as `Properties.Timeout`.
    """

    logical_id: str | None
    detail: str
    location: str = ""


Check: TypeAlias = Callable[[Template, Context], Iterable[Finding]]
"""A rule's function: it reads one template and says what it found, in the template's order."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; the documentation's table and pages are made of these fields.

    Attributes:
        id: Its public name: `WellArchitectedChecks::<id>` acknowledges it.
        title: What it demands, in a line.
        pillar: The pillar that it serves.
        severity: What it does in PROD and SHARED.
        elsewhere: What it does in DEV and STAGING; None means that it is not asked there.
        rationale: Why it matters.
        fix: How to mend a finding.
        reference: AWS's page behind it.
        limits: What it does not see.
        check: The function.
    """

    id: str
    title: str
    pillar: Pillar
    severity: Severity
    elsewhere: Severity | None
    rationale: str
    fix: str
    reference: str
    limits: str = ""
    check: Check

    def severity_in(self, environment: Environment) -> Severity | None:
        """What the rule does in an environment; None means that it is not asked."""
        return self.severity if environment.is_production else self.elsewhere
