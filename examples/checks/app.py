"""An app that is reviewed and priced while it is synthesized.

What it shows: both checks, the tags that every resource must have, a limit for the cost, and an acknowledgement.
"""

from aws_cdk import Acknowledgment, App, Environment, Stack, Validations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import EnvironmentType, FixedCostCheck, RequiredTags, ThreeTierVpc, WellArchitectedChecks

app = App()
EnvironmentType.STAGING.apply_to(app)
Validations.of(app).add_plugins(
    WellArchitectedChecks(required_tags=RequiredTags.KEYS, management_account="999999999999"),
    FixedCostCheck(limit_usd_per_month=100),
)
RequiredTags.of(app).apply(
    owner="payments@example.com",
    cost_center="4711",
    application="checkout",
    data_classification="CONFIDENTIAL",
)

env = Environment(account="111111111111", region="us-east-1")
stack = Stack(app, "Checkout", env=env)
ThreeTierVpc(stack, "Network", availability_zones=["us-east-1a", "us-east-1b"])
sqs.Queue(stack, "Orders")
news = sns.Topic(stack, "News", enforce_ssl=True)
Validations.of(news).acknowledge(
    Acknowledgment(
        id="WellArchitectedChecks::UnencryptedTopic",
        reason="The topic carries what stands on the web site anyway.",
    )
)

app.synth()
