"""Print what a synthesis produced and found: `python scripts/synth_report.py cdk.out --packs AwsSolutions`.

`make synth` ends with this table: the stacks, what the checks found, what was acknowledged and why, the warnings.
It reads the assembly that CDK left behind, so it says the same whether or not synthesis went through, and its exit
status is 1 on any finding.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from aws_architect_constructs.testing.nag import parse_packs
from aws_architect_constructs.testing.reports import (
    CONSTRUCT_ANNOTATIONS,
    Finding,
    StackSummary,
    ValidationReport,
    read_report,
    stacks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NARROWEST = 60
_WIDEST = 140


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> Iterator[str]:
    """Yield the lines of a table without boxes; the columns named in `right` hold figures."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  " + "  ".join(cells).rstrip()


def _wrapped(text: str, *, width: int, indent: int) -> Iterator[str]:
    """Yield the text in lines of the width, indented; a construct path or rule id is never cut."""
    blank = " " * indent
    yield from textwrap.wrap(
        " ".join(text.split()),
        width=width,
        initial_indent=blank,
        subsequent_indent=blank,
        break_long_words=False,
        break_on_hyphens=False,
    )


def stack_lines(summaries: Sequence[StackSummary]) -> Iterator[str]:
    """Yield the stacks, their resources and template sizes."""
    resources = sum(stack.resources for stack in summaries)
    yield f"STACKS ({len(summaries)}, {resources} resources)"
    rows = [(stack.name, str(stack.resources), f"{stack.template_bytes / 1000:.1f} kB") for stack in summaries]
    yield from table(("stack", "resources", "template"), rows, right=(1, 2))


def check_lines(report: ValidationReport) -> Iterator[str]:
    """Yield one line a check: what it found, how much of that is acknowledged, what is open."""
    yield "CHECKS"
    rows = [
        (pack.name, str(len(pack.raw)), str(len(pack.acknowledged)), str(len(pack.findings)), pack.error or "")
        for pack in report.packs
        if pack.name != CONSTRUCT_ANNOTATIONS
    ]
    yield from table(
        ("check", "found", "acknowledged", "open", ""), rows or [("none ran", "", "", "", "")], right=(1, 2, 3)
    )


def finding_lines(findings: Sequence[Finding], *, width: int) -> Iterator[str]:
    """Yield the open findings, those of one rule together."""
    yield f"FINDINGS ({len(findings)})"
    places: dict[tuple[str, str, str, str | None], list[str]] = {}
    for found in findings:
        key = (found.rule, found.severity, found.description, found.fix)
        places.setdefault(key, []).append(found.construct_path)
    for (rule, severity, description, fix), paths in places.items():
        yield f"  {rule}  ({severity})"
        yield from _wrapped(description, width=width, indent=4)
        if fix:
            yield from _wrapped(f"Fix: {fix}", width=width, indent=4)
        for path in paths:
            yield f"    at {path or 'no construct'}"


def acknowledged_lines(report: ValidationReport, *, width: int) -> Iterator[str]:
    """Yield the acknowledged findings: each reason once, below the rules and the places it excuses."""
    acknowledged = [found for pack in report.packs for found in pack.acknowledged]
    yield f"ACKNOWLEDGED ({len(acknowledged)})"
    by_reason: dict[str, Counter[tuple[str, str]]] = {}
    for found in acknowledged:
        if found.acknowledgement is not None:
            excused = by_reason.setdefault(found.acknowledgement.reason, Counter())
            excused[found.rule, found.acknowledgement.construct_path] += 1
    for reason, excused in by_reason.items():
        for (rule, place), count in excused.items():
            what, where = f"  {count} x {rule}", f"at {place or 'the app'}"
            # One line where it fits: the places are many, and the reason below them is what is read.
            yield from (f"{what} {where}",) if len(what) + len(where) < width else (what, f"    {where}")
        yield from _wrapped(reason or "(no reason)", width=width, indent=6)


def stale_lines(report: ValidationReport, *, width: int) -> Iterator[str]:
    """Yield the acknowledgements that excuse nothing, and those whose reason no report can show."""
    yield f"ACKNOWLEDGEMENTS TO LOOK AT ({len(report.stale) + len(report.untraceable)})"
    for stale in report.stale:
        yield f"  {stale.id} at {stale.construct_path or 'the app'}"
        yield from _wrapped("It excuses nothing here.", width=width, indent=4)
    for hidden in report.untraceable:
        yield f"  {hidden.rule} at {hidden.construct_path or 'the app'}"
        yield from _wrapped("Without its pack prefix it hides the finding and its reason.", width=width, indent=4)


def annotation_lines(report: ValidationReport, *, width: int) -> Iterator[str]:
    """Yield the warnings and errors of constructs, the places of one message together."""
    shown = [annotation for annotation in report.annotations if annotation.level != "info"]
    yield f"WARNINGS ({len(shown)})"
    places: dict[tuple[str, str, str], list[str]] = {}
    for annotation in shown:
        key = (annotation.level, annotation.id or "no id", annotation.message)
        places.setdefault(key, []).append(annotation.construct_path)
    for (level, identifier, message), paths in places.items():
        yield f"  {identifier}  ({level})"
        yield from _wrapped(message, width=width, indent=4)
        for path in paths:
            yield f"    at {path or 'the app'}"


def lines(summaries: Sequence[StackSummary], report: ValidationReport, *, width: int) -> Iterator[str]:
    """Yield the whole report; a section that has nothing to say is left out."""
    yield from stack_lines(summaries)
    yield ""
    yield from check_lines(report)
    if report.annotations:
        yield ""
        yield from annotation_lines(report, width=width)
    if any(pack.acknowledged for pack in report.packs):
        yield ""
        yield from acknowledged_lines(report, width=width)
    if report.stale or report.untraceable:
        yield ""
        yield from stale_lines(report, width=width)
    if report.findings:
        yield ""
        yield from finding_lines(report.findings, width=width)


def _blocking(report: ValidationReport) -> list[Finding]:
    """Return the findings that are more than advice."""
    return [found for found in report.findings if found.severity != "info"]


def verdict(report: ValidationReport) -> tuple[int, str]:
    """Return the exit status and the last line: what is left to do."""
    crashed = [pack.name for pack in report.packs if pack.error is not None]
    if crashed:
        return 1, f"Failed: {', '.join(crashed)} could not run."
    blocking = _blocking(report)
    if blocking:
        return 1, f"Open findings: {len(blocking)}. Fix them, or acknowledge each with its reason."
    if not report.succeeded or any(annotation.level == "error" for annotation in report.annotations):
        return 1, "Failed: a construct reports an error."
    return 0, "No open findings."


def main(arguments: Sequence[str]) -> int:
    """Print the report of an assembly; 0 if nothing is open."""
    parser = argparse.ArgumentParser(description="Print what a synthesis produced and found.")
    parser.add_argument("assembly", type=Path, help="the directory of the cloud assembly")
    parser.add_argument("--packs", default="none", help="the cdk-nag packs that ran: names, `all` or `none`")
    options = parser.parse_args(arguments)
    if not (options.assembly / "manifest.json").is_file():
        sys.stderr.write(f"{options.assembly}: the app was not synthesized, so there is nothing to report.\n")
        return 1
    report = read_report(options.assembly, packs=parse_packs(options.packs))
    width = min(max(shutil.get_terminal_size(fallback=(120, 24)).columns, _NARROWEST), _WIDEST)
    status, last = verdict(report)
    sys.stdout.write("\n".join(("", *lines(stacks(options.assembly), report, width=width), "", last)) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
