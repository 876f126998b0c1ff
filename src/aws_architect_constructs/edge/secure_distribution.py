"""A CloudFront distribution before private origins, with security headers, functions at the edge and a firewall."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, choice, warn
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType, protect_state
from aws_architect_constructs.foundation.log_bucket import (
    access_log_bucket_for,
    check_access_log_bucket,
    check_bucket_removal_policy,
)
from aws_architect_constructs.foundation.log_sources import LogSource
from aws_architect_constructs.foundation.retention import log_retention_for

from .behaviors import Behavior, Caching
from .content_bucket import content_bucket
from .firewall import Firewall, WebAclScope
from .functions import EdgeFunctions, render_headers_function
from .log_delivery import LogDelivery
from .origins import Origin, let_distribution_read
from .security_headers import SecurityHeaders
from .site_alarms import site_alarms
from .site_behaviors import SiteBehaviors
from .site_names import certificate_for, demand_certificates, make_records
from .site_plan import (
    ClientCertificates,
    check_function_regions,
    check_names,
    check_partition,
    check_rest,
    plan_site,
    region_of,
)
from .support_stacks import after_distribution, before_distribution, refer_weakly

if TYPE_CHECKING:  # only a site with a name, a topic, content or its own log retention loads these
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_sns as sns

    from .site_content import SiteContent
    from .web_acl import WebAclParts

_HTTP_VERSION: Final = cloudfront.HttpVersion.HTTP2_AND_3


class SecureDistribution(Construct):
    """A distribution before private origins, with tested security headers and a firewall, from one statement.

    `SecureDistribution(self, "Site")` makes a private content bucket of its own. `default_origin` puts something else
    behind `/`, and `origins` more by path: `{"/api/*": Origin.load_balancer(api.load_balancer)}`.

    **Headers.** Each response has those of `security_headers`: from a response headers policy, which error pages carry
    too, and from a CloudFront Function, which can differ by path. Paths of an API get those that are not about
    documents.

    **us-east-1.** CloudFront takes certificate, web ACL and Lambda@Edge from there, and delivers logs and metrics
    there. In a stack of another Region the first are made in a stack `<stack>EdgePrerequisites-<region>` beside it, the
    second in `<stack>EdgeMonitoring-<region>`; all three deploy together, in that order, without custom resources. A
    stack whose Region is not known has everything in itself and can be deployed to us-east-1 alone, which the warning
    `UnknownRegion` says.

    **Without a name** CloudFront uses its own certificate and, with it, lets TLS 1.0 in: a site that people visit has
    `domain_names`, with a `hosted_zone` for certificate and records or a `certificate`.

    Fixed cost (docs/checks/prices.md): 11 USD a month, 10 USD for the web ACL with its five rules (nothing with
    `firewall=Firewall.none()`) and 1 USD for the stack's key, which everything in it shares; that of EdgePrerequisites
    for the firewall's log is 1 USD more. With a topic 2.70 USD: three alarms at 0.10 USD, and eight additional metrics
    at 0.30 USD. Requests: 0.10 USD a million for each of two functions, 0.60 USD for the web ACL.
    https://aws.amazon.com/cloudfront/pricing/

    Well-Architected: security (SEC05, protect networks; SEC08 and SEC09, data at rest and in transit), performance
    efficiency (PERF04, content delivery), reliability (REL11, failover), cost optimization (COST08).

    See https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html,
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
    and https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html.

    Args:
        scope: The scope.
        id: The id.
        default_origin: What answers where no pattern of `origins` fits. Default None: a private content bucket, made
            here.
        origins: Origins by pattern of paths; the first that fits counts. Default none.
        security_headers: The headers of every response. Default None: `SecurityHeaders.STRICT`.
        headers_function: Whether the function sets headers too. Default True; without it headers cannot differ by
            path.
        edge_functions: What happens to requests before the cache is asked. Default None: paths are cleaned, and
            directories stand for their `index.html`, where files are served.
        domain_names: The site's names. Default none: CloudFront's own, `d111111abcdef8.cloudfront.net`.
        hosted_zone: The public zone of the names, for records (A and AAAA), and for a certificate if none is given.
            Default None: records are made elsewhere.
        certificate: A certificate of us-east-1. Default None: one of the zone's, made there.
        minimum_protocol_version: The oldest TLS and its ciphers: TLS_V1_2_2021, TLS_V1_2_2025 or TLS_V1_3_2025.
            Default None: TLS_V1_2_2025, where there is a certificate.
        client_certificates: Mutual TLS. Default None: visitors need no certificate.
        geo_restriction: The countries that are let in or kept out. Default None: all are let in.
        price_class: Where CloudFront answers from. Default None: everywhere.
        firewall: What the web ACL blocks. Default None: `Firewall()`; `Firewall.none()` for none.
        web_acl_arn: A web ACL of your own. Default None: one made here.
        default_root_object: What `/` stands for. Default `index.html`.
        error_pages: Pages by status, `{404: "/404.html"}`. They hold for the whole distribution: an API's answers with
            that status are replaced too, which the warning `ErrorPagesReplaceAnswers` says. S3 answers 403 for what is
            missing: name that status too. Default none.
        encryption_key: Key of the content bucket and the firewall's log group; it then has to be of us-east-1 for the
            latter, so that log has the support stack's own key in other Regions. None means the stack's `WorkloadKey`.
        alarm_topic: Who hears of errors (5xx over 5 percent), slow origins (p90 over 3 seconds) and many blocked
            requests. Of us-east-1. Default None: no alarms.
        log_retention: How long the firewall's log group keeps events. None means 365 days for PROD and SHARED, 30 for
            STAGING, 14 for DEV.
        removal_policy: What happens to the content bucket and the firewall's log when they leave their stack. None
            means RETAIN for PROD and SHARED, DESTROY for DEV and STAGING.
        access_log_bucket: Where requests to the distribution and to the content bucket are logged. None means the
            stack's `LogBucket`.
        environment_type: The environment. None means what the nearest enclosing scope declares, else PROD.

    Raises:
        ValueError: If an argument is wrong; nothing was added to the tree.

    Warnings: NoCertificate, UnknownRegion, LoadBalancerWithoutName, ErrorPagesReplaceAnswers, NoAlarmTopic,
    BucketPolicyNotUpdated, KeyPolicyNotUpdated.

    Attributes:
        distribution: The distribution.
        content_bucket: The content bucket that was made, or None.
        response_headers_policies: The policies, that of the default behaviour first.
        functions: The CloudFront Functions by id.
        key_value_store: What `basic_auth_realm` looks into, or None.
        edge_lambdas: The Lambda@Edge functions, in the order of the behaviours.
        certificate: The certificate, or None.
        web_acl: The web ACL that was made, or None.
        trust_store: The authorities whose certificates visitors need, or None.
        records: The records that were made.
        log_delivery: The delivery of access logs.
        alarms: The alarms.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        default_origin: Origin | Behavior | None = None,
        origins: Mapping[str, Origin | Behavior] | None = None,
        security_headers: SecurityHeaders | None = None,
        headers_function: bool = True,
        edge_functions: EdgeFunctions | None = None,
        domain_names: Sequence[str] = (),
        hosted_zone: "route53.IHostedZone | None" = None,
        certificate: "acm.ICertificate | None" = None,
        minimum_protocol_version: cloudfront.SecurityPolicyProtocol | None = None,
        client_certificates: ClientCertificates | None = None,
        geo_restriction: cloudfront.GeoRestriction | None = None,
        price_class: cloudfront.PriceClass | None = None,
        firewall: Firewall | None = None,
        web_acl_arn: str | None = None,
        default_root_object: str = "index.html",
        error_pages: Mapping[int, str] | None = None,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        pages = dict(error_pages or {})
        try:
            if environment_type is not None:
                environment_type = choice("environment_type", EnvironmentType, environment_type)
            environment = environment_type or EnvironmentType.of(scope)
            check_partition(region_of(scope))
            plan = plan_site(
                default_origin=default_origin,
                origins=origins or {},
                security_headers=security_headers,
                edge_functions=edge_functions,
            )
            if not headers_function and any(
                plan.headers_of(behavior).paths for behavior in (plan.default, *plan.by_pattern.values())
            ):
                raise ValueError("headers_function: headers by path need it, got False; allowed: True")  # noqa: TRY301
            check_function_regions(plan, region_of(scope))
            check_names(
                scope,
                domain_names=domain_names,
                hosted_zone=hosted_zone,
                certificate=certificate,
                minimum_protocol_version=minimum_protocol_version,
                client_certificates=client_certificates,
                edge_functions=edge_functions,
            )
            check_rest(
                default_root_object=default_root_object,
                error_pages=pages,
                firewall=firewall,
                web_acl_arn=web_acl_arn,
                alarm_topic=alarm_topic,
            )
            check_bucket_removal_policy(removal_policy)
            if access_log_bucket is not None:
                check_access_log_bucket(access_log_bucket, scope, of_bucket=True)
            retention = log_retention_for(log_retention, environment.defaults)
            # Rendered before anything is made: what is too large for CloudFront is refused here.
            for behavior in (plan.default, *plan.by_pattern.values()):
                plan.functions_of(behavior).render()
                render_headers_function(plan.headers_of(behavior))
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._plan: Final = plan
        self._content: SiteContent | None = None
        removal = environment.defaults.removal_policy if removal_policy is None else removal_policy
        self.content_bucket: Final = (
            content_bucket(
                self,
                "Content",
                encryption_key=encryption_key,
                removal_policy=removal,
                access_log_bucket=access_log_bucket,
            )
            if plan.default is None
            else None
        )
        default = plan.default or Behavior(origin=Origin.bucket(self._own_bucket()))
        behaviors = SiteBehaviors(self, plan, headers_function=headers_function)
        self.key_value_store: Final = behaviors.key_value_store
        self.certificate: Final = certificate_for(self, certificate, hosted_zone, domain_names)
        self.web_acl: Final = self._web_acl(
            firewall=firewall,
            web_acl_arn=web_acl_arn,
            encryption_key=encryption_key,
            log_retention=retention,
            removal_policy=removal,
        )
        self.distribution: Final = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{self.node.path}"[:128],
            default_behavior=behaviors.make("", default),
            additional_behaviors={
                pattern: behaviors.make(pattern, behavior) for pattern, behavior in plan.by_pattern.items()
            },
            default_root_object=default_root_object if self._serves_files() else None,
            domain_names=list(domain_names) or None,
            certificate=self.certificate,
            minimum_protocol_version=(
                None
                if self.certificate is None
                else minimum_protocol_version or cloudfront.SecurityPolicyProtocol.TLS_V1_2_2025
            ),
            ssl_support_method=None if self.certificate is None else cloudfront.SSLMethod.SNI,
            http_version=_HTTP_VERSION if client_certificates is None else cloudfront.HttpVersion.HTTP2,
            enable_ipv6=True,
            enabled=True,
            geo_restriction=geo_restriction,
            price_class=price_class or cloudfront.PriceClass.PRICE_CLASS_ALL,
            web_acl_id=web_acl_arn if self.web_acl is None else self.web_acl.web_acl.attr_arn,
            error_responses=[
                cloudfront.ErrorResponse(
                    http_status=status,
                    response_http_status=404 if status == 403 else status,  # noqa: PLR2004 -- how S3 says missing
                    response_page_path=page,
                    ttl=Duration.seconds(10),
                )
                for status, page in pages.items()
            ]
            or None,
            publish_additional_metrics=True if alarm_topic is not None else None,
        )
        resource = self.distribution.node.default_child
        assert isinstance(resource, cloudfront.CfnDistribution)  # noqa: S101 -- what every distribution is made of
        refer_weakly(resource)
        self.response_headers_policies: Final = behaviors.policies
        self.functions: Final = behaviors.functions
        self.edge_lambdas: Final = behaviors.edge_lambdas
        self.trust_store: Final = (
            None if client_certificates is None else demand_certificates(self, resource, client_certificates)
        )
        for bucket in behaviors.buckets:
            let_distribution_read(self, bucket, self.distribution)
        self.records: Final = make_records(self, self.distribution, hosted_zone, domain_names)
        after = after_distribution(self)
        self.log_delivery: Final = LogDelivery(
            after,
            "Logs",
            distribution=self.distribution,
            bucket=access_log_bucket_for(self, access_log_bucket, LogSource.CLOUDFRONT),
        )
        self.alarms: Final = (
            site_alarms(
                after,
                distribution=self.distribution,
                web_acl=self.web_acl,
                alarm_topic=alarm_topic,
                environment=environment,
            )
            if alarm_topic is not None
            else []
        )
        if alarm_topic is None:
            Alarms(self, alarm_topic=None, environment_type=environment)  # which says that nobody hears
        self._advise(pages)
        self._explain(geo_restriction=geo_restriction, firewalled=firewall is None or firewall.enabled)
        protect_state(self, environment_type)

    def add_content(
        self,
        source: str,
        *,
        immutable_paths: Sequence[str] = ("assets/*",),
        prune_immutable: bool = False,
    ) -> "SiteContent":
        """Deploy a directory of files to the content bucket with the stack, and empty the edge's caches of them.

        Files under `immutable_paths`, whose names have a hash of what is in them, go first, and browsers keep them for
        a year; then everything else, which browsers ask for again each time, and what is no longer in the directory is
        deleted. Immutable files stay unless `prune_immutable`: pages that visitors have open still ask for them.

        Cost: nothing fixed; two runs of a Lambda function with each deployment, one path of invalidation (1,000 a month
        are free).

        Args:
            source: The directory.
            immutable_paths: Patterns of files that never change under their name. Default `assets/*`.
            prune_immutable: Whether immutable files that are no longer in the directory are deleted too, last. Default
                False.

        Raises:
            ValueError: If there is no content bucket, or it has content already.
        """
        from .site_content import SiteContent  # noqa: PLC0415 -- only a site that is deployed with its stack

        if self.content_bucket is None or self._content is not None:
            raise ValueError(
                f"{self.node.path}: content goes to the distribution's own bucket, once, got "
                f"{'none' if self.content_bucket is None else 'a second time'}; allowed: one call, without "
                "default_origin="
            )
        self._content = SiteContent(
            self,
            "Files",
            source=source,
            bucket=self.content_bucket,
            distribution=self.distribution,
            immutable_paths=immutable_paths,
            prune_immutable=prune_immutable,
        )
        return self._content

    def _web_acl(
        self,
        *,
        firewall: Firewall | None,
        web_acl_arn: str | None,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> "WebAclParts | None":
        if web_acl_arn is not None or (firewall is not None and not firewall.enabled):
            return None
        from .web_acl import WebAclParts  # noqa: PLC0415 -- only a site with a firewall of its own

        place = before_distribution(self)
        same_stack = Stack.of(place) == Stack.of(self)
        made = WebAclParts(
            place,
            "Firewall",
            firewall=Firewall() if firewall is None else firewall,
            web_acl_scope=WebAclScope.CLOUDFRONT,
            encryption_key=encryption_key if same_stack else None,
            log_retention=log_retention,
            removal_policy=removal_policy,
        )
        refer_weakly(made.web_acl)
        return made

    def _own_bucket(self) -> s3.Bucket:
        assert self.content_bucket is not None  # noqa: S101 -- made where there is no default origin
        return self.content_bucket

    def _serves_files(self) -> bool:
        default = self._plan.default
        return default is None or default.effective_caching is Caching.STATIC

    def _advise(self, pages: Mapping[int, str]) -> None:
        if self.certificate is None:
            warn(
                self,
                "NoCertificate",
                "Without domain_names= CloudFront uses its own certificate, and with it lets TLS 1.0 in, whatever else "
                "is said. Give the site a name, with hosted_zone= or certificate=.",
            )
        if region_of(self) is None:
            warn(
                self,
                "UnknownRegion",
                "The stack's Region is not known, so that what CloudFront takes from us-east-1 alone is in this stack: "
                "it can be deployed there and nowhere else. Give the stack an env with a region.",
            )
        nameless = [
            name or "the default origin"
            for name, one in {"": self._plan.default, **self._plan.by_pattern}.items()
            if one is not None and one.origin.needs_site_name
        ]
        if self.certificate is None and nameless:
            warn(
                self,
                "LoadBalancerWithoutName",
                f"CloudFront asks the load balancer of {', '.join(nameless)} for a certificate with the visitor's Host "
                "header, and without domain_names= that is CloudFront's own name, which no other certificate has: "
                "every answer is 502. Say domain_name= in Origin.load_balancer(), or give the site a name.",
            )
        api = [name for name, one in self._plan.by_pattern.items() if one.effective_caching is not Caching.STATIC]
        if pages and (api or not self._serves_files()):
            warn(
                self,
                "ErrorPagesReplaceAnswers",
                f"error_pages= hold for the whole distribution: answers with {', '.join(map(str, pages))} from "
                f"{', '.join(api) or 'the default origin'} become pages too.",
            )

    def _explain(self, *, geo_restriction: cloudfront.GeoRestriction | None, firewalled: bool) -> None:
        reasons = {
            "CFR3": "Requests are logged by standard logging (v2), a delivery that this rule does not know: it wants "
            "the legacy logs, which need a bucket with ACLs."
        }
        if geo_restriction is None:
            reasons["CFR1"] = "The site is for visitors of every country; geo_restriction= says otherwise."
        if self.certificate is None:
            reasons["CFR4"] = (
                "CloudFront's own certificate fixes the oldest TLS; the warning NoCertificate asks for a name."
            )
        if not firewalled:
            reasons["CFR2"] = "The caller decided against a web ACL, by Firewall.none()."
        for rule, reason in reasons.items():
            acknowledge(self.distribution, f"AwsSolutions::AwsSolutions-{rule}", reason)
