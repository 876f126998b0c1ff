"""What the named conditions let through and refuse, with their keys present and absent."""

from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs.identity.conditions import (
    PrincipalKind,
    Requirement,
    mfa_present,
    organization,
    principal_arns,
    requested_regions,
    source_accounts,
    source_vpc_endpoints,
    tls_only,
)
from aws_architect_constructs.identity.statement_conditions import allow_when, deny_unless
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    ContextValue,
    IamRole,
    IamUser,
    Principal,
    Request,
    ServicePrincipal,
    evaluate,
)

OWN: Final = "111111111111"
STRANGER: Final = "222222222222"
ORGANIZATION: Final = "o-abcdefghij"
ENDPOINT: Final = "vpce-0123456789abcdef0"
DEPLOY: Final = IamRole(f"arn:aws:iam::{OWN}:role/deploy-web")
OTHER: Final = IamRole(f"arn:aws:iam::{OWN}:role/app")
FOREIGN: Final = IamRole(f"arn:aws:iam::{STRANGER}:role/deploy-web")
USER: Final = IamUser(f"arn:aws:iam::{OWN}:user/ada")
SERVICE: Final = ServicePrincipal("logging.s3.amazonaws.com")
ANYBODY: Final = AnonymousPrincipal()
TOPIC: Final = f"arn:aws:sns:eu-west-1:{OWN}:alarms"

REGIONS: Final = requested_regions(["eu-west-1", "eu-central-1"])
TLS: Final = tls_only()
MFA: Final = mfa_present(principals=PrincipalKind.IAM_USER)
ROLES: Final = principal_arns([f"arn:aws:iam::{OWN}:role/deploy-*"])
MEMBERS: Final = organization(ORGANIZATION)
SOURCE: Final = source_accounts([OWN])
VPCE: Final = source_vpc_endpoints([ENDPOINT])

Context = dict[str, ContextValue]


def _policy(*statements: iam.PolicyStatement) -> dict[str, Any]:
    document: dict[str, Any] = Stack().resolve(iam.PolicyDocument(statements=list(statements)))
    return document


def _everything(**more: Any) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["*"], resources=["*"], **more)


ADMINISTRATOR: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _decide(document: dict[str, Any], principal: Principal, context: Context, action: str, resource: str) -> bool:
    """By a resource policy; principals of IAM hold every permission of their own."""
    identity = [ADMINISTRATOR] if isinstance(principal, IamRole | IamUser) else []
    request = Request(principal=principal, action=action, resource=resource, context=context)
    return evaluate(request, identity=identity, resource=document).allowed


def _allowed(requirement: Requirement, principal: Principal, context: Context, resource: str = TOPIC) -> bool:
    """By a resource policy of one Allow. The caller's own policies grant nothing within its account."""
    document = _policy(allow_when(_everything(principals=[iam.StarPrincipal()]), requirement))
    request = Request(principal=principal, action="sns:Publish", resource=resource, context=context)
    identity = [ADMINISTRATOR] if principal.account != OWN and principal.account is not None else []
    return evaluate(request, identity=identity, resource=document).allowed


def _spared(
    requirement: Requirement,
    principal: Principal,
    context: Context,
    action: str = "sns:Publish",
    resource: str = TOPIC,
) -> bool:
    """By a resource policy that allows everything to everybody and has the requirement's Denies."""
    everybody = [iam.StarPrincipal()]
    document = _policy(_everything(principals=everybody), *deny_unless(requirement, principals=everybody))
    return _decide(document, principal, context, action, resource)


