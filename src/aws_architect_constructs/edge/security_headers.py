"""The headers that tell a browser what a site never does, as a value: one source for policy, function and tests.

Pure Python. https://owasp.org/www-project-secure-headers/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final

from .content_security_policy import REPORT_GROUP, ContentSecurityPolicy

TWO_YEARS: Final = 63_072_000
"""In seconds: what browsers' preload lists ask for is one year, what they recommend is two. https://hstspreload.org"""
_ONE_YEAR: Final = 31_536_000
_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_VALUE: Final = re.compile(r"[\x20-\x7e]*", re.ASCII)
_FEATURE: Final = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@%/-]*\*?", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"\{([^}]*)\}")
_COMPUTED: Final = frozenset({"host", "uri"})

_CLOUDFRONTS_OWN: Final = ("x-amz-cf-", "x-edge-", "x-amzn-", "x-accel-")
_UNTOUCHABLE: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
        "x-cache",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
"""What no policy can change.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""
_MOST_REMOVED: Final = 10
"""Headers that a policy removes at most, by CloudFront's default quota."""
_MOST_CUSTOM: Final = 10
"""Headers beyond the six that CloudFront knows by name which a policy adds at most, by its default quota."""

LEAKING_HEADERS: Final = (
    "server",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-version-id",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-powered-by",
)
"""What tells strangers about the server: its software, and for S3 the account's number in the key's ARN."""

POWERFUL_FEATURES: Final = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
"""The features that the strict preset switches off for the page and everything in it."""


class FrameOptions(StrEnum):
    """Who may frame a page; browsers that know CSP's `frame-ancestors` go by that."""

    DENY = "DENY"
    SAMEORIGIN = "SAMEORIGIN"


class ReferrerPolicy(StrEnum):
    """What other sites learn of the page that a visitor comes from."""

    NO_REFERRER = "no-referrer"
    SAME_ORIGIN = "same-origin"
    STRICT_ORIGIN = "strict-origin"
    STRICT_ORIGIN_WHEN_CROSS_ORIGIN = "strict-origin-when-cross-origin"


class CrossOriginOpenerPolicy(StrEnum):
    """Whether a page shares its browsing context group with the windows that opened it."""

    SAME_ORIGIN = "same-origin"
    SAME_ORIGIN_ALLOW_POPUPS = "same-origin-allow-popups"
    UNSAFE_NONE = "unsafe-none"


class CrossOriginResourcePolicy(StrEnum):
    """Whose pages may load the site's files."""

    SAME_ORIGIN = "same-origin"
    SAME_SITE = "same-site"
    CROSS_ORIGIN = "cross-origin"


class XssProtection(StrEnum):
    """What old browsers' XSS filters do. They could be turned against a page, and today's browsers have none."""

    OFF = "0"
    BLOCK = "1; mode=block"


@dataclass(frozen=True, kw_only=True)
class StrictTransportSecurity:
    """How long browsers refuse plain HTTP for the host.

    `preload` asks browser vendors to build the promise in: every subdomain, internal ones included, has to speak HTTPS
    with a valid certificate, the domain has to be submitted at https://hstspreload.org, and taking it off the lists
    again takes months to reach users.

    Attributes:
        max_age_seconds: How long browsers remember. Default two years.
        include_subdomains: Whether it holds for every subdomain. Default True.
        preload: Whether the domain may be built into browsers. Default False.
        subdomains_directive: How the directive is spelt; directives are case-insensitive. Default `includeSubDomains`.
    """

    max_age_seconds: int = TWO_YEARS
    include_subdomains: bool = True
    preload: bool = False
    subdomains_directive: str = "includeSubDomains"

    def __post_init__(self) -> None:
        """Refuse what the preload lists refuse, and what is no directive."""
        if type(self.max_age_seconds) is not int or self.max_age_seconds < 0:
            raise ValueError(f"max_age_seconds: no duration, got {self.max_age_seconds!r}; allowed: seconds from 0")
        if self.preload and not (self.include_subdomains and self.max_age_seconds >= _ONE_YEAR):
            raise ValueError(
                "preload: browsers' lists take no domain whose promise is short or leaves subdomains out, got "
                f"max_age_seconds={self.max_age_seconds}, include_subdomains={self.include_subdomains}; allowed: at "
                f"least {_ONE_YEAR} and True"
            )
        if self.subdomains_directive.lower() != "includesubdomains":
            raise ValueError(f"subdomains_directive: got {self.subdomains_directive!r}; allowed: 'includeSubDomains'")

    def render(self) -> str:
        """The header's value."""
        parts = [f"max-age={self.max_age_seconds}"]
        parts += [self.subdomains_directive] if self.include_subdomains else []
        parts += ["preload"] if self.preload else []
        return "; ".join(parts)


