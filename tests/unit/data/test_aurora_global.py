"""The global database: its Regions, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds

from aws_architect_constructs import (
    AuroraCluster,
    AuroraGlobal,
    AuroraInstance,
    DatabaseProxy,
    EnvironmentType,
    MasterPassword,
    ReaderScaling,
    RestoreSource,
    SecondaryRegion,
    ServerlessCapacity,
    WorkloadKey,
)
from aws_architect_constructs.data.aurora_database import AuroraDatabase
from aws_architect_constructs.testing.normalisation import normalise
from aws_architect_constructs.testing.replacement import STATEFUL_TYPES, assert_no_replacement
from support.instances_aurora_cluster import any_vpc, shared_key, shared_topic
from support.instances_aurora_global import elsewhere, primary_of, vpc_in
from support.synthesis import (
    Template,
    new_app,
    new_stack,
    properties,
    recommended_flags,
    resources,
    template_of,
    warnings_of,
)

FRANKFURT = "eu-central-1"


def templates_of(stack: Stack) -> dict[str, Template]:
    """Every template of the stack's app, by the Region of its stack where it is one that follows."""
    root = stack.node.root
    assert isinstance(root, App)
    assembly = Path(root.synth().directory)
    return {
        str(found.node.id): json.loads((assembly / found.template_file).read_text(encoding="utf-8"))
        for found in root.node.find_all()
        if isinstance(found, Stack)
    }


def two_regions(*, follower: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Template]:
    """The templates of a primary in Ireland and a secondary in Frankfurt."""
    stack = new_stack()
    primary = primary_of(stack, **arguments)
    AuroraGlobal(
        stack,
        "Global",
        primary=primary,
        secondaries=[SecondaryRegion(vpc=vpc_in(stack, FRANKFURT), **(follower or {}))],
    )
    return templates_of(stack)


def the_cluster(template: Template) -> dict[str, Any]:
    """The one cluster of a template."""
    (found,) = properties(template, "AWS::RDS::DBCluster")
    return found


def test_the_primary_is_the_source() -> None:
    """The global cluster takes engine, version and encryption from the primary, once that has its instances."""
    template = two_regions()["Stack"]
    ((_, found),) = resources(template, "AWS::RDS::GlobalCluster").items()
    ((cluster, _),) = resources(template, "AWS::RDS::DBCluster").items()
    assert found["Properties"]["SourceDBClusterIdentifier"] == {"Fn::GetAtt": [cluster, "DBClusterArn"]}
    assert not {"Engine", "EngineVersion", "StorageEncrypted"} & found["Properties"].keys()
    assert sorted(found["DependsOn"]) == sorted(resources(template, "AWS::RDS::DBInstance"))


def test_a_secondary_follows_by_the_global_clusters_name() -> None:
    """The name is known before either is made, and no reference crosses Regions."""
    templates = two_regions()
    (found,) = properties(templates["Stack"], "AWS::RDS::GlobalCluster")
    assert the_cluster(templates[FRANKFURT])["GlobalClusterIdentifier"] == found["GlobalClusterIdentifier"]
    assert "GlobalClusterIdentifier" not in the_cluster(templates["Stack"])
    assert "Fn::GetStackOutput" not in str(templates)
    assert "Custom::" not in str(templates)


def test_each_region_costs_the_primary_a_reader() -> None:
    """Of sixteen instances one goes for each Region that follows."""
    sixteen = [AuroraInstance.provisioned(ec2.InstanceType("r8g.large"))] * 16
    with pytest.raises(ValueError, match=r"^Stack/Global: primary: too many instances .*, got 16; allowed: 15"):
        two_regions(instances=sixteen, follower={"instances": ()})
    two_regions(instances=sixteen[:15], follower={"instances": sixteen})


def test_a_secondary_of_another_global_database_is_another_cluster() -> None:
    """RDS moves no cluster from one to another: with a restored primary, the secondaries are made anew."""
    restored = two_regions(restore=RestoreSource.from_snapshot("before-the-mistake"))[FRANKFURT]
    before = two_regions()[FRANKFURT]
    assert the_cluster(before)["GlobalClusterIdentifier"] != the_cluster(restored)["GlobalClusterIdentifier"]
    assert the_cluster(before)["DBClusterIdentifier"] != the_cluster(restored)["DBClusterIdentifier"]


