"""The catalogue of service control policies: what no principal of a member account may do.

Each function returns one guardrail. `ALL_SERVICE_CONTROLS` has every one with its defaults, in the order that they are
packed in; new ones are added at the end, so that no policy that stands changes for them.

Pure Python: nothing here knows CDK.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from .guardrails import AUTOMATION_ROLES, CDK_BOOTSTRAP_ROLES, Exemptions, Guardrail
from .policy_packing import Statement

_EXAMPLES: Final = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples"
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d")


def _deny(*actions: str, resource: str | Sequence[str] = "*", **condition: Mapping[str, object]) -> Statement:
    """A Deny of actions on resources, under a condition if there is one."""
    statement: dict[str, object] = {
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": resource if isinstance(resource, str) else list(resource),
    }
    return {**statement, "Condition": condition} if condition else statement


def cloudtrail_protected() -> Guardrail:
    """CloudTrail's trails can be neither deleted, stopped nor changed."""
    return Guardrail(
        name="CloudTrailProtected",
        statements=(_deny("cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"),),
        rationale="Whoever can stop the record can do anything unseen.",
        threat="An intruder stops logging first (MITRE ATT&CK T1562.008).",
        reference="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
        blast_radius="An account's own trails cannot be changed either, once they stand.",
    )


def config_protected() -> Guardrail:
    """AWS Config goes on recording and delivering."""
    return Guardrail(
        name="ConfigProtected",
        statements=(
            _deny(
                "config:DeleteConfigurationRecorder",
                "config:DeleteDeliveryChannel",
                "config:DeleteRetentionConfiguration",
                "config:StopConfigurationRecorder",
            ),
        ),
        rationale="The history of configurations is what an investigation starts from.",
        threat="Changes that leave no trace.",
        reference="https://docs.aws.amazon.com/config/latest/developerguide/security-best-practices.html",
        blast_radius="Stacks that own a recorder cannot delete it.",
    )


def guardduty_protected() -> Guardrail:
    """GuardDuty can be neither switched off nor taken from its administrator."""
    return Guardrail(
        name="GuardDutyProtected",
        statements=(
            _deny(
                "guardduty:DeleteDetector",
                "guardduty:DeleteMembers",
                "guardduty:DisassociateFromAdministratorAccount",
                "guardduty:DisassociateFromMasterAccount",
                "guardduty:DisassociateMembers",
                "guardduty:StopMonitoringMembers",
                "guardduty:UpdateDetector",
            ),
        ),
        rationale="Threat detection that the threat can switch off detects nothing.",
        threat="Detection evaded (MITRE ATT&CK T1562.001).",
        reference="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
        blast_radius="The delegated administrator manages members from the audit account by an exempt role alone.",
        must_not_hit="The delegated administrator's account, where people administer GuardDuty.",
    )


def security_hub_protected() -> Guardrail:
    """Security Hub can be neither switched off nor taken from its administrator."""
    return Guardrail(
        name="SecurityHubProtected",
        statements=(
            _deny(
                "securityhub:BatchDisableStandards",
                "securityhub:DeleteMembers",
                "securityhub:DisableSecurityHub",
                "securityhub:DisassociateFromAdministratorAccount",
                "securityhub:DisassociateFromMasterAccount",
                "securityhub:DisassociateMembers",
            ),
        ),
        rationale="Findings have to arrive where somebody looks at them.",
        threat="Findings suppressed at their source.",
        reference="https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-accounts-orgs.html",
        blast_radius="The delegated administrator manages members from the audit account by an exempt role alone.",
        must_not_hit="The delegated administrator's account, where people administer Security Hub.",
    )


def access_analyzer_protected() -> Guardrail:
    """IAM Access Analyzer's analyzers stay."""
    return Guardrail(
        name="AccessAnalyzerProtected",
        statements=(_deny("access-analyzer:DeleteAnalyzer"),),
        rationale="Access from outside is found while it is new.",
        threat="A door opened to another account unnoticed.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
        blast_radius="Stacks that own an analyzer cannot delete it.",
    )


def leaving_denied() -> Guardrail:
    """No account leaves the organization or closes itself."""
    return Guardrail(
        name="LeavingDenied",
        statements=(_deny("account:CloseAccount", "organizations:LeaveOrganization"),),
        rationale="An account that has left is bound by nothing.",
        threat="All guardrails shaken off with one call.",
        reference=f"{_EXAMPLES}_general.html",
        blast_radius="Accounts are closed from the management account alone.",
        exemptible=False,
    )


