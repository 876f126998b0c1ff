"""A landing zone: the organization with its guardrails, trail and archive, account baseline, people, and cost controls.

Scenario: an organization exists, with accounts for audit and logs; one account for workloads is made.
Expect: five stacks that wait for none of one another. Organization, with OUs, an account and policies in types of
CloudFormation's own; Logs, with the locked archive; Management, with the trail, stack sets and budgets; People, with
what they may do where; Audit, with the security services. Their order: the one-time steps, Organization, Logs,
Management, People, Audit.
"""

from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from aws_architect_constructs import (
    AccountAssignment,
    AccountBaseline,
    AuditAccount,
    CostBudget,
    CostControls,
    EnvironmentType,
    Exemptions,
    LogArchive,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationBaseline,
    OrganizationTrail,
    PermissionSet,
    PermissionSets,
    RequiredTags,
    WellArchitectedChecks,
    WorkloadKey,
    standard_units,
)

ORGANIZATION_ID, ROOT_ID = "o-abcdefghij", "r-ab12"
MANAGEMENT, AUDIT, LOGS = "111111111111", "222222222222", "333333333333"
REGIONS = ["eu-west-1", "eu-central-1"]

app = App()
EnvironmentType.PROD.apply_to(app)
RequiredTags.of(app).apply(
    owner="platform@example.com", cost_center="42", application="landing-zone", data_classification="INTERNAL"
)
Validations.of(app).add_plugins(WellArchitectedChecks(rules=["MissingTags"], required_tags=RequiredTags.KEYS))


def stack(name: str, account: str) -> Stack:
    """A stack of an account, in the home Region."""
    return Stack(app, name, env=Environment(account=account, region=REGIONS[0]))


organization = OrganizationBaseline(
    stack("Organization", MANAGEMENT),
    "Organization",
    root_id=ROOT_ID,
    organization_id=ORGANIZATION_ID,
    units=[
        *(unit for unit in standard_units(sandbox=True, suspended=True) if unit.name != "Production"),
        OrganizationalUnit(name="Production", parent="Workloads", unit_id="ou-ab12-c3d4e5f6"),
    ],
    accounts=[
        OrganizationAccount(name="Audit", unit="Security", account_id=AUDIT),
        OrganizationAccount(name="Log archive", unit="Security", account_id=LOGS),
        OrganizationAccount(name="Shop", unit="Production", email="aws-shop@example.com"),
    ],
    exemptions=Exemptions(roles=("break-glass/*",), tag_key="guardrail-exempt"),
    allowed_regions=REGIONS,
    github_owners=["octo-org@123456"],
    audit_account=AUDIT,
)

archive = LogArchive(stack("Logs", LOGS), "LogArchive", management_account=MANAGEMENT, organization_id=ORGANIZATION_ID)

management = stack("Management", MANAGEMENT)
OrganizationTrail(management, "Trail", bucket_name=archive.trail_bucket_name, key_arn=archive.key_alias_arn)
AccountBaseline(
    management,
    "Baseline",
    target_units=[ROOT_ID],
    regions=REGIONS,
    audit_account=AUDIT,
    organization_id=ORGANIZATION_ID,
    config_bucket_name=archive.config_bucket_name,
    config_key_arn=archive.key_alias_arn,
)
alerts = sns.Topic(management, "CostAlerts", master_key=WorkloadKey.of(management).key, enforce_ssl=True)
alerts.add_subscription(subscriptions.EmailSubscription("costs@example.com"))
CostControls(management, "Costs", budgets=[CostBudget(name="Everything", monthly_usd=5000)], alarm_topic=alerts)

PermissionSets(
    stack("People", MANAGEMENT),
    "Access",
    instance_arn="arn:aws:sso:::instance/ssoins-1234567890abcdef",
    permission_sets=[
        PermissionSet(
            name="SecurityAudit",
            aws_managed_policies=["SecurityAudit"],
            assignments=[AccountAssignment(group_id="94482488-3041-7086-0b1c-d5a6e0a1b2c3", accounts=[AUDIT, LOGS])],
        )
    ],
)

AuditAccount(stack("Audit", AUDIT), "Audit")

print(*organization.one_time_steps, sep="\n\n")  # noqa: T201 -- run them once, when each says

app.synth()
