"""normalise: what it folds is noise, what it does not name stays, and both sides of a feature flag come out alike."""

import copy
import json
import tarfile
from collections.abc import Callable
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.normalisation import ASSET_HASH, VERSION_HASH, normalise

HASH = "9aaae62cccafbbf4554102b7c31b1abde1d286892a98d1571ab254b46e80da08"
REGION = "eu-west-1"


def folded(value: object, *, region: str | None = None) -> Any:
    """A property's value after `normalise`."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"X": value}}
    return normalise({"Resources": {"Topic": topic}}, region=region)["Resources"]["Topic"]["Properties"]["X"]


def version(logical_id: str, **more: Any) -> dict[str, Any]:
    """Resources with one Lambda version."""
    return {logical_id: {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": "f"}}} | more


# --- Partition and joins ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::b"]]}, "arn:aws:s3:::b"),
        ({"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3"]]}, "arn:aws:s3"),
        (
            {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "B"}]]},
            {"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "B"}]]},
        ),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}, "arn:aws:s3:::b"),
        ({"Fn::Sub": "arn:${AWS::Partition}:s3:::${B}"}, {"Fn::Sub": "arn:aws:s3:::${B}"}),
        ({"Fn::Sub": ["${AWS::Partition}${B}", {"B": 1}]}, {"Fn::Sub": ["aws${B}", {"B": 1}]}),
    ],
)
def test_the_partition_becomes_a_literal(value: object, expected: object) -> None:
    """`AWS::Partition` reads as `aws`, by Ref and in Fn::Sub."""
    assert folded(value) == expected


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (None, "aws"),
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)  # fmt: skip - a table
def test_the_partition_is_the_regions(region: str | None, partition: str) -> None:
    """The literal is that of the Region's own partition, so another one stays a difference."""
    assert folded({"Ref": "AWS::Partition"}, region=region) == partition


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Join": ["", ["a", {"Fn::Join": ["", ["b", {"Ref": "Q"}]]}]]}, {"Fn::Join": ["", ["ab", {"Ref": "Q"}]]}),
        ({"Fn::Join": ["-", ["a", "b", {"Ref": "Q"}, "c", "d"]]}, {"Fn::Join": ["-", ["a-b", {"Ref": "Q"}, "c-d"]]}),
        ({"Fn::Join": ["", ["a", "b"]]}, "ab"),
    ],
)
def test_joins_are_flattened(value: object, expected: object) -> None:
    """Nested joins are spliced in and neighbouring literals are one."""
    assert folded(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": ["", [{"Ref": "Q"}]]},
        {"Fn::Join": ["-", ["a", {"Fn::Join": ["+", ["b", {"Ref": "Q"}]]}]]},
        {"Fn::Join": [",", {"Ref": "List"}]},
        {"Fn::Join": ["", ["a", {"Fn::Join": ["", {"Ref": "List"}]}]]},
        {"Fn::Join": ["", []]},
        {"Fn::Join": "malformed"},
        {"Fn::Sub": "${AWS::Region}"},
        {"Fn::Sub": "${!AWS::Partition}"},
        {"Fn::Sub": {"malformed": 1}},
    ],
)
def test_what_cannot_be_flattened_stays(value: object) -> None:
    """Joins of another delimiter or of a computed list, and Fn::Sub without the partition, are left alone."""
    assert folded(value) == value


# --- Hashes ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"{HASH}.zip", f"{ASSET_HASH}.zip"),
        (f"/cdk-assets/{HASH}.json", f"/cdk-assets/{ASSET_HASH}.json"),
        (f"asset.{HASH}.tar.gz", f"asset.{ASSET_HASH}.tar.gz"),
        (
            {"Fn::Sub": f"${{AWS::AccountId}}.dkr.ecr/cdk-container-assets-1:{HASH}"},
            {"Fn::Sub": f"${{AWS::AccountId}}.dkr.ecr/cdk-container-assets-1:{ASSET_HASH}"},
        ),
    ],
)
def test_the_hash_of_an_asset_is_masked(value: object, expected: object) -> None:
    """File names and image tags that are hashes of assets read alike for every asset."""
    assert folded(value) == expected


@pytest.mark.parametrize(
    "value",
    [f"my-assets@sha256:{HASH}", f"nginx:{HASH}", HASH, f"a{HASH}.zip", f"x-{HASH.upper()}.zip"],
)
def test_other_hashes_stay(value: str) -> None:
    """An image's digest, the tag of somebody's own image and a bare hash are no noise."""
    assert folded(value) == value


