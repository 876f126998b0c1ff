"""A data perimeter around a bucket: my identities, from my networks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import is_concrete, texts
from aws_architect_constructs.foundation.identifiers import ORGANIZATION_ID

_ENDPOINT: Final = re.compile(r"vpce-[0-9a-f]{8,17}")
_ROLE: Final = re.compile(r"arn:[^:]+:iam::([0-9]{12}):role/[^*?]+[*]?")


@dataclass(frozen=True, kw_only=True)
class DataPerimeter:
    """Who may reach a bucket at all, whatever else allows it; it grants nothing.

    AWS services, calls that they make on somebody's behalf, service-linked roles and the named roles are exempt: the
    perimeter is about identities and networks, and the services that read or write a bucket are bound by its other
    statements.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html and
    https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/building-a-data-perimeter-on-aws.html.

    Attributes:
        organization_id: The organization that identities must be of. Default None: any.
        vpc_endpoint_ids: The endpoints that requests must come through. Default none: any network.
        administrator_role_arns: Roles that may always change the bucket, such as the one that CloudFormation deploys
            with, or nobody could lift a perimeter that shuts everybody out. At least one of the bucket's account. A
            path may end in `*`, as those of IAM Identity Center have to.
        exempt_role_arns: Further roles from which the perimeter does not keep the bucket, such as one that replicates
            into it.
    """

    organization_id: str | None = None
    vpc_endpoint_ids: Sequence[str] = ()
    administrator_role_arns: Sequence[str] = field(kw_only=True)
    exempt_role_arns: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what is malformed, or could not be undone.

        Raises:
            ValueError: If it is.
        """
        endpoints = texts("vpc_endpoint_ids", self.vpc_endpoint_ids)
        if self.organization_id is None and not endpoints:
            raise ValueError(
                "data_perimeter: it keeps nobody out, got neither; allowed: organization_id=, vpc_endpoint_ids= or both"
            )
        organization = self.organization_id
        if organization is not None and is_concrete(organization) and not ORGANIZATION_ID.fullmatch(organization):
            raise ValueError(f"organization_id: no organization id, got {organization!r}; allowed: o-...")
        for endpoint in endpoints:
            if is_concrete(endpoint) and not _ENDPOINT.fullmatch(endpoint):
                raise ValueError(f"vpc_endpoint_ids: no VPC endpoint id, got {endpoint!r}; allowed: vpce-...")
        administrators = texts("administrator_role_arns", self.administrator_role_arns)
        if not administrators:
            raise ValueError(
                "administrator_role_arns: nobody could change the bucket's policy again, got none; allowed: at least "
                "the role that deploys it"
            )
        for arn in (*administrators, *texts("exempt_role_arns", self.exempt_role_arns)):
            if is_concrete(arn) and not _ROLE.fullmatch(arn):
                raise ValueError(
                    f"administrator_role_arns, exempt_role_arns: no role, got {arn!r}; allowed: the ARN of a role, "
                    "with a star at its end at most"
                )


def check_administrators(scope: Construct, perimeter: DataPerimeter) -> None:
    """Check that somebody of the bucket's own account could change its policy again.

    Raises:
        ValueError: If all administrators are of other accounts.
    """
    account = Stack.of(scope).account
    if not is_concrete(account):
        return
    accounts = [
        match.group(1) if is_concrete(arn) and (match := _ROLE.fullmatch(arn)) else account
        for arn in perimeter.administrator_role_arns
    ]
    if account not in accounts:
        raise ValueError(
            "data_perimeter: nobody of the bucket's account could change its policy again, got administrators of "
            f"{', '.join(sorted(set(accounts)))}; allowed: at least one role of {account}"
        )


def perimeter_statements(
    scope: Construct, bucket: s3.Bucket, perimeter: DataPerimeter, *, own_role_arns: Sequence[str] = ()
) -> list[iam.PolicyStatement]:
    """The statements that deny what comes from outside.

    Args:
        scope: The bucket's scope.
        bucket: The bucket.
        perimeter: The perimeter.
        own_role_arns: Roles of the bucket's own, such as the one that replicates it.
    """
    partition = Stack.of(scope).partition
    exempt = [
        *perimeter.administrator_role_arns,
        *perimeter.exempt_role_arns,
        *own_role_arns,
        f"arn:{partition}:iam::*:role/aws-service-role/*",
    ]
    by_nobody_exempt: dict[str, Any] = {
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        "ArnNotLikeIfExists": {"aws:PrincipalArn": exempt},
    }
    statements = []
    if perimeter.organization_id is not None:
        statements.append(
            _deny(
                bucket,
                "DenyOtherOrganizations",
                {**by_nobody_exempt, "StringNotEqualsIfExists": {"aws:PrincipalOrgID": perimeter.organization_id}},
            )
        )
    if perimeter.vpc_endpoint_ids:
        statements.append(
            _deny(
                bucket,
                "DenyOtherNetworks",
                {
                    **by_nobody_exempt,
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
                    "StringNotEqualsIfExists": {"aws:SourceVpce": list(perimeter.vpc_endpoint_ids)},
                },
            )
        )
    return statements


def _deny(bucket: s3.Bucket, sid: str, conditions: dict[str, Any]) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        actions=["s3:*"],
        resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
        principals=[iam.AnyPrincipal()],
        conditions=conditions,
    )
