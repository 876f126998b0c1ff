"""How long a policy document will be, as IAM counts it: without white space, with references written out.

Pure Python. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
import re
from collections.abc import Mapping
from typing import Final

LARGEST_POLICY: Final = 6144
"""Characters of a managed policy; the quota cannot be raised."""

# What a pseudo parameter reads as where it is longest.
_PSEUDO: Final = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::URLSuffix": "amazonaws.com.cn",
    "AWS::StackName": "x" * 128,
}
# A name that CloudFormation makes up, and an ARN with one.
_NAME: Final = "x" * 64
_ARN: Final = "x" * 128
_SPACE: Final = re.compile(r"\s")
_IN_SUB: Final = re.compile(r"\$\{([^!}][^}]*)\}")


def policy_size(document: object) -> int:
    """Characters of a resolved policy document, which may hold intrinsic functions."""
    return len(_SPACE.sub("", json.dumps(_written_out(document), separators=(",", ":"), ensure_ascii=False)))


def largest_statements(document: Mapping[str, object], number: int) -> list[tuple[str, int]]:
    """The longest statements of a document, by Sid or position, with their characters."""
    listed = document.get("Statement")
    statements = listed if isinstance(listed, list) else []
    sizes = [(str(each.get("Sid", f"statement {index}")), policy_size(each)) for index, each in enumerate(statements)]
    return sorted(sizes, key=lambda entry: -entry[1])[:number]


def _written_out(value: object) -> object:
    if isinstance(value, list):
        return [_written_out(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        text = _function(str(function), argument)
        if text is not None:
            return text
    return {key: _written_out(item) for key, item in value.items()}


def _function(name: str, argument: object) -> str | None:
    """What an intrinsic function reads as, at its longest; None for what is none."""
    if name == "Ref":
        return _PSEUDO.get(str(argument), _NAME)
    if name == "Fn::Join" and isinstance(argument, list):
        separator, parts = argument
        return str(separator).join(str(_written_out(part)) for part in parts)
    if name == "Fn::Sub":
        text = argument if isinstance(argument, str) else str(argument[0]) if isinstance(argument, list) else ""
        return _IN_SUB.sub(lambda found: _PSEUDO.get(found[1], _NAME), text)
    return _ARN if name.startswith("Fn::") else None
