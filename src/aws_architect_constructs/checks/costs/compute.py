"""What computing is charged for."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.charges import Charge, Fixed, NotKnown, PerUse, largest
from aws_architect_constructs.checks.functions import function_of
from aws_architect_constructs.checks.templates import Resource
from aws_architect_constructs.checks.values import is_none, is_one_of, is_true, number

_CPU_UNITS: Final = 1024
_EDGE: Final = "edgelambda.amazonaws.com"
_FREE_STORAGE: Final = 20
_DEFAULT_MEMORY: Final = 128
_SECONDS_PER_MONTH: Final = 730 * 3600
_VOLUMES: Final = frozenset({"gp2", "gp3", "io1", "io2", "st1", "sc1"})
_FREE_IOPS: Final = 3000
_FREE_THROUGHPUT: Final = 125
_MEBI: Final = 1024
_FREE_RETENTION: Final = 24
# io2 costs less the more IOPS a volume has: up to which number each price holds.
_IO2_TIERS: Final = (
    ("ebs-io2-iops-month", 32_000.0),
    ("ebs-io2-iops-tier2-month", 64_000.0),
    ("ebs-io2-iops-tier3-month", math.inf),
)


def ecs_cluster(resource: Resource) -> Iterator[Charge]:
    """A cluster is free, the metrics that Container Insights makes of its tasks are not."""
    settings = [item for item in resource.items("ClusterSettings") if isinstance(item, Mapping)]
    values = [item.get("Value") for item in settings if item.get("Name") == "containerInsights"]
    if any(value != "disabled" for said in values for value in resource.template.values.outcomes(said)):
        yield PerUse(item="container-insights-metric-month")


def ecs_service(resource: Resource) -> Iterator[Charge]:
    """The tasks that a service keeps running on Fargate."""
    task = resource.template.find(resource.properties.get("TaskDefinition"), "AWS::ECS::TaskDefinition")
    launch = _launch(resource, task)
    if launch == "EC2":
        return  # its instances are charged for by themselves
    if launch is None:
        yield NotKnown(reason="what the service's tasks run on is not known")
        return
    if launch != "FARGATE":
        yield NotKnown(reason=f"tasks on {launch}, whose price changes")
        return
    tasks = _tasks(resource)
    if task is None or tasks is None:
        yield NotKnown(reason="the task definition, or how many tasks run, is not known")
        return
    yield from _fargate(task, tasks)
    path = ("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")
    if tasks and resource.may(lambda value: value == "ENABLED", *path):
        yield Fixed(item="public-ipv4-hour", quantity=tasks, note="one address a task")


def _launch(service: Resource, task: Resource | None) -> str | None:
    """What a service's tasks run on; None if neither it nor its task says, as the cluster's default may be Fargate."""
    providers = {
        str(item.get("CapacityProvider"))
        for item in service.items("CapacityProviderStrategy")
        if isinstance(item, Mapping)
    }
    if providers:
        return "FARGATE" if providers == {"FARGATE"} else ", ".join(sorted(providers))
    said = service.text("LaunchType")
    if said is not None:
        return "FARGATE" if service.may(lambda value: value == "FARGATE", "LaunchType") else said
    if task is None:
        return None
    return "FARGATE" if "FARGATE" in list(task.items("RequiresCompatibilities")) else "EC2"


def _tasks(service: Resource) -> float | None:
    """How many tasks run while nothing happens: the least that scaling leaves, else the desired count."""
    for target in service.template.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        if service.logical_id in target.references("ResourceId"):
            return largest(target, "MinCapacity")
    return largest(service, "DesiredCount", default=1)


def _fargate(task: Resource, tasks: float) -> Iterator[Charge]:
    units, memory = largest(task, "Cpu"), largest(task, "Memory")
    if units is None or memory is None:
        yield NotKnown(reason="the task's CPU or memory is not known")
        return
    if task.may(lambda value: "WINDOWS" in str(value), "RuntimePlatform", "OperatingSystemFamily"):
        yield NotKnown(reason="tasks on Windows")
        return
    processor = "arm" if task.must(lambda value: value == "ARM64", "RuntimePlatform", "CpuArchitecture") else "x86"
    note = f"{tasks:g} tasks of {units / _CPU_UNITS:g} vCPU"
    yield Fixed(item=f"fargate-{processor}-vcpu-hour", quantity=tasks * units / _CPU_UNITS, note=note)
    note = f"{tasks:g} tasks of {memory / _CPU_UNITS:g} GB"
    yield Fixed(item=f"fargate-{processor}-gb-hour", quantity=tasks * memory / _CPU_UNITS, note=note)
    storage = largest(task, "EphemeralStorage", "SizeInGiB", default=_FREE_STORAGE)
    if storage is None:
        yield NotKnown(reason="the task's storage is not known")
    elif storage > _FREE_STORAGE:
        more = storage - _FREE_STORAGE
        note = f"{tasks:g} tasks with {more:g} GB more"
        yield Fixed(item="fargate-storage-gb-hour", quantity=tasks * more, note=note)


def function(resource: Resource) -> Iterator[Charge]:
    """A function by use."""
    role = resource.template.find(resource.properties.get("Role"), "AWS::IAM::Role")
    if role is not None and _EDGE in str(role.properties.get("AssumeRolePolicyDocument")):
        yield NotKnown(reason="Lambda@Edge, by use, which costs more than other functions: no price that can be cited")
        return
    yield PerUse(item="lambda-request")
    yield PerUse(item=f"lambda-{_processor(resource)}-gb-second")
    # Of Java the snapshots are free.
    java = resource.must(lambda value: isinstance(value, str) and value.startswith("java"), "Runtime")
    if not java and resource.may(lambda value: value == "PublishedVersions", "SnapStart", "ApplyOn"):
        yield NotKnown(reason="the snapshots that SnapStart keeps of each version: no price that can be cited")
    if resource.may(lambda value: value is not None, "ProvisionedConcurrencyConfig"):  # of SAM
        yield from _warm(resource, resource)


def _processor(function: Resource) -> str:
    """What a function runs on: the dearer one, if a condition decides."""
    return "arm" if set(map(str, function.items("Architectures"))) == {"arm64"} else "x86"


def event_source_mapping(resource: Resource) -> Iterator[Charge]:
    """A mapping is free, pollers that are kept for it are not."""
    if resource.may(lambda value: value is not None, "ProvisionedPollerConfig"):
        yield NotKnown(reason="provisioned pollers: no price that can be cited")


def provisioned_concurrency(resource: Resource) -> Iterator[Charge]:
    """What an alias or a version keeps warm."""
    if resource.may(lambda value: value is not None, "ProvisionedConcurrencyConfig"):
        yield from _warm(resource, function_of(resource.template, resource.properties.get("FunctionName")))


def _warm(resource: Resource, target: Resource | None) -> Iterator[Charge]:
    # A condition may leave it out.
    least = 0 if resource.may(is_none, "ProvisionedConcurrencyConfig") else None
    warm = largest(resource, "ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions", default=least)
    memory = largest(target, "MemorySize", default=_DEFAULT_MEMORY) if target is not None else None
    if warm is None or memory is None or target is None:
        yield NotKnown(reason="provisioned concurrency of a function whose size is not known")
    else:
        note = f"{warm:g} times {memory:g} MB"
        seconds = warm * memory / _CPU_UNITS * _SECONDS_PER_MONTH
        yield Fixed(item=f"provisioned-concurrency-{_processor(target)}-gb-second", quantity=seconds, note=note)


def instance(resource: Resource) -> Iterator[Charge]:
    """An instance, its volumes, and its public address."""
    yield from _instances(resource.text("InstanceType"), 1)
    yield from _volumes(resource, 1, "BlockDeviceMappings")
    if _is_public(resource, (), resource.items("SubnetId")):
        yield Fixed(item="public-ipv4-hour", note="the instance's address")


def _volumes(resource: Resource, quantity: float, *path: str) -> Iterator[Charge]:
    """The volumes that a mapping of devices names; without one the image has its own."""
    devices = [item for item in resource.items(*path) if isinstance(item, Mapping)]
    if not devices:
        yield NotKnown(reason="the volumes that the image brings")
    for item in devices:
        volume = item.get("Ebs")
        if isinstance(volume, Mapping):
            yield from _volume(
                str(volume.get("VolumeType", "gp2")),
                size=number(volume.get("VolumeSize")),
                iops=number(volume.get("Iops", 0)),
                throughput=number(volume.get("Throughput", 0)),
                quantity=quantity,
            )


def _is_public(launch: Resource, path: tuple[str, ...], subnets: Iterable[object]) -> bool:
    """Whether what is launched is given a public address: it says so itself, or its subnet does."""
    values = launch.template.values
    interfaces = [item for item in launch.items(*path, "NetworkInterfaces") if isinstance(item, Mapping)]
    said = list(launch.outcomes(*path, "AssociatePublicIpAddress"))
    said += [outcome for item in interfaces for outcome in values.outcomes(item.get("AssociatePublicIpAddress"))]
    if any(outcome is not None for outcome in said):
        return any(is_true(outcome) for outcome in said)
    named = [*subnets, *(item.get("SubnetId") for item in interfaces)]
    found = [launch.template.find(value, "AWS::EC2::Subnet") for value in named]
    return any(subnet is not None and subnet.may(is_true, "MapPublicIpOnLaunch") for subnet in found)


def auto_scaling_group(resource: Resource) -> Iterator[Charge]:
    """The least instances that a group keeps."""
    least = largest(resource, "MinSize")
    held = resource.properties.get("LaunchTemplate")
    template = held.get("LaunchTemplateId") if isinstance(held, Mapping) else None
    launch = resource.template.find(template, "AWS::EC2::LaunchTemplate")
    path: tuple[str, ...] = ("LaunchTemplateData",)
    if launch is None:
        named = resource.properties.get("LaunchConfigurationName")
        launch, path = resource.template.find(named, "AWS::AutoScaling::LaunchConfiguration"), ()
    if least == 0:
        return
    if least is None or launch is None:
        yield NotKnown(reason="the group's size or its instance type is not known")
        return
    yield from _instances(launch.text(*path, "InstanceType"), least)
    yield from _volumes(launch, least, *path, "BlockDeviceMappings")
    if _is_public(launch, path, resource.items("VPCZoneIdentifier")):
        yield Fixed(item="public-ipv4-hour", quantity=least, note="an address for each instance")


def node_group(resource: Resource) -> Iterator[Charge]:
    """The least nodes of a managed node group."""
    least = largest(resource, "ScalingConfig", "MinSize", default=1)
    types = [item for item in resource.items("InstanceTypes") if isinstance(item, str)]
    spot = resource.may(lambda value: value == "SPOT", "CapacityType")
    if least == 0:
        return
    if least is None or len(types) != 1 or spot:
        yield NotKnown(reason="the node group's size, type or price is not known")
        return
    yield from _instances(types[0], least)
    yield NotKnown(reason="the volumes of the nodes")
    if _is_public(resource, (), resource.items("Subnets")):
        yield Fixed(item="public-ipv4-hour", quantity=least, note="an address for each node")


def _instances(name: str | None, quantity: float) -> Iterator[Charge]:
    if name is None:
        yield NotKnown(reason="the instance type is not known")
    else:
        yield Fixed(item=f"ec2/linux/{name}", quantity=quantity, note="as Linux: the image is not looked into")


def eks_cluster(resource: Resource) -> Iterator[Charge]:
    """A control plane; a version in extended support costs more, and so do the nodes of Auto Mode."""
    yield Fixed(item="eks-cluster-hour", note="in standard support")
    if resource.may(is_true, "ComputeConfig", "Enabled"):
        yield NotKnown(reason="the nodes of EKS Auto Mode, which follow the pods")
    if resource.may(lambda value: not is_one_of(value, "standard", None), "ControlPlaneScalingConfig", "Tier"):
        yield NotKnown(reason="a control plane of a provisioned tier, which costs more: no price that can be cited")


def volume(resource: Resource) -> Iterator[Charge]:
    """A volume by its size, and by what it has over the baseline."""
    yield from _volume(
        resource.text("VolumeType") or "gp2",
        size=largest(resource, "Size"),
        iops=largest(resource, "Iops", default=0),
        throughput=largest(resource, "Throughput", default=0),
        quantity=1,
    )


def _volume(
    kind: str, *, size: float | None, iops: float | None, throughput: float | None, quantity: float
) -> Iterator[Charge]:
    if kind not in _VOLUMES or size is None or iops is None or throughput is None:
        yield NotKnown(reason="a volume whose type, size, IOPS or throughput is not known")
        return
    yield Fixed(item=f"ebs-{kind}-gb-month", quantity=size * quantity, note=f"{size:g} GB")
    if kind == "gp3":
        if iops > _FREE_IOPS:
            more = iops - _FREE_IOPS
            yield Fixed(item="ebs-gp3-iops-month", quantity=more * quantity, note=f"{more:g} IOPS over the baseline")
        if throughput > _FREE_THROUGHPUT:
            more = throughput - _FREE_THROUGHPUT
            note = f"{more:g} MiB/s over the baseline"
            yield Fixed(item="ebs-gp3-gibps-month", quantity=more / _MEBI * quantity, note=note)
    elif kind == "io1" and iops:
        yield Fixed(item="ebs-io1-iops-month", quantity=iops * quantity, note=f"{iops:g} IOPS")
    elif kind == "io2":
        floor = 0.0
        for item, ceiling in _IO2_TIERS:
            if iops > floor:
                part = min(iops, ceiling) - floor
                yield Fixed(item=item, quantity=part * quantity, note=f"{part:g} of {iops:g} IOPS")
            floor = ceiling


def kinesis_stream(resource: Resource) -> Iterator[Charge]:
    """A stream by its shards, or by the hour on demand."""
    if resource.may(lambda value: value == "ON_DEMAND", "StreamModeDetails", "StreamMode"):
        yield Fixed(item="kinesis-on-demand-hour")
        return
    shards = largest(resource, "ShardCount")
    if shards is None:
        yield NotKnown(reason="how many shards the stream has is not known")
    else:
        yield Fixed(item="kinesis-shard-hour", quantity=shards, note=f"{shards:g} shards")
    kept = largest(resource, "RetentionPeriodHours", default=_FREE_RETENTION)
    if kept is None or kept > _FREE_RETENTION:
        yield NotKnown(reason="shards that keep records for longer than a day: no price that can be cited")
