"""Write a price book from the AWS Price List, with the caller's own credentials.

    python -m aws_architect_constructs.checks.refresh_prices --region eu-west-1 --report cdk.out/fixed-cost.json \
        --output prices.json
    python -m aws_architect_constructs.checks.refresh_prices --region eu-west-1 --output prices.json \
        --item rds/postgres/multi/db.r7g.large --item ec2/linux/c7g.large

It asks in each Region for what a report of `FixedCostCheck` names, priced or not; without `--report` for every item
that is not one of a family of instances; and for those named by `--item` in any case. It keeps what it cannot find as
it was (without `--base`: leaves it out), and says so. The price with a commitment of one year is the lower of a
standard reservation's and a Savings Plan's, with nothing paid upfront. `FixedCostCheck(price_book="prices.json")` uses
the result. It needs boto3, which this package does not bring, and two permissions, which have no resource to name:
`pricing:GetProducts` (https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html)
and `savingsplans:DescribeSavingsPlansOfferingRates`
(https://docs.aws.amazon.com/savingsplans/latest/APIReference/API_DescribeSavingsPlansOfferingRates.html), the latter
unless `--without-savings-plans` is said.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aws_architect_constructs.checks.price_items import GLOBAL, ITEMS, PriceItem, price_item
from aws_architect_constructs.checks.price_list import (
    API_REGION,
    RESERVED,
    AmbiguousPriceError,
    PricingClient,
    SavingsPlansClient,
    ask_price,
    ask_savings_plan,
    today,
)
from aws_architect_constructs.checks.prices import PriceBook, render, shipped_content

_PRICE_LIST: Final = "https://api.pricing.us-east-1.amazonaws.com"
_SAVINGS_PLANS: Final = "https://savingsplans.amazonaws.com"


class _Book:
    """A price book's content that is being written."""

    def __init__(self, base: Mapping[str, Any]) -> None:
        self._base = base
        self._sources = dict(base["sources"])
        self._regions = {name: dict(entries) for name, entries in base["regions"].items()}

    def source(self, name: str, url: str, as_of: str) -> str:
        """The id of a source."""
        source_id = f"{name} {as_of}"
        self._sources[source_id] = {"title": f"{name}, asked for by the API", "url": url, "as_of": as_of}
        return source_id

    def put(self, region: str, item_id: str, entry: Mapping[str, Any]) -> None:
        """Write down a price."""
        self._regions.setdefault(region, {})[item_id] = entry

    def commitment(self, region: str, item_id: str) -> Mapping[str, Any] | None:
        """What the base has of a commitment."""
        one_year: Mapping[str, Any] | None = self._regions.get(region, {}).get(item_id, {}).get("one_year")
        return one_year

    def content(self) -> dict[str, Any]:
        """The book, with the sources that something is from."""
        entries = [entry for region in self._regions.values() for entry in region.values()]
        used = {entry["source"] for entry in entries}
        used |= {entry["one_year"]["source"] for entry in entries if "one_year" in entry}
        return {
            **self._base,
            "sources": {name: source for name, source in sorted(self._sources.items()) if name in used},
            "regions": {name: dict(sorted(region.items())) for name, region in sorted(self._regions.items())},
        }


