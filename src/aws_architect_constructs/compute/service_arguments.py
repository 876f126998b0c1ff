"""The arguments of a service, read and checked before anything is added to the tree."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import choice, integer, is_concrete, listed
from aws_architect_constructs.foundation.log_bucket import check_access_log_bucket

from .cloudfront_prefix_lists import cloudfront_prefix_list
from .container_settings import check_path
from .deployment import TrafficShift
from .deployment_plan import DeploymentMode, ShiftPlan
from .egress import Egress
from .fargate_capacity import FargateCapacity
from .fargate_sizes import LEAST_EPHEMERAL_GIB, MOST_EPHEMERAL_GIB, check_size
from .ingress import Ingress, IngressKind
from .service_cluster import ServiceConnect
from .storage import EfsMount, WritablePath
from .task_scaling import TaskScaling, check_desired

if TYPE_CHECKING:  # a worker needs neither
    from aws_cdk import aws_certificatemanager as acm

_HIGHEST_PORT: Final = 65_535
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST_STOP: Final = 120
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)."""
_STOP: Final = 30
_GRACE: Final = 60
_LONGEST_GRACE: Final = 2_147_483_647
_CERTIFICATE_REGION: Final = 3


@dataclass(frozen=True, kw_only=True)
class ServiceArguments:
    """What was asked for, with every default in its place."""

    container_port: int | None
    ingress: Ingress
    egress: tuple[Egress, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, ecs.Secret]
    writable_paths: tuple[WritablePath, ...]
    efs_mounts: tuple[EfsMount, ...]
    grace: Duration
    stop_timeout: Duration
    capacity: FargateCapacity
    scaling: TaskScaling
    bounds: tuple[int, int]
    desired_count: int | None
    mode: DeploymentMode
    shift: TrafficShift
    plan: ShiftPlan | None


def check_container(
    *,
    cpu: int,
    memory_mib: int,
    ephemeral_storage_gib: int | None,
    environment: Mapping[str, str],
    secrets: Mapping[str, ecs.Secret],
    writable_paths: Sequence[WritablePath],
    efs_mounts: Sequence[EfsMount],
) -> None:
    """Check the container.

    Raises:
        ValueError: If Fargate has no such task, a variable is given twice, or a path is mounted twice.
    """
    check_size(cpu, memory_mib)
    if ephemeral_storage_gib is not None:
        integer("ephemeral_storage_gib", ephemeral_storage_gib, LEAST_EPHEMERAL_GIB, MOST_EPHEMERAL_GIB)
    for name, value in environment.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"environment: no variable's name, got {name!r}; allowed: letters, digits and _")
        if not isinstance(value, str):
            raise ValueError(f"environment: the value of {name} is no text, got {type(value).__name__}; allowed: str")
    for name, secret in secrets.items():
        if not isinstance(secret, ecs.Secret):
            raise ValueError(
                f"secrets: {name} is no reference, got {type(secret).__name__}; allowed: "
                "ecs.Secret.from_secrets_manager(secret) or ecs.Secret.from_ssm_parameter(parameter)"
            )
    twice = sorted(set(environment) & set(secrets))
    if twice:
        raise ValueError(f"secrets: variables of environment= too, got {', '.join(twice)}; allowed: each name once")
    paths = [writable.path for writable in writable_paths] + [mount.path for mount in efs_mounts]
    repeated = sorted({path for path in paths if paths.count(path) > 1})
    if repeated:
        raise ValueError(f"writable_paths: mounted twice, got {', '.join(repeated)}; allowed: each path once")
    in_memory = sum(writable.size_mib or 0 for writable in writable_paths)
    if in_memory >= memory_mib:
        raise ValueError(
            f"writable_paths: file systems in memory leave the task none, got {in_memory} MiB of {memory_mib}; "
            "allowed: less than memory_mib"
        )


