"""What `parliament` and `policy_sentry` say of every policy document of the identity room's canonical instances."""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

import aws_architect_constructs
from aws_architect_constructs.identity.boundary_denials import IDENTITY_CHANGES
from aws_architect_constructs.identity.github_bootstrap import CdkBootstrap
from aws_architect_constructs.testing.policies import TemplatePolicies, action_matches
from support.instances import INSTANCES, template_of_instance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # parliament finds its data by pkg_resources, and leaves the files open
    from parliament import analyze_policy_string  # type: ignore[import-untyped] # it has no types
from policy_sentry.querying.actions import get_action_data, get_actions_with_access_level
from policy_sentry.querying.all import get_all_actions

ROOM: Final = Path(aws_architect_constructs.__file__).parent / "identity"
OF_THE_ROOM: Final = [name for name in INSTANCES if (ROOM / f"{name.partition('-')[0]}.py").exists()]
BOOTSTRAP: Final = CdkBootstrap(
    qualifier="shop",
    account="111111111111",
    region="eu-west-1",
    boundary="workload-boundary",
    role_prefix="Shop-",
    allow=[{"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::shop-*"}],
    pass_to=["lambda.amazonaws.com"],
)

EXPLAINED: Final = {
    "MALFORMED Statement contains neither Resource nor NotResource": "A trust policy is about the role it stands on.",
    "UNKNOWN_FEDERATION_SOURCE arn:aws:iam::111111111111:oidc-provider/token.actions": "An OIDC provider, by its ARN.",
    "CREDENTIALS_EXPOSURE": "sts:AssumeRole on the named roles of a bootstrap stack is what CDK deploys by.",
    "PERMISSIONS_MANAGEMENT_ACTIONS": "The account statement of a key policy, without which nobody manages the key.",
    "RESOURCE_STAR ['kms:": "In a key policy it is the key itself; in a boundary, keys through the services used.",
    "RESOURCE_STAR ['ec2:AssignPrivateIpAddresses'": "The platform baseline of a boundary, which grants nothing.",
    "RESOURCE_STAR ['ecr:BatchCheckLayerAvailability'": "The platform baseline of a boundary, which grants nothing.",
    "MISMATCHED_TYPE Type mismatch: ArnLike requires": "The encryption context of a log group's key is an ARN as text.",
    "UNKNOWN_CONDITION_FOR_ACTION Unknown condition kms:EncryptionContext:aws:logs:arn": "As CloudWatch Logs has it.",
    "MISMATCHED_TYPE_BUT_USABLE Type mismatch: StringNotEquals": "AWS's own examples compare a boundary as text.",
    "UNKNOWN_CONDITION_FOR_ACTION Unknown condition iam:PermissionsBoundary for action iam:UpdateAssumeRolePolicy": (
        "parliament's data is of 2025-04; policy_sentry's has the key, and an absent one would deny."
    ),
    "UNKNOWN_ACTION Unknown action iam:": "Verbs that are newer than parliament's data: policy_sentry's has them.",
    "UNKNOWN_PREFIX Unknown prefix bedrock-agentcore": "Newer than parliament's data: policy_sentry's has its actions.",
    "RESOURCE_MISMATCH [{'action': 'ssm:DescribeParameters'": "CDK's own grant_read of a parameter.",
    "RESOURCE_MISMATCH [{'action': 'sqs:ListQueues'": "A boundary's `sqs:*` on named queues: listing needs no queue.",
}
"""What the linters say that stays, by its beginning, and why."""


@cache
def documents(name: str) -> dict[str, dict[str, Any]]:
    """Every policy document of an instance, by place."""
    policies = TemplatePolicies({"Stack": template_of_instance(name)})
    return {policy.place: policies.render(policy) for policy in policies.policies}


