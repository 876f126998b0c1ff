"""What rules do to an object's history, and that the profiles do what their tables say."""

import inspect
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import LifecycleProfile
from aws_architect_constructs.foundation.lifecycle import (
    COLDER,
    SMALLEST_PAID,
    LifecycleError,
    LifecycleRule,
    StorageClass,
)
from aws_architect_constructs.foundation.lifecycle_profiles import log_rules, usd_per_tb_month
from aws_architect_constructs.foundation.lifecycle_simulation import ObjectVersion, gone_on, storage_class_at

STANDARD, IA, INT = StorageClass.STANDARD, StorageClass.STANDARD_IA, StorageClass.INTELLIGENT_TIERING
GIR, DEEP = StorageClass.GLACIER_IR, StorageClass.DEEP_ARCHIVE
FOREVER = 10_000

# Profile: days and classes of a current version, when it is gone, and when a version is that is replaced on day 0.
TABLE: dict[LifecycleProfile, tuple[list[tuple[int, StorageClass]], int | None, int | None]] = {
    LifecycleProfile.ARCHIVE: ([(0, STANDARD), (30, IA), (90, GIR), (365, DEEP)], 2555, 90),
    LifecycleProfile.LOGS: ([(0, STANDARD), (30, IA), (90, GIR)], 365, 7),
    LifecycleProfile.DATA_LAKE: ([(0, STANDARD), (90, IA), (365, GIR)], None, 30),
    LifecycleProfile.TEMPORARY: ([(0, STANDARD)], 7, 1),
    LifecycleProfile.UNKNOWN_ACCESS: ([(0, INT)], None, 90),
    LifecycleProfile.NONE: ([(0, STANDARD)], None, None),
}


@pytest.mark.parametrize("profile", LifecycleProfile)
def test_a_current_version_ages_as_documented(profile: LifecycleProfile) -> None:
    """On every day the version is in the class of the profile's table, and gone on the day that the table says."""
    stages, gone, _ = TABLE[profile]
    for day in range(3000):
        expected = max((since, storage_class) for since, storage_class in stages if since <= day)[1]
        found = storage_class_at(profile.rules, ObjectVersion(), day)
        assert found == (None if gone is not None and day >= gone else expected), day


@pytest.mark.parametrize("profile", LifecycleProfile)
def test_a_noncurrent_version_goes_as_documented(profile: LifecycleProfile) -> None:
    """A version that is replaced goes when the table says, whenever it was replaced."""
    for replaced in (0, 5):
        after = TABLE[profile][2]
        version = ObjectVersion(noncurrent_since=replaced)
        assert gone_on(profile.rules, version, until=FOREVER) == (None if after is None else replaced + after)


def test_the_archives_noncurrent_versions_move_at_seven_days() -> None:
    """They are in Glacier Instant Retrieval from the seventh day on, unless they were colder already."""
    rules = LifecycleProfile.ARCHIVE.rules
    fresh, old = ObjectVersion(noncurrent_since=1), ObjectVersion(noncurrent_since=400)
    assert [storage_class_at(rules, fresh, day) for day in (7, 8, 90, 91)] == [STANDARD, GIR, GIR, None]
    assert [storage_class_at(rules, old, day) for day in (400, 489, 490)] == [DEEP, DEEP, None]


@pytest.mark.parametrize("profile", [profile for profile, (_, gone, _) in TABLE.items() if gone is None])
def test_only_profiles_that_say_so_delete_current_objects(profile: LifecycleProfile) -> None:
    """The default, and every profile whose table names no expiry, deletes no current object ever."""
    assert all(rule.expiration_days is None for rule in profile.rules)


@pytest.mark.parametrize("profile", LifecycleProfile)
def test_prices_are_those_of_the_documentation(profile: LifecycleProfile) -> None:
    """Each stage's price a TB and month stands in the profile's own docstring."""
    text = _docstring_of(profile)
    stages, _, _ = TABLE[profile]
    for _, storage_class in stages:
        assert f"{usd_per_tb_month(storage_class):.2f}" in text
    if profile is LifecycleProfile.UNKNOWN_ACCESS:
        for days in (30, 90):
            assert f"{usd_per_tb_month(INT, days_unread=days):.2f}" in text


def test_the_pages_table_is_the_profiles() -> None:
    """Each row of the page has the prices and days of its profile, in order."""
    page = Path(__file__).parents[3] / "docs" / "constructs" / "lifecycle_bucket.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    for profile, (stages, gone, noncurrent) in TABLE.items():
        (row,) = (line for line in rows if line.startswith(f"| `{profile}`"))
        cells = [cell.strip() for cell in row.split("|")][2:-1]
        priced = stages if profile is not LifecycleProfile.UNKNOWN_ACCESS else [(0, INT), (30, INT), (90, INT)]
        for cell, (day, storage_class) in zip(cells, priced, strict=False):
            assert cell.startswith(f"{usd_per_tb_month(storage_class, days_unread=day):.2f}")
            assert day == 0 or f"day {day}" in cell or f"{day} days unread" in cell
        assert cells[4] == ("never" if gone is None else f"day {gone:,}")
        ends = "for ever" if noncurrent is None else "1 day" if noncurrent == 1 else f"{noncurrent} days"
        assert cells[5].endswith(ends)


def _docstring_of(profile: LifecycleProfile) -> str:
    """The text below a member, which Python forgets and its source keeps."""
    source = inspect.getsource(LifecycleProfile)
    return source.split(f'{profile.name} = "{profile.value}"\n', 1)[1].split('"""', 2)[1]


