"""How cdk-nag writes the resource of a finding, for acknowledgements that name it."""

from typing import Any


def flat(value: Any) -> str:  # noqa: ANN401 -- whatever a token resolves to
    """An ARN as in a finding's id: a reference as the name between angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(flat(part) for part in parts)
    return f"<{argument}>" if function == "Ref" else f"<{'.'.join(argument)}>"
