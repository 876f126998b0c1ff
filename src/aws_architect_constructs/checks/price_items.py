"""What has a price: each item with its unit, AWS's page, and the query of the AWS Price List that answers it.

An id is the item's name without its Region: `nat-gateway-hour`, or `rds/postgres/single/db.t4g.medium` for one of a
family. The price book keeps the figures.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HOUR: Final = "hour"
MONTH: Final = "month"

GLOBAL: Final = "global"
"""Where the book keeps prices that are the same in every Region."""


@dataclass(frozen=True, kw_only=True)
class PriceItem:
    """One item.

    Attributes:
        id: Its name in the price book.
        title: What it is, in a report.
        unit: What one of it is: an hour, a month, a GB.
        page: The page on which AWS publishes the price.
        service: The offer's code in the AWS Price List.
        usage: The usage type there, without the Region in front.
        filters: What else tells the product from its siblings.
        is_global: Whether the price is the same everywhere.
    """

    id: str
    title: str
    unit: str
    page: str
    service: str
    usage: str
    filters: Mapping[str, str] = field(default_factory=dict)
    is_global: bool = False


_VPC: Final = "https://aws.amazon.com/vpc/pricing/"
_PRIVATELINK: Final = "https://aws.amazon.com/privatelink/pricing/"
_ELB: Final = "https://aws.amazon.com/elasticloadbalancing/pricing/"
_FARGATE: Final = "https://aws.amazon.com/fargate/pricing/"
_LAMBDA: Final = "https://aws.amazon.com/lambda/pricing/"
_EBS: Final = "https://aws.amazon.com/ebs/pricing/"
_AURORA: Final = "https://aws.amazon.com/rds/aurora/pricing/"
_RDS: Final = "https://aws.amazon.com/rds/pricing/"
_DYNAMODB: Final = "https://aws.amazon.com/dynamodb/pricing/"
_CLOUDWATCH: Final = "https://aws.amazon.com/cloudwatch/pricing/"
_S3: Final = "https://aws.amazon.com/s3/pricing/"
_WAF: Final = "https://aws.amazon.com/waf/pricing/"


def _item(  # noqa: PLR0917 - a row of a table
    item_id: str, title: str, unit: str, page: str, service: str, usage: str, **filters: str
) -> PriceItem:
    everywhere = bool(filters.pop("everywhere", ""))
    return PriceItem(
        id=item_id,
        title=title,
        unit=unit,
        page=page,
        service=service,
        usage=usage,
        filters=filters,
        is_global=everywhere,
    )


_ITEMS: Final = (
    _item("nat-gateway-hour", "NAT gateway", HOUR, _VPC, "AmazonEC2", "NatGateway-Hours"),
    _item("nat-gateway-gb", "NAT gateway, data processed", "GB", _VPC, "AmazonEC2", "NatGateway-Bytes"),
    _item(
        "regional-nat-gateway-hour", "regional NAT gateway, an AZ", HOUR, _VPC, "AmazonEC2", "RegionalNatGateway-Hours"
    ),
    _item("public-ipv4-hour", "public IPv4 address", HOUR, _VPC, "AmazonVPC", "PublicIPv4:InUseAddress"),
    _item("interface-endpoint-hour", "interface endpoint, an AZ", HOUR, _PRIVATELINK, "AmazonVPC", "VpcEndpoint-Hours"),
    _item("interface-endpoint-gb", "interface endpoint, data", "GB", _PRIVATELINK, "AmazonVPC", "VpcEndpoint-Bytes"),
    _item(
        "gwlb-endpoint-hour",
        "Gateway Load Balancer endpoint, an AZ",
        HOUR,
        _PRIVATELINK,
        "AmazonVPC",
        "VpcEndpoint-GWLBE-Hours",
    ),
    _item(
        "transit-gateway-attachment-hour",
        "transit gateway attachment",
        HOUR,
        "https://aws.amazon.com/transit-gateway/pricing/",
        "AmazonVPC",
        "TransitGateway-Hours",
    ),
    _item(
        "transit-gateway-gb",
        "transit gateway, data",
        "GB",
        "https://aws.amazon.com/transit-gateway/pricing/",
        "AmazonVPC",
        "TransitGateway-Bytes",
    ),
    _item(
        "alb-hour",
        "Application Load Balancer",
        HOUR,
        _ELB,
        "AWSELB",
        "LoadBalancerUsage",
        productFamily="Load Balancer-Application",
    ),
    _item(
        "alb-lcu-hour",
        "Application Load Balancer, LCU",
        "LCU-hour",
        _ELB,
        "AWSELB",
        "LCUUsage",
        productFamily="Load Balancer-Application",
    ),
    _item(
        "nlb-hour",
        "Network Load Balancer",
        HOUR,
        _ELB,
        "AWSELB",
        "LoadBalancerUsage",
        productFamily="Load Balancer-Network",
    ),
    _item(
        "nlb-lcu-hour",
        "Network Load Balancer, NLCU",
        "NLCU-hour",
        _ELB,
        "AWSELB",
        "LCUUsage",
        productFamily="Load Balancer-Network",
    ),
    _item(
        "clb-hour", "Classic Load Balancer", HOUR, _ELB, "AWSELB", "LoadBalancerUsage", productFamily="Load Balancer"
    ),
    _item(
        "clb-gb",
        "Classic Load Balancer, data",
        "GB",
        _ELB,
        "AWSELB",
        "DataProcessing-Bytes",
        productFamily="Load Balancer",
    ),
    _item(
        "network-firewall-endpoint-hour",
        "Network Firewall endpoint",
        HOUR,
        "https://aws.amazon.com/network-firewall/pricing/",
        "AWSNetworkFirewall",
        "Endpoint-Hour",
    ),
    _item(
        "network-firewall-gb",
        "Network Firewall, data",
        "GB",
        "https://aws.amazon.com/network-firewall/pricing/",
        "AWSNetworkFirewall",
        "Traffic-GB-Processed",
    ),
    _item(
        "resolver-endpoint-hour",
        "Route 53 Resolver endpoint, an address",
        HOUR,
        "https://aws.amazon.com/route53/pricing/",
        "AmazonRoute53",
        "ResolverNetworkInterface",
    ),
    _item(
        "hosted-zone-month",
        "Route 53 hosted zone",
        MONTH,
        "https://aws.amazon.com/route53/pricing/",
        "AmazonRoute53",
        "HostedZone",
        everywhere="yes",
    ),
    _item(
        "global-accelerator-hour",
        "Global Accelerator",
        HOUR,
        "https://aws.amazon.com/global-accelerator/pricing/",
        "AWSGlobalAccelerator",
        "Accelerator-Hours",
        everywhere="yes",
    ),
    _item("fargate-x86-vcpu-hour", "Fargate on x86, a vCPU", HOUR, _FARGATE, "AmazonECS", "Fargate-vCPU-Hours:perCPU"),
    _item("fargate-x86-gb-hour", "Fargate on x86, a GB", HOUR, _FARGATE, "AmazonECS", "Fargate-GB-Hours"),
    _item(
        "fargate-arm-vcpu-hour", "Fargate on ARM, a vCPU", HOUR, _FARGATE, "AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"
    ),
    _item("fargate-arm-gb-hour", "Fargate on ARM, a GB", HOUR, _FARGATE, "AmazonECS", "Fargate-ARM-GB-Hours"),
    _item(
        "fargate-storage-gb-hour",
        "Fargate, storage over 20 GB",
        HOUR,
        _FARGATE,
        "AmazonECS",
        "Fargate-EphemeralStorage-GB-Hours",
    ),
    _item("lambda-request", "Lambda, a request", "request", _LAMBDA, "AWSLambda", "Request"),
    _item("lambda-x86-gb-second", "Lambda on x86", "GB-second", _LAMBDA, "AWSLambda", "Lambda-GB-Second"),
    _item("lambda-arm-gb-second", "Lambda on ARM", "GB-second", _LAMBDA, "AWSLambda", "Lambda-GB-Second-ARM"),
    _item(
        "provisioned-concurrency-x86-gb-second",
        "provisioned concurrency on x86",
        "GB-second",
        _LAMBDA,
        "AWSLambda",
        "Lambda-Provisioned-Concurrency",
    ),
    _item(
        "eks-cluster-hour",
        "EKS control plane",
        HOUR,
        "https://aws.amazon.com/eks/pricing/",
        "AmazonEKS",
        "AmazonEKS-Hours:perCluster",
    ),
    _item("ebs-gp3-gb-month", "EBS gp3 storage", "GB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.gp3"),
    _item("ebs-gp2-gb-month", "EBS gp2 storage", "GB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.gp2"),
    _item("ebs-io1-gb-month", "EBS io1 storage", "GB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.piops"),
    _item("ebs-st1-gb-month", "EBS st1 storage", "GB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.st1"),
    _item("ebs-sc1-gb-month", "EBS sc1 storage", "GB-month", _EBS, "AmazonEC2", "EBS:VolumeUsage.sc1"),
    _item("ebs-gp3-iops-month", "EBS gp3 IOPS over 3,000", "IOPS-month", _EBS, "AmazonEC2", "EBS:VolumeP-IOPS.gp3"),
    _item("ebs-io1-iops-month", "EBS io1 IOPS", "IOPS-month", _EBS, "AmazonEC2", "EBS:VolumeP-IOPS.piops"),
    _item(
        "aurora-acu-hour",
        "Aurora Serverless v2, an ACU",
        HOUR,
        _AURORA,
        "AmazonRDS",
        "Aurora:ServerlessV2Usage",
        databaseEngine="Aurora PostgreSQL",
    ),
    _item(
        "aurora-io-optimized-acu-hour",
        "Aurora Serverless v2 I/O-Optimized, an ACU",
        HOUR,
        _AURORA,
        "AmazonRDS",
        "Aurora:ServerlessV2IOOptimizedUsage",
        databaseEngine="Aurora PostgreSQL",
    ),
    _item(
        "aurora-gb-month",
        "Aurora storage",
        "GB-month",
        _AURORA,
        "AmazonRDS",
        "Aurora:StorageUsage",
        databaseEngine="Aurora PostgreSQL",
    ),
    _item(
        "aurora-io-optimized-gb-month",
        "Aurora I/O-Optimized storage",
        "GB-month",
        _AURORA,
        "AmazonRDS",
        "Aurora:IO-OptimizedStorageUsage",
        databaseEngine="Aurora PostgreSQL",
    ),
    _item(
        "aurora-io",
        "Aurora, an I/O request",
        "request",
        _AURORA,
        "AmazonRDS",
        "Aurora:StorageIOUsage",
        databaseEngine="Aurora PostgreSQL",
    ),
    _item(
        "rds-gp3-single-gb-month",
        "RDS gp3 storage, Single-AZ",
        "GB-month",
        _RDS,
        "AmazonRDS",
        "RDS:GP3-Storage",
        databaseEngine="PostgreSQL",
    ),
    _item(
        "rds-gp3-multi-gb-month",
        "RDS gp3 storage, Multi-AZ",
        "GB-month",
        _RDS,
        "AmazonRDS",
        "RDS:Multi-AZ-GP3-Storage",
        databaseEngine="PostgreSQL",
    ),
    _item(
        "rds-gp2-single-gb-month",
        "RDS gp2 storage, Single-AZ",
        "GB-month",
        _RDS,
        "AmazonRDS",
        "RDS:GP2-Storage",
        databaseEngine="PostgreSQL",
    ),
    _item(
        "rds-io1-single-gb-month",
        "RDS io1 storage, Single-AZ",
        "GB-month",
        _RDS,
        "AmazonRDS",
        "RDS:PIOPS-Storage",
        databaseEngine="PostgreSQL",
    ),
    _item(
        "rds-io1-single-iops-month",
        "RDS io1 IOPS, Single-AZ",
        "IOPS-month",
        _RDS,
        "AmazonRDS",
        "RDS:PIOPS",
        databaseEngine="PostgreSQL",
    ),
    _item(
        "dynamodb-rcu-hour", "DynamoDB, a read capacity unit", HOUR, _DYNAMODB, "AmazonDynamoDB", "ReadCapacityUnit-Hrs"
    ),
    _item(
        "dynamodb-wcu-hour",
        "DynamoDB, a write capacity unit",
        HOUR,
        _DYNAMODB,
        "AmazonDynamoDB",
        "WriteCapacityUnit-Hrs",
    ),
    _item("dynamodb-read", "DynamoDB, a read request unit", "request", _DYNAMODB, "AmazonDynamoDB", "ReadRequestUnits"),
    _item(
        "dynamodb-write", "DynamoDB, a write request unit", "request", _DYNAMODB, "AmazonDynamoDB", "WriteRequestUnits"
    ),
    _item("dynamodb-gb-month", "DynamoDB storage", "GB-month", _DYNAMODB, "AmazonDynamoDB", "TimedStorage-ByteHrs"),
    _item(
        "kinesis-shard-hour",
        "Kinesis shard",
        HOUR,
        "https://aws.amazon.com/kinesis/data-streams/pricing/",
        "AmazonKinesis",
        "Storage-ShardHour",
    ),
    _item(
        "kinesis-on-demand-hour",
        "Kinesis stream on demand",
        HOUR,
        "https://aws.amazon.com/kinesis/data-streams/pricing/",
        "AmazonKinesis",
        "OnDemand-StreamHour",
    ),
    _item("kms-key-month", "KMS key", MONTH, "https://aws.amazon.com/kms/pricing/", "awskms", "KMS-Keys"),
    _item(
        "secret-month",
        "secret",
        MONTH,
        "https://aws.amazon.com/secrets-manager/pricing/",
        "AWSSecretsManager",
        "AWSSecretsManager-Secrets",
    ),
    _item(
        "secret-request",
        "Secrets Manager, a call",
        "request",
        "https://aws.amazon.com/secrets-manager/pricing/",
        "AWSSecretsManager",
        "AWSSecretsManagerAPIRequest",
    ),
    _item("alarm-month", "alarm, a metric", MONTH, _CLOUDWATCH, "AmazonCloudWatch", "CW:AlarmMonitorUsage"),
    _item(
        "high-resolution-alarm-month",
        "high-resolution alarm, a metric",
        MONTH,
        _CLOUDWATCH,
        "AmazonCloudWatch",
        "CW:HighResAlarmMonitorUsage",
    ),
    _item(
        "composite-alarm-month",
        "composite alarm",
        MONTH,
        _CLOUDWATCH,
        "AmazonCloudWatch",
        "CW:CompositeAlarmMonitorUsage",
    ),
    _item("dashboard-month", "dashboard", MONTH, _CLOUDWATCH, "AmazonCloudWatch", "DashboardsUsageHour"),
    _item("log-gb", "CloudWatch Logs, ingestion", "GB", _CLOUDWATCH, "AmazonCloudWatch", "DataProcessing-Bytes"),
    _item(
        "log-gb-month", "CloudWatch Logs, storage", "GB-month", _CLOUDWATCH, "AmazonCloudWatch", "TimedStorage-ByteHrs"
    ),
    _item("web-acl-month", "web ACL", MONTH, _WAF, "awswaf", "WebACLV2"),
    _item("web-acl-rule-month", "web ACL, a rule", MONTH, _WAF, "awswaf", "RuleV2"),
    _item("web-acl-request", "web ACL, a request", "request", _WAF, "awswaf", "RequestV2-Tier1"),
    _item(
        "private-ca-month",
        "private certificate authority",
        MONTH,
        "https://aws.amazon.com/private-ca/pricing/",
        "AWSCertificateManager",
        "PaidPrivateCA",
    ),
    _item(
        "short-lived-ca-month",
        "private certificate authority, short-lived",
        MONTH,
        "https://aws.amazon.com/private-ca/pricing/",
        "AWSCertificateManager",
        "ShortLivedCertificatePrivateCA",
    ),
    _item(
        "cloudfront-us-gb",
        "CloudFront, data to viewers in the US",
        "GB",
        "https://aws.amazon.com/cloudfront/pricing/",
        "AmazonCloudFront",
        "US-DataTransfer-Out-Bytes",
        everywhere="yes",
    ),
    _item(
        "cloudfront-us-https-request",
        "CloudFront, an HTTPS request in the US",
        "request",
        "https://aws.amazon.com/cloudfront/pricing/",
        "AmazonCloudFront",
        "US-Requests-Tier2-HTTPS",
        everywhere="yes",
    ),
    _item(
        "s3-gb-month", "S3 Standard storage", "GB-month", _S3, "AmazonS3", "TimedStorage-ByteHrs", volumeType="Standard"
    ),
    _item("s3-put", "S3, a PUT request", "request", _S3, "AmazonS3", "Requests-Tier1"),
    _item("s3-get", "S3, a GET request", "request", _S3, "AmazonS3", "Requests-Tier2"),
    _item(
        "sqs-request",
        "SQS, a request",
        "request",
        "https://aws.amazon.com/sqs/pricing/",
        "AWSQueueService",
        "Requests-RBP",
        queueType="Standard",
    ),
    _item(
        "sns-request", "SNS, a request", "request", "https://aws.amazon.com/sns/pricing/", "AmazonSNS", "Requests-Tier1"
    ),
    _item(
        "http-api-request",
        "HTTP API, a request",
        "request",
        "https://aws.amazon.com/api-gateway/pricing/",
        "AmazonApiGateway",
        "ApiGatewayHttpRequest",
    ),
    _item(
        "rest-api-request",
        "REST API, a request",
        "request",
        "https://aws.amazon.com/api-gateway/pricing/",
        "AmazonApiGateway",
        "ApiGatewayRequest",
    ),
    _item(
        "ecr-gb-month",
        "ECR storage",
        "GB-month",
        "https://aws.amazon.com/ecr/pricing/",
        "AmazonECR",
        "TimedStorage-ByteHrs",
    ),
    _item(
        "efs-gb-month",
        "EFS Standard storage",
        "GB-month",
        "https://aws.amazon.com/efs/pricing/",
        "AmazonEFS",
        "TimedStorage-ByteHrs",
    ),
)

ITEMS: Final[Mapping[str, PriceItem]] = {item.id: item for item in _ITEMS}
"""The items that are not one of a family."""

_ENGINES: Final = {"mariadb": "MariaDB", "mysql": "MySQL", "postgres": "PostgreSQL"}
_RDS_INSTANCE: Final = re.compile(r"rds/(mariadb|mysql|postgres)/(single|multi)/(db\.[a-z0-9-]+\.[a-z0-9]+)")
_AURORA_INSTANCE: Final = re.compile(r"aurora/(mysql|postgres)/(standard|io-optimized)/(db\.[a-z0-9-]+\.[a-z0-9]+)")
_EC2_INSTANCE: Final = re.compile(r"ec2/linux/([a-z0-9-]+\.[a-z0-9-]+)")
_NEPTUNE_INSTANCE: Final = re.compile(r"neptune/(db\.[a-z0-9-]+\.[a-z0-9]+)")
_SEARCH_INSTANCE: Final = re.compile(r"opensearch/([a-z0-9-]+\.[a-z0-9]+\.search)")


def price_item(item_id: str) -> PriceItem:
    """The item of an id, one of a family too.

    >>> price_item("rds/postgres/multi/db.t4g.medium").usage
    'Multi-AZUsage:db.t4g.medium'

    Raises:
        ValueError: If there is no such item.
    """
    if item_id in ITEMS:
        return ITEMS[item_id]
    if match := _RDS_INSTANCE.fullmatch(item_id):
        engine, deployment, name = match.groups()
        usage = f"{'Multi-AZUsage' if deployment == 'multi' else 'InstanceUsage'}:{name}"
        title = f"RDS {_ENGINES[engine]}, {'Multi-AZ' if deployment == 'multi' else 'Single-AZ'}, {name}"
        return _item(item_id, title, HOUR, _RDS, "AmazonRDS", usage, databaseEngine=_ENGINES[engine])
    if match := _AURORA_INSTANCE.fullmatch(item_id):
        engine, storage, name = match.groups()
        usage = f"{'InstanceUsage' if storage == 'standard' else 'InstanceUsageIOOptimized'}:{name}"
        title = f"Aurora {_ENGINES[engine]}, {name}{'' if storage == 'standard' else ', I/O-Optimized'}"
        engine_name = f"Aurora {_ENGINES[engine]}"
        return _item(item_id, title, HOUR, _AURORA, "AmazonRDS", usage, databaseEngine=engine_name)
    if match := _EC2_INSTANCE.fullmatch(item_id):
        return _item(
            item_id, f"EC2 Linux {match[1]}", HOUR, "https://aws.amazon.com/ec2/pricing/on-demand/", "AmazonEC2",
            f"BoxUsage:{match[1]}", operatingSystem="Linux", preInstalledSw="NA", capacitystatus="Used",
        )  # fmt: skip
    if match := _NEPTUNE_INSTANCE.fullmatch(item_id):
        page = "https://aws.amazon.com/neptune/pricing/"
        return _item(item_id, f"Neptune {match[1]}", HOUR, page, "AmazonNeptune", f"InstanceUsage:{match[1]}")
    if match := _SEARCH_INSTANCE.fullmatch(item_id):
        page = "https://aws.amazon.com/opensearch-service/pricing/"
        usage = f"ESInstance:{match[1].removesuffix('.search')}"
        return _item(item_id, f"OpenSearch {match[1]}", HOUR, page, "AmazonES", usage, instanceType=match[1])
    raise ValueError(f"no such item of the price list, got {item_id!r}; allowed: those of price_items.py")