def root_user_denied() -> Guardrail:
    """The root user of a member account does nothing; privileged sessions from the management account may."""
    return Guardrail(
        name="RootUserDenied",
        statements=(
            _deny(
                "*",
                ArnLike={"aws:PrincipalArn": "arn:*:iam::*:root"},
                Null={"aws:AssumedRoot": "true"},
            ),
        ),
        rationale="The root user is under no policy but this, and nobody is accountable for what it does.",
        threat="Stolen root credentials.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html",
        blast_radius="The few tasks that need the root user go through sts:AssumeRoot, which is left alone.",
        exemptible=False,
    )


def regions_allowed(regions: Sequence[str], *, except_actions: Sequence[str]) -> Guardrail:
    """Nothing outside the named Regions, but for the services that have one endpoint for all.

    Args:
        regions: The Regions.
        except_actions: What is left alone: `GLOBAL_SERVICE_ACTIONS`, and what a global service makes use of elsewhere.

    Raises:
        ValueError: If there is no Region, or one is malformed.
    """
    if isinstance(regions, str) or not regions or not all(_REGION.fullmatch(region) for region in regions):
        raise ValueError(f"allowed_regions: no Regions, got {regions!r}; allowed: a list such as ['eu-west-1']")
    return Guardrail(
        name="RegionsAllowed",
        statements=(
            {
                "Effect": "Deny",
                "NotAction": sorted(set(except_actions)),
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": sorted(set(regions))}},
            },
        ),
        rationale="Nobody looks where nothing should be.",
        threat="Miners in a Region that nobody watches; data where it must not be.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_examples_aws_deny-requested-region.html",
        blast_radius="Whatever runs elsewhere already cannot be reached any more: look first. Stacks for CloudFront "
        "are in us-east-1.",
    )


def iam_users_denied() -> Guardrail:
    """No IAM users and no access keys: people sign in by Identity Center, machines by roles."""
    return Guardrail(
        name="IamUsersDenied",
        statements=(_deny("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateUser"),),
        rationale="Credentials that do not expire are found sooner or later.",
        threat="Leaked access keys, the most frequent cause of incidents.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        blast_radius="Software that knows access keys alone: give it IAM Roles Anywhere, or an exempt account.",
    )


def public_s3_denied() -> Guardrail:
    """No public ACL, and the account's block of public access stays as it is."""
    acls: dict[str, object] = {"s3:x-amz-acl": ["authenticated-read", "public-read", "public-read-write"]}
    return Guardrail(
        name="PublicS3Denied",
        statements=(
            _deny("s3:PutAccountPublicAccessBlock"),
            _deny("s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl", StringEquals=acls),
        ),
        rationale="What the world reads comes from a CDN, never from a bucket.",
        threat="Data published by mistake.",
        reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        blast_radius="Websites served by S3 itself. The S3 policy blocks public access; this keeps it so.",
    )


def encryption_required(*, sse_s3_allowed: bool = False) -> Guardrail:
    """Volumes, databases and file systems are encrypted, and objects are not encrypted more weakly than their bucket.

    No header is ever required of an upload: clients rely on the bucket's default. What is refused is an explicit
    weaker choice (SSE-S3 where a bucket may say KMS) and SSE-C, whose key AWS does not keep. Aurora's instances are as
    encrypted as their cluster and say nothing themselves, so they are asked at the cluster.

    Args:
        sse_s3_allowed: Whether an upload may ask for SSE-S3 itself, as Terraform's state does. Default False.
    """
    false: dict[str, object] = {"ec2:Encrypted": "false"}
    weaker = _deny("s3:PutObject", StringEquals={"s3:x-amz-server-side-encryption": "AES256"})
    return Guardrail(
        name="EncryptionRequired",
        statements=(
            _deny("ec2:CreateVolume", "ec2:RunInstances", resource="arn:*:ec2:*:*:volume/*", Bool=false),
            _deny("rds:CreateDBCluster", Bool={"rds:StorageEncrypted": "false"}),
            _deny(
                "rds:CreateDBInstance",
                Bool={"rds:StorageEncrypted": "false"},
                StringNotLike={"rds:DatabaseEngine": ["aurora*", "docdb*", "neptune*"]},
            ),
            _deny("elasticfilesystem:CreateFileSystem", Bool={"elasticfilesystem:Encrypted": "false"}),
            _deny("s3:PutObject", Null={"s3:x-amz-server-side-encryption-customer-algorithm": "false"}),
            *(() if sse_s3_allowed else (weaker,)),
        ),
        rationale="Data at rest is unreadable without a key that somebody answers for.",
        threat="A snapshot or volume shared or stolen; objects held to ransom by SSE-C.",
        reference="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html",
        blast_radius="Clients that send 'AES256' themselves, Terraform's state among them, unless sse_s3_allowed=True.",
    )


