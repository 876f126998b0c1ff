"""What the reader of validation reports makes of the files that CDK writes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from aws_architect_constructs.testing.reports import (
    Acknowledgement,
    Annotation,
    Finding,
    PackReport,
    ValidationReport,
    read_report,
    stacks,
    stale_in_all,
)

if TYPE_CHECKING:
    from pathlib import Path

S1 = "AwsSolutions::AwsSolutions-S1"
IAM5 = "AwsSolutions-IAM5[Resource::*]"


def violation(rule: str, *paths: str, **extra: object) -> dict[str, Any]:
    """A violation as CDK writes it, of constructs at the paths."""
    constructs = [{"constructPath": path} for path in paths]
    return {
        "ruleName": rule,
        "description": f"{rule} is broken.",
        "severity": "error",
        "violatingConstructs": constructs,
        **extra,
    }


def suppressed(rule: str, *paths: str, at: str, reason: str = "Because.") -> dict[str, Any]:
    """A violation that an acknowledgement excuses."""
    return violation(rule, *paths, acknowledgedId=f"AwsSolutions::{rule}", acknowledgedAt=at, reason=reason)


def plugin(name: str, *violations: dict[str, Any], **extra: object) -> dict[str, Any]:
    """What one plugin reports."""
    conclusion = "failure" if violations else "success"
    return {"pluginName": name, "conclusion": conclusion, "violations": list(violations), **extra}


def acknowledged(path: str, rule: str, reason: str = "Because.") -> dict[str, list[dict[str, Any]]]:
    """The metadata that an acknowledgement leaves."""
    return {f"/{path}": [{"type": "aws:cdk:acknowledged-rules", "data": {rule: reason}}]}


class Assembly:
    """A cloud assembly directory under construction."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}

    def stack(self, name: str, metadata: dict[str, Any], *, inline: bool = False, **artifact: object) -> Assembly:
        """Add a stack with two resources."""
        template = {"Resources": {"A": {"Type": "AWS::SQS::Queue"}, "B": {"Type": "AWS::SNS::Topic"}}}
        (self.directory / f"{name}.template.json").write_text(json.dumps(template))
        self.artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
            **artifact,
        }
        if inline:
            self.artifacts[name]["metadata"] = metadata
        else:
            (self.directory / f"{name}.metadata.json").write_text(json.dumps(metadata))
            self.artifacts[name]["additionalMetadataFile"] = f"{name}.metadata.json"
        return self

    def nested(self) -> Assembly:
        """Add a nested assembly, as a Stage makes one, and return it."""
        directory = self.directory / "assembly-Prod"
        directory.mkdir()
        self.artifacts["assembly-Prod"] = {
            "type": "cdk:cloud-assembly",
            "properties": {"directoryName": "assembly-Prod"},
        }
        return Assembly(directory)

    def write(self, *plugins: dict[str, Any]) -> Path:
        """Write the manifest and, if plugins are given, the report; return the directory."""
        (self.directory / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": self.artifacts}))
        if plugins:
            (self.directory / "validation-report.json").write_text(json.dumps({"pluginReports": list(plugins)}))
        return self.directory


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    """An empty assembly."""
    return Assembly(tmp_path)


def test_one_finding_for_each_construct(assembly: Assembly) -> None:
    """A violation of two constructs is two findings with the same rule."""
    report = read_report(assembly.write(plugin("AwsSolutions", violation("AwsSolutions-S1", "A/B", "A/C"))))
    assert [(found.rule, found.construct_path) for found in report.findings] == [
        ("AwsSolutions-S1", "A/B"),
        ("AwsSolutions-S1", "A/C"),
    ]


def test_finding_names_its_template_and_logical_id(assembly: Assembly) -> None:
    """What a plugin that reads templates says of the resource is kept."""
    resource = {"templatePath": "S.template.json", "logicalId": "Bucket1"}
    constructs = [{"constructPath": "S/Bucket", "cloudFormationResource": resource}]
    found = violation("R1", suggestedFix="Do it.", violatingConstructs=constructs)
    (finding,) = read_report(assembly.write(plugin("Mine", found))).findings
    assert (finding.template, finding.logical_id, finding.fix) == ("S.template.json", "Bucket1", "Do it.")


def test_severity_of_the_plugins_own_word(assembly: Assembly) -> None:
    """A severity CDK does not know is reported by the plugin's own word, not as `custom`."""
    found = violation("R1", "S", severity="custom", customSeverity="catastrophic")
    (finding,) = read_report(assembly.write(plugin("Mine", found))).findings
    assert finding.severity == "catastrophic"


def test_acknowledged_finding_has_its_reason(assembly: Assembly) -> None:
    """An acknowledged finding is not open, and says by what it is excused."""
    hidden = suppressed("AwsSolutions-S1", "S/B", at="S")
    pack = read_report(assembly.write(plugin("AwsSolutions", suppressedViolations=[hidden]))).pack("AwsSolutions")
    assert pack.findings == ()
    assert [found.acknowledgement for found in pack.acknowledged] == [
        Acknowledgement(id=S1, reason="Because.", construct_path="S")
    ]


def test_acknowledgement_without_reason_or_place(assembly: Assembly) -> None:
    """CDK leaves out an empty reason and the path of the app: both read as empty texts."""
    found = violation("AwsSolutions-S1", "S/B", acknowledgedId=S1)
    directory = assembly.write(plugin("AwsSolutions", suppressedViolations=[found]))
    (finding,) = read_report(directory).pack("AwsSolutions").acknowledged
    assert finding.acknowledgement == Acknowledgement(id=S1, reason="", construct_path="")


def test_raw_is_open_plus_acknowledged(assembly: Assembly) -> None:
    """Acknowledging a finding does not lower the raw figure."""
    hidden = suppressed("AwsSolutions-S1", "S/B", at="S")
    shown = violation("AwsSolutions-S1", "S/C")
    directory = assembly.write(plugin("AwsSolutions", shown, suppressedViolations=[hidden]))
    assert [found.construct_path for found in read_report(directory).pack("AwsSolutions").raw] == ["S/C", "S/B"]


def test_raw_by_rule_counts_granular_findings_under_their_rule(assembly: Assembly) -> None:
    """IAM5 with two different brackets is one rule with two findings."""
    found = [violation(IAM5, "S/P"), violation("AwsSolutions-IAM5[Action::s3:*]", "S/P"), violation("A-1", "S")]
    pack = read_report(assembly.write(plugin("AwsSolutions", *found))).pack("AwsSolutions")
    assert pack.raw_by_rule == {"A-1": 1, "AwsSolutions-IAM5": 2}


def test_raw_by_construct_keeps_the_brackets(assembly: Assembly) -> None:
    """Two granular findings of one construct stay two entries."""
    found = [violation(IAM5, "S/P"), violation("AwsSolutions-IAM5[Action::s3:*]", "S/P")]
    pack = read_report(assembly.write(plugin("AwsSolutions", *found))).pack("AwsSolutions")
    assert pack.raw_by_construct == {("AwsSolutions-IAM5[Action::s3:*]", "S/P"): 1, (IAM5, "S/P"): 1}


def test_pack_that_found_nothing_is_clean_when_named(assembly: Assembly) -> None:
    """A clean pack is absent from CDK's report; naming it makes it a pack that ran and found nothing."""
    report = read_report(assembly.write(plugin("AwsSolutions")), packs=["Serverless"])
    assert report.pack("Serverless") == PackReport(name="Serverless")


def test_named_packs_stand_in_the_callers_order(assembly: Assembly) -> None:
    """Clean packs do not slip behind those with findings."""
    directory = assembly.write(plugin("Zed", violation("Zed-1", "S")), plugin("Other"))
    assert [pack.name for pack in read_report(directory, packs=["Clean", "Zed"]).packs] == ["Other", "Clean", "Zed"]


def test_unknown_pack_is_an_error_that_names_those_that_ran(assembly: Assembly) -> None:
    """Asking for a pack that did not run must not look like a clean result."""
    report = read_report(assembly.write(plugin("AwsSolutions")))
    with pytest.raises(ValueError, match="got 'Serverless'; allowed: AwsSolutions"):
        report.pack("Serverless")


def test_plugin_registered_twice_is_counted_once(assembly: Assembly) -> None:
    """A pack on the app twice reports everything twice: the findings are those of one."""
    hidden = suppressed("AwsSolutions-S2", "S/B", at="S")
    twice = [plugin("AwsSolutions", violation("AwsSolutions-S1", "S/B"), suppressedViolations=[hidden])] * 2
    pack = read_report(assembly.write(*twice)).pack("AwsSolutions")
    assert (len(pack.findings), len(pack.acknowledged)) == (1, 1)


def test_crashed_plugin_tells_why(assembly: Assembly) -> None:
    """A plugin that could not run fails the report although it lists no violation."""
    crashed = plugin("Mine", conclusion="failure", metadata={"error": "It broke."})
    report = read_report(assembly.write(crashed))
    assert (report.succeeded, report.pack("Mine").error) == (False, "It broke.")


def test_report_of_clean_plugins_succeeds(assembly: Assembly) -> None:
    """Nothing found is success."""
    assert read_report(assembly.write(plugin("AwsSolutions"))).succeeded


def test_construct_annotations_are_no_findings(assembly: Assembly) -> None:
    """CDK repeats warnings of constructs in the report; they are not counted as findings of a pack."""
    warning = violation("x::W", "S", severity="warning")
    assert read_report(assembly.write(plugin("Construct Annotations", warning))).findings == ()


def test_used_acknowledgement_is_not_stale(assembly: Assembly) -> None:
    """An acknowledgement that excuses something is needed."""
    assembly.stack("S", acknowledged("S/B", S1))
    hidden = suppressed("AwsSolutions-S1", "S/B/Resource", at="S/B")
    assert read_report(assembly.write(plugin("AwsSolutions", suppressedViolations=[hidden]))).stale == ()


def test_acknowledgement_that_excuses_nothing_is_stale(assembly: Assembly) -> None:
    """The same rule acknowledged at a second place, where nothing is found, is stale there."""
    assembly.stack("S", {**acknowledged("S/B", S1), **acknowledged("S/C", S1)})
    hidden = suppressed("AwsSolutions-S1", "S/B/Resource", at="S/B")
    stale = read_report(assembly.write(plugin("AwsSolutions", suppressedViolations=[hidden]))).stale
    assert stale == (Acknowledgement(id=S1, reason="Because.", construct_path="S/C"),)


def test_acknowledgement_of_a_clean_pack_is_stale(assembly: Assembly) -> None:
    """Of a pack that ran and found nothing, every acknowledgement is stale."""
    assembly.stack("S", acknowledged("S/B", S1))
    assert len(read_report(assembly.write(plugin("Other")), packs=["AwsSolutions"]).stale) == 1


def test_acknowledgement_of_a_pack_that_did_not_run_is_not_stale(assembly: Assembly) -> None:
    """Without its pack nobody knows whether an acknowledgement is needed."""
    assembly.stack("S", acknowledged("S/B", S1))
    assert read_report(assembly.write(plugin("Serverless"))).stale == ()


def test_acknowledgement_in_a_stage_is_read(assembly: Assembly) -> None:
    """The stacks of nested assemblies are read too."""
    assembly.nested().stack("ProdS", acknowledged("Prod/S/B", S1)).write()
    stale = read_report(assembly.write(plugin("Other")), packs=["AwsSolutions"]).stale
    assert [acknowledgement.construct_path for acknowledgement in stale] == ["Prod/S/B"]


def test_acknowledgement_within_the_manifest_is_read(assembly: Assembly) -> None:
    """Metadata that stands in the manifest itself, as older versions write it, is read too."""
    assembly.stack("S", acknowledged("S/B", S1), inline=True)
    assert len(read_report(assembly.write(plugin("Other")), packs=["AwsSolutions"]).stale) == 1


def test_acknowledgement_given_by_the_caller_is_stale_too(assembly: Assembly) -> None:
    """What an App or Stage acknowledges is in no file: the caller hands it in."""
    known = Acknowledgement(id=S1, reason="All.", construct_path="")
    assert read_report(assembly.write(plugin("AwsSolutions")), recorded=[known]).stale == (known,)


def test_acknowledgement_that_cdk_records_itself_is_not_stale(assembly: Assembly) -> None:
    """CDK acknowledges W3010 whenever Availability Zones are literal, needed or not."""
    assembly.stack("S", acknowledged("S", "CloudFormation-Validate::W3010"))
    assert read_report(assembly.write(plugin("CloudFormation Validate"))).stale == ()


def test_plugin_name_with_a_blank_matches_its_namespace(assembly: Assembly) -> None:
    """Acknowledgements write `-` where the plugin's name has a blank."""
    assembly.stack("S", acknowledged("S", "CloudFormation-Validate::E1"))
    assert len(read_report(assembly.write(plugin("CloudFormation Validate"))).stale) == 1


def test_acknowledgement_without_pack_prefix_is_untraceable(assembly: Assembly) -> None:
    """Without a prefix CDK stores `Annotation::`: the finding vanishes, and so does the reason."""
    assembly.stack("S", acknowledged("S/B", "Annotation::AwsSolutions-S1"))
    report = read_report(assembly.write(plugin("AwsSolutions")))
    assert [acknowledgement.rule for acknowledgement in report.untraceable] == ["AwsSolutions-S1"]


def test_acknowledged_warning_is_not_untraceable(assembly: Assembly) -> None:
    """`Annotation::` before what is no rule of a pack acknowledges a construct's warning, as it should."""
    assembly.stack("S", acknowledged("S/B", "Annotation::@aws-cdk/aws-ec2:noSubnets"))
    assert read_report(assembly.write(plugin("AwsSolutions"))).untraceable == ()


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (
            "warning",
            "One NAT. [ack: x::Nat]",
            Annotation(level="warning", message="One NAT.", construct_path="S", id="x::Nat"),
        ),
        ("error", "No [brackets] end.", Annotation(level="error", message="No [brackets] end.", construct_path="S")),
        ("info", "Noted.", Annotation(level="info", message="Noted.", construct_path="S")),
    ],
)
def test_annotations_are_read(assembly: Assembly, kind: str, data: str, expected: Annotation) -> None:
    """Warnings, errors and infos of constructs are read, the id apart from the message."""
    assembly.stack("S", {"/S": [{"type": f"aws:cdk:{kind}", "data": data}, {"type": "aws:cdk:logicalId", "data": "S"}]})
    assert read_report(assembly.write()).annotations == (expected,)


