"""Reading templates and assemblies: values, tags, nested stacks, construct paths."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import NestedStack, Stack
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.checks import credentials
from aws_architect_constructs.checks.assembly import read_stack
from aws_architect_constructs.checks.networks import is_anywhere, is_internet
from aws_architect_constructs.checks.templates import Template
from aws_architect_constructs.checks.values import (
    MOST_OUTCOMES,
    UNKNOWN,
    Reference,
    is_false,
    is_true,
    literals,
    number,
)
from support.synthesis import new_app

TEMPLATE = Template(
    "Stack",
    region="eu-west-1",
    content={
        "Parameters": {
            "Text": {"Type": "String", "Default": "a"},
            "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Ssm": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path"},
            "Open": {"Type": "String"},
            "Odd": "text",
        },
        "Mappings": {"M": {"dev": {"Size": 1}, "prod": {"Size": 2, "Name": "big"}}},
        "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}},
    },
)


@pytest.mark.parametrize(
    ("value", "outcomes"),
    [
        ("a", ("a",)),
        ({"Ref": "Text"}, ("a",)),
        ({"Ref": "List"}, (["a", "b"],)),
        ({"Ref": "Ssm"}, (UNKNOWN,)),
        ({"Ref": "Open"}, (UNKNOWN,)),
        ({"Ref": "Odd"}, (UNKNOWN,)),
        ({"Ref": "Nowhere"}, (UNKNOWN,)),
        ({"Ref": ["Text"]}, (UNKNOWN,)),
        ({"Ref": "AWS::NoValue"}, (None,)),
        ({"Ref": "AWS::Region"}, ("eu-west-1",)),
        ({"Ref": "AWS::AccountId"}, (UNKNOWN,)),
        ({"Ref": "Bucket"}, (Reference("Bucket"),)),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, (Reference("Bucket", "Arn"),)),
        ({"Fn::GetAtt": "Bucket.Arn"}, (Reference("Bucket", "Arn"),)),
        ({"Fn::GetAtt": ["Nowhere", "Arn"]}, (UNKNOWN,)),
        ({"Fn::GetAtt": "Nowhere.Arn"}, (UNKNOWN,)),
        ({"Fn::If": ["X", 1, {"Ref": "AWS::NoValue"}]}, (1, None)),
        ({"Fn::If": ["X", {"Fn::If": ["Y", 1, 2]}, 3]}, (1, 2, 3)),
        ({"Fn::If": ["X", True, 1]}, (True, 1)),
        ({"Fn::If": ["X"]}, (UNKNOWN,)),
        ({"Fn::FindInMap": ["M", "prod", "Size"]}, (2,)),
        ({"Fn::FindInMap": ["M", {"Ref": "Open"}, "Size"]}, (1, 2)),
        ({"Fn::FindInMap": ["M", {"Ref": "Text"}, "Size"]}, (UNKNOWN,)),
        ({"Fn::FindInMap": ["M"]}, (UNKNOWN,)),
        ({"Fn::Join": ["-", ["x", {"Ref": "Text"}]]}, ("x-a",)),
        ({"Fn::Join": ["-", ["x", {"Ref": "Open"}]]}, (UNKNOWN,)),
        ({"Fn::Sub": "plain"}, ("plain",)),
        ({"Fn::Sub": "${Text}/${AWS::Region}"}, ("a/eu-west-1",)),
        ({"Fn::Sub": "${Bucket.Arn}"}, (Reference("Bucket", "Arn"),)),
        ({"Fn::Sub": "${!Text}"}, (UNKNOWN,)),
        ({"Fn::Split": [",", "a,b"]}, (["a", "b"],)),
        ({"Fn::Split": [",", {"Ref": "Open"}]}, (UNKNOWN,)),
        ({"Fn::Base64": {"Ref": "Text"}}, ("a",)),
        ({"Fn::ImportValue": "x"}, (UNKNOWN,)),
        ("{{resolve:ssm:/x}}", (UNKNOWN,)),
        ({"Fn::If": ["X", "{{resolve:ssm:/x}}", {"Key": "x"}]}, (UNKNOWN, {"Key": "x"})),
        ({"Ref": 5}, (UNKNOWN,)),
        ({"Key": "x"}, ({"Key": "x"},)),
    ],
)
def test_outcomes_of_a_value(value: Any, outcomes: tuple[object, ...]) -> None:
    """Everything that a value may be, and no guess where only a deployment knows."""
    assert TEMPLATE.values.outcomes(value) == outcomes


def test_outcomes_are_bounded() -> None:
    """A tree of conditions is not followed into every branch."""
    value: Any = 0
    for depth in range(10):
        value = {"Fn::If": [f"C{depth}", value, {"Fn::If": ["D", value, depth]}]}
    assert len(TEMPLATE.values.outcomes(value)) <= MOST_OUTCOMES


def test_a_value_too_deep_to_follow_is_unknown() -> None:
    """A chain of functions that nobody would write ends."""
    value: Any = "x"
    for _ in range(100):
        value = {"Fn::Base64": value}
    assert TEMPLATE.values.outcomes(value) == (UNKNOWN,)


def test_unknown_is_shown_as_what_it_is() -> None:
    """In a failed assertion one reads UNKNOWN."""
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        ("7", 7.0),
        ("0.5", 0.5),
        (True, None),
        ("x", None),
        (None, None),
        ([], None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_numbers(value: object, expected: float | None) -> None:
    """A number may be a text; a truth value is none."""
    assert number(value) == expected


def test_truth_may_be_a_text() -> None:
    """CloudFormation takes "true" for true."""
    assert [is_true(value) for value in (True, "true", "True", 1, None)] == [True, True, True, False, False]
    assert [is_false(value) for value in (False, "false", 0, None)] == [True, True, False, False]


def test_literals_are_found_with_their_place() -> None:
    """Inside functions and lists too."""
    value = {"A": {"Fn::Join": ["", ["x", {"Ref": "y"}]]}, "B": [1, "z"]}
    assert list(literals(value)) == [
        ("A.Fn::Join.0", ""),
        ("A.Fn::Join.1.0", "x"),
        ("A.Fn::Join.1.1.Ref", "y"),
        ("B.1", "z"),
    ]


@given(st.ip_addresses(v=4), st.integers(2, 32))
def test_only_the_widest_blocks_are_anywhere(address: Any, prefix: int) -> None:
    """No block of a quarter of the addresses or less is everybody's."""
    assert not is_anywhere(f"{address}/{prefix}")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("10.0.0.0/8", False),
        ("203.0.114.0/24", True),
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("fd00::/8", False),
        ("x", False),
        (5, False),
    ],
)
def test_public_addresses(block: object, expected: bool) -> None:
    """Private blocks and documentation blocks are not the internet."""
    assert is_internet(block) is expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AKIAQX4BIPW3AHOV27GN", "an AWS access key id"),
        ("xAKIAQX4BIPW3AHOV27GNx", "an AWS access key id"),
        ("AAKIAQX4BIPW3AHOV27GN", None),
        ("AKIAIOSFODNN7EXAMPLE", None),
        ("-----BEGIN EC PRIVATE KEY-----", "a private key"),
        ("-----BEGIN CERTIFICATE-----", None),
        ("xoxb-123456789012-abcdefghij", "a Slack token"),
        ("glpat-" + "a1B2" * 5, "a GitLab token"),
        ("sk_live_" + "a1B2c3D4" * 3, "a Stripe key"),
        ("sk_test_" + "a1B2c3D4" * 3, None),
        ("AIza" + "a1B2c3D" * 5, "a Google API key"),
        ("postgres://app:swordfish@db/app", "a password in a URL"),
        ("postgres://app:${Password}@db/app", None),
        ("https://example.com/a:b@c", None),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", None),
        ("kX9/qT4vLm2+RzYw8JpBc1HdEs7GnUoA5fVtI3Q6", "what looks like the secret half of an AWS access key"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", None),
        ("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", None),
        ("CustomVpcRestrictDefaultSGCustomResource", None),
        ("path/to/some/Object/in/a/bucket/v2/Readme", None),
        ("kX9/qT4vLm2+RzYw8JpBc1HdEs7GnUoA5fVtI3Q6abcd=", None),
    ],
)
def test_secrets_by_format(text: str, found: str | None) -> None:
    """Issuers' formats are known; hashes, certificates, test keys and references are none."""
    assert credentials.by_format(text) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("dbPassword", "hunter2", True),
        ("PASSWORD", "password", False),
        ("DB_PASSWORD", "/prod/db/password", False),
        ("DB_PASSWORD", "arn:aws:ssm:eu-west-1:1:parameter/x", False),
        ("DB_PASSWORD", "abc", False),
        ("PASSWORD_ROTATION", "monthly", False),
        ("SECRET_KEY", "8f14e45fceea167a5a36dedd4bea2543", True),
        ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaa", False),
        ("SECRET_KEY", "words of a sentence are no key", False),
        ("API_KEY", "short", False),
        ("COMPASS_HEADING", "north-north-west-of-here", False),
        ("MONKEY", "q7Zx93kLmW0vB4nT8sYc", False),
        ("TOKEN_LIMIT", "q7Zx93kLmW0vB4nT8sYc", False),
        ("AUTH_TOKEN", "q7Zx93kLmW0vB4nT8sYc", True),
        ("API_KEY", 5, False),
    ],
)
def test_secrets_by_name(name: str, value: object, found: bool) -> None:
    """A name has to say that its value is secret, and the value has to look like one."""
    assert (credentials.by_name(name, value) is not None) is found


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("export DB_PASSWORD=swordfish", True),
        ("docker run -e API_KEY=q7Zx93kLmW0vB4nT8sYc app", True),
        ("mysql --password='swordfish'", True),
        ("mysql --password swordfish", True),
        ("curl --retry 5 https://x", False),
        ("echo $DB_PASSWORD", False),
        ("ZXhwb3J0IERCX1BBU1NXT1JEPXN3b3JkZmlzaA==", True),
        ("//////////////////////////79", False),
        ("AAAAAAAAAAAAAAAAAAAAAAAAA", False),
    ],
)
def test_secrets_in_scripts(script: str, found: bool) -> None:
    """Assignments and options are read, in Base64 too; what is no text is no script."""
    assert (credentials.in_script(script) is not None) is found


