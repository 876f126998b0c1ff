"""A web ACL with AWS's managed rules, rate limiting and a log, before a distribution or a load balancer."""

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from aws_architect_constructs._validations import argument_error, choice, is_concrete
from aws_architect_constructs.foundation.alarms import Alarms
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.retention import log_removal_policy_for, log_retention_for
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

from .firewall import Firewall, ManagedRules, RuleMode, WebAclScope

if TYPE_CHECKING:  # only who associates a load balancer or has a topic loads these
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_sns as sns

_US_EAST_1: Final = "us-east-1"
_RATE_WINDOW: Final = 300
_SURGE: Final = 1000
_RULE_CONTEXT: Final = ("BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "EXCLUDED_AS_COUNT")
"""What the log keeps of requests that a rule found."""


class WebAclParts(Construct):
    """The web ACL and its log, which `WebAcl` adds alarms to and a distribution takes as they are.

    Attributes:
        web_acl: The web ACL.
        ip_sets: The sets of allowed and denied addresses.
        log_group: Where requests that a rule found are logged.
        logging: What ties the log to the web ACL.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        firewall: Firewall,
        web_acl_scope: WebAclScope,
        encryption_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self._web_acl_scope: Final = web_acl_scope
        self.metric_name: Final = Names.unique_resource_name(self, max_length=100, separator="-")
        self.ip_sets: Final[list[wafv2.CfnIPSet]] = []
        self.web_acl: Final = wafv2.CfnWebACL(
            self,
            "Resource",
            scope=web_acl_scope.value,
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible(self.metric_name),
            rules=self._rules(firewall),
        )
        self.log_group: Final = logs.LogGroup(
            self,
            "LogGroup",
            # AWS WAF writes to no group of another name.
            log_group_name=f"aws-waf-logs-{self.metric_name}",
            encryption_key=encryption_key_for(self, encryption_key, KeyService.LOGS),
            retention=log_retention,
            removal_policy=removal_policy,
        )
        self.logging: Final = wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.web_acl.attr_arn,
            # The ARN without CDK's `:*` at its end, which AWS WAF refuses.
            log_destination_configs=[
                Stack.of(self).format_arn(
                    service="logs", resource=f"log-group:{self.log_group.log_group_name}", resource_name=None
                )
            ],
            redacted_fields=_redacted(firewall),
            logging_filter=None if firewall.log_everything else _finds_alone(),
        )

    def metric_blocked_requests(self) -> cloudwatch.Metric:
        """The requests blocked in five minutes, by all rules together."""
        dimensions = {"WebACL": self.metric_name, "Rule": "ALL"}
        if self._web_acl_scope is WebAclScope.REGIONAL:
            dimensions["Region"] = Stack.of(self).region
        return cloudwatch.Metric(
            namespace="AWS/WAFV2",
            metric_name="BlockedRequests",
            dimensions_map=dimensions,
            statistic="Sum",
            period=Duration.minutes(5),
        )

    def _rules(self, firewall: Firewall) -> list[wafv2.CfnWebACL.RuleProperty]:
        parts: list[tuple[str, dict[str, Any]]] = []
        for name, argument, action in (
            ("Denied", "denied_cidrs", wafv2.CfnWebACL.RuleActionProperty(block={})),
            ("Allowed", "allowed_cidrs", wafv2.CfnWebACL.RuleActionProperty(allow={})),
        ):
            for version, addresses in firewall.addresses(argument).items():
                parts.append(
                    (f"{name}{version}", {"statement": self._in_set(name, version, addresses), "action": action})
                )
        if firewall.rate_limit is not None:
            limit = wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=firewall.rate_limit, aggregate_key_type="IP", evaluation_window_sec=_RATE_WINDOW
            )
            action = wafv2.CfnWebACL.RuleActionProperty(
                count={} if firewall.count_only else None, block=None if firewall.count_only else {}
            )
            statement = wafv2.CfnWebACL.StatementProperty(rate_based_statement=limit)
            parts.append(("RateLimit", {"statement": statement, "action": action}))
        for group, mode in firewall.managed_groups():
            override = wafv2.CfnWebACL.OverrideActionProperty(**{"count" if mode is RuleMode.COUNT else "none": {}})
            parts.append((group, {"statement": _managed(group, firewall), "override_action": override}))
        return [
            wafv2.CfnWebACL.RuleProperty(
                name=name, priority=place * 10, visibility_config=_visible(f"{self.metric_name}-{name}"), **part
            )
            for place, (name, part) in enumerate(parts)
        ]

    def _in_set(self, name: str, version: str, addresses: list[str]) -> wafv2.CfnWebACL.StatementProperty:
        ip_set = wafv2.CfnIPSet(
            self,
            f"{name}{version.capitalize()}",
            scope=self._web_acl_scope.value,
            ip_address_version=version,
            addresses=addresses,
        )
        self.ip_sets.append(ip_set)
        return wafv2.CfnWebACL.StatementProperty(ip_set_reference_statement={"arn": ip_set.attr_arn})


class WebAcl(WebAclParts):
    """A web ACL with AWS's managed rules, a rate limit and a log, from one statement.

    `WebAcl(self, "Firewall").associate(load_balancer)` stands before a load balancer; `SecureDistribution` makes its
    own. Requests that a rule found are logged, encrypted, without authorization and cookies. The log group has a name,
    as AWS WAF requires: one that was retained is in the way of a stack of the same name that is made anew.

    Fixed cost (us-east-1, docs/checks/prices.md): 11 USD a month, 10 USD for the web ACL with its five rules, as
    `Firewall` has it, and 1 USD for the stack's key, which everything else shares. With a topic 0.10 USD for the alarm.

    Well-Architected: security (SEC05, inspect traffic; SEC01, threat model), operational excellence (OPS08).

    See https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing.html and
    https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html.

    Args:
        scope: The scope.
        id: The id.
        firewall: What is blocked and what counted. Default None: `Firewall()`.
        web_acl_scope: REGIONAL for load balancers and APIs of the stack's Region; CLOUDFRONT for distributions, in a
            stack of us-east-1. Default REGIONAL.
        encryption_key: The log group's key. None means the stack's `WorkloadKey`.
        alarm_topic: Who hears when more than 1000 requests are blocked in five minutes, twice in a row. Default None:
            no alarm.
        log_retention: How long the log group keeps events. None means 365 days for PROD and SHARED, 30 for STAGING, 14
            for DEV.
        removal_policy: What happens to the log group when it leaves the stack. None means RETAIN for PROD and SHARED,
            DESTROY for DEV and STAGING.
        environment_type: The environment. None means what the nearest enclosing scope declares, else PROD.

    Raises:
        ValueError: If the firewall is `Firewall.none()`, or one for distributions stands outside us-east-1.

    Warnings: NoAlarmTopic, KeyPolicyNotUpdated.

    Attributes:
        web_acl: The web ACL.
        ip_sets: The sets of allowed and denied addresses.
        log_group: Where requests that a rule found are logged.
        logging: What ties the log to the web ACL.
        blocked_alarm: The alarm, or None.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        firewall: Firewall | None = None,
        web_acl_scope: WebAclScope = WebAclScope.REGIONAL,
        encryption_key: kms.IKey | None = None,
        alarm_topic: "sns.ITopic | None" = None,
        log_retention: logs.RetentionDays | None = None,
        removal_policy: RemovalPolicy | None = None,
        environment_type: EnvironmentType | None = None,
    ) -> None:
        firewall = Firewall() if firewall is None else firewall
        region = Stack.of(scope).region
        try:
            web_acl_scope = choice("web_acl_scope", WebAclScope, web_acl_scope)
            if environment_type is not None:
                environment_type = choice("environment_type", EnvironmentType, environment_type)
            environment = environment_type or EnvironmentType.of(scope)
            retention = log_retention_for(log_retention, environment.defaults)
            removal = log_removal_policy_for(removal_policy, environment.defaults)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        if not firewall.enabled:
            raise argument_error(
                scope, id, "a web ACL that filters nothing", got="Firewall.none()", allowed="Firewall(...)"
            )
        if web_acl_scope is WebAclScope.CLOUDFRONT and is_concrete(region) and region != _US_EAST_1:
            raise argument_error(
                scope, id, "distributions' web ACLs are of one Region alone", got=region, allowed=_US_EAST_1
            )
        super().__init__(
            scope,
            id,
            firewall=firewall,
            web_acl_scope=web_acl_scope,
            encryption_key=encryption_key,
            log_retention=retention,
            removal_policy=removal,
        )
        alarms = Alarms(self, alarm_topic=alarm_topic, environment_type=environment)
        self.blocked_alarm: Final = add_blocked_alarm(alarms, self)

    def associate(self, load_balancer: "elbv2.IApplicationLoadBalancer") -> wafv2.CfnWebACLAssociation:
        """Stand before a load balancer, of any stack of the same Region.

        Raises:
            ValueError: If the web ACL is one for distributions.
        """
        if self._web_acl_scope is not WebAclScope.REGIONAL:
            raise ValueError(
                f"{self.node.path}: a web ACL for distributions stands before no load balancer, got "
                f"{self._web_acl_scope}; allowed: web_acl_scope=WebAclScope.REGIONAL"
            )
        return wafv2.CfnWebACLAssociation(
            self,
            f"Association{Names.node_unique_id(load_balancer.node)[-40:]}",
            resource_arn=load_balancer.load_balancer_arn,
            web_acl_arn=self.web_acl.attr_arn,
        )


