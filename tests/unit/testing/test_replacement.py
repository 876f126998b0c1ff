"""replacements and assert_no_replacement: what CloudFormation's own schemas say of a change of template."""

import builtins
import copy
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing import _create_only
from aws_architect_constructs.testing._create_only import create_only, place
from aws_architect_constructs.testing.replacement import (
    STATEFUL_TYPES,
    PropertyChange,
    Replacement,
    ReplacementKind,
    assert_no_replacement,
    replacements,
)
from aws_architect_constructs.testing.templates import TemplateError

MAY_BE, REPLACED, UNDECIDED = ReplacementKind.MAY_BE_REPLACED, ReplacementKind.REPLACED, ReplacementKind.UNDECIDED

# Vpc <- Subnet <- Instance, and a bucket and a topic beside them.
NETWORK: dict[str, Any] = {
    "Parameters": {"Zone": {"Type": "String", "Default": "a"}, "Stage": {"Type": "String", "Default": "dev"}},
    "Mappings": {"Images": {"eu": {"id": "ami-1"}}},
    "Conditions": {
        "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Big": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Equals": [1, 1]}]},
    },
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsSupport": True}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
        "Instance": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "Subnet"}, "Monitoring": True}},
        "Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "a"}},
    },
}


def network(**resources: dict[str, Any] | None) -> dict[str, Any]:
    """NETWORK with other properties of some resources; None as a resource removes it."""
    template = copy.deepcopy(NETWORK)
    for logical_id, properties in resources.items():
        if properties is None:
            del template["Resources"][logical_id]
        else:
            template["Resources"][logical_id]["Properties"] |= properties
    return template


def one(resource_type: str, properties: dict[str, Any], **attributes: object) -> dict[str, Any]:
    """A template with one resource."""
    inputs = {section: NETWORK[section] for section in ("Parameters", "Mappings", "Conditions")}
    resource = {"Type": resource_type, "Properties": properties} | attributes
    return copy.deepcopy(inputs | {"Resources": {"It": resource}})


def kinds(before: dict[str, Any], after: dict[str, Any]) -> dict[str, ReplacementKind]:
    """What happens to which resource."""
    return {found.logical_id: found.kind for found in replacements(before, after)}


# --- By a resource's own change ---


def test_an_unchanged_template_replaces_nothing() -> None:
    """A template against itself has no replacement."""
    assert replacements(NETWORK, NETWORK) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Vpc": {"EnableDnsSupport": False}},
        {"Subnet": {"MapPublicIpOnLaunch": True}},
        {"Topic": {"DisplayName": "b"}},
        {"Bucket": {"VersioningConfiguration": {"Status": "Enabled"}}},
    ],
)
def test_a_property_that_can_change_in_place_replaces_nothing(changes: dict[str, Any]) -> None:
    """A change of a property that is not create-only is an update."""
    assert_no_replacement(NETWORK, network(**changes))


@pytest.mark.parametrize("attribute", ["DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Metadata"])
def test_attributes_replace_nothing(attribute: str) -> None:
    """A change of a resource's policies, order or metadata is no replacement."""
    after = network()
    after["Resources"]["Subnet"][attribute] = {"a": 1} if attribute == "Metadata" else "Vpc"
    assert_no_replacement(NETWORK, after)


def test_a_changed_create_only_property_replaces() -> None:
    """The property is named with its values, and the policy is that of the new template."""
    after = network(Bucket={"BucketName": "b"})
    after["Resources"]["Bucket"]["UpdateReplacePolicy"] = "Retain"
    change = PropertyChange(path="BucketName", before=None, after="b")
    assert replacements(NETWORK, after) == [
        Replacement(logical_id="Bucket", type="AWS::S3::Bucket", kind=REPLACED, changes=(change,), policy="Retain")
    ]


def test_a_removed_create_only_property_replaces() -> None:
    """What is no longer said counts as changed."""
    before = one("AWS::S3::Bucket", {"BucketName": "b"})
    (found,) = replacements(before, one("AWS::S3::Bucket", {}))
    assert (found.kind, found.changes) == (REPLACED, (PropertyChange(path="BucketName", before="b", after=None),))


