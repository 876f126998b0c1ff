"""A corpus of hand-written, serverless, looping and broken templates: findings, and never a traceback."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws_architect_constructs.checks.cost_report import as_json, as_markdown, as_table
from aws_architect_constructs.checks.costs import CALCULATORS
from aws_architect_constructs.checks.estimate import estimate
from aws_architect_constructs.checks.prices import shipped_price_book
from aws_architect_constructs.checks.review import Reviewed, review
from aws_architect_constructs.checks.rule import Context
from aws_architect_constructs.checks.rules import RULES
from aws_architect_constructs.checks.templates import MOST_BYTES, Template, parse_template, read_template
from aws_architect_constructs.testing._template_yaml import parse

DATA: Final = Path(__file__).parents[2] / "data" / "checks"
CORPUS: Final = sorted(path for path in (DATA / "templates").iterdir() if path.suffix in {".yaml", ".json"})
TEMPLATES: Final = [path for path in CORPUS if path.name != "findings.json"]
BROKEN: Final = sorted((DATA / "broken").iterdir())
CONTEXT: Final = Context(required_tags=("owner",), management_account="111111111111")


def load(path: Path) -> Template:
    """A template of the corpus, as a CDK app would have written it: in JSON."""
    text = path.read_text(encoding="utf-8")
    content = text if path.suffix == ".json" else json.dumps(parse(text))
    return parse_template(content, name=path.stem, region="us-east-1", account="222222222222")


def everything(template: Template) -> list[Reviewed]:
    """What the rules say, and the estimate too, so that its calculators read the template as well."""
    found = estimate([template], shipped_price_book())
    assert as_table(found)
    assert as_markdown(found)
    assert json.dumps(as_json(found))
    return list(review([template], context=CONTEXT))


def strictly(template: Template) -> None:
    """Run every rule and every calculator without the net that catches what they raise."""
    for rule in RULES:
        list(rule.check(template, Context(required_tags=("owner",), templates=(template,))))
    for resource in template.resources.values():
        if resource.type in CALCULATORS:
            list(CALCULATORS[resource.type](resource))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_findings_are_those_that_were_reviewed(path: Path) -> None:
    """Each template of the corpus has the findings that findings.json records, tags aside."""
    expected = json.loads((DATA / "templates" / "findings.json").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for item in review([load(path)]):
        found.setdefault(item.rule.id, []).append(str(item.finding.logical_id))
    assert {rule: sorted(set(ids)) for rule, ids in sorted(found.items())} == expected[path.name]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_rule_stumbles(path: Path) -> None:
    """No rule and no calculator raises, and no finding names what is not there."""
    template = load(path)
    strictly(template)
    for item in everything(template):
        assert item.finding.logical_id is None or item.finding.logical_id in template.resources
        assert "cannot read it" not in item.finding.detail


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_a_broken_template_gives_a_clear_finding(path: Path) -> None:
    """What is no template is said so in words; a byte order mark alone breaks nothing."""
    found = [item for item in everything(read_template(path)) if item.rule.id == "UnreadableTemplate"]
    if path.stem == "byte_order_mark":
        assert found == []
    else:
        assert [item.finding.logical_id for item in found] == [None]
        assert len(found[0].finding.detail) > 10


def test_a_missing_file_gives_a_clear_finding(tmp_path: Path) -> None:
    """A file that cannot be read is a finding too."""
    (found,) = review([read_template(tmp_path / "gone.json")])
    assert found.finding.detail == "cannot be read: No such file or directory"


def test_a_template_too_deep_to_read_gives_a_clear_finding() -> None:
    """Python's recursion limit is no traceback."""
    text = '{"Resources": ' + '{"a": ' * 100_000 + "1" + "}" * 100_001
    (found,) = review([parse_template(text, name="deep")])
    assert found.finding.detail == "is nested too deeply to be read"


def test_a_number_too_long_to_read_gives_a_clear_finding() -> None:
    """Python refuses to read whole numbers of thousands of digits; the template is said to be no JSON."""
    (found,) = review([parse_template('{"Resources": ' + "1" * 10_000 + "}", name="long")])
    assert found.finding.detail.startswith("is no JSON: Exceeds the limit")


def test_a_deep_value_is_read_as_far_as_it_matters() -> None:
    """Deep nesting that JSON allows is followed to a depth, and not beyond."""
    value: Any = "AKIAQX4BIPW3AHOV27GN"
    for _ in range(200):
        value = {"Fn::If": ["X", value, {"Ref": "AWS::NoValue"}]}
    template = Template("deep", content={"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"A": value}}}})
    strictly(template)


def test_a_huge_template_is_said_to_be_too_large() -> None:
    """Over 500 resources, or over a megabyte, CloudFormation refuses the template."""
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "x" * 2000}}
    text = json.dumps({"Resources": {f"B{index}": bucket for index in range(600)}})
    assert len(text) > MOST_BYTES
    found = [item.finding.detail for item in everything(parse_template(text, name="huge"))]
    assert "it has 600 resources, CloudFormation takes 500" in found
    assert any(detail.endswith("bytes, CloudFormation takes 1,048,576") for detail in found)


def test_references_in_a_circle_end() -> None:
    """Aliases that name one another are not followed for ever."""
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "B"}}}
    other = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "A"}}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "A"}}}
    strictly(Template("circle", content={"Resources": {"A": alias, "B": other, "M": mapping}}))


_ODD: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["*", "true", "-1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::If", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::FindInMap", "Fn::Split", "AWS", "Statement"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each value of a template stands."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += _places(item, (*path, key))
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_no_mutation_of_a_template_ends_in_a_traceback(data: st.DataObject) -> None:
    """Whatever one puts in the place of any value, rules and calculators read it."""
    path = data.draw(st.sampled_from(TEMPLATES))
    content = copy.deepcopy(dict(load(path).content))
    for _ in range(data.draw(st.integers(1, 4))):
        *above, last = data.draw(st.sampled_from(_places(content)))
        holder: Any = content
        for key in above:
            holder = holder[key]
        holder[last] = data.draw(_ODD)
    template = Template("mutant", content=content, account="222222222222", region="us-east-1")
    strictly(template)
    everything(template)
