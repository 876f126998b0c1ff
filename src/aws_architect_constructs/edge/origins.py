"""Where a distribution gets its answers from: buckets, load balancers and functions that only CloudFront reaches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import is_concrete, warn
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

if TYPE_CHECKING:  # whoever has one has loaded it
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_lambda as lambda_

_ORIGIN_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~!$&'()+,;=:@%-]+)+", re.ASCII)
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]", re.ASCII)
_FAILOVER_CODES: Final = (400, 403, 404, 416, 429, 500, 502, 503, 504)
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"""
_DEFAULT_FAILOVER: Final = (500, 502, 503, 504)
_SHORTEST_WAIT: Final = 1
_LONGEST_WAIT: Final = 120
"""Seconds, the longest without a raised quota."""


class OriginScope(Protocol):
    """What an origin needs of the distribution that it is made in."""

    def vpc_origin(
        self,
        load_balancer: "elbv2.IApplicationLoadBalancer",
        *,
        http_port: int,
        https_port: int,
        protocol_policy: cloudfront.OriginProtocolPolicy,
    ) -> cloudfront.VpcOrigin:
        """The VPC origin for a load balancer, made at first need."""

    def bucket_access(self) -> cloudfront.S3OriginAccessControl:
        """The distribution's origin access control for buckets, made at first need."""

    def function_access(self) -> cloudfront.FunctionUrlOriginAccessControl:
        """The distribution's origin access control for function URLs, made at first need."""

    def bucket_of(self, origin: "Origin") -> None:
        """Note that a bucket is to be read: its policy is written when the distribution is there."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where answers come from; made by one of its class methods.

    Every origin is private: a bucket and a function URL answer to this account's distributions alone, which sign their
    requests (origin access control); a load balancer stands in private subnets, where CloudFront reaches it by network
    interfaces of its own (VPC origin).
    """

    _kind: str
    _parts: dict[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def bucket(
        cls, bucket: s3.IBucket, *, origin_path: str | None = None, shield_region: str | None = None
    ) -> "Origin":
        """A private bucket, of any stack: its policy and its key's let this account's distributions read.

        The policies name distributions by pattern, unless the bucket is in the distribution's own stack: naming the one
        would end in a circle of stacks. An imported bucket's policy cannot be changed from here, which the warning
        `BucketPolicyNotUpdated` says.

        Args:
            bucket: The bucket. With a customer-managed key, the key may be used through CloudFront.
            origin_path: Where in the bucket the site begins, such as `/site`. Default None: at its root.
            shield_region: The Region that all of CloudFront asks the origin through: the origin's own, or the nearest
                that has Origin Shield. Costs 0.0075 to 0.0160 USD for 10,000 requests. Default None: none.

        Raises:
            ValueError: If the path or Region is malformed.
        """
        return cls(_kind="bucket", _parts={"bucket": bucket, **_common(origin_path, shield_region)})

    @classmethod
    def load_balancer(
        cls,
        load_balancer: "elbv2.IApplicationLoadBalancer",
        *,
        domain_name: str | None = None,
        https_port: int = 443,
        http_port: int | None = None,
        read_timeout: Duration | None = None,
        origin_path: str | None = None,
        shield_region: str | None = None,
    ) -> "Origin":
        """An internal Application Load Balancer, of any stack, as a VPC origin.

        Its security group has to admit CloudFront: the managed prefix list `com.amazonaws.global.cloudfront.
        origin-facing`, or the group `CloudFront-VPCOrigins-Service-SG` that appears with the first VPC origin. A rule
        for the VPC's own addresses does not match. That is left to whoever owns the load balancer. The VPC needs an
        internet gateway, though nothing is routed over it. VPC origins take no Lambda@Edge origin events.

        Args:
            load_balancer: The load balancer.
            domain_name: A name in its certificate, which CloudFront then asks for. Default None: the visitor's Host
                header is passed on, so the certificate has to have the site's name.
            https_port: Where it listens. Default 443.
            http_port: Speak plain HTTP on this port, within the VPC. Default None: HTTPS alone.
            read_timeout: How long CloudFront waits for an answer, 1 to 120 seconds. Default None: 30 seconds.
            origin_path: What is put before every path. Default None: nothing.
            shield_region: As for a bucket. Default None: none.

        Raises:
            ValueError: If a name, port, duration, path or Region is malformed.

        See https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html.
        """
        if domain_name is not None and is_concrete(domain_name) and not _HOST.fullmatch(domain_name):
            raise ValueError(f"domain_name: no host name, got {domain_name!r}; allowed: 'api.example.com'")
        for name, port in (("https_port", https_port), ("http_port", http_port)):
            if port is not None and (type(port) is not int or not _is_origin_port(port)):
                raise ValueError(f"{name}: got {port!r}; allowed: 80, 443, or 1024 to 65535")
        parts = {
            "load_balancer": load_balancer,
            "domain_name": domain_name,
            "https_port": https_port,
            "http_port": http_port,
            "read_timeout": _wait(read_timeout),
            **_common(origin_path, shield_region),
        }
        return cls(_kind="load_balancer", _parts=parts)

    @classmethod
    def function_url(
        cls,
        function_url: "lambda_.IFunctionUrl",
        *,
        read_timeout: Duration | None = None,
        origin_path: str | None = None,
        shield_region: str | None = None,
    ) -> "Origin":
        """A Lambda function URL with IAM authorization, whose requests CloudFront signs.

        Whoever sends a body (PUT, POST) has to send its SHA-256 too, as `x-amz-content-sha256`. CloudFront's signature
        takes the place of the visitor's Authorization header: send tokens by another header, or a cookie. The function
        is of the Region of the distribution's stack, in which its permissions are made.

        Args:
            function_url: The URL.
            read_timeout: How long CloudFront waits for an answer, 1 to 120 seconds. Default None: 30 seconds.
            origin_path: What is put before every path. Default None: nothing.
            shield_region: As for a bucket. Default None: none.

        Raises:
            ValueError: If the URL lets everybody in, or a duration, path or Region is malformed.

        See https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html.
        """
        from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 -- whoever has a function URL has loaded it

        if function_url.auth_type is not lambda_.FunctionUrlAuthType.AWS_IAM:
            raise ValueError(
                f"function_url: everybody may call it past CloudFront, got {function_url.auth_type.value}; allowed: "
                "FunctionUrlAuthType.AWS_IAM"
            )
        parts = {
            "function_url": function_url,
            "read_timeout": _wait(read_timeout),
            **_common(origin_path, shield_region),
        }
        return cls(_kind="function_url", _parts=parts)

    @classmethod
    def group(
        cls, primary: "Origin", fallback: "Origin", *, status_codes: Sequence[int] = _DEFAULT_FAILOVER
    ) -> "Origin":
        """Two origins, of which the second answers where the first fails. For reading alone: GET, HEAD, OPTIONS.

        Args:
            primary: The origin that is asked first.
            fallback: The one that is asked when it fails.
            status_codes: What counts as failing, beside no answer at all. Default 500, 502, 503 and 504.

        Raises:
            ValueError: If one of them is a group itself, or a status code is none that CloudFront goes by.
        """
        codes = tuple(status_codes)
        if primary.is_group or fallback.is_group:
            raise ValueError("a group within a group, got one; allowed: two origins")
        if not codes or not set(codes) <= set(_FAILOVER_CODES):
            raise ValueError(f"status_codes: got {codes!r}; allowed: of {', '.join(map(str, _FAILOVER_CODES))}")
        return cls(_kind="group", _parts={"primary": primary, "fallback": fallback, "status_codes": codes})

    @property
    def is_group(self) -> bool:
        """Whether it is a pair for failover."""
        return self._kind == "group"

    @property
    def is_bucket(self) -> bool:
        """Whether it, or the first of its pair, is a bucket: files rather than answers."""
        return self._parts["primary"].is_bucket if self.is_group else self._kind == "bucket"

    @property
    def uses_vpc(self) -> bool:
        """Whether it, or one of its pair, is a VPC origin."""
        return any(part._kind == "load_balancer" for part in self.members)  # noqa: SLF001 -- of its own class

    @property
    def takes_host_header(self) -> bool:
        """Whether the visitor's Host header is passed on: the certificate then has the site's name."""
        return all(
            part._kind == "load_balancer" and part._parts["domain_name"] is None  # noqa: SLF001 -- of its own class
            for part in self.members
        )

    @property
    def needs_site_name(self) -> bool:
        """Whether it, or one of its pair, has to show a certificate with the visitor's Host header."""
        return any(
            part._kind == "load_balancer"  # noqa: SLF001 -- of its own class
            and part._parts["domain_name"] is None  # noqa: SLF001 -- the same
            and part._parts["http_port"] is None  # noqa: SLF001 -- the same
            for part in self.members
        )

    @property
    def function_regions(self) -> "tuple[str, ...]":
        """The Regions of the function URLs among them."""
        urls = [part._parts["function_url"] for part in self.members if part._kind == "function_url"]  # noqa: SLF001 -- of its own class
        return tuple(url.env.region for url in urls)

    @property
    def members(self) -> "tuple[Origin, ...]":
        """It alone, or both of a pair."""
        return (self._parts["primary"], self._parts["fallback"]) if self.is_group else (self,)

    def make(self, scope: OriginScope) -> cloudfront.IOrigin:
        """Make CDK's origin, and let the distribution in."""
        if self.is_group:
            primary, fallback = (part.make(scope) for part in self.members)
            return origins.OriginGroup(
                primary_origin=primary,
                fallback_origin=fallback,
                fallback_status_codes=list(self._parts["status_codes"]),
            )
        parts = dict(self._parts)
        shield = parts.pop("shield_region")
        common = {
            "origin_path": parts.pop("origin_path"),
            "origin_shield_region": shield,
            "origin_shield_enabled": shield is not None,
        }
        if self._kind == "bucket":
            scope.bucket_of(self)
            return origins.S3BucketOrigin.with_bucket_defaults(
                parts["bucket"], origin_access_control_id=scope.bucket_access().origin_access_control_id, **common
            )
        if self._kind == "function_url":
            return origins.FunctionUrlOrigin.with_origin_access_control(
                parts["function_url"],
                origin_access_control=scope.function_access(),
                read_timeout=parts["read_timeout"],
                **common,
            )
        return _vpc_origin(scope, parts, common)

    @property
    def s3_bucket(self) -> s3.IBucket:
        """The bucket of a bucket's origin."""
        bucket: s3.IBucket = self._parts["bucket"]
        return bucket


def _vpc_origin(scope: OriginScope, parts: dict[str, Any], common: dict[str, Any]) -> cloudfront.IOrigin:
    http_port = parts["http_port"]
    made = scope.vpc_origin(
        parts["load_balancer"],
        http_port=80 if http_port is None else http_port,
        https_port=parts["https_port"],
        protocol_policy=(
            cloudfront.OriginProtocolPolicy.HTTPS_ONLY
            if http_port is None
            else cloudfront.OriginProtocolPolicy.HTTP_ONLY
        ),
    )
    return origins.VpcOrigin.with_vpc_origin(
        made, domain_name=parts["domain_name"], read_timeout=parts["read_timeout"], **common
    )


def let_distribution_read(scope: Construct, bucket: s3.IBucket, distribution: cloudfront.IDistribution) -> None:
    """Let the distribution, or from another stack this account's, read the bucket's objects and use its key."""
    stack = Stack.of(scope)
    owner = bucket.stack
    conditions: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": stack.account}}
    if owner == stack:
        conditions["ArnEquals"] = {"aws:SourceArn": distribution.distribution_arn}
    else:
        pattern = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/*"
        conditions["ArnLike"] = {"aws:SourceArn": pattern}
    statement = iam.PolicyStatement(
        sid="CloudFrontReads",
        actions=["s3:GetObject"],
        resources=[bucket.arn_for_objects("*")],
        principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
        conditions=conditions,
    )
    if not bucket.add_to_resource_policy(statement).statement_added:
        warn(
            scope,
            "BucketPolicyNotUpdated",
            "The imported bucket's policy cannot be changed from here: see that it lets cloudfront.amazonaws.com get "
            "objects for the distributions of this account (aws:SourceArn).",
        )
    if bucket.encryption_key is not None:
        encryption_key_for(scope, bucket.encryption_key, KeyService.CLOUDFRONT)


def _common(origin_path: str | None, shield_region: str | None) -> dict[str, Any]:
    if origin_path is not None and is_concrete(origin_path) and not _ORIGIN_PATH.fullmatch(origin_path):
        raise ValueError(f"origin_path: got {origin_path!r}; allowed: '/site', without a slash at its end")
    if shield_region is not None and is_concrete(shield_region) and not _REGION.fullmatch(shield_region):
        raise ValueError(f"shield_region: no Region, got {shield_region!r}; allowed: 'eu-west-1', ...")
    return {"origin_path": origin_path, "shield_region": shield_region}


def _is_origin_port(port: int) -> bool:
    return port in {80, 443} or 1024 <= port <= 65535  # noqa: PLR2004 -- what CloudFront takes


def _wait(duration: Duration | None) -> Duration | None:
    if duration is not None and (
        duration.is_unresolved() or not _SHORTEST_WAIT <= duration.to_seconds() <= _LONGEST_WAIT
    ):
        raise ValueError(f"read_timeout: got {duration}; allowed: {_SHORTEST_WAIT} to {_LONGEST_WAIT} seconds")
    return duration
