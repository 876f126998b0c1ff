"""The organization's trail in the management account, kept by a locked archive in an account of its own.

Scenario: nobody in the management account may delete what was recorded.
Expect: a locked bucket, one for AWS Config, and their key in the archive's stack; a trail in the management account's.
"""

from aws_cdk import App, Environment, Stack

from aws_architect_constructs import EnvironmentType, LogArchive, OrganizationTrail

app = App()
EnvironmentType.PROD.apply_to(app)
logs = Stack(app, "Logs", env=Environment(account="333333333333", region="eu-west-1"))
management = Stack(app, "Trail", env=Environment(account="111111111111", region="eu-west-1"))

archive = LogArchive(logs, "LogArchive", management_account="111111111111", organization_id="o-abcdefghij")
OrganizationTrail(management, "Trail", bucket_name=archive.trail_bucket_name, key_arn=archive.key_alias_arn)

app.synth()