def test_a_lambda_versions_hash_is_masked_wherever_it_is_named() -> None:
    """The logical id, Ref, GetAtt, DependsOn and Fn::Sub of a version lose its hash together."""
    old = "FnCurrentVersion17A89ABB33b1112444e4d4667a059cc3e64c99e9"
    new = f"FnCurrentVersion17A89ABB{VERSION_HASH}"
    alias = {
        "Type": "AWS::Lambda::Alias",
        "DependsOn": [old],
        "Properties": {
            "A": {"Ref": old},
            "B": {"Fn::GetAtt": [old, "Version"]},
            "C": {"Fn::Sub": f"${{{old}.Version}}"},
        },
    }
    template = {"Resources": version(old, Alias=alias)}
    assert normalise(template) == {"Resources": json.loads(json.dumps(template["Resources"]).replace(old, new))}


@pytest.mark.parametrize(
    "resources",
    [
        version("Version1"),
        {"Queue33b1112444e4d4667a059cc3e64c99e9": {"Type": "AWS::SQS::Queue"}},
        version("F" + "1" * 32) | version("F" + "2" * 32),
        version("F" + "1" * 32) | {f"F{VERSION_HASH}": {"Type": "AWS::SQS::Queue"}},
    ],
    ids=["no-hash", "no-version", "two-of-one-name", "name-taken"],
)
def test_logical_ids_stay_distinct(resources: dict[str, Any]) -> None:
    """Only a version's hash is masked, and only where that makes no two names one."""
    assert normalise({"Resources": resources}) == {"Resources": resources}


# --- What synthesis adds ---


def test_what_synthesis_adds_is_dropped() -> None:
    """Bootstrap parameter and rule, CDK metadata and paths tell nothing of what the template makes."""
    queue = {"Type": "AWS::SQS::Queue"}
    template = {
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
        "Conditions": {"CDKMetadataAvailable": {"Fn::Equals": [1, 1]}, "Own": {"Fn::Equals": [1, 1]}},
        "Resources": {
            "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"},
            "A": queue | {"Metadata": {"aws:cdk:path": "S/A", "aws:asset:path": "asset.1"}},
            "B": queue | {"Metadata": {"aws:cdk:path": "S/B", "Own": 1}},
            "C": queue | {"Metadata": {}},
        },
    }
    assert normalise(template) == {
        "Conditions": {"Own": {"Fn::Equals": [1, 1]}},
        "Resources": {"A": queue, "B": queue | {"Metadata": {"Own": 1}}, "C": queue | {"Metadata": {}}},
    }


# --- Across stacks ---

IMPORT = {"Fn::ImportValue": "Data:ExportsOutputRefQueue4A7E3555425E8BD3"}
READABLE = {"Fn::GetStackOutput": {"StackName": "Data", "OutputName": "OutputRefQueue4A7E3555"}}


def weak(**more: object) -> dict[str, Any]:
    """The weak form of IMPORT."""
    output = {"StackName": "Data", "OutputName": "PublishOutputRefQueue4A7E35554B5A973F"}
    return {"Fn::GetStackOutput": output | more}


@pytest.mark.parametrize("value", [IMPORT, weak(), weak(Region={"Ref": "AWS::Region"}), weak(Region=REGION)])
def test_a_reference_to_another_stack_reads_alike(value: object) -> None:
    """A strong reference and a weak one from the own Region are the same reference."""
    assert folded(value, region=REGION) == READABLE


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_a_reference_to_another_region_keeps_it(region: str | None) -> None:
    """A weak reference that names a Region other than the stack's differs from an import."""
    output = READABLE["Fn::GetStackOutput"] | {"Region": REGION}
    assert folded(weak(Region=REGION), region=region) == {"Fn::GetStackOutput": output}


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::ImportValue": "my-own-export"},
        {"Fn::ImportValue": {"Fn::Sub": "${Stack}:ExportsOutputRefQueue4A7E3555425E8BD3"}},
        {"Fn::ImportValue": "ExportsOutputRefQueue4A7E3555425E8BD3"},
        {"Fn::ImportValue": f"S:ExportsOutput{'x' * 230}425E8BD3"},
        {"Fn::GetStackOutput": {"StackName": "S", "OutputName": "Mine"}},
        {"Fn::GetStackOutput": {"StackName": "S", "OutputName": {"Ref": "P"}}},
        {"Fn::GetStackOutput": "malformed"},
    ],
)
def test_names_that_cdk_did_not_make_stay(value: object) -> None:
    """A user's own export or output, and a name that CDK had to cut, are left alone."""
    assert folded(value) == value


