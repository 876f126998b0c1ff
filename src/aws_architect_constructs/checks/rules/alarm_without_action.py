"""An alarm does something when it goes off."""

from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import is_false

_ALARMS: Final = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at alarms that neither notify nor are looked at by something that acts."""
    for alarm in template.of_type(*_ALARMS):
        if alarm.must(is_false, "ActionsEnabled"):
            if not _is_used(template, alarm):
                yield Finding(alarm.logical_id, "the actions are switched off", "Properties.ActionsEnabled")
        elif alarm.must(lambda value: value is None or value == [], "AlarmActions") and not _is_used(template, alarm):
            yield Finding(alarm.logical_id, "nobody is told when it goes off", "Properties.AlarmActions")


def _is_used(template: Template, alarm: Resource) -> bool:
    """Whether a deployment, another alarm, a scaling policy or another stack looks at the alarm."""
    if alarm.logical_id in template.shared or template.users.get(alarm.logical_id):
        return True
    # A name that is written out may be named elsewhere: by a composite alarm's rule, or by a deployment.
    name = alarm.text("AlarmName")
    return name is not None and any(
        other is not alarm and f"'{name}'" in str(other.properties).replace('"', "'")
        for other in template.resources.values()
    )


RULE: Final = Rule(
    id="AlarmWithoutAction",
    title="Every alarm has an action",
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale="An alarm that nobody hears is found after the incident, in the console, red since days.",
    fix=(
        "Name a topic in `AlarmActions` (and in `OKActions`), or let something use the alarm: a composite alarm, an "
        "ECS or CodeDeploy deployment that rolls back on it, a scaling policy."
    ),
    reference="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    limits="An alarm that an output names counts as used by another stack.",
    check=check,
)
