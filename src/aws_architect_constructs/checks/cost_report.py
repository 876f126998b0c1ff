"""An estimate as a table for the terminal, as Markdown and as JSON."""

from collections.abc import Iterator
from typing import Any, Final

from aws_architect_constructs.checks.estimate import Estimate, Line
from aws_architect_constructs.checks.price_items import HOUR
from aws_architect_constructs.checks.prices import Price

_WIDEST: Final = 60

DISCLAIMER: Final = (
    "List prices on demand, 730 hours a month, idle; without taxes, free tiers, discounts, support and data transfer."
)


def as_table(estimate: Estimate) -> str:
    """The estimate for a terminal: a table a stack, its sum, and what is not in it."""
    lines = ["Fixed monthly cost", ""]
    for stack in estimate.stacks:
        part = estimate.of([stack])
        lines += [f"{stack}  {_usd(part.usd_per_month)}{_committed(part)}"]
        rows = [
            (_short(line.construct_path), line.price.item.title, _quantity(line), _usd(line.usd_per_month), line.note)
            for line in sorted(part.lines, key=lambda line: -line.usd_per_month)
        ]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
        for path, title, quantity, usd, note in rows:
            text = f"  {path:{widths[0]}}  {title:{widths[1]}}  {quantity:>{widths[2]}}  {usd:>{widths[3]}}  {note}"
            lines.append(text.rstrip())
        lines += [f"  per use: {', '.join(_per_use(part))}"] if part.per_use else []
        lines += [f"  not in the sum: {_short(gap.construct_path)}: {gap.reason}" for gap in part.gaps]
        lines.append("")
    lines += [f"Total {_usd(estimate.usd_per_month)} a month{_committed(estimate)}", f"{DISCLAIMER} {_dates(estimate)}"]
    return "\n".join(lines) + "\n"


def as_markdown(estimate: Estimate) -> str:
    """The estimate as a page, for a pull request."""
    lines = ["# Fixed monthly cost", "", f"**{_usd(estimate.usd_per_month)}** a month{_committed(estimate)}.", ""]
    for stack in estimate.stacks:
        part = estimate.of([stack])
        lines += [f"## {_cell(stack)}: {_usd(part.usd_per_month)}{_committed(part)}", ""]
        if part.lines:
            lines += ["| Construct | Item | Quantity | Unit price | A month | One year | Note |"]
            lines += ["| --- | --- | ---: | ---: | ---: | ---: | --- |"]
            for line in sorted(part.lines, key=lambda line: -line.usd_per_month):
                cells = (
                    f"`{_cell(line.construct_path)}`",
                    f"[{_cell(line.price.item.title)}]({line.price.item.page})",
                    _quantity(line),
                    _unit_price(line.price),
                    _usd(line.usd_per_month),
                    _one_year(line),
                    _cell(line.note),
                )
                lines.append(f"| {' | '.join(cells)} |")
            lines.append("")
        if part.per_use:
            lines += ["Per use:", "", *(f"- {text}" for text in _per_use(part)), ""]
        if part.gaps:
            lines += ["Not in the sum:", ""]
            lines += [f"- `{_cell(gap.construct_path)}`: {_cell(gap.reason)}" for gap in part.gaps]
            lines.append("")
    lines += [f"{DISCLAIMER} {_dates(estimate)}"]
    return "\n".join(lines) + "\n"


def as_json(estimate: Estimate) -> dict[str, Any]:
    """The estimate as data."""
    return {
        "currency": "USD",
        "usdPerMonth": round(estimate.usd_per_month, 2),
        "oneYearUsdPerMonth": round(estimate.one_year_usd_per_month, 2),
        "stacks": [
            {
                "stack": stack,
                "usdPerMonth": round((part := estimate.of([stack])).usd_per_month, 2),
                "oneYearUsdPerMonth": round(part.one_year_usd_per_month, 2),
                "lines": [
                    {
                        "constructPath": line.construct_path,
                        "item": line.price.item.id,
                        "title": line.price.item.title,
                        "quantity": line.quantity,
                        "note": line.note,
                        "usdPerMonth": round(line.usd_per_month, 2),
                        **_price(line.price),
                    }
                    for line in part.lines
                ],
                "perUse": [
                    {"item": price.item.id, "title": price.item.title, **_price(price)} for _, price in part.per_use
                ],
                "notInTheSum": [
                    {"constructPath": gap.construct_path, "reason": gap.reason, "items": list(gap.items)}
                    for gap in part.gaps
                ],
            }
            for stack in estimate.stacks
        ],
    }


def _price(price: Price) -> dict[str, Any]:
    return {
        "usdPerUnit": price.usd,
        "oneYearUsdPerUnit": None if price.one_year is None else price.one_year.usd,
        "isCommittable": price.item.is_committable,
        "oneYearPlan": None if price.one_year is None else price.one_year.plan,
        "unit": price.item.unit,
        "region": price.region,
        "page": price.item.page,
        "source": price.source.url,
        "quotedBy": price.source.quoted_by,
        "asOf": price.source.as_of.isoformat(),
    }


def _one_year(line: Line) -> str:
    """What a charge costs with a commitment, or that AWS sells one whose price the book does not have."""
    if line.price.one_year is None:
        return "not known" if line.price.item.is_committable else "-"
    return f"{_usd(line.one_year_usd_per_month)}, {_cell(line.price.one_year.plan)}"


def _committed(estimate: Estimate) -> str:
    """The sum with a commitment of one year, if that is another one; less where the book does not know them all."""
    committed = estimate.one_year_usd_per_month
    if committed >= estimate.usd_per_month:
        return ""
    unknown = any(line.price.item.is_committable and line.price.one_year is None for line in estimate.lines)
    return f" ({_usd(committed)}{' or less' if unknown else ''} with one-year commitments)"


def _per_use(estimate: Estimate) -> Iterator[str]:
    for _, price in sorted(estimate.per_use, key=lambda item: item[1].item.title):
        yield f"{price.item.title} {_unit_price(price)}"


def _unit_price(price: Price) -> str:
    """A unit price that a reader can take in: by the million where one is next to nothing."""
    if price.usd and price.usd < 0.0001:  # noqa: PLR2004 - less than a hundredth of a cent
        return f"{price.usd * 1_000_000:.10g} USD per million {price.item.unit}s"
    return f"{price.usd:.10g} USD per {price.item.unit}"


def _quantity(line: Line) -> str:
    unit = "" if line.price.item.unit == HOUR else f" {line.price.item.unit.removesuffix('-month')}"
    return f"{line.quantity:g}{unit if unit != ' month' else ''}"


def _dates(estimate: Estimate) -> str:
    """How old the prices are that went into the estimate."""
    prices = [line.price for line in estimate.lines] + [price for _, price in estimate.per_use]
    dates = sorted(price.source.as_of for price in prices)
    if not dates:
        return "No price was needed."
    return f"Prices of {dates[0]} to {dates[-1]}." if dates[0] != dates[-1] else f"Prices of {dates[0]}."


def _usd(amount: float) -> str:
    return f"{amount:,.2f} USD"


def _short(path: str) -> str:
    return path if len(path) <= _WIDEST else f"...{path[3 - _WIDEST :]}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
