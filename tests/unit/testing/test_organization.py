"""Asking templates what an organization denies to whom."""

from typing import Any, Final

import pytest

from aws_architect_constructs.testing.organization import Organization
from aws_architect_constructs.testing.policies import (
    IamRole,
    Layer,
    PolicyError,
    Request,
    ServicePrincipal,
)

EVERYTHING: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
PRODUCTION, AUDIT, SANDBOX, MANAGEMENT, STRANGER = (
    "111111111111",
    "222222222222",
    "333333333333",
    "444444444444",
    "999999999999",
)


def policy(kind: str, targets: list[Any], statement: dict[str, Any]) -> dict[str, Any]:
    """A policy resource with one statement."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Type": "AWS::Organizations::Policy",
        "Properties": {"Name": "P", "Type": kind, "TargetIds": targets, "Content": document},
    }


def deny(sid: str, action: str, **elements: Any) -> dict[str, Any]:
    """A Deny of one action."""
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*", **elements}


def unit(name: str, parent: Any) -> dict[str, Any]:
    """An OU resource."""
    return {"Type": "AWS::Organizations::OrganizationalUnit", "Properties": {"Name": name, "ParentId": parent}}


TEMPLATE: Final[dict[str, Any]] = {
    "Parameters": {"RootId": {"Type": "String"}},
    "Resources": {
        "Workloads": unit("Workloads", {"Ref": "RootId"}),
        "Production": unit("Production", {"Fn::GetAtt": ["Workloads", "Id"]}),
        "Audit": {
            "Type": "AWS::Organizations::Account",
            "Properties": {"AccountName": "Audit", "Email": "a@example.com", "ParentIds": [{"Ref": "RootId"}]},
        },
        "AtRoot": policy("SERVICE_CONTROL_POLICY", [{"Ref": "RootId"}], deny("NoUsers", "iam:CreateUser")),
        "AtWorkloads": policy(
            "SERVICE_CONTROL_POLICY", [{"Fn::GetAtt": ["Workloads", "Id"]}], deny("NoQueues", "sqs:CreateQueue")
        ),
        "AtAudit": policy(
            "SERVICE_CONTROL_POLICY", [{"Fn::GetAtt": ["Audit", "AccountId"]}], deny("NoTopics", "sns:CreateTopic")
        ),
        "AtOld": policy("SERVICE_CONTROL_POLICY", ["ou-r000-00000000"], deny("NoTables", "dynamodb:CreateTable")),
        "Nowhere": policy("SERVICE_CONTROL_POLICY", [], deny("Nothing", "*")),
        "Tags": {"Type": "AWS::Organizations::Policy", "Properties": {"Type": "TAG_POLICY", "TargetIds": ["r-root"]}},
        "Perimeter": policy(
            "RESOURCE_CONTROL_POLICY",
            [{"Ref": "RootId"}],
            deny(
                "OursAlone",
                "s3:*",
                Principal="*",
                Condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        ),
    },
}


def organization(**arguments: Any) -> Organization:
    """The organization of the template."""
    defaults: dict[str, Any] = {
        "accounts": {PRODUCTION: "Production", AUDIT: "Audit", SANDBOX: "ou-r000-00000000"},
        "units": {"ou-r000-00000000": "Root"},
        "management_account": MANAGEMENT,
    }
    return Organization({"Management": TEMPLATE}, **{**defaults, **arguments})


def ask(account: str, action: str, resource: str = "*", **context: Any) -> Request:
    """A request by a role of an account."""
    return Request(principal=IamRole(f"arn:aws:iam::{account}:role/app"), action=action, resource=resource, **context)


@pytest.mark.parametrize(
    ("account", "action", "sid"),
    [
        (PRODUCTION, "iam:CreateUser", "NoUsers"),
        (PRODUCTION, "sqs:CreateQueue", "NoQueues"),
        (AUDIT, "sqs:CreateQueue", None),
        (AUDIT, "sns:CreateTopic", "NoTopics"),
        (PRODUCTION, "sns:CreateTopic", None),
        (SANDBOX, "dynamodb:CreateTable", "NoTables"),
        (AUDIT, "dynamodb:CreateTable", None),
        (SANDBOX, "iam:CreateUser", "NoUsers"),
        (MANAGEMENT, "iam:CreateUser", None),
        (STRANGER, "iam:CreateUser", None),
    ],
)
def test_denied_where_it_is_inherited(account: str, action: str, sid: str | None) -> None:
    """Policies of the root, OUs above and the account itself bind it, by their Sid; none binds the management one."""
    decision = organization().evaluate(ask(account, action), identity=[EVERYTHING])
    assert (decision.statement.sid if decision.explicit_deny and decision.statement else None) == sid
    assert decision.allowed is (sid is None)


def test_identity_boundary_and_session_count_too() -> None:
    """What the organization leaves alone is still for the other layers to allow."""
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    request = ask(AUDIT, "dynamodb:CreateTable")
    asked = organization()
    assert asked.evaluate(request).layer is Layer.IDENTITY
    assert asked.evaluate(request, identity=[EVERYTHING], boundary=nothing).layer is Layer.BOUNDARY
    assert asked.evaluate(request, identity=[EVERYTHING], session=[nothing]).layer is Layer.SESSION


OBJECT: Final = "arn:aws:s3:::documents/key"
OPEN: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@pytest.mark.parametrize(
    ("caller", "owner", "allowed"),
    [
        (PRODUCTION, AUDIT, True),
        (MANAGEMENT, AUDIT, True),
        (STRANGER, AUDIT, False),
        (STRANGER, MANAGEMENT, True),
        (STRANGER, STRANGER, True),
    ],
)
def test_resources_are_guarded_where_they_are(caller: str, owner: str, allowed: bool) -> None:
    """Resource control policies go by the resource's account; who is of the organization follows from the tree."""
    request = ask(caller, "s3:GetObject", OBJECT, resource_account=owner)
    decision = organization().evaluate(request, identity=[EVERYTHING], resource=OPEN)
    assert decision.allowed is allowed


