"""The validation plugin that says what an app costs in a month while nothing happens."""

import json
import math
import os
import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import App, IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport

from aws_architect_constructs.checks.adapter import package_version, templates_of, violation
from aws_architect_constructs.checks.cost_report import as_json, as_markdown, as_table
from aws_architect_constructs.checks.estimate import Estimate, estimate
from aws_architect_constructs.checks.prices import load_price_book, shipped_price_book

NAME: Final = "FixedCostCheck"
RULE: Final = "OverLimit"
JSON_FILE: Final = "fixed-cost.json"
MARKDOWN_FILE: Final = "fixed-cost.md"


@jsii.implements(IPolicyValidationPlugin)
class FixedCostCheck:
    """Says at synthesis what each stack costs in a month while nothing happens, construct by construct.

    One statement registers it::

        Validations.of(app).add_plugins(FixedCostCheck(limit_usd_per_month=500))

    A table goes to the terminal; `fixed-cost.json` and `fixed-cost.md` stand in the assembly beside
    `validation-report.json`. What is charged for by use is listed with its unit price and never guessed; what the
    check does not know is listed too, and is not in the sum. The price with a commitment of one year stands beside
    the one on demand. Prices are list prices from a dated book that ships with the package (us-east-1 first, other
    Regions where a price can be cited; each with its source); a price or a Region that it lacks is said so, and
    `python -m aws_architect_constructs.checks.refresh_prices` writes another one from the AWS Price List.

    A sum over the limit is the error `FixedCostCheck::OverLimit` on the app; it can be acknowledged there, with a
    reason. Nothing is deployed, and no credentials are needed.

    Args:
        limit_usd_per_month: What the idle app may cost at most, or limits by pattern of the stack's construct path,
            such as `{"Prod/*": 900, "Dev/*": 60}`: then the stacks that match a pattern together. By default there is
            no limit, and the check only reports.
        default_region: The Region of stacks that name none; by default their prices are not known.
        price_book: The file of another price book; by default the one that ships with the package.
        output_directory: Where the two files go; by default into the app's assembly. An app that is made with
            `confirm_validation_plugins_do_not_mutate=True` and synthesized into a directory with older reports needs
            another one: to CDK a report that is written anew is a file of the assembly that was changed.
        print_table: Whether the table goes to the terminal (standard error, as CDK's own reports do).

    Raises:
        ValueError: If a limit is no amount, or the file is no price book.
        OSError: If the price book cannot be read.
    """

    def __init__(
        self,
        *,
        limit_usd_per_month: float | Mapping[str, float] | None = None,
        default_region: str | None = None,
        price_book: str | os.PathLike[str] | None = None,
        output_directory: str | os.PathLike[str] | None = None,
        print_table: bool = True,
    ) -> None:
        limits = limit_usd_per_month
        if limits is None:
            limits = {}
        elif not isinstance(limits, Mapping):
            limits = {"*": limits}
        self._limits = {pattern: _amount(pattern, limit) for pattern, limit in limits.items()}
        self._default_region = default_region
        self._book = shipped_price_book() if price_book is None else load_price_book(Path(price_book))
        self._directory = None if output_directory is None else Path(output_directory)
        self._print_table = print_table

    @property
    def name(self) -> str:
        """What acknowledgements begin with."""
        return NAME

    @property
    def version(self) -> str:
        """This package's version."""
        return package_version()

    @property
    def rule_ids(self) -> list[str]:
        """The one rule."""
        return [RULE]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Estimate, report and compare; called by the CDK."""
        found = estimate(templates_of(context), self._book, default_region=self._default_region)
        self._write(found, context)
        over = [sentence for pattern, limit in self._limits.items() if (sentence := _over(found, pattern, limit))]
        return PolicyValidationPluginReport(
            success=not over,
            violations=[
                violation(
                    rule=RULE,
                    description=sentence,
                    fix=f"Take away what is not needed ({MARKDOWN_FILE} has each line), or raise the limit.",
                    severity="error",
                    template=None,
                    logical_id=None,
                )
                for sentence in over
            ],
        )

    def _write(self, found: Estimate, context: IPolicyValidationContext) -> None:
        if self._print_table:
            sys.stderr.write(as_table(found))
        directory = self._directory
        if directory is None:
            root = context.app_construct
            directory = Path(root.outdir if isinstance(root, App) else Path(context.template_paths[0]).parent)
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps(as_json(found), indent=2) + "\n"
        (directory / JSON_FILE).write_text(text, encoding="utf-8")
        (directory / MARKDOWN_FILE).write_text(as_markdown(found), encoding="utf-8")


def _amount(pattern: str, limit: object) -> float:
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit) or limit < 0:
        raise ValueError(f"limit_usd_per_month: {pattern!r}: no amount, got {limit!r}; allowed: 0 or more USD")
    return float(limit)


def _over(found: Estimate, pattern: str, limit: float) -> str | None:
    """What to say if the stacks of a pattern cost more than they may."""
    part = found.of(stack for stack in found.stacks if fnmatchcase(stack, pattern))
    if round(part.usd_per_month, 2) <= limit:
        return None
    whose = "the app costs" if pattern == "*" else f"the stacks {pattern} cost"
    more = f", and {len(part.gaps)} charges that are not known come on top" if part.gaps else ""
    return f"Idle, {whose} {part.usd_per_month:,.2f} USD a month; the limit is {limit:,.2f} USD{more}."
