"""CostControls: what is made, who hears, and what is refused."""

import json
import re
from typing import Any

import pytest
from aws_cdk import Aws, Stack, Validations
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    BudgetAction,
    CommitmentTargets,
    CostBudget,
    CostControls,
    RequiredTags,
    WellArchitectedChecks,
    WorkloadKey,
)
from support.synthesis import Template, new_app, new_stack, properties, resources, synthesize

BUDGET = "AWS::Budgets::Budget"
ALL = CostBudget(name="All", monthly_usd=5000)
MAIL = ["costs@example.com"]
MONITOR = "arn:aws:ce::111111111111:anomalymonitor/0f1e2d3c"


def controls(stack: Stack, **arguments: Any) -> CostControls:
    """Cost controls with one budget and one address."""
    return CostControls(stack, "Costs", **{"budgets": [ALL], "emails": MAIL, **arguments})


def template(**arguments: Any) -> Template:
    """Their template."""
    return synthesize(lambda stack: controls(stack, **arguments))


def with_topic(*, encrypted: bool = False, **arguments: Any) -> Template:
    """The template of cost controls that tell a topic alone."""

    def build(stack: Stack) -> None:
        topic = sns.Topic(stack, "Topic", master_key=WorkloadKey.of(stack).key if encrypted else None)
        controls(stack, **{"emails": (), "alarm_topic": topic, **arguments})

    return synthesize(build)


def notifications(budget: dict[str, Any]) -> list[tuple[str, str, float]]:
    """What a budget warns of."""
    found = [one["Notification"] for one in budget["NotificationsWithSubscribers"]]
    return [(one["NotificationType"], one["ComparisonOperator"], one["Threshold"]) for one in found]


def test_a_budget() -> None:
    """By the month, in USD, of everything; warnings at 80 and 100 percent, and at a forecast of 100."""
    (found,) = properties(template(), BUDGET)
    assert re.fullmatch("All [0-9a-f]{6}", found["Budget"].pop("BudgetName"))
    assert found["Budget"] == {
        "BudgetLimit": {"Amount": 5000, "Unit": "USD"},
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
    }
    assert notifications(found) == [
        ("ACTUAL", "GREATER_THAN", 80),
        ("ACTUAL", "GREATER_THAN", 100),
        ("FORECASTED", "GREATER_THAN", 100),
    ]


def test_other_thresholds() -> None:
    """As many as five."""
    budget = CostBudget(name="All", monthly_usd=1, actual=(10, 20, 30), forecast=(40, 50))
    (found,) = properties(template(budgets=[budget]), BUDGET)
    assert [threshold for _, _, threshold in notifications(found)] == [10, 20, 30, 40, 50]


@pytest.mark.parametrize(
    ("arguments", "filters"),
    [
        ({"account": "222222222222"}, {"LinkedAccount": ["222222222222"]}),
        ({"tag": ("team", "red")}, {"TagKeyValue": ["user:team$red"]}),
    ],
)
def test_budgets_of_a_part(arguments: dict[str, Any], filters: dict[str, Any]) -> None:
    """Of one account, or of one value of a tag."""
    (found,) = properties(template(budgets=[CostBudget(name="All", monthly_usd=1, **arguments)]), BUDGET)
    assert found["Budget"]["CostFilters"] == filters


def test_everybody_is_told() -> None:
    """Addresses, sorted and once, and the topic."""
    found = with_topic(emails=["b@example.com", "a@example.com", "b@example.com"])
    (budget,) = properties(found, BUDGET)
    (topic,) = resources(found, "AWS::SNS::Topic")
    for one in budget["NotificationsWithSubscribers"]:
        assert one["Subscribers"] == [
            {"Address": "a@example.com", "SubscriptionType": "EMAIL"},
            {"Address": "b@example.com", "SubscriptionType": "EMAIL"},
            {"Address": {"Ref": topic}, "SubscriptionType": "SNS"},
        ]