def add_blocked_alarm(alarms: Alarms, parts: WebAclParts) -> cloudwatch.Alarm | None:
    """The alarm on a surge of blocked requests: an attack, or a rule that hits what is right."""
    return alarms.add(
        "BlockedRequests",
        parts.metric_blocked_requests(),
        threshold=_SURGE,
        evaluation_periods=2,
        description="The web ACL blocks many requests: an attack, or a rule that hits good visitors. Look at the log "
        "for the rule; if it is wrong, name it in counted_rules.",
    )


def _visible(metric_name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric_name[:128], sampled_requests_enabled=True
    )


def _managed(group: ManagedRules, firewall: Firewall) -> wafv2.CfnWebACL.StatementProperty:
    count = wafv2.CfnWebACL.RuleActionProperty(count={})
    overrides = [
        wafv2.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count)
        for rule in firewall.counted_rules.get(group, ())
    ]
    bots = group is ManagedRules.BOT_CONTROL
    config = wafv2.CfnWebACL.ManagedRuleGroupConfigProperty(
        aws_managed_rules_bot_control_rule_set={"inspectionLevel": "COMMON"}
    )
    return wafv2.CfnWebACL.StatementProperty(
        managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
            vendor_name="AWS",
            name=group.value,
            rule_action_overrides=overrides or None,
            managed_rule_group_configs=[config] if bots else None,
        )
    )


def _redacted(firewall: Firewall) -> list[wafv2.CfnLoggingConfiguration.FieldToMatchProperty] | None:
    field = wafv2.CfnLoggingConfiguration.FieldToMatchProperty
    found = [field(single_header={"Name": header}) for header in firewall.redacted_headers]
    found += [field(query_string={})] if firewall.redact_query_string else []
    return found or None


def _finds_alone() -> dict[str, Any]:
    """Keep what a rule found, whatever became of it; drop what nothing found."""
    return {
        "DefaultBehavior": "DROP",
        "Filters": [
            {
                "Behavior": "KEEP",
                "Requirement": "MEETS_ANY",
                "Conditions": [{"ActionCondition": {"Action": action}} for action in _RULE_CONTEXT],
            }
        ],
    }
