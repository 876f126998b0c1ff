"""Endpoint policies: the organization's own passes, and so does what AWS keeps; nothing else does.

Each request is evaluated twice: without the endpoint's policy, where it must be allowed, so that the second answer is
the endpoint's alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from aws_architect_constructs.network.endpoint_policies import (
    AWS_OWNED_READ,
    AWS_OWNED_WRITE,
    Statement,
    dynamodb_statements,
    s3_statements,
    service_statements,
)
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    ContextValue,
    IamRole,
    Layer,
    Principal,
    Request,
    RootUser,
    evaluate,
)

ORGANIZATION: Final = "o-exampleorg1"
FOREIGN_ORGANIZATION: Final = "o-someoneelse"
OWN_ACCOUNT: Final = "111122223333"
SISTER_ACCOUNT: Final = "222233334444"
FOREIGN_ACCOUNT: Final = "999988887777"
OWN: Final = IamRole(f"arn:aws:iam::{OWN_ACCOUNT}:role/app")
FOREIGN: Final = IamRole(f"arn:aws:iam::{FOREIGN_ACCOUNT}:role/service")
ANYBODY: Final = AnonymousPrincipal()

# https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-operations-s3-buckets.html
PATCH_SNAPSHOTS: Final[Mapping[str, str]] = {
    "us-east-2": "",
    "us-east-1": "",
    "us-west-1": "",
    "us-west-2": "",
    "af-south-1": "-tbxdb5b9",
    "ap-east-1": "",
    "ap-south-2": "-50209442",
    "ap-southeast-3": "-be0a3174",
    "ap-southeast-4": "-dc6f76ce",
    "ap-south-1": "",
    "ap-northeast-3": "",
    "ap-northeast-2": "",
    "ap-southeast-1": "",
    "ap-southeast-2": "",
    "ap-northeast-1": "",
    "ca-central-1": "",
    "ca-west-1": "",
    "eu-central-1": "",
    "eu-west-1": "",
    "eu-west-2": "",
    "eu-south-1": "",
    "eu-west-3": "",
    "eu-south-2": "-df2c9d70",
    "eu-north-1": "",
    "eu-central-2": "",
    "il-central-1": "",
    "me-south-1": "-uduvl7q8",
    "me-central-1": "",
    "sa-east-1": "",
}
PATCH_MODULES: Final = (
    "aws-patch-manager-eu-west-1-5522fb710",
    "aws-patchmanager-macos-eu-west-1-5522fb710",
)
PACKAGES: Final = (
    "al2023-repos-eu-west-1-de612dc2",
    "amazonlinux-2-repos-eu-west-1",
    "amazonlinux.eu-west-1.amazonaws.com",
    "packages.eu-west-1.amazonaws.com",
    "repo.eu-west-1.amazonaws.com",
)
AGENTS: Final = (
    "amazon-ssm-eu-west-1",
    "amazon-ssm-packages-eu-west-1",
    "amazoncloudwatch-agent-eu-west-1",
    "aws-ssm-distributor-file-eu-west-1",
    "aws-ssm-document-attachments-eu-west-1",
    "aws-ssm-eu-west-1",
    "aws-windows-downloads-eu-west-1",
    "eu-west-1-birdwatcher-prod",
)
IMAGE_LAYERS: Final = "prod-eu-west-1-starport-layer-bucket"
CUSTOM_RESOURCE_ANSWERS: Final = "cloudformation-custom-resource-response-euwest1"
WAIT_CONDITIONS: Final = "cloudformation-waitcondition-eu-west-1"
READ_BUCKETS: Final = (IMAGE_LAYERS, *PACKAGES, *AGENTS, *PATCH_MODULES, "patch-baseline-snapshot-eu-west-1")
WRITE_BUCKETS: Final = (CUSTOM_RESOURCE_ANSWERS, WAIT_CONDITIONS)


def s3(region: str = "eu-west-1", partition: str = "aws") -> list[Statement]:
    """The S3 endpoint's statements in a Region."""
    return s3_statements(ORGANIZATION, partition=partition, region=region, dashless_region=region.replace("-", ""))


