"""A site's names: its certificate in us-east-1, its records, and whose certificates it asks visitors for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from .names import global_name
from .site_plan import ClientCertificates, name_id
from .support_stacks import US_EAST_1, before_distribution, refer_weakly

if TYPE_CHECKING:  # only a site with a name loads these
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_route53 as route53


def certificate_for(
    scope: Construct,
    certificate: "acm.ICertificate | None",
    hosted_zone: "route53.IHostedZone | None",
    domain_names: Sequence[str],
) -> "acm.ICertificate | None":
    """The caller's certificate, or one that is made in us-east-1 and proven by records in the zone."""
    if certificate is not None:
        if Stack.of(scope) != certificate.stack:
            refer_weakly(certificate)
        return certificate
    if hosted_zone is None:
        return None
    from aws_cdk import aws_certificatemanager as acm  # noqa: PLC0415 -- only a site with a name

    if hosted_zone.stack.region != US_EAST_1:
        refer_weakly(hosted_zone)
    made = acm.Certificate(
        before_distribution(scope),
        "Certificate",
        domain_name=domain_names[0],
        subject_alternative_names=list(domain_names[1:]) or None,
        validation=acm.CertificateValidation.from_dns(hosted_zone),
        transparency_logging_enabled=True,
    )
    refer_weakly(made)
    return made


def demand_certificates(
    scope: Construct, distribution: cloudfront.CfnDistribution, client_certificates: ClientCertificates
) -> cloudfront.CfnTrustStore:
    """Let in whoever has a certificate of these authorities."""
    store = cloudfront.CfnTrustStore(
        scope,
        "TrustStore",
        name=global_name(scope, "TrustStore"),
        ca_certificates_bundle_source=cloudfront.CfnTrustStore.CaCertificatesBundleSourceProperty(
            ca_certificates_bundle_s3_location=cloudfront.CfnTrustStore.CaCertificatesBundleS3LocationProperty(
                bucket=client_certificates.bucket.bucket_name,
                key=client_certificates.key,
                region=client_certificates.bucket.env.region,
            )
        ),
    )
    # CDK's distribution has no argument for it.
    distribution.add_property_override(
        "DistributionConfig.ViewerMtlsConfig",
        {
            "Mode": "required" if client_certificates.required else "optional",
            "TrustStoreConfig": {"TrustStoreId": store.attr_id},
        },
    )
    return store


def make_records(
    scope: Construct,
    distribution: cloudfront.Distribution,
    hosted_zone: "route53.IHostedZone | None",
    domain_names: Sequence[str],
) -> "list[route53.RecordSet]":
    """An A and an AAAA record for each name."""
    if hosted_zone is None:
        return []
    from aws_cdk import aws_route53 as route53  # noqa: PLC0415 -- only a site with records
    from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415 -- the same

    target = route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution))
    found: list[route53.RecordSet] = []
    for place, name in enumerate(domain_names):
        suffix = "" if place == 0 else name_id(name)
        found.append(route53.ARecord(scope, f"A{suffix}", zone=hosted_zone, record_name=f"{name}.", target=target))
        found.append(
            route53.AaaaRecord(scope, f"Aaaa{suffix}", zone=hosted_zone, record_name=f"{name}.", target=target)
        )
    return found
