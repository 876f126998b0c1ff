"""validate_template and lint_template: the findings of the linters, as data."""

import builtins
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from aws_architect_constructs.testing import validity
from aws_architect_constructs.testing.templates import TemplateError
from aws_architect_constructs.testing.validity import Finding, Severity, lint_template, validate_template

GOOD: dict[str, Any] = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "a"}}}}
BAD: dict[str, Any] = {
    "Parameters": {"Unused": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayNam": "a"}}},
}
BOTH = pytest.mark.parametrize("check", [validate_template, lint_template])


@BOTH
def test_a_good_template_has_no_finding(check: Any) -> None:
    """Nothing is found where nothing is wrong, advice aside."""
    assert check(GOOD) == []


def test_validate_names_rule_place_and_resource() -> None:
    """An unknown property is fatal, and a parameter that nobody uses a warning; the worst is first."""
    fatal, warning = validate_template(BAD)
    assert (fatal.severity, fatal.rule, fatal.path, fatal.logical_id) == (
        Severity.FATAL,
        "F3002",
        "Resources.Topic.Properties.DisplayNam",
        "Topic",
    )
    assert "'DisplayNam' was unexpected" in fatal.message
    assert (warning.severity, warning.rule, warning.logical_id) == (Severity.WARN, "W2001", "Unused")
    assert warning.path.startswith("Parameters.Unused")


def test_lint_names_rule_place_and_resource() -> None:
    """cfn-lint's findings have the same shape."""
    error, warning = lint_template(BAD)
    assert (error.severity, error.rule, error.path, error.logical_id) == (
        Severity.ERROR,
        "E3002",
        "Resources.Topic.Properties.DisplayNam",
        "Topic",
    )
    assert (warning.severity, warning.rule, warning.path) == (Severity.WARN, "W2001", "Parameters.Unused")


@BOTH
def test_advice_is_given_on_request(check: Any) -> None:
    """`minimum` brings in what is only good practice, and keeps out what is less than asked."""
    queue = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    assert "I3011" in {finding.rule for finding in check(queue, minimum=Severity.INFO)}
    assert {finding.severity for finding in check(BAD, minimum=Severity.ERROR)} <= {Severity.FATAL, Severity.ERROR}
    assert len(check(BAD, minimum=Severity.ERROR)) == 1


@BOTH
def test_rules_can_be_left_out(check: Any) -> None:
    """`ignore` leaves out the rules that it names and no other."""
    assert [finding.rule[1:] for finding in check(BAD, ignore={"W2001"})] == ["3002"]


@BOTH
def test_text_is_read_like_a_mapping(check: Any) -> None:
    """JSON and YAML have the findings of the mapping they say."""
    yaml = (
        "Parameters: {Unused: {Type: String}}\nResources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayNam: a}}}"
    )
    assert check(yaml) == check(json.dumps(BAD)) == check(BAD)


@BOTH
def test_what_is_no_template_is_refused(check: Any) -> None:
    """A malformed source is an error of ours, with its place."""
    with pytest.raises(TemplateError, match="malformed JSON at line 1, column 2"):
        check("{]")


def test_lint_looks_at_every_region() -> None:
    """A type that one of the Regions does not have is found."""
    template = {
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3Express::DirectoryBucket",
                "Properties": {"DataRedundancy": "SingleAvailabilityZone", "LocationName": "x"},
            }
        }
    }  # fmt: skip - short
    assert "E3006" in {finding.rule for finding in lint_template(template, regions=["us-east-1", "ap-east-2"])}
    assert "E3006" not in {finding.rule for finding in lint_template(template)}


def test_the_engine_starts_once() -> None:
    """Two questions are answered by one engine."""
    validate_template(GOOD)
    assert validity._engine() is validity._engine()


def test_the_engine_ends_quietly() -> None:
    """A process that validated a template has nothing to complain of when it ends."""
    code = "from aws_architect_constructs.testing.validity import validate_template as v; v('Resources: {}')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    assert (result.returncode, result.stderr) == (0, "")


def test_an_analysis_that_gave_up_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that may lack findings is never taken for a good one."""
    report = SimpleNamespace(diagnostics=[], status=SimpleNamespace(name="ANALYSIS_INCOMPLETE"))
    monkeypatch.setattr(validity, "_engine", lambda: SimpleNamespace(validate_template=lambda *_: report))
    (finding,) = validate_template(GOOD)
    assert str(finding) == (
        "ERROR ANALYSIS_INCOMPLETE at the template: cloudformation-validate gave up before it had looked at everything"
    )


@pytest.mark.parametrize(
    ("entity", "within", "path"),
    [
        (None, "Metadata", "Metadata"),
        (None, None, ""),
        (("RESOURCE", "A"), None, "Resources.A"),
        (("RESOURCE", "A"), "Properties.X", "Resources.A.Properties.X"),
        (("RESOURCE", "A"), "Metadata.X", "Resources.A.Metadata.X"),
        (("PARAMETER", "P"), "Parameters/P/Type", "Parameters.P.Type"),
        (("METADATA", "M"), None, "Metadata.M"),
    ],
)
def test_a_path_begins_at_the_top(entity: tuple[str, str] | None, within: str | None, path: str) -> None:
    """Wherever the library counts from, the path is counted from the template's top."""
    named = entity and SimpleNamespace(entity_type=SimpleNamespace(name=entity[0]), logical_id=entity[1])
    assert validity._path(SimpleNamespace(entity=named, property_path=within)) == path


def test_a_finding_is_one_line() -> None:
    """As text it has all that is needed to act on it."""
    finding = Finding(rule="F1", severity=Severity.FATAL, path="Resources.A", message="is wrong", logical_id="A")
    assert str(finding) == "FATAL F1 at Resources.A: is wrong"


@pytest.mark.parametrize(
    ("check", "module", "package"),
    [
        (validate_template, "cloudformation_validate", "cloudformation-validate"),
        (lint_template, "cfnlint.api", "cfn-lint"),
    ],
)  # fmt: skip - a table
def test_without_the_linter_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    check: Any,
    module: str,
    package: str,
) -> None:
    """Without its package a helper names the extra, and calls no template good."""
    real_import = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == module:
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=rf"needs {package}; it comes with aws-architect-constructs\[testing\]"):
        check(GOOD)