@pytest.mark.parametrize(
    ("resource_type", "before", "after", "path"),
    [
        ("AWS::RDS::DBCluster", {}, {"StorageEncrypted": True}, "StorageEncrypted"),
        ("AWS::EFS::FileSystem", {"Encrypted": True}, {"Encrypted": False}, "Encrypted"),
        ("AWS::DynamoDB::Table", {"TableName": "a"}, {"TableName": "b"}, "TableName"),
        ("AWS::Logs::LogGroup", {}, {"LogGroupName": "x"}, "LogGroupName"),
        ("AWS::EC2::Subnet", {"CidrBlock": "10.0.0.0/24"}, {"CidrBlock": "10.0.1.0/24"}, "CidrBlock"),
        (
            "AWS::Batch::ComputeEnvironment",
            {"EksConfiguration": {"KubernetesNamespace": "a"}},
            {"EksConfiguration": {"KubernetesNamespace": "b"}},
            "EksConfiguration.KubernetesNamespace",
        ),
    ],
)
def test_create_only_properties_come_from_the_schemas(
    resource_type: str, before: dict[str, Any], after: dict[str, Any], path: str
) -> None:
    """The published schema of each type decides, nested properties included."""
    (found,) = replacements(one(resource_type, before), one(resource_type, after))
    assert (found.kind, [change.path for change in found.changes]) == (REPLACED, [path])


