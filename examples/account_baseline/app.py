"""What every account begins with, and the audit account that looks at them all.

Scenario: the accounts below two OUs, in two Regions; AWS Config delivers to the log archive.
Expect: two stack sets and the management account's own resources in one stack; GuardDuty, Security Hub, the
organization's analyzer and AWS Config's aggregator in the audit account's.
"""

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import AccountBaseline, AuditAccount, EnvironmentType

app = App()
EnvironmentType.PROD.apply_to(app)
management = Stack(app, "Baseline", env=Environment(account="111111111111", region="eu-west-1"))
audit = Stack(app, "Audit", env=Environment(account="222222222222", region="eu-west-1"))

baseline = AccountBaseline(
    management,
    "Baseline",
    target_units=["ou-ab12-c3d4e5f6", "ou-ab12-d4e5f6a7"],
    regions=["eu-west-1", "eu-central-1"],
    audit_account="222222222222",
    organization_id="o-abcdefghij",
    config_bucket_name="organization-config-333333333333-eu-west-1",
    config_key_arn="arn:aws:kms:eu-west-1:333333333333:alias/organization-logs",
)
AuditAccount(audit, "Audit")
for plan in baseline.plan(accounts=1000):
    print(f"{plan.name}: {plan.instances} stacks, {plan.at_once} at once, {plan.waves} waves")  # noqa: T201 -- figures

app.synth()