def test_a_secondary_sets_no_password() -> None:
    """It has the primary's: with one of its own, RDS refuses it (aws/aws-cdk#29880)."""
    secondary = the_cluster(two_regions()[FRANKFURT])
    assert not {
        "MasterUsername",
        "MasterUserPassword",
        "ManageMasterUserPassword",
        "MasterUserSecret",
        "DatabaseName",
    } & (secondary.keys())


def test_the_secret_is_the_primarys_and_replicated() -> None:
    """Our own secret, rotated in the primary Region, and readable in the others."""
    templates = two_regions()
    (secret,) = properties(templates["Stack"], "AWS::SecretsManager::Secret")
    assert secret["ReplicaRegions"] == [{"Region": FRANKFURT}]
    assert resources(templates["Stack"], "AWS::SecretsManager::RotationSchedule")
    assert resources(templates[FRANKFURT], "AWS::SecretsManager::Secret") == {}


def test_flags_change_nothing_elsewhere() -> None:
    """The template of a Region that follows means the same under no feature flags and under all recommended ones."""
    found = []
    for context in ({}, recommended_flags()):
        stack = new_stack(context=context)
        other = elsewhere(stack, FRANKFURT)
        vpc = any_vpc(other, ("eu-central-1a", "eu-central-1b"))
        secondary = SecondaryRegion(vpc=vpc, alarm_topic=shared_topic(other))
        AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=[secondary])
        found.append(normalise(templates_of(stack)[FRANKFURT]))
    assert found[0] == found[1]


def test_each_region_has_a_key_of_its_own() -> None:
    """A key does not leave its Region."""
    templates = two_regions()
    for template in (templates["Stack"], templates[FRANKFURT]):
        ((key, _),) = resources(template, "AWS::KMS::Key").items()
        assert the_cluster(template)["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
        assert the_cluster(template)["StorageEncrypted"] is True


def test_a_secondary_is_like_the_primary() -> None:
    """Engine version, instances, parameters, insights and protection are the primary's; zones are its own."""
    templates = two_regions(parameters={"work_mem": "65536"}, io_optimized=True, port=6000)
    own, other = (the_cluster(templates[name]) for name in ("Stack", FRANKFURT))
    for name in ("Engine", "EngineVersion", "Port", "StorageType", "DeletionProtection", "DatabaseInsightsMode"):
        assert own[name] == other[name]
    (parameters,) = properties(templates[FRANKFURT], "AWS::RDS::DBClusterParameterGroup")
    assert parameters["Parameters"]["work_mem"] == "65536"
    instances = properties(templates[FRANKFURT], "AWS::RDS::DBInstance")
    assert [one["DBInstanceClass"] for one in instances] == ["db.r8g.large"] * 2
    assert [one["AvailabilityZone"] for one in instances] == ["eu-central-1a", "eu-central-1b"]
    assert {one["AutoMinorVersionUpgrade"] for one in instances} == {False}


def test_a_headless_region_has_storage_alone() -> None:
    """No instance, nor a role to monitor it with; the data follows all the same."""
    stack = new_stack()
    secondaries = [SecondaryRegion.headless(vpc=vpc_in(stack, FRANKFURT))]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    assert found.secondaries[FRANKFURT].instances == ()
    assert found.secondaries[FRANKFURT].monitoring is None
    template = templates_of(stack)[FRANKFURT]
    assert resources(template, "AWS::RDS::DBInstance") == {}
    assert resources(template, "AWS::IAM::Role") == {}
    assert the_cluster(template)["GlobalClusterIdentifier"] == found.global_cluster_identifier


def test_a_headless_region_takes_what_is_of_its_region() -> None:
    """Subnets, key and topic as asked for; its lag is watched."""
    stack = new_stack()
    other = elsewhere(stack, FRANKFURT)
    vpc = any_vpc(other, ("eu-central-1a", "eu-central-1b"))
    one = SecondaryRegion.headless(
        vpc=vpc,
        region=FRANKFURT,
        vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
        encryption_key=shared_key(other),
        alarm_topic=shared_topic(other),
    )
    AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=[one])
    template = templates_of(stack)[FRANKFURT]
    assert resources(template, "AWS::KMS::Key") == {}
    (group,) = properties(template, "AWS::RDS::DBSubnetGroup")
    assert group["SubnetIds"][0].endswith("1a")
    assert [alarm["MetricName"] for alarm in properties(template, "AWS::CloudWatch::Alarm")] == [
        "AuroraGlobalDBReplicationLag"
    ]


