"""The AWS-managed prefix list of CloudFront's origin-facing addresses, whose id differs by Region.

Pure Python. Ids never change, and CloudFormation cannot look one up by its name, so they stand here:
`aws ec2 describe-managed-prefix-lists --filters
Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing` prints a Region's own.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
"""

from collections.abc import Mapping
from typing import Final

AS_OF: Final = "2026-11-24"
"""When the table was last compared: with public repositories that name the ids, most Regions in one or two of them."""

CLOUDFRONT_ORIGIN_FACING: Final[Mapping[str, str]] = {
    "af-south-1": "pl-c0aa4fa9",
    "ap-east-1": "pl-14b2577d",
    "ap-northeast-1": "pl-58a04531",
    "ap-northeast-2": "pl-22a6434b",
    "ap-south-1": "pl-9aa247f3",
    "ap-southeast-1": "pl-31a34658",
    "ap-southeast-2": "pl-b8a742d1",
    "ca-central-1": "pl-38a64351",
    "eu-central-1": "pl-a3a144ca",
    "eu-north-1": "pl-fab65393",
    "eu-south-1": "pl-1bbc5972",
    "eu-west-1": "pl-4fa04526",
    "eu-west-2": "pl-93a247fa",
    "eu-west-3": "pl-75b1541c",
    "me-south-1": "pl-17b2577e",
    "sa-east-1": "pl-5da64334",
    "us-east-1": "pl-3b927c52",
    "us-east-2": "pl-b6a144df",
    "us-west-1": "pl-4ea04527",
    "us-west-2": "pl-82a045eb",
}


def cloudfront_prefix_list(region: str | None) -> str:
    """The id of CloudFront's prefix list in a Region.

    Args:
        region: The Region, or None where it is not known before deployment.

    Raises:
        ValueError: If the table lacks the Region, or the Region is not known.
    """
    if region is not None and region in CLOUDFRONT_ORIGIN_FACING:
        return CLOUDFRONT_ORIGIN_FACING[region]
    raise ValueError(
        f"prefix_list_id: the id of CloudFront's prefix list is not known here, got the Region "
        f"{'(unknown before deployment)' if region is None else region}; allowed: prefix_list_id= as `aws ec2 "
        f"describe-managed-prefix-lists` prints it, or one of "
        f"{', '.join(CLOUDFRONT_ORIGIN_FACING)}"
    )
