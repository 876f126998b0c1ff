"""Refreshing the price book, with a client that answers as the AWS Price List does."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from aws_architect_constructs.checks.cost_report import as_json
from aws_architect_constructs.checks.estimate import estimate
from aws_architect_constructs.checks.price_items import ITEMS, PriceItem, price_item
from aws_architect_constructs.checks.price_list import (
    AmbiguousPriceError,
    Listed,
    ask_price,
    ask_savings_plan,
    today,
)
from aws_architect_constructs.checks.prices import (
    PriceBook,
    load_price_book,
    render,
    shipped_content,
)
from aws_architect_constructs.checks.refresh_prices import main, refresh
from aws_architect_constructs.checks.templates import Template

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

    @staticmethod
    def _is_met(attributes: Mapping[str, str], entry: Mapping[str, str]) -> bool:
        value = attributes.get(entry["Field"], "")
        return entry["Value"] in value if entry["Type"] == "CONTAINS" else entry["Value"] == value

    def get_products(self, **arguments: Any) -> Mapping[str, Any]:
        """One page."""
        self.asked.append(arguments)
        found = [
            item
            for item in self.products.get(arguments["ServiceCode"], [])
            if all(self._is_met(item["product"]["attributes"], entry) for entry in arguments["Filters"])
        ]
        start = int(arguments.get("NextToken", "0"))
        page: dict[str, Any] = {"PriceList": [json.dumps(item) for item in found[start : start + 1]]}
        if start + 1 < len(found):
            page["NextToken"] = str(start + 1)
        return page


class SavingsPlans:
    """A client with rates, which it gives one a page, after the filters it is asked with."""

    def __init__(self, *rates: dict[str, Any]) -> None:
        self.rates = rates
        self.asked: list[dict[str, Any]] = []

    def describe_savings_plans_offering_rates(self, **arguments: Any) -> Mapping[str, Any]:
        """One page."""
        self.asked.append(arguments)
        assert arguments["savingsPlanPaymentOptions"] == ["No Upfront"]
        found = [
            rate
            for rate in self.rates
            if rate["serviceCode"] in arguments["serviceCodes"]
            and rate["usageType"] in arguments["usageTypes"]
            and rate["savingsPlanOffering"]["planType"] in arguments["savingsPlanTypes"]
        ]
        start = int(arguments.get("nextToken", "0"))
        page: dict[str, Any] = {"searchResults": found[start : start + 1]}
        if start + 1 < len(found):
            page["nextToken"] = str(start + 1)
        return page


def rate(
    service: str, usage: str, usd: str, *, plan: str = "Compute", years: int = 1, operation: str = ""
) -> dict[str, Any]:
    """A rate of a Savings Plan."""
    return {
        "savingsPlanOffering": {"planType": plan, "durationSeconds": years * 31_536_000},
        "rate": usd,
        "serviceCode": service,
        "usageType": usage,
        "operation": operation,
    }


NAT: Final = product("EU-NatGateway-Hours", ("0", "0.0480000000"))


def asked(client: PriceList, item: PriceItem) -> Listed:
    """What the list says of an item that it has."""
    listed = ask_price(client, item, REGION)
    assert listed is not None
    return listed


def test_a_price_is_found_by_its_usage_type() -> None:
    """The Region's abbreviation in front is no matter; siblings whose names end alike are passed over."""
    decoys = [
        product("EU-NatGateway-Bytes", ("0", "0.048")),
        product("EU-Regional:NatGateway-Hours", ("0", "9")),
        product("EU-SomeNatGateway-HoursMore", ("0", "9")),
    ]
    client = PriceList({"AmazonEC2": [*decoys, NAT]})
    listed = asked(client, ITEMS["nat-gateway-hour"])
    assert (listed.usd, listed.published, listed.reserved_usd) == (0.048, "2026-11-20", None)
    assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION} in client.asked[0]["Filters"]