def imdsv2_required() -> Guardrail:
    """Instances are launched with IMDSv2, are not turned back, and their IMDSv1 credentials are worth nothing."""
    return Guardrail(
        name="Imdsv2Required",
        statements=(
            _deny(
                "ec2:RunInstances",
                resource="arn:*:ec2:*:*:instance/*",
                StringNotEquals={"ec2:MetadataHttpTokens": "required"},
            ),
            _deny("ec2:ModifyInstanceMetadataOptions", StringEquals={"ec2:Attribute/HttpTokens": "optional"}),
            _deny("*", NumericLessThan={"ec2:RoleDelivery": "2.0"}),
        ),
        rationale="IMDSv1 hands an instance's credentials to any request that an application can be talked into.",
        threat="Server-side request forgery (the Capital One breach).",
        reference="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-instance-metadata",
        blast_radius="Launches that neither say http_tokens=required nor have a launch template or default that does.",
    )


def default_vpc_denied(*, subnet_tag: str = "aws-cdk:subnet-name") -> Guardrail:
    """Nothing is launched in a default VPC, and none is made anew.

    No condition key says that a subnet is a default one, but default subnets bear no tags: so instances are launched in
    tagged subnets alone.

    Args:
        subnet_tag: A tag key that every subnet of your own has. Default: that of every subnet that CDK makes.
    """
    return Guardrail(
        name="DefaultVpcDenied",
        statements=(
            _deny("ec2:CreateDefaultSubnet", "ec2:CreateDefaultVpc"),
            _deny(
                "ec2:RunInstances",
                resource="arn:*:ec2:*:*:subnet/*",
                Null={f"aws:ResourceTag/{subnet_tag}": "true"},
            ),
        ),
        rationale="A default VPC is public, flat, and nobody planned its addresses.",
        threat="Workloads on the internet by default.",
        reference="https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html",
        blast_radius="Subnets without the tag, if others than CDK made them.",
    )


def internet_gateways_denied() -> Guardrail:
    """No way to the internet is made in accounts that keep data."""
    return Guardrail(
        name="InternetGatewaysDenied",
        statements=(
            _deny(
                "ec2:AttachInternetGateway",
                "ec2:CreateCarrierGateway",
                "ec2:CreateEgressOnlyInternetGateway",
                "ec2:CreateInternetGateway",
            ),
        ),
        rationale="What has no route to the internet cannot leak to it.",
        threat="Exfiltration, and databases that the world reaches.",
        reference=f"{_EXAMPLES}_vpc.html",
        blast_radius="Every VPC with a public tier.",
        must_not_hit="Network accounts, and workloads with a public tier.",
    )


def protected_roles(exemptions: Exemptions, *, further: Sequence[str] = ()) -> Guardrail:
    """Only the exempt change the exempt roles: whoever can change one is one.

    Args:
        exemptions: Whose roles.
        further: More roles to protect, by name with wildcards, such as the baseline's audit role.
    """
    names = dict.fromkeys((*AUTOMATION_ROLES, *exemptions.role_names, *further))
    return Guardrail(
        name="RolesProtected",
        statements=(
            _deny(
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                resource=[f"arn:*:iam::*:role/{name}" for name in names],
            ),
        ),
        rationale="An exemption is worth what it costs to get it.",
        threat="Privileges gained by making a role of an exempt name.",
        reference="https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/welcome.html",
        blast_radius="Roles of these names are made and changed by StackSets, Control Tower and the exempt alone.",
    )


