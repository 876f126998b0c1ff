"""Policy documents: the grammar, its errors, and the normal form.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.policies import DocumentKind, Effect, PolicyDocument, PolicyError, normal_form

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def document(*statements: object, **more: object) -> dict[str, object]:
    """Return a document."""
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


class TestParse:
    """Reading."""

    def test_statement_alone_is_a_list_of_one(self) -> None:
        """A single statement needs no list around it."""
        parsed = PolicyDocument.parse({"Version": "2012-10-17", "Id": "x", "Statement": {**STATEMENT, "Sid": "One"}})
        assert [(s.index, s.sid, s.effect) for s in parsed.statements] == [(0, "One", Effect.ALLOW)]

    def test_text_and_map_are_the_same(self) -> None:
        """JSON text is read like the map that it spells."""
        raw = document(STATEMENT)
        assert PolicyDocument.parse(json.dumps(raw)) == PolicyDocument.parse(raw)

    def test_left_out_version_is_the_old_one(self) -> None:
        """Without a Version a document is of 2008-10-17 and knows no policy variables."""
        parsed = PolicyDocument.parse({"Statement": STATEMENT})
        assert (parsed.version, parsed.statements[0].policy_variables) == ("2008-10-17", False)

    def test_trust_policy_has_no_resource(self) -> None:
        """A role trust policy is about its role: Resource is left out."""
        trust = {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "STS:TagSession"],
            "Principal": {"AWS": "111122223333"},
        }
        parsed = PolicyDocument.parse(document(trust), kind=DocumentKind.RESOURCE)
        assert parsed.statements[0].resources is None

    BAD: list[tuple[object, str]] = [  # noqa: RUF012 - a constant table
        ("{", "no JSON"),
        ("[]", "allowed is a policy document"),
        (12, "allowed is a policy document"),
        ({"Version": "2012-10-17"}, "statement 0: got None"),
        (document("x"), "statement 0: got 'x'"),
        (document(STATEMENT, Version="2020-01-01"), "Version, got '2020-01-01'"),
        (document(STATEMENT, Statements=[]), "unknown element 'Statements'"),
        (document({**STATEMENT, "Actions": "x"}), "unknown element 'Actions'"),
        (document({**STATEMENT, "Effect": "allow"}), "Effect, got 'allow'"),
        (document({"Action": "*", "Resource": "*"}), "Effect, got None"),
        (document({**STATEMENT, "Sid": 1}), "Sid, got 1"),
        (
            document({**STATEMENT, "Principal": "*"}),
            "Principal, got '\\*'; allowed is none in an identity-based policy",
        ),
        (document({**STATEMENT, "NotAction": "*"}), "Action and NotAction together"),
        (document({**STATEMENT, "NotResource": "*"}), "Resource and NotResource together"),
        (document({**STATEMENT, "Action": "GetObject"}), r"'GetObject'; allowed are '\*' and 'service:Operation'"),
        (document({**STATEMENT, "Action": "*:GetObject"}), "allowed are"),
        (document({**STATEMENT, "Action": []}), "an empty list"),
        (document({**STATEMENT, "Action": [1]}), "got 1; allowed are strings"),
        (document({**STATEMENT, "Action": ""}), "got ''"),
        (document({"Effect": "Allow", "Action": "s3:*"}), "Resource: got None"),
        (document({**STATEMENT, "Resource": "bucket"}), "got 'bucket'; allowed are '\\*' and ARNs"),
        (document({**STATEMENT, "Resource": {"Ref": "Bucket"}}), "render intrinsic functions first"),
        (document({**STATEMENT, "Resource": "arn:aws:s3:${aws:username}::b"}), "before the fifth colon"),
        (document({**STATEMENT, "Resource": "arn:aws:s3:::${aws:user}"}), "'aws:user' is not published"),
        (document({**STATEMENT, "Resource": "arn:aws:s3:::${"}), "not closed"),
    ]

    @pytest.mark.parametrize(("raw", "message"), BAD)
    def test_errors(self, raw: object, message: str) -> None:
        """What AWS would refuse is an error that names the policy, the place and the value."""
        with pytest.raises(PolicyError, match=message) as error:
            PolicyDocument.parse(raw, name="boundary of Zhang")
        assert str(error.value).startswith("boundary of Zhang")

    def test_error_names_the_sid(self) -> None:
        """An error in a statement names its index and its Sid."""
        with pytest.raises(PolicyError, match=r"p, statement 1 \(Second\): Effect"):
            PolicyDocument.parse(document(STATEMENT, {**STATEMENT, "Sid": "Second", "Effect": "No"}), name="p")

    def test_a_key_twice(self) -> None:
        """An element that stands twice in one block is refused, where JSON alone would keep the last."""
        text = '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
        with pytest.raises(PolicyError, match="'Effect' stands twice"):
            PolicyDocument.parse(text)

    BAD_PRINCIPALS: list[tuple[object, str]] = [  # noqa: RUF012 - a constant table
        (None, "Principal, got None"),
        ("arn:aws:iam::111122223333:root", "allowed are '\\*' and a map"),
        ({}, "allowed are"),
        ({"Aws": "*"}, "unknown element 'Aws'"),
        ({"AWS": []}, "an empty list"),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, "a wildcard in part of a principal"),
        ({"AWS": ["arn:aws:iam::111122223333:user/a?"]}, "a wildcard in part of a principal"),
    ]

    @pytest.mark.parametrize(("principal", "message"), BAD_PRINCIPALS)
    def test_principals(self, principal: object, message: str) -> None:
        """A Principal is everybody or whole principals by type; a wildcard in part of one never matches.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        """
        statement = {**STATEMENT, "Principal": principal} if principal is not None else STATEMENT
        with pytest.raises(PolicyError, match=message):
            PolicyDocument.parse(document(statement), kind=DocumentKind.RESOURCE)

    @pytest.mark.parametrize(
        "statement",
        [
            {**STATEMENT, "Principal": {"AWS": "*"}},
            {**STATEMENT, "NotPrincipal": "*"},
            STATEMENT,
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"},
        ],
    )
    def test_resource_control_policies_are_stricter(self, statement: dict[str, Any]) -> None:
        """An RCP's Principal is an asterisk; NotPrincipal and NotAction are not supported.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
        """
        with pytest.raises(PolicyError, match="resource control policy"):
            PolicyDocument.parse(document(statement), kind=DocumentKind.RESOURCE_CONTROL)

    def test_resource_is_left_out_in_trust_policies_only(self) -> None:
        """Any other resource-based policy needs a Resource."""
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        with pytest.raises(PolicyError, match="Resource: got None"):
            PolicyDocument.parse(document(statement), kind=DocumentKind.RESOURCE)


ACTIONS = st.lists(st.sampled_from(["s3:Get*", "s3:Put*", "ec2:*", "iam:PassRole"]), min_size=1, max_size=6)


class TestNormalForm:
    """One form for documents that mean the same."""

    def test_form(self) -> None:
        """Lists are sorted and without doubles, single values become lists, Booleans text, elements ordered."""
        raw = {
            "Statement": {
                "Resource": "*",
                "Action": ["s3:B", "s3:A", "s3:B"],
                "Effect": "Allow",
                "Principal": {"Service": "s", "AWS": ["2", "1"]},
                "Condition": {"Bool": {"aws:SecureTransport": True}, "ArnLike": {"aws:SourceArn": ["b", "a"]}},
            },
            "Id": "x",
        }
        normal = normal_form(raw)
        assert list(normal) == ["Version", "Id", "Statement"]
        assert normal["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ["1", "2"], "Service": ["s"]},
                "Action": ["s3:A", "s3:B"],
                "Resource": ["*"],
                "Condition": {"ArnLike": {"aws:SourceArn": ["a", "b"]}, "Bool": {"aws:SecureTransport": ["true"]}},
            }
        ]

    def test_intrinsics_stay(self) -> None:
        """References may stand where texts will be."""
        normal = normal_form(document({**STATEMENT, "Resource": [{"Ref": "B"}, {"Ref": "A"}]}))
        assert normal["Statement"] == [
            {**STATEMENT, "Action": ["s3:GetObject"], "Resource": [{"Ref": "A"}, {"Ref": "B"}]}
        ]

    def test_everybody_stays_an_asterisk(self) -> None:
        """``"Principal": "*"`` is not the same as a map, so it stays."""
        assert normal_form(document({**STATEMENT, "Principal": "*"}))["Statement"] == [
            {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["*"]}
        ]

    def test_malformed_statement(self) -> None:
        """A statement that is no map is an error that names it."""
        with pytest.raises(PolicyError, match="p, statement 0: got 'x'"):
            normal_form(document("x"), name="p")

    @given(ACTIONS, st.randoms(use_true_random=False))
    def test_order_and_doubles_do_not_matter(self, actions: list[str], shuffle: random.Random) -> None:
        """Documents that differ in order and doubles have one normal form, which is its own normal form."""
        shuffled = [*actions, actions[0]]
        shuffle.shuffle(shuffled)
        one = normal_form(document({**STATEMENT, "Action": actions}))
        assert one == normal_form(document({**STATEMENT, "Action": shuffled}))
        assert normal_form(one) == one
