"""Lifecycle rules: what is accepted S3 accepts, what is refused names a constraint, and what each rule does."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.foundation.lifecycle import (
    BILLED_AS_128_KB,
    EXPIRY_SUFFIX,
    MINIMUM_DAYS,
    SMALLEST_PAID,
    LifecycleConstraint,
    LifecycleError,
    LifecycleRule,
    StorageClass,
    check_rules,
    early_deletions,
    small_objects,
)

IA, ONE_ZONE, INT = StorageClass.STANDARD_IA, StorageClass.ONEZONE_IA, StorageClass.INTELLIGENT_TIERING
GIR, GLACIER, DEEP = StorageClass.GLACIER_IR, StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE

# The unsupported ones of https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
NEVER = (
    {(storage_class, StorageClass.STANDARD) for storage_class in StorageClass}
    | {(INT, IA), (ONE_ZONE, INT), (ONE_ZONE, IA), (ONE_ZONE, GIR)}
    | {(GIR, warmer) for warmer in (IA, ONE_ZONE, INT)}
    | {(GLACIER, warmer) for warmer in (IA, ONE_ZONE, INT, GIR)}
    | {(DEEP, warmer) for warmer in (IA, ONE_ZONE, INT, GIR, GLACIER)}
)


def broken_by(moves: Mapping[StorageClass, int], expiry: int | None) -> Iterator[LifecycleConstraint]:
    """What transitions and an expiry break."""
    days = list(moves.values())
    if any(day < 0 for day in days) or (expiry is not None and expiry < 1):
        yield LifecycleConstraint.DAYS
    if StorageClass.STANDARD in moves:
        yield LifecycleConstraint.INTO_STANDARD
    if any(moves.get(storage_class, 30) < 30 for storage_class in (IA, ONE_ZONE)):
        yield LifecycleConstraint.INFREQUENT_ACCESS
    for (earlier, one), (later, other) in pairwise(sorted((day, to) for to, day in moves.items())):
        if (one, other) in NEVER or earlier == later:
            yield LifecycleConstraint.ORDER
        if one in {IA, ONE_ZONE} and later < earlier + 30:
            yield LifecycleConstraint.STAY_IN_INFREQUENT_ACCESS
    if expiry is not None and days and expiry <= max(days):
        yield LifecycleConstraint.EXPIRY


def broken(options: Mapping[str, Any]) -> set[LifecycleConstraint]:
    """What a rule breaks, as AWS's pages say it, and written apart from the code under test."""
    transitions = (options["transitions"], options["expiration_days"])
    noncurrent = (options["noncurrent_transitions"], options["noncurrent_expiration_days"])
    found = {*broken_by(*transitions), *broken_by(*noncurrent)}
    if not any(transitions) and not any(noncurrent) and transitions[1] is noncurrent[1] is None:
        found.add(LifecycleConstraint.NO_ACTION)
    retained = options["noncurrent_versions_to_retain"]
    if retained is not None and (not 1 <= retained <= 100 or noncurrent[1] is None):
        found.add(LifecycleConstraint.VERSIONS)
    least, most = options["object_size_greater_than"], options["object_size_less_than"]
    if min(least or 0, most or 0) < 0 or (most is not None and most <= (least or 0)):
        found.add(LifecycleConstraint.SIZES)
    return found


DAYS = st.one_of(st.sampled_from([-1, 0, 1, 7, 29, 30, 31, 59, 60, 90, 120, 180, 365]), st.integers(-2, 400))
MOVES = st.dictionaries(st.sampled_from(StorageClass), DAYS, max_size=4)
SIZES = st.one_of(st.none(), st.sampled_from([-1, 0, 1, SMALLEST_PAID - 1, SMALLEST_PAID, SMALLEST_PAID + 1]))
OPTIONS = st.fixed_dictionaries(
    {
        "transitions": MOVES,
        "expiration_days": st.one_of(st.none(), DAYS),
        "noncurrent_transitions": MOVES,
        "noncurrent_expiration_days": st.one_of(st.none(), DAYS),
        "noncurrent_versions_to_retain": st.one_of(st.none(), st.none(), st.integers(0, 101)),
        "object_size_greater_than": SIZES,
        "object_size_less_than": SIZES,
    }
)


