"""LifecycleBucket: what its template holds by default, what each argument changes, and what it refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Environment, RemovalPolicy, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import (
    DataPerimeter,
    EnvironmentType,
    InstanceRole,
    IntelligentTieringArchive,
    InventoryFrequency,
    LifecycleBucket,
    LifecycleProfile,
    LifecycleRule,
    LogBucket,
    LogBucketPurpose,
    LogSource,
    ObjectLock,
    PowertoolsFunction,
    Replication,
    ServerSideEncryption,
    StorageClass,
)
from aws_architect_constructs.testing.nag import NagPack, nag_report
from aws_architect_constructs.testing.replacement import assert_no_replacement
from support.fargate import worker
from support.instances_powertools_function import ORDERS
from support.synthesis import (
    ENV,
    Template,
    new_app,
    new_stack,
    properties,
    resources,
    synthesize,
    template_of,
    warnings_of,
)

ACCOUNT = "111111111111"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/Administrator"


def template_with(**options: Any) -> Template:
    """The template of a bucket with these arguments."""
    return synthesize(lambda stack: LifecycleBucket(stack, "Documents", **options))


def bucket_of(template: Template) -> dict[str, Any]:
    """The properties of the bucket itself, beside those of log buckets."""
    (bucket,) = (
        resource["Properties"]
        for logical_id, resource in resources(template, "AWS::S3::Bucket").items()
        if logical_id.startswith("Documents")
    )
    found: dict[str, Any] = bucket
    return found


def bucket_with(**options: Any) -> dict[str, Any]:
    """The properties of a bucket with these arguments."""
    return bucket_of(template_with(**options))


def test_public_access_and_acls_are_off() -> None:
    """Nothing of the bucket can be made public, by policy or by ACL."""
    bucket = bucket_with()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_it_is_encrypted_with_the_stacks_key() -> None:
    """The stack's key encrypts, with a bucket key, and customers' own are blocked."""
    template = template_with()
    (key,) = resources(template, "AWS::KMS::Key")
    (rule,) = bucket_of(template)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": {"Fn::GetAtt": [key, "Arn"]},
    }
    assert (rule["BucketKeyEnabled"], rule["BlockedEncryptionTypes"]) == (True, {"EncryptionType": ["SSE-C"]})


def test_encryption_by_s3s_own_keys_is_a_choice() -> None:
    """With S3's own keys there is no key in the stack."""
    template = template_with(encryption=ServerSideEncryption.S3)
    (rule,) = bucket_of(template)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert resources(template, "AWS::KMS::Key") == {}


def test_the_callers_key_encrypts() -> None:
    """A key of the caller's takes the place of the stack's."""
    template = synthesize(lambda stack: LifecycleBucket(stack, "Documents", encryption_key=kms.Key(stack, "Own")))
    (key,) = resources(template, "AWS::KMS::Key")
    assert key.startswith("Own")
    assert key in str(bucket_of(template)["BucketEncryption"])


