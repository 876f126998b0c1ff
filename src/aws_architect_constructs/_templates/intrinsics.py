"""What the values of synthesized templates are, as far as templates can tell: intrinsic functions without a deployment.

    templates = TemplateSet({"Network": network_template, "Data": data_template})
    for stack, logical_id, resource in templates.resources("AWS::EC2::Subnet"):
        block = templates.resolve(stack, resource["Properties"]["CidrBlock"])

References are followed through parameters, outputs, exports and nested stacks to the resource they end at. What only a
deployment knows stays an `Unknown` with its reason: nothing is guessed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from aws_architect_constructs._templates.intrinsic_values import (
    Concatenation,
    Reference,
    Unknown,
    cidr,
    concatenate,
    encode,
    equals,
    join,
    select,
    split,
    text_of,
)
from aws_architect_constructs._templates.stacks import check_template, nested_stacks

__all__ = ["Concatenation", "Reference", "TemplateSet", "Unknown"]

_NO_VALUE: Final = object()
_PAIR: Final = 2
_TRIPLE: Final = 3

_EXACT_ATTRIBUTES: Final = {
    ("AWS::EC2::VPC", "CidrBlock"): "CidrBlock",
    ("AWS::EC2::Subnet", "AvailabilityZone"): "AvailabilityZone",
    ("AWS::EC2::Subnet", "CidrBlock"): "CidrBlock",
    ("AWS::EC2::Subnet", "VpcId"): "VpcId",
    ("AWS::EC2::SecurityGroup", "VpcId"): "VpcId",
    ("AWS::ElastiCache::ReplicationGroup", "ConfigurationEndPoint.Port"): "Port",
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndPoint.Port"): "Port",
    ("AWS::RDS::DBCluster", "Endpoint.Port"): "Port",
    ("AWS::RDS::DBInstance", "Endpoint.Port"): "Port",
}
"""Attributes that return a property as it was given, and the property."""

_DYNAMIC_REFERENCE: Final = re.compile(r"(\{\{resolve:[^}]*\}\})")
_SUB_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")
_LIST_PARAMETER: Final = re.compile(r"^(CommaDelimitedList|List<.*>)$")


class TemplateSet:
    """One or several synthesized templates that may refer to one another.

    Args:
        templates: Each stack's template by the stack's name, nested stacks included. A nested stack is recognised by
            its logical id in the parent or by the file name in CDK's asset metadata.
        parameters: Values of parameters, by name; without one a parameter's default counts.
        pseudo: Values of pseudo parameters, such as `{"AWS::Region": "eu-west-1"}`. `AWS::StackName` is known.
        attributes: Values that only a deployment knows, such as
            `{Reference("Network", "Vpc", "Ipv6CidrBlocks"): ["2001:db8::/56"]}`.
        availability_zones: What `Fn::GetAZs` returns.

    Raises:
        ValueError: If something given is no template.
    """

    def __init__(
        self,
        templates: Mapping[str, Mapping[str, Any]],
        *,
        parameters: Mapping[str, object] | None = None,
        pseudo: Mapping[str, str] | None = None,
        attributes: Mapping[Reference, object] | None = None,
        availability_zones: list[str] | None = None,
    ) -> None:
        for stack, template in templates.items():
            check_template(stack, template)
        self.templates: Mapping[str, Mapping[str, Any]] = dict(templates)
        self._parameters = dict(parameters or {})
        self._pseudo = dict(pseudo or {})
        self._attributes = dict(attributes or {})
        self._zones = availability_zones
        self._nested = dict(nested_stacks(self.templates))
        self._parents = {child: parent for parent, child in self._nested.items()}
        self._exports: dict[object, tuple[str, str]] | None = None
        self._under_way: list[str] = []

    def resources(self, *types: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Iterate over stack, logical id and resource, except what a condition is known to leave out.

        Args:
            types: CloudFormation types; none means every resource.
        """
        for stack, template in self.templates.items():
            for logical_id, resource in template["Resources"].items():
                if (not types or resource["Type"] in types) and self.exists(stack, logical_id) is not False:
                    yield stack, logical_id, resource

    def exists(self, stack: str, logical_id: str) -> bool | Unknown:
        """Whether the resource is created, by its `Condition`."""
        condition = self.templates[stack]["Resources"][logical_id].get("Condition")
        return True if condition is None else self._condition(stack, condition, f"{stack}/{logical_id}.Condition")

    def resource(self, reference: Reference) -> Mapping[str, Any]:
        """The resource that a reference leads to."""
        found: Mapping[str, Any] = self.templates[reference.stack]["Resources"][reference.logical_id]
        return found

    def properties(self, stack: str, logical_id: str) -> dict[str, object]:
        """All properties of a resource, resolved."""
        place = f"{stack}/{logical_id}"
        resource = self.templates[stack]["Resources"][logical_id]
        resolved = self.resolve(stack, resource.get("Properties") or {}, place=place)
        if not isinstance(resolved, dict):
            raise ValueError(f"{place}: Properties is not a mapping, got {resolved!r}; allowed: a mapping")
        return resolved

    def resolve(self, stack: str, value: object, *, place: str | None = None) -> object:
        """Evaluate a value of a template.

        Args:
            stack: The stack whose template has the value.
            value: A literal, an intrinsic function, or a list or mapping of those.
            place: What errors call the place; the stack by default.

        Returns:
            The value with every function replaced by its result: a literal, a `Reference`, a `Concatenation`, an
            `Unknown`, or a list or mapping of those. `AWS::NoValue` disappears; alone it is None.

        Raises:
            ValueError: If a function is malformed, names something that is not there or depends on itself.
        """
        if stack not in self.templates:
            raise ValueError(f"no such stack, got {stack!r}; allowed: {', '.join(self.templates)}")
        result = self._resolve(stack, value, place or stack)
        return None if result is _NO_VALUE else result

    def _resolve(self, stack: str, value: object, place: str) -> object:
        match value:
            case str():
                return _dynamic(value, place) if "{{resolve:" in value else value
            case list():
                items = [self._resolve(stack, item, f"{place}[{index}]") for index, item in enumerate(value)]
                return [item for item in items if item is not _NO_VALUE]
            case dict():
                if len(value) == 1:
                    ((name, argument),) = value.items()
                    if name == "Ref":
                        return self._ref(stack, argument, place)
                    if isinstance(name, str) and name.startswith("Fn::"):
                        return self._function(stack, name, argument, f"{place}.{name}")
                pairs = ((key, self._resolve(stack, item, f"{place}.{key}")) for key, item in value.items())
                return {key: item for key, item in pairs if item is not _NO_VALUE}
            case _:
                return value

    def _function(self, stack: str, name: str, argument: object, place: str) -> object:
        function = _FUNCTIONS.get(name)
        if function is None:
            return Unknown(f"{place}: this function is evaluated by CloudFormation only")
        return function(self, stack, argument, place)

    def _ref(self, stack: str, name: object, place: str) -> object:
        template = self.templates[stack]
        if not isinstance(name, str):
            raise ValueError(f"{place}: Ref needs a name, got {name!r}; allowed: text")
        if name in template["Resources"]:
            return Reference(stack, name)
        if name in template.get("Parameters", {}):
            return self._parameter(stack, name)
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name.startswith("AWS::"):
            if name == "AWS::StackName" and stack not in self._parents:
                return self._pseudo.get(name, stack)
            return self._pseudo.get(name, Unknown(f"pseudo parameter {name} of stack {stack}"))
        raise ValueError(_missing(f"{place}: Ref", name, [*template["Resources"], *template.get("Parameters", {})]))

    def _parameter(self, stack: str, name: str) -> object:
        place = f"{stack}/Parameters.{name}"
        declaration = self.templates[stack]["Parameters"][name]
        kind = str(declaration.get("Type", "String"))
        if stack in self._parents:
            parent, logical_id = self._parents[stack]
            passed = self.templates[parent]["Resources"][logical_id].get("Properties", {}).get("Parameters", {})
            if name in passed:
                value = self._once(place, lambda: self._resolve(parent, passed[name], f"{parent}/{logical_id}.{name}"))
                return _listed(kind, value)
        if name in self._parameters:
            return _listed(kind, self._parameters[name])
        if kind.startswith("AWS::SSM::Parameter::Value"):
            return Unknown(f"parameter {name} of stack {stack}, which SSM knows")
        if "Default" in declaration:
            return _listed(kind, declaration["Default"])
        return Unknown(f"parameter {name} of stack {stack}, which has no default")

    def _attribute(self, stack: str, argument: object, place: str) -> object:
        match argument:
            case str() if "." in argument:
                logical_id, attribute = argument.split(".", 1)
            case [str() as logical_id, attribute_value]:
                resolved = self._resolve(stack, attribute_value, place)
                if isinstance(resolved, Unknown):
                    return resolved
                attribute = str(resolved)
            case _:
                raise ValueError(
                    f"{place}: needs a resource and an attribute, got {argument!r}; allowed: [id, attribute]"
                )
        resources = self.templates[stack]["Resources"]
        if logical_id not in resources:
            raise ValueError(_missing(place, logical_id, list(resources)))
        reference = Reference(stack, logical_id, attribute)
        if reference in self._attributes:
            return self._attributes[reference]
        if attribute.startswith("Outputs.") and (stack, logical_id) in self._nested:
            return self._output(self._nested[stack, logical_id], attribute.removeprefix("Outputs."), place)
        resource = resources[logical_id]
        properties = resource.get("Properties") or {}
        name = _EXACT_ATTRIBUTES.get((resource["Type"], attribute))
        if name in properties:
            where = f"{stack}/{logical_id}.{name}"
            return self._once(str(reference), lambda: self._resolve(stack, properties[name], where))
        return reference

    def _output(self, stack: str, name: str, place: str) -> object:
        outputs = self.templates[stack].get("Outputs", {})
        if name not in outputs:
            raise ValueError(_missing(f"{place}: output of stack {stack}", name, list(outputs)))
        where = f"{stack}/Outputs.{name}"
        return self._once(where, lambda: self._resolve(stack, outputs[name].get("Value"), where))

    def _import(self, stack: str, argument: object, place: str) -> object:
        name = self._resolve(stack, argument, place)
        if isinstance(name, Unknown):
            return name
        if not isinstance(name, str | Concatenation):
            raise ValueError(f"{place}: an export has a name, got {name!r}; allowed: text")
        if self._exports is None:
            self._exports = dict(self._find_exports())
        found = self._exports.get(name)
        return (
            Unknown(f"export {name} of a stack that is not among those given")
            if found is None
            else self._output(*found, place)
        )

    def _find_exports(self) -> Iterator[tuple[object, tuple[str, str]]]:
        for producer, template in self.templates.items():
            for output, declaration in template.get("Outputs", {}).items():
                if "Export" in declaration:
                    where = f"{producer}/Outputs.{output}.Export"
                    yield (
                        text_of(self._resolve(producer, declaration["Export"].get("Name"), where), where),
                        (producer, output),
                    )

    def _stack_output(self, stack: str, argument: object, place: str) -> object:
        resolved = self._resolve(stack, argument, place)
        if not isinstance(resolved, dict) or not {"StackName", "OutputName"} <= resolved.keys():
            raise ValueError(
                f"{place}: needs a stack and an output, got {argument!r}; allowed: StackName and OutputName"
            )
        producer, output = resolved["StackName"], resolved["OutputName"]
        if producer not in self.templates:
            return Unknown(f"output {output} of stack {producer}, which is not among those given")
        return self._output(producer, str(output), place)

    def _condition(self, stack: str, condition: object, place: str) -> bool | Unknown:
        match condition:
            case str(name) | {"Condition": str(name)}:
                conditions = self.templates[stack].get("Conditions", {})
                if name not in conditions:
                    raise ValueError(_missing(f"{place}: condition", name, list(conditions)))
                where = f"{stack}/Conditions.{name}"
                result = self._once(where, lambda: self._condition(stack, conditions[name], where))
                return result if isinstance(result, bool | Unknown) else bool(result)
            case {"Fn::Equals": [first, second]}:
                return equals(self._resolve(stack, first, place), self._resolve(stack, second, place))
            case {"Fn::Not": [inner]}:
                negated = self._condition(stack, inner, place)
                return negated if isinstance(negated, Unknown) else not negated
            case {"Fn::And": [*parts]}:
                return self._every(stack, parts, place, until=False)
            case {"Fn::Or": [*parts]}:
                return self._every(stack, parts, place, until=True)
            case _:
                raise ValueError(
                    f"{place}: no condition, got {condition!r}; allowed: a name, Fn::Equals, Not, And and Or"
                )

    def _every(self, stack: str, parts: list[object], place: str, *, until: bool) -> bool | Unknown:
        """One part that is `until` decides, whatever the others are."""
        results = [self._condition(stack, part, place) for part in parts]
        if until in results:
            return until
        return next((result for result in results if isinstance(result, Unknown)), not until)

    def _if(self, stack: str, argument: object, place: str) -> object:
        if not isinstance(argument, list) or len(argument) != _TRIPLE:
            raise ValueError(f"{place}: needs a condition and two values, got {argument!r}; allowed: three items")
        name, then, otherwise = argument
        decided = self._condition(stack, name, place)
        if not isinstance(decided, Unknown):
            return self._resolve(stack, then if decided else otherwise, place)
        either, other = self._resolve(stack, then, place), self._resolve(stack, otherwise, place)
        return either if either == other else Unknown(f"condition {name} of stack {stack}: {decided.reason}")

    def _mapping(self, stack: str, argument: object, place: str) -> object:
        if not isinstance(argument, list) or len(argument) not in (_TRIPLE, _TRIPLE + 1):
            raise ValueError(f"{place}: needs a map and two keys, got {argument!r}; allowed: three items")
        keys = [self._resolve(stack, key, place) for key in argument[:_TRIPLE]]
        found: object = self.templates[stack].get("Mappings", {})
        for key in keys:
            if isinstance(key, Unknown):
                return key
            if not isinstance(key, str):
                return Unknown(f"{place}: the key {key}, which only a deployment knows")
            if not isinstance(found, Mapping) or key not in found:
                default = argument[_TRIPLE] if len(argument) > _TRIPLE else None
                if isinstance(default, Mapping) and "DefaultValue" in default:
                    return self._resolve(stack, default["DefaultValue"], place)
                raise ValueError(_missing(place, key, list(found) if isinstance(found, Mapping) else []))
            found = found[key]
        return found

    def _substitute(self, stack: str, argument: object, place: str) -> object:
        variables: Mapping[str, object]
        if isinstance(argument, str):
            text, variables = argument, {}
        elif isinstance(argument, list) and [*map(type, argument)] == [str, dict]:
            text, variables = argument
        else:
            raise ValueError(f"{place}: needs text and variables, got {argument!r}; allowed: text or [text, mapping]")
        values: list[object] = []
        for index, piece in enumerate(_SUB_PLACEHOLDER.split(text)):
            name = piece.strip()
            if index % 2 == 0:
                values.append(piece)
            elif name.startswith("!"):
                values.append("${" + name[1:] + "}")
            elif name in variables:
                values.append(self._resolve(stack, variables[name], f"{place}.{name}"))
            elif "." in name:
                values.append(self._attribute(stack, name, place))
            else:
                values.append(self._ref(stack, name, place))
        return concatenate(["" if value is _NO_VALUE else value for value in values], place)

    def _two(self, stack: str, argument: object, place: str) -> tuple[object, object]:
        if not isinstance(argument, list) or len(argument) != _PAIR:
            raise ValueError(f"{place}: needs two arguments, got {argument!r}; allowed: a list of two")
        return self._resolve(stack, argument[0], place), self._resolve(stack, argument[1], place)

    def _cidr(self, stack: str, argument: object, place: str) -> object:
        resolved = self._resolve(stack, argument, place)
        return cidr(resolved if isinstance(resolved, list) else [resolved], place)

    def _zones_of(self, stack: str, argument: object, place: str) -> object:
        if self._zones is not None:
            return list(self._zones)
        region = self._resolve(stack, argument, place)
        return Unknown(f"Availability Zones of {region or 'the Region'} (stack {stack})")

    def _once(self, where: str, evaluate: Callable[[], object]) -> object:
        """Evaluate something that other places name, unless its own evaluation asks for it."""
        if where in self._under_way:
            circle = " -> ".join([*self._under_way[self._under_way.index(where) :], where])
            raise ValueError(f"{where}: the value depends on itself, got {circle}; allowed: no circle")
        self._under_way.append(where)
        try:
            return evaluate()
        finally:
            self._under_way.pop()