def test_assembly_without_report_has_no_packs(assembly: Assembly) -> None:
    """An app without any plugin writes no report; that is no error."""
    assert read_report(assembly.write()).packs == ()


def test_packs_without_report_are_an_error(assembly: Assembly) -> None:
    """Packs that are said to have run, and no report: the packs were registered too late, not clean."""
    with pytest.raises(ValueError, match=r"no validation-report.json, got packs AwsSolutions"):
        read_report(assembly.write(), packs=["AwsSolutions"])


def test_directory_without_manifest_is_an_error(tmp_path: Path) -> None:
    """Any other directory is refused by name."""
    with pytest.raises(ValueError, match=r"no cloud assembly, got a directory without manifest.json"):
        read_report(tmp_path)


def test_stale_in_all_forgives_what_one_report_uses() -> None:
    """An acknowledgement that one app needs is not stale, though it excuses nothing in another app."""
    mine = Acknowledgement(id=S1, reason="Because.", construct_path="Other/B")
    unused = ValidationReport(packs=(PackReport(name="AwsSolutions"),), recorded=(mine,))
    assert stale_in_all([unused]) == (mine,)
    assert stale_in_all([unused, _using(reason="Because.")]) == ()


def test_stale_in_all_tells_reasons_apart() -> None:
    """The same rule acknowledged for another reason is another acknowledgement."""
    mine = Acknowledgement(id=S1, reason="Another.", construct_path="Other/B")
    unused = ValidationReport(packs=(PackReport(name="AwsSolutions"),), recorded=(mine,))
    assert stale_in_all([unused, _using(reason="Because.")]) == (mine,)


