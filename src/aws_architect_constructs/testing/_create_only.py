"""What CloudFormation cannot change in place: the create-only properties of a resource type, and their values.

The properties come from the resource schemas that CloudFormation publishes and cfn-lint ships
(https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, kw_only=True)
class CreateOnly:
    """The create-only properties of a resource type, as paths such as `("Encryption", "KmsKeyId")`.

    Attributes:
        always: A change of any of these replaces the resource.
        sometimes: A change of any of these may replace it: that depends on the values.
    """

    always: tuple[tuple[str, ...], ...]
    sometimes: tuple[tuple[str, ...], ...]


@cache
def create_only(resource_type: str, region: str) -> CreateOnly | None:
    """The create-only properties of a resource type; None if no schema is known for it in the Region.

    Raises:
        ImportError: If cfn-lint is not installed.
    """
    try:
        # Half a second to import, and an optional dependency: only who asks pays. It reads one small file for a type.
        from cfnlint.schema import (  # type: ignore[import-untyped] # noqa: PLC0415 - see above; cfn-lint is untyped
            PROVIDER_SCHEMA_MANAGER,
            ResourceNotFoundError,
        )
    except ImportError as error:
        raise ImportError(
            "the resource schemas that say what is create-only come with cfn-lint; "
            "it comes with aws-architect-constructs[testing]"
        ) from error
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region=region, resource_type=resource_type).schema
    except ResourceNotFoundError:
        return None
    return CreateOnly(
        always=_paths(schema.get("createOnlyProperties", ())),
        sometimes=_paths(schema.get("conditionalCreateOnlyProperties", ())),
    )


def _paths(pointers: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """JSON pointers such as `/properties/Encryption/KmsKeyId` as paths."""
    return tuple(tuple(pointer.split("/")[2:]) for pointer in pointers)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a resource's properties where a path leads.

    Attributes:
        path: Such as `Encryption.KmsKeyId` or `Disks[*].Size`.
        value: What stands there; None if nothing does, and one value an item behind a list.
        exact: Whether that is all. It is not where an intrinsic function stands on the way, whose value only
            CloudFormation knows, nor behind a list: only CloudFormation knows which of its items was which.
    """

    path: str
    value: Any
    exact: bool


def place(properties: Any, path: tuple[str, ...]) -> Place:  # noqa: ANN401 - any JSON value
    """Where a path leads in a resource's properties.

    >>> place({"Disks": [{"Size": 1}, {"Size": 2}]}, ("Disks", "Size"))
    Place(path='Disks[*].Size', value=['1', '2'], exact=False)
    """
    if properties is None or properties == _NO_VALUE:
        return Place(path=".".join(path), value=None, exact=True)
    if not path:
        return Place(path="", value=_plain(properties), exact=True)
    if isinstance(properties, list):
        rest = path[1:] if path[0] == "*" else path
        items = [place(item, rest) for item in properties]
        return Place(path=".".join(("[*]", *rest)), value=[item.value for item in items], exact=False)
    if isinstance(properties, Mapping) and not _is_intrinsic(properties):
        inner = place(properties.get(path[0]), path[1:])
        dot = "" if not inner.path or inner.path.startswith("[") else "."
        return Place(path=f"{path[0]}{dot}{inner.path}", value=inner.value, exact=inner.exact)
    return Place(path=".".join(path), value=_plain(properties), exact=False)


def _is_intrinsic(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and (next(iter(value)).startswith("Fn::") or "Ref" in value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value as CloudFormation compares it: scalars are text, and what is AWS::NoValue is not there."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item != _NO_VALUE}
    if isinstance(value, list):
        return [_plain(item) for item in value if item != _NO_VALUE]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
