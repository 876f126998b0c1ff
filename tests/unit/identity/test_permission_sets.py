"""Permission sets of Identity Center: what they refuse, and what their template holds."""

from typing import Any, Final

import pytest
from aws_cdk import CfnParameter, Duration, Stack
from aws_cdk import aws_iam as iam

from aws_architect_constructs.identity.permission_set import AccountAssignment, CustomerManagedPolicy, PermissionSet
from aws_architect_constructs.identity.permission_sets import PermissionSets
from support.instances_permission_sets import DEVELOPERS, INSTANCE_ARN
from support.synthesis import Template, new_stack, properties, resources, synthesize, warnings_of

SET: Final = "AWS::SSO::PermissionSet"
ASSIGNMENT: Final = "AWS::SSO::Assignment"
HERE: Final = AccountAssignment(group_id=DEVELOPERS, accounts=["222222222222"])


def permission_set(**arguments: Any) -> PermissionSet:
    """A permission set with as little as possible."""
    return PermissionSet(**{"name": "ReadOnly", "aws_managed_policies": ["ReadOnlyAccess"], **arguments})


def build(*sets: PermissionSet) -> Template:
    """The template of permission sets alone in their stack."""
    return synthesize(
        lambda stack: PermissionSets(stack, "Access", instance_arn=INSTANCE_ARN, permission_sets=list(sets))
    )


def one(**arguments: Any) -> dict[str, Any]:
    """The properties of one permission set."""
    (found,) = properties(build(permission_set(**arguments)), SET)
    return found