def test_stale_in_all_names_an_acknowledgement_once() -> None:
    """An acknowledgement that a construct repeats in every app is one."""
    reports = [
        ValidationReport(
            packs=(PackReport(name="AwsSolutions"),),
            recorded=(Acknowledgement(id=S1, reason="Because.", construct_path=path),),
        )
        for path in ("One/B", "Two/B")
    ]
    assert len(stale_in_all(reports)) == 1


def _using(*, reason: str) -> ValidationReport:
    used = Acknowledgement(id=S1, reason=reason, construct_path="S/B")
    found = Finding(
        rule="AwsSolutions-S1", severity="error", description="", construct_path="S/B/R", acknowledgement=used
    )
    return ValidationReport(packs=(PackReport(name="AwsSolutions", acknowledged=(found,)),), recorded=(used,))


def test_stacks_are_counted_and_named(assembly: Assembly) -> None:
    """Stacks of the root and of nested assemblies, by display name where there is one."""
    nested = assembly.nested().stack("ProdS", {}, displayName="Prod/S")
    nested.write()
    assembly.stack("Top", {})
    directory = assembly.write()
    assert [(stack.name, stack.resources) for stack in stacks(directory)] == [("Prod/S", 2), ("Top", 2)]


def test_template_size_is_that_of_the_file(assembly: Assembly) -> None:
    """The size is counted in bytes, as CloudFormation's limit is."""
    (stack,) = stacks(assembly.stack("Top", {}).write())
    assert stack.template_bytes == len(stack.template.read_bytes())


def test_reading_reports_loads_no_cdk() -> None:
    """Reports are files: reading them needs neither aws_cdk nor cdk_nag, and no Node."""
    code = (
        "import sys, aws_architect_constructs.testing.reports, aws_architect_constructs.testing.nag\n"
        "print([name for name in ('aws_cdk', 'cdk_nag', 'jsii') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very interpreter
    assert result.stdout.strip() == "[]"