def test_the_topic_admits_the_senders() -> None:
    """Budgets and Cost Anomaly Detection may publish for this account, and use the topic's key."""
    found = with_topic(encrypted=True)
    (policy,) = properties(found, "AWS::SNS::TopicPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": ["budgets.amazonaws.com", "costalerts.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}
    (key,) = properties(found, "AWS::KMS::Key")
    assert "CostAlerts" in [one["Sid"] for one in key["KeyPolicy"]["Statement"]]


def test_a_topic_without_a_key() -> None:
    """Then no key is made."""
    assert resources(with_topic(), "AWS::KMS::Key") == {}


ACTION = BudgetAction(policy_id="p-12345678", targets=("222222222222", "ou-ab12-c3d4e5f6", "r-ab12"))


@pytest.mark.parametrize(("automatic", "model"), [(True, "AUTOMATIC"), (False, "MANUAL")])
def test_an_action(automatic: bool, model: str) -> None:
    """A policy that is attached when the budget is spent, by itself or once somebody approves."""
    action = BudgetAction(policy_id="p-12345678", targets=("222222222222",), threshold=120, automatic=automatic)
    found = template(budgets=[CostBudget(name="All", monthly_usd=1, action=action)])
    (one,) = properties(found, "AWS::Budgets::BudgetsAction")
    assert one["ApprovalModel"] == model
    assert one["ActionThreshold"] == {"Type": "PERCENTAGE", "Value": 120}
    assert one["Definition"] == {"ScpActionDefinition": {"PolicyId": "p-12345678", "TargetIds": ["222222222222"]}}
    assert one["Subscribers"] == [{"Address": "costs@example.com", "Type": "EMAIL"}]


def test_the_role_of_an_action() -> None:
    """It attaches this policy to these targets and nothing else."""
    found = template(budgets=[CostBudget(name="All", monthly_usd=1, action=ACTION)])
    (policy,) = properties(found, "AWS::IAM::ManagedPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["organizations:AttachPolicy", "organizations:DetachPolicy"]
    ends = sorted(one["Fn::Join"][1][-1].partition(":organizations::111111111111:")[2] for one in statement["Resource"])
    assert ends == [
        "account/o-*/222222222222",
        "ou/o-*/ou-ab12-c3d4e5f6",
        "policy/o-*/service_control_policy/p-12345678",
        "root/o-*/r-ab12",
    ]


def test_anomaly_monitors() -> None:
    """Of accounts, of a tag, and one that exists; without any there is no subscription."""
    found = template(
        anomaly_monitor_arn=MONITOR,
        anomaly_accounts=["333333333333", "222222222222"],
        anomaly_tag=("team", ["red", "blue"]),
        anomaly_threshold_usd=250,
    )
    specifications = [json.loads(one["MonitorSpecification"]) for one in properties(found, "AWS::CE::AnomalyMonitor")]
    assert specifications == [
        {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["222222222222", "333333333333"]}},
        {"Tags": {"Key": "team", "Values": ["blue", "red"]}},
    ]
    assert {one["MonitorType"] for one in properties(found, "AWS::CE::AnomalyMonitor")} == {"CUSTOM"}
    (subscription,) = properties(found, "AWS::CE::AnomalySubscription")
    assert subscription["MonitorArnList"][0] == MONITOR
    assert len(subscription["MonitorArnList"]) == 3
    assert json.loads(subscription["ThresholdExpression"])["Dimensions"]["Values"] == ["250"]
    assert resources(template(), "AWS::CE::AnomalySubscription") == {}


def test_anomalies_are_told_at_once_or_daily() -> None:
    """The topic at once, after its policy; addresses once a day: there is no other way."""
    found = with_topic(emails=MAIL, anomaly_monitor_arn=MONITOR)
    subscriptions = {
        one["Properties"]["Frequency"]: one for one in resources(found, "AWS::CE::AnomalySubscription").values()
    }
    assert set(subscriptions) == {"IMMEDIATE", "DAILY"}
    assert subscriptions["IMMEDIATE"]["DependsOn"] == list(resources(found, "AWS::SNS::TopicPolicy"))
    assert subscriptions["DAILY"]["Properties"]["Subscribers"] == [{"Type": "EMAIL", "Address": "costs@example.com"}]
    assert len(resources(with_topic(anomaly_monitor_arn=MONITOR), "AWS::CE::AnomalySubscription")) == 1


def test_commitments() -> None:
    """Utilization and coverage of Savings Plans and reservations; less is a warning."""
    found = template(
        savings_plans=CommitmentTargets(utilization=97, coverage=60),
        reservations={"Amazon Relational Database Service": CommitmentTargets()},
    )
    budgets = {one["Budget"]["BudgetType"]: one for one in properties(found, BUDGET)}
    assert {kind: notifications(one)[0] for kind, one in budgets.items() if kind != "COST"} == {
        "SAVINGS_PLANS_UTILIZATION": ("ACTUAL", "LESS_THAN", 97),
        "SAVINGS_PLANS_COVERAGE": ("ACTUAL", "LESS_THAN", 60),
        "RI_UTILIZATION": ("ACTUAL", "LESS_THAN", 95),
        "RI_COVERAGE": ("ACTUAL", "LESS_THAN", 70),
    }
    assert budgets["RI_COVERAGE"]["Budget"]["CostFilters"] == {"Service": ["Amazon Relational Database Service"]}


def test_cost_categories() -> None:
    """Each value with its accounts; the rest is unallocated."""
    (found,) = properties(
        template(cost_categories={"Team": {"Red": ["222222222222"], "Blue": ["444444444444", "333333333333"]}}),
        "AWS::CE::CostCategory",
    )
    assert found["DefaultValue"] == "Unallocated"
    rules = json.loads(found["Rules"])
    assert {one["Value"]: one["Rule"]["Dimensions"]["Values"] for one in rules} == {
        "Blue": ["333333333333", "444444444444"],
        "Red": ["222222222222"],
    }
    assert {one["Rule"]["Dimensions"]["Key"] for one in rules} == {"LINKED_ACCOUNT"}


def test_compute_optimizer_is_enrolled_by_hand() -> None:
    """CloudFormation has no type for it."""
    (step,) = controls(new_stack()).one_time_steps
    assert step.command.startswith("aws compute-optimizer update-enrollment-status --status Active")


def budget(**arguments: Any) -> dict[str, Any]:
    """The argument `budgets` with one budget."""
    return {"budgets": [CostBudget(**{"name": "All", "monthly_usd": 1, **arguments})]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"emails": ()}, "alarm_topic: nobody would hear that a budget is spent"),
        ({"emails": ["nobody"]}, "emails: no addresses"),
        ({"emails": "a@example.com"}, "emails: no addresses"),
        ({"emails": [f"a{n}@example.com" for n in range(11)]}, "emails: no addresses, or too many"),
        ({"budgets": []}, "budgets: none"),
        ({"budgets": [ALL, ALL]}, "budgets: names that are alike"),
        ({"budgets": [CostBudget(name="-", monthly_usd=1)]}, "budgets: names that are alike"),
        (budget(name="a/b"), "budgets: no name"),
        (budget(monthly_usd=0), "All: no amount"),
        (budget(account="2"), "All: no account"),
        (budget(actual=(), forecast=()), "All: no thresholds"),
        (budget(actual=(1, 2, 3, 4, 5)), "All: no thresholds, or too many"),
        (budget(actual=(0,)), "All: no thresholds"),
        (budget(actual=(100, 100)), "All: no thresholds, or too many.* each once"),
        (budget(monthly_usd=float("nan")), "All: no amount"),
        (
            {**budget(name="Savings Plans coverage"), "savings_plans": CommitmentTargets()},
            "budgets: names that are alike",
        ),
        ({"cost_categories": {"A b": {}, "A-b": {}}}, "cost_categories: names that are alike"),
        (budget(action=BudgetAction(policy_id="x", targets=("r-ab12",))), "All: no policy, got 'x'"),
        (budget(action=BudgetAction(policy_id="p-12345678", targets=())), "All: no targets"),
        (budget(action=BudgetAction(policy_id="p-12345678", targets=("x",))), "All: no targets"),
        (budget(action=BudgetAction(policy_id="p-12345678", targets=("r-ab12",), threshold=0)), "All: no threshold"),
        ({"anomaly_monitor_arn": "arn:aws:ce"}, "anomaly_monitor_arn: no monitor"),
        ({"anomaly_accounts": ["2"]}, "anomaly_accounts: none"),
        ({"anomaly_accounts": ["222222222222"] * 11}, "anomaly_accounts: none"),
        ({"anomaly_tag": ("team", [])}, "anomaly_tag: no values"),
        ({"anomaly_tag": ("team", "red")}, "anomaly_tag: no values"),
        ({"anomaly_threshold_usd": -1}, "anomaly_threshold_usd: none"),
        ({"savings_plans": CommitmentTargets(utilization=0)}, "savings_plans: no utilization"),
        ({"reservations": {"EC2": CommitmentTargets(coverage=101)}}, "EC2: no coverage"),
        ({"cost_categories": {"Team": {}}}, "cost_categories: none"),
        ({"cost_categories": {"Team": {"Red": ["2"]}}}, "cost_categories: no account"),
        (
            {"cost_categories": {"Team": {"Red": ["222222222222"], "Blue": ["222222222222"]}}},
            "an account twice, got '222222222222'",
        ),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A ValueError with the construct's path, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=message) as error:
        controls(stack, **arguments)
    assert str(error.value).startswith("Stack/Costs: ")
    controls(stack)


def budget_name(**arguments: Any) -> str:
    """What the budget is called."""
    (found,) = properties(template(**arguments), BUDGET)
    return str(found["Budget"]["BudgetName"])


def test_whom_a_budget_warns_can_change() -> None:
    """CloudFormation replaces a budget for its notifications, which the same name would refuse."""
    same = [budget_name(), budget_name(**budget(monthly_usd=7)), budget_name(anomaly_monitor_arn=MONITOR)]
    other = [
        budget_name(emails=["b@example.com"]),
        budget_name(emails=["a@example.com", "b@example.com"]),
        budget_name(**budget(actual=(70,))),
        budget_name(**budget(forecast=(90,))),
        budget_name(**budget(actual=(), forecast=(80, 100))),
    ]
    assert len(set(same)) == 1
    assert len({*same, *other}) == 1 + len(other)


def test_a_topic_renames_a_budget_by_what_it_is() -> None:
    """Another topic is another name; the same topic the same, in every synthesis."""

    def name(topic: str) -> str:
        return str(template_with_topic(topic)["Budget"]["BudgetName"])

    assert name("One") == name("One") != name("Two")


def template_with_topic(name: str) -> dict[str, Any]:
    """The budget of controls that warn a topic of this name."""
    (found,) = properties(
        synthesize(lambda stack: controls(stack, alarm_topic=sns.Topic(stack, name), emails=())), BUDGET
    )
    return dict(found)


def test_tokens_pass() -> None:
    """A monitor's ARN that a deployment alone knows is taken as it is."""
    arn = f"arn:{Aws.PARTITION}:ce::{Aws.ACCOUNT_ID}:anomalymonitor/x"
    assert properties(template(anomaly_monitor_arn=arn), "AWS::CE::AnomalySubscription")


def test_two_stacks() -> None:
    """A topic of another stack: that stack does not wait for the costs."""
    app = new_app()
    alarms, costs = (new_stack(app=app, name=name) for name in ("Alarms", "Costs"))
    controls(costs, alarm_topic=sns.Topic(alarms, "Topic"), emails=(), anomaly_monitor_arn=MONITOR)
    app.synth()
    assert alarms.dependencies == []
    assert costs.dependencies == [alarms]


def test_everything_takes_the_required_tags() -> None:
    """What is made here passes the check that CostControls points to, once the tags are applied."""
    app = new_app()
    stack = new_stack(app=app)
    RequiredTags.of(app).apply(
        owner="costs@example.com", cost_center="42", application="costs", data_classification="INTERNAL"
    )
    Validations.of(app).add_plugins(WellArchitectedChecks(rules=["MissingTags"], required_tags=RequiredTags.KEYS))
    controls(stack, anomaly_accounts=["222222222222"], cost_categories={"Team": {"Red": ["222222222222"]}})
    app.synth()


def test_missing_tags_stop_the_synthesis() -> None:
    """Without the tags the same app does not synthesize."""
    app = new_app()
    controls(new_stack(app=app), anomaly_accounts=["222222222222"])
    Validations.of(app).add_plugins(WellArchitectedChecks(rules=["MissingTags"], required_tags=RequiredTags.KEYS))
    with pytest.raises(RuntimeError, match="MissingTags"):
        app.synth()
