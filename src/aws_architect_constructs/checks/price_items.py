"""What has a price: each item with its unit, AWS's page, and the query of the AWS Price List that answers it.

An id is the item's name without its Region: `nat-gateway-hour`, which `price_items.csv` has, or one of a family such
as `rds/postgres/single/db.t4g.medium`. The price book keeps the figures.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

HOUR: Final = "hour"
MONTH: Final = "month"

GLOBAL: Final = "global"
"""Where the book keeps prices that are the same in every Region."""

_AWS: Final = "https://aws.amazon.com/"
_EVERYWHERE: Final = "everywhere"


@dataclass(frozen=True, kw_only=True)
class PriceItem:
    """One item.

    Attributes:
        id: Its name in the price book.
        title: What it is, in a report.
        unit: What one of it is: an hour, a month, a GB.
        page: The page on which AWS publishes the price.
        service: The offer's code in the AWS Price List.
        usage: The usage type there, without the Region in front; empty where nobody could cite it.
        filters: What else tells the product from its siblings.
        is_global: Whether the price is the same everywhere.
        is_committable: Whether AWS sells it for less with a commitment: a reservation or a Savings Plan.
    """

    id: str
    title: str
    unit: str
    page: str
    service: str
    usage: str
    filters: Mapping[str, str] = field(default_factory=dict)
    is_global: bool = False
    is_committable: bool = False


@dataclass(frozen=True, kw_only=True)
class _Family:
    """Items that are alike but for their class.

    Attributes:
        pattern: What an id looks like, with its parts named.
        words: What a text calls parts by: the parts, and the word for their values.
        title: What one is; this and the next ones with the parts and the words in braces.
        unit: What one of it is.
        page: AWS's page, after the host.
        service: The offer's code.
        usage: The usage type.
        filters: What else tells the product from its siblings.
        is_committable: Whether AWS sells them for less with a commitment.
    """

    pattern: str
    words: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    title: str
    unit: str = HOUR
    page: str
    service: str
    usage: str
    filters: Mapping[str, str] = field(default_factory=dict)
    is_committable: bool = True

    def item(self, item_id: str) -> PriceItem | None:
        """The item of an id, if it is one of these."""
        match = re.fullmatch(self.pattern, item_id)
        if match is None:
            return None
        parts = match.groupdict()
        for word, (named, values) in self.words.items():
            value = values.get(" ".join(parts[part] for part in named.split()))
            if value is None:
                return None
            parts[word] = value
        return PriceItem(
            id=item_id,
            title=self.title.format_map(parts),
            unit=self.unit.format_map(parts),
            page=_AWS + self.page,
            service=self.service,
            usage=self.usage.format_map(parts),
            filters={name: value.format_map(parts) for name, value in self.filters.items()},
            is_committable=self.is_committable,
        )


_NAME: Final = r"(?P<name>[a-z0-9-]+\.[a-z0-9-]+)"
_DATABASE: Final = r"(?P<name>db\.[a-z0-9-]+\.[a-z0-9-]+)"
_ENGINE: Final = ("engine", {"mariadb": "MariaDB", "mysql": "MySQL", "postgres": "PostgreSQL"})
_DEPLOYMENT: Final = ("kind", {"single": "Single-AZ", "multi": "Multi-AZ", "cluster": "Multi-AZ DB cluster"})
_CACHE: Final = ("engine", {"memcached": "Memcached", "redis": "Redis", "valkey": "Valkey"})

_FAMILIES: Final = (
    _Family(
        pattern=rf"ec2/linux/{_NAME}",
        title="EC2 Linux {name}",
        page="ec2/pricing/on-demand/",
        service="AmazonEC2",
        usage="BoxUsage:{name}",
        filters={"operatingSystem": "Linux", "preInstalledSw": "NA", "capacitystatus": "Used"},
    ),
    _Family(
        pattern=rf"rds/(?P<engine>mariadb|mysql|postgres)/(?P<kind>single|multi|cluster)/{_DATABASE}",
        words={
            "engine_name": _ENGINE,
            "deployment": _DEPLOYMENT,
            "usage": (
                "kind",
                {"single": "InstanceUsage", "multi": "Multi-AZUsage", "cluster": "Multi-AZClusterUsage"},
            ),
        },
        title="RDS {engine_name}, {deployment}, {name}",
        page="rds/pricing/",
        service="AmazonRDS",
        usage="{usage}:{name}",
        filters={"databaseEngine": "{engine_name}"},
    ),
    _Family(
        pattern=r"rds-(?P<type>[a-z0-9]+)-(?P<kind>single|multi|cluster)-(?P<measure>gb|iops|mibps)-month",
        words={
            "deployment": _DEPLOYMENT,
            "prefix": ("kind", {"single": "", "multi": "Multi-AZ-", "cluster": "Multi-AZCluster-"}),
            "unit": ("measure", {"gb": "GB-month", "iops": "IOPS-month", "mibps": "MiBps-month"}),
            "what": ("measure", {"gb": "storage", "iops": "IOPS", "mibps": "throughput"}),
            "usage": (
                "type measure",
                {
                    "gp2 gb": "GP2-Storage",
                    "gp3 gb": "GP3-Storage",
                    "gp3 iops": "GP3-PIOPS",
                    "gp3 mibps": "GP3-Throughput",
                    "io1 gb": "PIOPS-Storage",
                    "io1 iops": "PIOPS",
                    "io2 gb": "IO2-PIOPS-Storage",
                    "io2 iops": "IO2-PIOPS",
                },
            ),
        },
        title="RDS {type} {what}, {deployment}",
        unit="{unit}",
        page="rds/pricing/",
        service="AmazonRDS",
        usage="RDS:{prefix}{usage}",
        filters={"databaseEngine": "PostgreSQL"},
        is_committable=False,
    ),
    _Family(
        pattern=rf"aurora/(?P<engine>mysql|postgres)/(?P<kind>standard|io-optimized)/{_DATABASE}",
        words={
            "engine_name": _ENGINE,
            "storage": ("kind", {"standard": "", "io-optimized": ", I/O-Optimized"}),
            "usage": ("kind", {"standard": "InstanceUsage", "io-optimized": "InstanceUsageIOOptimized"}),
        },
        title="Aurora {engine_name}, {name}{storage}",
        page="rds/aurora/pricing/",
        service="AmazonRDS",
        usage="{usage}:{name}",
        filters={"databaseEngine": "Aurora {engine_name}"},
    ),
    _Family(
        pattern=rf"neptune/{_DATABASE}",
        title="Neptune {name}",
        page="neptune/pricing/",
        service="AmazonNeptune",
        usage="InstanceUsage:{name}",
    ),
    _Family(
        pattern=rf"docdb/{_DATABASE}",
        title="DocumentDB {name}",
        page="documentdb/pricing/",
        service="AmazonDocDB",
        usage="InstanceUsage:{name}",
    ),
    _Family(
        pattern=r"elasticache/(?P<engine>memcached|redis|valkey)/(?P<name>cache\.[a-z0-9]+\.[a-z0-9]+)",
        words={"engine_name": _CACHE},
        title="ElastiCache {engine_name} {name}",
        page="elasticache/pricing/",
        service="AmazonElastiCache",
        usage="NodeUsage:{name}",
        filters={"cacheEngine": "{engine_name}"},
    ),
    _Family(
        pattern=rf"memorydb/(?P<engine>redis|valkey)/{_DATABASE}",
        words={"engine_name": _CACHE},
        title="MemoryDB {engine_name} {name}",
        page="memorydb/pricing/",
        service="AmazonMemoryDB",
        usage="",
    ),
    _Family(
        pattern=r"api-gateway-cache/(?P<name>[0-9.]+)",
        title="API Gateway cache of {name} GB",
        page="api-gateway/pricing/",
        service="AmazonApiGateway",
        usage="ApiGatewayCacheUsage:{name}GB",
        is_committable=False,
    ),
    _Family(
        pattern=r"opensearch/(?P<name>(?P<short>[a-z0-9]+\.[a-z0-9]+)\.search)",
        title="OpenSearch {name}",
        page="opensearch-service/pricing/",
        service="AmazonES",
        usage="ESInstance:{short}",
        filters={"instanceType": "{name}"},
    ),
    _Family(
        pattern=r"msk/kafka\.(?P<name>[a-z0-9]+\.[a-z0-9]+)",
        title="MSK broker kafka.{name}",
        page="msk/pricing/",
        service="AmazonMSK",
        usage="Kafka.{name}",
        is_committable=False,
    ),
    _Family(
        pattern=rf"redshift/{_NAME}",
        title="Redshift {name}",
        page="redshift/pricing/",
        service="AmazonRedshift",
        usage="Node:{name}",
    ),
)


def _row(row: Mapping[str, str]) -> PriceItem:
    filters = [part for part in row["filters"].split(";") if part]
    return PriceItem(
        id=row["id"],
        title=row["title"],
        unit=row["unit"],
        page=_AWS + row["page"],
        service=row["service"],
        usage=row["usage"],
        filters=dict(part.split("=", 1) for part in filters if part != _EVERYWHERE),
        is_global=_EVERYWHERE in filters,
        is_committable=row["commitment"] == "yes",
    )


def _read() -> dict[str, PriceItem]:
    text = files("aws_architect_constructs.checks").joinpath("price_items.csv").read_text(encoding="utf-8")
    return {item.id: item for item in map(_row, csv.DictReader(text.splitlines()))}


ITEMS: Final[Mapping[str, PriceItem]] = _read()
"""The items that are not one of a family."""


def price_item(item_id: str) -> PriceItem:
    """The item of an id, one of a family too.

    >>> price_item("rds/postgres/multi/db.t4g.medium").usage
    'Multi-AZUsage:db.t4g.medium'

    Raises:
        ValueError: If there is no such item.
    """
    if item_id in ITEMS:
        return ITEMS[item_id]
    for family in _FAMILIES:
        if item := family.item(item_id):
            return item
    raise ValueError(f"no such item of the price list, got {item_id!r}; allowed: those of price_items.csv and families")
