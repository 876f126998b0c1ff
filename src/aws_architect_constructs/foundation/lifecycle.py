"""Lifecycle rules: what S3 accepts, and what it accepts but bills for nothing.

Pure Python.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

SMALLEST_PAID: Final = 128 * 1024
"""Bytes that Standard-IA, One Zone-IA and Glacier Instant Retrieval bill at least for an object."""

MOST_RULES: Final = 1000
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html"""

REMAINS: Final = "Remains"
"""The id of the rule that every bucket has beside its own: incomplete uploads and orphaned delete markers go."""

EXPIRY_SUFFIX: Final = "-Expiry"
"""What the second half of a rule is named by, where it is written as two."""

_LONGEST: Final = 2_147_483_647
_IA_DAYS: Final = 30
_NAME: Final = 255 - len(EXPIRY_SUFFIX)
_TAG_KEY: Final = 128
_TAG_VALUE: Final = 256


class StorageClass(StrEnum):
    """Where S3 keeps an object, by the names of its API."""

    STANDARD = "STANDARD"
    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    STANDARD_IA = "STANDARD_IA"
    ONEZONE_IA = "ONEZONE_IA"
    GLACIER_IR = "GLACIER_IR"
    """Glacier Instant Retrieval."""
    GLACIER = "GLACIER"
    """Glacier Flexible Retrieval: a GET is an error until the object is restored."""
    DEEP_ARCHIVE = "DEEP_ARCHIVE"
    """Glacier Deep Archive: a GET is an error until the object is restored, which takes up to 48 hours."""


MINIMUM_DAYS: Final[Mapping[StorageClass, int]] = {
    StorageClass.STANDARD: 0,
    StorageClass.INTELLIGENT_TIERING: 0,
    StorageClass.STANDARD_IA: 30,
    StorageClass.ONEZONE_IA: 30,
    StorageClass.GLACIER_IR: 90,
    StorageClass.GLACIER: 90,
    StorageClass.DEEP_ARCHIVE: 180,
}
"""Days that each class bills at least: https://aws.amazon.com/s3/storage-classes/"""

BILLED_AS_128_KB: Final = frozenset({StorageClass.STANDARD_IA, StorageClass.ONEZONE_IA, StorageClass.GLACIER_IR})