def test_a_region_can_be_another_size() -> None:
    """Instances, capacity, scaling and write forwarding of a Region's own."""
    follower = {
        "instances": [AuroraInstance.serverless()],
        "serverless_capacity": ServerlessCapacity(minimum=2, maximum=8),
        "write_forwarding": True,
    }
    template = two_regions(follower=follower)[FRANKFURT]
    assert the_cluster(template)["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 2, "MaxCapacity": 8}
    assert the_cluster(template)["EnableGlobalWriteForwarding"] is True
    assert "EnableGlobalWriteForwarding" not in the_cluster(two_regions()[FRANKFURT])
    scaled = two_regions(follower={"reader_scaling": ReaderScaling.on_cpu(maximum=3)})[FRANKFURT]
    assert resources(scaled, "AWS::ApplicationAutoScaling::ScalableTarget")


def test_serverless_instances_take_the_primarys_capacity() -> None:
    """A Region that does not say otherwise scales within the primary's bounds."""
    capacity = ServerlessCapacity(minimum=4, maximum=12)
    template = two_regions(serverless_capacity=capacity)[FRANKFURT]
    assert the_cluster(template)["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 4, "MaxCapacity": 12}


def test_a_region_is_watched_by_its_own_topic() -> None:
    """How far it is behind is an alarm there, beside those of any cluster."""
    stack = new_stack()
    other = elsewhere(stack, FRANKFURT)
    vpc = any_vpc(other, ("eu-central-1a", "eu-central-1b"))
    secondary = SecondaryRegion(vpc=vpc, alarm_topic=shared_topic(other))
    AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=[secondary])
    template = templates_of(stack)[FRANKFURT]
    alarms = {alarm["MetricName"]: alarm for alarm in properties(template, "AWS::CloudWatch::Alarm")}
    assert alarms["AuroraGlobalDBReplicationLag"]["Threshold"] == 5000
    assert {"CPUUtilization", "FreeableMemory"} <= alarms.keys()


def test_a_region_is_deployed_after_the_primary() -> None:
    """Its stack depends on the primary's, and not the other way round."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    follower = Stack.of(found.secondaries[FRANKFURT])
    assert follower.region == FRANKFURT
    assert follower.stack_name == "Stack-Global-eu-central-1"
    assert stack in follower.dependencies
    assert follower not in stack.dependencies


def test_every_stack_of_production_is_protected() -> None:
    """All Regions hold state."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    assert stack.termination_protection
    assert Stack.of(found.secondaries[FRANKFURT]).termination_protection


def test_the_global_cluster_is_protected_as_its_primary() -> None:
    """Or as the caller says."""
    for argument, protected in ((None, True), (False, False)):
        stack = new_stack()
        secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
        AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries, deletion_protection=argument)
        (found,) = properties(templates_of(stack)["Stack"], "AWS::RDS::GlobalCluster")
        assert found["DeletionProtection"] is protected


def test_the_writer_is_found_wherever_it_is() -> None:
    """One name leads to the Region that writes; a Region's own clients read nearby."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    endpoint = {"Fn::GetAtt": ["GlobalGlobalCluster657DC041", "GlobalEndpoint.Address"]}
    assert stack.resolve(found.writer_endpoint) == endpoint
    follower = found.secondaries[FRANKFURT]
    environment = Stack.of(follower).resolve(follower.connection_environment)
    assert environment["DATABASE_HOST"]["Fn::GetAtt"][1] == "ReadEndpoint.Address"
    assert environment["DATABASE_NAME"] == "app"


def test_a_region_grants_for_itself() -> None:
    """Signing in there is on the cluster there; there is no password to read."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    follower = found.secondaries[FRANKFURT]
    client = iam.ManagedPolicy(Stack.of(follower), "Client")
    follower.grant_connect(client, "app")
    with pytest.raises(ValueError, match=r"no password of its own, got a secondary cluster; allowed: the primary"):
        follower.grant_read_secret(client)
    template = templates_of(stack)[FRANKFURT]
    assert f":rds-db:{FRANKFURT}:" in str(resources(template, "AWS::IAM::ManagedPolicy"))


def test_an_existing_cluster_becomes_global_in_place() -> None:
    """The second of the two deployments replaces nothing of the cluster; nor does a further Region."""
    stack = new_stack()
    primary_of(stack)
    before = template_of(stack)
    after = two_regions()["Stack"]
    assert_no_replacement(before, after, types=STATEFUL_TYPES, region="eu-west-1")


