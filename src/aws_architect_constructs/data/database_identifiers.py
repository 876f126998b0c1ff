"""The names that databases and their parts have to be given before they exist.

RDS names its log groups after the database. To make a log group first, with retention and a key, the name must be
known: so these few things have names of their own, which carry a hash of what would make CloudFormation replace them,
because the replacement is made beside what it replaces.
"""

import hashlib

from aws_cdk import Names, Stack
from constructs import Construct

from aws_architect_constructs._validations import is_concrete

_HASH: int = 8


def database_identifier(scope: Construct, longest: int = 63, *differs_by: object) -> str:
    """An identifier for a database part: lower case, unique by path, stack name and what it differs by.

    Args:
        scope: The construct that the part belongs to.
        longest: How many characters it may have.
        differs_by: What must make for another name, because it makes for another resource.
    """
    name = Names.unique_resource_name(scope, max_length=longest - _HASH - 1, separator="-").lower()
    name = "-".join(part for part in name.split("-") if part)
    stack_name = Stack.of(scope).stack_name
    told = (stack_name if is_concrete(stack_name) else "", *(str(part) for part in differs_by if part))
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:_HASH]
    return f"{name if name[0].isalpha() else f'd{name}'[: longest - _HASH - 1]}-{digest}"
