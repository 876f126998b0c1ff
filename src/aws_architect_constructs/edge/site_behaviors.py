"""The behaviours of a distribution: origins, policies and functions, each made once for all that need the same."""

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .behaviors import Behavior, Caching
from .functions import render_headers_function
from .header_policies import edge_function, headers_policy
from .names import global_name
from .origins import Origin
from .security_headers import SecurityHeaders
from .site_plan import SitePlan, pattern_id
from .support_stacks import before_distribution, refer_weakly

if TYPE_CHECKING:  # only a site with a load balancer or Lambda@Edge loads these
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2

    from .edge_lambda import EdgeLambdaFunction

_METHOD_OVERRIDES: Final = ("x-http-method", "x-http-method-override", "x-method-override")


class SiteBehaviors:
    """What makes the behaviours of one distribution, in its scope.

    Attributes:
        buckets: The buckets that are read, without doubles.
        functions: The CloudFront Functions by id.
        key_value_store: What the functions look into, or None.
        edge_lambdas: The Lambda@Edge functions.
    """

    def __init__(self, scope: Construct, plan: SitePlan, *, headers_function: bool) -> None:
        self._scope: Final = scope
        self._plan: Final = plan
        self._headers_function: Final = headers_function
        self._bucket_access: cloudfront.S3OriginAccessControl | None = None
        self._vpc_origins: Final[dict[str, cloudfront.VpcOrigin]] = {}
        self._origins: Final[list[tuple[Origin, cloudfront.IOrigin]]] = []
        self._dynamic: cloudfront.CachePolicy | None = None
        self._function_access: cloudfront.FunctionUrlOriginAccessControl | None = None
        self._policies: Final[dict[str, cloudfront.ResponseHeadersPolicy]] = {}
        self._functions: Final[dict[str, cloudfront.Function]] = {}
        self.buckets: Final[list[s3.IBucket]] = []
        self.functions: Final[dict[str, cloudfront.Function]] = {}
        self.edge_lambdas: Final[list[EdgeLambdaFunction]] = []
        self.key_value_store: Final = self._make_key_value_store()

    @property
    def policies(self) -> list[cloudfront.ResponseHeadersPolicy]:
        """The response headers policies, that of the default behaviour first."""
        return list(self._policies.values())

    def make(self, pattern: str, behavior: Behavior) -> cloudfront.BehaviorOptions:
        """The behaviour of a pattern of paths; the default's pattern is empty."""
        caching = behavior.effective_caching
        viewer_lambda = behavior.has_viewer_lambda
        headers = self._plan.headers_of(behavior)
        return cloudfront.BehaviorOptions(
            origin=self._origin(behavior.origin),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            allowed_methods=(
                cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS
                if caching is Caching.STATIC or behavior.origin.is_group
                else cloudfront.AllowedMethods.ALLOW_ALL
            ),
            cache_policy=behavior.cache_policy or self._cache_policy(caching, behavior.origin),
            origin_request_policy=behavior.origin_request_policy or _origin_request_policy(caching, behavior.origin),
            compress=True,
            response_headers_policy=self._headers_policy(pattern, headers),
            function_associations=None if viewer_lambda else self._functions_of(pattern, behavior, headers) or None,
            edge_lambdas=self._lambdas_of(pattern, behavior) or None,
            trusted_key_groups=list(behavior.trusted_key_groups) or None,
        )

    def _headers_policy(self, pattern: str, headers: SecurityHeaders) -> cloudfront.ResponseHeadersPolicy:
        """The policy of these headers: one for all behaviours that have the same."""
        key = json.dumps([headers.render(), list(headers.removed)])
        if key not in self._policies:
            self._policies[key] = headers_policy(self._scope, f"Headers{pattern_id(pattern)}", headers)
        return self._policies[key]

    def _functions_of(
        self, pattern: str, behavior: Behavior, headers: SecurityHeaders
    ) -> list[cloudfront.FunctionAssociation]:
        found = []
        code = self._plan.functions_of(behavior).render()
        if code is not None:
            request = self._function(f"Requests{pattern_id(pattern)}", code)
            found.append(
                cloudfront.FunctionAssociation(function=request, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)
            )
        if self._headers_function:
            response = self._function(f"Responses{pattern_id(pattern)}", render_headers_function(headers))
            found.append(
                cloudfront.FunctionAssociation(
                    function=response, event_type=cloudfront.FunctionEventType.VIEWER_RESPONSE
                )
            )
        return found

    def _function(self, id: str, code: str) -> cloudfront.Function:
        """The function with this code: one for all behaviours that need the same."""
        if code not in self._functions:
            store = self.key_value_store if "cf.kvs()" in code else None
            self._functions[code] = self.functions[id] = edge_function(self._scope, id, code, store)
        return self._functions[code]

    def _lambdas_of(self, pattern: str, behavior: Behavior) -> list[cloudfront.EdgeLambda]:
        if not behavior.edge_lambdas:
            return []
        from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 -- whoever has a function has loaded it

        from .edge_lambda import EdgeLambdaFunction  # noqa: PLC0415 -- the same

        found = []
        for edge_lambda in behavior.edge_lambdas:
            event = cloudfront.LambdaEdgeEventType[edge_lambda.event.name]
            name = "".join(word.capitalize() for word in edge_lambda.event.split("-")) + pattern_id(pattern)
            made = EdgeLambdaFunction(before_distribution(self._scope), name, edge_lambda=edge_lambda)
            version = made.version.node.default_child
            assert isinstance(version, lambda_.CfnVersion)  # noqa: S101 -- what every version is made of
            refer_weakly(version)
            self.edge_lambdas.append(made)
            found.append(
                cloudfront.EdgeLambda(
                    event_type=event,
                    function_version=lambda_.Version.from_version_arn(self._scope, f"{name}Version", version.ref),
                    include_body=edge_lambda.include_body or None,
                )
            )
        return found

    def _origin(self, origin: Origin) -> cloudfront.IOrigin:
        """CDK's origin: one for all behaviours that are given the same."""
        for known, made in self._origins:
            if known is origin:
                return made
        made = origin.make(self)
        self._origins.append((origin, made))
        return made

    def _cache_policy(self, caching: Caching, origin: Origin) -> cloudfront.ICachePolicy:
        """What is kept, and apart by what. What is in the key is sent to the origin too."""
        if caching is Caching.STATIC:
            return cloudfront.CachePolicy.CACHING_OPTIMIZED
        if caching is Caching.API:
            return cloudfront.CachePolicy.CACHING_DISABLED
        if origin.takes_host_header:
            return cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS_QUERY_STRINGS
        if self._dynamic is None:
            # AWS's policy has the Host header in its key, and so sends the visitor's: buckets and function URLs, which
            # go by their own, refuse every request.
            self._dynamic = cloudfront.CachePolicy(
                self._scope,
                "Dynamic",
                cache_policy_name=global_name(self._scope, "Dynamic"),
                comment="Kept as Cache-Control says, without the Host header.",
                min_ttl=Duration.seconds(0),
                default_ttl=Duration.seconds(0),
                max_ttl=Duration.days(365),
                header_behavior=cloudfront.CacheHeaderBehavior.allow_list("origin", *_METHOD_OVERRIDES),
                cookie_behavior=cloudfront.CacheCookieBehavior.all(),
                query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
                enable_accept_encoding_brotli=True,
                enable_accept_encoding_gzip=True,
            )
        return self._dynamic

    def vpc_origin(
        self,
        load_balancer: "elbv2.IApplicationLoadBalancer",
        *,
        http_port: int,
        https_port: int,
        protocol_policy: cloudfront.OriginProtocolPolicy,
    ) -> cloudfront.VpcOrigin:
        """The VPC origin for a load balancer: one for all origins that reach it the same way.

        CloudFront changes no VPC origin that a distribution uses: with other ports it is another one, by id and name,
        which the distribution turns to before the old one goes.
        """
        key = "|".join((load_balancer.node.path, str(http_port), str(https_port), protocol_policy.value))
        if key not in self._vpc_origins:
            part = f"Vpc{sha256(key.encode()).hexdigest()[:8]}"
            self._vpc_origins[key] = cloudfront.VpcOrigin(
                self._scope,
                part,
                endpoint=cloudfront.VpcOriginEndpoint.application_load_balancer(load_balancer),
                http_port=http_port,
                https_port=https_port,
                protocol_policy=protocol_policy,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                vpc_origin_name=global_name(self._scope, part),
            )
        return self._vpc_origins[key]

    def bucket_access(self) -> cloudfront.S3OriginAccessControl:
        """The origin access control for buckets, made at first need: CloudFront signs every request."""
        if self._bucket_access is None:
            self._bucket_access = cloudfront.S3OriginAccessControl(
                self._scope,
                "S3Access",
                origin_access_control_name=global_name(self._scope, "S3Access"),
                signing=cloudfront.Signing.SIGV4_ALWAYS,
            )
        return self._bucket_access

    def function_access(self) -> cloudfront.FunctionUrlOriginAccessControl:
        """The origin access control for function URLs, made at first need: CloudFront signs every request."""
        if self._function_access is None:
            self._function_access = cloudfront.FunctionUrlOriginAccessControl(
                self._scope,
                "LambdaAccess",
                origin_access_control_name=global_name(self._scope, "LambdaAccess"),
                signing=cloudfront.Signing.SIGV4_ALWAYS,
            )
        return self._function_access

    def bucket_of(self, origin: Origin) -> None:
        """Note a bucket that is to be read."""
        if origin.s3_bucket not in self.buckets:
            self.buckets.append(origin.s3_bucket)

    def _make_key_value_store(self) -> cloudfront.KeyValueStore | None:
        behaviors = (self._plan.default, *self._plan.by_pattern.values())
        if not any(self._plan.functions_of(behavior).needs_key_value_store for behavior in behaviors):
            return None
        name = global_name(self._scope, "Credentials")
        return cloudfront.KeyValueStore(self._scope, "Credentials", key_value_store_name=name)


def _origin_request_policy(caching: Caching, origin: Origin) -> cloudfront.IOriginRequestPolicy | None:
    """What of a request reaches the origin: everything, but for files; the Host header where the origin knows it."""
    if caching is Caching.STATIC and origin.takes_host_header:
        return cloudfront.OriginRequestPolicy.HOST_HEADER_ONLY
    if caching is Caching.STATIC or origin.is_bucket:
        return None
    if origin.takes_host_header:
        return cloudfront.OriginRequestPolicy.ALL_VIEWER
    return cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER
