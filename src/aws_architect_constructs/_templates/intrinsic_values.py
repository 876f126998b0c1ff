"""What a CloudFormation value can be before anything is deployed, and the functions that only rearrange such values.

Nothing here knows a template: arguments arrive resolved. A result that depends on something unknown is `Unknown`.
"""

import base64
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

_CIDR_ARGUMENTS: Final = (2, 3)
_MOST_CIDRS: Final = 256


@dataclass(frozen=True)
class Reference:
    """A resource of a stack, or one of its attributes, where the template says `Ref` or `Fn::GetAtt`.

    Attributes:
        stack: The stack that the resource is in.
        logical_id: The resource's logical id.
        attribute: The attribute; None for `Ref`.
    """

    stack: str
    logical_id: str
    attribute: str | None = None

    @property
    def resource(self) -> tuple[str, str]:
        """The resource without the attribute: its stack and logical id."""
        return self.stack, self.logical_id

    def __str__(self) -> str:
        place = f"{self.stack}/{self.logical_id}"
        return place if self.attribute is None else f"{place}.{self.attribute}"


@dataclass(frozen=True)
class Unknown:
    """A value that the templates do not tell.

    Attributes:
        reason: Why not, and often what would have to be given.
    """

    reason: str

    def __str__(self) -> str:
        return f"unknown ({self.reason})"


@dataclass(frozen=True)
class Concatenation:
    """Text with parts that only a deployment knows.

    Attributes:
        parts: Literal text, references and unknown parts in order; no two literal parts are neighbours.
    """

    parts: tuple[str | Reference | Unknown, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"<{part}>" for part in self.parts)


def text_of(value: object, place: str) -> str | Reference | Unknown | Concatenation:
    """Return a resolved value as what it is inside a text.

    Raises:
        ValueError: If the value is a list, a mapping or nothing.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str() | Reference() | Unknown() | Concatenation():
            return value
        case _:
            raise ValueError(f"{place}: a text is made of texts, got {value!r}; allowed: text, numbers and references")


def concatenate(values: Sequence[object], place: str) -> str | Reference | Unknown | Concatenation:
    """Join resolved values to the simplest value that says the same."""
    parts: list[str | Reference | Unknown] = []
    for value in values:
        piece = text_of(value, place)
        for part in piece.parts if isinstance(piece, Concatenation) else (piece,):
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif part != "":
                parts.append(part)
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))


def join(delimiter: object, values: object, place: str) -> object:
    """`Fn::Join`."""
    if not isinstance(delimiter, str):
        raise ValueError(f"{place}: Fn::Join needs a literal delimiter, got {delimiter!r}; allowed: text")
    if isinstance(values, Unknown):
        return values
    if isinstance(values, Reference):
        return Unknown(f"Fn::Join over the list {values}, which only a deployment knows")
    if not isinstance(values, list):
        raise ValueError(f"{place}: Fn::Join needs a list of values, got {values!r}; allowed: a list")
    woven: list[object] = []
    for value in values:
        woven += [delimiter, value]
    return concatenate(woven[1:], place)


def split(delimiter: object, text: object, place: str) -> object:
    """`Fn::Split`."""
    if not isinstance(delimiter, str) or not delimiter:
        raise ValueError(f"{place}: Fn::Split needs a delimiter, got {delimiter!r}; allowed: non-empty text")
    if isinstance(text, str):
        return text.split(delimiter)
    if isinstance(text, Unknown):
        return text
    if isinstance(text, Reference | Concatenation):
        return Unknown(f"Fn::Split of {text}, which only a deployment knows")
    raise ValueError(f"{place}: Fn::Split needs a text, got {text!r}; allowed: text")


def select(index: object, values: object, place: str) -> object:
    """`Fn::Select`."""
    if isinstance(index, Unknown):
        return index
    if isinstance(values, Unknown):
        return values
    if isinstance(values, Reference):
        return Unknown(f"Fn::Select from the list {values}, which only a deployment knows")
    if not isinstance(values, list):
        raise ValueError(f"{place}: Fn::Select needs a list, got {values!r}; allowed: a list")
    number = _whole_number(index)
    if number is None or not 0 <= number < len(values):
        raise ValueError(f"{place}: Fn::Select has no such item, got {index!r}; allowed: 0 to {len(values) - 1}")
    return values[number]


def cidr(arguments: Sequence[object], place: str) -> object:
    """`Fn::Cidr`: the first `count` blocks of `cidr_bits` host bits within a block."""
    if len(arguments) not in _CIDR_ARGUMENTS:
        raise ValueError(f"{place}: Fn::Cidr needs a block, a count and host bits, got {arguments!r}; allowed: 2 or 3")
    block, *numbers = arguments
    for argument in arguments:
        if isinstance(argument, Unknown):
            return argument
        if isinstance(argument, Reference | Concatenation):
            return Unknown(f"Fn::Cidr of {argument}, which only a deployment knows")
    try:
        network = ipaddress.ip_network(str(block), strict=False)
    except ValueError as error:
        raise ValueError(f"{place}: Fn::Cidr needs a block of addresses, got {block!r}; allowed: a CIDR") from error
    count, bits = _whole_number(numbers[0]), _whole_number(numbers[1] if len(numbers) > 1 else 8)
    if count is None or not 1 <= count <= _MOST_CIDRS:
        raise ValueError(
            f"{place}: Fn::Cidr cannot make so many blocks, got {numbers[0]!r}; allowed: 1 to {_MOST_CIDRS}"
        )
    if bits is None or not 1 <= bits <= network.max_prefixlen - network.prefixlen:
        room = network.max_prefixlen - network.prefixlen
        raise ValueError(
            f"{place}: Fn::Cidr blocks do not fit {block}, got {numbers[1:]!r} host bits; allowed: 1 to {room}"
        )
    if count > 2 ** (network.max_prefixlen - bits - network.prefixlen):
        raise ValueError(
            f"{place}: {block} has no room for the blocks of Fn::Cidr, got {count}; allowed: fewer or smaller"
        )
    return [str(part) for part in islice(network.subnets(new_prefix=network.max_prefixlen - bits), count)]


def encode(text: object, place: str) -> object:
    """`Fn::Base64`."""
    match text_of(text, place):
        case str() as known:
            return base64.b64encode(known.encode()).decode()
        case Unknown() as unknown:
            return unknown
        case other:
            return Unknown(f"Fn::Base64 of {other}, which only a deployment knows")


def equals(first: object, second: object) -> bool | Unknown:
    """`Fn::Equals`: CloudFormation compares texts."""
    for value in (first, second):
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Reference | Concatenation):
            return Unknown(f"Fn::Equals of {value}, which only a deployment knows")
    return _comparable(first) == _comparable(second)


def _comparable(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return str(value)


def _whole_number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return None
