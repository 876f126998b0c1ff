"""Refreshing the price book, with a client that answers as the AWS Price List does."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from aws_architect_constructs.checks.price_items import ITEMS, price_item
from aws_architect_constructs.checks.prices import load_price_book, shipped_content
from aws_architect_constructs.checks.refresh_prices import AmbiguousPriceError, fetch, main, refresh

REGION: Final = "eu-west-1"


def product(usage: str, *prices: tuple[str, str], reserved: str | None = None, **attributes: str) -> dict[str, Any]:
    """A product of the Price List: its usage type, its tiers, and a reservation of one year."""
    tiers = {f"t{begin}": {"beginRange": begin, "unit": "Hrs", "pricePerUnit": {"USD": usd}} for begin, usd in prices}
    terms: dict[str, Any] = {"OnDemand": {"a": {"priceDimensions": tiers}}}
    if reserved is not None:
        three = {"LeaseContractLength": "3yr", "PurchaseOption": "No Upfront", "OfferingClass": "standard"}
        convertible = {"LeaseContractLength": "1yr", "PurchaseOption": "No Upfront", "OfferingClass": "convertible"}
        standard = {"LeaseContractLength": "1yr", "PurchaseOption": "No Upfront", "OfferingClass": "standard"}
        terms["Reserved"] = {
            name: {
                "termAttributes": attributes,
                "priceDimensions": {
                    "fee": {"unit": "Quantity", "pricePerUnit": {"USD": "0"}},
                    "hour": {"unit": "Hrs", "pricePerUnit": {"USD": usd}},
                },
            }
            for name, attributes, usd in (
                ("three", three, "0.001"),
                ("convertible", convertible, "0.002"),
                ("standard", standard, reserved),
            )
        }
    return {
        "product": {"attributes": {"usagetype": usage, "regionCode": REGION, **attributes}},
        "terms": terms,
        "publicationDate": "2026-11-20T10:00:00Z",
    }


class PriceList:
    """A client with products by service, which it gives one a page, after the filters it is asked with."""

    def __init__(self, products: Mapping[str, list[dict[str, Any]]]) -> None:
        self.products = products
        self.asked: list[dict[str, Any]] = []

    def get_products(self, **arguments: Any) -> Mapping[str, Any]:
        """One page."""
        self.asked.append(arguments)
        wanted = {entry["Field"]: entry["Value"] for entry in arguments["Filters"]}
        found = [
            item
            for item in self.products.get(arguments["ServiceCode"], [])
            if all(item["product"]["attributes"].get(name, "") == value for name, value in wanted.items())
        ]
        start = int(arguments.get("NextToken", "0"))
        page: dict[str, Any] = {"PriceList": [json.dumps(item) for item in found[start : start + 1]]}
        if start + 1 < len(found):
            page["NextToken"] = str(start + 1)
        return page


NAT: Final = product("EU-NatGateway-Hours", ("0", "0.0480000000"))


def test_a_price_is_found_by_its_usage_type() -> None:
    """The Region's abbreviation in front is no matter; siblings whose names end alike are passed over."""
    decoys = [
        product("EU-NatGateway-Bytes", ("0", "0.048")),
        product("EU-Regional:NatGateway-Hours", ("0", "9")),
        product("EU-SomeNatGateway-HoursMore", ("0", "9")),
    ]
    client = PriceList({"AmazonEC2": [*decoys, NAT]})
    assert fetch(client, ITEMS["nat-gateway-hour"], REGION) == {
        "usd": 0.048,
        "source": "https://api.pricing.us-east-1.amazonaws.com",
        "as_of": "2026-11-20",
    }
    assert len(client.asked) == 4  # every page was read
    assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION} in client.asked[0]["Filters"]


@pytest.mark.parametrize("usage", ["KMS-Keys", "eu-west-1-KMS-Keys", "EU-KMS-Keys"])
def test_usage_types_are_written_in_several_ways(usage: str) -> None:
    """With nothing, with an abbreviation, or with the whole Region in front."""
    client = PriceList({"awskms": [product(usage, ("0", "1.0"))]})
    entry = fetch(client, ITEMS["kms-key-month"], REGION)
    assert entry is not None
    assert entry["usd"] == 1.0


def test_a_free_tier_is_skipped() -> None:
    """The first tier that costs something is the price."""
    client = PriceList({"AWSLambda": [product("EU-Request", ("0", "0"), ("1000000", "0.0000002"))]})
    entry = fetch(client, ITEMS["lambda-request"], REGION)
    assert entry is not None
    assert entry["usd"] == 0.0000002