def document(statements: list[Statement]) -> dict[str, Any]:
    """A policy of the statements."""
    return {"Version": "2012-10-17", "Statement": statements}


EVERYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def passes(statements: list[Statement], request: Request) -> bool:
    """Whether a request that is allowed otherwise passes the endpoint with these statements."""
    identity = [document([EVERYTHING])] if isinstance(request.principal, IamRole) else ()
    resource = document([EVERYTHING | {"Principal": "*"}])
    assert evaluate(request, identity=identity, resource=resource).allowed
    decision = evaluate(request, identity=identity, resource=resource, vpc_endpoint=document(statements))
    assert decision.allowed or decision.layer is Layer.VPC_ENDPOINT
    return decision.allowed


def organizations(*, principal: str | None, resource: str | None) -> dict[str, ContextValue]:
    """The context keys that say whose organization the two sides are in; None for in none."""
    return {"aws:PrincipalOrgID": principal, "aws:ResourceOrgID": resource}


def object_request(
    bucket: str,
    *,
    principal: Principal = OWN,
    action: str = "s3:GetObject",
    owner: str = FOREIGN_ACCOUNT,
    principal_organization: str | None = ORGANIZATION,
    bucket_organization: str | None = FOREIGN_ORGANIZATION,
    partition: str = "aws",
) -> Request:
    """A request for an object, by default of a workload of the organization to a bucket outside it."""
    return Request(
        principal=principal,
        action=action,
        resource=f"arn:{partition}:s3:::{bucket}/some/object",
        resource_account=owner,
        context=organizations(principal=principal_organization, resource=bucket_organization),
    )


def signed_by_aws(bucket: str, *, action: str = "s3:GetObject") -> Request:
    """A request at an address that a role of AWS signed."""
    return object_request(bucket, principal=FOREIGN, action=action, principal_organization=FOREIGN_ORGANIZATION)


def anonymous(bucket: str, *, action: str = "s3:GetObject") -> Request:
    """A request without credentials."""
    return object_request(bucket, principal=ANYBODY, action=action, principal_organization=None)