def linted(document: dict[str, Any]) -> list[str]:
    """What parliament says, with its auditors for privilege escalation and exposure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        policy = analyze_policy_string(
            json.dumps(document), ignore_private_auditors=True, include_community_auditors=True
        )
    return [f"{found.issue} {found.detail}".strip() for found in policy.findings]


@pytest.mark.parametrize("name", OF_THE_ROOM)
def test_parliament_finds_nothing_unexplained(name: str) -> None:
    """No unknown action or condition, no mismatched resource, no privilege escalation."""
    found = [f"{place}: {each}" for place, document in documents(name).items() for each in linted(document)]
    assert [each for each in found if not each.partition(": ")[2].startswith(tuple(EXPLAINED))] == []


def test_parliament_finds_in_the_bootstrap_policy_what_its_conditions_answer() -> None:
    """Parliament reads no conditions: the policy makes roles, which the boundary's condition holds down.

    That nothing escalates by them is evaluated in tests/unit/identity/test_github_bootstrap.py.
    """
    found = {each.partition(" ")[0] for each in linted(BOOTSTRAP.execution_policy())}
    assert found == {
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        "PRIVILEGE_ESCALATION",
        "MISMATCHED_TYPE_BUT_USABLE",
        "UNKNOWN_CONDITION_FOR_ACTION",  # iam:PermissionsBoundary of UpdateAssumeRolePolicy, as above
    }


def test_every_explanation_is_needed() -> None:
    """Nothing is explained that the linter no longer says."""
    found = [each for name in OF_THE_ROOM for document in documents(name).values() for each in linted(document)]
    assert [begin for begin in EXPLAINED if not any(each.startswith(begin) for each in found)] == []


def test_parliament_notices_privilege_escalation() -> None:
    """The linter bites: a policy that passes any role to a new function is found."""
    escalating = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
                "Resource": "*",
            }
        ],
    }
    assert any(each.startswith("PRIVILEGE_ESCALATION") for each in linted(escalating))


@cache
def every_action() -> frozenset[str]:
    """Every action of AWS, in lower case, as policy_sentry knows them."""
    return frozenset(action.lower() for action in get_all_actions())


def actions_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each action of a document with its statement."""
    for statement in document["Statement"]:
        actions = statement.get("Action", statement.get("NotAction"))
        for action in [actions] if isinstance(actions, str) else actions:
            yield action, statement


@pytest.mark.parametrize("name", OF_THE_ROOM)
def test_policy_sentry_knows_every_action(name: str) -> None:
    """Every action, and every wildcard, stands for an action that AWS has."""
    actions = {action for document in documents(name).values() for action, _ in actions_of(document)}
    unknown = [
        action
        for action in actions
        if action.lower() not in every_action()
        and ("*" not in action or not any(action_matches(action, known) for known in every_action()))
    ]
    assert sorted(unknown) == []


@pytest.mark.parametrize("name", OF_THE_ROOM)
def test_policy_sentry_finds_no_action_beside_a_resource_that_it_does_not_take(name: str) -> None:
    """An action that takes no resource never stands beside a named one, where it would grant nothing."""
    found = []
    for place, document in documents(name).items():
        for action, statement in actions_of(document):
            service, _, operation = action.partition(":")
            if "*" in action or statement.get("Resource", "*") == "*" or statement["Effect"] == "Deny":
                continue
            data = get_action_data(service, operation)
            assert data
            if {each["resource_arn_format"] for each in data[service]} == {"*"}:
                found.append(f"{place}: {action}")
    assert found == [
        f"{place}: ssm:DescribeParameters"  # CDK's own grant_read of a parameter
        for place in documents(name)
        if place.startswith("Stack/CheckPolicy")
    ]


@pytest.mark.parametrize("level", ["Write", "Permissions management", "Tagging"])
def test_a_boundary_denies_every_change_in_iam(level: str) -> None:
    """The verbs cover every action of IAM that changes something, as policy_sentry knows them."""
    changes = get_actions_with_access_level("iam", level)
    assert len(changes) > len(("some", "at", "least"))
    assert [each for each in changes if not any(action_matches(verb, each) for verb in IDENTITY_CHANGES)] == []


@pytest.mark.parametrize("level", ["Read", "List"])
def test_a_boundary_denies_no_reading_of_iam(level: str) -> None:
    """What only reads is left to `allow`."""
    reads = get_actions_with_access_level("iam", level)
    assert reads
    assert [each for each in reads if any(action_matches(verb, each) for verb in IDENTITY_CHANGES)] == []


def test_every_verb_stands_for_an_action() -> None:
    """No verb of the denials is a misspelling."""
    assert [verb for verb in IDENTITY_CHANGES if not any(action_matches(verb, each) for each in every_action())] == []
