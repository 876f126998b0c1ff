"""What a container may write to: memory, the task's own disk, a file system."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aws_architect_constructs._validations import integer

from .container_settings import check_path

if TYPE_CHECKING:  # a service without a file system need not load it
    from aws_cdk import aws_efs as efs

_MOST_MIB = 122_880


@dataclass(frozen=True, kw_only=True)
class WritablePath:
    """A path that stays writable under a read-only root file system. Make one with `memory` or `disk`.

    Attributes:
        path: The path in the container.
        size_mib: The size in memory, or None for the task's disk.
        executable: Whether programs there may run.
    """

    path: str
    size_mib: int | None
    executable: bool = True

    @classmethod
    def memory(cls, path: str, *, size_mib: int = 64, executable: bool = False) -> Self:
        """A file system in memory (tmpfs) that every user of the container may write to.

        It counts against the task's memory. Fargate supports it since January 2026, on platform version 1.4.0:
        https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/

        Args:
            path: The path in the container, such as `/tmp`.
            size_mib: Its size. Default 64 MiB.
            executable: Whether programs there may run, which some runtimes need that unpack native libraries. Default
                False: what somebody smuggles in does not run.

        Raises:
            ValueError: If the path is not absolute, or the size out of bounds.
        """
        return cls(
            path=check_path("path", path), size_mib=integer("size_mib", size_mib, 1, _MOST_MIB), executable=executable
        )

    @classmethod
    def disk(cls, path: str) -> Self:
        """A directory on the task's encrypted ephemeral disk.

        It belongs to root, unless the image has the directory, declares it as a `VOLUME` and gives it to its user:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html

        Args:
            path: The path in the container.

        Raises:
            ValueError: If the path is not absolute.
        """
        return cls(path=check_path("path", path), size_mib=None)


@dataclass(frozen=True, kw_only=True)
class EfsMount:
    """An EFS file system in a container: over TLS, and with IAM's word that this task may.

    The task may mount, and write unless `read_only`; as root only where the access point makes it so. The rule that
    lets it connect stands in the service's stack; a mount target's security group has to be CDK's own.

    See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html.

    Attributes:
        file_system: The file system.
        access_point: The access point, which pins the directory and the user. Recommended; None is the file system's
            root directory.
        path: The path in the container.
        read_only: Whether the task only reads.
    """

    file_system: "efs.IFileSystem"
    path: str
    access_point: "efs.IAccessPoint | None" = None
    read_only: bool = False

    def __post_init__(self) -> None:
        """Check the path.

        Raises:
            ValueError: If it is not absolute.
        """
        check_path("path", self.path)
