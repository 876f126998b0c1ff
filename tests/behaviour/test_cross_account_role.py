"""Who can assume the role for other accounts."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from aws_architect_constructs.identity.cross_account_role import CrossAccountRole
from aws_architect_constructs.testing.policies import (
    AnonymousPrincipal,
    IamRole,
    IamUser,
    Principal,
    Request,
    ServicePrincipal,
    TemplatePolicies,
    WideGrantKind,
    evaluate,
    wide_grants,
)
from support.instances_cross_account_role import EXTERNAL_ID, INSTANCES
from support.synthesis import Template, new_stack, resources, synthesize, template_of

ORGANIZATION: Final = "o-abcdefghij"
AUDITOR: Final = IamRole("arn:aws:iam::222222222222:role/audit-nightly")
PERSON: Final = IamUser("arn:aws:iam::222222222222:user/audit-ada")
STRANGER: Final = IamRole("arn:aws:iam::444444444444:role/audit-nightly")
OWN: Final = IamRole("arn:aws:iam::111111111111:role/app")
MAY_ASSUME: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
}


def _assumes(template: Template, principal: Principal, context: Mapping[str, Any], *, permitted: bool = True) -> bool:
    policies = TemplatePolicies({"Stack": template})
    (role,) = resources(template, "AWS::IAM::Role")
    request = Request(
        principal=principal,
        action="sts:AssumeRole",
        resource=policies.arn_of(role),
        context={"sts:ExternalId": None, **context},
    )
    identity = [MAY_ASSUME] if permitted and isinstance(principal, IamRole | IamUser) else []
    return evaluate(request, identity=identity, resource=policies.resource_of(role)).allowed


def _template(**arguments: Any) -> Template:
    return synthesize(
        lambda stack: CrossAccountRole(stack, "Audit", **{"trusted_accounts": ["222222222222"], **arguments})
    )


WITH_ID: Final = {"sts:ExternalId": EXTERNAL_ID}


@pytest.mark.parametrize(
    ("principal", "context", "allowed"),
    [
        (AUDITOR, WITH_ID, True),
        (PERSON, WITH_ID, True),
        (AUDITOR, {}, False),
        (AUDITOR, {"sts:ExternalId": "another-customers-id"}, False),
        (AUDITOR, {"sts:ExternalId": EXTERNAL_ID.upper()}, False),
        (STRANGER, WITH_ID, False),
        (OWN, WITH_ID, False),
        (ServicePrincipal("lambda.amazonaws.com"), WITH_ID, False),
        (AnonymousPrincipal(), WITH_ID, False),
    ],
)
def test_the_external_id_is_required(principal: Principal, context: dict[str, str], allowed: bool) -> None:
    """The trusted account with its id comes in; without it, with another one, or from elsewhere nobody does."""
    assert _assumes(_template(external_id=EXTERNAL_ID), principal, context) is allowed


def test_the_trusted_account_decides_too() -> None:
    """A principal that its own account does not let assume the role cannot."""
    assert not _assumes(_template(external_id=EXTERNAL_ID), AUDITOR, WITH_ID, permitted=False)


@pytest.mark.parametrize(
    ("principal", "context", "allowed"),
    [
        (AUDITOR, {"aws:PrincipalOrgID": ORGANIZATION}, True),
        (AUDITOR, {"aws:PrincipalOrgID": "o-strangers1"}, False),
        (AUDITOR, {}, False),
        (STRANGER, {"aws:PrincipalOrgID": ORGANIZATION}, False),
    ],
)
def test_the_organization_is_required(principal: Principal, context: dict[str, str], allowed: bool) -> None:
    """An account that left the organization loses the role; a member that is not named never had it."""
    assert _assumes(_template(organization_id=ORGANIZATION), principal, context) is allowed


EVERYTHING: Final[dict[str, Any]] = {
    **WITH_ID,
    "aws:PrincipalOrgID": ORGANIZATION,
    "aws:MultiFactorAuthPresent": True,
}


def test_who_meets_every_requirement_comes_in() -> None:
    """External id, organization, name and second factor together."""
    assert _assumes(_fullest(), PERSON, EVERYTHING)


@pytest.mark.parametrize("missing", EVERYTHING)
def test_each_requirement_is_required(missing: str) -> None:
    """Whatever is missing, the others do not make up for it."""
    assert not _assumes(_fullest(), PERSON, {**EVERYTHING, missing: None})


@pytest.mark.parametrize(
    "principal", [IamUser("arn:aws:iam::222222222222:user/ada"), IamUser("arn:aws:iam::444444444444:user/audit-ada")]
)
def test_other_names_are_refused(principal: Principal) -> None:
    """A principal that fits no pattern, or fits one in another account, stays out."""
    assert not _assumes(_fullest(), principal, EVERYTHING)


def test_a_password_alone_is_refused() -> None:
    """A session without the second factor says so, and stays out."""
    assert not _assumes(_fullest(), PERSON, {**EVERYTHING, "aws:MultiFactorAuthPresent": False})


def _fullest() -> Template:
    return _instance("cross_account_role-fullest")


def _instance(name: str) -> Template:
    stack = new_stack()
    INSTANCES[name].build(stack)
    return template_of(stack)


@pytest.mark.parametrize("name", INSTANCES)
def test_nothing_is_granted_widely(name: str) -> None:
    """No star stands in any policy: not as principal, action or resource. Another account is the trust's purpose."""
    found = wide_grants(TemplatePolicies({"Stack": _instance(name)}).policies, account="111111111111")
    assert {(grant.kind, grant.has_conditions) for grant in found} == {(WideGrantKind.CROSS_ACCOUNT_PRINCIPAL, True)}


def test_the_role_does_what_it_was_granted_and_no_more() -> None:
    """The grant holds; its neighbour does not."""
    policies = TemplatePolicies({"Stack": _fullest()}, managed_policies={BOUNDARY: EVERYTHING_ALLOWED})
    (role,) = resources(_fullest(), "AWS::IAM::Role")

    def may(action: str) -> bool:
        request = Request(
            principal=IamRole(policies.arn_of(role)),
            action=action,
            resource="arn:aws:cloudtrail:eu-west-1:111111111111:trail/organization",
        )
        boundary = policies.boundary_of(role)
        return evaluate(request, identity=policies.identity_of(role), boundary=boundary).allowed

    assert (may("cloudtrail:GetTrailStatus"), may("cloudtrail:StopLogging")) == (True, False)


BOUNDARY: Final = "arn:aws:iam::111111111111:policy/boundary"
EVERYTHING_ALLOWED: Final[dict[str, object]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
