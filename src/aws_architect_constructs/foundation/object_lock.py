"""Object Lock: how long nobody can delete an object version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aws_architect_constructs._validations import integer

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

_MAX_DAYS = 36_500
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html: up to 100 years."""


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """How long every new object version is kept from deletion. Make one with `governance` or `compliance`.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html.
    """

    days: int
    is_compliance: bool = False

    def __post_init__(self) -> None:
        """Refuse what S3 would.

        Raises:
            ValueError: If the days are out of bounds.
        """
        integer("days", self.days, 1, _MAX_DAYS)

    @classmethod
    def governance(cls, days: int) -> Self:
        """Only who has `s3:BypassGovernanceRetention` can delete earlier."""
        return cls(days=days)

    @classmethod
    def compliance(cls, days: int) -> Self:
        """Nobody can delete earlier, the root user neither, and storage is billed until then whatever happens."""
        return cls(days=days, is_compliance=True)

    @property
    def retention(self) -> "s3.ObjectLockRetention":
        """It as CDK's own."""
        from aws_cdk import Duration  # noqa: PLC0415 -- pure until it is used
        from aws_cdk import aws_s3 as s3  # noqa: PLC0415 -- pure until it is used

        make = s3.ObjectLockRetention.compliance if self.is_compliance else s3.ObjectLockRetention.governance
        return make(Duration.days(self.days))