def check_ingress(
    scope: Construct, ingress: Ingress, *, container_port: int | None, certificate: "acm.ICertificate | None"
) -> None:
    """Check how requests come in.

    Raises:
        ValueError: If a load balancer has no port to send them to or no certificate, the certificate is of another
            Region, or CloudFront's prefix list is not known.
    """
    if not isinstance(ingress, Ingress):
        raise ValueError(f"ingress: none, got {ingress!r}; allowed: Ingress.public(), .internal(), .listener(), ...")
    if ingress.kind is IngressKind.NONE:
        if certificate is not None:
            raise ValueError(
                "certificate: nothing listens that could use it, got a certificate; allowed: none, or container_port= "
                "with an Ingress"
            )
        return
    if container_port is None:
        raise ValueError(
            f"container_port: Ingress.{ingress.kind.value.lower()} has no port to send requests to, got None; allowed: "
            "the port that the container listens on"
        )
    if ingress.kind is IngressKind.LISTENER:
        if certificate is not None:
            raise ValueError(
                "certificate: the given listener has its own, got another; allowed: none, or one added to the listener"
            )
        return
    if certificate is None and ingress.domain_name is None:
        raise ValueError(
            "certificate: HTTPS needs one, got None; allowed: a certificate of this Region, or an Ingress with "
            "domain_name= and hosted_zone=, which makes one"
        )
    _check_region(Stack.of(scope).region, ingress, certificate)


def _check_region(region: str, ingress: Ingress, certificate: "acm.ICertificate | None") -> None:
    """Check what depends on the Region."""
    known = is_concrete(region)
    if ingress.kind is IngressKind.VPC_ORIGIN and ingress.prefix_list_id is None and not ingress.from_subnets:
        cloudfront_prefix_list(region if known else None)
    if certificate is None or not known or not is_concrete(certificate.certificate_arn):
        return
    home = certificate.certificate_arn.split(":")[_CERTIFICATE_REGION : _CERTIFICATE_REGION + 1]
    if home != [region]:
        raise ValueError(
            f"certificate: a load balancer takes certificates of its own Region alone, got "
            f"{certificate.certificate_arn}; allowed: one of {region}"
        )


def check_deployment(
    mode: DeploymentMode,
    *,
    ingress: Ingress,
    service_connect: ServiceConnect | None,
    scaling: TaskScaling,
    shift: TrafficShift,
    is_given: bool,
) -> ShiftPlan | None:
    """Check how revisions follow one another.

    Returns:
        The times and shares, or None for ROLLING.

    Raises:
        ValueError: If traffic is to move in steps and there is none that ECS could move, or an argument has no meaning
            in the mode.
    """
    if mode is DeploymentMode.ROLLING:
        if is_given:
            raise ValueError(
                "traffic_shift: ROLLING moves no traffic, got a TrafficShift; allowed: none, or deployment_mode= "
                "BLUE_GREEN, CANARY or LINEAR"
            )
        return None
    if mode.shifts_in_steps and ingress.kind is IngressKind.NONE and service_connect is None:
        raise ValueError(
            f"deployment_mode: {mode} moves traffic in steps, and there is none that ECS could move, got "
            "Ingress.none() without service_connect; allowed: ROLLING or BLUE_GREEN, or a load balancer or Service "
            "Connect"
        )
    if scaling.requests_per_target is not None:
        raise ValueError(
            f"requests_per_target: the metric belongs to one target group, and {mode} moves between two, got "
            f"{scaling.requests_per_target}; allowed: None, or deployment_mode ROLLING"
        )
    return shift.plan(mode)


def seconds(argument: str, duration: Duration | None, default: int, highest: int) -> Duration:
    """Read a duration of whole seconds.

    Raises:
        ValueError: If it is out of bounds, or not known now.
    """
    if duration is None:
        return Duration.seconds(default)
    if duration.is_unresolved():
        raise ValueError(f"{argument}: not known now, got a token; allowed: up to {highest} seconds")
    found = duration.to_seconds(integral=False)
    if not 0 < found <= highest or found != int(found):
        raise ValueError(f"{argument}: out of bounds, got {found:g} seconds; allowed: 1 to {highest} seconds")
    return duration


