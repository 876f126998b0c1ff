"""What docstrings and pages say that things cost, held to the price book and to what `FixedCostCheck` adds up.

The sums are those of the canonical instances as if they stood in us-east-1. A figure is a number with USD behind it.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import aws_architect_constructs as aac
from aws_architect_constructs.checks.estimate import Estimate, estimate
from aws_architect_constructs.checks.prices import shipped_price_book
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.compute import function_parts
from aws_architect_constructs.data import aurora_prices
from aws_architect_constructs.foundation.lifecycle import StorageClass
from aws_architect_constructs.foundation.lifecycle_profiles import USD_PER_GB_MONTH
from aws_architect_constructs.network import prices as network_prices
from support.instances import INSTANCES, template_of_instance

ROOT: Final = Path(__file__).parents[2]
REGION: Final = "us-east-1"
MONTH: Final = 730
MILLION: Final = 1_000_000
QUARTER_GB: Final = MONTH * 3600 / 4
"""Seconds of a month at 256 MB."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a construct costs fixed in a month.

    Attributes:
        construct: Whose docstring says it.
        page: The page that says it.
        production: The canonical instance of production, and its sum.
        dev: The same of DEV.
    """

    construct: type
    page: str
    production: tuple[str, float]
    dev: tuple[str, float] | None = None


COSTS: Final = (
    Cost(
        construct=aac.AccountBaseline,
        page="account_baseline",
        production=("account_baseline-default", 0),
        dev=("account_baseline-dev", 0),
    ),
    Cost(
        construct=aac.AuroraCluster,
        page="aurora_cluster",
        production=("aurora_cluster-default", 404.96),
        dev=("aurora_cluster-dev", 1.40),
    ),
    Cost(construct=aac.AuroraGlobal, page="aurora_global", production=("aurora_global-default", 404.96)),
    Cost(
        construct=aac.CostControls,
        page="cost_controls",
        production=("cost_controls-default", 0),
        dev=("cost_controls-dev", 0),
    ),
    Cost(construct=aac.CrossAccountRole, page="cross_account_role", production=("cross_account_role-default", 0)),
    Cost(
        construct=aac.FargateService,
        page="fargate_service",
        production=("fargate_service-default", 54.76),
        dev=("fargate_service-dev", 40.34),
    ),
    Cost(construct=aac.GitHubActionsRole, page="github_actions_role", production=("github_actions_role-default", 0)),
    Cost(construct=aac.InstanceRole, page="instance_role", production=("instance_role-default", 0)),
    Cost(
        construct=aac.LifecycleBucket,
        page="lifecycle_bucket",
        production=("lifecycle_bucket-default", 1),
        dev=("lifecycle_bucket-dev", 1),
    ),
    Cost(
        construct=aac.LogBucket,
        page="log_bucket",
        production=("log_bucket-default", 0),
        dev=("log_bucket-dev", 0),
    ),
    Cost(construct=aac.LogBucket, page="log_bucket", production=("log_bucket-audit", 1)),
    Cost(
        construct=aac.MultiAzDatabase,
        page="multi_az_database",
        production=("multi_az_database-default", 270.81),
        dev=("multi_az_database-dev", 60.35),
    ),
    Cost(
        construct=aac.OrganizationBaseline,
        page="organization_baseline",
        production=("organization_baseline-default", 0),
        dev=("organization_baseline-dev", 0),
    ),
    Cost(construct=aac.PermissionSets, page="permission_sets", production=("permission_sets-default", 0)),
    Cost(
        construct=aac.PowertoolsFunction,
        page="powertools_function",
        production=("powertools_function-default", 1.60),
        dev=("powertools_function-dev", 1),
    ),
    Cost(
        construct=aac.SecureDistribution,
        page="secure_distribution",
        production=("secure_distribution-default", 11),
        dev=("secure_distribution-dev", 11),
    ),
    Cost(
        construct=aac.ThreeTierVpc,
        page="three_tier_vpc",
        production=("three_tier_vpc-default", 110.50),
        dev=("three_tier_vpc-dev", 37.50),
    ),
    Cost(construct=aac.OrganizationTrail, page="trail", production=("trail-default", 0)),
    Cost(construct=aac.LogArchive, page="trail", production=("trail-archive", 1), dev=("trail-archive-dev", 1)),
    Cost(construct=aac.WebAcl, page="web_acl", production=("web_acl-default", 11), dev=("web_acl-dev", 11)),
    Cost(
        construct=aac.WorkloadBoundary,
        page="workload_boundary",
        production=("workload_boundary-default", 0),
        dev=("workload_boundary-dev", 0),
    ),
)

OF_THE_BOOK: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "0.01": (("interface-endpoint-gb", 1),),
    "0.0125": (("database-insights-vcpu-hour", 1),),
    "0.015": (("rds-proxy-vcpu-hour", 1),),
    "0.02": (("transit-gateway-gb", 1),),
    "0.021": (("aurora-backup-gb-month", 1),),
    "0.023": (("s3-gb-month", 1),),
    "0.03": (("log-gb-month", 1),),
    "0.04048": (("fargate-x86-vcpu-hour", 1),),
    "0.045": (("nat-gateway-gb", 1),),
    "0.10": (("alarm-month", 1),),
    "0.20": (("aurora-io", MILLION),),
    "0.225": (("aurora-io-optimized-gb-month", 1),),
    "0.23": (("rds-gp3-multi-gb-month", 1),),
    "0.276": (("aurora/postgres/standard/db.r8g.large", 1),),
    "0.30": (("custom-metric-month", 1),),
    "0.337": (("rds/postgres/multi/db.m7g.large", 1),),
    "0.345": (("rds-gp3-cluster-gb-month", 1),),
    "0.40": (("secret-month", 1),),
    "0.50": (("log-gb", 1),),
    "0.60": (("web-acl-request", MILLION),),
    "0.96": (("aurora-acu-hour", 8),),
    "1": (("kms-key-month", 1),),
    "1.20": (("alarm-month", 12),),
    "2.19": (("provisioned-concurrency-arm-gb-second", QUARTER_GB),),
    "2.40": (("custom-metric-month", 8),),
    "2.70": (("custom-metric-month", 8), ("alarm-month", 3)),
    "3.65": (("public-ipv4-hour", MONTH),),
    "5": (("web-acl-month", 1),),
    "7.30": (("interface-endpoint-hour", MONTH),),
    "10": (("web-acl-month", 1), ("web-acl-rule-month", 5)),
    "14.42": (("fargate-arm-vcpu-hour", MONTH / 2), ("fargate-arm-gb-hour", MONTH)),
    "14.60": (("interface-endpoint-hour", 2 * MONTH),),
    "16.43": (("alb-hour", MONTH),),
    "23": (("rds-gp3-multi-gb-month", 100),),
    "29.20": (("interface-endpoint-hour", 4 * MONTH),),
    "32.85": (("nat-gateway-hour", MONTH),),
    "36.50": (("nat-gateway-hour", MONTH), ("public-ipv4-hour", MONTH)),
    "43.80": (("rds-proxy-vcpu-hour", 4 * MONTH),),
    "109.50": (("regional-nat-gateway-hour", 3 * MONTH), ("public-ipv4-hour", 3 * MONTH)),
    "246.01": (("rds/postgres/multi/db.m7g.large", MONTH),),
    "402.96": (("aurora/postgres/standard/db.r8g.large", 2 * MONTH),),
}
"""Each figure as it is written, and the prices of the book that it is made of: item and how much of it."""

OF_AWS_PAGES: Final = {
    "0": "what costs nothing",
    "0.0000015046": "https://aws.amazon.com/lambda/pricing/: SnapStart",
    "0.99": "https://aws.amazon.com/lambda/pricing/: SnapStart for a month at 256 MB",
    "0.0001397998": "https://aws.amazon.com/lambda/pricing/: SnapStart",
    "0.00014": "https://aws.amazon.com/lambda/pricing/: SnapStart",
    "0.00005001": "https://aws.amazon.com/lambda/pricing/: Lambda@Edge",
    "0.0010": "https://aws.amazon.com/security-hub/pricing/",
    "0.0025": "https://aws.amazon.com/s3/pricing/: an inventory; monitoring of Intelligent-Tiering",
    "0.003": "https://aws.amazon.com/config/pricing/",
    "0.012": "https://aws.amazon.com/config/pricing/",
    "0.0160": "https://aws.amazon.com/cloudfront/pricing/: Origin Shield",
    "0.04": "https://aws.amazon.com/cloudwatch/pricing/: vended logs as Parquet, about",
    "0.05": "https://aws.amazon.com/s3/pricing/: transitions",
    "0.07": "https://aws.amazon.com/cloudwatch/pricing/: Container Insights",
    "0.25": "https://aws.amazon.com/cloudwatch/pricing/: vended logs",
    "1.01": "https://aws.amazon.com/s3/pricing/: Deep Archive",
    "2.50": "https://aws.amazon.com/s3/pricing/: monitoring of Intelligent-Tiering",
    "3.69": "https://aws.amazon.com/s3/pricing/: Glacier",
    "110": "https://aws.amazon.com/vpc/pricing/: encryption controls, about",
    "116.80": "https://aws.amazon.com/route53/pricing/: DNS Firewall's advanced protection",
}
"""Figures that the book does not have, and the page of AWS's that does."""


