"""What a distribution is asked for, checked before anything is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from aws_architect_constructs._validations import is_concrete

from .behaviors import Behavior, Caching, behavior_of
from .firewall import Firewall
from .functions import EdgeFunctions
from .names import top_level
from .origins import Origin
from .security_headers import SecurityHeaders
from .support_stacks import US_EAST_1

if TYPE_CHECKING:  # whoever has one has loaded it
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns

_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_PATTERN: Final = re.compile(r"/?[A-Za-z0-9_.*$/~\"'@:+?&-]{1,254}", re.ASCII)
_WEB_ACL: Final = re.compile(r"arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/[^/]+/[0-9a-f-]+")
_ERROR_PAGES: Final = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html"""
_PROTOCOLS: Final = (
    cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    cloudfront.SecurityPolicyProtocol.TLS_V1_2_2025,
    cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025,
)


@dataclass(frozen=True, kw_only=True)
class ClientCertificates:
    """Mutual TLS: only clients with a certificate of these authorities are let in. HTTP/2 at most.

    CloudFront forgets nothing of a client whose certificate expired: revocation is the authority's affair (OCSP).
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/mtls-authentication.html

    Attributes:
        bucket: Where the authorities' certificates are.
        key: The object: a PEM bundle.
        required: Whether clients without a certificate are refused. Default True.
    """

    bucket: "s3.IBucket"
    key: str
    required: bool = True

    def __post_init__(self) -> None:
        """Refuse what is no object."""
        if not self.key or self.key.startswith("/"):
            raise ValueError(f"key: no object, got {self.key!r}; allowed: 'authorities.pem', without a slash in front")


@dataclass(frozen=True, kw_only=True)
class SitePlan:
    """The behaviours with everything decided, the default first."""

    default: Behavior | None
    """None for the distribution's own bucket."""
    by_pattern: Mapping[str, Behavior]
    security_headers: SecurityHeaders
    edge_functions: EdgeFunctions | None

    def headers_of(self, behavior: Behavior | None) -> SecurityHeaders:
        """The headers of a behaviour."""
        if behavior is not None and behavior.security_headers is not None:
            return behavior.security_headers
        if behavior is not None and behavior.effective_caching is Caching.API:
            return self.security_headers.for_api()
        return self.security_headers

    def functions_of(self, behavior: Behavior | None) -> EdgeFunctions:
        """What happens to a behaviour's requests first."""
        if behavior is not None and behavior.edge_functions is not None:
            return behavior.edge_functions
        files = behavior is None or behavior.effective_caching is Caching.STATIC
        if self.edge_functions is None:
            return EdgeFunctions() if files else EdgeFunctions.none()
        if files:
            return self.edge_functions
        if behavior is not None and behavior.effective_caching is Caching.API:
            return self.edge_functions.for_api()
        is_app = behavior is self.default and self.edge_functions.single_page_app
        return self.edge_functions if is_app else self.edge_functions.for_pages()


def plan_site(
    *,
    default_origin: Origin | Behavior | None,
    origins: Mapping[str, Origin | Behavior],
    security_headers: SecurityHeaders | None,
    edge_functions: EdgeFunctions | None,
) -> SitePlan:
    """Decide what each behaviour does.

    Raises:
        ValueError: If a pattern or an origin is none, or a behaviour is asked for what CloudFront does not combine.
    """
    default = None if default_origin is None else _named("default_origin", default_origin)
    by_pattern = {}
    for pattern, origin in origins.items():
        if not _PATTERN.fullmatch(pattern) or pattern in {"*", "/*"}:
            raise ValueError(
                f"origins: no pattern of paths, got {pattern!r}; allowed: '/api/*', ... ('*' is the default)"
            )
        by_pattern[pattern] = _named(f"origins[{pattern!r}]", origin)
    plan = SitePlan(
        default=default,
        by_pattern=by_pattern,
        security_headers=SecurityHeaders.STRICT if security_headers is None else security_headers,
        edge_functions=edge_functions,
    )
    for name, behavior in {"default_origin": default, **by_pattern}.items():
        if behavior is not None and behavior.has_viewer_lambda:
            _check_viewer_lambda(name, plan, behavior)
    return plan


