"""Condition operators: AWS's published semantics, each with its page."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aws_architect_constructs._policies.context_keys import ContextKeyTable
from aws_architect_constructs.testing.policies import (
    AccountPrincipal,
    AnonymousPrincipal,
    ContextValue,
    Effect,
    FederatedUserSession,
    IamRole,
    IamUser,
    PolicyDocument,
    PolicyError,
    Principal,
    Request,
    RootUser,
    ServicePrincipal,
    UndecidedError,
    UnknownConditionOperatorError,
    UnknownContextKeyError,
    WebIdentity,
    evaluate,
)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
USER = IamUser("arn:aws:iam::111122223333:user/Adele", tags={"department": "hr", "Team": "a*b"})
ABSENT: ContextValue = None


def holds(
    condition: dict[str, Any],
    context: dict[str, ContextValue] | None = None,
    *,
    who: Principal = USER,
    effect: Effect = Effect.ALLOW,
    known_keys: tuple[str, ...] = (),
    version: str = "2012-10-17",
) -> bool:
    """Return whether a statement with the condition applies, through the front door."""
    statement = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}
    other = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": version, "Statement": [statement, *([other] if effect is Effect.DENY else [])]}
    action = "sns:Subscribe" if who.account else "s3:GetObject"
    resource = "arn:aws:sns:eu-west-1:111122223333:t"
    request = Request(principal=who, action=action, resource=resource, context=context or {})
    if isinstance(who, RootUser | ServicePrincipal | AnonymousPrincipal | WebIdentity):
        if isinstance(who, WebIdentity):
            request = Request(
                principal=who,
                action="sts:AssumeRoleWithWebIdentity",
                resource="arn:aws:iam::111122223333:role/r",
                context=context or {},
            )
        in_resource = {**document, "Statement": [{**statement, "Effect": "Deny", "Principal": "*"}]}
        return evaluate(request, resource=in_resource, known_keys=known_keys).explicit_deny
    session = document if isinstance(who, FederatedUserSession) else None
    allowed = evaluate(request, identity=[document], session=session, known_keys=known_keys).allowed
    return allowed if effect is Effect.ALLOW else not allowed


TABLE: list[tuple[str, object, ContextValue, bool]] = [
    # String
    ("StringEquals", "johndoe", "johndoe", True),
    ("StringEquals", "johndoe", "JohnDoe", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringEquals", "home*", "homes", False),
    ("StringEquals", True, True, True),
    ("StringEquals", 12, "12", True),
    ("StringNotEquals", "a", "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", "johndoe", "JohnDoe", True),
    ("StringNotEqualsIgnoreCase", "johndoe", "JohnDoe", False),
    ("StringLike", "home/*", "home/David/x", True),
    ("StringLike", "HOME/*", "home/David/x", False),
    ("StringLike", ["", "home/"], "", True),
    ("StringLike", "t?.micro", "t2.micro", True),
    ("StringLike", "t?.micro", "t22.micro", False),
    ("StringNotLike", "home/*", "work/x", True),
    ("StringNotLike", ["home/*", "work/*"], "work/x", False),
    # Numeric
    ("NumericEquals", "10", 10, True),
    ("NumericEquals", "10.0", "10", True),
    ("NumericNotEquals", "10", "11", True),
    ("NumericNotEquals", ["10", "11"], "11", False),
    ("NumericLessThan", "10", 9.5, True),
    ("NumericLessThan", "10", 10, False),
    ("NumericLessThanEquals", "10", 10, True),
    ("NumericLessThanEquals", "10", 11, False),
    ("NumericGreaterThan", "10", 10, False),
    ("NumericGreaterThan", "9", "10", True),
    ("NumericGreaterThanEquals", 10, 10, True),
    ("NumericGreaterThanEquals", ["100", "5"], 10, True),
    # Date
    ("DateEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", True),
    ("DateEquals", "2020-01-01T00:00:01Z", "1577836801", True),
    ("DateEquals", "2020-01-01T01:00:01+01:00", "2020-01-01T00:00:01Z", True),
    ("DateEquals", "2020", "2020-01-01T00:00:00Z", True),
    ("DateEquals", "2020-01-01", datetime(2020, 1, 1, tzinfo=UTC), True),
    ("DateNotEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", False),
    ("DateLessThan", "2020-01-02T00:00:00Z", "2020-01-01T23:59:59.5Z", True),
    ("DateLessThan", "2020-01-01T00:00Z", "2020-01-01T00:00:00Z", False),
    ("DateLessThanEquals", "2020-01-01T00:00Z", "2020-01-01T00:00:00Z", True),
    ("DateGreaterThan", "2013-06-30T00:00:00Z", "20130930T231548Z", True),
    ("DateGreaterThan", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59Z", False),
    ("DateGreaterThanEquals", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", True),
    # Boolean
    ("Bool", "true", True, True),
    ("Bool", True, "true", True),
    ("Bool", "false", "FALSE", True),
    ("Bool", "false", True, False),
    # Binary
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", b"BinaryValueInBase64", True),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", b"other", False),
    # IP address
    ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.0", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", False),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "::/0", "203.0.113.7", False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("NotIpAddress", ["192.0.2.0/24", "203.0.113.0/24"], "203.0.114.7", True),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
    # ARN: each of the six parts by itself
    ("ArnEquals", "arn:aws:sns:eu-west-1:123456789012:topic", "arn:aws:sns:eu-west-1:123456789012:topic", True),
    ("ArnEquals", "arn:aws:sns:*:123456789012:t*", "arn:aws:sns:eu-west-1:123456789012:topic", True),
    ("ArnLike", "arn:aws:sns:*:123456789012:T*", "arn:aws:sns:eu-west-1:123456789012:topic", False),
    ("ArnLike", "arn:aws:logs:*:*:log-group:/a?:*", "arn:aws:logs:x:1:log-group:/ab:s", True),
    ("ArnLike", "arn:aws:sns:*:123456789012:topic", "no arn", False),
    (
        "ArnLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        False,
    ),
    (
        "StringLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        True,
    ),
    ("ArnNotEquals", "arn:aws:sns:*:123456789012:t*", "arn:aws:sns:eu-west-1:123456789012:topic", False),
    ("ArnNotLike", "arn:aws:sns:*:123456789012:t*", "arn:aws:sns:eu-west-1:123456789012:queue", True),
    # Null
    ("Null", "true", ABSENT, True),
    ("Null", "true", "x", False),
    ("Null", "false", "x", True),
    ("Null", False, ABSENT, False),
    ("Null", ["true", "false"], "x", True),
    ("Null", "true", [], True),
]


@pytest.mark.parametrize(("operator", "wanted", "value", "expected"), TABLE)
def test_operator(operator: str, wanted: object, value: ContextValue, expected: bool) -> None:
    """Each operator compares as AWS documents it (reference_policies_elements_condition_operators.html)."""
    assert holds({operator: {"acme:key": wanted}}, {"acme:key": value}, known_keys=("acme:key",)) is expected


POSITIVE = {
    "StringEquals": "a",
    "StringEqualsIgnoreCase": "a",
    "StringLike": "a",
    "NumericEquals": "1",
    "NumericLessThan": "1",
    "NumericLessThanEquals": "1",
    "NumericGreaterThan": "1",
    "NumericGreaterThanEquals": "1",
    "DateEquals": "2020",
    "DateLessThan": "2020",
    "DateLessThanEquals": "2020",
    "DateGreaterThan": "2020",
    "DateGreaterThanEquals": "2020",
    "Bool": "true",
    "BinaryEquals": "QQ==",
    "IpAddress": "10.0.0.0/8",
    "ArnEquals": "arn:aws:s3:::b",
    "ArnLike": "arn:aws:s3:::b",
}
NEGATED = {
    "StringNotEquals": "a",
    "StringNotEqualsIgnoreCase": "a",
    "StringNotLike": "a",
    "NumericNotEquals": "1",
    "DateNotEquals": "2020",
    "NotIpAddress": "10.0.0.0/8",
    "ArnNotEquals": "arn:aws:s3:::b",
    "ArnNotLike": "arn:aws:s3:::b",
}


class TestAbsentKeys:
    """What an absent key does to each operator."""

    @pytest.mark.parametrize(("operator", "wanted"), (POSITIVE | NEGATED).items())
    def test_absent_key(self, operator: str, wanted: str) -> None:
        """An absent key makes a condition false and a negated one true (Conditions, "Important")."""
        condition = {operator: {"sts:ExternalId": wanted}}
        assert holds(condition) is (operator in NEGATED)

    @pytest.mark.parametrize(("operator", "wanted"), (POSITIVE | NEGATED).items())
    def test_if_exists(self, operator: str, wanted: str) -> None:
        """With IfExists an absent key makes every operator true (#Conditions_IfExists)."""
        assert holds({f"{operator}IfExists": {"sts:ExternalId": wanted}})

    def test_if_exists_compares_what_is_there(self) -> None:
        """With IfExists a key that is there is compared as usual."""
        condition = {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}}
        assert holds(condition, {"ec2:InstanceType": "t2.micro"})
        assert not holds(condition, {"ec2:InstanceType": "x1.large"})
        assert holds(condition)

    def test_negated_if_exists_in_a_deny(self) -> None:
        """A Deny with StringNotEqualsIfExists still denies when the tag is missing (#Conditions_IfExists)."""
        condition = {"StringNotEqualsIfExists": {"aws:RequestTag/Team": "a"}}
        assert holds(condition, effect=Effect.DENY)
        assert not holds(condition, {"aws:RequestTag/Team": "a"}, effect=Effect.DENY)

    @pytest.mark.parametrize(
        ("operator", "value", "denied"),
        [
            ("BoolIfExists", ABSENT, True),
            ("BoolIfExists", "false", True),
            ("BoolIfExists", "true", False),
            ("Bool", ABSENT, False),
            ("Bool", "false", True),
            ("Bool", "true", False),
        ],
    )
    def test_multi_factor(self, operator: str, value: ContextValue, denied: bool) -> None:
        """Denying without MFA needs BoolIfExists: long-term credentials send no key.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
        """
        condition = {operator: {"aws:MultiFactorAuthPresent": "false"}}
        assert holds(condition, {"aws:MultiFactorAuthPresent": value}, effect=Effect.DENY) is denied


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
SETS: list[tuple[str, list[str], ContextValue, bool]] = [
    ("ForAllValues:StringLike", ["PostDateTime", "Message", "Tags"], ["PostDateTime", "Message"], True),
    ("ForAllValues:StringLike", ["PostDateTime", "Message", "Tags"], ["PostDateTime", "UserName"], False),
    ("ForAnyValue:StringLike", ["ID", "PostDateTime"], ["UserName", "Message", "PostDateTime"], True),
    ("ForAnyValue:StringLike", ["ID", "PostDateTime"], ["UserName"], False),
    ("ForAllValues:StringEquals", ["a"], ABSENT, True),
    ("ForAllValues:StringEquals", ["a"], [], True),
    ("ForAllValues:StringEquals", ["a"], "", True),
    ("ForAnyValue:StringEquals", ["a"], ABSENT, False),
    ("ForAnyValue:StringEquals", ["a"], [], False),
    ("ForAnyValue:StringEquals", [""], "", False),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], False),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["c", "a"], True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["b", "a"], False),
    ("ForAnyValue:StringNotEquals", ["a"], ABSENT, False),
    ("ForAllValues:StringNotEquals", ["a"], ABSENT, True),
    ("ForAnyValue:StringEqualsIfExists", ["a"], ABSENT, True),
    ("ForAnyValue:StringEqualsIfExists", ["a"], ["b"], False),
    ("ForAllValues:StringEqualsIfExists", ["a"], ["b"], False),
    ("ForAllValues:ArnLike", ["arn:aws:s3:::b*"], ["arn:aws:s3:::b1", "arn:aws:s3:::b2"], True),
    ("ForAllValues:NumericLessThan", ["5"], ["1", "7"], False),
    ("ForAnyValue:IpAddress", ["10.0.0.0/8"], ["192.0.2.1", "10.1.2.3"], True),
]


