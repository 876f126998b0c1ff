"""How cdk-nag writes a value of a template in a finding's id. Pure Python."""

import json
from typing import Any


def flat_value(value: Any) -> str:  # noqa: ANN401 -- whatever a token resolves to
    """A text as cdk-nag writes it: a reference as the name between angle brackets, an import as the export's name."""
    if isinstance(value, str):
        return value.replace("${", "<").replace("}", ">")
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(flat_value(part) for part in parts)
        case {"Fn::Sub": text} | {"Fn::ImportValue": text}:
            return flat_value(text)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{flat_value(resource)}.{flat_value(attribute)}>"
        case {"Ref": name}:
            return f"<{flat_value(name)}>"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
