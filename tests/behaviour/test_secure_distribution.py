"""Who reads the content bucket and uses its key, and what the roles of deployments and Lambda@Edge can do."""

from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import Origin, SecureDistribution
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from support.instances import template_of_instance
from support.synthesis import Template, new_app, new_stack, resources, template_of

ACCOUNT: Final = "111111111111"
CLOUDFRONT: Final = ServicePrincipal("cloudfront.amazonaws.com")
SITE: Final = f"arn:aws:cloudfront::{ACCOUNT}:distribution/SiteDistribution390DED28"
OTHER: Final = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2OTHER"
FOREIGN: Final = "arn:aws:cloudfront::222222222222:distribution/E3FOREIGN"
SECURE: Final = {"aws:SecureTransport": True, "s3:TlsVersion": 1.3}
EVERYTHING: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@cache
def _policies(name: str) -> TemplatePolicies:
    return TemplatePolicies({"Stack": template_of_instance(name)}, account=ACCOUNT, region="us-east-1")


def _from(source: str, **more: Any) -> dict[str, Any]:
    return {"aws:SourceArn": source, "aws:SourceAccount": source.split(":")[4], **SECURE, **more}


def _may_read(
    principal: Principal, context: dict[str, Any], action: str = "s3:GetObject", policies: Any = None, bucket: str = ""
) -> bool:
    policies = policies or _policies("secure_distribution-default")
    bucket = bucket or "SiteContent02569BC1"
    request = Request(
        principal=principal,
        action=action,
        resource=f"{policies.arn_of(bucket)}/index.html",
        context=context,
        resource_account=ACCOUNT,
    )
    return evaluate(request, resource=policies.resource_of(bucket)).allowed


def test_the_distribution_reads_its_files() -> None:
    """CloudFront, on behalf of this distribution, over TLS."""
    assert _may_read(CLOUDFRONT, _from(SITE))


@pytest.mark.parametrize(
    ("principal", "context", "action"),
    [
        (CLOUDFRONT, _from(OTHER), "s3:GetObject"),
        (CLOUDFRONT, _from(FOREIGN), "s3:GetObject"),
        (CLOUDFRONT, _from(SITE, **{"aws:SourceAccount": "222222222222"}), "s3:GetObject"),
        (CLOUDFRONT, _from(SITE, **{"aws:SecureTransport": False}), "s3:GetObject"),
        (CLOUDFRONT, _from(SITE, **{"s3:TlsVersion": 1.1}), "s3:GetObject"),
        (CLOUDFRONT, _from(SITE), "s3:PutObject"),
        (CLOUDFRONT, _from(SITE), "s3:DeleteObject"),
        (ServicePrincipal("lambda.amazonaws.com"), _from(SITE), "s3:GetObject"),
        (AnonymousPrincipal(), _from(SITE), "s3:GetObject"),
        (IamRole("arn:aws:iam::222222222222:role/Admin"), _from(SITE), "s3:GetObject"),
    ],
)
def test_nobody_else_reads_them(principal: Principal, context: dict[str, Any], action: str) -> None:
    """Other distributions, accounts, services and strangers do not, and CloudFront does not write."""
    assert not _may_read(principal, context, action)


def _may_decrypt(template: Template, key: str, context: dict[str, Any], action: str = "kms:Decrypt") -> bool:
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT, region="us-east-1")
    request = Request(
        principal=CLOUDFRONT, action=action, resource=policies.arn_of(key), context=context, resource_account=ACCOUNT
    )
    return evaluate(request, resource=policies.resource_of(key)).allowed


@pytest.mark.parametrize(
    ("source", "action", "allowed"),
    [
        (SITE, "kms:Decrypt", True),
        (OTHER, "kms:Decrypt", True),
        (FOREIGN, "kms:Decrypt", False),
        (SITE, "kms:Encrypt", False),
        (SITE, "kms:GenerateDataKey", False),
        (SITE, "kms:CreateGrant", False),
    ],
)
def test_the_key_decrypts_for_this_accounts_distributions(source: str, action: str, allowed: bool) -> None:
    """The key names no distribution, which would end in a circle; the bucket does."""
    template = template_of_instance("secure_distribution-default")
    (key,) = resources(template, "AWS::KMS::Key")
    assert _may_decrypt(template, key, _from(source), action) is allowed


def _data_stack() -> Template:
    """A stack with an encrypted bucket that a distribution of another stack reads."""
    app = new_app()
    data, web = new_stack(app=app, name="Data"), new_stack(app=app, name="Web")
    key = kms.Key(data, "Key", enable_key_rotation=True)
    bucket = s3.Bucket(data, "Files", encryption=s3.BucketEncryption.KMS, encryption_key=key)
    SecureDistribution(web, "Site", default_origin=Origin.bucket(bucket))
    return template_of(data)


