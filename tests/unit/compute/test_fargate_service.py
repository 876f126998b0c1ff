"""The service: what its template holds for each argument, what it warns of, and what it refuses."""

import re
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Environment, RemovalPolicy, Stack, Token
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from aws_architect_constructs import (
    DeploymentHook,
    DeploymentMode,
    EfsMount,
    Egress,
    EnvironmentType,
    FargateCapacity,
    FargateService,
    Ingress,
    LiveTargetGroup,
    LogRouting,
    QueueScaling,
    ScheduledCapacity,
    ServiceConnect,
    ServiceConnectProtocol,
    TaskScaling,
    TraceCollector,
    TrafficShift,
    WritablePath,
)
from aws_architect_constructs.testing.nag import NagPack, nag_report
from support.fargate import IMAGE, api, built, container, ecs_service, worker
from support.instances_fargate_service import INSTANCES, certificate_of, vpc_of
from support.synthesis import (
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    synthesize,
    template_of,
    warnings_of,
)


def instance(name: str) -> Template:
    """The template of a canonical instance."""
    found = INSTANCES[f"fargate_service-{name}"]
    return synthesize(found.build, environment_type=found.environment_type, env=found.env)


def warned(service: FargateService, name: str) -> bool:
    """Whether the service, synthesized, has our warning of this name."""
    stack = Stack.of(service)
    template_of(stack)
    return any(f"aws-architect-constructs::{name}" in text for text in warnings_of(stack))


# --- tasks ---------------------------------------------------------------------------------------------------------


