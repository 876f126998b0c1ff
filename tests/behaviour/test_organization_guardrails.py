"""What each guardrail denies and what it leaves alone, evaluated statement by statement."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from aws_architect_constructs.organization.guardrails import (
    AUTOMATION_ROLES,
    Exemptions,
    Guardrail,
    ManagementPolicy,
)
from aws_architect_constructs.organization.management_policies import ALL_MANAGEMENT_POLICIES
from aws_architect_constructs.organization.policy_packing import QUOTAS, PolicyType, pack
from aws_architect_constructs.organization.resource_controls import ALL_RESOURCE_CONTROLS, saml_issuers_only
from aws_architect_constructs.organization.service_controls import ALL_SERVICE_CONTROLS
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    Decision,
    IamRole,
    Principal,
    Request,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    WebIdentity,
    evaluate,
)

PAGE: Final = Path(__file__).parents[2] / "docs" / "constructs" / "guardrails.md"
ACCOUNT: Final = "111111111111"
REGION: Final = "eu-west-1"
ORG: Final = "o-abcdefghij"
EVERYTHING: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUSTS_ALL: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}],
}
OPEN: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
EXEMPTIONS: Final = Exemptions(roles=("break-glass/*",), tag_key="guardrail-exempt")
PERSON: Final = IamRole(
    f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
)
PIPELINE: Final = IamRole(f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}")
OUR_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/App"
BUCKET: Final = "arn:aws:s3:::documents/key"


class Ask(NamedTuple):
    """A request, short."""

    action: str
    resource: str = "*"
    context: Mapping[str, Any] = {}
    principal: Principal = PERSON

    def request(self) -> Request:
        """The request, in our account."""
        context = {"aws:RequestedRegion": REGION, "aws:SourceIp": "203.0.113.7", **self.context}
        return Request(
            principal=self.principal,
            action=self.action,
            resource=self.resource,
            context=context,
            resource_account=ACCOUNT,
        )


def ec2(kind: str) -> str:
    """The ARN of a resource of EC2."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/1"


