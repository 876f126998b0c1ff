"""The price book: each figure against the published one, with its date and source."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from aws_architect_constructs.checks.price_items import GLOBAL, HOUR, ITEMS, price_item
from aws_architect_constructs.checks.prices import (
    HOURS_PER_MONTH,
    Price,
    PriceBook,
    load_price_book,
    shipped_content,
    shipped_price_book,
)
from aws_architect_constructs.network import prices as network
from aws_architect_constructs.testing._template_yaml import parse

PUBLISHED: Final = parse(
    (Path(__file__).parents[2] / "data" / "checks" / "published_prices.yaml").read_text(encoding="utf-8")
)
ROWS: Final = [(region, item, usd) for region, items in PUBLISHED.items() for item, usd in items.items()]
PRICES: Final = list(shipped_price_book())

# What the figures cost in a month, as people quote them: arithmetic that is not the book's own.
BY_MONTH: Final = {
    "nat-gateway-hour": "32.85",
    "interface-endpoint-hour": "7.30",
    "public-ipv4-hour": "3.65",
    "alb-hour": "16.43",
    "clb-hour": "18.25",
    "eks-cluster-hour": "73.00",
    "transit-gateway-attachment-hour": "36.50",
    "network-firewall-endpoint-hour": "288.35",
    "resolver-endpoint-hour": "91.25",
    "kinesis-shard-hour": "10.95",
    "kinesis-on-demand-hour": "29.20",
    "fargate-x86-vcpu-hour": "29.55",
    "fargate-arm-vcpu-hour": "23.64",
    "aurora-acu-hour": "87.60",
    "kms-key-month": "1.00",
    "secret-month": "0.40",
    "web-acl-month": "5.00",
    "private-ca-month": "400.00",
    "rds/postgres/multi/db.t4g.medium": "94.17",
    "rds/mysql/single/db.t3.large": "99.28",
    "aurora/postgres/standard/db.r6g.large": "189.80",
    "ec2/linux/t3.medium": "30.37",
}


@pytest.mark.parametrize(("region", "item", "usd"), ROWS, ids=str)
def test_a_price_is_the_published_one(region: str, item: str, usd: str) -> None:
    """Each figure of the book is the one that was read from the source."""
    price = shipped_price_book().find(None if region == GLOBAL else region, item)
    assert price is not None
    assert Decimal(str(price.usd)) == Decimal(usd)


def test_every_price_is_published() -> None:
    """No price is in the book that is not in the second record, and no item is without a price."""
    assert sorted((price.region, price.item.id) for price in PRICES) == sorted(
        (region, item) for region, item, _ in ROWS
    )
    assert set(ITEMS) <= {price.item.id for price in PRICES}


@pytest.mark.parametrize(("item", "usd"), BY_MONTH.items())
def test_a_month_costs_what_people_quote(item: str, usd: str) -> None:
    """Hourly prices count 730 hours, monthly ones once."""
    price = shipped_price_book().find("us-east-1", item)
    assert price is not None
    assert abs(price.per_month - float(usd)) < 0.0051


@pytest.mark.parametrize("price", PRICES, ids=lambda price: f"{price.region}/{price.item.id}")
def test_a_price_has_source_and_date(price: Price) -> None:
    """Each price says where it was read, when, and on which page AWS publishes it."""
    assert urlsplit(price.source).scheme == "https"
    assert urlsplit(price.item.page).hostname == "aws.amazon.com"
    assert price.item.page.endswith("/")
    assert price.as_of is None or date(2026, 1, 1) <= price.as_of <= date(2026, 11, 24)
    if price.as_of is None:
        assert price.region in {"us-east-1", GLOBAL}
    assert (price.one_year_usd is None) == (price.one_year_source is None)
    assert price.one_year_usd is None or 0 < price.one_year_usd < price.usd
    assert 0 < price.usd <= 400


def test_multi_az_costs_about_twice() -> None:
    """A slip of a digit would show: a standby doubles the price."""
    book = shipped_price_book()
    for price in PRICES:
        if "/multi/" in price.item.id and (
            single := book.find("us-east-1", price.item.id.replace("/multi/", "/single/"))
        ):
            assert 1.95 <= price.usd / single.usd <= 2.05, price.item.id


def test_docstrings_and_book_agree() -> None:
    """What the network's docstrings say it costs is what the book says."""
    for item, usd in (
        ("nat-gateway-hour", network.NAT_GATEWAY_PER_HOUR),
        ("public-ipv4-hour", network.PUBLIC_IPV4_PER_HOUR),
        ("interface-endpoint-hour", network.INTERFACE_ENDPOINT_PER_AZ_HOUR),
    ):
        price = shipped_price_book().find("us-east-1", item)
        assert price is not None
        assert price.usd == usd
    assert network.HOURS_PER_MONTH == HOURS_PER_MONTH