@dataclass(frozen=True, kw_only=True)
class PathHeaders:
    """What differs on some paths. Only the function can do this: a policy is the same for a whole behaviour.

    Error pages (400 and up from the origin) do not pass the function and keep the policy's headers.

    Attributes:
        path: A path as it is sent, such as `/logout`, or the beginning of paths, such as `/embed/*`.
        headers: Headers to set. `{host}` and `{uri}` stand for the request's; a request whose host or URI has
            characters that do not belong there does not get the header.
        removed: Headers to leave out.
    """

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    removed: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what would change nothing, or what is no header."""
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"path: no path, got {self.path!r}; allowed: '/logout', or '/embed/*'")
        if not self.headers and not self.removed:
            raise ValueError(f"{self.path}: nothing differs, got no headers and none removed; allowed: one at least")
        for name, value in self.headers.items():
            check_header(name, value)
            unknown = set(_PLACEHOLDER.findall(value)) - _COMPUTED
            if unknown:
                raise ValueError(
                    f"{name}: nothing to compute, got {min(unknown)!r}; allowed: 'host' and 'uri' in braces"
                )
        for name in self.removed:
            check_header(name, "")
        both = sorted(set(self.headers) & set(self.removed))
        if both:
            raise ValueError(f"{self.path}: set and removed at once, got {both}; allowed: one of the two")


def check_header(name: str, value: str) -> None:
    """Check that a header is one that a policy or function may set.

    Raises:
        ValueError: If it is malformed, or CloudFront's own.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name of a header, got {name!r}; allowed: lower-case letters, digits and hyphens")
    if name in _UNTOUCHABLE or name.startswith(_CLOUDFRONTS_OWN):
        raise ValueError(f"{name}: CloudFront's own, which nobody else sets or removes; allowed: other headers")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"{name}: characters that no header has, got {value!r}; allowed: printable ASCII on one line")


