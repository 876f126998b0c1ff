"""A CloudFront distribution before private origins, with security headers, functions at the edge and a firewall."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, warn
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
from .header_policies import edge_function, global_name, headers_policy
from .log_delivery import LogDelivery
from .origins import Origin, let_distribution_read
from .security_headers import SecurityHeaders
from .site_plan import ClientCertificates, check_names, check_rest, plan_site, region_of
from .support_stacks import after_distribution, before_distribution, refer_weakly

if TYPE_CHECKING:  # only a site with a name, a topic, content or its own log retention loads these
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_sns as sns

    from .edge_lambda import EdgeLambdaFunction
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

    **us-east-1.** CloudFront takes certificate, web ACL and Lambda@Edge from there, and delivers logs and metrics there.
    In a stack of another Region the first are made in a stack `<stack>EdgePrerequisites` beside it, the second in
    `<stack>EdgeMonitoring`; all three deploy together, in that order, without custom resources. A stack whose Region is
    not known has everything in itself and can be deployed to us-east-1 alone, which the warning `UnknownRegion` says.

    **Without a name** CloudFront uses its own certificate and, with it, lets TLS 1.0 in: a site that people visit has
    `domain_names`, with a `hosted_zone` for certificate and records or a `certificate`.

    Fixed cost a month: 10 USD for the web ACL with its five rules (`firewall=Firewall.none()`: nothing); 1 USD for each
    stack's key, which everything in it shares: the stack's, and that of EdgePrerequisites for the firewall's log; with a
    topic 0.10 USD for each of three alarms, and the additional metrics, eight at 0.30 USD. Requests: 0.10 USD a million
    for each of two functions, 0.60 USD for the web ACL. https://aws.amazon.com/cloudfront/pricing/

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

    Warnings: NoCertificate, UnknownRegion, ErrorPagesReplaceAnswers, NoAlarmTopic, BucketPolicyNotUpdated,
    KeyPolicyNotUpdated.

    Attributes:
        distribution: The distribution.
        content_bucket: The content bucket that was made, or None.
        response_headers_policies: The policies, that of the default behaviour first.
        functions: The CloudFront Functions by id.
        key_value_store: What `basic_auth_realm` looks into, or None.
        edge_lambdas: The Lambda@Edge functions, in the order of the behaviours.
        certificate: The certificate, or None.
        web_acl: The web ACL that was made, or None.
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
        log_retention: "logs.RetentionDays | None" = None,
        removal_policy: RemovalPolicy | None = None,
        access_log_bucket: s3.IBucket | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        pages = dict(error_pages or {})
        try:
            environment = environment_type or EnvironmentType.of(scope)
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
            check_names(
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
                check_access_log_bucket(access_log_bucket, scope)
            retention = log_retention_for(log_retention, environment.defaults)
            # Rendered before anything is made: what is too large for CloudFront is refused here.
            for behavior in (plan.default, *plan.by_pattern.values()):
                plan.functions_of(behavior).render()
                render_headers_function(plan.headers_of(behavior))
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._plan: Final = plan
        self._headers_function: Final = headers_function
        self._access_controls: Final[dict[str, cloudfront.CfnOriginAccessControl]] = {}
        self._buckets: Final[list[s3.IBucket]] = []
        self._policies: Final[dict[str, cloudfront.ResponseHeadersPolicy]] = {}
        self._functions: Final[dict[str, cloudfront.Function]] = {}
        self._content: SiteContent | None = None
        self.functions: Final[dict[str, cloudfront.Function]] = {}
        self.edge_lambdas: Final[list[EdgeLambdaFunction]] = []
        self.key_value_store: Final = self._make_key_value_store()
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
        self.certificate: Final = self._certificate(certificate, hosted_zone, domain_names)
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
            default_behavior=self._behavior("", plan.default),
            additional_behaviors={
                pattern: self._behavior(pattern, behavior) for pattern, behavior in plan.by_pattern.items()
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
        self._cfn: Final = self._cfn_distribution()
        refer_weakly(self._cfn)
        self.response_headers_policies: Final = list(self._policies.values())
        if client_certificates is not None:
            self._demand_certificates(client_certificates)
        if self.content_bucket is not None:
            self._buckets.append(self.content_bucket)
        for bucket in self._buckets:
            let_distribution_read(self, bucket, self.distribution)
        self.records: Final = self._make_records(hosted_zone, domain_names)
        after = after_distribution(self)
        self.log_delivery: Final = LogDelivery(
            after,
            "Logs",
            distribution=self.distribution,
            bucket=access_log_bucket_for(self, access_log_bucket, LogSource.CLOUDFRONT),
        )
        self.alarms: Final = self._make_alarms(after, alarm_topic, environment)
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

        Files under `immutable_paths` (whose names have a hash of what is in them) go first, and browsers keep them for a
        year; then everything else, which browsers ask for again each time, and what is no longer in the directory is
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

    @property
    def construct(self) -> Construct:
        """Where parts of origins are made: here."""
        return self

    def access_control(self, kind: str) -> cloudfront.CfnOriginAccessControl:
        """The origin access control for `s3` or `lambda`, made at first need: CloudFront signs every request."""
        if kind not in self._access_controls:
            id = f"{kind.capitalize()}Access"  # noqa: A001 -- as everywhere here
            self._access_controls[kind] = cloudfront.CfnOriginAccessControl(
                self,
                id,
                origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                    name=global_name(self, id),
                    origin_access_control_origin_type=kind,
                    signing_behavior="always",
                    signing_protocol="sigv4",
                ),
            )
        return self._access_controls[kind]

    def bucket_of(self, origin: Origin) -> None:
        """Note a bucket that is to be read."""
        if origin.s3_bucket not in self._buckets:
            self._buckets.append(origin.s3_bucket)

    def _make_key_value_store(self) -> cloudfront.KeyValueStore | None:
        behaviors = (self._plan.default, *self._plan.by_pattern.values())
        if not any(self._plan.functions_of(behavior).needs_key_value_store for behavior in behaviors):
            return None
        return cloudfront.KeyValueStore(self, "Credentials", key_value_store_name=global_name(self, "Credentials"))

    def _certificate(
        self,
        certificate: "acm.ICertificate | None",
        hosted_zone: "route53.IHostedZone | None",
        domain_names: Sequence[str],
    ) -> "acm.ICertificate | None":
        """The caller's certificate, or one that is made in us-east-1 and proven by records in the zone."""
        if certificate is not None:
            if Stack.of(self) != certificate.stack:
                refer_weakly(certificate)
            return certificate
        if hosted_zone is None:
            return None
        from aws_cdk import aws_certificatemanager as acm  # noqa: PLC0415 -- only a site with a name

        if hosted_zone.stack.region != "us-east-1":
            refer_weakly(hosted_zone)
        made = acm.Certificate(
            before_distribution(self),
            "Certificate",
            domain_name=domain_names[0],
            subject_alternative_names=list(domain_names[1:]) or None,
            validation=acm.CertificateValidation.from_dns(hosted_zone),
            transparency_logging_enabled=True,
        )
        refer_weakly(made)
        return made

    def _web_acl(
        self,
        *,
        firewall: Firewall | None,
        web_acl_arn: str | None,
        encryption_key: kms.IKey | None,
        log_retention: "logs.RetentionDays",
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

    def _behavior(self, pattern: str, behavior: Behavior | None) -> cloudfront.BehaviorOptions:
        bucket = self.content_bucket
        origin = Origin.bucket(bucket) if behavior is None and bucket is not None else None
        made = behavior if behavior is not None else Behavior(origin=origin)  # type: ignore[arg-type]  # one of the two
        caching = made.effective_caching
        viewer_lambda = made.has_viewer_lambda
        headers = self._plan.headers_of(behavior)
        return cloudfront.BehaviorOptions(
            origin=made.origin.make(self),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            allowed_methods=(
                cloudfront.AllowedMethods.ALLOW_ALL
                if caching is Caching.API
                else cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS
            ),
            cache_policy=made.cache_policy or _CACHE[caching],
            origin_request_policy=made.origin_request_policy or _origin_request_policy(caching, made.origin),
            compress=True,
            response_headers_policy=self._headers_policy(pattern, headers),
            function_associations=None if viewer_lambda else self._functions_of(pattern, behavior, headers) or None,
            edge_lambdas=self._lambdas_of(pattern, made) or None,
            trusted_key_groups=list(made.trusted_key_groups) or None,
        )

    def _headers_policy(self, pattern: str, headers: SecurityHeaders) -> cloudfront.ResponseHeadersPolicy:
        """The policy of these headers: one for all behaviours that have the same."""
        key = json.dumps([headers.render(), list(headers.removed)])
        if key not in self._policies:
            self._policies[key] = headers_policy(self, f"Headers{_slug(pattern)}", headers)
        return self._policies[key]

    def _functions_of(
        self, pattern: str, behavior: Behavior | None, headers: SecurityHeaders
    ) -> list[cloudfront.FunctionAssociation]:
        found = []
        code = self._plan.functions_of(behavior).render()
        if code is not None:
            request = self._function(f"Requests{_slug(pattern)}", code)
            found.append(
                cloudfront.FunctionAssociation(function=request, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)
            )
        if self._headers_function:
            response = self._function(f"Responses{_slug(pattern)}", render_headers_function(headers))
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
            self._functions[code] = self.functions[id] = edge_function(self, id, code, store)
        return self._functions[code]

    def _lambdas_of(self, pattern: str, behavior: Behavior) -> list[cloudfront.EdgeLambda]:
        if not behavior.edge_lambdas:
            return []
        from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 -- whoever has a function has loaded it

        from .edge_lambda import EdgeLambdaFunction  # noqa: PLC0415 -- the same

        found = []
        for edge_lambda in behavior.edge_lambdas:
            event = cloudfront.LambdaEdgeEventType[edge_lambda.event.name]
            name = "".join(word.capitalize() for word in edge_lambda.event.split("-")) + _slug(pattern)
            made = EdgeLambdaFunction(before_distribution(self), name, edge_lambda=edge_lambda)
            version = made.version.node.default_child
            assert isinstance(version, lambda_.CfnVersion)  # noqa: S101 -- what every version is made of
            refer_weakly(version)
            self.edge_lambdas.append(made)
            found.append(
                cloudfront.EdgeLambda(
                    event_type=event,
                    function_version=lambda_.Version.from_version_arn(self, f"{name}Version", version.ref),
                    include_body=edge_lambda.include_body or None,
                )
            )
        return found

    def _cfn_distribution(self) -> cloudfront.CfnDistribution:
        resource = self.distribution.node.default_child
        assert isinstance(resource, cloudfront.CfnDistribution)  # noqa: S101 -- what every distribution is made of
        return resource

    def _demand_certificates(self, client_certificates: ClientCertificates) -> None:
        store = cloudfront.CfnTrustStore(
            self,
            "TrustStore",
            name=global_name(self, "TrustStore"),
            ca_certificates_bundle_source=cloudfront.CfnTrustStore.CaCertificatesBundleSourceProperty(
                ca_certificates_bundle_s3_location=cloudfront.CfnTrustStore.CaCertificatesBundleS3LocationProperty(
                    bucket=client_certificates.bucket.bucket_name,
                    key=client_certificates.key,
                    region=client_certificates.bucket.env.region,
                )
            ),
        )
        config = cloudfront.CfnDistribution.ViewerMtlsConfigProperty(
            mode="required" if client_certificates.required else "optional",
            trust_store_config=cloudfront.CfnDistribution.TrustStoreConfigProperty(trust_store_id=store.attr_id),
        )
        self._cfn.add_property_override(
            "DistributionConfig.ViewerMtlsConfig",
            {"Mode": config.mode, "TrustStoreConfig": {"TrustStoreId": store.attr_id}},
        )

    def _make_records(
        self, hosted_zone: "route53.IHostedZone | None", domain_names: Sequence[str]
    ) -> "list[route53.RecordSet]":
        """An A and an AAAA record for each name."""
        if hosted_zone is None:
            return []
        from aws_cdk import aws_route53 as route53  # noqa: PLC0415 -- only a site with records
        from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415 -- the same

        target = route53.RecordTarget.from_alias(targets.CloudFrontTarget(self.distribution))
        found: list[route53.RecordSet] = []
        for place, name in enumerate(domain_names):
            suffix = "" if place == 0 else _slug(name)
            found.append(route53.ARecord(self, f"A{suffix}", zone=hosted_zone, record_name=f"{name}.", target=target))
            found.append(
                route53.AaaaRecord(self, f"Aaaa{suffix}", zone=hosted_zone, record_name=f"{name}.", target=target)
            )
        return found

    def _make_alarms(
        self, after: Construct, alarm_topic: "sns.ITopic | None", environment: EnvironmentType
    ) -> list[cloudwatch.Alarm]:
        if alarm_topic is None:
            Alarms(self, alarm_topic=None, environment_type=environment)  # which says that nobody hears
            return []
        alarms = Alarms(after, alarm_topic=alarm_topic, environment_type=environment)
        dimensions = {"DistributionId": self.distribution.distribution_id, "Region": "Global"}
        errors = cloudwatch.Metric(
            namespace="AWS/CloudFront",
            metric_name="5xxErrorRate",
            dimensions_map=dimensions,
            statistic="Average",
            period=Duration.minutes(1),
        )
        latency = cloudwatch.Metric(
            namespace="AWS/CloudFront",
            metric_name="OriginLatency",
            dimensions_map=dimensions,
            statistic="p90",
            period=Duration.minutes(1),
        )
        found = [
            alarms.add(
                "ServerErrors",
                errors,
                threshold=5,
                evaluation_periods=5,
                description="More than 5 percent of the site's answers are errors of the server. Look at the origin "
                "first: 502 and 504 are CloudFront's own words for one that does not answer.",
            ),
            alarms.add(
                "OriginLatency",
                latency,
                threshold=3000,
                evaluation_periods=5,
                description="One answer in ten takes the origin more than 3 seconds (milliseconds in the metric). Look "
                "at the origin's load, then at the share of cache hits.",
            ),
        ]
        if self.web_acl is not None:
            from .web_acl import add_blocked_alarm  # noqa: PLC0415 -- only a site with a firewall of its own

            found.append(add_blocked_alarm(alarms, self.web_acl))
        return [alarm for alarm in found if alarm is not None]

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
            "CFR3": "Requests are logged by standard logging (v2), a delivery of its own, which this rule does not know: "
            "it looks for the legacy logs, which need a bucket with ACLs."
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


_CACHE: Final = {
    Caching.STATIC: cloudfront.CachePolicy.CACHING_OPTIMIZED,
    Caching.DYNAMIC: cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS_QUERY_STRINGS,
    Caching.API: cloudfront.CachePolicy.CACHING_DISABLED,
}


def _origin_request_policy(caching: Caching, origin: Origin) -> cloudfront.IOriginRequestPolicy | None:
    """What of a request reaches the origin: everything, but for files; the Host header where the origin knows it."""
    if caching is Caching.STATIC or origin.is_bucket:
        return None
    if origin.takes_host_header:
        return cloudfront.OriginRequestPolicy.ALL_VIEWER
    return cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER


def _slug(text: str) -> str:
    """A pattern or name as part of an id."""
    return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", text) if word)