@pytest.mark.parametrize(("operator", "wanted", "value", "expected"), SETS)
def test_set_operator(operator: str, wanted: list[str], value: ContextValue, expected: bool) -> None:
    """ForAllValues and ForAnyValue compare sets; without values the first is true, the second is false."""
    assert holds({operator: {"acme:many": wanted}}, {"acme:many": value}, known_keys=("acme:many",)) is expected


class TestBlocks:
    """Conditions with several operators, keys and values.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """

    def test_operators_and_keys_are_a_conjunction(self) -> None:
        """All operators and all their keys must hold."""
        condition = {
            "StringEquals": {"aws:PrincipalTag/department": ["finance", "hr"], "aws:PrincipalTag/role": "auditor"},
            "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:user/A*"]},
        }
        assert not holds(condition)
        auditor = IamUser(USER.arn, tags={"department": "hr", "role": "auditor"})
        assert holds(condition, who=auditor)
        assert not holds(condition, who=IamUser("arn:aws:iam::111122223333:user/Bob", tags=auditor.tags))

    def test_key_names_are_not_case_sensitive(self) -> None:
        """A key may be written in any case, in the policy and in the request, tag keys included."""
        assert holds({"StringEquals": {"AWS:USERNAME": "Adele"}})
        assert holds({"StringEquals": {"aws:principaltag/DEPARTMENT": "hr"}})
        assert holds({"StringEquals": {"sts:ExternalId": "x"}}, {"STS:externalid": "x"})

    def test_several_values_need_a_set_operator(self) -> None:
        """Without a set operator a request with several values cannot be decided."""
        with pytest.raises(UndecidedError, match="needs ForAllValues or ForAnyValue"):
            holds({"StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a", "b"]})
        assert holds({"StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a"]})

    def test_null_of_several_values(self) -> None:
        """Null asks whether the key is there, however many values it has."""
        assert holds({"Null": {"aws:TagKeys": "false"}}, {"aws:TagKeys": ["a", "b"]})


