"""An access point: a name of its own for what one application does with a shared bucket."""

from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import is_concrete

from .bucket_grants import DELETE_OBJECTS, PUT_OBJECTS, READ_BUCKET, READ_OBJECTS, acknowledge_keys, grant

if TYPE_CHECKING:  # an access point of no VPC need not load aws_ec2
    from aws_cdk import aws_ec2 as ec2


class BucketAccessPoint(Construct):
    """An access point of a bucket. `LifecycleBucket.add_access_point` makes it.

    What it grants holds through the access point alone: the same identity is denied at the bucket itself.

    Cost: none.

    Well-Architected: security (SEC03, least privilege at scale).

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html.

    Attributes:
        access_point: The access point.
    """

    def __init__(
        self, scope: Construct, id: str, *, bucket: s3.Bucket, key: kms.IKey | None, vpc: "ec2.IVpc | None"
    ) -> None:
        super().__init__(scope, id)
        self._bucket: Final = bucket
        self._key: Final = key
        self.access_point: Final = s3.CfnAccessPoint(
            self,
            "Resource",
            bucket=bucket.bucket_name,
            public_access_block_configuration=s3.CfnAccessPoint.PublicAccessBlockConfigurationProperty(
                block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True
            ),
            vpc_configuration=None if vpc is None else s3.CfnAccessPoint.VpcConfigurationProperty(vpc_id=vpc.vpc_id),
        )

    @property
    def access_point_arn(self) -> str:
        """The ARN by which requests name it in place of the bucket."""
        return self.access_point.attr_arn

    def grant_read(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity read objects through the access point."""
        return self._grant(identity, objects_key_pattern, READ_OBJECTS)

    def grant_read_write(self, identity: iam.IGrantable, objects_key_pattern: str = "*") -> iam.Grant:
        """Let an identity read, write and delete objects through the access point."""
        return self._grant(identity, objects_key_pattern, (*READ_OBJECTS, *PUT_OBJECTS, *DELETE_OBJECTS))

    def _grant(self, identity: iam.IGrantable, pattern: str, object_actions: tuple[str, ...]) -> iam.Grant:
        """On the access point, and on the bucket for requests that came by it: S3 asks for both.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html

        Raises:
            ValueError: If the identity is of another account, whom the access point's own policy would have to admit.
        """
        account, theirs = Stack.of(self).account, identity.grant_principal.principal_account
        if theirs is not None and is_concrete(theirs) and is_concrete(account) and theirs != account:
            raise ValueError(
                f"{self.node.path}: identity: an access point lets in identities of its own account, got one of "
                f"{theirs}; allowed: the bucket's grant_*"
            )
        through = {
            "StringEquals": {
                "s3:DataAccessPointAccount": account,
                "s3:DataAccessPointArn": self.access_point_arn,
            }
        }
        at_bucket = grant(
            self._bucket,
            self._key,
            identity,
            pattern=pattern,
            object_actions=object_actions,
            bucket_actions=READ_BUCKET,
            conditions=through,
        )
        objects = f"{self.access_point_arn}/object/{pattern}"
        at_access_point = iam.Grant.add_to_principal(
            grantee=identity, actions=sorted(object_actions), resource_arns=[objects]
        )
        acknowledge_keys(at_access_point, identity, objects, pattern)
        listing = iam.Grant.add_to_principal(
            grantee=identity, actions=["s3:ListBucket"], resource_arns=[self.access_point_arn]
        )
        return at_bucket.combine(at_access_point).combine(listing)
