"""The condition operators of the policy language: one comparison each, of one request value with one policy value.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from aws_architect_constructs._policies.errors import PolicyError, UnknownConditionOperatorError
from aws_architect_constructs._policies.glob import Glob, Wildcard

__all__ = ["Family", "Operator", "SetQuantifier", "parse_operator"]

_ARN_PARTS = 6
_DATE_FORMATS = (
    # https://www.w3.org/TR/NOTE-datetime, and the compact form that AWS's own examples use
    *("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"),
    *("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"),
)


class SetQuantifier(StrEnum):
    """The two set operators for keys with several values."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


class Family(StrEnum):
    """The categories of condition operators."""

    STRING = "string"
    NUMERIC = "numeric"
    DATE = "date"
    BOOLEAN = "Boolean"
    BINARY = "binary"
    IP_ADDRESS = "IP address"
    ARN = "ARN"
    NULL = "null"

    @property
    def takes_variables(self) -> bool:
        """Whether a policy variable may stand in the values: string, ARN and Boolean operators only."""
        return self in (Family.STRING, Family.ARN, Family.BOOLEAN)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise PolicyError(f"a number, got {text!r}; allowed are integers and decimals") from None
    if not number.is_finite():
        raise PolicyError(f"a number, got {text!r}; allowed are integers and decimals")
    return number


def _date(text: str) -> datetime:
    if text.removeprefix("-").isdigit() and len(text) > len("2026"):
        return datetime.fromtimestamp(int(text), UTC)
    for form in _DATE_FORMATS:
        try:
            # Naive forms exist in the W3C note; AWS reads them as UTC.
            parsed = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set on the next line when it is missing
        except ValueError:
            continue
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    raise PolicyError(f"a date, got {text!r}; allowed are ISO 8601 such as '2026-01-31T12:00:00Z' and epoch seconds")


def _boolean(text: str) -> bool:
    if text.casefold() not in ("true", "false"):
        raise PolicyError(f"a Boolean, got {text!r}; allowed are 'true' and 'false'")
    return text.casefold() == "true"


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise PolicyError(f"a binary value, got {text!r}; allowed is base64") from None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PolicyError(f"an IP range, got {text!r}; allowed are CIDR blocks of IPv4 and IPv6") from None


def _in_network(value: str, block: str) -> bool:
    address, network = _network(value), _network(block)
    if isinstance(address, ipaddress.IPv4Network) and isinstance(network, ipaddress.IPv4Network):
        return address.subnet_of(network)
    if isinstance(address, ipaddress.IPv6Network) and isinstance(network, ipaddress.IPv6Network):
        return address.subnet_of(network)
    return False


def _arn_like(value: str, pattern: Glob) -> bool:
    """Match each of the six parts by itself: a wildcard never crosses one of the first five colons."""
    parts: list[list[str | Wildcard]] = [[]]
    for piece in pattern.tokens:
        if piece == ":" and len(parts) < _ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(piece)
    if len(parts) != _ARN_PARTS:
        raise PolicyError(f"an ARN pattern, got {pattern.literal()!r}; allowed are six parts separated by colons")
    values = value.split(":", _ARN_PARTS - 1)
    if len(values) != _ARN_PARTS:
        return False
    return all(Glob(tuple(part)).matches(text) for part, text in zip(parts, values, strict=True))


Compare = Callable[[str, Glob], bool]
_T = TypeVar("_T")


def _compared(convert: Callable[[str], _T], relation: Callable[[_T, _T], bool]) -> Compare:
    return lambda value, wanted: relation(convert(value), convert(wanted.literal()))


@dataclass(frozen=True)
class _Base:
    """One comparison: what it compares, how, and the names of its positive and its negated operator."""

    family: Family
    compare: Compare
    check: Callable[[str], object]


def _anything(text: str) -> str:
    return text


def _arn_pattern(text: str) -> str:
    # A variable may hold colons of its own, so only a pattern without variables can be counted before evaluation.
    if "${" not in text and text.count(":") < _ARN_PARTS - 1:
        raise PolicyError(f"an ARN pattern, got {text!r}; allowed are six parts separated by colons")
    return text


def _boolean_or_variable(text: str) -> object:
    return text if "${" in text else _boolean(text)


