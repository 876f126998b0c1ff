"""A container service behind HTTPS in a network that has no way out but its endpoints, deployed as a canary.

Scenario: an API in ECR; ECR, logs and secrets are reached by endpoints, image layers through the gateway of S3.
Expect: a public load balancer with a certificate and a web ACL; two to ten tasks that it alone reaches, and that reach
nothing but the endpoints; deployments that show a revision a tenth of the traffic before the rest.
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

import aws_architect_constructs as aac

S3_IN_EU_WEST_1 = "pl-6da54004"  # aws ec2 describe-managed-prefix-lists: com.amazonaws.eu-west-1.s3

app = App()
stack = Stack(app, "Shop", env=Environment(account="111111111111", region="eu-west-1"))
aac.EnvironmentType.PROD.apply_to(stack)
zones, containers = ["eu-west-1a", "eu-west-1b", "eu-west-1c"], aac.EndpointProfile.CONTAINERS
network = aac.ThreeTierVpc(stack, "Network", availability_zones=zones, nat=aac.NatStrategy.NONE, endpoints=containers)
zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z0EXAMPLE", zone_name="acme.com")
topic = sns.Topic(stack, "Alarms")
web_acl = aac.WebAcl(stack, "WebAcl", alarm_topic=topic).web_acl
repository = ecr.Repository.from_repository_name(stack, "Repository", "shop/api")
endpoints = network.endpoints.interface["ecr.api"].connections.security_groups  # one for all of them

aac.FargateService(
    stack,
    "Api",
    vpc=network.vpc,
    image=ecs.ContainerImage.from_ecr_repository(repository, "1.4.2"),
    container_port=8080,
    ingress=aac.Ingress.public(domain_name="api.acme.com", hosted_zone=zone, web_acl_arn=web_acl.attr_arn),
    egress=[aac.Egress.vpc_endpoints(endpoints), aac.Egress.prefix_list(S3_IN_EU_WEST_1)],
    deployment_mode=aac.DeploymentMode.CANARY,
    alarm_topic=topic,
)
app.synth()
