"""The value objects of a service: what each refuses by itself, before it is handed to the service."""

import re
from typing import Any

import pytest
from aws_cdk import Fn, Stack
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import (
    EfsMount,
    Egress,
    FargateCapacity,
    Ingress,
    ScheduledCapacity,
    TaskScaling,
    WritablePath,
)
from aws_architect_constructs.compute.task_roles import ECS_TASKS, PolicyRole
from support.synthesis import new_stack, properties, resources, template_of

ANY: Any = None


def listener(stack: Stack) -> elbv2.IApplicationListener:
    """A listener that is there already."""
    return elbv2.ApplicationListener.from_application_listener_attributes(
        stack,
        "Listener",
        listener_arn="arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/a/1/2",
        security_group=ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1"),
    )


PATH = elbv2.ListenerCondition.path_patterns(["/a"])
HOOK = autoscaling.Schedule.cron(hour="1", minute="0")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ingress.public(allowed_cidrs="10.0.0.0/8"), "allowed_cidrs: not a list, got '10.0.0.0/8'"),
        (lambda: Ingress.public(allowed_cidrs=["10.0.0.1/8"]), "allowed_cidrs: no block of IPv4 addresses, got"),
        (lambda: Ingress.internal(allowed_cidrs=["2001:db8::/32"]), "allowed_cidrs: no block of IPv4 addresses"),
        (lambda: Ingress.public(domain_name="a.example.com"), "domain_name and hosted_zone: one needs the other"),
        (lambda: Ingress.vpc_origin(prefix_list_id="pl-1", from_subnets=True), "from_subnets: there are two ways"),
        (lambda: Ingress.vpc_origin(prefix_list_id="sg-1"), "prefix_list_id: no prefix list, got 'sg-1'"),
        (lambda: Egress.prefix_list("10.0.0.0/8"), "prefix_list_id: no prefix list, got '10.0.0.0/8'"),
        (lambda: Egress.vpc_endpoints([]), "security_groups: no security group of an endpoint, got []"),
        (lambda: Egress.vpc_endpoints([ANY]), "security_groups: no security group of an endpoint, got [None]"),
        (lambda: FargateCapacity.mixed(on_demand_base=0), "on_demand_base: not a whole number within bounds, got 0"),
        (lambda: FargateCapacity.mixed(on_demand_weight=0), "on_demand_weight: not a whole number within bounds"),
        (lambda: FargateCapacity.mixed(spot_weight=0), "spot_weight: not a whole number within bounds, got 0"),
        (lambda: WritablePath.memory("tmp"), "path: no absolute path in a container, got 'tmp'"),
        (lambda: WritablePath.memory("/a", size_mib=0), "size_mib: not a whole number within bounds, got 0"),
        (lambda: WritablePath.disk("/"), "path: no absolute path in a container, got '/'"),
        (lambda: EfsMount(file_system=ANY, path="data"), "path: no absolute path in a container, got 'data'"),
    ],
)
def test_what_is_wrong_is_refused_at_once(make: Any, message: str) -> None:
    """Where the mistake was made, with what would be right."""
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}.*; allowed: "):
        make()


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (ScheduledCapacity(schedule=HOOK), "schedules: an entry changes nothing, got no bound"),
        (ScheduledCapacity(schedule=HOOK, min_capacity=-1), "schedules: min_capacity: not a whole number"),
        (
            ScheduledCapacity(schedule=HOOK, min_capacity=3, max_capacity=2),
            "schedules: min_capacity is more than max_capacity, got 3 and 2",
        ),
    ],
)
def test_a_schedule_changes_something_sensible(schedule: ScheduledCapacity, message: str) -> None:
    """A bound at least, no negative one, and none that cross."""
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}.*; allowed: "):
        TaskScaling(schedules=[schedule]).bounds(2)


@given(st.integers(0, 5000), st.none() | st.integers(0, 5000), st.none() | st.integers(0, 5000))
def test_bounds_never_cross(minimum: int, least: int | None, most: int | None) -> None:
    """Whatever is accepted: at least the caller's or the environment's fewest, and no fewer at most."""
    scaling = TaskScaling(min_capacity=least, max_capacity=most)
    expected = minimum if least is None else least
    upper = max(10, expected) if most is None else most
    if expected > upper or upper == 0:
        with pytest.raises(ValueError, match="allowed: "):
            scaling.bounds(minimum)
        return
    assert scaling.bounds(minimum) == (expected, upper)