def read_arguments(
    scope: Construct,
    *,
    container_port: int | None,
    certificate: "acm.ICertificate | None",
    ingress: Ingress | None,
    egress: Sequence[Egress] | None,
    cpu: int,
    memory_mib: int,
    ephemeral_storage_gib: int | None,
    environment: Mapping[str, str] | None,
    secrets: Mapping[str, ecs.Secret] | None,
    writable_paths: Sequence[WritablePath] | None,
    efs_mounts: Sequence[EfsMount] | None,
    health_check_path: str,
    health_check_grace_period: Duration | None,
    stop_timeout: Duration | None,
    service_connect: ServiceConnect | None,
    capacity: FargateCapacity | None,
    desired_count: int | None,
    task_scaling: TaskScaling | None,
    deployment_mode: DeploymentMode,
    traffic_shift: TrafficShift | None,
    access_log_bucket: s3.IBucket | None,
    minimum_tasks: int,
) -> ServiceArguments:
    """Read and check everything.

    Raises:
        ValueError: If anything is wrong.
    """
    if container_port is not None:
        integer("container_port", container_port, 1, _HIGHEST_PORT)
    entrance = ingress if ingress is not None else Ingress.none() if container_port is None else Ingress.public()
    check_ingress(scope, entrance, container_port=container_port, certificate=certificate)
    _check_path(health_check_path)
    if health_check_grace_period is not None and entrance.kind is IngressKind.NONE:
        raise ValueError(
            "health_check_grace_period: no load balancer checks the tasks, got one; allowed: none without ingress"
        )
    if access_log_bucket is not None:
        if not entrance.makes_load_balancer:
            raise ValueError(
                "access_log_bucket: there is no load balancer of the service's own to log, got a bucket; allowed: none"
            )
        check_access_log_bucket(access_log_bucket, scope)
    destinations = (Egress.https(),) if egress is None else listed("egress", egress)
    for destination in destinations:
        if not isinstance(destination, Egress):
            raise ValueError(f"egress: no destination, got {destination!r}; allowed: Egress.https(), ...")
    variables, references = dict(environment or {}), dict(secrets or {})
    paths, mounts = _all("writable_paths", WritablePath, writable_paths), _all("efs_mounts", EfsMount, efs_mounts)
    check_container(
        cpu=cpu,
        memory_mib=memory_mib,
        ephemeral_storage_gib=ephemeral_storage_gib,
        environment=variables,
        secrets=references,
        writable_paths=paths,
        efs_mounts=mounts,
    )
    if service_connect is not None:
        service_connect.check()
    tasks = task_scaling or TaskScaling()
    bounds = tasks.bounds(minimum_tasks)
    check_desired(desired_count, bounds)
    if tasks.requests_per_target is not None and entrance.kind is IngressKind.NONE:
        raise ValueError("requests_per_target: no load balancer counts requests, got one; allowed: None")
    mode = choice("deployment_mode", DeploymentMode, deployment_mode)
    shift = traffic_shift or TrafficShift()
    plan = check_deployment(
        mode,
        ingress=entrance,
        service_connect=service_connect,
        scaling=tasks,
        shift=shift,
        is_given=traffic_shift is not None,
    )
    run_on = capacity or FargateCapacity.on_demand()
    return ServiceArguments(
        container_port=container_port,
        ingress=entrance,
        egress=tuple(destination for destination in destinations if isinstance(destination, Egress)),
        environment=variables,
        secrets=references,
        writable_paths=paths,
        efs_mounts=mounts,
        grace=seconds("health_check_grace_period", health_check_grace_period, _GRACE, _LONGEST_GRACE),
        stop_timeout=seconds("stop_timeout", stop_timeout, _LONGEST_STOP if run_on.uses_spot else _STOP, _LONGEST_STOP),
        capacity=run_on,
        scaling=tasks,
        bounds=bounds,
        desired_count=desired_count if desired_count is not None or bounds[0] < bounds[1] else bounds[0],
        mode=mode,
        shift=shift,
        plan=plan,
    )


def _check_path(path: str) -> None:
    if path != "/":
        check_path("health_check_path", path.partition("?")[0].rstrip("/") if isinstance(path, str) else path)


def _all(argument: str, kind: type[Any], values: Sequence[Any] | None) -> tuple[Any, ...]:
    found = () if values is None else listed(argument, values)
    for value in found:
        if not isinstance(value, kind):
            raise ValueError(f"{argument}: no {kind.__name__}, got {value!r}; allowed: {kind.__name__}")
    return found