@given(options=OPTIONS)
def test_what_is_accepted_breaks_nothing_and_a_refusal_names_what_is_broken(options: dict[str, Any]) -> None:
    """A rule is accepted if and only if it breaks none of S3's constraints, and a refusal names one that it breaks."""
    expected = broken(options)
    if not expected:
        LifecycleRule(name="Rule", **options)
        return
    with pytest.raises(LifecycleError) as refusal:
        LifecycleRule(name="Rule", **options)
    assert refusal.value.constraint in expected
    assert refusal.value.constraint in str(refusal.value)


@given(st.lists(MOVES.filter(bool), max_size=3), st.lists(st.sampled_from("AB"), min_size=3, max_size=3))
def test_rules_of_a_set_have_names_of_their_own(moves: list[dict[StorageClass, int]], names: list[str]) -> None:
    """A set of good rules is accepted if and only if their names differ."""
    rules = []
    for name, transitions in zip(names, moves, strict=False):
        try:
            rules.append(LifecycleRule(name=name, transitions=transitions))
        except LifecycleError:
            continue
    if len({rule.name for rule in rules}) == len(rules):
        check_rules(rules)
    else:
        with pytest.raises(LifecycleError, match="of its own"):
            check_rules(rules)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"transitions": {IA: 29}},
            "nothing moves to Standard-IA or One Zone-IA before 30 days, got 'STANDARD_IA at 29'",
        ),
        ({"transitions": {GLACIER: 30, GIR: 90}}, "got 'GLACIER at 30, GLACIER_IR at 90'"),
        ({"transitions": {IA: 30, GIR: 59}}, "stays there for 30 days, got 'GLACIER_IR at 59'; allowed: 60"),
        ({"transitions": {GIR: 90}, "expiration_days": 90}, "expiration: nothing expires before .* got 90; .* than 90"),
        ({"noncurrent_transitions": {DEEP: 1, GIR: 0}, "noncurrent_expiration_days": 1}, "noncurrent expiration"),
        ({"transitions": {IA: True}}, "days are whole numbers"),
        ({"expiration_days": 1.5}, "days are whole numbers"),
        ({"transitions": {"FREEZER": 30}}, "transitions go to ever colder classes.*, got 'FREEZER'"),
        ({"expiration_days": 1, "tags": {"": "x"}}, "a tag's key"),
        ({"expiration_days": 1, "tags": {"x": "y" * 257}}, "a tag's key"),
        ({"noncurrent_versions_to_retain": 3, "expiration_days": 1}, "1 to 100 noncurrent versions are retained"),
        ({"object_size_less_than": 0, "expiration_days": 1}, "sizes are bytes"),
        ({}, "a rule does something"),
    ],
)
def test_a_refusal_says_what_and_why(options: dict[str, Any], text: str) -> None:
    """An error names the rule, the constraint, what was given and what is allowed."""
    with pytest.raises(LifecycleError, match=f"lifecycle rule 'Rule': .*{text}"):
        LifecycleRule(name="Rule", **options)


@pytest.mark.parametrize("name", ["", "x" * 249, "Remains", 1])
def test_names_have_bounds(name: Any) -> None:
    """A rule's name fits S3, and is not that of the rule which every bucket has."""
    with pytest.raises(LifecycleError, match="a rule's name"):
        LifecycleRule(name=name, expiration_days=1)


def test_a_name_may_not_be_that_of_anothers_second_half() -> None:
    """A rule that is written as two keeps both names."""
    rules = [LifecycleRule(name=name, expiration_days=1) for name in ("A", "A" + EXPIRY_SUFFIX)]
    with pytest.raises(LifecycleError, match="of its own"):
        check_rules(rules)


