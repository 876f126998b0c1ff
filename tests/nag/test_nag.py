"""What cdk-nag and CloudFormation's validators say of every canonical instance."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from aws_architect_constructs.testing.nag import NagPack, nag_report
from aws_architect_constructs.testing.reports import ValidationReport, stale_in_all
from aws_architect_constructs.testing.validity import Finding, lint_template, validate_template
from support.instances import INSTANCES, by_instance, template_of_instance
from support.synthesis import new_app, new_stack, recommended_flags

# AwsSolutions on every run; all six in CI, where the raw counts are held too.
PACKS: Final = tuple(NagPack) if os.environ.get("CI") else (NagPack.AWS_SOLUTIONS,)

RAW_FINDINGS: Final[dict[str, dict[str, list[str]]]] = by_instance(Path(__file__).parent / "raw_findings")
"""The rules that each instance breaks before any acknowledgement, by pack: reviewed, and only ever shortened."""

EXPLAINED: Final = {
    "W3010": "AZs are pinned: a subnet's AZ can never change in place, but Fn::GetAZs' answer can.",
    "W9002 Access": "An organization's instance of Identity Center is no resource of a stack: its ARN is given.",
    "E3692 DatabaseClusterC6094C50": "cfn-lint does not know that Multi-AZ DB clusters have IAM authentication.",
    "W3005 AWS679f53fac": "CDK's own Lambda function names its role twice, once as a dependency: harmless.",
    "W3005 CustomCDKBucketDeployment": "The same: CDK's own function names its role twice.",
    "W3005 SiteEdgePrerequisitesOriginRequest": "The same, of a Lambda@Edge function.",
    "W3005 ApiServiceD5B4A50A": "CDK's own ECS service waits for the listener rules that it names anyway: harmless.",
    "W3005 OrdersFunction": "So does CDK's function that PowertoolsFunction makes: harmless.",
}
"""The rules of cfn-lint and cloudformation-validate that stay, with the beginning of a logical id, and why."""


def unexplained(findings: Iterable[Finding]) -> list[str]:
    """What the linters say beside what is explained."""
    return [str(found) for found in findings if not f"{found.rule} {found.logical_id}".startswith(tuple(EXPLAINED))]


@cache
def report_of(name: str) -> ValidationReport:
    """The packs' report of a canonical instance, from one synthesis."""
    instance = INSTANCES[name]
    app = new_app()
    instance.build(new_stack(instance.environment_type, app=app, env=instance.env))
    return nag_report(app, PACKS)


@pytest.mark.parametrize("name", INSTANCES)
def test_no_finding_is_open(name: str) -> None:
    """Every finding is fixed, or acknowledged beside its cause."""
    assert [f"{found.rule} {found.construct_path}" for found in report_of(name).findings] == []


@pytest.mark.parametrize("name", INSTANCES)
def test_no_finding_is_open_under_recommended_flags(name: str) -> None:
    """Acknowledgements fit the findings of an app with CDK's recommended flags too, whose ids differ in partitions."""
    instance = INSTANCES[name]
    app = new_app(recommended_flags())
    instance.build(new_stack(instance.environment_type, app=app, env=instance.env))
    assert [f"{found.rule} {found.construct_path}" for found in nag_report(app, [NagPack.AWS_SOLUTIONS]).findings] == []


@pytest.mark.parametrize("name", INSTANCES)
def test_every_acknowledgement_leaves_a_trace(name: str) -> None:
    """No acknowledgement hides a finding without a reason in the report."""
    assert report_of(name).untraceable == ()


@pytest.mark.parametrize("name", INSTANCES)
def test_raw_findings_only_fall(name: str) -> None:
    """No instance breaks a rule, before acknowledgements, that was not reviewed; and none is listed that it kept."""
    reviewed = RAW_FINDINGS[name]
    for pack in PACKS:
        assert list(report_of(name).pack(pack).raw_by_rule) == reviewed.get(pack, []), pack


def test_no_acknowledgement_is_stale() -> None:
    """Every acknowledgement excuses a finding of some canonical instance."""
    stale = stale_in_all(report_of(name) for name in INSTANCES)
    assert [f"{entry.id} {entry.construct_path}" for entry in stale] == []


@pytest.mark.parametrize("name", INSTANCES)
def test_cloudformation_validate(name: str) -> None:
    """CloudFormation's validator has nothing to say that is not explained."""
    findings = validate_template(template_of_instance(name))
    assert unexplained(findings) == []


@pytest.mark.parametrize("name", INSTANCES)
def test_cfn_lint(name: str) -> None:
    """cfn-lint has nothing to say that is not explained."""
    findings = lint_template(template_of_instance(name), regions=["eu-west-1"])
    assert unexplained(findings) == []
