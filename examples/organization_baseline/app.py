"""An organization's OUs and guardrails, rolled out step by step, from a stack of the management account.

Scenario: an organization exists; its guardrails are tried in a sandbox first.
Expect: six OUs; the policies of the root attached to the sandbox at step 1, with what each step would deny, and the
commands that are run once, on the console.
"""

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import EnvironmentType, Exemptions, OrganizationBaseline, RollOut, standard_units

STEP = 1  # 2: SDLC too; 3: everybody

app = App()
stack = Stack(app, "Organization", env=Environment(account="111111111111", region="us-east-1"))
EnvironmentType.PROD.apply_to(stack)

roll_out = RollOut(order=(("Sandbox",), ("SDLC",), ("Root",)), step=STEP)
organization = OrganizationBaseline(
    stack,
    "Organization",
    root_id="r-ab12",
    organization_id="o-abcdefghij",
    units=standard_units(sandbox=True),
    exemptions=Exemptions(roles=("break-glass/*",)),
    allowed_regions=["eu-west-1", "eu-central-1"],
    github_owners=["octo-org@123456"],
    roll_out=roll_out,
)
print(organization.report(roll_out))  # noqa: T201 -- read it before you deploy
print(*organization.one_time_steps, sep="\n\n")  # noqa: T201 -- run them once

app.synth()