def test_a_version_handed_to_another_stack_loses_its_hash() -> None:
    """The name of an output that hands over a Lambda version holds the version's hash."""
    name = "ExportsOutputRefFnCurrentVersion17A89ABB33b1112444e4d4667a059cc3e64c99e9425E8BD3"
    expected = {"StackName": "S", "OutputName": f"OutputRefFnCurrentVersion17A89ABB{VERSION_HASH}"}
    assert folded({"Fn::ImportValue": f"S:{name}"}) == {"Fn::GetStackOutput": expected}


STRONG_OUTPUT = {"Value": {"Ref": "Q"}, "Export": {"Name": "Data:ExportsOutputRefQ425E8BD3"}}


@pytest.mark.parametrize(
    "outputs",
    [
        {"ExportsOutputRefQ425E8BD3": STRONG_OUTPUT},
        {"PublishOutputRefQ4B5A973F": {"Value": {"Ref": "Q"}}},
        {"ExportsOutputRefQ425E8BD3": STRONG_OUTPUT, "PublishOutputRefQ4B5A973F": {"Value": {"Ref": "Q"}}},
    ],
    ids=["strong", "weak", "both"],
)
def test_outputs_for_other_stacks_read_alike(outputs: dict[str, Any]) -> None:
    """An output handed over by export, by name or by both stands once, without its means."""
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs}
    assert normalise(template)["Outputs"] == {"OutputRefQ": {"Value": {"Ref": "Q"}}}


@pytest.mark.parametrize(
    "outputs",
    [
        {"Url": {"Value": "x", "Export": {"Name": "my-url"}}},
        {"OutputRefQ": {"Value": "mine"}, "ExportsOutputRefQ425E8BD3": STRONG_OUTPUT},
        {"ExportsOutputRefQ425E8BD3": STRONG_OUTPUT | {"Export": {"Name": "renamed"}}},
    ],
    ids=["own", "name-taken", "own-export-name"],
)
def test_other_outputs_stay(outputs: dict[str, Any]) -> None:
    """A user's own output is left alone, and so is one that would take its name."""
    resources = {"Q": {"Type": "AWS::SQS::Queue"}}
    kept = normalise({"Resources": resources, "Outputs": outputs})["Outputs"]
    assert [output.get("Export") for output in kept.values()] == [output.get("Export") for output in outputs.values()]
    assert len(kept) == len(outputs)


def test_two_outputs_of_one_readable_name_stay_two() -> None:
    """What differs in nothing but the hash of its name is still two outputs."""
    outputs = {"PublishOutputRefQ4B5A973F": {"Value": "a"}, "PublishOutputRefQ00000000": {"Value": "b"}}
    kept = normalise({"Outputs": outputs})["Outputs"]
    assert kept == {"OutputRefQ": {"Value": "a"}, "PublishOutputRefQ00000000": {"Value": "b"}}


# --- Policies ---


def allow(action: object, resource: object, **more: object) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def text(value: object) -> str:
    """A value as text that does not depend on the order of keys."""
    return json.dumps(value, sort_keys=True)


def statements(*items: object) -> Any:
    """The statements of a normalised document."""
    return folded({"Version": "2012-10-17", "Statement": list(items)})["Statement"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([allow(["a:B"], ["*"])], [allow("a:B", "*")]),
        ([allow(["a:C", "a:B", "a:C"], "*")], [allow(["a:B", "a:C"], "*")]),
        ([allow("a:B", "1"), allow("a:B", "2")], [allow("a:B", ["1", "2"])]),
        ([allow("a:B", "1"), allow("a:C", "1")], [allow(["a:B", "a:C"], "1")]),
        ([allow("a:B", "1"), allow("a:C", "2")], [allow("a:B", "1"), allow("a:C", "2")]),
        ([allow("a:B", "1"), allow("a:B", "1")], [allow("a:B", "1")]),
        ([allow("a:B", {"Ref": "Q"}), allow("a:B", "1")], [allow("a:B", ["1", {"Ref": "Q"}])]),
        (
            [allow("a:B", "1", Effect="Deny"), allow("a:B", "2")],
            [allow("a:B", "2"), allow("a:B", "1", Effect="Deny")],
        ),
        (
            [allow("a:B", "1", Condition={"Bool": {"x": ["b", "a"]}}), allow("a:B", "2")],
            [allow("a:B", "2"), allow("a:B", "1", Condition={"Bool": {"x": ["b", "a"]}})],
        ),
        (
            [allow("a:B", "1", Sid="One"), allow(["a:B"], ["2"], Sid="Two")],
            [allow("a:B", "1", Sid="One"), allow("a:B", "2", Sid="Two")],
        ),
        (
            [allow("a:B", "1"), {"Effect": "Allow", "NotAction": ["a:D", "a:C"], "Resource": ["1"]}],
            [allow("a:B", "1"), {"Effect": "Allow", "NotAction": ["a:C", "a:D"], "Resource": "1"}],
        ),
    ],
)  # fmt: skip - a table
def test_a_policy_takes_one_form(document: list[Any], expected: list[Any]) -> None:
    """Lists are sorted and folded, statements that differ in one part are one, Sids and conditions keep apart."""
    assert sorted(statements(*document), key=text) == sorted(expected, key=text)