def test_rules_have_a_number() -> None:
    """Written as two each, and with the remains, they fit S3's 1,000."""
    rules = [LifecycleRule(name=f"R{number}", expiration_days=1) for number in range(500)]
    check_rules(rules[:499])
    with pytest.raises(LifecycleError, match="at most 1,000 rules"):
        check_rules(rules)


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        ({"transitions": {GIR: 7}, "expiration_days": 90}, [(False, GIR, 7)]),
        ({"transitions": {GIR: 7}, "expiration_days": 97}, []),
        ({"transitions": {GIR: 7}}, []),
        (
            {"transitions": {IA: 30, GLACIER: 60, DEEP: 100}, "expiration_days": 200},
            [(False, GLACIER, 50), (False, DEEP, 80)],
        ),
        ({"noncurrent_transitions": {GIR: 7}, "noncurrent_expiration_days": 90}, [(True, GIR, 7)]),
        ({"transitions": {INT: 0}, "expiration_days": 1}, []),
        ({"expiration_days": 1}, []),
    ],
)
def test_days_billed_for_nothing(options: dict[str, Any], lost: list[tuple[bool, StorageClass, int]]) -> None:
    """What leaves a class before its minimum duration is told, with the days billed for nothing."""
    found = early_deletions([LifecycleRule(name="Rule", **options)])
    assert [(loss.noncurrent, loss.storage_class, loss.days) for loss in found] == lost


@given(moves=MOVES, expiry=st.one_of(st.none(), DAYS))
def test_days_billed_for_nothing_are_those_that_are_missing(moves: dict[StorageClass, int], expiry: int | None) -> None:
    """Stays that are as long as each class's minimum lose nothing; shorter ones lose the difference."""
    try:
        rule = LifecycleRule(name="Rule", transitions=moves, expiration_days=expiry)
    except LifecycleError:
        return
    steps = sorted((day, to) for to, day in moves.items())
    ends = [*(day for day, _ in steps[1:]), expiry]
    missing = {
        to: MINIMUM_DAYS[to] - (end - day)
        for (day, to), end in zip(steps, ends, strict=False)
        if end is not None and end - day < MINIMUM_DAYS[to]
    }
    assert {loss.storage_class: loss.days for loss in early_deletions([rule])} == missing


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, []),
        ({"object_size_greater_than": SMALLEST_PAID - 1}, []),
        ({"object_size_greater_than": SMALLEST_PAID - 2}, [SMALLEST_PAID - 1]),
        ({"object_size_greater_than": 0}, [1]),
        ({"object_size_less_than": SMALLEST_PAID + 1}, []),
        ({"object_size_less_than": SMALLEST_PAID}, [0]),
    ],
)
def test_small_objects_that_move_are_told(options: dict[str, Any], sizes: list[int]) -> None:
    """A rule whose own sizes let objects under 128 KB move to a class that bills them as 128 KB is told."""
    rules = [LifecycleRule(name="Rule", transitions={GIR: 0}, **options)]
    assert [loss.size for loss in small_objects(rules)] == sizes


@pytest.mark.parametrize("storage_class", [INT, GLACIER, DEEP])
def test_other_classes_bill_small_objects_as_they_are(storage_class: StorageClass) -> None:
    """Nothing is told where small objects are billed by their size."""
    assert storage_class not in BILLED_AS_128_KB
    assert not list(
        small_objects([LifecycleRule(name="Rule", transitions={storage_class: 0}, object_size_greater_than=0)])
    )


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (early_deletions, "rule 'Rule': objects leave GLACIER_IR early, 89 days are billed for nothing"),
        (small_objects, "rule 'Rule': objects from 2 bytes move to GLACIER_IR, which bills each as 131072 bytes"),
    ],
)
def test_losses_say_what_they_are(find: Callable[[list[LifecycleRule]], Any], text: str) -> None:
    """A loss names rule, class and extent."""
    rule = LifecycleRule(name="Rule", transitions={GIR: 0}, expiration_days=1, object_size_greater_than=1)
    assert [str(loss) for loss in find([rule])] == [text]