def _named(name: str, value: Origin | Behavior) -> Behavior:
    try:
        return behavior_of(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_viewer_lambda(name: str, plan: SitePlan, behavior: Behavior) -> None:
    if plan.functions_of(behavior).steps():
        raise ValueError(
            f"{name}: CloudFront runs Lambda@Edge or functions on the viewer's side, never both, got edge_lambdas= and "
            "functions; allowed: origin events, or edge_functions=EdgeFunctions.none() in the Behavior"
        )
    if plan.headers_of(behavior).paths:
        raise ValueError(
            f"{name}: headers by path need a function, which Lambda@Edge on the viewer's side excludes, got both; "
            "allowed: origin events, or security_headers without paths"
        )


def check_names(
    scope: Construct,
    *,
    domain_names: Sequence[str],
    hosted_zone: "route53.IHostedZone | None",
    certificate: "acm.ICertificate | None",
    minimum_protocol_version: cloudfront.SecurityPolicyProtocol | None,
    client_certificates: ClientCertificates | None,
    edge_functions: EdgeFunctions | None,
) -> None:
    """Check names, certificate and TLS.

    Raises:
        ValueError: If one is malformed, or missing beside another.
    """
    _check_domain_names(domain_names, has_certificate=certificate is not None or hosted_zone is not None)
    for argument, given in (
        ("certificate", certificate),
        ("hosted_zone", hosted_zone),
        ("minimum_protocol_version", minimum_protocol_version),
        ("client_certificates", client_certificates),
    ):
        if given is not None and not domain_names:
            raise ValueError(f"{argument}: for no name, got domain_names=[]; allowed: the names that the site has")
    if certificate is not None:
        _check_region("certificate", _region(certificate))
    if hosted_zone is not None:
        _check_zone(hosted_zone.zone_name, domain_names)
        if certificate is None:
            _check_zone_comes_first(hosted_zone, Stack.of(scope))
    if minimum_protocol_version is not None and minimum_protocol_version not in _PROTOCOLS:
        raise ValueError(
            f"minimum_protocol_version: got {minimum_protocol_version.value}; allowed: "
            f"{', '.join(protocol.value for protocol in _PROTOCOLS)}"
        )
    host = None if edge_functions is None else edge_functions.canonical_host
    if host is not None and all(map(is_concrete, domain_names)) and not _covers(domain_names, host):
        raise ValueError(f"edge_functions: the canonical host is no name of the site, got {host!r}; allowed: its names")


def _check_domain_names(domain_names: Sequence[str], *, has_certificate: bool) -> None:
    if isinstance(domain_names, str):
        raise ValueError(f"domain_names: not a list, got {domain_names!r}; allowed: a list of host names")
    for name in domain_names:
        if is_concrete(name) and not _HOST.fullmatch(name):
            raise ValueError(
                f"domain_names: no host name, got {name!r}; allowed: lower case, such as 'www.example.com'"
            )
    if domain_names and not has_certificate:
        raise ValueError(
            "domain_names: names need a certificate, got neither certificate= nor hosted_zone=; allowed: one of them"
        )


def _covers(domain_names: Sequence[str], host: str) -> bool:
    return host in domain_names or f"*.{host.split('.', 1)[-1]}" in domain_names


def _check_zone(zone_name: str, domain_names: Sequence[str]) -> None:
    if not is_concrete(zone_name):
        return
    zone = zone_name.rstrip(".")
    for name in filter(is_concrete, domain_names):
        if name != zone and not name.endswith(f".{zone}"):
            raise ValueError(f"hosted_zone: not the zone of {name!r}, got {zone!r}; allowed: names that end with it")


def _check_zone_comes_first(hosted_zone: "route53.IHostedZone", stack: Stack) -> None:
    """The certificate's stack is deployed before the site's, and needs the zone."""
    if not is_concrete(stack.region) or stack.region == US_EAST_1 or is_concrete(hosted_zone.hosted_zone_id):
        return
    if top_level(hosted_zone.stack) == top_level(stack):
        raise ValueError(
            f"hosted_zone: the certificate is made in {US_EAST_1} before this stack and needs the zone, got a zone of "
            "this stack; allowed: a zone of another stack, or certificate="
        )


def check_function_regions(plan: SitePlan, region: str | None) -> None:
    """Check that function URLs are in the Region of the distribution's stack, which has their permissions.

    Raises:
        ValueError: If one is not.
    """
    for name, behavior in {"default_origin": plan.default, **plan.by_pattern}.items():
        for other in () if behavior is None else behavior.origin.function_regions:
            if region is not None and is_concrete(other) and other != region:
                raise ValueError(
                    f"{name}: the function's permission is made in the distribution's stack, got a function of "
                    f"{other}; allowed: one of {region}, the stack's own Region"
                )


def check_rest(
    *,
    default_root_object: str,
    error_pages: Mapping[int, str],
    firewall: Firewall | None,
    web_acl_arn: str | None,
    alarm_topic: "sns.ITopic | None",
) -> None:
    """Check pages, firewall and topic.

    Raises:
        ValueError: If one is malformed, or stands in another Region than CloudFront's.
    """
    if default_root_object.startswith("/") or not default_root_object:
        raise ValueError(f"default_root_object: got {default_root_object!r}; allowed: 'index.html', without a slash")
    for status, page in error_pages.items():
        if status not in _ERROR_PAGES or not page.startswith("/"):
            raise ValueError(
                f"error_pages: got {status!r}: {page!r}; allowed: {', '.join(map(str, _ERROR_PAGES))}, with paths"
            )
    if web_acl_arn is not None:
        if firewall is not None:
            raise ValueError("web_acl_arn: two web ACLs, got firewall= too; allowed: one of the two")
        if is_concrete(web_acl_arn) and not _WEB_ACL.fullmatch(web_acl_arn):
            raise ValueError(f"web_acl_arn: none for distributions, got {web_acl_arn!r}; allowed: an ARN of us-east-1")
    if alarm_topic is not None:
        _check_region("alarm_topic", alarm_topic.env.region)


def _check_region(argument: str, region: str) -> None:
    if is_concrete(region) and region != US_EAST_1:
        raise ValueError(
            f"{argument}: CloudFront's certificates and metrics are in {US_EAST_1}, got one of {region}; allowed: one "
            f"of {US_EAST_1}"
        )


def _region(certificate: "acm.ICertificate") -> str:
    """A certificate's Region: that of its ARN, if it is known, else its stack's."""
    arn = certificate.certificate_arn
    return arn.split(":")[3] if is_concrete(arn) and arn.startswith("arn:") else certificate.env.region


def check_partition(region: str | None) -> None:
    """Check that the Region is in CloudFront's own partition.

    Raises:
        ValueError: If it is not: in China CloudFront is another service, without Lambda@Edge, VPC origins and
            us-east-1; in GovCloud and isolated Regions there is none.
    """
    if region is not None and region.startswith(("cn-", "us-gov-", "us-iso", "eu-iso")):
        raise ValueError(f"CloudFront's parts in {US_EAST_1} are out of reach, got {region}; allowed: other Regions")


def region_of(scope: Construct) -> str | None:
    """The Region of a construct's stack, or None if it is not known yet."""
    region = Stack.of(scope).region
    return region if is_concrete(region) else None


def pattern_id(pattern: str) -> str:
    """A pattern of paths as part of an id: `Api` for `/api/*`, and with a hash where it is not of that plain form."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", pattern) if word]
    plain = not pattern or pattern == f"/{'/'.join(words)}/*".lower()
    return _id(words, pattern, plain=plain)


def name_id(name: str) -> str:
    """A host name as part of an id, with a hash where it has more than letters, digits and dots."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    return _id(words, name, plain=name == ".".join(words))


def _id(words: Sequence[str], text: str, *, plain: bool) -> str:
    return "".join(map(str.capitalize, words)) + ("" if plain else sha256(text.encode()).hexdigest()[:6])
