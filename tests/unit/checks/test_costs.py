"""What resources are charged for, what an estimate adds up to, and how it is reported."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.checks.cost_report import DISCLAIMER, as_json, as_markdown, as_table
from aws_architect_constructs.checks.costs import CALCULATORS, is_free
from aws_architect_constructs.checks.estimate import Estimate, estimate
from aws_architect_constructs.checks.price_items import GLOBAL, price_item
from aws_architect_constructs.checks.prices import Price, PriceBook, Source, shipped_price_book
from aws_architect_constructs.checks.templates import Template, read_template
from aws_architect_constructs.testing._template_yaml import parse

DATA: Final = Path(__file__).parents[2] / "data" / "checks"
CASES: Final[dict[str, dict[str, Any]]] = parse((DATA / "costs.yaml").read_text(encoding="utf-8"))


def of(resources: dict[str, Any], *, region: str | None = "us-east-1", name: str = "Stack") -> Estimate:
    """The estimate of a template with these resources, by the shipped prices."""
    return estimate([Template(name, content={"Resources": resources}, region=region)], shipped_price_book())


class EveryPrice(PriceBook):
    """A book in which every item costs a dollar, in every Region."""

    def __init__(self) -> None:
        super().__init__({"sources": {}, "regions": {}})

    def find(self, region: str | None, item_id: str) -> Price:
        """The price of any item that there is."""
        source = Source(title="a list", url="https://aws.amazon.com/", as_of=date(2026, 1, 1))
        return Price(item=price_item(item_id), region=region or GLOBAL, usd=1.0, source=source)


@pytest.mark.parametrize("name", CASES)
def test_a_resource_is_charged_for_what_it_is(name: str) -> None:
    """Each kind of resource has the fixed charges, per-use charges and gaps that the table says.

    Whichever prices the book has; each item is one that the Price List can be asked for.
    """
    case = CASES[name]
    resource = {"Type": case["type"], "Properties": case.get("properties", {})}
    resources = {case.get("id", "R"): resource, **case.get("beside", {})}
    found = estimate([Template("Stack", content={"Resources": resources}, region="us-east-1")], EveryPrice())
    quantities: dict[str, float] = {}
    for line in found.lines:
        quantities[line.price.item.id] = quantities.get(line.price.item.id, 0) + line.quantity
    assert quantities == pytest.approx(case.get("fixed", {}))
    assert sorted(price.item.id for _, price in found.per_use) == sorted(case.get("per_use", []))
    assert len(found.gaps) == case.get("gaps", 0), found.gaps


def test_every_calculator_is_tried() -> None:
    """The table has a case for each type that has a calculator, and no such type is called free by name."""
    tried = {case["type"] for case in CASES.values()}
    assert set(CALCULATORS) - tried == {"AWS::EC2::TransitGatewayVpcAttachment"}
    assert not is_free("AWS::AmazonMQ::Broker")
    assert not is_free("AWS::EC2::VPCEncryptionControl")


def test_a_month_has_730_hours() -> None:
    """A NAT gateway and its address cost 36.50 USD a month in us-east-1."""
    found = of({"N": {"Type": "AWS::EC2::NatGateway"}, "E": {"Type": "AWS::EC2::EIP"}})
    assert found.usd_per_month == pytest.approx(32.85 + 3.65)


def test_the_one_year_price_stands_beside_the_other() -> None:
    """Where the book has a price with a commitment of one year, both sums are told, and what is committed to."""
    found = of({"I": {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": "m6i.large"}}})
    assert round(found.usd_per_month, 2) == 70.08
    assert round(found.one_year_usd_per_month, 2) == 46.36
    assert "70.08 USD (46.36 USD with one-year commitments)" in as_table(found)
    assert "| 46.36 USD, reserved |" in as_markdown(found)
    line = as_json(found)["stacks"][0]["lines"][0]
    assert (line["oneYearUsdPerUnit"], line["oneYearPlan"], line["isCommittable"]) == (0.0635, "reserved", True)


def test_a_commitment_that_the_book_lacks_is_said_so() -> None:
    """AWS sells one for each instance: the sum is at most what is told, and the line says that its price is missing."""
    types = {"A": "m6i.large", "B": "t3.nano"}
    found = of(
        {name: {"Type": "AWS::EC2::Instance", "Properties": {"InstanceType": kind}} for name, kind in types.items()}
    )
    assert "USD or less with one-year commitments" in as_table(found)
    assert "| not known |" in as_markdown(found)


def test_without_a_one_year_price_the_sums_are_equal() -> None:
    """What has no commitment costs the same either way, and no second sum is shown."""
    found = of({"K": {"Type": "AWS::KMS::Key"}})
    assert found.one_year_usd_per_month == found.usd_per_month == 1.0
    assert "one-year" not in as_table(found)
    assert "| 1.00 USD | - |" in as_markdown(found)


@pytest.mark.parametrize(("region", "where"), [("me-south-1", "me-south-1"), (None, "a Region that is not known")])
def test_a_region_that_the_book_lacks_is_said_so(region: str | None, where: str) -> None:
    """No price of another Region is taken instead; what is the same everywhere has its price."""
    found = of({"N": {"Type": "AWS::EC2::NatGateway"}, "Z": {"Type": "AWS::Route53::HostedZone"}}, region=region)
    assert [line.price.item.id for line in found.lines] == ["hosted-zone-month"]
    assert [gap.reason for gap in found.gaps] == [
        f"no price of nat-gateway-hour in {where}",
        f"by use, with no price in {where}: nat-gateway-gb",
    ]
    assert f"no price of nat-gateway-hour in {where}" in as_table(found)


def test_a_region_that_the_book_lacks_is_said_also_by_use() -> None:
    """A stack of which all is charged for by use is in the report, once, where the book has no price for it."""
    found = of({"F": {"Type": "AWS::Lambda::Function"}, "G": {"Type": "AWS::Lambda::Function"}}, region="me-south-1")
    assert found.stacks == ("Stack",)
    assert [gap.reason for gap in found.gaps] == [
        "by use, with no price in me-south-1: lambda-request, lambda-x86-gb-second"
    ]


def test_a_default_region_is_for_stacks_that_name_none() -> None:
    """A stack without an environment is priced where one says."""
    template = Template("Stack", content={"Resources": {"K": {"Type": "AWS::KMS::Key"}}})
    found = estimate([template], shipped_price_book(), default_region="us-east-1")
    assert found.usd_per_month == 1.0


def test_a_nested_stack_counts_to_its_root() -> None:
    """The report is by stack as one deploys it; the construct's path says where it stands."""
    root = Template("Root", content={"Resources": {"K": {"Type": "AWS::KMS::Key"}}}, region="us-east-1")
    key = {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Root/Part/Key/Resource"}}
    nested = Template("Root/Part", content={"Resources": {"K": key}}, region="us-east-1", parent=root)
    found = estimate([root, nested], shipped_price_book())
    assert found.stacks == ("Root",)
    assert [line.construct_path for line in found.lines] == ["Root/K", "Root/Part/Key/Resource"]


def test_what_is_conditional_is_counted_at_its_dearest() -> None:
    """Where a template leaves a number open, the sum is never too small."""
    count = {"Fn::If": ["Big", 8, 2]}
    found = of({"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": count}}})
    assert [line.quantity for line in found.lines] == [8]