@dataclass(frozen=True, kw_only=True)
class SecurityHeaders:
    """The security headers of a site, or of a part of it.

    `SecurityHeaders()`, the same as `SecurityHeaders.STRICT`, follows OWASP's Secure Headers Project: nothing but the
    site's own files, no inline code, no framing, no powerful features, two years of HTTPS. `SecurityHeaders.CLASSIC`
    is the set of six that many sites began with. `dataclasses.replace` changes one header of either.

    Rendered by `SecureDistribution` to a response headers policy, which error pages carry too, and to a CloudFront
    Function, which can do what a policy cannot: differ by path, compute a value. CloudFront applies the policy before
    it runs the function, so where both set a header they have to agree, and a test holds them to it.

    Attributes:
        strict_transport_security: How long browsers refuse plain HTTP. Default two years, with subdomains, without
            preloading.
        content_security_policy: What pages may load and run; report-only if the policy says so. Default
            `ContentSecurityPolicy.strict()`.
        trial_policy: A further, report-only policy, to try out what shall be enforced next. Default None.
        frame_options: Who may frame pages. Default DENY.
        content_type_options: Whether browsers are told to believe the content type (`nosniff`). Default True.
        referrer_policy: What other sites learn. Default `no-referrer`.
        permissions_policy: Origins by feature of the browser, none for nobody: `{"camera": ["self"]}`. Default: the
            powerful features, each for nobody.
        cross_origin_opener_policy: Default `same-origin`.
        cross_origin_resource_policy: Default `same-origin`: other sites cannot embed the site's images and scripts.
        xss_protection: Default `0`.
        removed: Headers of the origin that visitors do not get. Default: those that tell about the server.
        additional: Further headers by name. Default none.
        paths: What differs on some paths; of several that fit, later ones go over earlier ones. Default nothing.
    """

    STRICT: ClassVar["SecurityHeaders"]
    CLASSIC: ClassVar["SecurityHeaders"]

    strict_transport_security: StrictTransportSecurity | None = field(default_factory=StrictTransportSecurity)
    content_security_policy: ContentSecurityPolicy | None = field(default_factory=ContentSecurityPolicy.strict)
    trial_policy: ContentSecurityPolicy | None = None
    frame_options: FrameOptions | None = FrameOptions.DENY
    content_type_options: bool = True
    referrer_policy: ReferrerPolicy | None = ReferrerPolicy.NO_REFERRER
    permissions_policy: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(POWERFUL_FEATURES, ()))
    )
    cross_origin_opener_policy: CrossOriginOpenerPolicy | None = CrossOriginOpenerPolicy.SAME_ORIGIN
    cross_origin_resource_policy: CrossOriginResourcePolicy | None = CrossOriginResourcePolicy.SAME_ORIGIN
    xss_protection: XssProtection | None = XssProtection.OFF
    removed: Sequence[str] = LEAKING_HEADERS
    additional: Mapping[str, str] = field(default_factory=dict)
    paths: Sequence[PathHeaders] = ()

    def __post_init__(self) -> None:
        """Refuse contradictions, and what CloudFront would refuse."""
        self._check_policies()
        self._check_permissions()
        for name, value in self.additional.items():
            check_header(name, value)
            if name in self._named():
                raise ValueError(f"additional: {name} has an argument of its own; allowed: other headers")
        for name in self.removed:
            check_header(name, "")
        contradictions = sorted(set(self.removed) & set(self.render()))
        if contradictions:
            raise ValueError(f"removed: set and removed at once, got {contradictions}; allowed: one of the two")
        if len(self.removed) > _MOST_REMOVED:
            raise ValueError(f"removed: more than a policy takes, got {len(self.removed)}; allowed: {_MOST_REMOVED}")
        custom = [name for name in self.render() if name not in POLICY_NAMES]
        if len(custom) > _MOST_CUSTOM:
            raise ValueError(f"additional: more than a policy takes, got {len(custom)}; allowed: {_MOST_CUSTOM}")

    def _check_permissions(self) -> None:
        for feature, origins in self.permissions_policy.items():
            if not _FEATURE.fullmatch(feature) or isinstance(origins, str):
                raise ValueError(f"permissions_policy: got {feature!r}: {origins!r}; allowed: a feature with a list")
            for origin in origins:
                if origin not in {"self", "*"} and not re.fullmatch(r"https://[A-Za-z0-9.*:-]+", origin):
                    raise ValueError(
                        f"permissions_policy: {feature}: no origin, got {origin!r}; allowed: 'self', '*', 'https://...'"
                    )

    def _check_policies(self) -> None:
        if self.trial_policy is None:
            return
        if not self.trial_policy.report_only:
            raise ValueError("trial_policy: it would be enforced; allowed: policy.as_report_only(...)")
        if self.content_security_policy is None:
            return
        if self.content_security_policy.report_only:
            raise ValueError("trial_policy: one policy is tried out already; allowed: one that only reports")
        endpoint = self.content_security_policy.report_endpoint
        if endpoint not in {None, self.trial_policy.report_endpoint}:
            raise ValueError(
                f"trial_policy: two places to report to, got {endpoint} and {self.trial_policy.report_endpoint}; "
                "allowed: one for both"
            )

    @staticmethod
    def _named() -> frozenset[str]:
        return POLICY_NAMES | {
            "content-security-policy-report-only",
            "permissions-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "reporting-endpoints",
        }

    def render(self) -> dict[str, str]:
        """The headers by name, in lower case, as every response of the origin's success carries them."""
        found: dict[str, str] = {}
        if self.strict_transport_security is not None:
            found["strict-transport-security"] = self.strict_transport_security.render()
        if self.content_type_options:
            found["x-content-type-options"] = "nosniff"
        if self.frame_options is not None:
            found["x-frame-options"] = self.frame_options.value
        if self.xss_protection is not None:
            found["x-xss-protection"] = self.xss_protection.value
        if self.referrer_policy is not None:
            found["referrer-policy"] = self.referrer_policy.value
        policies = [policy for policy in (self.content_security_policy, self.trial_policy) if policy is not None]
        found |= {policy.header: policy.render() for policy in policies}
        endpoints = [policy.report_endpoint for policy in policies if policy.report_endpoint is not None]
        if endpoints:
            found["reporting-endpoints"] = f'{REPORT_GROUP}="{endpoints[0]}"'
        if self.permissions_policy:
            found["permissions-policy"] = ", ".join(
                f"{feature}={_allow_list(origins)}" for feature, origins in self.permissions_policy.items()
            )
        if self.cross_origin_opener_policy is not None:
            found["cross-origin-opener-policy"] = self.cross_origin_opener_policy.value
        if self.cross_origin_resource_policy is not None:
            found["cross-origin-resource-policy"] = self.cross_origin_resource_policy.value
        return found | dict(self.additional)

    def for_api(self) -> "SecurityHeaders":
        """The same without what is about documents: an API's answers are data, and pages of other sites may ask.

        CSP, permissions and opener policy say nothing about data. What an API lets other origins read it says itself,
        by CORS, so the resource policy is left to it too.
        """
        return replace(
            self,
            content_security_policy=None,
            trial_policy=None,
            permissions_policy={},
            cross_origin_opener_policy=None,
            cross_origin_resource_policy=None,
            xss_protection=None,
            paths=(),
        )


POLICY_NAMES: Final = frozenset(
    {
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
        "x-xss-protection",
        "referrer-policy",
        "content-security-policy",
    }
)
"""The six that a response headers policy knows by name, and takes by no other way."""


def _allow_list(origins: Sequence[str]) -> str:
    if list(origins) == ["*"]:
        return "*"
    return f"({' '.join(origin if origin in {'self', '*'} else f'{chr(34)}{origin}{chr(34)}' for origin in origins)})"


SecurityHeaders.STRICT = SecurityHeaders()
SecurityHeaders.CLASSIC = SecurityHeaders(
    strict_transport_security=StrictTransportSecurity(preload=True, subdomains_directive="includeSubdomains"),
    content_security_policy=ContentSecurityPolicy.classic(),
    referrer_policy=ReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN,
    permissions_policy={},
    cross_origin_opener_policy=None,
    cross_origin_resource_policy=None,
    xss_protection=XssProtection.BLOCK,
)