def test_only_the_usage_type_is_asked_for() -> None:
    """A gateway is not looked for among all products of EC2: what AWS answers with is every page of what may be it."""
    client = PriceList({"AmazonEC2": [product("EU-BoxUsage:m7g.large", ("0", "1")), NAT, NAT, NAT]})
    asked(client, ITEMS["nat-gateway-hour"])
    assert {"Type": "CONTAINS", "Field": "usagetype", "Value": "NatGateway-Hours"} in client.asked[0]["Filters"]
    assert len(client.asked) == 3


@pytest.mark.parametrize("usage", ["KMS-Keys", "eu-west-1-KMS-Keys", "EU-KMS-Keys"])
def test_usage_types_are_written_in_several_ways(usage: str) -> None:
    """With nothing, with an abbreviation, or with the whole Region in front."""
    client = PriceList({"awskms": [product(usage, ("0", "1.0"))]})
    assert asked(client, ITEMS["kms-key-month"]).usd == 1.0


@pytest.mark.parametrize(
    ("item", "usage", "decoy"),
    [
        ("dynamodb-gb-month", "TimedStorage-ByteHrs", "IA-TimedStorage-ByteHrs"),
        ("s3-put", "Requests-Tier1", "Tables-Requests-Tier1"),
        ("lambda-request", "Request", "Lambda-Edge-Request"),
        ("lambda-x86-gb-second", "Lambda-GB-Second", "USE1-LAX1-Lambda-GB-Second"),
    ],
)
def test_another_storage_class_is_no_abbreviation_of_a_region(item: str, usage: str, decoy: str) -> None:
    """In us-east-1 usage types have no Region in front, and those of another class or product look as if they had."""
    attributes = ITEMS[item].filters
    products = [product(usage, ("0", "0.25"), **attributes), product(decoy, ("0", "0.1"), **attributes)]
    listed = asked(PriceList({ITEMS[item].service: products}), ITEMS[item])
    assert (listed.usd, {name for name, _ in listed.usages}) == (0.25, {usage})


def test_what_stands_on_an_outpost_is_passed_over() -> None:
    """Its products have the code of the Region that it belongs to, and another price."""
    outpost = product("EU-NatGateway-Hours", ("0", "0.06"), locationType="AWS Outposts")
    here = product("EU-NatGateway-Hours", ("0", "0.048"), locationType="AWS Region")
    assert asked(PriceList({"AmazonEC2": [outpost, here]}), ITEMS["nat-gateway-hour"]).usd == 0.048


def storage(*engines: tuple[str, str]) -> PriceList:
    """A list with Aurora's storage by engine."""
    products = [product("EU-Aurora:StorageUsage", ("0", usd), databaseEngine=engine) for engine, usd in engines]
    return PriceList({"AmazonRDS": products})


def test_storage_has_one_price_for_any_engine_or_one_for_each() -> None:
    """The engine's own price is taken; where the list has none, the one that is for any engine."""
    item = ITEMS["aurora-gb-month"]
    assert asked(storage(("Any", "0.1")), item).usd == 0.1
    assert asked(storage(("Any", "0.1"), ("Aurora PostgreSQL", "0.11"), ("Aurora MySQL", "0.12")), item).usd == 0.11
    assert ask_price(storage(("Aurora MySQL", "0.12")), item, REGION) is None


def test_a_free_tier_is_skipped() -> None:
    """The first tier that costs something is the price."""
    client = PriceList({"AWSLambda": [product("EU-Request", ("0", "0"), ("1000000", "0.0000002"))]})
    assert asked(client, ITEMS["lambda-request"]).usd == 0.0000002


def test_of_several_tiers_the_first_is_taken_and_of_several_lists_the_last_date() -> None:
    """Not the lowest price, which only much use gets; the same price of two products has the later date."""
    tiers = product("EU-NatGateway-Hours", ("0", "0.05"), ("100", "0.04"), ("9", "0.045"))
    for dates in (("2026-11-21", "2026-11-20"), ("2026-11-20", "2026-11-21")):
        lists = [{**tiers, "publicationDate": f"{date}T10:00:00Z"} for date in dates]
        listed = asked(PriceList({"AmazonEC2": lists}), ITEMS["nat-gateway-hour"])
        assert (listed.usd, listed.published) == (0.05, "2026-11-21")


