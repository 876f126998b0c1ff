"""What the service does: what its roles may, who reaches whom, what a change replaces, and in which stack it is."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
from aws_cdk import App
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns

from aws_architect_constructs import (
    DeploymentMode,
    Egress,
    EndpointProfile,
    EnvironmentType,
    FargateCapacity,
    FargateService,
    Ingress,
    TaskScaling,
    ThreeTierVpc,
)
from aws_architect_constructs.compute.task_roles import ON_EVERY_RESOURCE
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from aws_architect_constructs.testing.reachability import Answer, Network, Verdict
from aws_architect_constructs.testing.replacement import ReplacementKind, assert_no_replacement
from support.fargate import IMAGE, api, built, worker
from support.instances import template_of_instance
from support.instances_fargate_service import INSTANCES
from support.synthesis import AZS, ENV, Template, new_app, new_stack, properties, resources

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT: Final = "111111111111"
HERE: Final = f"eu-west-1:{ACCOUNT}"
EVERYTHING: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
REPOSITORY: Final = f"arn:aws:ecr:{HERE}:repository/shop/api"
SECRET: Final = f"arn:aws:secretsmanager:{HERE}:secret:database-a1B2c3"
FILES: Final = f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-0123456789abcdef0"
POINT: Final = f"arn:aws:elasticfilesystem:{HERE}:access-point/fsap-0123456789abcdef0"


# --- permissions ---------------------------------------------------------------------------------------------------


@cache
def _policies(name: str) -> tuple[Template, TemplatePolicies]:
    template = template_of_instance(f"fargate_service-{name}")
    boundary = {f"arn:aws:iam::{ACCOUNT}:policy/workload-boundary": EVERYTHING}
    balancing = {"ListenerRule": "listener-rule/app/api/1/2", "TargetGroup": "targetgroup"}
    names = {
        logical_id: f"arn:aws:elasticloadbalancing:{HERE}:{path}/{logical_id}"
        for kind, path in balancing.items()
        for logical_id in resources(template, f"AWS::ElasticLoadBalancingV2::{kind}")
    }
    return template, TemplatePolicies({"Stack": template}, managed_policies=boundary, names=names)


def _id(template: Template, resource_type: str, part: str) -> str:
    (found,) = (name for name in resources(template, resource_type) if part in name)
    return found


def _may(name: str, role: str, action: str, resource: str, context: dict[str, Any] | None = None) -> bool:
    template, policies = _policies(name)
    logical_id = _id(template, "AWS::IAM::Role", role)
    if resource.startswith("@"):
        kind, _, part = resource[1:].partition("/")
        resource = policies.arn_of(_id(template, kind, part), None if "Load" in kind else "Arn")
        resource = resource.replace(":*", ":log-stream:one")
    request = Request(
        principal=IamRole(policies.arn_of(logical_id)),
        action=action,
        resource=resource,
        context=context or {},
        resource_account=None if resource == "*" else ACCOUNT,
    )
    return evaluate(
        request, identity=policies.identity_of(logical_id), boundary=policies.boundary_of(logical_id)
    ).allowed


LOG: Final = "@AWS::Logs::LogGroup/ApiLogGroup"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchCheckLayerAvailability", REPOSITORY),
        ("ecr:GetDownloadUrlForLayer", REPOSITORY),
        ("ecr:BatchGetImage", REPOSITORY),
        ("logs:CreateLogStream", LOG),
        ("logs:PutLogEvents", LOG),
        ("secretsmanager:GetSecretValue", SECRET),
        ("ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/shop/api-key"),
    ],
)
def test_a_task_can_be_started(action: str, resource: str) -> None:
    """Fargate pulls this image, writes this log and reads these secrets."""
    assert _may("fullest", "ExecutionRole", action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ecr:BatchGetImage", f"arn:aws:ecr:{HERE}:repository/other"),
        ("ecr:PutImage", REPOSITORY),
        ("ecr:DescribeImages", REPOSITORY),
        ("logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:other"),
        ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:other:log-stream:one"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:other-a1B2c3"),
        ("secretsmanager:DescribeSecret", SECRET),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/shop/api-key"),
        ("ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/shop/other"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
    ],
)
def test_the_execution_role_can_do_nothing_else(action: str, resource: str) -> None:
    """Not with other repositories, logs or secrets, nor what CDK's grants bring beside what Fargate does."""
    assert not _may("fullest", "ExecutionRole", action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::documents/one"),
        ("secretsmanager:GetSecretValue", SECRET),
        ("ssmmessages:OpenDataChannel", "*"),
        ("xray:PutTraceSegments", "*"),
        ("logs:PutLogEvents", LOG),
        ("ecs:UpdateService", f"arn:aws:ecs:{HERE}:service/a/b"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
    ],
)
def test_the_application_begins_with_nothing(action: str, resource: str) -> None:
    """The execution role's secrets and logs are not the application's either."""
    assert not _may("default", "TaskTaskRole", action, resource)


