"""load_template and check_references: every source gives the same plain dict, every fault names its place."""

import builtins
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.templates import TemplateError, check_references, load_template

QUEUE = {"Type": "AWS::SQS::Queue"}
TEMPLATE: dict[str, Any] = {"Resources": {"Queue": QUEUE}}


class Assertions:
    """Stands for aws_cdk.assertions.Template."""

    def to_json(self) -> Mapping[str, Any]:
        """The template."""
        return MappingProxyType(TEMPLATE)


def resources(**properties: object) -> dict[str, Any]:
    """A template of one topic with these properties, and a queue."""
    return {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}, "Queue": QUEUE}}


@pytest.mark.parametrize(
    "source",
    [
        TEMPLATE,
        MappingProxyType(TEMPLATE),
        Assertions(),
        json.dumps(TEMPLATE),
        json.dumps(TEMPLATE, indent=1),
        "Resources: {Queue: {Type: AWS::SQS::Queue}}",
        "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n",
    ],
    ids=["dict", "mapping", "to_json", "json", "indented-json", "one-line-yaml", "yaml"],
)
def test_every_kind_of_source_is_read(source: Any) -> None:
    """A mapping, an object with to_json(), JSON and YAML give the same dict."""
    assert load_template(source) == TEMPLATE


@pytest.mark.parametrize("as_path", [str, Path], ids=["str", "path"])
def test_a_file_is_read(tmp_path: Path, as_path: Callable[[Path], Any]) -> None:
    """A file is named by a Path or by a str without line break and colon."""
    file = tmp_path / "queue.template.json"
    file.write_text(json.dumps(TEMPLATE), encoding="utf-8")
    assert load_template(as_path(file)) == TEMPLATE


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    """A file that Windows tools saved is read like any other."""
    file = tmp_path / "queue.yaml"
    file.write_text("Resources: {Queue: {Type: AWS::SQS::Queue}}", encoding="utf-8-sig")
    assert load_template(file) == TEMPLATE


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    """A name of no file is a FileNotFoundError, not a template's fault."""
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        load_template(str(tmp_path / "absent.json"))


def test_the_result_is_a_copy() -> None:
    """Changing what was loaded leaves the source alone."""
    source = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}}
    load_template(source)["Resources"]["Queue"]["Properties"]["QueueName"] = "mine"
    assert source["Resources"]["Queue"]["Properties"] == {}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Queue", {"Ref": "Queue"}),
        ("!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!GetAtt Nested.Outputs.Arn", {"Fn::GetAtt": ["Nested", "Outputs.Arn"]}),
        ("!GetAtt [Queue, Arn]", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ("!Sub 'a-${Queue}'", {"Fn::Sub": "a-${Queue}"}),
        ("!Sub ['${A}', {A: !Ref Queue}]", {"Fn::Sub": ["${A}", {"A": {"Ref": "Queue"}}]}),
        ("!Join ['', [a, !Ref Queue]]", {"Fn::Join": ["", ["a", {"Ref": "Queue"}]]}),
        ("!If [Prod, 1, !Ref AWS::NoValue]", {"Fn::If": ["Prod", 1, {"Ref": "AWS::NoValue"}]}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("!Base64 {'Fn::Sub': x}", {"Fn::Base64": {"Fn::Sub": "x"}}),
    ],
)
def test_a_short_form_becomes_the_long_form(short: str, long: object) -> None:
    """`!Name` reads as `Fn::Name`, `!Ref` as `Ref`, at any depth."""
    text = f"Resources: {{Queue: {{Type: AWS::SQS::Queue, Properties: {{X: {short}}}}}}}"
    assert load_template(text, references=False)["Resources"]["Queue"]["Properties"] == {"X": long}


def test_a_condition_is_named_in_short_form() -> None:
    """`!Condition` reads as the condition's name."""
    text = "Resources: {}\nConditions:\n  A: !Equals [a, b]\n  B: !Not [!Condition A]\n"
    assert load_template(text)["Conditions"]["B"] == {"Fn::Not": [{"Condition": "A"}]}


def test_a_date_in_yaml_is_text() -> None:
    """A policy's Version stays the text that CloudFormation reads."""
    text = "AWSTemplateFormatVersion: 2010-09-09\nResources: {}"
    assert load_template(text)["AWSTemplateFormatVersion"] == "2010-09-09"