def test_a_list_without_a_date_is_of_today() -> None:
    """What the API gives without a date of publication is valid on the day it is asked."""
    undated = {**NAT, "publicationDate": ""}
    assert asked(PriceList({"AmazonEC2": [undated]}), ITEMS["nat-gateway-hour"]).published == today()


LINUX: Final = {"operatingSystem": "Linux", "preInstalledSw": "NA", "capacitystatus": "Used"}


def instance(*, reserved: str | None) -> dict[str, Any]:
    """An EC2 instance of the Price List."""
    operation = {"operation": "RunInstances"}
    return product("EU-BoxUsage:m7g.large", ("0", "0.0911"), reserved=reserved, **LINUX, **operation)


def test_the_standard_reservation_of_one_year_is_taken() -> None:
    """Neither three years nor a convertible one, and the hour rather than the fee."""
    client = PriceList({"AmazonEC2": [instance(reserved="0.0602")]})
    listed = asked(client, price_item("ec2/linux/m7g.large"))
    assert (listed.usd, listed.reserved_usd) == (0.0911, 0.0602)


def test_the_savings_plan_of_one_year_is_taken() -> None:
    """Of its own operation, since one usage type has a rate for each engine, on whichever page; not three years."""
    item = price_item("rds/postgres/single/db.m7g.large")
    usage = "EU-InstanceUsage:db.m7g.large"
    products = [product(usage, ("0", "0.2"), databaseEngine="PostgreSQL", operation="CreateDBInstance:0014")]
    listed = asked(PriceList({"AmazonRDS": products}), item)
    plans = SavingsPlans(
        rate("AmazonRDS", usage, "0.01", plan="Database", operation="CreateDBInstance:0002"),
        rate("AmazonRDS", usage, "0.02", plan="Database", operation="CreateDBInstance:0014", years=3),
        rate("AmazonRDS", usage, "0.16", plan="Database", operation="CreateDBInstance:0014"),
        rate("AmazonRDS", usage, "0.17", plan="Database", operation="CreateDBInstance:0014"),
    )
    assert ask_savings_plan(plans, item, listed, REGION) == (0.16, "Database Savings Plan")
    assert {"name": "region", "values": [REGION]} in plans.asked[0]["filters"]
    assert len(plans.asked) == 4


@pytest.mark.parametrize(("rates", "found"), [(("0.03",), (0.03, "Compute Savings Plan")), (("0.03", "0.02"), None)])
def test_a_rate_of_another_operation_counts_if_it_is_the_only_one(
    rates: tuple[str, ...], found: tuple[float, str] | None
) -> None:
    """Fargate has no operation in the Price List; of two rates none is chosen."""
    item, usage = ITEMS["fargate-arm-vcpu-hour"], "EU-Fargate-ARM-vCPU-Hours:perCPU"
    listed = asked(PriceList({"AmazonECS": [product(usage, ("0", "0.0367"))]}), item)
    plans = SavingsPlans(
        *(rate("AmazonECS", usage, usd, operation=f"Task{number}") for number, usd in enumerate(rates))
    )
    assert ask_savings_plan(plans, item, listed, REGION) == found


def test_what_no_savings_plan_covers_is_not_asked_for() -> None:
    """Neither a gateway, although plans cover other things of EC2, nor a warehouse, which has reservations alone."""
    plans = SavingsPlans()
    listed = Listed(usd=1.0, published="2026-11-20", usages=frozenset({("NatGateway-Hours", "")}), reserved_usd=None)
    assert ask_savings_plan(plans, ITEMS["nat-gateway-hour"], listed, REGION) is None
    assert ask_savings_plan(plans, price_item("redshift/ra3.large"), listed, REGION) is None
    assert plans.asked == []


