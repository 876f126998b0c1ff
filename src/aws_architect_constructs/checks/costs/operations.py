"""What keys, secrets, alarms and the like are charged for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, count, largest
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_one_of, is_true, literals, number

_HIGH_RESOLUTION: Final = 60
_SMALLEST_CACHE: Final = 0.5
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewing-cloudfront-metrics.html
_ADDITIONAL_METRICS: Final = 8
# Managed rule groups that are paid for by themselves, by what their names hold.
_SUBSCRIBED: Final = {
    "BotControl": "waf-bot-control-month",
    "ATPRuleSet": "waf-fraud-control-month",
    "ACFPRuleSet": "waf-fraud-control-month",
    "AntiDDoS": None,
}


def key(resource: Resource) -> Iterator[Charge]:
    """A key; the first two rotations of its material cost as much again each."""
    rotated = resource.may(is_true, "EnableKeyRotation")
    yield Fixed(item="kms-key-month", note="1 USD more after each of the first two rotations" if rotated else "")


def secret(resource: Resource) -> Iterator[Charge]:
    """A secret; each replica costs as much again, at the price of its own Region."""
    yield Fixed(item="secret-month")
    if count(resource, "ReplicaRegions") != 0:
        yield NotKnown(reason="replicas of the secret in other Regions")
    yield PerUse(item="secret-request")


def alarm(resource: Resource) -> Iterator[Charge]:
    """An alarm by the metrics that it looks at."""
    metrics = [item for item in resource.items("Metrics") if isinstance(item, Mapping)]
    looked_at = [item for item in metrics if "MetricStat" in item]
    if any("SELECT " in str(item.get("Expression", "")).upper() for item in metrics):
        yield NotKnown(reason="an alarm on a Metrics Insights query, charged for by the metrics that it finds")
        return
    periods = [number(value) for value in resource.outcomes("Period")]
    periods += [number(value) for item in looked_at for value in _periods(resource, item)]
    fast = any(period is not None and period < _HIGH_RESOLUTION for period in periods)
    quantity = max(1, len(looked_at))
    if any("ANOMALY_DETECTION_BAND" in str(item.get("Expression", "")) for item in metrics):
        quantity += 2  # the upper and the lower bound
    item = "high-resolution-alarm-month" if fast else "alarm-month"
    yield Fixed(item=item, quantity=quantity, note=f"{quantity} metrics" if quantity > 1 else "")


def _periods(alarm: Resource, metric: Mapping[str, object]) -> tuple[object, ...]:
    stat = metric.get("MetricStat")
    return alarm.template.values.outcomes(stat.get("Period")) if isinstance(stat, Mapping) else ()


def composite_alarm(_resource: Resource) -> Iterator[Charge]:
    """An alarm of alarms."""
    yield Fixed(item="composite-alarm-month")


def dashboard(_resource: Resource) -> Iterator[Charge]:
    """A dashboard."""
    yield Fixed(item="dashboard-month", note="the account's first three are free")


def log_group(_resource: Resource) -> Iterator[Charge]:
    """A log group by use."""
    yield PerUse(item="log-gb")
    yield PerUse(item="log-gb-month")


def web_acl(resource: Resource) -> Iterator[Charge]:
    """A web ACL and its rules; a managed group counts as one."""
    yield Fixed(item="web-acl-month")
    rules = count(resource, "Rules")
    if rules is None:
        yield NotKnown(reason="the web ACL's rules are not known")
    elif rules:
        yield Fixed(item="web-acl-rule-month", quantity=rules, note=f"{rules} rules")
    for name, item in _SUBSCRIBED.items():
        if name in str(resource.properties.get("Rules")):
            if item is None:
                yield NotKnown(reason=f"the managed rule group {name}: no price that can be cited")
            else:
                yield Fixed(item=item, note=f"the managed rule group {name}")
    if _is_bought(resource):
        yield NotKnown(reason="rule groups from the AWS Marketplace")
    yield PerUse(item="web-acl-request")


def _is_bought(acl: Resource) -> bool:
    """Whether a rule takes a managed group that is not AWS's own."""
    vendors = [
        text
        for place, text in literals(acl.properties.get("Rules"))
        if place.endswith("ManagedRuleGroupStatement.VendorName")
    ]
    return any(vendor != "AWS" for vendor in vendors)