def role(name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def stack(name: str) -> str:
    """The ARN of a stack."""
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1"


ROOT: Final = RootUser(ACCOUNT)
SSE: Final = "s3:x-amz-server-side-encryption"
RDS: Final = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:1"

# By Sid: what it denies, and what is close to that and allowed.
SERVICE: Final[dict[str, tuple[Ask, Ask]]] = {
    "CloudTrailProtected": (Ask("cloudtrail:StopLogging"), Ask("cloudtrail:LookupEvents")),
    "ConfigProtected": (Ask("config:StopConfigurationRecorder"), Ask("config:StartConfigurationRecorder")),
    "GuardDutyProtected": (Ask("guardduty:DeleteDetector"), Ask("guardduty:CreateDetector")),
    "SecurityHubProtected": (Ask("securityhub:DisableSecurityHub"), Ask("securityhub:EnableSecurityHub")),
    "AccessAnalyzerProtected": (Ask("access-analyzer:DeleteAnalyzer"), Ask("access-analyzer:CreateAnalyzer")),
    "LeavingDenied": (Ask("organizations:LeaveOrganization"), Ask("organizations:DescribeOrganization")),
    "RootUserDenied": (
        Ask("s3:DeleteBucket", principal=ROOT),
        Ask("s3:DeleteBucketPolicy", context={"aws:AssumedRoot": True}, principal=ROOT),
    ),
    "RegionsAllowed": (
        Ask("ec2:RunInstances", context={"aws:RequestedRegion": "us-east-2"}),
        Ask("iam:CreateRole", context={"aws:RequestedRegion": "us-east-1"}),
    ),
    "IamUsersDenied": (Ask("iam:CreateUser"), Ask("iam:CreateRole")),
    "PublicS3Denied1": (Ask("s3:PutAccountPublicAccessBlock"), Ask("s3:PutBucketPublicAccessBlock")),
    "PublicS3Denied2": (
        Ask("s3:PutObject", BUCKET, {"s3:x-amz-acl": "public-read"}),
        Ask("s3:PutObject", BUCKET, {"s3:x-amz-acl": "bucket-owner-full-control"}),
    ),
    "EncryptionRequired1": (
        Ask("ec2:CreateVolume", ec2("volume"), {"ec2:Encrypted": False}),
        Ask("ec2:CreateVolume", ec2("volume"), {"ec2:Encrypted": True}),
    ),
    "EncryptionRequired2": (
        Ask("rds:CreateDBCluster", context={"rds:StorageEncrypted": False}),
        Ask("rds:CreateDBCluster", context={"rds:StorageEncrypted": True}),
    ),
    "EncryptionRequired3": (
        Ask("rds:CreateDBInstance", RDS, {"rds:StorageEncrypted": False, "rds:DatabaseEngine": "postgres"}),
        Ask("rds:CreateDBInstance", RDS, {"rds:StorageEncrypted": False, "rds:DatabaseEngine": "aurora-postgresql"}),
    ),
    "EncryptionRequired4": (
        Ask("elasticfilesystem:CreateFileSystem", context={"elasticfilesystem:Encrypted": False}),
        Ask("elasticfilesystem:CreateFileSystem", context={"elasticfilesystem:Encrypted": True}),
    ),
    "EncryptionRequired6": (Ask("s3:PutObject", BUCKET, {SSE: "AES256"}), Ask("s3:PutObject", BUCKET)),
    "EncryptionRequired5": (
        Ask("s3:PutObject", BUCKET, {f"{SSE}-customer-algorithm": "AES256"}),
        Ask("s3:PutObject", BUCKET, {SSE: "aws:kms"}),
    ),
    "Imdsv2Required1": (
        Ask("ec2:RunInstances", ec2("instance"), {"ec2:MetadataHttpTokens": "optional"}),
        Ask("ec2:RunInstances", ec2("instance"), {"ec2:MetadataHttpTokens": "required"}),
    ),
    "Imdsv2Required2": (
        Ask("ec2:ModifyInstanceMetadataOptions", ec2("instance"), {"ec2:Attribute/HttpTokens": "optional"}),
        Ask("ec2:ModifyInstanceMetadataOptions", ec2("instance"), {"ec2:Attribute/HttpTokens": "required"}),
    ),
    "Imdsv2Required3": (
        Ask("s3:GetObject", BUCKET, {"ec2:RoleDelivery": "1.0"}),
        Ask("s3:GetObject", BUCKET, {"ec2:RoleDelivery": "2.0"}),
    ),
    "DefaultVpcDenied1": (Ask("ec2:CreateDefaultVpc"), Ask("ec2:CreateVpc")),
    "DefaultVpcDenied2": (
        Ask("ec2:RunInstances", ec2("subnet")),
        Ask("ec2:RunInstances", ec2("subnet"), {"aws:ResourceTag/aws-cdk:subnet-name": "Private"}),
    ),
    "InternetGatewaysDenied": (Ask("ec2:CreateInternetGateway"), Ask("ec2:CreateTransitGatewayVpcAttachment")),
    "RolesProtected": (
        Ask("iam:CreateRole", role("stacksets-exec-1234")),
        Ask("iam:CreateRole", role("App")),
    ),
    "ExemptionTagProtected": (
        Ask("iam:TagRole", role("App"), {"aws:TagKeys": ["team", "guardrail-exempt"]}),
        Ask("iam:TagRole", role("App"), {"aws:TagKeys": ["team"]}),
    ),
    "StacksProtected": (
        Ask("cloudformation:DeleteStack", stack("StackSet-Baseline-1")),
        Ask("cloudformation:DeleteStack", stack("Web")),
    ),
    "ExpensiveInstancesDenied": (
        Ask("ec2:RunInstances", ec2("instance"), {"ec2:InstanceType": "p5.48xlarge"}),
        Ask("ec2:RunInstances", ec2("instance"), {"ec2:InstanceType": "m7g.large"}),
    ),
    "EverythingDenied": (
        Ask("s3:ListAllMyBuckets"),
        Ask("s3:ListAllMyBuckets", principal=IamRole(role("break-glass/x"))),
    ),
}

STRANGER: Final = IamRole("arn:aws:iam::999999999999:role/Intruder")
VENDOR: Final = IamRole("arn:aws:iam::222222222222:role/Scanner")
OURS: Final = {"aws:PrincipalOrgID": ORG}
TRAIL: Final = ServicePrincipal("cloudtrail.amazonaws.com")
GITHUB: Final = WebIdentity(f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com")
EKS: Final = WebIdentity(f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABCD")
SAML: Final = SamlIdentity(f"arn:aws:iam::{ACCOUNT}:saml-provider/Any")
SUBJECT: Final = "token.actions.githubusercontent.com:sub"
AUDIENCE: Final = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
SSO_ROLE: Final = PERSON.arn
WEB: Final = "sts:AssumeRoleWithWebIdentity"

RESOURCE: Final[dict[str, tuple[Ask, Ask]]] = {
    "OrganizationOnly": (
        Ask("s3:GetObject", BUCKET, {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}, STRANGER),
        Ask("s3:GetObject", BUCKET, OURS, PERSON),
    ),
    "OrganizationRolesOnly": (
        Ask("sts:AssumeRole", OUR_ROLE, {}, STRANGER),
        Ask("sts:AssumeRole", OUR_ROLE, {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}, VENDOR),
    ),
    "ConfusedDeputyProtected": (
        Ask("s3:PutObject", BUCKET, {"aws:SourceAccount": "999999999999"}, TRAIL),
        Ask("s3:PutObject", BUCKET, {"aws:SourceAccount": "333333333333", "aws:SourceOrgID": ORG}, TRAIL),
    ),
    "TlsOnly1": (
        Ask("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q", {**OURS, "aws:SecureTransport": False}),
        Ask("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:q", {**OURS, "aws:SecureTransport": True}),
    ),
    "TlsOnly2": (
        Ask("s3:GetObject", BUCKET, {**OURS, "s3:TlsVersion": "1.1"}),
        Ask("s3:GetObject", BUCKET, {**OURS, "s3:TlsVersion": "1.3"}),
    ),
    "GitHubOwnersOnly": (
        Ask(WEB, OUR_ROLE, {SUBJECT: "repo:intruder/app:ref:refs/heads/main"}, GITHUB),
        Ask(WEB, OUR_ROLE, {SUBJECT: "repo:octo-org@123456/app@7:ref:refs/heads/main", **AUDIENCE}, GITHUB),
    ),
    "OidcProvidersOnly": (
        Ask(WEB, OUR_ROLE, {"oidc.eks.eu-west-1.amazonaws.com/id/ABCD:aud": "sts.amazonaws.com"}, EKS),
        Ask(WEB, OUR_ROLE, AUDIENCE, GITHUB),
    ),
    "SamlIssuersOnly": (
        Ask("sts:AssumeRoleWithSAML", OUR_ROLE, {"saml:aud": "https://signin.aws.amazon.com/saml"}, SAML),
        Ask("sts:AssumeRoleWithSAML", SSO_ROLE, {"saml:aud": "https://signin.aws.amazon.com/saml"}, SAML),
    ),
    "ExemptionSessionTagDenied": (
        Ask("sts:TagSession", OUR_ROLE, {"aws:TagKeys": ["guardrail-exempt"]}, SAML),
        Ask("sts:TagSession", OUR_ROLE, {"aws:TagKeys": ["team"]}, SAML),
    ),
}


@pytest.mark.parametrize("spelling", ["guardrail-exempt", "Guardrail-Exempt", "GUARDRAIL-EXEMPT"])
def test_no_spelling_of_the_tag_exempts(spelling: str) -> None:
    """aws:PrincipalTag/key matches a tag of any case, so the tag is refused in any: for a role, or by a sign-in."""
    request = Ask("iam:TagRole", role("App"), {"aws:TagKeys": ["team", spelling]})
    assert under_service_control(request, document(SERVICE_STATEMENTS["ExemptionTagProtected"])).explicit_deny
    for principal in (GITHUB, SAML, STRANGER):
        session = Ask("sts:TagSession", OUR_ROLE, {"aws:TagKeys": [spelling]}, principal)
        assert under_resource_control(session, document(RESOURCE_STATEMENTS["ExemptionSessionTagDenied"])).explicit_deny


def document(statement: Mapping[str, object]) -> dict[str, Any]:
    """A policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [dict(statement)]}


def statements(catalogue: tuple[Guardrail, ...]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every statement of a catalogue by its Sid."""
    for guardrail in catalogue:
        yield from zip(guardrail.sids, guardrail.render(EXEMPTIONS), strict=True)


SERVICE_STATEMENTS: Final = dict(statements(ALL_SERVICE_CONTROLS))
RESOURCE_STATEMENTS: Final = dict(statements(ALL_RESOURCE_CONTROLS))


def under_service_control(ask: Ask, *documents: Mapping[str, Any]) -> Decision:
    """The decision for somebody with every permission, under these service control policies."""
    identity = [EVERYTHING] if isinstance(ask.principal, IamRole) else []
    return evaluate(ask.request(), identity=identity, service_control=[[EVERYTHING, *documents]])


def under_resource_control(ask: Ask, *documents: Mapping[str, Any]) -> Decision:
    """The decision where the resource's own policy lets everybody in, under these resource control policies."""
    identity = [EVERYTHING] if isinstance(ask.principal, IamRole) else []
    resource = TRUSTS_ALL if ask.action.startswith("sts:") else OPEN
    return evaluate(ask.request(), identity=identity, resource=resource, resource_control=[list(documents)])


def test_every_statement_is_evaluated() -> None:
    """No statement of the catalogue is without a denied and an allowed request, and no request without a statement."""
    assert set(SERVICE) == set(SERVICE_STATEMENTS)
    assert set(RESOURCE) == set(RESOURCE_STATEMENTS)


@pytest.mark.parametrize("sid", SERVICE)
def test_a_service_control_policy_denies(sid: str) -> None:
    """The request that the statement is for is denied by it."""
    decision = under_service_control(SERVICE[sid][0], document(SERVICE_STATEMENTS[sid]))
    assert decision.explicit_deny
    assert decision.statement is not None
    assert decision.statement.sid == sid


@pytest.mark.parametrize("sid", SERVICE)
def test_a_service_control_policy_leaves_alone(sid: str) -> None:
    """A request close to that is allowed."""
    assert under_service_control(SERVICE[sid][1], document(SERVICE_STATEMENTS[sid])).allowed


@pytest.mark.parametrize("sid", RESOURCE)
def test_a_resource_control_policy_denies(sid: str) -> None:
    """The request that the statement is for is denied by it."""
    decision = under_resource_control(RESOURCE[sid][0], document(RESOURCE_STATEMENTS[sid]))
    assert decision.explicit_deny
    assert decision.statement is not None
    assert decision.statement.sid == sid


@pytest.mark.parametrize("sid", RESOURCE)
def test_a_resource_control_policy_leaves_alone(sid: str) -> None:
    """A request close to that is allowed, under every other statement of the catalogue too."""
    documents = [document(statement) for statement in RESOURCE_STATEMENTS.values()]
    assert under_resource_control(RESOURCE[sid][1], document(RESOURCE_STATEMENTS[sid])).allowed
    assert under_resource_control(RESOURCE[sid][1], *documents).allowed


EXEMPT_ROLES: Final = [name.replace("*", "x") for name in AUTOMATION_ROLES] + ["break-glass/operator"]


@pytest.mark.parametrize("sid", [sid for sid in SERVICE if sid not in {"RootUserDenied", "LeavingDenied"}])
@pytest.mark.parametrize("name", EXEMPT_ROLES)
def test_the_exempt_are_left_alone(sid: str, name: str) -> None:
    """What is denied to everybody else is allowed to the exempt roles, in every statement."""
    ask = SERVICE[sid][0]._replace(principal=IamRole(role(name)))
    assert under_service_control(ask, document(SERVICE_STATEMENTS[sid])).allowed


@pytest.mark.parametrize("sid", [sid for sid in SERVICE if sid not in {"RootUserDenied", "LeavingDenied"}])
def test_the_tag_exempts_too(sid: str) -> None:
    """A role that bears the tag with the value `true` is exempt, and with another value it is not."""
    tagged = [IamRole(role("App"), tags={"guardrail-exempt": value}) for value in ("true", "false")]
    decisions = [
        under_service_control(SERVICE[sid][0]._replace(principal=one), document(SERVICE_STATEMENTS[sid])).allowed
        for one in tagged
    ]
    assert decisions == [True, False]


@pytest.mark.parametrize("sid", SERVICE)
def test_people_and_pipelines_are_bound(sid: str) -> None:
    """Whoever signs in by Identity Center, and CDK's deployments, are denied by every statement as anybody is."""
    for principal in (PERSON, PIPELINE):
        if SERVICE[sid][0].principal is ROOT:
            continue
        ask = SERVICE[sid][0]._replace(principal=principal)
        assert under_service_control(ask, document(SERVICE_STATEMENTS[sid])).explicit_deny


@pytest.mark.parametrize("sid", [sid for sid in SERVICE if sid not in {"RootUserDenied", "LeavingDenied"}])
def test_people_and_pipelines_are_exempt_on_request(sid: str) -> None:
    """With people=True and pipelines=True the same statements leave them alone."""
    rendered = {
        own: statement
        for guardrail in ALL_SERVICE_CONTROLS
        for own, statement in zip(
            guardrail.sids, guardrail.render(Exemptions(people=True, pipelines=True)), strict=True
        )
    }
    for principal in (PERSON, PIPELINE):
        ask = SERVICE[sid][0]._replace(principal=principal)
        assert under_service_control(ask, document(rendered[sid])).allowed


# What `cdk deploy` does, from assuming the bootstrap roles to CloudFormation's own calls with the execution role.
DEPLOYMENT: Final = [
    Ask("cloudformation:CreateChangeSet", stack("Web")),
    Ask("cloudformation:ExecuteChangeSet", stack("Web")),
    Ask("cloudformation:DescribeStacks", stack("Web")),
    Ask("ssm:GetParameters", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/cdk-bootstrap/hnb659fds/version"),
    Ask("s3:PutObject", f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/asset.zip"),
    Ask("iam:PassRole", role(f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}")),
    Ask("iam:CreateRole", role("Web-TaskRole")),
    Ask("iam:AttachRolePolicy", role("Web-TaskRole")),
    Ask("iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/Web"),
    Ask("s3:CreateBucket", "arn:aws:s3:::web-documents"),
    Ask("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::web-documents"),
    Ask("kms:CreateKey"),
    Ask("ec2:CreateVpc", ec2("vpc")),
    Ask("rds:CreateDBCluster", context={"rds:StorageEncrypted": True}),
    Ask("rds:CreateDBInstance", RDS, {"rds:StorageEncrypted": False, "rds:DatabaseEngine": "aurora-postgresql"}),
    Ask("lambda:CreateFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Orders"),
    Ask("cloudfront:CreateDistribution", context={"aws:RequestedRegion": "us-east-1"}),
]
WORKLOAD_STATEMENTS: Final = [
    document(statement)
    for sid, statement in SERVICE_STATEMENTS.items()
    if sid not in {"EverythingDenied", "InternetGatewaysDenied", "RegionsAllowed"}
]


@pytest.mark.parametrize("ask", DEPLOYMENT, ids=lambda ask: ask.action)
def test_a_cdk_deployment_works_under_every_statement(ask: Ask) -> None:
    """Bound by every guardrail for workloads, a deployment does what it has to."""
    assert under_service_control(ask._replace(principal=PIPELINE), *WORKLOAD_STATEMENTS).allowed


def test_bootstrap_roles_are_assumed_from_within() -> None:
    """A pipeline of the organization assumes CDK's roles under every resource control policy."""
    documents = [document(statement) for statement in RESOURCE_STATEMENTS.values()]
    deploy = Ask("sts:AssumeRole", role(f"cdk-hnb659fds-deploy-role-{ACCOUNT}-{REGION}"), OURS)
    assert under_resource_control(deploy, *documents).allowed


def test_services_act_under_every_resource_control_policy() -> None:
    """A service that says for whom it acts within the organization, or says nothing, is let in."""
    documents = [document(statement) for statement in RESOURCE_STATEMENTS.values()]
    for context in ({}, {"aws:SourceAccount": ACCOUNT, "aws:SourceOrgID": ORG}):
        assert under_resource_control(Ask("s3:PutObject", BUCKET, context, TRAIL), *documents).allowed
    ec2_service = ServicePrincipal("ec2.amazonaws.com")
    assert under_resource_control(Ask("sts:AssumeRole", OUR_ROLE, {}, ec2_service), *documents).allowed


def test_nobody_unknown_reads_data() -> None:
    """Anonymous requests are denied, whatever the bucket's policy says."""
    documents = [document(statement) for statement in RESOURCE_STATEMENTS.values()]
    ask = Ask("s3:GetObject", BUCKET, {}, AnonymousPrincipal())
    assert under_resource_control(ask, *documents).explicit_deny


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [
        ("repo:octo-org/app:ref:refs/heads/main", True),
        ("repo:octo-org@123456/app@1:environment:prod", True),
        ("repo:octo-org@999999/app@1:environment:prod", False),
        ("repo:octo-org-evil/app:ref:refs/heads/main", False),
        ("repo:octo-orgx@123456/app@1:ref:refs/heads/main", False),
    ],
)
def test_github_owners_in_both_forms(subject: str, allowed: bool) -> None:
    """The classic subject and the one with ids are admitted for our owner, and for none whose name looks like it."""
    ask = Ask(WEB, OUR_ROLE, {SUBJECT: subject}, GITHUB)
    assert under_resource_control(ask, document(RESOURCE_STATEMENTS["GitHubOwnersOnly"])).allowed is allowed


@pytest.mark.parametrize(("issuer", "allowed"), [("https://idp.example.com", True), ("https://evil.example", False)])
def test_named_saml_issuers(issuer: str, allowed: bool) -> None:
    """A SAML issuer that is named signs in people to other roles too."""
    (statement,) = saml_issuers_only(["https://idp.example.com"]).render(EXEMPTIONS)
    ask = Ask("sts:AssumeRoleWithSAML", OUR_ROLE, {"saml:iss": issuer, "saml:aud": "x"}, SAML)
    assert under_resource_control(ask, document(statement)).allowed is allowed


def test_the_whole_catalogue_fits() -> None:
    """Everything at once is one service control and one resource control policy: quotas of 2026."""
    for catalogue, policy_type in (
        (SERVICE_STATEMENTS, PolicyType.SERVICE_CONTROL),
        (RESOURCE_STATEMENTS, PolicyType.RESOURCE_CONTROL),
    ):
        assert len(pack(list(catalogue.values()), QUOTAS[policy_type])) == 1


def test_the_packed_catalogue_decides_as_its_statements() -> None:
    """Merged and packed, the catalogue denies what each of its statements denies, and no exempt role anything."""
    without = {sid: one for sid, one in SERVICE_STATEMENTS.items() if sid != "EverythingDenied"}
    packed = [policy.document for policy in pack(list(without.values()), QUOTAS[PolicyType.SERVICE_CONTROL])]
    for sid in without:
        denied, _ = SERVICE[sid]
        assert under_service_control(denied, *packed).explicit_deny, sid
        if sid not in {"RootUserDenied", "LeavingDenied"}:
            exempt = denied._replace(principal=IamRole(role("stacksets-exec-x")))
            assert under_service_control(exempt, *packed).allowed, sid


@pytest.mark.parametrize("guardrail", [*ALL_SERVICE_CONTROLS, *ALL_RESOURCE_CONTROLS], ids=lambda one: one.name)
def test_every_guardrail_explains_itself(guardrail: Guardrail) -> None:
    """Why, against what, where AWS says so, what stops working, and whom it must not hit."""
    assert guardrail.reference.startswith("https://docs.aws.amazon.com/")
    for text in (guardrail.rationale, guardrail.threat, guardrail.blast_radius, guardrail.must_not_hit):
        assert text.endswith((".", ")", ":"))
    assert "arn:aws:" not in str(guardrail.statements)


@pytest.mark.parametrize(
    "one", [*ALL_SERVICE_CONTROLS, *ALL_RESOURCE_CONTROLS, *ALL_MANAGEMENT_POLICIES], ids=lambda one: one.name
)
def test_the_page_has_the_catalogue(one: Guardrail | ManagementPolicy) -> None:
    """The documentation's table says of each what the code says."""
    row = [f"[`{one.name}`]({one.reference})", one.rationale, getattr(one, "threat", ""), one.blast_radius]
    cells = " | ".join([*row, getattr(one, "must_not_hit", "")])
    assert f"| {cells} |" in PAGE.read_text(encoding="utf-8")
