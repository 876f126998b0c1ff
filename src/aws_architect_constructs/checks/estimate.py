"""What the templates of an app cost in a month while nothing happens."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse
from aws_architect_constructs.checks.costs import CALCULATORS, is_free
from aws_architect_constructs.checks.prices import Price, PriceBook
from aws_architect_constructs.checks.templates import Resource, Template

_CHOICES: Final = 4
"""How many names of a condition or a mapping are compared: more than a template leaves open in practice."""

_MOST: Final = 1e15
"""More than any template has of anything: the ECPUs of a month of the largest serverless cache are less."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One charge with its price.

    Attributes:
        stack: The stack that it is in.
        construct_path: The construct, or the logical id where CDK did not say.
        quantity: How many, all month.
        price: The price of one.
        note: What the quantity is made of, or what was assumed.
    """

    stack: str
    construct_path: str
    quantity: float
    price: Price
    note: str = ""

    @property
    def usd_per_month(self) -> float:
        """What it costs in a month, on demand."""
        return self.quantity * self.price.per_month

    @property
    def one_year_usd_per_month(self) -> float:
        """What it costs with a commitment of one year, where the book knows one; else the same."""
        return self.quantity * self.price.one_year_per_month


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A charge that is not in the sum.

    Attributes:
        stack: The stack that it is in.
        construct_path: The construct, or the logical id.
        reason: Why not.
        items: The price items that the book lacks, if that is why.
    """

    stack: str
    construct_path: str
    reason: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What is known of an app's cost.

    Attributes:
        lines: What runs while nothing happens.
        per_use: By stack, what is charged for by use, with its unit price.
        gaps: What the check does not know.
    """

    lines: tuple[Line, ...] = ()
    per_use: tuple[tuple[str, Price], ...] = ()
    gaps: tuple[Gap, ...] = field(default_factory=tuple)

    @property
    def stacks(self) -> tuple[str, ...]:
        """The stacks that something was said of, in order."""
        names = [line.stack for line in self.lines] + [stack for stack, _ in self.per_use]
        return tuple(dict.fromkeys([*names, *(gap.stack for gap in self.gaps)]))

    def of(self, stacks: Iterable[str]) -> "Estimate":
        """The part of some stacks."""
        wanted = set(stacks)
        return Estimate(
            lines=tuple(line for line in self.lines if line.stack in wanted),
            per_use=tuple(item for item in self.per_use if item[0] in wanted),
            gaps=tuple(gap for gap in self.gaps if gap.stack in wanted),
        )

    @property
    def usd_per_month(self) -> float:
        """The sum, on demand."""
        return math.fsum(line.usd_per_month for line in self.lines)

    @property
    def one_year_usd_per_month(self) -> float:
        """The sum with a commitment of one year where the book knows its price."""
        return math.fsum(line.one_year_usd_per_month for line in self.lines)


def estimate(templates: Iterable[Template], book: PriceBook, *, default_region: str | None = None) -> Estimate:
    """Estimate what the templates cost in a month while nothing happens.

    Args:
        templates: The templates; a nested stack counts to its root.
        book: The prices.
        default_region: The Region of stacks that name none; without it their prices are gaps.
    """
    lines: list[Line] = []
    per_use: dict[tuple[str, str], tuple[str, Price]] = {}
    gaps: list[Gap] = []
    unpriced: dict[tuple[str, str], dict[str, None]] = {}
    for template in templates:
        stack, region = _root(template).name, template.region or default_region
        where = region or "a Region that is not known"
        if template.failure is not None:
            gaps.append(Gap(stack=stack, construct_path=template.name, reason=f"the template {template.failure}"))
        for path, charge in _charged(template, partial(book.find, region)):
            price = None if isinstance(charge, NotKnown) else book.find(region, charge.item)
            match charge:
                case NotKnown(reason=reason):
                    gaps.append(Gap(stack=stack, construct_path=path, reason=reason))
                case PerUse(item=item) if price is None:
                    unpriced.setdefault((stack, where), {})[item] = None
                case PerUse(item=item) if price is not None:
                    per_use.setdefault((stack, item), (stack, price))
                case Fixed(item=item, quantity=quantity) if price is None:
                    if quantity:
                        reason = f"no price of {item} in {where}"
                        gaps.append(Gap(stack=stack, construct_path=path, reason=reason, items=(item,)))
                case Fixed(quantity=quantity, note=note) if price is not None:
                    line = Line(stack=stack, construct_path=path, quantity=quantity, price=price, note=note)
                    lines.append(line)
    gaps += [
        Gap(
            stack=stack,
            construct_path=stack,
            reason=f"by use, with no price in {where}: {', '.join(items)}",
            items=tuple(items),
        )
        for (stack, where), items in unpriced.items()
    ]
    return Estimate(lines=tuple(lines), per_use=tuple(per_use.values()), gaps=tuple(gaps))


def _charged(template: Template, find: Callable[[str], Price | None]) -> Iterator[tuple[str, Charge]]:
    """Every charge of a template with the construct's path."""
    choices = [replace(template, choice=choice) for choice in range(1, _CHOICES)]
    for logical_id, resource in template.resources.items():
        path = resource.construct_path or f"{template.name}/{logical_id}"
        template.left_open.clear()
        candidates = [list(_charges(resource))]
        # Only a name that was asked for and is left open makes another choice worth the while.
        others = max(template.left_open, default=1) - 1
        candidates += [list(_charges(each.resources[logical_id])) for each in choices[:others]]
        for charge in _dearest(candidates, find) if others else candidates[0]:
            yield path, charge


def _dearest(candidates: Sequence[list[Charge]], find: Callable[[str], Price | None]) -> list[Charge]:
    """The charges of the choice that costs most, and what is not known of the others."""

    def usd(charges: list[Charge]) -> float:
        fixed = [(charge.quantity, find(charge.item)) for charge in charges if isinstance(charge, Fixed)]
        return math.fsum(quantity * price.per_month for quantity, price in fixed if price is not None)

    chosen = max(candidates, key=usd)
    others = dict.fromkeys(charge for charges in candidates for charge in charges if charge not in chosen)
    return chosen + [
        charge
        for charge in others
        if isinstance(charge, NotKnown) or (isinstance(charge, Fixed) and find(charge.item) is None)
    ]


def _root(template: Template) -> Template:
    while template.parent is not None:
        template = template.parent
    return template


def _charges(resource: Resource) -> Iterator[Charge]:
    calculator = CALCULATORS.get(resource.type)
    if calculator is None:
        if not is_free(resource.type):
            yield NotKnown(reason=f"{resource.type} is not in the tables")
        return
    try:
        for charge in calculator(resource):
            if isinstance(charge, Fixed) and not 0 <= charge.quantity <= _MOST:
                yield NotKnown(reason=f"{resource.type} cannot be {charge.quantity:g} of {charge.item}")
            else:
                yield charge
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield NotKnown(reason=f"{resource.type} cannot be read ({error})")
