"""The price book: dated list prices that ship with the package, or that `refresh_prices` wrote."""

import json
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
class Price:
    """The price of one item in one Region.

    Attributes:
        item: What is priced.
        region: Where.
        usd: The on-demand list price of one unit.
        source: Where the figure was read: the AWS Price List's own file, or a page that quotes it.
        as_of: The date that the source gives for it; None if it gives none.
        one_year_usd: The price of one unit with a commitment of one year and nothing paid upfront, where the book
            has it.
        one_year_source: Where that figure was read.
    """

    item: PriceItem
    region: str
    usd: float
    source: str
    as_of: date | None
    one_year_usd: float | None = None
    one_year_source: str | None = None

    @property
    def per_month(self) -> float:
        """What one of it costs in a month, if it is there all month."""
        return self.usd * (HOURS_PER_MONTH if self.item.unit == HOUR else 1)

    @property
    def one_year_per_month(self) -> float:
        """The same with a commitment of one year; the same price where there is none."""
        price = self.usd if self.one_year_usd is None else self.one_year_usd
        return price * (HOURS_PER_MONTH if self.item.unit == HOUR else 1)


class PriceBook:
    """List prices by Region and item.

    Args:
        content: What `prices.json` holds.
        name: What errors call it.

    Raises:
        ValueError: If it is no price book.
    """

    def __init__(self, content: Mapping[str, Any], *, name: str = "price book") -> None:
        regions = content.get("regions")
        if not isinstance(regions, Mapping):
            raise ValueError(f"{name}: no price book, got {sorted(content)}; allowed: a mapping with regions")
        self._prices: dict[tuple[str, str], Price] = {}
        for region, entries in regions.items():
            for item_id, entry in entries.items():
                self._prices[region, item_id] = _price(name, region, item_id, entry)

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


def _price(name: str, region: str, item_id: str, entry: Mapping[str, Any]) -> Price:
    try:
        as_of = entry.get("as_of")
        one_year = entry.get("one_year_usd")
        return Price(
            item=price_item(item_id),
            region=region,
            usd=float(entry["usd"]),
            source=str(entry["source"]),
            as_of=None if as_of is None else date.fromisoformat(as_of),
            one_year_usd=None if one_year is None else float(one_year),
            one_year_source=entry.get("one_year_source"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{name}: {region}/{item_id}: no price, got {entry!r} ({error}); allowed: usd, source and as_of"
        ) from error


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


def shipped_content() -> dict[str, Any]:
    """What the shipped book's file holds."""
    text = files("aws_architect_constructs.checks").joinpath("prices.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@cache
def shipped_price_book() -> PriceBook:
    """The price book that ships with the package."""
    return PriceBook(shipped_content(), name="prices.json")