@pytest.mark.parametrize(
    ("principals", "expected"),
    [
        ([{"AWS": ["a"]}, {"AWS": "b"}], [{"AWS": ["a", "b"]}]),
        ([{"AWS": "a"}, {"Service": "s"}], [{"AWS": "a", "Service": "s"}]),
        ([{"AWS": "*"}, "*"], ["*", {"AWS": "*"}]),
        ([{"Fn::If": ["C", "*", {"AWS": "a"}]}, {"AWS": "b"}], [{"AWS": "b"}, {"Fn::If": ["C", "*", {"AWS": "a"}]}]),
    ],
)
def test_principals_that_may_do_the_same_go_together(principals: list[Any], expected: list[Any]) -> None:
    """Principals by kind share a statement; `"*"` and an intrinsic stand alone."""
    found = statements(*(allow("a:B", "*", Principal=principal) for principal in principals))
    assert sorted((s["Principal"] for s in found), key=str) == sorted(expected, key=str)


def test_a_trust_policy_gets_no_resource() -> None:
    """A statement without Resource stays one."""
    trust = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": ["ecs.amazonaws.com"]}}
    assert statements(trust) == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.amazonaws.com"}}
    ]


def test_a_statement_that_is_an_intrinsic_stays() -> None:
    """Fn::If among the statements is kept as it is."""
    choice = {"Fn::If": ["C", allow(["b", "a"], "*"), {"Ref": "AWS::NoValue"}]}
    assert choice in statements(choice, allow("a:B", "*"))


def test_an_empty_list_is_not_lost() -> None:
    """A statement with an empty list, which AWS would refuse, does not vanish."""
    assert statements(allow([], "*")) == [allow([], "*")]


@pytest.mark.parametrize(
    "value",
    [
        {"Statement": [{"Action": ["b", "a"]}]},
        {"Statement": [allow(["b", "a"], ["*"])], "Other": 1},
        {"Statement": {"Ref": "Q"}},
        {"Version": "2012-10-17", "Id": "x"},
    ],
)
def test_what_only_resembles_a_policy_stays(value: object) -> None:
    """Without an Effect, or with a key that no document has, it is no policy document."""
    assert folded(value) == value


letters = st.sampled_from("abc")
some = st.lists(letters, min_size=1, max_size=3)
statement_lists = st.lists(
    st.builds(
        lambda effect, action, resource, principal: {
            "Effect": effect,
            "Action": action,
            "Resource": resource,
            "Principal": principal,
        },
        st.sampled_from(["Allow", "Deny"]),
        letters | some,
        letters | some,
        st.just("*") | st.dictionaries(st.sampled_from(["AWS", "Service"]), letters | some, min_size=1),
    ),
    min_size=1,
    max_size=5,
)