@pytest.mark.parametrize(
    ("days", "classes"), [(59, set()), (60, {IA}), (179, {IA}), (180, {IA, GIR}), (365, {IA, GIR})]
)
def test_logs_move_only_where_it_pays(days: int, classes: set[StorageClass]) -> None:
    """A class whose minimum duration outlives the logs is left out."""
    (rule,) = log_rules(days)
    assert (set(rule.transitions), rule.expiration_days) == (classes, days)


@pytest.mark.parametrize(("size", "expected"), [(SMALLEST_PAID - 1, STANDARD), (SMALLEST_PAID, IA)])
def test_small_objects_stay(size: int, expected: StorageClass) -> None:
    """Objects under 128 KB do not move, unless a rule's own sizes say so."""
    rules = [LifecycleRule(name="Rule", transitions={IA: 30})]
    own = [LifecycleRule(name="Rule", transitions={IA: 30}, object_size_greater_than=0)]
    version = ObjectVersion(size=size)
    assert (storage_class_at(rules, version, 30), storage_class_at(own, version, 30)) == (expected, IA)


@pytest.mark.parametrize(
    ("options", "version", "matches"),
    [
        ({"prefix": "a/"}, {"key": "a/b"}, True),
        ({"prefix": "a/"}, {"key": "b/a/"}, False),
        ({"tags": {"x": "1", "y": "2"}}, {"tags": {"x": "1", "y": "2", "z": "3"}}, True),
        ({"tags": {"x": "1", "y": "2"}}, {"tags": {"x": "1"}}, False),
        ({"object_size_greater_than": 10}, {"size": 11}, True),
        ({"object_size_greater_than": 10}, {"size": 10}, False),
        ({"object_size_less_than": 10}, {"size": 9}, True),
        ({"object_size_less_than": 10}, {"size": 10}, False),
    ],
)
def test_rules_concern_what_they_match(options: dict[str, Any], version: dict[str, Any], matches: bool) -> None:
    """Prefix, all tags and both sizes decide, the sizes themselves excluded."""
    rules = [LifecycleRule(name="Rule", expiration_days=1, **options)]
    assert (gone_on(rules, ObjectVersion(**version), until=10) == 1) is matches


def test_retained_versions_stay() -> None:
    """The newest noncurrent versions stay as many as are to be retained."""
    rules = [LifecycleRule(name="Rule", noncurrent_expiration_days=1, noncurrent_versions_to_retain=2)]
    stays = [gone_on(rules, ObjectVersion(noncurrent_since=3, newer_noncurrent=newer), until=100) for newer in range(4)]
    assert stays == [None, None, 4, 4]


def test_an_expired_version_is_noncurrent_until_it_goes() -> None:
    """A current version that expires is replaced by a delete marker, and ages on as a noncurrent one."""
    rules = [LifecycleRule(name="Rule", expiration_days=7, noncurrent_expiration_days=3)]
    assert gone_on(rules, ObjectVersion(), until=100) == 7
    assert gone_on(rules, ObjectVersion(noncurrent_since=7), until=100) == 10
    assert storage_class_at(rules, ObjectVersion(noncurrent_since=9), 9) is STANDARD


def test_of_several_rules_the_colder_wins() -> None:
    """Where rules overlap, an object moves to the colder class and goes at the first expiry."""
    rules = [
        LifecycleRule(name="One", transitions={IA: 30}, expiration_days=300),
        LifecycleRule(name="Two", transitions={DEEP: 30}, expiration_days=200),
    ]
    assert storage_class_at(rules, ObjectVersion(), 30) is DEEP
    assert gone_on(rules, ObjectVersion(), until=1000) == 200


MOVES = st.dictionaries(st.sampled_from(StorageClass), st.integers(0, 120), max_size=3)


@given(
    st.lists(st.tuples(MOVES, st.one_of(st.none(), st.integers(1, 200)), MOVES, st.integers(1, 200)), max_size=3),
    st.one_of(st.none(), st.integers(0, 150)),
    st.sampled_from([1, SMALLEST_PAID - 1, SMALLEST_PAID, 1 << 30]),
)
def test_nothing_warms_up_or_comes_back(
    drawn: list[tuple[dict[StorageClass, int], int | None, dict[StorageClass, int], int]],
    noncurrent_since: int | None,
    size: int,
) -> None:
    """Under any accepted rules an object only ever gets colder, and what is gone stays gone."""
    rules = []
    for number, (transitions, expiry, noncurrent, noncurrent_expiry) in enumerate(drawn):
        try:
            rules.append(
                LifecycleRule(
                    name=f"R{number}",
                    transitions=transitions,
                    expiration_days=expiry,
                    noncurrent_transitions=noncurrent,
                    noncurrent_expiration_days=noncurrent_expiry,
                )
            )
        except LifecycleError:
            continue
    version = ObjectVersion(size=size, noncurrent_since=noncurrent_since)
    history = [storage_class_at(rules, version, day) for day in range(0, 260, 5)]
    for earlier, later in pairwise(history):
        if earlier is None:
            current = noncurrent_since is not None and noncurrent_since > 0
            assert later is None or current  # a current version that expired lives on as a noncurrent one
        elif later is not None:
            assert later is earlier or later in COLDER[earlier]
    if size < SMALLEST_PAID:
        assert set(history) <= {STANDARD, None}
