"""YAML as CloudFormation reads it: short forms of intrinsic functions, dates as text, no key twice.

Imported by `templates` when a source is YAML: this is the one module that needs PyYAML.
"""

from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError

# Short forms and what they stand for
# (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
_FUNCTIONS: Final = {"!Ref": "Ref", "!Condition": "Condition"} | {
    f"!{name}": f"Fn::{name}"
    for name in (
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "GetAZs",
        "GetAtt",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    )
}

_MERGE: Final = "tag:yaml.org,2002:merge"
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """A loader of plain data."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are the text that was written: an account id as a key is no number."""
        self._refuse_keys(node)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def _refuse_keys(self, node: yaml.MappingNode) -> None:
        """Refuse keys that are no text, and a key that stands twice: YAML would keep the last and say nothing."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be text", key.start_mark)
            if key.tag != _MERGE and key.value in seen:
                raise ConstructorError(None, None, f"key {key.value!r} stands twice in one mapping", key.start_mark)
            seen.add(key.value)


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """The long form of an intrinsic function."""
    function = _FUNCTIONS.get(f"!{suffix}")
    if function is None:
        raise ConstructorError(None, None, f"!{suffix} is no intrinsic function of CloudFormation", node.start_mark)
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = node.value.split(".", 1) if function == "Fn::GetAtt" else node.value
    return {function: value}


# CloudFormation reads a date as text: `Version: 2012-10-17` in a policy.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", _short_form)


def parse(text: str) -> Any:  # noqa: ANN401 - YAML holds anything
    """What a YAML text holds.

    Raises:
        ValueError: If it is malformed; the message has the line and the column, both from 1.
    """
    try:
        # The loader derives from SafeLoader: it makes plain data only.
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - see above
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"malformed YAML{place}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"malformed YAML: {error}") from error
