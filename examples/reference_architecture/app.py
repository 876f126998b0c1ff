"""The whole library at work: one production stage, a stack for each rate of change.

Scenario: what a team deploys with this library, growing with each construct.
Expect: roles for the pipeline and for auditors, and a boundary that caps every role of the stage; a network that
outlives everything else, in a stack of its own that cannot be deleted by accident; a database and documents that
depend on none of their users; a service, a function and a site before them; every template reviewed and priced.
"""

from pathlib import Path

from aws_cdk import App, Environment, Stack, Stage, Validations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

import aws_architect_constructs as aac

ACCOUNT, REGION, DOMAIN = "111111111111", "us-east-1", "shop.example.com"

app = App()
stage = Stage(app, "Prod", env=Environment(account=ACCOUNT, region=REGION))
aac.EnvironmentType.PROD.apply_to(stage)
aac.RequiredTags.of(stage).apply(
    owner="shop@example.com", cost_center="4711", application="shop", data_classification="CONFIDENTIAL"
)
Validations.of(app).add_plugins(
    aac.WellArchitectedChecks(required_tags=aac.RequiredTags.KEYS), aac.FixedCostCheck(limit_usd_per_month=1500)
)
identity, net, data, web = (Stack(stage, name) for name in ("Identity", "Network", "Data", "Web"))

# --- identity: before anything else ---

aac.GitHubActionsRole(
    identity,
    "Deploy",
    repository="acme/shop",
    owner_id=9919,
    repository_id=1296269,
    branches=["main"],
    deploy=aac.CdkDeployment(qualifier="hnb659fds", accounts=[ACCOUNT], regions=[REGION]),
)
audit = aac.CrossAccountRole(
    identity, "Audit", trusted_accounts=["222222222222"], external_id="94d44a42-eb49-4944-8a09-47fd68e2dbd5"
)
aac.InstanceRole(identity, "Bastion")

# --- network and who hears of trouble ---

network = aac.ThreeTierVpc(
    net,
    "Network",
    availability_zones=[f"{REGION}{letter}" for letter in "abc"],
    endpoints=aac.EndpointProfile.CONTAINERS,
)
alarms = sns.Topic(net, "Alarms", enforce_ssl=True, master_key=aac.WorkloadKey.of(net).key)

# --- data: depends on none of its users ---

database = aac.AuroraCluster(data, "Database", vpc=network.vpc, alarm_topic=alarms)
documents = aac.LifecycleBucket(data, "Documents")

# --- what comes and goes: its roles can do no more than this, whatever somebody grants them ---

boundary = aac.WorkloadBoundary(
    identity,
    "Boundary",
    allow=[
        iam.PolicyStatement(actions=["rds-db:connect"], resources=[f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:*/app"]),
        iam.PolicyStatement(actions=["s3:*"], resources=["arn:aws:s3:::prod-data-*"]),
        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[f"arn:aws:sqs:{REGION}:{ACCOUNT}:Prod-Web-*"]),
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"]
        ),
        # ECS moves the traffic of a canary: CloudFormation names target groups, so no name begins with anything.
        iam.PolicyStatement(
            actions=[
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:RegisterTargets",
            ],
            resources=[
                f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}/*"
                for kind in ("listener-rule/app", "targetgroup")
            ],
        ),
        iam.PolicyStatement(actions=["elasticloadbalancing:Describe*"], resources=["*"]),
    ],
)
boundary.apply_to(web)

api = aac.FargateService(
    web,
    "Api",
    vpc=network.vpc,
    image=ecs.ContainerImage.from_ecr_repository(
        ecr.Repository.from_repository_name(web, "Repository", "shop/api"), "1.4.2"
    ),
    container_port=8080,
    certificate=acm.Certificate.from_certificate_arn(
        web, "Certificate", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/b1a3c5d7-0000-4000-8000-000000000000"
    ),
    ingress=aac.Ingress.vpc_origin(),
    environment=database.connection_environment,
    deployment_mode=aac.DeploymentMode.CANARY,
    alarm_topic=alarms,
)
api.connections.allow_to_default_port(database)
database.grant_connect(api, "app")
documents.grant_read(api)

orders = aac.PowertoolsFunction(
    web,
    "Orders",
    entry=str(Path(__file__).parent / "orders"),
    handler="app.handler",
    service="orders",
    environment={"DOCUMENTS": documents.bucket.bucket_name},
    alarm_topic=alarms,
)
documents.grant_write(orders)

site = aac.SecureDistribution(
    web,
    "Site",
    origins={"/api/*": aac.Origin.load_balancer(api.load_balancer)},
    domain_names=[DOMAIN],
    hosted_zone=route53.HostedZone.from_hosted_zone_attributes(
        web, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name=DOMAIN
    ),
    alarm_topic=alarms,
)

app.synth()