@pytest.mark.parametrize(
    ("resource_type", "before", "after"),
    [
        ("AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}, {"Engine": "aurora-postgresql"}),
        ("AWS::EC2::VPC", {"InstanceTenancy": "default"}, {"InstanceTenancy": "dedicated"}),
        (
            "AWS::MSK::Replicator",
            {"ReplicationInfoList": [{"SourceKafkaClusterArn": "a"}]},
            {"ReplicationInfoList": [{"SourceKafkaClusterArn": "b"}]},
        ),
        (
            "AWS::Batch::ComputeEnvironment",
            {"EksConfiguration": {"Fn::If": ["Prod", {"KubernetesNamespace": "a"}, {"Ref": "AWS::NoValue"}]}},
            {"EksConfiguration": {"Fn::If": ["Prod", {"KubernetesNamespace": "b"}, {"Ref": "AWS::NoValue"}]}},
        ),
    ],
    ids=["conditional", "conditional-too", "behind-a-list", "behind-a-function"],
)
def test_what_may_replace_is_told_as_such(resource_type: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """A conditional create-only property, and one behind a list or an intrinsic function, may replace."""
    assert kinds(one(resource_type, before), one(resource_type, after)) == {"It": MAY_BE}


def test_other_keys_of_a_lists_items_replace_nothing() -> None:
    """Behind a list only the create-only property counts."""
    before = {"ReplicationInfoList": [{"SourceKafkaClusterArn": "a", "X": 1}]}
    after = {"ReplicationInfoList": [{"SourceKafkaClusterArn": "a", "X": 2}]}
    assert kinds(one("AWS::MSK::Replicator", before), one("AWS::MSK::Replicator", after)) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Encrypted": True}, {"Encrypted": "true"}),
        ({"ProvisionedThroughputInMibps": 10}, {"ProvisionedThroughputInMibps": "10"}),
        ({"KmsKeyId": {"Ref": "AWS::NoValue"}}, {}),
    ],
)
def test_values_that_cloudformation_reads_alike_are_equal(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A scalar is its text, and AWS::NoValue is nothing."""
    assert kinds(one("AWS::EFS::FileSystem", before), one("AWS::EFS::FileSystem", after)) == {}


def test_a_resource_that_is_gone_is_deleted() -> None:
    """A logical id that is gone is told with the DeletionPolicy it had."""
    assert replacements(NETWORK, network(Bucket=None)) == [
        Replacement(logical_id="Bucket", type="AWS::S3::Bucket", kind=ReplacementKind.DELETED, policy="Retain")
    ]


def test_a_new_resource_is_no_replacement() -> None:
    """What only the new template has is created."""
    assert replacements(network(Bucket=None, Topic=None), NETWORK) == []


def test_a_template_without_resources_deletes_all() -> None:
    """A stack that loses its last resource deletes it, and one that had none loses none."""
    nothing = {"Parameters": NETWORK["Parameters"]}
    assert set(kinds(NETWORK, nothing).values()) == {ReplacementKind.DELETED}
    assert replacements(nothing, NETWORK) == []


def test_another_type_is_told_with_both() -> None:
    """A logical id that names another type is no update that CloudFormation takes."""
    (found,) = replacements(one("AWS::SQS::Queue", {}), one("AWS::SNS::Topic", {}))
    assert str(found) == 'It (AWS::SQS::Queue) has another type\n    Type: "AWS::SQS::Queue" -> "AWS::SNS::Topic"'


# --- What nobody knows ---


@pytest.mark.parametrize(
    ("resource_type", "reason"),
    [
        ("Mine::Own::Thing", "no schema is known for Mine::Own::Thing in us-east-1"),
        ("Custom::Thing", "its handler decides"),
        ("AWS::CloudFormation::CustomResource", "its handler decides"),
    ],
)
def test_a_type_that_nobody_knows_is_undecided(resource_type: str, reason: str) -> None:
    """A changed resource without a schema, or with a handler, is undecided; an unchanged one is not replaced."""
    before, after = one(resource_type, {"A": 1}), one(resource_type, {"A": 2})
    (found,) = replacements(before, after)
    assert (found.kind, str(found.changes[0])) == (UNDECIDED, reason)
    assert replacements(before, before) == []


def test_a_custom_resources_service_token_is_create_only() -> None:
    """Another handler is another resource."""
    assert kinds(one("Custom::A", {"ServiceToken": "a"}), one("Custom::A", {"ServiceToken": "b"})) == {"It": REPLACED}


def test_another_condition_is_undecided() -> None:
    """A resource that stands under another condition may come or go."""
    (found,) = replacements(one("AWS::SQS::Queue", {}), one("AWS::SQS::Queue", {}, Condition="Prod"))
    assert (found.kind, str(found.changes[0])) == (UNDECIDED, 'its Condition changed from nothing to "Prod"')


@pytest.mark.parametrize(
    ("section", "entry", "reason"),
    [
        ("Conditions", {"Big": {"Fn::Equals": [1, 2]}}, "condition Big changed"),
        ("Conditions", {"Prod": {"Fn::Equals": [1, 2]}}, "condition Prod changed"),
        ("Parameters", {"Stage": {"Type": "String", "Default": "prod"}}, "parameter Stage changed"),
    ],
)
def test_a_condition_that_changed_is_undecided(section: str, entry: dict[str, Any], reason: str) -> None:
    """A condition has changed if its body, a condition that it names or a parameter that it reads has."""
    before = one("AWS::SQS::Queue", {}, Condition="Big")
    after = copy.deepcopy(before)
    after[section] |= entry
    (found,) = replacements(before, after)
    assert (found.kind, str(found.changes[0])) == (UNDECIDED, reason)


def test_conditions_in_a_circle_come_to_an_end() -> None:
    """A circle of conditions, which is no template, is no endless search."""
    before = one("AWS::SQS::Queue", {}, Condition="A")
    before["Conditions"] = {"A": {"Condition": "B"}, "B": {"Condition": "A"}}
    assert replacements(before, before) == []


# --- By what a resource refers to ---


def test_a_replaced_resource_takes_along_what_refers_to_it() -> None:
    """Vpc takes Subnet, Subnet takes Instance, and each says which."""
    found = {item.logical_id: item for item in replacements(NETWORK, network(Vpc={"CidrBlock": "10.9.0.0/16"}))}
    assert {name: item.kind for name, item in found.items()} == dict.fromkeys(("Vpc", "Subnet", "Instance"), REPLACED)
    assert str(found["Subnet"].changes[0]) == 'VpcId: {"Ref": "Vpc"}, and Vpc is replaced'
    assert str(found["Instance"].changes[0]) == 'SubnetId: {"Ref": "Subnet"}, and Subnet is replaced'


def test_the_order_of_the_template_makes_no_difference() -> None:
    """A dependent that stands before what it refers to is found too."""
    after = network(Vpc={"CidrBlock": "10.9.0.0/16"})
    before, after = (
        template | {"Resources": dict(reversed(template["Resources"].items()))} for template in (NETWORK, after)
    )
    assert kinds(before, after) == dict.fromkeys(("Vpc", "Subnet", "Instance"), REPLACED)


def test_what_may_be_replaced_may_take_others_along() -> None:
    """A reference to what may be replaced is no more sure than that."""
    assert kinds(NETWORK, network(Vpc={"InstanceTenancy": "dedicated"})) == dict.fromkeys(
        ("Vpc", "Subnet", "Instance"), MAY_BE
    )


def test_what_may_be_replaced_is_replaced_if_what_it_refers_to_is() -> None:
    """A sure reason outweighs an unsure one, and both are told."""
    after = network(Vpc={"CidrBlock": "10.9.0.0/16"}, Subnet={"Ipv6CidrBlock": "x"})
    found = {item.logical_id: item for item in replacements(NETWORK, after)}
    assert found["Subnet"].kind is REPLACED
    assert [change.path for change in found["Subnet"].changes] == ["VpcId", "Ipv6CidrBlock"]


def test_a_reference_in_a_property_that_can_change_takes_nothing_along() -> None:
    """Only create-only properties matter."""
    before, after = network(), network(Vpc={"CidrBlock": "10.9.0.0/16"})
    for template in (before, after):
        template["Resources"]["Topic"]["Properties"]["DisplayName"] = {"Ref": "Vpc"}
    assert "Topic" not in kinds(before, after)


@pytest.mark.parametrize(
    ("value", "section", "entry", "reason"),
    [
        ({"Ref": "Zone"}, "Parameters", {"Zone": {"Type": "String", "Default": "b"}}, "parameter Zone changed"),
        (
            {"Fn::Sub": "eu-${Zone}"},
            "Parameters",
            {"Zone": {"Type": "String", "Default": "b"}},
            "parameter Zone changed",
        ),
        (
            {"Fn::FindInMap": ["Images", "eu", "id"]},
            "Mappings",
            {"Images": {"eu": {"id": "ami-2"}}},
            "mapping Images changed",
        ),
        ({"Fn::If": ["Prod", "a", "b"]}, "Conditions", {"Prod": {"Fn::Equals": [1, 1]}}, "condition Prod changed"),
    ],
)  # fmt: skip - a table
def test_a_changed_input_may_replace(value: object, section: str, entry: dict[str, Any], reason: str) -> None:
    """A create-only value made from a parameter, mapping or condition that changed may be another one."""
    before = one("AWS::EC2::Subnet", {"AvailabilityZone": value})
    after = copy.deepcopy(before)
    after[section] |= entry
    (found,) = replacements(before, after)
    assert (found.kind, found.changes[0].because) == (MAY_BE, reason)


def test_a_parameters_description_replaces_nothing() -> None:
    """What a parameter allows and says of itself changes no value."""
    before = one("AWS::EC2::Subnet", {"AvailabilityZone": {"Ref": "Zone"}})
    after = copy.deepcopy(before)
    after["Parameters"]["Zone"] |= {"Description": "where", "AllowedValues": ["a"]}
    assert replacements(before, after) == []


def test_what_is_undecided_may_take_others_along() -> None:
    """A reference to a changed resource of an unknown type may be to another one."""
    before = network()
    before["Resources"]["Vpc"]["Type"] = "Mine::Own::Vpc"
    after = copy.deepcopy(before)
    after["Resources"]["Vpc"]["Properties"]["CidrBlock"] = "10.9.0.0/16"
    assert kinds(before, after) == {"Vpc": UNDECIDED, "Subnet": MAY_BE, "Instance": MAY_BE}


def test_a_resource_under_another_condition_is_replaced_with_what_it_refers_to() -> None:
    """What was undecided is replaced if a create-only property says so."""
    after = network(Vpc={"CidrBlock": "10.9.0.0/16"})
    after["Resources"]["Subnet"]["Condition"] = "Prod"
    assert kinds(NETWORK, after)["Subnet"] is REPLACED


# --- Order and assertion ---


def test_stateful_types_come_first() -> None:
    """A bucket stands before a policy whose name comes first."""
    before = {"Resources": {"A": {"Type": "AWS::IAM::Policy"}, "B": {"Type": "AWS::S3::Bucket"}}}
    found = replacements(before, {"Resources": {}})
    assert [(item.logical_id, item.is_stateful) for item in found] == [("B", True), ("A", False)]


def test_every_stateful_type_is_one() -> None:
    """Each name among STATEFUL_TYPES is a type that CloudFormation knows."""
    assert [name for name in sorted(STATEFUL_TYPES) if create_only(name, "us-east-1") is None] == []


def test_the_assertion_shows_all() -> None:
    """The message has a line for each resource and each property, and the policy."""
    after = network(Bucket=None, Vpc={"CidrBlock": "10.9.0.0/16"}, Instance=None)
    with pytest.raises(AssertionError) as failure:
        assert_no_replacement(NETWORK, after)
    assert str(failure.value) == (
        "the change replaces or deletes what it must not, 4 in all:\n"
        "  Bucket (AWS::S3::Bucket) is deleted (DeletionPolicy: Retain)\n"
        "  Subnet (AWS::EC2::Subnet) is replaced\n"
        '      VpcId: {"Ref": "Vpc"}, and Vpc is replaced\n'
        "  Vpc (AWS::EC2::VPC) is replaced\n"
        '      CidrBlock: "10.0.0.0/16" -> "10.9.0.0/16"\n'
        "  Instance (AWS::EC2::Instance) is deleted"
    )


def test_only_the_asked_types_count() -> None:
    """`types` leaves out the others."""
    after = network(Topic=None)
    assert_no_replacement(NETWORK, after, types={"AWS::S3::Bucket"})
    with pytest.raises(AssertionError, match="Topic"):
        assert_no_replacement(NETWORK, after, types={"AWS::SNS::Topic"})


def test_only_the_asked_kinds_count() -> None:
    """`kinds` leaves out what may happen, say."""
    after = network(Vpc={"InstanceTenancy": "dedicated"})
    assert_no_replacement(NETWORK, after, kinds=[REPLACED])
    with pytest.raises(AssertionError, match="may be replaced"):
        assert_no_replacement(NETWORK, after)


def test_what_is_no_template_is_refused() -> None:
    """Both sides are read as templates."""
    with pytest.raises(TemplateError, match="no template"):
        replacements(NETWORK, {"a": 1})


# --- Schemas and places ---


def test_another_regions_schemas_can_be_asked() -> None:
    """A type that a Region does not have is undecided there."""
    before, after = one("AWS::S3Express::DirectoryBucket", {"A": 1}), one("AWS::S3Express::DirectoryBucket", {"A": 2})
    assert replacements(before, after) == []
    (found,) = replacements(before, after, region="ap-east-2")
    assert found.kind is UNDECIDED


def test_without_cfn_lint_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cfn-lint there are no schemas, and no answer is made up."""
    real_import = builtins.__import__

    def no_cfn_lint(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("cfnlint"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", no_cfn_lint)
    _create_only.create_only.cache_clear()
    with pytest.raises(ImportError, match=r"it comes with aws-architect-constructs\[testing\]"):
        replacements(NETWORK, NETWORK)


def test_importing_loads_no_cfn_lint() -> None:
    """The half second that cfn-lint takes is paid by the first question, not by the import."""
    code = "import sys, aws_architect_constructs.testing.replacement; sys.exit('cfnlint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter


@pytest.mark.parametrize(
    ("properties", "path", "written", "value", "exact"),
    [
        ({"A": {"B": 1}}, ("A", "B"), "A.B", "1", True),
        ({}, ("A", "B"), "A.B", None, True),
        ({"A": {"Ref": "AWS::NoValue"}}, ("A", "B"), "A.B", None, True),
        ({"A": {"Ref": "P"}}, ("A", "B"), "A.B", {"Ref": "P"}, False),
        ({"A": "text"}, ("A", "B"), "A.B", "text", False),
        ({"A": [{"B": True}, {}]}, ("A", "B"), "A[*].B", ["true", None], False),
        ({"A": [{"B": 1.5}]}, ("A", "*", "B"), "A[*].B", ["1.5"], False),
        ({"A": [1, {"Ref": "AWS::NoValue"}]}, ("A",), "A", ["1"], True),
        ({"A": {"B": 1, "C": {"Ref": "AWS::NoValue"}}}, ("A",), "A", {"B": "1"}, True),
    ],
)
def test_a_path_leads_to_a_place(
    properties: object, path: tuple[str, ...], written: str, value: object, exact: bool
) -> None:
    """A path goes through mappings and lists, and ends at an intrinsic function."""
    found = place(properties, path)
    assert (found.path, found.value, found.exact) == (written, value, exact)


subnets = st.dictionaries(
    st.sampled_from("ABCDEF"), st.tuples(st.sampled_from("12"), st.none() | st.sampled_from("ABCDEF")), max_size=6
)


@given(subnets, subnets)
def test_what_is_replaced_is_what_reaches_a_change(
    old: dict[str, tuple[str, str | None]], new: dict[str, tuple[str, str | None]]
) -> None:
    """Exactly those resources are replaced whose own block or reference changed, or that refer to one that is."""

    def template(chain: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
        return {
            "Resources": {
                name: {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {"CidrBlock": block, "VpcId": {"Ref": to} if to in chain else "vpc-1"},
                }
                for name, (block, to) in chain.items()
            }
        }

    before, after = template(old), template(new)
    kept = old.keys() & new.keys()
    expected = {name for name in kept if before["Resources"][name] != after["Resources"][name]}
    while more := {name for name in kept - expected if new[name][1] in expected}:
        expected |= more
    found = kinds(before, after)
    assert {name for name, kind in found.items() if kind is REPLACED} == expected
    assert {name for name, kind in found.items() if kind is ReplacementKind.DELETED} == old.keys() - new.keys()


def test_a_large_template_is_fast() -> None:
    """A template of 500 resources in a chain takes well under a second once cfn-lint is loaded."""
    chain = {
        f"S{index}": {"Type": "AWS::EC2::Subnet", "Properties": {"CidrBlock": "x", "VpcId": {"Ref": f"S{index + 1}"}}}
        for index in range(499)
    }
    before = {"Resources": chain | {"S499": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "a"}}}}
    after = {"Resources": chain | {"S499": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "b"}}}}
    replacements(before, before)
    start = time.process_time()
    assert len(replacements(before, after)) == 500
    assert time.process_time() - start < 1
