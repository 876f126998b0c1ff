"""Names and ARNs that references could get in a deployment: the property where there is one, else the logical id.

Return values of Ref and Fn::GetAtt:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
ARN formats: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["NAMING", "Naming"]


@dataclass(frozen=True)
class Naming:
    """How a type's references read.

    Attributes:
        ref: What Ref returns.
        attributes: What Fn::GetAtt returns for each attribute.
        name_property: The property that names the resource, or that refers to the one whose name it has.
        qualifier_property: The property that tells its versions or aliases apart; without it they are number 1.
        lower: Whether the service allows lower case only.
        short: Whether names are so short that CloudFormation cuts the stack's name and the logical id off, so that
            nothing tells what a name begins with.
        kinds: What the ARN says for each value of the property `Type`; the first where there is none.
    """

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    name_property: str | None = None
    qualifier_property: str | None = None
    lower: bool = False
    short: bool = False
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def properties(self) -> list[str]:
        """The properties that a name or an ARN follows from."""
        named = (self.name_property, self.qualifier_property, "Type" if self.kinds else None)
        return [each for each in named if each is not None]


_REGIONAL = "{region}:{account}"


def _regional(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{_REGIONAL}:{resource}"


_OIDC_PROVIDER = "arn:{partition}:iam::{account}:oidc-provider/{name}"
_FUNCTION = _regional("lambda", "function:{name}")
_QUALIFIED = _FUNCTION + ":{qualifier}"
_TABLE = {
    "Arn": _regional("dynamodb", "table/{name}"),
    "StreamArn": _regional("dynamodb", "table/{name}/stream/2026-01-01T00:00:00.000"),
}
_TOPIC = _regional("sns", "{name}")
_SECRET = _regional("secretsmanager", "secret:{name}-AbCdEf")
_LOAD_BALANCER = "{kind}/{name}/{id}"
_TARGET_GROUP = "targetgroup/{name}/{id}"
_LOAD_BALANCER_ARN = _regional("elasticloadbalancing", f"loadbalancer/{_LOAD_BALANCER}")
_TARGET_GROUP_ARN = _regional("elasticloadbalancing", _TARGET_GROUP)
# Only listeners of Application Load Balancers have rules. What a rule's load balancer is called, the rule does not say.
_RULE_ARN = _regional("elasticloadbalancing", "listener-rule/app/{name}/{id}/{id}/{id}")
_STATE_MACHINE = _regional("states", "stateMachine:{name}")

NAMING: dict[str, Naming] = {
    "AWS::S3::Bucket": Naming("{name}", {"Arn": "arn:{partition}:s3:::{name}"}, "BucketName", lower=True),
    "AWS::IAM::Role": Naming("{name}", {"Arn": "arn:{partition}:iam::{account}:role{path}{name}"}, "RoleName"),
    "AWS::IAM::User": Naming("{name}", {"Arn": "arn:{partition}:iam::{account}:user{path}{name}"}, "UserName"),
    "AWS::IAM::Group": Naming("{name}", {"Arn": "arn:{partition}:iam::{account}:group{path}{name}"}, "GroupName"),
    "AWS::IAM::ManagedPolicy": Naming(
        "arn:{partition}:iam::{account}:policy{path}{name}",
        {"PolicyArn": "arn:{partition}:iam::{account}:policy{path}{name}"},
        "ManagedPolicyName",
    ),
    "AWS::IAM::InstanceProfile": Naming(
        "{name}", {"Arn": "arn:{partition}:iam::{account}:instance-profile{path}{name}"}, "InstanceProfileName"
    ),
    "AWS::IAM::SAMLProvider": Naming("arn:{partition}:iam::{account}:saml-provider/{name}", {}, "Name"),
    "AWS::IAM::OIDCProvider": Naming(_OIDC_PROVIDER, {"Arn": _OIDC_PROVIDER}, "Url"),
    "AWS::KMS::Key": Naming("{name}", {"Arn": _regional("kms", "key/{name}"), "KeyId": "{name}"}, lower=True),
    "AWS::KMS::Alias": Naming("{name}", {}, "AliasName"),
    "AWS::SQS::Queue": Naming(
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
        {"Arn": _regional("sqs", "{name}"), "QueueName": "{name}"},
        "QueueName",
    ),
    "AWS::SNS::Topic": Naming(_TOPIC, {"TopicArn": _TOPIC, "TopicName": "{name}"}, "TopicName"),
    "AWS::Lambda::Function": Naming("{name}", {"Arn": _FUNCTION}, "FunctionName"),
    "AWS::Lambda::Alias": Naming(_QUALIFIED, {"AliasArn": _QUALIFIED}, "FunctionName", "Name"),
    "AWS::Lambda::Version": Naming(_QUALIFIED, {"FunctionArn": _QUALIFIED, "Version": "1"}, "FunctionName"),
    "AWS::DynamoDB::Table": Naming("{name}", _TABLE, "TableName"),
    "AWS::DynamoDB::GlobalTable": Naming("{name}", _TABLE, "TableName"),
    "AWS::SecretsManager::Secret": Naming(_SECRET, {"Id": _SECRET}, "Name"),
    "AWS::Logs::LogGroup": Naming("{name}", {"Arn": _regional("logs", "log-group:{name}:*")}, "LogGroupName"),
    "AWS::ECS::Cluster": Naming("{name}", {"Arn": _regional("ecs", "cluster/{name}")}, "ClusterName"),
    "AWS::ECS::TaskDefinition": Naming(_regional("ecs", "task-definition/{name}:1"), {}, "Family"),
    "AWS::ECR::Repository": Naming(
        "{name}", {"Arn": _regional("ecr", "repository/{name}")}, "RepositoryName", lower=True
    ),
    "AWS::StepFunctions::StateMachine": Naming(
        _STATE_MACHINE, {"Arn": _STATE_MACHINE, "Name": "{name}"}, "StateMachineName"
    ),
    "AWS::Events::EventBus": Naming("{name}", {"Arn": _regional("events", "event-bus/{name}")}, "Name"),
    "AWS::Events::Rule": Naming("{name}", {"Arn": _regional("events", "rule/{name}")}, "Name"),
    "AWS::Kinesis::Stream": Naming("{name}", {"Arn": _regional("kinesis", "stream/{name}")}, "Name"),
    "AWS::SSM::Parameter": Naming("{name}", {}, "Name"),
    "AWS::RDS::DBCluster": Naming(
        "{name}", {"DBClusterArn": _regional("rds", "cluster:{name}")}, "DBClusterIdentifier", lower=True
    ),
    "AWS::EFS::FileSystem": Naming(
        "fs-{name}",
        {"Arn": _regional("elasticfilesystem", "file-system/fs-{name}"), "FileSystemId": "fs-{name}"},
        lower=True,
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Naming(
        _LOAD_BALANCER_ARN,
        {"LoadBalancerArn": _LOAD_BALANCER_ARN, "LoadBalancerFullName": _LOAD_BALANCER, "LoadBalancerName": "{name}"},
        "Name",
        short=True,
        kinds={"application": "app", "network": "net", "gateway": "gwy"},
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Naming(
        _TARGET_GROUP_ARN,
        {"TargetGroupArn": _TARGET_GROUP_ARN, "TargetGroupFullName": _TARGET_GROUP, "TargetGroupName": "{name}"},
        "Name",
        short=True,
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": Naming(_RULE_ARN, {"RuleArn": _RULE_ARN}, short=True),
    "AWS::EC2::VPC": Naming("vpc-{name}", {"VpcId": "vpc-{name}"}, lower=True),
    "AWS::EC2::Subnet": Naming("subnet-{name}", {"SubnetId": "subnet-{name}"}, lower=True),
    "AWS::EC2::SecurityGroup": Naming("sg-{name}", {"GroupId": "sg-{name}"}, lower=True),
    "AWS::EC2::VPCEndpoint": Naming("vpce-{name}", {"Id": "vpce-{name}"}, lower=True),
    "AWS::CloudFront::Distribution": Naming("{name}", {"Id": "{name}"}),
    "AWS::Backup::BackupVault": Naming(
        "{name}",
        {"BackupVaultArn": _regional("backup", "backup-vault:{name}"), "BackupVaultName": "{name}"},
        "BackupVaultName",
    ),
}
