"""Whole events are not logged: they hold what people sent."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.functions import functions
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import is_true

_SWITCH: Final = ("Environment", "Variables", "POWERTOOLS_LOGGER_LOG_EVENT")
# The event itself, or all of it as a text; its length or its keys are no personal data.
_PRINTS_EVENT: Final = re.compile(
    r"(?:print|console\.(?:log|info|debug|error|warn)|(?i:log(?:ger|ging)?)\.(?:info|debug|warning|error|append_keys))\s*\("
    r"(?:(?:[^()\n]*[^\w()\n])?(?:dumps|stringify|inspect|pformat|format|str|repr|dict)\(\s*|[^()\n]*[,+%{]\s*|\s*)"
    r"event\s*(?:![rsa]|=)?\s*(?:[,)}]|$)|log_event\s*=\s*True|logEvent\s*:\s*true",
    re.MULTILINE,
)

_MACHINES: Final = {
    "AWS::StepFunctions::StateMachine": "LoggingConfiguration",
    "AWS::Serverless::StateMachine": "Logging",
}


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at Powertools' switch, inline code, data traces of APIs and execution data of state machines."""
    yield from _functions(template)
    for stage in template.of_type("AWS::ApiGateway::Stage", "AWS::Serverless::Api"):
        for item in stage.items("MethodSettings"):
            traced = item.get("DataTraceEnabled") if isinstance(item, dict) else None
            if any(is_true(outcome) for outcome in template.values.outcomes(traced)):
                yield Finding(stage.logical_id, "the API logs whole requests", "Properties.MethodSettings")
                break
    for stage in template.of_type("AWS::ApiGatewayV2::Stage"):
        if stage.may(is_true, "DefaultRouteSettings", "DataTraceEnabled"):
            yield Finding(stage.logical_id, "the API logs whole requests", "Properties.DefaultRouteSettings")
    for kind, name in _MACHINES.items():
        for machine in template.of_type(kind):
            data = machine.may(is_true, name, "IncludeExecutionData")
            if data and machine.may(lambda value: value == "ALL", name, "Level"):
                detail = "the state machine logs the data of every execution"
                yield Finding(machine.logical_id, detail, f"Properties.{name}")


def _functions(template: Template) -> Iterator[Finding]:
    for function in functions(template):
        if function.may(lambda value: is_true(value) or str(value) == "1", *_SWITCH):
            yield Finding(function.logical_id, "Powertools logs every event", ".".join(("Properties", *_SWITCH)))
        for path in (("Code", "ZipFile"), ("InlineCode",)):
            for code in function.outcomes(*path):
                if isinstance(code, str) and _PRINTS_EVENT.search(code):
                    yield Finding(function.logical_id, "the code logs the whole event", ".".join(("Properties", *path)))


RULE: Final = Rule(
    id="EventLogging",
    title="Whole events are not logged",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale=(
        "An event of an API holds addresses, tokens and whatever people typed. In a log everybody who debugs reads it; "
        "it is kept as long as the log, and has to be found again when somebody asks to be forgotten."
    ),
    fix="Log the fields that help: an id, a length, an outcome. Leave `POWERTOOLS_LOGGER_LOG_EVENT` off in production.",
    reference="https://docs.aws.amazon.com/powertools/python/latest/core/logger/#logging-incoming-event",
    limits="Code in assets is not read.",
    check=check,
)
