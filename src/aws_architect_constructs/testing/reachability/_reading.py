"""Reading resolved properties: names, blocks, ports and lists, or why they are not known."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aws_architect_constructs._templates.intrinsics import Concatenation, Reference, TemplateSet, Unknown
from aws_architect_constructs.testing.reachability.addresses import IPV4, IPV6
from aws_architect_constructs.testing.reachability.model import Block, Match

_NUMBERS = {"all": -1, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
_PORT_PROTOCOLS = (6, 17)

Properties = Mapping[str, Any]


class Reader:
    """Resolved resources of a set of templates, under the names that answers use."""

    def __init__(self, templates: TemplateSet) -> None:
        self.templates = templates
        seen: dict[str, int] = {}
        for _, logical_id, _ in templates.resources():
            seen[logical_id] = seen.get(logical_id, 0) + 1
        self._shared = {logical_id for logical_id, count in seen.items() if count > 1}
        self._properties: dict[tuple[str, str], Properties] = {}
        self.doubts: list[str] = []

    def name(self, stack: str, logical_id: str) -> str:
        """The logical id, with its stack where two have the same one."""
        return f"{stack}/{logical_id}" if logical_id in self._shared else logical_id

    def all(self, *types: str) -> Iterator[tuple[str, str, Properties]]:
        """Name, type and resolved properties of every resource of the types."""
        for stack, logical_id, resource in self.templates.resources(*types):
            exists = self.templates.exists(stack, logical_id)
            if isinstance(exists, Unknown):
                self.doubts.append(f"{self.name(stack, logical_id)} may not exist: {exists.reason}")
            yield self.name(stack, logical_id), resource["Type"], self.properties(Reference(stack, logical_id))

    def properties(self, reference: Reference) -> Properties:
        """The resolved properties of a resource."""
        found = self._properties.get(reference.resource)
        if found is None:
            found = self._properties[reference.resource] = self.templates.properties(*reference.resource)
        return found

    def type_of(self, reference: Reference) -> str:
        """The type of the resource that a reference leads to."""
        return str(self.templates.resource(reference)["Type"])

    def attribute(self, value: object, name: str) -> object:
        """An attribute of what a property refers to, if it was told."""
        if not isinstance(value, Reference):
            return unknown(value)
        return self.templates.resolve(value.stack, {"Fn::GetAtt": [value.logical_id, name]})

    def target(self, value: object) -> str | Unknown:
        """The name of what a property refers to; a literal id is its own name."""
        if isinstance(value, Reference):
            name = self.name(*value.resource)
            return f"{name}.{value.attribute}" if value.attribute in _ATTRIBUTES_THAT_ARE_OTHERS else name
        if isinstance(value, str):
            return value
        return unknown(value)

    def targets(self, values: object) -> tuple[str | Unknown, ...]:
        """The names of what a list property refers to."""
        if isinstance(values, list):
            return tuple(self.target(value) for value in values)
        return () if values is None else (unknown(values),)


_ATTRIBUTES_THAT_ARE_OTHERS = ("DefaultSecurityGroup", "DefaultNetworkAcl")


def unknown(value: object) -> Unknown:
    """Why a value is not known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Reference | Concatenation):
        return Unknown(f"{value}, which only a deployment knows")
    return Unknown(f"not given, got {value!r}")


def block(properties: Properties, ipv4: str, ipv6: str) -> Block | None:
    """The block of whichever of the two properties is given."""
    for version, key in ((IPV4, ipv4), (IPV6, ipv6)):
        value = properties.get(key)
        if value is not None:
            return Block(version, value if isinstance(value, str) else unknown(value))
    return None


def number(value: object, default: int) -> int | Unknown:
    """A number, which templates may write as text."""
    if value is None:
        return default
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return unknown(value)


def is_true(value: object) -> bool:
    """Whether a truth value, which templates may write as text, is known to be true."""
    return value is True or value == "true"


def protocol_number(value: object) -> int | Unknown:
    """The number of a protocol that is given by name or number."""
    if isinstance(value, str) and value.lower() in _NUMBERS:
        return _NUMBERS[value.lower()]
    return number(value, -1)


def match(protocol: object, first: object, last: object) -> Match:
    """What a security group's rule is about: its ports are type and code for ICMP."""
    which = protocol_number(protocol)
    low, high = number(first, -1), number(last, -1)
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        return Match(protocol=which, ports=low if isinstance(low, Unknown) else unknown(last))
    if isinstance(which, Unknown) or which in _PORT_PROTOCOLS:
        return Match(protocol=which, ports=None if low == -1 else (low, high))
    return Match(protocol=which, icmp=(low, high))


def tags(properties: Properties) -> dict[object, object]:
    """The tags of a resource."""
    given = properties.get("Tags")
    return (
        {tag.get("Key"): tag.get("Value") for tag in given if isinstance(tag, dict)} if isinstance(given, list) else {}
    )


def dig(properties: Properties, path: str) -> object:
    """A property inside others; a number in the path is an index."""
    found: object = properties
    for step in path.split("."):
        if isinstance(found, list):
            found = found[int(step)] if step.isdecimal() and int(step) < len(found) else None
        elif isinstance(found, dict):
            found = found.get(step)
        else:
            return found if isinstance(found, Unknown) else None
    return found


def flat(lists: Iterable[tuple[str | Unknown, ...]]) -> tuple[str | Unknown, ...]:
    """All items of several lists, each once."""
    return tuple(dict.fromkeys(item for items in lists for item in items))
