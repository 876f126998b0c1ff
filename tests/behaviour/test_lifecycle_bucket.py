"""Who can do what with a bucket: its policy and its grants, evaluated."""

from functools import cache
from typing import Any, Final

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import DataPerimeter, LifecycleBucket, ObjectLock, ServerSideEncryption
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
from support.instances_lifecycle_bucket import INSTANCES
from support.synthesis import Template, new_app, new_stack, resources, synthesize, template_of

ACCOUNT: Final = "111111111111"
OTHER: Final = "222222222222"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/App"
ORGANIZATION: Final = "o-abcdefghij"
ENDPOINT: Final = "vpce-0123456789abcdef0"
INSIDE: Final = {"aws:PrincipalOrgID": ORGANIZATION, "aws:SourceVpce": ENDPOINT}
TLS: Final = {"s3:TlsVersion": "1.3", "s3:authType": "REST-HEADER", "s3:signatureAge": "1000"}
EVERYTHING: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
ALGORITHM: Final = "s3:x-amz-server-side-encryption"
KEY_ID: Final = "s3:x-amz-server-side-encryption-aws-kms-key-id"


@cache
def policies_of(name: str) -> tuple[TemplatePolicies, str, Template]:
    """An instance's policies, the bucket's logical id, and the template."""
    instance = INSTANCES[f"lifecycle_bucket-{name}"]
    template = synthesize(instance.build, env=instance.env)
    (bucket,) = (found for found in resources(template, "AWS::S3::Bucket") if found.startswith("Documents"))
    return TemplatePolicies({"Stack": template}), bucket, template


def may(
    name: str, action: str, context: dict[str, Any] | None = None, *, principal: Principal | None = None, key: str = "a"
) -> bool:
    """Whether a principal that is allowed everything may, as far as the bucket is concerned."""
    policies, bucket, _ = policies_of(name)
    whole = action in {"s3:ListBucket", "s3:PutBucketPolicy", "s3:DeleteBucket"}
    request = Request(
        principal=principal or IamRole(ROLE),
        action=action,
        resource=policies.arn_of(bucket) if whole else f"{policies.arn_of(bucket)}/{key}",
        resource_account=ACCOUNT,
        context={**TLS, **(context or {})},
    )
    return evaluate(
        request,
        identity=[EVERYTHING] if isinstance(request.principal, IamRole) else [],
        resource=policies.resource_of(bucket),
    ).allowed


