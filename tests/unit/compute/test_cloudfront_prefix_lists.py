"""The ids of CloudFront's prefix list: a dated table, and an error where it ends."""

import re
from datetime import UTC, datetime

import pytest

from aws_architect_constructs.compute.cloudfront_prefix_lists import (
    AS_OF,
    CLOUDFRONT_ORIGIN_FACING,
    cloudfront_prefix_list,
)


def test_the_table_is_dated() -> None:
    """The date is one, and not one to come."""
    dated = datetime.fromisoformat(AS_OF).replace(tzinfo=UTC)
    assert datetime(2026, 1, 1, tzinfo=UTC) < dated


def test_ids_are_ids_and_each_region_has_its_own() -> None:
    """Every id has the shape of one, and none stands twice: a copied line would open a group to nobody."""
    ids = list(CLOUDFRONT_ORIGIN_FACING.values())
    assert all(re.fullmatch(r"pl-[0-9a-f]{8}", found) for found in ids)
    assert len(set(ids)) == len(ids)


def test_a_region_of_the_table_has_its_list() -> None:
    """The id is the Region's."""
    assert cloudfront_prefix_list("eu-west-1") == "pl-4fa04526"


@pytest.mark.parametrize("region", ["cn-north-1", "mars-west-1", None])
def test_an_unknown_region_is_an_error_that_shows_the_way_out(region: str | None) -> None:
    """No id is guessed: the message says how to print the right one."""
    with pytest.raises(ValueError, match=r"^prefix_list_id: .*got the Region .*describe-managed-prefix-lists"):
        cloudfront_prefix_list(region)
