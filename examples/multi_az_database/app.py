"""PostgreSQL of RDS with a standby in another AZ, where a predictable price matters more than failover in seconds.

Scenario: an application whose database fits one instance, and a topic that somebody listens to.
Expect: an instance with a standby in the isolated tier, on a port of its own, encrypted, backed up and watched; a copy
of each daily backup in another Region.
"""

from aws_cdk import App, ArnFormat, Environment, Stack, Stage
from aws_cdk import aws_sns as sns

from aws_architect_constructs import BackupPlan, EnvironmentType, MultiAzDatabase, ThreeTierVpc

app = App()
stage = Stage(app, "Prod", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stage)
net, data = Stack(stage, "Network"), Stack(stage, "Data")

network = ThreeTierVpc(net, "Network", availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"])
vault = data.format_arn(
    service="backup",
    region="eu-central-1",
    resource="backup-vault",
    resource_name="elsewhere",
    arn_format=ArnFormat.COLON_RESOURCE_NAME,
)
database = MultiAzDatabase(
    data,
    "Database",
    vpc=network.vpc,
    backup_plan=BackupPlan(copy_to_vault_arn=vault),
    alarm_topic=sns.Topic(net, "Alarms"),
)

app.synth()