@given(st.text(alphabet="abcdef0123456789", min_size=32, max_size=64))
def test_no_hash_is_a_secret_by_itself(text: str) -> None:
    """Hexadecimal text without a secret's name is left alone, whatever it is."""
    assert credentials.by_format(text) is None
    assert credentials.by_format(text.upper()) is None
    assert credentials.by_name("SOURCE_HASH", text) is None


def test_a_nested_stack_has_its_tags_and_its_path() -> None:
    """Tags of the parent count in what is nested; paths are told apart where logical ids are the same."""
    from aws_cdk import CfnResource  # noqa: PLC0415 - this test alone

    app = new_app()
    stack = Stack(app, "Web", tags={"owner": "a"})
    CfnResource(stack, "Logs", type="AWS::Logs::LogGroup")
    part = NestedStack(stack, "Part")
    CfnResource(part, "Logs", type="AWS::Logs::LogGroup")
    CfnResource(NestedStack(part, "Inner"), "Logs", type="AWS::Logs::LogGroup")
    assembly = Path(app.synth().directory)
    found = read_stack(assembly / stack.template_file, name="Web", account="1", region="r")
    assert [template.name for template in found] == ["Web", "Web/Part", "Web/Part/Inner"]
    assert [template.resources["Logs"].construct_path for template in found] == [
        "Web/Logs",
        "Web/Part/Logs",
        "Web/Part/Inner/Logs",
    ]
    assert [template.tags for template in found] == [{"owner": "a"}] * 3
    assert {(template.account, template.region) for template in found} == {("1", "r")}


