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
    from aws_architect_constructs.checks.prices import Price
    from aws_architect_constructs.checks.rule import Rule, Severity

DOCS = Path(__file__).resolve().parent.parent / "docs" / "checks"
NOTE = "<!-- Written by scripts/check_docs.py: change the code, not this page. -->"

PRICES = (
    "List prices in USD, on demand, that ship with the package. The first link is the page on which AWS publishes the "
    "price, the last the source that the figure was read from, with the date that the source bears. What is AWS's own "
    "(the AWS Price List under `pricing.us-east-1.amazonaws.com`, pages of `aws.amazon.com`) was read by public "
    "quotations of it, not fetched from AWS by this project."
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


def price_row(price: Price) -> str:
    """One price."""
    where = "everywhere" if price.region == GLOBAL else price.region
    dated = price.as_of.isoformat() if price.as_of else "undated"
    one_year = "" if price.one_year_usd is None else f"{price.one_year_usd:.10g}"
    return (
        f"| `{price.item.id}` | [{price.item.title}]({price.item.page}) | {where} | {price.usd:.10g} | "
        f"{price.item.unit} | {one_year} | [{dated}]({price.source}) |"
    )


def price_table() -> str:
    """The price book as a page."""
    lines = [
        "# Price book",
        "",
        NOTE,
        "",
        PRICES,
        "",
        "| Item | What it is | Region | USD | for a | One year, nothing upfront | Read |",
        "| --- | --- | --- | ---: | --- | ---: | --- |",
        *(price_row(price) for price in shipped_price_book()),
    ]
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