def test_the_container_is_hardened() -> None:
    """Read-only root, no capability, an init process, no user that nobody named, and never privileged."""
    found = container(built(api()))
    assert found["ReadonlyRootFilesystem"] is True
    assert found["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}, "InitProcessEnabled": True}
    assert found.keys() & {"User", "Privileged"} == set()


def test_tasks_are_arm64_of_a_small_size() -> None:
    """The cheaper architecture, half a vCPU and a GiB."""
    (task,) = properties(built(api()), "AWS::ECS::TaskDefinition")
    assert task["RuntimePlatform"] == {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}
    assert (task["Cpu"], task["Memory"], "EphemeralStorage" in task) == ("512", "1024", False)


def test_size_architecture_and_disk_are_the_callers() -> None:
    """Each of the four arguments stands in the task definition."""
    service = api(cpu=2048, memory_mib=8192, cpu_architecture=ecs.CpuArchitecture.X86_64, ephemeral_storage_gib=100)
    (task,) = properties(built(service), "AWS::ECS::TaskDefinition")
    assert (task["Cpu"], task["Memory"]) == ("2048", "8192")
    assert task["RuntimePlatform"]["CpuArchitecture"] == "X86_64"
    assert task["EphemeralStorage"] == {"SizeInGiB": 100}


def test_what_runs_is_the_callers() -> None:
    """Command, entry point, user, variables and the container's own health check."""
    found = container(
        built(
            api(
                command=["serve"],
                entry_point=["/app"],
                user="1000:1000",
                environment={"STAGE": "prod"},
                health_check=ecs.HealthCheck(command=["CMD", "/health"]),
            )
        )
    )
    assert (found["Command"], found["EntryPoint"], found["User"]) == (["serve"], ["/app"], "1000:1000")
    assert found["Environment"] == [{"Name": "STAGE", "Value": "prod"}]
    assert found["HealthCheck"]["Command"] == ["CMD", "/health"]


def test_a_writable_root_is_one_word_away() -> None:
    """For images that cannot do without."""
    assert container(built(api(read_only_root=False)))["ReadonlyRootFilesystem"] is False


def test_a_path_in_memory_is_a_tmpfs_without_executables() -> None:
    """Every user may write there, and nothing there runs."""
    found = container(built(api(writable_paths=[WritablePath.memory("/run/app", size_mib=32)])))
    assert found["LinuxParameters"]["Tmpfs"] == [
        {"ContainerPath": "/run/app", "Size": 32, "MountOptions": ["noexec", "nosuid", "nodev"]}
    ]


def test_a_path_in_memory_may_hold_programs() -> None:
    """For runtimes that unpack native libraries there."""
    found = container(built(api(writable_paths=[WritablePath.memory("/run/app", executable=True)])))
    (mount,) = found["LinuxParameters"]["Tmpfs"]
    assert mount["MountOptions"] == ["exec", "nosuid", "nodev"]


def test_a_path_on_disk_is_a_volume_of_the_task() -> None:
    """A bind mount without a host path, writable."""
    template = built(api(writable_paths=[WritablePath.disk("/var/cache/app.d")]))
    (task,) = properties(template, "AWS::ECS::TaskDefinition")
    assert task["Volumes"] == [{"Name": "disk-0"}]
    assert container(template)["MountPoints"] == [
        {"ContainerPath": "/var/cache/app.d", "ReadOnly": False, "SourceVolume": "disk-0"}
    ]


@pytest.mark.parametrize(
    ("capacity", "given", "expected"),
    [
        (None, None, 30),
        (FargateCapacity.mixed(), None, 120),
        (None, Duration.seconds(5), 5),
        (FargateCapacity.mixed(), Duration.seconds(5), 5),
    ],
)
def test_tasks_have_time_to_stop(capacity: FargateCapacity | None, given: Duration | None, expected: int) -> None:
    """Thirty seconds; with Spot all of its two minutes' notice; or what is given."""
    assert container(built(api(capacity=capacity, stop_timeout=given)))["StopTimeout"] == expected


def test_secrets_are_references() -> None:
    """The template has the secret's ARN, and the container nothing but a reference to it."""
    stack = new_stack()
    secret = secretsmanager.Secret(stack, "Secret")
    found = container(built(api(stack, secrets={"PASSWORD": ecs.Secret.from_secrets_manager(secret)})))
    (logical_id,) = resources(template_of(stack), "AWS::SecretsManager::Secret")
    assert found["Secrets"] == [{"Name": "PASSWORD", "ValueFrom": {"Ref": logical_id}}]
    assert "Environment" not in found


def test_logs_go_to_an_encrypted_group_that_keeps_them_and_never_hold_up_the_container() -> None:
    """Non-blocking, with retention and the stack's key."""
    template = built(api())
    (name,) = resources(template, "AWS::Logs::LogGroup")
    (group,) = properties(template, "AWS::Logs::LogGroup")
    options = container(template)["LogConfiguration"]["Options"]
    assert (options["awslogs-group"], options["mode"]) == ({"Ref": name}, "non-blocking")
    assert group["RetentionInDays"] == 365
    assert "Fn::GetAtt" in group["KmsKeyId"]


def test_the_logs_key_retention_and_removal_are_the_callers() -> None:
    """Another key, a month, and gone with the stack."""
    stack = new_stack()
    key = kms.Key(stack, "Key")
    service = api(
        stack,
        encryption_key=key,
        log_retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    )
    template = built(service)
    (group,) = resources(template, "AWS::Logs::LogGroup").values()
    assert group["Properties"]["RetentionInDays"] == 30
    assert group["DeletionPolicy"] == "Delete"
    assert group["Properties"]["KmsKeyId"] == stack.resolve(key.key_arn)


def test_an_efs_mount_is_over_tls_and_with_iam() -> None:
    """The volume demands both, and the rule to the mount target is there."""
    template = instance("fullest")
    (task,) = properties(template, "AWS::ECS::TaskDefinition")
    (volume,) = (entry for entry in task["Volumes"] if "EFSVolumeConfiguration" in entry)
    assert volume["EFSVolumeConfiguration"]["TransitEncryption"] == "ENABLED"
    assert volume["EFSVolumeConfiguration"]["AuthorizationConfig"]["IAM"] == "ENABLED"
    assert 2049 in {rule["FromPort"] for rule in properties(template, "AWS::EC2::SecurityGroupEgress")}


def test_an_efs_mount_may_be_read_only_and_without_access_point() -> None:
    """Then the task mounts, does not write, and nothing pins the directory."""
    from aws_cdk import aws_efs as efs  # noqa: PLC0415 -- in this test alone

    stack = new_stack()
    files = efs.FileSystem.from_file_system_attributes(
        stack,
        "Files",
        file_system_id="fs-1",
        security_group=ec2.SecurityGroup.from_security_group_id(stack, "FilesGroup", "sg-1"),
    )
    template = built(api(stack, efs_mounts=[EfsMount(file_system=files, path="/data", read_only=True)]))
    (point,) = container(template)["MountPoints"]
    assert point["ReadOnly"] is True
    text = str(properties(template, "AWS::IAM::ManagedPolicy"))
    assert ("ClientMount" in text, "ClientWrite" in text, "AccessPointArn" in text) == (True, False, False)


def test_a_log_router_takes_the_applications_output() -> None:
    """FireLens for the application, the log group for the router itself; its image may be another."""
    other = ecs.ContainerImage.from_registry("public.ecr.aws/acme/router:1")
    template = built(api(log_routing=LogRouting(options={"Name": "null"}, image=other)))
    assert container(template)["LogConfiguration"] == {"LogDriver": "awsfirelens", "Options": {"Name": "null"}}
    router = container(template, "log-router")
    assert (router["Image"], router["LogConfiguration"]["LogDriver"]) == ("public.ecr.aws/acme/router:1", "awslogs")
    assert router["FirelensConfiguration"]["Type"] == "fluentbit"


def test_a_log_routers_secrets_are_references() -> None:
    """An option that is a secret is none of the task definition's text."""
    stack = new_stack()
    secret = ecs.Secret.from_secrets_manager(secretsmanager.Secret(stack, "Secret"))
    service = api(stack, log_routing=LogRouting(options={"Name": "http"}, secret_options={"http_passwd": secret}))
    (option,) = container(built(service))["LogConfiguration"]["SecretOptions"]
    assert option["Name"] == "http_passwd"


def test_a_collector_sends_traces() -> None:
    """A second container, hardened too, whose image and configuration may be others; and X-Ray's five actions."""
    other = ecs.ContainerImage.from_registry("public.ecr.aws/acme/otel:1")
    template = built(api(trace_collector=TraceCollector(image=other, config="/etc/other.yaml")))
    found = container(template, "collector")
    assert (found["Image"], found["Command"]) == ("public.ecr.aws/acme/otel:1", ["--config=/etc/other.yaml"])
    assert (found["Essential"], found["ReadonlyRootFilesystem"]) == (False, True)
    assert found["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert "xray:PutTraceSegments" in str(properties(template, "AWS::IAM::ManagedPolicy"))


def test_sidecars_are_of_pinned_versions() -> None:
    """No sidecar's image changes under its name."""
    template = instance("fullest")
    images = [container(template, name)["Image"] for name in ("log-router", "collector")]
    assert all(re.search(r":v?\d+\.\d+\.\d+$", image) for image in images)


# --- warnings ------------------------------------------------------------------------------------------------------


WEB_ACL = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/shop/1"
OPEN = {"default", "agnostic", "blue-green", "canary", "linear"}


def test_the_default_has_nothing_to_say() -> None:
    """With a topic, a tag and a web ACL, no warning, ours or CDK's."""
    stack = Stack.of(api(ingress=Ingress.public(web_acl_arn=WEB_ACL)))
    template_of(stack)
    assert warnings_of(stack) == []


@pytest.mark.parametrize("name", [name for name in INSTANCES if not name.endswith("fullest")])
def test_canonical_instances_have_nothing_to_say(name: str) -> None:
    """CDK's own on minimum healthy percent and circuit breaker included; but for the web ACL that public ones lack."""
    found = INSTANCES[name]
    stack = new_stack(found.environment_type, env=found.env)
    found.build(stack)
    template_of(stack)
    expected = ["NoWebAcl"] if name.removeprefix("fargate_service-") in OPEN else []
    assert [re.findall(r"aws-architect-constructs::(\w+)", text) for text in warnings_of(stack)] == [
        [warning] for warning in expected
    ]


@pytest.mark.parametrize(
    ("ingress", "environment_type", "expected"),
    [
        (Ingress.public(), EnvironmentType.PROD, True),
        (Ingress.public(), EnvironmentType.DEV, False),
        (Ingress.public(web_acl_arn=WEB_ACL), EnvironmentType.PROD, False),
        (Ingress.public(allowed_cidrs=["198.51.100.0/24"]), EnvironmentType.PROD, False),
        (Ingress.internal(), EnvironmentType.PROD, False),
        (Ingress.vpc_origin(), EnvironmentType.PROD, False),
    ],
)
def test_an_open_load_balancer_without_a_web_acl_is_told(
    ingress: Ingress, environment_type: EnvironmentType, expected: bool
) -> None:
    """Where everybody on the internet may connect, in PROD."""
    assert warned(api(ingress=ingress, environment_type=environment_type), "NoWebAcl") is expected


def test_without_a_topic_somebody_is_told() -> None:
    """In PROD alarms that nobody hears are not made, and the warning says so."""
    assert warned(api(alarm_topic=None), "NoAlarmTopic")


def test_a_variable_that_looks_like_a_credential_is_told() -> None:
    """The warning names the variable and never its value."""
    service = api(environment={"DB_PASSWORD": "hunter2"})
    assert warned(service, "PlaintextCredential")
    assert "hunter2" not in str(warnings_of(Stack.of(service)))


@pytest.mark.parametrize(("user", "expected"), [("0", True), ("1000", False), (None, False)])
def test_root_is_told_and_never_guessed(user: str | None, expected: bool) -> None:
    """A user that is root warns; the image's own is not known."""
    assert warned(api(user=user), "RootUser") is expected


@pytest.mark.parametrize(("tag", "expected"), [(":latest", True), ("", True), (":2.4.65", False)])
def test_an_image_that_changes_is_told(tag: str, expected: bool) -> None:
    """`latest`, or no tag at all."""
    image = ecs.ContainerImage.from_registry(f"public.ecr.aws/docker/library/httpd{tag}")
    assert warned(api(image=image), "MutableImageTag") is expected


@pytest.mark.parametrize(("reference", "expected"), [(None, True), ("1.4.2", False), (f"sha256:{'0' * 64}", False)])
def test_an_image_in_ecr_that_changes_is_told(reference: str | None, expected: bool) -> None:
    """Through the tokens of a repository's address too."""
    stack = new_stack()
    repository = ecr.Repository(stack, "Repository")
    image = ecs.ContainerImage.from_ecr_repository(repository, reference)
    assert warned(api(stack, image=image), "MutableImageTag") is expected


def test_an_image_of_which_nothing_is_known_is_left_alone() -> None:
    """A parameter's value comes later."""
    stack = new_stack()
    image = ecs.ContainerImage.from_registry(CfnParameter(stack, "Image").value_as_string)
    assert not warned(api(stack, image=image), "MutableImageTag")


def test_a_local_directory_is_an_image(tmp_path: Any) -> None:
    """Its tag is a hash, and the execution role may pull it."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    service = api(image=ecs.ContainerImage.from_asset(str(tmp_path)))
    assert not warned(service, "MutableImageTag")
    assert "ecr:BatchGetImage" in str(properties(built(service), "AWS::IAM::ManagedPolicy"))


@pytest.mark.parametrize(("environment_type", "expected"), [(EnvironmentType.PROD, True), (EnvironmentType.DEV, False)])
def test_spot_alone_is_told_in_prod(environment_type: EnvironmentType, expected: bool) -> None:
    """Elsewhere it is a good way to save."""
    service = api(capacity=FargateCapacity.spot(), environment_type=environment_type)
    assert warned(service, "SpotOnly") is expected


@pytest.mark.parametrize(("environment_type", "expected"), [(EnvironmentType.PROD, True), (EnvironmentType.DEV, False)])
def test_a_single_task_is_told_in_prod(environment_type: EnvironmentType, expected: bool) -> None:
    """It stands in one AZ."""
    service = api(task_scaling=TaskScaling(min_capacity=1), environment_type=environment_type)
    assert warned(service, "SingleTask") is expected


# --- ingress -------------------------------------------------------------------------------------------------------


def attributes(template: Template) -> dict[str, Any]:
    """The attributes of the one load balancer."""
    (balancer,) = properties(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    return {entry["Key"]: entry["Value"] for entry in balancer["LoadBalancerAttributes"]}


def listeners(template: Template) -> dict[int, dict[str, Any]]:
    """The listeners by port."""
    return {found["Port"]: found for found in properties(template, "AWS::ElasticLoadBalancingV2::Listener")}


def test_a_public_service_listens_on_https_and_redirects_http() -> None:
    """TLS 1.3 with the post-quantum policy; on 80 nothing but a permanent redirect."""
    found = listeners(built(api()))
    assert set(found) == {80, 443}
    assert found[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert found[443]["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    (action,) = found[80]["DefaultActions"]
    assert (action["Type"], action["RedirectConfig"]["Protocol"], action["RedirectConfig"]["StatusCode"]) == (
        "redirect",
        "HTTPS",
        "HTTP_301",
    )


def test_the_load_balancer_is_strict() -> None:
    """Invalid headers dropped, desync strictest, access logs on, in the public tier."""
    template = built(api())
    found = attributes(template)
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["routing.http.desync_mitigation_mode"] == "strictest"
    assert found["access_logs.s3.enabled"] == "true"
    (balancer,) = properties(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == "internet-facing"
    assert balancer["Subnets"] == ["subnet-0000000000000000a", "subnet-0000000000000000b"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EnvironmentType.DEV, "false"),
        (EnvironmentType.STAGING, "false"),
        (EnvironmentType.PROD, "true"),
        (EnvironmentType.SHARED, "true"),
    ],
)
def test_deletion_protection_is_for_production(kind: EnvironmentType, expected: str) -> None:
    """Where an environment comes and goes, it would be in the way."""
    assert attributes(built(api(environment_type=kind)))["deletion_protection.enabled"] == expected


def test_access_logs_go_where_the_caller_says() -> None:
    """Another bucket, and then the stack has none of its own."""
    stack = new_stack()
    bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
    template = built(api(stack, access_log_bucket=bucket))
    assert attributes(template)["access_logs.s3.bucket"] == stack.resolve(bucket.bucket_name)
    assert len(resources(template, "AWS::S3::Bucket")) == 1


def test_a_name_gets_a_certificate_and_a_record() -> None:
    """DNS validates it, and the alias stands in the zone."""
    template = instance("fullest")
    (certificate,) = properties(template, "AWS::CertificateManager::Certificate")
    (record,) = properties(template, "AWS::Route53::RecordSet")
    assert (certificate["DomainName"], certificate["ValidationMethod"]) == ("api.example.com", "DNS")
    assert (record["Name"], record["Type"], "AliasTarget" in record) == ("api.example.com.", "A", True)


def test_a_given_certificate_goes_with_a_name() -> None:
    """Then the name gets its record, and no certificate is made."""
    from aws_cdk import aws_route53 as route53  # noqa: PLC0415 -- in this test alone

    stack = new_stack()
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )
    template = built(api(stack, ingress=Ingress.internal(domain_name="api.example.com", hosted_zone=zone)))
    assert resources(template, "AWS::CertificateManager::Certificate") == {}
    assert len(resources(template, "AWS::Route53::RecordSet")) == 1


def test_a_web_acl_is_associated() -> None:
    """With the load balancer of the service."""
    template = built(
        api(ingress=Ingress.public(web_acl_arn="arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/1"))
    )
    (association,) = properties(template, "AWS::WAFv2::WebACLAssociation")
    (balancer,) = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert association["ResourceArn"] == {"Ref": balancer}


def admitted(template: Template) -> set[Any]:
    """Whom the load balancer's group lets in, and on which port."""
    (name,) = (found for found in resources(template, "AWS::EC2::SecurityGroup") if "Ingress" in found)
    beside = [
        rule
        for rule in properties(template, "AWS::EC2::SecurityGroupIngress")
        if rule["GroupId"] == {"Fn::GetAtt": [name, "GroupId"]}
    ]
    inline = template["Resources"][name]["Properties"].get("SecurityGroupIngress", [])
    return {(rule.get("CidrIp") or rule.get("SourcePrefixListId"), rule["FromPort"]) for rule in inline + beside}


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        (Ingress.public(), {("0.0.0.0/0", 443), ("0.0.0.0/0", 80)}),
        (Ingress.public(allowed_cidrs=["198.51.100.0/24"]), {("198.51.100.0/24", 443), ("198.51.100.0/24", 80)}),
        (Ingress.internal(), set()),
        (Ingress.internal(allowed_cidrs=["10.0.0.0/8"]), {("10.0.0.0/8", 443)}),
        (Ingress.vpc_origin(), {("pl-4fa04526", 443)}),
        (Ingress.vpc_origin(prefix_list_id="pl-12345678"), {("pl-12345678", 443)}),
        (Ingress.vpc_origin(from_subnets=True), {("10.2.11.0/24", 443), ("10.2.12.0/24", 443)}),
    ],
)
def test_the_load_balancer_lets_in_whom_the_ingress_names(ingress: Ingress, expected: set[Any]) -> None:
    """And nobody else: not the VPC, and 80 only where it redirects."""
    template = built(api(ingress=ingress))
    assert admitted(template) == expected
    public = ingress == Ingress.public() or bool(expected & {("198.51.100.0/24", 80)})
    assert (80 in listeners(template)) is public
    (balancer,) = properties(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == ("internet-facing" if public else "internal")


def test_cloudfront_comes_from_the_load_balancers_own_subnets() -> None:
    """However these were selected: one AZ is one block."""
    chosen = ec2.SubnetSelection(subnet_group_name="Private", availability_zones=["eu-west-1b"])
    template = built(api(ingress=Ingress.vpc_origin(from_subnets=True, vpc_subnets=chosen)))
    assert admitted(template) == {("10.2.12.0/24", 443)}


@pytest.mark.parametrize("make", [Ingress.public, Ingress.internal, Ingress.vpc_origin])
def test_the_load_balancers_subnets_may_be_others(make: Any) -> None:
    """A selection of the caller's, in the other order than the tier's, so that it is seen to be taken."""
    stack = new_stack()
    vpc = vpc_of(stack)
    chosen = ec2.SubnetSelection(subnets=[vpc.private_subnets[1], vpc.private_subnets[0]])
    template = built(api(stack, vpc=vpc, ingress=make(vpc_subnets=chosen)))
    (balancer,) = properties(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Subnets"] == ["subnet-1111111111111111b", "subnet-1111111111111111a"]


@pytest.mark.parametrize("make", [Ingress.public, Ingress.internal, Ingress.vpc_origin])
def test_a_web_acl_stands_before_every_kind(make: Any) -> None:
    """Each way in that has a load balancer of its own takes one."""
    template = built(api(ingress=make(web_acl_arn="arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/1")))
    assert len(resources(template, "AWS::WAFv2::WebACLAssociation")) == 1


def test_another_listener_gets_a_rule_and_nothing_else() -> None:
    """Target group and rule are the service's; load balancer, listener and log bucket are not made."""
    template = instance("listener")
    (rule,) = properties(template, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert (rule["Priority"], rule["ListenerArn"]) == (10, {"Fn::ImportValue": "SharedListener"})
    assert rule["Conditions"][0]["PathPatternConfig"]["Values"] == ["/orders/*"]
    for kind in ("ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::Listener", "S3::Bucket"):
        assert resources(template, f"AWS::{kind}") == {}


def test_a_worker_has_no_way_in() -> None:
    """No target group, no rule, no grace period, and a security group that nobody is let into."""
    template = built(worker())
    service = ecs_service(template)
    assert service.keys() & {"LoadBalancers", "HealthCheckGracePeriodSeconds"} == set()
    (group,) = properties(template, "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group
    assert resources(template, "AWS::EC2::SecurityGroupIngress") == {}


def test_the_health_check_is_the_callers() -> None:
    """Its path with a query, and the grace period."""
    template = built(api(health_check_path="/health?deep=1", health_check_grace_period=Duration.minutes(5)))
    (group,) = properties(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert group["HealthCheckPath"] == "/health?deep=1"
    assert ecs_service(template)["HealthCheckGracePeriodSeconds"] == 300


def test_the_parts_are_within_reach() -> None:
    """The load balancer is an attribute; without one asking is an error that says why."""
    service = api()
    assert service.load_balancer.node.path == "Stack/Api/Ingress/LoadBalancer"
    assert service.ingress is not None
    assert service.ingress.redirect is not None
    with pytest.raises(ValueError, match=r"^Stack/Api: the service has no load balancer of its own, got Ingress.none"):
        _ = worker().load_balancer


def test_the_role_that_moves_traffic_is_within_reach() -> None:
    """Where traffic moves between target groups; elsewhere asking is an error that says why."""
    service = api(deployment_mode=DeploymentMode.CANARY)
    assert service.infrastructure_role.node.path == "Stack/Api/InfrastructureRole"
    for other in (api(), worker(deployment_mode=DeploymentMode.BLUE_GREEN)):
        with pytest.raises(ValueError, match=r"^Stack/Api: no deployment moves traffic between target groups, got"):
            _ = other.infrastructure_role


@pytest.mark.parametrize("from_subnets", [True, False])
def test_cloudfront_from_the_subnets_is_told(from_subnets: bool) -> None:
    """AWS names other ways in, and who tried this one reports that it does not work."""
    assert warned(api(ingress=Ingress.vpc_origin(from_subnets=from_subnets)), "CloudFrontFromSubnets") is from_subnets


# --- network -------------------------------------------------------------------------------------------------------


def leaving(template: Template) -> list[dict[str, Any]]:
    """Where the tasks' own group lets them out."""
    (name,) = (found for found in resources(template, "AWS::EC2::SecurityGroup") if found.startswith("ApiSecurity"))
    beside = [
        rule
        for rule in properties(template, "AWS::EC2::SecurityGroupEgress")
        if rule["GroupId"] == {"Fn::GetAtt": [name, "GroupId"]}
    ]
    return [*template["Resources"][name]["Properties"]["SecurityGroupEgress"], *beside]


NOWHERE = ("CidrIp", "127.0.0.1/32", None)


@pytest.mark.parametrize(
    ("egress", "expected"),
    [
        (None, [("CidrIp", "0.0.0.0/0", 443)]),
        ([Egress.https(ipv6=True)], [("CidrIp", "0.0.0.0/0", 443), ("CidrIpv6", "::/0", 443)]),
        ([Egress.prefix_list("pl-6da54004")], [NOWHERE, ("DestinationPrefixListId", "pl-6da54004", 443)]),
        ([], [NOWHERE]),
    ],
)
def test_tasks_reach_what_egress_names(egress: list[Egress] | None, expected: list[Any]) -> None:
    """HTTPS by default; what is named, and nothing else."""
    found = leaving(built(api(egress=egress)))
    assert [(key, rule[key], rule.get("FromPort")) for rule in found for key in rule if key in _PEERS] == expected


_PEERS = {"CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId"}


def test_endpoints_are_reached_without_a_change_of_theirs() -> None:
    """One rule in the tasks' group; the endpoints' own stays as it is."""
    stack = new_stack()
    vpc = vpc_of(stack)
    group = ec2.SecurityGroup(stack, "Endpoints", vpc=vpc, allow_all_outbound=False)
    service = api(stack, vpc=vpc, egress=[Egress.vpc_endpoints([group])])
    template = built(service)
    assert [rule["DestinationSecurityGroupId"] for rule in leaving(template)] == [
        stack.resolve(group.security_group_id)
    ]
    ports = {rule["ToPort"] for rule in properties(template, "AWS::EC2::SecurityGroupIngress")}
    assert ports == {8080}


def test_no_group_has_a_moment_in_which_everything_may_leave() -> None:
    """EC2 lets everything out of a group that is created without a rule: each has one of its own from the start."""
    for found in INSTANCES:
        for group in properties(instance(found.removeprefix("fargate_service-")), "AWS::EC2::SecurityGroup"):
            assert group["SecurityGroupEgress"], found


def test_connections_add_what_else_is_needed() -> None:
    """And their default port is the container's."""
    stack = new_stack()
    vpc = vpc_of(stack)
    service = api(stack, vpc=vpc)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc, allow_all_outbound=False)
    client.connections.allow_to_default_port(service)
    service.connections.allow_to(ec2.Peer.ipv4("10.9.0.0/16"), ec2.Port.tcp(5432))
    template = built(service)
    assert {rule.get("CidrIp") for rule in leaving(template)} == {"0.0.0.0/0", "10.9.0.0/16"}
    assert {rule["FromPort"] for rule in properties(template, "AWS::EC2::SecurityGroupIngress")} == {8080}


def test_tasks_are_in_the_private_tier_without_public_address() -> None:
    """Or in the subnets of the caller's."""
    stack = new_stack()
    vpc = vpc_of(stack)
    found = ecs_service(built(api(stack, vpc=vpc)))["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert (found["AssignPublicIp"], found["Subnets"][0]) == ("DISABLED", "subnet-1111111111111111a")
    stack = new_stack()
    vpc = vpc_of(stack)
    chosen = ec2.SubnetSelection(subnets=[vpc.public_subnets[0]])
    found = ecs_service(built(api(stack, vpc=vpc, vpc_subnets=chosen)))["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert found["Subnets"] == ["subnet-0000000000000000a"]


# --- capacity and scaling ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (FargateCapacity.on_demand(), [("FARGATE", None, 1)]),
        (
            FargateCapacity.mixed(on_demand_base=3, on_demand_weight=2, spot_weight=5),
            [("FARGATE", 3, 2), ("FARGATE_SPOT", None, 5)],
        ),
        (FargateCapacity.spot(), [("FARGATE_SPOT", None, 1)]),
    ],
)
def test_capacity_is_the_callers(capacity: FargateCapacity, expected: list[Any]) -> None:
    """The base is on demand; the weights share what is beyond."""
    found = ecs_service(built(api(capacity=capacity)))["CapacityProviderStrategy"]
    assert [(entry["CapacityProvider"], entry.get("Base"), entry["Weight"]) for entry in found] == expected


def test_a_cluster_of_its_own_has_both_providers_and_insights() -> None:
    """In the cluster itself, so that they are there before the service."""
    template = built(api())
    (cluster,) = properties(template, "AWS::ECS::Cluster")
    assert cluster["CapacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert cluster["ClusterSettings"] == [{"Name": "containerInsights", "Value": "enhanced"}]
    assert resources(template, "AWS::ECS::ClusterCapacityProviderAssociations") == {}


def test_a_given_cluster_is_used() -> None:
    """By its launch type, as it may have no capacity providers."""
    stack = new_stack()
    vpc = vpc_of(stack)
    cluster = ecs.Cluster(stack, "Shared", vpc=vpc)
    template = built(api(stack, vpc=vpc, cluster=cluster))
    service = ecs_service(template)
    assert service["Cluster"] == stack.resolve(cluster.cluster_name)
    assert (service["LaunchType"], "CapacityProviderStrategy" in service) == ("FARGATE", False)
    assert len(resources(template, "AWS::ECS::Cluster")) == 1


def bounds(template: Template) -> tuple[int, int]:
    """The scaling's bounds."""
    (target,) = properties(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    return target["MinCapacity"], target["MaxCapacity"]


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (EnvironmentType.DEV, 1),
        (EnvironmentType.STAGING, 1),
        (EnvironmentType.PROD, 2),
        (EnvironmentType.SHARED, 2),
    ],
)
def test_production_has_two_tasks(kind: EnvironmentType, least: int) -> None:
    """And scales to ten; the number itself is left to scaling."""
    template = built(api(environment_type=kind))
    assert bounds(template) == (least, 10)
    assert "DesiredCount" not in ecs_service(template)


def policies_by_id(template: Template) -> dict[str, Any]:
    """Target values of the scaling policies by metric."""
    return {
        configuration.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", "custom"): configuration[
            "TargetValue"
        ]
        for configuration in (
            found["TargetTrackingScalingPolicyConfiguration"]
            for found in properties(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
        )
    }


def test_scaling_follows_cpu_and_memory() -> None:
    """Sixty and 75 percent."""
    assert policies_by_id(built(api())) == {
        "ECSServiceAverageCPUUtilization": 60,
        "ECSServiceAverageMemoryUtilization": 75,
    }


def test_scaling_follows_what_the_caller_says() -> None:
    """Other targets, requests, a queue; None leaves one out."""
    stack = new_stack()
    queue = sqs.Queue(stack, "Queue")
    scaling = TaskScaling(
        cpu_percent=40,
        memory_percent=None,
        requests_per_target=1000,
        queue=QueueScaling(queue=queue, messages_per_task=50),
    )
    template = built(api(stack, task_scaling=scaling))
    assert policies_by_id(template) == {
        "ECSServiceAverageCPUUtilization": 40,
        "ALBRequestCountPerTarget": 1000,
        "custom": 50,
    }
    text = str(properties(template, "AWS::ApplicationAutoScaling::ScalingPolicy"))
    assert str(stack.resolve(queue.queue_name)) in text


def test_scaling_without_cpu() -> None:
    """CPU can be left out as well."""
    assert "ECSServiceAverageCPUUtilization" not in policies_by_id(
        built(api(task_scaling=TaskScaling(cpu_percent=None)))
    )


def test_a_schedule_moves_the_bounds() -> None:
    """Each entry is an action of the target, even where the bounds are equal."""
    night = ScheduledCapacity(schedule=autoscaling.Schedule.cron(hour="22", minute="0"), min_capacity=0, max_capacity=2)
    template = built(api(task_scaling=TaskScaling(min_capacity=2, max_capacity=2, schedules=[night])))
    (target,) = properties(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    (action,) = target["ScheduledActions"]
    assert action["ScalableTargetAction"] == {"MinCapacity": 0, "MaxCapacity": 2}


def test_equal_bounds_scale_nothing() -> None:
    """Then the number stands in the service."""
    service = api(task_scaling=TaskScaling(min_capacity=3, max_capacity=3))
    assert service.scaling is None
    template = built(service)
    assert ecs_service(template)["DesiredCount"] == 3
    assert resources(template, "AWS::ApplicationAutoScaling::ScalableTarget") == {}


def test_a_desired_count_is_written() -> None:
    """Who wants each deployment to reset it may have it so."""
    assert ecs_service(built(api(desired_count=4)))["DesiredCount"] == 4


def test_max_capacity_follows_a_large_min_capacity() -> None:
    """Twenty tasks at least are twenty at most, unless more are asked for."""
    assert ecs_service(built(api(task_scaling=TaskScaling(min_capacity=20))))["DesiredCount"] == 20


# --- deployment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", DeploymentMode)
def test_healthy_tasks_are_never_fewer(mode: DeploymentMode) -> None:
    """In every mode: 100 to 200 percent, AZs rebalanced, alarms that roll back, tags propagated."""
    found = ecs_service(built(api(deployment_mode=mode)))
    deployment = found["DeploymentConfiguration"]
    assert (deployment["MinimumHealthyPercent"], deployment["MaximumPercent"]) == (100, 200)
    assert deployment["Strategy"] == mode
    assert (deployment["Alarms"]["Enable"], deployment["Alarms"]["Rollback"]) == (True, True)
    assert len(deployment["Alarms"]["AlarmNames"]) == 3
    assert (found["AvailabilityZoneRebalancing"], found["PropagateTags"]) == ("ENABLED", "SERVICE")
    assert found["EnableECSManagedTags"] is True


@pytest.mark.parametrize("mode", DeploymentMode)
def test_the_circuit_breaker_is_of_rolling_deployments_alone(mode: DeploymentMode) -> None:
    """ECS takes it with no other mode."""
    found = ecs_service(built(api(deployment_mode=mode)))["DeploymentConfiguration"]
    expected = {"Enable": True, "Rollback": True} if mode is DeploymentMode.ROLLING else None
    assert found.get("DeploymentCircuitBreaker") == expected


@pytest.mark.parametrize("mode", DeploymentMode)
def test_a_task_that_cannot_start_ends_every_deployment(mode: DeploymentMode) -> None:
    """The alarm on failing tasks is one of the deployment's, with a topic or without, from the first on."""
    template = built(api(deployment_mode=mode, alarm_topic=None))
    (name,) = (found for found in resources(template, "AWS::CloudWatch::Alarm") if "TaskFailures" in found)
    assert {"Ref": name} in ecs_service(template)["DeploymentConfiguration"]["Alarms"]["AlarmNames"]
    alarm = template["Resources"][name]["Properties"]
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["Period"]) == (3, 30, 60)
    (rule,) = resources(template, "AWS::Events::Rule")
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": rule}}]


def test_what_counts_as_a_failing_task() -> None:
    """Tasks of this family and cluster that stopped by themselves or were unhealthy, not those that scaling stopped."""
    template = built(worker(alarm_topic=None))
    (rule,) = properties(template, "AWS::Events::Rule")
    (task,) = properties(template, "AWS::ECS::TaskDefinition")
    detail = rule["EventPattern"]["detail"]
    assert detail["$or"] == [
        {"stopCode": ["EssentialContainerExited", "TaskFailedToStart"]},
        {"stoppedReason": [{"prefix": "Task failed"}]},
    ]
    assert f"task-definition/{task['Family']}:" in str(detail["taskDefinitionArn"])
    assert "Targets" not in rule


def test_two_target_groups_and_a_test_listener() -> None:
    """A mode that moves traffic has both groups in its rules, and 8443 to try a revision on; nobody is let in there."""
    template = built(api(deployment_mode=DeploymentMode.BLUE_GREEN))
    assert len(resources(template, "AWS::ElasticLoadBalancingV2::TargetGroup")) == 2
    assert set(listeners(template)) == {80, 443, 8443}
    assert admitted(template) == {("0.0.0.0/0", 443), ("0.0.0.0/0", 80)}
    (target,) = ecs_service(template)["LoadBalancers"]
    assert set(target["AdvancedConfiguration"]) == {
        "AlternateTargetGroupArn",
        "ProductionListenerRule",
        "RoleArn",
        "TestListenerRule",
    }


def weights(template: Template) -> list[list[int]]:
    """The weights of each rule, blue first."""
    return [
        [entry["Weight"] for entry in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]]
        for rule in properties(template, "AWS::ElasticLoadBalancingV2::ListenerRule")
    ]


@pytest.mark.parametrize(
    ("live", "expected"), [(LiveTargetGroup.BLUE, [[100, 0], [100, 0]]), (LiveTargetGroup.GREEN, [[0, 100], [0, 100]])]
)
def test_the_rules_begin_where_the_traffic_is(live: LiveTargetGroup, expected: list[list[int]]) -> None:
    """The switch of aws/aws-cdk#36649: whoever changes a rule says where ECS has moved the traffic."""
    service = api(deployment_mode=DeploymentMode.CANARY, traffic_shift=TrafficShift(live=live))
    assert weights(built(service)) == expected


CHANGES: dict[str, dict[str, Any]] = {
    "image": {"image": ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/httpd:2.4.66")},
    "size": {"cpu": 1024, "memory_mib": 4096},
    "variables": {"environment": {"STAGE": "other"}},
    "port": {"container_port": 9090},
    "health": {"health_check_path": "/health"},
    "scaling": {"task_scaling": TaskScaling(min_capacity=4, max_capacity=40)},
    "times": {"traffic_shift": TrafficShift(bake_time=Duration.minutes(1), step_percent=50)},
    "environment": {"environment_type": EnvironmentType.DEV},
    "alarms": {"alarm_topic": None},
    "mode": {"deployment_mode": DeploymentMode.LINEAR},
}


@pytest.mark.parametrize("change", CHANGES)
def test_no_other_change_touches_the_rules(change: str) -> None:
    """CloudFormation writes a rule only when its own properties change, so nothing here resets what ECS has moved."""
    kind = "AWS::ElasticLoadBalancingV2::ListenerRule"
    before = resources(built(api(deployment_mode=DeploymentMode.CANARY)), kind)
    after = resources(built(api(**({"deployment_mode": DeploymentMode.CANARY} | CHANGES[change]))), kind)
    assert before == after
    assert len(after) == 2


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (DeploymentMode.BLUE_GREEN, {}),
        (DeploymentMode.CANARY, {"CanaryConfiguration": {"CanaryPercent": 10, "CanaryBakeTimeInMinutes": 10}}),
        (DeploymentMode.LINEAR, {"LinearConfiguration": {"StepPercent": 20, "StepBakeTimeInMinutes": 5}}),
    ],
)
def test_traffic_moves_as_the_mode_says(mode: DeploymentMode, expected: dict[str, Any]) -> None:
    """The configuration of the mode and of no other, and ten minutes to think again."""
    found = ecs_service(built(api(deployment_mode=mode)))["DeploymentConfiguration"]
    assert {key: value for key, value in found.items() if key.endswith("Configuration")} == expected
    assert found["BakeTimeInMinutes"] == 10


def test_traffic_moves_as_the_caller_says() -> None:
    """Share, step and bake time."""
    shift = TrafficShift(bake_time=Duration.minutes(30), step_percent=2.5, step_bake_time=Duration.minutes(3))
    service = api(deployment_mode=DeploymentMode.CANARY, traffic_shift=shift)
    found = ecs_service(built(service))["DeploymentConfiguration"]
    assert found["CanaryConfiguration"] == {"CanaryPercent": 2.5, "CanaryBakeTimeInMinutes": 3}
    assert found["BakeTimeInMinutes"] == 30


def test_hooks_are_asked_at_their_stages() -> None:
    """With a role that may call the function, and the service waits for its policy."""
    template = instance("fullest")
    (service,) = resources(template, "AWS::ECS::Service").values()
    (hook,) = service["Properties"]["DeploymentConfiguration"]["LifecycleHooks"]
    assert hook["LifecycleStages"] == ["POST_TEST_TRAFFIC_SHIFT"]
    (policy,) = (name for name in resources(template, "AWS::IAM::ManagedPolicy") if "HookRole" in name)
    assert policy in service["DependsOn"]


def test_the_service_waits_for_its_policies_and_rules() -> None:
    """No task begins before its roles may do what it takes, and no target group is used that no listener knows."""
    template = instance("canary")
    (service,) = resources(template, "AWS::ECS::Service").values()
    expected = {
        *resources(template, "AWS::ElasticLoadBalancingV2::ListenerRule"),
        *resources(template, "AWS::IAM::ManagedPolicy"),
    }
    assert expected <= set(service["DependsOn"])


def test_a_test_listener_of_anothers() -> None:
    """With a shared listener the trial rule stands on the one that is named; without, there is none."""
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2  # noqa: PLC0415 -- in this test alone

    def build(*, with_test: bool) -> Template:
        stack = new_stack()
        group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
        shared, trial = (
            elbv2.ApplicationListener.from_application_listener_attributes(
                stack,
                name,
                listener_arn=f"arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/a/1/{name}",
                security_group=group,
            )
            for name in ("Shared", "Trial")
        )
        ingress = Ingress.listener(
            shared,
            priority=7,
            conditions=[elbv2.ListenerCondition.host_headers(["a.example.com"])],
            test_listener=trial if with_test else None,
        )
        return built(api(stack, certificate=None, ingress=ingress, deployment_mode=DeploymentMode.BLUE_GREEN))

    template = build(with_test=True)
    arns = {rule["ListenerArn"][-6:] for rule in properties(template, "AWS::ElasticLoadBalancingV2::ListenerRule")}
    assert arns == {"Shared", "/Trial"}
    (target,) = ecs_service(build(with_test=False))["LoadBalancers"]
    assert "TestListenerRule" not in target["AdvancedConfiguration"]


@pytest.mark.parametrize("mode", [DeploymentMode.ROLLING, DeploymentMode.BLUE_GREEN])
def test_a_worker_is_deployed_too(mode: DeploymentMode) -> None:
    """All tasks of the new revision first, or one by one: no traffic moves, and no infrastructure role is made."""
    template = built(worker(deployment_mode=mode))
    assert ecs_service(template)["DeploymentConfiguration"]["Strategy"] == mode
    assert not any("Infrastructure" in name for name in resources(template, "AWS::IAM::Role"))


# --- cluster -------------------------------------------------------------------------------------------------------


def test_service_connect_makes_its_namespace() -> None:
    """With a cluster of its own; the service is found by its name on its port."""
    template = built(api(service_connect=ServiceConnect(namespace="shop", discovery_name="orders")))
    (namespace,) = properties(template, "AWS::ServiceDiscovery::HttpNamespace")
    found = ecs_service(template)["ServiceConnectConfiguration"]
    assert namespace["Name"] == "shop"
    assert found["Services"] == [
        {"ClientAliases": [{"DnsName": "orders", "Port": 8080}], "DiscoveryName": "orders", "PortName": "app"}
    ]
    assert container(template)["PortMappings"][0]["AppProtocol"] == "http"


def test_service_connect_uses_a_namespace_that_is_there() -> None:
    """With a given cluster nothing is made, and the protocol is the caller's."""
    stack = new_stack()
    vpc = vpc_of(stack)
    connect = ServiceConnect(namespace="shop", protocol=ServiceConnectProtocol.GRPC)
    template = built(api(stack, vpc=vpc, cluster=ecs.Cluster(stack, "C", vpc=vpc), service_connect=connect))
    assert resources(template, "AWS::ServiceDiscovery::HttpNamespace") == {}
    assert ecs_service(template)["ServiceConnectConfiguration"]["Namespace"] == "shop"
    assert container(template)["PortMappings"][0]["AppProtocol"] == "grpc"


def test_a_client_alone_offers_nothing() -> None:
    """Without a port a service finds others and is not found."""
    found = ecs_service(built(worker(service_connect=ServiceConnect(namespace="shop"))))["ServiceConnectConfiguration"]
    assert (found["Enabled"], "Services" in found) == (True, False)


def test_canary_moves_what_service_connect_brings() -> None:
    """No load balancer is needed for it."""
    service = worker(service_connect=ServiceConnect(namespace="shop"), deployment_mode=DeploymentMode.CANARY)
    assert ecs_service(built(service))["DeploymentConfiguration"]["Strategy"] == "CANARY"


def test_exec_is_off() -> None:
    """No shell in a task, and nothing that one would need."""
    template = built(api())
    assert "EnableExecuteCommand" not in ecs_service(template)
    assert "ssmmessages" not in str(template)
    assert len(resources(template, "AWS::Logs::LogGroup")) == 1


def test_exec_switched_on_is_audited() -> None:
    """What is typed is kept, encrypted, and the agent may write it and open its channels."""
    service = api(enable_execute_command=True)
    assert service.exec_log_group is not None
    assert warned(service, "ExecReadOnlyRoot")
    template = built(service)
    assert ecs_service(template)["EnableExecuteCommand"] is True
    (cluster,) = properties(template, "AWS::ECS::Cluster")
    configuration = cluster["Configuration"]["ExecuteCommandConfiguration"]
    assert (configuration["Logging"], configuration["LogConfiguration"]["CloudWatchEncryptionEnabled"]) == (
        "OVERRIDE",
        True,
    )
    assert {point["ContainerPath"] for point in container(template)["MountPoints"]} == {
        "/var/lib/amazon/ssm",
        "/var/log/amazon/ssm",
    }
    assert "ssmmessages:OpenDataChannel" in str(properties(template, "AWS::IAM::ManagedPolicy"))


def test_the_agents_directories_may_be_the_callers() -> None:
    """A path that the caller made writable is not mounted a second time."""
    paths = [WritablePath.memory("/var/lib/amazon/ssm"), WritablePath.disk("/var/log/amazon/ssm")]
    found = container(built(api(enable_execute_command=True, writable_paths=paths)))
    assert [point["ContainerPath"] for point in found["MountPoints"]] == ["/var/log/amazon/ssm"]
    assert [point["ContainerPath"] for point in found["LinuxParameters"]["Tmpfs"]] == ["/var/lib/amazon/ssm"]


def test_exec_under_a_writable_root_is_supported() -> None:
    """No warning, and no volume for the agent."""
    service = api(enable_execute_command=True, read_only_root=False)
    assert not warned(service, "ExecReadOnlyRoot")
    assert "MountPoints" not in container(built(service))


def test_exec_in_a_given_cluster_is_the_clusters() -> None:
    """One that says where it is kept is granted; one that does not is told."""

    def build(configuration: ecs.ExecuteCommandConfiguration | None, stack: Stack) -> FargateService:
        vpc = vpc_of(stack)
        cluster = ecs.Cluster(stack, "Shared", vpc=vpc, execute_command_configuration=configuration)
        return api(stack, vpc=vpc, cluster=cluster, enable_execute_command=True)

    assert warned(build(None, new_stack()), "ExecNotAudited")
    stack = new_stack()
    group = logs.LogGroup(stack, "Typed")
    service = build(
        ecs.ExecuteCommandConfiguration(
            logging=ecs.ExecuteCommandLogging.OVERRIDE,
            log_configuration=ecs.ExecuteCommandLogConfiguration(cloud_watch_log_group=group),
        ),
        stack,
    )
    assert not warned(service, "ExecNotAudited")
    granted = str(properties(built(service), "AWS::IAM::ManagedPolicy"))
    assert str(stack.resolve(group.log_group_arn)) in granted
    assert "kms:Decrypt" not in granted


# --- alarms --------------------------------------------------------------------------------------------------------


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """The alarms by the id that the construct gives them."""
    return {
        re.sub(r"^(Api|Worker)|[0-9A-F]{8}$", "", name): found["Properties"]
        for name, found in resources(template, "AWS::CloudWatch::Alarm").items()
    }


GUARDS = {"TaskFailuresAlarm", "ErrorsAlarm", "UnhealthyTasksAlarm"}
CALLS = {
    "LoadBalancerErrorsAlarm",
    "LatencyAlarm",
    "CpuAlarm",
    "MemoryAlarm",
    "MissingTasksAlarm",
    "DeploymentFailureAlarm",
}


@pytest.mark.parametrize("mode", [DeploymentMode.ROLLING, DeploymentMode.CANARY])
def test_every_alarm_has_an_action(mode: DeploymentMode) -> None:
    """Nine of them, each told when it begins and when it ends."""
    found = alarms(built(api(deployment_mode=mode)))
    assert set(found) == GUARDS | CALLS
    assert all(alarm["AlarmActions"] and alarm["OKActions"] for alarm in found.values())


def test_without_a_topic_the_guards_remain() -> None:
    """Rolling back is their action."""
    found = alarms(built(api(alarm_topic=None)))
    assert set(found) == GUARDS
    assert not any("AlarmActions" in alarm for alarm in found.values())


def test_a_worker_has_no_alarm_on_requests() -> None:
    """What has no load balancer has no latency."""
    assert set(alarms(built(worker()))) == (GUARDS | CALLS) - {
        "ErrorsAlarm",
        "UnhealthyTasksAlarm",
        "LatencyAlarm",
        "LoadBalancerErrorsAlarm",
    }


def test_what_no_task_answers_is_an_alarm_of_the_load_balancer() -> None:
    """502, 503 and 504 are in no count of the target groups; what another's load balancer answers is its owner's."""
    alarm = alarms(built(api()))["LoadBalancerErrorsAlarm"]
    metrics = [entry["MetricStat"]["Metric"] for entry in alarm["Metrics"] if "MetricStat" in entry]
    assert {metric["MetricName"] for metric in metrics} == {"HTTPCode_ELB_5XX_Count", "RequestCount"}
    assert all([entry["Name"] for entry in metric["Dimensions"]] == ["LoadBalancer"] for metric in metrics)
    assert "LoadBalancerErrorsAlarm" not in alarms(instance("listener"))


@pytest.mark.parametrize(
    ("grace", "expected"),
    [
        (None, 5),
        (Duration.seconds(30), 5),
        (Duration.seconds(90), 6),
        (Duration.minutes(10), 14),
        (Duration.days(9), 1440),
    ],
)
def test_a_task_that_is_given_time_ends_no_deployment(grace: Duration | None, expected: int) -> None:
    """The load balancer calls it unhealthy all the while, which ECS does not mind: nor may the guard."""
    found = alarms(built(api(health_check_grace_period=grace)))["UnhealthyTasksAlarm"]
    assert found["EvaluationPeriods"] == expected


@pytest.mark.parametrize(
    ("grace", "expected"),
    [(None, 30), (Duration.minutes(10), 30), (Duration.minutes(15), 40), (Duration.hours(13), 1440)],
)
def test_three_tasks_that_never_were_healthy_end_a_deployment(grace: Duration | None, expected: int) -> None:
    """However long each is given: the third fails within the alarm's window, which is a day at most."""
    found = alarms(built(api(health_check_grace_period=grace)))["TaskFailuresAlarm"]
    assert (found["DatapointsToAlarm"], found["EvaluationPeriods"]) == (3, expected)


@pytest.mark.parametrize(("mode", "groups"), [(DeploymentMode.ROLLING, 1), (DeploymentMode.BLUE_GREEN, 2)])
def test_alarms_look_at_both_target_groups(mode: DeploymentMode, groups: int) -> None:
    """Whichever has the traffic: an alarm on the blue one alone would be blind after a deployment."""
    found = alarms(built(api(deployment_mode=mode)))
    for name in ("ErrorsAlarm", "UnhealthyTasksAlarm", "LatencyAlarm"):
        named = {blue for blue in ("ApiIngressBlue", "ApiIngressGreen") if blue in str(found[name])}
        assert len(named) == groups, name


def test_no_guard_names_the_service() -> None:
    """The service names them: a circle otherwise."""
    template = built(api(alarm_topic=None))
    (service,) = resources(template, "AWS::ECS::Service")
    assert not any(service in str(alarm) for alarm in alarms(template).values())


# --- permissions ---------------------------------------------------------------------------------------------------


def test_grants_land_in_one_managed_policy() -> None:
    """To the construct or to CDK's task role, whoever grants; no inline policy is made."""
    stack = new_stack()
    service = api(stack)
    sqs.Queue(stack, "One").grant_send_messages(service)
    sqs.Queue(stack, "Two").grant_consume_messages(service.task_definition.task_role)
    template = built(service)
    assert resources(template, "AWS::IAM::Policy") == {}
    (policy,) = (name for name in resources(template, "AWS::IAM::ManagedPolicy") if "TaskTaskRole" in name)
    text = str(template["Resources"][policy])
    assert ("sqs:SendMessage" in text, "sqs:ReceiveMessage" in text) == (True, True)
    assert len(service.task_role.managed_policies) == 1


PULL_THROUGH = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]


@pytest.mark.parametrize(
    ("actions", "resource"),
    [
        (PULL_THROUGH, "arn:aws:ecr:eu-west-1:111111111111:repository/public/*"),
        (["s3:GetBucketLocation", "s3:GetObject"], "arn:aws:s3:::variables/api.env"),
    ],
)
def test_what_fargate_does_is_granted_to_the_execution_role(actions: list[str], resource: str) -> None:
    """A pull-through cache, or a file of variables in S3: what somebody allows by hand is not left out."""
    service = api()
    service.execution_role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
    found = [
        statement
        for policy in properties(built(service), "AWS::IAM::ManagedPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    assert {"Action": actions, "Effect": "Allow", "Resource": resource} in found


def test_a_star_that_needs_none_stays_a_finding_of_the_execution_role() -> None:
    """The acknowledgement is for actions that have no resource, and says so."""
    app = new_app()
    service = worker(new_stack(app=app))
    service.execution_role.add_to_principal_policy(iam.PolicyStatement(actions=PULL_THROUGH, resources=["*"]))
    report = nag_report(app, (NagPack.AWS_SOLUTIONS,))
    assert [(found.rule, found.construct_path) for found in report.findings] == [
        ("AwsSolutions-IAM5[Resource::*]", "Stack/Api/Task/ExecutionRole/Policy/Resource")
    ]


def test_the_task_role_begins_empty() -> None:
    """Without a grant it has no policy at all."""
    service = api()
    assert service.task_role.managed_policies == []
    names = resources(built(service), "AWS::IAM::ManagedPolicy")
    assert not any("TaskTaskRole" in name for name in names)


def test_what_others_grant_on_every_resource_stays_a_finding() -> None:
    """The reason for the collector's own stars covers its own policy, and no star that somebody else writes."""
    app = new_app()
    service = api(new_stack(app=app), trace_collector=TraceCollector())
    service.task_role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
    report = nag_report(app, (NagPack.AWS_SOLUTIONS,))
    assert [(found.rule, found.construct_path) for found in report.findings] == [
        ("AwsSolutions-IAM5[Resource::*]", "Stack/Api/Task/TaskRole/Policy/Resource")
    ]


@pytest.mark.parametrize("name", ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"])
def test_no_task_is_an_administrator(name: str) -> None:
    """AWS's policies of that kind are refused, by construct or by role."""
    with pytest.raises(
        ValueError, match=rf"^Stack/Api/Task/TaskRole: no task is an administrator, got {name}; allowed"
    ):
        api().task_role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(name))


def test_other_managed_policies_are_attached() -> None:
    """A team's own, for example, whose ARN is not known yet either."""
    stack = new_stack()
    service = api(stack)
    own = iam.ManagedPolicy(
        stack, "Own", statements=[iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"])]
    )
    service.task_role.add_managed_policy(own)
    service.task_role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSQSReadOnlyAccess"))
    (role,) = (
        found["Properties"]
        for name, found in resources(built(service), "AWS::IAM::Role").items()
        if "TaskTaskRole" in name
    )
    assert len(role["ManagedPolicyArns"]) == 2


def test_the_boundary_caps_every_role() -> None:
    """Task, execution, infrastructure and hook role."""
    roles = {name: found["Properties"] for name, found in resources(instance("fullest"), "AWS::IAM::Role").items()}
    assert len(roles) == 4
    assert all("workload-boundary" in str(role["PermissionsBoundary"]) for role in roles.values())


# --- what is refused -----------------------------------------------------------------------------------------------

WRONG: Any = "wrong"
ELSEWHERE = "arn:aws:acm:us-east-1:111111111111:certificate/1"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"cpu": 256, "memory_mib": 4096}, "memory_mib: Fargate has no task of 256 CPU units with it, got 4096"),
    ({"cpu": 300}, "cpu: no size of Fargate, got 300"),
    ({"ephemeral_storage_gib": 20}, "ephemeral_storage_gib: not a whole number within bounds, got 20"),
    ({"container_port": 0}, "container_port: not a whole number within bounds, got 0"),
    ({"container_port": None}, "certificate: nothing listens that could use it"),
    (
        {"container_port": None, "certificate": None, "ingress": Ingress.public()},
        "container_port: Ingress.public has no",
    ),
    ({"certificate": None}, "certificate: HTTPS needs one, got None"),
    ({"ingress": "public"}, "ingress: none, got 'public'"),
    ({"ingress": Ingress.none()}, "certificate: nothing listens"),
    ({"egress": ["0.0.0.0/0"]}, "egress: no destination, got '0.0.0.0/0'"),
    ({"egress": Egress.https()}, "egress: not a list"),
    ({"environment": {"A B": "c"}}, "environment: no variable's name, got 'A B'"),
    ({"environment": {"A": 1}}, "environment: the value of A is no text, got int"),
    ({"secrets": {"A": "plain"}}, "secrets: A is no reference, got str"),
    ({"writable_paths": ["/tmp"]}, "writable_paths: no WritablePath, got '/tmp'"),  # noqa: S108 -- the container's
    ({"writable_paths": [WritablePath.disk("/a"), WritablePath.memory("/a")]}, "writable_paths: mounted twice, got /a"),
    (
        {"writable_paths": [WritablePath.memory("/a", size_mib=1024)]},
        "writable_paths: file systems in memory leave the task none, got 1024 MiB of 1024",
    ),
    ({"efs_mounts": ["fs"]}, "efs_mounts: no EfsMount, got 'fs'"),
    ({"health_check_path": "health"}, "health_check_path: no absolute path"),
    ({"health_check_grace_period": Duration.seconds(0)}, "health_check_grace_period: out of bounds, got 0 seconds"),
    ({"stop_timeout": Duration.seconds(121)}, "stop_timeout: out of bounds, got 121 seconds"),
    ({"stop_timeout": Duration.millis(1500)}, "stop_timeout: out of bounds, got 1.5 seconds"),
    ({"desired_count": 1}, "desired_count: not a whole number within bounds, got 1"),
    ({"desired_count": 11}, "desired_count: not a whole number within bounds, got 11"),
    (
        {"task_scaling": TaskScaling(min_capacity=5, max_capacity=4)},
        "min_capacity: more than max_capacity, got 5 and 4",
    ),
    ({"task_scaling": TaskScaling(max_capacity=0)}, "max_capacity: not a whole number within bounds, got 0"),
    ({"task_scaling": TaskScaling(cpu_percent=101)}, "cpu_percent: not a whole number within bounds, got 101"),
    ({"task_scaling": TaskScaling(memory_percent=0)}, "memory_percent: not a whole number within bounds, got 0"),
    ({"task_scaling": TaskScaling(requests_per_target=0)}, "requests_per_target: not a whole number within bounds"),
    ({"task_scaling": TaskScaling(schedules=[WRONG])}, "schedules: no ScheduledCapacity, got 'wrong'"),
    ({"deployment_mode": "YOLO"}, "deployment_mode: no such DeploymentMode, got 'YOLO'"),
    ({"traffic_shift": TrafficShift()}, "traffic_shift: ROLLING moves no traffic"),
    (
        {"deployment_mode": DeploymentMode.CANARY, "task_scaling": TaskScaling(requests_per_target=100)},
        "requests_per_target: the metric belongs to one target group, and CANARY moves between two, got 100",
    ),
    (
        {"deployment_mode": DeploymentMode.BLUE_GREEN, "traffic_shift": TrafficShift(step_percent=10)},
        "step_percent and step_bake_time: BLUE_GREEN moves all traffic at once",
    ),
    (
        {"deployment_mode": DeploymentMode.CANARY, "traffic_shift": TrafficShift(bake_time=Duration.seconds(90))},
        "bake_time: not whole minutes, got 1 minute 30 seconds",
    ),
    (
        {"deployment_mode": DeploymentMode.CANARY, "traffic_shift": TrafficShift(hooks=[WRONG])},
        "hooks: no hook, or one without a stage, got 'wrong'",
    ),
    (
        {"deployment_mode": DeploymentMode.CANARY, "traffic_shift": TrafficShift(live=WRONG)},
        "live: no such LiveTargetGroup, got 'wrong'",
    ),
    ({"service_connect": ServiceConnect(namespace="")}, "namespace: no name, got ''"),
    (
        {"service_connect": ServiceConnect(namespace="a", protocol=WRONG)},
        "protocol: no such ServiceConnectProtocol, got 'wrong'",
    ),
    ({"log_retention": 30}, "log_retention: not CDK's name, got 30"),
    ({"removal_policy": RemovalPolicy.SNAPSHOT}, "removal_policy: no log group has snapshots"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_is_wrong_is_refused_before_the_tree_is_touched(arguments: dict[str, Any], message: str) -> None:
    """The message has path, got and allowed, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=rf"^Stack/Api: {re.escape(message)}.*; allowed: "):
        api(stack, **arguments)
    assert stack.node.try_find_child("Api") is None
    assert stack.node.try_find_child("WorkloadKey") is None


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        (DeploymentMode.ROLLING, False),
        (DeploymentMode.BLUE_GREEN, False),
        (DeploymentMode.CANARY, True),
        (DeploymentMode.LINEAR, True),
    ],
)
def test_steps_need_traffic(mode: DeploymentMode, refused: bool) -> None:
    """CDK synthesizes a canary of nothing in silence; here it is an error."""
    if not refused:
        worker(deployment_mode=mode)
        return
    with pytest.raises(
        ValueError, match=rf"^Stack/Api: deployment_mode: {mode} moves traffic in steps, and there is none"
    ):
        worker(deployment_mode=mode)


def test_a_certificate_of_another_region_is_refused() -> None:
    """CloudFront's is in us-east-1; a load balancer wants its own."""
    stack = new_stack()
    foreign = acm.Certificate.from_certificate_arn(stack, "Foreign", ELSEWHERE)
    with pytest.raises(
        ValueError, match=r"certificate: a load balancer takes certificates of its own Region alone, got"
    ):
        api(stack, certificate=foreign)


def test_a_certificate_that_is_not_known_yet_passes() -> None:
    """One of the stack's own, or any in a stack without Region."""
    stack = new_stack()
    own = acm.Certificate(stack, "Own", domain_name="a.example.com")
    assert listeners(built(api(stack, certificate=own)))[443]["Certificates"]
    stack = new_stack(env=None)
    foreign = acm.Certificate.from_certificate_arn(stack, "Foreign", ELSEWHERE)
    assert listeners(built(api(stack, certificate=foreign)))[443]["Certificates"]


@pytest.mark.parametrize("env", [None, Environment(account="111111111111", region="ap-southeast-7")])
def test_an_unknown_region_has_no_prefix_list(env: Environment | None) -> None:
    """No id is guessed; the subnets, or an id of the caller's, are the ways out."""
    with pytest.raises(
        ValueError, match=r"^Stack/Api: prefix_list_id: the id of CloudFront's prefix list is not known"
    ):
        api(new_stack(env=env), certificate=certificate(new_stack(env=env)), ingress=Ingress.vpc_origin())
    for ingress in (Ingress.vpc_origin(from_subnets=True), Ingress.vpc_origin(prefix_list_id="pl-12345678")):
        stack = new_stack(env=env)
        built(api(stack, certificate=certificate(stack), ingress=ingress))


def certificate(stack: Stack) -> acm.ICertificate:
    """A certificate of the stack's own."""
    return acm.Certificate(stack, "Own", domain_name="a.example.com")


def test_a_variable_stands_in_one_place() -> None:
    """Neither as text and as secret."""
    stack = new_stack()
    secret = ecs.Secret.from_secrets_manager(secretsmanager.Secret(stack, "Secret"))
    with pytest.raises(ValueError, match=r"secrets: variables of environment= too, got A; allowed"):
        api(stack, environment={"A": "b"}, secrets={"A": secret})


def test_a_listener_has_its_own_certificate_and_logs() -> None:
    """What would be ignored is refused."""
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2  # noqa: PLC0415 -- in this test alone

    stack = new_stack()
    listener = elbv2.ApplicationListener.from_application_listener_attributes(
        stack,
        "Listener",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/a/1/2",
        security_group=ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1"),
    )
    ingress = Ingress.listener(listener, priority=1, conditions=[elbv2.ListenerCondition.path_patterns(["/a"])])
    with pytest.raises(ValueError, match=r"certificate: the given listener has its own, got another"):
        api(stack, ingress=ingress, certificate=certificate_of(new_stack()))
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "logs")
    stack = new_stack()
    with pytest.raises(ValueError, match=r"access_log_bucket: there is no load balancer of the service's own to log"):
        api(stack, ingress=ingress, certificate=None, access_log_bucket=bucket)


def test_a_worker_takes_nothing_of_a_load_balancers() -> None:
    """Grace period and requests have no meaning there."""
    with pytest.raises(ValueError, match=r"health_check_grace_period: no load balancer checks the tasks"):
        worker(health_check_grace_period=Duration.minutes(1))
    with pytest.raises(ValueError, match=r"requests_per_target: no load balancer counts requests"):
        worker(task_scaling=TaskScaling(requests_per_target=5))


def test_durations_are_known_now() -> None:
    """They are compared with bounds, which a parameter's value cannot be."""
    later = Duration.seconds(Token.as_number({"Ref": "Later"}))
    with pytest.raises(ValueError, match=r"stop_timeout: not known now, got a token"):
        api(stop_timeout=later)
    with pytest.raises(ValueError, match=r"bake_time: not known now, got a token"):
        api(deployment_mode=DeploymentMode.CANARY, traffic_shift=TrafficShift(bake_time=later))


def test_a_hook_without_a_stage_is_never_asked() -> None:
    """So it is refused."""
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 -- in this test alone

    function = lambda_.Function.from_function_arn(new_stack(), "F", "arn:aws:lambda:eu-west-1:111111111111:function:f")
    with pytest.raises(ValueError, match=r"hooks: no hook, or one without a stage"):
        api(
            deployment_mode=DeploymentMode.CANARY,
            traffic_shift=TrafficShift(hooks=[DeploymentHook(function=function, stages=[])]),
        )


@pytest.mark.parametrize("env", [None, Environment(account="111111111111", region="cn-north-1")])
def test_any_partition_will_do(env: Environment | None) -> None:
    """Without an environment, and in China, no ARN names the commercial partition."""
    stack = new_stack(env=env)
    vpc = vpc_of(stack)
    service = FargateService(
        stack,
        "Api",
        vpc=vpc,
        image=ecs.ContainerImage.from_ecr_repository(ecr.Repository(stack, "Repository"), "1"),
        container_port=8080,
        certificate=certificate(stack),
        enable_execute_command=True,
        trace_collector=TraceCollector(),
        deployment_mode=DeploymentMode.CANARY,
    )
    assert "arn:aws:" not in str(built(service))


def test_the_image_is_the_callers() -> None:
    """As it was named."""
    assert container(built(api()))["Image"] == IMAGE
