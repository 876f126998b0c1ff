"""Write the pages of docs/checks that come from the code: the table of rules, a page a rule, and the price book.

`python scripts/check_docs.py` writes them; with `--check` it fails if one is not what it should be.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aws_architect_constructs.checks.price_items import GLOBAL
from aws_architect_constructs.checks.prices import shipped_price_book
from aws_architect_constructs.checks.rules import RULES

if TYPE_CHECKING:
    from aws_architect_constructs.checks.prices import Price, Source
    from aws_architect_constructs.checks.rule import Rule, Severity

DOCS = Path(__file__).resolve().parent.parent / "docs" / "checks"
NOTE = "<!-- Written by scripts/check_docs.py: change the code, not this page. -->"

EC2 = "ec2/linux/"

PRICES = (
    "List prices in USD that ship with the package, on demand and, where it can be cited, with a commitment of one "
    "year and nothing upfront. The number in brackets is the source, below, with its date. The project fetches nothing "
    "from AWS: a source of AWS's own was read by who is named to quote it."
)


def severity(value: Severity | None) -> str:
    """A severity in words."""
    return "not asked" if value is None else value.name.lower()


def rule_page(rule: Rule) -> str:
    """The page of one rule."""
    module = rule.check.__module__.rsplit(".", 1)[-1]
    lines = [
        f"# {rule.id}",
        "",
        NOTE,
        "",
        f"**{rule.title}.**",
        "",
        f"- Pillar: {rule.pillar}",
        f"- In PROD and SHARED: {severity(rule.severity)}; in DEV and STAGING: {severity(rule.elsewhere)}",
        f"- Acknowledge: `WellArchitectedChecks::{rule.id}`",
        "",
        "## Why",
        "",
        rule.rationale,
        "",
        "## How to fix it",
        "",
        rule.fix,
        "",
        f"AWS: <{rule.reference}>",
    ]
    if rule.limits:
        lines += ["", "## What it does not see", "", rule.limits]
    lines += [
        "",
        f"Templates that follow it, and that do not: [{module}.yaml](../../../tests/data/checks/rules/{module}.yaml).",
        "",
        "[All rules](../rules.md)",
    ]
    return "\n".join(lines) + "\n"


def rule_table() -> str:
    """The table of all rules."""
    lines = [
        "# Rules",
        "",
        NOTE,
        "",
        f"{len(RULES)} rules. What fails a synthesis is an *error*; *advice* is printed.",
        "",
        "| Rule | Demands | Pillar | PROD, SHARED | DEV, STAGING |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| [{rule.id}](rules/{rule.id}.md) | {rule.title} | {rule.pillar} | {severity(rule.severity)} "
        f"| {severity(rule.elsewhere)} |"
        for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def price_row(price: Price, numbers: dict[Source, int]) -> str:
    """One price."""
    one_year = price.one_year
    committed = "" if one_year is None else f"{one_year.usd:.10g}, {one_year.plan} [{numbers[one_year.source]}]"
    return (
        f"| `{price.item.id}` | [{price.item.title}]({price.item.page}) | {price.usd:.10g} | {price.item.unit} | "
        f"{committed} | [{numbers[price.source]}] |"
    )


def instance_rows(prices: list[Price], numbers: dict[Source, int]) -> list[str]:
    """The instance types of EC2, a family a line: in a table they would be most of the page."""
    rows: dict[str, list[str]] = {}
    for price in prices:
        family, size = price.item.id.removeprefix(EC2).split(".", 1)
        committed = "" if price.one_year is None else f" ({price.one_year.usd:.10g} {price.one_year.plan})"
        rows.setdefault(family, []).append(f"{size} {price.usd:.10g}{committed} [{numbers[price.source]}]")
    return [f"- `{EC2}{family}`: {', '.join(sizes)}" for family, sizes in rows.items()]


def source_row(number: int, source: Source) -> str:
    """One source."""
    who = source.quoted_by or ""
    quoted = f"; quoted by {f'<{who}>' if who.startswith('https://') else who}" if who else ""
    return f"{number}. {source.as_of.isoformat()}: [{source.title}]({source.url}){quoted}"


def in_order(source: Source) -> tuple[str, str, str, str]:
    """What sources are sorted by: all that tells them apart, so that the page is the same at every run."""
    return source.title, source.as_of.isoformat(), source.url, source.quoted_by or ""


def price_table() -> str:
    """The price book as a page."""
    book = shipped_price_book()
    sources = {price.source for price in book} | {price.one_year.source for price in book if price.one_year}
    numbers = {source: number for number, source in enumerate(sorted(sources, key=in_order), start=1)}
    lines = ["# Price book", "", NOTE, "", PRICES]
    for region in (GLOBAL, *book.regions):
        lines += ["", "## " + ("Everywhere" if region == GLOBAL else region), ""]
        lines += ["| Item | What it is | USD | for a | One year | Source |", "| --- | --- | ---: | --- | --- | --- |"]
        here = [price for price in book if price.region == region]
        lines += [price_row(price, numbers) for price in here if not price.item.id.startswith(EC2)]
        instances = instance_rows([price for price in here if price.item.id.startswith(EC2)], numbers)
        if instances:
            lines += [
                "",
                "EC2 on Linux, USD an hour, and in parentheses with a commitment of one year:",
                "",
                *instances,
            ]
    lines += ["", "## Sources", "", *(source_row(number, source) for source, number in numbers.items())]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every page with what should stand in it."""
    found = {DOCS / "rules.md": rule_table(), DOCS / "prices.md": price_table()}
    return found | {DOCS / "rules" / f"{rule.id}.md": rule_page(rule) for rule in RULES}


def outdated() -> list[str]:
    """The pages that are not what they should be, and those that should not be there."""
    wanted = pages()
    wrong = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    wrong += [path for path in sorted((DOCS / "rules").glob("*.md")) if path not in wanted]
    return [path.relative_to(DOCS).as_posix() for path in wrong]


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        wrong = outdated()
        sys.stdout.writelines(f"docs/checks/{name} is not what the code says\n" for name in wrong)
        return 1 if wrong else 0
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
