"""The price book: each figure against the published one, with its date and source."""

import json
import re
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.checks.price_items import HOUR, ITEMS, price_item
from aws_architect_constructs.checks.prices import (
    HOURS_PER_MONTH,
    PriceBook,
    Source,
    load_price_book,
    render,
    shipped_content,
    shipped_price_book,
)
from aws_architect_constructs.network import prices as network
from aws_architect_constructs.testing._template_yaml import parse

PUBLISHED: Final[list[dict[str, Any]]] = parse(
    (Path(__file__).parents[2] / "data" / "checks" / "published_prices.yaml").read_text(encoding="utf-8")
)
# What is charged for, and nobody could cite with a date: it is told as not known.
UNPRICED: Final = {"clb-gb"}
ON_DEMAND: Final = [record for record in PUBLISHED if "prices" in record]
ONE_YEAR: Final = [record for record in PUBLISHED if "one_year" in record]
PRICES: Final = list(shipped_price_book())
# What AWS publishes itself: its lists, its pages and their feeds, and its own repositories.
PUBLISHED_BY_AWS: Final = re.compile(
    r"https://([a-z0-9.-]+\.amazonaws\.com|aws\.amazon\.com|[a-z0-9.]+\.awsstatic\.com|raw\.githubusercontent\.com/aws)/"
)

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
    "kinesis-shard-hour": "10.95",
    "kinesis-on-demand-hour": "29.20",
    "fargate-x86-vcpu-hour": "29.55",
    "fargate-arm-vcpu-hour": "23.64",
    "aurora-acu-hour": "87.60",
    "kms-key-month": "1.00",
    "secret-month": "0.40",
    "web-acl-month": "5.00",
    "rds/postgres/multi/db.t4g.medium": "94.17",
    "rds/mysql/single/db.t3.large": "99.28",
    "aurora/postgres/standard/db.r6g.large": "189.80",
    "ec2/linux/t3.medium": "30.37",
}


def name_of(record: dict[str, Any]) -> str:
    """How a test of a record is called."""
    return f"{record['region']} {record['title']} {record['as_of']}"


def source_of(record: dict[str, Any]) -> Source:
    """The source that a record was read from."""
    return Source(
        title=record["title"],
        url=record["url"],
        as_of=date.fromisoformat(record["as_of"]),
        quoted_by=record.get("quoted_by"),
    )


@pytest.mark.parametrize("record", ON_DEMAND, ids=name_of)
def test_a_price_is_the_published_one(record: dict[str, Any]) -> None:
    """Each figure of the book is the one that was read, from the source and of the date that the record says."""
    found = {
        price.item.id: Decimal(str(price.usd))
        for price in PRICES
        if price.region == record["region"] and price.source == source_of(record)
    }
    assert found == {item: Decimal(usd) for item, usd in record["prices"].items()}


@pytest.mark.parametrize("record", ONE_YEAR, ids=name_of)
def test_a_commitment_is_the_published_one(record: dict[str, Any]) -> None:
    """So is each price with a commitment of one year, and what is committed to."""
    found = {
        price.item.id: Decimal(str(price.one_year.usd))
        for price in PRICES
        if price.one_year is not None
        and (price.region, price.one_year.plan) == (record["region"], record["plan"])
        and price.one_year.source == source_of(record)
    }
    assert found == {item: Decimal(usd) for item, usd in record["one_year"].items()}


def test_every_price_is_published() -> None:
    """No price is in the book that is not in the second record, and no item is without a price."""
    on_demand = sorted((record["region"], item) for record in ON_DEMAND for item in record["prices"])
    assert sorted((price.region, price.item.id) for price in PRICES) == on_demand
    committed = sorted((record["region"], item) for record in ONE_YEAR for item in record["one_year"])
    assert sorted((price.region, price.item.id) for price in PRICES if price.one_year) == committed
    assert set(ITEMS) - {price.item.id for price in PRICES} == UNPRICED


@pytest.mark.parametrize(("item", "usd"), BY_MONTH.items())
def test_a_month_costs_what_people_quote(item: str, usd: str) -> None:
    """Hourly prices count 730 hours, monthly ones once."""
    price = shipped_price_book().find("us-east-1", item)
    assert price is not None
    assert abs(price.per_month - float(usd)) < 0.0051