def test_the_first_deployment_replaces_nothing_either() -> None:
    """From the default to a secret of our own, a pinned minor version and no automatic upgrades."""
    stack = new_stack()
    AuroraCluster(stack, "Database", vpc=any_vpc(stack))
    second = new_stack()
    primary_of(second)
    data = {"AWS::RDS::DBCluster", "AWS::KMS::Key", "AWS::Logs::LogGroup"}
    assert_no_replacement(template_of(stack), template_of(second), types=data, region="eu-west-1")


def test_a_restored_primary_makes_another_global_database() -> None:
    """Its source can never change, so the next is made beside it, by another name."""
    templates = [two_regions()["Stack"], two_regions(restore=RestoreSource.from_snapshot("saved"))["Stack"]]
    found = [properties(template, "AWS::RDS::GlobalCluster")[0] for template in templates]
    names = [one["GlobalClusterIdentifier"] for one in found]
    assert len(set(names)) == 2


def test_one_reader_elsewhere_is_no_single_instance() -> None:
    """A Region that follows may have one instance: its failure stops no writes."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT), instances=[AuroraInstance.serverless()])]
    found = AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)
    assert not any("SingleInstance" in text for text in warnings_of(Stack.of(found.secondaries[FRANKFURT])))


def test_only_the_primary_has_a_proxy() -> None:
    """A proxy, the Data API and AWS Backup are the primary's."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    primary = primary_of(stack, proxy=DatabaseProxy(), data_api=True)
    follower = AuroraGlobal(stack, "Global", primary=primary, secondaries=secondaries).secondaries[FRANKFURT]
    assert isinstance(follower, AuroraDatabase)
    assert follower.proxy is None
    assert the_cluster(templates_of(stack)[FRANKFURT])["EnableHttpEndpoint"] is False


OLD = rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.of("13.20", "13"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"master_password": MasterPassword.MANAGED}, "primary: RDS manages no password of a global database"),
        ({"engine": None}, "primary: Regions may choose other minor versions, got engine version '17'"),
        (
            {"engine": rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.of("8.0", "8.0"))},
            r"primary: Regions may choose other minor versions, got engine version '8\.0'",
        ),
        ({"auto_minor_version_upgrade": True}, "primary: Regions would be upgraded apart from each other"),
        (
            {"serverless_capacity": ServerlessCapacity(minimum=0, maximum=4)},
            "primary: a global database keeps its instances awake",
        ),
        (
            {"instances": [AuroraInstance.provisioned(ec2.InstanceType("t4g.large"))]},
            r"primary: burstable classes are in no global database, got 'db\.t4g\.large'",
        ),
    ],
)
def test_a_primary_that_does_not_do_is_refused(arguments: dict[str, Any], message: str) -> None:
    """The message says what to change; nothing is added to the tree."""
    stack = new_stack()
    primary = primary_of(stack, **arguments)
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT))]
    with pytest.raises(ValueError, match=f"^Stack/Global: {message}.*; allowed: "):
        AuroraGlobal(stack, "Global", primary=primary, secondaries=secondaries)
    assert stack.node.try_find_child("Global") is None


@pytest.mark.parametrize(
    ("follower", "message"),
    [
        ({"region": "eu-west-1"}, "secondaries: the primary's own Region, got 'eu-west-1'"),
        (
            {"serverless_capacity": ServerlessCapacity(minimum=0, maximum=4)},
            "serverless_capacity: no instance is serverless",
        ),
        (
            {
                "instances": [AuroraInstance.serverless()],
                "serverless_capacity": ServerlessCapacity(minimum=0, maximum=4),
            },
            "serverless_capacity: would never pause, got minimum=0 with a global database",
        ),
        (
            {"instances": [AuroraInstance.provisioned(ec2.InstanceType("t4g.medium"))]},
            "secondaries: burstable classes",
        ),
        ({"instances": (), "write_forwarding": True}, "secondaries: a headless Region has no readers"),
        (
            {"instances": (), "reader_scaling": ReaderScaling.on_cpu(maximum=2)},
            "secondaries: a headless Region has no readers",
        ),
        (
            {"instances": (), "serverless_capacity": ServerlessCapacity(maximum=2)},
            "secondaries: a headless Region has no capacity",
        ),
        (
            {"instances": [AuroraInstance.serverless()], "reader_scaling": ReaderScaling.on_cpu(maximum=2)},
            "reader_scaling: there is no reader",
        ),
    ],
)
def test_a_secondary_that_does_not_do_is_refused(follower: dict[str, Any], message: str) -> None:
    """The message says what to change; nothing is added to the tree."""
    stack = new_stack()
    primary = primary_of(stack)
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT), **follower)]
    with pytest.raises(ValueError, match=f"^Stack/Global: {message}.*; allowed: "):
        AuroraGlobal(stack, "Global", primary=primary, secondaries=secondaries)
    assert stack.node.try_find_child("Global") is None