KEY: Final = f"arn:aws:kms:{HERE}:key/12345678-1234-1234-1234-123456789012"
BY_SECRETS_MANAGER: Final = {
    "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
    "kms:EncryptionContext:SecretARN": SECRET,
}


@pytest.mark.parametrize(
    ("action", "resource", "context", "expected"),
    [
        ("kms:Decrypt", KEY, {}, True),
        ("kms:Decrypt", KEY, {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}, False),
        ("kms:Decrypt", KEY, {"kms:ViaService": None}, False),
        ("kms:Decrypt", KEY, {"kms:EncryptionContext:SecretARN": f"{SECRET}2"}, False),
        ("kms:Decrypt", KEY, {"kms:EncryptionContext:SecretARN": None}, False),
        ("kms:Decrypt", KEY.replace(ACCOUNT, "222222222222"), {}, False),
        ("kms:GenerateDataKey", KEY, {}, False),
    ],
)
def test_a_secrets_key_is_used_for_this_secret_alone(
    action: str, resource: str, context: dict[str, Any], expected: bool
) -> None:
    """By Secrets Manager, for the one secret that was named, with a key of this account."""
    template, policies = _policies("fullest")
    role = _id(template, "AWS::IAM::Role", "ExecutionRole")
    request = Request(
        principal=IamRole(policies.arn_of(role)),
        action=action,
        resource=resource,
        context=BY_SECRETS_MANAGER | context,
        resource_account=ACCOUNT,
    )
    decision = evaluate(
        request,
        identity=policies.identity_of(role),
        boundary=policies.boundary_of(role),
        resource=KEY_POLICY,
    )
    assert decision.allowed is expected


KEY_POLICY: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}
MOUNTED: Final = {"elasticfilesystem:AccessPointArn": POINT, "aws:SecureTransport": True}


@pytest.mark.parametrize(
    ("action", "context", "expected"),
    [
        ("elasticfilesystem:ClientMount", MOUNTED, True),
        ("elasticfilesystem:ClientWrite", MOUNTED, True),
        ("elasticfilesystem:ClientRootAccess", MOUNTED, False),
        ("elasticfilesystem:ClientMount", MOUNTED | {"aws:SecureTransport": False}, False),
        ("elasticfilesystem:ClientMount", MOUNTED | {"elasticfilesystem:AccessPointArn": f"{POINT}1"}, False),
        ("elasticfilesystem:ClientMount", MOUNTED | {"elasticfilesystem:AccessPointArn": None}, False),
    ],
)
def test_files_are_mounted_by_their_access_point_and_over_tls(
    action: str, context: dict[str, Any], expected: bool
) -> None:
    """And never as root."""
    assert _may("fullest", "TaskTaskRole", action, FILES, context) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("ssmmessages:CreateControlChannel", "*", True),
        ("logs:DescribeLogGroups", "*", True),
        ("logs:PutLogEvents", "@AWS::Logs::LogGroup/ApiExecLogGroup", True),
        ("logs:PutLogEvents", LOG, False),
        ("logs:GetLogEvents", "@AWS::Logs::LogGroup/ApiExecLogGroup", False),
        ("xray:PutTraceSegments", "*", True),
        ("xray:GetTraceSummaries", "*", False),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/shop/api-key", False),
    ],
)
def test_exec_and_traces_bring_what_they_need(action: str, resource: str, expected: bool) -> None:
    """Channels, a place to write what was typed, traces; nothing is read back."""
    assert _may("fullest", "TaskTaskRole", action, resource) is expected


