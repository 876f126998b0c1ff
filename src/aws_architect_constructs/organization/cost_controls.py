"""What costs may be, and who hears of it when they are not."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete
from aws_architect_constructs.foundation.finding_ids import flat_value
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID

from .budgets import MOST_EMAILS, MOST_MONITOR_VALUES, BudgetAction, CommitmentTargets, CostBudget, category_rules
from .policy_packing import minified
from .runbook import OneTimeStep, cost_steps

if TYPE_CHECKING:  # whoever has a topic has loaded these
    from aws_cdk import aws_sns as sns

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_MONITOR: Final = re.compile(r"arn:[^:]+:ce::[0-9]{12}:anomalymonitor/.+")
_SENDERS: Final = ("budgets.amazonaws.com", "costalerts.amazonaws.com")


class CostControls(Construct):
    """Budgets with actions, cost anomaly alerts, targets for commitments, and cost categories.

    `CostControls(self, "Costs", budgets=[CostBudget(name="All", monthly_usd=5000)], emails=["costs@example.com"])` in a
    stack of the management account. A budget warns at 80 and 100 percent of what is spent, and at 100 percent of
    what is forecast. Without somebody to warn nothing is made: a budget that nobody hears is refused.

    Required tags are applied by `RequiredTags`, held by `WellArchitectedChecks(required_tags=...)` while an app is
    synthesized, and spelt by a tag policy of the organization (`management_policies.required_tags`). Enrolment in
    Compute Optimizer has no type: `one_time_steps`.

    Cost: none for budgets and anomaly detection; a budget with an action costs 0.10 USD a day, after the first two
    (https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/, 2026-11).

    Well-Architected: cost optimization (COST02, governance; COST03, monitoring; COST07, commitments).

    Args:
        scope: The scope, in a stack of the management account, which sees all costs.
        id: The id.
        budgets: What may be spent. At least one.
        alarm_topic: Where warnings go. Default None, with `emails`.
        emails: Who gets them by mail, at most 10. Default: nobody, with `alarm_topic`.
        anomaly_monitor_arn: A monitor that exists. An account has one for its services already, and cannot have two:
            `aws ce get-anomaly-monitors`. Default None.
        anomaly_accounts: Accounts that a monitor of their own looks at, at most 10. Default: none.
        anomaly_tag: A cost-allocation tag with the values that a monitor of their own looks at, at most 10. Default
            None.
        anomaly_threshold_usd: From what impact an anomaly is told. Default 100.
        savings_plans: What is expected of Savings Plans. Default None: there are none.
        reservations: What is expected of reservations, by the service as Cost Explorer names it, such as
            `Amazon Relational Database Service`. Default None: there are none.
        cost_categories: The accounts that each value of a category stands for, by the category's name. What belongs to
            none is `Unallocated`. Default None: no category.

    Attributes:
        budgets: The budgets by name.

    Raises:
        ValueError: If nobody would hear, an address, account or monitor is malformed, a budget, target or category is
            none, or a name stands twice.

    See https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html and
    https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        budgets: Sequence[CostBudget],
        alarm_topic: "sns.ITopic | None" = None,
        emails: Sequence[str] = (),
        anomaly_monitor_arn: str | None = None,
        anomaly_accounts: Sequence[str] = (),
        anomaly_tag: tuple[str, Sequence[str]] | None = None,
        anomaly_threshold_usd: float = 100,
        savings_plans: CommitmentTargets | None = None,
        reservations: Mapping[str, CommitmentTargets] | None = None,
        cost_categories: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    ) -> None:
        try:
            _check_recipients(emails, heard=alarm_topic is not None)
            _check_budgets(budgets)
            _check_anomalies(anomaly_monitor_arn, anomaly_accounts, anomaly_tag, anomaly_threshold_usd)
            commitments = _commitments(savings_plans, reservations)
            _check_names("budgets", [*(budget.name for budget in budgets), *(name for name, *_ in commitments)])
            _check_names("cost_categories", list(cost_categories or {}))
            rules = {name: category_rules(values) for name, values in (cost_categories or {}).items()}
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._topic: Final = alarm_topic
        self._emails: Final = tuple(sorted(set(emails)))
        if alarm_topic is not None:
            self._admit(alarm_topic)
        self.budgets: Final = {budget.name: self._add_budget(budget) for budget in budgets}
        for name, kind, service, target in commitments:
            self._add_commitment(name, kind, service, target)
        monitors = self._monitors(anomaly_monitor_arn, anomaly_accounts, anomaly_tag)
        if monitors:
            self._subscribe(monitors, anomaly_threshold_usd)
        for name, listed in sorted(rules.items()):
            ce.CfnCostCategory(
                self,
                f"Category{_id(name)}",
                name=name,
                rule_version="CostCategoryExpression.v1",
                rules=_json(listed),
                default_value="Unallocated",
            )

    @property
    def one_time_steps(self) -> tuple[OneTimeStep, ...]:
        """What cost management needs by hand, once."""
        return cost_steps()

    def _admit(self, topic: "sns.ITopic") -> None:
        """Let the senders publish to the topic, and use its key if it has one: a policy of its own refuses them.

        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
        """
        stack = Stack.of(self)
        principals = [iam.ServicePrincipal(name) for name in _SENDERS]
        condition = {"StringEquals": {"aws:SourceAccount": stack.account}}
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="CostAlerts",
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                principals=list(principals),
                conditions=condition,
            )
        )
        if topic.master_key is not None:
            topic.master_key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="CostAlerts",
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],
                    principals=list(principals),
                    conditions=condition,
                )
            )

    def _subscribers(self) -> list[budgets.CfnBudget.SubscriberProperty]:
        found = [
            budgets.CfnBudget.SubscriberProperty(address=address, subscription_type="EMAIL") for address in self._emails
        ]
        if self._topic is not None:
            found.append(budgets.CfnBudget.SubscriberProperty(address=self._topic.topic_arn, subscription_type="SNS"))
        return found

    def _notification(
        self, kind: str, operator: str, threshold: float
    ) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
        return budgets.CfnBudget.NotificationWithSubscribersProperty(
            notification=budgets.CfnBudget.NotificationProperty(
                notification_type=kind, comparison_operator=operator, threshold=threshold, threshold_type="PERCENTAGE"
            ),
            subscribers=self._subscribers(),
        )

    def _named(self, name: str, *notifications: tuple[str, float]) -> str:
        """The budget's name with a mark of whom it warns and when.

        Neither a budget's name nor its notifications can change in place: with the same name its successor would be
        refused as a second one, and no threshold or address could ever change.
        """
        topic = None if self._topic is None else Stack.of(self).resolve(self._topic.topic_arn)
        marked = json.dumps([[[kind, float(at)] for kind, at in notifications], self._emails, topic], sort_keys=True)
        return f"{name} {sha256(marked.encode()).hexdigest()[:6]}"

    def _add_budget(self, budget: CostBudget) -> budgets.CfnBudget:
        created = budgets.CfnBudget(
            self,
            f"Budget{_id(budget.name)}",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=self._named(
                    budget.name,
                    *(("ACTUAL", threshold) for threshold in budget.actual),
                    *(("FORECASTED", threshold) for threshold in budget.forecast),
                ),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=budget.monthly_usd, unit="USD"),
                cost_filters=budget.filters or None,
            ),
            notifications_with_subscribers=[
                *(self._notification("ACTUAL", "GREATER_THAN", threshold) for threshold in budget.actual),
                *(self._notification("FORECASTED", "GREATER_THAN", threshold) for threshold in budget.forecast),
            ],
        )
        if budget.action is not None:
            self._add_action(budget, budget.action, created)
        return created

    def _add_action(self, budget: CostBudget, action: BudgetAction, created: budgets.CfnBudget) -> None:
        """Attach a policy when the budget is spent, by a role that can attach this one to these targets alone."""
        stack = Stack.of(self)
        role = iam.Role(
            self,
            f"ActionRole{_id(budget.name)}",
            assumed_by=iam.ServicePrincipal(
                "budgets.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            description="Attaches a service control policy when a budget is spent.",
        )
        resources = action.resources(stack.partition, stack.account)
        policy = iam.ManagedPolicy(
            self,
            f"ActionPolicy{_id(budget.name)}",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["organizations:AttachPolicy", "organizations:DetachPolicy"], resources=resources
                    )
                ],
            ),
            roles=[role],
        )
        for resource in resources:
            acknowledge(
                policy,
                f"AwsSolutions::AwsSolutions-IAM5[Resource::{flat_value(stack.resolve(resource))}]",
                "The organization's id, of which an account has one; policy and target are named.",
            )
        subscribers = [
            budgets.CfnBudgetsAction.SubscriberProperty(address=one.address, type=one.subscription_type)
            for one in self._subscribers()
        ]
        created_action = budgets.CfnBudgetsAction(
            self,
            f"Action{_id(budget.name)}",
            budget_name=created.ref,
            action_type="APPLY_SCP_POLICY",
            action_threshold=budgets.CfnBudgetsAction.ActionThresholdProperty(
                type="PERCENTAGE", value=action.threshold
            ),
            approval_model="AUTOMATIC" if action.automatic else "MANUAL",
            definition=budgets.CfnBudgetsAction.DefinitionProperty(
                scp_action_definition=budgets.CfnBudgetsAction.ScpActionDefinitionProperty(
                    policy_id=action.policy_id, target_ids=list(action.targets)
                )
            ),
            execution_role_arn=role.role_arn,
            notification_type="ACTUAL",
            subscribers=subscribers,
        )
        created_action.node.add_dependency(policy)

    def _add_commitment(self, name: str, kind: str, service: str | None, target: float) -> None:
        budgets.CfnBudget(
            self,
            _id(name),
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=self._named(name, ("ACTUAL", target)),
                budget_type=kind,
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=100, unit="PERCENTAGE"),
                cost_filters=None if service is None else {"Service": [service]},
            ),
            notifications_with_subscribers=[self._notification("ACTUAL", "LESS_THAN", target)],
        )

    def _monitors(
        self, existing: str | None, accounts: Sequence[str], tag: tuple[str, Sequence[str]] | None
    ) -> list[str]:
        found = [] if existing is None else [existing]
        if accounts:
            specification = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": sorted(set(accounts))}}
            found.append(self._monitor("Accounts", specification))
        if tag is not None:
            found.append(self._monitor("Tag", {"Tags": {"Key": tag[0], "Values": sorted(set(tag[1]))}}))
        return found

    def _monitor(self, name: str, specification: Mapping[str, object]) -> str:
        monitor = ce.CfnAnomalyMonitor(
            self,
            f"Monitor{name}",
            monitor_name=f"{self.node.id}-{name}",
            monitor_type="CUSTOM",
            monitor_specification=minified(specification),
        )
        return monitor.attr_monitor_arn

    def _subscribe(self, monitors: list[str], threshold: float) -> None:
        """Tell the topic at once and the addresses once a day: Cost Anomaly Detection offers each no other way."""
        expression = minified(
            {
                "Dimensions": {
                    "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "Values": [str(threshold)],
                }
            }
        )
        ways = []
        if self._topic is not None:
            ways.append(("Topic", "IMMEDIATE", [("SNS", self._topic.topic_arn)]))
        if self._emails:
            ways.append(("Emails", "DAILY", [("EMAIL", address) for address in self._emails]))
        for name, frequency, subscribers in ways:
            subscription = ce.CfnAnomalySubscription(
                self,
                f"Anomalies{name}",
                subscription_name=f"{self.node.id}-{name}",
                frequency=frequency,
                monitor_arn_list=monitors,
                threshold_expression=expression,
                subscribers=[
                    ce.CfnAnomalySubscription.SubscriberProperty(type=kind, address=address)
                    for kind, address in subscribers
                ],
            )
            policy = None if self._topic is None else self._topic.node.try_find_child("Policy")
            if frequency == "IMMEDIATE" and policy is not None:
                subscription.node.add_dependency(policy)  # which has to let the alerts in first


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", name)