def test_an_engine_that_cannot_forward_is_refused() -> None:
    """Write forwarding has a first version."""
    stack = new_stack()
    secondaries = [SecondaryRegion(vpc=vpc_in(stack, FRANKFURT), write_forwarding=True)]
    with pytest.raises(ValueError, match=r"secondaries: write_forwarding: this engine version does not have .*14\.9"):
        AuroraGlobal(stack, "Global", primary=primary_of(stack, engine=OLD), secondaries=secondaries)


@pytest.mark.parametrize("count", [0, 11])
def test_one_to_ten_regions_follow(count: int) -> None:
    """As many as Aurora takes."""
    stack = new_stack()
    vpc = any_vpc(elsewhere(stack, FRANKFURT))
    secondaries = [SecondaryRegion(vpc=vpc, region=f"eu-north-{number}") for number in range(count)]
    with pytest.raises(ValueError, match=f"^Stack/Global: secondaries: got {count}; allowed: 1 to 10"):
        AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=secondaries)


def test_a_region_is_named_once() -> None:
    """Two clusters of one Region cannot follow the same primary."""
    stack = new_stack()
    vpc = vpc_in(stack, FRANKFURT)
    with pytest.raises(ValueError, match=r"^Stack/Global: secondaries: a Region twice, got 'eu-central-1'; allowed"):
        AuroraGlobal(
            stack,
            "Global",
            primary=primary_of(stack),
            secondaries=[SecondaryRegion(vpc=vpc), SecondaryRegion.headless(vpc=vpc)],
        )


def test_regions_are_known() -> None:
    """A stack without a Region cannot be the primary's, nor a VPC without one a secondary's."""
    app = new_app()
    agnostic = Stack(app, "Agnostic")
    known = Stack(app, "Known", env=Environment(account="111111111111", region="eu-west-1"))
    with pytest.raises(ValueError, match=r"^Known/Global: secondaries: a Region that is not known"):
        AuroraGlobal(known, "Global", primary=primary_of(known), secondaries=[SecondaryRegion(vpc=any_vpc(agnostic))])
    nowhere = Stack(app, "Nowhere")
    with pytest.raises(ValueError, match=r"^Nowhere/Global: primary: its Region is not known"):
        AuroraGlobal(nowhere, "Global", primary=primary_of(nowhere), secondaries=[])


def test_the_scope_is_the_primarys_stack() -> None:
    """The global cluster refers to its source, and so is made beside it."""
    stack = new_stack()
    other = elsewhere(stack, FRANKFURT)
    with pytest.raises(ValueError, match=r"^Other-eu-central-1/Global: primary: in another stack, got 'Stack/Dat"):
        AuroraGlobal(other, "Global", primary=primary_of(stack), secondaries=[])


def test_a_shared_key_of_a_region_is_refused() -> None:
    """The key is the database's own in every Region."""
    stack = new_stack()
    other = elsewhere(stack, FRANKFURT)
    vpc = any_vpc(other, ("eu-central-1a", "eu-central-1b"))
    one = SecondaryRegion(vpc=vpc, encryption_key=WorkloadKey.of(other).key)
    with pytest.raises(ValueError, match=r"^Stack/Global: encryption_key: the stack's shared key"):
        AuroraGlobal(stack, "Global", primary=primary_of(stack), secondaries=[one])


def test_what_is_retained_stays_global() -> None:
    """A retained primary's global cluster is retained with it."""
    template = two_regions(removal_policy=RemovalPolicy.RETAIN, environment_type=EnvironmentType.PROD)["Stack"]
    ((_, found),) = resources(template, "AWS::RDS::GlobalCluster").items()
    assert found["DeletionPolicy"] == "Retain"