def private_ca(resource: Resource) -> Iterator[Charge]:
    """A certificate authority."""
    short = resource.must(lambda value: value == "SHORT_LIVED_CERTIFICATE", "UsageMode")
    yield Fixed(item="short-lived-ca-month" if short else "private-ca-month")


def bucket(resource: Resource) -> Iterator[Charge]:
    """A bucket by use; metrics of its requests are custom metrics of CloudWatch, while there are requests."""
    yield PerUse(item="s3-gb-month")
    yield PerUse(item="s3-put")
    yield PerUse(item="s3-get")
    if count(resource, "MetricsConfigurations") != 0:
        yield PerUse(item="custom-metric-month")


def unpriced(what: str) -> Callable[[Resource], Iterator[Charge]]:
    """Something that is charged for while it is idle, and whose price the book cannot cite."""

    def charge(_resource: Resource) -> Iterator[Charge]:
        yield NotKnown(reason=f"{what}: no price that can be cited")

    return charge


def monitoring_subscription(resource: Resource) -> Iterator[Charge]:
    """Eight more metrics of a distribution, each charged for as a custom metric of CloudWatch."""
    path = ("MonitoringSubscription", "RealtimeMetricsSubscriptionConfig", "RealtimeMetricsSubscriptionStatus")
    if resource.may(lambda value: value != "Disabled", *path):
        note = f"{_ADDITIONAL_METRICS} metrics"
        yield Fixed(item="custom-metric-month", quantity=_ADDITIONAL_METRICS, note=note)


def distribution(resource: Resource) -> Iterator[Charge]:
    """A distribution by use; viewers elsewhere than in the US cost more."""
    if resource.may(lambda value: value == "vip", "DistributionConfig", "ViewerCertificate", "SslSupportMethod"):
        yield Fixed(item="cloudfront-dedicated-ip-month", note="a certificate on addresses of its own")
    yield PerUse(item="cloudfront-us-gb")
    yield PerUse(item="cloudfront-us-https-request")


def queue(_resource: Resource) -> Iterator[Charge]:
    """A queue by use."""
    yield PerUse(item="sqs-request")


def topic(_resource: Resource) -> Iterator[Charge]:
    """A topic by use."""
    yield PerUse(item="sns-request")


def http_api(_resource: Resource) -> Iterator[Charge]:
    """An HTTP API by use."""
    yield PerUse(item="http-api-request")


def rest_api(_resource: Resource) -> Iterator[Charge]:
    """A REST API by use."""
    yield PerUse(item="rest-api-request")


def rest_stage(resource: Resource) -> Iterator[Charge]:
    """A stage is free, its cache is not."""
    if not resource.may(is_true, "CacheClusterEnabled"):
        return
    size = largest(resource, "CacheClusterSize", default=_SMALLEST_CACHE)
    if size is None:
        yield NotKnown(reason="the size of the stage's cache is not known")
    else:
        yield Fixed(item=f"api-gateway-cache/{size:g}", note=f"{size:g} GB")


def transfer_server(resource: Resource) -> Iterator[Charge]:
    """A server of file transfers by each protocol that it speaks."""
    protocols = count(resource, "Protocols")
    if protocols is None:
        yield NotKnown(reason="the protocols of the transfer server are not known")
    else:
        yield Fixed(item="transfer-protocol-hour", quantity=protocols or 1, note=f"{protocols or 1} protocols")


def parameter(resource: Resource) -> Iterator[Charge]:
    """A standard parameter is free, an advanced one is not."""
    if resource.may(lambda value: is_one_of(value, "Advanced", "Intelligent-Tiering"), "Tier"):
        yield NotKnown(reason="an advanced parameter: no price that can be cited")


def repository(_resource: Resource) -> Iterator[Charge]:
    """A repository of images by use."""
    yield PerUse(item="ecr-gb-month")


def file_system(resource: Resource) -> Iterator[Charge]:
    """A file system by use, unless throughput is provisioned."""
    yield PerUse(item="efs-gb-month")
    if resource.may(lambda value: value is not None, "ProvisionedThroughputInMibps"):
        yield NotKnown(reason="provisioned throughput: no price that can be cited")
