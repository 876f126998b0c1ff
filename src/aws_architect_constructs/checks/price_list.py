"""Asking AWS what one item costs: the Price List Query API, and the rates of Savings Plans."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from aws_architect_constructs.checks.price_items import PriceItem

API_REGION: Final = "us-east-1"
"""Both APIs answer in few Regions; this one has the prices of all."""

RESERVED: Final = "reserved"
"""The plan of a standard reservation."""

# What stands in front of a usage type: USE1 or APS3, and EU for Ireland. IA, Tables or Outposts is another product.
_ABBREVIATION: Final = re.compile(r"[A-Z]{3}[0-9]|EU")
_HERE: Final = "AWS Region"
_ENGINE: Final = "databaseEngine"
_ANY_ENGINE: Final = "Any"
_YEAR: Final = 365 * 24 * 3600
_ONE_YEAR: Final = {"LeaseContractLength": "1yr", "PurchaseOption": "No Upfront"}
# An EC2 Instance Savings Plan costs what a standard reservation does, which the Price List has.
_PLANS: Final = ("Compute", "Database")
_PLAN_SERVICES: Final = frozenset(
    {
        "AWSLambda",
        "AmazonDocDB",
        "AmazonDynamoDB",
        "AmazonEC2",
        "AmazonECS",
        "AmazonES",
        "AmazonElastiCache",
        "AmazonNeptune",
        "AmazonRDS",
    }
)


class PricingClient(Protocol):
    """What is used of `boto3.client("pricing")`."""

    def get_products(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - boto3's own arguments
        """One page of products."""
        ...


class SavingsPlansClient(Protocol):
    """What is used of `boto3.client("savingsplans")`."""

    def describe_savings_plans_offering_rates(
        self,
        **arguments: Any,  # noqa: ANN401 - boto3's own arguments
    ) -> Mapping[str, Any]:
        """One page of rates."""
        ...


class AmbiguousPriceError(ValueError):
    """Several products of different prices answer to one item."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the Price List says of an item in a Region.

    Attributes:
        usd: The on-demand price of one unit.
        published: The date of the list.
        usages: The usage types that it was found under, with the operation of each.
        reserved_usd: The price with a standard reservation of one year and nothing upfront, if there is one.
    """

    usd: float
    published: str
    usages: frozenset[tuple[str, str]]
    reserved_usd: float | None


def ask_price(client: PricingClient, item: PriceItem, region: str) -> Listed | None:
    """What the Price List says of an item in a Region; None if it has no such product.

    Args:
        client: The client.
        item: The item.
        region: The Region; for an item that is the same everywhere it does not matter.

    Raises:
        AmbiguousPriceError: If several products of different prices match.
    """
    filters = dict(item.filters)  # the engine is looked at here: storage has one price for any, or one for each
    if not item.is_global:
        filters["regionCode"] = region
    engine = filters.pop(_ENGINE, None)
    found = [product for product in _products(client, item, filters) if _is_item(product, item, region)]
    if engine is not None:
        found = _of_engine(found, engine) or _of_engine(found, _ANY_ENGINE)
    prices, reserved, usages, published = set(), set(), set(), ""
    for product in found:
        attributes, terms = _attributes(product), product.get("terms", {})
        price = _first_paid(terms.get("OnDemand", {}))
        if price is not None:
            prices.add(price)
            reserved.add(_reserved(terms.get("Reserved", {})))
            usages.add((str(attributes.get("usagetype", "")), str(attributes.get("operation", ""))))
            published = max(published, str(product.get("publicationDate", ""))[:10])
    if len(prices) > 1:
        raise AmbiguousPriceError(f"{item.id} in {region}: several prices, got {sorted(prices)}")
    if not prices:
        return None
    return Listed(
        usd=prices.pop(),
        published=published or today(),
        usages=frozenset(usages),
        reserved_usd=min((usd for usd in reserved if usd is not None), default=None),
    )


def ask_savings_plan(
    client: SavingsPlansClient, item: PriceItem, listed: Listed, region: str
) -> tuple[float, str] | None:
    """The lowest rate of a Savings Plan of one year with nothing upfront, and which plan; None if there is none.

    One usage type has a rate for each engine or operating system, and the operation tells them apart. Where no rate has
    an operation that the Price List names, a rate counts if it is the same for all of them.

    Args:
        client: The client.
        item: The item.
        listed: What the Price List says of it.
        region: The Region.
    """
    if not item.is_committable or item.service not in _PLAN_SERVICES:
        return None
    arguments: dict[str, Any] = {
        "savingsPlanPaymentOptions": [_ONE_YEAR["PurchaseOption"]],
        "savingsPlanTypes": list(_PLANS),
        "serviceCodes": [item.service],
        "usageTypes": sorted({usage for usage, _ in listed.usages}),
        "filters": [{"name": "region", "values": [region]}],
        "maxResults": 1000,
    }
    exact: set[tuple[float, str]] = set()
    others: set[tuple[float, str]] = set()
    while True:
        page = client.describe_savings_plans_offering_rates(**arguments)
        for rate in page.get("searchResults", []):
            offering = rate.get("savingsPlanOffering", {})
            if offering.get("durationSeconds") == _YEAR:
                named = (str(rate.get("usageType", "")), str(rate.get("operation", "")))
                found = exact if named in listed.usages else others
                found.add((float(rate["rate"]), f"{offering.get('planType')} Savings Plan"))
        token = page.get("nextToken")
        if not token:
            return min(exact or (others if len(others) == 1 else ()), default=None)
        arguments["nextToken"] = token


def today() -> str:
    """The day on which AWS was asked."""
    return datetime.now(UTC).date().isoformat()


def _products(client: PricingClient, item: PriceItem, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    exact = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in sorted(filters.items())]
    # Without the usage type the answer to a NAT gateway would be all of EC2, a hundred products a page.
    arguments: dict[str, Any] = {
        "ServiceCode": item.service,
        "Filters": [*exact, {"Type": "CONTAINS", "Field": "usagetype", "Value": item.usage}],
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


def _attributes(product: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes: Mapping[str, Any] = product.get("product", {}).get("attributes", {})
    return attributes


def _is_item(product: Mapping[str, Any], item: PriceItem, region: str) -> bool:
    """Whether a product is an item's, and in the Region itself: an Outpost has the Region's code too."""
    attributes = _attributes(product)
    is_here = item.is_global or attributes.get("locationType", _HERE) == _HERE
    return is_here and _is_usage(str(attributes.get("usagetype", "")), item.usage, region)


def _of_engine(products: list[Mapping[str, Any]], engine: str) -> list[Mapping[str, Any]]:
    return [product for product in products if _attributes(product).get(_ENGINE) == engine]


def _is_usage(found: str, wanted: str, region: str) -> bool:
    """Whether a usage type is the wanted one: with nothing, an abbreviation or the Region in front."""
    prefix = found.removesuffix(wanted)
    if found == wanted:
        return True
    if prefix == found or not prefix.endswith("-"):
        return False
    return prefix[:-1] == region or _ABBREVIATION.fullmatch(prefix[:-1]) is not None


def _first_paid(terms: Mapping[str, Any]) -> float | None:
    """The price of the first tier that costs something."""
    tiers = sorted(
        (float(dimension.get("beginRange") or 0), float(dimension.get("pricePerUnit", {}).get("USD", 0)))
        for term in terms.values()
        for dimension in term.get("priceDimensions", {}).values()
    )
    return next((usd for _, usd in tiers if usd > 0), None)


def _reserved(terms: Mapping[str, Any]) -> float | None:
    """The hourly price of a standard reservation of one year with nothing paid upfront."""
    for term in terms.values():
        attributes = term.get("termAttributes", {})
        standard = attributes.get("OfferingClass", "standard") == "standard"
        if standard and all(attributes.get(name) == value for name, value in _ONE_YEAR.items()):
            for dimension in term.get("priceDimensions", {}).values():
                if str(dimension.get("unit", "")).lower().startswith("hr"):
                    return float(dimension.get("pricePerUnit", {}).get("USD", 0)) or None
    return None
