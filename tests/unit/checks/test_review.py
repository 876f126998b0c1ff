"""The review itself: the library's own templates, the net, the house."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

import aws_architect_constructs
from aws_architect_constructs import EnvironmentType
from aws_architect_constructs.checks.review import ENVIRONMENT_KEY, Reviewed, review
from aws_architect_constructs.checks.rule import Context, Environment, Finding, Severity
from aws_architect_constructs.checks.rules import RULES
from aws_architect_constructs.checks.rules.missing_tags import tag_properties
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.foundation.environment import CONTEXT_KEY
from support.instances import INSTANCES, template_of_instance

CHECKS: Final = Path(aws_architect_constructs.__file__).parent / "checks"

# Advice that the library's own constructs accept, and why.
ACCEPTED_ADVICE: Final = {
    "NonGraviton": "The fullest instances choose x86_64 to try the argument; arm64 is the default of every construct.",
}


def of_instance(name: str) -> list[Reviewed]:
    """What the checks say of a canonical instance, in the environment that it is made for."""
    instance = INSTANCES[name]
    account = "111111111111" if instance.env is not None else None
    template = Template("Stack", content=template_of_instance(name), account=account)
    environment = Environment(instance.environment_type or EnvironmentType.PROD)
    return list(review([template], environment=lambda _: environment))


@pytest.mark.parametrize("name", INSTANCES)
def test_the_library_keeps_its_own_rules(name: str) -> None:
    """No canonical instance of any construct has an error."""
    assert [item.finding for item in of_instance(name) if item.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", INSTANCES)
def test_the_advice_that_the_library_gets_is_accepted(name: str) -> None:
    """What is left is advice that was accepted, with a reason."""
    assert {item.rule.id for item in of_instance(name)} <= set(ACCEPTED_ADVICE)


def test_no_accepted_advice_is_stale() -> None:
    """What no instance gets any more is not accepted any more."""
    assert {item.rule.id for name in INSTANCES for item in of_instance(name)} == set(ACCEPTED_ADVICE)


def test_a_rule_that_stumbles_does_not_end_the_review() -> None:
    """Its exception is a finding about the template, and the other rules still run."""

    def stumble(_template: Template, _context: Context) -> Iterator[Finding]:
        raise RuntimeError("lost")

    broken = replace(RULES[1], id="Broken", check=stumble)
    template = Template("Stack", content={"Resources": {"L": {"Type": "AWS::Logs::LogGroup"}}})
    found = list(review([template], rules=[broken, *RULES]))
    assert [(item.rule.id, item.severity) for item in found] == [
        ("UnreadableTemplate", Severity.ERROR),
        ("LogGroupRetention", Severity.ADVICE),
    ]
    assert found[0].finding.detail == "the rule Broken cannot read it (RuntimeError: lost)"


def test_a_rule_sees_every_template_of_the_app() -> None:
    """A NAT gateway in one stack is judged by the workloads of another."""
    nat = Template("Net", content={"Resources": {"N": {"Type": "AWS::EC2::NatGateway"}}})
    closed = {
        "G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": "v", "SecurityGroupEgress": []}},
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Architectures": ["arm64"], "VpcConfig": {"SecurityGroupIds": [{"Ref": "G"}]}},
        },
    }
    web = Template("Web", content={"Resources": closed})
    assert [item.rule.id for item in review([nat, web])] == ["NatWithoutUse"]
    assert list(review([nat])) == []


def test_environments_are_those_of_the_library() -> None:
    """The checks know no construct, but the same names for the same things."""
    assert [environment.value for environment in Environment] == [environment.value for environment in EnvironmentType]
    assert ENVIRONMENT_KEY == CONTEXT_KEY


@pytest.mark.parametrize("path", sorted(CHECKS.rglob("*.py")), ids=lambda path: str(path.relative_to(CHECKS)))
def test_only_the_doors_know_the_cdk(path: Path) -> None:
    """Rules, prices and reports are plain Python."""
    if path.name not in {"adapter.py", "plugin.py", "fixed_cost.py"}:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (aws_cdk|constructs|jsii)\b", text, re.MULTILINE)


def test_the_rules_load_no_cdk() -> None:
    """A review of templates needs neither CDK nor Node."""
    code = "import sys, aws_architect_constructs.checks.review, aws_architect_constructs.checks.cost_report"
    report = "print([name for name in sys.modules if name.split('.')[0] in {'aws_cdk', 'jsii', 'constructs', 'yaml'}])"
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_the_table_of_taggable_types_is_known() -> None:
    """Types with tags under other names, and types without, are told apart."""
    table = tag_properties()
    assert (table["AWS::S3::Bucket"], table["AWS::Route53::HostedZone"]) == ("Tags", "HostedZoneTags")
    assert "AWS::S3::BucketPolicy" not in table
    assert "AWS::IAM::ManagedPolicy" not in table
    assert len(json.loads((CHECKS / "taggable_types.json").read_text(encoding="utf-8"))["Tags"]) > 1000