def test_a_key_in_yaml_is_text() -> None:
    """An account id as a key of a mapping is no number."""
    text = "Resources: {}\nMappings: {Accounts: {012345670123: {Name: dev}}}"
    assert load_template(text)["Mappings"]["Accounts"] == {"012345670123": {"Name": "dev"}}


def test_yaml_anchors_are_resolved() -> None:
    """A merged mapping gives its keys, and the mapping's own key wins."""
    text = (
        "Metadata: {Base: &base {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 1}}}\n"
        "Resources: {Queue: {<<: *base, Properties: {DelaySeconds: 2}}}"
    )
    assert load_template(text)["Resources"]["Queue"] == {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 2}}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{"Resources": {,}}', r"malformed JSON at line 1, column 16: "),
        (
            '{"Resources": {}, "Resources": {}}',
            r"malformed JSON: key 'Resources' stands twice in one object, whose keys are Resources",
        ),
        ('{"Resources": {"A": NaN}}', r"malformed JSON: NaN is no JSON value"),
        ("Resources:\n  A: [1, 2\n  B: 3\n", r"malformed YAML at line 3, column 4: expected ',' or '\]'"),
        ("Resources:\n  A: !Reff B\n", r"malformed YAML at line 2, column 6: !Reff is no intrinsic function"),
        ("Resources:\n  A: {}\n  A: {}\n", r"malformed YAML at line 3, column 3: key 'A' stands twice"),
        ("Resources:\n  ? [a]\n  : 1\n", r"malformed YAML at line 2, column 5: a key must be text"),
        ("a: 1\n---\nb: 2\n", r"malformed YAML at line 2, column 1: but found another document"),
        ("Resources: {A: !Ref \x00}", r"malformed YAML: "),
    ],
)
def test_a_malformed_source_names_line_and_column(source: str, message: str) -> None:
    """What is no JSON or YAML is refused with the place that the parser gives."""
    with pytest.raises(TemplateError, match=f"^template: {message}"):
        load_template(source)


def test_a_files_fault_names_the_file(tmp_path: Path) -> None:
    """The error of a file begins with its name."""
    file = tmp_path / "network.json"
    file.write_text("{]", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^network\.json: malformed JSON at line 1, column 2"):
        load_template(file)


def shared_with_itself() -> dict[str, Any]:
    """A mapping that contains itself."""
    template: dict[str, Any] = {"Resources": {}}
    template["Resources"]["Loop"] = template
    return template


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (3, "cannot be read from int"),
        ("- a: 1\n- b: 2\n", "no template: got list"),
        ("just a sentence: with a colon", "no template: unknown section 'just a sentence'"),
        (
            {"version": "48.0.0", "artifacts": {}},
            "no template: unknown section 'artifacts'; allowed: AWSTemplateFormat",
        ),
        ({}, "no template: it has no Resources"),
        ({"Description": "nothing else"}, r"no template: it has no Resources, got \['Description'\]"),
        ({"Resources": []}, r"Resources: must be a mapping, got \[\]"),
        ({"Resources": {"A": "x"}}, r"Resources\.A: must be a mapping, got 'x'"),
        ({"Resources": {"A": {}}}, r"Resources\.A: a resource must have a Type, got None"),
        ({"Resources": {"A": {**QUEUE, "Properties": []}}}, r"Resources\.A\.Properties: must be a mapping"),
        ({"Resources": {"A": {**QUEUE, "DependsOn": [1]}}}, r"Resources\.A\.DependsOn must be a logical id or a list"),
        ({"Resources": {}, "Outputs": {"O": 1}}, r"Outputs\.O: must be a mapping, got 1"),
        ({"Resources": {1: QUEUE}}, r"template\.Resources: a key must be text, got 1"),
        (resources(TopicName=[{1, 2}]), r"template\.Resources\.Topic\.Properties\.TopicName\[0\]: set is no template"),
        ("Resources: &x {A: *x}", r"template\.Resources\.A: the value contains itself"),
        (shared_with_itself(), r"template\.Resources\.Loop: the value contains itself"),
    ],
)
def test_what_is_no_template_is_refused(source: Any, message: str) -> None:
    """A source that holds no template is refused with the place and what stands there."""
    with pytest.raises(TemplateError, match=message):
        load_template(source)