@pytest.mark.parametrize(
    "item",
    [
        "docdb/db.r8g.large",
        "dynamodb-rcu-hour",
        "ec2/linux/m7g.large",
        "elasticache/valkey/cache.r7g.large",
        "fargate-arm-vcpu-hour",
        "lambda-arm-gb-second",
        "neptune/db.r8g.large",
        "opensearch/r7g.large.search",
        "rds/mysql/single/db.m7g.large",
    ],
)
def test_what_plans_cover_is_asked_for(item: str) -> None:
    """Each service of Compute and of Database Savings Plans, for both plans; one that has no rate has no plan."""
    plans, wanted = SavingsPlans(), price_item(item)
    listed = Listed(usd=1.0, published="2026-11-20", usages=frozenset({(wanted.usage, "")}), reserved_usd=None)
    assert ask_savings_plan(plans, wanted, listed, REGION) is None
    assert [(call["serviceCodes"], call["usageTypes"]) for call in plans.asked] == [([wanted.service], [wanted.usage])]
    assert plans.asked[0]["savingsPlanTypes"] == ["Compute", "Database"]


def test_several_prices_are_not_chosen_from() -> None:
    """If the Price List gives two prices for one item, none is taken."""
    client = PriceList({"AmazonEC2": [NAT, product("NatGateway-Hours", ("0", "0.05"))]})
    with pytest.raises(
        AmbiguousPriceError, match=r"nat-gateway-hour in eu-west-1: several prices, got \[0.048, 0.05\]"
    ):
        ask_price(client, ITEMS["nat-gateway-hour"], REGION)


def test_what_the_list_does_not_have_is_none() -> None:
    """Neither a missing product nor one without a price is taken for free."""
    free = product("EU-NatGateway-Hours", ("0", "0"))
    assert ask_price(PriceList({}), ITEMS["nat-gateway-hour"], REGION) is None
    assert ask_price(PriceList({"AmazonEC2": [free]}), ITEMS["nat-gateway-hour"], REGION) is None


EMPTY: Final[dict[str, Any]] = {"sources": {}, "regions": {}}


@pytest.mark.parametrize(
    ("reserved", "planned", "usd", "plan", "source"),
    [
        ("0.0602", "0.07", 0.0602, "reserved", "AWS Price List, AmazonEC2 2026-11-20"),
        ("0.0602", "0.0602", 0.0602, "reserved", "AWS Price List, AmazonEC2 2026-11-20"),
        ("0.0602", "0.06", 0.06, "Compute Savings Plan", f"AWS Savings Plans {today()}"),
        (None, "0.07", 0.07, "Compute Savings Plan", f"AWS Savings Plans {today()}"),
    ],
)
def test_the_lower_commitment_is_kept(reserved: str | None, planned: str, usd: float, plan: str, source: str) -> None:
    """A reservation or a Savings Plan, whichever costs less, with its own source."""
    client = PriceList({"AmazonEC2": [instance(reserved=reserved)]})
    plans = SavingsPlans(rate("AmazonEC2", "EU-BoxUsage:m7g.large", planned, operation="RunInstances"))
    book, _ = refresh(client, plans, [REGION], ["ec2/linux/m7g.large"], EMPTY)
    entry = book["regions"][REGION]["ec2/linux/m7g.large"]
    assert entry["usd"] == 0.0911
    assert entry["one_year"] == {"usd": usd, "plan": plan, "source": source}
    assert set(book["sources"]) == {entry["source"], source}


def test_without_savings_plans_reservations_are_read_alone() -> None:
    """The second permission is not needed."""
    client = PriceList({"AmazonEC2": [instance(reserved=None)]})
    book, _ = refresh(client, None, [REGION], ["ec2/linux/m7g.large"], EMPTY)
    assert "one_year" not in book["regions"][REGION]["ec2/linux/m7g.large"]