BALANCING: Final = "elasticloadbalancing"


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("ModifyRule", "@AWS::ElasticLoadBalancingV2::ListenerRule/ApiIngressRule", True),
        ("ModifyRule", "@AWS::ElasticLoadBalancingV2::ListenerRule/ApiIngressTestRule", True),
        ("RegisterTargets", "@AWS::ElasticLoadBalancingV2::TargetGroup/ApiIngressBlue", True),
        ("DeregisterTargets", "@AWS::ElasticLoadBalancingV2::TargetGroup/ApiIngressGreen", True),
        ("DescribeRules", "*", True),
        ("DescribeTargetHealth", "*", True),
        ("ModifyRule", f"arn:aws:elasticloadbalancing:{HERE}:listener-rule/app/other/1/2/3", False),
        ("ModifyListener", f"arn:aws:elasticloadbalancing:{HERE}:listener/app/other/1/2", False),
        ("RegisterTargets", f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/other/1", False),
        ("DeleteRule", "@AWS::ElasticLoadBalancingV2::ListenerRule/ApiIngressRule", False),
        ("DescribeLoadBalancers", "*", False),
    ],
)
def test_ecs_moves_this_traffic_and_no_other(action: str, resource: str, expected: bool) -> None:
    """AWS's own policy for it covers every load balancer of the account; this one does not."""
    assert _may("canary", "InfrastructureRole", f"{BALANCING}:{action}", resource) is expected


@pytest.mark.parametrize(("function", "expected"), [("check", True), ("other", False), ("check:live", False)])
def test_hooks_are_called_and_nothing_else(function: str, expected: bool) -> None:
    """The function that was named, without another version of it."""
    arn = f"arn:aws:lambda:{HERE}:function:{function}"
    assert _may("fullest", "HookRole", "lambda:InvokeFunction", arn) is expected


@pytest.mark.parametrize("role", ["TaskTaskRole", "ExecutionRole"])
@pytest.mark.parametrize(
    ("principal", "account", "expected"),
    [
        (ServicePrincipal("ecs-tasks.amazonaws.com"), ACCOUNT, True),
        (ServicePrincipal("ecs-tasks.amazonaws.com"), "222222222222", False),
        (ServicePrincipal("ec2.amazonaws.com"), ACCOUNT, False),
        (IamRole(f"arn:aws:iam::{ACCOUNT}:role/Admin"), ACCOUNT, False),
        (AnonymousPrincipal(), ACCOUNT, False),
    ],
)
def test_tasks_of_this_account_alone_get_the_roles(
    role: str, principal: Principal, account: str, expected: bool
) -> None:
    """No other account's tasks, by way of a confused service, and no person."""
    template, policies = _policies("default")
    logical_id = _id(template, "AWS::IAM::Role", role)
    request = Request(
        principal=principal,
        action="sts:AssumeRole",
        resource=policies.arn_of(logical_id),
        context={"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:ecs:eu-west-1:{account}:task/a/b"},
    )
    identity = [EVERYTHING] if isinstance(principal, IamRole) else []
    assert evaluate(request, identity=identity, resource=policies.resource_of(logical_id)).allowed is expected