def test_versions_are_kept() -> None:
    """Versioning is on."""
    assert bucket_with()["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("environment_type", [EnvironmentType.DEV, EnvironmentType.PROD])
@pytest.mark.parametrize(("removal_policy", "kept"), [(None, "Retain"), (RemovalPolicy.DESTROY, "Delete")])
def test_bucket_and_policy_stay(
    environment_type: EnvironmentType, removal_policy: RemovalPolicy | None, kept: str
) -> None:
    """The bucket stays when its stack goes, with the policy that guards it, unless the caller says otherwise."""
    template = template_with(environment_type=environment_type, removal_policy=removal_policy)
    kinds = {
        resource["Type"]: resource["DeletionPolicy"]
        for logical_id, resource in template["Resources"].items()
        if logical_id.startswith("Documents")
    }
    assert kinds == {"AWS::S3::Bucket": kept, "AWS::S3::BucketPolicy": kept}


@pytest.mark.parametrize(
    ("declared", "argument", "protected"),
    [
        (EnvironmentType.PROD, None, True),
        (None, EnvironmentType.PROD, True),
        (EnvironmentType.PROD, EnvironmentType.DEV, False),
        (None, None, False),
    ],
)
def test_a_production_stack_is_protected(
    declared: EnvironmentType | None, argument: EnvironmentType | None, protected: bool
) -> None:
    """A stack with a bucket is protected from deletion where PROD is declared; the own argument counts first."""
    stack = new_stack(declared)
    own = LogBucket(stack, "Logs", environment_type=EnvironmentType.DEV)
    key = kms.Key(stack, "Key")
    LifecycleBucket(stack, "Documents", environment_type=argument, access_log_bucket=own.bucket, encryption_key=key)
    assert bool(stack.termination_protection) is protected


def test_requests_are_logged_to_the_stacks_bucket() -> None:
    """Server access logs go to the stack's log bucket, after its policy."""
    template = template_with()
    (logs,) = (found for found in resources(template, "AWS::S3::Bucket") if found.startswith("AccessLog"))
    (policy,) = (found for found in resources(template, "AWS::S3::BucketPolicy") if found.startswith("AccessLog"))
    assert bucket_of(template)["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": logs}
    (resource,) = (
        resource
        for logical_id, resource in resources(template, "AWS::S3::Bucket").items()
        if logical_id.startswith("Documents")
    )
    assert policy in resource["DependsOn"]


def test_requests_are_logged_where_the_caller_says() -> None:
    """A bucket of the caller's takes the logs, and no other is made."""
    template = synthesize(
        lambda stack: LifecycleBucket(stack, "Documents", access_log_bucket=LogBucket(stack, "Logs").bucket)
    )
    assert len(resources(template, "AWS::S3::Bucket")) == 2
    assert "LogsBucket" in str(bucket_of(template)["LoggingConfiguration"])


def test_the_default_never_deletes_a_current_object() -> None:
    """By default objects move to Intelligent-Tiering, noncurrent versions go at 90 days, and nothing else goes."""
    rules = bucket_with()["LifecycleConfiguration"]
    assert rules == {
        "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
        "Rules": [
            {
                "Id": "UnknownAccess",
                "Status": "Enabled",
                "Transitions": [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            },
            {
                "Id": "Remains",
                "Status": "Enabled",
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "ExpiredObjectDeleteMarker": True,
            },
        ],
    }


@pytest.mark.parametrize("profile", LifecycleProfile)
def test_every_profile_clears_what_remains(profile: LifecycleProfile) -> None:
    """Whatever the profile, given by name or text, incomplete uploads and orphaned delete markers go."""
    by_name, by_text = bucket_with(lifecycle=profile), bucket_with(lifecycle=profile.value)
    assert by_name == by_text
    rules = by_name["LifecycleConfiguration"]["Rules"]
    assert len(rules) == len(profile.rules) + 1
    assert rules[-1]["ExpiredObjectDeleteMarker"] is True


def test_an_archive_is_written_as_documented() -> None:
    """ARCHIVE's rule is the one of its table."""
    rule = bucket_with(lifecycle=LifecycleProfile.ARCHIVE)["LifecycleConfiguration"]["Rules"][0]
    assert [(step["StorageClass"], step["TransitionInDays"]) for step in rule["Transitions"]] == [
        ("STANDARD_IA", 30),
        ("GLACIER_IR", 90),
        ("DEEP_ARCHIVE", 365),
    ]
    assert rule["ExpirationInDays"] == 2555
    assert rule["NoncurrentVersionTransitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": 7}]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


@pytest.mark.parametrize(
    ("sizes", "written"),
    [
        ({}, [{}]),
        ({"object_size_greater_than": 5}, [{"ObjectSizeGreaterThan": "5"}]),
        (
            {"object_size_less_than": 1 << 20},
            [{"ObjectSizeGreaterThan": "131071", "ObjectSizeLessThan": "1048576"}, {"ObjectSizeLessThan": "1048576"}],
        ),
        ({"object_size_less_than": 1000}, [{"ObjectSizeLessThan": "1000"}]),
    ],
)
def test_small_objects_are_kept_out_of_transitions(sizes: dict[str, Any], written: list[dict[str, str]]) -> None:
    """A rule with an upper size alone is written as two, because S3's own minimum gives way to any size in a filter."""
    rule = LifecycleRule(
        name="Rule",
        transitions={StorageClass.GLACIER_IR: 30},
        expiration_days=180,
        noncurrent_expiration_days=30,
        **sizes,
    )
    *rules, _ = bucket_with(lifecycle=[rule])["LifecycleConfiguration"]["Rules"]
    found = [{key: value for key, value in rule.items() if key.startswith("ObjectSize")} for rule in rules]
    assert found == written
    assert ["Transitions" in rule for rule in rules] == [True, False][: len(rules)]
    assert "ExpirationInDays" in rules[-1]


def test_a_rule_with_an_upper_size_that_ends_nothing_is_written_as_one() -> None:
    """There is no second half without an expiry."""
    rule = LifecycleRule(name="Rule", transitions={StorageClass.GLACIER: 30}, object_size_less_than=1 << 20)
    rules = bucket_with(lifecycle=[rule])["LifecycleConfiguration"]["Rules"]
    assert [rule["Id"] for rule in rules] == ["Rule", "Remains"]


def warnings_with(**options: Any) -> list[str]:
    """The warnings of a bucket with these arguments."""
    stack = new_stack()
    LifecycleBucket(stack, "Documents", **options)
    return warnings_of(stack)


@pytest.mark.parametrize("profile", [profile for profile in LifecycleProfile if profile != "ARCHIVE"])
def test_profiles_warn_of_nothing(profile: LifecycleProfile) -> None:
    """A profile costs nothing for nothing, ARCHIVE's noncurrent versions excepted."""
    assert warnings_with(lifecycle=profile) == []


def test_the_archive_warns_of_seven_days() -> None:
    """ARCHIVE's noncurrent versions leave Glacier Instant Retrieval seven days early, and the warning says so."""
    (warning,) = warnings_with(lifecycle=LifecycleProfile.ARCHIVE)
    assert "aws-architect-constructs::EarlyDeletion" in warning
    assert "noncurrent versions leave GLACIER_IR early, 7 days are billed for nothing" in warning


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"transitions": {StorageClass.DEEP_ARCHIVE: 0}, "expiration_days": 179}, "EarlyDeletion"),
        ({"transitions": {StorageClass.STANDARD_IA: 30}, "object_size_greater_than": 0}, "SmallObjectTransition"),
    ],
)
def test_rules_that_lose_money_warn(rule: dict[str, Any], name: str) -> None:
    """A rule that S3 accepts and bills for nothing is a named warning."""
    own = LifecycleRule(name="Rule", noncurrent_expiration_days=1, **rule)
    (warning,) = warnings_with(lifecycle=[own])
    assert f"aws-architect-constructs::{name}" in warning
    assert "'Rule'" in warning


