"""Lifecycle profiles: named answers to how data ages, and what each costs.

Pure Python.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .lifecycle import LifecycleRule, StorageClass

USD_PER_GB_MONTH: Final[Mapping[StorageClass, float]] = {
    StorageClass.STANDARD: 0.023,
    StorageClass.INTELLIGENT_TIERING: 0.023,
    StorageClass.STANDARD_IA: 0.0125,
    StorageClass.ONEZONE_IA: 0.01,
    StorageClass.GLACIER_IR: 0.004,
    StorageClass.GLACIER: 0.0036,
    StorageClass.DEEP_ARCHIVE: 0.00099,
}
"""us-east-1, first 50 TB, https://aws.amazon.com/s3/pricing/, by quotations of 2025-10 to 2026-10. Intelligent-Tiering
as it begins: see `INTELLIGENT_TIERING_USD`."""

INTELLIGENT_TIERING_USD: Final[Mapping[int, float]] = {0: 0.023, 30: 0.0125, 90: 0.004}
"""USD a GB and month by days since the last access: https://aws.amazon.com/s3/storage-classes/intelligent-tiering/.
Monitoring is 0.0025 USD a month for 1,000 objects of 128 KB or more."""

TRANSITION_USD: Final[Mapping[StorageClass, float]] = {
    StorageClass.INTELLIGENT_TIERING: 0.01,
    StorageClass.STANDARD_IA: 0.01,
    StorageClass.ONEZONE_IA: 0.01,
    StorageClass.GLACIER_IR: 0.02,
    StorageClass.GLACIER: 0.03,
    StorageClass.DEEP_ARCHIVE: 0.05,
}
"""USD for 1,000 transitions into each class, us-east-1, https://aws.amazon.com/s3/pricing/, by quotations of 2025-10 to
2026-10."""

GB_PER_TB: Final = 1024


class LifecycleProfile(StrEnum):
    """How a bucket's data ages. Prices are USD a TB and month in us-east-1, of what was written and not read again."""

    ARCHIVE = "ARCHIVE"
    """Kept for seven years, read ever less: 23.55; from 30 days 12.80; from 90 days 4.10; from a year 1.01, where a GET
    is an error until the object is restored; deleted after 2,555 days. Noncurrent versions cost 4.10 from 7 days on and
    go at 90, seven days of which are billed for nothing, as the warning `EarlyDeletion` says."""
    LOGS = "LOGS"
    """Read when something went wrong: 23.55; from 30 days 12.80; from 90 days 4.10; deleted after 365 days."""
    DATA_LAKE = "DATA_LAKE"
    """Queried while it is fresh, and answering at once ever after: 23.55; from 90 days 12.80; from a year 4.10; never
    deleted. Noncurrent versions, which compaction makes many of, go at 30 days."""
    TEMPORARY = "TEMPORARY"
    """Scratch: 23.55; deleted after 7 days, noncurrent versions a day later."""
    UNKNOWN_ACCESS = "UNKNOWN_ACCESS"
    """Intelligent-Tiering from the first day: 23.55; 30 days after the last access 12.80; 90 days after it 4.10; back
    at 23.55 when it is read; never deleted. 2.50 a month for a million objects. Noncurrent versions go at 90 days."""
    NONE = "NONE"
    """Nothing moves and nothing goes, noncurrent versions neither: 23.55 for ever."""

    @property
    def rules(self) -> tuple[LifecycleRule, ...]:
        """The profile's rules."""
        return _RULES[self]


def log_rules(days: int) -> tuple[LifecycleRule, ...]:
    """LOGS, with logs that go after so many days: they move only where the class's minimum duration is used up."""
    return (
        LifecycleRule(
            name="Logs",
            transitions={
                to: after
                for to, after, minimum in (
                    (StorageClass.STANDARD_IA, 30, 30),
                    (StorageClass.GLACIER_IR, 90, 90),
                )
                if after + minimum <= days
            },
            expiration_days=days,
            noncurrent_expiration_days=7,
        ),
    )


_RULES: Final[Mapping[LifecycleProfile, tuple[LifecycleRule, ...]]] = {
    LifecycleProfile.ARCHIVE: (
        LifecycleRule(
            name="Archive",
            transitions={StorageClass.STANDARD_IA: 30, StorageClass.GLACIER_IR: 90, StorageClass.DEEP_ARCHIVE: 365},
            expiration_days=2555,
            noncurrent_transitions={StorageClass.GLACIER_IR: 7},
            noncurrent_expiration_days=90,
        ),
    ),
    LifecycleProfile.LOGS: log_rules(365),
    LifecycleProfile.DATA_LAKE: (
        LifecycleRule(
            name="DataLake",
            transitions={StorageClass.STANDARD_IA: 90, StorageClass.GLACIER_IR: 365},
            noncurrent_expiration_days=30,
        ),
    ),
    LifecycleProfile.TEMPORARY: (LifecycleRule(name="Temporary", expiration_days=7, noncurrent_expiration_days=1),),
    LifecycleProfile.UNKNOWN_ACCESS: (
        LifecycleRule(
            name="UnknownAccess",
            transitions={StorageClass.INTELLIGENT_TIERING: 0},
            noncurrent_expiration_days=90,
        ),
    ),
    LifecycleProfile.NONE: (),
}


def usd_per_tb_month(storage_class: StorageClass, *, days_unread: int = 0) -> float:
    """What a TB costs a month in a class; in Intelligent-Tiering by the days since it was last read."""
    if storage_class is not StorageClass.INTELLIGENT_TIERING:
        return USD_PER_GB_MONTH[storage_class] * GB_PER_TB
    tier = max(since for since in INTELLIGENT_TIERING_USD if since <= days_unread)
    return INTELLIGENT_TIERING_USD[tier] * GB_PER_TB