@pytest.mark.parametrize(("source", "allowed"), [(OTHER, True), (FOREIGN, False)])
def test_a_bucket_of_another_stack_is_this_accounts(source: str, allowed: bool) -> None:
    """Distributions of the account read it and use its key; those of other accounts do neither."""
    template = _data_stack()
    policies = TemplatePolicies({"Stack": template}, account=ACCOUNT, region="eu-west-1")
    (bucket,) = resources(template, "AWS::S3::Bucket")
    (key,) = resources(template, "AWS::KMS::Key")
    assert _may_read(CLOUDFRONT, _from(source), policies=policies, bucket=bucket) is allowed
    assert _may_decrypt(template, key, _from(source)) is allowed


# --- roles --------------------------------------------------------------------------------------------------------


def _may(name: str, role: str, action: str, resource: str, context: dict[str, Any] | None = None) -> bool:
    policies = _policies(name)
    (found,) = [one for one in resources(template_of_instance(name), "AWS::IAM::Role") if role in one]
    request = Request(
        principal=IamRole(policies.arn_of(found)),
        action=action,
        resource=resource,
        context=context or {},
        resource_account=ACCOUNT,
    )
    key_policy = EVERYTHING if action.startswith("kms:") else None
    if key_policy is not None:  # a key that leaves it to the account's policies
        key_policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    return evaluate(request, identity=policies.identity_of(found), resource=key_policy).allowed


CONTENT: Final = "secure_distribution-content"
FILES: Final = "arn:aws:s3:::SiteContent02569BC1"
THROUGH_S3: Final = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


def _bucket_arn() -> str:
    return _policies(CONTENT).arn_of("SiteContent02569BC1")


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"])
def test_a_deployment_writes_files(action: str) -> None:
    """To the site's bucket and to no other."""
    assert _may(CONTENT, "SiteDeployments", action, f"{_bucket_arn()}/index.html")
    assert not _may(CONTENT, "SiteDeployments", action, "arn:aws:s3:::other/index.html")


def test_a_deployment_reads_what_was_uploaded() -> None:
    """The site's archive in the bootstrap stack's bucket, and no other app's."""
    deployed = next(iter(resources(template_of_instance(CONTENT), "Custom::CDKBucketDeployment").values()))
    assets = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
    archive = f"{assets}/{deployed['Properties']['SourceObjectKeys'][0]}"
    assert _may(CONTENT, "SiteDeployments", "s3:GetObject", archive)
    assert not _may(CONTENT, "SiteDeployments", "s3:PutObject", archive)
    assert not _may(CONTENT, "SiteDeployments", "s3:GetObject", f"{assets}/1.zip")


@pytest.mark.parametrize("action", ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"])
def test_a_deployment_invalidates(action: str) -> None:
    """This distribution's copies and no other's."""
    assert _may(CONTENT, "SiteDeployments", action, SITE)
    assert not _may(CONTENT, "SiteDeployments", action, OTHER)


@pytest.mark.parametrize(("context", "allowed"), [(THROUGH_S3, True), ({"kms:ViaService": None}, False)])
def test_a_deployment_uses_the_key_through_s3(context: dict[str, Any], allowed: bool) -> None:
    """Never by itself."""
    (key,) = resources(template_of_instance(CONTENT), "AWS::KMS::Key")
    arn = _policies(CONTENT).arn_of(key)
    assert _may(CONTENT, "SiteDeployments", "kms:GenerateDataKey", arn, context) is allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteBucket", FILES),
        ("s3:PutBucketPolicy", FILES),
        ("cloudfront:UpdateDistribution", SITE),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:any"),
    ],
)
def test_a_deployment_does_nothing_else(action: str, resource: str) -> None:
    """Neither bucket nor distribution are changed by it."""
    assert not _may(CONTENT, "SiteDeployments", action, resource)


FULLEST: Final = "secure_distribution-fullest"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2"])
def test_lambda_at_edge_logs_where_it_runs(region: str) -> None:
    """To its own group in any Region."""
    (function,) = resources(template_of_instance(FULLEST), "AWS::Lambda::Function")
    group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/aws/lambda/us-east-1.{function}"
    assert _may(FULLEST, "OriginRequest", "logs:PutLogEvents", f"{group}:log-stream:one")
    assert not _may(FULLEST, "OriginRequest", "logs:PutLogEvents", f"{group}-other:log-stream:one")
    assert not _may(FULLEST, "OriginRequest", "logs:GetLogEvents", f"{group}:log-stream:one")


REASONS: Final = {
    WideGrantKind.EVERY_RESOURCE: "In a key policy `*` is the key itself.",
    WideGrantKind.EVERY_ACTION_OF_SERVICE: "The account's statement in a key policy leaves it to IAM.",
}


@pytest.mark.parametrize("name", ["secure_distribution-default", CONTENT, FULLEST])
def test_every_wide_grant_has_a_reason(name: str) -> None:
    """No statement of ours is wide but those of key policies."""
    found = wide_grants(_policies(name).policies, account=ACCOUNT)
    assert {(grant.kind, grant.policy.resource_type) for grant in found} <= {
        (kind, "AWS::KMS::Key") for kind in REASONS
    }