class TestErrors:
    """What is never a silent pass."""

    @pytest.mark.parametrize(
        "operator",
        ["StringMatches", "stringequals", "NullIfExists", "ForAllValues:Null", "ForSome:StringEquals", "IfExists",
         "StringEqualsIfExistsIfExists", ":StringEquals", ""],
    )  # fmt: skip
    def test_unknown_operator(self, operator: str) -> None:
        """An operator that the policy language does not have is an error that names the place."""
        with pytest.raises(UnknownConditionOperatorError, match=r"identity\[0\], statement 0: .*unknown; allowed are"):
            holds({operator: {"aws:username": "x"}})

    @pytest.mark.parametrize(
        "key", ["aws:PrincipalOrg", "s3:prefx", "acme:key", "username", "sts:External", "aws:PrincipalTag", "nope:x",
                "token.actions.githubusercontent.com:repo", "example.com:actor"],
    )  # fmt: skip
    def test_unknown_key(self, key: str) -> None:
        """A key that AWS does not publish is an error, in a condition, in a variable and in the request."""
        with pytest.raises(UnknownContextKeyError, match="known_keys"):
            holds({"StringEquals": {key: "x"}})
        with pytest.raises(UnknownContextKeyError, match="known_keys"):
            holds({"StringEquals": {"aws:username": f"${{{key}}}"}})
        with pytest.raises(UnknownContextKeyError, match="known_keys"):
            holds({"StringEquals": {"aws:username": "x"}}, {key: "x"})

    @pytest.mark.parametrize(
        "key",
        ["kms:ViaService", "kms:EncryptionContext:aws:s3:arn", "s3:x-amz-acl", "s3:ExistingObjectTag/a", "ec2:Vpc",
         "iam:PassedToService", "iam:PermissionsBoundary", "sts:ExternalId", "aws:RequestTag/x", "aws:SourceVpce",
         "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com/acme:job_workflow_ref",
         "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub", "cognito-identity.amazonaws.com:aud", "saml:aud",
         "lambda:FunctionUrlAuthType", "organizations:PolicyType", "elasticloadbalancing:ResourceTag/a"],
    )  # fmt: skip
    def test_published_keys(self, key: str) -> None:
        """Global keys, services' keys, tag keys and identity providers' claims are known."""
        assert holds({"StringEquals": {key: "x"}}, {key: "x"})

    def test_declared_keys(self) -> None:
        """A caller may declare further keys, with an asterisk for the part that users choose."""
        assert holds({"StringEquals": {"acme:Tag/x": "1"}}, {"acme:Tag/x": 1}, known_keys=("acme:Tag/*",))
        with pytest.raises(UnknownContextKeyError, match="write it as 'service:Name'"):
            holds({}, known_keys=("nonsense",))

    @pytest.mark.parametrize(
        ("operator", "wanted", "what"),
        [
            ("NumericEquals", "ten", "a number, got 'ten'"),
            ("NumericEquals", "Infinity", "a number, got 'Infinity'"),
            ("DateEquals", "yesterday", "a date, got 'yesterday'"),
            ("DateEquals", "2020-*", "a date"),
            ("Bool", "yes", "a Boolean, got 'yes'"),
            ("Null", "maybe", "a Boolean, got 'maybe'"),
            ("BinaryEquals", "###", "a binary value"),
            ("IpAddress", "10.0.0.0/33", "an IP range"),
            ("ArnLike", "*", "an ARN pattern"),
            ("StringEquals", None, "a condition value, got None"),
            ("StringEquals", [["a"]], "a condition value"),
            ("NumericEquals", "${aws:username}", "a policy variable with NumericEquals"),
            ("IpAddress", "${aws:SourceIp}", "a policy variable with IpAddress"),
            ("StringEquals", "${aws:username", "not closed or has no name"),
            ("StringEquals", "${}", "not closed or has no name"),
            ("StringEquals", "${aws:username, Bob}", "default of a policy variable"),
        ],
    )
    def test_values_of_the_policy(self, operator: str, wanted: object, what: str) -> None:
        """A value that does not fit its operator is an error that names operator and key."""
        with pytest.raises(PolicyError, match=what) as error:
            holds({operator: {"sts:ExternalId": wanted}})
        assert f"statement 0, {operator} sts:ExternalId" in str(error.value)

    @pytest.mark.parametrize(
        ("operator", "wanted", "value"),
        [
            ("NumericEquals", "1", "one"),
            ("DateEquals", "2020", "soon"),
            ("Bool", "true", "perhaps"),
            ("IpAddress", "10.0.0.0/8", "localhost"),
            ("BinaryEquals", "QQ==", "#"),
        ],
    )
    def test_values_of_the_request(self, operator: str, wanted: str, value: str) -> None:
        """A value of the request that does not fit the operator is an error, no mismatch."""
        with pytest.raises(PolicyError, match=f"{operator} on sts:ExternalId compares"):
            holds({operator: {"sts:ExternalId": wanted}}, {"sts:ExternalId": value})

    @pytest.mark.parametrize("condition", ["text", {"StringEquals": "text"}])
    def test_shape(self, condition: Any) -> None:
        """A Condition is a map of operators to maps of keys."""
        with pytest.raises(PolicyError, match="allowed is a map of"):
            holds(condition)

    def test_context_values(self) -> None:
        """A context value of no known type is an error."""
        with pytest.raises(PolicyError, match="context sts:ExternalId, got <object"):
            holds({}, {"sts:ExternalId": object()})  # type: ignore[dict-item] # the test is about the wrong type

    def test_arn_pattern_out_of_a_variable(self) -> None:
        """A pattern that has no six parts after its variables are replaced is an error at the statement."""
        with pytest.raises(PolicyError, match="an ARN pattern"):
            holds({"ArnLike": {"aws:PrincipalArn": "arn:${aws:username}"}})