def test_global_items_are_the_same_everywhere() -> None:
    """A hosted zone has its price in a Region that the book does not have."""
    price = shipped_price_book().find("af-south-1", "hosted-zone-month")
    assert price is not None
    assert price.usd == 0.5


def test_the_book_names_its_regions() -> None:
    """us-east-1 first; the others are for `refresh_prices` to write."""
    assert shipped_price_book().regions == ("us-east-1",)
    assert shipped_content()["currency"] == "USD"


@pytest.mark.parametrize(
    ("item", "usage", "unit"),
    [
        ("rds/mysql/single/db.m7g.large", "InstanceUsage:db.m7g.large", HOUR),
        ("rds/postgres/multi/db.m7g.large", "Multi-AZUsage:db.m7g.large", HOUR),
        ("aurora/mysql/io-optimized/db.r7g.large", "InstanceUsageIOOptimized:db.r7g.large", HOUR),
        ("aurora/postgres/standard/db.r7g.large", "InstanceUsage:db.r7g.large", HOUR),
        ("ec2/linux/c7g.large", "BoxUsage:c7g.large", HOUR),
        ("neptune/db.r6g.large", "InstanceUsage:db.r6g.large", HOUR),
        ("opensearch/t3.medium.search", "ESInstance:t3.medium", HOUR),
        ("kms-key-month", "KMS-Keys", "month"),
    ],
)
def test_an_item_knows_its_usage_type(item: str, usage: str, unit: str) -> None:
    """One of a family is found in the Price List by its name."""
    found = price_item(item)
    assert (found.id, found.usage, found.unit) == (item, usage, unit)


@pytest.mark.parametrize("item", ["", "rds/oracle/single/db.t3.large", "ec2/windows/t3.large", "nat"])
def test_an_unknown_item_is_refused(item: str) -> None:
    """An item that nobody knows is a mistake."""
    with pytest.raises(ValueError, match="no such item of the price list"):
        price_item(item)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "no price book"),
        ({"regions": []}, "no price book"),
        ({"regions": {"x": {"kms-key-month": {"source": "s"}}}}, "x/kms-key-month: no price"),
        ({"regions": {"x": {"kms-key-month": {"usd": "much", "source": "s"}}}}, "no price"),
        ({"regions": {"x": {"kms-key-month": {"usd": 1, "source": "s", "as_of": "May"}}}}, "no price"),
        ({"regions": {"x": {"kms-key-month": 1}}}, "no price"),
        ({"regions": {"x": {"nothing": {"usd": 1, "source": "s"}}}}, "no such item"),
    ],
)
def test_what_is_no_price_book_is_refused(content: dict[str, Any], message: str) -> None:
    """The message names the place."""
    with pytest.raises(ValueError, match=message):
        PriceBook(content)


def test_a_book_is_read_from_a_file(tmp_path: Path) -> None:
    """What `refresh_prices` writes is read again; what is no JSON, or no mapping, is refused."""
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(shipped_content()), encoding="utf-8")
    assert load_price_book(file).regions == ("us-east-1",)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="malformed JSON at line 1"):
        load_price_book(file)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="no price book, got list"):
        load_price_book(file)
