"""The table that `make synth` ends with."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs
from scripts.synth_report import (
    acknowledged_lines,
    annotation_lines,
    check_lines,
    finding_lines,
    lines,
    main,
    stack_lines,
    stale_lines,
    table,
    verdict,
)

from aws_architect_constructs.testing.nag import NagPack, add_packs
from aws_architect_constructs.testing.reports import (
    Acknowledgement,
    Annotation,
    Finding,
    PackReport,
    StackSummary,
    ValidationReport,
)

REASON = "A reason of some length, which an auditor reads and a terminal has to break into lines, as this one is."


def finding(path: str, *, severity: str = "error", fix: str | None = None, reason: str | None = None) -> Finding:
    """A finding of one rule at the path, acknowledged if there is a reason."""
    known = None if reason is None else Acknowledgement(id="Pack::Pack-1", reason=reason, construct_path="Stack")
    return Finding(
        rule="Pack-1",
        severity=severity,
        description="It is wrong.",
        construct_path=path,
        fix=fix,
        acknowledgement=known,
    )


def report(*findings: Finding, acknowledged: tuple[Finding, ...] = (), succeeded: bool = True) -> ValidationReport:
    """The report of one pack."""
    return ValidationReport(
        packs=(PackReport(name="Pack", findings=findings, acknowledged=acknowledged, succeeded=succeeded),)
    )


def test_columns_are_aligned() -> None:
    """Texts stand to the left, figures to the right, and nothing trails."""
    assert list(table(("name", "n"), [("a", "1"), ("longer", "12")], right=(1,))) == [
        "  name     n",
        "  a        1",
        "  longer  12",
    ]


def test_stacks_are_summed_up() -> None:
    """The heading counts stacks and resources."""
    stack = StackSummary(name="Net", template=Path("t"), resources=40, template_bytes=12_345)
    assert list(stack_lines([stack, stack]))[:3] == [
        "STACKS (2, 80 resources)",
        "  stack  resources  template",
        "  Net           40   12.3 kB",
    ]


def test_checks_show_found_acknowledged_and_open() -> None:
    """Each check says how much it found and what became of it."""
    shown = list(check_lines(report(finding("A"), acknowledged=(finding("B", reason="Why."),))))
    assert shown[1:] == ["  check  found  acknowledged  open", "  Pack       2             1     1"]


def test_no_check_at_all_is_said() -> None:
    """A run without checks must not look like a clean one."""
    assert "none ran" in "\n".join(check_lines(ValidationReport(packs=())))


def test_construct_annotations_are_no_check() -> None:
    """What constructs annotate stands among the warnings, not among the checks."""
    assert "Construct" not in "\n".join(
        check_lines(ValidationReport(packs=(PackReport(name="Construct Annotations"),)))
    )


def test_findings_of_one_rule_stand_together() -> None:
    """A rule that two constructs break is explained once."""
    assert list(finding_lines([finding("A"), finding("B")], width=80)) == [
        "FINDINGS (2)",
        "  Pack-1  (error)",
        "    It is wrong.",
        "    at A",
        "    at B",
    ]


def test_fix_is_shown() -> None:
    """A plugin that knows the fix is heard; a finding without a construct says so."""
    assert list(finding_lines([finding("", fix="Turn it round.")], width=80))[3:] == [
        "    Fix: Turn it round.",
        "    at no construct",
    ]


def test_reason_is_shown_once_and_wrapped() -> None:
    """Findings with the same reason are listed above it; the reason keeps to the width."""
    acknowledged = (finding("A", reason=REASON), finding("B", reason=REASON))
    shown = list(acknowledged_lines(report(acknowledged=acknowledged), width=60))
    assert shown[:2] == ["ACKNOWLEDGED (2)", "  2 x Pack-1 at Stack"]
    assert " ".join(line.strip() for line in shown[2:]) == REASON
    assert max(map(len, shown)) <= 60


def test_long_place_stands_on_a_line_of_its_own() -> None:
    """A rule and a place that do not fit side by side are told on two lines, neither of them cut."""
    shown = list(acknowledged_lines(report(acknowledged=(finding("A", reason="Why."),)), width=20))
    assert shown == ["ACKNOWLEDGED (1)", "  1 x Pack-1", "    at Stack", "      Why."]


def test_missing_reason_is_said() -> None:
    """An empty reason is seen."""
    assert (
        list(acknowledged_lines(report(acknowledged=(finding("A", reason=""),)), width=60))[-1] == "      (no reason)"
    )


def test_stale_and_untraceable_acknowledgements_are_listed() -> None:
    """What excuses nothing, and what hides its reason, is named with its place."""
    stale = Acknowledgement(id="Pack::Pack-2", reason="Why.", construct_path="")
    hidden = Acknowledgement(id="Annotation::Pack-3", reason="Why.", construct_path="Stack/A")
    shown = list(stale_lines(ValidationReport(packs=(PackReport(name="Pack"),), recorded=(stale, hidden)), width=80))
    assert [line for line in shown if " at " in line] == ["  Pack::Pack-2 at the app", "  Pack-3 at Stack/A"]


def test_warnings_of_one_message_stand_together_and_infos_are_left_out() -> None:
    """The same warning of two constructs is one entry; an info is no warning."""
    notes = [Annotation(level="warning", message="Take care.", construct_path=path, id="x::W") for path in ("A", "B")]
    notes.append(Annotation(level="info", message="By the way.", construct_path="C"))
    shown = list(annotation_lines(ValidationReport(packs=(), annotations=tuple(notes)), width=80))
    assert shown == ["WARNINGS (2)", "  x::W  (warning)", "    Take care.", "    at A", "    at B"]


def test_empty_sections_are_left_out() -> None:
    """A clean app shows its stacks and checks only."""
    headings = [line for line in lines([], report(), width=80) if line[:1].isupper()]
    assert headings == ["STACKS (0, 0 resources)", "CHECKS"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (report(), (0, "No open findings.")),
        (report(finding("A", severity="info")), (0, "No open findings.")),
        (
            report(finding("A", severity="warning")),
            (1, "Open findings: 1. Fix them, or acknowledge each with its reason."),
        ),
        (report(succeeded=False), (1, "Failed: a construct reports an error.")),
        (
            ValidationReport(packs=(), annotations=(Annotation(level="error", message="", construct_path=""),)),
            (1, "Failed: a construct reports an error."),
        ),
        (
            ValidationReport(packs=(PackReport(name="Pack", succeeded=False, error="It broke."),)),
            (1, "Failed: Pack could not run."),
        ),
    ],
)
def test_verdict(given: ValidationReport, expected: tuple[int, str]) -> None:
    """The status is that of the last line: advice passes, anything more does not."""
    assert verdict(given) == expected


@pytest.mark.parametrize(("reason", "status"), [(None, 1), (REASON, 0)])
def test_report_of_a_real_assembly(
    reason: str | None, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a pack found fails the command, and is listed; acknowledged, it passes with its reason."""
    app = cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack")
    sqs.Queue(stack, "Queue", enforce_ssl=True)
    cdk.Validations.of(stack).add_warning("x::W", "Take care.")
    if reason:
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS3", reason=reason))
    add_packs(app, [NagPack.AWS_SOLUTIONS])
    try:
        app.synth()
    except RuntimeError as error:
        assert "AwsSolutions-SQS3" in str(error)  # noqa: PT017 - one of the two cases raises, and both must report
    assert main([str(tmp_path), "--packs", "AwsSolutions,Serverless"]) == status
    out = capsys.readouterr().out
    assert ("AwsSolutions-SQS3" in out, "Take care." in out, "Serverless" in out) == (True, True, True)
    assert ("ACKNOWLEDGED (1)" in out) == (reason is not None)


def test_app_that_failed_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an assembly there is nothing to report, and no traceback."""
    assert main([str(tmp_path / "cdk.out")]) == 1
    assert capsys.readouterr().err.endswith("the app was not synthesized, so there is nothing to report.\n")