def test_the_standard_reservation_of_one_year_is_taken() -> None:
    """Neither three years nor a convertible one, and the hour rather than the fee."""
    client = PriceList(
        {
            "AmazonEC2": [
                product(
                    "EU-BoxUsage:m7g.large",
                    ("0", "0.0911"),
                    reserved="0.0602",
                    operatingSystem="Linux",
                    preInstalledSw="NA",
                    capacitystatus="Used",
                )
            ]
        }
    )
    entry = fetch(client, price_item("ec2/linux/m7g.large"), REGION)
    assert entry is not None
    assert (entry["usd"], entry["one_year_usd"]) == (0.0911, 0.0602)
    assert entry["one_year_source"] == entry["source"]


def test_several_prices_are_not_chosen_from() -> None:
    """If the Price List gives two prices for one item, none is taken."""
    client = PriceList({"AmazonEC2": [NAT, product("NatGateway-Hours", ("0", "0.05"))]})
    with pytest.raises(
        AmbiguousPriceError, match=r"nat-gateway-hour in eu-west-1: several prices, got \[0.048, 0.05\]"
    ):
        fetch(client, ITEMS["nat-gateway-hour"], REGION)


def test_what_the_list_does_not_have_is_none() -> None:
    """Neither a missing product nor one without a price is taken for free."""
    free = product("EU-NatGateway-Hours", ("0", "0"))
    assert fetch(PriceList({}), ITEMS["nat-gateway-hour"], REGION) is None
    assert fetch(PriceList({"AmazonEC2": [free]}), ITEMS["nat-gateway-hour"], REGION) is None


def test_an_item_that_is_the_same_everywhere_is_kept_so() -> None:
    """A hosted zone is asked for without a Region, and kept under no Region."""
    zone = product("HostedZone", ("0", "0.5"))
    del zone["product"]["attributes"]["regionCode"]
    client = PriceList({"AmazonRoute53": [zone]})
    book, problems = refresh(client, [REGION], ["hosted-zone-month"], {"regions": {}})
    assert problems == []
    assert list(book["regions"]) == ["global"]


def test_problems_are_told_and_the_base_is_kept() -> None:
    """What cannot be found stays as the base has it, and is named."""
    client = PriceList({"AmazonEC2": [NAT, product("NatGateway-Hours", ("0", "0.05"))]})
    base = shipped_content()
    book, problems = refresh(client, ["us-east-1", REGION], ["nat-gateway-hour", "kms-key-month"], base)
    assert book["regions"]["us-east-1"] == base["regions"]["us-east-1"]
    assert len(problems) == 4
    assert "kms-key-month in eu-west-1: the Price List has no such product" in problems
    assert any("several prices" in sentence for sentence in problems)


def test_the_command_writes_a_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--output` holds what was found, readable as a price book; 1 says that something was not."""
    output = tmp_path / "prices.json"
    client = PriceList({"AmazonEC2": [NAT]})
    assert main(["--region", REGION, "--output", str(output)], client) == 1
    price = load_price_book(output).find(REGION, "nat-gateway-hour")
    assert price is not None
    assert price.usd == 0.048
    streams = capsys.readouterr()
    assert "1 prices" in streams.out
    assert "kms-key-month in eu-west-1: the Price List has no such product" in streams.err


def test_the_command_takes_more_items_and_a_base(tmp_path: Path) -> None:
    """`--item` asks for one more, `--base` begins with another book."""
    base, output = tmp_path / "base.json", tmp_path / "prices.json"
    base.write_text(json.dumps(shipped_content()), encoding="utf-8")
    bigger = product("EU-InstanceUsage:db.m7g.large", ("0", "0.19"), databaseEngine="PostgreSQL")
    client = PriceList({"AmazonRDS": [bigger]})
    item = "rds/postgres/single/db.m7g.large"
    main(["--region", REGION, "--output", str(output), "--base", str(base), "--item", item], client)
    book = load_price_book(output)
    assert book.regions == (REGION, "us-east-1")
    price = book.find(REGION, item)
    assert price is not None
    assert price.usd == 0.19


def test_without_boto3_the_command_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 is no dependency of this package."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert main(["--region", REGION, "--output", str(tmp_path / "x.json")]) == 2
    assert "pip install boto3" in capsys.readouterr().err


def test_with_boto3_the_client_is_made_where_the_list_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Price List Query API is asked in us-east-1, with whatever credentials boto3 finds."""
    made: list[tuple[str, str]] = []

    class Boto3:
        """A stand-in for the module."""

        @staticmethod
        def client(name: str, *, region_name: str) -> PriceList:
            """Make the client."""
            made.append((name, region_name))
            return PriceList({"AmazonEC2": [NAT]})

    monkeypatch.setitem(sys.modules, "boto3", Boto3)
    assert main(["--region", REGION, "--output", str(tmp_path / "x.json")]) == 1
    assert made == [("pricing", "us-east-1")]
