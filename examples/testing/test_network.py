"""A project's tests of its own network, with the testing kit.

The first time, `python -m pytest --snapshot-update` writes the snapshot; from then on `python -m pytest` compares.
"""

import tempfile
from collections.abc import Sequence

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Template
from syrupy.assertion import SnapshotAssertion

from aws_architect_constructs import EnvironmentType, ThreeTierVpc
from aws_architect_constructs.testing.nag import NagPack, nag_report
from aws_architect_constructs.testing.policies import (
    IamRole,
    PolicyKind,
    Request,
    TemplatePolicies,
    evaluate,
    wide_grants,
)
from aws_architect_constructs.testing.reachability import Network, Verdict
from aws_architect_constructs.testing.replacement import STATEFUL_TYPES, assert_no_replacement
from aws_architect_constructs.testing.validity import validate_template

ACCOUNT, REGION = "111111111111", "eu-west-1"


class NetworkStack(Stack):
    """What is tested: a network with an application and a database. A project would import it from its app."""

    def __init__(self, scope: App, id: str, *, zones: Sequence[str] = ("eu-west-1a", "eu-west-1b")) -> None:
        super().__init__(scope, id, env=Environment(account=ACCOUNT, region=REGION))
        EnvironmentType.PROD.apply_to(self)
        network = ThreeTierVpc(self, "Network", availability_zones=list(zones))
        app = ec2.SecurityGroup(self, "AppGroup", vpc=network.vpc)
        database = ec2.SecurityGroup(self, "DatabaseGroup", vpc=network.vpc, allow_all_outbound=False)
        database.connections.allow_from(app, ec2.Port.tcp(5432))
        for name, tier, group in (("App", network.private, app), ("Database", network.isolated, database)):
            groups = [group.security_group_id]
            ec2.CfnNetworkInterface(self, name, subnet_id=tier.subnet_ids[0], group_set=groups)
        role = iam.Role(self, "AppRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        ssm.StringParameter(self, "Setting", parameter_name="/app/setting", string_value="on").grant_read(role)


def network_stack(*zones: str) -> NetworkStack:
    """The stack, in an app whose output is thrown away."""
    app = App(outdir=tempfile.mkdtemp())
    return NetworkStack(app, "Network", zones=zones) if zones else NetworkStack(app, "Network")


@pytest.fixture(scope="module")
def template() -> Template:
    """The stack's template, synthesized once for all tests."""
    return Template.from_stack(network_stack())


def test_the_template_is_the_one_that_was_reviewed(template: Template, template_snapshot: SnapshotAssertion) -> None:
    """No property changes without a line in a diff of the snapshot."""
    assert template_snapshot == template


def test_the_application_reaches_the_database(template: Template) -> None:
    """Routes, network ACLs and security groups let PostgreSQL and its answers pass."""
    network = Network.from_templates({"Network": template})
    answer = network.reach("App", "Database", port=5432)
    assert answer.verdict is Verdict.REACHABLE, answer


def test_the_database_does_not_reach_the_internet(template: Template) -> None:
    """BLOCKED means surely blocked: UNDECIDED would fail here too."""
    network = Network.from_templates({"Network": template})
    answer = network.reach("Database", "internet", port=443)
    assert answer.verdict is Verdict.BLOCKED, answer


def test_nothing_is_published(template: Template) -> None:
    """The internet reaches no resource on any port."""
    assert Network.from_templates({"Network": template}).published() == frozenset()


def test_another_zone_replaces_nothing(template: Template) -> None:
    """The network grows from two Availability Zones to three in place."""
    grown = Template.from_stack(network_stack("eu-west-1a", "eu-west-1b", "eu-west-1c"))
    assert_no_replacement(template, grown, types=STATEFUL_TYPES, region=REGION)


def test_the_application_reads_its_setting_and_no_more(template: Template) -> None:
    """The role's policies allow reading the one parameter, and not writing it."""
    policies = TemplatePolicies({"Network": template.to_json()}, account=ACCOUNT, region=REGION)
    app = IamRole(f"arn:aws:iam::{ACCOUNT}:role/App")
    setting = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/app/setting"
    identity = policies.identity_of("AppRoleDC883459")
    assert evaluate(Request(principal=app, action="ssm:GetParameter", resource=setting), identity=identity)
    assert not evaluate(Request(principal=app, action="ssm:PutParameter", resource=setting), identity=identity)


def test_roles_grant_nothing_widely(template: Template) -> None:
    """No policy of a role has a wildcard action, or every resource."""
    policies = TemplatePolicies({"Network": template.to_json()}, account=ACCOUNT, region=REGION)
    of_roles = [policy for policy in policies.policies if policy.kind in {PolicyKind.INLINE, PolicyKind.MANAGED}]
    assert [str(grant) for grant in wide_grants(of_roles, account=ACCOUNT)] == []


def test_cloudformation_takes_the_template(template: Template) -> None:
    """CloudFormation's validator has nothing to say but that the Availability Zones are pinned, as they should be."""
    findings = validate_template(template, ignore={"W3010"}, region=REGION)
    assert [str(finding) for finding in findings] == []


def test_cdk_nag_finds_nothing() -> None:
    """Every finding of AwsSolutions is fixed, or acknowledged with a reason."""
    app = network_stack().node.root
    assert isinstance(app, App)
    report = nag_report(app, [NagPack.AWS_SOLUTIONS])
    assert [f"{finding.rule} {finding.construct_path}" for finding in report.findings] == []
