"""How deployments move traffic: the roles that ECS needs for it, and what is called on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import choice, listed

from .deployment_plan import DeploymentMode, LiveTargetGroup, ShiftPlan, shift_plan
from .task_roles import PolicyRole

if TYPE_CHECKING:  # a service whose deployments move no traffic need not load these
    from aws_cdk import aws_lambda as lambda_

    from .service_ingress import ServiceIngress

_ECS: Final = "ecs.amazonaws.com"

_STRATEGY: Final = {
    DeploymentMode.ROLLING: ecs.DeploymentStrategy.ROLLING,
    DeploymentMode.BLUE_GREEN: ecs.DeploymentStrategy.BLUE_GREEN,
    DeploymentMode.CANARY: ecs.DeploymentStrategy.CANARY,
    DeploymentMode.LINEAR: ecs.DeploymentStrategy.LINEAR,
}


@dataclass(frozen=True, kw_only=True)
class DeploymentHook:
    """A function that is asked at some stages of a deployment, and whose answer lets it go on or rolls it back.

    It returns `{"hookStatus": "SUCCEEDED"}`, `"FAILED"` or `"IN_PROGRESS"`:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html

    Attributes:
        function: The function.
        stages: When it is asked.
    """

    function: "lambda_.IFunction"
    stages: Sequence[ecs.DeploymentLifecycleStage]


@dataclass(frozen=True, kw_only=True)
class TrafficShift:
    """How BLUE_GREEN, CANARY and LINEAR move the traffic.

    Attributes:
        bake_time: How long the old revision waits, ready to take over again, after all traffic has moved: whole
            minutes, at most a day. Default None: 10 minutes. (CloudFormation's own default is 36 hours.)
        step_percent: CANARY's first share, or each step of LINEAR, in tenths of a percent. Default None: 10 for CANARY,
            20 for LINEAR.
        step_bake_time: How long each step is watched: whole minutes. Default None: 10 for CANARY, 5 for LINEAR.
        hooks: What is asked on the way. Default: nothing.
        live: Which of the two target groups has the traffic. It matters only when the listener rule itself changes (its
            conditions, its priority, the mode): CloudFormation then writes its weights too, and has to be told where
            the traffic is. Default BLUE, which is right for a new service.
    """

    bake_time: Duration | None = None
    step_percent: float | None = None
    step_bake_time: Duration | None = None
    hooks: Sequence[DeploymentHook] = ()
    live: LiveTargetGroup = LiveTargetGroup.BLUE

    def plan(self, mode: DeploymentMode) -> ShiftPlan:
        """The times and shares.

        Raises:
            ValueError: If they do not fit the mode, a hook has no stage, or `live` is none of the two.
        """
        choice("live", LiveTargetGroup, self.live)
        for hook in listed("hooks", self.hooks):
            if not isinstance(hook, DeploymentHook) or not listed("stages", hook.stages):
                raise ValueError(f"hooks: no hook, or one without a stage, got {hook!r}; allowed: DeploymentHook(...)")
        return shift_plan(
            mode,
            bake_minutes=_minutes("bake_time", self.bake_time),
            step_percent=self.step_percent,
            step_minutes=_minutes("step_bake_time", self.step_bake_time),
        )


@dataclass(frozen=True, kw_only=True)
class DeploymentArguments:
    """What `ecs.FargateService` is told of deployments."""

    strategy: ecs.DeploymentStrategy
    circuit_breaker: ecs.DeploymentCircuitBreaker
    bake_time: Duration | None
    canary: ecs.TrafficShiftConfig | None
    linear: ecs.TrafficShiftConfig | None


def deployment_arguments(mode: DeploymentMode, plan: ShiftPlan | None) -> DeploymentArguments:
    """The arguments of a mode. The circuit breaker knows rolling deployments alone: elsewhere it is off."""
    rolling = plan is None
    shift = (
        None
        if plan is None or plan.step_minutes is None
        else ecs.TrafficShiftConfig(step_percent=plan.step_percent, step_bake_time=Duration.minutes(plan.step_minutes))
    )
    return DeploymentArguments(
        strategy=_STRATEGY[mode],
        circuit_breaker=ecs.DeploymentCircuitBreaker(enable=rolling, rollback=rolling),
        bake_time=None if plan is None else Duration.minutes(plan.bake_minutes),
        canary=shift if mode is DeploymentMode.CANARY else None,
        linear=shift if mode is DeploymentMode.LINEAR else None,
    )


def make_infrastructure_role(
    scope: Construct, ingress: "ServiceIngress", permissions_boundary: iam.IManagedPolicy | None
) -> PolicyRole:
    """What ECS moves traffic with: these rules and target groups, and no others of the account.

    AWS's managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers is for every load balancer of the account:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    role = PolicyRole(
        scope,
        "InfrastructureRole",
        service=_ECS,
        description="What ECS moves the service's traffic with.",
        permissions_boundary=permissions_boundary,
    )
    rules = [ingress.rule] if ingress.test_rule is None else [ingress.rule, ingress.test_rule]
    role.allow(
        ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
        [group.target_group_arn for group in ingress.target_groups],
    )
    role.allow(["elasticloadbalancing:ModifyRule"], [rule.listener_rule_arn for rule in rules])
    role.allow(
        [
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        ["*"],
    )
    return role


def hook_targets(
    scope: Construct, hooks: Sequence[DeploymentHook], permissions_boundary: iam.IManagedPolicy | None
) -> tuple[list[ecs.DeploymentLifecycleLambdaTarget], PolicyRole | None]:
    """The hooks, with one role that may call these functions and nothing else."""
    if not hooks:
        return [], None
    role = PolicyRole(
        scope,
        "HookRole",
        service=_ECS,
        description="What ECS asks the deployment's hooks with.",
        permissions_boundary=permissions_boundary,
    )
    role.allow(["lambda:InvokeFunction"], [hook.function.function_arn for hook in hooks])
    fixed = role.without_policy_updates()
    return [
        ecs.DeploymentLifecycleLambdaTarget(
            hook.function, f"Hook{index}", lifecycle_stages=list(hook.stages), role=fixed
        )
        for index, hook in enumerate(hooks)
    ], role


def _minutes(argument: str, duration: Duration | None) -> int | None:
    if duration is None:
        return None
    if duration.is_unresolved():
        raise ValueError(f"{argument}: not known now, got a token; allowed: a Duration of whole minutes")
    minutes = duration.to_minutes(integral=False)
    if minutes != int(minutes):
        raise ValueError(f"{argument}: not whole minutes, got {duration.to_human_string()}; allowed: whole minutes")
    return int(minutes)
