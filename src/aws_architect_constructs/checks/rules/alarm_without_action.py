"""An alarm does something when it goes off."""

import re
from collections.abc import Iterator
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import is_false

_ALARMS: Final = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
# What shows an alarm, or may read or mute it, does nothing when it goes off.
_ONLOOKERS: Final = ("AWS::CloudWatch::Dashboard", "AWS::IAM::", "AWS::SSM::Parameter")

# Where a deployment says whether it looks at its alarms.
_SWITCHES: Final = {
    "AWS::CodeDeploy::DeploymentGroup": ("AlarmConfiguration", "Enabled"),
    "AWS::ECS::Service": ("DeploymentConfiguration", "Alarms", "Enable"),
}


def check(template: Template, context: Context) -> Iterator[Finding]:
    """Look at alarms that neither notify nor are looked at by something that acts."""
    templates = context.templates or (template,)
    for alarm in template.of_type(*_ALARMS):
        if alarm.must(is_false, "ActionsEnabled"):
            if not _is_used(templates, alarm):
                yield Finding(alarm.logical_id, "the actions are switched off", "Properties.ActionsEnabled")
        elif not list(alarm.items("AlarmActions")) and not _is_used(templates, alarm):
            yield Finding(alarm.logical_id, "nobody is told when it goes off", "Properties.AlarmActions")


def _is_used(templates: tuple[Template, ...], alarm: Resource) -> bool:
    """Whether a deployment, another alarm, a scaling policy or another stack looks at the alarm."""
    template = alarm.template
    users = template.users.get(alarm.logical_id, ())
    if alarm.logical_id in template.shared or any(map(_acts, users)):
        return True
    # A name that is written out may be named elsewhere: by a composite alarm's rule, or by a deployment.
    name = alarm.text("AlarmName")
    if name is None:
        return False
    named = re.compile(rf"""['"(:]{re.escape(name)}['")]""")
    return any(
        other is not alarm and _acts(other) and named.search(str(other.properties))
        for one in templates
        for other in one.resources.values()
    )


def _acts(user: Resource) -> bool:
    """Whether what names an alarm does something when it goes off: a deployment may have its alarms switched off."""
    if user.type in _SWITCHES and user.must(is_false, *_SWITCHES[user.type]):
        return False
    return not user.type.startswith(_ONLOOKERS)


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
