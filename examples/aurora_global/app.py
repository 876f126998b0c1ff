"""A database that survives its Region: Ireland writes, Frankfurt reads and can take over.

Scenario: a network and a topic in each Region, and one description of the database.
Expect: a primary with a secret of our own, replicated; a stack below it for the other Region; no reference across.
"""

from aws_cdk import App, Environment, Stack, Stage
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

import aws_architect_constructs as aac

app = App()
stage = Stage(app, "Prod")
aac.EnvironmentType.PROD.apply_to(stage)
vpcs, topics = {}, {}
for index, region in enumerate(["eu-west-1", "eu-central-1"]):
    net = Stack(stage, f"Network-{region}", env=Environment(account="111111111111", region=region))
    zones = [f"{region}{letter}" for letter in "abc"]
    vpcs[region] = aac.ThreeTierVpc(net, "Network", availability_zones=zones, network_index=index).vpc
    topics[region] = sns.Topic(net, "Alarms")

data = Stack(stage, "Data", env=Environment(account="111111111111", region="eu-west-1"))
database = aac.AuroraCluster(
    data,
    "Database",
    vpc=vpcs["eu-west-1"],
    engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_7),
    master_password=aac.MasterPassword.SECRET,
    auto_minor_version_upgrade=False,
    alarm_topic=topics["eu-west-1"],
)
frankfurt = aac.SecondaryRegion(vpc=vpcs["eu-central-1"], alarm_topic=topics["eu-central-1"])
aac.AuroraGlobal(data, "Global", primary=database, secondaries=[frankfurt])

app.synth()
