"""The task definition of a service: one hardened container, and what stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, warn

from .container_settings import credentials_in, is_mutable, is_root
from .sidecars import COLLECTOR, FLUENT_BIT, XRAY_ACTIONS, LogRouting, TraceCollector
from .storage import EfsMount, WritablePath
from .task_roles import ECS_TASKS, ExecutionRole, PolicyRole

CONTAINER: Final = "app"
_AGENT_PATHS: Final = ("/var/lib/amazon/ssm", "/var/log/amazon/ssm")
"""Where the agent of ECS Exec writes."""
_BUFFER_MIB: Final = 25
_SIDECAR_MIB: Final = 128


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """What a task is to be, as the service's arguments say."""

    image: ecs.ContainerImage
    container_port: int | None
    cpu: int
    memory_mib: int
    cpu_architecture: ecs.CpuArchitecture | None
    ephemeral_storage_gib: int | None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, ecs.Secret] = field(default_factory=dict)
    command: Sequence[str] | None
    entry_point: Sequence[str] | None
    user: str | None
    read_only_root: bool
    writable_paths: Sequence[WritablePath] = ()
    efs_mounts: Sequence[EfsMount] = ()
    health_check: ecs.HealthCheck | None
    stop_timeout: Duration
    enable_execute_command: bool
    log_routing: LogRouting | None
    trace_collector: TraceCollector | None
    app_protocol: ecs.AppProtocol | None
    permissions_boundary: iam.IManagedPolicy | None


