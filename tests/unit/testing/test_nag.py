"""cdk-nag's packs run over real apps, and what the helper returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import cdk_nag
import jsii
import pytest
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs.testing.nag import NagPack, add_packs, nag_report, parse_packs

if TYPE_CHECKING:
    from pathlib import Path

DLQ_REASON = "It is a dead-letter queue."


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """An app in a directory of its own, without CDK's built-in validator."""
    return cdk.App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)


def queue(scope: cdk.App | cdk.Stage) -> sqs.Queue:
    """A queue that breaks AwsSolutions-SQS3 (no dead-letter queue) and nothing else of that pack."""
    return sqs.Queue(cdk.Stack(scope, "Stack"), "Queue", enforce_ssl=True)


def acknowledge(scope: cdk.App | cdk.Stage | sqs.Queue, rule: str) -> None:
    """Acknowledge a rule at the scope."""
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=rule, reason=DLQ_REASON))


def test_finding_is_returned_and_not_raised(app: cdk.App) -> None:
    """Synthesis fails under a pack with a finding; the report is what the caller gets."""
    queue(app)
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [(found.rule, found.construct_path) for found in report.findings] == [
        ("AwsSolutions-SQS3", "Stack/Queue/Resource")
    ]


def test_one_synthesis_answers_for_all_packs(app: cdk.App) -> None:
    """All six packs report by default, the clean ones too."""
    queue(app)
    report = nag_report(app)
    assert {pack.name: len(pack.raw) for pack in report.packs} == {
        "AwsSolutions": 1,
        "NIST.800.53.R4": 0,
        "NIST.800.53.R5": 0,
        "HIPAA.Security": 0,
        "PCI.DSS.321": 0,
        "Serverless": 1,
    }


def test_acknowledged_finding_comes_with_its_reason(app: cdk.App) -> None:
    """An acknowledged finding leaves the app clean, and the report says why."""
    acknowledge(queue(app), "AwsSolutions::AwsSolutions-SQS3")
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    (found,) = report.pack("AwsSolutions").acknowledged
    assert report.succeeded
    assert found.acknowledgement is not None
    assert (found.acknowledgement.reason, found.acknowledgement.construct_path) == (DLQ_REASON, "Stack/Queue")


def test_acknowledgement_of_a_rule_kept_is_stale(app: cdk.App) -> None:
    """What excuses nothing is stale."""
    acknowledge(queue(app), "AwsSolutions::AwsSolutions-SQS4")
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [stale.id for stale in report.stale] == ["AwsSolutions::AwsSolutions-SQS4"]


def test_stale_acknowledgement_of_a_stage_is_found(app: cdk.App) -> None:
    """CDK writes what an App or a Stage acknowledges into no file; the app itself is asked."""
    stage = cdk.Stage(app, "Prod")
    queue(stage)
    acknowledge(app, "AwsSolutions::AwsSolutions-S1")
    acknowledge(stage, "AwsSolutions::AwsSolutions-S2")
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [(stale.id[-2:], stale.construct_path) for stale in report.stale] == [("S1", ""), ("S2", "Prod")]


def test_acknowledgement_without_prefix_hides_the_finding_and_is_untraceable(app: cdk.App) -> None:
    """cdk-nag honours a bare id, and no report shows the reason: the trap is seen."""
    acknowledge(queue(app), "AwsSolutions-SQS3")
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert report.pack("AwsSolutions").raw == ()
    assert [hidden.rule for hidden in report.untraceable] == ["AwsSolutions-SQS3"]


def test_app_synthesized_before_is_synthesized_again(app: cdk.App) -> None:
    """An app that was synthesized already would answer from memory, without the packs."""
    queue(app)
    app.synth()
    assert len(nag_report(app, [NagPack.AWS_SOLUTIONS]).findings) == 1


def test_failure_before_the_packs_is_raised(app: cdk.App, tmp_path: Path) -> None:
    """An app that cannot be synthesized has no report; a report of an earlier run does not stand in for it."""
    (tmp_path / "validation-report.json").write_text('{"pluginReports": []}')
    cdk.CfnOutput(cdk.Stack(app, "Stack"), "Output", value=cdk.Lazy.string(_Broken()))
    with pytest.raises(RuntimeError, match="cannot be produced"):
        nag_report(app, [NagPack.AWS_SOLUTIONS])


@jsii.implements(cdk.IStableStringProducer)
class _Broken:
    def produce(self) -> str:
        raise ValueError("cannot be produced")


def test_no_pack_leaves_the_app_as_it_is(app: cdk.App) -> None:
    """Without packs an app with findings synthesizes."""
    queue(app)
    add_packs(app, [])
    assert app.synth().get_stack_by_name("Stack").stack_name == "Stack"


@pytest.mark.parametrize("pack", list(NagPack))
def test_every_pack_bears_the_name_cdk_nag_gives_it(app: cdk.App, pack: NagPack) -> None:
    """The names here are those of the report, for each pack of the installed cdk-nag."""
    classes = (
        cdk_nag.AwsSolutionsChecks,
        cdk_nag.NIST80053R4Checks,
        cdk_nag.NIST80053R5Checks,
        cdk_nag.HIPAASecurityChecks,
        cdk_nag.PCIDSS321Checks,
        cdk_nag.ServerlessChecks,
    )
    assert pack.value in {cls(app).read_pack_name for cls in classes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", tuple(NagPack)),
        ("none", ()),
        ("", ()),
        ("AwsSolutions", (NagPack.AWS_SOLUTIONS,)),
        (" serverless , AwsSolutions,Serverless", (NagPack.SERVERLESS, NagPack.AWS_SOLUTIONS)),
    ],
)
def test_packs_are_parsed(text: str, expected: tuple[NagPack, ...]) -> None:
    """Names in any case and order, each once; `all` and `none`."""
    assert parse_packs(text) == expected


def test_unknown_pack_is_refused_by_name() -> None:
    """A misspelt pack must not pass for a clean run."""
    with pytest.raises(ValueError, match=r"no such pack, got 'NIST'; allowed: all, none, AwsSolutions, NIST"):
        parse_packs("AwsSolutions,NIST")