class TestAwsOwnedBuckets:
    """What AWS keeps for workloads stays within reach."""

    def test_image_layers_are_pulled(self) -> None:
        """An image layer, at an address that ECR signed, passes."""
        assert passes(s3(), signed_by_aws(IMAGE_LAYERS))

    @pytest.mark.parametrize("bucket", READ_BUCKETS)
    def test_are_read_anonymously(self, bucket: str) -> None:
        """An anonymous download from a bucket that AWS publishes passes."""
        assert passes(s3(), anonymous(bucket))

    @pytest.mark.parametrize("bucket", READ_BUCKETS)
    def test_are_read_at_addresses_that_aws_signed(self, bucket: str) -> None:
        """A download at an address that AWS signed passes."""
        assert passes(s3(), signed_by_aws(bucket))

    @pytest.mark.parametrize("bucket", READ_BUCKETS)
    def test_are_read_by_the_organization(self, bucket: str) -> None:
        """A download with an instance's own credentials passes, although the bucket is outside the organization."""
        assert passes(s3(), object_request(bucket))

    @pytest.mark.parametrize("region", PATCH_SNAPSHOTS)
    def test_patch_snapshots_are_read_in_every_region(self, region: str) -> None:
        """The snapshot bucket of each Region passes, with its suffix where it has one."""
        bucket = f"patch-baseline-snapshot-{region}{PATCH_SNAPSHOTS[region]}"
        assert passes(s3(region), anonymous(bucket))

    @pytest.mark.parametrize("bucket", WRITE_BUCKETS)
    def test_cloudformation_is_answered(self, bucket: str) -> None:
        """An answer to a custom resource or wait condition, at an address that CloudFormation signed, passes."""
        assert passes(s3(), signed_by_aws(bucket, action="s3:PutObject"))

    @pytest.mark.parametrize("bucket", READ_BUCKETS)
    @pytest.mark.parametrize("request_of", [signed_by_aws, anonymous])
    def test_that_are_read_take_no_writes(self, bucket: str, request_of: Callable[..., Request]) -> None:
        """A write to a bucket that is there to be read is stopped."""
        assert not passes(s3(), request_of(bucket, action="s3:PutObject"))

    @pytest.mark.parametrize("bucket", READ_BUCKETS)
    def test_that_are_read_take_no_writes_of_the_organization(self, bucket: str) -> None:
        """A write with the workload's own credentials is stopped too."""
        assert not passes(s3(), object_request(bucket, action="s3:PutObject"))

    @pytest.mark.parametrize("bucket", WRITE_BUCKETS)
    @pytest.mark.parametrize("action", ["s3:GetObject", "s3:DeleteObject"])
    def test_that_are_answered_to_take_nothing_else(self, bucket: str, action: str) -> None:
        """CloudFormation's buckets are written to, and neither read nor emptied."""
        assert not passes(s3(), signed_by_aws(bucket, action=action))

    @pytest.mark.parametrize(
        "bucket",
        [
            "prod-us-east-1-starport-layer-bucket",  # another Region's
            "my-prod-eu-west-1-starport-layer-bucket",
            "prod-eu-west-1-starport-layer-bucket-2",
            "aws-ssm-eu-west-1-evil",
            "patch-baseline-snapshot-eu-west-1-evil",
            "patch-baseline-snapshot-me-south-1-uduvl7q8",
        ],
    )
    def test_names_that_only_look_alike_are_stopped(self, bucket: str) -> None:
        """A bucket whose name resembles one of AWS's, or that is another Region's, is stopped."""
        assert not passes(s3(), anonymous(bucket))

    def test_listing_is_stopped(self) -> None:
        """A bucket of AWS's is for its objects, not to be listed."""
        request = Request(
            principal=ANYBODY,
            action="s3:ListBucket",
            resource=f"arn:aws:s3:::{IMAGE_LAYERS}",
            resource_account=FOREIGN_ACCOUNT,
            context=organizations(principal=None, resource=FOREIGN_ORGANIZATION),
        )
        assert not passes(s3(), request)

    def test_every_read_bucket_is_tried_here(self) -> None:
        """The named list has no bucket that no test reads."""
        assert sum(len(names) for names in AWS_OWNED_READ.values()) == len(READ_BUCKETS)

    def test_every_write_bucket_is_tried_here(self) -> None:
        """The named list has no bucket that no test answers to."""
        assert sum(len(names) for names in AWS_OWNED_WRITE.values()) == len(WRITE_BUCKETS)

    def test_lie_in_the_stack_s_partition(self) -> None:
        """In China the buckets' ARNs are China's."""
        resources = [arn for statement in s3("cn-north-1", "aws-cn")[1:] for arn in statement["Resource"]]
        assert {arn.split(":")[1] for arn in resources} == {"aws-cn"}

    def test_an_unknown_region_leaves_its_place_to_cloudformation(self) -> None:
        """Where the Region is a token, it stands in the names as it is."""
        statements = s3_statements(
            ORGANIZATION, partition="${AWS::Partition}", region="${AWS::Region}", dashless_region="${Dashless}"
        )
        resources = [arn for statement in statements[1:] for arn in statement["Resource"]]
        assert {
            "arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*",
            "arn:${AWS::Partition}:s3:::patch-baseline-snapshot-${AWS::Region}/*",
            "arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${Dashless}/*",
        } <= set(resources)


