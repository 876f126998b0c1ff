"""Emptying a VPC's default security group, for which CloudFormation has no property; loaded only on request."""

from collections.abc import Mapping
from typing import Final, cast

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct

from aws_architect_constructs._validations import acknowledge
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

_FUNCTION_ID: Final = f"AWS{cr.AwsCustomResource.PROVIDER_FUNCTION_UUID.replace('-', '')}"
_MEMORY_MIB: Final = 256
_FUNCTION_FINDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "LambdaConcurrency": ("NIST.800.53.R5", "HIPAA.Security"),
    "LambdaDLQ": ("NIST.800.53.R5", "HIPAA.Security", "Serverless"),
    "LambdaInsideVPC": ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"),
    "LambdaTracing": ("Serverless",),
}
_FUNCTION_REASON: Final = (
    "CDK's custom-resource function, which CloudFormation alone calls while it deploys, waits for, and reports on. It "
    "calls one API of EC2, which a place in this VPC would make depend on the network that is being built."
)

Permission = Mapping[str, object]


class EmptyDefaultSecurityGroup(Construct):
    """Revokes the rules that AWS gives a default security group, once, when the VPC is made.

    CDK's `AwsCustomResource` does it: a Lambda function that is permitted to change this one group. CDK keeps one such
    function a stack, so another `AwsCustomResource` beside it shares the function and its role. It costs nothing while
    idle, but it is a function with a role to keep, so it is opt-in.

    Attributes:
        log_group: Where the function logs; None where another construct of the stack has such a function already.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        group_id: str,
        dual_stack: bool,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        # CDK keeps one such function a stack: where another construct's was first, that one is used as it is.
        existing = stack.node.try_find_child(_FUNCTION_ID)
        self.log_group: Final = (
            logs.LogGroup(
                self,
                "LogGroup",
                encryption_key=encryption_key_for(self, encryption_key, KeyService.LOGS),
                retention=log_retention,
                removal_policy=removal_policy,
            )
            if existing is None
            else None
        )
        itself = {"UserIdGroupPairs": [{"GroupId": group_id, "UserId": stack.account}]}
        rules: list[tuple[str, str, Permission]] = [
            ("Ingress", "RevokeSecurityGroupIngress", itself),
            ("Egress", "RevokeSecurityGroupEgress", {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        ]
        if dual_stack:
            rules.append(("EgressIpv6", "RevokeSecurityGroupEgress", {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}))
        role = (
            iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
            if existing is None
            else cast("iam.IRole", cast("lambda_.Function", existing).role)
        )
        resources = [self._revoke(name, action, group_id, peer, role) for name, action, peer in rules]
        function = cast("lambda_.Function", stack.node.find_child(_FUNCTION_ID))
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
                        resources=[
                            f"arn:{stack.partition}:ec2:{stack.region}:{stack.account}:security-group/{group_id}"
                        ],
                    ),
                    *self._log_statements(),
                ],
            ),
            roles=[role],
        )
        for resource in resources:
            resource.node.add_dependency(policy)
        for rule, packs in _FUNCTION_FINDINGS.items():
            for pack in packs:
                acknowledge(function, f"{pack}::{pack}-{rule}", _FUNCTION_REASON)

    def _log_statements(self) -> list[iam.PolicyStatement]:
        if self.log_group is None:
            return []
        return [
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]
            )
        ]

    def _revoke(self, name: str, action: str, group_id: str, peer: Permission, role: iam.IRole) -> cr.AwsCustomResource:
        return cr.AwsCustomResource(
            self,
            name,
            resource_type="Custom::EmptyDefaultSecurityGroup",
            on_create=cr.AwsSdkCall(
                service="ec2",
                action=action,
                parameters={"GroupId": group_id, "IpPermissions": [{"IpProtocol": "-1", **peer}]},
                physical_resource_id=cr.PhysicalResourceId.of(f"{group_id}-{name}"),
                ignore_error_codes_matching="InvalidPermission.NotFound",
                logging=cr.Logging.with_data_hidden(),
            ),
            role=role,
            memory_size=_MEMORY_MIB,
            install_latest_aws_sdk=False,
            log_group=self.log_group,
        )