_STRING_EQUALS = _Base(Family.STRING, lambda value, wanted: value == wanted.literal(), _anything)
_STRING_IGNORE_CASE = _Base(
    Family.STRING, lambda value, wanted: value.casefold() == wanted.literal().casefold(), _anything
)
_STRING_LIKE = _Base(Family.STRING, lambda value, wanted: wanted.matches(value), _anything)
_NUMERIC_EQUALS = _Base(Family.NUMERIC, _compared(_number, operator.eq), _number)
_DATE_EQUALS = _Base(Family.DATE, _compared(_date, operator.eq), _date)
_IP_ADDRESS = _Base(Family.IP_ADDRESS, lambda value, wanted: _in_network(value, wanted.literal()), _network)
_ARN = _Base(Family.ARN, _arn_like, _arn_pattern)
_BOOL = _Base(Family.BOOLEAN, _compared(_boolean, operator.eq), _boolean_or_variable)
_BINARY = _Base(Family.BINARY, _compared(_binary, operator.eq), _binary)
# Null compares whether the key is absent ("true" or "false") and never sees a value of the request.
_NULL = _Base(Family.NULL, _compared(_boolean, operator.eq), _boolean)

_POSITIVE: dict[str, _Base] = {
    "StringEquals": _STRING_EQUALS,
    "StringEqualsIgnoreCase": _STRING_IGNORE_CASE,
    "StringLike": _STRING_LIKE,
    "NumericEquals": _NUMERIC_EQUALS,
    "NumericLessThan": _Base(Family.NUMERIC, _compared(_number, operator.lt), _number),
    "NumericLessThanEquals": _Base(Family.NUMERIC, _compared(_number, operator.le), _number),
    "NumericGreaterThan": _Base(Family.NUMERIC, _compared(_number, operator.gt), _number),
    "NumericGreaterThanEquals": _Base(Family.NUMERIC, _compared(_number, operator.ge), _number),
    "DateEquals": _DATE_EQUALS,
    "DateLessThan": _Base(Family.DATE, _compared(_date, operator.lt), _date),
    "DateLessThanEquals": _Base(Family.DATE, _compared(_date, operator.le), _date),
    "DateGreaterThan": _Base(Family.DATE, _compared(_date, operator.gt), _date),
    "DateGreaterThanEquals": _Base(Family.DATE, _compared(_date, operator.ge), _date),
    "Bool": _BOOL,
    "BinaryEquals": _BINARY,
    "IpAddress": _IP_ADDRESS,
    # The two are one operator to AWS.
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "Null": _NULL,
}
_NEGATED: dict[str, _Base] = {
    "StringNotEquals": _STRING_EQUALS,
    "StringNotEqualsIgnoreCase": _STRING_IGNORE_CASE,
    "StringNotLike": _STRING_LIKE,
    "NumericNotEquals": _NUMERIC_EQUALS,
    "DateNotEquals": _DATE_EQUALS,
    "NotIpAddress": _IP_ADDRESS,
    "ArnNotEquals": _ARN,
    "ArnNotLike": _ARN,
}
_IF_EXISTS = "IfExists"


@dataclass(frozen=True)
class Operator:
    """A condition operator as it stands in a policy.

    Attributes:
        name: The whole name, for messages.
        family: Its category.
        compare: Whether one value of the request matches one value of the policy, before any negation.
        check: Raises PolicyError when a value of the policy is not of the category.
        negated: Whether it asks that nothing matches.
        if_exists: Whether an absent key makes it true.
        quantifier: The set operator before it, if any.
    """

    name: str
    family: Family
    compare: Compare
    check: Callable[[str], object]
    negated: bool
    if_exists: bool
    quantifier: SetQuantifier | None


def parse_operator(name: str, place: str) -> Operator:
    """Return the operator of a name.

    Raises:
        UnknownConditionOperatorError: When the policy language has no such operator.
    """
    prefix, colon, rest = name.rpartition(":")
    base_name = rest.removesuffix(_IF_EXISTS)
    if_exists = base_name != rest
    base = _POSITIVE.get(base_name) or _NEGATED.get(base_name)
    quantifiers = [str(quantifier) for quantifier in SetQuantifier]
    refused = base is None or (colon and prefix not in quantifiers)
    if base is None or refused or (base.family is Family.NULL and (if_exists or colon)):
        raise UnknownConditionOperatorError(
            f"{place}: condition operator {name!r} is unknown; allowed are {', '.join([*_POSITIVE, *_NEGATED])}, "
            f"each but Null also with the suffix {_IF_EXISTS} and the prefixes {' and '.join(quantifiers)}"
        )
    return Operator(
        name=name,
        family=base.family,
        compare=base.compare,
        check=base.check,
        negated=base_name in _NEGATED,
        if_exists=if_exists,
        quantifier=SetQuantifier(prefix) if colon else None,
    )
