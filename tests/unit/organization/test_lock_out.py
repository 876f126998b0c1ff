"""Policies that would lock out those who repair them are refused, by evaluation."""

from typing import Any

import pytest

from aws_architect_constructs.organization.guardrails import Exemptions, Guardrail
from aws_architect_constructs.organization.lock_out import check_lock_out
from aws_architect_constructs.organization.management_policies import ai_services_opt_out
from aws_architect_constructs.organization.policy_packing import PolicyType
from aws_architect_constructs.organization.policy_plan import plan_policies
from aws_architect_constructs.organization.resource_controls import ALL_RESOURCE_CONTROLS, organization_only
from aws_architect_constructs.organization.service_controls import ALL_SERVICE_CONTROLS
from aws_architect_constructs.organization.tree import OrganizationTree

TREE = OrganizationTree.of([], [], account_quota=10)
ORG = "o-abcdefghij"
EXEMPTIONS = Exemptions(roles=("break-glass/*",))


def check(*guardrails: Any, organization_id: str = ORG, exemptions: Exemptions = EXEMPTIONS) -> None:
    """Check the guardrails of the root."""
    planned = plan_policies({"Root": guardrails}, tree=TREE, exemptions=exemptions)
    check_lock_out(planned, exemptions, organization_id)


def guardrail(statement: dict[str, Any], **arguments: Any) -> Guardrail:
    """A guardrail of one statement."""
    texts: Any = dict.fromkeys(("rationale", "threat", "reference", "blast_radius"), "Text.")
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", **statement}
    return Guardrail(**{"name": "Mine", "statements": (deny,), **texts, **arguments})


def resource_control(statement: dict[str, Any]) -> Guardrail:
    """A resource control policy of one statement."""
    return guardrail({"Principal": "*", **statement}, policy_type=PolicyType.RESOURCE_CONTROL)


@pytest.mark.parametrize("exemptions", [EXEMPTIONS, Exemptions(people=True, pipelines=True, tag_key="exempt")])
def test_the_catalogue_locks_nobody_out(exemptions: Exemptions) -> None:
    """No guardrail of the catalogue, whoever is exempt."""
    service = [one for one in ALL_SERVICE_CONTROLS if one.name != "RolesProtected"]
    check(*service, *ALL_RESOURCE_CONTROLS, ai_services_opt_out(), exemptions=exemptions)


@pytest.mark.parametrize(
    "one",
    [
        guardrail({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}, exemptible=False),
        guardrail({"Condition": {"StringLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*"}}}, exemptible=False),
        resource_control({"Action": "s3:*"}),
        resource_control({"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}}}),
        organization_only("o-zzzzzzzzzz"),
    ],
    ids=["organization", "roles", "data", "trust", "another organization"],
)
def test_what_locks_out(one: Guardrail) -> None:
    """Conditions on the caller that fit the exempt too, perimeters without a way in, the id of another organization."""
    with pytest.raises(ValueError, match=f"Root: the exempt roles would be locked out, got a Deny of .* by {one.name}"):
        check(one)


@pytest.mark.parametrize(
    "one",
    [
        guardrail({"Condition": {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}}, exemptible=False),
        resource_control({"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        resource_control(
            {"Action": "s3:*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}
        ),
        guardrail({"Condition": {"StringEquals": {"new:KeyOfTomorrow": "x"}}}),
    ],
    ids=["another account", "transport", "time", "new key"],
)
def test_what_locks_nobody_out(one: Guardrail) -> None:
    """What fits somebody else, or hangs on what nobody knows before, or on a key that is not known yet, passes."""
    check(one)


def test_an_id_that_a_deployment_knows() -> None:
    """A token in the place of the organization's id stands for the roles' own."""
    check(organization_only("${Token[OrganizationId.1]}"))


def test_a_statement_that_aws_would_refuse() -> None:
    """An operator that does not exist is an error here, and not of the deployment."""
    with pytest.raises(ValueError, match=r"SERVICE_CONTROL_POLICY: AWS would refuse it: .*StringEqual"):
        check(guardrail({"Condition": {"StringEqual": {"aws:RequestedRegion": "eu-west-1"}}}))