@pytest.mark.parametrize(("days", "warned"), [(None, True), (30, False)])
def test_own_rules_that_end_no_version_warn(days: int | None, warned: bool) -> None:
    """Rules of one's own that end no noncurrent version are told that they pile up."""
    rule = LifecycleRule(name="Rule", expiration_days=30, noncurrent_expiration_days=days)
    assert any("NoncurrentVersionsKept" in warning for warning in warnings_with(lifecycle=[rule])) is warned


@pytest.mark.parametrize(
    ("archive", "tierings"),
    [
        ({"archive_days": 90}, [("ARCHIVE_ACCESS", 90)]),
        ({"deep_archive_days": 180}, [("DEEP_ARCHIVE_ACCESS", 180)]),
        ({"archive_days": 100, "deep_archive_days": 730}, [("ARCHIVE_ACCESS", 100), ("DEEP_ARCHIVE_ACCESS", 730)]),
    ],
)
def test_archive_tiers_are_asked_for(archive: dict[str, int], tierings: list[tuple[str, int]]) -> None:
    """Intelligent-Tiering archives when it is asked to, and not by default."""
    bucket = bucket_with(intelligent_tiering_archive=IntelligentTieringArchive(**archive))
    (configuration,) = bucket["IntelligentTieringConfigurations"]
    assert [(tier["AccessTier"], tier["Days"]) for tier in configuration["Tierings"]] == tierings
    assert "IntelligentTieringConfigurations" not in bucket_with()


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        ({}, "it archives nothing"),
        ({"archive_days": 89}, "archive_days: .* got 89; allowed: 90 to 730"),
        ({"deep_archive_days": 179}, "deep_archive_days: .* got 179; allowed: 180 to 730"),
        ({"archive_days": 300, "deep_archive_days": 300}, "deep_archive_days: .* got 300; allowed: 301 to 730"),
    ],
)
def test_archive_tiers_have_bounds(archive: dict[str, int], problem: str) -> None:
    """What S3 would refuse is refused."""
    with pytest.raises(ValueError, match=problem):
        IntelligentTieringArchive(**archive)


def test_a_lock_comes_with_the_bucket() -> None:
    """Object Lock is on with its mode and days, and off by default."""
    bucket = bucket_with(object_lock=ObjectLock.compliance(10))
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 10, "Mode": "COMPLIANCE"}
    assert "ObjectLockEnabled" not in bucket_with()


