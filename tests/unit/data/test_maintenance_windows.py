"""Windows for backups and maintenance: what RDS would refuse is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.data.maintenance_windows import (
    DEFAULT_BACKUP_WINDOW,
    DEFAULT_MAINTENANCE_WINDOW,
    check_windows,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY


def text(minute: int, *, day: bool) -> str:
    """A minute of the week, as RDS writes it."""
    clock = f"{minute % DAY // 60:02}:{minute % 60:02}"
    return f"{DAYS[minute // DAY % 7]}:{clock}" if day else clock


def test_the_defaults_are_apart() -> None:
    """The library's own windows are valid."""
    check_windows(DEFAULT_BACKUP_WINDOW, DEFAULT_MAINTENANCE_WINDOW)


@pytest.mark.parametrize(
    ("backup", "maintenance", "message"),
    [
        ("2:00-3:00", DEFAULT_MAINTENANCE_WINDOW, r"^backup_window: no window, got '2:00-3:00'; allowed"),
        ("24:00-01:00", DEFAULT_MAINTENANCE_WINDOW, "^backup_window: no window"),
        (DEFAULT_BACKUP_WINDOW, "04:00-05:00", r"^maintenance_window: no window, got '04:00-05:00'; allowed"),
        (DEFAULT_BACKUP_WINDOW, "xxx:04:00-sun:05:00", "^maintenance_window: no window"),
        ("02:00-02:29", DEFAULT_MAINTENANCE_WINDOW, "^backup_window: too short"),
        ("02:00-02:00", DEFAULT_MAINTENANCE_WINDOW, "^backup_window: too short"),
        (DEFAULT_BACKUP_WINDOW, "sun:04:00-sun:04:10", "^maintenance_window: too short"),
        (DEFAULT_BACKUP_WINDOW, "sun:04:00-sat:04:10", "^maintenance_window: too long"),
        (DEFAULT_BACKUP_WINDOW, "sun:02:30-sun:04:00", "^maintenance_window: overlaps"),
        ("23:30-00:30", "mon:00:00-mon:01:00", "^maintenance_window: overlaps"),
        ("00:00-00:30", "sun:23:00-mon:00:10", "^maintenance_window: overlaps"),
    ],
)
def test_a_bad_window_is_refused(backup: str, maintenance: str, message: str) -> None:
    """A window that is none, too short or long, or overlaps the other is an error that names it."""
    with pytest.raises(ValueError, match=message):
        check_windows(backup, maintenance)


@pytest.mark.parametrize(
    ("backup", "maintenance"), [("23:30-00:30", "mon:00:30-mon:01:30"), ("01:00-02:00", "tue:02:00-tue:03:00")]
)
def test_windows_may_touch(backup: str, maintenance: str) -> None:
    """One window may begin when the other ends."""
    check_windows(backup, maintenance)


@given(
    backup=st.integers(0, DAY - 1),
    backup_length=st.integers(30, 180),
    start=st.integers(0, WEEK - 1),
    length=st.integers(30, DAY - 1),
)
def test_windows_overlap_when_they_share_a_minute(backup: int, backup_length: int, start: int, length: int) -> None:
    """The check agrees with counting the minutes of a week."""
    backups = {(day * DAY + backup + minute) % WEEK for day in range(7) for minute in range(backup_length)}
    maintenance = {(start + minute) % WEEK for minute in range(length)}
    texts = (
        f"{text(backup, day=False)}-{text(backup + backup_length, day=False)}",
        f"{text(start, day=True)}-{text(start + length, day=True)}",
    )
    if backups & maintenance:
        with pytest.raises(ValueError, match="overlaps"):
            check_windows(*texts)
    else:
        check_windows(*texts)
