"""How IAM counts a policy: without white space, with what references will read as."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.identity.boundary_size import largest_statements, policy_size


@pytest.mark.parametrize(
    ("document", "size"),
    [
        ({}, 2),
        ({"Sid": "A b\tc"}, len('{"Sid":"Abtc"}') + 1),  # a tab is written as backslash and t
        ({"a": ["b", 1]}, len('{"a":["b",1]}')),
        ({"a": {"Ref": "AWS::Partition"}}, len('{"a":"aws-us-gov"}')),
        ({"a": {"Ref": "AWS::AccountId"}}, len('{"a":"111122223333"}')),
        ({"a": {"Ref": "Bucket"}}, len('{"a":""}') + 64),
        ({"a": {"Fn::GetAtt": ["Bucket", "Arn"]}}, len('{"a":""}') + 128),
        ({"a": {"Fn::ImportValue": "x"}}, len('{"a":""}') + 128),
        ({"a": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":x"]]}}, len('{"a":"arn:aws-us-gov:x"}')),
        ({"a": {"Fn::Join": [":", ["b", "c"]]}}, len('{"a":"b:c"}')),
        ({"a": {"Fn::Sub": "arn:${AWS::Partition}:${!x}"}}, len('{"a":"arn:aws-us-gov:${!x}"}')),
        ({"a": {"Fn::Sub": ["${Bucket}", {}]}}, len('{"a":""}') + 64),
        ({"a": {"b": "c"}}, len('{"a":{"b":"c"}}')),
    ],
)
def test_the_size_of_a_document(document: dict[str, Any], size: int) -> None:
    """White space does not count, and what only a deployment knows counts at its longest."""
    assert policy_size(document) == size


@given(st.lists(st.text(alphabet="abc \n\t", max_size=20), max_size=5))
def test_white_space_between_words_never_counts(words: list[str]) -> None:
    """Spaces added to a text change nothing."""
    assert policy_size({"a": words}) == policy_size({"a": [word.replace(" ", "") for word in words]})


def test_the_longest_statements_come_first() -> None:
    """By Sid, or by position where there is none."""
    document = {"Statement": [{"Sid": "A"}, {"Effect": "Allow", "Action": "s3:GetObject"}, {"Sid": "Long"}]}
    assert [name for name, _ in largest_statements(document, 2)] == ["statement 1", "Long"]
    assert largest_statements({}, 2) == []