def _json(value: list[dict[str, object]]) -> str:
    return f"[{','.join(minified(item) for item in value)}]"


def _check_recipients(emails: Sequence[str], *, heard: bool) -> None:
    if isinstance(emails, str) or len(set(emails)) > MOST_EMAILS or not all(map(_EMAIL.fullmatch, emails)):
        raise ValueError(f"emails: no addresses, or too many, got {emails!r}; allowed: at most {MOST_EMAILS}")
    if not emails and not heard:
        raise ValueError(
            "alarm_topic: nobody would hear that a budget is spent, got neither a topic nor addresses; allowed: "
            "alarm_topic=, emails= or both"
        )


def _check_budgets(given: Sequence[CostBudget]) -> None:
    if not given:
        raise ValueError(f"budgets: none, got {given!r}; allowed: one or more")
    for budget in given:
        budget.check()


def _check_names(argument: str, names: Sequence[str]) -> None:
    """Names are logical ids' parts, without their punctuation; and an account has each budget's name once."""
    ids = [_id(name) for name in names]
    if len(set(ids)) < len(ids) or not all(ids):
        raise ValueError(
            f"{argument}: names that are alike, got {list(names)!r}; allowed: names that differ in letters and digits"
        )


def _check_anomalies(
    monitor_arn: str | None, accounts: Sequence[str], tag: tuple[str, Sequence[str]] | None, threshold: float
) -> None:
    if monitor_arn is not None and is_concrete(monitor_arn) and not _MONITOR.fullmatch(monitor_arn):
        raise ValueError(f"anomaly_monitor_arn: no monitor, got {monitor_arn!r}; allowed: its ARN")
    if (
        isinstance(accounts, str)
        or len(accounts) > MOST_MONITOR_VALUES
        or not all(ACCOUNT_ID.fullmatch(account) for account in accounts if is_concrete(account))
    ):
        raise ValueError(
            f"anomaly_accounts: none, got {accounts!r}; allowed: at most {MOST_MONITOR_VALUES} account ids"
        )
    if tag is not None and (isinstance(tag[1], str) or not 0 < len(tag[1]) <= MOST_MONITOR_VALUES):
        raise ValueError(f"anomaly_tag: no values, got {tag!r}; allowed: a key with 1 to {MOST_MONITOR_VALUES} values")
    if threshold < 0:
        raise ValueError(f"anomaly_threshold_usd: none, got {threshold!r}; allowed: 0 or more")


def _commitments(
    savings_plans: CommitmentTargets | None, reservations: Mapping[str, CommitmentTargets] | None
) -> list[tuple[str, str, str | None, float]]:
    """Name, type, service and target of each budget for commitments."""
    found: list[tuple[str, str, str | None, float]] = []
    if savings_plans is not None:
        savings_plans.check("savings_plans")
        found.append(("Savings Plans utilization", "SAVINGS_PLANS_UTILIZATION", None, savings_plans.utilization))
        found.append(("Savings Plans coverage", "SAVINGS_PLANS_COVERAGE", None, savings_plans.coverage))
    for service, targets in sorted((reservations or {}).items()):
        targets.check(service)
        found.append((f"{service} reservation utilization", "RI_UTILIZATION", service, targets.utilization))
        found.append((f"{service} reservation coverage", "RI_COVERAGE", service, targets.coverage))
    return found