@pytest.mark.parametrize("record", PUBLISHED, ids=name_of)
def test_a_source_is_dated(record: dict[str, Any]) -> None:
    """Each source says what was read at AWS, when, and by whom; none is much older than a year."""
    source = source_of(record)
    assert source.title
    assert PUBLISHED_BY_AWS.match(source.url)
    assert source.quoted_by != ""
    assert date(2025, 6, 1) <= source.as_of <= date(2026, 11, 25)


def test_a_price_is_one() -> None:
    """Each costs something, a commitment less, and AWS publishes it on a page."""
    for price in PRICES:
        assert price.usd > 0
        assert price.one_year is None or 0 < price.one_year.usd < price.usd, price
        assert urlsplit(price.item.page).hostname == "aws.amazon.com"
        assert price.item.page.endswith("/")


def test_multi_az_costs_about_twice() -> None:
    """A slip of a digit would show: a standby doubles the price, but for the third digit that AWS rounds to."""
    book = shipped_price_book()
    pairs = [
        (price.usd, single.usd, price.item.id)
        for price in PRICES
        if "/multi/" in price.item.id
        and (single := book.find(price.region, price.item.id.replace("/multi/", "/single/"))) is not None
    ]
    assert len(pairs) > 10
    for multi, single_usd, item in pairs:
        assert abs(multi - 2 * single_usd) <= 0.0011, item


def test_sizes_of_a_family_scale() -> None:
    """A slip of a digit would show: within a family of EC2 that has no accelerator, a size costs what its vCPUs do."""
    book = shipped_price_book()
    for family in ("t3", "t4g", "m5", "m6i", "m6g", "m7i", "m7g", "m8g", "c6i", "c7g", "c8g", "r6i", "r7g", "r8g"):
        large = book.find("us-east-1", f"ec2/linux/{family}.large")
        assert large is not None
        for size, times in (("xlarge", 2), ("2xlarge", 4), ("4xlarge", 8), ("12xlarge", 24), ("16xlarge", 32)):
            price = book.find("us-east-1", f"ec2/linux/{family}.{size}")
            assert price is None or abs(price.usd - times * large.usd) <= times * 0.0001, price


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


def test_the_shipped_file_is_as_it_is_written() -> None:
    """`refresh_prices` writes the same text: an entry a line, sorted, so that a change can be reviewed."""
    text = files("aws_architect_constructs.checks").joinpath("prices.json").read_text(encoding="utf-8")
    assert render(shipped_content()) == text


@given(
    st.dictionaries(st.sampled_from(["about", "currency"]), st.text(), max_size=2),
    st.dictionaries(st.text(), st.dictionaries(st.text(), st.integers(), max_size=3), max_size=3),
    st.dictionaries(st.text(), st.dictionaries(st.text(), st.integers(), max_size=3), max_size=3),
)
def test_a_written_book_is_the_same_content(
    head: dict[str, str], sources: dict[str, Any], regions: dict[str, Any]
) -> None:
    """Whatever a book holds, the text is JSON that reads as it."""
    content = {**head, "sources": sources, "regions": regions}
    assert json.loads(render(content)) == content


def test_every_source_is_used() -> None:
    """The book names no source that no price is from."""
    used = {price.source for price in PRICES} | {price.one_year.source for price in PRICES if price.one_year}
    assert len(used) == len(shipped_content()["sources"])


def test_the_book_names_its_regions() -> None:
    """us-east-1 and the Regions whose prices can be cited; the others are for `refresh_prices` to write."""
    assert "us-east-1" in shipped_price_book().regions
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
        ("rds/postgres/cluster/db.m6gd.large", "Multi-AZClusterUsage:db.m6gd.large", HOUR),
        ("rds-gp2-single-gb-month", "RDS:GP2-Storage", "GB-month"),
        ("rds-gp3-multi-gb-month", "RDS:Multi-AZ-GP3-Storage", "GB-month"),
        ("rds-gp3-cluster-iops-month", "RDS:Multi-AZCluster-GP3-PIOPS", "IOPS-month"),
        ("rds-gp3-single-mibps-month", "RDS:GP3-Throughput", "MiBps-month"),
        ("rds-io1-single-gb-month", "RDS:PIOPS-Storage", "GB-month"),
        ("rds-io1-multi-iops-month", "RDS:Multi-AZ-PIOPS", "IOPS-month"),
        ("rds-io2-single-gb-month", "RDS:IO2-PIOPS-Storage", "GB-month"),
        ("rds-io2-single-iops-month", "RDS:IO2-PIOPS", "IOPS-month"),
        ("docdb/db.r6g.large", "InstanceUsage:db.r6g.large", HOUR),
        ("elasticache/valkey/cache.t4g.micro", "NodeUsage:cache.t4g.micro", HOUR),
        ("msk/kafka.m7g.large", "Kafka.m7g.large", HOUR),
        ("redshift/ra3.xlplus", "Node:ra3.xlplus", HOUR),
        ("api-gateway-cache/0.5", "ApiGatewayCacheUsage:0.5GB", HOUR),
        ("dashboard-month", "DashboardsUsageHour", "month"),
        ("ebs-io1-gb-month", "EBS:VolumeUsage.piops", "GB-month"),
        ("ebs-gp3-gibps-month", "EBS:VolumeP-Throughput.gp3", "GiBps-month"),
    ],
)
def test_an_item_knows_its_usage_type(item: str, usage: str, unit: str) -> None:
    """One of a family is found in the Price List by its name."""
    found = price_item(item)
    assert (found.id, found.usage, found.unit) == (item, usage, unit)


