"""Standard logging (v2): who asked a distribution for what, as Parquet in a bucket."""

from typing import Final

from aws_cdk import CfnResource, Names
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs.foundation.log_bucket import depend_on_policy

from .support_stacks import refer_weakly

RECORD_FIELDS: Final = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
)
"""What is logged of a request: CloudFront's standard fields without cookies, which hold sessions.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""

_LONGEST_NAME: Final = 60


class LogDelivery(Construct):
    """The delivery of a distribution's logs, in us-east-1: the one Region that CloudFront's deliveries are made in.

    Attributes:
        source: The distribution's logs.
        destination: The bucket.
        delivery: What ties the two.
    """

    def __init__(self, scope: Construct, id: str, *, distribution: cloudfront.Distribution, bucket: s3.IBucket) -> None:
        super().__init__(scope, id)
        name = Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-")
        self.source: Final = logs.CfnDeliverySource(
            self, "Source", name=name, log_type="ACCESS_LOGS", resource_arn=distribution.distribution_arn
        )
        self.destination: Final = logs.CfnDeliveryDestination(
            self, "Destination", name=name, destination_resource_arn=_arn_anywhere(bucket), output_format="parquet"
        )
        self.delivery: Final = logs.CfnDelivery(
            self,
            "Resource",
            delivery_source_name=self.source.ref,
            delivery_destination_arn=self.destination.attr_arn,
            record_fields=list(RECORD_FIELDS),
            s3_suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}/{HH}",
            s3_enable_hive_compatible_path=False,
        )
        if bucket.stack == self.source.stack:
            depend_on_policy(self.delivery, bucket)


def _arn_anywhere(bucket: s3.IBucket) -> str:
    """The bucket's ARN, for a stack of another Region too: CDK's own would need a name that is given."""
    resource = bucket.node.default_child
    if isinstance(resource, CfnResource) and isinstance(resource, s3.CfnBucket):
        refer_weakly(resource)
        return resource.attr_arn
    return bucket.bucket_arn
