"""Budgets, anomalies and commitments of an organization, with somebody who hears of them.

Scenario: the whole organization and one account have a budget; the account's is enforced once somebody approves.
Expect: two budgets with warnings by mail, an action that attaches a policy, an anomaly alert, and a cost category; an
app whose resources lack the required tags does not synthesize.
"""

from aws_cdk import App, Environment, Stack, Validations

from aws_architect_constructs import (
    BudgetAction,
    CommitmentTargets,
    CostBudget,
    CostControls,
    RequiredTags,
    WellArchitectedChecks,
)

app = App()
RequiredTags.of(app).apply(
    owner="costs@example.com", cost_center="42", application="costs", data_classification="INTERNAL"
)
Validations.of(app).add_plugins(WellArchitectedChecks(rules=["MissingTags"], required_tags=RequiredTags.KEYS))
stack = Stack(app, "Costs", env=Environment(account="111111111111", region="us-east-1"))

freeze = BudgetAction(policy_id="p-12345678", targets=("222222222222",))
CostControls(
    stack,
    "Costs",
    budgets=[
        CostBudget(name="Everything", monthly_usd=5000),
        CostBudget(name="Sandbox", monthly_usd=200, account="222222222222", action=freeze),
    ],
    emails=["costs@example.com"],
    anomaly_accounts=["222222222222"],
    savings_plans=CommitmentTargets(coverage=70, utilization=95),
    cost_categories={"Team": {"Red": ["222222222222"], "Blue": ["333333333333"]}},
)

app.synth()