@pytest.mark.parametrize(
    ("kind", "items", "reasons"),
    [
        ({"Fn::If": ["Prod", "m7g.large", "t4g.nano"]}, ["ec2/linux/m7g.large"], []),
        ({"Fn::If": ["Dev", "t4g.nano", "m7g.large"]}, ["ec2/linux/m7g.large"], []),
        ({"Fn::If": ["A", "t4g.nano", {"Fn::If": ["B", "t4g.micro", "m7g.large"]}]}, ["ec2/linux/m7g.large"], []),
        ({"Fn::FindInMap": ["Types", {"Ref": "Stage"}, "Name"]}, ["ec2/linux/m7g.large"], []),
        (
            {"Fn::If": ["Odd", "q9.large", "m7g.large"]},
            ["ec2/linux/m7g.large"],
            ["no price of ec2/linux/q9.large in us-east-1"],
        ),
        ("t4g.nano", ["ec2/linux/t4g.nano"], []),
    ],
)
def test_the_dearer_of_two_names_is_counted(kind: object, items: list[str], reasons: list[str]) -> None:
    """Whichever branch it stands in, here or in the launch template; one without a price is said so."""
    launch = {"LaunchTemplateData": {"InstanceType": kind, "BlockDeviceMappings": [{"DeviceName": "x"}]}}
    content = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Mappings": {"Types": {"dev": {"Name": "t4g.nano"}, "prod": {"Name": "m7g.large"}}},
        "Resources": {
            "I": {
                "Type": "AWS::EC2::Instance",
                "Properties": {"InstanceType": kind, "BlockDeviceMappings": [{"DeviceName": "x"}]},
            },
            "L": {"Type": "AWS::EC2::LaunchTemplate", "Properties": launch},
            "G": {
                "Type": "AWS::AutoScaling::AutoScalingGroup",
                "Properties": {"MinSize": "1", "LaunchTemplate": {"LaunchTemplateId": {"Ref": "L"}, "Version": "1"}},
            },
        },
    }
    found = estimate([Template("Stack", content=content, region="us-east-1")], shipped_price_book())
    assert [line.price.item.id for line in found.lines] == items * 2
    assert [gap.reason for gap in found.gaps] == reasons * 2


def test_a_broken_template_is_a_gap() -> None:
    """What cannot be read is not in the sum, and it is said so."""
    found = estimate([read_template(DATA / "broken" / "truncated.json", name="Broken")], shipped_price_book())
    assert found.gaps[0].reason.startswith("the template is no JSON")