@pytest.mark.parametrize(
    "name", [name.removeprefix("fargate_service-") for name in INSTANCES if "agnostic" not in name]
)
def test_every_star_has_its_reason(name: str) -> None:
    """Every statement of an identity policy on `*` holds nothing but actions whose reason is documented."""
    template, policies = _policies(name)
    starred: set[str] = set()
    for resource in resources(template, "AWS::IAM::ManagedPolicy").values():
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
            targets, actions = (
                value if isinstance(value, list) else [value] for value in (statement["Resource"], statement["Action"])
            )
            assert not any("*" in action for action in actions)
            if "*" in targets:
                starred |= set(actions)
            partial = [target for target in targets if target != "*" and "*" in str(target)]
            if partial:  # the key of a secret, which its reference does not tell
                assert actions == ["kms:Decrypt"]
                assert set(statement["Condition"]) == {"StringEquals", "StringLike"}
    assert starred <= set(ON_EVERY_RESOURCE)
    assert "ecr:GetAuthorizationToken" in starred
    assert all(len(reason) > 20 for reason in ON_EVERY_RESOURCE.values())
    wide = [
        grant
        for grant in wide_grants(policies.policies, account=ACCOUNT)
        if grant.policy.resource_type.startswith("AWS::IAM")
    ]
    assert {grant.kind for grant in wide} == {WideGrantKind.EVERY_RESOURCE}
    assert resources(template, "AWS::IAM::Policy") == {}


def test_every_reason_is_used() -> None:
    """No action stands in the table of reasons that no instance grants."""
    text = "".join(str(properties(template_of_instance(name), "AWS::IAM::ManagedPolicy")) for name in INSTANCES)
    assert [action for action in ON_EVERY_RESOURCE if action not in text] == []


# --- who reaches whom ----------------------------------------------------------------------------------------------


class Shop:
    """A network, a database, and stacks for what is shared and for services."""

    def __init__(self, ingress: Ingress | None = None, egress: list[Egress] | None = None) -> None:
        self.app: App = new_app()
        self.net, self.shared, self.data, self.web = (
            new_stack(app=self.app, name=name) for name in ("Net", "Shared", "Data", "Web")
        )
        self.network = ThreeTierVpc(self.net, "Network", availability_zones=AZS, endpoints=EndpointProfile.CONTAINERS)
        self.topic = sns.Topic(self.net, "Alarms", master_key=kms.Key(self.net, "Key"))
        self.database = ec2.SecurityGroup(
            self.data, "Database", vpc=self.network.vpc, allow_all_outbound=False, description="Database"
        )
        ec2.CfnNetworkInterface(
            self.data,
            "DatabaseInterface",
            subnet_id=self.network.vpc.isolated_subnets[0].subnet_id,
            group_set=[self.database.security_group_id],
        )
        self.ingress, self.egress = ingress, egress

    def make_api(self) -> FargateService:
        """The service of the shop."""
        return self.service("Api", ingress=self.ingress, egress=self.egress)

    def service(self, name: str, **arguments: Any) -> FargateService:
        """A service of the web stack."""
        return FargateService(
            self.web,
            name,
            vpc=self.network.vpc,
            image=ecs.ContainerImage.from_registry(IMAGE),
            container_port=8080,
            certificate=acm.Certificate(self.web, f"{name}Certificate", domain_name="a.example.com"),
            alarm_topic=self.topic,
            **arguments,
        )

    def templates(self) -> dict[str, Template]:
        """All templates by the stack's name."""
        assembly = self.app.synth()
        stacks = (self.net, self.shared, self.data, self.web)
        found = {stack.node.id: dict(assembly.get_stack_by_name(stack.stack_name).template) for stack in stacks}
        return {name: template for name, template in found.items() if "Resources" in template}