_FUNCTIONS: Final[Mapping[str, Callable[[TemplateSet, str, object, str], object]]] = {
    "Fn::GetAtt": TemplateSet._attribute,  # noqa: SLF001 -- the class's own table, which cannot stand inside it
    "Fn::Sub": TemplateSet._substitute,  # noqa: SLF001 -- as above
    "Fn::If": TemplateSet._if,  # noqa: SLF001 -- as above
    "Fn::FindInMap": TemplateSet._mapping,  # noqa: SLF001 -- as above
    "Fn::ImportValue": TemplateSet._import,  # noqa: SLF001 -- as above
    "Fn::GetStackOutput": TemplateSet._stack_output,  # noqa: SLF001 -- as above
    "Fn::GetAZs": TemplateSet._zones_of,  # noqa: SLF001 -- as above
    "Fn::Cidr": TemplateSet._cidr,  # noqa: SLF001 -- as above
    "Fn::Join": lambda of, stack, argument, place: join(*of._two(stack, argument, place), place),  # noqa: SLF001 -- as above
    "Fn::Split": lambda of, stack, argument, place: split(*of._two(stack, argument, place), place),  # noqa: SLF001 -- as above
    "Fn::Select": lambda of, stack, argument, place: select(*of._two(stack, argument, place), place),  # noqa: SLF001 -- as above
    "Fn::Base64": lambda of, stack, argument, place: encode(of._resolve(stack, argument, place), place),  # noqa: SLF001 -- as above
}


def _dynamic(text: str, place: str) -> object:
    pieces = _DYNAMIC_REFERENCE.split(text)
    return concatenate(
        [Unknown(f"dynamic reference {piece}") if index % 2 else piece for index, piece in enumerate(pieces)], place
    )


def _listed(kind: str, value: object) -> object:
    if isinstance(value, str) and _LIST_PARAMETER.match(kind):
        return [item.strip() for item in value.split(",")]
    return value


def _missing(place: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=3) or sorted(known)[:5]
    return (
        f"{place} names something that is not there, got {name!r}; allowed: {', '.join(near) or 'nothing is declared'}"
    )
