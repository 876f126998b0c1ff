"""What a new database begins with, where it does not begin empty."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self


@dataclass(frozen=True, kw_only=True)
class RestoreSource:
    """A snapshot, or another cluster at a point in time. Make one with `from_snapshot` or `from_database`.

    The logical id stays, and with it everything that refers to the database; the physical one changes, so the restored
    database is made beside the lost one, and the lost one is then removed by its removal policy (with deletion
    protection it stays until somebody takes that off). Leave `restore` in place for good: taking it away would make a
    new, empty database.

    See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html.
    """

    snapshot_identifier: str | None = None
    source_identifier: str | None = None
    restore_to_time: str | None = None

    @classmethod
    def from_snapshot(cls, snapshot_identifier: str) -> Self:
        """Begin with a snapshot.

        Args:
            snapshot_identifier: Its identifier or ARN.
        """
        if not isinstance(snapshot_identifier, str) or not snapshot_identifier:
            raise ValueError(
                f"snapshot_identifier: no snapshot, got {snapshot_identifier!r}; allowed: an identifier or ARN"
            )
        return cls(snapshot_identifier=snapshot_identifier)

    @classmethod
    def from_database(cls, source_identifier: str, *, at: datetime | None = None) -> Self:
        """Begin with another cluster's data.

        It listens where its source does: where that is not the default of `port`, give the same.

        Args:
            source_identifier: The other cluster's identifier or ARN.
            at: The point in time, with its time zone. Default None: the latest that can be restored.
        """
        if not isinstance(source_identifier, str) or not source_identifier:
            raise ValueError(f"source_identifier: no cluster, got {source_identifier!r}; allowed: an identifier or ARN")
        if at is not None and (not isinstance(at, datetime) or at.utcoffset() is None):
            raise ValueError(f"at: a time without its zone, got {at!r}; allowed: a datetime with tzinfo, such as UTC")
        return cls(source_identifier=source_identifier, restore_to_time=None if at is None else _utc(at))

    @property
    def key(self) -> str:
        """What tells this source from others: it is part of the restored database's name."""
        parts = (self.snapshot_identifier, self.source_identifier, self.restore_to_time)
        return "|".join(part or "" for part in parts)


def _utc(at: datetime) -> str:
    offset = at.utcoffset() or timedelta()
    return (at.replace(tzinfo=None) - offset).strftime("%Y-%m-%dT%H:%M:%SZ")