def test_event_bridge_needs_no_function() -> None:
    """EventBridge hears of objects by the bucket's own property; CDK's option would add a custom resource."""
    template = template_with(event_bridge=True)
    assert bucket_of(template)["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert resources(template, "AWS::Lambda::Function") == {}
    assert "NotificationConfiguration" not in bucket_with()


@pytest.mark.parametrize("frequency", InventoryFrequency)
def test_an_inventory_goes_beside_the_access_logs(frequency: InventoryFrequency) -> None:
    """S3 lists the objects as often as asked, where the access logs are, whose bucket admits it."""
    template = template_with(inventory=frequency)
    (inventory,) = bucket_of(template)["InventoryConfigurations"]
    assert (inventory["ScheduleFrequency"], inventory["Destination"]["Format"]) == (frequency.value, "Parquet")
    assert (inventory["IncludedObjectVersions"], inventory["Enabled"]) == ("All", True)
    assert "AccessLogBucket" in str(inventory["Destination"]["BucketArn"])
    assert "InventoryWrite" in str(resources(template, "AWS::S3::BucketPolicy"))
    assert "InventoryConfigurations" not in bucket_with()


def test_metrics_are_asked_for() -> None:
    """CloudWatch has metrics of requests if asked."""
    assert bucket_with(request_metrics=True)["MetricsConfigurations"] == [{"Id": "EntireBucket"}]
    assert "MetricsConfigurations" not in bucket_with()


def test_the_accounts_own_namespace() -> None:
    """The name begins as asked, in the account's own namespace."""
    bucket = bucket_with(account_regional_name_prefix="acme-documents")
    assert (bucket["BucketNamePrefix"], bucket["BucketNamespace"]) == ("acme-documents", "account-regional")
    assert "BucketNamespace" not in bucket_with()


def replicated(stack: Stack, **options: Any) -> LifecycleBucket:
    """A bucket that is replicated to an imported one."""
    key = kms.Key.from_key_arn(stack, "TheirKey", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1")
    there = s3.Bucket.from_bucket_name(stack, "There", "there")
    destination = Replication.to(there, encryption_key=key, **options)
    return LifecycleBucket(stack, "Documents", replication=[destination])


@pytest.mark.parametrize(
    ("options", "path", "value"),
    [
        ({}, "DeleteMarkerReplication", {"Status": "Disabled"}),
        ({"delete_markers": True}, "DeleteMarkerReplication", {"Status": "Enabled"}),
        ({}, "Filter", {"Prefix": ""}),
        ({"prefix": "a/"}, "Filter", {"Prefix": "a/"}),
        ({}, "SourceSelectionCriteria", {"SseKmsEncryptedObjects": {"Status": "Enabled"}}),
        ({}, "Priority", 1),
    ],
)
def test_what_is_replicated(options: dict[str, Any], path: str, value: object) -> None:
    """Each choice of a replication is in its rule."""
    bucket = bucket_of(synthesize(lambda stack: replicated(stack, **options)))
    (rule,) = bucket["ReplicationConfiguration"]["Rules"]
    assert rule[path] == value


@pytest.mark.parametrize(
    ("options", "present"),
    [
        ({}, {"Bucket", "EncryptionConfiguration"}),
        ({"account": "222222222222"}, {"Bucket", "EncryptionConfiguration", "Account", "AccessControlTranslation"}),
        ({"storage_class": StorageClass.GLACIER_IR}, {"Bucket", "EncryptionConfiguration", "StorageClass"}),
        ({"time_control": True}, {"Bucket", "EncryptionConfiguration", "ReplicationTime", "Metrics"}),
    ],
)
def test_where_it_is_replicated_to(options: dict[str, Any], present: set[str]) -> None:
    """Account, class and time control are in the destination if asked for."""
    bucket = bucket_of(synthesize(lambda stack: replicated(stack, **options)))
    assert set(bucket["ReplicationConfiguration"]["Rules"][0]["Destination"]) == present


def test_replication_to_a_bucket_of_another_stack() -> None:
    """A bucket of this app tells its own key, and its stack depends on nothing."""
    app = new_app()
    here, there = new_stack(app=app, name="Here"), new_stack(app=app, name="There")
    copies = LifecycleBucket(there, "Copies")
    LifecycleBucket(here, "Documents", replication=[Replication.to(copies.bucket)])
    bucket = bucket_of(template_of(here))
    assert "WorkloadKey" in str(
        bucket["ReplicationConfiguration"]["Rules"][0]["Destination"]["EncryptionConfiguration"]
    )
    assert (here in there.dependencies, there in here.dependencies) == (False, True)


def test_replication_to_another_region_of_the_app() -> None:
    """Names and keys of another Region's stack are read from it, without fixed names and custom resources."""
    app = new_app()
    here = new_stack(app=app, name="Here")
    there = new_stack(app=app, name="There", env=Environment(account=ACCOUNT, region="us-east-1"))
    copies = LifecycleBucket(there, "Copies")
    LifecycleBucket(here, "Documents", replication=[Replication.to(copies.bucket)])
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [found.rule for found in report.findings] == []
    template = template_of(here)
    destination = bucket_of(template)["ReplicationConfiguration"]["Rules"][0]["Destination"]
    for value in (destination["Bucket"], destination["EncryptionConfiguration"]["ReplicaKmsKeyID"]):
        assert (value["Fn::GetStackOutput"]["StackName"], value["Fn::GetStackOutput"]["Region"]) == (
            "There",
            "us-east-1",
        )
    assert not any(resource["Type"].startswith("Custom::") for resource in template["Resources"].values())
    assert (here in there.dependencies, there in here.dependencies) == (False, True)


def test_several_destinations_have_priorities() -> None:
    """Each destination has a rule of its own priority, and the role may replicate into each."""

    def build(stack: Stack) -> None:
        destinations = [
            Replication.to(s3.Bucket.from_bucket_name(stack, name, name.lower())) for name in ("One", "Two")
        ]
        LifecycleBucket(stack, "Documents", encryption=ServerSideEncryption.S3, replication=destinations)

    template = synthesize(build)
    rules = bucket_of(template)["ReplicationConfiguration"]["Rules"]
    assert [(rule["Id"], rule["Priority"]) for rule in rules] == [("Replication1", 1), ("Replication2", 2)]
    policy = str(properties(template, "AWS::IAM::ManagedPolicy"))
    assert ":s3:::one/*" in policy
    assert ":s3:::two/*" in policy


def test_replication_without_keys() -> None:
    """A bucket with S3's own keys is replicated without any."""

    def build(stack: Stack) -> None:
        there = s3.Bucket.from_bucket_name(stack, "There", "there")
        LifecycleBucket(stack, "Documents", encryption=ServerSideEncryption.S3, replication=[Replication.to(there)])

    template = synthesize(build)
    (rule,) = bucket_of(template)["ReplicationConfiguration"]["Rules"]
    assert "SourceSelectionCriteria" not in rule
    assert "kms:" not in str(resources(template, "AWS::IAM::ManagedPolicy"))


def test_copies_under_a_key_of_what_has_none() -> None:
    """S3 takes the copies' key only beside the choice to copy what a key encrypts, whatever the originals are under."""
    app = new_app()
    here, there = new_stack(app=app, name="Here"), new_stack(app=app, name="There")
    copies = LifecycleBucket(there, "Copies")
    LifecycleBucket(here, "Documents", encryption=ServerSideEncryption.S3, replication=[Replication.to(copies.bucket)])
    (rule,) = bucket_of(template_of(here))["ReplicationConfiguration"]["Rules"]
    assert "ReplicaKmsKeyID" in rule["Destination"]["EncryptionConfiguration"]
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}


def test_locked_objects_are_copied_to_a_bucket_with_a_lock() -> None:
    """From a bucket with Object Lock S3 copies to another with one; of an imported bucket nobody knows."""
    app = new_app()
    there = new_stack(app=app, name="There")
    locked = LifecycleBucket(there, "Locked", object_lock=ObjectLock.governance(1))
    imported = s3.Bucket.from_bucket_name(there, "Imported", "imported")
    key = locked.bucket.encryption_key
    LifecycleBucket(
        new_stack(app=app, name="Here"),
        "Documents",
        object_lock=ObjectLock.governance(1),
        replication=[Replication.to(locked.bucket), Replication.to(imported, encryption_key=key)],
    )


@pytest.mark.parametrize("across", [False, True])
def test_a_replications_star_is_acknowledged(across: bool) -> None:
    """The finding about the copies' keys is excused, though of another stack's bucket it is named after an export."""
    app = new_app()
    here = new_stack(app=app, name="Here")
    copies = LifecycleBucket(new_stack(app=app, name="There") if across else here, "Copies")
    LifecycleBucket(here, "Documents", replication=[Replication.to(copies.bucket)])
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [found.rule for found in report.findings if "IAM5" in found.rule] == []


def test_a_replicated_bucket_satisfies_the_rule_about_it() -> None:
    """The finding about replication is fixed with it, rather than acknowledged."""
    app = new_app()
    replicated(new_stack(app=app))
    raw = [
        finding.construct_path
        for finding in nag_report(app, [NagPack.HIPAA_SECURITY]).pack(NagPack.HIPAA_SECURITY).raw
        if finding.rule.endswith("S3BucketReplicationEnabled")
    ]
    assert raw == ["Stack/AccessLogBucket/Bucket/Resource"]


def test_access_points_are_private() -> None:
    """An access point blocks public access, and takes requests of its VPC alone if there is one."""

    def build(stack: Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", availability_zones=["eu-west-1a"])
        bucket = LifecycleBucket(stack, "Documents")
        bucket.add_access_point("Anywhere")
        bucket.add_access_point("Network", vpc=vpc)

    anywhere, network = properties(synthesize(build), "AWS::S3::AccessPoint")
    assert set(anywhere["PublicAccessBlockConfiguration"].values()) == {True}
    assert ("VpcConfiguration" in anywhere, network["VpcConfiguration"]) == (False, {"VpcId": "vpc-1"})


def test_names_and_arns_are_at_hand() -> None:
    """The construct tells what its bucket is called."""
    stack = new_stack()
    bucket = LifecycleBucket(stack, "Documents")
    assert (bucket.bucket_arn, bucket.bucket_name) == (bucket.bucket.bucket_arn, bucket.bucket.bucket_name)
    assert bucket.arn_for_objects("a/*") == bucket.bucket.arn_for_objects("a/*")


def test_grants_land_in_a_constructs_own_policy() -> None:
    """A construct that keeps a managed policy gets the grant there, and no inline one."""

    def build(stack: Stack) -> None:
        LifecycleBucket(stack, "Documents").grant_read(InstanceRole(stack, "Bastion"))

    template = synthesize(build)
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    assert "s3:GetObjectVersion" in str(policy)
    assert resources(template, "AWS::IAM::Policy") == {}


def test_a_grant_with_an_imported_key() -> None:
    """An imported key is used through the role's own policy."""

    def build(stack: Stack) -> None:
        key = kms.Key.from_key_arn(stack, "Theirs", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1")
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        LifecycleBucket(stack, "Documents", encryption_key=key).grant_read(iam.ManagedPolicy(stack, "P", roles=[role]))

    (policy,) = properties(synthesize(build), "AWS::IAM::ManagedPolicy")
    assert f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1" in str(policy)


def perimeter(**options: Any) -> DataPerimeter:
    """A data perimeter, with an administrator unless told otherwise."""
    return DataPerimeter(**{"organization_id": "o-abcdefghij", "administrator_role_arns": [ADMINISTRATOR], **options})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"organization_id": None}, "data_perimeter: it keeps nobody out"),
        ({"organization_id": "acme"}, "organization_id: no organization id"),
        ({"vpc_endpoint_ids": ["vpc-1"]}, "vpc_endpoint_ids: no VPC endpoint id"),
        ({"vpc_endpoint_ids": "vpce-0123456789abcdef0"}, "vpc_endpoint_ids: not a list"),
        ({"administrator_role_arns": []}, "nobody could change the bucket's policy again"),
        ({"administrator_role_arns": ["*"]}, "no role"),
        ({"administrator_role_arns": [f"arn:aws:iam::{ACCOUNT}:role/*"]}, "no role"),
        ({"administrator_role_arns": [f"arn:aws:iam::{ACCOUNT}:root"]}, "no role"),
        ({"exempt_role_arns": ["arn:aws:iam::*:role/App"]}, "no role"),
    ],
)
def test_a_perimeter_that_is_none_is_refused(options: dict[str, Any], problem: str) -> None:
    """A perimeter keeps somebody out, and leaves somebody in who could lift it."""
    with pytest.raises(ValueError, match=problem):
        perimeter(**options)


