"""Documents that are read often for a while, and by one application only.

Scenario: a service keeps documents; a team reads reports through an access point; presigned links hold for an hour.
Expect: a private bucket under the stack's key, whose objects move by Intelligent-Tiering and whose requests are logged;
the service's role with exact actions, the team's role with none at the bucket itself.
"""

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs import DataPerimeter, EnvironmentType, LifecycleBucket

app = App()
data, web = (Stack(app, name, env=Environment(account="111111111111", region="eu-west-1")) for name in ("Data", "Web"))
EnvironmentType.PROD.apply_to(data)
EnvironmentType.PROD.apply_to(web)

documents = LifecycleBucket(
    data,
    "Documents",
    presigned_url_max_age=Duration.hours(1),
    data_perimeter=DataPerimeter(
        organization_id="o-abcdefghij",
        administrator_role_arns=["arn:aws:iam::111111111111:role/cdk-hnb659fds-cfn-exec-role-111111111111-eu-west-1"],
    ),
)
service = iam.Role(web, "Service", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
documents.grant_read_write(iam.ManagedPolicy(web, "ServicePolicy", roles=[service]))

team = iam.Role(data, "Team", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
documents.add_access_point("Reports").grant_read(iam.ManagedPolicy(data, "TeamPolicy", roles=[team]), "reports/*")

app.synth()