def test_a_nested_stack_is_found_by_its_metadata(tmp_path: Path) -> None:
    """Where CDK wrote the file's name into the template, no asset manifest is needed; tags of its own are added."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "x", "Tags": [{"Key": "owner", "Value": "b"}, "odd"]},
        "Metadata": {"aws:asset:path": "part.nested.template.json"},
    }
    other = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://elsewhere/x.json"}}
    (tmp_path / "Web.template.json").write_text(json.dumps({"Resources": {"N": nested, "O": other}}), encoding="utf-8")
    (tmp_path / "part.nested.template.json").write_text('{"Resources": {}}', encoding="utf-8")
    _, part = read_stack(tmp_path / "Web.template.json", name="Web")
    assert (part.name, part.tags, part.nested_as) == ("Web/N", {"owner": "b"}, "N")


def test_a_stack_nested_in_itself_ends(tmp_path: Path) -> None:
    """A template that names itself is not read for ever."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "Web.template.json"}}
    (tmp_path / "Web.template.json").write_text(json.dumps({"Resources": {"N": nested}}), encoding="utf-8")
    assert len(read_stack(tmp_path / "Web.template.json", name="Web")) == 11


def test_a_broken_manifest_is_no_matter(tmp_path: Path) -> None:
    """Without a readable manifest there are no tags and no paths, and the template is read all the same."""
    (tmp_path / "Web.template.json").write_text('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}', encoding="utf-8")
    for text in ("{", "[]", '{"artifacts": []}', '{"artifacts": {"W": 1}}'):
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        (template,) = read_stack(tmp_path / "Web.template.json", name="Web")
        assert template.tags == {}
        assert template.resources["B"].construct_path is None