def test_a_perimeter_needs_an_administrator_of_the_buckets_account() -> None:
    """Roles of other accounts could not change the policy: at least one has to be of the bucket's own."""
    foreign = perimeter(administrator_role_arns=["arn:aws:iam::222222222222:role/Administrator"])
    with pytest.raises(ValueError, match=r"Stack/Documents: .* could change its policy again, got .* 222222222222"):
        LifecycleBucket(new_stack(), "Documents", data_perimeter=foreign)
    LifecycleBucket(new_stack(env=None), "Documents", data_perimeter=foreign)  # nobody knows the account yet


def test_a_perimeter_takes_paths_and_tokens() -> None:
    """Roles of IAM Identity Center have random ends, and a role of this app is a token."""
    stack = new_stack()
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("cloudformation.amazonaws.com"))
    sso = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_*"
    LifecycleBucket(stack, "Documents", data_perimeter=perimeter(administrator_role_arns=[sso, role.role_arn]))
    (policy,) = (
        policy
        for logical_id, policy in resources(template_of(stack), "AWS::S3::BucketPolicy").items()
        if logical_id.startswith("Documents")
    )
    assert "AWSReservedSSO_Admin_*" in str(policy)


REFUSED: dict[str, tuple[Callable[[Stack], dict[str, Any]], str]] = {
    "profile": (lambda _: {"lifecycle": "COLD"}, "no such LifecycleProfile"),
    "rules": (lambda _: {"lifecycle": [{"name": "x"}]}, "lifecycle: not all rules, got .*dict"),
    "names": (
        lambda _: {
            "lifecycle": [LifecycleRule(name="A", expiration_days=1), LifecycleRule(name="A", expiration_days=2)]
        },
        "is its own",
    ),
    "encryption": (lambda _: {"encryption": "ROT13"}, "no such ServerSideEncryption"),
    "key": (
        lambda stack: {"encryption": ServerSideEncryption.S3, "encryption_key": kms.Key(stack, "Key")},
        "encryption_key: S3 encrypts with keys of its own",
    ),
    "replication": (lambda stack: {"replication": [s3.Bucket(stack, "There")]}, "replication: not all destinations"),
    "replication-key": (
        lambda stack: {"replication": [Replication.to(s3.Bucket.from_bucket_name(stack, "There", "there"))]},
        "replication: objects under a customer-managed key",
    ),
    "replication-unversioned": (
        lambda stack: {
            "encryption": ServerSideEncryption.S3,
            "replication": [Replication.to(s3.Bucket(stack, "There"))],
        },
        "replication: the destination keeps no versions, got Stack/There",
    ),
    "replication-unlocked": (
        lambda stack: {
            "object_lock": ObjectLock.governance(1),
            "replication": [Replication.to(LifecycleBucket(stack, "There").bucket)],
        },
        "replication: from a bucket with Object Lock",
    ),
    "presigned-token": (
        lambda _: {"presigned_url_max_age": Duration.minutes(Token.as_number({"Ref": "Minutes"}))},
        "presigned_url_max_age: not known yet",
    ),
    "presigned": (lambda _: {"presigned_url_max_age": Duration.days(8)}, "presigned_url_max_age: out of bounds"),
    "presigned-none": (lambda _: {"presigned_url_max_age": Duration.millis(1)}, "presigned_url_max_age: out of bounds"),
    "inventory": (lambda _: {"inventory": "Hourly"}, "no such InventoryFrequency"),
    "prefix": (lambda _: {"account_regional_name_prefix": "Acme"}, "account_regional_name_prefix: malformed"),
    "prefix-length": (lambda _: {"account_regional_name_prefix": "a" * 33}, "account_regional_name_prefix: malformed"),
    "removal": (lambda _: {"removal_policy": RemovalPolicy.SNAPSHOT}, "no bucket has snapshots"),
    "logs": (
        lambda stack: {"access_log_bucket": s3.Bucket(stack, "Logs", encryption=s3.BucketEncryption.KMS)},
        "access_log_bucket: .* customer-managed key",
    ),
    "logs-locked": (
        lambda stack: {"access_log_bucket": s3.Bucket(stack, "Logs", object_lock_enabled=True)},
        "access_log_bucket: .* no bucket with Object Lock",
    ),
    "logs-account": (
        lambda stack: {
            "access_log_bucket": s3.Bucket.from_bucket_attributes(
                stack, "Logs", bucket_name="logs", account="222222222222"
            )
        },
        "access_log_bucket: .* within their own account, got 222222222222",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_arguments_leave_no_trace(case: str) -> None:
    """A refused argument names the path and the argument, and the id is free again."""
    options, problem = REFUSED[case]
    stack = new_stack()
    with pytest.raises(ValueError, match=f"Stack/Documents: .*{problem}"):
        LifecycleBucket(stack, "Documents", **options(stack))
    LifecycleBucket(stack, "Documents")


def test_a_replications_account_is_checked() -> None:
    """An account has 12 digits."""
    there = s3.Bucket.from_bucket_name(new_stack(), "There", "there")
    with pytest.raises(ValueError, match="account: no account id"):
        Replication.to(there, account="acme")


def test_without_a_key_replication_is_let_in_by_the_bucket_alone() -> None:
    """There is no key's policy to change."""

    def build(stack: Stack) -> None:
        bucket = LifecycleBucket(stack, "Documents", encryption=ServerSideEncryption.S3)
        bucket.allow_replication_from("arn:aws:iam::222222222222:role/replicator")

    template = synthesize(build)
    assert "role/replicator" in str(resources(template, "AWS::S3::BucketPolicy"))
    assert resources(template, "AWS::KMS::Key") == {}


def test_who_replicates_is_a_role() -> None:
    """Only a role's ARN is let in to replicate, and no star."""
    bucket = LifecycleBucket(new_stack(), "Documents")
    with pytest.raises(ValueError, match="Stack/Documents: role_arn: no role"):
        bucket.allow_replication_from(f"arn:aws:iam::{ACCOUNT}:role/*")


def test_who_replicates_may_be_a_parameter() -> None:
    """A role that is known only when the stack is deployed is let in."""

    def build(stack: Stack) -> None:
        role = CfnParameter(stack, "Replicator")
        LifecycleBucket(stack, "Documents").allow_replication_from(role.value_as_string)

    assert "Replicator" in str(resources(synthesize(build), "AWS::S3::BucketPolicy"))


@pytest.mark.parametrize(
    "options",
    [
        {"environment_type": EnvironmentType.DEV},
        {"lifecycle": LifecycleProfile.ARCHIVE},
        {"presigned_url_max_age": Duration.hours(1)},
        {"data_perimeter": perimeter()},
        {"event_bridge": True, "inventory": InventoryFrequency.DAILY, "request_metrics": True},
        {"object_lock": ObjectLock.governance(1)},
        {"encryption": ServerSideEncryption.S3},
    ],
)
def test_no_later_choice_replaces_the_bucket(options: dict[str, Any]) -> None:
    """Whatever is changed after the bucket is full, it stays the bucket that it is."""
    assert_no_replacement(template_with(), template_with(**options), types=["AWS::S3::Bucket", "AWS::S3::BucketPolicy"])


def test_the_key_can_change_in_place() -> None:
    """Another key encrypts what comes after, in the same bucket."""
    own = synthesize(lambda stack: LifecycleBucket(stack, "Documents", encryption_key=kms.Key(stack, "Own")))
    before = bucket_of(template_with())
    after = bucket_of(own)
    assert {name for name in before if before[name] != after[name]} == {"BucketEncryption"}


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_other_partitions_name_no_commercial_one(region: str) -> None:
    """In China and GovCloud no ARN is of the commercial partition, whatever is switched on."""

    def build(stack: Stack) -> None:
        bucket = LifecycleBucket(
            stack,
            "Documents",
            inventory=InventoryFrequency.DAILY,
            data_perimeter=perimeter(
                administrator_role_arns=[f"arn:{stack.partition}:iam::{ACCOUNT}:role/Administrator"],
                vpc_endpoint_ids=["vpce-0123456789abcdef0"],
            ),
            replication=[Replication.to(LifecycleBucket(stack, "Copies").bucket)],
        )
        bucket.grant_read_write(iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))
        audit = LogBucket(stack, "Audit", purpose=LogBucketPurpose.AUDIT)
        for source in (LogSource.CLOUDTRAIL, LogSource.CONFIG, LogSource.FLOW_LOGS):
            audit.allow(source)

    assert "arn:aws:" not in str(synthesize(build, env=Environment(account=ACCOUNT, region=region)))


def test_another_regions_log_bucket_is_refused() -> None:
    """S3 delivers access logs within their own Region."""
    app = new_app()
    there = new_stack(app=app, name="There", env=Environment(account=ACCOUNT, region="us-east-1"))
    logs = LogBucket(there, "Logs").bucket
    here = new_stack(app=app, env=ENV)
    with pytest.raises(ValueError, match="within their own Region, got us-east-1"):
        LifecycleBucket(here, "Documents", access_log_bucket=logs)


def test_an_access_point_lets_in_its_own_account() -> None:
    """An identity of another account, which the access point's policy would not admit, is refused."""
    stack = new_stack()
    point = LifecycleBucket(stack, "Documents").add_access_point("Reports")
    role = iam.Role.from_role_arn(stack, "Theirs", "arn:aws:iam::222222222222:role/Reader")
    with pytest.raises(ValueError, match=r"Stack/Documents/Reports: identity: .*, got one of 222222222222; allowed: "):
        point.grant_read(role)


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("kind", ["role", "policy", "function", "powertools", "service", "imported"])
def test_the_star_of_a_grant_is_acknowledged(across: bool, kind: str) -> None:
    """What is granted by a pattern of keys is no finding, once or twice, at the bucket and at an access point."""
    app = new_app()
    here = new_stack(app=app, name="Here")
    there = new_stack(app=app, name="There") if across else here
    role = iam.Role(there, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    identities: dict[str, Callable[[], iam.IGrantable]] = {
        "role": lambda: role,
        "policy": lambda: iam.ManagedPolicy(there, "Policy", roles=[role]),
        "function": lambda: lambda_.Function(
            there,
            "Function",
            role=role,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("pass"),
        ),
        "powertools": lambda: PowertoolsFunction(
            there, "Function", entry=ORDERS, handler="app.handler", service="orders"
        ),
        "service": lambda: worker(there),
        "imported": lambda: iam.Role.from_role_arn(there, "Imported", f"arn:aws:iam::{ACCOUNT}:role/Reader"),
    }
    identity = identities[kind]()
    documents = LifecycleBucket(here, "Documents")
    documents.grant_read(identity)
    documents.grant_put(identity)
    documents.grant_delete(identity, "drafts/*")
    documents.add_access_point("Reports").grant_read(identity)
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [found.rule for found in report.findings if "IAM5" in found.rule] == []
    assert [entry.id for entry in report.stale if "IAM5" in entry.id] == []


def test_only_the_star_of_the_grant_is_acknowledged() -> None:
    """Another star in the same role's policy stays a finding, and keys without a star leave no acknowledgement."""
    app = new_app()
    stack = new_stack(app=app)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    LifecycleBucket(stack, "Documents").grant_read(role, "report.csv")
    role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"]))
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [found.rule for found in report.findings if "IAM5" in found.rule] == ["AwsSolutions-IAM5[Resource::*]"]
    assert [entry.id for entry in report.recorded if "IAM5" in entry.id] == []


def test_who_has_no_policies_has_nothing_to_acknowledge() -> None:
    """A service that is granted by the bucket's own policy leaves no acknowledgement."""
    app = new_app()
    LifecycleBucket(new_stack(app=app), "Documents").grant_read(iam.ServicePrincipal("athena.amazonaws.com"))
    assert [entry.id for entry in nag_report(app, [NagPack.AWS_SOLUTIONS]).recorded if "IAM5" in entry.id] == []