@pytest.mark.parametrize(
    ("item", "filters"),
    [
        ("ec2/linux/c7g.large", {"operatingSystem": "Linux", "preInstalledSw": "NA", "capacitystatus": "Used"}),
        ("rds/mysql/single/db.m7g.large", {"databaseEngine": "MySQL"}),
        ("aurora/mysql/standard/db.r7g.large", {"databaseEngine": "Aurora MySQL"}),
        ("aurora/postgres/io-optimized/db.r7g.large", {"databaseEngine": "Aurora PostgreSQL"}),
        ("elasticache/valkey/cache.t4g.micro", {"cacheEngine": "Valkey"}),
        ("opensearch/t3.medium.search", {"instanceType": "t3.medium.search"}),
        ("alb-hour", {"productFamily": "Load Balancer-Application"}),
    ],
)
def test_an_item_knows_its_siblings(item: str, filters: dict[str, str]) -> None:
    """One usage type is shared by engines, operating systems or kinds of load balancers."""
    assert price_item(item).filters == filters


@pytest.mark.parametrize("item", ["", "rds/oracle/single/db.t3.large", "ec2/windows/t3.large", "nat"])
def test_an_unknown_item_is_refused(item: str) -> None:
    """An item that nobody knows is a mistake."""
    with pytest.raises(ValueError, match="no such item of the price list"):
        price_item(item)


SOURCE: Final = {"title": "a list", "url": "https://aws.amazon.com/", "as_of": "2026-01-01"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "no price book"),
        ({"sources": {}, "regions": []}, "no price book"),
        ({"sources": [], "regions": {}}, "no price book"),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": {"source": "s"}}}}, "x/kms-key-month: no price"),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": {"usd": "much", "source": "s"}}}}, "no price"),
        ({"sources": {}, "regions": {"x": {"kms-key-month": {"usd": 1, "source": "s"}}}}, "no price"),
        ({"sources": {}, "regions": {"x": []}}, "x: no prices"),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": {"usd": "nan", "source": "s"}}}}, "no amount"),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": {"usd": -1, "source": "s"}}}}, "no amount"),
        (
            {"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": {"usd": 1, "source": "s", "one_year": {}}}}},
            "no price",
        ),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"kms-key-month": 1}}}, "no price"),
        ({"sources": {"s": SOURCE}, "regions": {"x": {"nothing": {"usd": 1, "source": "s"}}}}, "no such item"),
        ({"sources": {"s": {**SOURCE, "as_of": None}}, "regions": {}}, "sources/s: no source"),
        ({"sources": {"s": {**SOURCE, "as_of": "May"}}, "regions": {}}, "sources/s: no source"),
        ({"sources": {"s": {"url": "u"}}, "regions": {}}, "sources/s: no source"),
    ],
)
def test_what_is_no_price_book_is_refused(content: dict[str, Any], message: str) -> None:
    """The message names the place."""
    with pytest.raises(ValueError, match=message):
        PriceBook(content)


def test_a_book_is_read_from_a_file(tmp_path: Path) -> None:
    """What `refresh_prices` writes is read again; what is no JSON, or no mapping, is refused."""
    file = tmp_path / "prices.json"
    file.write_text(render(shipped_content()), encoding="utf-8")
    assert load_price_book(file).regions == shipped_price_book().regions
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="malformed JSON at line 1"):
        load_price_book(file)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="no price book, got list"):
        load_price_book(file)
