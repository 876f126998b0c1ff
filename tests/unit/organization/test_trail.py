"""LogArchive and OrganizationTrail."""

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_logs as logs

from aws_architect_constructs import DataEvents, EnvironmentType, LogArchive, ObjectLock, OrganizationTrail
from support.synthesis import Template, new_app, new_stack, properties, resources, synthesize, template_of

ARCHIVE: dict[str, Any] = {"management_account": "222222222222", "organization_id": "o-abcdefghij"}
TRAIL: dict[str, Any] = {
    "bucket_name": "organization-trail-111111111111-eu-west-1",
    "key_arn": "arn:aws:kms:eu-west-1:111111111111:alias/organization-logs",
}


def archive(**arguments: Any) -> Template:
    """The template of an archive."""
    return synthesize(lambda stack: LogArchive(stack, "LogArchive", **{**ARCHIVE, **arguments}))


def trail(**arguments: Any) -> dict[str, Any]:
    """The properties of a trail."""
    found = synthesize(lambda stack: OrganizationTrail(stack, "Trail", **{**TRAIL, **arguments}))
    (one,) = properties(found, "AWS::CloudTrail::Trail")
    return one


def buckets(found: Template) -> dict[str, dict[str, Any]]:
    """The archive's own buckets by the second part of their names."""
    return {one["BucketName"].split("-")[1]: one for one in properties(found, "AWS::S3::Bucket") if "BucketName" in one}


def test_two_buckets_of_known_names() -> None:
    """One for the trail, one for AWS Config, named after account and Region."""
    found = buckets(archive())
    assert {name: one["BucketName"] for name, one in found.items()} == {
        "trail": "organization-trail-111111111111-eu-west-1",
        "config": "organization-config-111111111111-eu-west-1",
    }


def test_names_are_known_elsewhere() -> None:
    """Names and ARN are text, so stacks of other accounts can use them."""
    made = LogArchive(new_stack(), "LogArchive", **ARCHIVE)
    assert made.trail_bucket_name == "organization-trail-111111111111-eu-west-1"
    assert made.config_bucket_name == "organization-config-111111111111-eu-west-1"
    assert made.key_alias_arn.endswith(":kms:eu-west-1:111111111111:alias/organization-logs")


def test_the_trail_is_locked_for_a_year() -> None:
    """Governance mode by default; AWS Config's bucket has no lock, which it would refuse."""
    found = buckets(archive())
    assert found["trail"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 365, "Mode": "GOVERNANCE"}
    assert "ObjectLockConfiguration" not in found["config"]


def test_another_lock_and_retention() -> None:
    """Compliance mode for two years, and logs that go after seven."""
    (found,) = buckets(
        archive(config_bucket=False, object_lock=ObjectLock.compliance(730), retention_days=2555)
    ).values()
    assert found["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 730, "Mode": "COMPLIANCE"}
    assert "2555" in str(found["LifecycleConfiguration"])


@pytest.mark.parametrize("environment_type", [EnvironmentType.DEV, EnvironmentType.PROD])
def test_logs_are_kept_for_a_year_everywhere(environment_type: EnvironmentType) -> None:
    """Audit logs outlive the environment's own retention."""
    assert "365" in str(buckets(archive(environment_type=environment_type))["trail"]["LifecycleConfiguration"])


def test_one_key_for_both() -> None:
    """A rotated key with an alias encrypts both buckets, and is retained."""
    found = archive()
    ((logical_id, key),) = resources(found, "AWS::KMS::Key").items()
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Retain"
    (alias,) = properties(found, "AWS::KMS::Alias")
    assert alias["AliasName"] == "alias/organization-logs"
    for one in buckets(found).values():
        assert logical_id in str(one["BucketEncryption"])


def test_no_bucket_for_config() -> None:
    """Without it, neither bucket nor statement of the key."""
    found = archive(config_bucket=False)
    assert set(buckets(found)) == {"trail"}
    assert "config.amazonaws.com" not in str(found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"management_account": "2"}, "management_account: malformed, got '2'"),
        ({"organization_id": "2"}, "organization_id: malformed, got '2'"),
        ({"retention_days": 100}, "retention_days: logs would go before their lock opens, got 100; allowed: 365"),
    ],
)
def test_archives_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A ValueError with the construct's path, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=message) as error:
        LogArchive(stack, "LogArchive", **{**ARCHIVE, **arguments})
    assert str(error.value).startswith("Stack/LogArchive: ")
    LogArchive(stack, "LogArchive", **ARCHIVE)


