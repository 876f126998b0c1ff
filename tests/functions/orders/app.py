"""A handler without dependencies of its own."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer with what was asked."""
    return {"echo": event, "context": type(context).__name__}