def test_what_is_not_known_yet_passes() -> None:
    """Tokens are CloudFormation's to check."""
    token = Fn.import_value("Known")
    assert Ingress.public(allowed_cidrs=[token]).allowed_cidrs == (token,)
    assert Ingress.vpc_origin(prefix_list_id=token).prefix_list_id == token
    assert len(Egress.prefix_list(token).peers) == 1


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_is_one_of_a_listeners(priority: int) -> None:
    """One to 50,000."""
    with pytest.raises(ValueError, match=rf"^priority: not a whole number within bounds, got {priority}; allowed: "):
        Ingress.listener(listener(new_stack()), priority=priority, conditions=[PATH])


@pytest.mark.parametrize("count", [0, 6])
def test_a_rule_has_one_to_five_conditions(count: int) -> None:
    """Without one it would take every request of the shared listener."""
    with pytest.raises(ValueError, match=rf"^conditions: too few or too many, got {count}; allowed: 1 to 5"):
        Ingress.listener(listener(new_stack()), priority=1, conditions=[PATH] * count)


def test_a_zone_without_a_name_is_half_of_it() -> None:
    """As is a name without a zone."""
    zone = route53.HostedZone.from_hosted_zone_attributes(
        new_stack(), "Zone", hosted_zone_id="Z1", zone_name="example.com"
    )
    with pytest.raises(
        ValueError, match=r"^domain_name and hosted_zone: one needs the other, got domain_name=None and a"
    ):
        Ingress.internal(hosted_zone=zone)


def role(stack: Stack, only: frozenset[str] | None = None) -> PolicyRole:
    """A role of tasks."""
    return PolicyRole(stack, "Role", service=ECS_TASKS, description="A task's.", permissions_boundary=None, only=only)


def test_a_role_that_keeps_nothing_of_a_grant_has_no_policy() -> None:
    """The grant counts as done: there is nothing that the role needs of it."""
    stack = new_stack()
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::a/*"])
    result = role(stack, frozenset({"ecr:BatchGetImage"})).add_to_principal_policy(statement)
    assert result.statement_added
    assert resources(template_of(stack), "AWS::IAM::ManagedPolicy") == {}


def test_a_role_keeps_the_actions_that_it_is_for() -> None:
    """Of a statement with more."""
    stack = new_stack()
    statement = iam.PolicyStatement(actions=["ssm:GetParameters", "ssm:GetParameter"], resources=["arn:aws:ssm:::a"])
    role(stack, frozenset({"ssm:GetParameters"})).add_to_principal_policy(statement)
    (policy,) = properties(template_of(stack), "AWS::IAM::ManagedPolicy")
    assert policy["PolicyDocument"]["Statement"][0]["Action"] == "ssm:GetParameters"


ACTIONS = ["ecr:BatchGetImage", "logs:PutLogEvents", "s3:GetObject", "ssm:GetParameter", "ssm:GetParameters"]


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.sampled_from(ACTIONS), min_size=1, unique=True), min_size=1, max_size=4),
    st.frozensets(st.sampled_from(ACTIONS)),
)
def test_of_any_grants_a_role_keeps_exactly_what_it_is_for(grants: list[list[str]], only: frozenset[str]) -> None:
    """However statements are cut, joined and minimized: no action more, and none fewer."""
    stack = new_stack()
    kept = role(stack, only)
    for index, actions in enumerate(grants):
        resource = f"arn:aws:service:::{index}"
        kept.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
    found = {
        (action, resource)
        for policy in properties(template_of(stack), "AWS::IAM::ManagedPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        for action in _many(statement["Action"])
        for resource in _many(statement["Resource"])
    }
    assert found == {
        (action, f"arn:aws:service:::{index}")
        for index, actions in enumerate(grants)
        for action in actions
        if action in only
    }


def _many(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