def test_a_stack_without_resources_is_a_template() -> None:
    """A CDK stack without resources still has the bootstrap parameter."""
    template = {"Parameters": {"BootstrapVersion": {"Type": "String"}}}
    assert load_template(template) == template


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            resources(TopicName={"Ref": "Queu"}),
            r"Resources\.Topic\.Properties\.TopicName: Ref names 'Queu', and no resource or .* mean 'Queue'\?",
        ),
        (
            resources(Subscription=[{"Endpoint": {"Fn::GetAtt": ["Gone", "Arn"]}}]),
            r"Resources\.Topic\.Properties\.Subscription\[0\]\.Endpoint: Fn::GetAtt names 'Gone', and no resource",
        ),
        (resources(TopicName={"Fn::GetAtt": "Gone.Arn"}), "Fn::GetAtt names 'Gone'"),
        (resources(TopicName={"Fn::Sub": "${Gone}"}), "Fn::Sub names 'Gone', and no resource or parameter"),
        (resources(TopicName={"Fn::Sub": "${Gone.Arn}"}), "Fn::Sub names 'Gone', and no resource has that name"),
        (resources(TopicName={"Fn::Sub": ["${Own}${Gone}", {"Own": 1}]}), "Fn::Sub names 'Gone'"),
        (resources(TopicName={"Fn::Sub": ["${Own}", {"Own": {"Ref": "Gone"}}]}), "Ref names 'Gone'"),
        (resources(TopicName={"Fn::If": ["Gone", 1, 2]}), "Condition names 'Gone', and no condition"),
        (resources(TopicName={"Fn::FindInMap": ["Gone", "a", "b"]}), "Fn::FindInMap names 'Gone', and no mapping"),
        ({"Resources": {"A": {**QUEUE, "DependsOn": "Gone"}}}, r"Resources\.A\.DependsOn: DependsOn names 'Gone'"),
        ({"Resources": {"A": {**QUEUE, "DependsOn": ["Bus1"]}, "Bus2": QUEUE}}, r"did you mean 'Bus2'\?"),
        ({"Resources": {"A": {**QUEUE, "Condition": "Gone"}}}, r"Resources\.A\.Condition: Condition names 'Gone'"),
        ({"Resources": {}, "Outputs": {"O": {"Value": {"Ref": "Gone"}}}}, r"Outputs\.O\.Value: Ref names 'Gone'"),
        (
            {"Resources": {}, "Conditions": {"A": {"Fn::Not": [{"Condition": "Gone"}]}}},
            r"Conditions\.A\.Fn::Not\[0\]: Condition names 'Gone'",
        ),
        (
            {"Resources": {}, "Conditions": {"A": {"Fn::Equals": [{"Ref": "Gone"}, 1]}}},
            r"Conditions\.A\.Fn::Equals\[0\]: Ref names 'Gone'",
        ),
    ],
)
def test_a_missing_reference_names_its_place(template: dict[str, Any], message: str) -> None:
    """What refers to nothing is refused with its place, the function and the name."""
    with pytest.raises(TemplateError, match=message):
        load_template(template)


def test_all_missing_references_are_told_at_once() -> None:
    """One run names every missing reference, a line each."""
    template = resources(TopicName={"Ref": "One"}, DisplayName={"Ref": "Two"})
    with pytest.raises(TemplateError, match=r"'One'[^\n]*\n[^\n]*'Two'"):
        load_template(template)


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "AWS::Region"},
        {"Fn::Sub": "${AWS::Region}${Queue}${Queue.Arn}${!Literal}"},
        {"Fn::Sub": ["${Own}${Own.Dotted}", {"Own": 1, "Own.Dotted": 2}]},
        {"Fn::Sub": {"not": "a text"}},
        {"Fn::GetAtt": [{"Ref": "AWS::StackName"}, "Arn"]},
        {"Fn::FindInMap": [{"Ref": "AWS::Region"}, "a", "b"]},
        {"Ref": "Nothing", "Other": "so this is no function"},
        {"Condition": "Nothing"},
    ],
)
def test_what_refers_to_nothing_missing_is_taken(value: object) -> None:
    """Pseudo parameters, own variables, computed names and look-alikes are no missing references."""
    assert load_template(resources(TopicName=value))["Resources"]["Topic"]["Properties"] == {"TopicName": value}


