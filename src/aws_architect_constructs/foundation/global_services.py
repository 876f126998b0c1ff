"""The services that have one endpoint for all Regions, which a limit to Regions has to leave alone.

Pure Python.
"""

from typing import Final

GLOBAL_SERVICE_ACTIONS: Final = (
    "account:*",
    "aws-marketplace:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "consolidatedbilling:*",
    "cur:*",
    "freetier:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "invoicing:*",
    "networkmanager:*",
    "organizations:*",
    "payments:*",
    "pricing:*",
    "route53:*",
    "route53domains:*",
    "s3:ListAllMyBuckets",
    "shield:*",
    "sts:*",
    "support:*",
    "tax:*",
    "trustedadvisor:*",
    "waf:*",
)
"""What one endpoint serves for all Regions, so that its Region says nothing about where anything is.

Regional services that a global one makes use of in us-east-1 (ACM and WAF for CloudFront) are not among them: add them
where they are needed. See
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html.
"""