@pytest.mark.parametrize("name", ["default", "own-rules"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"])
def test_the_accounts_own_policies_decide(name: str, action: str) -> None:
    """Whoever the account lets, over TLS, may."""
    assert may(name, action)


@pytest.mark.parametrize("name", ["default", "own-rules", "fullest"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:ListBucket"])
@pytest.mark.parametrize("context", [{"aws:SecureTransport": "false"}, {"s3:TlsVersion": "1.1"}])
def test_plain_http_and_old_tls_are_denied(name: str, action: str, context: dict[str, str]) -> None:
    """Nobody comes without TLS 1.2."""
    assert not may(name, action, {**INSIDE, **context})


@pytest.mark.parametrize("name", ["default", "own-rules", "fullest"])
def test_customer_provided_keys_are_denied(name: str) -> None:
    """An upload with a key of the uploader's is denied."""
    assert not may(name, "s3:PutObject", {**INSIDE, "s3:x-amz-server-side-encryption-customer-algorithm": "AES256"})


def own_key(name: str) -> str:
    """The ARN of the key that a bucket is encrypted with."""
    policies, _, template = policies_of(name)
    (key,) = resources(template, "AWS::KMS::Key")
    return policies.arn_of(key)


@pytest.mark.parametrize("name", ["default", "fullest"])
@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ({}, True),
        ({ALGORITHM: "aws:kms", KEY_ID: "own"}, True),
        ({ALGORITHM: "aws:kms", KEY_ID: f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/another"}, False),
        ({ALGORITHM: "aws:kms", KEY_ID: f"arn:aws:kms:eu-west-1:{OTHER}:key/foreign"}, False),
        ({ALGORITHM: "aws:kms"}, False),
        ({ALGORITHM: "aws:kms:dsse", KEY_ID: "own"}, False),
        ({ALGORITHM: "AES256"}, False),
    ],
)
def test_uploads_are_encrypted_with_the_buckets_key(name: str, context: dict[str, str], allowed: bool) -> None:
    """An upload names the bucket's key or none; any other, S3's own, and the one that AWS manages are denied."""
    context = {key: own_key(name) if value == "own" else value for key, value in context.items()}
    assert may(name, "s3:PutObject", {**INSIDE, **context}) is allowed


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ({}, True),
        ({ALGORITHM: "AES256"}, True),
        ({ALGORITHM: "aws:kms", KEY_ID: f"arn:aws:kms:eu-west-1:{OTHER}:key/foreign"}, False),
        ({ALGORITHM: "aws:kms"}, False),
    ],
)
def test_without_a_key_no_key_is_taken(context: dict[str, str], allowed: bool) -> None:
    """A bucket with keys of S3's own takes no upload with any other: a foreign key would lock the owner out."""
    assert may("own-rules", "s3:PutObject", context) is allowed


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:ListBucket", "s3:PutObject"])
@pytest.mark.parametrize("principal", [AnonymousPrincipal(), IamRole(f"arn:aws:iam::{OTHER}:role/App")])
def test_nobody_else_gets_in(action: str, principal: Principal) -> None:
    """Neither the public nor another account's role is let in by the bucket."""
    assert not may("default", action, principal=principal)


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:ListBucket", "s3:PutBucketPolicy"])
@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        (INSIDE, True),
        ({**INSIDE, "aws:PrincipalOrgID": "o-zzzzzzzzzz"}, False),
        ({**INSIDE, "aws:PrincipalOrgID": None}, False),
        ({**INSIDE, "aws:SourceVpce": "vpce-0ffffffffffffffff"}, False),
        ({**INSIDE, "aws:SourceVpce": None, "aws:SourceIp": "192.0.2.1"}, False),
        ({**INSIDE, "aws:SourceVpce": None, "aws:SourceIp": "192.0.2.1", "aws:ViaAWSService": "true"}, True),
        ({**INSIDE, "aws:PrincipalOrgID": "o-zzzzzzzzzz", "aws:ViaAWSService": "true"}, False),
    ],
)
def test_the_data_perimeter(action: str, context: dict[str, Any], allowed: bool) -> None:
    """My identities from my networks; a service that acts for one of mine may come from its own network."""
    assert may("fullest", action, context) is allowed


PRINCIPALS: Final = {
    "mine": IamRole(ROLE),
    "administrator": IamRole(f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1"),
    "linked": IamRole(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/a.amazonaws.com/A"),
    "replicator": IamRole("arn:aws:iam::333333333333:role/replicator"),
}


@given(
    who=st.sampled_from(sorted(PRINCIPALS)),
    organization=st.sampled_from([ORGANIZATION, "o-zzzzzzzzzz", None]),
    endpoint=st.sampled_from([ENDPOINT, "vpce-0ffffffffffffffff", None]),
    via=st.booleans(),
    tls=st.sampled_from(["1.0", "1.1", "1.2", "1.3"]),
    secure=st.booleans(),
    age=st.one_of(st.integers(0, 2_000_000), st.sampled_from([899_999, 900_000, 900_001])),
    presigned=st.booleans(),
    key=st.sampled_from([None, "own", f"arn:aws:kms:eu-west-1:{OTHER}:key/foreign"]),
    algorithm=st.sampled_from([None, "aws:kms", "aws:kms:dsse", "AES256"]),
    customer=st.booleans(),
)
def test_every_guard_holds_in_every_combination(
    *,
    who: str,
    organization: str | None,
    endpoint: str | None,
    via: bool,
    tls: str,
    secure: bool,
    age: int,
    presigned: bool,
    key: str | None,
    algorithm: str | None,
    customer: bool,
) -> None:
    """An upload by somebody who is allowed everything passes exactly when it passes each guard by itself."""
    context = {
        "aws:PrincipalOrgID": organization,
        "aws:SourceVpce": endpoint,
        "aws:ViaAWSService": str(via).lower(),
        "aws:SecureTransport": str(secure).lower(),
        "s3:TlsVersion": tls,
        "s3:authType": "REST-QUERY-STRING" if presigned else "REST-HEADER",
        "s3:signatureAge": str(age),
        KEY_ID: own_key("fullest") if key == "own" else key,
        ALGORITHM: algorithm,
        "s3:x-amz-server-side-encryption-customer-algorithm": "AES256" if customer else None,
    }
    exempt = who != "mine"
    guards = [
        exempt or organization == ORGANIZATION,
        exempt or via or endpoint == ENDPOINT,
        secure and tls in {"1.2", "1.3"},
        not presigned or age <= 900_000,
        (algorithm, key) in {(None, None), ("aws:kms", "own"), (None, "own")},
        not customer,
        who != "replicator",  # the bucket lets it replicate, and no more
    ]
    assert may("fullest", "s3:PutObject", context, principal=PRINCIPALS[who]) is all(guards)


OUTSIDE: Final = {"aws:PrincipalOrgID": "o-zzzzzzzzzz", "aws:SourceIp": "192.0.2.1"}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("role/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1", True),
        ("role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer", True),
        ("role/cdk-hnb659fds-deploy-role-111111111111-eu-west-1", False),
        ("role/App", False),
    ],
)
def test_administrators_can_always_change_the_policy(role: str, allowed: bool) -> None:
    """The named administration role is outside the perimeter, wherever it is; others are not."""
    assert may("fullest", "s3:PutBucketPolicy", OUTSIDE, principal=IamRole(f"arn:aws:iam::{ACCOUNT}:{role}")) is allowed


