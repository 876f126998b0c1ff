"""A role for an auditor's account, which reads one trail.

Scenario: a third party audits the account from its own, 222222222222.
Expect: a role that only that account assumes, with the external id that the auditor gave us, for an hour at a time; a
managed policy with the two actions granted; no outputs.
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs import CrossAccountRole, EnvironmentType

app = App()
stack = Stack(app, "Access", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)

audit = CrossAccountRole(
    stack,
    "Audit",
    trusted_accounts=["222222222222"],
    external_id="94d44a42-eb49-4944-8a09-47fd68e2dbd5",
)
iam.Grant.add_to_principal(
    grantee=audit,
    actions=["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"],
    resource_arns=[stack.format_arn(service="cloudtrail", resource="trail", resource_name="organization")],
)

app.synth()