def exemption_tag_protected(tag_key: str) -> Guardrail:
    """Only the exempt give the tag that exempts.

    In any spelling: condition keys know no case, so a tag `Exempt` would exempt where `exempt` does. Whoever signs in
    from outside is no principal that a service control policy binds: `exemption_session_tag_denied` is about them.

    Args:
        tag_key: The tag's key.
    """
    tagging = _deny(
        "iam:CreateRole",
        "iam:CreateUser",
        "iam:TagRole",
        "iam:TagUser",
        "iam:UntagRole",
        "iam:UntagUser",
        "sts:TagSession",
    )
    condition = {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": [tag_key]}}
    return Guardrail(
        name="ExemptionTagProtected",
        statements=({**tagging, "Condition": condition},),
        rationale="An exemption is worth what it costs to get it.",
        threat="Privileges gained by a tag.",
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html",
        blast_radius="Whoever tags roles or users with this key, in any spelling.",
    )


def protected_stacks(*, stacks: Sequence[str] = ("StackSet-*", "CDKToolkit")) -> Guardrail:
    """Only the exempt change the stacks that every account begins with.

    Args:
        stacks: Names of stacks, with wildcards. Default: what StackSets delivers, and CDK's bootstrap stack, which is
            then delivered by StackSets or by an exempt role.
    """
    return Guardrail(
        name="StacksProtected",
        statements=(
            _deny(
                "cloudformation:CancelUpdateStack",
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteStack",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:SetStackPolicy",
                "cloudformation:UpdateStack",
                "cloudformation:UpdateTerminationProtection",
                resource=[f"arn:*:cloudformation:*:*:stack/{name}/*" for name in stacks],
            ),
        ),
        rationale="A baseline that an account can delete is none.",
        threat="Audit roles and analyzers removed with their stack.",
        reference="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html",
        blast_radius="`cdk bootstrap` by a role that is not exempt; self-managed stack sets, unless "
        "AWSCloudFormationStackSetExecutionRole is.",
    )


def expensive_instances_denied(
    *,
    instance_types: Sequence[str] = (
        "*.12xlarge", "*.16xlarge", "*.18xlarge", "*.24xlarge", "*.32xlarge", "*.48xlarge", "*.metal*",
        "dl*", "f1.*", "f2.*", "g*", "inf*", "p*", "trn*", "u-*", "u7*", "vt*", "x*",
    ),
) -> Guardrail:  # fmt: skip
    """No instance that costs more in a day than a developer's account in a month.

    Args:
        instance_types: EC2 instance types with wildcards. Default: accelerators, memory giants, bare metal, and
            whatever has 48 vCPUs or more.
    """
    return Guardrail(
        name="ExpensiveInstancesDenied",
        statements=(
            _deny(
                "ec2:RunInstances",
                resource="arn:*:ec2:*:*:instance/*",
                StringLike={"ec2:InstanceType": sorted(set(instance_types))},
            ),
        ),
        rationale="A forgotten accelerator costs more than the team that forgot it.",
        threat="Bills, by accident or by miners.",
        reference="https://docs.aws.amazon.com/wellarchitected/latest/cost-optimization-pillar/"
        "cost_govern_usage_controls.html",
        blast_radius="Machine learning and load tests in these accounts: give them one of their own.",
        must_not_hit="Production, where the size is somebody's decision.",
    )


def everything_denied() -> Guardrail:
    """A suspended account does nothing: for the Suspended OU, where accounts wait for their closure."""
    return Guardrail(
        name="EverythingDenied",
        statements=(_deny("*"),),
        rationale="An account that nobody looks after must not act.",
        threat="Forgotten workloads and credentials.",
        reference="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/suspended-ou.html",
        blast_radius="Everything but what the exempt do.",
        must_not_hit="Any account in use.",
    )


ALL_SERVICE_CONTROLS: Final[tuple[Guardrail, ...]] = (
    cloudtrail_protected(),
    config_protected(),
    guardduty_protected(),
    security_hub_protected(),
    access_analyzer_protected(),
    leaving_denied(),
    root_user_denied(),
    regions_allowed(["eu-west-1"], except_actions=["iam:*", "sts:*"]),
    iam_users_denied(),
    public_s3_denied(),
    encryption_required(),
    imdsv2_required(),
    default_vpc_denied(),
    internet_gateways_denied(),
    protected_roles(Exemptions(roles=CDK_BOOTSTRAP_ROLES)),
    exemption_tag_protected("guardrail-exempt"),
    protected_stacks(),
    expensive_instances_denied(),
    everything_denied(),
)
"""Every guardrail of this catalogue, with examples of what has no default."""