def test_a_calculator_that_stumbles_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource that a calculator cannot read is reported, and the others are counted."""

    def stumble(_resource: object) -> Any:
        raise TypeError("no number")

    calculators = {**CALCULATORS, "AWS::EC2::EIP": stumble}
    monkeypatch.setattr("aws_architect_constructs.checks.estimate.CALCULATORS", calculators)
    found = of({"E": {"Type": "AWS::EC2::EIP"}, "K": {"Type": "AWS::KMS::Key"}})
    assert [gap.reason for gap in found.gaps] == ["AWS::EC2::EIP cannot be read (no number)"]
    assert found.usd_per_month == 1.0


@pytest.mark.parametrize("shards", [-3, "1e308", 1e16])
def test_a_quantity_that_cannot_be_is_a_gap(shards: object) -> None:
    """Nothing that is malformed makes the sum smaller, or one that JSON cannot say."""
    streams = {name: {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": shards}} for name in "AB"}
    found = of({**streams, "K": {"Type": "AWS::KMS::Key"}})
    assert found.usd_per_month == 1.0
    assert len(found.gaps) == 2
    json.dumps(as_json(found), allow_nan=False)


REPORTED: Final = {
    "Network": {"Type": "AWS::EC2::NatGateway"},
    "Instance": {
        "Type": "AWS::EC2::Instance",
        "Properties": {"InstanceType": "m6i.large", "BlockDeviceMappings": [{"DeviceName": "x"}]},
    },
    "Pipe|Name": {"Type": "AWS::KMS::Key"},
    "Broker": {"Type": "AWS::AmazonMQ::Broker"},
    "Bucket": {"Type": "AWS::S3::Bucket"},
}


def test_the_table_is_readable() -> None:
    """Dearest first, sums for each stack and for all, unit prices, what is not known, and how old the prices are."""
    text = as_table(of(REPORTED))
    lines = text.splitlines()
    assert lines[2] == "Stack  103.93 USD (80.21 USD with one-year commitments)"
    assert [line.split("  ")[1].strip() for line in lines[3:6]] == [
        "Stack/Instance",
        "Stack/Network",
        "Stack/Pipe|Name",
    ]
    assert "per use: NAT gateway, data processed 0.045 USD per GB, S3 Standard storage 0.023 USD per GB-month" in text
    assert "S3, a PUT request 5 USD per million requests" in text
    assert "not in the sum: Stack/Broker: AWS::AmazonMQ::Broker is not in the tables" in text
    assert "Total 103.93 USD a month" in text
    assert DISCLAIMER in text
    assert "Prices of 2026-09-23 to 2026-10-13." in text


def test_the_page_is_markdown() -> None:
    """A table with a link to AWS's page for each price; what would break a table is escaped."""
    page = as_markdown(of(REPORTED))
    assert "| `Stack/Network` | [NAT gateway](https://aws.amazon.com/vpc/pricing/) | 1 | 0.045 USD per hour |" in page
    assert "`Stack/Pipe\\|Name`" in page
    assert "Per use:\n\n- NAT gateway, data processed 0.045 USD per GB" in page
    assert "Not in the sum:\n\n- `Stack/Broker`: AWS::AmazonMQ::Broker is not in the tables" in page


def test_the_data_has_each_source() -> None:
    """Each line has its unit price, Region, page, source and date."""
    (stack,) = as_json(of(REPORTED))["stacks"]
    line = stack["lines"][0]
    assert (line["item"], line["usdPerUnit"], line["unit"], line["region"]) == (
        "nat-gateway-hour",
        0.045,
        "hour",
        "us-east-1",
    )
    assert line["page"] == "https://aws.amazon.com/vpc/pricing/"
    assert line["asOf"] == "2026-10-13"
    assert [gap["constructPath"] for gap in stack["notInTheSum"]] == ["Stack/Broker"]
    json.dumps(stack)


def test_nothing_is_reported_of_nothing() -> None:
    """An app that costs nothing says so."""
    text = as_table(of({"R": {"Type": "AWS::IAM::Role"}}))
    assert "Total 0.00 USD a month" in text
    assert "No price was needed." in text


def test_a_long_path_is_shortened() -> None:
    """A line fits a terminal: the end of a path tells more than its beginning."""
    assert "  ...xxxx" in as_table(of({"x" * 90: {"Type": "AWS::KMS::Key"}}))


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(0, 40)), max_size=20))
def test_the_sum_is_the_sum_of_its_stacks(streams: list[tuple[str, int]]) -> None:
    """However resources are spread over stacks, the parts add up to the whole."""
    templates = [
        Template(
            name,
            region="us-east-1",
            content={"Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": shards}}}},
        )
        for name, shards in streams
    ]
    found = estimate(templates, shipped_price_book())
    assert found.usd_per_month == pytest.approx(sum(shards for _, shards in streams) * 10.95)
    assert sum(found.of([stack]).usd_per_month for stack in found.stacks) == pytest.approx(found.usd_per_month)


def test_another_book_counts() -> None:
    """Prices come from the book that is given."""
    source = {"title": "a list", "url": "https://aws.amazon.com/", "as_of": "2026-01-01"}
    prices = {"eu-west-1": {"kms-key-month": {"usd": 2.5, "source": "x"}}}
    book = PriceBook({"sources": {"x": source}, "regions": prices})
    template = Template("Stack", content={"Resources": {"K": {"Type": "AWS::KMS::Key"}}}, region="eu-west-1")
    assert estimate([template], book).usd_per_month == 2.5
