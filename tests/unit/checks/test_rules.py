"""Every rule, on a table of templates that follow it and templates that do not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from aws_architect_constructs.checks.rule import Context, Environment, Rule, Severity
from aws_architect_constructs.checks.rules import RULES
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.testing._template_yaml import parse

TABLES: Final = Path(__file__).parents[2] / "data" / "checks" / "rules"
ACCOUNT: Final = "111111111111"
RULE_BY_ID: Final = {rule.id: rule for rule in RULES}


def stem(rule: Rule) -> str:
    """The name of a rule's module and of its table."""
    return rule.check.__module__.rsplit(".", 1)[-1]


class Case(NamedTuple):
    """One template, and what a rule has to say of it."""

    rule: str
    name: str
    template: dict[str, Any]
    expected: tuple[str | None, ...]
    context: Context


def _cases() -> Iterator[Case]:
    for rule in RULES:
        table = parse((TABLES / f"{stem(rule)}.yaml").read_text(encoding="utf-8"))
        told = table.get("context", {})
        context = Context(
            required_tags=tuple(told.get("required_tags", ())), management_account=told.get("management_account")
        )
        for name, template in table["compliant"].items():
            yield Case(rule.id, f"compliant: {name}", template, (), context)
        for name, case in table["violating"].items():
            # YAML writes an unknown place, that of the whole stack, as null.
            expected = tuple(None if item in {None, "null"} else item for item in case["expect"])
            yield Case(rule.id, f"violating: {name}", case["template"], expected, context)


CASES: Final = list(_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
def test_a_rule_finds_what_is_wrong_and_nothing_else(case: Case) -> None:
    """A rule names the resources that break it, once for each, and no other."""
    template = Template("Stack", content=case.template, account=ACCOUNT, region="eu-west-1")
    found = list(RULE_BY_ID[case.rule].check(template, replace(case.context, templates=(template,))))
    assert sorted({str(finding.logical_id) for finding in found}) == sorted(str(name) for name in case.expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_table_has_both_sides(rule: Rule) -> None:
    """Each rule is tried on at least two templates that follow it and two that do not."""
    names = [case.name.split(":")[0] for case in CASES if case.rule == rule.id]
    assert names.count("compliant") >= 2
    assert names.count("violating") >= 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_metadata_is_complete(rule: Rule) -> None:
    """A rule says what it demands, why, how to fix it, and which page of AWS is behind it."""
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", rule.id)
    assert all(len(text) > 20 for text in (rule.title, rule.rationale, rule.fix))
    assert rule.reference.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))
    assert rule.rationale.endswith(".")
    assert rule.fix.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_one_rule_one_module(rule: Rule) -> None:
    """A rule's id and its module have one name."""
    assert "".join(word.capitalize() for word in stem(rule).split("_")) == rule.id


def test_ids_are_unique() -> None:
    """No two rules have one id, and every module of the directory is registered."""
    modules = {path.stem for path in Path(str(RULES[0].check.__code__.co_filename)).parent.glob("*.py")} - {"__init__"}
    assert sorted(modules) == sorted(stem(rule) for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_severity_never_rises_outside_production(rule: Rule) -> None:
    """What is advice in production is no error in DEV; SHARED counts as production."""
    order = [None, Severity.ADVICE, Severity.ERROR]
    assert order.index(rule.elsewhere) <= order.index(rule.severity)
    assert rule.severity_in(Environment.SHARED) is rule.severity_in(Environment.PROD) is rule.severity
    assert rule.severity_in(Environment.DEV) is rule.severity_in(Environment.STAGING) is rule.elsewhere


def test_the_tables_use_what_templates_use() -> None:
    """Among the templates are conditions, mappings, parameters, loops, SAM, and functions that join and substitute."""
    everything = str([case.template for case in CASES])
    for name in (
        "Fn::If",
        "Fn::FindInMap",
        "Fn::Join",
        "Fn::Sub",
        "Fn::GetAtt",
        "Fn::ForEach",
        "Fn::Select",
        "Globals",
    ):
        assert name in everything


def test_endpoints_are_compared_with_the_workloads_of_other_stacks() -> None:
    """A workload in another stack, which imports its subnet, counts; one in a subnet that nobody exports ends it."""
    subnets = {
        name: {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "V"}, "AvailabilityZone": zone}}
        for name, zone in (("S1", "a"), ("S2", "b"))
    }
    endpoint = {"VpcEndpointType": "Interface", "SubnetIds": [{"Ref": "S1"}, {"Ref": "S2"}]}
    resources = {
        "V": {"Type": "AWS::EC2::VPC"},
        **subnets,
        "E": {"Type": "AWS::EC2::VPCEndpoint", "Properties": endpoint},
    }
    outputs = {"Out": {"Value": {"Ref": "S1"}, "Export": {"Name": "Net:S1"}}}
    net = Template("Net", content={"Resources": resources, "Outputs": outputs})

    def found(name: str) -> list[str]:
        config = {"SubnetIds": [{"Fn::ImportValue": name}]}
        function = {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": config}}
        web = Template("Web", content={"Resources": {"F": function}})
        context = Context(templates=(net, web))
        return [finding.detail for finding in RULE_BY_ID["EndpointZones"].check(net, context)]

    assert found("Net:S1") == ["it stands in b, where no workload does"]
    assert found("Elsewhere:S1") == []


def test_a_default_vpc_that_was_looked_up_is_known() -> None:
    """What names the default VPC, or a subnet of it, that the app has in its context is found; other ids are not."""
    resources = {
        "G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": "vpc-0default"}},
        "I": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": "subnet-0default"}},
        "O": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": "subnet-0other"}},
    }
    template = Template("Stack", content={"Resources": resources})
    context = Context(default_vpc_ids=frozenset({"vpc-0default", "subnet-0default"}))
    assert [finding.logical_id for finding in RULE_BY_ID["DefaultVpc"].check(template, context)] == ["G", "I"]
    assert not list(RULE_BY_ID["DefaultVpc"].check(template, Context()))


def test_an_alarm_that_another_stack_names_has_its_action() -> None:
    """A deployment of another stack that names the alarm rolls back on it."""
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "errors"}}
    group = {"AlarmConfiguration": {"Alarms": [{"Name": "errors"}]}}
    template = Template("Alarms", content={"Resources": {"A": alarm}})
    other = Template(
        "Web", content={"Resources": {"G": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": group}}}
    )
    rule = RULE_BY_ID["AlarmWithoutAction"]
    assert not list(rule.check(template, Context(templates=(template, other))))
    assert [finding.logical_id for finding in rule.check(template, Context(templates=(template,)))] == ["A"]