class TestVariables:
    """Policy variables: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html ."""

    @pytest.mark.parametrize(
        ("operator", "wanted", "value", "expected"),
        [
            ("StringLike", "home/${aws:username}/*", "home/Adele/x", True),
            ("StringLike", "home/${aws:username}/*", "home/Bob/x", False),
            ("StringEquals", "${aws:PrincipalTag/department}", "hr", True),
            ("StringEquals", "${aws:principaltag/DEPARTMENT}", "hr", True),
            ("StringLike", "${aws:PrincipalTag/Team}", "a*b", True),
            ("StringLike", "${aws:PrincipalTag/Team}", "axb", False),
            ("StringLike", "a${*}b", "a*b", True),
            ("StringLike", "a${*}b", "axb", False),
            ("StringLike", "a${?}b", "a?b", True),
            ("StringLike", "a${?}b", "axb", False),
            ("StringEquals", "cost ${$}5", "cost $5", True),
            ("StringEquals", "${aws:PrincipalTag/none, 'anonymous'}", "anonymous", True),
            ("StringEquals", "${aws:username, 'anonymous'}", "Adele", True),
            ("StringEquals", "${aws:PrincipalTag/none, ''}x", "x", True),
            ("StringNotEquals", "${aws:username}", "Bob", True),
            ("ArnLike", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::Adele/x", True),
        ],
    )
    def test_variable(self, operator: str, wanted: str, value: str, expected: bool) -> None:
        """A variable stands for the request's value, literally; three escapes stand for special characters."""
        assert holds({operator: {"acme:key": wanted}}, {"acme:key": value}, known_keys=("acme:key",)) is expected

    def test_variable_in_a_boolean(self) -> None:
        """Boolean operators take variables as well (#Conditions_Boolean)."""
        condition = {"Bool": {"aws:ViaAWSService": "${aws:PrincipalTag/via}"}}
        assert holds(condition, who=IamUser(USER.arn, tags={"via": "false"}))

    def test_old_versions_know_no_variables(self) -> None:
        """Before Version 2012-10-17 a variable is plain text."""
        condition = {"StringEquals": {"sts:ExternalId": "${aws:username}"}}
        assert not holds(condition, {"sts:ExternalId": "Adele"}, version="2008-10-17")
        assert holds(condition, {"sts:ExternalId": "${aws:username}"}, version="2008-10-17")

    def test_multivalued_key_is_no_variable(self) -> None:
        """A key with several values cannot be a variable (single-vs-multi-valued-context-keys.html)."""
        with pytest.raises(PolicyError, match="holds several values"):
            holds({"StringEquals": {"aws:username": "${aws:TagKeys}"}}, {"aws:TagKeys": ["a"]})
        with pytest.raises(PolicyError, match="holds several values"):
            holds({"StringEquals": {"aws:username": "${sts:ExternalId}"}}, {"sts:ExternalId": ["a", "b"]})

    def test_without_a_value_nothing_matches(self) -> None:
        """A variable without a value matches nothing: an Allow by it does not apply."""
        assert not holds({"StringEquals": {"aws:username": "${aws:PrincipalTag/none}"}})

    def test_without_a_value_the_rest_is_undecided(self) -> None:
        """AWS says only that the statement might be invalid: where that matters it is an error, not a guess."""
        for condition in (
            {"StringNotEquals": {"aws:username": "${aws:PrincipalTag/none}"}},
            {"StringEquals": {"aws:username": ["Adele", "${aws:PrincipalTag/none}"]}},
        ):
            for effect in Effect:
                with pytest.raises(UndecidedError, match=r"\$\{aws:PrincipalTag/none\} has no value"):
                    holds(condition, effect=effect)

    def test_if_exists_keeps_variables_from_mattering(self) -> None:
        """With IfExists and an absent key the variable is never needed (the page's note)."""
        condition = {"StringEqualsIfExists": {"aws:RequestTag/Team": "${aws:PrincipalTag/none}"}}
        assert holds(condition)


ROLE = IamRole("arn:aws:iam::111122223333:role/path/app", session_name="s", tags={"team": "a"})


class TestDerivedContext:
    """What follows from the principal and the resource.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    """

    @pytest.mark.parametrize(
        ("who", "key", "value"),
        [
            (USER, "aws:PrincipalArn", USER.arn),
            (USER, "aws:PrincipalType", "User"),
            (USER, "aws:username", "Adele"),
            (USER, "aws:PrincipalAccount", "111122223333"),
            (USER, "aws:PrincipalIsAWSService", "false"),
            (ROLE, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/path/app"),
            (ROLE, "aws:PrincipalType", "AssumedRole"),
            (ROLE, "aws:PrincipalTag/team", "a"),
            (RootUser("111122223333"), "aws:PrincipalArn", "arn:aws:iam::111122223333:root"),
            (RootUser("111122223333"), "aws:PrincipalType", "Account"),
            (RootUser("111122223333"), "aws:userid", "111122223333"),
            (ServicePrincipal("sns.amazonaws.com"), "aws:PrincipalServiceName", "sns.amazonaws.com"),
            (ServicePrincipal("sns.amazonaws.com"), "aws:PrincipalIsAWSService", "true"),
            (AnonymousPrincipal(), "aws:PrincipalType", "Anonymous"),
            (AccountPrincipal("111122223333"), "aws:PrincipalAccount", "111122223333"),
            (USER, "aws:SecureTransport", "true"),
            (USER, "aws:ViaAWSService", "false"),
            (USER, "aws:RequestedRegion", "eu-west-1"),
            (USER, "aws:ResourceAccount", "111122223333"),
        ],
    )
    def test_key(self, who: Principal, key: str, value: str) -> None:
        """The key has this value without being said."""
        assert holds({"StringEquals": {key: value}}, who=who)
        assert not holds({"StringEquals": {key: value + "x"}}, who=who)

    @pytest.mark.parametrize(
        ("who", "key"),
        [
            (ROLE, "aws:username"),
            (RootUser("111122223333"), "aws:username"),
            (AnonymousPrincipal(), "aws:userid"),
            (AnonymousPrincipal(), "aws:PrincipalArn"),
            (AnonymousPrincipal(), "aws:PrincipalIsAWSService"),
            (WebIdentity("accounts.google.com"), "aws:PrincipalIsAWSService"),
            (USER, "aws:PrincipalOrgID"),
            (USER, "aws:TokenIssueTime"),
            (ServicePrincipal("sns.amazonaws.com"), "aws:PrincipalArn"),
        ],
    )
    def test_absent(self, who: Principal, key: str) -> None:
        """The key is known to be absent."""
        assert holds({"Null": {key: "true"}}, who=who)

    @pytest.mark.parametrize(
        ("who", "key"),
        [
            (ROLE, "aws:userid"),
            (ROLE, "aws:TokenIssueTime"),
            (USER, "aws:userid"),
            (USER, "aws:CurrentTime"),
            (USER, "aws:EpochTime"),
            (USER, "aws:SourceIp"),
            (USER, "aws:UserAgent"),
            (AccountPrincipal("111122223333"), "aws:PrincipalTag/x"),
            (AccountPrincipal("111122223333"), "aws:PrincipalType"),
            (ServicePrincipal("sns.amazonaws.com"), "aws:PrincipalType"),
            (FederatedUserSession(USER, "f"), "aws:userid"),
        ],
    )
    def test_unsaid(self, who: Principal, key: str) -> None:
        """AWS sends the key, and the request does not say its value: an error that says what to give."""
        with pytest.raises(UndecidedError, match="allowed is context="):
            holds({"Null": {key: "true"}}, who=who)
        assert holds({"Null": {key: "true"}}, {key: None}, who=who)

    def test_source_ip_is_absent_through_an_endpoint(self) -> None:
        """A request through a VPC endpoint has no aws:SourceIp (#Conditions_IPAddress)."""
        assert holds({"Null": {"aws:SourceIp": "true"}}, {"aws:SourceVpce": "vpce-1a2b3c4d"})

    def test_federated_user(self) -> None:
        """A federated user session is named by its own ARN and has no user name."""
        session = FederatedUserSession(USER, "f")
        condition = {
            "StringEquals": {
                "aws:PrincipalArn": "arn:aws:sts::111122223333:federated-user/f",
                "aws:PrincipalType": "FederatedUser",
            },
            "Null": {"aws:username": "true"},
        }
        document = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition},
        }
        request = Request(principal=session, action="s3:ListAllMyBuckets")
        assert evaluate(request, identity=document, session=document)

    @pytest.mark.parametrize(
        ("request_", "key", "value"),
        [
            (("iam:CreateRole", "arn:aws:iam::111122223333:role/x"), "aws:RequestedRegion", "us-east-1"),
            (("s3:GetObject", "arn:aws:s3:::b/k"), "s3:ResourceAccount", "111122223333"),
            (("kms:Encrypt", "arn:aws:kms:eu-west-1:111122223333:alias/a"), "kms:CallerAccount", "111122223333"),
        ],
    )
    def test_services_own_keys(self, request_: tuple[str, str], key: str, value: str) -> None:
        """Keys of services that follow from request and principal are derived too."""
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: value}}}
        request = Request(principal=USER, action=request_[0], resource=request_[1], resource_account="111122223333")
        assert evaluate(request, identity={"Version": "2012-10-17", "Statement": [statement]})

    def test_region_of_a_bucket_is_unsaid(self) -> None:
        """The Region of a request to a bucket does not follow from the bucket's ARN."""
        statement = {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        for resource in ("arn:aws:s3:::b/k", "*"):
            request = Request(principal=USER, action="s3:GetObject", resource=resource)
            with pytest.raises(UndecidedError, match="aws:RequestedRegion"):
                evaluate(request, identity=document)


class TestKeyTable:
    """The table of context keys."""

    @pytest.mark.parametrize(
        ("key", "multivalued"),
        [
            ("aws:TagKeys", True),
            ("aws:CalledVia", True),
            ("aws:PrincipalTag/x", False),
            ("aws:SourceVpc", False),
            ("kms:EncryptionContextKeys", True),
            ("s3:RequestObjectTagKeys", True),
            ("cognito-identity.amazonaws.com:amr", True),
            ("cognito-identity.amazonaws.com:aud", False),
            ("aws:Nonsense", None),
        ],
    )
    def test_multivalued(self, key: str, multivalued: bool | None) -> None:
        """The table tells single-valued from multivalued keys.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html ("Value type")
        """
        assert ContextKeyTable().multivalued(key) is multivalued

    def test_parsing_alone_checks_keys(self) -> None:
        """A document is checked against the published keys when it is read."""
        raw = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransprot": "true"}},
            },
        }
        with pytest.raises(UnknownContextKeyError, match="SecureTransprot"):
            PolicyDocument.parse(raw)