def refresh(
    client: PricingClient,
    savings_plans: SavingsPlansClient | None,
    regions: Iterable[str],
    items: Iterable[str],
    base: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """A price book with what AWS says, and a sentence for everything that it does not say.

    Args:
        client: The client of the Price List.
        savings_plans: The client of Savings Plans; None asks for reservations alone.
        regions: The Regions to ask for.
        items: The items to ask for.
        base: The book to begin with.
    """
    book = _Book(base)
    wanted, problems = _wanted(items)
    for number, region in enumerate(dict.fromkeys(regions)):
        for item in wanted:
            if item.is_global and number:
                continue  # its answer is the same in each Region
            if not item.usage:
                problems.append(f"{item.id} in {region}: how the Price List calls it is not known")
                continue
            try:
                listed = ask_price(client, item, region)
            except AmbiguousPriceError as error:
                problems.append(str(error))
                continue
            if listed is None:
                problems.append(f"{item.id} in {region}: the Price List has no such product")
                continue
            source = book.source(f"AWS Price List, {item.service}", _PRICE_LIST, listed.published)
            entry: dict[str, Any] = {"usd": listed.usd, "source": source}
            plan = None if savings_plans is None else ask_savings_plan(savings_plans, item, listed, region)
            if listed.reserved_usd is not None and (plan is None or listed.reserved_usd <= plan[0]):
                entry["one_year"] = {"usd": listed.reserved_usd, "plan": RESERVED, "source": source}
            elif plan is not None:
                rates = book.source("AWS Savings Plans", _SAVINGS_PLANS, today())
                entry["one_year"] = {"usd": plan[0], "plan": plan[1], "source": rates}
            elif savings_plans is None and (kept := book.commitment(region, item.id)) is not None:
                entry["one_year"] = kept
            book.put(GLOBAL if item.is_global else region, item.id, entry)
    return book.content(), problems


def _wanted(items: Iterable[str]) -> tuple[list[PriceItem], list[str]]:
    """The items to ask for, and a sentence for each id that is none: a template can name a class that there is not."""
    found, problems = [], []
    for item_id in dict.fromkeys(items):
        try:
            found.append(price_item(item_id))
        except ValueError as error:
            problems.append(str(error))
    return found, problems


def _items_of(report: Mapping[str, Any]) -> list[str]:
    """What a report names: what runs, what is charged for by use, and what had no price."""
    found: dict[str, None] = {}
    for stack in report["stacks"]:
        for entry in [*stack["lines"], *stack["perUse"]]:
            found[entry["item"]] = None
        for gap in stack["notInTheSum"]:
            found |= dict.fromkeys(gap["items"])
    return list(found)


def _content(file: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    return json.loads(file.read_text(encoding="utf-8"))


def main(
    arguments: Sequence[str] | None = None,
    client: PricingClient | None = None,
    savings_plans: SavingsPlansClient | None = None,
) -> int:
    """Ask and write; 1 if something was not found."""
    parser = argparse.ArgumentParser(
        prog="python -m aws_architect_constructs.checks.refresh_prices",
        description="Write a price book for FixedCostCheck from the AWS Price List.",
    )
    parser.add_argument("--region", action="append", required=True, help="a Region; may be given several times")
    parser.add_argument("--output", required=True, type=Path, help="the file to write")
    parser.add_argument("--report", type=Path, help="the fixed-cost.json whose items are asked for")
    parser.add_argument("--item", action="append", default=[], help="one more item; may be given several times")
    parser.add_argument("--base", type=Path, help="a price book to begin with; by default an empty one")
    parser.add_argument(
        "--without-savings-plans", action="store_true", help="do not ask for the rates of Savings Plans"
    )
    options = parser.parse_args(arguments)
    empty = {**shipped_content(), "sources": {}, "regions": {}}
    try:
        base = _content(options.base) if options.base else empty
        items = _items_of(_content(options.report)) if options.report else list(ITEMS)
        PriceBook(base, name=str(options.base))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        parser.error(f"--base must be a price book, and --report a fixed-cost.json, got {error!r}")
    if client is None:
        try:
            import boto3  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 -- not a dependency
        except ImportError:
            sys.stderr.write("boto3 is needed to ask the AWS Price List: pip install boto3\n")
            return 2
        client = boto3.client("pricing", region_name=API_REGION)
        savings_plans = boto3.client("savingsplans", region_name=API_REGION)
    asked = None if options.without_savings_plans else savings_plans
    book, problems = refresh(client, asked, options.region, [*items, *options.item], base)
    PriceBook(book)  # what is written can be read
    options.output.write_text(render(book), encoding="utf-8")
    for sentence in problems:
        sys.stderr.write(f"{sentence}\n")
    sys.stdout.write(f"{options.output}: {sum(len(entries) for entries in book['regions'].values())} prices\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
