"""The price book: dated list prices that ship with the package, or that `refresh_prices` wrote."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aws_architect_constructs.checks.price_items import GLOBAL, HOUR, PriceItem, price_item

HOURS_PER_MONTH: Final = 730
"""What AWS's calculator counts."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where figures were read, and when.

    Attributes:
        title: What was read: the offer of the AWS Price List with its version, or a page.
        url: Its address at AWS.
        as_of: The date of the figures: of the list's version, or the day on which they were compared with it.
        quoted_by: Who quotes AWS there, if it was not AWS that was read.
    """

    title: str
    url: str
    as_of: date
    quoted_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """The price of one unit with a commitment of one year and nothing paid upfront.

    Attributes:
        usd: The price.
        plan: What is committed to: a reservation, or which Savings Plan.
        source: Where it was read.
    """

    usd: float
    plan: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one item in one Region.

    Attributes:
        item: What is priced.
        region: Where.
        usd: The on-demand list price of one unit.
        source: Where it was read.
        one_year: The price with a commitment of one year, where the book has it.
    """

    item: PriceItem
    region: str
    usd: float
    source: Source
    one_year: Commitment | None = None

    @property
    def per_month(self) -> float:
        """What one of it costs in a month, if it is there all month."""
        return self.usd * self._units_per_month

    @property
    def one_year_per_month(self) -> float:
        """The same with a commitment of one year; the same price where there is none."""
        return (self.usd if self.one_year is None else self.one_year.usd) * self._units_per_month

    @property
    def _units_per_month(self) -> int:
        return HOURS_PER_MONTH if self.item.unit == HOUR else 1


class PriceBook:
    """List prices by Region and item.

    Args:
        content: What `prices.json` holds.
        name: What errors call it.

    Raises:
        ValueError: If it is no price book.
    """

    def __init__(self, content: Mapping[str, Any], *, name: str = "price book") -> None:
        sources, regions = content.get("sources"), content.get("regions")
        if not isinstance(sources, Mapping) or not isinstance(regions, Mapping):
            raise ValueError(
                f"{name}: no price book, got {sorted(content)}; allowed: a mapping with sources and regions"
            )
        known = {source_id: _source(name, source_id, entry) for source_id, entry in sources.items()}
        self._prices: dict[tuple[str, str], Price] = {}
        for region, entries in regions.items():
            if not isinstance(entries, Mapping):
                raise ValueError(f"{name}: {region}: no prices, got {entries!r}; allowed: a mapping of items to prices")
            for item_id, entry in entries.items():
                self._prices[region, item_id] = _price(name, region, item_id, entry, known)

    def find(self, region: str | None, item_id: str) -> Price | None:
        """The price of an item in a Region; None if the book does not have it."""
        price = self._prices.get((GLOBAL, item_id))
        return price if price is not None or region is None else self._prices.get((region, item_id))

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that the book has prices of."""
        return tuple(sorted({region for region, _ in self._prices} - {GLOBAL}))

    def __iter__(self) -> Iterator[Price]:
        return iter(self._prices.values())


def _source(name: str, source_id: str, entry: Mapping[str, Any]) -> Source:
    try:
        quoted_by = entry.get("quoted_by")
        return Source(
            title=str(entry["title"]),
            url=str(entry["url"]),
            as_of=date.fromisoformat(entry["as_of"]),
            quoted_by=None if quoted_by is None else str(quoted_by),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{name}: sources/{source_id}: no source, got {entry!r} ({error}); allowed: title, url, as_of and quoted_by"
        ) from error


def _price(name: str, region: str, item_id: str, entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Price:
    try:
        committed = entry.get("one_year")
        return Price(
            item=price_item(item_id),
            region=region,
            usd=_amount(entry["usd"]),
            source=sources[entry["source"]],
            one_year=None
            if committed is None
            else Commitment(
                usd=_amount(committed["usd"]), plan=str(committed["plan"]), source=sources[committed["source"]]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{name}: {region}/{item_id}: no price, got {entry!r} ({error}); allowed: usd, the id of a source, and "
            "one_year with usd, plan and source"
        ) from error


def _amount(value: Any) -> float:  # noqa: ANN401 - whatever the file holds
    amount = float(value)
    if not 0 <= amount < math.inf:
        raise ValueError(f"{value!r} is no amount")
    return amount


def load_price_book(path: str | Path) -> PriceBook:
    """A price book from a file, as `refresh_prices` writes it.

    Raises:
        ValueError: If the file is no price book.
        OSError: If it cannot be read.
    """
    file = Path(path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{file.name}: no price book: malformed JSON at line {error.lineno}: {error.msg}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{file.name}: no price book, got {type(content).__name__}; allowed: a mapping with regions")
    return PriceBook(content, name=file.name)


def render(content: Mapping[str, Any]) -> str:
    """A price book as the text of its file: an entry a line, so that a change of prices can be read as one."""
    lines = []
    for key, value in content.items():
        if key == "sources":
            lines.append(f' "sources": {_entries(value, indent=1)}')
        elif key == "regions":
            regions = [f"  {_json(region)}: {_entries(entries, indent=2)}" for region, entries in value.items()]
            lines.append(' "regions": {' + (("\n" + ",\n".join(regions) + "\n ") if regions else "") + "}")
        else:
            lines.append(f" {_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entries(entries: Mapping[str, Any], *, indent: int) -> str:
    rows = [f"{' ' * (indent + 1)}{_json(key)}: {_json(value)}" for key, value in sorted(entries.items())]
    return "{" + (("\n" + ",\n".join(rows) + "\n" + " " * indent) if rows else "") + "}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def shipped_content() -> dict[str, Any]:
    """What the shipped book's file holds."""
    text = files("aws_architect_constructs.checks").joinpath("prices.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def shipped_price_book() -> PriceBook:
    """The price book that ships with the package."""
    return PriceBook(shipped_content(), name="prices.json")
