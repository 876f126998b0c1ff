"""The request that is judged, and its context: what the caller says, what follows from it, and what nobody said."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aws_architect_constructs._policies.context_keys import ContextKeyTable
from aws_architect_constructs._policies.errors import PolicyError, UndecidedError
from aws_architect_constructs._policies.principals import Principal

__all__ = ["ContextValue", "Request", "RequestContextValues"]

Scalar = str | bool | int | float | datetime | bytes
ContextValue = Scalar | Sequence[Scalar] | None

_ARN_PARTS = 6
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
_GLOBAL_SERVICES = ("cloudfront", "iam", "organizations", "route53")


def _arn_part(arn: str, index: int) -> str | None:
    parts = arn.split(":", _ARN_PARTS - 1)
    return (parts[index] or None) if len(parts) == _ARN_PARTS else None


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to AWS.

    Unless the context says otherwise, a request is made directly (``aws:ViaAWSService`` is false) and over TLS
    (``aws:SecureTransport`` is true). Who asks, whose the resource is and in which Region follow from the principal and
    the resource's ARN. Everything else is absent or, where AWS always sends a key but its value cannot be known, an
    UndecidedError as soon as a policy asks for it.

    Attributes:
        principal: Who asks.
        action: What for, such as ``s3:GetObject``. No wildcards: a request is one concrete thing.
        resource: The ARN of what it is done to. ``*`` means an action that has no resource.
        context: Values of context keys; a list for several values, None for "this key is absent".
        resource_account: Whose the resource is. None means the account in its ARN.
    """

    principal: Principal
    action: str
    resource: str = "*"
    context: Mapping[str, ContextValue] = field(default_factory=dict, hash=False)
    resource_account: str | None = None

    def __post_init__(self) -> None:
        """Check action and resource."""
        service, colon, operation = self.action.partition(":")
        if not (service and colon and operation) or "*" in self.action or "?" in self.action:
            raise PolicyError(f"Request: action, got {self.action!r}; allowed is one 'service:Operation', no wildcards")
        is_arn = self.resource.count(":") >= _ARN_PARTS - 1 and "*" not in self.resource and "?" not in self.resource
        if self.resource != "*" and not is_arn:
            raise PolicyError(f"Request: resource, got {self.resource!r}; allowed are '*' and an ARN without wildcards")
        if self.resource_account is not None and not (
            len(self.resource_account) == len("111122223333") and self.resource_account.isdigit()
        ):
            raise PolicyError(f"Request: resource_account, got {self.resource_account!r}; allowed are 12 digits")

    @property
    def service(self) -> str:
        """The service whose action it is, in lower case."""
        return self.action.partition(":")[0].lower()

    @property
    def owner(self) -> str | None:
        """The account of the resource, or None when neither the ARN nor the caller says (a bucket, ``*``)."""
        return self.resource_account or (_arn_part(self.resource, 4) if self.resource != "*" else None)

    @property
    def region(self) -> str | None:
        """The Region of the request's endpoint, or None when it does not follow from the resource's ARN."""
        if self.service in _GLOBAL_SERVICES:
            return "us-east-1"
        return _arn_part(self.resource, 3) if self.resource != "*" else None


def _text(value: object, key: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"Request: context {key}, got {value!r}; allowed are text, numbers, Booleans, dates and bytes")


class RequestContextValues:
    """The request's context as the evaluation reads it; key names are not case-sensitive."""

    def __init__(self, request: Request, keys: ContextKeyTable) -> None:
        self._keys = keys
        self._values: dict[str, tuple[str, ...] | None] = {}
        derived: dict[str, ContextValue] = {
            "aws:ViaAWSService": "false",
            "aws:SecureTransport": "true",
            **request.principal.derived_context(),
        }
        if request.owner:
            derived["aws:ResourceAccount"] = request.owner
            if request.service == "s3":
                derived["s3:ResourceAccount"] = request.owner
        if request.region:
            derived["aws:RequestedRegion"] = request.region
        if request.service == "kms" and request.principal.account:
            derived["kms:CallerAccount"] = request.principal.account
        for key, value in {**derived}.items():
            self._put(key, value)
        for key, value in request.context.items():
            keys.check(key, "Request, context")
            self._put(key, value)
        unsaid = {"aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:resourceaccount", "aws:useragent"}
        if self._values.get("aws:sourcevpce") is None:
            # The key is always sent, except when the request comes through a VPC endpoint.
            unsaid.add("aws:sourceip")
        self._unsaid = frozenset(unsaid) | request.principal.unsaid_keys()

    def _put(self, key: str, value: ContextValue) -> None:
        listed = value if isinstance(value, list | tuple | set | frozenset) else [value]
        self._values[key.casefold()] = None if value is None else tuple(_text(item, key) for item in listed)

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, or None when it is absent.

        Raises:
            UndecidedError: When AWS sends the key with a value that the request here does not give.
        """
        folded = key.casefold()
        if folded in self._values:
            return self._values[folded]
        family = folded.partition("/")[0] + "/*" if "/" in folded else folded
        if folded in self._unsaid or family in self._unsaid:
            raise UndecidedError(
                f"Request: a policy asks for {key}, which AWS sends and the request does not give; "
                f"allowed is context={{{key!r}: value}}, or None for a request without it"
            )
        return None

    def variable(self, key: str) -> str | None:
        """Return the one value of a key for a policy variable.

        Raises:
            PolicyError: When the key holds several values: AWS allows none of these as a variable.
        """
        values = self.values(key)
        if self._keys.multivalued(key) or (values is not None and len(values) > 1):
            raise PolicyError(f"policy variable ${{{key}}}: the key holds several values; allowed are keys with one")
        return values[0] if values else None
