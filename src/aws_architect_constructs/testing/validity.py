"""Whether CloudFormation would take a template: the findings of two linters, as data.

>>> queue = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySecond": 1}}
>>> for finding in validate_template({"Resources": {"Queue": queue}}):
...     print(finding.severity, finding.rule, finding.path)
FATAL F3002 Resources.Queue.Properties.DelaySecond

`validate_template` asks `cloudformation-validate`, which takes milliseconds once its engine has started;
`lint_template` asks cfn-lint, which is slower and knows more rules. Both work offline. Needs
`aws-architect-constructs[testing]`.
"""

import atexit
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from aws_architect_constructs.testing.templates import SECTIONS, TemplateSource, load_template


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    FATAL = "FATAL"
    """CloudFormation refuses the template."""
    ERROR = "ERROR"
    """The deployment fails, or does not do what is written."""
    WARN = "WARN"
    """Legal and unwise."""
    INFO = "INFO"
    """Good practice."""
    DEBUG = "DEBUG"
    """How the answer was found."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a linter says of a template.

    Attributes:
        rule: The rule's id, such as `F3002`.
        severity: How bad it is.
        path: The place, such as `Resources.Queue.Properties.DelaySeconds`; empty for the template as a whole.
        message: What is wrong.
        logical_id: The resource, parameter, output or other entry that it is about; None for the template as a whole.
    """

    rule: str
    severity: Severity
    path: str
    message: str
    logical_id: str | None = None

    def __str__(self) -> str:
        """One line."""
        return f"{self.severity} {self.rule} at {self.path or 'the template'}: {self.message}"


def validate_template(
    template: TemplateSource,
    *,
    minimum: Severity = Severity.WARN,
    ignore: Collection[str] = (),
    region: str | None = None,
) -> list[Finding]:
    """What `cloudformation-validate` finds in a template, the worst first; empty if it finds nothing.

    Its engine starts once in a process, which takes about half a second.

    Args:
        template: Anything that `load_template` reads.
        minimum: The least severity that counts.
        ignore: Ids of rules that do not count.
        region: What `AWS::Region` means; None means us-east-1, which is the engine's default.

    Raises:
        TemplateError: If the source is no template.
        ImportError: If cloudformation-validate is not installed.
    """
    text = json.dumps(load_template(template, references=False))
    try:
        # An optional dependency with a native library: only who asks loads it.
        import cloudformation_validate as library  # type: ignore[import-untyped] # noqa: PLC0415 - see above; untyped
    except ImportError as error:
        raise ImportError(
            "validate_template needs cloudformation-validate; it comes with aws-architect-constructs[testing]"
        ) from error
    config = library.ValidateConfig(
        detail_level=library.DetailLevel.STANDARD,
        severity_level=library.Severity[minimum.name],
        pseudo_parameter_overrides=library.PseudoParameterOverrides(region=region),
    )
    report = _engine().validate_template(library.TemplateContent(text), config)
    findings = [
        Finding(
            rule=diagnostic.rule_id,
            severity=Severity[diagnostic.severity.name],
            path=_path(diagnostic),
            message=diagnostic.message,
            logical_id=diagnostic.entity.logical_id if diagnostic.entity else None,
        )
        for diagnostic in report.diagnostics
    ]
    if report.status.name == "ANALYSIS_INCOMPLETE":
        # The report is no proof then, and an empty list must be one.
        message = "cloudformation-validate gave up before it had looked at everything"
        findings.append(Finding(rule="ANALYSIS_INCOMPLETE", severity=Severity.ERROR, path="", message=message))
    return _ordered(findings, minimum, ignore)


def lint_template(
    template: TemplateSource,
    *,
    minimum: Severity = Severity.WARN,
    ignore: Collection[str] = (),
    regions: Iterable[str] = ("us-east-1",),
) -> list[Finding]:
    """What cfn-lint finds in a template, the worst first; empty if it finds nothing.

    cfn-lint knows no FATAL: what CloudFormation refuses is an ERROR here. A `.cfnlintrc` in the working directory
    counts, as on its command line.

    Args:
        template: Anything that `load_template` reads.
        minimum: The least severity that counts.
        ignore: Ids of rules that do not count.
        regions: The Regions that the template is for.

    Raises:
        TemplateError: If the source is no template.
        ImportError: If cfn-lint is not installed.
    """
    text = json.dumps(load_template(template, references=False), indent=1)
    try:
        # Half a second to import, and an optional dependency: only who asks pays.
        from cfnlint.api import lint  # type: ignore[import-untyped] # noqa: PLC0415 - see above; cfn-lint is untyped
    except ImportError as error:
        raise ImportError("lint_template needs cfn-lint; it comes with aws-architect-constructs[testing]") from error
    matches = lint(text, config={"regions": list(regions), "include_checks": ["I"]})
    findings = []
    for match in matches:
        path = [str(part) for part in getattr(match, "path", ())]
        findings.append(
            Finding(
                rule=match.rule.id,
                severity=_CFN_LINT[match.rule.severity],
                path=".".join(path),
                message=match.message,
                logical_id=path[1] if len(path) > 1 else None,
            )
        )
    return _ordered(findings, minimum, ignore)


_CFN_LINT: Final = {"error": Severity.ERROR, "warning": Severity.WARN, "informational": Severity.INFO}


@cache
def _engine() -> Any:  # noqa: ANN401 - the library is untyped
    """The one engine of this process: it compiles its rules when it is made."""
    from cloudformation_validate import CelEngine  # noqa: PLC0415 - an optional dependency

    # Left to the end of the interpreter, the engine would be freed after the library that frees it, with a complaint.
    atexit.register(_engine.cache_clear)
    return CelEngine()


def _path(diagnostic: Any) -> str:  # noqa: ANN401 - the same
    """A place from the template's top; the library gives it from there, or from the entry that a finding is about."""
    within = (diagnostic.property_path or "").replace("/", ".")
    entity = diagnostic.entity
    if entity is None or within.split(".")[0] in SECTIONS - {"Metadata"}:
        return within
    top = [f"{entity.entity_type.name.capitalize()}s".replace("Metadatas", "Metadata"), entity.logical_id]
    return ".".join([*top, within] if within else top)


def _ordered(findings: Iterable[Finding], minimum: Severity, ignore: Collection[str]) -> list[Finding]:
    severities = list(Severity)
    counted = {
        finding
        for finding in findings
        if finding.rule not in ignore and severities.index(finding.severity) <= severities.index(minimum)
    }
    return sorted(
        counted,
        key=lambda finding: (severities.index(finding.severity), finding.path, finding.rule, finding.message),
    )