class FargateTask(Construct):
    """A task definition with its two roles.

    Attributes:
        task_definition: The task definition.
        container: The application's container.
        task_role: What the application may do: nothing, until it is granted.
        execution_role: What Fargate may do to start the task.
    """

    def __init__(self, scope: Construct, id: str, *, settings: TaskSettings, log_group: logs.LogGroup) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self._log_group = log_group
        self.task_role: Final = PolicyRole(
            self,
            "TaskRole",
            service=ECS_TASKS,
            description="What the application in the task may do.",
            permissions_boundary=settings.permissions_boundary,
        )
        self.execution_role: Final = ExecutionRole(
            self, "ExecutionRole", permissions_boundary=settings.permissions_boundary
        )
        self.task_definition: Final = ecs.FargateTaskDefinition(
            self,
            "Resource",
            cpu=settings.cpu,
            memory_limit_mib=settings.memory_mib,
            ephemeral_storage_gib=settings.ephemeral_storage_gib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=settings.cpu_architecture or ecs.CpuArchitecture.ARM64,
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=self.task_role,
            execution_role=self.execution_role,
        )
        self.container: Final = self._add_application()
        self._mount()
        self._add_sidecars()
        if settings.enable_execute_command:
            self._allow_exec()
        if settings.environment:
            acknowledge(
                self.task_definition,
                "AwsSolutions::AwsSolutions-ECS2",
                "Variables are for configuration that is no secret; secrets= takes the others by reference, and a "
                "variable that looks like a credential gets a warning of its own.",
            )
        self._warn()

    def _add_application(self) -> ecs.ContainerDefinition:
        settings = self._settings
        port = settings.container_port
        return self.task_definition.add_container(
            CONTAINER,
            image=settings.image,
            command=_listed(settings.command),
            entry_point=_listed(settings.entry_point),
            environment=dict(settings.environment) or None,
            secrets=dict(settings.secrets) or None,
            user=settings.user,
            readonly_root_filesystem=settings.read_only_root,
            linux_parameters=self._linux(),
            health_check=settings.health_check,
            stop_timeout=settings.stop_timeout,
            logging=self._application_log(),
            port_mappings=None
            if port is None
            else [
                ecs.PortMapping(
                    container_port=port,
                    name=CONTAINER,
                    protocol=ecs.Protocol.TCP,
                    app_protocol=settings.app_protocol,
                )
            ],
        )

    def log_driver(self, prefix: str) -> ecs.LogDriver:
        """Where a container's output goes: never at the price of holding up the container."""
        return ecs.LogDrivers.aws_logs(
            stream_prefix=prefix,
            log_group=self._log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
            max_buffer_size=Size.mebibytes(_BUFFER_MIB),
        )

    def _application_log(self) -> ecs.LogDriver:
        routing = self._settings.log_routing
        if routing is None:
            return self.log_driver(CONTAINER)
        return ecs.LogDrivers.firelens(
            options=dict(routing.options), secret_options=dict(routing.secret_options) or None
        )

    def _linux(self) -> ecs.LinuxParameters:
        linux = _without_capabilities(self, "Linux")
        for writable in self._settings.writable_paths:
            if writable.size_mib is not None:
                linux.add_tmpfs(
                    ecs.Tmpfs(
                        container_path=writable.path,
                        size=writable.size_mib,
                        mount_options=[
                            ecs.TmpfsMountOption.EXEC if writable.executable else ecs.TmpfsMountOption.NOEXEC,
                            ecs.TmpfsMountOption.NOSUID,
                            ecs.TmpfsMountOption.NODEV,
                        ],
                    )
                )
        return linux

    def _mount(self) -> None:
        """Give the container its directories on disk and its file systems."""
        settings = self._settings
        paths = [writable.path for writable in settings.writable_paths if writable.size_mib is None]
        if settings.enable_execute_command and settings.read_only_root:
            taken = {writable.path for writable in settings.writable_paths} | {
                mount.path for mount in settings.efs_mounts
            }
            paths += [path for path in _AGENT_PATHS if path not in taken]
        for index, path in enumerate(paths):
            self.task_definition.add_volume(name=f"disk-{index}")
            self.container.add_mount_points(
                ecs.MountPoint(source_volume=f"disk-{index}", container_path=path, read_only=False)
            )
        for index, mount in enumerate(settings.efs_mounts):
            self._mount_efs(f"efs-{index}", mount)

    def _mount_efs(self, name: str, mount: EfsMount) -> None:
        access_point = mount.access_point
        self.task_definition.add_volume(
            name=name,
            efs_volume_configuration=ecs.EfsVolumeConfiguration(
                file_system_id=mount.file_system.file_system_id,
                transit_encryption="ENABLED",
                authorization_config=ecs.AuthorizationConfig(
                    iam="ENABLED", access_point_id=None if access_point is None else access_point.access_point_id
                ),
            ),
        )
        self.container.add_mount_points(
            ecs.MountPoint(source_volume=name, container_path=mount.path, read_only=mount.read_only)
        )
        actions = ["elasticfilesystem:ClientMount"]
        if not mount.read_only:
            actions.append("elasticfilesystem:ClientWrite")
        conditions: dict[str, dict[str, Any]] = {"Bool": {"aws:SecureTransport": "true"}}
        if access_point is not None:
            conditions["StringEquals"] = {"elasticfilesystem:AccessPointArn": access_point.access_point_arn}
        self.task_role.allow(actions, [mount.file_system.file_system_arn], **conditions)

    def _add_sidecars(self) -> None:
        routing, trace_collector = self._settings.log_routing, self._settings.trace_collector
        if routing is not None:
            self.task_definition.add_firelens_log_router(
                "log-router",
                image=routing.image or ecs.ContainerImage.from_registry(FLUENT_BIT),
                firelens_config=ecs.FirelensConfig(
                    type=ecs.FirelensLogRouterType.FLUENTBIT, options=ecs.FirelensOptions(enable_ecs_log_metadata=True)
                ),
                essential=True,
                memory_reservation_mib=_SIDECAR_MIB,
                logging=self.log_driver("log-router"),
            )
        if trace_collector is not None:
            self.task_definition.add_container(
                "collector",
                image=trace_collector.image or ecs.ContainerImage.from_registry(COLLECTOR),
                command=[f"--config={trace_collector.config}"],
                essential=False,
                memory_reservation_mib=_SIDECAR_MIB,
                readonly_root_filesystem=True,
                linux_parameters=_without_capabilities(self, "CollectorLinux"),
                logging=self.log_driver("collector"),
            )
            self.task_role.allow(XRAY_ACTIONS, ["*"])

    def _allow_exec(self) -> None:
        """What the agent of ECS Exec needs: its channels, and a place for what was typed.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        """
        self.task_role.allow(
            [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "logs:DescribeLogGroups",
            ],
            ["*"],
        )
        if self._settings.read_only_root:
            warn(
                self,
                "ExecReadOnlyRoot",
                "AWS does not support ECS Exec in a container with a read-only root file system. The agent's own "
                f"directories ({', '.join(_AGENT_PATHS)}) are made writable, and AWS does not promise that this is "
                "enough: read_only_root=False is what it supports.",
            )

    def _warn(self) -> None:
        settings = self._settings
        credentials = credentials_in(settings.environment)
        if credentials:
            warn(
                self,
                "PlaintextCredential",
                f"These environment variables look like credentials: {', '.join(credentials)}. Whoever may describe "
                "the task definition reads them: give them by secrets=, from Secrets Manager or Parameter Store.",
            )
        if settings.user is not None and is_root(settings.user):
            warn(
                self,
                "RootUser",
                f"The container runs as root (user={settings.user!r}): name a user of the image, by number.",
            )
        image = _text(Stack.of(self).resolve(self.container.image_name))
        if image is not None and is_mutable(image):
            warn(
                self,
                "MutableImageTag",
                "The image has no tag of its own, or `latest`: the next task may run another image than the last, and "
                "a rollback brings nothing back. Name a digest, or a tag in a repository whose tags are immutable.",
            )


def _without_capabilities(scope: Construct, id: str) -> ecs.LinuxParameters:
    """An init process that reaps children, and none of Linux's capabilities."""
    linux = ecs.LinuxParameters(scope, id, init_process_enabled=True)
    linux.drop_capabilities(ecs.Capability.ALL)
    return linux


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)


def _text(name: Any) -> str | None:  # noqa: ANN401 -- whatever a token resolves to
    """An image's name as text, with a word for each part that is not known yet; None if nothing of it is known."""
    if isinstance(name, str):
        return name
    if isinstance(name, dict) and "Fn::Join" in name:
        separator, parts = name["Fn::Join"]
        return str(separator).join(_text(part) or "token" for part in parts)
    return None
