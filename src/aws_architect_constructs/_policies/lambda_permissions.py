"""AWS::Lambda::Permission as the policy statement that Lambda makes of it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

import re
from collections.abc import Mapping

from aws_architect_constructs._templates.intrinsics import Reference, TemplateSet

__all__ = ["permission_document"]

_ACCOUNT = re.compile(r"^\d{12}$")
_CONDITIONS = {
    "SourceArn": ("ArnLike", "aws:SourceArn"),
    "SourceAccount": ("StringEquals", "aws:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def permission_document(properties: Mapping[str, object], templates: TemplateSet, place: str) -> dict[str, object]:
    """Return the policy document of one permission.

    Args:
        properties: The resource's properties, resolved.
        templates: The templates, for the parts of the function's ARN.
        place: Where the permission stands, for errors.
    """
    stack = place.partition("/")[0]
    conditions: dict[str, dict[str, object]] = {}
    for name, (operator, key) in _CONDITIONS.items():
        if properties.get(name) is not None:
            conditions.setdefault(operator, {})[key] = properties[name]
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": _principal(properties.get("Principal")),
        "Action": properties.get("Action"),
        "Resource": _function_arn(properties.get("FunctionName"), templates, stack),
    }
    if conditions:
        statement["Condition"] = conditions
    return {"Version": "2012-10-17", "Statement": [statement]}


def _principal(principal: object) -> object:
    if principal == "*":
        return "*"
    is_aws = not isinstance(principal, str) or _ACCOUNT.match(principal) or principal.startswith("arn:")
    return {"AWS" if is_aws else "Service": principal}


def _function_arn(function: object, templates: TemplateSet, stack: str) -> object:
    if isinstance(function, Reference) and function.attribute is None:
        # Ref of a function is its name; Ref of a version or an alias is already an ARN.
        is_function = templates.resource(function)["Type"] == "AWS::Lambda::Function"
        return Reference(function.stack, function.logical_id, "Arn") if is_function else function
    if not isinstance(function, str) or function.startswith("arn:"):
        return function
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":lambda:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"},
             f":function:{function}"]  # fmt: skip
    return templates.resolve(stack, {"Fn::Join": ["", parts]})