COLDER: Final[Mapping[StorageClass, frozenset[StorageClass]]] = {
    StorageClass.STANDARD: frozenset(StorageClass) - {StorageClass.STANDARD},
    StorageClass.STANDARD_IA: frozenset(StorageClass) - {StorageClass.STANDARD, StorageClass.STANDARD_IA},
    StorageClass.INTELLIGENT_TIERING: frozenset(
        {StorageClass.ONEZONE_IA, StorageClass.GLACIER_IR, StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE}
    ),
    StorageClass.ONEZONE_IA: frozenset({StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE}),
    StorageClass.GLACIER_IR: frozenset({StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE}),
    StorageClass.GLACIER: frozenset({StorageClass.DEEP_ARCHIVE}),
    StorageClass.DEEP_ARCHIVE: frozenset(),
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""


class LifecycleConstraint(StrEnum):
    """What S3 requires of lifecycle rules, in the words of a refusal."""

    NAME = "a rule's name has 1 to 248 characters and is its own"
    NO_ACTION = "a rule does something"
    DAYS = "days are whole numbers: a transition's 0 or more, an expiry's 1 or more"
    INTO_STANDARD = "nothing moves back to Standard"
    INFREQUENT_ACCESS = "nothing moves to Standard-IA or One Zone-IA before 30 days"
    ORDER = "transitions go to ever colder classes, each later than the one before"
    STAY_IN_INFREQUENT_ACCESS = "what moved to Standard-IA or One Zone-IA stays there for 30 days"
    EXPIRY = "nothing expires before its last transition, or on the same day"
    SIZES = "sizes are bytes of 0 or more, the lower bound below the upper"
    TAGS = "a tag's key has 1 to 128 characters and its value up to 256"
    VERSIONS = "1 to 100 noncurrent versions are retained, beside a noncurrent expiry"
    NUMBER = "a bucket has at most 1,000 rules"


class LifecycleError(ValueError):
    """A rule that S3 would refuse.

    Attributes:
        constraint: What it breaks.
    """

    def __init__(self, constraint: LifecycleConstraint, where: str, got: object, allowed: str) -> None:
        super().__init__(f"{where}: {constraint}, got {got!r}; allowed: {allowed}")
        self.constraint: Final = constraint


@dataclass(frozen=True, kw_only=True)
class LifecycleRule:
    """What happens to some of a bucket's objects as they age; days count from when a version was made.

    Attributes:
        name: Its own name among the bucket's rules.
        prefix: Which keys. Default None: all.
        tags: Which tags an object must all have. Default none.
        object_size_greater_than: Bytes that an object must have more than. Default None: 128 KB for transitions, below
            which they cost more than they save; any for the rest.
        object_size_less_than: Bytes that an object must have less than. Default None: any.
        transitions: Days by the class that objects move to.
        expiration_days: Days after which the current version is deleted; a delete marker takes its place. Default None:
            never.
        noncurrent_transitions: Days since a version was replaced or deleted, by the class that it moves to.
        noncurrent_expiration_days: Days since a version was replaced or deleted after which it is gone. Default None:
            never.
        noncurrent_versions_to_retain: How many of the newest noncurrent versions stay nevertheless. Default None: none.

    Raises:
        LifecycleError: If S3 would refuse it: a ValueError that names the constraint.
    """

    name: str
    prefix: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    object_size_greater_than: int | None = None
    object_size_less_than: int | None = None
    transitions: Mapping[StorageClass, int] = field(default_factory=dict)
    expiration_days: int | None = None
    noncurrent_transitions: Mapping[StorageClass, int] = field(default_factory=dict)
    noncurrent_expiration_days: int | None = None
    noncurrent_versions_to_retain: int | None = None

    def __post_init__(self) -> None:
        """Refuse what S3 would."""
        where = f"lifecycle rule {self.name!r}"
        if not isinstance(self.name, str) or not 1 <= len(self.name) <= _NAME or self.name == REMAINS:
            raise LifecycleError(LifecycleConstraint.NAME, where, self.name, f"another text than {REMAINS!r}")
        if not self._acts:
            raise LifecycleError(LifecycleConstraint.NO_ACTION, where, "none", "a transition or an expiry")
        self._check_filter(where)
        for what, transitions, expiry in (
            ("", self.transitions, self.expiration_days),
            ("noncurrent ", self.noncurrent_transitions, self.noncurrent_expiration_days),
        ):
            _check_days(f"{where}: {what}", transitions, expiry)
            _check_order(f"{where}: {what}transitions", transitions)
            _check_expiry(f"{where}: {what}expiration", transitions, expiry)
        retained = self.noncurrent_versions_to_retain
        if retained is not None and (not _whole(retained, 1, 100) or self.noncurrent_expiration_days is None):
            raise LifecycleError(
                LifecycleConstraint.VERSIONS, where, retained, "1 to 100, with noncurrent_expiration_days"
            )

    @property
    def _acts(self) -> bool:
        return bool(self.transitions or self.noncurrent_transitions) or any(
            days is not None for days in (self.expiration_days, self.noncurrent_expiration_days)
        )

    def _check_filter(self, where: str) -> None:
        least, most = self.object_size_greater_than, self.object_size_less_than
        if any(size is not None and not _whole(size, 0, 1 << 62) for size in (least, most)) or (
            most is not None and most <= (least or 0)
        ):
            raise LifecycleError(LifecycleConstraint.SIZES, where, (least, most), "such as 131072 and 1048576")
        for key, value in self.tags.items():
            if not 1 <= len(key) <= _TAG_KEY or len(value) > _TAG_VALUE:
                raise LifecycleError(LifecycleConstraint.TAGS, where, (key, value), "shorter ones")


def check_rules(rules: Sequence[LifecycleRule]) -> None:
    """Check rules together.

    Raises:
        LifecycleError: If there are too many, or two of one name.
    """
    names = [written for rule in rules for written in (rule.name, rule.name + EXPIRY_SUFFIX)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LifecycleError(LifecycleConstraint.NAME, "lifecycle", twice, "a name of its own for each rule")
    if len(rules) > MOST_RULES // 2 - 1:  # each may be written as two, and the remains need one
        raise LifecycleError(LifecycleConstraint.NUMBER, "lifecycle", len(rules), f"up to {MOST_RULES // 2 - 1}")


def by_day(transitions: Mapping[StorageClass, int]) -> list[tuple[int, StorageClass]]:
    """Transitions in the order in which they happen."""
    return sorted((days, StorageClass(to)) for to, days in transitions.items())


def _whole(value: object, lowest: int, highest: int) -> bool:
    return type(value) is int and lowest <= value <= highest


def _check_days(where: str, transitions: Mapping[StorageClass, int], expiry: int | None) -> None:
    for to, days in transitions.items():
        if to not in set(StorageClass):
            raise LifecycleError(LifecycleConstraint.ORDER, f"{where}transitions", str(to), ", ".join(StorageClass))
        if not _whole(days, 0, _LONGEST):
            raise LifecycleError(LifecycleConstraint.DAYS, f"{where}transition to {to}", days, "0 or more")
    if expiry is not None and not _whole(expiry, 1, _LONGEST):
        raise LifecycleError(LifecycleConstraint.DAYS, f"{where}expiration", expiry, "1 or more")


def _check_order(where: str, transitions: Mapping[StorageClass, int]) -> None:
    steps = by_day(transitions)
    for days, to in steps:
        if to is StorageClass.STANDARD:
            raise LifecycleError(LifecycleConstraint.INTO_STANDARD, where, days, "another class")
        if to in _INFREQUENT and days < _IA_DAYS:
            raise LifecycleError(LifecycleConstraint.INFREQUENT_ACCESS, where, f"{to} at {days}", "30 days or more")
    for (earlier, one), (later, other) in pairwise(steps):
        if other not in COLDER[one] or earlier == later:
            got = f"{one} at {earlier}, {other} at {later}"
            allowed = ", ".join(sorted(COLDER[one])) or "nothing"
            raise LifecycleError(LifecycleConstraint.ORDER, where, got, f"after {one}: {allowed}, on a later day")
        if one in _INFREQUENT and later - earlier < _IA_DAYS:
            raise LifecycleError(
                LifecycleConstraint.STAY_IN_INFREQUENT_ACCESS, where, f"{other} at {later}", f"{earlier + _IA_DAYS}"
            )


def _check_expiry(where: str, transitions: Mapping[StorageClass, int], expiry: int | None) -> None:
    last = max(transitions.values(), default=-1)
    if expiry is not None and expiry <= last:
        raise LifecycleError(LifecycleConstraint.EXPIRY, where, expiry, f"more than {last}")


_INFREQUENT: Final = frozenset({StorageClass.STANDARD_IA, StorageClass.ONEZONE_IA})


@dataclass(frozen=True, kw_only=True)
class EarlyDeletion:
    """A class that is left before its minimum duration: the rest of it is billed for nothing.

    Attributes:
        rule: The rule's name.
        noncurrent: Whether it is about noncurrent versions.
        storage_class: The class that is left.
        days: Days billed for nothing.
    """

    rule: str
    noncurrent: bool
    storage_class: StorageClass
    days: int

    def __str__(self) -> str:
        """It in words."""
        what = "noncurrent versions" if self.noncurrent else "objects"
        return f"rule {self.rule!r}: {what} leave {self.storage_class} early, {self.days} days are billed for nothing"


@dataclass(frozen=True, kw_only=True)
class SmallObjects:
    """Objects under 128 KB move to a class that bills them as 128 KB.

    Attributes:
        rule: The rule's name.
        storage_class: The class.
        size: The smallest such object, in bytes.
    """

    rule: str
    storage_class: StorageClass
    size: int

    def __str__(self) -> str:
        """It in words."""
        return (
            f"rule {self.rule!r}: objects from {self.size} bytes move to {self.storage_class}, which bills each as "
            f"{SMALLEST_PAID} bytes"
        )


def early_deletions(rules: Sequence[LifecycleRule]) -> Iterator[EarlyDeletion]:
    """What is billed for nothing, because objects leave a class before its minimum duration."""
    for rule in rules:
        for noncurrent, transitions, expiry in (
            (False, rule.transitions, rule.expiration_days),
            (True, rule.noncurrent_transitions, rule.noncurrent_expiration_days),
        ):
            steps = by_day(transitions)
            ends = [*(day for day, _ in steps[1:]), expiry]
            for (day, storage_class), end in zip(steps, ends, strict=False):  # without steps an expiry is no end
                lost = 0 if end is None else MINIMUM_DAYS[storage_class] - (end - day)
                if lost > 0:
                    yield EarlyDeletion(rule=rule.name, noncurrent=noncurrent, storage_class=storage_class, days=lost)


def small_objects(rules: Sequence[LifecycleRule]) -> Iterator[SmallObjects]:
    """What is billed as more than it is, because a rule's own sizes let small objects move."""
    for rule in rules:
        least = smallest_that_moves(rule)
        for storage_class in dict.fromkeys([*rule.transitions, *rule.noncurrent_transitions]):
            if storage_class in BILLED_AS_128_KB and least < SMALLEST_PAID:
                yield SmallObjects(rule=rule.name, storage_class=StorageClass(storage_class), size=least)


def smallest_that_moves(rule: LifecycleRule) -> int:
    """The size of the smallest object that the rule's transitions move: 128 KB unless its own sizes say otherwise."""
    if rule.object_size_greater_than is not None:
        return rule.object_size_greater_than + 1
    if rule.object_size_less_than is not None and rule.object_size_less_than <= SMALLEST_PAID:
        return 0  # a rule for small objects alone: it is meant
    return SMALLEST_PAID
