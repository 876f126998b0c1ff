"""FixedCostCheck in real apps: the report, the files, the limit."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Acknowledgment, App, CfnResource, Environment, NestedStack, Stack, Stage, Validations

from aws_architect_constructs import FixedCostCheck
from aws_architect_constructs.checks.prices import shipped_content
from support.synthesis import new_app

ENV: Final = Environment(account="111111111111", region="us-east-1")


def gateway(stack: Stack) -> CfnResource:
    """A NAT gateway, at 32.85 USD a month."""
    return CfnResource(stack, "Nat", type="AWS::EC2::NatGateway", properties={"SubnetId": "subnet-1"})


def run(app: App, **arguments: Any) -> tuple[bool, dict[str, Any]]:
    """Whether the synthesis passes with the check, and the JSON report."""
    Validations.of(app).add_plugins(FixedCostCheck(**arguments))
    try:
        app.synth()
        passed = True
    except RuntimeError:
        passed = False
    report: dict[str, Any] = json.loads((Path(app.outdir) / "fixed-cost.json").read_text(encoding="utf-8"))
    return passed, report


def test_the_report_goes_to_the_terminal_and_beside_the_assembly(capsys: pytest.CaptureFixture[str]) -> None:
    """A table on standard error, JSON and Markdown in the assembly, construct by construct."""
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    passed, report = run(app)
    assert passed
    assert report["usdPerMonth"] == 32.85
    (line,) = report["stacks"][0]["lines"]
    assert (report["stacks"][0]["stack"], line["constructPath"]) == ("Network", "Network/Nat")
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Total 32.85 USD a month" in streams.err
    page = (Path(app.outdir) / "fixed-cost.md").read_text(encoding="utf-8")
    assert page.startswith("# Fixed monthly cost\n\n**32.85 USD** a month.")


def test_the_table_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """`print_table=False` writes the files alone."""
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    run(app, print_table=False)
    assert capsys.readouterr().err == ""


def test_the_files_can_go_elsewhere(tmp_path: Path) -> None:
    """`output_directory` is made if need be."""
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    Validations.of(app).add_plugins(FixedCostCheck(output_directory=tmp_path / "reports"))
    app.synth()
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["fixed-cost.json", "fixed-cost.md"]
    assert not (Path(app.outdir) / "fixed-cost.json").exists()


@pytest.mark.parametrize(("limit", "passes"), [(32.85, True), (32.84, False), (0, False), (100, True)])
def test_the_limit_fails_the_synthesis(limit: float, passes: bool) -> None:
    """A sum at the limit passes, a cent over it does not."""
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    assert run(app, limit_usd_per_month=limit)[0] is passes


def test_the_limit_is_of_the_whole_app() -> None:
    """Stacks, stages and nested stacks count together."""
    app = new_app()
    gateway(Stack(app, "One", env=ENV))
    stack = Stack(Stage(app, "Prod"), "Two", env=ENV)
    gateway(stack)
    gateway(NestedStack(stack, "Part"))
    passed, report = run(app, limit_usd_per_month=98)
    assert not passed
    assert {entry["stack"]: entry["usdPerMonth"] for entry in report["stacks"]} == {"One": 32.85, "Prod/Two": 65.70}
    assert [line["constructPath"] for line in report["stacks"][1]["lines"]] == ["Prod/Two/Nat", "Prod/Two/Part/Nat"]


@pytest.mark.parametrize(
    ("limits", "passes"), [({"Prod/*": 40, "Dev/*": 40}, True), ({"Prod/*": 40, "Dev/*": 20}, False)]
)
def test_limits_by_pattern(limits: dict[str, float], passes: bool) -> None:
    """Each pattern has a limit of its own, for the stacks that match it together."""
    app = new_app()
    for stage in ("Prod", "Dev"):
        gateway(Stack(Stage(app, stage), "Network", env=ENV))
    assert run(app, limit_usd_per_month=limits)[0] is passes


def test_the_violation_says_how_much() -> None:
    """The error stands at the app, with the sum, the limit, and what is not in the sum."""
    app = new_app()
    stack = Stack(app, "Network", env=ENV)
    gateway(stack)
    CfnResource(stack, "Kafka", type="AWS::MSK::Cluster")
    run(app, limit_usd_per_month=10)
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    (found,) = [entry for entry in report["pluginReports"] if entry["pluginName"] == "FixedCostCheck"]
    (item,) = found["violations"]
    assert (item["ruleName"], item["severity"]) == ("OverLimit", "error")
    assert item["description"] == (
        "Idle, the app costs 32.85 USD a month; the limit is 10.00 USD, and 1 charges that are not known come on top."
    )


def test_being_over_the_limit_can_be_acknowledged() -> None:
    """On the app, with a reason that the report keeps."""
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    reason = "Finance agreed to the second gateway until March."
    Validations.of(app).acknowledge(Acknowledgment(id="FixedCostCheck::OverLimit", reason=reason))
    assert run(app, limit_usd_per_month=10)[0]
    assert reason in (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")


def test_a_stack_without_a_region_is_not_priced() -> None:
    """Without a Region the check says so; `default_region` gives one."""
    for region, usd, gaps in ((None, 0, 2), ("us-east-1", 32.85, 0)):
        app = new_app()
        gateway(Stack(app, "Network"))
        _, report = run(app, default_region=region)
        assert report["usdPerMonth"] == usd
        assert len(report["stacks"][0]["notInTheSum"]) == gaps


def test_another_price_book_counts(tmp_path: Path) -> None:
    """`price_book` is the file that `refresh_prices` wrote."""
    book = shipped_content()
    book["regions"]["us-east-1"]["nat-gateway-hour"]["usd"] = 1
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(book), encoding="utf-8")
    app = new_app()
    gateway(Stack(app, "Network", env=ENV))
    assert run(app, price_book=file)[1]["usdPerMonth"] == 730


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf"), True, "much", {"*": -1}, {"*": None}])
def test_a_limit_that_is_no_amount_is_refused(limit: Any) -> None:
    """A limit is a number of dollars."""
    with pytest.raises(ValueError, match=r"limit_usd_per_month: '\*': no amount, got"):
        FixedCostCheck(limit_usd_per_month=limit)


def test_the_plugin_names_itself() -> None:
    """CDK is told the name, a version and the rule."""
    plugin = FixedCostCheck()
    assert (plugin.name, plugin.rule_ids) == ("FixedCostCheck", ["OverLimit"])
    assert plugin.version.count(".") >= 2