def test_without_savings_plans_the_base_keeps_what_it_knew() -> None:
    """A commitment that was not asked for is not forgotten."""
    known = {"usd": 0.06, "plan": "Compute Savings Plan", "source": "plans"}
    sources = {
        name: {"title": name, "url": "https://aws.amazon.com/", "as_of": "2026-01-01"} for name in ("a", "plans")
    }
    entry = {"usd": 0.1, "source": "a", "one_year": known}
    base = {"sources": sources, "regions": {REGION: {"ec2/linux/m7g.large": entry}}}
    book, _ = refresh(
        PriceList({"AmazonEC2": [instance(reserved=None)]}), None, [REGION], ["ec2/linux/m7g.large"], base
    )
    assert book["regions"][REGION]["ec2/linux/m7g.large"]["one_year"] == known
    assert "plans" in book["sources"]


def test_what_is_the_same_everywhere_is_asked_for_once() -> None:
    """However many Regions are named."""
    client = PriceList({"AmazonRoute53": []})
    refresh(client, None, [REGION, "us-east-1"], ["hosted-zone-month"], EMPTY)
    assert len(client.asked) == 1


def test_an_item_that_is_the_same_everywhere_is_kept_so() -> None:
    """A hosted zone is asked for without a Region, and kept under no Region."""
    zone = product("HostedZone", ("0", "0.5"))
    del zone["product"]["attributes"]["regionCode"]
    client = PriceList({"AmazonRoute53": [zone]})
    book, problems = refresh(client, None, [REGION], ["hosted-zone-month"], EMPTY)
    assert problems == []
    assert list(book["regions"]) == ["global"]


def test_problems_are_told_and_the_base_is_kept() -> None:
    """What cannot be found stays as the base has it, and is named."""
    client = PriceList({"AmazonEC2": [NAT, product("NatGateway-Hours", ("0", "0.05"))]})
    base = shipped_content()
    book, problems = refresh(client, None, ["us-east-1", REGION], ["nat-gateway-hour", "alarm-month"], base)
    assert book == base
    assert len(problems) == 4
    assert "alarm-month in eu-west-1: the Price List has no such product" in problems
    assert any("several prices" in sentence for sentence in problems)


def test_a_source_that_nothing_is_from_is_left_out() -> None:
    """A price that was found anew takes its old source along, if nothing else is from it."""
    old = {"title": "an old list", "url": "https://aws.amazon.com/", "as_of": "2026-01-01"}
    base = {"sources": {"old": old}, "regions": {REGION: {"nat-gateway-hour": {"usd": 1.0, "source": "old"}}}}
    book, _ = refresh(PriceList({"AmazonEC2": [NAT]}), None, [REGION], ["nat-gateway-hour"], base)
    assert list(book["sources"]) == ["AWS Price List, AmazonEC2 2026-11-20"]