class TestOwnBuckets:
    """The organization's principals use the organization's buckets, and nobody else does either."""

    @pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
    @pytest.mark.parametrize("owner", [OWN_ACCOUNT, SISTER_ACCOUNT])
    def test_own_principal_passes(self, owner: str, action: str) -> None:
        """A workload uses buckets of every account of its organization."""
        request = object_request("orders", owner=owner, action=action, bucket_organization=ORGANIZATION)
        assert passes(s3(), request)

    @pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
    def test_foreign_bucket_is_stopped(self, action: str) -> None:
        """A workload neither reads nor writes a bucket outside the organization."""
        assert not passes(s3(), object_request("exfiltration", action=action))

    def test_bucket_of_no_organization_is_stopped(self) -> None:
        """Nor a bucket of an account without organization."""
        assert not passes(s3(), object_request("exfiltration", bucket_organization=None))

    def test_foreign_principal_is_stopped(self) -> None:
        """Smuggled credentials of another organization do not reach an own bucket."""
        request = object_request(
            "orders",
            principal=FOREIGN,
            owner=OWN_ACCOUNT,
            principal_organization=FOREIGN_ORGANIZATION,
            bucket_organization=ORGANIZATION,
        )
        assert not passes(s3(), request)

    @pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
    def test_foreign_principal_and_bucket_are_stopped(self, action: str) -> None:
        """Smuggled credentials do not reach their own bucket either."""
        assert not passes(s3(), signed_by_aws("exfiltration", action=action))

    def test_foreign_root_user_is_stopped(self) -> None:
        """Not even with an account's root credentials."""
        request = object_request(
            "exfiltration", principal=RootUser(FOREIGN_ACCOUNT), principal_organization=FOREIGN_ORGANIZATION
        )
        assert not passes(s3(), request)

    def test_anonymous_is_stopped(self) -> None:
        """A request without credentials does not reach an own bucket, however public it is."""
        request = object_request(
            "orders",
            principal=ANYBODY,
            owner=OWN_ACCOUNT,
            principal_organization=None,
            bucket_organization=ORGANIZATION,
        )
        assert not passes(s3(), request)


def table_request(
    *, principal: Principal = OWN, principal_organization: str | None, table_organization: str | None
) -> Request:
    """A request for an item of a table."""
    account = OWN_ACCOUNT if table_organization == ORGANIZATION else FOREIGN_ACCOUNT
    return Request(
        principal=principal,
        action="dynamodb:GetItem",
        resource=f"arn:aws:dynamodb:eu-west-1:{account}:table/orders",
        context=organizations(principal=principal_organization, resource=table_organization),
    )


class TestDynamoDb:
    """The organization's principals use the organization's tables."""

    def test_own_principal_and_table_pass(self) -> None:
        """A workload uses the organization's tables."""
        request = table_request(principal_organization=ORGANIZATION, table_organization=ORGANIZATION)
        assert passes(dynamodb_statements(ORGANIZATION), request)

    @pytest.mark.parametrize("organization", [FOREIGN_ORGANIZATION, None])
    def test_foreign_table_is_stopped(self, organization: str | None) -> None:
        """A workload does not reach a table outside the organization."""
        request = table_request(principal_organization=ORGANIZATION, table_organization=organization)
        assert not passes(dynamodb_statements(ORGANIZATION), request)

    @pytest.mark.parametrize("organization", [FOREIGN_ORGANIZATION, None])
    def test_foreign_principal_is_stopped(self, organization: str | None) -> None:
        """A principal outside the organization does not reach its tables."""
        request = table_request(principal=FOREIGN, principal_organization=organization, table_organization=ORGANIZATION)
        assert not passes(dynamodb_statements(ORGANIZATION), request)


class TestService:
    """The organization's principals, and nobody else, call services through interface endpoints."""

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{OWN_ACCOUNT}:secret:db-AbCdEf"),
            ("ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/al2023"),
            ("ecr:GetAuthorizationToken", "*"),
        ],
    )
    def test_own_principal_passes(self, action: str, resource: str) -> None:
        """A workload calls the service, also about what AWS itself publishes."""
        request = Request(
            principal=OWN,
            action=action,
            resource=resource,
            resource_account=OWN_ACCOUNT,
            context=organizations(principal=ORGANIZATION, resource=None),
        )
        assert passes(service_statements(ORGANIZATION), request)

    @pytest.mark.parametrize(
        ("principal", "organization"), [(FOREIGN, FOREIGN_ORGANIZATION), (FOREIGN, None), (ANYBODY, None)]
    )
    def test_everybody_else_is_stopped(self, principal: Principal, organization: str | None) -> None:
        """Nobody outside the organization calls the service through its endpoint."""
        request = Request(
            principal=principal,
            action="secretsmanager:GetSecretValue",
            resource=f"arn:aws:secretsmanager:eu-west-1:{FOREIGN_ACCOUNT}:secret:loot-AbCdEf",
            context=organizations(principal=organization, resource=FOREIGN_ORGANIZATION),
        )
        assert not passes(service_statements(ORGANIZATION), request)