def as_written(usd: float) -> str:
    """An amount as the documentation writes it.

    >>> [as_written(usd) for usd in (1, 0.6, 36.5)]
    ['1', '0.60', '36.50']
    """
    return f"{usd:.2f}".removesuffix(".00")


@cache
def cost_of(name: str) -> Estimate:
    """What a canonical instance costs in us-east-1."""
    template = Template(name, content=template_of_instance(name), region=REGION)
    return estimate([template], shipped_price_book())


def price(item: str) -> float:
    """A price of the book."""
    found = shipped_price_book().find(REGION, item)
    assert found is not None, item
    return found.usd


@cache
def page(name: str) -> str:
    """A page's text in one line."""
    return " ".join((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8").split())


def documents() -> Iterator[Path]:
    """Whatever may say what something costs; the pages of the checks are generated, or show an example."""
    yield ROOT / "README.md"
    for folder, pattern in (("docs", "*.md"), ("examples", "*.py"), ("src", "*.py")):
        yield from (path for path in (ROOT / folder).rglob(pattern) if ROOT / "docs" / "checks" not in path.parents)


@cache
def figures() -> dict[str, list[str]]:
    """Each figure in USD, and where it stands."""
    found: dict[str, list[str]] = {}
    for path in documents():
        text = " ".join(path.read_text(encoding="utf-8").split())
        for figure in re.findall(r"(?<![\w.,])(\d[\d.,]*) USD", text):
            found.setdefault(figure, []).append(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.production[0])
def test_the_sum_is_the_documented_one(cost: Cost) -> None:
    """What the templates cost is what the table says, with no price missing."""
    for name, usd in filter(None, (cost.production, cost.dev)):
        found = cost_of(name)
        assert [gap for gap in found.gaps if gap.items] == []
        assert f"{found.usd_per_month:.2f}" == f"{usd:.2f}", [
            (line.construct_path, line.price.item.id, line.quantity) for line in found.lines
        ]


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.production[0])
def test_docstring_and_page_say_the_sum(cost: Cost) -> None:
    """Both say what it costs in production, and in DEV where that is something else; or that it costs nothing."""
    docstring = " ".join((inspect.getdoc(cost.construct) or "").split())
    for text, nothing in ((docstring, "Cost: none"), (page(f"constructs/{cost.page}"), "**Cost**: none")):
        _, usd = cost.production
        assert (f" {as_written(usd)} USD a month" if usd else nothing) in text
        if cost.dev is not None and cost.dev[1] != usd:
            assert f" {as_written(cost.dev[1])} USD in DEV" in text


def test_every_construct_is_in_the_table() -> None:
    """Each construct with canonical instances has a documented cost, and each of DEV is added up."""
    told = {name for cost in COSTS for name, _ in filter(None, (cost.production, cost.dev))}
    assert {name for name in INSTANCES if name.endswith(("-default", "-dev"))} - told == set()


@pytest.mark.parametrize("figure", OF_THE_BOOK)
def test_a_figure_is_the_books(figure: str) -> None:
    """Each figure is what the prices of the book give, to as many places as it is written with."""
    usd = sum(price(item) * times for item, times in OF_THE_BOOK[figure])
    places = len(figure.partition(".")[2])
    assert f"{usd:.{places}f}" == figure


def test_every_figure_is_accounted_for() -> None:
    """A figure in USD is made of the book's prices, is one of the sums, or is on a page of AWS's that is named here."""
    sums = {as_written(usd) for cost in COSTS for _, usd in filter(None, (cost.production, cost.dev))}
    unknown = figures().keys() - sums - OF_THE_BOOK.keys() - OF_AWS_PAGES.keys()
    assert {figure: figures()[figure] for figure in unknown} == {}


def test_no_figure_is_stale() -> None:
    """What the tables account for is written somewhere."""
    assert (OF_THE_BOOK.keys() | OF_AWS_PAGES.keys()) - figures().keys() == set()


def test_databases_are_compared_by_their_sums() -> None:
    """The page on choosing a database has the sums of both constructs."""
    for name in ("aurora_cluster-default", "multi_az_database-default"):
        assert f"{cost_of(name).usd_per_month:.2f} USD" in page("choosing/databases")


@pytest.mark.parametrize("profile", aac.EndpointProfile)
def test_the_table_of_endpoint_profiles_has_their_prices(profile: aac.EndpointProfile) -> None:
    """The row of a profile ends with what it costs in an AZ."""
    assert re.search(
        rf"\| `{profile}` \|[^|]*\| {re.escape(as_written(profile.monthly_price_usd(1)))} \|",
        page("constructs/three_tier_vpc"),
    )


@pytest.mark.parametrize(
    ("constant", "item"),
    [
        (network_prices.NAT_GATEWAY_PER_HOUR, "nat-gateway-hour"),
        (network_prices.NAT_GATEWAY_PER_HOUR, "regional-nat-gateway-hour"),
        (network_prices.PUBLIC_IPV4_PER_HOUR, "public-ipv4-hour"),
        (network_prices.INTERFACE_ENDPOINT_PER_AZ_HOUR, "interface-endpoint-hour"),
        (aurora_prices.R8G_LARGE_PER_HOUR, "aurora/postgres/standard/db.r8g.large"),
        (aurora_prices.ACU_PER_HOUR, "aurora-acu-hour"),
        (aurora_prices.STORAGE_PER_GB_MONTH, "aurora-gb-month"),
        (aurora_prices.MILLION_IO / MILLION, "aurora-io"),
        (aurora_prices.BACKUP_PER_GB_MONTH, "aurora-backup-gb-month"),
        (aurora_prices.IO_OPTIMIZED_STORAGE_PER_GB_MONTH, "aurora-io-optimized-gb-month"),
        (function_parts._PROVISIONED_PRICE, "provisioned-concurrency-arm-gb-second"),
        (USD_PER_GB_MONTH[StorageClass.STANDARD], "s3-gb-month"),
    ],
)
def test_a_constant_is_the_books(constant: float, item: str) -> None:
    """What constructs reckon with, without reading the book, is what the book has."""
    assert constant == pytest.approx(price(item))


@pytest.mark.parametrize("name", ["r6g.large", "r6g.xlarge", "r6g.2xlarge", "r7g.xlarge"])
def test_io_optimized_instances_cost_30_percent_more(name: str) -> None:
    """Of each instance that the book has both prices of."""
    optimized, standard = (price(f"aurora/postgres/{storage}/db.{name}") for storage in ("io-optimized", "standard"))
    assert optimized / standard == pytest.approx(aurora_prices.IO_OPTIMIZED_COMPUTE, rel=1e-3)
