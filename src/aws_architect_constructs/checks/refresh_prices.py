"""Write a price book from the AWS Price List, with the caller's own credentials.

    python -m aws_architect_constructs.checks.refresh_prices --region eu-west-1 --output prices.json
    python -m aws_architect_constructs.checks.refresh_prices --region eu-west-1 --output prices.json \
        --item rds/postgres/multi/db.r7g.large --item ec2/linux/c7g.large

It asks for every item of the shipped book, and for those named beside it, in each Region, and keeps what it cannot
find as it was (without `--base`: leaves it out), and says so. `FixedCostCheck(price_book="prices.json")` uses the
result. It needs boto3, which this package does not bring, and the permission `pricing:GetProducts`, which has no
resource to name (https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from aws_architect_constructs.checks.price_items import GLOBAL, PriceItem, price_item
from aws_architect_constructs.checks.prices import PriceBook, shipped_content

API_REGION: Final = "us-east-1"
"""The Price List Query API answers in few Regions; this one has the prices of all."""

_SOURCE: Final = "https://api.pricing.us-east-1.amazonaws.com"
_ONE_YEAR: Final = {"LeaseContractLength": "1yr", "PurchaseOption": "No Upfront"}


class PricingClient(Protocol):
    """What is used of `boto3.client("pricing")`."""

    def get_products(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - boto3's own arguments
        """One page of products."""
        ...


class AmbiguousPriceError(ValueError):
    """Several products of different prices answer to one item."""


def fetch(client: PricingClient, item: PriceItem, region: str) -> dict[str, Any] | None:
    """The entry of an item for a Region; None if the Price List has none.

    Args:
        client: The client.
        item: The item.
        region: The Region; for an item that is the same everywhere it does not matter.

    Raises:
        AmbiguousPriceError: If several products of different prices match.
    """
    filters = dict(item.filters)
    if not item.is_global:
        filters["regionCode"] = region
    found: dict[tuple[float, float | None], str] = {}
    for product in _products(client, item.service, filters):
        usage = str(product.get("product", {}).get("attributes", {}).get("usagetype", ""))
        if _is_usage(usage, item.usage, region):
            terms = product.get("terms", {})
            price = _first_paid(terms.get("OnDemand", {}))
            if price is not None:
                found[price, _one_year(terms.get("Reserved", {}))] = str(product.get("publicationDate", ""))
    if len({price for price, _ in found}) > 1:
        raise AmbiguousPriceError(f"{item.id} in {region}: several prices, got {sorted(p for p, _ in found)}")
    if not found:
        return None
    (usd, one_year), published = max(found.items(), key=lambda entry: entry[0][1] is not None)
    as_of = published[:10] or datetime.now(UTC).date().isoformat()
    entry: dict[str, Any] = {"usd": usd, "source": _SOURCE, "as_of": as_of}
    if one_year is not None:
        entry |= {"one_year_usd": one_year, "one_year_source": _SOURCE}
    return entry


def _products(client: PricingClient, service: str, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    arguments: dict[str, Any] = {
        "ServiceCode": service,
        "Filters": [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in sorted(filters.items())],
        "FormatVersion": "aws_v1",
    }
    while True:
        page = client.get_products(**arguments)
        for text in page.get("PriceList", []):
            yield json.loads(text) if isinstance(text, str) else text
        token = page.get("NextToken")
        if not token:
            return
        arguments["NextToken"] = token


def _is_usage(found: str, wanted: str, region: str) -> bool:
    """Whether a usage type is the wanted one: with nothing, an abbreviation or the Region in front."""
    prefix = found.removesuffix(wanted)
    if prefix == found and found != wanted:
        return False
    return prefix == "" or (prefix.endswith("-") and (prefix[:-1] == region or prefix[:-1].isalnum()))


def _first_paid(terms: Mapping[str, Any]) -> float | None:
    """The price of the first tier that costs something."""
    tiers = sorted(
        (float(dimension.get("beginRange") or 0), float(dimension.get("pricePerUnit", {}).get("USD", 0)))
        for term in terms.values()
        for dimension in term.get("priceDimensions", {}).values()
    )
    return next((usd for _, usd in tiers if usd > 0), None)


def _one_year(terms: Mapping[str, Any]) -> float | None:
    """The hourly price of a standard reservation of one year with nothing paid upfront."""
    for term in terms.values():
        attributes = term.get("termAttributes", {})
        standard = attributes.get("OfferingClass", "standard") == "standard"
        if standard and all(attributes.get(name) == value for name, value in _ONE_YEAR.items()):
            for dimension in term.get("priceDimensions", {}).values():
                if str(dimension.get("unit", "")).lower().startswith("hr"):
                    return float(dimension.get("pricePerUnit", {}).get("USD", 0)) or None
    return None


def refresh(
    client: PricingClient, regions: Iterable[str], items: Iterable[str], base: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """A price book with what the Price List says, and a sentence for everything that it does not say.

    Args:
        client: The client.
        regions: The Regions to ask for.
        items: The items to ask for.
        base: The book to begin with.
    """
    book: dict[str, Any] = {**base, "regions": {name: dict(entries) for name, entries in base["regions"].items()}}
    problems = []
    wanted = [price_item(item_id) for item_id in dict.fromkeys(items)]
    for region in dict.fromkeys(regions):
        for item in wanted:
            try:
                entry = fetch(client, item, region)
            except AmbiguousPriceError as error:
                problems.append(str(error))
                continue
            if entry is None:
                problems.append(f"{item.id} in {region}: the Price List has no such product")
            else:
                book["regions"].setdefault(GLOBAL if item.is_global else region, {})[item.id] = entry
    book["regions"] = {name: dict(sorted(entries.items())) for name, entries in sorted(book["regions"].items())}
    return book, problems


def main(arguments: Sequence[str] | None = None, client: PricingClient | None = None) -> int:
    """Ask and write; 1 if something was not found."""
    parser = argparse.ArgumentParser(
        prog="python -m aws_architect_constructs.checks.refresh_prices",
        description="Write a price book for FixedCostCheck from the AWS Price List.",
    )
    parser.add_argument("--region", action="append", required=True, help="a Region; may be given several times")
    parser.add_argument("--output", required=True, type=Path, help="the file to write")
    parser.add_argument("--item", action="append", default=[], help="an item beside those of the shipped book")
    parser.add_argument("--base", type=Path, help="a price book to begin with; by default an empty one")
    options = parser.parse_args(arguments)
    shipped = shipped_content()
    base = json.loads(options.base.read_text(encoding="utf-8")) if options.base else {**shipped, "regions": {}}
    items = [item_id for entries in shipped["regions"].values() for item_id in entries]
    if client is None:
        try:
            import boto3  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 -- not a dependency
        except ImportError:
            sys.stderr.write("boto3 is needed to ask the AWS Price List: pip install boto3\n")
            return 2
        client = boto3.client("pricing", region_name=API_REGION)
    book, problems = refresh(client, options.region, [*items, *options.item], base)
    PriceBook(book)  # what is written can be read
    options.output.write_text(json.dumps(book, indent=1) + "\n", encoding="utf-8")
    for sentence in problems:
        sys.stderr.write(f"{sentence}\n")
    sys.stdout.write(f"{options.output}: {sum(len(entries) for entries in book['regions'].values())} prices\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