@cache
def _templates(kind: str) -> dict[str, Template]:
    shops: dict[str, Callable[[], Shop]] = {
        "public": Shop,
        "internal": lambda: Shop(Ingress.internal(allowed_cidrs=["10.2.1.0/24"])),
        "origin": lambda: Shop(Ingress.vpc_origin()),
        "closed": lambda: Shop(egress=[]),
    }
    shop = shops[kind]()
    api = shop.make_api()
    if kind == "closed":
        group = shop.network.endpoints.security_group
        assert group is not None
        shop.service("Closed", egress=[Egress.vpc_endpoints([group]), Egress.prefix_list("pl-6da54004")])
    else:
        api.connections.allow_to(shop.database, ec2.Port.tcp(5432))
    return shop.templates()


@cache
def _network(kind: str) -> Network:
    lists = {"pl-4fa04526": ["120.52.22.96/27"], "pl-6da54004": "aws:s3"}
    return Network.from_templates(_templates(kind), prefix_lists=lists)


def _reach(kind: str, source: str, destination: str, port: int) -> Answer:
    return _network(kind).reach(_named(kind, source), _named(kind, destination), port=port)


def _named(kind: str, party: str) -> str:
    """A resource's logical id, by its type and how the id begins or goes on; any other party as it is."""
    if "::" not in party:
        return party
    resource_type, _, part = party.partition("/")
    (found,) = (
        name for template in _templates(kind).values() for name in resources(template, resource_type) if part in name
    )
    return found


BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer/Api"
TASKS: Final = "AWS::ECS::Service/Api"
DATABASE: Final = "AWS::EC2::NetworkInterface/"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint/EcrApi"


@pytest.mark.parametrize(
    ("source", "destination", "port", "verdict"),
    [
        ("internet", BALANCER, 443, Verdict.REACHABLE),
        ("internet", BALANCER, 80, Verdict.REACHABLE),  # which redirects
        ("internet", BALANCER, 8443, Verdict.BLOCKED),
        ("internet", BALANCER, 22, Verdict.BLOCKED),
        ("internet", TASKS, 8080, Verdict.BLOCKED),
        ("internet", TASKS, 443, Verdict.REACHABLE),  # through the load balancer, which is what it is for
        ("internet", TASKS, 5432, Verdict.BLOCKED),
        (BALANCER, TASKS, 8080, Verdict.REACHABLE),
        (BALANCER, TASKS, 8081, Verdict.BLOCKED),
        (BALANCER, TASKS, 443, Verdict.BLOCKED),
        (BALANCER, DATABASE, 5432, Verdict.BLOCKED),
        (BALANCER, "internet", 443, Verdict.BLOCKED),
        ("Private", TASKS, 8080, Verdict.BLOCKED),
        (TASKS, "internet", 443, Verdict.REACHABLE),
        (TASKS, "internet", 80, Verdict.BLOCKED),
        (TASKS, "internet", 25, Verdict.BLOCKED),
        (TASKS, DATABASE, 5432, Verdict.REACHABLE),
        (TASKS, DATABASE, 22, Verdict.BLOCKED),
        (TASKS, ENDPOINT, 443, Verdict.REACHABLE),
    ],
)
def test_the_internet_reaches_the_load_balancer_and_it_alone_the_tasks(
    source: str, destination: str, port: int, verdict: Verdict
) -> None:
    """Internet to the load balancer, it to the tasks' port, the tasks to HTTPS and what is declared; nothing else."""
    answer = _reach("public", source, destination, port)
    assert answer.verdict is verdict, answer


def test_https_and_its_redirect_are_all_that_is_published() -> None:
    """In the whole app, of which everything is looked at."""
    assert {(found.port, "LoadBalancer" in found.resource) for found in _network("public").published()} == {
        (443, True),
        (80, True),
    }


@pytest.mark.parametrize("kind", ["internal", "origin"])
def test_a_load_balancer_of_the_private_tier_is_never_public(kind: str) -> None:
    """The internet reaches nothing at all."""
    assert _network(kind).published() == frozenset()


