"""`SecurityHeaders` as resources: a response headers policy, and a CloudFront Function."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from .names import global_name
from .security_headers import POLICY_NAMES, FrameOptions, ReferrerPolicy, SecurityHeaders, XssProtection

_REFERRER: Final = {
    ReferrerPolicy.NO_REFERRER: cloudfront.HeadersReferrerPolicy.NO_REFERRER,
    ReferrerPolicy.SAME_ORIGIN: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN,
    ReferrerPolicy.STRICT_ORIGIN: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN,
    ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN,
}


def headers_policy(scope: Construct, id: str, headers: SecurityHeaders) -> cloudfront.ResponseHeadersPolicy:
    """The policy that sets the headers on every response, error pages included."""
    custom = {name: value for name, value in headers.render().items() if name not in POLICY_NAMES}
    return cloudfront.ResponseHeadersPolicy(
        scope,
        id,
        response_headers_policy_name=global_name(scope, id),
        security_headers_behavior=_security_headers(headers),
        custom_headers_behavior=(
            cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in custom.items()
                ]
            )
            if custom
            else None
        ),
        remove_headers=list(headers.removed) or None,
    )


def _security_headers(headers: SecurityHeaders) -> cloudfront.ResponseSecurityHeadersBehavior:
    hsts, csp = headers.strict_transport_security, headers.content_security_policy
    frames, referrer, xss = headers.frame_options, headers.referrer_policy, headers.xss_protection
    return cloudfront.ResponseSecurityHeadersBehavior(
        strict_transport_security=None
        if hsts is None
        else cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.seconds(hsts.max_age_seconds),
            include_subdomains=hsts.include_subdomains,
            preload=hsts.preload,
            override=True,
        ),
        content_type_options=(
            cloudfront.ResponseHeadersContentTypeOptions(override=True) if headers.content_type_options else None
        ),
        frame_options=None
        if frames is None
        else cloudfront.ResponseHeadersFrameOptions(
            frame_option=(
                cloudfront.HeadersFrameOption.DENY
                if frames is FrameOptions.DENY
                else cloudfront.HeadersFrameOption.SAMEORIGIN
            ),
            override=True,
        ),
        referrer_policy=None
        if referrer is None
        else cloudfront.ResponseHeadersReferrerPolicy(referrer_policy=_REFERRER[referrer], override=True),
        xss_protection=None
        if xss is None
        else cloudfront.ResponseHeadersXSSProtection(
            protection=xss is XssProtection.BLOCK,
            mode_block=True if xss is XssProtection.BLOCK else None,
            override=True,
        ),
        content_security_policy=None
        if csp is None or csp.report_only
        else cloudfront.ResponseHeadersContentSecurityPolicy(content_security_policy=csp.render(), override=True),
    )


def edge_function(
    scope: Construct, id: str, code: str, key_value_store: cloudfront.KeyValueStore | None = None
) -> cloudfront.Function:
    """A published CloudFront Function."""
    return cloudfront.Function(
        scope,
        id,
        function_name=global_name(scope, id),
        code=cloudfront.FunctionCode.from_inline(code),
        runtime=cloudfront.FunctionRuntime.JS_2_0,
        key_value_store=key_value_store,
        auto_publish=True,
    )
