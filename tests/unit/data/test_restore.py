"""What a database begins with."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from aws_architect_constructs import RestoreSource


def test_a_time_is_told_in_utc() -> None:
    """A time of another zone is the same time in UTC."""
    at = datetime(2026, 11, 24, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert RestoreSource.from_database("lost", at=at).restore_to_time == "2026-11-23T23:30:00Z"


def test_sources_have_keys_of_their_own() -> None:
    """Another snapshot, cluster or time is another source."""
    sources = [
        RestoreSource.from_snapshot("a"),
        RestoreSource.from_snapshot("b"),
        RestoreSource.from_database("a"),
        RestoreSource.from_database("a", at=datetime(2026, 1, 1, tzinfo=UTC)),
        RestoreSource.from_database("a", at=datetime(2026, 1, 2, tzinfo=UTC)),
    ]
    assert len({source.key for source in sources}) == len(sources)


@pytest.mark.parametrize("at", ["2026-11-24", datetime(2026, 11, 24)])  # noqa: DTZ001 -- the mistake under test
def test_a_time_without_zone_is_refused(at: Any) -> None:
    """Nobody knows which second is meant."""
    with pytest.raises(ValueError, match=r"^at: a time without its zone"):
        RestoreSource.from_database("lost", at=at)


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_no_source(nothing: Any) -> None:
    """A snapshot and a cluster have a name."""
    with pytest.raises(ValueError, match=r"^snapshot_identifier: no snapshot"):
        RestoreSource.from_snapshot(nothing)
    with pytest.raises(ValueError, match=r"^source_identifier: no cluster"):
        RestoreSource.from_database(nothing)