@pytest.mark.parametrize(
    ("source", "port", "verdict"),
    [
        ("10.2.1.7/32", 443, Verdict.REACHABLE),
        ("10.2.1.7/32", 80, Verdict.BLOCKED),
        ("10.2.2.7/32", 443, Verdict.BLOCKED),
        ("Isolated", 443, Verdict.BLOCKED),
    ],
)
def test_an_internal_load_balancer_lets_in_who_is_named(source: str, port: int, verdict: Verdict) -> None:
    """One subnet, and not its neighbour."""
    answer = _reach("internal", source, BALANCER, port)
    assert answer.verdict is verdict, answer


@pytest.mark.parametrize(
    ("destination", "port", "verdict"),
    [
        ("internet", 443, Verdict.BLOCKED),
        (ENDPOINT, 443, Verdict.REACHABLE),
        (ENDPOINT, 80, Verdict.BLOCKED),
        ("aws:s3", 443, Verdict.REACHABLE),
        ("aws:dynamodb", 443, Verdict.BLOCKED),
        (DATABASE, 5432, Verdict.BLOCKED),
    ],
)
def test_egress_can_be_closed_to_the_vpcs_endpoints(destination: str, port: int, verdict: Verdict) -> None:
    """ECR's interface endpoints and S3's gateway, and no way to the internet."""
    answer = _reach("closed", "AWS::ECS::Service/Closed", destination, port)
    assert answer.verdict is verdict, answer


def test_tasks_may_reach_nothing_at_all() -> None:
    """An empty egress is one."""
    answer = _reach("closed", TASKS, "internet", 443)
    assert answer.verdict is Verdict.BLOCKED, answer


# --- in which stack ------------------------------------------------------------------------------------------------


def test_the_consumer_keeps_its_rules() -> None:
    """Neither network nor data depend on the web stack; the rule to the database stands with the service."""
    shop = Shop()
    api = shop.make_api()
    api.connections.allow_to(shop.database, ec2.Port.tcp(5432))
    s3.Bucket(shop.data, "Documents", encryption_key=kms.Key(shop.data, "Key")).grant_read(api)
    templates = shop.templates()
    assert shop.web not in shop.data.dependencies
    assert shop.web not in shop.net.dependencies
    assert 5432 in {rule["FromPort"] for rule in properties(templates["Web"], "AWS::EC2::SecurityGroupIngress")}
    assert resources(templates["Data"], "AWS::EC2::SecurityGroupIngress") == {}
    assert "s3:GetObject*" in str(properties(templates["Web"], "AWS::IAM::ManagedPolicy"))


def test_a_secret_of_another_stack_with_a_key_of_its_own_does_not_depend_on_its_reader() -> None:
    """CDK would name the execution role in the key's policy, which ends in a circle; here nobody is named."""
    shop = Shop()
    key = kms.Key(shop.data, "SecretKey")
    secret = secretsmanager.Secret(shop.data, "Secret", encryption_key=key)
    reference = ecs.Secret.from_secrets_manager(secret, "password")
    shop.service("Orders", secrets={"PASSWORD": reference})
    templates = shop.templates()
    assert shop.web not in shop.data.dependencies
    principals = [
        statement["Principal"]["AWS"]
        for policy in properties(templates["Data"], "AWS::KMS::Key")
        for statement in policy["KeyPolicy"]["Statement"]
    ]
    assert all(":root" in str(principal) for principal in principals)
    granted = str(properties(templates["Web"], "AWS::IAM::ManagedPolicy"))
    assert ("secretsmanager:GetSecretValue" in granted, "kms:Decrypt" in granted) == (True, True)