def test_services_are_outside_the_perimeter() -> None:
    """The perimeter denies no AWS service: those that the bucket's policy lets in may deliver."""
    policies, bucket, _ = policies_of("fullest")
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{policies.arn_of(bucket)}/*",
    }
    policy = policies.resource_of(bucket)
    assert policy is not None
    statements = policy["Statement"]
    assert isinstance(statements, list)
    request = Request(
        principal=ServicePrincipal("delivery.logs.amazonaws.com"),
        action="s3:PutObject",
        resource=f"{policies.arn_of(bucket)}/log",
        resource_account=ACCOUNT,
        context=TLS,
    )
    assert evaluate(request, resource={**policy, "Statement": [*statements, allow]}).allowed


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ({"s3:authType": "REST-QUERY-STRING", "s3:signatureAge": "900000"}, True),
        ({"s3:authType": "REST-QUERY-STRING", "s3:signatureAge": "900001"}, False),
        ({"s3:authType": "REST-HEADER", "s3:signatureAge": "900001"}, True),
    ],
)
def test_presigned_urls_age(context: dict[str, str], allowed: bool) -> None:
    """A presigned URL holds for a quarter of an hour here; requests with a header of their own are none."""
    assert may("fullest", "s3:GetObject", {**INSIDE, **context}) is allowed


@pytest.mark.parametrize(("action", "allowed"), [("s3:ReplicateObject", True), ("s3:PutObject", False)])
def test_another_accounts_role_replicates_and_does_no_more(action: str, allowed: bool) -> None:
    """The role that was admitted replicates into the bucket, and writes nothing in any other way."""
    replicator = IamRole("arn:aws:iam::333333333333:role/replicator")
    assert may("fullest", action, OUTSIDE, principal=replicator) is allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObjectVersionForReplication", "{bucket}/a", True),
        ("s3:GetObjectRetention", "{bucket}/a", True),
        ("s3:GetReplicationConfiguration", "{bucket}", True),
        ("s3:ReplicateObject", "arn:aws:s3:::copies-of-documents/a", True),
        ("s3:ObjectOwnerOverrideToBucketOwner", "arn:aws:s3:::copies-of-documents/a", True),
        ("s3:ReplicateObject", "arn:aws:s3:::elsewhere/a", False),
        ("s3:GetObject", "{bucket}/a", False),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::copies-of-documents/a", False),
    ],
)
def test_what_the_replicating_role_may(action: str, resource: str, allowed: bool) -> None:
    """The role reads versions here to replicate them, and replicates there: nothing else."""
    policies, bucket, template = policies_of("fullest")
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=resource.format(bucket=policies.arn_of(bucket)),
        resource_account=ACCOUNT,
        context={**TLS, **OUTSIDE},
    )
    here = policies.resource_of(bucket) if "{bucket}" in resource else None
    assert evaluate(request, identity=policies.identity_of(role), resource=here).allowed is allowed


def test_nothing_is_granted_widely() -> None:
    """Every action and principal is named; the one of another account is the replicator that was let in by its ARN."""
    policies, _, _ = policies_of("fullest")
    wide = [
        grant
        for grant in wide_grants(policies.policies, account=ACCOUNT)
        if grant.policy.resource_type != "AWS::KMS::Key"
    ]
    assert {(grant.kind, grant.value) for grant in wide} == {
        (WideGrantKind.CROSS_ACCOUNT_PRINCIPAL, "arn:aws:iam::333333333333:role/replicator")
    }


# Grants: a role of another stack.

GRANTS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "grant_read": ({"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}, {"kms:Decrypt"}),
    "grant_put": ({"s3:PutObject", "s3:AbortMultipartUpload"}, {"kms:Decrypt", "kms:GenerateDataKey"}),
    "grant_delete": ({"s3:DeleteObject"}, set()),
    "grant_write": ({"s3:PutObject", "s3:DeleteObject"}, {"kms:Decrypt", "kms:GenerateDataKey"}),
    "grant_read_write": (
        {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"},
        {"kms:Decrypt", "kms:GenerateDataKey"},
    ),
}
OBJECT_ACTIONS: Final = {
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectRetention",
}


@cache
def granted(method: str, pattern: str = "*", lock: bool = False) -> tuple[TemplatePolicies, str, str, str, bool]:
    """Two stacks, of which one has the bucket and the other the role; and whether the first depends on the second."""
    app = new_app()
    data, web = new_stack(app=app, name="Data"), new_stack(app=app, name="Web")
    bucket = LifecycleBucket(data, "Documents", object_lock=ObjectLock.governance(1) if lock else None)
    role = iam.Role(web, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(bucket, method)(iam.ManagedPolicy(web, "Policy", roles=[role]), pattern)
    templates: dict[str, Template] = {"Data": template_of(data), "Web": template_of(web)}
    policies = TemplatePolicies(templates)
    (role_id,) = resources(templates["Web"], "AWS::IAM::Role")
    (bucket_id,) = (found for found in resources(templates["Data"], "AWS::S3::Bucket") if found.startswith("Doc"))
    (key_id,) = resources(templates["Data"], "AWS::KMS::Key")
    return policies, role_id, bucket_id, key_id, web in data.dependencies


def role_may(method: str, action: str, *, key: str = "a", pattern: str = "*", lock: bool = False) -> bool:
    """Whether the role that a grant was given may do something with the bucket."""
    policies, role, bucket, _, _ = granted(method, pattern, lock)
    arn = policies.arn_of(bucket)
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=arn if action == "s3:ListBucket" else f"{arn}/{key}",
        resource_account=ACCOUNT,
        context=TLS,
    )
    return evaluate(request, identity=policies.identity_of(role), resource=policies.resource_of(bucket)).allowed


@pytest.mark.parametrize("method", GRANTS)
@pytest.mark.parametrize("action", sorted({*OBJECT_ACTIONS, "s3:ListBucket"}))
def test_a_grant_gives_what_its_name_says(method: str, action: str) -> None:
    """Each grant gives its actions, and none that the others give; nobody deletes a version for good."""
    expected = GRANTS[method][0]
    given = {
        "grant_read_write": expected | {"s3:GetObjectVersion", "s3:AbortMultipartUpload"},
        "grant_write": expected | {"s3:AbortMultipartUpload"},
    }
    assert role_may(method, action) is (action in given.get(method, expected))


@pytest.mark.parametrize("method", GRANTS)
@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"])
@pytest.mark.parametrize("via", ["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"])
def test_the_key_is_used_through_s3_alone(method: str, action: str, via: str) -> None:
    """A grant opens the key as far as it needs to, and through S3 alone."""
    policies, role, _, key, _ = granted(method)
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=policies.arn_of(key),
        context={"kms:ViaService": via},
    )
    decision = evaluate(request, identity=policies.identity_of(role), resource=policies.resource_of(key))
    assert decision.allowed is (action in GRANTS[method][1] and via.startswith("s3."))


@pytest.mark.parametrize("method", GRANTS)
def test_the_buckets_stack_depends_on_no_consumer(method: str) -> None:
    """A grant to a role of another stack leaves no trace in the bucket's stack but exports."""
    assert granted(method)[-1] is False


@pytest.mark.parametrize(("key", "allowed"), [("reports/a", True), ("other/a", False)])
def test_a_grant_is_of_the_keys_that_it_names(key: str, allowed: bool) -> None:
    """The pattern of keys bounds a grant."""
    assert role_may("grant_read_write", "s3:GetObject", key=key, pattern="reports/*") is allowed


@pytest.mark.parametrize(("lock", "allowed"), [(True, True), (False, False)])
def test_locked_buckets_let_writers_lock(lock: bool, allowed: bool) -> None:
    """Who may write to a bucket with Object Lock may lock objects longer."""
    assert role_may("grant_put", "s3:PutObjectRetention", lock=lock) is allowed


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_another_accounts_role_is_admitted_by_bucket_and_key(action: str) -> None:
    """A role of another account gets what it needs from the bucket's and the key's policies too."""

    def build(stack: Stack) -> None:
        role = iam.Role.from_role_arn(stack, "Theirs", f"arn:aws:iam::{OTHER}:role/Reader")
        LifecycleBucket(stack, "Documents").grant_read(role)

    template = synthesize(build)
    policies = TemplatePolicies({"Stack": template})
    (bucket,) = (found for found in resources(template, "AWS::S3::Bucket") if found.startswith("Doc"))
    (key,) = resources(template, "AWS::KMS::Key")
    reader = IamRole(f"arn:aws:iam::{OTHER}:role/Reader")
    at_bucket = Request(
        principal=reader,
        action=action,
        resource=f"{policies.arn_of(bucket)}/a",
        resource_account=ACCOUNT,
        context=TLS,
    )
    at_key = Request(
        principal=reader,
        action="kms:Decrypt",
        resource=policies.arn_of(key),
        context={"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
    )
    assert evaluate(at_bucket, identity=[EVERYTHING], resource=policies.resource_of(bucket)).allowed is (
        action == "s3:GetObject"
    )
    assert evaluate(at_key, identity=[EVERYTHING], resource=policies.resource_of(key)).allowed


@pytest.mark.parametrize("method", ["grant_read", "grant_read_write"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
@pytest.mark.parametrize("through", [True, False])
def test_an_access_point_grants_through_itself_alone(method: str, action: str, through: bool) -> None:
    """What an access point grants holds through it, and not at the bucket."""
    stack = new_stack()
    bucket = LifecycleBucket(stack, "Documents", encryption=ServerSideEncryption.S3)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(bucket.add_access_point("Reports"), method)(role, "reports/*")
    template = template_of(stack)
    (point,) = resources(template, "AWS::S3::AccessPoint")
    point_arn = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/reports"
    policies = TemplatePolicies({"Stack": template}, names={f"{point}.Arn": point_arn})
    (bucket_id,) = (found for found in resources(template, "AWS::S3::Bucket") if found.startswith("Doc"))
    (role_id,) = (found for found in resources(template, "AWS::IAM::Role") if found.startswith("Role"))
    context = {"s3:DataAccessPointArn": point_arn, "s3:DataAccessPointAccount": ACCOUNT} if through else {}
    decisions = [
        evaluate(
            Request(
                principal=IamRole(policies.arn_of(role_id)),
                action=action,
                resource=resource,
                resource_account=ACCOUNT,
                context={**TLS, **context},
            ),
            identity=policies.identity_of(role_id),
            resource=policies.resource_of(bucket_id) if point_arn not in resource else None,
        ).allowed
        for resource in (f"{policies.arn_of(bucket_id)}/reports/a", f"{point_arn}/object/reports/a")
    ]
    gives = action == "s3:GetObject" or method == "grant_read_write"
    assert decisions == [through and gives, gives]


def test_a_perimeter_of_networks_alone_asks_for_no_organization() -> None:
    """Either side of the perimeter stands alone."""

    def build(stack: Stack) -> None:
        LifecycleBucket(
            stack,
            "Documents",
            presigned_url_max_age=Duration.hours(1),
            data_perimeter=DataPerimeter(vpc_endpoint_ids=[ENDPOINT], administrator_role_arns=[ROLE]),
        )

    template = synthesize(build)
    assert "DenyOtherNetworks" in str(template)
    assert "DenyOtherOrganizations" not in str(template)