def test_an_archive_needs_a_known_place() -> None:
    """Other accounts have to know its names."""
    with pytest.raises(ValueError, match="the archive's names have to be known in other accounts"):
        LogArchive(new_stack(env=None), "LogArchive", **ARCHIVE)


def test_the_trail() -> None:
    """Of the organization, in all Regions, encrypted, validated, management events alone."""
    assert trail() == {
        "AdvancedEventSelectors": [
            {
                "Name": "Management events",
                "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
            }
        ],
        "EnableLogFileValidation": True,
        "IncludeGlobalServiceEvents": True,
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IsOrganizationTrail": True,
        "KMSKeyId": TRAIL["key_arn"],
        "S3BucketName": TRAIL["bucket_name"],
        "TrailName": "organization",
    }


def test_data_events_when_asked_for() -> None:
    """One selector for each kind of resource."""
    found = trail(data_events=[DataEvents.S3, "AWS::DynamoDB::Table"], trail_name="everything")
    kinds = [
        one["Equals"][0]
        for selector in found["AdvancedEventSelectors"][1:]
        for one in selector["FieldSelectors"]
        if one["Field"] == "resources.type"
    ]
    assert kinds == ["AWS::DynamoDB::Table", "AWS::S3::Object"]
    assert found["TrailName"] == "everything"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trail_name": "a"}, "trail_name: none, got 'a'"),
        ({"key_arn": "alias/logs"}, "key_arn: no key, got 'alias/logs'"),
        ({"data_events": ["S3"]}, "data_events: no such DataEvents, got 'S3'"),
        ({"data_events": "AWS::S3::Object"}, "data_events: not a list"),
    ],
)
def test_trails_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    """A ValueError with the construct's path, and the id can be used again."""
    stack = new_stack()
    with pytest.raises(ValueError, match=message) as error:
        OrganizationTrail(stack, "Trail", **{**TRAIL, **arguments})
    assert str(error.value).startswith("Stack/Trail: ")
    OrganizationTrail(stack, "Trail", **TRAIL)


def test_a_second_copy_in_a_log_group() -> None:
    """By a role of this trail alone, whose policy is there before the trail."""

    def build(stack: Stack) -> None:
        OrganizationTrail(stack, "Trail", **TRAIL, log_group=logs.LogGroup(stack, "Events"))

    found = synthesize(build)
    (one,) = resources(found, "AWS::CloudTrail::Trail").values()
    (group,) = resources(found, "AWS::Logs::LogGroup")
    (role,) = resources(found, "AWS::IAM::Role")
    (policy,) = resources(found, "AWS::IAM::ManagedPolicy")
    assert one["Properties"]["CloudWatchLogsLogGroupArn"] == {"Fn::GetAtt": [group, "Arn"]}
    assert one["Properties"]["CloudWatchLogsRoleArn"] == {"Fn::GetAtt": [role, "Arn"]}
    assert policy in one["DependsOn"]
    assert "CloudWatchLogsLogGroupArn" not in trail()


def test_archive_and_trail_in_two_accounts() -> None:
    """The trail takes the archive's names as text: neither stack waits for the other, and no export is made."""
    app: App = new_app()
    logs = Stack(app, "Logs", env=Environment(account="333333333333", region="eu-west-1"))
    management = Stack(app, "Management", env=Environment(account="222222222222", region="eu-west-1"))
    made = LogArchive(logs, "LogArchive", **ARCHIVE)
    OrganizationTrail(management, "Trail", bucket_name=made.trail_bucket_name, key_arn=made.key_alias_arn)
    (found,) = properties(template_of(management), "AWS::CloudTrail::Trail")
    assert found["S3BucketName"] == "organization-trail-333333333333-eu-west-1"
    assert management.dependencies == []
    assert logs.dependencies == []
