"""The choices that a bucket is made with, read and checked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from aws_architect_constructs._validations import choice, integer, listed
from aws_architect_constructs.foundation.lifecycle import LifecycleRule, check_rules
from aws_architect_constructs.foundation.lifecycle_profiles import LifecycleProfile
from aws_architect_constructs.foundation.log_sources import INVENTORY_PREFIX

from .replication import Replication, check_replication

_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}[a-z0-9]|[a-z0-9]")
"""63 characters in all, less the longest `-<account>-<Region>-an`."""


class InventoryFrequency(StrEnum):
    """How often S3 lists what a bucket holds; 0.0025 USD for a million objects listed."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


@dataclass(frozen=True, kw_only=True)
class IntelligentTieringArchive:
    """When Intelligent-Tiering archives what nobody reads.

    A GET of an archived object is an error until it is restored.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html.

    Attributes:
        archive_days: Days without access until the Archive Access tier (3.69 USD a TB and month; back within hours), 90
            to 730. Default None: never.
        deep_archive_days: Days without access until the Deep Archive Access tier (1.01 USD; back within 12 hours), 180
            to 730. Default None: never.
    """

    archive_days: int | None = None
    deep_archive_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse what S3 would.

        Raises:
            ValueError: If neither is given, one is out of bounds, or they are in the wrong order.
        """
        archive, deep = self.archive_days, self.deep_archive_days
        if archive is None and deep is None:
            raise ValueError(
                "intelligent_tiering_archive: it archives nothing, got neither; allowed: archive_days=, "
                "deep_archive_days=, or both"
            )
        if archive is not None:
            integer("archive_days", archive, 90, 730)
        if deep is not None:
            integer("deep_archive_days", deep, max(180, (archive or 0) + 1), 730)


def refusal(problem: str, got: object, allowed: str) -> ValueError:
    """Build the error for a wrong choice."""
    return ValueError(f"{problem}, got {got}; allowed: {allowed}")


def lifecycle_rules(lifecycle: object) -> tuple[LifecycleRule, ...]:
    """Read the profile's rules, or the caller's own.

    Raises:
        ValueError: If they are none, or S3 would refuse them together.
    """
    if isinstance(lifecycle, str):
        return choice("lifecycle", LifecycleProfile, lifecycle).rules
    rules = listed("lifecycle", lifecycle)
    found = tuple(rule for rule in rules if isinstance(rule, LifecycleRule))
    if len(found) < len(rules):
        raise refusal(
            "lifecycle: not all rules", [type(rule).__name__ for rule in rules], "LifecycleRule, or a profile"
        )
    check_rules(found)
    return found


def replications_of(replication: object, *, encrypted: bool, object_lock: bool) -> tuple[Replication, ...]:
    """Read the destinations.

    Raises:
        ValueError: If they are none, a key is missing, or a bucket could take no copy.
    """
    items = listed("replication", replication)
    found = tuple(item for item in items if isinstance(item, Replication))
    if len(found) < len(items):
        raise refusal(
            "replication: not all destinations", [type(item).__name__ for item in items], "Replication.to(...)"
        )
    check_replication(found, encrypted=encrypted, object_lock=object_lock)
    return found


def check_name_prefix(prefix: str | None) -> None:
    """Check what a name is to begin with.

    Raises:
        ValueError: If no bucket could be named so.
    """
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        raise refusal(
            "account_regional_name_prefix: malformed",
            repr(prefix),
            "up to 32 lowercase letters, digits and hyphens, with neither end a hyphen",
        )


def archive_configurations(
    archive: IntelligentTieringArchive | None,
) -> list[s3.IntelligentTieringConfiguration] | None:
    """The archive tiers as CDK's own."""
    if archive is None:
        return None
    days = [
        None if value is None else Duration.days(value) for value in (archive.archive_days, archive.deep_archive_days)
    ]
    return [
        s3.IntelligentTieringConfiguration(
            name="Archive", archive_access_tier_time=days[0], deep_archive_access_tier_time=days[1]
        )
    ]


def inventory_configuration(
    destination: s3.IBucket, frequency: InventoryFrequency
) -> s3.CfnBucket.InventoryConfigurationProperty:
    """A list of all versions, with what tells cost and encryption."""
    return s3.CfnBucket.InventoryConfigurationProperty(
        id="Inventory",
        enabled=True,
        included_object_versions="All",
        schedule_frequency=frequency.value,
        optional_fields=[
            "EncryptionStatus",
            "IntelligentTieringAccessTier",
            "LastModifiedDate",
            "Size",
            "StorageClass",
        ],
        destination=s3.CfnBucket.DestinationProperty(
            bucket_arn=destination.bucket_arn, format="Parquet", prefix=INVENTORY_PREFIX.rstrip("/")
        ),
    )