def combinations(items: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Everything that statements allow and deny, counted out."""
    result: set[tuple[str, ...]] = set()
    for item in items:
        principal = item["Principal"]
        kinds = {"": "*"} if principal == "*" else principal
        names = [(kind, name) for kind, values in kinds.items() for name in values]
        for (kind, name), action, resource in product(names, item["Action"], item["Resource"]):
            result.add((item["Effect"], kind, name, action, resource))
    return result


@given(statement_lists)
def test_the_canonical_form_means_the_same(items: list[dict[str, Any]]) -> None:
    """No combination of effect, principal, action and resource is lost or gained."""
    assert combinations(statements(*items)) == combinations(items)


@given(statement_lists, st.randoms(use_true_random=False))
def test_how_a_policy_is_split_makes_no_difference(items: list[dict[str, Any]], random: Any) -> None:
    """A document whose statements are split by action and shuffled has the same canonical form."""
    split = [item | {"Action": action} for item in items for action in item["Action"]]
    random.shuffle(split)
    assert statements(*split) == statements(*items)


# --- The whole ---

names = st.text("abcXYZ-/.", max_size=8)
values = st.recursive(
    names | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)
foldable = st.recursive(
    names
    | st.just({"Ref": "AWS::Partition"})
    | st.just({"Fn::Sub": "${AWS::Partition}:${Q}"})
    | st.sampled_from([f"{HASH}.zip", f"x-assets:{HASH}", copy.deepcopy(IMPORT), weak(), weak(Region=REGION)]),
    lambda inner: (
        st.builds(
            lambda delimiter, parts: {"Fn::Join": [delimiter, parts]}, st.sampled_from(["", ":"]), st.lists(inner)
        )
        | st.builds(
            lambda resource: {"Statement": [allow(["b", "a"], resource), allow("c", "*")]}, inner | st.lists(inner)
        )
        | st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=15,
)  # fmt: skip - a kind a line


@given(values)
def test_what_is_not_named_stays_byte_for_byte(value: object) -> None:
    """A value without intrinsics, hashes and policies comes out as it went in, key order included."""
    assert json.dumps(folded(value)) == json.dumps(value)


@given(foldable)
def test_normalising_twice_changes_nothing(value: object) -> None:
    """`normalise` is idempotent."""
    once = folded(value)
    assert folded(once) == once


def test_the_source_is_left_alone() -> None:
    """The given template is not changed."""
    source = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "x"}}}}
    before = copy.deepcopy(source)
    normalise(source)
    assert source == before


# --- For real ---


def recommended_flags() -> dict[str, Any]:
    """The flags that `cdk init` would set, as aws-cdk-lib ships them."""
    (bundle,) = Path(str(files("aws_cdk._jsii"))).glob("aws-cdk-lib@*.tgz")
    with tarfile.open(bundle) as archive:
        member = archive.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        flags: dict[str, Any] = json.load(member)
    return flags


def data_and_web(context: dict[str, Any], outdir: Path) -> dict[str, Any]:
    """The normalised templates of two stacks, synthesized under these flags."""
    app = cdk.App(context=context, outdir=str(outdir), builtin_cloud_formation_validation=False)
    env = cdk.Environment(account="111122223333", region=REGION)
    data, web = (cdk.Stack(app, name, env=env) for name in ("Data", "Web"))
    vpc = ec2.Vpc(data, "Vpc", availability_zones=["eu-west-1a"], restrict_default_security_group=False)
    key = kms.Key(data, "Key", enable_key_rotation=True)
    bucket = s3.Bucket(data, "Bucket", encryption_key=key, enforce_ssl=True)
    task = ecs.FargateTaskDefinition(web, "Task")
    code = outdir / "code"
    code.mkdir(parents=True)
    (code / "app.py").write_text("def handler(event, context): ...", encoding="utf-8")
    function = lambda_.Function(
        web,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="app.handler",
        code=lambda_.Code.from_asset(str(code)),
        vpc=vpc,
    )
    lambda_.Alias(web, "Live", alias_name="live", version=function.current_version)
    for grantee in (function, task.task_role):
        bucket.grant_read_write(grantee)
        key.grant_encrypt_decrypt(grantee)
    task.task_role.add_to_principal_policy(
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:{web.partition}:s3:::elsewhere/*"])
    )
    return {stack.stack_name: normalise(assertions.Template.from_stack(stack), region=REGION) for stack in (data, web)}


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same app under no flags and under all recommended ones."""
    plain, flagged = (tmp_path_factory.mktemp(name) for name in ("plain", "flagged"))
    return data_and_web({}, plain / "out"), data_and_web(recommended_flags(), flagged / "out")


def test_flags_that_change_no_resource_make_no_difference(
    both_ways: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """A VPC, a key and a bucket whose properties no flag changes are equal under all recommended flags."""
    plain, flagged = both_ways
    assert flagged["Data"] == plain["Data"]


def test_a_flag_that_changes_a_resource_stays_a_difference(both_ways: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The one difference left is the log group that a recommended flag makes for a function."""
    plain, flagged = both_ways
    added = flagged["Web"]["Resources"].keys() - plain["Web"]["Resources"].keys()
    assert [flagged["Web"]["Resources"].pop(name)["Type"] for name in added] == ["AWS::Logs::LogGroup"]
    assert flagged["Web"] == plain["Web"]


@pytest.mark.parametrize(
    "change", [lambda body: body.replace("s3:List*", "s3:*"), lambda body: body.replace('"512"', '"1024"')]
)
def test_a_changed_grant_or_size_is_a_difference(
    both_ways: tuple[dict[str, Any], dict[str, Any]], change: Callable[[str], str]
) -> None:
    """Normalising hides no change of a policy's action or of a task's memory."""
    web = both_ways[0]["Web"]
    assert normalise(json.loads(change(json.dumps(web)))) != web
