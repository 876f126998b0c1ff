"""What a distribution does with the paths of one pattern."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .functions import EdgeFunctions
from .origins import Origin
from .security_headers import SecurityHeaders

if TYPE_CHECKING:  # only who brings policies or functions of their own loads these
    from collections.abc import Sequence

    from aws_cdk import aws_cloudfront as cloudfront

    from .edge_lambda import EdgeLambda


class Caching(StrEnum):
    """What is kept at the edge, and what of a request reaches the origin."""

    STATIC = "STATIC"
    """Files: kept for as long as their `Cache-Control` says, a day without one; neither cookies nor headers nor query
    strings reach the origin; compressed (gzip, Brotli). AWS's policy CachingOptimized."""
    DYNAMIC = "DYNAMIC"
    """Pages that a server renders: kept as `Cache-Control` says, not at all without one, apart by query string, Host
    and method override; everything reaches the origin. AWS's UseOriginCacheControlHeaders-QueryStrings."""
    API = "API"
    """Answers: never kept, every method, everything reaches the origin. AWS's CachingDisabled."""


@dataclass(frozen=True, kw_only=True)
class Behavior:
    """An origin with more said about it than a path.

    Attributes:
        origin: Where answers come from.
        caching: Default None: STATIC for buckets, API for load balancers and functions.
        security_headers: The headers of these paths. Default None: the distribution's, for an API those that are not
            about documents.
        edge_functions: What happens to requests first. Default None: the distribution's, for pages that a server
            renders those that turn no path into a file, for an API host and password alone.
        edge_lambdas: Lambda@Edge, for what functions cannot do. At most one for each event. Default none.
        cache_policy: A cache policy of your own, in place of that of `caching`. Default None.
        origin_request_policy: A policy of your own on what reaches the origin. Default None.
        trusted_key_groups: Keys, of which one has to have signed the URL or cookie. Default none: open to all.
    """

    origin: Origin
    caching: Caching | None = None
    security_headers: SecurityHeaders | None = None
    edge_functions: EdgeFunctions | None = None
    edge_lambdas: "Sequence[EdgeLambda]" = ()
    cache_policy: "cloudfront.ICachePolicy | None" = None
    origin_request_policy: "cloudfront.IOriginRequestPolicy | None" = None
    trusted_key_groups: "Sequence[cloudfront.IKeyGroup]" = ()

    def __post_init__(self) -> None:
        """Refuse what CloudFront would refuse."""
        events = [function.event for function in self.edge_lambdas]
        if len(set(events)) < len(events):
            raise ValueError(f"edge_lambdas: two for one event, got {', '.join(events)}; allowed: one for each")
        for function in self.edge_lambdas:
            if self.origin.uses_vpc and function.event.at_origin:
                raise ValueError(
                    f"edge_lambdas: VPC origins take no origin events, got {function.event}; allowed: viewer events"
                )
        if self.origin.is_group and self.effective_caching is Caching.API:
            raise ValueError(
                "caching: a group fails over for reading alone, and an API writes, got API; allowed: STATIC or DYNAMIC"
            )

    @property
    def has_viewer_lambda(self) -> bool:
        """Whether Lambda@Edge runs on the viewer's side, where it excludes CloudFront Functions."""
        return any(not function.event.at_origin for function in self.edge_lambdas)

    @property
    def effective_caching(self) -> Caching:
        """What is kept at the edge."""
        if self.caching is not None:
            return Caching(self.caching)
        return Caching.STATIC if self.origin.is_bucket else Caching.API


def behavior_of(value: Origin | Behavior) -> Behavior:
    """A behaviour, where only its origin may be given.

    Raises:
        ValueError: If it is neither.
    """
    if isinstance(value, Behavior):
        return value
    if not isinstance(value, Origin):
        raise ValueError(f"no origin, got {type(value).__name__}; allowed: Origin.bucket(...), ..., or a Behavior")
    if value.is_group and not value.is_bucket:
        return Behavior(origin=value, caching=Caching.DYNAMIC)
    return Behavior(origin=value)
