"""Read what one synthesis found: the validation report of a cloud assembly, and the acknowledgements recorded in it.

CDK writes `validation-report.json` beside `manifest.json` when validation plugins ran (cdk-nag's packs, the built-in
CloudFormation validator, plugins of one's own). One synthesis of an app with several packs therefore answers, per
pack: what was found, what was acknowledged and why, and (with the construct metadata of the same assembly) which
acknowledgements no longer excuse anything. Nothing here imports `aws_cdk` or `cdk_nag`: it reads files, of *any*
CDK app in any language.

Three traps of the file format are answered here:

- A plugin that found nothing is not in the report at all, so that "ran and is clean" and "did not run" look alike.
  `read_report` takes the names of the packs that ran.
- An acknowledgement without a pack prefix is stored as `Annotation::<rule>`. It hides the finding and leaves its
  reason nowhere in the report: see `ValidationReport.untraceable`.
- A plugin that crashed reports no violation, only a failure: see `PackReport.error`.

See https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_architect_constructs.testing._assembly import (
    Acknowledgement,
    Annotation,
    StackSummary,
    collect_metadata,
    stacks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Acknowledgement",
    "Annotation",
    "Finding",
    "PackReport",
    "StackSummary",
    "ValidationReport",
    "read_report",
    "stacks",
    "stale_in_all",
]

REPORT_FILE = "validation-report.json"

CONSTRUCT_ANNOTATIONS = "Construct Annotations"
"""The plugin name under which CDK repeats construct warnings and errors in the report; they are no pack's findings."""

CLOUDFORMATION_VALIDATE = "CloudFormation Validate"
"""The plugin name of CDK's built-in template validator."""

# What aws-cdk-lib acknowledges by itself whenever Availability Zones are literal: not ours to call stale.
_RECORDED_BY_CDK = frozenset({"CloudFormation-Validate::W3010"})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule that one construct breaks.

    Attributes:
        rule: The rule's id as the report has it; granular rules carry what they found:
            `AwsSolutions-IAM5[Resource::*]`.
        severity: `fatal`, `error`, `warning`, `info`, or the plugin's own word.
        description: What the rule says.
        fix: How to fix it, if the plugin says so.
        construct_path: The path of the construct; empty if the report names none.
        template: The template's path within the assembly, if the plugin looked at templates.
        logical_id: The resource's logical id, if the plugin looked at templates.
        acknowledgement: What excused the finding; None for an open one.
    """

    rule: str
    severity: str
    description: str
    construct_path: str
    fix: str | None = None
    template: str | None = None
    logical_id: str | None = None
    acknowledgement: Acknowledgement | None = None

    @property
    def base_rule(self) -> str:
        """The rule without what a granular one adds in brackets: `AwsSolutions-IAM5`."""
        return self.rule.partition("[")[0]


@dataclass(frozen=True, kw_only=True)
class PackReport:
    """What one plugin (a cdk-nag pack, a validator) said about the whole app.

    Attributes:
        name: The plugin's name, `AwsSolutions` for example.
        version: The plugin's version, if it tells.
        succeeded: False if the plugin fails synthesis: something is open, or the plugin crashed.
        error: Why the plugin could not do its work; None when it did.
        findings: What is open, in the report's order.
        acknowledged: What was found and acknowledged, each with its `acknowledgement`.
    """

    name: str
    version: str | None = None
    succeeded: bool = True
    error: str | None = None
    findings: tuple[Finding, ...] = ()
    acknowledged: tuple[Finding, ...] = ()

    @property
    def namespace(self) -> str:
        """What stands before `::` in an acknowledgement of this plugin's rules."""
        return self.name.replace(" ", "-")

    @property
    def raw(self) -> tuple[Finding, ...]:
        """Everything found, before any acknowledgement: the figure that no wording of a reason can improve."""
        return self.findings + self.acknowledged

    @property
    def raw_by_rule(self) -> dict[str, int]:
        """How many raw findings each rule has, granular findings counted under their rule, by rule name."""
        return dict(sorted(Counter(finding.base_rule for finding in self.raw).items()))

    @property
    def raw_by_construct(self) -> dict[tuple[str, str], int]:
        """How many raw findings each pair of rule id (with its brackets) and construct path has, sorted."""
        return dict(sorted(Counter((finding.rule, finding.construct_path) for finding in self.raw).items()))