@pytest.mark.parametrize(
    ("requirement", "principal", "context", "allow", "spared"),
    [
        # Regions: the key is always there.
        (REGIONS, OTHER, {"aws:RequestedRegion": "eu-central-1"}, True, True),
        (REGIONS, OTHER, {"aws:RequestedRegion": "us-east-1"}, False, False),
        (REGIONS, OTHER, {"aws:RequestedRegion": None}, False, False),
        # TLS: the key is always there, except inside AWS.
        (TLS, OTHER, {"aws:SecureTransport": True}, True, True),
        (TLS, OTHER, {"aws:SecureTransport": False}, False, False),
        (TLS, OTHER, {"aws:SecureTransport": None}, False, True),
        # MFA: absent with access keys; absent in what services do further.
        (MFA, USER, {"aws:MultiFactorAuthPresent": True}, True, True),
        (MFA, USER, {"aws:MultiFactorAuthPresent": False}, False, False),
        (MFA, USER, {}, False, False),
        (MFA, USER, {"aws:ViaAWSService": True}, False, True),
        (MFA, USER, {"aws:ViaAWSService": None}, False, False),
        # Principal ARNs: absent for anonymous requests and for services.
        (ROLES, DEPLOY, {}, True, True),
        (ROLES, OTHER, {}, False, False),
        (ROLES, FOREIGN, {}, False, False),
        (ROLES, ANYBODY, {}, False, False),
        (ROLES, SERVICE, {}, False, True),
        # Organization: absent outside any, for anonymous requests and for services.
        (MEMBERS, FOREIGN, {"aws:PrincipalOrgID": ORGANIZATION}, True, True),
        (MEMBERS, FOREIGN, {"aws:PrincipalOrgID": "o-strangers1"}, False, False),
        (MEMBERS, FOREIGN, {}, False, False),
        (MEMBERS, ANYBODY, {}, False, False),
        (MEMBERS, SERVICE, {}, False, True),
        # Source account: services alone, and not all of them.
        (SOURCE, SERVICE, {"aws:SourceAccount": OWN}, True, True),
        (SOURCE, SERVICE, {"aws:SourceAccount": STRANGER}, False, False),
        (SOURCE, SERVICE, {}, False, True),
        (SOURCE, OTHER, {}, False, True),
        # VPC endpoint: absent through the internet, and in what services do.
        (VPCE, OTHER, {"aws:SourceVpce": ENDPOINT}, True, True),
        (VPCE, OTHER, {"aws:SourceVpce": "vpce-0fedcba9876543210"}, False, False),
        (VPCE, OTHER, {}, False, False),
        (VPCE, OTHER, {"aws:ViaAWSService": True}, False, True),
        (VPCE, SERVICE, {}, False, True),
        (VPCE, ANYBODY, {}, False, False),
        # Both: either one that is missing is enough to be refused.
        (TLS & VPCE, OTHER, {"aws:SourceVpce": ENDPOINT}, True, True),
        (TLS & VPCE, OTHER, {"aws:SourceVpce": ENDPOINT, "aws:SecureTransport": False}, False, False),
        (TLS & VPCE, OTHER, {}, False, False),
    ],
)
def test_a_requirement_on_a_resource(
    requirement: Requirement, principal: Principal, context: Context, allow: bool, spared: bool
) -> None:
    """The Allow holds, and the Denies spare, exactly as the requirement says: with the key, wrong, and without."""
    decisions = (_allowed(requirement, principal, context), _spared(requirement, principal, context))
    assert decisions == (allow, spared)


@pytest.mark.parametrize(
    ("action", "resource", "spared"),
    [
        ("iam:CreateRole", f"arn:aws:iam::{OWN}:role/new", True),
        ("route53:ListHostedZones", "*", True),
        ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{OWN}:instance/i-1", False),
        ("acm:RequestCertificate", "*", False),
        ("ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{OWN}:instance/i-1", True),
    ],
)
def test_a_boundary_of_regions_spares_the_global_services(action: str, resource: str, spared: bool) -> None:
    """In a permissions boundary, IAM and Route 53 go on working though they answer in us-east-1."""
    boundary = _policy(_everything(), *deny_unless(REGIONS))
    context: Context = {"aws:RequestedRegion": "us-east-1"} if resource == "*" else {}
    request = Request(principal=OTHER, action=action, resource=resource, context=context)
    assert evaluate(request, identity=[ADMINISTRATOR], boundary=boundary).allowed is spared


def test_a_trust_policy_takes_the_same_conditions() -> None:
    """A role whose trust asks for MFA is assumed by a user that has it, and by no access key alone."""
    trust = _policy(
        allow_when(
            iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[iam.ArnPrincipal(f"arn:aws:iam::{OWN}:root")]),
            MFA,
        )
    )

    def assumes(context: Context) -> bool:
        return _decide(trust, USER, context, "sts:AssumeRole", f"arn:aws:iam::{OWN}:role/target")

    assert (assumes({"aws:MultiFactorAuthPresent": True}), assumes({})) == (True, False)
