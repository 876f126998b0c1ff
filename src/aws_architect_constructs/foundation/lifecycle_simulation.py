"""What lifecycle rules do to an object version as it ages: which class it is in, and when it is gone.

Days are whole: S3 acts at the midnight (UTC) after a day is full, and bills as if it had acted then.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html

Pure Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .lifecycle import COLDER, LifecycleRule, StorageClass, by_day, smallest_that_moves


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """A version of an object, made on day 0.

    Attributes:
        key: Its key.
        size: Its bytes.
        tags: Its tags.
        noncurrent_since: The day on which it was replaced or deleted, or None while it is current.
        newer_noncurrent: How many newer noncurrent versions there are.
        storage_class: The class that it was written to.
    """

    key: str = "object"
    size: int = 1 << 20
    tags: Mapping[str, str] = field(default_factory=dict)
    noncurrent_since: int | None = None
    newer_noncurrent: int = 0
    storage_class: StorageClass = StorageClass.STANDARD


def storage_class_at(rules: Sequence[LifecycleRule], version: ObjectVersion, day: int) -> StorageClass | None:
    """The class that a version is in at the end of a day, or None once it is gone.

    A current version that expires is gone for whoever reads it; here too, though it stays as a noncurrent one until
    that expires as well: ask for that with `noncurrent_since`.
    """
    replaced = version.noncurrent_since
    current_days = day if replaced is None else min(day, replaced - 1)
    storage_class: StorageClass | None = _walk(
        [(rule, rule.transitions, rule.expiration_days) for rule in _matching(rules, version)],
        version,
        version.storage_class,
        current_days,
    )
    if replaced is None or day < replaced:
        return storage_class
    if storage_class is None:  # it expired, which is what made it noncurrent
        storage_class = _walk(
            [(rule, rule.transitions, None) for rule in _matching(rules, version)],
            version,
            version.storage_class,
            current_days,
        )
    noncurrent = [
        (
            rule,
            rule.noncurrent_transitions,
            rule.noncurrent_expiration_days
            if version.newer_noncurrent >= (rule.noncurrent_versions_to_retain or 0)
            else None,
        )
        for rule in _matching(rules, version)
    ]
    return None if storage_class is None else _walk(noncurrent, version, storage_class, day - replaced)


def gone_on(rules: Sequence[LifecycleRule], version: ObjectVersion, *, until: int = 36_500) -> int | None:
    """The first day on which a version is gone, or None if it still is there at the end."""
    return next((day for day in range(until) if storage_class_at(rules, version, day) is None), None)


def _matching(rules: Sequence[LifecycleRule], version: ObjectVersion) -> list[LifecycleRule]:
    return [
        rule
        for rule in rules
        if version.key.startswith(rule.prefix or "")
        and rule.tags.items() <= version.tags.items()
        and (rule.object_size_greater_than is None or version.size > rule.object_size_greater_than)
        and (rule.object_size_less_than is None or version.size < rule.object_size_less_than)
    ]


def _walk(
    actions: Sequence[tuple[LifecycleRule, Mapping[StorageClass, int], int | None]],
    version: ObjectVersion,
    storage_class: StorageClass,
    days: int,
) -> StorageClass | None:
    """Expiry comes before any transition, and of several transitions the one to the coldest class."""
    if any(expiry is not None and days >= expiry for _, _, expiry in actions):
        return None
    due = sorted(
        (day, to)
        for rule, transitions, _ in actions
        if version.size >= smallest_that_moves(rule)
        for day, to in by_day(transitions)
        if day <= days
    )
    for _, to in due:
        if to in COLDER[storage_class]:
            storage_class = to
    return storage_class
