"""The lifecycle rules of templates, read as S3 reads them: every object is where the rules in Python say it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from aws_cdk import Stack

from aws_architect_constructs import LifecycleBucket, LifecycleProfile, LifecycleRule, StorageClass
from aws_architect_constructs.foundation.lifecycle import COLDER, SMALLEST_PAID
from aws_architect_constructs.foundation.lifecycle_simulation import ObjectVersion, storage_class_at
from support.synthesis import resources, synthesize

OWN: Final = (
    LifecycleRule(
        name="Small",
        prefix="small/",
        object_size_less_than=SMALLEST_PAID,
        transitions={StorageClass.GLACIER: 10},
        expiration_days=100,
    ),
    LifecycleRule(
        name="UpToAMegabyte",
        prefix="images/",
        object_size_less_than=1 << 20,
        transitions={StorageClass.STANDARD_IA: 30},
        noncurrent_transitions={StorageClass.GLACIER_IR: 1},
        expiration_days=90,
        noncurrent_expiration_days=20,
    ),
    LifecycleRule(
        name="Tagged", tags={"keep": "no"}, object_size_greater_than=10, transitions={StorageClass.GLACIER_IR: 0}
    ),
    LifecycleRule(name="Versions", noncurrent_expiration_days=50, noncurrent_versions_to_retain=2),
)
LIFECYCLES: Final[dict[str, LifecycleProfile | tuple[LifecycleRule, ...]]] = {
    **{profile.value: profile for profile in LifecycleProfile},
    "own": OWN,
}
VERSIONS: Final = [
    ObjectVersion(key=key, size=size, tags=tags, noncurrent_since=since, newer_noncurrent=newer)
    for key in ("a", "small/a", "images/a")
    for size in (5, SMALLEST_PAID - 1, SMALLEST_PAID, 1 << 20)
    for tags in ({}, {"keep": "no"})
    for since, newer in ((None, 0), (0, 0), (40, 1), (40, 2))
]


def written(lifecycle: LifecycleProfile | Sequence[LifecycleRule]) -> list[dict[str, Any]]:
    """The enabled rules of a bucket's template."""

    def build(stack: Stack) -> None:
        LifecycleBucket(stack, "Documents", lifecycle=lifecycle)

    (bucket,) = (
        resource["Properties"]
        for logical_id, resource in resources(synthesize(build), "AWS::S3::Bucket").items()
        if logical_id.startswith("Documents")
    )
    configuration = bucket["LifecycleConfiguration"]
    assert configuration["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    return [rule for rule in configuration["Rules"] if rule["Status"] == "Enabled"]


def matches(rule: Mapping[str, Any], version: ObjectVersion) -> bool:
    """Whether S3 applies a written rule to a version."""
    return (
        version.key.startswith(rule.get("Prefix", ""))
        and all(version.tags.get(tag["Key"]) == tag["Value"] for tag in rule.get("TagFilters", []))
        and version.size > int(rule.get("ObjectSizeGreaterThan", -1))
        and version.size < int(rule.get("ObjectSizeLessThan", 1 << 62))
    )


def moves(rule: Mapping[str, Any], version: ObjectVersion) -> bool:
    """Whether the rule's transitions apply: without sizes of its own, to objects of 128 KB or more."""
    sized = "ObjectSizeGreaterThan" in rule or "ObjectSizeLessThan" in rule
    return sized or version.size >= SMALLEST_PAID


def on_day(rules: Sequence[Mapping[str, Any]], version: ObjectVersion, day: int) -> StorageClass | None:
    """Where S3 has a version at the end of a day, or None once it is gone."""
    applying = [rule for rule in rules if matches(rule, version)]
    since = version.noncurrent_since
    replaced = since is not None and day >= since
    steps = [
        (step["TransitionInDays"], StorageClass(step["StorageClass"]))
        for rule in applying
        if moves(rule, version)
        for step in rule.get("Transitions", [])
        if step["TransitionInDays"] <= (day if since is None or not replaced else since - 1)
    ]
    expiries = [rule["ExpirationInDays"] for rule in applying if "ExpirationInDays" in rule]
    if replaced and since is not None:
        later = [
            (step["TransitionInDays"], StorageClass(step["StorageClass"]))
            for rule in applying
            if moves(rule, version)
            for step in rule.get("NoncurrentVersionTransitions", [])
            if step["TransitionInDays"] <= day - since
        ]
        ends = [rule["NoncurrentVersionExpiration"] for rule in applying if "NoncurrentVersionExpiration" in rule]
        if any(
            day - since >= end["NoncurrentDays"] and version.newer_noncurrent >= end.get("NewerNoncurrentVersions", 0)
            for end in ends
        ):
            return None
        return cooled(sorted(later), cooled(sorted(steps), StorageClass.STANDARD))
    return None if any(day >= expiry for expiry in expiries) else cooled(sorted(steps), StorageClass.STANDARD)


def cooled(steps: Sequence[tuple[int, StorageClass]], storage_class: StorageClass) -> StorageClass:
    """The class after the steps, of which S3 takes those that lead somewhere colder."""
    for _, to in steps:
        storage_class = to if to in COLDER[storage_class] else storage_class
    return storage_class


@pytest.mark.parametrize("name", LIFECYCLES)
def test_the_template_does_what_the_rules_say(name: str) -> None:
    """Over a synthetic history of objects, the written rules and those in Python agree on every day."""
    lifecycle = LIFECYCLES[name]
    rules = lifecycle.rules if isinstance(lifecycle, LifecycleProfile) else lifecycle
    template = written(lifecycle)
    for version in VERSIONS:
        for day in (
            0,
            1,
            6,
            7,
            8,
            10,
            29,
            30,
            31,
            40,
            41,
            47,
            59,
            60,
            89,
            90,
            91,
            100,
            130,
            364,
            365,
            2554,
            2555,
            4000,
        ):
            assert on_day(template, version, day) == storage_class_at(rules, version, day), (version, day)
