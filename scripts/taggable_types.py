"""Write the table of resource types that take tags, from the CloudFormation schemas that cfn-lint ships.

python scripts/taggable_types.py          # rewrite src/aws_architect_constructs/checks/taggable_types.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]  # cfn-lint ships no types

TABLE = Path(__file__).resolve().parent.parent / "src/aws_architect_constructs/checks/taggable_types.json"
REGION = "us-east-1"  # the Region with the most types


def tag_property(schema: dict[str, Any]) -> str | None:
    """The property that a type keeps its tags in, or None if it takes none."""
    tagging = schema.get("tagging")
    declared = tagging if isinstance(tagging, dict) else {}
    if declared.get("taggable", schema.get("taggable")) is False:
        return None
    name = str(declared.get("tagProperty", "/properties/Tags")).rsplit("/", 1)[-1]
    return name if name in schema.get("properties", {}) else None


def taggable_types() -> dict[str, list[str]]:
    """The types that take tags, by the property that they keep them in."""
    found: dict[str, list[str]] = {}
    for kind in sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION)):
        name = tag_property(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema)
        if name is not None:
            found.setdefault(name, []).append(kind)
    return dict(sorted(found.items()))


def rendered() -> str:
    """The file's text."""
    return json.dumps(taggable_types(), indent=1) + "\n"


def main() -> None:
    """Write the table."""
    TABLE.write_text(rendered(), encoding="utf-8")
    sys.stdout.write(f"{TABLE.name}: {sum(len(kinds) for kinds in taggable_types().values())} types\n")


if __name__ == "__main__":
    main()