def allow(**arguments: Any) -> iam.PolicyStatement:
    """A statement of an inline policy."""
    return iam.PolicyStatement(**{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/*"], **arguments})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": ""}, "the name is malformed"),
        ({"name": "x" * 33}, "the name is malformed"),
        ({"name": "Read Only"}, "the name is malformed"),
        ({"description": ""}, "the description is empty or too long"),
        ({"description": "x" * 701}, "the description is empty or too long"),
        ({"relay_state": "http://console.aws.amazon.com"}, "relay_state is no address"),
        ({"session_duration": Duration.minutes(59)}, "session_duration is none"),
        ({"session_duration": Duration.hours(13)}, "session_duration is none"),
        ({"aws_managed_policies": []}, "it allows nothing"),
        ({"aws_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, "no name of an AWS managed policy"),
        ({"aws_managed_policies": [1]}, "no name of an AWS managed policy"),
        ({"permissions_boundary": "arn:aws:iam::aws:policy/x"}, "no name of an AWS managed policy"),
        ({"aws_managed_policies": [f"P{number}" for number in range(21)]}, "too many managed policies"),
        ({"assignments": [HERE, HERE]}, "a group has it twice"),
        ({"inline_policy": [allow(principals=[iam.AnyPrincipal()])]}, "a statement has a principal"),
        (
            {"inline_policy": [allow(conditions={"Bool": {"aws:MultiFactorAuthPresent": "true"}})]},
            "sessions of Identity Center do not have aws:MultiFactorAuthPresent",
        ),
        (
            {"inline_policy": [allow(conditions={"NumericLessThan": {"aws:multifactorauthage": "3600"}})]},
            "sessions of Identity Center do not have aws:multifactorauthage",
        ),
    ],
)
def test_a_wrong_part_is_refused(arguments: dict[str, Any], problem: str) -> None:
    """The error names the permission set, what was given and what is allowed."""
    with pytest.raises(ValueError, match=rf"^PermissionSet '.*': {problem}.*got .*; allowed: "):
        permission_set(**arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"group_id": "developers"}, "no group id"),
        ({"group_id": "*"}, "no group id"),
        ({"accounts": []}, "no account, or one twice"),
        ({"accounts": "222222222222"}, "accounts: not a list"),
        ({"accounts": ["22222222222"]}, "no account id"),
        ({"accounts": [222222222222]}, "no account id"),
        ({"accounts": ["222222222222", "222222222222"]}, "no account, or one twice"),
    ],
)
def test_a_wrong_assignment_is_refused(arguments: dict[str, Any], problem: str) -> None:
    """Groups by id and accounts of 12 digits are all that can be assigned."""
    with pytest.raises(ValueError, match=rf"^AccountAssignment: {problem}.*got .*; allowed: "):
        AccountAssignment(**{"group_id": DEVELOPERS, "accounts": ["222222222222"], **arguments})


@pytest.mark.parametrize(("arguments", "problem"), [({"name": "a/b"}, "name"), ({"path": "people"}, "path")])
def test_a_wrong_policy_name_is_refused(arguments: dict[str, Any], problem: str) -> None:
    """A customer managed policy is named by name and path."""
    with pytest.raises(ValueError, match=rf"^CustomerManagedPolicy: {problem} is malformed, got .*; allowed: "):
        CustomerManagedPolicy(**{"name": "developer", **arguments})


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"instance_arn": "ssoins-1234567890abcdef"}, "instance_arn is no instance"),
        ({"instance_arn": "arn:aws:sso:::instance/*"}, "instance_arn is no instance"),
        ({"permission_sets": []}, "the permission sets are none"),
        ({"permission_sets": ["ReadOnly"]}, "the permission sets are none"),
        ({"permission_sets": "ReadOnly"}, "permission_sets: not a list"),
        ({"permission_sets": [permission_set(), permission_set()]}, "or two have one name"),
        (
            {
                "permission_sets": [
                    permission_set(inline_policy=[allow(resources=[f"arn:aws:s3:::b{n:04}/*" for n in range(500)])])
                ]
            },
            "the inline policy of ReadOnly is too long",
        ),
    ],
)
def test_a_wrong_argument_is_refused_before_the_tree_is_touched(arguments: dict[str, Any], problem: str) -> None:
    """The error names the construct; the id stays free."""
    stack = new_stack()
    good: dict[str, Any] = {"instance_arn": INSTANCE_ARN, "permission_sets": [permission_set()]}
    with pytest.raises(ValueError, match=rf"^Stack/Access: .*{problem}.*got .*; allowed: "):
        PermissionSets(stack, "Access", **{**good, **arguments})
    PermissionSets(stack, "Access", **good)


def test_the_defaults() -> None:
    """A session of one hour, the name as description, and nothing that was not asked for."""
    assert one() == {
        "Description": "ReadOnly",
        "InstanceArn": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, INSTANCE_ARN.removeprefix("arn:aws")]]},
        "ManagedPolicies": [{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/ReadOnlyAccess"]]}],
        "Name": "ReadOnly",
        "SessionDuration": "PT1H",
    }


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration.hours(1), "PT1H"),
        (Duration.hours(12), "PT12H"),
        (Duration.minutes(90), "PT1H30M"),
        (Duration.seconds(3661), "PT1H1M1S"),
    ],
)
def test_durations_are_written_as_iso_8601(duration: Duration, text: str) -> None:
    """session_duration becomes what CloudFormation takes."""
    assert one(session_duration=duration)["SessionDuration"] == text


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ({"description": "Reads."}, "Description", "Reads."),
        ({"relay_state": "https://console.aws.amazon.com/s3"}, "RelayStateType", "https://console.aws.amazon.com/s3"),
        (
            {"customer_managed_policies": [CustomerManagedPolicy(name="reader", path="/people/")]},
            "CustomerManagedPolicyReferences",
            [{"Name": "reader", "Path": "/people/"}],
        ),
        (
            {"permissions_boundary": CustomerManagedPolicy(name="cap")},
            "PermissionsBoundary",
            {"CustomerManagedPolicyReference": {"Name": "cap", "Path": "/"}},
        ),
    ],
)
def test_each_part_reaches_the_template(arguments: dict[str, Any], name: str, value: object) -> None:
    """No argument is ignored."""
    assert one(**arguments)[name] == value


def test_an_aws_managed_boundary_is_named_in_any_partition() -> None:
    """A boundary by name is an ARN of the partition."""
    arn = one(permissions_boundary="PowerUserAccess")["PermissionsBoundary"]["ManagedPolicyArn"]
    assert arn == {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/PowerUserAccess"]]}


def test_statements_become_the_inline_policy() -> None:
    """An inline policy alone is enough."""
    found = one(aws_managed_policies=[], inline_policy=[allow()])
    (statement,) = found["InlinePolicy"]["Statement"]
    assert statement == {"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::shop/*"}
    assert "ManagedPolicies" not in found


def test_other_conditions_are_let_through() -> None:
    """Only conditions on MFA are refused."""
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/team": "shop"}}
    found = one(inline_policy=[allow(conditions={**condition, "Bool": {"aws:ViaAWSService": "false"}})])
    assert set(found["InlinePolicy"]["Statement"][0]["Condition"]) == {"Bool", "StringEquals"}


def test_groups_are_assigned_in_each_account() -> None:
    """One assignment for each group and account, of a group always, by the permission set's own ARN."""
    assigned = AccountAssignment(group_id=DEVELOPERS, accounts=["222222222222", "333333333333"])
    stack = new_stack()
    access = PermissionSets(
        stack, "Access", instance_arn=INSTANCE_ARN, permission_sets=[permission_set(assignments=[assigned])]
    )
    assert [account for _, _, account in access.assignments] == ["222222222222", "333333333333"]
    assert list(access.permission_sets) == ["ReadOnly"]
    template = synthesize(
        lambda other: PermissionSets(
            other, "Access", instance_arn=INSTANCE_ARN, permission_sets=[permission_set(assignments=[assigned])]
        )
    )
    (logical_id,) = resources(template, SET)
    found = properties(template, ASSIGNMENT)
    assert [each["TargetId"] for each in found] == ["222222222222", "333333333333"]
    assert {each["PrincipalType"] for each in found} == {"GROUP"}
    assert {each["PrincipalId"] for each in found} == {DEVELOPERS}
    assert [each["PermissionSetArn"] for each in found] == [{"Fn::GetAtt": [logical_id, "PermissionSetArn"]}] * 2


def test_a_new_account_moves_no_other_assignment() -> None:
    """Assignments are known by group and account, not by their position."""

    def ids(*accounts: str) -> set[str]:
        assigned = AccountAssignment(group_id=DEVELOPERS, accounts=accounts)
        return set(resources(build(permission_set(assignments=[assigned])), ASSIGNMENT))

    assert ids("333333333333") < ids("222222222222", "333333333333")


def test_there_is_no_user() -> None:
    """People come by Identity Center alone."""
    template = build(permission_set(assignments=[HERE]))
    assert {each["Type"] for each in template["Resources"].values()} == {SET, ASSIGNMENT}


def test_an_instance_that_only_the_deployment_knows() -> None:
    """The instance's ARN may be a parameter."""

    def with_parameter(stack: Stack) -> None:
        parameter = CfnParameter(stack, "Instance")
        PermissionSets(stack, "Access", instance_arn=parameter.value_as_string, permission_sets=[permission_set()])

    (found,) = properties(synthesize(with_parameter), SET)
    assert found["InstanceArn"] == {"Ref": "Instance"}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({}, []),
        ({"aws_managed_policies": ["AdministratorAccess"]}, []),
        (
            {"aws_managed_policies": ["AdministratorAccess"], "session_duration": Duration.hours(8)},
            ["LongAdministratorSession"],
        ),
        ({"session_duration": Duration.hours(8)}, []),
        ({"aws_managed_policies": [f"P{number}" for number in range(11)]}, ["ManagedPolicyQuota"]),
        ({"aws_managed_policies": [f"P{number}" for number in range(10)]}, []),
    ],
)
def test_what_is_unwise_is_warned_of_by_name(arguments: dict[str, Any], names: list[str]) -> None:
    """Administrators for a whole day, and more policies than a role takes by default."""
    stack = new_stack()
    PermissionSets(stack, "Access", instance_arn=INSTANCE_ARN, permission_sets=[permission_set(**arguments)])
    found = warnings_of(stack)
    assert len(found) == len(names)
    assert all(name in text for name, text in zip(names, found, strict=True))
