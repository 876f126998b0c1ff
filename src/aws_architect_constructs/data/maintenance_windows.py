"""When backups and maintenance happen: windows in UTC that must not overlap.

Pure Python.
"""

import re
from typing import Final

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY
_SHORTEST: Final = 30
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_BACKUP: Final = re.compile(rf"({_TIME})-({_TIME})")
_MAINTENANCE: Final = re.compile(rf"({'|'.join(_DAYS)}):({_TIME})-({'|'.join(_DAYS)}):({_TIME})")

DEFAULT_BACKUP_WINDOW: Final = "02:00-03:00"
DEFAULT_MAINTENANCE_WINDOW: Final = "sun:04:00-sun:05:00"


def check_windows(backup_window: str, maintenance_window: str) -> None:
    """Check both windows, and that they do not overlap, which RDS refuses.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html

    Raises:
        ValueError: If a window is none, shorter than half an hour, or overlaps the other.
    """
    backup = _BACKUP.fullmatch(backup_window)
    if not backup:
        raise ValueError(f"backup_window: no window, got {backup_window!r}; allowed: 'hh:mm-hh:mm' in UTC")
    maintenance = _MAINTENANCE.fullmatch(maintenance_window)
    if not maintenance:
        raise ValueError(
            f"maintenance_window: no window, got {maintenance_window!r}; allowed: 'ddd:hh:mm-ddd:hh:mm' in UTC"
        )
    backup_start, backup_minutes = _span(_minutes(backup[1]), _minutes(backup[2]), _DAY)
    start, minutes = _span(
        _DAYS.index(maintenance[1]) * _DAY + _minutes(maintenance[2]),
        _DAYS.index(maintenance[3]) * _DAY + _minutes(maintenance[4]),
        _WEEK,
    )
    for name, text, length in (
        ("backup_window", backup_window, backup_minutes),
        ("maintenance_window", maintenance_window, minutes),
    ):
        if length < _SHORTEST:
            raise ValueError(f"{name}: too short, got {text!r}; allowed: {_SHORTEST} minutes or more")
    if minutes > _DAY:
        raise ValueError(f"maintenance_window: too long, got {maintenance_window!r}; allowed: at most 24 hours")
    for day in range(-1, len(_DAYS) + 1):
        begin = day * _DAY + backup_start
        if begin < start + minutes and start < begin + backup_minutes:
            raise ValueError(
                f"maintenance_window: overlaps the backups, got {maintenance_window!r} and {backup_window!r}; "
                "allowed: windows apart from each other"
            )


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _span(start: int, end: int, cycle: int) -> tuple[int, int]:
    """Where a window starts, and how long it is, in minutes."""
    return start, (end - start) % cycle
