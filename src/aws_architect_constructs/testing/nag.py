"""Run cdk-nag's packs over an app in one synthesis, and return what they found instead of failing.

cdk-nag 3 packs are validation plugins. With one registered, `app.synth()` raises on the first app with a finding,
and the exception holds a wall of text. `nag_report` registers the packs, synthesizes once and reads the report that
CDK wrote, whether or not it raised::

    report = nag_report(app)
    assert report.findings == ()
    assert report.stale == ()

cdk-nag itself is not a dependency of this package: it is loaded when packs are asked for by name. Install
`cdk-nag>=3.0.2,<4`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from aws_architect_constructs.testing.reports import REPORT_FILE, Acknowledgement, ValidationReport, read_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aws_cdk import App, IPolicyValidationPlugin, Stage

__all__ = ["NagPack", "add_packs", "nag_report", "parse_packs"]

_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


class NagPack(StrEnum):
    """The rule packs of cdk-nag, by the names they have in reports and before the `::` of an acknowledgement."""

    AWS_SOLUTIONS = "AwsSolutions"
    NIST_800_53_R4 = "NIST.800.53.R4"
    NIST_800_53_R5 = "NIST.800.53.R5"
    HIPAA_SECURITY = "HIPAA.Security"
    PCI_DSS_321 = "PCI.DSS.321"
    SERVERLESS = "Serverless"


_CLASS_NAMES = {
    NagPack.AWS_SOLUTIONS: "AwsSolutionsChecks",
    NagPack.NIST_800_53_R4: "NIST80053R4Checks",
    NagPack.NIST_800_53_R5: "NIST80053R5Checks",
    NagPack.HIPAA_SECURITY: "HIPAASecurityChecks",
    NagPack.PCI_DSS_321: "PCIDSS321Checks",
    NagPack.SERVERLESS: "ServerlessChecks",
}


def parse_packs(text: str) -> tuple[NagPack, ...]:
    """Return the packs that a command line or an environment variable names.

    Args:
        text: Names separated by commas, `all`, or `none` (as is an empty text).

    Raises:
        ValueError: There is no such pack.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return tuple(NagPack)
    if names == ["none"]:
        return ()
    known = {pack.value.lower(): pack for pack in NagPack}
    for name in names:
        if name.lower() not in known:
            raise ValueError(f"cdk-nag: no such pack, got {name!r}; allowed: all, none, {', '.join(NagPack)}")
    return tuple(dict.fromkeys(known[name.lower()] for name in names))


def add_packs(app: App, packs: Iterable[NagPack] = tuple(NagPack)) -> None:
    """Register cdk-nag packs on the app: from now on its synthesis fails on an open finding.

    Args:
        app: The app, before it is synthesized.
        packs: Which packs; all six by default.

    Raises:
        ModuleNotFoundError: cdk-nag is not installed.
    """
    wanted = tuple(packs)
    if not wanted:
        return
    # Here, not above: cdk-nag loads an assembly of its own into jsii, and who wants no pack need not have it
    # installed.
    import cdk_nag  # noqa: PLC0415 - see the line above
    from aws_cdk import Validations  # noqa: PLC0415 - importing this module shall not load aws_cdk

    plugins: list[IPolicyValidationPlugin] = [getattr(cdk_nag, _CLASS_NAMES[pack])(app) for pack in wanted]
    Validations.of(app).add_plugins(*plugins)


def nag_report(app: App, packs: Iterable[NagPack] = tuple(NagPack)) -> ValidationReport:
    """Synthesize the app once under the packs and return everything they found.

    Args:
        app: The app, finished but for its synthesis. What it has registered itself is run and reported too.
        packs: Which packs; all six by default.

    Returns:
        The report, with open findings, acknowledged ones, and stale acknowledgements (those of the App and of
        Stages too).

    Raises:
        ModuleNotFoundError: cdk-nag is not installed.
        RuntimeError: Synthesis failed before the packs could report.
    """
    wanted = tuple(packs)
    add_packs(app, wanted)
    report = Path(app.outdir) / REPORT_FILE
    # An older report must never pass for this one's.
    report.unlink(missing_ok=True)
    try:
        # Forced, because a synthesis that the app has already been through would be answered from memory, without
        # the packs.
        app.synth(force=True)
    except RuntimeError:
        if not report.exists():
            raise
    return read_report(app.outdir, packs=wanted, recorded=_above_stacks(app))


def _above_stacks(stage: Stage) -> Iterator[Acknowledgement]:
    """Yield what an App or a Stage acknowledges: CDK writes only the metadata of stacks into the assembly."""
    from aws_cdk import Stage  # noqa: PLC0415 - importing this module shall not load aws_cdk

    for entry in stage.node.metadata:
        if entry.type == _ACKNOWLEDGED:
            for rule, reason in entry.data.items():
                yield Acknowledgement(id=rule, reason=reason, construct_path=stage.node.path)
    for nested in (child for child in stage.node.children if isinstance(child, Stage)):
        yield from _above_stacks(nested)
