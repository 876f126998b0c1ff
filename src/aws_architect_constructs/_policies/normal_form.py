"""The one normal form of a policy document: documents of equal normal form mean the same."""

import json
from collections.abc import Mapping

from aws_architect_constructs._policies.documents import STATEMENT_ELEMENTS, load_document
from aws_architect_constructs._policies.errors import PolicyError

__all__ = ["normal_form"]


def normal_form(document: object, *, name: str = "policy") -> dict[str, object]:
    """Return a document in its one normal form: lists sorted and without doubles, conditions as text, Version given.

    Two documents of equal normal form mean the same. The order of statements is kept: it has no meaning to AWS, but
    it has to readers.

    Args:
        document: The document as a map or as JSON text. It may hold CloudFormation intrinsics in place of strings.
        name: What messages call it.
    """
    loaded = load_document(document, name)
    listed = loaded.get("Statement")
    statements = listed if isinstance(listed, list | tuple) else [listed]
    normal: dict[str, object] = {"Version": loaded.get("Version", "2008-10-17")}
    if "Id" in loaded:
        normal["Id"] = loaded["Id"]
    normal["Statement"] = [_normal_statement(raw, f"{name}, statement {i}") for i, raw in enumerate(statements)]
    return normal


def _normal_statement(raw: object, place: str) -> dict[str, object]:
    if not isinstance(raw, Mapping):
        raise PolicyError(f"{place}: got {raw!r}; allowed is a map")
    normal: dict[str, object] = {}
    for element in STATEMENT_ELEMENTS:
        if element not in raw:
            continue
        value = raw[element]
        if element == "Condition":
            normal[element] = {
                operator: {key: _sorted_list(tests[key]) for key in sorted(tests)}
                for operator, tests in sorted(value.items())
            }
        elif element in ("Principal", "NotPrincipal") and isinstance(value, Mapping):
            normal[element] = {kind: _sorted_list(value[kind]) for kind in sorted(value)}
        elif element in ("Sid", "Effect", "Principal", "NotPrincipal"):
            normal[element] = value
        else:
            normal[element] = _sorted_list(value)
    return normal


def _sorted_list(value: object) -> list[object]:
    items = value if isinstance(value, list | tuple) else [value]
    texts = [str(item).lower() if isinstance(item, bool) else item for item in items]
    by_text = {json.dumps(item, sort_keys=True): item for item in texts}
    return [by_text[text] for text in sorted(by_text)]