@pytest.mark.parametrize("mode", DeploymentMode)
def test_services_share_a_load_balancer_of_another_stack(mode: DeploymentMode) -> None:
    """Target groups, listener rules and security group rules stand with the service that needs them."""
    shop = Shop()
    group = ec2.SecurityGroup(shop.shared, "Group", vpc=shop.network.vpc, allow_all_outbound=False)
    balancer = elbv2.ApplicationLoadBalancer(shop.shared, "Balancer", vpc=shop.network.vpc, security_group=group)
    listener = balancer.add_listener(
        "Https",
        port=443,
        open=False,
        certificates=[acm.Certificate(shop.shared, "Certificate", domain_name="b.example.com")],
        default_action=elbv2.ListenerAction.fixed_response(404),
    )
    FargateService(
        shop.web,
        "Orders",
        vpc=shop.network.vpc,
        image=ecs.ContainerImage.from_registry(IMAGE),
        container_port=9000,
        ingress=Ingress.listener(
            listener, priority=5, conditions=[elbv2.ListenerCondition.path_patterns(["/orders/*"])]
        ),
        deployment_mode=mode,
        alarm_topic=shop.topic,
    )
    templates = shop.templates()
    assert shop.web not in shop.shared.dependencies
    for kind in ("EC2::SecurityGroupIngress", "EC2::SecurityGroupEgress", "ElasticLoadBalancingV2::ListenerRule"):
        assert resources(templates["Shared"], f"AWS::{kind}") == {}, kind
    for kind in ("EC2::SecurityGroupIngress", "EC2::SecurityGroupEgress"):
        assert 9000 in {rule["FromPort"] for rule in properties(templates["Web"], f"AWS::{kind}")}


def test_everything_given_may_be_of_another_stack() -> None:
    """Cluster, key, topic, log bucket, image: none of their stacks depends on the service's."""
    shop = Shop()
    cluster = ecs.Cluster(shop.shared, "Cluster", vpc=shop.network.vpc)
    bucket = s3.Bucket(shop.shared, "Logs", enforce_ssl=True)
    key = kms.Key(shop.shared, "LogKey")
    shop.service("Orders", cluster=cluster, access_log_bucket=bucket, encryption_key=key)
    shop.templates()
    for stack in (shop.shared, shop.net, shop.data):
        assert shop.web not in stack.dependencies


# --- what a change replaces ----------------------------------------------------------------------------------------

KEPT: Final = [
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::Logs::LogGroup",
    "AWS::EC2::SecurityGroup",
]
CERTAIN: Final = [ReplacementKind.REPLACED, ReplacementKind.DELETED, ReplacementKind.TYPE_CHANGED]

CHANGES: Final[dict[str, dict[str, Any]]] = {
    "port": {"container_port": 9090},
    "size": {"cpu": 1024, "memory_mib": 4096},
    "environment": {"environment_type": EnvironmentType.DEV},
    "spot": {"capacity": FargateCapacity.mixed()},
    "mode": {"deployment_mode": DeploymentMode.BLUE_GREEN},
    "health": {"health_check_path": "/health"},
    "exec": {"enable_execute_command": True},
    "fixed": {"task_scaling": TaskScaling(min_capacity=3, max_capacity=3)},
    "egress": {"egress": []},
    "alarms": {"alarm_topic": None},
    "narrower": {"ingress": Ingress.public(allowed_cidrs=["198.51.100.0/24"])},
}


@cache
def _before() -> Template:
    return built(api())


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_replaces_nothing(change: str) -> None:
    """Load balancer, target groups, service and logs stay, whatever of this changes."""
    assert_no_replacement(_before(), built(api(**CHANGES[change])), types=KEPT, kinds=CERTAIN, region="eu-west-1")


def test_another_key_replaces_no_logs() -> None:
    """The log group takes it in place."""

    def build(*, own: bool) -> Template:
        stack = new_stack()
        key = kms.Key(stack, "Key")
        return built(worker(stack, encryption_key=key if own else None))

    assert_no_replacement(build(own=False), build(own=True), types=["AWS::Logs::LogGroup"], region="eu-west-1")


def test_the_environment_is_of_the_region() -> None:
    """The tests' own stacks are where the tables say."""
    assert ENV.region == "eu-west-1"
