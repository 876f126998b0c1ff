"""The canonical instances of CostControls."""

from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    BudgetAction,
    CommitmentTargets,
    CostBudget,
    CostControls,
    EnvironmentType,
    WorkloadKey,
)
from support.instance import Instance


def _default(stack: Stack) -> None:
    CostControls(
        stack, "Costs", budgets=[CostBudget(name="Everything", monthly_usd=5000)], emails=["costs@example.com"]
    )


def _fullest(stack: Stack) -> None:
    topic = sns.Topic(stack, "Topic", master_key=WorkloadKey.of(stack).key, enforce_ssl=True)
    CostControls(
        stack,
        "Costs",
        budgets=[
            CostBudget(name="Everything", monthly_usd=5000, actual=(50, 80, 100), forecast=(100, 120)),
            CostBudget(
                name="SDLC",
                monthly_usd=500,
                account="222222222222",
                action=BudgetAction(
                    policy_id="p-12345678", targets=("222222222222", "ou-ab12-c3d4e5f6"), threshold=110, automatic=True
                ),
            ),
            CostBudget(name="Red team", monthly_usd=900, tag=("team", "red")),
        ],
        alarm_topic=topic,
        emails=["costs@example.com", "owner@example.com"],
        anomaly_monitor_arn="arn:aws:ce::111111111111:anomalymonitor/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        anomaly_accounts=["222222222222"],
        anomaly_tag=("team", ["blue", "red"]),
        anomaly_threshold_usd=250,
        savings_plans=CommitmentTargets(),
        reservations={"Amazon Relational Database Service": CommitmentTargets(utilization=90, coverage=50)},
        cost_categories={"Team": {"Red": ["222222222222"], "Blue": ["333333333333"]}},
    )


INSTANCES: Final = {
    "cost_controls-default": Instance(build=_default),
    "cost_controls-dev": Instance(build=_default, environment_type=EnvironmentType.DEV, env=None),
    "cost_controls-fullest": Instance(build=_fullest),
}