@dataclass(frozen=True, kw_only=True)
class ValidationReport:
    """Everything one synthesis had to say.

    Attributes:
        packs: One entry for each plugin that ran: those of the report, then those the caller named, in that order.
        recorded: Every acknowledgement found in construct metadata, used or not.
        annotations: The warnings, errors and infos of constructs (not the acknowledged ones: CDK removes them).
    """

    packs: tuple[PackReport, ...]
    recorded: tuple[Acknowledgement, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    def pack(self, name: str) -> PackReport:
        """Return what the pack said.

        Raises:
            ValueError: No such pack ran.
        """
        for pack in self.packs:
            if pack.name == name:
                return pack
        ran = ", ".join(pack.name for pack in self.packs) or "none"
        raise ValueError(f"validation report: no such pack ran, got {name!r}; allowed: {ran}")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is open, over all packs; what constructs annotate is in `annotations`."""
        return tuple(found for pack in self.packs if pack.name != CONSTRUCT_ANNOTATIONS for found in pack.findings)

    @property
    def succeeded(self) -> bool:
        """Whether no plugin fails synthesis."""
        return all(pack.succeeded for pack in self.packs)

    @cached_property
    def used(self) -> frozenset[tuple[str, str]]:
        """Id and construct path of every acknowledgement that excuses a finding."""
        return frozenset(
            (found.acknowledgement.id, found.acknowledgement.construct_path)
            for pack in self.packs
            for found in pack.acknowledged
            if found.acknowledgement is not None
        )

    @property
    def stale(self) -> tuple[Acknowledgement, ...]:
        """The acknowledgements that excuse nothing, of packs that ran: the others' packs had no say."""
        namespaces = {pack.namespace for pack in self.packs}
        return tuple(
            recorded
            for recorded in self.recorded
            if recorded.namespace in namespaces
            and recorded.id not in _RECORDED_BY_CDK
            and (recorded.id, recorded.construct_path) not in self.used
        )

    @property
    def untraceable(self) -> tuple[Acknowledgement, ...]:
        """The acknowledgements of rules without the pack prefix: they hide findings, and no report shows the reason."""
        rules = tuple(f"{pack.name}-" for pack in self.packs)
        return tuple(
            recorded
            for recorded in self.recorded
            if recorded.namespace == "Annotation" and recorded.rule.startswith(rules)
        )


def stale_in_all(reports: Iterable[ValidationReport]) -> tuple[Acknowledgement, ...]:
    """Return the acknowledgements that excuse nothing in *any* of the reports.

    A construct records the same acknowledgement in every app that uses it, while only some of these apps show the
    finding. So the same id with the same reason counts as one acknowledgement, wherever it stands.
    """
    every = tuple(reports)
    in_use = {
        (found.acknowledgement.id, found.acknowledgement.reason)
        for report in every
        for pack in report.packs
        for found in pack.acknowledged
        if found.acknowledgement is not None
    }
    stale = {
        (recorded.id, recorded.reason): recorded
        for report in every
        for recorded in report.stale
        if (recorded.id, recorded.reason) not in in_use
    }
    return tuple(stale.values())


def read_report(
    assembly: str | Path, *, packs: Iterable[str] = (), recorded: Iterable[Acknowledgement] = ()
) -> ValidationReport:
    """Read the validation report and the acknowledgements of a cloud assembly.

    Args:
        assembly: The directory of the root assembly (`cdk.out`, or `app.outdir`), nested ones included.
        packs: The names of the packs that ran. A pack that found nothing leaves no trace in the report; named here
            it is reported clean, and its stale acknowledgements show. None named: only the packs of the report are
            known.
        recorded: Acknowledgements known from elsewhere: those of an App or Stage are in no stack's metadata
            (`testing.nag.nag_report` adds them).

    Returns:
        The report; without packs if no plugin ran.

    Raises:
        ValueError: The directory is no cloud assembly, or packs are named and there is no report.
    """
    directory = Path(assembly)
    if not (directory / "manifest.json").is_file():
        raise ValueError(
            f"{directory}: no cloud assembly, got a directory without manifest.json; allowed: the output of a synth"
        )
    ran = tuple(packs)
    path = directory / REPORT_FILE
    if path.is_file():
        reported = _merge(map(_pack, json.loads(path.read_text(encoding="utf-8"))["pluginReports"]))
    elif ran:
        raise ValueError(
            f"{directory}: no {REPORT_FILE}, got packs {', '.join(ran)}; allowed: packs registered before the synth"
        )
    else:
        reported = {}
    # The named packs last and in the caller's order, whether or not they found something.
    for name in ran:
        reported[str(name)] = reported.pop(name, PackReport(name=str(name)))
    metadata = collect_metadata(directory)
    unique = {(known.id, known.construct_path): known for known in (*recorded, *metadata.acknowledgements)}
    return ValidationReport(
        packs=tuple(reported.values()), recorded=tuple(unique.values()), annotations=metadata.annotations
    )


def _merge(packs: Iterable[PackReport]) -> dict[str, PackReport]:
    """Return the packs by name; a pack registered twice says everything twice, which is said here once."""
    merged: dict[str, PackReport] = {}
    for pack in packs:
        known = merged.get(pack.name)
        merged[pack.name] = pack if known is None else _union(known, pack)
    return merged


def _union(one: PackReport, other: PackReport) -> PackReport:
    return PackReport(
        name=one.name,
        version=one.version,
        succeeded=one.succeeded and other.succeeded,
        error=one.error or other.error,
        findings=tuple(dict.fromkeys(one.findings + other.findings)),
        acknowledged=tuple(dict.fromkeys(one.acknowledged + other.acknowledged)),
    )


def _pack(plugin: Mapping[str, Any]) -> PackReport:
    violations: list[Mapping[str, Any]] = plugin["violations"]
    suppressed: list[Mapping[str, Any]] = plugin.get("suppressedViolations") or []
    return PackReport(
        name=plugin["pluginName"],
        version=plugin.get("pluginVersion"),
        succeeded=plugin["conclusion"] == "success",
        error=(plugin.get("metadata") or {}).get("error"),
        findings=tuple(found for violation in violations for found in _findings(violation)),
        acknowledged=tuple(found for violation in suppressed for found in _findings(violation)),
    )


def _findings(violation: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield one finding for each construct of a violation."""
    acknowledgement = None
    if "acknowledgedId" in violation:
        acknowledgement = Acknowledgement(
            id=violation["acknowledgedId"],
            reason=violation.get("reason", ""),
            construct_path=violation.get("acknowledgedAt", ""),
        )
    for construct in violation["violatingConstructs"]:
        resource = construct.get("cloudFormationResource") or {}
        yield Finding(
            rule=violation["ruleName"],
            severity=violation.get("customSeverity") or violation["severity"],
            description=violation["description"],
            fix=violation.get("suggestedFix"),
            construct_path=construct.get("constructPath", ""),
            template=resource.get("templatePath"),
            logical_id=resource.get("logicalId"),
            acknowledgement=acknowledgement,
        )