@pytest.mark.parametrize(
    "extra",
    [
        {"Transform": "AWS::Serverless-2016-10-31"},
        {"Transform": ["AWS::LanguageExtensions", "Mine"]},
        {"Transform": {"Name": "AWS::Include"}},
        {"Outputs": {"Fn::ForEach::Each": ["Name", ["a"], {}]}},
    ],
)
def test_names_that_cloudformation_makes_are_not_missed(extra: dict[str, Any]) -> None:
    """A macro or Fn::ForEach makes resources that the template does not show."""
    load_template(resources(TopicName={"Ref": "MadeByTheMacro"}) | extra)


def test_the_language_extensions_make_no_names() -> None:
    """AWS::LanguageExtensions alone hides no missing reference."""
    with pytest.raises(TemplateError, match="names 'Gone'"):
        load_template(resources(TopicName={"Ref": "Gone"}) | {"Transform": "AWS::LanguageExtensions"})


@pytest.mark.parametrize(
    ("bodies", "circle"),
    [
        ({"A": {"Properties": {"QueueName": {"Ref": "A"}}}}, "A -> A"),
        ({"A": {"DependsOn": "B"}, "B": {"DependsOn": ["A"]}}, "A -> B -> A"),
        (
            {"A": {"DependsOn": "B"}, "B": {"Properties": {"X": {"Fn::Sub": "${C.Arn}"}}}, "C": {"DependsOn": "B"}},
            "B -> C -> B",
        ),
        (
            {
                "A": {"DependsOn": ["B", "C"]},
                "B": {"DependsOn": "C"},
                "C": {"Properties": {"X": {"Fn::GetAtt": "A.B"}}},
            },
            "A -> B -> C -> A",
        ),
    ],
)  # fmt: skip - a case a line
def test_a_circle_of_resources_is_named(bodies: dict[str, Any], circle: str) -> None:
    """Resources that refer to one another in a circle are refused, and the circle is shown."""
    template = {"Resources": {name: QUEUE | body for name, body in bodies.items()}}
    with pytest.raises(TemplateError, match=f"circular reference: {circle}$"):
        load_template(template)


def test_a_circle_of_conditions_is_named() -> None:
    """Conditions that name one another in a circle are refused."""
    conditions = {"A": {"Fn::Or": [{"Condition": "B"}, {"Condition": "C"}]}, "B": {"Condition": "A"}, "C": {"Ref": "X"}}
    with pytest.raises(TemplateError, match=r"circular reference: A -> B -> A$"):
        load_template({"Parameters": {"X": {"Type": "String"}}, "Resources": {}, "Conditions": conditions})


def test_a_condition_that_is_no_condition_is_left_to_cloudformation() -> None:
    """Text among the arguments of Fn::Or refers to nothing."""
    load_template({"Resources": {}, "Conditions": {"A": {"Fn::Or": ["A", {"Fn::Equals": [1, 1]}]}}})


def test_references_are_left_alone_on_request() -> None:
    """`references=False` reads a part of a template too."""
    assert load_template(resources(TopicName={"Ref": "Gone"}), references=False)


def test_the_error_of_a_check_bears_the_given_name() -> None:
    """`check_references` begins its message with the name that it was given."""
    with pytest.raises(TemplateError, match=r"^Network: Resources\.Topic"):
        check_references(resources(TopicName={"Ref": "Gone"}), name="Network")


def test_yaml_without_pyyaml_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML a YAML source is an ImportError that names the extra, and JSON is still read."""
    real_import = builtins.__import__

    def no_yaml(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "aws_architect_constructs.testing._template_yaml", raising=False)
    monkeypatch.setattr(builtins, "__import__", no_yaml)
    with pytest.raises(ImportError, match=r"needs PyYAML; it comes with aws-architect-constructs\[testing\]"):
        load_template("Resources: {}")
    assert load_template('{"Resources": {}}') == {"Resources": {}}


@given(
    st.dictionaries(
        st.sampled_from("ABCDEFGH"),
        st.lists(st.sampled_from("ABCDEFGH"), max_size=3),
    )
)
def test_a_circle_is_found_exactly_when_there_is_one(graph: dict[str, list[str]]) -> None:
    """A template is refused for a circle exactly when its resources cannot be put in an order."""
    graph = {name: [target for target in targets if target in graph] for name, targets in graph.items()}
    template = {"Resources": {name: QUEUE | {"DependsOn": targets} for name, targets in graph.items()}}
    left = dict(graph)
    while ready := [name for name, targets in left.items() if not set(targets) & set(left)]:
        for name in ready:
            del left[name]
    if left:
        with pytest.raises(TemplateError, match="circular reference"):
            check_references(template)
    else:
        check_references(template)