def test_the_command_writes_a_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--output` holds what was found, readable as a price book; 1 says that something was not."""
    output = tmp_path / "prices.json"
    client = PriceList({"AmazonEC2": [NAT]})
    assert main(["--region", REGION, "--output", str(output)], client) == 1
    price = load_price_book(output).find(REGION, "nat-gateway-hour")
    assert price is not None
    assert price.usd == 0.048
    assert price.source.as_of.isoformat() == "2026-11-20"
    streams = capsys.readouterr()
    assert "1 prices" in streams.out
    assert "alarm-month in eu-west-1: the Price List has no such product" in streams.err


def test_the_command_takes_more_items_and_a_base(tmp_path: Path) -> None:
    """`--item` asks for one more, `--base` begins with another book."""
    base, output = tmp_path / "base.json", tmp_path / "prices.json"
    base.write_text(render(shipped_content()), encoding="utf-8")
    bigger = product("EU-InstanceUsage:db.m7g.24xlarge", ("0", "4.56"), databaseEngine="PostgreSQL")
    client = PriceList({"AmazonRDS": [bigger]})
    item = "rds/postgres/single/db.m7g.24xlarge"
    main(["--region", REGION, "--output", str(output), "--base", str(base), "--item", item], client)
    book = load_price_book(output)
    assert {REGION, "us-east-1"} <= set(book.regions)
    price = book.find(REGION, item)
    assert price is not None
    assert price.usd == 4.56


def test_the_command_asks_for_what_a_report_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What runs, what is charged for by use, and what had no price: no more and no less."""
    resources = {
        "N": {"Type": "AWS::EC2::NatGateway"},
        "D": {"Type": "AWS::DocDB::DBInstance", "Properties": {"DBInstanceClass": "db.r8g.large"}},
        "Z": {"Type": "AWS::Route53::HostedZone"},
    }
    found = estimate([Template("Stack", content={"Resources": resources}, region=REGION)], PriceBook(EMPTY))
    report, output = tmp_path / "fixed-cost.json", tmp_path / "prices.json"
    report.write_text(json.dumps(as_json(found)), encoding="utf-8")
    document = product("EU-InstanceUsage:db.r8g.large", ("0", "0.3"))
    client = PriceList({"AmazonEC2": [NAT], "AmazonDocDB": [document]})
    assert main(["--region", REGION, "--report", str(report), "--output", str(output)], client) == 1
    assert [price.item.id for price in load_price_book(output)] == ["docdb/db.r8g.large", "nat-gateway-hour"]
    assert capsys.readouterr().err.splitlines() == [
        "hosted-zone-month in eu-west-1: the Price List has no such product",
        "nat-gateway-gb in eu-west-1: the Price List has no such product",
    ]


def test_what_nobody_could_name_is_not_asked_for() -> None:
    """An item whose usage type is not known is said to be so."""
    client = PriceList({})
    _, problems = refresh(client, None, [REGION], ["database-insights-vcpu-hour"], EMPTY)
    assert problems == ["database-insights-vcpu-hour in eu-west-1: how the Price List calls it is not known"]
    assert client.asked == []


def test_an_id_that_is_no_item_is_told_and_the_others_are_asked_for() -> None:
    """A report can name what a template says and nobody sells, such as a volume type that OpenSearch does not have."""
    items = ["opensearch-io9-gb-month", "nat-gateway-hour"]
    book, problems = refresh(PriceList({"AmazonEC2": [NAT]}), None, [REGION], items, EMPTY)
    assert list(book["regions"][REGION]) == ["nat-gateway-hour"]
    assert [sentence.split(";")[0] for sentence in problems] == [
        "no such item of the price list, got 'opensearch-io9-gb-month'"
    ]


@pytest.mark.parametrize("option", ["--base", "--report"])
@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"stacks": [1]}', '{"sources": {}, "regions": {"x": 1}}'])
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    """A wrong file is a usage error, not a traceback."""
    file = tmp_path / "file.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["--region", REGION, "--output", str(tmp_path / "x.json"), option, str(file)], PriceList({}))
    assert stopped.value.code == 2
    assert "--base must be a price book, and --report a fixed-cost.json" in capsys.readouterr().err


def test_without_boto3_the_command_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 is no dependency of this package."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert main(["--region", REGION, "--output", str(tmp_path / "x.json")]) == 2
    assert "pip install boto3" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "plans"), [([], ["Compute Savings Plan"]), (["--without-savings-plans"], [])])
def test_with_boto3_the_clients_are_made_where_they_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], plans: list[str]
) -> None:
    """Both APIs are asked in us-east-1, with whatever credentials boto3 finds; the second one if it is wanted."""
    made: list[tuple[str, str]] = []
    task = product("EU-Fargate-vCPU-Hours:perCPU", ("0", "0.04"))
    clients: dict[str, PriceList | SavingsPlans] = {
        "pricing": PriceList({"AmazonECS": [task]}),
        "savingsplans": SavingsPlans(rate("AmazonECS", "EU-Fargate-vCPU-Hours:perCPU", "0.03")),
    }

    class Boto3:
        """A stand-in for the module."""

        @staticmethod
        def client(name: str, *, region_name: str) -> PriceList | SavingsPlans:
            """Make the client."""
            made.append((name, region_name))
            return clients[name]

    monkeypatch.setitem(sys.modules, "boto3", Boto3)
    output = tmp_path / "x.json"
    assert main(["--region", REGION, "--output", str(output), *options]) == 1
    assert made == [("pricing", "us-east-1"), ("savingsplans", "us-east-1")]
    assert [price.one_year.plan for price in load_price_book(output) if price.one_year] == plans
