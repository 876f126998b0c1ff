"""How cdk-nag writes a value of a template in a finding's id. Pure Python."""

from typing import Any


def flat_value(value: Any) -> str:  # noqa: ANN401 -- whatever a token resolves to
    """A text as cdk-nag writes it: a reference as the name between angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(flat_value(part) for part in parts)
    return f"<{argument}>" if isinstance(argument, str) else f"<{'.'.join(argument)}>"