def test_what_the_request_says_counts() -> None:
    """A key that the request gives is not overwritten."""
    request = ask(
        PRODUCTION, "s3:GetObject", OBJECT, resource_account=AUDIT, context={"aws:PrincipalOrgID": "o-zzzzzzzzzz"}
    )
    assert organization().evaluate(request, identity=[EVERYTHING], resource=OPEN).explicit_deny


@pytest.mark.parametrize(("source", "allowed"), [(PRODUCTION, True), (STRANGER, False)])
def test_sources_of_services(source: str, allowed: bool) -> None:
    """The organization of a service's source account follows from the tree."""
    template = {
        "Resources": {
            "Deputy": policy(
                "RESOURCE_CONTROL_POLICY",
                ["r-root"],
                deny(
                    "OursAlone",
                    "s3:*",
                    Principal="*",
                    Condition={
                        "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-abcdefghij"},
                        "Null": {"aws:SourceAccount": "false"},
                    },
                ),
            )
        }
    }
    asked = Organization({"Management": template}, accounts={PRODUCTION: "Root", AUDIT: "Root"})
    request = Request(
        principal=ServicePrincipal("cloudtrail.amazonaws.com"),
        action="s3:PutObject",
        resource=OBJECT,
        resource_account=AUDIT,
        context={"aws:SourceAccount": source},
    )
    assert asked.evaluate(request, resource=OPEN).allowed is allowed


def test_what_a_step_would_deny() -> None:
    """Of recorded requests those that the organization's policies deny, with the statement."""
    requests = [
        ask(PRODUCTION, "iam:CreateUser"),
        ask(PRODUCTION, "iam:CreateRole"),
        ask(PRODUCTION, "sqs:CreateQueue"),
        Request(
            principal=ServicePrincipal("cloudtrail.amazonaws.com"),
            action="s3:PutObject",
            resource=OBJECT,
            resource_account=AUDIT,
        ),
    ]
    found = organization().denied(requests)
    assert [(request.action, decision.statement and decision.statement.sid) for request, decision in found] == [
        ("iam:CreateUser", "NoUsers"),
        ("sqs:CreateQueue", "NoQueues"),
    ]


def test_paths() -> None:
    """From the root down to the OU or account."""
    assert organization().path(PRODUCTION) == ("r-root", "Management/Workloads", "Management/Production")
    assert organization().path(SANDBOX) == ("r-root", "ou-r000-00000000")


def test_an_organization_of_the_template() -> None:
    """A root that the template makes is the root."""
    template = {
        "Resources": {
            "Organization": {"Type": "AWS::Organizations::Organization"},
            "Only": unit("Only", {"Fn::GetAtt": ["Organization", "RootId"]}),
        }
    }
    assert Organization({"M": template}, accounts={PRODUCTION: "Only"}).path(PRODUCTION) == ("r-root", "M/Only")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"accounts": {PRODUCTION: "Nowhere"}}, "no such node, got 'Nowhere'; allowed: Root, Workloads, Production"),
        ({"units": {"ou-r000-00000000": "Nowhere"}}, "no such node, got 'Nowhere'"),
    ],
)
def test_places_that_are_unknown(arguments: dict[str, Any], message: str) -> None:
    """An account or OU at a place that nobody described is refused."""
    with pytest.raises(PolicyError, match=message):
        organization(**arguments)


def test_an_account_that_is_not_listed() -> None:
    """Its path is refused: it is outside."""
    with pytest.raises(PolicyError, match="account '999999999999' is not listed; allowed: 111111111111"):
        organization().path(STRANGER)


def test_a_gap_in_the_tree() -> None:
    """An OU of which nobody says what it is below."""
    asked = organization(units={})
    with pytest.raises(PolicyError, match="what is above 'ou-r000-00000000' is unknown"):
        asked.path(SANDBOX)


def test_a_name_twice() -> None:
    """Two OUs of one name could not be told apart."""
    template = {"Resources": {"A": unit("Same", "r-root"), "B": unit("Same", "r-root")}}
    with pytest.raises(PolicyError, match="M/B: the name 'Same' stands twice"):
        Organization({"M": template}, accounts={})
